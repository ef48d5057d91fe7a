//! What a run writes within a transaction: rows, and entries of journal and history.

use std::sync::Arc;

use rusqlite::params;

use crate::rows::{self, InstanceRow, RowKey, encoded};
use crate::writer::Tx;
use crate::{ChangeKind, Finish, IntentId, Outcome, RowChange, RunId, StateIdentity, StoreError};

/// Writes an entry of the history; without an end it is an open one of the journal.
pub(crate) fn write_change(
    tx: &Tx<'_>,
    run: RunId,
    key: &RowKey,
    action: ChangeKind,
    started: i64,
    ended: Option<i64>,
    error: Option<&str>,
) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO changes (run, address, deposed, action, started, ended, result, message) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            run.0,
            key.address,
            key.deposed,
            action.as_str(),
            started,
            ended,
            result(ended, error),
            error
        ],
    )?;
    Ok(tx.conn.last_insert_rowid())
}

fn result(ended: Option<i64>, error: Option<&str>) -> &'static str {
    match (ended, error) {
        (None, _) => "open",
        (Some(_), None) => "done",
        (Some(_), Some(_)) => "failed",
    }
}

/// The object that an open intent is about.
pub(crate) fn open_intent_key(tx: &Tx<'_>, intent: IntentId) -> Result<RowKey, StoreError> {
    let key = tx.first(
        "SELECT address, deposed FROM changes WHERE id = ?1 AND result = 'open'",
        [intent.0],
        |r| {
            Ok(RowKey {
                address: r.get(0)?,
                deposed: r.get::<_, String>(1)?.into(),
            })
        },
    )?;
    key.ok_or(StoreError::NoSuchIntent { intent })
}

/// Ends an entry of the journal. Answers what it was about.
pub(crate) fn close_intent(
    tx: &Tx<'_>,
    intent: IntentId,
    ended: i64,
    error: Option<&str>,
) -> Result<RowKey, StoreError> {
    let key = open_intent_key(tx, intent)?;
    tx.execute("DELETE FROM intents WHERE change = ?1", [intent.0])?;
    tx.execute(
        "UPDATE changes SET ended = ?2, result = ?3, message = ?4 WHERE id = ?1",
        params![intent.0, ended, result(Some(ended), error), error],
    )?;
    Ok(key)
}

/// Refuses unless the state is the expected one.
pub(crate) fn check_identity(tx: &Tx<'_>, expected: StateIdentity) -> Result<(), StoreError> {
    let lineage = tx.first("SELECT lineage FROM meta", [], |r| r.get(0))?;
    let current = StateIdentity {
        lineage: lineage.unwrap_or_default(),
        serial: tx.serial,
    };
    if expected.is_current(&current) {
        Ok(())
    } else {
        Err(StoreError::Stale { expected, current })
    }
}

/// A [`Finish`] ready to be written.
pub(crate) struct EncodedFinish {
    outcome: EncodedOutcome,
    also: Vec<Encoded>,
    pub error: Option<String>,
}

enum EncodedOutcome {
    Present(InstanceRow),
    Absent,
    Unchanged,
}

impl EncodedFinish {
    pub fn new(finish: &Finish) -> Result<EncodedFinish, StoreError> {
        Ok(EncodedFinish {
            outcome: match &finish.outcome {
                Outcome::Present(i) => {
                    EncodedOutcome::Present(InstanceRow::new(i, || "an object".to_owned())?)
                }
                Outcome::Absent => EncodedOutcome::Absent,
                Outcome::Unchanged => EncodedOutcome::Unchanged,
            },
            also: finish
                .also
                .iter()
                .map(Encoded::new)
                .collect::<Result<_, _>>()?,
            error: finish.error.clone(),
        })
    }

    /// Writes what has become of the object `key`.
    pub fn write(&self, tx: &mut Tx<'_>, key: &RowKey) -> Result<(), StoreError> {
        let mut changed = match &self.outcome {
            EncodedOutcome::Present(row) => {
                row.put(tx, key)?;
                true
            }
            EncodedOutcome::Absent => rows::remove(tx, key)?,
            EncodedOutcome::Unchanged => false,
        };
        for change in &self.also {
            changed |= change.write(tx)?;
        }
        tx.serial += u64::from(changed);
        Ok(())
    }
}

/// A [`RowChange`] ready to be written.
pub(crate) enum Encoded {
    Put(RowKey, InstanceRow),
    Remove(RowKey),
    Move { from: RowKey, to: RowKey },
    Outputs(Vec<OutputRow>),
    Checks(Option<String>),
}

/// Name, value, sensitive.
type OutputRow = (Arc<str>, String, bool);

impl Encoded {
    pub fn new(change: &RowChange) -> Result<Encoded, StoreError> {
        Ok(match change {
            RowChange::Put(id, i) => {
                Encoded::Put(id.into(), InstanceRow::new(i, || id.to_string())?)
            }
            RowChange::Remove(id) => Encoded::Remove(id.into()),
            RowChange::Move { from, to } => Encoded::Move {
                from: from.into(),
                to: to.into(),
            },
            RowChange::Outputs(outputs) => Encoded::Outputs(
                outputs
                    .iter()
                    .map(|(name, o)| {
                        let value = encoded(&o.value, || format!("the output {name:?}"))?;
                        Ok((name.clone(), value, o.sensitive))
                    })
                    .collect::<Result<_, _>>()?,
            ),
            RowChange::Checks(c) => Encoded::Checks(c.clone()),
        })
    }

    /// What the history says of it: the object, and a message.
    pub fn history(&self) -> Option<(&RowKey, Option<String>)> {
        match self {
            Encoded::Put(key, _) | Encoded::Remove(key) => Some((key, None)),
            Encoded::Move { from, to } => Some((from, Some(format!("to {to}")))),
            Encoded::Outputs(_) | Encoded::Checks(_) => None,
        }
    }

    /// True if the state has changed by it.
    pub fn write(&self, tx: &Tx<'_>) -> Result<bool, StoreError> {
        match self {
            Encoded::Put(key, row) => row.put(tx, key).map(|()| true),
            Encoded::Remove(key) => rows::remove(tx, key),
            Encoded::Move { from, to } => rows::rename(tx, from, to).map(|()| from != to),
            Encoded::Outputs(outputs) => write_outputs(tx, outputs),
            Encoded::Checks(checks) => {
                let n = tx.execute(
                    "UPDATE meta SET checks = ?1 WHERE checks IS NOT ?1",
                    [checks],
                )?;
                Ok(n > 0)
            }
        }
    }
}

fn write_outputs(tx: &Tx<'_>, outputs: &[OutputRow]) -> Result<bool, StoreError> {
    let mut statement = tx
        .conn
        .prepare_cached("SELECT name, value, sensitive FROM outputs ORDER BY name")
        .map_err(|e| tx.error(e))?;
    let present: Result<Vec<OutputRow>, rusqlite::Error> = statement
        .query_map([], |r| {
            Ok((r.get::<_, String>(0)?.into(), r.get(1)?, r.get(2)?))
        })
        .and_then(Iterator::collect);
    if present.map_err(|e| tx.error(e))? == outputs {
        return Ok(false);
    }
    tx.execute("DELETE FROM outputs", [])?;
    for (name, value, sensitive) in outputs {
        tx.execute(
            "INSERT INTO outputs (name, value, sensitive) VALUES (?1, ?2, ?3)",
            params![name, value, sensitive],
        )?;
    }
    Ok(true)
}
