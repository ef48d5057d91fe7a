//! Creating and refreshing. Each case makes one server more on the same cloud; its second
//! run, without the fault, has to come to exactly that one.

use serde_json::{Value as Json, json};

use super::{Cloud, forgive, kept, strike, world};
use crate::servers::servers;

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

fn cases(cloud: &Cloud) -> Vec<(At, Json, Comes)> {
    let error_body: Json = serde_json::from_str(cloud.error_body).expect("JSON");
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

pub fn nothing_is_lost_and_nothing_is_twice(cloud: &Cloud) {
    let w = world(&servers(cloud.name, "web", 0));
    for (i, (at, fault, comes)) in cases(cloud).into_iter().enumerate() {
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
        strike(&w, cloud, (method, path), &fault);
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
        forgive(&w);
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
            strike(&w, cloud, ("GET", cloud.read), &gone);
            w.plan().says("1 to add, 0 to change, 0 to destroy");
            forgive(&w);
        }
    }
    // A refresh gets past what passes, and one that fails changes nothing.
    let body: Json = serde_json::from_str(cloud.error_body).expect("JSON");
    let before = kept(&w);
    for (fault, says) in [
        (
            json!({"kind": "respond", "status": 401, "always": true}),
            "was answered 401",
        ),
        (
            json!({"kind": "respond", "status": 403, "always": true}),
            "was answered 403",
        ),
        (json!({"kind": "respond", "status": 429}), ""),
        (json!({"kind": "respond", "status": 500}), ""),
        (
            json!({"kind": "respond", "status": 500, "always": true}),
            "was answered 500",
        ),
        (json!({"kind": "delay", "delay_ms": 300}), ""),
        (json!({"kind": "drop"}), ""),
        (json!({"kind": "drop", "always": true}), "connection"),
        (json!({"kind": "malformed", "effect": "after"}), ""),
        (
            json!({"kind": "malformed", "effect": "after", "always": true}),
            "JSON",
        ),
        (
            json!({"kind": "respond", "status": 200, "body": body, "always": true}),
            "Error: ",
        ),
    ] {
        strike(&w, cloud, ("GET", cloud.list), &fault);
        let ran = w.run("apply -auto-approve -input=false");
        let said = ran.all();
        assert!(forgive(&w) > 0, "{} {fault}: {said}", cloud.name);
        if says.is_empty() {
            assert!(
                said.contains("No changes."),
                "{} {fault}: {said}",
                cloud.name
            );
        } else {
            assert_eq!(ran.code, 1, "{} {fault}: {said}", cloud.name);
            assert!(said.contains(says), "{} {fault}: {said}", cloud.name);
        }
        assert_eq!(kept(&w), before, "{} {fault}: {said}", cloud.name);
    }
    w.plan().says("No changes.");
}
