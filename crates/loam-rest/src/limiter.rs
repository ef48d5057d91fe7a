//! Keeps requests within an API's limits, so that none is ever refused for its rate.
//!
//! In: who wants to send, and what answers say about the budget. Out: a [`Permit`] when
//! it is time. A window counts the requests of any stretch of its length, from the
//! moment their answers came: whatever way the API counts (fixed or sliding windows,
//! at the start or the end of a request), it never counts more. Useful work goes before
//! polling. One limiter serves all users of a key in this process ([`shared`]).

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// How urgent a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    /// Somebody's work does not go on without it.
    Work,
    /// Asks whether something has happened yet.
    Poll,
}

/// The limits: requests per minute and per hour, where known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub per_minute: Option<u64>,
    pub per_hour: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Limiter {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    minute: Option<Window>,
    hour: Option<Window>,
    /// The API asked for silence until then.
    silent_until: Option<Instant>,
    waiting: BTreeSet<(Priority, u64)>,
    next_ticket: u64,
}

#[derive(Debug)]
struct Window {
    limit: usize,
    length: Duration,
    in_flight: usize,
    answered: VecDeque<Instant>,
    /// Requests of others with the same key, and until when they count.
    foreign: Option<(usize, Instant)>,
}

/// When the next request may go.
enum Next {
    Now,
    At(Instant),
    /// When a request in flight is answered.
    AfterAnswer,
}

/// Spare time at the end of a window: clocks do not tick alike.
const MARGIN: Duration = Duration::from_millis(50);

impl Window {
    fn new(limit: u64, length: Duration) -> Window {
        Window {
            limit: usize::try_from(limit).unwrap_or(usize::MAX).max(1),
            length: length + MARGIN,
            in_flight: 0,
            answered: VecDeque::new(),
            foreign: None,
        }
    }

    fn next(&mut self, now: Instant) -> Next {
        while self
            .answered
            .front()
            .is_some_and(|t| *t + self.length <= now)
        {
            self.answered.pop_front();
        }
        if self.foreign.is_some_and(|(_, until)| until <= now) {
            self.foreign = None;
        }
        let foreign = self.foreign.map_or(0, |(n, _)| n);
        let used = self.in_flight + self.answered.len() + foreign;
        if used < self.limit {
            return Next::Now;
        }
        let freed = self
            .answered
            .get(used - self.limit)
            .map(|t| *t + self.length);
        let first = match (freed, self.foreign) {
            (Some(a), Some((_, b))) => Some(a.min(b)),
            (Some(a), None) => Some(a),
            (None, Some((_, b))) => Some(b),
            (None, None) => None,
        };
        first.map_or(Next::AfterAnswer, Next::At)
    }
}

impl State {
    fn windows(&mut self) -> impl Iterator<Item = &mut Window> {
        self.minute.iter_mut().chain(self.hour.iter_mut())
    }

    fn next(&mut self, now: Instant) -> Next {
        if let Some(until) = self.silent_until {
            if until > now {
                return Next::At(until);
            }
            self.silent_until = None;
        }
        let mut latest = Next::Now;
        for window in self.windows() {
            latest = match (latest, window.next(now)) {
                (Next::AfterAnswer, _) | (_, Next::AfterAnswer) => Next::AfterAnswer,
                (Next::At(a), Next::At(b)) => Next::At(a.max(b)),
                (Next::Now, other) | (other, Next::Now) => other,
            };
        }
        latest
    }
}

/// Leave to send one request. Dropped when its answer is there (or will never be).
#[derive(Debug)]
pub(crate) struct Permit {
    limiter: Arc<Limiter>,
    /// How long it took to get it.
    pub waited: Duration,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let now = Instant::now();
        for window in self.limiter.lock().windows() {
            window.in_flight = window.in_flight.saturating_sub(1);
            window.answered.push_back(now);
        }
        self.limiter.changed.notify_waiters();
    }
}

/// A place in the queue; leaves it when dropped.
struct Ticket<'a> {
    limiter: &'a Limiter,
    place: (Priority, u64),
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.limiter.lock().waiting.remove(&self.place);
        self.limiter.changed.notify_waiters();
    }
}

