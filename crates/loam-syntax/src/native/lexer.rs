//! Text to tokens.
//!
//! The tokens are those of the HCL native syntax specification, down to their borders,
//! because two rules hang on them: strip markers trim one token of text, and heredoc
//! indentation is measured token by token. Every byte of the text belongs to a token or
//! is a space or tab between two tokens, which is what the formatter relies on.

/// Kinds of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    OBrace,
    CBrace,
    OBrack,
    CBrack,
    OParen,
    CParen,
    OQuote,
    CQuote,
    /// `<<NAME` with its newline.
    OHeredoc,
    /// The line that ends a heredoc, with its indentation, without its newline.
    CHeredoc,
    /// Text in a quoted template.
    QuotedLit,
    /// Text in a heredoc or bare template: at most one line.
    StringLit,
    Number,
    Ident,
    Comma,
    Dot,
    Colon,
    DoubleColon,
    Question,
    Ellipsis,
    FatArrow,
    Equal,
    EqualOp,
    NotEqual,
    Less,
    LessEq,
    Greater,
    GreaterEq,
    And,
    Or,
    Bang,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    /// `${` or `${~`.
    TemplateInterp,
    /// `%{` or `%{~`.
    TemplateControl,
    /// `}` or `~}` that ends a template sequence.
    TemplateSeqEnd,
    Newline,
    /// `/* … */`, or a line comment that ends with the file.
    Comment,
    /// `# …` or `// …` together with its newline.
    LineComment,
    /// A newline where a quoted template allows none.
    QuotedNewline,
    /// A character with no meaning in the language.
    Invalid,
    /// A `/*` without an end.
    UnclosedComment,
    Eof,
}

/// A token: a kind and a range of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// A body or an expression.
    Main,
    /// The inside of a template without quotes.
    Template,
}

/// The tokens of a text, ended by [`Kind::Eof`].
pub(crate) struct Lexed {
    pub(crate) tokens: Vec<Token>,
    /// How many braces more are opened than closed: so many are missing somewhere.
    pub(crate) unclosed: usize,
    /// The deepest nesting of brackets and template sequences.
    pub(crate) depth: u32,
}

enum Mode {
    Main,
    /// With the brace level, return levels and nesting at its start.
    Quoted {
        braces: i64,
        returns: usize,
        nest: u32,
    },
    Heredoc {
        marker: (usize, usize),
        line_start: bool,
    },
    Bare,
}

/// Whether a name may start with `c`.
pub(crate) fn is_name_start(c: char) -> bool {
    c == '_' || unicode_ident::is_xid_start(c)
}

/// Whether a name may go on with `c`.
pub(crate) fn is_name_continue(c: char) -> bool {
    c == '-' || unicode_ident::is_xid_continue(c)
}

/// The end of the name that starts at `at`; `at` itself if none does.
pub(crate) fn name_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = at;
    while let Some(&b) = bytes.get(end) {
        if b.is_ascii() {
            let ok = b.is_ascii_alphabetic()
                || b == b'_'
                || (end > at && (b.is_ascii_digit() || b == b'-'));
            if !ok {
                break;
            }
            end += 1;
        } else {
            let Some(c) = text.get(end..).and_then(|s| s.chars().next()) else {
                break;
            };
            let ok = if end == at {
                is_name_start(c)
            } else {
                is_name_continue(c)
            };
            if !ok {
                break;
            }
            end += c.len_utf8();
        }
    }
    end
}

