//! What exists from the start and cannot be made through the API: clouds, tenants, S3 regions and plans.

use serde_json::{Value, json};

use crate::api::Call;
use crate::fields::{FieldError, Fields};

use super::answer::{Answer, bare};

/// A cloud: identifier, name, type.
#[derive(Debug)]
pub struct Site {
    pub id: &'static str,
    pub name: &'static str,
    kind: &'static str,
    /// The number that the legacy endpoints use.
    pub number: i64,
}

/// The clouds.
pub const SITES: [Site; 2] = [
    Site {
        id: "e96db9d92ec7",
        name: "Main HCP Cloud",
        kind: "public",
        number: 1,
    },
    Site {
        id: "f07ec0ea3fd8",
        name: "Private HCP Cloud",
        kind: "private",
        number: 2,
    },
];

impl Site {
    /// The object as it is read.
    pub fn view(&self) -> Value {
        json!({"identifier": self.id, "name": self.name, "type": self.kind, "hvType": "hcp"})
    }
}

/// The cloud with this identifier.
pub fn site(id: &str) -> Option<&'static Site> {
    SITES.iter().find(|site| site.id == id)
}

/// The cloud that a field of a body names.
pub fn site_of(body: &Fields, field: &str) -> Result<&'static Site, FieldError> {
    site(body.required_text(field)?).ok_or_else(|| FieldError::new(field, "is not a known cloud"))
}

/// The object of a cloud inside another one; null for an unknown one.
pub fn site_view(id: &str) -> Value {
    site(id).map_or(Value::Null, Site::view)
}

/// A tenant.
#[derive(Debug)]
pub struct Tenant {
    pub id: &'static str,
    pub name: &'static str,
    pub parent: Option<&'static str>,
    kind: &'static str,
}

/// A reseller and its customer.
pub const TENANTS: [Tenant; 2] = [
    Tenant {
        id: "c4c59cf3a0fe",
        name: "Acme",
        parent: None,
        kind: "Reseller",
    },
    Tenant {
        id: "d5d6adf4b10f",
        name: "Acme Customer",
        parent: Some("c4c59cf3a0fe"),
        kind: "End Customer",
    },
];

/// The tenant of the token.
pub const CURRENT: &Tenant = &TENANTS[0];

impl Tenant {
    /// The object as it is read.
    pub fn view(&self) -> Value {
        json!({
            "identifier": self.id,
            "name": self.name,
            "parent": self.parent,
            "status": "active",
            "type": self.kind,
        })
    }
}

/// The tenant with this identifier.
pub fn tenant(id: &str) -> Option<&'static Tenant> {
    TENANTS.iter().find(|tenant| tenant.id == id)
}

/// The tenant that a field of a body names; the token's own when it names none.
pub fn tenant_of(body: &Fields, field: &str) -> Result<&'static Tenant, FieldError> {
    match body.text(field)?.filter(|id| !id.is_empty()) {
        None => Ok(CURRENT),
        Some(id) => tenant(id).ok_or_else(|| FieldError::new(field, "is not a known tenant")),
    }
}

/// The object of a tenant inside another one: identifier and name only.
pub fn tenant_view(id: &str) -> Value {
    tenant(id).map_or(
        Value::Null,
        |tenant| json!({"identifier": tenant.id, "name": tenant.name}),
    )
}

/// Regions of the object storage: identifier and name.
pub const REGIONS: [(&str, &str); 2] = [("zh1", "Zurich"), ("ch1", "Aargau")];

/// Sizes of S3 users, in GB.
pub const QUOTAS: [i64; 12] = [
    100, 250, 500, 1000, 2000, 5000, 10_000, 15_000, 20_000, 30_000, 40_000, 50_000,
];

/// `GET clouds`
pub fn clouds(_: &Call<'_>) -> Answer {
    bare(SITES.iter().map(Site::view).collect::<Vec<_>>())
}

/// `GET object-storages/zone-groups`
pub fn s3_regions(_: &Call<'_>) -> Answer {
    let view = |(id, name): &(&str, &str)| json!({"id": id, "name": name, "hasReplication": false});
    bare(REGIONS.iter().map(view).collect::<Vec<_>>())
}

/// `GET object-storages/plans`
pub fn s3_plans(_: &Call<'_>) -> Answer {
    let view = |quota: &i64| {
        json!({
            "title": format!("S3 {quota} GB"),
            "description": format!("{quota} GB of object storage"),
            "quota": quota,
            "price": *quota as f64 * 0.05,
            "priceReplicated": *quota as f64 * 0.09,
        })
    };
    bare(QUOTAS.iter().map(view).collect::<Vec<_>>())
}
