//! The common type of several types.
//!
//! Conditionals, lists and maps made of unlike values, and functions such as `concat`
//! bring values to one type: the most general of the given ones that the others convert
//! to, or one put together of theirs (objects with the same attributes: attribute by
//! attribute; other objects: a map; tuples of unlike lengths: a list).

use std::collections::{BTreeSet, HashSet};

use crate::convert::{Conversion, ConvertError, Safety, convert};
use crate::{Type, Value};

/// The result of unification.
#[derive(Clone, Debug, PartialEq)]
pub struct Unified {
    /// The common type.
    pub ty: Type,
    /// Some of the types are not known yet, so that the common type cannot be told; each
    /// value becomes an unknown one of unknown type.
    pub undecided: bool,
}

impl Unified {
    /// Converts a value of one of the types to the common type.
    pub fn convert(&self, value: &Value) -> Result<Value, ConvertError> {
        match self.undecided {
            true => Ok(Value::dynamic().with_marks(value.deep_marks())),
            false => convert(value, &self.ty),
        }
    }

    fn decided(ty: Type) -> Unified {
        Unified {
            ty,
            undecided: false,
        }
    }
}

/// The common type that all of the types convert to safely. Nothing for no types.
pub fn unify(types: &[Type]) -> Option<Type> {
    unify_with(types, Safety::Safe).map(|u| u.ty)
}

/// The common type that all of the types convert to, safely or not. Nothing for no types.
pub fn unify_unsafe(types: &[Type]) -> Option<Type> {
    unify_with(types, Safety::Unsafe).map(|u| u.ty)
}

/// The common type that all of the types convert to, and how. Nothing for no types.
pub fn unify_with(types: &[Type], safety: Safety) -> Option<Unified> {
    let types = distinct(types);
    if let [one] = &types[..] {
        return Some(Unified::decided((*one).clone()));
    }
    let count = |is: fn(&Type) -> bool| types.iter().filter(|t| is(t)).count();
    let all = types.len();
    let maps = count(|t| matches!(t, Type::Map(_)));
    let lists = count(|t| matches!(t, Type::List(_)));
    let sets = count(|t| matches!(t, Type::Set(_)));
    let objects = count(|t| matches!(t, Type::Object(_)));
    let tuples = count(|t| matches!(t, Type::Tuple(_)));
    let dynamics = count(|t| matches!(t, Type::Dynamic));
    // A type put together of the given ones is tried first: in unsafe mode an object
    // converts to one with fewer attributes, which would be a less useful answer.
    if maps > 0 && maps + dynamics == all {
        return unify_collections(&types, Type::map, dynamics, safety);
    }
    if maps > 0 && maps + objects + dynamics == all {
        let is_object = |t: &Type| matches!(t, Type::Object(_));
        let made = unify_disguised(&types, is_object, objects_to_map, safety);
        if let Some(map @ Type::Map(_)) = made {
            return Some(Unified::decided(map));
        }
    } else if lists > 0 && lists + dynamics == all {
        return unify_collections(&types, Type::list, dynamics, safety);
    } else if lists > 0 && lists + tuples + dynamics == all {
        let is_tuple = |t: &Type| matches!(t, Type::Tuple(_));
        let made = unify_disguised(&types, is_tuple, tuples_to_list, safety);
        if let Some(list @ Type::List(_)) = made {
            return Some(Unified::decided(list));
        }
    } else if sets > 0 && sets + dynamics == all {
        return unify_collections(&types, Type::set, dynamics, safety);
    } else if objects > 0 && objects + dynamics == all {
        return unify_structural(&types, dynamics, unify_objects, safety);
    } else if tuples > 0 && tuples + dynamics == all {
        return unify_structural(&types, dynamics, unify_tuples, safety);
    } else if objects > 0 && tuples > 0 {
        return None;
    }
    let wanted = by_preference(&types)
        .into_iter()
        .find(|want| all_convert(&types, want, safety))?;
    Some(Unified::decided(wanted.clone()))
}

