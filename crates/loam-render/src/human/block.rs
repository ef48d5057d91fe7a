//! Objects with a schema: attributes and nested blocks before and after, line by line.

use std::collections::BTreeSet;
use std::sync::Arc;

use loam_provider::{Block, Nesting, Schema};
use loam_value::{Path, Type, Value, ValueMap};

use super::difference::{Comparison, Form, Part, Sign};
use super::print::{Place, Printer, is_landmark};
use super::value::UNKNOWN;
use crate::Style;

/// An object before and after.
pub struct Object<'a> {
    pub schema: &'a Block,
    pub before: &'a Value,
    pub after: &'a Value,
    /// Paths that make a replacement necessary.
    pub forces: &'a [Path],
    /// Write-only arguments that have changed.
    pub write_only: &'a [Path],
    /// What does not change is shown, too.
    pub all: bool,
}

/// The lines of an object's attributes and nested blocks, which stand `level` deep. With
/// [`Sign::Keep`] everything is shown.
pub fn lines(object: &Object<'_>, outer: Sign, level: usize, style: Style) -> String {
    let secrets = super::echo::secrets([object.before, object.after]);
    let sheet = Sheet {
        forces: object.forces,
        write_only: object.write_only,
        all: object.all,
        secrets: &secrets,
        print: Printer { style, signs: true },
    };
    sheet.body(
        object.schema,
        object.before,
        object.after,
        outer,
        level,
        &Path::root(),
    )
}

/// The same for an object of the state: there are no signs. Without a schema every part of
/// it is an attribute.
pub fn stored(schema: Option<&Schema>, value: &Value, style: Style) -> String {
    let secrets = super::echo::secrets([value]);
    let print = Printer {
        style,
        signs: false,
    };
    let sheet = Sheet {
        forces: &[],
        write_only: &[],
        all: true,
        secrets: &secrets,
        print,
    };
    match schema {
        Some(schema) => sheet.body(&schema.block, value, value, Sign::Keep, 1, &Path::root()),
        None => sheet.attributes(value),
    }
}

/// A value as the state holds it, behind a label.
pub fn stored_value(value: &Value, style: Style) -> String {
    let print = Printer {
        style,
        signs: false,
    };
    let compare = Comparison {
        forces: &[],
        secrets: &BTreeSet::new(),
        untyped: false,
    };
    let part = compare.part(Some(value), Some(value), &Path::root());
    let place = Place {
        all: true,
        no_null: true,
    };
    print.value(&part, 0, place)
}

struct Sheet<'a> {
    forces: &'a [Path],
    write_only: &'a [Path],
    all: bool,
    secrets: &'a BTreeSet<String>,
    print: Printer,
}

