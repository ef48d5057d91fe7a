//! The log of every request that reached an emulated cloud, for tests that count requests.
//!
//! In memory only, the newest `CAPACITY` entries; times are real, not virtual.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

/// Entries kept; older ones are dropped and counted.
const CAPACITY: usize = 100_000;

/// One request as it was answered.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Running number, from 1; `DELETE` does not reset it.
    pub number: u64,
    /// The cloud, or null when the path belongs to none.
    pub cloud: Option<&'static str>,
    /// HTTP method.
    pub method: String,
    /// Full path with the query.
    pub path: String,
    /// Status of the answer; null when the connection was dropped instead.
    pub status: Option<u16>,
    /// When the request arrived.
    pub started_at: Timestamp,
    /// How long the answer took, in milliseconds.
    pub duration_ms: f64,
    /// The fault that was applied, if any.
    pub fault: Option<u64>,
}

/// What is known when a request was answered.
#[derive(Debug)]
pub struct Observation {
    /// The cloud, if the path belongs to one.
    pub cloud: Option<&'static str>,
    /// HTTP method.
    pub method: String,
    /// Full path with the query.
    pub path: String,
    /// Status, if there was an answer.
    pub status: Option<u16>,
    /// When the request arrived.
    pub started_at: Timestamp,
    /// How long the answer took.
    pub duration: Duration,
    /// The fault that was applied, if any.
    pub fault: Option<u64>,
}

/// All requests so far.
#[derive(Debug, Default)]
pub struct RequestLog {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    kept: VecDeque<Entry>,
    seen: u64,
    dropped: u64,
}

impl RequestLog {
    /// Adds a request.
    pub fn record(&self, seen: Observation) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.seen += 1;
        let number = entries.seen;
        entries.kept.push_back(Entry {
            number,
            cloud: seen.cloud,
            method: seen.method,
            path: seen.path,
            status: seen.status,
            started_at: seen.started_at,
            duration_ms: (seen.duration.as_secs_f64() * 1e6).round() / 1e3,
            fault: seen.fault,
        });
        if entries.kept.len() > CAPACITY {
            entries.kept.pop_front();
            entries.dropped += 1;
        }
    }

    /// The entries that `wanted` accepts, oldest first, and how many were dropped for lack of room.
    pub fn select(&self, wanted: impl Fn(&Entry) -> bool) -> (Vec<Entry>, u64) {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        (
            entries
                .kept
                .iter()
                .filter(|entry| wanted(entry))
                .cloned()
                .collect(),
            entries.dropped,
        )
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.kept.clear();
        entries.dropped = 0;
    }
}
