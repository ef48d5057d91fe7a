//! `condition ? a : b`.
//!
//! Both results are evaluated, because the type of the whole is the one that both convert
//! to; the errors of the one that is not chosen are dropped.

use crate::interim::unify;
use loam_diag::Diagnostic;
use loam_value::convert::convert;
use loam_value::{Bound, Kind, Number, Refinements, Type, Value};

use super::Env;
use crate::call::describe;
use crate::ir::{Conditional, Node};

impl Env<'_> {
    pub(super) fn conditional(&mut self, c: &Conditional, node: &Node) -> Value {
        let (yes, yes_errors) = self.attempt(&c.yes);
        let (no, no_errors) = self.attempt(&c.no);
        let (yes_type, no_type) = (yes.ty(), no.ty());
        // None: no conversion, because the type of the whole is not known.
        let ty = if is_untyped_null(&yes) {
            Some(no_type)
        } else if is_untyped_null(&no) {
            Some(yes_type)
        } else if yes_type == Type::Dynamic || no_type == Type::Dynamic {
            None
        } else if yes_type == no_type {
            Some(yes_type)
        } else {
            match unify(&[yes_type.clone(), no_type.clone()]) {
                Some(ty) => Some(ty),
                None => {
                    self.errors.extend(yes_errors);
                    self.errors.extend(no_errors);
                    let detail = format!(
                        "The true and false result expressions must have consistent types. {}.",
                        mismatch(&yes_type, &no_type)
                    );
                    let problem =
                        Diagnostic::error("Inconsistent conditional result types", detail)
                            .at(c.yes.span.to(c.no.span))
                            .within(node.span);
                    return self.failed(problem, node);
                }
            }
        };
        let result_type = ty.clone().unwrap_or(Type::Dynamic);
        let Some(chosen) = self.condition(&c.condition, node) else {
            return Value::unknown(result_type);
        };
        let marks = chosen.marks() | yes.marks() | no.marks();
        match chosen.as_bool() {
            None => either(&yes, &no, result_type).with_marks(marks),
            Some(true) => {
                self.errors.extend(yes_errors);
                self.converted(yes, ty, "true", &c.yes, node)
                    .with_marks(marks)
            }
            Some(false) => {
                self.errors.extend(no_errors);
                self.converted(no, ty, "false", &c.no, node)
                    .with_marks(marks)
            }
        }
    }

    /// The value of a condition as a bool, maybe unknown; none (and an error) if it
    /// cannot be one.
    pub(super) fn condition(&mut self, condition: &Node, whole: &Node) -> Option<Value> {
        let value = self.eval(condition);
        if value.is_null() {
            let problem = Diagnostic::error(
                "Null condition",
                "The condition value is null. Conditions must either be true or false.",
            );
            self.fail(problem.within(whole.span), condition);
            return None;
        }
        if value.is_unknown() {
            return Some(value);
        }
        match convert(&value, &Type::Bool) {
            Ok(value) => Some(value),
            Err(_) => {
                let detail = format!(
                    "The condition expression must be of type bool, not {}.",
                    value.ty().friendly_name()
                );
                let problem = Diagnostic::error("Incorrect condition type", detail);
                self.fail(problem.within(whole.span), condition);
                None
            }
        }
    }

    fn converted(
        &mut self,
        value: Value,
        ty: Option<Type>,
        which: &str,
        arm: &Node,
        whole: &Node,
    ) -> Value {
        let Some(ty) = ty else {
            return value;
        };
        match convert(&value, &ty) {
            Ok(value) => value,
            Err(e) => {
                let detail = format!(
                    "The {which} result value has the wrong type: {}.",
                    describe(&e)
                );
                let problem = Diagnostic::error("Inconsistent conditional result types", detail);
                self.fail(problem.within(whole.span), arm);
                Value::unknown(ty)
            }
        }
    }
}

fn is_untyped_null(value: &Value) -> bool {
    matches!(value.kind(), Kind::Null(Type::Dynamic)) && value.marks().is_empty()
}

