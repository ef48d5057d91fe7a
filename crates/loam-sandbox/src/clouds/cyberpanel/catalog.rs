//! What can be ordered: plans, locations, templates. Fixed, but for a location's availability.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::billing::Money;
use super::envelope::{Answer, data};
use super::keys::Key;

/// A size of machine.
#[derive(Debug)]
pub struct Plan {
    pub id: i64,
    pub name: &'static str,
    pub cpu_cores: u32,
    pub ram_mb: u32,
    pub disk_gb: u32,
    pub bandwidth_gb: u32,
    pub monthly: Money,
    pub hourly: Money,
}

const fn plan(
    id: i64,
    name: &'static str,
    size: (u32, u32, u32, u32),
    monthly_cents: i64,
    hourly: i64,
) -> Plan {
    let (cpu_cores, ram_mb, disk_gb, bandwidth_gb) = size;
    Plan {
        id,
        name,
        cpu_cores,
        ram_mb,
        disk_gb,
        bandwidth_gb,
        monthly: Money::cents(monthly_cents),
        hourly: Money(hourly),
    }
}

/// The document's two plans and two larger ones; hourly is monthly by 730.
pub const PLANS: [Plan; 4] = [
    plan(1, "Starter", (1, 1024, 25, 1000), 600, 82),
    plan(2, "Basic", (2, 2048, 50, 2000), 1200, 164),
    plan(3, "Standard", (4, 4096, 100, 4000), 2400, 329),
    plan(4, "Pro", (8, 8192, 200, 8000), 4800, 658),
];

/// Where machines stand.
#[derive(Debug)]
pub struct Location {
    pub code: &'static str,
    pub name: &'static str,
    pub country: &'static str,
    available: bool,
    /// First two octets of its addresses, from the range reserved for benchmarks and private networks.
    network: [u8; 2],
}

/// The document's samples; `eu` appears there only as a filter and takes no orders here.
pub const LOCATIONS: [Location; 3] = [
    Location {
        code: "la",
        name: "Los Angeles, USA",
        country: "US",
        available: true,
        network: [198, 18],
    },
    Location {
        code: "de",
        name: "Falkenstein, Germany",
        country: "DE",
        available: true,
        network: [198, 19],
    },
    Location {
        code: "eu",
        name: "Amsterdam, Netherlands",
        country: "NL",
        available: false,
        network: [10, 77],
    },
];

/// An operating system image.
#[derive(Debug)]
pub struct Template {
    pub id: &'static str,
    name: &'static str,
    os: &'static str,
    description: &'static str,
}

/// The template that needs a larger balance.
pub const WINDOWS: &str = "9125";

/// The document's templates.
pub const TEMPLATES: [Template; 7] = [
    Template {
        id: "101",
        name: "CyberPanel",
        os: "AlmaLinux 8",
        description: "CyberPanel on AlmaLinux 8",
    },
    Template {
        id: "9000",
        name: "Ubuntu 22.04",
        os: "Ubuntu 22.04",
        description: "Ubuntu 22.04 LTS",
    },
    Template {
        id: "9022",
        name: "Ubuntu 24.04",
        os: "Ubuntu 24.04",
        description: "Ubuntu 24.04 LTS",
    },
    Template {
        id: "9010",
        name: "Debian 12",
        os: "Debian 12",
        description: "Debian 12 (Bookworm)",
    },
    Template {
        id: "9001",
        name: "AlmaLinux 8",
        os: "AlmaLinux 8",
        description: "AlmaLinux 8",
    },
    Template {
        id: "9008",
        name: "AlmaLinux 9",
        os: "AlmaLinux 9",
        description: "AlmaLinux 9",
    },
    Template {
        id: WINDOWS,
        name: "Windows Server 2022",
        os: "Windows Server 2022",
        description: "Windows Server 2022; needs a balance of at least 20 USD",
    },
];

/// The plan with this id.
pub fn find_plan(id: i64) -> Option<&'static Plan> {
    PLANS.iter().find(|plan| plan.id == id)
}

/// The location with this code.
pub fn find_location(code: &str) -> Option<&'static Location> {
    LOCATIONS.iter().find(|location| location.code == code)
}

/// The template with this id.
pub fn find_template(id: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.id == id)
}

