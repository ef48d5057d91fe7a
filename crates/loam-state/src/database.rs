//! The database file: creating it, checking what it is, bringing its schema up to date.
//!
//! Knows files, modes and SQLite's settings; not what the tables hold.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::error::READING;

/// What the file says it is: `LOAM`.
const APPLICATION_ID: i64 = 0x4c4f_414d;

/// The steps from one schema version to the next; the first makes version 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../state/migrations/0001_initial.sql"),
    include_str!("../../../state/migrations/0002_unprovisioned.sql"),
];

/// How long one writer waits for another, such as two checkpoints. Two operations are kept
/// apart by the lock and not by this.
const BUSY: Duration = Duration::from_secs(10);

/// The mode of everything that holds values.
#[cfg(unix)]
const MODE: u32 = 0o600;

/// The file beside `path` whose name has `suffix` added.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Opens (or makes) a file that nobody else may read.
pub(crate) fn private_file(options: &mut OpenOptions, path: &Path) -> std::io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, MODE);
    options.open(path)
}

/// Writes a file that only its owner may read, in one step: never half of it.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = beside(path, ".new");
    match std::fs::remove_file(&new) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let written = private_file(OpenOptions::new().write(true).create_new(true), &new)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&new, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    written
}

/// Whether a file is a database, of states or of anything else.
pub fn is_database(path: &Path) -> std::io::Result<bool> {
    let mut head = Vec::with_capacity(DATABASE_MAGIC.len());
    File::open(path)?
        .take(DATABASE_MAGIC.len() as u64)
        .read_to_end(&mut head)?;
    Ok(head == DATABASE_MAGIC)
}

/// Makes the database if there is none. Appears under its name only when it is whole, so
/// that an empty or half-made file is never taken for an empty state.
pub(crate) fn create(path: &Path) -> Result<(), StoreError> {
    if exists(path)? {
        return Ok(());
    }
    let dir = match path.parent() {
        Some(d) if !d.as_os_str().is_empty() => d,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(dir).map_err(|e| StoreError::io(dir, "could not create", &e))?;
    let new = beside(path, &format!(".new-{}", uuid::Uuid::new_v4().simple()));
    let made = fill(&new).and_then(|()| publish(&new, path, dir));
    for f in ["", "-wal", "-shm", "-journal"] {
        // Gone already if all went well.
        let _ = std::fs::remove_file(beside(&new, f));
    }
    made
}

fn fill(new: &Path) -> Result<(), StoreError> {
    private_file(OpenOptions::new().write(true).create_new(true), new)
        .map_err(|e| StoreError::io(new, "could not create", &e))?;
    let mut conn = connect(new, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let db = |e| StoreError::sqlite(new, &e);
    conn.pragma_update(None, "journal_mode", "WAL")
        .map_err(db)?;
    migrate(new, &mut conn, MIGRATIONS)?;
    conn.execute(
        "INSERT INTO meta (id, lineage, serial) VALUES (1, ?1, 0)",
        [uuid::Uuid::new_v4().to_string()],
    )
    .map_err(db)?;
    conn.close().map_err(|(_, e)| db(e))
}

/// Gives the new file its name unless another process was quicker.
fn publish(new: &Path, path: &Path, dir: &Path) -> Result<(), StoreError> {
    match std::fs::hard_link(new, path) {
        Ok(()) => {}
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
        // Not every file system has links.
        Err(_) => {
            std::fs::rename(new, path).map_err(|e| StoreError::io(path, "could not create", &e))?;
        }
    }
    // The name must survive a power failure, too. Not every system can do this.
    if let Ok(d) = File::open(dir) {
        let _ = d.sync_all();
    }
    Ok(())
}

pub(crate) fn exists(path: &Path) -> Result<bool, StoreError> {
    path.try_exists()
        .map_err(|e| StoreError::io(path, READING, &e))
}

/// Whether a connection may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// Opens an existing state, checked and of the present schema version. With `upgrade` an
/// older one is brought up to date, whichever the access.
pub(crate) fn open(path: &Path, access: Access, upgrade: bool) -> Result<Connection, StoreError> {
    check_file(path)?;
    restrict(path);
    let mut conn = match access {
        Access::Write => writable(path)?,
        Access::Read => readable(path)?,
    };
    let found = version(path, &conn)?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(StoreError::TooNew {
            path: path.to_path_buf(),
            found,
            known,
        });
    }
    if found < known {
        if !upgrade {
            return Err(StoreError::TooOld {
                path: path.to_path_buf(),
                found,
                known,
            });
        }
        match access {
            Access::Write => migrate(path, &mut conn, MIGRATIONS)?,
            Access::Read => migrate(path, &mut writable(path)?, MIGRATIONS)?,
        }
    }
    restrict(path);
    Ok(conn)
}

/// Memory that the writer may use for pages, in KiB, if a state is so large. Its tables are
/// written all over; what does not fit would be read again for each row.
const CACHE: i64 = 64 << 10;

/// Pages (of 4 KiB) in the log before they are copied into the file. A row is on the disk
/// with the log; copying more of them at once writes a page less often.
const CHECKPOINT: i64 = 4000;

fn writable(path: &Path) -> Result<Connection, StoreError> {
    private_file(OpenOptions::new().read(true).write(true), path)
        .map_err(|e| StoreError::io(path, "could not open", &e))?;
    let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let db = |e| StoreError::sqlite(path, &e);
    conn.pragma_update(None, "foreign_keys", "ON").map_err(db)?;
    conn.pragma_update(None, "synchronous", "FULL")
        .map_err(db)?;
    conn.pragma_update(None, "cache_size", -CACHE).map_err(db)?;
    conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)
        .map_err(db)?;
    Ok(conn)
}