/// Splits a text of at most 4 GiB into tokens. Never fails: what has no meaning becomes
/// [`Kind::Invalid`].
pub(crate) fn lex(text: &str, start: Start) -> Lexed {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        pos: 0,
        tokens: Vec::with_capacity(text.len() / 5 + 16),
        modes: vec![match start {
            Start::Main => Mode::Main,
            Start::Template => Mode::Bare,
        }],
        braces: 0,
        returns: Vec::new(),
        nest: 0,
        depth: 0,
    };
    if start == Start::Main && text.starts_with('\u{feff}') {
        lexer.pos = 3;
    }
    lexer.run();
    Lexed {
        unclosed: usize::try_from(lexer.braces).unwrap_or_default(),
        depth: lexer.depth,
        tokens: lexer.tokens,
    }
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pos: usize,
    tokens: Vec<Token>,
    modes: Vec<Mode>,
    braces: i64,
    /// Brace levels at which a `}` ends a template sequence.
    returns: Vec<i64>,
    nest: u32,
    depth: u32,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while self.pos < self.bytes.len() {
            match self.modes.last() {
                Some(Mode::Quoted { .. }) => self.quoted(),
                Some(Mode::Heredoc { marker, line_start }) => {
                    let (marker, line_start) = (*marker, *line_start);
                    self.heredoc(marker, line_start);
                }
                Some(Mode::Bare) => self.bare(),
                Some(Mode::Main) | None => self.main(),
            }
        }
        self.push(Kind::Eof, self.pos);
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.pos + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: Kind, end: usize) {
        self.tokens.push(Token {
            kind,
            start: self.pos as u32,
            end: end as u32,
        });
        self.pos = end;
    }

    fn open(&mut self) {
        self.nest += 1;
        self.depth = self.depth.max(self.nest);
    }

    fn close(&mut self) {
        self.nest = self.nest.saturating_sub(1);
    }

    fn sequence(&mut self, kind: Kind) {
        let len = if self.peek(2) == b'~' { 3 } else { 2 };
        self.push(kind, self.pos + len);
        self.braces += 1;
        self.returns.push(self.braces);
        self.open();
        if let Some(Mode::Heredoc { line_start, .. }) = self.modes.last_mut() {
            *line_start = false;
        }
        self.modes.push(Mode::Main);
    }

    /// Consumes a template sequence opener if there is one.
    fn opener(&mut self) -> bool {
        match (self.peek(0), self.peek(1)) {
            (b'$', b'{') => self.sequence(Kind::TemplateInterp),
            (b'%', b'{') => self.sequence(Kind::TemplateControl),
            _ => return false,
        }
        true
    }

    /// The end of a run of text at `at`: before an opener, or where `stop` says so.
    fn text_end(&self, mut at: usize, stop: impl Fn(&[u8], usize) -> bool) -> usize {
        while let Some(&b) = self.bytes.get(at) {
            if stop(self.bytes, at) {
                break;
            }
            let next = self.bytes.get(at + 1).copied().unwrap_or(0);
            match b {
                b'$' | b'%' if next == b'{' => break,
                b'$' | b'%' if next == b && self.bytes.get(at + 2) == Some(&b'{') => at += 3,
                _ => at += 1,
            }
        }
        at
    }

    fn quoted(&mut self) {
        if self.opener() {
            return;
        }
        match self.peek(0) {
            b'"' => {
                self.push(Kind::CQuote, self.pos + 1);
                self.modes.pop();
            }
            b'\n' | b'\r' => {
                let mut end = self.pos;
                while matches!(self.bytes.get(end), Some(b'\n' | b'\r')) {
                    end += 1;
                }
                self.push(Kind::QuotedNewline, end);
                self.leave_quotes();
            }
            _ => {
                let mut end = self.pos;
                loop {
                    end = self.text_end(end, |b, i| {
                        matches!(b.get(i), Some(b'"' | b'\n' | b'\r' | b'\\'))
                    });
                    if self.bytes.get(end) != Some(&b'\\') {
                        break;
                    }
                    // A backslash takes the next character with it.
                    end += 1;
                    match self.text.get(end..).and_then(|s| s.chars().next()) {
                        Some('\n' | '\r') | None => break,
                        Some(c) => end += c.len_utf8(),
                    }
                }
                self.push(Kind::QuotedLit, end);
            }
        }
    }

    /// Takes the end of a line for the end of all strings that are open on it, so that
    /// a missing quote spoils no more than its line.
    fn leave_quotes(&mut self) {
        let outermost = self
            .modes
            .iter()
            .rposition(|m| matches!(m, Mode::Heredoc { .. } | Mode::Bare))
            .map_or(0, |heredoc| heredoc + 1);
        let first = self
            .modes
            .iter()
            .enumerate()
            .skip(outermost)
            .find_map(|(i, m)| match m {
                Mode::Quoted {
                    braces,
                    returns,
                    nest,
                } => Some((i, *braces, *returns, *nest)),
                _ => None,
            });
        if let Some((i, braces, returns, nest)) = first {
            self.modes.truncate(i);
            self.returns.truncate(returns);
            self.braces = braces;
            self.nest = nest;
        }
    }

    fn line_end(&self) -> usize {
        let end = self.text_end(self.pos, |b, i| b.get(i) == Some(&b'\n'));
        if self.bytes.get(end) == Some(&b'\n') {
            end + 1
        } else {
            end
        }
    }

    fn heredoc(&mut self, marker: (usize, usize), line_start: bool) {
        if self.opener() {
            return;
        }
        let end = self.line_end();
        let full_line = self.bytes.get(end.wrapping_sub(1)) == Some(&b'\n');
        let line = self.text.get(self.pos..end).unwrap_or("");
        if full_line && line_start && Some(line.trim()) == self.text.get(marker.0..marker.1) {
            let nl = if line.ends_with("\r\n") { 2 } else { 1 };
            self.push(Kind::CHeredoc, end - nl);
            self.push(Kind::Newline, end);
            self.modes.pop();
            return;
        }
        self.push(Kind::StringLit, end);
        if let Some(Mode::Heredoc { line_start, .. }) = self.modes.last_mut() {
            *line_start = full_line;
        }
    }

    fn bare(&mut self) {
        if !self.opener() {
            let end = self.line_end();
            self.push(Kind::StringLit, end);
        }
    }

    fn main(&mut self) {
        let b = self.peek(0);
        let one = self.pos + 1;
        let next = self.peek(1);
        match b {
            b' ' | b'\t' => self.pos += 1,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let end = name_end(self.text, self.pos);
                self.push(Kind::Ident, end);
            }
            b'0'..=b'9' => {
                let end = self.number_end();
                self.push(Kind::Number, end);
            }
            b'"' => {
                self.push(Kind::OQuote, one);
                self.modes.push(Mode::Quoted {
                    braces: self.braces,
                    returns: self.returns.len(),
                    nest: self.nest,
                });
            }
            b'\n' => self.push(Kind::Newline, one),
            b'\r' if next == b'\n' => self.push(Kind::Newline, one + 1),
            b'#' => self.line_comment(),
            b'/' if next == b'/' => self.line_comment(),
            b'/' if next == b'*' => self.block_comment(),
            b'{' => {
                self.braces += 1;
                self.open();
                self.push(Kind::OBrace, one);
            }
            b'}' => self.close_brace(one),
            b'~' if next == b'}' => {
                self.close();
                self.push(Kind::TemplateSeqEnd, one + 1);
                if self.returns.last() == Some(&self.braces) {
                    self.returns.pop();
                    self.modes.pop();
                }
                self.braces -= 1;
            }
            b'[' => {
                self.open();
                self.push(Kind::OBrack, one);
            }
            b']' => {
                self.close();
                self.push(Kind::CBrack, one);
            }
            b'(' => {
                self.open();
                self.push(Kind::OParen, one);
            }
            b')' => {
                self.close();
                self.push(Kind::CParen, one);
            }
            b'<' if next == b'<' && self.heredoc_start() => {}
            b'=' if next == b'=' => self.push(Kind::EqualOp, one + 1),
            b'=' if next == b'>' => self.push(Kind::FatArrow, one + 1),
            b'=' => self.push(Kind::Equal, one),
            b'!' if next == b'=' => self.push(Kind::NotEqual, one + 1),
            b'!' => self.push(Kind::Bang, one),
            b'<' if next == b'=' => self.push(Kind::LessEq, one + 1),
            b'<' => self.push(Kind::Less, one),
            b'>' if next == b'=' => self.push(Kind::GreaterEq, one + 1),
            b'>' => self.push(Kind::Greater, one),
            b'&' if next == b'&' => self.push(Kind::And, one + 1),
            b'|' if next == b'|' => self.push(Kind::Or, one + 1),
            b':' if next == b':' => self.push(Kind::DoubleColon, one + 1),
            b':' => self.push(Kind::Colon, one),
            b'.' if next == b'.' && self.peek(2) == b'.' => self.push(Kind::Ellipsis, one + 2),
            b'.' => self.push(Kind::Dot, one),
            b',' => self.push(Kind::Comma, one),
            b'?' => self.push(Kind::Question, one),
            b'+' => self.push(Kind::Plus, one),
            b'-' => self.push(Kind::Minus, one),
            b'*' => self.push(Kind::Star, one),
            b'/' => self.push(Kind::Slash, one),
            b'%' => self.push(Kind::Percent, one),
            _ => {
                let end = name_end(self.text, self.pos);
                if end > self.pos {
                    self.push(Kind::Ident, end);
                } else {
                    let len = self
                        .text
                        .get(self.pos..)
                        .and_then(|s| s.chars().next())
                        .map_or(1, char::len_utf8);
                    self.push(Kind::Invalid, self.pos + len);
                }
            }
        }
    }

    fn close_brace(&mut self, end: usize) {
        self.close();
        if self.returns.last() == Some(&self.braces) {
            self.push(Kind::TemplateSeqEnd, end);
            self.returns.pop();
            self.modes.pop();
        } else {
            self.push(Kind::CBrace, end);
        }
        self.braces -= 1;
    }

    /// A digit, then digits, dots and exponents; never ends with a dot.
    fn number_end(&self) -> usize {
        let mut at = self.pos + 1;
        let mut end = at;
        loop {
            match self.bytes.get(at) {
                Some(b'0'..=b'9') => {
                    at += 1;
                    end = at;
                }
                Some(b'.') => at += 1,
                Some(b'e' | b'E') => {
                    let digit = match self.bytes.get(at + 1) {
                        Some(b'+' | b'-') => at + 2,
                        _ => at + 1,
                    };
                    if !self.bytes.get(digit).is_some_and(u8::is_ascii_digit) {
                        return end;
                    }
                    at = digit + 1;
                    end = at;
                }
                _ => return end,
            }
        }
    }

    fn line_comment(&mut self) {
        let rest = self.bytes.get(self.pos..).unwrap_or(&[]);
        match rest.iter().position(|b| *b == b'\n') {
            Some(n) => self.push(Kind::LineComment, self.pos + n + 1),
            None => self.push(Kind::Comment, self.bytes.len()),
        }
    }

    fn block_comment(&mut self) {
        let end = self
            .text
            .get(self.pos + 2..)
            .and_then(|s| s.find("*/"))
            .map(|n| self.pos + n + 4);
        match end {
            Some(end) => self.push(Kind::Comment, end),
            None => self.push(Kind::UnclosedComment, self.bytes.len()),
        }
    }

    /// `<<NAME` or `<<-NAME` and a newline. False if it is something else.
    fn heredoc_start(&mut self) -> bool {
        let name = match self.peek(2) {
            b'-' => self.pos + 3,
            _ => self.pos + 2,
        };
        let name_end = name_end(self.text, name);
        if name_end == name {
            return false;
        }
        let end = match (self.bytes.get(name_end), self.bytes.get(name_end + 1)) {
            (Some(b'\n'), _) => name_end + 1,
            (Some(b'\r'), Some(b'\n')) => name_end + 2,
            _ => return false,
        };
        self.push(Kind::OHeredoc, end);
        self.modes.push(Mode::Heredoc {
            marker: (name, name_end),
            line_start: true,
        });
        true
    }
}
