//! Stands in for the common type and equality of values until `loam-value` has them.

use loam_value::{Type, Value};

pub(crate) fn unify(types: &[Type]) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|t| t == first) {
        return Some(first.clone());
    }
    types.iter().all(Type::is_primitive).then_some(Type::String)
}

pub(crate) fn equal(a: &Value, b: &Value) -> Value {
    let marks = a.deep_marks() | b.deep_marks();
    Value::bool(a.unmarked_deep() == b.unmarked_deep()).with_marks(marks)
}
