//! Values as text in the language's own syntax.

use loam_address::is_identifier;
use loam_syntax::{is_visible, quoted};
use loam_value::{Kind, Type, Value};

/// What stands for a value that must not be shown.
pub const SENSITIVE: &str = "(sensitive value)";
/// What stands for a value that only applying tells.
pub const UNKNOWN: &str = "(known after apply)";
/// What stands for a value that is never stored.
pub const EPHEMERAL: &str = "(ephemeral value)";

/// An attribute name as an object constructor needs it.
pub fn key(name: &str) -> String {
    if is_identifier(name) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A value over as many lines as it needs; lines after the first are indented by `indent`
/// spaces. Types that the syntax would not tell are said (`toset([…])`), as the console
/// shows them.
pub fn value(v: &Value, indent: usize) -> String {
    if v.marks().is_sensitive() {
        return SENSITIVE.into();
    }
    if v.marks().is_ephemeral() {
        return "(ephemeral value)".into();
    }
    let pad = " ".repeat(indent);
    let list = |open: &str, items: &[Value], close: &str| {
        if items.is_empty() {
            return format!("{open}{close}");
        }
        let lines: Vec<String> = items
            .iter()
            .map(|i| format!("{pad}  {},\n", value(i, indent + 2)))
            .collect();
        format!("{open}\n{}{pad}{close}", lines.concat())
    };
    match v.kind() {
        Kind::Unknown(_) => UNKNOWN.into(),
        Kind::Null(Type::Dynamic) => "null".into(),
        Kind::Null(t) => match t {
            Type::Bool | Type::Number | Type::String => format!("to{t}(null)"),
            Type::List(_) | Type::Set(_) | Type::Map(_) => {
                let name = t.to_string();
                let word = name.split('(').next().unwrap_or_default().to_owned();
                format!(
                    "to{word}(null) /* of {} */",
                    t.element().map(Type::friendly_name).unwrap_or_default()
                )
            }
            other => format!("null /* {} */", other.friendly_name()),
        },
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) => match several_lines(s) {
            true => heredoc(s, indent),
            false => quoted(s),
        },
        Kind::Tuple(items) => list("[", items, "]"),
        Kind::List(_, items) => list("tolist([", items, "])"),
        Kind::Set(_, items) => list("toset([", items, "])"),
        Kind::Object(entries) | Kind::Map(_, entries) => {
            let map = matches!(v.kind(), Kind::Map(..));
            let (open, close) = if map { ("tomap({", "})") } else { ("{", "}") };
            if entries.is_empty() {
                return format!("{open}{close}");
            }
            let lines: Vec<String> = entries
                .iter()
                .map(|(k, v)| format!("{pad}  {} = {}\n", quoted(k), value(v, indent + 2)))
                .collect();
            format!("{open}\n{}{pad}{close}", lines.concat())
        }
    }
}

/// True for text that is easier to read line by line. What would move a terminal's cursor is
/// left to quotes, where it is escaped.
pub fn several_lines(s: &str) -> bool {
    s.contains('\n') && !s.contains(|c: char| !matches!(c, '\n' | '\t') && !is_visible(c))
}

/// Text between marks of its own; none of its lines is one.
fn heredoc(s: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut end = "EOT".to_owned();
    while s.lines().any(|l| l.trim() == end) {
        end.push('_');
    }
    let dash = if indent > 0 { "-" } else { "" };
    let lines: Vec<String> = s.split('\n').map(|l| format!("{pad}{l}\n")).collect();
    format!("<<{dash}{end}\n{}{pad}{end}", lines.concat())
}

/// A type over as many lines as it needs.
pub fn type_text(t: &Type, indent: usize) -> String {
    let pad = " ".repeat(indent);
    match t {
        Type::Object(o) if o.attributes.is_empty() => "object({})".into(),
        Type::Object(o) => {
            let lines: Vec<String> = o
                .attributes
                .iter()
                .map(|(k, t)| format!("{pad}    {}: {},\n", key(k), type_text(t, indent + 4)))
                .collect();
            format!("object({{\n{}{pad}}})", lines.concat())
        }
        Type::Tuple(ts) if ts.is_empty() => "tuple([])".into(),
        Type::Tuple(ts) => {
            let lines: Vec<String> = ts
                .iter()
                .map(|t| format!("{pad}    {},\n", type_text(t, indent + 4)))
                .collect();
            format!("tuple([\n{}{pad}])", lines.concat())
        }
        Type::List(e) => format!("list({})", type_text(e, indent)),
        Type::Set(e) => format!("set({})", type_text(e, indent)),
        Type::Map(e) => format!("map({})", type_text(e, indent)),
        Type::Dynamic => "dynamic".into(),
        other => other.to_string(),
    }
}

/// Output values, one after the other.
pub fn outputs<'o>(all: impl Iterator<Item = (&'o str, &'o loam_state::OutputValue)>) -> String {
    all.map(|(name, o)| {
        let shown = if o.sensitive {
            "<sensitive>".to_owned()
        } else {
            value(&o.value, 0)
        };
        format!("{name} = {shown}\n")
    })
    .collect()
}
