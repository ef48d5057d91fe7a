//! Values as JSON, in the shapes that Terraform's JSON output has.

use loam_value::{Kind, Type, Value};
use serde_json::{Map, Value as Json};

/// A value as plain JSON. Unknown parts are left out of objects and maps and are null in
/// lists; an unknown whole is null. Marks do not show: the caller decides who reads it.
pub fn value(v: &Value) -> Json {
    match v.kind() {
        Kind::Unknown(_) | Kind::Null(_) => Json::Null,
        Kind::Bool(b) => Json::Bool(*b),
        Kind::Number(n) => number(&n.to_string()),
        Kind::String(s) => Json::String(s.to_string()),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            items.iter().map(value).collect()
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let known = entries.iter().filter(|(_, v)| v.is_known());
            Json::Object(known.map(|(k, v)| (k.to_string(), value(v))).collect())
        }
    }
}

fn number(digits: &str) -> Json {
    serde_json::from_str(digits).unwrap_or(Json::Null)
}

/// Where a value is unknown: `true` for an unknown part; in objects only parts that are
/// not wholly `false` appear.
pub fn unknown(v: &Value) -> Json {
    mask(v, &|v| v.is_unknown())
}

/// Where a value is sensitive, in the same shape.
pub fn sensitive(v: &Value) -> Json {
    mask(v, &|v| v.marks().is_sensitive())
}

fn mask(v: &Value, test: &dyn Fn(&Value) -> bool) -> Json {
    if test(v) {
        return Json::Bool(true);
    }
    match v.kind() {
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            items.iter().map(|i| mask(i, test)).collect()
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let masks = entries.iter().map(|(k, v)| (k.to_string(), mask(v, test)));
            Json::Object(masks.filter(|(_, m)| *m != Json::Bool(false)).collect())
        }
        // Of what is in an unknown value nothing can be said; its shape shows that it has parts.
        Kind::Unknown(u) => match u.ty {
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => Json::Array(Vec::new()),
            Type::Map(_) | Type::Object(_) => Json::Object(Map::new()),
            _ => Json::Bool(false),
        },
        _ => Json::Bool(false),
    }
}

/// A type as Terraform's JSON writes it: `"string"`, `["list", "string"]`.
pub fn ty(t: &Type) -> Json {
    let pair = |name: &str, inner: Json| Json::Array(vec![Json::String(name.into()), inner]);
    match t {
        Type::Dynamic => Json::String("dynamic".into()),
        Type::Bool => Json::String("bool".into()),
        Type::Number => Json::String("number".into()),
        Type::String => Json::String("string".into()),
        Type::List(e) => pair("list", ty(e)),
        Type::Set(e) => pair("set", ty(e)),
        Type::Map(e) => pair("map", ty(e)),
        Type::Tuple(ts) => pair("tuple", ts.iter().map(ty).collect()),
        Type::Object(o) => {
            let attributes: Map<String, Json> = o
                .attributes
                .iter()
                .map(|(k, t)| (k.to_string(), ty(t)))
                .collect();
            let mut out = vec![Json::String("object".into()), Json::Object(attributes)];
            if !o.optional.is_empty() {
                out.push(
                    o.optional
                        .iter()
                        .map(|k| Json::String(k.to_string()))
                        .collect(),
                );
            }
            Json::Array(out)
        }
    }
}

/// A path as `replace_paths` has it: names and keys.
pub fn path(p: &loam_value::Path) -> Json {
    let step = |s: &loam_value::PathStep| match s {
        loam_value::PathStep::Attribute(n) => Json::String(n.to_string()),
        loam_value::PathStep::Index(k) => value(k),
    };
    p.0.iter().map(step).collect()
}
