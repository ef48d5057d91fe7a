//! Snapshots: made and listed; they go with their machine and cannot be deleted alone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::create::{absent, object, optional_text, text};
use super::envelope::{Answer, data, invalid, refusal};
use super::instance;
use super::keys::Key;
use super::power::find_active;

/// A snapshot.
#[derive(Debug, Serialize, Deserialize)]
pub struct Snapshot {
    pub vps_id: i64,
    pub name: String,
    pub description: String,
    pub created_at: Timestamp,
    pub vmstate: bool,
}

/// All snapshots, listed under their machine.
pub fn collection<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "vps_snapshot")
}

/// Adds a snapshot unless the machine has one of this name; says whether it did.
pub fn add(db: &Db<'_>, snapshot: &Snapshot) -> Result<bool, StoreError> {
    let id = format!("{}/{}", snapshot.vps_id, snapshot.name);
    if collection(db).get::<Snapshot>(&id)?.is_some() {
        return Ok(false);
    }
    collection(db).insert(&id, Some(&snapshot.vps_id.to_string()), snapshot)?;
    Ok(true)
}

/// `GET /vps/{id}/snapshots`
pub fn list(call: &Call<'_>, key: &Key) -> Answer {
    let id = call.request.param("id");
    let instance = instance::find(call.db, key, id, "VPS_DELETED")?;
    let snapshots: Vec<Snapshot> = collection(call.db).newest_first(Some(id))?;
    let snapshots: Vec<Value> = snapshots
        .iter()
        .map(|snapshot| {
            json!({
                "name": snapshot.name,
                "description": snapshot.description,
                "created_at": iso(snapshot.created_at),
                "vmstate": snapshot.vmstate,
            })
        })
        .collect();
    Ok(data(json!({"vps_id": instance.id, "snapshots": snapshots})))
}

/// `POST /vps/{id}/snapshots/create`
pub fn create(call: &Call<'_>, key: &Key) -> Answer {
    let instance = find_active(call, key)?;
    let body = object(call)?;
    if absent(&body, "name") {
        return Err(refusal("MISSING_FIELDS", "Missing: name").into());
    }
    let allowed = |name: &&str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let name = text(&body, "name")
        .filter(allowed)
        .ok_or_else(|| invalid("`name` may hold letters, digits and underscores only"))?;
    let description = optional_text(&body, "description")?.unwrap_or_default();
    let vmstate = match body.get("include_ram") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(include)) => *include,
        Some(_) => return Err(invalid("`include_ram` must be true or false").into()),
    };
    let status = instance.status(call.now);
    if matches!(status, "deploying" | "failed") {
        return Err(invalid(format!("A machine that is {status} cannot be snapshotted")).into());
    }
    let snapshot = Snapshot {
        vps_id: instance.id,
        name: name.to_owned(),
        description,
        created_at: call.now,
        vmstate,
    };
    if !add(call.db, &snapshot)? {
        return Err(invalid(format!("The machine has a snapshot named {name} already")).into());
    }
    // `vmstate` is not part of this answer: only the list tells.
    Ok(data(json!({
        "vps_id": instance.id,
        "snapshot": {
            "name": snapshot.name,
            "description": snapshot.description,
            "created_at": iso(snapshot.created_at),
        },
    }))
    .message("The snapshot has been created"))
}
