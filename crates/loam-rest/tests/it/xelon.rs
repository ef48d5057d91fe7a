//! Xelon HQ: every resource type through its whole life, what is refused before it is
//! sent, data sources, actions, authentication, and shapes that the service may have.

use loam_provider::{ProviderType, ReadDepth, ReadOutcome};
use loam_value::Value;
use serde_json::{Value as Json, json};

use crate::clouds::{KEY, born, changed, dead, gone, read, settled, with};
use crate::world::{Stored, World, provider_type, quick, said, text};

const CLOUD: &str = "e96db9d92ec7";
const TENANT: &str = "c4c59cf3a0fe";
const CUSTOMER: &str = "d5d6adf4b10f";
const LINUX: &str = "22a6711de3a8";

fn lan(name: &str) -> Json {
    json!({"type": "LAN", "name": name, "network_speed": 1000, "subnet_size": 24, "cloud_id": CLOUD,
        "network": "10.0.0.0", "gateway": "10.0.0.1", "dns_primary": "10.0.0.2", "tenant_id": TENANT})
}

fn device(name: &str, network: &str) -> Json {
    json!({"display_name": name, "hostname": name, "template_id": LINUX, "tenant_id": TENANT,
        "cpu_core_count": 2, "memory": 4, "disk_size": 20, "swap_disk_size": 1, "password": "S3cret!pass",
        "networks": [{"id": network, "connected": true}]})
}

async fn network(world: &World) -> String {
    text(&world.create("xelon_network", lan("lan")).await.state, "id")
}

/// What planning a change of an object says.
async fn refused(world: &World, kind: &str, object: &Stored, arguments: &Json) -> String {
    let config = world.config(kind, arguments.clone());
    let plan = world.plan(kind, Some(object), &config).await;
    assert!(plan.diagnostics.has_errors(), "{kind}: nothing was refused");
    said(&plan.diagnostics)
}

/// The attributes that make a change a replacement.
async fn replaced_by(world: &World, kind: &str, object: &Stored, arguments: &Json) -> Vec<String> {
    let config = world.config(kind, arguments.clone());
    let plan = world.plan(kind, Some(object), &config).await;
    assert!(plan.diagnostics.is_empty(), "{}", said(&plan.diagnostics));
    let paths = plan.requires_replace.iter();
    paths
        .map(|p| p.to_string().trim_start_matches('.').to_owned())
        .collect()
}

fn count(object: &Value, name: &str) -> usize {
    object.get(name).unwrap().elements().unwrap().len()
}

#[tokio::test]
async fn networks_and_who_may_use_them() {
    let world = World::of("xelon").await;
    let arguments = lan("lan");
    let network = born(&world, "xelon_network", &arguments, "<id>").await;
    let arguments = with(
        &with(&arguments, "name", json!("lan-2")),
        "network_speed",
        json!(10000),
    );
    let network = changed(&world, "xelon_network", network, &arguments).await;
    for (name, value) in [
        ("cloud_id", json!("f07ec0ea3fd8")),
        ("subnet_size", json!(25)),
        ("tenant_id", json!(CUSTOMER)),
    ] {
        let other = with(&arguments, name, value);
        assert_eq!(
            replaced_by(&world, "xelon_network", &network, &other).await,
            [name]
        );
    }
    // A WAN takes the addresses that it is given, and name servers of one's own.
    let wan = json!({"type": "WAN", "name": "wan", "network_speed": 1000, "subnet_size": 29, "cloud_id": CLOUD});
    let assigned = born(&world, "xelon_network", &wan, "<id>").await;
    assert_eq!(text(&assigned.state, "dns_primary"), "9.9.9.9");
    let wan = with(&wan, "dns_primary", json!("1.1.1.1"));
    let assigned = changed(&world, "xelon_network", assigned, &wan).await;
    let own = born(
        &world,
        "xelon_network",
        &with(&wan, "name", json!("wan-2")),
        "<id>",
    )
    .await;
    assert_eq!(text(&own.state, "dns_primary"), "1.1.1.1");

    let id = text(&network.state, "id");
    let share = json!({"network_id": id, "tenant_id": CUSTOMER, "cloud_id": CLOUD});
    let shared = born(
        &world,
        "xelon_network_share",
        &share,
        "<cloud_id>/<tenant_id>/<network_id>",
    )
    .await;
    let seen = world.data(
        "xelon_shared_networks",
        json!({"cloud_id": CLOUD, "tenant_id": CUSTOMER}),
    );
    assert_eq!(count(&seen.await.unwrap(), "networks"), 1);
    gone(&world, "xelon_network_share", &shared).await;

    // Locked by the vendor: said, with what to do.
    world
        .control(
            "POST",
            &format!("clouds/xelon/networks/{id}"),
            json!({"locked": true}),
        )
        .await;
    let config = world.config("xelon_network", with(&arguments, "name", json!("lan-3")));
    let outcome = world.apply("xelon_network", Some(&network), &config).await;
    let told = said(&outcome.diagnostics);
    assert!(
        told.contains("The network is locked") && told.contains("unlock it"),
        "{told}"
    );
    world
        .control(
            "POST",
            &format!("clouds/xelon/networks/{id}"),
            json!({"locked": false}),
        )
        .await;
    for one in [&network, &assigned, &own] {
        gone(&world, "xelon_network", one).await;
    }
}

