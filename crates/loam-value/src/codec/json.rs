//! Values as JSON.
//!
//! [`encode`] and [`decode`] are `jsonencode` and `jsondecode`: the JSON text alone says
//! what type a value has. [`encode_typed`] and [`decode_typed`] are for values whose type
//! constraint both sides know, as in state and plan files; where the constraint is open
//! the type is written beside the value. Marks are not encoded; take them off first and
//! keep their paths ([`crate::mark_paths`]).

use std::fmt::Write;
use std::sync::Arc;

use super::parser::{Json, parse, parse_lenient};
use super::{DecodeError, EncodeError, ty};
use crate::convert::convert;
use crate::{Kind, Number, Path, PathStep, Type, Value, ValueMap};

/// The value as JSON, compact, names in order. Sets, lists and tuples become arrays.
pub fn encode(value: &Value) -> Result<String, EncodeError> {
    let mut out = String::new();
    Writer {
        out: &mut out,
        path: Vec::new(),
    }
    .write(value, None)?;
    Ok(out)
}

/// The value as JSON, where `ty` is the type constraint that it conforms to: as
/// [`encode`], but with `{"value":…,"type":…}` in the places where `ty` is open.
pub fn encode_typed(value: &Value, ty: &Type) -> Result<String, EncodeError> {
    let mut out = String::new();
    Writer {
        out: &mut out,
        path: Vec::new(),
    }
    .write(value, Some(ty))?;
    Ok(out)
}

/// The text as a JSON string with its quotes. Besides what must be, `<`, `>` and `&` are
/// escaped, so that it can stand in HTML.
pub fn quote(text: &str) -> String {
    let mut out = String::new();
    quote_into(text, &mut out);
    out
}

pub(super) fn quote_into(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

struct Writer<'a> {
    out: &'a mut String,
    path: Vec<PathStep>,
}

impl Writer<'_> {
    fn error(&self, message: &str) -> EncodeError {
        EncodeError {
            path: Path(self.path.clone()),
            message: message.into(),
        }
    }

    fn write(&mut self, value: &Value, ty: Option<&Type>) -> Result<(), EncodeError> {
        if let (Some(Type::Dynamic), false) = (ty, value.ty() == Type::Dynamic) {
            self.out.push_str("{\"value\":");
            self.write(value, Some(&value.ty()))?;
            self.out.push_str(",\"type\":");
            ty::encode_into(&value.ty(), self.out);
            self.out.push('}');
            return Ok(());
        }
        let element = ty.and_then(Type::element);
        match value.kind() {
            Kind::Unknown(_) => return Err(self.error("value is not known")),
            Kind::Null(_) => self.out.push_str("null"),
            Kind::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Kind::Number(n) if n.is_infinite() => {
                return Err(self.error("cannot serialize infinity as JSON"));
            }
            Kind::Number(n) => {
                let _ = write!(self.out, "{n}");
            }
            Kind::String(s) => quote_into(s, self.out),
            Kind::List(_, vs) | Kind::Set(_, vs) => self.array(vs, |_| element)?,
            Kind::Tuple(vs) => self.array(vs, |i| match ty {
                Some(Type::Tuple(ts)) => ts.get(i),
                _ => None,
            })?,
            Kind::Map(_, vs) => self.object(vs, |_| element)?,
            Kind::Object(vs) => self.object(vs, |name| match ty {
                Some(Type::Object(o)) => o.attributes.get(name),
                _ => None,
            })?,
        }
        Ok(())
    }

    fn array<'t>(
        &mut self,
        values: &[Value],
        ty: impl Fn(usize) -> Option<&'t Type>,
    ) -> Result<(), EncodeError> {
        self.out.push('[');
        for (i, v) in values.iter().enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            let index = i64::try_from(i).unwrap_or(i64::MAX);
            self.path.push(PathStep::Index(Value::int(index)));
            self.write(v, ty(i))?;
            self.path.pop();
        }
        self.out.push(']');
        Ok(())
    }

    fn object<'t>(
        &mut self,
        values: &ValueMap,
        ty: impl Fn(&str) -> Option<&'t Type>,
    ) -> Result<(), EncodeError> {
        self.out.push('{');
        for (i, (name, v)) in values.iter().enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            quote_into(name, self.out);
            self.out.push(':');
            self.path.push(PathStep::Attribute(name.clone()));
            self.write(v, ty(name))?;
            self.path.pop();
        }
        self.out.push('}');
        Ok(())
    }
}

/// The value that JSON text stands for: objects become objects, arrays tuples, numbers
/// keep all their digits, null is of no known type.
///
/// Of several entries with one name the last one counts, but the others have to be of a
/// type that could be read as its.
pub fn decode(text: &str) -> Result<Value, DecodeError> {
    let json = parse_lenient(text)?;
    let ty = implied_type(&json);
    read(&json, &ty)
}

