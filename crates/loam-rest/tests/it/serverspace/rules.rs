//! What is refused, chosen from, made in turn and gone on with.

use std::time::{Duration, SystemTime};

use futures::future::join_all;
use loam_provider::Recovery;
use loam_value::Value;
use serde_json::{Value as Json, json};

use super::{server, vmware_server, wrong};
use crate::clouds::{settled, with};
use crate::world::{Stored, Watch, World, said, stored, text};

#[tokio::test]
async fn what_the_service_refuses_is_refused_before_anything_is_sent() {
    let world = World::of("serverspace").await;
    let nic = |network: &str, kind: &str, bandwidth: i64| json!([{"network": network, "network_type": kind, "bandwidth": bandwidth}]);
    let record = |more: Json| {
        let mut all = json!({"domain": "example.com.", "name": "www.example.com.", "type": "A", "ip": "203.0.113.1"});
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        all
    };
    let rule = |protocol: &str, port: i64| {
        json!([{"action": "Allow", "direction": "In", "protocol": protocol, "source": "0.0.0.0/0",
            "destination": "10.0.0.1", "destination_port": port}])
    };
    let gateway =
        json!({"name": "edge", "location": "am2", "bandwidth": 50, "network_ids": ["l2n7"]});
    let backup = json!({"server_id": "l2s1", "hour": 2, "minute": 0});
    let cases = [
        (
            "serverspace_server",
            with(&server("web"), "boot_volume_size", json!(30000)),
            "multiple of 10240",
        ),
        (
            "serverspace_server",
            with(
                &server("web"),
                "volume",
                json!([{"name": "boot", "size": 10240}]),
            ),
            "boot volume's",
        ),
        (
            "serverspace_server",
            with(
                &server("web"),
                "volume",
                json!([{"name": "a", "size": 5120}]),
            ),
            "volume[0].size",
        ),
        (
            "serverspace_server",
            with(&server("web"), "nic", nic("", "PublicShared", 0)),
            "bandwidth above 0",
        ),
        (
            "serverspace_server",
            with(&server("web"), "nic", nic("", "PublicShared", 55)),
            "multiple of 10",
        ),
        (
            "serverspace_server",
            with(&server("web"), "nic", nic("l2n7", "Isolated", 50)),
            "bandwidth = 0",
        ),
        (
            "serverspace_server",
            with(&server("web"), "nic", nic("", "Isolated", 0)),
            "id of its network",
        ),
        (
            "serverspace_server",
            with(
                &with(&server("w"), "image", json!("Windows-Server 2022 Std-X64")),
                "ssh_keys",
                json!([1]),
            ),
            "no ssh_keys",
        ),
        (
            "serverspace_isolated_network",
            json!({"name": "a", "description": "", "location": "am2", "mask": 24}),
            "together",
        ),
        (
            "serverspace_isolated_network",
            json!({"name": "a", "description": "", "location": "am2", "network_prefix": "10.9.0.1", "mask": 24}),
            "first address",
        ),
        (
            "serverspace_ssh",
            json!({"name": "a", "public_key": "AAAA"}),
            "ssh-ed25519",
        ),
        (
            "serverspace_affinity_group",
            json!({"name": "a".repeat(26), "location": "am2", "affinity": true}),
            "25",
        ),
        (
            "serverspace_snapshot",
            json!({"server_id": "l2s1", "name": "a".repeat(26)}),
            "25",
        ),
        (
            "serverspace_domain",
            json!({"name": "example.com"}),
            "end with a dot",
        ),
        (
            "serverspace_domain",
            json!({"name": "no domain."}),
            "labels",
        ),
        (
            "serverspace_domain_record",
            record(json!({"name": "www.example.org."})),
            "lies in its domain",
        ),
        (
            "serverspace_domain_record",
            record(json!({"ip": "::1"})),
            "IPv4 address",
        ),
        (
            "serverspace_domain_record",
            record(json!({"type": "AAAA"})),
            "IPv6 address",
        ),
        (
            "serverspace_domain_record",
            record(json!({"type": "mx"})),
            "mail_host",
        ),
        (
            "serverspace_domain_record",
            record(json!({"type": "SRV", "service": "sip"})),
            "service, protocol",
        ),
        (
            "serverspace_domain_record",
            record(json!({"ttl": "3600"})),
            "12h and 1d",
        ),
        (
            "serverspace_domain_record",
            record(json!({"type": "NS", "name_server_host": "ns01.serverspace.com."})),
            "service's own",
        ),
        (
            "serverspace_gateway",
            with(&gateway, "bandwidth", json!(55)),
            "multiple of 10",
        ),
        (
            "serverspace_gateway",
            with(&gateway, "network_ids", json!([])),
            "at least one",
        ),
        (
            "serverspace_gateway",
            with(&gateway, "firewall_rule", rule("ICMP", 443)),
            "TCP and UDP only",
        ),
        (
            "serverspace_gateway",
            with(&gateway, "firewall_rule", rule("GRE", 0)),
            "TCP, UDP, ICMP or IP",
        ),
        (
            "serverspace_server_backup",
            backup.clone(),
            "at least one of the blocks",
        ),
        (
            "serverspace_server_backup",
            with(
                &backup,
                "monthly",
                json!({"keep": 1, "backup_storage_id": 3, "day_of_month": "31"}),
            ),
            "\"last\"",
        ),
    ];
    for (kind, arguments, part) in cases {
        let said = wrong(&world, kind, arguments.clone());
        assert!(said.contains(part), "{kind} {arguments}: {said}");
    }
    assert_eq!(
        wrong(
            &world,
            "serverspace_server",
            with(&server("web"), "boot_volume_size", json!(25600))
        ),
        ""
    );
    assert!(world.requests().await.is_empty());
}

