//! The stream of JSON events that `plan -json` and `apply -json` print, one a line.
//!
//! `planned.rs` has what a plan tells, `progress.rs` what happens while planning and
//! applying; here is what both are made from, and what stands by itself.

mod planned;
mod progress;

use loam_address::ActionInstanceAddr;
use loam_diag::{Diagnostic, SourceMap};
use loam_engine::{Action, Counts, Summary};
use loam_state::{InstanceId, OutputValue};
use serde_json::{Map, Value as Json, json};

pub use planned::{accepted, drift, plan};
pub use progress::{progress, still, still_running};

use crate::state_json::{LANGUAGE_VERSION, index};
use crate::{diagnostic, json as values};

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

/// The address of an action in its own module.
fn within_module(a: &ActionInstanceAddr) -> ActionInstanceAddr {
    ActionInstanceAddr {
        module: loam_address::ModuleAddr::root(),
        ..a.clone()
    }
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
