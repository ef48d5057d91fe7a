//! The order in which a plan's changes are made. All ordering rules are here:
//!
//! ```text
//! web needs net                     web ─▶ net
//!
//! create        net ──▶ web         what is needed first
//! destroy       web ──▶ net         what needs it first
//! replace net   - web? ─▶ - net ─▶ + net ─▶ ~ web
//! … creating    + net ─▶ ~ web ─▶ - net      (the old one last)
//!   first
//! ```
//!
//! Actions run around the change that triggers them, and what needs the resource waits for
//! those that run afterwards:
//!
//! ```text
//! create web    before_create ─▶ + web ─▶ after_create ─▶ what needs web
//! replace web   before_create ─▶ - web ─▶ + web ─▶ after_create
//! ```
//!
//! Where an action runs before a replacement, the old object is destroyed after it if
//! possible: so an action that fails has cost nothing.
//!
//! Instances of one resource do not wait for each other, and what names one of them by a
//! constant key waits for that one alone. So that the number of edges
//! grows with the number of instances, they meet in two nodes for each resource: "all
//! made" and "nothing made from it is left".

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use loam_address::{ConfigActionAddr, ConfigResourceAddr, InstanceAddr};
use loam_config::Config;
use loam_diag::{Diagnostic, Diagnostics};
use loam_graph::{Graph, NodeId, Walk};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::dependencies::{Dependencies, Node, ProviderKey};
use crate::plan::{Action, CheckObject, Mode, Plan, Reads, Trigger};
use crate::provider_address;

/// One step of applying.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Step {
    /// Evaluating an object that is not a resource, or setting up a provider.
    Evaluate(Node),
    /// Finding a resource's instances, and the values of those that do not change.
    Expand(ConfigResourceAddr),
    /// Creating, updating or reading: the index of the change.
    Make(usize),
    /// All of a resource's instances are as planned.
    Made(ConfigResourceAddr),
    /// Destroying: the index of the change.
    Destroy(usize),
    /// Nothing that was made from a resource is left to be destroyed.
    Unused(ConfigResourceAddr),
    /// Running an action: its index.
    Invoke(usize),
    /// All of a resource's instances are made, though their actions may not have run.
    Formed(ConfigResourceAddr),
}

/// The steps in their order.
pub(crate) struct Order {
    pub graph: Graph<Step>,
    pub walk: Walk,
}

/// Whether a change makes something.
fn makes(action: Action) -> bool {
    matches!(action, Action::Create | Action::Update | Action::Read) || action.is_replace()
}

/// Whether a change destroys something.
fn destroys(action: Action) -> bool {
    matches!(
        action,
        Action::Delete | Action::DeleteThenCreate | Action::CreateThenDelete
    )
}

/// Finds the order. The error names steps that wait for each other, which a sound plan
/// does not have.
pub(crate) fn order(
    plan: &Plan,
    config: &Config,
    deps: &Dependencies,
    registry: &loam_provider::Registry,
) -> Result<Order, Diagnostics> {
    let nodes = deps.graph.ids().map(|id| deps.graph.node(id));
    let singled = nodes.filter_map(|node| match node {
        Node::Instance(r, _) => Some(r.clone()),
        _ => None,
    });
    let singled = singled.collect();
    // First with the edges that are only good manners, then with fewer and fewer of them.
    for manners in [Manners::All, Manners::Resources, Manners::None] {
        let graph = Builder {
            plan,
            config,
            deps,
            registry,
            singled: &singled,
            graph: Graph::new(),
        }
        .build(manners);
        match Walk::weighted(&graph, |s| {
            u64::from(matches!(
                s,
                Step::Make(_) | Step::Destroy(_) | Step::Invoke(_)
            ))
        }) {
            Ok(walk) => return Ok(Order { graph, walk }),
            Err(_) if manners != Manners::None => {}
            Err(cycles) => {
                let name = |id: &NodeId| match graph.node(*id) {
                    Step::Evaluate(n) => n.to_string(),
                    Step::Expand(r) | Step::Made(r) | Step::Unused(r) | Step::Formed(r) => {
                        r.to_string()
                    }
                    Step::Invoke(i) => plan
                        .invocations
                        .get(*i)
                        .map(|i| i.addr.to_string())
                        .unwrap_or_default(),
                    Step::Make(i) => plan
                        .changes
                        .get(*i)
                        .map(|c| format!("{} (create or update)", c.id))
                        .unwrap_or_default(),
                    Step::Destroy(i) => plan
                        .changes
                        .get(*i)
                        .map(|c| format!("{} (destroy)", c.id))
                        .unwrap_or_default(),
                };
                let mut d = Diagnostics::new();
                for c in cycles {
                    let names: Vec<String> = c.0.iter().map(name).collect();
                    let detail = format!(
                        "These steps wait for each other, so that none of them can be first: {}. Nothing was changed. Apply in two steps with -target.",
                        names.join(", ")
                    );
                    d.push(Diagnostic::error("Cycle", detail));
                }
                return Err(d);
            }
        }
    }
    Err(Diagnostics::new())
}

