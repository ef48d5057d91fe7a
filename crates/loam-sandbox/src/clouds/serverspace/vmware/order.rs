//! Ordering, copying and rebuilding servers.

use serde_json::json;

use crate::api::Call;
use crate::fields::{FieldError, Fields};

use super::super::answer::{Answer, Failure, INVALID, created, empty, refuse};
use super::super::input::{body, int, number, required_int};
use super::super::life::Life;
use super::super::{CLOUD, ssh_keys};
use super::catalog::{BANDWIDTH, DISK_TYPES, GPU, image, location};
use super::nics::{self, Nic};
use super::servers::{self, Gpu, Server, check_disk, check_size, computer_name};
use super::task;

/// Virtual seconds until a new server is active.
const CREATION: f64 = 240.0;
/// Servers with a name that starts so fail, without a fault being set.
const FAILING_NAME: &str = "fail-deploy";

/// The order of a body, checked.
fn order(call: &Call<'_>, body: &Fields) -> Result<Server, Failure> {
    let site = location(required_int(body, "location_id")?)?;
    let name = body.required_text("name")?.to_owned();
    let image_id = required_int(body, "image_id")?;
    let image = image(image_id)
        .ok_or_else(|| FieldError::new("image_id", "is not an image of this location"))?;
    let (cpu, ram_mb) = (
        required_int(body, "cpu_count")?,
        required_int(body, "ram_mb")?,
    );
    check_size(cpu, ram_mb)?;
    if ram_mb < image.min_ram_mb {
        let rule = format!("must be at least {} for this image", image.min_ram_mb);
        return Err(FieldError::new("ram_mb", rule).into());
    }
    let disk = check_disk(
        "system_disk_size_mb",
        required_int(body, "system_disk_size_mb")?,
    )?;
    let disk_type = body.text("system_disk_type")?.unwrap_or(DISK_TYPES[0]);
    if disk_type != DISK_TYPES[0] {
        return Err(FieldError::new("system_disk_type", "is not allowed for a system disk").into());
    }
    for item in body.list("ssh_keys")?.unwrap_or_default() {
        let id = number(item).ok_or_else(|| FieldError::new("ssh_keys", "must hold numbers"))?;
        if !ssh_keys::exists(call.db, id)? {
            return Err(refuse(INVALID, format!("There is no SSH key {id}")));
        }
        if !image.ssh_keys {
            return Err(FieldError::new("ssh_keys", "cannot be used with this image").into());
        }
    }
    body.flag("need_sysprep")?;
    if body.flag("backup_enabled")? == Some(true) {
        int(body, "backup_period")?;
    }
    let nested = body.flag("nested_hypervisor")?.unwrap_or(false);
    if nested && !site.nested {
        return Err(refuse(
            -8155,
            "There is no pool for nested virtualisation in this location",
        ));
    }
    let gpu = match body.get("gpu") {
        None => None,
        Some(value) => {
            let gpu = Fields::inside("gpu", value)?;
            let key = (
                required_int(&gpu, "gpu_model_id")?,
                required_int(&gpu, "vram_mb")?,
                required_int(&gpu, "card_count")?,
            );
            if !site.gpu || !GPU.contains(&key) {
                return Err(FieldError::new("gpu", "is not there in this location").into());
            }
            let (model_id, vram_mb, card_count) = key;
            Some(Gpu {
                model_id,
                vram_mb,
                card_count,
            })
        }
    };
    if image.gpu_only && gpu.is_none() {
        return Err(FieldError::new("gpu", "is required for this image").into());
    }
    let mut server = Server {
        id: 0,
        location: site.id,
        computer_name: match body.text("computer_name")? {
            Some(name) => computer_name(name)?,
            None => "VM".to_owned(),
        },
        name,
        image: image_id,
        cpu,
        ram_mb,
        system_disk_mb: disk,
        system_disk_type: disk_type.to_owned(),
        powered_on: true,
        nested,
        gpu,
        nics: Vec::new(),
        volumes: Vec::new(),
        snapshot: None,
        firewall: Vec::new(),
        life: Life::begin(call.now, CREATION, false),
    };
    let nic: Nic = match (
        int(body, "public_network_id")?,
        int(body, "network_bandwidth_mbps")?,
    ) {
        (Some(network), None) => nics::in_network(call, &server, network, None, None)?,
        (None, Some(mbps)) if BANDWIDTH.contains(&mbps) => {
            nics::shared(call, &server, false, mbps)?
        }
        (None, Some(_)) => {
            return Err(refuse(-12_041, "network_bandwidth_mbps is out of limits"));
        }
        _ => {
            return Err(FieldError::new(
                "public_network_id",
                "or network_bandwidth_mbps is required, not both",
            )
            .into());
        }
    };
    server.nics.push(nic);
    Ok(server)
}

/// Puts a new server into the world; the answer names it and the task.
fn place(call: &Call<'_>, mut server: Server) -> Answer {
    let fails = call
        .world
        .faults
        .on_deployment(CLOUD, &server.name)
        .is_some()
        || server.name.starts_with(FAILING_NAME);
    server.id = call.db.next_number(CLOUD, "vmware_server", 5678)?;
    server.life = Life::begin(call.now, CREATION, fails);
    let id = server.id;
    servers::collection(call.db).insert(&id.to_string(), None, &server)?;
    let task = task(call, "ServerCreate", &[("server", id)], CREATION, fails)?;
    created(json!({"server_id": id, "task_id": task}))
}

/// `POST vmware/servers`
pub fn create(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let server = order(call, &body)?;
    place(call, server)
}

/// `POST vmware/servers/verify`: the same checks, and nothing is made.
pub fn verify(call: &Call<'_>) -> Answer {
    order(call, &body(call.request)?)?;
    empty()
}

/// A server like another, with interfaces and volumes of its own.
fn like(call: &Call<'_>, source: Server) -> Result<Server, Failure> {
    let mut server = Server {
        nics: Vec::new(),
        snapshot: None,
        powered_on: true,
        ..source
    };
    let nic = nics::shared(call, &server, false, 50)?;
    server.nics.push(nic);
    for volume in &mut server.volumes {
        volume.id = call.db.next_number(CLOUD, "vmware_volume", 301)?;
    }
    Ok(server)
}

/// `POST vmware/servers/{id}/copy`
pub fn copy(call: &Call<'_>) -> Answer {
    let source = servers::find(call)?;
    let body = Fields::of(call.request)?;
    let name = body
        .text("name")?
        .map_or_else(|| format!("{}-copy", source.name), str::to_owned);
    let mut server = like(call, source)?;
    server.name = name;
    place(call, server)
}

/// `POST vmware/servers/{id}/rebuild`: a new server; the old one is deleted.
pub fn rebuild(call: &Call<'_>) -> Answer {
    let mut old = servers::find(call)?;
    let body = Fields::of(call.request)?;
    let new_image = int(&body, "image_id")?.unwrap_or(old.image);
    if image(new_image).is_none() {
        return Err(FieldError::new("image_id", "is not an image of this location").into());
    }
    servers::end(call, &mut old, servers::CHANGE)?;
    let mut server = like(call, old)?;
    server.image = new_image;
    place(call, server)
}
