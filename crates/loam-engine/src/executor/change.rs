//! Creating and updating one object.

use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use loam_address::ConfigResourceAddr;
use loam_config::Resource;
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_provider::{
    ApplyOutcome, ApplyRequest, IntentAction, PlanRequest, Private, Provider, Schema,
};
use loam_state::{
    ChangeKind, DeposedKey, Finish, Instance, InstanceId, IntentId, IntentRecord, Outcome, Record,
    RowChange, Run, Status,
};
use loam_value::Value;

use super::promise::contradiction;
use super::read::read;
use super::slots::Slots;
use super::watch::Watch;
use super::{Done, Executor, Stop, store_error};
use crate::event::{Event, Observer};
use crate::plan::{Action, ResourceChange};
use crate::propose::{
    copy_marks, ignoring, mark_by_schema, proposed, unstorable, without_write_only,
};
use crate::provider_address;
use crate::scope::ModuleScope;
use crate::text;

/// Everything that making one object takes, without a hold on the executor.
pub(super) struct Job<'a> {
    pub index: usize,
    pub change: &'a ResourceChange,
    pub provider: Arc<dyn Provider>,
    pub run: &'a Run,
    pub observer: &'a dyn Observer,
    pub stop: &'a Stop,
    pub slots: Arc<Slots>,
    /// The object before; null to create.
    pub prior: Value,
    /// The object as planned, wholly known but for computed attributes.
    pub planned: Value,
    /// Its arguments.
    pub config: Value,
    /// The arguments with their marks, write-only ones null.
    pub marked: Value,
    pub private: Private,
    /// Provisioners run once the object is made: until they have it is not sound.
    pub provisions: bool,
    /// What the object has waited for so far.
    pub waits_for: Arc<Vec<ConfigResourceAddr>>,
}

impl<'a> Executor<'a> {
    /// Prepares to create, update or read. The error: it cannot be begun.
    pub(super) fn make(&mut self, index: usize) -> Result<BoxFuture<'a, Done>, Diagnostics> {
        let Some(change) = self.inputs.plan.changes.get(index) else {
            return Err(Diagnostics::new());
        };
        let addr = &change.id.addr;
        let Some(resource) = self.eval.resource(&addr.config_resource()).cloned() else {
            return Err(Diagnostics::new());
        };
        let each = self.eval.each_value(addr);
        if !self
            .eval
            .resource_conditions(addr, &resource, each.clone(), None)
        {
            return Err(Diagnostics::new());
        }
        let Some(module) = self.eval.module(&addr.module.path()) else {
            return Err(Diagnostics::new());
        };
        let config = {
            let scope = ModuleScope {
                repetition: Some((&addr.key, each)),
                ..self.eval.scope(module, &addr.module)
            };
            resource.body.eval(&scope)?
        };
        let problems = unstorable(
            addr,
            &resource.body,
            &without_write_only(&change.schema.block, &config),
        );
        if problems.has_errors() {
            return Err(problems);
        }
        let provider = self.provider_of(change)?;
        if change.action == Action::Read {
            let nested = resource.in_check.is_some();
            let (run, observer) = (self.inputs.run, self.inputs.observer);
            return Ok(read(index, change, provider, config, nested, run, observer).boxed());
        }
        if !config.is_wholly_known() {
            return Err(not_known(resource.span).into());
        }
        let before = match change.action {
            Action::Update => change.before.clone(),
            _ => Value::null(change.after.ty()),
        };
        let prior = before.unmarked_deep();
        let block = &change.schema.block;
        let ignored = &resource.lifecycle.ignore_changes;
        let plain = ignoring(block, ignored, &prior, &config.unmarked_deep().stored());
        let job = Job {
            index,
            change,
            provider,
            run: self.inputs.run,
            observer: self.inputs.observer,
            stop: self.inputs.stop,
            slots: self.slots.clone(),
            planned: proposed(block, &prior, &plain),
            prior,
            config: plain,
            marked: ignoring(block, ignored, &before, &without_write_only(block, &config)),
            private: if change.action == Action::Update {
                self.private_of(&change.id)
            } else {
                Private::default()
            },
            provisions: self.provisions(index),
            waits_for: {
                let objects = &self.inputs.plan.prior.instances;
                let object = match change.action {
                    Action::Update => objects.get(&change.id),
                    _ => None,
                };
                object.map(|o| o.dependencies.clone()).unwrap_or_default()
            },
        };
        Ok(job.make(resource).boxed())
    }

    /// What the provider remembers of an object.
    pub(super) fn private_of(&self, id: &InstanceId) -> Private {
        self.inputs
            .plan
            .prior
            .instances
            .get(id)
            .map(|i| i.private.clone())
            .unwrap_or_default()
    }

    /// The configured provider of a change.
    pub(super) fn provider_of(
        &self,
        change: &ResourceChange,
    ) -> Result<Arc<dyn Provider>, Diagnostics> {
        let found = provider_address::parse(&change.provider, self.eval.registry).and_then(
            |(key, instance)| {
                let key = crate::provider_choice::effective(key, self.eval.config);
                self.eval.providers.get(&(key, instance)).cloned()
            },
        );
        found.ok_or_else(|| {
            let detail = format!(
                "{} is managed by {}, which is not configured.",
                change.id, change.provider
            );
            Diagnostic::error("Provider configuration not present", detail).into()
        })
    }
}