impl Limiter {
    pub fn new(limits: Limits) -> Limiter {
        let window =
            |n: Option<u64>, seconds| n.map(|n| Window::new(n, Duration::from_secs(seconds)));
        Limiter {
            state: Mutex::new(State {
                minute: window(limits.per_minute, 60),
                hour: window(limits.per_hour, 3600),
                silent_until: None,
                waiting: BTreeSet::new(),
                next_ticket: 0,
            }),
            changed: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Waits until a request may be sent.
    pub async fn acquire(self: &Arc<Self>, priority: Priority) -> Permit {
        let asked = Instant::now();
        let place = {
            let mut state = self.lock();
            let place = (priority, state.next_ticket);
            state.next_ticket += 1;
            state.waiting.insert(place);
            place
        };
        let ticket = Ticket {
            limiter: self,
            place,
        };
        loop {
            // Registered before looking, so that no change in between is missed.
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let next = {
                let mut state = self.lock();
                if state.waiting.first() == Some(&place) {
                    let next = state.next(Instant::now());
                    if matches!(next, Next::Now) {
                        for window in state.windows() {
                            window.in_flight += 1;
                        }
                    }
                    next
                } else {
                    Next::AfterAnswer
                }
            };
            match next {
                Next::Now => break,
                Next::At(time) => {
                    tokio::select! {
                        () = sleep_until(time) => {}
                        () = &mut changed => {}
                    }
                }
                Next::AfterAnswer => changed.await,
            }
        }
        drop(ticket);
        Permit {
            limiter: self.clone(),
            waited: asked.elapsed(),
        }
    }

    /// Takes in what an answer says: the limit, how many are left and when the count
    /// starts anew. Told before the answer's permit is dropped.
    pub fn observe(&self, limit: Option<u64>, remaining: Option<u64>, reset: Option<Duration>) {
        let mut state = self.lock();
        if let Some(limit) = limit.filter(|l| *l > 0) {
            match &mut state.minute {
                Some(w) => w.limit = usize::try_from(limit).unwrap_or(usize::MAX),
                none => *none = Some(Window::new(limit, Duration::from_secs(60))),
            }
        }
        let (Some(window), Some(remaining)) = (&mut state.minute, remaining) else {
            return;
        };
        let left = usize::try_from(remaining).unwrap_or(usize::MAX);
        let counted = window.limit.saturating_sub(left);
        let own = window.in_flight + window.answered.len();
        let until = Instant::now() + reset.unwrap_or(window.length).min(window.length) + MARGIN;
        // Those that are too many were sent by somebody else with the same key.
        window.foreign = match counted.saturating_sub(own) {
            0 => None,
            n => Some((n, until)),
        };
    }

    /// The API wants silence for a time.
    pub fn silence(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut state = self.lock();
        state.silent_until = Some(state.silent_until.map_or(until, |t| t.max(until)));
        drop(state);
        self.changed.notify_waiters();
    }

    /// Requests per minute, as far as known.
    pub fn per_minute(&self) -> Option<u64> {
        self.lock().minute.as_ref().map(|w| w.limit as u64)
    }
}

/// The limiter of a key, the same for all who use the key in this process.
pub(crate) fn shared(key: &str, limits: Limits) -> Arc<Limiter> {
    static ALL: OnceLock<Mutex<HashMap<String, Weak<Limiter>>>> = OnceLock::new();
    let mut all = ALL
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(|e| e.into_inner());
    if let Some(limiter) = all.get(key).and_then(Weak::upgrade) {
        return limiter;
    }
    let limiter = Arc::new(Limiter::new(limits));
    all.insert(key.to_owned(), Arc::downgrade(&limiter));
    limiter
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(per_minute: u64) -> Arc<Limiter> {
        Arc::new(Limiter::new(Limits {
            per_minute: Some(per_minute),
            per_hour: None,
        }))
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
    async fn what_others_used_is_counted_until_the_reset() {
        let limiter = limiter(60);
        let permit = limiter.acquire(Priority::Work).await;
        limiter.observe(Some(60), Some(0), Some(Duration::from_secs(20)));
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
        limiter.silence(Duration::from_secs(7));
        let permit = limiter.acquire(Priority::Work).await;
        assert!(permit.waited >= Duration::from_secs(7));
    }
}
