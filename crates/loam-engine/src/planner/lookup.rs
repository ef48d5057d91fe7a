//! Looking up objects that exist, without planning anything: what `loam import` takes
//! over, and what configuration is to be generated for.

use std::collections::BTreeMap;

use loam_address::{ConfigResourceAddr, InstanceAddr, InstanceKey, Mode as ResourceMode, Target};
use loam_config::{Config, Import, ImportTo};
use loam_diag::{Diagnostic, Diagnostics, nearest};
use loam_state::{Instance, InstanceId, State};

use super::{Inputs, Options, Planner, walk};
use crate::plan::Mode;

const NO_CONFIGURATION: &str = "Configuration for import target does not exist";

/// An object to look up.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What it becomes.
    pub address: InstanceAddr,
    /// The id that the provider knows it by; `None` if an `import` block tells it.
    pub id: Option<String>,
}

/// Looks objects up as they are now, and answers each with the id that it was found by.
/// Nothing else is read, and nothing is changed.
///
/// # Errors
///
/// An address is not that of a resource instance of the configuration, or the state has
/// an object there; the id fits no form of the resource type's; there is no such object.
pub async fn look_up(
    inputs: Inputs<'_>,
    wishes: &[Wish],
    parallelism: usize,
) -> (BTreeMap<InstanceAddr, (Instance, String)>, Diagnostics) {
    let base = inputs.state.clone();
    let mut diagnostics = Diagnostics::new();
    for wish in wishes {
        if let Err(d) = check(inputs.config, &base, &wish.address) {
            diagnostics.push(d);
        }
    }
    if diagnostics.has_errors() {
        return (BTreeMap::new(), diagnostics);
    }
    let by_id = wishes
        .iter()
        .filter_map(|w| Some((w.address.clone(), w.id.clone()?)));
    let options = Options {
        refresh: false,
        targets: wishes
            .iter()
            .map(|w| Target::Instance(w.address.clone()))
            .collect(),
        imports: by_id.collect(),
        only_imports: true,
        parallelism,
        ..Options::default()
    };
    let mut walked = match walk(inputs, &options).await {
        Ok(walked) => walked,
        Err(early) => return (BTreeMap::new(), early),
    };
    let mut diagnostics = std::mem::take(&mut walked.eval.diagnostics);
    let mut found = BTreeMap::new();
    for wish in wishes {
        let object = walked.prior.remove(&InstanceId::from(wish.address.clone()));
        match (object, walked.wanted(&wish.address)) {
            (Some(object), Some(wanted)) => {
                found.insert(wish.address.clone(), (object, wanted.id.clone()));
            }
            // A change of an earlier run has left it, and that run's end was found out.
            (Some(_), None) => diagnostics.push(managed(&wish.address)),
            (None, _) if diagnostics.has_errors() => {}
            (None, _) => diagnostics.push(
                Diagnostic::error(
                    "Nothing was imported",
                    format!("{} could not be looked up.", wish.address),
                )
                .for_address(wish.address.to_string()),
            ),
        }
    }
    diagnostics.sort();
    (found, diagnostics)
}

fn check(config: &Config, state: &State, to: &InstanceAddr) -> Result<(), Diagnostic> {
    if to.resource.mode == ResourceMode::Data {
        return Err(Diagnostic::error(
            "A managed resource address is required",
            format!(
                "Importing into a data resource ({to}) is not allowed: data resources are read by every plan."
            ),
        ));
    }
    let path = to.module.path();
    let Some(module) = config.modules.get(&path) else {
        let modules: Vec<String> = config.modules.keys().map(ToString::to_string).collect();
        let problem = Diagnostic::error(
            "Import to non-existent module",
            format!(
                "{path} is not defined in the configuration. Please add configuration for this module before importing into it."
            ),
        );
        return Err(suggest(problem, &path.to_string(), &modules));
    };
    if !module.resources.contains_key(&to.resource) {
        let place = match path.is_root() {
            true => "the root module".to_owned(),
            false => path.to_string(),
        };
        let resource = to.config_resource();
        let problem = Diagnostic::error(
            format!("Resource address \"{resource}\" does not exist in the configuration"),
            format!(
                "Before importing this resource, please create its configuration in {place}. For example:\n\nresource \"{}\" \"{}\" {{\n  # (resource arguments)\n}}",
                to.resource.kind, to.resource.name
            ),
        );
        return Err(suggest(problem, &resource.to_string(), &resources(config)));
    }
    if state.get(to).is_some() {
        return Err(managed(to));
    }
    Ok(())
}

