//! From JSON to the model.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use loam_address::{InstanceAddr, InstanceKey, Mode, ModuleAddr, ResourceAddr, Target};
use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::Private;
use loam_value::codec::{json, ty};
use loam_value::{Marks, Path, PathStep, Value, apply_marks};
use serde_json::Value as Json;

use super::{LOAM_STATUS, ResourceTypes};
use crate::rows::parse_dependency;
use crate::{DeposedKey, Instance, InstanceId, OutputValue, State, Status};

/// The state that JSON text stands for. Tells everything that is wrong with it at once.
pub fn from_json(text: &str, types: ResourceTypes<'_>) -> Result<State, Diagnostics> {
    let root = parse(text)?;
    check_version(&root)?;
    let mut reader = Reader {
        types,
        problems: Diagnostics::new(),
    };
    let state = reader.state(&root);
    if reader.problems.is_empty() {
        Ok(state)
    } else {
        Err(reader.problems)
    }
}

/// The root outputs of the state that JSON text stands for; nothing else of it is looked at.
pub fn outputs(text: &str) -> Result<BTreeMap<Arc<str>, OutputValue>, Diagnostics> {
    let root = parse(text)?;
    check_version(&root)?;
    let mut reader = Reader {
        types: &|_, _| None,
        problems: Diagnostics::new(),
    };
    let outputs = reader.outputs(&root);
    if reader.problems.is_empty() {
        Ok(outputs)
    } else {
        Err(reader.problems)
    }
}

fn parse(text: &str) -> Result<Json, Diagnostics> {
    serde_json::from_str(text).map_err(|e| {
        Diagnostics::from(Diagnostic::error(
            "Not a state file",
            format!("A state in Terraform's format is JSON text, but this is not: {e}."),
        ))
    })
}

fn check_version(root: &Json) -> Result<(), Diagnostic> {
    let version = root.get("version").and_then(Json::as_u64);
    let (summary, detail) = match version {
        Some(4) => return Ok(()),
        Some(old @ 0..4) => (
            "State format too old",
            format!(
                "It has the format version {old}, which Terraform before 0.12 wrote. Loam reads \
                 version 4. Have a later Terraform write it once."
            ),
        ),
        Some(new) => (
            "State format too new",
            format!("It has the format version {new}; this Loam reads version 4."),
        ),
        None => (
            "Not a state file",
            "The JSON text has no \"version\", which a state in Terraform's format begins with."
                .to_owned(),
        ),
    };
    Err(Diagnostic::error(summary, detail))
}

/// What is wrong with one part.
type Part<T> = Result<T, String>;

struct Reader<'a> {
    types: ResourceTypes<'a>,
    problems: Diagnostics,
}

