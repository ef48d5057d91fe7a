//! Faults on purpose: what a test asks to go wrong, and when.
//!
//! A fault names the requests it applies to and counts them itself; the front applies what `on_request`
//! returns. A deployment failure is not about a request: a cloud asks `on_deployment` when it starts one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Another answer than the real one: `status` with optional `body` and `headers`.
    Respond,
    /// The real answer, late by `delay_ms`.
    Delay,
    /// Half of a JSON body, with the status and content type of a proper one.
    Malformed,
    /// The connection is closed without an answer.
    Drop,
    /// A new machine's deployment fails at `task`.
    DeploymentFailure,
}

/// Whether the request does its work all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The fault strikes before the request has any effect.
    #[default]
    Before,
    /// The request has its effect; only its answer is lost or changed.
    After,
}

/// A fault as it is asked for, in the words of `POST /_sandbox/faults`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// Only this cloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<String>,
    /// Only this HTTP method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Glob for the path without its query, either whole or below the cloud's prefix; `*` stays within a
    /// segment, `**` does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Regular expression, searched in the whole path with its query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_regex: Option<String>,
    /// Glob for the name of the machine (`deployment_failure` only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The first matching request (from 1) that is struck.
    #[serde(default = "one")]
    pub nth: u64,
    /// How many matching requests in a row are struck.
    #[serde(default = "one")]
    pub count: u64,
    /// Every matching request from the `nth` on is struck.
    #[serde(default)]
    pub always: bool,
    /// Whether the request does its work.
    #[serde(default)]
    pub effect: Effect,
    /// Status of the answer (`respond`; 500 when absent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Body of the answer: a string is sent as it is, anything else as JSON, the cloud's own error body
    /// when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// More headers of the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Milliseconds to wait before anything else happens, in real time.
    #[serde(default)]
    pub delay_ms: u64,
    /// The task at which a deployment fails (the cloud's default when absent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// What a failed deployment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

fn one() -> u64 {
    1
}

/// Why a fault cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    /// A pattern cannot be compiled.
    #[error("`{field}` is not a valid pattern: {reason}")]
    Pattern {
        /// The field that holds it.
        field: &'static str,
        /// The regular expression engine's words.
        reason: String,
    },
    /// A number makes no sense.
    #[error("{0}")]
    Number(&'static str),
}

/// A fault with its history.
#[derive(Debug, Serialize)]
pub struct ArmedFault {
    /// Number by which the request log refers to it.
    pub id: u64,
    /// As it was asked for.
    #[serde(flatten)]
    pub fault: Fault,
    /// Matching requests seen so far.
    pub matched: u64,
    /// Requests struck so far.
    pub fired: u64,
    #[serde(skip)]
    patterns: Patterns,
}

#[derive(Debug, Default)]
struct Patterns {
    path: Option<Regex>,
    path_regex: Option<Regex>,
    name: Option<Regex>,
}

/// The request that a fault may strike.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The cloud that the path belongs to.
    pub cloud: &'a str,
    /// HTTP method.
    pub method: &'a str,
    /// The path without its query.
    pub path: &'a str,
    /// The path without its query and without the cloud's prefix.
    pub path_below_prefix: &'a str,
    /// The path with its query.
    pub path_and_query: &'a str,
}

/// All faults of one sandbox.
#[derive(Debug, Default)]
pub struct Faults {
    armed: Mutex<Armed>,
}

#[derive(Debug, Default)]
struct Armed {
    faults: Vec<ArmedFault>,
    last_id: u64,
}

impl Faults {
    /// Sets a fault; returns its number.
    pub fn arm(&self, fault: Fault) -> Result<u64, FaultError> {
        if fault.nth == 0 {
            return Err(FaultError::Number("`nth` counts from 1"));
        }
        if fault
            .status
            .is_some_and(|status| !(100..=999).contains(&status))
        {
            return Err(FaultError::Number("`status` must be an HTTP status"));
        }
        let patterns = Patterns {
            path: fault
                .path
                .as_deref()
                .map(|text| glob("path", text))
                .transpose()?,
            path_regex: fault
                .path_regex
                .as_deref()
                .map(|text| compile("path_regex", text))
                .transpose()?,
            name: fault
                .name
                .as_deref()
                .map(|text| glob("name", text))
                .transpose()?,
        };
        let mut armed = self.lock();
        armed.last_id += 1;
        let id = armed.last_id;
        armed.faults.push(ArmedFault {
            id,
            fault,
            matched: 0,
            fired: 0,
            patterns,
        });
        Ok(id)
    }

    /// The fault that strikes this request, if any. Every matching fault counts the request; the first that
    /// is due strikes.
    pub fn on_request(&self, target: Target<'_>) -> Option<(u64, Fault)> {
        self.strike(|armed| {
            armed.fault.kind != Kind::DeploymentFailure
                && equals(&armed.fault.cloud, target.cloud)
                && equals(&armed.fault.method, target.method)
                && armed.patterns.path.as_ref().is_none_or(|glob| {
                    glob.is_match(target.path) || glob.is_match(target.path_below_prefix)
                })
                && armed
                    .patterns
                    .path_regex
                    .as_ref()
                    .is_none_or(|regex| regex.is_match(target.path_and_query))
        })
    }

