//! Evaluates the objects of a configuration that are not resources, and expands blocks
//! into instances. Planning and applying visit the same objects in the same way; only
//! what is known differs.

mod checking;

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use loam_address::{ConfigResourceAddr, InstanceAddr, InstanceKey, ModuleAddr, ModulePath};
use loam_config::{Config, Module, ProvisionerWhen, Resource, Variable};
use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::{Provider, Registry};
use loam_value::{Marks, Type, Value, convert};
use rustc_hash::FxHashMap;

use crate::conditions::{self, Checks, Outcome};
use crate::dependencies::ProviderKey;
use crate::expansion::{expansion, for_each};
use crate::plan::CheckObject;
use crate::scope::{ModuleScope, Surroundings, module_instances};
use crate::values::{Expansion, Instances, Values};

/// What comes of the conditions of resources and outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conditions {
    /// One that does not hold is an error.
    Enforce,
    /// One that does not hold is told and stops nothing.
    Warn,
    /// They are not evaluated: what they are about is to be destroyed.
    Skip,
}

/// Evaluation in progress.
pub struct Evaluator<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The root module's folder.
    pub root_dir: &'a FilePath,
    /// The provider types at hand.
    pub registry: &'a Registry,
    /// The run.
    pub surroundings: &'a Surroundings,
    /// The values that were given for root variables, converted to their types.
    pub given: &'a BTreeMap<Arc<str>, Value>,
    /// What has been evaluated so far.
    pub values: Values,
    /// Provider configurations in use.
    pub providers: FxHashMap<(ProviderKey, InstanceKey), Arc<dyn Provider>>,
    /// Results of checks.
    pub checks: Checks,
    /// Instance keys are not known: `each` and `count` are unknown wherever they are
    /// allowed. For checking a configuration without expanding it.
    pub open_repetition: bool,
    /// What the conditions of resources and outputs are good for.
    pub conditions: Conditions,
    /// Everything that was found wrong.
    pub diagnostics: Diagnostics,
}

