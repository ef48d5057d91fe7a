//! Unary and binary operators.

use std::cmp::Ordering;

use loam_diag::{Diagnostic, Span};
use loam_syntax::ast::{BinaryOp, UnaryOp};
use loam_value::convert::convert;
use loam_value::{Kind, Number, Refinements, Type, Value};

use super::Env;
use crate::ir::{Node, Operand};
use crate::wording::unsuitable;

/// The left operand of an operator in a chain: what has been evaluated so far.
struct Left {
    value: Value,
    /// Errors since the operand's evaluation began.
    failed: bool,
    span: Span,
}

impl Env<'_> {
    pub(super) fn chain(&mut self, first: &Node, rest: &[Operand]) -> Value {
        let start = self.errors.len();
        let mut left = Left {
            value: self.eval(first),
            failed: self.errors.len() > start,
            span: first.span,
        };
        for (i, operand) in rest.iter().enumerate() {
            let whole = first.span.to(operand.node.span);
            let involved = Involved {
                first,
                before: rest.get(..i).unwrap_or_default(),
                right: &operand.node,
                whole,
                start,
            };
            left.value = match operand.op {
                BinaryOp::And | BinaryOp::Or => self.logical(operand.op, &left, &involved),
                op => self.binary(op, &left, &involved),
            };
            left.failed = self.errors.len() > start;
            left.span = whole;
        }
        left.value
    }

    fn binary(&mut self, op: BinaryOp, left: &Left, involved: &Involved<'_>) -> Value {
        let right = self.eval(involved.right);
        let marks = left.value.marks() | right.marks();
        match op {
            BinaryOp::Equal | BinaryOp::NotEqual => {
                if self.errors.len() > involved.start {
                    return unknown_bool();
                }
                if op == BinaryOp::Equal {
                    left.value.equals(&right)
                } else {
                    left.value.not_equals(&right)
                }
            }
            BinaryOp::Less
            | BinaryOp::LessOrEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterOrEqual => self
                .with_numbers(left, &right, involved, |a, b| {
                    Ok(match (a.as_number(), b.as_number()) {
                        (Some(a), Some(b)) => Value::bool(holds(op, a.compare(b))),
                        _ => by_range(op, a, b),
                    })
                })
                .map_or_else(unknown_bool, |v| v.with_marks(marks)),
            op => self
                .with_numbers(left, &right, involved, |a, b| {
                    match (a.as_number(), b.as_number()) {
                        (Some(a), Some(b)) => arithmetic(op, a, b).map(Value::number),
                        _ => Ok(unknown_number()),
                    }
                })
                .map_or_else(unknown_number, |v| v.with_marks(marks)),
        }
    }

    /// Calls `f` with both operands as numbers, known or unknown; none after an error.
    fn with_numbers(
        &mut self,
        left: &Left,
        right: &Value,
        involved: &Involved<'_>,
        f: impl FnOnce(&Value, &Value) -> Result<Value, &'static str>,
    ) -> Option<Value> {
        let a = self.operand(&left.value, &Type::Number, "left", left.span, involved);
        let span = involved.right.span;
        let b = self.operand(right, &Type::Number, "right", span, involved);
        let (Some(a), Some(b)) = (a, b) else {
            return None;
        };
        if self.errors.len() > involved.start {
            return None;
        }
        if a.is_null() || b.is_null() {
            let span = if a.is_null() { left.span } else { span };
            self.null_operand(span, involved);
            return None;
        }
        match f(&a, &b) {
            Ok(value) => Some(value),
            Err(why) => {
                let detail = format!("Error during operation: {why}.");
                let problem = Diagnostic::error("Operation failed", detail).at(involved.whole);
                self.fail_involved(problem, involved);
                None
            }
        }
    }

    fn null_operand(&mut self, span: Span, involved: &Involved<'_>) {
        let problem = Diagnostic::error(
            "Operation failed",
            "Error during operation: argument must not be null.",
        );
        self.fail_involved(problem.at(span).within(involved.whole), involved);
    }

    /// An operand as the operator's type; none (and an error) if it does not convert.
    fn operand(
        &mut self,
        value: &Value,
        ty: &Type,
        side: &str,
        span: Span,
        involved: &Involved<'_>,
    ) -> Option<Value> {
        match (value.kind(), ty) {
            (Kind::Number(_), Type::Number) | (Kind::Bool(_), Type::Bool) => {
                return Some(value.clone());
            }
            _ => {}
        }
        match convert(value, ty) {
            Ok(value) => Some(value),
            Err(e) => {
                let detail = format!(
                    "Unsuitable value for {side} operand: {}.",
                    unsuitable(&e, value)
                );
                let problem = Diagnostic::error("Invalid operand", detail).at(span);
                self.fail_involved(problem.within(involved.whole), involved);
                None
            }
        }
    }

    /// `&&` and `||`. A left operand that decides the result makes the right one not
    /// matter: neither its errors nor that it is unknown, only its marks.
    fn logical(&mut self, op: BinaryOp, left: &Left, involved: &Involved<'_>) -> Value {
        let deciding = op == BinaryOp::Or;
        let (right, right_errors) = self.attempt(involved.right);
        let marks = left.value.marks() | right.marks();
        let decided =
            convert(&left.value, &Type::Bool).is_ok_and(|v| v.as_bool() == Some(deciding));
        if decided && !left.failed {
            return Value::bool(deciding).with_marks(marks);
        }
        self.errors.extend(right_errors);
        let a = self.operand(&left.value, &Type::Bool, "left", left.span, involved);
        let span = involved.right.span;
        let b = self.operand(&right, &Type::Bool, "right", span, involved);
        let (Some(a), Some(b)) = (a, b) else {
            return unknown_bool();
        };
        if self.errors.len() > involved.start {
            return unknown_bool();
        }
        if a.is_null() || b.is_null() {
            let span = if a.is_null() { left.span } else { span };
            self.null_operand(span, involved);
            return unknown_bool();
        }
        let result = match (a.as_bool(), b.as_bool()) {
            // The left one does not decide, so the right one is the result.
            (Some(_), Some(b)) => Value::bool(b),
            _ => unknown_bool(),
        };
        result.with_marks(marks)
    }

    pub(super) fn unary(&mut self, op: UnaryOp, operand: &Node, node: &Node) -> Value {
        let before = self.errors.len();
        let value = self.eval(operand);
        let (ty, unknown) = match op {
            UnaryOp::Negate => (Type::Number, unknown_number()),
            UnaryOp::Not => (Type::Bool, unknown_bool()),
        };
        if self.errors.len() > before {
            return unknown;
        }
        let problem = match convert(&value, &ty) {
            Ok(value) => match value.kind() {
                Kind::Bool(b) => return Value::bool(!b).with_marks(value.marks()),
                Kind::Number(n) => return Value::number(n.neg()).with_marks(value.marks()),
                Kind::Null(_) => Diagnostic::error(
                    "Operation failed",
                    "Error during operation: argument must not be null.",
                ),
                _ => return unknown.with_marks(value.marks()),
            },
            Err(e) => Diagnostic::error(
                "Invalid operand",
                format!(
                    "Unsuitable value for unary operand: {}.",
                    unsuitable(&e, &value)
                ),
            ),
        };
        self.fail(problem.within(node.span), operand);
        unknown
    }

    fn fail_involved(&mut self, problem: Diagnostic, involved: &Involved<'_>) {
        let nodes = std::iter::once(involved.first)
            .chain(involved.before.iter().map(|o| &o.node))
            .chain([involved.right]);
        self.fail_with(problem, nodes);
    }
}

