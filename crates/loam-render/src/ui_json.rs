//! The stream of JSON events that `plan -json` and `apply -json` print, one a line.

use std::time::Duration;

use loam_address::ActionInstanceAddr;
use loam_diag::{Diagnostic, SourceMap};
use loam_engine::{
    Action, Counts, Event, Invocation, OutputChange, Plan, ResourceChange, Summary, Trigger,
};
use loam_state::{InstanceId, OutputValue};
use serde_json::{Map, Value as Json, json};

use crate::state_json::{LANGUAGE_VERSION, index};
use crate::{diagnostic, json as values, plan_json};

/// The version of the event format.
const UI_VERSION: &str = "1.2";

/// One event without its time, to which the caller adds `@timestamp`.
fn event(
    level: &str,
    message: impl Into<String>,
    kind: &str,
    rest: Vec<(&str, Json)>,
) -> Map<String, Json> {
    let mut out = Map::new();
    out.insert("@level".into(), level.into());
    out.insert("@message".into(), message.into().into());
    out.insert("@module".into(), "terraform.ui".into());
    for (k, v) in rest {
        out.insert(k.into(), v);
    }
    out.insert("type".into(), kind.into());
    out
}

/// The first event of every stream.
pub fn version(program: &str) -> Map<String, Json> {
    event(
        "info",
        format!("Loam {program}"),
        "version",
        vec![
            ("terraform", LANGUAGE_VERSION.into()),
            ("loam", program.into()),
            ("ui", UI_VERSION.into()),
        ],
    )
}

/// What `init` is at; `code` names the kind of message.
pub fn init_output(code: &str, message: &str) -> Map<String, Json> {
    let rest = vec![("message_code", code.into())];
    event("info", message, "init_output", rest)
}

/// A line about something that was done.
pub fn log(message: &str) -> Map<String, Json> {
    event("info", message, "log", Vec::new())
}

/// A diagnostic.
pub fn diagnostic(d: &Diagnostic, sources: &SourceMap) -> Map<String, Json> {
    let (level, word) = if d.is_error() {
        ("error", "Error")
    } else {
        ("warn", "Warning")
    };
    event(
        level,
        format!("{word}: {}", d.summary),
        "diagnostic",
        vec![("diagnostic", diagnostic::json(d, sources))],
    )
}

fn resource(id: &InstanceId) -> Json {
    let a = &id.addr;
    let relative = loam_address::InstanceAddr {
        module: loam_address::ModuleAddr::root(),
        ..a.clone()
    };
    json!({
        "addr": a.to_string(),
        "module": a.module.to_string(),
        "resource": relative.to_string(),
        "implied_provider": a.resource.implied_provider(),
        "resource_type": a.resource.kind.to_string(),
        "resource_name": a.resource.name.to_string(),
        "resource_key": index(&a.key),
    })
}

/// The word for an action in events.
fn word(action: Action) -> &'static str {
    match action {
        Action::NoOp => "noop",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::DeleteThenCreate | Action::CreateThenDelete => "replace",
        Action::CreateThenForget => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
    }
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

/// The events of a finished plan: drift, planned changes, the summary, outputs.
pub fn plan(plan: &Plan) -> Vec<Map<String, Json>> {
    let mut out = Vec::new();
    for c in &plan.drift {
        let change = json!({ "resource": resource(&c.id), "action": word(c.action) });
        out.push(event(
            "info",
            format!("{}: Drift detected ({})", c.id, word(c.action)),
            "resource_drift",
            vec![("change", change)],
        ));
    }
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
                    json!({ "sensitive": o.sensitive, "action": output_word(o) }),
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

/// The address of an action in its own module.
fn within_module(a: &ActionInstanceAddr) -> ActionInstanceAddr {
    ActionInstanceAddr {
        module: loam_address::ModuleAddr::root(),
        ..a.clone()
    }
}

fn planned_change(c: &ResourceChange) -> Map<String, Json> {
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
    event(
        "info",
        format!("{}: Plan to {action}", c.id),
        "planned_change",
        vec![("change", Json::Object(change))],
    )
}

fn output_word(o: &OutputChange) -> &'static str {
    word(o.action)
}

/// The counts of a plan, an apply or a destroy.
pub fn summary(c: &Counts, operation: &str) -> Map<String, Json> {
    let imports = |word: &str| match c.import {
        0 => String::new(),
        n => format!("{n} {word}, "),
    };
    let mut message = match operation {
        "plan" => format!(
            "Plan: {}{} to add, {} to change, {} to destroy.",
            imports("to import"),
            c.add,
            c.change,
            c.destroy
        ),
        "destroy" => format!("Destroy complete! Resources: {} destroyed.", c.destroy),
        _ => format!(
            "Apply complete! Resources: {}{} added, {} changed, {} destroyed.",
            imports("imported"),
            c.add,
            c.change,
            c.destroy
        ),
    };
    let mut changes = json!({
        "add": c.add,
        "change": c.change,
        "import": c.import,
        "remove": c.destroy,
        "operation": operation,
    });
    if c.invoke > 0 {
        let done = if operation == "plan" {
            "to invoke"
        } else {
            "invoked"
        };
        message.push_str(&format!(" Actions: {} {done}.", c.invoke));
        changes["action_invocation"] = c.invoke.into();
    }
    event(
        "info",
        message,
        "change_summary",
        vec![("changes", changes)],
    )
}

