//! Conversion, unification and equality by example.

#![allow(clippy::unwrap_used)]

use loam_value::convert::{Safety, convert, convert_with_defaults, is_convertible};
use loam_value::unify::{unify, unify_unsafe, unify_with};
use loam_value::{Defaults, Kind, Marks, Number, ObjectType, Refinements, Type, Value};

fn s(text: &str) -> Value {
    Value::string(text)
}

fn n(text: &str) -> Value {
    Value::number(Number::parse(text).unwrap())
}

fn list(e: Type, vs: Vec<Value>) -> Value {
    Value::list(e, vs)
}

fn optional(required: &[(&str, Type)], optional: &[(&str, Type)]) -> Type {
    let all = required.iter().chain(optional);
    Type::Object(
        ObjectType {
            attributes: all.map(|(k, t)| ((*k).into(), t.clone())).collect(),
            optional: optional.iter().map(|(k, _)| (*k).into()).collect(),
        }
        .into(),
    )
}

fn message(value: &Value, ty: &Type) -> String {
    convert(value, ty).unwrap_err().to_string()
}

#[test]
fn primitives() {
    assert_eq!(convert(&n("1.50"), &Type::String).unwrap(), s("1.5"));
    assert_eq!(convert(&s("1.50"), &Type::Number).unwrap(), n("1.5"));
    assert_eq!(convert(&s("1"), &Type::Bool).unwrap(), Value::bool(true));
    assert_eq!(
        convert(&Value::bool(false), &Type::String).unwrap(),
        s("false")
    );
    assert_eq!(message(&s("x"), &Type::Number), "a number is required");
    assert_eq!(
        message(&s("True"), &Type::Bool),
        "a bool is required; to convert from string, use lowercase \"true\""
    );
    assert_eq!(message(&n("1"), &Type::Bool), "bool required");
    assert!(is_convertible(&Type::Number, &Type::String, Safety::Safe));
    assert!(!is_convertible(&Type::String, &Type::Number, Safety::Safe));
    assert!(is_convertible(&Type::String, &Type::Number, Safety::Unsafe));
}

#[test]
fn tuples_become_lists_of_the_common_type() {
    let mixed = Value::tuple(vec![s("a"), n("1"), Value::null(Type::Dynamic)]);
    assert_eq!(
        convert(&mixed, &Type::list(Type::Dynamic)).unwrap(),
        list(
            Type::String,
            vec![s("a"), s("1"), Value::null(Type::String)]
        )
    );
    let unlike = Value::tuple(vec![s("a"), Value::tuple(vec![])]);
    assert_eq!(
        message(&unlike, &Type::list(Type::Dynamic)),
        "all list elements must have the same type"
    );
    assert_eq!(
        message(&unlike, &Type::list(Type::String)),
        "element 1: string required"
    );
    assert_eq!(
        message(
            &Value::tuple(vec![n("1"), s("x")]),
            &Type::list(Type::Number)
        ),
        "[1]: a number is required"
    );
}

#[test]
fn objects() {
    let ty = optional(&[("a", Type::Number)], &[("b", Type::String)]);
    let given = Value::object_of([("a", s("1")), ("c", s("dropped"))]);
    let wanted = Value::object_of([("a", n("1")), ("b", Value::null(Type::String))]);
    assert_eq!(convert(&given, &ty).unwrap(), wanted);
    assert_eq!(convert(&wanted, &ty).unwrap(), wanted);
    assert_eq!(
        message(&Value::object_of([("b", s("x"))]), &ty),
        "attribute \"a\" is required"
    );
    let bad = Value::object_of([("a", s("one"))]);
    assert_eq!(message(&bad, &ty), ".a: a number is required");
    let bad = Value::object_of([("a", Value::tuple(vec![]))]);
    assert_eq!(message(&bad, &ty), "attribute \"a\": number required");
    let map = Value::map(Type::String, [("a".into(), s("5"))].into());
    assert_eq!(
        convert(&map, &ty).unwrap(),
        Value::object_of([("a", n("5")), ("b", Value::null(Type::String))])
    );
}

