//! Servers and their parts.

use super::*;

#[tokio::test]
async fn a_server_with_everything() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let key = api
        .expect(
            Method::POST,
            "ssh-keys",
            json!({"name": "ci", "public_key": format!("{KEY}\n")}),
            201,
        )
        .await;
    assert_eq!(
        key,
        json!({"id": 77, "name": "ci", "public_key": KEY}),
        "a bare object, trimmed"
    );
    assert_eq!(api.get("ssh-keys/77").await, json!({"ssh_key": key}));
    let lan = json!({"name": "lan", "location_id": "am2", "description": "db", "network_prefix": "10.9.0.0", "mask": 24});
    let network = api.done(Method::POST, "networks/isolated", lan).await;
    let network = id(&network, "network_id").to_owned();

    let mut body = order();
    body["volumes"] =
        json!([{"name": "boot", "size_mb": 30720}, {"name": "data", "size_mb": "20480"}]);
    body["networks"] =
        json!([{"bandwidth_mbps": 50}, {"network_id": network, "ip_address": "10.9.0.11"}]);
    body["ssh_key_ids"] = json!([77]);
    body["tags"] = json!(["prod"]);
    body["applications_ids"] = json!([]);
    let task_id = api.expect(Method::POST, "servers", body, 201).await["task_id"]
        .as_str()
        .expect("a task")
        .to_owned();
    let task = api.get(&format!("tasks/{task_id}")).await["task"].clone();
    assert_eq!(task["is_completed"], json!("New"));
    let server = id(&task, "server_id").to_owned();
    assert!(server.starts_with("l2s") && task_id.starts_with("l2t"));
    let path = format!("servers/{server}");
    assert_eq!(api.get(&path).await["server"]["state"], json!("New"));
    bench.advance(45.0).await;
    let task = api.get(&format!("tasks/{task_id}")).await["task"].clone();
    assert_eq!(task["is_completed"], json!("InProgress"));
    assert!(
        task["progress_percent"]
            .as_u64()
            .is_some_and(|percent| (45..60).contains(&percent)),
        "{task}"
    );
    api.refused(
        Method::PUT,
        &path,
        json!({"cpu": 4, "ram_mb": 4096}),
        400,
        -19803,
    )
    .await;
    bench.advance(60.0).await;
    let task = api.get(&format!("tasks/{task_id}")).await["task"].clone();
    assert_keys(
        &task,
        &[
            "id",
            "type",
            "is_completed",
            "progress_percent",
            "location_id",
            "server_id",
            "created",
            "completed",
            "resources",
        ],
    );
    assert_eq!(task["resources"], json!([{"type": "server", "id": server}]));
    let created = id(&task, "created");
    assert!(
        created.len() == 28 && created.ends_with('Z'),
        "{created} has seven digits of a second"
    );

    let read = api.get(&path).await["server"].clone();
    assert_keys(
        &read,
        &[
            "id",
            "location_id",
            "name",
            "image_id",
            "cpu",
            "ram_mb",
            "state",
            "is_power_on",
            "login",
            "password",
            "created",
            "volumes",
            "nics",
            "ssh_key_ids",
            "tags",
            "application_ids",
        ],
    );
    assert_eq!(
        (&read["state"], &read["is_power_on"], &read["ssh_key_ids"]),
        (&json!("Active"), &json!(true), &json!([77]))
    );
    assert_eq!(
        api.get("servers").await["servers"],
        json!([read]),
        "the list has the same objects"
    );
    assert_keys(&read["volumes"][1], &["id", "name", "size_mb", "created"]);
    let nics = &read["nics"];
    assert_keys(
        &nics[0],
        &[
            "id",
            "server_id",
            "network_id",
            "network_type",
            "mac",
            "ip_address",
            "mask",
            "gateway",
            "bandwidth_mbps",
        ],
    );
    assert_keys(
        &nics[1],
        &[
            "id",
            "server_id",
            "network_id",
            "network_type",
            "mac",
            "ip_address",
            "mask",
        ],
    );
    assert_eq!(
        (&nics[0]["network_type"], &nics[1]["network_type"]),
        (&json!("PublicShared"), &json!("Isolated"))
    );
    assert_eq!(
        (&nics[1]["ip_address"], &nics[1]["mask"]),
        (&json!("10.9.0.11"), &json!(24))
    );
    let lan = api.get(&format!("networks/isolated/{network}")).await["isolated_network"].clone();
    assert_eq!(lan["server_ids"], json!([server]));
    let error = api
        .refused(
            Method::DELETE,
            &format!("networks/isolated/{network}"),
            Value::Null,
            400,
            -19511,
        )
        .await;
    assert_eq!(
        error["error_params"],
        json!([{"name": "server_ids", "value": server}])
    );

    // Changes in place.
    api.done(Method::PUT, &path, json!({"cpu": "4", "ram_mb": 4096}))
        .await;
    api.done(Method::PATCH, &path, json!({"ram_mb": 8192}))
        .await;
    api.done(Method::PUT, &format!("{path}/name"), json!({"name": "www"}))
        .await;
    api.done(Method::POST, &format!("{path}/power/shutdown"), Value::Null)
        .await;
    let read = api.get(&path).await["server"].clone();
    assert_eq!(
        (
            &read["cpu"],
            &read["ram_mb"],
            &read["name"],
            &read["is_power_on"]
        ),
        (&json!(4), &json!(8192), &json!("www"), &json!(false))
    );
    let tag = api
        .expect(
            Method::POST,
            &format!("{path}/tags"),
            json!({"value": "a/b"}),
            200,
        )
        .await;
    assert_eq!(tag, json!({"value": "a/b"}));
    api.deleted(&format!("{path}/tags/a/b")).await;
    assert_eq!(api.get(&path).await["server"]["tags"], json!(["prod"]));

    // Volumes.
    let volume = api
        .done(
            Method::POST,
            &format!("{path}/volumes"),
            json!({"name": "log", "size_mb": 20480}),
        )
        .await;
    let volume = format!("{path}/volumes/{}", volume["volume_id"]);
    api.done(
        Method::PUT,
        &volume,
        json!({"name": "logs", "size_mb": 40960}),
    )
    .await;
    let read = api.get(&volume).await["volume"].clone();
    assert_eq!(
        (&read["name"], &read["size_mb"]),
        (&json!("logs"), &json!(40960))
    );
    for bad in [
        json!({"size_mb": 20480}),
        json!({"size_mb": 41984}),
        json!({"name": "x"}),
    ] {
        api.refused(Method::PUT, &volume, bad, 400, -2000).await;
    }
    api.deleted(&volume).await;
    api.expect(Method::GET, &volume, Value::Null, 404).await;
    let boot = api.get(&format!("{path}/volumes")).await["volumes"][0]["id"].clone();
    api.refused(
        Method::DELETE,
        &format!("{path}/volumes/{boot}"),
        Value::Null,
        400,
        -2000,
    )
    .await;

    // Snapshots.
    let snapshot = api
        .done(
            Method::POST,
            &format!("{path}/snapshots"),
            json!({"name": "before-upgrade"}),
        )
        .await;
    let list = api.get(&format!("{path}/snapshots")).await;
    assert_keys(
        &list["snapshots"][0],
        &["id", "server_id", "name", "size_mb", "created"],
    );
    let snapshot = format!("{path}/snapshots/{}", snapshot["snapshot_id"]);
    api.done(Method::POST, &format!("{snapshot}/rollback"), json!({}))
        .await;
    api.refused(
        Method::POST,
        &format!("{path}/snapshots"),
        json!({"name": "x".repeat(26)}),
        400,
        -2000,
    )
    .await;
    api.refused(
        Method::POST,
        &format!("{path}/nics"),
        json!({"bandwidth_mbps": 100}),
        400,
        -2000,
    )
    .await;
    api.deleted(&snapshot).await;

    // Interfaces.
    let nic = api
        .done(
            Method::POST,
            &format!("{path}/nics"),
            json!({"bandwidth_mbps": 100, "network_id": null}),
        )
        .await;
    let nic = format!("{path}/nics/{}", nic["nic_id"]);
    api.done(Method::PUT, &nic, json!({"bandwidth_mbps": 150}))
        .await;
    assert_eq!(api.get(&nic).await["nic"]["bandwidth_mbps"], json!(150));
    api.refused(
        Method::PUT,
        &nic,
        json!({"bandwidth_mbps": 205}),
        400,
        -12041,
    )
    .await;
    api.deleted(&nic).await;
    api.refused(Method::DELETE, &nic, Value::Null, 500, -1)
        .await;

    let task = api
        .done(
            Method::DELETE,
            &format!("{path}?return_task=true"),
            Value::Null,
        )
        .await;
    assert_eq!(task["type"], json!("DeleteServer"));
    api.expect(Method::GET, &path, Value::Null, 404).await;
    api.deleted(&format!("networks/isolated/{network}")).await;
    api.refused(
        Method::DELETE,
        &format!("networks/isolated/{network}"),
        Value::Null,
        500,
        -1,
    )
    .await;
    api.deleted("ssh-keys/77").await;
    assert_eq!(api.objects().await, json!({}));
}

