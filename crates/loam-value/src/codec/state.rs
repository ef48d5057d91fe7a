//! Any value with all that there is to it, as compact JSON: types where they do not show,
//! precision of numbers, what is unknown and known of it, marks.
//!
//! | value | text |
//! |---|---|
//! | bool, string | as JSON has them |
//! | number of 512 bits precision | `1.5` |
//! | other number | `["n",64,"1.5"]` |
//! | object | `{"a":…}` |
//! | tuple | `["t",[…]]` |
//! | list, set | `["l",type,[…]]`, `["s",type,[…]]` |
//! | map | `["m",type,{"k":…}]` |
//! | null of no known type, of a type | `null`, `["0",type]` |
//! | unknown | `["?",type,{"null":false,"prefix":"a","min":[1,true],"max":[2,false],"least":1,"most":2}]` |
//! | marked: sensitive, ephemeral | `["!","s",…]`, `["!","e",…]`, `["!","se",…]` |

use std::fmt::Write;
use std::sync::Arc;

use super::json::quote_into;
use super::parser::{Json, parse};
use super::{DecodeError, ty};
use crate::{Bound, Kind, Marks, Number, Refinements, Type, Value, ValueMap};

/// The value as text that [`decode`] turns into the same value. It holds sensitive values
/// in the clear.
pub fn encode(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, &mut out);
    out
}

/// The value that [`encode`] made the text from.
pub fn decode(text: &str) -> Result<Value> {
    read_value(&parse(text)?)
}

fn write_value(value: &Value, out: &mut String) {
    let marks = value.marks();
    if !marks.is_empty() {
        let sensitive = if marks.is_sensitive() { "s" } else { "" };
        let ephemeral = if marks.is_ephemeral() { "e" } else { "" };
        let _ = write!(out, "[\"!\",\"{sensitive}{ephemeral}\",");
    }
    let elements = |tag: &str, e: &Type, vs: &[Value], out: &mut String| {
        let _ = write!(out, "[\"{tag}\",");
        ty::encode_into(e, out);
        out.push(',');
        write_array(vs, out);
        out.push(']');
    };
    match value.kind() {
        Kind::Bool(b) => {
            let _ = write!(out, "{b}");
        }
        Kind::Number(n) => write_number(n, out),
        Kind::String(s) => quote_into(s, out),
        Kind::Object(vs) => write_object(vs, out),
        Kind::Tuple(vs) => {
            out.push_str("[\"t\",");
            write_array(vs, out);
            out.push(']');
        }
        Kind::List(e, vs) => elements("l", e, vs, out),
        Kind::Set(e, vs) => elements("s", e, vs, out),
        Kind::Map(e, vs) => {
            out.push_str("[\"m\",");
            ty::encode_into(e, out);
            out.push(',');
            write_object(vs, out);
            out.push(']');
        }
        Kind::Null(Type::Dynamic) => out.push_str("null"),
        Kind::Null(t) => {
            out.push_str("[\"0\",");
            ty::encode_into(t, out);
            out.push(']');
        }
        Kind::Unknown(u) => {
            out.push_str("[\"?\",");
            ty::encode_into(&u.ty, out);
            out.push(',');
            write_refinements(u.refinements(), out);
            out.push(']');
        }
    }
    if !marks.is_empty() {
        out.push(']');
    }
}

fn write_array(values: &[Value], out: &mut String) {
    out.push('[');
    for (i, v) in values.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_value(v, out);
    }
    out.push(']');
}

fn write_object(values: &ValueMap, out: &mut String) {
    out.push('{');
    for (i, (name, v)) in values.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        quote_into(name, out);
        out.push(':');
        write_value(v, out);
    }
    out.push('}');
}

fn write_number(n: &Number, out: &mut String) {
    let _ = match n.precision_if_unusual() {
        None => write!(out, "{n}"),
        Some(precision) => write!(out, "[\"n\",{precision},\"{n}\"]"),
    };
}

fn write_refinements(r: &Refinements, out: &mut String) {
    let start = out.len();
    let mut field = |name: &str, write: &mut dyn FnMut(&mut String)| {
        out.push(if out.len() == start { '{' } else { ',' });
        let _ = write!(out, "\"{name}\":");
        write(out);
    };
    if r.not_null {
        field("null", &mut |out| out.push_str("false"));
    }
    if let Some(prefix) = &r.string_prefix {
        field("prefix", &mut |out| quote_into(prefix, out));
    }
    for (name, bound) in [("min", &r.number_lower), ("max", &r.number_upper)] {
        if let Some(b) = bound {
            field(name, &mut |out| {
                out.push('[');
                write_number(&b.value, out);
                let _ = write!(out, ",{}]", b.inclusive);
            });
        }
    }
    for (name, length) in [("least", r.length_lower), ("most", r.length_upper)] {
        if let Some(n) = length {
            field(name, &mut |out| {
                let _ = write!(out, "{n}");
            });
        }
    }
    if out.len() == start {
        out.push('{');
    }
    out.push('}');
}

