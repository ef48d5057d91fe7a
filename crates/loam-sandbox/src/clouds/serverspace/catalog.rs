//! The project, locations, images and one-click applications.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::Call;
use crate::store::{Db, StoreError};
use crate::world::Seeding;

use super::CLOUD;
use super::answer::{Answer, Failure, NO_LOCATION, ok, refuse};
use super::life::time;

const PROJECT: &str = "project";

/// A data centre and its limits.
#[derive(Debug)]
pub struct Location {
    pub id: &'static str,
    /// The number inside the ids of its objects.
    pub number: u32,
    pub bandwidth_max: i64,
}

/// Ids as the vendor's tools and users name them.
pub const LOCATIONS: [Location; 5] = [
    Location {
        id: "ds1",
        number: 1,
        bandwidth_max: 200,
    },
    Location {
        id: "am2",
        number: 2,
        bandwidth_max: 200,
    },
    Location {
        id: "nj3",
        number: 3,
        bandwidth_max: 1000,
    },
    Location {
        id: "kz",
        number: 5,
        bandwidth_max: 200,
    },
    Location {
        id: "ca",
        number: 6,
        bandwidth_max: 1000,
    },
];

pub const SYSTEM_VOLUME_MIN: i64 = 25_600;
pub const ADDITIONAL_VOLUME_MIN: i64 = 10_240;
pub const VOLUME_MAX: i64 = 512_000;
pub const BANDWIDTH_MIN: i64 = 50;
pub const CPU: [i64; 8] = [1, 2, 3, 4, 6, 8, 12, 16];
pub const RAM: [i64; 8] = [1024, 2048, 3072, 4096, 8192, 16_384, 32_768, 65_536];

/// An operating system.
#[derive(Debug)]
pub struct Image {
    pub id: &'static str,
    kind: &'static str,
    version: &'static str,
    pub allow_ssh_keys: bool,
}

const fn image(id: &'static str, kind: &'static str, version: &'static str) -> Image {
    Image {
        id,
        kind,
        version,
        allow_ssh_keys: true,
    }
}

const IMAGES: [Image; 8] = [
    image("Ubuntu-20.04-X64", "Ubuntu", "20.04"),
    image("Ubuntu-22.04-X64", "Ubuntu", "22.04"),
    image("Debian-11.5-X64", "Debian", "11.5"),
    image("Debian-12-X64", "Debian", "12"),
    image("AlmaLinux-9.1-X64", "AlmaLinux", "9.1"),
    image("Oracle-9.1-X64", "Oracle", "9.1"),
    Image {
        id: "Windows-Server 2019 Std-X64",
        kind: "Windows",
        version: "Server 2019 Std",
        allow_ssh_keys: false,
    },
    Image {
        id: "Windows-Server 2022 Std-X64",
        kind: "Windows",
        version: "Server 2022 Std",
        allow_ssh_keys: false,
    },
];

/// An application id.
pub const APPLICATION: &str = "n8n";

/// Makes the project.
pub fn seed(db: &Db<'_>, now: Timestamp, seeding: &Seeding) -> Result<(), StoreError> {
    if db.setting::<Value>(CLOUD, PROJECT)?.is_none() {
        let balance = seeding.opening_balance_cents as f64 / 100.0;
        let project = json!({"id": 4021, "balance": balance, "currency": "USD", "state": "Active", "created": time(now)});
        db.set_setting(CLOUD, PROJECT, &project)?;
    }
    Ok(())
}

/// The location with this id.
pub fn location(id: &str) -> Result<&'static Location, Failure> {
    LOCATIONS
        .iter()
        .find(|location| location.id == id)
        .ok_or_else(|| refuse(NO_LOCATION, format!("There is no location {id}")))
}

/// The location that an object was made in.
pub fn location_of(id: &str) -> Option<&'static Location> {
    LOCATIONS.iter().find(|location| location.id == id)
}

/// The image with this id.
pub fn find_image(id: &str) -> Option<&'static Image> {
    IMAGES.iter().find(|image| image.id == id)
}

impl Location {
    /// The id of the network that its public interfaces are in.
    pub fn public_network(&self) -> String {
        format!("l{}n1", self.number)
    }
}

/// `GET project`
pub fn project(call: &Call<'_>) -> Answer {
    ok(json!({"project": call.db.setting::<Value>(CLOUD, PROJECT)?}))
}

/// `GET locations`
pub fn locations(_: &Call<'_>) -> Answer {
    let locations: Vec<Value> = LOCATIONS
        .iter()
        .map(|location| {
            json!({
                "id": location.id,
                "system_volume_min": SYSTEM_VOLUME_MIN,
                "windows_system_volume_min": SYSTEM_VOLUME_MIN,
                "additional_volume_min": ADDITIONAL_VOLUME_MIN,
                "volume_max": VOLUME_MAX,
                "bandwidth_min": BANDWIDTH_MIN,
                "bandwidth_max": location.bandwidth_max,
                "cpu_quantity_options": CPU,
                "ram_size_options": RAM,
            })
        })
        .collect();
    ok(json!({"locations": locations}))
}

/// `GET images`: each image once for each location.
pub fn images(call: &Call<'_>) -> Answer {
    let wanted = call
        .request
        .query("location_id")
        .filter(|id| !id.is_empty());
    let mut images = Vec::new();
    for location in LOCATIONS
        .iter()
        .filter(|location| wanted.is_none_or(|id| location.id == id))
    {
        for image in &IMAGES {
            images.push(json!({
                "id": image.id,
                "location_id": location.id,
                "type": image.kind,
                "os_version": image.version,
                "architecture": "X64",
                "allow_ssh_keys": image.allow_ssh_keys,
            }));
        }
    }
    ok(json!({"images": images}))
}

/// `GET applications`
pub fn applications(call: &Call<'_>) -> Answer {
    let wanted = |name: &str, value: &str| {
        call.request
            .query(name)
            .is_none_or(|wanted| wanted == value)
    };
    let image = "Ubuntu-22.04-X64";
    let applications: Vec<Value> = LOCATIONS
        .iter()
        .filter(|location| {
            wanted("location_id", location.id)
                && wanted("application_id", APPLICATION)
                && wanted("image_id", image)
        })
        .map(|location| {
            json!({
                "id": APPLICATION,
                "location_id": location.id,
                "images": [image],
                "credentials_mode": "ServicePassword",
                "llm_key_enabled": false,
                "parameters": [{"name": "ADMIN_EMAIL", "required": true, "secret": false}],
            })
        })
        .collect();
    ok(json!({"applications": applications}))
}
