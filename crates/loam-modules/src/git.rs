//! Packages in git repositories, fetched by the `git` program.
//!
//! Nothing that an address holds can become an option or a command: addresses are taken
//! apart and put together again, only known ways of transport are allowed, and git asks
//! nobody anything.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use loam_config::without_secrets;
use reqwest::Url;

use crate::problem::Problem;

/// A repository and what of it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GitSource {
    url: Url,
    /// A branch, a tag or a commit; the repository's own choice without one.
    reference: Option<String>,
    depth: u32,
}

/// Where the program looks for its repository if it is not told: not here.
const MISLEADING: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
];

impl GitSource {
    /// Reads an address without `git::`.
    pub fn parse(address: &str) -> Result<GitSource, Problem> {
        let mut url = Url::parse(address)
            .map_err(|e| Problem::fetching(format!("the address is not a URL: {e}")))?;
        if !matches!(url.scheme(), "https" | "http" | "ssh" | "git" | "file") {
            return Err(Problem::fetching(format!(
                "git repositories are fetched over https, ssh, http, git and file, not over \
                 {:?}",
                url.scheme()
            )));
        }
        // ssh would take such a host for an option.
        if url.host_str().is_some_and(|h| h.starts_with('-')) || url.username().starts_with('-') {
            return Err(Problem::fetching(
                "the host or user of the address starts with a dash",
            ));
        }
        let mut source_reference = None;
        let mut depth = 1;
        let mut rest = Vec::new();
        for (name, value) in url.query_pairs() {
            match &*name {
                "ref" => source_reference = Some(value.into_owned()).filter(|r| !r.is_empty()),
                "depth" => {
                    depth = value.parse().ok().filter(|d| *d > 0).ok_or_else(|| {
                        Problem::fetching(format!("the depth {value:?} is not a number from 1 on"))
                    })?;
                }
                "sshkey" => {
                    return Err(Problem::fetching("keys cannot be part of an address").hint(
                        "Give the key to ssh-agent, or name it in the configuration of ssh.",
                    ));
                }
                _ => rest.push((name.into_owned(), value.into_owned())),
            }
        }
        match rest.is_empty() {
            true => url.set_query(None),
            false => {
                url.query_pairs_mut().clear().extend_pairs(&rest);
            }
        }
        if let Some(reference) = &source_reference
            && (reference.starts_with('-')
                || reference.contains("..")
                || reference
                    .chars()
                    .any(|c| c.is_control() || " ~^:?*[\\".contains(c)))
        {
            return Err(Problem::fetching(format!(
                "{reference:?} cannot be the name of a branch, a tag or a commit"
            )));
        }
        Ok(GitSource {
            url,
            reference: source_reference,
            depth,
        })
    }

    /// Where it is.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Makes `into`, with the files of what is wanted. Blocks as long as it takes.
    pub fn fetch(
        &self,
        into: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<(), Problem> {
        let git = Git {
            environment,
            secret: &self.url,
        };
        match &self.reference {
            None => self.clone_at(&git, None, into)?,
            Some(commit) if is_commit(commit) => self.commit(&git, commit, into)?,
            Some(name) => self.clone_at(&git, Some(name), into)?,
        }
        if into.join(".gitmodules").exists() {
            // Repositories on this machine only for one that is here itself.
            let allowed = match self.url.scheme() {
                "file" => "https:ssh:git:file",
                _ => "https:ssh:git",
            };
            let mut command = git.command(allowed);
            command.arg("-C").arg(into);
            git.run(command.args(["submodule", "--quiet", "update", "--init", "--recursive"]))?;
        }
        Ok(())
    }

    /// Clones no more than what is needed, or everything if the server or the name does
    /// not allow that.
    fn clone_at(&self, git: &Git<'_>, name: Option<&str>, into: &Path) -> Result<(), Problem> {
        let mut command = git.command(self.transports());
        command.args(["clone", "--quiet", "--depth", &self.depth.to_string()]);
        if let Some(name) = name {
            command.args(["--branch", name]);
        }
        command.arg("--").arg(self.url.as_str()).arg(into);
        let output = git.output(&mut command)?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).to_lowercase();
        let retry = said.contains("not found in upstream") || said.contains("shallow");
        if !retry {
            return Err(git.failed(&output));
        }
        self.everything(git, name, into)
    }

