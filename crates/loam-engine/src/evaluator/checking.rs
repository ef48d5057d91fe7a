//! Evaluating everything that has conditions, and keeping what came of them.

use std::sync::Arc;

use loam_address::{InstanceAddr, ModuleAddr, ModulePath};
use loam_config::{Condition, Resource, Variable};
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_value::Value;

use super::{Conditions, Evaluator};
use crate::conditions::{self, Outcome};
use crate::plan::{CheckObject, CheckStatus};
use crate::scope::{ModuleScope, module_instances};

impl Evaluator<'_> {
    /// Evaluates the validations of a variable in one instance of its module. False if one
    /// fails.
    pub(super) fn validations(
        &mut self,
        path: &ModulePath,
        addr: &ModuleAddr,
        variable: &Variable,
    ) -> bool {
        let Some(module) = self.module(path) else {
            return true;
        };
        if variable.validations.is_empty() {
            return true;
        }
        let object = CheckObject::Variable(path.clone(), variable.name.clone());
        let display = format!("{}var.{}", addr.prefix(), variable.name);
        let outcomes: Vec<Outcome> = {
            let scope = self.scope(module, addr);
            variable
                .validations
                .iter()
                .map(|c| conditions::validation(c, &scope))
                .collect()
        };
        let argument = addr
            .parent()
            .zip(addr.steps().last())
            .and_then(|(parent, step)| {
                let call = self.module(&parent.path())?.calls.get(&step.name)?;
                call.arguments.get(&variable.name).map(|(e, _)| e.span())
            });
        self.report(
            &object,
            display,
            &variable.validations,
            outcomes,
            false,
            "Invalid value for variable",
            argument,
        )
    }

    /// Records outcomes; failures become errors of this summary. False if any is not fine.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn report(
        &mut self,
        object: &CheckObject,
        instance: String,
        conditions: &[Condition],
        mut outcomes: Vec<Outcome>,
        more: bool,
        summary: &str,
        place: Option<Span>,
    ) -> bool {
        let mut ok = true;
        self.checks
            .record(object.clone(), instance.clone(), &outcomes, more);
        let only_warn =
            self.conditions == Conditions::Warn && !matches!(object, CheckObject::Variable(..));
        for (c, o) in conditions.iter().zip(&mut outcomes) {
            ok &= !o.diagnostics.has_errors()
                && (o.status != CheckStatus::Fail || only_warn)
                && o.status != CheckStatus::Error;
            self.diagnostics.append(std::mem::take(&mut o.diagnostics));
            if o.status == CheckStatus::Fail {
                let message = o.said();
                let mut d =
                    Diagnostic::error(summary, message).at(place.unwrap_or(c.condition.span()));
                if only_warn {
                    d = d.as_warning();
                }
                if place.is_some() {
                    d = d.label(c.condition.span(), "this validation rule");
                }
                d.values = std::mem::take(&mut o.values);
                self.diagnostics.push(d.for_address(instance.clone()));
            }
        }
        ok
    }

    /// Notes what has checks in each instance of its module.
    pub(super) fn expand_checks(&mut self, object: CheckObject) {
        let instances = module_instances(&self.values, object.module());
        let names: Vec<String> = instances.iter().map(|a| object.within(a)).collect();
        self.checks.expanded(object, names.into_iter());
    }

    /// Says that a check block's data resource could not be read: the check has failed, and
    /// what was wrong is a warning.
    pub fn fail_check(&mut self, data: &InstanceAddr, check: &Arc<str>, problems: Diagnostics) {
        let object = CheckObject::Check(data.module.path(), check.clone());
        let display = object.within(&data.module);
        let outcomes = problems.iter().filter(|d| d.is_error()).map(|d| Outcome {
            message: Some(format!("{}: {}", d.summary, d.detail)),
            ..Outcome::of(CheckStatus::Fail)
        });
        let outcomes: Vec<Outcome> = outcomes.collect();
        self.checks.record(object, display, &outcomes, true);
        let told = problems.into_iter().map(Diagnostic::as_warning);
        self.diagnostics.extend(told);
    }

    /// Evaluates a check block's assertions. One that does not hold is a warning; one that
    /// cannot be evaluated is an error.
    pub fn check(&mut self, path: &ModulePath, name: &Arc<str>) {
        let Some(module) = self.module(path) else {
            return;
        };
        let Some(check) = module.checks.get(name) else {
            return;
        };
        let object = CheckObject::Check(path.clone(), name.clone());
        self.expand_checks(object.clone());
        for addr in module_instances(&self.values, path) {
            let display = object.within(&addr);
            if self.checks.has_failed(&object, &display) {
                continue;
            }
            let mut outcomes: Vec<Outcome> = {
                let scope = self.scope(module, &addr);
                check
                    .asserts
                    .iter()
                    .map(|c| conditions::evaluate(c, &scope))
                    .collect()
            };
            self.checks
                .record(object.clone(), display, &outcomes, false);
            for (c, o) in check.asserts.iter().zip(&mut outcomes) {
                self.diagnostics.append(std::mem::take(&mut o.diagnostics));
                if o.status == CheckStatus::Unknown {
                    let detail = "The condition depends on values that only applying tells. It is evaluated then.";
                    let d = Diagnostic::warning("Check block assertion known after apply", detail);
                    self.diagnostics.push(d.at(c.condition.span()));
                }
                if o.status == CheckStatus::Fail {
                    let message = o.said();
                    let mut d = Diagnostic::warning("Check block assertion failed", message)
                        .at(c.condition.span());
                    d.values = std::mem::take(&mut o.values);
                    self.diagnostics.push(d);
                }
            }
        }
    }

    /// Evaluates pre- or postconditions of a resource instance. False if one fails.
    pub fn resource_conditions(
        &mut self,
        addr: &InstanceAddr,
        resource: &Resource,
        each: Option<Value>,
        self_value: Option<Value>,
    ) -> bool {
        let post = self_value.is_some();
        let conditions = if post {
            &resource.lifecycle.postconditions
        } else {
            &resource.lifecycle.preconditions
        };
        if conditions.is_empty() || self.conditions == Conditions::Skip {
            return true;
        }
        let Some(module) = self.module(&addr.module.path()) else {
            return false;
        };
        let outcomes: Vec<Outcome> = {
            let scope = ModuleScope {
                repetition: Some((&addr.key, each)),
                self_value,
                ..self.scope(module, &addr.module)
            };
            conditions
                .iter()
                .map(|c| conditions::evaluate(c, &scope))
                .collect()
        };
        let object = CheckObject::Resource(addr.config_resource());
        let summary = if post {
            "Resource postcondition failed"
        } else {
            "Resource precondition failed"
        };
        self.report(
            &object,
            addr.to_string(),
            conditions,
            outcomes,
            post && !resource.lifecycle.preconditions.is_empty(),
            summary,
            None,
        )
    }
}
