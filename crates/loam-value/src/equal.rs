//! Equality: of values as they are, and as the language's `==` has it.

use crate::set::SetIndex;
use crate::{Kind, Refinements, Type, Value};

impl Value {
    /// True if both are the same value in every respect: type, content, what is unknown
    /// and known of it, marks. The same as `==` of Rust.
    pub fn raw_eq(&self, other: &Value) -> bool {
        self == other
    }

    /// Whether two values are equal, as `==` of the language has it: a bool, or an
    /// unknown bool if it cannot be told yet. Values of different types are not equal,
    /// but for nulls, which are all equal. Marks of both, at any depth, are on the result.
    #[must_use]
    pub fn equals(&self, other: &Value) -> Value {
        let marks = self.deep_marks() | other.deep_marks();
        let answer = match marks.is_empty() {
            true => compare(self, other),
            false => compare(&self.unmarked_deep(), &other.unmarked_deep()),
        };
        answer
            .map_or_else(unknown_answer, Value::bool)
            .with_marks(marks)
    }

    /// The opposite of [`Value::equals`].
    #[must_use]
    pub fn not_equals(&self, other: &Value) -> Value {
        let equal = self.equals(other);
        match equal.as_bool() {
            Some(b) => Value::bool(!b).with_marks(equal.marks()),
            None => equal,
        }
    }

    /// False if a part of the value has a type that is not known yet.
    pub fn has_wholly_known_type(&self) -> bool {
        match self.kind() {
            Kind::Unknown(u) => !u.ty.has_dynamic(),
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
                vs.iter().all(Value::has_wholly_known_type)
            }
            Kind::Map(_, vs) | Kind::Object(vs) => vs.values().all(Value::has_wholly_known_type),
            _ => true,
        }
    }
}

fn unknown_answer() -> Value {
    Value::refined(Type::Bool, Refinements::not_null())
}

/// Nothing if it cannot be told yet.
fn compare(a: &Value, b: &Value) -> Option<bool> {
    match (a.is_known(), b.is_known()) {
        (false, false) => None,
        (true, false) => compare_unknown(b, a),
        (false, true) => compare_unknown(a, b),
        (true, true) => compare_known(a, b),
    }
}

fn compare_unknown(unknown: &Value, known: &Value) -> Option<bool> {
    if !unknown.range().may_be(known) {
        return Some(false);
    }
    let ty = unknown.ty();
    if known.is_null() || ty.has_dynamic() || known.ty() == ty {
        return None;
    }
    Some(false)
}

fn compare_known(a: &Value, b: &Value) -> Option<bool> {
    match (a.kind(), b.kind()) {
        (Kind::Null(_), Kind::Null(_)) => return Some(true),
        (Kind::Null(_), _) | (_, Kind::Null(_)) => return Some(false),
        (Kind::Bool(a), Kind::Bool(b)) => return Some(a == b),
        (Kind::Number(a), Kind::Number(b)) => return Some(a == b),
        (Kind::String(a), Kind::String(b)) => return Some(a == b),
        _ => {}
    }
    let (ta, tb) = (a.ty(), b.ty());
    if !a.has_wholly_known_type() || !b.has_wholly_known_type() {
        let never = !ta.conforms_to(&tb) && !tb.conforms_to(&ta);
        return never.then_some(false);
    }
    if ta != tb {
        return Some(false);
    }
    compare_same_type(a, b)
}

/// Compares known values that are not null and of one type.
fn compare_same_type(a: &Value, b: &Value) -> Option<bool> {
    match (a.kind(), b.kind()) {
        (Kind::List(_, xs), Kind::List(_, ys)) | (Kind::Tuple(xs), Kind::Tuple(ys)) => {
            if xs.len() != ys.len() {
                return Some(false);
            }
            all_equal(xs.iter().zip(ys.iter()))
        }
        (Kind::Map(_, xs), Kind::Map(_, ys)) | (Kind::Object(xs), Kind::Object(ys)) => {
            if xs.len() != ys.len() || !xs.keys().eq(ys.keys()) {
                return Some(false);
            }
            // Entries have no order, so that one that differs decides wherever it is.
            let mut answer = Some(true);
            for (a, b) in xs.values().zip(ys.values()) {
                match compare(a, b) {
                    Some(true) => {}
                    Some(false) => return Some(false),
                    None => answer = None,
                }
            }
            answer
        }
        (Kind::Set(_, xs), Kind::Set(_, ys)) => {
            let elements = || xs.iter().chain(ys.iter());
            if elements().any(Value::is_unknown) {
                return None;
            }
            if !elements().all(Value::is_wholly_known) {
                // An element that nothing in the other set can turn out equal to.
                let lone =
                    |v: &Value, other: &[Value]| other.iter().all(|w| compare(v, w) == Some(false));
                let differ = xs.iter().any(|v| lone(v, ys)) || ys.iter().any(|v| lone(v, xs));
                return differ.then_some(false);
            }
            let (ix, iy) = (SetIndex::new(xs), SetIndex::new(ys));
            Some(xs.iter().all(|v| iy.contains(v)) && ys.iter().all(|v| ix.contains(v)))
        }
        _ => compare(a, b),
    }
}

/// The first part that differs or cannot be told decides.
fn all_equal<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    for (a, b) in pairs {
        match compare(a, b) {
            Some(true) => {}
            other => return other,
        }
    }
    Some(true)
}
