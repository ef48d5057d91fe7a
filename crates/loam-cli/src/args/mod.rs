//! The command line: commands, flags, and the spelling that users of Terraform type.

mod options;
mod spelling;
mod state;
mod tools;
mod workflow;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use options::{BackupArgs, LockArgs, PlanningArgs, StateArgs, StateOutArgs, VariableArgs};
pub use spelling::{normalise, one_dash};
pub use state::{
    AddressArgs, ForceUnlockArgs, ImportArgs, ReplaceProviderArgs, StateCommand, StateListArgs,
    StateMvArgs, StatePullArgs, StatePushArgs, StateRmArgs, StateShowArgs, WorkspaceCommand,
};
pub use tools::{
    ConsoleArgs, FmtArgs, ForeignArgs, GraphArgs, GraphType, HostArgs, MetadataCommand,
    ModulesArgs, ProvidersCommand, SandboxCommand, VersionArgs,
};
pub use workflow::{
    ApplyArgs, GetArgs, InitArgs, InvokeArgs, OutputArgs, PlanArgs, ShowArgs, ValidateArgs,
};

/// Infrastructure as code for VPS clouds: plans and applies Terraform configurations.
#[derive(Debug, Parser)]
#[command(
    name = "loam",
    bin_name = "loam",
    disable_help_subcommand = true,
    disable_version_flag = true,
    args_override_self = true,
    after_help = "Options take one dash or two: -chdir=DIR is --chdir=DIR. \"loam COMMAND -help\" tells more of a command; \"loam -version\" is \"loam version\".",
    max_term_width = 100
)]
pub struct Cli {
    /// Work in another directory
    #[arg(long, global = true, value_name = "DIR")]
    pub chdir: Option<PathBuf>,
    /// Use the emulated clouds inside this process instead of real ones (also LOAM_SANDBOX=1)
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// Print without colours
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Says how a shell completes
    #[arg(long, hide = true)]
    pub install_autocomplete: bool,
    /// Says how a shell completes
    #[arg(long, hide = true)]
    pub uninstall_autocomplete: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prepare the working directory
    Init(InitArgs),
    /// Install the modules that the configuration calls
    Get(GetArgs),
    /// Check whether the configuration is valid
    Validate(ValidateArgs),
    /// Show what would change
    Plan(PlanArgs),
    /// Make the changes
    Apply(ApplyArgs),
    /// Run actions of the configuration
    Invoke(InvokeArgs),
    /// Destroy everything that the state has
    Destroy(ApplyArgs),
    /// Show the state or a plan file
    Show(ShowArgs),
    /// Show output values
    Output(OutputArgs),
    /// Bring the state up to date with the clouds, changing nothing else
    Refresh(ApplyArgs),
    /// Take an existing object under management
    Import(ImportArgs),
    /// Print the dependency graph
    Graph(GraphArgs),
    /// Look into the state or change it
    State {
        /// What to do with it
        #[command(subcommand)]
        command: StateCommand,
    },
    /// Bring configuration files into the canonical layout
    Fmt(FmtArgs),
    /// Evaluate expressions
    Console(ConsoleArgs),
    /// Mark an instance for replacement
    Taint(AddressArgs),
    /// Take the mark of `taint` off
    Untaint(AddressArgs),
    /// Choose among several states for one configuration
    #[command(alias = "env")]
    Workspace {
        /// What to do
        #[command(subcommand)]
        command: WorkspaceCommand,
    },
    /// Release a lock that is left behind
    ForceUnlock(ForceUnlockArgs),
    /// Facts about the language
    Metadata {
        /// Which facts
        #[command(subcommand)]
        command: MetadataCommand,
    },
    /// List the providers, or describe what they manage
    Providers {
        /// What to print
        #[command(subcommand)]
        command: Option<ProvidersCommand>,
    },
    /// List the modules that the configuration calls
    Modules(ModulesArgs),
    /// Print a script that completes commands and options in a shell
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Keep a token for a private module registry
    Login(HostArgs),
    /// Forget the token for a private module registry
    Logout(HostArgs),
    /// Tests of configurations: not there
    #[command(hide = true)]
    Test(ForeignArgs),
    /// Emulated clouds for trying and testing
    Sandbox {
        /// What to do
        #[command(subcommand)]
        command: SandboxCommand,
    },
    /// Show the version
    Version(VersionArgs),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
