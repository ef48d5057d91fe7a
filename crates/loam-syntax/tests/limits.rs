//! Odd and hostile input is answered, quickly, whatever it is.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use loam_diag::FileId;
use loam_syntax::{format, parse_expression, parse_json, parse_native, parse_template};
use proptest::prelude::*;

const FILE: FileId = FileId(0);

/// Runs in time that grows with the size of the text, not with its square: a megabyte
/// takes seconds in an unoptimised build, where a square would take hours.
fn answered_quickly(name: &str, text: &str) {
    let start = Instant::now();
    let _ = parse_native(FILE, text);
    let _ = parse_json(FILE, text);
    let _ = parse_expression(FILE, text, 0);
    let _ = parse_template(FILE, text, 0);
    let _ = format(FILE, text);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(30), "{name}: {took:?}");
}

#[test]
fn repetitions_take_linear_time() {
    for unit in [
        "a = [\n",
        "a = {\n",
        "a {\n",
        "}\n",
        "]\n",
        "a = \"\n",
        "a = \"${\n",
        "a = <<E\n",
        "a = f(\n",
        "/*",
        "*/",
        "\"",
        "${",
        "%{",
        "%{if a}",
        "a = b b b ",
        "a ",
        "1.",
        "9",
        "a.",
        "a[",
        "a=b?",
        "!",
        "-",
        "((",
        "{a=1,",
        "[x,",
        "{\"a\":",
        "[1 ",
        "\"\\q",
        "\\u",
        "'",
        "é",
        "a = \"\\q\\q\\q\"\n",
        "a = 1 2\n",
        "a \"b\" ",
        "a = { b = 1, c = 2 }\n",
        "x = <<-E\n  a\n",
        "// c",
        "# c\n",
        "/* */",
        "\u{feff}",
        "\r",
        "\t",
        "~}",
        "<<",
        "::",
        "a::",
        "a = \"${\"${",
        "%{for a in b}",
        "b = \"%{if a}\"\n",
    ] {
        answered_quickly(unit, &unit.repeat(50_000 / unit.len()));
        // All on one line, in one bracket, in a string.
        answered_quickly(
            unit,
            &format!(
                "a = [{}",
                unit.replace('\n', " ").repeat(50_000 / unit.len())
            ),
        );
        answered_quickly(
            unit,
            &format!(
                "a = \"{}",
                unit.replace('\n', " ").repeat(50_000 / unit.len())
            ),
        );
    }
}

#[test]
fn large_collections_parse() {
    let list = format!("a = [{}]\n", "1, ".repeat(100_000));
    assert!(parse_native(FILE, &list).1.is_empty());
    let items: String = (0..100_000).map(|i| format!("k{i} = {i}\n")).collect();
    assert!(
        parse_native(FILE, &format!("a = {{\n{items}}}\n"))
            .1
            .is_empty()
    );
    assert!(parse_native(FILE, &items).1.is_empty());
    let text = format!("a = \"{}\"\n", "x".repeat(10_000_000));
    assert!(parse_native(FILE, &text).1.is_empty());
    let json: Vec<String> = (0..100_000).map(|i| format!("\"k{i}\": {i}")).collect();
    assert!(
        parse_json(FILE, &format!("{{{}}}", json.join(",")))
            .1
            .is_empty()
    );
}

#[test]
fn there_is_an_end_to_error_messages() {
    for text in [
        "a = ]\n".repeat(10_000),
        "}\n".repeat(10_000),
        "a {\nb 1\n}\n".repeat(10_000),
    ] {
        let (_, diags) = parse_native(FILE, &text);
        assert_eq!(diags.iter().count(), loam_syntax::limits::MAX_ERRORS);
    }
    let (_, diags) = parse_json(FILE, &format!("[{}1]", "x,".repeat(10_000)));
    assert_eq!(diags.iter().count(), loam_syntax::limits::MAX_ERRORS);
}

fn soup() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        prop::sample::select(vec![
            "a",
            " ",
            "\n",
            "\r\n",
            "=",
            "==",
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            "\"",
            "${",
            "${~",
            "~}",
            "%{",
            "%{~",
            "if ",
            "else",
            "endif",
            "for ",
            " in ",
            "endfor",
            "<<E\n",
            "<<-E\n",
            "E\n",
            "  E\n",
            ":",
            "::",
            "?",
            ",",
            ".",
            "..",
            "...",
            "*",
            "[*]",
            ".*",
            "1",
            "1.5",
            "1e9",
            "0",
            "\\",
            "\\n",
            "\\u00e9",
            "\\U0001F600",
            "$${",
            "%%{",
            "#",
            "//",
            "/*",
            "*/",
            "'",
            "é",
            "日本",
            "\u{feff}",
            "\u{0}",
            "true",
            "null",
            "resource \"x\" \"y\" {\n",
            "=>",
            "&&",
            "||",
            "!",
            "-",
            "+",
            "\"a\": ",
            "\"//\"",
            "\"${f(\\\"x\\\")}\"",
            "-1",
            "\\ud83d\\ude00",
            "\\/",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(fragment, 0..40).prop_map(|f| f.concat())
}

proptest! {
    #[test]
    fn no_text_panics(text in soup()) {
        let (body, _) = parse_native(FILE, &text);
        let _ = body.content(&Default::default());
        let _ = body.just_attributes();
        let (body, _) = parse_json(FILE, &text);
        let (attributes, _) = body.just_attributes();
        for a in attributes {
            let _ = a.expr.unquoted();
            if let loam_syntax::ExprKind::JsonString(s) = &a.expr.kind {
                let _ = s.template();
            }
        }
        let _ = parse_expression(FILE, &text, 7);
        let _ = parse_template(FILE, &text, 7);
        let _ = format(FILE, &text);
    }
}
