//! Nodes and what they need.

use std::hash::Hash;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use rustc_hash::FxHashMap;

/// Names a node of one graph; numbers count from 0 in the order of adding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

impl NodeId {
    /// As a position in a list with one entry for each node.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A dependency graph. An edge leads from a node to one that it needs.
#[derive(Clone, Debug)]
pub struct Graph<N> {
    pub(crate) inner: DiGraph<N, ()>,
    ids: FxHashMap<N, NodeId>,
}

impl<N: Clone + Eq + Hash> Default for Graph<N> {
    fn default() -> Self {
        Graph {
            inner: DiGraph::new(),
            ids: FxHashMap::default(),
        }
    }
}

impl<N: Clone + Eq + Hash> Graph<N> {
    /// An empty graph.
    pub fn new() -> Graph<N> {
        Graph::default()
    }

    /// Adds a node, or finds the one that is equal.
    pub fn add(&mut self, node: N) -> NodeId {
        if let Some(id) = self.ids.get(&node) {
            return *id;
        }
        let id = NodeId(self.inner.add_node(node.clone()).index() as u32);
        self.ids.insert(node, id);
        id
    }

    /// The id of a node that is equal.
    pub fn find(&self, node: &N) -> Option<NodeId> {
        self.ids.get(node).copied()
    }

    /// The node.
    pub fn node(&self, id: NodeId) -> &N {
        &self.inner[NodeIndex::new(id.index())]
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.inner.node_count()
    }

    /// True without nodes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All ids, in the order of adding.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<N> {
        (0..self.inner.node_count() as u32).map(NodeId)
    }

    /// Records that `node` needs `needed`. Repetitions do no harm; a node that needs
    /// itself is a cycle.
    pub fn need(&mut self, node: NodeId, needed: NodeId) {
        self.inner.add_edge(
            NodeIndex::new(node.index()),
            NodeIndex::new(needed.index()),
            (),
        );
    }

    /// What a node needs directly.
    pub fn needs(&self, id: NodeId) -> Vec<NodeId> {
        let mut out: Vec<_> = self
            .inner
            .edges(NodeIndex::new(id.index()))
            .map(|e| NodeId(e.target().index() as u32))
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }
}
