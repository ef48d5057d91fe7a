//! `action` blocks.

use std::sync::LazyLock;

use loam_address::ActionAddr;
use loam_diag::{Diagnostic, Diagnostics, nearest};
use loam_syntax::ast::BodySchema;

use super::Env;
use super::depends::depends_on;
use super::names::{BlockNames, Declared};
use super::open::{Layered, Opened, only_one, open, open_layered, schema};
use super::provider::provider_ref;
use super::resource::{repeated, repetition};
use super::settings::LocalNames;
use crate::block::{Place, Resolver, ShapeKey, compile};
use crate::{Action, ProviderConfigName, ProviderRef};

static ACTION: LazyLock<BodySchema> = LazyLock::new(|| {
    schema(
        &["count", "for_each", "depends_on", "provider"],
        &[("config", &[])],
    )
});

/// Decodes an `action` block.
pub(crate) fn action(
    layered: &Layered,
    declared: &Declared,
    env: &Env<'_>,
    local_names: &mut LocalNames,
    diags: &mut Diagnostics,
) -> Option<Action> {
    let block = &layered.block;
    let [kind, name] = block.labels.as_slice() else {
        return None;
    };
    let mut opened = open_layered(layered, &ACTION, diags);
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
    let provider = match opened.take("provider") {
        Some(a) => provider_ref(&a.expr, "provider", resolver, env, local_names, diags)?,
        None => {
            let implied = kind.name.split_once('_').map_or(&*kind.name, |(p, _)| p);
            ProviderRef {
                config: ProviderConfigName {
                    name: implied.into(),
                    alias: None,
                },
                key: None,
                kind: local_names.kind(env.registry, implied, kind.span, diags)?,
                span: None,
            }
        }
    };
    let schemas = env.registry.get(&provider.kind)?.schema();
    let Some(found) = schemas.actions.get(&kind.name) else {
        let problem = Diagnostic::error(
            "Invalid action type",
            format!(
                "The provider \"{}\" has no action \"{}\".",
                provider.kind, kind.name
            ),
        )
        .at(kind.span);
        diags.push(
            match nearest(&kind.name, schemas.actions.keys().map(|k| &**k)) {
                Some(near) => problem.hint(format!("Did you mean \"{near}\"?")),
                None => problem,
            },
        );
        return None;
    };
    let key = ShapeKey::Action(provider.kind.to_string(), kind.name.clone());
    let shape = env.shapes.get(key, &found.block);
    let repetition = repetition(&mut opened, from_outside, diags);
    let depends_on = depends_on(opened.take("depends_on"), resolver, diags);
    let configs = opened.take_blocks("config");
    only_one("config", &configs, diags);
    let (inner, place) = match configs.first() {
        Some(config) => (
            open(&config.body, shape.body(), diags),
            Place {
                header: config.header,
                end: config.body.missing_item_span(),
            },
        ),
        None => (
            Opened::default(),
            Place {
                header: block.header,
                end: block.body.missing_item_span(),
            },
        ),
    };
    let body = compile(&shape, inner, place, false, resolver, diags);
    Some(Action {
        addr: ActionAddr {
            kind: kind.name.clone(),
            name: name.name.clone(),
        },
        repetition,
        provider,
        depends_on,
        body,
        span: block.header,
    })
}