impl Sheet<'_> {
    fn compare(&self, untyped: bool) -> Comparison<'_> {
        Comparison {
            forces: self.forces,
            secrets: self.secrets,
            untyped,
        }
    }

    fn attributes(&self, value: &Value) -> String {
        let entries = value.entries().into_iter().flatten();
        let entries: Vec<_> = entries.filter(|(_, v)| !v.is_null()).collect();
        let width = entries.iter().map(|(n, _)| n.chars().count());
        let width = width.max().unwrap_or(0);
        let place = Place {
            all: true,
            no_null: true,
        };
        let lines = entries.iter().map(|(name, v)| {
            let part = self.compare(false).part(Some(v), Some(v), &Path::root());
            let label = format!("{name:<width$} = ");
            self.print.entry(&label, &part, 1, place, "")
        });
        lines.collect()
    }

    fn body(
        &self,
        block: &Block,
        before: &Value,
        after: &Value,
        outer: Sign,
        level: usize,
        at: &Path,
    ) -> String {
        let mut out = self.own(block, before, after, outer, level, at);
        let any = !out.is_empty();
        let mut hidden = 0;
        for (name, nested) in &block.blocks {
            let (b, a) = (get(before, name), get(after, name));
            let path = at.attribute(name.clone());
            let mut first = any;
            for pair in pairs(nested.nesting, &b, &a, &path) {
                if pair.before.is_null() && pair.after.is_null() {
                    continue;
                }
                let sign = effective(outer, &pair.before, &pair.after);
                if sign == Sign::Keep && outer != Sign::Keep && !self.all {
                    hidden += 1;
                    continue;
                }
                if std::mem::take(&mut first) {
                    out.push('\n');
                }
                out.push_str(&self.nested(&nested.block, name, &pair, sign, level));
            }
        }
        if hidden > 0 {
            out.push('\n');
            out.push_str(&self.print.hidden(level, hidden, "block"));
        }
        out
    }

    /// The attributes that a block has itself.
    fn own(
        &self,
        block: &Block,
        before: &Value,
        after: &Value,
        outer: Sign,
        level: usize,
        at: &Path,
    ) -> String {
        let mut hidden = 0;
        let mut width = 0;
        let mut shown: Vec<(&str, Option<Part>)> = Vec::new();
        for (name, attribute) in &block.attributes {
            let path = at.attribute(name.clone());
            if attribute.write_only {
                let said = self.write_only.contains(&path) || self.forces.contains(&path);
                if said || outer == Sign::Add {
                    width = width.max(name.chars().count());
                    shown.push((name, None));
                }
                continue;
            }
            let (b, a) = (get(before, name), get(after, name));
            let there = |v: &Value| (!v.is_null() || v.marks().is_sensitive()).then(|| v.clone());
            let (b, a) = match outer {
                Sign::Add => (None, there(&a)),
                Sign::Remove => (there(&b), None),
                Sign::Keep => (there(&a), there(&a)),
                Sign::Change => (there(&b), there(&a)),
            };
            if b.is_none() && a.is_none() {
                continue;
            }
            width = width.max(name.chars().count());
            let compare = self.compare(attribute.ty == Type::Dynamic);
            let part = compare.part(b.as_ref(), a.as_ref(), &path);
            let landmark = is_landmark(name) || (&**name == "hostname" && at.0.is_empty());
            if outer == Sign::Change && part.sign == Sign::Keep && !landmark && !self.all {
                hidden += 1;
                continue;
            }
            shown.push((name, Some(part)));
        }
        let mut out = String::new();
        for (name, part) in shown {
            let label = format!("{name:<width$} = ");
            out.push_str(&match part {
                Some(part) => {
                    let place = Place {
                        all: self.all || outer == Sign::Keep || is_landmark(name),
                        no_null: false,
                    };
                    self.print.entry(&label, &part, level, place, "")
                }
                None => self.write_only_line(&label, outer, level, &at.attribute(name)),
            });
        }
        out.push_str(&self.print.hidden(level, hidden, "attribute"));
        out
    }

    fn write_only_line(&self, label: &str, outer: Sign, level: usize, path: &Path) -> String {
        let sign = match outer {
            Sign::Add => Sign::Add,
            _ => Sign::Change,
        };
        let changed = match self.write_only.contains(path) {
            true => " # (changed)",
            false => "",
        };
        format!(
            "{}{label}(write-only attribute){changed}{}\n",
            self.print.margin(level, sign),
            self.print.forces(self.forces.contains(path))
        )
    }

    fn nested(&self, block: &Block, name: &str, pair: &Pair, sign: Sign, level: usize) -> String {
        let head = format!("{}{name}{} {{", self.print.margin(level, sign), pair.label);
        let close = format!("{}}}\n", self.print.margin(level, Sign::Keep));
        let forces = self.print.forces(self.forces.contains(&pair.path));
        let secret = |v: &Value| v.marks().is_sensitive();
        if secret(&pair.before) || secret(&pair.after) {
            let note = self
                .print
                .note(level + 1, "# (its content is sensitive and not shown)");
            return format!("{head}{forces}\n{note}{close}");
        }
        if pair.after.is_unknown() {
            return format!("{head}\n{}{close}", self.print.note(level + 1, UNKNOWN));
        }
        let body = self.body(
            block,
            &pair.before,
            &pair.after,
            sign,
            level + 1,
            &pair.path,
        );
        format!("{head}{forces}\n{body}{close}")
    }
}