/// What is known of a value that is one of two.
fn either(yes: &Value, no: &Value, ty: Type) -> Value {
    let mut refinements = Refinements {
        not_null: not_null(yes) && not_null(no),
        ..Refinements::default()
    };
    if let (Some(a), Some(b)) = (yes.as_number(), no.as_number()) {
        let (low, high) = if a.compare(b) == std::cmp::Ordering::Greater {
            (b, a)
        } else {
            (a, b)
        };
        let bound = |n: &Number| {
            Some(Bound {
                value: n.clone(),
                inclusive: true,
            })
        };
        refinements.number_lower = bound(low);
        refinements.number_upper = bound(high);
    }
    if ty.is_collection()
        && yes.ty() == no.ty()
        && let (Some(a), Some(b)) = (length(yes), length(no))
    {
        refinements.length_lower = Some(a.min(b));
        refinements.length_upper = Some(a.max(b));
    }
    if ty == Type::Dynamic {
        return Value::dynamic();
    }
    Value::refined(ty, refinements)
}

fn not_null(value: &Value) -> bool {
    match value.kind() {
        Kind::Null(_) => false,
        Kind::Unknown(u) => u.refinements.not_null,
        _ => true,
    }
}

/// The length of a known collection; a set with unknown elements has none, because two
/// of them may turn out to be one.
fn length(value: &Value) -> Option<u64> {
    match value.kind() {
        Kind::Set(_, items) if items.iter().all(Value::is_wholly_known) => Some(items.len()),
        Kind::List(_, items) => Some(items.len()),
        Kind::Map(_, items) => Some(items.len()),
        _ => None,
    }
    .map(|n| n as u64)
}

/// How two types differ, in words, for types that have no common type.
fn mismatch(yes: &Type, no: &Type) -> String {
    match (yes, no) {
        (Type::Object(a), Type::Object(b)) => {
            for (name, ty) in &a.attributes {
                match b.attributes.get(name) {
                    None => {
                        return format!(
                            "The 'true' value includes object attribute {name:?}, which is \
                             absent in the 'false' value"
                        );
                    }
                    Some(other) if other != ty => {
                        return format!(
                            "Type mismatch for object attribute {name:?}: {}",
                            mismatch(ty, other)
                        );
                    }
                    Some(_) => {}
                }
            }
            if let Some(name) = b.attributes.keys().find(|n| !a.attributes.contains_key(*n)) {
                return format!(
                    "The 'false' value includes object attribute {name:?}, which is absent in \
                     the 'true' value"
                );
            }
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() != b.len() => {
            return format!(
                "The 'true' tuple has length {}, but the 'false' tuple has length {}",
                a.len(),
                b.len()
            );
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            let mut pairs = a.iter().zip(b.iter()).enumerate();
            if let Some((i, (x, y))) = pairs.find(|(_, (x, y))| x != y) {
                return format!("Type mismatch for tuple element {i}: {}", mismatch(x, y));
            }
        }
        (Type::List(a), Type::List(b)) if both_structural(a, b) => {
            return format!("Mismatched list element types: {}", mismatch(a, b));
        }
        (Type::Set(a), Type::Set(b)) if both_structural(a, b) => {
            return format!("Mismatched set element types: {}", mismatch(a, b));
        }
        (Type::Map(a), Type::Map(b)) if both_structural(a, b) => {
            return format!("Mismatched map element types: {}", mismatch(a, b));
        }
        _ => {}
    }
    let (yes, no) = (yes.friendly_name(), no.friendly_name());
    if yes == no {
        return "At least one deeply-nested attribute or element is not compatible across both \
                the 'true' and the 'false' value"
            .into();
    }
    format!("The 'true' value is {yes}, but the 'false' value is {no}")
}

fn both_structural(a: &Type, b: &Type) -> bool {
    matches!(
        (a, b),
        (Type::Object(_), Type::Object(_)) | (Type::Tuple(_), Type::Tuple(_))
    )
}
