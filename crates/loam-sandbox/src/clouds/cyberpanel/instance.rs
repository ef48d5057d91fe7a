//! A machine as the sandbox keeps it, and its state at a moment.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::{later, seconds_between};
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::deployment::{Deployment, Stage};
use super::envelope::{Failure, refusal};
use super::keys::Key;

/// A machine. Its root password is checked and forgotten; its webhook secret is kept elsewhere (`notify`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Instance {
    pub id: i64,
    pub account: i64,
    pub vmid: i64,
    pub name: String,
    pub plan_id: i64,
    pub location: String,
    pub template: String,
    pub ssh_key: Option<String>,
    pub ip_address: String,
    pub running: bool,
    pub suspended: bool,
    pub created_at: Timestamp,
    /// Last change by a call; the end of the deployment counts too, see `updated_at`.
    pub changed_at: Timestamp,
    /// When it was last switched on.
    pub booted_at: Timestamp,
    pub hours_billed: i64,
    pub deployment: Deployment,
}

/// The instances of all accounts, listed under their account.
pub fn collection<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "vps")
}

/// The instances of an account, newest first.
pub fn of_account<T: DeserializeOwned>(db: &Db<'_>, account: i64) -> Result<Vec<T>, StoreError> {
    collection(db).newest_first(Some(&account.to_string()))
}

/// Writes an instance back.
pub fn save(db: &Db<'_>, instance: &Instance) -> Result<(), StoreError> {
    collection(db).update(&instance.id.to_string(), instance)
}

/// The instance of the path; `VPS_NOT_FOUND` when it is unknown or somebody else's, `deleted` as the code
/// when it was deleted.
pub fn find(db: &Db<'_>, key: &Key, id: &str, deleted: &'static str) -> Result<Instance, Failure> {
    let unknown = || refusal("VPS_NOT_FOUND", format!("There is no VPS {id}"));
    // Only the plain form of a number is an id: `007` is not instance 7.
    let stored = match id.parse::<i64>() {
        Ok(number) if number.to_string() == id => collection(db).get::<Instance>(id)?,
        _ => None,
    };
    let stored = stored
        .filter(|stored| stored.doc.account == key.account)
        .ok_or_else(unknown)?;
    stored
        .live()
        .ok_or_else(|| refusal(deleted, format!("VPS {id} has been deleted")).into())
}

impl Instance {
    /// `deploying`, `failed`, `running`, `stopped` or `suspended`.
    pub fn status(&self, now: Timestamp) -> &'static str {
        match self.deployment.stage(now) {
            _ if self.suspended => "suspended",
            Stage::Pending | Stage::Running { .. } => "deploying",
            Stage::Failed { .. } => "failed",
            Stage::Completed if self.running => "running",
            Stage::Completed => "stopped",
        }
    }

    /// When anything about it last changed.
    pub fn updated_at(&self, now: Timestamp) -> Timestamp {
        match self.deployment.ended_at().filter(|end| *end <= now) {
            Some(end) => end.max(self.changed_at),
            None => self.changed_at,
        }
    }

    /// Hours of its life that have begun, at least one.
    pub fn hours_begun(&self, now: Timestamp) -> i64 {
        (seconds_between(self.created_at, now) / 3600.0) as i64 + 1
    }

    /// When the latest begun hour began.
    pub fn last_billed(&self, now: Timestamp) -> Timestamp {
        later(self.created_at, (self.hours_begun(now) - 1) as f64 * 3600.0)
    }
}
