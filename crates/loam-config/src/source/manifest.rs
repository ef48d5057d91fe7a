//! Which folder an installed module lies in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The modules that were installed, by call path; written by installing, read by loading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// By the names of the calls with dots between them: `net`, `net.subnet`.
    pub modules: BTreeMap<String, InstalledModule>,
}

/// One installed module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledModule {
    /// The source that the call gives, in its normal form; a call with another source
    /// needs another installation.
    pub source: String,
    /// The version that was chosen, of a module from a registry.
    pub version: Option<String>,
    /// Its folder, relative to the working directory.
    pub dir: PathBuf,
}

/// The manifest's text: the same members as in Terraform's `modules.json`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    modules: Vec<Record>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    key: String,
    source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    dir: String,
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
        let document: Document = serde_json::from_str(text)?;
        // The root module is in the text for other readers' sake.
        let records = document.modules.into_iter().filter(|r| !r.key.is_empty());
        Ok(Manifest {
            modules: records
                .map(|r| {
                    let module = InstalledModule {
                        source: r.source,
                        version: r.version,
                        dir: r.dir.into(),
                    };
                    (r.key, module)
                })
                .collect(),
        })
    }

    /// The manifest as JSON text.
    pub fn to_json(&self) -> String {
        let root = Record {
            key: String::new(),
            source: String::new(),
            version: None,
            dir: ".".into(),
        };
        let others = self.modules.iter().map(|(key, module)| Record {
            key: key.clone(),
            source: module.source.clone(),
            version: module.version.clone(),
            dir: module.dir.to_string_lossy().replace('\\', "/"),
        });
        let document = Document {
            modules: std::iter::once(root).chain(others).collect(),
        };
        // Strings cannot fail to be written.
        serde_json::to_string_pretty(&document).unwrap_or_default()
    }
}
