//! Rate limits as the emulated clouds enforce them: fixed windows per key, in real time.
//!
//! A window opens with the first request of a key and ends its period later; then the count starts at zero.
//! Counts live in memory: a restart of the sandbox opens new windows. Windows are not tied to the virtual
//! clock, because a client paces itself in real time; `RateLimits::Faster` shortens them on purpose.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How rate limits are enforced.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum RateLimits {
    /// As the contracts say, in real time.
    #[default]
    On,
    /// Not at all; no rate-limit headers are sent.
    Off,
    /// The documented numbers of requests, in windows shortened by this factor (`Faster(60.0)`: a minute
    /// is a second), so that tests of pacing need not last minutes.
    Faster(f64),
}

/// One limit: so many requests in each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests allowed in one window.
    pub limit: u64,
    /// Length of the window as documented.
    pub period: Duration,
}

impl Quota {
    /// So many requests a minute.
    pub fn per_minute(limit: u64) -> Quota {
        Quota {
            limit,
            period: Duration::from_secs(60),
        }
    }

    /// So many requests an hour.
    pub fn per_hour(limit: u64) -> Quota {
        Quota {
            limit,
            period: Duration::from_secs(3600),
        }
    }
}

/// What one window looks like after a request was counted or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The quota's limit.
    pub limit: u64,
    /// Requests left in the window.
    pub remaining: u64,
    /// When the window ends, in Unix seconds (rounded up).
    pub reset: u64,
}

/// The limiter's answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Limits are off.
    Unlimited,
    /// Counted. One standing per quota, in the order given.
    Allowed(Vec<Standing>),
    /// Refused and not counted.
    Refused {
        /// Index of the quota that is used up (the one with the longest wait).
        quota: usize,
        /// Whole seconds until it opens again, at least one.
        retry_after: u64,
        /// One standing per quota.
        standings: Vec<Standing>,
    },
}

/// Windows of all keys of all clouds.
#[derive(Debug)]
pub struct Limiter {
    mode: RateLimits,
    windows: Mutex<HashMap<String, Vec<Window>>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    opened: Instant,
    used: u64,
}

impl Limiter {
    /// A limiter without history.
    pub fn new(mode: RateLimits) -> Limiter {
        Limiter {
            mode,
            windows: Mutex::new(HashMap::new()),
        }
    }

    /// Counts one request of `holder` (a name that is unique over all clouds) against its quotas.
    pub fn check(&self, holder: &str, quotas: &[Quota]) -> Verdict {
        self.check_at(holder, quotas, Instant::now(), unix_now())
    }

    fn check_at(&self, holder: &str, quotas: &[Quota], now: Instant, unix: f64) -> Verdict {
        let factor = match self.mode {
            RateLimits::Off => return Verdict::Unlimited,
            RateLimits::On => 1.0,
            RateLimits::Faster(factor) if factor.is_finite() && factor > 0.0 => factor,
            RateLimits::Faster(_) => 1.0,
        };
        let mut all = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let windows = all.entry(holder.to_owned()).or_default();
        windows.resize(
            quotas.len(),
            Window {
                opened: now,
                used: 0,
            },
        );

        let mut refused: Option<(usize, Duration)> = None;
        let mut lefts = Vec::with_capacity(quotas.len());
        for (index, (window, quota)) in windows.iter_mut().zip(quotas).enumerate() {
            let period = quota.period.div_f64(factor);
            if now.duration_since(window.opened) >= period {
                *window = Window {
                    opened: now,
                    used: 0,
                };
            }
            let left = period.saturating_sub(now.duration_since(window.opened));
            lefts.push(left);
            if window.used >= quota.limit && refused.is_none_or(|(_, longest)| left > longest) {
                refused = Some((index, left));
            }
        }
        if refused.is_none() {
            for window in windows.iter_mut() {
                window.used += 1;
            }
        }
        let standings = windows
            .iter()
            .zip(quotas)
            .zip(&lefts)
            .map(|((window, quota), left)| Standing {
                limit: quota.limit,
                remaining: quota.limit.saturating_sub(window.used),
                reset: (unix + left.as_secs_f64()).ceil() as u64,
            })
            .collect();
        match refused {
            Some((quota, left)) => Verdict::Refused {
                quota,
                retry_after: (left.as_secs_f64().ceil() as u64).max(1),
                standings,
            },
            None => Verdict::Allowed(standings),
        }
    }
}

fn unix_now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_admits_its_limit_and_opens_again() {
        let limiter = Limiter::new(RateLimits::On);
        let quotas = [Quota::per_minute(3), Quota::per_hour(4)];
        let start = Instant::now();
        let at = |seconds: u64| {
            limiter.check_at(
                "key",
                &quotas,
                start + Duration::from_secs(seconds),
                seconds as f64,
            )
        };
        for used in 1..=3 {
            let Verdict::Allowed(standings) = at(0) else {
                panic!("request {used} must pass")
            };
            assert_eq!(
                standings[0],
                Standing {
                    limit: 3,
                    remaining: 3 - used,
                    reset: 60
                }
            );
        }
        let Verdict::Refused {
            quota: 0,
            retry_after: 20,
            standings,
        } = at(40)
        else {
            panic!("the minute is used up")
        };
        assert_eq!(
            standings[1].remaining, 1,
            "a refused request is not counted"
        );
        assert!(matches!(at(60), Verdict::Allowed(_)));
        assert!(matches!(
            at(61),
            Verdict::Refused {
                quota: 1,
                retry_after: 3539,
                ..
            }
        ));
        assert!(matches!(at(3600), Verdict::Allowed(_)));
    }

    #[test]
    fn off_counts_nothing_and_faster_shortens_the_window() {
        let start = Instant::now();
        let off = Limiter::new(RateLimits::Off);
        assert_eq!(
            off.check_at("key", &[Quota::per_minute(0)], start, 0.0),
            Verdict::Unlimited
        );
        let faster = Limiter::new(RateLimits::Faster(60.0));
        let quotas = [Quota::per_minute(1)];
        assert!(matches!(
            faster.check_at("key", &quotas, start, 0.0),
            Verdict::Allowed(_)
        ));
        assert!(matches!(
            faster.check_at("key", &quotas, start, 0.0),
            Verdict::Refused { retry_after: 1, .. }
        ));
        assert!(matches!(
            faster.check_at("key", &quotas, start + Duration::from_secs(1), 1.0),
            Verdict::Allowed(_)
        ));
    }
}
