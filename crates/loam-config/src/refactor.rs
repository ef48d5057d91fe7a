//! Blocks that tie objects to the configuration: `moved`, `removed`, `import`.

use loam_address::{AbsResourceAddr, InstanceAddr, Target};
use loam_diag::Span;
use loam_eval::{Expr, Reference};

use crate::ProviderRef;

/// `moved { from = … to = … }`. Both are relative to the module that holds the block.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The address until now.
    pub from: Target,
    /// The address from now on.
    pub to: Target,
    /// The header.
    pub span: Span,
}

/// `removed { from = … }`, relative to the module that holds the block.
#[derive(Clone, Debug)]
pub struct Removed {
    /// What is no longer configured; never with keys.
    pub from: Target,
    /// The objects are destroyed rather than forgotten.
    pub destroy: bool,
    /// The header.
    pub span: Span,
}

/// `import { to = … id = … }`.
#[derive(Clone, Debug)]
pub struct Import {
    /// What the object becomes.
    pub to: ImportTo,
    /// Which object it is.
    pub id: Expr,
    /// One import for each.
    pub for_each: Option<Expr>,
    /// The provider configuration, if it is written.
    pub provider: Option<ProviderRef>,
    /// The header.
    pub span: Span,
}

/// What an imported object becomes.
#[derive(Clone, Debug)]
pub enum ImportTo {
    /// A resource instance.
    Instance(InstanceAddr),
    /// `a.b[each.key]`: the instance whose key the expression gives.
    Keyed(AbsResourceAddr, Expr),
}

impl Import {
    /// The references of id, key, `for_each` and provider key.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let key = match &self.to {
            ImportTo::Instance(_) => None,
            ImportTo::Keyed(_, key) => Some(key),
        };
        [Some(&self.id), key, self.for_each.as_ref()]
            .into_iter()
            .flatten()
            .flat_map(|e| e.references())
            .chain(self.provider.iter().flat_map(ProviderRef::references))
    }
}
