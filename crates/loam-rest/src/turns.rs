//! Changes that an API takes one after the other only: who is next.
//!
//! In: what a change is of, as a text. Out: a turn, held until it is dropped. Knows
//! nothing of requests; what shares a turn is for the description to say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use loam_provider::ApplyObserver;
use tokio::sync::OwnedMutexGuard;

use crate::wait::unless_stopped;

/// Turns by what they are of.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    all: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// The right to change something, while it is held.
#[derive(Debug)]
pub(crate) struct Turn {
    _held: OwnedMutexGuard<()>,
}

impl Turns {
    /// Waits for the turn to change `what`; those who wait are served in order. None if
    /// the wish to stop comes first.
    pub async fn take(&self, what: String, observer: &dyn ApplyObserver) -> Option<Turn> {
        let lock = {
            let mut all = self.all.lock().unwrap_or_else(|e| e.into_inner());
            all.entry(what).or_default().clone()
        };
        // Not counted among those that are worked on: the one whose turn it is may have to
        // wait for its place among them.
        observer.waiting();
        let held = unless_stopped(Some(observer), lock.lock_owned()).await;
        observer.waited().await;
        held.map(|held| Turn { _held: held })
    }
}