#[test]
fn defaults_fill_what_is_absent_or_null() {
    let inner = optional(&[], &[("size", Type::Number)]);
    let ty = Type::list(optional(&[("name", Type::String)], &[("disk", inner)]));
    let empty = Value::object_of::<&str>([]);
    let disk = Defaults {
        values: [("size".into(), n("10"))].into(),
        children: Default::default(),
    };
    let element = Defaults {
        values: [("disk".into(), empty)].into(),
        children: [("disk".into(), disk)].into(),
    };
    let defaults = Defaults {
        values: Default::default(),
        children: [("".into(), element)].into(),
    };
    let given = Value::tuple(vec![
        Value::object_of([("name", s("a"))]),
        Value::object_of([
            ("name", s("b")),
            ("disk", Value::object_of([("size", n("7"))])),
        ]),
    ]);
    let got = convert_with_defaults(&given, &ty, &defaults).unwrap();
    let sizes: Vec<Value> = got
        .elements()
        .unwrap()
        .iter()
        .map(|v| v.get("disk").unwrap().get("size").unwrap())
        .collect();
    assert_eq!(sizes, vec![n("10"), n("7")]);
}

#[test]
fn marks_stay_where_they_are_but_in_sets() {
    let secret = s("x").with_marks(Marks::SENSITIVE);
    let tuple = Value::tuple(vec![secret, s("y")]);
    let got = convert(&tuple, &Type::list(Type::String)).unwrap();
    assert!(got.marks().is_empty());
    assert!(got.elements().unwrap().first().unwrap().is_sensitive());
    let got = convert(&tuple, &Type::set(Type::String)).unwrap();
    assert!(got.is_sensitive());
    assert!(!got.elements().unwrap().iter().any(Value::is_sensitive));
}

#[test]
fn unknown_values_keep_what_is_known_of_them() {
    let pair = Type::tuple([Type::String, Type::Number]);
    let unknown = Value::unknown(pair.clone()).refine_not_null();
    let got = convert(&unknown, &Type::list(Type::String)).unwrap();
    assert_eq!(
        got,
        list(Type::String, vec![Value::unknown(Type::String); 2])
    );
    let got = convert(&Value::unknown(pair), &Type::set(Type::String)).unwrap();
    let facts = Refinements {
        length_lower: Some(1),
        length_upper: Some(2),
        ..Refinements::default()
    };
    assert_eq!(got, Value::refined(Type::set(Type::String), facts));
    let got = convert(&Value::dynamic(), &Type::list(Type::Dynamic)).unwrap();
    assert_eq!(got, Value::unknown(Type::list(Type::Dynamic)));
}

#[test]
fn common_types() {
    use Type::{Bool, Dynamic, Number, String};
    let o = |a: &[(&str, Type)]| Type::object(a.iter().map(|(k, t)| (*k, t.clone())));
    assert_eq!(unify(&[Number, String]), Some(String));
    assert_eq!(unify(&[Number, Bool]), None);
    assert_eq!(unify(&[]), None);
    assert_eq!(unify(&[String, Dynamic]), Some(Dynamic));
    assert_eq!(unify_unsafe(&[String, Dynamic]), Some(String));
    assert_eq!(
        unify(&[o(&[("a", Number)]), o(&[("a", String)])]),
        Some(o(&[("a", String)]))
    );
    assert_eq!(
        unify(&[o(&[("a", Number)]), o(&[("b", String)])]),
        Some(Type::map(String))
    );
    assert_eq!(
        unify(&[Type::tuple([Number]), Type::tuple([Number, String])]),
        Some(Type::list(String))
    );
    assert_eq!(
        unify(&[Type::list(Number), Type::tuple([String])]),
        Some(Type::list(String))
    );
    assert_eq!(
        unify(&[Type::list(Number), Type::set(Number)]),
        Some(Type::list(Number))
    );
    assert_eq!(unify(&[o(&[]), Type::tuple([])]), None);
    let undecided = unify_with(&[Type::list(String), Dynamic], Safety::Unsafe).unwrap();
    assert!(undecided.undecided);
    let known = list(String, vec![s("a")]);
    assert_eq!(undecided.convert(&known).unwrap(), Value::dynamic());
}

