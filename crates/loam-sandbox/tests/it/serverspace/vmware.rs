//! The VMware section.

use super::*;

/// The contract's example.
fn machine() -> Value {
    json!({"location_id": 2, "name": "vm1", "image_id": 11, "cpu_count": 2, "ram_mb": 4096,
        "system_disk_size_mb": 51200, "network_bandwidth_mbps": 50})
}

impl Api<'_> {
    /// A change of this section, let to its end; the answer.
    async fn changed(&self, method: Method, path: &str, body: Value) -> Value {
        let reply = self.send(method, path, body).await;
        assert!(
            reply.status < 300,
            "{path}: {} {}",
            reply.status,
            reply.text
        );
        self.bench.advance(300.0).await;
        if reply.text.is_empty() {
            return Value::Null;
        }
        reply.json()
    }
}

#[tokio::test]
async fn a_server_of_the_vmware_section() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let made = api
        .expect(Method::POST, "vmware/servers", machine(), 201)
        .await;
    assert_eq!(made, json!({"server_id": 5678, "task_id": "vmw4401"}));
    bench.advance(100.0).await;
    let task = api.get("tasks/vmw4401").await["task"].clone();
    assert_keys(
        &task,
        &[
            "id",
            "type",
            "is_completed",
            "progress_percent",
            "resources",
            "created",
        ],
    );
    assert_eq!(
        (&task["type"], &task["is_completed"], &task["resources"]),
        (
            &json!("ServerCreate"),
            &json!("InProgress"),
            &json!([{"type": "server", "id": "5678"}])
        )
    );
    let path = "vmware/servers/5678";
    assert_eq!(api.get(path).await["server"]["state"], json!("creating"));
    api.refused(
        Method::POST,
        "vmware/servers/5678/power/off",
        Value::Null,
        400,
        -19605,
    )
    .await;
    bench.advance(200.0).await;
    let read = api.get(path).await["server"].clone();
    assert_eq!(read["vm_tools_installed"], json!(true));
    let listed = api.get("vmware/servers?location_id=2").await["servers"][0].clone();
    assert_keys(
        &listed,
        &[
            "id",
            "project_id",
            "location_id",
            "name",
            "computer_name",
            "state",
            "cpu",
            "ram_mb",
            "system_disk_mb",
            "system_disk_type",
            "image_id",
            "is_power_on",
            "nested_hypervisor",
            "nics",
            "created",
        ],
    );
    assert_keys(
        &listed["nics"][0],
        &[
            "id",
            "number",
            "is_primary",
            "network_id",
            "ip",
            "mac",
            "bandwidth_mbps",
        ],
    );
    // A parameter that is there and empty.
    api.expect(Method::GET, "vmware/servers?location_id=", Value::Null, 500)
        .await;

    let below = |rest: &str| format!("{path}{rest}");
    let renamed = api
        .changed(Method::PUT, &below("/name"), json!({"name": "vm2"}))
        .await;
    assert!(renamed.is_null(), "at once, and empty");
    api.changed(
        Method::PUT,
        &below("/computer-name"),
        json!({"computer_name": "web-1"}),
    )
    .await;
    api.changed(
        Method::PUT,
        path,
        json!({"cpu": 4, "ram_mb": 8192, "system_disk_size_mb": 61440}),
    )
    .await;
    api.refused(
        Method::PUT,
        path,
        json!({"cpu": 4, "ram_mb": 8192, "system_disk_size_mb": 51200}),
        400,
        -2000,
    )
    .await;
    let same = api
        .changed(
            Method::POST,
            &below("/nested-hypervisor/disable"),
            Value::Null,
        )
        .await;
    assert_eq!(same, json!({}), "nothing to do: no task");
    api.changed(
        Method::POST,
        &below("/nested-hypervisor/enable"),
        Value::Null,
    )
    .await;
    api.changed(Method::POST, &below("/power/off"), Value::Null)
        .await;
    let read = api.get(path).await["server"].clone();
    assert_eq!(
        (
            &read["name"],
            &read["computer_name"],
            &read["cpu"],
            &read["state"],
            &read["nested_hypervisor"]
        ),
        (
            &json!("vm2"),
            &json!("WEB-1"),
            &json!(4),
            &json!("powered_off"),
            &json!(true)
        )
    );

    assert_eq!(api.get(&below("/snapshot")).await, json!({}));
    api.changed(Method::POST, &below("/snapshot"), json!({"name": "before"}))
        .await;
    api.refused(
        Method::POST,
        &below("/snapshot"),
        json!({"name": "again"}),
        400,
        -12055,
    )
    .await;
    assert_eq!(
        api.get(&below("/snapshot")).await["snapshot"]["name"],
        json!("before")
    );
    api.changed(Method::POST, &below("/snapshot/restore"), Value::Null)
        .await;
    api.changed(Method::DELETE, &below("/snapshot"), Value::Null)
        .await;

    let volume = json!({"name": "data", "size_mb": 20480, "disk_type": "SATA"});
    api.changed(Method::POST, &below("/volumes"), volume).await;
    api.changed(
        Method::PUT,
        &below("/volumes/301"),
        json!({"size_mb": 30720}),
    )
    .await;
    assert_eq!(
        api.get(&below("/volumes")).await,
        json!({"volumes": [{"id": 301, "name": "data", "size_mb": 30720, "disk_type": "SATA"}]})
    );
    api.changed(Method::DELETE, &below("/volumes/301"), Value::Null)
        .await;

    let rule = json!({"name": "web", "traffic_direction": "incoming", "action": "allow", "protocol": "tcp",
        "destination_port": "443"});
    api.changed(
        Method::PUT,
        &below("/firewall"),
        json!({"rules": [rule.clone()]}),
    )
    .await;
    assert_eq!(
        api.get(&below("/firewall")).await,
        json!({"rules": [{"name": "web", "traffic_direction": "Incoming", "action": "Allow", "protocol": "Tcp",
            "source": "any", "source_port": "any", "destination": "any", "destination_port": "443"}]})
    );
    api.refused(
        Method::PUT,
        &below("/firewall"),
        json!({"rules": [rule.clone(), rule]}),
        400,
        -2000,
    )
    .await;
    assert!(
        api.changed(Method::PUT, &below("/firewall"), json!({"rules": []}))
            .await
            .is_null()
    );

    let copied = api
        .changed(Method::POST, &below("/copy"), json!({"name": "copy"}))
        .await;
    assert_eq!(copied["server_id"], json!(5679));
    let rebuilt = api
        .changed(Method::POST, &below("/rebuild"), Value::Null)
        .await;
    assert_eq!(rebuilt["server_id"], json!(5680));
    api.expect(Method::GET, path, Value::Null, 404).await;
    api.changed(Method::DELETE, "vmware/servers/5679", Value::Null)
        .await;
    let gone = api
        .expect(Method::DELETE, "vmware/servers/5680", Value::Null, 200)
        .await;
    assert_keys(&gone, &["task_id"]);
    bench.advance(20.0).await;
    assert_eq!(
        api.get("vmware/servers/5680").await["server"]["state"],
        json!("deleting"),
        "readable for some minutes"
    );
    assert_eq!(api.objects().await, json!({}));
}