type Result<T> = std::result::Result<T, DecodeError>;

fn damaged() -> DecodeError {
    DecodeError::new("the stored value is damaged")
}

fn read_value(json: &Json<'_>) -> Result<Value> {
    match json {
        Json::Null => Ok(Value::null(Type::Dynamic)),
        Json::Bool(b) => Ok(Value::bool(*b)),
        Json::Number(_) => read_number(json).map(Value::number),
        Json::String(s) => Ok(Value::string(s.as_str())),
        Json::Object(entries) => Ok(Value::object(read_object(entries)?)),
        Json::Array(parts) => match &parts[..] {
            [Json::String(tag), rest @ ..] => read_tagged(tag, rest, json),
            _ => Err(damaged()),
        },
    }
}

fn read_tagged(tag: &str, parts: &[Json<'_>], whole: &Json<'_>) -> Result<Value> {
    Ok(match (tag, parts) {
        ("n", _) => Value::number(read_number(whole)?),
        ("t", [Json::Array(vs)]) => Value::tuple(read_array(vs)?),
        ("l", [e, Json::Array(vs)]) => Value::list(ty::read(e)?, read_array(vs)?),
        ("s", [e, Json::Array(vs)]) => Value::set(ty::read(e)?, read_array(vs)?),
        ("m", [e, Json::Object(vs)]) => Value::map(ty::read(e)?, read_object(vs)?),
        ("0", [t]) => Value::null(ty::read(t)?),
        ("?", [t, Json::Object(facts)]) => Value::refined(ty::read(t)?, read_facts(facts)?),
        ("!", [Json::String(marks), v]) => {
            let mut all = Marks::NONE;
            for mark in marks.chars() {
                all |= match mark {
                    's' => Marks::SENSITIVE,
                    'e' => Marks::EPHEMERAL,
                    _ => return Err(damaged()),
                };
            }
            read_value(v)?.with_marks(all)
        }
        _ => return Err(damaged()),
    })
}

fn read_array(values: &[Json<'_>]) -> Result<Vec<Value>> {
    values.iter().map(read_value).collect()
}

fn read_object(entries: &[(String, Json<'_>)]) -> Result<ValueMap> {
    let read = |(name, v): &(String, Json<'_>)| Ok((Arc::from(name.as_str()), read_value(v)?));
    entries.iter().map(read).collect()
}

fn read_number(json: &Json<'_>) -> Result<Number> {
    match json {
        Json::Number(digits) => Number::parse(digits).map_err(|_| damaged()),
        Json::Array(parts) => match &parts[..] {
            [_, Json::Number(precision), Json::String(digits)] => {
                let precision = precision.parse().map_err(|_| damaged())?;
                Number::parse_with_precision(digits, precision).map_err(|_| damaged())
            }
            _ => Err(damaged()),
        },
        _ => Err(damaged()),
    }
}

fn read_facts(facts: &[(String, Json<'_>)]) -> Result<Refinements> {
    let bound = |json: &Json<'_>| match json {
        Json::Array(parts) => match &parts[..] {
            [value, Json::Bool(inclusive)] => Ok(Some(Bound {
                value: read_number(value)?,
                inclusive: *inclusive,
            })),
            _ => Err(damaged()),
        },
        _ => Err(damaged()),
    };
    let length = |json: &Json<'_>| match json {
        Json::Number(n) => n.parse().map(Some).map_err(|_| damaged()),
        _ => Err(damaged()),
    };
    let mut r = Refinements::default();
    for (name, json) in facts {
        match (name.as_str(), json) {
            ("null", Json::Bool(false)) => r.not_null = true,
            ("prefix", Json::String(s)) => r.string_prefix = Some(s.as_str().into()),
            ("min", _) => r.number_lower = bound(json)?,
            ("max", _) => r.number_upper = bound(json)?,
            ("least", _) => r.length_lower = length(json)?,
            ("most", _) => r.length_upper = length(json)?,
            _ => return Err(damaged()),
        }
    }
    Ok(r)
}
