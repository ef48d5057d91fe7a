//! Planning: one walk over the configuration's objects.
//!
//! ```text
//! prior state ── moves ──▶ refresh (one batch for each provider and type)
//!                               │
//! configuration ── graph ──▶ walk: evaluate ─ expand ─ plan each instance
//!                               │
//!                 what is left over in the state: destroy, forget
//!                               ▼
//!                             Plan
//! ```
//!
//! The walk itself is sequential and its result does not depend on timing; what waits
//! for an API (reading, data sources) runs beside it, as much at a time as is allowed.

mod data;
mod decide;
mod imports;
mod instance;
mod invocations;
mod lookup;
mod moves;
mod options;
mod orphans;
mod outputs;
mod pending;
mod recover;
mod refresh;
mod rehearsal;
mod relevant;
mod resource;
mod select;
mod triggers;

pub(crate) use decide::{Stand, nearest, walk_order};
pub use lookup::{Wish, look_up, missing_blocks};
pub use options::Options;
use pending::Pending;
pub(crate) use refresh::state_kinds;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path as FilePath;
use std::sync::Arc;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use loam_address::{AbsResourceAddr, ConfigResourceAddr, InstanceAddr};
use loam_config::Config;
use loam_diag::Diagnostics;
use loam_graph::{NodeId, Walk};
use loam_provider::{Recovery, Registry};
use loam_state::{Instance, InstanceId, OpenIntent, OpenInvocation, State};
use loam_value::{Type, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::dependencies::{self, Dependencies, Node};
use crate::evaluator::{Conditions, Evaluator};
use crate::event::Observer;
use crate::plan::{Invocation, Mode, Plan, RequestCount, ResourceChange};
use crate::provider_choice::sorted_providers;
use crate::scope::Surroundings;
use crate::validate::{self, ValidateInputs};
use crate::values::Values;

/// What a plan is made from.
pub struct Inputs<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The root module's folder.
    pub root_dir: &'a FilePath,
    /// The provider types at hand.
    pub registry: &'a Registry,
    /// The state as read from the store.
    pub state: Arc<State>,
    /// Changes of earlier runs without a recorded end.
    pub open_intents: Vec<OpenIntent>,
    /// Runs of actions by earlier runs without a recorded end.
    pub open_invocations: Vec<OpenInvocation>,
    /// Values given for root variables, converted to their types.
    pub variables: &'a BTreeMap<Arc<str>, Value>,
    /// The run.
    pub surroundings: &'a Surroundings,
    /// Is told what happens.
    pub observer: &'a dyn Observer,
}

/// What an operation beside the walk came to.
enum Completion {
    Recovered(recover::Answers),
    Refreshed(refresh::Refreshed),
    Data(data::DataRead),
    Imported(imports::ImportRead),
}

type Wait = BoxFuture<'static, Completion>;

/// What visiting a node came to.
enum Visit {
    /// It is done.
    Done,
    /// It failed: what needs it is not visited.
    Failed,
    /// It is done when this is, and its result taken.
    Wait(Wait),
}

