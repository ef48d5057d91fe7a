//! What differs between two values: a tree of parts, each with its sign. How it is shown is
//! for [`super::print`].

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use loam_syntax::quoted;
use loam_value::codec::json;
use loam_value::{Kind, Path, Value, ValueMap};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::value::{SENSITIVE, several_lines};

/// The sign in front of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Add,
    Remove,
    Change,
    Keep,
}

/// A value that is there before, after or both.
#[derive(Clone, Debug)]
pub struct Part {
    pub sign: Sign,
    /// It makes a replacement necessary.
    pub forces: bool,
    pub form: Form,
}

/// What a value is made of.
#[derive(Clone, Debug)]
pub enum Form {
    /// One line before and after.
    Line(String, String),
    /// Text of several lines; `None` where there is none.
    Text(Option<Arc<str>>, Option<Arc<str>>),
    /// A string that holds JSON.
    Json(Box<Part>),
    /// An object, or a map if its keys are values.
    Entries {
        keys_are_values: bool,
        entries: Vec<(Arc<str>, Part)>,
    },
    /// Elements, whose neighbours matter if they are in order.
    Elements { ordered: bool, items: Vec<Part> },
    /// Only applying tells; what there is before.
    Unknown(Option<Box<Part>>),
    /// Not to be shown. `marking` tells that this changes: whether it will be so.
    Sensitive { marking: Option<bool>, same: bool },
    /// Never stored.
    Ephemeral,
    /// Another kind of value takes the place of the first.
    Other(Box<Part>, Box<Part>),
}

/// How values are compared.
#[derive(Clone, Copy)]
pub struct Comparison<'a> {
    /// Paths that make a replacement necessary.
    pub forces: &'a [Path],
    /// Strings that are secret elsewhere in the same object.
    pub secrets: &'a BTreeSet<String>,
    /// No schema tells the type: lists, sets and tuples are the same, as are maps and objects.
    pub untyped: bool,
}

