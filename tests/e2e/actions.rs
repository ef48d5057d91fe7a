//! Actions: what runs them, when, and what is told of it. What was really asked of the
//! cloud is read from its own log.

use std::io::Read;

use serde_json::{Value as Json, json};

use crate::world::{Ran, World};

/// A machine; `{more}` goes into its block.
fn machine(name: &str, more: &str) -> String {
    format!(
        r#"
resource "cyberpanel_vps" "{name}" {{
  hostname      = "{name}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
  {more}
}}
"#
    )
}

/// `lifecycle` with one trigger.
fn trigger(events: &str, rest: &str, actions: &str) -> String {
    format!(
        "lifecycle {{\n    action_trigger {{\n      events  = [{events}]\n      {rest}\n      actions = [{actions}]\n    }}\n  }}"
    )
}

/// An action on the machine `of`.
fn action(kind: &str, name: &str, of: &str) -> String {
    format!(
        "action \"cyberpanel_vps_{kind}\" \"{name}\" {{\n  config {{\n    vps_id = cyberpanel_vps.{of}.id\n  }}\n}}\n"
    )
}

/// What changed something at the cloud, and consoles that were asked for, without the
/// numbers of machines.
fn deeds(w: &World) -> Vec<String> {
    let all = w.cloud().requests();
    let wanted = all
        .iter()
        .filter(|r| r.starts_with("POST") || r.ends_with("/console"));
    wanted
        .map(|r| {
            let path = r.split("/api/v1").nth(1).unwrap_or(r);
            path.chars().filter(|c| !c.is_ascii_digit()).collect()
        })
        .collect()
}

fn fault(w: &World, fault: &Json) {
    w.cloud()
        .control("POST", "/_sandbox/faults", &fault.to_string());
}

#[test]
fn an_action_runs_after_the_creation_that_triggers_it() {
    let w = World::with_cloud(
        &[
            machine(
                "web",
                &trigger("after_create", "", "action.cyberpanel_vps_restart.web"),
            ),
            action("restart", "web", "web"),
        ]
        .concat(),
    );
    w.plan()
        .says("# Actions to be invoked after this change in order:")
        .says("    action \"cyberpanel_vps_restart\" \"web\" {\n        config {\n            vps_id = (known after apply)\n        }\n    }")
        .says("Plan: 1 to add, 0 to change, 0 to destroy. Actions: 1 to invoke.");
    w.apply()
        .says("Action started: action.cyberpanel_vps_restart.web (triggered by cyberpanel_vps.web)")
        .says("web.example.com is running")
        .says(
            "Action complete: action.cyberpanel_vps_restart.web (triggered by cyberpanel_vps.web)",
        )
        .says("1 added, 0 changed, 0 destroyed. Actions: 1 invoked.");
    assert_eq!(deeds(&w), ["/vps/create", "/vps//restart"]);
    // Nothing changes, so nothing runs.
    w.apply().says("No changes.");
    assert_eq!(deeds(&w), [""; 0]);
    // A replacement is a creation; destruction triggers nothing.
    w.run("apply -auto-approve -replace=cyberpanel_vps.web")
        .ok()
        .says("1 added, 0 changed, 1 destroyed. Actions: 1 invoked.");
    assert_eq!(deeds(&w), ["/vps//delete", "/vps/create", "/vps//restart"]);
    w.run("destroy -auto-approve")
        .ok()
        .says("1 destroyed")
        .never_says("Action started");
    let schemas = w.run("providers schema -json").ok().json();
    let all = schemas["provider_schemas"].as_object().expect("providers");
    let cloud = all
        .values()
        .find(|p| p["action_schemas"]["cyberpanel_vps_restart"].is_object());
    let block = &cloud.expect("described")["action_schemas"]["cyberpanel_vps_restart"]["block"];
    assert_eq!(block["attributes"]["vps_id"]["required"], true);
}

