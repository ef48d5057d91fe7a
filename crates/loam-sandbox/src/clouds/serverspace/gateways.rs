//! Gateways: between isolated networks and the outside. The first interface is the public one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::addresses;
use crate::api::Call;
use crate::clock::later;
use crate::fields::FieldError;
use crate::store::{Collection, Db, StoreError};

use super::answer::{Answer, Failure, INVALID, empty, gone_as_500, not_found, ok, refuse};
use super::catalog::{BANDWIDTH_MIN, Location, location, location_of};
use super::gateway_rules::{FirewallRule, NatRule};
use super::input::{body, int, required_int};
use super::life::{Life, time};
use super::order::check_bandwidth;
use super::servers::here;
use super::tasks::{self, NewTask};
use super::{CLOUD, networks};

/// Virtual seconds.
const CREATION: f64 = 24.0;
const POWER: f64 = 22.0;
const CHANGE: f64 = 10.0;

/// A gateway.
#[derive(Debug, Serialize, Deserialize)]
pub struct Gateway {
    pub id: String,
    location: String,
    name: String,
    nics: Vec<Nic>,
    pub firewall: Vec<FirewallRule>,
    pub nat: Vec<NatRule>,
    powered_on: bool,
    tags: Vec<String>,
    life: Life,
}

#[derive(Debug, Serialize, Deserialize)]
struct Nic {
    id: i64,
    network: String,
    address: String,
    bandwidth_mbps: Option<i64>,
    gone_at: Option<Timestamp>,
}

fn gateways<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "gateway")
}

impl Gateway {
    fn nics(&self, now: Timestamp) -> impl Iterator<Item = &Nic> {
        self.nics.iter().filter(move |nic| here(nic.gone_at, now))
    }

    /// The address on the outside.
    pub fn public_address(&self) -> Option<&str> {
        self.nics
            .iter()
            .find(|nic| nic.bandwidth_mbps.is_some())
            .map(|nic| nic.address.as_str())
    }

    fn view(&self, now: Timestamp) -> Value {
        let nic = |nic: &Nic| {
            json!({
                "id": nic.id,
                "network_id": nic.network,
                "ip_address": nic.address,
                "bandwidth_mbps": nic.bandwidth_mbps,
            })
        };
        json!({
            "id": self.id,
            "location_id": self.location,
            "name": self.name,
            "state": self.life.state(now),
            "powered_on": self.powered_on && self.life.ready(now),
            "nics": self.nics(now).map(nic).collect::<Vec<_>>(),
            "nat_rules": self.nat,
            "firewall_rules": self.firewall,
            "created": time(self.life.created),
            "tags": self.tags,
        })
    }

    /// Begins a change and answers with its task.
    pub fn change(mut self, call: &Call<'_>, kind: &str, seconds: f64) -> Answer {
        self.life.change(call.now, seconds)?;
        save(call.db, &self)?;
        let resources = [("gateway", self.id)];
        tasks::answer(call, task(kind, &self.location, &resources, seconds))
    }
}

fn task<'t>(
    kind: &'t str,
    site: &str,
    resources: &'t [(&'t str, String)],
    seconds: f64,
) -> NewTask<'t> {
    NewTask {
        kind,
        location: location_of(site),
        resources,
        seconds,
        fails: false,
    }
}

fn existing(db: &Db<'_>, now: Timestamp) -> Result<Vec<Gateway>, StoreError> {
    let mut list: Vec<Gateway> = gateways(db).oldest_first(None)?;
    list.retain(|gateway| gateway.life.exists(now));
    Ok(list)
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    Ok(existing(db, now)?
        .iter()
        .map(|gateway| gateway.view(now))
        .collect())
}

/// Which gateways are connected to a network.
pub fn in_network(db: &Db<'_>, now: Timestamp, network: &str) -> Result<Vec<String>, StoreError> {
    let mut list = existing(db, now)?;
    list.retain(|gateway| gateway.nics(now).any(|nic| nic.network == network));
    Ok(list.into_iter().map(|gateway| gateway.id).collect())
}