/// How many of the edges that are not necessary are there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Manners {
    None,
    /// Those between resources.
    Resources,
    /// Those between actions and the destruction of what a replacement leaves, too.
    All,
}

struct Builder<'a> {
    plan: &'a Plan,
    config: &'a Config,
    deps: &'a Dependencies,
    registry: &'a loam_provider::Registry,
    /// The resources of which something names an instance by a constant key.
    singled: &'a FxHashSet<ConfigResourceAddr>,
    graph: Graph<Step>,
}

impl Builder<'_> {
    fn build(mut self, manners: Manners) -> Graph<Step> {
        self.evaluation();
        let mut destroyed: BTreeSet<ConfigResourceAddr> = BTreeSet::new();
        for (i, change) in self.plan.changes.iter().enumerate() {
            let of = change.id.addr.config_resource();
            let known = self.deps.graph.find(&Node::Resource(of.clone())).is_some();
            if makes(change.action) && known {
                let make = self.graph.add(Step::Make(i));
                let expand = self.graph.add(Step::Expand(of.clone()));
                let made = self.graph.add(Step::Made(of.clone()));
                self.graph.need(make, expand);
                self.graph.need(made, make);
                if let Some(instance) = self.singled_out(&of, &change.id.addr) {
                    self.graph.need(instance, make);
                }
            }
            if !destroys(change.action) {
                continue;
            }
            destroyed.insert(of.clone());
            let destroy = self.graph.add(Step::Destroy(i));
            let unused = self.graph.add(Step::Unused(of.clone()));
            self.graph.need(destroy, unused);
            if let Some((key, _)) = provider_address::parse(&change.provider, self.registry) {
                let provider = self.graph.add(Step::Evaluate(Node::Provider(Arc::new(
                    self.effective(key),
                ))));
                self.graph.need(destroy, provider);
            }
            match change.action {
                Action::DeleteThenCreate => {
                    let make = self.graph.add(Step::Make(i));
                    self.graph.need(make, destroy);
                }
                Action::CreateThenDelete => {
                    let make = self.graph.add(Step::Make(i));
                    self.graph.need(destroy, make);
                }
                _ => {}
            }
        }
        self.destruction(&destroyed, manners >= Manners::Resources);
        self.invocations(manners == Manners::All);
        self.graph
    }

    /// The step at which an instance is made, if something waits for it alone.
    fn singled_out(&self, of: &ConfigResourceAddr, addr: &InstanceAddr) -> Option<NodeId> {
        if !self.singled.contains(of) {
            return None;
        }
        let instance = Node::Instance(of.clone(), Arc::new(addr.key.clone()));
        self.graph.find(&Step::Evaluate(instance))
    }

    /// When actions run.
    fn invocations(&mut self, polite: bool) {
        let plan = self.plan;
        let changes = plan.changes.iter().enumerate();
        let index: FxHashMap<&InstanceAddr, usize> = changes
            .filter(|(_, c)| c.id.deposed.is_none())
            .map(|(i, c)| (&c.id.addr, i))
            .collect();
        let mut formed: BTreeSet<ConfigResourceAddr> = BTreeSet::new();
        // The last action before and after each change: they run one after the other.
        let mut last: FxHashMap<(&InstanceAddr, bool), NodeId> = FxHashMap::default();
        let mut holds: FxHashMap<(ConfigResourceAddr, usize, ConfigActionAddr), bool> =
            FxHashMap::default();
        for (k, invocation) in plan.invocations.iter().enumerate() {
            let step = self.graph.add(Step::Invoke(k));
            let action = invocation.addr.config_action();
            let Trigger::Lifecycle {
                resource,
                block,
                event,
                ..
            } = &invocation.trigger
            else {
                let needs = self.deps.of_invocation(&action, None);
                self.needs_of(step, &needs);
                continue;
            };
            let own = resource.config_resource();
            let needs = self.deps.of_invocation(&action, Some((&own, *block)));
            self.needs_of(step, &needs);
            let expand = self.graph.add(Step::Expand(own.clone()));
            self.graph.need(step, expand);
            match &invocation.reads {
                Reads::All => {
                    let all = self.graph.add(Step::Formed(own.clone()));
                    self.graph.need(step, all);
                    formed.insert(own.clone());
                }
                Reads::These(these) => {
                    for i in these.iter().filter(|a| *a != resource) {
                        if let Some(make) =
                            index.get(i).and_then(|i| self.graph.find(&Step::Make(*i)))
                        {
                            self.graph.need(step, make);
                        }
                    }
                }
            }
            if let Some(before) = last.insert((resource, event.is_before()), step) {
                self.graph.need(step, before);
            }
            let Some(i) = index.get(resource).copied() else {
                continue;
            };
            let make = self.graph.add(Step::Make(i));
            let kind = plan.changes.get(i).map(|c| c.action);
            let destroy = polite.then(|| self.graph.find(&Step::Destroy(i))).flatten();
            if event.is_before() {
                self.graph.need(make, step);
                if let (Some(destroy), Some(Action::DeleteThenCreate)) = (destroy, kind) {
                    self.graph.need(destroy, step);
                }
                continue;
            }
            self.graph.need(step, make);
            if let (Some(destroy), Some(Action::CreateThenDelete)) = (destroy, kind) {
                self.graph.need(destroy, step);
            }
            // What needs the resource waits, unless the action itself needs such a thing.
            let key = (own.clone(), *block, action);
            let deps = self.deps;
            let waits = *holds
                .entry(key)
                .or_insert_with(|| !deps.made_from(&needs, &own));
            if waits {
                if let Some(instance) = self.singled_out(&own, resource) {
                    self.graph.need(instance, step);
                }
                let made = self.graph.add(Step::Made(own));
                self.graph.need(made, step);
            }
        }
        for (i, change) in plan.changes.iter().enumerate() {
            let of = change.id.addr.config_resource();
            if makes(change.action) && formed.contains(&of) {
                let all = self.graph.add(Step::Formed(of));
                let make = self.graph.add(Step::Make(i));
                self.graph.need(all, make);
            }
        }
    }

    fn needs_of(&mut self, step: NodeId, needs: &[NodeId]) {
        for id in needs {
            let needed = match self.deps.graph.node(*id) {
                Node::Resource(r) => self.graph.add(Step::Made(r.clone())),
                other => self.graph.add(Step::Evaluate(other.clone())),
            };
            self.graph.need(step, needed);
        }
    }

    fn effective(&self, key: ProviderKey) -> ProviderKey {
        crate::provider_choice::effective(key, self.config)
    }

    /// The configuration's own dependencies.
    fn evaluation(&mut self) {
        let graph = &self.deps.graph;
        let wanted = self.wanted();
        for id in graph
            .ids()
            .filter(|id| wanted.get(id.index()).copied().unwrap_or(false))
        {
            let of = match graph.node(id) {
                // Actions are looked at when they run.
                Node::Refresh(..) | Node::Action(_) | Node::Trigger(..) => continue,
                Node::Resource(r) => {
                    let expand = self.graph.add(Step::Expand(r.clone()));
                    let made = self.graph.add(Step::Made(r.clone()));
                    self.graph.need(made, expand);
                    expand
                }
                other => self.graph.add(Step::Evaluate(other.clone())),
            };
            let one = matches!(graph.node(id), Node::Instance(..));
            for needed in graph.needs(id) {
                let needed = match graph.node(needed) {
                    Node::Refresh(..) => continue,
                    Node::Resource(r) if one => self.graph.add(Step::Expand(r.clone())),
                    Node::Resource(r) => self.graph.add(Step::Made(r.clone())),
                    other => self.graph.add(Step::Evaluate(other.clone())),
                };
                self.graph.need(of, needed);
            }
        }
    }

    /// The nodes that have to be evaluated: all, except that destroying everything takes
    /// no more than provider configurations and what they are made from, running actions
    /// what those are made from, and a part what the plan has of it.
    fn wanted(&self) -> Vec<bool> {
        let graph = &self.deps.graph;
        let part = (!self.plan.targets.is_empty()).then(|| Part::of(self));
        let starts = |node: &Node| match self.plan.mode {
            Mode::Normal | Mode::RefreshOnly => part.as_ref().is_none_or(|p| p.has(node)),
            Mode::Destroy => matches!(node, Node::Provider(_)),
            Mode::Invoke => matches!(node, Node::Action(a) if self
                .plan
                .invocations
                .iter()
                .any(|i| i.addr.config_action() == **a)),
        };
        let mut wanted = vec![false; graph.len()];
        let mut open: Vec<NodeId> = graph.ids().filter(|id| starts(graph.node(*id))).collect();
        while let Some(id) = open.pop() {
            if !std::mem::replace(&mut wanted[id.index()], true) {
                open.extend(graph.needs(id));
            }
        }
        wanted
    }

    /// What needs a resource is destroyed before it, and an old object that its
    /// replacement has overtaken is destroyed after what was made from it has changed.
    fn destruction(&mut self, destroyed: &BTreeSet<ConfigResourceAddr>, polite: bool) {
        for (i, change) in self.plan.changes.iter().enumerate() {
            if !destroys(change.action) {
                continue;
            }
            let Some(destroy) = self.graph.find(&Step::Destroy(i)) else {
                continue;
            };
            let of = change.id.addr.config_resource();
            let planned = change.dependencies.iter();
            let had = self
                .plan
                .base
                .instances
                .get(&change.id)
                .map(|b| b.dependencies.clone())
                .filter(|had| !Arc::ptr_eq(had, &change.dependencies))
                .unwrap_or_default();
            for needed in planned
                .chain(had.iter())
                .filter(|d| **d != of && destroyed.contains(*d))
            {
                let unused = self.graph.add(Step::Unused(needed.clone()));
                self.graph.need(unused, destroy);
            }
        }
        // What is destroyed late waits for the users of its resource as a whole.
        let changes = self.plan.changes.iter().enumerate();
        let late = changes.filter(|(_, change)| match change.action {
            Action::CreateThenDelete => true,
            Action::Delete => change.id.deposed.is_some() || polite,
            _ => false,
        });
        let late: Vec<_> = late
            .map(|(i, change)| (i, change.id.addr.config_resource()))
            .collect();
        let made_from = self.made_from(&late.iter().map(|(_, of)| of).collect());
        for (i, of) in &late {
            let Some(destroy) = self.graph.find(&Step::Destroy(*i)) else {
                continue;
            };
            for user in made_from.get(of).into_iter().flatten() {
                if let Some(made) = self.graph.find(&Step::Made(user.clone())) {
                    self.graph.need(destroy, made);
                }
            }
        }
    }

    /// Each of these resources → the other resources that are made from it, now or until now.
    fn made_from(
        &self,
        of: &FxHashSet<&ConfigResourceAddr>,
    ) -> BTreeMap<ConfigResourceAddr, BTreeSet<ConfigResourceAddr>> {
        let mut out: BTreeMap<ConfigResourceAddr, BTreeSet<ConfigResourceAddr>> = BTreeMap::new();
        if of.is_empty() {
            return out;
        }
        let changed = self.plan.changes.iter().filter(|c| makes(c.action));
        for change in changed {
            let user = change.id.addr.config_resource();
            let had = self
                .plan
                .base
                .instances
                .get(&change.id)
                .map(|b| b.dependencies.clone())
                .unwrap_or_default();
            for needed in change
                .dependencies
                .iter()
                .chain(had.iter())
                .filter(|d| **d != user && of.contains(d))
            {
                out.entry(needed.clone()).or_default().insert(user.clone());
            }
        }
        out
    }
}

