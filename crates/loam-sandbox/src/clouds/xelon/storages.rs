//! Persistent storage: formatted, then given a uuid, then attached to one device at a time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::fields::{FieldError, Fields};
use crate::ids;
use crate::store::{Db, StoreError};

use super::answer::{Answer, Failure, bare, conflict, invalid, message, not_yet, search, written};
use super::device::{DEVICES, Device};
use super::kinds::{Kind, after, new_id, passed};
use super::scenery::{SITES, site_of, site_view, tenant_of, tenant_view};

const STORAGES: Kind = Kind {
    name: "persistent_storage",
    title: "Persistent storage",
};

/// Virtual seconds after creation: reads answer 500 until the first, then it is formatted, then has its uuid.
const VISIBLE: f64 = 2.0;
const FORMATTED: f64 = 8.0;
const IDENTIFIED: f64 = 14.0;
/// Virtual seconds that extending takes.
const EXTENDING: f64 = 6.0;

#[derive(Debug, Serialize, Deserialize)]
struct Storage {
    id: String,
    name: String,
    capacity: i64,
    kind: i64,
    uuid: String,
    cloud: String,
    tenant: String,
    device: Option<String>,
    created_at: Timestamp,
    formatting_until: Option<Timestamp>,
}

impl Storage {
    fn view(&self, db: &Db<'_>, now: Timestamp) -> Result<Value, StoreError> {
        let formatted = passed(self.created_at, FORMATTED, now)
            && self.formatting_until.is_none_or(|end| end <= now);
        let mut attached = Vec::new();
        if let Some(id) = &self.device
            && let Some(device) = DEVICES.get::<Device>(db, id)?
        {
            attached.push(json!({"identifier": device.id, "name": device.display_name}));
        }
        Ok(json!({
            "identifier": self.id,
            "name": self.name,
            "capacity": self.capacity,
            "type": self.kind,
            "uuid": if passed(self.created_at, IDENTIFIED, now) { self.uuid.as_str() } else { "" },
            "formatted": formatted,
            "cloud": site_view(&self.cloud),
            "tenant": tenant_view(&self.tenant),
            "attachedDevices": attached,
        }))
    }
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    STORAGES
        .all::<Storage>(db)?
        .iter()
        .map(|storage| storage.view(db, now))
        .collect()
}

/// Detaches everything from a device that goes.
pub fn detach_all(db: &Db<'_>, device: &str) -> Result<(), StoreError> {
    for mut storage in STORAGES.all::<Storage>(db)? {
        if storage.device.as_deref() == Some(device) {
            storage.device = None;
            STORAGES.save(db, &storage.id, &storage)?;
        }
    }
    Ok(())
}

/// `GET persistent-storages`
pub fn list(call: &Call<'_>) -> Answer {
    search(call.request, all(call.db, call.now)?, &["name"])
}

fn find(call: &Call<'_>) -> Result<Storage, Failure> {
    let storage: Storage = STORAGES.find(call, "id")?;
    if passed(storage.created_at, VISIBLE, call.now) {
        Ok(storage)
    } else {
        Err(not_yet(STORAGES.title))
    }
}

/// `GET persistent-storages/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    bare(find(call)?.view(call.db, call.now)?)
}

fn known_device(call: &Call<'_>, id: &str) -> Result<String, Failure> {
    match DEVICES.get::<Device>(call.db, id)? {
        Some(device) => Ok(device.id),
        None => Err(invalid(
            "deviceIdentifier",
            "The selected device is invalid.",
        )),
    }
}

/// `POST persistent-storages`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let name = body.required_text("name")?.to_owned();
    let capacity = body.required_int("storageSize")?;
    if capacity < 5 {
        return Err(FieldError::new("storageSize", "must be at least 5").into());
    }
    let kind = body.required_int("type")?;
    let cloud = match body.has("cloudIdentifier") {
        true => site_of(&body, "cloudIdentifier")?,
        false => &SITES[0],
    };
    let device = body.text("deviceIdentifier")?.filter(|id| !id.is_empty());
    let storage = Storage {
        id: new_id(),
        name,
        capacity,
        kind,
        uuid: format!("6000C29{}", ids::uuid().get(7..).unwrap_or_default()),
        cloud: cloud.id.to_owned(),
        tenant: tenant_of(&body, "tenantIdentifier")?.id.to_owned(),
        device: device.map(|id| known_device(call, id)).transpose()?,
        created_at: call.now,
        formatting_until: None,
    };
    STORAGES.insert(call.db, &storage.id, None, &storage)?;
    let partial =
        json!({"identifier": storage.id, "name": storage.name, "capacity": storage.capacity});
    written(partial, "Persistent storage is being created.")
}

/// `DELETE persistent-storages/{id}`: not while it is attached.
pub fn delete(call: &Call<'_>) -> Answer {
    let storage = find(call)?;
    if storage.device.is_some() {
        return Err(conflict("The persistent storage is attached to a device."));
    }
    STORAGES.delete(call.db, &storage.id)?;
    message("Persistent storage has been deleted.")
}

fn changed(call: &Call<'_>, storage: &Storage, text: &str) -> Answer {
    STORAGES.save(call.db, &storage.id, storage)?;
    written(storage.view(call.db, call.now)?, text)
}

/// `POST persistent-storages/{id}/attach-device`
pub fn attach(call: &Call<'_>) -> Answer {
    let mut storage = find(call)?;
    let device = known_device(
        call,
        Fields::of(call.request)?.required_text("deviceIdentifier")?,
    )?;
    if storage
        .device
        .as_ref()
        .is_some_and(|attached| *attached != device)
    {
        return Err(conflict(
            "The persistent storage is attached to another device.",
        ));
    }
    storage.device = Some(device);
    changed(call, &storage, "Persistent storage has been attached.")
}

/// `POST persistent-storages/{id}/detach-device`
pub fn detach(call: &Call<'_>) -> Answer {
    let mut storage = find(call)?;
    let body = Fields::of(call.request)?;
    if storage.device.as_deref() != Some(body.required_text("deviceIdentifier")?) {
        return Err(conflict(
            "The persistent storage is not attached to this device.",
        ));
    }
    storage.device = None;
    changed(call, &storage, "Persistent storage has been detached.")
}

/// `POST persistent-storages/{id}/extend`: only larger.
pub fn extend(call: &Call<'_>) -> Answer {
    let mut storage = find(call)?;
    let size = Fields::of(call.request)?.required_int("diskSize")?;
    if size < storage.capacity {
        return Err(invalid(
            "diskSize",
            "The persistent storage cannot be made smaller.",
        ));
    }
    storage.capacity = size;
    storage.formatting_until = Some(after(call, EXTENDING));
    changed(call, &storage, "Persistent storage is being extended.")
}
