//! What can go wrong with a state, for the person who has to mend it.

use std::path::{Path, PathBuf};

use loam_diag::Diagnostic;
use rusqlite::ErrorCode;

use crate::{IntentId, Operation, StateIdentity};

/// Why the store did not do what it was asked to do. Nothing that was answered before is
/// lost with any of them.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file system refused something.
    #[error("{doing} {}: {message}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was tried, such as `could not create`.
        doing: String,
        /// The operating system's words.
        message: String,
    },
    /// The file is not an SQLite database.
    #[error("{} is not a Loam state", path.display())]
    NotAState {
        /// The file.
        path: PathBuf,
        /// It looks like the JSON text of a Terraform state.
        json: bool,
    },
    /// The file is a state that cannot be read.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A newer Loam has written the file.
    #[error("{} has schema version {found}; this Loam knows up to {known}", path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// An older Loam has written the file and it may not be brought up to date.
    #[error("{} has schema version {found} and cannot be brought to {known} because it is opened for reading only", path.display())]
    TooOld {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The version that is needed.
        known: i64,
    },
    /// The file or its directory may not be written.
    #[error("{} cannot be written", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// No room is left on the disk.
    #[error("no space is left to write {}", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused to write, for want of space (a quota, a limit for
    /// files) or because of the disk.
    #[error("{} could not be written: {message}", path.display())]
    WriteFailed {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        message: String,
    },
    /// Another process keeps writing.
    #[error("{} is being written by another process", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// Anything else that SQLite reports.
    #[error("{}: {message}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        message: String,
    },
    /// Another operation holds the lock.
    #[error("the state is locked by {}", holder.describe())]
    Locked {
        /// The file.
        path: PathBuf,
        /// The operation.
        holder: Box<Operation>,
    },
    /// Somebody has broken this operation's lock.
    #[error("the lock of this operation was broken")]
    LockLost {
        /// The file.
        path: PathBuf,
    },
    /// `force-unlock` was given another lock's id, or there is no lock.
    #[error("no lock with the id {id:?}")]
    NoSuchLock {
        /// The id that was asked for.
        id: String,
        /// The lock that there is.
        holder: Option<Box<Operation>>,
    },
    /// The journal has no open entry of this id.
    #[error("the journal has no open entry {}", intent.0)]
    NoSuchIntent {
        /// The id.
        intent: IntentId,
    },
    /// An object that should be changed is not in the state.
    #[error("the state holds no {what}")]
    NoSuchObject {
        /// The object.
        what: String,
    },
    /// The place is taken by another object.
    #[error("the state already holds {what}")]
    ObjectExists {
        /// The object.
        what: String,
    },
    /// The state is not the one that was planned for.
    #[error("the state has changed: it is at {current}, expected was {expected}")]
    Stale {
        /// What was expected.
        expected: StateIdentity,
        /// What it is.
        current: StateIdentity,
    },
    /// A pushed state belongs to something else.
    #[error("the new state has the lineage {new:?}, the present one {current:?}")]
    OtherLineage {
        /// Of the state that was to be pushed.
        new: String,
        /// Of the present state.
        current: String,
    },
    /// A pushed state is older than the present one.
    #[error("the new state has the serial {new}, the present one {current}")]
    OlderSerial {
        /// Of the state that was to be pushed.
        new: u64,
        /// Of the present state.
        current: u64,
    },
    /// A pushed state has the present one's serial and other contents.
    #[error("the new state has the present one's serial {serial} and other contents")]
    SameSerial {
        /// The serial of both.
        serial: u64,
    },
    /// A value must not or cannot be stored.
    #[error("{place} holds {why}, which cannot be stored")]
    NotStorable {
        /// Where.
        place: String,
        /// Why.
        why: String,
    },
    /// A text is not the name of a workspace.
    #[error("{name:?} is not a workspace name")]
    WorkspaceName {
        /// The text.
        name: String,
    },
    /// There is such a workspace already.
    #[error("the workspace {name:?} already exists")]
    WorkspaceExists {
        /// Its name.
        name: String,
    },
    /// There is no such workspace.
    #[error("the workspace {name:?} does not exist")]
    NoSuchWorkspace {
        /// Its name.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A workspace cannot be deleted.
    #[error("the workspace {name:?} cannot be deleted: {why}")]
    WorkspaceInUse {
        /// Its name.
        name: String,
        /// Why.
        why: String,
    },
    /// The thread that writes has ended.
    #[error("the state store has stopped")]
    Stopped,
}

