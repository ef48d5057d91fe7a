//! Handing out nodes as soon as what they need is done.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::Hash;

use crate::{Cycle, Graph, NodeId};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Waiting,
    Ready,
    Started,
    Done,
    Skipped,
}

/// A walk over a graph: each node is handed out once, after all that it needs is done.
/// Among those that are ready, the one with the longest chain of dependents behind it
/// comes first, then the one that was added first. What is started and not done yet is
/// the caller's to bound.
#[derive(Debug)]
pub struct Walk {
    waiting_for: Vec<u32>,
    dependents: Vec<Vec<NodeId>>,
    height: Vec<u64>,
    progress: Vec<Progress>,
    ready: BinaryHeap<(u64, Reverse<NodeId>)>,
    left: usize,
}

impl Walk {
    /// Starts a walk in which every node weighs the same. The error tells the cycles.
    pub fn new<N: Clone + Eq + Hash>(graph: &Graph<N>) -> Result<Walk, Vec<Cycle>> {
        Walk::weighted(graph, |_| 1)
    }

    /// Starts a walk; `weight` is what a node adds to the length of a chain.
    pub fn weighted<N: Clone + Eq + Hash>(
        graph: &Graph<N>,
        weight: impl Fn(&N) -> u64,
    ) -> Result<Walk, Vec<Cycle>> {
        let n = graph.len();
        let mut waiting_for = vec![0u32; n];
        let mut dependents: Vec<Vec<NodeId>> = vec![Vec::new(); n];
        let mut needs: Vec<Vec<NodeId>> = Vec::with_capacity(n);
        for id in graph.ids() {
            let of_this = graph.needs(id);
            waiting_for[id.index()] = of_this.len() as u32;
            for needed in &of_this {
                dependents[needed.index()].push(id);
            }
            needs.push(of_this);
        }
        // Heights from the nodes that nothing needs, downwards: a topological order of
        // the reversed graph.
        let mut height = vec![0u64; n];
        let mut open: Vec<usize> = dependents.iter().map(Vec::len).collect();
        let mut queue: Vec<usize> = (0..n).filter(|i| open[*i] == 0).collect();
        let mut seen = 0;
        while let Some(i) = queue.pop() {
            seen += 1;
            height[i] += weight(graph.node(NodeId(i as u32)));
            for needed in &needs[i] {
                let j = needed.index();
                height[j] = height[j].max(height[i]);
                open[j] -= 1;
                if open[j] == 0 {
                    queue.push(j);
                }
            }
        }
        if seen < n {
            return Err(graph.cycles());
        }
        let mut walk = Walk {
            waiting_for,
            dependents,
            height,
            progress: vec![Progress::Waiting; n],
            ready: BinaryHeap::new(),
            left: n,
        };
        for i in 0..n {
            if walk.waiting_for[i] == 0 {
                walk.make_ready(NodeId(i as u32));
            }
        }
        Ok(walk)
    }

    fn make_ready(&mut self, id: NodeId) {
        self.progress[id.index()] = Progress::Ready;
        self.ready.push((self.height[id.index()], Reverse(id)));
    }

    /// The next node to start, if one is ready.
    pub fn start_next(&mut self) -> Option<NodeId> {
        while let Some((_, Reverse(id))) = self.ready.pop() {
            if self.progress[id.index()] == Progress::Ready {
                self.progress[id.index()] = Progress::Started;
                return Some(id);
            }
        }
        None
    }

    /// Puts a node that was started back: it will be handed out again.
    pub fn put_back(&mut self, id: NodeId) {
        self.make_ready(id);
    }

    /// Records that a started node is done; its dependents may become ready.
    pub fn done(&mut self, id: NodeId) {
        self.progress[id.index()] = Progress::Done;
        self.left -= 1;
        for i in 0..self.dependents[id.index()].len() {
            let d = self.dependents[id.index()][i];
            self.waiting_for[d.index()] -= 1;
            if self.waiting_for[d.index()] == 0 && self.progress[d.index()] == Progress::Waiting {
                self.make_ready(d);
            }
        }
    }

