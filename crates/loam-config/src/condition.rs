//! Conditions, checks and dependencies: the small parts that several blocks share.

use std::sync::Arc;

use loam_address::ResourceAddr;
use loam_diag::Span;
use loam_eval::{Expr, Reference};

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
    /// The whole entry where it may hold an index to evaluate (`replace_triggered_by`).
    pub expr: Option<Expr>,
    /// The entry.
    pub span: Span,
}

impl Dependency {
    /// The references of the entry.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let within = self.expr.as_ref().map_or(&[][..], Expr::references);
        // The entry's expression holds the reference itself, too.
        let own = self.expr.is_none().then_some(&self.reference);
        own.into_iter().chain(within)
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
