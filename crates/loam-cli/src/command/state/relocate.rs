//! `loam state mv` and `loam state rm`.

use std::collections::BTreeSet;
use std::path::Path;

use loam_address::{InstanceAddr, Target};
use loam_diag::{Diagnostic, Diagnostics};
use loam_state::{
    ChangeKind, InstanceId, OpenOptions, State, Store, StoreError, is_database, relocate,
};

use super::{Outcome, back_up, d, edit, snapshot, targets, tell_backup, under_lock, usage};
use crate::args::{StateArgs, StateMvArgs, StateRmArgs};
use crate::session::Session;
use crate::view::View;

/// Gives objects other addresses.
pub fn mv(session: &Session, args: &StateMvArgs, view: &View) -> Outcome {
    let both = targets(&[args.from.clone(), args.to.clone()])?;
    let [from, to] = both.as_slice() else {
        return Err(Diagnostics::new());
    };
    if let Some(out) = &args.state_out {
        return mv_out(session, args, (from, to), out, view);
    }
    let what = format!("{:?} to {:?}", text(from), text(to));
    if args.dry_run {
        relocate(&snapshot(session, &args.state)?, from, to)?;
        view.line(format!("Would move {what}"));
        return Ok(0);
    }
    edit(
        session,
        (&args.state, &args.backup),
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

/// Moves objects into another state file. They are written there before they are taken
/// from here: a crash in between leaves them in both, and in neither never.
fn mv_out(
    session: &Session,
    args: &StateMvArgs,
    (from, to): (&Target, &Target),
    out: &Path,
    view: &View,
) -> Outcome {
    let what = format!("{:?} to {:?} in {}", text(from), text(to), out.display());
    let something = std::fs::metadata(out).is_ok_and(|m| m.len() > 0);
    if something && is_database(out).is_ok_and(|is| !is) {
        let detail = format!(
            "{} is no state database. In its directory, \"loam state push FILE\" makes one of a state in Terraform's format. Nothing was changed.",
            out.display()
        );
        return Err(usage("Not a state of Loam", detail));
    }
    let same = |path: &Path| std::fs::canonicalize(path).ok();
    let here = session.state_path(&args.state)?;
    if here == out || same(&here).is_some_and(|h| same(out) == Some(h)) {
        let detail = "-state-out is the state that the objects are in. Nothing was changed.";
        return Err(usage("Not another state", detail));
    }
    if args.dry_run {
        let other = match out.exists() {
            true => Store::open(out, OpenOptions::read())
                .and_then(|s| s.snapshot())
                .map_err(d)?,
            false => State::default(),
        };
        leaving(&snapshot(session, &args.state)?, &other, from, to)?;
        view.line(format!("Would move {what}"));
        return Ok(0);
    }
    under_lock(session, &args.state, "loam state mv", |store, run| {
        let theirs = StateArgs {
            state: Some(out.to_owned()),
            ..args.state.clone()
        };
        let state = store.snapshot().map_err(d)?;
        let mut moved = Vec::new();
        let mut backups = Vec::new();
        under_lock(session, &theirs, "loam state mv", |other, other_run| {
            let old = other.snapshot().map_err(d)?;
            moved = leaving(&state, &old, from, to)?;
            let copy = back_up(session, other, args.backup_out.as_deref()).map_err(d)?;
            backups.push((copy, "other state"));
            let mut new = old;
            for (id, addr) in &moved {
                if let Some(object) = state.instances.get(id) {
                    new.instances.insert(addr.clone(), object.clone());
                }
            }
            let added = other_run.edit(ChangeKind::Move, |_| Ok::<_, StoreError>(new));
            added.map(drop).map_err(d)
        })?;
        let copy = back_up(session, store, args.backup.backup.as_deref()).map_err(d)?;
        backups.push((copy, "state"));
        let mut new = state;
        for (id, _) in &moved {
            new.instances.remove(id);
        }
        let gone = run.edit(ChangeKind::Move, |_| Ok::<_, StoreError>(new));
        gone.map_err(d)?;
        view.line(format!("Move {what}"));
        view.line(format!("Successfully moved {} object(s).", moved.len()));
        for (path, of) in backups {
            tell_backup(path, of, view);
        }
        Ok(())
    })
}

/// The objects that leave one state for another, each with its place there.
fn leaving(
    state: &State,
    other: &State,
    from: &Target,
    to: &Target,
) -> Result<Vec<(InstanceId, InstanceId)>, Diagnostics> {
    let mut concerned = State::default();
    for (id, object) in &state.instances {
        if from.contains(&id.addr) {
            concerned.instances.insert(id.clone(), object.clone());
        }
    }
    let moved = match from == to && !concerned.instances.is_empty() {
        true => {
            let ids = concerned.instances.keys();
            ids.map(|id| (id.clone(), id.clone())).collect()
        }
        // Whether the place is taken is seen in the other state.
        false if concerned.instances.is_empty() => relocate(state, from, to)?.objects,
        false => relocate(&concerned, from, to)?.objects,
    };
    let there: BTreeSet<&InstanceAddr> = other.instances.keys().map(|id| &id.addr).collect();
    let mut problems = Diagnostics::new();
    for (_, id) in &moved {
        if there.contains(&id.addr) {
            problems.push(Diagnostic::error(
                "Invalid target address",
                format!("The other state has {id} already. Nothing was changed."),
            ));
        }
    }
    match problems.has_errors() {
        true => Err(problems),
        false => Ok(moved),
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
        (&args.state, &args.backup),
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
