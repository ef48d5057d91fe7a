//! Reading data resources whose arguments only applying has told.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use loam_provider::{Private, Provider};
use loam_state::{ChangeKind, Finish, Record, Run, Status};
use loam_value::Value;

use super::change::stored;
use super::{Done, store_error};
use crate::event::{Event, Observer};
use crate::plan::{Action, ActionReason, ResourceChange};

/// Reads a data resource. One that is nested in a check may fail: then the state has nothing
/// in it, or nothing of it, and the diagnostics say why.
pub(super) async fn read<'a>(
    index: usize,
    change: &'a ResourceChange,
    provider: Arc<dyn Provider>,
    config: Value,
    nested: bool,
    run: &'a Run,
    observer: &'a dyn Observer,
) -> Done {
    let begun = Instant::now();
    let started = SystemTime::now();
    let (id, action) = (change.id.clone(), Action::Read);
    observer.event(Event::ApplyStart {
        id: id.clone(),
        action,
        id_value: None,
    });
    let mut done = Done::begun_not(index, action);
    let kind = &id.addr.resource.kind;
    let mut came = provider.read_data(kind, &config.unmarked_deep()).await;
    // As in Terraform: what could have been read while planning is noted as empty.
    let unread = came.is_err() && change.reason != Some(ActionReason::ReadBecauseCheckNested);
    if let (Err(problems), true) = (&mut came, nested) {
        done.diagnostics = std::mem::take(problems);
        came = Ok(config.unmarked_deep());
    }
    match came {
        Ok(value) => {
            let instance = stored(
                change,
                &change.schema,
                &config,
                &value,
                &Private::default(),
                Status::Ready,
            );
            done.value = instance.value.clone();
            let finish = match unread {
                true => Finish::absent(),
                false => Finish::present(instance),
            };
            match run
                .record(&Record {
                    id: id.clone(),
                    action: ChangeKind::Read,
                    started,
                    finish,
                })
                .await
            {
                Ok(()) => done.ok = true,
                Err(e) => {
                    done.store_failed = true;
                    done.diagnostics.push(store_error(&e));
                }
            }
        }
        Err(d) => done.diagnostics = d,
    }
    observer.event(done.end(id, action, begun));
    done
}