struct Planner<'a> {
    eval: Evaluator<'a>,
    observer: &'a dyn Observer,
    options: &'a Options,
    deps: Dependencies,
    base: Arc<State>,
    /// The objects as they are now: moves done, refreshed as the walk goes on.
    prior: BTreeMap<InstanceId, Instance>,
    /// New address → address in the state.
    moved: BTreeMap<InstanceAddr, InstanceAddr>,
    /// Objects that the configuration accounts for.
    claimed: FxHashSet<InstanceAddr>,
    changes: Vec<ResourceChange>,
    /// Where the change of an instance is in `changes`.
    index: FxHashMap<InstanceAddr, usize>,
    drift: Vec<ResourceChange>,
    /// Data that goes from the state with what is destroyed.
    dropped: BTreeSet<InstanceId>,
    /// What has planned changes: what reads after that is read while applying.
    pending: Pending,
    /// Create before destroy, as configured or forced by what needs the resource.
    create_first: FxHashMap<ConfigResourceAddr, bool>,
    /// The resources that a resource is made from, without detours.
    nearest: FxHashMap<ConfigResourceAddr, Arc<Vec<ConfigResourceAddr>>>,
    imports: FxHashMap<ConfigResourceAddr, BTreeMap<InstanceAddr, imports::Wanted>>,
    invocations: Vec<Invocation>,
    triggers_visited: BTreeSet<(ConfigResourceAddr, usize)>,
    open_invocations: Vec<OpenInvocation>,
    open_intents: Vec<OpenIntent>,
    recovered: Vec<(OpenIntent, Recovery)>,
    included: Option<Vec<bool>>,
    /// What is destroyed with the targets.
    dragged: FxHashSet<ConfigResourceAddr>,
    /// What is not destroyed because something excluded was made from it.
    kept: FxHashSet<ConfigResourceAddr>,
    /// Whether any instance of a resource changes, where that was asked for.
    whole_triggers: FxHashMap<AbsResourceAddr, bool>,
    /// The types of objects, by where in memory stands what describes them, which stays
    /// there as long as the providers do.
    types: FxHashMap<usize, Type>,
    /// Only values are wanted, and no service is asked for any.
    rehearsal: bool,
    /// What root outputs come to before everything is destroyed, as far as that is known.
    rehearsed: BTreeMap<Arc<str>, Value>,
}

/// Makes a plan. The plan is there even with errors, as far as it came (then `errored`).
pub async fn plan(inputs: Inputs<'_>, options: &Options) -> (Option<Plan>, Diagnostics) {
    match walk(inputs, options).await {
        Ok(mut planner) => {
            planner.rehearse().await;
            planner.finish().await
        }
        Err(early) => (None, early),
    }
}

/// The walk, without anything made of it. The error says why there could be none.
async fn walk<'i>(inputs: Inputs<'i>, options: &'i Options) -> Result<Planner<'i>, Diagnostics> {
    let mut early = Diagnostics::new();
    let (prior, moved) = moves::apply(inputs.config, &inputs.state, &mut early);
    moves::check_targets(&moved, &options.targets, &mut early);
    let objects = prior.iter().map(|(id, i)| (id, &i.provider));
    let objects = objects.chain(
        inputs
            .open_intents
            .iter()
            .map(|i| (&i.record.id, &i.record.provider)),
    );
    let state_kinds = state_kinds(objects, inputs.registry, inputs.config, &mut early);
    if early.has_errors() {
        return Err(early);
    }
    let deps = match dependencies::build(inputs.config, &state_kinds) {
        Ok(deps) => deps,
        Err(cycle) => {
            early.append(cycle);
            return Err(early);
        }
    };
    let walk = match Walk::new(&deps.graph) {
        Ok(walk) => walk,
        Err(_) => return Err(early),
    };
    let conditions = match options.mode {
        Mode::Normal | Mode::Invoke => Conditions::Enforce,
        Mode::RefreshOnly => Conditions::Warn,
        Mode::Destroy => Conditions::Skip,
    };
    let no_variables = BTreeMap::new();
    let to_validate = ValidateInputs {
        config: inputs.config,
        root_dir: inputs.root_dir,
        registry: inputs.registry,
        surroundings: inputs.surroundings,
        given: &no_variables,
    };
    // What the walk does not visit is wrong nevertheless.
    if options.is_partial() && !options.only_imports {
        let (mut wrong, provisioners) = validate::walk(&to_validate);
        if wrong.has_errors() || provisioners.has_errors() {
            wrong.append(provisioners);
            return Err(wrong);
        }
        early.append(provisioners);
    } else {
        early.append(validate::provisioners(&to_validate));
    }
    let eval = Evaluator {
        config: inputs.config,
        root_dir: inputs.root_dir,
        registry: inputs.registry,
        surroundings: inputs.surroundings,
        given: inputs.variables,
        values: Values::new(),
        providers: FxHashMap::default(),
        checks: Default::default(),
        open_repetition: false,
        conditions,
        diagnostics: early,
    };
    let objects = Objects {
        base: inputs.state,
        prior,
        moved,
    };
    let mut planner = Planner::new(eval, inputs.observer, options, deps, objects);
    planner.open_invocations = inputs.open_invocations;
    planner.open_intents = inputs.open_intents;
    planner.prepare();
    planner.run(walk).await;
    if !options.is_partial()
        && !planner.eval.diagnostics.has_errors()
        && planner.eval.values.lack_instances()
    {
        let wrong = validate::validate(&to_validate);
        if wrong.has_errors() {
            planner.eval.diagnostics.append(wrong);
        }
    }
    Ok(planner)
}

