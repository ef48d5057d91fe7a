//! Reading the objects of one type through one provider configuration, in one batch.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::FutureExt;
use loam_address::InstanceKey;
use loam_config::Config;
use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::{ReadOutcome, ReadRequest, Registry, Schema};
use loam_state::{Instance, InstanceId};
use loam_value::Value;

use super::{Completion, Planner, Visit};
use crate::dependencies::ProviderKey;
use crate::event::Event;
use crate::plan::{Action, ResourceChange};
use crate::propose::{copy_marks, mark_by_schema};
use crate::provider_choice::effective;
use crate::{provider_address, text};

/// The outcomes of a batch.
pub struct Refreshed {
    ids: Vec<InstanceId>,
    outcomes: Vec<ReadOutcome>,
}

impl Planner<'_> {
    /// Begins to read all objects of a type that a provider configuration manages.
    pub(super) fn start_refresh(&mut self, key: &ProviderKey, kind: &Arc<str>) -> Visit {
        if !self.options.refresh {
            return Visit::Done;
        }
        // Provider instances of one `for_each` each read their own objects.
        let mut batches: Vec<(InstanceKey, Vec<InstanceId>, Vec<ReadRequest>)> = Vec::new();
        for (id, instance) in &self.prior {
            if id.addr.resource.kind != *kind
                || id.addr.resource.mode == loam_address::Mode::Data
                || !self.is_read(&id.addr)
            {
                continue;
            }
            let Some((of, instance_key)) =
                provider_address::parse(&instance.provider, self.eval.registry)
            else {
                continue;
            };
            if effective(of, self.eval.config) != *key {
                continue;
            }
            self.observer.event(Event::RefreshStart {
                id: id.clone(),
                id_value: text::id_of(&instance.value),
            });
            let request = ReadRequest {
                address: id.to_string(),
                state: instance.value.unmarked_deep(),
                private: instance.private.clone(),
            };
            match batches.iter_mut().find(|(k, ..)| *k == instance_key) {
                Some((_, ids, requests)) => {
                    ids.push(id.clone());
                    requests.push(request);
                }
                None => batches.push((instance_key, vec![id.clone()], vec![request])),
            }
        }
        let depth = self.options.depth;
        let kind = kind.clone();
        let mut reads = Vec::new();
        for (instance_key, ids, requests) in batches {
            let Some(provider) = self
                .eval
                .providers
                .get(&(key.clone(), instance_key))
                .cloned()
            else {
                continue;
            };
            let kind = kind.clone();
            reads.push(async move { (ids, provider.read(&kind, requests, depth).await) });
        }
        Visit::Wait(
            async move {
                let mut all = Refreshed {
                    ids: Vec::new(),
                    outcomes: Vec::new(),
                };
                for (ids, outcomes) in futures::future::join_all(reads).await {
                    all.ids.extend(ids);
                    all.outcomes.extend(outcomes);
                }
                Completion::Refreshed(all)
            }
            .boxed(),
        )
    }

    /// Takes what was read: the state as it is now, and what of it has changed outside.
    pub(super) fn take_refreshed(&mut self, refreshed: Refreshed) -> Visit {
        let mut ok = true;
        for (id, outcome) in refreshed.ids.into_iter().zip(refreshed.outcomes) {
            let Some(before) = self.prior.get(&id).cloned() else {
                continue;
            };
            let Some(schema) = self.schema_of(&id, &before.provider) else {
                continue;
            };
            match outcome {
                ReadOutcome::Present { state, private } => {
                    let value = mark_by_schema(&schema.block, &copy_marks(&before.value, &state));
                    self.observer.event(Event::RefreshComplete {
                        id: id.clone(),
                        id_value: text::id_of(&value),
                    });
                    if value.unmarked_deep() != before.value.unmarked_deep() {
                        self.note_drift(&id, &before, value.clone(), schema.clone());
                    }
                    if let Some(now) = self.prior.get_mut(&id) {
                        now.value = value;
                        now.private = private;
                        now.schema_version = schema.version;
                    }
                }
                ReadOutcome::Gone => {
                    self.observer.event(Event::RefreshComplete {
                        id: id.clone(),
                        id_value: None,
                    });
                    let null = Value::null(before.value.ty());
                    self.note_drift(&id, &before, null, schema);
                    self.prior.remove(&id);
                }
                ReadOutcome::Failed(diagnostics) => {
                    ok = false;
                    let address = id.to_string();
                    self.eval.diagnostics.extend(
                        diagnostics
                            .into_iter()
                            .map(|d| d.for_address(address.clone())),
                    );
                }
            }
        }
        if ok { Visit::Done } else { Visit::Failed }
    }

    /// What describes an object of the state.
    pub(super) fn schema_of(&self, id: &InstanceId, provider: &str) -> Option<Arc<Schema>> {
        let (key, _) = provider_address::parse(provider, self.eval.registry)?;
        let schema = self.eval.registry.get(&key.kind)?.schema();
        schema.resources.get(&id.addr.resource.kind).cloned()
    }

    /// In a plan that changes nothing but the state: objects that have a new address, and
    /// have not changed otherwise.
    pub(super) fn note_moves(&mut self) {
        let changed: BTreeSet<&InstanceId> = self.drift.iter().map(|d| &d.id).collect();
        let moved: Vec<(InstanceId, Instance)> = self
            .moved
            .keys()
            .filter(|to| to.resource.mode == loam_address::Mode::Managed)
            .map(|to| InstanceId::from(to.clone()))
            .filter(|id| !changed.contains(id))
            .filter_map(|id| self.prior.get(&id).cloned().map(|i| (id, i)))
            .collect();
        for (id, instance) in moved {
            if let Some(schema) = self.schema_of(&id, &instance.provider) {
                self.note_drift(&id, &instance, instance.value.clone(), schema);
            }
        }
    }

    fn note_drift(
        &mut self,
        id: &InstanceId,
        before: &Instance,
        after: Value,
        schema: Arc<Schema>,
    ) {
        let action = if after.is_null() {
            Action::Delete
        } else if after == before.value {
            Action::NoOp
        } else {
            Action::Update
        };
        let kind =
            provider_address::parse(&before.provider, self.eval.registry).map(|(k, _)| k.kind);
        let previous = if id.deposed.is_none() {
            self.moved.get(&id.addr).cloned()
        } else {
            None
        };
        self.drift.push(ResourceChange {
            id: id.clone(),
            previous_address: previous,
            provider_type: kind.unwrap_or_else(|| "".into()),
            provider: before.provider.clone(),
            schema,
            action,
            reason: None,
            before: before.value.clone(),
            after,
            requires_replace: Vec::new(),
            write_only_changes: Vec::new(),
            importing: None,
            generated_config: None,
            private: before.private.clone(),
            pending: false,
            dependencies: before.dependencies.clone(),
            create_before_destroy: before.create_before_destroy,
            requests: 0,
            shared_requests: 0,
        });
    }
}

/// The resource types that the state has objects of, with what they are read through.
pub(crate) fn state_kinds<'o>(
    objects: impl Iterator<Item = (&'o InstanceId, &'o Arc<str>)>,
    registry: &Registry,
    config: &Config,
    diagnostics: &mut Diagnostics,
) -> BTreeSet<(ProviderKey, Arc<str>)> {
    let mut seen: BTreeSet<(Arc<str>, Arc<str>)> = BTreeSet::new();
    let mut out = BTreeSet::new();
    for (id, provider) in objects {
        if id.addr.resource.mode == loam_address::Mode::Data
            || !seen.insert((provider.clone(), id.addr.resource.kind.clone()))
        {
            continue;
        }
        match provider_address::parse(provider, registry) {
            Some((key, _)) => {
                out.insert((effective(key, config), id.addr.resource.kind.clone()));
            }
            None => {
                let detail = format!(
                    "The state says that {} is managed by {}, which is not at hand. Nothing was changed.",
                    id.addr, provider
                );
                diagnostics.push(
                    Diagnostic::error("Unknown provider in the state", detail)
                        .for_address(id.addr.to_string()),
                );
            }
        }
    }
    out
}
