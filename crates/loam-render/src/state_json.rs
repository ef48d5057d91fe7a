//! A state as `show -json` prints it, and the parts that a plan's JSON shares with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use loam_address::{InstanceKey, Mode, ModuleAddr};
use loam_state::{Instance, InstanceId, OutputValue, State, Status};
use serde_json::{Map, Value as Json, json};

use crate::ancestors::Ancestors;
use crate::{json, plan_json};

/// The language level that readers of the JSON may count on.
pub const LANGUAGE_VERSION: &str = "1.11.4";

/// The whole document.
pub fn state(state: &State) -> Json {
    let mut out = Map::new();
    out.insert("format_version".into(), "1.0".into());
    if state.is_empty() {
        return Json::Object(out);
    }
    out.insert("terraform_version".into(), LANGUAGE_VERSION.into());
    out.insert("values".into(), values(&state.instances, &state.outputs));
    let checks = loam_engine::check_results(state.checks.as_deref().unwrap_or_default());
    if !checks.is_empty() {
        out.insert("checks".into(), plan_json::checks(&checks));
    }
    Json::Object(out)
}

/// `values` of a state: outputs and the tree of modules.
pub fn values(
    instances: &BTreeMap<InstanceId, Instance>,
    of_outputs: &BTreeMap<Arc<str>, OutputValue>,
) -> Json {
    let mut out = Map::new();
    if !of_outputs.is_empty() {
        out.insert("outputs".into(), outputs(of_outputs));
    }
    out.insert("root_module".into(), modules(instances));
    Json::Object(out)
}

/// Outputs with value, type and whether they may be shown.
pub fn outputs(outputs: &BTreeMap<Arc<str>, OutputValue>) -> Json {
    let one = |o: &OutputValue| json!({ "sensitive": o.sensitive, "value": json::value(&o.value), "type": json::ty(&o.value.ty()) });
    Json::Object(
        outputs
            .iter()
            .map(|(n, o)| (n.to_string(), one(o)))
            .collect(),
    )
}

/// Objects as a tree of modules.
pub fn modules(instances: &BTreeMap<InstanceId, Instance>) -> Json {
    let ancestors = Ancestors::of(instances);
    let mut by_module: BTreeMap<ModuleAddr, Vec<Json>> = BTreeMap::new();
    for (id, instance) in instances {
        by_module
            .entry(id.addr.module.clone())
            .or_default()
            .push(resource(id, instance, &ancestors));
    }
    tree(by_module)
}

/// Resources under their modules, as a tree from the root. Modules come in the order of their
/// addresses as text (`m[10]` before `m[2]`), which is how readers of Terraform's know them;
/// the resources of each as they are given.
pub fn tree(mut by_module: BTreeMap<ModuleAddr, Vec<Json>>) -> Json {
    let mut children: BTreeMap<ModuleAddr, BTreeSet<ModuleAddr>> = BTreeMap::new();
    for addr in by_module.keys() {
        let mut at = addr.clone();
        while let Some(parent) = at.parent() {
            children.entry(parent.clone()).or_default().insert(at);
            at = parent;
        }
    }
    module(&ModuleAddr::root(), &mut by_module, &children)
}

fn module(
    addr: &ModuleAddr,
    resources: &mut BTreeMap<ModuleAddr, Vec<Json>>,
    children: &BTreeMap<ModuleAddr, BTreeSet<ModuleAddr>>,
) -> Json {
    let mut out = Map::new();
    if let Some(r) = resources.remove(addr) {
        out.insert("resources".into(), Json::Array(r));
    }
    if !addr.is_root() {
        out.insert("address".into(), addr.to_string().into());
    }
    if let Some(c) = children.get(addr) {
        let mut inner: Vec<&ModuleAddr> = c.iter().collect();
        inner.sort_by_cached_key(|c| c.to_string());
        let inner = inner.into_iter().map(|c| module(c, resources, children));
        out.insert("child_modules".into(), inner.collect());
    }
    Json::Object(out)
}

/// What names an object, as every document of the kind begins with.
pub fn head(id: &InstanceId) -> Map<String, Json> {
    let mut out = Map::new();
    out.insert("address".into(), id.addr.to_string().into());
    let mode = if id.addr.resource.mode == Mode::Data {
        "data"
    } else {
        "managed"
    };
    out.insert("mode".into(), mode.into());
    out.insert("type".into(), id.addr.resource.kind.to_string().into());
    out.insert("name".into(), id.addr.resource.name.to_string().into());
    if let Some(index) = index(&id.addr.key) {
        out.insert("index".into(), index);
    }
    out
}

/// An instance key as JSON.
pub fn index(key: &InstanceKey) -> Option<Json> {
    match key {
        InstanceKey::None => None,
        InstanceKey::Int(i) => Some((*i).into()),
        InstanceKey::Str(s) => Some(s.to_string().into()),
    }
}

/// The source address in a provider configuration's name.
pub fn provider_name(provider: &str) -> String {
    provider
        .split_once("provider[\"")
        .and_then(|(_, r)| r.split_once("\"]"))
        .map_or(provider, |(s, _)| s)
        .to_owned()
}

fn resource(id: &InstanceId, instance: &Instance, ancestors: &Ancestors) -> Json {
    let mut out = head(id);
    out.insert(
        "provider_name".into(),
        provider_name(&instance.provider).into(),
    );
    out.insert("schema_version".into(), instance.schema_version.into());
    out.insert("values".into(), json::value(&instance.value));
    out.insert("sensitive_values".into(), json::sensitive(&instance.value));
    let names = ancestors.names(id, instance);
    if !names.is_empty() {
        out.insert("depends_on".into(), names.into());
    }
    if instance.status == Status::Tainted {
        out.insert("tainted".into(), true.into());
    }
    if let Some(key) = &id.deposed {
        out.insert("deposed_key".into(), key.to_string().into());
    }
    Json::Object(out)
}
