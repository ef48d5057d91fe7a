//! The recorded expressions: each has the value and type that it had in Terraform 1.11,
//! or was rejected there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/text.rs"]
mod text;

use std::fmt::Write;

use loam_diag::FileId;
use loam_eval::{MapScope, functions, resolve};
use loam_syntax::parse_expression;
use loam_value::{Type, Value};
use serde_json::json;
use text::json_text;

fn eval(text: &str) -> Result<Value, String> {
    let scope = MapScope::empty();
    parse_expression(FileId(0), text, 0)
        .and_then(|e| resolve(&e, &scope, &functions::table()))
        .and_then(|e| e.eval(&scope))
        .map_err(|d| {
            let told = d.iter().map(|d| format!("{}: {}", d.summary, d.detail));
            told.collect::<Vec<_>>().join("; ")
        })
}

fn json_type(ty: &Type) -> serde_json::Value {
    match ty {
        Type::Dynamic => json!("dynamic"),
        Type::Bool => json!("bool"),
        Type::Number => json!("number"),
        Type::String => json!("string"),
        Type::List(e) => json!(["list", json_type(e)]),
        Type::Set(e) => json!(["set", json_type(e)]),
        Type::Map(e) => json!(["map", json_type(e)]),
        Type::Tuple(es) => json!(["tuple", es.iter().map(json_type).collect::<Vec<_>>()]),
        Type::Object(o) => {
            let attributes = o.attributes.iter();
            let attributes: serde_json::Map<_, _> = attributes
                .map(|(k, t)| (k.to_string(), json_type(t)))
                .collect();
            json!(["object", attributes])
        }
    }
}

fn check(case: &serde_json::Value) -> Result<(), String> {
    let text = case["expr"].as_str().unwrap();
    match (eval(text), case.get("error")) {
        (Ok(value), Some(error)) => Err(format!("accepted as {value:?}, should be: {error}")),
        (Err(error), None) => Err(format!("rejected: {error}")),
        (Err(_), Some(_)) => Ok(()),
        (Ok(value), None) => {
            let mut got = String::new();
            json_text(&value, &mut got);
            // What is still unknown when all is applied is recorded as null.
            let got = got.replace("(unknown)", "null");
            let wanted = case["value"].as_str().unwrap();
            if got != wanted {
                return Err(format!("is {got}, should be {wanted}"));
            }
            match case.get("type") {
                Some(wanted) if json_type(&value.ty()) != *wanted => Err(format!(
                    "has type {}, should have {wanted}",
                    json_type(&value.ty())
                )),
                _ => Ok(()),
            }
        }
    }
}

#[test]
fn every_recorded_expression_means_what_it_did() {
    let cases = include_str!("../../../tests/conformance/expressions.jsonl");
    let cases = cases
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let (mut passed, mut failures) = (0, String::new());
    for case in cases {
        match check(&case) {
            Ok(()) => passed += 1,
            Err(why) => {
                let _ = writeln!(failures, "{} {why}", case["expr"]);
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{failures}{passed} passed, {} failed",
        failures.lines().count()
    );
    assert!(passed > 1800);
}
