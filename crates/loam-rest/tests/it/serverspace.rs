//! Serverspace: every resource type through its life, and what is particular to it.

use futures::future::join_all;
use loam_provider::ProviderType;
use serde_json::{Value as Json, json};

use crate::clouds::{KEY, born, changed, dead, every_data_source, gone, with};
use crate::world::{Watch, World, said, stored, text};

/// The arguments of a small server.
fn server(name: &str) -> Json {
    json!({"name": name, "image": "Ubuntu-22.04-X64", "location": "am2", "cpu": 1, "ram": 1024,
        "boot_volume_size": 30720})
}

/// The arguments of a small server of the VMware section.
fn vmware_server(name: &str) -> Json {
    json!({"name": name, "location_id": 2, "image_id": 11, "cpu": 2, "ram_mb": 4096, "system_disk_mb": 51200,
        "network_bandwidth_mbps": 50})
}

#[tokio::test]
async fn one_of_everything_through_its_life() {
    let world = World::of("serverspace").await;
    let key = json!({"name": "ci", "public_key": format!("{KEY} me@example.com\n")});
    let key = born(&world, "serverspace_ssh", &key, "<id>").await;
    let network = json!({"name": "lan", "description": "db", "location": "am2", "network_prefix": "10.9.0.0",
        "mask": 24});
    let lan = born(&world, "serverspace_isolated_network", &network, "<id>").await;
    let network = with(&network, "description", json!("databases"));
    let lan = changed(&world, "serverspace_isolated_network", lan, &network).await;
    let network = with(&network, "tags", json!(["db"]));
    let lan = changed(&world, "serverspace_isolated_network", lan, &network).await;
    let lan_id = text(&lan.state, "id");
    let public = json!({"network": "", "network_type": "PublicShared", "bandwidth": 50});
    let arguments = with(&server("web"), "nic", json!([public]));
    let arguments = with(
        &arguments,
        "volume",
        json!([{"name": "data", "size": 20480}]),
    );
    let server = born(&world, "serverspace_server", &arguments, "<id>").await;
    let arguments = with(&arguments, "name", json!("web-2"));
    let server = changed(&world, "serverspace_server", server, &arguments).await;
    let arguments = with(&with(&arguments, "cpu", json!(2)), "ram", json!(2048));
    let server = changed(&world, "serverspace_server", server, &arguments).await;
    let arguments = with(&arguments, "boot_volume_size", json!(40960));
    let server = changed(&world, "serverspace_server", server, &arguments).await;
    let volumes = json!([{"name": "logs", "size": 10240}, {"name": "data", "size": 30720}]);
    let arguments = with(&arguments, "volume", volumes);
    let server = changed(&world, "serverspace_server", server, &arguments).await;
    let arguments = with(
        &arguments,
        "volume",
        json!([{"name": "logs", "size": 10240}]),
    );
    let server = changed(&world, "serverspace_server", server, &arguments).await;
    let public = json!({"network": "", "network_type": "PublicShared", "bandwidth": 100});
    let private = json!({"network": lan_id, "network_type": "Isolated", "bandwidth": 0});
    let arguments = with(&arguments, "nic", json!([public, private]));
    let server = changed(&world, "serverspace_server", server, &arguments).await;
    let arguments = with(&arguments, "nic", json!([public]));
    let server = changed(&world, "serverspace_server", server, &arguments).await;
    let arguments = with(&arguments, "tags", json!(["prod", "a/b c"]));
    let server = changed(&world, "serverspace_server", server, &arguments).await;
    let arguments = with(&arguments, "tags", json!(["web"]));
    let server = changed(&world, "serverspace_server", server, &arguments).await;
    let id = text(&server.state, "id");

    let group = json!({"name": "apart", "location": "am2", "affinity": false});
    let group = born(&world, "serverspace_affinity_group", &group, "<id>").await;
    let gateway =
        json!({"name": "edge", "location": "am2", "bandwidth": 50, "network_ids": [lan_id]});
    let edge = born(&world, "serverspace_gateway", &gateway, "<id>").await;
    let gateway = with(
        &with(&gateway, "name", json!("edge-2")),
        "bandwidth",
        json!(100),
    );
    let edge = changed(&world, "serverspace_gateway", edge, &gateway).await;
    let rule = json!({"action": "Allow", "direction": "In", "protocol": "TCP", "source": "0.0.0.0/0",
        "destination": "10.9.0.11/32", "source_port": 0, "destination_port": 443});
    let gateway = with(&gateway, "firewall_rule", json!([rule]));
    let edge = changed(&world, "serverspace_gateway", edge, &gateway).await;
    // The service writes rules in its own way; that is no difference.
    let bare = with(
        &with(&rule, "destination", json!("10.9.0.12")),
        "action",
        json!("deny"),
    );
    let gateway = with(&gateway, "firewall_rule", json!([rule, bare]));
    let edge = changed(&world, "serverspace_gateway", edge, &gateway).await;
    let nat = json!({"type": "SNAT", "protocol": "IP", "source": "10.9.0.0/24", "destination": "0.0.0.0/0",
        "destination_port": 0, "translated": text(&edge.state, "public_ip"), "translated_port": 0});
    let gateway = with(&gateway, "nat_rule", json!([nat]));
    let edge = changed(&world, "serverspace_gateway", edge, &gateway).await;
    let gateway = with(&gateway, "tags", json!(["edge"]));
    let edge = changed(&world, "serverspace_gateway", edge, &gateway).await;

    let domain = born(
        &world,
        "serverspace_domain",
        &json!({"name": "example.com."}),
        "<name>",
    )
    .await;
    let records = [
        json!({"name": "www.example.com.", "type": "A", "ip": "203.0.113.14", "ttl": "1h"}),
        json!({"name": "example.com.", "type": "MX", "mail_host": "mx.example.com.", "priority": 10, "ttl": "1h"}),
        json!({"name": "example.com.", "type": "TXT", "text": "hello there", "ttl": "1h"}),
        json!({"name": "example.com.", "type": "SRV", "service": "sip", "protocol": "tcp", "priority": 0,
            "weight": 5, "port": 5060, "target": "sip.example.com.", "ttl": "1h"}),
    ];
    let mut made = Vec::new();
    for record in records {
        let record = with(&record, "domain", json!("example.com."));
        let object = born(
            &world,
            "serverspace_domain_record",
            &record,
            "<domain>/<id>",
        )
        .await;
        let longer = with(&record, "ttl", json!("2h"));
        made.push(changed(&world, "serverspace_domain_record", object, &longer).await);
    }
    let snapshot = json!({"server_id": id, "name": "before"});
    let snapshot = born(
        &world,
        "serverspace_snapshot",
        &snapshot,
        "<server_id>/<id>",
    )
    .await;
    let task = world.requests().await;
    let task = task
        .iter()
        .rev()
        .find_map(|r| r.split("/tasks/").nth(1))
        .unwrap();
    let task = task.split(' ').next().unwrap().to_owned();
    let other = world
        .create("serverspace_vmware_server", vmware_server("vm1"))
        .await;
    let cable = json!({"type": "isolated", "location_id": 2, "name": "i", "address": "10.21.0.0"});
    let cable = world.create("serverspace_vmware_network", cable).await;
    let number = |object: &crate::world::Stored| text(&object.state, "id").parse::<i64>().unwrap();
    every_data_source(
        &world,
        &[
            ("serverspace_vmware_server", json!({"id": number(&other)})),
            ("serverspace_vmware_network", json!({"id": number(&cable)})),
            ("serverspace_task", json!({"id": task})),
            ("serverspace_server", json!({"id": id})),
            ("serverspace_network", json!({"id": lan_id})),
            (
                "serverspace_ssh_key",
                json!({"id": text(&key.state, "id").parse::<i64>().unwrap()}),
            ),
            ("serverspace_domain", json!({"name": "example.com."})),
            (
                "serverspace_domain_records",
                json!({"domain": "example.com."}),
            ),
            ("serverspace_snapshots", json!({"server_id": id})),
            ("serverspace_restore_points", json!({"server_id": id})),
            ("serverspace_backup_storages", json!({"server_id": id})),
            ("serverspace_backup_storages", json!({"location": "am2"})),
            (
                "serverspace_domain_record",
                json!({"domain": "example.com.", "id": text(&made[0].state, "id")}),
            ),
            (
                "serverspace_gateway",
                json!({"id": text(&edge.state, "id")}),
            ),
            (
                "serverspace_affinity_group",
                json!({"id": text(&group.state, "id")}),
            ),
            (
                "serverspace_server_price",
                json!({"location": "am2", "image": "Debian-12-X64", "cpu": 1, "ram": 1024,
                    "boot_volume_size": 30720, "volume_sizes": [10240], "bandwidths": [50]}),
            ),
        ],
    )
    .await;
    world
        .act(
            "serverspace_server_power",
            json!({"server_id": id, "action": "off"}),
        )
        .await
        .unwrap();
    gone(&world, "serverspace_snapshot", &snapshot).await;
    for record in &made {
        gone(&world, "serverspace_domain_record", record).await;
    }
    gone(&world, "serverspace_domain", &domain).await;
    dead(&world, "serverspace_vmware_server", &other).await;
    gone(&world, "serverspace_vmware_network", &cable).await;
    gone(&world, "serverspace_gateway", &edge).await;
    gone(&world, "serverspace_affinity_group", &group).await;
    gone(&world, "serverspace_server", &server).await;
    gone(&world, "serverspace_isolated_network", &lan).await;
    gone(&world, "serverspace_ssh", &key).await;
    assert!(
        world.objects().await.get("serverspace").is_none(),
        "{}",
        world.objects().await
    );
}

