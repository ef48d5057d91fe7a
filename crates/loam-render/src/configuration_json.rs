//! The `configuration` part of a plan's JSON: every block with its expressions, each as a
//! constant or by what it refers to.

use std::sync::Arc;

use loam_address::{Mode, ModulePath};
use loam_config::{
    Action, BlockExpr, Config, Dependency, Module, NestedBlockExpr, ProviderRef, Repetition,
    Resource,
};
use loam_eval::{Expr, Reference};
use loam_provider::Nesting;
use serde_json::{Map, Value as Json, json};

use crate::json;

/// The whole.
pub fn configuration(config: &Config) -> Json {
    let mut providers = Map::new();
    for (path, module) in &config.modules {
        for p in module.providers.values() {
            let mut entry = Map::new();
            entry.insert("name".into(), p.kind.to_string().into());
            if let Some(r) = module.settings.required_providers.get(&p.name.name)
                && let Some((version, _)) = &r.version
            {
                entry.insert("version_constraint".into(), version.clone().into());
            }
            if let Some(alias) = &p.name.alias {
                entry.insert("alias".into(), alias.to_string().into());
            }
            if !path.is_root() {
                entry.insert("module_address".into(), path.to_string().into());
            }
            let expressions = block(&p.body);
            if expressions.as_object().is_some_and(|o| !o.is_empty()) {
                entry.insert("expressions".into(), expressions);
            }
            let prefix = if path.is_root() {
                String::new()
            } else {
                format!("{path}:")
            };
            providers.insert(format!("{prefix}{}", p.name), Json::Object(entry));
        }
    }
    let mut out = Map::new();
    if !providers.is_empty() {
        out.insert("provider_config".into(), Json::Object(providers));
    }
    out.insert("root_module".into(), module(config, &ModulePath::root()));
    Json::Object(out)
}

fn module(config: &Config, path: &ModulePath) -> Json {
    let mut out = Map::new();
    let Some(m) = config.modules.get(path) else {
        return Json::Object(out);
    };
    if !m.outputs.is_empty() {
        let outputs = m.outputs.iter().map(|(n, o)| {
            let mut entry = Map::new();
            if o.sensitive {
                entry.insert("sensitive".into(), true.into());
            }
            if o.ephemeral {
                entry.insert("ephemeral".into(), true.into());
            }
            entry.insert("expression".into(), expression(&o.expr));
            if !o.depends_on.is_empty() {
                entry.insert("depends_on".into(), depends_on(&o.depends_on));
            }
            if let Some(d) = &o.description {
                entry.insert("description".into(), d.clone().into());
            }
            (n.to_string(), Json::Object(entry))
        });
        out.insert("outputs".into(), Json::Object(outputs.collect()));
    }
    if !m.resources.is_empty() {
        let mut all: Vec<&Arc<Resource>> = m.resources.values().collect();
        all.sort_by_key(|r| (r.addr.mode == Mode::Data, r.addr.to_string()));
        out.insert(
            "resources".into(),
            all.into_iter().map(|r| resource(path, r)).collect(),
        );
    }
    if !m.actions.is_empty() {
        out.insert(
            "actions".into(),
            m.actions.values().map(|a| action(path, a)).collect(),
        );
    }
    if !m.calls.is_empty() {
        let calls = m.calls.iter().map(|(n, c)| {
            let mut entry = Map::new();
            entry.insert("source".into(), c.source.clone().into());
            if !c.arguments.is_empty() {
                let args = c
                    .arguments
                    .iter()
                    .map(|(n, (e, _))| (n.to_string(), expression(e)));
                entry.insert("expressions".into(), Json::Object(args.collect()));
            }
            repetition(&c.repetition, &mut entry);
            entry.insert("module".into(), module(config, &path.child(n.clone())));
            if let Some(v) = &c.version {
                entry.insert("version_constraint".into(), v.clone().into());
            }
            if !c.depends_on.is_empty() {
                entry.insert("depends_on".into(), depends_on(&c.depends_on));
            }
            (n.to_string(), Json::Object(entry))
        });
        out.insert("module_calls".into(), Json::Object(calls.collect()));
    }
    variables(m, &mut out);
    Json::Object(out)
}

fn variables(m: &Module, out: &mut Map<String, Json>) {
    if m.variables.is_empty() {
        return;
    }
    let variables = m.variables.iter().map(|(n, v)| {
        let mut entry = Map::new();
        match &v.default {
            Some(default) => {
                entry.insert("default".into(), json::value(default));
            }
            None => {
                // Terraform writes the constraint of required variables nowhere; neither do we.
            }
        }
        if let Some(d) = &v.description {
            entry.insert("description".into(), d.clone().into());
        }
        if v.sensitive {
            entry.insert("sensitive".into(), true.into());
        }
        if v.ephemeral {
            entry.insert("ephemeral".into(), true.into());
        }
        (n.to_string(), Json::Object(entry))
    });
    out.insert("variables".into(), Json::Object(variables.collect()));
}

