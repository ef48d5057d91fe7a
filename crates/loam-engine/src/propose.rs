//! From configuration and prior object to the object that is proposed to the provider;
//! and back from its answer to a value with marks.

use std::sync::Arc;

use loam_address::InstanceAddr;
use loam_config::{BlockExpr, IgnoreChanges};
use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::{Attribute, Block, NestedBlock, Nesting};
use loam_value::{Kind, Marks, Path, PathStep, Type, Value, ValueMap};

/// The object that the configuration asks for, with computed attributes of which it says
/// nothing taken from the prior object. Write-only arguments are null. All values are
/// unmarked. The rules are those by which Terraform merges the two.
pub fn proposed(block: &Block, prior: &Value, config: &Value) -> Value {
    if config.is_null() || config.is_unknown() {
        return config.clone();
    }
    let Some(entries) = config.entries() else {
        return config.clone();
    };
    let merged = entries.iter().map(|(name, value)| {
        let before = prior
            .get(name)
            .unwrap_or_else(|| Value::null(Type::Dynamic));
        let value = match (block.attributes.get(name), block.blocks.get(name)) {
            (Some(a), _) => attribute(a, &before, value),
            (None, Some(b)) => nested(b, &before, value),
            (None, None) => value.clone(),
        };
        (name.clone(), value)
    });
    Value::object(merged.collect())
}

fn attribute(attribute: &Attribute, before: &Value, config: &Value) -> Value {
    if attribute.write_only {
        return Value::null(attribute.ty.clone());
    }
    if config.is_null() && attribute.computed && !before.is_null() {
        return before.clone();
    }
    config.clone()
}

fn nested(b: &NestedBlock, before: &Value, config: &Value) -> Value {
    match (b.nesting, config.kind()) {
        (Nesting::Single | Nesting::Group, _) => proposed(&b.block, before, config),
        (Nesting::List, Kind::List(ty, items)) => {
            Value::list(ty.clone(), by_index(b, before, items))
        }
        (Nesting::List, Kind::Tuple(items)) => Value::tuple(by_index(b, before, items)),
        (Nesting::Map, Kind::Map(ty, items)) => Value::map(ty.clone(), by_key(b, before, items)),
        (Nesting::Map, Kind::Object(items)) => Value::object(by_key(b, before, items)),
        (Nesting::Set, Kind::Set(ty, items)) => {
            let mut left: Vec<&Value> = before.elements().unwrap_or_default().iter().collect();
            let merged = items.iter().map(|item| {
                // The prior element that differs in nothing that the configuration sets.
                let twin = left.iter().position(|prior| agrees(&b.block, prior, item));
                match twin {
                    Some(i) => proposed(&b.block, left.remove(i), item),
                    None => item.clone(),
                }
            });
            Value::set(ty.clone(), merged.collect())
        }
        _ => config.clone(),
    }
}

fn by_index(b: &NestedBlock, before: &Value, items: &[Value]) -> Vec<Value> {
    let null = Value::null(Type::Dynamic);
    let prior = before.elements().unwrap_or_default();
    items
        .iter()
        .enumerate()
        .map(|(i, item)| proposed(&b.block, prior.get(i).unwrap_or(&null), item))
        .collect()
}

fn by_key(b: &NestedBlock, before: &Value, items: &ValueMap) -> ValueMap {
    items
        .iter()
        .map(|(k, item)| {
            let prior = before.get(k).unwrap_or_else(|| Value::null(Type::Dynamic));
            (k.clone(), proposed(&b.block, &prior, item))
        })
        .collect()
}

/// True if `prior` could have come from `config`: what the configuration sets is equal,
/// what it leaves open is computed.
fn agrees(block: &Block, prior: &Value, config: &Value) -> bool {
    let Some(entries) = config.entries() else {
        return false;
    };
    entries.iter().all(|(name, value)| {
        let Some(before) = prior.get(name) else {
            return false;
        };
        match block.attributes.get(name) {
            Some(a) if value.is_null() && a.computed => true,
            _ => before == *value,
        }
    })
}

