//! Configurations: from files to a tree of modules with typed, resolved blocks.
//!
//! Comes in: files (through [`FileSource`], the only way to them), the provider types at
//! hand, the functions, where installed modules are. Goes out: a [`Config`] in which every
//! reference is resolved and every argument is checked against its schema, or all errors
//! at once in source order; and the values of the root module's variables. This crate does
//! not know state, plans or the values of anything but variables: expressions are
//! evaluated by the engine.
//!
//! Start at [`load`] and [`Config`]; the blocks are in a module each.

mod block;
mod condition;
mod decode;
pub mod environment;
mod load;
mod mismatch;
mod model;
mod provider;
mod provisioner;
mod refactor;
mod resource;
mod rules;
mod source;
mod statics;
mod variables;
pub mod version;

pub use block::{BlockExpr, NestedBlockExpr};
pub use condition::{Check, Condition, Dependency, Repetition};
pub use decode::{LANGUAGE_VERSION, is_meta_argument, provider_source};
pub use load::{
    FoundBackend, FoundCall, FoundCalls, Loader, find_backend, find_calls, load, load_incomplete,
    load_with,
};
pub use model::{
    Backend, Config, Local, Module, ModuleCall, Output, RequiredProvider, Settings, Variable,
};
pub use provider::{ProviderConfig, ProviderConfigName, ProviderRef};
pub use provisioner::{OnFailure, Provisioner, ProvisionerWhen};
pub use refactor::{Import, ImportBlocks, ImportTo, KeyPlace, Moved, Removed, RemovedBlocks};
pub use resource::{
    Action, ActionRef, ActionTrigger, IgnoreChanges, Lifecycle, Resource, TriggerEvent,
};
pub use source::{
    DEFAULT_REGISTRY, DiskFiles, FileSource, InstalledModule, Manifest, MemoryFiles, ModuleSource,
    RegistrySource, RemoteSource, SourceError, WithFile, has_configuration, without_secrets,
};
pub use variables::{
    Input, InputContent, InputOrigin, InputSources, Inputs, VariableOption, VariableValues,
    collect_inputs, missing_variable, read_values, variable_values, written_values,
};
