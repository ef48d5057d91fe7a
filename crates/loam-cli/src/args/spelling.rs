//! How a command line may be spelled: one dash or two, booleans as Terraform takes them,
//! and options from the environment.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};
use loam_config::environment::setting;

/// The command line as clap is to read it:
///
/// - Long options with one dash get two: `-auto-approve`, `-var=x=y`. What follows `--` and
///   the values of options stay as they are.
/// - `-version` and `-v` in place of a command are the command `version`.
/// - Flags take a value (`-auto-approve=true`, `-json=0`), and every boolean the spellings
///   that Terraform knows. A flag that is set to false is taken away.
/// - `TF_CLI_ARGS` stands behind the command, and `TF_CLI_ARGS_plan` (or
///   `TF_CLI_ARGS_state_list`) before that; the same with `LOAM_` is taken instead.
///
/// # Errors
///
/// One of these variables has a quote that is not closed.
pub fn normalise(
    args: impl IntoIterator<Item = OsString>,
    root: &Command,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<OsString>, String> {
    let mut words = two_dashes(args);
    let found = find(&words, root);
    if let Some(path) = &found.path {
        let behind = found.at + 1;
        for name in [String::new(), format!("_{path}")] {
            let given = from_environment(&name, variable)?;
            words.splice(behind..behind, two_dashes_all(given));
        }
    }
    booleans(&mut words, root, found.command);
    Ok(words)
}

/// A text of clap's about options, spelled as people type them: `-var` and not `--var`.
pub fn one_dash(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("--") {
        let (before, from) = rest.split_at(at);
        let after = from.get(2..).unwrap_or_default();
        let inside = before.ends_with(|c: char| c.is_alphanumeric() || c == '-');
        let option = after.starts_with(|c: char| c.is_ascii_lowercase());
        out.push_str(before);
        // In a list of options what follows stays in its column.
        let listed = out.rsplit('\n').next().unwrap_or_default();
        let listed =
            listed.starts_with("  ") && (listed.trim().is_empty() || listed.ends_with(", "));
        out.push_str(match (option && !inside, listed) {
            (true, true) => " -",
            (true, false) => "-",
            (false, _) => "--",
        });
        rest = after;
    }
    out.push_str(rest);
    out.replace("try '-help'", "add -help to the command")
}

/// The words of `LOAM_CLI_ARGS…` or `TF_CLI_ARGS…`.
fn from_environment(
    suffix: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<OsString>, String> {
    let Some(found) = setting(variable, &format!("CLI_ARGS{suffix}")) else {
        return Ok(Vec::new());
    };
    let name = found.name;
    let words = shlex::split(&found.value)
        .ok_or_else(|| format!("the variable {name} has a quote that is not closed"))?;
    Ok(words.into_iter().map(OsString::from).collect())
}

fn two_dashes(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut args = args.into_iter();
    let mut out: Vec<OsString> = args.next().into_iter().collect();
    let rest = two_dashes_all(args);
    let place = rest.iter().position(|a| !is_option(a));
    let version = |a: &OsString| matches!(a.to_str(), Some("--version" | "-v"));
    let named = rest
        .iter()
        .position(version)
        .filter(|at| place.is_none_or(|p| *at < p));
    out.extend(rest);
    // One for the program's name.
    if let Some(word) = named.and_then(|at| out.get_mut(at + 1)) {
        *word = "version".into();
    }
    out
}

fn two_dashes_all(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut literal = false;
    let longer = |arg: OsString| {
        let long = match arg.to_str() {
            Some(text) if !literal => {
                literal |= text == "--";
                let mut chars = text.chars();
                chars.next() == Some('-')
                    && chars.next().is_some_and(|c| c.is_ascii_alphabetic())
                    && chars
                        .next()
                        .is_some_and(|c| c.is_ascii_alphabetic() || c == '-')
            }
            _ => false,
        };
        match (long, arg.to_str()) {
            (true, Some(text)) => format!("-{text}").into(),
            _ => arg,
        }
    };
    args.into_iter().map(longer).collect()
}

fn is_option(word: &OsString) -> bool {
    word.to_str()
        .is_some_and(|w| w.starts_with('-') && w != "-")
}

/// Which command the words name.
struct Found<'c> {
    command: &'c Command,
    /// Its names, as the environment joins them; none without a command.
    path: Option<String>,
    /// The place of its last word.
    at: usize,
}

fn find<'c>(words: &[OsString], root: &'c Command) -> Found<'c> {
    let mut found = Found {
        command: root,
        path: None,
        at: 0,
    };
    let mut value = false;
    for (at, word) in words.iter().enumerate().skip(1) {
        let text = word.to_str().unwrap_or_default();
        if std::mem::take(&mut value) {
            continue;
        }
        if is_option(word) {
            let separate = |a: &Arg| a.get_action().takes_values() && !a.is_require_equals_set();
            value = !text.contains('=') && option(text, root, found.command).is_some_and(separate);
            continue;
        }
        let Some(next) = found.command.find_subcommand(text) else {
            break;
        };
        let name = next.get_name().replace('-', "_");
        found = Found {
            command: next,
            path: Some(match found.path {
                Some(before) => format!("{before}_{name}"),
                None => name,
            }),
            at,
        };
    }
    found
}