/// Two machines of one resource, whose action looks at the second through `{through}`.
fn pair(through: &str) -> World {
    World::with_cloud(&format!(
        r#"
resource "cyberpanel_vps" "web" {{
  count         = 2
  hostname      = "${{count.index}}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
  lifecycle {{
    action_trigger {{
      events    = [after_create]
      condition = count.index == 0
      actions   = [action.cyberpanel_vps_restart.second]
    }}
  }}
}}
locals {{ second = cyberpanel_vps.web[1].id }}
action "cyberpanel_vps_restart" "second" {{
  config {{
    vps_id = {through}
  }}
}}
resource "terraform_data" "behind" {{
  input = cyberpanel_vps.web[0].id
}}
"#
    ))
}

#[test]
fn an_action_waits_for_the_other_instances_that_it_looks_at() {
    for through in [
        "cyberpanel_vps.web[1].id",
        "reverse(cyberpanel_vps.web)[0].id",
        "local.second",
    ] {
        let w = pair(through);
        w.apply()
            .says("1.example.com is running")
            .says("3 added, 0 changed, 0 destroyed. Actions: 1 invoked.");
        assert_eq!(
            deeds(&w),
            ["/vps/create", "/vps/create", "/vps//restart"],
            "{through}"
        );
    }
}

#[test]
fn what_is_left_out_does_not_run_and_is_mentioned() {
    let w = World::with_cloud(
        &[
            machine("first", ""),
            machine(
                "second",
                &trigger("after_create", "", "action.cyberpanel_vps_restart.first"),
            ),
            action("restart", "first", "first"),
        ]
        .concat(),
    );
    w.run("plan -exclude=cyberpanel_vps.first")
        .ok()
        .says("Actions are left out")
        .says("Plan: 1 to add, 0 to change, 0 to destroy.\n");
    // What is targeted brings what its actions need.
    w.run("apply -auto-approve -target=cyberpanel_vps.second")
        .ok()
        .says("2 added, 0 changed, 0 destroyed. Actions: 1 invoked.");
}

#[test]
fn actions_run_around_an_update() {
    let config = |power: &str| {
        let around = "lifecycle {
    action_trigger {
      events  = [before_update]
      actions = [action.cyberpanel_vps_console.web]
    }
    action_trigger {
      events  = [after_update]
      actions = [action.cyberpanel_vps_start.web, action.cyberpanel_vps_restart.web]
    }
  }";
        [
            machine("web", &format!("power_state = \"{power}\"\n  {around}")),
            action("console", "web", "web"),
            action("start", "web", "web"),
            action("restart", "web", "web"),
        ]
        .concat()
    };
    let w = World::with_cloud(&config("running"));
    w.apply().never_says("Action started");
    deeds(&w);
    w.write("main.tf", &config("stopped"));
    w.plan()
        .says("# Actions to be invoked before this change in order:\n    action \"cyberpanel_vps_console\"")
        .says("Plan: 0 to add, 1 to change, 0 to destroy. Actions: 3 to invoke.");
    w.apply().says("Actions: 3 invoked.");
    assert_eq!(
        deeds(&w),
        [
            "/vps//console",
            "/vps//stop",
            "/vps//start",
            "/vps//restart"
        ]
    );
}

/// Two machines; before the second is made, an action runs on the first.
fn before() -> World {
    World::with_cloud(
        &[
            machine("first", ""),
            machine(
                "second",
                &trigger("before_create", "", "action.cyberpanel_vps_restart.first"),
            ),
            action("restart", "first", "first"),
        ]
        .concat(),
    )
}

const BROKEN: &str = "/vps/*/restart";

fn broken(w: &World) {
    fault(
        w,
        &json!({ "kind": "respond", "method": "POST", "path": BROKEN, "status": 400, "always": true,
            "body": { "success": false, "error": "No", "error_code": "RESTART_FAILED", "message": "It will not." } }),
    );
}

#[test]
fn an_action_before_a_creation_waits_for_what_it_is_made_from() {
    let w = before();
    w.apply().says("2 added");
    assert_eq!(deeds(&w), ["/vps/create", "/vps//restart", "/vps/create"]);
}