#[test]
fn sets_are_ordered_and_distinct() {
    let set = Value::set(
        Type::String,
        vec![
            s("b"),
            Value::null(Type::String),
            s("B"),
            s("b"),
            s("é"),
            s(""),
        ],
    );
    let texts: Vec<Option<&str>> = set.elements().unwrap().iter().map(Value::as_str).collect();
    assert_eq!(texts, [Some(""), Some("B"), Some("b"), Some("é"), None]);
    let unknown = Value::unknown(Type::Number);
    let set = Value::set(
        Type::Number,
        vec![unknown.clone(), n("10"), unknown.clone(), n("9")],
    );
    assert_eq!(
        set.elements().unwrap(),
        [n("9"), n("10"), unknown.clone(), unknown]
    );
    let pair = |a, b| Value::tuple(vec![a, b]);
    let set = Value::set(
        Type::tuple([Type::Number, Type::String]),
        vec![
            pair(n("9"), s("x")),
            pair(n("10"), s("x")),
            pair(n("9"), s("x")),
            pair(Value::null(Type::Number), s("x")),
        ],
    );
    let firsts: Vec<_> = set
        .elements()
        .unwrap()
        .iter()
        .map(|v| v.elements().unwrap()[0].clone())
        .collect();
    assert_eq!(firsts, [n("10"), n("9"), Value::null(Type::Number)]);
}

#[test]
fn equality() {
    let yes = Value::bool(true);
    let no = Value::bool(false);
    let unknown = Value::refined(Type::Bool, Refinements::not_null());
    assert_eq!(
        Value::null(Type::String).equals(&Value::null(Type::Number)),
        yes
    );
    assert_eq!(s("1").equals(&n("1")), no);
    assert_eq!(Value::dynamic().equals(&n("1")), unknown);
    assert_eq!(Value::unknown(Type::String).equals(&n("1")), no);
    assert_eq!(
        Value::unknown(Type::String).equals(&Value::null(Type::String)),
        unknown
    );
    let not_null = Value::unknown(Type::String).refine_not_null();
    assert_eq!(not_null.equals(&Value::null(Type::String)), no);
    let prefixed = Value::unknown(Type::String).refine(&Refinements::default().with_prefix("ami-"));
    assert_eq!(prefixed.equals(&s("vol-1")), no);
    assert_eq!(prefixed.equals(&s("ami-1")), unknown);
    let secret = s("a").with_marks(Marks::SENSITIVE);
    let answer = Value::tuple(vec![secret]).equals(&Value::tuple(vec![s("a")]));
    assert_eq!(answer, yes.clone().with_marks(Marks::SENSITIVE));
    assert_eq!(
        list(Type::String, vec![s("a")]).equals(&Value::tuple(vec![s("a")])),
        no
    );
}

#[test]
fn a_known_prefix_leaves_out_what_may_still_change() {
    for (given, kept) in [
        ("", ""),
        ("boo", "bo"),
        ("ami-", "ami-"),
        ("e\u{301}", ""),
        ("12", "1"),
        ("a\r", "a"),
        ("hello 🤷🏽\u{200d}♂️", "hello "),
        ("hello 🤷 ", "hello 🤷 "),
        ("日本", "日"),
    ] {
        assert_eq!(loam_value::safe_prefix(given), kept, "{given:?}");
    }
}

#[test]
fn facts_that_leave_one_value_make_it_known() {
    let list_ty = Type::list(Type::String);
    let mut facts = Refinements::length(2);
    let half = Value::unknown(list_ty.clone()).refine(&facts);
    assert!(half.is_unknown());
    facts.not_null = true;
    assert!(matches!(half.refine(&facts).kind(), Kind::List(_, vs) if vs.len() == 2));
    facts = Refinements::length(1_000_000_000);
    facts.not_null = true;
    assert!(Value::unknown(list_ty).refine(&facts).is_unknown());
}
