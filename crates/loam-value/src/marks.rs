//! What must be remembered of a value besides its content.

use std::collections::BTreeMap;
use std::ops::{BitOr, BitOrAssign};
use std::sync::Arc;

use crate::{Kind, Path, PathStep, Value, ValueMap};

/// A set of marks. Marks travel with a value through every operator and function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Marks(u8);

impl Marks {
    /// No marks.
    pub const NONE: Marks = Marks(0);
    /// The value must not be shown.
    pub const SENSITIVE: Marks = Marks(1);
    /// The value must not be stored in a plan or a state.
    pub const EPHEMERAL: Marks = Marks(2);

    /// True if there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True if all of `other` are in `self`.
    pub const fn contains(self, other: Marks) -> bool {
        self.0 & other.0 == other.0
    }

    /// True if the value must not be shown.
    pub const fn is_sensitive(self) -> bool {
        self.contains(Marks::SENSITIVE)
    }

    /// True if the value must not be stored.
    pub const fn is_ephemeral(self) -> bool {
        self.contains(Marks::EPHEMERAL)
    }

    /// `self` without the marks of `other`.
    #[must_use]
    pub const fn without(self, other: Marks) -> Marks {
        Marks(self.0 & !other.0)
    }
}

impl BitOr for Marks {
    type Output = Marks;
    fn bitor(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Marks) {
        self.0 |= other.0;
    }
}

/// The marked parts of a value with their paths, outer ones before inner ones.
pub fn mark_paths(value: &Value) -> Vec<(Path, Marks)> {
    let mut found = Vec::new();
    collect(value, &mut Vec::new(), &mut found);
    found
}

/// The paths of the parts of a value that must not be shown. Parts of a sensitive part
/// are not named again unless they have the mark themselves.
pub fn sensitive_paths(value: &Value) -> Vec<Path> {
    mark_paths(value)
        .into_iter()
        .filter(|(_, marks)| marks.is_sensitive())
        .map(|(path, _)| path)
        .collect()
}

fn collect(value: &Value, path: &mut Vec<PathStep>, found: &mut Vec<(Path, Marks)>) {
    if !value.marks().is_empty() {
        found.push((Path(path.clone()), value.marks()));
    }
    if value.deep_marks().is_empty() {
        return;
    }
    for (step, child) in children(value) {
        path.push(step);
        collect(child, path, found);
        path.pop();
    }
}

/// The parts that a path can lead to. A set's elements are not among them: they have no
/// marks of their own.
fn children(value: &Value) -> Vec<(PathStep, &Value)> {
    let index = |k: &Arc<str>| PathStep::Index(Kind::String(k.clone()).into());
    match value.kind() {
        Kind::List(_, vs) | Kind::Tuple(vs) => (0i64..)
            .zip(vs.iter())
            .map(|(i, v)| (PathStep::Index(Value::int(i)), v))
            .collect(),
        Kind::Map(_, vs) => vs.iter().map(|(k, v)| (index(k), v)).collect(),
        Kind::Object(vs) => vs
            .iter()
            .map(|(k, v)| (PathStep::Attribute(k.clone()), v))
            .collect(),
        _ => Vec::new(),
    }
}

/// The value with marks put on the parts that the paths lead to. Where a path leads
/// nowhere, into a set, or through an unknown or null value, the mark goes on the last
/// part on the way: rather too much is marked than too little.
#[must_use]
pub fn apply_marks(value: &Value, marked: &[(Path, Marks)]) -> Value {
    let marked: Vec<(&[PathStep], Marks)> = marked.iter().map(|(p, m)| (&p.0[..], *m)).collect();
    apply(value, &marked)
}

fn apply(value: &Value, marked: &[(&[PathStep], Marks)]) -> Value {
    let mut own = Marks::NONE;
    let mut below: BTreeMap<Key<'_>, Vec<(&[PathStep], Marks)>> = BTreeMap::new();
    for (path, marks) in marked {
        match path.split_first() {
            Some((step, rest)) if let Some(key) = key_of(value, step) => {
                below.entry(key).or_default().push((rest, *marks));
            }
            _ => own |= *marks,
        }
    }
    let part = |key: Key<'_>, v: &Value| match below.get(&key) {
        Some(marked) => apply(v, marked),
        None => v.clone(),
    };
    let list = |vs: &[Value]| {
        let parts = (0..).zip(vs);
        parts.map(|(i, v)| part(Key::Index(i), v)).collect()
    };
    let map = |vs: &ValueMap| {
        let parts = vs.iter();
        parts
            .map(|(k, v)| (k.clone(), part(Key::Name(k), v)))
            .collect()
    };
    let with_parts: Value = match value.kind() {
        _ if below.is_empty() => value.clone(),
        Kind::List(t, vs) => Value::list(t.clone(), list(vs)),
        Kind::Tuple(vs) => Value::tuple(list(vs)),
        Kind::Map(t, vs) => Value::map(t.clone(), map(vs)),
        Kind::Object(vs) => Value::object(map(vs)),
        _ => value.clone(),
    };
    with_parts.with_marks(value.marks() | own)
}

/// What tells the parts of one value apart. A name may be given as an attribute or as an
/// index.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Index(u64),
    Name(&'a str),
}

/// The key of the part that a step leads to, if there is such a part.
fn key_of<'a>(value: &Value, step: &'a PathStep) -> Option<Key<'a>> {
    match (value.kind(), step) {
        (Kind::List(_, vs) | Kind::Tuple(vs), PathStep::Index(key)) => {
            let i = key.as_number()?.to_u64()?;
            (i < vs.len() as u64).then_some(Key::Index(i))
        }
        (Kind::Map(_, vs) | Kind::Object(vs), step) => {
            let name = match step {
                PathStep::Attribute(name) => name,
                PathStep::Index(key) => key.as_str()?,
            };
            vs.contains_key(name).then_some(Key::Name(name))
        }
        _ => None,
    }
}
