//! Workspaces: several states for one configuration.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::database::{self, beside};
use crate::error::READING;
use crate::{OpenOptions, Operation, Store, StoreError};

/// The workspace that there always is.
pub const DEFAULT: &str = "default";

/// Where a working directory keeps its states (`state/<workspace>.db`), and which of its
/// workspaces is chosen (`.loam/workspace`).
#[derive(Clone, Debug)]
pub struct WorkspaceDir {
    states: PathBuf,
    choice: PathBuf,
}

/// Refuses what is not a workspace's name: up to 90 letters, digits and `-_.~+=@`, a
/// letter or digit first. All of them can stand in a file's name and in a URL.
pub fn check_workspace_name(name: &str) -> Result<(), StoreError> {
    let valid = name.len() <= 90
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.~+=@".contains(c));
    if valid {
        Ok(())
    } else {
        Err(StoreError::WorkspaceName { name: name.into() })
    }
}

impl WorkspaceDir {
    /// Of a working directory. Nothing is read or created yet.
    pub fn new(working_directory: impl AsRef<Path>) -> WorkspaceDir {
        let dir = working_directory.as_ref();
        WorkspaceDir {
            states: dir.join("state"),
            choice: dir.join(".loam").join("workspace"),
        }
    }

    /// Keeps the choice in another folder than `.loam`.
    pub fn with_choice_in(mut self, dir: impl AsRef<Path>) -> WorkspaceDir {
        self.choice = dir.as_ref().join("workspace");
        self
    }

    /// The state file of a workspace, whether it is there or not.
    pub fn path(&self, name: &str) -> Result<PathBuf, StoreError> {
        check_workspace_name(name)?;
        Ok(self.states.join(format!("{name}.db")))
    }

    /// The names of all, `default` first, then by name.
    pub fn list(&self) -> Result<Vec<String>, StoreError> {
        let mut names = vec![DEFAULT.to_owned()];
        let unreadable = |e: std::io::Error| StoreError::io(&self.states, READING, &e);
        let entries = match std::fs::read_dir(&self.states) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(names),
            Err(e) => return Err(unreadable(e)),
        };
        for entry in entries {
            let file = entry.map_err(unreadable)?.file_name();
            if let Some(name) = file.to_str().and_then(|f| f.strip_suffix(".db"))
                && name != DEFAULT
                && check_workspace_name(name).is_ok()
            {
                names.push(name.to_owned());
            }
        }
        if let Some(others) = names.get_mut(1..) {
            others.sort();
        }
        Ok(names)
    }

    /// The one that is chosen; `default` if none is. The environment's wish is the
    /// caller's business.
    pub fn current(&self) -> Result<String, StoreError> {
        match std::fs::read_to_string(&self.choice) {
            Ok(name) => {
                let name = name.trim();
                check_workspace_name(name)?;
                Ok(name.to_owned())
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(DEFAULT.to_owned()),
            Err(e) => Err(StoreError::io(&self.choice, READING, &e)),
        }
    }

    /// Chooses one that exists.
    pub fn select(&self, name: &str) -> Result<(), StoreError> {
        self.check_exists(name)?;
        let failed = |e: std::io::Error| StoreError::io(&self.choice, "could not write", &e);
        if let Some(dir) = self.choice.parent() {
            std::fs::create_dir_all(dir).map_err(failed)?;
        }
        // Under another name first: a half-written choice would be an unknown workspace.
        let new = beside(&self.choice, ".new");
        std::fs::write(&new, format!("{name}\n")).map_err(failed)?;
        std::fs::rename(&new, &self.choice).map_err(failed)
    }

    /// Makes an empty one. Does not choose it.
    pub fn create(&self, name: &str) -> Result<Store, StoreError> {
        let path = self.path(name)?;
        if name == DEFAULT || database::exists(&path)? {
            return Err(StoreError::WorkspaceExists { name: name.into() });
        }
        Store::open(path, OpenOptions::write())
    }

    /// Deletes one with its state and history. Refuses the default one, the chosen one, a
    /// locked one, and without `force` one that holds objects.
    pub fn delete(
        &self,
        name: &str,
        operation: &Operation,
        lock_timeout: Duration,
        force: bool,
    ) -> Result<(), StoreError> {
        let in_use = |why: &str| StoreError::WorkspaceInUse {
            name: name.into(),
            why: why.into(),
        };
        if name == DEFAULT {
            return Err(in_use("it is the one that there always is"));
        }
        self.check_exists(name)?;
        if self.current()? == name {
            return Err(in_use(
                "it is the current one; choose another with `loam workspace select`",
            ));
        }
        let path = self.path(name)?;
        let store = Store::open(&path, OpenOptions::write())?;
        let lock = store.lock(operation, lock_timeout)?;
        if !force && !store.snapshot()?.instances.is_empty() {
            return Err(in_use(
                "its state holds objects, which would be forgotten and not destroyed; destroy \
                 them first, or repeat the command with -force",
            ));
        }
        if !force && !store.open_intents()?.is_empty() {
            return Err(in_use(
                "its journal holds changes whose end is not known; apply first, or repeat the \
                 command with -force",
            ));
        }
        // While the lock is held nobody else opens it to write.
        std::fs::remove_file(&path).map_err(|e| StoreError::io(&path, "could not remove", &e))?;
        drop(lock);
        drop(store);
        for suffix in ["-wal", "-shm", ".lock"] {
            let _ = std::fs::remove_file(beside(&path, suffix));
        }
        Ok(())
    }

    fn check_exists(&self, name: &str) -> Result<(), StoreError> {
        check_workspace_name(name)?;
        let known = self.list()?;
        if known.iter().any(|k| k == name) {
            Ok(())
        } else {
            Err(StoreError::NoSuchWorkspace {
                name: name.into(),
                known,
            })
        }
    }
}
