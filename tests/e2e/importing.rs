//! Taking over what exists: `loam import`, and configuration generated for it.

use serde_json::Value as Json;

use crate::transcripts::transcript;
use crate::world::World;

const MACHINE: &str = r#"
resource "cyberpanel_vps" "web" {
  hostname      = "web.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
  power_state   = "running"
}
"#;

/// The values of an object in the state.
fn values(w: &World, address: &str) -> Json {
    fn find(module: &Json, address: &str) -> Option<Json> {
        let own = module["resources"].as_array().into_iter().flatten();
        let found = own.clone().find(|r| r["address"] == address);
        let deeper = module["child_modules"].as_array().into_iter().flatten();
        found
            .map(|r| r["values"].clone())
            .or_else(|| deeper.clone().find_map(|m| find(m, address)))
    }
    let shown = w.run("show -json").ok().json();
    find(&shown["values"]["root_module"], address)
        .unwrap_or_else(|| panic!("no {address} in {shown}"))
}

#[test]
fn an_object_is_imported_under_its_address() {
    let w = World::new(
        r#"
variable "n" {}
resource "terraform_data" "one" {}
resource "terraform_data" "many" { count = var.n }
resource "terraform_data" "each" { for_each = toset(["a", "b"]) }
module "m" {
  source = "./m"
  v      = terraform_data.one.id
}
"#,
    );
    w.write(
        "m/main.tf",
        "variable \"v\" {}\nresource \"terraform_data\" \"in\" { input = var.v }\n",
    );
    transcript(&w, "import", "import -var n=2 terraform_data.one 4711");
    w.run("import -var=n=2 terraform_data.many[1] second").ok();
    w.run("import --var n=2 terraform_data.each[\"a\"] the-a")
        .ok();
    w.run("import -var n=2 module.m.terraform_data.in deep")
        .ok();
    assert_eq!(
        w.run("state list").ok().out,
        "terraform_data.each[\"a\"]\nterraform_data.many[1]\nterraform_data.one\nmodule.m.terraform_data.in\n"
    );
    assert_eq!(values(&w, "terraform_data.many[1]")["id"], "second");
    assert_eq!(values(&w, "module.m.terraform_data.in")["id"], "deep");
}

#[test]
fn what_cannot_be_imported_is_refused_and_nothing_changes() {
    let w = World::new(
        "resource \"terraform_data\" \"one\" { input = 1 }\nresource \"terraform_data\" \"many\" { count = 2 }\n",
    );
    w.run("import terraform_data.one 1").ok();
    let before = w.run("state pull").ok().out;
    transcript(&w, "import_taken", "import terraform_data.one 2");
    transcript(&w, "import_no_block", "import terraform_data.on 2");
    transcript(&w, "import_no_instance", "import terraform_data.many 2");
    w.run("import terraform_data.many[5] 2")
        .fails()
        .says("terraform_data.many[0], terraform_data.many[1]");
    w.run("import module.x.terraform_data.a 2")
        .fails()
        .says("module.x is not defined in the configuration");
    w.run("import data.cyberpanel_plans.all 2")
        .fails()
        .says("Importing into a data resource");
    w.run("import terraform_data 2")
        .fails()
        .says("Invalid address");
    w.run("import terraform_data.one").fails().says("<ID>");
    assert_eq!(w.run("state pull").ok().out, before);
}

#[test]
fn a_machine_is_imported_before_its_arguments_are_written() {
    let w = World::with_cloud(MACHINE);
    w.apply();
    let id = values(&w, "cyberpanel_vps.web")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    w.run("state rm cyberpanel_vps.web").ok();
    w.write("main.tf", "resource \"cyberpanel_vps\" \"web\" {}\n");
    w.run("import cyberpanel_vps.web no/such/id")
        .fails()
        .says("<id>");
    w.run("import cyberpanel_vps.web 999999")
        .fails()
        .says("Cannot import non-existent remote object");
    w.cloud().requests();
    w.run(&format!("import cyberpanel_vps.web {id}"))
        .ok()
        .says("Import successful!")
        .never_says("correct-horse");
    assert_eq!(
        w.cloud().requests(),
        [
            format!("GET /cyberpanel/api/v1/vps/{id}"),
            format!("GET /cyberpanel/api/v1/vps/{id}/deployment"),
        ]
    );
    w.run("state show cyberpanel_vps.web")
        .ok()
        .says("web.example.com")
        .says("ssh_user");
    w.write("main.tf", MACHINE);
    w.plan().says("0 to add").says("0 to destroy");
    assert_eq!(w.cloud().machines(), ["web.example.com"]);
}

#[test]
fn an_import_block_needs_its_resource() {
    let w = World::new("import {\n  to = terraform_data.a\n  id = \"one\"\n}\n");
    w.run("plan")
        .fails()
        .says("Configuration for import target does not exist")
        .says("-generate-config-out");
    w.write(
        "more.tf",
        "resource \"terraform_data\" \"a\" { count = 2 }\n",
    );
    w.run("plan")
        .fails()
        .says("its address needs the number of an instance");
    w.write(
        "more.tf",
        "locals { id = \"two\" }\nresource \"terraform_data\" \"a\" {}\n",
    );
    w.write(
        "main.tf",
        "import {\n  to = terraform_data.a\n  id = local.id\n}\n",
    );
    w.plan().says("1 to import");
    w.apply().says("1 imported");
    assert_eq!(values(&w, "terraform_data.a")["id"], "two");
    w.plan().says("No changes.");
}

