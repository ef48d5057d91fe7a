//! Expressions.

use loam_diag::{Diagnostic, Span};
use loam_value::{Number, ParseNumberError, Type, Value};

use super::lexer::{Kind, Token};
use super::parser::{Parsed, Parser, shortened};
use crate::ast::{BinaryOp, Call, Expr, ExprKind, Step, UnaryOp};

/// The operator that a token is, and how strongly it binds.
fn binary_op(kind: Kind) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        Kind::Or => (BinaryOp::Or, 1),
        Kind::And => (BinaryOp::And, 2),
        Kind::EqualOp => (BinaryOp::Equal, 3),
        Kind::NotEqual => (BinaryOp::NotEqual, 3),
        Kind::Less => (BinaryOp::Less, 4),
        Kind::LessEq => (BinaryOp::LessOrEqual, 4),
        Kind::Greater => (BinaryOp::Greater, 4),
        Kind::GreaterEq => (BinaryOp::GreaterOrEqual, 4),
        Kind::Plus => (BinaryOp::Add, 5),
        Kind::Minus => (BinaryOp::Subtract, 5),
        Kind::Star => (BinaryOp::Multiply, 6),
        Kind::Slash => (BinaryOp::Divide, 6),
        Kind::Percent => (BinaryOp::Modulo, 6),
        _ => return None,
    })
}

