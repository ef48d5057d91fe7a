//! Networks: isolated, routed behind an edge, public; and the public ones that all projects share.

use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::addresses;
use crate::api::Call;
use crate::fields::{FieldError, Fields};
use crate::store::{Collection, Db, StoreError};

use super::super::CLOUD;
use super::super::answer::{Answer, BUSY, Failure, INVALID, NETWORK_IN_USE, not_found, ok, refuse};
use super::super::input::{body, int, number, required_int};
use super::super::life::Life;
use super::catalog::{BANDWIDTH, location, wanted};
use super::edge::Edge;
use super::{OBJECT_BUSY, changed, parameter, servers, task};

/// Virtual seconds.
pub const CHANGE: f64 = 15.0;
/// Ids of the shared networks: with the location's number behind.
const SHARED: i64 = 9000;
const SHARED_IPV6: i64 = 9100;

/// A network of the project.
#[derive(Debug, Serialize, Deserialize)]
pub struct Network {
    pub id: i64,
    pub location: i64,
    pub kind: String,
    name: String,
    address: Ipv4Addr,
    mask: i64,
    dhcp: bool,
    bandwidth_mbps: Option<i64>,
    pub edge: Option<Edge>,
    life: Life,
}

fn networks<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "vmware_network")
}

/// The id of the shared public network of a location.
pub fn shared_id(location: i64, is_ipv6: bool) -> i64 {
    location + if is_ipv6 { SHARED_IPV6 } else { SHARED }
}

fn shared_view(location: i64, is_ipv6: bool) -> Value {
    json!({
        "id": shared_id(location, is_ipv6), "location_id": location,
        "type": if is_ipv6 { "public_shared_ipv6" } else { "public_shared" },
        "name": if is_ipv6 { "Public IPv6" } else { "Public" },
        "shared": true, "is_dhcp": false, "state": "active", "nics_count": 0,
    })
}

impl Network {
    fn view(&self, db: &Db<'_>, now: Timestamp) -> Result<Value, StoreError> {
        let gateway = (self.kind != "private_client").then(|| self.host(1).to_string());
        Ok(json!({
            "id": self.id,
            "location_id": self.location,
            "type": self.kind,
            "name": self.name,
            "address": self.address.to_string(),
            "mask": self.mask,
            "gateway": gateway,
            "edge_external_ip": self.edge.as_ref().map(|edge| edge.address.clone()),
            "bandwidth_mbps": self.bandwidth_mbps,
            "is_dhcp": self.dhcp,
            "shared": false,
            "state": if self.life.ready(now) { "active" } else { "creating" },
            "nics_count": servers::nics_in(db, now, self.id)?,
        }))
    }

    fn host(&self, number: u32) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.address).saturating_add(number))
    }

    /// The network in CIDR notation.
    pub fn subnet(&self) -> String {
        format!("{}/{}", self.address, self.mask)
    }

    /// The wanted address, or the first that is free.
    pub fn free_address(&self, used: &[String], wanted: Option<&str>) -> Result<String, Failure> {
        let bits = u32::try_from(32 - self.mask).unwrap_or(0);
        let last = 1_u32.checked_shl(bits).unwrap_or(0).saturating_sub(1);
        if let Some(wanted) = wanted.filter(|text| !text.is_empty()) {
            let inside = (2..last).any(|number| self.host(number).to_string() == wanted);
            if !inside || used.iter().any(|address| address == wanted) {
                return Err(FieldError::new("ip", "is not free in this network").into());
            }
            return Ok(wanted.to_owned());
        }
        (2..last)
            .map(|number| self.host(number).to_string())
            .find(|address| !used.contains(address))
            .ok_or_else(|| refuse(INVALID, "The network has no free address"))
    }

    /// Begins a change; refused while another one runs.
    pub fn change(&mut self, call: &Call<'_>) -> Result<(), Failure> {
        let changed = self.life.change(call.now, CHANGE);
        changed.map_err(|failure| match failure {
            Failure::Refused { code: BUSY, .. } => refuse(OBJECT_BUSY, "The network is busy"),
            other => other,
        })?;
        save(call.db, self)?;
        Ok(())
    }
}

/// Writes a network back.
pub fn save(db: &Db<'_>, network: &Network) -> Result<(), StoreError> {
    networks(db).update(&network.id.to_string(), network)
}

fn existing(db: &Db<'_>, now: Timestamp) -> Result<Vec<Network>, StoreError> {
    let mut list: Vec<Network> = networks(db).oldest_first(None)?;
    list.retain(|network| network.life.exists(now));
    Ok(list)
}

/// All of the project.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    existing(db, now)?
        .iter()
        .map(|network| network.view(db, now))
        .collect()
}

fn by_id(call: &Call<'_>, id: &str) -> Result<Option<Network>, StoreError> {
    Ok(networks(call.db)
        .live::<Network>(id)?
        .filter(|network| network.life.exists(call.now)))
}

/// The network of the path.
pub fn find(call: &Call<'_>) -> Result<Network, Failure> {
    by_id(call, call.request.param("id"))?.ok_or_else(|| not_found("network"))
}

/// A network that interfaces can be in.
pub fn usable(call: &Call<'_>, id: i64) -> Result<Network, Failure> {
    match by_id(call, &id.to_string())? {
        Some(network) if network.life.ready(call.now) => Ok(network),
        Some(_) => Err(refuse(
            OBJECT_BUSY,
            format!("The network {id} is not ready"),
        )),
        None => Err(refuse(INVALID, format!("There is no network {id}"))),
    }
}

