//! Limiting a plan to some resources, or keeping some out of it.

use std::collections::BTreeSet;

use loam_address::{
    ConfigActionAddr, ConfigResourceAddr, InstanceAddr, InstanceKey, ModuleAddr, ModulePath, Target,
};
use loam_graph::NodeId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Planner;
use super::invocations::included_triggers;
use crate::dependencies::Node;
use crate::plan::Mode;
use crate::removed::removed_block;

/// True if a target means a resource of the configuration or some of its instances.
fn touches(target: &Target, addr: &ConfigResourceAddr) -> bool {
    match target {
        Target::Module(m) => starts_with(&addr.module, &m.path()),
        Target::Resource(r) => r.resource == addr.resource && r.module.path() == addr.module,
        Target::Instance(i) => i.resource == addr.resource && i.module.path() == addr.module,
    }
}

/// True if a target means some instances of what it touches, and may not mean others.
fn is_part(target: &Target) -> bool {
    let keyed = |m: &ModuleAddr| m.steps().iter().any(|s| s.key != InstanceKey::None);
    match target {
        Target::Module(m) => keyed(m),
        Target::Resource(r) => keyed(&r.module),
        Target::Instance(_) => true,
    }
}

fn starts_with(path: &ModulePath, ancestor: &ModulePath) -> bool {
    path.names().starts_with(ancestor.names())
}

/// Which nodes the walk visits; all, if nothing was selected.
pub(super) fn included(planner: &Planner<'_>) -> Option<Vec<bool>> {
    let graph = &planner.deps.graph;
    let options = planner.options;
    let mut included = vec![true; graph.len()];
    let mut all = true;
    if options.mode == Mode::Invoke {
        included = vec![false; graph.len()];
        let named = |a: &ConfigActionAddr| {
            let mut wanted = options.invoke.iter();
            wanted.any(|w| w.config_action() == *a)
        };
        let roots = graph
            .ids()
            .filter(|id| matches!(graph.node(*id), Node::Action(a) if named(a)));
        let roots: Vec<NodeId> = roots.collect();
        close(&mut included, roots, |id| graph.needs(id));
        return Some(included);
    }
    if !options.targets.is_empty() || options.mode == Mode::Destroy {
        all = false;
        included = vec![false; graph.len()];
        let roots = graph.ids().filter(|id| match graph.node(*id) {
            Node::Resource(r) => {
                options.mode != Mode::Destroy && options.targets.iter().any(|t| touches(t, r))
            }
            // What the state has and may be destroyed has to be read, whatever else.
            Node::Refresh(..) => !options.only_imports,
            _ => false,
        });
        let roots: Vec<NodeId> = roots.collect();
        close(&mut included, roots, |id| graph.needs(id));
        if options.mode == Mode::Destroy {
            include_protection(planner, &mut included);
            include_results(planner, &mut included);
        } else if !options.only_imports {
            let triggers = included_triggers(planner, &included);
            close(&mut included, triggers, |id| graph.needs(id));
            include_settled_outputs(planner, &mut included);
        }
    }
    if !options.excludes.is_empty() {
        all = false;
        let dependents = dependents(planner);
        let mut excluded = vec![false; graph.len()];
        let (mut roots, mut of_parts): (Vec<NodeId>, Vec<NodeId>) = (Vec::new(), Vec::new());
        for id in graph.ids() {
            let Node::Resource(r) = graph.node(id) else {
                continue;
            };
            let mut hits = options.excludes.iter().filter(|t| touches(t, r)).peekable();
            if hits.peek().is_none() {
                continue;
            }
            // Of a resource with an excluded instance the others are planned; what needs
            // the resource may need that instance.
            match hits.all(is_part) {
                true => of_parts.extend(dependents[id.index()].iter().copied()),
                false => roots.push(id),
            }
        }
        close(&mut excluded, roots, |id| dependents[id.index()].clone());
        // The other instances of a module keep what they have, whatever needs them.
        let stays = |id: NodeId| {
            let mut excludes = options.excludes.iter();
            excludes.any(|t| match t {
                Target::Module(m) => is_part(t) && starts_with(graph.node(id).module(), &m.path()),
                _ => false,
            })
        };
        let mut needing = vec![false; graph.len()];
        close(&mut needing, of_parts, |id| dependents[id.index()].clone());
        for id in graph.ids() {
            excluded[id.index()] |= needing[id.index()] && !stays(id);
        }
        for (i, e) in excluded.iter().enumerate() {
            included[i] &= !e;
        }
    }
    (!all).then_some(included)
}

