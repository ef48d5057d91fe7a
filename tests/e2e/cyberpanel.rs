//! The first cloud: a fleet from its creation to its end, and everything that can go
//! wrong on the way.

use loam_sandbox::{RateLimits, SandboxConfig};
use serde_json::json;

use crate::world::World;

const FLEET: &str = r#"
variable "names" { default = ["a", "b", "c"] }
resource "cyberpanel_vps" "web" {
  for_each      = toset(var.names)
  hostname      = "${each.key}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
}
output "addresses" { value = { for k, v in cyberpanel_vps.web : k => v.ip_address } }
"#;

const ONE: &str = r#"
resource "cyberpanel_vps" "web" {
  hostname      = "web.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
}
"#;

#[test]
fn a_fleet_from_creation_to_its_end() {
    let w = World::with_cloud(FLEET);
    w.plan()
        .says("Plan: 3 to add")
        .says("API requests (cyberpanel)")
        .says("60 a minute")
        .never_says("correct-horse");
    w.apply().says("3 added").never_says("correct-horse");
    assert_eq!(
        w.cloud().machines(),
        ["a.example.com", "b.example.com", "c.example.com"]
    );
    w.plan().says("No changes.");
    // One entry changed: exactly one replacement.
    w.write("terraform.tfvars", "names = [\"a\", \"b\", \"d\"]\n");
    w.plan().says("Plan: 1 to add, 0 to change, 1 to destroy.");
    w.apply().says("1 added, 0 changed, 1 destroyed");
    assert_eq!(
        w.cloud().machines(),
        ["a.example.com", "b.example.com", "d.example.com"]
    );
    w.run("destroy -auto-approve").ok().says("3 destroyed");
    assert!(w.cloud().machines().is_empty());
    let objects = w
        .cloud()
        .control("GET", "/_sandbox/objects", "")
        .to_string();
    assert!(!objects.contains("example.com"), "{objects}");
}

#[test]
fn a_changed_password_replaces_and_is_never_stored() {
    let w = World::with_cloud(ONE);
    w.apply();
    w.write(
        "main.tf",
        &ONE.replace("correct-horse-9", "another-horse-7"),
    );
    w.plan()
        .says("must be replaced")
        .says("write-only")
        .never_says("another-horse");
    let state = std::fs::read(w.path("state/default.db")).expect("there");
    let text = String::from_utf8_lossy(&state);
    assert!(!text.contains("correct-horse"));
}

#[test]
fn what_was_deleted_outside_is_made_again() {
    let w = World::with_cloud(FLEET);
    w.apply();
    let (_, list) = w.cloud().api("GET", "/vps", "");
    let instance = list["data"]["instances"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|i| i["name"] == "b.example.com")
        .cloned()
        .expect("there");
    w.cloud()
        .api("POST", &format!("/vps/{}/delete", instance["id"]), "");
    w.plan()
        .says("has been deleted")
        .says("cyberpanel_vps.web[\"b\"] will be created")
        .says("Plan: 1 to add, 0 to change, 0 to destroy.");
    w.apply().says("1 added");
    assert_eq!(w.cloud().machines().len(), 3);
}

#[test]
fn power_is_changed_in_place() {
    let w = World::with_cloud(ONE);
    w.apply();
    w.write(
        "main.tf",
        &ONE.replace(
            "root_password",
            "power_state   = \"stopped\"\n  root_password",
        ),
    );
    w.plan().says("Plan: 0 to add, 1 to change, 0 to destroy.");
    w.apply().says("1 changed");
    let (_, list) = w.cloud().api("GET", "/vps", "");
    assert_eq!(list["data"]["instances"][0]["status"], "stopped");
    w.plan().says("No changes.");
}

#[test]
fn reading_250_instances_takes_three_list_requests() {
    let mut w = World::with_cloud(
        r#"
resource "cyberpanel_vps" "web" {
  count         = 250
  hostname      = "web-${count.index}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
}
"#,
    );
    // The emulated cloud has no limits here; Loam would keep to the documented ones.
    w.set("CYBERPANEL_REQUESTS_PER_MINUTE", "100000");
    w.set("CYBERPANEL_REQUESTS_PER_HOUR", "1000000");
    let ran = w.run("apply -auto-approve -parallelism=250");
    ran.ok().says("250 added");
    w.cloud().requests();
    w.plan().says("No changes.").says("refresh took 3");
    let requests = w.cloud().requests();
    assert_eq!(requests.len(), 3, "{requests:?}");
    assert!(
        requests
            .iter()
            .all(|r| r.contains("GET") && r.contains("/vps?")),
        "{requests:?}"
    );
}

#[test]
fn a_wrong_key_says_which_variable_to_set() {
    let mut w = World::with_cloud(ONE);
    w.set("CYBERPANEL_API_KEY", "cyp_live_wrong");
    w.run("apply -auto-approve")
        .fails()
        .says("401")
        .says("CYBERPANEL_API_KEY")
        .never_says("cyp_live_wrong");
    assert!(w.cloud().machines().is_empty());
    w.set("CYBERPANEL_API_KEY", "");
    w.run("plan").fails().says("CYBERPANEL_API_KEY");
}

