//! Destroying one object.

use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::{ApplyRequest, IntentAction, Private};
use loam_state::{ChangeKind, Finish, Instance, InstanceId, Outcome, Record, Status};
use loam_value::Value;

use super::change::{Job, error_text};
use super::watch::Watch;
use super::{Done, Executor, store_error};
use crate::event::Event;
use crate::plan::Action;
use crate::text;

impl<'a> Executor<'a> {
    /// Prepares to destroy. `told`: that it has begun was told then, and this has been
    /// found out since. The error: it cannot be begun.
    pub(super) fn destroy(
        &mut self,
        index: usize,
        told: Option<(Instant, Diagnostics)>,
    ) -> Result<BoxFuture<'a, Done>, Diagnostics> {
        let Some(change) = self.inputs.plan.changes.get(index) else {
            return Err(Diagnostics::new());
        };
        let provider = self.provider_of(change)?;
        let mut id = change.id.clone();
        if change.action == Action::CreateThenDelete {
            let Some(key) = self.deposed.get(&index).cloned() else {
                let detail = "The replacement was not created, so the old object stays.";
                return Err(Diagnostic::error("Old object not put aside", detail).into());
            };
            id.deposed = Some(key);
        }
        let null = Value::null(change.before.ty());
        let job = Job {
            index,
            change,
            provider,
            run: self.inputs.run,
            observer: self.inputs.observer,
            stop: self.inputs.stop,
            slots: self.slots.clone(),
            prior: change.before.unmarked_deep(),
            planned: null.clone(),
            config: null,
            marked: change.before.clone(),
            private: self.private_of(&change.id),
            provisions: false,
            waits_for: Arc::default(),
        };
        let status = self
            .inputs
            .plan
            .prior
            .instances
            .get(&change.id)
            .map(|i| i.status)
            .unwrap_or_default();
        let dependencies = self
            .inputs
            .plan
            .prior
            .instances
            .get(&change.id)
            .map(|i| i.dependencies.clone());
        Ok(job
            .destroy(id, status, dependencies.unwrap_or_default(), told)
            .boxed())
    }
}

impl Job<'_> {
    async fn destroy(
        self,
        id: InstanceId,
        status: Status,
        dependencies: Arc<Vec<loam_address::ConfigResourceAddr>>,
        told: Option<(Instant, Diagnostics)>,
    ) -> Done {
        let started = SystemTime::now();
        let action = Action::Delete;
        let mut done = Done::begun_not(self.index, action);
        let (begun, warnings) = match told {
            Some(told) => told,
            None => {
                self.observer.event(Event::ApplyStart {
                    id: id.clone(),
                    action,
                    id_value: text::id_of(&self.change.before),
                });
                (done.begun, Diagnostics::new())
            }
        };
        let intent = if self.provider.is_external() {
            match self
                .run
                .intend(&self.intent(IntentAction::Delete, &id))
                .await
            {
                Ok(intent) => Some(intent),
                Err(e) => {
                    done.store_failed = true;
                    done.diagnostics.push(store_error(&e));
                    return done;
                }
            }
        } else {
            None
        };
        let address = id.to_string();
        let request = ApplyRequest {
            kind: &id.addr.resource.kind,
            address: &address,
            prior: &self.prior,
            planned: &self.planned,
            config: &self.config,
            private: &self.private,
            pending: false,
        };
        let watch = Watch {
            job: &self,
            action,
            intent: None,
            failure: Mutex::new(None),
        };
        let outcome = self.provider.apply(request, &watch).await;
        done.diagnostics = outcome.diagnostics;
        done.unknown = outcome.unknown;
        done.ok = outcome.state.is_null() && !outcome.unknown && !done.diagnostics.has_errors();
        let written = match (outcome.unknown, intent) {
            (true, Some(intent)) => {
                let reason =
                    error_text(&done.diagnostics).unwrap_or_else(|| "The answer was lost.".into());
                self.run.leave_open(intent, reason).await
            }
            (_, intent) => {
                let mut finish: Finish = if outcome.state.is_null() {
                    Outcome::Absent.into()
                } else {
                    let remains =
                        self.remaining(&outcome.state, outcome.private, status, dependencies);
                    Finish::present(remains)
                };
                finish.error = error_text(&done.diagnostics);
                match intent {
                    Some(intent) => self.run.finish(intent, &finish).await,
                    None => {
                        self.written(self.run.record(&Record {
                            id: id.clone(),
                            action: ChangeKind::Delete,
                            started,
                            finish,
                        }))
                        .await
                    }
                }
            }
        };
        if let Err(e) = written {
            done.ok = false;
            done.store_failed = true;
            done.diagnostics.push(store_error(&e));
        }
        done.diagnostics.append(warnings);
        self.observer.event(done.end(id, action, begun));
        done
    }

    /// The row of an object that is still there, or partly there.
    fn remaining(
        &self,
        state: &Value,
        private: Private,
        status: Status,
        dependencies: Arc<Vec<loam_address::ConfigResourceAddr>>,
    ) -> Instance {
        let value = crate::propose::copy_marks(&self.marked, state);
        Instance {
            provider: self.change.provider.clone(),
            schema_version: self.change.schema.version,
            status,
            value: crate::propose::mark_by_schema(&self.change.schema.block, &value),
            private,
            dependencies,
            create_before_destroy: self.change.create_before_destroy,
        }
    }
}
