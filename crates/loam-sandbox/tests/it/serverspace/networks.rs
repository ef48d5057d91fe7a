//! Networks, gateways, affinity groups, the catalogue.

use super::*;

#[tokio::test]
async fn networks_groups_and_catalogue() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let task = api
        .done(
            Method::POST,
            "networks/isolated",
            json!({"name": "auto", "location_id": "nj3"}),
        )
        .await;
    let path = format!("networks/isolated/{}", id(&task, "network_id"));
    let changed = api
        .expect(
            Method::PUT,
            &path,
            json!({"name": "lan", "description": "x"}),
            200,
        )
        .await;
    assert_keys(
        &changed["isolated_network"],
        &[
            "id",
            "name",
            "location_id",
            "description",
            "network_prefix",
            "mask",
            "server_ids",
            "gateway_ids",
            "state",
            "created",
            "tags",
        ],
    );
    assert_eq!(changed["isolated_network"]["name"], json!("lan"));
    api.expect(
        Method::POST,
        &format!("{path}/tags"),
        json!({"value": "terraform"}),
        200,
    )
    .await;
    for bad in [
        json!({"name": "x", "location_id": "nj3", "network_prefix": "10.0.0.5", "mask": 24}),
        json!({"name": "x", "location_id": "nj3", "network_prefix": "10.0.0.0"}),
        json!({"name": "x", "location_id": "nj3", "network_prefix": "10.0.0.0", "mask": 31}),
    ] {
        api.refused(Method::POST, "networks/isolated", bad, 400, -2000)
            .await;
    }
    let group = json!({"location_id": "am2", "name": "web", "affinity": false});
    let group = api
        .expect(Method::POST, "affinity-groups", group, 201)
        .await["affinity_group"]
        .clone();
    let group_path = format!("affinity-groups/{}", id(&group, "id"));
    let mut body = order();
    body["affinity_group_id"] = group["id"].clone();
    let server = api.done(Method::POST, "servers", body).await;
    let read = api.get(&group_path).await["affinity_group"].clone();
    assert_eq!(
        read,
        json!({"id": group["id"], "location_id": "am2", "name": "web", "affinity": false, "server_ids": [server["server_id"]]})
    );
    api.refused(Method::DELETE, &group_path, Value::Null, 400, -19619)
        .await;
    api.deleted(&format!("servers/{}", id(&server, "server_id")))
        .await;
    let gone = api
        .expect(
            Method::DELETE,
            &format!("{group_path}?return_task=true"),
            Value::Null,
            200,
        )
        .await;
    assert_eq!(gone, json!({"task_id": "already_completed_task"}));
    assert_eq!(
        api.get("tasks/already_completed_task").await["task"]["is_completed"],
        json!("Completed")
    );

    let project = api.get("project").await["project"].clone();
    assert_keys(&project, &["id", "balance", "currency", "state", "created"]);
    assert!(project["id"].is_i64() && project["balance"].is_number());
    let locations = api.get("locations/").await;
    assert_keys(
        &locations["locations"][1],
        &[
            "id",
            "system_volume_min",
            "windows_system_volume_min",
            "additional_volume_min",
            "volume_max",
            "bandwidth_min",
            "bandwidth_max",
            "cpu_quantity_options",
            "ram_size_options",
        ],
    );
    let images = api.get("images?location_id=am2").await;
    assert_keys(
        &images["images"][0],
        &[
            "id",
            "location_id",
            "type",
            "os_version",
            "architecture",
            "allow_ssh_keys",
        ],
    );
    let all = api.get("images").await["images"].as_array().map(Vec::len);
    assert_eq!(
        all,
        images["images"].as_array().map(|list| list.len() * 5),
        "each image once a location"
    );
    let applications = api.get("applications?location_id=am2").await;
    assert_eq!(applications["applications"][0]["id"], json!("n8n"));
    api.expect(Method::GET, "vmware/disk-types", Value::Null, 404)
        .await;
    let url = format!("{}/project", api.endpoint);
    assert_eq!(
        bench
            .send(Method::GET, &url, &[], &Value::Null)
            .await
            .status,
        401
    );
    assert_eq!(
        bench
            .send(Method::GET, &url, &[("x-api-key", "08wrong")], &Value::Null)
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn gateways() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let lan =
        json!({"name": "lan", "location_id": "am2", "network_prefix": "10.9.0.0", "mask": 24});
    let network = api.done(Method::POST, "networks/isolated", lan).await["network_id"].clone();
    let other = api
        .done(
            Method::POST,
            "networks/isolated",
            json!({"name": "two", "location_id": "am2"}),
        )
        .await["network_id"]
        .clone();
    let body = json!({"location_id": "am2", "name": "edge", "bandwidth_mbps": 50, "network_ids": [network]});
    let task = api.done(Method::POST, "gateways", body).await;
    let path = format!("gateways/{}", id(&task, "gateway_id"));
    let read = api.get(&path).await["gateway"].clone();
    assert_keys(
        &read,
        &[
            "id",
            "location_id",
            "name",
            "state",
            "powered_on",
            "nics",
            "nat_rules",
            "firewall_rules",
            "created",
            "tags",
        ],
    );
    let public = read["nics"][0]["ip_address"]
        .as_str()
        .expect("an address")
        .to_owned();
    assert_eq!(
        read["nics"][1],
        json!({"id": read["nics"][1]["id"], "network_id": network, "ip_address": "10.9.0.1"})
    );

    let rules = json!({"firewall_rules": [
        {"action": "deny", "direction": "In", "protocol": "IP", "source": "0.0.0.0/0", "destination": "0.0.0.0/0"},
        {"action": "Allow", "direction": "In", "protocol": "tcp", "source": "0.0.0.0/0", "destination": "10.9.0.11", "destination_port": 443}]});
    api.done(Method::PUT, &format!("{path}/firewall"), rules)
        .await;
    assert_eq!(
        api.get(&format!("{path}/firewall")).await,
        json!({"firewall_rules": [
            {"action": "Deny", "direction": "In", "protocol": "IP", "source": "0.0.0.0/0", "source_port": 0,
                "destination": "0.0.0.0/0", "destination_port": 0},
            {"action": "Allow", "direction": "In", "protocol": "TCP", "source": "0.0.0.0/0", "source_port": 0,
                "destination": "10.9.0.11/32", "destination_port": 443}]})
    );
    let bad = json!({"firewall_rules": [{"direction": "In", "protocol": "TCP"}]});
    let error = api
        .refused(Method::PUT, &format!("{path}/firewall"), bad, 400, -2000)
        .await;
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|text| text.contains("action of rule 0")),
        "{error}"
    );
    let icmp = json!({"firewall_rules": [{"action": "Allow", "direction": "In", "protocol": "ICMP", "source_port": 1}]});
    api.refused(Method::PUT, &format!("{path}/firewall"), icmp, 400, -2000)
        .await;
    let nat = |to: &str| {
        json!({"nat_rules": [{"type": "SNAT", "protocol": "IP", "source": "10.9.0.0/24",
        "destination": "0.0.0.0/0", "translated": to}]})
    };
    api.refused(
        Method::PUT,
        &format!("{path}/nat"),
        nat("203.0.113.1"),
        400,
        -2000,
    )
    .await;
    api.done(Method::PUT, &format!("{path}/nat"), nat(&public))
        .await;
    assert_eq!(
        api.get(&path).await["gateway"]["nat_rules"][0]["translated_port"],
        json!(0)
    );

    api.done(
        Method::PUT,
        &format!("{path}/bandwidth"),
        json!({"bandwidth_mbps": 100}),
    )
    .await;
    api.expect(
        Method::POST,
        &format!("{path}/nics"),
        json!({"network_id": network}),
        400,
    )
    .await;
    let task = api
        .expect(
            Method::POST,
            &format!("{path}/nics"),
            json!({"network_id": other}),
            200,
        )
        .await;
    assert_keys(&task, &["task_id"]);
    api.refused(
        Method::POST,
        &format!("{path}/stop"),
        Value::Null,
        400,
        -19803,
    )
    .await;
    bench.advance(20.0).await;
    api.expect(Method::POST, &format!("{path}/stop"), Value::Null, 200)
        .await;
    bench.advance(30.0).await;
    let read = api.get(&path).await["gateway"].clone();
    assert_eq!(
        (&read["powered_on"], &read["nics"][0]["bandwidth_mbps"]),
        (&json!(false), &json!(100))
    );
    api.deleted(&format!("{path}/nics/{}", read["nics"][2]["id"]))
        .await;
    api.refused(
        Method::DELETE,
        &format!("{path}/nics/{}", read["nics"][2]["id"]),
        Value::Null,
        500,
        -1,
    )
    .await;
    let renamed = api
        .expect(Method::PUT, &path, json!({"name": "border"}), 200)
        .await;
    assert_eq!(renamed["gateway"]["name"], json!("border"));
    let network = network.as_str().expect("an id");
    let error = api
        .refused(
            Method::DELETE,
            &format!("networks/isolated/{network}"),
            Value::Null,
            400,
            -19511,
        )
        .await;
    assert!(error.to_string().contains("gateway_ids"));
    api.deleted(&path).await;
    api.refused(Method::DELETE, &path, Value::Null, 500, -1)
        .await;
    api.deleted(&format!("networks/isolated/{network}")).await;
    api.deleted(&format!(
        "networks/isolated/{}",
        other.as_str().expect("an id")
    ))
    .await;
    assert_eq!(api.objects().await, json!({}));
}
