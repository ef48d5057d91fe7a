//! Splats: `list.*.name`, `list[*].name[0]`.

use std::sync::Arc;

use loam_diag::{Diagnostic, Span};
use loam_value::{Kind, Refinements, Type, Value};

use super::Env;
use crate::ir::{Node, Step};

impl Env<'_> {
    /// Applies `each` to every element of `source`. What is not a sequence counts as a
    /// sequence of itself, or as an empty one if it is null.
    pub(super) fn splat(
        &mut self,
        source: &Value,
        each: &[Step],
        marker: Span,
        node: &Node,
    ) -> Value {
        let marks = source.marks();
        match source.kind() {
            Kind::List(element, items) | Kind::Set(element, items) => self
                .splat_list(element, items, each, node)
                .with_marks(marks),
            Kind::Tuple(items) => self.splat_tuple(items, each, node).with_marks(marks),
            Kind::Null(Type::Tuple(_) | Type::List(_) | Type::Set(_)) => {
                let problem = Diagnostic::error(
                    "Splat of null value",
                    "Splat expressions (with the * symbol) cannot be applied to null sequences.",
                );
                self.failed(problem.at(marker).within(node.span), node)
            }
            Kind::Null(_) => Value::tuple(Vec::new()).with_marks(marks),
            Kind::Unknown(u) => {
                let (ty, refinements) = (u.ty.clone(), u.refinements().clone());
                self.splat_unknown(source, &ty, refinements, each, node)
                    .with_marks(marks)
            }
            _ => self
                .splat_tuple(std::slice::from_ref(source), each, node)
                .with_marks(marks),
        }
    }

    fn splat_tuple(&mut self, items: &[Value], each: &[Step], node: &Node) -> Value {
        let before = self.errors.len();
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.steps(item.clone(), each, node));
        }
        let after = self.errors.len();
        if after == before {
            return Value::tuple(values);
        }
        let types = items.iter().map(|v| self.step_type(&v.ty(), each, node));
        let ty = Type::Tuple(Arc::new(types.collect()));
        self.errors.truncate(after);
        Value::unknown(ty)
    }

    fn splat_list(&mut self, element: &Type, items: &[Value], each: &[Step], node: &Node) -> Value {
        if items.is_empty() {
            return Value::list(self.step_type(element, each, node), Vec::new());
        }
        let before = self.errors.len();
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.steps(item.clone(), each, node));
            let after = self.errors.len();
            if after > before {
                // The elements have one type: what fails for one mostly fails for all.
                let ty = self.step_type(element, each, node);
                self.errors.truncate(after);
                return Value::unknown(Type::list(ty));
            }
        }
        let ty = values.iter().map(Value::ty).find(|t| *t != Type::Dynamic);
        Value::list(ty.unwrap_or(Type::Dynamic), values)
    }

    fn splat_unknown(
        &mut self,
        source: &Value,
        ty: &Type,
        known: Refinements,
        each: &[Step],
        node: &Node,
    ) -> Value {
        match ty {
            Type::Dynamic => Value::dynamic(),
            Type::List(element) | Type::Set(element) => {
                let ty = Type::list(self.step_type(element, each, node));
                let refinements = Refinements {
                    length_lower: known.length_lower,
                    length_upper: known.length_upper,
                    ..Refinements::not_null()
                };
                Value::unknown(ty).refine(&refinements)
            }
            Type::Tuple(types) => {
                let types = types.iter().map(|t| self.step_type(t, each, node));
                let ty = Type::Tuple(Arc::new(types.collect()));
                Value::refined(ty, Refinements::not_null())
            }
            _ => {
                let value = self.steps(source.clone(), each, node);
                if known.not_null {
                    Value::tuple(vec![value])
                } else {
                    // It may turn out to be null, which would give no element.
                    Value::dynamic()
                }
            }
        }
    }

    /// The type that the steps give for an element of type `ty`.
    fn step_type(&mut self, ty: &Type, each: &[Step], node: &Node) -> Type {
        self.steps(Value::unknown(ty.clone()), each, node).ty()
    }
}