impl Reader<'_> {
    fn problem(&mut self, place: &str, why: &str) {
        self.problems.push(Diagnostic::error(
            "Invalid state file",
            format!("In {place}: {why}."),
        ));
    }

    fn state(&mut self, root: &Json) -> State {
        let mut state = State::default();
        match text(root, "lineage") {
            Ok(l) => state.lineage = l.unwrap_or_default().to_owned(),
            Err(e) => self.problem("the state", &e),
        }
        match number(root, "serial") {
            // Half of what a serial can be in the database, so that it can be counted on.
            Ok(Some(n)) if n > i64::MAX as u64 / 2 => {
                self.problem("the state", "\"serial\" is too large");
            }
            Ok(n) => state.serial = n.unwrap_or(0),
            Err(e) => self.problem("the state", &e),
        }
        state.outputs = self.outputs(root);
        match root.get("resources") {
            None | Some(Json::Null) => {}
            Some(Json::Array(resources)) => {
                for (n, r) in resources.iter().enumerate() {
                    self.resource(n, r, &mut state);
                }
            }
            Some(_) => self.problem("the state", "\"resources\" is not an array"),
        }
        state.checks = match root.get("check_results") {
            None | Some(Json::Null) => None,
            Some(checks) => Some(checks.to_string()),
        };
        state
    }

    fn outputs(&mut self, root: &Json) -> BTreeMap<Arc<str>, OutputValue> {
        let mut found = BTreeMap::new();
        let outputs = root.get("outputs").and_then(Json::as_object);
        for (name, o) in outputs.into_iter().flatten() {
            match output(o) {
                Ok(o) => drop(found.insert(name.as_str().into(), o)),
                Err(e) => self.problem(&format!("the output {name:?}"), &e),
            }
        }
        found
    }

    fn resource(&mut self, n: usize, r: &Json, state: &mut State) {
        let place = format!("entry {n} of \"resources\"");
        let head = block(r).and_then(|b| Ok((b, required(r, "provider")?)));
        let ((module, resource), provider) = match head {
            Ok(head) => head,
            Err(e) => return self.problem(&place, &e),
        };
        let provider: Arc<str> = provider.into();
        let Some(instances) = r.get("instances").and_then(Json::as_array) else {
            return self.problem(&place, "\"instances\" is not an array");
        };
        for i in instances {
            let id = match id(&module, &resource, i) {
                Ok(id) => id,
                Err(e) => {
                    self.problem(&resource.in_module(module.clone()).to_string(), &e);
                    continue;
                }
            };
            match self.instance(&resource, &provider, i) {
                Ok(i) => {
                    if state.instances.insert(id.clone(), i).is_some() {
                        self.problem(&id.to_string(), "there is another object of this name");
                    }
                }
                Err(e) => self.problem(&id.to_string(), &e),
            }
        }
    }

    fn instance(&self, r: &ResourceAddr, provider: &Arc<str>, i: &Json) -> Part<Instance> {
        let attributes = match (i.get("attributes"), i.get("attributes_flat")) {
            (Some(a), _) if !a.is_null() => a.to_string(),
            (_, Some(_)) => {
                return Err(
                    "its attributes are in the form of Terraform before 0.12; have a \
                            later Terraform refresh them once"
                        .into(),
                );
            }
            _ => return Err("\"attributes\" is missing".into()),
        };
        let value = match (self.types)(r.mode, &r.kind) {
            Some(ty) => json::decode_typed(&attributes, &ty).map_err(|e| {
                format!(
                    "its attributes are not those of the resource type {}: {e}",
                    r.kind
                )
            })?,
            None => json::decode(&attributes).map_err(|e| e.to_string())?,
        };
        let private = text(i, "private")?.unwrap_or_default();
        let private = STANDARD
            .decode(private)
            .ok()
            .and_then(|p| String::from_utf8(p).ok())
            .ok_or("\"private\" is not base64 of a text")?;
        let dependencies = list(i, "dependencies")?
            .iter()
            .map(|d| {
                let d = d.as_str().unwrap_or_default();
                parse_dependency(d)
                    .ok_or_else(|| format!("the dependency {d:?} has no address's form"))
            })
            .collect::<Part<Vec<_>>>()?;
        let sensitive = list(i, "sensitive_attributes")?
            .iter()
            .map(|p| path(p).map(|p| (p, Marks::SENSITIVE)))
            .collect::<Part<Vec<_>>>()?;
        Ok(Instance {
            provider: provider.clone(),
            schema_version: number(i, "schema_version")?.unwrap_or(0),
            status: status(i)?,
            value: apply_marks(&value, &sensitive),
            private: Private(private),
            dependencies: Arc::new(dependencies),
            create_before_destroy: i.get("create_before_destroy") == Some(&Json::Bool(true)),
        })
    }
}

fn text<'a>(json: &'a Json, field: &str) -> Part<Option<&'a str>> {
    match json.get(field) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(s)) => Ok(Some(s)),
        Some(_) => Err(format!("{field:?} is not a string")),
    }
}

fn required<'a>(json: &'a Json, field: &str) -> Part<&'a str> {
    text(json, field)?
        .filter(|s| !s.is_empty())
        .ok_or_else(|| format!("{field:?} is missing"))
}

fn number(json: &Json, field: &str) -> Part<Option<u64>> {
    match json.get(field) {
        None | Some(Json::Null) => Ok(None),
        Some(n) => match n.as_u64().filter(|n| i64::try_from(*n).is_ok()) {
            Some(n) => Ok(Some(n)),
            None => Err(format!("{field:?} is not a whole number")),
        },
    }
}