#[tokio::test]
async fn a_device_and_what_belongs_to_it() {
    let world = World::of("xelon").await;
    let lan = network(&world).await;
    let key = json!({"name": "ci", "public_key": format!("{KEY} me@example.com\n")});
    let key = born(&world, "xelon_ssh_key", &key, "<id>").await;
    let key_2 = json!({"name": "ci-2", "public_key": format!("{KEY} you@example.com")});
    let key_2 = born(&world, "xelon_ssh_key", &key_2, "<id>").await;
    let (first, second) = (text(&key.state, "id"), text(&key_2.state, "id"));

    let web = with(&device("web", &lan), "ssh_key_id", json!(first));
    let machine = born(&world, "xelon_device", &web, "<id>").await;
    let id = text(&machine.state, "id");
    let connection = &machine.state.get("networks").unwrap().elements().unwrap()[0].clone();
    assert_eq!(text(connection, "ipv4_address"), "10.0.0.2");
    assert_ne!(
        text(&machine.state, "disk_id"),
        text(&machine.state, "swap_disk_id")
    );
    assert_eq!(count(&machine.state, "ssh_key_ids"), 1);

    let web = with(&web, "display_name", json!("web-2"));
    let machine = changed(&world, "xelon_device", machine, &web).await;
    // It is stopped for that, and started again.
    world.forget().await;
    let web = with(&with(&web, "cpu_core_count", json!(4)), "memory", json!(8));
    let machine = changed(&world, "xelon_device", machine, &web).await;
    let sent = world.requests().await.join("\n");
    assert!(
        sent.contains("/stop 200") && sent.contains("/start 200"),
        "{sent}"
    );
    let web = with(
        &with(&web, "cpu_core_hotplug", json!(true)),
        "memory_hotplug",
        json!(true),
    );
    let machine = changed(&world, "xelon_device", machine, &web).await;
    // With both kinds of hotplug it need not be.
    world.forget().await;
    let web = with(&web, "memory", json!(16));
    let machine = changed(&world, "xelon_device", machine, &web).await;
    let sent = world.requests().await.join("\n");
    assert!(!sent.contains("/stop"), "{sent}");
    // Both disks grow, although growing one makes a snapshot that forbids growing the other.
    world
        .control(
            "POST",
            &format!("clouds/xelon/devices/{id}/snapshots"),
            json!({"name": "mine"}),
        )
        .await;
    let web = with(
        &with(&web, "disk_size", json!(40)),
        "swap_disk_size",
        json!(2),
    );
    let machine = changed(&world, "xelon_device", machine, &web).await;
    let smaller = with(&web, "disk_size", json!(30));
    assert!(
        refused(&world, "xelon_device", &machine, &smaller)
            .await
            .contains("A disk can only grow")
    );
    // Keys come and go in place.
    let web = with(
        &with(&web, "ssh_key_id", Json::Null),
        "ssh_key_ids",
        json!([second]),
    );
    let machine = changed(&world, "xelon_device", machine, &web).await;
    let keys = world.data("xelon_device", json!({"id": id})).await.unwrap();
    let keys = keys.get("ssh_key_ids").unwrap();
    assert_eq!(keys.elements().unwrap(), [Value::string(second.as_str())]);
    // What nothing can change is replaced.
    for (name, value) in [
        ("hostname", json!("db")),
        ("user_data", json!("#cloud-config")),
        ("tenant_id", json!(CUSTOMER)),
    ] {
        assert_eq!(
            replaced_by(&world, "xelon_device", &machine, &with(&web, name, value)).await,
            [name]
        );
    }
    let elsewhere = with(
        &web,
        "networks",
        json!([{"id": "0123456789ab", "connected": true}]),
    );
    assert_eq!(
        replaced_by(&world, "xelon_device", &machine, &elsewhere).await,
        ["networks"]
    );
    let addressed = with(
        &web,
        "networks",
        json!([{"id": lan, "connected": true, "ipv4_address": "10.0.0.77"}]),
    );
    assert_eq!(
        replaced_by(&world, "xelon_device", &machine, &addressed).await,
        ["networks"]
    );

    let disk = json!({"device_id": id, "size": 10});
    let disk_object = born(&world, "xelon_device_disk", &disk, "<device_id>/<id>").await;
    let disk = with(&disk, "size", json!(15));
    let disk_object = changed(&world, "xelon_device_disk", disk_object, &disk).await;
    settled(
        &world,
        "xelon_device",
        &read(&world, "xelon_device", &machine, ReadDepth::Full).await,
        &web,
    )
    .await;
    assert!(
        refused(
            &world,
            "xelon_device_disk",
            &disk_object,
            &with(&disk, "size", json!(5))
        )
        .await
        .contains("only grow")
    );

    let plan = world
        .data(
            "xelon_backup_plan",
            json!({"cloud_id": CLOUD, "name": "Daily Backup"}),
        )
        .await
        .unwrap();
    assert_eq!(text(&plan, "id"), format!("{:?}", Value::int(17)));
    let backup = json!({"device_id": id, "backup_plan_id": 17});
    let assigned = born(&world, "xelon_device_backup", &backup, "<device_id>").await;
    let backup = with(&backup, "backup_plan_id", json!(18));
    let assigned = changed(&world, "xelon_device_backup", assigned, &backup).await;
    gone(&world, "xelon_device_backup", &assigned).await;
    gone(&world, "xelon_device_disk", &disk_object).await;

    // By cloud-init alone, with an address of one's choice by its id, and without swap disk.
    let details = world
        .data("xelon_network", json!({"id": lan}))
        .await
        .unwrap();
    let address = details.get("addresses").unwrap().elements().unwrap()[3].clone();
    let db = json!({"display_name": "db", "hostname": "db", "template_id": LINUX, "tenant_id": TENANT,
        "cpu_core_count": 1, "memory": 2, "disk_size": 10, "user_data": "#cloud-config\n",
        "networks": [{"id": lan, "connected": true, "ipv4_address_id": text(&address, "id")}]});
    let data_base = born(&world, "xelon_device", &db, "<id>").await;
    let connection = data_base.state.get("networks").unwrap().elements().unwrap()[0].clone();
    assert_eq!(text(&connection, "ipv4_address"), text(&address, "ip"));
    let told = refused(
        &world,
        "xelon_device",
        &data_base,
        &with(&db, "swap_disk_size", json!(2)),
    )
    .await;
    assert!(told.contains("made without a swap disk"), "{told}");
    gone(&world, "xelon_device", &data_base).await;
    gone(&world, "xelon_device", &machine).await;
    gone(&world, "xelon_ssh_key", &key_2).await;
    gone(&world, "xelon_ssh_key", &key).await;
}

