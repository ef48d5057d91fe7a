//! The operators on values: arithmetic, comparison and logic, for known and unknown
//! operands.
//!
//! Operands are numbers (or bools), already converted; an unknown one may also be of
//! unknown type. What is known of unknown operands carries over to the result: bounds of a
//! sum, the answer of a comparison of ranges that do not overlap. Marks of both operands
//! are on the result. Equality is [`Value::equals`]. Errors are plain text for a caller to
//! put a place to.

use crate::{Bound, Kind, Marks, Number, Refinements, Type, Value};

/// An operation on two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

/// A comparison of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What is wrong with the operands.
pub type OperandError = &'static str;

const NULL: OperandError = "argument must not be null";
const NOT_A_NUMBER: OperandError = "a number is required";
const NOT_A_BOOL: OperandError = "a bool is required";

impl Arithmetic {
    /// The result for two known numbers.
    pub fn apply(self, a: &Number, b: &Number) -> Result<Number, OperandError> {
        match self {
            Arithmetic::Add => a.add(b).ok_or("can't compute sum of opposing infinities"),
            Arithmetic::Subtract => a.sub(b).ok_or("can't subtract infinity from itself"),
            Arithmetic::Multiply => a.mul(b).ok_or("can't multiply zero by infinity"),
            Arithmetic::Divide => a
                .div(b)
                .ok_or("can't divide zero by zero or infinity by infinity"),
            Arithmetic::Modulo => a.rem(b).ok_or("can't use modulo with zero and infinity"),
        }
    }
}

/// `a op b`.
pub fn arithmetic(op: Arithmetic, a: &Value, b: &Value) -> Result<Value, OperandError> {
    let marks = a.marks() | b.marks();
    let result = match (a.kind(), b.kind()) {
        (Kind::Number(a), Kind::Number(b)) => Value::number(op.apply(a, b)?),
        _ => {
            number_or_unknown(a)?;
            number_or_unknown(b)?;
            unknown_result(op, a, b)
        }
    };
    Ok(result.with_marks(marks))
}

/// `-a`.
pub fn negate(a: &Value) -> Result<Value, OperandError> {
    let result = match a.kind() {
        Kind::Number(n) => Value::number(n.neg()),
        _ => {
            number_or_unknown(a)?;
            unknown(Type::Number)
        }
    };
    Ok(result.with_marks(a.marks()))
}

/// `a op b`.
pub fn compare(op: Comparison, a: &Value, b: &Value) -> Result<Value, OperandError> {
    number_or_unknown(a)?;
    number_or_unknown(b)?;
    let answer = match op {
        Comparison::Less => less(a, b),
        Comparison::Greater => less(b, a),
        Comparison::LessOrEqual => either(less(a, b), a.equals(b).as_bool()),
        Comparison::GreaterOrEqual => either(less(b, a), a.equals(b).as_bool()),
    };
    Ok(answered(answer, a.marks() | b.marks()))
}

/// `a && b`. False if one of them is, whatever the other turns out to be.
pub fn and(a: &Value, b: &Value) -> Result<Value, OperandError> {
    let (x, y) = (bool_or_unknown(a)?, bool_or_unknown(b)?);
    let answer = either(x.map(|x| !x), y.map(|y| !y)).map(|any_false| !any_false);
    Ok(answered(answer, a.marks() | b.marks()))
}

/// `a || b`. True if one of them is, whatever the other turns out to be.
pub fn or(a: &Value, b: &Value) -> Result<Value, OperandError> {
    let answer = either(bool_or_unknown(a)?, bool_or_unknown(b)?);
    Ok(answered(answer, a.marks() | b.marks()))
}

/// `!a`.
pub fn not(a: &Value) -> Result<Value, OperandError> {
    let answer = bool_or_unknown(a)?.map(|x| !x);
    Ok(answered(answer, a.marks()))
}

fn unknown(ty: Type) -> Value {
    Value::refined(ty, Refinements::not_null())
}

fn answered(answer: Option<bool>, marks: Marks) -> Value {
    answer
        .map_or_else(|| unknown(Type::Bool), Value::bool)
        .with_marks(marks)
}

/// "Or" where nothing stands for an answer that is not known.
fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn number_or_unknown(v: &Value) -> Result<(), OperandError> {
    match v.kind() {
        Kind::Null(_) => Err(NULL),
        Kind::Number(_) => Ok(()),
        Kind::Unknown(u) if matches!(u.ty, Type::Number | Type::Dynamic) => Ok(()),
        _ => Err(NOT_A_NUMBER),
    }
}

