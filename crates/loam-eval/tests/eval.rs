//! Expressions and their values.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use loam_diag::FileId;
use loam_eval::{Expr, MapScope, functions, resolve};
use loam_syntax::parse_expression;
use loam_value::{Marks, Refinements, Type, Value, ValueMap};

fn scope() -> MapScope {
    let mut values = ValueMap::new();
    let mut set = |name: &str, value| values.insert(name.into(), value);
    set("n", Value::int(3));
    set("s", Value::string("abc"));
    set("nothing", Value::null(Type::String));
    set("secret", Value::string("pw").with_marks(Marks::SENSITIVE));
    set("yes_secret", Value::bool(true).with_marks(Marks::SENSITIVE));
    set("later", Value::unknown(Type::String));
    set("later_any", Value::dynamic());
    set("later_bool", Value::unknown(Type::Bool));
    set("later_number", Value::unknown(Type::Number));
    set("later_list", Value::unknown(Type::list(Type::String)));
    set(
        "xs",
        Value::list(Type::Number, vec![Value::int(1), Value::int(2)]),
    );
    set(
        "objects",
        Value::list(
            Type::object([("a", Type::Number)]),
            vec![
                Value::object_of([("a", Value::int(1))]),
                Value::object_of([("a", Value::int(2))]),
            ],
        ),
    );
    MapScope::new(values, MapScope::empty().context)
}

fn parsed(text: &str) -> loam_syntax::Expr {
    parse_expression(FileId(0), text, 0).unwrap_or_else(|d| panic!("{text}: {d:?}"))
}

fn resolved(text: &str, scope: &MapScope) -> Expr {
    resolve(&parsed(text), scope, &functions::table()).unwrap_or_else(|d| panic!("{text}: {d:?}"))
}

fn value(text: &str) -> Value {
    let scope = scope();
    resolved(text, &scope)
        .eval(&scope)
        .unwrap_or_else(|d| panic!("{text}: {d:?}"))
}

#[test]
fn equal_expressions_have_equal_values() {
    for (text, expected) in [
        ("1 + 2 * 3", "7"),
        ("[for x in xs : x * 2]", "[2, 4]"),
        ("{for i, x in [\"a\"] : x => i}", "{ a = 0 }"),
        (
            "{for x in [1, 2, 3] : x % 2 == 0 ? \"even\" : \"odd\" => x...}",
            "{ even = [2], odd = [1, 3] }",
        ),
        ("objects[*].a", "objects.*.a"),
        (
            "\"${n}-%{ for x in xs }${x},%{ endfor }%{ if n > 2 }big%{ else }small%{ endif }\"",
            "\"3-1,2,big\"",
        ),
        ("true ? n : null", "3"),
        ("[[1, 2], [3]][*][0]", "[1, 3]"),
        ("null[*]", "[]"),
        ("n[*]", "[3]"),
        ("false || !false", "true"),
        ("-n", "0 - 3"),
        ("try({}.a, xs...)", "1"),
        ("can({}.a)", "false"),
        ("{ (s) = 1, \"x\" = 2 }", "{ abc = 1, x = 2 }"),
    ] {
        assert_eq!(value(text), value(expected), "{text}");
    }
}

#[test]
fn unknown_and_marks() {
    let not_null = |ty: Type| Value::refined(ty, Refinements::not_null());
    let prefixed = |p: &str| {
        Value::refined(
            Type::String,
            Refinements {
                string_prefix: Some(p.into()),
                ..Refinements::not_null()
            },
        )
    };
    for (text, expected) in [
        ("later_number + 1", not_null(Type::Number)),
        ("!later_bool", not_null(Type::Bool)),
        ("later_bool && false", not_null(Type::Bool)),
        ("false && later_bool", Value::bool(false)),
        ("true || [][0]", Value::bool(true)),
        ("\"web-${later}\"", prefixed("web-")),
        ("\"web${later}x\"", prefixed("we")),
        ("later_list[0]", Value::unknown(Type::String)),
        ("later_any.x[0]", Value::dynamic()),
        ("[for x in later_list : x]", Value::dynamic()),
        ("{ a = 1, (later) = 2 }", Value::dynamic()),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    for text in [
        "\"x${secret}\"",
        "yes_secret ? 1 : 2",
        "true || yes_secret",
        "[for x in [secret] : x if yes_secret]",
        "{(secret) = 1}",
    ] {
        assert!(value(text).is_sensitive(), "{text}");
    }
}
