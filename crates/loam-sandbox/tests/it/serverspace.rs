//! Serverspace: tasks, states, and every example of its contract outside VMware and Kubernetes.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{Bench, Reply, assert_keys};

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl ci@host";

struct Api<'b> {
    bench: &'b Bench,
    endpoint: String,
    key: String,
}

impl<'b> Api<'b> {
    fn of(bench: &'b Bench) -> Api<'b> {
        let endpoint = format!("{}/api/v1", bench.variable("SERVERSPACE_HOST"));
        Api {
            bench,
            endpoint,
            key: bench.variable("SERVERSPACE_KEY"),
        }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Reply {
        let url = format!("{}/{path}", self.endpoint);
        self.bench
            .send(method, &url, &[("X-API-KEY", &self.key)], &body)
            .await
    }

    async fn expect(&self, method: Method, path: &str, body: Value, status: u16) -> Value {
        let reply = self.send(method, path, body).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text);
        reply.json()
    }

    async fn get(&self, path: &str) -> Value {
        self.expect(Method::GET, path, Value::Null, 200).await
    }

    /// A change that answers with a task, let to its end; the task as it is then.
    async fn done(&self, method: Method, path: &str, body: Value) -> Value {
        let status = if method == Method::POST
            && !path.contains("power")
            && !path.ends_with("rollback")
            && !path.ends_with("start")
        {
            201
        } else {
            200
        };
        let body = self.expect(method, path, body, status).await;
        assert_keys(&body, &["task_id"]);
        let task = body["task_id"].as_str().expect("a task").to_owned();
        self.bench.advance(120.0).await;
        let task = self.get(&format!("tasks/{task}")).await["task"].clone();
        assert_eq!(task["is_completed"], json!("Completed"), "{task}");
        task
    }

    /// A deletion, let to its end.
    async fn deleted(&self, path: &str) {
        let reply = self.send(Method::DELETE, path, Value::Null).await;
        assert_eq!(
            (
                reply.status,
                reply.text.as_str(),
                reply.headers.get("content-type")
            ),
            (200, "", None),
            "{path}"
        );
        self.bench.advance(60.0).await;
    }

    async fn refused(
        &self,
        method: Method,
        path: &str,
        body: Value,
        status: u16,
        code: i64,
    ) -> Value {
        let body = self.expect(method, path, body, status).await;
        assert_keys(&body, &["errors"]);
        let error = body["errors"][0].clone();
        assert_eq!(error["code"], json!(code), "{path}: {error}");
        assert!(error["message"].is_string());
        error
    }

    async fn objects(&self) -> Value {
        self.bench
            .control(Method::GET, "objects", Value::Null)
            .await
    }
}

fn order() -> Value {
    json!({"name": "web", "location_id": "am2", "image_id": "Ubuntu-22.04-X64", "cpu": 2, "ram_mb": 2048,
        "volumes": [{"name": "boot", "size_mb": 30720}], "networks": []})
}

fn id<'v>(task: &'v Value, key: &str) -> &'v str {
    task[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {task}"))
}

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
    api.expect(Method::GET, "vmware/locations", Value::Null, 404)
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

#[tokio::test]
async fn domains_and_records() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let task = api
        .done(
            Method::POST,
            "domains",
            json!({"name": "Example.com", "migrate_records": false}),
        )
        .await;
    assert_eq!(task["domain_id"], json!("example.com."));
    assert!(id(&task, "id").starts_with("dns"));
    api.refused(
        Method::POST,
        "domains",
        json!({"name": "example.com."}),
        400,
        -2000,
    )
    .await;
    let read = api.get("domains/example.com").await["domain"].clone();
    assert_keys(&read, &["name", "is_delegated", "records"]);
    assert_eq!(
        read["records"][0],
        json!({"id": 1, "name": "example.com.", "type": "NS", "name_server_host": "ns01.serverspace.com.", "ttl": "1h"})
    );
    let www = json!({"name": "www.example.com.", "type": "a", "ip": "203.0.113.14", "ttl": "1h", "comment": "ignored"});
    let task = api
        .done(Method::POST, "domains/example.com./records", www.clone())
        .await;
    let record = task["record_id"].clone();
    assert_eq!(
        task["resources"],
        json!([{"type": "domain", "id": "example.com."}, {"type": "record", "id": record.to_string()}])
    );
    api.refused(
        Method::POST,
        "domains/example.com./records",
        www.clone(),
        400,
        -5542,
    )
    .await;
    let mut second = www;
    second["ip"] = json!("203.0.113.15");
    second["ttl"] = json!("5m");
    let task = api
        .expect(
            Method::POST,
            "domains/example.com./records/",
            second.clone(),
            201,
        )
        .await;
    assert_keys(&task, &["task_id"]);
    second["ip"] = json!("203.0.113.16");
    api.refused(
        Method::POST,
        "domains/example.com./records",
        second,
        400,
        -4000,
    )
    .await;
    bench.advance(10.0).await;
    let path = format!("domains/example.com./records/{record}");
    assert_eq!(
        api.get(&path).await,
        json!({"record": {"id": record, "name": "www.example.com.", "type": "A", "ip": "203.0.113.14", "ttl": "5m"}}),
        "a set shares its TTL"
    );
    let txt = api
        .done(
            Method::POST,
            "domains/example.com./records",
            json!({"name": "example.com.", "type": "TXT", "text": "v=spf1 -all"}),
        )
        .await;
    let txt = api
        .get(&format!(
            "domains/example.com./records/{}",
            txt["record_id"]
        ))
        .await["record"]
        .clone();
    assert_eq!(txt["text"], json!("\"v=spf1 -all\""));
    let srv = json!({"name": "sip.example.com.", "type": "SRV", "service": "sip", "protocol": "tcp", "priority": 0,
        "weight": 5, "port": 5060, "target": "pbx.example.com."});
    let task = api
        .done(Method::POST, "domains/example.com./records", srv.clone())
        .await;
    let srv_path = format!("domains/example.com./records/{}", task["record_id"]);
    assert_eq!(
        api.get(&srv_path).await["record"],
        json!({"id": task["record_id"], "name": "_sip._tcp.sip.example.com.", "type": "SRV", "protocol": "TCP", "service": "sip",
            "priority": 0, "weight": 5, "port": 5060, "target": "pbx.example.com.", "ttl": "1h"})
    );
    let mut moved = srv;
    moved["port"] = json!(5061);
    api.done(Method::PUT, &srv_path, moved).await;
    assert_eq!(api.get(&srv_path).await["record"]["port"], json!(5061));
    for bad in [
        json!({"name": "www.example.com", "type": "A", "ip": "203.0.113.1"}),
        json!({"name": "www.other.com.", "type": "A", "ip": "203.0.113.1"}),
        json!({"name": "x.example.com.", "type": "A", "ip": "::1"}),
        json!({"name": "x.example.com.", "type": "A", "ip": "203.0.113.1", "ttl": "3600"}),
        json!({"name": "x.example.com.", "type": "PTR"}),
    ] {
        api.refused(
            Method::POST,
            "domains/example.com./records",
            bad,
            400,
            -2000,
        )
        .await;
    }
    let reply = api.send(Method::DELETE, &path, Value::Null).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, ""));
    bench.advance(9.0).await;
    assert_eq!(
        api.send(Method::GET, &path, Value::Null).await.status,
        200,
        "listed for some seconds more"
    );
    bench.advance(10.0).await;
    assert_eq!(api.send(Method::GET, &path, Value::Null).await.status, 404);
    api.expect(
        Method::GET,
        "domains/nowhere.test./records",
        Value::Null,
        404,
    )
    .await;
    api.deleted("domains/example.com.").await;
    assert_eq!(api.objects().await, json!({}));
    api.done(Method::POST, "domains", json!({"name": "example.com."}))
        .await;
    assert_eq!(
        api.get("domains").await["domains"][0]["records"]
            .as_array()
            .map(Vec::len),
        Some(4)
    );
}

