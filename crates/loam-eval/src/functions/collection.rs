//! Functions of maps and objects, and those that take collections of any kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_value::convert::convert;
use loam_value::unify::unify_unsafe;
use loam_value::{Bound, Marks, Number, Refinements, Type, Value, ValueMap};

use super::argument::{elements, quoted, value};
use super::signature::{any, function, param, returns_number};
use super::{grapheme, set};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "coalesce",
            "`coalesce` gives the first of its arguments that is neither null nor an empty string.",
            vec![],
            coalesce_type,
            coalesce,
        )
        .more(
            any("vals", "Values that have a common type.")
                .null()
                .unknown()
                .dynamic(),
        ),
        function(
            "keys",
            "`keys` gives the keys of a map or the attribute names of an object, in order.",
            vec![any("inputMap", "The map or object.").unknown().marked()],
            keys_type,
            keys,
        ),
        function(
            "length",
            "`length` gives the number of elements of a collection or of characters of a string.",
            vec![
                any("value", "The collection or string.")
                    .unknown()
                    .dynamic()
                    .marked(),
            ],
            length_type,
            length,
        ),
        function(
            "lookup",
            "`lookup` gives the element of a map by its key, or a default if there is none.",
            vec![
                any("inputMap", "The map or object.").unknown().marked(),
                param("key", Type::String, "The key.").unknown().marked(),
            ],
            lookup_type,
            lookup,
        )
        .more(any("default", "What to give if the map does not have the key.").everything())
        .nullable(),
        function(
            "merge",
            "`merge` puts maps or objects together into one; of equal keys the last counts.",
            vec![],
            merge_type,
            merge,
        )
        .more(
            any("maps", "Maps or objects; null counts as empty.")
                .null()
                .dynamic()
                .marked(),
        ),
        function(
            "transpose",
            "`transpose` turns a map of lists of strings round: each string leads to the keys whose lists have it.",
            vec![param(
                "values",
                Type::map(Type::list(Type::String)),
                "The map of lists of strings.",
            )],
            |_| Ok(Type::map(Type::list(Type::String))),
            transpose,
        ),
        function(
            "values",
            "`values` gives the elements of a map or object in the order of their keys.",
            vec![any("mapping", "The map or object.").marked()],
            values_type,
            values,
        ),
        function(
            "zipmap",
            "`zipmap` makes a map or object of a list of keys and a list of their values.",
            vec![
                param("keys", Type::list(Type::String), "The keys.").marked(),
                any("values", "The values, one for each key.").marked(),
            ],
            zipmap_type,
            zipmap,
        ),
    ]
}

fn coalesce_type(args: &[Value]) -> Result<Type> {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    unify_unsafe(&types).ok_or_else(|| FunctionError::call("all arguments must have the same type"))
}

fn coalesce(_: &CallContext, args: &[Value]) -> Result {
    let ty = coalesce_type(args)?;
    for (i, arg) in args.iter().enumerate() {
        let arg = convert(arg, &ty).map_err(|e| FunctionError::argument(i, e.to_string()))?;
        if arg.is_unknown() {
            return Ok(Value::unknown(ty));
        }
        // Where the arguments have no type in common, strings are not looked into either.
        let empty = ty == Type::String && arg.as_str() == Some("");
        if !arg.is_null() && !empty {
            return Ok(arg);
        }
    }
    Err(FunctionError::call(
        "no non-null, non-empty-string arguments",
    ))
}

fn keys_type(args: &[Value]) -> Result<Type> {
    match value(args, 0)?.ty() {
        Type::Map(_) => Ok(Type::list(Type::String)),
        Type::Object(o) => Ok(Type::tuple(o.attributes.iter().map(|_| Type::String))),
        _ => Err(FunctionError::argument(0, "must have map or object type")),
    }
}

fn keys(_: &CallContext, args: &[Value]) -> Result {
    let map = value(args, 0)?;
    let result = match (map.ty(), map.entries()) {
        (Type::Object(o), _) => Value::tuple(
            o.attributes
                .keys()
                .map(|k| Value::string(k.clone()))
                .collect(),
        ),
        (_, Some(entries)) => Value::list(
            Type::String,
            entries.keys().map(|k| Value::string(k.clone())).collect(),
        ),
        (_, None) => Value::unknown(Type::list(Type::String)),
    };
    Ok(result.with_marks(map.marks()))
}

fn length_type(args: &[Value]) -> Result<Type> {
    match value(args, 0)?.ty() {
        Type::Number | Type::Bool => Err(FunctionError::blame(
            0,
            "argument must be a string, a collection type, or a structural type",
        )),
        _ => returns_number(args),
    }
}

