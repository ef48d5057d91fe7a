//! Function calls.

use std::fmt::Write;

use loam_diag::{Diagnostic, Span};
use loam_value::convert::convert_with_defaults;
use loam_value::{Kind, Type, Value};

use super::Env;
use crate::call::{CallError, call_function};
use crate::ir::{Call, Convert, Node};

impl Env<'_> {
    pub(super) fn call(&mut self, call: &Call, node: &Node) -> Value {
        let before = self.errors.len();
        let Some((fixed, expanded)) = self.expansion(call, node) else {
            return Value::dynamic();
        };
        if let Err(error) = call.function.check_count(fixed.len() + expanded.len()) {
            let at = match &error {
                CallError::TooMany { expected } => call
                    .args
                    .get(*expected)
                    .or(call.args.last())
                    .map_or(call.args_span, |arg| arg.span),
                _ => closing(call.args_span),
            };
            let problem = Diagnostic::error(error.summary(), error.detail(&call.name));
            return self.failed(problem.at(at).within(node.span), node);
        }
        let mut args = Vec::with_capacity(fixed.len() + expanded.len());
        for arg in fixed {
            args.push(self.eval(arg));
        }
        args.extend(expanded);
        if self.errors.len() > before {
            return Value::dynamic();
        }
        match call_function(&call.function, self.scope.call_context(), &args) {
            Ok(value) => value,
            Err(errors) => {
                for error in errors {
                    self.call_failed(call, &error, node);
                }
                Value::dynamic()
            }
        }
    }

    /// The arguments written one by one, and those that an expanding last one stands for.
    /// None if those cannot be told, with or without an error.
    fn expansion<'c>(&mut self, call: &'c Call, node: &Node) -> Option<(&'c [Node], Vec<Value>)> {
        let Some((last, fixed)) = call.args.split_last().filter(|_| call.expand) else {
            return Some((&call.args, Vec::new()));
        };
        let before = self.errors.len();
        let value = self.eval(last);
        if self.errors.len() > before {
            return None;
        }
        let marks = value.marks();
        let detail = match value.kind() {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                let items = items.iter().map(|v| v.clone().with_marks(marks));
                return Some((fixed, items.collect()));
            }
            Kind::Unknown(u)
                if matches!(
                    u.ty,
                    Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)
                ) =>
            {
                return None;
            }
            Kind::Null(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                "The expanding argument (indicated by ...) must not be null.".to_owned()
            }
            _ => format!(
                "The expanding argument (indicated by ...) must be of a tuple, list, or set \
                 type, not {}.",
                value.ty().friendly_name()
            ),
        };
        let problem = Diagnostic::error("Invalid expanding argument value", detail);
        self.fail(problem.within(node.span), last);
        None
    }

    fn call_failed(&mut self, call: &Call, error: &CallError, node: &Node) {
        let problem = Diagnostic::error(error.summary(), error.detail(&call.name));
        // The arguments that the last one was expanded to are written where it is.
        let index = match error {
            CallError::Argument { index, .. } => Some(*index),
            CallError::Failed { argument, .. } => *argument,
            _ => None,
        };
        let arg = index.and_then(|index| {
            let written = call.args.get(index);
            written.or(call.args.last().filter(|_| call.expand))
        });
        match arg {
            Some(arg) => self.fail(problem.within(node.span), arg),
            None => self.fail(problem.at(call.name_span).within(node.span), node),
        }
    }

    /// The first argument that evaluates without an error. If its value is not wholly
    /// known, the result may still become another one.
    pub(super) fn try_call(&mut self, call: &Call, node: &Node) -> Value {
        let settled = |value: Value| match value.is_wholly_known() {
            true => value,
            false => Value::dynamic().with_marks(value.deep_marks()),
        };
        let Some((written, expanded)) = self.expansion(call, node) else {
            return Value::dynamic();
        };
        let mut problems = Vec::new();
        for arg in written {
            let (value, errors) = self.attempt(arg);
            if errors.is_empty() {
                return settled(value);
            }
            problems.extend(errors);
        }
        if let Some(value) = expanded.into_iter().next() {
            return settled(value);
        }
        let mut detail = String::from("Call to function \"try\" failed: ");
        if problems.is_empty() {
            detail.push_str("at least one argument is required.");
        } else {
            detail.push_str("no expression succeeded:\n");
            for problem in &problems {
                // Writing to a string does not fail.
                let _ = writeln!(detail, "- {}\n  {}", problem.summary, problem.detail);
            }
            detail.push_str("\nAt least one expression must produce a successful result.");
        }
        let mut failure = Diagnostic::error("Error in function call", detail)
            .at(call.name_span)
            .within(node.span);
        for problem in problems {
            if let Some(span) = problem.subject {
                failure = failure.label(span, problem.summary);
            }
        }
        self.failed(failure, node)
    }

    pub(super) fn convert_call(&mut self, c: &Convert, node: &Node) -> Value {
        let before = self.errors.len();
        let value = self.eval(&c.value);
        if self.errors.len() > before {
            return Value::dynamic();
        }
        match convert_with_defaults(&value, &c.ty, &c.defaults) {
            Ok(value) => value,
            Err(e) => {
                let detail = format!("Invalid value for \"value\" parameter: {e}.");
                let problem = Diagnostic::error("Invalid function argument", detail);
                self.fail(problem.within(node.span), &c.value);
                Value::dynamic()
            }
        }
    }

    pub(super) fn can_call(&mut self, call: &Call, node: &Node) -> Value {
        if let Err(error) = call.function.check_count(call.args.len()) {
            let problem = Diagnostic::error(error.summary(), error.detail(&call.name));
            let at = call.args.get(1).map_or(closing(call.args_span), |a| a.span);
            return self.failed(problem.at(at).within(node.span), node);
        }
        let Some(arg) = call.args.first() else {
            return Value::dynamic();
        };
        self.quiet += 1;
        let (value, errors) = self.attempt(arg);
        self.quiet -= 1;
        if !errors.is_empty() {
            Value::bool(false)
        } else if value.is_wholly_known() {
            Value::bool(true)
        } else {
            Value::unknown(Type::Bool)
        }
    }
}

/// The closing parenthesis.
fn closing(args: Span) -> Span {
    Span {
        start: args.end.saturating_sub(1).max(args.start),
        ..args
    }
}
