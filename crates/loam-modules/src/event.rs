//! What happens while modules are installed.

use std::path::PathBuf;

/// Something that happens while modules are installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Another process is installing into the same folder.
    Waiting,
    /// A package is being fetched.
    Downloading {
        /// The call that it is fetched for; others may use it, too.
        key: String,
        /// Its address, without secrets.
        source: String,
        /// The chosen version, of a module from a registry.
        version: Option<String>,
    },
    /// A part of a package is there.
    Received {
        /// As for `Downloading`.
        key: String,
        /// How many bytes there are.
        bytes: u64,
        /// How many there will be, if that is known.
        whole: Option<u64>,
    },
    /// A package was fetched, or could not be.
    Ended {
        /// As for `Downloading`.
        key: String,
    },
    /// A module is in its place.
    Installed {
        /// The call.
        key: String,
        /// The module's folder.
        dir: PathBuf,
    },
}

/// Is told what happens while modules are installed.
pub trait Observer: Sync {
    /// Something happens.
    fn event(&self, event: Event);
}
