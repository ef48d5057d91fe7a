//! `loam state …`, `loam taint`, `loam untaint`.

mod inspect;
mod providers;
mod relocate;
mod transfer;

use std::path::{Path, PathBuf};

use loam_address::{InstanceAddr, Mode, Target};
use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::Registry;
use loam_state::{
    ChangeKind, InstanceId, OpenOptions, RunOutcome, State, Status, Store, StoreError,
};
use loam_value::Type;

pub use transfer::read_any;

use super::{Outcome, refuse_state_out, usage};
use crate::args::{AddressArgs, BackupArgs, StateArgs, StateCommand};
use crate::session::Session;
use crate::view::View;

fn d(e: StoreError) -> Diagnostics {
    e.diagnostic().into()
}

/// Runs `loam state`.
pub fn run(session: &Session, command: &StateCommand, view: &View) -> Outcome {
    match command {
        StateCommand::List(a) => inspect::list(session, a, view),
        StateCommand::Show(a) => inspect::show(session, a, view),
        StateCommand::Mv(a) => relocate::mv(session, a, view),
        StateCommand::Rm(a) => relocate::rm(session, a, view),
        StateCommand::Pull(a) => transfer::pull(session, a, view),
        StateCommand::Push(a) => transfer::push(session, a, view),
        StateCommand::ReplaceProvider(a) => providers::replace(session, a, view),
    }
}

fn address(text: &str) -> Result<InstanceAddr, Diagnostics> {
    InstanceAddr::parse(text).map_err(|e| usage("Invalid address", format!("{e}.")))
}

fn targets(texts: &[String]) -> Result<Vec<Target>, Diagnostics> {
    let mut problems = Diagnostics::new();
    let mut out = Vec::new();
    for t in texts {
        match Target::parse(t) {
            Ok(t) => out.push(t),
            Err(e) => problems.push(Diagnostic::error("Invalid address", format!("{e}."))),
        }
    }
    if problems.has_errors() {
        Err(problems)
    } else {
        Ok(out)
    }
}

/// The attributes' type of a resource type, which the text of a state does not tell.
fn resource_type(registry: &Registry, mode: Mode, kind: &str) -> Option<Type> {
    // A type's name begins with its provider's: the others need not be read.
    let named = registry.names().filter(|name| {
        kind.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('_'))
    });
    named.filter_map(|name| registry.get(name)).find_map(|p| {
        let schema = p.schema();
        let types = match mode {
            Mode::Managed => &schema.resources,
            Mode::Data => &schema.data_sources,
        };
        types.get(kind).map(|s| s.block.implied_type())
    })
}

fn snapshot(session: &Session, args: &StateArgs) -> Result<State, Diagnostics> {
    let store = session.store(args, OpenOptions::read())?;
    store.snapshot().map_err(d)
}

/// Does something with the state under a lock, as one run of the history.
fn under_lock(
    session: &Session,
    args: &StateArgs,
    command: &str,
    work: impl FnOnce(&Store, &loam_state::Run) -> Result<(), Diagnostics>,
) -> Outcome {
    let store = session.store(args, OpenOptions::write())?;
    let operation = session.operation(command);
    let lock = if args.lock.taken {
        Some(store.lock(&operation, args.lock.timeout).map_err(d)?)
    } else {
        None
    };
    let run = store.begin_run(&operation, lock.as_ref()).map_err(d)?;
    let result = work(&store, &run);
    let outcome = if result.is_ok() {
        RunOutcome::Succeeded
    } else {
        RunOutcome::Failed
    };
    let ended = run.end(outcome, None).wait().map_err(d);
    result.and(ended).map(|()| 0)
}

