//! What may still be sent with one key: the record of what was sent lately, and the rules
//! that say whose turn it is.
//!
//! Pure: times come in as milliseconds of a clock that never goes back, and a record may
//! live in memory or in a file that several processes share (`ledger`). A request counts
//! from its reservation until a whole window after its answer came: whatever way an API
//! counts (fixed or sliding windows, at the start or the end of a request), it never
//! counts more.

use std::cmp::Ordering;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::window::{Free, History, PIECES, ends, window};

/// Milliseconds of the record's clock.
pub(crate) type Millis = i64;

/// How urgent a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Priority {
    /// Somebody's work does not go on without it.
    Work,
    /// Asks whether something has happened yet.
    Poll,
}

/// The limits as described: requests per minute and per hour, where known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    pub per_minute: Option<u64>,
    pub per_hour: Option<u64>,
    /// How long a minute lasts: shorter for emulated clouds in tests.
    pub minute: Duration,
    /// How long a reservation without an answer holds: longer than any request takes.
    pub longest_request: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            per_minute: None,
            per_hour: None,
            minute: Duration::from_secs(60),
            longest_request: Duration::from_secs(90),
        }
    }
}

impl Limits {
    fn minute(&self) -> Millis {
        millis(self.minute).max(1)
    }

    fn hour(&self) -> Millis {
        self.minute().saturating_mul(60)
    }
}

/// A duration in milliseconds, rounded up.
pub(crate) fn millis(d: Duration) -> Millis {
    Millis::try_from(d.as_micros().div_ceil(1000)).unwrap_or(Millis::MAX / 4)
}

/// What an answer told of the budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub limit: Option<u64>,
    pub remaining: Option<u64>,
    /// When the count starts anew.
    pub reset: Option<Duration>,
    /// The API wants silence for so long.
    pub silence: Option<Duration>,
}

/// One process that wants to send.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Waiter {
    /// The process, by a number that it made up.
    pub process: u64,
    pub priority: Priority,
    /// Since when its next request is the first of its own: processes take turns.
    pub since: Millis,
    /// How many requests of that priority wait in it.
    #[serde(default)]
    wants: u64,
    /// How many turns it has had while others waited. Only differences count.
    #[serde(default)]
    got: u64,
    /// It is believed to be alive until then.
    until: Millis,
}

impl Waiter {
    pub fn new(process: u64, priority: Priority, since: Millis, wants: u64) -> Waiter {
        Waiter {
            process,
            priority,
            since,
            wants,
            got: 0,
            until: 0,
        }
    }

    /// How many turns it is to have before `other` has its next: all, if its work is more
    /// urgent, or as many as it takes to have had as many.
    fn before(&self, other: &Waiter) -> u64 {
        match self.priority.cmp(&other.priority) {
            Ordering::Less => self.wants,
            Ordering::Greater => 0,
            Ordering::Equal => {
                let first = u64::from(self.since < other.since);
                (other.got + first).saturating_sub(self.got).min(self.wants)
            }
        }
    }
}

/// Whether a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Now; the number of its reservation.
    Now(u64),
    /// Not before then.
    At(Millis),
    /// When those have gone that come first: very soon.
    Soon,
    /// When a request in flight is answered.
    AfterAnswer,
}

/// The record of a key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Budget {
    /// When it was last changed.
    written: Millis,
    minute: History,
    hour: History,
    /// The limit per minute that an answer told, and how long that is believed.
    told: Option<(u64, Millis)>,
    /// Requests of others with the same key, elsewhere, and until when they count.
    foreign: Option<(u64, Millis)>,
    silent_until: Option<Millis>,
    in_flight: Vec<Reservation>,
    waiting: Vec<Waiter>,
}

/// A request that is on its way.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Reservation {
    id: u64,
    made: Millis,
}

/// How much longer than it said a process that waits is believed to be alive.
const GRACE: Millis = 1000;
/// A process that died without an answer: how long its request may have been on its way.
const ON_THE_WAY: Millis = 10_000;

impl Budget {
    /// Requests per minute, as far as known.
    pub fn per_minute(&self, limits: &Limits) -> Option<u64> {
        self.told.map(|(n, _)| n).or(limits.per_minute)
    }

