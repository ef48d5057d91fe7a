//! The main commands: from a configuration to objects and their outputs.

use std::path::PathBuf;

use clap::Args;

use super::{BackupArgs, LockArgs, PlanningArgs, StateArgs, StateOutArgs, VariableArgs};

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct InitArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Fetch modules again, the newest versions that are allowed
    #[arg(long)]
    pub upgrade: bool,
    /// Install modules (the default) or not
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub get: bool,
    /// Check where the state is kept (the default) or not
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub backend: bool,
    /// An argument of the backend, or a file of them (repeatable)
    #[arg(long, value_name = "NAME=VALUE|FILE", action = clap::ArgAction::Append)]
    pub backend_config: Vec<String>,
    /// Forget what -backend-config said before
    #[arg(long, conflicts_with = "migrate_state")]
    pub reconfigure: bool,
    /// Take the state along to where -backend-config says
    #[arg(long)]
    pub migrate_state: bool,
    /// Take the state along and do not ask
    #[arg(long)]
    pub force_copy: bool,
    /// Copy a module into this directory first, which must have no configuration yet
    #[arg(long, value_name = "SOURCE")]
    pub from_module: Option<String>,
    #[command(flatten)]
    pub lock: LockArgs,
    /// Accepted for compatibility: providers are part of Loam
    #[arg(long, value_name = "DIR", hide = true, action = clap::ArgAction::Append)]
    pub plugin_dir: Vec<PathBuf>,
    /// Accepted for compatibility: there is no lock file of providers
    #[arg(long, value_name = "MODE", hide = true)]
    pub lockfile: Option<String>,
    /// Accepted for compatibility
    #[arg(long, hide = true)]
    pub ignore_remote_version: bool,
    /// Accepted for compatibility
    #[arg(long, value_name = "DIR", hide = true)]
    pub test_directory: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct GetArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Fetch modules again, the newest versions that are allowed
    #[arg(long)]
    pub update: bool,
    /// Accepted for compatibility
    #[arg(long, value_name = "DIR", hide = true)]
    pub test_directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct ValidateArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// Accepted for compatibility: files of tests are not looked at
    #[arg(long, hide = true)]
    pub no_tests: bool,
    /// Accepted for compatibility
    #[arg(long, value_name = "DIR", hide = true)]
    pub test_directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct PlanArgs {
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// Write the plan to a file for `apply`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write configuration for imported objects that have none to a new file
    #[arg(long, value_name = "FILE")]
    pub generate_config_out: Option<PathBuf>,
    /// Exit with 2 if there are changes
    #[arg(long)]
    pub detailed_exitcode: bool,
}

#[derive(Debug, Default, Args)]
#[allow(missing_docs)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// Do not ask
    #[arg(long)]
    pub auto_approve: bool,
    #[command(flatten)]
    pub backup: BackupArgs,
    #[command(flatten)]
    pub out: StateOutArgs,
    /// A file written by `plan -out`
    #[arg(value_name = "PLANFILE")]
    pub plan: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct InvokeArgs {
    /// The actions, such as action.TYPE.NAME or module.NAME.action.TYPE.NAME["key"]
    #[arg(value_name = "ACTION", required = true)]
    pub actions: Vec<String>,
    /// Do not ask
    #[arg(long)]
    pub auto_approve: bool,
    /// Read live objects first: true (the default), false, or full (every detail)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub refresh: String,
    /// Operations in flight at most
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = super::options::parallelism)]
    pub parallelism: u16,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub state: StateArgs,
    /// Print a stream of JSON events
    #[arg(long)]
    pub json: bool,
}

impl InvokeArgs {
    /// What `apply` would have been given for the same.
    pub fn as_apply(&self) -> ApplyArgs {
        ApplyArgs {
            planning: PlanningArgs {
                invoke: self.actions.clone(),
                refresh: self.refresh.clone(),
                parallelism: self.parallelism,
                variables: self.variables.clone(),
                state: self.state.clone(),
                json: self.json,
                ..PlanningArgs::default()
            },
            auto_approve: self.auto_approve,
            ..ApplyArgs::default()
        }
    }
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct ShowArgs {
    /// A file written by `plan -out`, or a state file; the state without one
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub state: StateArgs,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct OutputArgs {
    /// Only this one
    pub name: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print the string without quotes
    #[arg(long, conflicts_with = "json")]
    pub raw: bool,
    #[command(flatten)]
    pub state: StateArgs,
}
