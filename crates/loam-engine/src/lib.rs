//! Planning and applying.
//!
//! The only crate that knows both configuration and state. It does not read files,
//! render, or speak to an API: what it needs from outside it asks for through the
//! provider interface and the state store.

mod event;
mod plan;

pub use event::{Event, Observer, Silent, Summary};
pub use plan::{
    Action, ActionReason, CheckObject, CheckResult, CheckStatus, Counts, Mode, OutputChange, Plan,
    RequestCount, ResourceChange,
};
