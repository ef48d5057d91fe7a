//! `relevant_attributes`: what planned changes and outputs stem from, followed backwards
//! through local values, variables, module outputs and other objects' arguments.
//!
//! Instances of one block share their arguments, so that following is done once for each
//! block in each module instance, however many instances it has.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_address::{InstanceAddr, InstanceKey, ModuleAddr, ResourceAddr};
use loam_config::{Config, Module};
use loam_eval::{Reference, ReferenceTarget};
use loam_value::{Path, PathStep};
use rustc_hash::FxHashSet;

use super::Planner;
use crate::plan::{Action, Mode, OutputChange};
use crate::scope::module_instances;

/// Something in a module instance that is made from other things.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Source {
    Variable(Arc<str>),
    Local(Arc<str>),
    /// One output of the module instance; all of them without a name.
    Output(Option<Arc<str>>),
    /// The arguments of a resource at a path (as text in the key, see [`Trail::visit`]).
    Arguments(ResourceAddr, String),
    /// `count` or `for_each` of a resource.
    Repetition(ResourceAddr),
}

/// A walk backwards over a configuration.
struct Trail<'c> {
    config: &'c Config,
    visited: FxHashSet<(ModuleAddr, Source)>,
    pending: Vec<(ModuleAddr, Source, Path)>,
    found: BTreeMap<(InstanceAddr, String), Path>,
}

impl Planner<'_> {
    /// What the changes of the plan and the outputs in it stem from. A module's output
    /// counts in every plan that has a value for it: no earlier one is kept.
    pub(super) fn relevant(
        &self,
        root_outputs: &BTreeMap<Arc<str>, OutputChange>,
    ) -> Vec<(InstanceAddr, Path)> {
        let config = self.eval.config;
        let changed = self.changes.iter();
        let changed = changed.filter(|c| c.action != Action::NoOp);
        let root = root_outputs.iter();
        let root = root.filter(|(_, o)| o.action != Action::NoOp);
        let root = root.map(|(name, _)| (ModuleAddr::root(), name.clone()));
        let destroying = self.options.mode == Mode::Destroy;
        let called = config.modules.keys();
        let called = called.filter(|path| !path.is_root() && !destroying);
        let called = called.flat_map(|path| module_instances(&self.eval.values, path));
        let called = called.flat_map(|addr| {
            let outputs = self.eval.values.module(&addr).outputs.iter();
            let outputs = outputs.filter(|(_, v)| !v.is_null());
            let named = outputs.map(move |(name, _)| (addr.clone(), name.clone()));
            named.collect::<Vec<_>>()
        });
        let dropped = self.dropped.iter().map(|id| &id.addr);
        let changed = changed.map(|c| &c.id.addr).chain(dropped);
        relevant(config, changed, root.chain(called))
    }
}

/// The parts of resource instances that contribute to the changed instances and outputs:
/// each once, in the order of their addresses.
fn relevant<'p>(
    config: &Config,
    changed: impl Iterator<Item = &'p InstanceAddr>,
    outputs: impl Iterator<Item = (ModuleAddr, Arc<str>)>,
) -> Vec<(InstanceAddr, Path)> {
    let mut trail = Trail {
        config,
        visited: FxHashSet::default(),
        pending: Vec::new(),
        found: BTreeMap::new(),
    };
    for addr in changed {
        trail.arguments(addr.module.clone(), addr.resource.clone(), Path::root());
        trail.follow_all();
    }
    for (module, name) in outputs {
        trail.visit(module, Source::Output(Some(name)), Path::root());
        trail.follow_all();
    }
    let found = trail.found.into_iter();
    found.map(|((addr, _), path)| (addr, path)).collect()
}

impl Trail<'_> {
    fn arguments(&mut self, module: ModuleAddr, resource: ResourceAddr, path: Path) {
        let source = Source::Arguments(resource, path.to_string());
        self.visit(module, source, path);
    }

    fn visit(&mut self, module: ModuleAddr, source: Source, path: Path) {
        if self.visited.insert((module.clone(), source.clone())) {
            self.pending.push((module, source, path));
        }
    }

    fn follow_all(&mut self) {
        while let Some((module, source, path)) = self.pending.pop() {
            self.follow(&module, &source, &path);
        }
    }

    /// Takes up everything that a source refers to.
    fn follow(&mut self, at: &ModuleAddr, source: &Source, path: &Path) {
        let config = self.config;
        let Some(module) = config.modules.get(&at.path()) else {
            return;
        };
        match source {
            Source::Variable(name) => {
                let call = at
                    .parent()
                    .zip(at.steps().last())
                    .and_then(|(outer, step)| {
                        let caller = config.modules.get(&outer.path())?;
                        Some((outer, caller.calls.get(&step.name)?))
                    });
                let Some((outer, call)) = call else { return };
                if let Some((expr, _)) = call.arguments.get(name) {
                    self.note(&outer, None, expr.references());
                }
            }
            Source::Local(name) => {
                if let Some(local) = module.locals.get(name) {
                    self.note(at, None, local.expr.references());
                }
            }
            Source::Output(Some(name)) => {
                if let Some(output) = module.outputs.get(name) {
                    self.note(at, None, output.expr.references());
                }
            }
            Source::Output(None) => self.all_outputs(at, module),
            Source::Arguments(addr, _) => {
                if let Some(resource) = module.resources.get(addr) {
                    let references = resource.body.references_at(path);
                    self.note(at, Some(addr), references);
                }
            }
            Source::Repetition(addr) => {
                if let Some(resource) = module.resources.get(addr) {
                    self.note(at, None, resource.repetition.references());
                }
            }
        }
    }

    fn all_outputs(&mut self, at: &ModuleAddr, module: &Module) {
        for name in module.outputs.keys() {
            self.visit(at.clone(), Source::Output(Some(name.clone())), Path::root());
        }
    }

    /// Takes up references that stand in a module instance, and there in a resource.
    fn note<'r>(
        &mut self,
        at: &ModuleAddr,
        within: Option<&ResourceAddr>,
        references: impl IntoIterator<Item = &'r Reference>,
    ) {
        for r in references {
            let (key, rest) = match (r.instance_key(), r.path.0.split_first()) {
                (Some(key), Some((_, rest))) => (key, rest),
                _ => (InstanceKey::None, r.path.0.as_slice()),
            };
            match &r.target {
                ReferenceTarget::Variable(name) => {
                    self.visit(at.clone(), Source::Variable(name.clone()), Path::root());
                }
                ReferenceTarget::Local(name) => {
                    self.visit(at.clone(), Source::Local(name.clone()), Path::root());
                }
                ReferenceTarget::Module(name) => {
                    let output = match rest.first() {
                        Some(PathStep::Attribute(output)) => Some(output.clone()),
                        _ => None,
                    };
                    let callee = at.child(name.clone(), key);
                    self.visit(callee, Source::Output(output), Path::root());
                }
                ReferenceTarget::Resource(resource) => {
                    let path = Path(rest.to_vec());
                    let addr = InstanceAddr {
                        module: at.clone(),
                        resource: resource.clone(),
                        key,
                    };
                    self.found
                        .entry((addr, path.to_string()))
                        .or_insert_with(|| path.clone());
                    self.arguments(at.clone(), resource.clone(), path);
                }
                ReferenceTarget::CountIndex
                | ReferenceTarget::EachKey
                | ReferenceTarget::EachValue => {
                    if let Some(addr) = within {
                        let source = Source::Repetition(addr.clone());
                        self.visit(at.clone(), source, Path::root());
                    }
                }
                _ => {}
            }
        }
    }
}
