//! Applying: makes the changes of a plan, in their order, as many at a time as allowed.
//!
//! Decides nothing: arguments are evaluated again with the values that are known by now,
//! and what the plan promised has to come out again. Each change is written down before
//! it is sent (journal), and what came of it together with its row, so that a process
//! that dies at any point leaves nothing behind that the next run does not find.

mod change;
mod destroy;
mod instances;
mod invoke;
mod order;
mod promise;
mod provision;
mod read;
mod rows;
mod slots;
mod watch;

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use futures::future::{BoxFuture, Either, select};
use futures::stream::FuturesUnordered;
use loam_address::InstanceAddr;
use loam_config::Config;
use loam_diag::{Diagnostic, Diagnostics};
use loam_graph::NodeId;
use loam_provider::Registry;
use loam_state::{DeposedKey, Instance, InstanceId, Run};
use loam_value::Value;
use rustc_hash::FxHashMap;

use crate::dependencies::{self, Node};
use crate::evaluator::{Conditions, Evaluator};
use crate::event::{Event, Observer, Summary};
use crate::plan::{Action, Plan, ResourceChange};
use crate::provider_address;
use crate::scope::Surroundings;
use crate::text;
use crate::values::Values;
pub(crate) use order::{Order, Step, order};
use provision::Provisioned;
use slots::Slots;

/// The user's wish to stop: what runs is finished, nothing more is begun.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Wishes it.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it is wished.
    pub fn is_wished(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What is applied, and to what.
pub struct ApplyInputs<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The configuration that it was made from.
    pub config: &'a Config,
    /// The root module's folder.
    pub root_dir: &'a FilePath,
    /// The provider types at hand.
    pub registry: &'a Registry,
    /// The values of root variables that the plan was made with.
    pub variables: &'a BTreeMap<Arc<str>, Value>,
    /// The run; `applying` is true.
    pub surroundings: &'a Surroundings,
    /// The state, locked, still the one that the plan was made for.
    pub run: &'a Run,
    /// Is told what happens.
    pub observer: &'a dyn Observer,
    /// Ends it early.
    pub stop: &'a Stop,
    /// Changes in flight at most, those not counted that only wait for an API; one means
    /// strictly one after another.
    pub parallelism: usize,
}

/// What a step beside the walk came to.
struct Done {
    /// The change.
    index: usize,
    /// The object as it is now; null if there is none.
    value: Value,
    /// It went well.
    ok: bool,
    /// What was done, for the summary.
    action: Action,
    /// It cannot be told what happened.
    unknown: bool,
    /// An old object was put aside under this key.
    deposed: Option<DeposedKey>,
    /// The object as it is stored once its provisioners have run, which they have not yet.
    unprovisioned: Option<Box<Instance>>,
    /// When it was begun.
    begun: Instant,
    /// The state could not be written: nothing more may be begun.
    store_failed: bool,
    diagnostics: Diagnostics,
}

impl Done {
    /// Nothing has been done yet, and nothing has come of it.
    fn begun_not(index: usize, action: Action) -> Done {
        Done {
            index,
            value: Value::dynamic(),
            ok: false,
            action,
            unknown: false,
            deposed: None,
            unprovisioned: None,
            begun: Instant::now(),
            store_failed: false,
            diagnostics: Diagnostics::new(),
        }
    }

    /// The event that tells its end.
    fn end(&self, id: InstanceId, action: Action, begun: Instant) -> Event {
        let elapsed = begun.elapsed();
        match self.ok {
            true => Event::ApplyComplete {
                id,
                action,
                id_value: text::id_of(&self.value),
                elapsed,
            },
            false => Event::ApplyErrored {
                id,
                action,
                elapsed,
            },
        }
    }
}

/// What running an action beside the walk came to.
struct Ran {
    /// The action's index.
    index: usize,
    /// It went well.
    ok: bool,
    /// The state could not be written: nothing more may be begun.
    store_failed: bool,
    diagnostics: Diagnostics,
}

/// What came of a step.
enum Came {
    Change(Done),
    Action(Ran),
    Provisioned(Provisioned),
}

type Work<'a> = BoxFuture<'a, (NodeId, Came)>;

struct Executor<'a> {
    eval: Evaluator<'a>,
    inputs: &'a ApplyInputs<'a>,
    order: Order,
    /// The change of each instance.
    index: FxHashMap<InstanceAddr, usize>,
    /// Objects put aside by this apply, by change.
    deposed: FxHashMap<usize, DeposedKey>,
    summary: Summary,
    /// The state cannot be written any more.
    halted: bool,
    failed_outputs: bool,
    slots: Arc<Slots>,
}

