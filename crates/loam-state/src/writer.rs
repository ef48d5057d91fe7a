//! The thread that writes: everything that waits is written in one transaction with one
//! fsync, and answered after the commit.
//!
//! ```text
//! callers ──▶ channel ──▶ BEGIN · savepoint, work · savepoint, work · … · COMMIT ──▶ answers
//! ```
//!
//! A work that fails is undone alone; a commit that fails fails them all. Knows
//! transactions and the serial, not what the works do.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use futures::channel::oneshot;
use rusqlite::Connection;

use crate::StoreError;
use crate::pending::Pending;

/// Works in one transaction at most: bounds what one failed commit undoes.
const GROUP: usize = 512;

/// The transaction that a work is done in.
pub(crate) struct Tx<'a> {
    /// The database.
    pub conn: &'a Connection,
    /// Its file, for errors.
    pub path: &'a Path,
    /// The state's serial as of this work.
    pub serial: u64,
}

impl Tx<'_> {
    /// Names the file in an error of SQLite.
    pub fn error(&self, e: rusqlite::Error) -> StoreError {
        StoreError::sqlite(self.path, &e)
    }

    /// Runs one statement.
    pub fn execute(&self, sql: &str, params: impl rusqlite::Params) -> Result<usize, StoreError> {
        self.conn
            .prepare_cached(sql)
            .and_then(|mut s| s.execute(params))
            .map_err(|e| self.error(e))
    }

    /// The first row of a query, if it has one.
    pub fn first<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        use rusqlite::OptionalExtension;
        self.conn
            .prepare_cached(sql)
            .and_then(|mut s| s.query_row(params, read).optional())
            .map_err(|e| self.error(e))
    }
}

/// A work and the way of its answer.
trait Job: Send {
    fn work(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Task<T, F> {
    work: Option<F>,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn work(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let work = self.work.take().ok_or(StoreError::Stopped)?;
        self.done = Some(work(tx)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        // Set by `work`, without which there is no good outcome.
        let done = self.done.ok_or(StoreError::Stopped);
        // Nobody has to be waiting.
        let _ = self.reply.send(outcome.and(done));
    }
}

/// The thread. Dropping it lets everything be written that was asked for.
pub(crate) struct Writer {
    jobs: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(path: PathBuf, conn: Connection) -> Result<Writer, StoreError> {
        let (jobs, queue) = channel();
        let file = path.clone();
        let thread = std::thread::Builder::new()
            .name("loam-state".into())
            .spawn(move || serve(&file, conn, &queue))
            .map_err(|e| StoreError::io(&path, "could not start the thread that writes", &e))?;
        Ok(Writer {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Has something done in the next transaction.
    pub fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Pending<T> {
        let (reply, answer) = oneshot::channel();
        let task = Box::new(Task {
            work: Some(work),
            done: None,
            reply,
        });
        match self.jobs.as_ref().map(|j| j.send(task)) {
            Some(Ok(())) => Pending::later(answer),
            _ => Pending::ready(Err(StoreError::Stopped)),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(t) = self.thread.take()
            // The last work may hold the store, which then ends on the thread itself.
            && t.thread().id() != std::thread::current().id()
        {
            let _ = t.join();
        }
    }
}

fn serve(path: &Path, conn: Connection, queue: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = queue.recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        write(path, &conn, group);
    }
}

fn write(path: &Path, conn: &Connection, group: Vec<Box<dyn Job>>) {
    let mut waiting = group.into_iter();
    let mut done = Vec::with_capacity(waiting.len());
    let outcome = transaction(path, conn, &mut waiting, &mut done);
    if outcome.is_err() && !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    for (job, result) in done {
        job.answer(result.and(outcome.clone()));
    }
    // Those that it did not come to because of an error.
    for job in waiting {
        job.answer(outcome.clone());
    }
}

type Done = Vec<(Box<dyn Job>, Result<(), StoreError>)>;

fn transaction(
    path: &Path,
    conn: &Connection,
    waiting: &mut std::vec::IntoIter<Box<dyn Job>>,
    done: &mut Done,
) -> Result<(), StoreError> {
    let run = |sql: &str| {
        conn.prepare_cached(sql)
            .and_then(|mut s| s.execute([]))
            .map_err(|e| StoreError::sqlite(path, &e))
    };
    run("BEGIN IMMEDIATE")?;
    crash_point("begun");
    let mut tx = Tx {
        conn,
        path,
        serial: 0,
    };
    let before = tx
        .first("SELECT serial FROM meta", [], |r| r.get::<_, u64>(0))?
        .ok_or_else(|| StoreError::Damaged {
            path: path.to_path_buf(),
            what: "its serial is missing".into(),
        })?;
    tx.serial = before;
    for mut job in waiting.by_ref() {
        let serial = tx.serial;
        run("SAVEPOINT work")?;
        let result = job.work(&mut tx);
        done.push((job, result.clone()));
        if let Err(e) = result {
            tx.serial = serial;
            if conn.is_autocommit() {
                // SQLite has undone the whole transaction, as on a full disk.
                return Err(e);
            }
            run("ROLLBACK TO work")?;
        }
        run("RELEASE work")?;
        crash_point("worked");
    }
    if tx.serial != before {
        tx.execute("UPDATE meta SET serial = ?1", [tx.serial])?;
    }
    crash_point("committing");
    run("COMMIT")?;
    crash_point("committed");
    Ok(())
}

#[cfg(not(test))]
fn crash_point(_: &str) {}

/// Ends the process as a kill would, at the n-th time that the named point is passed:
/// `LOAM_CRASH_AT=committing:3`.
#[cfg(test)]
fn crash_point(name: &str) {
    use std::sync::atomic::{AtomicU64, Ordering};
    static PASSED: AtomicU64 = AtomicU64::new(0);
    if let Ok(at) = std::env::var("LOAM_CRASH_AT")
        && let Some((point, n)) = at.split_once(':')
        && point == name
        && n.parse() == Ok(PASSED.fetch_add(1, Ordering::SeqCst) + 1)
    {
        std::process::abort();
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use crate::{OpenOptions, Operation, RunOutcome, Store, StoreError};

    #[test]
    fn on_a_full_disk_everything_before_is_kept_and_it_goes_on_with_room() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("default.db");
        let store = Store::open(&path, OpenOptions::write()).expect("opened");
        let run = store
            .begin_run(&Operation::new("loam apply", "ada"), None)
            .expect("begun");
        let limit = |pages: u32| {
            let set = store.submit(move |tx| {
                tx.conn
                    .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
                    .map_err(|e| tx.error(e))
            });
            set.wait().expect("set");
        };
        limit(40);
        let text = |n: usize| Some("x".repeat(n));
        run.set_checks(text(1000)).wait().expect("there is room");
        // Small ones and one that does not fit, asked for together.
        let group: Vec<_> = [10, 1_000_000, 20]
            .map(|n| run.set_checks(text(n)))
            .into_iter()
            .collect();
        let answers: Vec<_> = group.into_iter().map(crate::Pending::wait).collect();
        let full = StoreError::DiskFull { path };
        assert_eq!(answers.get(1), Some(&Err(full)));
        let stored = store.snapshot().expect("read").checks;
        let last = [10, 1_000_000, 20]
            .into_iter()
            .zip(&answers)
            .filter_map(|(n, a)| a.is_ok().then_some(n))
            .next_back();
        assert_eq!(stored.map(|c| c.len()), last.or(Some(1000)));
        limit(100_000);
        run.set_checks(text(1_000_000))
            .wait()
            .expect("there is room");
        run.end(RunOutcome::Succeeded, None).wait().expect("ended");
    }
}
