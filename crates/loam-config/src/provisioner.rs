//! `provisioner` blocks.

use std::sync::Arc;

use loam_diag::Span;
use loam_eval::Reference;

use crate::BlockExpr;

/// `provisioner "kind" { … }`.
#[derive(Clone, Debug)]
pub struct Provisioner {
    /// The label: which provisioner runs.
    pub kind: Arc<str>,
    /// When it runs.
    pub when: ProvisionerWhen,
    /// What its failure means.
    pub on_failure: OnFailure,
    /// The arguments.
    pub body: BlockExpr,
    /// How the object is reached: the block's own `connection` laid over the resource's.
    pub connection: Option<BlockExpr>,
    /// The header.
    pub span: Span,
}

/// When a provisioner runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProvisionerWhen {
    /// After the object was created.
    #[default]
    Create,
    /// Before the object is destroyed.
    Destroy,
}

/// What the failure of a provisioner means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The new object is tainted; the old one is not destroyed.
    #[default]
    Fail,
    /// A warning.
    Continue,
}

impl Provisioner {
    /// The references of its arguments and of its connection.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let connection = self.connection.iter().flat_map(BlockExpr::references);
        self.body.references().chain(connection)
    }
}
