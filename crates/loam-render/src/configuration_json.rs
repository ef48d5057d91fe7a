//! The `configuration` part of a plan's JSON: every block with its expressions, each as a
//! constant or by what it refers to.

mod providers;

use std::sync::Arc;

use loam_address::{Mode, ModulePath};
use loam_config::{
    Action, BlockExpr, Config, Dependency, Module, NestedBlockExpr, ProviderRef, Provisioner,
    Repetition, Resource,
};
use loam_eval::{Expr, Reference, ReferenceTarget};
use loam_provider::{Nesting, Registry};
use loam_value::{Path, PathStep};
use serde_json::{Map, Value as Json};

use self::providers::{ProviderConfigs, opaque};
use crate::json;

/// The whole. The registry knows the providers' source addresses.
pub fn configuration(config: &Config, registry: &Registry) -> Json {
    let providers = ProviderConfigs::of(config, registry);
    let mut out = Map::new();
    let entries = providers.entries();
    if !entries.is_empty() {
        out.insert("provider_config".into(), Json::Object(entries));
    }
    let writer = Writer { config, providers };
    out.insert("root_module".into(), writer.module(&ModulePath::root()));
    Json::Object(out)
}

struct Writer<'a> {
    config: &'a Config,
    providers: ProviderConfigs,
}

impl Writer<'_> {
    fn module(&self, path: &ModulePath) -> Json {
        let mut out = Map::new();
        let Some(m) = self.config.modules.get(path) else {
            return Json::Object(out);
        };
        if !m.outputs.is_empty() {
            let outputs = m.outputs.iter().map(|(n, o)| {
                let mut entry = Map::new();
                if o.sensitive {
                    entry.insert("sensitive".into(), true.into());
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
                all.into_iter().map(|r| self.resource(path, r)).collect(),
            );
        }
        if !m.actions.is_empty() {
            let actions = m.actions.values().map(|a| self.action(path, a));
            out.insert("actions".into(), actions.collect());
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
                entry.insert("module".into(), self.module(&path.child(n.clone())));
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

    fn resource(&self, path: &ModulePath, r: &Resource) -> Json {
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
        let provider = self.provider_config_key(path, &r.provider);
        out.insert("provider_config_key".into(), provider.into());
        if !r.provisioners.is_empty() {
            let all = r.provisioners.iter().map(provisioner);
            out.insert("provisioners".into(), all.collect());
        }
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

    fn action(&self, path: &ModulePath, a: &Action) -> Json {
        let mut out = Map::new();
        out.insert("address".into(), a.addr.to_string().into());
        out.insert("type".into(), a.addr.kind.to_string().into());
        out.insert("name".into(), a.addr.name.to_string().into());
        let provider = self.provider_config_key(path, &a.provider);
        out.insert("provider_config_key".into(), provider.into());
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

    fn provider_config_key(&self, path: &ModulePath, provider: &ProviderRef) -> String {
        let own = opaque(path, &provider.config.to_string());
        self.providers.source(&own)
    }
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
        (n.to_string(), Json::Object(entry))
    });
    out.insert("variables".into(), Json::Object(variables.collect()));
}

fn repetition(r: &Repetition, out: &mut Map<String, Json>) {
    let (name, e) = match r {
        Repetition::Single => return,
        Repetition::Count(e) => ("count_expression", e),
        Repetition::ForEach(e) => ("for_each_expression", e),
        Repetition::Enabled(e) => ("enabled_expression", e),
    };
    // An expression without references of which nothing can be said is left out.
    let expression = expression(e);
    if expression.as_object().is_some_and(|o| !o.is_empty()) {
        out.insert(name.into(), expression);
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

/// An expression: its value if it is constant, otherwise what it refers to. Each reference
/// is followed by what it is a part of, up to the object itself, and a reference that is
/// written twice is there twice.
fn expression(e: &Expr) -> Json {
    let mut out = Map::new();
    // Without a scope to evaluate a JSON string in, the text stands for itself.
    let constant = match e.written_json() {
        Some(written) => Some(written.clone()),
        None => e.settled(),
    };
    // What JSON has no number for is left out.
    if let Some(constant) = constant.filter(|v| !v.holds_infinity()) {
        out.insert("constant_value".into(), json::value(&constant));
    }
    let names: Vec<String> = e.references().iter().flat_map(parts).collect();
    if !names.is_empty() {
        out.insert("references".into(), names.into());
    }
    Json::Object(out)
}

/// A reference and what it is a part of.
fn parts(r: &Reference) -> Vec<String> {
    let steps = &r.path.0;
    let keyed = matches!(steps.first(), Some(PathStep::Index(_)));
    // How many steps belong to the name of the smallest object that can be referred to.
    let (subject, above) = match (&r.target, steps.as_slice()) {
        // An output of a module, and the module (instance) that has it.
        (ReferenceTarget::Module(_), [PathStep::Index(_), PathStep::Attribute(_), ..]) => {
            (2, Some(1))
        }
        (ReferenceTarget::Module(_), [PathStep::Attribute(_), ..]) => (1, Some(0)),
        // An instance, and all instances.
        (ReferenceTarget::Module(_) | ReferenceTarget::Resource(_), _) if keyed => (1, Some(0)),
        _ => (0, None),
    };
    (subject..=steps.len())
        .rev()
        .chain(above)
        .map(|n| {
            let part = Path(steps.iter().take(n).cloned().collect());
            format!("{}{part}", r.target)
        })
        .collect()
}

fn provisioner(p: &Provisioner) -> Json {
    let mut out = Map::new();
    out.insert("type".into(), p.kind.to_string().into());
    let expressions = block(&p.body);
    if expressions.as_object().is_some_and(|o| !o.is_empty()) {
        out.insert("expressions".into(), expressions);
    }
    Json::Object(out)
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
