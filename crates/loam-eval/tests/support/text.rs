//! Values as text, to compare them by.
#![allow(dead_code)]

use std::fmt::Write;

use loam_value::{Kind, Value};

/// Compact JSON with the digits of the language.
pub fn json_text(value: &Value, out: &mut String) {
    let quoted = |s: &str| serde_json::to_string(s).unwrap();
    match value.kind() {
        Kind::Unknown(_) => out.push_str("(unknown)"),
        Kind::Null(_) => out.push_str("null"),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        // A zero has no sign in JSON.
        Kind::Number(n) if n.is_zero() => out.push('0'),
        Kind::Number(n) => {
            let _ = write!(out, "{n}");
        }
        Kind::String(s) => out.push_str(&quoted(s)),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
            out.push('[');
            for (i, v) in vs.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                json_text(v, out);
            }
            out.push(']');
        }
        Kind::Map(_, vs) | Kind::Object(vs) => {
            out.push('{');
            for (i, (k, v)) in vs.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                out.push_str(&quoted(k));
                out.push(':');
                json_text(v, out);
            }
            out.push('}');
        }
    }
}