impl StoreError {
    /// From an error of the file system.
    pub(crate) fn io(path: &Path, doing: &str, error: &std::io::Error) -> StoreError {
        use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, StorageFull};
        let path = path.to_path_buf();
        match error.kind() {
            StorageFull => StoreError::DiskFull { path },
            ReadOnlyFilesystem => StoreError::ReadOnly { path },
            PermissionDenied if doing != READING => StoreError::ReadOnly { path },
            _ => StoreError::Io {
                path,
                doing: doing.to_owned(),
                message: error.to_string(),
            },
        }
    }

    /// From an error of SQLite.
    pub(crate) fn sqlite(path: &Path, error: &rusqlite::Error) -> StoreError {
        let path = path.to_path_buf();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::DiskFull { path },
            Some(ErrorCode::SystemIoFailure) if is_write_failure(error) => {
                StoreError::WriteFailed {
                    path,
                    message: in_words(error),
                }
            }
            Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
            Some(ErrorCode::NotADatabase) => StoreError::NotAState { path, json: false },
            Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged {
                path,
                what: error.to_string(),
            },
            _ => StoreError::Sqlite {
                path,
                message: in_words(error),
            },
        }
    }

    /// What to tell the user: what is wrong and what to do.
    pub fn diagnostic(&self) -> Diagnostic {
        let (summary, advice) = self.advice();
        let mut text = self.to_string();
        // Some begin with a path, which stays as it is.
        if ["the ", "no ", "could "]
            .iter()
            .any(|w| text.starts_with(w))
            && let Some(first) = text.get_mut(..1)
        {
            first.make_ascii_uppercase();
        }
        Diagnostic::error(summary, format!("{text}. {advice}"))
    }

    fn advice(&self) -> (&'static str, String) {
        match self {
            StoreError::Io { .. } => (
                "State file not accessible",
                "Check the path and its permissions, then run the command again.".into(),
            ),
            StoreError::NotAState { json: true, .. } => (
                "Not a state file",
                "It looks like a Terraform state. Loam keeps its state in another format: \
                 move the file away and bring it in with `loam state push FILE`."
                    .into(),
            ),
            StoreError::NotAState { json: false, .. } => (
                "Not a state file",
                "Loam leaves the file alone. Check the path that was given, or move the file \
                 away."
                    .into(),
            ),
            StoreError::Damaged { .. } => (
                "Damaged state file",
                "Nothing was changed. Keep the file together with the files of the same name \
                 that end in -wal and -shm, and restore a backup of all of them. Do not apply \
                 with an empty state: the objects that this one knows would be created a second \
                 time."
                    .into(),
            ),
            StoreError::TooNew { .. } => (
                "State written by a newer version",
                "Nothing was changed. Use the version of Loam that wrote it, or a newer one."
                    .into(),
            ),
            StoreError::TooOld { .. } => (
                "State written by an older version",
                "Run `loam init` where the file may be written to bring it up to date.".into(),
            ),
            StoreError::ReadOnly { .. } => (
                "State file not writable",
                "The file and its directory must be writable for you, because changes are \
                 written beside it first. Nothing that is not in the state was begun."
                    .into(),
            ),
            StoreError::DiskFull { .. } => (
                "Disk full",
                "What was written before is kept. Make room, then run the command again: changes \
                 whose end could not be written are found by the next run."
                    .into(),
            ),
            StoreError::WriteFailed { .. } => (
                "State file not written",
                "What was written before is kept. Check the disk, its free space and your quota, \
                 then run the command again: changes whose end could not be written are found by \
                 the next run."
                    .into(),
            ),
            StoreError::Busy { .. } => (
                "State file in use",
                "Wait for the other process to end, then run the command again.".into(),
            ),
            StoreError::Sqlite { .. } => (
                "State file failure",
                "What was written before is kept. Check the disk, then run the command again."
                    .into(),
            ),
            StoreError::Locked { holder, .. } => (
                "State locked",
                format!(
                    "Wait for it to end, or let this command wait with -lock-timeout=5m. If \
                     that process is certain not to run any more, break its lock with \
                     `loam force-unlock {}`.",
                    holder.id
                ),
            ),
            StoreError::LockLost { .. } => (
                "State lock lost",
                "Somebody ran `loam force-unlock` while this operation was running. No further \
                 change is begun; those under way are still recorded."
                    .into(),
            ),
            StoreError::NoSuchLock { holder, .. } => (
                "No such lock",
                match holder {
                    Some(h) => format!(
                        "The state is locked by {}; its id is {}.",
                        h.describe(),
                        h.id
                    ),
                    None => "The state is not locked.".into(),
                },
            ),
            StoreError::NoSuchIntent { .. } => (
                "No such journal entry",
                "It has been closed already. This is a defect in Loam; please report it.".into(),
            ),
            StoreError::NoSuchObject { .. } => (
                "No such object in the state",
                "`loam state list` shows what there is.".into(),
            ),
            StoreError::ObjectExists { .. } => (
                "Object already in the state",
                "Remove or move that one first, or choose another address.".into(),
            ),
            StoreError::Stale { .. } => (
                "Stale plan",
                "Something has changed the state since. Nothing was done; plan again.".into(),
            ),
            StoreError::OtherLineage { .. } => (
                "State of another lineage",
                "The two have nothing in common. If the present state shall be given up for the \
                 new one nevertheless, repeat the command with -force."
                    .into(),
            ),
            StoreError::OlderSerial { .. } => (
                "Older state",
                "Pushing it would undo what was recorded since. If that is intended, repeat the \
                 command with -force."
                    .into(),
            ),
            StoreError::SameSerial { .. } => (
                "Conflicting state",
                "One of them was changed without counting up its serial. If the new one shall \
                 replace the present one, repeat the command with -force."
                    .into(),
            ),
            StoreError::NotStorable { .. } => (
                "Value cannot be stored",
                "Values that only live during a run must not become part of a resource or an \
                 output."
                    .into(),
            ),
            StoreError::WorkspaceName { .. } => (
                "Invalid workspace name",
                "A name has up to 90 letters, digits and the characters - _ . ~ + = @, and \
                 begins with a letter or a digit."
                    .into(),
            ),
            StoreError::WorkspaceExists { name } => (
                "Workspace exists",
                format!("Choose it with `loam workspace select {name}`."),
            ),
            StoreError::NoSuchWorkspace { name, known } => (
                "No such workspace",
                format!(
                    "There are: {}. Create it with `loam workspace new {name}` or \
                     `loam workspace select -or-create {name}`.",
                    known.join(", ")
                ),
            ),
            StoreError::WorkspaceInUse { .. } => ("Workspace not deleted", String::new()),
            StoreError::Stopped => (
                "State store stopped",
                "An earlier error tells why. Changes whose end could not be written are found by \
                 the next run."
                    .into(),
            ),
        }
    }
}

/// SQLite's words, with the exact code, because many codes share their words.
fn in_words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(e, _) => {
            format!("{error} (SQLite code {})", e.extended_code)
        }
        _ => error.to_string(),
    }
}

/// Whether an input or output error was one of output.
fn is_write_failure(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{
        SQLITE_IOERR_DIR_FSYNC, SQLITE_IOERR_FSYNC, SQLITE_IOERR_SHMOPEN, SQLITE_IOERR_SHMSIZE,
        SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_WRITE,
    };
    let code = match error {
        rusqlite::Error::SqliteFailure(e, _) => e.extended_code,
        _ => return false,
    };
    [
        SQLITE_IOERR_WRITE,
        SQLITE_IOERR_FSYNC,
        SQLITE_IOERR_DIR_FSYNC,
        SQLITE_IOERR_TRUNCATE,
        SQLITE_IOERR_SHMOPEN,
        SQLITE_IOERR_SHMSIZE,
    ]
    .contains(&code)
}

/// What [`StoreError::io`] is told when something was only to be read.
pub(crate) const READING: &str = "could not read";

impl From<StoreError> for Diagnostic {
    fn from(e: StoreError) -> Diagnostic {
        e.diagnostic()
    }
}
