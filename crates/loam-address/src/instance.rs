//! Instances.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use loam_value::{Kind, Value};

use crate::{AbsResourceAddr, ConfigResourceAddr, ModuleAddr, ResourceAddr};

/// What tells the instances of one block apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InstanceKey {
    /// The only instance of a block without `count` and `for_each`.
    None,
    /// An instance of `count`.
    Int(u64),
    /// An instance of `for_each`.
    Str(Arc<str>),
}

impl InstanceKey {
    /// The key that an index expression's value means, if it can mean one.
    pub fn from_value(value: &Value) -> Option<InstanceKey> {
        match value.kind() {
            Kind::String(s) => Some(InstanceKey::Str(s.clone())),
            Kind::Number(n) => n
                .to_i64()
                .and_then(|i| u64::try_from(i).ok())
                .map(InstanceKey::Int),
            _ => None,
        }
    }

    /// The key as a value: a number or a string; none for the only instance.
    pub fn to_value(&self) -> Option<Value> {
        match self {
            InstanceKey::None => None,
            InstanceKey::Int(i) => Some(Value::int(*i as i64)),
            InstanceKey::Str(s) => Some(Value::string(s.clone())),
        }
    }
}

impl Ord for InstanceKey {
    fn cmp(&self, other: &Self) -> Ordering {
        use InstanceKey::*;
        match (self, other) {
            (Int(a), Int(b)) => a.cmp(b),
            (Str(a), Str(b)) => a.cmp(b),
            (None, None) => Ordering::Equal,
            (None, _) | (Int(_), Str(_)) => Ordering::Less,
            (_, None) | (Str(_), Int(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for InstanceKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for InstanceKey {
    /// The index as it follows a name: nothing, `[0]` or `["key"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstanceKey::None => Ok(()),
            InstanceKey::Int(i) => write!(f, "[{i}]"),
            InstanceKey::Str(s) => write!(f, "[{}]", quoted(s)),
        }
    }
}

/// A string as addresses have it in brackets: as the native syntax quotes it, but that it
/// stays as it is otherwise (a configuration would have escapes for what is not seen).
pub(crate) fn quoted(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push('"');
    let mut chars = s.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' => {
                out.push(c);
                if chars.peek() == Some(&'{') {
                    out.push(c);
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// One resource instance: `module.net["a"].acme_server.web[0]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceAddr {
    /// The module instance it is in.
    pub module: ModuleAddr,
    /// The block.
    pub resource: ResourceAddr,
    /// Which of the block's instances.
    pub key: InstanceKey,
}

impl InstanceAddr {
    /// The block in this module instance.
    pub fn abs_resource(&self) -> AbsResourceAddr {
        AbsResourceAddr {
            module: self.module.clone(),
            resource: self.resource.clone(),
        }
    }

    /// The block in the configuration.
    pub fn config_resource(&self) -> ConfigResourceAddr {
        ConfigResourceAddr {
            module: self.module.path(),
            resource: self.resource.clone(),
        }
    }
}

impl fmt::Display for InstanceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.module.prefix(), self.resource, self.key)
    }
}
