//! A plan for people.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use loam_address::{InstanceKey, Mode as ResourceMode};
use loam_engine::{Action, ActionReason, Mode, OutputChange, Plan, ResourceChange};
use loam_value::{Type, Value};

use super::actions;
use super::block::{self, Object};
use super::difference::Sign;
use crate::{Style, json};

/// The whole plan.
pub fn plan(plan: &Plan, style: Style) -> String {
    let mut out = String::new();
    drift(plan, style, &mut out);
    let told = !out.is_empty();
    let changes: Vec<&ResourceChange> = plan.changes.iter().filter(|c| is_shown(c)).collect();
    let outputs: Vec<(&str, &OutputChange)> = plan
        .outputs
        .iter()
        .filter(|(_, o)| o.action != Action::NoOp && !looks_the_same(o))
        .map(|(n, o)| (&**n, o))
        .collect();
    if changes.is_empty() && outputs.is_empty() && plan.invocations.is_empty() {
        out.push_str(&nothing(plan, told, style));
    } else {
        if !changes.is_empty() {
            legend(&changes, style, &mut out);
            let _ = writeln!(out, "\nLoam will perform the following actions:");
            for c in &changes {
                let _ = write!(out, "\n{}", with_actions(plan, c, style));
            }
        }
        out.push_str(&actions::named(plan, style));
        if !changes.is_empty() || !plan.invocations.is_empty() {
            let _ = writeln!(out, "\n{}", counts(plan, style));
        }
        if !outputs.is_empty() {
            let _ = writeln!(out, "\nChanges to Outputs:");
            let width = outputs
                .iter()
                .map(|(n, _)| n.chars().count())
                .max()
                .unwrap_or(0);
            for (name, o) in outputs {
                output(name, width, o, style, &mut out);
            }
            if changes.is_empty() {
                let text = "\nYou can apply this plan to save these new output values to the state, without changing any real infrastructure.";
                let _ = writeln!(out, "{}", style.wrap(text, 0));
            }
        }
    }
    requests(plan, &mut out);
    out
}

/// What could be planned before errors stopped it.
pub fn partial(plan: &Plan, style: Style) -> String {
    let changes: Vec<&ResourceChange> = plan.changes.iter().filter(|c| is_shown(c)).collect();
    let mut out = String::new();
    if changes.is_empty() {
        let head = style.bold(&style.red("Planning failed."));
        return format!("\n{head} Errors stopped it before there was anything to plan.\n\n");
    }
    legend(&changes, style, &mut out);
    out.push_str("\nLoam planned the following actions, but then encountered a problem:\n");
    for c in changes {
        let _ = write!(out, "\n{}", with_actions(plan, c, style));
    }
    let _ = write!(out, "\n{}\n\n", counts(plan, style));
    out
}

/// A change between the actions that run before and after it.
fn with_actions(plan: &Plan, c: &ResourceChange, style: Style) -> String {
    let mut out = change(c, style);
    if c.id.deposed.is_none() {
        for before in [true, false] {
            out.push_str(&actions::of_change(plan, &c.id.addr, before, style));
        }
    }
    out
}

fn is_shown(c: &ResourceChange) -> bool {
    c.action != Action::NoOp || c.previous_address.is_some() || c.importing.is_some()
}

/// Whether only the type of an output's value changes, or whether it may be shown: the
/// values themselves are the same ones.
fn looks_the_same(o: &OutputChange) -> bool {
    let known = o.before.is_wholly_known() && o.after.is_wholly_known();
    let plain = |v: &Value| json::value(&v.unmarked_deep());
    o.action == Action::Update && known && plain(&o.before) == plain(&o.after)
}

/// That there is nothing to do; `told` if changes made outside are shown above.
fn nothing(plan: &Plan, told: bool, style: Style) -> String {
    let (head, text) = match (plan.mode, !told) {
        (Mode::Destroy, _) => (
            "No changes.",
            "No objects need to be destroyed.\n\nEither you have not created any objects yet or the existing objects were already deleted outside of Loam.",
        ),
        (Mode::RefreshOnly, false) => {
            return style.wrap(
                "\nThis is a refresh-only plan, so Loam will not take any actions to undo these. If you were expecting these changes then you can apply this plan to record the updated values in the state without changing any remote objects.\n",
                0,
            );
        }
        (Mode::RefreshOnly, true) => (
            "No changes.",
            "Your infrastructure still matches the configuration.\n\nLoam has checked that the real objects still match the result of your most recent changes, and found no differences.",
        ),
        (_, true) => (
            "No changes.",
            "Your infrastructure matches the configuration.\n\nLoam has compared your real infrastructure against your configuration and found no differences, so no changes are needed.",
        ),
        (_, false) => (
            "No changes.",
            "Your infrastructure still matches the configuration.\n\nLoam has checked that the real objects still match the result of your most recent changes, and found no differences that the configuration would undo. Apply with -refresh-only to take the changes above into the state.",
        ),
    };
    let text = style.wrap(text, 0);
    format!("\n{} {text}\n", style.bold(&style.green(head)))
}

