//! Opening bodies: what a body may hold, overrides laid over it.

use std::collections::BTreeSet;
use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics};
use loam_syntax::ast::{AttributeSchema, BlockSchema, BodySchema, Content};
use loam_syntax::{Attribute, Block, Body};

/// A schema from names: attributes (required if they end with `!`) and block types.
pub(crate) fn schema(attributes: &[&str], blocks: &[(&str, &[&str])]) -> BodySchema {
    BodySchema {
        attributes: attributes
            .iter()
            .map(|name| AttributeSchema {
                name: name.trim_end_matches('!').into(),
                required: name.ends_with('!'),
            })
            .collect(),
        blocks: blocks
            .iter()
            .map(|(kind, labels)| BlockSchema {
                kind: (*kind).into(),
                labels: labels.iter().map(|l| (*l).into()).collect(),
            })
            .collect(),
    }
}

/// A block of a primary file with the blocks of override files that change it.
#[derive(Clone, Debug)]
pub(crate) struct Layered {
    pub block: Block,
    pub overrides: Vec<Block>,
}

/// What a body holds.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
    /// `lifecycle` blocks of override files: laid over those of the block one argument
    /// at a time, where other blocks replace those of the same type.
    pub lifecycle_overrides: Vec<Block>,
}

impl Opened {
    /// An attribute.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| *a.name.name == *name)
    }

    /// Takes an attribute out.
    pub fn take(&mut self, name: &str) -> Option<Attribute> {
        let at = self.attributes.iter().position(|a| *a.name.name == *name)?;
        Some(self.attributes.remove(at))
    }

    /// Refuses blocks of types that are kept for later in blocks of a `place`, such as
    /// `provider`.
    pub fn refuse_reserved(&mut self, kinds: &[&str], place: &str, diags: &mut Diagnostics) {
        for kind in kinds {
            for block in self.take_blocks(kind) {
                let summary = format!("Reserved block type name in {place} block");
                let detail = format!("Blocks of type \"{kind}\" cannot be used in {place} blocks.");
                diags.push(Diagnostic::error(summary, detail).at(block.header));
            }
        }
    }

    /// Takes all blocks of a type out.
    pub fn take_blocks(&mut self, kind: &str) -> Vec<Block> {
        if !self.blocks.iter().any(|b| *b.kind.name == *kind) {
            return Vec::new();
        }
        let (taken, rest) = std::mem::take(&mut self.blocks)
            .into_iter()
            .partition(|b| *b.kind.name == *kind);
        self.blocks = rest;
        taken
    }
}

impl From<Content> for Opened {
    fn from(content: Content) -> Opened {
        Opened {
            attributes: content.attributes,
            blocks: content.blocks,
            lifecycle_overrides: Vec::new(),
        }
    }
}

/// Opens a body.
pub(crate) fn open(body: &Body, schema: &BodySchema, diags: &mut Diagnostics) -> Opened {
    let (content, problems) = body.content(schema);
    diags.append(problems);
    content.into()
}

/// Opens a block and lays its overrides over it: their attributes replace those of the
/// same name, their blocks all those of the same type.
pub(crate) fn open_layered(
    layered: &Layered,
    schema: &BodySchema,
    diags: &mut Diagnostics,
) -> Opened {
    let mut base = open(&layered.block.body, schema, diags);
    if layered.overrides.is_empty() {
        return base;
    }
    let optional = without_required(schema);
    for over in &layered.overrides {
        let over = open(&over.body, &optional, diags);
        for attribute in over.attributes {
            if &*attribute.name.name == "depends_on" {
                diags.push(
                    Diagnostic::error(
                        "Unsupported override",
                        "The \"depends_on\" argument may not be overridden.",
                    )
                    .at(attribute.name.span),
                );
                continue;
            }
            base.attributes
                .retain(|a| a.name.name != attribute.name.name);
            base.attributes.push(attribute);
        }
        let (lifecycle, others): (Vec<Block>, Vec<Block>) = over
            .blocks
            .into_iter()
            .partition(|b| &*b.kind.name == "lifecycle");
        for block in others.iter().filter(|b| &*b.kind.name == "validation") {
            diags.push(
                Diagnostic::error(
                    "Can't override validation blocks",
                    "Override files cannot change the validation rules of a variable.",
                )
                .at(block.header),
            );
        }
        base.lifecycle_overrides.extend(lifecycle);
        let kinds: BTreeSet<Arc<str>> = others.iter().map(made_kind).collect();
        base.blocks.retain(|b| !kinds.contains(&made_kind(b)));
        base.blocks.extend(others);
    }
    one_repetition(&layered.block, &mut base, diags);
    base
}

/// A block that has `for_each` where an override has `count`, or the other way round, is
/// repeated by `count`.
fn one_repetition(own: &Block, layered: &mut Opened, diags: &mut Diagnostics) {
    let both = schema(&["count", "for_each"], &[]);
    let (written, _, _) = own.body.partial_content(&both);
    if written.attributes.len() > 1 || layered.get("count").is_none() {
        return;
    }
    if let Some(unused) = layered.take("for_each") {
        diags.push(
            Diagnostic::warning(
                "Argument \"for_each\" is not used",
                "Together with an override file this block has both \"count\" and \"for_each\". \
                 It is repeated by \"count\".",
            )
            .at(unused.name.span),
        );
    }
}

/// The type of the blocks that a block is or makes.
fn made_kind(block: &Block) -> Arc<str> {
    match block.labels.first() {
        Some(label) if &*block.kind.name == "dynamic" => label.name.clone(),
        _ => block.kind.name.clone(),
    }
}

pub(crate) fn without_required(schema: &BodySchema) -> BodySchema {
    let mut schema = schema.clone();
    for attribute in &mut schema.attributes {
        attribute.required = false;
    }
    schema
}

/// Opens a body that holds nothing but attributes of any name.
pub(crate) fn open_attributes(body: &Body, diags: &mut Diagnostics) -> Vec<Attribute> {
    let (attributes, problems) = body.just_attributes();
    diags.append(problems);
    attributes
}

/// The problem if there is more than one block of a type.
pub(crate) fn only_one(kind: &str, blocks: &[Block], diags: &mut Diagnostics) {
    let Some(first) = blocks.first() else { return };
    for surplus in blocks.iter().skip(1) {
        diags.push(
            Diagnostic::error(
                format!("Duplicate {kind} block"),
                format!("There can be only one {kind} block here."),
            )
            .at(surplus.header)
            .label(first.header, "the first is here"),
        );
    }
}
