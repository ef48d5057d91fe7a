//! How the state names the provider configuration that manages an object:
//! `module.x.provider["registry.terraform.io/acme/acme"].alias["key"]`.

use std::sync::Arc;

use loam_address::{InstanceAddr, InstanceKey, Mode, ModulePath};
use loam_config::ProviderConfigName;
use loam_provider::{Registry, Schema};
use loam_state::Instance;

use crate::dependencies::ProviderKey;

/// The name of a provider configuration in the state.
pub fn format(key: &ProviderKey, instance: &InstanceKey, registry: &Registry) -> Arc<str> {
    let source = registry
        .get(&key.kind)
        .map_or_else(|| key.kind.to_string(), |p| p.source().to_owned());
    let module = if key.module.is_root() {
        String::new()
    } else {
        format!("{}.", key.module)
    };
    let alias = key
        .name
        .alias
        .as_ref()
        .map(|a| format!(".{a}"))
        .unwrap_or_default();
    format!("{module}provider[{source:?}]{alias}{instance}").into()
}

/// The schema that an object of the state follows, if there is the provider that manages it
/// and its schema has not changed since.
pub fn schema_of(
    addr: &InstanceAddr,
    object: &Instance,
    registry: &Registry,
) -> Option<Arc<Schema>> {
    let (key, _) = parse(&object.provider, registry)?;
    let schema = registry.get(&key.kind)?.schema();
    let schemas = match addr.resource.mode {
        Mode::Managed => &schema.resources,
        Mode::Data => &schema.data_sources,
    };
    let schema = schemas.get(&addr.resource.kind)?;
    (schema.version == object.schema_version).then(|| schema.clone())
}

/// The provider configuration that a name in the state means. A source address is known
/// by its last part, so that a state keeps its meaning when the registry's host changes.
/// `None` if the text is not such a name or there is no such provider.
pub fn parse(text: &str, registry: &Registry) -> Option<(ProviderKey, InstanceKey)> {
    let start = text.find("provider[\"")?;
    let mut module = ModulePath::root();
    let mut parts = text.get(..start)?.split('.').filter(|p| !p.is_empty());
    while let Some(part) = parts.next() {
        if part != "module" {
            return None;
        }
        module = module.child(parts.next()?);
    }
    let (source, rest) = text.get(start + "provider[\"".len()..)?.split_once("\"]")?;
    let kind = source.rsplit('/').next()?;
    registry.get(kind)?;
    let (alias, instance) = match rest.strip_prefix('.') {
        None => (None, InstanceKey::None),
        Some(rest) => match rest.split_once('[') {
            None => (Some(rest.into()), InstanceKey::None),
            Some((alias, key)) => {
                let key = key.strip_suffix(']')?.trim_matches('"');
                (Some(alias.into()), InstanceKey::Str(key.into()))
            }
        },
    };
    let name = ProviderConfigName {
        name: kind.into(),
        alias,
    };
    Some((
        ProviderKey {
            module,
            kind: kind.into(),
            name,
        },
        instance,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_the_state_means_what_it_was_made_from() {
        let registry = Registry::new();
        let key = ProviderKey {
            module: ModulePath::root().child("net"),
            kind: "terraform".into(),
            name: ProviderConfigName {
                name: "terraform".into(),
                alias: Some("west".into()),
            },
        };
        for instance in [InstanceKey::None, InstanceKey::Str("k".into())] {
            let text = format(&key, &instance, &registry);
            assert_eq!(parse(&text, &registry), Some((key.clone(), instance)));
        }
        assert_eq!(parse("provider[\"example.com/x/nosuch\"]", &registry), None);
    }
}
