//! Creating, changing and deleting one object.
//!
//! In: a planned change. Out: what it came to, told so that nothing is lost: an object
//! whose identity is known is always in the outcome; a create whose answer was lost is
//! unknown, never repeated; a wait that was cut off is pending, never undone.

use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::{ApplyObserver, ApplyOutcome, ApplyRequest, Private, ReadOutcome};
use loam_value::{Type, Value};

use crate::client::Client;
use crate::description::Resource;
use crate::failure::Failure;
use crate::memory::Memory;
use crate::object::{Object, equal};
use crate::read::Reader;
use crate::run::{Halt, HaltKind, Run};
use crate::turns::{Turn, Turns};
use crate::wait::Pollers;

pub(crate) struct Applier<'a> {
    pub client: &'a Client,
    pub pollers: &'a Pollers,
    pub turns: &'a Turns,
    pub resource: &'a Resource,
    pub request: &'a ApplyRequest<'a>,
    pub observer: &'a dyn ApplyObserver,
}

impl<'a> Applier<'a> {
    /// Makes the change.
    pub async fn apply(&self) -> ApplyOutcome {
        let request = self.request;
        let turn = self.turn().await;
        let mut outcome = if let Err(outcome) = turn {
            *outcome
        } else if request.planned.is_null() {
            self.delete().await
        } else if request.prior.is_null() {
            self.create().await
        } else {
            self.update().await
        };
        let addressed = outcome.diagnostics.into_iter();
        let addressed = addressed.map(|d| d.for_address(request.address));
        outcome.diagnostics = Diagnostics(addressed.collect());
        outcome
    }

    /// Waits until nothing else is being changed that excludes this change. The turn ends
    /// when it is dropped.
    async fn turn(&self) -> Result<Option<Turn>, Box<ApplyOutcome>> {
        let Some(exclusive) = &self.resource.exclusive else {
            return Ok(None);
        };
        let request = self.request;
        let object = match request.planned.is_null() {
            true => request.prior,
            false => request.planned,
        };
        let object = Object::of(&self.resource.fields, object).settled();
        let names = self.client.names().with("self", object);
        let what = match exclusive.text(&names) {
            Ok(Some(what)) => what,
            Ok(None) => return Ok(None),
            Err(d) => return Err(Box::new(self.as_before(d))),
        };
        match self.turns.take(what, self.observer).await {
            Some(turn) => Ok(Some(turn)),
            None => Err(Box::new(self.as_before(not_begun().into()))),
        }
    }

    /// Everything is as it was.
    fn as_before(&self, diagnostics: Diagnostics) -> ApplyOutcome {
        let request = self.request;
        if request.prior.is_null() {
            return gone_outcome(diagnostics);
        }
        ApplyOutcome {
            state: Object::of(&self.resource.fields, request.prior).settled(),
            private: request.private.clone(),
            tainted: false,
            pending: request.pending,
            unknown: false,
            diagnostics,
        }
    }

