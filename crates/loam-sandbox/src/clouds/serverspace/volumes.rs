//! Volumes of a server: they grow and never shrink; `boot` stays.

use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::later;

use super::CLOUD;
use super::answer::{Answer, Failure, INVALID, not_found, ok, refuse};
use super::input::{body, required_int};
use super::order::{BOOT, MOST_VOLUMES, check_volume};
use super::servers::{Server, Volume, added, changed, find, here, removed, save};

/// Virtual seconds that a change takes.
const CHANGE: f64 = 8.0;

fn position(call: &Call<'_>, server: &Server) -> Result<usize, Failure> {
    let id = call.request.param("volume");
    let found = |volume: &Volume| volume.id.to_string() == id && here(volume.gone_at, call.now);
    server
        .volumes
        .iter()
        .position(found)
        .ok_or_else(|| not_found("volume"))
}

fn volume<'s>(call: &Call<'_>, server: &'s mut Server) -> Result<&'s mut Volume, Failure> {
    let position = position(call, server)?;
    server
        .volumes
        .get_mut(position)
        .ok_or_else(|| not_found("volume"))
}

/// `GET servers/{id}/volumes`
pub fn list(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    ok(json!({"volumes": server.volumes(call.now).map(Volume::view).collect::<Vec<Value>>()}))
}

/// `GET servers/{id}/volumes/{vid}`
pub fn read(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    ok(json!({"volume": volume(call, &mut server)?.view()}))
}

/// `POST servers/{id}/volumes`
pub fn create(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let body = body(call.request)?;
    let name = body.required_text("name")?.to_owned();
    if name == BOOT {
        return Err(refuse(
            INVALID,
            "name must not be boot: the server has its boot volume",
        ));
    }
    let size_mb = check_volume(&name, required_int(&body, "size_mb")?)?;
    if server.volumes(call.now).count() >= MOST_VOLUMES {
        return Err(refuse(INVALID, "A server has at most ten volumes"));
    }
    server.life.change(call.now, CHANGE)?;
    let id = call.db.next_number(CLOUD, "volume", 901)?;
    server.volumes.push(Volume {
        id,
        name,
        size_mb,
        created: call.now,
        gone_at: None,
    });
    save(call.db, &server)?;
    added(call, &server, "CreateVolume", ("volume", id), CHANGE)
}

/// `PUT servers/{id}/volumes/{vid}`
pub fn update(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let body = body(call.request)?;
    let size_mb = required_int(&body, "size_mb")?;
    let volume = volume(call, &mut server)?;
    let old = volume.size_mb;
    volume.size_mb = check_volume(&volume.name, size_mb)?;
    if size_mb < old {
        return Err(refuse(INVALID, "VolumeBadSize: a volume cannot shrink"));
    }
    if let Some(name) = body
        .text("name")?
        .filter(|name| !name.is_empty() && volume.name != BOOT)
    {
        volume.name = name.to_owned();
    }
    let id = volume.id;
    server.life.change(call.now, CHANGE)?;
    save(call.db, &server)?;
    changed(call, &server, "UpdateVolume", Some(("volume", id)), CHANGE)
}

/// `DELETE servers/{id}/volumes/{vid}`
pub fn delete(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let volume = volume(call, &mut server)?;
    if volume.name == BOOT {
        return Err(refuse(INVALID, "The boot volume cannot be deleted"));
    }
    volume.gone_at = Some(later(call.now, CHANGE));
    let id = volume.id;
    server.life.change(call.now, CHANGE)?;
    save(call.db, &server)?;
    removed(call, &server, "DeleteVolume", Some(("volume", id)), CHANGE)
}