#[tokio::test]
async fn volumes_only_grow_and_interfaces_wait_for_snapshots() {
    let world = World::of("serverspace").await;
    let arguments = with(
        &server("web"),
        "volume",
        json!([{"name": "data", "size": 20480}]),
    );
    let machine = world.create("serverspace_server", arguments.clone()).await;
    for smaller in [
        with(&arguments, "boot_volume_size", json!(20480)),
        with(
            &arguments,
            "volume",
            json!([{"name": "data", "size": 10240}]),
        ),
    ] {
        let config = world.config("serverspace_server", smaller);
        let plan = world
            .plan("serverspace_server", Some(&machine), &config)
            .await;
        assert!(
            said(&plan.diagnostics).contains("can only grow"),
            "{}",
            said(&plan.diagnostics)
        );
    }
    let id = text(&machine.state, "id");
    let snapshot = json!({"server_id": id, "name": "before"});
    world.create("serverspace_snapshot", snapshot).await;
    let public = json!([{"network": "", "network_type": "PublicShared", "bandwidth": 50}]);
    let config = world.config("serverspace_server", with(&arguments, "nic", public));
    let outcome = world
        .apply("serverspace_server", Some(&machine), &config)
        .await;
    let told = said(&outcome.diagnostics);
    assert!(told.contains("while it has snapshots"), "{told}");
    assert!(
        outcome
            .state
            .get("nic")
            .unwrap()
            .elements()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn lists_are_chosen_from_and_ordered() {
    let world = World::of("serverspace").await;
    for (name, cpu) in [("web-2", 2), ("web-1", 2), ("db", 4)] {
        let arguments = with(
            &with(&server(name), "cpu", json!(cpu)),
            "tags",
            json!([name, "all"]),
        );
        world.create("serverspace_server", arguments).await;
    }
    let names = async |filter: Json, sort: Json| -> String {
        let arguments = json!({"filter": filter, "sort": sort});
        let read = world.data("serverspace_servers", arguments).await;
        let read = read.unwrap_or_else(|d| panic!("{}", said(&d)));
        let list = read.get("servers").unwrap();
        let all: Vec<String> = list
            .elements()
            .unwrap()
            .iter()
            .map(|s| text(s, "name"))
            .collect();
        all.join(" ")
    };
    let by_name = json!([{"key": "name"}]);
    assert_eq!(names(json!([]), by_name.clone()).await, "db web-1 web-2");
    let web = json!([{"key": "name", "values": ["^web-"], "match_by": "re"}]);
    assert_eq!(
        names(web, json!([{"key": "name", "direction": "desc"}])).await,
        "web-2 web-1"
    );
    let tagged = json!([{"key": "tags", "values": ["ALL", "db"], "all": true}]);
    assert_eq!(names(tagged, by_name.clone()).await, "db");
    let two = json!([{"key": "cpu", "values": ["2"]}, {"key": "name", "values": ["-1"], "match_by": "substring"}]);
    assert_eq!(names(two, by_name).await, "web-1");
}

#[tokio::test]
async fn changes_of_one_zone_are_made_one_after_the_other() {
    let world = World::of("serverspace").await;
    world
        .create("serverspace_domain", json!({"name": "example.com."}))
        .await;
    world.forget().await;
    let record = |i: usize| {
        world.create(
            "serverspace_domain_record",
            json!({"domain": "example.com.", "name": format!("w{i}.example.com."), "type": "A",
                "ip": "203.0.113.1", "ttl": "1h"}),
        )
    };
    let made = join_all((0..6).map(record)).await;
    assert_eq!(made.len(), 6);
    let refused: Vec<String> = world.requests().await;
    let refused: Vec<&String> = refused.iter().filter(|r| r.ends_with(" 400")).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[tokio::test]
async fn a_creation_that_was_interrupted_goes_on_with_its_task() {
    let world = World::of("serverspace").await;
    for (kind, arguments) in [
        (
            "serverspace_isolated_network",
            json!({"name": "lan", "description": "", "location": "am2"}),
        ),
        ("serverspace_domain", json!({"name": "example.com."})),
        ("serverspace_server", server("web")),
    ] {
        let config = world.config(kind, arguments);
        let watch = Watch {
            stop_when_revealed: true,
            ..Watch::default()
        };
        let outcome = world.apply_with(kind, None, &config, &watch).await;
        assert!(
            outcome.pending && !outcome.unknown,
            "{kind}: {}",
            said(&outcome.diagnostics)
        );
        let begun = Stored {
            state: outcome.state,
            private: outcome.private,
            pending: true,
        };
        world.forget().await;
        stored(world.apply(kind, Some(&begun), &config).await);
        let sent: Vec<String> = world.requests().await;
        assert!(
            sent.iter().all(|r| r.starts_with("GET ")),
            "{kind}: {sent:?}"
        );
    }
}

#[tokio::test]
async fn a_gateway_with_many_networks_is_connected_once_to_each() {
    const GATEWAY: &str = "serverspace_gateway";
    let world = World::of("serverspace").await;
    let mut networks = Vec::new();
    for i in 0..5 {
        let lan = json!({"name": format!("lan-{i}"), "description": "", "location": "am2"});
        let lan = world.create("serverspace_isolated_network", lan).await;
        networks.push(text(&lan.state, "id"));
    }
    let arguments =
        json!({"name": "edge", "location": "am2", "bandwidth": 50, "network_ids": networks});
    let config = world.config(GATEWAY, arguments.clone());
    // The fifth network cannot be connected at first.
    let refused = json!({"kind": "respond", "cloud": "serverspace", "method": "POST", "path": "/gateways/*/nics",
        "status": 403, "nth": 2});
    world.fault(refused).await;
    let outcome = world.apply(GATEWAY, None, &config).await;
    assert!(outcome.diagnostics.has_errors() && outcome.pending);
    let begun = Stored {
        state: outcome.state,
        private: outcome.private,
        pending: true,
    };
    world.forget().await;
    let edge = stored(world.apply(GATEWAY, Some(&begun), &config).await);
    let connects = world.requests().await;
    let connects = connects.iter().filter(|r| r.starts_with("POST"));
    assert_eq!(connects.count(), 1, "only what is missing is connected");
    settled(&world, GATEWAY, &edge, &arguments).await;
    assert_eq!(
        edge.state
            .get("network_ids")
            .unwrap()
            .elements()
            .unwrap()
            .len(),
        5
    );
}

/// A lost creation of a type whose objects are named by their arguments.
async fn lost(world: &World, kind: &str, arguments: &Json, effect: &str) -> Recovery {
    let started = SystemTime::now();
    for method in ["POST", "PUT"] {
        let fault = json!({"kind": "drop", "cloud": "serverspace", "method": method, "always": true,
            "effect": effect});
        world.fault(fault).await;
    }
    let config = world.config(kind, arguments.clone());
    let outcome = world.apply(kind, None, &config).await;
    assert!(outcome.unknown, "{kind}: {}", said(&outcome.diagnostics));
    world.control("DELETE", "faults", json!({})).await;
    // A task may still be at work.
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.recover(kind, &config, started, &[]).await
}

#[tokio::test]
async fn a_lost_creation_of_what_its_arguments_name_is_told_by_reading_or_repeated() {
    const SNAPSHOT: &str = "serverspace_vmware_server_snapshot";
    let world = World::of("serverspace").await;
    let machine = world.create("serverspace_server", server("web")).await;
    let vm = world
        .create("serverspace_vmware_server", vmware_server("vm1"))
        .await;
    let id: i64 = text(&vm.state, "id").parse().unwrap();
    let routed = json!({"type": "routed", "location_id": 2, "name": "r", "address": "10.20.0.0", "mask": 24,
        "bandwidth_mbps": 50});
    let network = world.create("serverspace_vmware_network", routed).await;
    let network: i64 = text(&network.state, "id").parse().unwrap();
    // There is one at most, and setting it again does no harm: it is simply made again.
    for (kind, arguments) in [
        (
            "serverspace_server_backup",
            json!({"server_id": text(&machine.state, "id"), "hour": 2, "minute": 30,
                "daily": {"keep": 7, "backup_storage_id": 3}}),
        ),
        (
            "serverspace_vmware_server_firewall",
            json!({"server_id": id, "rule": [{"name": "web", "traffic_direction": "Incoming", "action": "Allow",
                "protocol": "TCP", "destination_port": "443"}]}),
        ),
        (
            "serverspace_vmware_edge_firewall",
            json!({"network_id": network, "default_action": "deny", "rule": []}),
        ),
    ] {
        for effect in ["before", "after"] {
            let recovery = lost(&world, kind, &arguments, effect).await;
            assert_eq!(recovery, Recovery::Absent, "{kind} {effect}");
        }
        let object = world.create(kind, arguments.clone()).await;
        settled(&world, kind, &object, &arguments).await;
    }
    // A snapshot cannot be made twice; reading tells whether it was.
    let snapshot = json!({"server_id": id, "name": "before"});
    let recovery = lost(&world, SNAPSHOT, &snapshot, "before").await;
    assert_eq!(recovery, Recovery::Absent);
    let Recovery::Exists {
        state,
        private,
        pending,
    } = lost(&world, SNAPSHOT, &snapshot, "after").await
    else {
        panic!("it is there");
    };
    let found = Stored {
        state,
        private,
        pending,
    };
    let config = world.config(SNAPSHOT, snapshot.clone());
    let found = match pending {
        true => stored(world.apply(SNAPSHOT, Some(&found), &config).await),
        false => found,
    };
    settled(&world, SNAPSHOT, &found, &snapshot).await;
    // Somebody else's is not adopted, and not touched.
    world.forget().await;
    let other = world.config(SNAPSHOT, with(&snapshot, "name", json!("other")));
    let told = world
        .recover(SNAPSHOT, &other, SystemTime::now(), &[])
        .await;
    let Recovery::Unknown(why) = told else {
        panic!("{told:?}");
    };
    assert!(
        why.contains("not as planned") && why.contains("Import it"),
        "{why}"
    );
    // The emulated cloud's clock runs ahead, the more the slower the machine is.
    let later = SystemTime::now() + Duration::from_secs(30 * 24 * 3600);
    let told = world.recover(SNAPSHOT, &config, later, &[]).await;
    assert_eq!(told, Recovery::Absent, "it was there before");
    let requests = world.requests().await;
    assert!(
        requests.iter().all(|r| r.starts_with("GET ")),
        "{requests:?}"
    );
}

#[tokio::test]
async fn what_a_location_does_not_offer_is_refused_by_the_plan() {
    const SERVER: &str = "serverspace_server";
    let world = World::of("serverspace").await;
    let nic = |bandwidth: i64| json!([{"network": "", "network_type": "PublicShared", "bandwidth": bandwidth}]);
    let plan_of = async |arguments: Json, prior: Option<&Stored>| {
        let config = world.config(SERVER, arguments);
        said(&world.plan(SERVER, prior, &config).await.diagnostics)
    };
    let fine = with(
        &with(&server("web"), "nic", nic(50)),
        "volume",
        json!([{"name": "a", "size": 20480}]),
    );
    world.forget().await;
    assert_eq!(plan_of(fine.clone(), None).await, "");
    for (name, value, told) in [
        ("cpu", json!(5), "cpu: A server in am2 has 1, 2, 3, "),
        ("ram", json!(1500), "MB of memory, not 1500."),
        (
            "boot_volume_size",
            json!(20480),
            "has 25600 to 512000 MB, not 20480.",
        ),
        (
            "boot_volume_size",
            json!(522240),
            "has 25600 to 512000 MB, not 522240.",
        ),
        (
            "volume",
            json!([{"name": "a", "size": 522240}]),
            "A further volume in am2 has 10240 to 512000 MB.",
        ),
        ("nic", nic(40), "has 50 to 200 Mbit/s."),
    ] {
        let said = plan_of(with(&fine, name, value.clone()), None).await;
        assert!(said.contains(told), "{name} = {value}: {said}");
    }
    // A location that is not listed has no limits that are known.
    let elsewhere = with(&with(&fine, "location", json!("mars")), "cpu", json!(5));
    assert_eq!(plan_of(elsewhere, None).await, "");
    let requests = world.requests().await;
    assert_eq!(requests.len(), 1, "asked once: {requests:?}");

    // What stays as it is is not held against a change of something else.
    let mut old = world.create(SERVER, fine.clone()).await;
    let mut entries = old.state.entries().unwrap().clone();
    entries.insert("cpu".into(), Value::int(5));
    old.state = Value::object(entries);
    let same = with(&fine, "cpu", json!(5));
    assert_eq!(
        plan_of(with(&same, "name", json!("other")), Some(&old)).await,
        ""
    );
    let said = plan_of(with(&same, "cpu", json!(7)), Some(&old)).await;
    assert!(said.contains("processors, not 7."), "{said}");

    // Nothing is held against anybody if it cannot be looked up.
    let world = World::of("serverspace").await;
    let lost = json!({"kind": "respond", "cloud": "serverspace", "path": "/locations", "status": 403, "always": true});
    world.fault(lost).await;
    let config = world.config(SERVER, with(&fine, "cpu", json!(5)));
    let plan = world.plan(SERVER, None, &config).await;
    assert!(plan.diagnostics.is_empty(), "{:?}", plan.diagnostics);
}
