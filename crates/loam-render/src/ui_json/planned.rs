//! What a plan tells: drift, planned changes and actions, the summary, outputs.

use loam_engine::{Action, Invocation, Plan, ResourceChange, Trigger};
use loam_state::InstanceId;
use serde_json::{Map, Value as Json, json};

use super::{action, event, resource, summary, within_module, word};
use crate::plan_json;

/// The events of what was found to have changed outside.
pub fn drift(plan: &Plan) -> impl Iterator<Item = Map<String, Json>> {
    plan.drift.iter().map(|c| {
        let (change, action) = changed(c);
        event(
            "info",
            format!("{}: Drift detected ({action})", c.id),
            "resource_drift",
            vec![("change", Json::Object(change))],
        )
    })
}

/// The events of a finished plan: drift, planned changes, the summary, outputs.
pub fn plan(plan: &Plan) -> Vec<Map<String, Json>> {
    let mut out: Vec<_> = drift(plan).collect();
    let shown = plan.changes.iter().filter(|c| {
        c.action != Action::NoOp || c.previous_address.is_some() || c.importing.is_some()
    });
    out.extend(shown.map(planned_change));
    for i in &plan.invocations {
        out.push(event(
            "info",
            format!("planned action invocation: {}", within_module(&i.addr)),
            "planned_action_invocation",
            vec![("invocation", planned_invocation(i))],
        ));
    }
    out.push(summary(&plan.counts(), "plan"));
    for (name, r) in &plan.requests {
        out.push(event(
            "info",
            format!(
                "API requests ({name}): refresh took {}, apply will take about {}",
                r.refresh, r.apply
            ),
            "api_requests",
            vec![("requests", plan_json::requests_of(name, r))],
        ));
    }
    if !plan.outputs.is_empty() {
        let outputs: Map<String, Json> = plan
            .outputs
            .iter()
            .map(|(n, o)| {
                (
                    n.to_string(),
                    json!({ "sensitive": o.sensitive, "action": word(o.action) }),
                )
            })
            .collect();
        out.push(event(
            "info",
            format!("Outputs: {}", outputs.len()),
            "outputs",
            vec![("outputs", Json::Object(outputs))],
        ));
    }
    out
}

/// The events with which applying a plan file begins: what it is about to do.
pub fn accepted(plan: &Plan) -> Vec<Map<String, Json>> {
    let changes = plan.changes.iter().filter(|c| c.action != Action::NoOp);
    changes.map(planned_change).collect()
}

/// An invocation as plans announce it, which is not as it is told while it runs: these are
/// the names of Terraform 1.14.
fn planned_invocation(i: &Invocation) -> Json {
    let mut out = Map::new();
    out.insert("action_addr".into(), action(&i.addr));
    match &i.trigger {
        Trigger::Lifecycle {
            resource: of,
            block,
            index,
            event,
        } => out.insert(
            "lifecycle_trigger".into(),
            json!({
                "triggering_resource": resource(&InstanceId::from(of.clone())),
                "triggering_event": plan_json::event_name(*event),
                "action_trigger_block_index": block,
                "actions_list_index": index,
            }),
        ),
        Trigger::Invoke => out.insert("action_trigger".into(), json!({})),
    };
    Json::Object(out)
}

fn planned_change(c: &ResourceChange) -> Map<String, Json> {
    let (change, action) = changed(c);
    event(
        "info",
        format!("{}: Plan to {action}", c.id),
        "planned_change",
        vec![("change", Json::Object(change))],
    )
}

/// What an event says of a change, and the word for its action.
fn changed(c: &ResourceChange) -> (Map<String, Json>, &'static str) {
    let mut change = Map::new();
    change.insert("resource".into(), resource(&c.id));
    let action = match (c.action, &c.importing, &c.previous_address) {
        (Action::NoOp, Some(_), _) => "import",
        (Action::NoOp, None, Some(_)) => "move",
        (action, ..) => word(action),
    };
    change.insert("action".into(), action.into());
    if let Some(r) = reason(c) {
        change.insert("reason".into(), r.into());
    }
    if let Some(previous) = &c.previous_address {
        change.insert(
            "previous_resource".into(),
            resource(&InstanceId::from(previous.clone())),
        );
    }
    if let Some(id) = &c.importing {
        change.insert("importing".into(), json!({ "id": id }));
    }
    if let Some(text) = &c.generated_config {
        change.insert("generated_config".into(), text.clone().into());
    }
    (change, action)
}

/// The word for the reason of an action in events.
fn reason(c: &ResourceChange) -> Option<&'static str> {
    use loam_engine::ActionReason as R;
    Some(match c.reason? {
        R::ReplaceBecauseCannotUpdate => "cannot_update",
        R::ReplaceBecauseTainted => "tainted",
        R::ReplaceByRequest => "requested",
        R::ReplaceByTriggers => "replace_triggered_by",
        other => other.name(),
    })
}