fn length(_: &CallContext, args: &[Value]) -> Result {
    let v = value(args, 0)?;
    let count = |n: usize| Value::int(i64::try_from(n).unwrap_or(i64::MAX));
    let result = match v.ty() {
        Type::Tuple(types) => count(types.len()),
        Type::Object(o) => count(o.attributes.len()),
        Type::String => match v.as_str() {
            Some(s) => count(grapheme::count(s)),
            None => {
                // A known beginning has to be there, but for its last character, which
                // could join the next.
                let certain = grapheme::count(v.range().string_prefix());
                between(certain.saturating_sub(1) as u64, None)
            }
        },
        Type::Dynamic => Value::unknown(Type::Number),
        _ => match v
            .elements()
            .map(<[Value]>::len)
            .or(v.entries().map(ValueMap::len))
        {
            Some(n) if set::length_is_unsure(v) => between(1, Some(n as u64)),
            Some(n) => count(n),
            None => between(v.range().length_lower(), v.range().length_upper()),
        },
    };
    Ok(result.with_marks(v.marks()))
}

/// An unknown number of elements.
fn between(lower: u64, upper: Option<u64>) -> Value {
    let bound = |n: u64| Bound::inclusive(Number::from_u64(n));
    Value::unknown(Type::Number).refine(&Refinements {
        number_lower: Some(bound(lower)),
        number_upper: upper.map(bound),
        ..Refinements::not_null()
    })
}

fn lookup_type(args: &[Value]) -> Result<Type> {
    if args.len() > 3 {
        return Err(FunctionError::call(format!(
            "lookup() takes two or three arguments, got {}",
            args.len()
        )));
    }
    match value(args, 0)?.ty() {
        Type::Object(object) => {
            let key = value(args, 1)?;
            let Some(name) = key.as_str() else {
                return Ok(Type::Dynamic);
            };
            match (object.attributes.get(name), args.get(2)) {
                (Some(ty), _) => Ok(ty.clone()),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => Err(FunctionError::argument(
                    0,
                    format!("the given object has no attribute {}", shown_key(name, key)),
                )),
            }
        }
        Type::Map(element) => {
            if let Some(default) = args.get(2) {
                convert(default, &element).map_err(|_| {
                    FunctionError::argument(
                        2,
                        "the default value must have the same type as the map elements",
                    )
                })?;
            }
            Ok((*element).clone())
        }
        _ => Err(FunctionError::argument(
            0,
            "lookup() requires a map as the first argument",
        )),
    }
}

fn shown_key(name: &str, key: &Value) -> String {
    super::argument::shown(name, key)
}

fn lookup(_: &CallContext, args: &[Value]) -> Result {
    let ty = lookup_type(args)?;
    let (map, key) = (value(args, 0)?, value(args, 1)?);
    let marks = map.marks() | key.marks();
    let (Some(entries), Some(name)) = (map.entries(), key.as_str()) else {
        return Ok(Value::unknown(ty).with_marks(marks));
    };
    if let Some(found) = entries.get(name) {
        return Ok(found.clone().with_marks(marks));
    }
    match args.get(2) {
        Some(default) => convert(default, &ty)
            .map(|v| v.with_marks(marks))
            .map_err(|e| FunctionError::argument(2, e.to_string())),
        None => Err(FunctionError::argument(
            1,
            format!("lookup failed to find key {}", shown_key(name, key)),
        )),
    }
}

fn merge_type(args: &[Value]) -> Result<Type> {
    let mut attributes: BTreeMap<Arc<str>, Type> = BTreeMap::new();
    let mut keys_known = true;
    for (i, arg) in args.iter().enumerate() {
        match arg.ty() {
            Type::Dynamic => return Ok(Type::Dynamic),
            Type::Object(object) if !arg.is_null() => {
                attributes.extend(object.attributes.clone());
            }
            Type::Map(element) => match arg.entries() {
                Some(entries) => {
                    attributes.extend(entries.keys().map(|k| (k.clone(), (*element).clone())))
                }
                None => keys_known &= arg.is_null(),
            },
            Type::Object(_) => {}
            other => {
                return Err(FunctionError::blame(
                    i,
                    format!(
                        "arguments must be maps or objects, got {}",
                        quoted(&other.friendly_name())
                    ),
                ));
            }
        }
    }
    if let Some((first, rest)) = args.split_first() {
        let ty = first.ty();
        if rest.iter().all(|a| a.ty() == ty) {
            return Ok(ty);
        }
    }
    Ok(match keys_known {
        true => Type::object(attributes),
        false => Type::Dynamic,
    })
}

