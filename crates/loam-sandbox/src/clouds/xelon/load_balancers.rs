//! Load balancers, their devices and forwarding rules.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::store::{Db, StoreError};

use super::answer::{
    Answer, Failure, bare, conflict, data, invalid, message, not_found, not_yet, search, written,
};
use super::device::{DEVICES, Device};
use super::kinds::{Kind, new_id, passed};
use super::scenery::{site_view, tenant_view};
use super::{CLOUD, devices, firewalls, networks};

const BALANCERS: Kind = Kind {
    name: "load_balancer",
    title: "Load balancer",
};

/// Virtual seconds after creation: reads answer 500 until the first, then it is pending, then ready.
const VISIBLE: f64 = 3.0;
const READY: f64 = 25.0;
const FAILING_NAME: &str = "fail-deploy";

#[derive(Debug, Serialize, Deserialize)]
struct Balancer {
    id: String,
    name: String,
    kind: String,
    cloud: String,
    tenant: String,
    internal_network: String,
    external_network: Option<String>,
    external_ip: String,
    internal_ip: String,
    devices: Vec<String>,
    fails: bool,
    created_at: Timestamp,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rule {
    identifier: String,
    ip: Vec<String>,
    /// Frontend and backend.
    ports: Vec<i64>,
}

impl Balancer {
    fn item(&self, now: Timestamp) -> Value {
        let state = match passed(self.created_at, READY, now) {
            true if self.fails => 9,
            true => 1,
            false => 0,
        };
        json!({
            "identifier": self.id,
            "name": self.name,
            "type": self.kind,
            "state": state,
            "health": if state == 1 { "green" } else { "grey" },
            "externalIp": self.external_ip,
            "internalIp": self.internal_ip,
            "cloud": site_view(&self.cloud),
            "tenant": tenant_view(&self.tenant),
            "createdAt": iso(self.created_at),
        })
    }

    fn view(&self, call: &Call<'_>) -> Result<Value, Failure> {
        let mut view = self.item(call.now);
        view["externalNetworkIdentifier"] = json!(self.external_network);
        view["internalNetworkIdentifier"] = json!(self.internal_network);
        view["assignedDevices"] = devices::names(call, &self.devices)?.into();
        view["forwardingRules"] = json!(self.rules);
        Ok(view)
    }
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let view = |balancer: &Balancer| {
        let mut view = balancer.item(now);
        view["assignedDevices"] = json!(balancer.devices);
        view["forwardingRules"] = json!(balancer.rules);
        view
    };
    Ok(BALANCERS.all::<Balancer>(db)?.iter().map(view).collect())
}

/// Whether a load balancer is in a network.
pub fn uses(db: &Db<'_>, network: &str) -> Result<bool, StoreError> {
    Ok(BALANCERS
        .all::<Balancer>(db)?
        .iter()
        .any(|one| one.internal_network == network))
}

/// The addresses of load balancers in a network.
pub fn addresses_in(db: &Db<'_>, network: &str) -> Result<Vec<String>, StoreError> {
    let list = BALANCERS.all::<Balancer>(db)?;
    let inside = list
        .iter()
        .filter(|one| one.internal_network == network)
        .map(|one| one.internal_ip.clone());
    Ok(inside
        .chain(list.iter().map(|one| one.external_ip.clone()))
        .collect())
}

/// `GET load-balancers`: items without devices and rules.
pub fn list(call: &Call<'_>) -> Answer {
    let list: Vec<Balancer> = BALANCERS.all(call.db)?;
    search(
        call.request,
        list.iter()
            .map(|balancer| balancer.item(call.now))
            .collect(),
        &["name"],
    )
}

fn find(call: &Call<'_>) -> Result<Balancer, Failure> {
    let balancer: Balancer = BALANCERS.find(call, "id")?;
    if passed(balancer.created_at, VISIBLE, call.now) {
        Ok(balancer)
    } else {
        Err(not_yet(BALANCERS.title))
    }
}

fn find_ready(call: &Call<'_>) -> Result<Balancer, Failure> {
    let balancer = find(call)?;
    if passed(balancer.created_at, READY, call.now) {
        Ok(balancer)
    } else {
        Err(conflict("The load balancer is being created."))
    }
}

/// `GET load-balancers/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    bare(find(call)?.view(call)?)
}

fn known_devices(call: &Call<'_>, field: &str, ids: Vec<String>) -> Result<Vec<String>, Failure> {
    for id in &ids {
        if DEVICES.get::<Device>(call.db, id)?.is_none() {
            return Err(invalid(field, format!("There is no device {id}.")));
        }
    }
    Ok(ids)
}

