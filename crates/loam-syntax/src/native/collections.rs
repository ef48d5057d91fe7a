//! Constructors: lists, objects and `for`.

use loam_diag::Diagnostic;

use super::lexer::{Kind, Token};
use super::parser::{Parsed, Parser, Reported};
use crate::ast::{Expr, ExprKind, For, Ident, ObjectItem, ObjectKey};

impl Parser<'_> {
    /// A list, or a `for` that makes one; the place is at the bracket.
    pub(crate) fn tuple(&mut self) -> Parsed<Expr> {
        let open = self.read();
        self.with_newlines(false, |p| {
            if p.at_word("for") {
                return p.for_expr(open, Kind::CBrack);
            }
            let mut items = Vec::new();
            let mut height = 0;
            while p.peek().kind != Kind::CBrack {
                items.push(p.expression()?);
                height = height.max(p.height);
                if p.eat(Kind::Comma).is_none() {
                    break;
                }
            }
            p.close(Kind::CBrack, open, "list")?;
            p.grow(height, open)?;
            Ok(Expr {
                kind: ExprKind::Tuple(items),
                span: p.place(open.start, p.previous_end()),
            })
        })
    }

    /// An object, or a `for` that makes a map; the place is at the brace.
    pub(crate) fn object(&mut self) -> Parsed<Expr> {
        let open = self.read();
        if self.with_newlines(false, |p| p.at_word("for")) {
            return self.with_newlines(false, |p| p.for_expr(open, Kind::CBrace));
        }
        let column = (self.unclosed > 0).then(|| self.indent(open).0);
        self.with_newlines(true, |p| {
            let mut items = Vec::new();
            let mut height = 0;
            loop {
                while p.eat(Kind::Newline).is_some() {}
                let key_start = p.peek();
                if key_start.kind == Kind::CBrace {
                    break;
                }
                if let Some(column) = column
                    && p.unclosed > 0
                    && p.indent_if_first(key_start).is_some_and(|i| i <= column)
                {
                    p.unclosed -= 1;
                    return Err(p.no_closing_bracket(Kind::CBrace, open, "object"));
                }
                let key = p.object_key(open)?;
                height = height.max(p.height);
                if p.eat(Kind::Equal).or_else(|| p.eat(Kind::Colon)).is_none() {
                    return Err(p.no_object_value(open, key_start));
                }
                let value = p.expression()?;
                height = height.max(p.height);
                items.push(ObjectItem { key, value });
                if p.eat(Kind::Comma)
                    .or_else(|| p.eat(Kind::Newline))
                    .is_none()
                {
                    break;
                }
            }
            p.close(Kind::CBrace, open, "object")?;
            p.grow(height, open)?;
            Ok(Expr {
                kind: ExprKind::Object(items),
                span: p.place(open.start, p.previous_end()),
            })
        })
    }

    fn object_key(&mut self, open: Token) -> Parsed<ObjectKey> {
        let first = self.peek();
        if first.kind == Kind::Eof {
            return Err(self.no_closing_bracket(Kind::CBrace, open, "object"));
        }
        let expr = self.expression()?;
        let bare = match &expr.kind {
            ExprKind::Variable(_) => true,
            // The words `true`, `false` and `null` are plain names before `=`.
            ExprKind::Literal(_) => first.kind == Kind::Ident,
            _ => false,
        };
        Ok(if bare {
            ObjectKey::Name(self.ident(first))
        } else {
            ObjectKey::Expr(expr)
        })
    }

    fn no_object_value(&mut self, open: Token, key: Token) -> Reported {
        let next = self.peek();
        let found = self.found(next);
        let (at, from) = (self.span(next), self.span(open));
        let (summary, detail) = match next.kind {
            Kind::Eof => return self.no_closing_bracket(Kind::CBrace, open, "object"),
            Kind::Newline | Kind::Comma | Kind::CBrace => (
                "Missing attribute value",
                format!("An item of an object is written `key = value`. Expected `=` and a value, but {found} was found."),
            ),
            Kind::OBrace => (
                "Missing key/value separator",
                "An item of an object is written `key = value`, also when the value is an object: put `=` before this brace.".to_owned(),
            ),
            _ => (
                "Missing key/value separator",
                format!("Expected `=` or `:` after the key, but {found} was found. A key with dots or spaces in it has to be in quotes."),
            ),
        };
        let key = self.span(key);
        self.report(
            Diagnostic::error(summary, detail)
                .at(at)
                .within(from.to(at))
                .label(key, "the value of this key is expected"),
        )
    }

    fn for_expr(&mut self, open: Token, close: Kind) -> Parsed<Expr> {
        let keyword = self.read();
        let fault = |p: &mut Self, expected: &str| {
            let next = p.peek();
            let found = p.found(next);
            let (at, from) = (p.span(next), p.span(open));
            p.report(
                Diagnostic::error(
                    "Invalid 'for' expression",
                    format!("Expected {expected}, but {found} was found."),
                )
                .at(at)
                .within(from.to(at)),
            )
        };
        let Some(first) = self.eat(Kind::Ident) else {
            return Err(fault(self, "a name for the element after `for`"));
        };
        let mut value_var = self.ident(first);
        let mut key_var: Option<Ident> = None;
        if self.eat(Kind::Comma).is_some() {
            let Some(second) = self.eat(Kind::Ident) else {
                return Err(fault(self, "a name for the element after the comma"));
            };
            key_var = Some(std::mem::replace(&mut value_var, self.ident(second)));
        }
        if !self.at_word("in") {
            return Err(fault(
                self,
                "the word `in` and what to iterate over after the names",
            ));
        }
        self.read();
        let collection = self.expression()?;
        let mut height = self.height;
        if self.eat(Kind::Colon).is_none() {
            return Err(fault(
                self,
                "a colon and the result for each element after the collection",
            ));
        }
        let mut value = self.expression()?;
        height = height.max(self.height);
        let mut key = None;
        if let Some(arrow) = self.eat(Kind::FatArrow) {
            if close == Kind::CBrack {
                return Err(self.error(
                    "Invalid 'for' expression",
                    "A `for` in brackets [ ] makes a list, whose items have no key. For a map write it in braces: { for … : key => value }.",
                    arrow,
                ));
            }
            key = Some(std::mem::replace(&mut value, self.expression()?));
            height = height.max(self.height);
        } else if close == Kind::CBrace {
            return Err(fault(
                self,
                "`=> value` after the key, as a `for` in braces makes a map; for a list use brackets [ ]",
            ));
        }
        let dots = self.eat(Kind::Ellipsis);
        if let (Some(dots), Kind::CBrack) = (dots, close) {
            return Err(self.error(
                "Invalid 'for' expression",
                "`...` groups the items of a map by key; a `for` in brackets [ ] makes a list and cannot have it.",
                dots,
            ));
        }
        let mut condition = None;
        if self.at_word("if") {
            self.read();
            condition = Some(self.expression()?);
            height = height.max(self.height);
        }
        if self.eat(close).is_none() {
            let end = if close == Kind::CBrack { "`]`" } else { "`}`" };
            return Err(fault(
                self,
                &format!("{end} at the end of the `for` expression"),
            ));
        }
        self.grow(height, keyword)?;
        Ok(Expr {
            span: self.place(open.start, self.previous_end()),
            kind: ExprKind::For(Box::new(For {
                key_var,
                value_var,
                collection,
                key,
                value,
                group: dots.is_some(),
                condition,
            })),
        })
    }
}