#[tokio::test]
async fn orders_are_validated() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    for (field, value, code) in [
        ("location_id", json!("mars"), -8049),
        ("image_id", json!("Dos-6-X64"), -2000),
        ("cpu", json!(5), -2000),
        ("ram_mb", json!(1000), -2000),
        (
            "volumes",
            json!([{"name": "data", "size_mb": 30720}]),
            -2000,
        ),
        (
            "volumes",
            json!([{"name": "boot", "size_mb": 25600}]),
            -2000,
        ),
        ("networks", json!([{"bandwidth_mbps": 40}]), -12041),
        ("networks", json!([{"network_id": "l2n999"}]), -2000),
        (
            "networks",
            json!([{"network_id": "l2n7", "bandwidth_mbps": 50}]),
            -2000,
        ),
        ("ssh_key_ids", json!([1]), -2000),
        ("application_ids", json!(["doom"]), -19053),
        (
            "applications",
            json!([{"id": "doom", "parameters": {"ADMIN_EMAIL": "a@b.test"}}]),
            -19053,
        ),
        ("applications", json!([{"id": "n8n"}]), -19969),
        (
            "applications",
            json!([{"id": "n8n", "parameters": {"ADMIN_MAIL": "a@b.test"}}]),
            -19981,
        ),
        (
            "applications",
            json!([{"id": "n8n", "issue_llm_key": true}]),
            -19968,
        ),
        ("affinity_group_id", json!("l2g9"), -2000),
        ("name", Value::Null, -2000),
    ] {
        let mut body = order();
        body[field] = value;
        api.refused(Method::POST, "servers", body, 400, code).await;
    }
    api.refused(Method::POST, "servers", Value::Null, 400, -2002)
        .await;
    let price = api
        .expect(Method::POST, "servers/price", order(), 200)
        .await;
    assert!(price["price"].is_number());
    let mut body = order();
    body.as_object_mut().expect("an object").remove("networks");
    let task = api.done(Method::POST, "servers", body).await;
    let read = api
        .get(&format!("servers/{}", id(&task, "server_id")))
        .await["server"]
        .clone();
    assert_eq!(
        read["nics"].as_array().map(Vec::len),
        Some(1),
        "one public interface when none are named"
    );

    bench
        .control(
            Method::POST,
            "faults",
            json!({"kind": "deployment_failure", "name": "web"}),
        )
        .await;
    let task = api.expect(Method::POST, "servers", order(), 201).await["task_id"].clone();
    bench.advance(120.0).await;
    let task = api
        .get(&format!("tasks/{}", task.as_str().expect("a task")))
        .await["task"]
        .clone();
    assert_eq!(task["is_completed"], json!("Failed"));
    let path = format!("servers/{}", id(&task, "server_id"));
    assert_eq!(api.get(&path).await["server"]["state"], json!("Blocked"));
    api.deleted(&path).await;
    api.expect(Method::GET, &path, Value::Null, 404).await;
}
