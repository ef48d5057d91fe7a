//! Backup plans of a cloud, and the one that a device has.

use serde_json::{Value, json};

use crate::api::Call;
use crate::fields::Fields;

use super::answer::{Answer, data, invalid, message};
use super::device::save;
use super::devices::find;
use super::scenery::{SITES, site};

/// Identifier, name and cloud of each plan.
const PLANS: [(i64, &str, &str); 4] = [
    (17, "Daily Backup", SITES[0].id),
    (18, "Weekly Backup", SITES[0].id),
    (27, "Daily Backup", SITES[1].id),
    (28, "Weekly Backup", SITES[1].id),
];

fn view((id, name, _): &(i64, &str, &str)) -> Value {
    json!({"id": id, "name": name, "tag": format!("urn:vmomi:InventoryServiceTag:sandbox-{id}:GLOBAL")})
}

/// `GET backups/tags`
pub fn plans(call: &Call<'_>) -> Answer {
    let cloud = call.request.query("cloudIdentifier").unwrap_or_default();
    if site(cloud).is_none() {
        return Err(invalid(
            "cloudIdentifier",
            "The cloud identifier field is required.",
        ));
    }
    data(
        PLANS
            .iter()
            .filter(|plan| plan.2 == cloud)
            .map(view)
            .collect::<Vec<_>>(),
    )
}

/// `GET devices/{id}/backups/tags`: none or one.
pub fn of_device(call: &Call<'_>) -> Answer {
    let plan = find(call)?.backup_plan;
    data(
        PLANS
            .iter()
            .filter(|known| Some(known.0) == plan)
            .map(view)
            .collect::<Vec<_>>(),
    )
}

/// `PUT devices/{id}/backups/tags`
pub fn assign(call: &Call<'_>) -> Answer {
    let mut device = find(call)?;
    let id = Fields::of(call.request)?.required_int("backupId")?;
    if !PLANS.iter().any(|plan| plan.0 == id) {
        return Err(invalid("backupId", "The selected backup id is invalid."));
    }
    device.backup_plan = Some(id);
    save(call.db, &device)?;
    message("Backup has been changed.")
}

/// `DELETE devices/{id}/backups/tags`
pub fn disable(call: &Call<'_>) -> Answer {
    let mut device = find(call)?;
    device.backup_plan = None;
    save(call.db, &device)?;
    message("Backup has been deleted.")
}
