//! What the sandbox's control endpoints see and may change in this cloud.
//!
//! `keys` makes a key; `account` sets `balance`, `vps_ordering_enabled`; `locations/<code>` sets
//! `is_available`, `total_ips`; `vps/<id>` sets `suspended`, `running`; `vps/<id>/snapshots` adds a snapshot
//! of any name, as the vendor's web pages can.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::clock::iso;
use crate::clouds::ArrangeError;
use crate::store::{Db, StoreError};

use super::billing::{self, DEFAULT_ACCOUNT, Money};
use super::catalog::find_location;
use super::instance::{self, Instance};
use super::keys::{self, NewKey, SCOPES};
use super::reads::full;
use super::snapshots::{self, Snapshot};

/// All instances and snapshots that exist. What no read of the API returns (template, SSH key) is added.
pub fn objects(db: &Db<'_>, now: Timestamp) -> Result<Map<String, Value>, StoreError> {
    let mut all = Map::new();
    let instances: Vec<Instance> = instance::collection(db).oldest_first(None)?;
    let instances: Vec<Value> = instances
        .iter()
        .map(|instance| {
            let mut body = full(instance, now);
            body.insert("account".to_owned(), json!(instance.account));
            body.insert("template".to_owned(), json!(instance.template));
            body.insert("ssh_key".to_owned(), json!(instance.ssh_key));
            Value::Object(body)
        })
        .collect();
    if !instances.is_empty() {
        all.insert("vps".to_owned(), Value::Array(instances));
    }
    let snapshots: Vec<Snapshot> = snapshots::collection(db).oldest_first(None)?;
    let snapshots: Vec<Value> = snapshots
        .iter()
        .map(|snapshot| {
            json!({
                "vps_id": snapshot.vps_id,
                "name": snapshot.name,
                "description": snapshot.description,
                "created_at": iso(snapshot.created_at),
                "vmstate": snapshot.vmstate,
            })
        })
        .collect();
    if !snapshots.is_empty() {
        all.insert("vps_snapshot".to_owned(), Value::Array(snapshots));
    }
    Ok(all)
}

/// Changes what no API call can.
pub fn arrange(
    db: &Db<'_>,
    now: Timestamp,
    what: &str,
    body: &Value,
) -> Result<Value, ArrangeError> {
    let path: Vec<&str> = what.split('/').collect();
    match path.as_slice() {
        ["keys"] => make_key(db, now, body),
        ["account"] => change_account(db, now, body),
        ["locations", code] => change_location(db, code, body),
        ["vps", id] => change_instance(db, now, id, body),
        ["vps", id, "snapshots"] => add_snapshot(db, now, id, body),
        _ => Err(refused(format!("cannot arrange `{what}` in this cloud"))),
    }
}

fn refused(reason: impl Into<String>) -> ArrangeError {
    ArrangeError::Refused(reason.into())
}

fn parse<T: serde::de::DeserializeOwned>(body: &Value) -> Result<T, ArrangeError> {
    serde_json::from_value(body.clone()).map_err(|error| refused(error.to_string()))
}

fn make_key(db: &Db<'_>, now: Timestamp, body: &Value) -> Result<Value, ArrangeError> {
    let new: NewKey = if body.is_null() {
        parse(&json!({}))?
    } else {
        parse(body)?
    };
    if let Some(unknown) = new
        .scopes
        .iter()
        .find(|scope| !SCOPES.contains(&scope.as_str()))
    {
        return Err(refused(format!(
            "no scope `{unknown}`; there are {}",
            SCOPES.join(", ")
        )));
    }
    billing::account(db, now, new.account)?;
    let (key, secret) = keys::make(db, now, new)?;
    Ok(json!({"id": key.id, "key": secret, "key_prefix": key.key_prefix, "scopes": key.scopes}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    #[serde(default)]
    account: Option<i64>,
    /// In US dollars.
    #[serde(default)]
    balance: Option<f64>,
    #[serde(default)]
    vps_ordering_enabled: Option<bool>,
}

fn change_account(db: &Db<'_>, now: Timestamp, body: &Value) -> Result<Value, ArrangeError> {
    let change: AccountChange = parse(body)?;
    let mut account = billing::settled(db, now, change.account.unwrap_or(DEFAULT_ACCOUNT))?;
    if let Some(balance) = change.balance {
        account.balance = Money((balance * 10_000.0).round() as i64);
    }
    if let Some(enabled) = change.vps_ordering_enabled {
        account.vps_ordering_enabled = enabled;
    }
    billing::save(db, &account)?;
    Ok(json!({
        "id": account.id,
        "balance": account.balance.to_string(),
        "vps_ordering_enabled": account.vps_ordering_enabled,
    }))
}

fn change_location(db: &Db<'_>, code: &str, body: &Value) -> Result<Value, ArrangeError> {
    let location = find_location(code).ok_or_else(|| refused(format!("no location `{code}`")))?;
    location.set_availability(db, &parse(body)?)?;
    let (is_available, available_ips) = location.capacity(db)?;
    Ok(json!({"code": code, "is_available": is_available, "available_ips": available_ips}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstanceChange {
    #[serde(default)]
    suspended: Option<bool>,
    #[serde(default)]
    running: Option<bool>,
}

fn existing(db: &Db<'_>, id: &str) -> Result<Instance, ArrangeError> {
    instance::collection(db)
        .live::<Instance>(id)?
        .ok_or_else(|| refused(format!("no VPS `{id}`")))
}

fn change_instance(
    db: &Db<'_>,
    now: Timestamp,
    id: &str,
    body: &Value,
) -> Result<Value, ArrangeError> {
    let change: InstanceChange = parse(body)?;
    let mut instance = existing(db, id)?;
    instance.suspended = change.suspended.unwrap_or(instance.suspended);
    instance.running = change.running.unwrap_or(instance.running);
    instance.changed_at = now;
    instance::save(db, &instance)?;
    Ok(Value::Object(full(&instance, now)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSnapshot {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    vmstate: bool,
}

fn add_snapshot(
    db: &Db<'_>,
    now: Timestamp,
    id: &str,
    body: &Value,
) -> Result<Value, ArrangeError> {
    let new: NewSnapshot = parse(body)?;
    let instance = existing(db, id)?;
    let snapshot = Snapshot {
        vps_id: instance.id,
        name: new.name,
        description: new.description,
        created_at: now,
        vmstate: new.vmstate,
    };
    if !snapshots::add(db, &snapshot)? {
        return Err(refused("the machine has a snapshot of this name already"));
    }
    serde_json::to_value(&snapshot)
        .map_err(|error| ArrangeError::Store(StoreError::Document(error)))
}