    /// Asks for a turn. If it has not come, it is noted who waits.
    pub fn take(&mut self, limits: &Limits, now: Millis, me: Waiter, id: u64) -> Turn {
        self.settle(limits, now);
        let known = self.waiting.iter().find(|w| w.process == me.process);
        let known = known.map(|w| w.got);
        self.waiting.retain(|w| w.process != me.process);
        // Who comes later has no claim to what was given out before.
        let level = || self.waiting.iter().map(|w| w.got).min();
        let me = Waiter {
            got: known.or_else(level).unwrap_or(0),
            ..me
        };
        let ahead: u64 = self.waiting.iter().map(|w| w.before(&me)).sum();
        let turn = match self.free(limits, now) {
            Free::Some(free) if free > ahead => {
                self.in_flight.push(Reservation { id, made: now });
                if me.wants > 1 {
                    self.waiting.push(Waiter {
                        since: now,
                        wants: me.wants - 1,
                        got: me.got + 1,
                        until: now + GRACE,
                        ..me
                    });
                }
                return Turn::Now(id);
            }
            Free::Some(_) => Turn::Soon,
            Free::At(time) => Turn::At(time),
            Free::AfterAnswer => Turn::AfterAnswer,
        };
        let wakes = match turn {
            Turn::At(time) => time,
            _ => now,
        };
        self.waiting.push(Waiter {
            until: wakes + GRACE,
            ..me
        });
        turn
    }

    /// Takes in that a request is over, and what its answer told.
    pub fn finish(&mut self, limits: &Limits, now: Millis, id: u64, seen: &Seen) {
        self.settle(limits, now);
        if let Some(limit) = seen.limit.filter(|l| *l > 0) {
            self.told = Some((limit, now + limits.hour()));
        }
        if let Some(remaining) = seen.remaining {
            self.count_foreign(limits, now, remaining, seen.reset);
        }
        if let Some(time) = seen.silence {
            let until = now + millis(time);
            self.silent_until = Some(self.silent_until.map_or(until, |t| t.max(until)));
        }
        let before = self.in_flight.len();
        self.in_flight.retain(|r| r.id != id);
        if self.in_flight.len() < before {
            self.answered(limits, now);
        }
    }

    /// A process waits no longer.
    pub fn leave(&mut self, process: u64) {
        self.waiting.retain(|w| w.process != process);
    }

    /// Requests that the API counted and nobody here sent.
    fn count_foreign(
        &mut self,
        limits: &Limits,
        now: Millis,
        remaining: u64,
        reset: Option<Duration>,
    ) {
        let Some(limit) = self.per_minute(limits) else {
            return;
        };
        let counted = limit.saturating_sub(remaining);
        let own = self.in_flight.len() as u64 + self.minute.sum();
        let window = limits.minute();
        let left = reset.map_or(window, |r| millis(r).min(window));
        self.foreign = match counted.saturating_sub(own) {
            0 => None,
            n => Some((n, ends(now, left))),
        };
    }

    fn answered(&mut self, limits: &Limits, now: Millis) {
        self.minute.push(now, limits.minute());
        if limits.per_hour.is_some() {
            self.hour.push(now, limits.hour());
        }
    }

    /// Forgets what is over.
    fn settle(&mut self, limits: &Limits, now: Millis) {
        let longest = millis(limits.longest_request);
        let lost = self.in_flight.iter().filter(|r| r.made + longest <= now);
        // Of a process that died; when the API counted them cannot be told exactly.
        let lost: Vec<Millis> = lost.map(|r| r.made + ON_THE_WAY.min(longest)).collect();
        self.in_flight.retain(|r| r.made + longest > now);
        for made in lost {
            let latest = |h: &History| h.0.back().map_or(made, |(t, _)| made.max(*t - 1));
            let at = latest(&self.minute);
            self.answered(limits, at.min(now));
        }
        self.minute.forget(now, limits.minute());
        self.hour.forget(now, limits.hour());
        self.told = self.told.filter(|(_, until)| *until > now);
        self.foreign = self.foreign.filter(|(_, until)| *until > now);
        self.silent_until = self.silent_until.filter(|until| *until > now);
        self.waiting.retain(|w| w.until > now);
    }