/// Applies a plan. What was done is in the state when this returns, whatever went wrong.
pub async fn apply(inputs: &ApplyInputs<'_>) -> (Summary, Diagnostics) {
    let mut summary = Summary::default();
    let kinds = Default::default();
    let mut deps = match dependencies::build(inputs.config, &kinds) {
        Ok(deps) => deps,
        Err(d) => return (summary, d),
    };
    // Objects that only the state knows have providers, too.
    for change in &inputs.plan.changes {
        if let Some((key, _)) = provider_address::parse(&change.provider, inputs.registry) {
            let key = crate::provider_choice::effective(key, inputs.config);
            deps.graph.add(Node::Provider(Arc::new(key)));
        }
    }
    let order = match order(inputs.plan, inputs.config, &deps, inputs.registry) {
        Ok(order) => order,
        Err(d) => return (summary, d),
    };
    if let Err(e) = rows::settle(inputs).await {
        return (summary, e.into());
    }
    summary.done.import = inputs.plan.counts().import;
    summary.done.forget = inputs
        .plan
        .changes
        .iter()
        .filter(|c| c.action == Action::Forget)
        .count();
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
        conditions: Conditions::Enforce,
        diagnostics: Diagnostics::new(),
    };
    let changes = inputs.plan.changes.iter().enumerate();
    let index = changes
        .filter(|(_, c)| c.id.deposed.is_none())
        .map(|(i, c)| (c.id.addr.clone(), i))
        .collect();
    let (slots, freed) = Slots::new(inputs.parallelism);
    let mut executor = Executor {
        eval,
        inputs,
        order,
        index,
        deposed: FxHashMap::default(),
        summary,
        halted: false,
        failed_outputs: false,
        slots: Arc::new(slots),
    };
    executor.run(freed).await;
    executor.finish().await
}

impl<'a> Executor<'a> {
    /// `freed` tells when something more may be begun.
    async fn run(&mut self, mut freed: UnboundedReceiver<()>) {
        let mut working: FuturesUnordered<Work<'a>> = FuturesUnordered::new();
        loop {
            while self.slots.is_free()
                && !self.halted
                && !self.inputs.stop.is_wished()
                && let Some(id) = self.order.walk.start_next()
            {
                self.start(id, &mut working).await;
            }
            match select(working.next(), freed.next()).await {
                Either::Left((None, _)) => break,
                Either::Left((Some((id, came)), _)) => match came {
                    // As long as an object's provisioners run it keeps its slot.
                    Came::Change(done) => match self.provisioning_after(done) {
                        Ok(of) => self.provision(id, of, &mut working),
                        Err(done) => {
                            self.slots.give_back();
                            self.take(id, done);
                        }
                    },
                    Came::Provisioned(came) => self.take_provisioned(id, came, &mut working),
                    Came::Action(ran) => {
                        self.slots.give_back();
                        self.take_action(id, ran);
                    }
                },
                Either::Right(_) => {}
            }
        }
        self.summary.interrupted = self.inputs.stop.is_wished() && self.order.walk.left() > 0;
    }

    async fn start(&mut self, id: NodeId, working: &mut FuturesUnordered<Work<'a>>) {
        let step = self.order.graph.node(id).clone();
        let ok = match step {
            Step::Evaluate(node) => self.evaluate(&node),
            Step::Expand(addr) => self.expand(&addr),
            Step::Made(_) | Step::Unused(_) | Step::Formed(_) => true,
            Step::Invoke(index) => match self.invoke(index) {
                Ok(Some(work)) => {
                    self.slots.take();
                    working.push(Box::pin(async move { (id, Came::Action(work.await)) }));
                    return;
                }
                Ok(None) => true,
                Err(diagnostics) => {
                    self.refuse_action(index, diagnostics);
                    false
                }
            },
            Step::Make(index) => match self.make(index) {
                Ok(work) => {
                    self.slots.take();
                    working.push(Box::pin(async move { (id, Came::Change(work.await)) }));
                    return;
                }
                Err(diagnostics) => {
                    self.refuse(index, diagnostics);
                    false
                }
            },
            Step::Destroy(index) if let Some(of) = self.provisioning_before(index) => {
                self.slots.take();
                self.provision(id, of, working);
                return;
            }
            Step::Destroy(index) => match self.destroy(index, None) {
                Ok(work) => {
                    self.slots.take();
                    working.push(Box::pin(async move { (id, Came::Change(work.await)) }));
                    return;
                }
                Err(diagnostics) => {
                    self.refuse(index, diagnostics);
                    false
                }
            },
        };
        if ok {
            self.order.walk.done(id)
        } else {
            self.skip_after(id)
        }
    }

    /// A change that could not even be begun.
    fn refuse(&mut self, index: usize, diagnostics: Diagnostics) {
        let address = self
            .inputs
            .plan
            .changes
            .get(index)
            .map(|c| c.id.to_string())
            .unwrap_or_default();
        self.eval.diagnostics.extend(
            diagnostics
                .into_iter()
                .map(|d| d.for_address(address.clone())),
        );
        self.summary.failed += 1;
    }

