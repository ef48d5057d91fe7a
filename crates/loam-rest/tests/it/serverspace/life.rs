//! Servers, networks, gateways, zones: one of everything from its creation to its end.

use loam_provider::ReadDepth;
use serde_json::{Value as Json, json};

use super::{server, vmware_server};
use crate::clouds::{KEY, born, changed, dead, every_data_source, gone, read, settled, with};
use crate::world::{Stored, World, text};

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
    let port = with(&rule, "destination_port", json!(8443));
    let moved = world.config(
        "serverspace_gateway",
        with(&gateway, "firewall_rule", json!([port])),
    );
    let plan = world.plan("serverspace_gateway", Some(&edge), &moved).await;
    assert!(plan.requests > 0, "an argument with a default is compared");
    // The service writes rules in its own way; that is no difference.
    let bare = with(
        &with(&rule, "destination", json!("10.9.0.12")),
        "action",
        json!("deny"),
    );
    let gateway = with(&gateway, "firewall_rule", json!([rule, bare]));
    let edge = changed(&world, "serverspace_gateway", edge, &gateway).await;
    let whole = with(
        &with(&bare, "destination", json!("10.9.0.12/32")),
        "action",
        json!("Deny"),
    );
    settled(
        &world,
        "serverspace_gateway",
        &edge,
        &with(&gateway, "firewall_rule", json!([rule, whole])),
    )
    .await;
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
    let number = |object: &Stored| text(&object.state, "id").parse::<i64>().unwrap();
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
    let again = read(&world, "serverspace_server", &machine, ReadDepth::Full).await;
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
        world.read(kind, &twice, ReadDepth::Sparing).await;
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
