//! `loam workspace` and `loam force-unlock`.

use loam_diag::Diagnostics;
use loam_state::{OpenOptions, StoreError, WorkspaceDir};

use super::{Outcome, usage};
use crate::args::{ForceUnlockArgs, WorkspaceCommand};
use crate::session::Session;
use crate::view::{self, View};

fn d(e: StoreError) -> Diagnostics {
    e.diagnostic().into()
}

/// Runs `loam workspace`.
pub fn run(session: &Session, command: &WorkspaceCommand, view: &View) -> Outcome {
    let dir = WorkspaceDir::new(".");
    match command {
        WorkspaceCommand::List => {
            for name in dir.list().map_err(d)? {
                view.line(format!(
                    "{} {name}",
                    if name == session.workspace { "*" } else { " " }
                ));
            }
        }
        WorkspaceCommand::New { name } => {
            dir.create(name).map_err(d)?;
            dir.select(name).map_err(d)?;
            view.line(format!("Created and chose workspace {name:?}."));
        }
        WorkspaceCommand::Select { name, or_create } => {
            if *or_create && !dir.list().map_err(d)?.contains(name) {
                dir.create(name).map_err(d)?;
            }
            dir.select(name).map_err(d)?;
            view.line(format!("Chose workspace {name:?}."));
        }
        WorkspaceCommand::Delete { name, force } => {
            let operation = session.operation("loam workspace delete");
            dir.delete(name, &operation, std::time::Duration::ZERO, *force)
                .map_err(d)?;
            view.line(format!("Deleted workspace {name:?}."));
        }
        WorkspaceCommand::Show => view.line(&session.workspace),
    }
    Ok(0)
}

/// Releases a lock that is left behind.
pub fn force_unlock(session: &Session, args: &ForceUnlockArgs, view: &View) -> Outcome {
    let store = session.store(&args.state, OpenOptions::write())?;
    if !args.force {
        let question = "Only do this if the run that holds the lock has ended: two runs at a time can do harm.\n\nOnly 'yes' will be accepted to confirm.\n\n  Enter a value: ";
        if view::ask(question).is_none_or(|a| a.trim() != "yes") {
            return Err(usage("Not released", "The lock was left as it is."));
        }
    }
    let holder = store.force_unlock(&args.id).map_err(d)?;
    view.line(format!("The lock of {} was released.", holder.describe()));
    Ok(0)
}