/// Which addresses of a network gateways use.
pub fn addresses_in(db: &Db<'_>, now: Timestamp, network: &str) -> Result<Vec<String>, StoreError> {
    let list = existing(db, now)?;
    let nics = list.iter().flat_map(|gateway| gateway.nics(now));
    Ok(nics
        .filter(|nic| nic.network == network)
        .map(|nic| nic.address.clone())
        .collect())
}

fn save(db: &Db<'_>, gateway: &Gateway) -> Result<(), StoreError> {
    gateways(db).update(&gateway.id, gateway)
}

/// The gateway of the path.
pub fn find(call: &Call<'_>) -> Result<Gateway, Failure> {
    let found: Option<Gateway> = gateways(call.db).live(call.request.param("id"))?;
    found
        .filter(|gateway| gateway.life.exists(call.now))
        .ok_or_else(|| not_found("gateway"))
}

/// `GET gateways`
pub fn list(call: &Call<'_>) -> Answer {
    let wanted = call
        .request
        .query("location_id")
        .filter(|id| !id.is_empty());
    let mut list = existing(call.db, call.now)?;
    list.retain(|gateway| wanted.is_none_or(|id| gateway.location == id));
    ok(json!({"gateways": list.iter().map(|gateway| gateway.view(call.now)).collect::<Vec<_>>()}))
}

/// `GET gateways/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    ok(json!({"gateway": find(call)?.view(call.now)}))
}

fn isolated_nic(call: &Call<'_>, network: &str, site: &Location) -> Result<Nic, Failure> {
    networks::check_location(call, network, site)?;
    let address = networks::usable(call, network)?.gateway_address(call)?;
    let id = call.db.next_number(CLOUD, "gateway_nic", 61)?;
    Ok(Nic {
        id,
        network: network.to_owned(),
        address,
        bandwidth_mbps: None,
        gone_at: None,
    })
}

/// `POST gateways`
pub fn create(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let site = location(body.required_text("location_id")?)?;
    let name = body.required_text("name")?.to_owned();
    let mbps = check_bandwidth(site, int(&body, "bandwidth_mbps")?.unwrap_or(BANDWIDTH_MIN))?;
    let mut network_ids = body.texts("network_ids")?.unwrap_or_default();
    network_ids.sort_unstable();
    network_ids.dedup();
    if !(1..=3).contains(&network_ids.len()) {
        return Err(FieldError::new("network_ids", "must name one to three networks").into());
    }
    let mut nics = vec![Nic {
        id: call.db.next_number(CLOUD, "gateway_nic", 61)?,
        network: site.public_network(),
        address: addresses::next_v4(call.db, CLOUD, [198, 18])?.to_string(),
        bandwidth_mbps: Some(mbps),
        gone_at: None,
    }];
    for network in &network_ids {
        nics.push(isolated_nic(call, network, site)?);
    }
    let gateway = Gateway {
        id: format!(
            "l{}e{}",
            site.number,
            call.db.next_number(CLOUD, "gateway", 9)?
        ),
        location: site.id.to_owned(),
        name,
        nics,
        firewall: Vec::new(),
        nat: Vec::new(),
        powered_on: true,
        tags: Vec::new(),
        life: Life::begin(call.now, CREATION, false),
    };
    gateways(call.db).insert(&gateway.id, None, &gateway)?;
    let resources = [("gateway", gateway.id)];
    tasks::answer_created(
        call,
        task("CreateGateway", &gateway.location, &resources, CREATION),
    )
}

/// `PUT gateways/{id}`: the name, at once and without a task.
pub fn rename(call: &Call<'_>) -> Answer {
    let mut gateway = find(call)?;
    gateway.name = body(call.request)?.required_text("name")?.to_owned();
    save(call.db, &gateway)?;
    ok(json!({"gateway": gateway.view(call.now)}))
}

