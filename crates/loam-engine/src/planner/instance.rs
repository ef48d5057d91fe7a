//! Planning one instance of a managed resource.

use std::sync::Arc;

use loam_address::{ConfigResourceAddr, InstanceAddr};
use loam_config::Resource;
use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::{PlanRequest, PlannedChange, Private, Schema};
use loam_state::{Instance, InstanceId, Status};
use loam_value::{Kind, PathStep, Type, Value, convert};
use rustc_hash::FxHashSet;

use super::Planner;
use super::resource::InstanceProvider;
use crate::plan::{Action, ActionReason, ResourceChange};
use crate::propose::{
    copy_marks, ignoring, mark_by_schema, proposed, unstorable, without_write_only,
};
use crate::provider_address;
use crate::scope::ModuleScope;

/// The object as it is and as the configuration wants it.
struct Want<'a> {
    resource: &'a Resource,
    addr: &'a InstanceAddr,
    schema: Arc<Schema>,
    provider: InstanceProvider,
    /// The configuration with its marks.
    config: Value,
    prior: Option<Instance>,
    /// Something that `replace_triggered_by` names is about to change.
    triggered: bool,
}

/// Until its change is made an object waits for what it was made from, too, and not only for
/// what it is made from now.
pub(super) fn wait_also_for(prior: &mut Instance, dependencies: &Arc<Vec<ConfigResourceAddr>>) {
    if prior.dependencies != *dependencies {
        let new: FxHashSet<&ConfigResourceAddr> = dependencies.iter().collect();
        let kept = prior.dependencies.iter().filter(|d| !new.contains(d));
        let both = dependencies.iter().chain(kept).cloned();
        prior.dependencies = Arc::new(both.collect());
    }
}

