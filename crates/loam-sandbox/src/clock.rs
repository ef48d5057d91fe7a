//! The sandbox's clock: virtual time, which may pass faster than real time and can be moved forward.
//!
//! Everything that a cloud says about time (created at, progress of a deployment, expiry) reads this clock.
//! Rate limits and the request log do not: they run in real time (see `limiter.rs`).
//! Virtual time never goes back: it starts at the later of real time and the last virtual time that the
//! database remembers.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// Virtual time, shared by all clouds.
#[derive(Debug)]
pub struct Clock {
    speed: f64,
    anchor: Mutex<Anchor>,
}

/// A moment at which both times are known.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    real: Instant,
    virtual_: Timestamp,
}

impl Clock {
    /// A clock that runs `speed` times as fast as real time and is nowhere before `not_before`.
    pub fn new(speed: f64, not_before: Option<Timestamp>) -> Clock {
        let now = Timestamp::now();
        let start = not_before.map_or(now, |earliest| earliest.max(now));
        Clock {
            speed,
            anchor: Mutex::new(Anchor {
                real: Instant::now(),
                virtual_: start,
            }),
        }
    }

    /// The virtual time.
    pub fn now(&self) -> Timestamp {
        let anchor = *self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        later(
            anchor.virtual_,
            anchor.real.elapsed().as_secs_f64() * self.speed,
        )
    }

    /// How many virtual seconds pass in a real second.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Moves virtual time forward by `seconds` (negative and non-finite numbers count as zero).
    pub fn advance(&self, seconds: f64) {
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        anchor.virtual_ = later(anchor.virtual_, seconds);
    }
}

/// `seconds` after `time`, held at the end of representable time.
pub fn later(time: Timestamp, seconds: f64) -> Timestamp {
    let nanos = if seconds.is_finite() {
        (seconds.max(0.0) * 1e9) as i64
    } else {
        0
    };
    time.saturating_add(SignedDuration::from_nanos(nanos))
        .unwrap_or(Timestamp::MAX)
}

/// Seconds from `start` to `end`; zero when `end` is earlier.
pub fn seconds_between(start: Timestamp, end: Timestamp) -> f64 {
    end.duration_since(start).as_secs_f64().max(0.0)
}

/// ISO 8601 in UTC with whole seconds: `2026-02-01T08:00:00Z`.
pub fn iso(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second())
        .unwrap_or(time)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_time_runs_ahead_and_never_starts_before_what_was_seen() {
        let seen = later(Timestamp::now(), 3600.0);
        let clock = Clock::new(1000.0, Some(seen));
        assert!(clock.now() >= seen);
        let before = clock.now();
        clock.advance(60.0);
        assert!(seconds_between(before, clock.now()) >= 60.0);
        clock.advance(-60.0);
        assert!(seconds_between(before, clock.now()) >= 60.0);
        std::thread::sleep(std::time::Duration::from_millis(5));
        assert!(seconds_between(before, clock.now()) >= 65.0);
    }

    #[test]
    fn times_are_written_with_whole_seconds() {
        let time: Timestamp = "2026-02-01T08:00:00.987Z".parse().expect("a time");
        assert_eq!(iso(time), "2026-02-01T08:00:00Z");
    }
}
