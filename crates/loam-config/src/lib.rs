//! Configurations: from files to a tree of modules with typed, resolved blocks.
//!
//! Comes in: files (through one small trait), the provider types at
//! hand, the functions, where installed modules are. Goes out: a [`Config`] in which every
//! reference is resolved and every argument is checked against its schema, or all errors
//! at once in source order; and the values of the root module's variables. This crate does
//! not know state, plans or the values of anything but variables: expressions are
//! evaluated by the engine.
//!
//! Start at [`Config`]; the blocks are in a module each.

mod block;
mod condition;
mod mismatch;
mod model;
mod provider;
mod refactor;
mod resource;

pub use block::{BlockExpr, NestedBlockExpr};
pub use condition::{Check, Condition, Dependency, Repetition};
pub use model::{
    Backend, Config, Local, Module, ModuleCall, Output, RequiredProvider, Settings, Variable,
};
pub use provider::{ProviderConfig, ProviderConfigName, ProviderRef};
pub use refactor::{Import, ImportTo, Moved, Removed};
pub use resource::{
    Action, ActionRef, ActionTrigger, IgnoreChanges, Lifecycle, Resource, TriggerEvent,
};
