//! Actions that changes trigger, on the clouds whose actions take more than one request:
//! what runs, in which order, and that nothing runs twice.

use crate::servers::{kind, servers};
use crate::world::World;

/// A server with an action on it, and when it runs.
fn triggered(cloud: &str, events: &str, action: &str, arguments: &str) -> String {
    let kind = kind(cloud);
    let server = servers(cloud, "web", 1);
    let end = server.rfind('}').expect("a block");
    let server = server[..end].to_owned();
    format!(
        r#"{server}
  lifecycle {{
    action_trigger {{
      events  = [{events}]
      actions = [action.{action}.it]
    }}
  }}
}}
action "{action}" "it" {{
  config {{
    {arguments} = {kind}.web[0].id
  }}
}}
"#
    )
}

/// What changed something since the last look, without hosts, prefixes and ids.
fn deeds(w: &World) -> Vec<String> {
    let all = w.cloud().requests();
    let all = all.iter().filter(|r| !r.starts_with("GET"));
    all.map(|r| {
        let (method, path) = r.split_once(' ').expect("a path");
        let path = path.split_once("/v1").or(path.split_once("/v2"));
        let path = path.map_or("", |(_, path)| path);
        let parts = path
            .split('/')
            .map(|part| match part.chars().any(|c| c.is_ascii_digit()) {
                true => "*",
                false => part,
            });
        format!("{method} {}", parts.collect::<Vec<_>>().join("/"))
    })
    .collect()
}

#[test]
fn a_server_is_rebooted_after_its_creation() {
    let reboot = "action = \"reboot\"\n    server_id";
    let w = World::with_cloud(&triggered(
        "serverspace",
        "after_create",
        "serverspace_server_power",
        reboot,
    ));
    w.plan().says("Actions: 1 to invoke.");
    assert_eq!(deeds(&w), [""; 0]);
    w.apply()
        .says("Action complete: action.serverspace_server_power.it (triggered by serverspace_server.web[0])")
        .says("1 added, 0 changed, 0 destroyed. Actions: 1 invoked.");
    assert_eq!(deeds(&w), ["POST /servers", "POST /servers/*/power/reboot"]);
    w.apply().says("No changes.");
    assert_eq!(deeds(&w), [""; 0]);
}

#[test]
fn a_backup_is_made_before_a_server_changes() {
    let config = triggered(
        "vpsorg",
        "before_update",
        "vpsorg_server_backup",
        "server_id",
    );
    let w = World::with_cloud(&config);
    w.apply()
        .says("1 added, 0 changed, 0 destroyed.")
        .never_says("Action started");
    assert_eq!(deeds(&w), ["POST /servers/"]);
    w.write("main.tf", &config.replace("\"web-", "\"shop-"));
    w.apply()
        .says("0 added, 1 changed, 0 destroyed. Actions: 1 invoked.");
    assert_eq!(deeds(&w), ["POST /servers/*/backup/", "PATCH /servers/*/"]);
    assert_eq!(w.cloud().count("vpsorg", "backup"), 1);
    // A backup that cannot be made holds the change up; nothing is half done.
    let fault =
        r#"{"kind": "respond", "cloud": "vpsorg", "path": "/servers/*/backup/", "status": 403}"#;
    w.cloud().control("POST", "/_sandbox/faults", fault);
    w.write("main.tf", &config);
    w.run("apply -auto-approve -input=false")
        .fails()
        .says("was answered 403");
    assert_eq!(deeds(&w), ["POST /servers/*/backup/"]);
    w.apply()
        .says("0 added, 1 changed, 0 destroyed. Actions: 1 invoked.");
    w.plan().says("No changes.");
}

#[test]
fn a_device_is_restarted_after_a_change() {
    let config = triggered("xelon", "after_update", "xelon_device_restart", "device_id");
    let w = World::with_cloud(&config);
    w.apply()
        .says("2 added, 0 changed, 0 destroyed.")
        .never_says("Action started");
    deeds(&w);
    w.write(
        "main.tf",
        &config.replace("\"web-${count.index}\"\n  hostname", "\"shop\"\n  hostname"),
    );
    w.plan()
        .says("action \"xelon_device_restart\" \"it\"")
        .says("Actions: 1 to invoke.");
    w.apply()
        .says("0 added, 1 changed, 0 destroyed. Actions: 1 invoked.");
    assert_eq!(
        deeds(&w),
        [
            "PUT /devices/*",
            "POST /devices/*/stop",
            "POST /devices/*/start"
        ]
    );
    w.plan().says("No changes.");
}
