//! A plan as a file: all that applying it takes.
//!
//! One line names the format, the next holds the SHA-256 of what follows, which is
//! deflated JSON. Values are in the state encoding of `loam-value`. The file may hold
//! secrets (it has the values of variables and of the state) and is to be kept with mode
//! 0600; values of ephemeral variables and credentials of providers are not in it.

mod restore;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;

use loam_address::{
    ActionInstanceAddr, ConfigResourceAddr, InstanceAddr, ParseAddressError, Target,
};
use loam_config::TriggerEvent;
use loam_provider::{ActionSchema, IntentAction, Private, Recovery, Registry, Schema};
use loam_state::{
    DeposedKey, Instance, InstanceId, IntentId, IntentRecord, OpenIntent, OpenInvocation,
    OutputValue, RunId, State, Status,
};
use loam_value::codec::state as codec;
use loam_value::{Path, PathStep, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::actions::without_ephemeral;
use crate::plan::{
    Action, ActionReason, CheckObject, CheckResult, CheckStatus, Invocation, Mode, OutputChange,
    Plan, Reads, RequestCount, ResourceChange, Trigger,
};
use crate::provider_address;

const MAGIC: &str = "loam-plan 4";
/// More than any plan needs; a damaged length cannot make us fill the memory.
const MAX_BYTES: u64 = 4 << 30;

/// A plan with the configuration that it was made from.
#[derive(Clone, Debug)]
pub struct PlanFile {
    /// The plan.
    pub plan: Plan,
    /// The configuration's files: name as loaded → text.
    pub sources: BTreeMap<String, String>,
    /// Where installed modules were, as the text of the manifest.
    pub manifest: String,
    /// The workspace.
    pub workspace: String,
    /// Values given for root variables.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// Names of variables whose values are not in the file and have to be given again.
    pub withheld: Vec<String>,
}

/// Why a file cannot be read as a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanFileError {
    /// It is something else.
    Foreign,
    /// It was a plan, but is damaged.
    Damaged(String),
    /// It was made by a version of Loam that writes another format.
    Version(String),
    /// It needs a provider or resource type that is not at hand.
    Missing(String),
}

impl std::fmt::Display for PlanFileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PlanFileError::Foreign => {
                f.write_str("This is not a plan file made by \"loam plan -out\".")
            }
            PlanFileError::Damaged(why) => {
                write!(f, "The plan file is damaged ({why}). Make a new plan.")
            }
            PlanFileError::Version(v) => write!(
                f,
                "The plan file has the format {v:?}, which this version of Loam does not know. Make a new plan."
            ),
            PlanFileError::Missing(what) => write!(
                f,
                "The plan file needs {what}, which is not at hand. Make a new plan."
            ),
        }
    }
}

impl std::error::Error for PlanFileError {}

/// Value and sensitivity of outputs by name.
type OutputsDoc = BTreeMap<String, (String, bool)>;

/// Status and messages of a check by instance.
type CheckInstances = BTreeMap<String, (u8, Vec<String>)>;

