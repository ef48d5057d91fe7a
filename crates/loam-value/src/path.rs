//! A way from a value into its parts.

use std::fmt;
use std::sync::Arc;

use crate::{Kind, Type, Value};

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq)]
pub enum PathStep {
    /// An attribute of an object.
    Attribute(Arc<str>),
    /// An element of a list or tuple (number), of a map (string) or of a set (the element).
    Index(Value),
}

/// Steps from a value to one of its parts; the empty path is the value itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path(pub Vec<PathStep>);

impl Path {
    /// The value itself.
    pub fn root() -> Path {
        Path::default()
    }

    /// This path and then an attribute.
    #[must_use]
    pub fn attribute(&self, name: impl Into<Arc<str>>) -> Path {
        let mut steps = self.0.clone();
        steps.push(PathStep::Attribute(name.into()));
        Path(steps)
    }

    /// This path and then an element.
    #[must_use]
    pub fn index(&self, key: Value) -> Path {
        let mut steps = self.0.clone();
        steps.push(PathStep::Index(key));
        Path(steps)
    }

    /// The part of a value that steps lead to, strictly by types: an attribute only of an
    /// object, a string index only of a map, a number only of a list or tuple. `None` if a
    /// step does not fit or there is nothing.
    pub fn part(steps: &[PathStep], value: &Value) -> Option<Value> {
        steps.iter().try_fold(value.clone(), |v, step| {
            let marks = v.marks();
            let part = match (step, v.kind()) {
                (PathStep::Attribute(name), Kind::Object(entries)) => entries.get(name).cloned(),
                (PathStep::Attribute(name), Kind::Unknown(u)) => match &u.ty {
                    Type::Object(o) => o.attributes.get(name).cloned().map(Value::unknown),
                    _ => None,
                },
                (PathStep::Attribute(_), _) => None,
                (PathStep::Index(key), kind) => match (key.kind(), kind) {
                    (Kind::String(name), Kind::Map(_, entries)) => entries.get(name).cloned(),
                    (Kind::Number(n), Kind::List(_, items) | Kind::Tuple(items)) => {
                        let at = usize::try_from(n.to_i64()?).ok()?;
                        items.get(at).cloned()
                    }
                    (Kind::String(_), Kind::Unknown(u)) => match &u.ty {
                        Type::Map(element) => Some(Value::unknown((**element).clone())),
                        _ => None,
                    },
                    (Kind::Number(n), Kind::Unknown(u)) => match &u.ty {
                        Type::List(element) => Some(Value::unknown((**element).clone())),
                        Type::Tuple(types) => {
                            let at = usize::try_from(n.to_i64()?).ok()?;
                            types.get(at).cloned().map(Value::unknown)
                        }
                        _ => None,
                    },
                    _ => None,
                },
            };
            part.map(|p| p.with_marks(marks))
        })
    }

    /// True if `self` is `prefix` or lies below it.
    pub fn starts_with(&self, prefix: &Path) -> bool {
        self.0.len() >= prefix.0.len() && self.0.iter().zip(&prefix.0).all(|(a, b)| a == b)
    }
}

impl fmt::Display for Path {
    /// As a user would write it after the value: `.disk[0].size`, `.tags["env"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            match step {
                PathStep::Attribute(name) => write!(f, ".{name}")?,
                PathStep::Index(key) => match key.kind() {
                    Kind::String(s) => write!(f, "[{:?}]", s.as_ref())?,
                    Kind::Number(n) => write!(f, "[{n}]")?,
                    _ => f.write_str("[…]")?,
                },
            }
        }
        Ok(())
    }
}
