//! Sets: order and distinctness of their elements.
//!
//! The order of a set shows in every output, so it is part of the language: bools false
//! first, numbers by value, strings by bytes, anything else by its [`SortKey`]; unknown
//! elements after known ones, nulls last.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use crate::{Kind, Marks, NumberFormat, Type, Value};

impl Value {
    /// A set of the distinct elements of `items`, in set order. Marks anywhere in the
    /// elements move to the set. Every element has to be of type `element`.
    pub fn set(element: Type, items: Vec<Value>) -> Value {
        let marks = items.iter().fold(Marks::NONE, |m, v| m | v.deep_marks());
        let items = match marks.is_empty() {
            true => items,
            false => items.iter().map(Value::unmarked_deep).collect(),
        };
        let items = match element.is_primitive() {
            true => distinct_primitives(items),
            false => distinct_by_key(items),
        };
        Value::from(Kind::Set(element, Arc::new(items))).with_marks(marks)
    }
}

/// Known elements, then unknown ones, then nulls.
fn class(v: &Value) -> u8 {
    match v.kind() {
        Kind::Unknown(_) => 1,
        Kind::Null(_) => 2,
        _ => 0,
    }
}

fn distinct_primitives(mut items: Vec<Value>) -> Vec<Value> {
    let order = |a: &Value, b: &Value| {
        class(a)
            .cmp(&class(b))
            .then_with(|| match (a.kind(), b.kind()) {
                (Kind::Bool(a), Kind::Bool(b)) => a.cmp(b),
                (Kind::Number(a), Kind::Number(b)) => a.compare(b),
                (Kind::String(a), Kind::String(b)) => a.cmp(b),
                _ => Ordering::Equal,
            })
    };
    if items.is_sorted_by(|a, b| order(a, b).is_lt()) {
        return items;
    }
    items.sort_by(order);
    items.dedup_by(|b, a| match (a.kind(), b.kind()) {
        (Kind::Number(x), Kind::Number(y)) => x == y && x.sign_bit() == y.sign_bit(),
        (Kind::Unknown(_), _) => false,
        (a, b) => a == b,
    });
    items
}

fn distinct_by_key(items: Vec<Value>) -> Vec<Value> {
    let mut keyed: Vec<(SortKey, Value)> =
        items.into_iter().map(|v| (SortKey::of(&v), v)).collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut out: Vec<Value> = Vec::with_capacity(keyed.len());
    let mut run_start = 0;
    let mut last_key: Option<SortKey> = None;
    for (key, value) in keyed {
        if last_key.as_ref() != Some(&key) {
            run_start = out.len();
            last_key = Some(key);
        }
        // Values with one key are nearly always equal, but nothing is sure to be equal to
        // what is unknown in part.
        let run = out.get(run_start..).unwrap_or_default();
        if !value.is_wholly_known() || !run.iter().any(|v| v.equals_known(&value)) {
            out.push(value);
        }
    }
    out
}

/// What elements of a set that are not primitive are ordered by. Equal values have equal
/// keys; values with equal keys need not be equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SortKey {
    class: u8,
    text: String,
}

impl SortKey {
    pub(crate) fn of(value: &Value) -> SortKey {
        let mut text = String::new();
        write_key(value, &mut text);
        SortKey {
            class: class(value),
            text,
        }
    }
}

fn write_key(value: &Value, out: &mut String) {
    let sequence = |out: &mut String, open, items: &mut dyn Iterator<Item = &Value>, close| {
        out.push(open);
        for v in items {
            write_key(v, out);
            out.push(';');
        }
        out.push(close);
    };
    match value.kind() {
        Kind::Unknown(_) => out.push('?'),
        Kind::Null(_) => out.push('~'),
        Kind::Bool(true) => out.push('T'),
        Kind::Bool(false) => out.push('F'),
        Kind::Number(n) => out.push_str(&n.text(NumberFormat::General, Some(10))),
        Kind::String(s) => write_quoted(s, out),
        Kind::List(_, vs) | Kind::Set(_, vs) => sequence(out, '[', &mut vs.iter(), ']'),
        Kind::Tuple(vs) => sequence(out, '<', &mut vs.iter(), '>'),
        Kind::Object(vs) => sequence(out, '<', &mut vs.values(), '>'),
        Kind::Map(_, vs) => {
            out.push('{');
            for (k, v) in vs.iter() {
                write_quoted(k, out);
                out.push(':');
                write_key(v, out);
                out.push(';');
            }
            out.push('}');
        }
    }
}

/// A string in quotes, what cannot be printed escaped: the escapes take part in the order.
fn write_quoted(s: &str, out: &mut String) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            ' '..='~' => out.push(c),
            '\0'..='\x7f' => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c if is_printable(c) => out.push(c),
            c if (c as u32) < 0x10000 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => {
                let _ = write!(out, "\\U{:08x}", c as u32);
            }
        }
    }
    out.push('"');
}

fn is_printable(c: char) -> bool {
    // After the first character, only what is not printable is escaped.
    let text: String = ['x', c].iter().collect();
    text.escape_debug().nth(1) == Some(c)
}

impl Value {
    /// True if both are known and sure to be equal (see [`Value::equals`]).
    pub(crate) fn equals_known(&self, other: &Value) -> bool {
        self.equals(other).as_bool() == Some(true)
    }
}

/// Elements of a set for quick membership tests: those that are wholly known.
pub struct SetIndex<'a> {
    elements: &'a [Value],
    keys: BTreeSet<(SortKey, usize)>,
}

impl<'a> SetIndex<'a> {
    /// An index over the elements of a set (or of any sequence).
    pub fn new(elements: &'a [Value]) -> SetIndex<'a> {
        let keys = elements
            .iter()
            .enumerate()
            .map(|(i, v)| (SortKey::of(v), i))
            .collect();
        SetIndex { elements, keys }
    }

    /// True if an element is sure to be equal to `value`.
    pub fn contains(&self, value: &Value) -> bool {
        self.position(value).is_some()
    }

    /// The place of the first element that is sure to be equal to `value`.
    pub fn position(&self, value: &Value) -> Option<usize> {
        let key = SortKey::of(value);
        self.keys
            .range((key.clone(), 0)..)
            .take_while(|(k, _)| *k == key)
            .map(|(_, i)| *i)
            .find(|i| self.elements.get(*i).is_some_and(|v| v.equals_known(value)))
    }
}
