//! Isolated networks, which servers and gateways are connected to.

use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::fields::FieldError;
use crate::store::{Collection, Db, StoreError};

use super::answer::{
    Answer, Failure, INVALID, NETWORK_IN_USE, empty, gone_as_500, not_found, ok, refuse,
    refuse_with,
};
use super::catalog::{Location, location, location_of};
use super::input::{body, int};
use super::life::{Life, time};
use super::tasks::{self, NewTask};
use super::{CLOUD, gateways, servers};

/// Virtual seconds that creation and deletion take.
const CHANGE: f64 = 8.0;

/// An isolated network.
#[derive(Debug, Serialize, Deserialize)]
pub struct Network {
    pub id: String,
    name: String,
    location: String,
    description: String,
    prefix: Ipv4Addr,
    pub mask: i64,
    tags: Vec<String>,
    life: Life,
}

fn networks<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "isolated_network")
}

impl Network {
    fn view(&self, db: &Db<'_>, now: Timestamp) -> Result<Value, StoreError> {
        Ok(json!({
            "id": self.id,
            "name": self.name,
            "location_id": self.location,
            "description": self.description,
            "network_prefix": self.prefix.to_string(),
            "mask": self.mask,
            "server_ids": servers::in_network(db, now, &self.id)?,
            "gateway_ids": gateways::in_network(db, now, &self.id)?,
            "state": self.life.state(now),
            "created": time(self.life.created),
            "tags": self.tags,
        }))
    }

    fn size(&self) -> u32 {
        u32::try_from(32 - self.mask)
            .ok()
            .and_then(|bits| 1_u32.checked_shl(bits))
            .unwrap_or(0)
    }

    fn host(&self, number: u32) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.prefix).saturating_add(number))
    }

    /// The wanted address, or the first free one; the first is kept for a gateway.
    pub fn take_address(&self, call: &Call<'_>, wanted: Option<&str>) -> Result<String, Failure> {
        let mut used = servers::addresses_in(call.db, call.now, &self.id)?;
        used.extend(gateways::addresses_in(call.db, call.now, &self.id)?);
        let last = self.size().saturating_sub(1);
        if let Some(wanted) = wanted.filter(|text| !text.is_empty()) {
            let inside = wanted.parse::<Ipv4Addr>().is_ok_and(|address| {
                u32::from(address)
                    .checked_sub(u32::from(self.prefix))
                    .is_some_and(|number| (1..last).contains(&number))
            });
            if !inside {
                return Err(
                    FieldError::new("ip_address", "must be an address of the network").into(),
                );
            }
            if used.iter().any(|address| address == wanted) {
                return Err(FieldError::new("ip_address", "is in use").into());
            }
            return Ok(wanted.to_owned());
        }
        let free = (2..last)
            .map(|number| self.host(number).to_string())
            .find(|address| !used.contains(address));
        free.ok_or_else(|| refuse(INVALID, "The network has no free address"))
    }

    /// The address of a gateway.
    pub fn gateway_address(&self, call: &Call<'_>) -> Result<String, Failure> {
        let first = self.host(1).to_string();
        self.take_address(call, Some(&first))
    }
}

fn existing(db: &Db<'_>, now: Timestamp) -> Result<Vec<Network>, StoreError> {
    let mut list: Vec<Network> = networks(db).oldest_first(None)?;
    list.retain(|network| network.life.exists(now));
    Ok(list)
}

/// All that exist.
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

fn find(call: &Call<'_>) -> Result<Network, Failure> {
    by_id(call, call.request.param("id"))?.ok_or_else(|| not_found("network"))
}

/// A network that something can be connected to.
pub fn usable(call: &Call<'_>, id: &str) -> Result<Network, Failure> {
    match by_id(call, id)? {
        Some(network) if network.life.ready(call.now) => Ok(network),
        Some(_) => Err(refuse(
            super::answer::BUSY,
            format!("The network {id} is not ready"),
        )),
        None => Err(refuse(
            INVALID,
            format!("There is no isolated network {id}"),
        )),
    }
}

/// Refuses a network of another location.
pub fn check_location(call: &Call<'_>, id: &str, site: &Location) -> Result<(), Failure> {
    if usable(call, id)?.location != site.id {
        return Err(refuse(
            INVALID,
            format!("The network {id} is in another location"),
        ));
    }
    Ok(())
}

/// `GET networks/isolated`
pub fn list(call: &Call<'_>) -> Answer {
    ok(json!({"isolated_networks": all(call.db, call.now)?}))
}

/// `GET networks/isolated/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    ok(json!({"isolated_network": find(call)?.view(call.db, call.now)?}))
}

