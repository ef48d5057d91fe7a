//! The provider interface and resource schemas.
//!
//! A [`ProviderType`] is known by its schema alone; configuring it gives a [`Provider`]
//! that plans, reads and changes objects. The operations follow those of Terraform's
//! plugin protocol, so that a bridge to plugins can be one more implementation. Two
//! differ on purpose: [`Provider::read`] takes a batch, and [`Provider::recover`] finds
//! out what became of a change whose outcome is unknown.
//!
//! This crate does not know configuration files, plans, state storage or HTTP.
//!
//! What runs with new objects and before old ones go is a [`Provisioner`]; the [`Registry`]
//! holds both kinds.
//!
//! Start at [`Provider`]; [`Schema`] describes arguments, [`builtin`] is the provider of
//! `terraform_data` and `terraform_remote_state`.

pub mod builtin;
mod interface;
mod operations;
mod provisioner;
mod registry;
mod remote_state;
mod schema;

pub use interface::{Provider, ProviderType};
pub use operations::{
    ApplyObserver, ApplyOutcome, ApplyRequest, Imported, Intent, IntentAction, InvokeRequest,
    PlanRequest, PlannedChange, Private, RateLimit, ReadDepth, ReadOutcome, ReadRequest, Recovery,
    Usage,
};
pub use provisioner::{ProvisionObserver, ProvisionRequest, Provisioner, connection_schema};
pub use registry::Registry;
pub use remote_state::StateReader;
pub use schema::{ActionSchema, Attribute, Block, NestedBlock, Nesting, ProviderSchema, Schema};
