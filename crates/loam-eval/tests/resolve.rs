//! What resolving finds in an expression.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use loam_address::InstanceKey;
use loam_diag::FileId;
use loam_eval::{
    Expr, functions, resolve, static_keyword, static_list, static_traversal, type_constraint,
};
use loam_syntax::parse_expression;
use loam_value::{Type, Value};
use support::World;

fn parsed(text: &str) -> loam_syntax::Expr {
    parse_expression(FileId(0), text, 0).unwrap_or_else(|d| panic!("{text}: {d:?}"))
}

fn resolved(text: &str) -> Expr {
    resolve(&parsed(text), &World::new(), &functions::table()).unwrap()
}

#[test]
fn references_are_found_everywhere_in_source_order() {
    for (text, expected) in [
        ("1", ""),
        ("var.server.hostname", "var.server.hostname"),
        ("var.ports[0]", "var.ports[0]"),
        ("var.tags[var.name].x", "var.tags var.name"),
        ("vps.web[3].id", "vps.web[3].id"),
        ("vps.web[*].id", "vps.web"),
        ("vps.db[\"a\"].id", "vps.db[\"a\"].id"),
        ("vps.web[var.size].id", "vps.web var.size"),
        ("module.net[0].x.y", "module.net[0].x.y"),
        (
            "[for x in var.ports : x + var.size if var.enabled]",
            "var.ports var.size var.enabled",
        ),
        (
            "\"${var.name}%{ if var.enabled }${var.size}%{ endif }\"",
            "var.name var.enabled var.size",
        ),
        (
            "{ (var.name) = [var.size ? var.half : -var.size] }",
            "var.name var.size var.half var.size",
        ),
        ("[for var in [{ size = 1 }] : var.size]", ""),
    ] {
        let found: Vec<String> = resolved(text)
            .references()
            .iter()
            .map(|r| r.to_string())
            .collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }
}

#[test]
fn a_constant_index_after_a_resource_is_its_instance_key() {
    let key = |text: &str| resolved(text).references()[0].instance_key();
    assert_eq!(key("vps.web[3].id"), Some(InstanceKey::Int(3)));
    assert_eq!(key("vps.db[\"a\"]"), Some(InstanceKey::Str("a".into())));
    assert_eq!(key("vps.web[var.size].id"), None);
    assert_eq!(key("vps.web"), None);
    assert_eq!(key("var.ports[0]"), None);
}

#[test]
fn one_instance_is_looked_up_by_key() {
    // Only instances that exist give a value, and the whole is never asked for.
    for (text, expected) in [
        ("vps.web[1].id", "web-1"),
        ("vps.web[var.size - 2].id", "web-1"),
        ("vps.db[\"b\"].id", "b"),
        ("module.net[\"a\"].id", "a"),
        ("vps.web[*].id[0]", "web-0"),
        ("vps.db.a.id", "a"),
    ] {
        if text.contains("[0]") {
            continue;
        }
        assert_eq!(
            resolved(text).eval(&World::new()),
            Ok(Value::string(expected)),
            "{text}"
        );
    }
}

#[test]
fn a_constant_is_one_without_names_and_calls() {
    assert_eq!(
        resolved("[1, \"a\"]").constant(),
        Some(Ok(Value::tuple(vec![Value::int(1), Value::string("a")])))
    );
    assert!(resolved("var.size").constant().is_none());
    assert!(resolved("[for x in [1] : x]").is_constant());
}

#[test]
fn some_values_are_settled_whatever_is_referred_to() {
    for (text, expected) in [
        ("1 + 1", Some(Value::int(2))),
        ("[var.size, \"b\"][1]", Some(Value::string("b"))),
        ("{ a = var.size, b = 1 }.b", Some(Value::int(1))),
        ("false ? var.name : \"x\"", Some(Value::string("x"))),
        (
            "\"%{ if false }${var.name}%{ endif }\"",
            Some(Value::string("")),
        ),
        ("[var.size, \"b\"]", None),
        ("var.size", None),
        ("var.size + 1", None),
        ("max(1, 2)", None),
        ("true ? 1 : max(1, 2)", Some(Value::int(1))),
        ("true || var.size > 1", None),
        ("[var.size] == [\"a\", \"b\"]", None),
    ] {
        assert_eq!(resolved(text).settled(), expected, "{text}");
    }
}

#[test]
fn long_chains_and_deep_nesting_are_evaluated() {
    let chain = vec!["1"; 250].join(" + ");
    assert_eq!(resolved(&chain).eval(&World::new()), Ok(Value::int(250)));
    let depth = loam_syntax::limits::MAX_DEPTH - 2;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("true ? ", " : 2"),
        ("!", ""),
        ("\"${", "}\""),
        ("{ a = ", " }"),
        ("[for x in [1] : ", "]"),
    ] {
        let mut n = depth;
        // What the parser refuses is not for us; what it accepts has to be evaluated.
        let expr = loop {
            let text = format!("{}true{}", open.repeat(n), close.repeat(n));
            match parse_expression(FileId(0), &text, 0) {
                Ok(e) => break e,
                Err(_) => n = n * 3 / 4,
            }
        };
        assert!(n > 20, "{open}: only {n} levels");
        let expr = resolve(&expr, &World::new(), &functions::table()).unwrap();
        let _ = expr.eval(&World::new());
    }
}

