//! Facts about functions and provider schemas as JSON.

use loam_eval::{Function, FunctionTable, Param};
use loam_provider::{Attribute, Block, Nesting, Registry, Schema};
use loam_value::Type;
use serde_json::{Map, Value as Json, json};

use crate::json;

fn parameter(p: &Param) -> Json {
    let mut out = Map::new();
    out.insert("name".into(), p.name.into());
    if !p.description.is_empty() {
        out.insert("description".into(), p.description.into());
    }
    if p.allow_null {
        out.insert("is_nullable".into(), true.into());
    }
    out.insert("type".into(), json::ty(&p.ty));
    Json::Object(out)
}

fn signature(f: &Function) -> Json {
    let mut out = Map::new();
    out.insert("description".into(), f.description.into());
    let unknown: Vec<_> = f
        .params
        .iter()
        .chain(&f.variadic)
        .map(|p| loam_value::Value::unknown(p.ty.clone()))
        .collect();
    let ty = (f.return_type)(&unknown).unwrap_or(Type::Dynamic);
    out.insert("return_type".into(), json::ty(&ty));
    if !f.params.is_empty() {
        out.insert(
            "parameters".into(),
            f.params.iter().map(parameter).collect(),
        );
    }
    if let Some(v) = &f.variadic {
        out.insert("variadic_parameter".into(), parameter(v));
    }
    Json::Object(out)
}

/// `metadata functions -json`.
pub fn functions(table: &FunctionTable) -> Json {
    let mut signatures = Map::new();
    for (name, f) in table.iter() {
        let signature = signature(f);
        // Built-in functions answer to two names, and readers look for either.
        if !name.contains("::") {
            signatures.insert(format!("core::{name}"), signature.clone());
        }
        signatures.insert(name.to_owned(), signature);
    }
    signatures.sort_keys();
    json!({ "format_version": "1.0", "function_signatures": signatures })
}

/// `providers schema -json`. The functions that providers bring are those of the table
/// whose names say so.
pub fn schemas(registry: &Registry, table: &FunctionTable) -> Json {
    let all: Map<String, Json> = registry
        .iter()
        .map(|(name, p)| {
            let s = p.schema();
            let prefix = format!("provider::{name}::");
            let of_provider = table
                .iter()
                .filter_map(|(n, f)| Some((n.strip_prefix(&prefix)?.to_owned(), signature(f))));
            let mut functions: Map<String, Json> = of_provider.collect();
            functions.sort_keys();
            let many =
                |m: &std::collections::BTreeMap<std::sync::Arc<str>, std::sync::Arc<Schema>>| {
                    Json::Object(m.iter().map(|(n, s)| (n.to_string(), schema(s))).collect())
                };
            let mut out = Map::new();
            out.insert(
                "provider".into(),
                json!({ "version": 0, "block": block(&s.provider) }),
            );
            if !s.resources.is_empty() {
                out.insert("resource_schemas".into(), many(&s.resources));
            }
            if !s.data_sources.is_empty() {
                out.insert("data_source_schemas".into(), many(&s.data_sources));
            }
            if !s.actions.is_empty() {
                let actions = s
                    .actions
                    .iter()
                    .map(|(n, a)| (n.to_string(), json!({ "block": block(&a.block) })));
                out.insert("action_schemas".into(), Json::Object(actions.collect()));
            }
            if !functions.is_empty() {
                out.insert("functions".into(), Json::Object(functions));
            }
            (p.source().to_owned(), Json::Object(out))
        })
        .collect();
    json!({ "format_version": "1.0", "provider_schemas": all })
}

fn schema(s: &Schema) -> Json {
    json!({ "version": s.version, "block": block(&s.block) })
}

fn block(b: &Block) -> Json {
    let mut out = Map::new();
    if !b.attributes.is_empty() {
        let attributes = b
            .attributes
            .iter()
            .map(|(n, a)| (n.to_string(), attribute(a)));
        out.insert("attributes".into(), Json::Object(attributes.collect()));
    }
    if !b.blocks.is_empty() {
        let blocks = b.blocks.iter().map(|(n, nested)| {
            let mode = match nested.nesting {
                Nesting::Single => "single",
                Nesting::Group => "group",
                Nesting::List => "list",
                Nesting::Set => "set",
                Nesting::Map => "map",
            };
            let mut out = Map::new();
            out.insert("nesting_mode".into(), mode.into());
            out.insert("block".into(), block(&nested.block));
            if nested.min_items > 0 {
                out.insert("min_items".into(), nested.min_items.into());
            }
            if nested.max_items > 0 {
                out.insert("max_items".into(), nested.max_items.into());
            }
            (n.to_string(), Json::Object(out))
        });
        out.insert("block_types".into(), Json::Object(blocks.collect()));
    }
    if !b.description.is_empty() {
        out.insert("description".into(), b.description.to_string().into());
    }
    out.insert("description_kind".into(), "plain".into());
    if b.deprecated.is_some() {
        out.insert("deprecated".into(), true.into());
    }
    Json::Object(out)
}

fn attribute(a: &Attribute) -> Json {
    let mut out = Map::new();
    out.insert("type".into(), json::ty(&a.ty));
    if !a.description.is_empty() {
        out.insert("description".into(), a.description.to_string().into());
    }
    out.insert("description_kind".into(), "plain".into());
    for (name, on) in [
        ("required", a.required),
        ("optional", a.optional),
        ("computed", a.computed),
        ("sensitive", a.sensitive),
        ("write_only", a.write_only),
        ("deprecated", a.deprecated.is_some()),
    ] {
        if on {
            out.insert(name.into(), true.into());
        }
    }
    Json::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_listed_under_both_of_its_names() {
        let all = functions(&loam_eval::functions::table());
        let of = |name: &str| &all["function_signatures"][name];
        assert_eq!(of("upper"), of("core::upper"));
        assert_eq!(of("upper")["return_type"], "string");
        assert_eq!(of("upper")["parameters"][0]["name"], "str");
        assert!(of("provider::terraform::encode_expr").is_object());
        assert!(of("core::provider::terraform::encode_expr").is_null());
    }
}