fn managed(to: &InstanceAddr) -> Diagnostic {
    let detail = format!(
        "Loam is already managing a remote object for {to}. To import to this address you must first remove the existing object from the state (\"loam state rm\")."
    );
    Diagnostic::error("Resource already managed by Loam", detail)
}

fn resources(config: &Config) -> Vec<String> {
    let of = |(path, module): (
        &loam_address::ModulePath,
        &std::sync::Arc<loam_config::Module>,
    )| {
        let managed = module
            .resources
            .keys()
            .filter(|r| r.mode == ResourceMode::Managed);
        managed
            .map(|r| {
                let addr = ConfigResourceAddr {
                    module: path.clone(),
                    resource: r.clone(),
                };
                addr.to_string()
            })
            .collect::<Vec<_>>()
    };
    config.modules.iter().flat_map(of).collect()
}

fn suggest(problem: Diagnostic, text: &str, names: &[String]) -> Diagnostic {
    match nearest(text, names.iter().map(String::as_str)) {
        Some(near) => problem.hint(format!("Did you mean {near}?")),
        None => problem,
    }
}

/// The `import` blocks whose resource has no block, with the address that configuration
/// can be generated for; or, why not.
pub fn missing_blocks(config: &Config) -> Vec<(&Import, Result<InstanceAddr, Diagnostic>)> {
    let Some(root) = config.root() else {
        return Vec::new();
    };
    let missing = root.imports.iter().filter(|i| !has_block(config, &i.to));
    missing
        .map(|import| {
            let refuse = |detail: String| {
                Err(Diagnostic::error(NO_CONFIGURATION, detail).at(import.span))
            };
            let plain = match &import.to {
                _ if import.for_each.is_some() => None,
                ImportTo::Instance(i) if i.key == InstanceKey::None => Some(i),
                _ => None,
            };
            let result = match plain {
                None => refuse("The given import block is not compatible with config generation. The -generate-config-out option cannot be used with import blocks which use for_each, or resources which use for_each or count.".into()),
                Some(i) if !i.module.is_root() => refuse(format!(
                    "Resource {i} not found. Only resources within the root module are eligible for config generation."
                )),
                Some(i) => Ok(i.clone()),
            };
            (import, result)
        })
        .collect()
}

fn has_block(config: &Config, to: &ImportTo) -> bool {
    let resource = to.pattern().config_resource();
    let module = config.modules.get(&resource.module);
    module.is_some_and(|m| m.resources.contains_key(&resource.resource))
}

impl Planner<'_> {
    /// Reports `import` blocks whose resource has no block.
    pub(super) fn check_import_targets(&mut self) {
        if self.options.only_imports || self.options.mode != Mode::Normal {
            return;
        }
        for (import, can_be_generated) in missing_blocks(self.eval.config) {
            let text = match &import.to {
                ImportTo::Instance(i) => i.to_string(),
                ImportTo::Keyed(i, _) => i.config_resource().to_string(),
            };
            let detail = match can_be_generated {
                Ok(_) => format!(
                    "The configuration for the given import target {text} does not exist. If you wish to automatically generate config for this resource, use the -generate-config-out option within loam plan. Otherwise, make sure the target resource exists within your configuration. For example:\n\n  loam plan -generate-config-out=generated.tf"
                ),
                Err(_) => format!(
                    "The configuration for the given import target {text} does not exist. All target instances must have an associated configuration to be imported."
                ),
            };
            let problem = Diagnostic::error(NO_CONFIGURATION, detail).at(import.span);
            let problem = suggest(problem, &text, &resources(self.eval.config));
            self.eval.diagnostics.push(problem);
        }
    }
}
