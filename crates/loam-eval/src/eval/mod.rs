//! Evaluation: from a resolved expression and a scope to a value.
//!
//! A part that fails reports its error and stands for a value of unknown type, so that
//! evaluation goes on and finds the other errors, too. If there were any, the value is
//! thrown away at the end.

mod call;
mod collection;
mod conditional;
mod notes;
mod operators;
mod splat;
mod template;
mod traverse;

use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics};
use loam_value::Value;

use crate::Scope;
use crate::ir::{Expr, Node, NodeKind, ReferenceNode, Step};

pub(crate) fn evaluate(expr: &Expr, scope: &dyn Scope) -> Result<Value, Diagnostics> {
    let mut env = Env {
        scope,
        slots: Vec::new(),
        errors: Vec::new(),
        quiet: 0,
        nameless: false,
    };
    let value = env.eval(expr.root());
    if env.errors.is_empty() {
        return Ok(value);
    }
    let mut diags = Diagnostics(env.errors);
    diags.sort();
    // What fails in every round of a loop in the same way is one mistake.
    diags
        .0
        .dedup_by(|b, a| (&a.summary, &a.detail, a.subject) == (&b.summary, &b.detail, b.subject));
    Err(diags)
}

/// The value where no name means anything and nothing can be called: unknown where it depends
/// on one.
pub(crate) fn without_names(expr: &Expr) -> Value {
    let mut env = Env {
        scope: &crate::MapScope::empty(),
        slots: Vec::new(),
        errors: Vec::new(),
        quiet: 1,
        nameless: true,
    };
    env.eval(expr.root())
}

pub(crate) fn notes(expr: &Expr, scope: &dyn Scope) -> Vec<loam_diag::ValueNote> {
    let mut env = Env {
        scope,
        slots: Vec::new(),
        errors: Vec::new(),
        quiet: 0,
        nameless: false,
    };
    notes::value_notes(&mut env, [expr.root()])
}

/// What an evaluation carries along.
struct Env<'a> {
    scope: &'a dyn Scope,
    /// The values of the `for` variables, by slot.
    slots: Vec<Value>,
    errors: Vec<Diagnostic>,
    /// Above zero while errors are only counted, not shown: within `can`.
    quiet: u32,
    /// No name means anything, nor one of a function; then operators need all their operands.
    nameless: bool,
}

impl Env<'_> {
    fn eval(&mut self, node: &Node) -> Value {
        match &node.kind {
            NodeKind::Call(_) | NodeKind::Try(_) | NodeKind::Can(_) | NodeKind::Convert(_)
                if self.nameless =>
            {
                self.failed(Diagnostic::error("Function calls not allowed", ""), node)
            }
            NodeKind::Literal(value) => value.clone(),
            NodeKind::Reference(r) => self.reference(r, node),
            NodeKind::Slot { slot, steps, .. } => {
                let value = self.slot(*slot);
                self.steps(value, steps, node)
            }
            NodeKind::Traverse { base, steps } => {
                let value = self.eval(base);
                self.steps(value, steps, node)
            }
            NodeKind::Tuple(items) => self.tuple(items),
            NodeKind::Object(items) => self.object(items),
            NodeKind::Template(parts) => self.template(parts, node),
            NodeKind::Call(call) => self.call(call, node),
            NodeKind::Chain { first, rest } => self.chain(first, rest),
            NodeKind::Unary { op, operand } => self.unary(*op, operand, node),
            NodeKind::Conditional(c) => self.conditional(c, node),
            NodeKind::For(f) => self.for_expr(f, node),
            NodeKind::Try(call) => self.try_call(call, node),
            NodeKind::Can(call) => self.can_call(call, node),
            NodeKind::Convert(c) => self.convert_call(c, node),
            NodeKind::TypeQuery(inner) => self.eval(inner.root()),
            NodeKind::Invalid(problem) => {
                self.errors.push(problem.as_ref().clone());
                Value::dynamic()
            }
        }
    }

    /// Reports an error in `node`; the values of what it refers to are told with it.
    fn fail(&mut self, problem: Diagnostic, node: &Node) {
        self.fail_with(problem.at(node.span), [node]);
    }

    /// Reports an error in which several nodes take part.
    fn fail_with<'n>(
        &mut self,
        mut problem: Diagnostic,
        nodes: impl IntoIterator<Item = &'n Node>,
    ) {
        if self.quiet == 0 {
            problem.values = notes::value_notes(self, nodes);
        }
        self.errors.push(problem);
    }

    /// [`Env::fail`] where the result does not matter.
    fn failed(&mut self, problem: Diagnostic, node: &Node) -> Value {
        self.fail(problem, node);
        Value::dynamic()
    }

    /// Evaluates without keeping the errors: the value and the errors.
    fn attempt(&mut self, node: &Node) -> (Value, Vec<Diagnostic>) {
        let before = self.errors.len();
        let value = self.eval(node);
        (value, self.errors.split_off(before))
    }

    fn slot(&self, slot: usize) -> Value {
        self.slots.get(slot).cloned().unwrap_or_else(Value::dynamic)
    }

    fn set_slot(&mut self, slot: usize, value: Value) {
        if self.slots.len() <= slot {
            self.slots.resize(slot + 1, Value::dynamic());
        }
        if let Some(place) = self.slots.get_mut(slot) {
            *place = value;
        }
    }

    fn reference(&mut self, r: &ReferenceNode, node: &Node) -> Value {
        let before = self.errors.len();
        let key = r.key.as_ref().map(|k| self.eval(k));
        if self.errors.len() > before {
            return Value::dynamic();
        }
        match self.scope.get(&r.target, key.as_ref(), r.target_span) {
            Ok(value) => self.steps(value, &r.steps, node),
            Err(problems) => {
                self.errors
                    .extend(problems.into_iter().map(|d| d.at(r.target_span)));
                Value::dynamic()
            }
        }
    }

    fn steps(&mut self, mut value: Value, steps: &[Step], node: &Node) -> Value {
        for step in steps {
            let (result, span) = match step {
                Step::Attribute(name, span) => (traverse::attribute(&value, name), *span),
                Step::Index(key, span) => {
                    let before = self.errors.len();
                    let key = self.eval(key);
                    if self.errors.len() > before {
                        return Value::dynamic();
                    }
                    (traverse::index(&value, &key), *span)
                }
                Step::Splat { each, span } => {
                    value = self.splat(&value, each, *span, node);
                    continue;
                }
            };
            value = match result {
                Ok(value) => value,
                Err(problem) => {
                    let problem = problem.at(span).within(node.span);
                    return self.failed(problem, node);
                }
            };
        }
        value
    }

    fn tuple(&mut self, items: &[Node]) -> Value {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.eval(item));
        }
        Value::tuple(values)
    }
}

/// The name under which a `for` variable or target is shown.
pub(crate) type Name = Arc<str>;
