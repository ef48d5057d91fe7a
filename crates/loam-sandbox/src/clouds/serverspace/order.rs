//! Ordering a server, and what an order would cost.

use serde_json::{Value, json};

use crate::api::Call;
use crate::fields::{FieldError, Fields};
use crate::ids;

use super::answer::{Answer, BANDWIDTH, Failure, INVALID, ok, refuse};
use super::catalog::{
    ADDITIONAL_VOLUME_MIN, BANDWIDTH_MIN, CPU, Image, Location, RAM, SYSTEM_VOLUME_MIN, VOLUME_MAX,
    find_image, location,
};
use super::input::{body, int, number, required_int};
use super::life::Life;
use super::servers::{self, Nic, Server, Volume};
use super::tasks::{self, NewTask};
use super::{CLOUD, affinity, applications, backups, ssh_keys};

/// Virtual seconds until a new server is active.
const CREATION: f64 = 90.0;
/// Servers with a name that starts so fail, without a fault being set.
const FAILING_NAME: &str = "fail-deploy";
/// The volume that every server boots from.
pub const BOOT: &str = "boot";
/// Volumes that a server can have.
pub const MOST_VOLUMES: usize = 10;

/// The part of an order that decides its price.
struct Size {
    site: &'static Location,
    image: &'static Image,
    cpu: i64,
    ram_mb: i64,
    /// Name and size in MB.
    volumes: Vec<(String, i64)>,
    bandwidths: Vec<i64>,
}

/// Checks a number of processors.
pub fn check_cpu(cpu: i64) -> Result<i64, FieldError> {
    if CPU.contains(&cpu) {
        Ok(cpu)
    } else {
        Err(FieldError::new("cpu", format!("must be one of {CPU:?}")))
    }
}

/// Checks an amount of memory.
pub fn check_ram(ram_mb: i64) -> Result<i64, FieldError> {
    if RAM.contains(&ram_mb) {
        Ok(ram_mb)
    } else {
        Err(FieldError::new("ram_mb", format!("must be one of {RAM:?}")))
    }
}

/// Checks the size of a volume.
pub fn check_volume(name: &str, size_mb: i64) -> Result<i64, Failure> {
    let least = if name == BOOT {
        SYSTEM_VOLUME_MIN
    } else {
        ADDITIONAL_VOLUME_MIN
    };
    if size_mb % 10_240 != 0 || !(least..=VOLUME_MAX).contains(&size_mb) {
        let rule = format!("must be a multiple of 10240 from {least} to {VOLUME_MAX}");
        return Err(refuse(
            INVALID,
            format!("VolumeBadSize: size_mb of the volume {name} {rule}"),
        ));
    }
    Ok(size_mb)
}

/// Checks the bandwidth of a public interface.
pub fn check_bandwidth(site: &Location, mbps: i64) -> Result<i64, Failure> {
    if mbps % 10 != 0 || !(BANDWIDTH_MIN..=site.bandwidth_max).contains(&mbps) {
        let most = site.bandwidth_max;
        let rule = format!("must be a multiple of 10 from {BANDWIDTH_MIN} to {most}");
        return Err(refuse(BANDWIDTH, format!("bandwidth_mbps {rule}")));
    }
    Ok(mbps)
}

fn size(body: &Fields) -> Result<Size, Failure> {
    let site = location(body.required_text("location_id")?)?;
    let image_id = body.required_text("image_id")?;
    let image = find_image(image_id)
        .ok_or_else(|| FieldError::new("image_id", "is not an image of this location"))?;
    let cpu = check_cpu(required_int(body, "cpu")?)?;
    let ram_mb = check_ram(required_int(body, "ram_mb")?)?;
    let mut volumes = Vec::new();
    for item in body
        .list("volumes")?
        .ok_or_else(|| FieldError::new("volumes", "is required"))?
    {
        let item = Fields::inside("volumes", item)?;
        let name = item.text("name")?.unwrap_or(BOOT).to_owned();
        let size_mb = check_volume(&name, required_int(&item, "size_mb")?)?;
        volumes.push((name, size_mb));
    }
    if volumes.iter().filter(|(name, _)| name == BOOT).count() != 1 || volumes.len() > MOST_VOLUMES
    {
        return Err(refuse(
            INVALID,
            "volumes must hold one volume named boot and at most ten in all",
        ));
    }
    let mut bandwidths = Vec::new();
    match body.list("networks")? {
        None => bandwidths.push(BANDWIDTH_MIN),
        Some(list) => {
            for item in list {
                if let Some(mbps) = item
                    .get("bandwidth_mbps")
                    .and_then(number)
                    .filter(|mbps| *mbps != 0)
                {
                    bandwidths.push(check_bandwidth(site, mbps)?);
                }
            }
        }
    }
    Ok(Size {
        site,
        image,
        cpu,
        ram_mb,
        volumes,
        bandwidths,
    })
}