#[test]
fn a_missing_scope_is_named() {
    let mut w = World::with_cloud(ONE);
    let key = w.cloud().control(
        "POST",
        "/_sandbox/keys",
        &json!({ "cloud": "cyberpanel", "scopes": ["vps:read"] }).to_string(),
    );
    let key = key["key"].as_str().expect("a key").to_owned();
    w.set("CYBERPANEL_API_KEY", &key);
    w.run("apply -auto-approve")
        .fails()
        .says("vps:write")
        .never_says(&key);
    assert!(w.cloud().machines().is_empty());
}

#[test]
fn too_many_requests_are_waited_out() {
    let w = World::with_cloud(ONE);
    let fault = json!({ "method": "POST", "path": "/vps/create", "nth": 1, "kind": "respond", "status": 429, "headers": { "Retry-After": "1" },
        "body": { "success": false, "error": "Rate limit", "error_code": "RATE_LIMIT_EXCEEDED", "message": "Wait." } });
    w.cloud()
        .control("POST", "/_sandbox/faults", &fault.to_string());
    w.apply().says("1 added");
    assert_eq!(w.cloud().machines(), ["web.example.com"]);
}

#[test]
fn a_failed_deployment_is_kept_as_tainted() {
    let w = World::with_cloud(ONE);
    w.cloud().control(
        "POST",
        "/_sandbox/faults",
        &json!({ "kind": "deployment_failure", "always": true }).to_string(),
    );
    w.run("apply -auto-approve").fails().says("deployment");
    w.run("state list").ok().says("cyberpanel_vps.web");
    w.cloud().control("DELETE", "/_sandbox/faults", "");
    w.plan().says("is tainted, so must be replaced");
    w.apply().says("1 added, 0 changed, 1 destroyed");
    assert_eq!(w.cloud().machines(), ["web.example.com"]);
}

#[test]
fn a_create_whose_answer_was_lost_is_found_and_not_repeated() {
    let w = World::with_cloud(ONE);
    let fault = json!({ "method": "POST", "path": "/vps/create", "nth": 1, "kind": "drop_after" });
    w.cloud()
        .control("POST", "/_sandbox/faults", &fault.to_string());
    w.run("apply -auto-approve").fails();
    assert_eq!(
        w.cloud().machines(),
        ["web.example.com"],
        "the cloud has made it"
    );
    w.run("apply -auto-approve")
        .ok()
        .says("taken into the state");
    assert_eq!(
        w.cloud().machines(),
        ["web.example.com"],
        "and there is only one"
    );
    w.plan().says("No changes.");
}

#[cfg(unix)]
#[test]
fn a_killed_apply_leaves_no_orphan_and_no_duplicate() {
    // Deployments take 18 s here, so that the process dies in the middle of one.
    let config = SandboxConfig {
        speed: 10.0,
        rate_limits: RateLimits::Off,
        ..SandboxConfig::default()
    };
    let w = World::with(FLEET, config);
    let mut child = w.command("apply -auto-approve").spawn().expect("it runs");
    let begun = std::time::Instant::now();
    while w.cloud().machines().is_empty() && begun.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().expect("killed");
    child.wait().expect("gone");
    let made = w.cloud().machines().len();
    assert!(made > 0);
    w.cloud()
        .control("POST", "/_sandbox/clock", "{\"advance_seconds\": 3600}");
    w.apply();
    assert_eq!(
        w.cloud().machines(),
        ["a.example.com", "b.example.com", "c.example.com"]
    );
    w.plan().says("No changes.");
}

#[test]
fn data_sources_read_while_planning() {
    let w = World::with_cloud(
        "data \"cyberpanel_plans\" \"all\" {}\noutput \"names\" { value = [for p in data.cyberpanel_plans.all.plans : p.name] }\n",
    );
    w.plan().says("\"Starter\"");
    w.apply().says("\"Basic\"");
}

#[test]
fn an_existing_machine_is_imported() {
    let w = World::with_cloud(ONE);
    w.apply();
    let id = w.run("state show cyberpanel_vps.web").ok().out;
    let id: String = id
        .lines()
        .find(|l| l.trim_start().starts_with("id "))
        .expect("an id")
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    w.run("state rm cyberpanel_vps.web").ok();
    w.write(
        "import.tf",
        &format!("import {{\n  to = cyberpanel_vps.web\n  id = \"{id}\"\n}}\n"),
    );
    let main = ONE.replace("root_password = \"correct-horse-9\"", "root_password = \"correct-horse-9\"\n  lifecycle {\n    ignore_changes = [template_id, root_password]\n  }");
    w.write("main.tf", &main);
    w.plan().says("1 to import");
    w.apply().says("1 imported");
    assert_eq!(w.cloud().machines(), ["web.example.com"]);
}
