//! Reads JSON text into a tree that keeps what values need: the digits of numbers and
//! every one of several entries with the same name.

use super::{DecodeError, MAX_DEPTH};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(&'a str),
    String(String),
    Array(Vec<Json<'a>>),
    /// Names and values in the order of the text, doubles included.
    Object(Vec<(String, Json<'a>)>),
}

type Result<T> = std::result::Result<T, DecodeError>;

/// Parses one JSON value; nothing but space may follow it.
pub(super) fn parse(text: &str) -> Result<Json<'_>> {
    let mut p = Parser::new(text);
    let value = p.value()?;
    p.space();
    match p.peek() {
        None => Ok(value),
        Some(c) => Err(p.unexpected(c, "after top-level value")),
    }
}

/// Parses the JSON value that the text begins with. What may follow is what `jsondecode`
/// lets pass: nothing, or something that begins with a closing bracket.
pub(super) fn parse_lenient(text: &str) -> Result<Json<'_>> {
    let mut p = Parser::new(text);
    let value = p.value()?;
    p.space();
    match p.peek() {
        None | Some(b']' | b'}') => Ok(value),
        Some(_) => Err(p.error("extraneous data after JSON object")),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Parser<'a> {
        Parser {
            text,
            at: 0,
            depth: 0,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn error(&self, message: impl Into<String>) -> DecodeError {
        DecodeError::at(message, self.at)
    }

    fn unexpected(&self, byte: u8, context: &str) -> DecodeError {
        let c = self.rest().chars().next().unwrap_or(char::from(byte));
        self.error(format!("invalid character {c:?} {context}"))
    }

    fn end(&self) -> DecodeError {
        self.error(match self.text.trim_ascii().is_empty() {
            true => "the text is empty, a JSON value is required",
            false => "unexpected end of JSON text",
        })
    }

    fn value(&mut self) -> Result<Json<'a>> {
        self.space();
        match self.peek() {
            None => Err(self.end()),
            Some(b'{') => self.nested(Parser::object),
            Some(b'[') => self.nested(Parser::array),
            Some(b'"') => Ok(Json::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            Some(c) => Err(self.unexpected(c, "looking for beginning of value")),
        }
    }

    fn nested(&mut self, inner: fn(&mut Parser<'a>) -> Result<Json<'a>>) -> Result<Json<'a>> {
        if self.depth >= MAX_DEPTH {
            let message = format!("JSON is nested more than {MAX_DEPTH} levels deep");
            return Err(self.error(message));
        }
        self.depth += 1;
        self.at += 1;
        let value = inner(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Result<Json<'a>> {
        if self.rest().starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        for expected in word.bytes() {
            match self.peek() {
                Some(c) if c == expected => self.at += 1,
                Some(c) => return Err(self.unexpected(c, &format!("in literal {word}"))),
                None => break,
            }
        }
        Err(self.end())
    }

    fn object(&mut self) -> Result<Json<'a>> {
        let mut entries = Vec::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(entries));
        }
        loop {
            self.space();
            let name = match self.peek() {
                Some(b'"') => self.string()?,
                Some(c) => {
                    let context = "looking for beginning of object key string";
                    return Err(self.unexpected(c, context));
                }
                None => return Err(self.end()),
            };
            self.space();
            match self.peek() {
                Some(b':') => self.at += 1,
                Some(c) => return Err(self.unexpected(c, "after object key")),
                None => return Err(self.end()),
            }
            entries.push((name, self.value()?));
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Json::Object(entries));
                }
                Some(c) => return Err(self.unexpected(c, "after object key:value pair")),
                None => return Err(self.end()),
            }
        }
    }

    fn array(&mut self) -> Result<Json<'a>> {
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Json::Array(items));
                }
                Some(c) => return Err(self.unexpected(c, "after array element")),
                None => return Err(self.end()),
            }
        }
    }

    fn digits(&mut self) -> Result<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        match self.peek() {
            _ if self.at > start => Ok(()),
            Some(c) => Err(self.unexpected(c, "in numeric literal")),
            None => Err(self.end()),
        }
    }

    fn number(&mut self) -> Result<Json<'a>> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            // No digit may follow a leading zero.
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Json::Number(
            self.text.get(start..self.at).unwrap_or_default(),
        ))
    }

    fn string(&mut self) -> Result<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .bytes()
                .position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f))
                .unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                None => return Err(self.end()),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                Some(c) => return Err(self.unexpected(c, "in string literal")),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let Some(c) = self.peek() else {
            return Err(self.end());
        };
        let plain = match c {
            b'"' | b'\\' | b'/' => char::from(c),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.unicode();
            }
            c => return Err(self.unexpected(c, "in string escape code")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn hex(&mut self) -> Result<u32> {
        let mut n = 0;
        for _ in 0..4 {
            let Some(c) = self.peek() else {
                return Err(self.end());
            };
            match char::from(c).to_digit(16) {
                Some(d) => n = n * 16 + d,
                None => return Err(self.unexpected(c, "in \\u hexadecimal character escape")),
            }
            self.at += 1;
        }
        Ok(n)
    }

    /// What follows `\u`; half of a surrogate pair is replaced.
    fn unicode(&mut self) -> Result<char> {
        let first = self.hex()?;
        if let 0xd800..=0xdbff = first {
            let before = self.at;
            if self.rest().starts_with("\\u") {
                self.at += 2;
                let second = self.hex()?;
                if let 0xdc00..=0xdfff = second {
                    let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
            }
            self.at = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}
