//! What changes between two values, line by line.

use loam_provider::{Block, Nesting};
use loam_value::codec::state as codec;
use loam_value::{Kind, Path, Type, Value, ValueMap};
use similar::{Algorithm, DiffOp, TextDiff, capture_diff_slices};

use super::value::{EPHEMERAL, SENSITIVE, UNKNOWN, heredoc, key, quoted};
use crate::Style;

/// The sign in front of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Add,
    Remove,
    Change,
    Keep,
}

impl Sign {
    fn text(self, style: Style) -> String {
        match self {
            Sign::Add => style.green("+"),
            Sign::Remove => style.red("-"),
            Sign::Change => style.yellow("~"),
            Sign::Keep => " ".into(),
        }
    }
}

/// Collects lines. Indentation counts from the sign's column.
pub struct Lines<'a> {
    pub out: String,
    pub style: Style,
    /// Paths that make a replacement necessary.
    pub forces: &'a [Path],
    /// Write-only arguments that have changed.
    pub write_only: &'a [Path],
}

impl Lines<'_> {
    fn line(&mut self, indent: usize, sign: Sign, text: &str) {
        let sign = sign.text(self.style);
        self.out
            .push_str(&format!("{}{sign} {text}\n", " ".repeat(indent)));
    }

    fn note(&mut self, indent: usize, text: &str) {
        let text = self.style.dim(text);
        self.out
            .push_str(&format!("{}  {text}\n", " ".repeat(indent)));
    }

    fn forced(&self, path: &Path) -> String {
        if self.forces.contains(path) {
            format!(" {}", self.style.red("# forces replacement"))
        } else {
            String::new()
        }
    }

    /// The attributes and nested blocks of an object. `sign` is for everything in it,
    /// unless it is a change, which each part decides for itself.
    pub fn block(
        &mut self,
        block: &Block,
        before: &Value,
        after: &Value,
        indent: usize,
        sign: Sign,
        at: &Path,
    ) {
        let null = Value::null(Type::Dynamic);
        let get = |v: &Value, name: &str| v.get(name).unwrap_or_else(|| null.clone());
        let mut hidden = 0;
        let mut shown: Vec<(&str, Value, Value)> = Vec::new();
        for (name, attribute) in &block.attributes {
            let path = at.attribute(name.clone());
            let (b, a) = (get(before, name), get(after, name));
            if attribute.write_only {
                let changed = self.write_only.contains(&path);
                let forced = self.forces.contains(&path);
                if changed || forced || sign == Sign::Add {
                    shown.push((name, b, a));
                }
                continue;
            }
            if b.is_null() && a.is_null() {
                continue;
            }
            let same = b == a;
            let landmark =
                matches!(&**name, "id" | "name" | "hostname" | "tags") && at.0.is_empty();
            if sign == Sign::Change && same && !landmark {
                hidden += 1;
                continue;
            }
            shown.push((name, b, a));
        }
        let width = shown
            .iter()
            .map(|(n, ..)| n.chars().count())
            .max()
            .unwrap_or(0);
        for (name, b, a) in shown {
            let path = at.attribute(name);
            let write_only = block.attributes.get(name).is_some_and(|x| x.write_only);
            if write_only {
                self.write_only_line(name, width, indent, sign, &path);
                continue;
            }
            let label = format!("{name:<width$} = ");
            self.value(&label, &b, &a, indent, effective(sign, &b, &a), &path, "");
        }
        if hidden > 0 {
            self.note(
                indent,
                &format!("# ({hidden} unchanged attribute{} hidden)", plural(hidden)),
            );
        }
        let mut hidden_blocks = 0;
        for (name, nested) in &block.blocks {
            let (b, a) = (get(before, name), get(after, name));
            let path = at.attribute(name.clone());
            for (label, b, a, path) in pairs(nested.nesting, &b, &a, &path) {
                if b.is_null() && a.is_null() {
                    continue;
                }
                let inner = effective(sign, &b, &a);
                if sign == Sign::Change && inner == Sign::Keep {
                    hidden_blocks += 1;
                    continue;
                }
                self.out.push('\n');
                let forced = self.forced(&path);
                if a.is_unknown() {
                    self.line(indent, inner, &format!("{name}{label} {{"));
                    self.note(indent + 2, UNKNOWN);
                } else {
                    self.line(indent, inner, &format!("{name}{label} {{{forced}"));
                    self.block(&nested.block, &b, &a, indent + 4, inner, &path);
                }
                self.out.push_str(&format!("{}  }}\n", " ".repeat(indent)));
            }
        }
        if hidden_blocks > 0 {
            self.out.push('\n');
            self.note(
                indent,
                &format!(
                    "# ({hidden_blocks} unchanged block{} hidden)",
                    plural(hidden_blocks)
                ),
            );
        }
    }

    fn write_only_line(
        &mut self,
        name: &str,
        width: usize,
        indent: usize,
        sign: Sign,
        path: &Path,
    ) {
        let sign = if sign == Sign::Add {
            Sign::Add
        } else {
            Sign::Change
        };
        let changed = if self.write_only.contains(path) {
            " # (changed)"
        } else {
            ""
        };
        let forced = self.forced(path);
        self.line(
            indent,
            sign,
            &format!("{name:<width$} = (write-only attribute){changed}{forced}"),
        );
    }

    /// One value behind a label. `end` follows it (a comma in lists).
    #[allow(clippy::too_many_arguments)]
    pub fn value(
        &mut self,
        label: &str,
        b: &Value,
        a: &Value,
        indent: usize,
        sign: Sign,
        path: &Path,
        end: &str,
    ) {
        let forced = self.forced(path);
        let arrow = self.style.yellow("->");
        match sign {
            Sign::Add => self.whole(label, a, indent, sign, &format!("{end}{forced}")),
            Sign::Keep => self.whole(label, a, indent, sign, end),
            Sign::Remove => {
                let to_null = if end.is_empty() {
                    format!(" {arrow} {}", self.style.dim("null"))
                } else {
                    end.into()
                };
                self.whole(label, b, indent, sign, &format!("{to_null}{forced}"));
            }
            Sign::Change => {
                if b.marks().is_sensitive() || a.marks().is_sensitive() {
                    if b.unmarked_deep() == a.unmarked_deep() {
                        let now = if a.marks().is_sensitive() {
                            "will be marked"
                        } else {
                            "will no longer be marked"
                        };
                        self.note(indent, &format!("# Warning: this value {now} as sensitive. The value itself stays as it is."));
                    }
                    self.line(indent, sign, &format!("{label}{SENSITIVE}{end}{forced}"));
                    return;
                }
                match (b.kind(), a.kind()) {
                    (Kind::Object(x), Kind::Object(y))
                    | (Kind::Map(_, x), Kind::Map(_, y))
                    | (Kind::Object(x), Kind::Map(_, y))
                    | (Kind::Map(_, x), Kind::Object(y)) => {
                        self.line(indent, sign, &format!("{label}{{{forced}"));
                        self.entries(x, y, indent + 4, path, matches!(a.kind(), Kind::Map(..)));
                        self.out
                            .push_str(&format!("{}  }}{end}\n", " ".repeat(indent)));
                    }
                    (
                        Kind::List(_, x) | Kind::Tuple(x) | Kind::Set(_, x),
                        Kind::List(_, y) | Kind::Tuple(y) | Kind::Set(_, y),
                    ) => {
                        self.line(indent, sign, &format!("{label}[{forced}"));
                        self.elements(x, y, indent + 4, path);
                        self.out
                            .push_str(&format!("{}  ]{end}\n", " ".repeat(indent)));
                    }
                    (Kind::String(x), Kind::String(y)) if heredoc(x) || heredoc(y) => {
                        self.line(indent, sign, &format!("{label}<<-EOT{forced}"));
                        self.text(x, y, indent + 4);
                        self.out
                            .push_str(&format!("{}  EOT{end}\n", " ".repeat(indent)));
                    }
                    _ => {
                        let (b, a) = (inline(b, indent), inline(a, indent));
                        self.line(
                            indent,
                            sign,
                            &format!("{label}{b} {arrow} {a}{end}{forced}"),
                        );
                    }
                }
            }
        }
    }

    /// A value that is there as a whole, with everything in it.
    fn whole(&mut self, label: &str, v: &Value, indent: usize, sign: Sign, end: &str) {
        if v.marks().is_sensitive() {
            return self.line(indent, sign, &format!("{label}{SENSITIVE}{end}"));
        }
        if v.marks().is_ephemeral() {
            return self.line(indent, sign, &format!("{label}{EPHEMERAL}{end}"));
        }
        let close = |out: &mut String, c: &str| {
            out.push_str(&format!("{}  {c}{end}\n", " ".repeat(indent)))
        };
        match v.kind() {
            Kind::Object(entries) | Kind::Map(_, entries) if !entries.is_empty() => {
                self.line(indent, sign, &format!("{label}{{"));
                let quote = matches!(v.kind(), Kind::Map(..));
                let names: Vec<String> = entries
                    .keys()
                    .map(|k| if quote { quoted(k) } else { key(k) })
                    .collect();
                let width = names.iter().map(|n| n.chars().count()).max().unwrap_or(0);
                for (name, v) in names.iter().zip(entries.values()) {
                    self.whole(&format!("{name:<width$} = "), v, indent + 4, sign, "");
                }
                close(&mut self.out, "}");
            }
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items)
                if !items.is_empty() =>
            {
                self.line(indent, sign, &format!("{label}["));
                for v in items.iter() {
                    self.whole("", v, indent + 4, sign, ",");
                }
                close(&mut self.out, "]");
            }
            Kind::String(s) if heredoc(s) => {
                self.line(indent, sign, &format!("{label}<<-EOT"));
                for l in s.lines() {
                    self.out
                        .push_str(&format!("{}{l}\n", " ".repeat(indent + 6)));
                }
                close(&mut self.out, "EOT");
            }
            _ => self.line(indent, sign, &format!("{label}{}{end}", inline(v, indent))),
        }
    }

    fn entries(
        &mut self,
        before: &ValueMap,
        after: &ValueMap,
        indent: usize,
        path: &Path,
        quote: bool,
    ) {
        let mut names: Vec<_> = before.keys().chain(after.keys()).cloned().collect();
        names.sort();
        names.dedup();
        let label = |n: &str| if quote { quoted(n) } else { key(n) };
        let null = Value::null(Type::Dynamic);
        let differs = |n: &std::sync::Arc<str>| before.get(n) != after.get(n);
        let width = names
            .iter()
            .filter(|n| differs(n))
            .map(|n| label(n).chars().count())
            .max()
            .unwrap_or(0);
        let mut hidden = 0;
        for name in &names {
            let (b, a) = (before.get(name), after.get(name));
            if b == a {
                hidden += 1;
                continue;
            }
            let sign = match (b, a) {
                (None, _) => Sign::Add,
                (_, None) => Sign::Remove,
                _ => Sign::Change,
            };
            let inner = if quote {
                path.index(Value::string(name.clone()))
            } else {
                path.attribute(name.clone())
            };
            let text = format!("{:<width$} = ", label(name));
            self.value(
                &text,
                b.unwrap_or(&null),
                a.unwrap_or(&null),
                indent,
                sign,
                &inner,
                "",
            );
        }
        if hidden > 0 {
            let what = if quote { "element" } else { "attribute" };
            self.note(
                indent,
                &format!("# ({hidden} unchanged {what}{} hidden)", plural(hidden)),
            );
        }
    }

    fn elements(&mut self, before: &[Value], after: &[Value], indent: usize, path: &Path) {
        let text = |vs: &[Value]| -> Vec<String> { vs.iter().map(codec::encode).collect() };
        let (b, a) = (text(before), text(after));
        for op in capture_diff_slices(Algorithm::Myers, &b, &a) {
            match op {
                DiffOp::Equal { old_index, len, .. } => {
                    self.unchanged(before, old_index, len, indent)
                }
                DiffOp::Delete {
                    old_index, old_len, ..
                } => {
                    for v in before.iter().skip(old_index).take(old_len) {
                        self.whole("", v, indent, Sign::Remove, ",");
                    }
                }
                DiffOp::Insert {
                    new_index, new_len, ..
                } => {
                    for v in after.iter().skip(new_index).take(new_len) {
                        self.whole("", v, indent, Sign::Add, ",");
                    }
                }
                DiffOp::Replace {
                    old_index,
                    old_len,
                    new_index,
                    new_len,
                } => {
                    let olds = before.iter().skip(old_index).take(old_len);
                    let news = after.iter().skip(new_index).take(new_len);
                    let nested = |v: &Value| v.entries().is_some();
                    if old_len == new_len && olds.clone().all(nested) && news.clone().all(nested) {
                        for (i, (b, a)) in olds.zip(news).enumerate() {
                            let inner = path.index(Value::int((old_index + i) as i64));
                            self.value("", b, a, indent, Sign::Change, &inner, ",");
                        }
                    } else {
                        olds.for_each(|v| self.whole("", v, indent, Sign::Remove, ","));
                        news.for_each(|v| self.whole("", v, indent, Sign::Add, ","));
                    }
                }
            }
        }
    }

    /// Of unchanged elements the ones next to a change are shown.
    fn unchanged(&mut self, items: &[Value], from: usize, len: usize, indent: usize) {
        let first = from > 0;
        let last = from + len < items.len();
        let shown = usize::from(first) + usize::from(last);
        if len <= shown + 1 {
            for v in items.iter().skip(from).take(len) {
                self.whole("", v, indent, Sign::Keep, ",");
            }
            return;
        }
        if first && let Some(v) = items.get(from) {
            self.whole("", v, indent, Sign::Keep, ",");
        }
        let hidden = len - shown;
        self.note(
            indent,
            &format!("# ({hidden} unchanged element{} hidden)", plural(hidden)),
        );
        if last && let Some(v) = items.get(from + len - 1) {
            self.whole("", v, indent, Sign::Keep, ",");
        }
    }

    /// Texts of several lines, as a diff of their lines with what is around.
    fn text(&mut self, before: &str, after: &str, indent: usize) {
        let diff = TextDiff::from_lines(before, after);
        for (i, group) in diff.grouped_ops(3).iter().enumerate() {
            if i > 0 {
                self.note(indent, "…");
            }
            for op in group {
                for change in diff.iter_changes(op) {
                    let sign = match change.tag() {
                        similar::ChangeTag::Delete => Sign::Remove,
                        similar::ChangeTag::Insert => Sign::Add,
                        similar::ChangeTag::Equal => Sign::Keep,
                    };
                    let line: &str = change.value();
                    self.line(indent, sign, line.trim_end_matches('\n'));
                }
            }
        }
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// The sign of a part of something that has `outer`.
fn effective(outer: Sign, b: &Value, a: &Value) -> Sign {
    match outer {
        Sign::Change if b == a => Sign::Keep,
        Sign::Change if b.is_null() => Sign::Add,
        Sign::Change if a.is_null() && a.is_known() => Sign::Remove,
        other => other,
    }
}

/// A value in one line; collections only if they are empty.
fn inline(v: &Value, indent: usize) -> String {
    if v.marks().is_sensitive() {
        return SENSITIVE.into();
    }
    match v.kind() {
        Kind::Null(_) => "null".into(),
        Kind::Unknown(_) => UNKNOWN.into(),
        Kind::String(s) => quoted(s),
        Kind::List(_, e) | Kind::Set(_, e) | Kind::Tuple(e) if e.is_empty() => "[]".into(),
        Kind::Map(_, e) | Kind::Object(e) if e.is_empty() => "{}".into(),
        _ => super::value::value(v, indent + 2),
    }
}

/// Nested blocks before and after, put together by index, label or equality.
fn pairs(nesting: Nesting, b: &Value, a: &Value, path: &Path) -> Vec<(String, Value, Value, Path)> {
    let null = Value::null(Type::Dynamic);
    let items = |v: &Value| v.elements().map(<[Value]>::to_vec).unwrap_or_default();
    match nesting {
        Nesting::Single | Nesting::Group => {
            vec![(String::new(), b.clone(), a.clone(), path.clone())]
        }
        _ if a.is_unknown() => vec![(String::new(), b.clone(), a.clone(), path.clone())],
        Nesting::List => {
            let (b, a) = (items(b), items(a));
            (0..b.len().max(a.len()))
                .map(|i| {
                    let get = |v: &[Value]| v.get(i).cloned().unwrap_or_else(|| null.clone());
                    (
                        String::new(),
                        get(&b),
                        get(&a),
                        path.index(Value::int(i as i64)),
                    )
                })
                .collect()
        }
        Nesting::Map => {
            let empty = ValueMap::new();
            let (x, y) = (b.entries().unwrap_or(&empty), a.entries().unwrap_or(&empty));
            let mut names: Vec<_> = x.keys().chain(y.keys()).cloned().collect();
            names.sort();
            names.dedup();
            let get = |m: &ValueMap, n: &std::sync::Arc<str>| {
                m.get(n).cloned().unwrap_or_else(|| null.clone())
            };
            names
                .iter()
                .map(|n| {
                    (
                        format!(" {}", quoted(n)),
                        get(x, n),
                        get(y, n),
                        path.index(Value::string(n.clone())),
                    )
                })
                .collect()
        }
        Nesting::Set => {
            let (b, a) = (items(b), items(a));
            let kept = b
                .iter()
                .filter(|v| a.contains(v))
                .map(|v| (String::new(), v.clone(), v.clone(), path.clone()));
            let gone = b
                .iter()
                .filter(|v| !a.contains(v))
                .map(|v| (String::new(), v.clone(), null.clone(), path.clone()));
            let new = a
                .iter()
                .filter(|v| !b.contains(v))
                .map(|v| (String::new(), null.clone(), v.clone(), path.clone()));
            kept.chain(gone).chain(new).collect()
        }
    }
}
