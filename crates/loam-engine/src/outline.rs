//! Dependency graphs as something to be shown: `loam graph`.

use std::collections::{BTreeMap, BTreeSet};

use loam_address::{ConfigResourceAddr, Mode as ResourceMode};
use loam_config::Config;
use loam_diag::Diagnostics;
use loam_graph::{Graph, NodeId};
use loam_provider::Registry;
use loam_state::State;

use crate::dependencies::{self, Node, ProviderKey};
use crate::executor::{Step, order};
use crate::plan::Plan;
use crate::planner::{Stand, nearest, state_kinds, walk_order};
use crate::provider_address;

/// What a node of an outline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum OutlineKind {
    Resource,
    Data,
    Provider,
    Variable,
    Local,
    Output,
    Module,
    Check,
    Action,
    /// A step of an operation that is none of these.
    Step,
}

impl OutlineKind {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            OutlineKind::Resource => "resource",
            OutlineKind::Data => "data",
            OutlineKind::Provider => "provider",
            OutlineKind::Variable => "variable",
            OutlineKind::Local => "local",
            OutlineKind::Output => "output",
            OutlineKind::Module => "module",
            OutlineKind::Check => "check",
            OutlineKind::Action => "action",
            OutlineKind::Step => "step",
        }
    }
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutlineNode {
    /// The module that it is in; empty for the root.
    pub module: String,
    /// Names the node: an address, with a word in brackets for what is done with it.
    pub id: String,
    /// The address of what it is about.
    pub address: String,
    /// What it is.
    pub kind: OutlineKind,
}

/// Nodes and what they need, in a fixed order: the same input gives the same outline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// The nodes, by module and name.
    pub nodes: Vec<OutlineNode>,
    /// Pairs of positions in `nodes`: the first needs the second.
    pub edges: Vec<(usize, usize)>,
    /// The groups of nodes that need each other, as positions in `nodes`.
    pub cycles: Vec<Vec<usize>>,
}

/// Which operation's work to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Planning, with or without refreshing only.
    Plan,
    /// Planning to destroy everything.
    PlanDestroy,
    /// Applying what a plan would find.
    Apply,
}

/// The resources of a configuration and which of them are made from which others, without
/// those edges that follow from others.
///
/// # Errors
///
/// Objects need each other.
pub fn outline_resources(config: &Config) -> Result<Outline, Diagnostics> {
    let deps = dependencies::build(config, &BTreeSet::new())?;
    let order = walk_order(&deps.graph);
    let needs = nearest(&deps.graph, &order, &|_| Stand::End);
    let mut graph: Graph<ConfigResourceAddr> = Graph::new();
    let resources = order.iter().filter_map(|id| match deps.graph.node(*id) {
        Node::Resource(r) => Some(r),
        _ => None,
    });
    // In the order of the walk: what is needed has a smaller number than what needs it.
    for r in resources {
        let id = graph.add(r.clone());
        for needed in needs.get(r).into_iter().flat_map(|n| n.iter()) {
            let needed = graph.add(needed.clone());
            graph.need(id, needed);
        }
    }
    let edges = graph
        .ids()
        .flat_map(|id| reduced(&graph, id).into_iter().map(move |n| (id, n)))
        .collect();
    Ok(shown(&graph, edges, &|r| of_resource(r, "")))
}

/// The direct needs of a node that do not follow from another one. Numbers fall along edges.
fn reduced(graph: &Graph<ConfigResourceAddr>, id: NodeId) -> Vec<NodeId> {
    let direct = graph.needs(id);
    let Some(least) = direct.iter().min().copied().filter(|_| direct.len() > 1) else {
        return direct;
    };
    let mut reached = BTreeSet::new();
    let mut open: Vec<NodeId> = direct.iter().flat_map(|n| graph.needs(*n)).collect();
    while let Some(at) = open.pop() {
        if at >= least && reached.insert(at) {
            open.extend(graph.needs(at));
        }
    }
    direct
        .into_iter()
        .filter(|n| !reached.contains(n))
        .collect()
}

