//! Templates: text with interpolations and directives.

use loam_diag::Diagnostic;
use loam_value::convert::convert;
use loam_value::{Kind, Marks, Refinements, Type, Value};
use unicode_segmentation::UnicodeSegmentation;

use super::Env;
use super::collection::Round;
use crate::call::describe;
use crate::ir::{Node, Part};

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
            let prefix = if self.errors.len() > before {
                ""
            } else {
                safe_prefix(&text.known)
            };
            let refinements = Refinements {
                string_prefix: (!prefix.is_empty()).then(|| prefix.into()),
                ..Refinements::not_null()
            };
            Value::refined(Type::String, refinements)
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
        text.marks |= value.marks();
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
                    describe(&e)
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

/// The part of a known prefix that stays as it is whatever follows: the last character
/// may merge with what follows, unless it is of a kind that never does.
pub(crate) fn safe_prefix(prefix: &str) -> &str {
    let mut end = prefix.len().min(LONGEST_PREFIX);
    while !prefix.is_char_boundary(end) {
        end -= 1;
    }
    let prefix = prefix.get(..end).unwrap_or_default();
    match prefix.grapheme_indices(true).next_back() {
        Some((start, last)) if !never_merges(last) => prefix.get(..start).unwrap_or_default(),
        _ => prefix,
    }
}

fn never_merges(cluster: &str) -> bool {
    const DELIMITERS: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    let mut chars = cluster.chars();
    chars.next().is_some_and(|c| DELIMITERS.contains(c)) && chars.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::safe_prefix;

    #[test]
    fn the_last_character_of_a_prefix_may_still_change() {
        assert_eq!(safe_prefix("web"), "we");
        assert_eq!(safe_prefix("web-"), "web-");
        assert_eq!(safe_prefix(""), "");
        assert_eq!(safe_prefix(&"é".repeat(100)).len(), 126);
    }
}
