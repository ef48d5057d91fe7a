//! Where the record of a key is kept: in a small file that all processes of the user on
//! this machine share, or in the memory of this process.
//!
//! The file is `NAME.json` in the folder that [`folder`] names; NAME is a salted hash, so
//! that nothing tells the key. It is replaced as a whole, under a lock on `NAME.lock`
//! that is held for the time of reading and writing it; nothing is synced to the disk,
//! because a record that is lost costs at most a minute of politeness. Without a folder
//! that can be used, or if it cannot be used any more, the process counts for itself: an
//! API that tells its budget in headers is still obeyed. A file with nonsense in it is
//! replaced.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use crate::budget::{Budget, Limits, Millis, Seen};

#[cfg(unix)]
mod file;
#[cfg(unix)]
use file::Shared;

/// The record of one key.
#[derive(Debug)]
pub(crate) struct Ledger {
    limits: Limits,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// As last seen.
    budget: Budget,
    clock: Clock,
    #[cfg(unix)]
    shared: Option<Shared>,
    /// Requests that are over, not yet written.
    over: Vec<(u64, Seen)>,
}

/// Another process has the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

#[derive(Clone, Copy, Debug)]
enum Clock {
    /// Of this process.
    Own(Instant),
    /// Of the machine.
    #[cfg(unix)]
    Machine,
}

impl Clock {
    fn now(self) -> Millis {
        match self {
            Clock::Own(zero) => Millis::try_from(zero.elapsed().as_millis()).unwrap_or(0),
            #[cfg(unix)]
            Clock::Machine => file::since_start(),
        }
    }
}

impl Ledger {
    /// In memory.
    pub fn own(limits: Limits) -> Ledger {
        Ledger {
            limits,
            inner: Mutex::new(Inner {
                budget: Budget::default(),
                clock: Clock::Own(Instant::now()),
                #[cfg(unix)]
                shared: None,
                over: Vec::new(),
            }),
        }
    }

    /// In `folder`, for the key of that hash; in memory if that is not possible.
    pub fn shared(limits: Limits, folder: Option<&std::path::Path>, key: &str) -> Ledger {
        let ledger = Ledger::own(limits);
        #[cfg(unix)]
        if let Some(shared) = folder.and_then(|f| Shared::open(f, key).ok()) {
            let mut inner = ledger.lock();
            inner.clock = Clock::Machine;
            inner.shared = Some(shared);
            drop(inner);
        }
        #[cfg(not(unix))]
        let _ = (folder, key);
        ledger
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether other processes may change it.
    pub fn is_shared(&self) -> bool {
        #[cfg(unix)]
        return self.lock().shared.is_some();
        #[cfg(not(unix))]
        false
    }

    /// Requests per minute, as far as known.
    pub fn per_minute(&self) -> Option<u64> {
        self.lock().budget.per_minute(&self.limits)
    }

    /// Changes the record; `change` gets the time of the record's clock.
    pub fn change<R>(
        &self,
        change: impl FnOnce(&mut Budget, &Limits, Millis) -> R,
    ) -> Result<R, Busy> {
        let mut inner = self.lock();
        inner.begin(&self.limits)?;
        let now = inner.clock.now();
        let over = std::mem::take(&mut inner.over);
        for (id, seen) in &over {
            inner.budget.finish(&self.limits, now, *id, seen);
        }
        let result = change(&mut inner.budget, &self.limits, now);
        inner.end(now);
        Ok(result)
    }

    /// A request is over. If another process has the file just now, it is told later.
    pub fn finish(&self, id: u64, seen: Seen) {
        self.lock().over.push((id, seen));
        // The change itself is what is in `over`.
        for _ in 0..3 {
            if self.change(|_, _, _| ()).is_ok() {
                return;
            }
            std::thread::yield_now();
        }
    }

    /// Goes on without the other processes.
    pub fn give_up(&self) {
        #[cfg(unix)]
        {
            self.lock().shared = None;
        }
    }

    /// A moment of the record's clock.
    pub fn instant(&self, time: Millis) -> Instant {
        let left = time - self.lock().clock.now();
        Instant::now() + Duration::from_millis(u64::try_from(left).unwrap_or(0))
    }

    /// The time now, by the record's clock.
    pub fn now(&self) -> Millis {
        self.lock().clock.now()
    }
}

impl Inner {
    /// Takes the file and reads it.
    fn begin(&mut self, limits: &Limits) -> Result<(), Busy> {
        #[cfg(unix)]
        if let Some(shared) = &mut self.shared {
            match shared.begin() {
                Ok(Some(text)) => {
                    let now = self.clock.now();
                    let read = serde_json::from_slice::<Budget>(&text).ok();
                    self.budget = read
                        .map(|mut b| {
                            b.arrive(now);
                            b
                        })
                        .filter(|b| b.is_sound(limits, now))
                        .unwrap_or_default();
                }
                Ok(None) => return Err(Busy),
                Err(_) => self.shared = None,
            }
        }
        let _ = limits;
        Ok(())
    }

    /// Writes the file and gives it back.
    fn end(&mut self, now: Millis) {
        self.budget.leave_at(now);
        #[cfg(unix)]
        if let Some(shared) = &mut self.shared {
            let text = serde_json::to_vec(&self.budget).unwrap_or_default();
            if shared.end(&text).is_err() {
                self.shared = None;
            }
        }
    }
}

/// The folder of the records: `LOAM_LIMITS_DIR` (empty: none), or `loam/limits` in the
/// user's cache folder. Not in the folder of the login session: a job of cron has none,
/// and must share the budget all the same.
pub(crate) fn folder(environment: &dyn Fn(&str) -> Option<String>) -> Option<std::path::PathBuf> {
    if let Some(dir) = environment("LOAM_LIMITS_DIR") {
        return (!dir.is_empty()).then(|| dir.into());
    }
    let absolute = |name: &str| {
        let path = std::path::PathBuf::from(environment(name)?);
        path.is_absolute().then_some(path)
    };
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(cache.join("loam").join("limits"))
}

/// How long to wait at most for other processes to give the file back: one that holds it
/// so long has been stopped in the middle.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// A random number, for reservations and processes.
pub(crate) fn number() -> u64 {
    // JSON numbers beyond 2^53 are not safe everywhere.
    rand::random::<u64>() >> 11
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_records_are() {
        let with = |all: &'static [(&str, &str)]| {
            move |name: &str| {
                let found = all.iter().find(|(n, _)| *n == name);
                found.map(|(_, v)| (*v).to_owned())
            }
        };
        let at = |all| folder(&with(all)).map(|p| p.display().to_string());
        assert_eq!(
            at(&[("HOME", "/home/ada")]).as_deref(),
            Some("/home/ada/.cache/loam/limits")
        );
        assert_eq!(
            at(&[("HOME", "/home/ada"), ("XDG_CACHE_HOME", "/c")]).as_deref(),
            Some("/c/loam/limits")
        );
        assert_eq!(
            at(&[("LOAM_LIMITS_DIR", "/l"), ("HOME", "/h")]).as_deref(),
            Some("/l")
        );
        assert_eq!(at(&[("LOAM_LIMITS_DIR", ""), ("HOME", "/h")]), None);
        assert_eq!(at(&[("HOME", "relative")]), None);
        assert_eq!(at(&[]), None);
    }
}
