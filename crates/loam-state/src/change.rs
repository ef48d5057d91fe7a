//! What an operation tells the store: intents, their ends, and changes of rows.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use loam_address::ConfigResourceAddr;
use loam_provider::{Intent, IntentAction, Private};
use loam_value::Value;

use crate::time::rfc3339;
use crate::{Instance, InstanceId, OutputValue, State};

/// Names a run in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub i64);

/// Names an entry of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IntentId(pub i64);

/// What is written down before a change of an object outside is begun.
#[derive(Clone, Debug, PartialEq)]
pub struct IntentRecord {
    /// The object.
    pub id: InstanceId,
    /// What is to be done with it.
    pub action: IntentAction,
    /// The provider configuration that will do it.
    pub provider: Arc<str>,
    /// The version of the schema that the values follow.
    pub schema_version: u64,
    /// The object as last known; null to create. Write-only values are null.
    pub prior: Value,
    /// The object as planned; null to destroy. Write-only values are null.
    pub planned: Value,
    /// What the provider needs to remember.
    pub private: Private,
    /// The resources that the object is made from.
    pub dependencies: Arc<Vec<ConfigResourceAddr>>,
    /// Its replacement is created before it is destroyed.
    pub create_before_destroy: bool,
}

/// An intent of which no end is recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenIntent {
    /// Its name in the journal.
    pub id: IntentId,
    /// The run that began it.
    pub run: RunId,
    /// When it was begun.
    pub started: SystemTime,
    /// What was to be done.
    pub record: IntentRecord,
    /// The state already holds the object as far as an answer has revealed it.
    pub revealed: bool,
    /// Why it was left open, if it was on purpose.
    pub reason: Option<String>,
}

impl OpenIntent {
    /// The question to the provider. `state` names the objects that must not be adopted
    /// for this intent.
    pub fn question(&self, state: &State) -> Intent {
        let kind = &self.record.id.addr.resource.kind;
        Intent {
            kind: kind.to_string(),
            address: self.record.id.to_string(),
            action: self.record.action,
            prior: self.record.prior.clone(),
            planned: self.record.planned.clone(),
            private: self.record.private.clone(),
            started: self.started,
            known: state
                .instances
                .iter()
                .filter(|(id, i)| {
                    id.addr.resource.kind == *kind
                        && i.provider == self.record.provider
                        && **id != self.record.id
                })
                .map(|(_, i)| i.value.clone())
                .collect(),
        }
    }
}

/// A run of an action of which no end is recorded. What an action does leaves no object
/// behind to look for, so nobody can find out what became of it but the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenInvocation {
    /// Its name in the journal.
    pub id: IntentId,
    /// The action's address.
    pub action: String,
    /// When it was begun.
    pub started: SystemTime,
}

impl OpenInvocation {
    /// When it was begun, in UTC: `2026-11-22T17:00:00Z`.
    pub fn started_at(&self) -> String {
        rfc3339(self.started)
    }
}

/// What has become of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It exists: the row is written.
    Present(Box<Instance>),
    /// It does not exist: the row, if there is one, is removed.
    Absent,
    /// The row stays as it is.
    Unchanged,
}

/// The end of a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Finish {
    /// What has become of the object.
    pub outcome: Outcome,
    /// Changes of other rows that belong to it, such as bringing back a deposed object
    /// after its replacement failed.
    pub also: Vec<RowChange>,
    /// What went wrong, for the history; holds no secrets.
    pub error: Option<String>,
}

impl Finish {
    /// The object exists.
    pub fn present(instance: Instance) -> Finish {
        Outcome::Present(Box::new(instance)).into()
    }

    /// The object does not exist.
    pub fn absent() -> Finish {
        Outcome::Absent.into()
    }

    /// Adds what went wrong.
    #[must_use]
    pub fn failed(mut self, error: impl Into<String>) -> Finish {
        self.error = Some(error.into());
        self
    }

    /// Adds a change of another row.
    #[must_use]
    pub fn also(mut self, change: RowChange) -> Finish {
        self.also.push(change);
        self
    }
}

impl From<Outcome> for Finish {
    fn from(outcome: Outcome) -> Finish {
        Finish {
            outcome,
            also: Vec::new(),
            error: None,
        }
    }
}