/// One output before and after.
pub fn output(label: &str, before: Option<&Value>, after: Option<&Value>, style: Style) -> String {
    let secrets = BTreeSet::new();
    let compare = Comparison {
        forces: &[],
        secrets: &secrets,
        untyped: true,
    };
    let part = compare.part(before, after, &Path::root());
    let print = Printer { style, signs: true };
    // That an output becomes sensitive is its own declaration, not something to warn of.
    let text = print.value(&part, 0, Place::default());
    let sign = match (&part.form, part.sign) {
        (Form::Sensitive { .. }, Sign::Keep) => Sign::Change,
        (_, sign) => sign,
    };
    format!("{}{label}{text}\n", print.margin(0, sign))
}

fn get(v: &Value, name: &str) -> Value {
    v.get(name).unwrap_or_else(|| Value::null(Type::Dynamic))
}

/// The sign of a nested block in something that has `outer`.
fn effective(outer: Sign, b: &Value, a: &Value) -> Sign {
    match outer {
        Sign::Change if b == a => Sign::Keep,
        Sign::Change if b.is_null() => Sign::Add,
        Sign::Change if a.is_null() && a.is_known() => Sign::Remove,
        other => other,
    }
}

/// A nested block before and after.
struct Pair {
    label: String,
    before: Value,
    after: Value,
    path: Path,
}

/// Nested blocks before and after, put together by index, label or equality.
fn pairs(nesting: Nesting, b: &Value, a: &Value, path: &Path) -> Vec<Pair> {
    let null = Value::null(Type::Dynamic);
    let items = |v: &Value| v.elements().map(<[Value]>::to_vec).unwrap_or_default();
    let pair = |before: &Value, after: &Value, path: Path| Pair {
        label: String::new(),
        before: before.clone(),
        after: after.clone(),
        path,
    };
    let secret = b.marks().is_sensitive() || a.marks().is_sensitive();
    match nesting {
        Nesting::Single | Nesting::Group => vec![pair(b, a, path.clone())],
        _ if a.is_unknown() || secret => vec![pair(b, a, path.clone())],
        Nesting::List => {
            let (b, a) = (items(b), items(a));
            (0..b.len().max(a.len()))
                .map(|i| {
                    let at = path.index(Value::int(i as i64));
                    pair(b.get(i).unwrap_or(&null), a.get(i).unwrap_or(&null), at)
                })
                .collect()
        }
        Nesting::Map => {
            let empty = ValueMap::new();
            let (x, y) = (b.entries().unwrap_or(&empty), a.entries().unwrap_or(&empty));
            let names: BTreeSet<&Arc<str>> = x.keys().chain(y.keys()).collect();
            let get = |m: &ValueMap, n: &Arc<str>| m.get(n).cloned().unwrap_or(null.clone());
            names
                .into_iter()
                .map(|n| Pair {
                    label: format!(" {}", loam_syntax::quoted(n)),
                    before: get(x, n),
                    after: get(y, n),
                    path: path.index(Value::string(n.clone())),
                })
                .collect()
        }
        Nesting::Set => {
            let (b, a) = (items(b), items(a));
            let kept = b.iter().filter(|v| a.contains(v));
            let kept = kept.map(|v| pair(v, v, path.clone()));
            let gone = b.iter().filter(|v| !a.contains(v));
            let gone = gone.map(|v| pair(v, &null, path.clone()));
            let new = a.iter().filter(|v| !b.contains(v));
            let new = new.map(|v| pair(&null, v, path.clone()));
            kept.chain(gone).chain(new).collect()
        }
    }
}
