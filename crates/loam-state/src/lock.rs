//! The lock that keeps two operations apart.
//!
//! Two things make it: a lock of the operating system on a file beside the database, which
//! ends with the process whatever happens to it, and a row that says who holds it. Who has
//! the file's lock and finds a row of the same machine knows that its process has died and
//! takes over. A row of another machine is respected, because on a shared directory the
//! file's lock may not reach that far.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use loam_diag::Diagnostic;
use rusqlite::{Row, params};

use crate::database::{beside, private_file};
use crate::rows::row_error;
use crate::time::{from_millis, to_millis};
use crate::writer::Tx;
use crate::{Operation, Store, StoreError};

/// How often a lock that is held is tried again.
const POLL: Duration = Duration::from_millis(200);

/// How long a holder may take between getting the file's lock and writing its row.
const NAMELESS: Duration = Duration::from_secs(2);

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub struct LockGuard {
    store: Store,
    id: String,
    path: PathBuf,
    file: File,
    taken_over: Option<Operation>,
}

impl LockGuard {
    /// The id of the operation that holds it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A warning if the lock was left behind by a process that has died.
    pub fn warning(&self) -> Option<Diagnostic> {
        self.taken_over.as_ref().map(|dead| {
            Diagnostic::warning(
                "Lock of an ended process taken over",
                format!(
                    "{} ended without releasing the lock of the state. What it had begun is \
                     in the journal.",
                    dead.describe()
                ),
            )
        })
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        let id = self.id.clone();
        // If it fails, the next one finds the row of a process that is gone.
        let _ = self
            .store
            .submit(move |tx| tx.execute("DELETE FROM lock WHERE lock = ?1", [id]))
            .wait();
        if same_file(&self.file, &self.path) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

enum Attempt {
    Got(Box<LockGuard>),
    Held(Option<Operation>),
}

impl Store {
    /// Takes the lock, waiting for it as long as `timeout` says.
    pub fn lock(&self, operation: &Operation, timeout: Duration) -> Result<LockGuard, StoreError> {
        self.lock_with(operation, timeout, &mut |_| ())
    }

    /// Like [`Store::lock`]; `waiting` is told once per holder that is waited for.
    pub fn lock_with(
        &self,
        operation: &Operation,
        timeout: Duration,
        waiting: &mut dyn FnMut(&Operation),
    ) -> Result<LockGuard, StoreError> {
        let begun = Instant::now();
        let mut told: Option<String> = None;
        loop {
            let held = match self.try_lock(operation)? {
                Attempt::Got(guard) => return Ok(*guard),
                Attempt::Held(by) => by,
            };
            match held {
                Some(holder) if begun.elapsed() >= timeout => {
                    return Err(StoreError::Locked {
                        path: self.path().to_path_buf(),
                        holder: Box::new(holder),
                    });
                }
                Some(holder) if told.as_ref() != Some(&holder.id) => {
                    waiting(&holder);
                    told = Some(holder.id);
                }
                Some(_) => {}
                None if begun.elapsed() >= timeout.max(NAMELESS) => {
                    return Err(StoreError::Busy {
                        path: self.path().to_path_buf(),
                    });
                }
                None => {}
            }
            let left = timeout.max(NAMELESS).saturating_sub(begun.elapsed());
            std::thread::sleep(POLL.min(left));
        }
    }

    fn try_lock(&self, operation: &Operation) -> Result<Attempt, StoreError> {
        let path = beside(self.path(), ".lock");
        let file = private_file(
            OpenOptions::new().write(true).create(true).truncate(false),
            &path,
        )
        .map_err(|e| StoreError::io(&path, "could not create", &e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Attempt::Held(self.lock_holder()?)),
            Err(TryLockError::Error(e)) => {
                return Err(StoreError::io(&path, "could not lock", &e));
            }
        }
        if !same_file(&file, &path) {
            // Its last holder has just removed it: this lock is nobody's.
            return Ok(Attempt::Held(None));
        }
        let mine = operation.clone();
        let other = self.submit(move |tx| take(tx, &mine)).wait()?;
        Ok(match other {
            Some(o) if o.host != operation.host => Attempt::Held(Some(o)),
            taken_over => Attempt::Got(Box::new(LockGuard {
                store: self.clone(),
                id: operation.id.clone(),
                path,
                file,
                taken_over,
            })),
        })
    }

    /// Who holds the lock, according to the row: it may be a process that has died.
    pub fn lock_holder(&self) -> Result<Option<Operation>, StoreError> {
        use rusqlite::OptionalExtension;
        let Some(conn) = self.connection()? else {
            return Ok(None);
        };
        conn.query_row(HOLDER, [], holder)
            .optional()
            .map_err(|e| row_error(self.path(), Some("the lock".into()), e))
    }

    /// Breaks the lock of another operation. Answers whose it was.
    pub fn force_unlock(&self, id: &str) -> Result<Operation, StoreError> {
        let wanted = id.to_owned();
        let broken = self
            .submit(move |tx| match tx.first(HOLDER, [], holder)? {
                Some(o) if o.id == wanted => {
                    tx.execute("DELETE FROM lock", [])?;
                    Ok(o)
                }
                other => Err(StoreError::NoSuchLock {
                    id: wanted,
                    holder: other.map(Box::new),
                }),
            })
            .wait()?;
        // A process that still lives keeps the lock of a file that has no name any more.
        let path = beside(self.path(), ".lock");
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::io(&path, "could not remove", &e))
            }
            _ => Ok(broken),
        }
    }
}

const HOLDER: &str = "SELECT lock, command, who, host, pid, since FROM lock";

fn holder(r: &Row<'_>) -> rusqlite::Result<Operation> {
    Ok(Operation {
        id: r.get(0)?,
        command: r.get(1)?,
        who: r.get(2)?,
        host: r.get(3)?,
        pid: r.get(4)?,
        started: from_millis(r.get(5)?),
    })
}

/// Writes the row, unless another machine's is there; answers the row that was there.
fn take(tx: &Tx<'_>, o: &Operation) -> Result<Option<Operation>, StoreError> {
    let other = tx.first(HOLDER, [], holder)?;
    if other.as_ref().is_none_or(|other| other.host == o.host) {
        tx.execute(
            "REPLACE INTO lock (id, lock, command, who, host, pid, since) \
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
            params![o.id, o.command, o.who, o.host, o.pid, to_millis(o.started)],
        )?;
    }
    Ok(other)
}

/// Whether the open file is the one that the path names.
fn same_file(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        match (file.metadata(), std::fs::metadata(path)) {
            (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
            _ => false,
        }
    }
    // Elsewhere a file that is open cannot be removed.
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}
