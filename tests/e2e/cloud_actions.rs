//! The actions of clouds that take more than one request, or a secret: what they ask of
//! the cloud, and what it then holds.

use crate::world::World;

/// The requests since the last look that match.
fn sent(w: &World, what: &str) -> usize {
    let all = w.cloud().requests();
    all.iter().filter(|r| r.contains(what)).count()
}

#[test]
fn a_backup_is_made_and_restored() {
    let w = World::with_cloud(
        r#"
variable "point" { default = 0 }
resource "serverspace_server" "s" {
  name             = "web"
  location         = "am2"
  image            = "Ubuntu-22.04-X64"
  cpu              = 1
  ram              = 1024
  boot_volume_size = 30720
  nic {
    network      = ""
    network_type = "PublicShared"
    bandwidth    = 50
  }
}
data "serverspace_backup_storages" "s" {
  location = "am2"
}
resource "serverspace_server_backup" "s" {
  server_id = serverspace_server.s.id
  hour      = 2
  minute    = 30
  daily {
    keep              = 7
    backup_storage_id = data.serverspace_backup_storages.s.storages[0].id
  }
}
action "serverspace_server_backup_now" "s" {
  config {
    server_id = serverspace_server_backup.s.server_id
    name      = "before"
  }
}
action "serverspace_server_backup_restore" "s" {
  config {
    server_id        = serverspace_server.s.id
    restore_point_id = var.point
  }
}
action "serverspace_server_backup_restore_nearby" "s" {
  config {
    server_id        = serverspace_server.s.id
    restore_point_id = var.point
  }
}
"#,
    );
    w.apply().says("2 added");
    let made = w.run("invoke action.serverspace_server_backup_now.s").ok();
    let point: String = made
        .out
        .lines()
        .find_map(|l| l.strip_prefix("restore point "))
        .expect("a point")
        .to_owned();
    sent(&w, "");
    let restore = "action.serverspace_server_backup_restore.s";
    w.run_with_input(&format!("invoke -var point={point} {restore}"), "no\n")
        .fails()
        .says("overwrites the server's volumes with the backup");
    assert_eq!(sent(&w, "/restore"), 0);
    w.run_with_input(&format!("invoke -var point={point} {restore}"), "yes\n")
        .ok();
    assert_eq!(sent(&w, &format!("/restore-points/{point}/restore")), 1);
    w.run(&format!(
        "invoke -auto-approve -var point={point} action.serverspace_server_backup_restore_nearby.s"
    ))
    .ok()
    .says("makes another server, which costs money");
    assert_eq!(sent(&w, "/restore-nearby"), 1);
    w.run(&format!("invoke -auto-approve -var point=9999 {restore}"))
        .fails();
}

#[test]
fn passwords_are_set_and_never_shown() {
    let w = World::with_cloud(
        r#"
variable "new" {
  type      = string
  ephemeral = true
  default   = null
}
data "xessone_dns_zone" "own" {
  domain = "demo.test"
}
resource "xessone_email_account" "info" {
  address  = "info@${data.xessone_dns_zone.own.domain}"
  password = "correct-horse-9"
}
action "xessone_email_password" "info" {
  config {
    email_id = xessone_email_account.info.id
    password = var.new
  }
}
data "xelon_tenant" "own" {}
resource "xelon_tenant_user" "ada" {
  tenant_id   = data.xelon_tenant.own.id
  email       = "ada@example.com"
  first_name  = "Ada"
  last_name   = "L"
  password    = "correct-horse-9"
  roles       = ["hq_organization_member"]
  permissions = ["allow_view_virtual_machines"]
}
action "xelon_tenant_user_set_password" "ada" {
  config {
    tenant_id = data.xelon_tenant.own.id
    user_id   = xelon_tenant_user.ada.id
    password  = var.new
  }
}
"#,
    );
    w.apply().says("2 added");
    sent(&w, "");
    w.run("invoke -var new=short action.xessone_email_password.info")
        .fails()
        .says("The password needs 8 to 128 characters.")
        .never_says("short\"");
    w.run("invoke -var new=another-horse-7 action.xessone_email_password.info action.xelon_tenant_user_set_password.ada")
        .ok()
        .says("the password has been changed")
        .says("Actions: 2 invoked")
        .never_says("another-horse");
    assert_eq!(sent(&w, "/password"), 2);
    let state = std::fs::read(w.path("state/default.db")).expect("there");
    assert!(!String::from_utf8_lossy(&state).contains("another-horse"));
}