impl Parser<'_> {
    /// An expression: a conditional or anything that binds more strongly.
    pub(crate) fn expression(&mut self) -> Parsed<Expr> {
        self.nested(Self::conditional)
    }

    fn conditional(&mut self) -> Parsed<Expr> {
        let condition = self.binary(1)?;
        let Some(question) = self.eat(Kind::Question) else {
            return Ok(condition);
        };
        let mut height = self.height;
        let yes = self.expression()?;
        height = height.max(self.height);
        if self.eat(Kind::Colon).is_none() {
            let next = self.peek();
            let found = self.found(next);
            let (at, from) = (self.span(next), self.span(question));
            return Err(self.report(
                Diagnostic::error(
                    "Missing false expression in conditional",
                    format!("A conditional is written `condition ? a : b`. After the value for true a colon and the value for false are expected, but {found} was found."),
                )
                .at(at)
                .within(condition.span.to(at))
                .label(from, "the conditional starts here"),
            ));
        }
        let no = self.expression()?;
        self.grow(height.max(self.height), question)?;
        Ok(Expr {
            span: condition.span.to(no.span),
            kind: ExprKind::Conditional {
                condition: Box::new(condition),
                yes: Box::new(yes),
                no: Box::new(no),
            },
        })
    }

    /// Operators that bind at least as strongly as `level`, to the left.
    fn binary(&mut self, level: u8) -> Parsed<Expr> {
        let mut lhs = self.postfix()?;
        let mut height = self.height;
        while let Some((op, strength)) = binary_op(self.peek().kind) {
            if strength < level {
                break;
            }
            let token = self.read();
            let rhs = self.binary(strength + 1)?;
            self.grow(height.max(self.height), token)?;
            height = self.height;
            lhs = Expr {
                span: lhs.span.to(rhs.span),
                kind: ExprKind::Binary {
                    op,
                    op_span: self.span(token),
                    lhs: Box::new(lhs),
                    rhs: Box::new(rhs),
                },
            };
        }
        self.height = height;
        Ok(lhs)
    }

    /// A term with the steps into it.
    fn postfix(&mut self) -> Parsed<Expr> {
        let base = self.term()?;
        let mut height = self.height;
        let start = self.peek();
        let mut steps = Vec::new();
        self.steps(&mut steps, &mut height)?;
        if steps.is_empty() {
            self.height = height;
            return Ok(base);
        }
        self.grow(height, start)?;
        let end = self.place(self.previous_end(), self.previous_end());
        Ok(Expr {
            span: base.span.to(end),
            kind: ExprKind::Traverse {
                base: Box::new(base),
                steps,
            },
        })
    }

    fn steps(&mut self, steps: &mut Vec<Step>, height: &mut usize) -> Parsed<()> {
        loop {
            match self.peek().kind {
                Kind::Dot => {
                    let dot = self.read();
                    if let Some(star) = self.eat(Kind::Star) {
                        let mut each = Vec::new();
                        while let Some(dot) = self.eat(Kind::Dot) {
                            each.push(self.dot_step(dot, true)?);
                        }
                        steps.push(Step::Splat {
                            full: false,
                            each,
                            span: self.place(dot.start, star.end),
                        });
                    } else {
                        steps.push(self.dot_step(dot, false)?);
                    }
                }
                Kind::OBrack => {
                    let open = self.read();
                    if self.peek().kind == Kind::Star {
                        let span = self.full_splat(open)?;
                        let mut each = Vec::new();
                        self.nested(|p| p.steps(&mut each, height))?;
                        self.grow(*height, open)?;
                        *height = self.height;
                        steps.push(Step::Splat {
                            full: true,
                            each,
                            span,
                        });
                        return Ok(());
                    }
                    let key = self.with_newlines(false, |p| {
                        let key = p.expression()?;
                        p.close(Kind::CBrack, open, "index")?;
                        Ok(key)
                    })?;
                    *height = (*height).max(self.height);
                    steps.push(Step::Index {
                        key,
                        span: self.place(open.start, self.previous_end()),
                    });
                }
                _ => return Ok(()),
            }
        }
    }

    fn full_splat(&mut self, open: Token) -> Parsed<Span> {
        self.read();
        let close = self.read();
        if close.kind != Kind::CBrack {
            return Err(self.error(
                "Missing close bracket on splat index",
                "The star of a splat `[*]` must be followed by a closing bracket at once.",
                close,
            ));
        }
        Ok(self.place(open.start, close.end))
    }

    /// What follows a dot: a name, or a number in the old index syntax.
    fn dot_step(&mut self, dot: Token, in_splat: bool) -> Parsed<Step> {
        let next = self.peek();
        match next.kind {
            Kind::Ident => {
                self.read();
                Ok(Step::Attribute(self.ident(next)))
            }
            Kind::Number => {
                self.read();
                let digits = self.slice(next);
                if let Some((first, second)) = digits.split_once('.') {
                    let advice = if in_splat {
                        " together with the splat [*]"
                    } else {
                        ""
                    };
                    return Err(self.error(
                        "Invalid legacy index syntax",
                        format!("Two indexes in a row cannot be written with dots. Write [{first}][{second}]{advice}."),
                        next,
                    ));
                }
                Ok(Step::Index {
                    key: self.number(next)?,
                    span: self.place(dot.start, next.end),
                })
            }
            Kind::Star if in_splat => Err(self.error(
                "Nested splat expression not allowed",
                "A `.*` splat cannot hold another one. Use `[*]`, which can.",
                next,
            )),
            _ => {
                let found = self.found(next);
                Err(self.error(
                    "Invalid attribute name",
                    format!("An attribute name is expected after the dot, but {found} was found."),
                    next,
                ))
            }
        }
    }

    fn number(&mut self, token: Token) -> Parsed<Expr> {
        let digits = self.slice(token);
        let dots = digits.bytes().filter(|b| *b == b'.').count();
        let number = match dots {
            0 | 1 => Number::parse(digits),
            _ => Err(ParseNumberError::Syntax),
        };
        let problem = match number {
            Ok(n) => {
                return Ok(Expr {
                    kind: ExprKind::Literal(Value::number(n)),
                    span: self.span(token),
                });
            }
            Err(ParseNumberError::Syntax) => format!(
                "{0} is not a number. For a text such as a version or an address, put it in quotes: \"{0}\".",
                shortened(digits)
            ),
            Err(problem) => format!("This number cannot be represented: {problem}."),
        };
        Err(self.error("Invalid number literal", problem, token))
    }

    /// Takes the closing bracket of what `open` opened.
    pub(crate) fn close(&mut self, kind: Kind, open: Token, what: &str) -> Parsed<()> {
        if self.eat(kind).is_some() {
            return Ok(());
        }
        Err(self.no_closing_bracket(kind, open, what))
    }

    fn term(&mut self) -> Parsed<Expr> {
        let start = self.peek();
        self.height = 1;
        match start.kind {
            Kind::OParen => {
                self.read();
                let inner = self.with_newlines(false, |p| {
                    let inner = p.expression()?;
                    p.close(Kind::CParen, start, "parentheses")?;
                    Ok(inner)
                })?;
                self.grow(self.height, start)?;
                Ok(Expr {
                    kind: ExprKind::Paren(Box::new(inner)),
                    span: self.place(start.start, self.previous_end()),
                })
            }
            Kind::Number => {
                self.read();
                self.number(start)
            }
            Kind::Ident => {
                self.read();
                if matches!(self.peek().kind, Kind::OParen | Kind::DoubleColon) {
                    return self.call(start);
                }
                let kind = match self.slice(start) {
                    "true" => ExprKind::Literal(Value::bool(true)),
                    "false" => ExprKind::Literal(Value::bool(false)),
                    "null" => ExprKind::Literal(Value::null(Type::Dynamic)),
                    _ => ExprKind::Variable(self.ident(start)),
                };
                Ok(Expr {
                    kind,
                    span: self.span(start),
                })
            }
            Kind::OQuote | Kind::OHeredoc => {
                self.read();
                self.nested(|p| p.quoted_template(start))
            }
            Kind::Minus => self.unary(UnaryOp::Negate),
            Kind::Bang => self.unary(UnaryOp::Not),
            Kind::OBrack => self.tuple(),
            Kind::OBrace => self.object(),
            _ => Err(self.no_expression(start)),
        }
    }

    fn unary(&mut self, op: UnaryOp) -> Parsed<Expr> {
        let token = self.read();
        let operand = self.nested(Self::postfix)?;
        self.grow(self.height, token)?;
        let op_span = self.span(token);
        Ok(Expr {
            span: op_span.to(operand.span),
            kind: ExprKind::Unary {
                op,
                op_span,
                operand: Box::new(operand),
            },
        })
    }

    fn call(&mut self, first: Token) -> Parsed<Expr> {
        let mut name_end = first.end;
        let mut plain = true;
        while let Some(colons) = self.eat(Kind::DoubleColon) {
            plain = false;
            let part = self.peek();
            if part.kind != Kind::Ident {
                return Err(self.error(
                    "Missing function name",
                    "`::` must be followed by the name of a function.",
                    if part.kind == Kind::Newline {
                        colons
                    } else {
                        part
                    },
                ));
            }
            self.read();
            name_end = part.end;
        }
        let whole = Token {
            end: name_end,
            ..first
        };
        let mut name = self.ident(whole);
        if !plain && name.name.contains([' ', '\t', '/', '#', '\n']) {
            // Spaces and comments around `::` are no part of the name.
            name.name = self.scoped_name(whole).into();
        }
        let open = self.peek();
        if open.kind != Kind::OParen {
            return Err(self.error(
                "Missing open parenthesis",
                format!(
                    "`{}` names a function; its arguments are expected in parentheses after it.",
                    name.name
                ),
                open,
            ));
        }
        self.read();
        let mut height = 0;
        let (args, expand) = self.with_newlines(false, |p| {
            let mut args = Vec::new();
            let mut expand = false;
            while p.peek().kind != Kind::CParen {
                args.push(p.expression()?);
                height = height.max(p.height);
                if let Some(dots) = p.eat(Kind::Ellipsis) {
                    expand = true;
                    if p.peek().kind != Kind::CParen {
                        return Err(p.error(
                            "Missing closing parenthesis",
                            "`...` expands the last argument: the closing parenthesis must follow it.",
                            dots,
                        ));
                    }
                } else if p.eat(Kind::Comma).is_none() {
                    break;
                }
            }
            p.close(Kind::CParen, open, "call")?;
            Ok((args, expand))
        })?;
        self.grow(height, first)?;
        Ok(Expr {
            span: self.place(first.start, self.previous_end()),
            kind: ExprKind::Call(Box::new(Call {
                name,
                args,
                expand,
                args_span: self.place(open.start, self.previous_end()),
            })),
        })
    }

    /// A name with namespaces, without what stands around the `::`.
    fn scoped_name(&self, whole: Token) -> String {
        let text = self.slice(whole);
        super::lexer::lex(text, super::lexer::Start::Main)
            .tokens
            .iter()
            .filter(|t| matches!(t.kind, Kind::Ident | Kind::DoubleColon))
            .filter_map(|t| text.get(t.start as usize..t.end as usize))
            .collect()
    }
}
