//! Files: where they come from and which of them are configuration.

mod discover;
mod files;
mod manifest;

pub(crate) use discover::{Discovered, discover, is_json, join};
pub use files::{DiskFiles, FileSource, MemoryFiles};
pub use manifest::{InstalledModule, Manifest};
