//! Servers with their volumes, interfaces and snapshots, and how they are read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::answer::{Answer, Failure, not_found, ok};
use super::backups::{RestorePoint, Schedule};
use super::catalog::{Location, location_of};
use super::life::{Life, time};
use super::tasks::{self, NewTask};
use super::{applications, networks};

/// A server.
#[derive(Debug, Serialize, Deserialize)]
pub struct Server {
    pub id: String,
    pub name: String,
    pub location: String,
    pub image: String,
    pub cpu: i64,
    pub ram_mb: i64,
    pub powered_on: bool,
    pub password: String,
    pub volumes: Vec<Volume>,
    pub nics: Vec<Nic>,
    pub snapshots: Vec<Snapshot>,
    pub ssh_keys: Vec<i64>,
    pub tags: Vec<String>,
    pub applications: Vec<String>,
    pub affinity_group: Option<String>,
    #[serde(default)]
    pub backup: Option<Schedule>,
    #[serde(default)]
    pub restore_points: Vec<RestorePoint>,
    pub life: Life,
}

/// A disk.
#[derive(Debug, Serialize, Deserialize)]
pub struct Volume {
    pub id: i64,
    pub name: String,
    pub size_mb: i64,
    pub created: Timestamp,
    pub gone_at: Option<Timestamp>,
}

/// A network interface.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Nic {
    pub id: i64,
    pub network: String,
    pub public: bool,
    pub mac: String,
    pub address: String,
    pub mask: i64,
    pub gateway: Option<String>,
    pub bandwidth_mbps: Option<i64>,
    pub gone_at: Option<Timestamp>,
}

/// A snapshot of the whole server.
#[derive(Debug, Serialize, Deserialize)]
pub struct Snapshot {
    pub id: i64,
    pub name: String,
    pub created: Timestamp,
    pub gone_at: Option<Timestamp>,
}

/// Whether a part of a server still exists.
pub fn here(gone_at: Option<Timestamp>, now: Timestamp) -> bool {
    gone_at.is_none_or(|gone| now < gone)
}

impl Volume {
    /// The object as it is read.
    pub fn view(&self) -> Value {
        json!({"id": self.id, "name": self.name, "size_mb": self.size_mb, "created": time(self.created)})
    }
}

impl Nic {
    /// The object as it is read.
    pub fn view(&self, server: &str) -> Value {
        json!({
            "id": self.id,
            "server_id": server,
            "network_id": self.network,
            "network_type": if self.public { "PublicShared" } else { "Isolated" },
            "mac": self.mac,
            "ip_address": self.address,
            "mask": self.mask,
            "gateway": self.gateway,
            "bandwidth_mbps": self.bandwidth_mbps,
        })
    }
}

impl Snapshot {
    /// The object as it is read.
    pub fn view(&self, server: &str) -> Value {
        json!({
            "id": self.id,
            "server_id": server,
            "name": self.name,
            "size_mb": 1024,
            "created": time(self.created),
        })
    }
}

impl Server {
    /// The data centre.
    pub fn site(&self) -> Option<&'static Location> {
        location_of(&self.location)
    }

    /// The volumes that exist.
    pub fn volumes(&self, now: Timestamp) -> impl Iterator<Item = &Volume> {
        self.volumes
            .iter()
            .filter(move |volume| here(volume.gone_at, now))
    }

    /// The interfaces that exist.
    pub fn nics(&self, now: Timestamp) -> impl Iterator<Item = &Nic> {
        self.nics.iter().filter(move |nic| here(nic.gone_at, now))
    }

    /// The snapshots that exist.
    pub fn snapshots(&self, now: Timestamp) -> impl Iterator<Item = &Snapshot> {
        self.snapshots
            .iter()
            .filter(move |snapshot| here(snapshot.gone_at, now))
    }

    fn view(&self, now: Timestamp) -> Value {
        let windows = self.image.starts_with("Windows");
        json!({
            "id": self.id,
            "location_id": self.location,
            "name": self.name,
            "image_id": self.image,
            "cpu": self.cpu,
            "ram_mb": self.ram_mb,
            "state": self.life.state(now),
            "is_power_on": self.powered_on && self.life.ready(now),
            "login": if windows { "Administrator" } else { "root" },
            "password": self.password,
            "created": time(self.life.created),
            "volumes": self.volumes(now).map(Volume::view).collect::<Vec<_>>(),
            "nics": self.nics(now).map(|nic| nic.view(&self.id)).collect::<Vec<_>>(),
            "ssh_key_ids": self.ssh_keys,
            "tags": self.tags,
            "application_ids": self.applications,
            "application_installations": (!self.applications.is_empty())
                .then(|| applications::installations(&self.applications, &self.life, now)),
            "affinity_group_id": self.affinity_group,
        })
    }
}

/// The servers, by id.
pub fn collection<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "server")
}

