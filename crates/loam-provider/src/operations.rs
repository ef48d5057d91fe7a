//! Requests to a provider and its answers.

use std::fmt;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use loam_diag::{Diagnostic, Diagnostics};
use loam_value::{Path, Value};

/// What a provider wants to remember of an object besides its attributes (hashes of
/// write-only values, an unfinished wait): a text that only the provider reads. Stored
/// in the state, never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Private(pub String);

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Private({} bytes)", self.0.len())
    }
}

/// Asks what will become of an object.
#[derive(Clone, Debug)]
pub struct PlanRequest<'a> {
    /// The resource type.
    pub kind: &'a str,
    /// The object as last read; null if there is none.
    pub prior: &'a Value,
    /// The configuration, write-only values included; null to destroy.
    pub config: &'a Value,
    /// The configuration with computed attributes taken from `prior` where it says
    /// nothing: what the engine proposes. Write-only values are null.
    pub proposed: &'a Value,
    /// What the provider remembered of the object.
    pub private: &'a Private,
    /// A wait after creation has not finished; applying will go on with it.
    pub pending: bool,
}

/// What will become of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedChange {
    /// The object after applying; unknown where only applying tells.
    pub planned: Value,
    /// Attributes whose change cannot be made in place.
    pub requires_replace: Vec<Path>,
    /// Write-only arguments that are not what they were.
    pub write_only_changes: Vec<Path>,
    /// What to hand to [`crate::Provider::apply`] as private data.
    pub private: Private,
    /// API requests that applying is expected to take.
    pub requests: u64,
    /// Further ones, which ask whether something has happened yet, and which changes of a
    /// type share if there are more than two.
    pub shared_requests: u64,
    /// Warnings and errors.
    pub diagnostics: Diagnostics,
}

/// One object to read.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The instance's address, for messages.
    pub address: String,
    /// The object as last known.
    pub state: Value,
    /// What the provider remembered of it.
    pub private: Private,
}

/// How thoroughly to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadDepth {
    /// With as few requests as tell whether anything that is compared has changed.
    #[default]
    Sparing,
    /// Everything, whatever it takes.
    Full,
}

/// What became of one object of a read.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadOutcome {
    /// It exists and looks like this.
    Present {
        /// Its attributes.
        state: Value,
        /// What to remember.
        private: Private,
    },
    /// It does not exist any more.
    Gone,
    /// It could not be read.
    Failed(Diagnostics),
}

/// Asks to make a planned change.
#[derive(Clone, Debug)]
pub struct ApplyRequest<'a> {
    /// The resource type.
    pub kind: &'a str,
    /// The instance's address, for messages.
    pub address: &'a str,
    /// The object as last known; null to create.
    pub prior: &'a Value,
    /// The object as planned; null to destroy. Only computed attributes are unknown.
    pub planned: &'a Value,
    /// The configuration, wholly known, write-only values included; null to destroy.
    pub config: &'a Value,
    /// What planning handed over (what is remembered, to destroy).
    pub private: &'a Private,
    /// A wait after creation has not finished: go on with it first.
    pub pending: bool,
}

/// What applying a change came to. Both may hold: an object and errors.
#[derive(Clone, Debug, PartialEq)]
pub struct ApplyOutcome {
    /// The object as it is now; null if there is none. After a failure, the best that is
    /// known: never null unless it is certain that nothing exists.
    pub state: Value,
    /// What to remember of it.
    pub private: Private,
    /// The object exists but is not as it should be: the next plan replaces it.
    pub tainted: bool,
    /// The object exists and a wait for it was cut off: the next apply goes on with it.
    pub pending: bool,
    /// It cannot be told whether the change happened (an answer was lost): the journal's
    /// intent stays open and the next run recovers.
    pub unknown: bool,
    /// Warnings and errors.
    pub diagnostics: Diagnostics,
}

/// Is told what happens while a change is applied.
#[async_trait]
pub trait ApplyObserver: Send + Sync {
    /// Something was learned that finding a new object again may need: stores it with the
    /// intent, before the request that creates is sent. An error means that it could not
    /// be stored; the provider then sends nothing.
    async fn noted(&self, private: &Private) -> Result<(), Diagnostic> {
        let _ = private;
        Ok(())
    }

    /// An answer revealed the object's identity: stores it before the provider goes on
    /// to wait. An error means that it could not be stored; the provider goes on and
    /// reports it with its outcome.
    async fn revealed(&self, state: &Value, private: &Private) -> Result<(), Diagnostic>;

    /// Something to show, such as `configure_network 70%`.
    fn progress(&self, message: &str);

    /// What an action was to find out, such as the address of a console. It is shown even
    /// if it is a secret, because it was asked for.
    fn result(&self, message: &str) {
        self.progress(message);
    }

    /// From here on the operation only waits for the API, until [`Self::waited`]: it does
    /// not count among those that are worked on at a time.
    fn waiting(&self) {}

    /// The wait is over: returns when the operation may go on.
    async fn waited(&self) {}

    /// Whether the user wants to stop: waits are to be cut off (the outcome is then
    /// pending), requests in flight are not.
    fn stopping(&self) -> bool;
}

/// What the journal knows of a change that was begun and of which no end is recorded.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The resource type.
    pub kind: String,
    /// The instance's address, for messages.
    pub address: String,
    /// What was to be done.
    pub action: IntentAction,
    /// The object before; null if there was none.
    pub prior: Value,
    /// The object as planned; null to destroy.
    pub planned: Value,
    /// What was remembered of it.
    pub private: Private,
    /// When the change was begun.
    pub started: SystemTime,
    /// Objects of this type that the state already holds, so that none is adopted twice.
    pub known: Vec<Value>,
}

/// What a change was to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum IntentAction {
    Create,
    Update,
    Delete,
}

/// What became of a change whose end is not recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Recovery {
    /// The object exists and looks like this: adopt it.
    Exists {
        /// Its attributes.
        state: Value,
        /// What to remember of it.
        private: Private,
        /// The wait after its creation has not finished.
        pending: bool,
    },
    /// It does not exist.
    Absent,
    /// It cannot be told; the text says exactly why and what the user can do.
    Unknown(String),
}

/// An object that was imported.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Its resource type.
    pub kind: String,
    /// Its attributes, as far as the id tells them; a read completes them.
    pub state: Value,
    /// What to remember of it.
    pub private: Private,
}

/// Asks to run an action.
#[derive(Clone, Debug)]
pub struct InvokeRequest<'a> {
    /// The action type.
    pub kind: &'a str,
    /// Its address, for messages.
    pub address: &'a str,
    /// Its arguments, wholly known.
    pub config: &'a Value,
}

/// How many requests the API takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests per minute.
    pub per_minute: u64,
}

/// What a configured provider has used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests sent, repetitions included.
    pub requests: u64,
    /// Time spent waiting for the rate limit.
    pub throttled: Duration,
    /// Time from the first request to the last answer.
    pub elapsed: Duration,
}
