//! Stepping into a value: `.name` and `[key]`.

use loam_diag::{Diagnostic, nearest};
use loam_value::convert::convert;
use loam_value::{Kind, Type, Value};

use crate::wording::{unsuitable, with_article};

/// In the place of names that are not to be shown.
const HIDDEN: Option<std::iter::Empty<&str>> = None;
/// From this many names on, an error does not list them.
const MANY: usize = 9;
const NO_ELEMENT: &str = "The given key does not identify an element in this collection value";

/// `value.name`.
pub(crate) fn attribute(value: &Value, name: &str) -> Result<Value, Diagnostic> {
    match value.kind() {
        Kind::Object(attributes) => match attributes.get(name) {
            Some(v) => Ok(v.clone().with_marks(value.marks())),
            // The names in an object that a secret took part in may be the secret.
            None if value.is_sensitive() => Err(no_attribute(name, HIDDEN)),
            None => Err(no_attribute(name, Some(attributes.keys().map(|k| &**k)))),
        },
        Kind::Map(_, elements) => match elements.get(name) {
            Some(v) => Ok(v.clone().with_marks(value.marks())),
            None => Err(no_element(value, name, elements.keys().map(|k| &**k))),
        },
        Kind::Unknown(u) => {
            let ty = match &u.ty {
                Type::Dynamic => Type::Dynamic,
                Type::Map(element) => element.as_ref().clone(),
                Type::Object(o) => match o.attributes.get(name) {
                    Some(ty) => ty.clone(),
                    None if value.is_sensitive() => return Err(no_attribute(name, HIDDEN)),
                    None => {
                        let known = o.attributes.keys().map(|k| &**k);
                        return Err(no_attribute(name, Some(known)));
                    }
                },
                other => return Err(no_attributes(other, name)),
            };
            Ok(Value::unknown(ty).with_marks(value.marks()))
        }
        Kind::Null(_) => Err(Diagnostic::error(
            "Attempt to get attribute from null value",
            "This value is null, so it does not have any attributes.",
        )),
        _ => Err(no_attributes(&value.ty(), name)),
    }
}

fn no_attribute<'a>(
    name: &str,
    known: Option<impl Iterator<Item = &'a str> + Clone>,
) -> Diagnostic {
    let mut problem = Diagnostic::error(
        "Unsupported attribute",
        format!("This object does not have an attribute named {name:?}."),
    );
    let Some(known) = known else {
        return problem;
    };
    problem.detail.push_str(&all("attribute", known.clone()));
    suggest(problem, name, known)
}

/// All names there are, in a sentence, unless they are too many to read.
fn all<'a>(what: &str, known: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = known.take(MANY).map(|n| format!("{n:?}")).collect();
    match names.pop() {
        None => format!(" It has no {what}s."),
        Some(_) if names.len() == MANY - 1 => String::new(),
        Some(only) if names.is_empty() => format!(" Its only {what} is {only}."),
        Some(last) => format!(" Its {what}s are {} and {last}.", names.join(", ")),
    }
}

fn no_element<'a>(
    map: &Value,
    key: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let problem = Diagnostic::error(
        "Missing map element",
        format!("This map does not have an element with the key {key:?}."),
    );
    if map.is_sensitive() {
        return problem;
    }
    let mut problem = suggest(problem, key, known.clone());
    problem.detail.push_str(&all("key", known));
    problem
}

fn suggest<'a>(
    problem: Diagnostic,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    match nearest(name, known) {
        Some(near) => problem.hint(format!("did you mean {near:?}?")),
        None => problem,
    }
}

/// The error for a type that has no attributes at all.
fn no_attributes(ty: &Type, name: &str) -> Diagnostic {
    let detail = match ty {
        Type::List(e) if has_attribute(e, name) == Some(true) => format!(
            "Can't access attributes on a list of objects. Did you mean to access attribute \
             {name:?} for a specific element of the list, or across all elements of the list?"
        ),
        Type::List(e) if has_attribute(e, name).is_some() => {
            "Can't access attributes on a list of objects. Did you mean to access an attribute \
             for a specific element of the list, or across all elements of the list?"
                .to_owned()
        }
        Type::Set(e) if has_attribute(e, name).is_some() => {
            "Can't access attributes on a set of objects. Did you mean to access an attribute \
             across all elements of the set?"
                .to_owned()
        }
        Type::Bool | Type::Number | Type::String => format!(
            "Can't access attributes on a primitive-typed value ({}).",
            ty.friendly_name()
        ),
        _ => format!(
            "This value does not have any attributes: it is {}.",
            with_article(ty)
        ),
    };
    Diagnostic::error("Unsupported attribute", detail)
}

/// Whether an object type has an attribute; none for any other type.
fn has_attribute(ty: &Type, name: &str) -> Option<bool> {
    match ty {
        Type::Object(o) => Some(o.attributes.contains_key(name)),
        _ => None,
    }
}

