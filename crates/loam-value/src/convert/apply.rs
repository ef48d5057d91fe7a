//! Applying a conversion to a value.

use std::sync::Arc;

use super::plan::{Conversion, Step, replace_dynamic};
use super::{ConvertError, Safety, convert, mismatch_message};
use crate::unify::unify_with;
use crate::{Kind, Number, ObjectType, Path, PathStep, Refinements, Type, Value, ValueMap};

type Result<T> = std::result::Result<T, ConvertError>;

impl Conversion {
    /// Converts a value of the type that the conversion is from.
    pub fn apply(&self, value: &Value) -> Result<Value> {
        self.apply_at(value, &mut Vec::new())
    }

    fn apply_at(&self, value: &Value, path: &mut Vec<PathStep>) -> Result<Value> {
        let result = match (&self.step, value.kind()) {
            (Step::Keep | Step::Any, _) => return Ok(value.clone()),
            (_, Kind::Unknown(u)) => unknown(value, &replace_dynamic(&u.ty, &self.to)),
            (_, Kind::Null(ty)) => Value::null(replace_dynamic(ty, &self.to)),
            (Step::Late(to), _) => convert(value, to).map_err(|e| nest(path, e))?,
            (Step::NumberToString, Kind::Number(n)) => Value::string(n.to_string()),
            (Step::BoolToString, Kind::Bool(b)) => Value::string(b.to_string()),
            (Step::StringToNumber, Kind::String(s)) => match Number::parse(s) {
                Ok(n) => Value::number(n),
                Err(e) => return Err(error(path, e.to_string())),
            },
            (Step::StringToBool, Kind::String(s)) => Value::bool(parse_bool(s, path)?),
            (Step::Object { attributes, absent }, Kind::Object(vs)) => {
                let mut out = ValueMap::new();
                for (name, conversion) in attributes {
                    if let Some(v) = vs.get(name) {
                        let step = PathStep::Attribute(name.clone());
                        out.insert(name.clone(), conversion.apply_in(v, step, path)?);
                    }
                }
                for (name, ty) in absent {
                    out.insert(name.clone(), Value::null(ty.clone()));
                }
                Value::object(out)
            }
            (Step::Tuple(elements), Kind::Tuple(vs)) => {
                Value::tuple(apply_each(elements.iter(), vs, path)?)
            }
            (Step::List(element), Kind::List(ty, vs)) => {
                list(apply_same(element, vs, path)?, &self.to, ty, path)?
            }
            // The length of the list would depend on which elements turn out equal.
            (Step::List(_), Kind::Set(ty, vs))
                if vs.len() > 1 && !vs.iter().all(Value::is_wholly_known) =>
            {
                Value::unknown(replace_dynamic(&Type::set(ty.clone()), &self.to))
            }
            (Step::List(element), Kind::Set(ty, vs)) => {
                list(apply_same(element, vs, path)?, &self.to, ty, path)?
            }
            (Step::Set(element), Kind::List(ty, vs) | Kind::Set(ty, vs)) => {
                set(apply_same(element, vs, path)?, &self.to, ty, path)?
            }
            (Step::Map(element), Kind::Map(ty, vs)) => {
                let mut out = ValueMap::new();
                for (name, v) in vs.iter() {
                    out.insert(name.clone(), element.apply_in(v, index(name), path)?);
                }
                let unify = self
                    .to
                    .element()
                    .is_some_and(|e| e.is_collection() || matches!(e, Type::Object(_)));
                let out = match unify {
                    true => unify_map(out, Safety::Safe, path)?,
                    false => out,
                };
                map(out, &self.to, ty, "element", path)?
            }
            (Step::TupleToList { elements, safety }, Kind::Tuple(vs)) => {
                let out = apply_each(elements.iter(), vs, path)?;
                let out = unify_list(out, *safety, path)?;
                list(out, &self.to, &Type::Dynamic, path)?
            }
            (Step::TupleToSet(elements), Kind::Tuple(vs)) => {
                let out = apply_each(elements.iter(), vs, path)?;
                set(out, &self.to, &Type::Dynamic, path)?
            }
            (
                Step::ObjectToMap {
                    attributes,
                    unify,
                    safety,
                },
                Kind::Object(vs),
            ) => {
                let mut out = ValueMap::new();
                for (name, conversion) in attributes {
                    if let Some(v) = vs.get(name) {
                        out.insert(name.clone(), conversion.apply_in(v, index(name), path)?);
                    }
                }
                let out = match unify {
                    true => unify_map(out, *safety, path)?,
                    false => out,
                };
                map(out, &self.to, &Type::Dynamic, "attribute", path)?
            }
            (Step::MapToObject { attributes, wanted }, Kind::Map(_, vs)) => {
                map_to_object(vs, attributes, wanted, path)?
            }
            // Not reached: the step was chosen for the value's type.
            _ => {
                let message = mismatch_message(&value.ty(), &self.to);
                return Err(error(path, message));
            }
        };
        Ok(result.with_marks(value.marks()))
    }