#[test]
fn an_action_that_fails_before_a_change_stops_it() {
    let w = before();
    broken(&w);
    w.run("apply -auto-approve")
        .fails()
        .says("It will not.")
        .says("Action errored: action.cyberpanel_vps_restart.first")
        .says("cyberpanel_vps.second: not begun");
    assert_eq!(w.cloud().machines(), ["first.example.com"]);
    w.cloud().control("DELETE", "/_sandbox/faults", "");
    w.apply()
        .says("1 added, 0 changed, 0 destroyed. Actions: 1 invoked.");
}

#[test]
fn an_action_that_fails_after_a_change_stops_what_needs_the_resource() {
    let w = World::with_cloud(
        &[
            machine(
                "web",
                &trigger("after_create", "", "action.cyberpanel_vps_restart.web"),
            ),
            action("restart", "web", "web"),
            machine("behind", "depends_on = [cyberpanel_vps.web]"),
            machine("beside", ""),
        ]
        .concat(),
    );
    broken(&w);
    w.run("apply -auto-approve")
        .fails()
        .says("cyberpanel_vps.behind: not begun")
        .says("loam invoke action.cyberpanel_vps_restart.web");
    assert_eq!(
        w.cloud().machines(),
        ["beside.example.com", "web.example.com"]
    );
    w.cloud().control("DELETE", "/_sandbox/faults", "");
    deeds(&w);
    // The creation is done: the action is not planned again, but can be run by name.
    w.apply()
        .says("1 added, 0 changed, 0 destroyed.")
        .never_says("Action started");
    w.run("invoke action.cyberpanel_vps_restart.web")
        .ok()
        .says("Actions: 1 invoked");
    assert_eq!(deeds(&w), ["/vps/create", "/vps//restart"]);
}

#[test]
fn a_condition_decides_when_it_is_known() {
    let with = |condition: &str| {
        World::with_cloud(
            &[
                machine(
                    "web",
                    &trigger(
                        "after_create",
                        &format!("condition = {condition}"),
                        "action.cyberpanel_vps_restart.web",
                    ),
                ),
                action("restart", "web", "web"),
            ]
            .concat(),
        )
    };
    let w = with("self.plan_id == 2");
    w.plan().never_says("Actions");
    let w = with("self.ip_address == \"203.0.113.1\"");
    w.plan()
        .says("(if its condition holds: known after apply)")
        .says("Actions: 1 to invoke.");
    w.apply()
        .says("its condition does not hold")
        .never_says("invoked.");
    assert_eq!(deeds(&w), ["/vps/create"]);
    let w = with("self.ip_address != null");
    w.apply().says("Actions: 1 invoked.");
}

#[test]
fn each_instance_has_its_own_action_also_in_modules() {
    let w = World::with_cloud("module \"net\" {\n  source = \"./net\"\n}\n");
    w.write(
        "net/main.tf",
        r#"
locals { names = toset(["a", "b"]) }
resource "cyberpanel_vps" "web" {
  for_each      = local.names
  hostname      = "${each.key}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.cyberpanel_vps_restart.web[each.key]]
    }
  }
}
action "cyberpanel_vps_restart" "web" {
  for_each = local.names
  config {
    vps_id = cyberpanel_vps.web[each.key].id
  }
}
"#,
    );
    w.run("init").ok();
    w.run("validate").ok();
    w.plan()
        .says("# module.net.action.cyberpanel_vps_restart.web[\"a\"]")
        .says("Actions: 2 to invoke.");
    w.apply()
        .says("a.example.com is running")
        .says("b.example.com is running");
    deeds(&w);
    w.run("invoke module.net.action.cyberpanel_vps_restart.web[\"b\"]")
        .ok()
        .says("b.example.com is running")
        .never_says("a.example.com is running");
    w.run("invoke module.net.action.cyberpanel_vps_restart.web")
        .ok()
        .says("Actions: 2 invoked");
    assert_eq!(deeds(&w).len(), 3);
    w.run("invoke module.net.action.cyberpanel_vps_restart.web[\"c\"]")
        .fails()
        .says("There is no instance");
    w.run("invoke action.cyberpanel_vps_restart.wbe")
        .fails()
        .says("Action not found");
}

