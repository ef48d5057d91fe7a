//! Expressions read for what is written and not for their value: the names in
//! `depends_on` and `ignore_changes`, `provider = aws.west`, keywords, type constraints.

use std::sync::Arc;

use loam_address::is_identifier;
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_syntax::ast::{Call, Expr, ExprKind, Ident, ObjectKey, Step};
use loam_value::{Kind, Number, Value};

use crate::{FunctionTable, MapScope, Names, Resolved, resolve};

/// A name and constant steps after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Traversal {
    /// The first name.
    pub root: Ident,
    /// The steps: attributes, and indices that are literals.
    pub steps: Vec<Step>,
    /// The whole.
    pub span: Span,
}

/// The value of an expression in which no name and no function means anything: the
/// default of a variable, a backend's settings.
pub fn eval_constant(expr: &Expr) -> Result<Value, Diagnostics> {
    resolve(expr, &NoNames, &FunctionTable::new())?.eval(&MapScope::empty())
}

struct NoNames;

impl Names for NoNames {
    fn resolve(&self, root: &Ident, _steps: &[Step]) -> Result<Resolved, Diagnostic> {
        Err(Diagnostic::error(
            "Variables not allowed",
            format!(
                "Variables may not be used here, but \"{}\" is a reference. Only a constant \
                 value is possible.",
                root.name
            ),
        )
        .at(root.span))
    }
}

fn without_parens(mut expr: &Expr) -> &Expr {
    while let ExprKind::Paren(inner) = &expr.kind {
        expr = inner;
    }
    expr
}

/// The name, if the expression is a single bare name. `true`, `false` and `null` are
/// names here, too, and so is a name in quotes, which is how JSON writes one.
pub fn static_keyword(expr: &Expr) -> Option<Ident> {
    let expr = without_parens(expr);
    let name: Arc<str> = match &expr.kind {
        ExprKind::Variable(ident) => ident.name.clone(),
        ExprKind::Literal(value) => match value.kind() {
            Kind::Null(_) => "null".into(),
            Kind::Bool(b) => b.to_string().into(),
            Kind::String(s) if is_identifier(s) => s.clone(),
            _ => return None,
        },
        _ => return None,
    };
    Some(Ident {
        name,
        span: expr.span,
    })
}

/// The reference that the expression is, with nothing in it that would have to be
/// evaluated. A reference in quotes, as JSON has them, is one, too.
pub fn static_traversal(expr: &Expr) -> Result<Traversal, Diagnostic> {
    let expr = without_parens(expr);
    let found = match &expr.kind {
        ExprKind::Variable(root) => Some((root.clone(), Vec::new())),
        ExprKind::Traverse { base, steps } => match &base.kind {
            ExprKind::Variable(root) if steps.iter().all(is_constant) => {
                Some((root.clone(), steps.clone()))
            }
            _ => None,
        },
        ExprKind::Literal(value) => match value.as_str() {
            Some(text) => quoted(text, expr.span),
            None => static_keyword(expr).map(|root| (root, Vec::new())),
        },
        _ => None,
    };
    match found {
        Some((root, steps)) => Ok(Traversal {
            root,
            steps,
            span: expr.span,
        }),
        None => Err(Diagnostic::error(
            "Invalid expression",
            "A single static variable reference is required: only attribute access and \
             indexing with constant keys. No calculations, function calls, template \
             expressions, etc are allowed here.",
        )
        .at(expr.span)),
    }
}

fn is_constant(step: &Step) -> bool {
    match step {
        Step::Attribute(_) => true,
        Step::Index { key, .. } => matches!(key.kind, ExprKind::Literal(_)),
        Step::Splat { .. } => false,
    }
}

/// A reference written as a string: `a.b["k"][0].c`. All its parts have the string's span.
fn quoted(text: &str, span: Span) -> Option<(Ident, Vec<Step>)> {
    let ident = |name: &str| {
        is_identifier(name).then(|| Ident {
            name: name.into(),
            span,
        })
    };
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (root, mut rest) = text.split_at(end);
    let root = ident(root)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            steps.push(Step::Attribute(ident(name)?));
            rest = after;
            continue;
        }
        let inner = rest.strip_prefix('[')?;
        let (key, after) = match inner.strip_prefix('"') {
            Some(inner) => {
                let (key, after) = inner.split_once("\"]")?;
                if key.contains(['"', '\\']) {
                    return None;
                }
                (Value::string(key), after)
            }
            None => {
                let (digits, after) = inner.split_once(']')?;
                (Value::number(Number::parse(digits).ok()?), after)
            }
        };
        let key = Expr {
            kind: ExprKind::Literal(key),
            span,
        };
        steps.push(Step::Index { key, span });
        rest = after;
    }
    Some((root, steps))
}

/// The call, if the expression is a function call.
pub fn static_call(expr: &Expr) -> Option<&Call> {
    match &without_parens(expr).kind {
        ExprKind::Call(call) => Some(call),
        _ => None,
    }
}

/// The elements, if the expression is written as a list.
pub fn static_list(expr: &Expr) -> Result<&[Expr], Diagnostic> {
    match &without_parens(expr).kind {
        ExprKind::Tuple(items) => Ok(items),
        _ => Err(Diagnostic::error(
            "Invalid expression",
            "A static list expression is required.",
        )
        .at(expr.span)),
    }
}

/// Keys and values, if the expression is written as a map.
pub fn static_map(expr: &Expr) -> Result<Vec<(&ObjectKey, &Expr)>, Diagnostic> {
    match &without_parens(expr).kind {
        ExprKind::Object(items) => Ok(items.iter().map(|i| (&i.key, &i.value)).collect()),
        _ => Err(
            Diagnostic::error("Invalid expression", "A static map expression is required.")
                .at(expr.span),
        ),
    }
}

/// The name that an object key is, if it is a bare or quoted name.
pub fn static_key(key: &ObjectKey) -> Option<Ident> {
    match key {
        ObjectKey::Name(ident) => Some(ident.clone()),
        ObjectKey::Expr(expr) => static_keyword(expr),
    }
}