/// The value that JSON text stands for, given its type constraint. Attributes that are
/// missing become null.
pub fn decode_typed(text: &str, ty: &Type) -> Result<Value, DecodeError> {
    read(&parse(text)?, ty)
}

fn normalized(name: &str) -> Arc<str> {
    match Value::string(name).into_kind() {
        Kind::String(s) => s,
        _ => name.into(),
    }
}

fn implied_type(json: &Json<'_>) -> Type {
    match json {
        Json::Null => Type::Dynamic,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(items) => Type::tuple(items.iter().map(implied_type)),
        Json::Object(entries) => Type::object(
            entries
                .iter()
                .map(|(name, v)| (normalized(name), implied_type(v))),
        ),
    }
}

fn read(json: &Json<'_>, ty: &Type) -> Result<Value, DecodeError> {
    let wrong = || DecodeError::new(format!("{} is required", ty.friendly_name()));
    match (json, ty) {
        (Json::Null, _) => Ok(Value::null(ty.clone())),
        (_, Type::Dynamic) => read_dynamic(json),
        (Json::Bool(b), Type::Bool) => Ok(Value::bool(*b)),
        (Json::Bool(b), Type::String) => Ok(Value::string(b.to_string())),
        (Json::String(s), Type::Bool) => {
            convert(&Value::string(s.as_str()), ty).map_err(|e| DecodeError::new(e.message))
        }
        (Json::String(s), Type::String) => Ok(Value::string(s.as_str())),
        (Json::Number(n), Type::String) => Ok(Value::string(*n)),
        (Json::Number(n), Type::Number) => read_number(n),
        (Json::String(n), Type::Number) => read_number(n),
        (Json::Array(items), Type::List(e)) => {
            let items = items.iter().map(|v| read(v, e)).collect::<Result<_, _>>()?;
            Ok(collection(
                Kind::List((**e).clone(), Arc::new(items)).into(),
                ty,
            ))
        }
        (Json::Array(items), Type::Set(e)) => {
            let items = items.iter().map(|v| read(v, e)).collect::<Result<_, _>>()?;
            Ok(collection(Value::set((**e).clone(), items), ty))
        }
        (Json::Object(entries), Type::Map(e)) => {
            let mut out = ValueMap::new();
            for (name, v) in entries {
                out.insert(normalized(name), read(v, e)?);
            }
            Ok(collection(Value::map((**e).clone(), out), ty))
        }
        (Json::Array(items), Type::Tuple(ts)) => {
            if items.len() != ts.len() {
                let few = if items.len() < ts.len() {
                    "not enough"
                } else {
                    "too many"
                };
                let message = format!("{few} tuple elements (need {})", ts.len());
                return Err(DecodeError::new(message));
            }
            let items = items.iter().zip(ts.iter()).map(|(v, t)| read(v, t));
            Ok(Value::tuple(items.collect::<Result<_, _>>()?))
        }
        (Json::Object(entries), Type::Object(o)) => {
            let mut out = ValueMap::new();
            for (name, v) in entries {
                let name = normalized(name);
                let Some(ty) = o.attributes.get(&name) else {
                    return Err(DecodeError::new(format!("unsupported attribute {name:?}")));
                };
                out.insert(name, read(v, ty)?);
            }
            for (name, ty) in &o.attributes {
                if !out.contains_key(name) {
                    out.insert(name.clone(), Value::null(ty.clone()));
                }
            }
            Ok(Value::object(out))
        }
        _ => Err(wrong()),
    }
}

/// A collection whose element type is open takes the type that its elements have.
fn collection(value: Value, ty: &Type) -> Value {
    match ty.has_dynamic() {
        true => crate::convert::settle_element_type(value),
        false => value,
    }
}

fn read_number(digits: &str) -> Result<Value, DecodeError> {
    match Number::parse(digits) {
        Ok(n) => Ok(Value::number(n)),
        Err(e) => Err(DecodeError::new(e.to_string())),
    }
}

/// A value with its type beside it.
fn read_dynamic(json: &Json<'_>) -> Result<Value, DecodeError> {
    let Json::Object(entries) = json else {
        return Err(DecodeError::new(
            "an object with a value and its type is required",
        ));
    };
    let (mut found_type, mut found_value) = (None, None);
    for (name, v) in entries {
        match name.as_str() {
            "type" => found_type = Some(ty::read(v)?),
            "value" => found_value = Some(v),
            _ => {
                let message = format!("invalid key {name:?} in dynamically-typed value");
                return Err(DecodeError::new(message));
            }
        }
    }
    match (found_type, found_value) {
        (Some(ty), Some(v)) => read(v, &ty),
        (None, _) => Err(DecodeError::new("missing type in dynamically-typed value")),
        (_, None) => Err(DecodeError::new("missing value in dynamically-typed value")),
    }
}