    /// Records that a started node failed: all that needs it, however indirectly, is
    /// skipped. Gives the skipped nodes in the order of adding.
    pub fn failed(&mut self, id: NodeId) -> Vec<NodeId> {
        self.progress[id.index()] = Progress::Done;
        self.left -= 1;
        let mut skipped = Vec::new();
        let mut stack = vec![id];
        while let Some(at) = stack.pop() {
            for d in &self.dependents[at.index()] {
                if self.progress[d.index()] == Progress::Waiting {
                    self.progress[d.index()] = Progress::Skipped;
                    self.left -= 1;
                    skipped.push(*d);
                    stack.push(*d);
                }
            }
        }
        skipped.sort_unstable();
        skipped
    }

    /// The number of nodes that are neither done nor skipped.
    pub fn left(&self) -> usize {
        self.left
    }

    /// The length of the longest chain of dependents behind a node, itself included.
    pub fn height(&self, id: NodeId) -> u64 {
        self.height[id.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn graph(edges: &[(u32, u32)], n: u32) -> Graph<u32> {
        let mut g = Graph::new();
        for i in 0..n {
            g.add(i);
        }
        for (a, b) in edges {
            g.need(NodeId(*a), NodeId(*b));
        }
        g
    }

    #[test]
    fn the_longest_chain_goes_first() {
        // 3 needs 2, 2 needs 1; 0 stands alone.
        let mut w = Walk::new(&graph(&[(3, 2), (2, 1)], 4)).expect("no cycle");
        assert_eq!(w.start_next(), Some(NodeId(1)));
        assert_eq!(w.start_next(), Some(NodeId(0)));
        assert_eq!(w.start_next(), None);
        w.done(NodeId(1));
        assert_eq!(w.start_next(), Some(NodeId(2)));
    }

    #[test]
    fn a_failure_skips_only_what_needs_it() {
        let mut w = Walk::new(&graph(&[(1, 0), (2, 1), (4, 3)], 5)).expect("no cycle");
        let first = w.start_next().expect("ready");
        assert_eq!(first, NodeId(0));
        assert_eq!(w.failed(first), [NodeId(1), NodeId(2)]);
        assert_eq!(w.start_next(), Some(NodeId(3)));
        w.done(NodeId(3));
        assert_eq!(w.start_next(), Some(NodeId(4)));
        w.done(NodeId(4));
        assert_eq!(w.left(), 0);
    }

    #[test]
    fn a_cycle_names_its_members_in_order() {
        let g = graph(&[(0, 1), (1, 2), (2, 0), (3, 0)], 4);
        assert_eq!(
            Walk::new(&g).expect_err("cycle"),
            [Cycle(vec![NodeId(0), NodeId(1), NodeId(2)])]
        );
        assert_eq!(graph(&[(1, 1)], 2).cycles(), [Cycle(vec![NodeId(1)])]);
    }

    proptest! {
        /// In any graph without cycles every node is handed out, after what it needs.
        #[test]
        fn every_node_comes_after_its_needs(edges in prop::collection::vec((0u32..40, 0u32..40), 0..200)) {
            let edges: Vec<_> = edges.into_iter().filter(|(a, b)| a > b).collect();
            let g = graph(&edges, 40);
            let mut w = Walk::new(&g).expect("edges lead to smaller numbers only");
            let mut done = vec![false; 40];
            while let Some(id) = w.start_next() {
                for n in g.needs(id) {
                    prop_assert!(done[n.index()]);
                }
                done[id.index()] = true;
                w.done(id);
            }
            prop_assert!(done.into_iter().all(|d| d));
        }

        /// Either there is a walk, or there are cycles that really are some.
        #[test]
        fn cycles_are_found_and_real(edges in prop::collection::vec((0u32..12, 0u32..12), 0..30)) {
            let g = graph(&edges, 12);
            match Walk::new(&g) {
                Ok(_) => prop_assert!(g.cycles().is_empty()),
                Err(cycles) => {
                    prop_assert!(!cycles.is_empty());
                    for Cycle(c) in cycles {
                        for (i, n) in c.iter().enumerate() {
                            prop_assert!(g.needs(*n).contains(&c[(i + 1) % c.len()]));
                        }
                    }
                }
            }
        }
    }
}