/// A change of the state without an effect outside.
#[derive(Clone, Debug, PartialEq)]
pub enum RowChange {
    /// An object is written, whether it is there or not.
    Put(InstanceId, Box<Instance>),
    /// An object is forgotten; it does no harm if it is not there.
    Remove(InstanceId),
    /// An object gets another name: it must be there, and the name must be free.
    Move {
        /// Its name.
        from: InstanceId,
        /// Its new name.
        to: InstanceId,
    },
    /// All outputs of the root module are replaced.
    Outputs(BTreeMap<Arc<str>, OutputValue>),
    /// The results of the checks are replaced.
    Checks(Option<String>),
}

/// What a change is called in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum ChangeKind {
    Create,
    Update,
    Delete,
    Read,
    Refresh,
    Import,
    Move,
    Forget,
    Depose,
    Restore,
    Taint,
    Untaint,
    Edit,
    Push,
    Invoke,
    Provision,
}

impl ChangeKind {
    const ALL: [ChangeKind; 16] = [
        ChangeKind::Create,
        ChangeKind::Update,
        ChangeKind::Delete,
        ChangeKind::Read,
        ChangeKind::Refresh,
        ChangeKind::Import,
        ChangeKind::Move,
        ChangeKind::Forget,
        ChangeKind::Depose,
        ChangeKind::Restore,
        ChangeKind::Taint,
        ChangeKind::Untaint,
        ChangeKind::Edit,
        ChangeKind::Push,
        ChangeKind::Invoke,
        ChangeKind::Provision,
    ];

    /// The word that is stored and shown: `create`.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Create => "create",
            ChangeKind::Update => "update",
            ChangeKind::Delete => "delete",
            ChangeKind::Read => "read",
            ChangeKind::Refresh => "refresh",
            ChangeKind::Import => "import",
            ChangeKind::Move => "move",
            ChangeKind::Forget => "forget",
            ChangeKind::Depose => "depose",
            ChangeKind::Restore => "restore",
            ChangeKind::Taint => "taint",
            ChangeKind::Untaint => "untaint",
            ChangeKind::Edit => "edit",
            ChangeKind::Push => "push",
            ChangeKind::Invoke => "invoke",
            ChangeKind::Provision => "provision",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<ChangeKind> {
        ChangeKind::ALL.into_iter().find(|a| a.as_str() == word)
    }
}

impl From<IntentAction> for ChangeKind {
    fn from(a: IntentAction) -> ChangeKind {
        match a {
            IntentAction::Create => ChangeKind::Create,
            IntentAction::Update => ChangeKind::Update,
            IntentAction::Delete => ChangeKind::Delete,
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunOutcome {
    /// Everything was done.
    Succeeded,
    /// Something failed.
    Failed,
    /// The user stopped it.
    Stopped,
    /// The process ended without a word; a later run has noticed it.
    Interrupted,
}

impl RunOutcome {
    /// The word that is stored and shown: `succeeded`.
    pub fn as_str(self) -> &'static str {
        match self {
            RunOutcome::Succeeded => "succeeded",
            RunOutcome::Failed => "failed",
            RunOutcome::Stopped => "stopped",
            RunOutcome::Interrupted => "interrupted",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<RunOutcome> {
        use RunOutcome::{Failed, Interrupted, Stopped, Succeeded};
        [Succeeded, Failed, Stopped, Interrupted]
            .into_iter()
            .find(|o| o.as_str() == word)
    }
}

/// Names one version of one state: what a plan was made for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateIdentity {
    /// The state's lineage; empty if there was none yet.
    pub lineage: String,
    /// The count of its writes.
    pub serial: u64,
}

impl StateIdentity {
    /// True if `current` is this version. A state that did not exist and one to which
    /// nothing was written yet are the same.
    pub fn is_current(&self, current: &StateIdentity) -> bool {
        self.serial == current.serial
            && (self.lineage == current.lineage
                || (self.serial == 0 && (self.lineage.is_empty() || current.lineage.is_empty())))
    }
}

impl fmt::Display for StateIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lineage.is_empty() {
            f.write_str("no state")
        } else {
            write!(f, "serial {} of lineage {}", self.serial, self.lineage)
        }
    }
}

impl State {
    /// Which version of which state this is.
    pub fn identity(&self) -> StateIdentity {
        StateIdentity {
            lineage: self.lineage.clone(),
            serial: self.serial,
        }
    }
}
