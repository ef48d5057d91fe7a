//! Reading the arguments of evaluated blocks.

use loam_value::{Kind, Value};

/// The string argument of a name; none if it is null.
pub(crate) fn text<'a>(config: &'a Value, name: &str) -> Option<&'a str> {
    attribute(config, name)?.as_str()
}

/// True if the argument is set, whether its value is known or not.
pub(crate) fn is_set(config: &Value, name: &str) -> bool {
    attribute(config, name).is_some_and(|v| !v.is_null())
}

/// True if the argument is `true`.
pub(crate) fn flag(config: &Value, name: &str) -> bool {
    attribute(config, name).and_then(Value::as_bool) == Some(true)
}

/// The strings of a list; those that are null are left out.
pub(crate) fn texts(config: &Value, name: &str) -> Vec<String> {
    let list = match attribute(config, name).map(Value::kind) {
        Some(Kind::List(_, items) | Kind::Tuple(items)) => items,
        _ => return Vec::new(),
    };
    let strings = list.iter().filter_map(Value::as_str);
    strings.map(str::to_owned).collect()
}

/// The pairs of a map of strings; those whose value is null are left out.
pub(crate) fn pairs(config: &Value, name: &str) -> Vec<(String, String)> {
    let map = match attribute(config, name).map(Value::kind) {
        Some(Kind::Map(_, entries) | Kind::Object(entries)) => entries,
        _ => return Vec::new(),
    };
    map.iter()
        .filter_map(|(k, v)| Some((k.to_string(), v.as_str()?.to_owned())))
        .collect()
}

pub(crate) fn attribute<'a>(config: &'a Value, name: &str) -> Option<&'a Value> {
    config.entries()?.get(name)
}