/// `POST load-balancers`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let name = body.required_text("name")?.to_owned();
    let kind = body.required_text("loadBalancingType")?.to_owned();
    if !matches!(kind.as_str(), "layer4" | "layer7") {
        return Err(FieldError::new("loadBalancingType", "must be layer4 or layer7").into());
    }
    let assigned = body
        .texts("assignedDevicesIdentifiers")?
        .unwrap_or_default();
    let devices = known_devices(call, "assignedDevicesIdentifiers", assigned)?;
    let place = firewalls::place(call, &body)?;
    let fault = call.world.faults.on_deployment(CLOUD, &name);
    let balancer = Balancer {
        id: new_id(),
        fails: fault.is_some() || name.starts_with(FAILING_NAME),
        name,
        kind,
        cloud: place.cloud,
        tenant: place.tenant,
        internal_network: place.internal_network,
        external_network: place.external_network,
        external_ip: place.external_ip,
        internal_ip: place.internal_ip,
        devices,
        created_at: call.now,
        rules: Vec::new(),
    };
    BALANCERS.insert(call.db, &balancer.id, None, &balancer)?;
    written(
        json!({"identifier": balancer.id, "name": balancer.name}),
        "Load balancer is being created.",
    )
}

fn changed(call: &Call<'_>, balancer: &Balancer, text: &str) -> Answer {
    BALANCERS.save(call.db, &balancer.id, balancer)?;
    written(balancer.view(call)?, text)
}

/// `PUT load-balancers/{id}`
pub fn rename(call: &Call<'_>) -> Answer {
    let mut balancer = find(call)?;
    balancer.name = Fields::of(call.request)?.required_text("name")?.to_owned();
    changed(call, &balancer, "Load balancer has been updated.")
}

/// `DELETE load-balancers/{id}`
pub fn delete(call: &Call<'_>) -> Answer {
    let balancer = find(call)?;
    BALANCERS.delete(call.db, &balancer.id)?;
    message("Load balancer has been deleted.")
}

/// `GET load-balancers/{id}/assignable-devices/{network}`: the devices in that network.
pub fn assignable(call: &Call<'_>) -> Answer {
    find(call)?;
    let network = call.request.param("network");
    if networks::get(call.db, network)?.is_none() {
        return Err(not_found("Network"));
    }
    let list: Vec<Device> = DEVICES.all(call.db)?;
    let inside = list
        .iter()
        .filter(|device| device.networks.iter().any(|one| one.network == network));
    data(
        inside
            .map(|device| json!({"identifier": device.id, "name": device.display_name}))
            .collect::<Vec<_>>(),
    )
}

/// `PUT load-balancers/{id}/assigned-devices`: a list, never null.
pub fn assign(call: &Call<'_>) -> Answer {
    let mut balancer = find_ready(call)?;
    let ids = Fields::of(call.request)?.texts("deviceIdentifiers")?;
    let ids = ids.ok_or_else(|| FieldError::new("deviceIdentifiers", "field must be present"))?;
    balancer.devices = known_devices(call, "deviceIdentifiers", ids)?;
    changed(call, &balancer, "Devices have been assigned.")
}

fn rule(body: &Fields, identifier: String) -> Result<Rule, FieldError> {
    let ip = body.texts("ip")?.filter(|list| !list.is_empty());
    let ip = ip.ok_or_else(|| FieldError::new("ip", "must be a list of addresses"))?;
    let wrong = || FieldError::new("ports", "must be the frontend and the backend port");
    let list = body.list("ports")?.ok_or_else(wrong)?;
    let ports: Vec<i64> = list
        .iter()
        .filter_map(Value::as_i64)
        .filter(|port| (1..=65_535).contains(port))
        .collect();
    if ports.len() != 2 || list.len() != 2 {
        return Err(wrong());
    }
    Ok(Rule {
        identifier,
        ip,
        ports,
    })
}

/// `POST load-balancers/{id}/rules`
pub fn create_rule(call: &Call<'_>) -> Answer {
    let mut balancer = find_ready(call)?;
    let rule = rule(&Fields::of(call.request)?, new_id())?;
    balancer.rules.push(rule.clone());
    BALANCERS.save(call.db, &balancer.id, &balancer)?;
    written(json!(rule), "Rule created.")
}

/// `PUT load-balancers/{id}/rules/{rule}`
pub fn update_rule(call: &Call<'_>) -> Answer {
    let mut balancer = find_ready(call)?;
    let id = call.request.param("rule");
    let rule = rule(&Fields::of(call.request)?, id.to_owned())?;
    let place = balancer.rules.iter_mut().find(|rule| rule.identifier == id);
    *place.ok_or_else(|| not_found("Rule"))? = rule.clone();
    BALANCERS.save(call.db, &balancer.id, &balancer)?;
    written(json!(rule), "Rule updated.")
}

/// `DELETE load-balancers/{id}/rules/{rule}`
pub fn delete_rule(call: &Call<'_>) -> Answer {
    let mut balancer = find_ready(call)?;
    let id = call.request.param("rule");
    let before = balancer.rules.len();
    balancer.rules.retain(|rule| rule.identifier != id);
    if balancer.rules.len() == before {
        return Err(not_found("Rule"));
    }
    BALANCERS.save(call.db, &balancer.id, &balancer)?;
    message("Rule deleted.")
}
