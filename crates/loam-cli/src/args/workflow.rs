//! The main commands: from a configuration to objects and their outputs.

use std::path::PathBuf;

use clap::Args;

use super::{PlanningArgs, StateArgs, VariableArgs};

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct InitArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Look for newer versions of modules
    #[arg(long)]
    pub upgrade: bool,
    /// Accepted for compatibility
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", hide = true)]
    pub backend: bool,
    /// Accepted for compatibility
    #[arg(long, hide = true)]
    pub reconfigure: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct ValidateArgs {
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct PlanArgs {
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// Write the plan to a file for `apply`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 2 if there are changes
    #[arg(long)]
    pub detailed_exitcode: bool,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// Do not ask
    #[arg(long)]
    pub auto_approve: bool,
    /// A file written by `plan -out`
    #[arg(value_name = "PLANFILE")]
    pub plan: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct ShowArgs {
    /// A file written by `plan -out`; the state without one
    #[arg(value_name = "PLANFILE")]
    pub plan: Option<PathBuf>,
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
