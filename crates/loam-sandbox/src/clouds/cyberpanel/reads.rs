//! Reading instances: list, details, summary, live metrics.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::api::Call;
use crate::clock::{iso, seconds_between};

use super::billing::Money;
use super::catalog::{LOCATIONS, find_location, find_plan};
use super::envelope::{Answer, Page, data, invalid, refusal};
use super::instance::{self, Instance};
use super::keys::Key;

/// The object of the list.
fn short(instance: &Instance, now: Timestamp) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(instance.id));
    body.insert("vmid".to_owned(), json!(instance.vmid));
    body.insert("name".to_owned(), json!(instance.name));
    body.insert("status".to_owned(), json!(instance.status(now)));
    body.insert("ip_address".to_owned(), json!(instance.ip_address));
    body.insert("is_suspended".to_owned(), json!(instance.suspended));
    body.insert("created_at".to_owned(), json!(iso(instance.created_at)));
    body
}

/// The object of the details.
pub fn full(instance: &Instance, now: Timestamp) -> Map<String, Value> {
    let mut body = short(instance, now);
    body.insert(
        "updated_at".to_owned(),
        json!(iso(instance.updated_at(now))),
    );
    let plan = find_plan(instance.plan_id).map_or(Value::Null, |plan| {
        json!({
            "id": plan.id,
            "name": plan.name,
            "cpu_cores": plan.cpu_cores,
            "ram_mb": plan.ram_mb,
            "disk_gb": plan.disk_gb,
            "bandwidth_gb": plan.bandwidth_gb,
            "price": plan.monthly.to_string(),
        })
    });
    body.insert("plan".to_owned(), plan);
    let location = find_location(&instance.location);
    let name = location.map(|location| location.name);
    body.insert(
        "location".to_owned(),
        json!({"code": instance.location, "name": name}),
    );
    body.insert(
        "server".to_owned(),
        json!({"hostname": location.map(|location| location.node())}),
    );
    body.insert(
        "billing".to_owned(),
        json!({
            "hourly_rate": find_plan(instance.plan_id).map(|plan| plan.hourly.to_string()),
            "billing_start": iso(instance.created_at),
            "last_billed": iso(instance.last_billed(now)),
        }),
    );
    body
}

/// `GET /vps`
pub fn list(call: &Call<'_>, key: &Key) -> Answer {
    let page = Page::from_query(call.request)?;
    let status = call.request.query("status");
    if let Some(status) = status
        && !matches!(status, "running" | "stopped" | "suspended")
    {
        return Err(invalid("`status` must be running, stopped or suspended").into());
    }
    let location = call.request.query("location");
    let account = key.account.to_string();
    let (total, instances) = if status.is_none() && location.is_none() {
        let all = instance::collection(call.db);
        (
            all.count(Some(&account))?,
            all.newest_page::<Instance>(Some(&account), page.offset, page.limit)?,
        )
    } else {
        let mut matching: Vec<Instance> = instance::of_account(call.db, key.account)?;
        matching.retain(|instance| {
            status.is_none_or(|status| instance.status(call.now) == status)
                && location.is_none_or(|code| instance.location == code)
        });
        let total = matching.len();
        (
            total,
            matching
                .into_iter()
                .skip(page.offset)
                .take(page.limit)
                .collect(),
        )
    };
    let instances: Vec<Value> = instances
        .iter()
        .map(|instance| Value::Object(short(instance, call.now)))
        .collect();
    Ok(data(
        json!({"instances": instances, "pagination": page.describe(total)}),
    ))
}

/// `GET /vps/{id}`
pub fn details(call: &Call<'_>, key: &Key) -> Answer {
    let instance = instance::find(call.db, key, call.request.param("id"), "VPS_DELETED")?;
    Ok(data(Value::Object(full(&instance, call.now))))
}

/// `GET /vps/summary`
pub fn summary(call: &Call<'_>, key: &Key) -> Answer {
    let instances: Vec<Instance> = instance::of_account(call.db, key.account)?;
    let with = |status: &str| {
        instances
            .iter()
            .filter(|instance| instance.status(call.now) == status)
            .count()
    };
    let mut cost = Money::default();
    for plan in instances
        .iter()
        .filter_map(|instance| find_plan(instance.plan_id))
    {
        cost.0 = cost.0.saturating_add(plan.monthly.0);
    }
    let mut locations = Map::new();
    for location in &LOCATIONS {
        let count = instances
            .iter()
            .filter(|instance| instance.location == location.code)
            .count();
        if count > 0 {
            locations.insert(location.code.to_owned(), json!(count));
        }
    }
    Ok(data(json!({
        "total_instances": instances.len(),
        "running": with("running"),
        "stopped": with("stopped"),
        "suspended": with("suspended"),
        "total_monthly_cost": cost.to_string(),
        "locations": locations,
    })))
}

/// `GET /vps/{id}/status`: invented figures that move with the machine's uptime.
pub fn status(call: &Call<'_>, key: &Key) -> Answer {
    let instance = instance::find(call.db, key, call.request.param("id"), "VPS_DELETED")?;
    let status = instance.status(call.now);
    let plan = find_plan(instance.plan_id);
    let (Some(plan), false) = (plan, status == "failed") else {
        return Err(refusal("STATUS_FAILED", "The machine does not exist on its node").into());
    };
    let running = status == "running";
    let uptime = if running {
        seconds_between(instance.booted_at, call.now) as u64
    } else {
        0
    };
    let total = u64::from(plan.ram_mb) * 1024 * 1024;
    let used = if running {
        total / 4 + uptime % 1024 * 4096
    } else {
        0
    };
    let usage = |part: f64| (part * 100.0).round() / 100.0;
    Ok(data(json!({
        "vps_id": instance.id,
        "vmid": instance.vmid,
        "name": instance.name,
        "status": status,
        "qmpstatus": if running { "running" } else { "stopped" },
        "cpu": {"usage_percent": if running { usage((uptime % 50) as f64 / 10.0) } else { 0.0 }, "cores": plan.cpu_cores},
        "memory": {
            "used_bytes": used,
            "total_bytes": total,
            "usage_percent": usage(used as f64 * 100.0 / total.max(1) as f64),
        },
        "disk": {"read_bytes": uptime * 2048, "write_bytes": uptime * 1024},
        "network": {"in_bytes": uptime * 512, "out_bytes": uptime * 256},
        "uptime_seconds": uptime,
        "pid": if running { json!(10_000 + instance.vmid) } else { Value::Null },
    })))
}
