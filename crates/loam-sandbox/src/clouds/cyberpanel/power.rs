//! Power, console and deletion.

use serde_json::json;

use crate::api::Call;
use crate::ids::hex_digits;

use super::billing;
use super::catalog::{Location, find_location};
use super::envelope::{Answer, Failure, data, refusal};
use super::instance::{self, Instance};
use super::keys::Key;
use super::{notify, snapshots};

/// `POST /vps/{id}/start`: no change when it runs already.
pub fn start(call: &Call<'_>, key: &Key) -> Answer {
    switch(call, key, "START_FAILED", |instance, now| {
        if !instance.running {
            instance.running = true;
            instance.booted_at = now;
            instance.changed_at = now;
        }
    })
}

/// `POST /vps/{id}/stop`: no change when it is off already.
pub fn stop(call: &Call<'_>, key: &Key) -> Answer {
    switch(call, key, "STOP_FAILED", |instance, now| {
        if instance.running {
            instance.running = false;
            instance.changed_at = now;
        }
    })
}

/// `POST /vps/{id}/restart`: a machine that is off is switched on.
pub fn restart(call: &Call<'_>, key: &Key) -> Answer {
    switch(call, key, "RESTART_FAILED", |instance, now| {
        instance.running = true;
        instance.booted_at = now;
        instance.changed_at = now;
    })
}

fn switch(
    call: &Call<'_>,
    key: &Key,
    failed: &'static str,
    change: fn(&mut Instance, jiff::Timestamp),
) -> Answer {
    let mut instance = find_active(call, key)?;
    let status = instance.status(call.now);
    if matches!(status, "deploying" | "failed") {
        return Err(refusal(failed, format!("The machine is {status}")).into());
    }
    change(&mut instance, call.now);
    instance::save(call.db, &instance)?;
    Ok(data(json!({
        "id": instance.id,
        "vmid": instance.vmid,
        "name": instance.name,
        "status": instance.status(call.now),
        "ip_address": instance.ip_address,
    })))
}

/// The instance of the path, which must not be suspended.
pub fn find_active(call: &Call<'_>, key: &Key) -> Result<Instance, Failure> {
    let instance = instance::find(call.db, key, call.request.param("id"), "VPS_DELETED")?;
    active(instance)
}

fn active(instance: Instance) -> Result<Instance, Failure> {
    if instance.suspended {
        return Err(refusal("VPS_SUSPENDED", format!("VPS {} is suspended", instance.id)).into());
    }
    Ok(instance)
}

/// `GET /vps/{id}/console`: only a running machine has one.
pub fn console(call: &Call<'_>, key: &Key) -> Answer {
    let instance = find_active(call, key)?;
    if instance.status(call.now) != "running" {
        return Err(refusal("CONSOLE_FAILED", "The machine is not running").into());
    }
    let node = find_location(&instance.location)
        .map(|location| location.node())
        .unwrap_or_default();
    let ticket = hex_digits(32);
    Ok(data(json!({
        "vps_id": instance.id,
        "console_url": format!("https://{node}:8006/?console=kvm&novnc=1&vmid={}&ticket={ticket}", instance.vmid),
        "type": "novnc",
        "expires_in_seconds": 300,
    })))
}

/// `POST /vps/{id}/delete`: also while deploying and after a failure, not while suspended.
pub fn delete(call: &Call<'_>, key: &Key) -> Answer {
    let id = call.request.param("id");
    let mut instance = active(instance::find(call.db, key, id, "VPS_ALREADY_DELETED")?)?;
    let mut account = billing::account(call.db, call.now, key.account)?;
    billing::debit_hours(call.db, call.now, &mut account, &mut instance)?;
    billing::save(call.db, &account)?;
    instance::save(call.db, &instance)?;
    instance::collection(call.db).delete(id)?;
    snapshots::collection(call.db).delete_children(id)?;
    notify::forget(call.db, instance.id)?;
    Location::release_address(call.db, &instance.ip_address)?;
    Ok(data(json!({"deleted": true, "vps_id": instance.id, "name": instance.name, "vmid": instance.vmid}))
        .message("The instance has been deleted"))
}
