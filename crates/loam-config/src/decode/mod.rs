//! From the blocks of a folder to a module.
//!
//! Two rounds: first everything that the module declares is collected, then the
//! expressions are resolved against it.

mod action;
mod call;
mod constant;
mod depends;
mod gather;
mod lifecycle;
mod moves;
pub(crate) mod names;
pub(crate) mod open;
mod provider;
mod provisioner;
mod refactor;
mod resource;
mod settings;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

use loam_address::{ActionAddr, ResourceAddr};
use loam_diag::{Diagnostic, Diagnostics};
use loam_eval::FunctionTable;
use loam_provider::Registry;
use loam_syntax::Block;
use loam_syntax::ast::BodySchema;
use rustc_hash::FxHashMap;

pub(crate) use call::{Called, Interface, Origin};
pub(crate) use gather::{Gathered, ParsedFile, gather};
pub use provider::provider_source;
pub use resource::is_meta_argument;
pub use settings::LANGUAGE_VERSION;

use crate::block::{Resolver, Shape, Shapes};
use crate::{Check, Module};
use names::{BlockNames, Declared, DeclaredCall, DeclaredResource};
use open::{Layered, Opened, open, schema};
use resource::OpenedResource;
use settings::LocalNames;

static CHECK: LazyLock<BodySchema> =
    LazyLock::new(|| schema(&[], &[("data", &["type", "name"]), ("assert", &[])]));

/// What decoding needs besides the blocks.
pub(crate) struct Env<'a> {
    pub registry: &'a Registry,
    pub functions: &'a FunctionTable,
    pub shapes: Shapes,
    /// Resources whose blocks may lack what is required.
    pub incomplete: BTreeSet<ResourceAddr>,
    metas: Mutex<FxHashMap<usize, Arc<BodySchema>>>,
}

impl<'a> Env<'a> {
    pub fn new(registry: &'a Registry, functions: &'a FunctionTable) -> Env<'a> {
        Env {
            registry,
            functions,
            shapes: Shapes::default(),
            incomplete: BTreeSet::new(),
            metas: Mutex::default(),
        }
    }

    /// What a resource block of a shape may hold. A shape lives as long as this, so its
    /// address tells it from others.
    fn meta(&self, shape: &Arc<Shape>) -> Arc<BodySchema> {
        let mut metas = self.metas.lock().unwrap_or_else(|e| e.into_inner());
        metas
            .entry(Arc::as_ptr(shape) as usize)
            .or_insert_with(|| Arc::new(shape.with_meta(&resource::META)))
            .clone()
    }
}

