//! Servers: `pending`, `provisioning`, then `active` (or `error`); power and resize take a moment.

use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::addresses;
use crate::api::Call;
use crate::clock::{iso, later};
use crate::fields::{FieldError, Fields};
use crate::ids;
use crate::store::{Db, StoreError};

use super::answer::{Answer, Failure, FieldErrors, created, no_content, not_found, ok, page};
use super::catalog::{Location, Plan, Version, find_location, find_plan, find_version};
use super::dual::Dual;
use super::{CLOUD, copies, ssh_keys};

/// Virtual seconds in `pending`, and until a server is deployed.
const PENDING: f64 = 10.0;
const DEPLOYED: f64 = 120.0;
/// Hostnames that start so end in `error`, without a fault being set.
const FAILING_NAME: &str = "fail-deploy";

/// Servers have a uuid and a number.
pub const SERVERS: Dual = Dual {
    kind: "server",
    numbers: "server_number",
    first: 90_001,
};

/// A server as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct Server {
    pub uuid: String,
    pub id: i64,
    pub name: String,
    pub hostname: String,
    location: String,
    pub plan: String,
    version: String,
    address: Ipv4Addr,
    /// Shown until a details read finds the server deployed.
    password: Option<String>,
    fails: bool,
    suspended: bool,
    running: bool,
    pub change: Option<Transition>,
    created_at: Timestamp,
    changed_at: Timestamp,
}

/// A change under way.
#[derive(Debug, Serialize, Deserialize)]
pub struct Transition {
    /// What the status says meanwhile; absent when it keeps saying the old one.
    pub status: Option<String>,
    /// When it is over.
    pub until: Timestamp,
    /// Whether the server runs afterwards.
    pub runs: bool,
}

impl Server {
    /// The status at a moment.
    pub fn status(&self, now: Timestamp) -> &str {
        if now < later(self.created_at, PENDING) {
            return "pending";
        }
        if now < later(self.created_at, DEPLOYED) {
            return "provisioning";
        }
        if self.fails {
            return "error";
        }
        if self.suspended {
            return "suspended";
        }
        let runs = match &self.change {
            Some(change) if now >= change.until => change.runs,
            Some(Transition {
                status: Some(status),
                ..
            }) => return status,
            _ => self.running,
        };
        if runs { "active" } else { "stopped" }
    }

    /// The status that forbids another action now, if any.
    pub fn busy(&self, now: Timestamp) -> Option<String> {
        let under_way = self
            .change
            .as_ref()
            .is_some_and(|change| now < change.until);
        let status = self.status(now);
        (under_way || matches!(status, "pending" | "provisioning")).then(|| status.to_owned())
    }

    /// Begins a change that lasts some virtual seconds.
    pub fn begin(&mut self, now: Timestamp, status: Option<&str>, seconds: f64, runs: bool) {
        self.running = self.status(now) == "active";
        self.change = Some(Transition {
            status: status.map(str::to_owned),
            until: later(now, seconds),
            runs,
        });
        self.changed_at = now;
    }

    fn deployed(&self, now: Timestamp) -> bool {
        now >= later(self.created_at, DEPLOYED) && !self.fails
    }

    fn common(&self, now: Timestamp) -> Map<String, Value> {
        let deployed = self.deployed(now);
        let addresses: Vec<String> = deployed
            .then(|| self.address.to_string())
            .into_iter()
            .collect();
        let v6: Vec<String> = deployed
            .then(|| addresses::v6_of(self.address).to_string())
            .into_iter()
            .collect();
        let system = find_version(&self.version);
        let body = json!({
            "uuid": self.uuid,
            "id": self.id,
            "name": self.name,
            "hostname": self.hostname,
            "status": self.status(now),
            "deployed": deployed,
            "ip_address": addresses.first(),
            "ipv4_addresses": addresses,
            "ipv6_addresses": v6,
            "plan": find_plan(&self.plan).map(Plan::inside),
            "os": system.map(|version| json!({"id": version.id, "name": version.name})),
            "created_at": iso(self.created_at),
            "updated_at": iso(self.changed_at),
        });
        match body {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    /// The object of the list: the location by its slug, names beside objects.
    fn item(&self, now: Timestamp) -> Value {
        let mut body = self.common(now);
        body.insert("location".to_owned(), self.location.clone().into());
        let location = find_location(&self.location).map(|location| location.name);
        body.insert("location_name".to_owned(), json!(location));
        body.insert(
            "plan_name".to_owned(),
            json!(find_plan(&self.plan).map(|plan| plan.name)),
        );
        body.insert(
            "os_name".to_owned(),
            json!(find_version(&self.version).map(|version| version.name)),
        );
        Value::Object(body)
    }

    /// The object of the details, without the password.
    pub fn detail(&self, now: Timestamp) -> Value {
        let mut body = self.common(now);
        body.insert(
            "location".to_owned(),
            json!(find_location(&self.location).map(Location::inside)),
        );
        let version = find_version(&self.version);
        let system =
            version.map(|version| json!({"uuid": version.system_uuid, "name": version.system}));
        body.insert("operating_system".to_owned(), json!(system));
        let version = version.map(|version| json!({"uuid": version.uuid, "name": version.name}));
        body.insert("operating_system_version".to_owned(), json!(version));
        Value::Object(body)
    }

    fn detail_with_password(&self, now: Timestamp) -> Value {
        let mut body = self.detail(now);
        if let Some(password) = &self.password {
            body["password"] = password.clone().into();
        }
        body
    }
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let list: Vec<Server> = SERVERS.by_uuid(db).oldest_first(None)?;
    Ok(list.iter().map(|server| server.detail(now)).collect())
}

/// The server with this uuid or number.
pub fn find(call: &Call<'_>, id: &str) -> Result<Server, Failure> {
    SERVERS.find(call.db, id)?.ok_or_else(not_found)
}

/// Writes a server back.
pub fn save(db: &Db<'_>, server: &Server) -> Result<(), StoreError> {
    SERVERS.by_uuid(db).update(&server.uuid, server)
}

/// Suspends a server or ends that.
pub fn suspend(
    db: &Db<'_>,
    now: Timestamp,
    id: &str,
    suspended: bool,
) -> Result<Option<Value>, StoreError> {
    let Some(mut server) = SERVERS.find::<Server>(db, id)? else {
        return Ok(None);
    };
    server.suspended = suspended;
    save(db, &server)?;
    Ok(Some(server.detail(now)))
}

/// `GET /servers/`
pub fn list(call: &Call<'_>) -> Answer {
    let wanted = |name: &str, value: &str| {
        call.request
            .query(name)
            .is_none_or(|wanted| wanted == value)
    };
    let mut list: Vec<Server> = SERVERS.by_uuid(call.db).newest_first(None)?;
    list.retain(|server| {
        wanted("status", server.status(call.now)) && wanted("location", &server.location)
    });
    page(
        call.request,
        list.iter().map(|server| server.item(call.now)).collect(),
    )
}

/// `GET /servers/{id}/`: with the password until the server was seen deployed.
pub fn read(call: &Call<'_>) -> Answer {
    let mut server = find(call, call.request.param("id"))?;
    let body = server.detail_with_password(call.now);
    if server.password.is_some() && server.deployed(call.now) {
        server.password = None;
        save(call.db, &server)?;
    }
    Ok(ok(body))
}

/// A value that may be written as text or as a number.
fn text_or_number(body: &Fields, field: &str) -> Result<String, FieldError> {
    match body.get(field) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(_) => Err(FieldError::new(field, "has the wrong type")),
        None => Err(FieldError::new(field, "this field is required")),
    }
}

/// The plan that a field of the body names.
pub fn plan_of(body: &Fields) -> Result<&'static Plan, FieldError> {
    find_plan(&text_or_number(body, "plan")?).ok_or_else(|| FieldError::new("plan", "unknown plan"))
}

