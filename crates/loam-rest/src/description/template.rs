//! `template` blocks: what several blocks of a description have in common.
//!
//! In: the blocks of a description as parsed. Out: the same without templates, every block
//! with `use` filled with the arguments and blocks of the templates that it names. Works on
//! the syntax tree, before anything is read: what a template says means what it would mean
//! where it is used, and its places are those of the template.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use loam_syntax::ast::{Attribute, Block, Body, NativeBody};

use super::Author;
use super::reader::Reader;

/// The argument that names templates.
const USE: &str = "use";

/// Takes the templates out of a description and fills them in where they are used.
pub(super) fn expand(author: &Author, body: NativeBody) -> NativeBody {
    let mut templates: BTreeMap<Arc<str>, Block> = BTreeMap::new();
    let mut blocks = Vec::new();
    for block in body.blocks {
        if &*block.kind.name != "template" {
            blocks.push(block);
            continue;
        }
        let [label] = block.labels.as_slice() else {
            let detail = "\"template\" takes a name in quotes: template \"NAME\" { … }.";
            author.wrong(block.header, "Wrong number of labels", detail);
            continue;
        };
        let name = label.name.clone();
        if templates.contains_key(&name) {
            let detail = format!("The template \"{name}\" is described already.");
            author.wrong(block.header, "Described twice", detail);
        }
        templates.insert(name, block);
    }
    let expansion = Expansion {
        author,
        templates,
        used: RefCell::default(),
    };
    let filled = blocks.into_iter();
    let filled = filled
        .map(|b| expansion.block(b, &mut Vec::new()))
        .collect();
    expansion.report_unused();
    NativeBody {
        blocks: filled,
        ..body
    }
}

struct Expansion<'a> {
    author: &'a Author,
    templates: BTreeMap<Arc<str>, Block>,
    used: RefCell<BTreeSet<Arc<str>>>,
}

impl Expansion<'_> {
    /// A block with its templates. `inside` are the templates that are being filled in.
    fn block(&self, block: Block, inside: &mut Vec<Arc<str>>) -> Block {
        let Body::Native(native) = &block.body else {
            return block;
        };
        let (named, mut attributes): (Vec<Attribute>, Vec<Attribute>) = native
            .attributes
            .iter()
            .cloned()
            .partition(|a| &*a.name.name == USE);
        let names = self.names(&block, named);
        let mut inherited: Vec<Block> = Vec::new();
        for name in names {
            let Some(template) = self.template(&block, &name, inside) else {
                continue;
            };
            inside.push(name);
            let template = self.block(template, inside);
            inside.pop();
            let Body::Native(body) = template.body else {
                continue;
            };
            // What the block says itself counts more than what a template says.
            let known: Vec<Arc<str>> = attributes.iter().map(|a| a.name.name.clone()).collect();
            let new = body.attributes.iter();
            attributes.extend(new.filter(|a| !known.contains(&a.name.name)).cloned());
            let own = |b: &&Block| !same(&native.blocks, b) && !same(&inherited, b);
            let new: Vec<Block> = body.blocks.iter().filter(own).cloned().collect();
            inherited.extend(new);
        }
        let own = native.blocks.iter().cloned();
        let own = own.map(|b| self.block(b, inside));
        let blocks = inherited.into_iter().chain(own).collect();
        let body = NativeBody {
            attributes,
            blocks,
            ..NativeBody::clone(native)
        };
        Block {
            body: Body::Native(Arc::new(body)),
            ..block
        }
    }

    /// The templates that a block names.
    fn names(&self, block: &Block, named: Vec<Attribute>) -> Vec<Arc<str>> {
        let Body::Native(native) = &block.body else {
            return Vec::new();
        };
        let named = NativeBody {
            attributes: named,
            blocks: Vec::new(),
            ..NativeBody::clone(native)
        };
        let named = Body::Native(Arc::new(named));
        let what = block.kind.name.to_string();
        let mut reader = Reader::new(self.author, what, &named, block.header);
        let names = reader.strings(USE).unwrap_or_default();
        names.into_iter().map(Arc::from).collect()
    }

    fn template(&self, block: &Block, name: &Arc<str>, inside: &[Arc<str>]) -> Option<Block> {
        if inside.contains(name) {
            let detail = format!("The template \"{name}\" uses itself.");
            self.author.wrong(block.header, "Endless template", detail);
            return None;
        }
        let found = self.templates.get(name);
        match found {
            Some(_) => drop(self.used.borrow_mut().insert(name.clone())),
            None => {
                let known = self.templates.keys().map(|k| &**k);
                self.author.unknown(block.header, "template", name, known);
            }
        }
        found.cloned()
    }

    /// What nothing uses has not been checked, either.
    fn report_unused(&self) {
        let used = self.used.borrow();
        for (name, template) in &self.templates {
            if !used.contains(name) {
                let detail = format!("Nothing uses the template \"{name}\".");
                self.author
                    .wrong(template.header, "Unused template", detail);
            }
        }
    }
}

/// Whether a block with the same type and name is there. Blocks without names stand beside
/// each other.
fn same(blocks: &[Block], block: &Block) -> bool {
    let label = |b: &Block| b.labels.first().map(|l| l.name.clone());
    let named = label(block).is_some();
    named
        && blocks
            .iter()
            .any(|b| b.kind.name == block.kind.name && label(b) == label(block))
}
