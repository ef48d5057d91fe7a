//! The token stream as the grammar sees it, positions, and errors.

use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics, FileId, Span};
use rustc_hash::FxHashMap;

use super::lexer::{Kind, Token};
use crate::ast::Ident;
use crate::limits::{MAX_DEPTH, MAX_ERRORS};

/// A part that could not be parsed; its diagnostic has been recorded.
#[derive(Debug)]
pub(crate) struct Reported;

/// What a grammar rule gives.
pub(crate) type Parsed<T> = Result<T, Reported>;

/// Where the bytes of the parsed text stand in the source file.
#[derive(Clone, Copy)]
pub(crate) enum Origin<'a> {
    /// All of them at this distance.
    Offset(u32),
    /// Byte `i` at `map[i]`, for text inside a JSON string with escapes. Has one entry
    /// more than the text has bytes.
    Map(&'a [u32]),
}

/// Names that a file repeats, each stored once.
#[derive(Default)]
pub(crate) struct Interner<'a>(FxHashMap<&'a str, Arc<str>>);

impl<'a> Interner<'a> {
    pub(crate) fn get(&mut self, name: &'a str) -> Arc<str> {
        self.0.entry(name).or_insert_with(|| name.into()).clone()
    }
}

/// Reads tokens, keeps diagnostics and the depth of the tree that is being built.
pub(crate) struct Parser<'a> {
    pub(crate) text: &'a str,
    tokens: &'a [Token],
    pos: usize,
    /// Whether newlines are tokens, innermost bracket last.
    newlines: Vec<bool>,
    file: FileId,
    origin: Origin<'a>,
    pub(crate) names: Interner<'a>,
    pub(crate) diags: Diagnostics,
    depth: usize,
    /// The height of the tree that the last rule built.
    pub(crate) height: usize,
    /// How many closing braces are missing in the file, less those that were reported.
    pub(crate) unclosed: usize,
    /// Where to go on after an error that has found out.
    pub(crate) resume_at: Option<u32>,
    /// The rest of the file was read as part of a text or comment without an end: what
    /// lacks a closing brace may well have it there.
    pub(crate) swallowed: bool,
}

