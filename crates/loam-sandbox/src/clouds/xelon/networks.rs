//! Networks: LANs as wanted, WANs with what the server assigns; shared with tenants. All at once.

use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::fields::{FieldError, Fields};
use crate::store::{Db, StoreError};

use super::answer::{Answer, Failure, bare, conflict, invalid, search, written};
use super::device::{DEVICES, Device};
use super::kinds::{Kind, new_id};
use super::scenery::{site_of, site_view, tenant, tenant_of, tenant_view};
use super::{CLOUD, firewalls, load_balancers};

const NETWORKS: Kind = Kind {
    name: "network",
    title: "Network",
};
/// Addresses of a network that have an identifier.
const NAMED: u32 = 8;

/// A network.
#[derive(Debug, Serialize, Deserialize)]
pub struct Network {
    pub id: String,
    name: String,
    pub wan: bool,
    /// Locked by the vendor: nothing can be changed.
    #[serde(default)]
    locked: bool,
    network: Ipv4Addr,
    size: i64,
    speed: i64,
    gateway: String,
    dns1: String,
    dns2: String,
    pub cloud: String,
    owner: String,
    shared_with: Vec<String>,
    stretched: bool,
    /// Identifier and address.
    ips: Vec<(String, String)>,
}

impl Network {
    fn hosts(&self) -> u32 {
        u32::try_from(32 - self.size)
            .ok()
            .and_then(|bits| 1_u32.checked_shl(bits))
            .unwrap_or(0)
    }

    fn host(&self, number: u32) -> String {
        Ipv4Addr::from(u32::from(self.network).saturating_add(number)).to_string()
    }

    fn item(&self) -> Value {
        json!({
            "identifier": self.id,
            "name": self.name,
            "type": if self.wan { "WAN" } else { "LAN" },
            "network": self.network.to_string(),
            "networkSize": self.size,
            "owner": tenant_view(&self.owner),
        })
    }

    fn view(&self, db: &Db<'_>) -> Result<Value, StoreError> {
        let mut view = self.item();
        view["networkSpeedValue"] = self.speed.into();
        view["gateway"] = self.gateway.clone().into();
        view["dns1"] = self.dns1.clone().into();
        view["dns2"] = self.dns2.clone().into();
        view["clouds"] = json!([site_view(&self.cloud)]);
        view["assigned"] = self.shared_with.iter().map(|id| tenant_view(id)).collect();
        view["ips"] = self
            .ips
            .iter()
            .map(|(id, ip)| json!({"identifier": id, "ip": ip}))
            .collect();
        view["isFree"] = used_by(db, &self.id)?.is_none().into();
        view["isStretched"] = self.stretched.into();
        Ok(view)
    }

    /// The wanted address, by itself or by its identifier, or the first free one; `taken` are used as well.
    pub fn take_address(
        &self,
        call: &Call<'_>,
        wanted: Option<&str>,
        wanted_id: Option<&str>,
        taken: &[&str],
    ) -> Result<String, Failure> {
        let used = addresses_in(call.db, &self.id)?;
        let free = |ip: &str| !taken.contains(&ip) && !used.iter().any(|used| used == ip);
        if let Some(id) = wanted_id.filter(|id| !id.is_empty()) {
            let known = self.ips.iter().find(|(known, _)| known == id);
            let (_, ip) = known.ok_or_else(|| invalid("ipId", "The selected ipId is invalid."))?;
            return if free(ip) {
                Ok(ip.clone())
            } else {
                Err(invalid("ipId", "The IP address is in use."))
            };
        }
        if let Some(ip) = wanted.filter(|ip| !ip.is_empty()) {
            let number = ip
                .parse::<Ipv4Addr>()
                .ok()
                .and_then(|ip| u32::from(ip).checked_sub(u32::from(self.network)));
            if number.is_none_or(|number| number >= self.hosts()) {
                return Err(invalid("ip", "The IP address is not in the network."));
            }
            return if free(ip) {
                Ok(ip.to_owned())
            } else {
                Err(invalid("ip", "The IP address is in use."))
            };
        }
        let last = self.hosts().saturating_sub(1);
        let first = (1..last)
            .map(|number| self.host(number))
            .find(|ip| *ip != self.gateway && free(ip));
        first.ok_or_else(|| conflict("The network has no free IP address."))
    }
}

/// The addresses that devices, firewalls and load balancers have in a network.
fn addresses_in(db: &Db<'_>, network: &str) -> Result<Vec<String>, StoreError> {
    let devices: Vec<Device> = DEVICES.all(db)?;
    let connections = devices.iter().flat_map(|device| &device.networks);
    let mut all: Vec<String> = connections
        .filter(|one| one.network == network)
        .filter_map(|one| one.ip.clone())
        .collect();
    all.extend(firewalls::addresses_in(db, network)?);
    all.extend(load_balancers::addresses_in(db, network)?);
    Ok(all)
}

