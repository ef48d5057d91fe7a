//! Values and types in the words of error messages. What is sensitive is never shown.

use loam_value::convert::ConvertError;
use loam_value::{Kind, Type, Value};

/// Strings longer than this are shortened.
const LONGEST_STRING: usize = 60;

/// What a value is, after its name: `is 3`, `is a string, known only after apply`.
pub(crate) fn statement(value: &Value) -> String {
    if value.is_sensitive() {
        return "has a sensitive value".into();
    }
    match value.kind() {
        Kind::Unknown(u) if u.ty == Type::Dynamic => "will be known only after apply".into(),
        Kind::Unknown(u) => format!("is {}, known only after apply", with_article(&u.ty)),
        _ => format!("is {}", compact(value)),
    }
}

/// A value in a few words: scalars as they are, collections by kind and size.
pub(crate) fn compact(value: &Value) -> String {
    if value.is_sensitive() {
        return "(sensitive value)".into();
    }
    match value.kind() {
        Kind::Null(_) => "null".into(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) => match s.char_indices().nth(LONGEST_STRING) {
            Some((end, _)) => format!(
                "{:?}… ({} characters)",
                s.get(..end).unwrap_or_default(),
                s.chars().count()
            ),
            None => format!("{s:?}"),
        },
        Kind::List(_, items) | Kind::Set(_, items) => counted(
            &value.ty().friendly_name(),
            items.len(),
            "element",
            "elements",
        ),
        Kind::Map(_, items) => counted(
            &value.ty().friendly_name(),
            items.len(),
            "element",
            "elements",
        ),
        Kind::Tuple(items) => counted("tuple", items.len(), "element", "elements"),
        Kind::Object(items) => match items.keys().next() {
            None => "object with no attributes".into(),
            Some(only) if items.len() == 1 => format!("object with 1 attribute {only:?}"),
            Some(_) => format!("object with {} attributes", items.len()),
        },
        Kind::Unknown(_) => "(known after apply)".into(),
    }
}

/// A type's name in a sentence: `a list of string`, `an object`.
pub(crate) fn with_article(ty: &Type) -> String {
    let name = ty.friendly_name();
    let article = if name.starts_with('o') { "an" } else { "a" };
    format!("{article} {name}")
}

/// Why a value could not be converted, and what it is instead.
pub(crate) fn unsuitable(error: &ConvertError, value: &Value) -> String {
    // The place of a part may be a key that is not to be shown.
    if value.deep_marks().is_sensitive() && !value.ty().is_primitive() {
        return format!(
            "{} does not fit here, and the reason is not shown because it could tell a \
             sensitive value",
            with_article(&value.ty())
        );
    }
    // That some other string would have done is said by the error itself.
    if value.as_str().is_some() || !error.path.0.is_empty() {
        return error.to_string();
    }
    format!("{error}, but this is {}", with_article(&value.ty()))
}

fn counted(what: &str, n: usize, one: &str, many: &str) -> String {
    match n {
        0 => format!("empty {what}"),
        1 => format!("{what} with 1 {one}"),
        n => format!("{what} with {n} {many}"),
    }
}
