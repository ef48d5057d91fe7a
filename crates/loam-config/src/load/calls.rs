//! Where calls of modules lead to: sources read, installed modules looked up.

use std::path::{Path, PathBuf};

use loam_address::ModulePath;
use loam_diag::{Diagnostic, Diagnostics, Span};

use super::Loader;
use super::tree::{Frame, Tree};
use crate::decode::Env;
use crate::source::{ModuleSource, RegistrySource, SourceError, join};
use crate::variables::Inputs;
use crate::version::{Constraints, Version};

/// A call of a module, as far as it concerns where the module comes from.
#[derive(Clone, Debug)]
pub struct FoundCall {
    /// The names of the calls that lead to the module.
    pub path: ModulePath,
    /// Where it comes from.
    pub source: ModuleSource,
    /// The versions that it may have, and the same as written.
    pub version: Option<(Constraints, String)>,
    /// Where the source is written. None if it holds a secret: its line is not shown then.
    pub place: Option<Span>,
    /// The module's folder; none if it has to be installed first.
    pub dir: Option<PathBuf>,
    lack: Option<Lack>,
}

/// Why a module has to be installed.
#[derive(Clone, Debug)]
enum Lack {
    Nothing,
    OtherSource,
    OtherVersion(String),
}

/// All calls of a configuration that can be followed with what is installed.
#[derive(Clone, Debug)]
pub struct FoundCalls {
    /// In the order of their paths.
    pub calls: Vec<FoundCall>,
    /// What is wrong with the files and calls; not that modules are missing.
    pub diagnostics: Diagnostics,
}

/// What a module was fetched from.
#[derive(Clone)]
pub(super) struct Fetched {
    /// The source and the version of the call that it was fetched for.
    origin: (ModuleSource, Option<String>),
    /// The folder of the whole package, if it was installed.
    package: Option<PathBuf>,
}

/// Finds the calls of the configuration whose root module is in the folder `root`,
/// following those that lead to folders that are there. Nothing but calls is looked at.
pub fn find_calls(loader: &Loader<'_>, root: &Path, inputs: &Inputs) -> FoundCalls {
    let env = Env::new(loader.registry, loader.functions);
    let mut tree = Tree::new(loader, &env, inputs);
    tree.visit_root(&join(root, "."));
    let mut diagnostics = tree.diags;
    diagnostics.append(tree.syntax);
    diagnostics.sort();
    let mut calls = tree.calls;
    calls.sort_by(|a, b| a.path.cmp(&b.path));
    FoundCalls { calls, diagnostics }
}

impl FoundCall {
    /// The call's name in the manifest: the names with dots between them.
    pub fn key(&self) -> String {
        let names: Vec<&str> = self.path.names().iter().map(|n| &**n).collect();
        names.join(".")
    }

    /// What to do about a module that is not installed as the call wants it.
    pub(super) fn lacking(&self) -> Option<Diagnostic> {
        let key = self.key();
        let (summary, detail) = match self.lack.as_ref()? {
            Lack::Nothing => (
                "Module not installed",
                format!(
                    "The module {key:?} is not yet installed. Run \"loam init\" to install all \
                     modules that this configuration calls."
                ),
            ),
            Lack::OtherSource => (
                "Module source has changed",
                format!(
                    "The source of the module {key:?} was changed since it was installed. Run \
                     \"loam init\" to install it from there."
                ),
            ),
            Lack::OtherVersion(installed) => (
                "Module version requirements have changed",
                format!(
                    "The version of the module {key:?} that is installed ({installed}) is not \
                     one that the call allows. Run \"loam init\" to install one that is."
                ),
            ),
        };
        let problem = Diagnostic::error(summary, detail);
        Some(match self.place {
            Some(at) => problem.at(at),
            None => problem,
        })
    }
}

/// The arguments of a call that say where the module comes from, worked out.
pub(super) struct OriginTexts {
    pub source: (String, Span),
    pub version: Option<(String, Span)>,
}

