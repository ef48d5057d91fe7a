//! Loading: from a folder to the whole tree of modules.

mod backend;
mod calls;
mod parse;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use loam_address::{ModulePath, ResourceAddr};
use loam_diag::{Diagnostics, SourceMap};
use loam_eval::FunctionTable;
use loam_provider::Registry;
use rustc_hash::FxHashMap;

use crate::decode::{Called, Env, Interface, decode};
use crate::source::{FileSource, Manifest, join};
use crate::variables::Inputs;
use crate::{Config, Module, ProviderConfig, rules};
pub use backend::{FoundBackend, find_backend};
pub use calls::{FoundCall, FoundCalls, find_calls};
use tree::{Folder, FollowedCalls, Node, Tree};

/// What loading needs.
#[derive(Clone, Copy)]
pub struct Loader<'a> {
    /// Where files come from.
    pub files: &'a dyn FileSource,
    /// Gets the texts of all files that are read, for diagnostics.
    pub sources: &'a SourceMap,
    /// The provider types at hand.
    pub registry: &'a Registry,
    /// The functions that expressions may call.
    pub functions: &'a FunctionTable,
    /// Where modules that are not in local folders were installed.
    pub installed: &'a Manifest,
}

/// Loads the configuration whose root module is in the folder `root`, as [`load_with`] does
/// when no values are given for the root module's variables.
pub fn load(loader: &Loader<'_>, root: &Path) -> (Option<Config>, Diagnostics) {
    load_with(loader, root, &Inputs::new())
}

/// Loads the configuration whose root module is in the folder `root` (`.` for the working
/// directory). There is a configuration if and only if there are no errors; the
/// diagnostics are in source order. `inputs` are the values given for the root module's
/// variables: the sources of modules may be made from them.
pub fn load_with(
    loader: &Loader<'_>,
    root: &Path,
    inputs: &Inputs,
) -> (Option<Config>, Diagnostics) {
    let env = Env::new(loader.registry, loader.functions);
    load_in(loader, root, inputs, &env)
}

/// Loads as [`load_with`] does, but the blocks of some resources may lack arguments and
/// nested blocks that are required: for looking an object up before its configuration is
/// written. What is loaded is not fit for planning these resources.
pub fn load_incomplete(
    loader: &Loader<'_>,
    root: &Path,
    inputs: &Inputs,
    incomplete: &BTreeSet<ResourceAddr>,
) -> (Option<Config>, Diagnostics) {
    let mut env = Env::new(loader.registry, loader.functions);
    env.incomplete = incomplete.clone();
    load_in(loader, root, inputs, &env)
}

fn load_in(
    loader: &Loader<'_>,
    root: &Path,
    inputs: &Inputs,
    env: &Env<'_>,
) -> (Option<Config>, Diagnostics) {
    let mut tree = Tree::new(loader, env, inputs);
    tree.visit_root(&join(root, "."));
    // A file that cannot be parsed hides what it declares: what else would be found wrong
    // may well be right.
    if tree.syntax.has_errors() {
        tree.syntax.sort();
        return (None, tree.syntax);
    }
    let mut diags = tree.diags;
    diags.append(tree.syntax);
    diags.extend(tree.calls.iter().filter_map(FoundCall::lacking));
    let mut modules = decode_all(tree.folders, tree.nodes, env, &mut diags);
    rules::check(&modules, &mut diags);
    diags.sort();
    if diags.has_errors() {
        return (None, diags);
    }
    take_passed_providers(&mut modules);
    let config = Config {
        modules,
        sources: tree.texts,
        installed: tree.installed,
    };
    (Some(config), diags)
}

/// Decodes every folder once (for each set of modules that its calls lead to) and gives
/// the result to all call paths that lead there.
fn decode_all(
    folders: Vec<Arc<Folder>>,
    nodes: BTreeMap<ModulePath, Node>,
    env: &Env<'_>,
    diags: &mut Diagnostics,
) -> BTreeMap<ModulePath, Arc<Module>> {
    let interfaces: Vec<Arc<Interface>> = folders.iter().map(|f| f.interface.clone()).collect();
    let mut uses: FxHashMap<usize, Vec<FollowedCalls>> = FxHashMap::default();
    for node in nodes.values() {
        let variants = uses.entry(node.folder).or_default();
        if !variants.contains(&node.calls) {
            variants.push(node.calls.clone());
        }
    }
    let mut decoded: FxHashMap<(usize, FollowedCalls), Module> = FxHashMap::default();
    for (index, folder) in folders.into_iter().enumerate() {
        let variants = uses.remove(&index).unwrap_or_default();
        // Nothing else holds the folder any more, unless it is to be decoded again.
        let mut folder = Some(folder);
        let last = variants.len().saturating_sub(1);
        for (i, calls) in variants.into_iter().enumerate() {
            let called = calls
                .iter()
                .map(|(name, followed)| {
                    let interface = followed.folder.and_then(|c| interfaces.get(c).cloned());
                    let called = Called {
                        source: followed.source.clone(),
                        version: followed.version.clone(),
                        interface,
                    };
                    (name.clone(), called)
                })
                .collect();
            let this = if i == last {
                folder.take()
            } else {
                folder.clone()
            };
            let Some(this) = this else { continue };
            let (gathered, dir) = match Arc::try_unwrap(this) {
                Ok(folder) => (folder.gathered, folder.dir),
                Err(shared) => (shared.gathered.clone(), shared.dir.clone()),
            };
            let (module, problems) = decode(gathered, dir, &called, env);
            diags.append(problems);
            decoded.insert((index, calls), module);
        }
    }
    let mut modules = BTreeMap::new();
    for (path, node) in nodes {
        let Some(module) = decoded.get(&(node.folder, node.calls)) else {
            continue;
        };
        let module = Module {
            path: path.clone(),
            ..module.clone()
        };
        modules.insert(path, Arc::new(module));
    }
    modules
}

/// Where a caller passes a provider configuration, an empty one of the same name in the
/// called module gives way to it.
fn take_passed_providers(modules: &mut BTreeMap<ModulePath, Arc<Module>>) {
    let paths: Vec<ModulePath> = modules.keys().cloned().collect();
    for path in paths {
        let caller = path.parent().and_then(|p| modules.get(&p));
        let call = caller
            .zip(path.names().last())
            .and_then(|(caller, name)| caller.calls.get(name));
        let Some(passed) = call.map(|c| c.providers.keys().cloned().collect::<Vec<_>>()) else {
            continue;
        };
        if let Some(module) = modules.get_mut(&path) {
            let gives_way = |p: &ProviderConfig| p.is_empty() && passed.contains(&p.name);
            if module.providers.values().any(gives_way) {
                Arc::make_mut(module).providers.retain(|_, p| !gives_way(p));
            }
        }
    }
}
