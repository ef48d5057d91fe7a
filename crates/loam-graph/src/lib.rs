//! The dependency graph: ordering, cycles, walking with bounded concurrency.
//!
//! Comes in: nodes under keys, and edges "this needs that". Goes out: a [`Walk`] that
//! hands out nodes whose needs are met, or the members of a [`Cycle`]. The only crate
//! that knows petgraph; its own API speaks keys, and ties are broken by the order in
//! which nodes were added, so that two runs do the same. It does not know what a node is.

mod cycle;
mod graph;
mod walk;

pub use cycle::Cycle;
pub use graph::{Graph, NodeId};
pub use walk::Walk;