/// API requests that an apply took, an event for each provider.
pub fn requests(s: &Summary) -> impl Iterator<Item = Map<String, Json>> {
    s.requests.iter().map(|(name, taken)| {
        let (n, seconds) = (taken.requests, taken.elapsed.as_secs());
        event(
            "info",
            format!("API requests ({name}): {n}, in {seconds}s"),
            "api_requests",
            vec![(
                "requests",
                json!({ "provider": name.to_string(), "took": n, "seconds": seconds }),
            )],
        )
    })
}

/// The outputs after an apply.
pub fn outputs<'o>(all: impl Iterator<Item = (&'o str, &'o OutputValue)>) -> Map<String, Json> {
    let outputs: Map<String, Json> = all
        .map(|(n, o)| {
            let mut entry = Map::new();
            entry.insert("sensitive".into(), o.sensitive.into());
            entry.insert("type".into(), values::ty(&o.value.ty()));
            if !o.sensitive {
                entry.insert("value".into(), values::value(&o.value));
            }
            (n.to_owned(), Json::Object(entry))
        })
        .collect();
    event(
        "info",
        format!("Outputs: {}", outputs.len()),
        "outputs",
        vec![("outputs", Json::Object(outputs))],
    )
}

fn hook(
    id: &InstanceId,
    action: Option<Action>,
    id_value: Option<&String>,
    elapsed: Option<Duration>,
) -> Json {
    let mut out = Map::new();
    out.insert("resource".into(), resource(id));
    if let Some(a) = action {
        out.insert("action".into(), word(a).into());
    }
    if let Some(v) = id_value {
        out.insert("id_key".into(), "id".into());
        out.insert("id_value".into(), v.clone().into());
    }
    if let Some(e) = elapsed {
        out.insert("elapsed_seconds".into(), e.as_secs().into());
    }
    Json::Object(out)
}

fn action(a: &ActionInstanceAddr) -> Json {
    json!({
        "addr": a.to_string(),
        "module": a.module.to_string(),
        "action": within_module(a).to_string(),
        "implied_provider": a.action.implied_provider(),
        "action_type": a.action.kind.to_string(),
        "action_name": a.action.name.to_string(),
        "action_key": index(&a.key),
    })
}

/// What a change of a resource has to do with it; none if the user named the action.
fn lifecycle(trigger: &Trigger) -> Option<Json> {
    let Trigger::Lifecycle {
        resource: of,
        block,
        index,
        event,
    } = trigger
    else {
        return None;
    };
    Some(json!({
        "resource": resource(&InstanceId::from(of.clone())),
        "trigger_index": block,
        "actions_index": index,
        "trigger_event": plan_json::event_name(*event),
    }))
}

/// An event of an action: `text` is made from how Terraform begins such messages.
fn action_event(
    kind: &str,
    addr: &ActionInstanceAddr,
    trigger: &Trigger,
    text: &str,
    rest: Vec<(&str, Json)>,
) -> Map<String, Json> {
    let mut hook = Map::new();
    hook.insert("action".into(), action(addr));
    for (k, v) in rest {
        hook.insert(k.into(), v);
    }
    let message = match trigger {
        Trigger::Invoke => text.to_owned(),
        Trigger::Lifecycle {
            resource, block, ..
        } if kind == "action_start" => format!("{resource}.trigger[{block}]: {text}"),
        Trigger::Lifecycle {
            resource, block, ..
        } => format!("{resource} ({block}): {text}"),
    };
    match lifecycle(trigger) {
        Some(l) => hook.insert("lifecycle".into(), l),
        None => hook.insert("invoke".into(), json!({})),
    };
    event("info", message, kind, vec![("hook", Json::Object(hook))])
}

/// An event of a provisioner.
fn provisioner(
    event_kind: &str,
    id: &InstanceId,
    kind: &str,
    message: String,
    output: Option<&str>,
) -> Map<String, Json> {
    let mut hook = Map::new();
    hook.insert("resource".into(), resource(id));
    hook.insert("provisioner".into(), kind.into());
    if let Some(line) = output {
        hook.insert("output".into(), line.into());
    }
    event(
        "info",
        message,
        event_kind,
        vec![("hook", Json::Object(hook))],
    )
}