impl<'a> Job<'a> {
    async fn make(mut self, resource: Arc<Resource>) -> Done {
        // The provider plans once more with all arguments known; what was promised must
        // come out again.
        let request = PlanRequest {
            kind: &self.change.id.addr.resource.kind,
            prior: &self.prior,
            config: &self.config,
            proposed: &self.planned,
            private: &self.private,
            pending: self.change.pending,
        };
        let answer = self.provider.plan_change(request).await;
        let mut diagnostics = Diagnostics(
            answer
                .diagnostics
                .into_iter()
                .map(|d| d.at(resource.span))
                .collect(),
        );
        if diagnostics.has_errors() {
            return self.begun_not(diagnostics);
        }
        if let Some(path) = contradiction(
            &self.change.after.unmarked_deep(),
            &answer.planned,
            loam_value::Path::root(),
        ) {
            let detail = format!(
                "What is known now for {}{path} is not what the plan said. Nothing was changed for this object. Make a new plan; if that does not help, this is a bug of the provider.",
                self.change.id
            );
            diagnostics
                .push(Diagnostic::error("Plan is no longer right", detail).at(resource.span));
            return self.begun_not(diagnostics);
        }
        self.planned = answer.planned;
        self.private = answer.private;
        let update = self.change.action == Action::Update;
        if update && !self.change.pending && answer.write_only_changes.is_empty() {
            let now = self.instance(&self.planned, &self.private, Status::Ready);
            if now.value == self.change.before {
                return self.leave(now, diagnostics).await;
            }
        }
        let action = if update {
            Action::Update
        } else {
            Action::Create
        };
        let begun = Instant::now();
        let id_value = text::id_of(&self.change.before).filter(|_| update);
        self.observer.event(Event::ApplyStart {
            id: self.change.id.clone(),
            action,
            id_value,
        });
        let mut done = self.carry_out(action).await;
        let mut all = diagnostics;
        all.append(done.diagnostics);
        done.diagnostics = Diagnostics(all.into_iter().map(|d| d.at(resource.span)).collect());
        done.begun = begun;
        // With provisioners to come, its end is told after them.
        if done.unprovisioned.is_none() {
            self.observer
                .event(done.end(self.change.id.clone(), action, begun));
        }
        done
    }

