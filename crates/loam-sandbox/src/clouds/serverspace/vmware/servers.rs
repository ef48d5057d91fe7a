//! Servers: what they are, their sizes, names, power, firewall and the one snapshot.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::api::Call;
use crate::fields::{FieldError, Fields};
use crate::store::{Collection, Db, StoreError};

use super::super::answer::{
    Answer, BUSY, Failure, INVALID, empty, not_found, ok, refuse, with_status,
};
use super::super::catalog::{CPU, RAM};
use super::super::input::{body, required_int};
use super::super::life::{Life, time};
use super::super::{CLOUD, servers::here};
use super::catalog::{DISK_MAX, DISK_MIN, DISK_STEP, location, wanted};
use super::nics::Nic;
use super::volumes::Volume;
use super::{OBJECT_BUSY, added, changed};

/// Virtual seconds.
pub const CHANGE: f64 = 15.0;
/// A deleted server stays readable for so long after its task.
const LINGERING: f64 = 180.0;

/// A server of this section.
#[derive(Debug, Serialize, Deserialize)]
pub struct Server {
    pub id: i64,
    pub location: i64,
    pub name: String,
    pub computer_name: String,
    pub image: i64,
    pub cpu: i64,
    pub ram_mb: i64,
    pub system_disk_mb: i64,
    pub system_disk_type: String,
    pub powered_on: bool,
    pub nested: bool,
    pub gpu: Option<Gpu>,
    pub nics: Vec<Nic>,
    pub volumes: Vec<Volume>,
    pub snapshot: Option<Snapshot>,
    pub firewall: Vec<Value>,
    pub life: Life,
}

/// A graphics card.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gpu {
    pub model_id: i64,
    pub vram_mb: i64,
    pub card_count: i64,
}

/// The snapshot of a server.
#[derive(Debug, Serialize, Deserialize)]
pub struct Snapshot {
    name: String,
    created: Timestamp,
}

impl Server {
    /// `creating`, `active`, `powered_off`, `error` or `deleting`.
    fn state(&self, now: Timestamp) -> &'static str {
        match self.life.state(now) {
            "New" => "creating",
            "Blocked" => "error",
            _ if self.life.ending() => "deleting",
            _ if self.powered_on => "active",
            _ => "powered_off",
        }
    }

    /// The interfaces that exist.
    pub fn nics(&self, now: Timestamp) -> impl Iterator<Item = &Nic> {
        self.nics.iter().filter(move |nic| here(nic.gone_at, now))
    }

    fn view(&self, now: Timestamp) -> Value {
        json!({
            "id": self.id,
            "project_id": 4021,
            "location_id": self.location,
            "name": self.name,
            "computer_name": self.computer_name,
            "state": self.state(now),
            "cpu": self.cpu,
            "ram_mb": self.ram_mb,
            "system_disk_mb": self.system_disk_mb,
            "system_disk_type": self.system_disk_type,
            "image_id": self.image,
            "is_power_on": self.powered_on && self.life.ready(now),
            "nested_hypervisor": self.nested,
            "gpu": self.gpu,
            "nics": self.nics(now).map(Nic::view).collect::<Vec<_>>(),
            "created": time(self.life.created),
        })
    }

    /// Begins a change; refused while another one runs.
    pub fn change(&mut self, now: Timestamp, seconds: f64) -> Result<(), Failure> {
        self.life.change(now, seconds).map_err(busy)
    }
}

fn busy(failure: Failure) -> Failure {
    match failure {
        Failure::Refused { code: BUSY, .. } => refuse(OBJECT_BUSY, "The server is busy"),
        other => other,
    }
}

/// The servers, by id.
pub fn collection<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "vmware_server")
}

/// The servers that can be read; those being deleted still can.
pub fn existing(db: &Db<'_>, now: Timestamp) -> Result<Vec<Server>, StoreError> {
    let mut list: Vec<Server> = collection(db).oldest_first(None)?;
    list.retain(|server| server.life.exists(now));
    Ok(list)
}

/// All that are there to stay.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let list = existing(db, now)?;
    let staying = list.iter().filter(|server| !server.life.ending());
    Ok(staying.map(|server| server.view(now)).collect())
}

/// Writes a server back.
pub fn save(db: &Db<'_>, server: &Server) -> Result<(), StoreError> {
    collection(db).update(&server.id.to_string(), server)
}

/// The server of the path.
pub fn find(call: &Call<'_>) -> Result<Server, Failure> {
    by_id(call, call.request.param("id"))
}