impl<'a> Evaluator<'a> {
    /// The module of the configuration at a path.
    pub fn module(&self, path: &ModulePath) -> Option<&'a Arc<Module>> {
        self.config.modules.get(path)
    }

    /// A resource block.
    pub fn resource(&self, addr: &ConfigResourceAddr) -> Option<&'a Arc<Resource>> {
        self.module(&addr.module)?.resources.get(&addr.resource)
    }

    /// Whether a resource has provisioners that run with a new object.
    pub fn provisions(&self, addr: &ConfigResourceAddr) -> bool {
        let blocks = self.resource(addr).into_iter();
        let mut blocks = blocks.flat_map(|r| r.provisioners(ProvisionerWhen::Create));
        blocks.next().is_some()
    }

    /// A scope for expressions of a module instance.
    pub fn scope<'s>(&'s self, module: &'s Module, addr: &'s ModuleAddr) -> ModuleScope<'s> {
        ModuleScope {
            values: &self.values,
            addr,
            module,
            root_dir: self.root_dir,
            surroundings: self.surroundings,
            repetition: None,
            open_repetition: self.open_repetition,
            self_value: None,
        }
    }

    /// Records the value that references to a resource instance give.
    pub fn set_value(&mut self, addr: &InstanceAddr, value: Value) {
        let module = self.values.module_mut(&addr.module);
        if let Some(instances) = module.resources.get_mut(&addr.resource) {
            instances.set(addr.key.clone(), value);
        }
    }

    /// Says that an instance is left out of this run and does not exist.
    pub fn set_absent(&mut self, addr: &InstanceAddr) {
        let module = self.values.module_mut(&addr.module);
        if let Some(instances) = module.resources.get_mut(&addr.resource) {
            instances.set_absent(addr.key.clone());
        }
    }

    /// `each.value` of a resource instance.
    pub fn each_value(&self, addr: &InstanceAddr) -> Option<Value> {
        let resources = &self.values.module(&addr.module).resources;
        resources
            .get(&addr.resource)?
            .expansion
            .each_value(&addr.key)
    }

    /// The value, or unknown after the errors have been recorded. Second: whether it went well.
    fn settle(&mut self, result: Result<Value, Diagnostics>) -> (Value, bool) {
        match result {
            Ok(v) => (v, true),
            Err(d) => {
                self.diagnostics.append(d);
                (Value::dynamic(), false)
            }
        }
    }

    /// Evaluates a variable in all instances of its module. False if something is wrong.
    pub fn variable(&mut self, path: &ModulePath, name: &Arc<str>) -> bool {
        let Some(variable) = self.module(path).and_then(|m| m.variables.get(name)) else {
            return false;
        };
        if !variable.validations.is_empty() {
            self.expand_checks(CheckObject::Variable(path.clone(), name.clone()));
        }
        let mut ok = true;
        for addr in module_instances(&self.values, path) {
            let value = match (addr.parent(), addr.steps().last()) {
                (Some(parent), Some(step)) => self.argument(variable, &parent, step),
                _ => Ok(self.root_variable(name, variable)),
            };
            let (value, fine) = self.settle(value);
            ok &= fine;
            self.values
                .module_mut(&addr)
                .variables
                .insert(name.clone(), value.with_marks(marks_of(variable)));
            ok &= self.validations(path, &addr, variable);
        }
        ok
    }

    /// The value of a root variable: given, its default, or unknown. Marked.
    pub fn root_variable(&self, name: &str, variable: &Variable) -> Value {
        self.given
            .get(name)
            .cloned()
            .or_else(|| variable.default.clone())
            .unwrap_or_else(|| Value::unknown(variable.ty.without_optional()))
            .with_marks(marks_of(variable))
    }

    /// The value that the calling module gives to a variable.
    fn argument(
        &self,
        variable: &Variable,
        parent: &ModuleAddr,
        step: &loam_address::ModuleStep,
    ) -> Result<Value, Diagnostics> {
        let default = || {
            variable
                .default
                .clone()
                .unwrap_or_else(|| Value::null(variable.ty.without_optional()))
        };
        let Some(module) = self.module(&parent.path()) else {
            return Ok(Value::dynamic());
        };
        let Some((expr, _)) = module
            .calls
            .get(&step.name)
            .and_then(|c| c.arguments.get(&variable.name))
        else {
            return Ok(default());
        };
        let each = self
            .values
            .module(parent)
            .calls
            .get(&step.name)
            .and_then(|e| e.each_value(&step.key));
        let scope = ModuleScope {
            repetition: Some((&step.key, each)),
            ..self.scope(module, parent)
        };
        let value = expr.eval(&scope)?;
        if value.deep_marks().is_ephemeral() && !variable.ephemeral {
            let detail = format!(
                "The value for module.{}'s variable {:?} is derived from an ephemeral value, and the variable is not declared as ephemeral. Add ephemeral = true to the variable, if the module only uses it where ephemeral values may be used.",
                step.name, variable.name
            );
            return Err(Diagnostic::error("Ephemeral value not allowed", detail)
                .at(expr.span())
                .into());
        }
        if value.is_null() && !variable.nullable {
            if variable.default.is_none() {
                let detail = format!(
                    "The given value is not suitable for module.{}'s variable {:?}: required variable may not be set to null.",
                    step.name, variable.name
                );
                return Err(
                    Diagnostic::error("Invalid value for input variable", detail)
                        .at(expr.span())
                        .into(),
                );
            }
            return Ok(default().with_marks(value.marks()));
        }
        convert::convert_with_defaults(&value, &variable.ty, &variable.defaults).map_err(|e| {
            let detail = format!(
                "The given value is not suitable for {}.{} declared in the called module: {}.",
                format_args!("module.{}", step.name),
                variable.name,
                describe(&e)
            );
            Diagnostic::error("Invalid value for input variable", detail)
                .at(expr.span())
                .into()
        })
    }

    /// Evaluates a local in all instances of its module. False if something is wrong.
    pub fn local(&mut self, path: &ModulePath, name: &Arc<str>) -> bool {
        let Some(module) = self.module(path) else {
            return false;
        };
        let Some(local) = module.locals.get(name) else {
            return false;
        };
        let mut ok = true;
        for addr in module_instances(&self.values, path) {
            let result = local.expr.eval(&self.scope(module, &addr));
            let (value, fine) = self.settle(result);
            ok &= fine;
            self.values
                .module_mut(&addr)
                .locals
                .insert(name.clone(), value);
        }
        ok
    }

    /// Evaluates an output in all instances of its module. False if something is wrong.
    pub fn output(&mut self, path: &ModulePath, name: &Arc<str>) -> bool {
        let Some(module) = self.module(path) else {
            return false;
        };
        let Some(output) = module.outputs.get(name) else {
            return false;
        };
        let object = CheckObject::Output(path.clone(), name.clone());
        if !output.preconditions.is_empty() {
            self.expand_checks(object.clone());
        }
        let mut ok = true;
        for addr in module_instances(&self.values, path) {
            let outcomes: Vec<Outcome> = {
                let scope = self.scope(module, &addr);
                let preconditions = match self.conditions {
                    Conditions::Skip => &[],
                    _ => output.preconditions.as_slice(),
                };
                preconditions
                    .iter()
                    .map(|c| conditions::evaluate(c, &scope))
                    .collect()
            };
            if !outcomes.is_empty() {
                let display = object.within(&addr);
                let summary = "Module output value precondition failed";
                if !self.report(
                    &object,
                    display,
                    &output.preconditions,
                    outcomes,
                    false,
                    summary,
                    None,
                ) {
                    self.values
                        .module_mut(&addr)
                        .outputs
                        .insert(name.clone(), Value::dynamic());
                    ok = false;
                    continue;
                }
            }
            let result = output.expr.eval(&self.scope(module, &addr));
            let (mut value, fine) = self.settle(result);
            ok &= fine;
            let marks = value.deep_marks();
            if marks.is_sensitive() && !output.sensitive && path.is_root() {
                let detail = format!(
                    "To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, a root module output that contains a sensitive value has to be marked as sensitive: add sensitive = true to output {name:?}, or use nonsensitive() where the value is safe to show."
                );
                self.diagnostics.push(
                    Diagnostic::error("Output refers to sensitive values", detail)
                        .at(output.expr.span()),
                );
                ok = false;
            }
            if marks.is_ephemeral() && !output.ephemeral {
                let (summary, detail) = if path.is_root() {
                    (
                        "Invalid output value",
                        "Ephemeral values cannot be stored, and so cannot be the value of a root module output.",
                    )
                } else {
                    (
                        "Output value not declared as ephemeral",
                        "The output refers to an ephemeral value; add ephemeral = true to the output.",
                    )
                };
                self.diagnostics
                    .push(Diagnostic::error(summary, detail).at(output.expr.span()));
                ok = false;
            }
            // Of what has failed before nothing is known, not even that.
            let told = !(value.is_unknown() && value.ty() == Type::Dynamic);
            if output.ephemeral && !value.marks().is_ephemeral() && told {
                let detail = "The output is declared as ephemeral, and its value is not: only what is ephemeral as a whole can be the value of such an output. Take ephemeral = true away, or use ephemeral values.";
                self.diagnostics.push(
                    Diagnostic::error("Value not allowed in ephemeral output", detail)
                        .at(output.expr.span()),
                );
                ok = false;
            }
            if path.is_root() && !output.ephemeral && value.holds_infinity() {
                let detail = "The value is infinite, as a division by zero gives, and cannot be stored in the state.";
                self.diagnostics
                    .push(Diagnostic::error("Infinite number", detail).at(output.expr.span()));
                value = Value::dynamic();
                ok = false;
            }
            // `sensitive` says how the root module's output is shown. Where another module
            // refers to it, a value is as sensitive as what it is made from, no more.
            if output.sensitive && path.is_root() {
                value = value.with_marks(Marks::SENSITIVE);
            }
            if output.ephemeral {
                value = value.with_marks(Marks::EPHEMERAL);
            }
            self.values
                .module_mut(&addr)
                .outputs
                .insert(name.clone(), value);
        }
        ok
    }

    /// Finds the instances of a module. False if something is wrong.
    pub fn expand_module(&mut self, path: &ModulePath) -> bool {
        let (Some(parent), Some(name)) = (path.parent(), path.names().last()) else {
            return true;
        };
        let Some(module) = self.module(&parent) else {
            return false;
        };
        let Some(call) = module.calls.get(name) else {
            return false;
        };
        let mut ok = true;
        for addr in module_instances(&self.values, &parent) {
            let result = expansion(&call.repetition, &self.scope(module, &addr));
            let expansion = match result {
                Ok(e) => e,
                Err(d) => {
                    self.diagnostics.append(d);
                    ok = false;
                    continue;
                }
            };
            for key in expansion.keys() {
                self.values.module_mut(&addr.child(name.clone(), key));
            }
            self.values
                .module_mut(&addr)
                .calls
                .insert(name.clone(), expansion);
        }
        ok
    }

    /// Finds the instances of a resource in all instances of its module, and makes room
    /// for their values. False if something is wrong.
    pub fn expand_resource(&mut self, config: &ConfigResourceAddr, resource: &Resource) -> bool {
        let Some(module) = self.module(&config.module) else {
            return false;
        };
        let mut ok = true;
        for addr in module_instances(&self.values, &config.module) {
            match expansion(&resource.repetition, &self.scope(module, &addr)) {
                Ok(e) => {
                    self.values
                        .module_mut(&addr)
                        .resources
                        .insert(resource.addr.clone(), Instances::new(e));
                }
                Err(d) => {
                    self.diagnostics.append(d);
                    ok = false;
                }
            }
        }
        ok
    }

    /// Sets up a provider configuration. False if something is wrong.
    pub fn provider(&mut self, key: &ProviderKey) -> bool {
        let Some(kind) = self.registry.get(&key.kind) else {
            let detail = format!("There is no provider {:?} at hand.", key.kind);
            self.diagnostics
                .push(Diagnostic::error("Unknown provider", detail));
            return false;
        };
        let block = self
            .module(&key.module)
            .and_then(|m| m.providers.get(&key.name));
        let addr = ModuleAddr::from_steps(
            key.module
                .names()
                .iter()
                .map(|n| loam_address::ModuleStep {
                    name: n.clone(),
                    key: InstanceKey::None,
                })
                .collect(),
        );
        let (keys, configs): (Vec<_>, Vec<_>) = match block {
            // Only the state names it. It is not to be replaced by whatever settings the
            // environment has: those may be of another account.
            None if key.name.alias.is_some() || !key.module.is_root() => return true,
            None => {
                let empty = Value::object(
                    kind.schema()
                        .provider
                        .attributes
                        .iter()
                        .map(|(n, a)| (n.clone(), Value::null(a.ty.clone())))
                        .collect(),
                );
                (vec![InstanceKey::None], vec![Ok(empty)])
            }
            Some(block) => {
                let Some(module) = self.module(&key.module) else {
                    return false;
                };
                let scope = self.scope(module, &addr);
                let expansion = match &block.for_each {
                    None => Expansion::Single,
                    Some(e) => match for_each(e, &scope) {
                        Ok(keys) => Expansion::Keys(keys),
                        Err(d) => {
                            self.diagnostics.append(d);
                            return false;
                        }
                    },
                };
                let keys = expansion.keys();
                let configs = keys
                    .iter()
                    .map(|k| {
                        let each = expansion.each_value(k);
                        block.body.eval(&ModuleScope {
                            repetition: Some((k, each)),
                            ..self.scope(module, &addr)
                        })
                    })
                    .collect();
                (keys, configs)
            }
        };
        let mut ok = true;
        for (instance, config) in keys.into_iter().zip(configs) {
            let place = block.map(|b| b.span);
            let result = config.and_then(|c| {
                if !c.is_wholly_known() {
                    let detail = format!(
                        "The configuration of provider {:?} depends on values that are known only after apply. Apply what they come from first (-target), or give them by variables.",
                        key.name.to_string()
                    );
                    return Err(Diagnostic::error("Invalid provider configuration", detail).into());
                }
                kind.configure(&c.unmarked_deep())
            });
            match result {
                Ok(p) => {
                    self.providers.insert((key.clone(), instance), p);
                }
                Err(d) => {
                    self.diagnostics.extend(
                        d.into_iter()
                            .map(|d| place.into_iter().fold(d, Diagnostic::at)),
                    );
                    ok = false;
                }
            }
        }
        ok
    }
}

/// A conversion error as a sentence fragment with the place in the value.
pub fn describe(e: &convert::ConvertError) -> String {
    let path = e.path.to_string();
    match path.strip_prefix('.').unwrap_or(&path) {
        "" => e.message.clone(),
        path => format!("{path}: {}", e.message),
    }
}

/// What a variable's declaration makes of every value it has.
fn marks_of(variable: &Variable) -> Marks {
    let mut marks = Marks::NONE;
    if variable.sensitive {
        marks |= Marks::SENSITIVE;
    }
    if variable.ephemeral {
        marks |= Marks::EPHEMERAL;
    }
    marks
}
