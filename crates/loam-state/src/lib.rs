//! The state: what Loam knows of the objects it manages.
//!
//! [`State`] is the model, an immutable snapshot. This crate does not know configuration,
//! plans or provider APIs.

mod model;

pub use model::{DeposedKey, Instance, InstanceId, OutputValue, State, Status};
