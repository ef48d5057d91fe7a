//! Every cloud: one of everything, through its whole life.

use loam_provider::{ProviderType, ReadDepth, ReadOutcome};
use loam_value::Value;
use serde_json::{Value as Json, json};

use crate::world::{Stored, Watch, World, said, stored, text};

/// A public key.
pub const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl";

/// Attributes that may move on their own.
const MOVING: [&str; 6] = [
    "updated_at",
    "last_used_at",
    "used_mb",
    "record_count",
    "days_until_expiration",
    "size_mb",
];

fn same(kind: &str, a: &Value, b: &Value) {
    for (name, v) in a.entries().unwrap() {
        if !MOVING.contains(&&**name) {
            assert_eq!(Some(v), b.entries().unwrap().get(name), "{kind}.{name}");
        }
    }
}

/// Nothing is to be done.
pub async fn settled(world: &World, kind: &str, object: &Stored, arguments: &Json) {
    let config = world.config(kind, arguments.clone());
    let plan = world.plan(kind, Some(object), &config).await;
    same(kind, &plan.planned, &object.state);
    assert_eq!(plan.requests, 0, "{kind}");
    assert!(plan.requires_replace.is_empty() && plan.write_only_changes.is_empty());
}

pub async fn read(world: &World, kind: &str, object: &Stored, depth: ReadDepth) -> Stored {
    match world
        .read(kind, std::slice::from_ref(object), depth)
        .await
        .remove(0)
    {
        ReadOutcome::Present { state, private } => Stored {
            state,
            private,
            pending: false,
        },
        ReadOutcome::Gone => panic!("{kind} is gone"),
        ReadOutcome::Failed(d) => panic!("{kind}: {}", said(&d)),
    }
}

/// A process may end as soon as the identity is stored: the next one goes on from there and
/// makes nothing a second time.
async fn gone_on_with(world: &World, kind: &str, config: &Value, watch: &Watch) {
    let Some((state, private)) = watch.revealed.lock().unwrap().first().cloned() else {
        return;
    };
    let before = how_many(&world.objects().await);
    let cut_off = Stored {
        state,
        private,
        pending: true,
    };
    let mut cut_off = read(world, kind, &cut_off, ReadDepth::Sparing).await;
    cut_off.pending = true;
    let outcome = world.apply(kind, Some(&cut_off), config).await;
    let said = said(&outcome.diagnostics);
    assert!(!outcome.diagnostics.has_errors(), "{kind}: {said}");
    assert_eq!(outcome.state.get("id"), cut_off.state.get("id"), "{kind}");
    assert_eq!(how_many(&world.objects().await), before, "{kind}");
}

/// How many objects there are, in lists at whatever depth.
fn how_many(objects: &Json) -> usize {
    match objects {
        Json::Array(list) => list.len(),
        Json::Object(map) => map.values().map(how_many).sum(),
        _ => 0,
    }
}

/// Creates an object, reads it, plans it again, imports it by `import`.
pub async fn born(world: &World, kind: &str, arguments: &Json, import: &str) -> Stored {
    let problems = world
        .kind
        .validate(kind, &world.config(kind, arguments.clone()));
    assert!(problems.is_empty(), "{kind}: {}", said(&problems));
    let config = world.config(kind, arguments.clone());
    let watch = Watch::default();
    let outcome = world.apply_with(kind, None, &config, &watch).await;
    assert!(
        !outcome.diagnostics.has_errors(),
        "{kind}: {}",
        said(&outcome.diagnostics)
    );
    let object = stored(outcome);
    gone_on_with(world, kind, &config, &watch).await;
    settled(world, kind, &object, arguments).await;
    for depth in [ReadDepth::Sparing, ReadDepth::Full] {
        let again = read(world, kind, &object, depth).await;
        same(kind, &object.state, &again.state);
        settled(world, kind, &again, arguments).await;
    }
    let mut id = import.to_owned();
    for name in object.state.entries().unwrap().keys() {
        let holder = format!("<{name}>");
        if id.contains(&holder) {
            id = id.replace(&holder, &text(&object.state, name));
        }
    }
    let imported = world.provider.import(kind, &id).await;
    let imported = imported.unwrap_or_else(|d| panic!("{kind} {id}: {}", said(&d)));
    let imported = Stored {
        state: imported.state,
        private: imported.private,
        pending: false,
    };
    let imported = read(world, kind, &imported, ReadDepth::Sparing).await;
    assert_eq!(imported.state.get("id"), object.state.get("id"), "{kind}");
    let plan = world.plan(kind, Some(&imported), &config).await;
    let paths: Vec<String> = plan
        .requires_replace
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(paths.is_empty(), "{kind} after import: {paths:?}");
    object
}

