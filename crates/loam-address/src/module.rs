//! Modules.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use rustc_hash::FxBuildHasher;

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

/// A module instance: `module.a["x"].module.b`. The root is empty. Eight bytes, cheap to clone.
#[derive(Clone)]
pub struct ModuleAddr(Arc<Hashed>);

/// A plan looks every module instance up in many tables, and asks for its module each time.
struct Hashed {
    hash: u64,
    path: ModulePath,
    steps: Vec<ModuleStep>,
}

impl fmt::Debug for ModuleAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ModuleAddr").field(&self.0.steps).finish()
    }
}

impl Default for ModuleAddr {
    /// The root module's only instance; there is one of it in memory.
    fn default() -> ModuleAddr {
        static ROOT: LazyLock<ModuleAddr> =
            LazyLock::new(|| ModuleAddr::new(ModulePath::root(), Vec::new()));
        ROOT.clone()
    }
}

impl PartialEq for ModuleAddr {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || self.0.hash == other.0.hash && self.0.steps == other.0.steps
    }
}

impl Eq for ModuleAddr {}

impl Hash for ModuleAddr {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl Ord for ModuleAddr {
    /// Outer modules come first, whatever their names, as in Terraform's documents.
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        let (steps, others) = (&self.0.steps, &other.0.steps);
        let depth = steps.len().cmp(&others.len());
        depth.then_with(|| steps.cmp(others))
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

    fn new(path: ModulePath, steps: Vec<ModuleStep>) -> ModuleAddr {
        let hash = FxBuildHasher.hash_one(&steps);
        ModuleAddr(Arc::new(Hashed { hash, path, steps }))
    }

    /// From its steps.
    pub fn from_steps(steps: Vec<ModuleStep>) -> ModuleAddr {
        let names = steps.iter().map(|s| s.name.clone()).collect();
        ModuleAddr::new(ModulePath(Arc::new(names)), steps)
    }

    /// The instance `key` of the module that this one calls by `name`.
    #[must_use]
    pub fn child(&self, name: impl Into<Arc<str>>, key: InstanceKey) -> ModuleAddr {
        let name = name.into();
        let path = self.0.path.child(name.clone());
        let mut steps = Vec::with_capacity(self.0.steps.len() + 1);
        steps.extend(self.0.steps.iter().cloned());
        steps.push(ModuleStep { name, key });
        ModuleAddr::new(path, steps)
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[ModuleStep] {
        &self.0.steps
    }

    /// True for the root module.
    pub fn is_root(&self) -> bool {
        self.0.steps.is_empty()
    }

    /// The calling module's instance, unless this is the root.
    pub fn parent(&self) -> Option<ModuleAddr> {
        let (_, init) = self.0.steps.split_last()?;
        Some(ModuleAddr::from_steps(init.to_vec()))
    }

    /// The module of the configuration that this is an instance of.
    pub fn path(&self) -> ModulePath {
        self.0.path.clone()
    }

    /// True if `self` is `ancestor` or lies in it.
    pub fn starts_with(&self, ancestor: &ModuleAddr) -> bool {
        self.0.steps.starts_with(&ancestor.0.steps)
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
        for (i, step) in self.0.steps.iter().enumerate() {
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
