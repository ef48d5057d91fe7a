//! What holds for every cloud alike: faults, recovery and request counts, on the simplest
//! resource type of each.

use std::time::SystemTime;

use futures::future::join_all;
use loam_provider::{ProviderType, ReadDepth, ReadOutcome, Recovery};
use loam_sandbox::{RateLimits, SandboxConfig};
use loam_value::Value;
use serde_json::{Value as Json, json};

use crate::world::{Stored, World, machine, provider_type, quick, said, stored};

struct Simple {
    cloud: &'static str,
    kind: &'static str,
    /// What has to be wrong for a 401.
    key: &'static str,
    /// The path of the request that creates, below the prefix.
    create: &'static str,
    arguments: fn(usize) -> Json,
    /// So many objects are read with so many requests.
    reading: (usize, usize),
}

const ALL: [Simple; 5] = [
    Simple {
        cloud: "cyberpanel",
        kind: "cyberpanel_vps",
        key: "CYBERPANEL_API_KEY",
        create: "/vps/create",
        arguments: |i| machine(&format!("m{i}.example.com")),
        reading: (5, 1),
    },
    Simple {
        cloud: "xessone",
        kind: "xessone_bucket",
        key: "XESSONE_API_KEY",
        create: "/storage/buckets",
        arguments: |i| json!({"name": format!("bucket-{i}")}),
        reading: (120, 2),
    },
    Simple {
        cloud: "vpsorg",
        kind: "vpsorg_dns_zone",
        key: "VPSORG_API_TOKEN",
        create: "/dns-zones/",
        arguments: |i| json!({"domain": format!("zone-{i}.test")}),
        // The sandbox's zones come as a bare array.
        reading: (120, 1),
    },
    Simple {
        cloud: "serverspace",
        kind: "serverspace_domain",
        key: "SERVERSPACE_KEY",
        create: "/domains",
        arguments: |i| json!({"name": format!("zone-{i}.test.")}),
        reading: (5, 1),
    },
    Simple {
        cloud: "xelon",
        kind: "xelon_dns_zone",
        key: "XELON_TOKEN",
        create: "/v2/dns",
        arguments: |i| json!({"name": format!("zone-{i}.test")}),
        reading: (120, 2),
    },
];

/// How many objects the cloud holds (zones that are there from the start not counted).
async fn made(world: &World, simple: &Simple) -> usize {
    let objects = world.objects().await;
    let all = objects
        .get(simple.cloud)
        .and_then(Json::as_object)
        .cloned()
        .unwrap_or_default();
    let arguments = (simple.arguments)(0);
    let name = arguments
        .as_object()
        .unwrap()
        .values()
        .next()
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned();
    let lists = all.values().filter_map(Json::as_array).flatten();
    let named = |o: &&Json| {
        ["name", "domain", "domain_name"]
            .iter()
            .any(|k| o[*k] == json!(name))
    };
    lists.filter(named).count()
}

#[tokio::test]
async fn a_wrong_key() {
    for simple in ALL {
        let config = SandboxConfig {
            rate_limits: RateLimits::Off,
            ..SandboxConfig::default()
        };
        let wrong = [
            (simple.key, "02-wrong-and-not-to-be-shown"),
            ("VPS_API_TOKEN", ""),
        ];
        let world = World::with(config, &quick(simple.cloud), &wrong).await;
        let config = world.config(simple.kind, (simple.arguments)(0));
        let outcome = world.apply(simple.kind, None, &config).await;
        let said = said(&outcome.diagnostics);
        assert!(
            outcome.state.is_null() && !outcome.unknown,
            "{}: {said}",
            simple.cloud
        );
        assert!(
            said.contains(" was answered 401")
                && (said.contains(simple.key) || simple.cloud == "xelon"),
            "{said}"
        );
        assert!(!said.contains("not-to-be-shown"), "{said}");
    }
}

