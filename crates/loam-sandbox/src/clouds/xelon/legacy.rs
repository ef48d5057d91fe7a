//! The part of the legacy API (`/service/`) that tells what the newer one does not: tenants and clouds with
//! the identifiers that the legacy endpoints take.

use serde_json::{Value, json};

use crate::api::Call;

use super::answer::{Answer, bare, not_found};
use super::scenery::{CURRENT, SITES, TENANTS, Tenant};

/// What the legacy API calls a tenant.
fn identifier(tenant: &Tenant) -> String {
    let digits: String = tenant.id.chars().filter(char::is_ascii_digit).collect();
    format!("4sn{digits}n")
}

/// `GET service/tenant`: of the token; nothing but its identifier is filled.
pub fn tenant(_: &Call<'_>) -> Answer {
    bare(json!({"tenant_identifier": identifier(CURRENT)}))
}

/// `GET service/tenants`
pub fn tenants(_: &Call<'_>) -> Answer {
    let view = |tenant: &Tenant| {
        let parent = TENANTS.iter().find(|one| Some(one.id) == tenant.parent);
        json!({
            "id": identifier(tenant),
            "name": tenant.name,
            "active": 1,
            "parent": parent.map(identifier),
            "type": "organization",
            "address": null,
            "created_at": "2018-01-24 20:36:13",
            "deleted_at": null,
            "networks": 0,
            "activeDevices": 0,
        })
    };
    bare(TENANTS.iter().map(view).collect::<Vec<Value>>())
}

/// `GET service/hv/list/{tenant}`: clouds with their numbers.
pub fn clouds(call: &Call<'_>) -> Answer {
    let wanted = call.request.param("tenant");
    if !TENANTS.iter().any(|tenant| identifier(tenant) == wanted) {
        return Err(not_found("Tenant"));
    }
    let view = |site: &super::scenery::Site| {
        json!({
            "id": site.number,
            "display_name": site.name,
            "display_short_name": site.name.split(' ').next(),
            "type": 1,
        })
    };
    bare(SITES.iter().map(view).collect::<Vec<Value>>())
}