/// `GET vmware/networks`
pub fn list(call: &Call<'_>) -> Answer {
    let (location, kind) = (wanted(call)?, parameter(call, "type")?);
    let mut views = all(call.db, call.now)?;
    for id in [2, 3] {
        views.push(shared_view(id, false));
        views.push(shared_view(id, true));
    }
    views.retain(|view| {
        location.is_none_or(|id| view["location_id"] == id)
            && kind.is_none_or(|kind| view["type"] == kind)
    });
    ok(json!({"networks": views}))
}

/// `GET vmware/networks/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    ok(json!({"network": find(call)?.view(call.db, call.now)?}))
}

fn mbps(body: &Fields) -> Result<Option<i64>, Failure> {
    match int(body, "bandwidth_mbps")? {
        Some(mbps) if !BANDWIDTH.contains(&mbps) => {
            Err(refuse(-12_041, "bandwidth_mbps is out of limits"))
        }
        mbps => Ok(mbps),
    }
}

fn place(call: &Call<'_>, mut network: Network) -> Answer {
    network.id = call.db.next_number(CLOUD, "vmware_network", 61)?;
    networks(call.db).insert(&network.id.to_string(), None, &network)?;
    let about = [("network", network.id)];
    let id = task(call, "NetworkCreate", &about, CHANGE, false)?;
    super::super::answer::created(json!({"task_id": id}))
}

fn client(call: &Call<'_>, body: &Fields, kind: &str) -> Result<Network, Failure> {
    let site = location(required_int(body, "location_id")?)?;
    let name = body.required_text("name")?.to_owned();
    let mask = int(body, "mask")?.unwrap_or(24);
    if !(8..=30).contains(&mask) {
        return Err(FieldError::new("mask", "must be from 8 to 30").into());
    }
    let wrong = || FieldError::new("address", "must be the first address of the network");
    let address: Ipv4Addr = body
        .required_text("address")?
        .parse()
        .map_err(|_| wrong())?;
    let hosts = u32::MAX
        .checked_shr(u32::try_from(mask).unwrap_or(32))
        .unwrap_or(0);
    if u32::from(address) & hosts != 0 {
        return Err(wrong().into());
    }
    Ok(Network {
        id: 0,
        location: site.id,
        kind: kind.to_owned(),
        name,
        address,
        mask,
        dhcp: body.flag("enable_dhcp")?.unwrap_or(false),
        bandwidth_mbps: None,
        edge: None,
        life: Life::begin(call.now, CHANGE, false),
    })
}

/// `POST vmware/networks/isolated`
pub fn create_isolated(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let network = client(call, &body, "private_client")?;
    place(call, network)
}

/// `POST vmware/networks/routed`: behind an edge of its own.
pub fn create_routed(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let mut network = client(call, &body, "routed_client")?;
    network.bandwidth_mbps = Some(mbps(&body)?.unwrap_or(50));
    let address = addresses::next_v4(call.db, CLOUD, [198, 18])?;
    network.edge = Some(Edge::new(address.to_string()));
    place(call, network)
}

/// `POST vmware/networks/public`: the size is a word, or its number.
pub fn create_public(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let site = location(required_int(&body, "location_id")?)?;
    let name = body.required_text("name")?.to_owned();
    let capacity = body
        .get("capacity")
        .ok_or_else(|| FieldError::new("capacity", "is required"))?;
    let numbered = |number: i64| match number {
        1 => Some(24),
        2 => Some(29),
        3..=6 => Some(22 + number),
        _ => None,
    };
    let mask = match (capacity.as_str(), number(capacity)) {
        (_, Some(number)) => numbered(number),
        (Some(word), None) => word
            .strip_prefix("Network")
            .and_then(|mask| mask.parse().ok())
            .filter(|mask| (24..=29).contains(mask)),
        _ => None,
    };
    let mask = mask.ok_or_else(|| refuse(-12_042, "capacity must be Network24 to Network29"))?;
    let block = call.db.next_number(CLOUD, "vmware_block", 1)?;
    let third = u8::try_from(block.rem_euclid(200)).unwrap_or(0);
    place(
        call,
        Network {
            id: 0,
            location: site.id,
            kind: "public_client".to_owned(),
            name,
            address: Ipv4Addr::new(198, 19, third, 0),
            mask,
            dhcp: false,
            bandwidth_mbps: Some(mbps(&body)?.unwrap_or(50)),
            edge: None,
            life: Life::begin(call.now, CHANGE, false),
        },
    )
}

/// `PUT vmware/networks/{id}`: without a task for an isolated network, which has no bandwidth.
pub fn update(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    let body = body(call.request)?;
    let mbps = mbps(&body)?;
    let isolated = network.kind == "private_client";
    if isolated && mbps.is_some() {
        return Err(refuse(-12_041, "An isolated network has no bandwidth"));
    }
    if let Some(name) = body.text("name")?.filter(|name| !name.is_empty()) {
        network.name = name.to_owned();
    }
    network.bandwidth_mbps = mbps.or(network.bandwidth_mbps);
    if isolated {
        save(call.db, &network)?;
        return ok(json!({"network": network.view(call.db, call.now)?}));
    }
    network.change(call)?;
    changed(call, "NetworkUpdate", &[("network", network.id)], CHANGE)
}

/// `DELETE vmware/networks/{id}`: refused while in use.
pub fn delete(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    if servers::nics_in(call.db, call.now, network.id)? > 0 {
        return Err(refuse(
            NETWORK_IN_USE,
            "Servers are connected to the network",
        ));
    }
    network.life.end(call.now, CHANGE)?;
    save(call.db, &network)?;
    changed(call, "NetworkDelete", &[("network", network.id)], CHANGE)
}