    fn evaluate(&mut self, node: &Node) -> bool {
        match node {
            Node::Provider(key) => self.eval.provider(key),
            Node::Refresh(..) => true,
            Node::Variable(path, name) => self.eval.variable(path, name),
            Node::Local(path, name) => self.eval.local(path, name),
            Node::Module(path) => self.eval.expand_module(path),
            Node::Output(path, name) => self.eval.output(path, name),
            Node::Check(path, name) => {
                self.eval.check(path, name);
                true
            }
            Node::Resource(_)
            | Node::Whole(_)
            | Node::Instance(..)
            | Node::Action(_)
            | Node::Trigger(..) => true,
        }
    }

    /// The check block that a data resource is nested in.
    fn failed_check(&self, change: &ResourceChange) -> Option<Arc<str>> {
        let of = change.id.addr.config_resource();
        let module = self.eval.module(&of.module)?;
        module.resources.get(&of.resource)?.in_check.clone()
    }

    fn take(&mut self, id: NodeId, done: Done) {
        let Some(change) = self.inputs.plan.changes.get(done.index) else {
            return;
        };
        let mut ok = done.ok;
        let address = change.id.to_string();
        let told = done.diagnostics.into_iter();
        let told = Diagnostics(told.map(|d| d.for_address(address.clone())).collect());
        match self
            .failed_check(change)
            .filter(|_| ok && told.has_errors())
        {
            Some(check) => self.eval.fail_check(&change.id.addr, &check, told),
            None => self.eval.diagnostics.append(told),
        }
        self.halted |= done.store_failed;
        if let Some(key) = done.deposed {
            self.deposed.insert(done.index, key);
        }
        if ok {
            match done.action {
                Action::Create => self.summary.done.add += 1,
                Action::Update => self.summary.done.change += 1,
                Action::Delete => self.summary.done.destroy += 1,
                _ => {}
            }
            if change.action == Action::CreateThenForget {
                self.summary.done.forget += 1;
            }
        } else if done.unknown {
            self.summary.unknown += 1;
        } else {
            self.summary.failed += 1;
        }
        if done.action != Action::Delete {
            self.eval.set_value(&change.id.addr, done.value.clone());
            if ok {
                let config = change.id.addr.config_resource();
                if let Some(resource) = self.eval.resource(&config).cloned() {
                    let each = self.eval.each_value(&change.id.addr);
                    ok = self.eval.resource_conditions(
                        &change.id.addr,
                        &resource,
                        each,
                        Some(done.value),
                    );
                }
            }
        }
        if ok {
            self.order.walk.done(id)
        } else {
            self.skip_after(id)
        }
    }

    /// What waits for a failed step is not begun.
    fn skip_after(&mut self, id: NodeId) {
        self.failed_outputs = true;
        for skipped in self.order.walk.failed(id) {
            self.note_skipped(&self.order.graph.node(skipped).clone());
        }
    }

    fn note_skipped(&mut self, step: &Step) {
        if let Step::Invoke(i) = step
            && let Some(invocation) = self.inputs.plan.invocations.get(*i)
        {
            self.summary.skipped += 1;
            self.inputs.observer.event(Event::ActionSkipped {
                addr: invocation.addr.clone(),
                trigger: invocation.trigger.clone(),
                condition: false,
            });
        }
        if let Step::Make(i) | Step::Destroy(i) = step
            && let Some(change) = self.inputs.plan.changes.get(*i)
        {
            self.summary.skipped += 1;
            self.inputs.observer.event(Event::ApplySkipped {
                id: change.id.clone(),
                action: change.action,
            });
        }
    }

    /// Whether everything that was to be done has been done, and nothing else was wrong.
    fn went_well(&self) -> bool {
        self.summary.all_done() && !self.eval.diagnostics.has_errors()
    }

    async fn finish(mut self) -> (Summary, Diagnostics) {
        // What was ready but not begun because of a stop is counted as not begun.
        while let Some(id) = self.order.walk.start_next() {
            self.note_skipped(&self.order.graph.node(id).clone());
            self.order.walk.done(id);
        }
        if !self.halted
            && let Err(e) = rows::results(&self).await
        {
            self.eval.diagnostics.push(e);
        }
        for ((key, _), provider) in crate::provider_choice::sorted_providers(&self.eval) {
            let (taken, usage) = (&mut self.summary.requests, provider.usage());
            let taken = taken.entry(key.kind.clone()).or_default();
            taken.requests += usage.requests;
            taken.elapsed = taken.elapsed.max(usage.elapsed);
        }
        self.summary.requests.retain(|_, t| t.requests > 0);
        let mut diagnostics = self.eval.diagnostics;
        if self.summary.interrupted {
            diagnostics.push(Diagnostic::error(
                "Apply was stopped",
                "What had begun was finished and is in the state; the rest was not begun. Run the same command again to go on.",
            ));
        }
        diagnostics.sort();
        (self.summary, diagnostics)
    }
}

/// Creates a walk's error for a lost store.
fn store_error(e: &loam_state::StoreError) -> Diagnostic {
    e.diagnostic()
}
