//! What the state has and the configuration does not ask for.

use loam_address::{InstanceAddr, InstanceKey, Mode, ModuleAddr};
use loam_config::Repetition;
use loam_diag::Diagnostic;
use loam_state::{Instance, InstanceId};
use loam_value::Value;

use super::Planner;
use super::resource::InstanceProvider;
use crate::plan::{Action, ActionReason, Mode as PlanMode, ResourceChange};
use crate::provider_address;
use crate::removed::removed_block;

impl Planner<'_> {
    /// Plans the end of every object that the walk has left unclaimed; of data only, where
    /// nothing but the state changes.
    pub(super) async fn plan_left_over(&mut self) {
        let mut ids: Vec<InstanceId> = Vec::new();
        let mut forgotten_data = Vec::new();
        for id in self.prior.keys() {
            let orphan = id.deposed.is_some()
                || self.options.mode == PlanMode::Destroy
                || !self.claimed.contains(&id.addr);
            if !orphan || !self.decided(id) || !self.selected(&id.addr) {
                continue;
            }
            if !self.kept.is_empty() && self.kept.contains(&id.addr.config_resource()) {
                continue;
            }
            if id.addr.resource.mode == Mode::Data {
                forgotten_data.push(id.clone());
            } else {
                ids.push(id.clone());
            }
        }
        // Data is only a memory of what was read: it goes without being mentioned. Where
        // things are destroyed, it is there until they are.
        match self.options.mode {
            PlanMode::Destroy => self.dropped.extend(forgotten_data),
            _ => forgotten_data.iter().for_each(|id| {
                self.prior.remove(id);
            }),
        }
        if self.options.mode == PlanMode::RefreshOnly {
            return;
        }
        for id in ids {
            if let Some(change) = self.end_of(&id).await {
                self.changes.push(change);
            }
        }
    }

    /// False if it is not known whether the configuration asks for an instance, because
    /// its resource could not be expanded.
    fn decided(&self, id: &InstanceId) -> bool {
        if id.deposed.is_some() || self.options.mode == PlanMode::Destroy {
            return true;
        }
        let config = id.addr.config_resource();
        let in_config = self
            .eval
            .config
            .modules
            .get(&config.module)
            .is_some_and(|m| m.resources.contains_key(&config.resource));
        if !in_config {
            return true;
        }
        match self.missing_module(&id.addr.module) {
            Some(expanded) => expanded,
            None => self
                .eval
                .values
                .module(&id.addr.module)
                .resources
                .contains_key(&id.addr.resource),
        }
    }

    /// If the module instance is not among those that its call expands to: whether the
    /// call was expanded at all.
    fn missing_module(&self, addr: &ModuleAddr) -> Option<bool> {
        let mut at = ModuleAddr::root();
        for step in addr.steps() {
            match self.eval.values.module(&at).calls.get(&step.name) {
                None => return Some(false),
                Some(e) if !e.contains(&step.key) => return Some(true),
                Some(_) => at = at.child(step.name.clone(), step.key.clone()),
            }
        }
        None
    }

    async fn end_of(&mut self, id: &InstanceId) -> Option<ResourceChange> {
        let prior = self.prior.get(id)?.clone();
        let schema = self.schema_of(id, &prior.provider)?;
        let (key, instance) = provider_address::parse(&prior.provider, self.eval.registry)?;
        let key = crate::provider_choice::effective(key, self.eval.config);
        let config = id.addr.config_resource();
        let resource = self.eval.resource(&config).cloned();
        let mut action = Action::Delete;
        match removed_block(self.eval.config, &id.addr) {
            Some((_, removed)) if !removed.destroy => action = Action::Forget,
            _ if resource.as_ref().is_some_and(|r| !r.lifecycle.destroy) => action = Action::Forget,
            _ => {}
        }
        if action == Action::Delete
            && let Some(resource) = &resource
            && id.deposed.is_none()
            && !self.may_destroy(resource, &id.addr)
        {
            return None;
        }
        let provider = self.eval.registry.get(&key.kind).cloned().zip(
            self.eval
                .providers
                .get(&(key.clone(), instance.clone()))
                .cloned(),
        );
        if provider.is_none() && action == Action::Delete {
            let detail = format!(
                "{} was made with {}, which is not configured any more, and cannot be destroyed without it. Put that configuration back until the object is gone. To leave the object alone, forget it: loam state rm, or a removed block with destroy = false.",
                id, prior.provider
            );
            self.eval.diagnostics.push(
                Diagnostic::error("Provider configuration not present", detail)
                    .for_address(id.to_string()),
            );
            return None;
        }
        let requests = match provider {
            Some((kind, provider)) if action == Action::Delete => {
                let of = InstanceProvider {
                    key: key.clone(),
                    instance,
                    kind,
                    provider,
                };
                self.destruction(id, &of, &prior).await
            }
            _ => (0, 0),
        };
        let reason = if id.deposed.is_some() || self.options.mode == PlanMode::Destroy {
            None
        } else {
            self.why_gone(&id.addr)
        };
        // What has been read before it is destroyed has its new address by then.
        let read = self.options.mode == PlanMode::Destroy && self.options.refresh;
        let moved = self.moved.get(&id.addr).filter(|_| !read);
        let previous = moved.cloned();
        Some(ended(
            id, prior, previous, action, reason, key.kind, schema, requests,
        ))
    }

    fn why_gone(&self, addr: &InstanceAddr) -> Option<ActionReason> {
        let config = addr.config_resource();
        let Some(resource) = self.eval.resource(&config) else {
            return Some(match self.moved.contains_key(addr) {
                true => ActionReason::DeleteBecauseNoMoveTarget,
                false => ActionReason::DeleteBecauseNoResourceConfig,
            });
        };
        if self.missing_module(&addr.module).is_some() {
            return Some(ActionReason::DeleteBecauseNoModule);
        }
        Some(match (&resource.repetition, &addr.key) {
            (Repetition::Enabled(_), _) => ActionReason::DeleteBecauseEnabledFalse,
            (Repetition::Count(_), InstanceKey::Int(_)) => ActionReason::DeleteBecauseCountIndex,
            (Repetition::ForEach(_), InstanceKey::Str(_)) => ActionReason::DeleteBecauseEachKey,
            _ => ActionReason::DeleteBecauseWrongRepetition,
        })
    }
}

#[allow(clippy::too_many_arguments)]
fn ended(
    id: &InstanceId,
    prior: Instance,
    previous_address: Option<InstanceAddr>,
    action: Action,
    reason: Option<ActionReason>,
    provider_type: std::sync::Arc<str>,
    schema: std::sync::Arc<loam_provider::Schema>,
    (requests, shared_requests): (u64, u64),
) -> ResourceChange {
    ResourceChange {
        id: id.clone(),
        previous_address,
        provider_type,
        provider: prior.provider,
        schema,
        action,
        reason,
        after: Value::null(prior.value.ty()),
        before: prior.value,
        requires_replace: Vec::new(),
        write_only_changes: Vec::new(),
        importing: None,
        generated_config: None,
        private: prior.private,
        pending: false,
        dependencies: prior.dependencies,
        create_before_destroy: prior.create_before_destroy,
        requests,
        shared_requests,
    }
}
