//! What is known of values that depend on values that are not known yet. The results are
//! those of Terraform 1.11, except that `false && unknown` is known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/text.rs"]
mod text;

use loam_diag::FileId;
use loam_eval::{MapScope, functions, resolve};
use loam_syntax::parse_expression;
use loam_value::{Type, Value};

#[test]
fn what_can_be_known_is_known_and_nothing_else() {
    let mut scope = MapScope::empty();
    // An unknown string, and a value of which not even the type is known.
    scope
        .values
        .insert("us".into(), Value::unknown(Type::String));
    scope.values.insert("ud".into(), Value::dynamic());
    #[rustfmt::skip]
    let cases = [
        (r#"us == null"#, r#"(unknown)"#, "bool"),
        (r#""a${us}" == null"#, r#"false"#, "bool"),
        (r#""ab-${us}" == "xy""#, r#"false"#, "bool"),
        (r#""ab-${us}" == "ab-c""#, r#"(unknown)"#, "bool"),
        (r#"startswith("ab-${us}", "ab-")"#, r#"true"#, "bool"),
        (r#"startswith("ab${us}", "ab")"#, r#"(unknown)"#, "bool"),
        (r#"tonumber(us) > 1"#, r#"(unknown)"#, "bool"),
        (r#"(tobool(us) ? 1 : 5) > 9"#, r#"false"#, "bool"),
        (r#"(tobool(us) ? 1 : 5) < 9"#, r#"true"#, "bool"),
        (r#"(tobool(us) ? 5 : 5)"#, r#"5"#, "number"),
        (r#"length(split(",", us))"#, r#"(unknown)"#, "number"),
        (r#"length(toset([us, "a"]))"#, r#"(unknown)"#, "number"),
        (r#"length(tobool(us) ? ["a"] : ["b"])"#, r#"1"#, "number"),
        (r#"length(tobool(us) ? tolist(["a"]) : tolist(["b"]))"#, r#"1"#, "number"),
        (r#"(tobool(us) ? tolist(["a"]) : tolist(["b"]))"#, r#"[(unknown)]"#, "list(string)"),
        (r#"[for x in split(",", us) : x]"#, r#"(unknown)"#, "any"),
        (r#"{for x in split(",", us) : x => 1}"#, r#"(unknown)"#, "any"),
        (r#"split(",", us)[0]"#, r#"(unknown)"#, "string"),
        (r#"split(",", us)[*]"#, r#"(unknown)"#, "list(string)"),
        (r#"us[*]"#, r#"(unknown)"#, "any"),
        (r#""${us}x"[*]"#, r#"[(unknown)]"#, "tuple([string])"),
        (r#"ud[*]"#, r#"(unknown)"#, "any"),
        (r#"ud.a"#, r#"(unknown)"#, "any"),
        (r#"ud[0]"#, r#"(unknown)"#, "any"),
        (r#"{a = us}.a"#, r#"(unknown)"#, "string"),
        (r#"[us, 1][0]"#, r#"(unknown)"#, "string"),
        (r#"{(us) = 1}"#, r#"(unknown)"#, "any"),
        (r#"{a = 1, b = us}"#, r#"{"a":1,"b":(unknown)}"#, "object({a = number, b = string})"),
        (r#"[us]"#, r#"[(unknown)]"#, "tuple([string])"),
        (r#"[for x in [1, us] : x if x == 1]"#, r#"[1]"#, "tuple([number])"),
        (r#"{for x in [1, us] : x => 1}"#, r#"(unknown)"#, "any"),
        (r#"tobool(us) ? {a=1} : {b=us}"#, r#"(unknown)"#, "map(string)"),
        (r#"tobool(us) ? {a=1} : null"#, r#"(unknown)"#, "object({a = number})"),
        (r#"tobool(us) ? "a" : 1"#, r#"(unknown)"#, "string"),
        (r#"true ? us : 1"#, r#"(unknown)"#, "string"),
        (r#"true ? ud : 1"#, r#"(unknown)"#, "any"),
        (r#"false ? ud : 1"#, r#"1"#, "number"),
        (r#"us == us"#, r#"(unknown)"#, "bool"),
        (r#"ud == 1"#, r#"(unknown)"#, "bool"),
        (r#"[us] == [us]"#, r#"(unknown)"#, "bool"),
        (r#"[us] == ["a", "b"]"#, r#"false"#, "bool"),
        (r#"{a=us} == {a=1}"#, r#"false"#, "bool"),
        (r#"!tobool(us)"#, r#"(unknown)"#, "bool"),
        (r#"-tonumber(us)"#, r#"(unknown)"#, "number"),
        (r#"tonumber(us) + 1"#, r#"(unknown)"#, "number"),
        (r#"us && true"#, r#"(unknown)"#, "bool"),
        (r#"true && us"#, r#"(unknown)"#, "bool"),
        (r#"false && us"#, r#"false"#, "bool"),
        (r#"us || true"#, r#"(unknown)"#, "bool"),
        (r#""%{ if tobool(us) }a%{ else }b%{ endif }""#, r#"(unknown)"#, "string"),
        (r#""%{ for x in split(",", us) }${x}%{ endfor }""#, r#"(unknown)"#, "string"),
        (r#""abc-%{ for x in [us] }q${x}%{ endfor }""#, r#"(unknown)"#, "string"),
        (r#"startswith("abc-%{ for x in [us] }q${x}%{ endfor }", "abc-q")"#, r#"(unknown)"#, "bool"),
        (r#"startswith("abc-%{ if true }q${us}%{ endif }", "abc-q")"#, r#"(unknown)"#, "bool"),
        (r#"[us][*]"#, r#"[(unknown)]"#, "tuple([string])"),
        (r#"toset([us, "a"])"#, r#"["a",(unknown)]"#, "set(string)"),
        (r#"tolist([us])"#, r#"[(unknown)]"#, "list(string)"),
        (r#"toset([us])[*]"#, r#"[(unknown)]"#, "list(string)"),
        (r#"[for k, v in {a = us} : "${k}${v}"]"#, r#"[(unknown)]"#, "tuple([string])"),
        (r#"[for k, v in ud : k]"#, r#"(unknown)"#, "any"),
        (r#""${ud}""#, r#"(unknown)"#, "any"),
        (r#""${ud}a""#, r#"(unknown)"#, "string"),
        (r#"ud ? 1 : 2"#, r#"(unknown)"#, "number"),
        (r#"ud ? "a" : null"#, r#"(unknown)"#, "string"),
        (r#"[ud]"#, r#"[(unknown)]"#, "tuple([any])"),
        (r#"{a = ud}.a.b"#, r#"(unknown)"#, "any"),
        (r#"merge({a=1}, ud)"#, r#"(unknown)"#, "any"),
        (r#"concat([us], ud)"#, r#"(unknown)"#, "any"),
        (r#"max(ud...)"#, r#"(unknown)"#, "any"),
        (r#"max(1, split(",", us)...)"#, r#"(unknown)"#, "any"),
        (r#"format("%s", us)"#, r#"(unknown)"#, "string"),
        (r#"coalesce(us, "a")"#, r#"(unknown)"#, "string"),
        (r#"coalesce("x${us}", "a")"#, r#"(unknown)"#, "string"),
        (r#"length(ud)"#, r#"(unknown)"#, "number"),
        (r#"length([us, us])"#, r#"2"#, "number"),
        (r#"length({a = us})"#, r#"1"#, "number"),
        (r#"sensitive(us)"#, r#"(unknown)"#, "string"),
        (r#"issensitive(us)"#, r#"(unknown)"#, "bool"),
        (r#"issensitive(sensitive(us))"#, r#"true"#, "bool"),
        (r#"[1,2,3][tonumber(us)]"#, r#"(unknown)"#, "any"),
        (r#"{a=1}[us]"#, r#"(unknown)"#, "any"),
        (r#"tomap({a=1})[us]"#, r#"(unknown)"#, "number"),
        (r#"tolist([1])[tonumber(us)]"#, r#"(unknown)"#, "number"),
        (r#"{a = us}[*].a"#, r#"[(unknown)]"#, "tuple([string])"),
        (r#"[{a = us}][*].a"#, r#"[(unknown)]"#, "tuple([string])"),
        (r#"ud.*.a"#, r#"(unknown)"#, "any"),
        (r#"ud[*].a[0]"#, r#"(unknown)"#, "any"),
        (r#"toset(split(",", us))[*]"#, r#"(unknown)"#, "list(any)"),
    ];
    for (expr, value, ty) in cases {
        let result = parse_expression(FileId(0), expr, 0)
            .and_then(|e| resolve(&e, &scope, &functions::table()))
            .and_then(|e| e.eval(&scope))
            .unwrap_or_else(|d| panic!("{expr}: {d:?}"));
        let mut got = String::new();
        text::json_text(&result, &mut got);
        assert_eq!(
            (got.as_str(), result.ty().to_string().as_str()),
            (value, ty),
            "{expr}"
        );
    }
}
