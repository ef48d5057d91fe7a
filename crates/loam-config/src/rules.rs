//! Rules that concern several modules at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_address::{InstanceAddr, InstanceKey, ModulePath, ModuleStep, Target};
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::ReferenceTarget;
use loam_value::{PathStep, Type, convert};
use rustc_hash::FxHashMap;

use crate::{
    Import, KeyPlace, Module, ModuleCall, ProviderConfig, ProviderConfigName, ProviderRef,
    Repetition,
};

/// Checks all modules of a configuration.
pub(crate) fn check(modules: &BTreeMap<ModulePath, Arc<Module>>, diags: &mut Diagnostics) {
    for (path, module) in modules {
        moved_in_called_modules(modules, path, module, diags);
        deprecated(modules, path, module, diags);
        if path.is_root() {
            root_outputs(module, diags);
            imports(modules, module, diags);
        } else {
            imports_in_root_only(path, module, diags);
        }
        provider_references(module, diags);
        let caller = path.parent().and_then(|p| modules.get(&p));
        let called_by = caller.zip(path.names().last());
        let called_by = called_by.and_then(|(parent, name)| parent.calls.get(name));
        for call in module.calls.values() {
            if let Some(child) = modules.get(&path.child(call.name.clone())) {
                passed_providers(module, called_by, call, child, diags);
            }
        }
        if let Some(call) = called_by {
            configured_in_child(modules, path, module, call, diags);
        }
    }
}

fn root_outputs(module: &Module, diags: &mut Diagnostics) {
    for output in module.outputs.values().filter(|o| o.ephemeral) {
        diags.push(
            Diagnostic::error(
                "Ephemeral output not allowed",
                format!(
                    "The output \"{}\" belongs to the root module, whose outputs are stored in \
                     the state. Only outputs of other modules can be ephemeral.",
                    output.name
                ),
            )
            .at(output.span),
        );
    }
}

/// Variables that a called module no longer wants set, and outputs that it no longer wants read.
fn deprecated(
    modules: &BTreeMap<ModulePath, Arc<Module>>,
    path: &ModulePath,
    module: &Module,
    diags: &mut Diagnostics,
) {
    for call in module.calls.values() {
        let Some(child) = modules.get(&path.child(call.name.clone())) else {
            continue;
        };
        for (name, (value, _)) in &call.arguments {
            if let Some(why) = child
                .variables
                .get(name)
                .and_then(|v| v.deprecated.as_ref())
            {
                diags.push(
                    Diagnostic::warning(
                        "Deprecated variable",
                        format!(
                            "The variable \"{name}\" of module.{} is deprecated: {why}",
                            call.name
                        ),
                    )
                    .at(value.span()),
                );
            }
        }
    }
    let references = module
        .locals
        .values()
        .flat_map(|l| l.references())
        .chain(module.outputs.values().flat_map(|o| o.references()))
        .chain(module.resources.values().flat_map(|r| r.references()))
        .chain(module.calls.values().flat_map(|c| c.references()))
        .chain(
            module
                .calls
                .values()
                .flat_map(|c| c.arguments.values())
                .flat_map(|(value, _)| value.references()),
        )
        .chain(module.providers.values().flat_map(|p| p.references()))
        .chain(module.checks.values().flat_map(|c| c.references()));
    for reference in references {
        let ReferenceTarget::Module(name) = &reference.target else {
            continue;
        };
        let output = match reference.path.0.as_slice() {
            [PathStep::Attribute(output), ..]
            | [PathStep::Index(_), PathStep::Attribute(output), ..] => output,
            _ => continue,
        };
        let why = modules
            .get(&path.child(name.clone()))
            .and_then(|child| child.outputs.get(output))
            .and_then(|output| output.deprecated.as_ref());
        if let Some(why) = why {
            diags.push(
                Diagnostic::warning(
                    "Deprecated output",
                    format!("The output \"{output}\" of module.{name} is deprecated: {why}"),
                )
                .at(reference.span),
            );
        }
    }
}

