//! `module` blocks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::static_map;
use loam_syntax::Attribute;
use loam_syntax::ast::{AttributeSchema, BodySchema, Expr, ExprKind, ObjectKey};
use loam_value::Value;

use super::Env;
use super::depends::depends_on;
use super::gather::Gathered;
use super::names::{BlockNames, Declared, Repeated};
use super::open::{Layered, only_one, open, open_layered, schema, without_required};
use super::provider::provider_ref;
use super::resource::{repeated, repetition};
use super::settings::LocalNames;
use crate::block::Resolver;
use crate::{ModuleCall, ProviderConfigName, ProviderRef, Repetition};

static META: LazyLock<BodySchema> = LazyLock::new(|| {
    schema(
        &[
            "source!",
            "version",
            "count",
            "for_each",
            "depends_on",
            "providers",
        ],
        &[
            ("_", &[]),
            ("lifecycle", &[]),
            ("locals", &[]),
            ("provider", &["type"]),
        ],
    )
});

static LIFECYCLE: LazyLock<BodySchema> = LazyLock::new(|| schema(&["enabled"], &[]));

/// What a calling module can know of a module: its variables and outputs.
#[derive(Debug, Default)]
pub(crate) struct Interface {
    /// Variables, and whether they have to be set.
    pub variables: BTreeMap<Arc<str>, bool>,
    pub outputs: BTreeSet<Arc<str>>,
}

impl Interface {
    /// Reads the interface off a module's blocks. Problems are left to decoding.
    pub fn of(gathered: &Gathered) -> Interface {
        let name = |l: &Layered| l.block.labels.first().map(|l| l.name.clone());
        let default = schema(&["default"], &[]);
        let required = |l: &Layered| {
            let mut blocks = std::iter::once(&l.block).chain(&l.overrides);
            !blocks.any(|b| !b.body.partial_content(&default).0.attributes.is_empty())
        };
        Interface {
            variables: gathered
                .variables
                .iter()
                .filter_map(|l| Some((name(l)?, required(l))))
                .collect(),
            outputs: gathered.outputs.iter().filter_map(name).collect(),
        }
    }
}

/// The `source` and `version` expressions of a call.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    pub source: Option<Attribute>,
    pub version: Option<Attribute>,
}

impl Origin {
    /// Reads them off a `module` block. Problems are left to decoding.
    pub fn of(call: &Layered) -> Origin {
        let schema = schema(&["source", "version"], &[]);
        let mut out = Origin::default();
        for block in std::iter::once(&call.block).chain(&call.overrides) {
            for attribute in block.body.partial_content(&schema).0.attributes {
                match &*attribute.name.name {
                    "source" => out.source = Some(attribute),
                    _ => out.version = Some(attribute),
                }
            }
        }
        out
    }
}

/// How a call is repeated; problems are left to decoding.
pub(crate) fn declared_repetition(call: &Layered) -> Repeated {
    let schema = schema(&["count", "for_each"], &[]);
    let mut out = Repeated::No;
    for block in std::iter::once(&call.block).chain(&call.overrides) {
        for attribute in block.body.partial_content(&schema).0.attributes {
            out = match &*attribute.name.name {
                "count" => Repeated::Count,
                _ => Repeated::ForEach,
            };
        }
    }
    out
}

/// Where a called module was found, and its interface; `None` if it could not be loaded.
#[derive(Debug)]
pub(crate) struct Called {
    pub source: String,
    pub version: Option<String>,
    pub interface: Option<Arc<Interface>>,
}