/// Each type once, in the order of first appearance. A tuple of a hundred thousand
/// strings has a hundred thousand types, and what follows takes time by their square.
fn distinct(types: &[Type]) -> Vec<&Type> {
    let mut seen = HashSet::new();
    types.iter().filter(|t| seen.insert(*t)).collect()
}

fn all_convert(types: &[&Type], to: &Type, safety: Safety) -> bool {
    types
        .iter()
        .all(|t| *t == to || Conversion::between(t, to, safety).is_some())
}

fn undecided() -> Option<Unified> {
    Some(Unified {
        ty: Type::Dynamic,
        undecided: true,
    })
}

fn unify_collections(
    types: &[&Type],
    make: fn(Type) -> Type,
    dynamics: usize,
    safety: Safety,
) -> Option<Unified> {
    if dynamics > 0 {
        return undecided();
    }
    let elements: Vec<Type> = types.iter().filter_map(|t| t.element().cloned()).collect();
    let ty = make(unify_with(&elements, safety)?.ty);
    all_convert(types, &ty, safety).then(|| Unified::decided(ty))
}

fn unify_structural(
    types: &[&Type],
    dynamics: usize,
    unify: fn(&[&Type], Safety) -> Option<Type>,
    safety: Safety,
) -> Option<Unified> {
    if dynamics > 0 {
        return undecided();
    }
    unify(types, safety).map(Unified::decided)
}

/// Unifies after turning objects that could be maps, or tuples that could be lists, into
/// the one map or list that fits them all.
fn unify_disguised(
    types: &[&Type],
    is_disguised: fn(&Type) -> bool,
    reveal: fn(&[&Type], Safety) -> Option<Type>,
    safety: Safety,
) -> Option<Type> {
    let disguised: Vec<&Type> = types.iter().copied().filter(|t| is_disguised(t)).collect();
    let revealed = reveal(&disguised, safety)?;
    let types: Vec<Type> = types
        .iter()
        .map(|t| if is_disguised(t) { &revealed } else { *t }.clone())
        .collect();
    unify_with(&types, safety).map(|u| u.ty)
}

fn unify_objects(types: &[&Type], safety: Safety) -> Option<Type> {
    let objects: Vec<_> = types
        .iter()
        .filter_map(|t| match t {
            Type::Object(o) => Some(o),
            _ => None,
        })
        .collect();
    let (first, rest) = objects.split_first()?;
    if rest
        .iter()
        .any(|o| !o.attributes.keys().eq(first.attributes.keys()))
    {
        return objects_to_map(types, safety);
    }
    let mut attributes = Vec::with_capacity(first.attributes.len());
    for name in first.attributes.keys() {
        let across: Vec<Type> = objects
            .iter()
            .filter_map(|o| o.attributes.get(name).cloned())
            .collect();
        attributes.push((name.clone(), unify_with(&across, safety)?.ty));
    }
    let ty = Type::object(attributes);
    match all_convert(types, &ty, safety) {
        true => Some(ty),
        false => objects_to_map(types, safety),
    }
}

fn objects_to_map(types: &[&Type], safety: Safety) -> Option<Type> {
    let mut attributes = Vec::new();
    for ty in types {
        if let Type::Object(o) = ty {
            attributes.extend(o.attributes.values().cloned());
        }
    }
    let ty = Type::map(unify_with(&attributes, safety)?.ty);
    all_convert(types, &ty, safety).then_some(ty)
}

fn unify_tuples(types: &[&Type], safety: Safety) -> Option<Type> {
    let tuples: Vec<_> = types
        .iter()
        .filter_map(|t| match t {
            Type::Tuple(ts) => Some(ts),
            _ => None,
        })
        .collect();
    let (first, rest) = tuples.split_first()?;
    if rest.iter().any(|ts| ts.len() != first.len()) {
        return tuples_to_list(types, safety);
    }
    let mut elements = Vec::with_capacity(first.len());
    for i in 0..first.len() {
        let across: Vec<Type> = tuples.iter().filter_map(|ts| ts.get(i).cloned()).collect();
        elements.push(unify_with(&across, safety)?.ty);
    }
    let ty = Type::tuple(elements);
    match all_convert(types, &ty, safety) {
        true => Some(ty),
        false => tuples_to_list(types, safety),
    }
}

