//! Giving objects other addresses (`state mv`) and other providers
//! (`state replace-provider`). Pure: from a state to the one that it becomes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use loam_address::{
    AbsResourceAddr, ConfigResourceAddr, InstanceAddr, InstanceKey, Mode, ModuleAddr, Target,
};
use loam_diag::{Diagnostic, nearest};

use crate::{InstanceId, State};

/// What a move comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Relocation {
    /// The state afterwards.
    pub state: State,
    /// Each object that gets another address: before and afterwards.
    pub objects: Vec<(InstanceId, InstanceId)>,
    /// How many modules, resources or instances the source address means.
    pub matched: usize,
}

/// Moves what `from` means to `to`: a module with all that is in it, a whole resource with
/// all its instances, or one instance. A module or resource without an index stands for
/// all of its instances, which keep their indexes; one that has a single instance without
/// an index can also be given one. What depends on a moved resource follows it.
///
/// # Errors
///
/// The source matches nothing, the target is taken or of another kind.
pub fn relocate(state: &State, from: &Target, to: &Target) -> Result<Relocation, Diagnostic> {
    let rule = match (from, to) {
        (Target::Module(a), Target::Module(b)) => Rule::module(state, a, b)?,
        (Target::Module(a), _) => {
            return Err(wrong_target(format!(
                "Cannot move {a} to {}: the target must also be a module.",
                shown(to)
            )));
        }
        (_, Target::Module(b)) => {
            return Err(wrong_target(format!(
                "Cannot move {} to {b}: the target must also be a resource instance.",
                shown(from)
            )));
        }
        (Target::Resource(a), to) => Rule::resource(state, a, to)?,
        (Target::Instance(a), to) => Rule::instance(state, a, to)?,
    };
    rule.carry_out(state)
}

fn shown(target: &Target) -> String {
    match target {
        Target::Module(m) => m.to_string(),
        Target::Resource(r) => r.to_string(),
        Target::Instance(i) => i.to_string(),
    }
}

fn wrong_target(detail: String) -> Diagnostic {
    Diagnostic::error("Invalid target address", detail)
}

/// Which objects move where.
struct Rule {
    to: String,
    moved: BTreeMap<InstanceAddr, InstanceAddr>,
    matched: usize,
    /// What would be at the target already.
    noun: &'static str,
    taken: bool,
}

impl Rule {
    fn module(state: &State, from: &ModuleAddr, to: &ModuleAddr) -> Result<Rule, Diagnostic> {
        let depth = from.steps().len();
        let exactly = |m: &ModuleAddr| m.starts_with(from);
        // `module.m` of a call with `for_each`: all of its instances.
        let whole_call = |m: &ModuleAddr| {
            let (steps, wanted) = (m.steps(), from.steps());
            match (steps.get(depth.saturating_sub(1)), wanted.split_last()) {
                (Some(step), Some((last, outer))) => {
                    last.key == InstanceKey::None
                        && step.name == last.name
                        && steps.get(..depth.saturating_sub(1)) == Some(outer)
                }
                _ => false,
            }
        };
        let modules: BTreeSet<&ModuleAddr> =
            state.instances.keys().map(|id| &id.addr.module).collect();
        let call = !modules.iter().any(|m| exactly(m));
        let matches = |m: &ModuleAddr| if call { whole_call(m) } else { exactly(m) };
        if !modules.iter().any(|m| matches(m)) {
            let names: Vec<String> = modules
                .iter()
                .filter(|m| !m.is_root())
                .map(ToString::to_string)
                .collect();
            return Err(no_source(&from.to_string(), &names));
        }
        let keyed = to
            .steps()
            .last()
            .is_some_and(|s| s.key != InstanceKey::None);
        if call && keyed {
            return Err(wrong_target(format!(
                "Cannot move {from} to {to}: the source is a whole module call (not a module instance) so the target must have no index, either."
            )));
        }
        let mut instances = BTreeSet::new();
        let mut moved = BTreeMap::new();
        for id in state.instances.keys().filter(|id| matches(&id.addr.module)) {
            let steps = id.addr.module.steps();
            let mut new = to.steps().to_vec();
            let key = steps.get(depth.saturating_sub(1)).map(|s| s.key.clone());
            if let (true, Some(last), Some(key)) = (call, new.last_mut(), key.clone()) {
                last.key = key;
            }
            instances.insert(key.unwrap_or(InstanceKey::None));
            new.extend(steps.iter().skip(depth).cloned());
            let module = ModuleAddr::from_steps(new);
            moved.insert(
                id.addr.clone(),
                InstanceAddr {
                    module,
                    ..id.addr.clone()
                },
            );
        }
        let taken = state
            .instances
            .keys()
            .any(|id| id.addr.module.starts_with(to) && !moved.contains_key(&id.addr));
        Ok(Rule {
            to: to.to_string(),
            moved,
            matched: if call { instances.len() } else { 1 },
            noun: "module",
            taken,
        })
    }

    fn resource(state: &State, from: &AbsResourceAddr, to: &Target) -> Result<Rule, Diagnostic> {
        let of = |r: &AbsResourceAddr| -> Vec<InstanceAddr> {
            let of =
                |id: &&InstanceId| id.addr.module == r.module && id.addr.resource == r.resource;
            let ids = state.instances.keys().filter(of);
            let all: BTreeSet<InstanceAddr> = ids.map(|id| id.addr.clone()).collect();
            all.into_iter().collect()
        };
        let instances = of(from);
        if instances.is_empty() {
            return Err(no_source(&from.to_string(), &resources(state)));
        }
        let single = matches!(instances.as_slice(), [only] if only.key == InstanceKey::None);
        let whole = match to {
            Target::Resource(to) => to,
            Target::Instance(to) if single => {
                let from = from.instance(InstanceKey::None);
                return Rule::instance(state, &from, &Target::Instance(to.clone()));
            }
            to => {
                return Err(wrong_target(format!(
                    "Cannot move {from} to {}: the source is a whole resource (not a resource instance) so the target must also be a whole resource.",
                    shown(to)
                )));
            }
        };
        same_kind(
            &from.instance(InstanceKey::None),
            &whole.instance(InstanceKey::None),
        )?;
        let moved = instances
            .into_iter()
            .map(|i| {
                let new = whole.instance(i.key.clone());
                (i, new)
            })
            .collect();
        Ok(Rule {
            to: whole.to_string(),
            moved,
            matched: 1,
            noun: "resource",
            taken: !of(whole).is_empty(),
        })
    }