/// The configuration with what `ignore_changes` names taken from the prior object.
pub fn ignoring(block: &Block, ignore: &IgnoreChanges, prior: &Value, config: &Value) -> Value {
    if prior.is_null() || config.is_null() {
        return config.clone();
    }
    match ignore {
        IgnoreChanges::None => config.clone(),
        IgnoreChanges::All => {
            // What is only computed is never in a configuration.
            let Some(entries) = config.entries() else {
                return config.clone();
            };
            let kept = entries.iter().map(|(name, value)| {
                let open = block
                    .attributes
                    .get(name)
                    .is_some_and(|a| !a.settable() || a.write_only);
                let before = if open { None } else { prior.get(name) };
                (name.clone(), before.unwrap_or_else(|| value.clone()))
            });
            Value::object(kept.collect()).with_marks(config.marks())
        }
        IgnoreChanges::Paths(paths) => {
            let ignored = paths
                .iter()
                .filter_map(|(path, _)| Ignored::of(path, prior, config));
            let ignored: Vec<Ignored<'_>> = ignored.collect();
            let whole = config.clone();
            ignored.iter().fold(whole, |v, i| i.put(i.path, &v))
        }
    }
}

/// A part that keeps what it was before: of a map, where a key is given, that element.
struct Ignored<'p> {
    path: &'p [PathStep],
    key: Option<&'p Arc<str>>,
    before: Value,
}