/// Moves away from what a called module still declares.
fn moved_in_called_modules(
    modules: &BTreeMap<ModulePath, Arc<Module>>,
    path: &ModulePath,
    module: &Module,
    diags: &mut Diagnostics,
) {
    for statement in &module.moved {
        let (Target::Resource(from), Target::Resource(_)) = (&statement.from, &statement.to) else {
            continue;
        };
        let keyed = |s: &ModuleStep| s.key != InstanceKey::None;
        if from.module.is_root() || from.module.steps().iter().any(keyed) {
            continue;
        }
        let names = from.module.steps().iter().map(|s| s.name.clone());
        let of = names.fold(path.clone(), |p, name| p.child(name));
        let declared = modules
            .get(&of)
            .and_then(|m| m.resources.get(&from.resource));
        if let Some(declared) = declared {
            diags.push(
                Diagnostic::error(
                    "Moved object still exists",
                    format!(
                        "This block says that {from} has moved, but it is still declared. Change \
                         its name, or remove the block."
                    ),
                )
                .at(statement.span)
                .label(declared.span, "declared here"),
            );
        }
    }
}

/// What can be said of `import` blocks without evaluating anything.
fn imports(modules: &BTreeMap<ModulePath, Arc<Module>>, root: &Module, diags: &mut Diagnostics) {
    let mut earlier: FxHashMap<&InstanceAddr, &Import> = FxHashMap::default();
    for import in root.imports.iter() {
        let to = import.to.pattern();
        let first = match import.to.keys() {
            [] => *earlier.entry(to).or_insert(import),
            _ => import,
        };
        if !std::ptr::eq(first, import) {
            diags.push(
                Diagnostic::error(
                    format!("Duplicate import configuration for \"{to}\""),
                    "An address can be imported by one block only.",
                )
                .at(import.span)
                .label(first.span, "the other is here"),
            );
        }
        let declared = modules
            .get(&to.module.path())
            .and_then(|m| m.resources.get(&to.resource));
        // The block that has been generated says the same.
        let says_same = |p: &ProviderRef| {
            declared.is_some_and(|r| r.provider.span.is_some() && r.provider.config == p.config)
        };
        if declared.is_some()
            && let Some(provider) = import.provider.as_ref().filter(|p| !says_same(p))
            && let Some(at) = provider.span
        {
            diags.push(
                Diagnostic::error(
                    "Invalid import provider argument",
                    "The provider of an import can be chosen only where its configuration is to \
                     be generated. This resource is declared: choose the provider there.",
                )
                .at(at),
            );
        }
        let target = modules.get(&to.module.path());
        if target.is_none() {
            diags.push(
                Diagnostic::error(
                    "Configuration for import target does not exist",
                    format!(
                        "The configuration for the given import target {to} does not exist: there \
                         is no such module."
                    ),
                )
                .at(import.span),
            );
        }
        if let Some(resource) = target.and_then(|m| m.resources.get(&to.resource))
            && let Some(problem) = import_key(import, &resource.repetition)
        {
            diags.push(
                Diagnostic::error("Invalid import 'to' expression", problem)
                    .at(import.span)
                    .label(resource.span, "declared here"),
            );
        }
        let Some(Ok(id)) = import.id.constant() else {
            continue;
        };
        let text = convert::convert(&id, &Type::String);
        let problem = match text.as_ref().map(|v| v.as_str()) {
            Ok(None) => "The import ID cannot be null.",
            Ok(Some("")) => "The import ID cannot be empty.",
            Ok(Some(_)) => continue,
            Err(_) => "The import ID has to be a string.",
        };
        diags.push(Diagnostic::error("Invalid import id argument", problem).at(import.id.span()));
    }
}

/// What is wrong with the key of an import's target, as far as it shows without evaluating.
fn import_key(import: &Import, repetition: &Repetition) -> Option<&'static str> {
    let evaluated = import
        .to
        .keys()
        .iter()
        .any(|(p, _)| *p == KeyPlace::Resource);
    match (repetition, &import.to.pattern().key) {
        (Repetition::Single, InstanceKey::None) if !evaluated => None,
        (Repetition::Single, _) => {
            Some("The target resource is not repeated: its address has no key.")
        }
        (Repetition::Count(_), InstanceKey::Int(_))
        | (Repetition::ForEach(_), InstanceKey::Str(_)) => None,
        (Repetition::Count(_), _) if !evaluated => {
            Some("The target resource uses \"count\": its address needs the number of an instance.")
        }
        (Repetition::ForEach(_), _) if !evaluated => {
            Some("The target resource uses \"for_each\": its address needs the key of an instance.")
        }
        _ => None,
    }
}

