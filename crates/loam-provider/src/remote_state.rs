//! `terraform_remote_state`: the outputs of another configuration, from the file that its
//! state is in. Reading such a file is left to the program, which knows the formats.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics};
use loam_value::{Type, Value, ValueMap};

use crate::{Attribute, Block, Schema};

pub(crate) const REMOTE_STATE: &str = "terraform_remote_state";

/// The workspace that needs no name.
const DEFAULT_WORKSPACE: &str = "default";

/// Gives the root outputs of the state in a file; `None` if there is no such file.
pub type StateReader = Arc<dyn Fn(&Path) -> Result<Option<ValueMap>, Diagnostics> + Send + Sync>;

pub(crate) fn schema() -> Schema {
    let attributes = [
        (
            "backend",
            Attribute::required(Type::String)
                .described("Where the state is: \"local\", which is a file."),
        ),
        (
            "config",
            Attribute::optional(Type::Dynamic)
                .described("An object with the file's path, or with workspace_dir."),
        ),
        (
            "defaults",
            Attribute::optional(Type::Dynamic)
                .described("Values of outputs that the state does not have."),
        ),
        (
            "outputs",
            Attribute::computed(Type::Dynamic).described("The root module's outputs by name."),
        ),
        (
            "workspace",
            Attribute::optional(Type::String).described("The workspace whose state is read."),
        ),
    ];
    let block = Block {
        attributes: attributes.into_iter().map(|(n, a)| (n.into(), a)).collect(),
        ..Block::default()
    };
    Schema { version: 0, block }
}

fn argument(config: &Value, name: &str) -> Value {
    let given = config.get(name);
    given.unwrap_or_else(|| Value::null(Type::Dynamic))
}

fn wrong(detail: String) -> Diagnostic {
    Diagnostic::error("Invalid backend configuration", detail)
}

/// What is wrong with the arguments, as far as they are known.
pub(crate) fn validate(config: &Value) -> Diagnostics {
    let mut problems = Diagnostics::new();
    match argument(config, "backend").as_str() {
        None | Some("local") => {}
        Some(other) => problems.push(wrong(format!(
            "There is no backend type named \"{other}\" here: the only one is \"local\", the file of a state."
        ))),
    }
    let settings = argument(config, "config");
    if !settings.is_unknown() && !settings.is_null() {
        match settings.entries() {
            None => problems.push(wrong(
                "\"config\" has to be an object, such as { path = \"…\" }.".into(),
            )),
            Some(entries) => {
                let known = ["path", "workspace_dir"];
                for name in entries.keys().filter(|n| !known.contains(&&***n)) {
                    problems.push(wrong(format!(
                        "The backend \"local\" has no argument \"{name}\". It takes \"path\" and \"workspace_dir\"."
                    )));
                }
            }
        }
    }
    let defaults = argument(config, "defaults");
    if !defaults.is_unknown() && !defaults.is_null() && defaults.entries().is_none() {
        problems.push(Diagnostic::error(
            "Invalid default values",
            "\"defaults\" has to be an object or a map.",
        ));
    }
    problems
}

/// The file that the arguments mean.
fn file(config: &Value) -> PathBuf {
    let settings = argument(config, "config");
    let setting = |name| argument(&settings, name).as_str().map(PathBuf::from);
    let workspace = argument(config, "workspace");
    match workspace.as_str().filter(|w| *w != DEFAULT_WORKSPACE) {
        Some(name) => setting("workspace_dir")
            .unwrap_or_else(|| "terraform.tfstate.d".into())
            .join(name)
            .join("terraform.tfstate"),
        None => setting("path").unwrap_or_else(|| "terraform.tfstate".into()),
    }
}

/// Reads the outputs.
pub(crate) fn read(config: &Value, reader: &StateReader) -> Result<Value, Diagnostics> {
    let path = file(config);
    let Some(stored) = reader(&path)? else {
        return Err(Diagnostic::error(
            "Unable to find remote state",
            "No stored state was found for the given workspace in the given backend.",
        )
        .hint(format!("There is no file {}.", path.display()))
        .into());
    };
    let defaults = argument(config, "defaults");
    let mut outputs: ValueMap = defaults.entries().cloned().unwrap_or_default();
    outputs.extend(stored);
    Ok(Value::object_of([
        ("backend", argument(config, "backend")),
        ("config", argument(config, "config")),
        ("defaults", defaults),
        ("outputs", Value::object(outputs)),
        ("workspace", argument(config, "workspace")),
    ]))
}
