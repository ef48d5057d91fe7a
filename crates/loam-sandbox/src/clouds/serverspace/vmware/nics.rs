//! Interfaces of servers: in a network of the project, or in the public one that all share.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::addresses;
use crate::api::Call;
use crate::clock::later;
use crate::fields::FieldError;

use super::super::answer::{Answer, Failure, INVALID, gone_as_500, ok, refuse};
use super::super::input::{body, int, number, required_int};
use super::super::{CLOUD, servers::here};
use super::catalog::BANDWIDTH;
use super::networks;
use super::servers::{self, CHANGE, Server, find, save};
use super::{added, changed, task};

/// An interface.
#[derive(Debug, Serialize, Deserialize)]
pub struct Nic {
    id: i64,
    number: usize,
    pub network: i64,
    ip: String,
    mac: String,
    bandwidth_mbps: Option<i64>,
    pub gone_at: Option<Timestamp>,
}

impl Nic {
    /// The object as it is read.
    pub fn view(&self) -> Value {
        json!({"id": self.id, "number": self.number, "is_primary": self.number == 0, "network_id": self.network,
            "ip": self.ip, "mac": self.mac, "bandwidth_mbps": self.bandwidth_mbps})
    }

    fn new(
        call: &Call<'_>,
        server: &Server,
        network: i64,
        ip: String,
        bandwidth_mbps: Option<i64>,
    ) -> Result<Nic, Failure> {
        let id = call.db.next_number(CLOUD, "vmware_nic", 801)?;
        let [.., high, low] = id.to_be_bytes();
        Ok(Nic {
            id,
            number: server.nics.len(),
            network,
            ip,
            mac: format!("00:50:56:bb:{high:02x}:{low:02x}"),
            bandwidth_mbps,
            gone_at: None,
        })
    }
}

/// A new interface in a network of the project.
pub fn in_network(
    call: &Call<'_>,
    server: &Server,
    network: i64,
    ip: Option<&str>,
    mbps: Option<i64>,
) -> Result<Nic, Failure> {
    let network = networks::usable(call, network)?;
    if network.location != server.location {
        return Err(refuse(INVALID, "The network is in another location"));
    }
    let used: Vec<String> = servers::existing(call.db, call.now)?
        .iter()
        .flat_map(|server| server.nics(call.now))
        .filter(|nic| nic.network == network.id)
        .map(|nic| nic.ip.clone())
        .collect();
    let ip = network.free_address(&used, ip)?;
    Nic::new(call, server, network.id, ip, mbps)
}

/// A new interface in the public network that all share.
pub fn shared(call: &Call<'_>, server: &Server, is_ipv6: bool, mbps: i64) -> Result<Nic, Failure> {
    if !BANDWIDTH.contains(&mbps) {
        return Err(refuse(-12_041, "bandwidth_mbps is out of limits"));
    }
    let address = addresses::next_v4(call.db, CLOUD, [198, 18])?;
    let ip = if is_ipv6 {
        let [_, _, c, d] = address.octets();
        format!("2001:db8::{c:x}:{d:x}")
    } else {
        address.to_string()
    };
    let network = networks::shared_id(server.location, is_ipv6);
    Nic::new(call, server, network, ip, Some(mbps))
}

/// `GET vmware/servers/{id}/nics`
pub fn list(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    ok(json!({"nics": server.nics(call.now).map(Nic::view).collect::<Vec<_>>()}))
}

fn add(call: &Call<'_>, mut server: Server, nic: Nic) -> Answer {
    server.change(call.now, CHANGE)?;
    let about = [("server", server.id), ("nic", nic.id)];
    server.nics.push(nic);
    save(call.db, &server)?;
    added(call, "NicCreate", &about, CHANGE)
}

/// `POST vmware/servers/{id}/nics`
pub fn connect(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    let body = body(call.request)?;
    body.flag("force_customization")?;
    let network = required_int(&body, "network_id")?;
    let nic = in_network(call, &server, network, body.text("ip")?, None)?;
    add(call, server, nic)
}

/// `POST vmware/servers/{id}/nics/shared`
pub fn connect_shared(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    let body = body(call.request)?;
    body.flag("force_customization")?;
    let mbps = required_int(&body, "bandwidth_mbps")?;
    let nic = shared(call, &server, body.flag("is_ipv6")?.unwrap_or(false), mbps)?;
    add(call, server, nic)
}

/// `PUT vmware/servers/{id}/nics/{nid}`: another network, bandwidth or address.
pub fn update(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let body = body(call.request)?;
    let id = call.request.param("nic");
    let network = required_int(&body, "network_id")?;
    let mbps = int(&body, "bandwidth_mbps")?;
    let position = server
        .nics
        .iter()
        .position(|nic| nic.id.to_string() == id && here(nic.gone_at, call.now))
        .ok_or_else(|| super::super::answer::not_found("network interface"))?;
    let moved = match server.nics.get(position) {
        Some(nic) if nic.network != network => {
            Some(in_network(call, &server, network, body.text("ip")?, mbps)?)
        }
        _ => None,
    };
    server.change(call.now, CHANGE)?;
    let mut about = vec![("server", server.id)];
    if let Some(nic) = server.nics.get_mut(position) {
        match (moved, mbps) {
            (Some(new), _) => {
                nic.network = new.network;
                nic.ip = new.ip;
                nic.bandwidth_mbps = new.bandwidth_mbps;
            }
            (None, Some(mbps)) if nic.bandwidth_mbps.is_some() && BANDWIDTH.contains(&mbps) => {
                nic.bandwidth_mbps = Some(mbps);
            }
            (None, Some(_)) => {
                return Err(refuse(-12_041, "bandwidth_mbps is out of limits"));
            }
            (None, None) => {}
        }
        about.push(("nic", nic.id));
    }
    save(call.db, &server)?;
    changed(call, "NicUpdate", &about, CHANGE)
}

/// `DELETE vmware/servers/{id}/nics/{nid}`
pub fn disconnect(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let id = call.request.param("nic");
    let nic = server
        .nics
        .iter_mut()
        .find(|nic| nic.id.to_string() == id && here(nic.gone_at, call.now))
        .ok_or_else(|| gone_as_500("network interface"))?;
    nic.gone_at = Some(later(call.now, CHANGE));
    let nic = nic.id;
    server.change(call.now, CHANGE)?;
    save(call.db, &server)?;
    let about = [("server", server.id), ("nic", nic)];
    changed(call, "NicDelete", &about, CHANGE)
}

/// `POST vmware/networks/{id}/servers`: several servers, one task for each.
pub fn connect_servers(call: &Call<'_>) -> Answer {
    let network = networks::find(call)?.id;
    let body = body(call.request)?;
    let list = body
        .list("server_ids")?
        .ok_or_else(|| FieldError::new("server_ids", "is required"))?;
    let mut tasks = Vec::new();
    for item in list {
        let id = number(item).ok_or_else(|| FieldError::new("server_ids", "must hold numbers"))?;
        let mut server = servers::by_id(call, &id.to_string())?;
        let nic = in_network(call, &server, network, None, None)?;
        server.change(call.now, CHANGE)?;
        let about = [("server", server.id), ("nic", nic.id)];
        server.nics.push(nic);
        save(call.db, &server)?;
        tasks.push(task(call, "NicCreate", &about, CHANGE, false)?);
    }
    ok(json!({"task_ids": tasks}))
}
