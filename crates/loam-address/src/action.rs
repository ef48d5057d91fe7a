//! Actions: operations that a provider offers beside its resources.

use std::fmt;
use std::sync::Arc;

use crate::parse::{Part, module_contains, parts};
use crate::{InstanceKey, ModuleAddr, ModulePath, ModuleStep, ParseAddressError};

/// An action block within its module: `action.acme_restart.web`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActionAddr {
    /// The action type.
    pub kind: Arc<str>,
    /// The block's name.
    pub name: Arc<str>,
}

impl ActionAddr {
    /// The provider's local name that the type implies: all before the first underscore.
    pub fn implied_provider(&self) -> &str {
        self.kind.split_once('_').map_or(&*self.kind, |(p, _)| p)
    }
}

impl fmt::Display for ActionAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "action.{}.{}", self.kind, self.name)
    }
}

/// An action block in a module of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConfigActionAddr {
    /// The module.
    pub module: ModulePath,
    /// The block.
    pub action: ActionAddr,
}

impl fmt::Display for ConfigActionAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.module.is_root() { "" } else { "." };
        write!(f, "{}{dot}{}", self.module, self.action)
    }
}

/// One instance of an action: `module.net["a"].action.acme_restart.web[0]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActionInstanceAddr {
    /// The module instance it is in.
    pub module: ModuleAddr,
    /// The block.
    pub action: ActionAddr,
    /// Which of the block's instances.
    pub key: InstanceKey,
}

impl ActionInstanceAddr {
    /// The block in the configuration.
    pub fn config_action(&self) -> ConfigActionAddr {
        ConfigActionAddr {
            module: self.module.path(),
            action: self.action.clone(),
        }
    }

    /// Parses an address as a user types it.
    pub fn parse(text: &str) -> Result<ActionInstanceAddr, ParseAddressError> {
        parse(text).map_err(|reason| ParseAddressError {
            text: text.to_owned(),
            what: "an action address",
            reason,
        })
    }

    /// True if `addr` is this instance or one of those that it stands for: an action
    /// without a key stands for all its instances, a module without a key for all
    /// instances of the call.
    pub fn contains(&self, addr: &ActionInstanceAddr) -> bool {
        self.action == addr.action
            && self.module.steps().len() == addr.module.steps().len()
            && module_contains(&self.module, &addr.module)
            && (self.key == InstanceKey::None || self.key == addr.key)
    }
}

impl fmt::Display for ActionInstanceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.module.prefix(), self.action, self.key)
    }
}

fn parse(text: &str) -> Result<ActionInstanceAddr, String> {
    let mut parts = parts(text)?.into_iter();
    let mut steps = Vec::new();
    loop {
        match parts.next() {
            Some(Part { name, key }) if key == InstanceKey::None && &*name == "module" => {
                let call = parts
                    .next()
                    .ok_or("a module name is missing after \"module\"")?;
                steps.push(ModuleStep {
                    name: call.name,
                    key: call.key,
                });
            }
            Some(Part { name, key }) if key == InstanceKey::None && &*name == "action" => break,
            _ => return Err("it has to be written as action.TYPE.NAME".into()),
        }
    }
    let (Some(kind), Some(name), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err("it has to be written as action.TYPE.NAME".into());
    };
    if kind.key != InstanceKey::None {
        return Err("an index belongs after the action's name".into());
    }
    Ok(ActionInstanceAddr {
        module: ModuleAddr::from_steps(steps),
        action: ActionAddr {
            kind: kind.name,
            name: name.name,
        },
        key: name.key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_prints_as_it_was_typed() {
        for a in [
            "action.a_b.c",
            "action.a_b.c[3]",
            "module.m[\"k\"].action.a.b[\"x y\"]",
        ] {
            assert_eq!(
                ActionInstanceAddr::parse(a).map(|i| i.to_string()),
                Ok(a.to_string()),
                "{a}"
            );
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for a in [
            "",
            "action",
            "action.a",
            "a.b",
            "action.a[0].b",
            "action.a.b.c",
            "module.action.a.b",
            "module.m",
            "action[0].a.b",
        ] {
            assert!(ActionInstanceAddr::parse(a).is_err(), "{a}");
        }
    }

    #[test]
    fn an_action_without_a_key_stands_for_all_its_instances() {
        let of = |t: &str| ActionInstanceAddr::parse(t).expect("valid");
        assert!(of("action.a.b").contains(&of("action.a.b[1]")));
        assert!(of("module.m.action.a.b").contains(&of("module.m[\"k\"].action.a.b")));
        assert!(!of("action.a.b[0]").contains(&of("action.a.b[1]")));
        assert!(!of("action.a.b").contains(&of("module.m.action.a.b")));
    }
}
