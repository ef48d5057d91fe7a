//! Groups of options that several commands take.

use std::path::PathBuf;

use clap::Args;

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
    #[command(flatten)]
    #[allow(missing_docs)]
    pub lock: LockArgs,
}

/// Whether and how to keep other runs away.
#[derive(Clone, Debug, Default, Args)]
pub struct LockArgs {
    /// How long to wait for another run's lock, such as 30s or 5m
    #[arg(long = "lock-timeout", value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub timeout: std::time::Duration,
    /// Take the lock (the default) or not
    #[arg(long = "lock", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub taken: bool,
}

/// A copy of the state from before it is changed.
#[derive(Clone, Debug, Default, Args)]
pub struct BackupArgs {
    /// Keep a copy of the state as it was in this file; - for none
    #[arg(long, value_name = "FILE")]
    pub backup: Option<PathBuf>,
    /// Accepted for compatibility: there is no remote version to differ from
    #[arg(long, hide = true)]
    pub ignore_remote_version: bool,
}

/// What is refused with an explanation.
#[derive(Clone, Debug, Default, Args)]
pub struct StateOutArgs {
    /// Refused with an explanation
    #[arg(long, value_name = "FILE", hide = true)]
    pub state_out: Option<PathBuf>,
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
    /// Leave an address and what needs it out of the plan, and destroy nothing that it was made
    /// from (repeatable)
    #[arg(long, value_name = "ADDRESS", action = clap::ArgAction::Append)]
    pub exclude: Vec<String>,
    /// Replace an instance even without a change (repeatable)
    #[arg(long, value_name = "ADDRESS", action = clap::ArgAction::Append)]
    pub replace: Vec<String>,
    /// Only run this action of the configuration (repeatable)
    #[arg(long, value_name = "ACTION", action = clap::ArgAction::Append)]
    pub invoke: Vec<String>,
    /// Operations in flight at most
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = parallelism)]
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
    /// Print for people, and write the stream of JSON events to a file
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub json_into: Option<PathBuf>,
}

/// How `-parallelism` is read: zero is the default, as it is for Terraform.
pub fn parallelism(text: &str) -> Result<u16, String> {
    match text.parse::<u16>() {
        Ok(0) => Ok(10),
        Ok(n) => Ok(n),
        Err(_) => Err("a whole number is needed, such as 10".into()),
    }
}

fn duration(text: &str) -> Result<std::time::Duration, String> {
    let read = loam_value::duration::parse(text);
    read.ok_or_else(|| format!("{text:?} is not a duration such as 30s, 5m or 1h30m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("1m30s"), Ok(std::time::Duration::from_secs(90)));
        assert_eq!(duration("0"), Ok(std::time::Duration::ZERO));
        assert!(duration("soon").is_err());
    }
}