/// What a plan of a part has looked at. The rest may well be impossible to evaluate as long as
/// it is not there: that is what parts are for.
struct Part<'p> {
    plan: &'p Plan,
    resources: FxHashSet<ConfigResourceAddr>,
    providers: FxHashSet<ProviderKey>,
    actions: FxHashSet<ConfigActionAddr>,
}

impl<'p> Part<'p> {
    fn of(builder: &Builder<'p>) -> Part<'p> {
        let plan = builder.plan;
        let made = plan.changes.iter().filter(|c| makes(c.action));
        let providers = plan.changes.iter().map(|c| &c.provider);
        let providers = providers.collect::<FxHashSet<_>>().into_iter();
        let providers = providers.filter_map(|p| provider_address::parse(p, builder.registry));
        Part {
            plan,
            resources: made.map(|c| c.id.addr.config_resource()).collect(),
            providers: providers.map(|(key, _)| builder.effective(key)).collect(),
            actions: plan
                .invocations
                .iter()
                .map(|i| i.addr.config_action())
                .collect(),
        }
    }

    fn has(&self, node: &Node) -> bool {
        match node {
            Node::Resource(r) | Node::Trigger(r, _) => self.resources.contains(r),
            Node::Provider(key) => self.providers.contains(&**key),
            Node::Action(a) => self.actions.contains(&**a),
            Node::Output(path, name) => path.is_root() && self.plan.outputs.contains_key(name),
            Node::Check(path, name) => {
                let object = CheckObject::Check(path.clone(), name.clone());
                let result = self.plan.checks.get(&object);
                result.is_some_and(|r| !r.instances.is_empty())
            }
            Node::Variable(..)
            | Node::Local(..)
            | Node::Module(_)
            | Node::Whole(_)
            | Node::Instance(..)
            | Node::Refresh(..) => false,
        }
    }
}
