//! Plans, locations, operating systems: fixed.

use serde_json::{Value, json};

use crate::api::Call;

use super::answer::{Answer, not_found, ok, page};

/// A size of server.
#[derive(Debug)]
pub struct Plan {
    pub id: i64,
    pub uuid: &'static str,
    pub name: &'static str,
    slug: &'static str,
    vcpus: u32,
    memory_gb: u32,
    pub disk_gb: u32,
    transfer_gb: u32,
    monthly: f64,
    /// The monthly price by 672 hours, rounded.
    hourly: f64,
    pub locations: &'static [&'static str],
}

const EVERYWHERE: &[&str] = &["us-west", "us-east", "eu-central"];

/// The vendor's samples and a larger one.
pub const PLANS: [Plan; 3] = [
    Plan {
        id: 1,
        uuid: "1f6d6a36-90a5-4f1e-8f0b-7c3c1c9d1a01",
        name: "Starter VPS",
        slug: "starter",
        vcpus: 1,
        memory_gb: 2,
        disk_gb: 40,
        transfer_gb: 1024,
        monthly: 5.0,
        hourly: 0.007,
        locations: EVERYWHERE,
    },
    Plan {
        id: 2,
        uuid: "5b0c7c1e-6a55-4f0e-9d0a-2f6f4f0a1b11",
        name: "Standard VPS",
        slug: "standard",
        vcpus: 2,
        memory_gb: 4,
        disk_gb: 80,
        transfer_gb: 2048,
        monthly: 10.0,
        hourly: 0.015,
        locations: EVERYWHERE,
    },
    Plan {
        id: 3,
        uuid: "c8a3e6b2-47d9-4b0a-a6f8-2f9d8f7e3c21",
        name: "Performance VPS",
        slug: "performance",
        vcpus: 4,
        memory_gb: 8,
        disk_gb: 160,
        transfer_gb: 4096,
        monthly: 20.0,
        hourly: 0.03,
        locations: &["us-east", "eu-central"],
    },
];

impl Plan {
    /// The object inside a server.
    pub fn inside(&self) -> Value {
        json!({
            "uuid": self.uuid,
            "id": self.id,
            "name": self.name,
            "vcpus": self.vcpus,
            "memory": self.memory_gb * 1024,
            "storage": self.disk_gb,
            "cpu": self.vcpus,
            "ram": self.memory_gb,
            "ram_unit": "GB",
            "disk_space": self.disk_gb,
        })
    }

    fn view(&self) -> Value {
        let mut view = self.inside();
        let more = json!({
            "slug": self.slug,
            "bandwidth": self.transfer_gb,
            "transfer": self.transfer_gb,
            "price_monthly": self.monthly,
            "monthly_price": self.monthly,
            "price": self.monthly,
            "price_hourly": self.hourly,
            "hourly_price": self.hourly,
            "available": true,
            "locations": self.locations,
            "description": format!("{} vCPU, {} GB RAM, {} GB disk", self.vcpus, self.memory_gb, self.disk_gb),
            "cpu_type_name": "Shared",
        });
        if let (Some(view), Value::Object(more)) = (view.as_object_mut(), more) {
            view.extend(more);
        }
        view
    }
}

/// The plan with this uuid or number.
pub fn find_plan(id: &str) -> Option<&'static Plan> {
    PLANS
        .iter()
        .find(|plan| plan.uuid.eq_ignore_ascii_case(id) || plan.id.to_string() == id)
}

/// A data centre.
#[derive(Debug)]
pub struct Location {
    pub id: i64,
    pub slug: &'static str,
    pub name: &'static str,
    country_name: &'static str,
    country_code: &'static str,
}

/// The slugs of the vendor's samples.
pub const LOCATIONS: [Location; 3] = [
    Location {
        id: 1,
        slug: "us-west",
        name: "Los Angeles",
        country_name: "United States",
        country_code: "US",
    },
    Location {
        id: 2,
        slug: "us-east",
        name: "New York",
        country_name: "United States",
        country_code: "US",
    },
    Location {
        id: 4,
        slug: "eu-central",
        name: "Frankfurt",
        country_name: "Germany",
        country_code: "DE",
    },
];

