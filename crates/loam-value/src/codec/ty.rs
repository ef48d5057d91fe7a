//! Types as JSON: `"string"`, `["list","number"]`, `["object",{"a":"bool"}]`, with the
//! names of optional attributes as a third element.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::DecodeError;
use super::json::quote_into;
use super::parser::{Json, parse};
use crate::{ObjectType, Type};

/// The type as compact JSON.
pub fn encode(ty: &Type) -> String {
    let mut out = String::new();
    encode_into(ty, &mut out);
    out
}

/// The type that the JSON text stands for.
pub fn decode(text: &str) -> Result<Type, DecodeError> {
    read(&parse(text)?)
}

pub(super) fn encode_into(ty: &Type, out: &mut String) {
    let of = |kind: &str, element: &Type, out: &mut String| {
        out.push_str(kind);
        encode_into(element, out);
        out.push(']');
    };
    match ty {
        Type::Dynamic => out.push_str("\"dynamic\""),
        Type::Bool => out.push_str("\"bool\""),
        Type::Number => out.push_str("\"number\""),
        Type::String => out.push_str("\"string\""),
        Type::List(e) => of("[\"list\",", e, out),
        Type::Set(e) => of("[\"set\",", e, out),
        Type::Map(e) => of("[\"map\",", e, out),
        Type::Tuple(ts) => {
            out.push_str("[\"tuple\",[");
            for (i, t) in ts.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                encode_into(t, out);
            }
            out.push_str("]]");
        }
        Type::Object(o) => {
            out.push_str("[\"object\",{");
            for (i, (name, t)) in o.attributes.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                quote_into(name, out);
                out.push(':');
                encode_into(t, out);
            }
            out.push('}');
            for (i, name) in o.optional.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { ",[" });
                quote_into(name, out);
            }
            out.push_str(if o.optional.is_empty() { "]" } else { "]]" });
        }
    }
}

pub(super) fn read(json: &Json<'_>) -> Result<Type, DecodeError> {
    let wrong = || DecodeError::new("not a type");
    match json {
        Json::String(name) => match name.as_str() {
            "dynamic" => Ok(Type::Dynamic),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            _ => Err(DecodeError::new(format!("unknown type {name:?}"))),
        },
        Json::Array(parts) => match &parts[..] {
            [Json::String(kind), Json::Array(ts)] if kind == "tuple" => Ok(Type::tuple(
                ts.iter().map(read).collect::<Result<Vec<_>, _>>()?,
            )),
            [Json::String(kind), Json::Object(attributes), optional @ ..] if kind == "object" => {
                let mut types: BTreeMap<Arc<str>, Type> = BTreeMap::new();
                for (name, t) in attributes {
                    types.insert(name.as_str().into(), read(t)?);
                }
                let names = match optional {
                    [] => BTreeSet::new(),
                    [Json::Array(names)] => read_names(names, &types)?,
                    _ => return Err(wrong()),
                };
                Ok(Type::Object(Arc::new(ObjectType {
                    attributes: types,
                    optional: names,
                })))
            }
            [Json::String(kind), element] => match kind.as_str() {
                "list" => Ok(Type::list(read(element)?)),
                "set" => Ok(Type::set(read(element)?)),
                "map" => Ok(Type::map(read(element)?)),
                _ => Err(DecodeError::new(format!("unknown kind of type {kind:?}"))),
            },
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

fn read_names(
    names: &[Json<'_>],
    types: &BTreeMap<Arc<str>, Type>,
) -> Result<BTreeSet<Arc<str>>, DecodeError> {
    let mut out = BTreeSet::new();
    for name in names {
        match name {
            Json::String(name) if types.contains_key(name.as_str()) => {
                out.insert(name.as_str().into());
            }
            _ => return Err(DecodeError::new("an optional attribute has no type")),
        }
    }
    Ok(out)
}