/// The option that a word means, in a command or for all.
fn option<'c>(word: &str, root: &'c Command, command: &'c Command) -> Option<&'c Arg> {
    let name = word.strip_prefix("--")?;
    let name = name.split_once('=').map_or(name, |(name, _)| name);
    let both = command.get_arguments().chain(root.get_arguments());
    both.into_iter().find(|a| a.get_long() == Some(name))
}

/// Puts boolean values into one spelling. Of several of a flag the last counts.
fn booleans(words: &mut Vec<OsString>, root: &Command, command: &Command) {
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let text = word.to_str().unwrap_or_default().to_owned();
        if text == "--" {
            return;
        }
        let given = option(&text, root, command).zip(text.split_once('='));
        let Some((arg, (name, value))) = given else {
            at += 1;
            continue;
        };
        let boolean = arg
            .get_value_names()
            .is_some_and(|n| matches!(n, [n] if n == "BOOL"));
        let flag = !boolean && matches!(arg.get_action(), ArgAction::SetTrue);
        match truth(value) {
            Some(true) if flag => set(words, at, name.to_owned()),
            Some(false) if flag => {
                // This one, and those before it that it overrides.
                let mut place = 0;
                words.retain(|w| {
                    place += 1;
                    place > at + 1 || place <= at && *w.as_os_str() != *name
                });
                at = 1;
                continue;
            }
            Some(value) if boolean => set(words, at, format!("{name}={value}")),
            _ => {}
        }
        at += 1;
    }
}

fn set(words: &mut [OsString], at: usize, text: String) {
    if let Some(word) = words.get_mut(at) {
        *word = text.into();
    }
}

/// The spellings of Go's `strconv.ParseBool`.
fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    fn read(line: &str, environment: &[(&str, &str)]) -> String {
        let variable = |name: &str| {
            let found = environment.iter().find(|(n, _)| *n == name);
            found.map(|(_, v)| (*v).to_owned())
        };
        let words = line.split(' ').map(OsString::from);
        let words = normalise(words, &Cli::command(), &variable).expect("readable");
        let words: Vec<&str> = words.iter().filter_map(|w| w.to_str()).collect();
        words.join(" ")
    }

    #[test]
    fn options_are_told_with_one_dash() {
        let text =
            "error: '--parallelism <N>' a--b\n  -h, --help  Print -- and --- help\ntry '--help'.";
        assert_eq!(
            super::one_dash(text),
            "error: '-parallelism <N>' a--b\n  -h,  -help  Print -- and --- help\nadd -help to the command."
        );
    }

    #[test]
    fn one_dash_or_two() {
        assert_eq!(
            read("loam plan -out=a.plan --var x=1 -h - -5 -- -var", &[]),
            "loam plan --out=a.plan --var x=1 -h - -5 -- -var"
        );
        assert_eq!(read("loam -version", &[]), "loam version");
        assert_eq!(read("loam -chdir=x -v", &[]), "loam --chdir=x version");
        assert_eq!(read("loam plan -version", &[]), "loam plan --version");
    }

    #[test]
    fn booleans_as_terraform_takes_them() {
        for (line, meant) in [
            ("apply -auto-approve=true", "apply --auto-approve"),
            ("apply -auto-approve=1 p", "apply --auto-approve p"),
            ("apply -auto-approve=false p", "apply p"),
            ("apply -json -json=0 p", "apply p"),
            ("apply -json=0 -json p", "apply --json p"),
            ("plan -input=0 -lock=F", "plan --input=false --lock=false"),
            (
                "plan -refresh=T -refresh=full",
                "plan --refresh=true --refresh=full",
            ),
            (
                "plan -var json=0 -var=json=0",
                "plan --var json=0 --var=json=0",
            ),
            ("plan -json=maybe", "plan --json=maybe"),
            ("output -no-color=true", "output --no-color"),
        ] {
            assert_eq!(read(&format!("loam {line}"), &[]), format!("loam {meant}"));
        }
    }

    #[test]
    fn options_from_the_environment() {
        let environment = [
            ("TF_CLI_ARGS", "-no-color -input=false"),
            ("TF_CLI_ARGS_plan", "-var 'name=a b'"),
            ("TF_CLI_ARGS_state_list", "-id=x"),
            ("TF_CLI_ARGS_force_unlock", "-force"),
            ("TF_CLI_ARGS_show", "-no-color"),
            ("LOAM_CLI_ARGS_show", "-json"),
        ];
        for (line, meant) in [
            (
                "-chdir=d plan -out=x",
                "--chdir=d plan --var name=a b --no-color --input=false --out=x",
            ),
            (
                "-chdir plan plan",
                "--chdir plan plan --var name=a b --no-color --input=false",
            ),
            (
                "state list a.b",
                "state list --id=x --no-color --input=false a.b",
            ),
            (
                "force-unlock 1",
                "force-unlock --force --no-color --input=false 1",
            ),
            ("show", "show --json --no-color --input=false"),
            ("-version", "version --no-color --input=false"),
            ("-help", "--help"),
        ] {
            assert_eq!(
                read(&format!("loam {line}"), &environment),
                format!("loam {meant}")
            );
        }
        let open = |name: &str| (name == "TF_CLI_ARGS").then(|| "'".to_owned());
        let words = ["loam", "plan"].map(OsString::from);
        assert!(normalise(words, &Cli::command(), &open).is_err());
    }
}
