//! JSON strings, with the place of every byte.

use std::sync::Arc;

use super::parser::Parser;
use crate::ast::JsonString;

impl Parser<'_> {
    /// A string, the place being at its opening quote.
    pub(super) fn string(&mut self) -> Option<JsonString> {
        let open = self.pos;
        self.pos += 1;
        let first = self.pos;
        while !matches!(self.peek(), b'"' | b'\\' | 0..=0x1f) {
            self.pos += 1;
        }
        if self.peek() == b'"' {
            let text = self.text.get(first..self.pos).unwrap_or("").into();
            self.pos += 1;
            return Some(JsonString {
                text,
                span: self.span(open, self.pos),
                places: None,
            });
        }
        self.pos = first;
        self.string_with_escapes(open)
    }

    fn string_with_escapes(&mut self, open: usize) -> Option<JsonString> {
        let mut text = String::new();
        let mut places = Vec::new();
        let mut good = true;
        loop {
            let at = self.pos;
            let rest = self.text.get(at..).unwrap_or("");
            let Some(c) = rest.chars().next() else {
                self.unterminated_string(open);
                return None;
            };
            let c = match c {
                '"' => break,
                '\n' | '\r' => {
                    self.unterminated_string(open);
                    return None;
                }
                '\\' => self.escape(rest),
                c if (c as u32) < 0x20 => {
                    self.error(
                        "Invalid JSON string",
                        format!("A control character (U+{:04X}) has to be written as an escape: \\u{:04x}.", c as u32, c as u32),
                        at,
                        at + 1,
                    );
                    self.pos += 1;
                    None
                }
                c => {
                    self.pos += c.len_utf8();
                    Some(c)
                }
            };
            match c {
                Some(c) => {
                    text.push(c);
                    // The bytes of one character are all at its start, except when they
                    // are written as they are.
                    let written = self.pos - at == c.len_utf8();
                    places.extend(
                        (0..c.len_utf8()).map(|i| (at + if written { i } else { 0 }) as u32),
                    );
                }
                None => good = false,
            }
        }
        places.push(self.pos as u32);
        self.pos += 1;
        good.then(|| JsonString {
            text: Arc::from(text),
            span: self.span(open, self.pos),
            places: Some(places.into()),
        })
    }

    fn unterminated_string(&mut self, open: usize) {
        self.error(
            "Invalid JSON string",
            "The closing quote of this string is missing. A JSON string ends on the line on which it starts; a newline in it is written \\n.",
            open,
            self.pos,
        );
    }

    /// The escape at the start of `rest`, which is the text at the present place.
    fn escape(&mut self, rest: &str) -> Option<char> {
        let at = self.pos;
        let selector = rest.chars().nth(1);
        self.pos += 1 + selector.map_or(0, char::len_utf8);
        let c = match selector {
            Some('"') => '"',
            Some('\\') => '\\',
            Some('/') => '/',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let Some(unit) = hex4(rest.get(2..6)) else {
                    self.error(
                        "Invalid JSON string",
                        "\\u must be followed by four hexadecimal digits.",
                        at,
                        self.pos,
                    );
                    return None;
                };
                self.pos += 4;
                // A character beyond U+FFFF is written as two surrogates. One alone is
                // replaced, as JSON readers commonly do.
                if (0xd800..0xdc00).contains(&unit)
                    && rest.get(6..8) == Some("\\u")
                    && let Some(low) =
                        hex4(rest.get(8..12)).filter(|l| (0xdc00..0xe000).contains(l))
                {
                    self.pos += 6;
                    let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    return char::from_u32(code);
                }
                char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => {
                self.error(
                    "Invalid JSON string",
                    "This is not an escape sequence of JSON; a backslash itself is written \\\\.",
                    at,
                    self.pos,
                );
                return None;
            }
        };
        Some(c)
    }
}

fn hex4(digits: Option<&str>) -> Option<u32> {
    let digits = digits?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}