#[test]
fn configuration_is_generated_for_what_has_none() {
    let w = World::new(
        "import {\n  to = terraform_data.a\n  id = \"one\"\n}\nresource \"terraform_data\" \"z\" { input = 1 }\n",
    );
    transcript(&w, "generate", "plan -generate-config-out=generated.tf");
    let text = std::fs::read_to_string(w.path("generated.tf")).expect("written");
    assert!(
        text.contains(
            "# __generated__ by Loam from \"one\"\nresource \"terraform_data\" \"a\" {\n}\n"
        ),
        "{text}"
    );
    w.run("plan -generate-config-out=generated.tf")
        .fails()
        .says("Target generated file already exists");
    std::fs::remove_file(w.path("generated.tf")).expect("there");
    // The plan file is enough for applying; the generated file takes the rest of the way.
    w.run("plan -out=saved.plan -generate-config-out=generated.tf")
        .ok();
    let plan = w.run("show -json saved.plan").ok().json();
    assert_eq!(
        plan["resource_changes"][0]["change"]["generated_config"],
        "resource \"terraform_data\" \"a\" {\n}"
    );
    w.run("apply saved.plan").ok().says("1 imported, 1 added");
    w.plan().says("No changes.");
}

#[test]
fn configuration_is_not_generated_where_it_could_not_be_right() {
    let refused = |config: &str, says: &str| {
        let w = World::new(config);
        w.write("m/main.tf", "");
        w.run("plan -generate-config-out=generated.tf")
            .fails()
            .says(says);
        assert!(!w.path("generated.tf").exists(), "{config}");
    };
    refused(
        "import {\n  to = terraform_data.a[0]\n  id = \"1\"\n}\n",
        "not compatible with config generation",
    );
    refused(
        "import {\n  for_each = { a = 1 }\n  to = terraform_data.a[each.key]\n  id = each.value\n}\n",
        "not compatible with config generation",
    );
    refused(
        "module \"m\" {\n  source = \"./m\"\n}\nimport {\n  to = module.m.terraform_data.a\n  id = \"1\"\n}\n",
        "Only resources within the root module",
    );
    refused("import {\n  to = acme_server.a\n  id = \"1\"\n}\n", "acme");
    let w = World::new("");
    for mode in ["-destroy", "-refresh-only"] {
        w.run(&format!("plan {mode} -generate-config-out=g.tf"))
            .fails()
            .says("only be generated during a normal plan");
    }
}

/// Makes objects by a configuration, forgets them, and takes them over by import blocks
/// and generated configuration, which then has to plan to no changes. `ids` are addresses
/// and forms of import ids.
fn round_trip(config: &str, ids: &[(&str, &str)]) -> String {
    let w = World::with_cloud(config);
    w.apply();
    let mut imports = String::new();
    for (address, form) in ids {
        let object = values(&w, address);
        let mut id = (*form).to_owned();
        for (name, value) in object.as_object().expect("an object") {
            let text = value.as_str().map_or(value.to_string(), str::to_owned);
            id = id.replace(&format!("<{name}>"), &text);
        }
        imports.push_str(&format!(
            "import {{\n  to = {address}\n  id = \"{id}\"\n}}\n"
        ));
    }
    let addresses: Vec<&str> = ids.iter().map(|(a, _)| *a).collect();
    w.run(&format!("state rm {}", addresses.join(" "))).ok();
    w.write("main.tf", &imports);
    let n = ids.len();
    let expected = format!("Plan: {n} to import, 0 to add, 0 to change, 0 to destroy.");
    let ran = w.run("plan -generate-config-out=generated.tf");
    let text = std::fs::read_to_string(w.path("generated.tf")).unwrap_or_default();
    assert!(
        ran.code == 0 && ran.out.contains(&expected),
        "{}\n{text}",
        ran.all()
    );
    w.run("fmt -check generated.tf").ok();
    w.plan().says(&expected);
    w.apply().says(&format!("{n} imported, 0 added, 0 changed"));
    w.plan().says("No changes.");
    text
}

#[test]
fn generated_for_cyberpanel() {
    let text = round_trip(
        &format!(
            "{MACHINE}\nresource \"cyberpanel_vps_snapshot\" \"s\" {{\n  vps_id      = cyberpanel_vps.web.id\n  name        = \"before\"\n  description = \"as it was\"\n}}\n"
        ),
        &[
            ("cyberpanel_vps.web", "<id>"),
            ("cyberpanel_vps_snapshot.s", "<vps_id>/<name>"),
        ],
    );
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"Loam-[0-9a-f-]{36}", "SECRET");
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!("generated_cyberpanel", text));
}

