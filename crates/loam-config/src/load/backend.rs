//! Where the root module says that its state is kept, found without loading the rest: what
//! reads the state need not know whether the configuration is right.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use loam_diag::{Diagnostics, Span};
use loam_syntax::Block;
use loam_value::Value;

use super::Loader;
use super::tree::{Frame, Tree};
use crate::decode::Env;
use crate::decode::open::schema;
use crate::source::{discover, join};
use crate::variables::Inputs;

/// A `backend` or `cloud` block with its arguments worked out.
#[derive(Clone, Debug)]
pub struct FoundBackend {
    /// The kind of backend; `cloud` for a `cloud` block.
    pub kind: Arc<str>,
    /// The header.
    pub span: Span,
    /// The arguments with their places, made from variables and local values; or why they
    /// are not known before planning, and blocks that should not be there.
    pub arguments: Result<BTreeMap<Arc<str>, (Value, Span)>, Diagnostics>,
}

/// Finds the backend of the root module in the folder `root`. None if there is none, or if
/// the folder cannot be read: loading tells why.
pub fn find_backend(loader: &Loader<'_>, root: &Path, inputs: &Inputs) -> Option<FoundBackend> {
    let root = join(root, ".");
    if !is_mentioned(loader, &root) {
        return None;
    }
    let env = Env::new(loader.registry, loader.functions);
    let mut tree = Tree::new(loader, &env, inputs);
    let index = tree.folder(&root, None)?;
    let frame = Frame::root(tree.folders.get(index)?.clone());
    let wanted = schema(&[], &[("backend", &["type"]), ("cloud", &[])]);
    let mut found: Option<(Block, bool)> = None;
    for (settings, overrides) in &frame.folder.gathered.settings {
        for block in settings.body.partial_content(&wanted).0.blocks {
            // The first counts, unless an override file has another.
            let replaces = |old: &(Block, bool)| *overrides && !old.1;
            if found.as_ref().is_none_or(replaces) {
                found = Some((block, *overrides));
            }
        }
    }
    let (block, _) = found?;
    let (attributes, mut problems) = block.body.just_attributes();
    let mut arguments = BTreeMap::new();
    for attribute in attributes {
        match tree.statics(&frame).eval(&attribute.expr, loader.functions) {
            Ok(value) => {
                arguments.insert(attribute.name.name, (value, attribute.expr.span));
            }
            Err(more) => problems.append(more),
        }
    }
    problems.sort();
    Some(FoundBackend {
        kind: match block.labels.first() {
            Some(label) => label.name.clone(),
            None => block.kind.name.clone(),
        },
        span: block.header,
        arguments: match problems.has_errors() {
            true => Err(problems),
            false => Ok(arguments),
        },
    })
}

/// Whether the words are in a file at all: most configurations have no backend, and need
/// not be read twice for that.
fn is_mentioned(loader: &Loader<'_>, root: &Path) -> bool {
    let found = discover(loader.files.list(root).unwrap_or_default());
    let mut names = found.primary.iter().chain(&found.overrides);
    names.any(|name| {
        let text = loader.files.read(&join(root, name)).unwrap_or_default();
        ["backend", "cloud"].iter().any(|word| text.contains(word))
    })
}