/// Decodes a module. `calls` says of each call what was found.
pub(crate) fn decode(
    gathered: Gathered,
    dir: PathBuf,
    calls: &BTreeMap<Arc<str>, Called>,
    env: &Env<'_>,
) -> (Module, Diagnostics) {
    let mut diags = Diagnostics::new();
    let mut module = Module {
        dir,
        settings: settings::settings(gathered.settings, env.registry, &mut diags),
        ..Module::default()
    };
    let mut local_names = LocalNames::new(&module.settings);
    let mut declared = Declared::default();
    let label = |l: &Layered| l.block.labels.first().map(|l| l.name.clone());
    declared.variables = gathered.variables.iter().filter_map(label).collect();
    declared.providers = module
        .settings
        .required_providers
        .iter()
        .map(|(name, required)| (name.clone(), required.kind.clone()))
        .collect();
    declared.locals = gathered
        .locals
        .iter()
        .map(|l| l.name.name.clone())
        .collect();
    declared.actions = gathered
        .actions
        .iter()
        .filter_map(|l| match l.block.labels.as_slice() {
            [kind, name] => Some(ActionAddr {
                kind: kind.name.clone(),
                name: name.name.clone(),
            }),
            _ => None,
        })
        .collect();
    for call in &gathered.calls {
        let Some(name) = label(call) else { continue };
        let outputs = calls.get(&name).and_then(|c| c.interface.as_ref());
        let call = DeclaredCall {
            repeated: call::declared_repetition(call),
            outputs: outputs.map(|i| i.outputs.clone()),
        };
        declared.calls.insert(name, call);
    }
    let mut opened = Vec::with_capacity(gathered.resources.len());
    for layered in &gathered.resources {
        declare(
            layered,
            None,
            env,
            &mut local_names,
            &mut declared,
            &mut opened,
            &mut diags,
        );
    }
    let checks: Vec<OpenedCheck> = gathered
        .checks
        .into_iter()
        .filter_map(|block| {
            open_check(
                block,
                env,
                &mut local_names,
                &mut declared,
                &mut opened,
                &mut diags,
            )
        })
        .collect();

    // Everything is declared: from here on expressions are resolved.
    for layered in &gathered.variables {
        if let Some(v) = values::variable(layered, &declared, env, &mut diags) {
            module.variables.insert(v.name.clone(), v);
        }
    }
    for entry in &gathered.locals {
        if let Some(l) = values::local(entry, &declared, env, &mut diags) {
            module.locals.insert(l.name.clone(), l);
        }
    }
    for layered in &gathered.outputs {
        if let Some(o) = values::output(layered, &declared, env, &mut diags) {
            module.outputs.insert(o.name.clone(), o);
        }
    }
    for layered in &gathered.providers {
        let Some(config) =
            provider::provider_config(layered, &declared, env, &mut local_names, &mut diags)
        else {
            continue;
        };
        if let Some(first) = module.providers.get(&config.name) {
            diags.push(
                Diagnostic::error(
                    "Duplicate provider configuration",
                    format!(
                        "The provider configuration {} is declared already. Each further \
                         configuration of a provider needs an alias of its own.",
                        config.name
                    ),
                )
                .at(config.span)
                .label(first.span, "the first is here"),
            );
            continue;
        }
        module.providers.insert(config.name.clone(), config);
    }
    for layered in &gathered.calls {
        let Some(called) = label(layered).and_then(|n| calls.get(&n)) else {
            continue;
        };
        if let Some(c) = call::module_call(
            layered,
            called,
            &declared,
            env,
            &mut local_names,
            &mut diags,
        ) {
            module.calls.insert(c.name.clone(), c);
        }
    }
    for layered in &gathered.actions {
        if let Some(a) = action::action(layered, &declared, env, &mut local_names, &mut diags) {
            module.actions.insert(a.addr.clone(), Arc::new(a));
        }
    }
    for check in checks {
        let check = decode_check(check, &declared, env, &mut diags);
        module.checks.insert(check.name.clone(), check);
    }
    for block in &gathered.moved {
        module.moved.extend(refactor::moved(block, &mut diags));
    }
    moves::check(&module.moved, &declared, &mut diags);
    for block in &gathered.removed {
        if let Some(removed) = refactor::removed(block, &declared, env, &mut diags) {
            module.removed.push(removed);
        }
    }
    for block in &gathered.imports {
        let import = refactor::import(block, &declared, env, &mut local_names, &mut diags);
        if let Some(import) = import {
            module.imports.push(import);
        }
    }
    for (resource, problems) in resources(opened, &declared, env) {
        diags.append(problems);
        module
            .resources
            .insert(resource.addr.clone(), Arc::new(resource));
    }
    (module, diags)
}

/// Opens a resource block and notes that it is declared, even if its type is unknown: then
/// references to it are not wrong, too.
fn declare(
    layered: &Layered,
    in_check: Option<Arc<str>>,
    env: &Env<'_>,
    local_names: &mut LocalNames,
    declared: &mut Declared,
    opened: &mut Vec<OpenedResource>,
    diags: &mut Diagnostics,
) -> Option<loam_address::ResourceAddr> {
    let (addr, resource) =
        resource::open_resource(layered, in_check.clone(), env, local_names, diags);
    let addr = addr?;
    if declared.resources.contains_key(&addr) {
        diags.push(
            Diagnostic::error(
                format!("Duplicate data \"{}\" configuration", addr.kind),
                format!(
                    "{addr} is declared before. Names have to be unique within a module, in \
                     check blocks, too."
                ),
            )
            .at(layered.block.header),
        );
        return None;
    }
    declared.resources.insert(
        addr.clone(),
        DeclaredResource {
            repeated: resource.as_ref().map(|r| r.repeated).unwrap_or_default(),
            shape: resource.as_ref().map(|r| r.shape.clone()),
            in_check,
        },
    );
    opened.extend(resource);
    Some(addr)
}