#[tokio::test]
async fn orders_of_the_vmware_section_are_validated() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    for (field, value, code) in [
        ("location_id", json!(9), -8049),
        ("image_id", json!(99), -2000),
        ("image_id", json!(21), -2000),
        ("cpu_count", json!(5), -2000),
        ("system_disk_size_mb", json!(51201), -2000),
        ("system_disk_type", json!("SATA"), -2000),
        ("network_bandwidth_mbps", json!(5000), -12041),
        ("network_bandwidth_mbps", Value::Null, -2000),
        ("public_network_id", json!(61), -2000),
        ("ssh_keys", json!([1]), -2000),
        (
            "gpu",
            json!({"gpu_model_id": 1, "vram_mb": 8192, "card_count": 1}),
            -2000,
        ),
    ] {
        let mut body = machine();
        body[field] = value;
        for path in ["vmware/servers", "vmware/servers/verify"] {
            api.refused(Method::POST, path, body.clone(), 400, code)
                .await;
        }
    }
    let good = api
        .send(Method::POST, "vmware/servers/verify", machine())
        .await;
    assert_eq!((good.status, good.text.as_str()), (200, ""));
    assert_eq!(api.objects().await, json!({}));
    let locations = api.get("vmware/locations").await;
    assert_keys(
        &locations["locations"][0],
        &[
            "id",
            "tech_title",
            "gpu_supported",
            "nested_hypervisor_supported",
            "disk_types",
        ],
    );
    let images = api.get("vmware/images?location_id=3&gpu=required").await["images"].clone();
    assert_eq!(images.as_array().map(Vec::len), Some(1));
    let models = api.get("vmware/gpu-models?location_id=3").await["gpu_models"].clone();
    assert_eq!(models[0]["id"], models[1]["id"], "the id repeats");
}