impl Comparison<'_> {
    /// Compares two values; `None` is no value at all, which is not the same as null. One
    /// of them has to be there.
    pub fn part(&self, before: Option<&Value>, after: Option<&Value>, path: &Path) -> Part {
        let form = self.form(before, after, path);
        Part {
            sign: sign(before, after, &form),
            forces: self.forces.contains(path),
            form,
        }
    }

    fn form(&self, before: Option<&Value>, after: Option<&Value>, path: &Path) -> Form {
        let marked = |v: Option<&Value>| v.is_some_and(|v| v.marks().is_sensitive());
        let ephemeral = |v: Option<&Value>| v.is_some_and(|v| v.marks().is_ephemeral());
        if marked(before) || marked(after) {
            let changes = before.is_some() && after.is_some() && marked(before) != marked(after);
            return Form::Sensitive {
                marking: changes.then(|| marked(after)),
                same: before.map(plain) == after.map(plain),
            };
        }
        if ephemeral(before) || ephemeral(after) {
            return Form::Ephemeral;
        }
        if after.is_some_and(Value::is_unknown) || before.is_some_and(Value::is_unknown) {
            let known = before.filter(|v| v.is_known());
            return Form::Unknown(known.map(|v| Box::new(self.part(Some(v), None, path))));
        }
        let kinds = (before.map(Value::kind), after.map(Value::kind));
        match kinds {
            (Some(b), Some(a)) if class(b) != class(a) => self.other(before, after, path),
            (Some(Kind::String(b)), Some(Kind::String(a))) => self.strings(Some(b), Some(a)),
            (Some(Kind::String(b)), None) => self.strings(Some(b), None),
            (None, Some(Kind::String(a))) => self.strings(None, Some(a)),
            _ => {
                let entries = |v: Option<&Value>| v.and_then(Value::entries).cloned();
                if let (b, a @ Some(_)) | (b @ Some(_), a) = (entries(before), entries(after)) {
                    let map = |k: Option<&Kind>| matches!(k, Some(Kind::Map(..)));
                    let values = !self.untyped && (map(kinds.0) || map(kinds.1));
                    return self.entries(b.as_ref(), a.as_ref(), values, path);
                }
                let elements = |v: Option<&Value>| v.and_then(Value::elements).map(<[_]>::to_vec);
                if let (b, a @ Some(_)) | (b @ Some(_), a) = (elements(before), elements(after)) {
                    let set = |k: Option<&Kind>| matches!(k, Some(Kind::Set(..)));
                    let ordered = self.untyped || !(set(kinds.0) || set(kinds.1));
                    let (b, a) = (b.unwrap_or_default(), a.unwrap_or_default());
                    let items = match ordered {
                        true => self.in_order(&b, &a, path),
                        false => self.as_sets(&b, &a, path),
                    };
                    return Form::Elements { ordered, items };
                }
                Form::Line(self.line(before), self.line(after))
            }
        }
    }

    /// A value of another kind than before. What is null and has a type is as good as
    /// nothing where a collection takes its place.
    fn other(&self, before: Option<&Value>, after: Option<&Value>, path: &Path) -> Form {
        let single = |v: Option<&Value>| v.is_some_and(|v| is_single(v.kind()));
        let null = |v: Option<&Value>| v.is_some_and(Value::is_null);
        if single(before) && single(after) && !self.is_text(before) && !self.is_text(after) {
            return Form::Line(self.line(before), self.line(after));
        }
        if !self.untyped && null(before) {
            return self.form(None, after, path);
        }
        if !self.untyped && null(after) {
            return self.form(before, None, path);
        }
        let inner = Comparison {
            forces: &[],
            ..*self
        };
        Form::Other(
            Box::new(inner.part(before, None, path)),
            Box::new(inner.part(None, after, path)),
        )
    }

    /// Whether a value is a string that is not shown in one line.
    fn is_text(&self, v: Option<&Value>) -> bool {
        v.and_then(Value::as_str).is_some_and(|s| {
            !self.secrets.contains(s) && (decoded(s).is_some() || several_lines(s))
        })
    }

    fn line(&self, v: Option<&Value>) -> String {
        match v.map(Value::kind) {
            None | Some(Kind::Null(_)) => "null".into(),
            Some(Kind::Bool(b)) => b.to_string(),
            Some(Kind::Number(n)) => n.to_string(),
            Some(Kind::String(s)) => self.quote(s),
            // Collections and what is unknown have forms of their own.
            Some(_) => String::new(),
        }
    }

    fn quote(&self, s: &str) -> String {
        match self.secrets.contains(s) {
            true => SENSITIVE.into(),
            false => quoted(s),
        }
    }

    fn strings(&self, before: Option<&Arc<str>>, after: Option<&Arc<str>>) -> Form {
        let open = |s: &&Arc<str>| !self.secrets.contains(&***s);
        let json = |s: Option<&Arc<str>>| s.filter(open).and_then(|s| decoded(s));
        let inner = Comparison {
            forces: &[],
            untyped: true,
            ..*self
        };
        let root = Path::root();
        match (json(before), json(after)) {
            (b @ Some(_), a @ Some(_)) => {
                return Form::Json(Box::new(inner.part(b.as_ref(), a.as_ref(), &root)));
            }
            (b @ Some(_), None) if after.is_none() => {
                return Form::Json(Box::new(inner.part(b.as_ref(), None, &root)));
            }
            (None, a @ Some(_)) if before.is_none() => {
                return Form::Json(Box::new(inner.part(None, a.as_ref(), &root)));
            }
            (None, None) => {}
            _ => {
                let part = |sign, form| {
                    Box::new(Part {
                        sign,
                        forces: false,
                        form,
                    })
                };
                return Form::Other(
                    part(Sign::Remove, self.strings(before, None)),
                    part(Sign::Add, self.strings(None, after)),
                );
            }
        }
        let text = |s: Option<&Arc<str>>| s.filter(open).is_some_and(|s| several_lines(s));
        let secret = |s: Option<&Arc<str>>| s.is_some_and(|s| !open(&s));
        match (text(before) || text(after)) && !secret(before) && !secret(after) {
            true => Form::Text(before.cloned(), after.cloned()),
            false => {
                let line = |s: Option<&Arc<str>>| s.map_or("null".into(), |s| self.quote(s));
                Form::Line(line(before), line(after))
            }
        }
    }

    fn entries(
        &self,
        before: Option<&ValueMap>,
        after: Option<&ValueMap>,
        keys_are_values: bool,
        path: &Path,
    ) -> Form {
        let keys = |m: Option<&ValueMap>| m.into_iter().flat_map(ValueMap::keys).cloned().collect();
        let mut names: Vec<Arc<str>> = keys(before);
        names.append(&mut keys(after));
        names.sort();
        names.dedup();
        let mut entries = Vec::new();
        for name in names {
            let get = |m: Option<&ValueMap>| m.and_then(|m| m.get(&name).cloned());
            let (b, a) = (get(before), get(after));
            let nothing = |v: &Option<Value>| v.as_ref().is_none_or(Value::is_null);
            // An attribute that is not set is null if the type has it.
            if !self.untyped && !keys_are_values && nothing(&b) && nothing(&a) {
                continue;
            }
            let inner = match keys_are_values {
                true => path.index(Value::string(name.clone())),
                false => path.attribute(name.clone()),
            };
            let part = self.part(b.as_ref(), a.as_ref(), &inner);
            entries.push((name, part));
        }
        Form::Entries {
            keys_are_values,
            entries,
        }
    }

    fn as_sets(&self, before: &[Value], after: &[Value], path: &Path) -> Vec<Part> {
        let (b, a): (BTreeSet<String>, BTreeSet<String>) = (
            before.iter().map(plain).collect(),
            after.iter().map(plain).collect(),
        );
        let mut items = Vec::new();
        for v in before {
            let kept = a.contains(&plain(v)).then_some(v);
            items.push(self.part(Some(v), kept, &path.index(v.clone())));
        }
        for v in after.iter().filter(|v| !b.contains(&plain(v))) {
            items.push(self.part(None, Some(v), &path.index(v.clone())));
        }
        items
    }

    /// Lists of the same length are compared element by element, unless it is their order
    /// that changes. Otherwise elements go and come, and objects that stand in the same
    /// place are compared.
    fn in_order(&self, before: &[Value], after: &[Value], path: &Path) -> Vec<Part> {
        let at = |i: usize| path.index(Value::int(i as i64));
        let texts = |vs: &[Value]| -> Vec<String> { vs.iter().map(plain).collect() };
        let (b, a) = (texts(before), texts(after));
        if b.len() == a.len() && !is_reordering(&b, &a) {
            let pairs = before.iter().zip(after).enumerate();
            return pairs
                .map(|(i, (b, a))| self.part(Some(b), Some(a), &at(i)))
                .collect();
        }
        let mut items = Vec::new();
        let (mut gone, mut new): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        let settle = |gone: &mut Vec<usize>, new: &mut Vec<usize>, items: &mut Vec<Part>| {
            let mut news = new.drain(..).peekable();
            for i in gone.drain(..) {
                let old = before.get(i);
                let object = |v: Option<&Value>| v.is_some_and(|v| v.entries().is_some());
                let pair = news.next_if(|n| object(old) && object(after.get(*n)));
                let new = pair.and_then(|n| after.get(n));
                items.push(self.part(old, new, &at(i)));
            }
            for n in news {
                items.push(self.part(None, after.get(n), &at(n)));
            }
        };
        for op in capture_diff_slices(Algorithm::Myers, &b, &a) {
            match op {
                DiffOp::Equal {
                    old_index,
                    new_index,
                    len,
                } => {
                    settle(&mut gone, &mut new, &mut items);
                    for i in 0..len {
                        let (b, a) = (before.get(old_index + i), after.get(new_index + i));
                        items.push(self.part(b, a, &at(old_index + i)));
                    }
                }
                DiffOp::Delete {
                    old_index, old_len, ..
                } => gone.extend(old_index..old_index + old_len),
                DiffOp::Insert {
                    new_index, new_len, ..
                } => new.extend(new_index..new_index + new_len),
                DiffOp::Replace {
                    old_index,
                    old_len,
                    new_index,
                    new_len,
                } => {
                    gone.extend(old_index..old_index + old_len);
                    new.extend(new_index..new_index + new_len);
                }
            }
        }
        settle(&mut gone, &mut new, &mut items);
        items
    }
}

