//! Unary and binary operators.

use loam_diag::{Diagnostic, Span};
use loam_syntax::ast::{BinaryOp, UnaryOp};
use loam_value::convert::convert;
use loam_value::ops::{self, Arithmetic, Comparison};
use loam_value::{Kind, Refinements, Type, Value};

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
            BinaryOp::Add => self.arithmetic(Arithmetic::Add, left, &right, involved),
            BinaryOp::Subtract => self.arithmetic(Arithmetic::Subtract, left, &right, involved),
            BinaryOp::Multiply => self.arithmetic(Arithmetic::Multiply, left, &right, involved),
            BinaryOp::Divide => self.arithmetic(Arithmetic::Divide, left, &right, involved),
            BinaryOp::Less => self.compare(Comparison::Less, left, &right, involved),
            BinaryOp::LessOrEqual => self.compare(Comparison::LessOrEqual, left, &right, involved),
            BinaryOp::Greater => self.compare(Comparison::Greater, left, &right, involved),
            BinaryOp::GreaterOrEqual => {
                self.compare(Comparison::GreaterOrEqual, left, &right, involved)
            }
            _ => self.arithmetic(Arithmetic::Modulo, left, &right, involved),
        }
    }

    fn arithmetic(
        &mut self,
        op: Arithmetic,
        left: &Left,
        right: &Value,
        involved: &Involved<'_>,
    ) -> Value {
        let marks = left.value.marks() | right.marks();
        self.with_numbers(left, right, involved, |a, b| ops::arithmetic(op, a, b))
            .map_or_else(unknown_number, |v| v.with_marks(marks))
    }

    fn compare(
        &mut self,
        op: Comparison,
        left: &Left,
        right: &Value,
        involved: &Involved<'_>,
    ) -> Value {
        let marks = left.value.marks() | right.marks();
        self.with_numbers(left, right, involved, |a, b| ops::compare(op, a, b))
            .map_or_else(unknown_bool, |v| v.with_marks(marks))
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
        let needs_both = self.nameless && !right_errors.is_empty();
        if decided && !needs_both && !left.failed {
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

fn unknown_number() -> Value {
    Value::refined(Type::Number, Refinements::not_null())
}

fn unknown_bool() -> Value {
    Value::refined(Type::Bool, Refinements::not_null())
}
