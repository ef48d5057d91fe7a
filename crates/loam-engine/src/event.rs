//! What planning and applying tell while they run.

use std::sync::Arc;
use std::time::Duration;

use loam_address::ActionInstanceAddr;
use loam_diag::Diagnostic;
use loam_state::InstanceId;

use crate::plan::{Action, Counts, Trigger};

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportStage {
    /// Planning looks the object up.
    Prepare,
    /// Applying is about to write its row.
    Start,
    /// It is in the state.
    Complete,
}

/// Something that happened. Times are measured by whoever shows them, except where an
/// event carries a duration.
#[derive(Clone, Debug)]
pub enum Event {
    /// Objects are about to be read.
    RefreshStart {
        /// The object.
        id: InstanceId,
        /// The provider's id of it, if the state has one.
        id_value: Option<String>,
    },
    /// An object was read.
    RefreshComplete {
        /// The object.
        id: InstanceId,
        /// The provider's id of it.
        id_value: Option<String>,
    },
    /// An object that exists is taken under management.
    Import {
        /// The object.
        id: InstanceId,
        /// What it is imported by.
        id_value: String,
        /// How far it is.
        stage: ImportStage,
    },
    /// A change has begun.
    ApplyStart {
        /// The object.
        id: InstanceId,
        /// What is being done: one step, never a replacement as a whole.
        action: Action,
        /// The provider's id of it, if there is one.
        id_value: Option<String>,
    },
    /// The provider tells how far it is.
    ApplyProgress {
        /// The object.
        id: InstanceId,
        /// What is being done.
        action: Action,
        /// What the provider says, such as `configure_network 70%`.
        message: String,
    },
    /// A change was made.
    ApplyComplete {
        /// The object.
        id: InstanceId,
        /// What was done.
        action: Action,
        /// The provider's id of it, if there is one.
        id_value: Option<String>,
        /// How long it took.
        elapsed: Duration,
    },
    /// A change failed, or its outcome is unknown.
    ApplyErrored {
        /// The object.
        id: InstanceId,
        /// What was tried.
        action: Action,
        /// How long it took.
        elapsed: Duration,
    },
    /// A change was not begun because one that it needs failed, or the run was stopped.
    ApplySkipped {
        /// The object.
        id: InstanceId,
        /// What was planned.
        action: Action,
    },
    /// A provisioner of an object has begun.
    ProvisionStart {
        /// The object.
        id: InstanceId,
        /// Which provisioner.
        kind: Arc<str>,
    },
    /// A provisioner has put something out.
    ProvisionOutput {
        /// The object.
        id: InstanceId,
        /// Which provisioner.
        kind: Arc<str>,
        /// A line of it, which may be empty, or what is said instead if it must not be shown.
        line: String,
    },
    /// A provisioner has run.
    ProvisionComplete {
        /// The object.
        id: InstanceId,
        /// Which provisioner.
        kind: Arc<str>,
    },
    /// A provisioner has failed.
    ProvisionErrored {
        /// The object.
        id: InstanceId,
        /// Which provisioner.
        kind: Arc<str>,
    },
    /// An action has begun.
    ActionStart {
        /// The action.
        addr: ActionInstanceAddr,
        /// Why it runs.
        trigger: Trigger,
    },
    /// The provider tells how far an action is.
    ActionProgress {
        /// The action.
        addr: ActionInstanceAddr,
        /// Why it runs.
        trigger: Trigger,
        /// What the provider says.
        message: String,
        /// It is what the action was to find out, rather than how far it is.
        result: bool,
    },
    /// An action has run.
    ActionComplete {
        /// The action.
        addr: ActionInstanceAddr,
        /// Why it ran.
        trigger: Trigger,
        /// How long it took.
        elapsed: Duration,
    },
    /// An action has failed.
    ActionErrored {
        /// The action.
        addr: ActionInstanceAddr,
        /// Why it ran.
        trigger: Trigger,
        /// What went wrong, in short.
        error: String,
        /// How long it took.
        elapsed: Duration,
    },
    /// An action was not run.
    ActionSkipped {
        /// The action.
        addr: ActionInstanceAddr,
        /// Why it was to run.
        trigger: Trigger,
        /// Its condition does not hold, now that it is known; otherwise something that it
        /// needs failed, or the run was stopped.
        condition: bool,
    },
    /// An open change of an earlier run was resolved.
    Recovered {
        /// The object.
        id: InstanceId,
        /// What was found, as a sentence.
        message: String,
    },
    /// A warning or error, as soon as it is known.
    Diagnostic(Diagnostic),
}

/// Takes events; called from any task.
pub trait Observer: Send + Sync {
    /// Takes one.
    fn event(&self, event: Event);
}

/// An observer that ignores everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _event: Event) {}
}

/// What an apply took of a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Requests sent.
    pub requests: u64,
    /// From the first of them to the last answer.
    pub elapsed: Duration,
}

/// How an apply went.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// What was done.
    pub done: Counts,
    /// Changes that failed.
    pub failed: usize,
    /// Changes that were not begun.
    pub skipped: usize,
    /// Changes whose outcome is unknown.
    pub unknown: usize,
    /// The user stopped it.
    pub interrupted: bool,
    /// Requests sent, by provider type name.
    pub requests: std::collections::BTreeMap<Arc<str>, Taken>,
}

impl Summary {
    /// Whether everything that was to be done has been done.
    pub fn all_done(&self) -> bool {
        self.failed + self.skipped + self.unknown == 0 && !self.interrupted
    }
}