#[tokio::test]
async fn volumes_and_interfaces_of_their_own() {
    let world = World::of("serverspace").await;
    let lan = json!({"name": "lan", "description": "", "location": "am2"});
    let lan = born(&world, "serverspace_isolated_network", &lan, "<id>").await;
    assert!(lan.state.get("mask").unwrap().is_wholly_known());
    let lan_id = text(&lan.state, "id");
    let mut bare = server("web");
    bare["manage_nics"] = json!(false);
    bare["manage_volumes"] = json!(false);
    let machine = born(&world, "serverspace_server", &bare, "<id>").await;
    let id = text(&machine.state, "id");
    assert_eq!(text(&machine.state, "login"), "root");

    let volume = json!({"server_id": id, "name": "data", "size": 10240});
    let disk = born(
        &world,
        "serverspace_server_volume",
        &volume,
        "<server_id>/<id>",
    )
    .await;
    let volume = with(&with(&volume, "size", json!(20480)), "name", json!("logs"));
    let disk = changed(&world, "serverspace_server_volume", disk, &volume).await;
    let public = json!({"server_id": id, "bandwidth_mbps": 50});
    let wan = born(
        &world,
        "serverspace_server_public_interface",
        &public,
        "<server_id>:<id>",
    )
    .await;
    let public = with(&public, "bandwidth_mbps", json!(100));
    let wan = changed(&world, "serverspace_server_public_interface", wan, &public).await;
    let inside = json!({"server_id": id, "network_id": lan_id});
    let nic = born(
        &world,
        "serverspace_server_network_attachment",
        &inside,
        "<server_id>/<id>",
    )
    .await;
    let address = text(&nic.state, "ip_address");
    let moved = world.config(
        "serverspace_server_network_attachment",
        with(&inside, "ip_address", json!("10.0.7.99")),
    );
    let plan = world
        .plan("serverspace_server_network_attachment", Some(&nic), &moved)
        .await;
    assert_eq!(plan.requires_replace.len(), 1, "{address}");

    // The server itself does not mind.
    let config = world.config("serverspace_server", bare.clone());
    let again = crate::clouds::read(
        &world,
        "serverspace_server",
        &machine,
        loam_provider::ReadDepth::Full,
    )
    .await;
    assert_eq!(
        world
            .plan("serverspace_server", Some(&again), &config)
            .await
            .requests,
        0
    );

    let backup = json!({"server_id": id, "hour": 2, "minute": 30, "daily": {"keep": 7, "backup_storage_id": 3}});
    let schedule = born(&world, "serverspace_server_backup", &backup, "<server_id>").await;
    let backup = with(
        &backup,
        "weekly",
        json!({"keep": 4, "backup_storage_id": 3, "weekday": 7}),
    );
    let schedule = changed(&world, "serverspace_server_backup", schedule, &backup).await;
    let backup = with(&backup, "daily", Json::Null);
    let schedule = changed(&world, "serverspace_server_backup", schedule, &backup).await;

    // All volumes and interfaces of all servers are read by the list of servers.
    world.forget().await;
    for (kind, object) in [
        ("serverspace_server_volume", &disk),
        ("serverspace_server_network_attachment", &nic),
    ] {
        let twice = [object.clone(), object.clone()];
        world
            .read(kind, &twice, loam_provider::ReadDepth::Sparing)
            .await;
    }
    let requests = world.requests().await;
    assert!(
        requests.len() == 2 && requests.iter().all(|r| r.ends_with("/servers 200")),
        "{requests:?}"
    );
    for (kind, object) in [
        ("serverspace_server_backup", &schedule),
        ("serverspace_server_network_attachment", &nic),
        ("serverspace_server_public_interface", &wan),
        ("serverspace_server_volume", &disk),
        ("serverspace_server", &machine),
        ("serverspace_isolated_network", &lan),
    ] {
        gone(&world, kind, object).await;
    }
    assert!(world.objects().await.get("serverspace").is_none());
}

