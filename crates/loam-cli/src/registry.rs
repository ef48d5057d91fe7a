//! Which providers are at hand: the built-in one, the clouds that Loam comes with, and
//! those that the user describes beside the configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics, SourceMap};
use loam_provider::Registry;
use loam_provider::builtin::BuiltinType;
use loam_rest::RestProviderType;
use loam_sandbox::Sandbox;

/// Where the user's own descriptions are: `NAME.hcl`, or a folder `NAME` of such files.
const OWN: &str = "loam.d/providers";

/// The provider types. One that the user describes comes before one of the same name that
/// Loam has. With a sandbox, settings that would come from the environment come from it.
pub fn registry(sources: &SourceMap, sandbox: Option<&Sandbox>) -> Result<Registry, Diagnostics> {
    let environment: Arc<BTreeMap<String, String>> = Arc::new(
        sandbox
            .map(|s| s.environment().into_iter().collect())
            .unwrap_or_default(),
    );
    let mut registry = Registry::new();
    for provisioner in loam_provision::all() {
        registry.add_provisioner(provisioner);
    }
    let stored = Arc::new(|path: &Path| crate::stored_outputs::stored_outputs(path));
    registry.add(Arc::new(BuiltinType::reading(stored)));
    for description in loam_clouds::all() {
        let (sources, environment) = (sources.clone(), environment.clone());
        registry.add_described(description.name, move || {
            let provider = RestProviderType::parse(&sources, description.files.iter().copied())?;
            Ok(Arc::new(with_environment(provider, environment.clone())))
        });
    }
    for (name, path) in own(Path::new(OWN))? {
        let (sources, environment) = (sources.clone(), environment.clone());
        let wanted = name.clone();
        registry.add_described(&name, move || {
            let files = texts(&path)?;
            let files = files.iter().map(|(n, t)| (n.as_str(), t.as_str()));
            let provider = RestProviderType::parse(&sources, files)?;
            let found = loam_provider::ProviderType::name(&provider);
            if found != wanted {
                let detail = format!(
                    "{} describes the provider \"{found}\". Its name has to be that of the file or folder, \"{wanted}\".",
                    path.display()
                );
                return Err(Diagnostic::error("Misplaced provider description", detail).into());
            }
            Ok(Arc::new(with_environment(provider, environment.clone())))
        });
    }
    Ok(registry)
}

fn with_environment(
    provider: RestProviderType,
    first: Arc<BTreeMap<String, String>>,
) -> RestProviderType {
    provider.with_environment(move |n| first.get(n).cloned().or_else(|| std::env::var(n).ok()))
}

/// The user's descriptions by provider name. No folder, no descriptions.
fn own(dir: &Path) -> Result<BTreeMap<String, PathBuf>, Diagnostics> {
    let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut problems = Diagnostics::new();
    for path in entries(dir)? {
        let name = if path.is_dir() {
            path.file_name()
        } else if is_description(&path) {
            path.file_stem()
        } else {
            None
        };
        let Some(name) = name
            .and_then(|n| n.to_str())
            .filter(|n| !n.starts_with('.'))
        else {
            continue;
        };
        if let Some(other) = found.insert(name.to_owned(), path.clone()) {
            let detail = format!(
                "Both {} and {} describe the provider \"{name}\". Keep one of them.",
                other.display(),
                path.display()
            );
            problems.push(Diagnostic::error("Duplicate provider description", detail));
        }
    }
    if problems.has_errors() {
        return Err(problems);
    }
    Ok(found)
}

fn is_description(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "hcl") && path.is_file()
}

/// What is in a folder, in the order of the names; nothing if there is no such folder.
fn entries(dir: &Path) -> Result<Vec<PathBuf>, Diagnostics> {
    let read = match std::fs::read_dir(dir) {
        Ok(read) => read,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(unreadable(dir, &e)),
    };
    let paths: Result<Vec<PathBuf>, _> = read.map(|e| e.map(|e| e.path())).collect();
    let mut paths = paths.map_err(|e| unreadable(dir, &e))?;
    paths.sort();
    Ok(paths)
}

/// The files of a description with their texts.
fn texts(path: &Path) -> Result<Vec<(String, String)>, Diagnostics> {
    let files = match path.is_dir() {
        true => entries(path)?
            .into_iter()
            .filter(|p| is_description(p))
            .collect(),
        false => vec![path.to_owned()],
    };
    if files.is_empty() {
        let detail = format!("There are no .hcl files in {}.", path.display());
        return Err(Diagnostic::error("Empty provider description", detail).into());
    }
    files
        .into_iter()
        .map(|p| match std::fs::read_to_string(&p) {
            Ok(text) => Ok((p.display().to_string(), text)),
            Err(e) => Err(unreadable(&p, &e)),
        })
        .collect()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostics {
    let detail = format!("{} cannot be read: {error}.", path.display());
    Diagnostic::error("Provider description not readable", detail).into()
}
