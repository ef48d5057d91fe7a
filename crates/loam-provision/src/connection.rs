//! `connection` blocks: how an object is reached.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use loam_diag::{Diagnostic, Diagnostics};
use loam_value::Value;
use russh::keys::{Certificate, PrivateKey, PublicKey, decode_secret_key};

use crate::arguments::{attribute, text};

/// How long connecting is tried if nothing is said.
const TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Where scripts are put if nothing is said; the part in percent signs is replaced by
/// something random.
const SCRIPT_PATH: &str = "/tmp/loam_%RAND%.sh";

/// A connection over SSH.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The machine.
    pub target: Hop,
    /// The machine through which it is reached.
    pub bastion: Option<Hop>,
    /// For how long connecting is tried.
    pub timeout: Duration,
    /// Where scripts are put.
    pub script_path: String,
}

/// One machine on the way. Its secrets are shown nowhere.
pub(crate) struct Hop {
    pub host: String,
    pub port: u16,
    pub user: String,
    /// Host and user as they may be shown.
    pub shown: String,
    pub shown_user: String,
    pub password: Option<String>,
    pub key: Option<Arc<PrivateKey>>,
    pub certificate: Option<Certificate>,
    /// The key that it has to have, or the one that its certificate is signed with.
    pub host_key: Option<PublicKey>,
    /// Keys of the user's agent may be used; the preferred one.
    pub agent: bool,
    pub agent_identity: Option<String>,
}

impl fmt::Debug for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}", self.shown_user, self.shown, self.port)
    }
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Where secrets of the connection would be shown.
const HIDDEN: &str = "(sensitive value)";

fn shown(value: &Value, name: &str, text: &str) -> String {
    let hidden = attribute(value, name).is_some_and(|v| !v.deep_marks().is_empty())
        || !value.marks().is_empty();
    match hidden {
        true => HIDDEN.to_owned(),
        false => text.to_owned(),
    }
}

fn invalid(detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error("Invalid connection", detail)
}

impl Connection {
    /// Reads a block. The errors name arguments, and hold no values of them that could be
    /// secret.
    pub fn read(block: &Value) -> Result<Connection, Diagnostics> {
        let mut problems = Diagnostics::new();
        let timeout = Connection::check(block, &mut problems);
        let target = Hop::read(block, "", None, &mut problems);
        let bastion = set(block, "bastion_host")
            .and_then(|_| Hop::read(block, "bastion_", target.as_ref(), &mut problems));
        match target {
            Some(target) if !problems.has_errors() => Ok(Connection {
                target,
                bastion,
                timeout,
                script_path: set(block, "script_path").unwrap_or(SCRIPT_PATH).to_owned(),
            }),
            _ => Err(problems),
        }
    }

    /// Reports what is not supported, as far as it is known; gives the timeout.
    pub fn check(block: &Value, problems: &mut Diagnostics) -> Duration {
        match text(block, "type").unwrap_or("ssh") {
            "ssh" | "" => {}
            "winrm" => problems.push(invalid(
                "Connections of type \"winrm\" are not supported: only \"ssh\" is.",
            )),
            _ => problems.push(invalid("\"type\" has to be \"ssh\".")),
        }
        match text(block, "target_platform").unwrap_or("unix") {
            "unix" | "" => {}
            "windows" => problems.push(invalid(
                "\"target_platform\" = \"windows\" is not supported: only \"unix\" is.",
            )),
            _ => problems.push(invalid("\"target_platform\" has to be \"unix\".")),
        }
        if set(block, "proxy_host").is_some() {
            problems.push(invalid(
                "Connections through a proxy are not supported. A machine in between that speaks \
                 SSH can be given by \"bastion_host\".",
            ));
        }
        match set(block, "timeout").map(loam_value::duration::parse) {
            None => TIMEOUT,
            Some(Some(timeout)) => timeout,
            Some(None) => {
                problems.push(invalid(
                    "\"timeout\" has to be a time such as \"30s\" or \"5m\".",
                ));
                TIMEOUT
            }
        }
    }
}

/// A string that is neither null nor empty.
fn set<'a>(block: &'a Value, name: &str) -> Option<&'a str> {
    text(block, name).filter(|t| !t.is_empty())
}

impl Hop {
    /// Reads the arguments that begin with `prefix`; what is not said for a bastion is as
    /// for the machine behind it.
    fn read(
        block: &Value,
        prefix: &str,
        behind: Option<&Hop>,
        problems: &mut Diagnostics,
    ) -> Option<Hop> {
        let name = |of: &str| format!("{prefix}{of}");
        let Some(host) = set(block, &name("host")) else {
            problems.push(invalid(
                "\"host\" is empty: where the object is reached is not known.",
            ));
            return None;
        };
        let port = attribute(block, &name("port")).and_then(Value::as_number);
        let port = match port.map(|n| n.to_i64().and_then(|n| u16::try_from(n).ok())) {
            None | Some(Some(0)) => behind.map_or(22, |b| b.port),
            Some(Some(port)) => port,
            Some(None) => {
                problems.push(invalid(format!("\"{prefix}port\" is no port.")));
                return None;
            }
        };
        let (user, shown_user) = match (set(block, &name("user")), behind) {
            (Some(user), _) => (user.to_owned(), shown(block, &name("user"), user)),
            (None, Some(behind)) => (behind.user.clone(), behind.shown_user.clone()),
            (None, None) => ("root".to_owned(), "root".to_owned()),
        };
        let key = match set(block, &name("private_key")) {
            None => behind.and_then(|b| b.key.clone()),
            Some(key) => match decode_secret_key(key, None) {
                Ok(key) => Some(Arc::new(key)),
                Err(_) => {
                    problems.push(invalid(format!(
                        "\"{prefix}private_key\" cannot be read: it has to be the text of a private key (not the name of its file) without a passphrase. A key with one can be used through an SSH agent."
                    )));
                    None
                }
            },
        };
        let certificate = match set(block, &name("certificate")) {
            None => behind.and_then(|b| b.certificate.clone()),
            Some(text) => match Certificate::from_openssh(text.trim()) {
                Ok(certificate) => Some(certificate),
                Err(_) => {
                    problems.push(invalid(format!(
                        "\"{prefix}certificate\" cannot be read: it has to be the text of an OpenSSH certificate."
                    )));
                    None
                }
            },
        };
        let host_key = match set(block, &name("host_key")) {
            None => None,
            Some(text) => match PublicKey::from_openssh(text.trim()) {
                Ok(key) => Some(key),
                Err(_) => {
                    problems.push(invalid(format!(
                        "\"{prefix}host_key\" cannot be read: it has to be a public key such as \"ssh-ed25519 AAAA…\"."
                    )));
                    // Without it anybody would be believed.
                    return None;
                }
            },
        };
        let agent = attribute(block, "agent").and_then(Value::as_bool);
        Some(Hop {
            host: host.to_owned(),
            port,
            user,
            shown: shown(block, &name("host"), host),
            shown_user,
            password: set(block, &name("password"))
                .map(str::to_owned)
                .or_else(|| behind.and_then(|b| b.password.clone())),
            key,
            certificate,
            host_key,
            agent: agent.unwrap_or(true) && std::env::var_os("SSH_AUTH_SOCK").is_some(),
            agent_identity: set(block, "agent_identity").map(str::to_owned),
        })
    }
}
