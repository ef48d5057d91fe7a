//! Laws that hold of every value.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use loam_value::codec::{json, state, ty};
use loam_value::convert::{Safety, convert, is_convertible};
use loam_value::testing::{Shape, constraint, ty as any_type, value, value_of};
use loam_value::unify::{unify, unify_unsafe};
use loam_value::{Marks, Type, Value, apply_marks, mark_paths};
use proptest::prelude::*;

/// A value and a type that it may or may not convert to.
fn value_and_type() -> impl Strategy<Value = (Value, Type)> {
    prop_oneof![
        (value(Shape::ANY), constraint()),
        // A type near the value's own.
        any_type(true).prop_flat_map(|t| (value_of(&t, Shape::ANY), Just(t))),
    ]
}

fn type_and_values() -> impl Strategy<Value = (Type, Vec<Value>)> {
    any_type(false).prop_flat_map(|e| {
        let items = proptest::collection::vec(value_of(&e, Shape::KNOWN), 0..6);
        (Just(e), items)
    })
}

fn type_and_value() -> impl Strategy<Value = (Type, Value)> {
    any_type(false).prop_flat_map(|t| (Just(t.clone()), value_of(&t, Shape::KNOWN)))
}

/// Every element of a collection is of its element type.
fn well_formed(v: &Value) -> bool {
    use loam_value::Kind::{List, Map, Object, Set, Tuple};
    match v.kind() {
        List(e, vs) | Set(e, vs) => vs.iter().all(|v| v.ty() == *e && well_formed(v)),
        Map(e, vs) => vs.values().all(|v| v.ty() == *e && well_formed(v)),
        Tuple(vs) => vs.iter().all(well_formed),
        Object(vs) => vs.values().all(well_formed),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn conversion_reaches_its_type_and_stays((v, t) in value_and_type()) {
        prop_assert!(well_formed(&v));
        let Ok(got) = convert(&v, &t) else { return Ok(()) };
        prop_assert!(well_formed(&got), "{:?} is {:?}", got, got.ty());
        prop_assert!(got.ty().conforms_to(&t.without_optional()), "{} is not {}", got.ty(), t);
        prop_assert_eq!(convert(&got, &t).unwrap(), got.clone());
        // An object that converts to one with fewer attributes loses their marks with them.
        prop_assert!(v.deep_marks().contains(got.deep_marks()));
    }

    #[test]
    fn safe_conversion_never_fails(v in value(Shape::KNOWN), t in constraint()) {
        if is_convertible(&v.ty(), &t, Safety::Safe) {
            prop_assert!(convert(&v, &t).is_ok());
        }
    }

    #[test]
    fn a_common_type_does_not_depend_on_order(a in any_type(true), b in any_type(true)) {
        let both = [a.clone(), b.clone()];
        let turned = [b.clone(), a.clone()];
        prop_assert_eq!(unify(&both), unify(&turned));
        prop_assert_eq!(unify(&[a.clone(), a.clone()]), Some(a.clone()));
        if let Some(common) = unify(&both) {
            prop_assert!(is_convertible(&a, &common, Safety::Safe));
            prop_assert!(is_convertible(&b, &common, Safety::Safe));
        }
        if !a.has_dynamic() && !b.has_dynamic() {
            prop_assert!(unify(&both).is_none() || unify_unsafe(&both).is_some());
        }
    }

    #[test]
    fn equality(a in value(Shape::KNOWN), b in value(Shape::KNOWN)) {
        prop_assert_eq!(a.equals(&a), Value::bool(true));
        prop_assert_eq!(a.equals(&b), b.equals(&a));
        if a == b {
            prop_assert_eq!(a.equals(&b), Value::bool(true));
        }
    }

    #[test]
    fn equality_with_unknowns(a in value(Shape::ANY), b in value(Shape::ANY)) {
        prop_assert!(a == a.clone());
        prop_assert_eq!(a.equals(&b).marks(), a.deep_marks() | b.deep_marks());
        prop_assert!(a.equals(&a).as_bool() != Some(false));
    }

    #[test]
    fn sets_do_not_depend_on_order((e, items) in type_and_values()) {
        let set = Value::set(e.clone(), items.clone());
        let turned = Value::set(e.clone(), items.iter().rev().cloned().collect());
        prop_assert_eq!(set.equals(&turned), Value::bool(true));
        let again = Value::set(e.clone(), set.elements().unwrap().to_vec());
        prop_assert_eq!(&again, &set);
        for (i, a) in set.elements().unwrap().iter().enumerate() {
            for b in set.elements().unwrap().iter().skip(i + 1) {
                prop_assert!(a.equals(b) != Value::bool(true) || a.as_number().is_some_and(|n| n.is_zero()));
            }
        }
    }

    #[test]
    fn state_text_keeps_everything(v in value(Shape::ANY)) {
        let text = state::encode(&v);
        let back = state::decode(&text).unwrap();
        prop_assert_eq!(&back, &v);
        prop_assert_eq!(state::encode(&back), text);
    }

    #[test]
    fn typed_json_keeps_known_values((t, v) in type_and_value(), open in any::<bool>()) {
        let constraint = if open { Type::Dynamic } else { t };
        let text = json::encode_typed(&v, &constraint).unwrap();
        let back = json::decode_typed(&text, &constraint).unwrap();
        if v.is_null() {
            prop_assert!(back.is_null());
        } else {
            prop_assert_eq!(back, v);
        }
    }

    #[test]
    fn json_text_is_stable(v in value(Shape::KNOWN)) {
        let text = json::encode(&v).unwrap();
        let back = json::decode(&text).unwrap();
        prop_assert_eq!(json::encode(&back).unwrap(), text);
    }

    #[test]
    fn type_text_keeps_types(t in constraint()) {
        prop_assert_eq!(ty::decode(&ty::encode(&t)).unwrap(), t);
    }

    #[test]
    fn marks_come_off_and_go_back(v in value(Shape::ANY)) {
        let marked = mark_paths(&v);
        let plain = v.unmarked_deep();
        prop_assert_eq!(plain.deep_marks(), Marks::NONE);
        prop_assert_eq!(apply_marks(&plain, &marked), v);
    }

    #[test]
    fn decoders_refuse_without_a_panic(text in "[\\[\\]{}:,\"a0-9.e+\\\\u?!nlstm -]{0,40}") {
        let _ = json::decode(&text);
        let _ = state::decode(&text);
        let _ = ty::decode(&text);
    }
}

#[test]
fn deep_nesting_is_refused() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert!(json::decode(&deep).is_err());
    assert!(state::decode(&deep).is_err());
    assert!(ty::decode(&deep).is_err());
}

/// Values that an expression builds may be nested more deeply than a file. (An optimized
/// build reaches 5,000 levels on the two megabytes of a thread.)
#[test]
fn deep_values_do_not_overflow_the_stack() {
    let mut v = Value::tuple(vec![Value::int(1), Value::string("x")]);
    for i in 0..800 {
        v = match i % 2 {
            0 => Value::tuple(vec![v]),
            _ => Value::object([(Arc::from("a"), v)].into()),
        };
    }
    assert_eq!(v.equals(&v.clone()), Value::bool(true));
    let marked = v.clone().with_marks(Marks::SENSITIVE);
    assert_eq!(marked.unmarked_deep(), v);
    let text = json::encode(&v).unwrap();
    assert!(text.len() > 800);
    assert!(json::decode(&text).is_err());
    let map = convert(&v, &Type::map(Type::Dynamic)).unwrap();
    assert!(well_formed(&map));
    drop(v);
}
