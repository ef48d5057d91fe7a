//! The fault suite: on each cloud, a machine through its life, and everything that can go
//! wrong with each kind of request of it: the right error, the right state, nothing
//! twice, nothing lost. What the cloud then holds is asked from the sandbox.

use std::time::{Duration, SystemTime};

use loam_provider::{ApplyOutcome, ReadDepth, ReadOutcome, Recovery};
use loam_sandbox::{RateLimits, SandboxConfig};
use serde_json::{Value as Json, json};

use crate::world::{Stored, World, quick, said, stored, text};

/// A kind of machine, and the requests of its life: method and path below the prefix.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    pub cloud: &'static str,
    pub kind: &'static str,
    pub create: (&'static str, &'static str),
    pub read: (&'static str, &'static str),
    pub list: (&'static str, &'static str),
    pub poll: (&'static str, &'static str),
    pub update: (&'static str, &'static str),
    pub delete: (&'static str, &'static str),
    /// The argument that is changed in place.
    pub change: (&'static str, &'static str),
    /// A body with a good status that tells an error.
    pub error_body: &'static str,
}

pub const ALL: [Machine; 5] = [
    Machine {
        cloud: "cyberpanel",
        kind: "cyberpanel_vps",
        create: ("POST", "/vps/create"),
        read: ("GET", "/vps/*"),
        list: ("GET", "/vps"),
        poll: ("GET", "/vps/*/deployment"),
        update: ("POST", "/vps/*/stop"),
        delete: ("POST", "/vps/*/delete"),
        change: ("power_state", "stopped"),
        error_body: r#"{"success": false, "error_code": "MAINTENANCE", "message": "Back soon"}"#,
    },
    Machine {
        cloud: "xessone",
        kind: "xessone_vps",
        create: ("POST", "/vps"),
        read: ("GET", "/vps/*"),
        list: ("GET", "/vps"),
        poll: ("GET", "/vps/*"),
        update: ("PATCH", "/vps/*"),
        delete: ("DELETE", "/vps/*"),
        change: ("hostname", "other"),
        error_body: r#"{"success": false, "error": {"code": "maintenance", "message": "Back soon"}}"#,
    },
    Machine {
        cloud: "vpsorg",
        kind: "vpsorg_server",
        create: ("POST", "/servers/"),
        read: ("GET", "/servers/*/"),
        list: ("GET", "/servers/"),
        poll: ("GET", "/servers/*/"),
        update: ("PATCH", "/servers/*/"),
        delete: ("DELETE", "/servers/*/"),
        change: ("hostname", "other.demo.test"),
        error_body: r#"{"detail": "Back soon"}"#,
    },
    Machine {
        cloud: "serverspace",
        kind: "serverspace_server",
        create: ("POST", "/servers"),
        read: ("GET", "/servers/*"),
        list: ("GET", "/servers"),
        poll: ("GET", "/tasks/*"),
        update: ("PUT", "/servers/*/name"),
        delete: ("DELETE", "/servers/*"),
        change: ("name", "other"),
        error_body: r#"{"errors": [{"code": -1, "message": "Back soon"}]}"#,
    },
    Machine {
        cloud: "xelon",
        kind: "xelon_device",
        create: ("POST", "/v2/devices"),
        read: ("GET", "/v2/devices/*"),
        list: ("GET", "/v2/devices"),
        poll: ("GET", "/v2/devices/*"),
        update: ("PUT", "/v2/devices/*"),
        delete: ("DELETE", "/v2/devices/*"),
        change: ("display_name", "other"),
        error_body: r#"{"error": "Back soon"}"#,
    },
];

const NAME: &str = "web.demo.test";

