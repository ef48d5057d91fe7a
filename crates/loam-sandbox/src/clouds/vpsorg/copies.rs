//! Snapshots and backups: copies of a server that take a moment and can be restored.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::{iso, later};
use crate::fields::{FieldError, Fields};
use crate::ids;
use crate::store::{Db, StoreError};

use super::answer::{Answer, Failure, accepted, created, detail, no_content, not_found, page};
use super::dual::Dual;
use super::power::find_idle;
use super::servers::{self, SERVERS, Server};

/// Virtual seconds in `pending`, and until a copy is completed; and that a restore takes.
const PENDING: f64 = 3.0;
const COMPLETED: f64 = 30.0;
const RESTORE: f64 = 30.0;
/// Virtual seconds after which an automatic backup goes: about a month.
const KEPT: f64 = 30.0 * 24.0 * 3600.0;

/// Snapshots have a number, and a uuid.
pub const SNAPSHOTS: Dual = Dual {
    kind: "snapshot",
    numbers: "snapshot_number",
    first: 61,
};
/// Backups have a number, and a uuid.
pub const BACKUPS: Dual = Dual {
    kind: "backup",
    numbers: "backup_number",
    first: 501,
};

/// A snapshot, or a backup (which has no name).
#[derive(Debug, Serialize, Deserialize)]
struct Copy {
    id: i64,
    uuid: String,
    server: String,
    server_id: i64,
    server_name: String,
    name: Option<String>,
    description: String,
    /// A backup that the service made of itself.
    #[serde(default)]
    automatic: bool,
    created_at: Timestamp,
}

impl Copy {
    /// When it goes of itself, if it does.
    fn expires_at(&self) -> Option<Timestamp> {
        self.automatic.then(|| later(self.created_at, KEPT))
    }

    fn kept(&self, now: Timestamp) -> bool {
        self.expires_at().is_none_or(|end| now < end)
    }

    fn status(&self, now: Timestamp) -> &'static str {
        if now < later(self.created_at, PENDING) {
            "pending"
        } else if now < later(self.created_at, COMPLETED) {
            "in_progress"
        } else {
            "completed"
        }
    }

    fn view(&self, now: Timestamp) -> Value {
        let status = self.status(now);
        let server = json!({"id": self.server_id, "name": self.server_name});
        let size = if status == "completed" { 2100 } else { 0 };
        let created_at = iso(self.created_at);
        match &self.name {
            Some(name) => json!({
                "id": self.id,
                "uuid": self.uuid,
                "server": server,
                "name": name,
                "status": status,
                "size_mb": size,
                "created_at": created_at,
                "description": self.description,
            }),
            None => json!({
                "id": self.id,
                "uuid": self.uuid,
                "server": server,
                "backup_type": if self.automatic { "automatic" } else { "manual" },
                "status": status,
                "size_mb": size,
                "created_at": created_at,
                "expires_at": self.expires_at().map(iso),
                "description": self.description,
            }),
        }
    }
}

/// All that exist of a kind.
pub fn all(db: &Db<'_>, now: Timestamp, kind: Dual) -> Result<Vec<Value>, StoreError> {
    let list: Vec<Copy> = kind.by_uuid(db).oldest_first(None)?;
    let kept = list.iter().filter(|copy| copy.kept(now));
    Ok(kept.map(|copy| copy.view(now)).collect())
}

/// What goes when a server goes.
pub fn delete_with_server(db: &Db<'_>, server: &str) -> Result<(), StoreError> {
    SNAPSHOTS.by_uuid(db).delete_children(server)?;
    BACKUPS.by_uuid(db).delete_children(server)
}

fn list(call: &Call<'_>, kind: Dual, wanted: impl Fn(&Copy) -> bool) -> Answer {
    let server = match call.request.query("server_id") {
        None => None,
        Some(id) => match SERVERS.find::<Server>(call.db, id)? {
            Some(server) => Some(server.uuid),
            None => return page(call.request, Vec::new()),
        },
    };
    let list: Vec<Copy> = kind.by_uuid(call.db).newest_first(server.as_deref())?;
    let wanted = list
        .iter()
        .filter(|copy| copy.kept(call.now) && wanted(copy));
    page(
        call.request,
        wanted.map(|copy| copy.view(call.now)).collect(),
    )
}

/// `GET /snapshots/`
pub fn list_snapshots(call: &Call<'_>) -> Answer {
    list(call, SNAPSHOTS, |_| true)
}

