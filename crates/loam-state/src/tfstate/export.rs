//! From the model to JSON.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use loam_address::{InstanceKey, ModuleAddr, ResourceAddr};
use loam_value::codec::{json, ty};
use loam_value::{Kind, Path, PathStep, Type, Value, sensitive_paths};
use serde_json::{Map, Value as Json, json};

use super::{LOAM_STATUS, ResourceTypes, TERRAFORM_VERSION, mode_name};
use crate::{Instance, InstanceId, OutputValue, State, Status, StoreError};

/// The state as JSON text, indented, with a newline at its end. Holds sensitive values in
/// the clear, as the format has it.
pub fn to_json(state: &State, types: ResourceTypes<'_>) -> Result<String, StoreError> {
    let mut root = Map::new();
    root.insert("version".into(), json!(4));
    root.insert("terraform_version".into(), json!(TERRAFORM_VERSION));
    root.insert("serial".into(), json!(state.serial));
    root.insert("lineage".into(), json!(state.lineage));
    let mut outputs = Map::new();
    for (name, o) in &state.outputs {
        outputs.insert(name.to_string(), output(name, o)?);
    }
    root.insert("outputs".into(), Json::Object(outputs));
    root.insert("resources".into(), Json::Array(resources(state, types)?));
    let checks = state.checks.as_deref().map(serde_json::from_str::<Json>);
    // A text that is no JSON is nobody's results.
    let checks = checks.and_then(Result::ok).unwrap_or(Json::Null);
    root.insert("check_results".into(), checks);
    let text = serde_json::to_string_pretty(&Json::Object(root))
        .map_err(|e| not_storable("the state", e))?;
    Ok(escaped(&text) + "\n")
}

/// As Terraform does, so that the text can stand in HTML and scripts. Outside of strings
/// none of these characters occurs.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

fn not_storable(place: impl ToString, why: impl ToString) -> StoreError {
    StoreError::NotStorable {
        place: place.to_string(),
        why: why.to_string(),
    }
}

fn plain(value: &Value, ty: &Type, place: impl ToString) -> Result<Json, StoreError> {
    let text = json::encode_typed(&value.unmarked_deep(), ty)
        .map_err(|e| not_storable(place.to_string(), e))?;
    serde_json::from_str(&text).map_err(|e| not_storable(place, e))
}

fn output(name: &str, o: &OutputValue) -> Result<Json, StoreError> {
    let place = format!("the output {name:?}");
    let of = o.value.ty();
    let mut out = Map::new();
    out.insert("value".into(), plain(&o.value, &of, &place)?);
    let of = serde_json::from_str(&ty::encode(&of)).map_err(|e| not_storable(&place, e))?;
    out.insert("type".into(), of);
    if o.sensitive {
        out.insert("sensitive".into(), Json::Bool(true));
    }
    Ok(Json::Object(out))
}

/// What one entry of `resources` is about: instances of one block in one module instance
/// that one provider configuration manages.
type Group<'a> = (&'a ModuleAddr, &'a ResourceAddr, &'a Arc<str>);

fn resources(state: &State, types: ResourceTypes<'_>) -> Result<Vec<Json>, StoreError> {
    let mut groups: Vec<(Group<'_>, Vec<Json>)> = Vec::new();
    for (id, i) in &state.instances {
        let group = (&id.addr.module, &id.addr.resource, &i.provider);
        let json = instance(id, i, types)?;
        // The instances of a block follow each other.
        let same_block = groups
            .iter_mut()
            .rev()
            .take_while(|((m, r, _), _)| (*m, *r) == (group.0, group.1))
            .find(|(g, _)| *g == group);
        match same_block {
            Some((_, instances)) => instances.push(json),
            None => groups.push((group, vec![json])),
        }
    }
    Ok(groups
        .into_iter()
        .map(|((module, resource, provider), instances)| {
            let mut out = Map::new();
            if !module.is_root() {
                out.insert("module".into(), json!(module.to_string()));
            }
            out.insert("mode".into(), json!(mode_name(resource.mode)));
            out.insert("type".into(), json!(&*resource.kind));
            out.insert("name".into(), json!(&*resource.name));
            out.insert("provider".into(), json!(&**provider));
            out.insert("instances".into(), Json::Array(instances));
            Json::Object(out)
        })
        .collect())
}

fn instance(id: &InstanceId, i: &Instance, types: ResourceTypes<'_>) -> Result<Json, StoreError> {
    let mut out = Map::new();
    match &id.addr.key {
        InstanceKey::None => {}
        InstanceKey::Int(n) => drop(out.insert("index_key".into(), json!(n))),
        InstanceKey::Str(s) => drop(out.insert("index_key".into(), json!(&**s))),
    }
    match i.status {
        Status::Ready => {}
        Status::Tainted => drop(out.insert("status".into(), json!("tainted"))),
        Status::Pending => drop(out.insert(LOAM_STATUS.into(), json!("pending"))),
        // Terraform would never run the provisioners: to it the object is not sound.
        Status::Unprovisioned => {
            out.insert("status".into(), json!("tainted"));
            out.insert(LOAM_STATUS.into(), json!("unprovisioned"));
        }
    }
    if let Some(key) = &id.deposed {
        out.insert("deposed".into(), json!(&*key.0));
    }
    out.insert("schema_version".into(), json!(i.schema_version));
    let of = types(id.addr.resource.mode, &id.addr.resource.kind);
    let attributes = match of {
        // A value that an older schema has left is written as it is.
        Some(of) => plain(&i.value, &of, id).or_else(|_| plain(&i.value, &i.value.ty(), id))?,
        None => plain(&i.value, &i.value.ty(), id)?,
    };
    out.insert("attributes".into(), attributes);
    let sensitive = sensitive_paths(&i.value);
    let sensitive: Result<Vec<Json>, StoreError> = sensitive.iter().map(|p| path(p, id)).collect();
    out.insert("sensitive_attributes".into(), Json::Array(sensitive?));
    if !i.private.0.is_empty() {
        out.insert("private".into(), json!(STANDARD.encode(&i.private.0)));
    }
    if !i.dependencies.is_empty() {
        let dependencies: Vec<String> = i.dependencies.iter().map(ToString::to_string).collect();
        out.insert("dependencies".into(), json!(dependencies));
    }
    if i.create_before_destroy {
        out.insert("create_before_destroy".into(), Json::Bool(true));
    }
    Ok(Json::Object(out))
}

fn path(path: &Path, id: &InstanceId) -> Result<Json, StoreError> {
    path.0
        .iter()
        .map(|step| match step {
            PathStep::Attribute(name) => Ok(json!({"type": "get_attr", "value": &**name})),
            PathStep::Index(key) => {
                let kind = match key.kind() {
                    Kind::Number(_) => "number",
                    _ => "string",
                };
                let key = plain(key, &key.ty(), id)?;
                Ok(json!({"type": "index", "value": {"value": key, "type": kind}}))
            }
        })
        .collect()
}