#[tokio::test]
async fn firewalls_and_load_balancers() {
    let world = World::of("xelon").await;
    let lan = network(&world).await;
    let wan = json!({"type": "WAN", "name": "wan", "network_speed": 1000, "subnet_size": 29, "cloud_id": CLOUD});
    let wan = world.create("xelon_network", wan).await;
    let firewall = json!({"name": "fw", "cloud_id": CLOUD, "tenant_id": TENANT, "internal_network_id": lan,
        "external_network_id": text(&wan.state, "id")});
    let fw = born(&world, "xelon_firewall", &firewall, "<id>").await;
    let fw = changed(
        &world,
        "xelon_firewall",
        fw,
        &with(&firewall, "name", json!("fw-2")),
    )
    .await;
    assert_eq!(
        replaced_by(
            &world,
            "xelon_firewall",
            &fw,
            &with(&firewall, "internal_ipv4_address", json!("10.0.0.99"))
        )
        .await,
        ["internal_ipv4_address"]
    );
    let inbound = json!({"firewall_id": text(&fw.state, "id"), "type": "inbound", "protocol": "tcp", "from_port": 443,
        "to_port": 8443, "source_ipv4_addresses": ["0.0.0.0/0"], "destination_ipv4_addresses": ["10.0.0.25"]});
    let kind = "xelon_firewall_forwarding_rule";
    let rule = born(&world, kind, &inbound, "<firewall_id>/<id>").await;
    let rule = changed(&world, kind, rule, &with(&inbound, "to_port", json!(9443))).await;
    // In place to the other direction, where the sides are told the other way round.
    let outbound = json!({"firewall_id": text(&fw.state, "id"), "type": "outbound", "protocol": "udp", "from_port": 53,
        "to_port": 53, "source_ipv4_addresses": ["10.0.0.50"], "destination_ipv4_addresses": ["1.1.1.1", "9.9.9.9"]});
    let rule = changed(&world, kind, rule, &outbound).await;
    let ping = json!({"firewall_id": text(&fw.state, "id"), "type": "inbound", "protocol": "icmp", "from_port": 0,
        "to_port": 0, "source_ipv4_addresses": ["0.0.0.0/0"], "destination_ipv4_addresses": ["10.0.0.25"]});
    let ping = born(&world, kind, &ping, "<firewall_id>/<id>").await;

    let machine = text(
        &world
            .create("xelon_device", device("web", &lan))
            .await
            .state,
        "id",
    );
    let balancer = json!({"name": "lb", "cloud_id": CLOUD, "tenant_id": TENANT, "network_id": lan, "type": "layer4",
        "device_ids": [machine]});
    let lb = born(&world, "xelon_load_balancer", &balancer, "<id>").await;
    let balancer = with(&balancer, "device_ids", Json::Null);
    let lb = changed(&world, "xelon_load_balancer", lb, &balancer).await;
    assert_eq!(
        replaced_by(
            &world,
            "xelon_load_balancer",
            &lb,
            &with(&balancer, "type", json!("layer7"))
        )
        .await,
        ["type"]
    );
    let balanced = json!({"load_balancer_id": text(&lb.state, "id"), "ipv4_addresses": ["10.0.0.25"], "from_port": 80,
        "to_port": 8080});
    let kind = "xelon_load_balancer_forwarding_rule";
    let lb_rule = born(&world, kind, &balanced, "<load_balancer_id>/<id>").await;
    let balanced = with(
        &balanced,
        "ipv4_addresses",
        json!(["10.0.0.25", "10.0.0.26"]),
    );
    let lb_rule = changed(&world, kind, lb_rule, &balanced).await;
    let devices = json!({"load_balancer_id": text(&lb.state, "id"), "network_id": lan});
    let devices = world
        .data("xelon_load_balancer_assignable_devices", devices)
        .await
        .unwrap();
    assert_eq!(count(&devices, "devices"), 1);
    gone(&world, kind, &lb_rule).await;
    gone(&world, "xelon_load_balancer", &lb).await;
    gone(&world, "xelon_firewall_forwarding_rule", &ping).await;
    gone(&world, "xelon_firewall_forwarding_rule", &rule).await;
    gone(&world, "xelon_firewall", &fw).await;
}

#[tokio::test]
async fn dns() {
    let world = World::of("xelon").await;
    let zone = born(
        &world,
        "xelon_dns_zone",
        &json!({"name": "example.ch"}),
        "<id>",
    )
    .await;
    let zone_id = text(&zone.state, "id");
    let record = json!({"zone_id": zone_id, "name": "www", "type": "A", "content": "192.0.2.1", "ttl": 3600});
    let entry = born(&world, "xelon_dns_record", &record, "<id>").await;
    let record = with(&with(&record, "ttl", json!(600)), "type", json!("TXT"));
    let entry = changed(&world, "xelon_dns_record", entry, &record).await;
    // Equal to one that exists: the answer of a create tells no id, and still it is another.
    let twin = born(&world, "xelon_dns_record", &record, "<id>").await;
    assert_ne!(twin.state.get("record_id"), entry.state.get("record_id"));
    let mut others = Vec::new();
    for more in [
        json!({"type": "MX", "name": "@", "content": "mx.example.ch", "priority": 10}),
        json!({"type": "SRV", "name": "_sip._tcp", "content": "sip.example.ch", "priority": 10, "weight": 5, "port": 5060}),
        json!({"type": "CAA", "name": "@", "content": "", "caa_flag": 0, "caa_type": "issue", "caa_value": "letsencrypt.org"}),
        json!({"type": "TXT", "name": "@", "content": "\"v=spf1 -all\""}),
    ] {
        let mut arguments = json!({"zone_id": zone_id, "ttl": 3600});
        for (name, value) in more.as_object().unwrap() {
            arguments[name.as_str()] = value.clone();
        }
        others.push(born(&world, "xelon_dns_record", &arguments, "<id>").await);
    }
    let soa = json!({"zone_id": zone_id, "primary_nameserver": "ns1.xdns.cloud", "admin_email": "me@example.ch",
        "refresh": 7200, "retry": 1800, "expire": 1209600, "ttl": 3600});
    let soa_object = born(&world, "xelon_dns_soa", &soa, "<zone_id>").await;
    let soa_object = changed(
        &world,
        "xelon_dns_soa",
        soa_object,
        &with(&soa, "ttl", json!(600)),
    )
    .await;
    let seen = world
        .data("xelon_dns_zone", json!({"name": "example.ch"}))
        .await
        .unwrap();
    assert_eq!(count(&seen, "records"), 10);
    let again = world.delete("xelon_dns_soa", &soa_object).await;
    assert!(said(&again.diagnostics).contains("Loam only forgets it"));
    for one in others.iter().chain([&twin, &entry]) {
        gone(&world, "xelon_dns_record", one).await;
    }
    gone(&world, "xelon_dns_zone", &zone).await;
}

