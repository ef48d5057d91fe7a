//! Modules.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::InstanceKey;

/// A module of the configuration: the names of the calls that lead to it. The root is
/// empty. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModulePath(Arc<Vec<Arc<str>>>);

impl Default for ModulePath {
    /// The root module; there is one of it in memory.
    fn default() -> ModulePath {
        static ROOT: LazyLock<ModulePath> = LazyLock::new(|| ModulePath(Arc::default()));
        ROOT.clone()
    }
}

impl ModulePath {
    /// The root module.
    pub fn root() -> ModulePath {
        ModulePath::default()
    }

    /// The module that this one calls by `name`.
    #[must_use]
    pub fn child(&self, name: impl Into<Arc<str>>) -> ModulePath {
        let mut names = self.0.as_ref().clone();
        names.push(name.into());
        ModulePath(Arc::new(names))
    }

    /// The names of the calls, outermost first.
    pub fn names(&self) -> &[Arc<str>] {
        &self.0
    }

    /// True for the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The calling module, unless this is the root.
    pub fn parent(&self) -> Option<ModulePath> {
        let (_, init) = self.0.split_last()?;
        Some(ModulePath(Arc::new(init.to_vec())))
    }
}

impl fmt::Display for ModulePath {
    /// `module.a.module.b`; empty for the root.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            write!(f, "{}module.{name}", if i > 0 { "." } else { "" })?;
        }
        Ok(())
    }
}

/// One step to a module instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleStep {
    /// The call's name.
    pub name: Arc<str>,
    /// Which of the call's instances.
    pub key: InstanceKey,
}

/// A module instance: `module.a["x"].module.b`. The root is empty. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModuleAddr(Arc<Vec<ModuleStep>>);

impl Default for ModuleAddr {
    /// The root module's only instance; there is one of it in memory.
    fn default() -> ModuleAddr {
        static ROOT: LazyLock<ModuleAddr> = LazyLock::new(|| ModuleAddr(Arc::default()));
        ROOT.clone()
    }
}

impl Ord for ModuleAddr {
    /// Outer modules come first, whatever their names, as in Terraform's documents.
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        let depth = self.0.len().cmp(&other.0.len());
        depth.then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for ModuleAddr {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl ModuleAddr {
    /// The root module's only instance.
    pub fn root() -> ModuleAddr {
        ModuleAddr::default()
    }

    /// From its steps.
    pub fn from_steps(steps: Vec<ModuleStep>) -> ModuleAddr {
        ModuleAddr(Arc::new(steps))
    }

    /// The instance `key` of the module that this one calls by `name`.
    #[must_use]
    pub fn child(&self, name: impl Into<Arc<str>>, key: InstanceKey) -> ModuleAddr {
        let mut steps = self.0.as_ref().clone();
        steps.push(ModuleStep {
            name: name.into(),
            key,
        });
        ModuleAddr(Arc::new(steps))
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[ModuleStep] {
        &self.0
    }

    /// True for the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The calling module's instance, unless this is the root.
    pub fn parent(&self) -> Option<ModuleAddr> {
        let (_, init) = self.0.split_last()?;
        Some(ModuleAddr(Arc::new(init.to_vec())))
    }

    /// The module of the configuration that this is an instance of.
    pub fn path(&self) -> ModulePath {
        self.0
            .iter()
            .fold(ModulePath::root(), |p, s| p.child(s.name.clone()))
    }

    /// True if `self` is `ancestor` or lies in it.
    pub fn starts_with(&self, ancestor: &ModuleAddr) -> bool {
        self.0.starts_with(&ancestor.0)
    }

    /// The address with the dot that a resource name follows; empty for the root.
    pub fn prefix(&self) -> String {
        if self.is_root() {
            String::new()
        } else {
            format!("{self}.")
        }
    }
}

impl fmt::Display for ModuleAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            write!(
                f,
                "{}module.{}{}",
                if i > 0 { "." } else { "" },
                step.name,
                step.key
            )?;
        }
        Ok(())
    }
}
