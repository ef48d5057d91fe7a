//! Keeps requests within an API's limits, so that none is ever refused for its rate.
//!
//! In: who wants to send, and what answers say about the budget. Out: a [`Permit`] when
//! it is time. Useful work goes before polling (which counts as work when it has waited
//! for two minutes), and processes take turns. One limiter
//! serves all users of a key in this process ([`shared`]); what has been sent is in a
//! [`Ledger`], which processes share. The rules are in `budget`.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use rand::RngExt;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use crate::budget::{Limits, Millis, Seen, Turn, Waiter};
use crate::ledger::{self, Ledger};

pub(crate) use crate::budget::Priority;

#[derive(Debug)]
pub(crate) struct Limiter {
    ledger: Ledger,
    queue: Mutex<Queue>,
    changed: Notify,
    /// Tells this process from others.
    process: u64,
}

/// Those who wait, in this process.
#[derive(Debug, Default)]
struct Queue {
    waiting: BTreeSet<Place>,
    next_ticket: u64,
    /// Who is first, and since when.
    first: Option<(Place, Millis)>,
}

type Place = (Priority, u64);

/// Leave to send one request. Dropped when its answer is there (or will never be).
#[derive(Debug)]
pub(crate) struct Permit {
    limiter: Arc<Limiter>,
    id: u64,
    /// How long it took to get it.
    pub waited: Duration,
    /// What the answer told of the budget.
    pub seen: Seen,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limiter.ledger.finish(self.id, self.seen);
        self.limiter.changed.notify_waiters();
    }
}

/// A place in the queue; leaves it when dropped.
struct Ticket<'a> {
    limiter: &'a Limiter,
    place: Place,
    /// It was its turn.
    served: bool,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let none_left = {
            let mut queue = self.limiter.queue();
            queue.waiting.remove(&self.place);
            queue.waiting.is_empty()
        };
        if none_left && !self.served {
            // Without it others would wait a little for nothing.
            let process = self.limiter.process;
            let _ = self.limiter.ledger.change(|b, _, _| b.leave(process));
        }
        self.limiter.changed.notify_waiters();
    }
}

/// What to do after a look at the record.
enum Look {
    Go(u64),
    Until(Instant),
    /// A little later: other processes are before us, or have the file.
    Soon,
    Busy,
    /// When something has changed in this process, or `Soon` if others may change it.
    Change,
}