/// What the sandbox's control endpoints changed about a location.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Availability {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_available: Option<bool>,
    /// Size of the whole pool, used addresses included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_ips: Option<usize>,
}

/// Usable host numbers in a /16.
const POOL: usize = 65_000;

impl Location {
    /// Addresses in use, each listed under its location.
    fn addresses<'a>(db: &'a Db<'_>) -> Collection<'a> {
        db.collection(CLOUD, "address")
    }

    fn setting(&self) -> String {
        format!("location/{}", self.code)
    }

    fn availability(&self, db: &Db<'_>) -> Result<Availability, StoreError> {
        Ok(db.setting(CLOUD, &self.setting())?.unwrap_or_default())
    }

    /// Changes what the catalogue says about it.
    pub fn set_availability(&self, db: &Db<'_>, change: &Availability) -> Result<(), StoreError> {
        let old = self.availability(db)?;
        let new = Availability {
            is_available: change.is_available.or(old.is_available),
            total_ips: change.total_ips.or(old.total_ips),
        };
        db.set_setting(CLOUD, &self.setting(), &new)
    }

    /// Whether it takes orders, and how many addresses are free.
    pub fn capacity(&self, db: &Db<'_>) -> Result<(bool, usize), StoreError> {
        let availability = self.availability(db)?;
        let available = availability.is_available.unwrap_or(self.available);
        let total = availability
            .total_ips
            .unwrap_or(if self.available { POOL } else { 0 })
            .min(POOL);
        Ok((
            available,
            total.saturating_sub(Self::addresses(db).count(Some(self.code))?),
        ))
    }

    /// Takes a free address; there is none when `capacity` says zero.
    pub fn take_address(&self, db: &Db<'_>) -> Result<Option<Ipv4Addr>, StoreError> {
        if self.capacity(db)?.1 == 0 {
            return Ok(None);
        }
        for _ in 0..POOL {
            let number = db
                .next_number(CLOUD, &self.setting(), 0)?
                .rem_euclid(POOL as i64);
            // Skip .0 and .255 of nothing in particular: the pool is one flat /16 without its first ten.
            let host = u16::try_from(number)
                .unwrap_or(0)
                .saturating_add(10)
                .to_be_bytes();
            let address = Ipv4Addr::new(self.network[0], self.network[1], host[0], host[1]);
            if Self::addresses(db)
                .get::<Value>(&address.to_string())?
                .is_none()
            {
                Self::addresses(db).insert(&address.to_string(), Some(self.code), &Value::Null)?;
                return Ok(Some(address));
            }
        }
        Ok(None)
    }

    /// Gives an address back.
    pub fn release_address(db: &Db<'_>, address: &str) -> Result<(), StoreError> {
        Self::addresses(db).purge(address)
    }

    /// The hypervisor node of its machines.
    pub fn node(&self) -> String {
        format!("node-{}.sandbox.test", self.code)
    }
}

/// `GET /vps/plans`
pub fn plans(_: &Call<'_>, _: &Key) -> Answer {
    let plans: Vec<Value> = PLANS
        .iter()
        .map(|plan| {
            json!({
                "id": plan.id,
                "name": plan.name,
                "cpu_cores": plan.cpu_cores,
                "ram_mb": plan.ram_mb,
                "disk_gb": plan.disk_gb,
                "bandwidth_gb": plan.bandwidth_gb,
                "monthly_price": plan.monthly.to_string(),
                "price_hourly": plan.hourly.to_string(),
            })
        })
        .collect();
    Ok(data(json!({"plans": plans})))
}

/// `GET /vps/locations`
pub fn locations(call: &Call<'_>, _: &Key) -> Answer {
    let mut locations = Vec::new();
    for location in &LOCATIONS {
        let (is_available, available_ips) = location.capacity(call.db)?;
        locations.push(json!({
            "code": location.code,
            "name": location.name,
            "country": location.country,
            "available_ips": available_ips,
            "is_available": is_available,
        }));
    }
    Ok(data(json!({"locations": locations})))
}

/// `GET /vps/templates`
pub fn templates(_: &Call<'_>, _: &Key) -> Answer {
    let templates: Vec<Value> = TEMPLATES
        .iter()
        .map(|template| {
            json!({"id": template.id, "name": template.name, "os": template.os, "description": template.description})
        })
        .collect();
    Ok(data(json!({"templates": templates})))
}
