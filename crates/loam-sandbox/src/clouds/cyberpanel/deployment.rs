//! A deployment: ten tasks in virtual time, all of it a function of when it started.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::api::Call;
use crate::clock::{iso, later, seconds_between};

use super::envelope::{Answer, data};
use super::instance;
use super::keys::Key;

/// Virtual seconds that each task takes; two minutes in all.
const TASKS: [(&str, f64); 10] = [
    ("validate_resources", 4.0),
    ("allocate_ip", 4.0),
    ("create_vm", 24.0),
    ("configure_hardware", 8.0),
    ("apply_cloud_init", 8.0),
    ("start_vm", 12.0),
    ("configure_network", 12.0),
    ("wait_for_guest_agent", 28.0),
    ("verify_connectivity", 12.0),
    ("finalize", 8.0),
];

/// Virtual seconds at the start during which it is only queued.
const QUEUED: f64 = 2.0;

/// What the API promises when an instance is ordered, in seconds.
pub const ESTIMATE: u64 = 180;

/// Where a deployment fails that is to fail, unless told otherwise.
const DEFAULT_FAILURE: &str = "configure_network";

/// A deployment as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Deployment {
    started_at: Timestamp,
    failure: Option<Failing>,
}

/// That a deployment fails, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Failing {
    task: usize,
    message: String,
}

/// How far a deployment is. Tasks are counted from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Queued.
    Pending,
    /// At this task.
    Running {
        /// The task.
        task: usize,
    },
    /// Done.
    Completed,
    /// Ended at this task.
    Failed {
        /// The task.
        task: usize,
    },
}

impl Deployment {
    /// A deployment that succeeds.
    pub fn start(now: Timestamp) -> Deployment {
        Deployment {
            started_at: now,
            failure: None,
        }
    }

    /// A deployment that fails at the named task.
    pub fn start_failing(now: Timestamp, task: Option<&str>, message: Option<&str>) -> Deployment {
        let position = |wanted: &str| TASKS.iter().position(|(name, _)| *name == wanted);
        let task = task
            .and_then(position)
            .or_else(|| position(DEFAULT_FAILURE))
            .unwrap_or(0);
        let message = message
            .unwrap_or("The network of the machine could not be configured")
            .to_owned();
        Deployment {
            started_at: now,
            failure: Some(Failing { task, message }),
        }
    }

    /// How far it is.
    pub fn stage(&self, now: Timestamp) -> Stage {
        let elapsed = seconds_between(self.started_at, now);
        if elapsed < QUEUED {
            return Stage::Pending;
        }
        let mut end = QUEUED;
        for (task, (_, seconds)) in TASKS.iter().enumerate() {
            end += seconds;
            if elapsed < end {
                return Stage::Running { task };
            }
            if self
                .failure
                .as_ref()
                .is_some_and(|failure| failure.task == task)
            {
                return Stage::Failed { task };
            }
        }
        Stage::Completed
    }

    /// When it ends, well or not.
    pub fn ended_at(&self) -> Option<Timestamp> {
        let last = self
            .failure
            .as_ref()
            .map_or(TASKS.len() - 1, |failure| failure.task);
        let seconds: f64 = TASKS
            .iter()
            .take(last + 1)
            .map(|(_, seconds)| seconds)
            .sum();
        Some(later(self.started_at, QUEUED + seconds))
    }

    /// When it started.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    fn tasks(&self, done: usize, current: Option<&str>) -> Value {
        TASKS
            .iter()
            .enumerate()
            .map(|(index, (name, _))| {
                let status = match current {
                    _ if index < done => "completed",
                    Some(status) if index == done => status,
                    _ => "pending",
                };
                json!({"name": name, "status": status, "order": index + 1})
            })
            .collect()
    }
}

/// `GET /vps/{id}/deployment`
pub fn deployment(call: &Call<'_>, key: &Key) -> Answer {
    let instance = instance::find(call.db, key, call.request.param("id"), "VPS_DELETED")?;
    let deployment = &instance.deployment;
    let stage = deployment.stage(call.now);
    let (status, done, current) = match stage {
        Stage::Pending => ("pending", 0, None),
        Stage::Running { task } => ("in_progress", task, Some(task)),
        Stage::Failed { task } => ("failed", task, Some(task)),
        Stage::Completed => ("completed", TASKS.len(), None),
    };
    let current_name = current
        .and_then(|task| TASKS.get(task))
        .map(|(name, _)| *name);
    // The document's sample counts the task at work: six done and the seventh running are 70 %.
    let percent = match stage {
        Stage::Running { task } => ((task + 1) * 100 / TASKS.len()).min(99),
        _ => done * 100 / TASKS.len(),
    };

    let mut body = Map::new();
    body.insert("vps_id".to_owned(), json!(instance.id));
    body.insert("deployment_status".to_owned(), json!(status));
    body.insert("vps_status".to_owned(), json!(instance.status(call.now)));
    body.insert("current_task".to_owned(), json!(current_name));
    body.insert("progress_percent".to_owned(), json!(percent));
    body.insert("tasks_completed".to_owned(), json!(done));
    body.insert("tasks_total".to_owned(), json!(TASKS.len()));
    body.insert("started_at".to_owned(), json!(iso(deployment.started_at)));
    body.insert("is_ready".to_owned(), json!(stage == Stage::Completed));
    match stage {
        // A completed deployment lists no tasks; the other stages have no end and no access.
        Stage::Completed => {
            body.insert(
                "completed_at".to_owned(),
                json!(deployment.ended_at().map(iso)),
            );
            let windows = instance.template == super::catalog::WINDOWS;
            let (port, user) = if windows {
                (3389, "Administrator")
            } else {
                (22, "root")
            };
            body.insert(
                "access_info".to_owned(),
                json!({"ip_address": instance.ip_address, "ssh_port": port, "ssh_user": user}),
            );
        }
        Stage::Pending => {
            body.insert("tasks".to_owned(), deployment.tasks(0, None));
        }
        Stage::Running { .. } => {
            body.insert(
                "tasks".to_owned(),
                deployment.tasks(done, Some("in_progress")),
            );
        }
        Stage::Failed { .. } => {
            body.insert("tasks".to_owned(), deployment.tasks(done, Some("failed")));
            let message = deployment
                .failure
                .as_ref()
                .map(|failure| failure.message.as_str());
            body.insert("error_message".to_owned(), json!(message));
        }
    }
    Ok(data(Value::Object(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_follow_the_clock() {
        let start: Timestamp = "2026-02-01T08:00:00Z".parse().expect("a time");
        let deployment = Deployment::start(start);
        let at = |seconds: f64| deployment.stage(later(start, seconds));
        assert_eq!(at(0.0), Stage::Pending);
        assert_eq!(at(2.0), Stage::Running { task: 0 });
        assert_eq!(at(62.5), Stage::Running { task: 6 });
        assert_eq!(at(121.9), Stage::Running { task: 9 });
        assert_eq!(at(122.0), Stage::Completed);
        let failing = Deployment::start_failing(start, Some("create_vm"), None);
        assert_eq!(
            failing.stage(later(start, 33.0)),
            Stage::Running { task: 2 }
        );
        assert_eq!(failing.stage(later(start, 34.0)), Stage::Failed { task: 2 });
        assert_eq!(failing.ended_at(), Some(later(start, 34.0)));
    }
}
