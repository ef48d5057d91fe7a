//! Native syntax: text to tree.

mod body;
mod collections;
mod convert;
mod expr;
pub(crate) mod lexer;
mod literal;
mod mistakes;
mod parser;
mod template;

use loam_diag::{Diagnostic, Diagnostics, FileId, Span};

use crate::ast::{Body, Expr, NativeBody};
use crate::limits::MAX_TEXT;
use crate::stack;
use lexer::{Kind, Start, lex};
pub(crate) use parser::Origin;
use parser::{Parsed, Parser};

/// Parses a file in native syntax. Always gives what could be parsed; the diagnostics
/// name every item that could not.
pub fn parse_native(file: FileId, text: &str) -> (Body, Diagnostics) {
    if let Some(d) = too_long(file, text) {
        let span = Span::new(file, 0, 0);
        let body = NativeBody {
            attributes: Vec::new(),
            blocks: Vec::new(),
            span,
            end: span,
        };
        return (Body::Native(body.into()), d.into());
    }
    let lexed = lex(text, Start::Main);
    stack::with_room(lexed.depth, || {
        let mut parser = Parser::new(text, &lexed.tokens, file, Origin::Offset(0));
        parser.unclosed = lexed.unclosed;
        let body = parser.file();
        (Body::Native(body.into()), parser.diags)
    })
}

/// Parses a text that is one expression. Its first byte is byte `offset` of the file.
///
/// # Errors
///
/// What is wrong with the expression, or that something follows it.
pub fn parse_expression(file: FileId, text: &str, offset: u32) -> Result<Expr, Diagnostics> {
    expression_at(file, text, Origin::Offset(offset))
}

/// [`parse_expression`] for a text whose bytes may stand anywhere in the file.
pub(crate) fn expression_at(
    file: FileId,
    text: &str,
    origin: Origin<'_>,
) -> Result<Expr, Diagnostics> {
    parse_whole(file, text, origin, Start::Main, |p| {
        let expr = p.with_newlines(false, Parser::expression)?;
        let next = p.with_newlines(false, |p| p.peek());
        if next.kind == Kind::Eof {
            return Ok(expr);
        }
        if next.kind == Kind::Invalid {
            return Err(p.invalid_character(next));
        }
        let found = p.found(next);
        Err(p.error(
            "Extra characters after expression",
            format!("Expected the end of the expression, but {found} was found."),
            next,
        ))
    })
}

/// Parses the inside of a template: text with `${…}` and `%{…}`, no quotes around it and
/// no backslash escapes in it. Its first byte is byte `offset` of the file.
///
/// # Errors
///
/// What is wrong with its sequences and directives.
pub fn parse_template(file: FileId, text: &str, offset: u32) -> Result<Expr, Diagnostics> {
    template_at(file, text, Origin::Offset(offset))
}

/// [`parse_template`] for a text whose bytes may stand anywhere in the file.
pub(crate) fn template_at(
    file: FileId,
    text: &str,
    origin: Origin<'_>,
) -> Result<Expr, Diagnostics> {
    parse_whole(file, text, origin, Start::Template, |p| p.bare_template())
}

fn parse_whole(
    file: FileId,
    text: &str,
    origin: Origin<'_>,
    start: Start,
    rule: impl FnOnce(&mut Parser<'_>) -> Parsed<Expr> + Send,
) -> Result<Expr, Diagnostics> {
    if let Some(d) = too_long(file, text) {
        return Err(d.into());
    }
    let lexed = lex(text, start);
    stack::with_room(lexed.depth, || {
        let mut parser = Parser::new(text, &lexed.tokens, file, origin);
        match rule(&mut parser) {
            Ok(expr) if parser.diags.is_empty() => Ok(expr),
            _ => Err(parser.diags),
        }
    })
}

fn too_long(file: FileId, text: &str) -> Option<Diagnostic> {
    (text.len() > MAX_TEXT).then(|| {
        Diagnostic::error("File too large", "A source file may have at most 4 GiB.")
            .at(Span::new(file, 0, 0))
    })
}