fn location_of(body: &Fields) -> Result<&'static Location, FieldError> {
    find_location(&text_or_number(body, "location")?)
        .ok_or_else(|| FieldError::new("location", "unknown location"))
}

fn version_of(body: &Fields) -> Result<&'static Version, FieldError> {
    find_version(&text_or_number(body, "os_version")?)
        .ok_or_else(|| FieldError::new("os_version", "unknown version of an operating system"))
}

fn hostname_of(body: &Fields) -> Result<String, FieldError> {
    let hostname = body.required_text("hostname")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    if hostname.len() > 253 || !hostname.bytes().all(allowed) {
        return Err(FieldError::new(
            "hostname",
            "must be 1 to 253 letters, digits, hyphens and dots",
        ));
    }
    Ok(hostname.to_owned())
}

/// `POST /servers/`: all fields that are wrong are reported together.
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let mut errors = FieldErrors::default();
    let hostname = errors.note(hostname_of(&body));
    let location = errors.note(location_of(&body));
    let plan = errors.note(plan_of(&body));
    let version = errors.note(version_of(&body));
    let keys = errors.note(body.texts("ssh_keys"));
    if let (Some(plan), Some(location)) = (plan, location)
        && !plan.locations.contains(&location.slug)
    {
        errors.add(FieldError::new("plan", "is not available in this location"));
    }
    if let Some(Some(keys)) = &keys
        && !ssh_keys::use_keys(call.db, call.now, keys)?
    {
        errors.add(FieldError::new("ssh_keys", "unknown SSH key"));
        return Err(errors.refusal());
    }
    let (Some(hostname), Some(location), Some(plan), Some(version), Some(_)) =
        (hostname, location, plan, version, keys)
    else {
        return Err(errors.refusal());
    };
    if !plan.locations.contains(&location.slug) {
        return Err(errors.refusal());
    }
    let fault = call.world.faults.on_deployment(CLOUD, &hostname);
    let uuid = ids::uuid();
    let server = Server {
        id: SERVERS.number(call.db, &uuid)?,
        uuid,
        name: hostname.split('.').next().unwrap_or(&hostname).to_owned(),
        fails: fault.is_some() || hostname.starts_with(FAILING_NAME),
        hostname,
        location: location.slug.to_owned(),
        plan: plan.uuid.to_owned(),
        version: version.uuid.to_owned(),
        address: addresses::next_v4(call.db, CLOUD, [198, 19])?,
        password: Some(ids::password()),
        suspended: false,
        running: true,
        change: None,
        created_at: call.now,
        changed_at: call.now,
    };
    SERVERS.insert(call.db, &server.uuid, None, &server)?;
    Ok(created(server.detail_with_password(call.now)))
}

/// `PATCH /servers/{id}/`: hostname and name; other keys are ignored.
pub fn update(call: &Call<'_>) -> Answer {
    let mut server = find(call, call.request.param("id"))?;
    let body = Fields::of(call.request)?;
    if body.has("hostname") {
        server.hostname = hostname_of(&body)?;
    }
    if body.has("name") {
        server.name = body.required_text("name")?.to_owned();
    }
    server.changed_at = call.now;
    save(call.db, &server)?;
    Ok(ok(server.detail(call.now)))
}

/// `DELETE /servers/{id}/`: at any time; snapshots and backups go with it.
pub fn delete(call: &Call<'_>) -> Answer {
    let server = find(call, call.request.param("id"))?;
    SERVERS.by_uuid(call.db).delete(&server.uuid)?;
    copies::delete_with_server(call.db, &server.uuid)?;
    Ok(no_content())
}
