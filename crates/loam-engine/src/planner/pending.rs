//! Which resources are about to change, and what must not be read before they have: data
//! would be what it was before.

use std::collections::BTreeSet;

use loam_address::{
    AbsResourceAddr, ConfigResourceAddr, InstanceAddr, Mode as ResourceMode, ModuleAddr,
    ModulePath, ResourceAddr,
};
use loam_config::{Dependency, Resource};
use loam_eval::ReferenceTarget;
use loam_graph::NodeId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Planner;
use crate::dependencies::Node;
use crate::plan::Mode;
use crate::values::objects_of;

/// The changes that have been planned so far.
#[derive(Default)]
pub(super) struct Pending {
    /// The managed resources with changes. That data is read changes nothing.
    resources: FxHashSet<ConfigResourceAddr>,
    /// The same by instance of their modules, for all modules but the root.
    in_instances: FxHashSet<AbsResourceAddr>,
    /// The modules that they are in, and those around them.
    modules: FxHashSet<ModulePath>,
    /// Whether something that a node is made from changes, where that was asked for.
    made_from: FxHashMap<NodeId, bool>,
    /// Whether a resource has objects that nothing wants any more, where that was asked for.
    left_over: FxHashMap<AbsResourceAddr, bool>,
}

/// What the instances of a data resource wait for.
pub(super) struct Waiting {
    /// Something that all of them wait for is about to change.
    all: bool,
    /// Resources of their module of which they wait for the instances beside them.
    beside: BTreeSet<ResourceAddr>,
}

impl Planner<'_> {
    /// Notes that an object has a planned change.
    pub(super) fn will_change(&mut self, addr: &InstanceAddr) {
        if !addr.module.is_root() {
            self.pending.in_instances.insert(addr.abs_resource());
        }
        let resource = addr.config_resource();
        let mut module = Some(resource.module.clone());
        self.pending.resources.insert(resource);
        while let Some(at) = module {
            module = at.parent();
            if !self.pending.modules.insert(at) {
                break;
            }
        }
    }

    /// What a data resource waits for: what `depends_on` names, its own and that of the calls
    /// around it, and the managed resources that it refers to, known or not: who refers to one
    /// means what is there once that has changed. Its conditions may hold only after changes of
    /// what it is made from at all.
    pub(super) fn waiting(&mut self, addr: &ConfigResourceAddr, resource: &Resource) -> Waiting {
        let mut waiting = Waiting {
            all: self.call_waits(&addr.module),
            beside: BTreeSet::new(),
        };
        for d in &resource.depends_on {
            match &d.reference.target {
                ReferenceTarget::Resource(r) => {
                    waiting.beside.insert(r.clone());
                }
                _ => waiting.all |= self.named_changes(&addr.module, d),
            }
        }
        let managed = resource.references().filter_map(|r| match &r.target {
            ReferenceTarget::Resource(r) if r.mode == ResourceMode::Managed => Some(r.clone()),
            _ => None,
        });
        waiting.beside.extend(managed);
        let lifecycle = &resource.lifecycle;
        if !(lifecycle.preconditions.is_empty() && lifecycle.postconditions.is_empty()) {
            waiting.all |= self.makings_change(&Node::Resource(addr.clone()));
        }
        waiting
    }

    /// Whether an instance of a data resource waits for changes.
    pub(super) fn waits(&mut self, addr: &InstanceAddr, waiting: &Waiting) -> bool {
        let mut beside = waiting.beside.iter();
        waiting.all || beside.any(|r| self.changes_in(&addr.module, r))
    }

    /// Whether any instance of a resource in a module instance changes.
    fn changes_in(&mut self, module: &ModuleAddr, resource: &ResourceAddr) -> bool {
        let of = resource.in_module(module.clone());
        let changes = match module.is_root() {
            true => self.pending.resources.contains(&of.config()),
            false => self.pending.in_instances.contains(&of),
        };
        changes || self.is_left_over(of)
    }

    /// Whether a resource has objects that are destroyed because nothing wants them any more.
    /// It has been visited by now.
    fn is_left_over(&mut self, of: AbsResourceAddr) -> bool {
        if self.options.mode != Mode::Normal {
            return false;
        }
        if let Some(known) = self.pending.left_over.get(&of) {
            return *known;
        }
        let found = objects_of(&of, &self.prior).any(|(id, _)| {
            let wanted = id.deposed.is_none() && self.claimed.contains(&id.addr);
            !wanted && self.selected(&id.addr)
        });
        self.pending.left_over.insert(of, found);
        found
    }

    /// Whether what `depends_on` names in a module is about to change.
    fn named_changes(&mut self, module: &ModulePath, dependency: &Dependency) -> bool {
        match &dependency.reference.target {
            ReferenceTarget::Resource(r) => self.pending.resources.contains(&ConfigResourceAddr {
                module: module.clone(),
                resource: r.clone(),
            }),
            ReferenceTarget::Module(name) => {
                let called = module.child(name.clone());
                self.pending.modules.contains(&called)
            }
            ReferenceTarget::Local(name) => {
                self.makings_change(&Node::Local(module.clone(), name.clone()))
            }
            ReferenceTarget::Variable(name) => {
                self.makings_change(&Node::Variable(module.clone(), name.clone()))
            }
            _ => false,
        }
    }

    /// The same for `depends_on` of the calls that lead to a module.
    fn call_waits(&mut self, path: &ModulePath) -> bool {
        let (Some(parent), Some(name)) = (path.parent(), path.names().last()) else {
            return false;
        };
        let config = self.eval.config;
        let call = config.modules.get(&parent).and_then(|m| m.calls.get(name));
        let mut named = call.into_iter().flat_map(|c| &c.depends_on);
        named.any(|d| self.named_changes(&parent, d)) || self.call_waits(&parent)
    }

    /// Whether a managed resource that a node is made from changes, however far back. All of
    /// them have been visited by now.
    fn makings_change(&mut self, node: &Node) -> bool {
        let graph = &self.deps.graph;
        let Some(start) = graph
            .find(node)
            .filter(|_| !self.pending.resources.is_empty())
        else {
            return false;
        };
        if let Some(known) = self.pending.made_from.get(&start) {
            return *known;
        }
        let changes = |id| match graph.node(id) {
            Node::Resource(r) => self.pending.resources.contains(r),
            _ => false,
        };
        let found = self.deps.any_back_from(&graph.needs(start), changes);
        self.pending.made_from.insert(start, found);
        found
    }
}
