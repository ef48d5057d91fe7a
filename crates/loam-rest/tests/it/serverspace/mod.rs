//! Serverspace: every resource type through its life, and what is particular to it.

mod life;
mod rules;
mod sections;

use loam_provider::ProviderType;
use serde_json::{Value as Json, json};

use crate::world::{World, said};

/// The arguments of a small server.
fn server(name: &str) -> Json {
    json!({"name": name, "image": "Ubuntu-22.04-X64", "location": "am2", "cpu": 1, "ram": 1024,
        "boot_volume_size": 30720})
}

/// The arguments of a small server of the VMware section.
fn vmware_server(name: &str) -> Json {
    json!({"name": name, "location_id": 2, "image_id": 11, "cpu": 2, "ram_mb": 4096, "system_disk_mb": 51200,
        "network_bandwidth_mbps": 50})
}

/// What validating says of arguments.
fn wrong(world: &World, kind: &str, arguments: Json) -> String {
    said(&world.kind.validate(kind, &world.config(kind, arguments)))
}
