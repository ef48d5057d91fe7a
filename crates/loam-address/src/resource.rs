//! Resource blocks.

use std::fmt;
use std::sync::Arc;

use crate::{InstanceAddr, InstanceKey, ModuleAddr, ModulePath};

/// Managed resources are created and changed; data resources are only read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// A `data` block.
    Data,
    /// A `resource` block.
    Managed,
}

/// A resource block within its module: `acme_server.web`, `data.acme_plans.all`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceAddr {
    /// Managed or data.
    pub mode: Mode,
    /// The resource type.
    pub kind: Arc<str>,
    /// The block's name.
    pub name: Arc<str>,
}

impl ResourceAddr {
    /// A managed resource's address.
    pub fn managed(kind: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> ResourceAddr {
        ResourceAddr {
            mode: Mode::Managed,
            kind: kind.into(),
            name: name.into(),
        }
    }

    /// A data resource's address.
    pub fn data(kind: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> ResourceAddr {
        ResourceAddr {
            mode: Mode::Data,
            kind: kind.into(),
            name: name.into(),
        }
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
