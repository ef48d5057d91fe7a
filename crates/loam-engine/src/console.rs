//! Evaluates single expressions against state and variables.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use loam_address::{InstanceKey, ModuleAddr, ResourceAddr};
use loam_config::{Config, Module};
use loam_diag::{Diagnostic, Diagnostics, FileId, nearest};
use loam_eval::{Function, FunctionTable, Names, Param, ReferenceTarget, Resolved};
use loam_graph::Walk;
use loam_provider::Registry;
use loam_state::State;
use loam_syntax::Ident;
use loam_syntax::ast::Step;
use loam_value::{Type, Value};
use rustc_hash::FxHashMap;

use crate::dependencies::{self, Node};
use crate::evaluator::{Conditions, Evaluator};
use crate::scope::{Surroundings, module_instances};
use crate::values::{Expansion, Instances, Values};

/// What expressions are evaluated against.
pub struct ConsoleInputs<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The root module's folder.
    pub root_dir: &'a FilePath,
    /// The provider types at hand.
    pub registry: &'a Registry,
    /// The functions that may be called.
    pub functions: &'a FunctionTable,
    /// The run.
    pub surroundings: &'a Surroundings,
    /// The state.
    pub state: &'a State,
    /// Values of root variables.
    pub variables: &'a BTreeMap<Arc<str>, Value>,
}

/// What an expression came to.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A value.
    Value(Value),
    /// The type that `type(…)` asked for.
    Type(Type),
}

/// Everything that expressions can refer to, evaluated.
pub struct Console<'a> {
    eval: Evaluator<'a>,
    functions: FunctionTable,
}

impl<'a> Console<'a> {
    /// Evaluates variables, locals and outputs; resources are as the state has them. What
    /// cannot be evaluated is unknown, and said in the diagnostics.
    pub fn new(inputs: &ConsoleInputs<'a>) -> (Console<'a>, Diagnostics) {
        let mut eval = Evaluator {
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
        let deps = dependencies::build(inputs.config, &Default::default());
        if let Some((deps, mut walk)) = deps
            .ok()
            .and_then(|d| Walk::new(&d.graph).ok().map(|w| (d, w)))
        {
            while let Some(id) = walk.start_next() {
                match deps.graph.node(id).clone() {
                    Node::Variable(path, name) => {
                        eval.variable(&path, &name);
                    }
                    Node::Local(path, name) => {
                        eval.local(&path, &name);
                    }
                    Node::Output(path, name) => {
                        eval.output(&path, &name);
                    }
                    Node::Module(path) => {
                        eval.expand_module(&path);
                    }
                    Node::Resource(addr) => from_state(&mut eval, &addr, inputs.state),
                    Node::Whole(_)
                    | Node::Instance(..)
                    | Node::Provider(_)
                    | Node::Refresh(..)
                    | Node::Check(..)
                    | Node::Action(_)
                    | Node::Trigger(..) => {}
                }
                walk.done(id);
            }
        }
        let diagnostics = std::mem::take(&mut eval.diagnostics);
        (
            Console {
                eval,
                functions: with_type_query(inputs.functions),
            },
            diagnostics,
        )
    }

    /// Evaluates one expression, whose text is already a source of diagnostics.
    pub fn evaluate(&self, file: FileId, text: &str) -> Result<Answer, Diagnostics> {
        let parsed = loam_syntax::parse_expression(file, text, 0)?;
        let Some(root) = self.eval.config.root() else {
            return Ok(Answer::Value(Value::dynamic()));
        };
        let expr = loam_eval::resolve(&parsed, &ModuleNames(root), &self.functions)?;
        let addr = ModuleAddr::root();
        let scope = self.eval.scope(root, &addr);
        match expr.type_query() {
            Some(inner) => Ok(Answer::Type(inner.eval(&scope)?.ty())),
            None => Ok(Answer::Value(expr.eval(&scope)?)),
        }
    }
}

/// The functions and `type`, which only the console has: resolving an expression turns a
/// call of it into a question for the type, so it is never called itself.
fn with_type_query(functions: &FunctionTable) -> FunctionTable {
    let mut functions = functions.without(&[]);
    functions.insert(Function {
        name: "type",
        description: "`type` tells the type of a value, in the console only.",
        params: vec![Param {
            name: "value",
            description: "The value whose type is asked for.",
            ty: Type::Dynamic,
            allow_null: true,
            allow_unknown: true,
            allow_dynamic: true,
            allow_marked: true,
        }],
        variadic: None,
        nullable: false,
        return_type: |_| Ok(Type::Dynamic),
        call: |_, _| Ok(Value::dynamic()),
    });
    functions
}

/// A resource's instances as the state has them: their keys tell whether there is
/// `count` or `for_each`.
fn from_state(eval: &mut Evaluator<'_>, addr: &loam_address::ConfigResourceAddr, state: &State) {
    for module in module_instances(&eval.values, &addr.module) {
        let found: Vec<(InstanceKey, Value)> = state
            .instances
            .iter()
            .filter(|(id, _)| {
                id.deposed.is_none()
                    && id.addr.module == module
                    && id.addr.resource == addr.resource
            })
            .map(|(id, i)| (id.addr.key.clone(), i.value.clone()))
            .collect();
        let repetition = eval.resource(addr).map(|r| r.repetition.clone());
        let expansion = match repetition {
            Some(loam_config::Repetition::Count(_)) => {
                let last = found
                    .iter()
                    .filter_map(|(k, _)| {
                        if let InstanceKey::Int(i) = k {
                            Some(i + 1)
                        } else {
                            None
                        }
                    })
                    .max();
                Expansion::Count(last.unwrap_or(0))
            }
            Some(loam_config::Repetition::ForEach(_)) => {
                let keys = found.iter().filter_map(|(k, _)| {
                    if let InstanceKey::Str(s) = k {
                        Some((s.clone(), Value::string(s.clone())))
                    } else {
                        None
                    }
                });
                Expansion::Keys(Arc::new(keys.collect()))
            }
            _ => Expansion::Single,
        };
        let mut instances = Instances::new(expansion);
        for (key, value) in found {
            instances.set(key, value);
        }
        eval.values
            .module_mut(&module)
            .resources
            .insert(addr.resource.clone(), instances);
    }
}

/// The names of a module, for expressions that are not part of it.
struct ModuleNames<'a>(&'a Module);

