//! Finding the conversion between two types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Safety;
use crate::unify::unify_with;
use crate::{ObjectType, Type};

/// How to convert any value of one type to another.
#[derive(Clone, Debug)]
pub struct Conversion {
    pub(super) step: Step,
    /// The type that is wanted, nothing in it optional.
    pub(super) to: Type,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The value is of the wanted type.
    Keep,
    /// Any type is wanted.
    Any,
    /// The value's type is known only when there is a value; the type that is wanted,
    /// with its optional attributes.
    Late(Type),
    NumberToString,
    BoolToString,
    StringToNumber,
    StringToBool,
    Object {
        attributes: BTreeMap<Arc<str>, Conversion>,
        /// Optional attributes that may have to be added, with their types.
        absent: Vec<(Arc<str>, Type)>,
    },
    Tuple(Vec<Conversion>),
    /// A list or set to a list.
    List(Box<Conversion>),
    /// A list or set to a set.
    Set(Box<Conversion>),
    Map(Box<Conversion>),
    TupleToList {
        elements: Vec<Conversion>,
        safety: Safety,
    },
    TupleToSet(Vec<Conversion>),
    ObjectToMap {
        attributes: BTreeMap<Arc<str>, Conversion>,
        /// Whether the converted elements may still differ in type.
        unify: bool,
        safety: Safety,
    },
    MapToObject {
        /// The conversion of each attribute; nothing where an element cannot be
        /// converted, so that an optional attribute has to be absent.
        attributes: BTreeMap<Arc<str>, Option<Conversion>>,
        wanted: Arc<ObjectType>,
    },
}

impl Conversion {
    /// The conversion from one type to another, if there is one.
    pub fn between(from: &Type, to: &Type, safety: Safety) -> Option<Conversion> {
        Some(Conversion {
            step: step(from, to, safety)?,
            to: to.without_optional(),
        })
    }

    /// The same, where none is needed between equal types.
    fn or_keep(from: &Type, to: &Type, safety: Safety) -> Option<Conversion> {
        if from == to {
            return Some(Conversion {
                step: Step::Keep,
                to: to.clone(),
            });
        }
        Conversion::between(from, to, safety)
    }
}

fn step(from: &Type, to: &Type, safety: Safety) -> Option<Step> {
    let all = safety == Safety::Unsafe;
    let element = |a: &Type, b: &Type| Conversion::or_keep(a, b, safety).map(Box::new);
    match (from, to) {
        (_, Type::Dynamic) => Some(Step::Any),
        (Type::Dynamic, _) => all.then(|| Step::Late(to.clone())),
        (Type::Number, Type::String) => Some(Step::NumberToString),
        (Type::Bool, Type::String) => Some(Step::BoolToString),
        (Type::String, Type::Number) => all.then_some(Step::StringToNumber),
        (Type::String, Type::Bool) => all.then_some(Step::StringToBool),
        (Type::Object(a), Type::Object(b)) => object_to_object(a, b, safety),
        (Type::Tuple(a), Type::Tuple(b)) => {
            if a.len() != b.len() {
                return None;
            }
            let pairs = a.iter().zip(b.iter());
            let elements = pairs.map(|(a, b)| Conversion::or_keep(a, b, safety));
            Some(Step::Tuple(elements.collect::<Option<_>>()?))
        }
        (Type::List(a) | Type::Set(a), Type::List(b)) => Some(Step::List(element(a, b)?)),
        // A list in a set loses its order and what it has twice.
        (Type::List(_), Type::Set(_)) if !all => None,
        (Type::List(a) | Type::Set(a), Type::Set(b)) => Some(Step::Set(element(a, b)?)),
        (Type::Map(a), Type::Map(b)) => Some(Step::Map(element(a, b)?)),
        (Type::Tuple(ts), Type::List(e)) => Some(Step::TupleToList {
            elements: tuple_elements(ts, e, safety)?,
            safety,
        }),
        (Type::Tuple(ts), Type::Set(e)) => Some(Step::TupleToSet(tuple_elements(ts, e, safety)?)),
        (Type::Object(o), Type::Map(e)) => object_to_map(o, e, safety),
        (Type::Map(e), Type::Object(o)) if all => map_to_object(e, o),
        _ => None,
    }
}

