//! Devices: creation, reads, hardware, power, deletion.

use serde_json::{Value, json};

use crate::addresses;
use crate::api::Call;
use crate::fields::{FieldError, Fields};

use super::answer::{Answer, Failure, bare, conflict, invalid, message, not_yet, search, written};
use super::device::{Connection, DEVICES, Device, Disk, Key, save};
use super::kinds::{after, new_id};
use super::scenery::tenant_of;
use super::{CLOUD, networks, ssh_keys, storages, templates};

/// Virtual seconds.
const UPDATE: f64 = 6.0;
const START: f64 = 4.0;
const STOP: f64 = 6.0;
/// Devices with a name that starts so fail, without a fault being set.
const FAILING_NAME: &str = "fail-deploy";

/// The device of the path; 500 for a moment after its creation.
pub fn find(call: &Call<'_>) -> Result<Device, Failure> {
    let device: Device = DEVICES.find(call, "id")?;
    if device.visible(call.now) {
        Ok(device)
    } else {
        Err(not_yet(DEVICES.title))
    }
}

/// The device of the path, which must not be busy.
pub fn find_ready(call: &Call<'_>) -> Result<Device, Failure> {
    let device = find(call)?;
    match device.state(call.now) {
        0 | 3 => Err(conflict("The virtual machine is busy.")),
        _ => Ok(device),
    }
}

/// `GET devices`
pub fn list(call: &Call<'_>) -> Answer {
    let devices: Vec<Device> = DEVICES.all(call.db)?;
    let items = devices.iter().map(|device| device.item(call.now)).collect();
    search(
        call.request,
        items,
        &["displayName", "hostName", "identifier"],
    )
}

/// `GET devices/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    bare(find(call)?.view(call.now))
}

/// `GET devices/{id}/network`: the address of a LAN is a string, those of a WAN are a list, and a network that is
/// not connected has none.
pub fn networks(call: &Call<'_>) -> Answer {
    let device = find(call)?;
    let mut views = Vec::new();
    for connection in &device.networks {
        let wan = networks::get(call.db, &connection.network)?.is_some_and(|network| network.wan);
        let ip = connection
            .ip
            .as_deref()
            .filter(|_| connection.connected)
            .map(|ip| match ip.parse() {
                Ok(address) if wan => json!([ip, addresses::v6_of(address).to_string()]),
                _ => json!(ip),
            });
        views.push(json!({"identifier": connection.network, "isConnected": connection.connected, "ip": ip}));
    }
    bare(views)
}

fn at_least_one(body: &Fields, field: &str) -> Result<i64, FieldError> {
    match body.required_int(field)? {
        number @ 1.. => Ok(number),
        _ => Err(FieldError::new(field, "must be at least 1")),
    }
}

fn connections(call: &Call<'_>, body: &Fields) -> Result<Vec<Connection>, Failure> {
    let mut connections: Vec<Connection> = Vec::new();
    for item in body.list("networks")?.unwrap_or_default() {
        let item = Fields::inside("networks", item)?;
        let id = item.required_text("networkId")?;
        let network = networks::get(call.db, id)?
            .ok_or_else(|| invalid("networks", format!("There is no network {id}.")))?;
        let taken: Vec<&str> = connections
            .iter()
            .filter_map(|known| known.ip.as_deref())
            .collect();
        let ip = network.take_address(call, item.text("ip")?, item.text("ipId")?, &taken)?;
        connections.push(Connection {
            network: id.to_owned(),
            connected: item.required_flag("connectOnPowerOn")?,
            ip: Some(ip),
        });
    }
    Ok(connections)
}

fn first_keys(call: &Call<'_>, body: &Fields) -> Result<Vec<Key>, Failure> {
    let mut wanted = body.texts("sshKeyIds")?.unwrap_or_default();
    wanted.extend(
        body.text("sshKeyId")?
            .filter(|id| !id.is_empty())
            .map(str::to_owned),
    );
    for id in &wanted {
        if !ssh_keys::exists(call.db, id)? {
            return Err(invalid("sshKeyId", format!("There is no SSH key {id}.")));
        }
    }
    Ok(wanted
        .into_iter()
        .map(|id| Key {
            id,
            from: call.now,
            until: None,
        })
        .collect())
}

