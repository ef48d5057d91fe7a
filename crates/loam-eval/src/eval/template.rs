//! Templates: text with interpolations and directives.

use loam_diag::Diagnostic;
use loam_value::convert::convert;
use loam_value::{Kind, Marks, Refinements, Type, Value};

use super::Env;
use super::collection::Round;
use crate::ir::{Node, Part};
use crate::wording::unsuitable;

/// At most this many bytes of an unknown string's known prefix are remembered.
const LONGEST_PREFIX: usize = 128;

/// A template's text as far as it is known.
struct Text {
    /// Up to the first unknown part.
    known: String,
    complete: bool,
    marks: Marks,
}

impl Env<'_> {
    pub(super) fn template(&mut self, parts: &[Part], node: &Node) -> Value {
        let mut text = Text {
            known: String::new(),
            complete: true,
            marks: Marks::NONE,
        };
        let before = self.errors.len();
        self.parts(parts, &mut text, node);
        let value = if text.complete {
            Value::string(text.known)
        } else {
            let known = match self.errors.len() > before {
                true => "",
                false => shortened(&text.known),
            };
            Value::refined(Type::String, Refinements::not_null().with_prefix(known))
        };
        value.with_marks(text.marks)
    }

    fn parts(&mut self, parts: &[Part], text: &mut Text, node: &Node) {
        for part in parts {
            match part {
                Part::Literal(literal) => text.push(literal),
                Part::Interpolation(inner) => self.interpolation(inner, text, node),
                Part::If {
                    condition, yes, no, ..
                } => self.if_directive(condition, yes, no, text, node),
                Part::For {
                    key_slot,
                    value_slot,
                    collection,
                    body,
                    ..
                } => {
                    let Some(collection) = self.iterable(collection, node) else {
                        text.complete = false;
                        continue;
                    };
                    text.marks |= collection.marks();
                    if collection.is_unknown() {
                        text.complete = false;
                        continue;
                    }
                    text.section(|text| {
                        self.rounds(*key_slot, *value_slot, &collection, |env| {
                            env.parts(body, text, node);
                            Round::Next
                        });
                    });
                }
            }
        }
    }

    fn if_directive(
        &mut self,
        condition: &Node,
        yes: &[Part],
        no: &[Part],
        text: &mut Text,
        node: &Node,
    ) {
        let Some(chosen) = self.condition(condition, node) else {
            text.complete = false;
            return;
        };
        text.marks |= chosen.marks();
        let other = match chosen.as_bool() {
            Some(chosen) => {
                let (wanted, other) = if chosen { (yes, no) } else { (no, yes) };
                text.section(|text| self.parts(wanted, text, node));
                vec![other]
            }
            None => {
                text.complete = false;
                vec![yes, no]
            }
        };
        // What is not chosen marks the result all the same: that it was not chosen must
        // not tell a secret.
        for parts in other {
            if parts.iter().any(|p| !matches!(p, Part::Literal(_))) {
                text.marks |= self.marks_of(parts, node);
            }
        }
    }

    fn marks_of(&mut self, parts: &[Part], node: &Node) -> Marks {
        let mut text = Text {
            known: String::new(),
            complete: false,
            marks: Marks::NONE,
        };
        let before = self.errors.len();
        self.quiet += 1;
        self.parts(parts, &mut text, node);
        self.quiet -= 1;
        self.errors.truncate(before);
        text.marks
    }

    fn interpolation(&mut self, inner: &Node, text: &mut Text, node: &Node) {
        let value = self.eval(inner);
        if !value.is_null() {
            text.marks |= value.marks();
        }
        let detail = match value.kind() {
            Kind::String(s) => {
                text.push(s);
                return;
            }
            Kind::Unknown(_) => {
                text.complete = false;
                return;
            }
            Kind::Null(_) => {
                "The expression result is null. Cannot include a null value in a string template."
                    .to_owned()
            }
            _ => match convert(&value, &Type::String) {
                Ok(value) => {
                    text.push(value.as_str().unwrap_or_default());
                    return;
                }
                Err(e) => format!(
                    "Cannot include the given value in a string template: {}.",
                    unsuitable(&e, &value)
                ),
            },
        };
        let problem = Diagnostic::error("Invalid template interpolation value", detail);
        self.fail(problem.within(node.span), inner);
    }
}

impl Text {
    fn push(&mut self, part: &str) {
        if self.complete {
            self.known.push_str(part);
        }
    }

    /// Runs `f` for a directive: if something in it is unknown, nothing of what the
    /// directive gives counts as known.
    fn section(&mut self, f: impl FnOnce(&mut Text)) {
        let (start, complete) = (self.known.len(), self.complete);
        f(self);
        if complete && !self.complete {
            self.known.truncate(start);
        }
    }
}

/// At most the bytes of a prefix that are worth remembering.
fn shortened(prefix: &str) -> &str {
    let mut end = prefix.len().min(LONGEST_PREFIX);
    while !prefix.is_char_boundary(end) {
        end -= 1;
    }
    prefix.get(..end).unwrap_or_default()
}