impl<'p> Ignored<'p> {
    /// `None` if there is no such part before or now, or it is the same.
    fn of(path: &'p Path, prior: &Value, config: &Value) -> Option<Ignored<'p>> {
        let (path, key) = match path.0.split_last() {
            Some((PathStep::Index(last), outer)) => match last.kind() {
                Kind::String(key) => (outer, Some(key)),
                _ => (path.0.as_slice(), None),
            },
            _ => (path.0.as_slice(), None),
        };
        let (before, now) = (Path::part(path, prior)?, Path::part(path, config)?);
        (before != now).then_some(Ignored { path, key, before })
    }

    /// `config` with what was before at the end of the path.
    fn put(&self, path: &[PathStep], config: &Value) -> Value {
        let Some((step, rest)) = path.split_first() else {
            return self.instead_of(config);
        };
        let inner = |entries: &ValueMap, name: &Arc<str>| {
            let mut entries = entries.clone();
            if let Some(v) = entries.get_mut(name) {
                *v = self.put(rest, v);
            }
            entries
        };
        let changed = match (step, config.kind()) {
            (PathStep::Attribute(name), Kind::Object(entries)) => {
                Value::object(inner(entries, name))
            }
            (PathStep::Index(key), kind) => match (key.kind(), kind) {
                (Kind::String(name), Kind::Map(ty, entries)) => {
                    Value::map(ty.clone(), inner(entries, name))
                }
                (Kind::Number(n), Kind::List(..) | Kind::Tuple(_)) => {
                    let wanted = n.to_i64().and_then(|i| usize::try_from(i).ok());
                    let mut at = 0;
                    return config.map_children(|c| {
                        let here = wanted == Some(at);
                        at += 1;
                        if here { self.put(rest, c) } else { c.clone() }
                    });
                }
                _ => return config.clone(),
            },
            _ => return config.clone(),
        };
        changed.with_marks(config.marks())
    }

    /// What was before, in place of what is configured. Only in a map elements can be told
    /// apart: of anything else the whole is ignored with one of them, as in Terraform.
    fn instead_of(&self, now: &Value) -> Value {
        let element = match now.kind() {
            Kind::Map(element, _) => element,
            Kind::Null(Type::Map(element)) => &**element,
            // What is ignored is not looked at: whether it would have become a secret neither.
            _ => return self.before.clone(),
        };
        let Some(key) = self.key else {
            return self.before.clone();
        };
        let mut entries = now.entries().cloned().unwrap_or_default();
        match self.before.entries().and_then(|before| before.get(key)) {
            Some(v) if v.ty() == *element || v.is_null() || entries.is_empty() => {
                entries.insert(key.clone(), v.clone());
            }
            // An element of another type has no place among these.
            Some(_) => return now.clone(),
            None => {
                entries.remove(key);
            }
        }
        if entries.is_empty() && now.is_null() {
            return now.clone();
        }
        let first = entries.values().next().map(Value::ty);
        let element = match now.is_null() {
            true => first.unwrap_or_else(|| element.clone()),
            false => element.clone(),
        };
        Value::map(element, entries).with_marks(now.marks())
    }
}

/// `to` with the marks that `from` has at the same places. Marks below a set cannot be
/// placed and go to the set.
pub fn copy_marks(from: &Value, to: &Value) -> Value {
    if from.deep_marks().is_empty() {
        return to.clone();
    }
    let own = from.marks();
    let with_children = match (from.kind(), to.kind()) {
        (Kind::List(..) | Kind::Tuple(_), Kind::List(..) | Kind::Tuple(_)) => {
            let marks = from.elements().unwrap_or_default();
            let mut at = 0;
            to.map_children(|c| {
                let v = marks
                    .get(at)
                    .map_or_else(|| c.clone(), |m| copy_marks(m, c));
                at += 1;
                v
            })
        }
        (Kind::Map(..) | Kind::Object(_), Kind::Map(..) | Kind::Object(_)) => {
            let marks = from.entries().cloned().unwrap_or_default();
            let entries: ValueMap = to
                .entries()
                .into_iter()
                .flatten()
                .map(|(k, v)| {
                    (
                        k.clone(),
                        marks.get(k).map_or_else(|| v.clone(), |m| copy_marks(m, v)),
                    )
                })
                .collect();
            let v = match to.kind() {
                Kind::Map(ty, _) => Value::map(ty.clone(), entries),
                _ => Value::object(entries),
            };
            v.with_marks(to.marks())
        }
        (_, Kind::Null(_)) => to.clone(),
        _ => to.clone().with_marks(from.deep_marks()),
    };
    with_children.with_marks(own)
}

/// The value with the attributes that the schema calls sensitive marked so.
pub fn mark_by_schema(block: &Block, value: &Value) -> Value {
    if !block.any_attribute(&|a| a.sensitive) {
        return value.clone();
    }
    block.map_attributes(value, &mut |a, v| {
        if a.sensitive {
            v.clone().with_marks(Marks::SENSITIVE)
        } else {
            v.clone()
        }
    })
}

/// The value with write-only arguments made null.
pub fn without_write_only(block: &Block, value: &Value) -> Value {
    if !block.any_attribute(&|a| a.write_only) {
        return value.clone();
    }
    block.map_attributes(value, &mut |a, v| {
        if a.write_only {
            Value::null(a.ty.clone())
        } else {
            v.clone()
        }
    })
}

/// What cannot be stored of an object's arguments, each with its error: ephemeral values,
/// and numbers without an end, which no encoding has a form for.
pub fn unstorable(addr: &InstanceAddr, body: &BlockExpr, stored: &Value) -> Diagnostics {
    let ephemeral = paths_where(stored, &|v| v.marks().is_ephemeral());
    let ephemeral = ephemeral.into_iter().map(|path| {
        let detail = format!(
            "The value of {addr}{path} is ephemeral, and ephemeral values cannot be stored in the state. Only write-only arguments take them."
        );
        Diagnostic::error("Invalid use of ephemeral value", detail).at(body.span_of(&path))
    });
    let infinite = paths_where(stored, &|v| {
        v.as_number().is_some_and(loam_value::Number::is_infinite)
    });
    let infinite = infinite.into_iter().map(|path| {
        let detail = format!(
            "The value of {addr}{path} is infinite, as a division by zero gives, and cannot be stored in the state."
        );
        Diagnostic::error("Infinite number", detail).at(body.span_of(&path))
    });
    Diagnostics(ephemeral.chain(infinite).collect())
}

/// The places of unknown values.
pub fn unknown_paths(value: &Value) -> Vec<Path> {
    paths_where(value, &Value::is_unknown)
}

fn paths_where(value: &Value, test: &dyn Fn(&Value) -> bool) -> Vec<Path> {
    fn walk(value: &Value, test: &dyn Fn(&Value) -> bool, at: &Path, out: &mut Vec<Path>) {
        if test(value) {
            out.push(at.clone());
            return;
        }
        match value.kind() {
            Kind::Object(entries) => entries
                .iter()
                .for_each(|(k, v)| walk(v, test, &at.attribute(k.clone()), out)),
            Kind::Map(_, entries) => {
                entries
                    .iter()
                    .for_each(|(k, v)| walk(v, test, &at.index(Value::string(k.clone())), out));
            }
            Kind::List(_, items) | Kind::Tuple(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(i, v)| walk(v, test, &at.index(Value::int(i as i64)), out));
            }
            // Elements of a set have no place.
            Kind::Set(_, items) => {
                let mut inside = Vec::new();
                items.iter().for_each(|v| walk(v, test, at, &mut inside));
                out.extend(inside.into_iter().take(1).map(|_| at.clone()));
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(value, test, &Path::root(), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> Block {
        let mut b = Block::default();
        b.attributes
            .insert("size".into(), Attribute::required(Type::String));
        b.attributes.insert(
            "ip".into(),
            Attribute {
                optional: true,
                ..Attribute::computed(Type::String)
            },
        );
        b.attributes.insert(
            "password".into(),
            Attribute {
                write_only: true,
                ..Attribute::optional(Type::String)
            },
        );
        b.attributes
            .insert("tags".into(), Attribute::optional(Type::map(Type::String)));
        b
    }

    fn object(size: &str, ip: Option<&str>, tags: &[(&str, &str)]) -> Value {
        let s = |v: Option<&str>| v.map_or_else(|| Value::null(Type::String), Value::string);
        let tags = tags
            .iter()
            .map(|(k, v)| ((*k).into(), Value::string(*v)))
            .collect();
        Value::object_of([
            ("size", s(Some(size))),
            ("ip", s(ip)),
            ("password", Value::string("secret")),
            ("tags", Value::map(Type::String, tags)),
        ])
    }

    #[test]
    fn computed_values_stay_unless_configured() {
        let prior = object("small", Some("192.0.2.1"), &[]);
        let p = proposed(&block(), &prior, &object("large", None, &[]));
        assert_eq!(p.get("ip"), Some(Value::string("192.0.2.1")));
        assert_eq!(p.get("size"), Some(Value::string("large")));
        assert_eq!(p.get("password"), Some(Value::null(Type::String)));
        let p = proposed(&block(), &prior, &object("large", Some("192.0.2.9"), &[]));
        assert_eq!(p.get("ip"), Some(Value::string("192.0.2.9")));
    }

    #[test]
    fn ignored_changes_come_from_the_prior_object() {
        let prior = object("small", None, &[("a", "1")]);
        let config = object("large", None, &[("a", "2"), ("b", "3")]);
        let span = loam_diag::Span::new(loam_diag::FileId(0), 0, 0);
        let path = |p: Path| IgnoreChanges::Paths(vec![(p, span)]);
        let size = ignoring(
            &block(),
            &path(Path::root().attribute("size")),
            &prior,
            &config,
        );
        assert_eq!(size.get("size"), Some(Value::string("small")));
        let tags = Path::root().attribute("tags");
        let a = ignoring(
            &block(),
            &path(tags.index(Value::string("a"))),
            &prior,
            &config,
        );
        assert_eq!(
            a.get("tags").and_then(|t| t.get("a")),
            Some(Value::string("1"))
        );
        let b = ignoring(
            &block(),
            &path(tags.index(Value::string("b"))),
            &prior,
            &config,
        );
        assert_eq!(b.get("tags").and_then(|t| t.get("b")), None);
        let all = ignoring(&block(), &IgnoreChanges::All, &prior, &config);
        assert_eq!(all.get("tags"), prior.get("tags"));
    }

    #[test]
    fn marks_go_to_the_same_places() {
        let from = Value::object_of([
            ("a", Value::string("x").with_marks(Marks::SENSITIVE)),
            ("b", Value::int(1)),
        ]);
        let to = Value::object_of([
            ("a", Value::string("y")),
            ("b", Value::int(2)),
            ("c", Value::int(3)),
        ]);
        let out = copy_marks(&from, &to);
        assert_eq!(out.get("a").map(|v| v.marks()), Some(Marks::SENSITIVE));
        assert_eq!(out.get("b").map(|v| v.marks()), Some(Marks::NONE));
        assert_eq!(out.unmarked_deep(), to);
    }
}
