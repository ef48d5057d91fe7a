//! References to whole objects: `depends_on` and `replace_triggered_by`.

use std::borrow::Cow;

use loam_diag::{Diagnostic, Diagnostics};
use loam_eval::{Reference, ReferenceTarget, static_list, static_traversal};
use loam_syntax::ast::Step;
use loam_syntax::{Attribute, Expr, ExprKind, parse_expression};
use loam_value::{Path, PathStep};

use super::names::BlockNames;
use crate::Dependency;
use crate::block::Resolver;

/// Decodes `depends_on`.
pub(crate) fn depends_on(
    attribute: Option<Attribute>,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> Vec<Dependency> {
    let Some(attribute) = attribute else {
        return Vec::new();
    };
    let items = match static_list(&attribute.expr) {
        Ok(items) => items,
        Err(problem) => {
            diags.push(problem);
            return Vec::new();
        }
    };
    // To name oneself here is odd, but says nothing wrong.
    let names = BlockNames {
        whole: true,
        owner: None,
        ..resolver.names.clone()
    };
    let resolver = Resolver {
        names: &names,
        functions: resolver.functions,
    };
    let mut out = Vec::new();
    for item in items {
        let expr = match reference(item, diags) {
            Ok(expr) => expr,
            Err(problems) => {
                diags.append(problems);
                continue;
            }
        };
        if let Err(problem) = static_traversal(&expr) {
            diags.push(problem);
            continue;
        }
        let Some(resolved) = resolver.expr(&expr, diags) else {
            continue;
        };
        let Some(reference) = resolved.references().first() else {
            continue;
        };
        match whole_object(reference) {
            Some(true) => {}
            // It is there, but nothing has to be waited for.
            Some(false) => continue,
            None => {
                diags.push(
                    Diagnostic::error(
                        "Invalid depends_on reference",
                        "References in depends_on name a whole object (a resource, a module, …), \
                         not an attribute of one.",
                    )
                    .at(item.span),
                );
                continue;
            }
        }
        out.push(Dependency {
            reference: reference.clone(),
            key: None,
            within: Path::default(),
            span: item.span,
        });
    }
    out
}

/// Whether a reference names an object that can be waited for, or another whole object;
/// `None` if it names a part of one. An output of a module counts as an object.
fn whole_object(reference: &Reference) -> Option<bool> {
    let rest = match (&reference.target, reference.path.0.as_slice()) {
        (
            ReferenceTarget::Resource(_) | ReferenceTarget::Module(_),
            [PathStep::Index(_), rest @ ..],
        ) => rest,
        (_, path) => path,
    };
    match (&reference.target, rest) {
        (ReferenceTarget::Module(_), [] | [PathStep::Attribute(_)]) => Some(true),
        (
            ReferenceTarget::Resource(_) | ReferenceTarget::Variable(_) | ReferenceTarget::Local(_),
            [],
        ) => Some(true),
        (
            ReferenceTarget::PathModule
            | ReferenceTarget::PathRoot
            | ReferenceTarget::PathCwd
            | ReferenceTarget::Workspace,
            [],
        ) => Some(false),
        _ => None,
    }
}

/// What is written as a reference. In quotes it is one, too: in JSON that is how it is
/// written, in native syntax it is an old habit.
fn reference<'e>(expr: &'e Expr, diags: &mut Diagnostics) -> Result<Cow<'e, Expr>, Diagnostics> {
    let ExprKind::Literal(value) = &expr.kind else {
        return expr.unquoted();
    };
    let Some(text) = value.as_str() else {
        return Ok(Cow::Borrowed(expr));
    };
    diags.push(
        Diagnostic::warning(
            "Quoted references are deprecated",
            "A reference is written without quotes.",
        )
        .at(expr.span),
    );
    parse_expression(expr.span.file, text, expr.span.start + 1).map(Cow::Owned)
}

/// Decodes `replace_triggered_by`.
pub(crate) fn replace_triggered_by(
    attribute: Option<Attribute>,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> Vec<Dependency> {
    let Some(attribute) = attribute else {
        return Vec::new();
    };
    let items = match static_list(&attribute.expr) {
        Ok(items) => items,
        Err(problem) => {
            diags.push(problem);
            return Vec::new();
        }
    };
    let names = BlockNames {
        whole: true,
        ..resolver.names.clone()
    };
    let resolver = Resolver {
        names: &names,
        functions: resolver.functions,
    };
    let mut out = Vec::new();
    for item in items {
        // Terraform refuses `${…}` in JSON here; programs write it nevertheless.
        let expr = match item.unquoted() {
            Ok(expr) => expr,
            Err(problems) => {
                diags.append(problems);
                continue;
            }
        };
        let Some(resolved) = resolver.expr(&expr, diags) else {
            continue;
        };
        let mut resources = resolved.references().iter().filter(|r| {
            matches!(&r.target, ReferenceTarget::Resource(a) if a.mode == loam_address::Mode::Managed)
        });
        let only = resources
            .next()
            .cloned()
            .filter(|_| resources.next().is_none());
        let others = resolved.references().iter().any(|r| {
            !matches!(
                r.target,
                ReferenceTarget::Resource(_)
                    | ReferenceTarget::CountIndex
                    | ReferenceTarget::EachKey
                    | ReferenceTarget::EachValue
            )
        });
        match only {
            Some(reference) if !others && resolved.calls().is_empty() && is_plain(&expr) => {
                if let Err(problem) = names.check_part(&reference, item.span) {
                    let never = "As it never changes, it will not trigger a replacement.";
                    diags.push(problem.as_warning().hint(never));
                }
                let (key, within) = instance_part(&expr);
                let key = match key {
                    None => None,
                    Some(key) => match resolver.expr(key, diags) {
                        Some(key) => Some(key),
                        None => continue,
                    },
                };
                out.push(Dependency {
                    reference,
                    key,
                    within,
                    span: item.span,
                });
            }
            _ => diags.push(
                Diagnostic::error(
                    "Invalid replace_triggered_by expression",
                    "An entry of replace_triggered_by names one managed resource, one of its \
                     instances or an attribute of it. In an index it may use count.index, \
                     each.key and each.value.",
                )
                .at(item.span),
            ),
        }
    }
    out
}

/// Whether a reference is to one thing rather than to a part of each of several.
fn is_plain(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Traverse { steps, .. } => !steps.iter().any(|s| matches!(s, Step::Splat { .. })),
        _ => true,
    }
}

/// Of a reference to a resource: the instance key if it has to be evaluated, and the
/// constant steps after the instance.
fn instance_part(expr: &Expr) -> (Option<&Expr>, Path) {
    let ExprKind::Traverse { base, steps } = &expr.kind else {
        return (None, Path::default());
    };
    // `resource.type.name` is the long form of `type.name`.
    let names = match &base.kind {
        ExprKind::Variable(root) if &*root.name == "resource" => 2,
        _ => 1,
    };
    let steps = steps.get(names..).unwrap_or_default();
    let (key, steps) = match steps {
        [Step::Index { key, .. }, rest @ ..] => {
            let constant = matches!(key.kind, ExprKind::Literal(_));
            ((!constant).then_some(key), rest)
        }
        all => (None, all),
    };
    let within = steps.iter().map_while(|step| match step {
        Step::Attribute(name) => Some(PathStep::Attribute(name.name.clone())),
        Step::Index { key, .. } => match &key.kind {
            ExprKind::Literal(value) => Some(PathStep::Index(value.clone())),
            _ => None,
        },
        Step::Splat { .. } => None,
    });
    (key, Path(within.collect()))
}