/// Decodes a `module` block.
pub(crate) fn module_call(
    layered: &Layered,
    called: &Called,
    declared: &Declared,
    env: &Env<'_>,
    local_names: &mut LocalNames,
    diags: &mut Diagnostics,
) -> Option<ModuleCall> {
    let block = &layered.block;
    let label = block.labels.first()?;
    let mut opened = match &called.interface {
        Some(interface) => {
            let mut whole = META.clone();
            whole.attributes.extend(variables(interface));
            open_layered(layered, &whole, diags)
        }
        None => {
            // Its variables are not known: nothing can be said of the arguments.
            let (content, _, problems) = block.body.partial_content(&META);
            diags.append(problems);
            content.into()
        }
    };
    let repeated = repeated(&opened, diags);
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
    let mut repetition = repetition(&mut opened, from_outside, diags);
    opened.refuse_reserved(&["locals", "provider"], "module", diags);
    let mut lifecycles = opened.take_blocks("lifecycle");
    only_one("lifecycle", &lifecycles, diags);
    lifecycles.append(&mut opened.lifecycle_overrides);
    for lifecycle in &lifecycles {
        let mut content = open(&lifecycle.body, &LIFECYCLE, diags);
        let Some(enabled) = content.take("enabled") else {
            diags.push(reserved_lifecycle(lifecycle.header));
            continue;
        };
        if repeated != Repeated::No {
            diags.push(
                Diagnostic::error(
                    "Invalid combination of \"enabled\" and repetition",
                    "\"enabled\" cannot be used together with \"count\" or \"for_each\".",
                )
                .at(enabled.name.span),
            );
        } else if let Some(expr) = from_outside.expr(&enabled.expr, diags) {
            repetition = Repetition::Enabled(expr);
        }
    }
    let depends_on = depends_on(opened.take("depends_on"), resolver, diags);
    let providers = match opened.take("providers") {
        Some(attribute) => passed(&attribute, resolver, env, local_names, diags),
        None => BTreeMap::new(),
    };
    opened.take("source");
    opened.take("version");
    let escapes = opened.take_blocks("_");
    only_one("escaping", &escapes, diags);
    if let (Some(escape), Some(interface)) = (escapes.first(), &called.interface) {
        let schema = BodySchema {
            attributes: variables(interface).collect(),
            blocks: Vec::new(),
        };
        let inner = open(&escape.body, &without_required(&schema), diags);
        opened.attributes.extend(inner.attributes);
    }
    let mut arguments = BTreeMap::new();
    for argument in &opened.attributes {
        if let Some(expr) = resolver.expr(&argument.expr, diags) {
            arguments.insert(argument.name.name.clone(), (expr, argument.span));
        }
    }
    if let Some(interface) = &called.interface {
        for (name, required) in &interface.variables {
            if *required && opened.get(name).is_none() {
                diags.push(
                    Diagnostic::error(
                        "Missing required argument",
                        format!(
                            "The argument \"{name}\" is required, but no definition was found."
                        ),
                    )
                    .at(block.header),
                );
            }
        }
    }
    Some(ModuleCall {
        name: label.name.clone(),
        source: called.source.clone(),
        version: called.version.clone(),
        repetition,
        depends_on,
        providers,
        arguments,
        span: block.header,
    })
}

fn reserved_lifecycle(at: Span) -> Diagnostic {
    Diagnostic::error(
        "Reserved block type name in module block",
        "Blocks of type \"lifecycle\" cannot be used in module blocks other than with \"enabled\".",
    )
    .at(at)
}

fn variables(interface: &Interface) -> impl Iterator<Item = AttributeSchema> {
    interface.variables.keys().map(|name| AttributeSchema {
        name: name.clone(),
        required: false,
    })
}

/// Decodes `providers`.
fn passed(
    attribute: &Attribute,
    resolver: Resolver<'_>,
    env: &Env<'_>,
    local_names: &mut LocalNames,
    diags: &mut Diagnostics,
) -> BTreeMap<ProviderConfigName, ProviderRef> {
    let mut out = BTreeMap::new();
    let mut places: BTreeMap<ProviderConfigName, Span> = BTreeMap::new();
    let items = match static_map(&attribute.expr) {
        Ok(items) => items,
        Err(problem) => {
            diags.push(problem);
            return out;
        }
    };
    for (key, value) in items {
        let key = match key {
            ObjectKey::Expr(expr) => expr.clone(),
            // In JSON a name with an alias is one text.
            ObjectKey::Name(ident) => Expr {
                kind: ExprKind::Literal(Value::string(ident.name.clone())),
                span: ident.span,
            },
        };
        let name = config_name(&key);
        let Some(name) = name else {
            diags.push(
                Diagnostic::error(
                    "Invalid provider configuration reference",
                    "A key of \"providers\" is the name of a provider as the called module uses \
                     it, with a dot and an alias if the module asks for one.",
                )
                .at(key.span),
            );
            continue;
        };
        let Some(reference) = provider_ref(value, "providers", resolver, env, local_names, diags)
        else {
            continue;
        };
        if let Some(first) = places.get(&name) {
            diags.push(
                Diagnostic::error(
                    "Duplicate provider address",
                    format!("A provider configuration is passed to {name} already."),
                )
                .at(key.span)
                .label(*first, "the first is here"),
            );
            continue;
        }
        places.insert(name.clone(), key.span);
        out.insert(name, reference);
    }
    out
}

fn config_name(key: &Expr) -> Option<ProviderConfigName> {
    let unquoted = key.unquoted().ok()?;
    let traversal = loam_eval::static_traversal(&unquoted).ok()?;
    let alias = match traversal.steps.as_slice() {
        [] => None,
        [loam_syntax::ast::Step::Attribute(alias)] => Some(alias.name.clone()),
        _ => return None,
    };
    Some(ProviderConfigName {
        name: traversal.root.name,
        alias,
    })
}
