//! What all emulated clouds of one sandbox share.

use std::sync::Arc;

use crate::clock::Clock;
use crate::clouds::Cloud;
use crate::faults::Faults;
use crate::limiter::Limiter;
use crate::request_log::RequestLog;
use crate::store::{Db, SANDBOX, Store, StoreError};
use crate::webhooks::Webhooks;

/// The setting that remembers how far virtual time got.
const LAST_VIRTUAL_TIME: &str = "virtual_time";

/// Choices that a cloud reads when it seeds a new database.
#[derive(Debug, Clone)]
pub struct Seeding {
    /// Balance of each prepaid account, in US cents.
    pub opening_balance_cents: i64,
}

/// What all emulated clouds of one sandbox share.
#[derive(Debug)]
pub struct World {
    /// The database.
    pub store: Store,
    /// Virtual time.
    pub clock: Clock,
    /// Rate limits, in real time.
    pub limiter: Limiter,
    /// Every request so far.
    pub log: RequestLog,
    /// What is to go wrong.
    pub faults: Faults,
    /// Messages to the users' own servers.
    pub webhooks: Webhooks,
}

impl World {
    /// Runs `work` in one transaction at one virtual moment, and remembers that moment.
    pub fn run<R>(
        &self,
        work: impl FnOnce(&Db<'_>, jiff::Timestamp) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        self.store.run(|db| {
            let now = self.clock.now();
            db.set_setting(SANDBOX, LAST_VIRTUAL_TIME, &now)?;
            work(db, now)
        })
    }

    /// The virtual time up to which the database has seen things happen.
    pub fn last_virtual_time(store: &Store) -> Result<Option<jiff::Timestamp>, StoreError> {
        store.run(|db| db.setting(SANDBOX, LAST_VIRTUAL_TIME))
    }
}

/// A cloud with its routes, ready to answer.
#[derive(Clone)]
pub struct MountedCloud {
    /// The cloud.
    pub cloud: Arc<dyn Cloud>,
    /// Its routes, relative to its prefix.
    pub router: axum::Router,
}
