//! The provisioners: `local-exec` runs a command on this machine.
//!
//! Each is a [`Provisioner`] of `loam-provider`: comes in an evaluated block, go out lines
//! and, at the end, what went wrong. This crate knows values and processes. It does not know
//! configuration files, plans, state, or when a provisioner runs and what its failure means:
//! that is the engine's.
//!
//! Start at [`all`].

mod arguments;
mod lines;
mod local;

use std::sync::Arc;

use loam_provider::Provisioner;

pub use local::LocalExec;

/// All of them, for the registry.
pub fn all() -> Vec<Arc<dyn Provisioner>> {
    vec![Arc::new(LocalExec::new())]
}