fn imports_in_root_only(path: &ModulePath, module: &Module, diags: &mut Diagnostics) {
    for import in module.imports.iter() {
        diags.push(
            Diagnostic::error(
                "Invalid import configuration",
                format!(
                    "An import block was found in {path}. Only the root module can hold import \
                     blocks."
                ),
            )
            .at(import.span),
        );
    }
}

/// What a module knows of a provider configuration's name.
fn knows(module: &Module, name: &ProviderConfigName) -> bool {
    module.providers.contains_key(name) || asks_for(module, name)
}

/// Whether callers pass the configuration.
fn asks_for(module: &Module, name: &ProviderConfigName) -> bool {
    module
        .settings
        .required_providers
        .values()
        .any(|r| r.configuration_aliases.contains(name))
}

fn provider_references(module: &Module, diags: &mut Diagnostics) {
    let of_resources = module.resources.values().map(|r| &r.provider);
    let of_calls = module.calls.values().flat_map(|c| c.providers.values());
    let of_imports = module.imports.iter().filter_map(|i| i.provider.as_ref());
    let of_actions = module.actions.values().map(|a| &a.provider);
    let all = of_resources
        .chain(of_calls)
        .chain(of_imports)
        .chain(of_actions);
    for reference in all {
        let Some(at) = reference.span else { continue };
        provider_reference(module, reference, at, diags);
    }
}

fn provider_reference(module: &Module, reference: &ProviderRef, at: Span, diags: &mut Diagnostics) {
    let name = &reference.config;
    let config = module.providers.get(name);
    if config.is_none() && name.alias.is_some() && !knows(module, name) {
        let known: Vec<String> = module.providers.keys().map(ToString::to_string).collect();
        let problem = Diagnostic::error(
            "Provider configuration not present",
            format!(
                "There is no provider configuration {name} in this module. A block `provider \
                 \"{}\"` with this alias would declare it.",
                name.name
            ),
        )
        .at(at);
        let near = loam_diag::nearest(&name.to_string(), known.iter().map(String::as_str));
        diags.push(match near {
            Some(near) => problem.hint(format!("Did you mean \"{near}\"?")),
            None => problem,
        });
        return;
    }
    let repeated = config.is_some_and(|c| c.for_each.is_some());
    if repeated && reference.key.is_none() {
        diags.push(
            Diagnostic::error(
                "Missing provider instance key",
                format!(
                    "The provider configuration {name} has \"for_each\" set: choose one of its \
                     instances, such as {name}[each.key]."
                ),
            )
            .at(at),
        );
    }
    if !repeated && reference.key.is_some() {
        let detail = match config {
            Some(_) => format!(
                "The provider configuration {name} does not have \"for_each\" set: a \
                 reference to it takes no index."
            ),
            None => format!(
                "There is no provider configuration {name} with \"for_each\" in this module: \
                 one that is passed in is a single instance, and a reference to it takes no index."
            ),
        };
        diags.push(Diagnostic::error("Unexpected provider instance key", detail).at(at));
    }
}

