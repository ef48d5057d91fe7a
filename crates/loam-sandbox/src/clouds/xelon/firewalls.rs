//! Firewalls and their rules, which are read only with their firewall.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::addresses;
use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::store::{Db, StoreError};

use super::answer::{
    Answer, Failure, bare, conflict, invalid, message, not_found, not_yet, search, written,
};
use super::kinds::{Kind, new_id, passed};
use super::scenery::{site_of, site_view, tenant_of, tenant_view};
use super::{CLOUD, networks};

const FIREWALLS: Kind = Kind {
    name: "firewall",
    title: "Firewall",
};

/// Virtual seconds after creation: reads answer 500 until the first, then it is pending, then ready.
const VISIBLE: f64 = 3.0;
const READY: f64 = 25.0;
const FAILING_NAME: &str = "fail-deploy";

#[derive(Debug, Serialize, Deserialize)]
struct Firewall {
    id: String,
    name: String,
    cloud: String,
    tenant: String,
    internal_network: String,
    external_ip: String,
    internal_ip: String,
    fails: bool,
    created_at: Timestamp,
    rules: Vec<Rule>,
}

/// A rule: one side is a list of addresses, the other one address; which is which follows from the type.
#[derive(Debug, Serialize, Deserialize)]
struct Rule {
    identifier: String,
    #[serde(rename = "type")]
    kind: String,
    protocol: String,
    #[serde(rename = "externalPort", skip_serializing_if = "is_zero", default)]
    external_port: i64,
    #[serde(skip_serializing_if = "is_zero", default)]
    port: i64,
    #[serde(rename = "sourceIp")]
    source: Value,
    #[serde(rename = "destinationIp")]
    destination: Value,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// Where the two addresses of a firewall or a load balancer come from.
#[derive(Debug)]
pub struct Placement {
    pub cloud: String,
    pub tenant: String,
    pub internal_network: String,
    pub external_network: Option<String>,
    pub external_ip: String,
    pub internal_ip: String,
}

/// Reads the fields that firewalls and load balancers have in common.
pub fn place(call: &Call<'_>, body: &Fields) -> Result<Placement, Failure> {
    let cloud = site_of(body, "cloudIdentifier")?;
    body.required_text("tenantIdentifier")?;
    let tenant = tenant_of(body, "tenantIdentifier")?;
    let known = |field: &'static str, id: &str| -> Result<networks::Network, Failure> {
        networks::get(call.db, id)?
            .filter(|network| network.cloud == cloud.id)
            .ok_or_else(|| invalid(field, "The selected network is invalid."))
    };
    let internal = known(
        "internalNetworkIdentifier",
        body.required_text("internalNetworkIdentifier")?,
    )?;
    let external_network = body
        .text("externalNetworkIdentifier")?
        .filter(|id| !id.is_empty());
    let external_ip_id = body
        .text("externalIpIdentifier")?
        .filter(|id| !id.is_empty());
    if external_network.is_some() && external_ip_id.is_some() {
        return Err(invalid(
            "externalIpIdentifier",
            "Give an external network or an external IP, not both.",
        ));
    }
    let (external_network, external_ip) = match (external_network, external_ip_id) {
        (Some(id), _) => {
            let network = known("externalNetworkIdentifier", id)?;
            let ip = network.take_address(call, None, None, &[])?;
            (Some(network.id), ip)
        }
        (None, Some(ip)) => {
            let network = networks::of_address(call.db, ip)?
                .filter(|network| network.cloud == cloud.id)
                .ok_or_else(|| {
                    invalid(
                        "externalIpIdentifier",
                        "The selected externalIpIdentifier is invalid.",
                    )
                })?;
            let ip = network.take_address(call, None, Some(ip), &[])?;
            (Some(network.id), ip)
        }
        (None, None) => {
            let ip = addresses::next_v4(call.db, CLOUD, [198, 19])?;
            (None, ip.to_string())
        }
    };
    let internal_ip = internal.take_address(call, body.text("internalIp")?, None, &[])?;
    Ok(Placement {
        cloud: cloud.id.to_owned(),
        tenant: tenant.id.to_owned(),
        internal_network: internal.id,
        external_network,
        external_ip,
        internal_ip,
    })
}

impl Firewall {
    fn item(&self, now: Timestamp) -> Value {
        let state = match passed(self.created_at, READY, now) {
            true if self.fails => 9,
            true => 1,
            false => 0,
        };
        json!({
            "identifier": self.id,
            "name": self.name,
            "state": state,
            "health": if state == 1 { "green" } else { "grey" },
            "externalIp": self.external_ip,
            "internalIp": self.internal_ip,
            "cloud": site_view(&self.cloud),
            "tenant": tenant_view(&self.tenant),
            "createdAt": iso(self.created_at),
        })
    }

    fn view(&self, now: Timestamp) -> Value {
        let mut view = self.item(now);
        view["forwardingRules"] = json!(self.rules);
        view
    }
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    Ok(FIREWALLS
        .all::<Firewall>(db)?
        .iter()
        .map(|firewall| firewall.view(now))
        .collect())
}

/// Whether a firewall is in a network.
pub fn uses(db: &Db<'_>, network: &str) -> Result<bool, StoreError> {
    Ok(FIREWALLS
        .all::<Firewall>(db)?
        .iter()
        .any(|firewall| firewall.internal_network == network))
}

/// The addresses of firewalls; which network they are in shows in the address.
pub fn addresses_in(db: &Db<'_>, network: &str) -> Result<Vec<String>, StoreError> {
    let list = FIREWALLS.all::<Firewall>(db)?;
    let inside = list
        .iter()
        .filter(|one| one.internal_network == network)
        .map(|one| one.internal_ip.clone());
    Ok(inside
        .chain(list.iter().map(|one| one.external_ip.clone()))
        .collect())
}

