//! Saying why there is no conversion between two types.

use super::{Conversion, Safety};
use crate::{ObjectType, Type};

/// Why a value of type `got` does not fit `want`, for a person: `attribute "x" is
/// required`, `element 0: string required`. To be asked when there is no conversion.
pub fn mismatch_message(got: &Type, want: &Type) -> String {
    let required = || format!("{} required", want.friendly_name_for_constraint());
    match (got, want) {
        (Type::Object(got), Type::Object(want)) => objects(got, want),
        (Type::Tuple(_), Type::List(e)) if **e == Type::Dynamic => {
            "all list elements must have the same type".into()
        }
        (Type::Tuple(_), Type::Set(e)) if **e == Type::Dynamic => {
            "all set elements must have the same type".into()
        }
        (Type::Object(_), Type::Map(e)) if **e == Type::Dynamic => {
            "all map elements must have the same type".into()
        }
        (Type::Tuple(ts), Type::List(e) | Type::Set(e)) => {
            let parts = ts.iter().enumerate().map(|(i, t)| (i.to_string(), t));
            elements(parts, e)
        }
        (Type::Object(o), Type::Map(e)) => {
            let parts = o.attributes.iter().map(|(n, t)| (format!("{n:?}"), t));
            elements(parts, e)
        }
        (Type::List(a) | Type::Set(a), Type::List(b)) => {
            format!("incorrect list element type: {}", mismatch_message(a, b))
        }
        (Type::List(a) | Type::Set(a), Type::Set(b)) => {
            format!("incorrect set element type: {}", mismatch_message(a, b))
        }
        (Type::Map(a), Type::Map(b)) => {
            format!("incorrect map element type: {}", mismatch_message(a, b))
        }
        _ => required(),
    }
}

fn elements<'a>(parts: impl Iterator<Item = (String, &'a Type)>, want: &Type) -> String {
    for (name, got) in parts {
        if got != want && Conversion::between(got, want, Safety::Unsafe).is_none() {
            return format!("element {name}: {}", mismatch_message(got, want));
        }
    }
    format!(
        "all elements must be {}",
        want.friendly_name_for_constraint()
    )
}

fn objects(got: &ObjectType, want: &ObjectType) -> String {
    let missing: Vec<String> = want
        .attributes
        .keys()
        .filter(|n| !got.attributes.contains_key(*n) && !want.optional.contains(*n))
        .map(|n| format!("{n:?}"))
        .collect();
    match &missing[..] {
        [] => {}
        [name] => return format!("attribute {name} is required"),
        [a, b] => return format!("attributes {a} and {b} are required"),
        [most @ .., last] => {
            return format!("attributes {}, and {last} are required", most.join(", "));
        }
    }
    // Of several misfits one is told, rather one that no conversion at all can mend.
    for safety in [Safety::Unsafe, Safety::Safe] {
        for (name, wanted) in &want.attributes {
            if let Some(got) = got.attributes.get(name)
                && got != wanted
                && Conversion::between(got, wanted, safety).is_none()
            {
                return format!("attribute {name:?}: {}", mismatch_message(got, wanted));
            }
        }
    }
    "incorrect object attributes".into()
}