    fn free(&self, limits: &Limits, now: Millis) -> Free {
        if let Some(until) = self.silent_until.filter(|t| *t > now) {
            return Free::At(until);
        }
        let foreign = self.foreign.map_or(0, |(n, _)| n);
        let minute = self.per_minute(limits).map(|limit| {
            let free = window(
                &self.minute,
                limit,
                self.in_flight.len(),
                foreign,
                limits.minute(),
            );
            match (free, self.foreign) {
                (Free::At(t), Some((_, until))) => Free::At(t.min(until)),
                (Free::AfterAnswer, Some((_, until))) => Free::At(until),
                (free, _) => free,
            }
        });
        let hour = limits
            .per_hour
            .map(|limit| window(&self.hour, limit, self.in_flight.len(), 0, limits.hour()));
        let worse = |a: Free, b: Free| match (a, b) {
            (Free::Some(a), Free::Some(b)) => Free::Some(a.min(b)),
            (Free::Some(_), other) | (other, Free::Some(_)) => other,
            (Free::At(a), Free::At(b)) => Free::At(a.max(b)),
            (Free::AfterAnswer, _) | (_, Free::AfterAnswer) => Free::AfterAnswer,
        };
        minute
            .into_iter()
            .chain(hour)
            .fold(Free::Some(u64::MAX), worse)
    }

    /// Brings a record that was read from a file to this process's clock. The clock
    /// counts from the start of the machine: a later moment than now means that the
    /// machine was started anew, and at least the time since then has passed.
    pub fn arrive(&mut self, now: Millis) {
        if self.written <= now {
            return;
        }
        let by = self.written;
        let all = self.minute.0.iter_mut().chain(self.hour.0.iter_mut());
        all.for_each(|(t, _)| *t -= by);
        self.in_flight.iter_mut().for_each(|r| r.made -= by);
        self.waiting.clear();
        for until in [&mut self.told, &mut self.foreign].into_iter().flatten() {
            until.1 -= by;
        }
        self.silent_until = self.silent_until.map(|t| t - by);
        self.written = now;
    }

    /// Notes when it was changed.
    pub fn leave_at(&mut self, now: Millis) {
        self.written = now;
    }