#[tokio::test]
async fn storage_and_object_storage() {
    let world = World::of("xelon").await;
    let lan = network(&world).await;
    let machine = text(
        &world
            .create("xelon_device", device("web", &lan))
            .await
            .state,
        "id",
    );
    let volume = json!({"name": "data", "size": 10, "cloud_id": CLOUD, "tenant_id": TENANT});
    let disk = born(&world, "xelon_persistent_storage", &volume, "<id>").await;
    let volume = with(
        &with(&volume, "size", json!(20)),
        "device_id",
        json!(machine),
    );
    let disk = changed(&world, "xelon_persistent_storage", disk, &volume).await;
    assert!(
        refused(
            &world,
            "xelon_persistent_storage",
            &disk,
            &with(&volume, "size", json!(10))
        )
        .await
        .contains("only grow")
    );
    assert_eq!(
        replaced_by(
            &world,
            "xelon_persistent_storage",
            &disk,
            &with(&volume, "name", json!("x"))
        )
        .await,
        ["name"]
    );
    // That it was detached by hand is no obstacle, nor that it is attached where it should be.
    let detach = json!({"persistent_storage_id": text(&disk.state, "id"), "device_id": machine});
    world
        .act("xelon_persistent_storage_detach", detach)
        .await
        .unwrap();
    let other = with(&volume, "device_id", json!(""));
    let disk = changed(&world, "xelon_persistent_storage", disk, &other).await;
    let disk = changed(&world, "xelon_persistent_storage", disk, &volume).await;
    // It is detached before it is deleted.
    gone(&world, "xelon_persistent_storage", &disk).await;

    let user = json!({"name": "s3", "region": "zh1", "storage_limit": 100});
    let s3 = born(&world, "xelon_object_storage_user", &user, "<region>/<id>").await;
    let user = with(
        &with(&user, "storage_limit", json!(250)),
        "name",
        json!("app"),
    );
    let s3 = changed(&world, "xelon_object_storage_user", s3, &user).await;
    assert_eq!(
        replaced_by(
            &world,
            "xelon_object_storage_user",
            &s3,
            &with(&user, "region", json!("ch1"))
        )
        .await,
        ["region"]
    );
    let user_id = text(&s3.state, "id");
    let key = json!({"user_id": user_id});
    let access = born(
        &world,
        "xelon_object_storage_access_key",
        &key,
        "<user_id>/<id>",
    )
    .await;
    assert!(!text(&access.state, "secret_access_key").is_empty());
    let bucket = json!({"name": "my-bucket", "user_id": user_id});
    let kind = "xelon_object_storage_bucket";
    let store = born(&world, kind, &bucket, "<user_id>/<name>").await;
    let bucket = with(&bucket, "versioning_enabled", json!(true));
    let store = changed(&world, kind, store, &bucket).await;
    let bucket = with(
        &bucket,
        "allowed_ips",
        json!(["192.0.2.1", "198.51.100.0/24"]),
    );
    let store = changed(&world, kind, store, &bucket).await;
    let bucket = with(&bucket, "name", json!("renamed"));
    let store = changed(&world, kind, store, &bucket).await;
    // Somebody lifts the restriction: the list tells.
    let path = format!(
        "{}/xelon/api/v2/object-storages/buckets/renamed/{user_id}/ip-restrictions",
        world.sandbox.url()
    );
    world
        .past_loam("PUT", &path, json!({"enabled": false}))
        .await;
    let now = read(&world, kind, &store, ReadDepth::Sparing).await;
    assert_eq!(count(&now.state, "allowed_ips"), 0);
    let bucket = with(&bucket, "allowed_ips", json!([]));
    let store = changed(&world, kind, now, &bucket).await;
    let locked = json!({"name": "locked", "user_id": user_id, "versioning_enabled": true, "object_lock_enabled": true,
        "object_lock_retention_days": 30, "allowed_ips": ["192.0.2.1"]});
    let safe = born(&world, kind, &locked, "<user_id>/<name>").await;
    let told = refused(
        &world,
        kind,
        &safe,
        &with(&locked, "versioning_enabled", json!(false)),
    )
    .await;
    assert!(told.contains("keeps its versioning"), "{told}");
    assert_eq!(
        replaced_by(
            &world,
            kind,
            &safe,
            &with(&locked, "object_lock_retention_days", json!(60))
        )
        .await,
        ["object_lock_retention_days"]
    );
    gone(&world, kind, &safe).await;
    gone(&world, kind, &store).await;
    gone(&world, "xelon_object_storage_access_key", &access).await;
    gone(&world, "xelon_object_storage_user", &s3).await;
}

#[tokio::test]
async fn images_and_users() {
    let world = World::of("xelon").await;
    let iso = json!({"name": "tools", "category_id": 1, "cloud_id": CLOUD, "url": "https://example.com/tools.iso"});
    let fetched = born(&world, "xelon_iso", &iso, "<id>").await;
    let iso = with(
        &with(&iso, "description", json!("x")),
        "category_id",
        json!(2),
    );
    let fetched = changed(&world, "xelon_iso", fetched, &iso).await;
    assert_eq!(
        replaced_by(
            &world,
            "xelon_iso",
            &fetched,
            &with(&iso, "url", json!("https://example.com/b.iso"))
        )
        .await,
        ["url"]
    );
    let upload = json!({"name": "own", "category_id": 7, "cloud_id": CLOUD, "content_base64": "dGhlIGltYWdl"});
    let uploaded = born(&world, "xelon_iso", &upload, "<id>").await;
    assert_eq!(text(&uploaded.state, "category"), "Linux");
    assert!(uploaded.state.get("content_base64").unwrap().is_null());
    let other = with(&upload, "content_base64", json!("YW5vdGhlciBpbWFnZQ=="));
    assert_eq!(
        replaced_by(&world, "xelon_iso", &uploaded, &other).await,
        ["content_base64"]
    );
    gone(&world, "xelon_iso", &uploaded).await;
    gone(&world, "xelon_iso", &fetched).await;

    let lan = network(&world).await;
    let machine = text(
        &world
            .create("xelon_device", device("web", &lan))
            .await
            .state,
        "id",
    );
    let image = json!({"name": "golden", "device_id": machine, "tenant_id": TENANT, "description": "of web"});
    let template = born(&world, "xelon_template", &image, "<id>").await;
    let template = changed(
        &world,
        "xelon_template",
        template,
        &with(&image, "name", json!("golden-2")),
    )
    .await;
    let told = refused(
        &world,
        "xelon_template",
        &template,
        &with(&image, "description", json!("")),
    )
    .await;
    assert!(told.contains("cannot take a description away"), "{told}");
    gone(&world, "xelon_template", &template).await;

    let person = json!({"tenant_id": TENANT, "email": "Me@example.ch", "first_name": "M", "last_name": "E",
        "password": "S3cret!pass", "roles": ["hq_organization_member"], "permissions": []});
    let kind = "xelon_tenant_user";
    let user = born(&world, kind, &person, "<tenant_id>/<id>").await;
    let person = with(
        &with(&person, "last_name", json!("F")),
        "phone",
        json!("+41 00"),
    );
    let user = changed(&world, kind, user, &person).await;
    let person = with(&person, "password", json!("S3cret!pass-2"));
    let user = changed(&world, kind, user, &person).await;
    let person = with(&person, "permissions", json!(["allow_manage_users"]));
    let user = changed(&world, kind, user, &person).await;
    let told = refused(
        &world,
        kind,
        &user,
        &with(&person, "send_welcome_email", json!(true)),
    )
    .await;
    assert!(told.contains("cannot be changed later"), "{told}");
    dead(&world, kind, &user).await;
    // It is only inactive, which counts as gone; its address stays taken.
    let seen = world
        .read(kind, std::slice::from_ref(&user), ReadDepth::Sparing)
        .await;
    assert_eq!(seen, [ReadOutcome::Gone]);
    let config = world.config(kind, person.clone());
    let outcome = world.apply(kind, None, &config).await;
    let told = said(&outcome.diagnostics);
    assert!(
        told.contains("The email has already been taken")
            && told.contains("xelon_tenant_user_restore"),
        "{told}"
    );
    assert!(outcome.state.is_null() && !outcome.unknown);
    let id = text(&user.state, "id");
    world
        .act(
            "xelon_tenant_user_restore",
            json!({"tenant_id": TENANT, "user_id": id}),
        )
        .await
        .unwrap();
    let user = read(&world, kind, &user, ReadDepth::Sparing).await;
    settled(&world, kind, &user, &person).await;
}

