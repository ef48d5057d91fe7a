//! States, questions and closing lines for people.

use std::fmt::Write as _;
use std::path::Path as FilePath;

use loam_engine::{Mode, Plan, Summary, schema_of};
use loam_provider::Registry;
use loam_state::{Instance, InstanceId, State, Status};

use super::value::SENSITIVE;
use super::{actions, block};
use crate::Style;

/// One object of the state. The registry knows what its attributes and blocks are.
pub fn instance(id: &InstanceId, i: &Instance, registry: &Registry, style: Style) -> String {
    let note = match i.status {
        Status::Ready => "",
        Status::Tainted => " (tainted)",
        Status::Pending => " (created; the wait for it was cut off)",
        Status::Unprovisioned => " (created; its provisioners have not run)",
    };
    let mut out = format!("{}\n", style.bold(&format!("# {id}:{note}")));
    let kind = if id.addr.resource.mode == loam_address::Mode::Data {
        "data"
    } else {
        "resource"
    };
    let _ = writeln!(
        out,
        "{kind} \"{}\" \"{}\" {{",
        id.addr.resource.kind, id.addr.resource.name
    );
    let schema = schema_of(&id.addr, i, registry);
    out.push_str(&block::stored(schema.as_deref(), &i.value, style));
    out.push_str("}\n");
    out
}

/// The whole state.
pub fn state(s: &State, registry: &Registry, style: Style) -> String {
    let mut out: String = s
        .instances
        .iter()
        .map(|(id, i)| format!("{}\n", instance(id, i, registry, style)))
        .collect();
    if !s.outputs.is_empty() {
        out.push_str("\nOutputs:\n\n");
        for (name, output) in &s.outputs {
            let text = match output.sensitive {
                true => SENSITIVE.to_owned(),
                false => block::stored_value(&output.value, style),
            };
            let _ = writeln!(out, "{name} = {text}");
        }
    }
    out
}

/// The question before applying. What an action has to be agreed to is part of it.
pub fn question(plan: &Plan, style: Style) -> String {
    let (head, text) = match plan.mode {
        Mode::Destroy => (
            "Do you really want to destroy all resources?",
            "Loam will destroy all your managed infrastructure, as shown above.\n  There is no undo. Only 'yes' will be accepted to confirm.",
        ),
        Mode::RefreshOnly => (
            "Would you like to update the state to reflect these detected changes?",
            "Loam will write these changes to the state without modifying any real infrastructure.\n  There is no undo. Only 'yes' will be accepted to confirm.",
        ),
        Mode::Invoke => (
            "Do you want to run these actions?",
            "Loam will run the actions described above, and nothing else.\n  Only 'yes' will be accepted to approve.",
        ),
        Mode::Normal => (
            "Do you want to perform these actions?",
            "Loam will perform the actions described above.\n  Only 'yes' will be accepted to approve.",
        ),
    };
    let consents = match actions::consents(plan) {
        c if c.is_empty() => c,
        c => format!("  {}\n{c}\n", style.yellow("Mind what this includes:")),
    };
    format!(
        "\n{}\n{consents}  {text}\n\n  {} ",
        style.bold(head),
        style.bold("Enter a value:")
    )
}

/// What follows a plan that was not written to a file.
pub fn note_without_out(style: Style) -> String {
    let text = "Note: You didn't use the -out option to save this plan, so Loam can't guarantee to take exactly these actions if you run \"loam apply\" now.";
    style.dim(&style.wrap(text, 0))
}

/// What follows a plan that was written to a file.
/// What to do next is `advice` for people.
pub fn note_saved(path: &FilePath, advice: bool, style: Style) -> String {
    let name = path.display();
    if !advice {
        return format!("Saved the plan to: {name}");
    }
    format!(
        "Saved the plan to: {name}\n\nTo perform exactly these actions, run the following command to apply:\n    {}",
        style.bold(&format!("loam apply {:?}", name.to_string()))
    )
}

/// The closing lines after running actions.
pub fn invoked(s: &Summary, failed: bool, style: Style) -> String {
    let (n, word) = match failed {
        true => (
            s.done.invoke,
            style.bold(&style.red("Not everything was done.")),
        ),
        false => (s.done.invoke, style.bold(&style.green("Done!"))),
    };
    let bad = match s.failed + s.skipped {
        0 => String::new(),
        _ => format!(", {} failed, {} not begun", s.failed, s.skipped),
    };
    let mut out = format!("\n{word} Actions: {n} invoked{bad}.\n");
    requests(s, &mut out);
    out
}

fn requests(s: &Summary, out: &mut String) {
    for (name, taken) in &s.requests {
        let _ = writeln!(
            out,
            "API requests ({name}): {}, in {}s.",
            taken.requests,
            taken.elapsed.as_secs()
        );
    }
}

/// The closing lines after bringing the state up to date.
pub fn refreshed(s: &Summary) -> String {
    let mut out = String::new();
    requests(s, &mut out);
    out
}

/// The closing lines of an apply.
pub fn summary(s: &Summary, failed: bool, destroy: bool, style: Style) -> String {
    let d = &s.done;
    let mut counts = Vec::new();
    if d.import > 0 {
        counts.push(format!("{} imported", d.import));
    }
    if !destroy {
        counts.push(format!("{} added", d.add));
        counts.push(format!("{} changed", d.change));
    }
    counts.push(format!("{} destroyed", d.destroy));
    if d.forget > 0 {
        counts.push(format!("{} forgotten", d.forget));
    }
    let invoked = match d.invoke {
        0 => String::new(),
        n => format!(" Actions: {n} invoked."),
    };
    let mut out = String::new();
    if failed {
        let mut bad = Vec::new();
        for (n, what) in [
            (s.failed, "failed"),
            (s.unknown, "with unknown outcome"),
            (s.skipped, "not begun"),
        ] {
            if n > 0 {
                bad.push(format!("{n} {what}"));
            }
        }
        let bad = if bad.is_empty() {
            String::new()
        } else {
            format!("; {}", bad.join(", "))
        };
        let word = if destroy {
            "Destroy incomplete."
        } else {
            "Apply incomplete."
        };
        let _ = writeln!(
            out,
            "\n{} Resources: {}{bad}.{invoked}",
            style.bold(&style.red(word)),
            counts.join(", ")
        );
        out.push_str("What was done is in the state; run the command again to go on.\n");
    } else {
        let word = if destroy {
            "Destroy complete!"
        } else {
            "Apply complete!"
        };
        let _ = writeln!(
            out,
            "\n{} Resources: {}.{invoked}",
            style.bold(&style.green(word)),
            counts.join(", ")
        );
    }
    requests(s, &mut out);
    out
}
