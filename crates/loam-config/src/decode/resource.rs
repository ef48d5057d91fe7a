//! `resource` and `data` blocks.

use std::sync::{Arc, LazyLock};

use loam_address::{Mode, ResourceAddr};
use loam_diag::{Diagnostic, Diagnostics, nearest};
use loam_provider::{Block as SchemaBlock, ProviderSchema};
use loam_syntax::Block;
use loam_syntax::ast::BodySchema;

use super::Env;
use super::depends::depends_on;
use super::lifecycle::{LifecycleBlocks, lifecycle};
use super::names::{BlockNames, Declared, Repeated};
use super::open::{Layered, Opened, only_one, open, open_layered, schema};
use super::provider::provider_ref;
use super::provisioner::{not_here, provisioners};
use super::settings::LocalNames;
use crate::block::{Place, Resolver, Shape, ShapeKey, compile};
use crate::{ProviderConfigName, ProviderRef, Repetition, Resource};

pub(super) static META: LazyLock<BodySchema> = LazyLock::new(|| {
    schema(
        &["count", "for_each", "depends_on", "provider"],
        &[
            ("lifecycle", &[]),
            ("connection", &[]),
            ("provisioner", &["type"]),
            ("locals", &[]),
            ("_", &[]),
        ],
    )
});

/// True if a `resource` block has an argument or block of this name whatever its type: what
/// the type has under that name is written in a `_` block.
pub fn is_meta_argument(name: &str) -> bool {
    META.attributes.iter().any(|a| &*a.name == name) || META.blocks.iter().any(|b| &*b.kind == name)
}

/// A resource block whose type is known and whose body is opened: what has to be known
/// of all resources before the expressions of any can be resolved.
#[derive(Debug)]
pub(crate) struct OpenedResource {
    pub addr: ResourceAddr,
    pub shape: Arc<Shape>,
    pub repeated: Repeated,
    pub in_check: Option<Arc<str>>,
    provider: ProviderRef,
    opened: Opened,
    escape: Option<Block>,
    place: Place,
}

/// Opens a `resource` or `data` block. Without its type nothing else can be said of it:
/// then only its meta-arguments are looked at.
pub(crate) fn open_resource(
    layered: &Layered,
    in_check: Option<Arc<str>>,
    env: &Env<'_>,
    local_names: &mut LocalNames,
    diags: &mut Diagnostics,
) -> (Option<ResourceAddr>, Option<OpenedResource>) {
    let block = &layered.block;
    let [kind, name] = block.labels.as_slice() else {
        return (None, None);
    };
    let mode = match &*block.kind.name {
        "data" => Mode::Data,
        _ => Mode::Managed,
    };
    let addr = ResourceAddr::new(mode, kind.name.clone(), name.name.clone());
    let Some(provider) = resource_provider(layered, &addr, env, local_names, diags) else {
        return (Some(addr), None);
    };
    let Some(shape) = resource_shape(&provider.kind, &addr, env) else {
        diags.push(unknown_type(&provider.kind, &addr, env).at(kind.span));
        return (Some(addr), None);
    };
    let whole = env.meta(&shape);
    let mut opened = open_layered(layered, &whole, diags);
    let escapes = opened.take_blocks("_");
    only_one("escaping", &escapes, diags);
    let repeated = repeated(&opened, diags);
    let resource = OpenedResource {
        addr: addr.clone(),
        shape,
        repeated,
        in_check,
        provider,
        opened,
        escape: escapes.into_iter().next(),
        place: Place {
            header: block.header,
            end: block.body.missing_item_span(),
        },
    };
    (Some(addr), Some(resource))
}

/// How a block is repeated, from what is set in it; both ways at once are refused.
pub(super) fn repeated(opened: &Opened, diags: &mut Diagnostics) -> Repeated {
    match (opened.get("count"), opened.get("for_each")) {
        (None, None) => Repeated::No,
        (Some(_), None) => Repeated::Count,
        (None, Some(_)) => Repeated::ForEach,
        (Some(_), Some(each)) => {
            diags.push(
                Diagnostic::error(
                    "Invalid combination of \"count\" and \"for_each\"",
                    "\"count\" and \"for_each\" exclude each other: a block can be repeated in \
                     one way only.",
                )
                .at(each.name.span),
            );
            Repeated::ForEach
        }
    }
}

