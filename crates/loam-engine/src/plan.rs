//! The plan: what would change, why, and what it takes. Plain data, made by planning,
//! read by rendering and applying.

mod check;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use loam_address::{ActionInstanceAddr, InstanceAddr};
use loam_config::TriggerEvent;
use loam_provider::{ActionSchema, Private, Schema};
use loam_state::{InstanceId, OpenInvocation, State};
use loam_value::{Path, Value};

pub use check::{CheckObject, CheckResult, CheckStatus};

/// What is to be done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Make it.
    Create,
    /// Read it (data resources), while applying because it cannot be read before.
    Read,
    /// Change it in place.
    Update,
    /// Destroy it and make another.
    DeleteThenCreate,
    /// Make another and destroy it.
    CreateThenDelete,
    /// Destroy it.
    Delete,
    /// Drop it from the state and leave it alone.
    Forget,
    /// Make another and drop it from the state.
    CreateThenForget,
}

impl Action {
    /// True for either order of replacement.
    pub fn is_replace(self) -> bool {
        matches!(
            self,
            Action::DeleteThenCreate | Action::CreateThenDelete | Action::CreateThenForget
        )
    }

    /// The names in Terraform's plan JSON: `["delete", "create"]`.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Action::NoOp => &["no-op"],
            Action::Create => &["create"],
            Action::Read => &["read"],
            Action::Update => &["update"],
            Action::DeleteThenCreate => &["delete", "create"],
            Action::CreateThenDelete => &["create", "delete"],
            Action::Delete => &["delete"],
            Action::Forget => &["forget"],
            Action::CreateThenForget => &["create", "forget"],
        }
    }
}

/// Why an action was chosen, where that is not plain from the values. The names are
/// those of Terraform's plan JSON (`action_reason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ActionReason {
    ReplaceBecauseCannotUpdate,
    ReplaceBecauseTainted,
    ReplaceByRequest,
    ReplaceByTriggers,
    DeleteBecauseNoResourceConfig,
    DeleteBecauseNoMoveTarget,
    DeleteBecauseNoModule,
    DeleteBecauseWrongRepetition,
    DeleteBecauseCountIndex,
    DeleteBecauseEachKey,
    DeleteBecauseEnabledFalse,
    ReadBecauseConfigUnknown,
    ReadBecauseDependencyPending,
    ReadBecauseCheckNested,
    /// Not known to Terraform: a wait after creation was cut off and goes on.
    UpdateBecauseWaitPending,
    /// Not known to Terraform: the provisioners of a new object have not begun.
    UpdateBecauseNotProvisioned,
}

impl ActionReason {
    /// The name in Terraform's plan JSON.
    pub fn name(self) -> &'static str {
        match self {
            ActionReason::ReplaceBecauseCannotUpdate => "replace_because_cannot_update",
            ActionReason::ReplaceBecauseTainted => "replace_because_tainted",
            ActionReason::ReplaceByRequest => "replace_by_request",
            ActionReason::ReplaceByTriggers => "replace_by_triggers",
            ActionReason::DeleteBecauseNoResourceConfig => "delete_because_no_resource_config",
            ActionReason::DeleteBecauseNoMoveTarget => "delete_because_no_move_target",
            ActionReason::DeleteBecauseNoModule => "delete_because_no_module",
            ActionReason::DeleteBecauseWrongRepetition => "delete_because_wrong_repetition",
            ActionReason::DeleteBecauseCountIndex => "delete_because_count_index",
            ActionReason::DeleteBecauseEachKey => "delete_because_each_key",
            ActionReason::DeleteBecauseEnabledFalse => "delete_because_enabled_false",
            ActionReason::ReadBecauseConfigUnknown => "read_because_config_unknown",
            ActionReason::ReadBecauseDependencyPending => "read_because_dependency_pending",
            ActionReason::ReadBecauseCheckNested => "read_because_check_nested",
            ActionReason::UpdateBecauseWaitPending => "update_because_wait_pending",
            ActionReason::UpdateBecauseNotProvisioned => "update_because_not_provisioned",
        }
    }
}

