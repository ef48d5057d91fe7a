//! The store: one state file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::database::{self, Access};
use crate::pending::Pending;
use crate::rows::read_state;
use crate::writer::{Tx, Writer};
use crate::{State, StateIdentity, StoreError};

/// How to open a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOptions {
    /// Make the file (and its directory) if it is not there. Without it, a file that is
    /// not there is an empty state.
    pub create: bool,
    /// Refuse everything that writes.
    pub read_only: bool,
}

impl OpenOptions {
    /// For commands that only read: nothing is created.
    pub fn read() -> OpenOptions {
        OpenOptions {
            create: false,
            read_only: true,
        }
    }

    /// For commands that change the state.
    pub fn write() -> OpenOptions {
        OpenOptions {
            create: true,
            read_only: false,
        }
    }
}

/// A state file. Cheap to clone; all clones write through one thread. The last one to be
/// dropped waits until everything is written.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    path: PathBuf,
    options: OpenOptions,
    writer: Mutex<Option<Writer>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.0.path).finish()
    }
}

impl Store {
    /// Opens a state and checks that it is one and can be read. With [`OpenOptions::write`]
    /// it also has to be writable.
    pub fn open(path: impl AsRef<Path>, options: OpenOptions) -> Result<Store, StoreError> {
        let path = path.as_ref();
        if options.create && !options.read_only {
            database::create(path)?;
        }
        let store = Store(Arc::new(Inner {
            path: path.to_path_buf(),
            options,
            writer: Mutex::new(None),
        }));
        if store.exists()? {
            if options.read_only {
                store.connection()?;
            } else {
                store.start()?;
            }
        }
        Ok(store)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Whether the file is there.
    pub fn exists(&self) -> Result<bool, StoreError> {
        database::exists(&self.0.path)
    }

    /// The state as of this moment, whoever is writing. Takes no lock.
    pub fn snapshot(&self) -> Result<State, StoreError> {
        match self.connection()? {
            Some(conn) => read_state(&self.0.path, &conn),
            None => Ok(State::default()),
        }
    }

    /// Which version of the state there is at this moment.
    pub fn identity(&self) -> Result<StateIdentity, StoreError> {
        let Some(conn) = self.connection()? else {
            return Ok(StateIdentity::default());
        };
        conn.query_row("SELECT lineage, serial FROM meta", [], |r| {
            Ok(StateIdentity {
                lineage: r.get(0)?,
                serial: r.get(1)?,
            })
        })
        .map_err(|e| crate::rows::row_error(&self.0.path, None, e))
    }

    /// Refuses unless the state still is the one that a plan was made for.
    pub fn check_current(&self, planned: &StateIdentity) -> Result<(), StoreError> {
        let current = self.identity()?;
        if planned.is_current(&current) {
            Ok(())
        } else {
            Err(StoreError::Stale {
                expected: planned.clone(),
                current,
            })
        }
    }

    /// A connection that reads; none if there is no file.
    pub(crate) fn connection(&self) -> Result<Option<Connection>, StoreError> {
        if !self.exists()? {
            return Ok(None);
        }
        database::open(&self.0.path, Access::Read, !self.0.options.read_only).map(Some)
    }

    fn start(&self) -> Result<(), StoreError> {
        let mut writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.is_none() {
            let conn = database::open(&self.0.path, Access::Write, true)?;
            *writer = Some(Writer::start(self.0.path.clone(), conn)?);
        }
        Ok(())
    }

    /// Has something written, together with what else is waiting.
    pub(crate) fn submit<T: Send + Unpin + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Pending<T> {
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        match &*writer {
            Some(w) => w.submit(work),
            None => Pending::ready(Err(StoreError::ReadOnly {
                path: self.0.path.clone(),
            })),
        }
    }
}
