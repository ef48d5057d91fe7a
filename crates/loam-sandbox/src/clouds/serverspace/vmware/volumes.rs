//! Further disks of a server.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::later;
use crate::fields::FieldError;

use super::super::answer::{Answer, Failure, not_found, ok};
use super::super::input::{body, required_int};
use super::super::{CLOUD, servers::here};
use super::catalog::DISK_TYPES;
use super::servers::{CHANGE, Server, check_disk, find, save};
use super::{added, changed};

/// A disk.
#[derive(Debug, Serialize, Deserialize)]
pub struct Volume {
    pub id: i64,
    name: String,
    size_mb: i64,
    disk_type: String,
    gone_at: Option<Timestamp>,
}

impl Volume {
    fn view(&self) -> Value {
        json!({"id": self.id, "name": self.name, "size_mb": self.size_mb, "disk_type": self.disk_type})
    }
}

fn volume<'s>(call: &Call<'_>, server: &'s mut Server) -> Result<&'s mut Volume, Failure> {
    let id = call.request.param("volume");
    server
        .volumes
        .iter_mut()
        .find(|volume| volume.id.to_string() == id && here(volume.gone_at, call.now))
        .ok_or_else(|| not_found("volume"))
}

/// `GET vmware/servers/{id}/volumes`
pub fn list(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    let here = server
        .volumes
        .iter()
        .filter(|volume| here(volume.gone_at, call.now));
    ok(json!({"volumes": here.map(Volume::view).collect::<Vec<_>>()}))
}

/// `GET vmware/servers/{id}/volumes/{vid}`
pub fn read(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    ok(json!({"volume": volume(call, &mut server)?.view()}))
}

/// `POST vmware/servers/{id}/volumes`
pub fn create(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let body = body(call.request)?;
    let name = body.required_text("name")?.to_owned();
    let size_mb = check_disk("size_mb", required_int(&body, "size_mb")?)?;
    let disk_type = body.required_text("disk_type")?.to_owned();
    if !DISK_TYPES.contains(&disk_type.as_str()) {
        let rule = format!("must be one of {}", DISK_TYPES.join(", "));
        return Err(FieldError::new("disk_type", rule).into());
    }
    server.change(call.now, CHANGE)?;
    let id = call.db.next_number(CLOUD, "vmware_volume", 301)?;
    server.volumes.push(Volume {
        id,
        name,
        size_mb,
        disk_type,
        gone_at: None,
    });
    save(call.db, &server)?;
    let about = [("server", server.id), ("volume", id)];
    added(call, "VolumeCreate", &about, CHANGE)
}

/// `PUT vmware/servers/{id}/volumes/{vid}`: grows only.
pub fn update(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let body = body(call.request)?;
    let size_mb = check_disk("size_mb", required_int(&body, "size_mb")?)?;
    let volume = volume(call, &mut server)?;
    if size_mb < volume.size_mb {
        return Err(FieldError::new("size_mb", "cannot shrink").into());
    }
    volume.size_mb = size_mb;
    if let Some(name) = body.text("name")?.filter(|name| !name.is_empty()) {
        volume.name = name.to_owned();
    }
    let about = [("server", server.id), ("volume", volume_id(call))];
    server.change(call.now, CHANGE)?;
    save(call.db, &server)?;
    changed(call, "VolumeUpdate", &about, CHANGE)
}

/// `DELETE vmware/servers/{id}/volumes/{vid}`
pub fn delete(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    volume(call, &mut server)?.gone_at = Some(later(call.now, CHANGE));
    server.change(call.now, CHANGE)?;
    save(call.db, &server)?;
    let about = [("server", server.id), ("volume", volume_id(call))];
    changed(call, "VolumeDelete", &about, CHANGE)
}

fn volume_id(call: &Call<'_>) -> i64 {
    call.request.param("volume").parse().unwrap_or_default()
}
