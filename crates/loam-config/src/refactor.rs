//! Blocks that tie objects to the configuration: `moved`, `removed`, `import`.

use std::slice;

use loam_address::{
    ConfigResourceAddr, InstanceAddr, InstanceKey, ModuleAddr, ModulePath, ResourceAddr, Target,
};
use loam_diag::Span;
use loam_eval::{Expr, Reference};
use rustc_hash::FxHashMap;

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

impl Moved {
    /// Whether one instance moves: then both addresses are those of instances, also where
    /// one has no key. Without, all of a block moves.
    pub fn is_about_one(&self) -> bool {
        [&self.from, &self.to].into_iter().any(|end| match end {
            Target::Instance(_) => true,
            Target::Resource(_) => false,
            Target::Module(m) => m.steps().last().is_some_and(|s| s.key != InstanceKey::None),
        })
    }
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

/// The `removed` blocks of a module in source order, found by what they name.
#[derive(Clone, Debug, Default)]
pub struct RemovedBlocks {
    all: Vec<Removed>,
    /// The first block about a resource, or without one about all of a module.
    first: FxHashMap<(ModulePath, Option<ResourceAddr>), usize>,
}

impl RemovedBlocks {
    /// Adds a block behind the others.
    pub fn push(&mut self, block: Removed) {
        let named = match &block.from {
            Target::Module(m) => (m.path(), None),
            Target::Resource(r) => (r.module.path(), Some(r.resource.clone())),
            Target::Instance(i) => (i.module.path(), Some(i.resource.clone())),
        };
        self.first.entry(named).or_insert(self.all.len());
        self.all.push(block);
    }

    /// The blocks in source order.
    pub fn iter(&self) -> slice::Iter<'_, Removed> {
        self.all.iter()
    }

    /// True without blocks.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The first block that names a resource in a module below this one, or a module that it
    /// is in.
    pub fn find(&self, module: ModulePath, resource: &ResourceAddr) -> Option<&Removed> {
        let within = std::iter::successors(Some(module.clone()), ModulePath::parent);
        let of_modules = within.filter_map(|m| self.first.get(&(m, None)));
        let of_resource = self.first.get(&(module, Some(resource.clone())));
        self.all.get(*of_modules.chain(of_resource).min()?)
    }
}

/// The `import` blocks of a module in source order, found by the resource that they import to.
#[derive(Clone, Debug, Default)]
pub struct ImportBlocks {
    all: Vec<Import>,
    of: FxHashMap<ConfigResourceAddr, Vec<usize>>,
}

impl ImportBlocks {
    /// Adds a block behind the others.
    pub fn push(&mut self, block: Import) {
        let of = block.to.pattern().config_resource();
        self.of.entry(of).or_default().push(self.all.len());
        self.all.push(block);
    }

    /// The blocks in source order.
    pub fn iter(&self) -> slice::Iter<'_, Import> {
        self.all.iter()
    }

    /// Those that import to instances of a resource, in source order.
    pub fn of(&self, resource: &ConfigResourceAddr) -> impl Iterator<Item = &Import> {
        let found = self.of.get(resource).into_iter().flatten();
        found.filter_map(|i| self.all.get(*i))
    }
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