#[tokio::test]
async fn kubernetes() {
    let world = World::of("xelon").await;
    let versions = world
        .data(
            "xelon_kubernetes_cluster_versions",
            json!({"cloud_id": CLOUD}),
        )
        .await
        .unwrap();
    let latest = versions.get("latest").unwrap();
    assert_eq!(text(&latest, "talos_version"), "1.11.6");
    assert_eq!(text(&latest, "kubernetes_version"), "1.30.10");
    let cluster = json!({"name": "k8s", "cloud_id": CLOUD, "tenant_id": TENANT, "kubernetes_version": "1.29.10",
        "talos_version": "1.10.9", "control_plane": {"high_availability_enabled": false},
        "load_balancer": {"high_availability_enabled": false}, "timeouts": {"create": "40m"}});
    let kind = "xelon_kubernetes_cluster";
    let k8s = born(&world, kind, &cluster, "<id>").await;
    assert_eq!(
        text(&k8s.state.get("control_plane").unwrap(), "cpu_core_count"),
        format!("{:?}", Value::int(2))
    );
    let cluster = with(
        &with(&cluster, "kubernetes_version", json!("1.30.10")),
        "talos_version",
        json!("1.11.6"),
    );
    let k8s = changed(&world, kind, k8s, &cluster).await;
    let bigger = json!({"cpu_core_count": 4, "high_availability_enabled": false});
    let cluster = with(&cluster, "control_plane", bigger.clone());
    let k8s = changed(&world, kind, k8s, &cluster).await;
    assert_eq!(
        replaced_by(&world, kind, &k8s, &with(&cluster, "load_balancer", bigger)).await,
        ["load_balancer"]
    );
    let one = with(&cluster, "control_plane", json!({"cpu_core_count": 4}));
    assert!(refused(&world, kind, &k8s, &one).await.contains("together"));
    let cluster = with(&one, "load_balancer", Json::Null);
    let k8s = changed(&world, kind, k8s, &cluster).await;
    let off = with(
        &cluster,
        "control_plane",
        json!({"cpu_core_count": 4, "high_availability_enabled": false}),
    );
    assert!(
        refused(&world, kind, &k8s, &off)
            .await
            .contains("cannot be switched off again")
    );

    let id = text(&k8s.state, "id");
    let pool = json!({"kubernetes_cluster_id": id, "name": "workers", "node_count": 2, "extra_disk_size": 20});
    let import = "<kubernetes_cluster_id>/<id>";
    let workers = born(&world, "xelon_kubernetes_node_pool", &pool, import).await;
    let pool = with(&pool, "node_count", json!(4));
    let workers = changed(&world, "xelon_kubernetes_node_pool", workers, &pool).await;
    // What is not set any more is left alone.
    let pool = with(&with(&pool, "node_count", json!(1)), "memory", json!(8));
    let pool = with(&pool, "extra_disk_size", Json::Null);
    let workers = changed(&world, "xelon_kubernetes_node_pool", workers, &pool).await;
    assert_eq!(
        text(&workers.state, "extra_disk_size"),
        format!("{:?}", Value::int(20))
    );

    let clouds = world.data("xelon_legacy_clouds", json!({})).await.unwrap();
    assert_eq!(count(&clouds, "clouds"), 2);
    let balancers = json!({"name": "ingress", "cloud_number": 1, "kubernetes_cluster_id": id});
    let balancers = born(&world, "xelon_load_balancer_cluster", &balancers, "<id>").await;
    let address = balancers
        .state
        .get("virtual_ips")
        .unwrap()
        .elements()
        .unwrap()[0]
        .clone();
    let rule = json!({"load_balancer_cluster_id": text(&balancers.state, "id"), "virtual_ip_id": text(&address, "id"),
        "from_port": 443, "to_port": 30443, "proxy_protocol": 1});
    let kind = "xelon_load_balancer_cluster_forwarding_rule";
    let import = "<load_balancer_cluster_id>/<virtual_ip_id>/<id>";
    let forward = born(&world, kind, &rule, import).await;
    let rule = with(
        &with(&rule, "from_port", json!(8443)),
        "to_port",
        json!(30444),
    );
    let forward = changed(&world, kind, forward, &rule).await;
    for (data, arguments) in [
        (
            "xelon_kubernetes_cluster",
            json!({"kubernetes_cluster_id": id}),
        ),
        (
            "xelon_kubernetes_nodes",
            json!({"kubernetes_cluster_id": id}),
        ),
        (
            "xelon_kubernetes_talos_cluster",
            json!({"kubernetes_cluster_id": id}),
        ),
        ("xelon_kubernetes_talos_clusters", json!({})),
        ("xelon_kubernetes_clusters", json!({})),
        ("xelon_load_balancer_clusters", json!({})),
        (
            "xelon_load_balancer_cluster_virtual_ips",
            json!({"load_balancer_cluster_id": text(&balancers.state, "id")}),
        ),
    ] {
        let result = world
            .data(data, arguments)
            .await
            .unwrap_or_else(|d| panic!("{data}: {}", said(&d)));
        let told = result.entries().unwrap().values().all(|v| !v.is_null());
        assert!(told, "{data}: {result:?}");
    }
    gone(&world, kind, &forward).await;
    gone(&world, "xelon_load_balancer_cluster", &balancers).await;
    gone(&world, "xelon_kubernetes_node_pool", &workers).await;
    gone(&world, "xelon_kubernetes_cluster", &k8s).await;
}

