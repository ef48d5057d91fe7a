//! `condition ? a : b`.
//!
//! Both results are evaluated, because the type of the whole is the one that both convert
//! to; the errors of the one that is not chosen are dropped.

use loam_diag::Diagnostic;
use loam_value::convert::{Safety, convert};
use loam_value::unify::{Unified, unify_with};
use loam_value::{Bound, Kind, Refinements, Type, Value};

use super::Env;
use crate::ir::{Conditional, Node};
use crate::wording::unsuitable;

impl Env<'_> {
    pub(super) fn conditional(&mut self, c: &Conditional, node: &Node) -> Value {
        let (yes, yes_errors) = self.attempt(&c.yes);
        let (no, no_errors) = self.attempt(&c.no);
        let (yes_type, no_type) = (yes.ty(), no.ty());
        // Without a common type nothing is converted: one of the types is not known.
        let common = if is_untyped_null(&yes) {
            decided(no_type)
        } else if is_untyped_null(&no) {
            decided(yes_type)
        } else if yes_type == Type::Dynamic || no_type == Type::Dynamic {
            None
        } else if yes_type == no_type {
            decided(yes_type)
        } else {
            let common = unify_with(&[yes_type.clone(), no_type.clone()], Safety::Unsafe);
            if common.is_none() {
                // What is wrong within the results is told once they fit each other.
                // Names of attributes may come from a secret.
                let how = match (yes.deep_marks() | no.deep_marks()).is_sensitive() {
                    true => kinds(&yes_type, &no_type),
                    false => mismatch(&yes_type, &no_type),
                };
                let detail = format!(
                    "The true and false result expressions must have consistent types. {how}."
                );
                let problem = Diagnostic::error("Inconsistent conditional result types", detail)
                    .at(c.yes.span.to(c.no.span))
                    .within(node.span);
                return self.failed(problem, node);
            }
            common
        };
        let result_type = common.as_ref().map_or(Type::Dynamic, |c| c.ty.clone());
        let Some(chosen) = self.condition(&c.condition, node) else {
            return Value::unknown(result_type);
        };
        let marks = chosen.marks() | yes.marks() | no.marks();
        let result = match chosen.as_bool() {
            None => either(&yes, &no, result_type),
            Some(true) => {
                self.errors.extend(yes_errors);
                self.converted(yes, common, "true", &c.yes, node)
            }
            Some(false) => {
                self.errors.extend(no_errors);
                self.converted(no, common, "false", &c.no, node)
            }
        };
        result.with_marks(marks)
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
        common: Option<Unified>,
        which: &str,
        arm: &Node,
        whole: &Node,
    ) -> Value {
        let Some(common) = common else {
            return value;
        };
        match common.convert(&value) {
            Ok(value) => value,
            Err(e) => {
                let why = unsuitable(&e, &value);
                let detail = format!("The {which} result value has the wrong type: {why}.");
                let problem = Diagnostic::error("Inconsistent conditional result types", detail);
                self.fail(problem.within(whole.span), arm);
                Value::unknown(common.ty)
            }
        }
    }
}

fn decided(ty: Type) -> Option<Unified> {
    Some(Unified {
        ty,
        undecided: false,
    })
}

fn is_untyped_null(value: &Value) -> bool {
    matches!(value.kind(), Kind::Null(Type::Dynamic)) && value.marks().is_empty()
}

/// What is known of a value that is one of two.
fn either(yes: &Value, no: &Value, ty: Type) -> Value {
    let (a, b) = (yes.range(), no.range());
    let mut facts = Refinements {
        not_null: a.definitely_not_null() && b.definitely_not_null(),
        ..Refinements::default()
    };
    if let (Some(a), Some(b)) = (yes.as_number(), no.as_number()) {
        let (low, high) = if a.compare(b).is_gt() { (b, a) } else { (a, b) };
        facts.number_lower = Some(Bound::inclusive(low.clone()));
        facts.number_upper = Some(Bound::inclusive(high.clone()));
    }
    if ty.is_collection() && yes.is_known() && no.is_known() && yes.ty() == no.ty() {
        facts.length_lower = Some(a.length_lower().min(b.length_lower()));
        facts.length_upper = a
            .length_upper()
            .zip(b.length_upper())
            .map(|(a, b)| a.max(b));
    }
    Value::unknown(ty).refine(&facts)
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
    kinds(yes, no)
}

/// How two types differ, but for what is in them.
fn kinds(yes: &Type, no: &Type) -> String {
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
