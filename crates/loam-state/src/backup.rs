//! Copies of a state before it is changed by hand.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::database::beside;
use crate::tfstate::{self, ResourceTypes};
use crate::{Store, StoreError, time};

impl Store {
    /// Writes the state as it is now, in Terraform's format, to a new file beside the
    /// database (`state/default.1795363200.backup`), which only its owner may read. `None`
    /// if there is nothing to keep. `loam state push -force FILE` brings it back.
    pub fn back_up(&self, types: ResourceTypes<'_>) -> Result<Option<PathBuf>, StoreError> {
        let Some(text) = self.worth_keeping(types)? else {
            return Ok(None);
        };
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

    /// The same to a file that the user names; what is there is replaced, in one step.
    /// False if there is nothing to keep.
    pub fn back_up_to(&self, path: &Path, types: ResourceTypes<'_>) -> Result<bool, StoreError> {
        let Some(text) = self.worth_keeping(types)? else {
            return Ok(false);
        };
        let failed = |e: std::io::Error| StoreError::io(path, "could not write", &e);
        let new = beside(path, ".new");
        match std::fs::remove_file(&new) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(failed(e)),
            _ => {}
        }
        let mut file = private(&new).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&new, path).map_err(failed)?;
        Ok(true)
    }

    fn worth_keeping(&self, types: ResourceTypes<'_>) -> Result<Option<String>, StoreError> {
        let state = self.snapshot()?;
        match state.is_empty() {
            true => Ok(None),
            false => tfstate::to_json(&state, types).map(Some),
        }
    }
}

fn private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}
