//! Regular expressions in RE2 syntax, as Go has it.
//!
//! The `regex` crate has the same semantics (leftmost-first, linear time) but another
//! syntax at the edges: more classes and flags, Unicode-aware `\d` and `\b`, nested
//! classes, stacked repetitions. A pattern is read by the rules of RE2 here and written
//! anew with only what both understand alike; what RE2 does not know is refused.

use std::cell::RefCell;
use std::collections::HashMap;
use std::iter::Peekable;
use std::rc::Rc;
use std::str::Chars;
use std::sync::Arc;

use super::class::{perl_class, push_literal};

/// The name of a group.
type GroupName = Arc<str>;

/// The most repetitions that a counted repetition may ask for.
const MAX_REPEAT: u32 = 1000;
/// How deep groups may be nested.
const MAX_DEPTH: usize = 200;
/// The largest compiled program, in bytes.
const MAX_PROGRAM: usize = 32 << 20;

/// A compiled regular expression.
#[derive(Clone)]
pub(super) struct Pattern {
    regex: ::regex::Regex,
    groups: Rc<Vec<Option<GroupName>>>,
}

thread_local! {
    /// Expressions compile the same few patterns again and again.
    static COMPILED: RefCell<HashMap<String, Pattern>> = RefCell::default();
}

impl Pattern {
    /// Compiles a pattern; the error is a sentence about the pattern.
    pub(super) fn compile(source: &str) -> Result<Pattern> {
        if let Some(known) = COMPILED.with_borrow(|c| c.get(source).cloned()) {
            return Ok(known);
        }
        let mut translator = Translator {
            rest: source.chars().peekable(),
            out: String::new(),
            groups: Vec::new(),
            depth: 0,
            flags: String::new(),
        };
        translator
            .expression()
            .map_err(|e| format!("invalid regexp pattern: {e} in {source:?}"))?;
        let regex = ::regex::RegexBuilder::new(&translator.out)
            .size_limit(MAX_PROGRAM)
            .build()
            .map_err(|e| match e {
                ::regex::Error::CompiledTooBig(_) => {
                    format!("invalid regexp pattern: expression too large: {source:?}")
                }
                _ => format!("invalid regexp pattern: {source:?} is not valid"),
            })?;
        let pattern = Pattern {
            regex,
            groups: Rc::new(translator.groups),
        };
        COMPILED.with_borrow_mut(|c| {
            if c.len() >= 100 {
                c.clear();
            }
            c.insert(source.to_owned(), pattern.clone());
        });
        Ok(pattern)
    }

    /// The compiled expression; its groups have no names.
    pub(super) fn regex(&self) -> &::regex::Regex {
        &self.regex
    }

    /// The capture groups in order, each with its name if it has one.
    pub(super) fn groups(&self) -> &[Option<GroupName>] {
        &self.groups
    }
}

pub(super) type Result<T> = std::result::Result<T, String>;

/// Reads a pattern by the rules of RE2 and writes it anew.
pub(super) struct Translator<'a> {
    pub(super) rest: Peekable<Chars<'a>>,
    pub(super) out: String,
    groups: Vec<Option<GroupName>>,
    depth: usize,
    /// Flags that were read but not written yet: a repetition right after them is of what
    /// stands before them.
    flags: String,
}

/// What the last thing written was, as far as repetition is concerned.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Last {
    /// Nothing that can be repeated.
    Nothing,
    /// Something that can be repeated.
    Item,
    /// A repetition, which cannot be repeated again.
    Repetition,
}

