//! A plan as `show -json PLANFILE` prints it: format version 1.2, as Terraform writes it,
//! so that the tools that read such plans read these.

use std::collections::BTreeMap;

use loam_address::{InstanceAddr, ModuleAddr};
use loam_config::{Config, TriggerEvent};
use loam_engine::{
    Action, CheckObject, CheckResult, Invocation, Mode, OutputChange, Plan, RequestCount,
    ResourceChange, Trigger,
};
use loam_provider::Registry;
use loam_state::{InstanceId, OutputValue};
use loam_value::{Type, Value};
use serde_json::{Map, Value as Json, json};

use crate::state_json::{self, LANGUAGE_VERSION, head, provider_name};
use crate::{configuration_json, json};

/// The whole document. The registry knows the providers' source addresses.
pub fn plan(plan: &Plan, config: &Config, registry: &Registry) -> Json {
    let mut out = Map::new();
    out.insert("format_version".into(), "1.2".into());
    out.insert("terraform_version".into(), LANGUAGE_VERSION.into());
    let variables = variables(plan, config);
    if !variables.is_empty() {
        out.insert("variables".into(), Json::Object(variables));
    }
    out.insert("planned_values".into(), planned_values(plan));
    if !plan.drift.is_empty() {
        out.insert(
            "resource_drift".into(),
            plan.drift.iter().map(resource_change).collect(),
        );
    }
    if !plan.changes.is_empty() {
        out.insert(
            "resource_changes".into(),
            plan.changes.iter().map(resource_change).collect(),
        );
    }
    if !plan.invocations.is_empty() {
        let mut all: Vec<&Invocation> = plan.invocations.iter().collect();
        all.sort_by_cached_key(|i| order(i));
        out.insert(
            "action_invocations".into(),
            all.into_iter().map(invocation).collect(),
        );
    }
    if !plan.outputs.is_empty() {
        let changes = plan
            .outputs
            .iter()
            .map(|(n, o)| (n.to_string(), output_change(o)));
        out.insert("output_changes".into(), Json::Object(changes.collect()));
    }
    let known = prior_outputs(plan, config);
    if !plan.prior.instances.is_empty() || !known.is_empty() {
        let mut prior = Map::new();
        prior.insert("format_version".into(), "1.0".into());
        prior.insert("terraform_version".into(), LANGUAGE_VERSION.into());
        let values = state_json::values(&plan.prior.instances, &known);
        prior.insert("values".into(), values);
        out.insert("prior_state".into(), Json::Object(prior));
    }
    out.insert(
        "configuration".into(),
        configuration_json::configuration(config, registry),
    );
    if !plan.relevant.is_empty() {
        let relevant = plan.relevant.iter().map(|(resource, path)| {
            json!({ "resource": resource.to_string(), "attribute": json::path(path) })
        });
        out.insert("relevant_attributes".into(), relevant.collect());
    }
    if !plan.checks.is_empty() {
        out.insert("checks".into(), checks(&plan.checks));
    }
    if !plan.requests.is_empty() {
        let requests = plan.requests.iter().map(|(name, r)| requests_of(name, r));
        out.insert("api_requests".into(), requests.collect());
    }
    out.insert("timestamp".into(), plan.timestamp.clone().into());
    out.insert(
        "applyable".into(),
        (plan.has_changes() && !plan.errored).into(),
    );
    out.insert("complete".into(), plan.targets.is_empty().into());
    out.insert("errored".into(), plan.errored.into());
    Json::Object(out)
}

/// Root module variables. What an ephemeral one was given is in no plan: it has the default
/// that its block has.
fn variables(plan: &Plan, config: &Config) -> Map<String, Json> {
    let stored = plan.variables.iter();
    let stored = stored.filter(|(_, v)| !v.marks().is_ephemeral());
    let declared = config.root().into_iter().flat_map(|m| &m.variables);
    let ephemeral = declared.filter(|(_, v)| v.ephemeral);
    let defaults = ephemeral.filter_map(|(n, v)| Some((n, v.default.as_ref()?)));
    let all: BTreeMap<_, _> = defaults.chain(stored).collect();
    let all = all.into_iter();
    all.map(|(n, v)| (n.to_string(), json!({ "value": json::value(v) })))
        .collect()
}

/// API requests of one provider: what refreshing took, what applying will take, and how
/// long that takes at least at the provider's rate.
pub(crate) fn requests_of(name: &str, r: &RequestCount) -> Json {
    let minutes = |limit| crate::human::minutes_at_least(r.apply, limit);
    json!({
        "provider": name,
        "refresh": r.refresh,
        "refresh_seconds": r.refresh_time.as_secs(),
        "apply": r.apply,
        "per_minute": r.per_minute,
        "apply_minutes_at_least": r.per_minute.map(minutes),
    })
}

