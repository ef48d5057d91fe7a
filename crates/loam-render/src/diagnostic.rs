//! Diagnostics as text for a terminal and as JSON.

use std::fmt::Write as _;

use loam_diag::{Diagnostic, Severity, SourceMap, Span};
use serde_json::{Map, Value as Json, json};

use crate::style::Style;

/// What the bar beside a diagnostic takes of a line.
const BAR: usize = 2;

/// A diagnostic as text, with the source that it is about.
///
/// ```text
/// Error: Unsupported argument
///
///   on main.hcl line 7, in resource "acme_server" "web":
///    7:   hostnmae = "web-1.example.com"
///         ^^^^^^^^
///
/// An argument named "hostnmae" is not expected here.
/// ```
pub fn text(d: &Diagnostic, sources: &SourceMap, style: Style) -> String {
    let (word, colour) = match d.severity {
        Severity::Error => ("Error", Style::red as fn(&Style, &str) -> String),
        Severity::Warning => ("Warning", Style::yellow as fn(&Style, &str) -> String),
    };
    let bar = colour(&style, "│");
    let mut body = format!(
        "{}{}\n",
        colour(&style, &style.bold(&format!("{word}: "))),
        style.bold(&d.summary)
    );
    if let Some(span) = d.subject {
        body.push('\n');
        body.push_str(&snippet(span, d.context, sources, style));
        if !d.values.is_empty() {
            body.push_str("    ├────────────────\n");
            for v in &d.values {
                let _ = writeln!(body, "    │ {} {}", style.bold(&v.traversal), v.statement);
            }
        }
    } else if let Some(address) = &d.address {
        let _ = write!(body, "\n  with {address}\n");
    }
    for label in d.labels.iter().filter(|l| Some(l.span) != d.subject) {
        let _ = writeln!(body, "\n  {} ({})", label.text, sources.place(label.span));
    }
    if !d.detail.is_empty() {
        let _ = write!(body, "\n{}\n", style.wrap(d.detail.trim_end(), BAR));
    }
    for hint in &d.hints {
        let text = style.wrap(&format!("Help: {hint}"), BAR);
        let text = text.strip_prefix("Help:").unwrap_or(&text);
        let _ = writeln!(body, "\n{}{text}", style.bold("Help:"));
    }
    let mut out = format!("{}\n", colour(&style, "╷"));
    for line in body.lines() {
        let _ = if line.is_empty() {
            writeln!(out, "{bar}")
        } else {
            writeln!(out, "{bar} {line}")
        };
    }
    let _ = writeln!(out, "{}", colour(&style, "╵"));
    out
}

/// A diagnostic by its summary and its place, for a list of many.
///
/// ```text
/// - Check block assertion failed
///   on main.tf line 7
/// ```
pub fn brief(d: &Diagnostic, sources: &SourceMap) -> String {
    let place = d.subject.and_then(|span| {
        let file = sources.file(span.file)?;
        let line = file.position(span.start).line;
        Some(format!("  on {} line {line}\n", file.name))
    });
    let with = d.address.as_ref().map(|a| format!("  with {a}\n"));
    let place = place.or(with).unwrap_or_default();
    format!("- {}\n{place}", d.summary)
}

