//! Snapshots of a server.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::later;
use crate::store::{Db, StoreError};

use super::CLOUD;
use super::answer::{Answer, Failure, INVALID, not_found, ok, refuse};
use super::input::body;
use super::servers::{self, Server, Snapshot, added, changed, find, here, removed, save};

/// Virtual seconds that a snapshot, its rollback and its deletion take.
const CHANGE: f64 = 10.0;

/// All snapshots of all servers.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let servers = servers::existing(db, now)?;
    let views = |server: &Server| {
        server
            .snapshots(now)
            .map(|one| one.view(&server.id))
            .collect::<Vec<_>>()
    };
    Ok(servers.iter().flat_map(views).collect())
}

fn snapshot<'s>(call: &Call<'_>, server: &'s mut Server) -> Result<&'s mut Snapshot, Failure> {
    let id = call.request.param("snapshot");
    let found = |one: &&mut Snapshot| one.id.to_string() == id && here(one.gone_at, call.now);
    server
        .snapshots
        .iter_mut()
        .find(found)
        .ok_or_else(|| not_found("snapshot"))
}

/// `GET servers/{id}/snapshots`
pub fn list(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    let views: Vec<Value> = server
        .snapshots(call.now)
        .map(|one| one.view(&server.id))
        .collect();
    ok(json!({"snapshots": views}))
}

/// `GET servers/{id}/snapshots/{sid}`
pub fn read(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let id = server.id.clone();
    ok(json!({"snapshot": snapshot(call, &mut server)?.view(&id)}))
}

/// `POST servers/{id}/snapshots`: the task need not say which snapshot it made.
pub fn create(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let body = body(call.request)?;
    let name = body.required_text("name")?;
    if name.chars().count() > 25 {
        return Err(refuse(
            INVALID,
            "SnapshotNameTooLong: name has at most 25 characters",
        ));
    }
    server.life.change(call.now, CHANGE)?;
    let id = call.db.next_number(CLOUD, "snapshot", 31)?;
    server.snapshots.push(Snapshot {
        id,
        name: name.to_owned(),
        created: call.now,
        gone_at: None,
    });
    save(call.db, &server)?;
    added(call, &server, "CreateSnapshot", ("snapshot", id), CHANGE)
}

/// `POST servers/{id}/snapshots/{sid}/rollback`
pub fn roll_back(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let id = snapshot(call, &mut server)?.id;
    server.life.change(call.now, CHANGE)?;
    save(call.db, &server)?;
    changed(
        call,
        &server,
        "RollbackSnapshot",
        Some(("snapshot", id)),
        CHANGE,
    )
}

/// `DELETE servers/{id}/snapshots/{sid}`
pub fn delete(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let one = snapshot(call, &mut server)?;
    one.gone_at = Some(later(call.now, CHANGE));
    let id = one.id;
    server.life.change(call.now, CHANGE)?;
    save(call.db, &server)?;
    removed(
        call,
        &server,
        "DeleteSnapshot",
        Some(("snapshot", id)),
        CHANGE,
    )
}
