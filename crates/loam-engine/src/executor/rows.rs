//! What applying writes besides the changes themselves: what refreshing found, moved
//! addresses, forgotten objects, outputs, results of checks.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_address::{ModuleAddr, ModulePath};
use loam_diag::Diagnostic;
use loam_state::{ChangeKind, InstanceId, OutputValue, RowChange, Status};
use loam_value::Value;

use super::{ApplyInputs, Executor, store_error};
use crate::check_results;
use crate::event::{Event, ImportStage};
use crate::plan::{Action, CheckObject, Mode};

/// Brings the rows up to what the plan was made from.
pub(super) async fn settle(inputs: &ApplyInputs<'_>) -> Result<(), Diagnostic> {
    let plan = inputs.plan;
    for (intent, recovery) in &plan.recovered {
        // In one step: a process that dies here must not leave it as sound.
        let provisions = plan
            .prior
            .instances
            .get(&intent.record.id)
            .is_some_and(|i| i.status == Status::Unprovisioned);
        inputs
            .run
            .resolve(intent, recovery, provisions)
            .await
            .map_err(|e| store_error(&e))?;
    }
    // The user has been told: they are not told again.
    for open in &plan.open_invocations {
        let error = "its end is not recorded".to_owned();
        inputs
            .run
            .finish_invocation(open.id, Some(error))
            .await
            .map_err(|e| store_error(&e))?;
    }
    let (before, after) = (&plan.base.instances, &plan.prior.instances);
    // With all that was made, what was read goes.
    let goes = |id: &InstanceId| plan.dropped.contains(id);
    let mut rows: Vec<RowChange> = before
        .keys()
        .filter(|id| !after.contains_key(*id) || goes(id))
        .cloned()
        .map(RowChange::Remove)
        .collect();
    let changed = after
        .iter()
        .filter(|(id, now)| before.get(*id) != Some(*now) && !goes(id));
    rows.extend(changed.map(|(id, now)| RowChange::Put(id.clone(), Box::new(now.clone()))));
    tell_imports(inputs, ImportStage::Start);
    if !rows.is_empty() {
        inputs
            .run
            .write_rows(ChangeKind::Refresh, &rows)
            .await
            .map_err(|e| store_error(&e))?;
    }
    tell_imports(inputs, ImportStage::Complete);
    let forgotten: Vec<RowChange> = plan
        .changes
        .iter()
        .filter(|c| c.action == Action::Forget)
        .map(|c| RowChange::Remove(c.id.clone()))
        .collect();
    if !forgotten.is_empty() {
        inputs
            .run
            .write_rows(ChangeKind::Forget, &forgotten)
            .await
            .map_err(|e| store_error(&e))?;
    }
    Ok(())
}

fn tell_imports(inputs: &ApplyInputs<'_>, stage: ImportStage) {
    for change in &inputs.plan.changes {
        if let Some(id_value) = change.importing.clone() {
            let id = change.id.clone();
            inputs.observer.event(Event::Import {
                id,
                id_value,
                stage,
            });
        }
    }
}

/// Writes what is known by now of outputs and checks.
pub(super) async fn results(executor: &Executor<'_>) -> Result<(), Diagnostic> {
    let base = &executor.inputs.plan.base;
    let mut rows = Vec::new();
    let outputs = outputs(executor);
    if outputs != base.outputs {
        rows.push(RowChange::Outputs(outputs));
    }
    let checks = checks(executor);
    if checks != base.checks {
        rows.push(RowChange::Checks(checks));
    }
    if !rows.is_empty() {
        let written = executor.inputs.run.write_rows(ChangeKind::Edit, &rows);
        written.await.map_err(|e| store_error(&e))?;
    }
    Ok(())
}

/// The results of the plan, with those that applying has found instead.
fn checks(executor: &Executor<'_>) -> Option<String> {
    let plan = executor.inputs.plan;
    let mut results = check_results::outlasting(plan);
    match plan.mode {
        Mode::Invoke => return plan.base.checks.clone(),
        // Of what is gone nothing can be said.
        Mode::Destroy => {}
        Mode::Normal | Mode::RefreshOnly => {
            let found = &executor.eval.checks.0;
            for (object, result) in &mut results {
                match (found.get(object), object) {
                    (Some(found), _) => result.update(found),
                    // What it looks at has failed: what the plan knew does not hold any more.
                    (None, CheckObject::Check(..)) => result.forget(),
                    (None, _) => {}
                }
            }
        }
    }
    check_results::to_text(&results)
}

/// The root module's outputs, as far as they are known by now. An output that could not be
/// evaluated has the value that the plan knew, or else keeps the one that it had.
fn outputs(executor: &Executor<'_>) -> BTreeMap<Arc<str>, OutputValue> {
    let plan = executor.inputs.plan;
    // Before objects are destroyed, the plan has told what the outputs are.
    let before = match plan.mode {
        Mode::Destroy => &plan.prior,
        _ => &plan.base,
    };
    let mut now: BTreeMap<Arc<str>, OutputValue> = before.outputs.clone();
    if plan.mode == Mode::RefreshOnly && !plan.has_changes() {
        return now;
    }
    let root = executor.eval.config.modules.get(&ModulePath::root());
    let values = executor.eval.values.module(&ModuleAddr::root());
    let went_well = executor.went_well();
    for (name, change) in &plan.outputs {
        if change.action == Action::Delete {
            now.remove(name);
            continue;
        }
        let found = values.outputs.get(name);
        let found = found.map(|v| v.unmarked_deep().stored());
        // Where all went well, what is still not known belongs to what was left out.
        let found = match went_well {
            true => found.map(|v| v.unknown_as_null()),
            false => found.filter(Value::is_wholly_known),
        };
        let planned = || Some(change.after.clone()).filter(Value::is_wholly_known);
        let Some(value) = found.or_else(planned) else {
            continue;
        };
        let unknown = values.outputs.get(name).is_some_and(Value::is_unknown);
        if value.is_null() && !unknown {
            now.remove(name);
            continue;
        }
        let sensitive = root
            .and_then(|m| m.outputs.get(name))
            .is_some_and(|o| o.sensitive);
        now.insert(name.clone(), OutputValue { value, sensitive });
    }
    now
}