fn merge(_: &CallContext, args: &[Value]) -> Result {
    let ty = merge_type(args)?;
    let mut merged = ValueMap::new();
    let mut marks = Marks::NONE;
    for arg in args {
        marks |= arg.marks();
        if arg.is_null() {
            continue;
        }
        match arg.entries() {
            Some(entries) => merged.extend(entries.iter().map(|(k, v)| (k.clone(), v.clone()))),
            None => {
                return Err(FunctionError::call(format!(
                    "arguments must be maps or objects, got {}",
                    quoted(&arg.ty().friendly_name())
                )));
            }
        }
    }
    Ok(match ty {
        Type::Map(element) => Value::map((*element).clone(), merged),
        _ => Value::object(merged),
    }
    .with_marks(marks))
}

fn transpose(_: &CallContext, args: &[Value]) -> Result {
    let map = value(args, 0)?;
    if !map.is_wholly_known() {
        return Ok(Value::unknown(map.ty()));
    }
    let mut turned: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (key, list) in map.entries().into_iter().flatten() {
        let items = list
            .elements()
            .ok_or_else(|| FunctionError::argument(0, "input must not contain null list"))?;
        for item in items {
            let name = item.as_str().ok_or_else(|| {
                FunctionError::argument(0, "input list must not contain null string")
            })?;
            turned
                .entry(name.into())
                .or_default()
                .push(Value::string(key.clone()));
        }
    }
    // The keys come in order, so that each list is in order.
    let lists = turned
        .into_iter()
        .map(|(k, v)| (k, Value::list(Type::String, v)))
        .collect();
    Ok(Value::map(Type::list(Type::String), lists))
}

fn values_type(args: &[Value]) -> Result<Type> {
    match value(args, 0)?.ty() {
        Type::Map(element) => Ok(Type::List(element)),
        Type::Object(object) => Ok(Type::tuple(object.attributes.values().cloned())),
        _ => Err(FunctionError::blame(
            0,
            "values() requires a map as the first argument",
        )),
    }
}

fn values(_: &CallContext, args: &[Value]) -> Result {
    let map = value(args, 0)?;
    let items = map
        .entries()
        .into_iter()
        .flatten()
        .map(|(_, v)| v.clone())
        .collect();
    Ok(match values_type(args)? {
        Type::List(element) => Value::list((*element).clone(), items),
        _ => Value::tuple(items),
    }
    .with_marks(map.marks()))
}

fn wrong_count(keys: usize, values: usize) -> FunctionError {
    FunctionError::blame(
        1,
        format!("number of keys ({keys}) does not match number of values ({values})"),
    )
}

fn null_key(at: usize) -> FunctionError {
    FunctionError::blame(0, format!("keys list has null value at index {at}"))
}

fn zipmap_type(args: &[Value]) -> Result<Type> {
    match value(args, 1)?.ty() {
        Type::List(element) => Ok(Type::Map(element)),
        Type::Tuple(types) => {
            let keys = value(args, 0)?;
            if !keys.is_wholly_known() {
                return Ok(Type::Dynamic);
            }
            let names = keys.elements().unwrap_or_default();
            if names.len() != types.len() {
                return Err(wrong_count(names.len(), types.len()));
            }
            let mut attributes = Vec::new();
            for (i, (name, ty)) in names.iter().zip(types.iter()).enumerate() {
                attributes.push((name.as_str().ok_or_else(|| null_key(i))?, ty.clone()));
            }
            Ok(Type::object(attributes))
        }
        _ => Err(FunctionError::blame(
            1,
            "values argument must be a list or tuple value",
        )),
    }
}

fn zipmap(_: &CallContext, args: &[Value]) -> Result {
    let ty = zipmap_type(args)?;
    let (keys, items) = (value(args, 0)?, value(args, 1)?);
    let mut marks = keys.marks() | items.marks();
    if !keys.is_wholly_known() {
        return Ok(Value::unknown(ty).with_marks(marks));
    }
    let (names, items) = (elements(args, 0)?, elements(args, 1)?);
    if names.len() != items.len() {
        return Err(wrong_count(names.len(), items.len()));
    }
    let mut zipped = ValueMap::new();
    for (i, (name, item)) in names.iter().zip(items).enumerate() {
        // Keys cannot be marked, so their marks are on the whole.
        marks |= name.marks();
        let name = name.as_str().ok_or_else(|| null_key(i))?;
        zipped.insert(name.into(), item.clone());
    }
    Ok(match ty {
        Type::Map(element) => Value::map((*element).clone(), zipped),
        _ => Value::object(zipped),
    }
    .with_marks(marks))
}