#[tokio::test]
async fn what_the_service_would_refuse_is_not_sent() {
    let world = World::of("xelon").await;
    let machine = device("web", "n");
    let rule = json!({"firewall_id": "f", "type": "inbound", "protocol": "tcp", "from_port": 443, "to_port": 443,
        "source_ipv4_addresses": ["0.0.0.0/0"], "destination_ipv4_addresses": ["10.0.0.1"]});
    let record = json!({"zone_id": "z", "name": "a", "type": "A", "content": "1", "ttl": 60});
    let bucket = json!({"name": "b", "user_id": "u"});
    let wrong = [
        (
            "xelon_network",
            with(&lan("a"), "gateway", Json::Null),
            "A LAN needs",
        ),
        (
            "xelon_network",
            with(&lan("a"), "type", json!("WAN")),
            "leave out network",
        ),
        (
            "xelon_network",
            with(&lan("a"), "type", json!("VPN")),
            "One of LAN, WAN",
        ),
        (
            "xelon_device",
            with(&machine, "password", Json::Null),
            "Set password or user_data",
        ),
        (
            "xelon_device",
            with(&machine, "swap_disk_size", Json::Null),
            "swap_disk_size is needed",
        ),
        (
            "xelon_device",
            with(
                &with(&machine, "ssh_key_id", json!("k")),
                "ssh_key_ids",
                json!(["l"]),
            ),
            "not both",
        ),
        (
            "xelon_firewall_forwarding_rule",
            with(
                &rule,
                "destination_ipv4_addresses",
                json!(["10.0.0.1", "10.0.0.2"]),
            ),
            "one destination",
        ),
        (
            "xelon_firewall_forwarding_rule",
            with(&rule, "source_ipv4_addresses", json!([])),
            "At least one address",
        ),
        (
            "xelon_firewall_forwarding_rule",
            with(&rule, "protocol", json!("gre")),
            "One of icmp",
        ),
        (
            "xelon_firewall_forwarding_rule",
            with(&rule, "from_port", json!(70000)),
            "0 to 65535",
        ),
        (
            "xelon_dns_record",
            with(&record, "content", json!("")),
            "needs content",
        ),
        (
            "xelon_dns_record",
            with(&record, "type", json!("MX")),
            "need priority",
        ),
        (
            "xelon_dns_record",
            with(&record, "ttl", json!(0)),
            "At least 1 second",
        ),
        (
            "xelon_object_storage_bucket",
            with(&bucket, "object_lock_enabled", json!(true)),
            "Object lock needs",
        ),
        (
            "xelon_object_storage_bucket",
            with(&bucket, "object_lock_retention_days", json!(5)),
            "with object_lock_enabled only",
        ),
        (
            "xelon_object_storage_user",
            json!({"name": "u", "region": "zh1", "storage_limit": 300}),
            "The limit is one of",
        ),
        (
            "xelon_iso",
            json!({"name": "i", "category_id": 1, "cloud_id": CLOUD}),
            "either url or content_base64",
        ),
        (
            "xelon_kubernetes_node_pool",
            json!({"kubernetes_cluster_id": "k", "name": "p", "node_count": 0}),
            "at least one node",
        ),
        (
            "xelon_device_backup",
            json!({"device_id": "d", "backup_plan_id": 0}),
            "from 1",
        ),
        (
            "xelon_load_balancer",
            json!({"name": "l", "cloud_id": CLOUD, "tenant_id": TENANT, "network_id": "n", "type": "layer5"}),
            "One of layer4",
        ),
    ];
    for (kind, arguments, expected) in wrong {
        let problems = said(&world.kind.validate(kind, &world.config(kind, arguments)));
        assert!(
            problems.contains(expected),
            "{kind}: {problems:?} instead of {expected}"
        );
    }
    assert!(world.requests().await.is_empty());
}

#[tokio::test]
async fn every_data_source_answers() {
    let world = World::of("xelon").await;
    let lan = network(&world).await;
    let machine = text(
        &world
            .create("xelon_device", device("web", &lan))
            .await
            .state,
        "id",
    );
    let key = json!({"name": "ci", "public_key": KEY});
    world.create("xelon_ssh_key", key.clone()).await;
    world
        .create("xelon_ssh_key", with(&key, "name", json!("ci-2")))
        .await;
    let fw =
        json!({"name": "fw", "cloud_id": CLOUD, "tenant_id": TENANT, "internal_network_id": lan});
    world.create("xelon_firewall", fw).await;
    let lb = json!({"name": "lb", "cloud_id": CLOUD, "tenant_id": TENANT, "network_id": lan, "type": "layer4"});
    let lb = text(&world.create("xelon_load_balancer", lb).await.state, "id");
    world
        .create(
            "xelon_persistent_storage",
            json!({"name": "data", "size": 10}),
        )
        .await;
    let iso = json!({"name": "tools", "category_id": 1, "cloud_id": CLOUD, "url": "https://example.com/tools.iso"});
    world.create("xelon_iso", iso).await;
    world
        .create("xelon_dns_zone", json!({"name": "example.ch"}))
        .await;
    let answers = [
        ("xelon_network", json!({"name": "lan"})),
        ("xelon_networks", json!({"search": "la"})),
        (
            "xelon_shared_networks",
            json!({"cloud_id": CLOUD, "tenant_id": TENANT}),
        ),
        ("xelon_device", json!({"display_name": "web"})),
        ("xelon_devices", json!({"search": "web"})),
        ("xelon_device_snapshots", json!({"device_id": machine})),
        ("xelon_device_backup_plan", json!({"device_id": machine})),
        ("xelon_backup_plans", json!({"cloud_id": CLOUD})),
        ("xelon_activity", json!({})),
        (
            "xelon_activity",
            json!({"device_id": machine, "search": "devices"}),
        ),
        ("xelon_activity", json!({"tenant_id": TENANT})),
        ("xelon_firewall", json!({"name": "fw"})),
        ("xelon_firewalls", json!({})),
        ("xelon_load_balancer", json!({"id": lb, "name": "lb"})),
        ("xelon_load_balancers", json!({})),
        ("xelon_persistent_storage", json!({"name": "data"})),
        ("xelon_persistent_storages", json!({})),
        // `search` finds both.
        ("xelon_ssh_key", json!({"name": "ci"})),
        ("xelon_ssh_keys", json!({})),
        ("xelon_iso", json!({"name": "tools"})),
        ("xelon_isos", json!({})),
        (
            "xelon_template",
            json!({"name": "Ubuntu 22.04", "cloud_id": CLOUD, "most_recent": true}),
        ),
        ("xelon_templates", json!({"type": "Linux"})),
        ("xelon_dns_zones", json!({})),
        ("xelon_object_storage_users", json!({})),
        ("xelon_object_storage_buckets", json!({})),
        ("xelon_object_storage_plans", json!({})),
        ("xelon_object_storage_regions", json!({})),
        ("xelon_cloud", json!({"name": "Main HCP Cloud"})),
        ("xelon_clouds", json!({"tenant_id": TENANT})),
        ("xelon_tenant", json!({})),
        ("xelon_tenant", json!({"name": "Acme Customer"})),
        ("xelon_tenants", json!({})),
        ("xelon_tenant_users", json!({"tenant_id": TENANT})),
        ("xelon_tenant_permissions", json!({"tenant_id": TENANT})),
    ];
    for (kind, arguments) in answers {
        let result = world
            .data(kind, arguments)
            .await
            .unwrap_or_else(|d| panic!("{kind}: {}", said(&d)));
        let id = result.get("id");
        let none = kind == "xelon_device_backup_plan";
        assert!(
            none || id.is_none_or(|v| !v.is_null()),
            "{kind}: {result:?}"
        );
    }
    for (kind, arguments, expected) in [
        (
            "xelon_ssh_key",
            json!({"name": "c"}),
            "Nothing has exactly this name",
        ),
        (
            "xelon_load_balancer",
            json!({"id": lb, "name": "other"}),
            "another name",
        ),
        (
            "xelon_cloud",
            json!({"id": CLOUD, "name": "Private HCP Cloud"}),
            "no such cloud",
        ),
        (
            "xelon_backup_plan",
            json!({"cloud_id": CLOUD, "name": "daily backup"}),
            "no backup plan with exactly this name",
        ),
        (
            "xelon_template",
            json!({"name": "Ubuntu"}),
            "No template has exactly this name",
        ),
    ] {
        let told = said(&world.data(kind, arguments).await.unwrap_err());
        assert!(told.contains(expected), "{kind}: {told}");
    }
}