#[test]
fn what_cannot_work_is_refused_before_anything_is_done() {
    let refused = |config: &str, why: &str| {
        let w = World::with_cloud(config);
        w.run("apply -auto-approve").fails().says(why);
        assert!(w.cloud().machines().is_empty());
    };
    refused(
        &[
            machine(
                "web",
                &trigger("before_create", "", "action.cyberpanel_vps_restart.web"),
            ),
            action("restart", "web", "web"),
        ]
        .concat(),
        "cannot run at before_create: cyberpanel_vps.web.id is known only after that",
    );
    refused(
        &machine("web", &trigger("after_destroy", "", "action.a.b")),
        "Actions do not run with the destruction of a resource",
    );
    let repeated = "action \"cyberpanel_vps_restart\" \"web\" {\n  count = 2\n  config {\n    vps_id = cyberpanel_vps.web.id\n  }\n}\n";
    refused(
        &[
            machine(
                "web",
                &trigger("after_create", "", "action.cyberpanel_vps_restart.web"),
            ),
            repeated.to_owned(),
        ]
        .concat(),
        "is repeated, so one of its instances has to be named, such as action.cyberpanel_vps_restart.web[0]",
    );
}

#[test]
fn a_plan_file_and_programs_tell_what_will_run() {
    let w = World::with_cloud(
        &[
            machine(
                "web",
                &trigger("after_create", "", "action.cyberpanel_vps_restart.web"),
            ),
            action("restart", "web", "web"),
        ]
        .concat(),
    );
    w.run("plan -out=x.plan").ok();
    let plan = w.run("show -json x.plan").ok().json();
    assert_eq!(
        plan["action_invocations"],
        json!([{
            "address": "action.cyberpanel_vps_restart.web",
            "type": "cyberpanel_vps_restart",
            "name": "web",
            "config_values": {},
            "config_sensitive": {},
            "config_unknown": { "vps_id": true },
            "provider_name": plan["resource_changes"][0]["provider_name"],
            "lifecycle_action_trigger": {
                "triggering_resource_address": "cyberpanel_vps.web",
                "action_trigger_event": "AfterCreate",
                "action_trigger_block_index": 0,
                "actions_list_index": 0,
            },
        }])
    );
    assert_eq!(
        plan["configuration"]["root_module"]["actions"],
        json!([{
            "address": "action.cyberpanel_vps_restart.web",
            "type": "cyberpanel_vps_restart",
            "name": "web",
            "provider_config_key": "cyberpanel",
            "expressions": { "vps_id": { "references": ["cyberpanel_vps.web.id", "cyberpanel_vps.web"] } },
        }])
    );
    let ran = w.run("apply -json x.plan").ok();
    let events: Vec<Json> = ran
        .out
        .lines()
        .map(|l| serde_json::from_str(l).expect("JSON"))
        .collect();
    let of = |kind: &str| {
        events
            .iter()
            .find(|e| e["type"] == kind)
            .unwrap_or_else(|| panic!("no {kind}:\n{}", ran.out))
    };
    assert_eq!(
        of("action_start")["@message"],
        "cyberpanel_vps.web.trigger[0]: Action started: action.cyberpanel_vps_restart.web"
    );
    let hook = &of("action_complete")["hook"];
    assert_eq!(hook["action"]["addr"], "action.cyberpanel_vps_restart.web");
    assert_eq!(hook["lifecycle"]["resource"]["addr"], "cyberpanel_vps.web");
    assert_eq!(hook["lifecycle"]["trigger_event"], "AfterCreate");
    assert_eq!(
        of("action_progress")["hook"]["message"],
        "web.example.com is running"
    );
    assert_eq!(of("change_summary")["changes"]["action_invocation"], 1);
    broken(&w);
    let ran = w
        .run("invoke -json action.cyberpanel_vps_restart.web")
        .fails();
    assert!(
        ran.out.contains("\"type\":\"action_errored\""),
        "{}",
        ran.out
    );
    let announced = |ran: &Ran| {
        let lines = ran.out.lines();
        let mut events = lines.map(|l| serde_json::from_str::<Json>(l).expect("JSON"));
        let event = events.find(|e| e["type"] == "planned_action_invocation");
        event.unwrap_or_else(|| panic!("nothing is announced:\n{}", ran.out))
    };
    let named = w
        .run("plan -json -invoke=action.cyberpanel_vps_restart.web")
        .ok();
    let named = announced(&named);
    assert_eq!(
        named["@message"],
        "planned action invocation: action.cyberpanel_vps_restart.web"
    );
    assert_eq!(named["invocation"]["action_trigger"], json!({}));
    let triggered = w.run("plan -json -replace=cyberpanel_vps.web").ok();
    let triggered = &announced(&triggered)["invocation"];
    let addr = &triggered["action_addr"];
    assert_eq!(addr["addr"], "action.cyberpanel_vps_restart.web");
    assert_eq!(addr["action_type"], "cyberpanel_vps_restart");
    let trigger = &triggered["lifecycle_trigger"];
    assert_eq!(trigger["triggering_resource"]["addr"], "cyberpanel_vps.web");
    assert_eq!(trigger["triggering_event"], "AfterCreate");
    assert_eq!(trigger["action_trigger_block_index"], 0);
    assert_eq!(trigger["actions_list_index"], 0);
}

