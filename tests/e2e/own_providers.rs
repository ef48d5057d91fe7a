//! Providers that a user describes beside the configuration.

use crate::world::World;

const CONFIG: &str = r#"
resource "keyring_key" "me" {
  name       = "me"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVzZXJzIG93biBwcm92aWRlciBvZiBrZXlz me"
}
output "id" { value = keyring_key.me.id }
"#;

const PROVIDER: &str = r#"
provider "keyring" {
  source   = "example.com/me/keyring"
  version  = "0.1.0"
  base_url = "${provider.host}/api/v1"
  headers  = { X-API-KEY = provider.token }
  setting "host" {
    env = ["SERVERSPACE_HOST"]
  }
  setting "token" {
    required  = true
    sensitive = true
    env       = ["SERVERSPACE_KEY"]
  }
}
"#;

const RESOURCE: &str = r#"
resource "keyring_key" {
  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "public_key" {
    type      = string
    required  = true
    on_change = "replace"
  }
  create {
    request "create" {
      path   = "/ssh-keys"
      body   = { name = self.name, public_key = self.public_key }
      object = try(response.ssh_key, response)
    }
  }
  read {
    request "read" {
      path   = "/ssh-keys/${self.id}"
      object = try(response.ssh_key, response)
    }
  }
  delete {
    request "delete" { path = "/ssh-keys/${self.id}" }
  }
}
"#;

#[test]
fn a_description_in_one_file_is_a_provider_like_any_other() {
    let w = World::with_cloud(CONFIG);
    w.write(
        "loam.d/providers/keyring.hcl",
        &format!("{PROVIDER}{RESOURCE}"),
    );
    w.run("init")
        .ok()
        .says("- keyring 0.1.0 (example.com/me/keyring) is at hand");
    w.apply().ok().says("Apply complete! Resources: 1 added");
    let key = "AAAAC3NzaC1lZDI1NTE5AAAAIHVzZXJzIG93biBwcm92aWRlciBvZiBrZXlz";
    let objects = || {
        w.cloud()
            .control("GET", "/_sandbox/objects?cloud=serverspace", "")
            .to_string()
    };
    assert!(objects().contains(key));
    w.plan().ok().says("No changes.");
    w.run("destroy -auto-approve").ok();
    assert!(!objects().contains(key));
}

#[test]
fn a_folder_of_files_is_one_description() {
    let w = World::new(CONFIG);
    w.write("loam.d/providers/keyring/provider.hcl", PROVIDER);
    w.write("loam.d/providers/keyring/keys.hcl", RESOURCE);
    w.write("loam.d/providers/keyring/README.md", "Not a description.");
    w.run("validate").ok();
    let schema = w.run("providers schema -json").ok().json();
    let keyring = &schema["provider_schemas"]["example.com/me/keyring"];
    assert!(keyring["resource_schemas"]["keyring_key"].is_object());
}

#[test]
fn a_description_may_take_the_place_of_older_versions() {
    let asking = |version: &str| {
        format!(
            "terraform {{\n  required_providers {{\n    keyring = {{\n      source  = \"example.com/me/keyring\"\n      version = \"{version}\"\n    }}\n  }}\n}}\n{CONFIG}"
        )
    };
    let w = World::with_cloud("");
    let since = PROVIDER.replace("\"0.1.0\"", "\"0.3.2\"\n  since    = \"0.2.0\"");
    w.write("loam.d/providers/keyring.hcl", &[&since, RESOURCE].concat());
    for version in ["~> 0.2.2", "0.3.1", ">= 0.3"] {
        w.write("main.tf", &asking(version));
        w.run("validate").ok();
    }
    for version in ["~> 1.0", "0.1.9"] {
        w.write("main.tf", &asking(version));
        w.run("validate").fails().says(&format!(
            "asks for a version {version} of the provider \"keyring\", but the one at hand is 0.3.2"
        ));
    }
}

#[test]
fn mistakes_in_a_description_are_told_with_their_lines() {
    let w = World::new(CONFIG);
    let text = format!("{PROVIDER}{RESOURCE}").replacen("required  = true", "requird  = true", 1);
    w.write("loam.d/providers/keyring.hcl", &text);
    w.run("validate")
        .fails()
        .says("loam.d/providers/keyring.hcl")
        .says("requird")
        .never_says("There is no provider");
    w.run("import keyring_key.me 1")
        .fails()
        .says("loam.d/providers/keyring.hcl")
        .says("requird");
    // A configuration that does not use it is not held up.
    w.write("main.tf", "resource \"terraform_data\" \"x\" {}\n");
    w.run("validate").ok();
}

#[test]
fn a_description_has_to_be_where_its_name_says() {
    let w = World::new(&CONFIG.replace("keyring_key", "other_key"));
    w.write(
        "loam.d/providers/other.hcl",
        &format!("{PROVIDER}{RESOURCE}"),
    );
    w.run("validate")
        .fails()
        .says("Misplaced provider description")
        .says("describes the provider \"keyring\"");
    w.write("loam.d/providers/other/a.hcl", PROVIDER);
    w.run("validate")
        .fails()
        .says("Duplicate provider description");
}
