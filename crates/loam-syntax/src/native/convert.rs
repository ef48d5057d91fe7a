//! Expressions by way of the crate `hcl-edit`: its tree converted to ours and dropped.
//!
//! `hcl-edit` reads the language a little differently in places. Expressions with the
//! constructs at which it differs ([`differs`]), and those that it refuses, are left to
//! the grammar in [`super::expr`], which follows the specification to the letter and has
//! the error messages. A test holds that both give the same tree wherever both are used.

use hcl_edit::Span as _;
use hcl_edit::expr::{self as he, Expression};
use hcl_edit::template::Element;
use loam_diag::Span;
use loam_value::{Number, Type, Value};
use std::ops::Range;

use super::lexer::{Kind, Token};
use super::parser::Parser;
use crate::ast::{
    BinaryOp, Call, Expr, ExprKind, Ident, ObjectItem, ObjectKey, Step, TemplatePart, UnaryOp,
};
use crate::limits::MAX_DEPTH;

/// Beyond this many bytes an expression is left to our own grammar: `hcl-edit` takes time
/// in the square of the number of keys of an object.
const LARGE: u32 = 16 << 10;

/// Whether `hcl-edit` may give these tokens another meaning than the specification does.
fn differs(text: &str, tokens: &[Token]) -> bool {
    let slice = |t: &Token| text.get(t.start as usize..t.end as usize).unwrap_or("");
    let mut open = Vec::new();
    let mut previous = Kind::Equal;
    let mut after_line = false;
    for t in tokens.iter().filter(|t| t.kind != Kind::Comment) {
        let before = std::mem::replace(&mut previous, t.kind);
        let different = match t.kind {
            // Indentation is taken off by other rules.
            Kind::OHeredoc => true,
            // Words are matched without their end, and strip markers are kept.
            Kind::TemplateControl => true,
            Kind::TemplateInterp => slice(t).ends_with('~'),
            Kind::TemplateSeqEnd => slice(t).starts_with('~'),
            // `iffy` is taken for `if fy`.
            Kind::Ident => slice(t) == "for",
            // `a.0.1` is refused by the specification.
            Kind::Number => before == Kind::Dot || slice(t).matches('.').count() > 1,
            // In an object the end of a line separates items, and nothing else.
            Kind::Newline | Kind::LineComment => {
                let in_object = open.last() == Some(&Kind::OBrace);
                (in_object && !ends_line(before)) || before == Kind::Dot || slice(t).contains('\r')
            }
            // The star of a splat has to be on the line of its bracket.
            Kind::Star if after_line => open.last() == Some(&Kind::OBrack),
            Kind::Invalid | Kind::QuotedNewline | Kind::UnclosedComment => true,
            _ => false,
        };
        let line_end = matches!(t.kind, Kind::Newline | Kind::LineComment);
        let in_object = open.last() == Some(&Kind::OBrace);
        if different || (after_line && in_object && !line_end && !starts_item(t.kind)) {
            return true;
        }
        after_line = line_end;
        match t.kind {
            Kind::OBrace | Kind::OBrack | Kind::OParen | Kind::TemplateInterp => open.push(t.kind),
            Kind::CBrace | Kind::CBrack | Kind::CParen | Kind::TemplateSeqEnd => {
                open.pop();
            }
            _ => {}
        }
    }
    false
}

/// Whether in an object a line can end after this token.
fn ends_line(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::OBrace
            | Kind::Comma
            | Kind::Newline
            | Kind::LineComment
            | Kind::Ident
            | Kind::Number
            | Kind::CQuote
            | Kind::CBrace
            | Kind::CBrack
            | Kind::CParen
    )
}

/// Whether an object item, or the end of the object, usually starts with this token.
fn starts_item(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::CBrace | Kind::Ident | Kind::OQuote | Kind::OParen | Kind::Number
    )
}

impl Parser<'_> {
    /// The expression that makes up the rest of the body item, by `hcl-edit`. Nothing if
    /// it is left to our own grammar.
    pub(crate) fn by_hcl_edit(&mut self) -> Option<Expr> {
        let (tokens, end) = self.rest_of_item()?;
        let (first, last) = (tokens.first()?, tokens.last()?);
        if last.end - first.start > LARGE || differs(self.text, tokens) {
            return None;
        }
        let text = self.text.get(first.start as usize..last.end as usize)?;
        let tree = hcl_edit::parser::parse_expr(text).ok()?;
        let mut converter = Converter {
            base: first.start,
            parser: self,
        };
        let expr = converter.expr(&tree, 0)?;
        self.go_to(end);
        Some(expr)
    }
}

struct Converter<'p, 'a> {
    /// Where the converted text starts in the parser's text.
    base: u32,
    parser: &'p mut Parser<'a>,
}

impl Converter<'_, '_> {
    fn place(&self, range: Range<usize>) -> Span {
        self.parser
            .place(self.base + range.start as u32, self.base + range.end as u32)
    }