    /// Where what was not known while planning has turned out to be what is there already:
    /// nothing is sent, and only the row says what the object is made from now. It waits for
    /// what it was made from, too, as with any plan in which it has not changed yet.
    async fn leave(&self, mut now: Instance, diagnostics: Diagnostics) -> Done {
        let value = now.value.clone();
        now.dependencies = self.waits_for.clone();
        let row = RowChange::Put(self.change.id.clone(), Box::new(now));
        let write = self.run.write_rows(ChangeKind::Update, &[row]);
        match self.written(write).await {
            Ok(()) => Done {
                ok: true,
                value,
                ..self.begun_not(diagnostics)
            },
            Err(e) => self.store_failed(&e, diagnostics),
        }
    }

    /// Waits for what is written of a change that nothing outside of this process knows of.
    /// Should it be lost, nothing else is, so that others may begin meanwhile; provisioners,
    /// which follow without a pause, need the slot.
    pub(super) async fn written<T>(&self, write: impl Future<Output = T>) -> T {
        match self.provisions {
            true => write.await,
            false => self.slots.writing(write, self.stop.is_wished()).await,
        }
    }

    fn begun_not(&self, diagnostics: Diagnostics) -> Done {
        Done {
            diagnostics,
            ..Done::begun_not(self.index, Action::NoOp)
        }
    }

    fn store_failed(&self, e: &loam_state::StoreError, extra: Diagnostics) -> Done {
        let mut diagnostics = extra;
        diagnostics.push(store_error(e));
        Done {
            store_failed: true,
            ..self.begun_not(diagnostics)
        }
    }

    async fn carry_out(&self, action: Action) -> Done {
        let id = &self.change.id;
        let mut deposed = None;
        let keeps_old = matches!(
            self.change.action,
            Action::CreateThenDelete | Action::CreateThenForget
        );
        if keeps_old {
            match self.run.depose(&id.addr).await {
                Ok(key) => deposed = Some(key),
                Err(e) => return self.store_failed(&e, Diagnostics::new()),
            }
        }
        let intent = if self.provider.is_external() {
            let kind = if action == Action::Update {
                IntentAction::Update
            } else {
                IntentAction::Create
            };
            match self.run.intend(&self.intent(kind, id)).await {
                Ok(intent) => Some(intent),
                Err(e) => {
                    return Done {
                        deposed,
                        ..self.store_failed(&e, Diagnostics::new())
                    };
                }
            }
        } else {
            None
        };
        let started = SystemTime::now();
        let watch = Watch {
            job: self,
            action,
            intent,
            failure: Mutex::new(None),
        };
        let address = id.to_string();
        let request = ApplyRequest {
            kind: &id.addr.resource.kind,
            address: &address,
            prior: &self.prior,
            planned: &self.planned,
            config: &self.config,
            private: &self.private,
            pending: self.change.pending,
        };
        let outcome = self.provider.apply(request, &watch).await;
        let lost = watch
            .failure
            .into_inner()
            .unwrap_or_else(|e| e.into_inner());
        let mut done = self
            .record(action, intent, started, outcome, &deposed)
            .await;
        done.diagnostics.extend(lost);
        done.deposed = done.deposed.or(deposed);
        done
    }

    /// What the journal keeps before the change is sent.
    pub(super) fn intent(&self, action: IntentAction, id: &InstanceId) -> IntentRecord {
        IntentRecord {
            id: id.clone(),
            action,
            provider: self.change.provider.clone(),
            schema_version: self.change.schema.version,
            prior: self.prior.clone(),
            planned: without_write_only(&self.change.schema.block, &self.planned),
            private: self.private.clone(),
            dependencies: self.change.dependencies.clone(),
            create_before_destroy: self.change.create_before_destroy,
        }
    }

    /// The condition of an object that is not ready yet.
    pub(super) fn waited_for(&self) -> Status {
        match self.provisions {
            true => Status::Unprovisioned,
            false => Status::Pending,
        }
    }

    pub(super) fn instance(&self, state: &Value, private: &Private, status: Status) -> Instance {
        stored(
            self.change,
            &self.change.schema,
            &self.marked,
            state,
            private,
            status,
        )
    }