fn snippet(span: Span, context: Option<Span>, sources: &SourceMap, style: Style) -> String {
    let Some(file) = sources.file(span.file) else {
        return String::new();
    };
    let (start, end) = (
        file.position(span.start),
        file.position(span.end.max(span.start)),
    );
    let mut out = format!("  on {} line {}", file.name, start.line);
    if let Some(block) = enclosing(&file, span.start) {
        let _ = write!(out, ", in {block}");
    }
    out.push_str(":\n");
    let mut first = start.line;
    let mut last = end.line.max(start.line);
    if let Some(c) = context.filter(|c| c.file == span.file) {
        first = first.min(file.position(c.start).line);
        last = last.max(file.position(c.end).line);
    }
    let last_shown = last.min(first + 9);
    for line in first..=last_shown {
        let source = file.line(line).replace('\t', " ");
        let _ = writeln!(out, "{line:>4}: {source}");
        if line == start.line {
            let width = if end.line == start.line {
                end.column.saturating_sub(start.column).max(1)
            } else {
                (source.chars().count() as u32 + 1)
                    .saturating_sub(start.column)
                    .max(1)
            };
            let pad = " ".repeat(start.column as usize + 5);
            let _ = writeln!(out, "{pad}{}", style.underline(&"^".repeat(width as usize)));
        }
    }
    if last > last_shown {
        let _ = writeln!(out, "      … {} more lines", last - last_shown);
    }
    out
}

/// The header of the top-level block that a place is in: `resource "t" "n"`.
fn enclosing(file: &loam_diag::SourceFile, byte: u32) -> Option<String> {
    let at = file.position(byte).line;
    let mut line = at;
    loop {
        let text = file.line(line);
        let opens = text.trim_end().ends_with('{') || text.contains(" {");
        if opens && text.starts_with(|c: char| c.is_alphabetic()) {
            let header = text.split('{').next().unwrap_or("").trim().to_owned();
            return (line != at || header.contains('"') || !header.is_empty())
                .then_some(header)
                .filter(|h| !h.is_empty());
        }
        if text.starts_with('}') && line != at || line <= 1 {
            return None;
        }
        line -= 1;
    }
}

/// A diagnostic in the shape of Terraform's JSON.
pub fn json(d: &Diagnostic, sources: &SourceMap) -> Json {
    let mut out = Map::new();
    out.insert(
        "severity".into(),
        if d.is_error() { "error" } else { "warning" }.into(),
    );
    out.insert("summary".into(), d.summary.clone().into());
    let mut detail = d.detail.clone();
    for hint in &d.hints {
        let gap = if detail.is_empty() { "" } else { " " };
        let _ = write!(detail, "{gap}{}", sentence(hint));
    }
    out.insert("detail".into(), detail.into());
    if let Some(address) = &d.address {
        out.insert("address".into(), address.clone().into());
    }
    if let Some(span) = d.subject
        && let Some(file) = sources.file(span.file)
    {
        let position = |byte: u32| {
            let p = file.position(byte);
            json!({ "line": p.line, "column": p.column, "byte": p.byte })
        };
        // An empty range is shown as the one character after it, as readers expect.
        let end = if span.end > span.start {
            span.end
        } else {
            span.start + 1
        };
        out.insert(
            "range".into(),
            json!({ "filename": file.name, "start": position(span.start), "end": position(end) }),
        );
        out.insert("snippet".into(), snippet_json(d, span, &file));
    }
    Json::Object(out)
}

fn sentence(hint: &str) -> String {
    let mut chars = hint.chars();
    chars
        .next()
        .map(|c| c.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

fn snippet_json(d: &Diagnostic, span: Span, file: &loam_diag::SourceFile) -> Json {
    let (start, end) = (file.position(span.start), file.position(span.end));
    let lines: Vec<&str> = (start.line..=end.line.max(start.line))
        .map(|l| file.line(l))
        .collect();
    let code = lines.join("\n");
    let line_start = file
        .text
        .get(..span.start as usize)
        .and_then(|t| t.rfind('\n'))
        .map_or(0, |i| i + 1);
    let from = (span.start as usize).saturating_sub(line_start);
    let from = from.min(code.len());
    let to = (from + (span.end - span.start) as usize).min(code.len());
    let values: Vec<Json> = d
        .values
        .iter()
        .map(|v| json!({ "traversal": v.traversal, "statement": v.statement }))
        .collect();
    json!({
        "context": enclosing(file, span.start),
        "code": code,
        "start_line": start.line,
        "highlight_start_offset": from,
        "highlight_end_offset": to,
        "values": values,
    })
}
