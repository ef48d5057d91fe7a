//! The state model.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use loam_address::{ConfigResourceAddr, InstanceAddr};
use loam_provider::Private;
use loam_value::Value;

/// Tells apart objects that a replacement has left behind: eight hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeposedKey(pub Arc<str>);

impl fmt::Display for DeposedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names one object: an instance's current one, or one that it has left behind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceId {
    /// The instance.
    pub addr: InstanceAddr,
    /// Which of the objects left behind; none for the current one.
    pub deposed: Option<DeposedKey>,
}

impl From<InstanceAddr> for InstanceId {
    fn from(addr: InstanceAddr) -> InstanceId {
        InstanceId {
            addr,
            deposed: None,
        }
    }
}

impl fmt::Display for InstanceId {
    /// `address` or `address (deposed object 1a2b3c4d)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.deposed {
            None => write!(f, "{}", self.addr),
            Some(d) => write!(f, "{} (deposed object {d})", self.addr),
        }
    }
}

/// In what condition an object is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// As it was left by the last apply.
    #[default]
    Ready,
    /// Not as it should be: the next plan replaces it.
    Tainted,
    /// Created, but the wait for it was cut off: the next apply goes on with it.
    Pending,
    /// Created, but none of its provisioners has begun: the next apply waits for it if it
    /// has to, and runs them.
    Unprovisioned,
}

impl Status {
    /// True if the next apply goes on with the creation.
    pub fn is_unfinished(self) -> bool {
        matches!(self, Status::Pending | Status::Unprovisioned)
    }
}

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// The provider configuration that manages it, as Terraform's state writes it:
    /// `provider["registry.terraform.io/acme/acme"].west`.
    pub provider: Arc<str>,
    /// The version of the schema that the value follows.
    pub schema_version: u64,
    /// Its condition.
    pub status: Status,
    /// Its attributes, sensitive marks included.
    pub value: Value,
    /// What the provider remembers of it.
    pub private: Private,
    /// The resources that it was made from: destroyed after it.
    pub dependencies: Arc<Vec<ConfigResourceAddr>>,
    /// Its replacement is created before it is destroyed.
    pub create_before_destroy: bool,
}

/// The value of a root module output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputValue {
    /// The value, without marks.
    pub value: Value,
    /// Whether it must not be shown.
    pub sensitive: bool,
}

/// A snapshot of the state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Identifies this state from its creation on: a UUID. Empty before the first write.
    pub lineage: String,
    /// Counts the writes.
    pub serial: u64,
    /// The objects.
    pub instances: BTreeMap<InstanceId, Instance>,
    /// The root module's outputs.
    pub outputs: BTreeMap<Arc<str>, OutputValue>,
    /// The results of the last run's checks, as JSON text in the form that state files have
    /// them (`check_results`); opaque here.
    pub checks: Option<String>,
}

impl State {
    /// True if it holds neither objects nor outputs.
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty() && self.outputs.is_empty()
    }

    /// The same with these objects instead.
    #[must_use]
    pub fn with(&self, instances: BTreeMap<InstanceId, Instance>) -> State {
        State {
            lineage: self.lineage.clone(),
            serial: self.serial,
            instances,
            outputs: self.outputs.clone(),
            checks: self.checks.clone(),
        }
    }

    /// The current object of an instance.
    pub fn get(&self, addr: &InstanceAddr) -> Option<&Instance> {
        self.instances.get(&InstanceId::from(addr.clone()))
    }
}
