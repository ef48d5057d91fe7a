//! Checks a configuration without state and without speaking to any API: every
//! expression is evaluated with what cannot be known yet unknown.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use loam_address::{ConfigActionAddr, ConfigResourceAddr, InstanceKey, Mode, ModuleAddr};
use loam_config::{Condition, Config, Provisioner, Repetition};
use loam_diag::Diagnostics;
use loam_graph::Walk;
use loam_provider::{Registry, Schema};
use loam_value::Value;
use rustc_hash::FxHashMap;

use crate::dependencies::{self, Node, repetition};
use crate::evaluator::{Conditions, Evaluator};
use crate::expansion::expansion;
use crate::import_blocks;
use crate::propose::{copy_marks, mark_by_schema};
use crate::scope::{ModuleScope, Surroundings};
use crate::values::{Expansion, Instances, Values};

/// What is checked.
pub struct ValidateInputs<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The root module's folder.
    pub root_dir: &'a FilePath,
    /// The provider types at hand.
    pub registry: &'a Registry,
    /// The run.
    pub surroundings: &'a Surroundings,
    /// Values of root variables; the others are unknown.
    pub given: &'a BTreeMap<Arc<str>, Value>,
}

/// Everything that is wrong with a configuration, whatever its variables will be.
pub fn validate(inputs: &ValidateInputs<'_>) -> Diagnostics {
    let (mut all, provisioners) = walk(inputs);
    all.append(provisioners);
    all
}

/// What is wrong with the provisioners of a configuration, whatever its variables will be.
/// Planning does not look at them: what they do is nothing to plan.
pub(crate) fn provisioners(inputs: &ValidateInputs<'_>) -> Diagnostics {
    let modules = inputs.config.modules.values();
    let mut any = modules.map(|m| {
        m.resources.values().any(|r| !r.provisioners.is_empty())
            || m.removed.iter().any(|r| !r.provisioners.is_empty())
    });
    match any.any(|has| has) {
        true => walk(inputs).1,
        false => Diagnostics::new(),
    }
}

/// Everything but what is wrong with provisioners, and that.
pub(crate) fn walk(inputs: &ValidateInputs<'_>) -> (Diagnostics, Diagnostics) {
    let mut of_provisioners = Diagnostics::new();
    let deps = match dependencies::build(inputs.config, &Default::default()) {
        Ok(d) => d,
        Err(d) => return (d, of_provisioners),
    };
    let Ok(mut walk) = Walk::new(&deps.graph) else {
        return Default::default();
    };
    // Every root variable is unknown: also those with a default, which may be overridden.
    let root = inputs.config.root();
    let unknown: BTreeMap<Arc<str>, Value> = root
        .into_iter()
        .flat_map(|m| &m.variables)
        .map(|(n, v)| {
            let value = inputs.given.get(n).cloned();
            (
                n.clone(),
                value.unwrap_or_else(|| Value::unknown(v.ty.without_optional())),
            )
        })
        .collect();
    let mut eval = Evaluator {
        config: inputs.config,
        root_dir: inputs.root_dir,
        registry: inputs.registry,
        surroundings: inputs.surroundings,
        given: &unknown,
        values: Values::new(),
        providers: FxHashMap::default(),
        checks: Default::default(),
        open_repetition: true,
        conditions: Conditions::Enforce,
        diagnostics: Diagnostics::new(),
    };
    while let Some(id) = walk.start_next() {
        let ok = match deps.graph.node(id).clone() {
            Node::Variable(path, name) => eval.variable(&path, &name),
            Node::Local(path, name) => eval.local(&path, &name),
            Node::Output(path, name) => eval.output(&path, &name),
            Node::Module(path) => {
                one_of_each_call(&mut eval, &path);
                true
            }
            Node::Resource(addr) => {
                let fine = resource(&mut eval, &addr);
                of_provisioners.append(provisioners_of(&eval, &addr));
                fine
            }
            Node::Provider(key) => {
                let module = eval.module(&key.module).cloned();
                match module
                    .as_ref()
                    .and_then(|m| m.providers.get(&key.name).map(|p| (m, p)))
                {
                    Some((m, p)) => {
                        let addr = instance_of(&key.module);
                        let each = (InstanceKey::Str("".into()), Some(Value::dynamic()));
                        let repetition = p.for_each.as_ref().map(|_| (&each.0, each.1.clone()));
                        let result = p.body.eval(&ModuleScope {
                            repetition,
                            ..eval.scope(m, &addr)
                        });
                        note(&mut eval, result.err())
                    }
                    None => true,
                }
            }
            Node::Action(addr) => action(&mut eval, &addr),
            Node::Trigger(addr, block) => trigger(&mut eval, &addr, block),
            Node::Whole(_) | Node::Instance(..) | Node::Refresh(..) | Node::Check(..) => true,
        };
        if ok {
            walk.done(id);
        } else {
            walk.failed(id);
        }
    }
    for (path, module) in &inputs.config.modules {
        for removed in module.removed.iter() {
            for p in &removed.provisioners {
                let here = instance_of(path);
                let scope = ModuleScope {
                    self_value: Some(Value::dynamic()),
                    ..eval.scope(module, &here)
                };
                of_provisioners.append(provisioner(&eval, p, &scope));
            }
        }
    }
    let imports = import_blocks::validate(&eval);
    eval.diagnostics.append(imports);
    (eval.diagnostics, of_provisioners)
}

