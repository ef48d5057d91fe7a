//! The provisioners: `local-exec` runs a command on this machine, `remote-exec` runs scripts on
//! the object and `file` puts files there, both over SSH.
//!
//! Each is a [`Provisioner`] of `loam-provider`: comes in an evaluated block, go out lines
//! and, at the end, what went wrong. This crate knows values, processes and SSH. It does not know
//! configuration files, plans, state, or when a provisioner runs and what its failure means:
//! that is the engine's.
//!
//! Start at [`all`].

mod arguments;
mod connection;
mod lines;
mod local;
mod remote;
mod ssh;

use std::sync::Arc;

use loam_provider::Provisioner;

pub use local::LocalExec;
pub use remote::{RemoteExec, Upload};

/// All of them, for the registry.
pub fn all() -> Vec<Arc<dyn Provisioner>> {
    vec![
        Arc::new(LocalExec::new()),
        Arc::new(RemoteExec::new()),
        Arc::new(Upload::new()),
    ]
}
