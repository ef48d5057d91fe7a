//! Generators of types and values for property tests, here and in other crates.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::{Bound, Marks, Number, ObjectType, Refinements, Type, Value, ValueMap};

/// Which values [`value_of`] makes.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Unknown values, with refinements.
    pub unknowns: bool,
    /// Marked values.
    pub marks: bool,
    /// Nulls.
    pub nulls: bool,
}

impl Shape {
    /// Everything that a value can be.
    pub const ANY: Shape = Shape {
        unknowns: true,
        marks: true,
        nulls: true,
    };
    /// Known values and nulls.
    pub const KNOWN: Shape = Shape {
        unknowns: false,
        marks: false,
        nulls: true,
    };
}

/// Numbers: small and large, whole and not, of several precisions.
pub fn number() -> impl Strategy<Value = Number> {
    let parsed = "-?[0-9]{1,30}(\\.[0-9]{1,20})?(e-?[0-9]{1,2})?";
    prop_oneof![
        4 => (-3i64..12).prop_map(Number::from_i64),
        1 => any::<i64>().prop_map(Number::from_i64),
        // A whole `f64` beyond 2^53 is not equal to the number that its digits are read as.
        1 => (-1e9..1e9f64).prop_filter_map("a number", Number::from_f64),
        2 => parsed.prop_filter_map("a number", |s| Number::parse(&s).ok()),
    ]
}

/// Texts: short ones that often repeat, numbers and bools, and any.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c]{0,2}",
        1 => "-?[0-9]{1,3}(\\.5)?",
        1 => prop_oneof![Just("true".to_owned()), Just("false".to_owned())],
        1 => any::<String>(),
        1 => "[\"\\\\<>&\n\u{2028}e\u{301}é\u{0}]{1,4}",
    ]
}

fn name() -> impl Strategy<Value = Arc<str>> {
    prop_oneof![4 => "[a-d]", 1 => "[a-z_]{2,6}"].prop_map(|s: String| Arc::from(s.as_str()))
}

/// Types of values: nothing optional; `dynamic` says if [`Type::Dynamic`] may occur.
pub fn ty(dynamic: bool) -> BoxedStrategy<Type> {
    let leaf = prop_oneof![
        2 => Just(Type::Bool),
        3 => Just(Type::Number),
        4 => Just(Type::String),
        u32::from(dynamic) * 2 + 1 => Just(if dynamic { Type::Dynamic } else { Type::String }),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            vec(inner.clone(), 0..4).prop_map(Type::tuple),
            btree_map(name(), inner, 0..4).prop_map(Type::object),
        ]
    })
    .boxed()
}

/// Type constraints: types whose objects may have optional attributes.
pub fn constraint() -> BoxedStrategy<Type> {
    (ty(true), any::<u64>())
        .prop_map(|(ty, bits)| with_optional(&ty, &mut { bits }))
        .boxed()
}

fn with_optional(ty: &Type, bits: &mut u64) -> Type {
    match ty {
        Type::List(e) => Type::list(with_optional(e, bits)),
        Type::Set(e) => Type::set(with_optional(e, bits)),
        Type::Map(e) => Type::map(with_optional(e, bits)),
        Type::Tuple(ts) => Type::tuple(ts.iter().map(|t| with_optional(t, bits))),
        Type::Object(o) => {
            let mut attributes = std::collections::BTreeMap::new();
            let mut optional = BTreeSet::new();
            for (name, t) in &o.attributes {
                *bits = bits.rotate_right(1);
                if *bits & 1 == 1 {
                    optional.insert(name.clone());
                }
                attributes.insert(name.clone(), with_optional(t, bits));
            }
            Type::Object(Arc::new(ObjectType {
                attributes,
                optional,
            }))
        }
        other => other.clone(),
    }
}

/// Values of any type.
pub fn value(shape: Shape) -> BoxedStrategy<Value> {
    ty(shape.unknowns)
        .prop_flat_map(move |t| value_of(&t, shape))
        .boxed()
}

/// Values of a type. Where the type is [`Type::Dynamic`]: unknown or null of no known type.
pub fn value_of(ty: &Type, shape: Shape) -> BoxedStrategy<Value> {
    let known: BoxedStrategy<Value> = match ty {
        Type::Dynamic => Just(Value::null(Type::Dynamic)).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::bool).boxed(),
        Type::Number => number().prop_map(Value::number).boxed(),
        Type::String => text().prop_map(|s| Value::string(s.as_str())).boxed(),
        Type::List(e) => {
            let e = (**e).clone();
            vec(value_of(&e, shape), 0..4)
                .prop_map(move |vs| Value::list(e.clone(), vs))
                .boxed()
        }
        Type::Set(e) => {
            let e = (**e).clone();
            vec(value_of(&e, shape), 0..5)
                .prop_map(move |vs| Value::set(e.clone(), vs))
                .boxed()
        }
        Type::Map(e) => {
            let e = (**e).clone();
            btree_map(name(), value_of(&e, shape), 0..4)
                .prop_map(move |vs| Value::map(e.clone(), vs.into_iter().collect()))
                .boxed()
        }
        Type::Tuple(ts) => {
            let parts: Vec<_> = ts.iter().map(|t| value_of(t, shape)).collect();
            parts.prop_map(Value::tuple).boxed()
        }
        Type::Object(o) => {
            let names: Vec<Arc<str>> = o.attributes.keys().cloned().collect();
            let parts: Vec<_> = o.attributes.values().map(|t| value_of(t, shape)).collect();
            parts
                .prop_map(move |vs| {
                    let entries: ValueMap = names.iter().cloned().zip(vs).collect();
                    Value::object(entries)
                })
                .boxed()
        }
    };
    let null = ty.clone();
    let unknown = ty.clone();
    let any = prop_oneof![
        12 => known,
        u32::from(shape.nulls) => Just(Value::null(null)),
        u32::from(shape.unknowns) => refinements()
            .prop_map(move |facts| Value::unknown(unknown.clone()).refine(&facts)),
    ];
    if !shape.marks {
        return any.boxed();
    }
    (any, 0u8..12)
        .prop_map(|(v, mark)| match mark {
            0 => v.with_marks(Marks::SENSITIVE),
            1 => v.with_marks(Marks::EPHEMERAL),
            _ => v,
        })
        .boxed()
}

fn refinements() -> impl Strategy<Value = Refinements> {
    let bound = || {
        let fields = (number(), any::<bool>());
        proptest::option::of(fields.prop_map(|(value, inclusive)| Bound { value, inclusive }))
    };
    (
        any::<bool>(),
        proptest::option::of("[a-z]{1,3}-"),
        bound(),
        bound(),
        proptest::option::of(0u64..3),
        proptest::option::of(3u64..6),
    )
        .prop_map(
            |(not_null, prefix, low, high, shortest, longest)| Refinements {
                not_null,
                string_prefix: prefix.map(|p| p.as_str().into()),
                number_lower: low,
                number_upper: high,
                length_lower: shortest,
                length_upper: longest,
            },
        )
}
