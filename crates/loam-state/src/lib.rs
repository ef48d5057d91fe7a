//! The state: what Loam knows of the objects it manages, and the file that keeps it.
//!
//! [`State`] is the model, an immutable snapshot. A [`Store`] is an SQLite file that holds
//! one, with a journal of the changes under way, a history of those made, and a lock. A
//! [`Run`] is an operation's hand on it:
//!
//! ```text
//! Store::open ─ lock ─ begin_run ─ Run: intend ─▶ (request) ─▶ reveal ─▶ finish ─ … ─ end
//!            └─ snapshot: State     └───── each answered when it is on the disk ─────┘
//! ```
//!
//! The format is told in the repository's `state/README.md`. This crate does not know
//! configuration, plans or provider APIs, and runs without an async runtime: what is
//! written answers with a [`Pending`], which can be awaited or waited for.

mod backup;
mod change;
#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic)]
mod crash;
mod database;
mod edit;
mod error;
mod history;
mod journal;
mod lock;
mod model;
mod operation;
mod pending;
mod record;
mod relocate;
mod rows;
mod run;
mod store;
pub mod tfstate;
mod time;
mod workspace;
mod writer;

pub use change::{
    ChangeKind, Finish, IntentId, IntentRecord, OpenIntent, OpenInvocation, Outcome, RowChange,
    RunId, RunOutcome, StateIdentity,
};
pub use database::{DATABASE_MAGIC, is_database, write_private};
pub use edit::{check_push, difference};
pub use error::StoreError;
pub use history::{Counts, PastChange, PastRun};
pub use lock::LockGuard;
pub use model::{DeposedKey, Instance, InstanceId, OutputValue, State, Status};
pub use operation::Operation;
pub use pending::Pending;
pub use relocate::{Relocation, relocate, replace_provider};
pub use run::{Record, Run};
pub use store::{OpenOptions, Store};
pub use workspace::{DEFAULT as DEFAULT_WORKSPACE, WorkspaceDir, check_workspace_name};
