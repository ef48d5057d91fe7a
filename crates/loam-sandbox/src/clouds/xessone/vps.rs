//! VPS: `provisioning`, then `active` (or `error`); `restarting` for a moment; deleted at once.

use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::addresses;
use crate::api::Call;
use crate::clock::{iso, later};
use crate::fields::{FieldError, Fields};
use crate::ids;
use crate::ssh;
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::envelope::{Answer, Failure, data, page, refuse};

/// Virtual seconds until a new machine is active.
const PROVISIONING: f64 = 90.0;
/// Virtual seconds that a restart takes.
const RESTARTING: f64 = 20.0;
/// Labels that start so end in `error`, without a fault being set.
const FAILING_LABEL: &str = "fail-deploy";

const REGIONS: [&str; 9] = [
    "sgp1", "nrt", "itm", "bom", "syd", "lax", "ord", "ewr", "fra",
];
const IMAGES: [&str; 4] = ["ubuntu-22.04", "ubuntu-24.04", "debian-12", "almalinux-9"];
/// Name, virtual CPUs, memory in MB, disk in GB.
const PLANS: [(&str, u32, u32, u32); 3] = [
    ("edge-1", 1, 1024, 25),
    ("edge-2", 2, 2048, 50),
    ("edge-4", 4, 8192, 160),
];

#[derive(Debug, Serialize, Deserialize)]
struct Vps {
    id: String,
    label: String,
    hostname: String,
    region: String,
    plan: String,
    image: String,
    fingerprints: Vec<String>,
    address: Ipv4Addr,
    fails: bool,
    created_at: Timestamp,
    changed_at: Timestamp,
    restarted_at: Option<Timestamp>,
}

fn machines<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "vps")
}

impl Vps {
    fn status(&self, now: Timestamp) -> &'static str {
        if now < later(self.created_at, PROVISIONING) {
            "provisioning"
        } else if self.fails {
            "error"
        } else if self
            .restarted_at
            .is_some_and(|start| now < later(start, RESTARTING))
        {
            "restarting"
        } else {
            "active"
        }
    }

    fn view(&self, now: Timestamp) -> Value {
        let status = self.status(now);
        let addressed = matches!(status, "active" | "restarting");
        let size = PLANS.iter().find(|(name, ..)| *name == self.plan);
        json!({
            "id": self.id,
            "label": self.label,
            "region": self.region,
            "status": status,
            "plan": self.plan,
            "image": self.image,
            "hostname": self.hostname,
            "ipv4": addressed.then(|| self.address.to_string()),
            "ipv6": addressed.then(|| addresses::v6_of(self.address).to_string()),
            "vcpus": size.map(|size| size.1),
            "memory_mb": size.map(|size| size.2),
            "disk_gb": size.map(|size| size.3),
            "ssh_key_fingerprints": self.fingerprints,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.changed_at),
        })
    }
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let list: Vec<Vps> = machines(db).oldest_first(None)?;
    Ok(list.iter().map(|vps| vps.view(now)).collect())
}

/// `GET /vps`
pub fn list(call: &Call<'_>) -> Answer {
    page(call.request, all(call.db, call.now)?)
}

/// `GET /vps/:id`
pub fn read(call: &Call<'_>) -> Answer {
    Ok(data(find(call)?.view(call.now)))
}

fn find(call: &Call<'_>) -> Result<Vps, Failure> {
    let id = call.request.param("id");
    machines(call.db)
        .live(id)?
        .ok_or_else(|| refuse(404, format!("There is no VPS {id}")))
}

/// `POST /vps`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let label = label(body.required_text("label")?)?.to_owned();
    let region = one_of(&body, "region", &REGIONS)?;
    let plan = one_of(&body, "plan", &PLANS.map(|(name, ..)| name))?;
    let image = one_of(&body, "image", &IMAGES)?;
    let hostname = body.text("hostname")?.unwrap_or(&label).to_owned();
    let keys = body.texts("ssh_keys")?.unwrap_or_default();
    let fingerprints = keys
        .iter()
        .map(|key| {
            ssh::fingerprint(key)
                .ok_or_else(|| FieldError::new("ssh_keys", "must hold public keys"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    body.text("user_data")?;
    let password = body.text("root_password")?;
    if password.is_some_and(|password| !(8..=72).contains(&password.chars().count())) {
        return Err(FieldError::new("root_password", "must have 8 to 72 characters").into());
    }
    let fault = call.world.faults.on_deployment(CLOUD, &label);
    let vps = Vps {
        id: format!("vps-{}", ids::lower(6)),
        fails: fault.is_some() || label.starts_with(FAILING_LABEL),
        label,
        hostname,
        region,
        plan,
        image,
        fingerprints,
        address: addresses::next_v4(call.db, CLOUD, [198, 18])?,
        created_at: call.now,
        changed_at: call.now,
        restarted_at: None,
    };
    machines(call.db).insert(&vps.id, None, &vps)?;
    let mut view = vps.view(call.now);
    if password.is_none() && vps.fingerprints.is_empty() {
        // Shown this once: neither a key nor a password opens the machine otherwise.
        view["root_password"] = ids::password().into();
    }
    Ok(data(view))
}

fn label(label: &str) -> Result<&str, FieldError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if label.len() > 64 || !label.bytes().all(allowed) {
        return Err(FieldError::new(
            "label",
            "must be 1 to 64 letters, digits, hyphens, underscores and dots",
        ));
    }
    Ok(label)
}

fn one_of(body: &Fields, field: &str, known: &[&str]) -> Result<String, FieldError> {
    let value = body.required_text(field)?;
    if !known.contains(&value) {
        return Err(FieldError::new(
            field,
            format!("must be one of {}", known.join(", ")),
        ));
    }
    Ok(value.to_owned())
}

/// `PATCH /vps/:id`: label and hostname; any other key is refused.
pub fn update(call: &Call<'_>) -> Answer {
    let mut vps = find(call)?;
    let body = Fields::of(call.request)?;
    if let Some(other) = body
        .names()
        .find(|name| !matches!(*name, "label" | "hostname"))
    {
        return Err(FieldError::new(other, "cannot be changed").into());
    }
    if body.has("label") {
        vps.label = label(body.required_text("label")?)?.to_owned();
    }
    if body.has("hostname") {
        vps.hostname = body.required_text("hostname")?.to_owned();
    }
    vps.changed_at = call.now;
    machines(call.db).update(&vps.id, &vps)?;
    Ok(data(vps.view(call.now)))
}

/// `DELETE /vps/:id`
pub fn delete(call: &Call<'_>) -> Answer {
    let vps = find(call)?;
    machines(call.db).delete(&vps.id)?;
    Ok(data(json!({"id": vps.id, "deleted": true})))
}

/// `POST /vps/:id/restart`
pub fn restart(call: &Call<'_>) -> Answer {
    let mut vps = find(call)?;
    let status = vps.status(call.now);
    if matches!(status, "provisioning" | "error") {
        return Err(refuse(
            400,
            format!("The VPS cannot be restarted while its status is {status}"),
        ));
    }
    vps.restarted_at = Some(call.now);
    machines(call.db).update(&vps.id, &vps)?;
    Ok(data(vps.view(call.now)))
}