/// Where in a chain an operator stands, for error messages.
struct Involved<'n> {
    first: &'n Node,
    before: &'n [Operand],
    right: &'n Node,
    /// From the first operand to the right one.
    whole: Span,
    /// The number of errors before the chain's evaluation began.
    start: usize,
}

fn arithmetic(op: BinaryOp, a: &Number, b: &Number) -> Result<Number, &'static str> {
    match op {
        BinaryOp::Add => a.add(b).ok_or("can't compute sum of opposing infinities"),
        BinaryOp::Subtract => a.sub(b).ok_or("can't subtract infinity from itself"),
        BinaryOp::Multiply => a.mul(b).ok_or("can't multiply zero by infinity"),
        BinaryOp::Divide => a
            .div(b)
            .ok_or("can't divide zero by zero or infinity by infinity"),
        _ => a.rem(b).ok_or("can't use modulo with infinities"),
    }
}

fn holds(op: BinaryOp, order: Ordering) -> bool {
    match op {
        BinaryOp::Less => order.is_lt(),
        BinaryOp::LessOrEqual => order.is_le(),
        BinaryOp::Greater => order.is_gt(),
        _ => order.is_ge(),
    }
}

/// Compares numbers of which at least one is unknown: known only if their ranges are
/// apart.
fn by_range(op: BinaryOp, a: &Value, b: &Value) -> Value {
    let below = |low: &Value, high: &Value| {
        let bounds = (low.range().number_upper(), high.range().number_lower());
        matches!(bounds, (Some(x), Some(y)) if x.value.compare(&y.value).is_lt())
    };
    if below(a, b) {
        Value::bool(holds(op, Ordering::Less))
    } else if below(b, a) {
        Value::bool(holds(op, Ordering::Greater))
    } else {
        unknown_bool()
    }
}

fn unknown_number() -> Value {
    Value::refined(Type::Number, Refinements::not_null())
}

fn unknown_bool() -> Value {
    Value::refined(Type::Bool, Refinements::not_null())
}