impl Tree<'_> {
    /// Notes a call and finds where it leads to: the folder, and what it was fetched from.
    pub(super) fn locate(
        &mut self,
        path: &ModulePath,
        texts: &OriginTexts,
        caller: &Frame<'_>,
    ) -> Option<(PathBuf, Option<Fetched>)> {
        let (text, at) = &texts.source;
        let source = match parse(text, texts.version.is_some()) {
            Ok(source) => source,
            Err(problem) => {
                self.diags.push(problem.at(*at));
                return None;
            }
        };
        let version = match &texts.version {
            None => None,
            Some((text, at)) => match Constraints::parse(text) {
                Ok(constraints) => Some((constraints, text.clone())),
                Err(why) => {
                    self.diags.push(
                        Diagnostic::error("Invalid version constraint", format!("{why}.")).at(*at),
                    );
                    return None;
                }
            },
        };
        let secret = source.without_secrets() != source.to_string();
        let mut call = FoundCall {
            path: path.clone(),
            source,
            version,
            place: (!secret).then_some(*at),
            dir: None,
            lack: None,
        };
        let fetched = match &call.source {
            ModuleSource::Local(relative) => {
                let dir = join(&caller.folder.dir, relative);
                let package = caller.fetched.as_ref().and_then(|f| f.package.as_ref());
                if package.is_some_and(|package| !dir.starts_with(package)) {
                    self.diags.push(
                        Diagnostic::error(
                            "Local module path escapes module package",
                            format!(
                                "{text:?} leads out of the package that this module was \
                                 installed with. A local path has to stay inside of it."
                            ),
                        )
                        .at(*at),
                    );
                    return None;
                }
                call.dir = Some(dir);
                caller.fetched.clone()
            }
            source => {
                let origin = (
                    source.clone(),
                    call.version.as_ref().map(|(_, t)| t.clone()),
                );
                if caller.is_within(&origin) {
                    self.diags.push(
                        Diagnostic::error(
                            "Module call cycle",
                            format!(
                                "The module in {text:?} calls itself, directly or through \
                                 others. Calls of modules cannot be recursive."
                            ),
                        )
                        .at(*at),
                    );
                    return None;
                }
                let package = self.look_up(&mut call);
                Some(Fetched { origin, package })
            }
        };
        let dir = call.dir.clone();
        self.calls.push(call);
        Some((dir?, fetched))
    }

    /// Looks an installed module up. Gives the folder of its package.
    fn look_up(&mut self, call: &mut FoundCall) -> Option<PathBuf> {
        let key = call.key();
        let Some(module) = self.loader.installed.modules.get(&key) else {
            call.lack = Some(Lack::Nothing);
            return None;
        };
        if module.source != call.source.without_secrets() {
            call.lack = Some(Lack::OtherSource);
            return None;
        }
        if let Some((constraints, _)) = &call.version {
            let text = module.version.clone().unwrap_or_default();
            if !Version::parse(&text).is_some_and(|v| constraints.allow(&v)) {
                call.lack = Some(Lack::OtherVersion(text));
                return None;
            }
        }
        // The folder of installed modules may be deleted at any time.
        if self.loader.files.list(&module.dir).is_err() {
            call.lack = Some(Lack::Nothing);
            return None;
        }
        call.dir = Some(module.dir.clone());
        let package = module.dir.ancestors().find(|d| d.ends_with(&key));
        let package = package.map(Path::to_owned);
        self.installed.modules.insert(key, module.clone());
        package
    }
}

impl Frame<'_> {
    /// True if the module, or one that leads to it, was fetched from there.
    fn is_within(&self, origin: &(ModuleSource, Option<String>)) -> bool {
        let mut frame = Some(self);
        while let Some(at) = frame {
            if at.fetched.as_ref().is_some_and(|f| f.origin == *origin) {
                return true;
            }
            frame = at.caller.map(|(caller, _)| caller);
        }
        false
    }
}

/// Reads a source; one with a version has to be in a registry.
fn parse(text: &str, versioned: bool) -> Result<ModuleSource, Diagnostic> {
    let invalid = |detail: String| Diagnostic::error("Invalid module source address", detail);
    if versioned {
        return RegistrySource::parse(text)
            .map(ModuleSource::Registry)
            .map_err(|why| {
                Diagnostic::error(
                    "Invalid registry module source address",
                    format!(
                        "{text:?} is not the address of a module in a registry: {why}. Only \
                         such modules have versions that \"version\" could choose from."
                    ),
                )
            });
    }
    ModuleSource::parse(text).map_err(|why| match why {
        SourceError::MaybeLocal => invalid(format!(
            "{text:?} does not tell how the module is fetched from there."
        ))
        .hint(format!(
            "If it is a folder, seen from this module's, write \"./{text}\"."
        )),
        SourceError::Other(why) => {
            invalid(format!("{text:?} is not the address of a module: {why}."))
        }
    })
}