/// A server by its id.
pub fn by_id(call: &Call<'_>, id: &str) -> Result<Server, Failure> {
    let found: Option<Server> = collection(call.db).live(id)?;
    found
        .filter(|server| server.life.exists(call.now))
        .ok_or_else(|| not_found("server"))
}

/// How many interfaces are in a network.
pub fn nics_in(db: &Db<'_>, now: Timestamp, network: i64) -> Result<usize, StoreError> {
    let servers = existing(db, now)?;
    let staying = servers.iter().filter(|server| !server.life.ending());
    let nics = staying.flat_map(|server| server.nics(now));
    Ok(nics.filter(|nic| nic.network == network).count())
}

/// Begins the deletion of a server, which stays readable for some minutes.
pub fn end(call: &Call<'_>, server: &mut Server, seconds: f64) -> Result<(), Failure> {
    server
        .life
        .end_slowly(call.now, seconds, LINGERING)
        .map_err(busy)?;
    save(call.db, server)?;
    Ok(())
}

/// `GET vmware/servers`
pub fn list(call: &Call<'_>) -> Answer {
    let location = wanted(call)?;
    let mut list = existing(call.db, call.now)?;
    list.retain(|server| location.is_none_or(|id| server.location == id));
    ok(json!({"servers": list.iter().map(|server| server.view(call.now)).collect::<Vec<_>>()}))
}

/// `GET vmware/servers/{id}`: tells more than the list does.
pub fn read(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    let mut view = server.view(call.now);
    view["vm_tools_installed"] = json!(server.life.ready(call.now));
    ok(json!({"server": view}))
}

/// Checks the number of processors and the memory.
pub fn check_size(cpu: i64, ram_mb: i64) -> Result<(), FieldError> {
    if !CPU.contains(&cpu) {
        return Err(FieldError::new("cpu", format!("must be one of {CPU:?}")));
    }
    if !RAM.contains(&ram_mb) {
        return Err(FieldError::new("ram_mb", format!("must be one of {RAM:?}")));
    }
    Ok(())
}

/// Checks the size of a disk.
pub fn check_disk(field: &str, size_mb: i64) -> Result<i64, FieldError> {
    if !(DISK_MIN..=DISK_MAX).contains(&size_mb) || size_mb % DISK_STEP != 0 {
        let rule = format!("must be a multiple of {DISK_STEP} from {DISK_MIN} to {DISK_MAX}");
        return Err(FieldError::new(field, rule));
    }
    Ok(size_mb)
}

/// `PUT vmware/servers/{id}`: all three sizes.
pub fn resize(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let body = body(call.request)?;
    let (cpu, ram_mb) = (required_int(&body, "cpu")?, required_int(&body, "ram_mb")?);
    check_size(cpu, ram_mb)?;
    let disk = check_disk(
        "system_disk_size_mb",
        required_int(&body, "system_disk_size_mb")?,
    )?;
    if disk < server.system_disk_mb {
        return Err(FieldError::new("system_disk_size_mb", "cannot shrink").into());
    }
    server.change(call.now, CHANGE)?;
    (server.cpu, server.ram_mb, server.system_disk_mb) = (cpu, ram_mb, disk);
    save(call.db, &server)?;
    changed(call, "ServerUpdate", &[("server", server.id)], CHANGE)
}

/// `PUT vmware/servers/{id}/name`: at once, with an empty answer.
pub fn rename(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    server.name = body(call.request)?.required_text("name")?.to_owned();
    save(call.db, &server)?;
    empty()
}

/// A computer's name as it is stored: upper case, at most 15 letters, digits and hyphens.
pub fn computer_name(name: &str) -> Result<String, FieldError> {
    let good = (1..=15).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if good {
        Ok(name.to_ascii_uppercase())
    } else {
        Err(FieldError::new(
            "computer_name",
            "has at most 15 letters, digits and hyphens",
        ))
    }
}

/// `PUT vmware/servers/{id}/computer-name`
pub fn rename_computer(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let name = computer_name(body(call.request)?.required_text("computer_name")?)?;
    server.change(call.now, CHANGE)?;
    server.computer_name = name;
    save(call.db, &server)?;
    changed(call, "ServerUpdate", &[("server", server.id)], CHANGE)
}

/// `POST vmware/servers/{id}/power/{action}`
pub fn power(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let on = match call.request.param("action") {
        "on" | "reboot" | "reset" => true,
        "off" | "shutdown" => false,
        _ => return Err(not_found("route")),
    };
    server.change(call.now, CHANGE)?;
    server.powered_on = on;
    save(call.db, &server)?;
    changed(call, "ServerPower", &[("server", server.id)], CHANGE)
}

