//! Changes of earlier runs of which no end is recorded: found out about before anything
//! is planned, so that nothing is made twice and nothing is left behind.

use std::sync::Arc;

use futures::FutureExt;
use loam_address::InstanceAddr;
use loam_diag::Diagnostic;
use loam_provider::{IntentAction, Recovery};
use loam_state::{Instance, InstanceId, OpenIntent, Status};

use super::{Completion, Planner, Visit};
use crate::dependencies::ProviderKey;
use crate::event::Event;
use crate::propose::{copy_marks, mark_by_schema};
use crate::provider_address;

/// The provider's answers.
pub struct Answers(Vec<(OpenIntent, Recovery)>);

impl Planner<'_> {
    /// Asks what became of open changes of a type, then reads what is known.
    pub(super) fn start_recovery(&mut self, key: &ProviderKey, kind: &Arc<str>) -> Visit {
        let mut settled = Vec::new();
        let mut asks = Vec::new();
        let concerned = |i: &OpenIntent| {
            i.record.id.addr.resource.kind == *kind
                && provider_address::parse(&i.record.provider, self.eval.registry).is_some_and(
                    |(of, _)| crate::provider_choice::effective(of, self.eval.config) == *key,
                )
        };
        let open: Vec<&OpenIntent> = self.open_intents.iter().filter(|i| concerned(i)).collect();
        if open.is_empty() {
            return self.start_refresh(key, kind);
        }
        let state = loam_state::State {
            instances: self.prior.clone(),
            ..Default::default()
        };
        for intent in open {
            // What an answer had revealed is in the state already.
            if intent.revealed
                && intent.record.action == IntentAction::Create
                && let Some(known) = self.prior.get(&intent.record.id)
            {
                let exists = Recovery::Exists {
                    state: known.value.clone(),
                    private: known.private.clone(),
                    pending: known.status.is_unfinished(),
                };
                settled.push((intent.clone(), exists));
                continue;
            }
            let Some((_, instance)) =
                provider_address::parse(&intent.record.provider, self.eval.registry)
            else {
                continue;
            };
            if let Some(provider) = self.eval.providers.get(&(key.clone(), instance)).cloned() {
                asks.push((provider, intent.clone(), intent.question(&state)));
            }
        }
        if settled.is_empty() && asks.is_empty() {
            return self.start_refresh(key, kind);
        }
        Visit::Wait(
            async move {
                let mut answers = settled;
                for (provider, intent, question) in asks {
                    let mut answer = provider.recover(vec![question]).await;
                    let lost = || Recovery::Unknown("The provider gave no answer.".into());
                    answers.push((intent, answer.pop().unwrap_or_else(lost)));
                }
                Completion::Recovered(Answers(answers))
            }
            .boxed(),
        )
    }

    /// Whether provisioners are still to run with an object, now that it is known what became
    /// of a change of it: they begin when the creation is at its end in the journal.
    fn unprovisioned(&self, id: &InstanceId, action: IntentAction) -> bool {
        let before = self.prior.get(id).map(|i| i.status);
        match action {
            IntentAction::Create => self.provisions(&id.addr),
            IntentAction::Update => before == Some(Status::Unprovisioned),
            IntentAction::Delete => false,
        }
    }

    /// Whether the configuration has provisioners that run with a new object.
    pub(super) fn provisions(&self, addr: &InstanceAddr) -> bool {
        self.eval.provisions(&addr.config_resource())
    }

    /// Takes what was found into the state. False if something cannot be told.
    pub(super) fn take_recovered(&mut self, answers: Answers) -> bool {
        let mut ok = true;
        for (intent, recovery) in answers.0 {
            let record = &intent.record;
            let id = record.id.clone();
            let message = match &recovery {
                Recovery::Exists {
                    state,
                    private,
                    pending,
                } => {
                    let schema = self.schema_of(&id, &record.provider);
                    let block = schema.as_ref().map(|s| &s.block);
                    let marked = copy_marks(&record.planned, state);
                    let taint = self
                        .prior
                        .get(&id)
                        .is_some_and(|i| i.status == Status::Tainted);
                    let instance = Instance {
                        provider: record.provider.clone(),
                        schema_version: record.schema_version,
                        status: match (*pending, taint && record.action != IntentAction::Create) {
                            _ if self.unprovisioned(&record.id, record.action) => {
                                Status::Unprovisioned
                            }
                            (true, _) => Status::Pending,
                            (_, true) => Status::Tainted,
                            _ => Status::Ready,
                        },
                        value: block.map_or_else(|| marked.clone(), |b| mark_by_schema(b, &marked)),
                        private: private.clone(),
                        dependencies: record.dependencies.clone(),
                        create_before_destroy: record.create_before_destroy,
                    };
                    self.prior.insert(id.clone(), instance);
                    match record.action {
                        IntentAction::Create => {
                            "was created by a run that did not end; it is taken into the state"
                        }
                        IntentAction::Update => {
                            "was being changed by a run that did not end; its present state is taken"
                        }
                        IntentAction::Delete => {
                            "was to be destroyed by a run that did not end; it still exists"
                        }
                    }
                }
                Recovery::Absent => {
                    self.prior.remove(&id);
                    match record.action {
                        IntentAction::Create => "was not created by the run that did not end",
                        IntentAction::Update => "does not exist any more",
                        IntentAction::Delete => "was destroyed by a run that did not end",
                    }
                }
                Recovery::Unknown(reason) => {
                    ok = false;
                    let detail = format!(
                        "An earlier run did not learn what became of {id}, and it cannot be told now: {reason} Nothing was changed."
                    );
                    self.eval.diagnostics.push(
                        Diagnostic::error("Outcome of an earlier change unknown", detail)
                            .for_address(id.to_string()),
                    );
                    "cannot be told"
                }
            };
            self.observer.event(Event::Recovered {
                id: InstanceId::clone(&id),
                message: format!("{id} {message}"),
            });
            self.recovered.push((intent, recovery));
        }
        ok
    }
}