/// `GET /backups/`
pub fn list_backups(call: &Call<'_>) -> Answer {
    match call.request.query("backup_type") {
        None => list(call, BACKUPS, |_| true),
        Some("manual") => list(call, BACKUPS, |copy| !copy.automatic),
        Some("automatic") => list(call, BACKUPS, |copy| copy.automatic),
        Some(_) => page(call.request, Vec::new()),
    }
}

/// Makes an automatic backup of a server, as the service does of itself.
pub fn arrange_backup(db: &Db<'_>, now: Timestamp, id: &str) -> Result<Option<Value>, StoreError> {
    let Some(server) = SERVERS.find::<Server>(db, id)? else {
        return Ok(None);
    };
    let backup = insert(db, now, BACKUPS, &server, None, "", true)?;
    Ok(Some(backup.view(now)))
}

fn make(
    call: &Call<'_>,
    kind: Dual,
    server: &Server,
    name: Option<String>,
    description: &str,
) -> Answer {
    let copy = insert(call.db, call.now, kind, server, name, description, false)?;
    Ok(created(copy.view(call.now)))
}

fn insert(
    db: &Db<'_>,
    now: Timestamp,
    kind: Dual,
    server: &Server,
    name: Option<String>,
    description: &str,
    automatic: bool,
) -> Result<Copy, StoreError> {
    let uuid = ids::uuid();
    let copy = Copy {
        id: kind.number(db, &uuid)?,
        uuid,
        server: server.uuid.clone(),
        server_id: server.id,
        server_name: server.name.clone(),
        name,
        description: description.to_owned(),
        automatic,
        created_at: now,
    };
    kind.insert(db, &copy.uuid, Some(&copy.server), &copy)?;
    Ok(copy)
}

fn check_name(field: &str, name: &str) -> Result<String, FieldError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !name.bytes().all(allowed) {
        return Err(FieldError::new(
            field,
            "may hold letters, digits, hyphens and underscores only",
        ));
    }
    Ok(name.to_owned())
}

fn server_of(call: &Call<'_>, body: &Fields) -> Result<Server, Failure> {
    let id = match body.get("server_id") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(FieldError::new("server_id", "this field is required").into()),
    };
    if SERVERS.find::<Server>(call.db, &id)?.is_none() {
        return Err(FieldError::new("server_id", "unknown server").into());
    }
    find_idle(call, &id)
}

/// `POST /snapshots/`
pub fn create_snapshot(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let name = check_name("name", body.required_text("name")?)?;
    let server = server_of(call, &body)?;
    make(
        call,
        SNAPSHOTS,
        &server,
        Some(name),
        body.text("description")?.unwrap_or_default(),
    )
}

/// `POST /servers/{id}/snapshot/`: the label, if any, is the name.
pub fn snapshot_server(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let label = check_name("label", body.text("label")?.unwrap_or("snapshot"))?;
    let server = find_idle(call, call.request.param("id"))?;
    make(call, SNAPSHOTS, &server, Some(label), "")
}

/// `POST /backups/`
pub fn create_backup(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let server = server_of(call, &body)?;
    make(
        call,
        BACKUPS,
        &server,
        None,
        body.text("description")?.unwrap_or_default(),
    )
}

/// `POST /servers/{id}/backup/`
pub fn back_up_server(call: &Call<'_>) -> Answer {
    let server = find_idle(call, call.request.param("id"))?;
    make(call, BACKUPS, &server, None, "")
}

/// `DELETE /snapshots/{id}/`
pub fn delete_snapshot(call: &Call<'_>) -> Answer {
    let copy: Copy = SNAPSHOTS
        .find(call.db, call.request.param("id"))?
        .ok_or_else(not_found)?;
    SNAPSHOTS.by_uuid(call.db).delete(&copy.uuid)?;
    Ok(no_content())
}

fn restore(call: &Call<'_>, kind: Dual) -> Answer {
    let found: Option<Copy> = kind.find(call.db, call.request.param("id"))?;
    let copy = found
        .filter(|copy| copy.kept(call.now))
        .ok_or_else(not_found)?;
    if copy.status(call.now) != "completed" {
        return Err(detail(StatusCode::CONFLICT, "It is not completed yet."));
    }
    let mut server = find_idle(call, &copy.server)?;
    let runs = server.status(call.now) == "active";
    server.begin(call.now, Some("restoring"), RESTORE, runs);
    servers::save(call.db, &server)?;
    Ok(accepted("The server is being restored."))
}

/// `POST /snapshots/{id}/restore/`
pub fn restore_snapshot(call: &Call<'_>) -> Answer {
    restore(call, SNAPSHOTS)
}

/// `POST /backups/{id}/restore/`
pub fn restore_backup(call: &Call<'_>) -> Answer {
    restore(call, BACKUPS)
}