/// Reads how a block is repeated; the expressions see the block from outside.
pub(super) fn repetition(
    opened: &mut Opened,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> Repetition {
    let count = opened.take("count");
    let for_each = opened.take("for_each");
    match (count, for_each) {
        (_, Some(a)) => resolver
            .expr(&a.expr, diags)
            .map_or(Repetition::Single, Repetition::ForEach),
        (Some(a), None) => resolver
            .expr(&a.expr, diags)
            .map_or(Repetition::Single, Repetition::Count),
        (None, None) => Repetition::Single,
    }
}

/// The provider configuration that a resource uses. Its key is left for later, when
/// names can be resolved.
fn resource_provider(
    layered: &Layered,
    addr: &ResourceAddr,
    env: &Env<'_>,
    local_names: &mut LocalNames,
    diags: &mut Diagnostics,
) -> Option<ProviderRef> {
    let mut written = None;
    let schema = schema(&["provider"], &[]);
    let bodies = std::iter::once(&layered.block).chain(&layered.overrides);
    for block in bodies {
        let (content, _, _) = block.body.partial_content(&schema);
        written = content.attributes.into_iter().next().or(written);
    }
    if let Some(attribute) = written {
        // Only the name counts here: the key's names are resolved with the block's.
        let nothing = Declared::default();
        let names = BlockNames::repeated(&nothing, Repeated::ForEach);
        let resolver = Resolver {
            names: &names,
            functions: env.functions,
        };
        let mut problems = Diagnostics::new();
        let without_key = without_key(&attribute.expr);
        let reference = provider_ref(
            &without_key,
            "provider",
            resolver,
            env,
            local_names,
            &mut problems,
        );
        diags.append(problems);
        return reference;
    }
    let name = addr.implied_provider();
    let kind = local_names.kind(
        env.registry,
        name,
        layered
            .block
            .labels
            .first()
            .map_or(layered.block.header, |l| l.span),
        diags,
    )?;
    Some(ProviderRef {
        config: ProviderConfigName {
            name: name.into(),
            alias: None,
        },
        key: None,
        kind,
        span: None,
    })
}

/// `x.alias[key]` without the key.
fn without_key(expr: &loam_syntax::Expr) -> loam_syntax::Expr {
    use loam_syntax::ast::{ExprKind, Step};
    let mut expr = expr
        .unquoted()
        .map_or_else(|_| expr.clone(), std::borrow::Cow::into_owned);
    if let ExprKind::Traverse { base, steps } = &mut expr.kind {
        if matches!(steps.last(), Some(Step::Index { .. })) {
            steps.pop();
        }
        if steps.is_empty() {
            return (**base).clone();
        }
    }
    expr
}

fn types(
    schema: &ProviderSchema,
    mode: Mode,
) -> &std::collections::BTreeMap<Arc<str>, Arc<loam_provider::Schema>> {
    match mode {
        Mode::Managed => &schema.resources,
        Mode::Data => &schema.data_sources,
    }
}

fn resource_shape(provider: &str, addr: &ResourceAddr, env: &Env<'_>) -> Option<Arc<Shape>> {
    let schema = env.registry.get(provider)?.schema();
    let block: &SchemaBlock = &types(schema, addr.mode).get(&addr.kind)?.block;
    if env.incomplete.contains(addr) {
        let key = ShapeKey::Incomplete(provider.to_owned(), addr.kind.clone());
        return Some(env.shapes.get(key, &nothing_required(block)));
    }
    let key = match addr.mode {
        Mode::Managed => ShapeKey::Resource(provider.to_owned(), addr.kind.clone()),
        Mode::Data => ShapeKey::Data(provider.to_owned(), addr.kind.clone()),
    };
    Some(env.shapes.get(key, block))
}

/// The schema with everything optional.
fn nothing_required(block: &SchemaBlock) -> SchemaBlock {
    let mut out = block.clone();
    for attribute in out.attributes.values_mut() {
        attribute.optional |= attribute.required;
        attribute.required = false;
    }
    for nested in out.blocks.values_mut() {
        nested.min_items = 0;
        nested.block = nothing_required(&nested.block);
    }
    out
}

fn unknown_type(provider: &str, addr: &ResourceAddr, env: &Env<'_>) -> Diagnostic {
    let (summary, noun, other, other_block) = match addr.mode {
        Mode::Managed => ("Invalid resource type", "resource type", Mode::Data, "data"),
        Mode::Data => (
            "Invalid data source",
            "data source",
            Mode::Managed,
            "resource",
        ),
    };
    let problem = Diagnostic::error(
        summary,
        format!(
            "The provider \"{provider}\" does not support {noun} \"{}\".",
            addr.kind
        ),
    );
    let Some(schema) = env.registry.get(provider).map(|p| p.schema()) else {
        return problem;
    };
    if types(schema, other).contains_key(&addr.kind) {
        return problem.hint(format!(
            "There is one for \"{other_block}\" blocks: did you mean such a block?"
        ));
    }
    match nearest(&addr.kind, types(schema, addr.mode).keys().map(|k| &**k)) {
        Some(near) => problem.hint(format!("Did you mean \"{near}\"?")),
        None => problem,
    }
}

/// Decodes an opened resource; what it may refer to has to be declared by now.
pub(crate) fn resource(
    resource: OpenedResource,
    declared: &Declared,
    env: &Env<'_>,
) -> (Resource, Diagnostics) {
    let mut diags = Diagnostics::new();
    let OpenedResource {
        addr,
        shape,
        repeated,
        in_check,
        provider,
        mut opened,
        escape,
        place,
    } = resource;
    let outside = BlockNames {
        owner: Some(&addr),
        check: in_check.as_ref(),
        ..BlockNames::new(declared)
    };
    let inside = BlockNames {
        repeated,
        ..outside.clone()
    };
    let from_outside = Resolver {
        names: &outside,
        functions: env.functions,
    };
    let resolver = Resolver {
        names: &inside,
        functions: env.functions,
    };
    refuse_foreign(&mut opened, &addr, in_check.is_some(), &mut diags);
    let mut repetition = repetition(&mut opened, from_outside, &mut diags);
    let provider = match opened.take("provider") {
        Some(attribute) => with_key(provider, &attribute.expr, resolver, &mut diags),
        None => provider,
    };
    let depends_on = depends_on(opened.take("depends_on"), resolver, &mut diags);
    let blocks = LifecycleBlocks {
        own: opened.take_blocks("lifecycle"),
        overrides: std::mem::take(&mut opened.lifecycle_overrides),
    };
    let (lifecycle, enabled) = lifecycle(blocks, &addr, &shape, &inside, env, &mut diags);
    if let Some(enabled) = enabled {
        if matches!(repetition, Repetition::Single) {
            repetition = Repetition::Enabled(enabled);
        } else {
            diags.push(
                Diagnostic::error(
                    "Invalid combination of \"enabled\" and repetition",
                    "\"enabled\" cannot be used together with \"count\" or \"for_each\".",
                )
                .at(enabled.span()),
            );
        }
    }
    let (connections, blocks) = (
        opened.take_blocks("connection"),
        opened.take_blocks("provisioner"),
    );
    let provisioners = if addr.mode == Mode::Managed {
        provisioners(&blocks, &connections, &addr, &inside, env, &mut diags)
    } else {
        not_here(&connections, "this is a data source", &mut diags);
        not_here(&blocks, "this is a data source", &mut diags);
        Vec::new()
    };
    if let Some(escape) = escape {
        let inner = open(&escape.body, shape.body(), &mut diags);
        opened.attributes.extend(inner.attributes);
        opened.blocks.extend(inner.blocks);
    }
    let body = compile(&shape, opened, place, true, resolver, &mut diags);
    let out = Resource {
        addr: addr.clone(),
        repetition,
        provider,
        depends_on,
        lifecycle,
        provisioners,
        body,
        in_check,
        span: place.header,
    };
    (out, diags)
}

fn with_key(
    provider: ProviderRef,
    expr: &loam_syntax::Expr,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> ProviderRef {
    use loam_syntax::ast::{ExprKind, Step};
    let Ok(expr) = expr.unquoted() else {
        return provider;
    };
    let key = match &expr.kind {
        ExprKind::Traverse { steps, .. } => match steps.last() {
            Some(Step::Index { key, .. }) => resolver.expr(key, diags),
            _ => None,
        },
        _ => None,
    };
    ProviderRef { key, ..provider }
}

/// Reports what has no place here.
fn refuse_foreign(
    opened: &mut Opened,
    addr: &ResourceAddr,
    in_check: bool,
    diags: &mut Diagnostics,
) {
    for block in opened.take_blocks("locals") {
        diags.push(
            Diagnostic::error(
                "Reserved block type name in resource block",
                "Blocks of type \"locals\" cannot be used in resource and data blocks.",
            )
            .at(block.header),
        );
    }
    if in_check {
        for name in ["count", "for_each"] {
            if let Some(attribute) = opened.take(name) {
                diags.push(
                    Diagnostic::error(
                        format!("Invalid \"{name}\" attribute"),
                        format!(
                            "The data resource {addr} belongs to a check block, where it cannot \
                             be repeated."
                        ),
                    )
                    .at(attribute.name.span),
                );
            }
        }
        for block in opened.take_blocks("lifecycle") {
            diags.push(
                Diagnostic::error(
                    "Invalid lifecycle block",
                    "A data resource in a check block has no \"lifecycle\": write assertions \
                     into the check block.",
                )
                .at(block.header),
            );
        }
    }
}