/// What uses a network, in words.
fn used_by(db: &Db<'_>, network: &str) -> Result<Option<&'static str>, StoreError> {
    let devices: Vec<Device> = DEVICES.all(db)?;
    if devices
        .iter()
        .any(|device| device.networks.iter().any(|one| one.network == network))
    {
        return Ok(Some("a device"));
    }
    if firewalls::uses(db, network)? {
        return Ok(Some("a firewall"));
    }
    Ok(load_balancers::uses(db, network)?.then_some("a load balancer"))
}

/// The network with this identifier.
pub fn get(db: &Db<'_>, id: &str) -> Result<Option<Network>, StoreError> {
    NETWORKS.get(db, id)
}

/// The network that has the address with this identifier.
pub fn of_address(db: &Db<'_>, id: &str) -> Result<Option<Network>, StoreError> {
    let all: Vec<Network> = NETWORKS.all(db)?;
    let mut all = all.into_iter();
    Ok(all.find(|network| network.ips.iter().any(|(known, _)| known == id)))
}

/// All that exist.
pub fn all(db: &Db<'_>, _: Timestamp) -> Result<Vec<Value>, StoreError> {
    NETWORKS
        .all::<Network>(db)?
        .iter()
        .map(|network| network.view(db))
        .collect()
}

/// `GET networks`: items without addresses and clouds.
pub fn list(call: &Call<'_>) -> Answer {
    let networks: Vec<Network> = NETWORKS.all(call.db)?;
    search(
        call.request,
        networks.iter().map(Network::item).collect(),
        &["name", "network"],
    )
}

/// `GET networks/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    bare(NETWORKS.find::<Network>(call, "id")?.view(call.db)?)
}

fn address(body: &Fields, field: &str) -> Result<Ipv4Addr, FieldError> {
    body.required_text(field)?
        .parse()
        .map_err(|_| FieldError::new(field, "must be an IPv4 address"))
}

fn optional_address(body: &Fields, field: &str) -> Result<Option<String>, FieldError> {
    match body.text(field)?.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(_) => address(body, field).map(|ip| Some(ip.to_string())),
    }
}

fn speed(body: &Fields) -> Result<i64, FieldError> {
    match body.required_int("networkSpeedValue")? {
        speed @ (1000 | 10_000) => Ok(speed),
        _ => Err(FieldError::new(
            "networkSpeedValue",
            "must be 1000 or 10000",
        )),
    }
}

fn size(body: &Fields) -> Result<i64, FieldError> {
    match body.required_int("networkSize")? {
        size @ 8..=30 => Ok(size),
        _ => Err(FieldError::new("networkSize", "must be from 8 to 30")),
    }
}

fn add(call: &Call<'_>, mut network: Network) -> Answer {
    let named = NAMED.min(network.hosts().saturating_sub(3));
    network.ips = (2..2 + named)
        .map(|number| (new_id(), network.host(number)))
        .collect();
    NETWORKS.insert(call.db, &network.id, None, &network)?;
    written(
        json!({"identifier": network.id, "name": network.name}),
        "Network created.",
    )
}

/// `POST networks/lan`
pub fn create_lan(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let network = Network {
        id: new_id(),
        name: body.required_text("name")?.to_owned(),
        wan: false,
        locked: false,
        network: address(&body, "network")?,
        size: size(&body)?,
        speed: speed(&body)?,
        gateway: address(&body, "gateway")?.to_string(),
        dns1: address(&body, "dns1")?.to_string(),
        dns2: optional_address(&body, "dns2")?.unwrap_or_default(),
        cloud: site_of(&body, "cloudIdentifier")?.id.to_owned(),
        owner: tenant_of(&body, "tenantIdentifier")?.id.to_owned(),
        shared_with: Vec::new(),
        stretched: body.flag("isStretched")?.unwrap_or(false),
        ips: Vec::new(),
    };
    if u32::from(network.network) & network.hosts().wrapping_sub(1) != 0 {
        return Err(FieldError::new(
            "network",
            "must be the first address of a network of this size",
        )
        .into());
    }
    add(call, network)
}

