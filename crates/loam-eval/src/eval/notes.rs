//! Values that took part in a failed evaluation, told beside the error.

use loam_diag::ValueNote;
use loam_value::{Kind, Value};

use super::{Env, traverse};
use crate::ir::{Key, Node, NodeKind, Part, Step};
use crate::wording::statement;

/// Notes for everything that the nodes refer to, in source order, each once.
pub(super) fn value_notes<'n>(
    env: &mut Env<'_>,
    nodes: impl IntoIterator<Item = &'n Node>,
) -> Vec<ValueNote> {
    let mut found = Vec::new();
    for node in nodes {
        visit(node, &mut |n| {
            if let Some(note) = note(env, n)
                && !found.contains(&note)
            {
                found.push(note);
            }
        });
    }
    found
}

fn note(env: &mut Env<'_>, node: &Node) -> Option<ValueNote> {
    let (mut name, mut value, steps) = match &node.kind {
        NodeKind::Slot { slot, name, steps } => (name.to_string(), env.slot(*slot), steps),
        NodeKind::Reference(r) => {
            let key = match r.key.as_ref().map(|k| env.attempt(k)) {
                Some((_, errors)) if !errors.is_empty() => return None,
                key => key.map(|(k, _)| k),
            };
            let value = env.scope.get(&r.target, key.as_ref(), r.target_span).ok()?;
            let mut name = r.target.to_string();
            if let Some(key) = &key {
                name.push_str(&key_text(key)?);
            }
            (name, value, &r.steps)
        }
        _ => return None,
    };
    for step in steps {
        let next = match step {
            Step::Attribute(attribute, _) => {
                traverse::attribute(&value, attribute).map(|v| (format!(".{attribute}"), v))
            }
            Step::Index(key, _) => {
                let (key, errors) = env.attempt(key);
                match key_text(&key) {
                    Some(text) if errors.is_empty() => {
                        traverse::index(&value, &key).map(|v| (text, v))
                    }
                    _ => break,
                }
            }
            Step::Splat { .. } => break,
        };
        let Ok((text, next)) = next else { break };
        name.push_str(&text);
        value = next;
    }
    Some(ValueNote {
        traversal: name,
        statement: statement(&value),
    })
}

fn key_text(key: &Value) -> Option<String> {
    if key.is_sensitive() {
        return None;
    }
    match key.kind() {
        Kind::String(s) => Some(format!("[{s:?}]")),
        Kind::Number(n) => Some(format!("[{n}]")),
        _ => None,
    }
}

/// Calls `f` for a node and everything in it, in source order.
fn visit(node: &Node, f: &mut dyn FnMut(&Node)) {
    f(node);
    match &node.kind {
        NodeKind::Literal(_) | NodeKind::Invalid(_) => {}
        NodeKind::Reference(r) => {
            r.key.iter().for_each(|k| visit(k, f));
            visit_steps(&r.steps, f);
        }
        NodeKind::Slot { steps, .. } => visit_steps(steps, f),
        NodeKind::Traverse { base, steps } => {
            visit(base, f);
            visit_steps(steps, f);
        }
        NodeKind::Tuple(items) => items.iter().for_each(|n| visit(n, f)),
        NodeKind::Object(items) => items.iter().for_each(|item| {
            if let Key::Expr(key) = &item.key {
                visit(key, f);
            }
            visit(&item.value, f);
        }),
        NodeKind::Template(parts) => visit_parts(parts, f),
        NodeKind::Call(c) | NodeKind::Try(c) | NodeKind::Can(c) => {
            c.args.iter().for_each(|n| visit(n, f));
        }
        NodeKind::Chain { first, rest } => {
            visit(first, f);
            rest.iter().for_each(|o| visit(&o.node, f));
        }
        NodeKind::Unary { operand, .. } => visit(operand, f),
        NodeKind::Conditional(c) => {
            visit(&c.condition, f);
            visit(&c.yes, f);
            visit(&c.no, f);
        }
        // Within the loop the variables have no value any more, so only what is
        // iterated over is of interest.
        NodeKind::For(l) => visit(&l.collection, f),
        NodeKind::Convert(c) => visit(&c.value, f),
        NodeKind::TypeQuery(inner) => visit(inner.root(), f),
    }
}

fn visit_steps(steps: &[Step], f: &mut dyn FnMut(&Node)) {
    for step in steps {
        match step {
            Step::Index(key, _) => visit(key, f),
            Step::Splat { each, .. } => visit_steps(each, f),
            Step::Attribute(..) => {}
        }
    }
}

fn visit_parts(parts: &[Part], f: &mut dyn FnMut(&Node)) {
    for part in parts {
        match part {
            Part::Literal(_) => {}
            Part::Interpolation(n) => visit(n, f),
            Part::If {
                condition, yes, no, ..
            } => {
                visit(condition, f);
                visit_parts(yes, f);
                visit_parts(no, f);
            }
            Part::For { collection, .. } => visit(collection, f),
        }
    }
}
