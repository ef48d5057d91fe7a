//! What goes wrong between the binary and a cloud: the right error, the right state,
//! nothing twice, nothing lost. Each kind of request of a server's life is struck: those
//! that create, ask and wait, change, destroy, and those of an action.
//!
//! What takes longer than a request may, is struck in the provider's own tests: its limit
//! can be set there.

use loam_sandbox::{RateLimits, SandboxConfig};
use serde_json::{Value as Json, json};

use crate::world::World;

mod acting;
mod changing;
mod creating;
mod deleting;
mod unnamed;

/// A cloud's servers, and the requests of their life: method and path below the prefix.
struct Cloud {
    name: &'static str,
    /// The kind of its servers in the sandbox.
    kind: &'static str,
    create: &'static str,
    list: &'static str,
    read: &'static str,
    poll: &'static str,
    update: (&'static str, &'static str),
    delete: (&'static str, &'static str),
    /// Type and further arguments of an action, its first argument being the server.
    action: (&'static str, &'static str),
    act: (&'static str, &'static str),
    /// Whether sending the action's request twice does what sending it once does.
    acts_again: bool,
    /// A body with a good status that tells an error.
    error_body: &'static str,
    /// What is said of it. A text in `detail` is no error at VPS.org, but nothing that
    /// was to be done has been done.
    error_says: &'static str,
}

const CYBERPANEL: Cloud = Cloud {
    name: "cyberpanel",
    kind: "vps",
    create: "/vps/create",
    list: "/vps",
    read: "/vps/*",
    poll: "/vps/*/deployment",
    update: ("POST", "/vps/*/st*"),
    delete: ("POST", "/vps/*/delete"),
    action: ("cyberpanel_vps_restart", "vps_id"),
    act: ("POST", "/vps/*/restart"),
    acts_again: false,
    error_body: r#"{"success": false, "error_code": "MAINTENANCE", "message": "Back soon"}"#,
    error_says: "Back soon",
};

const XESSONE: Cloud = Cloud {
    name: "xessone",
    kind: "vps",
    create: "/vps",
    list: "/vps",
    read: "/vps/*",
    poll: "/vps/*",
    update: ("PATCH", "/vps/*"),
    delete: ("DELETE", "/vps/*"),
    action: ("xessone_vps_restart", "vps_id"),
    act: ("POST", "/vps/*/restart"),
    acts_again: false,
    error_body: r#"{"success": false, "error": {"code": "maintenance", "message": "Back soon"}}"#,
    error_says: "Back soon",
};

const VPSORG: Cloud = Cloud {
    name: "vpsorg",
    kind: "server",
    create: "/servers/",
    list: "/servers/",
    read: "/servers/*/",
    poll: "/servers/*/",
    update: ("PATCH", "/servers/*/"),
    delete: ("DELETE", "/servers/*/"),
    action: ("vpsorg_server_power", "action = \"restart\"\n    server_id"),
    act: ("POST", "/servers/*/power/"),
    acts_again: false,
    error_body: r#"{"detail": "Back soon"}"#,
    error_says: "Not as expected",
};

const SERVERSPACE: Cloud = Cloud {
    name: "serverspace",
    kind: "server",
    create: "/servers",
    list: "/servers",
    read: "/servers/*",
    poll: "/tasks/*",
    update: ("PUT", "/servers/*/name"),
    delete: ("DELETE", "/servers/*"),
    action: (
        "serverspace_server_power",
        "action = \"reboot\"\n    server_id",
    ),
    act: ("POST", "/servers/*/power/reboot"),
    acts_again: false,
    error_body: r#"{"errors": [{"code": -1, "message": "Back soon"}]}"#,
    error_says: "Back soon",
};

const XELON: Cloud = Cloud {
    name: "xelon",
    kind: "device",
    create: "/v2/devices",
    list: "/v2/devices",
    read: "/v2/devices/*",
    poll: "/v2/devices/*",
    update: ("PUT", "/v2/devices/*"),
    delete: ("DELETE", "/v2/devices/*"),
    action: ("xelon_device_stop", "device_id"),
    act: ("POST", "/v2/devices/*/stop"),
    acts_again: true,
    error_body: r#"{"error": "Back soon"}"#,
    error_says: "Back soon",
};

