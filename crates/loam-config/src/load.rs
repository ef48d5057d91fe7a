//! Loading: from a folder to the whole tree of modules.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loam_address::ModulePath;
use loam_diag::{Diagnostic, Diagnostics, FileId, SourceMap, Span};
use loam_eval::{FunctionTable, eval_constant};
use loam_provider::Registry;
use loam_syntax::{Attribute, Body, parse_json, parse_native};

use crate::decode::{Called, Env, Gathered, Interface, Origin, ParsedFile, decode, gather};
use crate::source::{Discovered, FileSource, Manifest, discover, is_json, join};
use crate::{Config, Module, rules};

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

/// Loads the configuration whose root module is in the folder `root` (`.` for the working
/// directory). There is a configuration if and only if there are no errors; the
/// diagnostics are in source order.
pub fn load(loader: &Loader<'_>, root: &Path) -> (Option<Config>, Diagnostics) {
    let mut tree = Tree {
        loader,
        folders: Vec::new(),
        by_dir: HashMap::new(),
        nodes: BTreeMap::new(),
        texts: BTreeMap::new(),
        syntax: Diagnostics::new(),
        diags: Diagnostics::new(),
    };
    let root = join(root, ".");
    tree.visit(ModulePath::root(), &root, None, &mut Vec::new());
    // A file that cannot be parsed hides what it declares: what else would be found wrong
    // may well be right.
    if tree.syntax.has_errors() {
        tree.syntax.sort();
        return (None, tree.syntax);
    }
    let mut diags = tree.diags;
    diags.append(tree.syntax);
    let env = Env::new(loader.registry, loader.functions);
    let modules = decode_all(tree.folders, tree.nodes, &env, &mut diags);
    rules::check(&modules, &mut diags);
    diags.sort();
    if diags.has_errors() {
        return (None, diags);
    }
    let config = Config {
        modules,
        sources: tree.texts,
    };
    (Some(config), diags)
}

/// A folder with configuration files.
struct Folder {
    dir: PathBuf,
    gathered: Gathered,
    interface: Arc<Interface>,
    calls: Vec<Call>,
}

/// A `module` block, as far as finding the module needs it.
#[derive(Clone)]
struct Call {
    name: Arc<str>,
    /// Source and its place.
    source: Option<(String, Span)>,
    version: Option<String>,
}

/// A module by call path.
struct Node {
    folder: usize,
    /// Of each call that could be followed, the folder.
    children: BTreeMap<Arc<str>, usize>,
}

struct Tree<'a> {
    loader: &'a Loader<'a>,
    folders: Vec<Folder>,
    by_dir: HashMap<PathBuf, Option<usize>>,
    nodes: BTreeMap<ModulePath, Node>,
    texts: BTreeMap<String, Arc<str>>,
    syntax: Diagnostics,
    diags: Diagnostics,
}