/// What validating says of arguments.
fn wrong(world: &World, kind: &str, arguments: Json) -> String {
    said(&world.kind.validate(kind, &world.config(kind, arguments)))
}

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
        let begun = crate::world::Stored {
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
async fn servers_of_the_vmware_section() {
    const SERVER: &str = "serverspace_vmware_server";
    let world = World::of("serverspace").await;
    let arguments = with(&vmware_server("vm1"), "computer_name", json!("vm1"));
    let mut machine = born(&world, SERVER, &arguments, "<id>").await;
    let mut arguments = arguments;
    for (name, value) in [
        ("name", json!("vm2")),
        ("computer_name", json!("vm-2")),
        ("cpu", json!(4)),
        ("system_disk_mb", json!(61440)),
        ("network_bandwidth_mbps", json!(100)),
        ("nested_hypervisor", json!(true)),
    ] {
        arguments = with(&arguments, name, value);
        machine = changed(&world, SERVER, machine, &arguments).await;
    }
    let id: i64 = text(&machine.state, "id").parse().unwrap();
    let kind = "serverspace_vmware_server_volume";
    let volume = json!({"server_id": id, "name": "data", "disk_type": "SATA", "size_mb": 20480});
    let disk = born(&world, kind, &volume, "<server_id>/<id>").await;
    let volume = with(&volume, "size_mb", json!(30720));
    let disk = changed(&world, kind, disk, &volume).await;
    let smaller = world.config(kind, with(&volume, "size_mb", json!(10240)));
    let plan = world.plan(kind, Some(&disk), &smaller).await;
    assert!(said(&plan.diagnostics).contains("can only grow"));
    gone(&world, kind, &disk).await;

    let kind = "serverspace_vmware_server_public_interface";
    let wan = json!({"server_id": id, "bandwidth_mbps": 50, "is_ipv6": true});
    let nic = born(&world, kind, &wan, "<server_id>:<id>").await;
    let nic = changed(&world, kind, nic, &with(&wan, "bandwidth_mbps", json!(100))).await;
    dead(&world, kind, &nic).await;

    let kind = "serverspace_vmware_server_snapshot";
    let snapshot = json!({"server_id": id, "name": "before"});
    let snapshot = born(&world, kind, &snapshot, "<server_id>").await;
    let world_messages = world
        .act(
            "serverspace_vmware_snapshot_restore",
            json!({"server_id": id}),
        )
        .await;
    world_messages.unwrap_or_else(|d| panic!("{}", said(&d)));
    gone(&world, kind, &snapshot).await;

    let kind = "serverspace_vmware_server_firewall";
    let rule = json!({"name": "web", "traffic_direction": "incoming", "action": "Allow", "protocol": "TCP",
        "destination_port": "443"});
    let rules = json!({"server_id": id, "rule": [rule]});
    let firewall = born(&world, kind, &rules, "<server_id>").await;
    let other = with(
        &with(&rule, "name", json!("mail")),
        "destination_port",
        json!("25"),
    );
    let rules = with(&rules, "rule", json!([rule, other]));
    let firewall = changed(&world, kind, firewall, &rules).await;
    dead(&world, kind, &firewall).await;

    // A copy has the sizes of its source, if nothing else is asked for.
    let copy = json!({"name": "copy", "copy_from_server_id": id, "cpu": 8});
    let copy = born(&world, SERVER, &copy, "<id>").await;
    assert_eq!(copy.state.get("ram_mb"), machine.state.get("ram_mb"));
    assert_eq!(text(&copy.state, "cpu"), "8");
    for object in [&copy, &machine] {
        dead(&world, SERVER, object).await;
        let now = world
            .read(
                SERVER,
                std::slice::from_ref(object),
                loam_provider::ReadDepth::Sparing,
            )
            .await;
        assert_eq!(
            now,
            [loam_provider::ReadOutcome::Gone],
            "being deleted is as good as gone"
        );
    }
    let without = with(&vmware_server("x"), "network_bandwidth_mbps", Json::Null);
    assert!(wrong(&world, SERVER, without).contains("give one of them"));
    assert!(
        wrong(&world, SERVER, json!({"name": "x"})).contains("a copy needs copy_from_server_id")
    );
}

#[tokio::test]
async fn networks_of_the_vmware_section() {
    const NETWORK: &str = "serverspace_vmware_network";
    let world = World::of("serverspace").await;
    let routed = json!({"type": "routed", "location_id": 2, "name": "r", "address": "10.20.0.0", "mask": 24,
        "bandwidth_mbps": 50});
    let edge = born(&world, NETWORK, &routed, "<id>").await;
    let routed = with(
        &with(&routed, "name", json!("r2")),
        "bandwidth_mbps",
        json!(100),
    );
    let edge = changed(&world, NETWORK, edge, &routed).await;
    let isolated =
        json!({"type": "isolated", "location_id": 2, "name": "i", "address": "10.21.0.0"});
    let inside = born(&world, NETWORK, &isolated, "<id>").await;
    let inside = changed(
        &world,
        NETWORK,
        inside,
        &with(&isolated, "name", json!("i2")),
    )
    .await;
    let public = json!({"type": "public", "location_id": 2, "name": "p", "capacity": "5"});
    let outside = born(&world, NETWORK, &public, "<id>").await;
    let id: i64 = text(&edge.state, "id").parse().unwrap();

    let kind = "serverspace_vmware_edge_firewall";
    let rule =
        json!({"name": "web", "action": "allow", "protocol": "tcp", "destination_port": "443"});
    let rules = json!({"network_id": id, "default_action": "deny", "rule": [rule]});
    let firewall = born(&world, kind, &rules, "<network_id>").await;
    let firewall = changed(
        &world,
        kind,
        firewall,
        &with(&rules, "default_action", json!("allow")),
    )
    .await;
    dead(&world, kind, &firewall).await;

    let kind = "serverspace_vmware_edge_nat_rule";
    let dnat = json!({"network_id": id, "type": "DNAT", "protocol": "tcp", "original_port": "443",
        "translated_ip": "10.20.0.5", "translated_port": "443"});
    let forward = born(&world, kind, &dnat, "<network_id>/<id>").await;
    let forward = changed(&world, kind, forward, &with(&dnat, "enabled", json!(false))).await;
    let snat = json!({"network_id": id, "type": "SNAT", "protocol": "any", "original_ip": "10.20.0.0/24",
        "translated_ip": text(&edge.state, "edge_external_ip")});
    let masquerade = born(&world, kind, &snat, "<network_id>:<id>").await;
    gone(&world, kind, &forward).await;
    gone(&world, kind, &masquerade).await;

    let kind = "serverspace_vmware_edge_vpn_tunnel";
    let tunnel = json!({"network_id": id, "name": "home", "mtu": 1400, "encryption_type": "aes256",
        "diffie_hellman_group": "dh14", "shared_key": "Abcdefghijklmnopqrstuvwxyz012345",
        "peer_network": "10.99.0.0/24", "peer_endpoint": "198.51.100.7", "peer_identificator": "198.51.100.7"});
    let home = born(&world, kind, &tunnel, "<network_id>/<id>").await;
    assert!(
        !format!("{home:?}").contains("Abcdef"),
        "the key is not kept"
    );
    let home = changed(&world, kind, home, &with(&tunnel, "mtu", json!(1300))).await;
    gone(&world, kind, &home).await;
    let weak = with(
        &tunnel,
        "shared_key",
        json!("abcdefghijklmnopqrstuvwxyz012345"),
    );
    assert!(wrong(&world, kind, weak).contains("upper-case"));

    let machine = world
        .create("serverspace_vmware_server", vmware_server("vm1"))
        .await;
    let server: i64 = text(&machine.state, "id").parse().unwrap();
    let kind = "serverspace_vmware_server_network_attachment";
    let attachment = json!({"server_id": server, "network_id": id, "ip": "10.20.0.9"});
    let nic = born(&world, kind, &attachment, "<server_id>/<id>").await;
    dead(&world, kind, &nic).await;
    dead(&world, "serverspace_vmware_server", &machine).await;
    for network in [&edge, &inside, &outside] {
        gone(&world, NETWORK, network).await;
    }
    assert!(world.objects().await.get("serverspace").is_none());
    for (arguments, part) in [
        (
            with(&isolated, "bandwidth_mbps", json!(50)),
            "no bandwidth_mbps",
        ),
        (with(&isolated, "address", json!("10.21.0.1")), "first one"),
        (with(&public, "capacity", Json::Null), "has a capacity"),
        (with(&public, "capacity", json!("Network30")), "Network24"),
    ] {
        let said = wrong(&world, NETWORK, arguments);
        assert!(said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn kubernetes_clusters() {
    const CLUSTER: &str = "serverspace_kubernetes_cluster";
    let world = World::of("serverspace").await;
    let group = |name: &str, nodes: i64| json!({"name": name, "cpu_per_node": 2, "ram_per_node": 4096, "number_of_nodes": nodes});
    let arguments = json!({"name": "apps", "location": "am2", "version": "1.26.4", "node_group": [group("web", 2)]});
    let cluster = born(&world, CLUSTER, &arguments, "<id>").await;
    let arguments = with(
        &with(&arguments, "version", json!("1.27.3")),
        "tags",
        json!(["prod"]),
    );
    let cluster = changed(&world, CLUSTER, cluster, &arguments).await;
    let arguments = with(
        &arguments,
        "node_group",
        json!([group("db", 1), group("web", 3)]),
    );
    let cluster = changed(&world, CLUSTER, cluster, &arguments).await;
    let arguments = with(&arguments, "node_group", json!([group("web", 3)]));
    let cluster = changed(&world, CLUSTER, cluster, &arguments).await;
    let mut larger = group("web", 3);
    larger["cpu_per_node"] = json!(4);
    let larger = world.config(CLUSTER, with(&arguments, "node_group", json!([larger])));
    let plan = world.plan(CLUSTER, Some(&cluster), &larger).await;
    assert!(said(&plan.diagnostics).contains("another name"));
    gone(&world, CLUSTER, &cluster).await;
}
