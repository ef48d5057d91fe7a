//! Configurations of a given size. All use the built-in `terraform_data`, so that what is
//! measured is the engine and not a cloud.

use std::fmt::Write;
use std::path::Path;

/// How the instances of a configuration hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shape {
    /// One block with `count`.
    Count,
    /// One block for each instance, each made from the one at half its number.
    Tree,
    /// One block for each instance, each made from the one before.
    Chain,
    /// One block that all others are made from.
    Fan,
    /// Two blocks with `for_each`, the second over the instances of the first.
    Linked,
    /// A module of three resources with `for_each`.
    Modules,
    /// One block for each instance, each with a block that imports it and one that says that
    /// it has moved.
    Adopted,
}

/// All shapes.
pub const ALL: [Shape; 7] = [
    Shape::Count,
    Shape::Tree,
    Shape::Chain,
    Shape::Fan,
    Shape::Linked,
    Shape::Modules,
    Shape::Adopted,
];

impl Shape {
    /// As the table names it.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Count => "count",
            Shape::Tree => "tree of blocks",
            Shape::Chain => "chain of blocks",
            Shape::Fan => "fan of blocks",
            Shape::Linked => "linked for_each",
            Shape::Modules => "modules in for_each",
            Shape::Adopted => "imported and moved blocks",
        }
    }

    /// Writes the configuration with so many instances.
    pub fn write(self, dir: &Path, size: usize) -> std::io::Result<()> {
        let text = match self {
            Shape::Count => format!(
                "resource \"terraform_data\" \"r\" {{\n  count = {size}\n  input = count.index\n}}\n"
            ),
            Shape::Tree => blocks(size, |i| Some((i.checked_sub(1)?) / 2)),
            Shape::Chain => blocks(size, |i| i.checked_sub(1)),
            Shape::Fan => blocks(size, |i| (i > 0).then_some(0)),
            Shape::Linked => format!(
                "{}resource \"terraform_data\" \"a\" {{\n  for_each = local.keys\n  input = each.key\n}}\n\n\
                 resource \"terraform_data\" \"b\" {{\n  for_each = terraform_data.a\n  input = each.value.output\n}}\n",
                keys(size / 2)
            ),
            Shape::Modules => {
                let inner = dir.join("unit");
                std::fs::create_dir_all(&inner)?;
                std::fs::write(inner.join("main.tf"), UNIT)?;
                format!(
                    "{}module \"unit\" {{\n  source = \"./unit\"\n  for_each = local.keys\n  name = each.key\n}}\n\n\
                     output \"names\" {{\n  value = length([for u in module.unit : u.name])\n}}\n",
                    keys(size / 3)
                )
            }
            Shape::Adopted => {
                let one = |i| {
                    format!(
                        "resource \"terraform_data\" \"r{i}\" {{\n  input = {i}\n}}\n\n\
                         import {{\n  to = terraform_data.r{i}\n  id = \"i{i}\"\n}}\n\n\
                         moved {{\n  from = terraform_data.old{i}\n  to   = terraform_data.r{i}\n}}\n\n"
                    )
                };
                (0..size).map(one).collect()
            }
        };
        std::fs::write(dir.join("main.tf"), text)
    }
}

const UNIT: &str = "\
variable \"name\" {
  type = string
}

resource \"terraform_data\" \"first\" {
  input = var.name
}

resource \"terraform_data\" \"second\" {
  input = terraform_data.first.output
}

resource \"terraform_data\" \"third\" {
  input = [terraform_data.first.output, terraform_data.second.output]
}

output \"name\" {
  value = terraform_data.third.output[1]
}
";

/// One block for each number; `from` names the one that it is made from.
fn blocks(size: usize, from: impl Fn(usize) -> Option<usize>) -> String {
    let mut text = String::new();
    for i in 0..size {
        // Writing to a text does not fail.
        let _ = match from(i) {
            Some(other) => write!(
                text,
                "resource \"terraform_data\" \"r{i}\" {{\n  input = terraform_data.r{other}.output\n}}\n\n"
            ),
            None => write!(
                text,
                "resource \"terraform_data\" \"r{i}\" {{\n  input = 0\n}}\n\n"
            ),
        };
    }
    text
}

/// A local value `keys` of so many texts.
fn keys(count: usize) -> String {
    let hundreds = count.div_ceil(1000).max(1);
    let each = count.div_ceil(hundreds);
    format!(
        "locals {{\n  keys = toset([for p in setproduct(range({hundreds}), range({each})) : \"k${{p[0]}}-${{p[1]}}\"])\n}}\n\n"
    )
}
