//! Expressions of a description, the names they may use, and path templates.
//!
//! In: syntax trees. Out: values. What a name stands for is decided where an expression
//! is evaluated ([`Names`] gathers the values); which names it may use is checked when
//! the description is read.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::{CallContext, Expr, FunctionTable, MapScope, NamedNames, resolve};
use loam_syntax::ast::{self, ExprKind, TemplatePart};
use loam_value::{Kind, Type, Value, ValueMap};

/// The functions that a description may call: the whole library of the language.
fn functions() -> &'static FunctionTable {
    static TABLE: OnceLock<FunctionTable> = OnceLock::new();
    TABLE.get_or_init(loam_eval::functions::table)
}

fn context() -> CallContext {
    CallContext {
        base_dir: PathBuf::new(),
        plan_timestamp: None,
        impure_known: true,
    }
}

/// Values by name, for evaluating expressions. A name that an expression may use but
/// that has no value here is null.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    values: ValueMap,
}

impl Names {
    /// With one more value.
    pub fn with(mut self, name: &str, value: Value) -> Names {
        self.set(name, value);
        self
    }

    /// Sets a value.
    pub fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.into(), value);
    }
}

/// One resolved expression.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    expr: Expr,
    names: Vec<Arc<str>>,
}

impl Expression {
    /// Resolves `expr`; it may use `names` and nothing else.
    pub fn resolve(expr: &ast::Expr, names: &[&str]) -> Result<Expression, Diagnostics> {
        let expr = resolve(expr, &NamedNames::new(names.iter().copied()), functions())?;
        let mut used: Vec<Arc<str>> = expr
            .references()
            .iter()
            .filter_map(|r| match &r.target {
                loam_eval::ReferenceTarget::Named(n) => Some(n.clone()),
                _ => None,
            })
            .collect();
        used.sort();
        used.dedup();
        Ok(Expression { expr, names: used })
    }

    /// Where it is written.
    pub fn span(&self) -> Span {
        self.expr.span()
    }

    /// Its value; marks are taken off, because nothing here is shown.
    pub fn eval(&self, names: &Names) -> Result<Value, Diagnostics> {
        let mut values = ValueMap::new();
        for name in &self.names {
            let value = names.values.get(name).cloned();
            values.insert(
                name.clone(),
                value.unwrap_or_else(|| Value::null(Type::Dynamic)),
            );
        }
        let value = self.expr.eval(&MapScope::new(values, context()))?;
        Ok(value.unmarked_deep())
    }

    /// Its value as a condition: null and unknown count as false.
    pub fn truth(&self, names: &Names) -> Result<bool, Diagnostics> {
        let value = self.eval(names)?;
        match value.kind() {
            Kind::Bool(b) => Ok(*b),
            Kind::Null(_) | Kind::Unknown(_) => Ok(false),
            _ => Err(self.wrong("true or false")),
        }
    }

    /// Its value as a text; none for null and unknown.
    pub fn text(&self, names: &Names) -> Result<Option<String>, Diagnostics> {
        let value = self.eval(names)?;
        if value.is_null() || value.is_unknown() {
            return Ok(None);
        }
        text_of(&value)
            .map(Some)
            .ok_or_else(|| self.wrong("a text"))
    }

    fn wrong(&self, wanted: &str) -> Diagnostics {
        Diagnostic::error(
            "Wrong value in a provider description",
            format!("This expression has to give {wanted}."),
        )
        .at(self.span())
        .into()
    }
}

/// A primitive value as text.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value.kind() {
        Kind::String(s) => Some(s.to_string()),
        Kind::Number(n) => Some(n.to_string()),
        Kind::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

/// A URL path. Written as a template, each interpolated value is one piece of the path
/// and is percent-encoded; any other expression is taken as it is.
#[derive(Clone, Debug)]
pub(crate) struct PathTemplate {
    parts: Vec<PathPart>,
}

#[derive(Clone, Debug)]
enum PathPart {
    Text(Arc<str>),
    Encoded(Expression),
    Raw(Expression),
}

impl PathTemplate {
    /// Resolves a path; it may use `names` and nothing else.
    pub fn resolve(expr: &ast::Expr, names: &[&str]) -> Result<PathTemplate, Diagnostics> {
        let encoded = |e: &ast::Expr| Expression::resolve(e, names).map(PathPart::Encoded);
        let parts = match &expr.kind {
            ExprKind::Template(parts) => parts
                .iter()
                .map(|part| match part {
                    TemplatePart::Literal(text, _) => Ok(PathPart::Text(text.clone())),
                    TemplatePart::Interpolation(e) => encoded(e),
                    TemplatePart::If { span, .. } | TemplatePart::For { span, .. } => {
                        Err(Diagnostic::error(
                            "Directive in a path",
                            "A path takes ${…} only; use a conditional expression in it.",
                        )
                        .at(*span)
                        .into())
                    }
                })
                .collect::<Result<_, Diagnostics>>()?,
            ExprKind::TemplateWrap(e) => vec![encoded(e)?],
            _ => vec![PathPart::Raw(Expression::resolve(expr, names)?)],
        };
        Ok(PathTemplate { parts })
    }

    /// The path. A part that is null or unknown is an error: the request would mean
    /// another object.
    pub fn eval(&self, names: &Names) -> Result<String, Diagnostics> {
        let mut path = String::new();
        for part in &self.parts {
            let (expr, encode) = match part {
                PathPart::Text(t) => {
                    path.push_str(t);
                    continue;
                }
                PathPart::Encoded(e) => (e, true),
                PathPart::Raw(e) => (e, false),
            };
            let text = expr.text(names)?.filter(|t| !t.is_empty()).ok_or_else(|| {
                Diagnostics::from(
                    Diagnostic::error(
                        "A request cannot be built",
                        "A part of its path has no value.",
                    )
                    .at(expr.span()),
                )
            })?;
            match encode {
                true => percent_encode(&text, &mut path),
                false => path.push_str(&text),
            }
        }
        Ok(path)
    }
}

/// Appends `text` as one segment of a path: all but unreserved characters encoded, and a
/// segment of dots too, which would otherwise step up.
fn percent_encode(text: &str, out: &mut String) {
    let dots = text.bytes().all(|b| b == b'.');
    for b in text.bytes() {
        let plain = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'~');
        if plain || (b == b'.' && !dots) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::percent_encode;

    #[test]
    fn a_path_segment_cannot_leave_its_place() {
        let encode = |t: &str| {
            let mut s = String::new();
            percent_encode(t, &mut s);
            s
        };
        assert_eq!(encode("a b/c?d#é"), "a%20b%2Fc%3Fd%23%C3%A9");
        assert_eq!(encode(".."), "%2E%2E");
        assert_eq!(encode("www.example.com."), "www.example.com.");
    }
}
