//! The instances of a resource, and the values of those that do not change.

use loam_address::{ConfigResourceAddr, InstanceAddr};
use loam_config::Resource;
use loam_state::InstanceId;
use loam_value::Value;

use super::Executor;
use crate::plan::{Action, CheckObject, CheckStatus, Mode};

impl Executor<'_> {
    /// Finds the instances of a resource; those that do not change have their values.
    pub(super) fn expand(&mut self, addr: &ConfigResourceAddr) -> bool {
        let Some(resource) = self.eval.resource(addr).cloned() else {
            return false;
        };
        if !self.eval.expand_resource(addr, &resource) {
            return false;
        }
        let mut ok = true;
        for module in crate::scope::module_instances(&self.eval.values, &addr.module) {
            let keys = match self
                .eval
                .values
                .module(&module)
                .resources
                .get(&addr.resource)
            {
                Some(instances) => instances.expansion.keys(),
                None => continue,
            };
            for key in keys {
                let instance = InstanceAddr {
                    module: module.clone(),
                    resource: addr.resource.clone(),
                    key,
                };
                let waits = self.index.get(&instance).is_some_and(|i| {
                    self.inputs
                        .plan
                        .changes
                        .get(*i)
                        .is_some_and(|c| c.action != Action::NoOp)
                });
                if waits && self.inputs.plan.mode != Mode::Destroy {
                    continue;
                }
                let prior = self
                    .inputs
                    .plan
                    .prior
                    .instances
                    .get(&InstanceId::from(instance.clone()));
                let Some(value) = prior.map(|i| i.value.clone()) else {
                    if self.inputs.plan.mode == Mode::Normal && !self.inputs.plan.targets.is_empty()
                    {
                        self.eval.set_absent(&instance);
                    }
                    continue;
                };
                self.eval.set_value(&instance, value.clone());
                ok &= self.check_unchanged(&resource, &instance, value);
            }
            let of = addr.resource.in_module(module);
            let (plan, values) = (self.inputs.plan, &mut self.eval.values);
            let objects = &plan.prior.instances;
            match plan.mode {
                Mode::RefreshOnly | Mode::Destroy => values.take_stored(&of, objects),
                Mode::Normal if !plan.targets.is_empty() => {
                    values.keep_stored(&of, objects, |a| !self.index.contains_key(a));
                }
                Mode::Normal | Mode::Invoke => {}
            }
        }
        ok
    }

    /// Checks the conditions of an object that does not change, if the plan could not tell.
    /// False if one fails.
    fn check_unchanged(
        &mut self,
        resource: &Resource,
        instance: &InstanceAddr,
        value: Value,
    ) -> bool {
        let object = CheckObject::Resource(instance.config_resource());
        // What the plan has left out is left alone here, too.
        if !self.index.contains_key(instance) {
            return true;
        }
        let planned = self.inputs.plan.checks.get(&object);
        let planned = planned.and_then(|r| r.instances.get(&instance.to_string()));
        if planned.is_none_or(|(status, _)| *status != CheckStatus::Unknown) {
            return true;
        }
        let each = self.eval.each_value(instance);
        self.eval
            .resource_conditions(instance, resource, each.clone(), None)
            && self
                .eval
                .resource_conditions(instance, resource, each, Some(value))
    }
}
