//! Default values of optional attributes.

use crate::unify::unify_with;
use crate::{Defaults, Kind, Type, Value, ValueMap};

use super::Safety;

/// Fills in the default of each attribute that is absent or null, at any depth where the
/// type constraint gives one. The value is not converted yet, so that it may be shaped
/// differently from `ty`; parts that do not match are left alone for the conversion to
/// complain about. Null and unknown values stay as they are.
pub(super) fn fill(value: &Value, ty: &Type, defaults: &Defaults) -> Value {
    if defaults.is_empty() {
        return value.clone();
    }
    let filled = match value.kind() {
        Kind::List(e, vs) => {
            let values = fill_elements(vs, ty, defaults);
            match same_type(&values) {
                _ if values.is_empty() => Value::list(e.clone(), values),
                Some((ty, values)) => Value::list(ty, values),
                None => Value::tuple(values),
            }
        }
        Kind::Set(e, vs) => {
            let values = fill_elements(vs, ty, defaults);
            match same_type(&values) {
                _ if values.is_empty() => Value::set(e.clone(), values),
                Some((ty, values)) => Value::set(ty, values),
                None => Value::tuple(values),
            }
        }
        Kind::Tuple(vs) => Value::tuple(fill_elements(vs, ty, defaults)),
        Kind::Object(vs) => Value::object(fill_attributes(vs, ty, defaults)),
        Kind::Map(e, vs) => {
            let entries = fill_attributes(vs, ty, defaults);
            let values: Vec<Value> = entries.values().cloned().collect();
            match same_type(&values) {
                _ if entries.is_empty() => Value::map(e.clone(), entries),
                Some((ty, values)) => Value::map(ty, entries.into_keys().zip(values).collect()),
                None => Value::object(entries),
            }
        }
        _ => return value.clone(),
    };
    filled.with_marks(value.marks())
}

/// The defaults and the type constraint of one part of a value.
fn child<'a>(ty: &'a Type, defaults: &'a Defaults, key: &str) -> Option<(&'a Type, &'a Defaults)> {
    let (key, ty) = match ty {
        Type::Tuple(ts) => (key, key.parse().ok().and_then(|i: usize| ts.get(i))?),
        Type::Object(o) => (key, o.attributes.get(key)?),
        other => ("", other.element()?),
    };
    Some((ty, defaults.children.get(key)?))
}

fn fill_elements(values: &[Value], ty: &Type, defaults: &Defaults) -> Vec<Value> {
    let fill_one = |(i, v): (usize, &Value)| {
        if matches!(ty, Type::Object(_)) {
            return v.clone();
        }
        match child(ty, defaults, &i.to_string()) {
            Some((ty, defaults)) => fill(v, ty, defaults),
            None => v.clone(),
        }
    };
    values.iter().enumerate().map(fill_one).collect()
}

fn fill_attributes(values: &ValueMap, ty: &Type, defaults: &Defaults) -> ValueMap {
    let mut out: ValueMap = values
        .iter()
        .map(|(name, v)| {
            let filled = match child(ty, defaults, name) {
                // A tuple's parts have no names.
                Some((part, defaults)) if !matches!(ty, Type::Tuple(_)) => fill(v, part, defaults),
                _ => v.clone(),
            };
            (name.clone(), filled)
        })
        .collect();
    for (name, default) in &defaults.values {
        match out.get(name) {
            Some(v) if !v.is_null() => {
                if default.range().definitely_not_null() {
                    let refined = v.clone().refine_not_null();
                    out.insert(name.clone(), refined);
                }
            }
            _ => {
                let filled = match child(ty, defaults, name) {
                    Some((ty, defaults)) => fill(default, ty, defaults),
                    None => default.clone(),
                };
                out.insert(name.clone(), filled);
            }
        }
    }
    out
}

/// The values as values of one type, if they can be.
fn same_type(values: &[Value]) -> Option<(Type, Vec<Value>)> {
    let types: Vec<Type> = values.iter().map(Value::ty).collect();
    let unified = unify_with(&types, Safety::Unsafe)?;
    let converted = values.iter().map(|v| unified.convert(v).ok());
    Some((unified.ty.clone(), converted.collect::<Option<_>>()?))
}
