//! JSON syntax: structure, places, and what is refused.
#![allow(clippy::panic, clippy::unwrap_used)]

use loam_diag::{Diagnostics, FileId, SourceFile, Span};
use loam_syntax::ast::{
    AttributeSchema, BlockSchema, Body, BodySchema, Content, ObjectKey, Step, TemplatePart,
};
use loam_syntax::{Expr, ExprKind, parse_json, parse_native};

fn schema(attributes: &[&str], blocks: &[(&str, &[&str])]) -> BodySchema {
    BodySchema {
        attributes: attributes
            .iter()
            .map(|n| AttributeSchema {
                name: n.trim_start_matches('!').into(),
                required: n.starts_with('!'),
            })
            .collect(),
        blocks: blocks
            .iter()
            .map(|(k, ls)| BlockSchema {
                kind: (*k).into(),
                labels: ls.iter().map(|l| (*l).into()).collect(),
            })
            .collect(),
    }
}

fn body(text: &str) -> Body {
    let (body, diags) = parse_json(FileId(0), text);
    assert!(diags.is_empty(), "{diags:#?}");
    body
}

fn open(text: &str, schema: &BodySchema) -> (Content, Diagnostics) {
    body(text).content(schema)
}

fn summaries(diags: &Diagnostics) -> Vec<&str> {
    diags.iter().map(|d| d.summary.as_str()).collect()
}

#[test]
fn labels_are_nested_objects_and_arrays_are_several_blocks() {
    let schema = schema(&[], &[("resource", &["type", "name"]), ("locals", &[])]);
    let (content, diags) = open(
        r#"{"//": "comment", "resource": [{"a": {"x": {}, "y": [{}, {}]}}, {"b": [{"z": {}}]}, {"c": {"n": null}}],
            "locals": {}}"#,
        &schema,
    );
    assert!(diags.is_empty(), "{diags:#?}");
    let found: Vec<String> = content
        .blocks
        .iter()
        .map(|b| {
            let labels: Vec<&str> = b.labels.iter().map(|l| &*l.name).collect();
            format!("{} {}", b.kind.name, labels.join("."))
        })
        .collect();
    assert_eq!(
        found,
        [
            "resource a.x",
            "resource a.y",
            "resource a.y",
            "resource b.z",
            "locals "
        ]
    );
}

#[test]
fn wrong_shapes_are_all_reported() {
    let schema = schema(
        &["!size", "count"],
        &[("resource", &["type"]), ("net", &[])],
    );
    let (content, diags) = open(
        r#"{"count": 1, "count": 2, "cuont": 3, "resource": "x", "net": 5, "resource": {}, "resource": {"a": [1, {"q": {}}]}}"#,
        &schema,
    );
    assert_eq!(content.attributes.len(), 1);
    let mut found = summaries(&diags);
    found.sort();
    assert_eq!(
        found,
        [
            "Duplicate argument",
            "Extraneous JSON object property",
            "Incorrect JSON value type",
            "Incorrect JSON value type",
            "Incorrect JSON value type",
            "Missing block label",
            "Missing required argument",
        ]
    );
}