impl ModuleNames<'_> {
    /// One of some declared names, or the error that it is none of them.
    fn declared<'n>(
        &self,
        what: &str,
        name: &Ident,
        mut all: impl Iterator<Item = &'n Arc<str>> + Clone,
    ) -> Result<Arc<str>, Diagnostic> {
        if all.clone().any(|n| *n == name.name) {
            return Ok(name.name.clone());
        }
        let near = nearest(&name.name, all.by_ref().map(|n| &**n));
        let hint = near
            .map(|n| format!(" Did you mean {n:?}?"))
            .unwrap_or_default();
        let detail = format!(
            "The configuration declares no {what} named {:?}.{hint}",
            name.name
        );
        Err(Diagnostic::error(format!("Reference to undeclared {what}"), detail).at(name.span))
    }

    fn resource(
        &self,
        addr: ResourceAddr,
        span: loam_diag::Span,
    ) -> Result<ReferenceTarget, Diagnostic> {
        if self.0.resources.contains_key(&addr) {
            return Ok(ReferenceTarget::Resource(addr));
        }
        let names: Vec<String> = self.0.resources.keys().map(ToString::to_string).collect();
        let near = nearest(&addr.to_string(), names.iter().map(String::as_str)).map(str::to_owned);
        let hint = near
            .map(|n| format!(" Did you mean {n}?"))
            .unwrap_or_default();
        let detail = format!("The configuration declares no resource {addr}.{hint}");
        Err(Diagnostic::error("Reference to undeclared resource", detail).at(span))
    }
}

impl Names for ModuleNames<'_> {
    fn resolve(&self, root: &Ident, steps: &[Step]) -> Result<Resolved, Diagnostic> {
        let name = |i: usize| match steps.get(i) {
            Some(Step::Attribute(n)) => Ok(n),
            _ => {
                let detail = format!("{:?} has to be followed by a name.", root.name);
                Err(Diagnostic::error("Invalid reference", detail).at(root.span))
            }
        };
        let fixed = |all: &[(&str, ReferenceTarget)]| -> Result<ReferenceTarget, Diagnostic> {
            let n = name(0)?;
            let found = all.iter().find(|(k, _)| **k == *n.name);
            found.map(|(_, t)| t.clone()).ok_or_else(|| {
                let detail = format!("The {:?} object has no attribute {:?}.", root.name, n.name);
                Diagnostic::error(format!("Invalid {:?} attribute", root.name), detail).at(n.span)
            })
        };
        let (target, consumed) = match &*root.name {
            "var" => (
                ReferenceTarget::Variable(self.declared(
                    "input variable",
                    name(0)?,
                    self.0.variables.keys(),
                )?),
                1,
            ),
            "local" => (
                ReferenceTarget::Local(self.declared(
                    "local value",
                    name(0)?,
                    self.0.locals.keys(),
                )?),
                1,
            ),
            "module" => (
                ReferenceTarget::Module(self.declared("module", name(0)?, self.0.calls.keys())?),
                1,
            ),
            "path" => (
                fixed(&[
                    ("module", ReferenceTarget::PathModule),
                    ("root", ReferenceTarget::PathRoot),
                    ("cwd", ReferenceTarget::PathCwd),
                ])?,
                1,
            ),
            "terraform" | "loam" => (
                fixed(&[
                    ("workspace", ReferenceTarget::Workspace),
                    ("applying", ReferenceTarget::Applying),
                ])?,
                1,
            ),
            "each" | "count" | "self" => {
                let detail = format!(
                    "{:?} means nothing outside of a block with several instances.",
                    root.name
                );
                return Err(Diagnostic::error("Invalid reference", detail).at(root.span));
            }
            "data" => {
                let (kind, of) = (name(0)?, name(1)?);
                let addr = ResourceAddr::data(kind.name.clone(), of.name.clone());
                (self.resource(addr, root.span.to(of.span))?, 2)
            }
            "resource" => {
                let (kind, of) = (name(0)?, name(1)?);
                let addr = ResourceAddr::managed(kind.name.clone(), of.name.clone());
                (self.resource(addr, root.span.to(of.span))?, 2)
            }
            kind => {
                let of = name(0)?;
                (
                    self.resource(
                        ResourceAddr::managed(kind, of.name.clone()),
                        root.span.to(of.span),
                    )?,
                    1,
                )
            }
        };
        Ok(Resolved { target, consumed })
    }
}
