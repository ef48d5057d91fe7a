//! YAML against recorded results.
//!
//! `yaml_encode.txt`: a JSON value, a tab, the YAML text as a JSON string.
//! `yaml_decode.txt`: a YAML text as a JSON string, a tab, `error` or the type as JSON, a
//! tab, the value as JSON.

#![allow(clippy::unwrap_used, clippy::panic)]

use loam_value::codec::{json, ty, yaml};

fn text(json_string: &str) -> String {
    json::decode(json_string)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

fn report(wrong: &[String]) {
    let shown = wrong
        .iter()
        .take(10)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(wrong.is_empty(), "{} wrong:\n{shown}", wrong.len());
}

#[test]
fn encoded_as_recorded() {
    let mut wrong = Vec::new();
    let all = include_str!("yaml_encode.txt");
    for line in all.lines() {
        let (value, expected) = line.split_once('\t').unwrap();
        let got = yaml::encode(&json::decode(value).unwrap()).unwrap();
        if got != text(expected) {
            wrong.push(format!(
                "{value}\n  expected {expected}\n  got      {}",
                json::quote(&got)
            ));
        }
    }
    report(&wrong);
}

#[test]
fn decoded_as_recorded() {
    let mut wrong = Vec::new();
    let all = include_str!("yaml_decode.txt");
    for line in all.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [document, expected_type, expected] = fields[..] else {
            panic!("not a case: {line}")
        };
        let got = yaml::decode(&text(document));
        let same = match &got {
            Err(_) => expected_type == "error",
            Ok(v) => {
                expected_type == ty::encode(&v.ty())
                    && json::encode(v).unwrap_or("\"inf\"".into()) == expected
            }
        };
        if !same {
            let got = match &got {
                Ok(v) => json::encode(v).unwrap_or_default(),
                Err(e) => e.to_string(),
            };
            wrong.push(format!(
                "{document}\n  expected {expected_type} {expected}\n  got      {got}"
            ));
        }
    }
    report(&wrong);
}

fn decoded(text: &str) -> String {
    match yaml::decode(text) {
        Ok(v) => json::encode(&v).unwrap(),
        Err(e) => e.to_string(),
    }
}

#[test]
fn scalars_that_mean_something() {
    for (text, value) in [
        ("yes", "true"),
        ("Off", "false"),
        ("0o17", "15"),
        ("0x1F", "31"),
        ("010", "10"),
        ("1_000", "\"1_000\""),
        ("!!int 1_000", "1000"),
        ("2001-1-2", "\"2001-01-02T00:00:00Z\""),
        (
            "2001-12-14t21:59:43.10-05:00",
            "\"2001-12-14T21:59:43-05:00\"",
        ),
        ("2001-02-29", "\"2001-02-29\""),
        ("|-\n  yes", "\"true\""),
        ("'yes'", "\"yes\""),
        ("---", "null"),
        ("12:30:45", "\"12:30:45\""),
    ] {
        assert_eq!(decoded(text), value, "{text}");
    }
}

#[test]
fn merges_and_aliases() {
    assert_eq!(
        decoded("a: &x {k: 1, l: 2}\nb:\n  l: 3\n  <<: *x\n  m: 4\n"),
        r#"{"a":{"k":1,"l":2},"b":{"k":1,"l":2,"m":4}}"#
    );
    assert_eq!(
        decoded("a: &x [*x]").split(": ").last(),
        Some("cannot refer to an anchor from inside its own definition")
    );
    assert!(decoded("*x").contains("anchor"));
}

#[test]
fn refused() {
    for (text, message) in [
        ("", "on line 1, column 1: missing start of document"),
        (
            "# nothing",
            "on line 2, column 1: missing start of document",
        ),
        (
            "a\n---\nb",
            "on line 2, column 1: only a single document is allowed",
        ),
        (
            ".nan",
            "on line 1, column 1: floating point NaN is not supported",
        ),
        (
            "[1]: 2",
            "on line 1, column 1: only strings are allowed as mapping keys",
        ),
        ("~: 2", "on line 1, column 1: mapping key cannot be null"),
        (
            "!!set {a, b}",
            "on line 1, column 1: can't interpret mapping as tag:yaml.org,2002:set",
        ),
    ] {
        assert_eq!(decoded(text), message, "{text}");
    }
}

#[test]
fn a_few_lines_of_aliases_cannot_exhaust_memory() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, before) in ["b", "c", "d", "e", "f", "g", "h", "i"]
        .iter()
        .zip(["a", "b", "c", "d", "e", "f", "g", "h"])
    {
        text += &format!(
            "{name}: &{name} [{}]\n",
            vec![format!("*{before}"); 10].join(", ")
        );
    }
    assert!(decoded(&text).contains("more than 1000000 values"));
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    assert!(decoded(&deep).contains("levels deep") || decoded(&deep).contains("recursion"));
}