fn bool_or_unknown(v: &Value) -> Result<Option<bool>, OperandError> {
    match v.kind() {
        Kind::Null(_) => Err(NULL),
        Kind::Bool(b) => Ok(Some(*b)),
        Kind::Unknown(u) if matches!(u.ty, Type::Bool | Type::Dynamic) => Ok(None),
        _ => Err(NOT_A_BOOL),
    }
}

/// Whether `a < b`, as far as the ranges tell. A bound that the number cannot reach is
/// taken for one that it can.
fn less(a: &Value, b: &Value) -> Option<bool> {
    if let (Kind::Number(a), Kind::Number(b)) = (a.kind(), b.kind()) {
        return Some(a.compare(b).is_lt());
    }
    let below = |high: Option<Bound>, low: Option<Bound>| match (high, low) {
        (Some(high), Some(low)) => high.value.compare(&low.value).is_lt(),
        _ => false,
    };
    if below(a.range().number_upper(), b.range().number_lower()) {
        return Some(true);
    }
    below(b.range().number_upper(), a.range().number_lower()).then_some(false)
}

/// The unknown result, with the bounds that follow from those of the operands.
fn unknown_result(op: Arithmetic, a: &Value, b: &Value) -> Value {
    let mut facts = Refinements::not_null();
    // The other operations are not monotone.
    let monotone = matches!(
        op,
        Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Multiply
    );
    if monotone && let Some(ends) = ends(op, a, b) {
        let finite = |n: &&Number| !n.is_infinite();
        let least = ends.iter().min_by(|a, b| a.compare(b)).filter(finite);
        let most = ends.iter().max_by(|a, b| a.compare(b)).filter(finite);
        facts.number_lower = least.cloned().map(Bound::inclusive);
        facts.number_upper = most.cloned().map(Bound::inclusive);
    }
    Value::unknown(Type::Number).refine(&facts)
}

/// The results for the ends of both ranges; nothing if one of them is not a number.
fn ends(op: Arithmetic, a: &Value, b: &Value) -> Option<Vec<Number>> {
    let range = |v: &Value| {
        if v.ty() != Type::Number {
            return None;
        }
        let infinity = |text| Number::parse(text).ok();
        let low = match v.range().number_lower() {
            Some(bound) => Some(bound.value),
            None => infinity("-Inf"),
        };
        let high = match v.range().number_upper() {
            Some(bound) => Some(bound.value),
            None => infinity("Inf"),
        };
        Some([low?, high?])
    };
    let (a, b) = (range(a)?, range(b)?);
    let mut out = Vec::with_capacity(4);
    for x in &a {
        for y in &b {
            out.push(op.apply(x, y).ok()?);
        }
    }
    Some(out)
}

