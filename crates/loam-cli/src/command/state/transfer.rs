//! `loam state pull` and `loam state push`: the state as Terraform's JSON.

use std::io::Read;
use std::path::Path;

use loam_diag::{Diagnostic, Diagnostics};
use loam_state::{
    DATABASE_MAGIC, OpenOptions, RowChange, State, Store, difference, is_database, tfstate,
};

use super::{Outcome, back_up, d, resource_type, snapshot, tell_backup, under_lock, usage};
use crate::args::{StatePullArgs, StatePushArgs};
use crate::session::Session;
use crate::view::View;

/// Prints the state; nothing if there is none yet.
pub fn pull(session: &Session, args: &StatePullArgs, view: &View) -> Outcome {
    let state = snapshot(session, &args.state)?;
    if state.lineage.is_empty() && state.is_empty() {
        return Ok(0);
    }
    let types = |mode, kind: &str| resource_type(&session.registry, mode, kind);
    view.text(tfstate::to_json(&state, &types).map_err(d)?);
    Ok(0)
}

/// Replaces the state by one from a file.
pub fn push(session: &Session, args: &StatePushArgs, view: &View) -> Outcome {
    let text = read(&args.path)?;
    let types = |mode, kind: &str| resource_type(&session.registry, mode, kind);
    let new = tfstate::from_json(&text, &types)?;
    if args.dry_run {
        let old = snapshot(session, &args.state)?;
        loam_state::check_push(&old, &new, args.force).map_err(d)?;
        tell(&old, &new, view);
        return Ok(0);
    }
    under_lock(session, &args.state, "loam state push", |store, run| {
        let old = store.snapshot().map_err(d)?;
        // Before the copy is made: what is refused leaves none behind.
        loam_state::check_push(&old, &new, args.force).map_err(d)?;
        let differs = !difference(&old, &new).is_empty() || old.lineage != new.lineage;
        let backup = if differs {
            back_up(session, store, args.backup.backup.as_deref()).map_err(d)?
        } else {
            None
        };
        run.push(&new, args.force).map_err(d)?;
        tell_backup(backup, "state", view);
        Ok(())
    })
}

/// The state in a file: of Terraform's format or a database of ours.
pub fn read_any(session: &Session, path: &Path) -> Result<State, Diagnostics> {
    if is_database(path).is_ok_and(|is| is) {
        let store = Store::open(path, OpenOptions::read()).map_err(d)?;
        return store.snapshot().map_err(d);
    }
    let types = |mode, kind: &str| resource_type(&session.registry, mode, kind);
    tfstate::from_json(&read(path)?, &types)
}

fn read(path: &Path) -> Result<String, Diagnostics> {
    let failed = |e: std::io::Error| {
        usage(
            "State file not readable",
            format!("{} cannot be read: {e}.", path.display()),
        )
    };
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(failed)?;
        return Ok(text);
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    if bytes.starts_with(DATABASE_MAGIC) {
        let detail = format!(
            "{} is a state database. \"loam state pull -state={0}\" writes it in the format that push takes.",
            path.display()
        );
        return Err(usage("Not a state file", detail));
    }
    String::from_utf8(bytes).map_err(|_| {
        let detail = format!("{} is not UTF-8 text.", path.display());
        Diagnostic::error("Not a state file", detail).into()
    })
}

/// Says what pushing would do.
fn tell(old: &State, new: &State, view: &View) {
    let changes = difference(old, new);
    for change in &changes {
        match change {
            RowChange::Remove(id) => view.line(format!("Would remove {id}")),
            RowChange::Put(id, _) if old.instances.contains_key(id) => {
                view.line(format!("Would change {id}"));
            }
            RowChange::Put(id, _) => view.line(format!("Would add {id}")),
            RowChange::Move { from, to } => view.line(format!("Would move {from} to {to}")),
            RowChange::Outputs(_) => view.line("Would change the outputs"),
            RowChange::Checks(_) => view.line("Would change the results of checks"),
        }
    }
    if changes.is_empty() {
        view.line("Would change no object.");
    }
    if old.lineage != new.lineage && !old.lineage.is_empty() {
        view.line(format!("Would give the state the lineage {}", new.lineage));
    }
}