    fn apply_in(&self, value: &Value, step: PathStep, path: &mut Vec<PathStep>) -> Result<Value> {
        if let Step::Keep | Step::Any = self.step {
            return Ok(value.clone());
        }
        path.push(step);
        let result = self.apply_at(value, path);
        path.pop();
        result
    }
}

fn error(path: &[PathStep], message: impl Into<String>) -> ConvertError {
    ConvertError {
        path: Path(path.to_vec()),
        message: message.into(),
    }
}

fn nest(path: &[PathStep], inner: ConvertError) -> ConvertError {
    let mut steps = path.to_vec();
    steps.extend(inner.path.0);
    ConvertError {
        path: Path(steps),
        message: inner.message,
    }
}

fn index(name: &Arc<str>) -> PathStep {
    PathStep::Index(Kind::String(name.clone()).into())
}

fn position(i: usize) -> PathStep {
    PathStep::Index(Value::int(i64::try_from(i).unwrap_or(i64::MAX)))
}

fn parse_bool(s: &str, path: &[PathStep]) -> Result<bool> {
    match s {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(error(
            path,
            match s.to_lowercase().as_str() {
                "true" => "a bool is required; to convert from string, use lowercase \"true\"",
                "false" => "a bool is required; to convert from string, use lowercase \"false\"",
                _ => "a bool is required",
            },
        )),
    }
}

/// What stays known of an unknown value when it is converted.
fn unknown(value: &Value, to: &Type) -> Value {
    let range = value.range();
    let mut facts = Refinements {
        not_null: range.definitely_not_null(),
        ..Refinements::default()
    };
    match (value.ty(), to) {
        (Type::Object(o), Type::Map(_)) => {
            facts = facts.and(&Refinements::length(o.attributes.len() as u64));
        }
        (Type::Tuple(ts), Type::List(_)) => {
            facts = facts.and(&Refinements::length(ts.len() as u64));
        }
        (Type::Tuple(ts), Type::Set(_)) => {
            facts.length_lower = Some(ts.len().min(1) as u64);
            facts.length_upper = Some(ts.len() as u64);
        }
        (from, to) if from.is_collection() && to.is_collection() => {
            let lower = range.length_lower();
            facts.length_lower = Some(match to {
                // Elements that turn out equal become one.
                Type::Set(_) => lower.min(1),
                _ => lower,
            });
            facts.length_upper = range.length_upper();
        }
        _ => {}
    }
    Value::unknown(to.clone()).refine(&facts)
}

fn apply_each<'a>(
    conversions: impl Iterator<Item = &'a Conversion>,
    values: &[Value],
    path: &mut Vec<PathStep>,
) -> Result<Vec<Value>> {
    conversions
        .zip(values)
        .enumerate()
        .map(|(i, (c, v))| c.apply_in(v, position(i), path))
        .collect()
}

fn apply_same(c: &Conversion, values: &[Value], path: &mut Vec<PathStep>) -> Result<Vec<Value>> {
    values
        .iter()
        .enumerate()
        .map(|(i, v)| c.apply_in(v, position(i), path))
        .collect()
}

/// The one type that all values have, those of no known type aside; nothing if they
/// differ. `Dynamic` if none has a known type.
pub(crate) fn element_type<'a>(values: impl Iterator<Item = &'a Value>) -> Option<Type> {
    let mut found = Type::Dynamic;
    for value in values {
        let ty = value.ty();
        if found == Type::Dynamic {
            found = ty;
        } else if ty != Type::Dynamic && ty != found {
            return None;
        }
    }
    Some(found)
}

/// A value of no known type as one of the type that its neighbours have.
fn adopt(value: Value, ty: &Type) -> Value {
    match value.kind() {
        Kind::Unknown(u) if u.ty == Type::Dynamic && *ty != Type::Dynamic => {
            Value::unknown(ty.clone()).with_marks(value.marks())
        }
        Kind::Null(Type::Dynamic) if *ty != Type::Dynamic => {
            Value::null(ty.clone()).with_marks(value.marks())
        }
        _ => value,
    }
}

/// A collection whose elements were made for an open element type, with the type that
/// they have. Elements of unlike types are left as they are.
pub(crate) fn settle_element_type(value: Value) -> Value {
    let marks = value.marks();
    let settled = match value.kind() {
        Kind::List(_, vs) if !vs.is_empty() => {
            element_type(vs.iter()).map(|ty| Value::list(ty.clone(), adopt_all(vs, &ty)))
        }
        Kind::Set(_, vs) if !vs.is_empty() => {
            element_type(vs.iter()).map(|ty| Value::set(ty.clone(), adopt_all(vs, &ty)))
        }
        Kind::Map(_, vs) if !vs.is_empty() => element_type(vs.values()).map(|ty| {
            let entries = vs.iter().map(|(k, v)| (k.clone(), adopt(v.clone(), &ty)));
            Value::map(ty.clone(), entries.collect())
        }),
        _ => None,
    };
    settled.map_or(value, |v| v.with_marks(marks))
}