/// `GET firewalls`: items without rules.
pub fn list(call: &Call<'_>) -> Answer {
    let list: Vec<Firewall> = FIREWALLS.all(call.db)?;
    search(
        call.request,
        list.iter()
            .map(|firewall| firewall.item(call.now))
            .collect(),
        &["name"],
    )
}

fn find(call: &Call<'_>) -> Result<Firewall, Failure> {
    let firewall: Firewall = FIREWALLS.find(call, "id")?;
    if passed(firewall.created_at, VISIBLE, call.now) {
        Ok(firewall)
    } else {
        Err(not_yet(FIREWALLS.title))
    }
}

/// `GET firewalls/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    bare(find(call)?.view(call.now))
}

/// `POST firewalls`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let name = body.required_text("name")?.to_owned();
    let place = place(call, &body)?;
    let fault = call.world.faults.on_deployment(CLOUD, &name);
    let firewall = Firewall {
        id: new_id(),
        fails: fault.is_some() || name.starts_with(FAILING_NAME),
        name,
        cloud: place.cloud,
        tenant: place.tenant,
        internal_network: place.internal_network,
        external_ip: place.external_ip,
        internal_ip: place.internal_ip,
        created_at: call.now,
        rules: Vec::new(),
    };
    FIREWALLS.insert(call.db, &firewall.id, None, &firewall)?;
    written(
        json!({"identifier": firewall.id, "name": firewall.name}),
        "Firewall is being created.",
    )
}

/// `PUT firewalls/{id}`
pub fn rename(call: &Call<'_>) -> Answer {
    let mut firewall = find(call)?;
    firewall.name = Fields::of(call.request)?.required_text("name")?.to_owned();
    FIREWALLS.save(call.db, &firewall.id, &firewall)?;
    written(firewall.view(call.now), "Firewall has been updated.")
}

/// `DELETE firewalls/{id}`
pub fn delete(call: &Call<'_>) -> Answer {
    let firewall = find(call)?;
    FIREWALLS.delete(call.db, &firewall.id)?;
    message("Firewall has been deleted.")
}

fn addresses_of(body: &Fields, field: &str, many: bool) -> Result<Value, FieldError> {
    if !many {
        return body.required_text(field).map(Value::from);
    }
    match body.texts(field)? {
        Some(list) if !list.is_empty() => Ok(json!(list)),
        _ => Err(FieldError::new(field, "must be a list of addresses")),
    }
}

fn rule(body: &Fields, identifier: String) -> Result<Rule, FieldError> {
    let kind = body.required_text("type")?.to_owned();
    if !matches!(kind.as_str(), "inbound" | "outbound") {
        return Err(FieldError::new("type", "must be inbound or outbound"));
    }
    let protocol = body.required_text("protocol")?.to_owned();
    if !matches!(protocol.as_str(), "icmp" | "tcp" | "udp") {
        return Err(FieldError::new("protocol", "must be icmp, tcp or udp"));
    }
    let port = |field: &str| match body.int(field)?.unwrap_or(0) {
        0 if protocol != "icmp" => Err(FieldError::new(field, "is required")),
        number @ 0..=65_535 => Ok(number),
        _ => Err(FieldError::new(field, "must be from 0 to 65535")),
    };
    let (external_port, port) = (port("externalPort")?, port("port")?);
    let inbound = kind == "inbound";
    Ok(Rule {
        identifier,
        external_port,
        port,
        source: addresses_of(body, "sourceIp", inbound)?,
        destination: addresses_of(body, "destinationIp", !inbound)?,
        kind,
        protocol,
    })
}

fn find_ready(call: &Call<'_>) -> Result<Firewall, Failure> {
    let firewall = find(call)?;
    if passed(firewall.created_at, READY, call.now) {
        Ok(firewall)
    } else {
        Err(conflict("The firewall is being created."))
    }
}

fn saved(call: &Call<'_>, firewall: &Firewall, rule: &Rule, text: &str) -> Answer {
    FIREWALLS.save(call.db, &firewall.id, firewall)?;
    let view = serde_json::to_value(rule).unwrap_or(Value::Object(Map::new()));
    written(view, text)
}

/// `POST firewalls/{id}/rules`
pub fn create_rule(call: &Call<'_>) -> Answer {
    let mut firewall = find_ready(call)?;
    let body = Fields::of(call.request)?;
    let id = new_id();
    firewall.rules.push(rule(&body, id.clone())?);
    saved(call, &firewall, &rule(&body, id)?, "Rule created.")
}

/// `PUT firewalls/{id}/rules/{rule}`
pub fn update_rule(call: &Call<'_>) -> Answer {
    let mut firewall = find_ready(call)?;
    let id = call.request.param("rule");
    let body = Fields::of(call.request)?;
    let place = firewall.rules.iter_mut().find(|rule| rule.identifier == id);
    *place.ok_or_else(|| not_found("Rule"))? = rule(&body, id.to_owned())?;
    saved(
        call,
        &firewall,
        &rule(&body, id.to_owned())?,
        "Rule updated.",
    )
}

/// `DELETE firewalls/{id}/rules/{rule}`
pub fn delete_rule(call: &Call<'_>) -> Answer {
    let mut firewall = find_ready(call)?;
    let id = call.request.param("rule");
    let before = firewall.rules.len();
    firewall.rules.retain(|rule| rule.identifier != id);
    if firewall.rules.len() == before {
        return Err(not_found("Rule"));
    }
    FIREWALLS.save(call.db, &firewall.id, &firewall)?;
    message("Rule deleted.")
}
