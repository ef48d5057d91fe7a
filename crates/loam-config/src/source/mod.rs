//! Files: where they come from and which of them are configuration.

mod address;
mod discover;
mod files;
mod manifest;
mod secrets;

pub use address::{DEFAULT_REGISTRY, ModuleSource, RegistrySource, RemoteSource, SourceError};
pub use discover::has_configuration;
pub(crate) use discover::{Discovered, discover, is_json, join};
pub use files::{DiskFiles, FileSource, MemoryFiles, WithFile};
pub use manifest::{InstalledModule, Manifest};
pub use secrets::without_secrets;
