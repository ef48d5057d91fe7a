//! `moved`, `removed` and `import` blocks.

use std::sync::LazyLock;

use loam_address::{AbsResourceAddr, InstanceAddr, InstanceKey, Mode, ModuleAddr, Target};
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::{not_static, static_traversal};
use loam_syntax::ast::{BodySchema, Expr, ExprKind, Step};
use loam_syntax::{Attribute, Block};
use loam_value::Value;

use super::Env;
use super::names::{BlockNames, Declared, Repeated};
use super::open::{only_one, open, schema};
use super::provider::provider_ref;
use super::provisioner::{not_here, only_destroy, provisioners};
use super::settings::LocalNames;
use crate::block::Resolver;
use crate::{Import, ImportTo, KeyPlace, Moved, Removed};

static MOVED: LazyLock<BodySchema> = LazyLock::new(|| schema(&["from!", "to!"], &[]));

static REMOVED: LazyLock<BodySchema> = LazyLock::new(|| {
    schema(
        &["from!"],
        &[
            ("lifecycle", &[]),
            ("connection", &[]),
            ("provisioner", &["type"]),
        ],
    )
});

static REMOVED_LIFECYCLE: LazyLock<BodySchema> = LazyLock::new(|| schema(&["destroy"], &[]));

static IMPORT: LazyLock<BodySchema> =
    LazyLock::new(|| schema(&["to!", "id!", "for_each", "provider"], &[]));

/// Names that begin references to what is no resource.
const NO_RESOURCES: [&str; 7] = ["count", "each", "local", "path", "self", "terraform", "var"];

/// An address written as a reference.
fn address(attribute: &Attribute, diags: &mut Diagnostics) -> Option<Target> {
    address_of(&attribute.expr, diags)
}

fn address_of(expr: &Expr, diags: &mut Diagnostics) -> Option<Target> {
    let traversal = expr.unquoted().and_then(|e| match &e.kind {
        // In quotes only JSON has them.
        ExprKind::Literal(_) => Err(not_static(&e).into()),
        _ => static_traversal(&e).map_err(Diagnostics::from),
    });
    let traversal = match traversal {
        Ok(traversal) => traversal,
        Err(problems) => {
            diags.append(problems);
            return None;
        }
    };
    let mut text = traversal.root.name.to_string();
    if NO_RESOURCES.contains(&&*text) {
        diags.push(not_an_address(
            &format!("\"{text}\" names no resource type"),
            expr.span,
        ));
        return None;
    }
    for step in &traversal.steps {
        match step {
            Step::Attribute(name) => {
                text.push('.');
                text.push_str(&name.name);
            }
            Step::Index { key, .. } => {
                let value = match &key.kind {
                    ExprKind::Literal(value) => InstanceKey::from_value(value),
                    _ => None,
                };
                text.push_str(&value.map_or_else(|| "[?]".to_owned(), |k| k.to_string()));
            }
            Step::Splat { .. } => text.push_str("[?]"),
        }
    }
    match Target::parse(&text) {
        Ok(target) => Some(target),
        Err(e) => {
            diags.push(not_an_address(&e.reason, expr.span));
            None
        }
    }
}

fn not_an_address(why: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "Invalid address",
        format!("This is not the address of a resource or module: {why}."),
    )
    .at(at)
}

fn mode(target: &Target) -> Option<Mode> {
    match target {
        Target::Module(_) => None,
        Target::Resource(r) => Some(r.resource.mode),
        Target::Instance(i) => Some(i.resource.mode),
    }
}

/// Decodes a `moved` block.
pub(crate) fn moved(block: &Block, diags: &mut Diagnostics) -> Option<Moved> {
    let mut opened = open(&block.body, &MOVED, diags);
    let (from, to) = (opened.take("from"), opened.take("to"));
    let (from, to) = (from?, to?);
    let places = (from.expr.span, to.expr.span);
    let from = address(&from, diags);
    let to = address(&to, diags);
    let (from, to) = (from?, to?);
    if mode(&from) != mode(&to) {
        diags.push(
            Diagnostic::error(
                "Invalid 'moved' addresses",
                "\"from\" and \"to\" have to be both resources or both modules.",
            )
            .at(block.header),
        );
        return None;
    }
    if from == to {
        diags.push(
            Diagnostic::error(
                "Redundant move statement",
                "\"from\" and \"to\" are the same address. Remove the block.",
            )
            .at(places.0),
        );
        return None;
    }
    Some(Moved {
        from,
        to,
        span: block.header,
    })
}

/// Whether a block of the module itself is still there under an address without keys.
pub(super) fn still_there(target: &Target, declared: &Declared) -> bool {
    match target {
        Target::Module(m) => match m.steps() {
            [step] => declared.calls.contains_key(&step.name),
            _ => false,
        },
        Target::Resource(r) if r.module.is_root() => declared.resources.contains_key(&r.resource),
        _ => false,
    }
}

pub(crate) fn shown(target: &Target) -> String {
    match target {
        Target::Module(m) => m.to_string(),
        Target::Resource(r) => r.to_string(),
        Target::Instance(i) => i.to_string(),
    }
}

