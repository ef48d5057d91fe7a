//! Bodies: arguments and blocks.

use loam_diag::Diagnostic;

use super::lexer::{Kind, Token};
use super::parser::{Parsed, Parser};
use crate::ast::{Attribute, Block, Body, Ident, NativeBody};

enum Item {
    Attribute(Attribute),
    Block(Block),
}

impl Parser<'_> {
    /// A whole file. Broken items are reported and left out.
    pub(crate) fn file(&mut self) -> NativeBody {
        let mut body = NativeBody {
            attributes: Vec::new(),
            blocks: Vec::new(),
            span: self.place(0, self.text.len() as u32),
            end: self.place(self.text.len() as u32, self.text.len() as u32),
        };
        loop {
            let next = self.peek();
            match next.kind {
                Kind::Newline => {
                    self.read();
                }
                Kind::Eof => return body,
                Kind::CBrace | Kind::TemplateSeqEnd if self.gave_up() => self.give_up(),
                Kind::CBrace | Kind::TemplateSeqEnd => {
                    self.read();
                    self.error(
                        "Unexpected closing brace",
                        "This brace closes nothing: every block before it is closed already.",
                        next,
                    );
                }
                _ => self.item_into(&mut body),
            }
        }
    }

    fn item_into(&mut self, body: &mut NativeBody) {
        let mark = self.mark();
        match self.item() {
            Ok(Item::Attribute(a)) => body.attributes.push(a),
            Ok(Item::Block(b)) => body.blocks.push(b),
            Err(_) if self.gave_up() => self.give_up(),
            Err(_) => self.skip_item(mark),
        }
    }

    fn item(&mut self) -> Parsed<Item> {
        let name = self.read();
        if name.kind != Kind::Ident {
            return Err(self.no_item(name));
        }
        let next = self.peek();
        match next.kind {
            Kind::Equal => {
                let attribute = self.attribute(name)?;
                self.end_of_item(name, "argument")?;
                Ok(Item::Attribute(attribute))
            }
            Kind::OQuote | Kind::OBrace | Kind::Ident => {
                let (block, closed) = self.nested(|p| p.block(name))?;
                // The block is whole; what is wrong after it does not spoil it.
                if closed && self.end_of_item(name, "block").is_err() {
                    let mark = self.mark();
                    self.skip_item(mark);
                }
                Ok(Item::Block(block))
            }
            Kind::Colon => Err(self.error(
                "Argument or block definition required",
                format!("An argument is written with `=`: {} = …, not with a colon.", self.slice(name)),
                next,
            )),
            Kind::EqualOp => Err(self.error(
                "Argument or block definition required",
                format!("An argument is set by a single `=`: {} = …. `==` compares two values.", self.slice(name)),
                next,
            )),
            Kind::Dot | Kind::OBrack => Err(self.error(
                "Argument or block definition required",
                "The name of an argument is a single word. An expression cannot stand here on its own.",
                name,
            )),
            _ => {
                let found = self.found(next);
                Err(self.error(
                    "Argument or block definition required",
                    format!("Expected an argument (`{0} = value`) or a block (`{0} {{`), but {found} was found after the name.", self.slice(name)),
                    name,
                ))
            }
        }
    }

    fn no_item(&mut self, token: Token) -> super::parser::Reported {
        match token.kind {
            Kind::Invalid => self.invalid_character(token),
            Kind::UnclosedComment => self.no_expression(token),
            Kind::OQuote => self.error(
                "Invalid argument name",
                "The name of an argument or block is written without quotes.",
                token,
            ),
            _ => {
                let found = self.found(token);
                self.error(
                    "Argument or block definition required",
                    format!("Expected an argument (`name = value`) or a block (`name {{`), but {found} was found."),
                    token,
                )
            }
        }
    }

    /// `= expr`, the name taken.
    fn attribute(&mut self, name: Token) -> Parsed<Attribute> {
        self.read();
        let expr = match self.by_hcl_edit() {
            Some(expr) => expr,
            None => self.expression()?,
        };
        Ok(Attribute {
            name: self.ident(name),
            expr,
            span: self.place(name.start, self.previous_end()),
        })
    }

    /// Checks that the line ends after an item.
    fn end_of_item(&mut self, name: Token, what: &str) -> Parsed<()> {
        let next = self.peek();
        if next.kind == Kind::Newline {
            self.read();
            return Ok(());
        }
        if next.kind == Kind::Eof {
            return Ok(());
        }
        if matches!(next.kind, Kind::Invalid | Kind::UnclosedComment) {
            return Err(self.no_expression(next));
        }
        let found = self.found(next);
        let (at, from) = (self.span(next), self.span(name));
        let (summary, detail) = match next.kind {
            Kind::Comma if what == "argument" => (
                "Unexpected comma after argument".to_owned(),
                "Arguments of a block are separated by newlines, not commas.".to_owned(),
            ),
            Kind::CBrace if what == "argument" => (
                "Missing newline after argument".to_owned(),
                "The closing brace of a block with several lines has to be on a line of its own."
                    .to_owned(),
            ),
            _ => (
                if what == "block" {
                    "Missing newline after block definition"
                } else {
                    "Missing newline after argument"
                }
                .to_owned(),
                format!("Expected the end of the line after this {what}, but {found} was found."),
            ),
        };
        Err(self.report(
            Diagnostic::error(summary, detail)
                .at(at)
                .within(from.to(at)),
        ))
    }

    /// Labels, braces and what is between them; the block type taken. False if the
    /// closing brace is missing (which has been reported).
    fn block(&mut self, name: Token) -> Parsed<(Block, bool)> {
        let kind = self.ident(name);
        let mut labels = Vec::new();
        let open = loop {
            let next = self.peek();
            match next.kind {
                Kind::OBrace => break self.read(),
                Kind::OQuote => labels.push(self.label()?),
                Kind::Ident => {
                    self.read();
                    labels.push(self.ident(next));
                }
                Kind::Newline if self.brace_follows() => {
                    // Reported; the block is read nevertheless.
                    self.no_block(name, next, &labels);
                    while self.eat(Kind::Newline).is_some() {}
                }
                _ => return Err(self.no_block(name, next, &labels)),
            }
        };
        let header = labels.last().map_or(kind.span, |l| kind.span.to(l.span));
        let (body, closed) = match self.peek().kind {
            Kind::Newline | Kind::Eof | Kind::CBrace => self.block_body(name, open),
            _ => (self.one_line_body(name, open)?, true),
        };
        let block = Block {
            kind,
            labels,
            body: Body::Native(body.into()),
            header,
        };
        Ok((block, closed))
    }

    /// True if nothing but newlines stand before an opening brace.
    fn brace_follows(&mut self) -> bool {
        self.with_newlines(false, |p| p.peek().kind == Kind::OBrace)
    }

    fn no_block(&mut self, name: Token, next: Token, labels: &[Ident]) -> super::parser::Reported {
        let found = self.found(next);
        let word = self.slice(name);
        let detail = match next.kind {
            Kind::Equal => "`=` sets an argument; a block has none after its type and labels. An argument's name is a single word.".to_owned(),
            Kind::Newline if labels.len() == 1 && !self.brace_follows() => format!("Expected `=` after the name of an argument (`{word} = …`), or `{{` after the label of a block."),
            Kind::Newline => "The opening brace of a block has to be on the line of its type and labels.".to_owned(),
            Kind::Invalid => return self.invalid_character(next),
            _ => format!("Expected a label in quotes or `{{` after `{word}`, but {found} was found."),
        };
        let (at, from) = (self.span(next), self.span(name));
        self.report(
            Diagnostic::error("Invalid block definition", detail)
                .at(at)
                .within(from.to(at)),
        )
    }

    /// A string without template sequences.
    fn label(&mut self) -> Parsed<Ident> {
        let open = self.read();
        let mut name = String::new();
        loop {
            let next = self.read();
            match next.kind {
                Kind::CQuote => {
                    let plain = Token {
                        kind: Kind::QuotedLit,
                        start: open.end,
                        end: next.start,
                    };
                    let text = self.slice(plain);
                    let shared = if text == name {
                        self.names.get(text)
                    } else {
                        name.into()
                    };
                    return Ok(Ident {
                        name: shared,
                        span: self.place(open.start, next.end),
                    });
                }
                Kind::QuotedLit => {
                    let (text, bad) = super::literal::unescape(self.slice(next), true);
                    name.push_str(&text);
                    if let Some(b) = bad.into_iter().next() {
                        let at = self.place(next.start + b.start as u32, next.start + b.end as u32);
                        return Err(self.report(
                            Diagnostic::error("Invalid escape sequence", b.message).at(at),
                        ));
                    }
                }
                Kind::TemplateInterp | Kind::TemplateControl => {
                    let sign = self.slice(next).get(..1).unwrap_or("$");
                    return Err(self.error(
                        "Invalid string literal",
                        format!("A label is a fixed text: template sequences are not allowed in it. For the text {sign}{{ itself write {sign}{sign}{{."),
                        next,
                    ));
                }
                _ => return Err(self.unterminated_string(open, next)),
            }
        }
    }

    /// The body of a block over several lines, to its closing brace.
    fn block_body(&mut self, name: Token, open: Token) -> (NativeBody, bool) {
        let mut body = NativeBody {
            attributes: Vec::new(),
            blocks: Vec::new(),
            span: self.span(open),
            end: self.span(open),
        };
        let column = (self.unclosed > 0).then(|| self.indent(name).0);
        loop {
            let next = self.peek();
            match next.kind {
                Kind::Newline => {
                    self.read();
                    continue;
                }
                Kind::CBrace => {
                    self.read();
                    body.end = self.span(next);
                    body.span = self.place(open.start, next.end);
                    return (body, true);
                }
                Kind::Eof => {}
                // The file lacks a closing brace. An item that is not indented more than
                // the block's header hardly belongs into the block.
                Kind::Ident if self.unclosed > 0 => {
                    let outside = self
                        .indent_if_first(next)
                        .is_some_and(|i| Some(i) <= column);
                    if !outside {
                        self.item_into(&mut body);
                        continue;
                    }
                }
                _ => {
                    self.item_into(&mut body);
                    continue;
                }
            }
            if self.gave_up() || self.swallowed {
                return (body, false);
            }
            self.unclosed = self.unclosed.saturating_sub(1);
            let header = self.place(name.start, open.end);
            let at = self.span(next).at_start();
            body.end = at;
            body.span = self.place(open.start, self.previous_end());
            let word = self.slice(name);
            self.report(
                Diagnostic::error(
                    "Unclosed configuration block",
                    format!("The closing brace of this `{word}` block is missing."),
                )
                .at(header)
                .label(at, "a `}` is expected before this"),
            );
            return (body, false);
        }
    }

    /// `{ name = value }` on one line.
    fn one_line_body(&mut self, name: Token, open: Token) -> Parsed<NativeBody> {
        let first = self.read();
        if first.kind != Kind::Ident {
            return Err(self.no_item(first));
        }
        let next = self.peek();
        if next.kind != Kind::Equal {
            let word = self.slice(first);
            let detail = match next.kind {
                Kind::OQuote | Kind::OBrace | Kind::Ident => format!(
                    "A block on one line can hold a single argument and no block. For an argument write `{word} = value`; put a nested block on lines of its own."
                ),
                _ => format!(
                    "Expected `{word} = value`, but {} was found after the name.",
                    self.found(next)
                ),
            };
            return Err(self.error("Argument definition required", detail, first));
        }
        let attribute = self.attribute(first)?;
        let close = self.peek();
        if close.kind != Kind::CBrace {
            let found = self.found(close);
            let detail = match close.kind {
                Kind::Comma => "A block on one line can hold a single argument. Put each argument on a line of its own.".to_owned(),
                Kind::Newline => "A block whose first argument is on the line of the opening brace has to be closed on that line, too. Put the argument on a line of its own.".to_owned(),
                Kind::Eof => format!("The closing brace of this `{}` block is missing.", self.slice(name)),
                _ => format!("Expected `}}` after the only argument of a block on one line, but {found} was found."),
            };
            let summary = match close.kind {
                Kind::Eof => "Unclosed configuration block",
                _ => "Invalid single-argument block definition",
            };
            let (at, from) = (self.span(close), self.span(open));
            return Err(self.report(
                Diagnostic::error(summary, detail)
                    .at(at)
                    .within(from.to(at))
                    .label(from, "the block is opened here"),
            ));
        }
        self.read();
        Ok(NativeBody {
            attributes: vec![attribute],
            blocks: Vec::new(),
            span: self.place(open.start, close.end),
            end: self.span(close),
        })
    }
}