    fn run(&self, object: &Value, operation: &str) -> Run<'a> {
        let fields = &self.resource.fields;
        let run = Run::new(self.client, self.pollers, fields, object);
        let mut run = run.with_config(fields, self.request.config);
        run.resource = Some(self.resource);
        run.prior = self.request.prior.unmarked_deep();
        run.memory = Memory::read(self.request.private);
        run.observer = Some(self.observer);
        let source = match object.is_null() {
            true => self.request.prior,
            false => object,
        };
        run.timeout = self.timeout(source, operation);
        run
    }

    /// How long the operation may wait: as the user says, or the description.
    fn timeout(&self, object: &Value, operation: &str) -> Option<std::time::Duration> {
        let timeouts = self.resource.timeouts.as_ref()?;
        let set = object.get("timeouts").and_then(|t| t.get(operation));
        let set = set.and_then(|v| v.as_str().and_then(loam_value::duration::parse));
        set.or(match operation {
            "create" => timeouts.create,
            "update" => timeouts.update,
            "delete" => timeouts.delete,
            _ => timeouts.read,
        })
    }

    /// Notes what is sent and not stored.
    fn intend(&self, memory: &mut Memory) {
        for (name, f) in &self.resource.fields {
            let value = self.request.config.entries().and_then(|e| e.get(name));
            if let (true, Some(value)) = (f.write_only(), value) {
                memory.intend(name, &value.unmarked_deep());
            }
        }
    }

    async fn create(&self) -> ApplyOutcome {
        let mut run = self.run(self.request.planned, "create");
        self.intend(&mut run.memory);
        // Whatever becomes of it: if it exists, it has them.
        run.memory.sent();
        run.creating = true;
        match run.run(&self.resource.create, 0).await {
            Ok(()) if run.identified() => self.finish(run).await,
            Ok(()) => self.unknown(
                run,
                Diagnostic::error(
                    "An answer is not as described",
                    "It was created, but no answer told its identity.",
                )
                .into(),
            ),
            Err(halt) => self.halted_create(run, halt).await,
        }
    }

    /// What a creation came to that did not reach its end.
    async fn halted_create(&self, mut run: Run<'a>, halt: Halt) -> ApplyOutcome {
        let mut diagnostics = halt.kind.diagnostics();
        if matches!(halt.kind, HaltKind::Interrupted) && !run.touched && !run.created {
            diagnostics.push(not_begun());
        }
        if !run.created || !run.identified() {
            let nothing = match &halt.kind {
                HaltKind::Request { failure, .. } => !run.touched && !failure.may_have_happened(),
                _ => !run.touched,
            };
            if nothing {
                return gone_outcome(diagnostics);
            }
            return self.unknown(run, diagnostics);
        }
        if let HaltKind::Request {
            failure,
            changes: false,
        } = &halt.kind
            && failure.is_gone()
            && self
                .confirmed_gone(&run.object.settled(), &run.memory)
                .await
        {
            let gone = Diagnostic::error(
                "It vanished while it was being created",
                "The API created it and then no longer knew it. Somebody else may have deleted it.",
            );
            let mut diagnostics = failure.diagnostics();
            diagnostics.push(gone);
            return gone_outcome(diagnostics);
        }
        let tainted = matches!(halt.kind, HaltKind::Broken(_));
        run.memory.resume = (!tainted).then(|| halt.step.to_string());
        let mut all = std::mem::take(&mut run.warnings);
        all.append(diagnostics);
        ApplyOutcome {
            state: run.object.settled(),
            private: run.memory.write(),
            tainted,
            pending: !tainted,
            unknown: false,
            diagnostics: all,
        }
    }

    /// Nobody can tell yet whether something was created.
    fn unknown(&self, run: Run<'_>, mut diagnostics: Diagnostics) -> ApplyOutcome {
        diagnostics.push(Diagnostic::error(
            "It is not known whether it was created",
            "The request was sent, but its outcome is not known. It is not repeated, because that \
             might create it twice. The next run looks for it first and adopts it if it is there.",
        ));
        ApplyOutcome {
            state: run.object.settled(),
            private: run.memory.write(),
            tainted: false,
            pending: false,
            unknown: true,
            diagnostics,
        }
    }

    /// The object after everything went well; what answers have not told yet is read.
    async fn finish(&self, mut run: Run<'_>) -> ApplyOutcome {
        run.memory.resume = None;
        run.memory.imported = false;
        let mut diagnostics = std::mem::take(&mut run.warnings);
        if !run.object.incomplete() {
            run.memory.detailed = true;
        } else {
            let reader = self.reader();
            let state = run.object.settled();
            match reader
                .read_back(self.request.address, &state, &run.memory)
                .await
            {
                ReadOutcome::Present { state, private } => {
                    run.object = Object::of(&self.resource.fields, &state);
                    run.memory = Memory::read(&private);
                }
                ReadOutcome::Gone => {
                    diagnostics.push(Diagnostic::error(
                        "It vanished",
                        "The change was made, but then the API no longer knew the object.",
                    ));
                    return gone_outcome(diagnostics);
                }
                ReadOutcome::Failed(d) => {
                    diagnostics.push(Diagnostic::warning(
                        "Not read back",
                        format!(
                            "The change was made, but reading the result failed; the next refresh completes it. {}",
                            texts(&d)
                        ),
                    ));
                }
            }
        }
        ApplyOutcome {
            state: run.object.settled(),
            private: run.memory.write(),
            tainted: false,
            pending: false,
            unknown: false,
            diagnostics,
        }
    }

    /// Whether the object itself is gone, too: "not found" may also mean the address of
    /// a request that the API does not offer.
    async fn confirmed_gone(&self, state: &Value, memory: &Memory) -> bool {
        let reader = self.reader();
        let now = reader.read_back(self.request.address, state, memory);
        now.await == ReadOutcome::Gone
    }

    fn reader(&self) -> Reader<'a> {
        Reader {
            client: self.client,
            pollers: self.pollers,
            resource: self.resource,
            observer: Some(self.observer),
        }
    }

    async fn update(&self) -> ApplyOutcome {
        let operation = if self.request.pending {
            "create"
        } else {
            "update"
        };
        let mut run = self.run(self.request.planned, operation);
        // What is certain, should one of several requests fail.
        let mut certain = Object::of(&self.resource.fields, self.request.prior);
        if self.request.pending {
            run = match self.resume(run, &mut certain).await {
                Ok(run) => run,
                Err(outcome) => return *outcome,
            };
            run.timeout = self.timeout(self.request.planned, "update");
        }
        self.intend(&mut run.memory);
        let changed = self.changed(&run, &certain);
        for update in &self.resource.updates {
            if !update.attributes.iter().any(|a| changed.contains(a)) {
                continue;
            }
            if let Some(when) = &update.when
                && !when.truth(&run.names()).unwrap_or(true)
            {
                continue;
            }
            if let Err(halt) = run.run(&update.steps, 0).await {
                return self.halted_update(run, certain, halt).await;
            }
            for name in &update.attributes {
                certain.set(name, run.object.get(name));
            }
        }
        run.memory.sent();
        self.finish(run).await
    }

    /// Goes on with a creation that was cut off, to its end; `certain` becomes what the
    /// object then is.
    async fn resume(
        &self,
        mut run: Run<'a>,
        certain: &mut Object<'a>,
    ) -> Result<Run<'a>, Box<ApplyOutcome>> {
        run.creating = true;
        run.created = true;
        run.revealed = true;
        let at = self.resource.resume_at(run.memory.resume.as_deref());
        if let Err(halt) = run.run(&self.resource.create, at).await {
            return Err(Box::new(self.halted_create(run, halt).await));
        }
        run.creating = false;
        run.memory.resume = None;
        let state = run.object.settled();
        let reader = self.reader();
        let now = reader.read_back(self.request.address, &state, &run.memory);
        if let ReadOutcome::Present { state, private } = now.await {
            for (name, value) in run.object.values.iter_mut() {
                if !value.is_wholly_known()
                    && let Some(told) = state.get(name)
                {
                    *value = told;
                }
            }
            run.memory = Memory::read(&private);
            *certain = Object::of(&self.resource.fields, &state);
        }
        Ok(run)
    }

    /// Attributes that requests have to change.
    fn changed(&self, run: &Run<'_>, prior: &Object<'_>) -> Vec<Arc<str>> {
        let planned = Object::of(&self.resource.fields, self.request.planned);
        let sent_only = run.memory.changes();
        let differs = |name: &Arc<str>| {
            let Some(field) = self.resource.fields.get(name) else {
                return false;
            };
            if field.write_only() {
                return sent_only.iter().any(|n| n.as_str() == &**name);
            }
            let own = || planned.settled();
            let planned = planned.get(name);
            !planned.is_unknown() && !equal(field, &prior.get(name), &planned, &own)
        };
        self.resource
            .fields
            .keys()
            .filter(|n| differs(n))
            .cloned()
            .collect()
    }

    /// What an update came to that did not reach its end: what can be read of it.
    async fn halted_update(&self, run: Run<'_>, certain: Object<'_>, halt: Halt) -> ApplyOutcome {
        let mut diagnostics = halt.kind.diagnostics();
        if matches!(halt.kind, HaltKind::Interrupted) {
            diagnostics.push(match run.touched {
                false => not_begun(),
                true => Diagnostic::error(
                    "Stopped",
                    "The change was begun and not waited for; the next plan shows what is left to do.",
                ),
            });
        }
        let gone = matches!(&halt.kind, HaltKind::Request { failure, .. } if failure.is_gone());
        if gone && self.confirmed_gone(&certain.settled(), &run.memory).await {
            return gone_outcome(diagnostics);
        }
        let mut memory = Memory::read(self.request.private);
        memory.give_up();
        let mut state = certain.settled();
        if run.touched {
            let reader = self.reader();
            if let ReadOutcome::Present { state: s, private } = reader
                .read_back(self.request.address, &state, &memory)
                .await
            {
                state = s;
                memory = Memory::read(&private);
            }
        }
        ApplyOutcome {
            state,
            private: memory.write(),
            tainted: false,
            pending: false,
            unknown: false,
            diagnostics,
        }
    }

    async fn delete(&self) -> ApplyOutcome {
        let gone = |diagnostics| gone_outcome(diagnostics);
        if let Some(text) = &self.resource.forget {
            let warning = Diagnostic::warning("Forgotten, not deleted", text.clone());
            return gone(warning.into());
        }
        let mut run = self.run(self.request.prior, "delete");
        let Err(halt) = run.run(&self.resource.delete, 0).await else {
            return gone(run.warnings);
        };
        let mut diagnostics = halt.kind.diagnostics();
        match &halt.kind {
            HaltKind::Request { failure, .. } => {
                if matches!(failure, Failure::Refused(r) if r.already_gone || r.gone) {
                    return gone(Diagnostics::new());
                }
                if failure.may_have_happened() {
                    // Look before anybody tries again.
                    let reader = self.reader();
                    let address = self.request.address;
                    let now = reader.read_back(address, self.request.prior, &run.memory).await;
                    if now == ReadOutcome::Gone {
                        return gone(Diagnostics::new());
                    }
                }
            }
            HaltKind::Interrupted if !run.touched => diagnostics.push(not_begun()),
            HaltKind::Interrupted => diagnostics.push(Diagnostic::error(
                "Stopped",
                "The deletion was begun and not waited for; the next plan shows whether it has finished.",
            )),
            HaltKind::Broken(_) | HaltKind::CutOff(_) => {}
        }
        ApplyOutcome {
            state: Object::of(&self.resource.fields, self.request.prior).settled(),
            private: self.request.private.clone(),
            tainted: false,
            pending: self.request.pending,
            unknown: false,
            diagnostics,
        }
    }
}

/// The user wanted to stop before anything was sent.
fn not_begun() -> Diagnostic {
    Diagnostic::error("Stopped", "The change was not begun.")
}

fn gone_outcome(diagnostics: Diagnostics) -> ApplyOutcome {
    ApplyOutcome {
        state: Value::null(Type::Dynamic),
        private: Private::default(),
        tainted: false,
        pending: false,
        unknown: false,
        diagnostics,
    }
}

fn texts(diagnostics: &Diagnostics) -> String {
    let all: Vec<&str> = diagnostics.iter().map(|d| d.detail.as_str()).collect();
    all.join(" ")
}
