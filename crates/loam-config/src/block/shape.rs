//! Schemas made ready for compiling many blocks of one type.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use loam_provider::{Block, Nesting};
use loam_syntax::ast::{AttributeSchema, BlockSchema, BodySchema};
use rustc_hash::FxHashMap;

/// A block's schema with what syntax needs to know of it.
#[derive(Debug)]
pub(crate) struct Shape {
    block: Arc<Block>,
    /// Arguments, nested blocks and `dynamic`. No argument is required here: where the
    /// arguments come from several bodies, only the whole tells what is missing.
    body: BodySchema,
    nested: BTreeMap<Arc<str>, Arc<Shape>>,
}

impl Shape {
    /// Prepares a schema.
    pub fn new(block: &Block) -> Arc<Shape> {
        let nested: BTreeMap<_, _> = block
            .blocks
            .iter()
            .map(|(kind, n)| (kind.clone(), Shape::new(&n.block)))
            .collect();
        let attributes = block
            .attributes
            .keys()
            .map(|name| AttributeSchema {
                name: name.clone(),
                required: false,
            })
            .collect();
        let mut blocks: Vec<BlockSchema> = block
            .blocks
            .iter()
            .map(|(kind, n)| BlockSchema {
                kind: kind.clone(),
                labels: match n.nesting {
                    Nesting::Map => vec!["key".into()],
                    _ => Vec::new(),
                },
            })
            .collect();
        if !blocks.is_empty() {
            blocks.push(BlockSchema {
                kind: "dynamic".into(),
                labels: vec!["type".into()],
            });
        }
        Arc::new(Shape {
            block: Arc::new(block.clone()),
            body: BodySchema { attributes, blocks },
            nested,
        })
    }

    pub fn block(&self) -> &Arc<Block> {
        &self.block
    }

    pub fn body(&self) -> &BodySchema {
        &self.body
    }

    pub fn nested(&self, kind: &str) -> Option<&Arc<Shape>> {
        self.nested.get(kind)
    }

    /// What a block of this shape may hold besides meta-arguments, which hide arguments
    /// and blocks of the same name.
    pub fn with_meta(&self, meta: &BodySchema) -> BodySchema {
        let mut whole = meta.clone();
        let attributes = self.body.attributes.iter();
        let blocks = self.body.blocks.iter();
        let hidden = |name: &str| {
            meta.attributes.iter().any(|a| &*a.name == name)
                || meta.blocks.iter().any(|b| &*b.kind == name)
        };
        whole
            .attributes
            .extend(attributes.filter(|a| !hidden(&a.name)).cloned());
        whole
            .blocks
            .extend(blocks.filter(|b| !hidden(&b.kind)).cloned());
        whole
    }
}

/// Shapes by what they are for, each prepared once.
#[derive(Debug, Default)]
pub(crate) struct Shapes(Mutex<FxHashMap<ShapeKey, Arc<Shape>>>);

/// What a shape is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ShapeKey {
    /// A provider's own settings.
    Provider(String),
    /// A provider's resource type.
    Resource(String, Arc<str>),
    /// The same, nothing of it required.
    Incomplete(String, Arc<str>),
    /// A provider's data source.
    Data(String, Arc<str>),
    /// A provider's action type.
    Action(String, Arc<str>),
    /// A provisioner.
    Provisioner(Arc<str>),
    /// How provisioners reach an object.
    Connection,
}

impl Shapes {
    /// The shape, prepared from `block` if it is asked for for the first time.
    pub fn get(&self, key: ShapeKey, block: &Block) -> Arc<Shape> {
        let mut shapes = self.0.lock().unwrap_or_else(|e| e.into_inner());
        shapes
            .entry(key)
            .or_insert_with(|| Shape::new(block))
            .clone()
    }
}