/// Opened with the right to write where there is one, because only then the last reader
/// can clear away the files beside the database; `query_only` keeps it from changing rows.
fn readable(path: &Path) -> Result<Connection, StoreError> {
    let first = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|conn| {
        conn.pragma_update(None, "query_only", "ON")
            .and_then(|()| conn.pragma_query_value(None, "user_version", |r| r.get::<_, i64>(0)))
            .map_err(|e| StoreError::sqlite(path, &e))?;
        Ok(conn)
    });
    match first {
        Err(
            StoreError::Sqlite { .. }
            | StoreError::ReadOnly { .. }
            | StoreError::DiskFull { .. }
            | StoreError::WriteFailed { .. },
        ) if is_empty(&beside(path, "-wal")) => {
            // In a directory that may not be written, or on a full disk, SQLite cannot
            // keep its files beside the database; without a log the database alone is the
            // whole state.
            let uri = format!("file:{}?immutable=1", percent_encoded(path));
            Connection::open_with_flags(
                uri,
                OpenFlags::SQLITE_OPEN_READ_ONLY
                    | OpenFlags::SQLITE_OPEN_NO_MUTEX
                    | OpenFlags::SQLITE_OPEN_URI,
            )
            .map_err(|e| StoreError::sqlite(path, &e))
        }
        other => other,
    }
}

/// True also for a file that is not there.
fn is_empty(path: &Path) -> bool {
    std::fs::metadata(path).map_or(true, |m| m.len() == 0)
}

fn percent_encoded(path: &Path) -> String {
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                char::from(*b).to_string()
            }
            b => format!("%{b:02X}"),
        })
        .collect()
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|e| StoreError::sqlite(path, &e))?;
    conn.busy_timeout(BUSY)
        .map_err(|e| StoreError::sqlite(path, &e))?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Finds out from the file itself, before SQLite sees it, whether it can be a state.