/// The work of an operation on a configuration and a state, cycles included.
///
/// # Errors
///
/// The state has objects of a provider that is not at hand.
pub fn outline_operation(
    config: &Config,
    state: &State,
    registry: &Registry,
    operation: Operation,
) -> Result<Outline, Diagnostics> {
    if operation == Operation::PlanDestroy {
        return Ok(destruction(config, state, registry));
    }
    let mut diagnostics = Diagnostics::new();
    let objects = state.instances.iter().map(|(id, i)| (id, &i.provider));
    let kinds = state_kinds(objects, registry, config, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let kinds = match operation {
        Operation::Plan => kinds,
        _ => BTreeSet::new(),
    };
    let graph = dependencies::graph(config, &kinds).graph;
    Ok(whole(&graph, &|n| of_node(n, registry)))
}

/// The changes of a plan and what has to be evaluated for them, in their order.
///
/// # Errors
///
/// Changes wait for each other.
pub fn outline_plan(
    config: &Config,
    plan: &Plan,
    registry: &Registry,
) -> Result<Outline, Diagnostics> {
    let deps = dependencies::build(config, &BTreeSet::new())?;
    let order = order(plan, config, &deps, registry)?;
    let change = |i: usize, word: &str| {
        let id = plan.changes.get(i).map(|c| c.id.clone());
        let (text, module, data) = match &id {
            Some(id) => (
                id.to_string(),
                id.addr.module.to_string(),
                id.addr.resource.mode == ResourceMode::Data,
            ),
            None => Default::default(),
        };
        OutlineNode {
            id: format!("{text}{word}"),
            address: text,
            module,
            kind: match data {
                true => OutlineKind::Data,
                false => OutlineKind::Resource,
            },
        }
    };
    Ok(whole(&order.graph, &|step| match step {
        Step::Evaluate(node) => of_node(node, registry),
        Step::Expand(r) => of_resource(r, " (expand)"),
        Step::Make(i) => change(*i, ""),
        Step::Destroy(i) => change(*i, " (destroy)"),
        Step::Made(r) => OutlineNode {
            kind: OutlineKind::Step,
            ..of_resource(r, " (made)")
        },
        Step::Unused(r) => OutlineNode {
            kind: OutlineKind::Step,
            ..of_resource(r, " (unused)")
        },
        Step::Formed(r) => OutlineNode {
            kind: OutlineKind::Step,
            ..of_resource(r, " (formed)")
        },
        Step::Invoke(i) => {
            let addr = plan.invocations.get(*i).map(|a| &a.addr);
            let address = addr.map(ToString::to_string).unwrap_or_default();
            OutlineNode {
                id: format!("{address} (invoke {i})"),
                address,
                module: addr.map(|a| a.module.to_string()).unwrap_or_default(),
                kind: OutlineKind::Action,
            }
        }
    }))
}

/// What the state has, with what has to be destroyed before it.
fn destruction(config: &Config, state: &State, registry: &Registry) -> Outline {
    #[derive(Clone, PartialEq, Eq, Hash)]
    enum Part {
        Resource(ConfigResourceAddr),
        Provider(ProviderKey),
    }
    let mut graph: Graph<Part> = Graph::new();
    let managed: BTreeMap<ConfigResourceAddr, BTreeSet<ProviderKey>> = state
        .instances
        .iter()
        .filter(|(id, _)| id.addr.resource.mode == ResourceMode::Managed)
        .fold(BTreeMap::new(), |mut all, (id, i)| {
            let keys: &mut BTreeSet<_> = all.entry(id.addr.config_resource()).or_default();
            keys.extend(
                provider_address::parse(&i.provider, registry)
                    .map(|(key, _)| crate::provider_choice::effective(key, config)),
            );
            all
        });
    for (resource, providers) in &managed {
        let id = graph.add(Part::Resource(resource.clone()));
        for provider in providers {
            let provider = graph.add(Part::Provider(provider.clone()));
            graph.need(id, provider);
        }
    }
    for (id, instance) in &state.instances {
        let user = Part::Resource(id.addr.config_resource());
        for needed in instance.dependencies.iter() {
            let needed = graph.find(&Part::Resource(needed.clone()));
            if let (Some(user), Some(needed)) = (graph.find(&user), needed) {
                graph.need(needed, user);
            }
        }
    }
    whole(&graph, &|part| match part {
        Part::Resource(r) => of_resource(r, " (destroy)"),
        Part::Provider(key) => of_provider(key, "", registry),
    })
}

fn whole<N: Clone + Eq + std::hash::Hash>(
    graph: &Graph<N>,
    describe: &dyn Fn(&N) -> OutlineNode,
) -> Outline {
    let edges = graph
        .ids()
        .flat_map(|id| graph.needs(id).into_iter().map(move |n| (id, n)))
        .collect();
    shown(graph, edges, describe)
}

fn shown<N: Clone + Eq + std::hash::Hash>(
    graph: &Graph<N>,
    edges: Vec<(NodeId, NodeId)>,
    describe: &dyn Fn(&N) -> OutlineNode,
) -> Outline {
    let mut numbered: Vec<(OutlineNode, NodeId)> = graph
        .ids()
        .map(|id| (describe(graph.node(id)), id))
        .collect();
    numbered.sort();
    let mut position = vec![0; graph.len()];
    for (i, (_, id)) in numbered.iter().enumerate() {
        if let Some(p) = position.get_mut(id.index()) {
            *p = i;
        }
    }
    let at = |id: &NodeId| position.get(id.index()).copied().unwrap_or_default();
    let mut edges: Vec<(usize, usize)> = edges.iter().map(|(a, b)| (at(a), at(b))).collect();
    edges.sort_unstable();
    edges.dedup();
    Outline {
        nodes: numbered.into_iter().map(|(n, _)| n).collect(),
        edges,
        cycles: graph
            .cycles()
            .iter()
            .map(|c| c.0.iter().map(at).collect())
            .collect(),
    }
}

fn of_resource(r: &ConfigResourceAddr, word: &str) -> OutlineNode {
    OutlineNode {
        id: format!("{r}{word}"),
        address: r.to_string(),
        module: r.module.to_string(),
        kind: match r.resource.mode {
            ResourceMode::Data => OutlineKind::Data,
            ResourceMode::Managed => OutlineKind::Resource,
        },
    }
}

fn of_provider(key: &ProviderKey, word: &str, registry: &Registry) -> OutlineNode {
    let address = provider_address::format(key, &loam_address::InstanceKey::None, registry);
    OutlineNode {
        id: format!("{address}{word}"),
        address: address.to_string(),
        module: key.module.to_string(),
        kind: OutlineKind::Provider,
    }
}

fn of_node(node: &Node, registry: &Registry) -> OutlineNode {
    let kind = match node {
        Node::Provider(key) => return of_provider(key, "", registry),
        Node::Refresh(key, kind) => {
            let word = format!(" (refresh {kind})");
            return OutlineNode {
                kind: OutlineKind::Step,
                ..of_provider(key, &word, registry)
            };
        }
        Node::Resource(r) => return of_resource(r, " (expand)"),
        Node::Whole(_) | Node::Instance(..) => OutlineKind::Step,
        Node::Variable(..) => OutlineKind::Variable,
        Node::Local(..) => OutlineKind::Local,
        Node::Output(..) => OutlineKind::Output,
        Node::Module(_) => OutlineKind::Module,
        Node::Check(..) => OutlineKind::Check,
        Node::Action(_) => OutlineKind::Action,
        Node::Trigger(r, i) => {
            return OutlineNode {
                kind: OutlineKind::Step,
                ..of_resource(r, &format!(" (action_trigger {i})"))
            };
        }
    };
    let address = node.to_string();
    let word = match node {
        Node::Variable(path, _) if path.is_root() => "",
        Node::Whole(_) => "",
        _ => " (expand)",
    };
    OutlineNode {
        id: format!("{address}{word}"),
        address,
        module: node.module().to_string(),
        kind,
    }
}