/// What is planned for one object.
#[derive(Clone, Debug)]
pub struct ResourceChange {
    /// The object.
    pub id: InstanceId,
    /// Where the state has the instance, if it is moved.
    pub previous_address: Option<InstanceAddr>,
    /// The provider type's name in the registry, such as `acme`.
    pub provider_type: Arc<str>,
    /// The provider configuration as the state writes it.
    pub provider: Arc<str>,
    /// What describes the object's attributes.
    pub schema: Arc<Schema>,
    /// What is to be done.
    pub action: Action,
    /// Why.
    pub reason: Option<ActionReason>,
    /// The object now, marks included; null if there is none.
    pub before: Value,
    /// The object after applying, marks included; unknown where only applying tells;
    /// null if there will be none.
    pub after: Value,
    /// The attributes that make a replacement necessary.
    pub requires_replace: Vec<Path>,
    /// Write-only arguments that are not what they were.
    pub write_only_changes: Vec<Path>,
    /// The id that the object is imported by.
    pub importing: Option<String>,
    /// Configuration generated for an imported object.
    pub generated_config: Option<String>,
    /// What the provider handed over for applying.
    pub private: Private,
    /// The wait after its creation goes on first.
    pub pending: bool,
    /// The resources that the object is made from: destroyed after it.
    pub dependencies: Arc<Vec<loam_address::ConfigResourceAddr>>,
    /// Whether a later replacement is created before it is destroyed.
    pub create_before_destroy: bool,
    /// API requests that applying is expected to take.
    pub requests: u64,
    /// Further ones, which changes of a type share if there are more than two; not known
    /// of a plan from a file.
    pub shared_requests: u64,
}

/// What makes an action run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trigger {
    /// The user, who named it.
    Invoke,
    /// A change of a resource instance.
    Lifecycle {
        /// The instance.
        resource: InstanceAddr,
        /// Which of the resource's `action_trigger` blocks.
        block: usize,
        /// Which action of that block.
        index: usize,
        /// When it runs.
        event: TriggerEvent,
    },
}

impl std::fmt::Display for Trigger {
    /// What runs it: a resource instance, or `CLI`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trigger::Invoke => f.write_str("CLI"),
            Trigger::Lifecycle { resource, .. } => write!(f, "{resource}"),
        }
    }
}

/// Which instances of the resource that triggers an action its arguments are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reads {
    /// These.
    These(BTreeSet<InstanceAddr>),
    /// All of them.
    All,
}

impl Default for Reads {
    fn default() -> Reads {
        Reads::These(BTreeSet::new())
    }
}

/// An action that will run.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The action.
    pub addr: ActionInstanceAddr,
    /// The provider type's name in the registry, such as `acme`.
    pub provider_type: Arc<str>,
    /// The provider configuration as the state writes it.
    pub provider: Arc<str>,
    /// What describes the action's arguments.
    pub schema: Arc<ActionSchema>,
    /// The arguments, marks included; unknown where only applying tells, and null where
    /// they are write-only.
    pub config: Value,
    /// Why it runs, and when.
    pub trigger: Trigger,
    /// Only applying tells whether the trigger's condition holds.
    pub condition_unknown: bool,
    /// Which instances of the triggering resource have to be there first.
    pub reads: Reads,
    /// API requests that it is expected to take.
    pub requests: u64,
}

/// What is planned for a root module output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputChange {
    /// `NoOp`, `Create`, `Update` or `Delete`.
    pub action: Action,
    /// The value now; null if there is none.
    pub before: Value,
    /// The value after applying; unknown where only applying tells; null if removed.
    pub after: Value,
    /// Whether the value must not be shown, before or after.
    pub sensitive: bool,
}