/// The arguments of a machine; what it needs is made first.
pub async fn arguments(world: &World, machine: &Machine, name: &str) -> Json {
    match machine.cloud {
        "cyberpanel" => crate::world::machine(name),
        "xessone" => json!({"label": name, "region": "fra", "plan": "edge-1", "image": "debian-12",
            "root_password": "secret-pass-1"}),
        "serverspace" => {
            json!({"name": name, "image": "Ubuntu-22.04-X64", "location": "am2", "cpu": 1,
            "ram": 1024, "boot_volume_size": 30720,
            "nic": [{"network": "", "network_type": "PublicShared", "bandwidth": 50}]})
        }
        "vpsorg" => {
            let list = async |kind, name| {
                let data = world.data(kind, json!({})).await.unwrap();
                data.get(name).unwrap().elements().unwrap().to_vec()
            };
            let plan = list("vpsorg_plans", "plans").await.remove(0);
            let slug = plan.get("locations").unwrap().elements().unwrap()[0].clone();
            let locations = list("vpsorg_locations", "locations").await;
            let location = locations
                .iter()
                .find(|l| l.get("slug").as_ref() == Some(&slug));
            let location: i64 = text(location.unwrap(), "id").parse().unwrap();
            let system = list("vpsorg_operating_systems", "operating_systems")
                .await
                .remove(0);
            let version = system.get("versions").unwrap().elements().unwrap()[0].clone();
            json!({"hostname": name, "location": location, "plan": text(&plan, "uuid"),
                "os_version": text(&version, "uuid")})
        }
        "xelon" => {
            let (cloud, tenant) = ("e96db9d92ec7", "c4c59cf3a0fe");
            let lan = json!({"type": "LAN", "name": "lan", "network_speed": 1000, "subnet_size": 24,
                "cloud_id": cloud, "network": "10.0.0.0", "gateway": "10.0.0.1",
                "dns_primary": "10.0.0.2", "tenant_id": tenant});
            let lan = world.create("xelon_network", lan).await;
            let template = json!({"name": "Ubuntu 22.04", "cloud_id": cloud, "most_recent": true});
            let template = world.data("xelon_template", template).await.unwrap();
            json!({"display_name": name, "hostname": "web", "template_id": text(&template, "id"),
                "tenant_id": tenant, "cpu_core_count": 2, "memory": 4, "disk_size": 20,
                "swap_disk_size": 1, "password": "S3cret!pass",
                "networks": [{"id": text(&lan.state, "id"), "connected": true}]})
        }
        other => panic!("{other}"),
    }
}

/// A cloud with its own limit on how long an answer may take.
async fn world(machine: &Machine, timeout: &str) -> World {
    let config = SandboxConfig {
        speed: 1000.0,
        rate_limits: RateLimits::Off,
        ..SandboxConfig::default()
    };
    let text =
        quick(machine.cloud).replace("timeout  = \"90s\"", &format!("timeout = \"{timeout}\""));
    World::with(config, &text, &[]).await
}

impl Machine {
    /// How many of that name the cloud holds.
    async fn alive(&self, world: &World, name: &str) -> usize {
        let objects = world.objects().await;
        let kinds = objects.get(self.cloud).and_then(Json::as_object).cloned();
        let kinds = kinds.unwrap_or_default();
        let all = kinds.values().filter_map(Json::as_array).flatten();
        let keys = ["name", "label", "hostname", "displayName", "display_name"];
        let named = |o: &&Json| keys.iter().any(|k| o[*k] == json!(name));
        all.filter(named).count()
    }

    async fn strike(&self, world: &World, (method, path): (&str, &str), fault: &Json) {
        let mut fault = fault.clone();
        fault["cloud"] = json!(self.cloud);
        fault["method"] = json!(method);
        fault["path"] = json!(path);
        world.fault(fault).await;
    }

    /// What the next run makes of an outcome: the machine, whole.
    async fn next_run(
        &self,
        world: &World,
        arguments: &Json,
        outcome: ApplyOutcome,
        started: SystemTime,
        case: &str,
    ) -> Stored {
        world.control("DELETE", "faults", json!({})).await;
        let config = world.config(self.kind, arguments.clone());
        let mut object = match (outcome.unknown, outcome.state.is_null()) {
            (true, _) => match world.recover(self.kind, &config, started, &[]).await {
                Recovery::Absent => None,
                Recovery::Exists {
                    state,
                    private,
                    pending,
                } => Some(Stored {
                    state,
                    private,
                    pending,
                }),
                Recovery::Unknown(why) => panic!("{case}: {why}"),
            },
            (false, true) => None,
            (false, false) => Some(Stored {
                state: outcome.state,
                private: outcome.private,
                pending: outcome.pending,
            }),
        };
        let alive = self.alive(world, NAME).await;
        assert_eq!(
            alive,
            usize::from(object.is_some()),
            "{case}: what is in the state"
        );
        if object.as_ref().is_none_or(|o| o.pending) {
            let outcome = world.apply(self.kind, object.as_ref(), &config).await;
            let told = said(&outcome.diagnostics);
            assert!(!outcome.diagnostics.has_errors(), "{case}: {told}");
            object = Some(stored(outcome));
        }
        assert_eq!(
            self.alive(world, NAME).await,
            1,
            "{case}: after the next run"
        );
        object.unwrap()
    }
}