impl Tree<'_> {
    /// Loads the module of a call path, and those that it calls. Gives its folder.
    fn visit(
        &mut self,
        path: ModulePath,
        dir: &Path,
        site: Option<Span>,
        ancestors: &mut Vec<usize>,
    ) -> Option<usize> {
        let folder = self.folder(dir, site)?;
        if ancestors.contains(&folder) {
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
        ancestors.push(folder);
        let calls = self.folders.get(folder).map(|f| f.calls.clone());
        let mut children = BTreeMap::new();
        for call in calls.unwrap_or_default() {
            let child = path.child(call.name.clone());
            let Some((source, at)) = &call.source else {
                continue;
            };
            let Some(dir) = self.locate(&child, dir, source, *at) else {
                continue;
            };
            if let Some(found) = self.visit(child, &dir, Some(*at), ancestors) {
                children.insert(call.name.clone(), found);
            }
        }
        ancestors.pop();
        self.nodes.insert(path, Node { folder, children });
        Some(folder)
    }

    /// The folder that a called module is in.
    fn locate(
        &mut self,
        path: &ModulePath,
        caller: &Path,
        source: &str,
        at: Span,
    ) -> Option<PathBuf> {
        if is_local(source) {
            return Some(join(caller, source));
        }
        let names: Vec<&str> = path.names().iter().map(|n| &**n).collect();
        let installed = self.loader.installed.modules.get(&names.join("."));
        let (summary, detail) = match installed {
            Some(module) if module.source == source => return Some(module.dir.clone()),
            Some(_) => (
                "Module source has changed",
                "The source address was changed since this module was installed. Run \"loam \
                 init\" to install it from there.",
            ),
            None => (
                "Module not installed",
                "This module is not yet installed. Run \"loam init\" to install all modules that \
                 this configuration calls.",
            ),
        };
        self.diags.push(Diagnostic::error(summary, detail).at(at));
        None
    }

    /// Reads a folder unless it was read before.
    fn folder(&mut self, dir: &Path, site: Option<Span>) -> Option<usize> {
        if let Some(known) = self.by_dir.get(dir) {
            return *known;
        }
        let index = self.read_folder(dir, site).map(|folder| {
            self.folders.push(folder);
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
        if found == Discovered::default() {
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
        let files = self.read_files(dir, &found);
        let mut diags = Diagnostics::new();
        let gathered = gather(files, &mut diags);
        self.diags.append(diags);
        let calls = gathered
            .calls
            .iter()
            .filter_map(|layered| {
                let origin = Origin::of(layered);
                Some(Call {
                    name: layered.block.labels.first()?.name.clone(),
                    source: self.text("source", origin.source.as_ref()),
                    version: self
                        .text("version", origin.version.as_ref())
                        .map(|(v, _)| v),
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

    /// A constant text.
    fn text(&mut self, what: &str, attribute: Option<&Attribute>) -> Option<(String, Span)> {
        let attribute = attribute?;
        let at = attribute.expr.span;
        if let Some(text) = attribute.expr.literal_text() {
            return Some((text.to_owned(), at));
        }
        match eval_constant(&attribute.expr) {
            Ok(value) => match value.as_str() {
                Some(text) => return Some((text.to_owned(), at)),
                None => self.diags.push(
                    Diagnostic::error(
                        format!("Invalid module {what}"),
                        format!("A module's {what} has to be a string."),
                    )
                    .at(at),
                ),
            },
            Err(problems) => self.diags.append(problems),
        }
        None
    }
}

/// A path to a folder, rather than something that has to be fetched.
fn is_local(source: &str) -> bool {
    ["./", "../", ".\\", "..\\"]
        .iter()
        .any(|p| source.starts_with(p))
        || source == "."
        || source == ".."
}

struct Text {
    id: FileId,
    text: Arc<str>,
    json: bool,
    overrides: bool,
}

impl Text {
    fn parse(&self) -> (ParsedFile, Diagnostics) {
        let (body, diags): (Body, Diagnostics) = if self.json {
            parse_json(self.id, &self.text)
        } else {
            parse_native(self.id, &self.text)
        };
        let file = ParsedFile {
            body,
            overrides: self.overrides,
        };
        (file, diags)
    }
}

/// Parses files, on all processors if that pays. The results are in the files' order.
fn parse_all(texts: Vec<Text>) -> Vec<(ParsedFile, Diagnostics)> {
    const SMALL: usize = 64 * 1024;
    let total: usize = texts.iter().map(|t| t.text.len()).sum();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    if total < SMALL || workers < 2 || texts.len() < 2 {
        return texts.iter().map(Text::parse).collect();
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            match texts.get(i) {
                Some(text) => done.push((i, text.parse())),
                None => return done,
            }
        }
    };
    let mut parsed: Vec<(usize, _)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        handles
            .into_iter()
            .flat_map(|h| match h.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    parsed.sort_by_key(|(i, _)| *i);
    parsed.into_iter().map(|(_, p)| p).collect()
}

/// Decodes every folder once (for each set of modules that its calls lead to) and gives
/// the result to all call paths that lead there.
fn decode_all(
    folders: Vec<Folder>,
    nodes: BTreeMap<ModulePath, Node>,
    env: &Env<'_>,
    diags: &mut Diagnostics,
) -> BTreeMap<ModulePath, Arc<Module>> {
    let interfaces: Vec<Arc<Interface>> = folders.iter().map(|f| f.interface.clone()).collect();
    let mut uses: HashMap<usize, Vec<BTreeMap<Arc<str>, usize>>> = HashMap::new();
    for node in nodes.values() {
        let variants = uses.entry(node.folder).or_default();
        if !variants.contains(&node.children) {
            variants.push(node.children.clone());
        }
    }
    let mut decoded: HashMap<(usize, BTreeMap<Arc<str>, usize>), Module> = HashMap::new();
    for (index, folder) in folders.into_iter().enumerate() {
        let variants = uses.remove(&index).unwrap_or_default();
        let last = variants.len().saturating_sub(1);
        let mut gathered = Some(folder.gathered);
        for (i, children) in variants.into_iter().enumerate() {
            let calls = folder
                .calls
                .iter()
                .map(|call| {
                    let interface = children
                        .get(&call.name)
                        .and_then(|c| interfaces.get(*c).cloned());
                    let called = Called {
                        source: call.source.clone().map(|(s, _)| s).unwrap_or_default(),
                        version: call.version.clone(),
                        interface,
                    };
                    (call.name.clone(), called)
                })
                .collect();
            let blocks = if i == last {
                gathered.take()
            } else {
                gathered.clone()
            };
            let Some(blocks) = blocks else { continue };
            let (module, problems) = decode(blocks, folder.dir.clone(), &calls, env);
            diags.append(problems);
            decoded.insert((index, children), module);
        }
    }
    let mut modules = BTreeMap::new();
    for (path, node) in nodes {
        let Some(module) = decoded.get(&(node.folder, node.children)) else {
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
