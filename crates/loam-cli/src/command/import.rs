//! `loam import`.

use std::path::Path;
use std::sync::Arc;

use loam_address::InstanceAddr;
use loam_config::DiskFiles;
use loam_diag::Diagnostics;
use loam_engine::{Inputs, Wish, look_up};
use loam_state::{ChangeKind, InstanceId, OpenOptions, RunOutcome, StoreError};

use super::{Outcome, refuse_state_out, settle, state::back_up_if_asked, usage};
use crate::args::ImportArgs;
use crate::progress::Progress;
use crate::session::{Session, timestamp};
use crate::view::View;

fn d(e: StoreError) -> Diagnostics {
    e.diagnostic().into()
}

/// Takes an existing object under management: reads it and writes it to the state.
/// Nothing else is changed, neither in the state nor in the cloud.
pub async fn run(session: &Session, args: &ImportArgs, view: &View) -> Outcome {
    let dir = args.config.as_deref().unwrap_or(Path::new("."));
    refuse_state_out(&args.out)?;
    let address = InstanceAddr::parse(&args.address)
        .map_err(|e| usage("Invalid address", format!("{e}.")))?;
    // Its block may still be empty: what belongs into it can be seen after the import.
    let (given, _) = session.inputs(&args.variables);
    let incomplete = [address.resource.clone()].into();
    let (config, mut diagnostics) = session.load_incomplete(&DiskFiles, &given, &incomplete, dir);
    let Some(config) = config else {
        return Err(diagnostics);
    };
    let (variables, problems) = session.variables(&config, &args.variables);
    diagnostics.append(problems);
    settle(diagnostics, session, view)?;
    let store = session.store(&args.state, OpenOptions::write())?;
    let operation = session.operation("loam import");
    let lock = if args.state.lock.taken {
        Some(store.lock(&operation, args.state.lock.timeout).map_err(d)?)
    } else {
        None
    };
    let state = Arc::new(store.snapshot().map_err(d)?);
    let surroundings = session.surroundings(&timestamp(), false);
    let progress = Progress::new(view, &session.sources);
    let inputs = Inputs {
        config: &config,
        root_dir: dir,
        registry: &session.registry,
        state,
        open_intents: store.open_intents().map_err(d)?,
        open_invocations: Vec::new(),
        variables: &variables,
        surroundings: &surroundings,
        observer: &progress,
    };
    let wish = Wish {
        address: address.clone(),
        id: Some(args.id.clone()),
    };
    let bold = |text: String| view.style.bold(&text);
    view.line(bold(format!(
        "{address}: Importing from ID {:?}...",
        args.id
    )));
    let (mut found, diagnostics) = look_up(inputs, &[wish], usize::from(args.parallelism)).await;
    drop(progress);
    settle(diagnostics, session, view)?;
    let Some((object, _)) = found.remove(&address) else {
        return Err(usage(
            "Nothing was imported",
            "The object could not be read.",
        ));
    };
    view.line(bold(format!("{address}: Import prepared!")));
    view.line(format!("  Prepared {} for import", address.resource.kind));
    back_up_if_asked(session, &store, &args.backup)?;
    let run = store.begin_run(&operation, lock.as_ref()).map_err(d)?;
    let id = InstanceId::from(address);
    let written = run.edit(ChangeKind::Import, |state| {
        let mut new = state.clone();
        new.instances.insert(id.clone(), object);
        Ok::<_, StoreError>(new)
    });
    let outcome = match &written {
        Ok(_) => RunOutcome::Succeeded,
        Err(_) => RunOutcome::Failed,
    };
    let ended = run.end(outcome, None).wait();
    written.map_err(d)?;
    ended.map_err(d)?;
    view.line(format!(
        "\n{}\n\nThe resources that were imported are shown above. These resources are now in\nyour Loam state and will henceforth be managed by Loam.\n",
        view.style.bold(&view.style.green("Import successful!"))
    ));
    Ok(0)
}