/// What an error has to say, if there is to be one.
type Says = Option<&'static str>;

/// Faults of a request that creates, and what they have to lead to.
fn faults_of_creating(machine: &Machine) -> Vec<(Json, Says)> {
    let respond = |status: u16| json!({"kind": "respond", "status": status});
    let body: Json = serde_json::from_str(machine.error_body).unwrap();
    vec![
        (respond(400), Some("was answered 400")),
        (respond(401), Some("was answered 401")),
        (respond(403), Some("was answered 403")),
        (respond(409), Some("was answered 409")),
        (respond(422), Some("was answered 422")),
        (respond(429), None),
        (
            json!({"kind": "respond", "status": 429, "headers": {"Retry-After": "1"}}),
            None,
        ),
        (
            json!({"kind": "respond", "status": 429, "always": true, "headers": {"Retry-After": "0"}}),
            Some("was answered 429"),
        ),
        (respond(500), Some("not known whether it was created")),
        (
            json!({"kind": "respond", "status": 500, "effect": "after"}),
            Some("not known whether it was created"),
        ),
        (
            json!({"kind": "respond", "status": 503, "always": true}),
            Some("not known whether it was created"),
        ),
        (
            json!({"kind": "delay", "delay_ms": 2500}),
            Some("not known whether it was created"),
        ),
        (
            json!({"kind": "drop", "effect": "before"}),
            Some("not known whether it was created"),
        ),
        (
            json!({"kind": "drop", "effect": "after"}),
            Some("not known whether it was created"),
        ),
        (
            json!({"kind": "malformed", "effect": "after"}),
            Some("not known whether it was created"),
        ),
        (
            json!({"kind": "malformed", "effect": "before", "status": 400}),
            Some("was answered 400"),
        ),
        (
            json!({"kind": "respond", "status": 200, "body": body}),
            Some(""),
        ),
    ]
}