impl<'a> Parser<'a> {
    /// `tokens` are those of `text`, from [`super::lexer::lex`]; they end with
    /// [`Kind::Eof`].
    pub(crate) fn new(
        text: &'a str,
        tokens: &'a [Token],
        file: FileId,
        origin: Origin<'a>,
    ) -> Parser<'a> {
        Parser {
            text,
            tokens,
            pos: 0,
            newlines: vec![true],
            file,
            origin,
            names: Interner::default(),
            diags: Diagnostics::new(),
            depth: 0,
            height: 0,
            unclosed: 0,
            resume_at: None,
            swallowed: false,
        }
    }

    fn raw(&self, at: usize) -> Token {
        self.tokens
            .get(at)
            .or(self.tokens.last())
            .copied()
            .unwrap_or(Token {
                kind: Kind::Eof,
                start: 0,
                end: 0,
            })
    }

    /// The index of the next token that counts, and its kind as it counts here.
    fn next_index(&self, mut at: usize) -> (usize, Token) {
        let newlines = self.newlines.last().copied().unwrap_or(true);
        loop {
            let mut token = self.raw(at);
            match token.kind {
                Kind::Comment => at += 1,
                Kind::Newline if !newlines => at += 1,
                Kind::LineComment if !newlines => at += 1,
                Kind::LineComment => {
                    token.kind = Kind::Newline;
                    return (at, token);
                }
                _ => return (at, token),
            }
        }
    }

    /// The next token.
    pub(crate) fn peek(&self) -> Token {
        self.next_index(self.pos).1
    }

    /// Takes the next token; the end stays.
    pub(crate) fn read(&mut self) -> Token {
        let (at, token) = self.next_index(self.pos);
        self.pos = if token.kind == Kind::Eof { at } else { at + 1 };
        token
    }

    /// Takes the next token if it is of this kind.
    pub(crate) fn eat(&mut self, kind: Kind) -> Option<Token> {
        (self.peek().kind == kind).then(|| self.read())
    }

    /// True if the next token is this word.
    pub(crate) fn at_word(&self, word: &str) -> bool {
        let t = self.peek();
        t.kind == Kind::Ident && self.slice(t) == word
    }

    /// Runs a rule with newlines as tokens or not.
    pub(crate) fn with_newlines<T>(
        &mut self,
        newlines: bool,
        rule: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.newlines.push(newlines);
        let result = rule(self);
        self.newlines.pop();
        result
    }

    /// Runs a rule one level deeper; refuses beyond the limit.
    pub(crate) fn nested<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep(self.peek()));
        }
        self.depth += 1;
        let result = rule(self);
        self.depth -= 1;
        result
    }

    /// Notes that the tree got one level higher than the highest of its parts.
    pub(crate) fn grow(&mut self, parts: usize, at: Token) -> Parsed<()> {
        self.height = parts + 1;
        if self.height > MAX_DEPTH {
            return Err(self.too_deep(at));
        }
        Ok(())
    }

    fn too_deep(&mut self, at: Token) -> Reported {
        let detail = format!(
            "This is nested more than {MAX_DEPTH} levels deep (brackets, templates and operators count), which is the limit. Move parts of it into local values."
        );
        self.error("Nesting too deep", detail, at)
    }

    /// The text of a token.
    pub(crate) fn slice(&self, token: Token) -> &'a str {
        self.text
            .get(token.start as usize..token.end as usize)
            .unwrap_or("")
    }

    /// The place of a range of bytes of the text.
    pub(crate) fn place(&self, start: u32, end: u32) -> Span {
        let at = |i: u32| match self.origin {
            Origin::Offset(o) => o.saturating_add(i),
            Origin::Map(map) => map
                .get(i as usize)
                .or(map.last())
                .copied()
                .unwrap_or_default(),
        };
        Span::new(self.file, at(start), at(end))
    }

    /// The place of a token; a newline is shown as the empty place before it.
    pub(crate) fn span(&self, token: Token) -> Span {
        match token.kind {
            Kind::Newline => self.place(token.start, token.start),
            _ => self.place(token.start, token.end),
        }
    }

    /// The last token that was taken.
    pub(crate) fn previous(&self) -> Token {
        self.raw(self.pos.saturating_sub(1))
    }

    /// The place just after the last token that was taken.
    pub(crate) fn previous_end(&self) -> u32 {
        match self.pos.checked_sub(1) {
            Some(i) => self.raw(i).end,
            None => 0,
        }
    }

    /// The name that a token is.
    pub(crate) fn ident(&mut self, token: Token) -> Ident {
        Ident {
            name: self.names.get(self.slice(token)),
            span: self.span(token),
        }
    }

    /// Records an error at a token.
    pub(crate) fn error(
        &mut self,
        summary: &str,
        detail: impl Into<String>,
        at: Token,
    ) -> Reported {
        let span = self.span(at);
        self.report(Diagnostic::error(summary, detail).at(span))
    }

    /// True once so many errors were found that more would not help.
    pub(crate) fn gave_up(&self) -> bool {
        self.diags.0.len() >= MAX_ERRORS
    }

    /// Goes to the end of the text.
    pub(crate) fn give_up(&mut self) {
        self.pos = self.tokens.len().saturating_sub(1);
    }

    /// Records an error.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        self.diags.push(diagnostic);
        Reported
    }

    /// How an error names a token.
    pub(crate) fn found(&self, token: Token) -> String {
        match token.kind {
            Kind::Eof => "the end of the file".into(),
            Kind::Newline | Kind::QuotedNewline => "the end of the line".into(),
            Kind::OQuote | Kind::CQuote => "a quote".into(),
            Kind::OHeredoc => "a heredoc".into(),
            Kind::QuotedLit | Kind::StringLit => "text".into(),
            Kind::UnclosedComment => "a comment without an end".into(),
            _ => format!("`{}`", shortened(self.slice(token))),
        }
    }

    /// The index of the next token.
    pub(crate) fn mark(&self) -> usize {
        self.next_index(self.pos).0
    }

    /// The tokens from the next one to the end of the body item, without comments at the
    /// end, and the index of the token after them.
    pub(crate) fn rest_of_item(&self) -> Option<(&'a [Token], usize)> {
        let start = self.mark();
        let end = self.balanced_end(start)?;
        let tokens = self.tokens.get(start..end)?;
        let length = tokens
            .iter()
            .rposition(|t| t.kind != Kind::Comment)
            .map_or(0, |i| i + 1);
        Some((tokens.get(..length)?, start + length))
    }

    /// Goes to a token by its index.
    pub(crate) fn go_to(&mut self, index: usize) {
        self.pos = index;
    }

    /// How many bytes of space are before the first token on this token's line, and
    /// whether that is the token itself.
    pub(crate) fn indent(&self, token: Token) -> (usize, bool) {
        let at = self.tokens.partition_point(|t| t.start < token.start);
        let first = (0..=at)
            .rev()
            .find(|i| self.starts_line(*i))
            .unwrap_or_default();
        (self.space_before(first), first == at)
    }

    /// The indentation of a token that is the first of its line.
    pub(crate) fn indent_if_first(&self, token: Token) -> Option<usize> {
        let at = self.tokens.partition_point(|t| t.start < token.start);
        self.starts_line(at).then(|| self.space_before(at))
    }

    /// Whether the token at an index is the first of its line.
    fn starts_line(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return true;
        };
        matches!(
            self.raw(before).kind,
            Kind::Newline | Kind::LineComment | Kind::QuotedNewline
        )
    }

    /// The bytes between the token at an index and the one before it.
    fn space_before(&self, at: usize) -> usize {
        let before = at.checked_sub(1).map_or(0, |i| self.raw(i).end);
        self.raw(at).start.saturating_sub(before) as usize
    }

    /// Moves behind a body item that starts at the token `mark` and could not be parsed.
    ///
    /// If its brackets are balanced it ends with the first newline outside of them. If
    /// not, the next line that looks like an item and is not indented more than this one
    /// is taken for the next item: people indent what they nest.
    pub(crate) fn skip_item(&mut self, mark: usize) {
        let first = self.raw(mark);
        let (column, _) = self.indent(first);
        if let Some(offset) = self.resume_at.take() {
            let at = self.tokens.partition_point(|t| t.start < offset);
            self.pos = at.max(mark + 1);
            return;
        }
        if let Some(end) = self.balanced_end(mark) {
            self.pos = end.max(mark + 1);
            return;
        }
        let mut at = self.pos.max(mark + 1);
        loop {
            let token = self.raw(at);
            let indent = self.space_before(at);
            let found = match token.kind {
                Kind::Eof => true,
                _ if !self.starts_line(at) => false,
                Kind::CBrace => indent < column,
                Kind::Ident => {
                    indent <= column
                        && matches!(
                            self.raw(at + 1).kind,
                            Kind::Equal | Kind::OBrace | Kind::OQuote | Kind::Ident
                        )
                }
                _ => false,
            };
            if found {
                self.pos = at;
                return;
            }
            at += 1;
        }
    }

    /// The index of the token that ends the item at `mark`: its newline, or the bracket
    /// of the enclosing block. Nothing if its own brackets do not match.
    fn balanced_end(&self, mark: usize) -> Option<usize> {
        let mut open: Vec<Kind> = Vec::new();
        let mut at = mark;
        loop {
            let token = self.raw(at);
            match token.kind {
                Kind::Eof => return open.is_empty().then_some(at),
                Kind::Newline | Kind::LineComment if open.is_empty() => return Some(at),
                Kind::OBrace => open.push(Kind::CBrace),
                Kind::OBrack => open.push(Kind::CBrack),
                Kind::OParen => open.push(Kind::CParen),
                Kind::OQuote => open.push(Kind::CQuote),
                Kind::OHeredoc => open.push(Kind::CHeredoc),
                Kind::TemplateInterp | Kind::TemplateControl => open.push(Kind::TemplateSeqEnd),
                Kind::QuotedNewline => return None,
                Kind::CBrace if open.is_empty() => return Some(at),
                Kind::CBrace
                | Kind::CBrack
                | Kind::CParen
                | Kind::CQuote
                | Kind::CHeredoc
                | Kind::TemplateSeqEnd
                    if open.pop() != Some(token.kind) =>
                {
                    return None;
                }
                _ => {}
            }
            at += 1;
        }
    }
}

/// A text as a message quotes it: its start, if it is long.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or("")),
        None => text.to_owned(),
    }
}
