//! What was done with the state: runs and their changes.

use std::time::SystemTime;

use rusqlite::Row;

use crate::rows::row_error;
use crate::time::from_millis;
use crate::{ChangeKind, Operation, RunId, RunOutcome, Store, StoreError};

/// A run that was begun at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRun {
    /// Its name in the history; later ones have greater numbers.
    pub id: RunId,
    /// Who did what, and when.
    pub operation: Operation,
    /// When it ended; none if it is under way or was interrupted.
    pub ended: Option<SystemTime>,
    /// How it ended.
    pub outcome: Option<RunOutcome>,
    /// What went wrong.
    pub message: Option<String>,
    /// Objects created, updated, deleted, changed in another way, and not changed because
    /// something failed. All zero until it has ended.
    pub counts: Counts,
}

/// How many changes a run made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Counts {
    pub created: u64,
    pub updated: u64,
    pub deleted: u64,
    pub other: u64,
    pub failed: u64,
}

/// A change of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastChange {
    /// The object, as it was called then.
    pub object: String,
    /// What was done with it.
    pub action: ChangeKind,
    /// When it was begun.
    pub started: SystemTime,
    /// When it ended; none if no end is recorded.
    pub ended: Option<SystemTime>,
    /// Whether it failed.
    pub failed: bool,
    /// What went wrong, or the new name of something that was moved.
    pub message: Option<String>,
}

impl Store {
    /// The last runs, newest first.
    pub fn history(&self, limit: usize) -> Result<Vec<PastRun>, StoreError> {
        self.list(
            "SELECT id, operation, command, who, host, pid, started, ended, outcome, message, \
             created, updated, deleted, other, failed FROM runs ORDER BY id DESC LIMIT ?1",
            i64::try_from(limit).unwrap_or(i64::MAX),
            past_run,
        )
    }

    /// The changes that a run made, in the order in which they were begun.
    pub fn changes_of(&self, run: RunId) -> Result<Vec<PastChange>, StoreError> {
        self.list(
            "SELECT address, deposed, action, started, ended, result, message FROM changes \
             WHERE run = ?1 ORDER BY id",
            run.0,
            past_change,
        )
    }

    fn list<T>(
        &self,
        sql: &str,
        parameter: i64,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let Some(conn) = self.connection()? else {
            return Ok(Vec::new());
        };
        let db = |e| row_error(self.path(), Some("the history".into()), e);
        let mut statement = conn.prepare(sql).map_err(db)?;
        statement
            .query_map([parameter], read)
            .and_then(Iterator::collect)
            .map_err(db)
    }
}

fn past_run(r: &Row<'_>) -> rusqlite::Result<PastRun> {
    Ok(PastRun {
        id: RunId(r.get(0)?),
        operation: Operation {
            id: r.get(1)?,
            command: r.get(2)?,
            who: r.get(3)?,
            host: r.get(4)?,
            pid: r.get(5)?,
            started: from_millis(r.get(6)?),
        },
        ended: r.get::<_, Option<i64>>(7)?.map(from_millis),
        outcome: r
            .get::<_, Option<String>>(8)?
            .and_then(|o| RunOutcome::parse(&o)),
        message: r.get(9)?,
        counts: Counts {
            created: r.get(10)?,
            updated: r.get(11)?,
            deleted: r.get(12)?,
            other: r.get(13)?,
            failed: r.get(14)?,
        },
    })
}

fn past_change(r: &Row<'_>) -> rusqlite::Result<PastChange> {
    let address: String = r.get(0)?;
    let deposed: String = r.get(1)?;
    Ok(PastChange {
        object: if deposed.is_empty() {
            address
        } else {
            format!("{address} (deposed object {deposed})")
        },
        // Actions that a newer version knows do not come without a newer schema version.
        action: ChangeKind::parse(r.get_ref(2)?.as_str()?).unwrap_or(ChangeKind::Edit),
        started: from_millis(r.get(3)?),
        ended: r.get::<_, Option<i64>>(4)?.map(from_millis),
        failed: r.get_ref(5)?.as_str()? == "failed",
        message: r.get(6)?,
    })
}