/// A cloud that takes no time, without limits.
fn world(config: &str) -> World {
    let sandbox = SandboxConfig {
        speed: 1000.0,
        rate_limits: RateLimits::Off,
        ..SandboxConfig::default()
    };
    let mut w = World::with(config, sandbox);
    w.set("LOAM_API_SPEED", "1000");
    w
}

/// Lets something go wrong.
fn strike(w: &World, cloud: &Cloud, (method, path): (&str, &str), fault: &Json) {
    let mut fault = fault.clone();
    fault["cloud"] = json!(cloud.name);
    fault["method"] = json!(method);
    fault["path"] = json!(path);
    let armed = w
        .cloud()
        .control("POST", "/_sandbox/faults", &fault.to_string());
    assert!(armed["id"].is_number(), "{armed}");
}

/// How many requests have been struck; from now on all goes well.
fn forgive(w: &World) -> u64 {
    let all = w.cloud().control("GET", "/_sandbox/faults", "");
    let list = all["faults"].as_array().or(all.as_array());
    let fired = list
        .into_iter()
        .flatten()
        .filter_map(|f| f["fired"].as_u64());
    let fired = fired.sum();
    w.cloud().control("DELETE", "/_sandbox/faults", "");
    fired
}

/// How many servers are in the state.
fn kept(w: &World) -> usize {
    let list = w.run("state list").ok().out;
    list.lines().filter(|l| l.contains(".web[")).count()
}

/// What goes wrong with a request that does something to an object which is there, and
/// what has to be said of it if the command fails.
fn faults_of_doing(cloud: &Cloud) -> Vec<(Json, Outcome)> {
    let body: Json = serde_json::from_str(cloud.error_body).expect("JSON");
    let respond = |status: u16| json!({"kind": "respond", "status": status});
    vec![
        (respond(400), Outcome::Refused("was answered 400")),
        (respond(401), Outcome::Refused("was answered 401")),
        (respond(403), Outcome::Refused("was answered 403")),
        (respond(404), Outcome::Missing),
        (respond(409), Outcome::Refused("was answered 409")),
        (respond(429), Outcome::Done),
        (respond(500), Outcome::Either("was answered 500")),
        (
            json!({"kind": "respond", "status": 500, "effect": "after"}),
            Outcome::Either("was answered 500"),
        ),
        (
            json!({"kind": "respond", "status": 500, "always": true}),
            Outcome::Failed("was answered 500"),
        ),
        (json!({"kind": "delay", "delay_ms": 300}), Outcome::Done),
        (
            json!({"kind": "drop_before"}),
            Outcome::Either("connection"),
        ),
        (json!({"kind": "drop_after"}), Outcome::Either("connection")),
        (
            json!({"kind": "malformed", "effect": "after"}),
            Outcome::Either("JSON"),
        ),
        (
            json!({"kind": "respond", "status": 200, "body": body}),
            Outcome::Either(cloud.error_says),
        ),
    ]
}

/// What a command comes to whose request was struck.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// It gets past it.
    Done,
    /// It fails with this text, and the request was sent once.
    Refused(&'static str),
    /// It fails with this text.
    Failed(&'static str),
    /// It may get past it, where sending the request again is safe or what it did can be
    /// seen; otherwise it fails with this text.
    Either(&'static str),
    /// The cloud does not know the object, it says.
    Missing,
}

/// The tests of each cloud.
macro_rules! suite {
    ($($test:ident $cloud:ident)*) => {$(
        mod $test {
            use super::$cloud;

            #[test]
            fn creating() {
                super::creating::nothing_is_lost_and_nothing_is_twice(&$cloud);
            }
            #[test]
            fn changing() {
                super::changing::what_is_told_is_what_there_is(&$cloud);
            }
            #[test]
            fn deleting() {
                super::deleting::what_is_left_is_in_the_state(&$cloud);
            }
            #[test]
            fn acting() {
                super::acting::an_action_is_not_repeated_blindly(&$cloud);
            }
        }
    )*};
}

suite!(of_cyberpanel CYBERPANEL of_xessone XESSONE of_vpsorg VPSORG of_serverspace SERVERSPACE of_xelon XELON);
