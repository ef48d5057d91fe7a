//! Fetches the modules that a configuration calls.
//!
//! Comes in: a way to the configuration ([`loam_config::Loader`]), credentials, the folder
//! for installed modules. Goes out: that folder with a copy of every module that is not a
//! local one, and the [`loam_config::Manifest`] by which loading finds them; or all that
//! went wrong, at the calls that it concerns. This crate does not know what is in a
//! module, beyond the calls that [`loam_config::find_calls`] finds in it.
//!
//! Start at [`install`]. A module's way: `registry` works out where a version is, `package`
//! fetches what is at an address (`git`, `http` and `archive` know how), `folder` checks it
//! and puts it in its place.

mod archive;
mod checksum;
mod credentials;
mod event;
mod folder;
mod from_module;
mod git;
mod http;
mod install;
mod login;
mod netrc;
mod package;
mod problem;
mod redirect;
mod registry;

pub use credentials::Credentials;
pub use event::{Event, Observer};
pub use folder::read_manifest;
pub use from_module::{FromModule, copy_module};
pub use install::{Install, Installed, install};
pub use login::{is_host, log_in, log_out};