/// What is wrong with the provisioners of a resource.
fn provisioners_of(eval: &Evaluator<'_>, addr: &ConfigResourceAddr) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let Some(module) = eval.module(&addr.module) else {
        return problems;
    };
    let Some(resource) = module.resources.get(&addr.resource) else {
        return problems;
    };
    let kind = eval.registry.get(&resource.provider.kind);
    let schema = kind.and_then(|k| k.schema().resources.get(&addr.resource.kind));
    let object = schema.map(|s| Value::unknown(s.block.implied_type()));
    let key = key_of(&resource.repetition);
    let here = instance_of(&addr.module);
    for p in &resource.provisioners {
        let scope = ModuleScope {
            repetition: Some((&key, Some(Value::dynamic()))),
            self_value: Some(object.clone().unwrap_or_else(Value::dynamic)),
            ..eval.scope(module, &here)
        };
        let address = addr.to_string();
        // What is wrong with the resource's connection is wrong for each of them.
        for d in provisioner(eval, p, &scope) {
            let d = d.for_address(address.clone());
            if !problems.iter().any(|known| *known == d) {
                problems.push(d);
            }
        }
    }
    problems
}

fn provisioner(eval: &Evaluator<'_>, p: &Provisioner, scope: &ModuleScope<'_>) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let Some(kind) = eval.registry.provisioner(&p.kind) else {
        return problems;
    };
    match p.body.eval(scope) {
        Ok(config) => {
            let found = kind.validate(&config.unmarked_deep()).into_iter();
            problems.extend(found.map(|d| d.at(p.span)));
        }
        Err(d) => problems.append(d),
    }
    match p.connection.as_ref().map(|c| (c, c.eval(scope))) {
        None => {
            let found = kind.validate_connection(None).into_iter();
            problems.extend(found.map(|d| d.at(p.span)));
        }
        Some((block, Ok(value))) => {
            let found = kind.validate_connection(Some(&value)).into_iter();
            problems.extend(found.map(|d| d.at(block.span)));
        }
        Some((_, Err(d))) => problems.append(d),
    }
    problems
}

fn note(eval: &mut Evaluator<'_>, problem: Option<Diagnostics>) -> bool {
    match problem {
        Some(d) => {
            let fine = !d.has_errors();
            eval.diagnostics.append(d);
            fine
        }
        None => true,
    }
}

/// The one instance that stands for all of a module.
fn instance_of(path: &loam_address::ModulePath) -> ModuleAddr {
    path.names().iter().fold(ModuleAddr::root(), |a, n| {
        a.child(n.clone(), InstanceKey::None)
    })
}

/// Makes one instance of a module, whatever its call says about their number.
fn one_of_each_call(eval: &mut Evaluator<'_>, path: &loam_address::ModulePath) {
    let (Some(parent), Some(name)) = (path.parent(), path.names().last()) else {
        return;
    };
    let addr = instance_of(&parent);
    let Some(module) = eval.module(&parent).cloned() else {
        return;
    };
    if let Some(call) = module.calls.get(name) {
        let problem = repetition_problem(&call.repetition, &eval.scope(&module, &addr));
        note(eval, problem);
        eval.values
            .module_mut(&addr.child(name.clone(), InstanceKey::None));
        eval.values
            .module_mut(&addr)
            .calls
            .insert(name.clone(), Expansion::Single);
    }
}

/// The key that stands for all instances of a block, if it is repeated.
fn key_of(of: &Repetition) -> InstanceKey {
    match of {
        Repetition::Count(_) => InstanceKey::Int(0),
        Repetition::ForEach(_) => InstanceKey::Str("".into()),
        Repetition::Single | Repetition::Enabled(_) => InstanceKey::None,
    }
}

fn action(eval: &mut Evaluator<'_>, addr: &ConfigActionAddr) -> bool {
    let (Some(module), Some(action)) =
        (eval.module(&addr.module).cloned(), eval.action_block(addr))
    else {
        return false;
    };
    let here = instance_of(&addr.module);
    if let Some(e) = repetition(&action.repetition) {
        let result = e.eval(&eval.scope(&module, &here));
        if let Err(d) = result {
            return note(eval, Some(d));
        }
    }
    let key = key_of(&action.repetition);
    let result = {
        let scope = ModuleScope {
            repetition: Some((&key, Some(Value::dynamic()))),
            ..eval.scope(&module, &here)
        };
        action.body.eval(&scope)
    };
    let config = match result {
        Ok(c) => c,
        Err(d) => return note(eval, Some(d)),
    };
    let Some(kind) = eval.registry.get(&action.provider.kind).cloned() else {
        return true;
    };
    let problems = kind.validate(&action.addr.kind, &config.unmarked_deep());
    let address = addr.to_string();
    let problems = problems
        .into_iter()
        .map(|d| d.at(action.span).for_address(address.clone()));
    note(eval, Some(Diagnostics(problems.collect())))
}

