//! A value that does not fit a type, in words.

use loam_value::convert::{self, ConvertError};
use loam_value::{Defaults, PathStep, Type, Value};

/// What does not fit and where in the value: `attribute "port": a number is required`.
pub(crate) fn describe(error: &ConvertError) -> String {
    let mut out = String::new();
    for step in &error.path.0 {
        match step {
            PathStep::Attribute(name) => out.push_str(&format!("attribute \"{name}\": ")),
            PathStep::Index(key) => match (key.as_str(), key.as_number()) {
                (Some(s), _) => out.push_str(&format!("element \"{s}\": ")),
                (_, Some(n)) => out.push_str(&format!("element {n}: ")),
                _ => out.push_str("an element: "),
            },
        }
    }
    out.push_str(&error.message);
    out
}

/// Converts with defaults; the error in words.
pub(crate) fn convert_with_defaults(
    value: &Value,
    ty: &Type,
    defaults: &Defaults,
) -> Result<Value, String> {
    convert::convert_with_defaults(value, ty, defaults).map_err(|e| describe(&e))
}