/// By node: what needs it.
fn dependents(planner: &Planner<'_>) -> Vec<Vec<NodeId>> {
    let graph = &planner.deps.graph;
    let mut dependents: Vec<Vec<NodeId>> = vec![Vec::new(); graph.len()];
    for id in graph.ids() {
        for needed in graph.needs(id) {
            dependents[needed.index()].push(id);
        }
    }
    dependents
}

fn close(marked: &mut [bool], mut open: Vec<NodeId>, next: impl Fn(NodeId) -> Vec<NodeId>) {
    while let Some(id) = open.pop() {
        if !std::mem::replace(&mut marked[id.index()], true) {
            open.extend(next(id));
        }
    }
}

/// What `prevent_destroy` is made from, as far as that needs no object: what is not
/// evaluated is unknown, and then nothing is destroyed.
fn include_protection(planner: &Planner<'_>, included: &mut [bool]) {
    let graph = &planner.deps.graph;
    for id in graph.ids() {
        let Node::Resource(addr) = graph.node(id) else {
            continue;
        };
        let resource = planner.eval.resource(addr);
        if resource.is_none_or(|r| r.lifecycle.prevent_destroy.is_none()) {
            continue;
        }
        for needed in graph.needs(id) {
            let mut open = vec![needed];
            let mut found = BTreeSet::new();
            while let Some(id) = open.pop() {
                let plain = matches!(
                    graph.node(id),
                    Node::Variable(..) | Node::Local(..) | Node::Module(_)
                );
                if !plain {
                    found.clear();
                    break;
                }
                if found.insert(id.index()) {
                    open.extend(graph.needs(id));
                }
            }
            for i in found {
                included[i] = true;
            }
        }
    }
}

/// The nodes that root outputs are made from, as far as the walk visits them.
pub(super) fn for_outputs(planner: &Planner<'_>) -> Vec<bool> {
    let graph = &planner.deps.graph;
    let is_root = |n: &Node| matches!(n, Node::Output(path, _) if path.is_root());
    let outputs = graph.ids().filter(|id| is_root(graph.node(*id)));
    let outputs: Vec<NodeId> = outputs.filter(|id| planner.visits(*id)).collect();
    let mut needed = vec![false; graph.len()];
    close(&mut needed, outputs, |id| graph.needs(id));
    for id in graph.ids() {
        needed[id.index()] &= planner.visits(id);
    }
    needed
}

/// What is looked at before everything is destroyed, as far as that takes no reading: the
/// validity of variables.
fn include_results(planner: &Planner<'_>, included: &mut [bool]) {
    let graph = &planner.deps.graph;
    let options = planner.options;
    if !options.refresh
        || !options.targets.is_empty()
        || !options.excludes.is_empty()
        || planner.base.is_empty()
    {
        return;
    }
    let reads = |n: &Node| {
        let Node::Resource(r) = n else { return false };
        r.resource.mode == loam_address::Mode::Data
    };
    let mut after_reading = vec![false; graph.len()];
    let dependents = dependents(planner);
    let readers: Vec<NodeId> = graph.ids().filter(|id| reads(graph.node(*id))).collect();
    close(&mut after_reading, readers, |id| {
        dependents[id.index()].clone()
    });
    for id in graph.ids() {
        let wanted = match graph.node(id) {
            Node::Variable(path, name) => {
                let module = planner.eval.module(path);
                let variable = module.and_then(|m| m.variables.get(name));
                variable.is_some_and(|v| !v.validations.is_empty())
            }
            _ => false,
        };
        if wanted && !after_reading[id.index()] {
            close(included, vec![id], |id| graph.needs(id));
        }
    }
}

/// Root outputs that refer to nothing outside of the selection are evaluated.
fn include_settled_outputs(planner: &Planner<'_>, included: &mut [bool]) {
    let graph = &planner.deps.graph;
    let resources = || {
        let is_resource = |id: &NodeId| matches!(graph.node(*id), Node::Resource(_));
        graph.ids().filter(is_resource)
    };
    let dependents = dependents(planner);
    let needing = |of: Vec<NodeId>| {
        let mut needing = vec![false; graph.len()];
        close(&mut needing, of, |id| dependents[id.index()].clone());
        needing
    };
    let of_resources = needing(resources().collect());
    let of_others = needing(resources().filter(|id| !included[id.index()]).collect());
    let settled = |id: &NodeId| {
        let root = matches!(graph.node(*id), Node::Output(path, _) if path.is_root());
        root && of_resources[id.index()] && !of_others[id.index()]
    };
    let settled: Vec<NodeId> = graph.ids().filter(settled).collect();
    let mut needed = vec![false; graph.len()];
    close(&mut needed, settled, |id| graph.needs(id));
    for (included, needed) in included.iter_mut().zip(needed) {
        *included |= needed;
    }
}

