//! Resource blocks.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use crate::{InstanceAddr, InstanceKey, ModuleAddr, ModulePath};

/// Managed resources are created and changed; data resources are only read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// A `data` block.
    Data,
    /// A `resource` block.
    Managed,
}

/// A resource block within its module: `acme_server.web`, `data.acme_plans.all`. Eight
/// bytes, cheap to clone; its parts are those of [`ResourceName`].
#[derive(Clone, Debug)]
pub struct ResourceAddr(Arc<Hashed>);

/// What a resource block's address within its module consists of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceName {
    /// Managed or data.
    pub mode: Mode,
    /// The resource type.
    pub kind: Arc<str>,
    /// The block's name.
    pub name: Arc<str>,
}

/// A plan looks every address up in many tables.
#[derive(Debug)]
struct Hashed {
    hash: u64,
    name: ResourceName,
}

impl Deref for ResourceAddr {
    type Target = ResourceName;

    fn deref(&self) -> &ResourceName {
        &self.0.name
    }
}

impl PartialEq for ResourceAddr {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.hash == other.0.hash && self.0.name == other.0.name
    }
}

impl Eq for ResourceAddr {}

impl Hash for ResourceAddr {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl Ord for ResourceAddr {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        self.0.name.cmp(&other.0.name)
    }
}

impl PartialOrd for ResourceAddr {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl ResourceAddr {
    /// The address of a resource block of a mode, type and name.
    pub fn new(mode: Mode, kind: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> ResourceAddr {
        let (kind, name) = (kind.into(), name.into());
        let name = ResourceName { mode, kind, name };
        let hash = FxBuildHasher.hash_one(&name);
        ResourceAddr(Arc::new(Hashed { hash, name }))
    }

    /// A managed resource's address.
    pub fn managed(kind: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> ResourceAddr {
        ResourceAddr::new(Mode::Managed, kind, name)
    }

    /// A data resource's address.
    pub fn data(kind: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> ResourceAddr {
        ResourceAddr::new(Mode::Data, kind, name)
    }

    /// The provider's local name that the type implies: all before the first underscore.
    pub fn implied_provider(&self) -> &str {
        self.kind.split_once('_').map_or(&*self.kind, |(p, _)| p)
    }

    /// This block in a module instance.
    pub fn in_module(&self, module: ModuleAddr) -> AbsResourceAddr {
        AbsResourceAddr {
            module,
            resource: self.clone(),
        }
    }
}

impl fmt::Display for ResourceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = if self.mode == Mode::Data { "data." } else { "" };
        write!(f, "{data}{}.{}", self.kind, self.name)
    }
}

/// A resource block in a module of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConfigResourceAddr {
    /// The module.
    pub module: ModulePath,
    /// The block.
    pub resource: ResourceAddr,
}

impl fmt::Display for ConfigResourceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.module.is_root() { "" } else { "." };
        write!(f, "{}{dot}{}", self.module, self.resource)
    }
}

/// A resource block in a module instance: all its instances.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AbsResourceAddr {
    /// The module instance.
    pub module: ModuleAddr,
    /// The block.
    pub resource: ResourceAddr,
}

impl AbsResourceAddr {
    /// The block in the configuration.
    pub fn config(&self) -> ConfigResourceAddr {
        ConfigResourceAddr {
            module: self.module.path(),
            resource: self.resource.clone(),
        }
    }

    /// One of its instances.
    pub fn instance(&self, key: InstanceKey) -> InstanceAddr {
        InstanceAddr {
            module: self.module.clone(),
            resource: self.resource.clone(),
            key,
        }
    }
}

impl fmt::Display for AbsResourceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.module.prefix(), self.resource)
    }
}