#[tokio::test]
async fn backups() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let task = api.done(Method::POST, "servers", order()).await;
    let path = format!("servers/{}", id(&task, "server_id"));
    let backup = format!("{path}/backup");
    assert_eq!(api.get(&backup).await, json!({"enabled": false}));
    let catalogue = api.get("backup/storages?location_id=am2").await;
    assert_keys(&catalogue, &["storages", "limits"]);
    assert_eq!(catalogue, api.get(&format!("{backup}/storages")).await);
    let schedule = json!({"hour": 2, "minute": 30, "daily": {"keep": 7, "backup_storage_id": 3}});
    // The contract's example.
    let task = api
        .expect(Method::POST, &backup, schedule.clone(), 200)
        .await;
    assert_keys(&task, &["task_id"]);
    bench.advance(20.0).await;
    assert_eq!(
        api.get(&backup).await,
        json!({"enabled": true, "schedule": schedule})
    );
    let same = api.expect(Method::PUT, &backup, schedule, 200).await;
    assert_eq!(same, json!({"task_id": "already_completed_task"}));
    for bad in [
        json!({"hour": 24, "minute": 0, "daily": {"backup_storage_id": 3}}),
        json!({"hour": 2, "minute": 0}),
        json!({"hour": 2, "minute": 0, "daily": {"backup_storage_id": 9}}),
        json!({"hour": 2, "minute": 0, "weekly": {"backup_storage_id": 3}}),
        json!({"hour": 2, "minute": 0, "monthly": {"backup_storage_id": 3, "day_of_month": "29"}}),
    ] {
        api.refused(Method::PUT, &backup, bad, 400, -2000).await;
    }
    let points = format!("{backup}/restore-points");
    api.expect(Method::POST, &points, json!({"name": "now"}), 201)
        .await;
    let list = api.get(&points).await["restore_points"].clone();
    assert_keys(
        &list[0],
        &[
            "id",
            "server_id",
            "name",
            "size_mb",
            "backup_storage_id",
            "state",
            "created",
            "retained_by",
            "keep_until",
            "is_manual",
        ],
    );
    assert_eq!(list[0]["state"], json!("in_progress"));
    let point = format!("{points}/{}", list[0]["id"]);
    bench.advance(40.0).await;
    api.expect(Method::POST, &format!("{point}/restore"), Value::Null, 200)
        .await;
    bench.advance(40.0).await;
    api.expect(
        Method::POST,
        &format!("{point}/restore-nearby"),
        json!({"location_id": "nj3"}),
        200,
    )
    .await;
    bench.advance(100.0).await;
    let servers = api.get("servers").await["servers"].clone();
    assert_eq!(
        (&servers[1]["location_id"], &servers[1]["state"]),
        (&json!("nj3"), &json!("Active"))
    );
    api.expect(
        Method::DELETE,
        &format!("{point}?return_task=true"),
        Value::Null,
        200,
    )
    .await;
    bench.advance(20.0).await;
    assert_eq!(api.get(&points).await, json!({"restore_points": []}));
    let task = api.expect(Method::DELETE, &backup, Value::Null, 200).await;
    assert_keys(&task, &["task_id"]);
    bench.advance(20.0).await;
    assert_eq!(api.get(&backup).await, json!({"enabled": false}));
}
