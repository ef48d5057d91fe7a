//! `replace_triggered_by`: what replaces an instance because something else changes.

use loam_address::{AbsResourceAddr, InstanceAddr, InstanceKey};
use loam_config::{Dependency, Resource};
use loam_diag::Diagnostic;
use loam_eval::ReferenceTarget;
use loam_state::InstanceId;
use loam_value::{Path, PathStep, Value};

use super::Planner;
use crate::scope::ModuleScope;

impl Planner<'_> {
    /// Whether something that an instance is replaced with is about to change. `None` if it
    /// names something that there is not; that is recorded.
    pub(super) fn triggered(&mut self, resource: &Resource, addr: &InstanceAddr) -> Option<bool> {
        let mut any = false;
        for trigger in &resource.lifecycle.replace_triggered_by {
            any |= self.changes_with(trigger, addr)?;
        }
        Some(any)
    }

    fn changes_with(&mut self, trigger: &Dependency, addr: &InstanceAddr) -> Option<bool> {
        let ReferenceTarget::Resource(target) = &trigger.reference.target else {
            return Some(false);
        };
        let of = AbsResourceAddr {
            module: addr.module.clone(),
            resource: target.clone(),
        };
        let steps = trigger.within.0.as_slice();
        let key = match &trigger.key {
            Some(key) => Some(self.trigger_key(addr, key)?),
            None => trigger.reference.instance_key(),
        };
        // An attribute without an instance key is that of the only instance.
        let key = key.or_else(|| (!steps.is_empty()).then_some(InstanceKey::None));
        let Some(key) = key else {
            // What the whole of a resource comes to is the same for all that it replaces.
            if let Some(known) = self.whole_triggers.get(&of) {
                return Some(*known);
            }
            let found = self.any_instance_changes(&of);
            let found = found.or_else(|| self.no_change(&of.to_string(), trigger, addr))?;
            self.whole_triggers.insert(of, found);
            return Some(found);
        };
        let instance = of.instance(key);
        match self.instance_changes(&instance, steps) {
            Some(changes) => Some(changes),
            None => self.no_change(&instance.to_string(), trigger, addr),
        }
    }

    /// Whether an instance, or a part of it, changes. `None` if there is no such instance.
    fn instance_changes(&self, addr: &InstanceAddr, steps: &[PathStep]) -> Option<bool> {
        let Some(change) = self.index.get(addr).and_then(|i| self.changes.get(*i)) else {
            let there = self.prior.contains_key(&InstanceId::from(addr.clone()));
            return (there || !self.selected(addr)).then_some(false);
        };
        let changes = change.action == crate::plan::Action::Update || change.action.is_replace();
        let part = |v: &Value| Path::part(steps, v);
        Some(changes && (steps.is_empty() || part(&change.before) != part(&change.after)))
    }

    /// The same for any instance of a resource; `None` if there are none.
    fn any_instance_changes(&self, of: &AbsResourceAddr) -> Option<bool> {
        let module = self.eval.values.module(&of.module);
        let planned = module.resources.get(&of.resource);
        let keys = planned.map(|i| i.expansion.keys()).unwrap_or_default();
        let left_over = || {
            let mut ids = self.prior.keys();
            let there =
                ids.any(|id| id.addr.module == of.module && id.addr.resource == of.resource);
            there.then_some(false)
        };
        let planned = keys.into_iter().map(|k| of.instance(k));
        let found = planned.filter_map(|addr| self.instance_changes(&addr, &[]));
        found.reduce(|a, b| a || b).or_else(left_over)
    }

    fn no_change(&mut self, what: &str, trigger: &Dependency, addr: &InstanceAddr) -> Option<bool> {
        let module = match addr.module.is_root() {
            true => "the root module".to_owned(),
            false => addr.module.to_string(),
        };
        let detail = format!("There is no such object: {addr} cannot be replaced with it.");
        let summary = format!("no change found for {what} in {module}");
        let problem = Diagnostic::error(summary, detail).at(trigger.span);
        self.eval
            .diagnostics
            .push(problem.for_address(addr.to_string()));
        None
    }

    /// The instance key that an index expression means.
    fn trigger_key(&mut self, addr: &InstanceAddr, key: &loam_eval::Expr) -> Option<InstanceKey> {
        let module = self.eval.module(&addr.module.path())?;
        let each = self.eval.each_value(addr);
        let scope = ModuleScope {
            repetition: Some((&addr.key, each)),
            ..self.eval.scope(module, &addr.module)
        };
        match key.eval(&scope) {
            Ok(value) => {
                let found = InstanceKey::from_value(&value);
                if found.is_none() {
                    let detail = "The key of an instance is a known string or number.";
                    let problem = Diagnostic::error("Invalid index", detail).at(key.span());
                    self.eval.diagnostics.push(problem);
                }
                found
            }
            Err(problems) => {
                self.eval.diagnostics.append(problems);
                None
            }
        }
    }
}
