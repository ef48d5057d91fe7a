//! Where the configuration says that the state is kept.

use std::path::{Path, PathBuf};

use loam_config::{DiskFiles, FoundBackend, Loader, Manifest, find_backend};
use loam_diag::{Diagnostic, Diagnostics};

use crate::session::Session;

/// The state file that the configuration names for the default workspace, if it does.
///
/// # Errors
///
/// It keeps the state where Loam cannot, or the arguments are not right.
pub fn state_file(session: &Session) -> Result<Option<PathBuf>, Diagnostics> {
    // What is wrong with the variables is told when they get their values.
    let (inputs, _) = session.inputs(&session.given);
    let loader = Loader {
        files: &DiskFiles,
        sources: &session.sources,
        registry: &session.registry,
        functions: &session.functions,
        installed: &Manifest::new(),
    };
    match find_backend(&loader, Path::new("."), &inputs) {
        Some(backend) => path_of(backend),
        None => Ok(None),
    }
}

fn path_of(backend: FoundBackend) -> Result<Option<PathBuf>, Diagnostics> {
    if *backend.kind != *"local" {
        let detail = format!(
            "The configuration keeps its state in {:?}, and Loam keeps states in files of this \
             machine only. Remove the block to have it in state/, or write \
             backend \"local\" {{ path = \"…\" }}. Nothing was read or changed.",
            backend.kind
        );
        return Err(Diagnostic::error("Unsupported backend", detail)
            .at(backend.span)
            .into());
    }
    let mut path = None;
    let mut problems = Diagnostics::new();
    for (name, (value, at)) in backend.arguments? {
        let problem = match (&*name, value.as_str()) {
            _ if value.is_null() => continue,
            ("path", _) if !value.deep_marks().is_empty() => Diagnostic::error(
                "Invalid backend argument",
                "The path of the state cannot be made from sensitive or ephemeral values.",
            ),
            ("path", Some("")) | ("path", None) => Diagnostic::error(
                "Invalid backend argument",
                "The path of the state has to be a string that is not empty.",
            ),
            ("path", Some(text)) => {
                path = Some(PathBuf::from(text));
                continue;
            }
            _ => Diagnostic::error(
                "Unsupported argument",
                format!(
                    "The backend \"local\" takes \"path\" and not {name:?}. Other workspaces \
                     have their states in state/."
                ),
            ),
        };
        problems.push(problem.at(at));
    }
    match problems.has_errors() {
        true => Err(problems),
        false => Ok(path),
    }
}
