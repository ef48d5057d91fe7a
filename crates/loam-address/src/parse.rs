//! Addresses as a user types them.

use std::fmt;
use std::sync::Arc;

use crate::{
    AbsResourceAddr, InstanceAddr, InstanceKey, Mode, ModuleAddr, ModuleStep, ResourceAddr,
};

/// What an address on the command line can mean.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A module instance, or (without keys) all instances of a call.
    Module(ModuleAddr),
    /// A block: all its instances.
    Resource(AbsResourceAddr),
    /// One instance.
    Instance(InstanceAddr),
}

impl fmt::Display for Target {
    /// The address as a user types it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Module(m) => write!(f, "{m}"),
            Target::Resource(r) => write!(f, "{r}"),
            Target::Instance(i) => write!(f, "{i}"),
        }
    }
}

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseAddressError {
    /// The text.
    pub text: String,
    /// What it should have been, such as "a resource address".
    pub what: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for ParseAddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not {}: {}", self.text, self.what, self.reason)
    }
}

impl std::error::Error for ParseAddressError {}

/// True if the text is a name in the language: a letter or underscore first, then
/// letters, digits, underscores and hyphens.
pub fn is_identifier(s: &str) -> bool {
    let mut chars = s.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

#[derive(Debug)]
pub(crate) struct Part {
    pub name: Arc<str>,
    pub key: InstanceKey,
}

/// The names of an address, each with its key.
pub(crate) fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if !is_identifier(name) {
            return Err(format!("{name:?} is not a valid name"));
        }
        let mut key = InstanceKey::None;
        rest = after;
        if let Some(inner) = rest.strip_prefix('[') {
            let (k, after) = parse_key(inner)?;
            key = k;
            rest = after;
        }
        out.push(Part {
            name: name.into(),
            key,
        });
        match rest.strip_prefix('.') {
            Some(r) => rest = r,
            None if rest.is_empty() => return Ok(out),
            None => return Err(format!("unexpected {rest:?}")),
        }
    }
}

fn parse_key(inner: &str) -> Result<(InstanceKey, &str), String> {
    let Some(quoted) = inner.strip_prefix('"') else {
        let (digits, after) = inner
            .split_once(']')
            .ok_or("a closing bracket is missing")?;
        let n = digits.parse().map_err(|_| {
            format!("the instance key {digits:?} is neither a whole number nor a quoted string")
        })?;
        return Ok((InstanceKey::Int(n), after));
    };
    let mut key = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => {
                let after = quoted.get(i + 1..).unwrap_or("");
                let after = after
                    .strip_prefix(']')
                    .ok_or("a closing bracket is missing")?;
                return Ok((InstanceKey::Str(key.into()), after));
            }
            '\\' => match chars.next() {
                Some((_, 'n')) => key.push('\n'),
                Some((_, 'r')) => key.push('\r'),
                Some((_, 't')) => key.push('\t'),
                Some((_, c @ ('"' | '\\'))) => key.push(c),
                _ => return Err("unknown escape in the instance key".into()),
            },
            '$' | '%' => {
                key.push(c);
                // `$${` is how `${` is written.
                let mut ahead = chars.clone();
                if ahead.next().is_some_and(|(_, d)| d == c)
                    && ahead.next().is_some_and(|(_, d)| d == '{')
                {
                    chars.next();
                }
            }
            c => key.push(c),
        }
    }
    Err("a closing quote is missing".into())
}

impl Target {
    /// Parses an address as given to `-target`, `state show` and the like.
    pub fn parse(text: &str) -> Result<Target, ParseAddressError> {
        parse(text).map_err(|reason| ParseAddressError {
            text: text.to_owned(),
            what: "a resource address",
            reason,
        })
    }
}

fn parse(text: &str) -> Result<Target, String> {
    let mut parts = parts(text)?.into_iter().peekable();
    let mut steps = Vec::new();
    while let Some(p) = parts.next_if(|p| &*p.name == "module" && p.key == InstanceKey::None) {
        let _ = p;
        let call = parts
            .next()
            .ok_or("a module name is missing after \"module\"")?;
        steps.push(ModuleStep {
            name: call.name,
            key: call.key,
        });
    }
    let module = ModuleAddr::from_steps(steps);
    let Some(mut first) = parts.next() else {
        return Ok(Target::Module(module));
    };
    let mut mode = Mode::Managed;
    if (&*first.name == "data" || &*first.name == "resource") && first.key == InstanceKey::None {
        if &*first.name == "data" {
            mode = Mode::Data;
        }
        first = parts
            .next()
            .ok_or("a resource type and a name are missing")?;
    }
    if first.key != InstanceKey::None {
        return Err("an index belongs after the resource's name".into());
    }
    let name = parts
        .next()
        .ok_or("a resource name is missing after the resource type")?;
    if let Some(extra) = parts.next() {
        return Err(format!(
            "unexpected {:?} after the resource's name",
            extra.name
        ));
    }
    let resource = ResourceAddr::new(mode, first.name, name.name);
    Ok(match name.key {
        InstanceKey::None => Target::Resource(AbsResourceAddr { module, resource }),
        key => Target::Instance(InstanceAddr {
            module,
            resource,
            key,
        }),
    })
}

impl Target {
    /// True if the instance is the target or lies in it. A block without a key stands
    /// for all its instances, a module without a key for all instances of the call.
    pub fn contains(&self, addr: &InstanceAddr) -> bool {
        match self {
            Target::Module(m) => module_contains(m, &addr.module),
            Target::Resource(r) => {
                r.resource == addr.resource
                    && r.module.steps().len() == addr.module.steps().len()
                    && module_contains(&r.module, &addr.module)
            }
            Target::Instance(i) => i == addr,
        }
    }
}

pub(crate) fn module_contains(outer: &ModuleAddr, inner: &ModuleAddr) -> bool {
    outer.steps().len() <= inner.steps().len()
        && outer
            .steps()
            .iter()
            .zip(inner.steps())
            .all(|(o, i)| o.name == i.name && (o.key == InstanceKey::None || o.key == i.key))
}

impl InstanceAddr {
    /// Parses the address of one instance; a block without a key is its only instance.
    pub fn parse(text: &str) -> Result<InstanceAddr, ParseAddressError> {
        match Target::parse(text)? {
            Target::Instance(i) => Ok(i),
            Target::Resource(r) => Ok(r.instance(InstanceKey::None)),
            Target::Module(_) => Err(ParseAddressError {
                text: text.to_owned(),
                what: "a resource address",
                reason: "it names a module, not a resource instance".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_prints_as_it_was_typed() {
        for a in [
            "a_b.c",
            "a_b.c[3]",
            "a_b.c[\"x y\"]",
            "module.m[\"k\"].data.a.b",
            "module.m.module.n[0].a.b[\"\\\"$${\"]",
        ] {
            assert_eq!(
                InstanceAddr::parse(a).map(|i| i.to_string()),
                Ok(a.to_string()),
                "{a}"
            );
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for a in [
            "", "a", "a.b.c", "a[0].b", "module", "a.b[", "a.b[\"x]", "a.b[-1]", "1a.b", "data.x",
        ] {
            assert!(InstanceAddr::parse(a).is_err(), "{a}");
        }
    }

    #[test]
    fn a_target_contains_its_instances() {
        let t = Target::parse("module.m").expect("valid");
        let i = InstanceAddr::parse("module.m[\"k\"].a.b[0]").expect("valid");
        assert!(t.contains(&i));
        assert!(!Target::parse("a.b").expect("valid").contains(&i));
        assert!(Target::parse("module.m.a.b").expect("valid").contains(&i));
    }
}
