//! The life of an object: `New`, `Active`, `Busy` during a change and a little longer, then gone.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clock::later;

use super::answer::{BUSY, Failure, refuse};

/// Virtual seconds that an object stays busy after its task is completed.
const SETTLING: f64 = 3.0;

/// The times of an object.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Life {
    pub created: Timestamp,
    ready_at: Timestamp,
    busy_until: Timestamp,
    gone_at: Option<Timestamp>,
    failed: bool,
}

impl Life {
    /// An object whose creation takes some virtual seconds, and fails or not.
    pub fn begin(now: Timestamp, seconds: f64, failed: bool) -> Life {
        let ready_at = later(now, seconds);
        Life {
            created: now,
            ready_at,
            busy_until: ready_at,
            gone_at: None,
            failed,
        }
    }

    /// `New`, `Active`, `Busy`, or `Blocked` when its creation failed.
    pub fn state(&self, now: Timestamp) -> &'static str {
        if now < self.ready_at {
            "New"
        } else if self.failed {
            "Blocked"
        } else if now < self.busy_until || self.gone_at.is_some() {
            "Busy"
        } else {
            "Active"
        }
    }

    /// Whether its creation has ended well.
    pub fn ready(&self, now: Timestamp) -> bool {
        now >= self.ready_at && !self.failed
    }

    /// Whether it still exists.
    pub fn exists(&self, now: Timestamp) -> bool {
        self.gone_at.is_none_or(|gone| now < gone)
    }

    /// Begins a change that takes some virtual seconds; refused while another one runs.
    pub fn change(&mut self, now: Timestamp, seconds: f64) -> Result<(), Failure> {
        if self.state(now) != "Active" {
            return Err(refuse(
                BUSY,
                format!("The object is busy (state {})", self.state(now)),
            ));
        }
        self.busy_until = later(now, seconds + SETTLING);
        Ok(())
    }

    /// Whether its deletion has begun.
    pub fn ending(&self) -> bool {
        self.gone_at.is_some()
    }

    /// Begins its deletion, after which it stays readable for some seconds.
    pub fn end_slowly(
        &mut self,
        now: Timestamp,
        seconds: f64,
        lingering: f64,
    ) -> Result<(), Failure> {
        self.end(now, seconds)?;
        self.gone_at = Some(later(now, seconds + lingering));
        Ok(())
    }

    /// Begins its deletion; also possible after a failed creation.
    pub fn end(&mut self, now: Timestamp, seconds: f64) -> Result<(), Failure> {
        if self.state(now) != "Blocked" {
            self.change(now, seconds)?;
        }
        self.gone_at = Some(later(now, seconds));
        Ok(())
    }
}

/// ISO 8601 in UTC with seven digits of a second, as this API writes times.
pub fn time(time: Timestamp) -> String {
    let ticks = time.subsec_nanosecond().max(0) / 100;
    let whole = time.saturating_sub(SignedDuration::from_nanos(i64::from(
        time.subsec_nanosecond(),
    )));
    let text = whole.unwrap_or(time).to_string();
    format!("{}.{ticks:07}Z", text.trim_end_matches('Z'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_seven_digits() {
        let at: Timestamp = "2026-01-05T10:00:00.1234567Z".parse().expect("a time");
        assert_eq!(time(at), "2026-01-05T10:00:00.1234567Z");
        let at: Timestamp = "2026-01-05T10:00:00Z".parse().expect("a time");
        assert_eq!(time(at), "2026-01-05T10:00:00.0000000Z");
    }

    #[test]
    fn one_change_at_a_time() {
        let start: Timestamp = "2026-01-05T10:00:00Z".parse().expect("a time");
        let at = |seconds: f64| later(start, seconds);
        let mut life = Life::begin(start, 90.0, false);
        assert_eq!(life.state(at(89.0)), "New");
        assert!(life.change(at(89.0), 8.0).is_err());
        assert!(life.change(at(90.0), 8.0).is_ok());
        assert_eq!(
            (life.state(at(99.0)), life.state(at(101.0))),
            ("Busy", "Active")
        );
        assert!(life.end(at(99.0), 5.0).is_err());
        assert!(life.end(at(110.0), 5.0).is_ok());
        assert!(life.exists(at(114.0)) && !life.exists(at(115.0)));
        let mut failed = Life::begin(start, 90.0, true);
        assert_eq!(failed.state(at(91.0)), "Blocked");
        assert!(failed.end(at(91.0), 5.0).is_ok());
    }
}
