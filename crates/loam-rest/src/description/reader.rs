//! Reads the arguments and blocks of one block, each once; what is left over is unknown.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use loam_diag::Span;
use loam_syntax::ast::{Attribute, Block, Body, Expr, ExprKind};
use loam_value::{Defaults, Kind, Type, Value};

use super::Author;
use crate::expression::{Expression, Names, PathTemplate};

pub(super) struct Reader<'a> {
    pub author: &'a Author,
    /// What errors call the block: `resource "x"`.
    pub what: String,
    /// Where a missing argument is reported.
    pub span: Span,
    attributes: BTreeMap<Arc<str>, &'a Attribute>,
    known: Vec<&'static str>,
    blocks: &'a [Block],
    known_blocks: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    pub fn new(author: &'a Author, what: String, body: &'a Body, span: Span) -> Reader<'a> {
        let mut attributes = BTreeMap::new();
        if let Body::Native(native) = body {
            for a in &native.attributes {
                if attributes.insert(a.name.name.clone(), a).is_some() {
                    author.wrong(
                        a.name.span,
                        "Argument set twice",
                        format!("\"{}\" is set already in this {what}.", a.name.name),
                    );
                }
            }
        }
        Reader {
            author,
            what,
            span,
            attributes,
            known: Vec::new(),
            blocks: super::blocks_of(body),
            known_blocks: Vec::new(),
        }
    }

    pub fn of_block(author: &'a Author, block: &'a Block) -> Reader<'a> {
        let labels: String = block
            .labels
            .iter()
            .map(|l| format!(" {:?}", l.name))
            .collect();
        Reader::new(
            author,
            format!("{}{labels}", block.kind.name),
            &block.body,
            block.header,
        )
    }

    /// The expression of an argument.
    pub fn expr(&mut self, name: &'static str) -> Option<&'a Expr> {
        self.known.push(name);
        self.attributes.remove(name).map(|a| &a.expr)
    }

    /// True if the argument is there; it is left for a later call.
    pub fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    pub fn missing(&self, name: &str) {
        self.author.wrong(
            self.span,
            "Missing argument",
            format!("The argument \"{name}\" is required in {}.", self.what),
        );
    }

    /// An expression that may use `names`.
    pub fn expression(&mut self, name: &'static str, names: &[&str]) -> Option<Expression> {
        let expr = self.expr(name)?;
        self.author.take(Expression::resolve(expr, names))
    }

    pub fn required_expression(
        &mut self,
        name: &'static str,
        names: &[&str],
    ) -> Option<Expression> {
        if !self.has(name) {
            self.missing(name);
        }
        self.expression(name, names)
    }

    pub fn path(&mut self, name: &'static str, names: &[&str]) -> Option<PathTemplate> {
        let Some(expr) = self.expr(name) else {
            self.missing(name);
            return None;
        };
        self.author.take(PathTemplate::resolve(expr, names))
    }

    /// `{ name = expression }`, each on its own.
    pub fn named_expressions(
        &mut self,
        name: &'static str,
        names: &[&str],
    ) -> Vec<(Arc<str>, Expression)> {
        use loam_syntax::ast::ObjectKey;
        let Some(expr) = self.expr(name) else {
            return Vec::new();
        };
        let ExprKind::Object(items) = &expr.kind else {
            self.author.wrong(
                expr.span,
                "Wrong kind of argument",
                format!("\"{name}\" has to be written as {{ name = expression }}."),
            );
            return Vec::new();
        };
        let mut all = Vec::new();
        for item in items {
            let key = match &item.key {
                ObjectKey::Name(ident) => Some(ident.name.clone()),
                ObjectKey::Expr(e) => match &e.kind {
                    ExprKind::Literal(v) => v.as_str().map(Arc::from),
                    _ => None,
                },
            };
            let Some(key) = key else {
                self.author.wrong(
                    item.value.span,
                    "Wrong kind of argument",
                    "The name has to be a plain word.",
                );
                continue;
            };
            if let Some(e) = self.author.take(Expression::resolve(&item.value, names)) {
                all.push((key, e));
            }
        }
        all
    }

    /// The value of an argument that uses no names.
    pub fn constant(&mut self, name: &'static str) -> Option<(Value, Span)> {
        let expr = self.expression(name, &[])?;
        let value = self.author.take(expr.eval(&Names::default()))?;
        Some((value, expr.span()))
    }

    fn wrong_kind<T>(&self, span: Span, name: &str, wanted: &str) -> Option<T> {
        self.author.wrong(
            span,
            "Wrong kind of argument",
            format!("\"{name}\" has to be {wanted}."),
        );
        None
    }

    pub fn string(&mut self, name: &'static str) -> Option<String> {
        let (value, span) = self.constant(name)?;
        match value.as_str() {
            Some(s) => Some(s.to_owned()),
            None => self.wrong_kind(span, name, "a text"),
        }
    }

    pub fn required_string(&mut self, name: &'static str) -> Option<String> {
        if !self.has(name) {
            self.missing(name);
        }
        self.string(name)
    }

    pub fn bool(&mut self, name: &'static str) -> Option<bool> {
        let (value, span) = self.constant(name)?;
        match value.as_bool() {
            Some(b) => Some(b),
            None => self.wrong_kind(span, name, "true or false"),
        }
    }

    pub fn flag(&mut self, name: &'static str) -> bool {
        self.bool(name).unwrap_or(false)
    }

    pub fn count(&mut self, name: &'static str) -> Option<u64> {
        let (value, span) = self.constant(name)?;
        let n = value.as_number().and_then(|n| n.to_i64());
        match n.and_then(|n| u64::try_from(n).ok()) {
            Some(n) => Some(n),
            None => self.wrong_kind(span, name, "a whole number, not negative"),
        }
    }

    /// A text, or a list of texts (or numbers).
    pub fn strings(&mut self, name: &'static str) -> Option<Vec<String>> {
        let (value, span) = self.constant(name)?;
        let one = [value.clone()];
        let items = value.elements().unwrap_or(&one);
        let texts = items.iter().map(crate::expression::text_of).collect();
        match texts {
            Some(texts) => Some(texts),
            None => self.wrong_kind(span, name, "a list of texts"),
        }
    }

    /// A map of texts that does not depend on anything.
    pub fn texts(&mut self, name: &'static str) -> Option<Vec<(String, String)>> {
        let (value, span) = self.constant(name)?;
        let entries = value.entries().into_iter().flatten();
        let texts = entries.map(|(k, v)| Some((k.to_string(), v.as_str()?.to_owned())));
        match texts.collect() {
            Some(texts) if value.entries().is_some() => Some(texts),
            _ => self.wrong_kind(span, name, "an object of texts"),
        }
    }

    pub fn duration(&mut self, name: &'static str) -> Option<Duration> {
        let (value, span) = self.constant(name)?;
        match value.as_str().and_then(loam_value::duration::parse) {
            Some(d) => Some(d),
            None => self.wrong_kind(
                span,
                name,
                "a duration such as \"10s\", \"20m\" or \"1h30m\"",
            ),
        }
    }

    pub fn ty(&mut self, name: &'static str) -> Option<Type> {
        self.constraint(name).map(|(ty, _)| ty)
    }

    /// A type with the defaults of its optional attributes.
    pub fn constraint(&mut self, name: &'static str) -> Option<(Type, Defaults)> {
        let Some(expr) = self.expr(name) else {
            self.missing(name);
            return None;
        };
        self.author.take(loam_eval::type_constraint(expr))
    }

    /// The blocks of a type, each with `labels` labels.
    pub fn blocks(&mut self, kind: &'static str, labels: usize) -> Vec<&'a Block> {
        self.known_blocks.push(kind);
        let found = self.blocks.iter().filter(|b| &*b.kind.name == kind);
        found.filter(|b| self.labelled(b, labels)).collect()
    }

    /// Blocks of several types in source order, each with its number of labels.
    pub fn blocks_of(&mut self, kinds: &[(&'static str, usize)]) -> Vec<&'a Block> {
        self.known_blocks.extend(kinds.iter().map(|(k, _)| *k));
        let mut found = Vec::new();
        for block in self.blocks {
            let kind = kinds.iter().find(|(k, _)| *k == &*block.kind.name);
            if kind.is_some_and(|(_, labels)| self.labelled(block, *labels)) {
                found.push(block);
            }
        }
        found
    }

    /// The only block of a type.
    pub fn block(&mut self, kind: &'static str, labels: usize) -> Option<&'a Block> {
        let found = self.blocks(kind, labels);
        if let Some(second) = found.get(1) {
            self.author.wrong(
                second.header,
                "Block given twice",
                format!("{} takes one \"{kind}\" block.", self.what),
            );
        }
        found.first().copied()
    }

    fn labelled(&self, block: &Block, labels: usize) -> bool {
        if block.labels.len() != labels {
            let kind = &block.kind.name;
            self.author.wrong(
                block.header,
                "Wrong number of labels",
                match labels {
                    0 => format!("\"{kind}\" takes no label."),
                    _ => format!("\"{kind}\" takes a name in quotes: {kind} \"NAME\" {{ … }}."),
                },
            );
            return false;
        }
        true
    }

    /// Reports what nobody asked for.
    pub fn finish(self) {
        for (name, a) in &self.attributes {
            self.author
                .unknown(a.name.span, "argument", name, self.known.iter().copied());
        }
        for b in self.blocks {
            let kind = &*b.kind.name;
            if !self.known_blocks.contains(&kind) {
                let known = self.known_blocks.iter().copied();
                self.author.unknown(b.kind.span, "block", kind, known);
            }
        }
    }
}

/// True for a value that stands for nothing.
pub(super) fn is_null(value: &Value) -> bool {
    matches!(value.kind(), Kind::Null(_))
}