/// The objects that a plan begins with.
struct Objects {
    /// As the state has them.
    base: Arc<State>,
    /// Under the addresses that the configuration gives them.
    prior: BTreeMap<InstanceId, Instance>,
    /// New address → address in the state.
    moved: BTreeMap<InstanceAddr, InstanceAddr>,
}

impl<'a> Planner<'a> {
    fn new(
        eval: Evaluator<'a>,
        observer: &'a dyn Observer,
        options: &'a Options,
        deps: Dependencies,
        objects: Objects,
    ) -> Planner<'a> {
        Planner {
            eval,
            observer,
            options,
            deps,
            base: objects.base,
            prior: objects.prior,
            moved: objects.moved,
            claimed: FxHashSet::default(),
            changes: Vec::new(),
            index: FxHashMap::default(),
            drift: Vec::new(),
            dropped: BTreeSet::new(),
            pending: Pending::default(),
            create_first: FxHashMap::default(),
            nearest: FxHashMap::default(),
            imports: FxHashMap::default(),
            invocations: Vec::new(),
            triggers_visited: BTreeSet::new(),
            open_invocations: Vec::new(),
            open_intents: Vec::new(),
            recovered: Vec::new(),
            included: None,
            dragged: FxHashSet::default(),
            kept: FxHashSet::default(),
            whole_triggers: FxHashMap::default(),
            types: FxHashMap::default(),
            rehearsal: false,
            rehearsed: BTreeMap::new(),
        }
    }

    /// What is found out once, before the walk.
    fn prepare(&mut self) {
        self.check_import_targets();
        self.included = select::included(self);
        decide::create_before_destroy(self);
        self.dragged = select::dragged(self);
        self.kept = select::kept(self);
    }

    async fn run(&mut self, mut walk: Walk) {
        let mut waiting: FuturesUnordered<BoxFuture<'static, (NodeId, Completion)>> =
            FuturesUnordered::new();
        let limit = self.options.parallelism.max(1);
        loop {
            // At the limit only what needs no waiting could go on; keeping it simple, the
            // walk pauses until something comes back.
            while waiting.len() < limit
                && let Some(id) = walk.start_next()
            {
                if !self.visits(id) {
                    walk.done(id);
                    continue;
                }
                match self.visit(id).await {
                    Visit::Done => walk.done(id),
                    Visit::Failed => {
                        walk.failed(id);
                    }
                    Visit::Wait(future) => {
                        waiting.push(Box::pin(async move { (id, future.await) }));
                    }
                }
            }
            let Some((id, completion)) = waiting.next().await else {
                break;
            };
            match self.complete(id, completion).await {
                Visit::Done => walk.done(id),
                Visit::Failed => {
                    walk.failed(id);
                }
                Visit::Wait(future) => waiting.push(Box::pin(async move { (id, future.await) })),
            }
        }
    }

    async fn visit(&mut self, id: NodeId) -> Visit {
        let node = self.deps.graph.node(id).clone();
        let ok = match &node {
            Node::Provider(key) => self.eval.provider(key),
            Node::Refresh(key, kind) => return self.start_recovery(key, kind),
            Node::Variable(path, name) => self.eval.variable(path, name),
            Node::Local(path, name) => self.eval.local(path, name),
            Node::Module(path) => self.eval.expand_module(path),
            Node::Whole(_) | Node::Instance(..) => true,
            Node::Output(path, name) => self.eval.output(path, name),
            Node::Check(path, name) => {
                self.eval.check(path, name);
                true
            }
            Node::Resource(addr) => return self.visit_resource(addr).await,
            Node::Action(addr) => self.visit_action(addr),
            Node::Trigger(addr, block) => self.visit_trigger(addr, *block),
        };
        if ok { Visit::Done } else { Visit::Failed }
    }

    async fn complete(&mut self, id: NodeId, completion: Completion) -> Visit {
        match completion {
            Completion::Recovered(answers) => {
                let Node::Refresh(key, kind) = self.deps.graph.node(id).clone() else {
                    return Visit::Done;
                };
                if self.take_recovered(answers) {
                    self.start_refresh(&key, &kind)
                } else {
                    Visit::Failed
                }
            }
            Completion::Refreshed(r) => self.take_refreshed(r),
            Completion::Data(read) => self.take_data(read),
            Completion::Imported(read) => {
                let Node::Resource(addr) = self.deps.graph.node(id).clone() else {
                    return Visit::Done;
                };
                self.take_imported(read);
                if self.options.only_imports {
                    return Visit::Done;
                }
                self.plan_resource(&addr).await
            }
        }
    }

    /// Turns what has been gathered into the plan.
    async fn finish(mut self) -> (Option<Plan>, Diagnostics) {
        if self.options.mode != Mode::Invoke && !self.options.only_imports {
            self.plan_left_over().await;
        }
        if matches!(self.options.mode, Mode::Normal | Mode::RefreshOnly) {
            for problems in [
                moves::still_declared(&self.eval),
                moves::ambiguous(&self.eval),
            ] {
                self.eval.diagnostics.append(problems);
            }
        }
        if self.options.mode == Mode::RefreshOnly {
            self.note_moves();
        }
        self.settle_invocations();
        self.changes.sort_by(|a, b| a.id.cmp(&b.id));
        self.drift.sort_by(|a, b| a.id.cmp(&b.id));
        let prior_outputs = self.prior_outputs();
        let outputs = self.output_changes(&prior_outputs);
        self.settle_checks();
        let relevant = self.relevant(&outputs);
        let mut requests: BTreeMap<Arc<str>, RequestCount> = BTreeMap::new();
        for ((key, _), provider) in sorted_providers(&self.eval) {
            let count = requests.entry(key.kind.clone()).or_default();
            let usage = provider.usage();
            count.refresh += usage.requests;
            count.refresh_time = count.refresh_time.max(usage.elapsed);
            count.per_minute = count
                .per_minute
                .or(provider.rate_limit().map(|r| r.per_minute));
        }
        for (provider, expected) in crate::plan::expected_requests(&self.changes) {
            requests.entry(provider).or_default().apply += expected;
        }
        for invocation in &self.invocations {
            requests
                .entry(invocation.provider_type.clone())
                .or_default()
                .apply += invocation.requests;
        }
        requests.retain(|_, r| *r != RequestCount::default());
        let errored = self.eval.diagnostics.has_errors();
        let mut prior = self.base.with(self.prior);
        if self.options.mode == Mode::Destroy {
            prior.outputs = prior_outputs;
        }
        let root = self.eval.values.module(&loam_address::ModuleAddr::root());
        let declared = self.eval.module(&loam_address::ModulePath::root());
        // What a plan of some resources has not looked at has its value nevertheless.
        let variables = declared
            .into_iter()
            .flat_map(|m| &m.variables)
            .map(|(name, variable)| {
                let value = root.variables.get(name).cloned();
                let value = value.unwrap_or_else(|| self.eval.root_variable(name, variable));
                (name.clone(), value)
            })
            .filter(|(_, value)| value.is_wholly_known())
            .collect();
        let plan = Plan {
            mode: self.options.mode,
            changes: self.changes,
            invocations: self.invocations,
            drift: self.drift,
            dropped: self.dropped,
            outputs,
            checks: self.eval.checks.0,
            base: self.base,
            prior: Arc::new(prior),
            variables,
            relevant,
            requests,
            recovered: self.recovered,
            open_invocations: self.open_invocations,
            targets: self
                .options
                .targets
                .iter()
                .chain(&self.options.excludes)
                .map(ToString::to_string)
                .collect(),
            timestamp: self
                .eval
                .surroundings
                .context
                .plan_timestamp
                .clone()
                .unwrap_or_default(),
            errored,
        };
        let mut diagnostics = self.eval.diagnostics;
        diagnostics.sort();
        (Some(plan), diagnostics)
    }
}
