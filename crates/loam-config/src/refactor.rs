//! Blocks that tie objects to the configuration: `moved`, `removed`, `import`.

use loam_address::{InstanceAddr, InstanceKey, ModuleAddr, Target};
use loam_diag::Span;
use loam_eval::{Expr, Reference};

use crate::{ProviderRef, Provisioner};

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
    /// What runs before the objects are destroyed.
    pub provisioners: Vec<Provisioner>,
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
    /// `module.m[each.key].a.b[each.value]`: the instance whose keys the expressions give.
    /// The address has some key in their places.
    Keyed(InstanceAddr, Vec<(KeyPlace, Expr)>),
}

/// Where in an instance's address a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// At a step into a module: the first is 0.
    Module(usize),
    /// At the resource.
    Resource,
}

impl ImportTo {
    /// The address, with some key where it has to be evaluated.
    pub fn pattern(&self) -> &InstanceAddr {
        match self {
            ImportTo::Instance(addr) | ImportTo::Keyed(addr, _) => addr,
        }
    }

    /// The keys that have to be evaluated, by their places.
    pub fn keys(&self) -> &[(KeyPlace, Expr)] {
        match self {
            ImportTo::Instance(_) => &[],
            ImportTo::Keyed(_, keys) => keys,
        }
    }

    /// The address with keys in the places of `keys`, in their order.
    pub fn with_keys(&self, keys: impl IntoIterator<Item = InstanceKey>) -> InstanceAddr {
        let mut addr = self.pattern().clone();
        let mut modules = addr.module.steps().to_vec();
        for ((place, _), key) in self.keys().iter().zip(keys) {
            match place {
                KeyPlace::Module(i) => {
                    if let Some(step) = modules.get_mut(*i) {
                        step.key = key;
                    }
                }
                KeyPlace::Resource => addr.key = key,
            }
        }
        addr.module = ModuleAddr::from_steps(modules);
        addr
    }
}

impl Import {
    /// The references of id, key, `for_each` and provider key.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let keys = self.to.keys().iter().map(|(_, key)| key);
        [Some(&self.id), self.for_each.as_ref()]
            .into_iter()
            .flatten()
            .chain(keys)
            .flat_map(|e| e.references())
            .chain(self.provider.iter().flat_map(ProviderRef::references))
    }
}