    fn text(&self, range: &Range<usize>) -> Option<&'_ str> {
        let base = self.base as usize;
        self.parser.text.get(base + range.start..base + range.end)
    }

    fn ident(&mut self, range: Range<usize>) -> Ident {
        self.parser.ident(Token {
            kind: Kind::Ident,
            start: self.base + range.start as u32,
            end: self.base + range.end as u32,
        })
    }

    /// The expression; nothing if anything in it is not as expected.
    fn expr(&mut self, tree: &Expression, depth: usize) -> Option<Expr> {
        if depth > MAX_DEPTH {
            return None;
        }
        let range = tree.span()?;
        let span = self.place(range.clone());
        let depth = depth + 1;
        let kind = match tree {
            Expression::Null(_) => ExprKind::Literal(Value::null(Type::Dynamic)),
            Expression::Bool(b) => ExprKind::Literal(Value::bool(*b.value())),
            Expression::Number(_) => return self.number(range),
            Expression::String(s) => ExprKind::Literal(Value::string(s.value().as_str())),
            Expression::Array(items) => ExprKind::Tuple(
                items
                    .iter()
                    .map(|e| self.expr(e, depth))
                    .collect::<Option<_>>()?,
            ),
            Expression::Object(object) => ExprKind::Object(
                object
                    .iter()
                    .map(|(k, v)| self.item(k, v.expr(), depth))
                    .collect::<Option<_>>()?,
            ),
            Expression::StringTemplate(template) => {
                let mut parts = template
                    .iter()
                    .map(|e| self.part(e, depth))
                    .collect::<Option<Vec<_>>>()?;
                match parts.pop()? {
                    TemplatePart::Interpolation(inner) if parts.is_empty() => {
                        ExprKind::TemplateWrap(Box::new(inner))
                    }
                    last => {
                        parts.push(last);
                        ExprKind::Template(parts)
                    }
                }
            }
            Expression::Parenthesis(p) => ExprKind::Paren(Box::new(self.expr(p.inner(), depth)?)),
            Expression::Variable(_) => ExprKind::Variable(self.ident(range)),
            Expression::Conditional(c) => ExprKind::Conditional {
                condition: Box::new(self.expr(&c.cond_expr, depth)?),
                yes: Box::new(self.expr(&c.true_expr, depth)?),
                no: Box::new(self.expr(&c.false_expr, depth)?),
            },
            Expression::FuncCall(call) => self.call(call, &range, depth)?,
            Expression::Traversal(t) => return self.traversal(t, span, depth),
            Expression::UnaryOp(op) => ExprKind::Unary {
                op: match op.operator.value() {
                    he::UnaryOperator::Neg => UnaryOp::Negate,
                    he::UnaryOperator::Not => UnaryOp::Not,
                },
                op_span: self.place(op.operator.span()?),
                operand: Box::new(self.expr(&op.expr, depth)?),
            },
            Expression::BinaryOp(op) => ExprKind::Binary {
                op: binary(*op.operator.value()),
                op_span: self.place(op.operator.span()?),
                lhs: Box::new(self.expr(&op.lhs_expr, depth)?),
                rhs: Box::new(self.expr(&op.rhs_expr, depth)?),
            },
            // Left to our own grammar, see `differs`.
            Expression::HeredocTemplate(_) | Expression::ForExpr(_) => return None,
        };
        Some(Expr { kind, span })
    }

    /// A number by its digits. A minus before it is an operator of its own.
    fn number(&mut self, range: Range<usize>) -> Option<Expr> {
        let text = self.text(&range)?;
        let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
        let value = Value::number(Number::parse(digits).ok()?);
        let negative = text.starts_with('-');
        let number = Expr {
            kind: ExprKind::Literal(value),
            span: self.place(range.end - digits.len()..range.end),
        };
        if !negative {
            return Some(number);
        }
        Some(Expr {
            span: self.place(range.clone()),
            kind: ExprKind::Unary {
                op: UnaryOp::Negate,
                op_span: self.place(range.start..range.start + 1),
                operand: Box::new(number),
            },
        })
    }

    fn item(
        &mut self,
        key: &he::ObjectKey,
        value: &Expression,
        depth: usize,
    ) -> Option<ObjectItem> {
        let key = match key {
            he::ObjectKey::Ident(name) => ObjectKey::Name(self.ident(name.span()?)),
            // These words are plain names before `=`.
            he::ObjectKey::Expression(e @ (Expression::Null(_) | Expression::Bool(_))) => {
                ObjectKey::Name(self.ident(e.span()?))
            }
            he::ObjectKey::Expression(e) => ObjectKey::Expr(self.expr(e, depth)?),
        };
        Some(ObjectItem {
            key,
            value: self.expr(value, depth)?,
        })
    }

    fn part(&mut self, element: &Element, depth: usize) -> Option<TemplatePart> {
        match element {
            Element::Literal(text) => {
                let value = Value::string(text.value().as_str());
                let span = self.place(text.span()?);
                Some(TemplatePart::Literal(value.as_str()?.into(), span))
            }
            Element::Interpolation(i) => {
                Some(TemplatePart::Interpolation(self.expr(&i.expr, depth)?))
            }
            Element::Directive(_) => None,
        }
    }

    fn call(
        &mut self,
        call: &he::FuncCall,
        range: &Range<usize>,
        depth: usize,
    ) -> Option<ExprKind> {
        let name_end = call.name.name.span()?.end;
        let mut name = self.ident(range.start..name_end);
        if !call.name.namespace.is_empty() {
            let parts = call.name.namespace.iter().chain([&call.name.name]);
            let parts: Vec<&str> = parts.map(|p| p.value().as_str()).collect();
            name.name = parts.join("::").into();
        }
        // Between the name and the parenthesis there may be spaces and comments.
        let after = self.text(&(name_end..range.end))?;
        let open = super::lexer::lex(after, super::lexer::Start::Main)
            .tokens
            .iter()
            .find(|t| t.kind == Kind::OParen)?
            .start as usize;
        Some(ExprKind::Call(Box::new(Call {
            name,
            args: call
                .args
                .iter()
                .map(|e| self.expr(e, depth))
                .collect::<Option<_>>()?,
            expand: call.args.expand_final(),
            args_span: self.place(name_end + open..range.end),
        })))
    }

    fn traversal(&mut self, t: &he::Traversal, span: Span, depth: usize) -> Option<Expr> {
        let base = self.expr(&t.expr, depth)?;
        let mut operators = t.operators.iter();
        let steps = self.steps(&mut operators, depth)?;
        // A minus binds less strongly than the steps after its operand.
        if let ExprKind::Unary {
            op,
            op_span,
            operand,
        } = base.kind
        {
            let start = operand.span;
            return Some(Expr {
                span,
                kind: ExprKind::Unary {
                    op,
                    op_span,
                    operand: Box::new(Expr {
                        span: start.to(Span {
                            start: span.end,
                            ..span
                        }),
                        kind: ExprKind::Traverse {
                            base: operand,
                            steps,
                        },
                    }),
                },
            });
        }
        Some(Expr {
            span,
            kind: ExprKind::Traverse {
                base: Box::new(base),
                steps,
            },
        })
    }

    fn steps(
        &mut self,
        operators: &mut std::slice::Iter<'_, hcl_edit::Decorated<he::TraversalOperator>>,
        depth: usize,
    ) -> Option<Vec<Step>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut steps = Vec::new();
        while let Some(operator) = operators.next() {
            let range = operator.span()?;
            let step = match operator.value() {
                he::TraversalOperator::GetAttr(name) => Step::Attribute(self.ident(name.span()?)),
                he::TraversalOperator::Index(key) => Step::Index {
                    key: self.expr(key, depth)?,
                    span: self.place(range),
                },
                he::TraversalOperator::AttrSplat(_) => {
                    let mut each = Vec::new();
                    while let Some(next) = operators.as_slice().first()
                        && let he::TraversalOperator::GetAttr(name) = next.value()
                    {
                        each.push(Step::Attribute(self.ident(name.span()?)));
                        operators.next();
                    }
                    // A splat in such a splat is refused by the specification.
                    if let Some(next) = operators.as_slice().first()
                        && matches!(next.value(), he::TraversalOperator::AttrSplat(_))
                    {
                        return None;
                    }
                    Step::Splat {
                        full: false,
                        each,
                        span: self.place(range),
                    }
                }
                he::TraversalOperator::FullSplat(_) => {
                    let each = self.steps(operators, depth + 1)?;
                    Step::Splat {
                        full: true,
                        each,
                        span: self.place(range),
                    }
                }
                // Left to our own grammar, see `differs`.
                he::TraversalOperator::LegacyIndex(_) => return None,
            };
            steps.push(step);
        }
        Some(steps)
    }
}

fn binary(op: he::BinaryOperator) -> BinaryOp {
    match op {
        he::BinaryOperator::Or => BinaryOp::Or,
        he::BinaryOperator::And => BinaryOp::And,
        he::BinaryOperator::Eq => BinaryOp::Equal,
        he::BinaryOperator::NotEq => BinaryOp::NotEqual,
        he::BinaryOperator::Less => BinaryOp::Less,
        he::BinaryOperator::LessEq => BinaryOp::LessOrEqual,
        he::BinaryOperator::Greater => BinaryOp::Greater,
        he::BinaryOperator::GreaterEq => BinaryOp::GreaterOrEqual,
        he::BinaryOperator::Plus => BinaryOp::Add,
        he::BinaryOperator::Minus => BinaryOp::Subtract,
        he::BinaryOperator::Mul => BinaryOp::Multiply,
        he::BinaryOperator::Div => BinaryOp::Divide,
        he::BinaryOperator::Mod => BinaryOp::Modulo,
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
