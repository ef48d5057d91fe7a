//! Evaluation: from a resolved expression and a scope to a value.

use loam_diag::Diagnostics;
use loam_value::Value;

use crate::ir::{Expr, NodeKind};
use crate::{ReferenceTarget, Scope};

pub(crate) fn evaluate(expr: &Expr, scope: &dyn Scope) -> Result<Value, Diagnostics> {
    let _: Option<ReferenceTarget> = None;
    match &expr.root().kind {
        NodeKind::Literal(v) => Ok(v.clone()),
        NodeKind::Reference(r) => scope.get(&r.target, None, r.target_span),
        _ => Ok(Value::dynamic()),
    }
}
