//! JSON values as expressions.

use std::borrow::Cow;

use indexmap::IndexMap;
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_value::{Kind, Value};

use crate::ast::{
    Expr, ExprKind, Ident, JsonKind, JsonNode, JsonProperty, JsonString, ObjectItem, ObjectKey,
};
use crate::native::{Origin, expression_at, template_at};

impl JsonString {
    fn origin(&self) -> Origin<'_> {
        match &self.places {
            Some(map) => Origin::Map(map),
            // Just after the opening quote.
            None => Origin::Offset(self.span.start + 1),
        }
    }

    /// The string as a template: its meaning where a value is expected.
    ///
    /// # Errors
    ///
    /// What is wrong with its sequences, at their places in the JSON file.
    pub fn template(&self) -> Result<Expr, Diagnostics> {
        let mut expr = template_at(self.span.file, &self.text, self.origin())?;
        expr.span = self.span;
        Ok(expr)
    }

    /// The string as an expression in native syntax: its meaning where a reference, a
    /// type constraint or a call is expected.
    ///
    /// # Errors
    ///
    /// What is wrong with the expression, at its place in the JSON file.
    pub fn expression(&self) -> Result<Expr, Diagnostics> {
        expression_at(self.span.file, &self.text, self.origin())
    }

    /// The string as a name that cannot hold a template.
    pub fn ident(&self) -> Ident {
        Ident {
            name: self.text.clone(),
            span: self.span,
        }
    }

    fn is_plain(&self) -> bool {
        !self.text.contains("${") && !self.text.contains("%{")
    }
}

impl Expr {
    /// The expression where not its value counts but what is written: for references
    /// (`depends_on`), type constraints, calls. In JSON syntax such an expression is
    /// written in a string, whose content this gives; any other is given as it is.
    ///
    /// # Errors
    ///
    /// What is wrong with the expression in the string.
    pub fn unquoted(&self) -> Result<Cow<'_, Expr>, Diagnostics> {
        match &self.kind {
            // Programs that write JSON put every reference into `${…}`.
            ExprKind::JsonString(s) if s.text.starts_with("${") => s.template().map(Cow::Owned),
            ExprKind::JsonString(s) => s.expression().map(Cow::Owned),
            _ => Ok(Cow::Borrowed(self)),
        }
    }

    /// The text of a string in a place where templates are not allowed (such as a
    /// module's `source`): a native string without interpolation, or a JSON string,
    /// which is taken literally there.
    pub fn literal_text(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::JsonString(s) => Some(&s.text),
            ExprKind::Literal(v) => match v.kind() {
                Kind::String(s) => Some(s),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Expr {
    /// What is written, if it is JSON in which a string may be a template: the strings as
    /// they are. `None` for anything else.
    pub fn written_json(&self) -> Option<Value> {
        let mut templates = false;
        let value = written(self, &mut templates)?;
        templates.then_some(value)
    }
}

fn written(expr: &Expr, templates: &mut bool) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value.clone()),
        ExprKind::JsonString(s) => {
            *templates |= !s.is_plain();
            Some(Value::string(s.text.clone()))
        }
        ExprKind::Tuple(items) => {
            let items = items.iter().map(|item| written(item, templates));
            Some(Value::tuple(items.collect::<Option<_>>()?))
        }
        ExprKind::Object(items) => {
            let entries = items.iter().map(|item| {
                let name = match &item.key {
                    ObjectKey::Name(name) => name.name.clone(),
                    ObjectKey::Expr(key) => match written(key, templates)?.kind() {
                        Kind::String(name) => name.clone(),
                        _ => return None,
                    },
                };
                Some((name, written(&item.value, templates)?))
            });
            Some(Value::object(entries.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

/// A JSON value where an expression is expected.
pub(super) fn to_expr(node: &JsonNode, diags: &mut Diagnostics) -> Expr {
    let kind = match &node.kind {
        JsonKind::Literal(v) => ExprKind::Literal(v.clone()),
        JsonKind::String(s) => ExprKind::JsonString(Box::new(s.clone())),
        JsonKind::Array(items) => {
            ExprKind::Tuple(items.iter().map(|n| to_expr(n, diags)).collect())
        }
        JsonKind::Object(properties) => ExprKind::Object(object(properties, diags)),
    };
    Expr {
        kind,
        span: node.span,
    }
}

fn object(properties: &[JsonProperty], diags: &mut Diagnostics) -> Vec<ObjectItem> {
    let mut seen: IndexMap<&str, Span> = IndexMap::new();
    let mut items = Vec::with_capacity(properties.len());
    for p in properties {
        let name = &p.name;
        let key = if name.is_plain() {
            if let Some(first) = seen.insert(&name.text, name.span) {
                diags.push(
                    Diagnostic::error(
                        "Duplicate object attribute",
                        format!(
                            "The attribute \"{}\" is set twice in this object.",
                            name.text
                        ),
                    )
                    .at(name.span)
                    .label(first, "it is set here first"),
                );
            }
            ObjectKey::Name(name.ident())
        } else {
            ObjectKey::Expr(Expr {
                kind: ExprKind::JsonString(Box::new(name.clone())),
                span: name.span,
            })
        };
        items.push(ObjectItem {
            key,
            value: to_expr(&p.value, diags),
        });
    }
    items
}
