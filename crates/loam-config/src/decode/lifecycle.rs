//! `lifecycle` blocks.

use std::sync::{Arc, LazyLock};

use loam_address::{ActionAddr, Mode, ResourceAddr};
use loam_diag::{Diagnostic, Diagnostics, nearest};
use loam_eval::{Expr, static_keyword, static_list, static_traversal};
use loam_syntax::ast::{BodySchema, ExprKind, Step};
use loam_syntax::{Attribute, Block};
use loam_value::{Path, PathStep, Type, Value};

use super::Env;
use super::depends::replace_triggered_by;
use super::names::BlockNames;
use super::open::{Opened, only_one, open, schema};
use super::values::condition;
use crate::block::{Resolver, Shape};
use crate::{ActionRef, ActionTrigger, IgnoreChanges, Lifecycle, TriggerEvent};

static LIFECYCLE: LazyLock<BodySchema> = LazyLock::new(|| {
    schema(
        &[
            "create_before_destroy",
            "prevent_destroy",
            "destroy",
            "enabled",
            "ignore_changes",
            "replace_triggered_by",
        ],
        &[
            ("precondition", &[]),
            ("postcondition", &[]),
            ("action_trigger", &[]),
        ],
    )
});

static TRIGGER: LazyLock<BodySchema> =
    LazyLock::new(|| schema(&["events!", "condition", "actions!"], &[]));

/// The `lifecycle` blocks of a resource and of what overrides it.
#[derive(Debug)]
pub(crate) struct LifecycleBlocks {
    pub own: Vec<Block>,
    pub overrides: Vec<Block>,
}

/// Decodes them, laid over each other one argument at a time. The second result is
/// `enabled`, which belongs to the resource's repetition.
pub(crate) fn lifecycle(
    blocks: LifecycleBlocks,
    addr: &ResourceAddr,
    shape: &Shape,
    names: &BlockNames<'_>,
    env: &Env<'_>,
    diags: &mut Diagnostics,
) -> (Lifecycle, Option<Expr>) {
    if blocks.own.is_empty() && blocks.overrides.is_empty() {
        return (Lifecycle::default(), None);
    }
    only_one("lifecycle", &blocks.own, diags);
    let mut opened = Opened::default();
    for block in blocks.own.iter().take(1).chain(&blocks.overrides) {
        let layer = open(&block.body, &LIFECYCLE, diags);
        let over = !blocks.own.iter().any(|own| std::ptr::eq(own, block));
        for attribute in layer.attributes {
            if over && !overrides(&attribute, opened.get(&attribute.name.name)) {
                continue;
            }
            opened.take(&attribute.name.name);
            opened.attributes.push(attribute);
        }
        opened.blocks.extend(layer.blocks);
    }
    let resolver = Resolver {
        names,
        functions: env.functions,
    };
    if addr.mode == Mode::Data {
        refuse_for_data(&mut opened, diags);
    }
    let enabled = opened.take("enabled").and_then(|a| {
        let outside = BlockNames {
            repeated: super::names::Repeated::No,
            ..names.clone()
        };
        let resolver = Resolver {
            names: &outside,
            functions: env.functions,
        };
        resolver.expr(&a.expr, diags)
    });
    // A postcondition looks at the finished object, by `self` only.
    let after = BlockNames {
        with_self: Some(addr),
        ..names.clone()
    };
    let after = Resolver {
        names: &after,
        functions: env.functions,
    };
    let preconditions = opened.take_blocks("precondition");
    let postconditions = opened.take_blocks("postcondition");
    let triggers = opened.take_blocks("action_trigger");
    let out = Lifecycle {
        create_before_destroy: opened.bool("create_before_destroy", diags),
        prevent_destroy: opened
            .take("prevent_destroy")
            .and_then(|a| resolver.expr(&a.expr, diags)),
        destroy: opened.bool("destroy", diags).unwrap_or(true),
        ignore_changes: match opened.take("ignore_changes") {
            Some(attribute) => ignore_changes(&attribute, shape, diags),
            None => IgnoreChanges::None,
        },
        replace_triggered_by: replace_triggered_by(
            opened.take("replace_triggered_by"),
            resolver,
            diags,
        ),
        preconditions: preconditions
            .iter()
            .filter_map(|b| condition(b, resolver, diags))
            .collect(),
        postconditions: postconditions
            .iter()
            .filter_map(|b| condition(b, after, diags))
            .collect(),
        triggers: triggers
            .iter()
            .filter_map(|b| trigger(b, after, diags))
            .collect(),
    };
    (out, enabled)
}

