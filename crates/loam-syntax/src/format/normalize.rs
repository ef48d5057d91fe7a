//! Outdated forms and their present-day equivalents: quoted type constraints of
//! variables, strings that are a single interpolation, bare block labels.

use std::borrow::Cow;

use loam_diag::Span;

use super::Piece;
use crate::ast::{Attribute, Block, Body};
use crate::native::lexer::{Kind, Token};
use crate::quote::escaped;

/// Replaces the tokens `from..to`.
pub(super) struct Edit<'a> {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) with: Vec<Piece<'a>>,
    /// Takes off a string around an expression.
    pub(super) unwraps: bool,
}

/// The edits of a file, in source order.
pub(super) fn edits<'a>(text: &'a str, tokens: &[Token], body: &Body) -> Vec<Edit<'a>> {
    let mut editor = Editor {
        text,
        tokens,
        edits: Vec::new(),
    };
    editor.body(body, &Path::File);
    let mut edits = editor.edits;
    edits.sort_by_key(|e| e.from);
    edits
}

/// Where a body stands.
enum Path<'p> {
    File,
    Block(&'p str),
    Deeper,
}

struct Editor<'a, 't> {
    text: &'a str,
    tokens: &'t [Token],
    edits: Vec<Edit<'a>>,
}

impl<'a> Editor<'a, '_> {
    fn body(&mut self, body: &Body, path: &Path<'_>) {
        let Body::Native(body) = body else {
            return;
        };
        for attribute in &body.attributes {
            self.attribute(attribute, path);
        }
        for block in &body.blocks {
            self.labels(block);
            let inner = match path {
                Path::File => Path::Block(&block.kind.name),
                _ => Path::Deeper,
            };
            self.body(&block.body, &inner);
        }
    }

    /// The indices of the tokens in a range of the text.
    fn range(&self, span: Span) -> (usize, usize) {
        let from = self.tokens.partition_point(|t| t.start < span.start);
        let to = self.tokens.partition_point(|t| t.start < span.end);
        (from, to.max(from))
    }

    fn piece(&self, token: &Token) -> Piece<'a> {
        Piece {
            kind: token.kind,
            text: self
                .text
                .get(token.start as usize..token.end as usize)
                .unwrap_or("")
                .into(),
            spaces: 0,
        }
    }

    fn attribute(&mut self, attribute: &Attribute, path: &Path<'_>) {
        let (from, to) = self.range(attribute.expr.span);
        let tokens = self.tokens.get(from..to).unwrap_or(&[]);
        let is_type = matches!(path, Path::Block("variable")) && &*attribute.name.name == "type";
        let with = if is_type {
            self.type_constraint(tokens)
        } else {
            self.unwrapped(tokens)
        };
        if let Some(with) = with {
            self.edits.push(Edit {
                from,
                to,
                with,
                unwraps: !is_type,
            });
        }
    }

    /// `list` is `list(any)`; `"list"`, from before there was `any`, is `list(string)`.
    fn type_constraint(&self, tokens: &[Token]) -> Option<Vec<Piece<'a>>> {
        let name = |t: &Token| self.piece(t).text;
        let words: &[&'static str] = match tokens {
            [t] if t.kind == Kind::Ident => match &*name(t) {
                "list" => &["list", "(", "any", ")"],
                "map" => &["map", "(", "any", ")"],
                "set" => &["set", "(", "any", ")"],
                _ => return None,
            },
            [o, t, c]
                if o.kind == Kind::OQuote
                    && t.kind == Kind::QuotedLit
                    && c.kind == Kind::CQuote =>
            {
                match &*name(t) {
                    "string" => &["string"],
                    "list" => &["list", "(", "string", ")"],
                    "map" => &["map", "(", "string", ")"],
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(words.iter().map(|w| made(w)).collect())
    }

    /// The inside of `"${ … }"`, if there is nothing else in the string.
    fn unwrapped(&self, tokens: &[Token]) -> Option<Vec<Piece<'a>>> {
        let [quote, open, inside @ .., close, end] = tokens else {
            return None;
        };
        if quote.kind != Kind::OQuote
            || open.kind != Kind::TemplateInterp
            || close.kind != Kind::TemplateSeqEnd
            || end.kind != Kind::CQuote
        {
            return None;
        }
        let mut quotes = 0;
        for t in inside {
            match t.kind {
                Kind::OQuote => quotes += 1,
                Kind::CQuote => quotes -= 1,
                Kind::TemplateInterp | Kind::TemplateSeqEnd | Kind::QuotedLit if quotes <= 0 => {
                    return None;
                }
                _ => {}
            }
        }
        let first = inside.iter().position(|t| t.kind != Kind::Newline)?;
        let last = inside.iter().rposition(|t| t.kind != Kind::Newline)?;
        let inside = inside.get(first..=last)?;
        let mut pieces: Vec<Piece<'a>> = inside.iter().map(|t| self.piece(t)).collect();
        let lines = inside.iter().any(|t| t.kind == Kind::Newline) || is_cut_by_comment(inside);
        if lines && !in_parentheses(inside) {
            pieces.insert(0, made("("));
            pieces.push(made(")"));
        }
        Some(pieces)
    }

    /// Labels in quotes, with nothing between them.
    fn labels(&mut self, block: &Block) {
        let Some(last) = block.labels.last() else {
            return;
        };
        let (kind, _) = self.range(block.kind.span);
        let (_, to) = self.range(last.span);
        let mut with = Vec::new();
        for label in &block.labels {
            with.push(made("\""));
            if !label.name.is_empty() {
                with.push(Piece {
                    kind: Kind::QuotedLit,
                    text: Cow::Owned(escaped(&label.name)),
                    spaces: 0,
                });
            }
            with.push(Piece {
                kind: Kind::CQuote,
                ..made("\"")
            });
        }
        self.edits.push(Edit {
            from: kind + 1,
            to,
            with,
            unwraps: false,
        });
    }
}

/// Whether outside of the string the expression would end with the line of a comment.
fn is_cut_by_comment(tokens: &[Token]) -> bool {
    let mut open = 0;
    tokens.iter().enumerate().any(|(i, t)| {
        match t.kind {
            Kind::OParen | Kind::OBrack | Kind::OBrace => open += 1,
            Kind::CParen | Kind::CBrack | Kind::CBrace => open -= 1,
            _ => {}
        }
        t.kind == Kind::LineComment && open == 0 && i + 1 < tokens.len()
    })
}

/// Whether the first token is a parenthesis that the last one closes.
fn in_parentheses(tokens: &[Token]) -> bool {
    let mut open = 0;
    let mut closed_at = None;
    for (i, t) in tokens.iter().enumerate() {
        match t.kind {
            Kind::OParen => open += 1,
            Kind::CParen => open -= 1,
            _ => {}
        }
        if open == 0 {
            closed_at.get_or_insert(i);
        }
    }
    closed_at == tokens.len().checked_sub(1)
        && tokens.last().is_some_and(|t| t.kind == Kind::CParen)
}

/// A token that was not in the text.
fn made(text: &'static str) -> Piece<'static> {
    Piece {
        kind: match text {
            "(" => Kind::OParen,
            ")" => Kind::CParen,
            "\"" => Kind::OQuote,
            _ => Kind::Ident,
        },
        text: Cow::Borrowed(text),
        spaces: 0,
    }
}