fn check_file(path: &Path) -> Result<(), StoreError> {
    let mut looks = 0;
    loop {
        match look(path) {
            // A writer that is just copying its log into the file is caught with the
            // first page written and the last one not yet; a file that was cut stays so.
            Err(StoreError::Damaged { .. }) if looks < LOOKS => {
                looks += 1;
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
}

/// How often a file that seems to be cut off is looked at again.
const LOOKS: u32 = 3;

fn look(path: &Path) -> Result<(), StoreError> {
    let read = |e: std::io::Error| StoreError::io(path, READING, &e);
    // First: what the log holds may be missing in the file.
    let log = std::fs::metadata(beside(path, "-wal")).map_or(0, |m| m.len());
    let mut file = File::open(path).map_err(read)?;
    let mut header = Vec::with_capacity(100);
    (&mut file)
        .take(100)
        .read_to_end(&mut header)
        .map_err(read)?;
    let length = file.metadata().map_err(read)?.len();
    if !header.starts_with(DATABASE_MAGIC) {
        if DATABASE_MAGIC.starts_with(&header) {
            return Err(damaged(path, format!("it is cut off after {length} bytes")));
        }
        let first = header.iter().find(|b| !b.is_ascii_whitespace());
        return Err(StoreError::NotAState {
            path: path.to_path_buf(),
            json: first == Some(&b'{'),
        });
    }
    let number = |from: usize, n: usize| -> Option<u64> {
        let bytes = header.get(from..from + n)?;
        Some(bytes.iter().fold(0, |sum, b| sum << 8 | u64::from(*b)))
    };
    // SQLite's file format: page size at 16 (1 means 65536), pages at 28.
    let (Some(size), Some(pages)) = (number(16, 2), number(28, 4)) else {
        return Err(damaged(path, format!("it is cut off after {length} bytes")));
    };
    let expected = pages * if size == 1 { 65_536 } else { size };
    if log == 0 && length < expected {
        return Err(damaged(
            path,
            format!("{expected} bytes were written, {length} are there"),
        ));
    }
    Ok(())
}

/// What every SQLite database begins with.
pub const DATABASE_MAGIC: &[u8] = b"SQLite format 3\0";

fn damaged(path: &Path, what: String) -> StoreError {
    StoreError::Damaged {
        path: path.to_path_buf(),
        what,
    }
}

fn version(path: &Path, conn: &Connection) -> Result<i64, StoreError> {
    let number = |name: &str| {
        conn.pragma_query_value(None, name, |r| r.get::<_, i64>(0))
            .map_err(|e| StoreError::sqlite(path, &e))
    };
    if number("application_id")? != APPLICATION_ID {
        return Err(StoreError::NotAState {
            path: path.to_path_buf(),
            json: false,
        });
    }
    number("user_version")
}

/// Brings the schema to the last version, all steps in one transaction.
fn migrate(path: &Path, conn: &mut Connection, steps: &[&str]) -> Result<(), StoreError> {
    let db = |e| StoreError::sqlite(path, &e);
    let tx = conn
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(db)?;
    // Read in the transaction: another process may have been quicker.
    let found = tx
        .pragma_query_value(None, "user_version", |r| r.get::<_, i64>(0))
        .map_err(db)?;
    for step in steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(step).map_err(db)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(db)?;
    tx.pragma_update(None, "user_version", found.max(steps.len() as i64))
        .map_err(db)?;
    tx.commit().map_err(db)
}

/// Takes the rights of others off the state's files. Best effort: a file that belongs to
/// somebody else stays as it is.
pub(crate) fn restrict(path: &Path) {
    #[cfg(unix)]
    for suffix in ["", "-wal", "-shm"] {
        use std::os::unix::fs::PermissionsExt;
        let file = beside(path, suffix);
        if let Ok(m) = std::fs::metadata(&file)
            && m.permissions().mode() & 0o077 != 0
        {
            let _ = std::fs::set_permissions(&file, std::fs::Permissions::from_mode(MODE));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    fn table(conn: &Connection, name: &str) -> bool {
        conn.table_exists(None, name).expect("asked")
    }

    #[test]
    fn missing_migrations_are_run_all_or_none() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("default.db");
        create(&path).expect("created");
        let mut conn = writable(&path).expect("opened");
        let lineage = |conn: &Connection| -> String {
            conn.query_row("SELECT lineage FROM meta", [], |r| r.get(0))
                .expect("read")
        };
        let before = lineage(&conn);
        let known = MIGRATIONS.len() as i64;
        let with = |steps: [&'static str; 2]| [MIGRATIONS, &steps].concat();

        let bad = with(["CREATE TABLE t (x)", "CREATE TABLE t (x)"]);
        assert!(migrate(&path, &mut conn, &bad).is_err());
        assert_eq!(version(&path, &conn), Ok(known));
        assert!(!table(&conn, "t"));

        let good = with(["CREATE TABLE t (x)", "CREATE TABLE u (x)"]);
        for _ in 0..2 {
            migrate(&path, &mut conn, &good).expect("migrated");
            assert_eq!(version(&path, &conn), Ok(known + 2));
            assert!(table(&conn, "t") && table(&conn, "u"));
        }
        assert_eq!(lineage(&conn), before);
    }

    #[test]
    fn objects_of_the_first_version_are_kept() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("default.db");
        let mut conn = Connection::open(&path).expect("opened");
        let (first, _) = MIGRATIONS.split_at(1);
        migrate(&path, &mut conn, first).expect("made");
        let put = |conn: &Connection, address: &str, status: i64| {
            conn.execute(
                "INSERT INTO instances VALUES (?1, '', 1, 0, ?2, 'v', 'p', 'd', 1)",
                rusqlite::params![address, status],
            )
        };
        conn.execute("INSERT INTO providers VALUES (1, 'a')", [])
            .expect("put");
        put(&conn, "a_b.tainted", 1).expect("put");
        put(&conn, "a_b.c", 3).expect_err("it is not known there");
        migrate(&path, &mut conn, MIGRATIONS).expect("migrated");
        put(&conn, "a_b.c", 3).expect("put");
        let read = "SELECT group_concat(address || status || value || private || dependencies, ' ') FROM instances";
        let kept: String = conn.query_row(read, [], |r| r.get(0)).expect("read");
        assert_eq!(kept, "a_b.c3vpd a_b.tainted1vpd");
    }

    #[test]
    fn one_of_several_that_create_it_at_once_makes_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("state/default.db");
        let lineages: Vec<String> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        create(&path).expect("created");
                        let conn = open(&path, Access::Read, false).expect("opened");
                        conn.query_row("SELECT lineage FROM meta", [], |r| r.get(0))
                            .expect("read")
                    })
                })
                .collect();
            all.into_iter().map(|t| t.join().expect("ended")).collect()
        });
        assert!(lineages.windows(2).all(|two| two.first() == two.last()));
        // SQLite's own companions of the file may be there: who closes last and only reads
        // leaves them. What the makers began and gave up must not.
        let left = std::fs::read_dir(dir.path().join("state")).expect("listed");
        let names: Vec<String> = left
            .map(|e| {
                e.expect("listed")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .filter(|n| !["default.db", "default.db-wal", "default.db-shm"].contains(&n.as_str()))
            .collect();
        assert!(names.is_empty(), "{names:?} is left");
    }
}