fn list<'a>(json: &'a Json, field: &str) -> Part<&'a [Json]> {
    match json.get(field) {
        None | Some(Json::Null) => Ok(&[]),
        Some(Json::Array(a)) => Ok(a),
        Some(_) => Err(format!("{field:?} is not an array")),
    }
}

fn output(o: &Json) -> Part<OutputValue> {
    let value = o.get("value").ok_or("\"value\" is missing")?.to_string();
    let value = match o.get("type") {
        Some(of) => ty::decode(&of.to_string()).and_then(|of| json::decode_typed(&value, &of)),
        None => json::decode(&value),
    };
    Ok(OutputValue {
        value: value.map_err(|e| e.to_string())?,
        sensitive: o.get("sensitive") == Some(&Json::Bool(true)),
    })
}

fn block(r: &Json) -> Part<(ModuleAddr, ResourceAddr)> {
    let module = match text(r, "module")? {
        None | Some("") => ModuleAddr::root(),
        Some(m) => match Target::parse(m) {
            Ok(Target::Module(m)) => m,
            _ => return Err(format!("{m:?} is not the address of a module")),
        },
    };
    let mode = match required(r, "mode")? {
        "managed" => Mode::Managed,
        "data" => Mode::Data,
        other => return Err(format!("the mode {other:?} is unknown")),
    };
    let name = |field| {
        let name = required(r, field)?;
        if loam_address::is_identifier(name) {
            Ok(Arc::<str>::from(name))
        } else {
            Err(format!("{name:?} is not a valid name"))
        }
    };
    let (kind, name) = (name("type")?, name("name")?);
    Ok((module, ResourceAddr::new(mode, kind, name)))
}

fn id(module: &ModuleAddr, resource: &ResourceAddr, i: &Json) -> Part<InstanceId> {
    let key = match i.get("index_key") {
        None | Some(Json::Null) => InstanceKey::None,
        // Brought to the normal form in which keys are compared.
        Some(Json::String(s)) => match InstanceKey::from_value(&Value::string(s.as_str())) {
            Some(key) => key,
            None => return Err("\"index_key\" is not a key".into()),
        },
        Some(n) => match n.as_u64() {
            Some(n) => InstanceKey::Int(n),
            None => return Err("\"index_key\" is neither a whole number nor a string".into()),
        },
    };
    let deposed = text(i, "deposed")?.filter(|d| !d.is_empty());
    Ok(InstanceId {
        addr: InstanceAddr {
            module: module.clone(),
            resource: resource.clone(),
            key,
        },
        deposed: deposed.map(|d| DeposedKey(d.into())),
    })
}

fn status(i: &Json) -> Part<Status> {
    match (text(i, "status")?, text(i, LOAM_STATUS)?) {
        (None | Some(""), None) => Ok(Status::Ready),
        (Some("tainted"), None) => Ok(Status::Tainted),
        (None | Some(""), Some("pending")) => Ok(Status::Pending),
        (Some("tainted"), Some("unprovisioned")) => Ok(Status::Unprovisioned),
        (Some(s), _) | (None, Some(s)) => Err(format!("the status {s:?} is unknown")),
    }
}

fn path(steps: &Json) -> Part<Path> {
    let wrong = || "\"sensitive_attributes\" holds something that is no path".to_owned();
    let steps = steps.as_array().ok_or_else(wrong)?;
    let step = |s: &Json| {
        let value = s.get("value")?;
        match s.get("type")?.as_str()? {
            "get_attr" => Some(PathStep::Attribute(value.as_str()?.into())),
            "index" => {
                let key = value.get("value")?;
                let of = ty::decode(&value.get("type")?.to_string()).ok()?;
                json::decode_typed(&key.to_string(), &of)
                    .ok()
                    .map(PathStep::Index)
            }
            _ => None,
        }
    };
    let steps: Option<Vec<PathStep>> = steps.iter().map(step).collect();
    steps.map(Path).ok_or_else(wrong)
}
