//! A server on each of the clouds: its configuration, and the requests of its life.

/// The clouds, by name.
pub const CLOUDS: [&str; 5] = ["cyberpanel", "xessone", "vpsorg", "serverspace", "xelon"];

/// The resource type of a cloud's servers.
pub fn kind(cloud: &str) -> &'static str {
    match cloud {
        "cyberpanel" => "cyberpanel_vps",
        "xessone" => "xessone_vps",
        "vpsorg" => "vpsorg_server",
        "serverspace" => "serverspace_server",
        "xelon" => "xelon_device",
        other => panic!("no cloud {other}"),
    }
}

/// What servers of a cloud need, and `count` of them under the address `KIND.web`. Their
/// names begin with `name`.
pub fn servers(cloud: &str, name: &str, count: usize) -> String {
    let kind = kind(cloud);
    let body = match cloud {
        "cyberpanel" => format!(
            r#"
  hostname      = "{name}-${{count.index}}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "secret-pass-1"
"#
        ),
        "xessone" => format!(
            r#"
  label         = "{name}-${{count.index}}"
  hostname      = "web.example.com"
  region        = "fra"
  plan          = "edge-1"
  image         = "debian-12"
  root_password = "secret-pass-1"
"#
        ),
        "vpsorg" => format!(
            r#"
  hostname   = "{name}-${{count.index}}.example.com"
  location   = local.location
  plan       = local.plan.uuid
  os_version = data.vpsorg_operating_systems.all.operating_systems[0].versions[0].uuid
"#
        ),
        "serverspace" => format!(
            r#"
  name             = "{name}-${{count.index}}"
  image            = "Ubuntu-22.04-X64"
  location         = "am2"
  cpu              = 1
  ram              = 1024
  boot_volume_size = 30720
  nic {{
    network      = ""
    network_type = "PublicShared"
    bandwidth    = 50
  }}
"#
        ),
        "xelon" => format!(
            r#"
  display_name   = "{name}-${{count.index}}"
  hostname       = "web-${{count.index}}"
  template_id    = data.xelon_template.ubuntu.id
  tenant_id      = local.tenant
  cpu_core_count = 2
  memory         = 4
  disk_size      = 20
  swap_disk_size = 1
  password       = "secret-pass-1"
  networks       = [{{ id = xelon_network.lan.id, connected = true }}]
"#
        ),
        other => panic!("no cloud {other}"),
    };
    format!(
        "{}resource \"{kind}\" \"web\" {{\n  count = {count}\n{body}}}\n",
        around(cloud)
    )
}

/// What has to be there for a cloud's servers.
fn around(cloud: &str) -> &'static str {
    match cloud {
        "vpsorg" => {
            r#"
data "vpsorg_plans" "all" {}
data "vpsorg_locations" "all" {}
data "vpsorg_operating_systems" "all" {}
locals {
  plan     = data.vpsorg_plans.all.plans[0]
  location = one([for l in data.vpsorg_locations.all.locations : l.id if l.slug == local.plan.locations[0]])
}
"#
        }
        "xelon" => {
            r#"
locals {
  cloud  = "e96db9d92ec7"
  tenant = "c4c59cf3a0fe"
}
data "xelon_template" "ubuntu" {
  name        = "Ubuntu 22.04"
  cloud_id    = local.cloud
  most_recent = true
}
resource "xelon_network" "lan" {
  type          = "LAN"
  name          = "lan"
  network_speed = 1000
  subnet_size   = 24
  cloud_id      = local.cloud
  network       = "10.0.0.0"
  gateway       = "10.0.0.1"
  dns_primary   = "10.0.0.2"
  tenant_id     = local.tenant
}
"#
        }
        _ => "",
    }
}
