//! Commands around the configuration, and facts about the program.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{StateArgs, VariableArgs};

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct FmtArgs {
    /// Files or directories; - for standard input
    pub paths: Vec<PathBuf>,
    /// List files that differ (the default) or not
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub list: bool,
    /// Write the files (the default) or not
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub write: bool,
    /// Show what differs
    #[arg(long)]
    pub diff: bool,
    /// Only check; exit with 3 if a file differs
    #[arg(long)]
    pub check: bool,
    /// Subdirectories, too
    #[arg(long)]
    pub recursive: bool,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct ConsoleArgs {
    /// Make a plan first, and evaluate against what it makes
    #[arg(long)]
    pub plan: bool,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub state: StateArgs,
}

/// Which order of work a graph shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum GraphType {
    Plan,
    PlanRefreshOnly,
    PlanDestroy,
    Apply,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct GraphArgs {
    /// Show the order of work of an operation instead of the resources alone
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<GraphType>,
    /// Show the changes of a plan file and their order
    #[arg(long, value_name = "FILE", conflicts_with = "kind")]
    pub plan: Option<PathBuf>,
    /// Colour edges that are part of a cycle; needs -type
    #[arg(long)]
    pub draw_cycles: bool,
    /// Print nodes and edges as JSON
    #[arg(long)]
    pub json: bool,
    /// Accepted for compatibility
    #[arg(long, value_name = "N", hide = true)]
    pub module_depth: Option<i64>,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub state: StateArgs,
}

#[derive(Debug, Subcommand)]
#[allow(missing_docs)]
pub enum MetadataCommand {
    /// The functions
    Functions {
        /// Print JSON
        #[arg(long, required = true)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
#[allow(missing_docs)]
pub enum ProvidersCommand {
    /// What the providers manage
    Schema {
        /// Print JSON
        #[arg(long, required = true)]
        json: bool,
    },
    /// Nothing to do: providers are part of Loam
    #[command(hide = true)]
    Lock(ForeignArgs),
    /// Nothing to do: providers are part of Loam
    #[command(hide = true)]
    Mirror(ForeignArgs),
}

#[derive(Debug, Subcommand)]
#[allow(missing_docs)]
pub enum SandboxCommand {
    /// Serve the emulated clouds until stopped
    Serve {
        /// Where to listen
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
        listen: std::net::SocketAddr,
        /// Keep the objects in this file
        #[arg(long, value_name = "FILE")]
        db: Option<PathBuf>,
        /// How many times as fast as real time deployments go
        #[arg(long, value_name = "N", default_value_t = 1.0)]
        speed: f64,
        /// Keep to the clouds' rate limits: on or off
        #[arg(long, value_name = "on|off", default_value = "on", value_parser = ["on", "off"])]
        rate_limits: String,
        /// Listen on an address that other machines can reach
        #[arg(long)]
        allow_non_loopback: bool,
    },
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct ModulesArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub variables: VariableArgs,
}

/// The command line of something that Terraform has and Loam does otherwise: all of it is
/// taken, and answered with how.
#[derive(Debug, Args)]
pub struct ForeignArgs {
    /// Whatever is there
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        hide = true,
        num_args = 0..
    )]
    pub rest: Vec<std::ffi::OsString>,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct HostArgs {
    /// The registry's host, such as registry.example.com
    pub host: String,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct VersionArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
