//! Finding the modules: folders read, calls followed.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loam_address::ModulePath;
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_syntax::Attribute;
use rustc_hash::FxHashMap;

use super::Loader;
use super::calls::{Fetched, FoundCall, OriginTexts};
use super::parse::{Text, parse_all};
use crate::decode::{Env, Gathered, Interface, Origin, ParsedFile, gather};
use crate::source::{Discovered, Manifest, discover, is_json, join};
use crate::statics::StaticModule;
use crate::variables::{Inputs, converted, given_value};

/// A folder with configuration files.
pub(super) struct Folder {
    pub dir: PathBuf,
    pub gathered: Gathered,
    pub interface: Arc<Interface>,
    calls: Vec<Call>,
}

/// A `module` block, as far as finding the module needs it.
struct Call {
    name: Arc<str>,
    origin: Origin,
}

/// Where a call leads to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Followed {
    pub source: String,
    pub version: Option<String>,
    /// The folder; `None` if it could not be found.
    pub folder: Option<usize>,
}

/// Calls by name.
pub(super) type FollowedCalls = BTreeMap<Arc<str>, Followed>;

/// A module by call path.
pub(super) struct Node {
    pub folder: usize,
    pub calls: FollowedCalls,
}

/// A module on the way from the root to the one that is being loaded.
pub(super) struct Frame<'f> {
    pub folder: Arc<Folder>,
    /// The calling module and the name of the call.
    pub caller: Option<(&'f Frame<'f>, &'f str)>,
    /// What is known of it before planning, once that was asked for.
    statics: OnceCell<StaticModule>,
    /// What it was fetched from, if it was.
    pub fetched: Option<Fetched>,
}

impl Frame<'_> {
    /// The root module.
    pub fn root(folder: Arc<Folder>) -> Frame<'static> {
        Frame {
            folder,
            caller: None,
            statics: OnceCell::new(),
            fetched: None,
        }
    }
}

/// How a module is come to.
struct Visit<'f> {
    /// Where the source is written.
    site: Option<Span>,
    caller: Option<(&'f Frame<'f>, &'f str)>,
    fetched: Option<Fetched>,
}

pub(super) struct Tree<'a> {
    pub loader: &'a Loader<'a>,
    env: &'a Env<'a>,
    inputs: &'a Inputs,
    pub folders: Vec<Arc<Folder>>,
    by_dir: FxHashMap<PathBuf, Option<usize>>,
    pub nodes: BTreeMap<ModulePath, Node>,
    pub texts: BTreeMap<String, Arc<str>>,
    pub installed: Manifest,
    /// Every call whose source could be worked out.
    pub calls: Vec<FoundCall>,
    pub syntax: Diagnostics,
    pub diags: Diagnostics,
}