fn legend(changes: &[&ResourceChange], style: Style, out: &mut String) {
    let has = |test: &dyn Fn(Action) -> bool| changes.iter().any(|c| test(c.action));
    let lines = [
        (
            has(&|a| a == Action::Create),
            format!("  {}", style.green("+")),
            "create",
        ),
        (
            has(&|a| a == Action::Update),
            format!("  {}", style.yellow("~")),
            "update in-place",
        ),
        (
            has(&|a| a == Action::Delete),
            format!("  {}", style.red("-")),
            "destroy",
        ),
        (
            has(&|a| a == Action::DeleteThenCreate),
            sign(Action::DeleteThenCreate, style),
            "destroy and then create replacement",
        ),
        (
            has(&|a| a == Action::CreateThenDelete),
            sign(Action::CreateThenDelete, style),
            "create replacement and then destroy",
        ),
        (
            has(&|a| a == Action::CreateThenForget),
            sign(Action::CreateThenForget, style),
            "create replacement and forget the old object",
        ),
        (
            has(&|a| a == Action::Forget),
            format!("  {}", style.dim(".")),
            "forget",
        ),
        (
            has(&|a| a == Action::Read),
            format!(" {}", style.cyan("<=")),
            "read (data resources)",
        ),
    ];
    let mut head = "\nLoam will change resources as marked by these symbols:\n";
    for (_, sign, text) in lines.iter().filter(|(there, ..)| *there) {
        let _ = writeln!(out, "{}{sign} {text}", std::mem::take(&mut head));
    }
}

fn sign(a: Action, style: Style) -> String {
    let (plus, minus) = (style.green("+"), style.red("-"));
    match a {
        Action::NoOp => "   ".into(),
        Action::Create => format!("  {plus}"),
        Action::Update => format!("  {}", style.yellow("~")),
        Action::Delete => format!("  {minus}"),
        Action::DeleteThenCreate => format!("{minus}/{plus}"),
        Action::CreateThenDelete => format!("{plus}/{minus}"),
        Action::CreateThenForget => format!("{plus}/{}", style.dim(".")),
        Action::Forget => format!("  {}", style.dim(".")),
        Action::Read => format!(" {}", style.cyan("<=")),
    }
}