impl Limiter {
    pub fn new(ledger: Ledger) -> Limiter {
        Limiter {
            ledger,
            queue: Mutex::default(),
            changed: Notify::new(),
            process: ledger::number(),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Waits until a request may be sent.
    pub async fn acquire(self: &Arc<Self>, priority: Priority) -> Permit {
        let asked = Instant::now();
        let place = {
            let mut queue = self.queue();
            let place = (priority, queue.next_ticket);
            queue.next_ticket += 1;
            queue.waiting.insert(place);
            place
        };
        let mut ticket = Ticket {
            limiter: self,
            place,
            served: false,
        };
        let mut busy_since = None;
        // Work goes before polling, but not for ever: with work for hours nothing that is
        // waited for would come to its end.
        let patience = asked + 2 * self.minute();
        let id = loop {
            // Registered before looking, so that no change in between is missed.
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if ticket.place.0 == Priority::Poll && patience <= Instant::now() {
                let mut queue = self.queue();
                queue.waiting.remove(&ticket.place);
                ticket.place.0 = Priority::Work;
                queue.waiting.insert(ticket.place);
            }
            let look = self.look(ticket.place);
            if !matches!(look, Look::Busy) {
                busy_since = None;
            }
            match look {
                Look::Go(id) => break id,
                Look::Until(time) => {
                    tokio::select! {
                        () = sleep_until(time) => {}
                        () = &mut changed => {}
                    }
                }
                Look::Soon => {
                    let pause = rand::rng().random_range(10..30);
                    tokio::select! {
                        () = sleep(Duration::from_millis(pause)) => {}
                        () = &mut changed => {}
                    }
                }
                Look::Busy => {
                    let since = *busy_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > ledger::PATIENCE {
                        self.ledger.give_up();
                    }
                    let pause = rand::rng().random_range(500..3000);
                    sleep(Duration::from_micros(pause)).await;
                }
                Look::Change if ticket.place.0 == Priority::Poll => {
                    tokio::select! {
                        () = sleep_until(patience) => {}
                        () = &mut changed => {}
                    }
                }
                Look::Change => changed.await,
            }
        };
        ticket.served = true;
        drop(ticket);
        Permit {
            limiter: self.clone(),
            id,
            waited: asked.elapsed(),
            seen: Seen::default(),
        }
    }

    fn look(&self, place: Place) -> Look {
        let (since, wants) = {
            let mut queue = self.queue();
            if queue.waiting.first() != Some(&place) {
                return Look::Change;
            }
            let since = match queue.first {
                Some((first, since)) if first == place => since,
                _ => {
                    let now = self.ledger.now();
                    queue.first = Some((place, now));
                    now
                }
            };
            let alike = queue.waiting.iter().take_while(|p| p.0 == place.0);
            (since, alike.count() as u64)
        };
        let me = Waiter::new(self.process, place.0, since, wants);
        let turn = self
            .ledger
            .change(|budget, limits, now| budget.take(limits, now, me, ledger::number()));
        match turn {
            Ok(Turn::Now(id)) => Look::Go(id),
            Ok(Turn::At(time)) => Look::Until(self.ledger.instant(time)),
            Ok(Turn::Soon) => Look::Soon,
            Ok(Turn::AfterAnswer) if self.ledger.is_shared() => Look::Soon,
            Ok(Turn::AfterAnswer) => Look::Change,
            Err(ledger::Busy) => Look::Busy,
        }
    }

    /// Requests per minute, as far as known, and how long a minute lasts.
    pub fn per_minute(&self) -> Option<u64> {
        self.ledger.per_minute()
    }

    /// How long a minute of the limit lasts.
    pub fn minute(&self) -> Duration {
        self.ledger.limits().minute
    }
}

/// The limiter of a key, the same for all who use the key in this process, as long as it
/// lives: what was sent counts, whether or not somebody still needs the key.
pub(crate) fn shared(key: &str, limits: Limits, folder: Option<&std::path::Path>) -> Arc<Limiter> {
    static ALL: OnceLock<Mutex<HashMap<String, Arc<Limiter>>>> = OnceLock::new();
    let mut all = ALL
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(|e| e.into_inner());
    let limiter = all
        .entry(key.to_owned())
        .or_insert_with(|| Arc::new(Limiter::new(Ledger::shared(limits, folder, key))));
    limiter.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(per_minute: u64) -> Arc<Limiter> {
        Arc::new(Limiter::new(Ledger::own(Limits {
            per_minute: Some(per_minute),
            ..Limits::default()
        })))
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_sees_more_than_the_limit_and_the_rate_is_used() {
        let limiter = limiter(60);
        let start = Instant::now();
        let mut sent = Vec::new();
        for _ in 0..240 {
            let permit = limiter.acquire(Priority::Work).await;
            sent.push(start.elapsed());
            drop(permit);
        }
        for (i, first) in sent.iter().enumerate() {
            let within = sent
                .iter()
                .skip(i)
                .take_while(|t| **t - *first < Duration::from_secs(60));
            assert!(within.count() <= 60);
        }
        assert!(
            start.elapsed() < Duration::from_secs(181),
            "{:?}",
            start.elapsed()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn work_goes_before_polling() {
        let limiter = limiter(1);
        drop(limiter.acquire(Priority::Work).await);
        let order = Arc::new(Mutex::new(Vec::new()));
        let spawn = |priority, name: &'static str| {
            let (limiter, order) = (limiter.clone(), order.clone());
            tokio::spawn(async move {
                let _permit = limiter.acquire(priority).await;
                order.lock().unwrap().push(name);
            })
        };
        let poll = spawn(Priority::Poll, "poll");
        tokio::task::yield_now().await;
        let work = spawn(Priority::Work, "work");
        poll.await.unwrap();
        work.await.unwrap();
        assert_eq!(*order.lock().unwrap(), ["work", "poll"]);
    }

    #[tokio::test(start_paused = true)]
    async fn polling_is_not_held_up_for_ever() {
        let limiter = limiter(1);
        let work = |limiter: Arc<Limiter>| async move {
            for _ in 0..5 {
                drop(limiter.acquire(Priority::Work).await);
            }
        };
        let busy = [limiter.clone(), limiter.clone()].map(|l| tokio::spawn(work(l)));
        tokio::task::yield_now().await;
        let permit = limiter.acquire(Priority::Poll).await;
        assert!(
            permit.waited > Duration::from_secs(59),
            "{:?}",
            permit.waited
        );
        assert!(
            permit.waited < Duration::from_secs(200),
            "{:?}",
            permit.waited
        );
        busy.into_iter().for_each(|b| b.abort());
    }

    #[tokio::test(start_paused = true)]
    async fn what_others_used_is_counted_until_the_reset() {
        let limiter = limiter(60);
        let mut permit = limiter.acquire(Priority::Work).await;
        permit.seen = Seen {
            limit: Some(60),
            remaining: Some(0),
            reset: Some(Duration::from_secs(20)),
            silence: None,
        };
        drop(permit);
        let permit = limiter.acquire(Priority::Work).await;
        assert!(permit.waited >= Duration::from_secs(20));
        assert!(permit.waited < Duration::from_secs(21));
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_in_the_queue_is_given_up() {
        let limiter = limiter(1);
        drop(limiter.acquire(Priority::Work).await);
        let waiting = tokio::time::timeout(Duration::from_secs(1), limiter.acquire(Priority::Work));
        assert!(waiting.await.is_err());
        let permit = limiter.acquire(Priority::Poll).await;
        assert!(permit.waited < Duration::from_secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_kept() {
        let limiter = limiter(60);
        let mut permit = limiter.acquire(Priority::Work).await;
        permit.seen.silence = Some(Duration::from_secs(7));
        drop(permit);
        let permit = limiter.acquire(Priority::Work).await;
        assert!(permit.waited >= Duration::from_secs(7));
    }

    /// Two limiters on one folder are as two processes.
    #[cfg(unix)]
    mod processes {
        use super::*;

        fn limits(per_minute: u64) -> Limits {
            Limits {
                per_minute: Some(per_minute),
                minute: Duration::from_millis(400),
                ..Limits::default()
            }
        }

        fn process(folder: &std::path::Path, per_minute: u64) -> Arc<Limiter> {
            let ledger = Ledger::shared(limits(per_minute), Some(folder), "a key");
            assert!(ledger.is_shared());
            Arc::new(Limiter::new(ledger))
        }

        async fn send(limiter: &Arc<Limiter>, count: usize, sent: &Mutex<Vec<(u64, Instant)>>) {
            for _ in 0..count {
                let permit = limiter.acquire(Priority::Work).await;
                sent.lock().unwrap().push((limiter.process, Instant::now()));
                drop(permit);
            }
        }

        #[tokio::test]
        async fn share_a_budget() {
            let folder = tempfile::tempdir().unwrap();
            let (a, b) = (process(folder.path(), 10), process(folder.path(), 10));
            let sent = Mutex::new(Vec::new());
            futures::join!(send(&a, 20, &sent), send(&b, 20, &sent));
            let sent = sent.into_inner().unwrap();
            for (i, (_, first)) in sent.iter().enumerate() {
                let within = sent
                    .iter()
                    .skip(i)
                    .take_while(|(_, t)| *t - *first < Duration::from_millis(399));
                assert!(within.count() <= 10);
            }
            let of_a = sent.iter().filter(|(p, _)| *p == a.process).count();
            assert_eq!((of_a, sent.len()), (20, 40));
        }

        #[tokio::test]
        async fn see_what_one_before_them_has_sent_and_learned() {
            let folder = tempfile::tempdir().unwrap();
            let first = process(folder.path(), 100);
            let mut permit = first.acquire(Priority::Work).await;
            permit.seen.limit = Some(2);
            drop(permit);
            drop(first.acquire(Priority::Work).await);
            drop(first);
            let second = process(folder.path(), 100);
            let permit = second.acquire(Priority::Work).await;
            assert!(
                permit.waited >= Duration::from_millis(300),
                "{:?}",
                permit.waited
            );
            assert_eq!(second.per_minute(), Some(2));
        }

        #[tokio::test]
        async fn survive_nonsense_and_a_folder_that_vanishes() {
            let folder = tempfile::tempdir().unwrap();
            let limiter = process(folder.path(), 100);
            drop(limiter.acquire(Priority::Work).await);
            let record = |ending: &str| {
                let all = std::fs::read_dir(folder.path()).unwrap().flatten();
                let mut all = all.map(|e| e.path());
                all.find(|p| p.extension().is_some_and(|e| e == ending))
            };
            let file = record("json").unwrap();
            assert!(!file.display().to_string().contains("a key"));
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            for nonsense in ["", "{", "[1, 2]", "{\"silent_until\": 9000000000000000}"] {
                std::fs::write(&file, nonsense).unwrap();
                let permit = limiter.acquire(Priority::Work).await;
                assert!(permit.waited < Duration::from_millis(300), "{nonsense}");
            }
            std::fs::remove_dir_all(folder.path()).unwrap();
            drop(limiter.acquire(Priority::Work).await);
            assert!(record("json").is_some(), "it is made again");
        }

        #[tokio::test]
        async fn without_a_folder_each_counts_for_itself() {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("a file");
            std::fs::write(&file, "").unwrap();
            let ledger = Ledger::shared(limits(10), Some(&file), "a key");
            assert!(!ledger.is_shared());
            let limiter = Arc::new(Limiter::new(ledger));
            drop(limiter.acquire(Priority::Work).await);
        }

        #[tokio::test]
        async fn one_that_holds_the_file_is_not_waited_for_without_end() {
            let folder = tempfile::tempdir().unwrap();
            let limiter = process(folder.path(), 100);
            drop(limiter.acquire(Priority::Work).await);
            let all = std::fs::read_dir(folder.path()).unwrap().flatten();
            let lock = all
                .map(|e| e.path())
                .find(|p| p.extension().is_some_and(|e| e == "lock"));
            let other = std::fs::File::open(lock.unwrap()).unwrap();
            other.lock().unwrap();
            let permit = limiter.acquire(Priority::Work).await;
            assert!(permit.waited >= ledger::PATIENCE);
            assert!(permit.waited < 3 * ledger::PATIENCE);
        }
    }
}
