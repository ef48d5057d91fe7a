//! Addresses: how modules, resources and their instances are named.
//!
//! Addresses come in families: the block ([`ResourceAddr`]), the block in a module of
//! the configuration ([`ConfigResourceAddr`]), an instance in an instance of a module
//! ([`InstanceAddr`]). Actions have the same three. Parsing normalises, `Display` is what a user types, ordering is
//! the order of listings. This crate does not know configuration or state.

mod action;
mod instance;
mod module;
mod parse;
mod resource;

pub use action::{ActionAddr, ActionInstanceAddr, ConfigActionAddr};
pub use instance::{InstanceAddr, InstanceKey};
pub use module::{ModuleAddr, ModulePath, ModuleStep};
pub use parse::{ParseAddressError, Target, is_identifier};
pub use resource::{AbsResourceAddr, ConfigResourceAddr, Mode, ResourceAddr, ResourceName};
