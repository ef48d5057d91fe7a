//! The actions of clouds that take more than one request, or a secret: what they ask of
//! the cloud, and what it then holds.

use std::io::Read;
use std::process::Stdio;

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

#[test]
fn invoke_takes_the_flags_of_an_apply() {
    let w = World::with_cloud(
        r#"
variable "reason" { type = string }
resource "cyberpanel_vps" "web" {
  count         = 2
  hostname      = "web-${count.index}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
}
action "cyberpanel_vps_restart" "web" {
  count = var.reason == "all" ? 2 : 1
  config {
    vps_id = cyberpanel_vps.web[count.index].id
  }
}
"#,
    );
    w.write("why.tfvars", "reason = \"all\"\n");
    w.run("apply -auto-approve -state=own.db -var-file=why.tfvars")
        .ok();
    // Without the state it is not known what to restart.
    let invoke = "invoke -var-file=why.tfvars action.cyberpanel_vps_restart.web";
    w.run(invoke).fails().says("Action's arguments not known");
    let invoke = format!("{invoke} -state=own.db");
    sent(&w, "");
    w.run(&format!("{invoke} -refresh=false -parallelism=1"))
        .ok()
        .says("Actions: 2 invoked");
    let asked = w.cloud().requests();
    assert_eq!(asked.len(), 2, "only the restarts: {asked:?}");
    assert!(asked.iter().all(|r| r.ends_with("/restart")), "{asked:?}");
    w.run(&format!("{invoke} -refresh=full")).ok();
    let asked = w.cloud().requests();
    let reads = asked.iter().filter(|r| r.starts_with("GET")).count();
    assert_eq!(reads, 2, "each machine in detail: {asked:?}");
    // The variable on the command line counts more than the file before it.
    w.run(&format!("{invoke} -var reason=one"))
        .ok()
        .says("Actions: 1 invoked");
    // Another run has the lock.
    let mut other = w
        .command("apply -state=own.db -var reason=one -replace=cyberpanel_vps.web[0]")
        .stdin(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut out = other.stdout.take().expect("piped");
    let mut seen = Vec::new();
    while !seen.ends_with(b"Enter a value:") {
        let mut byte = [0; 1];
        let read = out.read(&mut byte).expect("readable");
        assert_eq!(read, 1, "{}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
    sent(&w, "");
    w.run(&invoke).fails().says("lock");
    assert_eq!(sent(&w, "/restart"), 0);
    w.run(&format!("{invoke} -lock=false")).ok();
    assert_eq!(sent(&w, "/restart"), 2);
    other.kill().expect("killed");
    other.wait().expect("gone");
}

#[test]
fn actions_of_a_creation_that_is_found_again_are_mentioned_and_not_run() {
    let w = World::with_cloud(
        r#"
resource "xessone_email_account" "info" {
  address  = "info@demo.test"
  password = "correct-horse-9"
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.xessone_email_password.info]
    }
  }
}
action "xessone_email_password" "info" {
  config {
    email_id = xessone_email_account.info.id
    password = "another-horse-7"
  }
}
"#,
    );
    let lost = r#"{"kind": "drop", "cloud": "xessone", "method": "POST", "path": "/email", "effect": "after"}"#;
    w.cloud().control("POST", "/_sandbox/faults", lost);
    w.run("apply -auto-approve")
        .fails()
        .says("not known whether it was created");
    sent(&w, "");
    w.apply()
        .says("Actions did not run")
        .says("action.xessone_email_password.info")
        .says("loam invoke");
    assert_eq!(sent(&w, "/password"), 0);
    w.run("invoke action.xessone_email_password.info").ok();
    assert_eq!(sent(&w, "/password"), 1);
    w.plan().says("No changes.").never_says("did not run");
}
