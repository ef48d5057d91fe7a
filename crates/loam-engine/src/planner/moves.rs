//! Objects whose address has changed: `moved` blocks, and `count` added or taken away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use loam_address::{
    ConfigResourceAddr, InstanceAddr, InstanceKey, ModuleAddr, ModulePath, ModuleStep,
    ResourceAddr, Target,
};
use loam_config::{Config, Module, Repetition};
use loam_diag::{Diagnostic, Diagnostics};
use loam_state::{Instance, InstanceId, State};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::evaluator::Evaluator;
use crate::scope::module_instances;

type Objects = BTreeMap<InstanceId, Instance>;
/// New address → address in the state.
type Moved = BTreeMap<InstanceAddr, InstanceAddr>;

/// The state's objects under the addresses that the configuration gives them now.
pub(super) fn apply(
    config: &Config,
    state: &State,
    diagnostics: &mut Diagnostics,
) -> (Objects, Moved) {
    let statements = Statements::of(config);
    let occupied = Occupied::of(state);
    let mut moved = Moved::new();
    for from in &occupied.instances {
        // What adding or taking away `count` implies holds where nothing is said of the
        // resource, and goes before the moves of the modules that it is in.
        let mut to = implied(config, from, &occupied.instances)
            .filter(|_| !statements.name(from))
            .unwrap_or_else(|| from.clone());
        let mut seen = BTreeSet::from([to.clone()]);
        // Chains: each statement's result may be the start of another. Where an object
        // already is, another cannot go, although the one that is there may go on from
        // there: it does so after it was in the way.
        while let Some((statement, next)) = statements.step(&to) {
            if next.resource.kind != to.resource.kind {
                diagnostics.push(of_another_type(&to, &next).at(statement.span));
                break;
            }
            if occupied.hinders(statement, &next) || moved.contains_key(&next) {
                diagnostics.push(hindered(from, &next));
                break;
            }
            if !seen.insert(next.clone()) {
                break;
            }
            to = next;
        }
        if to != *from {
            moved.insert(to, from.clone());
        }
    }
    let back: BTreeMap<&InstanceAddr, &InstanceAddr> =
        moved.iter().map(|(to, from)| (from, to)).collect();
    let objects = state.instances.iter().map(|(id, i)| {
        let addr = back
            .get(&id.addr)
            .map_or_else(|| id.addr.clone(), |to| (*to).clone());
        (
            InstanceId {
                addr,
                deposed: id.deposed.clone(),
            },
            i.clone(),
        )
    });
    (objects.collect(), moved)
}

/// Moves away from instances that are still declared. What the keys are is known only now;
/// whole blocks were looked at with the configuration.
pub(super) fn still_declared(eval: &Evaluator<'_>) -> Diagnostics {
    let mut problems = Diagnostics::new();
    for (path, module) in &eval.config.modules {
        if module.moved.is_empty() {
            continue;
        }
        let outer = module_instances(&eval.values, path);
        for statement in &module.moved {
            if let Some(from) = outer.iter().find_map(|m| declared(eval, m, statement)) {
                let detail = format!(
                    "This block says that {from} has moved, but there is still an instance of this key. Take the key away, or remove the block."
                );
                problems.push(
                    Diagnostic::error("Moved object still exists", detail).at(statement.span),
                );
            }
        }
    }
    problems
}

/// Moves that blocks of different modules say of one object and that differ; those of one
/// module were looked at with the configuration.
pub(super) fn ambiguous(eval: &Evaluator<'_>) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let modules = || eval.config.modules.iter();
    if modules().filter(|(_, m)| !m.moved.is_empty()).count() < 2 {
        return problems;
    }
    type Ends<'c> = FxHashMap<(Target, bool), (Target, &'c loam_config::Moved, &'c ModulePath)>;
    let (mut from_to, mut to_from) = (Ends::default(), Ends::default());
    for (path, module) in modules() {
        for (outer, moved) in module_instances(&eval.values, path)
            .iter()
            .flat_map(|m| module.moved.iter().map(move |s| (m, s)))
        {
            let one = moved.is_about_one();
            let (from, to) = (below(outer, &moved.from), below(outer, &moved.to));
            let key = (from.clone(), one);
            let (there, other, of) = from_to
                .entry(key)
                .or_insert_with(|| (to.clone(), moved, path));
            if *of != path && *there != to {
                let detail = format!(
                    "{from} is said to have moved to {there} and to {to}. It can move to one address only."
                );
                problems.push(ambiguity(detail, moved, other));
            }
            let (there, other, of) = to_from
                .entry((to.clone(), one))
                .or_insert_with(|| (from.clone(), moved, path));
            if *of != path && *there != from {
                let detail = format!(
                    "{there} and {from} are both said to have moved to {to}. An address can hold one object only."
                );
                problems.push(ambiguity(detail, moved, other));
            }
        }
    }
    problems
}