impl Planner<'_> {
    /// Plans one instance. False if that failed; its value is then unknown.
    pub(super) async fn plan_instance(&mut self, resource: &Resource, addr: InstanceAddr) -> bool {
        self.claimed.insert(addr.clone());
        if !self.selected(&addr) {
            let prior = self
                .prior
                .get(&InstanceId::from(addr.clone()))
                .map(|i| i.value.clone());
            match prior {
                Some(value) => self.eval.set_value(&addr, value),
                None => self.eval.set_absent(&addr),
            }
            return true;
        }
        let Some(want) = self.want(resource, &addr) else {
            return false;
        };
        let Some(change) = self.decide(want).await else {
            return false;
        };
        let after = change.after.clone();
        self.eval.set_value(&addr, after.clone());
        if change.action != Action::NoOp {
            self.will_change(&addr);
        }
        self.index.insert(addr.clone(), self.changes.len());
        self.changes.push(change);
        let each = self.eval.each_value(&addr);
        self.eval
            .resource_conditions(&addr, resource, each, Some(after))
    }

    /// Evaluates what is wanted. Errors are recorded.
    fn want<'r>(&mut self, resource: &'r Resource, addr: &'r InstanceAddr) -> Option<Want<'r>> {
        let provider = self.provider_of(resource, addr)?;
        let schema = provider
            .kind
            .schema()
            .resources
            .get(&addr.resource.kind)?
            .clone();
        let each = self.eval.each_value(addr);
        if !self
            .eval
            .resource_conditions(addr, resource, each.clone(), None)
        {
            return None;
        }
        let module = self.eval.module(&addr.module.path())?;
        let result = {
            let scope = ModuleScope {
                repetition: Some((&addr.key, each)),
                ..self.eval.scope(module, &addr.module)
            };
            resource.body.eval(&scope)
        };
        let config = match result {
            Ok(v) => v,
            Err(d) => {
                self.eval.diagnostics.append(d);
                return None;
            }
        };
        let stored = without_write_only(&schema.block, &config);
        let mut problems = unstorable(addr, &resource.body, &stored);
        problems.append(
            provider
                .kind
                .validate(&addr.resource.kind, &config.unmarked_deep()),
        );
        let failed = problems.has_errors();
        self.record(problems, resource, addr);
        if failed {
            return None;
        }
        let triggered = self.triggered(resource, addr)?;
        let prior = self.prior.get(&InstanceId::from(addr.clone())).cloned();
        Some(Want {
            resource,
            addr,
            schema,
            provider,
            config,
            prior,
            triggered,
        })
    }

    /// Records what a provider says about an instance, at the instance's block.
    fn record(&mut self, diagnostics: Diagnostics, resource: &Resource, addr: &InstanceAddr) {
        let address = addr.to_string();
        self.eval.diagnostics.extend(
            diagnostics
                .into_iter()
                .map(|d| d.at(resource.span).for_address(address.clone())),
        );
    }

    async fn ask(
        &mut self,
        want: &Want<'_>,
        prior: &Value,
        private: &Private,
        pending: bool,
    ) -> Option<PlannedChange> {
        let block = &want.schema.block;
        let config = want.config.unmarked_deep().stored();
        // A new object, also one in another's place, is made as the configuration says.
        let ignored = &want.resource.lifecycle.ignore_changes;
        let config = ignoring(block, ignored, prior, &config);
        let proposed = proposed(block, prior, &config);
        let request = PlanRequest {
            kind: &want.addr.resource.kind,
            prior,
            config: &config,
            proposed: &proposed,
            private,
            pending,
        };
        let mut answer = want.provider.provider.plan_change(request).await;
        let diagnostics = std::mem::take(&mut answer.diagnostics);
        let failed = diagnostics.has_errors();
        self.record(diagnostics, want.resource, want.addr);
        (!failed).then_some(answer)
    }

    /// Where there is no object: null of its type.
    fn null_of(&mut self, schema: &Arc<Schema>) -> Value {
        let ty = self
            .types
            .entry(Arc::as_ptr(schema) as usize)
            .or_insert_with(|| schema.block.implied_type());
        Value::null(ty.clone())
    }

    async fn decide(&mut self, want: Want<'_>) -> Option<ResourceChange> {
        let null = self.null_of(&want.schema);
        let create_first = self
            .create_first
            .get(&want.addr.config_resource())
            .copied()
            .unwrap_or(false);
        let no_private = Private::default();
        let mut answer;
        let action;
        let mut reason;
        let mut requires_replace = Vec::new();
        let mut write_only_changes = Vec::new();
        let mut requests = (0, 0);
        match &want.prior {
            None => {
                answer = self.ask(&want, &null, &no_private, false).await?;
                action = Action::Create;
                // As other tools have it: also what is only made now names its triggers.
                reason = want.triggered.then_some(ActionReason::ReplaceByTriggers);
            }
            Some(prior) => {
                let before = prior.value.unmarked_deep();
                let pending = prior.status.is_unfinished();
                let first = self.ask(&want, &before, &prior.private, pending).await?;
                // A tainted object is replaced whatever its arguments are.
                if prior.status != Status::Tainted {
                    requires_replace = first.requires_replace.clone();
                }
                write_only_changes = first.write_only_changes.clone();
                reason = self.why_replace(&want, prior, &first);
                if reason.is_some() {
                    answer = self.ask(&want, &null, &no_private, false).await?;
                    let id = InstanceId::from(want.addr.clone());
                    if want.resource.lifecycle.destroy {
                        requests = self.destruction(&id, &want.provider, prior).await;
                    }
                    action = match (want.resource.lifecycle.destroy, create_first) {
                        (false, _) => Action::CreateThenForget,
                        (true, true) => Action::CreateThenDelete,
                        (true, false) => Action::DeleteThenCreate,
                    };
                } else {
                    answer = first;
                    let after = self.after(&want, &answer, true);
                    if pending {
                        let provisions =
                            prior.status == Status::Unprovisioned && self.provisions(want.addr);
                        reason = Some(match provisions {
                            true => ActionReason::UpdateBecauseNotProvisioned,
                            false => ActionReason::UpdateBecauseWaitPending,
                        });
                    }
                    let same =
                        after == prior.value && answer.write_only_changes.is_empty() && !pending;
                    action = if same { Action::NoOp } else { Action::Update };
                }
            }
        }
        let after = self.after(&want, &answer, !action.is_replace());
        if action.is_replace()
            && action != Action::CreateThenForget
            && !self.may_destroy(want.resource, want.addr)
        {
            return None;
        }
        if action == Action::NoOp {
            (answer.requests, answer.shared_requests) = (0, 0);
        }
        let dependencies = self
            .nearest
            .get(&want.addr.config_resource())
            .cloned()
            .unwrap_or_default();
        if let Some(prior) = self.prior.get_mut(&InstanceId::from(want.addr.clone())) {
            prior.create_before_destroy = create_first;
            if action == Action::NoOp {
                prior.dependencies = dependencies.clone();
            } else if self.options.refresh {
                wait_also_for(prior, &dependencies);
            }
        }
        let provider = provider_address::format(
            &want.provider.key,
            &want.provider.instance,
            self.eval.registry,
        );
        Some(ResourceChange {
            id: InstanceId::from(want.addr.clone()),
            previous_address: self.moved.get(want.addr).cloned(),
            provider_type: want.provider.key.kind.clone(),
            provider,
            schema: want.schema.clone(),
            action,
            reason,
            before: want.prior.as_ref().map_or(null, |p| p.value.clone()),
            after,
            requires_replace,
            write_only_changes,
            importing: self.wanted(want.addr).map(|w| w.id.clone()),
            generated_config: None,
            private: answer.private,
            pending: want
                .prior
                .as_ref()
                .is_some_and(|p| p.status.is_unfinished())
                && !action.is_replace(),
            dependencies,
            create_before_destroy: create_first,
            requests: requests.0 + answer.requests,
            shared_requests: requests.1 + answer.shared_requests,
        })
    }

    /// The planned object with the marks that it has to carry. An object that is kept has
    /// what is ignored from before, with the marks of before.
    fn after(&self, want: &Want<'_>, answer: &PlannedChange, kept: bool) -> Value {
        let mut stored = without_write_only(&want.schema.block, &want.config);
        if let Some(prior) = want.prior.as_ref().filter(|_| kept) {
            let ignore = &want.resource.lifecycle.ignore_changes;
            stored = ignoring(&want.schema.block, ignore, &prior.value, &stored);
        }
        mark_by_schema(&want.schema.block, &copy_marks(&stored, &answer.planned))
    }

    fn why_replace(
        &self,
        want: &Want<'_>,
        prior: &Instance,
        answer: &PlannedChange,
    ) -> Option<ActionReason> {
        if want.triggered {
            Some(ActionReason::ReplaceByTriggers)
        } else if prior.status == Status::Tainted {
            Some(ActionReason::ReplaceBecauseTainted)
        } else if self.options.replace.contains(want.addr) {
            Some(ActionReason::ReplaceByRequest)
        } else if !answer.requires_replace.is_empty() {
            Some(ActionReason::ReplaceBecauseCannotUpdate)
        } else {
            None
        }
    }

    /// Requests that destroying an object will take. What the provider has to say about it
    /// is told.
    pub(super) async fn destruction(
        &mut self,
        id: &InstanceId,
        provider: &InstanceProvider,
        prior: &Instance,
    ) -> (u64, u64) {
        let before = prior.value.unmarked_deep();
        let null = Value::null(before.ty());
        let request = PlanRequest {
            kind: &id.addr.resource.kind,
            prior: &before,
            config: &null,
            proposed: &null,
            private: &prior.private,
            pending: false,
        };
        let answer = provider.provider.plan_change(request).await;
        let told = answer.diagnostics.into_iter();
        self.eval
            .diagnostics
            .extend(told.map(|d| d.for_address(id.to_string())));
        (answer.requests, answer.shared_requests)
    }

    /// Refuses to destroy what `prevent_destroy` protects. True if it may be destroyed.
    pub(super) fn may_destroy(&mut self, resource: &Resource, addr: &InstanceAddr) -> bool {
        let Some(expr) = &resource.lifecycle.prevent_destroy else {
            return true;
        };
        let Some(module) = self.eval.module(&addr.module.path()) else {
            return true;
        };
        let each = self.eval.each_value(addr);
        let result = {
            let scope = ModuleScope {
                repetition: Some((&addr.key, each)),
                ..self.eval.scope(module, &addr.module)
            };
            expr.eval(&scope)
        };
        let decided = result.map(|v| {
            let converted = convert::convert(&v, &Type::Bool);
            converted.ok().and_then(|v| v.as_bool())
        });
        match decided {
            Ok(Some(false)) => true,
            Ok(_) => {
                let detail = format!(
                    "Resource {addr} has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To avoid this error and continue with the plan, either disable lifecycle.prevent_destroy or reduce the scope of the plan using the -target option."
                );
                self.eval.diagnostics.push(
                    Diagnostic::error("Instance cannot be destroyed", detail)
                        .at(resource.span)
                        .for_address(addr.to_string()),
                );
                false
            }
            Err(d) => {
                self.eval.diagnostics.append(d);
                false
            }
        }
    }
}

/// The part of a value at some steps; `None` if there is no such part.
pub(super) fn at(value: &Value, steps: &[PathStep]) -> Option<Value> {
    steps.iter().try_fold(value.clone(), |v, step| match step {
        PathStep::Attribute(name) => v.get(name),
        PathStep::Index(key) => match key.kind() {
            Kind::String(name) => v.get(name),
            Kind::Number(n) => v
                .elements()?
                .get(usize::try_from(n.to_i64()?).ok()?)
                .cloned(),
            _ => None,
        },
    })
}