#[tokio::test]
async fn networks_of_the_vmware_section() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let routed = json!({"location_id": 2, "name": "r", "address": "10.20.0.0", "mask": 24});
    api.changed(Method::POST, "vmware/networks/routed", routed)
        .await;
    let isolated = json!({"location_id": 2, "name": "i", "address": "10.21.0.0"});
    api.changed(Method::POST, "vmware/networks/isolated", isolated)
        .await;
    for (capacity, mask) in [(json!("Network28"), 28), (json!(2), 29), (json!("1"), 24)] {
        let body = json!({"location_id": 2, "name": "p", "capacity": capacity});
        api.changed(Method::POST, "vmware/networks/public", body)
            .await;
        let list = api.get("vmware/networks?type=public_client").await["networks"].clone();
        let last = list.as_array().and_then(|list| list.last()).cloned();
        assert_eq!(last.expect("a network")["mask"], json!(mask));
    }
    api.refused(
        Method::POST,
        "vmware/networks/public",
        json!({"location_id": 2, "name": "p", "capacity": "Network30"}),
        400,
        -12042,
    )
    .await;
    let read = api.get("vmware/networks/61").await["network"].clone();
    assert_keys(
        &read,
        &[
            "id",
            "location_id",
            "type",
            "name",
            "address",
            "mask",
            "gateway",
            "edge_external_ip",
            "bandwidth_mbps",
            "is_dhcp",
            "shared",
            "state",
            "nics_count",
        ],
    );
    let renamed = api
        .changed(Method::PUT, "vmware/networks/62", json!({"name": "j"}))
        .await;
    assert_eq!(renamed["network"]["name"], json!("j"), "without a task");
    api.refused(
        Method::PUT,
        "vmware/networks/62",
        json!({"bandwidth_mbps": 100}),
        400,
        -12041,
    )
    .await;

    let edge = |rest: &str| format!("vmware/networks/61/edge/{rest}");
    api.changed(
        Method::PUT,
        &edge("firewall"),
        json!({"default_action": "allow", "rules": []}),
    )
    .await;
    assert_eq!(
        api.get(&edge("firewall")).await,
        json!({"firewall": {"enabled": false, "default_action": "allow", "rules": []}}),
        "not said to be enabled: switched off"
    );
    let dnat = json!({"type": "DNAT", "protocol": "tcp", "original_ip": "192.0.2.1", "original_port": "443",
        "translated_ip": "10.20.0.5", "translated_port": "443"});
    api.changed(Method::POST, &edge("nat"), dnat.clone()).await;
    let rule = api.get(&edge("nat")).await["rules"][0].clone();
    assert_eq!(rule["original_ip"], read["edge_external_ip"]);
    let mut again = dnat;
    again["rule_id"] = rule["id"].clone();
    again["enabled"] = json!(false);
    api.changed(Method::POST, &edge("nat"), again).await;
    assert_eq!(
        api.get(&edge("nat")).await["rules"],
        json!([{"id": rule["id"], "type": "DNAT", "description": "", "protocol": "Tcp",
            "original_ip": read["edge_external_ip"], "original_port": "443", "translated_ip": "10.20.0.5",
            "translated_port": "443", "enabled": false}])
    );
    api.changed(
        Method::DELETE,
        &edge(&format!("nat/{}", rule["id"])),
        Value::Null,
    )
    .await;
    let tunnel = json!({"name": "home", "mtu": 1400, "encryption_type": "aes256", "diffie_hellman_group": "dh14",
        "shared_key": "Abcdefghijklmnopqrstuvwxyz012345", "peer_network": "10.99.0.0/24",
        "peer_endpoint": "198.51.100.7", "peer_identificator": "198.51.100.7"});
    for (field, value, code) in [
        ("mtu", json!(1), -12011),
        ("encryption_type", json!("rot13"), -12090),
        ("shared_key", json!("short"), -2000),
    ] {
        let mut wrong = tunnel.clone();
        wrong[field] = value;
        api.refused(Method::POST, &edge("vpn"), wrong, 400, code)
            .await;
    }
    api.changed(Method::POST, &edge("vpn"), tunnel).await;
    let vpn = api.get(&edge("vpn")).await;
    assert_eq!(
        (
            &vpn["enabled"],
            &vpn["tunnels"][0]["encryption_type"],
            &vpn["tunnels"][0]["peer_subnets"]
        ),
        (&json!(true), &json!("AES_256"), &json!(["10.99.0.0/24"]))
    );
    assert!(!vpn.to_string().contains("Abcdef"), "the key is never told");
    let tunnel = edge(&format!("vpn/{}", vpn["tunnels"][0]["id"]));
    api.changed(Method::DELETE, &tunnel, Value::Null).await;

    api.changed(Method::POST, "vmware/servers", machine()).await;
    let tasks = api
        .changed(
            Method::POST,
            "vmware/networks/62/servers",
            json!({"server_ids": [5678]}),
        )
        .await;
    assert_eq!(tasks["task_ids"].as_array().map(Vec::len), Some(1));
    let nics = "vmware/servers/5678/nics";
    api.changed(
        Method::POST,
        nics,
        json!({"network_id": 61, "ip": "10.20.0.9"}),
    )
    .await;
    api.changed(
        Method::POST,
        &format!("{nics}/shared"),
        json!({"is_ipv6": true, "bandwidth_mbps": 50}),
    )
    .await;
    let list = api.get(nics).await["nics"].clone();
    assert_eq!(list[2]["ip"], json!("10.20.0.9"));
    let last = format!("{nics}/{}", list[3]["id"]);
    let moved = json!({"network_id": list[3]["network_id"], "bandwidth_mbps": 100});
    api.changed(Method::PUT, &last, moved).await;
    api.refused(
        Method::DELETE,
        "vmware/networks/61",
        Value::Null,
        400,
        -19511,
    )
    .await;
    api.changed(Method::DELETE, &last, Value::Null).await;
    api.refused(Method::DELETE, &last, Value::Null, 500, -1)
        .await;
    api.changed(Method::DELETE, "vmware/servers/5678", Value::Null)
        .await;
    for network in 61..=65 {
        api.changed(
            Method::DELETE,
            &format!("vmware/networks/{network}"),
            Value::Null,
        )
        .await;
    }
    assert_eq!(api.objects().await, json!({}));
}