/// Decodes a `removed` block.
pub(crate) fn removed(
    block: &Block,
    declared: &Declared,
    env: &Env<'_>,
    diags: &mut Diagnostics,
) -> Option<Removed> {
    let mut opened = open(&block.body, &REMOVED, diags);
    let connections = opened.take_blocks("connection");
    let blocks = opened.take_blocks("provisioner");
    let lifecycles = opened.take_blocks("lifecycle");
    only_one("lifecycle", &lifecycles, diags);
    let mut destroy = true;
    if let Some(lifecycle) = lifecycles.first() {
        let mut inner = open(&lifecycle.body, &REMOVED_LIFECYCLE, diags);
        destroy = inner.bool("destroy", diags).unwrap_or(true);
    }
    let from = opened.take("from")?;
    let target = address(&from, diags)?;
    let at = from.expr.span;
    let keyed = |m: &ModuleAddr| m.steps().iter().any(|s| s.key != InstanceKey::None);
    let problem = match &target {
        Target::Instance(_) => Some(("Resource instance keys not allowed", "resource")),
        Target::Module(m) if keyed(m) => Some(("Module instance keys not allowed", "module")),
        Target::Resource(r) if keyed(&r.module) => {
            Some(("Module instance keys not allowed", "module"))
        }
        _ => None,
    };
    if let Some((summary, noun)) = problem {
        diags.push(
            Diagnostic::error(
                summary,
                format!("A \"removed\" block is about a whole {noun}: write its address without an index."),
            )
            .at(at),
        );
        return None;
    }
    if mode(&target) == Some(Mode::Data) {
        diags.push(
            Diagnostic::error(
                "Data source address not allowed",
                "Data resources are not objects that could be removed: just remove the block.",
            )
            .at(at),
        );
        return None;
    }
    if still_there(&target, declared) {
        let noun = match target {
            Target::Module(_) => "module",
            _ => "resource",
        };
        diags.push(
            Diagnostic::error(
                format!("Removed {noun} still exists"),
                format!(
                    "This block says that {} is removed, but it is still declared. Remove its \
                     block, or this one.",
                    shown(&target)
                ),
            )
            .at(at),
        );
    }
    let provisioners = match &target {
        Target::Resource(r) => {
            let names = BlockNames::repeated(declared, Repeated::Untold);
            let of = &r.resource;
            let decoded = provisioners(&blocks, &connections, of, &names, env, diags);
            only_destroy(&decoded, diags);
            decoded
        }
        _ => {
            not_here(&connections, "this is about a module", diags);
            not_here(&blocks, "this is about a module", diags);
            Vec::new()
        }
    };
    Some(Removed {
        from: target,
        destroy,
        provisioners,
        span: block.header,
    })
}

/// Decodes an `import` block.
pub(crate) fn import(
    block: &Block,
    declared: &Declared,
    env: &Env<'_>,
    local_names: &mut LocalNames,
    diags: &mut Diagnostics,
) -> Option<Import> {
    let mut opened = open(&block.body, &IMPORT, diags);
    let for_each = opened.take("for_each");
    let repeated = match &for_each {
        Some(_) => Repeated::ForEach,
        None => Repeated::No,
    };
    let outside = BlockNames::new(declared);
    let inside = BlockNames::repeated(declared, repeated);
    let from_outside = Resolver {
        names: &outside,
        functions: env.functions,
    };
    let resolver = Resolver {
        names: &inside,
        functions: env.functions,
    };
    let for_each = for_each.map(|a| from_outside.expr(&a.expr, diags));
    let provider = opened
        .take("provider")
        .map(|a| provider_ref(&a.expr, "provider", resolver, env, local_names, diags));
    let id = opened.take("id").map(|a| resolver.expr(&a.expr, diags));
    let to = opened
        .take("to")
        .map(|a| import_to(&a.expr, resolver, diags));
    Some(Import {
        to: to??,
        id: id??,
        for_each: match for_each {
            None => None,
            Some(resolved) => Some(resolved?),
        },
        provider: match provider {
            None => None,
            Some(reference) => Some(reference?),
        },
        span: block.header,
    })
}

fn import_to(expr: &Expr, resolver: Resolver<'_>, diags: &mut Diagnostics) -> Option<ImportTo> {
    let unquoted = match expr.unquoted() {
        Ok(expr) => expr.into_owned(),
        Err(problems) => {
            diags.append(problems);
            return None;
        }
    };
    // Keys that are not constant: their places are taken by some key, so that what is left
    // is an address.
    let mut whole = unquoted.clone();
    let mut open_keys = Vec::new();
    if let ExprKind::Traverse { steps, .. } = &mut whole.kind {
        let indexes = steps.iter_mut().filter_map(|step| match step {
            Step::Index { key, .. } => Some(key),
            _ => None,
        });
        for (i, key) in indexes.enumerate() {
            if !matches!(key.kind, ExprKind::Literal(_)) {
                open_keys.push((i, key.clone()));
                key.kind = ExprKind::Literal(Value::int(0));
            }
        }
    }
    let target = address_of(&whole, diags)?;
    if mode(&target) != Some(Mode::Managed) {
        diags.push(not_importable(expr.span));
        return None;
    }
    let instance = match target {
        Target::Resource(AbsResourceAddr { module, resource }) => InstanceAddr {
            module,
            resource,
            key: InstanceKey::None,
        },
        Target::Instance(instance) => instance,
        Target::Module(_) => {
            diags.push(not_importable(expr.span));
            return None;
        }
    };
    if open_keys.is_empty() {
        return Some(ImportTo::Instance(instance));
    }
    // The indexes in the order in which they are written are those of the keyed steps.
    let steps = instance.module.steps().iter().enumerate();
    let places: Vec<KeyPlace> = steps
        .filter(|(_, step)| step.key != InstanceKey::None)
        .map(|(i, _)| KeyPlace::Module(i))
        .chain((instance.key != InstanceKey::None).then_some(KeyPlace::Resource))
        .collect();
    let mut keys = Vec::new();
    for (i, key) in open_keys {
        keys.push((*places.get(i)?, resolver.expr(&key, diags)?));
    }
    Some(ImportTo::Keyed(instance, keys))
}

fn not_importable(at: Span) -> Diagnostic {
    Diagnostic::error(
        "Invalid import address",
        "\"to\" has to be the address of a managed resource instance.",
    )
    .at(at)
}