fn tuples_to_list(types: &[&Type], safety: Safety) -> Option<Type> {
    let mut elements = Vec::new();
    for ty in types {
        if let Type::Tuple(ts) = ty {
            elements.extend(ts.iter().cloned());
        }
    }
    let ty = Type::list(unify_with(&elements, safety)?.ty);
    all_convert(types, &ty, safety).then_some(ty)
}

/// Which of two types is the more general: negative for the first. A guess that the
/// conversions then have to bear out.
fn generality(a: &Type, b: &Type) -> i32 {
    match (a, b) {
        // Everything converts to an open type, so that it is the last choice.
        (Type::Dynamic, Type::Dynamic) => 0,
        (_, Type::Dynamic) => -1,
        (Type::Dynamic, _) => 1,
        (Type::String, Type::Bool | Type::Number) => -1,
        (Type::Bool | Type::Number, Type::String) => 1,
        (Type::List(a), Type::List(b))
        | (Type::Set(a), Type::Set(b))
        | (Type::Map(a), Type::Map(b)) => generality(a, b),
        (Type::Tuple(_) | Type::List(_), Type::Set(_)) => -1,
        (Type::Set(_), Type::Tuple(_) | Type::List(_)) => 1,
        (Type::List(_), Type::Tuple(_)) | (Type::Map(_), Type::Object(_)) => -1,
        (Type::Tuple(_), Type::List(_)) | (Type::Object(_), Type::Map(_)) => 1,
        (Type::Object(a), Type::Object(b)) => match a.attributes.keys().eq(b.attributes.keys()) {
            true => generality_of_parts(a.attributes.values().zip(b.attributes.values())),
            false => 0,
        },
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            generality_of_parts(a.iter().zip(b.iter()))
        }
        _ => 0,
    }
}

fn generality_of_parts<'a>(pairs: impl Iterator<Item = (&'a Type, &'a Type)>) -> i32 {
    let (mut first, mut second) = (false, false);
    for (a, b) in pairs {
        let g = generality(a, b);
        first |= g < 0;
        second |= g > 0;
    }
    i32::from(second && !first) - i32::from(first && !second)
}

/// The types, the more general before the less; those that do not compare in their order.
fn by_preference<'a>(types: &[&'a Type]) -> Vec<&'a Type> {
    let mut less_general: Vec<Vec<usize>> = vec![Vec::new(); types.len()];
    let mut more_general = vec![0usize; types.len()];
    for (i, a) in types.iter().enumerate() {
        for (j, b) in types.iter().enumerate().skip(i + 1) {
            let (above, below) = match generality(a, b) {
                0 => continue,
                g if g < 0 => (i, j),
                _ => (j, i),
            };
            if let (Some(edges), Some(n)) =
                (less_general.get_mut(above), more_general.get_mut(below))
            {
                edges.push(below);
                *n += 1;
            }
        }
    }
    let mut order: Vec<usize> = (0..types.len())
        .filter(|i| more_general.get(*i) == Some(&0))
        .collect();
    let mut next = 0;
    while let Some(&i) = order.get(next) {
        next += 1;
        for &j in less_general.get(i).map_or(&[][..], Vec::as_slice) {
            if let Some(n) = more_general.get_mut(j) {
                *n -= 1;
                if *n == 0 {
                    order.push(j);
                }
            }
        }
    }
    let mut seen = BTreeSet::new();
    order
        .into_iter()
        .filter(|i| seen.insert(*i))
        .filter_map(|i| types.get(i).copied())
        .collect()
}
