//! What the documentation of each cloud names is what there is, and all of it.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::servers::CLOUDS;
use crate::world::World;

/// The page of a cloud.
fn page(cloud: &str) -> String {
    let path = format!(
        "{}/../../docs/clouds/{cloud}.md",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The words in backticks.
fn words(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The names in a part of a schema.
fn names<'s>(schema: &'s Json, part: &str) -> BTreeSet<&'s str> {
    let all = schema[part].as_object();
    all.into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

#[test]
fn names_every_type_and_no_other() {
    let providers = CLOUDS.map(|cloud| format!("provider \"{cloud}\" {{}}\n"));
    let w = World::new(&providers.concat());
    let schemas = w.run("providers schema -json").ok().json();
    let schemas = schemas["provider_schemas"].as_object().expect("providers");
    for cloud in CLOUDS {
        let prefix = format!("{cloud}_");
        let mut all = schemas
            .iter()
            .filter(|(source, _)| source.ends_with(&format!("/{cloud}")));
        let (_, schema) = all.next().expect("described");
        let page = page(cloud);
        let written = words(&page);
        let settings = names(&schema["provider"]["block"], "attributes");
        let unnamed: Vec<_> = settings.difference(&written).collect();
        assert!(
            unnamed.is_empty(),
            "{cloud}: no word of the settings {unnamed:?}"
        );
        let parts = ["resource_schemas", "data_source_schemas", "action_schemas"];
        let types: BTreeSet<&str> = parts.iter().flat_map(|part| names(schema, part)).collect();
        let unnamed: Vec<_> = types.difference(&written).collect();
        assert!(unnamed.is_empty(), "{cloud}: no word of {unnamed:?}");
        let named = written.iter().filter(|word| {
            let bare = |c: char| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit();
            word.starts_with(&prefix) && word.chars().all(bare)
        });
        let invented: Vec<_> = named.filter(|word| !types.contains(*word)).collect();
        assert!(invented.is_empty(), "{cloud}: there is no {invented:?}");
        // Of the resource types the list says what each is.
        let section = page.split("## ").find(|s| s.starts_with("Resource"));
        let section =
            words(section.unwrap_or_else(|| panic!("{cloud}: no list of resource types")));
        let unnamed: Vec<_> = names(schema, "resource_schemas").into_iter().collect();
        let unnamed: Vec<_> = unnamed
            .iter()
            .filter(|name| !section.contains(*name))
            .collect();
        assert!(
            unnamed.is_empty(),
            "{cloud}: not among the resource types: {unnamed:?}"
        );
    }
}