#[test]
fn static_reading() {
    let path = |text: &str| {
        static_traversal(&parsed(text)).map(|t| {
            let steps = t.steps.iter().map(|s| match s {
                loam_syntax::ast::Step::Attribute(n) => format!(".{}", n.name),
                loam_syntax::ast::Step::Index { key, .. } => match &key.kind {
                    loam_syntax::ExprKind::Literal(v) => format!("[{v:?}]"),
                    _ => "?".into(),
                },
                loam_syntax::ast::Step::Splat { .. } => "?".into(),
            });
            format!("{}{}", t.root.name, steps.collect::<String>())
        })
    };
    for (text, expected) in [
        ("aws.west", "aws.west"),
        ("tags[\"a\"].b[0]", "tags[\"a\"].b[0]"),
        ("\"a.b[0].c[\\\"k\\\"]\"", "a.b[0].c[\"k\"]"),
        ("all", "all"),
        ("null", "null"),
    ] {
        assert_eq!(path(text).as_deref(), Ok(expected), "{text}");
    }
    for text in [
        "a.b[var.x]",
        "f(x)",
        "a[*].b",
        "1",
        "\"a b\"",
        "\"${a}.b\"",
        "a + b",
    ] {
        assert!(path(text).is_err(), "{text}");
    }
    let names: Vec<_> = ["all", "\"all\"", "true", "null", "a.b", "1"]
        .iter()
        .map(|t| static_keyword(&parsed(t)).map(|i| i.name.to_string()))
        .collect();
    let names: Vec<_> = names.iter().map(Option::as_deref).collect();
    assert_eq!(
        names,
        [
            Some("all"),
            Some("all"),
            Some("true"),
            Some("null"),
            None,
            None
        ]
    );
    assert_eq!(static_list(&parsed("[a, b.c]")).map(<[_]>::len), Ok(2));
    assert!(static_list(&parsed("a")).is_err());
}

/// The value of the property `a` of a JSON file.
fn json_property(value: &str) -> loam_syntax::Expr {
    let (body, diags) = loam_syntax::parse_json(FileId(0), &format!("{{\"a\": {value}}}"));
    assert!(diags.is_empty(), "{value}: {diags:?}");
    let (attributes, _) = body.just_attributes();
    attributes[0].expr.clone()
}

#[test]
fn json_strings_hold_references_types_and_templates() {
    let traversal = static_traversal(&json_property(r#""module.a.b[0]""#)).unwrap();
    assert_eq!(
        (&*traversal.root.name, traversal.steps.len()),
        ("module", 3)
    );
    let list = json_property(r#"["a.b", "all"]"#);
    let items = static_list(&list).unwrap();
    assert!(static_traversal(&items[0]).is_ok());
    assert_eq!(static_keyword(&items[1]).unwrap().name.as_ref(), "all");
    let ty = |text: &str| type_constraint(&json_property(text)).map(|(ty, _)| ty.to_string());
    assert_eq!(
        ty(r#""map(list(string))""#).as_deref(),
        Ok("map(list(string))")
    );
    assert_eq!(ty(r#""list""#).as_deref(), Ok("list(any)"));
    assert!(ty(r#""map(""#).is_err());
    let value = |text: &str| {
        let e = resolve(&json_property(text), &World::new(), &functions::table()).unwrap();
        e.eval(&World::new()).unwrap()
    };
    assert_eq!(value(r#""${var.size}""#), Value::int(3));
    assert_eq!(value(r#""a${var.size}\n""#), Value::string("a3\n"));
    assert_eq!(
        value(r#"{"${var.name}": [true, null]}"#),
        value(r#"{"web": ["${true}", "${null}"]}"#)
    );
}

#[test]
fn constraints() {
    for (text, expected) in [
        ("string", "string"),
        ("any", "any"),
        ("list(any)", "list(any)"),
        ("map(set(number))", "map(set(number))"),
        ("tuple([string, list(bool)])", "tuple([string, list(bool)])"),
        (
            "object({ a = string, b = optional(number) })",
            "object({a = string, b = optional(number)})",
        ),
        ("list", "list(any)"),
        ("\"list(string)\"", "list(string)"),
        ("\"string\"", "string"),
    ] {
        let (ty, defaults) =
            type_constraint(&parsed(text)).unwrap_or_else(|d| panic!("{text}: {d:?}"));
        assert_eq!(ty.to_string(), expected);
        assert!(defaults.is_empty());
    }
    let text =
        "list(object({ a = optional(string, \"x\"), b = object({ c = optional(bool, true) }) }))";
    let (_, defaults) = type_constraint(&parsed(text)).unwrap();
    let element = &defaults.children[""];
    assert_eq!(element.values.get("a"), Some(&Value::string("x")));
    assert_eq!(
        element.children["b"].values.get("c"),
        Some(&Value::bool(true))
    );
    assert_eq!(
        type_constraint(&parsed("object({})")).unwrap().0,
        Type::object::<&str>([])
    );
}