impl Value {
    /// The number of elements of a list, set, map or tuple, or of attributes of an
    /// object; nothing for other values and for null. It is unknown, with bounds, for an
    /// unknown collection, and for a set with unknown elements, of which some may turn
    /// out equal. The value's own marks are on it.
    pub fn length(&self) -> Option<Value> {
        let count = |n: usize| Value::int(i64::try_from(n).unwrap_or(i64::MAX));
        let between = |low: u64, high: Option<u64>| {
            let bound = |n| Bound::inclusive(Number::from_u64(n));
            Value::unknown(Type::Number).refine(&Refinements {
                not_null: true,
                number_lower: Some(bound(low)),
                number_upper: high.map(bound),
                ..Refinements::default()
            })
        };
        let length = match self.kind() {
            Kind::Set(_, vs) if vs.len() > 1 && !self.is_wholly_known() => {
                between(1, Some(vs.len() as u64))
            }
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => count(vs.len()),
            Kind::Map(_, vs) | Kind::Object(vs) => count(vs.len()),
            Kind::Unknown(u) => match &u.ty {
                Type::Tuple(ts) => count(ts.len()),
                Type::Object(o) => count(o.attributes.len()),
                ty if ty.is_collection() => {
                    between(self.range().length_lower(), self.range().length_upper())
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(length.with_marks(self.marks()))
    }

    /// The keys and elements of a known list, set, map, tuple or object, in order;
    /// nothing for other values. The key of a set's element is the element. The marks of
    /// the whole are not on the parts.
    pub fn pairs(&self) -> Option<Vec<(Value, &Value)>> {
        match self.kind() {
            Kind::List(_, vs) | Kind::Tuple(vs) => {
                Some((0i64..).map(Value::int).zip(vs.iter()).collect())
            }
            Kind::Set(_, vs) => Some(vs.iter().map(|v| (v.clone(), v)).collect()),
            Kind::Map(_, vs) | Kind::Object(vs) => {
                let key = |k: &std::sync::Arc<str>| Value::from(Kind::String(k.clone()));
                Some(vs.iter().map(|(k, v)| (key(k), v)).collect())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn between(low: i64, high: i64) -> Value {
        Value::unknown(Type::Number).refine(&Refinements {
            number_lower: Some(Bound::inclusive(Number::from_i64(low))),
            number_upper: Some(Bound::exclusive(Number::from_i64(high))),
            ..Refinements::default()
        })
    }

    fn bounds(v: &Value) -> (Option<String>, Option<String>) {
        let text = |b: Option<Bound>| b.map(|b| b.value.to_string());
        (
            text(v.range().number_lower()),
            text(v.range().number_upper()),
        )
    }

    #[test]
    fn bounds_of_unknown_results() {
        let sum = arithmetic(Arithmetic::Add, &between(1, 4), &Value::int(10));
        assert_eq!(
            bounds(&sum.unwrap()),
            (Some("11".into()), Some("14".into()))
        );
        let product = arithmetic(Arithmetic::Multiply, &between(-2, 3), &between(-5, 1)).unwrap();
        assert_eq!(bounds(&product), (Some("-15".into()), Some("10".into())));
        let open = Value::unknown(Type::Number);
        let difference = arithmetic(Arithmetic::Subtract, &open, &Value::int(1)).unwrap();
        assert_eq!(bounds(&difference), (None, None));
        assert!(difference.range().definitely_not_null());
        let dynamic = arithmetic(Arithmetic::Add, &Value::dynamic(), &Value::int(1)).unwrap();
        assert_eq!(dynamic.ty(), Type::Number);
    }

    #[test]
    fn ranges_that_do_not_overlap_compare() {
        let small = between(0, 4);
        assert_eq!(
            compare(Comparison::Less, &small, &Value::int(5)),
            Ok(Value::bool(true))
        );
        assert_eq!(
            compare(Comparison::GreaterOrEqual, &small, &Value::int(5)),
            Ok(Value::bool(false))
        );
        assert_eq!(
            compare(Comparison::Less, &small, &Value::int(3)),
            Ok(unknown(Type::Bool))
        );
    }

    #[test]
    fn equal_digits_are_neither_less_nor_greater() {
        let double = Value::number(Number::from_f64(0.1).unwrap());
        let parsed = Value::number(Number::parse("0.1").unwrap());
        for op in [Comparison::LessOrEqual, Comparison::GreaterOrEqual] {
            assert_eq!(compare(op, &double, &parsed), Ok(Value::bool(true)));
            assert_eq!(compare(op, &parsed, &double), Ok(Value::bool(true)));
        }
    }

    #[test]
    fn logic_with_unknowns() {
        let open = Value::unknown(Type::Bool);
        let (yes, no) = (Value::bool(true), Value::bool(false));
        assert_eq!(and(&open, &no), Ok(no.clone()));
        assert_eq!(or(&open, &yes), Ok(yes.clone()));
        assert_eq!(and(&open, &yes), Ok(unknown(Type::Bool)));
        assert_eq!(not(&no), Ok(yes.clone()));
        assert_eq!(not(&Value::null(Type::Bool)), Err(NULL));
        let secret = no.clone().with_marks(Marks::SENSITIVE);
        assert_eq!(and(&secret, &yes), Ok(secret));
    }

    #[test]
    fn lengths() {
        let open = Value::unknown(Type::String);
        let set = Value::set(Type::String, vec![open.clone(), Value::string("a")]);
        assert_eq!(
            bounds(&set.length().unwrap()),
            (Some("1".into()), Some("2".into()))
        );
        let one = Value::set(Type::String, vec![open]);
        assert_eq!(one.length(), Some(Value::int(1)));
        let list = Value::unknown(Type::list(Type::String)).refine(&Refinements::length(3));
        assert_eq!(list.length(), Some(Value::int(3)));
        assert_eq!(Value::null(Type::list(Type::String)).length(), None);
    }
}