impl Planner<'_> {
    /// Whether the walk visits a node.
    pub(super) fn visits(&self, id: NodeId) -> bool {
        let included = self.included.as_ref();
        included.is_none_or(|i| i.get(id.index()).copied().unwrap_or(true))
    }

    /// Whether an instance may be changed: it is targeted, or needed by what is.
    pub(super) fn selected(&self, addr: &InstanceAddr) -> bool {
        let options = self.options;
        if options.excludes.iter().any(|t| t.contains(addr)) {
            return false;
        }
        if options.targets.is_empty() || options.targets.iter().any(|t| t.contains(addr)) {
            return true;
        }
        if options.mode == Mode::Destroy {
            return self.dragged.contains(&addr.config_resource());
        }
        // Not targeted itself: needed as a whole, unless it is a sibling of a targeted instance.
        let config = addr.config_resource();
        let visited = self
            .deps
            .graph
            .find(&Node::Resource(config.clone()))
            .is_some_and(|id| self.visits(id));
        visited && !options.targets.iter().any(|t| touches(t, &config))
    }

    /// Whether an object is looked at: all are, unless some are targeted or excluded. Of the
    /// others only what the targeted ones need is.
    ///
    /// What a `removed` block gives up is left alone where the plan does that.
    pub(super) fn is_read(&self, addr: &InstanceAddr) -> bool {
        if self.options.mode == Mode::Normal
            && removed_block(self.eval.config, addr).is_some_and(|(_, r)| !r.destroy)
        {
            return false;
        }
        if !self.options.targets.is_empty() {
            return self.selected(addr);
        }
        if self.options.excludes.is_empty() {
            return true;
        }
        let node = Node::Resource(addr.config_resource());
        let node = self.deps.graph.find(&node);
        let visited = node.is_none_or(|id| self.visits(id));
        visited && !self.options.excludes.iter().any(|t| t.contains(addr))
    }
}

/// The resources that are destroyed with the targets because they were made from them, by
/// the configuration or by the state. Found once, from the targets on: asking each object
/// for its way to one would take time by the square of their number.
pub(super) fn dragged(planner: &Planner<'_>) -> FxHashSet<ConfigResourceAddr> {
    let options = planner.options;
    let mut dragged = FxHashSet::default();
    if options.mode != Mode::Destroy || options.targets.is_empty() {
        return dragged;
    }
    let mut made_from: FxHashMap<&ConfigResourceAddr, Vec<ConfigResourceAddr>> =
        FxHashMap::default();
    // In any order: what comes of it is a set.
    let configured = planner.nearest.iter();
    let configured = configured.flat_map(|(addr, needed)| needed.iter().map(move |n| (n, addr)));
    for (needed, addr) in configured {
        made_from.entry(needed).or_default().push(addr.clone());
    }
    for (id, instance) in &planner.prior {
        for n in instance.dependencies.iter() {
            let dependents = made_from.entry(n).or_default();
            let addr = id.addr.config_resource();
            // Instances of one resource come one after the other.
            if dependents.last() != Some(&addr) {
                dependents.push(addr);
            }
        }
    }
    let targeted = |r: &ConfigResourceAddr| options.targets.iter().any(|t| touches(t, r));
    let mut open: Vec<&ConfigResourceAddr> = Vec::new();
    open.extend(made_from.keys().copied().filter(|r| targeted(r)));
    while let Some(at) = open.pop() {
        for dependent in made_from.get(at).into_iter().flatten() {
            if dependent != at && dragged.insert(dependent.clone()) {
                open.push(dependent);
            }
        }
    }
    dragged
}

/// The resources that excluded objects were made from, by the configuration or by the state,
/// however far back: while those stay, none of these is destroyed.
pub(super) fn kept(planner: &Planner<'_>) -> FxHashSet<ConfigResourceAddr> {
    let options = planner.options;
    let mut kept = FxHashSet::default();
    if options.excludes.is_empty() {
        return kept;
    }
    let mut made_from: FxHashMap<ConfigResourceAddr, Vec<&[ConfigResourceAddr]>> =
        FxHashMap::default();
    let mut open: Vec<&[ConfigResourceAddr]> = Vec::new();
    for (id, instance) in &planner.prior {
        let addr = id.addr.config_resource();
        let configured = planner.nearest.get(&addr).map(|needed| needed.as_slice());
        let needed = configured
            .into_iter()
            .chain([instance.dependencies.as_slice()]);
        if options.excludes.iter().any(|t| t.contains(&id.addr)) {
            open.extend(needed.clone());
        }
        made_from.entry(addr).or_default().extend(needed);
    }
    while let Some(needed) = open.pop() {
        for addr in needed {
            if kept.insert(addr.clone()) {
                open.extend(made_from.get(addr).into_iter().flatten());
            }
        }
    }
    kept
}
