//! `provider_config`: the provider configurations of all modules, also those that no block
//! declares, and which of them a module's resources use in the end.

use std::collections::BTreeMap;

use loam_address::ModulePath;
use loam_config::{Config, Module};
use loam_provider::Registry;
use serde_json::{Map, Value as Json};

use super::block;

struct Entry {
    json: Map<String, Json>,
    full_name: String,
    /// The configuration of a calling module that takes its place.
    parent: Option<String>,
}

/// Provider configurations by the keys that resources name them with.
pub(super) struct ProviderConfigs(BTreeMap<String, Entry>);

/// The key of a configuration: `name.alias`, in a called module with its path before it.
pub(super) fn opaque(path: &ModulePath, name: &str) -> String {
    if path.is_root() {
        name.to_owned()
    } else {
        format!("{path}:{name}")
    }
}

impl ProviderConfigs {
    pub(super) fn of(config: &Config, registry: &Registry) -> ProviderConfigs {
        let mut all = ProviderConfigs(BTreeMap::new());
        // Modules come after those that call them.
        for (path, module) in &config.modules {
            all.passed(config, path, registry);
            all.declared(path, module, registry);
            all.implied(path, module, registry);
        }
        all
    }

    /// What `provider_config` holds.
    pub(super) fn entries(&self) -> Map<String, Json> {
        let own = self.0.iter().filter(|(_, e)| e.parent.is_none());
        own.map(|(key, e)| (key.clone(), Json::Object(e.json.clone())))
            .collect()
    }

    /// The configuration that a key stands for: the caller's, if that takes its place.
    pub(super) fn source(&self, key: &str) -> String {
        let parent = self.0.get(key).and_then(|e| e.parent.clone());
        parent.unwrap_or_else(|| key.to_owned())
    }

    /// The outermost configuration of the same provider, starting at a key.
    fn outermost(&self, key: String, full_name: &str) -> Option<String> {
        let mut found = None;
        let mut next = Some(key);
        while let Some(key) = next {
            let Some(entry) = self.0.get(&key).filter(|e| e.full_name == full_name) else {
                break;
            };
            next = entry.parent.clone();
            found = Some(key);
        }
        found
    }

    /// The configurations that the caller passes.
    fn passed(&mut self, config: &Config, path: &ModulePath, registry: &Registry) {
        let Some((parent, name)) = path.parent().zip(path.names().last()) else {
            return;
        };
        let Some(call) = config.modules.get(&parent).and_then(|m| m.calls.get(name)) else {
            return;
        };
        for (inside, outside) in &call.providers {
            let full_name = source(registry, &outside.kind);
            let above = self.outermost(opaque(&parent, &outside.config.to_string()), &full_name);
            let json = head(path, &inside.to_string(), &full_name);
            self.add(path, &inside.to_string(), json, full_name, above);
        }
    }

    /// The configurations that the module declares.
    fn declared(&mut self, path: &ModulePath, module: &Module, registry: &Registry) {
        for p in module.providers.values() {
            let full_name = source(registry, &p.kind);
            let mut json = head(path, &p.name.name, &full_name);
            let address = json.remove("module_address");
            if let Some(alias) = &p.name.alias {
                json.insert("alias".into(), alias.to_string().into());
            }
            version(module, &p.name.name, &mut json);
            if let Some(address) = address {
                json.insert("module_address".into(), address);
            }
            let expressions = block(&p.body);
            if expressions.as_object().is_some_and(|o| !o.is_empty()) {
                json.insert("expressions".into(), expressions);
            }
            self.add(path, &p.name.to_string(), json, full_name, None);
        }
        for (name, required) in &module.settings.required_providers {
            let full_name = source(registry, &required.kind);
            let above = path
                .parent()
                .and_then(|p| self.outermost(opaque(&p, name), &full_name));
            let aliases = required.configuration_aliases.iter();
            let aliases = aliases.map(|alias| (alias.to_string(), None));
            for (key, parent) in aliases.chain([(name.to_string(), above)]) {
                let mut json = head(path, name, &full_name);
                version(module, name, &mut json);
                self.add(path, &key, json, full_name.clone(), parent);
            }
        }
    }

    /// The configurations that there are without anyone declaring them, under the name of
    /// each provider that the module has to do with. In a called module they are the caller's.
    fn implied(&mut self, path: &ModulePath, module: &Module, registry: &Registry) {
        let of_resources = module.resources.values().map(|r| &r.provider.kind);
        let required = module.settings.required_providers.values().map(|r| &r.kind);
        for name in of_resources.chain(required) {
            let full_name = source(registry, name);
            let above = path
                .parent()
                .and_then(|p| self.outermost(opaque(&p, name), &full_name));
            let json = head(path, name, &full_name);
            self.add(path, name, json, full_name, above);
        }
    }

    fn add(
        &mut self,
        path: &ModulePath,
        name: &str,
        json: Map<String, Json>,
        full_name: String,
        parent: Option<String>,
    ) {
        self.0.entry(opaque(path, name)).or_insert(Entry {
            json,
            full_name,
            parent,
        });
    }
}

fn source(registry: &Registry, kind: &str) -> String {
    registry
        .get(kind)
        .map_or_else(|| kind.to_owned(), |p| p.source().to_owned())
}

fn head(path: &ModulePath, name: &str, full_name: &str) -> Map<String, Json> {
    let mut json = Map::new();
    json.insert("name".into(), name.into());
    json.insert("full_name".into(), full_name.into());
    if !path.is_root() {
        json.insert("module_address".into(), path.to_string().into());
    }
    json
}

fn version(module: &Module, name: &str, json: &mut Map<String, Json>) {
    if let Some(required) = module.settings.required_providers.get(name)
        && let Some((version, _)) = &required.version
    {
        json.insert("version_constraint".into(), version.clone().into());
    }
}