    fn everything(&self, git: &Git<'_>, name: Option<&str>, into: &Path) -> Result<(), Problem> {
        // What the first try left.
        match std::fs::remove_dir_all(into) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(Problem::fetching(format!("{e}")));
            }
            _ => {}
        }
        let mut command = git.command(self.transports());
        command.args(["clone", "--quiet", "--"]);
        git.run(command.arg(self.url.as_str()).arg(into))?;
        let Some(name) = name else {
            return Ok(());
        };
        let mut command = git.command(self.transports());
        command.arg("-C").arg(into);
        git.run(command.args(["checkout", "--quiet", name, "--"]))
            .map_err(|problem| {
                let missing = problem.why.contains("did not match")
                    || problem.why.contains("invalid reference")
                    || problem.why.contains("unable to read tree");
                match missing {
                    true => Problem::fetching(format!(
                        "the repository has no branch, tag or commit {name:?}"
                    )),
                    false => problem,
                }
            })
    }

    /// A commit by its whole id can be had alone from most servers.
    fn commit(&self, git: &Git<'_>, commit: &str, into: &Path) -> Result<(), Problem> {
        if commit.len() == 40 {
            git.run(
                git.command(self.transports())
                    .args(["init", "--quiet", "--"])
                    .arg(into),
            )?;
            let mut fetch = git.command(self.transports());
            fetch.arg("-C").arg(into);
            fetch.args(["fetch", "--quiet", "--depth", &self.depth.to_string(), "--"]);
            let fetched = git.output(fetch.arg(self.url.as_str()).arg(commit))?;
            if fetched.status.success() {
                let mut checkout = git.command(self.transports());
                checkout.arg("-C").arg(into);
                return git.run(checkout.args(["checkout", "--quiet", "FETCH_HEAD", "--"]));
            }
        }
        self.everything(git, Some(commit), into)
    }

    fn transports(&self) -> &'static str {
        match self.url.scheme() {
            "file" => "file",
            "http" => "http:https",
            "ssh" => "ssh",
            "git" => "git",
            _ => "https",
        }
    }
}

/// Digits as of a commit's id. A branch may be called so, too, and is found as well.
fn is_commit(reference: &str) -> bool {
    (7..=40).contains(&reference.len()) && reference.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The program.
struct Git<'a> {
    environment: &'a BTreeMap<String, String>,
    /// An address that may hold a password, which is not to be shown.
    secret: &'a Url,
}

impl Git<'_> {
    fn command(&self, transports: &str) -> Command {
        let mut command = Command::new("git");
        command.stdin(Stdio::null());
        for name in MISLEADING {
            command.env_remove(name);
        }
        command
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", transports)
            .env("LC_ALL", "C");
        let chosen = ["GIT_SSH_COMMAND", "GIT_SSH"]
            .iter()
            .any(|name| self.environment.contains_key(*name));
        if !chosen {
            // It would wait for a passphrase or a yes that nobody is asked for.
            command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        }
        command
    }

    fn output(&self, command: &mut Command) -> Result<Output, Problem> {
        command.output().map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => Problem::fetching(
                "modules in git repositories are fetched by the program \"git\", which is not \
                 on the PATH",
            )
            .hint("Install git and run the command again."),
            _ => Problem::fetching(format!("the program \"git\" cannot be run: {e}")),
        })
    }

    fn run(&self, command: &mut Command) -> Result<(), Problem> {
        let output = self.output(command)?;
        match output.status.success() {
            true => Ok(()),
            false => Err(self.failed(&output)),
        }
    }

    fn failed(&self, output: &Output) -> Problem {
        let said = String::from_utf8_lossy(&output.stderr);
        let mut text = said.replace(self.secret.as_str(), &without_secrets(self.secret.as_str()));
        if let Some(password) = self.secret.password() {
            text = text.replace(password, "(secret)");
        }
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty() && !l.starts_with("hint:"))
            .collect();
        let last = lines.get(lines.len().saturating_sub(6)..).unwrap_or(&[]);
        let why = last.join("; ");
        Problem::fetching(match why.is_empty() {
            true => format!("git ended with {}", output.status),
            false => format!("git says: {}", why.trim_end_matches('.')),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let source = GitSource::parse("https://h.example/r.git?ref=v1&depth=3&x=y").expect("one");
        assert_eq!(source.url.as_str(), "https://h.example/r.git?x=y");
        assert_eq!(source.reference.as_deref(), Some("v1"));
        assert_eq!(source.depth, 3);
        let source = GitSource::parse("ssh://git@h.example:22/r?ref=feature/a-b").expect("one");
        assert_eq!(source.url.as_str(), "ssh://git@h.example:22/r");
        assert_eq!(source.reference.as_deref(), Some("feature/a-b"));
    }

    #[test]
    fn nothing_becomes_an_option_or_a_command() {
        for address in [
            "ext::sh -c true",
            "ext://sh/-c",
            "fd://3/x",
            "ssh://-oProxyCommand=x/r",
            "ssh://-x@h.example/r",
            "https://h.example/r?ref=--upload-pack=x",
            "https://h.example/r?ref=a..b",
            "https://h.example/r?ref=a%20b",
            "https://h.example/r?ref=a%0Ab",
            "https://h.example/r?depth=-1",
            "https://h.example/r?depth=x",
            "https://h.example/r?sshkey=AAAA",
            "no url",
        ] {
            assert!(GitSource::parse(address).is_err(), "{address}");
        }
    }
}