fn ambiguity(detail: String, at: &loam_config::Moved, other: &loam_config::Moved) -> Diagnostic {
    Diagnostic::error("Ambiguous move statements", detail)
        .at(at.span)
        .label(other.span, "the other is here")
}

/// The module instance that some steps lead to from another.
fn inside(outer: &[ModuleStep], steps: &[ModuleStep]) -> ModuleAddr {
    ModuleAddr::from_steps(outer.iter().chain(steps).cloned().collect())
}

/// An address of a module as one of the root module.
fn below(outer: &ModuleAddr, target: &Target) -> Target {
    let module = |m: &ModuleAddr| inside(outer.steps(), m.steps());
    match target {
        Target::Module(m) => Target::Module(module(m)),
        Target::Resource(r) => Target::Resource(r.resource.in_module(module(&r.module))),
        Target::Instance(i) => Target::Instance(InstanceAddr {
            module: module(&i.module),
            ..i.clone()
        }),
    }
}

/// The instance that a keyed address in a module means, if it is declared.
fn declared(
    eval: &Evaluator<'_>,
    outer: &ModuleAddr,
    statement: &loam_config::Moved,
) -> Option<String> {
    let below = |steps: &[ModuleStep]| inside(outer.steps(), steps);
    match &statement.from {
        // In a module instance: whole blocks of modules were looked at before.
        Target::Resource(r) if matches!(statement.to, Target::Resource(_)) => {
            let keyed = |s: &ModuleStep| s.key != InstanceKey::None;
            let module = below(r.module.steps());
            let there = &eval.values.module(&module).resources;
            (r.module.steps().iter().any(keyed) && there.contains_key(&r.resource))
                .then(|| r.resource.in_module(module).to_string())
        }
        Target::Instance(i) if i.key != InstanceKey::None => {
            let module = below(i.module.steps());
            let resources = &eval.values.module(&module).resources;
            let expansion = &resources.get(&i.resource)?.expansion;
            let there = expansion.contains(&i.key);
            let addr = InstanceAddr {
                module,
                ..i.clone()
            };
            there.then(|| addr.to_string())
        }
        Target::Module(m) => {
            let (last, init) = m.steps().split_last()?;
            let expansion = eval.values.module(&below(init)).calls.get(&last.name)?;
            (last.key != InstanceKey::None && expansion.contains(&last.key))
                .then(|| below(m.steps()).to_string())
        }
        _ => None,
    }
}

/// What an object of one type is cannot be told from one of another.
fn of_another_type(from: &InstanceAddr, to: &InstanceAddr) -> Diagnostic {
    let detail = format!(
        "{from} is of the type {}, and an object of that type cannot become {to}. If the new resource stands for the same thing, import it there, and say with a removed block (destroy = false) that {from} is not managed any more.",
        from.resource.kind
    );
    Diagnostic::error("Unsupported `moved` across resource types", detail)
}

fn hindered(from: &InstanceAddr, to: &InstanceAddr) -> Diagnostic {
    let detail = format!(
        "{from} cannot be moved to {to}, because there is already an object at that address. It stays where it is, and will be destroyed if the configuration does not ask for it."
    );
    Diagnostic::warning("Unresolved resource instance address changes", detail)
}

/// Where the state has objects before anything moves.
struct Occupied {
    instances: BTreeSet<InstanceAddr>,
    resources: FxHashSet<(ModuleAddr, ResourceAddr)>,
    modules: FxHashSet<ModuleAddr>,
}

impl Occupied {
    fn of(state: &State) -> Occupied {
        let ids = state.instances.keys().filter(|id| id.deposed.is_none());
        let instances: BTreeSet<InstanceAddr> = ids.map(|id| id.addr.clone()).collect();
        let resource = |a: &InstanceAddr| (a.module.clone(), a.resource.clone());
        Occupied {
            resources: instances.iter().map(resource).collect(),
            modules: instances.iter().map(|a| a.module.clone()).collect(),
            instances,
        }
    }

