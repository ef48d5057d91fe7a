//! Functions of arguments that are not known yet or sensitive, against recorded plans.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write;

use loam_diag::FileId;
use loam_eval::{CallContext, MapScope, functions, resolve};
use loam_syntax::parse_expression;
use loam_value::{Kind, Type, Value, ValueMap};
use serde_json::json;

fn eval(text: &str) -> Result<Value, String> {
    let context = CallContext {
        base_dir: ".".into(),
        plan_timestamp: None,
        impure_known: false,
    };
    let mut values = ValueMap::new();
    values.insert("U".into(), Value::unknown(Type::String).refine_not_null());
    let scope = MapScope::new(values, context);
    parse_expression(FileId(0), text, 0)
        .and_then(|e| resolve(&e, &scope, &functions::table()))
        .and_then(|e| e.eval(&scope))
        .map_err(|d| d.iter().map(|d| d.detail.clone()).collect())
}

/// The value with a word for what is unknown, and the paths of the outermost sensitive
/// parts.
fn outline(v: &Value, path: &str, sensitive: &mut Vec<String>, hidden: bool) -> serde_json::Value {
    if v.is_sensitive() && !hidden {
        sensitive.push(path.to_owned());
    }
    let hidden = hidden || v.is_sensitive();
    match v.kind() {
        Kind::Unknown(_) => json!("(unknown)"),
        Kind::Null(_) => json!(null),
        Kind::Bool(b) => json!(b),
        Kind::Number(n) => json!(n.to_string()),
        Kind::String(s) => json!(s.as_ref()),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs
            .iter()
            .enumerate()
            .map(|(i, v)| outline(v, &format!("{path}/{i}"), sensitive, hidden))
            .collect(),
        Kind::Map(_, vs) | Kind::Object(vs) => vs
            .iter()
            .map(|(k, v)| {
                let below = outline(v, &format!("{path}/{k}"), sensitive, hidden);
                (k.to_string(), below)
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

#[test]
fn unknown_and_sensitive_arguments() {
    let recorded = include_str!("functions/unknown/recorded.txt");
    let lines: Vec<&str> = recorded.lines().filter(|l| !l.starts_with('#')).collect();
    let (cases, rest) = lines.as_chunks::<2>();
    assert!(rest.is_empty());
    assert!(cases.len() > 200);
    let mut failures = String::new();
    for [expression, wanted] in cases {
        let got = match eval(expression) {
            Ok(v) => {
                let mut sensitive = Vec::new();
                let value = outline(&v, "", &mut sensitive, false);
                sensitive.sort();
                vec![value, json!(sensitive)]
            }
            Err(_) => vec![],
        };
        let wanted: Vec<serde_json::Value> = match wanted.trim() {
            "error" => vec![],
            text => serde_json::Deserializer::from_str(text)
                .into_iter()
                .map(Result::unwrap)
                .collect(),
        };
        if got != wanted {
            let _ = writeln!(failures, "{expression}: {got:?}, should be {wanted:?}");
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// What Terraform forgets until the value is known: a value that depends on a sensitive one
/// is sensitive, known or not.
#[test]
fn unknown_results_stay_sensitive() {
    for expression in [
        "element(sensitive(split(\",\", U)), 0)",
        "zipmap(split(\",\", U), sensitive([\"a\"]))",
        "concat(sensitive(split(\",\", U)), [\"a\"])",
        "flatten(sensitive(split(\",\", U)))",
        "merge(sensitive({ a = 1 }), jsondecode(U))",
    ] {
        let value = eval(expression).unwrap();
        assert!(value.is_unknown() && value.is_sensitive(), "{expression}");
    }
}

#[test]
fn errors_do_not_tell_what_is_sensitive() {
    for expression in [
        "file(sensitive(\"hunter2.txt\"))",
        "filesha1(sensitive(\"hunter2.txt\"))",
        "fileset(\".\", sensitive(\"[hunter2\"))",
        "base64decode(sensitive(\"hunter2!\"))",
        "parseint(sensitive(\"hunter2\"), 10)",
        "tonumber(sensitive(\"hunter2\"))",
        "tolist(sensitive(\"hunter2\"))",
        "lookup({ a = 1 }, sensitive(\"hunter2\"))",
        "lookup(tomap({ a = 1 }), sensitive(\"hunter2\"))",
        "regex(sensitive(\"hunter2(\"), \"a\")",
        "replace(\"a\", sensitive(\"/hunter2(/\"), \"\")",
        "jsondecode(sensitive(\"hunter2\"))",
        "yamldecode(sensitive(\"a: hunter2: b\"))",
        "csvdecode(sensitive(\"hunter2,hunter2\"))",
        "cidrhost(sensitive(\"hunter2\"), 1)",
        "formatdate(sensitive(\"hunter2\"), \"2018-01-02T23:12:01Z\")",
        "timeadd(sensitive(\"hunter2\"), \"1h\")",
        "uuidv5(sensitive(\"hunter2\"), \"a\")",
        "textencodebase64(\"a\", sensitive(\"hunter2\"))",
        "format(\"%d\", sensitive(\"hunter2\"))",
        "merge([sensitive(\"hunter2\")])",
        "zipmap([sensitive(\"hunter2\")], [])",
        "assumeequal(sensitive(\"hunter2\"), \"a\")",
        "templatefile(sensitive(\"tests/functions/files/greeting.tmpl\"), {})",
        "provider::terraform::decode_tfvars(sensitive(\"hunter2\"))",
    ] {
        let error = eval(expression).expect_err(expression);
        assert!(
            !error.contains("hunter2") && !error.contains("greeting"),
            "{expression}: {error}"
        );
    }
}
