//! Templates: quoted, heredoc and bare.
//!
//! In three steps, as the specification has it: tokens to a flat list of pieces with
//! strip markers applied; heredoc indentation taken off; pieces to a tree.

use std::borrow::Cow;

use loam_diag::{Diagnostic, Span, nearest};
use loam_value::Value;

use super::lexer::{Kind, Token};
use super::literal::unescape;
use super::parser::{Parsed, Parser};
use crate::ast::{Expr, ExprKind, Ident, TemplatePart};

/// A piece of a template before control directives are matched.
enum Piece<'a> {
    Text {
        text: Cow<'a, str>,
        start: u32,
        end: u32,
    },
    Interpolation(Expr),
    If(Expr, Token, u32),
    For(Box<ForHead>),
    Else(Span),
    EndIf(Span, u32),
    EndFor(Span, u32),
}

struct ForHead {
    key_var: Option<Ident>,
    value_var: Ident,
    collection: Expr,
    open: Token,
    end: u32,
}

impl<'a> Parser<'a> {
    /// The rest of a quoted string or heredoc whose opening token was taken.
    pub(crate) fn quoted_template(&mut self, open: Token) -> Parsed<Expr> {
        let close = match open.kind {
            Kind::OHeredoc => Kind::CHeredoc,
            _ => Kind::CQuote,
        };
        let flush = open.kind == Kind::OHeredoc && self.slice(open).starts_with("<<-");
        let kind = self.template(close, flush, open)?;
        Ok(Expr {
            kind,
            span: self.place(open.start, self.previous_end()),
        })
    }

    /// A template without quotes, to the end of the text.
    pub(crate) fn bare_template(&mut self) -> Parsed<Expr> {
        let start = self.peek();
        let kind = self.template(Kind::Eof, false, start)?;
        Ok(Expr {
            kind,
            span: self.place(start.start, self.text.len() as u32),
        })
    }

    fn template(&mut self, close: Kind, flush: bool, open: Token) -> Parsed<ExprKind> {
        let mut height = 0;
        let mut pieces = self.pieces(close, open, &mut height)?;
        if flush {
            flush_indent(&mut pieces);
        }
        if let [Piece::Interpolation(_)] = pieces.as_slice()
            && let Some(Piece::Interpolation(inner)) = pieces.pop()
        {
            self.grow(height, open)?;
            return Ok(ExprKind::TemplateWrap(Box::new(inner)));
        }
        if pieces.iter().all(|p| matches!(p, Piece::Text { .. })) {
            self.height = 1;
            return Ok(ExprKind::Literal(literal(pieces)));
        }
        let mut pieces = pieces.into_iter().peekable();
        let mut directives = 0;
        let parts = self.parts(&mut pieces, None, 0, &mut directives)?;
        if pieces.next().is_some() {
            return Err(self.error(
                "Unexpected end of template",
                "The directives of this template are not balanced.",
                open,
            ));
        }
        self.grow(height + directives, open)?;
        Ok(ExprKind::Template(parts))
    }