/// Changes an object in place.
pub async fn changed(world: &World, kind: &str, object: Stored, arguments: &Json) -> Stored {
    let config = world.config(kind, arguments.clone());
    let plan = world.plan(kind, Some(&object), &config).await;
    let paths: Vec<String> = plan
        .requires_replace
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(paths.is_empty(), "{kind}: {paths:?}");
    let outcome = world.apply(kind, Some(&object), &config).await;
    assert!(
        !outcome.diagnostics.has_errors(),
        "{kind}: {}",
        said(&outcome.diagnostics)
    );
    let after = stored(outcome);
    assert_eq!(after.state.get("id"), object.state.get("id"), "{kind}");
    settled(world, kind, &after, arguments).await;
    let again = read(world, kind, &after, ReadDepth::Full).await;
    same(kind, &after.state, &again.state);
    after
}

pub async fn dead(world: &World, kind: &str, object: &Stored) {
    let outcome = world.delete(kind, object).await;
    assert!(
        outcome.state.is_null(),
        "{kind}: {}",
        said(&outcome.diagnostics)
    );
    let warned = outcome.diagnostics.has_errors();
    assert!(!warned, "{kind}: {}", said(&outcome.diagnostics));
}

pub async fn gone(world: &World, kind: &str, object: &Stored) {
    dead(world, kind, object).await;
    let outcomes = world
        .read(kind, std::slice::from_ref(object), ReadDepth::Sparing)
        .await;
    assert_eq!(outcomes, [ReadOutcome::Gone], "{kind}");
    // A second time is no error.
    dead(world, kind, object).await;
}

/// All data sources that need no arguments, and those with the given ones.
pub async fn every_data_source(world: &World, with: &[(&str, Json)]) {
    for kind in world.kind.schema().data_sources.keys() {
        let given = with.iter().filter(|(k, _)| *k == &**kind);
        let mut all: Vec<Json> = given.map(|(_, j)| j.clone()).collect();
        if all.is_empty() {
            all.push(json!({}));
        }
        for arguments in all {
            let result = world.data(kind, arguments).await;
            result.unwrap_or_else(|d| panic!("{kind}: {}", said(&d)));
        }
    }
}

pub fn with(base: &Json, name: &str, value: Json) -> Json {
    let mut changed = base.clone();
    changed[name] = value;
    changed
}

#[tokio::test]
async fn xessone() {
    let world = World::of("xessone").await;
    let vps = json!({"label": "shop", "region": "fra", "plan": "edge-1", "image": "debian-12",
        "root_password": "secret-pass-1"});
    let machine = born(&world, "xessone_vps", &vps, "<id>").await;
    let vps = with(&vps, "label", json!("shop-2"));
    let machine = changed(&world, "xessone_vps", machine, &vps).await;
    let mail = json!({"address": "me@demo.test", "password": "secret-pass-1"});
    let mailbox = born(&world, "xessone_email_account", &mail, "<address>").await;
    let mail = with(&mail, "password", json!("secret-pass-2"));
    let mailbox = changed(&world, "xessone_email_account", mailbox, &mail).await;
    let bucket = born(
        &world,
        "xessone_bucket",
        &json!({"name": "my-bucket"}),
        "<name>",
    )
    .await;
    let record = json!({"zone": "demo.test", "type": "A", "name": "www", "value": "192.0.2.1"});
    let record = born(&world, "xessone_dns_record", &record, "<zone>/<id>").await;
    let text_record =
        json!({"zone": "demo.test", "type": "TXT", "name": "@", "value": "hello there"});
    let text_record = born(&world, "xessone_dns_record", &text_record, "<zone>/<id>").await;
    let id = text(&machine.state, "id");
    every_data_source(
        &world,
        &[
            ("xessone_vps", json!({"label": "shop-2"})),
            ("xessone_vps", json!({"id": id})),
            ("xessone_dns_zone", json!({"domain": "demo.test"})),
            ("xessone_dns_records", json!({"zone": "demo.test"})),
        ],
    )
    .await;
    let said_so = world
        .act("xessone_vps_restart", json!({"vps_id": id}))
        .await
        .unwrap();
    assert!(said_so.contains(&"restarted".to_owned()));

    // A machine without a password or key of ours: the service's is kept.
    let bare = json!({"label": "bare", "region": "fra", "plan": "edge-1", "image": "debian-12"});
    let bare = world.create("xessone_vps", bare).await;
    assert!(!text(&bare.state, "initial_root_password").is_empty());
    let again = read(&world, "xessone_vps", &bare, ReadDepth::Full).await;
    assert_eq!(
        again.state.get("initial_root_password"),
        bare.state.get("initial_root_password")
    );

    gone(&world, "xessone_vps", &bare).await;
    gone(&world, "xessone_dns_record", &text_record).await;
    gone(&world, "xessone_dns_record", &record).await;
    gone(&world, "xessone_bucket", &bucket).await;
    gone(&world, "xessone_email_account", &mailbox).await;
    gone(&world, "xessone_vps", &machine).await;
    assert!(
        world.objects().await.get("xessone").is_none(),
        "{}",
        world.objects().await
    );
}

