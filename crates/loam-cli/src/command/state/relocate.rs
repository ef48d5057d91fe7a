//! `loam state mv` and `loam state rm`.

use std::path::Path;

use loam_address::Target;
use loam_diag::{Diagnostic, Diagnostics};
use loam_state::{ChangeKind, InstanceId, State, relocate};

use super::{Outcome, edit, snapshot, targets, usage};
use crate::args::{StateMvArgs, StateRmArgs};
use crate::session::Session;
use crate::view::View;

/// Gives objects other addresses.
pub fn mv(session: &Session, args: &StateMvArgs, view: &View) -> Outcome {
    refuse_other_file(args.state_out.as_deref())?;
    let both = targets(&[args.from.clone(), args.to.clone()])?;
    let [from, to] = both.as_slice() else {
        return Err(Diagnostics::new());
    };
    let what = format!("{:?} to {:?}", text(from), text(to));
    if args.dry_run {
        relocate(&snapshot(session, &args.state)?, from, to)?;
        view.line(format!("Would move {what}"));
        return Ok(0);
    }
    edit(
        session,
        &args.state,
        ("loam state mv", ChangeKind::Move),
        |state| {
            let moved = relocate(state, from, to)?;
            Ok((moved.state, moved.matched))
        },
        view,
        |n| {
            view.line(format!("Move {what}"));
            view.line(format!("Successfully moved {n} object(s)."));
        },
    )
}

fn text(target: &Target) -> String {
    match target {
        Target::Module(m) => m.to_string(),
        Target::Resource(r) => r.to_string(),
        Target::Instance(i) => i.to_string(),
    }
}

fn refuse_other_file(file: Option<&Path>) -> Result<(), Diagnostics> {
    match file {
        None => Ok(()),
        Some(path) => Err(usage(
            "Objects stay in their state",
            format!(
                "-state-out={}: an object is moved within one state only. To take it to another one, forget it here (\"loam state rm\") and import it there (\"loam import\"). Nothing was changed.",
                path.display()
            ),
        )),
    }
}

/// Forgets objects.
pub fn rm(session: &Session, args: &StateRmArgs, view: &View) -> Outcome {
    let wanted = targets(&args.addresses)?;
    let matching = |state: &State| -> Vec<InstanceId> {
        let named = |id: &&InstanceId| wanted.iter().any(|t| t.contains(&id.addr));
        state.instances.keys().filter(named).cloned().collect()
    };
    if args.dry_run {
        let gone = matching(&snapshot(session, &args.state)?);
        for id in &gone {
            view.line(format!("Would remove {id}"));
        }
        if gone.is_empty() {
            view.line("Would have removed nothing.");
        }
        return Ok(0);
    }
    edit(
        session,
        &args.state,
        ("loam state rm", ChangeKind::Forget),
        |state| {
            let gone = matching(state);
            if gone.is_empty() {
                return Err(none_match(&args.addresses, state));
            }
            let mut new = state.clone();
            for id in &gone {
                new.instances.remove(id);
            }
            Ok((new, gone))
        },
        view,
        |gone| {
            for id in &gone {
                view.line(format!("Removed {id}"));
            }
            let n = gone.len();
            view.line(format!("Successfully removed {n} resource instance(s)."));
        },
    )
}

fn none_match(texts: &[String], state: &State) -> Diagnostics {
    let mut problem = Diagnostic::error(
        "Invalid target address",
        "No matching objects found. \"loam state list\" lists all. Nothing was changed.",
    );
    let names: Vec<String> = state.instances.keys().map(|i| i.addr.to_string()).collect();
    for text in texts {
        if let Some(near) = loam_diag::nearest(text, names.iter().map(String::as_str)) {
            problem = problem.hint(format!("Did you mean {near}?"));
        }
    }
    problem.into()
}