/// `PUT gateways/{id}/bandwidth`
pub fn set_bandwidth(call: &Call<'_>) -> Answer {
    let mut gateway = find(call)?;
    let site = location(&gateway.location)?;
    let mbps = check_bandwidth(site, required_int(&body(call.request)?, "bandwidth_mbps")?)?;
    for nic in gateway
        .nics
        .iter_mut()
        .filter(|nic| nic.bandwidth_mbps.is_some())
    {
        nic.bandwidth_mbps = Some(mbps);
    }
    gateway.change(call, "UpdateGateway", CHANGE)
}

/// `POST gateways/{id}/nics`: one interface for each network.
pub fn connect(call: &Call<'_>) -> Answer {
    let mut gateway = find(call)?;
    let body = body(call.request)?;
    let network = body.required_text("network_id")?;
    if gateway.nics(call.now).any(|nic| nic.network == network) {
        return Err(refuse(
            INVALID,
            "The gateway is connected to this network already",
        ));
    }
    let nic = isolated_nic(call, network, location(&gateway.location)?)?;
    gateway.nics.push(nic);
    gateway.change(call, "CreateGatewayNic", CHANGE)
}

/// `DELETE gateways/{id}/nics/{nid}`: 500 when it is gone already.
pub fn disconnect(call: &Call<'_>) -> Answer {
    let mut gateway = find(call)?;
    let id = call.request.param("nic");
    let found = gateway
        .nics
        .iter_mut()
        .find(|nic| nic.id.to_string() == id && here(nic.gone_at, call.now));
    let nic = found.ok_or_else(|| gone_as_500("gateway interface"))?;
    if nic.bandwidth_mbps.is_some() {
        return Err(refuse(INVALID, "The public interface cannot be removed"));
    }
    nic.gone_at = Some(later(call.now, CHANGE));
    gateway.life.change(call.now, CHANGE)?;
    save(call.db, &gateway)?;
    let resources = [("gateway", gateway.id)];
    tasks::answer_deleted(
        call,
        task("DeleteGatewayNic", &gateway.location, &resources, CHANGE),
    )
}

fn power(call: &Call<'_>, on: bool) -> Answer {
    let mut gateway = find(call)?;
    gateway.powered_on = on;
    gateway.change(
        call,
        if on {
            "PowerOnGateway"
        } else {
            "PowerOffGateway"
        },
        POWER,
    )
}

/// `POST gateways/{id}/start`
pub fn start(call: &Call<'_>) -> Answer {
    power(call, true)
}

/// `POST gateways/{id}/stop`
pub fn stop(call: &Call<'_>) -> Answer {
    power(call, false)
}

/// `POST gateways/{id}/restart`
pub fn restart(call: &Call<'_>) -> Answer {
    power(call, true)
}

/// `DELETE gateways/{id}`: 500 when it is gone already.
pub fn delete(call: &Call<'_>) -> Answer {
    let mut gateway = match find(call) {
        Err(Failure::Refused { .. }) => return Err(gone_as_500("gateway")),
        found => found?,
    };
    gateway.life.end(call.now, CHANGE)?;
    save(call.db, &gateway)?;
    let resources = [("gateway", gateway.id)];
    tasks::answer_deleted(
        call,
        task("DeleteGateway", &gateway.location, &resources, CHANGE),
    )
}

/// `POST gateways/{id}/tags`
pub fn add_tag(call: &Call<'_>) -> Answer {
    let mut gateway = find(call)?;
    let body = body(call.request)?;
    let value = body.required_text("value")?;
    if !gateway.tags.iter().any(|tag| tag == value) {
        gateway.tags.push(value.to_owned());
        save(call.db, &gateway)?;
    }
    ok(json!({"value": value}))
}

/// `DELETE gateways/{id}/tags/{tag}`
pub fn remove_tag(call: &Call<'_>) -> Answer {
    let mut gateway = find(call)?;
    let tag = call.request.param("tag");
    if !gateway.tags.iter().any(|known| known == tag) {
        return Err(not_found("tag"));
    }
    gateway.tags.retain(|known| known != tag);
    save(call.db, &gateway)?;
    empty()
}
