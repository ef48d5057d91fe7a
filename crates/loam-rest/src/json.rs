//! JSON to values and back.
//!
//! Two ways in: [`dynamic`] takes JSON as it is (for expressions), [`decode`] then takes
//! a part of it as a type says, leniently: attributes that are not declared are left out, those that
//! are missing are null, and numbers, bools and texts stand for each other where one
//! clearly means the other. APIs are not as strict as types.

use std::fmt;

use loam_value::{Kind, Number, Type, Value, ValueMap};
use serde_json::Value as Json;

use crate::expression::text_of;

/// A place in JSON: keys and positions with dots between, such as `plan.id` or `ips.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonPath(Vec<String>);

impl JsonPath {
    /// The path that a text means; the empty text means the whole.
    pub fn new(text: &str) -> JsonPath {
        JsonPath(
            text.split('.')
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// What is there, if anything.
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |at, key| match at.kind() {
            Kind::Map(_, o) | Kind::Object(o) => o.get(key.as_str()),
            Kind::List(_, a) | Kind::Set(_, a) | Kind::Tuple(a) => {
                a.get(key.parse::<usize>().ok()?)
            }
            _ => None,
        })
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// JSON as a value of whatever type it has.
pub(crate) fn dynamic(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(Type::Dynamic),
        Json::Bool(b) => Value::bool(*b),
        Json::Number(n) => number(&n.to_string()).unwrap_or_else(|| Value::string(n.to_string())),
        Json::String(s) => Value::string(s.as_str()),
        Json::Array(items) => Value::tuple(items.iter().map(dynamic).collect()),
        Json::Object(entries) => Value::object(
            entries
                .iter()
                .map(|(k, v)| (k.as_str().into(), dynamic(v)))
                .collect(),
        ),
    }
}

fn number(text: &str) -> Option<Value> {
    Number::parse(text).ok().map(Value::number)
}

/// A value out of JSON as a value of a type; the error says what was expected and what
/// came.
pub(crate) fn decode(value: &Value, ty: &Type) -> Result<Value, String> {
    let wrong = || {
        let (wanted, seen) = (ty.friendly_name(), value.ty().friendly_name());
        Err(format!("expected {wanted}, the answer has {seen}"))
    };
    if value.is_null() {
        return Ok(Value::null(ty.without_optional()));
    }
    match ty {
        Type::Dynamic => Ok(value.clone()),
        Type::Bool => match value.kind() {
            Kind::Bool(b) => Ok(Value::bool(*b)),
            Kind::Number(n) => Ok(Value::bool(n.to_i64() != Some(0))),
            Kind::String(s) if matches!(&**s, "true" | "1") => Ok(Value::bool(true)),
            Kind::String(s) if matches!(&**s, "false" | "0") => Ok(Value::bool(false)),
            _ => wrong(),
        },
        Type::Number => match value.kind() {
            Kind::Number(_) => Ok(value.clone()),
            Kind::String(s) => number(s).map_or_else(wrong, Ok),
            _ => wrong(),
        },
        Type::String => match value.kind() {
            Kind::String(_) => Ok(value.clone()),
            _ => text_of(value).map_or_else(wrong, |t| Ok(Value::string(t))),
        },
        Type::List(e) | Type::Set(e) => {
            // One thing where several may be: some APIs leave the brackets out.
            let one = std::slice::from_ref(value);
            let items = match value.elements() {
                Some(items) => items,
                None if value.entries().is_some() && !e.is_structural() => return wrong(),
                None => one,
            };
            let items = items
                .iter()
                .map(|i| decode(i, e))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(match ty {
                Type::Set(_) => Value::set(e.without_optional(), items),
                _ => Value::list(e.without_optional(), items),
            })
        }
        Type::Map(e) => {
            let entries = match (value.entries(), value.elements()) {
                (Some(entries), _) => entries,
                // An empty PHP array stands for an empty object.
                (None, Some([])) => &ValueMap::new(),
                _ => return wrong(),
            };
            let entries = entries
                .iter()
                .map(|(k, v)| Ok((k.clone(), decode(v, e)?)))
                .collect::<Result<ValueMap, String>>()?;
            Ok(Value::map(e.without_optional(), entries))
        }
        Type::Tuple(types) => match value.elements() {
            Some(items) if items.len() == types.len() => Ok(Value::tuple(
                items
                    .iter()
                    .zip(types.iter())
                    .map(|(i, t)| decode(i, t))
                    .collect::<Result<_, _>>()?,
            )),
            _ => wrong(),
        },
        Type::Object(o) => {
            let Some(entries) = value.entries() else {
                return wrong();
            };
            let mut attributes = ValueMap::new();
            for (name, t) in &o.attributes {
                let value = match entries.get(name) {
                    Some(v) => decode(v, t).map_err(|e| format!("{name}: {e}"))?,
                    None => Value::null(t.without_optional()),
                };
                attributes.insert(name.clone(), value);
            }
            Ok(Value::object(attributes))
        }
    }
}

/// A value as JSON. Unknown values and nulls that are an attribute of an object are left
/// out unless `keep_nulls`: in most APIs a null is not the same as nothing.
pub(crate) fn encode(value: &Value, keep_nulls: bool) -> Json {
    match value.kind() {
        Kind::Unknown(_) | Kind::Null(_) => Json::Null,
        Kind::Bool(b) => Json::Bool(*b),
        Kind::Number(n) => {
            serde_json::from_str(&n.to_string()).unwrap_or_else(|_| Json::String(n.to_string()))
        }
        Kind::String(s) => Json::String(s.to_string()),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
            Json::Array(vs.iter().map(|v| encode(v, keep_nulls)).collect())
        }
        Kind::Map(_, vs) | Kind::Object(vs) => Json::Object(
            vs.iter()
                .filter(|(_, v)| keep_nulls || !(v.is_null() || v.is_unknown()))
                .map(|(k, v)| (k.to_string(), encode(v, keep_nulls)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_step_through_objects_and_arrays() {
        let j = dynamic(&json!({"plan": {"id": 2}, "ips": ["a", "b"], "location": "de"}));
        assert_eq!(JsonPath::new("plan.id").get(&j), Some(&Value::int(2)));
        assert_eq!(JsonPath::new("ips.1").get(&j), Some(&Value::string("b")));
        assert_eq!(JsonPath::new("location.code").get(&j), None);
        assert_eq!(JsonPath::new("").get(&j), Some(&j));
    }

    #[test]
    fn decoding_is_lenient_where_the_meaning_is_clear() {
        let ty = Type::object([
            ("id", Type::String),
            ("n", Type::Number),
            ("gone", Type::Bool),
        ]);
        let v = decode(&dynamic(&json!({"id": 7, "n": "12", "extra": []})), &ty);
        let v = v.unwrap();
        assert_eq!(
            v.get("id").and_then(|v| v.as_str().map(str::to_owned)),
            Some("7".into())
        );
        assert!(v.get("gone").is_some_and(|v| v.is_null()));
        let wrong = decode(&dynamic(&json!({"id": [1]})), &ty).unwrap_err();
        assert_eq!(wrong, "id: expected string, the answer has tuple");
    }

    #[test]
    fn nulls_are_left_out_of_objects_only() {
        let v = Value::object_of([
            ("a", Value::null(Type::String)),
            (
                "b",
                Value::tuple(vec![Value::null(Type::String), Value::int(1)]),
            ),
        ]);
        assert_eq!(encode(&v, false), json!({"b": [null, 1]}));
        assert_eq!(encode(&v, true), json!({"a": null, "b": [null, 1]}));
    }
}
