//! `loam providers`.

use std::collections::BTreeMap;

use loam_address::ModulePath;
use loam_config::{Config, Module};
use loam_render::state_json::provider_name;
use loam_state::OpenOptions;

use super::Outcome;
use crate::args::{StateArgs, VariableArgs};
use crate::session::Session;
use crate::view::View;

/// Lists what the modules require and what the state's objects are managed by.
pub fn run(session: &Session, view: &View) -> Outcome {
    let (config, diagnostics) = session.load_given(&VariableArgs::default());
    let Some(config) = config else {
        return Err(diagnostics);
    };
    view.line("\nProviders required by configuration:\n.");
    branch(session, &config, &ModulePath::root(), "", view);
    let args = StateArgs::default();
    let state = session
        .store(&args, OpenOptions::read())?
        .snapshot()
        .map_err(|e| e.diagnostic())?;
    let mut sources: Vec<String> = state
        .instances
        .values()
        .map(|i| provider_name(&i.provider))
        .collect();
    sources.sort();
    sources.dedup();
    if !sources.is_empty() {
        view.line("\nProviders required by state:\n");
        for source in sources {
            view.line(format!("    provider[{source}]\n"));
        }
    } else {
        view.line("");
    }
    Ok(0)
}

/// The providers of a module, and the modules that it calls.
fn branch(session: &Session, config: &Config, path: &ModulePath, indent: &str, view: &View) {
    let Some(module) = config.module(path) else {
        return;
    };
    let providers = required(session, module);
    let children: Vec<_> = config
        .children(path)
        .map(|(name, _)| name.clone())
        .collect();
    let count = providers.len() + children.len();
    let mut left = count;
    let mut line = |text: String| {
        left -= 1;
        let (mark, further) = match left {
            0 => ("└── ", "    "),
            _ => ("├── ", "│   "),
        };
        view.line(format!("{indent}{mark}{text}"));
        format!("{indent}{further}")
    };
    for (source, constraints) in providers {
        let versions = match constraints.is_empty() {
            true => String::new(),
            false => format!(" {}", constraints.join(", ")),
        };
        line(format!("provider[{source}]{versions}"));
    }
    for name in children {
        let further = line(format!("module.{name}"));
        branch(session, config, &path.child(name), &further, view);
    }
}

/// The source addresses of the providers that a module uses, with the constraints that it
/// has for their versions.
fn required(session: &Session, module: &Module) -> BTreeMap<String, Vec<String>> {
    let source = |kind: &str| match session.registry.get(kind) {
        Some(p) => p.source().to_owned(),
        None => kind.to_owned(),
    };
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for required in module.settings.required_providers.values() {
        let versions = out.entry(source(&required.kind)).or_default();
        versions.extend(required.version.iter().map(|(v, _)| v.clone()));
    }
    for provider in module.providers.values() {
        let versions = out.entry(source(&provider.kind)).or_default();
        versions.extend(provider.version.iter().map(|(v, _)| v.clone()));
    }
    for resource in module.resources.values() {
        out.entry(source(&resource.provider.kind)).or_default();
    }
    out
}