/// `POST devices`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let template_id = body.required_text("templateId")?;
    let template = templates::usable(call, template_id)?
        .ok_or_else(|| FieldError::new("templateId", "is not a template that is ready"))?;
    body.required_text("tenantIdentifier")?;
    let tenant = tenant_of(&body, "tenantIdentifier")?;
    let display_name = body.required_text("displayName")?.to_owned();
    let host_name = body.required_text("hostName")?.to_owned();
    let (cpu, ram) = (at_least_one(&body, "cpu")?, at_least_one(&body, "ram")?);
    let disk = at_least_one(&body, "diskSize")?;
    let swap = body.required_int("swapDiskSize")?;
    body.required_flag("isMonitoring")?;
    let cloud_init = match body.get("cloudInit") {
        Some(value) => Fields::inside("cloudInit", value)?
            .text("userData")?
            .is_some_and(|data| !data.is_empty()),
        None => false,
    };
    let password = body.text("password")?.unwrap_or_default();
    if password.is_empty() && !cloud_init {
        return Err(FieldError::new("password", "field is required without cloud-init").into());
    }
    if password != body.text("passwordConfirmation")?.unwrap_or_default() {
        return Err(FieldError::new("password", "confirmation does not match").into());
    }
    let networks = connections(call, &body)?;
    let keys = if template.linux {
        first_keys(call, &body)?
    } else {
        Vec::new()
    };
    let mut disks = vec![new_disk(call, 0, disk)?];
    if swap > 0 {
        disks.push(new_disk(call, 1, swap)?);
    }
    let fault = call.world.faults.on_deployment(CLOUD, &display_name);
    let device = Device {
        id: new_id(),
        fails: fault.is_some() || display_name.starts_with(FAILING_NAME),
        display_name,
        host_name,
        cpu,
        ram,
        cpu_hot_add: body.flag("cpuHotAdd")?.unwrap_or(false),
        ram_hot_add: body.flag("ramHotAdd")?.unwrap_or(false),
        template: template_id.to_owned(),
        linux: template.linux,
        tenant: tenant.id.to_owned(),
        disks,
        networks,
        keys,
        snapshots: Vec::new(),
        backup_plan: None,
        created_at: call.now,
        busy_until: None,
        on: true,
        power_change: None,
    };
    DEVICES.insert(call.db, &device.id, None, &device)?;
    let partial = json!({"identifier": device.id, "displayName": device.display_name});
    written(partial, "Device is being created.")
}

/// A new disk of a device.
pub fn new_disk(call: &Call<'_>, unit: i64, size: i64) -> Result<Disk, Failure> {
    let id = call.db.next_number(CLOUD, "disk", 2000)?.to_string();
    Ok(Disk {
        id,
        name: format!("Hard disk {}", unit + 1),
        size,
        kind: "ssd".to_owned(),
        unit,
    })
}

fn changed(call: &Call<'_>, device: &Device, text: &str) -> Answer {
    save(call.db, device)?;
    written(device.view(call.now), text)
}

/// `PUT devices/{id}`
pub fn rename(call: &Call<'_>) -> Answer {
    let mut device = find(call)?;
    device.display_name = Fields::of(call.request)?
        .required_text("displayName")?
        .to_owned();
    changed(call, &device, "Device has been updated.")
}

/// `PUT devices/{id}/hardware`: off, unless both can be changed while it runs.
pub fn set_hardware(call: &Call<'_>) -> Answer {
    let mut device = find_ready(call)?;
    let body = Fields::of(call.request)?;
    let (cpu, ram) = (at_least_one(&body, "cpu")?, at_least_one(&body, "ram")?);
    if device.powered_on(call.now) && !(device.cpu_hot_add && device.ram_hot_add) {
        return Err(invalid("cpu", "The virtual machine must be powered off."));
    }
    (device.cpu, device.ram) = (cpu, ram);
    device.busy_until = Some(after(call, UPDATE));
    changed(call, &device, "Hardware has been updated.")
}

/// `POST devices/{id}/edit-hotplug`
pub fn set_hotplug(call: &Call<'_>) -> Answer {
    let mut device = find_ready(call)?;
    let body = Fields::of(call.request)?;
    device.cpu_hot_add = body.required_flag("cpuHotAdd")?;
    device.ram_hot_add = body.required_flag("ramHotAdd")?;
    changed(call, &device, "Hotplug has been updated.")
}

fn switch(call: &Call<'_>, on: bool, seconds: f64) -> Answer {
    let mut device = find(call)?;
    if device.state(call.now) == 0 {
        return Err(conflict("The virtual machine is being created."));
    }
    device.on = device.powered_on(call.now);
    if device.on != on {
        device.power_change = Some((after(call, seconds), on));
    }
    save(call.db, &device)?;
    message(if on {
        "Device is being started."
    } else {
        "Device is being stopped."
    })
}

/// `POST devices/{id}/start`
pub fn start(call: &Call<'_>) -> Answer {
    switch(call, true, START)
}

/// `POST devices/{id}/stop`: through the operating system, so it takes a moment.
pub fn stop(call: &Call<'_>) -> Answer {
    switch(call, false, STOP)
}

/// `DELETE devices/{id}`: only when it is off.
pub fn delete(call: &Call<'_>) -> Answer {
    let device = find(call)?;
    if device.powered_on(call.now) {
        return Err(conflict(
            "The virtual machine must be powered off before it can be deleted.",
        ));
    }
    storages::detach_all(call.db, &device.id)?;
    DEVICES.delete(call.db, &device.id)?;
    message("Device has been deleted.")
}

/// The devices among some identifiers, as other objects show them.
pub fn names(call: &Call<'_>, ids: &[String]) -> Result<Vec<Value>, Failure> {
    let mut names = Vec::new();
    for id in ids {
        if let Some(device) = DEVICES.get::<Device>(call.db, id)? {
            names.push(json!({"identifier": device.id, "name": device.display_name}));
        }
    }
    Ok(names)
}