fn object_to_object(from: &ObjectType, to: &ObjectType, safety: Safety) -> Option<Step> {
    let mut attributes = BTreeMap::new();
    let mut absent = Vec::new();
    for (name, wanted) in &to.attributes {
        match from.attributes.get(name) {
            Some(got) => {
                let conversion = Conversion::or_keep(got, wanted, safety)?;
                attributes.insert(name.clone(), conversion);
            }
            None if to.optional.contains(name) => {
                absent.push((name.clone(), wanted.without_optional()));
            }
            None => return None,
        }
    }
    Some(Step::Object { attributes, absent })
}

fn tuple_elements(from: &[Type], element: &Type, safety: Safety) -> Option<Vec<Conversion>> {
    let found;
    let element = match element {
        Type::Dynamic if !from.is_empty() => {
            found = unify_with(from, safety)?.ty;
            if found == Type::Dynamic && from.iter().any(|t| *t != Type::Dynamic) {
                return None;
            }
            &found
        }
        other => other,
    };
    from.iter()
        .map(|t| Conversion::or_keep(t, element, safety))
        .collect()
}

fn object_to_map(from: &ObjectType, element: &Type, safety: Safety) -> Option<Step> {
    let found;
    let element = match element {
        Type::Dynamic if !from.attributes.is_empty() => {
            let types: Vec<Type> = from.attributes.values().cloned().collect();
            found = unify_with(&types, safety)?.ty;
            &found
        }
        other => other,
    };
    let attributes = from
        .attributes
        .iter()
        .map(|(n, t)| Some((n.clone(), Conversion::or_keep(t, element, safety)?)))
        .collect::<Option<_>>()?;
    Some(Step::ObjectToMap {
        attributes,
        unify: element.is_collection() || matches!(element, Type::Object(_)),
        safety,
    })
}

fn map_to_object(element: &Type, to: &Arc<ObjectType>) -> Option<Step> {
    let mut attributes = BTreeMap::new();
    for (name, wanted) in &to.attributes {
        let conversion = Conversion::or_keep(element, wanted, Safety::Unsafe);
        if conversion.is_none() && !to.optional.contains(name) {
            return None;
        }
        attributes.insert(name.clone(), conversion);
    }
    Some(Step::MapToObject {
        attributes,
        wanted: to.clone(),
    })
}

/// `to` with the types of `from` in the places where `to` leaves the type open. There has
/// to be a conversion between them.
pub(super) fn replace_dynamic(from: &Type, to: &Type) -> Type {
    let common = |types: Vec<Type>| {
        let unified = unify_with(&types, Safety::Unsafe);
        unified.map_or(Type::Dynamic, |u| u.ty)
    };
    match (from, to) {
        (Type::Dynamic, _) => to.clone(),
        (_, Type::Dynamic) => from.clone(),
        (Type::Map(a), Type::Map(b)) => Type::map(replace_dynamic(a, b)),
        (Type::Object(a), Type::Map(b)) => {
            let element = common(a.attributes.values().cloned().collect());
            Type::map(replace_dynamic(&element, b))
        }
        (Type::Map(a), Type::Object(b)) => replace_attributes(b, |_| Some(a)),
        (Type::Object(a), Type::Object(b)) => replace_attributes(b, |n| a.attributes.get(n)),
        (Type::Set(a) | Type::List(a), Type::Set(b)) => Type::set(replace_dynamic(a, b)),
        (Type::Set(a) | Type::List(a), Type::List(b)) => Type::list(replace_dynamic(a, b)),
        (Type::Tuple(a), Type::Set(b)) => Type::set(replace_dynamic(&common(a.to_vec()), b)),
        (Type::Tuple(a), Type::List(b)) => Type::list(replace_dynamic(&common(a.to_vec()), b)),
        (Type::Tuple(a), Type::Tuple(b)) => {
            Type::tuple(a.iter().zip(b.iter()).map(|(a, b)| replace_dynamic(a, b)))
        }
        _ => to.clone(),
    }
}

fn replace_attributes<'a>(to: &ObjectType, from: impl Fn(&str) -> Option<&'a Type>) -> Type {
    let attributes = to.attributes.iter().map(|(name, wanted)| {
        let ty = match from(name) {
            Some(got) => replace_dynamic(got, wanted),
            None => wanted.clone(),
        };
        (name.clone(), ty)
    });
    Type::Object(Arc::new(ObjectType {
        attributes: attributes.collect(),
        optional: BTreeSet::new(),
    }))
}
