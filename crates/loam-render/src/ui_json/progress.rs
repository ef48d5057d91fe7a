//! What happens while planning and applying.

use std::time::Duration;

use loam_address::ActionInstanceAddr;
use loam_diag::SourceMap;
use loam_engine::{Action, Event, Trigger};
use loam_state::InstanceId;
use serde_json::{Map, Value as Json, json};

use super::{action, diagnostic, event, resource, word};
use crate::{plan_json, words};

/// As Terraform's events name it: data are refreshed there, and read where people look.
fn doing(action: Action) -> &'static str {
    match action {
        Action::Read => "Refreshing",
        other => words::doing(other),
    }
}

/// The same of what has ended.
fn done(action: Action) -> &'static str {
    match action {
        Action::Read => "Refresh",
        other => words::done(other),
    }
}

/// What happens while planning and applying. An old object that is put aside goes by its
/// address, as other tools have it. `None` for what only people are told.
pub fn progress(e: &Event, sources: &SourceMap) -> Option<Map<String, Json>> {
    let with = |level: &str, message: String, kind: &str, hook: Json| {
        event(level, message, kind, vec![("hook", hook)])
    };
    let id_text = |v: &Option<String>| v.as_ref().map(|v| format!(" [id={v}]")).unwrap_or_default();
    let told = match e {
        Event::Import { .. } => return None,
        Event::RefreshStart { id, id_value } => with(
            "info",
            format!("{}: Refreshing state...{}", id.addr, id_text(id_value)),
            "refresh_start",
            hook(id, None, id_value.as_ref(), None),
        ),
        Event::RefreshComplete { id, id_value } => with(
            "info",
            format!("{}: Refresh complete{}", id.addr, id_text(id_value)),
            "refresh_complete",
            hook(id, None, id_value.as_ref(), None),
        ),
        Event::ApplyStart {
            id,
            action,
            id_value,
        } => with(
            "info",
            format!("{}: {}...{}", id.addr, doing(*action), id_text(id_value)),
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
            with(
                "info",
                format!("{}: {message}", id.addr),
                "apply_progress",
                h,
            )
        }
        Event::ApplyComplete {
            id,
            action,
            id_value,
            elapsed,
        } => with(
            "info",
            format!(
                "{}: {} complete after {}s{}",
                id.addr,
                done(*action),
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
                "{}: {} errored after {}s",
                id.addr,
                done(*action),
                elapsed.as_secs()
            ),
            "apply_errored",
            hook(id, Some(*action), None, Some(*elapsed)),
        ),
        Event::ApplySkipped { id, action } => with(
            "info",
            format!("{}: not begun", id.addr),
            "apply_skipped",
            hook(id, Some(*action), None, None),
        ),
        Event::ProvisionStart { id, kind } => {
            let text = format!("{}: Provisioning with '{kind}'...", id.addr);
            provisioner("provision_start", id, kind, text, None)
        }
        Event::ProvisionOutput { id, kind, line } => {
            let text = format!("{}: ({kind}): {line}", id.addr);
            provisioner("provision_progress", id, kind, text, Some(line))
        }
        Event::ProvisionComplete { id, kind } => {
            let text = format!("{}: ({kind}) Provisioning complete", id.addr);
            provisioner("provision_complete", id, kind, text, None)
        }
        Event::ProvisionErrored { id, kind } => {
            let text = format!("{}: ({kind}) Provisioning errored", id.addr);
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
    };
    Some(told)
}

/// A change that takes long.
pub fn still(id: &InstanceId, action: Action, elapsed: Duration) -> Map<String, Json> {
    let message = format!(
        "{}: Still {}... [{}s elapsed]",
        id.addr,
        doing(action).to_lowercase(),
        elapsed.as_secs()
    );
    event(
        "info",
        message,
        "apply_progress",
        vec![("hook", hook(id, Some(action), None, Some(elapsed)))],
    )
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
