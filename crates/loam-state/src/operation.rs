//! Who does something with the state.

use std::fmt;
use std::time::SystemTime;

use crate::time::rfc3339;

/// One run of a command that locks or changes the state: it holds the lock under this name
/// and stands under it in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Names it among all: a UUID.
    pub id: String,
    /// The user.
    pub who: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// The command, such as `loam apply`; without values of variables.
    pub command: String,
    /// When it was begun.
    pub started: SystemTime,
}

impl Operation {
    /// An operation of this process that begins now.
    pub fn new(command: impl Into<String>, who: impl Into<String>) -> Operation {
        Operation {
            id: uuid::Uuid::new_v4().to_string(),
            who: who.into(),
            host: host_name(),
            pid: std::process::id(),
            command: command.into(),
            started: SystemTime::now(),
        }
    }

    /// `"loam apply" of ada@build1 (process 4711) since 2026-11-22T17:00:00Z`.
    pub fn describe(&self) -> String {
        format!(
            "{:?} of {}@{} (process {}) since {}",
            self.command,
            self.who,
            self.host,
            self.pid,
            rfc3339(self.started)
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

/// The machine's name; `localhost` where it cannot be told without a system call. Only
/// tells users (and locks on shared directories) machines apart.
fn host_name() -> String {
    ["/proc/sys/kernel/hostname", "/etc/hostname", "/etc/myname"]
        .iter()
        .find_map(|p| std::fs::read_to_string(p).ok())
        .map(|s| s.trim().to_owned())
        .filter(|s| !s.is_empty())
        .unwrap_or_else(|| "localhost".to_owned())
}
