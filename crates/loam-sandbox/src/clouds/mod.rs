//! The emulated clouds, one folder each. To add one: write its folder, implement [`Cloud`], list it in [`all`].
//!
//! An emulation is written from the published contract of its API, not from what a client happens to send.
//! Clouds share nothing with each other but the machinery of this crate.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::store::{Db, StoreError};
use crate::world::{Seeding, World};

pub mod cyberpanel;
pub mod serverspace;
pub mod vpsorg;
pub mod xelon;
pub mod xessone;

/// Every cloud of the sandbox, in the order of the documentation.
pub fn all() -> Vec<Arc<dyn Cloud>> {
    vec![
        Arc::new(cyberpanel::CyberPanel::new()),
        Arc::new(xessone::XessOne),
        Arc::new(vpsorg::VpsOrg),
        Arc::new(serverspace::Serverspace),
        Arc::new(xelon::Xelon),
    ]
}

/// Why the sandbox's own control endpoints refuse something.
#[derive(Debug)]
pub enum ArrangeError {
    /// What was asked makes no sense; the text says why.
    Refused(String),
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for ArrangeError {
    fn from(error: StoreError) -> ArrangeError {
        ArrangeError::Store(error)
    }
}

/// An emulated cloud.
pub trait Cloud: Send + Sync {
    /// Short name, as control endpoints and the request log use it.
    fn name(&self) -> &'static str;

    /// Where it is mounted, for example `/cyberpanel/api/v1`.
    fn prefix(&self) -> &'static str;

    /// Makes what a new account has: keys, balance. Called at every start; must leave existing things alone.
    fn seed(&self, db: &Db<'_>, now: Timestamp, seeding: &Seeding) -> Result<(), StoreError>;

    /// The environment variables that point a client at this cloud; `endpoint` is its base URL.
    fn environment(&self, db: &Db<'_>, endpoint: &str)
    -> Result<Vec<(String, String)>, StoreError>;

    /// Its routes, relative to the prefix.
    fn router(&self, world: &Arc<World>) -> axum::Router;

    /// Everything that exists now, by type; types without objects are left out.
    fn objects(&self, db: &Db<'_>, now: Timestamp) -> Result<Map<String, Value>, StoreError>;

    /// Arranges what no API call can: keys, an account's balance, a suspension. `what` is the rest of the
    /// path below `/_sandbox/clouds/<cloud>/`; `keys` makes a further API key.
    fn arrange(
        &self,
        db: &Db<'_>,
        now: Timestamp,
        what: &str,
        body: &Value,
    ) -> Result<Value, ArrangeError>;

    /// A typical error body of this cloud for a status, for faults that name none.
    fn error_body(&self, status: u16) -> Value;

    /// Does what is due in the background. Called several times a second.
    fn tick(&self, _world: &World) -> Result<(), StoreError> {
        Ok(())
    }
}
