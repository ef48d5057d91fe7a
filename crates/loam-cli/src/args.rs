//! The command line: commands, flags, and the spelling that users of Terraform type.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Infrastructure as code for VPS clouds: plans and applies Terraform configurations.
#[derive(Debug, Parser)]
#[command(
    name = "loam",
    version,
    disable_help_subcommand = true,
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
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prepare the working directory
    Init(InitArgs),
    /// Check whether the configuration is valid
    Validate(ValidateArgs),
    /// Show what would change
    Plan(PlanArgs),
    /// Make the changes
    Apply(ApplyArgs),
    /// Destroy everything that the state has
    Destroy(ApplyArgs),
    /// Show the state or a plan file
    Show(ShowArgs),
    /// Show output values
    Output(OutputArgs),
    /// Bring the state up to date with the clouds, changing nothing else
    Refresh(ApplyArgs),
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
    /// Emulated clouds for trying and testing
    Sandbox {
        /// What to do
        #[command(subcommand)]
        command: SandboxCommand,
    },
    /// Show the version
    Version(VersionArgs),
}

/// Values for variables.
#[derive(Clone, Debug, Default, Args)]
pub struct VariableArgs {
    /// Set a variable: 'name=value'
    #[arg(long, value_name = "NAME=VALUE", action = clap::ArgAction::Append)]
    pub var: Vec<String>,
    /// Set variables from a file
    #[arg(long, value_name = "FILE", action = clap::ArgAction::Append)]
    pub var_file: Vec<String>,
    /// Ask for missing variables (the default) or not
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub input: bool,
    /// Both kinds in the order of the command line: whether it is a file, and the text
    #[arg(skip)]
    pub ordered: Vec<(bool, String)>,
}

impl VariableArgs {
    /// Notes in which order `-var` and `-var-file` were given: the later one counts.
    pub fn order(&mut self, matches: &clap::ArgMatches) {
        let mut all: Vec<(usize, bool, String)> = Vec::new();
        for (id, is_file, texts) in [
            ("var", false, &self.var),
            ("var_file", true, &self.var_file),
        ] {
            let at = matches
                .try_contains_id(id)
                .unwrap_or(false)
                .then(|| matches.indices_of(id))
                .flatten();
            let at: Vec<usize> = at.into_iter().flatten().collect();
            all.extend(
                texts
                    .iter()
                    .enumerate()
                    .map(|(i, t)| (at.get(i).copied().unwrap_or(i), is_file, t.clone())),
            );
        }
        all.sort();
        self.ordered = all.into_iter().map(|(_, f, t)| (f, t)).collect();
    }
}

/// Where the state is and how long to wait for it.
#[derive(Clone, Debug, Default, Args)]
pub struct StateArgs {
    /// The state file (instead of state/WORKSPACE.db)
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// How long to wait for another run's lock, such as 30s or 5m
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub lock_timeout: std::time::Duration,
    /// Take the lock (the default) or not
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub lock: bool,
}

/// What to plan.
#[derive(Clone, Debug, Default, Args)]
pub struct PlanningArgs {
    /// Plan to destroy everything
    #[arg(long)]
    pub destroy: bool,
    /// Plan to bring the state up to date only
    #[arg(long)]
    pub refresh_only: bool,
    /// Read live objects first: true (the default), false, or full (every detail)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub refresh: String,
    /// Limit the plan to an address and what it needs (repeatable)
    #[arg(long, value_name = "ADDRESS", action = clap::ArgAction::Append)]
    pub target: Vec<String>,
    /// Leave an address and what needs it out of the plan (repeatable)
    #[arg(long, value_name = "ADDRESS", action = clap::ArgAction::Append)]
    pub exclude: Vec<String>,
    /// Replace an instance even without a change (repeatable)
    #[arg(long, value_name = "ADDRESS", action = clap::ArgAction::Append)]
    pub replace: Vec<String>,
    /// Operations in flight at most
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub parallelism: u16,
    /// Show warnings by their first lines
    #[arg(long)]
    pub compact_warnings: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub variables: VariableArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub state: StateArgs,
    /// Print a stream of JSON events
    #[arg(long)]
    pub json: bool,
}

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
    #[command(flatten)]
    pub variables: VariableArgs,
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
pub struct VersionArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn duration(text: &str) -> Result<std::time::Duration, String> {
    let wrong = || format!("{text:?} is not a duration such as 30s, 5m or 1h30m");
    let mut total = 0f64;
    let mut rest = text;
    if rest == "0" {
        return Ok(std::time::Duration::ZERO);
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(wrong)?;
        let (number, after) = rest.split_at(digits);
        let end = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let factor = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        total += number.parse::<f64>().map_err(|_| wrong())? * factor;
        rest = after;
    }
    std::time::Duration::try_from_secs_f64(total).map_err(|_| wrong())
}

/// Long options with one dash become options with two: `-auto-approve`, `-var=x=y`.
/// What follows `--` and the values of options stay as they are.
pub fn normalise(args: impl IntoIterator<Item = std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let mut out = Vec::new();
    let mut literal = false;
    for (i, arg) in args.into_iter().enumerate() {
        let text = arg.to_str().map(str::to_owned);
        match text {
            Some(t) if i > 0 && !literal => {
                if t == "--" {
                    literal = true;
                }
                let mut chars = t.chars();
                let long = chars.next() == Some('-')
                    && chars.next().is_some_and(|c| c.is_ascii_alphabetic())
                    && chars
                        .next()
                        .is_some_and(|c| c.is_ascii_alphabetic() || c == '-');
                out.push(if long { format!("-{t}").into() } else { arg });
            }
            _ => out.push(arg),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_dash_or_two() {
        let args = [
            "loam",
            "plan",
            "-out=a.plan",
            "--var",
            "x=1",
            "-h",
            "-",
            "-5",
            "--",
            "-var",
        ];
        let got = normalise(args.map(Into::into));
        let got: Vec<_> = got.iter().filter_map(|a| a.to_str()).collect();
        assert_eq!(
            got,
            [
                "loam",
                "plan",
                "--out=a.plan",
                "--var",
                "x=1",
                "-h",
                "-",
                "-5",
                "--",
                "-var"
            ]
        );
    }

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn durations() {
        assert_eq!(duration("1m30s"), Ok(std::time::Duration::from_secs(90)));
        assert_eq!(duration("0"), Ok(std::time::Duration::ZERO));
        assert!(duration("soon").is_err());
    }
}