    fn instance(state: &State, from: &InstanceAddr, to: &Target) -> Result<Rule, Diagnostic> {
        let to = match to {
            Target::Instance(to) => to.clone(),
            Target::Resource(to) => to.instance(InstanceKey::None),
            Target::Module(_) => from.clone(),
        };
        let there = |a: &InstanceAddr| state.instances.keys().any(|id| id.addr == *a);
        if !there(from) {
            let names: Vec<String> = state
                .instances
                .keys()
                .map(|id| id.addr.to_string())
                .collect();
            return Err(no_source(&from.to_string(), &names));
        }
        same_kind(from, &to)?;
        Ok(Rule {
            taken: there(&to),
            to: to.to_string(),
            moved: [(from.clone(), to)].into(),
            matched: 1,
            noun: "resource instance",
        })
    }

    fn carry_out(self, state: &State) -> Result<Relocation, Diagnostic> {
        let taken = || {
            wrong_target(format!(
                "Cannot move to {}: there is already a {} at that address in the current state.",
                self.to, self.noun
            ))
        };
        if self.taken {
            return Err(taken());
        }
        let mut new = State {
            instances: BTreeMap::new(),
            ..state.clone()
        };
        let mut objects = Vec::new();
        for (id, instance) in &state.instances {
            let to = match self.moved.get(&id.addr) {
                None => id.clone(),
                Some(addr) => InstanceId {
                    addr: addr.clone(),
                    deposed: id.deposed.clone(),
                },
            };
            if to != *id {
                objects.push((id.clone(), to.clone()));
            }
            if new.instances.insert(to, instance.clone()).is_some() {
                return Err(taken());
            }
        }
        follow(&self.moved, &mut new);
        Ok(Relocation {
            state: new,
            objects,
            matched: self.matched,
        })
    }
}

fn same_kind(from: &InstanceAddr, to: &InstanceAddr) -> Result<(), Diagnostic> {
    let refuse = |why: &str| {
        let detail = format!(
            "Cannot move {} to {}: {why}.",
            from.abs_resource(),
            to.abs_resource()
        );
        Err(Diagnostic::error("Invalid state move request", detail))
    };
    match (from.resource.mode, to.resource.mode) {
        (Mode::Managed, Mode::Data) => {
            refuse("a managed resource can be moved only to another managed resource address")
        }
        (Mode::Data, Mode::Managed) => {
            refuse("a data resource can be moved only to another data resource address")
        }
        _ if from.resource.kind != to.resource.kind => refuse("resource types don't match"),
        _ => Ok(()),
    }
}

fn no_source(text: &str, names: &[String]) -> Diagnostic {
    let detail = format!("Cannot move {text}: does not match anything in the current state.");
    let problem = Diagnostic::error("Invalid source address", detail);
    match nearest(text, names.iter().map(String::as_str)) {
        Some(near) => problem.hint(format!("Did you mean {near}?")),
        None => problem,
    }
}

fn resources(state: &State) -> Vec<String> {
    let all: BTreeSet<AbsResourceAddr> = state
        .instances
        .keys()
        .map(|id| id.addr.abs_resource())
        .collect();
    all.iter().map(ToString::to_string).collect()
}

/// Where nothing is left under a resource's old address, what was made from it was made
/// from the new one.
fn follow(moved: &BTreeMap<InstanceAddr, InstanceAddr>, state: &mut State) {
    let mut renamed: BTreeMap<ConfigResourceAddr, BTreeSet<ConfigResourceAddr>> = BTreeMap::new();
    for (from, to) in moved {
        renamed
            .entry(from.config_resource())
            .or_default()
            .insert(to.config_resource());
    }
    let left: BTreeSet<ConfigResourceAddr> = state
        .instances
        .keys()
        .map(|id| id.addr.config_resource())
        .collect();
    renamed.retain(|from, _| !left.contains(from));
    for instance in state.instances.values_mut() {
        if instance
            .dependencies
            .iter()
            .any(|d| renamed.contains_key(d))
        {
            let mut new = BTreeSet::new();
            for d in instance.dependencies.iter() {
                match renamed.get(d) {
                    Some(to) => new.extend(to.iter().cloned()),
                    None => drop(new.insert(d.clone())),
                }
            }
            instance.dependencies = Arc::new(new.into_iter().collect());
        }
    }
}

/// The state with every object that the provider of the source address `from` manages
/// under the provider `to`, and the resources that this concerns.
pub fn replace_provider(state: &State, from: &str, to: &str) -> (State, BTreeSet<AbsResourceAddr>) {
    let (old, new) = (
        format!("provider[\"{from}\"]"),
        format!("provider[\"{to}\"]"),
    );
    let mut out = state.clone();
    let mut resources = BTreeSet::new();
    for (id, instance) in &mut out.instances {
        if instance.provider.contains(&old) {
            instance.provider = instance.provider.replace(&old, &new).into();
            resources.insert(id.addr.abs_resource());
        }
    }
    (out, resources)
}