fn resource(path: &ModulePath, r: &Resource) -> Json {
    let mut out = Map::new();
    out.insert("address".into(), r.addr.to_string().into());
    out.insert(
        "mode".into(),
        if r.addr.mode == Mode::Data {
            "data"
        } else {
            "managed"
        }
        .into(),
    );
    out.insert("type".into(), r.addr.kind.to_string().into());
    out.insert("name".into(), r.addr.name.to_string().into());
    out.insert(
        "provider_config_key".into(),
        provider_config_key(path, &r.provider).into(),
    );
    let expressions = block(&r.body);
    if expressions.as_object().is_some_and(|o| !o.is_empty()) {
        out.insert("expressions".into(), expressions);
    }
    out.insert("schema_version".into(), 0.into());
    repetition(&r.repetition, &mut out);
    if !r.depends_on.is_empty() {
        out.insert("depends_on".into(), depends_on(&r.depends_on));
    }
    Json::Object(out)
}

fn action(path: &ModulePath, a: &Action) -> Json {
    let mut out = Map::new();
    out.insert("address".into(), a.addr.to_string().into());
    out.insert("type".into(), a.addr.kind.to_string().into());
    out.insert("name".into(), a.addr.name.to_string().into());
    out.insert(
        "provider_config_key".into(),
        provider_config_key(path, &a.provider).into(),
    );
    let expressions = block(&a.body);
    if expressions.as_object().is_some_and(|o| !o.is_empty()) {
        out.insert("expressions".into(), expressions);
    }
    repetition(&a.repetition, &mut out);
    if !a.depends_on.is_empty() {
        out.insert("depends_on".into(), depends_on(&a.depends_on));
    }
    Json::Object(out)
}

fn provider_config_key(path: &ModulePath, provider: &ProviderRef) -> String {
    if path.is_root() {
        provider.config.to_string()
    } else {
        format!("{path}:{}", provider.config)
    }
}

fn repetition(r: &Repetition, out: &mut Map<String, Json>) {
    match r {
        Repetition::Single => {}
        Repetition::Count(e) => {
            out.insert("count_expression".into(), expression(e));
        }
        Repetition::ForEach(e) => {
            out.insert("for_each_expression".into(), expression(e));
        }
        Repetition::Enabled(e) => {
            out.insert("enabled_expression".into(), expression(e));
        }
    }
}

fn depends_on(dependencies: &[Dependency]) -> Json {
    dependencies
        .iter()
        .map(|d| Json::String(reference(&d.reference)))
        .collect()
}

fn reference(r: &Reference) -> String {
    format!("{}{}", r.target, r.path)
}

/// An expression: its value if it is constant, otherwise what it refers to, from the most
/// specific to the object itself.
fn expression(e: &Expr) -> Json {
    if let Some(Ok(v)) = e.constant() {
        return json!({ "constant_value": json::value(&v) });
    }
    let mut names: Vec<String> = Vec::new();
    for r in e.references() {
        let whole = r.target.to_string();
        let full = reference(r);
        let mut add = |n: String| {
            if !names.contains(&n) {
                names.push(n);
            }
        };
        if full != whole {
            add(full);
            // An index names an instance, which is an object of its own.
            if let Some(loam_value::PathStep::Index(_)) = r.path.0.first()
                && r.path.0.len() > 1
            {
                add(format!(
                    "{whole}{}",
                    loam_value::Path(r.path.0.iter().take(1).cloned().collect())
                ));
            }
        }
        add(whole);
    }
    if names.is_empty() {
        json!({})
    } else {
        json!({ "references": names })
    }
}

fn block(b: &BlockExpr) -> Json {
    let mut out: Map<String, Json> = b
        .attributes
        .iter()
        .map(|(n, e)| (n.to_string(), expression(e)))
        .collect();
    for nested in &b.blocks {
        let (kind, body) = match nested {
            NestedBlockExpr::Static { kind, body, .. } => (kind, block(body)),
            NestedBlockExpr::Dynamic { kind, content, .. } => (kind, block(content)),
        };
        let single = b
            .schema
            .blocks
            .get(kind)
            .is_some_and(|s| matches!(s.nesting, Nesting::Single | Nesting::Group));
        if single {
            out.insert(kind.to_string(), body);
            continue;
        }
        match out
            .entry(kind.to_string())
            .or_insert_with(|| Json::Array(Vec::new()))
        {
            Json::Array(all) => all.push(body),
            other => *other = body,
        }
    }
    let mut sorted: Vec<(String, Json)> = out.into_iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    Json::Object(sorted.into_iter().collect())
}