impl<'a> Tree<'a> {
    /// Nothing loaded yet.
    pub fn new(loader: &'a Loader<'a>, env: &'a Env<'a>, inputs: &'a Inputs) -> Tree<'a> {
        Tree {
            loader,
            env,
            inputs,
            folders: Vec::new(),
            by_dir: FxHashMap::default(),
            nodes: BTreeMap::new(),
            texts: BTreeMap::new(),
            installed: Manifest::new(),
            calls: Vec::new(),
            syntax: Diagnostics::new(),
            diags: Diagnostics::new(),
        }
    }

    /// Loads the root module and all that it leads to.
    pub fn visit_root(&mut self, dir: &Path) {
        let root = Visit {
            site: None,
            caller: None,
            fetched: None,
        };
        self.visit(ModulePath::root(), dir, root, &mut Vec::new());
    }

    /// Loads the module of a call path, and those that it calls. Gives its folder.
    fn visit(
        &mut self,
        path: ModulePath,
        dir: &Path,
        visit: Visit<'_>,
        ancestors: &mut Vec<usize>,
    ) -> Option<usize> {
        let Visit {
            site,
            caller,
            fetched,
        } = visit;
        let index = self.folder(dir, site)?;
        if ancestors.contains(&index) {
            let problem = Diagnostic::error(
                "Module call cycle",
                format!(
                    "The module in {} calls itself, directly or through others. Calls of \
                     modules cannot be recursive.",
                    dir.display()
                ),
            );
            self.diags.push(match site {
                Some(at) => problem.at(at),
                None => problem,
            });
            return None;
        }
        let folder = self.folders.get(index).cloned()?;
        ancestors.push(index);
        let frame = Frame {
            folder: folder.clone(),
            caller,
            statics: OnceCell::new(),
            fetched,
        };
        let mut calls = FollowedCalls::new();
        for call in &folder.calls {
            let origin = &call.origin;
            let source = self.text("source", origin.source.as_ref(), &frame);
            let version = self.text("version", origin.version.as_ref(), &frame);
            let mut followed = Followed {
                source: source.as_ref().map(|(s, _)| s.clone()).unwrap_or_default(),
                version: version.as_ref().map(|(v, _)| v.clone()),
                folder: None,
            };
            let version_is_known = version.is_some() || origin.version.is_none();
            if let Some(source) = source.filter(|_| version_is_known) {
                let site = Some(source.1);
                let child = path.child(call.name.clone());
                let texts = OriginTexts { source, version };
                if let Some((dir, fetched)) = self.locate(&child, &texts, &frame) {
                    let visit = Visit {
                        site,
                        caller: Some((&frame, &*call.name)),
                        fetched,
                    };
                    followed.folder = self.visit(child, &dir, visit, ancestors);
                }
            }
            calls.insert(call.name.clone(), followed);
        }
        ancestors.pop();
        self.nodes.insert(
            path,
            Node {
                folder: index,
                calls,
            },
        );
        Some(index)
    }

    /// What is known of a module before planning.
    pub(super) fn statics<'f>(&self, frame: &'f Frame<'_>) -> &'f StaticModule {
        frame.statics.get_or_init(|| {
            let gathered = &frame.folder.gathered;
            let declared = gathered.static_variables(self.env);
            let functions = self.loader.functions;
            let values = match frame.caller {
                None => declared
                    .values()
                    .map(|v| {
                        let given = self.inputs.get(&v.name);
                        let value = match given {
                            Some(input) => given_value(v, input, self.loader.sources).ok(),
                            None => v.default.clone(),
                        };
                        (v.name.clone(), value.map(|x| x.with_marks(v.marks())))
                    })
                    .collect(),
                Some((caller, name)) => {
                    let outer = self.statics(caller);
                    let arguments = caller.folder.gathered.arguments(name);
                    declared
                        .values()
                        .map(|v| {
                            let value = match arguments.get(&v.name) {
                                None => v.default.clone(),
                                Some(a) => outer
                                    .eval(&a.expr, functions)
                                    .ok()
                                    .and_then(|x| converted(v, &x)),
                            };
                            (v.name.clone(), value.map(|x| x.with_marks(v.marks())))
                        })
                        .collect()
                }
            };
            StaticModule::new(values, &gathered.locals, &frame.folder.dir, functions)
        })
    }

    /// Reads a folder unless it was read before.
    pub(super) fn folder(&mut self, dir: &Path, site: Option<Span>) -> Option<usize> {
        if let Some(known) = self.by_dir.get(dir) {
            return *known;
        }
        let index = self.read_folder(dir, site).map(|folder| {
            self.folders.push(Arc::new(folder));
            self.folders.len() - 1
        });
        self.by_dir.insert(dir.to_owned(), index);
        index
    }

    fn problem(&mut self, problem: Diagnostic, site: Option<Span>) {
        self.syntax.push(match site {
            Some(at) => problem.at(at),
            None => problem,
        });
    }

    fn read_folder(&mut self, dir: &Path, site: Option<Span>) -> Option<Folder> {
        let names = match self.loader.files.list(dir) {
            Ok(names) => names,
            Err(e) => {
                let what = match e.kind() {
                    io::ErrorKind::NotFound => "it does not exist".to_owned(),
                    _ => e.to_string(),
                };
                self.problem(
                    Diagnostic::error(
                        "Unreadable module directory",
                        format!("The folder {} cannot be read: {what}.", dir.display()),
                    ),
                    site,
                );
                return None;
            }
        };
        let found = discover(names);
        if found == Discovered::default() && site.is_none() {
            let problem = Diagnostic::error(
                "No configuration files",
                format!(
                    "There are no configuration files (*.hcl, *.tf, *.tf.json) in {}.",
                    match dir == Path::new(".") {
                        true => "the working directory".to_owned(),
                        false => format!("the folder {}", dir.display()),
                    }
                ),
            );
            self.problem(problem, site);
            return None;
        }
        if found == Discovered::default() {
            // So that the folder is there where only the texts are kept.
            let marker = join(dir, ".empty");
            let marker = marker.to_string_lossy().replace('\\', "/");
            self.texts.insert(marker, "".into());
        }
        let files = self.read_files(dir, &found);
        let mut diags = Diagnostics::new();
        let gathered = gather(files, &mut diags);
        self.diags.append(diags);
        let calls = gathered
            .calls
            .iter()
            .filter_map(|layered| {
                Some(Call {
                    name: layered.block.labels.first()?.name.clone(),
                    origin: Origin::of(layered),
                })
            })
            .collect();
        Some(Folder {
            dir: dir.to_owned(),
            interface: Arc::new(Interface::of(&gathered)),
            gathered,
            calls,
        })
    }

    fn read_files(&mut self, dir: &Path, found: &Discovered) -> Vec<ParsedFile> {
        let primary = found.primary.iter().map(|n| (n, false));
        let overrides = found.overrides.iter().map(|n| (n, true));
        let mut texts = Vec::new();
        for (name, is_override) in primary.chain(overrides) {
            let path = join(dir, name);
            let shown = path.to_string_lossy().replace('\\', "/");
            match self.loader.files.read(&path) {
                Ok(text) => {
                    // A byte order mark is not part of the text.
                    let text: Arc<str> = match text.strip_prefix('\u{feff}') {
                        Some(rest) => rest.into(),
                        None => text,
                    };
                    let id = self.loader.sources.add(shown.clone(), text.clone());
                    self.texts.insert(shown, text.clone());
                    texts.push(Text {
                        id,
                        text,
                        json: is_json(name),
                        overrides: is_override,
                    });
                }
                Err(e) => {
                    let (summary, what) = match e.kind() {
                        io::ErrorKind::InvalidData => (
                            "Invalid character encoding",
                            "it is not UTF-8 text".to_owned(),
                        ),
                        _ => ("Failed to read file", e.to_string()),
                    };
                    self.syntax.push(Diagnostic::error(
                        summary,
                        format!("The file {shown} cannot be read: {what}."),
                    ));
                }
            }
        }
        let mut files = Vec::with_capacity(texts.len());
        for (file, problems) in parse_all(texts) {
            self.syntax.append(problems);
            files.push(file);
        }
        files
    }

    /// A text that is known before planning.
    fn text(
        &mut self,
        what: &str,
        attribute: Option<&Attribute>,
        frame: &Frame<'_>,
    ) -> Option<(String, Span)> {
        let attribute = attribute?;
        let at = attribute.expr.span;
        if let Some(text) = plain_text(&attribute.expr) {
            return Some((text.to_owned(), at));
        }
        let value = self
            .statics(frame)
            .eval(&attribute.expr, self.loader.functions);
        let problem =
            |detail: String| Diagnostic::error(format!("Invalid module {what}"), detail).at(at);
        match value {
            Err(problems) => self.diags.append(problems),
            Ok(value) if !value.deep_marks().is_empty() => self.diags.push(problem(format!(
                "A module's {what} cannot be made from sensitive or ephemeral values."
            ))),
            Ok(value) => match value.as_str() {
                Some(text) => return Some((text.to_owned(), at)),
                None => self
                    .diags
                    .push(problem(format!("A module's {what} has to be a string."))),
            },
        }
        None
    }
}

/// A text with nothing to evaluate in it.
fn plain_text(expr: &loam_syntax::Expr) -> Option<&str> {
    expr.literal_text().filter(|t| !t.contains("${"))
}