/// API requests and time, by provider configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestCount {
    /// Requests that refreshing and data sources took.
    pub refresh: u64,
    /// How long they took; not known of a plan from a file.
    pub refresh_time: Duration,
    /// Requests that applying is expected to take.
    pub apply: u64,
    /// The rate limit, if there is one: requests per minute.
    pub per_minute: Option<u64>,
}

/// Requests that changes are expected to take together, by provider type.
pub(crate) fn expected_requests(changes: &[ResourceChange]) -> BTreeMap<Arc<str>, u64> {
    let mut expected: BTreeMap<Arc<str>, u64> = BTreeMap::new();
    #[derive(Default)]
    struct Shared {
        changes: u64,
        sum: u64,
        most: u64,
    }
    let mut shared: BTreeMap<_, Shared> = BTreeMap::new();
    for c in changes {
        *expected.entry(c.provider_type.clone()).or_default() += c.requests;
        if c.shared_requests > 0 {
            let key = (&c.provider_type, &c.id.addr.resource.kind);
            let s = shared.entry(key).or_default();
            s.changes += 1;
            s.sum += c.shared_requests;
            s.most = s.most.max(c.shared_requests);
        }
    }
    for ((provider, _), s) in shared {
        // One list answers for as many as a page holds.
        let together = match s.changes {
            0..=2 => s.sum,
            n => s.sum.min(s.most * n.div_ceil(100)),
        };
        *expected.entry(Arc::clone(provider)).or_default() += together;
    }
    expected
}

/// What kind of plan it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Make the objects as the configuration says.
    #[default]
    Normal,
    /// Destroy all objects.
    Destroy,
    /// Only bring the state up to date.
    RefreshOnly,
    /// Only run actions that the user named.
    Invoke,
}

/// A plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What kind of plan it is.
    pub mode: Mode,
    /// What is planned, in the order of addresses; objects without a change included.
    pub changes: Vec<ResourceChange>,
    /// The actions that will run: those that the user named, then those of each resource
    /// instance in the order of its triggers.
    pub invocations: Vec<Invocation>,
    /// What has changed outside, as found by refreshing; `before` is the state's. Where
    /// nothing but the state changes, also what has a new address only.
    pub drift: Vec<ResourceChange>,
    /// Data that goes from the state with what is destroyed; nobody is told of it.
    pub dropped: BTreeSet<InstanceId>,
    /// Root module outputs.
    pub outputs: BTreeMap<Arc<str>, OutputChange>,
    /// Checks.
    pub checks: BTreeMap<CheckObject, CheckResult>,
    /// The state as it was read from the store: applying refuses another.
    pub base: Arc<State>,
    /// The state as refreshed, moves done.
    pub prior: Arc<State>,
    /// Root module variables' values, defaults included.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// What planned changes and outputs stem from: an instance (without a key: any of
    /// them) and a path in it, for `relevant_attributes`.
    pub relevant: Vec<(InstanceAddr, Path)>,
    /// Requests by provider type name.
    pub requests: BTreeMap<Arc<str>, RequestCount>,
    /// Changes of earlier runs without a recorded end, and what became of them.
    pub recovered: Vec<(loam_state::OpenIntent, loam_provider::Recovery)>,
    /// Runs of actions by earlier runs without a recorded end.
    pub open_invocations: Vec<OpenInvocation>,
    /// Addresses that the plan was limited to.
    pub targets: Vec<String>,
    /// When it was made (RFC 3339, UTC).
    pub timestamp: String,
    /// Planning ended with errors: not to be applied.
    pub errored: bool,
}

