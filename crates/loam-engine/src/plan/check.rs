//! What has checks, and what came of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use loam_address::{ConfigResourceAddr, ModuleAddr, ModulePath, Target};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum CheckStatus {
    Pass,
    Fail,
    Error,
    Unknown,
}

impl CheckStatus {
    /// The name in Terraform's JSON.
    pub fn name(self) -> &'static str {
        match self {
            CheckStatus::Pass => "pass",
            CheckStatus::Fail => "fail",
            CheckStatus::Error => "error",
            CheckStatus::Unknown => "unknown",
        }
    }
}

/// What a check belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckObject {
    /// A resource with conditions.
    Resource(ConfigResourceAddr),
    /// An output with preconditions.
    Output(ModulePath, Arc<str>),
    /// A `check` block.
    Check(ModulePath, Arc<str>),
    /// A variable with validations.
    Variable(ModulePath, Arc<str>),
}

impl CheckObject {
    /// What it is, as Terraform's state files say it.
    pub fn kind(&self) -> &'static str {
        match self {
            CheckObject::Resource(_) => "resource",
            CheckObject::Output(..) => "output",
            CheckObject::Check(..) => "check",
            CheckObject::Variable(..) => "var",
        }
    }

    /// The module that it is in.
    pub fn module(&self) -> &ModulePath {
        match self {
            CheckObject::Resource(r) => &r.module,
            CheckObject::Output(m, _) | CheckObject::Check(m, _) | CheckObject::Variable(m, _) => m,
        }
    }

    /// Its name in the module.
    pub fn name(&self) -> &Arc<str> {
        match self {
            CheckObject::Resource(r) => &r.resource.name,
            CheckObject::Output(_, n) | CheckObject::Check(_, n) | CheckObject::Variable(_, n) => n,
        }
    }

    /// Its address in an instance of its module; not for resources, which have instances of
    /// their own.
    pub fn within(&self, module: &ModuleAddr) -> String {
        format!("{}{}.{}", module.prefix(), self.kind(), self.name())
    }

    /// The object of a [kind](CheckObject::kind) and an address. `None` if there is no such
    /// kind, or the address is not one of it.
    pub fn parse(kind: &str, addr: &str) -> Option<CheckObject> {
        if kind == "resource" {
            return match Target::parse(addr).ok()? {
                Target::Resource(r) => Some(CheckObject::Resource(r.config())),
                _ => None,
            };
        }
        let (outer, name) = addr.rsplit_once('.')?;
        let outer = outer.strip_suffix(kind)?;
        let modules = outer.split('.').filter(|p| !p.is_empty());
        let modules = modules.skip(1).step_by(2);
        let module = modules.fold(ModulePath::root(), |m, n| m.child(n));
        match kind {
            "output" => Some(CheckObject::Output(module, name.into())),
            "check" => Some(CheckObject::Check(module, name.into())),
            "var" => Some(CheckObject::Variable(module, name.into())),
            _ => None,
        }
    }
}

impl fmt::Display for CheckObject {
    /// Its address in the configuration: `module.net.output.id`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let CheckObject::Resource(r) = self {
            return r.fmt(f);
        }
        if !self.module().is_root() {
            write!(f, "{}.", self.module())?;
        }
        write!(f, "{}.{}", self.kind(), self.name())
    }
}

/// The result of the checks of one object of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckResult {
    /// The worst status of its instances; unknown without any.
    pub status: CheckStatus,
    /// By instance address: status and the messages of failed conditions.
    pub instances: BTreeMap<String, (CheckStatus, Vec<String>)>,
}
