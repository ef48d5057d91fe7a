//! Conversion, unification and equality against recorded results.
//!
//! `recorded.txt` holds one case a line, fields separated by tabs, values in the state
//! encoding, types as JSON:
//! - `convert`, value, type, result; or `error`, the message and the length of the path
//! - `unify`, a tuple of types, the common type safely and unsafely, or `none`
//! - `equals`, two values, result

#![allow(clippy::unwrap_used, clippy::panic)]

use loam_value::codec::{json, state, ty};
use loam_value::convert::convert;
use loam_value::unify::{unify, unify_unsafe};
use loam_value::{Type, Value};

fn value(text: &str) -> Value {
    state::decode(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn common(found: Option<Type>) -> String {
    found.map_or("none".into(), |t| ty::encode(&t))
}

/// What was expected and what is, if they differ.
fn check(line: &str) -> Option<(String, String)> {
    let fields: Vec<&str> = line.split('\t').collect();
    let (expected, got) = match fields[..] {
        ["convert", v, t, "error", message, path] => {
            let expected = format!("error at {path} {message}");
            match convert(&value(v), &ty::decode(t).unwrap()) {
                Ok(v) => (expected, state::encode(&v)),
                Err(e) => {
                    let depth = e.path.0.len();
                    (
                        expected,
                        format!("error at {depth} {}", json::quote(&e.message)),
                    )
                }
            }
        }
        ["convert", v, t, expected] => {
            let got = convert(&value(v), &ty::decode(t).unwrap());
            match got {
                Ok(got) if got == value(expected) => return None,
                Ok(got) => (expected.to_owned(), state::encode(&got)),
                Err(e) => (expected.to_owned(), e.to_string()),
            }
        }
        ["unify", types, safe, all] => {
            let Type::Tuple(types) = ty::decode(types).unwrap() else {
                panic!("not a case: {line}")
            };
            (
                format!("{safe} {all}"),
                format!("{} {}", common(unify(&types)), common(unify_unsafe(&types))),
            )
        }
        ["equals", a, b, expected] => {
            let got = value(a).equals(&value(b));
            if got == value(expected) {
                return None;
            }
            (expected.to_owned(), state::encode(&got))
        }
        _ => panic!("not a case: {line}"),
    };
    (expected != got).then_some((expected, got))
}

#[test]
fn as_recorded() {
    let text = include_str!("recorded.txt");
    let wrong: Vec<String> = text
        .lines()
        .filter_map(|line| {
            let (expected, got) = check(line)?;
            Some(format!("{line}\n  expected {expected}\n  got      {got}"))
        })
        .collect();
    let shown = wrong
        .iter()
        .take(10)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(wrong.is_empty(), "{} wrong:\n{shown}", wrong.len());
}