impl Plan {
    /// The state as applying will make it: values that only applying tells are unknown.
    pub fn outcome(&self) -> State {
        let mut state = State::clone(&self.prior);
        for change in &self.changes {
            if change.after.is_null() {
                state.instances.remove(&change.id);
                continue;
            }
            let planned = state.instances.get(&change.id).cloned();
            let instance = planned.unwrap_or_else(|| loam_state::Instance {
                provider: change.provider.clone(),
                schema_version: 0,
                status: loam_state::Status::Ready,
                value: Value::dynamic(),
                private: change.private.clone(),
                dependencies: change.dependencies.clone(),
                create_before_destroy: change.create_before_destroy,
            });
            let value = change.after.clone();
            let instance = loam_state::Instance { value, ..instance };
            state.instances.insert(change.id.clone(), instance);
        }
        state
    }

    /// Numbers of objects to add, change, destroy, import and forget, and of actions to
    /// run, as the summary line counts them.
    pub fn counts(&self) -> Counts {
        let mut c = Counts {
            invoke: self.invocations.len(),
            ..Counts::default()
        };
        for change in &self.changes {
            if change.id.addr.resource.mode == loam_address::Mode::Data {
                continue;
            }
            c.import += usize::from(change.importing.is_some());
            match change.action {
                Action::NoOp | Action::Read => {}
                Action::Create => c.add += 1,
                Action::Update => c.change += 1,
                Action::DeleteThenCreate | Action::CreateThenDelete => {
                    c.add += 1;
                    c.destroy += 1;
                }
                Action::Delete => c.destroy += 1,
                Action::Forget => c.forget += 1,
                Action::CreateThenForget => {
                    c.add += 1;
                    c.forget += 1;
                }
            }
        }
        c
    }

    /// The runs of earlier runs without a recorded end that this plan would repeat.
    pub fn repeated(&self) -> Vec<&OpenInvocation> {
        let names: BTreeSet<String> = self
            .invocations
            .iter()
            .map(|i| i.addr.to_string())
            .collect();
        self.open_invocations
            .iter()
            .filter(|o| names.contains(&o.action))
            .collect()
    }

    /// True if applying would change an object, an output or the state's addresses, or
    /// run an action.
    pub fn has_changes(&self) -> bool {
        self.changes.iter().any(|c| {
            c.action != Action::NoOp || c.importing.is_some() || c.previous_address.is_some()
        }) || !self.invocations.is_empty()
            || self.outputs.values().any(|o| self.settles(o))
            || !self.dropped.is_empty()
            || (self.mode == Mode::RefreshOnly && self.refreshes())
    }

    /// Whether an output changes in a way that is worth applying. Where nothing but what is
    /// already there is looked at, one that is made from something else keeps the value that
    /// it has, and one whose block is gone goes only together with something else, as in
    /// Terraform.
    pub fn settles(&self, output: &OutputChange) -> bool {
        let there = output.action != Action::Delete && output.after.is_wholly_known();
        output.action != Action::NoOp && (self.mode != Mode::RefreshOnly || there)
    }

    /// Whether refreshing has found any object other than the state has it. That it has
    /// another address does not count.
    fn refreshes(&self) -> bool {
        let moved: BTreeMap<&InstanceAddr, &InstanceAddr> = self
            .drift
            .iter()
            .filter_map(|d| d.previous_address.as_ref().map(|from| (&d.id.addr, from)))
            .collect();
        let managed = |id: &InstanceId| id.addr.resource.mode == loam_address::Mode::Managed;
        let count = |s: &State| s.instances.keys().filter(|id| managed(id)).count();
        let differs = |(id, now): (&InstanceId, &loam_state::Instance)| {
            let addr = moved.get(&id.addr).copied().unwrap_or(&id.addr).clone();
            let deposed = id.deposed.clone();
            self.base.instances.get(&InstanceId { addr, deposed }) != Some(now)
        };
        let objects = self.prior.instances.iter();
        count(&self.base) != count(&self.prior)
            || objects.filter(|(id, _)| managed(id)).any(differs)
    }
}

/// Numbers of the summary line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Counts {
    pub import: usize,
    pub add: usize,
    pub change: usize,
    pub destroy: usize,
    pub forget: usize,
    pub invoke: usize,
}