/// The outputs of the refreshed state: those whose values are known already have them.
fn prior_outputs(plan: &Plan, config: &Config) -> BTreeMap<std::sync::Arc<str>, OutputValue> {
    let mut outputs = plan.prior.outputs.clone();
    for (name, change) in &plan.outputs {
        if change.action == Action::Delete && plan.mode == Mode::Destroy {
            let value = change.before.clone();
            let sensitive = change.sensitive;
            outputs.insert(name.clone(), OutputValue { value, sensitive });
            continue;
        }
        if change.action == Action::Delete || !change.after.is_wholly_known() {
            continue;
        }
        if change.after.is_null() {
            outputs.remove(name);
            continue;
        }
        let declared = config.root().and_then(|m| m.outputs.get(name));
        let value = OutputValue {
            value: change.after.clone(),
            sensitive: declared.is_some_and(|o| o.sensitive),
        };
        outputs.insert(name.clone(), value);
    }
    outputs
}

fn planned_values(plan: &Plan) -> Json {
    let mut out = Map::new();
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .filter(|(_, o)| o.action != Action::Delete)
        .map(|(n, o)| {
            let mut entry = Map::new();
            entry.insert("sensitive".into(), o.sensitive.into());
            if o.after.is_wholly_known() {
                // What is null and was nothing before has no type.
                let ty = match o.after.is_null() && o.before.is_null() {
                    true => Type::Dynamic,
                    false => o.after.ty(),
                };
                entry.insert("type".into(), json::ty(&ty));
                entry.insert("value".into(), json::value(&o.after));
            }
            (n.to_string(), Json::Object(entry))
        })
        .collect();
    if !outputs.is_empty() {
        out.insert("outputs".into(), Json::Object(outputs));
    }
    let mut by_module: BTreeMap<ModuleAddr, Vec<Json>> = BTreeMap::new();
    for change in &plan.changes {
        // What is forgotten is there without values: nothing will be known of it.
        let forgotten = change.action == Action::Forget;
        if change.id.deposed.is_some() || change.after.is_null() && !forgotten {
            continue;
        }
        let mut r = head(&change.id);
        r.insert(
            "provider_name".into(),
            provider_name(&change.provider).into(),
        );
        r.insert("schema_version".into(), change.schema.version.into());
        if forgotten {
            r.insert("sensitive_values".into(), false.into());
        } else {
            let values = json::value(&change.after);
            if values.as_object().is_some_and(|v| !v.is_empty()) {
                r.insert("values".into(), values);
            }
            r.insert("sensitive_values".into(), json::sensitive(&change.after));
        }
        by_module
            .entry(change.id.addr.module.clone())
            .or_default()
            .push(Json::Object(r));
    }
    // Here, and not in a state, objects come in the order of their addresses as text.
    for resources in by_module.values_mut() {
        let text = |r: &Json| r.get("address").and_then(Json::as_str).map(str::to_owned);
        resources.sort_by_cached_key(text);
    }
    out.insert("root_module".into(), state_json::tree(by_module));
    Json::Object(out)
}

/// One entry of `resource_changes` or `resource_drift`.
pub fn resource_change(c: &ResourceChange) -> Json {
    let mut out = Map::new();
    let InstanceId { addr, deposed } = &c.id;
    for (k, v) in head(&c.id) {
        if k == "mode" {
            if let Some(previous) = &c.previous_address {
                out.insert("previous_address".into(), previous.to_string().into());
            }
            if !addr.module.is_root() {
                out.insert("module_address".into(), addr.module.to_string().into());
            }
        }
        out.insert(k, v);
    }
    out.insert("provider_name".into(), provider_name(&c.provider).into());
    if let Some(key) = deposed {
        out.insert("deposed".into(), key.to_string().into());
    }
    out.insert("change".into(), change(c));
    if let Some(reason) = c.reason {
        out.insert("action_reason".into(), reason.name().into());
    }
    Json::Object(out)
}

fn change(c: &ResourceChange) -> Json {
    let mut out = Map::new();
    out.insert("actions".into(), c.action.names().into());
    out.insert("before".into(), json::value(&c.before));
    out.insert("after".into(), json::value(&c.after));
    let mask =
        |v: &Value, f: fn(&Value) -> Json| if v.is_null() { Json::Bool(false) } else { f(v) };
    let known = c.after.is_wholly_known();
    let unknown = if known {
        Json::Object(Map::new())
    } else {
        json::unknown(&c.after)
    };
    out.insert("after_unknown".into(), unknown);
    out.insert("before_sensitive".into(), mask(&c.before, json::sensitive));
    out.insert("after_sensitive".into(), mask(&c.after, json::sensitive));
    if !c.requires_replace.is_empty() && c.action.is_replace() {
        out.insert(
            "replace_paths".into(),
            c.requires_replace.iter().map(json::path).collect(),
        );
    }
    if let Some(id) = &c.importing {
        out.insert("importing".into(), json!({ "id": id }));
    }
    if let Some(text) = &c.generated_config {
        out.insert("generated_config".into(), text.clone().into());
    }
    Json::Object(out)
}

/// Where an invocation stands in `action_invocations`: those that the user named come first,
/// by their address, the others by what triggers them.
fn order(i: &Invocation) -> (bool, String, usize, usize) {
    match &i.trigger {
        Trigger::Invoke => (false, i.addr.to_string(), 0, 0),
        Trigger::Lifecycle {
            resource,
            block,
            index,
            ..
        } => (true, resource.to_string(), *block, *index),
    }
}

