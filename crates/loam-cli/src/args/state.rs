//! Commands that look into the state or change it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{BackupArgs, StateArgs, StateOutArgs, VariableArgs};

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct ImportArgs {
    /// The resource instance that the object becomes
    #[arg(value_name = "ADDR")]
    pub address: String,
    /// What the provider knows the object by; a wrong one is answered with the form
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub backup: BackupArgs,
    #[command(flatten)]
    pub out: StateOutArgs,
    #[command(flatten)]
    pub state: StateArgs,
    /// Operations in flight at most
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = super::options::parallelism)]
    pub parallelism: u16,
    /// The directory of the configuration, if it is not the working directory
    #[arg(long, value_name = "DIR", hide = true)]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
#[allow(missing_docs)]
pub enum StateCommand {
    /// List the instances
    List(StateListArgs),
    /// Show one instance
    Show(StateShowArgs),
    /// Give objects another address: an instance, a resource or a module
    #[command(visible_alias = "move")]
    Mv(StateMvArgs),
    /// Forget objects without destroying them
    #[command(visible_alias = "remove")]
    Rm(StateRmArgs),
    /// Print the state in Terraform's format
    Pull(StatePullArgs),
    /// Replace the state by one in Terraform's format
    Push(StatePushArgs),
    /// Put objects under another provider
    ReplaceProvider(ReplaceProviderArgs),
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct StateListArgs {
    /// Only these and what is in them
    pub addresses: Vec<String>,
    /// Only instances whose attribute "id" is this
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    #[command(flatten)]
    pub state: StateArgs,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct StateShowArgs {
    /// Its address
    pub address: String,
    #[command(flatten)]
    pub state: StateArgs,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct StateMvArgs {
    /// Where it is
    #[arg(value_name = "SOURCE")]
    pub from: String,
    /// Where it shall be
    #[arg(value_name = "DESTINATION")]
    pub to: String,
    /// Say what would be done and do nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub backup: BackupArgs,
    /// Move the objects into this state file (of another configuration)
    #[arg(long, value_name = "FILE")]
    pub state_out: Option<PathBuf>,
    /// Keep a copy of the state of -state-out as it was in this file; - for none
    #[arg(long, value_name = "FILE", requires = "state_out")]
    pub backup_out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct StateRmArgs {
    /// Their addresses
    #[arg(required = true, value_name = "ADDRESS")]
    pub addresses: Vec<String>,
    /// Say what would be done and do nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub backup: BackupArgs,
    #[command(flatten)]
    pub state: StateArgs,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct StatePullArgs {
    #[command(flatten)]
    pub state: StateArgs,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct StatePushArgs {
    /// The file, or - for standard input
    pub path: PathBuf,
    /// Even if it is older, or the state of something else
    #[arg(long)]
    pub force: bool,
    /// Say what would be done and do nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub backup: BackupArgs,
    #[command(flatten)]
    pub state: StateArgs,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct ReplaceProviderArgs {
    /// The source address of the provider until now
    #[arg(value_name = "FROM")]
    pub from: String,
    /// The source address of the provider from now on
    #[arg(value_name = "TO")]
    pub to: String,
    /// Do not ask
    #[arg(long)]
    pub auto_approve: bool,
    /// Say what would be done and do nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub backup: BackupArgs,
    #[command(flatten)]
    pub state: StateArgs,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct AddressArgs {
    /// The instance
    pub address: String,
    /// An instance that is not there is no error
    #[arg(long)]
    pub allow_missing: bool,
    #[command(flatten)]
    pub backup: BackupArgs,
    #[command(flatten)]
    pub out: StateOutArgs,
    #[command(flatten)]
    pub state: StateArgs,
}

#[derive(Debug, Subcommand)]
#[allow(missing_docs)]
pub enum WorkspaceCommand {
    /// List them
    List,
    /// Make one and choose it
    New {
        name: String,
        #[command(flatten)]
        state: StateArgs,
    },
    /// Choose one
    Select {
        name: String,
        /// Make it if it is not there
        #[arg(long)]
        or_create: bool,
    },
    /// Delete one
    Delete {
        name: String,
        /// Even if it has objects
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        state: StateArgs,
    },
    /// Say which is chosen
    Show,
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct ForceUnlockArgs {
    /// The lock's id, as the error names it
    pub id: String,
    /// Do not ask
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub state: StateArgs,
}