/// `POST vmware/servers/{id}/nested-hypervisor/{switch}`: null as the task's id when nothing changes.
pub fn nested_hypervisor(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let on = match call.request.param("switch") {
        "enable" => true,
        "disable" => false,
        _ => return Err(not_found("route")),
    };
    if on && !location(server.location)?.nested {
        return Err(refuse(
            -8155,
            "There is no pool for nested virtualisation in this location",
        ));
    }
    if server.gpu.is_some() {
        return Err(refuse(-8149, "Not supported for servers with a GPU"));
    }
    if server.nested == on {
        return ok(json!({}));
    }
    server
        .change(call.now, CHANGE)
        .map_err(|failure| with_status(failure, StatusCode::CONFLICT))?;
    server.nested = on;
    save(call.db, &server)?;
    changed(call, "ServerUpdate", &[("server", server.id)], CHANGE)
}

/// `DELETE vmware/servers/{id}`
pub fn delete(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    end(call, &mut server, CHANGE)?;
    changed(call, "ServerDelete", &[("server", server.id)], CHANGE)
}

/// `GET vmware/servers/{id}/snapshot`: an empty object when there is none.
pub fn snapshot(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    ok(match server.snapshot {
        Some(snapshot) => {
            json!({"snapshot": {"name": snapshot.name, "created": time(snapshot.created)}})
        }
        None => json!({}),
    })
}

/// `POST vmware/servers/{id}/snapshot`: one for each server.
pub fn take_snapshot(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let body = body(call.request)?;
    let name = body.required_text("name")?;
    if server.snapshot.is_some() {
        return Err(refuse(-12_055, "Only one snapshot is allowed"));
    }
    server.change(call.now, CHANGE)?;
    server.snapshot = Some(Snapshot {
        name: name.to_owned(),
        created: call.now,
    });
    save(call.db, &server)?;
    added(call, "SnapshotCreate", &[("server", server.id)], CHANGE)
}

/// `POST vmware/servers/{id}/snapshot/restore`
pub fn restore_snapshot(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    if server.snapshot.is_none() {
        return Err(not_found("snapshot"));
    }
    server.change(call.now, CHANGE)?;
    save(call.db, &server)?;
    changed(call, "SnapshotRestore", &[("server", server.id)], CHANGE)
}

/// `DELETE vmware/servers/{id}/snapshot`
pub fn delete_snapshot(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    if server.snapshot.is_none() {
        return Err(not_found("snapshot"));
    }
    server.change(call.now, CHANGE)?;
    server.snapshot = None;
    save(call.db, &server)?;
    changed(call, "SnapshotDelete", &[("server", server.id)], CHANGE)
}

/// `GET vmware/servers/{id}/firewall`
pub fn firewall(call: &Call<'_>) -> Answer {
    ok(json!({"rules": find(call)?.firewall}))
}

/// `PUT vmware/servers/{id}/firewall`: at once, with an empty answer.
pub fn set_firewall(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let body = body(call.request)?;
    let list = body
        .list("rules")?
        .ok_or_else(|| FieldError::new("rules", "is required"))?;
    let mut rules: Vec<Value> = Vec::new();
    for item in list {
        let rule = Fields::inside("rules", item)?;
        let name = rule.required_text("name")?;
        if rules.iter().any(|known| known["name"] == name) {
            return Err(refuse(INVALID, format!("The name {name} is used twice")));
        }
        let mut view = Map::new();
        view.insert("name".into(), json!(name));
        for (field, words) in [
            ("traffic_direction", ["Incoming", "Outgoing"].as_slice()),
            ("action", &["Allow", "Deny"]),
            ("protocol", &["Any", "Tcp", "Udp", "Icmp"]),
        ] {
            view.insert(field.into(), json!(word(&rule, field, words)?));
        }
        for field in ["source", "source_port", "destination", "destination_port"] {
            let text = rule.text(field)?.filter(|text| !text.is_empty());
            view.insert(field.into(), json!(text.unwrap_or("any")));
        }
        rules.push(Value::Object(view));
    }
    server.firewall = rules;
    save(call.db, &server)?;
    empty()
}

/// One of some words, in any case; stored in the canonical one.
pub fn word(rule: &Fields, field: &str, words: &[&str]) -> Result<String, FieldError> {
    let text = rule.required_text(field)?;
    let word = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    word.map(|word| (*word).to_owned())
        .ok_or_else(|| FieldError::new(field, format!("must be one of {}", words.join(", "))))
}
