//! Conditions, checks and dependencies: the small parts that several blocks share.

use std::sync::Arc;

use loam_address::ResourceAddr;
use loam_diag::Span;
use loam_eval::{Expr, Reference};
use loam_value::Path;

use crate::model::references;

/// `validation`, `precondition`, `postcondition` or `assert`.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What has to be true.
    pub condition: Expr,
    /// What to say if it is not.
    pub error_message: Expr,
    /// The header of the block.
    pub span: Span,
}

references!(
    /// The references of the condition and the message.
    Condition,
    |c| c
        .condition
        .references()
        .iter()
        .chain(c.error_message.references())
);

/// `check "name" { … }`.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub name: Arc<str>,
    /// The data resource in it, found among the module's resources.
    pub data: Option<ResourceAddr>,
    /// What has to hold.
    pub asserts: Vec<Condition>,
    /// The header.
    pub span: Span,
}

references!(
    /// The references of its assertions.
    Check,
    |c| c.asserts.iter().flat_map(Condition::references)
);

/// An entry of `depends_on` or `replace_triggered_by`: the referenced thing, resolved.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// What is referred to.
    pub reference: Reference,
    /// The instance key where it has to be evaluated: `count.index` in
    /// `replace_triggered_by = [a.b[count.index]]`.
    pub key: Option<Expr>,
    /// The steps into the object, after the instance key (`replace_triggered_by`).
    pub within: Path,
    /// The entry.
    pub span: Span,
}

impl Dependency {
    /// The references of the entry.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let key = self.key.as_ref().map_or(&[][..], Expr::references);
        std::iter::once(&self.reference).chain(key)
    }
}

/// How many instances a block has.
#[derive(Clone, Debug, Default)]
pub enum Repetition {
    /// One.
    #[default]
    Single,
    /// `count`.
    Count(Expr),
    /// `for_each`.
    ForEach(Expr),
    /// `lifecycle { enabled = … }`: one or none.
    Enabled(Expr),
}

impl Repetition {
    /// The expression, if there is one.
    pub fn expr(&self) -> Option<&Expr> {
        match self {
            Repetition::Single => None,
            Repetition::Count(e) | Repetition::ForEach(e) | Repetition::Enabled(e) => Some(e),
        }
    }

    /// The references of the expression.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.expr().map_or(&[][..], Expr::references).iter()
    }
}