/// The condition and the keys of a trigger.
fn trigger(eval: &mut Evaluator<'_>, addr: &ConfigResourceAddr, block: usize) -> bool {
    let Some(module) = eval.module(&addr.module).cloned() else {
        return false;
    };
    let Some(resource) = module.resources.get(&addr.resource) else {
        return false;
    };
    let Some(trigger) = resource.lifecycle.triggers.get(block) else {
        return true;
    };
    let here = instance_of(&addr.module);
    let key = key_of(&resource.repetition);
    let mut fine = true;
    let keys = trigger.actions.iter().filter_map(|a| a.key.as_ref());
    for e in trigger.condition.iter().chain(keys) {
        let result = e.eval(&ModuleScope {
            repetition: Some((&key, Some(Value::dynamic()))),
            self_value: Some(Value::dynamic()),
            ..eval.scope(&module, &here)
        });
        fine &= note(eval, result.err());
    }
    fine
}

/// What is wrong with a `count`, `for_each` or `enabled`, as far as it is known already.
fn repetition_problem(of: &Repetition, scope: &ModuleScope<'_>) -> Option<Diagnostics> {
    match repetition(of)?.eval(scope) {
        Err(d) => Some(d),
        // An unknown value cannot be judged before planning, but what it is made from can.
        Ok(v) if v.is_wholly_known() || !v.marks().is_empty() => expansion(of, scope).err(),
        Ok(_) => None,
    }
}

fn resource(eval: &mut Evaluator<'_>, addr: &ConfigResourceAddr) -> bool {
    let Some(module) = eval.module(&addr.module).cloned() else {
        return false;
    };
    let Some(resource) = module.resources.get(&addr.resource).cloned() else {
        return false;
    };
    let here = instance_of(&addr.module);
    if let Some(d) = repetition_problem(&resource.repetition, &eval.scope(&module, &here)) {
        return note(eval, Some(d));
    }
    let repeated = repetition(&resource.repetition)
        .map(|_| matches!(resource.repetition, Repetition::Count(_)));
    let Some(kind) = eval.registry.get(&resource.provider.kind).cloned() else {
        return true;
    };
    let schema: Option<&Arc<Schema>> = match addr.resource.mode {
        Mode::Managed => kind.schema().resources.get(&addr.resource.kind),
        Mode::Data => kind.schema().data_sources.get(&addr.resource.kind),
    };
    let Some(schema) = schema.cloned() else {
        return true;
    };
    let key = match repeated {
        Some(true) => InstanceKey::Int(0),
        Some(false) => InstanceKey::Str("".into()),
        None => InstanceKey::None,
    };
    let result = {
        let scope = ModuleScope {
            repetition: Some((&key, Some(Value::dynamic()))),
            ..eval.scope(&module, &here)
        };
        resource.body.eval(&scope)
    };
    let config = match result {
        Ok(c) => c,
        Err(d) => return note(eval, Some(d)),
    };
    let problems = kind.validate(&addr.resource.kind, &config.unmarked_deep());
    let address = addr.to_string();
    let problems = Diagnostics(
        problems
            .into_iter()
            .map(|d| d.at(resource.span).for_address(address.clone()))
            .collect(),
    );
    let fine = note(eval, Some(problems));
    let mut instances = Instances::new(Expansion::Single);
    if repeated.is_none() {
        let open = schema
            .block
            .map_attributes(&config.unmarked_deep(), &mut |a, v| {
                if a.computed && v.is_null() {
                    Value::unknown(a.ty.clone())
                } else {
                    v.clone()
                }
            });
        instances.set(
            InstanceKey::None,
            mark_by_schema(&schema.block, &copy_marks(&config, &open)),
        );
        eval.values
            .module_mut(&here)
            .resources
            .insert(addr.resource.clone(), instances);
    }
    let lifecycle = &resource.lifecycle;
    let path = &addr.module;
    let fine = fine & conditions_of(eval, path, &lifecycle.preconditions, &key, None);
    let own = Some(Value::unknown(schema.block.implied_type()));
    fine & conditions_of(eval, path, &lifecycle.postconditions, &key, own)
}

/// What is wrong with conditions and their messages, whatever the values will be.
fn conditions_of(
    eval: &mut Evaluator<'_>,
    path: &loam_address::ModulePath,
    conditions: &[Condition],
    key: &InstanceKey,
    own: Option<Value>,
) -> bool {
    let Some(module) = eval.module(path).cloned() else {
        return false;
    };
    let here = instance_of(path);
    let mut fine = true;
    for condition in conditions {
        for e in [&condition.condition, &condition.error_message] {
            let result = e.eval(&ModuleScope {
                repetition: Some((key, Some(Value::dynamic()))),
                self_value: own.clone(),
                ..eval.scope(&module, &here)
            });
            fine &= note(eval, result.err());
        }
    }
    fine
}