/// Makes the state what `change` makes of it. A copy of what it was is kept beside it, and
/// the user told where. Refused by `change`, nothing is written.
fn edit<T>(
    session: &Session,
    (args, copy): (&StateArgs, &BackupArgs),
    (command, kind): (&str, ChangeKind),
    change: impl FnOnce(&State) -> Result<(State, T), Diagnostics>,
    view: &View,
    tell: impl FnOnce(T),
) -> Outcome {
    under_lock(session, args, command, |store, run| {
        let mut told = None;
        let mut backup = None;
        run.edit(kind, |state| {
            let (new, what) = change(state).map_err(EditError::Said)?;
            backup = back_up(session, store, copy.backup.as_deref())?;
            told = Some(what);
            Ok(new)
        })
        .map_err(EditError::diagnostics)?;
        if let Some(what) = told {
            tell(what);
        }
        tell_backup(backup, "state", view);
        Ok(())
    })
}

/// Makes a copy of the state: beside it, or in the file that the user names; none for `-`.
fn back_up(
    session: &Session,
    store: &Store,
    to: Option<&Path>,
) -> Result<Option<PathBuf>, StoreError> {
    let types = |mode, kind: &str| resource_type(&session.registry, mode, kind);
    match to {
        None => store.back_up(&types),
        Some(path) if path == Path::new("-") => Ok(None),
        Some(path) => Ok(store.back_up_to(path, &types)?.then(|| path.to_owned())),
    }
}

/// Makes a copy of the state where the user wants one, before a command that makes none
/// unasked.
pub fn back_up_if_asked(
    session: &Session,
    store: &Store,
    args: &BackupArgs,
) -> Result<(), Diagnostics> {
    match &args.backup {
        None => Ok(()),
        Some(path) => back_up(session, store, Some(path)).map(drop).map_err(d),
    }
}

/// Says where the copy of the state is that was made before a change.
fn tell_backup(path: Option<PathBuf>, of: &str, view: &View) {
    if let Some(path) = path {
        let path = path.strip_prefix(".").unwrap_or(&path);
        view.line(format!("The {of} before this is in {}.", path.display()));
    }
}

/// Why an edit was not made.
enum EditError {
    Said(Diagnostics),
    Store(StoreError),
}

impl From<StoreError> for EditError {
    fn from(e: StoreError) -> EditError {
        EditError::Store(e)
    }
}

impl EditError {
    fn diagnostics(self) -> Diagnostics {
        match self {
            EditError::Said(d) => d,
            EditError::Store(e) => d(e),
        }
    }
}

/// Marks an instance for replacement, or takes the mark off.
pub fn taint(session: &Session, args: &AddressArgs, on: bool, view: &View) -> Outcome {
    refuse_state_out(&args.out)?;
    let addr = address(&args.address)?;
    if addr.resource.mode == Mode::Data {
        let detail =
            format!("{addr} is a data resource: it is read anew by every plan and never replaced.");
        return Err(usage("Data resources cannot be tainted", detail));
    }
    let state = snapshot(session, &args.state)?;
    let Some(instance) = state.get(&addr) else {
        if args.allow_missing {
            let detail = format!(
                "Resource instance {addr} was not found, but this is not an error because -allow-missing was set."
            );
            view.diagnostic(
                &Diagnostic::warning("No such resource instance", detail),
                &session.sources,
            );
            return Ok(0);
        }
        let problem = inspect::not_found("No such resource instance", &addr, &state);
        return Err(problem.into());
    };
    if !on && instance.status != Status::Tainted {
        return Err(usage(
            "Resource instance is not tainted",
            format!(
                "Resource instance {addr} is not currently tainted, and so it cannot be untainted."
            ),
        ));
    }
    let command = if on { "loam taint" } else { "loam untaint" };
    under_lock(session, &args.state, command, |store, run| {
        back_up_if_asked(session, store, &args.backup)?;
        let status = if on { Status::Tainted } else { Status::Ready };
        run.set_status(&InstanceId::from(addr.clone()), status)
            .map_err(d)?;
        view.line(if on {
            format!("Resource instance {addr} has been marked as tainted.")
        } else {
            format!("Resource instance {addr} has been successfully untainted.")
        });
        Ok(())
    })
}
