//! Copies of a state before it is changed by hand.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::database::{private_file, write_private};
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
            match private_file(OpenOptions::new().write(true).create_new(true), &path) {
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
        write_private(path, text.as_bytes())
            .map_err(|e| StoreError::io(path, "could not write", &e))?;
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
