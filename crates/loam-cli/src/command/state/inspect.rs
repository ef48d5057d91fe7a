//! `loam state list` and `loam state show`.

use loam_address::{InstanceAddr, Target};
use loam_diag::{Diagnostic, Diagnostics};
use loam_render::human;
use loam_state::{InstanceId, State};

use super::{Outcome, address, snapshot, targets, usage};
use crate::args::{StateArgs, StateListArgs, StateShowArgs};
use crate::session::Session;
use crate::view::View;

/// Lists the instances.
pub fn list(session: &Session, args: &StateListArgs, view: &View) -> Outcome {
    let wanted = targets(&args.addresses)?;
    there_is_a_state(session, &args.state)?;
    let state = snapshot(session, &args.state)?;
    let mut problems = Diagnostics::new();
    for target in &wanted {
        if !state.instances.keys().any(|id| target.contains(&id.addr)) {
            problems.push(nothing_there(target, &state));
        }
    }
    if problems.has_errors() {
        return Err(problems);
    }
    for (id, instance) in &state.instances {
        let asked = wanted.is_empty() || wanted.iter().any(|t| t.contains(&id.addr));
        let same_id = args.id.as_ref().is_none_or(|wanted| {
            let of = instance.value.get("id").map(|v| v.unmarked_deep());
            of.is_some_and(|v| {
                v.as_str() == Some(wanted)
                    || v.as_number().is_some_and(|n| n.to_string() == *wanted)
            })
        });
        if asked && same_id {
            view.line(id.to_string());
        }
    }
    Ok(0)
}

/// Looking into a state that was never made is more likely a mistake than a question.
fn there_is_a_state(session: &Session, args: &StateArgs) -> Result<(), Diagnostics> {
    let path = session.state_path(args)?;
    if path.exists() {
        return Ok(());
    }
    let path = path.strip_prefix(".").unwrap_or(&path);
    let detail = format!(
        "There is no state: {} does not exist. The first \"loam apply\" makes it; -state says where another is, -chdir where another configuration is.",
        path.display()
    );
    Err(usage("No state file was found", detail))
}

fn nothing_there(target: &Target, state: &State) -> Diagnostic {
    let hint = "If it was just added to the configuration, it is there after \"loam apply\".";
    let (summary, noun, text) = match target {
        Target::Module(m) => ("Unknown module", "module", m.to_string()),
        Target::Resource(r) => ("Unknown resource", "resource", r.to_string()),
        Target::Instance(i) => (
            "Unknown resource instance",
            "resource instance",
            i.to_string(),
        ),
    };
    let detail = format!("The current state contains no {noun} {text}. {hint}");
    near(Diagnostic::error(summary, detail), &text, state)
}

/// Shows one instance.
pub fn show(session: &Session, args: &StateShowArgs, view: &View) -> Outcome {
    let addr = address(&args.address)?;
    there_is_a_state(session, &args.state)?;
    let state = snapshot(session, &args.state)?;
    let Some(instance) = state.get(&addr) else {
        return Err(not_found("No instance found for the given address", &addr, &state).into());
    };
    view.text(human::instance(
        &InstanceId::from(addr),
        instance,
        &session.registry,
        view.style,
    ));
    Ok(0)
}

/// The state has no such instance.
pub fn not_found(summary: &str, addr: &InstanceAddr, state: &State) -> Diagnostic {
    let text = addr.to_string();
    let siblings: Vec<String> = state
        .instances
        .keys()
        .filter(|id| id.addr.abs_resource() == addr.abs_resource())
        .map(|id| id.addr.to_string())
        .collect();
    let detail = format!(
        "There is no resource instance in the state with the address {text}. \"loam state list\" lists all."
    );
    let problem = Diagnostic::error(summary, detail);
    if siblings.is_empty() {
        return near(problem, &text, state);
    }
    problem.hint(format!("It has {}.", siblings.join(", ")))
}

fn near(problem: Diagnostic, text: &str, state: &State) -> Diagnostic {
    let names: Vec<String> = state
        .instances
        .keys()
        .map(|id| id.addr.to_string())
        .collect();
    match loam_diag::nearest(text, names.iter().map(String::as_str)) {
        Some(near) => problem.hint(format!("Did you mean {near}?")),
        None => problem,
    }
}
