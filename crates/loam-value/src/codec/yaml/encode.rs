//! Writing YAML.
//!
//! The text is that of libyaml's emitter with its standard settings (indent 2, lines
//! broken after column 80, block style but for empty collections), because it is what
//! `yamlencode` is known to produce: strings double-quoted, or literal blocks if they
//! have line breaks; everything else plain.

use crate::codec::EncodeError;
use crate::{Kind, Path, PathStep, Value};

const INDENT: usize = 2;
/// A space after this column is a place to break a quoted string.
const BEST_WIDTH: usize = 80;
/// A longer key is written as `? key`.
const LONGEST_SIMPLE_KEY: usize = 128;

/// The value as a YAML document. Sets, lists and tuples become sequences; marks are
/// disregarded.
pub fn encode(value: &Value) -> Result<String, EncodeError> {
    let mut e = Emitter {
        out: String::new(),
        column: 0,
        indent: None,
        whitespace: true,
        indention: true,
        open_ended: false,
        path: Vec::new(),
    };
    e.node(value, Place::Root)?;
    e.write_indent();
    if e.open_ended {
        e.indicator("...", true, false, false);
        e.write_indent();
    }
    Ok(e.out)
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    Sequence,
    /// A key of more than one line, or a value.
    Mapping,
    SimpleKey,
}

struct Emitter {
    out: String,
    /// Characters since the last line break.
    column: usize,
    /// None before the first collection.
    indent: Option<usize>,
    /// The last character was a space or a line break.
    whitespace: bool,
    /// There is nothing but indentation on the line.
    indention: bool,
    /// The document needs an end marker.
    open_ended: bool,
    path: Vec<PathStep>,
}

/// What a string holds that bears on how it can be written.
struct Analysis {
    multiline: bool,
    block_allowed: bool,
}

impl Analysis {
    fn of(text: &str) -> Analysis {
        let mut multiline = false;
        let mut block_allowed = !text.is_empty() && !text.ends_with(' ');
        let mut previous_space = false;
        for c in text.chars() {
            if is_break(c) {
                multiline = true;
                block_allowed &= !previous_space;
            }
            block_allowed &= is_printable(c);
            previous_space = c == ' ';
        }
        Analysis {
            multiline,
            block_allowed,
        }
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != BOM
}

const BOM: char = '\u{feff}';

impl Emitter {
    fn node(&mut self, value: &Value, place: Place) -> Result<(), EncodeError> {
        match value.kind() {
            Kind::Unknown(_) => {
                return Err(EncodeError {
                    path: Path(self.path.clone()),
                    message: "cannot serialize unknown value as YAML".into(),
                });
            }
            Kind::Null(_) => self.plain("null", place),
            Kind::Bool(b) => self.plain(if *b { "true" } else { "false" }, place),
            Kind::Number(n) => self.plain(&n.to_string(), place),
            Kind::String(s) => self.string(s, place),
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => self.sequence(vs, place)?,
            Kind::Map(_, vs) | Kind::Object(vs) => {
                if vs.is_empty() {
                    self.empty("{", "}");
                    return Ok(());
                }
                let outer = self.increase_indent(false);
                for (name, v) in vs.iter() {
                    self.key(name);
                    self.path.push(PathStep::Attribute(name.clone()));
                    self.node(v, Place::Mapping)?;
                    self.path.pop();
                }
                self.indent = outer;
            }
        }
        Ok(())
    }

    fn sequence(&mut self, values: &[Value], place: Place) -> Result<(), EncodeError> {
        if values.is_empty() {
            self.empty("[", "]");
            return Ok(());
        }
        // A sequence under a key on a line of its own is not indented.
        let outer = self.increase_indent(place == Place::Mapping && !self.indention);
        for (i, v) in (0i64..).zip(values) {
            self.write_indent();
            self.indicator("-", true, false, true);
            self.path.push(PathStep::Index(Value::int(i)));
            self.node(v, Place::Sequence)?;
            self.path.pop();
        }
        self.indent = outer;
        Ok(())
    }