    /// The fault that strikes the deployment of this machine, if any.
    pub fn on_deployment(&self, cloud: &str, name: &str) -> Option<Fault> {
        self.strike(|armed| {
            armed.fault.kind == Kind::DeploymentFailure
                && equals(&armed.fault.cloud, cloud)
                && armed
                    .patterns
                    .name
                    .as_ref()
                    .is_none_or(|glob| glob.is_match(name))
        })
        .map(|(_, fault)| fault)
    }

    fn strike(&self, matches: impl Fn(&ArmedFault) -> bool) -> Option<(u64, Fault)> {
        let mut struck = None;
        for armed in &mut self.lock().faults {
            if !matches(armed) {
                continue;
            }
            armed.matched += 1;
            let first = armed.fault.nth;
            let due = armed.matched >= first
                && (armed.fault.always || armed.matched < first.saturating_add(armed.fault.count));
            if due && struck.is_none() {
                armed.fired += 1;
                struck = Some((armed.id, armed.fault.clone()));
            }
        }
        struck
    }

    /// All faults as JSON, oldest first.
    pub fn list(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(&self.lock().faults)
    }

    /// Removes all faults, or the one with this number; says how many went.
    pub fn clear(&self, id: Option<u64>) -> usize {
        let mut armed = self.lock();
        let before = armed.faults.len();
        armed
            .faults
            .retain(|fault| id.is_some_and(|id| fault.id != id));
        before - armed.faults.len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Armed> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn equals(wanted: &Option<String>, value: &str) -> bool {
    wanted
        .as_ref()
        .is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
}

/// A glob as a regular expression: `**` is anything, `*` anything but `/`, `?` one character but `/`.
fn glob(field: &'static str, text: &str) -> Result<Regex, FaultError> {
    let mut pattern = String::from("^");
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**") {
            pattern.push_str(".*");
            rest = after;
            continue;
        }
        match character {
            '*' => pattern.push_str("[^/]*"),
            '?' => pattern.push_str("[^/]"),
            other => pattern.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
    pattern.push('$');
    compile(field, &pattern)
}

fn compile(field: &'static str, pattern: &str) -> Result<Regex, FaultError> {
    Regex::new(pattern).map_err(|error| FaultError::Pattern {
        field,
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(text: Value) -> Fault {
        serde_json::from_value(text).expect("a fault")
    }

    fn target<'a>(method: &'a str, path: &'a str) -> Target<'a> {
        let below = path.strip_prefix("/cloud/v1").unwrap_or(path);
        Target {
            cloud: "cloud",
            method,
            path,
            path_below_prefix: below,
            path_and_query: path,
        }
    }

    #[test]
    fn the_nth_matching_request_is_struck() {
        let faults = Faults::default();
        let asked = json!({"kind": "respond", "method": "post", "path": "/vps/*", "nth": 2, "count": 2, "status": 503});
        let id = faults.arm(fault(asked)).expect("armed");
        let struck: Vec<bool> = [
            "/cloud/v1/vps/a",
            "/cloud/v1/vps/a/b",
            "/vps/b",
            "/vps/c",
            "/vps/d",
        ]
        .iter()
        .map(|path| faults.on_request(target("POST", path)).is_some())
        .collect();
        assert_eq!(struck, [false, false, true, true, false]);
        assert!(faults.on_request(target("GET", "/vps/a")).is_none());
        let list = faults.list().expect("json");
        assert_eq!(
            (list[0]["matched"].as_u64(), list[0]["fired"].as_u64()),
            (Some(4), Some(2))
        );
        assert_eq!(faults.clear(Some(id + 1)), 0);
        assert_eq!(faults.clear(None), 1);
    }

    #[test]
    fn deployment_failures_strike_by_name_and_never_a_request() {
        let faults = Faults::default();
        faults
            .arm(fault(
                json!({"kind": "deployment_failure", "name": "bad-*", "always": true}),
            ))
            .expect("armed");
        assert!(faults.on_request(target("POST", "/vps/create")).is_none());
        assert!(faults.on_deployment("cloud", "good.example.test").is_none());
        assert!(
            faults
                .on_deployment("cloud", "bad-1.example.test")
                .is_some()
        );
        assert!(
            faults
                .on_deployment("cloud", "bad-2.example.test")
                .is_some()
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let faults = Faults::default();
        assert!(
            faults
                .arm(fault(json!({"kind": "drop", "path_regex": "("})))
                .is_err()
        );
        assert!(
            faults
                .arm(fault(json!({"kind": "drop", "nth": 0})))
                .is_err()
        );
        assert!(serde_json::from_value::<Fault>(json!({"kind": "drop", "pth": "/x"})).is_err());
    }
}