    /// Whether a record can be true; one that is not might stop everybody for years.
    pub fn is_sound(&self, limits: &Limits, now: Millis) -> bool {
        let hour = limits.hour().max(4_000_000);
        let ahead = |t: Millis| t <= now.saturating_add(2 * hour);
        let past = |t: Millis| t <= now.saturating_add(hour / PIECES * 2);
        let history = |h: &History| h.0.iter().all(|(t, n)| past(*t) && *n < 10_000_000);
        history(&self.minute)
            && history(&self.hour)
            && self.in_flight.iter().all(|r| past(r.made))
            && self.in_flight.len() < 100_000
            && self.waiting.iter().all(|w| ahead(w.until))
            && self.told.is_none_or(|(n, t)| n > 0 && ahead(t))
            && self.foreign.is_none_or(|(_, t)| ahead(t))
            && self.silent_until.is_none_or(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_minute: u64) -> Limits {
        Limits {
            per_minute: Some(per_minute),
            ..Limits::default()
        }
    }

    fn work(process: u64, since: Millis) -> Waiter {
        Waiter::new(process, Priority::Work, since, 1)
    }

    #[test]
    fn processes_take_turns_and_work_goes_before_polling() {
        let l = limits(1);
        let mut b = Budget::default();
        assert_eq!(b.take(&l, 0, work(1, 0), 10), Turn::Now(10));
        b.finish(&l, 0, 10, &Seen::default());
        let poll = Waiter::new(1, Priority::Poll, 0, 1);
        let Turn::At(at) = b.take(&l, 1, poll, 11) else {
            panic!("the minute is used up");
        };
        assert!((60_000..60_300).contains(&at), "{at}");
        assert_eq!(b.take(&l, 2, work(2, 2), 12), Turn::At(at));
        assert_eq!(b.take(&l, 3, work(3, 3), 13), Turn::At(at));
        // Whoever looks first, it is the turn of the one that has work and waits longest.
        assert_eq!(b.take(&l, at, poll, 14), Turn::Soon);
        assert_eq!(b.take(&l, at, work(3, 3), 15), Turn::Soon);
        assert_eq!(b.take(&l, at, work(2, 2), 16), Turn::Now(16));
    }

    /// Who gets how many of the next `count` turns, if all always want more and look in
    /// this order, each as long as it gets any. `pause` is how long a request takes.
    fn turns(order: &[u64], limit: u64, pause: Millis, count: usize) -> Vec<u64> {
        let l = limits(limit);
        let mut b = Budget::default();
        let mut since: Vec<Millis> = order.iter().map(|_| 0).collect();
        let (mut now, mut got) = (0, Vec::new());
        while got.len() < count {
            let (before, mut wakes) = (got.len(), Millis::MAX);
            for (process, since) in order.iter().zip(&mut since) {
                loop {
                    let me = Waiter::new(*process, Priority::Work, *since, 100);
                    match b.take(&l, now, me, got.len() as u64) {
                        Turn::Now(id) => {
                            now += pause;
                            b.finish(&l, now, id, &Seen::default());
                            *since = now;
                            got.push(*process);
                        }
                        Turn::At(time) => break wakes = wakes.min(time),
                        Turn::Soon | Turn::AfterAnswer => break,
                    }
                }
            }
            if got.len() == before {
                assert!(wakes < Millis::MAX, "nobody may go, and nobody knows when");
                now = wakes;
            }
        }
        got
    }

    #[test]
    fn processes_get_as_many_turns_whoever_looks_first() {
        for order in [&[1, 2][..], &[2, 1], &[1, 2, 3], &[3, 1, 2]] {
            let of = |turns: &[u64], p: u64| turns.iter().filter(|t| **t == p).count();
            let n = order.len();
            // All turns of a window become free at once: they are shared out evenly. What
            // was free before the others came is of the first.
            let all = turns(order, 12, 0, 120);
            for window in all.chunks(12).skip(1) {
                let shares: Vec<usize> = order.iter().map(|p| of(window, *p)).collect();
                assert!(shares.iter().all(|s| *s == 12 / n), "{order:?}: {shares:?}");
            }
            // One by one: nobody is ever more than a turn ahead.
            let all = turns(order, 12, 150, 120);
            for upto in 13..120 {
                let shares = order.iter().map(|p| of(&all[12..upto], *p));
                let (least, most) = (shares.clone().min(), shares.max());
                let ahead = most.unwrap_or(0) - least.unwrap_or(0);
                assert!(ahead <= 1, "{order:?}: {:?}", &all[12..upto]);
            }
        }
    }

    #[test]
    fn a_process_that_died_holds_nobody_up() {
        let l = Limits {
            longest_request: Duration::from_secs(30),
            ..limits(1)
        };
        let mut b = Budget::default();
        assert_eq!(b.take(&l, 0, work(1, 0), 10), Turn::Now(10));
        // Its reservation ends, and counts as a request of about then.
        assert_eq!(b.take(&l, 29_000, work(2, 1), 11), Turn::AfterAnswer);
        let Turn::At(at) = b.take(&l, 30_000, work(2, 1), 11) else {
            panic!("the lost request counts");
        };
        assert!((70_000..71_000).contains(&at), "{at}");
        // So does its place in the queue.
        assert_eq!(b.take(&l, at, work(3, 2), 12), Turn::Soon);
        assert_eq!(b.take(&l, at + 2 * GRACE, work(3, 2), 12), Turn::Now(12));
    }

    #[test]
    fn after_a_restart_of_the_machine_at_least_its_time_up_has_passed() {
        let l = limits(1);
        let mut b = Budget::default();
        let late = 1_000_000;
        assert_eq!(b.take(&l, late, work(1, late), 10), Turn::Now(10));
        b.finish(&l, late, 10, &Seen::default());
        b.leave_at(late);
        b.arrive(20_000);
        let Turn::At(at) = b.take(&l, 20_000, work(2, 20_000), 11) else {
            panic!("the minute is used up");
        };
        assert!((60_000..61_000).contains(&at), "{at}");
    }

    #[test]
    fn an_hour_is_recorded_in_little_room() {
        let l = Limits {
            per_hour: Some(1_000_000),
            ..limits(100_000)
        };
        let mut b = Budget::default();
        for now in (0..3_600_000).step_by(100) {
            assert!(matches!(b.take(&l, now, work(1, now), 1), Turn::Now(_)));
            b.finish(&l, now, 1, &Seen::default());
        }
        assert!(b.minute.0.len() <= 602 && b.hour.0.len() <= 602);
        assert_eq!(b.hour.sum(), 36_000);
        assert!(b.is_sound(&l, 3_600_000));
    }

    #[test]
    fn what_cannot_be_true_is_not_believed() {
        let l = limits(1);
        let silent = Budget {
            silent_until: Some(1_000_000_000_000),
            ..Budget::default()
        };
        assert!(!silent.is_sound(&l, 1000));
        assert!(Budget::default().is_sound(&l, 1000));
    }
}