    fn empty(&mut self, open: &str, close: &str) {
        self.indicator(open, true, true, false);
        self.indicator(close, false, false, false);
    }

    /// A key and the colon after it.
    fn key(&mut self, name: &str) {
        self.write_indent();
        if !Analysis::of(name).multiline && name.len() <= LONGEST_SIMPLE_KEY {
            self.string(name, Place::SimpleKey);
            self.indicator(":", false, false, false);
        } else {
            self.indicator("?", true, false, true);
            self.string(name, Place::Mapping);
            self.write_indent();
            self.indicator(":", true, false, true);
        }
    }

    /// Returns the indentation to go back to.
    fn increase_indent(&mut self, stay: bool) -> Option<usize> {
        let outer = self.indent;
        self.indent = Some(match outer {
            None => 0,
            Some(n) if stay => n,
            Some(n) => n + INDENT,
        });
        outer
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn put_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
    }

    fn write_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        let here = self.column.cmp(&indent);
        if !self.indention || here.is_gt() || here.is_eq() && !self.whitespace {
            self.put_break('\n');
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn indicator(&mut self, text: &str, need_space: bool, is_space: bool, is_indention: bool) {
        if need_space && !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|c| self.put(c));
        self.whitespace = is_space;
        self.indention &= is_indention;
        self.open_ended = false;
    }

    /// Text of letters, digits and signs, which never needs quotes.
    fn plain(&mut self, text: &str, place: Place) {
        if !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|c| self.put(c));
        self.whitespace = false;
        self.indention = false;
        self.open_ended |= place == Place::Root;
    }

    fn string(&mut self, text: &str, place: Place) {
        let outer = self.indent;
        self.indent = Some(outer.map_or(INDENT, |n| n + INDENT));
        let literal =
            text.contains('\n') && place != Place::SimpleKey && Analysis::of(text).block_allowed;
        match literal {
            true => self.literal(text),
            false => self.double_quoted(text, place != Place::SimpleKey),
        }
        self.indent = outer;
    }

    fn literal(&mut self, text: &str) {
        self.indicator("|", true, false, false);
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.indicator(&INDENT.to_string(), false, false, false);
        }
        let mut from_end = text.chars().rev();
        match (from_end.next(), from_end.next()) {
            (Some(last), before) if is_break(last) => {
                if before.is_none_or(is_break) {
                    self.indicator("+", false, false, false);
                }
            }
            _ => self.indicator("-", false, false, false),
        }
        self.put_break('\n');
        self.indention = true;
        self.whitespace = true;
        let mut breaks = true;
        for c in text.chars() {
            if is_break(c) {
                self.put_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                self.put(c);
                self.indention = false;
                breaks = false;
            }
        }
    }

    fn double_quoted(&mut self, text: &str, allow_breaks: bool) {
        self.indicator("\"", true, false, false);
        let all_escaped = text.starts_with(BOM);
        let mut spaces = false;
        let mut chars = text.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            let escaped = all_escaped || !is_printable(c) || is_break(c) || matches!(c, '"' | '\\');
            if escaped {
                self.escape(c);
                spaces = false;
            } else if c == ' ' {
                let inside = i > 0 && i + 1 < text.len();
                if allow_breaks && !spaces && self.column > BEST_WIDTH && inside {
                    self.write_indent();
                    if chars.peek().is_some_and(|(_, next)| *next == ' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                self.put(c);
                spaces = false;
            }
        }
        self.indicator("\"", false, false, false);
    }

    fn escape(&mut self, c: char) {
        let short = match c {
            '\0' => '0',
            '\x07' => 'a',
            '\x08' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\x0b' => 'v',
            '\x0c' => 'f',
            '\r' => 'r',
            '\x1b' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            c => {
                let text = match c as u32 {
                    code @ 0..=0xff => format!("\\x{code:02X}"),
                    code @ 0..=0xffff => format!("\\u{code:04X}"),
                    code => format!("\\U{code:08X}"),
                };
                text.chars().for_each(|c| self.put(c));
                return;
            }
        };
        self.put('\\');
        self.put(short);
    }
}