/// The interfaces of an order: absent is one public one, an empty list is none.
fn interfaces(call: &Call<'_>, body: &Fields, site: &Location) -> Result<Vec<Nic>, Failure> {
    let Some(list) = body.list("networks")? else {
        return Ok(vec![servers::public_nic(call, site, BANDWIDTH_MIN)?]);
    };
    let mut nics: Vec<Nic> = Vec::new();
    for item in list {
        let item = Fields::inside("networks", item)?;
        let network = item.text("network_id")?.filter(|id| !id.is_empty());
        let mbps = int(&item, "bandwidth_mbps")?.filter(|mbps| *mbps != 0);
        nics.push(match (network, mbps) {
            (Some(network), None) => {
                super::networks::check_location(call, network, site)?;
                servers::isolated_nic(call, network, item.text("ip_address")?)?
            }
            (None, Some(mbps)) => servers::public_nic(call, site, check_bandwidth(site, mbps)?)?,
            _ => {
                return Err(FieldError::new(
                    "networks",
                    "must hold a network_id or a bandwidth_mbps each",
                )
                .into());
            }
        });
    }
    Ok(nics)
}

fn key_ids(call: &Call<'_>, body: &Fields, image: &Image) -> Result<Vec<i64>, Failure> {
    let mut ids = Vec::new();
    for item in body.list("ssh_key_ids")?.unwrap_or_default() {
        let id = number(item).ok_or_else(|| FieldError::new("ssh_key_ids", "must hold numbers"))?;
        if !ssh_keys::exists(call.db, id)? {
            return Err(refuse(INVALID, format!("There is no SSH key {id}")));
        }
        ids.push(id);
    }
    if !ids.is_empty() && !image.allow_ssh_keys {
        return Err(FieldError::new("ssh_key_ids", "cannot be used with this image").into());
    }
    Ok(ids)
}

/// `POST servers`
pub fn create(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let name = body.required_text("name")?.to_owned();
    let size = size(&body)?;
    let ssh_keys = key_ids(call, &body, size.image)?;
    let applications = applications::ordered(&body)?;
    body.text("server_init_script")?;
    let tags = body.texts("tags")?.unwrap_or_default();
    let affinity_group = body.text("affinity_group_id")?.filter(|id| !id.is_empty());
    if let Some(group) = affinity_group {
        affinity::check(call, group, size.site)?;
    }
    let backup = match body.get("backup") {
        Some(value) => Some(backups::schedule(
            size.site,
            &Fields::inside("backup", value)?,
        )?),
        None => None,
    };
    let nics = interfaces(call, &body, size.site)?;
    let mut volumes = Vec::new();
    for (name, size_mb) in size.volumes {
        let id = call.db.next_number(CLOUD, "volume", 901)?;
        volumes.push(Volume {
            id,
            name,
            size_mb,
            created: call.now,
            gone_at: None,
        });
    }
    let fails =
        call.world.faults.on_deployment(CLOUD, &name).is_some() || name.starts_with(FAILING_NAME);
    let server = Server {
        id: format!(
            "l{}s{}",
            size.site.number,
            call.db.next_number(CLOUD, "server", 104)?
        ),
        name,
        location: size.site.id.to_owned(),
        image: size.image.id.to_owned(),
        cpu: size.cpu,
        ram_mb: size.ram_mb,
        powered_on: true,
        password: ids::password(),
        volumes,
        nics,
        snapshots: Vec::new(),
        ssh_keys,
        tags,
        applications,
        affinity_group: affinity_group.map(str::to_owned),
        backup,
        restore_points: Vec::new(),
        life: Life::begin(call.now, CREATION, fails),
    };
    servers::collection(call.db).insert(&server.id, None, &server)?;
    let resources = [("server", server.id)];
    let location = Some(size.site);
    tasks::answer_created(
        call,
        NewTask {
            kind: "CreateServer",
            location,
            resources: &resources,
            seconds: CREATION,
            fails,
        },
    )
}

/// `POST servers/price`: an invented tariff.
pub fn price(call: &Call<'_>) -> Answer {
    let size = size(&body(call.request)?)?;
    let disk: i64 = size.volumes.iter().map(|(_, size_mb)| size_mb).sum();
    let bandwidth: i64 = size.bandwidths.iter().sum();
    let price = size.cpu as f64 * 2.5
        + size.ram_mb as f64 / 1024.0 * 2.0
        + disk as f64 / 10_240.0 * 0.8
        + bandwidth as f64 / 50.0;
    ok(json!({"price": Value::from((price * 100.0).round() / 100.0)}))
}