/// `POST networks/isolated`: prefix and mask together, or neither.
pub fn create(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let name = body.required_text("name")?.to_owned();
    let site = location(body.required_text("location_id")?)?;
    let description = body.text("description")?.unwrap_or_default().to_owned();
    let number = call.db.next_number(CLOUD, "network", 7)?;
    let (prefix, mask) = match (
        body.text("network_prefix")?.filter(|text| !text.is_empty()),
        int(&body, "mask")?,
    ) {
        (None, None | Some(0)) => {
            let [high, low] = u16::try_from(number.rem_euclid(65_536))
                .unwrap_or(0)
                .to_be_bytes();
            (Ipv4Addr::new(10, high, low, 0), 24)
        }
        (Some(prefix), Some(mask)) => {
            let wrong = || {
                FieldError::new(
                    "network_prefix",
                    "must be the first address of a network with this mask",
                )
            };
            let prefix: Ipv4Addr = prefix.parse().map_err(|_| wrong())?;
            if !(8..=30).contains(&mask) {
                return Err(FieldError::new("mask", "must be from 8 to 30").into());
            }
            let hosts = u32::MAX
                .checked_shr(u32::try_from(mask).unwrap_or(32))
                .unwrap_or(0);
            if u32::from(prefix) & hosts != 0 {
                return Err(wrong().into());
            }
            (prefix, mask)
        }
        _ => {
            return Err(
                FieldError::new("network_prefix", "and mask must be given together").into(),
            );
        }
    };
    let network = Network {
        id: format!("l{}n{number}", site.number),
        name,
        location: site.id.to_owned(),
        description,
        prefix,
        mask,
        tags: Vec::new(),
        life: Life::begin(call.now, CHANGE, false),
    };
    networks(call.db).insert(&network.id, None, &network)?;
    let resources = [("network", network.id)];
    tasks::answer_created(call, task("CreateNetwork", Some(site), &resources))
}

fn task<'t>(
    kind: &'t str,
    location: Option<&'static Location>,
    resources: &'t [(&'t str, String)],
) -> NewTask<'t> {
    NewTask {
        kind,
        location,
        resources,
        seconds: CHANGE,
        fails: false,
    }
}

/// `PUT networks/isolated/{id}`: name and description, at once and without a task.
pub fn update(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    let body = body(call.request)?;
    if !network.life.ready(call.now) {
        return Err(refuse(
            super::answer::CONCURRENT,
            "The network is being changed",
        ));
    }
    if let Some(name) = body.text("name")?.filter(|name| !name.is_empty()) {
        network.name = name.to_owned();
    }
    if let Some(description) = body.text("description")? {
        network.description = description.to_owned();
    }
    networks(call.db).update(&network.id, &network)?;
    ok(json!({"isolated_network": network.view(call.db, call.now)?}))
}

/// `DELETE networks/isolated/{id}`: refused while in use; 500 when it is gone already.
pub fn delete(call: &Call<'_>) -> Answer {
    let id = call.request.param("id");
    let mut network = by_id(call, id)?.ok_or_else(|| gone_as_500("network"))?;
    let servers = servers::in_network(call.db, call.now, id)?;
    if !servers.is_empty() {
        let params = vec![("server_ids", json!(servers.join(",")))];
        return Err(refuse_with(
            NETWORK_IN_USE,
            "Servers are connected to the network",
            params,
        ));
    }
    let gateways = gateways::in_network(call.db, call.now, id)?;
    if !gateways.is_empty() {
        let params = vec![("gateway_ids", json!(gateways.join(",")))];
        return Err(refuse_with(
            NETWORK_IN_USE,
            "Gateways are connected to the network",
            params,
        ));
    }
    network.life.end(call.now, CHANGE)?;
    networks(call.db).update(id, &network)?;
    let resources = [("network", network.id)];
    tasks::answer_deleted(
        call,
        task("DeleteNetwork", location_of(&network.location), &resources),
    )
}

/// `POST networks/isolated/{id}/tags`
pub fn add_tag(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    let body = body(call.request)?;
    let value = body.required_text("value")?;
    if !network.tags.iter().any(|tag| tag == value) {
        network.tags.push(value.to_owned());
        networks(call.db).update(&network.id, &network)?;
    }
    ok(json!({"value": value}))
}

/// `DELETE networks/isolated/{id}/tags/{tag}`
pub fn remove_tag(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    let tag = call.request.param("tag");
    if !network.tags.iter().any(|known| known == tag) {
        return Err(not_found("tag"));
    }
    network.tags.retain(|known| known != tag);
    networks(call.db).update(&network.id, &network)?;
    empty()
}