#[tokio::test]
async fn a_refused_create() {
    for simple in ALL {
        for status in [400, 409, 422] {
            let world = World::of(simple.cloud).await;
            world.fault(json!({"kind": "respond", "cloud": simple.cloud, "method": "POST", "path": simple.create,
                "status": status})).await;
            let config = world.config(simple.kind, (simple.arguments)(0));
            let outcome = world.apply(simple.kind, None, &config).await;
            assert!(
                outcome.state.is_null() && !outcome.unknown,
                "{} {status}",
                simple.cloud
            );
            assert!(said(&outcome.diagnostics).contains(&format!("was answered {status}")));
        }
    }
}

#[tokio::test]
async fn a_create_without_an_answer() {
    for simple in ALL {
        for (fault, effect) in [
            ("drop", "before"),
            ("drop", "after"),
            ("malformed", "after"),
        ] {
            let case = format!("{} {fault} {effect}", simple.cloud);
            let world = World::of(simple.cloud).await;
            let started = SystemTime::now();
            world.fault(json!({"kind": fault, "cloud": simple.cloud, "method": "POST", "path": simple.create,
                "effect": effect})).await;
            let config = world.config(simple.kind, (simple.arguments)(0));
            let outcome = world.apply(simple.kind, None, &config).await;
            assert!(outcome.unknown, "{case}: {}", said(&outcome.diagnostics));
            // A task may still be at work.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            assert_eq!(
                made(&world, &simple).await,
                usize::from(effect == "after"),
                "{case}"
            );
            match world.recover(simple.kind, &config, started, &[]).await {
                Recovery::Absent => assert_eq!(effect, "before", "{case}"),
                Recovery::Exists {
                    state,
                    private,
                    pending,
                } => {
                    assert_eq!(effect, "after", "{case}");
                    let object = Stored {
                        state,
                        private,
                        pending,
                    };
                    let object = match pending {
                        true => stored(world.apply(simple.kind, Some(&object), &config).await),
                        false => object,
                    };
                    assert_eq!(made(&world, &simple).await, 1, "{case}");
                    let gone = world.delete(simple.kind, &object).await;
                    assert!(gone.state.is_null(), "{case}: {}", said(&gone.diagnostics));
                }
                Recovery::Unknown(why) => panic!("{case}: {why}"),
            }
        }
    }
}

#[tokio::test]
async fn reads_that_fail() {
    for simple in ALL {
        let world = World::of(simple.cloud).await;
        let object = world.create(simple.kind, (simple.arguments)(0)).await;
        let objects = std::slice::from_ref(&object);
        let present =
            |outcomes: Vec<ReadOutcome>| matches!(outcomes[0], ReadOutcome::Present { .. });
        for once in [
            json!({"kind": "respond", "cloud": simple.cloud, "method": "GET", "status": 500}),
            json!({"kind": "respond", "cloud": simple.cloud, "method": "GET", "status": 429,
                "headers": {"Retry-After": "0"}}),
            json!({"kind": "drop", "cloud": simple.cloud, "method": "GET"}),
            json!({"kind": "malformed", "cloud": simple.cloud, "method": "GET"}),
            json!({"kind": "delay", "cloud": simple.cloud, "method": "GET", "delay_ms": 300}),
        ] {
            world.fault(once.clone()).await;
            let outcomes = world.read(simple.kind, objects, ReadDepth::Full).await;
            assert!(present(outcomes), "{} {once}", simple.cloud);
        }
        for kind in ["respond", "malformed", "drop"] {
            world
                .fault(
                    json!({"kind": kind, "cloud": simple.cloud, "method": "GET", "always": true}),
                )
                .await;
            let outcomes = world.read(simple.kind, objects, ReadDepth::Full).await;
            assert!(
                matches!(outcomes[0], ReadOutcome::Failed(_)),
                "{} {kind}: {outcomes:?}",
                simple.cloud
            );
            world.control("DELETE", "faults", json!({})).await;
        }
        assert!(present(
            world.read(simple.kind, objects, ReadDepth::Full).await
        ));
    }
}