#[test]
fn a_console_is_shown_because_it_was_asked_for_and_kept_nowhere() {
    let w = World::with_cloud(&[machine("web", ""), action("console", "web", "web")].concat());
    w.run("invoke action.cyberpanel_vps_console.web")
        .fails()
        .says("Action's arguments not known")
        .says("Run \"loam apply\" first.");
    w.apply().never_says("token");
    let shown = w.run("invoke action.cyberpanel_vps_console.web").ok();
    let address = shown
        .out
        .lines()
        .find(|l| l.contains("(valid for"))
        .and_then(|l| l.split(' ').next())
        .expect("an address")
        .to_owned();
    assert!(address.starts_with("http"), "{address}");
    for file in ["state/default.db", "state/default.db-wal"] {
        let state = std::fs::read(w.path(file)).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&state).contains(&address));
    }
    w.plan().says("No changes.");
    w.run("apply -auto-approve -invoke=action.cyberpanel_vps_console.web")
        .ok()
        .says("Plan: 0 to add, 0 to change, 0 to destroy. Actions: 1 to invoke.")
        .says("(triggered by CLI)");
    w.run("plan -invoke=action.cyberpanel_vps_console.web -target=cyberpanel_vps.web")
        .fails()
        .says("-target has no meaning beside it");
}

const RENEWAL: &str = r#"
data "vpsorg_domain" "d" {
  domain_name = "demo.test"
}
action "vpsorg_domain_renew" "d" {
  config {
    domain_id = data.vpsorg_domain.d.id
  }
}
"#;

#[test]
fn what_costs_money_is_asked_first() {
    let renewals = |w: &World| {
        let all = w.cloud().requests();
        all.iter().filter(|r| r.contains("/renew/")).count()
    };
    let w = World::with_cloud(RENEWAL);
    w.run_with_input("invoke action.vpsorg_domain_renew.d", "no\n")
        .fails()
        .says("Warning: this spends money; a renewal cannot be taken back")
        .says("Mind what this includes:\n    action.vpsorg_domain_renew.d spends money")
        .says("Cancelled: no action was run.");
    assert_eq!(renewals(&w), 0);
    w.run("invoke -input=false action.vpsorg_domain_renew.d")
        .fails()
        .says("With -input=false nobody can be asked: add -auto-approve.")
        .says("spends money");
    assert_eq!(renewals(&w), 0);
    w.run_with_input("invoke action.vpsorg_domain_renew.d", "yes\n")
        .ok()
        .says("Actions: 1 invoked");
    assert_eq!(renewals(&w), 1);
    w.run("invoke -auto-approve -input=false action.vpsorg_domain_renew.d")
        .ok()
        .never_says("Enter a value");
    assert_eq!(renewals(&w), 1);
}

