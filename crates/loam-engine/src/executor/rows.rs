//! What applying writes besides the changes themselves: what refreshing found, moved
//! addresses, forgotten objects, outputs.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_address::{ModuleAddr, ModulePath};
use loam_diag::Diagnostic;
use loam_state::{ChangeKind, OutputValue, RowChange};

use super::{ApplyInputs, Executor, store_error};
use crate::plan::{Action, Mode};

/// Brings the rows up to what the plan was made from.
pub(super) async fn settle(inputs: &ApplyInputs<'_>) -> Result<(), Diagnostic> {
    let plan = inputs.plan;
    for (intent, recovery) in &plan.recovered {
        inputs
            .run
            .resolve(intent, recovery)
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
    let mut rows: Vec<RowChange> = before
        .keys()
        .filter(|id| !after.contains_key(*id))
        .cloned()
        .map(RowChange::Remove)
        .collect();
    let changed = after
        .iter()
        .filter(|(id, now)| before.get(*id) != Some(*now));
    rows.extend(changed.map(|(id, now)| RowChange::Put(id.clone(), Box::new(now.clone()))));
    if !rows.is_empty() {
        inputs
            .run
            .write_rows(ChangeKind::Refresh, &rows)
            .await
            .map_err(|e| store_error(&e))?;
    }
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

/// Writes the root module's outputs, as far as they are known by now. An output that
/// could not be evaluated keeps the value that it had.
pub(super) async fn outputs(executor: &Executor<'_>) -> Result<(), Diagnostic> {
    let plan = executor.inputs.plan;
    let mut now: BTreeMap<Arc<str>, OutputValue> = plan.base.outputs.clone();
    let root = executor.eval.config.modules.get(&ModulePath::root());
    let values = executor.eval.values.module(&ModuleAddr::root());
    for (name, change) in &plan.outputs {
        if change.action == Action::Delete {
            let all_gone =
                executor.summary.failed + executor.summary.skipped + executor.summary.unknown == 0;
            if plan.mode != Mode::Destroy || all_gone && !executor.summary.interrupted {
                now.remove(name);
            }
            continue;
        }
        let Some(value) = values.outputs.get(name).map(|v| v.unmarked_deep().stored()) else {
            continue;
        };
        if !value.is_wholly_known() {
            continue;
        }
        if value.is_null() {
            now.remove(name);
            continue;
        }
        let sensitive = root
            .and_then(|m| m.outputs.get(name))
            .is_some_and(|o| o.sensitive);
        now.insert(name.clone(), OutputValue { value, sensitive });
    }
    if now != plan.base.outputs {
        executor
            .inputs
            .run
            .set_outputs(now)
            .await
            .map_err(|e| store_error(&e))?;
    }
    Ok(())
}