impl Location {
    /// The object inside a server's details.
    pub fn inside(&self) -> Value {
        json!({
            "id": self.id,
            "slug": self.slug,
            "name": self.name,
            "country_name": self.country_name,
            "country_code": self.country_code,
        })
    }
}

/// The location with this number or slug.
pub fn find_location(id: &str) -> Option<&'static Location> {
    LOCATIONS
        .iter()
        .find(|location| location.slug == id || location.id.to_string() == id)
}

/// A version of an operating system.
#[derive(Debug)]
pub struct Version {
    pub id: i64,
    pub uuid: &'static str,
    pub name: &'static str,
    pub system_uuid: &'static str,
    pub system: &'static str,
}

const DEBIAN: &str = "7a7a7a7a-0000-4000-8000-000000000001";
const UBUNTU: &str = "7a7a7a7a-0000-4000-8000-000000000002";
const ALMALINUX: &str = "7a7a7a7a-0000-4000-8000-000000000003";

/// All versions, grouped by system.
pub const VERSIONS: [Version; 5] = [
    version(
        8,
        "c2d9a1f0-31f7-4b3e-8c55-0a9be7d2e900",
        "Debian 11",
        DEBIAN,
        "Debian",
    ),
    version(
        9,
        "c2d9a1f0-31f7-4b3e-8c55-0a9be7d2e901",
        "Debian 12",
        DEBIAN,
        "Debian",
    ),
    version(
        11,
        "c2d9a1f0-31f7-4b3e-8c55-0a9be7d2e911",
        "Ubuntu 22.04",
        UBUNTU,
        "Ubuntu",
    ),
    version(
        12,
        "c2d9a1f0-31f7-4b3e-8c55-0a9be7d2e912",
        "Ubuntu 24.04",
        UBUNTU,
        "Ubuntu",
    ),
    version(
        15,
        "c2d9a1f0-31f7-4b3e-8c55-0a9be7d2e921",
        "AlmaLinux 9",
        ALMALINUX,
        "AlmaLinux",
    ),
];

const fn version(
    id: i64,
    uuid: &'static str,
    name: &'static str,
    system_uuid: &'static str,
    system: &'static str,
) -> Version {
    Version {
        id,
        uuid,
        name,
        system_uuid,
        system,
    }
}

/// The version with this uuid.
pub fn find_version(uuid: &str) -> Option<&'static Version> {
    VERSIONS
        .iter()
        .find(|version| version.uuid.eq_ignore_ascii_case(uuid))
}

/// `GET /plans/`
pub fn plans(call: &Call<'_>) -> Answer {
    let location = call.request.query("location");
    let plans = PLANS
        .iter()
        .filter(|plan| location.is_none_or(|slug| plan.locations.contains(&slug)));
    page(call.request, plans.map(Plan::view).collect())
}

/// `GET /plans/{id}/`
pub fn plan(call: &Call<'_>) -> Answer {
    find_plan(call.request.param("id"))
        .map(|plan| ok(plan.view()))
        .ok_or_else(not_found)
}

/// `GET /locations/`
pub fn locations(call: &Call<'_>) -> Answer {
    let view = |location: &Location| {
        let mut view = location.inside();
        view["is_active"] = true.into();
        view
    };
    page(call.request, LOCATIONS.iter().map(view).collect())
}

/// `GET /operating-systems/`
pub fn systems(call: &Call<'_>) -> Answer {
    let mut systems: Vec<Value> = Vec::new();
    for (uuid, name) in [
        (DEBIAN, "Debian"),
        (UBUNTU, "Ubuntu"),
        (ALMALINUX, "AlmaLinux"),
    ] {
        let versions: Vec<Value> = VERSIONS
            .iter()
            .filter(|version| version.system_uuid == uuid)
            .map(|version| json!({"uuid": version.uuid, "name": version.name}))
            .collect();
        systems.push(json!({"uuid": uuid, "name": name, "versions": versions}));
    }
    page(call.request, systems)
}
