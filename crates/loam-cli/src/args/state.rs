//! Commands that look into the state or change it.

use clap::{Args, Subcommand};

use super::StateArgs;

#[derive(Debug, Subcommand)]
#[allow(missing_docs)]
pub enum StateCommand {
    /// List the instances
    List {
        /// Only these and what is in them
        addresses: Vec<String>,
        #[command(flatten)]
        state: StateArgs,
    },
    /// Show one instance
    Show {
        /// Its address
        address: String,
        #[command(flatten)]
        state: StateArgs,
    },
    /// Give an object another address
    Mv {
        /// Where it is
        from: String,
        /// Where it shall be
        to: String,
        /// Say what would be done and do nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        state: StateArgs,
    },
    /// Forget objects without destroying them
    Rm {
        /// Their addresses
        #[arg(required = true)]
        addresses: Vec<String>,
        /// Say what would be done and do nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        state: StateArgs,
    },
}

#[derive(Debug, Args)]
#[allow(missing_docs)]
pub struct AddressArgs {
    /// The instance
    pub address: String,
    #[command(flatten)]
    pub state: StateArgs,
}

#[derive(Debug, Subcommand)]
#[allow(missing_docs)]
pub enum WorkspaceCommand {
    /// List them
    List,
    /// Make one and choose it
    New { name: String },
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
