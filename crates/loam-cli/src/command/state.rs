//! `loam state …`, `loam taint`, `loam untaint`.

use loam_address::{InstanceAddr, Target};
use loam_diag::{Diagnostic, Diagnostics};
use loam_render::human;
use loam_state::{
    ChangeKind, InstanceId, OpenOptions, RunOutcome, State, Status, Store, StoreError,
};

use super::{Outcome, usage};
use crate::args::{AddressArgs, StateArgs, StateCommand};
use crate::session::Session;
use crate::view::View;

fn d(e: StoreError) -> Diagnostics {
    e.diagnostic().into()
}

fn address(text: &str) -> Result<InstanceAddr, Diagnostics> {
    InstanceAddr::parse(text).map_err(|e| usage("Invalid address", format!("{e}.")))
}

/// Runs `loam state`.
pub fn run(session: &Session, command: &StateCommand, view: &View) -> Outcome {
    match command {
        StateCommand::List { addresses, state } => {
            let wanted = targets(addresses)?;
            let state = session
                .store(state, OpenOptions::read())?
                .snapshot()
                .map_err(d)?;
            for id in state.instances.keys() {
                if wanted.is_empty() || wanted.iter().any(|t| t.contains(&id.addr)) {
                    view.line(id.to_string());
                }
            }
        }
        StateCommand::Show {
            address: text,
            state,
        } => {
            let addr = address(text)?;
            let state = session
                .store(state, OpenOptions::read())?
                .snapshot()
                .map_err(d)?;
            let Some(instance) = state.get(&addr) else {
                return Err(not_found(&addr, &state));
            };
            view.text(human::instance(
                &InstanceId::from(addr),
                instance,
                view.style,
            ));
        }
        StateCommand::Mv {
            from,
            to,
            dry_run,
            state,
        } => return mv(session, from, to, *dry_run, state, view),
        StateCommand::Rm {
            addresses,
            dry_run,
            state,
        } => return rm(session, addresses, *dry_run, state, view),
    }
    Ok(0)
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

fn not_found(addr: &InstanceAddr, state: &State) -> Diagnostics {
    let names: Vec<String> = state.instances.keys().map(ToString::to_string).collect();
    let text = addr.to_string();
    let near = loam_diag::nearest(&text, names.iter().map(String::as_str));
    let hint = near
        .map(|n| format!(" Did you mean {n}?"))
        .unwrap_or_default();
    usage(
        "No instance found",
        format!("The state has no instance {text}.{hint} \"loam state list\" lists all."),
    )
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
    let lock = if args.lock {
        Some(store.lock(&operation, args.lock_timeout).map_err(d)?)
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

fn mv(
    session: &Session,
    from: &str,
    to: &str,
    dry_run: bool,
    args: &StateArgs,
    view: &View,
) -> Outcome {
    let (from, to) = (address(from)?, address(to)?);
    let plan = |state: &State| -> Result<State, Diagnostics> {
        if state.get(&from).is_none() {
            return Err(not_found(&from, state));
        }
        if state.get(&to).is_some() {
            return Err(usage(
                "Address taken",
                format!("The state already has an instance {to}. Nothing was changed."),
            ));
        }
        if from.resource.kind != to.resource.kind || from.resource.mode != to.resource.mode {
            return Err(usage(
                "Resource types differ",
                format!("{from} cannot become {to}: an object keeps its resource type."),
            ));
        }
        let mut new = state.clone();
        let moved = |id: &InstanceId| id.addr == from;
        let ids: Vec<InstanceId> = new
            .instances
            .keys()
            .filter(|id| moved(id))
            .cloned()
            .collect();
        for id in ids {
            if let Some(instance) = new.instances.remove(&id) {
                new.instances.insert(
                    InstanceId {
                        addr: to.clone(),
                        deposed: id.deposed,
                    },
                    instance,
                );
            }
        }
        Ok(new)
    };
    if dry_run {
        let state = session
            .store(args, OpenOptions::read())?
            .snapshot()
            .map_err(d)?;
        plan(&state)?;
        view.line(format!("Would move {from} to {to}."));
        return Ok(0);
    }
    under_lock(session, args, "loam state mv", |_, run| {
        run.edit(ChangeKind::Move, |state| {
            plan(state).map_err(EditError::Said)
        })
        .map_err(EditError::diagnostics)?;
        view.line(format!("Moved {from} to {to}."));
        Ok(())
    })
}

fn rm(
    session: &Session,
    texts: &[String],
    dry_run: bool,
    args: &StateArgs,
    view: &View,
) -> Outcome {
    let wanted = targets(texts)?;
    let gone = |state: &State| -> Result<Vec<InstanceId>, Diagnostics> {
        let ids: Vec<InstanceId> = state
            .instances
            .keys()
            .filter(|id| wanted.iter().any(|t| t.contains(&id.addr)))
            .cloned()
            .collect();
        if ids.is_empty() {
            return Err(usage(
                "No instance found",
                "The state has none of these. \"loam state list\" lists all.",
            ));
        }
        Ok(ids)
    };
    if dry_run {
        let state = session
            .store(args, OpenOptions::read())?
            .snapshot()
            .map_err(d)?;
        for id in gone(&state)? {
            view.line(format!("Would forget {id}. The object itself stays."));
        }
        return Ok(0);
    }
    under_lock(session, args, "loam state rm", |_, run| {
        let mut forgotten = Vec::new();
        run.edit(ChangeKind::Forget, |state| {
            let ids = gone(state).map_err(EditError::Said)?;
            let mut new = state.clone();
            for id in &ids {
                new.instances.remove(id);
            }
            forgotten = ids;
            Ok(new)
        })
        .map_err(EditError::diagnostics)?;
        for id in forgotten {
            view.line(format!("Forgot {id}. The object itself stays."));
        }
        Ok(())
    })
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
    let addr = address(&args.address)?;
    let state = session
        .store(&args.state, OpenOptions::read())?
        .snapshot()
        .map_err(d)?;
    let Some(instance) = state.get(&addr) else {
        return Err(not_found(&addr, &state));
    };
    if !on && instance.status != Status::Tainted {
        return Err(usage(
            "Not tainted",
            format!("{addr} is not marked for replacement."),
        ));
    }
    let command = if on { "loam taint" } else { "loam untaint" };
    under_lock(session, &args.state, command, |_, run| {
        let status = if on { Status::Tainted } else { Status::Ready };
        run.set_status(&InstanceId::from(addr.clone()), status)
            .map_err(d)?;
        view.line(if on {
            format!("{addr} will be replaced by the next apply.")
        } else {
            format!("{addr} is no longer marked for replacement.")
        });
        Ok(())
    })
}
