//! `provider` blocks, and how providers are named.

use std::sync::{Arc, LazyLock};

use loam_diag::{Diagnostic, Diagnostics, Span, nearest};
use loam_eval::static_traversal;
use loam_provider::Registry;
use loam_syntax::Attribute;
use loam_syntax::ast::{self, BodySchema, ExprKind, Step};

use super::Env;
use super::names::{BlockNames, Declared, Repeated};
use super::open::{Layered, only_one, open, open_layered, schema};
use super::settings::LocalNames;
use crate::block::{Place, Resolver, ShapeKey, compile};
use crate::{ProviderConfig, ProviderConfigName, ProviderRef};

static PROVIDER: LazyLock<BodySchema> = LazyLock::new(|| {
    schema(
        &["alias", "version", "for_each", "count", "depends_on"],
        &[("_", &[]), ("lifecycle", &[]), ("locals", &[])],
    )
});

/// The provider type of a name.
pub(crate) fn provider_kind(
    registry: &Registry,
    name: &str,
    at: Span,
    diags: &mut Diagnostics,
) -> Option<Arc<str>> {
    if registry.get(name).is_some() {
        return Some(name.into());
    }
    // Of one whose description is wrong the mistakes are told, and that is enough.
    if !registry.names().any(|n| n == name) {
        diags.push(missing(registry, name, name, at));
    }
    None
}

fn missing(registry: &Registry, wanted: &str, name: &str, at: Span) -> Diagnostic {
    let at_hand: Vec<&str> = registry.names().collect();
    let problem = Diagnostic::error(
        "Missing provider",
        format!(
            "There is no provider \"{wanted}\". The providers at hand are {}.",
            at_hand.join(", ")
        ),
    )
    .at(at);
    match nearest(name, at_hand) {
        Some(near) => problem.hint(format!("Did you mean \"{near}\"?")),
        None => problem,
    }
}

/// A provider's source address in full: `acme/acme` is
/// `registry.terraform.io/acme/acme`. The error says what is wrong with the text.
pub fn provider_source(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let good =
        |p: &&str| !p.is_empty() && p.chars().all(|c| c.is_alphanumeric() || "-_.:".contains(c));
    let (host, namespace, name) = match parts.as_slice() {
        [name] => ("registry.terraform.io", "hashicorp", *name),
        [namespace, name] => ("registry.terraform.io", *namespace, *name),
        [host, namespace, name] => (*host, *namespace, *name),
        _ => ("", "", ""),
    };
    if !parts.iter().all(good) || name.is_empty() {
        return Err(format!(
            "\"{text}\" is not a provider's source address. It looks like NAMESPACE/NAME or \
             HOST/NAMESPACE/NAME."
        ));
    }
    // Both public registries give the same providers the same names.
    let host = match host {
        "registry.opentofu.org" => "registry.terraform.io",
        host => host,
    };
    Ok(format!("{host}/{namespace}/{name}").to_lowercase())
}

/// Whether a provider type belongs to the language itself.
pub(crate) fn built_in(registry: &Registry, kind: &str) -> bool {
    let source = registry.get(kind).map(|p| p.source());
    source.is_some_and(|s| s.starts_with("terraform.io/builtin/"))
}

/// The version of a built-in provider is that of the program.
pub(crate) fn built_in_has_no_version(kind: &str, at: Span) -> Diagnostic {
    let detail = format!(
        "The provider \"{kind}\" is built in: no version of it can be chosen. Remove the version constraint."
    );
    Diagnostic::error("Invalid dependency on built-in provider", detail).at(at)
}

/// The provider type of a source address such as `acme/acme`.
pub(crate) fn source_kind(
    registry: &Registry,
    source: &str,
    at: Span,
    diags: &mut Diagnostics,
) -> Option<Arc<str>> {
    let whole = match provider_source(source) {
        Ok(whole) => whole,
        Err(why) => {
            diags.push(Diagnostic::error("Invalid provider source string", why).at(at));
            return None;
        }
    };
    let name = whole.rsplit('/').next().unwrap_or_default();
    let exact = registry
        .iter()
        .find(|(_, p)| p.source().to_lowercase() == whole);
    if let Some((kind, _)) = exact {
        return Some(kind.into());
    }
    if registry.get(name).is_some() {
        return Some(name.into());
    }
    diags.push(missing(registry, source, name, at));
    None
}