/// Whether an argument of an override file replaces what the block has itself. What is
/// ignored once cannot be taken back, and what triggers replacements is the block's own.
fn overrides(attribute: &Attribute, own: Option<&Attribute>) -> bool {
    match &*attribute.name.name {
        "replace_triggered_by" => false,
        "ignore_changes" => {
            let empty = static_list(&attribute.expr).is_ok_and(<[_]>::is_empty);
            !empty && !own.is_some_and(|own| is_all(&own.expr))
        }
        _ => true,
    }
}

fn refuse_for_data(opened: &mut Opened, diags: &mut Diagnostics) {
    let (kept, refused): (Vec<Attribute>, Vec<Attribute>) = std::mem::take(&mut opened.attributes)
        .into_iter()
        .partition(|a| &*a.name.name == "enabled");
    opened.attributes = kept;
    for attribute in refused {
        diags.push(
            Diagnostic::error(
                "Invalid data resource lifecycle argument",
                format!(
                    "\"{}\" is for managed resources (\"resource\" blocks) only: a data resource \
                     is never created, changed or destroyed.",
                    attribute.name.name
                ),
            )
            .at(attribute.name.span),
        );
    }
    for block in opened.take_blocks("action_trigger") {
        diags.push(
            Diagnostic::error(
                "Invalid data resource lifecycle block",
                "Actions can be triggered by managed resources only.",
            )
            .at(block.header),
        );
    }
}

/// The keyword `all`. In JSON it is in quotes, in native syntax it must not be.
fn is_all(expr: &loam_syntax::Expr) -> bool {
    if matches!(expr.kind, ExprKind::Literal(_)) {
        return false;
    }
    let written = expr.unquoted().ok();
    let keyword = written.and_then(|e| static_keyword(&e));
    keyword.is_some_and(|k| &*k.name == "all")
}

fn ignore_changes(attribute: &Attribute, shape: &Shape, diags: &mut Diagnostics) -> IgnoreChanges {
    if is_all(&attribute.expr) {
        return IgnoreChanges::All;
    }
    let items = match static_list(&attribute.expr) {
        Ok(items) => items,
        Err(problem) => {
            diags.push(problem);
            return IgnoreChanges::None;
        }
    };
    let mut paths = Vec::new();
    for item in items {
        if item.literal_text() == Some("*") {
            diags.push(
                Diagnostic::error(
                    "Invalid ignore_changes wildcard",
                    "To ignore changes of all attributes, write `ignore_changes = all`.",
                )
                .at(item.span),
            );
            continue;
        }
        let traversal = item.unquoted().map_err(|mut d| {
            d.sort();
            d
        });
        let traversal = match traversal {
            Ok(expr) => static_traversal(&expr).map_err(Diagnostics::from),
            Err(problems) => Err(problems),
        };
        match traversal {
            Err(problems) => diags.append(problems),
            Ok(traversal) => match ignored_path(&traversal, shape) {
                Ok(path) => paths.push((path, item.span)),
                Err(problem) => diags.push(problem),
            },
        }
    }
    IgnoreChanges::Paths(paths)
}

/// The path that an entry of `ignore_changes` means. `tags.x` is `tags["x"]` if `tags`
/// is a map.
fn ignored_path(traversal: &loam_eval::Traversal, shape: &Shape) -> Result<Path, Diagnostic> {
    let schema = shape.block();
    let name = &traversal.root.name;
    let mut ty = match (schema.attributes.get(name), schema.blocks.get(name)) {
        (Some(attribute), _) => attribute.ty.clone(),
        (None, Some(block)) => block.implied_type(),
        (None, None) => {
            let known = schema.attributes.keys().chain(schema.blocks.keys());
            let problem = Diagnostic::error(
                "Unsupported attribute",
                format!("This resource has no argument or nested block named \"{name}\"."),
            )
            .at(traversal.root.span);
            return Err(match nearest(name, known.map(|n| &**n)) {
                Some(near) => problem.hint(format!("Did you mean \"{near}\"?")),
                None => problem,
            });
        }
    };
    let mut path = Path(vec![PathStep::Attribute(name.clone())]);
    for step in &traversal.steps {
        let (step, next) = match (step, &ty) {
            (Step::Attribute(n), Type::Map(e)) => (
                PathStep::Index(Value::string(n.name.clone())),
                (**e).clone(),
            ),
            (Step::Attribute(n), Type::Object(o)) => match o.attributes.get(&n.name) {
                Some(t) => (PathStep::Attribute(n.name.clone()), t.clone()),
                None => {
                    return Err(Diagnostic::error(
                        "Unsupported attribute",
                        format!("There is no attribute named \"{}\" here.", n.name),
                    )
                    .at(n.span));
                }
            },
            (Step::Attribute(n), _) => (PathStep::Attribute(n.name.clone()), Type::Dynamic),
            (Step::Index { key, .. }, ty) => {
                let ExprKind::Literal(key) = &key.kind else {
                    continue;
                };
                let element = ty.element().cloned().unwrap_or(Type::Dynamic);
                (PathStep::Index(key.clone()), element)
            }
            (Step::Splat { .. }, _) => continue,
        };
        path.0.push(step);
        ty = next;
    }
    Ok(path)
}