#[tokio::test]
async fn a_delete_without_an_answer() {
    for simple in ALL {
        for effect in ["before", "after"] {
            let world = World::of(simple.cloud).await;
            let object = world.create(simple.kind, (simple.arguments)(0)).await;
            let method = if simple.cloud == "cyberpanel" {
                "POST"
            } else {
                "DELETE"
            };
            world.fault(json!({"kind": "drop", "cloud": simple.cloud, "method": method, "effect": effect})).await;
            let outcome = world.delete(simple.kind, &object).await;
            assert!(
                outcome.state.is_null(),
                "{} {effect}: {}",
                simple.cloud,
                said(&outcome.diagnostics)
            );
            assert_eq!(made(&world, &simple).await, 0, "{} {effect}", simple.cloud);
        }
    }
}

#[tokio::test]
async fn many_objects_with_few_requests() {
    for simple in ALL {
        let world = World::of(simple.cloud).await;
        let (count, expected) = simple.reading;
        let creates = (0..count).map(|i| world.create(simple.kind, (simple.arguments)(i)));
        let objects = join_all(creates).await;
        world.forget().await;
        let outcomes = world.read(simple.kind, &objects, ReadDepth::Sparing).await;
        let present = outcomes
            .iter()
            .filter(|o| matches!(o, ReadOutcome::Present { .. }));
        assert_eq!(present.count(), count, "{}", simple.cloud);
        let requests = world.requests().await;
        assert_eq!(requests.len(), expected, "{}: {requests:?}", simple.cloud);
        if simple.cloud == "vpsorg" {
            // Where a service pages its zones, each 100 take a request.
            let paged = json!({"paged": true});
            world.control("POST", "clouds/vpsorg/dns", paged).await;
            world.forget().await;
            let outcomes = world.read(simple.kind, &objects, ReadDepth::Sparing).await;
            let gone = outcomes.iter().filter(|o| **o == ReadOutcome::Gone);
            assert_eq!(gone.count(), 0);
            assert_eq!(world.requests().await.len(), count.div_ceil(100));
        }
    }
}

#[tokio::test]
async fn a_login_is_shared_and_renewed() {
    let world = World::of("xelon").await;
    let person = world.control("POST", "clouds/xelon/login", json!({})).await;
    let login = [
        ("XELON_TOKEN", ""),
        ("XELON_EMAIL", person["email"].as_str().unwrap()),
        ("XELON_PASSWORD", person["password"].as_str().unwrap()),
    ];
    let kind = provider_type(&world.sandbox, &quick("xelon"), &login);
    let settings = Value::null(kind.schema().provider.implied_type());
    let provider = kind.configure(&settings).unwrap();
    let clouds = &kind.schema().data_sources["xelon_clouds"].block;
    let config = Value::object_of([(
        "clouds",
        Value::null(clouds.attributes["clouds"].ty.clone()),
    )]);
    world.forget().await;
    let reads = join_all((0..5).map(|_| provider.read_data("xelon_clouds", &config))).await;
    for read in reads {
        read.unwrap_or_else(|d| panic!("{}", said(&d)));
    }
    let logins = world.requests().await;
    let logins = logins.iter().filter(|r| r.contains("/user/login")).count();
    assert_eq!(logins, 1, "concurrent requests share a login");
    // The API forgets the token: one more login, and the request goes on.
    world
        .fault(json!({"kind": "respond", "cloud": "xelon", "method": "GET", "status": 401}))
        .await;
    world.forget().await;
    let again = provider.read_data("xelon_clouds", &config).await;
    again.unwrap_or_else(|d| panic!("{}", said(&d)));
    let requests = world.requests().await;
    assert_eq!(requests.len(), 3, "{requests:?}");
}
