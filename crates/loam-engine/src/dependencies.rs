//! The dependency graph of a configuration's objects, before any is expanded.
//!
//! One node for each variable, local, output, resource, module call, provider
//! configuration and check of each module of the configuration; instances are made when
//! a node is visited. Edges follow references. What a reference to a module output needs
//! is that output and nothing else of the module; one to a module as a whole, or to an
//! instance that is not named by a constant, needs all of it.

mod node;

use std::collections::BTreeSet;
use std::sync::Arc;

use loam_address::{
    ConfigActionAddr, ConfigResourceAddr, InstanceKey, Mode, ModulePath, ResourceAddr,
};
use loam_config::{Action, Config, Dependency, Module, Repetition, Resource};
use loam_diag::{Diagnostic, Diagnostics};
use loam_eval::{Expr, Reference, ReferenceTarget};
use loam_graph::{Cycle, Graph, NodeId};
use loam_value::convert::convert;
use loam_value::{PathStep, Type};
use rustc_hash::FxHashSet;

use crate::provider_choice::provider_key;
pub use node::{Node, ProviderKey};

/// The graph and what was found while building it.
#[derive(Debug, Default)]
pub struct Dependencies {
    /// The objects and their edges.
    pub graph: Graph<Node>,
}

impl Dependencies {
    /// What has to be there before an action can run, other than the resource `own` that
    /// triggers it (in the block `trigger`) as the action itself names it.
    pub fn of_invocation(
        &self,
        action: &ConfigActionAddr,
        trigger: Option<(&ConfigResourceAddr, usize)>,
    ) -> Vec<NodeId> {
        let block = trigger.map(|(r, i)| Node::Trigger(r.clone(), i));
        let from = block
            .into_iter()
            .chain([Node::Action(Arc::new(action.clone()))]);
        let mut out: Vec<NodeId> = from
            .filter_map(|n| self.graph.find(&n))
            .flat_map(|id| self.graph.needs(id))
            .filter(|id| match self.graph.node(*id) {
                Node::Action(_) | Node::Trigger(..) | Node::Refresh(..) => false,
                Node::Resource(r) | Node::Instance(r, _) => trigger.is_none_or(|(own, _)| own != r),
                _ => true,
            })
            .collect();
        out.sort_by_key(|id| id.index());
        out.dedup();
        out
    }

    /// Whether any of the nodes is made from a resource, however far back.
    pub fn made_from(&self, nodes: &[NodeId], resource: &ConfigResourceAddr) -> bool {
        let goal = self.graph.find(&Node::Resource(resource.clone()));
        goal.is_some_and(|goal| self.any_back_from(nodes, |id| id == goal))
    }

    /// Whether there is such a node among these and what they are made from, however far back.
    pub fn any_back_from(&self, nodes: &[NodeId], is_such: impl Fn(NodeId) -> bool) -> bool {
        let mut seen = FxHashSet::default();
        let mut open = nodes.to_vec();
        while let Some(id) = open.pop() {
            if is_such(id) {
                return true;
            }
            if seen.insert(id) {
                open.extend(self.graph.needs(id));
            }
        }
        false
    }
}

/// Builds the graph. `state_kinds` are the resource types that the state has objects of,
/// with the provider configuration that each is read through. The error names the
/// members of every cycle.
pub fn build(
    config: &Config,
    state_kinds: &BTreeSet<(ProviderKey, Arc<str>)>,
) -> Result<Dependencies, Diagnostics> {
    let b = builder(config, state_kinds);
    let cycles = b.graph.cycles();
    if !cycles.is_empty() {
        return Err(cycles
            .iter()
            .map(|c| b.cycle_error(c))
            .collect::<Vec<_>>()
            .into_diagnostics());
    }
    Ok(b.done())
}

/// The same without a look at cycles, for showing them.
pub fn graph(config: &Config, state_kinds: &BTreeSet<(ProviderKey, Arc<str>)>) -> Dependencies {
    builder(config, state_kinds).done()
}

