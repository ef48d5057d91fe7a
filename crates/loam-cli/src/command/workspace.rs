//! `loam workspace` and `loam force-unlock`.

use std::path::Path;

use loam_config::environment::{Setting, setting};
use loam_diag::{Diagnostic, Diagnostics};
use loam_state::{OpenOptions, RunOutcome, Store, StoreError, WorkspaceDir};

use super::{Outcome, state, usage};
use crate::args::{ForceUnlockArgs, StateArgs, WorkspaceCommand};
use crate::session::{Session, workspaces};
use crate::view::{self, View};

fn d(e: StoreError) -> Diagnostics {
    e.diagnostic().into()
}

/// Runs `loam workspace`.
pub fn run(session: &Session, command: &WorkspaceCommand, view: &View) -> Outcome {
    let dir = workspaces();
    match command {
        WorkspaceCommand::List => {
            for name in dir.list().map_err(d)? {
                view.line(format!(
                    "{} {name}",
                    if name == session.workspace { "*" } else { " " }
                ));
            }
            view.line("");
            if let Some(s) = overridden(session) {
                view.line(format!(
                    "\nThe workspace is chosen by the environment variable {}.\n",
                    s.name
                ));
            }
        }
        WorkspaceCommand::New { name, state } => {
            // The one that it asks for may not be there yet.
            if overridden(session).is_none_or(|s| s.value != *name) {
                refuse_override(session)?;
            }
            create(session, &dir, name, state.state.as_deref(), view)?;
        }
        WorkspaceCommand::Select { name, or_create } => {
            refuse_override(session)?;
            if *or_create && !dir.list().map_err(d)?.contains(name) {
                create(session, &dir, name, None, view)?;
            } else if *name != session.workspace {
                dir.select(name).map_err(d)?;
                let text = format!("Switched to workspace \"{name}\".");
                view.line(view.style.green(&text));
            }
        }
        WorkspaceCommand::Delete { name, force, state } => {
            delete(session, &dir, name, *force, state, view)?;
        }
        WorkspaceCommand::Show => view.line(&session.workspace),
    }
    Ok(0)
}

/// What the environment says about the workspace.
fn overridden(session: &Session) -> Option<Setting> {
    setting(|n| session.environment.get(n).cloned(), "WORKSPACE")
}

/// The environment's choice is not to be changed behind its back.
fn refuse_override(session: &Session) -> Result<(), Diagnostics> {
    if let Some(s) = overridden(session) {
        let detail = format!(
            "The selected workspace is currently overridden using the {} environment variable. To select a new workspace, either update this environment variable or unset it and then run this command again.",
            s.name
        );
        return Err(usage("Workspace is overridden", detail));
    }
    Ok(())
}

/// Makes a workspace and chooses it, with a copy of the state of a file if one is given.
fn create(
    session: &Session,
    dir: &WorkspaceDir,
    name: &str,
    copied: Option<&Path>,
    view: &View,
) -> Result<(), Diagnostics> {
    let copied = match copied {
        None => None,
        Some(path) if path.exists() => Some(state::read_any(session, path)?),
        Some(path) => {
            let detail = format!("{} cannot be read: there is no such file.", path.display());
            return Err(usage("State file not readable", detail));
        }
    };
    let store = dir.create(name).map_err(d)?;
    if let Some(state) = &copied {
        let operation = session.operation("loam workspace new");
        let lock = store
            .lock(&operation, std::time::Duration::ZERO)
            .map_err(d)?;
        let run = store.begin_run(&operation, Some(&lock)).map_err(d)?;
        run.push(state, true).map_err(d)?;
        run.end(RunOutcome::Succeeded, None).wait().map_err(d)?;
    }
    dir.select(name).map_err(d)?;
    let head = format!("Created and switched to workspace \"{name}\"!");
    let head = view.style.bold(&view.style.green(&head));
    let text = match copied {
        Some(_) => "It holds a copy of the state that was given.",
        None => {
            "You're now on a new, empty workspace. Workspaces isolate their state,\nso if you run \"loam plan\" Loam will not see any existing state\nfor this configuration."
        }
    };
    view.line(format!("{head}\n\n{text}"));
    Ok(())
}

fn delete(
    session: &Session,
    dir: &WorkspaceDir,
    name: &str,
    force: bool,
    args: &StateArgs,
    view: &View,
) -> Result<(), Diagnostics> {
    let objects = match dir.list().map_err(d)?.iter().any(|n| n == name) {
        false => Vec::new(),
        true => {
            let store = Store::open(dir.path(name).map_err(d)?, OpenOptions::read()).map_err(d)?;
            let snapshot = store.snapshot().map_err(d)?;
            snapshot.instances.keys().cloned().collect()
        }
    };
    let current = name == session.workspace;
    if !objects.is_empty() && !force && !current {
        let list: Vec<String> = objects.iter().map(|id| format!("  - {id}")).collect();
        let detail = format!(
            "Workspace \"{name}\" is currently tracking the following resource instances:\n{}\n\nDeleting it would make Loam forget these objects without destroying them. Destroy them first, or, if they are to be forgotten, use -force.",
            list.join("\n")
        );
        return Err(Diagnostic::error("Workspace is not empty", detail).into());
    }
    let operation = session.operation("loam workspace delete");
    dir.delete(name, &operation, args.lock.timeout, force)
        .map_err(d)?;
    view.line(view.style.green(&format!("Deleted workspace \"{name}\"!")));
    if !objects.is_empty() {
        view.line(view.style.yellow(&format!(
            "WARNING: \"{name}\" was non-empty.\nThe resources managed by the deleted workspace may still exist,\nbut are no longer manageable by Loam since the state has\nbeen deleted."
        )));
    }
    Ok(())
}

/// Releases a lock that is left behind.
pub fn force_unlock(session: &Session, args: &ForceUnlockArgs, view: &View) -> Outcome {
    let store = session.store(&args.state, OpenOptions::write())?;
    if !args.force {
        let question = "Do you really want to force-unlock?\n  Loam will remove the lock on the state: two runs at a time can do harm, so\n  only do this if the run that holds the lock has ended.\n\n  Only 'yes' will be accepted to confirm.\n\n  Enter a value: ";
        if view::ask(question).is_none_or(|a| a.trim() != "yes") {
            return Err(usage(
                "force-unlock cancelled",
                "The lock was left as it is.",
            ));
        }
    }
    let holder = store.force_unlock(&args.id).map_err(d)?;
    view.line(
        view.style
            .green("Loam state has been successfully unlocked!"),
    );
    view.line(format!(
        "\nThe lock was that of {}. Commands on this state can now take a new one.",
        holder.describe()
    ));
    Ok(0)
}