/// One entry of `action_invocations`.
fn invocation(i: &Invocation) -> Json {
    let mut out = Map::new();
    out.insert("address".into(), i.addr.to_string().into());
    out.insert("type".into(), i.addr.action.kind.to_string().into());
    out.insert("name".into(), i.addr.action.name.to_string().into());
    out.insert("config_values".into(), json::value(&i.config));
    out.insert("config_sensitive".into(), json::sensitive(&i.config));
    out.insert("config_unknown".into(), json::unknown(&i.config));
    out.insert("provider_name".into(), provider_name(&i.provider).into());
    match &i.trigger {
        Trigger::Invoke => {
            out.insert("invoke_action_trigger".into(), json!({}));
        }
        Trigger::Lifecycle {
            resource,
            block,
            index,
            event,
        } => {
            out.insert(
                "lifecycle_action_trigger".into(),
                json!({
                    "triggering_resource_address": resource.to_string(),
                    "action_trigger_event": event_name(*event),
                    "action_trigger_block_index": block,
                    "actions_list_index": index,
                }),
            );
        }
    }
    Json::Object(out)
}

/// An event as the JSON formats name it, which is not as a configuration does.
pub fn event_name(event: TriggerEvent) -> &'static str {
    match event {
        TriggerEvent::BeforeCreate => "BeforeCreate",
        TriggerEvent::AfterCreate => "AfterCreate",
        TriggerEvent::BeforeUpdate => "BeforeUpdate",
        TriggerEvent::AfterUpdate => "AfterUpdate",
    }
}

/// One entry of `output_changes`.
pub fn output_change(o: &OutputChange) -> Json {
    let known = o.after.is_wholly_known();
    let mut out = Map::new();
    out.insert("actions".into(), o.action.names().into());
    out.insert("before".into(), json::value(&o.before));
    // What is wholly unknown is left out rather than null, which would be a value.
    if !o.after.is_unknown() {
        out.insert("after".into(), json::value(&o.after));
    }
    let unknown = if known {
        Json::Bool(false)
    } else {
        json::unknown(&o.after)
    };
    out.insert("after_unknown".into(), unknown);
    out.insert("before_sensitive".into(), o.sensitive.into());
    out.insert("after_sensitive".into(), o.sensitive.into());
    Json::Object(out)
}

/// `checks`, in the order of what they are shown as.
pub fn checks(checks: &BTreeMap<CheckObject, CheckResult>) -> Json {
    let mut all: Vec<(String, Json)> = checks
        .iter()
        .map(|(object, result)| (object.to_string(), check(object, result)))
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into_iter().map(|(_, check)| check).collect()
}

/// The address of one instance of what a check belongs to.
fn instance_address(object: &CheckObject, display: &str) -> Json {
    let mut out = Map::new();
    let module = match object {
        CheckObject::Resource(_) => match InstanceAddr::parse(display) {
            Ok(addr) => {
                if let Some(key) = state_json::index(&addr.key) {
                    out.insert("instance_key".into(), key);
                }
                addr.module.to_string()
            }
            Err(_) => String::new(),
        },
        other => outer(display, &format!("{}.{}", other.kind(), other.name())),
    };
    if !module.is_empty() {
        out.insert("module".into(), module.into());
    }
    out.insert("to_display".into(), display.into());
    Json::Object(out)
}

/// The module in front of a name.
fn outer(display: &str, name: &str) -> String {
    let module = display.strip_suffix(name).unwrap_or_default();
    module.trim_end_matches('.').to_owned()
}

fn check(object: &CheckObject, result: &CheckResult) -> Json {
    let mut address = Map::new();
    let kind = match object {
        CheckObject::Output(..) => "output_value",
        other => other.kind(),
    };
    address.insert("kind".into(), kind.into());
    if let CheckObject::Resource(r) = object {
        let mode = if r.resource.mode == loam_address::Mode::Data {
            "data"
        } else {
            "managed"
        };
        address.insert("mode".into(), mode.into());
    }
    if !object.module().is_root() {
        address.insert("module".into(), object.module().to_string().into());
    }
    address.insert("name".into(), object.name().to_string().into());
    address.insert("to_display".into(), object.to_string().into());
    if let CheckObject::Resource(r) = object {
        address.insert("type".into(), r.resource.kind.to_string().into());
    }
    let mut out = Map::new();
    out.insert("address".into(), Json::Object(address));
    out.insert("status".into(), result.status.name().into());
    let instances: Vec<Json> = result
        .instances
        .iter()
        .map(|(display, (status, messages))| {
            let mut i = Map::new();
            i.insert("address".into(), instance_address(object, display));
            i.insert("status".into(), status.name().into());
            if !messages.is_empty() {
                let mut messages: Vec<&String> = messages.iter().collect();
                messages.sort();
                let problems = messages.iter().map(|m| json!({ "message": m }));
                i.insert("problems".into(), problems.collect());
            }
            Json::Object(i)
        })
        .collect();
    if !instances.is_empty() {
        out.insert("instances".into(), Json::Array(instances));
    }
    Json::Object(out)
}