fn builder<'c>(config: &'c Config, state_kinds: &BTreeSet<(ProviderKey, Arc<str>)>) -> Builder<'c> {
    let mut b = Builder {
        config,
        graph: Graph::new(),
    };
    // Provider configurations first, so that reading starts as early as possible.
    for (path, module) in &config.modules {
        for p in module.providers.values() {
            b.graph.add(Node::Provider(Arc::new(ProviderKey {
                module: path.clone(),
                kind: p.kind.clone(),
                name: p.name.clone(),
            })));
        }
    }
    for (key, kind) in state_kinds {
        let key = Arc::new(key.clone());
        let provider = b.graph.add(Node::Provider(key.clone()));
        let refresh = b.graph.add(Node::Refresh(key.clone(), kind.clone()));
        b.graph.need(refresh, provider);
    }
    for (path, module) in &config.modules {
        b.module(path, module);
    }
    b
}

trait IntoDiagnostics {
    fn into_diagnostics(self) -> Diagnostics;
}

impl IntoDiagnostics for Vec<Diagnostic> {
    fn into_diagnostics(self) -> Diagnostics {
        Diagnostics(self)
    }
}

struct Builder<'a> {
    config: &'a Config,
    graph: Graph<Node>,
}

impl Builder<'_> {
    fn done(self) -> Dependencies {
        Dependencies { graph: self.graph }
    }

    fn module(&mut self, path: &ModulePath, module: &Module) {
        let expand = (!path.is_root()).then(|| self.module_call(path));
        let needs_expansion = |b: &mut Self, node: NodeId| {
            if let Some(e) = expand {
                b.graph.need(node, e);
            }
        };
        for (key, p) in &module.providers {
            let node = Node::Provider(Arc::new(ProviderKey {
                module: path.clone(),
                kind: p.kind.clone(),
                name: key.clone(),
            }));
            let id = self.graph.add(node);
            self.needs_of(
                id,
                path,
                p.body
                    .references()
                    .chain(p.for_each.iter().flat_map(Expr::references)),
            );
        }
        for (name, v) in &module.variables {
            let id = self.graph.add(Node::Variable(path.clone(), name.clone()));
            needs_expansion(self, id);
            // A validation may look at other variables; at its own it always may.
            for c in &v.validations {
                for e in [&c.condition, &c.error_message] {
                    let own = ReferenceTarget::Variable(name.clone());
                    self.needs_of(id, path, e.references().iter().filter(|r| r.target != own));
                }
            }
            if let (Some(parent), Some(call)) = (path.parent(), path.names().last())
                && let Some(call) = self
                    .config
                    .modules
                    .get(&parent)
                    .and_then(|m| m.calls.get(call))
                && let Some((expr, _)) = call.arguments.get(name)
            {
                self.needs_of(id, &parent, expr.references().iter());
            }
        }
        for (name, local) in &module.locals {
            let id = self.graph.add(Node::Local(path.clone(), name.clone()));
            needs_expansion(self, id);
            self.needs_of(id, path, local.expr.references().iter());
        }
        for resource in module.resources.values() {
            let id = self.resource(path, resource);
            needs_expansion(self, id);
        }
        for action in module.actions.values() {
            let id = self.action(path, action);
            needs_expansion(self, id);
        }
        for (name, output) in &module.outputs {
            let id = self.graph.add(Node::Output(path.clone(), name.clone()));
            needs_expansion(self, id);
            self.needs_of(id, path, output.expr.references().iter());
            self.depends_on(id, path, &output.depends_on);
            for c in &output.preconditions {
                self.needs_of(
                    id,
                    path,
                    c.condition
                        .references()
                        .iter()
                        .chain(c.error_message.references()),
                );
            }
        }
        for (name, check) in &module.checks {
            let id = self.graph.add(Node::Check(path.clone(), name.clone()));
            needs_expansion(self, id);
            for c in &check.asserts {
                self.needs_of(
                    id,
                    path,
                    c.condition
                        .references()
                        .iter()
                        .chain(c.error_message.references()),
                );
            }
            if let Some(data) = &check.data {
                let data = self.resource_node(path, data);
                self.graph.need(id, data);
            }
        }
    }

    fn module_call(&mut self, path: &ModulePath) -> NodeId {
        let id = self.graph.add(Node::Module(path.clone()));
        let (Some(parent), Some(name)) = (path.parent(), path.names().last()) else {
            return id;
        };
        if !parent.is_root() {
            let p = self.graph.add(Node::Module(parent.clone()));
            self.graph.need(id, p);
        }
        if let Some(call) = self
            .config
            .modules
            .get(&parent)
            .and_then(|m| m.calls.get(name))
        {
            let of = repetition(&call.repetition);
            self.needs_of(id, &parent, of.into_iter().flat_map(Expr::references));
            let depends_on = call.depends_on.clone();
            self.depends_on(id, &parent, &depends_on);
        }
        id
    }

    fn resource_node(&mut self, path: &ModulePath, addr: &ResourceAddr) -> NodeId {
        self.graph.add(Node::Resource(ConfigResourceAddr {
            module: path.clone(),
            resource: addr.clone(),
        }))
    }

    fn resource(&mut self, path: &ModulePath, resource: &Arc<Resource>) -> NodeId {
        let id = self.resource_node(path, &resource.addr);
        let key = Arc::new(provider_key(self.config, path, &resource.provider));
        let provider = self.graph.add(Node::Provider(key.clone()));
        self.graph.need(id, provider);
        if resource.addr.mode == Mode::Managed {
            // Also without objects in the state: an import may bring one.
            if let Some(refresh) = self
                .graph
                .find(&Node::Refresh(key.clone(), resource.addr.kind.clone()))
            {
                self.graph.need(id, refresh);
            }
        }
        self.imports(id, path, resource);
        self.needs_of(id, path, resource.body.references());
        self.needs_of(
            id,
            path,
            repetition(&resource.repetition)
                .into_iter()
                .flat_map(Expr::references),
        );
        self.needs_of(
            id,
            path,
            resource.provider.key.iter().flat_map(Expr::references),
        );
        self.depends_on(id, path, &resource.depends_on);
        self.depends_on(id, path, &resource.lifecycle.replace_triggered_by);
        self.needs_of(
            id,
            path,
            resource
                .lifecycle
                .prevent_destroy
                .iter()
                .flat_map(Expr::references),
        );
        for c in resource
            .lifecycle
            .preconditions
            .iter()
            .chain(&resource.lifecycle.postconditions)
        {
            let own = ReferenceTarget::Resource(resource.addr.clone());
            let references = c
                .condition
                .references()
                .iter()
                .chain(c.error_message.references());
            self.needs_of(id, path, references.filter(|r| r.target != own));
        }
        self.needs_of(id, path, resource.provisioner_references());
        self.triggers(path, resource, id);
        id
    }

    fn action(&mut self, path: &ModulePath, action: &Action) -> NodeId {
        let id = self.graph.add(Node::Action(Arc::new(ConfigActionAddr {
            module: path.clone(),
            action: action.addr.clone(),
        })));
        let key = provider_key(self.config, path, &action.provider);
        let provider = self.graph.add(Node::Provider(Arc::new(key)));
        self.graph.need(id, provider);
        self.needs_of(id, path, action.references());
        self.depends_on(id, path, &action.depends_on);
        id
    }

    fn triggers(&mut self, path: &ModulePath, resource: &Resource, of: NodeId) {
        for (i, trigger) in resource.lifecycle.triggers.iter().enumerate() {
            let id = self.graph.add(Node::Trigger(
                ConfigResourceAddr {
                    module: path.clone(),
                    resource: resource.addr.clone(),
                },
                i,
            ));
            self.graph.need(id, of);
            self.needs_of(id, path, trigger.references());
            for named in &trigger.actions {
                let action = self.graph.add(Node::Action(Arc::new(ConfigActionAddr {
                    module: path.clone(),
                    action: named.action.clone(),
                })));
                self.graph.need(id, action);
            }
        }
    }

    /// What the `import` blocks of the root module that concern a resource refer to.
    fn imports(&mut self, id: NodeId, path: &ModulePath, resource: &Resource) {
        let Some(root) = self.config.root().cloned() else {
            return;
        };
        let resource = ConfigResourceAddr {
            module: path.clone(),
            resource: resource.addr.clone(),
        };
        for import in root.imports.of(&resource) {
            self.needs_of(id, &ModulePath::root(), import.references());
        }
    }

    fn needs_of<'r>(
        &mut self,
        id: NodeId,
        path: &ModulePath,
        references: impl IntoIterator<Item = &'r Reference>,
    ) {
        for r in references {
            self.need(id, path, r);
        }
    }

    fn depends_on(&mut self, id: NodeId, path: &ModulePath, dependencies: &[Dependency]) {
        for d in dependencies {
            self.need(id, path, &d.reference);
            self.needs_of(id, path, d.key.iter().flat_map(Expr::references));
        }
    }

    fn whole_module(&mut self, path: &ModulePath) -> NodeId {
        let node = Node::Whole(path.clone());
        if let Some(known) = self.graph.find(&node) {
            return known;
        }
        let id = self.graph.add(node);
        let expand = self.graph.add(Node::Module(path.clone()));
        self.graph.need(id, expand);
        let Some(module) = self.config.modules.get(path).cloned() else {
            return id;
        };
        for addr in module.resources.keys() {
            let needed = self.resource_node(path, addr);
            self.graph.need(id, needed);
        }
        for name in module.outputs.keys() {
            let needed = self.graph.add(Node::Output(path.clone(), name.clone()));
            self.graph.need(id, needed);
        }
        for call in module.calls.keys() {
            let needed = self.whole_module(&path.child(call.clone()));
            self.graph.need(id, needed);
        }
        id
    }

    fn need(&mut self, id: NodeId, path: &ModulePath, reference: &Reference) {
        let needed = match &reference.target {
            ReferenceTarget::Variable(n) => Node::Variable(path.clone(), n.clone()),
            ReferenceTarget::Local(n) => Node::Local(path.clone(), n.clone()),
            ReferenceTarget::Resource(addr) => {
                let resource = self.resource_node(path, addr);
                // Only depends_on can name the object that it belongs to.
                if resource == id {
                    return;
                }
                let Some(key) = self.constant_key(path, addr, reference) else {
                    self.graph.need(id, resource);
                    return;
                };
                let of = ConfigResourceAddr {
                    module: path.clone(),
                    resource: addr.clone(),
                };
                let instance = Node::Instance(of, Arc::new(key));
                let instance = self.graph.add(instance);
                self.graph.need(instance, resource);
                self.graph.need(id, instance);
                return;
            }
            ReferenceTarget::Module(name) => {
                let called = path.child(name.clone());
                let Some(output) = self.output_of(path, name, reference) else {
                    // Who means the module as a whole means all that it makes.
                    let whole = self.whole_module(&called);
                    self.graph.need(id, whole);
                    return;
                };
                let expand = self.graph.add(Node::Module(called.clone()));
                self.graph.need(id, expand);
                let module = self.config.modules.get(&called);
                if module.is_some_and(|m| m.outputs.contains_key(&output)) {
                    let needed = self.graph.add(Node::Output(called, output));
                    self.graph.need(id, needed);
                }
                return;
            }
            _ => return,
        };
        let needed = self.graph.add(needed);
        if needed != id {
            self.graph.need(id, needed);
        }
    }

    /// The output that a reference to a module names as a constant: after the key of an
    /// instance, however that is written.
    fn output_of(
        &self,
        path: &ModulePath,
        call: &Arc<str>,
        reference: &Reference,
    ) -> Option<Arc<str>> {
        let call = self.config.modules.get(path)?.calls.get(call)?;
        let keys = match call.repetition {
            Repetition::Single | Repetition::Enabled(_) => 0,
            Repetition::Count(_) | Repetition::ForEach(_) => 1,
        };
        match reference.path.0.get(keys)? {
            PathStep::Attribute(name) => Some(name.clone()),
            PathStep::Index(key) => key.as_str().map(Arc::from),
        }
    }

    /// The instance of a repeated resource that a reference names by a constant.
    fn constant_key(
        &self,
        path: &ModulePath,
        addr: &ResourceAddr,
        reference: &Reference,
    ) -> Option<InstanceKey> {
        let PathStep::Index(key) = reference.path.0.first()? else {
            return None;
        };
        let module = self.config.modules.get(path)?;
        // Numbers and texts stand for each other.
        let ty = match module.resources.get(addr)?.repetition {
            Repetition::Count(_) => Type::Number,
            Repetition::ForEach(_) => Type::String,
            Repetition::Single | Repetition::Enabled(_) => return None,
        };
        InstanceKey::from_value(&convert(key, &ty).ok()?)
    }

    fn cycle_error(&self, cycle: &Cycle) -> Diagnostic {
        // What only stands between the objects that people have written is left out.
        let objects = cycle.0.iter().filter(|id| {
            let node = self.graph.node(**id);
            !matches!(node, Node::Whole(_) | Node::Instance(..))
        });
        let names: Vec<String> = objects.map(|id| self.graph.node(*id).to_string()).collect();
        let detail = if let [only] = names.as_slice() {
            format!("{only} refers to itself.")
        } else {
            let mut round = names.clone();
            round.extend(names.first().cloned());
            format!(
                "These objects need each other, so that none of them can be first:\n  {}\nRemove one of the references between them.",
                round.join("\n  needs ")
            )
        };
        let mut d = Diagnostic::error("Cycle", format!("Cycle: {}\n{detail}", names.join(", ")));
        for id in &cycle.0 {
            if let Some(span) = self.span(self.graph.node(*id)) {
                d = d.at(span).label(span, self.graph.node(*id).to_string());
            }
        }
        d
    }

    fn span(&self, node: &Node) -> Option<loam_diag::Span> {
        let module = self.config.modules.get(node.module())?;
        match node {
            Node::Variable(_, n) => Some(module.variables.get(n)?.span),
            Node::Local(_, n) => Some(module.locals.get(n)?.span),
            Node::Output(_, n) => Some(module.outputs.get(n)?.span),
            Node::Check(_, n) => Some(module.checks.get(n)?.span),
            Node::Resource(r) => Some(module.resources.get(&r.resource)?.span),
            Node::Action(a) => Some(module.actions.get(&a.action)?.span),
            Node::Trigger(r, i) => {
                let triggers = &module.resources.get(&r.resource)?.lifecycle.triggers;
                Some(triggers.get(*i)?.span)
            }
            Node::Module(m) => {
                let parent = self.config.modules.get(&m.parent()?)?;
                Some(parent.calls.get(m.names().last()?)?.span)
            }
            Node::Whole(_) | Node::Instance(..) => None,
            Node::Provider(k) | Node::Refresh(k, _) => Some(module.providers.get(&k.name)?.span),
        }
    }
}

/// The expression of `count`, `for_each` or `enabled`.
pub fn repetition(r: &Repetition) -> Option<&Expr> {
    match r {
        Repetition::Single => None,
        Repetition::Count(e) | Repetition::ForEach(e) | Repetition::Enabled(e) => Some(e),
    }
}