#[test]
fn the_remainder_holds_what_the_schema_does_not_name() {
    for body in [
        body(r#"{"a": 1, "b": 2, "//": 3, "c": {}}"#),
        parse_native(FileId(0), "a = 1\nb = 2\nc {}\n").0,
    ] {
        let (content, rest, diags) = body.partial_content(&schema(&["a"], &[]));
        assert!(diags.is_empty());
        assert_eq!(content.attributes.len(), 1);
        let (content, rest, diags) = rest.partial_content(&schema(&["b"], &[]));
        assert!(diags.is_empty());
        assert_eq!(content.attributes.len(), 1);
        let (content, diags) = rest.content(&schema(&[], &[("c", &[])]));
        assert!(diags.is_empty());
        assert_eq!(content.blocks.len(), 1);
    }
}

fn one(text: &str) -> Expr {
    let (content, diags) = open(text, &schema(&["v"], &[]));
    assert!(diags.is_empty(), "{diags:#?}");
    content.attributes.into_iter().next().unwrap().expr
}

fn template(e: &Expr) -> Expr {
    match &e.kind {
        ExprKind::JsonString(s) => s.template().unwrap(),
        _ => panic!("{e:?} is no string"),
    }
}

fn slice(text: &str, span: Span) -> String {
    SourceFile::new("x", text).slice(span).to_owned()
}

#[test]
fn strings_are_templates_with_places_in_the_file() {
    let text = r#"{"v": "\tA\u00e9 ${ f(\"x\\n\", var.a) }"}"#;
    let e = template(&one(text));
    let ExprKind::Template(parts) = &e.kind else {
        panic!("{e:?}");
    };
    let TemplatePart::Literal(lit, span) = &parts[0] else {
        panic!("{parts:?}");
    };
    assert_eq!(&**lit, "\tAé ");
    assert_eq!(slice(text, *span), r"\tA\u00e9 ");
    let TemplatePart::Interpolation(call) = &parts[1] else {
        panic!("{parts:?}");
    };
    assert_eq!(slice(text, call.span), r#"f(\"x\\n\", var.a)"#);
    let ExprKind::Call(call) = &call.kind else {
        panic!("{call:?}");
    };
    assert_eq!(slice(text, call.args[1].span), "var.a");
    assert_eq!(call.args[0].literal_text(), Some("x\n"));
}

#[test]
fn a_single_interpolation_keeps_the_type() {
    assert!(matches!(
        template(&one(r#"{"v": "${var.x}"}"#)).kind,
        ExprKind::TemplateWrap(_)
    ));
    assert!(matches!(
        template(&one(r#"{"v": "plain"}"#)).kind,
        ExprKind::Literal(_)
    ));
}

#[test]
fn strings_are_references_and_types_where_those_are_expected() {
    let text = r#"{"v": ["aws_instance.web[0]", "list(string)"]}"#;
    let e = one(text);
    let ExprKind::Tuple(items) = &e.kind else {
        panic!("{e:?}");
    };
    let reference = items[0].unquoted().unwrap();
    let ExprKind::Traverse { steps, .. } = &reference.kind else {
        panic!("{reference:?}");
    };
    assert!(matches!(steps[1], Step::Index { .. }));
    assert_eq!(slice(text, reference.span), "aws_instance.web[0]");
    assert!(matches!(
        items[1].unquoted().unwrap().kind,
        ExprKind::Call(_)
    ));
    let broken = one(r#"{"v": "a b"}"#);
    assert_eq!(
        summaries(&broken.unquoted().unwrap_err()),
        ["Extra characters after expression"]
    );
}

#[test]
fn object_keys_are_templates() {
    let e = one(r#"{"v": {"a.b": 1, "${var.k}": 2, "//": null}}"#);
    let ExprKind::Object(items) = &e.kind else {
        panic!("{e:?}");
    };
    assert!(matches!(&items[0].key, ObjectKey::Name(n) if &*n.name == "a.b"));
    assert!(
        matches!(&items[1].key, ObjectKey::Expr(k) if matches!(template(k).kind, ExprKind::TemplateWrap(_)))
    );
    assert!(matches!(&items[2].key, ObjectKey::Name(n) if &*n.name == "//"));
    let (_, diags) = open(r#"{"v": {"a": 1, "a": 2}}"#, &schema(&["v"], &[]));
    assert_eq!(summaries(&diags), ["Duplicate object attribute"]);
}

#[test]
fn all_syntax_errors_of_a_file_are_reported() {
    for (text, expected) in [
        (
            r#"{"a": tru, "b" = 1, "c": 01, "d": 1,}"#,
            &[
                "Invalid JSON keyword",
                "Missing property value colon",
                "Invalid JSON number",
                "Trailing comma in object",
            ][..],
        ),
        (r#"{"a": 1 "b": 2}"#, &["Missing separator"]),
        (
            r#"{"a" 1, b: 2}"#,
            &[
                "Missing property value colon",
                "Invalid object property name",
            ],
        ),
        (
            r#"{"a": [1, 2}"#,
            &["Mismatched brackets", "Unclosed object"],
        ),
        (
            r#"{"a": [1, 2,], "b": 'x'}"#,
            &["Trailing comma in array", "Invalid quotes"],
        ),
        (
            r#"{"a": "\q", "b": "\u12"}"#,
            &["Invalid JSON string", "Invalid JSON string"],
        ),
        (
            "{\"a\": \"x\n\"}",
            &["Invalid JSON string", "Unclosed object"],
        ),
        (r#"{"a": {"#, &["Unclosed object", "Unclosed object"]),
        ("{} x", &["Extraneous data after value"]),
        ("", &["Missing value"]),
        ("3", &["Incorrect JSON value type"]),
        (
            r#"// c
{}"#,
            &["Invalid start of value"],
        ),
    ] {
        let (_, diags) = parse_json(FileId(0), text);
        assert_eq!(summaries(&diags), expected, "{text}");
    }
}

#[test]
fn deep_json_is_refused() {
    let (_, diags) = parse_json(FileId(0), &"[".repeat(100_000));
    assert!(summaries(&diags).contains(&"Nesting too deep"));
    let deep = format!("{{\"v\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    assert!(parse_json(FileId(0), &deep).1.is_empty());
}
