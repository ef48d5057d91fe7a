//! What follows for resources from what needs them: order of replacement, and which
//! resources an object is made from.

use std::collections::BTreeSet;
use std::sync::Arc;

use loam_address::ConfigResourceAddr;
use loam_graph::{Graph, NodeId, Walk};
use rustc_hash::FxHashMap;

use super::Planner;
use crate::dependencies::Node;
use crate::plan::Mode;

/// The nodes in an order in which each comes after what it needs.
pub(crate) fn walk_order(graph: &Graph<Node>) -> Vec<NodeId> {
    let Ok(mut walk) = Walk::new(graph) else {
        return Vec::new();
    };
    let mut order = Vec::with_capacity(graph.len());
    while let Some(id) = walk.start_next() {
        order.push(id);
        walk.done(id);
    }
    order
}

/// Finds which resources are replaced by creating first: those that say so, and those
/// that they are made from, because an old object can only be destroyed after what was
/// made from it. What a plan of a part leaves out stays as it is, and forces nothing.
pub(super) fn create_before_destroy(planner: &mut Planner<'_>) {
    let graph = &planner.deps.graph;
    let order = walk_order(graph);
    let mut first = vec![false; graph.len()];
    let all = planner.options.mode != Mode::Normal;
    for id in order.iter().rev() {
        if !all && !planner.visits(*id) {
            continue;
        }
        if let Node::Resource(addr) = graph.node(*id)
            && let Some(resource) = planner.eval.resource(addr)
        {
            let own = resource.lifecycle.create_before_destroy == Some(true);
            first[id.index()] |= own;
            planner.create_first.insert(addr.clone(), first[id.index()]);
        }
        if first[id.index()] {
            for needed in graph.needs(*id) {
                first[needed.index()] = true;
            }
        }
    }
    planner.nearest = nearest(graph, &order, &|r| match r.resource.mode {
        loam_address::Mode::Managed => Stand::End,
        loam_address::Mode::Data => Stand::Between,
    });
}

/// What a resource is to those that are made from it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stand {
    /// What it is made from itself is behind it.
    End,
    /// It is named together with what it is made from itself.
    Between,
}

/// For each resource that is an end the resources that it is made from: directly, or
/// through locals, variables, outputs, provider configurations and those between.
pub(crate) fn nearest(
    graph: &Graph<Node>,
    order: &[NodeId],
    stand: &dyn Fn(&ConfigResourceAddr) -> Stand,
) -> FxHashMap<ConfigResourceAddr, Arc<Vec<ConfigResourceAddr>>> {
    let none: Arc<Vec<ConfigResourceAddr>> = Arc::default();
    let mut through: Vec<Arc<Vec<ConfigResourceAddr>>> = vec![none.clone(); graph.len()];
    let mut out = FxHashMap::default();
    for id in order {
        let needs = graph.needs(*id);
        let own = |n: &NodeId| match graph.node(*n) {
            Node::Resource(r) => Some((r, stand(r))),
            _ => None,
        };
        // Most nodes take what they are made from from one other: then the set is shared.
        let mut adding = needs
            .iter()
            .filter(|n| own(n).is_some() || !through[n.index()].is_empty());
        let of_this = match (adding.next(), adding.next()) {
            (None, _) => none.clone(),
            (Some(only), None) if own(only).is_none() => through[only.index()].clone(),
            _ => {
                let mut set = BTreeSet::new();
                for n in &needs {
                    let found = own(n);
                    set.extend(found.map(|(r, _)| r.clone()));
                    if found.is_none_or(|(_, stand)| stand == Stand::Between) {
                        set.extend(through[n.index()].iter().cloned());
                    }
                }
                if set.is_empty() {
                    none.clone()
                } else {
                    Arc::new(set.into_iter().collect())
                }
            }
        };
        if let Some((r, Stand::End)) = own(id) {
            out.insert(r.clone(), of_this.clone());
        }
        through[id.index()] = of_this;
    }
    out
}