/// One change with its heading.
fn change(c: &ResourceChange, style: Style) -> String {
    let mut out = String::new();
    let name = style.bold(&c.id.to_string());
    let heading = match (c.action, c.reason) {
        (Action::NoOp, _) if c.importing.is_some() => format!("{name} will be imported"),
        (Action::NoOp, _) => match &c.previous_address {
            Some(p) => format!("{p} has moved to {name}"),
            None => name.clone(),
        },
        (Action::Create, _) => format!("{name} will be created"),
        (Action::Read, _) => format!("{name} will be read during apply"),
        (Action::Update, Some(ActionReason::UpdateBecauseWaitPending)) => {
            format!("{name} is not ready yet: the wait for it goes on")
        }
        (Action::Update, Some(ActionReason::UpdateBecauseNotProvisioned)) => {
            format!("{name} was created, but its provisioners have not run: they will")
        }
        (Action::Update, _) if c.importing.is_some() => {
            format!("{name} will be imported and then updated in-place")
        }
        (Action::Update, _) => format!("{name} will be updated in-place"),
        (Action::Delete, _) if c.id.deposed.is_some() => {
            format!(
                "{name} will be {}: it is left over from a replacement that failed half-way",
                style.red("destroyed")
            )
        }
        (Action::Delete, _) => format!("{name} will be {}", style.red("destroyed")),
        (Action::Forget, _) => {
            format!("{name} will no longer be managed, and will not be destroyed")
        }
        (Action::CreateThenForget, _) => {
            format!("{name} will be replaced, and the old object left alone")
        }
        (_, Some(ActionReason::ReplaceBecauseTainted)) => {
            format!("{name} is tainted, so must be {}", style.red("replaced"))
        }
        (_, Some(ActionReason::ReplaceByRequest)) => {
            format!("{name} will be {}, as requested", style.red("replaced"))
        }
        (_, Some(ActionReason::ReplaceByTriggers)) => {
            format!(
                "{name} will be {} due to changes in replace_triggered_by",
                style.red("replaced")
            )
        }
        _ => format!("{name} must be {}", style.red("replaced")),
    };
    let _ = writeln!(out, "  # {heading}");
    if matches!(c.action, Action::Forget | Action::CreateThenForget) {
        let _ = writeln!(out, "  # (destroy = false is in the configuration)");
    } else if let Some(text) = c.reason.and_then(|r| why(c, r)) {
        let _ = writeln!(out, "  # ({text})");
    }
    if let (Some(p), false) = (&c.previous_address, c.action == Action::NoOp) {
        let _ = writeln!(out, "  # (moved from {p})");
    }
    if let Some(id) = &c.importing {
        let _ = writeln!(out, "  # (imported from {id:?})");
        if matches!(
            c.action,
            Action::DeleteThenCreate | Action::CreateThenDelete
        ) {
            let word = style.yellow("Warning");
            let _ = writeln!(out, "  # {word}: this destroys the object that is imported");
        }
    }
    if c.generated_config.is_some() {
        let _ = writeln!(out, "  # (config will be generated)");
    }
    let kind = if c.id.addr.resource.mode == ResourceMode::Data {
        "data"
    } else {
        "resource"
    };
    let head = format!(
        "{kind} \"{}\" \"{}\" {{",
        c.id.addr.resource.kind, c.id.addr.resource.name
    );
    let inner = match c.action {
        Action::Create | Action::Read => Sign::Add,
        Action::Delete => Sign::Remove,
        Action::NoOp if c.importing.is_some() => Sign::Keep,
        _ => Sign::Change,
    };
    let after = match c.action {
        Action::Forget => &c.before,
        _ => &c.after,
    };
    let object = Object {
        schema: &c.schema.block,
        before: &c.before,
        after,
        forces: &c.requires_replace,
        write_only: &c.write_only_changes,
        all: c.importing.is_some(),
    };
    let _ = writeln!(out, "{} {head}", sign(c.action, style));
    out.push_str(&block::lines(&object, inner, 1, style));
    out.push_str("    }\n");
    out
}

fn why(c: &ResourceChange, r: ActionReason) -> Option<String> {
    let a = &c.id.addr;
    Some(match r {
        ActionReason::DeleteBecauseNoResourceConfig => {
            format!("because {} is not in configuration", a.resource)
        }
        ActionReason::DeleteBecauseNoMoveTarget => match &c.previous_address {
            Some(from) => format!("because {from} was moved to {a}, which is not in configuration"),
            None => format!("because {a} was moved to where nothing is configured"),
        },
        ActionReason::DeleteBecauseNoModule => {
            format!("because {} is not in configuration", a.module)
        }
        ActionReason::DeleteBecauseWrongRepetition => match a.key {
            InstanceKey::None => "because resource uses count or for_each".into(),
            InstanceKey::Int(_) => "because resource does not use count".into(),
            InstanceKey::Str(_) => "because resource does not use for_each".into(),
        },
        ActionReason::DeleteBecauseCountIndex => {
            format!("because index {} is out of range for count", a.key)
        }
        ActionReason::DeleteBecauseEachKey => {
            format!("because key {} is not in for_each map", a.key)
        }
        ActionReason::DeleteBecauseEnabledFalse => "because resource is not enabled".into(),
        ActionReason::ReadBecauseConfigUnknown => "config refers to values not yet known".into(),
        ActionReason::ReadBecauseDependencyPending => {
            "depends on a resource or a module with changes pending".into()
        }
        ActionReason::ReadBecauseCheckNested => {
            "config will be reloaded to verify a check block".into()
        }
        _ => return None,
    })
}

fn counts(plan: &Plan, style: Style) -> String {
    let c = plan.counts();
    let mut parts = Vec::new();
    if c.import > 0 {
        parts.push(format!("{} to import", c.import));
    }
    parts.push(format!("{} to add", c.add));
    parts.push(format!("{} to change", c.change));
    parts.push(format!("{} to destroy", c.destroy));
    if c.forget > 0 {
        parts.push(format!("{} to forget", c.forget));
    }
    let invoke = match c.invoke {
        0 => String::new(),
        n => format!(" {} {n} to invoke.", style.bold("Actions:")),
    };
    format!("{} {}.{invoke}", style.bold("Plan:"), parts.join(", "))
}