/// `POST networks/wan`: network, gateway and name servers are assigned.
pub fn create_wan(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let size = size(&body)?;
    let [high, low] = u16::try_from(call.db.next_number(CLOUD, "wan", 0)?.rem_euclid(65_536))
        .unwrap_or(0)
        .to_be_bytes();
    let network = match size {
        24..=30 => Ipv4Addr::new(198, 18_u8.saturating_add(high % 2), low, 0),
        _ => return Err(FieldError::new("networkSize", "must be from 24 to 30 for a WAN").into()),
    };
    let network = Network {
        id: new_id(),
        name: body.required_text("name")?.to_owned(),
        wan: true,
        locked: false,
        network,
        size,
        speed: speed(&body)?,
        gateway: Ipv4Addr::from(u32::from(network) + 1).to_string(),
        dns1: "9.9.9.9".to_owned(),
        dns2: "149.112.112.112".to_owned(),
        cloud: site_of(&body, "cloudIdentifier")?.id.to_owned(),
        owner: tenant_of(&body, "tenantIdentifier")?.id.to_owned(),
        shared_with: Vec::new(),
        stretched: body.flag("isStretched")?.unwrap_or(false),
        ips: Vec::new(),
    };
    add(call, network)
}

/// Locks a network or unlocks it, as the vendor does.
pub fn lock(db: &Db<'_>, id: &str, locked: bool) -> Result<Option<Value>, StoreError> {
    let Some(mut network) = get(db, id)? else {
        return Ok(None);
    };
    network.locked = locked;
    NETWORKS.save(db, id, &network)?;
    Ok(Some(network.view(db)?))
}

fn refuse_locked(network: &Network) -> Result<(), Failure> {
    match network.locked {
        true => Err(invalid("isLocked", "The network is locked.")),
        false => Ok(()),
    }
}

fn update(call: &Call<'_>, wan: bool) -> Answer {
    let mut network: Network = NETWORKS.find(call, "id")?;
    refuse_locked(&network)?;
    if network.wan != wan {
        return Err(conflict("The network is of the other type."));
    }
    let body = Fields::of(call.request)?;
    network.name = body.required_text("name")?.to_owned();
    network.speed = speed(&body)?;
    network.gateway = address(&body, "gateway")?.to_string();
    network.dns1 = address(&body, "dns1")?.to_string();
    network.dns2 = optional_address(&body, "dns2")?.unwrap_or_default();
    if !wan {
        network.network = address(&body, "network")?;
    }
    NETWORKS.save(call.db, &network.id, &network)?;
    bare(network.view(call.db)?)
}

/// `PATCH networks/{id}/lan`: the answer is bare and complete.
pub fn update_lan(call: &Call<'_>) -> Answer {
    update(call, false)
}

/// `PATCH networks/{id}/wan`: the answer is bare and complete.
pub fn update_wan(call: &Call<'_>) -> Answer {
    update(call, true)
}

/// `DELETE networks/{id}`: not while something uses it.
pub fn delete(call: &Call<'_>) -> Answer {
    let network: Network = NETWORKS.find(call, "id")?;
    refuse_locked(&network)?;
    if let Some(user) = used_by(call.db, &network.id)? {
        return Err(conflict(format!("The network is used by {user}.")));
    }
    NETWORKS.delete(call.db, &network.id)?;
    super::answer::message("Network has been deleted.")
}

fn known_tenant(id: &str) -> Result<(), Failure> {
    match tenant(id) {
        Some(_) => Ok(()),
        None => Err(invalid(
            "tenantIdentifier",
            "The selected tenant is invalid.",
        )),
    }
}

/// `GET networks/share`: what a tenant was given in a cloud.
pub fn shared(call: &Call<'_>) -> Answer {
    let tenant = call.request.query("tenantIdentifier").unwrap_or_default();
    let cloud = call.request.query("cloudIdentifier").unwrap_or_default();
    known_tenant(tenant)?;
    let mut networks: Vec<Network> = NETWORKS.all(call.db)?;
    networks.retain(|network| {
        network.cloud == cloud && network.shared_with.iter().any(|id| id == tenant)
    });
    bare(
        networks
            .iter()
            .map(|network| network.view(call.db))
            .collect::<Result<Vec<_>, _>>()?,
    )
}

/// `POST networks/share`
pub fn share(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    site_of(&body, "cloudIdentifier")?;
    let tenant = body.required_text("tenantIdentifier")?;
    known_tenant(tenant)?;
    for id in body.texts("networks")?.unwrap_or_default() {
        let mut network = get(call.db, &id)?
            .ok_or_else(|| invalid("networks", "The selected network is invalid."))?;
        if !network.shared_with.iter().any(|known| known == tenant) {
            network.shared_with.push(tenant.to_owned());
            NETWORKS.save(call.db, &id, &network)?;
        }
    }
    written(json!([]), "Networks have been shared.")
}

/// `DELETE networks/share`, with a body.
pub fn unshare(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let id = body.required_text("networkIdentifier")?;
    let tenant = body.required_text("tenantIdentifier")?;
    let mut network = get(call.db, id)?
        .ok_or_else(|| invalid("networkIdentifier", "The selected network is invalid."))?;
    network.shared_with.retain(|known| known != tenant);
    NETWORKS.save(call.db, id, &network)?;
    written(json!([]), "Network is no longer shared.")
}
