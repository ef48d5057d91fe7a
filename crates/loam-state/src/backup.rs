//! Copies of a state before it is changed by hand.

use std::io::Write;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::tfstate::{self, ResourceTypes};
use crate::{Store, StoreError, time};

impl Store {
    /// Writes the state as it is now, in Terraform's format, to a new file beside the
    /// database (`state/default.1795363200.backup`), which only its owner may read. `None`
    /// if there is nothing to keep. `loam state push -force FILE` brings it back.
    pub fn back_up(&self, types: ResourceTypes<'_>) -> Result<Option<PathBuf>, StoreError> {
        let state = self.snapshot()?;
        if state.is_empty() {
            return Ok(None);
        }
        let text = tfstate::to_json(&state, types)?;
        let seconds = time::to_millis(SystemTime::now()) / 1000;
        for n in 0.. {
            let mark = match n {
                0 => seconds.to_string(),
                n => format!("{seconds}-{n}"),
            };
            let path = self.path().with_extension(format!("{mark}.backup"));
            let failed = |e: std::io::Error| StoreError::io(&path, "could not write", &e);
            match private(&path) {
                Ok(mut file) => {
                    file.write_all(text.as_bytes()).map_err(failed)?;
                    file.sync_all().map_err(failed)?;
                    return Ok(Some(path));
                }
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(failed(e)),
            }
        }
        Ok(None)
    }
}

fn private(path: &std::path::Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}
