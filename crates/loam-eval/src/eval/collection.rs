//! Object constructors and `for` expressions.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_diag::Diagnostic;
use loam_value::convert::convert;
use loam_value::{Kind, Marks, Type, Value, ValueMap};

use super::{Env, Name};
use crate::ir::{For, Key, Node, ObjectItem};
use crate::wording::unsuitable;

/// After this many failing rounds a `for` stops: the same expression that fails for a
/// hundred thousand elements is one mistake.
const FAILING_ROUNDS: usize = 3;

/// What one round of a loop gave.
pub(super) enum Round {
    /// Go on.
    Next,
    /// The result of the whole loop cannot be known.
    Unknown,
}

impl Env<'_> {
    pub(super) fn object(&mut self, items: &[ObjectItem]) -> Value {
        let mut attributes = ValueMap::new();
        let mut marks = Marks::NONE;
        let mut known = true;
        for item in items {
            let name = match &item.key {
                Key::Name(name) => Some(name.clone()),
                Key::Expr(key) => self.key(key, &mut marks),
            };
            let value = self.eval(&item.value);
            match name {
                Some(name) => {
                    attributes.insert(name, value);
                }
                None => known = false,
            }
        }
        if known {
            Value::object(attributes).with_marks(marks)
        } else {
            Value::dynamic().with_marks(marks)
        }
    }

    /// The value of an object constructor's key; none if it is unknown or an error.
    fn key(&mut self, key: &Node, marks: &mut Marks) -> Option<Name> {
        let before = self.errors.len();
        let value = self.eval(key);
        if self.errors.len() > before {
            return None;
        }
        *marks |= value.marks();
        if value.is_null() {
            let problem =
                Diagnostic::error("Null value as key", "Can't use a null value as a key.");
            self.fail(problem, key);
            return None;
        }
        match convert(&value, &Type::String) {
            Ok(text) => into_name(text),
            Err(e) => {
                let detail = format!("Can't use this value as a key: {}.", unsuitable(&e, &value));
                self.fail(Diagnostic::error("Incorrect key type", detail), key);
                None
            }
        }
    }

    pub(super) fn for_expr(&mut self, f: &For, node: &Node) -> Value {
        let Some(collection) = self.iterable(&f.collection, node) else {
            return Value::dynamic();
        };
        let mut marks = collection.marks();
        if collection.is_unknown() {
            return Value::dynamic().with_marks(marks);
        }
        if let Some(condition) = &f.condition
            && !self.try_condition(f, condition, node)
        {
            return Value::dynamic();
        }
        let known = match &f.key {
            None => self.for_tuple(f, &collection, &mut marks, node),
            Some(key) if f.group => self.for_groups(f, key, &collection, &mut marks, node),
            Some(key) => self.for_object(f, key, &collection, &mut marks, node),
        };
        known.unwrap_or_else(Value::dynamic).with_marks(marks)
    }

    fn for_tuple(
        &mut self,
        f: &For,
        collection: &Value,
        marks: &mut Marks,
        node: &Node,
    ) -> Option<Value> {
        let mut values = Vec::with_capacity(if f.condition.is_some() {
            0
        } else {
            count(collection)
        });
        let known = self.rounds(f.key_slot, f.value_slot, collection, |env| {
            match env.included(f, marks, node) {
                Some(true) => values.push(env.eval(&f.value)),
                Some(false) => {}
                None => return Round::Unknown,
            }
            Round::Next
        });
        known.then(|| Value::tuple(values))
    }

    fn for_object(
        &mut self,
        f: &For,
        key: &Node,
        collection: &Value,
        marks: &mut Marks,
        node: &Node,
    ) -> Option<Value> {
        let mut values = ValueMap::new();
        let known = self.rounds(f.key_slot, f.value_slot, collection, |env| {
            match env.included(f, marks, node) {
                Some(true) => {}
                Some(false) => return Round::Next,
                None => return Round::Unknown,
            }
            let Some(name) = env.for_key(key, marks, node) else {
                return Round::Unknown;
            };
            let value = env.eval(&f.value);
            if values.contains_key(&name) {
                env.duplicate_key(&name, *marks, key, node);
            } else {
                values.insert(name, value);
            }
            Round::Next
        });
        known.then(|| Value::object(values))
    }

    fn for_groups(
        &mut self,
        f: &For,
        key: &Node,
        collection: &Value,
        marks: &mut Marks,
        node: &Node,
    ) -> Option<Value> {
        let mut groups: BTreeMap<Name, Vec<Value>> = BTreeMap::new();
        let known = self.rounds(f.key_slot, f.value_slot, collection, |env| {
            match env.included(f, marks, node) {
                Some(true) => {}
                Some(false) => return Round::Next,
                None => return Round::Unknown,
            }
            let Some(name) = env.for_key(key, marks, node) else {
                return Round::Unknown;
            };
            let value = env.eval(&f.value);
            groups.entry(name).or_default().push(value);
            Round::Next
        });
        let groups = groups.into_iter().map(|(k, vs)| (k, Value::tuple(vs)));
        known.then(|| Value::object(groups.collect()))
    }

    fn duplicate_key(&mut self, name: &str, marks: Marks, key: &Node, node: &Node) {
        let which = if marks.is_sensitive() {
            "the same key".to_owned()
        } else {
            format!("the key {name:?}")
        };
        let problem = Diagnostic::error(
            "Duplicate object key",
            format!(
                "Two different items produced {which} in this 'for' expression. If duplicates \
                 are expected, use the ellipsis (...) after the value expression to enable \
                 grouping by key."
            ),
        );
        self.fail(problem.within(node.span), key);
    }

    /// The collection of a loop: known and iterable, or unknown. None after an error.
    pub(super) fn iterable(&mut self, collection: &Node, node: &Node) -> Option<Value> {
        let value = self.eval(collection);
        let ty = match value.kind() {
            Kind::Null(_) => {
                let problem = Diagnostic::error(
                    "Iteration over null value",
                    "A null value cannot be used as the collection in a 'for' expression.",
                );
                self.fail(problem.within(node.span), collection);
                return None;
            }
            Kind::Unknown(u) => {
                if matches!(u.ty, Type::Dynamic) || u.ty.is_collection() || u.ty.is_structural() {
                    return Some(value);
                }
                &u.ty
            }
            Kind::Bool(_) => &Type::Bool,
            Kind::Number(_) => &Type::Number,
            Kind::String(_) => &Type::String,
            _ => return Some(value),
        };
        let problem = Diagnostic::error(
            "Iteration over non-iterable value",
            format!(
                "A value of type {} cannot be used as the collection in a 'for' expression.",
                ty.friendly_name()
            ),
        );
        self.fail(problem.within(node.span), collection);
        None
    }

    /// Evaluates the condition once for a value that could be anything: what is wrong
    /// with it whatever the element is told once and not for each element.
    fn try_condition(&mut self, f: &For, condition: &Node, node: &Node) -> bool {
        let before = self.errors.len();
        if let Some(slot) = f.key_slot {
            self.set_slot(slot, Value::dynamic());
        }
        self.set_slot(f.value_slot, Value::dynamic());
        let value = self.eval(condition);
        if self.errors.len() == before {
            let problem = if value.is_null() {
                Some("The value of the 'if' clause must not be null.".to_owned())
            } else {
                convert(&value, &Type::Bool).err().map(|e| {
                    format!(
                        "The 'if' clause value is invalid: {}.",
                        unsuitable(&e, &value)
                    )
                })
            };
            if let Some(detail) = problem {
                let problem = Diagnostic::error(wrong_condition(&value), detail);
                self.fail(problem.within(node.span), condition);
            }
        }
        self.errors.len() == before
    }

    /// Whether the element in the slots is wanted; none if that is unknown or an error.
    fn included(&mut self, f: &For, marks: &mut Marks, node: &Node) -> Option<bool> {
        let Some(condition) = &f.condition else {
            return Some(true);
        };
        let before = self.errors.len();
        let value = self.eval(condition);
        if self.errors.len() > before {
            return None;
        }
        *marks |= value.marks();
        let detail = if value.is_null() {
            "The value of the 'if' clause must not be null.".to_owned()
        } else {
            match convert(&value, &Type::Bool) {
                Ok(value) => return value.as_bool(),
                Err(e) => format!(
                    "The 'if' clause value is invalid: {}.",
                    unsuitable(&e, &value)
                ),
            }
        };
        let problem = Diagnostic::error(wrong_condition(&value), detail);
        self.fail(problem.within(node.span), condition);
        None
    }

    /// The key of a result item; none if it is unknown or an error.
    fn for_key(&mut self, key: &Node, marks: &mut Marks, node: &Node) -> Option<Name> {
        let before = self.errors.len();
        let value = self.eval(key);
        if self.errors.len() > before {
            return None;
        }
        *marks |= value.marks();
        let detail = if value.is_null() {
            "Key expression in 'for' expression must not produce a null value.".to_owned()
        } else {
            match convert(&value, &Type::String) {
                Ok(text) => return into_name(text),
                Err(e) => format!(
                    "The key expression produced an invalid result: {}.",
                    unsuitable(&e, &value)
                ),
            }
        };
        let problem = Diagnostic::error("Invalid object key", detail);
        self.fail(problem.within(node.span), key);
        None
    }

    /// Runs `round` with each element of a known collection in the slots. False if the
    /// result cannot be known.
    pub(super) fn rounds(
        &mut self,
        key_slot: Option<usize>,
        value_slot: usize,
        collection: &Value,
        mut round: impl FnMut(&mut Self) -> Round,
    ) -> bool {
        let mut known = true;
        let mut failing = 0;
        let mut one = |env: &mut Self, key: Option<Value>, value: &Value| {
            if let (Some(slot), Some(key)) = (key_slot, key) {
                env.set_slot(slot, key);
            }
            env.set_slot(value_slot, value.clone());
            let before = env.errors.len();
            if matches!(round(env), Round::Unknown) {
                known = false;
            }
            failing += usize::from(env.errors.len() > before);
            failing < FAILING_ROUNDS
        };
        let keyed = key_slot.is_some();
        match collection.kind() {
            Kind::List(_, items) | Kind::Tuple(items) => {
                for (i, item) in items.iter().enumerate() {
                    if !one(self, keyed.then(|| Value::int(i as i64)), item) {
                        break;
                    }
                }
            }
            Kind::Set(_, items) => {
                for item in items.iter() {
                    if !one(self, keyed.then(|| item.clone()), item) {
                        break;
                    }
                }
            }
            Kind::Map(_, items) | Kind::Object(items) => {
                for (name, item) in items.iter() {
                    if !one(self, keyed.then(|| Kind::String(name.clone()).into()), item) {
                        break;
                    }
                }
            }
            _ => {}
        }
        known
    }
}

fn count(collection: &Value) -> usize {
    collection
        .elements()
        .map(<[Value]>::len)
        .or_else(|| collection.entries().map(ValueMap::len))
        .unwrap_or(0)
}

/// A known string as a name.
fn into_name(text: Value) -> Option<Name> {
    match text.into_kind() {
        Kind::String(s) => Some(Arc::clone(&s)),
        _ => None,
    }
}

/// The words for a condition of this value, which is none.
fn wrong_condition(value: &Value) -> &'static str {
    match value.is_null() {
        true => "Condition is null",
        false => "Invalid 'for' condition",
    }
}
