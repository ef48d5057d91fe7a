//! Tasks: what a change answers with, and how it is followed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::api::Call;
use crate::clock::{later, seconds_between};
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::answer::{Answer, created, empty, not_found, ok};
use super::catalog::Location;
use super::life::time;

/// The task of a change that was over at once.
const COMPLETED: &str = "already_completed_task";
/// Virtual seconds in `New`.
const NEW: f64 = 1.0;

#[derive(Debug, Serialize, Deserialize)]
struct Task {
    id: String,
    kind: String,
    location: Option<String>,
    resources: Vec<(String, String)>,
    started: Timestamp,
    ends: Timestamp,
    fails: bool,
    /// Whether it names what it is about in `resources` only.
    #[serde(default)]
    plain: bool,
}

fn tasks<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "task")
}

/// A task to be started.
#[derive(Debug)]
pub struct NewTask<'t> {
    /// Such as `CreateServer`.
    pub kind: &'t str,
    /// Where; DNS tasks are nowhere.
    pub location: Option<&'static Location>,
    /// Type and id of what it is about.
    pub resources: &'t [(&'t str, String)],
    /// How long it takes, in virtual seconds.
    pub seconds: f64,
    /// Whether it ends badly.
    pub fails: bool,
}

/// Starts a task; returns its id.
pub fn start(db: &Db<'_>, now: Timestamp, new: NewTask<'_>) -> Result<String, StoreError> {
    let number = db.next_number(CLOUD, "task", 9001)?;
    let id = match new.location {
        Some(location) => format!("l{}t{number}", location.number),
        None => format!("dns{number}"),
    };
    let task = Task {
        id: id.clone(),
        kind: new.kind.to_owned(),
        location: new.location.map(|location| location.id.to_owned()),
        resources: new
            .resources
            .iter()
            .map(|(kind, id)| ((*kind).to_owned(), id.clone()))
            .collect(),
        started: now,
        ends: later(now, new.seconds),
        fails: new.fails,
        plain: false,
    };
    tasks(db).insert(&id, None, &task)?;
    Ok(id)
}

/// Starts a task of another section, which has names of its own for its tasks.
pub fn start_named(
    db: &Db<'_>,
    now: Timestamp,
    id: &str,
    kind: &str,
    resources: &[(&str, String)],
    seconds: f64,
    fails: bool,
) -> Result<(), StoreError> {
    let resources = resources.iter();
    let task = Task {
        id: id.to_owned(),
        kind: kind.to_owned(),
        location: None,
        resources: resources
            .map(|(kind, id)| ((*kind).to_owned(), id.clone()))
            .collect(),
        started: now,
        ends: later(now, seconds),
        fails,
        plain: true,
    };
    tasks(db).insert(id, None, &task)
}

/// The answer to a change: its task.
pub fn answer(call: &Call<'_>, new: NewTask<'_>) -> Answer {
    ok(json!({"task_id": start(call.db, call.now, new)?}))
}

/// The answer to a creation: its task, with 201.
pub fn answer_created(call: &Call<'_>, new: NewTask<'_>) -> Answer {
    created(json!({"task_id": start(call.db, call.now, new)?}))
}

/// The answer to a deletion: nothing, or the task when the query asks for it.
pub fn answer_deleted(call: &Call<'_>, new: NewTask<'_>) -> Answer {
    let id = start(call.db, call.now, new)?;
    if wants_task(call) {
        ok(json!({"task_id": id}))
    } else {
        empty()
    }
}

/// The answer to a change that had nothing to do.
pub fn answer_done() -> Answer {
    ok(json!({"task_id": COMPLETED}))
}

/// The answer to a deletion that was over at once.
pub fn answer_deleted_at_once(call: &Call<'_>) -> Answer {
    if wants_task(call) {
        ok(json!({"task_id": COMPLETED}))
    } else {
        empty()
    }
}

fn wants_task(call: &Call<'_>) -> bool {
    call.request
        .query("return_task")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// `GET tasks/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    let id = call.request.param("id");
    if id == COMPLETED {
        let now = time(call.now);
        let task = json!({"id": COMPLETED, "is_completed": "Completed", "created": now, "completed": now, "resources": []});
        return ok(json!({"task": task}));
    }
    let task: Task = tasks(call.db).live(id)?.ok_or_else(|| not_found("task"))?;
    let over = call.now >= task.ends;
    let state = match over {
        true if task.fails => "Failed",
        true => "Completed",
        false if call.now < later(task.started, NEW) => "New",
        false => "InProgress",
    };
    let total = seconds_between(task.started, task.ends).max(0.001);
    let percent = (seconds_between(task.started, call.now) * 100.0 / total).min(100.0) as u64;
    let mut body = json!({
        "id": task.id,
        "type": task.kind,
        "is_completed": state,
        "progress_percent": if task.fails { percent.min(60) } else { percent },
        "location_id": task.location,
        "created": time(task.started),
        "completed": over.then(|| time(task.ends)),
        "resources": task.resources.iter().map(|(kind, id)| json!({"type": kind, "id": id})).collect::<Vec<_>>(),
    });
    // The older clients read one field for each kind of object, some of them numbers.
    for (kind, id) in task.resources.iter().filter(|_| !task.plain) {
        let number = id.parse::<i64>().ok();
        let value = match (kind.as_str(), number) {
            ("volume" | "nic" | "snapshot" | "record", Some(number)) => json!(number),
            _ => json!(id),
        };
        body[format!("{kind}_id")] = value;
    }
    if let Some((_, id)) = task.resources.iter().find(|(kind, _)| kind == "cluster") {
        body["k8s_cluster_id"] = json!(id);
    }
    ok(json!({"task": body}))
}