    /// Whether something is in the way of a statement that takes an object to an address.
    /// One about a whole resource or module moves all of it or nothing.
    fn hinders(&self, statement: &loam_config::Moved, to: &InstanceAddr) -> bool {
        match (&statement.from, &statement.to) {
            (Target::Module(_), _) => self.modules.contains(&to.module),
            (Target::Resource(_), Target::Resource(_)) => {
                let resource = (to.module.clone(), to.resource.clone());
                self.resources.contains(&resource)
            }
            _ => self.instances.contains(to),
        }
    }
}

/// Refuses a selection that has one end of a move only: the other would be planned as if
/// it were another object.
pub(super) fn check_targets(moved: &Moved, targets: &[Target], diagnostics: &mut Diagnostics) {
    let ends = moved.iter().flat_map(|(to, from)| [from, to]);
    let outside = |addr: &&InstanceAddr| !targets.iter().any(|t| t.contains(addr));
    let options: BTreeSet<String> = ends
        .filter(outside)
        .map(|addr| format!("  -target='{addr}'"))
        .collect();
    if targets.is_empty() || options.is_empty() {
        return;
    }
    let options: Vec<String> = options.into_iter().collect();
    diagnostics.push(Diagnostic::error(
        "Moved resource instances excluded by targeting",
        format!(
            "Objects have new addresses, and -target leaves out some of those that they have or \
             had. Select them as well, or leave out -target:\n{}",
            options.join("\n")
        ),
    ));
}

/// The `moved` blocks of all modules in order, found by what they move.
struct Statements<'c> {
    all: Vec<(&'c ModulePath, &'c loam_config::Moved)>,
    of_modules: FxHashMap<ModulePath, Vec<usize>>,
    of_resources: FxHashMap<ConfigResourceAddr, Vec<usize>>,
    /// The resources that statements name at either end.
    named: FxHashSet<ConfigResourceAddr>,
}