fn sign(before: Option<&Value>, after: Option<&Value>, form: &Form) -> Sign {
    let inside = |changes: bool| match changes {
        true => Sign::Change,
        false => Sign::Keep,
    };
    match (before, after) {
        (None, _) => Sign::Add,
        (_, None) => Sign::Remove,
        (Some(b), Some(a)) => match form {
            Form::Entries { entries, .. } => {
                inside(entries.iter().any(|(_, p)| p.sign != Sign::Keep))
            }
            Form::Elements { items, .. } => inside(items.iter().any(|p| p.sign != Sign::Keep)),
            Form::Sensitive { marking, same } => inside(marking.is_some() || !same),
            Form::Unknown(None) => inside(b.is_known()),
            Form::Unknown(_) | Form::Other(..) => Sign::Change,
            _ => inside(plain(b) != plain(a)),
        },
    }
}

/// True if the same elements are there in another order.
fn is_reordering(before: &[String], after: &[String]) -> bool {
    let sorted = |vs: &[String]| {
        let mut vs = vs.to_vec();
        vs.sort();
        vs
    };
    before != after && sorted(before) == sorted(after)
}

/// A value's content as a text to compare by: no marks, and no difference between what
/// looks the same in a configuration.
fn plain(v: &Value) -> String {
    let mut out = String::new();
    write_plain(v, &mut out);
    out
}

fn write_plain(v: &Value, out: &mut String) {
    match v.kind() {
        Kind::Unknown(_) => out.push('?'),
        Kind::Null(_) => out.push('-'),
        Kind::Bool(b) => out.push_str(if *b { "t" } else { "f" }),
        Kind::Number(n) => {
            let _ = write!(out, "{n};");
        }
        Kind::String(s) => {
            let _ = write!(out, "{}:{s}", s.len());
        }
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            out.push('[');
            items.iter().for_each(|i| write_plain(i, out));
            out.push(']');
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            out.push('{');
            for (k, v) in entries.iter() {
                let _ = write!(out, "{}:{k}", k.len());
                write_plain(v, out);
            }
            out.push('}');
        }
    }
}

/// Kinds of which one does not turn into another without being something else.
fn class(k: &Kind) -> u8 {
    match k {
        Kind::Unknown(_) => 0,
        Kind::Null(_) => 1,
        Kind::Bool(_) => 2,
        Kind::Number(_) => 3,
        Kind::String(_) => 4,
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => 5,
        Kind::Map(..) | Kind::Object(_) => 6,
    }
}

fn is_single(k: &Kind) -> bool {
    class(k) < 5
}

/// The value that a string holds as JSON, if that is an object or an array.
fn decoded(s: &str) -> Option<Value> {
    match s.starts_with(['{', '[']) {
        true => json::decode(s).ok(),
        false => None,
    }
}