#[tokio::test]
async fn actions() {
    let world = World::of("xelon").await;
    let lan = network(&world).await;
    let machine = world.create("xelon_device", device("web", &lan)).await;
    let id = text(&machine.state, "id");
    let on = async || {
        let seen = world.data("xelon_device", json!({"id": id})).await.unwrap();
        seen.get("is_powered_on").unwrap().as_bool().unwrap()
    };
    let target = json!({"device_id": id});
    world
        .act("xelon_device_stop", target.clone())
        .await
        .unwrap();
    assert!(!on().await);
    world
        .act("xelon_device_start", target.clone())
        .await
        .unwrap();
    assert!(on().await);
    world
        .act("xelon_device_restart", target.clone())
        .await
        .unwrap();
    assert!(on().await);
    for name in ["one", "two"] {
        world
            .control(
                "POST",
                &format!("clouds/xelon/devices/{id}/snapshots"),
                json!({"name": name}),
            )
            .await;
    }
    let confirm = &world.kind.schema().actions["xelon_device_snapshot_delete"].confirm;
    assert_eq!(confirm.as_deref(), Some("deletes snapshots for good"));
    let none = json!({"device_id": id, "snapshot_id": "nowhere"});
    let told = said(
        &world
            .act("xelon_device_snapshot_delete", none)
            .await
            .unwrap_err(),
    );
    assert!(told.contains("no snapshot with this id"), "{told}");
    let seen = world
        .data("xelon_device_snapshots", target.clone())
        .await
        .unwrap();
    let last = seen.get("snapshots").unwrap().elements().unwrap()[1].clone();
    let one = json!({"device_id": id, "snapshot_id": text(&last, "id")});
    world
        .act("xelon_device_snapshot_delete", one)
        .await
        .unwrap();
    let seen = world
        .data("xelon_device_snapshots", target.clone())
        .await
        .unwrap();
    assert_eq!(count(&seen, "snapshots"), 1);
    world
        .act("xelon_device_snapshot_delete", target.clone())
        .await
        .unwrap();
    let seen = world.data("xelon_device_snapshots", target).await.unwrap();
    assert_eq!(count(&seen, "snapshots"), 0);
    let storage = text(
        &world
            .create(
                "xelon_persistent_storage",
                json!({"name": "data", "size": 10}),
            )
            .await
            .state,
        "id",
    );
    let both = json!({"persistent_storage_id": storage, "device_id": id});
    world
        .act("xelon_persistent_storage_attach", both.clone())
        .await
        .unwrap();
    world
        .act("xelon_persistent_storage_detach", both)
        .await
        .unwrap();
}