    fn pieces(&mut self, close: Kind, open: Token, height: &mut usize) -> Parsed<Vec<Piece<'a>>> {
        let mut pieces = Vec::new();
        let mut trim_next = false;
        let mut after_text = false;
        loop {
            let next = self.read();
            let trim = std::mem::take(&mut trim_next);
            let was_text = std::mem::take(&mut after_text);
            match next.kind {
                k if k == close => return Ok(pieces),
                Kind::QuotedLit | Kind::StringLit => {
                    let mut text = self.text_piece(next)?;
                    if trim {
                        text = trim_start(text);
                    }
                    pieces.push(Piece::Text {
                        text,
                        start: next.start,
                        end: next.end,
                    });
                    after_text = true;
                }
                Kind::TemplateInterp | Kind::TemplateControl => {
                    if was_text
                        && self.slice(next).ends_with('~')
                        && let Some(Piece::Text { text, .. }) = pieces.last_mut()
                    {
                        *text = trim_end(std::mem::take(text));
                    }
                    let piece = self.with_newlines(false, |p| {
                        if next.kind == Kind::TemplateInterp {
                            p.interpolation(next, open)
                        } else {
                            p.directive(next, open)
                        }
                    })?;
                    *height = (*height).max(self.height);
                    pieces.push(piece);
                    let end = self.previous_end() as usize;
                    trim_next = self.text.get(..end).is_some_and(|s| s.ends_with("~}"));
                }
                Kind::Invalid => return Err(self.invalid_character(next)),
                _ => return Err(self.unterminated_string(open, next)),
            }
        }
    }

    fn text_piece(&mut self, token: Token) -> Parsed<Cow<'a, str>> {
        let (text, bad) = unescape(self.slice(token), token.kind == Kind::QuotedLit);
        if bad.is_empty() {
            return Ok(text);
        }
        let mut last = None;
        for b in bad.into_iter().take(10) {
            let at = self.place(token.start + b.start as u32, token.start + b.end as u32);
            last =
                Some(self.report(Diagnostic::error("Invalid escape sequence", b.message).at(at)));
        }
        match last {
            Some(reported) => Err(reported),
            None => Ok(text),
        }
    }

    fn interpolation(&mut self, start: Token, open: Token) -> Parsed<Piece<'a>> {
        let expr = self.expression()?;
        self.sequence_end(start, open, "interpolation")?;
        Ok(Piece::Interpolation(expr))
    }

    /// Takes the `}` of a sequence.
    fn sequence_end(&mut self, start: Token, open: Token, what: &str) -> Parsed<()> {
        if self.eat(Kind::TemplateSeqEnd).is_some() {
            return Ok(());
        }
        let next = self.peek();
        let found = self.found(next);
        let (at, from) = (self.span(next), self.span(start));
        let escape = if what == "interpolation" {
            "$${"
        } else {
            "%%{"
        };
        let missing = matches!(
            next.kind,
            Kind::Eof | Kind::CQuote | Kind::OQuote | Kind::QuotedNewline
        ) && open.kind == Kind::OQuote;
        let diagnostic = if missing || next.kind == Kind::Eof {
            Diagnostic::error(
                "Unclosed template interpolation sequence",
                format!("Expected `}}` at the end of this sequence, but {found} was found."),
            )
            .at(from)
        } else {
            Diagnostic::error(
                if what == "interpolation" {
                    "Extra characters after interpolation expression".to_owned()
                } else {
                    format!("Extra characters in {what} marker")
                },
                format!("Expected `}}` at the end of this sequence, but {found} was found. If the sequence is meant for another language, such as a shell, write {escape} for its start."),
            )
            .at(at)
        };
        Err(self.report(
            diagnostic
                .within(from.to(at))
                .label(from, "the sequence starts here"),
        ))
    }

    fn directive(&mut self, start: Token, open: Token) -> Parsed<Piece<'a>> {
        self.height = 1;
        let word = self.read();
        let name = self.slice(word);
        let piece = match name {
            _ if word.kind != Kind::Ident => {
                let found = self.found(word);
                return Err(self.error(
                    "Invalid template directive",
                    format!("One of the words if, else, endif, for, endfor is expected after `%{{`, but {found} was found. For the text %{{ itself write %%{{."),
                    word,
                ));
            }
            "if" => {
                let condition = self.expression()?;
                self.sequence_end(start, open, "if")?;
                return Ok(Piece::If(condition, start, self.previous_end()));
            }
            "for" => {
                let head = self.for_head(start, open)?;
                return Ok(Piece::For(Box::new(head)));
            }
            "else" | "endif" | "endfor" => {
                self.sequence_end(start, open, name)?;
                let end = self.previous_end();
                let span = self.place(start.start, end);
                match name {
                    "else" => Piece::Else(span),
                    "endif" => Piece::EndIf(span, end),
                    _ => Piece::EndFor(span, end),
                }
            }
            _ => {
                let words = ["if", "for", "else", "endif", "endfor"];
                let hint = nearest(name, words).map(|w| format!(" Did you mean \"{w}\"?"));
                let hint = hint.unwrap_or_default();
                return Err(self.error(
                    "Invalid template control keyword",
                    format!("\"{name}\" is not a template directive.{hint} The directives are if, else, endif, for and endfor."),
                    word,
                ));
            }
        };
        Ok(piece)
    }

    fn for_head(&mut self, start: Token, open: Token) -> Parsed<ForHead> {
        let mut value_var = self.for_name("a name for the element after `for`")?;
        let mut key_var = None;
        if self.eat(Kind::Comma).is_some() {
            let second = self.for_name("a name for the element after the comma")?;
            key_var = Some(std::mem::replace(&mut value_var, second));
        }
        if !self.at_word("in") {
            let next = self.peek();
            let found = self.found(next);
            return Err(self.error(
                "Invalid 'for' directive",
                format!("Expected the word `in` and what to iterate over, but {found} was found."),
                next,
            ));
        }
        self.read();
        let collection = self.expression()?;
        self.sequence_end(start, open, "for")?;
        Ok(ForHead {
            key_var,
            value_var,
            collection,
            open: start,
            end: self.previous_end(),
        })
    }

    fn for_name(&mut self, expected: &str) -> Parsed<Ident> {
        let token = self.peek();
        if token.kind != Kind::Ident {
            let found = self.found(token);
            return Err(self.error(
                "Invalid 'for' directive",
                format!("Expected {expected}, but {found} was found."),
                token,
            ));
        }
        self.read();
        Ok(self.ident(token))
    }

    /// Pieces to parts, up to the directive that closes `open`.
    fn parts(
        &mut self,
        pieces: &mut std::iter::Peekable<std::vec::IntoIter<Piece<'a>>>,
        open: Option<(&str, Span)>,
        level: usize,
        deepest: &mut usize,
    ) -> Parsed<Vec<TemplatePart>> {
        *deepest = (*deepest).max(level);
        let mut parts = Vec::new();
        loop {
            match pieces.peek() {
                None => {
                    let Some((word, span)) = open else {
                        return Ok(parts);
                    };
                    return Err(self.report(
                        Diagnostic::error(
                            "Unexpected end of template",
                            format!(
                                "The {word} directive has no end: %{{ end{word} }} is missing."
                            ),
                        )
                        .at(span),
                    ));
                }
                Some(Piece::Else(_) | Piece::EndIf(..) | Piece::EndFor(..)) => {
                    if open.is_some() {
                        return Ok(parts);
                    }
                    return Err(self.unexpected_directive(pieces.next(), None));
                }
                _ => {}
            }
            match pieces.next() {
                Some(Piece::Text {
                    text,
                    start,
                    mut end,
                }) => {
                    let mut text = text;
                    while let Some(Piece::Text { .. }) = pieces.peek() {
                        if let Some(Piece::Text {
                            text: more, end: e, ..
                        }) = pieces.next()
                        {
                            text.to_mut().push_str(&more);
                            end = e;
                        }
                    }
                    if text.is_empty() {
                        continue;
                    }
                    let value = Value::string(text.into_owned());
                    let text = value.as_str().unwrap_or_default().into();
                    parts.push(TemplatePart::Literal(text, self.place(start, end)));
                }
                Some(Piece::Interpolation(expr)) => parts.push(TemplatePart::Interpolation(expr)),
                Some(Piece::If(condition, start, end)) => {
                    let part = self.if_part(pieces, condition, start, end, level, deepest)?;
                    parts.push(part);
                }
                Some(Piece::For(head)) => {
                    let part = self.for_part(pieces, *head, level, deepest)?;
                    parts.push(part);
                }
                _ => return Ok(parts),
            }
        }
    }

    fn if_part(
        &mut self,
        pieces: &mut std::iter::Peekable<std::vec::IntoIter<Piece<'a>>>,
        condition: Expr,
        start: Token,
        end: u32,
        level: usize,
        deepest: &mut usize,
    ) -> Parsed<TemplatePart> {
        let head = self.place(start.start, end);
        let open = Some(("if", head));
        let yes = self.nested(|p| p.parts(pieces, open, level + 1, deepest))?;
        let mut no = Vec::new();
        let mut last = pieces.next();
        if let Some(Piece::Else(_)) = last {
            no = self.nested(|p| p.parts(pieces, open, level + 1, deepest))?;
            last = pieces.next();
        }
        match last {
            Some(Piece::EndIf(_, end)) => Ok(TemplatePart::If {
                condition,
                yes,
                no,
                span: self.place(start.start, end),
            }),
            other => Err(self.unexpected_directive(other, open)),
        }
    }

    fn for_part(
        &mut self,
        pieces: &mut std::iter::Peekable<std::vec::IntoIter<Piece<'a>>>,
        head: ForHead,
        level: usize,
        deepest: &mut usize,
    ) -> Parsed<TemplatePart> {
        let open = Some(("for", self.place(head.open.start, head.end)));
        let body = self.nested(|p| p.parts(pieces, open, level + 1, deepest))?;
        match pieces.next() {
            Some(Piece::EndFor(_, end)) => Ok(TemplatePart::For {
                key_var: head.key_var,
                value_var: head.value_var,
                collection: head.collection,
                body,
                span: self.place(head.open.start, end),
            }),
            other => Err(self.unexpected_directive(other, open)),
        }
    }

    fn unexpected_directive(
        &mut self,
        piece: Option<Piece<'a>>,
        open: Option<(&str, Span)>,
    ) -> super::parser::Reported {
        let (word, span) = match piece {
            Some(Piece::Else(s)) => ("else", s),
            Some(Piece::EndIf(s, _)) => ("endif", s),
            Some(Piece::EndFor(s, _)) => ("endfor", s),
            _ => ("end", self.place(0, 0)),
        };
        let detail = match open {
            None => format!("There is no directive that this {word} could belong to."),
            Some(("for", _)) if word == "else" => "A for directive has no else.".to_owned(),
            Some((_, _)) if word == "else" => "This if directive has an else already.".to_owned(),
            Some((o, _)) => format!("The {o} directive has to be closed by end{o} first."),
        };
        let mut diagnostic =
            Diagnostic::error(format!("Unexpected {word} directive"), detail).at(span);
        if let Some((o, s)) = open {
            diagnostic = diagnostic.label(s, format!("the {o} directive starts here"));
        }
        self.report(diagnostic)
    }
}

