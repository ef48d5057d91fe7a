//! Every function against recorded results: `tests/functions/*.txt`, one file a family.
//! A function with fewer than three cases, or none of them an error, fails the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use loam_diag::FileId;
use loam_eval::{CallContext, MapScope, functions, resolve};
use loam_syntax::parse_expression;
use loam_value::{Kind, Value, ValueMap, codec};

fn eval(text: &str) -> Result<Value, String> {
    let context = CallContext {
        base_dir: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions"),
        plan_timestamp: Some("2024-01-02T03:04:05Z".into()),
        impure_known: true,
    };
    let mut values = ValueMap::new();
    values.insert("template".into(), Value::string("Hi ${name}"));
    let scope = MapScope::new(values, context);
    parse_expression(FileId(0), text, 0)
        .and_then(|e| resolve(&e, &scope, &functions::table()))
        .and_then(|e| e.eval(&scope))
        .map_err(|d| {
            let told = d.iter().map(|d| format!("{}: {}", d.summary, d.detail));
            told.collect::<Vec<_>>().join("; ")
        })
}

/// The value as compact JSON, with nothing escaped that need not be.
fn json_text(value: &Value) -> String {
    let quoted = |s: &str| serde_json::to_string(s).unwrap();
    let list = |vs: &[Value]| {
        let items: Vec<_> = vs.iter().map(json_text).collect();
        format!("[{}]", items.join(","))
    };
    match value.kind() {
        Kind::Unknown(_) => "(unknown)".into(),
        Kind::Null(_) => "null".into(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) if n.is_zero() => "0".into(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) => quoted(s),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => list(vs),
        Kind::Map(_, vs) | Kind::Object(vs) => {
            let items: Vec<_> = vs
                .iter()
                .map(|(k, v)| format!("{}:{}", quoted(k), json_text(v)))
                .collect();
            format!("{{{}}}", items.join(","))
        }
    }
}

/// The expressions of a file, each with the line that says what becomes of it.
fn cases(text: &str) -> Vec<(&str, &str)> {
    let lines: Vec<&str> = text
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty())
        .collect();
    let (pairs, rest) = lines.as_chunks::<2>();
    assert!(rest.is_empty(), "a case without a result: {rest:?}");
    pairs.iter().map(|[e, r]| (*e, r.trim())).collect()
}

fn check(expression: &str, wanted: &str) -> Result<(), String> {
    match (eval(expression), wanted) {
        (Err(_), "error") => Ok(()),
        (Err(e), _) => Err(format!("rejected: {e}")),
        (Ok(v), "error") => Err(format!("accepted as {v:?}")),
        (Ok(v), _) => {
            // The type ends where the value begins: it is a JSON value by itself.
            let mut parts = serde_json::Deserializer::from_str(wanted).into_iter();
            let ty: serde_json::Value = parts.next().unwrap().unwrap();
            let value = wanted[parts.byte_offset()..].trim_start();
            if value == "null" {
                return match v.is_null() {
                    true => Ok(()),
                    false => Err(format!("is {v:?}, should be null")),
                };
            }
            let got_type: serde_json::Value =
                serde_json::from_str(&codec::ty::encode(&v.ty())).unwrap();
            let got = json_text(&v);
            if got != value || got_type != ty {
                return Err(format!("is {got_type} {got}, should be {wanted}"));
            }
            Ok(())
        }
    }
}

#[test]
fn every_function_gives_what_is_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions");
    let mut counts: BTreeMap<String, (usize, usize)> = functions::table()
        .names()
        .map(|n| (n.to_owned(), (0, 0)))
        .collect();
    let mut failures = String::new();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for (expression, wanted) in cases(&text) {
            if let Err(why) = check(expression, wanted) {
                let _ = writeln!(failures, "{expression} {why}");
            }
            for (name, (all, errors)) in &mut counts {
                if expression.starts_with(&format!("{name}(")) {
                    *all += 1;
                    *errors += usize::from(wanted == "error");
                } else if expression.contains(&format!("{name}(")) {
                    *all += 1;
                }
            }
        }
    }
    for (name, (all, errors)) in counts {
        if all < 3 || errors == 0 {
            let _ = writeln!(failures, "{name} has {all} cases, {errors} of them errors");
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn every_function_of_the_language_exists_once() {
    let all = functions::all();
    let names: std::collections::BTreeSet<_> = all.iter().map(|f| f.name).collect();
    assert_eq!(names.len(), all.len());
    // 118 of Terraform 1.11, 16 that only OpenTofu has.
    assert_eq!(names.len(), 118 + 16);
    for function in all {
        assert!(!function.description.is_empty(), "{}", function.name);
        for param in function.params.iter().chain(&function.variadic) {
            assert!(!param.description.is_empty(), "{}", function.name);
        }
    }
}
