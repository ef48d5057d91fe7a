//! The objects of a configuration that others can need.

use std::sync::Arc;

use loam_address::{ConfigActionAddr, ConfigResourceAddr, InstanceKey, ModulePath};
use loam_config::ProviderConfigName;

/// A provider configuration: where it is written, and what it configures.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderKey {
    /// The module with the `provider` block; the root for one that is only implied.
    pub module: ModulePath,
    /// The provider type's name in the registry.
    pub kind: Arc<str>,
    /// The local name and alias that the block is found by.
    pub name: ProviderConfigName,
}

/// One object of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Node {
    Provider(Arc<ProviderKey>),
    /// Reading all objects of a type that the state has from a provider configuration.
    Refresh(Arc<ProviderKey>, Arc<str>),
    Variable(ModulePath, Arc<str>),
    Local(ModulePath, Arc<str>),
    /// Finding the instances of a module.
    Module(ModulePath),
    /// Everything in a module and in the modules that it calls: what a reference to the module
    /// as a whole means.
    Whole(ModulePath),
    Resource(ConfigResourceAddr),
    /// An instance of a resource that something names by a constant key: what needs it does
    /// not have to wait for the others while applying.
    Instance(ConfigResourceAddr, Arc<InstanceKey>),
    Output(ModulePath, Arc<str>),
    Check(ModulePath, Arc<str>),
    /// Finding the instances of an action.
    Action(Arc<ConfigActionAddr>),
    /// One of a resource's `action_trigger` blocks, by its place among them. Nothing
    /// needs it: so an action may be made from the resource that triggers it.
    Trigger(ConfigResourceAddr, usize),
}

impl Node {
    /// The module that the object is in.
    pub fn module(&self) -> &ModulePath {
        match self {
            Node::Provider(k) | Node::Refresh(k, _) => &k.module,
            Node::Variable(m, _)
            | Node::Local(m, _)
            | Node::Module(m)
            | Node::Whole(m)
            | Node::Output(m, _)
            | Node::Check(m, _) => m,
            Node::Resource(r) | Node::Instance(r, _) | Node::Trigger(r, _) => &r.module,
            Node::Action(a) => &a.module,
        }
    }
}

impl std::fmt::Display for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let module = self.module();
        let dot = if module.is_root() { "" } else { "." };
        match self {
            Node::Provider(k) => write!(f, "{module}{dot}provider.{}", k.name),
            Node::Refresh(k, kind) => {
                write!(f, "{module}{dot}provider.{} (reading {kind})", k.name)
            }
            Node::Variable(_, n) => write!(f, "{module}{dot}var.{n}"),
            Node::Local(_, n) => write!(f, "{module}{dot}local.{n}"),
            Node::Module(_) => write!(f, "{module}"),
            Node::Whole(_) => write!(f, "{module} (close)"),
            Node::Resource(r) => write!(f, "{r}"),
            Node::Instance(r, key) => write!(f, "{r}{key}"),
            Node::Output(_, n) => write!(f, "{module}{dot}output.{n}"),
            Node::Check(_, n) => write!(f, "{module}{dot}check.{n}"),
            Node::Action(a) => write!(f, "{a}"),
            Node::Trigger(r, _) => write!(f, "{r} (action_trigger)"),
        }
    }
}