/// What is passed has to be asked for and of the right kind; what is asked for has to be
/// passed. `called_by` is the call of the module itself, which may pass some on.
fn passed_providers(
    module: &Module,
    called_by: Option<&ModuleCall>,
    call: &ModuleCall,
    child: &Module,
    diags: &mut Diagnostics,
) {
    for (name, reference) in &call.providers {
        let at = reference.span.unwrap_or(call.span);
        let kind = match child.settings.required_providers.get(&name.name) {
            Some(required) => &required.kind,
            // A provider may be used without having been required.
            None => &name.name,
        };
        let used = &reference.config;
        // Of names with an alias, `provider_reference` has told.
        if used.alias.is_none()
            && !module.providers.contains_key(used)
            && !module.settings.required_providers.contains_key(&used.name)
            && !called_by.is_some_and(|c| c.providers.contains_key(used))
        {
            diags.push(
                Diagnostic::error(
                    "Missing provider configuration",
                    format!(
                        "The provider configuration {used} is passed to the module \"{}\", but \
                         there is none here. A block `provider \"{}\"` would be one; naming the \
                         provider in required_providers is enough, too.",
                        call.name, used.name
                    ),
                )
                .at(at),
            );
            continue;
        }
        let here = implied_source(module, &reference.config.name);
        let there = implied_source(child, &name.name);
        let built_in = |s: &str| s.starts_with("terraform.io/builtin/");
        let other = here != there && (built_in(&here) || built_in(&there));
        if *kind != reference.kind || other {
            diags.push(
                Diagnostic::error(
                    "Provider type mismatch",
                    format!(
                        "For the module \"{}\", {name} is a configuration of the provider \
                         \"{kind}\", but the one passed is of \"{}\".",
                        call.name, reference.kind
                    ),
                )
                .at(at),
            );
            continue;
        }
        if name.alias.is_some() && !knows(child, name) {
            diags.push(
                Diagnostic::warning(
                    "Reference to undefined provider",
                    format!(
                        "The module \"{}\" does not ask for a provider configuration {name}: it \
                         is not among the configuration_aliases of its required_providers.",
                        call.name
                    ),
                )
                .at(at),
            );
        }
        if child.providers.get(name).is_some_and(|p| !p.is_empty()) {
            diags.push(
                Diagnostic::error(
                    "Cannot override provider configuration",
                    format!(
                        "The module \"{}\" has its own configuration {name}, which cannot be \
                         replaced by one that is passed.",
                        call.name
                    ),
                )
                .at(at),
            );
        }
    }
    let wanted = child.settings.required_providers.values();
    for name in wanted.flat_map(|r| &r.configuration_aliases) {
        if !call.providers.contains_key(name) && !child.providers.contains_key(name) {
            diags.push(
                Diagnostic::error(
                    "Missing required provider configuration",
                    format!(
                        "The module \"{}\" asks for a provider configuration {name}. Pass one: \
                         `providers = {{ {name} = … }}`.",
                        call.name
                    ),
                )
                .at(call.span),
            );
        }
    }
}

/// The source of a provider as a module calls it. That of one which it does not require is
/// made from the name, also if a built-in one has that name.
fn implied_source(module: &Module, name: &str) -> String {
    let required = module.settings.required_providers.get(name);
    let source = required.and_then(|r| r.source.as_deref()).unwrap_or(name);
    crate::decode::provider_source(source).unwrap_or_default()
}

/// A module with provider configurations of its own can be neither repeated nor made to
/// wait: the configurations are needed as long as anything that they made exists.
fn configured_in_child(
    modules: &BTreeMap<ModulePath, Arc<Module>>,
    path: &ModulePath,
    module: &Module,
    call: &ModuleCall,
    diags: &mut Diagnostics,
) {
    if module.providers.values().all(ProviderConfig::is_empty) {
        return;
    }
    let mut call = Some(call);
    let mut at = path.clone();
    while let Some(c) = call {
        let place = match (&c.repetition, c.depends_on.first()) {
            (Repetition::Count(e) | Repetition::ForEach(e) | Repetition::Enabled(e), _) => {
                Some(e.span())
            }
            (Repetition::Single, Some(d)) => Some(d.span),
            (Repetition::Single, None) => None,
        };
        if let Some(place) = place {
            diags.push(
                Diagnostic::error(
                    "Module is incompatible with count, for_each, and depends_on",
                    format!(
                        "{path} has provider configurations of its own, so that calls leading \
                         to it cannot use \"count\", \"for_each\" or \"depends_on\". Let the \
                         module take its provider configurations from its callers."
                    ),
                )
                .at(place),
            );
            return;
        }
        let Some(parent) = at.parent() else { return };
        let name = parent.names().last().cloned();
        call = parent
            .parent()
            .zip(name)
            .and_then(|(grand, name)| modules.get(&grand)?.calls.get(&name));
        at = parent;
    }
}
