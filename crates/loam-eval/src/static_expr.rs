//! Expressions read for what is written and not for their value: the names in
//! `depends_on` and `ignore_changes`, `provider = aws.west`, keywords, type constraints.

use std::sync::Arc;

use loam_address::is_identifier;
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_syntax::ast::{Call, Expr, ExprKind, Ident, ObjectKey, Step};
use loam_syntax::parse_expression;
use loam_value::{Kind, Value};

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
/// default of a variable, a backend's settings. Strings of JSON are taken literally there.
///
/// # Errors
///
/// What in it is no constant.
pub fn eval_constant(expr: &Expr) -> Result<Value, Diagnostics> {
    if let Some(literal) = expr.written_json() {
        return Ok(literal);
    }
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
        ExprKind::JsonString(s) if is_identifier(&s.text) => s.text.clone(),
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
        _ => None,
    };
    let quoted = || {
        let inner = unquoted(expr)?;
        // A string in a string is none.
        match inner.kind {
            ExprKind::Literal(_) => None,
            _ => static_traversal(&inner).ok().map(|t| (t.root, t.steps)),
        }
    };
    let keyword = || static_keyword(expr).map(|root| (root, Vec::new()));
    match found.or_else(quoted).or_else(keyword) {
        Some((root, steps)) => Ok(Traversal {
            root,
            steps,
            span: expr.span,
        }),
        None => Err(not_static(expr)),
    }
}

/// The problem with an expression where only a reference can be written.
pub fn not_static(expr: &Expr) -> Diagnostic {
    Diagnostic::error(
        "Invalid expression",
        "A single static variable reference is required: only attribute access and \
         indexing with constant keys. No calculations, function calls, template \
         expressions, etc are allowed here.",
    )
    .at(expr.span)
}

fn is_constant(step: &Step) -> bool {
    match step {
        Step::Attribute(_) => true,
        Step::Index { key, .. } => matches!(key.kind, ExprKind::Literal(_)),
        Step::Splat { .. } => false,
    }
}

/// The expression that a string holds, as JSON has references and types (and as native
/// files once had them); none if the expression is not a string or its text is not an
/// expression.
pub(crate) fn unquoted(expr: &Expr) -> Option<Expr> {
    match &expr.kind {
        ExprKind::JsonString(s) => s.expression().ok(),
        ExprKind::Literal(value) => {
            let text = value.as_str()?;
            // The text starts after the opening quote.
            let start = expr.span.start.saturating_add(1);
            parse_expression(expr.span.file, text, start).ok()
        }
        _ => None,
    }
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