/// The string that consists of text pieces only.
fn literal(pieces: Vec<Piece<'_>>) -> Value {
    let mut all = Cow::Borrowed("");
    for piece in pieces {
        if let Piece::Text { text, .. } = piece {
            if all.is_empty() {
                all = text;
            } else {
                all.to_mut().push_str(&text);
            }
        }
    }
    match all {
        Cow::Borrowed(s) => Value::string(s),
        Cow::Owned(s) => Value::string(s),
    }
}

fn trim_start(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(s) => Cow::Borrowed(s.trim_start()),
        Cow::Owned(s) => Cow::Owned(s.trim_start().to_owned()),
    }
}

fn trim_end(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(s) => Cow::Borrowed(s.trim_end()),
        Cow::Owned(s) => Cow::Owned(s.trim_end().to_owned()),
    }
}

/// Takes off every line the indentation of the least indented line. A line that is blank
/// counts only if it is the last and has no newline; a line that starts with a sequence
/// has no indentation.
fn flush_indent(pieces: &mut [Piece<'_>]) {
    let mut least = usize::MAX;
    let mut line_start = true;
    let mut lines = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let text = match piece {
            Piece::Text { text, .. } => Some(text.as_ref()),
            _ => None,
        };
        if line_start {
            let spaces = match text {
                Some(t) if t.trim_start().is_empty() && t.ends_with('\n') => usize::MAX,
                Some(t) => {
                    lines.push(i);
                    t.chars().take_while(|c| c.is_whitespace()).count()
                }
                None => 0,
            };
            least = least.min(spaces);
        }
        line_start = text.is_some_and(|t| t.ends_with('\n'));
    }
    for i in lines {
        if let Some(Piece::Text { text, start, .. }) = pieces.get_mut(i) {
            let cut: usize = text.chars().take(least).map(char::len_utf8).sum();
            *start += cut as u32;
            *text = match std::mem::take(text) {
                Cow::Borrowed(s) => Cow::Borrowed(s.get(cut..).unwrap_or("")),
                Cow::Owned(s) => Cow::Owned(s.get(cut..).unwrap_or("").to_owned()),
            };
        }
    }
}
