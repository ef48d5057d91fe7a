//! Which folder an installed module lies in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The modules that were installed, by call path; written by installing, read by loading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// By the names of the calls with dots between them: `net`, `net.subnet`.
    pub modules: BTreeMap<String, InstalledModule>,
}

/// One installed module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledModule {
    /// The source as the call gives it; a call with another source needs another
    /// installation.
    pub source: String,
    /// The version that was chosen, of a module from a registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its folder, relative to the working directory.
    pub dir: PathBuf,
}

impl Manifest {
    /// Nothing is installed.
    pub fn new() -> Manifest {
        Manifest::default()
    }

    /// Reads the manifest's JSON text.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Manifest, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The manifest as JSON text.
    pub fn to_json(&self) -> String {
        // Maps of strings and paths that came from text cannot fail to be written.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}