#[derive(Serialize, Deserialize)]
struct Document {
    mode: u8,
    changes: Vec<ChangeDoc>,
    invocations: Vec<InvocationDoc>,
    open_invocations: Vec<(i64, String, u64)>,
    drift: Vec<ChangeDoc>,
    dropped: Vec<String>,
    outputs: BTreeMap<String, (u8, String, String, bool)>,
    checks: Vec<(String, u8, CheckInstances)>,
    base: StateDoc,
    /// Instances of the refreshed state that differ from the base's; none for removed ones.
    refreshed: Vec<(String, Option<String>, Option<InstanceDoc>)>,
    /// The outputs of the refreshed state, if they differ from the base's.
    refreshed_outputs: Option<OutputsDoc>,
    all_variables: BTreeMap<String, String>,
    relevant: Vec<(String, String)>,
    requests: BTreeMap<String, (u64, u64, Option<u64>)>,
    recovered: Vec<(IntentDoc, RecoveryDoc)>,
    targets: Vec<String>,
    timestamp: String,
    sources: BTreeMap<String, String>,
    manifest: String,
    workspace: String,
    variables: BTreeMap<String, String>,
    withheld: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct ChangeDoc {
    addr: String,
    deposed: Option<String>,
    previous: Option<String>,
    provider_type: String,
    provider: String,
    action: u8,
    reason: Option<u8>,
    before: String,
    after: String,
    replace: Vec<String>,
    write_only: Vec<String>,
    importing: Option<String>,
    generated: Option<String>,
    private: String,
    pending: bool,
    dependencies: Vec<String>,
    create_before_destroy: bool,
    requests: u64,
}

#[derive(Serialize, Deserialize)]
struct InvocationDoc {
    addr: String,
    provider_type: String,
    provider: String,
    config: String,
    /// Resource, block, index and event; none if the user named the action.
    trigger: Option<(String, usize, usize, u8)>,
    condition_unknown: bool,
    /// None for all.
    reads: Option<Vec<String>>,
    requests: u64,
}

#[derive(Serialize, Deserialize)]
struct InstanceDoc {
    provider: String,
    schema_version: u64,
    status: u8,
    value: String,
    private: String,
    dependencies: Vec<String>,
    create_before_destroy: bool,
}

#[derive(Serialize, Deserialize)]
struct StateDoc {
    lineage: String,
    serial: u64,
    instances: Vec<(String, Option<String>, InstanceDoc)>,
    outputs: BTreeMap<String, (String, bool)>,
    checks: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct IntentDoc {
    id: i64,
    run: i64,
    started_ms: u64,
    addr: String,
    deposed: Option<String>,
    action: u8,
    prior: String,
    planned: String,
    object: InstanceDoc,
    revealed: bool,
    reason: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum RecoveryDoc {
    Exists {
        state: String,
        private: String,
        pending: bool,
    },
    Absent,
    Unknown(String),
}

type Result<T> = std::result::Result<T, PlanFileError>;

fn damaged(e: impl std::fmt::Display) -> PlanFileError {
    PlanFileError::Damaged(e.to_string())
}

impl From<ParseAddressError> for PlanFileError {
    fn from(e: ParseAddressError) -> PlanFileError {
        damaged(e)
    }
}

/// Position in a list of all variants: what a small enum is stored as.
fn code<T: PartialEq + Copy>(all: &[T], one: T) -> u8 {
    all.iter().position(|a| *a == one).unwrap_or(0) as u8
}

fn decode_code<T: Copy>(all: &[T], code: u8) -> Result<T> {
    all.get(code as usize)
        .copied()
        .ok_or_else(|| damaged("unknown code"))
}

const MODES: [Mode; 4] = [Mode::Normal, Mode::Destroy, Mode::RefreshOnly, Mode::Invoke];
const ACTIONS: [Action; 9] = [
    Action::NoOp,
    Action::Create,
    Action::Read,
    Action::Update,
    Action::DeleteThenCreate,
    Action::CreateThenDelete,
    Action::Delete,
    Action::Forget,
    Action::CreateThenForget,
];
const STATUSES: [Status; 4] = [
    Status::Ready,
    Status::Tainted,
    Status::Pending,
    Status::Unprovisioned,
];
const CHECKS: [CheckStatus; 4] = [
    CheckStatus::Pass,
    CheckStatus::Fail,
    CheckStatus::Error,
    CheckStatus::Unknown,
];
const INTENTS: [IntentAction; 3] = [
    IntentAction::Create,
    IntentAction::Update,
    IntentAction::Delete,
];
const REASONS: [ActionReason; 16] = [
    ActionReason::ReplaceBecauseCannotUpdate,
    ActionReason::ReplaceBecauseTainted,
    ActionReason::ReplaceByRequest,
    ActionReason::ReplaceByTriggers,
    ActionReason::DeleteBecauseNoResourceConfig,
    ActionReason::DeleteBecauseNoMoveTarget,
    ActionReason::DeleteBecauseNoModule,
    ActionReason::DeleteBecauseWrongRepetition,
    ActionReason::DeleteBecauseCountIndex,
    ActionReason::DeleteBecauseEachKey,
    ActionReason::DeleteBecauseEnabledFalse,
    ActionReason::ReadBecauseConfigUnknown,
    ActionReason::ReadBecauseDependencyPending,
    ActionReason::ReadBecauseCheckNested,
    ActionReason::UpdateBecauseWaitPending,
    ActionReason::UpdateBecauseNotProvisioned,
];

/// The bytes of a plan file.
pub fn encode(file: &PlanFile) -> Vec<u8> {
    let body = serde_json::to_vec(&document(file)).unwrap_or_default();
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    let packed = packed
        .write_all(&body)
        .and_then(|()| packed.finish())
        .unwrap_or_default();
    let mut out = format!("{MAGIC}\n{}\n", digest(&packed)).into_bytes();
    out.extend(packed);
    out
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// The plan in a file's bytes. Schemas are taken from the providers at hand.
pub fn decode(bytes: &[u8], registry: &Registry) -> Result<PlanFile> {
    let line = |from: &[u8]| -> Option<(String, usize)> {
        let end = from.iter().take(200).position(|b| *b == b'\n')?;
        Some((String::from_utf8(from.get(..end)?.to_vec()).ok()?, end + 1))
    };
    let Some((magic, used)) = line(bytes).filter(|(m, _)| m.starts_with("loam-plan ")) else {
        return Err(PlanFileError::Foreign);
    };
    if magic != MAGIC {
        return Err(PlanFileError::Version(magic));
    }
    let rest = bytes.get(used..).unwrap_or_default();
    let Some((sum, used)) = line(rest) else {
        return Err(damaged("it ends too early"));
    };
    let packed = rest.get(used..).unwrap_or_default();
    if digest(packed) != sum {
        return Err(damaged("its checksum does not fit"));
    }
    let mut body = Vec::new();
    flate2::read::DeflateDecoder::new(packed)
        .take(MAX_BYTES)
        .read_to_end(&mut body)
        .map_err(damaged)?;
    let document: Document = serde_json::from_slice(&body).map_err(damaged)?;
    restore::restore(document, registry)
}

fn document(file: &PlanFile) -> Document {
    let plan = &file.plan;
    let (base, prior) = (&plan.base.instances, &plan.prior.instances);
    let name = |id: &InstanceId| {
        (
            id.addr.to_string(),
            id.deposed.as_ref().map(ToString::to_string),
        )
    };
    let mut refreshed: Vec<(String, Option<String>, Option<InstanceDoc>)> = Vec::new();
    for id in base.keys().filter(|id| !prior.contains_key(*id)) {
        let (addr, deposed) = name(id);
        refreshed.push((addr, deposed, None));
    }
    for (id, instance) in prior.iter().filter(|(id, i)| base.get(*id) != Some(*i)) {
        let (addr, deposed) = name(id);
        refreshed.push((addr, deposed, Some(instance_doc(instance))));
    }
    let values = |m: &BTreeMap<Arc<str>, Value>| -> BTreeMap<String, String> {
        m.iter()
            .map(|(n, v)| (n.to_string(), codec::encode(v)))
            .collect()
    };
    let shown: BTreeMap<Arc<str>, Value> = plan
        .variables
        .iter()
        .filter(|(n, v)| {
            !v.deep_marks().is_ephemeral() && !file.withheld.iter().any(|w| **w == ***n)
        })
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    Document {
        mode: code(&MODES, plan.mode),
        changes: plan.changes.iter().map(change_doc).collect(),
        invocations: plan.invocations.iter().map(invocation_doc).collect(),
        open_invocations: plan
            .open_invocations
            .iter()
            .map(|o| (o.id.0, o.action.clone(), millis(o.started)))
            .collect(),
        drift: plan.drift.iter().map(change_doc).collect(),
        dropped: plan.dropped.iter().map(|id| id.addr.to_string()).collect(),
        outputs: plan
            .outputs
            .iter()
            .map(|(n, o)| {
                (
                    n.to_string(),
                    (
                        code(&ACTIONS, o.action),
                        codec::encode(&o.before),
                        codec::encode(&o.after),
                        o.sensitive,
                    ),
                )
            })
            .collect(),
        checks: plan
            .checks
            .iter()
            .map(|(o, r)| {
                let instances = r
                    .instances
                    .iter()
                    .map(|(n, (s, m))| (n.clone(), (code(&CHECKS, *s), m.clone())));
                (object_text(o), code(&CHECKS, r.status), instances.collect())
            })
            .collect(),
        base: StateDoc {
            lineage: plan.base.lineage.clone(),
            serial: plan.base.serial,
            instances: base
                .iter()
                .map(|(id, i)| {
                    (
                        id.addr.to_string(),
                        id.deposed.as_ref().map(ToString::to_string),
                        instance_doc(i),
                    )
                })
                .collect(),
            outputs: outputs_doc(&plan.base),
            checks: plan.base.checks.clone(),
        },
        refreshed,
        refreshed_outputs: (plan.prior.outputs != plan.base.outputs)
            .then(|| outputs_doc(&plan.prior)),
        all_variables: values(&shown),
        relevant: plan
            .relevant
            .iter()
            .map(|(r, p)| (r.to_string(), path_text(p)))
            .collect(),
        requests: plan
            .requests
            .iter()
            .map(|(n, r)| (n.to_string(), (r.refresh, r.apply, r.per_minute)))
            .collect(),
        recovered: plan
            .recovered
            .iter()
            .map(|(i, r)| (intent_doc(i), recovery_doc(r)))
            .collect(),
        targets: plan.targets.clone(),
        timestamp: plan.timestamp.clone(),
        sources: file.sources.clone(),
        manifest: file.manifest.clone(),
        workspace: file.workspace.clone(),
        variables: values(&file.variables),
        withheld: file.withheld.clone(),
    }
}

fn outputs_doc(state: &State) -> OutputsDoc {
    let outputs = state.outputs.iter();
    outputs
        .map(|(n, o)| (n.to_string(), (codec::encode(&o.value), o.sensitive)))
        .collect()
}

fn change_doc(c: &ResourceChange) -> ChangeDoc {
    ChangeDoc {
        addr: c.id.addr.to_string(),
        deposed: c.id.deposed.as_ref().map(ToString::to_string),
        previous: c.previous_address.as_ref().map(ToString::to_string),
        provider_type: c.provider_type.to_string(),
        provider: c.provider.to_string(),
        action: code(&ACTIONS, c.action),
        reason: c.reason.map(|r| code(&REASONS, r)),
        before: codec::encode(&c.before),
        after: codec::encode(&c.after),
        replace: c.requires_replace.iter().map(path_text).collect(),
        write_only: c.write_only_changes.iter().map(path_text).collect(),
        importing: c.importing.clone(),
        generated: c.generated_config.clone(),
        private: c.private.0.clone(),
        pending: c.pending,
        dependencies: c.dependencies.iter().map(ToString::to_string).collect(),
        create_before_destroy: c.create_before_destroy,
        requests: c.requests,
    }
}

fn invocation_doc(i: &Invocation) -> InvocationDoc {
    InvocationDoc {
        addr: i.addr.to_string(),
        provider_type: i.provider_type.to_string(),
        provider: i.provider.to_string(),
        config: codec::encode(&without_ephemeral(&i.config)),
        trigger: match &i.trigger {
            Trigger::Invoke => None,
            Trigger::Lifecycle {
                resource,
                block,
                index,
                event,
            } => Some((
                resource.to_string(),
                *block,
                *index,
                code(&TriggerEvent::ALL, *event),
            )),
        },
        condition_unknown: i.condition_unknown,
        reads: match &i.reads {
            Reads::All => None,
            Reads::These(these) => Some(these.iter().map(ToString::to_string).collect()),
        },
        requests: i.requests,
    }
}

fn millis(t: std::time::SystemTime) -> u64 {
    t.duration_since(std::time::UNIX_EPOCH)
        .map(|d| d.as_millis() as u64)
        .unwrap_or(0)
}

fn instance_doc(i: &Instance) -> InstanceDoc {
    InstanceDoc {
        provider: i.provider.to_string(),
        schema_version: i.schema_version,
        status: code(&STATUSES, i.status),
        value: codec::encode(&i.value),
        private: i.private.0.clone(),
        dependencies: i.dependencies.iter().map(ToString::to_string).collect(),
        create_before_destroy: i.create_before_destroy,
    }
}

fn intent_doc(i: &OpenIntent) -> IntentDoc {
    let r = &i.record;
    IntentDoc {
        id: i.id.0,
        run: i.run.0,
        started_ms: millis(i.started),
        addr: r.id.addr.to_string(),
        deposed: r.id.deposed.as_ref().map(ToString::to_string),
        action: code(&INTENTS, r.action),
        prior: codec::encode(&r.prior),
        planned: codec::encode(&r.planned),
        object: InstanceDoc {
            provider: r.provider.to_string(),
            schema_version: r.schema_version,
            status: 0,
            value: String::new(),
            private: r.private.0.clone(),
            dependencies: r.dependencies.iter().map(ToString::to_string).collect(),
            create_before_destroy: r.create_before_destroy,
        },
        revealed: i.revealed,
        reason: i.reason.clone(),
    }
}

fn recovery_doc(r: &Recovery) -> RecoveryDoc {
    match r {
        Recovery::Exists {
            state,
            private,
            pending,
        } => RecoveryDoc::Exists {
            state: codec::encode(state),
            private: private.0.clone(),
            pending: *pending,
        },
        Recovery::Absent => RecoveryDoc::Absent,
        Recovery::Unknown(reason) => RecoveryDoc::Unknown(reason.clone()),
    }
}

/// A path as an encoded tuple: names as strings, keys in a tuple of one.
fn path_text(p: &Path) -> String {
    let steps = p.0.iter().map(|s| match s {
        PathStep::Attribute(n) => Value::string(n.clone()),
        PathStep::Index(k) => Value::tuple(vec![k.clone()]),
    });
    codec::encode(&Value::tuple(steps.collect()))
}

/// The kind and the address.
fn object_text(o: &CheckObject) -> String {
    format!("{} {o}", o.kind())
}