/// Decodes resources, on all processors if there are many.
fn resources(
    opened: Vec<OpenedResource>,
    declared: &Declared,
    env: &Env<'_>,
) -> Vec<(crate::Resource, Diagnostics)> {
    const FEW: usize = 500;
    let decode_one = |r| resource::resource(r, declared, env);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    if opened.len() < FEW || workers < 2 {
        return opened.into_iter().map(decode_one).collect();
    }
    let size = opened.len().div_ceil(workers);
    let mut chunks: Vec<Vec<OpenedResource>> = Vec::with_capacity(workers);
    let mut rest = opened.into_iter();
    loop {
        let chunk: Vec<OpenedResource> = rest.by_ref().take(size).collect();
        if chunk.is_empty() {
            break;
        }
        chunks.push(chunk);
    }
    std::thread::scope(|scope| {
        let handles: Vec<_> = chunks
            .into_iter()
            .map(|chunk| scope.spawn(|| chunk.into_iter().map(decode_one).collect::<Vec<_>>()))
            .collect();
        handles
            .into_iter()
            .flat_map(|h| match h.join() {
                Ok(decoded) => decoded,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}

impl Gathered {
    /// The variables, for values that are needed before decoding. Problems are left to
    /// decoding.
    pub fn static_variables(&self, env: &Env<'_>) -> BTreeMap<Arc<str>, crate::Variable> {
        let nothing = Declared::default();
        self.variables
            .iter()
            .filter_map(|l| values::variable(l, &nothing, env, &mut Diagnostics::new()))
            .map(|v| (v.name.clone(), v))
            .collect()
    }

    /// The arguments of a call, by name, as they are written.
    pub fn arguments(&self, call: &str) -> BTreeMap<Arc<str>, loam_syntax::Attribute> {
        let mut out = BTreeMap::new();
        let named = |l: &&Layered| l.block.labels.first().is_some_and(|n| *n.name == *call);
        for layered in self.calls.iter().filter(named) {
            for block in std::iter::once(&layered.block).chain(&layered.overrides) {
                let (attributes, _) = block.body.just_attributes();
                out.extend(attributes.into_iter().map(|a| (a.name.name.clone(), a)));
            }
        }
        out
    }
}

struct OpenedCheck {
    name: Arc<str>,
    data: Option<loam_address::ResourceAddr>,
    opened: Opened,
    block: Block,
}

fn open_check(
    block: Block,
    env: &Env<'_>,
    local_names: &mut LocalNames,
    declared: &mut Declared,
    resources: &mut Vec<OpenedResource>,
    diags: &mut Diagnostics,
) -> Option<OpenedCheck> {
    let name = block.labels.first()?.name.clone();
    let mut opened = open(&block.body, &CHECK, diags);
    let mut data = opened.take_blocks("data").into_iter();
    let first = data.next();
    for surplus in data {
        diags.push(
            Diagnostic::error(
                "Multiple data resource blocks",
                format!("The check block \"{name}\" has a data resource already: one at most."),
            )
            .at(surplus.header),
        );
    }
    let data = first.and_then(|block| {
        let layered = Layered {
            block,
            overrides: Vec::new(),
        };
        declare(
            &layered,
            Some(name.clone()),
            env,
            local_names,
            declared,
            resources,
            diags,
        )
    });
    Some(OpenedCheck {
        name,
        data,
        opened,
        block,
    })
}

fn decode_check(
    mut check: OpenedCheck,
    declared: &Declared,
    env: &Env<'_>,
    diags: &mut Diagnostics,
) -> Check {
    let names = BlockNames {
        check: Some(&check.name),
        ..BlockNames::new(declared)
    };
    let resolver = Resolver {
        names: &names,
        functions: env.functions,
    };
    let asserts = check.opened.take_blocks("assert");
    if asserts.is_empty() {
        diags.push(
            Diagnostic::error(
                "Zero assert blocks",
                "A check block needs at least one assert block.",
            )
            .at(check.block.header),
        );
    }
    Check {
        data: check.data,
        asserts: asserts
            .iter()
            .filter_map(|b| values::condition(b, resolver, diags))
            .collect(),
        span: check.block.header,
        name: check.name.clone(),
    }
}