/// `collection[key]`.
pub(crate) fn index(collection: &Value, key: &Value) -> Result<Value, Diagnostic> {
    if collection.is_null() {
        return Err(Diagnostic::error(
            "Attempt to index null value",
            "This value is null, so it does not have any indices.",
        ));
    }
    if key.is_null() {
        return Err(invalid("Can't use a null value as an indexing key."));
    }
    let marks = collection.marks();
    if is_dynamic(collection) || is_dynamic(key) {
        return Ok(Value::dynamic().with_marks(marks | key.marks()));
    }
    match collection.kind() {
        Kind::List(element, items) => {
            let key = convert_key(key, &Type::Number)?;
            let found = match key.kind() {
                Kind::Unknown(_) => Value::unknown(element.clone()),
                _ => nth(items, &key, marks.is_sensitive())?,
            };
            Ok(found.with_marks(marks | key.marks()))
        }
        Kind::Tuple(items) => {
            let key = convert_key(key, &Type::Number)?;
            let found = match key.kind() {
                Kind::Unknown(_) => Value::dynamic(),
                _ => nth(items, &key, marks.is_sensitive())?,
            };
            Ok(found.with_marks(marks | key.marks()))
        }
        Kind::Map(element, items) => {
            let key = convert_key(key, &Type::String)?;
            let found = match key.as_str() {
                None => Value::unknown(element.clone()),
                Some(name) => items.get(name).cloned().ok_or_else(|| {
                    let problem = invalid(&format!("{NO_ELEMENT}."));
                    if (marks | key.marks()).is_sensitive() {
                        problem
                    } else {
                        suggest(problem, name, items.keys().map(|k| &**k))
                    }
                })?,
            };
            Ok(found.with_marks(marks | key.marks()))
        }
        Kind::Object(items) => {
            let known = || items.keys().map(|k| &**k);
            let Some(name) = attribute_key(key)? else {
                return Ok(Value::dynamic().with_marks(marks | key.marks()));
            };
            let found = items.get(&name).cloned();
            let secret = (marks | key.marks()).is_sensitive();
            let found = found.ok_or_else(|| missing_attribute(key, &name, known(), secret))?;
            Ok(found.with_marks(marks | key.marks()))
        }
        Kind::Unknown(u) => {
            let secret = (marks | key.marks()).is_sensitive();
            let found = index_unknown(&u.ty, key, secret)?;
            Ok(found.with_marks(marks | key.marks()))
        }
        _ => Err(not_indexable(&collection.ty())),
    }
}

fn is_dynamic(value: &Value) -> bool {
    matches!(value.kind(), Kind::Unknown(u) if u.ty == Type::Dynamic)
}

fn index_unknown(ty: &Type, key: &Value, secret: bool) -> Result<Value, Diagnostic> {
    Ok(match ty {
        Type::List(element) => {
            convert_key(key, &Type::Number)?;
            Value::unknown(element.as_ref().clone())
        }
        Type::Map(element) => {
            convert_key(key, &Type::String)?;
            Value::unknown(element.as_ref().clone())
        }
        Type::Tuple(types) => {
            let key = convert_key(key, &Type::Number)?;
            if key.is_unknown() {
                return Ok(Value::dynamic());
            }
            let items: Vec<Value> = types.iter().cloned().map(Value::unknown).collect();
            nth(&items, &key, false)?
        }
        Type::Object(o) => match attribute_key(key)? {
            None => Value::dynamic(),
            Some(name) => match o.attributes.get(&*name) {
                Some(ty) => Value::unknown(ty.clone()),
                None => {
                    let known = o.attributes.keys().map(|k| &**k);
                    return Err(missing_attribute(key, &name, known, secret));
                }
            },
        },
        other => return Err(not_indexable(other)),
    })
}

fn convert_key(key: &Value, ty: &Type) -> Result<Value, Diagnostic> {
    convert(key, ty).map_err(|e| invalid(&format!("{NO_ELEMENT}: {}.", unsuitable(&e, key))))
}

/// The attribute that an index into an object names; none if it is not known yet.
fn attribute_key(key: &Value) -> Result<Option<String>, Diagnostic> {
    Ok(convert_key(key, &Type::String)?.as_str().map(str::to_owned))
}

fn missing_attribute<'a>(
    key: &Value,
    name: &str,
    known: impl Iterator<Item = &'a str>,
    secret: bool,
) -> Diagnostic {
    if matches!(key.kind(), Kind::Number(_)) {
        return invalid(&format!(
            "{NO_ELEMENT}. An object only supports looking up attributes by name, not by \
             numeric index."
        ));
    }
    let problem = invalid(&format!("{NO_ELEMENT}."));
    if secret {
        return problem;
    }
    suggest(problem, name, known)
}

/// The element at a known number.
fn nth(items: &[Value], key: &Value, secret: bool) -> Result<Value, Diagnostic> {
    let Some(number) = key.as_number() else {
        return Ok(Value::dynamic());
    };
    let position = number.to_i64().and_then(|i| usize::try_from(i).ok());
    if let Some(found) = position.and_then(|i| items.get(i)) {
        return Ok(found.clone());
    }
    let why = if number.to_f64().fract() != 0.0 {
        "indexing a sequence requires a whole number, but the given index has a fractional part"
            .to_owned()
    } else if number.to_f64() < 0.0 {
        "a negative number is not a valid index for a sequence".to_owned()
    } else if items.is_empty() {
        "the collection has no elements".to_owned()
    } else if secret {
        "the given index is greater than or equal to the length of the collection".to_owned()
    } else {
        format!(
            "the given index is greater than or equal to the length of the collection, which \
             is {}",
            items.len()
        )
    };
    Err(invalid(&format!("{NO_ELEMENT}: {why}.")))
}

fn not_indexable(ty: &Type) -> Diagnostic {
    match ty {
        Type::Set(_) => invalid(
            "Elements of a set are identified only by their value and don't have any separate \
             index or key to select with, so it's only possible to perform operations across \
             all elements of the set.",
        ),
        other => invalid(&format!(
            "This value does not have any indices: it is {}.",
            with_article(other)
        )),
    }
}

fn invalid(detail: &str) -> Diagnostic {
    Diagnostic::error("Invalid index", detail)
}
