//! The outputs of another configuration's state, for `terraform_remote_state`: a state of
//! Loam or one in Terraform's format.

use std::io;
use std::path::{Path, PathBuf};

use loam_diag::{Diagnostic, Diagnostics};
use loam_state::{DEFAULT_WORKSPACE, OpenOptions, Store, WorkspaceDir, is_database, tfstate};
use loam_value::ValueMap;

/// The root outputs of the state at a path: of a file, or of the default workspace of a
/// folder of Loam's states. Where Terraform would have put a state and there is none, Loam's
/// of the same configuration is read. `None` if there is nothing.
pub fn stored_outputs(path: &Path) -> Result<Option<ValueMap>, Diagnostics> {
    let file = match path.is_dir() {
        true => path.join(format!("{DEFAULT_WORKSPACE}.db")),
        false => path.to_owned(),
    };
    match outputs_of(&file)? {
        None => own_instead_of(path).map_or(Ok(None), |own| outputs_of(&own)),
        found => Ok(found),
    }
}

/// Where Loam keeps the state of a configuration, from where Terraform does:
/// `terraform.tfstate`, and `terraform.tfstate.d/NAME/terraform.tfstate` for a workspace.
fn own_instead_of(path: &Path) -> Option<PathBuf> {
    if path.file_name()? != "terraform.tfstate" {
        return None;
    }
    let folder = path.parent()?;
    let workspaces = folder
        .parent()
        .filter(|w| w.ends_with("terraform.tfstate.d"));
    let (folder, workspace) = match (workspaces, folder.file_name()) {
        (Some(workspaces), Some(name)) => (workspaces.parent()?, name.to_str()?),
        _ => (folder, DEFAULT_WORKSPACE),
    };
    WorkspaceDir::new(folder).path(workspace).ok()
}

fn outputs_of(file: &Path) -> Result<Option<ValueMap>, Diagnostics> {
    let unreadable = |e: io::Error| {
        let detail = format!("The state {} cannot be read: {e}.", file.display());
        Diagnostic::error("Unable to read remote state", detail)
    };
    let database = match is_database(file) {
        Ok(database) => database,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(unreadable(e).into()),
    };
    let outputs = if database {
        let store = Store::open(file, OpenOptions::read()).map_err(|e| e.diagnostic())?;
        store.snapshot().map_err(|e| e.diagnostic())?.outputs
    } else {
        let text = std::fs::read_to_string(file).map_err(unreadable)?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        tfstate::outputs(&text)?
    };
    let values = outputs.into_iter().map(|(name, o)| (name, o.value));
    Ok(Some(values.collect()))
}
