//! Disks, SSH keys and snapshots of a device.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::Fields;
use crate::store::{Db, StoreError};

use super::answer::{Answer, bare, conflict, invalid, message, not_found, page, written};
use super::device::{DEVICES, Device, Key, Snapshot, save};
use super::devices::{find, find_ready, new_disk};
use super::kinds::{after, come, new_id};
use super::ssh_keys;

/// Virtual seconds.
const RESIZE: f64 = 10.0;
const KEY_CHANGE: f64 = 5.0;
const SNAPSHOT_REMOVAL: f64 = 4.0;

/// `PUT devices/{id}/disk`: only larger, and only without snapshots.
pub fn grow_disk(call: &Call<'_>) -> Answer {
    let mut device = find_ready(call)?;
    let body = Fields::of(call.request)?;
    let id = body.required_text("diskId")?;
    let size = body.required_int("size")?;
    body.required_flag("extendPartition")?;
    if device.snapshots(call.now).next().is_some() {
        return Err(invalid("diskId", "The virtual machine has snapshots."));
    }
    let disk = device.disks.iter_mut().find(|disk| disk.id == id);
    let disk = disk.ok_or_else(|| invalid("diskId", "The selected diskId is invalid."))?;
    if size < disk.size {
        return Err(invalid("size", "The disk cannot be made smaller."));
    }
    disk.size = size;
    device.busy_until = Some(after(call, RESIZE));
    if body.flag("createSnapshot")?.unwrap_or(false) {
        device
            .snapshots
            .push(snapshot(call.now, "Before disk resize"));
    }
    save(call.db, &device)?;
    written(device.view(call.now), "Disk is being resized.")
}

/// `POST devices/{id}/disk`
pub fn add_disk(call: &Call<'_>) -> Answer {
    let mut device = find_ready(call)?;
    let size = Fields::of(call.request)?.required_int("size")?;
    if size < 1 {
        return Err(invalid("size", "The size must be at least 1."));
    }
    let unit = device
        .disks
        .iter()
        .map(|disk| disk.unit + 1)
        .max()
        .unwrap_or(0);
    device.disks.push(new_disk(call, unit, size)?);
    device.busy_until = Some(after(call, RESIZE));
    save(call.db, &device)?;
    message("Disk is being added.")
}

/// `DELETE devices/{id}/disk`, with a body: any but the first.
pub fn remove_disk(call: &Call<'_>) -> Answer {
    let mut device = find_ready(call)?;
    let body = Fields::of(call.request)?;
    let id = body.required_text("diskId")?;
    let position = device.disks.iter().position(|disk| disk.id == id);
    match position {
        None => return Err(invalid("diskId", "The selected diskId is invalid.")),
        Some(0) => return Err(conflict("The first disk cannot be removed.")),
        Some(position) => drop(device.disks.remove(position)),
    }
    device.busy_until = Some(after(call, RESIZE));
    save(call.db, &device)?;
    message("Disk is being removed.")
}

/// `GET devices/{id}/ssh-key`: only Linux devices ever have some.
pub fn keys(call: &Call<'_>) -> Answer {
    let device = find(call)?;
    let mut views = Vec::new();
    for key in device
        .keys
        .iter()
        .filter(|key| key.from <= call.now && !come(key.until, call.now))
    {
        if let Some(mut view) = ssh_keys::view(call.db, &key.id)? {
            view["createdBy"] = "Sandbox User".into();
            views.push(view);
        }
    }
    bare(views)
}

/// `POST devices/{id}/ssh-key`: shows up after a moment.
pub fn add_key(call: &Call<'_>) -> Answer {
    let mut device = find(call)?;
    let body = Fields::of(call.request)?;
    let id = body.required_text("sshKeyId")?;
    if !ssh_keys::exists(call.db, id)? {
        return Err(invalid("sshKeyId", "The selected sshKeyId is invalid."));
    }
    if device.linux
        && !device
            .keys
            .iter()
            .any(|key| key.id == id && key.until.is_none())
    {
        device.keys.push(Key {
            id: id.to_owned(),
            from: after(call, KEY_CHANGE),
            until: None,
        });
        save(call.db, &device)?;
    }
    written(device.view(call.now), "Key successfully added.")
}

/// `DELETE devices/{id}/ssh-key/{key}`: disappears after a moment.
pub fn remove_key(call: &Call<'_>) -> Answer {
    let mut device = find(call)?;
    let id = call.request.param("key");
    let until = after(call, KEY_CHANGE);
    let key = device
        .keys
        .iter_mut()
        .find(|key| key.id == id && key.until.is_none());
    key.ok_or_else(|| not_found("SSH key"))?.until = Some(until);
    save(call.db, &device)?;
    message("SSH key removal has been started.")
}

fn snapshot(now: Timestamp, name: &str) -> Snapshot {
    Snapshot {
        id: new_id(),
        name: name.to_owned(),
        created_at: now,
        until: None,
    }
}

fn snapshot_view(snapshot: &Snapshot) -> Value {
    json!({
        "identifier": snapshot.id,
        "name": snapshot.name,
        "description": "",
        "createdAt": iso(snapshot.created_at),
    })
}

/// All snapshots of all devices.
pub fn all_snapshots(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let devices: Vec<Device> = DEVICES.all(db)?;
    Ok(devices
        .iter()
        .flat_map(|device| device.snapshots(now).map(snapshot_view))
        .collect())
}

/// Takes a snapshot, as the vendor's web pages do.
pub fn add_snapshot(
    db: &Db<'_>,
    now: Timestamp,
    id: &str,
    name: &str,
) -> Result<Option<Value>, StoreError> {
    let Some(mut device) = DEVICES.get::<Device>(db, id)? else {
        return Ok(None);
    };
    let new = snapshot(now, name);
    let view = snapshot_view(&new);
    device.snapshots.push(new);
    save(db, &device)?;
    Ok(Some(view))
}

/// `GET devices/{id}/snapshots`
pub fn snapshots(call: &Call<'_>) -> Answer {
    let device = find(call)?;
    page(
        call.request,
        device.snapshots(call.now).map(snapshot_view).collect(),
    )
}

/// `DELETE devices/{id}/snapshots/{sid}`, with a body: disappears after a moment, its children too if asked.
pub fn delete_snapshot(call: &Call<'_>) -> Answer {
    let mut device = find(call)?;
    let id = call.request.param("snapshot");
    let children = Fields::of(call.request)?.required_flag("removeChildren")?;
    let position = device
        .snapshots
        .iter()
        .position(|one| one.id == id && !come(one.until, call.now));
    let position = position.ok_or_else(|| not_found("Snapshot"))?;
    let until = after(call, SNAPSHOT_REMOVAL);
    // Snapshots of a device are one chain: what is younger is a child.
    let count = if children { usize::MAX } else { 1 };
    for one in device.snapshots.iter_mut().skip(position).take(count) {
        one.until.get_or_insert(until);
    }
    save(call.db, &device)?;
    message("Snapshot removal has been started.")
}