#[tokio::test]
async fn both_shapes_of_a_device_are_read() {
    let world = World::of("xelon").await;
    let lan = network(&world).await;
    let arguments = device("web", &lan);
    let machine = world.create("xelon_device", arguments.clone()).await;
    let id = text(&machine.state, "id");
    // As a contributor saw it: wrapped, with nested objects instead of flat ids.
    let other = json!({"data": {"identifier": id, "displayName": "web", "hostName": "web", "cpu": 2, "ram": 4,
        "cpuHotAddEnabled": false, "ramHotAddEnabled": false, "isPoweredOn": true, "state": 1,
        "template": {"identifier": LINUX}, "tenant": {"identifier": TENANT, "name": "Acme"}, "diskSize": 20,
        "swapDiskSize": 1, "storages": [
            {"id": 2001, "size": 1, "unitNumber": 1}, {"id": 2000, "size": 20, "unitNumber": 0}]}});
    world.fault(json!({"kind": "respond", "cloud": "xelon", "method": "GET", "path": format!("/v2/devices/{id}"), "status": 200, "body": other})).await;
    let again = read(&world, "xelon_device", &machine, ReadDepth::Full).await;
    settled(&world, "xelon_device", &again, &arguments).await;
    // Neither template nor tenant: what is not told is not a change, after an import either.
    let poor = json!({"identifier": id, "displayName": "web", "hostName": "web", "cpu": 2, "ram": 4, "isPoweredOn": true,
        "state": 1, "storages": []});
    world.fault(json!({"kind": "respond", "cloud": "xelon", "method": "GET", "path": format!("/v2/devices/{id}"), "status": 200, "body": poor})).await;
    let imported = world.provider.import("xelon_device", &id).await.unwrap();
    let imported = Stored {
        state: imported.state,
        private: imported.private,
        pending: false,
    };
    let imported = read(&world, "xelon_device", &imported, ReadDepth::Full).await;
    assert_eq!(
        replaced_by(&world, "xelon_device", &imported, &arguments).await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_state_that_is_not_foreseen_taints_with_what_was_expected() {
    let world = World::of("xelon").await;
    let lan = network(&world).await;
    let config = world.config("xelon_device", device("fail-deploy-web", &lan));
    let outcome = world.apply("xelon_device", None, &config).await;
    assert!(outcome.tainted && !outcome.state.is_null());
    let told = said(&outcome.diagnostics);
    assert!(
        told.contains("the state is 9, and 1 was expected"),
        "{told}"
    );
}

#[tokio::test]
async fn a_login_is_renewed_before_it_expires() {
    let world = World::of("xelon").await;
    let person = world.control("POST", "clouds/xelon/login", json!({})).await;
    let login = [
        ("XELON_TOKEN", ""),
        ("XELON_EMAIL", person["email"].as_str().unwrap()),
        ("XELON_PASSWORD", person["password"].as_str().unwrap()),
    ];
    // The token tells that it is valid for an hour: used for half a second of it.
    let text = quick("xelon").replace("margin   = \"2m\"", "margin = \"3599s500ms\"");
    let kind = provider_type(&world.sandbox, &text, &login);
    let settings = Value::null(kind.schema().provider.implied_type());
    let provider = kind.configure(&settings).unwrap();
    let config = Value::null(
        kind.schema().data_sources["xelon_clouds"]
            .block
            .implied_type(),
    );
    world.forget().await;
    for _ in 0..2 {
        provider.read_data("xelon_clouds", &config).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    }
    let requests = world.requests().await;
    let logins = requests
        .iter()
        .filter(|r| r.contains("/user/login"))
        .count();
    assert_eq!(logins, 2, "{requests:?}");
}

#[tokio::test]
async fn a_login_without_a_token_says_what_to_do() {
    let world = World::of("xelon").await;
    let login = [
        ("XELON_TOKEN", ""),
        ("XELON_EMAIL", "me@example.ch"),
        ("XELON_PASSWORD", "hunter22"),
    ];
    let kind = provider_type(&world.sandbox, &quick("xelon"), &login);
    let settings = Value::null(kind.schema().provider.implied_type());
    let provider = kind.configure(&settings).unwrap();
    let config = Value::null(
        kind.schema().data_sources["xelon_clouds"]
            .block
            .implied_type(),
    );
    let half = json!({"kind": "respond", "cloud": "xelon", "path": "/user/login", "status": 200, "body": {"otp": true}});
    world.fault(half).await;
    let told = said(
        &provider
            .read_data("xelon_clouds", &config)
            .await
            .unwrap_err(),
    );
    assert!(
        told.contains("second factor") && !told.contains("hunter22"),
        "{told}"
    );
    // Nor does a wrong password show.
    let told = said(
        &provider
            .read_data("xelon_clouds", &config)
            .await
            .unwrap_err(),
    );
    assert!(told.contains("401") && !told.contains("hunter22"), "{told}");
}

#[tokio::test]
async fn the_base_address_may_be_written_in_several_ways() {
    let world = World::of("xelon").await;
    let root = format!("{}/xelon", world.sandbox.url());
    for end in ["/api", "/api/", "/api/v2", "/api/v2/"] {
        let address = format!("{root}{end}");
        let kind = provider_type(
            &world.sandbox,
            &quick("xelon"),
            &[("XELON_BASE_URL", &address)],
        );
        let settings = Value::null(kind.schema().provider.implied_type());
        let provider = kind.configure(&settings).unwrap();
        let config = Value::null(
            kind.schema().data_sources["xelon_clouds"]
                .block
                .implied_type(),
        );
        world.forget().await;
        provider
            .read_data("xelon_clouds", &config)
            .await
            .unwrap_or_else(|d| panic!("{end}: {}", said(&d)));
        assert_eq!(
            world.requests().await,
            ["GET /xelon/api/v2/clouds 200"],
            "{end}"
        );
    }
}

#[tokio::test]
async fn a_token_bound_to_a_client_id_needs_it() {
    let world = World::of("xelon").await;
    let key = world
        .control(
            "POST",
            "keys",
            json!({"cloud": "xelon", "companion": "abc"}),
        )
        .await;
    let key = key["key"].as_str().unwrap().to_owned();
    for (id, works) in [("abc", true), ("", false)] {
        let kind = provider_type(
            &world.sandbox,
            &quick("xelon"),
            &[("XELON_TOKEN", &key), ("XELON_CLIENT_ID", id)],
        );
        let settings = Value::null(kind.schema().provider.implied_type());
        let provider = kind.configure(&settings).unwrap();
        let config = Value::null(
            kind.schema().data_sources["xelon_clouds"]
                .block
                .implied_type(),
        );
        let answer = provider.read_data("xelon_clouds", &config).await;
        assert_eq!(answer.is_ok(), works);
        if let Err(d) = answer {
            let told = said(&d);
            assert!(
                told.contains("XELON_CLIENT_ID") && !told.contains(&key),
                "{told}"
            );
        }
    }
}

/// A refresh of many takes pages of the list, not a request for each.
#[tokio::test]
async fn requests_for_a_refresh() {
    let world = World::of("xelon").await;
    let person = |n: usize| {
        json!({"tenant_id": TENANT, "email": format!("u{n}@example.ch"), "first_name": "M", "last_name": "E",
            "password": "S3cret!pass", "roles": [], "permissions": []})
    };
    let mut users = Vec::new();
    for n in 0..12 {
        users.push(world.create("xelon_tenant_user", person(n)).await);
    }
    let zone = text(
        &world
            .create("xelon_dns_zone", json!({"name": "example.ch"}))
            .await
            .state,
        "id",
    );
    let mut records = Vec::new();
    for n in 0..5 {
        let record = json!({"zone_id": zone, "name": format!("r{n}"), "type": "A", "content": "192.0.2.1", "ttl": 60});
        records.push(world.create("xelon_dns_record", record).await);
    }
    for (kind, objects) in [
        ("xelon_tenant_user", &users),
        ("xelon_dns_record", &records),
    ] {
        // The first read may look closer.
        let first = world.read(kind, objects, ReadDepth::Sparing).await;
        let seen: Vec<Stored> = first
            .into_iter()
            .map(|o| match o {
                ReadOutcome::Present { state, private } => Stored {
                    state,
                    private,
                    pending: false,
                },
                other => panic!("{other:?}"),
            })
            .collect();
        world.forget().await;
        world.read(kind, &seen, ReadDepth::Sparing).await;
        let requests = world.requests().await;
        assert_eq!(requests.len(), 1, "{kind}: {requests:?}");
    }
}

#[tokio::test]
async fn an_external_address_of_ones_choice() {
    let world = World::of("xelon").await;
    let lan = network(&world).await;
    let wan = json!({"type": "WAN", "name": "wan", "cloud_id": CLOUD, "subnet_size": 29, "network_speed": 1000});
    let wan = world.create("xelon_network", wan).await;
    let wan = text(&wan.state, "id");
    let details = json!({"id": wan});
    let details = world.data("xelon_network", details).await.unwrap();
    let addresses = details.get("addresses").unwrap();
    let addresses = addresses.elements().unwrap();
    let firewall =
        json!({"name": "edge", "cloud_id": CLOUD, "tenant_id": TENANT, "internal_network_id": lan});
    let balancer = json!({"name": "front", "type": "layer4", "cloud_id": CLOUD, "tenant_id": TENANT, "network_id": lan});
    let chosen = [
        ("xelon_firewall", firewall, &addresses[1]),
        ("xelon_load_balancer", balancer, &addresses[2]),
    ];
    for (kind, arguments, address) in chosen {
        let arguments = with(
            &arguments,
            "external_ipv4_address_id",
            json!(text(address, "id")),
        );
        let object = born(&world, kind, &arguments, "<id>").await;
        let told = text(&object.state, "external_ipv4_address");
        assert_eq!(told, text(address, "ip"), "{kind}");
        let other = with(
            &arguments,
            "external_ipv4_address_id",
            json!(text(&addresses[3], "id")),
        );
        let replaced = replaced_by(&world, kind, &object, &other).await;
        assert_eq!(replaced, ["external_ipv4_address_id"], "{kind}");
        let both = with(&arguments, "external_network_id", json!(wan));
        let both = world.kind.validate(kind, &world.config(kind, both));
        assert!(both.has_errors(), "{kind} takes one of them");
        gone(&world, kind, &object).await;
    }
}
