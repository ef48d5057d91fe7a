//! What goes wrong between the binary and a cloud: the right error, the right state,
//! nothing twice, nothing lost. Each case makes one server more on the same cloud; its
//! second run, without the fault, has to come to exactly that one.
//!
//! Every kind of request of a server's life is struck in the provider's own tests; here
//! it is what users see.

use loam_sandbox::{RateLimits, SandboxConfig};
use serde_json::{Value as Json, json};

use crate::servers::servers;
use crate::world::World;

/// Which request is struck.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Create,
    Poll,
}

/// What the first run comes to.
enum Comes {
    /// It gets past it.
    Well,
    /// It fails with this text; nothing is in the state that was not there.
    Nothing(&'static str),
    /// It fails with this text, and the next run finds out what became of it.
    Unknown(&'static str),
    /// It fails with this text, and the server is kept: the next run goes on.
    Kept(&'static str),
}

fn cases(error_body: &Json) -> Vec<(At, Json, Comes)> {
    use At::{Create, Poll};
    use Comes::{Kept, Nothing, Unknown, Well};
    let respond = |status: u16| json!({"kind": "respond", "status": status});
    let always = |status: u16| json!({"kind": "respond", "status": status, "always": true});
    const LOST: &str = "not known whether it was created";
    vec![
        (Create, respond(401), Nothing("was answered 401")),
        (Create, respond(403), Nothing("was answered 403")),
        (Create, respond(400), Nothing("was answered 400")),
        (Create, respond(409), Nothing("was answered 409")),
        (Create, respond(429), Well),
        (Create, respond(500), Unknown(LOST)),
        (
            Create,
            json!({"kind": "respond", "status": 500, "effect": "after"}),
            Unknown(LOST),
        ),
        (Create, json!({"kind": "delay", "delay_ms": 400}), Well),
        (Create, json!({"kind": "drop_before"}), Unknown(LOST)),
        (Create, json!({"kind": "drop_after"}), Unknown(LOST)),
        (
            Create,
            json!({"kind": "malformed", "effect": "after"}),
            Unknown(LOST),
        ),
        (
            Create,
            json!({"kind": "respond", "status": 200, "body": error_body}),
            Unknown("Error: "),
        ),
        (Poll, respond(500), Well),
        (Poll, json!({"kind": "drop_after"}), Well),
        (Poll, json!({"kind": "malformed", "effect": "after"}), Well),
        (Poll, always(401), Kept("was answered 401")),
        (Poll, always(500), Kept("")),
    ]
}

struct Cloud {
    name: &'static str,
    /// The kind of its servers in the sandbox.
    kind: &'static str,
    create: &'static str,
    list: &'static str,
    read: &'static str,
    poll: &'static str,
    /// A body with a good status that tells an error.
    error_body: Json,
}

fn world(cloud: &Cloud) -> World {
    let sandbox = SandboxConfig {
        speed: 1000.0,
        rate_limits: RateLimits::Off,
        ..SandboxConfig::default()
    };
    let mut w = World::with(&servers(cloud.name, "web", 0), sandbox);
    w.set("LOAM_API_SPEED", "1000");
    w
}

fn strike(w: &World, cloud: &Cloud, method: &str, path: &str, fault: &Json) {
    let mut fault = fault.clone();
    fault["cloud"] = json!(cloud.name);
    fault["method"] = json!(method);
    fault["path"] = json!(path);
    let armed = w
        .cloud()
        .control("POST", "/_sandbox/faults", &fault.to_string());
    assert!(armed["id"].is_number(), "{armed}");
}

fn kept(w: &World) -> usize {
    let list = w.run("state list").ok().out;
    list.lines().filter(|l| l.contains(".web[")).count()
}

fn nothing_is_lost_and_nothing_is_twice(cloud: &Cloud) {
    let w = world(cloud);
    for (i, (at, fault, comes)) in cases(&cloud.error_body).into_iter().enumerate() {
        let case = format!("{} {fault}", cloud.name);
        let config = servers(cloud.name, "web", i + 1);
        // New objects of this API may fail for minutes: a user who does not want to wait so
        // long says so.
        let lasting = cloud.name == "xelon" && fault["always"] == true;
        let impatient = config.replace(
            "\n  networks ",
            "\n  timeouts {\n    create = \"4s\"\n  }\n  networks ",
        );
        w.write("main.tf", if lasting { &impatient } else { &config });
        let (method, path) = match at {
            At::Create => ("POST", cloud.create),
            At::Poll => ("GET", cloud.poll),
        };
        strike(&w, cloud, method, path, &fault);
        let ran = w.run("apply -auto-approve -input=false");
        let (said, code) = (ran.all(), ran.code);
        assert!(!said.contains("secret-pass-1"), "{case}: {said}");
        let (expected, text, more) = match comes {
            Comes::Well => (0, "Apply complete!", Some(1)),
            Comes::Nothing(text) => (1, text, Some(0)),
            Comes::Unknown(text) => (1, text, None),
            // Which server it is tells only the task.
            Comes::Kept(text) if cloud.name == "serverspace" => (1, text, None),
            Comes::Kept(text) => (1, text, Some(1)),
        };
        assert_eq!(code, expected, "{case}: {said}");
        assert!(said.contains(text), "{case}: {said}");
        if let Some(more) = more {
            assert_eq!(kept(&w), i + more, "{case}: {said}");
        }
        w.cloud().control("DELETE", "/_sandbox/faults", "");
        w.write("main.tf", &config);
        let again = w.run("apply -auto-approve -input=false");
        assert_eq!(again.code, 0, "{case}: {said}\n{}", again.all());
        assert!(
            again.all().contains(" 0 destroyed."),
            "{case}: {}",
            again.all()
        );
        assert_eq!(w.cloud().count(cloud.name, cloud.kind), i + 1, "{case}");
        assert_eq!(kept(&w), i + 1, "{case}");
        // One is read alone, where that is as cheap: what is gone is to be made anew.
        if i == 0 && cloud.name != "xelon" {
            let gone = json!({"kind": "respond", "status": 404, "always": true});
            strike(&w, cloud, "GET", cloud.read, &gone);
            w.plan().says("1 to add, 0 to change, 0 to destroy");
            w.cloud().control("DELETE", "/_sandbox/faults", "");
        }
    }
    // A refresh that fails changes nothing.
    let before = kept(&w);
    for status in [401, 403, 500] {
        let fault = json!({"kind": "respond", "status": status, "always": true});
        strike(&w, cloud, "GET", cloud.list, &fault);
        let said = w.run("apply -auto-approve -input=false").fails();
        let said = said.says(&format!("was answered {status}"));
        assert_eq!(kept(&w), before, "{}", said.all());
        w.cloud().control("DELETE", "/_sandbox/faults", "");
    }
    w.plan().says("No changes.");
}

#[test]
fn of_cyberpanel() {
    nothing_is_lost_and_nothing_is_twice(&Cloud {
        name: "cyberpanel",
        kind: "vps",
        create: "/vps/create",
        list: "/vps",
        read: "/vps/*",
        poll: "/vps/*/deployment",
        error_body: json!({"success": false, "error_code": "MAINTENANCE", "message": "Back soon"}),
    });
}

#[test]
fn of_xessone() {
    nothing_is_lost_and_nothing_is_twice(&Cloud {
        name: "xessone",
        kind: "vps",
        create: "/vps",
        list: "/vps",
        read: "/vps/*",
        poll: "/vps/*",
        error_body: json!({"success": false, "error": {"code": "maintenance", "message": "Back soon"}}),
    });
}

#[test]
fn of_vpsorg() {
    nothing_is_lost_and_nothing_is_twice(&Cloud {
        name: "vpsorg",
        kind: "server",
        create: "/servers/",
        list: "/servers/",
        read: "/servers/*/",
        poll: "/servers/*/",
        error_body: json!({"detail": "Back soon"}),
    });
}

#[test]
fn of_serverspace() {
    nothing_is_lost_and_nothing_is_twice(&Cloud {
        name: "serverspace",
        kind: "server",
        create: "/servers",
        list: "/servers",
        read: "/servers/*",
        poll: "/tasks/*",
        error_body: json!({"errors": [{"code": -1, "message": "Back soon"}]}),
    });
}

#[test]
fn of_xelon() {
    nothing_is_lost_and_nothing_is_twice(&Cloud {
        name: "xelon",
        kind: "device",
        create: "/v2/devices",
        list: "/v2/devices",
        read: "/v2/devices/*",
        poll: "/v2/devices/*",
        error_body: json!({"error": "Back soon"}),
    });
}
