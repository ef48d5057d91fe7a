//! Nodes that need each other.

use std::hash::Hash;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::NodeIndex;

use crate::{Graph, NodeId};

/// Nodes that need each other, in an order in which each needs the next and the last
/// needs the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle(pub Vec<NodeId>);

impl<N: Clone + Eq + Hash> Graph<N> {
    /// One cycle for each group of nodes that need each other; none in a sound graph.
    pub fn cycles(&self) -> Vec<Cycle> {
        let mut out: Vec<Cycle> = kosaraju_scc(&self.inner)
            .into_iter()
            .filter(|group| {
                group.len() > 1
                    || group
                        .first()
                        .is_some_and(|n| self.inner.contains_edge(*n, *n))
            })
            .map(|group| self.cycle_within(&group))
            .collect();
        out.sort_by_key(|c| c.0.first().copied());
        out
    }

    /// A shortest cycle through the first-added node of a strongly connected group.
    fn cycle_within(&self, group: &[NodeIndex]) -> Cycle {
        let Some(start) = group.iter().copied().min() else {
            return Cycle(Vec::new());
        };
        let members: rustc_hash::FxHashSet<NodeIndex> = group.iter().copied().collect();
        let mut came_from = rustc_hash::FxHashMap::default();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            let mut next: Vec<_> = self
                .inner
                .neighbors(at)
                .filter(|n| members.contains(n))
                .collect();
            next.sort_unstable();
            for n in next {
                if n == start {
                    let mut path = vec![at];
                    let mut step = at;
                    while let Some(p) = came_from.get(&step) {
                        path.push(*p);
                        step = *p;
                    }
                    path.reverse();
                    return Cycle(path.into_iter().map(|n| NodeId(n.index() as u32)).collect());
                }
                if let std::collections::hash_map::Entry::Vacant(e) = came_from.entry(n) {
                    e.insert(at);
                    queue.push_back(n);
                }
            }
        }
        Cycle(group.iter().map(|n| NodeId(n.index() as u32)).collect())
    }
}