fn output(name: &str, width: usize, o: &OutputChange, style: Style, out: &mut String) {
    let sensitive = |v: &Value| {
        if o.sensitive && !v.is_null() {
            v.clone().with_marks(loam_value::Marks::SENSITIVE)
        } else {
            v.clone()
        }
    };
    let (before, after) = (sensitive(&o.before), sensitive(&o.after));
    let (before, after) = match o.action {
        Action::Create => (None, Some(&after)),
        Action::Delete => (Some(&before), None),
        _ if after.is_null() => (Some(&before), None),
        _ if before.is_null() && before.ty() == Type::Dynamic => (None, Some(&after)),
        _ => (Some(&before), Some(&after)),
    };
    out.push_str(&block::output(
        &format!("{name:<width$} = "),
        before,
        after,
        style,
    ));
}

/// What has changed outside: all in a refresh-only plan, otherwise what the plan acts on.
fn drift(plan: &Plan, style: Style, out: &mut String) {
    let planned: BTreeSet<_> = plan
        .changes
        .iter()
        .filter(|c| c.action != Action::NoOp)
        .map(|c| &c.id)
        .collect();
    let relevant: BTreeSet<_> = plan
        .relevant
        .iter()
        .map(|(r, _)| r.config_resource())
        .collect();
    let shown = plan.drift.iter().filter(|d| {
        plan.mode == Mode::RefreshOnly
            || d.action == Action::Delete
            || planned.contains(&d.id)
            || relevant.contains(&d.id.addr.config_resource())
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n{}",
        style.bold("Note: Objects have changed outside of Loam")
    );
    let _ = writeln!(
        out,
        "\nLoam found the following changes made outside of it since the last apply:"
    );
    for d in shown {
        let name = style.bold(&d.id.to_string());
        let heading = match (d.action, &d.previous_address) {
            (Action::Delete, _) => format!("{name} has been deleted"),
            (Action::NoOp, Some(from)) => format!("{from} has moved to {name}"),
            _ => format!("{name} has changed"),
        };
        let _ = writeln!(out, "\n  # {heading}");
        if let (Some(from), false) = (&d.previous_address, d.action == Action::NoOp) {
            let _ = writeln!(out, "  # (moved from {from})");
        }
        let inner = match d.action {
            Action::Delete => Sign::Remove,
            _ => Sign::Change,
        };
        let sign_text = sign(d.action, style);
        let _ = writeln!(
            out,
            "{sign_text} resource \"{}\" \"{}\" {{",
            d.id.addr.resource.kind, d.id.addr.resource.name
        );
        let object = Object {
            schema: &d.schema.block,
            before: &d.before,
            after: &d.after,
            forces: &[],
            write_only: &[],
            all: false,
        };
        out.push_str(&block::lines(&object, inner, 1, style));
        out.push_str("    }\n");
    }
    if plan.mode != Mode::RefreshOnly {
        let text = style.wrap(
            "\nUnless you have made equivalent changes to your configuration, or ignored the relevant attributes using ignore_changes, the following plan may include actions to undo or respond to these changes.",
            0,
        );
        let _ = writeln!(
            out,
            "{text}\n\n─────────────────────────────────────────────────────────────────────────────"
        );
    }
}

/// API requests and time, which the rate limit makes the scarce resource.
fn requests(plan: &Plan, out: &mut String) {
    for (name, r) in &plan.requests {
        let mut text = format!("API requests ({name}): refresh took {}", r.refresh);
        if r.refresh_time.as_secs() > 0 {
            let _ = write!(text, " in {}s", r.refresh_time.as_secs());
        }
        if r.apply > 0 {
            let _ = write!(text, ", apply will take about {}", r.apply);
        }
        if let Some(limit) = r.per_minute {
            let _ = write!(text, "; the limit is {limit} a minute");
            if r.apply > 0 {
                let _ = write!(text, ", so apply takes {}", minutes(r.apply, limit));
            }
        }
        let _ = writeln!(out, "\n{text}.");
    }
}

/// How long some requests take at a rate, in words.
fn minutes(requests: u64, per_minute: u64) -> String {
    match minutes_at_least(requests, per_minute) {
        0 => "no longer than the cloud needs".into(),
        1 => "at least 1 minute".into(),
        n => format!("at least {n} minutes"),
    }
}

/// How many minutes some requests take at least at a rate. A burst within the limit goes
/// at once.
pub(crate) fn minutes_at_least(requests: u64, per_minute: u64) -> u64 {
    let after_burst = requests.saturating_sub(per_minute);
    after_burst.div_ceil(per_minute.max(1))
}