    /// Writes what came of the change.
    async fn record(
        &self,
        action: Action,
        intent: Option<IntentId>,
        started: SystemTime,
        outcome: ApplyOutcome,
        deposed: &Option<DeposedKey>,
    ) -> Done {
        let id = &self.change.id;
        let failed = outcome.diagnostics.has_errors();
        let mut done = Done {
            ok: !failed && !outcome.unknown,
            unknown: outcome.unknown,
            diagnostics: outcome.diagnostics,
            ..Done::begun_not(self.index, action)
        };
        if outcome.unknown
            && let Some(intent) = intent
        {
            let reason =
                error_text(&done.diagnostics).unwrap_or_else(|| "The answer was lost.".into());
            if let Err(e) = self.run.leave_open(intent, reason).await {
                return self.store_failed(&e, done.diagnostics);
            }
            return done;
        }
        let status = match (outcome.pending, outcome.tainted) {
            (true, _) => self.waited_for(),
            (_, true) => Status::Tainted,
            _ if self.provisions && failed => Status::Unprovisioned,
            // Should this process end while they run, nobody could tell how far they came.
            _ if self.provisions => Status::Tainted,
            _ => Status::Ready,
        };
        let mut finish: Finish = if outcome.state.is_null() {
            Outcome::Absent.into()
        } else {
            let instance = self.instance(&outcome.state, &outcome.private, status);
            done.value = instance.value.clone();
            if self.provisions && done.ok && !outcome.pending && !outcome.tainted {
                done.unprovisioned = Some(Box::new(instance.clone()));
            }
            Finish::present(instance)
        };
        finish.error = error_text(&done.diagnostics);
        match (&self.change.action, deposed) {
            // The replacement does not exist: the old object is the current one again.
            (_, Some(key)) if outcome.state.is_null() => {
                let from = InstanceId {
                    addr: id.addr.clone(),
                    deposed: Some(key.clone()),
                };
                finish = finish.also(RowChange::Move {
                    from,
                    to: id.clone(),
                });
            }
            (Action::CreateThenForget, Some(key)) if done.ok && done.unprovisioned.is_none() => {
                finish = finish.also(RowChange::Remove(InstanceId {
                    addr: id.addr.clone(),
                    deposed: Some(key.clone()),
                }));
            }
            _ => {}
        }
        let written = match intent {
            Some(intent) => self.run.finish(intent, &finish).await,
            None => {
                let kind = if action == Action::Update {
                    ChangeKind::Update
                } else {
                    ChangeKind::Create
                };
                self.written(self.run.record(&Record {
                    id: id.clone(),
                    action: kind,
                    started,
                    finish,
                }))
                .await
            }
        };
        match written {
            Ok(()) => done,
            Err(e) => self.store_failed(&e, done.diagnostics),
        }
    }
}

/// The row of an object.
pub(super) fn stored(
    change: &ResourceChange,
    schema: &Schema,
    marked: &Value,
    state: &Value,
    private: &Private,
    status: Status,
) -> Instance {
    Instance {
        provider: change.provider.clone(),
        schema_version: schema.version,
        status,
        value: mark_by_schema(&schema.block, &copy_marks(marked, state)),
        private: private.clone(),
        dependencies: change.dependencies.clone(),
        create_before_destroy: change.create_before_destroy,
    }
}

/// Of arguments that should be known by now.
pub(super) fn not_known(place: Span) -> Diagnostic {
    let detail = "An argument is still not known, although everything that it is made from has been applied.";
    Diagnostic::error("Argument not known", detail).at(place)
}

/// The errors as one line for the history.
pub(super) fn error_text(diagnostics: &Diagnostics) -> Option<String> {
    let errors: Vec<&str> = diagnostics
        .iter()
        .filter(|d| d.is_error())
        .map(|d| d.summary.as_str())
        .collect();
    (!errors.is_empty()).then(|| errors.join("; "))
}