fn trigger(
    block: &Block,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> Option<ActionTrigger> {
    let mut opened = open(&block.body, &TRIGGER, diags);
    let events = opened.take("events");
    let actions = opened.take("actions");
    let condition = opened.take("condition");
    let condition = condition.and_then(|a| resolver.expr(&a.expr, diags));
    let mut out = ActionTrigger {
        events: Vec::new(),
        condition,
        actions: Vec::new(),
        span: block.header,
    };
    let events = events?;
    for item in list(&events, diags) {
        let name = item.unquoted().ok().and_then(|e| static_keyword(&e));
        let name = name.as_ref().map(|n| &*n.name);
        match name.and_then(event) {
            Some(event) if !out.events.contains(&event) => out.events.push(event),
            Some(_) => {}
            None => diags.push(no_event(name).at(item.span)),
        }
    }
    if out.events.is_empty() && !diags.has_errors() {
        let detail = "An action_trigger block has to name at least one event.";
        diags.push(Diagnostic::error("No events", detail).at(events.expr.span));
    }
    let actions = actions?;
    for item in list(&actions, diags) {
        match action_ref(&item, resolver, diags) {
            Some(action) => {
                check_declared(&action, resolver, diags);
                out.actions.push(action);
            }
            None => diags.push(
                Diagnostic::error(
                    "Invalid action reference",
                    "An action is named as action.TYPE.NAME, with an index if it is repeated.",
                )
                .at(item.span),
            ),
        }
    }
    if out.actions.is_empty() && !diags.has_errors() {
        let detail = "An action_trigger block has to name at least one action.";
        diags.push(Diagnostic::error("No actions", detail).at(actions.expr.span));
    }
    Some(out)
}

fn check_declared(named: &ActionRef, resolver: Resolver<'_>, diags: &mut Diagnostics) {
    let actions = &resolver.names.declared.actions;
    let ActionAddr { kind, name } = &named.action;
    if actions.contains(&named.action) {
        return;
    }
    let problem = Diagnostic::error(
        "Reference to undeclared action",
        format!("An action \"{kind}\" \"{name}\" has not been declared in this module."),
    )
    .at(named.span);
    let same_type = actions.iter().filter(|a| a.kind == *kind);
    diags.push(match nearest(name, same_type.map(|a| &*a.name)) {
        Some(near) => problem.hint(format!("Did you mean \"action.{kind}.{near}\"?")),
        None => problem,
    });
}

fn list(attribute: &Attribute, diags: &mut Diagnostics) -> Vec<loam_syntax::Expr> {
    match static_list(&attribute.expr) {
        Ok(items) => items.to_vec(),
        Err(problem) => {
            diags.push(problem);
            Vec::new()
        }
    }
}

fn event(name: &str) -> Option<TriggerEvent> {
    TriggerEvent::ALL.into_iter().find(|e| e.as_str() == name)
}

/// What is wrong with a name that is no event.
fn no_event(name: Option<&str>) -> Diagnostic {
    let known: Vec<&str> = TriggerEvent::ALL.iter().map(|e| e.as_str()).collect();
    let known = known.join(", ");
    match name {
        Some(n @ ("before_destroy" | "after_destroy")) => Diagnostic::error(
            "Unsupported event",
            format!(
                "Actions do not run with the destruction of a resource, so \"{n}\" is not an \
                 event here. The events are {known}."
            ),
        ),
        _ => Diagnostic::error("Invalid event name", format!("The events are {known}.")),
    }
}

fn action_ref(
    expr: &loam_syntax::Expr,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> Option<ActionRef> {
    let written = expr.unquoted().ok()?;
    let ExprKind::Traverse { base, steps } = &written.kind else {
        return None;
    };
    let ExprKind::Variable(root) = &base.kind else {
        return None;
    };
    let (kind, name, key): (&Arc<str>, &Arc<str>, _) = match steps.as_slice() {
        [Step::Attribute(kind), Step::Attribute(name)] => (&kind.name, &name.name, None),
        [
            Step::Attribute(kind),
            Step::Attribute(name),
            Step::Index { key, .. },
        ] => (&kind.name, &name.name, Some(key)),
        _ => return None,
    };
    if &*root.name != "action" {
        return None;
    }
    let key = match key {
        Some(key) => Some(resolver.expr(key, diags)?),
        None => None,
    };
    Some(ActionRef {
        action: ActionAddr {
            kind: kind.clone(),
            name: name.clone(),
        },
        key,
        span: expr.span,
    })
}
