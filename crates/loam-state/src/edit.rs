//! Changes of the state as a whole: what the `state` commands do.
//!
//! A command says what the state is to be; what is written is the difference, so that
//! history and disk see only rows that change.

use crate::{ChangeKind, InstanceId, RowChange, Run, State, StateIdentity, Status, StoreError};

/// The changes that make `new` of `old`, lineage and serial aside: removals, then
/// additions and replacements by name, then outputs and checks.
pub fn difference(old: &State, new: &State) -> Vec<RowChange> {
    let mut changes: Vec<RowChange> = old
        .instances
        .keys()
        .filter(|id| !new.instances.contains_key(*id))
        .map(|id| RowChange::Remove(id.clone()))
        .collect();
    for (id, i) in &new.instances {
        if old.instances.get(id) != Some(i) {
            changes.push(RowChange::Put(id.clone(), Box::new(i.clone())));
        }
    }
    if old.outputs != new.outputs {
        changes.push(RowChange::Outputs(new.outputs.clone()));
    }
    if old.checks != new.checks {
        changes.push(RowChange::Checks(new.checks.clone()));
    }
    changes
}

impl Run {
    /// Makes the state what `edit` makes of it, and answers what was written. Blocks.
    /// Nothing is written if anything else was written meanwhile.
    pub fn edit<E: From<StoreError>>(
        &self,
        kind: ChangeKind,
        edit: impl FnOnce(&State) -> Result<State, E>,
    ) -> Result<Vec<RowChange>, E> {
        let old = self.store().snapshot()?;
        let new = edit(&old)?;
        let changes = difference(&old, &new);
        if !changes.is_empty() {
            self.write(kind, &changes, Some(old.identity()), None)
                .wait()?;
        }
        Ok(changes)
    }

    /// Sets an object's status: `taint` and `untaint`. Blocks.
    pub fn set_status(&self, id: &InstanceId, status: Status) -> Result<(), StoreError> {
        let kind = if status == Status::Tainted {
            ChangeKind::Taint
        } else {
            ChangeKind::Untaint
        };
        self.edit(kind, |state| {
            let mut new = state.clone();
            let object = new
                .instances
                .get_mut(id)
                .ok_or_else(|| StoreError::NoSuchObject {
                    what: id.to_string(),
                })?;
            object.status = status;
            Ok(new)
        })
        .map(|_: Vec<RowChange>| ())
    }

    /// Replaces the state by another one, lineage and serial included: `state push`.
    /// Refuses a state of another lineage, an older one, and one of the same serial with
    /// other contents, unless forced. Blocks.
    pub fn push(&self, new: &State, force: bool) -> Result<Vec<RowChange>, StoreError> {
        let old = self.store().snapshot()?;
        let changes = difference(&old, new);
        check_push(&old, new, force)?;
        let mut identity = new.identity();
        if identity.lineage.is_empty() {
            // A file that names none (hand-made) continues this state.
            identity.lineage = old.lineage.clone();
        }
        if identity.lineage == old.lineage && !changes.is_empty() {
            // Never back, so that no plan that was made since looks current.
            identity.serial = identity.serial.max(old.serial + 1);
        }
        if changes.is_empty() && identity == old.identity() {
            return Ok(changes);
        }
        self.write(
            ChangeKind::Push,
            &changes,
            Some(old.identity()),
            Some(identity),
        )
        .wait()?;
        Ok(changes)
    }
}

/// Whether `new` may take the place of `old`: refused for a state of another lineage, an
/// older one, and one of the same serial with other contents, unless it is forced or there
/// is nothing yet.
pub fn check_push(old: &State, new: &State, force: bool) -> Result<(), StoreError> {
    if force || (old.serial == 0 && old.is_empty()) {
        return Ok(());
    }
    let differs = !difference(old, new).is_empty();
    let StateIdentity { lineage, serial } = new.identity();
    if !lineage.is_empty() && lineage != old.lineage {
        return Err(StoreError::OtherLineage {
            new: lineage,
            current: old.lineage.clone(),
        });
    }
    if serial < old.serial {
        return Err(StoreError::OlderSerial {
            new: serial,
            current: old.serial,
        });
    }
    if serial == old.serial && differs {
        return Err(StoreError::SameSerial { serial });
    }
    Ok(())
}