async fn creating(machine: Machine) {
    for (fault, says) in faults_of_creating(&machine) {
        let case = format!("{} create {fault}", machine.cloud);
        let slow = fault["kind"] == "delay";
        let world = world(&machine, if slow { "1s" } else { "60s" }).await;
        let arguments = arguments(&world, &machine, NAME).await;
        let started = SystemTime::now();
        machine.strike(&world, machine.create, &fault).await;
        world.forget().await;
        let config = world.config(machine.kind, arguments.clone());
        let outcome = world.apply(machine.kind, None, &config).await;
        let told = said(&outcome.diagnostics);
        assert!(!outcome.tainted, "{case}: {told}");
        match says {
            Some(text) => {
                assert!(
                    outcome.diagnostics.has_errors() && told.contains(text),
                    "{case}: {told}"
                );
                assert!(outcome.state.is_null() || outcome.unknown, "{case}: {told}");
            }
            None => assert!(!outcome.diagnostics.has_errors(), "{case}: {told}"),
        }
        assert!(
            !told.contains("secret-pass-1") && !told.contains("S3cret!pass"),
            "{told}"
        );
        // Only what was certainly not done is sent again.
        let sent = world.requests().await;
        let create = format!("{} ", machine.create.0);
        let created = |r: &&String| {
            let path = r.split(' ').nth(1).unwrap_or_default();
            r.starts_with(&create) && path.ends_with(machine.create.1)
        };
        let sent = sent.iter().filter(created).count();
        let again = fault["status"] == 429;
        assert_eq!(sent > 1, again, "{case}: sent {sent} times");
        if slow {
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        machine
            .next_run(&world, &arguments, outcome, started, &case)
            .await;
    }
}

/// Faults of requests that only ask, and whether another try gets past them.
fn faults_of_asking() -> Vec<(Json, bool)> {
    let respond = |status: u16| json!({"kind": "respond", "status": status});
    let always = |status: u16| json!({"kind": "respond", "status": status, "always": true});
    vec![
        (always(401), false),
        (always(403), false),
        (respond(429), true),
        (
            json!({"kind": "respond", "status": 429, "headers": {"Retry-After": "1"}}),
            true,
        ),
        (respond(500), true),
        (always(500), false),
        (json!({"kind": "delay", "delay_ms": 1500}), true),
        (json!({"kind": "drop"}), true),
        (json!({"kind": "drop", "effect": "after"}), true),
        (json!({"kind": "drop", "always": true}), false),
        (json!({"kind": "malformed", "effect": "after"}), true),
        (
            json!({"kind": "malformed", "effect": "after", "always": true}),
            false,
        ),
    ]
}

async fn reading(machine: Machine) {
    let world = world(&machine, "1s").await;
    let arguments = arguments(&world, &machine, NAME).await;
    let object = world.create(machine.kind, arguments).await;
    let two = [object.clone(), object.clone()];
    let body: Json = serde_json::from_str(machine.error_body).unwrap();
    let mut faults = faults_of_asking();
    faults.push((
        json!({"kind": "respond", "status": 200, "body": body, "always": true}),
        false,
    ));
    for (fault, passes) in faults {
        // One is read by its detail, several by the list.
        for (what, objects, depth) in [
            (machine.read, &two[..1], ReadDepth::Full),
            (machine.list, &two[..], ReadDepth::Sparing),
        ] {
            let case = format!("{} {} {fault}", machine.cloud, what.1);
            machine.strike(&world, what, &fault).await;
            let outcomes = world.read(machine.kind, objects, depth).await;
            for outcome in outcomes {
                match (outcome, passes) {
                    (ReadOutcome::Present { state, .. }, true) => {
                        assert_eq!(state.get("id"), object.state.get("id"), "{case}");
                    }
                    (ReadOutcome::Failed(d), false) => {
                        let status = fault["status"].as_u64().filter(|s| *s >= 400);
                        let told = said(&d);
                        let tells =
                            status.is_none_or(|s| told.contains(&format!("was answered {s}")));
                        assert!(tells, "{case}: {told}");
                    }
                    (outcome, _) => panic!("{case}: {outcome:?}"),
                }
            }
            world.control("DELETE", "faults", json!({})).await;
        }
    }
    // Gone is gone, however it is read.
    world.delete(machine.kind, &object).await;
    for depth in [ReadDepth::Full, ReadDepth::Sparing] {
        let outcomes = world.read(machine.kind, &two[..1], depth).await;
        assert_eq!(outcomes, [ReadOutcome::Gone], "{}", machine.cloud);
    }
    let outcomes = world.read(machine.kind, &two, ReadDepth::Sparing).await;
    assert_eq!(
        outcomes,
        [ReadOutcome::Gone, ReadOutcome::Gone],
        "{}",
        machine.cloud
    );
}

async fn waiting(machine: Machine) {
    for (fault, passes) in faults_of_asking() {
        let case = format!("{} poll {fault}", machine.cloud);
        let world = world(&machine, "1s").await;
        let arguments = arguments(&world, &machine, NAME).await;
        let started = SystemTime::now();
        machine.strike(&world, machine.poll, &fault).await;
        let config = world.config(machine.kind, arguments.clone());
        let outcome = world.apply(machine.kind, None, &config).await;
        let told = said(&outcome.diagnostics);
        assert!(
            !outcome.tainted,
            "{case}: a healthy machine is not given up: {told}"
        );
        match passes {
            true => assert!(!outcome.diagnostics.has_errors(), "{case}: {told}"),
            false => assert!(
                outcome.diagnostics.has_errors() && (outcome.pending || outcome.unknown),
                "{case}: {told}"
            ),
        }
        let object = machine
            .next_run(&world, &arguments, outcome, started, &case)
            .await;
        assert!(!object.pending, "{case}");
    }
}

/// Faults of a request that changes something which exists: what is sent again?
fn faults_of_changing(machine: &Machine) -> Vec<Json> {
    let respond = |status: u16| json!({"kind": "respond", "status": status});
    let body: Json = serde_json::from_str(machine.error_body).unwrap();
    vec![
        respond(400),
        respond(401),
        respond(403),
        respond(409),
        respond(429),
        json!({"kind": "respond", "status": 429, "headers": {"Retry-After": "1"}}),
        respond(500),
        json!({"kind": "respond", "status": 500, "effect": "after"}),
        json!({"kind": "respond", "status": 500, "always": true}),
        json!({"kind": "delay", "delay_ms": 1500}),
        json!({"kind": "drop", "effect": "before"}),
        json!({"kind": "drop", "effect": "after"}),
        json!({"kind": "drop", "effect": "after", "always": true}),
        json!({"kind": "malformed", "effect": "after"}),
        json!({"kind": "respond", "status": 200, "body": body}),
    ]
}

async fn changing(machine: Machine) {
    let (attribute, new) = machine.change;
    for fault in faults_of_changing(&machine) {
        let case = format!("{} update {fault}", machine.cloud);
        let world = world(&machine, "1s").await;
        let arguments = arguments(&world, &machine, NAME).await;
        let object = world.create(machine.kind, arguments.clone()).await;
        let mut changed = arguments.clone();
        changed[attribute] = json!(new);
        let config = world.config(machine.kind, changed);
        machine.strike(&world, machine.update, &fault).await;
        let outcome = world.apply(machine.kind, Some(&object), &config).await;
        let told = said(&outcome.diagnostics);
        assert!(
            !outcome.tainted && !outcome.unknown && !outcome.pending,
            "{case}: {told}"
        );
        assert!(!outcome.state.is_null(), "{case}: {told}");
        assert_eq!(outcome.state.get("id"), object.state.get("id"), "{case}");
        let refused = [400, 401, 403, 409].iter().any(|s| fault["status"] == *s);
        if refused {
            let status = format!("was answered {}", fault["status"]);
            assert!(told.contains(&status), "{case}: {told}");
        }
        world.control("DELETE", "faults", json!({})).await;
        // What is in the state is what there is: a new plan is right about it.
        let after = Stored {
            state: outcome.state,
            private: outcome.private,
            pending: false,
        };
        let outcomes = world
            .read(machine.kind, std::slice::from_ref(&after), ReadDepth::Full)
            .await;
        let ReadOutcome::Present { state, private } = outcomes[0].clone() else {
            panic!("{case}: {outcomes:?}");
        };
        if !outcome.diagnostics.has_errors() {
            assert_eq!(text(&state, attribute), new, "{case}");
        }
        assert_eq!(
            state.get(attribute),
            after.state.get(attribute),
            "{case}: {told}"
        );
        let again = Stored {
            state,
            private,
            pending: false,
        };
        let done = stored(world.apply(machine.kind, Some(&again), &config).await);
        assert_eq!(text(&done.state, attribute), new, "{case}");
    }
}

async fn deleting(machine: Machine) {
    for fault in faults_of_changing(&machine) {
        let case = format!("{} delete {fault}", machine.cloud);
        let world = world(&machine, "1s").await;
        let arguments = arguments(&world, &machine, NAME).await;
        let object = world.create(machine.kind, arguments).await;
        machine.strike(&world, machine.delete, &fault).await;
        let outcome = world.delete(machine.kind, &object).await;
        let told = said(&outcome.diagnostics);
        assert!(!outcome.unknown && !outcome.tainted, "{case}: {told}");
        let alive = machine.alive(&world, NAME).await;
        if outcome.state.is_null() {
            assert_eq!(alive, 0, "{case}: still there");
            assert!(!outcome.diagnostics.has_errors(), "{case}: {told}");
            continue;
        }
        assert!(outcome.diagnostics.has_errors(), "{case}");
        assert_eq!(outcome.state.get("id"), object.state.get("id"), "{case}");
        world.control("DELETE", "faults", json!({})).await;
        let kept = Stored {
            state: outcome.state,
            private: outcome.private,
            pending: false,
        };
        let outcome = world.delete(machine.kind, &kept).await;
        assert!(
            outcome.state.is_null(),
            "{case}: {}",
            said(&outcome.diagnostics)
        );
        assert_eq!(machine.alive(&world, NAME).await, 0, "{case}");
    }
}

/// The tests of each cloud.
macro_rules! suite {
    ($($cloud:ident $index:literal)*) => {$(
        mod $cloud {
            use super::ALL;

            #[tokio::test]
            async fn creating() {
                super::creating(ALL[$index]).await;
            }
            #[tokio::test]
            async fn reading() {
                super::reading(ALL[$index]).await;
            }
            #[tokio::test]
            async fn waiting() {
                super::waiting(ALL[$index]).await;
            }
            #[tokio::test]
            async fn changing() {
                super::changing(ALL[$index]).await;
            }
            #[tokio::test]
            async fn deleting() {
                super::deleting(ALL[$index]).await;
            }
        }
    )*};
}

suite!(cyberpanel 0 xessone 1 vpsorg 2 serverspace 3 xelon 4);