#[tokio::test]
async fn vpsorg() {
    let world = World::of("vpsorg").await;
    let first = |list: Value, name: &str| list.get(name).unwrap().elements().unwrap()[0].clone();
    let plans = world
        .data("vpsorg_plans", json!({}))
        .await
        .unwrap()
        .get("plans")
        .unwrap();
    let plans = plans.elements().unwrap();
    let (small, large) = (text(&plans[0], "uuid"), text(&plans[1], "uuid"));
    let slug = plans[0].get("locations").unwrap().elements().unwrap()[0].clone();
    let locations = world
        .data("vpsorg_locations", json!({}))
        .await
        .unwrap()
        .get("locations")
        .unwrap();
    let location = locations
        .elements()
        .unwrap()
        .iter()
        .find(|l| l.get("slug").as_ref() == Some(&slug));
    let location: i64 = text(location.unwrap(), "id").parse().unwrap();
    let system = first(
        world
            .data("vpsorg_operating_systems", json!({}))
            .await
            .unwrap(),
        "operating_systems",
    );
    let version = text(&first(system, "versions"), "uuid");
    let key = json!({"name": "ci", "public_key": format!("{KEY} me@example.com")});
    let key = born(&world, "vpsorg_ssh_key", &key, "<id>").await;
    let arguments = json!({"hostname": "api.demo.test", "location": location, "plan": small, "os_version": version,
        "ssh_keys": [text(&key.state, "id")]});
    let server = born(&world, "vpsorg_server", &arguments, "<id>").await;
    assert!(!text(&server.state, "password").is_empty());
    let arguments = with(&arguments, "hostname", json!("api-2.demo.test"));
    let server = changed(&world, "vpsorg_server", server, &arguments).await;
    // Two changes at once: what the first one's answers tell does not undo the second.
    let arguments = with(&arguments, "plan", json!(large));
    let arguments = with(&arguments, "power_state", json!("stopped"));
    let server = changed(&world, "vpsorg_server", server, &arguments).await;
    let arguments = with(&arguments, "power_state", json!("active"));
    let server = changed(&world, "vpsorg_server", server, &arguments).await;
    let number: i64 = text(&server.state, "number").parse().unwrap();
    let snapshot = json!({"server_id": number, "name": "before"});
    let snapshot = born(&world, "vpsorg_snapshot", &snapshot, "<id>").await;
    let zone = born(
        &world,
        "vpsorg_dns_zone",
        &json!({"domain": "zone.test"}),
        "<domain>",
    )
    .await;
    let zone_id = text(&zone.state, "id");
    let record = json!({"zone": zone_id, "record_type": "MX", "name": "@", "value": "mx.zone.test", "priority": 10});
    let entry = born(&world, "vpsorg_dns_record", &record, "<zone>/<id>").await;
    let record = with(&record, "priority", json!(20));
    let entry = changed(&world, "vpsorg_dns_record", entry, &record).await;
    let domain = json!({"domain_name": "demo.test", "auto_renew": false});
    let owned = born(&world, "vpsorg_domain", &domain, "<domain_name>").await;
    let domain = with(
        &domain,
        "nameservers",
        json!(["ns1.demo.test", "ns2.demo.test"]),
    );
    let owned = changed(&world, "vpsorg_domain", owned, &domain).await;
    let id = text(&server.state, "id");
    every_data_source(
        &world,
        &[
            ("vpsorg_server", json!({"id": id})),
            ("vpsorg_server", json!({"hostname": "api-2.demo.test"})),
            ("vpsorg_plan", json!({"slug": text(&plans[0], "slug")})),
            ("vpsorg_domain", json!({"domain_name": "demo.test"})),
            ("vpsorg_domain_search", json!({"domain": "free.test"})),
            ("vpsorg_dns_zone", json!({"domain": "zone.test"})),
        ],
    )
    .await;
    world
        .act("vpsorg_server_backup", json!({"server_id": id}))
        .await
        .unwrap();
    world
        .act(
            "vpsorg_domain_renew",
            json!({"domain_id": text(&owned.state, "id"), "years": 1}),
        )
        .await
        .unwrap();
    gone(&world, "vpsorg_dns_record", &entry).await;
    gone(&world, "vpsorg_dns_zone", &zone).await;
    gone(&world, "vpsorg_snapshot", &snapshot).await;
    gone(&world, "vpsorg_server", &server).await;
    gone(&world, "vpsorg_ssh_key", &key).await;
    dead(&world, "vpsorg_domain", &owned).await;
    let left = world.objects().await;
    assert!(left.pointer("/vpsorg/server").is_none(), "{left}");
}
