//! JSON text to [`JsonNode`]s with places. Goes on after an error where it can, so that
//! all errors of a file are reported.

use loam_diag::{Diagnostic, Diagnostics, FileId, Span, nearest};
use loam_value::{Number, Type, Value};

use crate::ast::{Body, JsonBody, JsonKind, JsonNode, JsonProperty};
use crate::limits::{MAX_DEPTH, MAX_ERRORS, MAX_TEXT};

/// Parses a file in JSON syntax. Always gives what could be parsed.
pub fn parse_json(file: FileId, text: &str) -> (Body, Diagnostics) {
    let start = Span::new(file, 0, 0);
    let mut body = JsonBody {
        properties: Vec::new(),
        span: start,
        end: start,
    };
    if text.len() > MAX_TEXT {
        let d = Diagnostic::error("File too large", "A source file may have at most 4 GiB.");
        return (Body::Json(body.into()), d.at(start).into());
    }
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        pos: if text.starts_with('\u{feff}') { 3 } else { 0 },
        file,
        depth: 0,
        diags: Diagnostics::new(),
    };
    let root = parser.value("the file");
    parser.space();
    if parser.diags.is_empty() && parser.pos < text.len() {
        parser.error(
            "Extraneous data after value",
            "A JSON file holds a single value; nothing may follow it.",
            parser.pos,
            text.len(),
        );
    }
    if let Some(node) = root {
        let mut diags = Diagnostics::new();
        body = super::body::from_node(
            &node,
            "The root value of a JSON configuration has to be an object, or an array of objects.",
            &mut diags,
        );
        if parser.diags.is_empty() {
            parser.diags.append(diags);
        }
    }
    (Body::Json(body.into()), parser.diags)
}

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    bytes: &'a [u8],
    pub(super) pos: usize,
    file: FileId,
    depth: usize,
    diags: Diagnostics,
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> u8 {
        self.bytes.get(self.pos).copied().unwrap_or(0)
    }

    fn at_end(&self) -> bool {
        self.pos >= self.bytes.len()
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.pos += 1;
        }
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    pub(super) fn error(
        &mut self,
        summary: &str,
        detail: impl Into<String>,
        start: usize,
        end: usize,
    ) {
        if self.diags.0.len() < MAX_ERRORS {
            let span = self.span(start, end);
            self.diags.push(Diagnostic::error(summary, detail).at(span));
        } else {
            self.pos = self.bytes.len();
        }
    }

    /// The end of the character at the present place.
    fn char_end(&self) -> usize {
        let rest = self.text.get(self.pos..).unwrap_or("");
        self.pos + rest.chars().next().map_or(0, char::len_utf8)
    }

    /// Moves to the next comma or closing bracket of the present object or array.
    fn skip_to_separator(&mut self) {
        let mut open = 0usize;
        while !self.at_end() {
            match self.peek() {
                b'"' => {
                    self.skip_string();
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' if open == 0 => return,
                b'}' | b']' => open -= 1,
                b',' if open == 0 => return,
                _ => {}
            }
            self.pos += 1;
        }
    }

    fn skip_string(&mut self) {
        self.pos += 1;
        while !self.at_end() {
            match self.peek() {
                b'"' => {
                    self.pos += 1;
                    return;
                }
                b'\n' => return,
                b'\\' => self.pos += 2,
                _ => self.pos += 1,
            }
        }
    }

    /// A value; nothing if it was reported as broken.
    fn value(&mut self, what: &str) -> Option<JsonNode> {
        self.space();
        let start = self.pos;
        let node = match self.peek() {
            b'{' | b'[' if self.depth >= MAX_DEPTH => {
                self.error(
                    "Nesting too deep",
                    format!(
                        "This is nested more than {MAX_DEPTH} levels deep, which is the limit."
                    ),
                    start,
                    start + 1,
                );
                self.pos = self.bytes.len();
                return None;
            }
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => JsonKind::String(self.string()?),
            b'-' | b'0'..=b'9' => self.number()?,
            b'a'..=b'z' | b'A'..=b'Z' => self.word()?,
            _ => {
                self.no_value(what);
                return None;
            }
        };
        Some(JsonNode {
            kind: node,
            span: self.span(start, self.pos),
        })
    }

    fn no_value(&mut self, what: &str) {
        let end = self.char_end();
        let (summary, detail) = match self.peek() {
            _ if self.at_end() => (
                "Missing value",
                format!("A JSON value is expected as {what}, but the file ends here."),
            ),
            b'\'' => (
                "Invalid quotes",
                "JSON strings are delimited by double quotes, not by single quotes.".into(),
            ),
            b'/' | b'#' => (
                "Invalid start of value",
                "JSON has no comments. A property named \"//\" may hold one.".into(),
            ),
            b'}' | b']' | b',' => (
                "Missing JSON value",
                format!(
                    "A JSON value is expected as {what}, but `{}` was found.",
                    self.peek() as char
                ),
            ),
            _ => (
                "Invalid start of value",
                "A JSON value is an object, an array, a string, a number, true, false or null."
                    .into(),
            ),
        };
        self.error(summary, detail, self.pos, end);
    }

    fn object(&mut self) -> JsonKind {
        let open = self.pos;
        self.pos += 1;
        self.depth += 1;
        let mut properties = Vec::new();
        let mut comma: Option<usize> = None;
        loop {
            self.space();
            match self.peek() {
                b'}' => {
                    if let Some(c) = comma {
                        self.error(
                            "Trailing comma in object",
                            "JSON allows no comma after the last property of an object.",
                            c,
                            c + 1,
                        );
                    }
                    self.pos += 1;
                    break;
                }
                b'"' => {
                    if let Some(p) = self.property() {
                        properties.push(p);
                    } else {
                        self.skip_to_separator();
                    }
                }
                _ if self.at_end() => {
                    self.unclosed(open, '}');
                    break;
                }
                _ => {
                    self.bad_name();
                    self.skip_to_separator();
                }
            }
            comma = self.separator(open, b'}');
            if comma.is_none() && self.peek() != b'"' {
                if self.peek() == b'}' {
                    self.pos += 1;
                }
                break;
            }
        }
        self.depth -= 1;
        JsonKind::Object(properties)
    }

    fn unclosed(&mut self, open: usize, bracket: char) {
        let what = if bracket == '}' { "object" } else { "array" };
        self.error(
            &format!("Unclosed {what}"),
            format!("The `{bracket}` that closes this {what} is missing."),
            open,
            open + 1,
        );
    }

    /// The comma after an item. Nothing at the end of the object or array, or if there
    /// is no comma, which has been reported then.
    fn separator(&mut self, open: usize, close: u8) -> Option<usize> {
        self.space();
        let at = self.pos;
        match self.peek() {
            b',' => {
                self.pos += 1;
                Some(at)
            }
            b if b == close => None,
            b'}' | b']' => {
                let (what, bracket) = match close {
                    b'}' => ("An object", "brace `}`"),
                    _ => ("An array", "bracket `]`"),
                };
                let summary = if close == b'}' {
                    "Mismatched braces"
                } else {
                    "Mismatched brackets"
                };
                self.error(
                    summary,
                    format!("{what} is closed by a {bracket}."),
                    at,
                    at + 1,
                );
                self.pos += 1;
                None
            }
            _ if self.at_end() => {
                self.unclosed(open, close as char);
                None
            }
            _ => {
                let end = self.char_end();
                self.error(
                    "Missing separator",
                    format!("A comma or `{}` is expected before this.", close as char),
                    at,
                    end,
                );
                if !matches!(self.peek(), b'"') {
                    self.skip_to_separator();
                    return self.separator(open, close);
                }
                None
            }
        }
    }

    fn bad_name(&mut self) {
        let start = self.pos;
        let mut end = self.char_end();
        while matches!(
            self.bytes.get(end),
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_')
        ) {
            end += 1;
        }
        let detail = match self.peek() {
            b'/' | b'#' => "JSON has no comments. A property named \"//\" may hold one.",
            b'\'' => "The name of a JSON property is a string in double quotes.",
            b',' => "A property is expected before this comma.",
            _ => "The name of a JSON property has to be a string in double quotes.",
        };
        self.error("Invalid object property name", detail, start, end);
    }

    fn property(&mut self) -> Option<JsonProperty> {
        let name = self.string()?;
        self.space();
        match self.peek() {
            b':' => self.pos += 1,
            b'=' => {
                self.error(
                    "Missing property value colon",
                    "JSON has a colon between a name and its value, not an equals sign.",
                    self.pos,
                    self.pos + 1,
                );
                self.pos += 1;
            }
            b',' | b'}' => {
                self.error(
                    "Missing object value",
                    format!("The property \"{}\" has no value: a colon and a value are expected after its name.", name.text),
                    name.span.start as usize,
                    name.span.end as usize,
                );
                return None;
            }
            _ => {
                self.error(
                    "Missing property value colon",
                    format!(
                        "A colon is expected between the name \"{}\" and its value.",
                        name.text
                    ),
                    self.pos,
                    self.char_end(),
                );
                return None;
            }
        }
        let value = self.value(&format!("the value of \"{}\"", name.text))?;
        Some(JsonProperty { name, value })
    }

    fn array(&mut self) -> JsonKind {
        let open = self.pos;
        self.pos += 1;
        self.depth += 1;
        let mut items = Vec::new();
        let mut comma: Option<usize> = None;
        loop {
            self.space();
            if self.peek() == b']' {
                if let Some(c) = comma {
                    self.error(
                        "Trailing comma in array",
                        "JSON allows no comma after the last value of an array.",
                        c,
                        c + 1,
                    );
                }
                self.pos += 1;
                break;
            }
            if self.at_end() {
                self.unclosed(open, ']');
                break;
            }
            match self.value("an element of the array") {
                Some(node) => items.push(node),
                None => self.skip_to_separator(),
            }
            comma = self.separator(open, b']');
            if comma.is_none() && self.peek() != b'"' {
                if self.peek() == b']' {
                    self.pos += 1;
                }
                break;
            }
        }
        self.depth -= 1;
        JsonKind::Array(items)
    }

    fn number(&mut self) -> Option<JsonKind> {
        let start = self.pos;
        while matches!(self.peek(), b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E') {
            self.pos += 1;
        }
        let digits = self.text.get(start..self.pos).unwrap_or("");
        let problem = match Number::parse(digits) {
            _ if !is_json_number(digits) => format!(
                "`{digits}` is not a JSON number. A number has digits before and after a decimal point, no leading zeros and no plus sign."
            ),
            Ok(n) => return Some(JsonKind::Literal(Value::number(n))),
            Err(problem) => format!("This number cannot be represented: {problem}."),
        };
        self.error("Invalid JSON number", problem, start, self.pos);
        None
    }

    fn word(&mut self) -> Option<JsonKind> {
        let start = self.pos;
        while self.peek().is_ascii_alphanumeric() || self.peek() == b'_' {
            self.pos += 1;
        }
        let word = self.text.get(start..self.pos).unwrap_or("");
        Some(JsonKind::Literal(match word {
            "true" => Value::bool(true),
            "false" => Value::bool(false),
            "null" => Value::null(Type::Dynamic),
            _ => {
                let lower = word.to_lowercase();
                let detail = match nearest(&lower, ["true", "false", "null"]) {
                    Some(w) => format!("`{word}` is not a JSON value. Did you mean {w}?"),
                    None => format!(
                        "`{word}` is not a JSON value. Strings have to be in double quotes; the words are true, false and null."
                    ),
                };
                self.error("Invalid JSON keyword", detail, start, self.pos);
                return None;
            }
        }))
    }
}

/// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
fn is_json_number(s: &str) -> bool {
    let s = s.strip_prefix('-').unwrap_or(s);
    let (mantissa, exponent) = match s.find(['e', 'E']) {
        Some(i) => (s.get(..i).unwrap_or(""), s.get(i + 1..)),
        None => (s, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((w, f)) => (w, Some(f)),
        None => (mantissa, None),
    };
    let digits = |d: &str| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}
