//! The sandbox's database: JSON documents by cloud, kind and id, in SQLite.
//!
//! One connection behind a lock; one request is one transaction. Knows nothing of any cloud: a document is
//! whatever serialisable type the cloud keeps. Collections hand out documents newest first or in order of
//! creation, never in hash order.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The name under which settings of the sandbox itself are kept, beside those of the clouds.
pub const SANDBOX: &str = "sandbox";

/// Version of the schema.
const VERSION: i64 = 1;

/// The database failed, or holds a document that this version cannot read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("the sandbox database cannot be used")]
    Sqlite(#[from] rusqlite::Error),
    /// A document does not have the shape that this version writes.
    #[error(
        "the sandbox database holds a document that cannot be read; delete the file to start afresh"
    )]
    Document(#[from] serde_json::Error),
    /// The file was written by a later version.
    #[error(
        "the sandbox database has version {0}, newer than this program knows; delete the file or use the newer program"
    )]
    Newer(i64),
    /// The file could not be created.
    #[error("the sandbox database file cannot be created")]
    File(#[from] std::io::Error),
}

/// The database of one sandbox.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens (or creates) the database at `path`, or in memory without one.
    pub fn open(path: Option<&Path>) -> Result<Store, StoreError> {
        let connection = match path {
            Some(path) => {
                create_private(path)?;
                Connection::open(path)?
            }
            None => Connection::open_in_memory()?,
        };
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        // The sandbox may lose its last moments in a power cut, not in a crash of the process: what the
        // emulated clouds hold is worth less than the speed of answering.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.set_prepared_statement_cache_capacity(64);
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version > VERSION {
            return Err(StoreError::Newer(version));
        }
        connection.execute_batch(include_str!("schema.sql"))?;
        connection.pragma_update(None, "user_version", VERSION)?;
        Ok(Store {
            connection: Mutex::new(connection),
        })
    }

    /// Runs `work` in one transaction: all of it is kept, or nothing when it fails.
    pub fn run<R>(
        &self,
        work: impl FnOnce(&Db<'_>) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let result = work(&Db {
            transaction: &transaction,
        })?;
        transaction.commit()?;
        Ok(result)
    }
}

/// Creates the file for its owner only; it holds the sandbox's API keys.
fn create_private(path: &Path) -> Result<(), StoreError> {
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        std::fs::create_dir_all(parent)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    Ok(())
}

/// The database inside one transaction.
#[derive(Debug)]
pub struct Db<'t> {
    transaction: &'t Transaction<'t>,
}

/// A document and whether it was deleted.
#[derive(Debug, Clone)]
pub struct Stored<T> {
    /// The document.
    pub doc: T,
    /// Deleted: no longer listed, kept to be told from "never existed".
    pub deleted: bool,
}

impl<T> Stored<T> {
    /// The document, unless it was deleted.
    pub fn live(self) -> Option<T> {
        (!self.deleted).then_some(self.doc)
    }
}

impl<'t> Db<'t> {
    /// The documents of one kind in one cloud.
    pub fn collection(&self, cloud: &'static str, kind: &'static str) -> Collection<'_> {
        Collection {
            db: self,
            cloud,
            kind,
        }
    }

    /// A single value, if it was ever set.
    pub fn setting<T: DeserializeOwned>(
        &self,
        cloud: &str,
        name: &str,
    ) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self
            .transaction
            .prepare_cached("SELECT value FROM settings WHERE cloud = ?1 AND name = ?2")?
            .query_row(params![cloud, name], |row| row.get(0))
            .optional()?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// Sets a single value.
    pub fn set_setting<T: Serialize>(
        &self,
        cloud: &str,
        name: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO settings (cloud, name, value) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![cloud, name, serde_json::to_string(value)?])?;
        Ok(())
    }

    /// The transaction, for what goes across kinds of documents.
    pub(crate) fn raw(&self) -> &Transaction<'t> {
        self.transaction
    }

    /// The next number of a sequence, which starts at `first` and never repeats.
    pub fn next_number(&self, cloud: &str, name: &str, first: i64) -> Result<i64, StoreError> {
        let number = self
            .transaction
            .prepare_cached(
                "INSERT INTO sequences (cloud, name, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT (cloud, name) DO UPDATE SET value = value + 1 RETURNING value",
            )?
            .query_row(params![cloud, name, first], |row| row.get(0))?;
        Ok(number)
    }
}

