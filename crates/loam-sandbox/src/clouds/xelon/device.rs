//! A device (virtual machine): how it is kept, and its state at a moment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::store::{Db, StoreError};

use super::kinds::{Kind, come, passed};
use super::scenery::tenant_view;

/// Devices.
pub const DEVICES: Kind = Kind {
    name: "device",
    title: "Virtual machine",
};

/// Virtual seconds after creation: reads answer 500 until the first, then it is off, on, usable, ready.
const VISIBLE: f64 = 3.0;
const POWERED: f64 = 15.0;
const USABLE: f64 = 25.0;
const READY: f64 = 40.0;
/// The state of a device whose creation failed: anything but the documented numbers.
const FAILED: i64 = 9;

/// A device.
#[derive(Debug, Serialize, Deserialize)]
pub struct Device {
    pub id: String,
    pub display_name: String,
    pub host_name: String,
    pub cpu: i64,
    pub ram: i64,
    pub cpu_hot_add: bool,
    pub ram_hot_add: bool,
    pub template: String,
    pub linux: bool,
    pub tenant: String,
    pub disks: Vec<Disk>,
    pub networks: Vec<Connection>,
    pub keys: Vec<Key>,
    pub snapshots: Vec<Snapshot>,
    pub backup_plan: Option<i64>,
    pub fails: bool,
    pub created_at: Timestamp,
    /// Busy with a change until then.
    pub busy_until: Option<Timestamp>,
    pub on: bool,
    /// The power it will have, and when.
    pub power_change: Option<(Timestamp, bool)>,
}

/// A disk.
#[derive(Debug, Serialize, Deserialize)]
pub struct Disk {
    pub id: String,
    pub name: String,
    pub size: i64,
    pub kind: String,
    pub unit: i64,
}

/// A connection to a network.
#[derive(Debug, Serialize, Deserialize)]
pub struct Connection {
    pub network: String,
    pub connected: bool,
    pub ip: Option<String>,
}

/// An SSH key on a device, from and until some moment.
#[derive(Debug, Serialize, Deserialize)]
pub struct Key {
    pub id: String,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
}

/// A snapshot, until some moment.
#[derive(Debug, Serialize, Deserialize)]
pub struct Snapshot {
    pub id: String,
    pub name: String,
    pub created_at: Timestamp,
    pub until: Option<Timestamp>,
}

impl Device {
    /// Whether reads find it yet.
    pub fn visible(&self, now: Timestamp) -> bool {
        passed(self.created_at, VISIBLE, now)
    }

    /// 0 provisioning, 1 ready, 2 ready for basic use, 3 updating.
    pub fn state(&self, now: Timestamp) -> i64 {
        if !passed(self.created_at, USABLE, now) {
            0
        } else if self.fails {
            FAILED
        } else if !passed(self.created_at, READY, now) {
            2
        } else if self.busy_until.is_some_and(|until| now < until) {
            3
        } else {
            1
        }
    }

    /// Whether it is on.
    pub fn powered_on(&self, now: Timestamp) -> bool {
        let on = match self.power_change {
            Some((moment, on)) if moment <= now => on,
            _ => self.on,
        };
        on && passed(self.created_at, POWERED, now)
    }

    /// The snapshots that exist.
    pub fn snapshots(&self, now: Timestamp) -> impl Iterator<Item = &Snapshot> {
        self.snapshots
            .iter()
            .filter(move |snapshot| !come(snapshot.until, now))
    }

    /// The object of the details; both forms of template and tenant.
    pub fn view(&self, now: Timestamp) -> Value {
        let mut view = self.item(now);
        view["cpuHotAddEnabled"] = self.cpu_hot_add.into();
        view["ramHotAddEnabled"] = self.ram_hot_add.into();
        view["monitoring"] = false.into();
        view["template"] = json!({"identifier": self.template});
        view["tenant"] = tenant_view(&self.tenant);
        view["storages"] = self
            .disks
            .iter()
            .map(|disk| {
                json!({"id": disk.id, "name": disk.name, "size": disk.size, "type": disk.kind, "unitNumber": disk.unit})
            })
            .collect();
        view
    }

    /// The object of the list: without disks and hot-plugging.
    pub fn item(&self, now: Timestamp) -> Value {
        json!({
            "identifier": self.id,
            "displayName": self.display_name,
            "hostName": self.host_name,
            "cpu": self.cpu,
            "ram": self.ram,
            "isPoweredOn": self.powered_on(now),
            "state": self.state(now),
            "templateId": self.template,
            "tenantIdentifier": self.tenant,
        })
    }
}

/// Writes a device back.
pub fn save(db: &Db<'_>, device: &Device) -> Result<(), StoreError> {
    DEVICES.save(db, &device.id, device)
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    Ok(DEVICES
        .all::<Device>(db)?
        .iter()
        .map(|device| device.view(now))
        .collect())
}
