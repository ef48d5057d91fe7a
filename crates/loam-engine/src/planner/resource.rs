//! A managed resource or data resource: expanding it and planning its instances.

use std::sync::Arc;

use loam_address::{AbsResourceAddr, ConfigResourceAddr, InstanceAddr, InstanceKey, Mode};
use loam_config::Resource;
use loam_diag::Diagnostic;
use loam_provider::{Provider, ProviderType};
use loam_state::InstanceId;
use loam_value::Value;

use super::instance::wait_also_for;
use super::{Planner, Visit};
use crate::dependencies::ProviderKey;
use crate::plan::{CheckObject, Mode as PlanMode};
use crate::scope::module_instances;

/// The provider of one instance.
pub(super) struct InstanceProvider {
    pub key: ProviderKey,
    pub instance: InstanceKey,
    pub kind: Arc<dyn ProviderType>,
    pub provider: Arc<dyn Provider>,
}

impl Planner<'_> {
    pub(super) async fn visit_resource(&mut self, addr: &ConfigResourceAddr) -> Visit {
        let Some(resource) = self.eval.resource(addr).cloned() else {
            // Refers to a resource that is not there: reported when names were resolved.
            return Visit::Failed;
        };
        if !self.eval.expand_resource(addr, &resource) {
            return Visit::Failed;
        }
        if resource.lifecycle.has_conditions() {
            let instances = self.instances(addr, &resource);
            let names = instances.iter().map(ToString::to_string);
            let object = CheckObject::Resource(addr.clone());
            self.eval.checks.expanded(object, names);
        }
        self.warn_deprecated(&resource);
        if self.options.mode != PlanMode::Normal && resource.addr.mode == Mode::Managed {
            self.take_from_state(addr, &resource);
            if self.options.mode == PlanMode::RefreshOnly {
                self.refresh_order(addr, &resource);
                self.check_as_found(addr, &resource);
            }
            return Visit::Done;
        }
        if resource.addr.mode == Mode::Data {
            if self.rehearsal {
                self.take_from_state(addr, &resource);
                return Visit::Done;
            }
            return self.visit_data(addr, &resource);
        }
        if self.rehearsal {
            return self.plan_resource(addr).await;
        }
        match self.start_imports(addr, &resource) {
            Some(visit) => visit,
            None if self.options.only_imports => {
                self.take_from_state(addr, &resource);
                Visit::Done
            }
            None => self.plan_resource(addr).await,
        }
    }

    /// Plans all instances of a managed resource.
    pub(super) async fn plan_resource(&mut self, addr: &ConfigResourceAddr) -> Visit {
        let Some(resource) = self.eval.resource(addr).cloned() else {
            return Visit::Failed;
        };
        let mut ok = true;
        for instance in self.instances(addr, &resource) {
            if !self.takes_service(&resource, &instance) {
                ok &= self.plan_instance(&resource, instance).await;
            }
        }
        if !self.options.targets.is_empty() || !self.options.excludes.is_empty() {
            self.keep_unselected(addr);
        }
        if ok { Visit::Done } else { Visit::Failed }
    }

    /// Instances that are too many stay where they are not selected.
    fn keep_unselected(&mut self, addr: &ConfigResourceAddr) {
        for module in module_instances(&self.eval.values, &addr.module) {
            let of = addr.resource.in_module(module);
            let mut values = std::mem::take(&mut self.eval.values);
            values.keep_stored(&of, &self.prior, |a| !self.selected(a));
            self.eval.values = values;
        }
    }

    /// The addresses of all instances that the configuration asks for.
    pub(super) fn instances(
        &self,
        addr: &ConfigResourceAddr,
        resource: &Resource,
    ) -> Vec<InstanceAddr> {
        let mut out = Vec::new();
        for module in module_instances(&self.eval.values, &addr.module) {
            let Some(instances) = self
                .eval
                .values
                .module(&module)
                .resources
                .get(&resource.addr)
            else {
                continue;
            };
            let abs = AbsResourceAddr {
                module: module.clone(),
                resource: resource.addr.clone(),
            };
            out.extend(
                instances
                    .expansion
                    .keys()
                    .into_iter()
                    .map(|k| abs.instance(k)),
            );
        }
        out
    }

    /// Values of a resource that is not planned: as the state has them.
    fn take_from_state(&mut self, addr: &ConfigResourceAddr, resource: &Resource) {
        for instance in self.instances(addr, resource) {
            let prior = self.prior.get(&InstanceId::from(instance.clone()));
            let value = prior.map_or_else(Value::dynamic, |i| i.value.clone());
            self.claimed.insert(instance.clone());
            self.eval.set_value(&instance, value);
        }
        if matches!(self.options.mode, PlanMode::RefreshOnly | PlanMode::Destroy) {
            for module in module_instances(&self.eval.values, &addr.module) {
                let of = addr.resource.in_module(module);
                self.eval.values.take_stored(&of, &self.prior);
            }
        }
    }

    /// Refreshing also brings up to date what objects have to wait for.
    fn refresh_order(&mut self, addr: &ConfigResourceAddr, resource: &Resource) {
        if !self.options.refresh {
            return;
        }
        let dependencies = self.nearest.get(addr).cloned().unwrap_or_default();
        let create_first = self.create_first.get(addr).copied().unwrap_or(false);
        for instance in self.instances(addr, resource) {
            let selected = self.selected(&instance);
            let prior = self.prior.get_mut(&InstanceId::from(instance));
            if let Some(prior) = prior.filter(|_| selected) {
                wait_also_for(prior, &dependencies);
                prior.create_before_destroy = create_first;
            }
        }
    }

    /// Evaluates the conditions of a resource's instances as they are now.
    fn check_as_found(&mut self, addr: &ConfigResourceAddr, resource: &Resource) {
        if !resource.lifecycle.has_conditions() {
            return;
        }
        for instance in self.instances(addr, resource) {
            if !self.selected(&instance) {
                continue;
            }
            let each = self.eval.each_value(&instance);
            let prior = self.prior.get(&InstanceId::from(instance.clone()));
            let value = prior.map_or_else(Value::dynamic, |i| i.value.clone());
            self.eval
                .resource_conditions(&instance, resource, each.clone(), None);
            self.eval
                .resource_conditions(&instance, resource, each, Some(value));
        }
    }

    /// The configured provider of an instance; an error is recorded if there is none.
    pub(super) fn provider_of(
        &mut self,
        resource: &Resource,
        addr: &InstanceAddr,
    ) -> Option<InstanceProvider> {
        let repetition = (&addr.key, self.eval.each_value(addr));
        let found =
            self.eval
                .provider_for(&resource.provider, &addr.module, repetition, resource.span);
        match found {
            Ok((key, instance, provider)) => Some(InstanceProvider {
                kind: self.eval.registry.get(&key.kind)?.clone(),
                key,
                instance,
                provider,
            }),
            Err(problems) => {
                let address = addr.to_string();
                let told = problems.into_iter().map(|d| d.for_address(address.clone()));
                self.eval.diagnostics.extend(told);
                None
            }
        }
    }

    fn warn_deprecated(&mut self, resource: &Resource) {
        for (name, expr) in &resource.body.attributes {
            if let Some(a) = resource.body.schema.attributes.get(name)
                && let Some(why) = &a.deprecated
            {
                self.eval.diagnostics.push(
                    Diagnostic::warning("Argument is deprecated", why.to_string()).at(expr.span()),
                );
            }
        }
    }
}
