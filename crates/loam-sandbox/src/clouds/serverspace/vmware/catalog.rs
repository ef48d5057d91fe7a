//! Locations, images and graphics cards.

use serde_json::{Value, json};

use crate::api::Call;

use super::super::answer::{Answer, Failure, NO_LOCATION, ok, refuse};
use super::parameter;

/// A data centre of this section.
#[derive(Debug)]
pub struct Location {
    pub id: i64,
    tech_title: &'static str,
    pub gpu: bool,
    pub nested: bool,
}

const LOCATIONS: [Location; 2] = [
    Location {
        id: 2,
        tech_title: "am2",
        gpu: false,
        nested: true,
    },
    Location {
        id: 3,
        tech_title: "nj3",
        gpu: true,
        nested: false,
    },
];

/// Disks: least, most and step in MB, and the names of the types; the first is the default.
pub const DISK_MIN: i64 = 10_240;
pub const DISK_MAX: i64 = 2_048_000;
pub const DISK_STEP: i64 = 1024;
pub const DISK_TYPES: [&str; 2] = ["SSD", "SATA"];
/// Public interfaces, Mbit/s.
pub const BANDWIDTH: std::ops::RangeInclusive<i64> = 10..=1000;

/// A template of this section.
#[derive(Debug)]
pub struct Image {
    pub id: i64,
    name: &'static str,
    family: &'static str,
    pub min_ram_mb: i64,
    hdd_gb: i64,
    pub ssh_keys: bool,
    pub gpu_only: bool,
}

const IMAGES: [Image; 3] = [
    Image {
        id: 11,
        name: "Ubuntu 22.04",
        family: "Linux",
        min_ram_mb: 1024,
        hdd_gb: 20,
        ssh_keys: true,
        gpu_only: false,
    },
    Image {
        id: 12,
        name: "Windows Server 2022 Standard",
        family: "Windows",
        min_ram_mb: 2048,
        hdd_gb: 40,
        ssh_keys: false,
        gpu_only: false,
    },
    Image {
        id: 21,
        name: "Ubuntu 22.04 GPU",
        family: "Linux",
        min_ram_mb: 4096,
        hdd_gb: 40,
        ssh_keys: true,
        gpu_only: true,
    },
];

/// A card that servers can have: model, memory and number of cards together are its key.
pub const GPU: [(i64, i64, i64); 2] = [(1, 8192, 1), (1, 16_384, 1)];

/// The location with this id.
pub fn location(id: i64) -> Result<&'static Location, Failure> {
    let found = LOCATIONS.iter().find(|location| location.id == id);
    found.ok_or_else(|| refuse(NO_LOCATION, format!("There is no location {id}")))
}

/// The image with this id.
pub fn image(id: i64) -> Option<&'static Image> {
    IMAGES.iter().find(|image| image.id == id)
}

/// The location that a query asks for, if any.
pub fn wanted(call: &Call<'_>) -> Result<Option<i64>, Failure> {
    match parameter(call, "location_id")? {
        None => Ok(None),
        Some(text) => {
            let id = text
                .parse()
                .map_err(|_| refuse(NO_LOCATION, format!("There is no location {text}")))?;
            Ok(Some(location(id)?.id))
        }
    }
}

/// `GET vmware/locations`
pub fn locations(_: &Call<'_>) -> Answer {
    let disk = |title: &str| {
        let first = DISK_TYPES.first() == Some(&title);
        json!({"title": title, "is_default": first, "is_ssd": first, "is_allowed_for_system_disk": first,
            "min_mb": DISK_MIN, "max_mb": DISK_MAX, "step_mb": DISK_STEP, "default_size_mb": 51_200})
    };
    let disks: Vec<Value> = DISK_TYPES.iter().map(|title| disk(title)).collect();
    let view = |location: &Location| {
        json!({"id": location.id, "tech_title": location.tech_title, "gpu_supported": location.gpu,
            "nested_hypervisor_supported": location.nested, "disk_types": disks})
    };
    ok(json!({"locations": LOCATIONS.iter().map(view).collect::<Vec<_>>()}))
}

/// `GET vmware/images`
pub fn images(call: &Call<'_>) -> Answer {
    let location = wanted(call)?.map(location).transpose()?;
    let gpu = parameter(call, "gpu")?;
    let fits = |image: &&Image| {
        let here = location.is_none_or(|location| location.gpu || !image.gpu_only);
        here && match gpu {
            Some("required") => image.gpu_only,
            Some("unsupported") => !image.gpu_only,
            _ => true,
        }
    };
    let view = |image: &Image| {
        let models: &[i64] = if image.gpu_only { &[1] } else { &[] };
        let hot = image.family == "Linux";
        json!({"id": image.id, "name": image.name, "os_family": image.family, "os_type": format!("{}64", image.family.to_lowercase()),
            "min_ram_mb": image.min_ram_mb, "hdd_gb": image.hdd_gb, "ssh_key_supported": image.ssh_keys,
            "cpu_hot_add": hot, "memory_hot_add": hot, "nic_hot_remove": hot, "is_gpu_only": image.gpu_only,
            "supported_gpu_model_ids": models})
    };
    ok(json!({"images": IMAGES.iter().filter(fits).map(view).collect::<Vec<_>>()}))
}

/// `GET vmware/gpu-models`: the id repeats.
pub fn gpu_models(call: &Call<'_>) -> Answer {
    let here = wanted(call)?.map(location).transpose()?;
    if here.is_some_and(|location| !location.gpu) {
        return ok(json!({"gpu_models": []}));
    }
    let view = |(id, vram, cards): &(i64, i64, i64)| {
        json!({"id": id, "tech_title": "a16", "name": "NVIDIA A16", "capacity_vram_mb": vram, "gpu_card_count": cards,
            "server_allocation_limit": 2, "max_server_ram_mb": 131_072, "is_available": true})
    };
    ok(json!({"gpu_models": GPU.iter().map(view).collect::<Vec<_>>()}))
}
