//! The VMware and Kubernetes sections.

use loam_provider::{ReadDepth, ReadOutcome};
use serde_json::{Value as Json, json};

use super::{vmware_server, wrong};
use crate::clouds::{born, changed, dead, gone, with};
use crate::world::{World, said, text};

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
            .read(SERVER, std::slice::from_ref(object), ReadDepth::Sparing)
            .await;
        assert_eq!(now, [ReadOutcome::Gone], "being deleted is as good as gone");
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