impl Translator<'_> {
    /// A whole expression, or the inside of a group up to its closing parenthesis.
    fn expression(&mut self) -> Result<()> {
        let mut last = Last::Nothing;
        while let Some(c) = self.rest.next() {
            if !matches!(c, '*' | '+' | '?' | '{') {
                self.write_flags();
            }
            last = match c {
                '(' => self.group(last)?,
                ')' => {
                    if self.depth == 0 {
                        return Err("unexpected )".to_owned());
                    }
                    self.out.push(')');
                    return Ok(());
                }
                '|' => {
                    self.out.push('|');
                    Last::Nothing
                }
                '[' => self.class()?,
                '\\' => self.escape()?,
                '.' | '^' | '$' => {
                    self.out.push(c);
                    Last::Item
                }
                '*' | '+' | '?' => {
                    self.repeat(&c.to_string(), last)?;
                    Last::Repetition
                }
                '{' => match self.count()? {
                    Some(count) => {
                        self.repeat(&count, last)?;
                        Last::Repetition
                    }
                    None => {
                        self.write_flags();
                        self.literal('{')
                    }
                },
                _ => self.literal(c),
            };
        }
        if self.depth > 0 {
            return Err("missing closing )".to_owned());
        }
        Ok(())
    }

    fn write_flags(&mut self) {
        self.out.push_str(&std::mem::take(&mut self.flags));
    }

    fn literal(&mut self, c: char) -> Last {
        push_literal(&mut self.out, c);
        Last::Item
    }

    fn repeat(&mut self, operator: &str, last: Last) -> Result<()> {
        match last {
            Last::Nothing => {
                return Err(format!(
                    "missing argument to repetition operator `{operator}`"
                ));
            }
            Last::Repetition => {
                return Err(format!("invalid nested repetition operator `{operator}`"));
            }
            Last::Item => {}
        }
        self.out.push_str(operator);
        if self.rest.next_if_eq(&'?').is_some() {
            self.out.push('?');
        }
        Ok(())
    }

    /// The rest of `{n}`, `{n,}` or `{n,m}`; nothing is read if it is none of them.
    fn count(&mut self) -> Result<Option<String>> {
        let mut ahead = self.rest.clone();
        let inner: String = ahead.by_ref().take_while(|c| *c != '}').collect();
        let consumed = inner.chars().count() + 1;
        let closed = self.rest.clone().nth(consumed - 1) == Some('}');
        let digits = |s: &str| {
            !s.is_empty()
                && s.bytes().all(|b| b.is_ascii_digit())
                && (s == "0" || !s.starts_with('0'))
        };
        let (low, high) = match inner.split_once(',') {
            None => (inner.as_str(), inner.as_str()),
            Some((low, high)) => (low, high),
        };
        if !closed || !digits(low) || !(high.is_empty() || digits(high)) {
            return Ok(None);
        }
        let text = format!("{{{inner}}}");
        let number = |s: &str| s.parse::<u32>().unwrap_or(u32::MAX);
        let too_many = number(low) > MAX_REPEAT
            || (!high.is_empty() && (number(high) > MAX_REPEAT || number(high) < number(low)));
        if too_many {
            return Err(format!("invalid repeat count `{text}`"));
        }
        self.rest = ahead;
        Ok(Some(text))
    }

    fn group(&mut self, last: Last) -> Result<Last> {
        if self.depth >= MAX_DEPTH {
            return Err("expression nests too deeply".to_owned());
        }
        if self.rest.peek() == Some(&'?') {
            self.rest.next();
            let mut ahead = self.rest.clone();
            let named = match ahead.next() {
                Some('P') => ahead.next() == Some('<'),
                Some('<') => !matches!(ahead.peek(), Some('=' | '!')),
                _ => false,
            };
            if !named {
                return self.flags(last);
            }
            let name: String = ahead.by_ref().take_while(|c| *c != '>').collect();
            let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            if name.is_empty() || !name.bytes().all(word) {
                return Err(format!("invalid named capture `{name}`"));
            }
            if self.groups.iter().flatten().any(|g| **g == *name) {
                return Err(format!("duplicate capture group name `{name}`"));
            }
            self.rest = ahead;
            self.groups.push(Some(Arc::from(name)));
        } else {
            self.groups.push(None);
        }
        self.out.push('(');
        self.inside()
    }

    fn inside(&mut self) -> Result<Last> {
        self.depth += 1;
        let result = self.expression();
        self.depth -= 1;
        result.map(|()| Last::Item)
    }

    /// After `(?`: flags, for the rest of the group or for a group of their own.
    fn flags(&mut self, last: Last) -> Result<Last> {
        let mut flags = String::new();
        loop {
            let c = self.rest.next();
            match c {
                Some('i' | 'm' | 's' | 'U') => flags.extend(c),
                Some('-') if !flags.contains('-') => flags.push('-'),
                Some(':') if !flags.ends_with('-') => {
                    self.out.push_str(&format!("(?{flags}:"));
                    return self.inside();
                }
                Some(')') if !flags.ends_with('-') => {
                    if !flags.is_empty() {
                        self.flags.push_str(&format!("(?{flags})"));
                    }
                    return Ok(match last {
                        Last::Repetition => Last::Item,
                        other => other,
                    });
                }
                None => return Err("missing closing )".to_owned()),
                _ => {
                    return Err(format!(
                        "invalid or unsupported Perl syntax `(?{flags}{}`",
                        c.unwrap_or(')')
                    ));
                }
            }
        }
    }

    /// After a backslash, outside of a class.
    fn escape(&mut self) -> Result<Last> {
        let Some(c) = self.rest.next() else {
            return Err("trailing backslash at end of expression".to_owned());
        };
        match c {
            'A' | 'z' => {
                self.out.push('\\');
                self.out.push(c);
            }
            'b' | 'B' => {
                // Word boundaries of ASCII words.
                self.out.push_str("(?-u:\\");
                self.out.push(c);
                self.out.push(')');
            }
            'Q' => return Ok(self.quotation()),
            'd' | 's' | 'w' | 'D' | 'S' | 'W' => {
                self.out
                    .push_str(if c.is_ascii_uppercase() { "[^" } else { "[" });
                self.out.push_str(perl_class(c));
                self.out.push(']');
            }
            'p' | 'P' => {
                let class = self.property(c == 'P')?;
                self.out.push_str(&class);
            }
            'C' => return Err("invalid escape sequence `\\C`".to_owned()),
            _ => {
                let literal = self.escaped_char(c)?;
                return Ok(self.literal(literal));
            }
        }
        Ok(Last::Item)
    }

    /// After `\Q`: everything up to `\E` or the end stands for itself.
    fn quotation(&mut self) -> Last {
        let mut last = Last::Nothing;
        while let Some(c) = self.rest.next() {
            if c == '\\' && self.rest.next_if_eq(&'E').is_some() {
                break;
            }
            last = self.literal(c);
        }
        last
    }

    /// The character that an escape stands for.
    pub(super) fn escaped_char(&mut self, c: char) -> Result<char> {
        let invalid = || format!("invalid escape sequence `\\{c}`");
        let octal = |c: &char| ('0'..='7').contains(c);
        match c {
            '0'..='7' => {
                if c != '0' && !self.rest.peek().is_some_and(octal) {
                    // A back-reference elsewhere; RE2 has none.
                    return Err(invalid());
                }
                let mut code = c.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    match self.rest.next_if(octal) {
                        Some(d) => code = code * 8 + d.to_digit(8).unwrap_or(0),
                        None => break,
                    }
                }
                char::from_u32(code).ok_or_else(invalid)
            }
            'x' => {
                let digits: String = if self.rest.next_if_eq(&'{').is_some() {
                    let mut digits = String::new();
                    loop {
                        match self.rest.next() {
                            Some('}') => break digits,
                            Some(d) => digits.push(d),
                            None => return Err(invalid()),
                        }
                    }
                } else {
                    let mut digits = String::new();
                    digits.extend(self.rest.next());
                    digits.extend(self.rest.next());
                    if digits.len() != 2 {
                        return Err(invalid());
                    }
                    digits
                };
                if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(invalid());
                }
                u32::from_str_radix(&digits, 16)
                    .ok()
                    .and_then(char::from_u32)
                    .ok_or_else(invalid)
            }
            'a' => Ok('\x07'),
            'f' => Ok('\x0c'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\x0b'),
            _ if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok(c),
            _ => Err(invalid()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn finds<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
        Pattern::compile(pattern)
            .unwrap_or_else(|e| panic!("{e}"))
            .regex()
            .find(text)
            .map(|m| m.as_str())
    }

    #[test]
    fn classes_are_ascii() {
        assert_eq!(finds(r"\d+", "٣4"), Some("4"));
        assert_eq!(finds(r"\w+", "éa"), Some("a"));
        assert_eq!(finds(r"\s", "\u{b}\u{a0}"), None);
        assert_eq!(finds(r"\bé", "é"), None);
        assert_eq!(finds(r"[\D]", "1x"), Some("x"));
    }

    #[test]
    fn brackets_nest_nothing() {
        assert_eq!(finds("[a[b]+", "a[b"), Some("a[b"));
        assert_eq!(finds("[]a]+", "]a"), Some("]a"));
        assert_eq!(finds("[a&&b]+", "&&a"), Some("&&a"));
        assert_eq!(finds("[a~-]+", "~-"), Some("~-"));
        assert_eq!(finds("[[:alpha:]_]+", "a_1"), Some("a_"));
    }

    #[test]
    fn what_re2_does_not_know() {
        for pattern in [
            "a**",
            "a{2}{3}",
            "*a",
            "(",
            ")",
            "[a",
            r"\1",
            r"\Z",
            r"\h",
            "(?x)a",
            "(?=a)",
            "(?!a)",
            "(?<=a)b",
            "a{1001}",
            "[z-a]",
            r"\p{Alphabetic}",
            "(?P<n>a)(?P<n>b)",
            "[[:foo:]]",
            "a\\",
            r"\x{110000}",
            r"\p{Grek}",
            "a*+",
        ] {
            assert!(Pattern::compile(pattern).is_err(), "{pattern} was accepted");
        }
    }

    #[test]
    fn written_differently() {
        assert_eq!(finds(r"\Qa.b\E+", "a.bbb"), Some("a.bbb"));
        assert_eq!(finds("a{,2}", "a{,2}"), Some("a{,2}"));
        assert_eq!(finds(r"\101\x42\x{43}", "ABC"), Some("ABC"));
        assert_eq!(finds("(?i)straße", "STRAßE"), Some("STRAßE"));
        assert_eq!(finds("(?<1st>a)", "a"), Some("a"));
        assert_eq!(finds("a(?i)+B", "aaab"), Some("aaab"));
    }
}