fn adopt_all(values: &[Value], ty: &Type) -> Vec<Value> {
    values.iter().map(|v| adopt(v.clone(), ty)).collect()
}

/// The element type of an empty collection: that of the wanted type, or if it is open
/// that of the source.
fn empty_element(to: &Type, from: &Type) -> Type {
    match to.element() {
        Some(Type::Dynamic) | None => from.clone(),
        Some(e) => e.clone(),
    }
}

fn list(values: Vec<Value>, to: &Type, from: &Type, path: &[PathStep]) -> Result<Value> {
    if values.is_empty() {
        return Ok(Value::list(empty_element(to, from), values));
    }
    let Some(ty) = element_type(values.iter()) else {
        return Err(error(
            path,
            "element types must all match for conversion to list",
        ));
    };
    let values = values.into_iter().map(|v| adopt(v, &ty)).collect();
    Ok(Value::list(ty, values))
}

fn set(values: Vec<Value>, to: &Type, from: &Type, path: &[PathStep]) -> Result<Value> {
    if values.is_empty() {
        return Ok(Value::set(empty_element(to, from), values));
    }
    let Some(ty) = element_type(values.iter()) else {
        return Err(error(
            path,
            "element types must all match for conversion to set",
        ));
    };
    let values = values.into_iter().map(|v| adopt(v, &ty)).collect();
    Ok(Value::set(ty, values))
}

fn map(values: ValueMap, to: &Type, from: &Type, part: &str, path: &[PathStep]) -> Result<Value> {
    if values.is_empty() {
        return Ok(Value::map(empty_element(to, from), values));
    }
    let Some(ty) = element_type(values.values()) else {
        let message = format!("{part} types must all match for conversion to map");
        return Err(error(path, message));
    };
    let values = values.into_iter().map(|(k, v)| (k, adopt(v, &ty)));
    let values = values.collect();
    Ok(Value::map(ty, values))
}

/// Converts values whose types differ in parts that were left open to one type.
fn unify_list(values: Vec<Value>, safety: Safety, path: &mut Vec<PathStep>) -> Result<Vec<Value>> {
    let types: Vec<Type> = values.iter().map(Value::ty).collect();
    if types.windows(2).all(|w| w.first() == w.last()) {
        return Ok(values);
    }
    let ty = common_type(&types, safety, path)?;
    let mut out = Vec::with_capacity(values.len());
    for (i, (v, from)) in values.into_iter().zip(&types).enumerate() {
        out.push(to_common(v, from, &ty, safety, position(i), path)?);
    }
    Ok(out)
}

fn unify_map(values: ValueMap, safety: Safety, path: &mut Vec<PathStep>) -> Result<ValueMap> {
    let types: Vec<Type> = values.values().map(Value::ty).collect();
    if types.windows(2).all(|w| w.first() == w.last()) {
        return Ok(values);
    }
    let ty = common_type(&types, safety, path)?;
    let mut out = ValueMap::new();
    for ((name, v), from) in values.into_iter().zip(&types) {
        let step = index(&name);
        out.insert(name, to_common(v, from, &ty, safety, step, path)?);
    }
    Ok(out)
}

fn common_type(types: &[Type], safety: Safety, path: &[PathStep]) -> Result<Type> {
    match unify_with(types, safety) {
        Some(unified) => Ok(unified.ty),
        None => Err(error(
            path,
            "cannot find a common base type for all elements",
        )),
    }
}

fn to_common(
    value: Value,
    from: &Type,
    to: &Type,
    safety: Safety,
    step: PathStep,
    path: &mut Vec<PathStep>,
) -> Result<Value> {
    if from == to {
        return Ok(value);
    }
    match Conversion::between(from, to, safety) {
        Some(c) => c.apply_in(&value, step, path),
        None => Err(error(path, mismatch_message(from, to))),
    }
}

fn map_to_object(
    values: &ValueMap,
    attributes: &std::collections::BTreeMap<Arc<str>, Option<Conversion>>,
    wanted: &ObjectType,
    path: &mut Vec<PathStep>,
) -> Result<Value> {
    let mut out = ValueMap::new();
    for (name, conversion) in attributes {
        let value = match (values.get(name), conversion) {
            (Some(v), Some(c)) => c.apply_in(v, index(name), path)?,
            (Some(v), None) => {
                let ty = wanted.attributes.get(name).unwrap_or(&Type::Dynamic);
                let why = mismatch_message(&v.ty(), ty);
                let message =
                    format!("map element type is incompatible with attribute {name:?}: {why}");
                return Err(error(path, message));
            }
            (None, _) if wanted.optional.contains(name) => {
                let ty = wanted.attributes.get(name).unwrap_or(&Type::Dynamic);
                Value::null(ty.without_optional())
            }
            (None, _) => {
                let message = format!("map has no element for required attribute {name:?}");
                return Err(error(path, message));
            }
        };
        out.insert(name.clone(), value);
    }
    Ok(Value::object(out))
}