impl<'c> Statements<'c> {
    fn of(config: &'c Config) -> Statements<'c> {
        let of_module =
            |(path, m): (&'c ModulePath, &'c Arc<Module>)| m.moved.iter().map(move |s| (path, s));
        let mut statements = Statements {
            all: config.modules.iter().flat_map(of_module).collect(),
            of_modules: FxHashMap::default(),
            of_resources: FxHashMap::default(),
            named: FxHashSet::default(),
        };
        for (i, (path, s)) in statements.all.iter().enumerate() {
            let below = |m: &ModuleAddr| {
                let steps = m.steps().iter();
                steps.fold((*path).clone(), |p, s| p.child(s.name.clone()))
            };
            let of_resource = |module: &ModuleAddr, resource: &ResourceAddr| ConfigResourceAddr {
                module: below(module),
                resource: resource.clone(),
            };
            for end in [&s.from, &s.to] {
                let named = match end {
                    Target::Module(_) => continue,
                    Target::Resource(r) => of_resource(&r.module, &r.resource),
                    Target::Instance(i) => of_resource(&i.module, &i.resource),
                };
                statements.named.insert(named);
            }
            let (modules, resources) = (&mut statements.of_modules, &mut statements.of_resources);
            match &s.from {
                Target::Module(m) => modules.entry(below(m)).or_default(),
                Target::Resource(r) => {
                    let key = of_resource(&r.module, &r.resource);
                    resources.entry(key).or_default()
                }
                Target::Instance(i) => {
                    let key = of_resource(&i.module, &i.resource);
                    resources.entry(key).or_default()
                }
            }
            .push(i);
        }
        statements
    }

    /// Where the first statement that concerns an address takes it. Resources move within
    /// their module before the module does, and modules before those that they are in.
    fn step(&self, addr: &InstanceAddr) -> Option<(&'c loam_config::Moved, InstanceAddr)> {
        let of_resource = self.of_resources.get(&addr.config_resource());
        let mut module = Some(addr.module.path());
        let of_modules = std::iter::from_fn(|| {
            let path = module.take()?;
            module = path.parent();
            Some(self.of_modules.get(&path))
        });
        let mut concerned = std::iter::once(of_resource).chain(of_modules).flatten();
        concerned.find_map(|statements| {
            let of = |one: bool| {
                let statements = statements.iter().filter_map(|i| self.all.get(*i));
                statements.filter(move |(_, s)| s.is_about_one() == one)
            };
            // What is said of one instance goes before what is said of all, whatever is first.
            let mut all = of(true).chain(of(false));
            all.find_map(|(module, s)| Some((*s, step(module, &s.from, &s.to, addr)?)))
        })
    }

    /// Whether one of the statements is about the resource of an address or about one of
    /// its instances, as what moves or as what it becomes.
    fn name(&self, addr: &InstanceAddr) -> bool {
        self.named.contains(&addr.config_resource())
    }
}

/// Where one statement (of a module) takes an address; `None` if it does not concern it.
fn step(
    module: &ModulePath,
    from: &Target,
    to: &Target,
    addr: &InstanceAddr,
) -> Option<InstanceAddr> {
    let steps = addr.module.steps();
    let depth = module.names().len();
    if steps.len() < depth || !steps.iter().zip(module.names()).all(|(s, n)| s.name == *n) {
        return None;
    }
    let (outer, inner) = steps.split_at(depth);
    let joined = |m: &ModuleAddr, rest: &[loam_address::ModuleStep]| {
        ModuleAddr::from_steps(outer.iter().chain(m.steps()).chain(rest).cloned().collect())
    };
    match (from, to) {
        (Target::Module(f), Target::Module(t)) => {
            let rest = inner.get(f.steps().len()..)?;
            let (head, last) = (inner.get(..f.steps().len())?, f.steps().last()?);
            let exact = head == f.steps();
            // A call without a key stands for all its instances, if the other side does, too.
            let all = last.key == InstanceKey::None
                && t.steps().last().is_some_and(|s| s.key == InstanceKey::None)
                && head
                    .split_last()
                    .is_some_and(|(l, init)| l.name == last.name && f.steps().starts_with(init));
            if exact {
                return Some(InstanceAddr {
                    module: joined(t, rest),
                    ..addr.clone()
                });
            }
            if all {
                let mut target = t.steps().to_vec();
                target.last_mut()?.key = head.last()?.key.clone();
                return Some(InstanceAddr {
                    module: joined(&ModuleAddr::from_steps(target), rest),
                    ..addr.clone()
                });
            }
            None
        }
        (Target::Resource(f), Target::Resource(t)) => {
            (inner == f.module.steps() && addr.resource == f.resource).then(|| InstanceAddr {
                module: joined(&t.module, &[]),
                resource: t.resource.clone(),
                key: addr.key.clone(),
            })
        }
        (Target::Instance(f), Target::Instance(t)) => (inner == f.module.steps()
            && addr.resource == f.resource
            && addr.key == f.key)
            .then(|| InstanceAddr {
                module: joined(&t.module, &[]),
                resource: t.resource.clone(),
                key: t.key.clone(),
            }),
        (Target::Resource(f), Target::Instance(t)) => (inner == f.module.steps()
            && addr.resource == f.resource
            && addr.key == InstanceKey::None)
            .then(|| InstanceAddr {
                module: joined(&t.module, &[]),
                resource: t.resource.clone(),
                key: t.key.clone(),
            }),
        (Target::Instance(f), Target::Resource(t)) => (inner == f.module.steps()
            && addr.resource == f.resource
            && addr.key == f.key)
            .then(|| InstanceAddr {
                module: joined(&t.module, &[]),
                resource: t.resource.clone(),
                key: InstanceKey::None,
            }),
        _ => None,
    }
}

/// The move that adding or taking away `count` implies: the only instance becomes the
/// first, and the first the only one. For resources only: with `count` for a module, which
/// of its instances is which takes a `moved` block.
fn implied(
    config: &Config,
    addr: &InstanceAddr,
    occupied: &BTreeSet<InstanceAddr>,
) -> Option<InstanceAddr> {
    let resource = config
        .modules
        .get(&addr.module.path())?
        .resources
        .get(&addr.resource)?;
    let to = InstanceAddr {
        key: implied_key(&resource.repetition, &addr.key),
        ..addr.clone()
    };
    (to != *addr && !occupied.contains(&to)).then_some(to)
}

fn implied_key(repetition: &Repetition, key: &InstanceKey) -> InstanceKey {
    match (repetition, key) {
        (Repetition::Count(_), InstanceKey::None) => InstanceKey::Int(0),
        (Repetition::Single | Repetition::Enabled(_), InstanceKey::Int(0)) => InstanceKey::None,
        (_, key) => key.clone(),
    }
}