/// The servers that exist.
pub fn existing(db: &Db<'_>, now: Timestamp) -> Result<Vec<Server>, StoreError> {
    let mut list: Vec<Server> = collection(db).oldest_first(None)?;
    list.retain(|server| server.life.exists(now));
    Ok(list)
}

/// All that exist, as they are read, without their passwords.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let without_password = |server: &Server| {
        let mut view = server.view(now);
        if let Some(view) = view.as_object_mut() {
            view.remove("password");
        }
        view
    };
    Ok(existing(db, now)?.iter().map(without_password).collect())
}

/// Writes a server back.
pub fn save(db: &Db<'_>, server: &Server) -> Result<(), StoreError> {
    collection(db).update(&server.id, server)
}

/// The server of the path.
pub fn find(call: &Call<'_>) -> Result<Server, Failure> {
    let found: Option<Server> = collection(call.db).live(call.request.param("id"))?;
    found
        .filter(|server| server.life.exists(call.now))
        .ok_or_else(|| not_found("server"))
}

/// The answer to a change of a server or of one of its parts.
pub fn changed(
    call: &Call<'_>,
    server: &Server,
    kind: &str,
    part: Option<(&str, i64)>,
    seconds: f64,
) -> Answer {
    tasks::answer(call, task(server, kind, &resources(server, part), seconds))
}

/// The answer to an addition to a server.
pub fn added(
    call: &Call<'_>,
    server: &Server,
    kind: &str,
    part: (&str, i64),
    seconds: f64,
) -> Answer {
    tasks::answer_created(
        call,
        task(server, kind, &resources(server, Some(part)), seconds),
    )
}

/// The answer to the deletion of a server or of one of its parts.
pub fn removed(
    call: &Call<'_>,
    server: &Server,
    kind: &str,
    part: Option<(&str, i64)>,
    seconds: f64,
) -> Answer {
    tasks::answer_deleted(call, task(server, kind, &resources(server, part), seconds))
}

fn resources<'p>(server: &Server, part: Option<(&'p str, i64)>) -> Vec<(&'p str, String)> {
    let mut resources = vec![("server", server.id.clone())];
    resources.extend(part.map(|(kind, id)| (kind, id.to_string())));
    resources
}

fn task<'t>(
    server: &Server,
    kind: &'t str,
    resources: &'t [(&'t str, String)],
    seconds: f64,
) -> NewTask<'t> {
    NewTask {
        kind,
        location: server.site(),
        resources,
        seconds,
        fails: false,
    }
}

/// `GET servers`
pub fn list(call: &Call<'_>) -> Answer {
    let servers: Vec<Value> = existing(call.db, call.now)?
        .iter()
        .map(|server| server.view(call.now))
        .collect();
    ok(json!({"servers": servers}))
}

/// `GET servers/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    ok(json!({"server": find(call)?.view(call.now)}))
}

/// Which servers have an interface in a network.
pub fn in_network(db: &Db<'_>, now: Timestamp, network: &str) -> Result<Vec<String>, StoreError> {
    let mut servers = existing(db, now)?;
    servers.retain(|server| server.nics(now).any(|nic| nic.network == network));
    Ok(servers.into_iter().map(|server| server.id).collect())
}

/// Which addresses of a network servers use.
pub fn addresses_in(db: &Db<'_>, now: Timestamp, network: &str) -> Result<Vec<String>, StoreError> {
    let servers = existing(db, now)?;
    let nics = servers.iter().flat_map(|server| server.nics(now));
    Ok(nics
        .filter(|nic| nic.network == network)
        .map(|nic| nic.address.clone())
        .collect())
}

/// A new interface in an isolated network.
pub fn isolated_nic(call: &Call<'_>, network: &str, wanted: Option<&str>) -> Result<Nic, Failure> {
    let network = networks::usable(call, network)?;
    let address = network.take_address(call, wanted)?;
    nic(
        call.db,
        network.id.clone(),
        false,
        address,
        network.mask,
        None,
        None,
    )
}

/// A new public interface.
pub fn public_nic(call: &Call<'_>, site: &Location, bandwidth_mbps: i64) -> Result<Nic, Failure> {
    let address = crate::addresses::next_v4(call.db, CLOUD, [198, 18])?;
    let [a, b, c, _] = address.octets();
    let gateway = format!("{a}.{b}.{c}.1");
    nic(
        call.db,
        site.public_network(),
        true,
        address.to_string(),
        24,
        Some(gateway),
        Some(bandwidth_mbps),
    )
}

fn nic(
    db: &Db<'_>,
    network: String,
    public: bool,
    address: String,
    mask: i64,
    gateway: Option<String>,
    bandwidth_mbps: Option<i64>,
) -> Result<Nic, Failure> {
    let id = db.next_number(CLOUD, "nic", 501)?;
    let [.., high, low] = id.to_be_bytes();
    let mac = format!("00:50:56:aa:{high:02x}:{low:02x}");
    Ok(Nic {
        id,
        network,
        public,
        mac,
        address,
        mask,
        gateway,
        bandwidth_mbps,
        gone_at: None,
    })
}