#[test]
fn generated_for_xessone() {
    round_trip(
        r#"
resource "xessone_vps" "shop" {
  label         = "shop"
  region        = "fra"
  plan          = "edge-1"
  image         = "debian-12"
  root_password = "secret-pass-1"
}
resource "xessone_email_account" "me" {
  address  = "me@demo.test"
  password = "secret-pass-1"
}
resource "xessone_bucket" "b" { name = "my-bucket" }
resource "xessone_dns_record" "www" {
  zone  = "demo.test"
  type  = "TXT"
  name  = "@"
  value = "hello $${there}"
}
"#,
        &[
            ("xessone_vps.shop", "<id>"),
            ("xessone_email_account.me", "<address>"),
            ("xessone_bucket.b", "<name>"),
            ("xessone_dns_record.www", "<zone>/<id>"),
        ],
    );
}

#[test]
fn generated_for_serverspace() {
    round_trip(
        r#"
resource "serverspace_ssh" "ci" {
  name       = "ci"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@example.com"
}
resource "serverspace_isolated_network" "lan" {
  name           = "lan"
  description    = "db"
  location       = "am2"
  network_prefix = "10.9.0.0"
  mask           = 24
}
resource "serverspace_server" "web" {
  name             = "web"
  image            = "Ubuntu-22.04-X64"
  location         = "am2"
  cpu              = 1
  ram              = 1024
  boot_volume_size = 30720
  nic {
    network      = ""
    network_type = "PublicShared"
    bandwidth    = 50
  }
  volume {
    name = "data"
    size = 20480
  }
}
resource "serverspace_domain" "d" { name = "example.com." }
resource "serverspace_domain_record" "mx" {
  domain    = serverspace_domain.d.name
  name      = "example.com."
  type      = "MX"
  mail_host = "mx.example.com."
  priority  = 10
  ttl       = "1h"
}
resource "serverspace_gateway" "edge" {
  name        = "edge"
  location    = "am2"
  bandwidth   = 50
  network_ids = [serverspace_isolated_network.lan.id]
}
resource "serverspace_affinity_group" "apart" {
  name     = "apart"
  location = "am2"
  affinity = false
}
"#,
        &[
            ("serverspace_ssh.ci", "<id>"),
            ("serverspace_isolated_network.lan", "<id>"),
            ("serverspace_server.web", "<id>"),
            ("serverspace_domain.d", "<name>"),
            ("serverspace_domain_record.mx", "<domain>/<id>"),
            ("serverspace_gateway.edge", "<id>"),
            ("serverspace_affinity_group.apart", "<id>"),
        ],
    );
}

#[test]
fn generated_for_vpsorg() {
    let text = round_trip(
        r#"
data "vpsorg_plans" "all" {}
data "vpsorg_locations" "all" {}
data "vpsorg_operating_systems" "all" {}
locals {
  plan     = data.vpsorg_plans.all.plans[0]
  location = one([for l in data.vpsorg_locations.all.locations : l.id if l.slug == local.plan.locations[0]])
}
resource "vpsorg_ssh_key" "ci" {
  name       = "ci"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@example.com"
}
resource "vpsorg_server" "api" {
  hostname   = "api.demo.test"
  location   = local.location
  plan       = local.plan.uuid
  os_version = data.vpsorg_operating_systems.all.operating_systems[0].versions[0].uuid
  ssh_keys   = [vpsorg_ssh_key.ci.id]
}
resource "vpsorg_dns_zone" "z" { domain = "zone.test" }
resource "vpsorg_dns_record" "mx" {
  zone        = vpsorg_dns_zone.z.id
  record_type = "MX"
  name        = "@"
  value       = "mx.zone.test"
  priority    = 10
}
"#,
        &[
            ("vpsorg_ssh_key.ci", "<id>"),
            ("vpsorg_server.api", "<id>"),
            ("vpsorg_dns_zone.z", "<domain>"),
            ("vpsorg_dns_record.mx", "<zone>/<id>"),
        ],
    );
    // What stands in for a key is one that the type takes.
    assert!(text.contains("public_key = \"ssh-ed25519 AAAA"), "{text}");
}

#[test]
fn generated_for_xelon() {
    round_trip(
        r#"
locals {
  cloud  = "e96db9d92ec7"
  tenant = "c4c59cf3a0fe"
}
resource "xelon_ssh_key" "ci" {
  name       = "ci"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@example.com"
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
resource "xelon_dns_zone" "z" { name = "example.ch" }
resource "xelon_dns_record" "www" {
  zone_id = xelon_dns_zone.z.id
  name    = "www"
  type    = "A"
  content = "192.0.2.1"
  ttl     = 3600
}
resource "xelon_persistent_storage" "data" {
  name      = "data"
  size      = 10
  cloud_id  = local.cloud
  tenant_id = local.tenant
}
"#,
        &[
            ("xelon_ssh_key.ci", "<id>"),
            ("xelon_network.lan", "<id>"),
            ("xelon_dns_zone.z", "<id>"),
            ("xelon_dns_record.www", "<zone_id>/<record_id>"),
            ("xelon_persistent_storage.data", "<id>"),
        ],
    );
}