/// A provider configuration's name as `provider` and `providers` arguments write it.
pub(crate) fn provider_ref(
    expr: &ast::Expr,
    argument: &str,
    resolver: Resolver<'_>,
    env: &Env<'_>,
    local_names: &mut LocalNames,
    diags: &mut Diagnostics,
) -> Option<ProviderRef> {
    let problem = || {
        Diagnostic::error(
            "Invalid provider configuration reference",
            format!(
                "The {argument} argument takes the name of a provider and, for another than its \
                 default configuration, a dot and the configuration's alias."
            ),
        )
        .at(expr.span)
    };
    let unquoted = match expr.unquoted() {
        Ok(expr) => expr,
        Err(_) => {
            diags.push(problem());
            return None;
        }
    };
    // The key of an instance may be any expression; all before it is a plain name.
    let (root, steps) = match &unquoted.kind {
        ExprKind::Traverse { base, steps } => match &base.kind {
            ExprKind::Variable(root) => (root.clone(), steps.clone()),
            _ => {
                diags.push(problem());
                return None;
            }
        },
        _ => match static_traversal(&unquoted) {
            Ok(t) => (t.root, t.steps),
            Err(_) => {
                diags.push(problem());
                return None;
            }
        },
    };
    let (alias, key) = match steps.as_slice() {
        [] => (None, None),
        [Step::Attribute(alias)] => (Some(alias.name.clone()), None),
        [Step::Attribute(alias), Step::Index { key, .. }] => (Some(alias.name.clone()), Some(key)),
        [Step::Index { key, .. }] => (None, Some(key)),
        _ => {
            diags.push(problem());
            return None;
        }
    };
    let kind = local_names.kind(env.registry, &root.name, expr.span, diags)?;
    let key = match key {
        None => None,
        Some(key) => Some(resolver.expr(key, diags)?),
    };
    Some(ProviderRef {
        config: ProviderConfigName {
            name: root.name,
            alias,
        },
        key,
        kind,
        span: Some(expr.span),
    })
}

/// The name that `alias` gives.
fn alias(attribute: &Attribute, diags: &mut Diagnostics) -> Option<Arc<str>> {
    let text = attribute.expr.literal_text();
    let named = text.filter(|t| loam_address::is_identifier(t));
    if named.is_none() {
        let detail = "An alias is a name: a constant string of letters, digits, underscores and dashes that does not begin with a digit.";
        let problem = Diagnostic::error("Invalid provider configuration alias", detail);
        diags.push(problem.at(attribute.expr.span));
    }
    named.map(Arc::from)
}

/// Decodes a `provider` block.
pub(crate) fn provider_config(
    layered: &Layered,
    declared: &Declared,
    env: &Env<'_>,
    local_names: &mut LocalNames,
    diags: &mut Diagnostics,
) -> Option<ProviderConfig> {
    let label = layered.block.labels.first()?;
    let kind = local_names.kind(env.registry, &label.name, label.span, diags)?;
    let provider = env.registry.get(&kind)?;
    let shape = env.shapes.get(
        ShapeKey::Provider(kind.to_string()),
        &provider.schema().provider,
    );
    let mut opened = open_layered(layered, &shape.with_meta(&PROVIDER), diags);
    for reserved in ["count", "depends_on"] {
        if let Some(attribute) = opened.take(reserved) {
            diags.push(
                Diagnostic::error(
                    "Reserved argument name in provider block",
                    format!("The argument \"{reserved}\" cannot be used in provider blocks."),
                )
                .at(attribute.name.span),
            );
        }
    }
    opened.refuse_reserved(&["lifecycle", "locals"], "provider", diags);
    let alias = opened.take("alias").and_then(|a| alias(&a, diags));
    let version = opened.string_at("version", diags);
    if let Some((_, at)) = &version
        && built_in(env.registry, &kind)
    {
        diags.push(built_in_has_no_version(&kind, *at));
    } else if let Some((_, at)) = &version {
        diags.push(
            Diagnostic::warning(
                "Version constraints inside provider configuration blocks are deprecated",
                "Write the version constraint into a required_providers block instead.",
            )
            .at(*at),
        );
    }
    let plain = BlockNames::new(declared);
    let for_each = opened.take("for_each");
    if let (Some(attribute), None) = (&for_each, &alias) {
        diags.push(
            Diagnostic::error(
                "Missing provider alias",
                "A provider configuration with \"for_each\" needs an \"alias\", by which its \
                 instances are named.",
            )
            .at(attribute.name.span),
        );
    }
    let repeated = match &for_each {
        Some(_) => Repeated::ForEach,
        None => Repeated::No,
    };
    let outside = Resolver {
        names: &plain,
        functions: env.functions,
    };
    let for_each = for_each.and_then(|a| outside.expr(&a.expr, diags));
    let escapes = opened.take_blocks("_");
    only_one("escaping", &escapes, diags);
    if let Some(escape) = escapes.first() {
        let inner = open(&escape.body, shape.body(), diags);
        opened.attributes.extend(inner.attributes);
        opened.blocks.extend(inner.blocks);
    }
    let names = BlockNames::repeated(declared, repeated);
    let resolver = Resolver {
        names: &names,
        functions: env.functions,
    };
    let place = Place {
        header: layered.block.header,
        end: layered.block.body.missing_item_span(),
    };
    let body = compile(&shape, opened, place, false, resolver, diags);
    Some(ProviderConfig {
        name: ProviderConfigName {
            name: label.name.clone(),
            alias,
        },
        kind,
        for_each,
        body,
        version,
        span: layered.block.header,
    })
}