/// What happens while planning and applying.
pub fn progress(e: &Event, sources: &SourceMap) -> Map<String, Json> {
    let with = |level: &str, message: String, kind: &str, hook: Json| {
        event(level, message, kind, vec![("hook", hook)])
    };
    let id_text = |v: &Option<String>| v.as_ref().map(|v| format!(" [id={v}]")).unwrap_or_default();
    match e {
        Event::RefreshStart { id, id_value } => with(
            "info",
            format!("{id}: Refreshing state...{}", id_text(id_value)),
            "refresh_start",
            hook(id, None, id_value.as_ref(), None),
        ),
        Event::RefreshComplete { id, id_value } => with(
            "info",
            format!("{id}: Refresh complete{}", id_text(id_value)),
            "refresh_complete",
            hook(id, None, id_value.as_ref(), None),
        ),
        Event::ApplyStart {
            id,
            action,
            id_value,
        } => with(
            "info",
            format!(
                "{id}: {}...{}",
                crate::words::doing(*action),
                id_text(id_value)
            ),
            "apply_start",
            hook(id, Some(*action), id_value.as_ref(), None),
        ),
        Event::ApplyProgress {
            id,
            action,
            message,
        } => {
            let mut h = hook(id, Some(*action), None, None);
            if let Json::Object(o) = &mut h {
                o.insert("message".into(), message.clone().into());
            }
            with("info", format!("{id}: {message}"), "apply_progress", h)
        }
        Event::ApplyComplete {
            id,
            action,
            id_value,
            elapsed,
        } => with(
            "info",
            format!(
                "{id}: {} complete after {}s{}",
                crate::words::done(*action),
                elapsed.as_secs(),
                id_text(id_value)
            ),
            "apply_complete",
            hook(id, Some(*action), id_value.as_ref(), Some(*elapsed)),
        ),
        Event::ApplyErrored {
            id,
            action,
            elapsed,
        } => with(
            "info",
            format!(
                "{id}: {} errored after {}s",
                crate::words::done(*action),
                elapsed.as_secs()
            ),
            "apply_errored",
            hook(id, Some(*action), None, Some(*elapsed)),
        ),
        Event::ApplySkipped { id, action } => with(
            "info",
            format!("{id}: not begun"),
            "apply_skipped",
            hook(id, Some(*action), None, None),
        ),
        Event::ProvisionStart { id, kind } => {
            let text = format!("{id}: Provisioning with '{kind}'...");
            provisioner("provision_start", id, kind, text, None)
        }
        Event::ProvisionOutput { id, kind, line } => {
            let text = format!("{id}: ({kind}): {line}");
            provisioner("provision_progress", id, kind, text, Some(line))
        }
        Event::ProvisionComplete { id, kind } => {
            let text = format!("{id}: ({kind}) Provisioning complete");
            provisioner("provision_complete", id, kind, text, None)
        }
        Event::ProvisionErrored { id, kind } => {
            let text = format!("{id}: ({kind}) Provisioning errored");
            provisioner("provision_errored", id, kind, text, None)
        }
        Event::ActionStart { addr, trigger } => {
            let text = format!("Action started: {addr}");
            action_event("action_start", addr, trigger, &text, Vec::new())
        }
        Event::ActionProgress {
            addr,
            trigger,
            message,
            ..
        } => {
            let text = format!("{addr} - {message}");
            let rest = vec![("message", message.clone().into())];
            action_event("action_progress", addr, trigger, &text, rest)
        }
        Event::ActionComplete {
            addr,
            trigger,
            elapsed,
        } => {
            let text = format!("Action complete: {addr}");
            let rest = vec![("elapsed_seconds", elapsed.as_secs().into())];
            action_event("action_complete", addr, trigger, &text, rest)
        }
        Event::ActionErrored {
            addr,
            trigger,
            error,
            elapsed,
        } => {
            let text = format!("Action errored: {addr} - {error}");
            let rest = vec![
                ("error", error.clone().into()),
                ("elapsed_seconds", elapsed.as_secs().into()),
            ];
            action_event("action_errored", addr, trigger, &text, rest)
        }
        Event::ActionSkipped {
            addr,
            trigger,
            condition,
        } => {
            let why = if *condition {
                "its condition does not hold"
            } else {
                "not begun"
            };
            let text = format!("Action not run: {addr} - {why}");
            let rest = vec![("reason", why.into())];
            action_event("action_skipped", addr, trigger, &text, rest)
        }
        Event::Recovered { id, message } => with(
            "info",
            message.clone(),
            "recovered",
            hook(id, None, None, None),
        ),
        Event::Diagnostic(d) => diagnostic(d, sources),
    }
}

/// An action that takes long.
pub fn still_running(
    addr: &ActionInstanceAddr,
    trigger: &Trigger,
    elapsed: Duration,
) -> Map<String, Json> {
    let message = format!("Still running... [{}s elapsed]", elapsed.as_secs());
    let text = format!("{addr} - {message}");
    let rest = vec![("message", message.into())];
    action_event("action_progress", addr, trigger, &text, rest)
}

/// A change that takes long.
pub fn still(id: &InstanceId, action: Action, elapsed: Duration) -> Map<String, Json> {
    let message = format!(
        "{id}: Still {}... [{}s elapsed]",
        crate::words::doing(action).to_lowercase(),
        elapsed.as_secs()
    );
    event(
        "info",
        message,
        "apply_progress",
        vec![("hook", hook(id, Some(action), None, Some(elapsed)))],
    )
}
