//! Every action of every cloud, once: what it asks of the cloud, and what the cloud then
//! holds.

use std::collections::BTreeSet;

use loam_provider::ProviderType;
use serde_json::{Value as Json, json};

use crate::clouds::{KEY, with};
use crate::world::{Stored, World, machine, said, text};

/// The actions of a cloud that have been run.
struct Deeds<'w> {
    world: &'w World,
    done: BTreeSet<String>,
}

impl<'w> Deeds<'w> {
    fn on(world: &'w World) -> Deeds<'w> {
        Deeds {
            world,
            done: BTreeSet::new(),
        }
    }

    /// Runs an action. What it sends that is no question has to be this, each a method and
    /// the end of a path, and has to be answered well. Gives what the action said.
    async fn run(&mut self, kind: &str, arguments: Json, sends: &[(&str, &str)]) -> Vec<String> {
        self.world.forget().await;
        let said_so = self.world.act(kind, arguments).await;
        let said_so = said_so.unwrap_or_else(|d| panic!("{kind}: {}", said(&d)));
        let all = self.world.requests().await;
        let questions = sends.iter().all(|(method, _)| *method == "GET");
        let sent: Vec<&String> = all
            .iter()
            .filter(|r| questions || !r.starts_with("GET "))
            .collect();
        assert_eq!(sent.len(), sends.len(), "{kind}: {all:?}");
        for (request, (method, path)) in sent.iter().zip(sends) {
            let (place, status) = request.rsplit_once(' ').unwrap();
            let place = place.split('?').next().unwrap();
            let fits = place.starts_with(&format!("{method} ")) && place.ends_with(path);
            assert!(
                fits && status.starts_with('2'),
                "{kind}: {request}, not {path}"
            );
        }
        self.done.insert(kind.to_owned());
        said_so
    }

    /// All actions that the cloud has were run.
    fn all(self) {
        let known = self.world.kind.schema().actions.keys();
        let known: BTreeSet<String> = known.map(ToString::to_string).collect();
        assert_eq!(self.done, known);
    }

    /// What the sandbox has of objects of a kind.
    async fn held(&self, pointer: &str) -> Json {
        let all = self.world.objects().await;
        all.pointer(pointer).cloned().unwrap_or(Json::Null)
    }
}

fn number(object: &Stored, name: &str) -> i64 {
    text(&object.state, name).parse().unwrap()
}

#[tokio::test]
async fn cyberpanel() {
    let world = World::of("cyberpanel").await;
    let mut deeds = Deeds::on(&world);
    let web = world
        .create("cyberpanel_vps", machine("web.example.com"))
        .await;
    let of = json!({"vps_id": number(&web, "id")});
    deeds
        .run("cyberpanel_vps_stop", of.clone(), &[("POST", "/stop")])
        .await;
    assert_eq!(deeds.held("/cyberpanel/vps/0/status").await, "stopped");
    deeds
        .run("cyberpanel_vps_start", of.clone(), &[("POST", "/start")])
        .await;
    assert_eq!(deeds.held("/cyberpanel/vps/0/status").await, "running");
    let told = deeds
        .run(
            "cyberpanel_vps_restart",
            of.clone(),
            &[("POST", "/restart")],
        )
        .await;
    assert_eq!(told.last().unwrap(), "web.example.com is running");
    let told = deeds
        .run("cyberpanel_vps_console", of, &[("GET", "/console")])
        .await;
    assert!(
        told.last().unwrap().contains("(valid for 300 s)"),
        "{told:?}"
    );
    deeds.all();
}

#[tokio::test]
async fn xessone() {
    let world = World::of("xessone").await;
    let mut deeds = Deeds::on(&world);
    let vps = json!({"label": "shop", "region": "fra", "plan": "edge-1", "image": "debian-12",
        "root_password": "secret-pass-1"});
    let vps = world.create("xessone_vps", vps).await;
    let of = json!({"vps_id": text(&vps.state, "id")});
    let told = deeds
        .run("xessone_vps_restart", of, &[("POST", "/restart")])
        .await;
    assert!(told.contains(&"restarted".to_owned()));
    assert_eq!(deeds.held("/xessone/vps/0/status").await, "active");
    let mail = json!({"address": "me@demo.test", "password": "secret-pass-1"});
    let mail = world.create("xessone_email_account", mail).await;
    let of = json!({"email_id": text(&mail.state, "id"), "password": "another-horse-7"});
    let told = deeds
        .run("xessone_email_password", of, &[("PATCH", "/password")])
        .await;
    assert!(!told.join(" ").contains("another-horse"), "{told:?}");
    deeds.all();
}

#[tokio::test]
async fn vpsorg() {
    let world = World::of("vpsorg").await;
    let mut deeds = Deeds::on(&world);
    let plans = world.data("vpsorg_plans", json!({})).await.unwrap();
    let plan = plans.get("plans").unwrap().elements().unwrap()[0].clone();
    let slug = plan.get("locations").unwrap().elements().unwrap()[0].clone();
    let locations = world.data("vpsorg_locations", json!({})).await.unwrap();
    let locations = locations.get("locations").unwrap();
    let mut locations = locations.elements().unwrap().iter();
    let location = locations.find(|l| l.get("slug").as_ref() == Some(&slug));
    let systems = world.data("vpsorg_operating_systems", json!({})).await;
    let system = systems.unwrap().get("operating_systems").unwrap();
    let versions = system.elements().unwrap()[0].get("versions").unwrap();
    let server = json!({"hostname": "api.demo.test", "plan": text(&plan, "uuid"),
        "location": text(location.unwrap(), "id").parse::<i64>().unwrap(),
        "os_version": text(&versions.elements().unwrap()[0], "uuid")});
    let server = world.create("vpsorg_server", server).await;
    let id = text(&server.state, "id");
    for (action, status) in [
        ("stop", "stopped"),
        ("start", "active"),
        ("hard_stop", "stopped"),
        ("restart", "active"),
    ] {
        let of = json!({"server_id": id, "action": action});
        let told = deeds
            .run("vpsorg_server_power", of, &[("POST", "/power/")])
            .await;
        assert_eq!(told.last().unwrap(), &format!("the server is {status}"));
        assert_eq!(deeds.held("/vpsorg/server/0/status").await, status);
    }
    let of = json!({"server_id": id});
    let told = deeds
        .run("vpsorg_server_backup", of, &[("POST", "/backup/")])
        .await;
    let backup = deeds.held("/vpsorg/backup/0").await;
    assert_eq!(backup["status"], "completed");
    assert_eq!(told.last().unwrap(), &format!("backup {}", backup["id"]));
    let of = json!({"backup_id": backup["id"].to_string()});
    deeds
        .run("vpsorg_backup_restore", of, &[("POST", "/restore/")])
        .await;
    assert_eq!(deeds.held("/vpsorg/server/0/status").await, "active");
    let snapshot = json!({"server_id": number(&server, "number"), "name": "before"});
    let snapshot = world.create("vpsorg_snapshot", snapshot).await;
    let of = json!({"snapshot_id": text(&snapshot.state, "id")});
    deeds
        .run("vpsorg_snapshot_restore", of, &[("POST", "/restore/")])
        .await;
    assert_eq!(deeds.held("/vpsorg/server/0/status").await, "active");
    let named = json!({"domain_name": "demo.test"});
    let before = world.data("vpsorg_domain", named.clone()).await.unwrap();
    let of = json!({"domain_id": text(&before, "id"), "years": 2});
    deeds
        .run("vpsorg_domain_renew", of, &[("POST", "/renew/")])
        .await;
    let after = world.data("vpsorg_domain", named).await.unwrap();
    let days = |domain| {
        text(domain, "days_until_expiration")
            .parse::<i64>()
            .unwrap()
    };
    assert!(days(&after) >= days(&before) + 729);
    deeds.all();
}

#[tokio::test]
async fn serverspace() {
    let world = World::of("serverspace").await;
    let mut deeds = Deeds::on(&world);
    let server = json!({"name": "web", "image": "Ubuntu-22.04-X64", "location": "am2", "cpu": 1,
        "ram": 1024, "boot_volume_size": 30720});
    let server = world.create("serverspace_server", server).await;
    let id = text(&server.state, "id");
    for (action, on) in [
        ("off", false),
        ("on", true),
        ("reboot", true),
        ("reset", true),
        ("shutdown", false),
        ("on", true),
    ] {
        let of = json!({"server_id": id, "action": action});
        let path = format!("/servers/{id}/power/{action}");
        deeds
            .run("serverspace_server_power", of, &[("POST", &path)])
            .await;
        assert_eq!(deeds.held("/serverspace/server/0/is_power_on").await, on);
    }
    let snapshot = json!({"server_id": id, "name": "before"});
    let snapshot = world.create("serverspace_snapshot", snapshot).await;
    let of = json!({"server_id": id, "snapshot_id": text(&snapshot.state, "id")});
    deeds
        .run(
            "serverspace_snapshot_rollback",
            of,
            &[("POST", "/rollback")],
        )
        .await;

    let backup = json!({"server_id": id, "hour": 2, "minute": 30, "daily": {"keep": 7, "backup_storage_id": 3}});
    world.create("serverspace_server_backup", backup).await;
    let of = json!({"server_id": id, "name": "by-hand"});
    let told = deeds
        .run(
            "serverspace_server_backup_now",
            of,
            &[("POST", "/restore-points")],
        )
        .await;
    let point = told.last().unwrap().strip_prefix("restore point ").unwrap();
    let of = json!({"server_id": id, "restore_point_id": point.parse::<i64>().unwrap()});
    let path = format!("/restore-points/{point}/restore");
    deeds
        .run(
            "serverspace_server_backup_restore",
            of.clone(),
            &[("POST", &path)],
        )
        .await;
    deeds
        .run(
            "serverspace_server_backup_restore_nearby",
            of.clone(),
            &[("POST", "/restore-nearby")],
        )
        .await;
    let names = deeds.held("/serverspace/server").await.to_string();
    assert!(names.contains("web-restored"), "{names}");
    deeds
        .run(
            "serverspace_server_backup_delete",
            of,
            &[("DELETE", &format!("/restore-points/{point}"))],
        )
        .await;
    let left = world
        .data("serverspace_restore_points", json!({"server_id": id}))
        .await;
    let left = left.unwrap().get("restore_points").unwrap();
    assert!(left.elements().unwrap().is_empty());

    let lan = json!({"name": "lan", "description": "", "location": "am2"});
    let lan = world.create("serverspace_isolated_network", lan).await;
    let gateway = json!({"name": "edge", "location": "am2", "bandwidth": 50,
        "network_ids": [text(&lan.state, "id")]});
    let gateway = world.create("serverspace_gateway", gateway).await;
    let edge = text(&gateway.state, "id");
    for (action, on) in [("stop", false), ("start", true), ("restart", true)] {
        let of = json!({"gateway_id": edge, "action": action});
        let path = format!("/gateways/{edge}/{action}");
        deeds
            .run("serverspace_gateway_power", of, &[("POST", &path)])
            .await;
        assert_eq!(deeds.held("/serverspace/gateway/0/powered_on").await, on);
    }

    let vm = json!({"name": "vm1", "location_id": 2, "image_id": 11, "cpu": 2, "ram_mb": 4096,
        "system_disk_mb": 51200, "network_bandwidth_mbps": 50});
    let vm = world.create("serverspace_vmware_server", vm).await;
    let of = json!({"server_id": number(&vm, "id")});
    for (action, on) in [
        ("off", false),
        ("on", true),
        ("reboot", true),
        ("reset", true),
        ("shutdown", false),
        ("on", true),
    ] {
        let path = format!("/power/{action}");
        deeds
            .run(
                "serverspace_vmware_server_power",
                with(&of, "action", json!(action)),
                &[("POST", &path)],
            )
            .await;
        assert_eq!(
            deeds.held("/serverspace/vmware_server/0/is_power_on").await,
            on,
            "{action}"
        );
    }
    let snapshot = with(&of, "name", json!("before"));
    world
        .create("serverspace_vmware_server_snapshot", snapshot)
        .await;
    deeds
        .run(
            "serverspace_vmware_snapshot_restore",
            of.clone(),
            &[("POST", "/snapshot/restore")],
        )
        .await;
    let told = deeds
        .run(
            "serverspace_vmware_server_rebuild",
            of,
            &[("POST", "/rebuild")],
        )
        .await;
    let made = told.last().unwrap().rsplit_once(' ').unwrap().1;
    let now = json!({"id": made.parse::<i64>().unwrap()});
    let now = world.data("serverspace_vmware_server", now).await.unwrap();
    assert_eq!(text(&now, "name"), "vm1");
    assert_ne!(made, text(&vm.state, "id"));

    let cluster = json!({"name": "apps", "location": "am2", "version": "1.26.4", "node_group":
        [{"name": "web", "cpu_per_node": 2, "ram_per_node": 4096, "number_of_nodes": 2}]});
    let cluster = world
        .create("serverspace_kubernetes_cluster", cluster)
        .await;
    let group = deeds
        .held("/serverspace/kubernetes_cluster/0/node_groups/0")
        .await;
    let of = json!({"cluster_id": text(&cluster.state, "id"), "node_group_id": group["id"]});
    deeds
        .run(
            "serverspace_kubernetes_ingress",
            of,
            &[("POST", "/ingress")],
        )
        .await;
    let ingress = "/serverspace/kubernetes_cluster/0/node_groups/0/ingress";
    assert_eq!(deeds.held(ingress).await, true);
    deeds.all();
}

#[tokio::test]
async fn xelon() {
    const TENANT: &str = "c4c59cf3a0fe";
    let world = World::of("xelon").await;
    let mut deeds = Deeds::on(&world);
    let key = json!({"name": "ci", "public_key": format!("{KEY} me@example.com")});
    world.create("xelon_ssh_key", key).await;
    let cloud = world.data("xelon_clouds", json!({})).await.unwrap();
    let cloud = text(&cloud.get("clouds").unwrap().elements().unwrap()[0], "id");
    let lan = json!({"type": "LAN", "name": "lan", "cloud_id": cloud, "network": "10.1.0.0",
        "subnet_size": 24, "network_speed": 1000, "gateway": "10.1.0.1", "dns_primary": "8.8.8.8"});
    let lan = world.create("xelon_network", lan).await;
    let template = world
        .data(
            "xelon_template",
            json!({"name": "Ubuntu 22.04", "cloud_id": cloud}),
        )
        .await
        .unwrap();
    let device = json!({"display_name": "web", "hostname": "web", "template_id": text(&template, "id"),
        "tenant_id": TENANT, "cpu_core_count": 1, "memory": 2, "disk_size": 20, "swap_disk_size": 1,
        "password": "S3cret!pass", "networks": [{"id": text(&lan.state, "id"), "connected": true}]});
    let device = world.create("xelon_device", device).await;
    let id = text(&device.state, "id");
    let of = json!({"device_id": id});
    for (kind, sends, on) in [
        ("xelon_device_stop", &[("POST", "/stop")][..], false),
        ("xelon_device_start", &[("POST", "/start")][..], true),
        (
            "xelon_device_restart",
            &[("POST", "/stop"), ("POST", "/start")][..],
            true,
        ),
    ] {
        deeds.run(kind, of.clone(), sends).await;
        assert_eq!(
            deeds.held("/xelon/device/0/isPoweredOn").await,
            on,
            "{kind}"
        );
    }
    for name in ["one", "two"] {
        let path = format!("clouds/xelon/devices/{id}/snapshots");
        world.control("POST", &path, json!({"name": name})).await;
    }
    let last = deeds.held("/xelon/snapshot/1/identifier").await;
    let path = format!("/snapshots/{}", last.as_str().unwrap());
    deeds
        .run(
            "xelon_device_snapshot_delete",
            with(&of, "snapshot_id", last),
            &[("DELETE", &path)],
        )
        .await;
    let left = deeds.held("/xelon/snapshot").await;
    assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
    let storage = json!({"name": "data", "size": 10, "cloud_id": cloud});
    let storage = world.create("xelon_persistent_storage", storage).await;
    let both = json!({"persistent_storage_id": text(&storage.state, "id"), "device_id": id});
    let attached = "/xelon/persistent_storage/0/attachedDevices/0/identifier";
    deeds
        .run(
            "xelon_persistent_storage_attach",
            both.clone(),
            &[("POST", "/attach-device")],
        )
        .await;
    assert_eq!(deeds.held(attached).await, json!(id));
    deeds
        .run(
            "xelon_persistent_storage_detach",
            both,
            &[("POST", "/detach-device")],
        )
        .await;
    assert_eq!(deeds.held(attached).await, Json::Null);

    let user = json!({"tenant_id": TENANT, "email": "ann@example.com", "first_name": "Ann",
        "last_name": "Ex", "password": "S3cret!pass", "roles": [], "permissions": []});
    let user = world.create("xelon_tenant_user", user).await;
    let users = || async {
        let all = deeds_users(&world).await;
        all.contains("ann@example.com")
    };
    world.delete("xelon_tenant_user", &user).await;
    assert!(!users().await);
    let of = json!({"tenant_id": TENANT, "user_id": text(&user.state, "id")});
    deeds
        .run(
            "xelon_tenant_user_restore",
            of.clone(),
            &[("POST", "/restore")],
        )
        .await;
    assert!(users().await);
    let told = deeds
        .run(
            "xelon_tenant_user_set_password",
            with(&of, "password", json!("another-horse-7")),
            &[("POST", "/password")],
        )
        .await;
    assert!(!told.join(" ").contains("another-horse"), "{told:?}");
    deeds.all();
}

/// The users that the sandbox counts as active.
async fn deeds_users(world: &World) -> String {
    let all = world.objects().await;
    let users = all.pointer("/xelon/tenant_user");
    users.map(ToString::to_string).unwrap_or_default()
}

#[tokio::test]
async fn what_costs_money_or_destroys_data_asks_first() {
    let mut asking = Vec::new();
    for cloud in ["cyberpanel", "serverspace", "vpsorg", "xelon", "xessone"] {
        let world = World::of(cloud).await;
        let actions = world.kind.schema().actions.iter();
        let asks = actions.filter(|(_, a)| a.confirm.is_some());
        asking.extend(asks.map(|(kind, _)| kind.to_string()));
    }
    asking.sort();
    assert_eq!(
        asking,
        [
            "serverspace_server_backup_delete",
            "serverspace_server_backup_restore",
            "serverspace_server_backup_restore_nearby",
            "serverspace_snapshot_rollback",
            "serverspace_vmware_server_rebuild",
            "serverspace_vmware_snapshot_restore",
            "vpsorg_backup_restore",
            "vpsorg_domain_renew",
            "vpsorg_snapshot_restore",
            "xelon_device_snapshot_delete",
        ]
    );
}
