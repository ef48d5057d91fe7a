//! Blocks whose arguments a schema describes.

mod compile;
mod eval;
mod shape;

use std::sync::Arc;

use loam_diag::{Diagnostic, Span};
use loam_eval::{Expr, Reference};
use loam_provider::{Block, NestedBlock, Nesting};
use loam_value::{Path, PathStep};

pub(crate) use compile::{Place, Resolver, compile};
pub(crate) use shape::{Shape, ShapeKey, Shapes};

/// A body compiled against a schema: every argument's expression is resolved once;
/// evaluating it gives a value of the type that the schema implies.
#[derive(Clone, Debug)]
pub struct BlockExpr {
    /// The schema.
    pub schema: Arc<Block>,
    /// The arguments in source order.
    pub attributes: Vec<(Arc<str>, Expr)>,
    /// The nested blocks in source order.
    pub blocks: Vec<NestedBlockExpr>,
    /// The arguments are stored in a plan or state: ephemeral values are refused, except
    /// for write-only arguments.
    pub persistent: bool,
    /// The header.
    pub span: Span,
    /// The end of the body: where a missing argument is reported.
    pub end: Span,
}

/// A nested block, or a `dynamic` block that makes several.
#[derive(Clone, Debug)]
pub enum NestedBlockExpr {
    /// One block.
    Static {
        /// The block type.
        kind: Arc<str>,
        /// The labels: the key, for a block type that makes up a map.
        labels: Vec<Arc<str>>,
        /// What is in it.
        body: BlockExpr,
    },
    /// `dynamic "kind" { for_each = … content { … } }`.
    Dynamic {
        /// The block type.
        kind: Arc<str>,
        /// One block for each element.
        for_each: Expr,
        /// The name by which `content` and `labels` refer to the element.
        iterator: Arc<str>,
        /// The labels of each block.
        labels: Vec<Expr>,
        /// What is in each block.
        content: Box<BlockExpr>,
        /// The header.
        span: Span,
    },
}

impl NestedBlockExpr {
    /// The block type.
    pub fn kind(&self) -> &Arc<str> {
        match self {
            NestedBlockExpr::Static { kind, .. } | NestedBlockExpr::Dynamic { kind, .. } => kind,
        }
    }

    /// The references that decide how many blocks there are and what they are called.
    fn own_references<'a>(&'a self, all: &mut Vec<&'a [Reference]>) {
        if let NestedBlockExpr::Dynamic {
            for_each, labels, ..
        } = self
        {
            all.push(for_each.references());
            all.extend(labels.iter().map(Expr::references));
        }
    }

    fn body(&self) -> &BlockExpr {
        match self {
            NestedBlockExpr::Static { body, .. } => body,
            NestedBlockExpr::Dynamic { content, .. } => content,
        }
    }
}

impl BlockExpr {
    /// All references anywhere in it, in source order of the arguments, then of the
    /// nested blocks. References to the iterators of `dynamic` blocks are among them.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let mut all: Vec<&[Reference]> = Vec::new();
        self.collect_references(&mut all);
        all.into_iter().flatten()
    }

    fn collect_references<'a>(&'a self, all: &mut Vec<&'a [Reference]>) {
        all.extend(self.attributes.iter().map(|(_, e)| e.references()));
        for block in &self.blocks {
            block.own_references(all);
            block.body().collect_references(all);
        }
    }

    /// The references of the argument at a path: of everything below it, and of what
    /// decides how many blocks there are on the way to it. None if it is not written.
    pub fn references_at(&self, path: &Path) -> Vec<&Reference> {
        let mut all = Vec::new();
        self.collect_references_at(&path.0, &mut all);
        all.into_iter().flatten().collect()
    }

    fn collect_references_at<'a>(&'a self, steps: &[PathStep], all: &mut Vec<&'a [Reference]>) {
        let Some((PathStep::Attribute(name), rest)) = steps.split_first() else {
            return self.collect_references(all);
        };
        let arguments = self.attributes.iter().filter(|(n, _)| n == name);
        all.extend(arguments.map(|(_, e)| e.references()));
        // Which of several blocks an index means is not asked: all of them are taken.
        let rest = match rest.split_first() {
            Some((PathStep::Index(_), rest)) => rest,
            _ => rest,
        };
        for block in self.blocks.iter().filter(|b| b.kind() == name) {
            block.own_references(all);
            block.body().collect_references_at(rest, all);
        }
    }

    /// Where the argument at a path is written; the nearest block around it if it is
    /// not written at all.
    pub fn span_of(&self, path: &Path) -> Span {
        self.span_of_steps(&path.0)
    }

    fn span_of_steps(&self, steps: &[PathStep]) -> Span {
        let Some((PathStep::Attribute(name), rest)) = steps.split_first() else {
            return self.span;
        };
        if let Some((_, expr)) = self.attributes.iter().find(|(n, _)| n == name) {
            return expr.span();
        }
        let mut blocks = self.blocks.iter().filter(|b| b.kind() == name);
        let (chosen, rest) = match rest.split_first() {
            Some((PathStep::Index(key), rest)) => {
                let chosen = match (key.as_str(), key.as_number().and_then(|n| n.to_i64())) {
                    (Some(label), _) => blocks.find(|b| match b {
                        NestedBlockExpr::Static { labels, .. } => {
                            labels.first().is_some_and(|l| **l == *label)
                        }
                        NestedBlockExpr::Dynamic { .. } => true,
                    }),
                    // With a dynamic block among them, positions say nothing.
                    (None, Some(i)) if !self.has_dynamic(name) => {
                        usize::try_from(i).ok().and_then(|i| blocks.nth(i))
                    }
                    _ => blocks.next(),
                };
                (chosen, rest)
            }
            _ => (blocks.next(), rest),
        };
        chosen.map_or(self.span, |b| b.body().span_of_steps(rest))
    }

    fn has_dynamic(&self, kind: &str) -> bool {
        self.blocks
            .iter()
            .any(|b| matches!(b, NestedBlockExpr::Dynamic { kind: k, .. } if **k == *kind))
    }
}

/// What is wrong with the number of blocks of one type; `spans` are theirs.
fn count_problems(
    kind: &str,
    nested: &NestedBlock,
    spans: &[Span],
    end: Span,
) -> Option<Diagnostic> {
    let single = matches!(nested.nesting, Nesting::Single | Nesting::Group);
    let max = if single { 1 } else { nested.max_items };
    let n = spans.len();
    if n < nested.min_items {
        return Some(if single {
            Diagnostic::error(
                format!("Missing {kind} block"),
                format!("A block of type \"{kind}\" is required here."),
            )
            .at(end)
        } else {
            let min = nested.min_items;
            Diagnostic::error(
                format!("Insufficient {kind} blocks"),
                format!("At least {min} \"{kind}\" blocks are required, but there are {n}."),
            )
            .at(end)
        });
    }
    let surplus = spans.get(max).filter(|_| max > 0)?;
    Some(if single {
        let problem = Diagnostic::error(
            format!("Duplicate {kind} block"),
            format!("Only one block of type \"{kind}\" is allowed."),
        );
        match spans.first() {
            Some(first) => problem.at(*surplus).label(*first, "the first is here"),
            None => problem.at(*surplus),
        }
    } else {
        Diagnostic::error(
            format!("Too many {kind} blocks"),
            format!("No more than {max} \"{kind}\" blocks are allowed, but there are {n}."),
        )
        .at(*surplus)
    })
}