#[test]
fn an_action_whose_end_is_not_recorded_is_told_and_not_repeated_blindly() {
    let w = World::with_cloud(&[machine("web", ""), action("restart", "web", "web")].concat());
    w.apply();
    fault(
        &w,
        &json!({ "kind": "delay", "method": "POST", "path": BROKEN, "delay_ms": 3000, "always": true, "effect": "after" }),
    );
    let mut child = w
        .command("invoke action.cyberpanel_vps_restart.web")
        .spawn()
        .expect("it runs");
    let mut out = child.stdout.take().expect("piped");
    let mut seen = String::new();
    while !seen.contains("Action started") {
        let mut byte = [0; 1];
        assert_eq!(out.read(&mut byte).expect("readable"), 1, "{seen}");
        seen.push(byte[0].into());
    }
    child.kill().expect("killed");
    child.wait().expect("gone");
    w.cloud().control("DELETE", "/_sandbox/faults", "");
    deeds(&w);
    w.plan()
        .says("Action action.cyberpanel_vps_restart.web was started at 2")
        .says("its end is not recorded");
    // Asked for by someone who cannot be asked back: said once, done the next time.
    w.run("invoke -auto-approve action.cyberpanel_vps_restart.web")
        .fails()
        .says("may do it twice");
    assert_eq!(deeds(&w), [""; 0]);
    w.run("invoke -auto-approve action.cyberpanel_vps_restart.web")
        .ok()
        .never_says("is not recorded");
    assert_eq!(deeds(&w), ["/vps//restart"]);
}

#[test]
fn a_creation_that_is_found_again_triggers_its_actions_when_it_ends() {
    let w = World::with_cloud(
        &[
            machine(
                "web",
                &trigger("after_create", "", "action.cyberpanel_vps_restart.web"),
            ),
            action("restart", "web", "web"),
        ]
        .concat(),
    );
    fault(
        &w,
        &json!({ "method": "POST", "path": "/vps/create", "nth": 1, "kind": "drop_after" }),
    );
    w.run("apply -auto-approve")
        .fails()
        .says("action.cyberpanel_vps_restart.web (triggered by cyberpanel_vps.web): not begun");
    deeds(&w);
    w.apply()
        .says("taken into the state")
        .says("Actions: 1 invoked.");
    assert_eq!(deeds(&w), ["/vps//restart"]);
    w.plan().says("No changes.");
}

#[test]
fn secrets_in_arguments_are_not_shown() {
    let w = World::with_cloud(
        &[
            "variable \"id\" {\n  sensitive = true\n}\n",
            "variable \"e\" {\n  ephemeral = true\n}\n",
            "action \"cyberpanel_vps_restart\" \"s\" {\n  config {\n    vps_id = var.id\n  }\n}\n",
            "action \"cyberpanel_vps_restart\" \"e\" {\n  config {\n    vps_id = var.e\n  }\n}\n",
        ]
        .concat(),
    );
    w.run("plan -var id=4711 -var e=4712 -invoke=action.cyberpanel_vps_restart.s -invoke=action.cyberpanel_vps_restart.e -out=x.plan")
        .ok()
        .says("vps_id = (sensitive value)")
        .says("vps_id = (ephemeral value)")
        .never_says("4711")
        .never_says("4712");
    let plan = w.run("show -json x.plan").ok().never_says("4712").json();
    assert_eq!(
        plan["action_invocations"][1]["config_sensitive"],
        json!({ "vps_id": true })
    );
}