/// The documents of one kind in one cloud, inside a transaction.
#[derive(Debug, Clone, Copy)]
pub struct Collection<'a> {
    db: &'a Db<'a>,
    cloud: &'static str,
    kind: &'static str,
}

impl Collection<'_> {
    /// Adds a document under a new id.
    pub fn insert<T: Serialize>(
        &self,
        id: &str,
        parent: Option<&str>,
        doc: &T,
    ) -> Result<(), StoreError> {
        self.db
            .transaction
            .prepare_cached(
                "INSERT INTO objects (cloud, kind, id, parent, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                self.cloud,
                self.kind,
                id,
                parent,
                serde_json::to_string(doc)?
            ])?;
        Ok(())
    }

    /// The document with this id, deleted or not.
    pub fn get<T: DeserializeOwned>(&self, id: &str) -> Result<Option<Stored<T>>, StoreError> {
        let row: Option<(String, bool)> = self
            .db
            .transaction
            .prepare_cached(
                "SELECT body, deleted FROM objects WHERE cloud = ?1 AND kind = ?2 AND id = ?3",
            )?
            .query_row(params![self.cloud, self.kind, id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        row.map(|(body, deleted)| {
            Ok(Stored {
                doc: serde_json::from_str(&body)?,
                deleted,
            })
        })
        .transpose()
    }

    /// The document with this id, unless it was deleted.
    pub fn live<T: DeserializeOwned>(&self, id: &str) -> Result<Option<T>, StoreError> {
        Ok(self.get(id)?.and_then(Stored::live))
    }

    /// Replaces the document.
    pub fn update<T: Serialize>(&self, id: &str, doc: &T) -> Result<(), StoreError> {
        self.db
            .transaction
            .prepare_cached(
                "UPDATE objects SET body = ?4 WHERE cloud = ?1 AND kind = ?2 AND id = ?3",
            )?
            .execute(params![
                self.cloud,
                self.kind,
                id,
                serde_json::to_string(doc)?
            ])?;
        Ok(())
    }

    /// Marks the document as deleted.
    pub fn delete(&self, id: &str) -> Result<(), StoreError> {
        self.db
            .transaction
            .prepare_cached(
                "UPDATE objects SET deleted = 1 WHERE cloud = ?1 AND kind = ?2 AND id = ?3",
            )?
            .execute(params![self.cloud, self.kind, id])?;
        Ok(())
    }

    /// Marks everything under `parent` as deleted.
    pub fn delete_children(&self, parent: &str) -> Result<(), StoreError> {
        self.db
            .transaction
            .prepare_cached(
                "UPDATE objects SET deleted = 1 WHERE cloud = ?1 AND kind = ?2 AND parent = ?3",
            )?
            .execute(params![self.cloud, self.kind, parent])?;
        Ok(())
    }

    /// Removes the row for good, for bookkeeping that must not grow without end.
    pub fn purge(&self, id: &str) -> Result<(), StoreError> {
        self.db
            .transaction
            .prepare_cached("DELETE FROM objects WHERE cloud = ?1 AND kind = ?2 AND id = ?3")?
            .execute(params![self.cloud, self.kind, id])?;
        Ok(())
    }

    /// Removes all but the newest `keep` rows under `parent`.
    pub fn keep_newest(&self, parent: &str, keep: usize) -> Result<(), StoreError> {
        self.db
            .transaction
            .prepare_cached(
                "DELETE FROM objects WHERE cloud = ?1 AND kind = ?2 AND deleted = 0 AND parent = ?3 AND seq <= (
                   SELECT seq FROM objects WHERE cloud = ?1 AND kind = ?2 AND deleted = 0 AND parent = ?3
                   ORDER BY seq DESC LIMIT 1 OFFSET ?4)",
            )?
            .execute(params![self.cloud, self.kind, parent, to_i64(keep)])?;
        Ok(())
    }

    /// How many there are (under `parent`, when one is given).
    pub fn count(&self, parent: Option<&str>) -> Result<usize, StoreError> {
        let count: i64 = self
            .db
            .transaction
            .prepare_cached(
                "SELECT count(*) FROM objects
                 WHERE cloud = ?1 AND kind = ?2 AND deleted = 0 AND (?3 IS NULL OR parent = ?3)",
            )?
            .query_row(params![self.cloud, self.kind, parent], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// All of them (under `parent`, when one is given), oldest first.
    pub fn oldest_first<T: DeserializeOwned>(
        &self,
        parent: Option<&str>,
    ) -> Result<Vec<T>, StoreError> {
        self.select("ORDER BY seq", parent, 0, None)
    }

    /// All of them (under `parent`, when one is given), newest first.
    pub fn newest_first<T: DeserializeOwned>(
        &self,
        parent: Option<&str>,
    ) -> Result<Vec<T>, StoreError> {
        self.select("ORDER BY seq DESC", parent, 0, None)
    }

    /// A part of them, newest first.
    pub fn newest_page<T: DeserializeOwned>(
        &self,
        parent: Option<&str>,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<T>, StoreError> {
        self.select("ORDER BY seq DESC", parent, offset, Some(limit))
    }

    fn select<T: DeserializeOwned>(
        &self,
        order: &str,
        parent: Option<&str>,
        offset: usize,
        limit: Option<usize>,
    ) -> Result<Vec<T>, StoreError> {
        let sql = format!(
            "SELECT body FROM objects
             WHERE cloud = ?1 AND kind = ?2 AND deleted = 0 AND (?3 IS NULL OR parent = ?3)
             {order} LIMIT ?4 OFFSET ?5"
        );
        let mut statement = self.db.transaction.prepare_cached(&sql)?;
        let limit = limit.map_or(-1, to_i64);
        let rows = statement.query_map(
            params![self.cloud, self.kind, parent, limit, to_i64(offset)],
            |row| row.get::<_, String>(0),
        )?;
        let mut docs = Vec::new();
        for row in rows {
            docs.push(serde_json::from_str(&row?)?);
        }
        Ok(docs)
    }
}

fn to_i64(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_listed_deleted_and_remembered() {
        let store = Store::open(None).expect("opens");
        store
            .run(|db| {
                let things = db.collection("cloud", "thing");
                for number in 1..=5 {
                    things.insert(
                        &number.to_string(),
                        Some(if number % 2 == 0 { "even" } else { "odd" }),
                        &number,
                    )?;
                }
                things.delete("3")?;
                assert_eq!(things.oldest_first::<i32>(None)?, [1, 2, 4, 5]);
                assert_eq!(things.newest_page::<i32>(None, 1, 2)?, [4, 2]);
                assert_eq!(things.newest_first::<i32>(Some("odd"))?, [5, 1]);
                assert_eq!(things.count(Some("odd"))?, 2);
                assert!(things.get::<i32>("3")?.is_some_and(|stored| stored.deleted));
                assert!(things.get::<i32>("6")?.is_none());
                things.keep_newest("even", 1)?;
                assert_eq!(things.newest_first::<i32>(Some("even"))?, [4]);
                Ok(())
            })
            .expect("runs");
    }

    #[test]
    fn a_newer_database_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("sandbox.db");
        drop(Store::open(Some(&path)).expect("opens"));
        let connection = Connection::open(&path).expect("opens");
        connection
            .pragma_update(None, "user_version", 99)
            .expect("updates");
        drop(connection);
        assert!(matches!(
            Store::open(Some(&path)),
            Err(StoreError::Newer(99))
        ));
    }

    #[test]
    fn a_failed_run_leaves_nothing_and_numbers_never_repeat() {
        let store = Store::open(None).expect("opens");
        let failed: Result<(), StoreError> = store.run(|db| {
            db.set_setting("cloud", "name", &"kept?")?;
            Err(StoreError::Sqlite(rusqlite::Error::InvalidQuery))
        });
        assert!(failed.is_err());
        let (setting, numbers) = store
            .run(|db| {
                let setting = db.setting::<String>("cloud", "name")?;
                Ok((
                    setting,
                    [
                        db.next_number("cloud", "id", 7)?,
                        db.next_number("cloud", "id", 7)?,
                    ],
                ))
            })
            .expect("runs");
        assert_eq!(setting, None);
        assert_eq!(numbers, [7, 8]);
    }
}
