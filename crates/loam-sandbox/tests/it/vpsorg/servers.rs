//! Servers, their snapshots and backups.

use super::*;

#[tokio::test]
async fn a_server_from_order_to_deletion() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let key = api
        .post("/ssh-keys/", json!({"name": "me", "public_key": KEY}), 201)
        .await;
    let mut body = order("api-3.demo.test");
    body["ssh_keys"] = json!([key["uuid"]]);
    let made = api.post("/servers/", body, 201).await;
    bench.advance(20.0).await;
    let (uuid, id) = (text(&made, "uuid").to_owned(), made["id"].clone());
    // The second example, on its way.
    assert_eq!(
        api.get(&format!("/servers/{uuid}/")).await,
        json!({"uuid": uuid, "id": id, "name": "api-3", "hostname": "api-3.demo.test", "status": "provisioning",
            "deployed": false, "ip_address": null, "ipv4_addresses": [], "ipv6_addresses": [],
            "location": {"id": 4, "slug": "eu-central", "name": "Frankfurt", "country_name": "Germany", "country_code": "DE"},
            "plan": {"uuid": "5b0c7c1e-6a55-4f0e-9d0a-2f6f4f0a1b11", "id": 2, "name": "Standard VPS", "vcpus": 2,
                "memory": 4096, "storage": 80, "cpu": 2, "ram": 4, "ram_unit": "GB", "disk_space": 80},
            "os": {"id": 9, "name": "Debian 12"},
            "operating_system": {"uuid": "7a7a7a7a-0000-4000-8000-000000000001", "name": "Debian"},
            "operating_system_version": {"uuid": "c2d9a1f0-31f7-4b3e-8c55-0a9be7d2e901", "name": "Debian 12"},
            "password": made["password"], "created_at": made["created_at"], "updated_at": made["updated_at"]})
    );
    bench.advance(110.0).await;
    let first = api.get(&format!("/servers/{id}/")).await;
    assert_eq!(
        (&first["deployed"], &first["status"], &first["password"]),
        (&json!(true), &json!("active"), &made["password"])
    );
    assert_eq!(first["ip_address"], first["ipv4_addresses"][0]);
    let again = api.get(&format!("/servers/{uuid}/")).await;
    let extra = ["location", "operating_system", "operating_system_version"];
    assert_keys(&again, &[&SERVER[..], &extra].concat());
    let list = api.get("/servers/?status=active&location=eu-central").await;
    assert_keys(&list, &["count", "next", "previous", "results"]);
    assert_keys(
        &list["results"][0],
        &[
            &SERVER[..],
            &["location", "location_name", "plan_name", "os_name"],
        ]
        .concat(),
    );
    assert_eq!(list["results"][0]["location"], json!("eu-central"));
    assert_eq!(api.get("/servers/?status=stopped").await["count"], json!(0));
    assert_ne!(
        api.get("/ssh-keys/").await["results"][0]["last_used_at"],
        Value::Null
    );

    let path = format!("/servers/{uuid}/");
    let renamed = api
        .expect(
            Method::PATCH,
            &path,
            json!({"hostname": "api-4.demo.test", "name": "four"}),
            200,
        )
        .await;
    assert_eq!(
        (&renamed["hostname"], &renamed["name"]),
        (&json!("api-4.demo.test"), &json!("four"))
    );
    assert_keys(
        &api.post(&format!("{path}power/"), json!({"action": "stop"}), 202)
            .await,
        &["detail"],
    );
    assert_eq!(
        api.get(&path).await["status"],
        json!("active"),
        "it takes a moment"
    );
    api.post(&format!("{path}power/"), json!({"action": "start"}), 409)
        .await;
    bench.advance(6.0).await;
    assert_eq!(api.get(&path).await["status"], json!("stopped"));
    api.post(&format!("{path}power/"), json!({"action": "restart"}), 202)
        .await;
    assert_eq!(api.get(&path).await["status"], json!("restarting"));
    bench.advance(20.0).await;
    api.post(&format!("{path}power/"), json!({"action": "jump"}), 400)
        .await;
    let refused = api
        .post(&format!("{path}resize/"), json!({"plan": 1}), 400)
        .await;
    assert!(
        refused["plan"][0]
            .as_str()
            .is_some_and(|text| text.contains("smaller disk")),
        "{refused}"
    );
    let resized = api
        .post(
            &format!("{path}resize/"),
            json!({"plan": "c8a3e6b2-47d9-4b0a-a6f8-2f9d8f7e3c21"}),
            200,
        )
        .await;
    assert_eq!(
        (&resized["status"], &resized["plan"]["id"]),
        (&json!("resizing"), &json!(3))
    );
    bench.advance(31.0).await;
    assert_eq!(api.get(&path).await["status"], json!("active"));

    let reply = api.send(Method::DELETE, &path, Value::Null).await;
    assert_eq!(
        (
            reply.status,
            reply.text.as_str(),
            reply.headers.get("content-type")
        ),
        (204, "", None)
    );
    api.expect(Method::GET, &path, Value::Null, 404).await;
    api.expect(
        Method::DELETE,
        &format!("/ssh-keys/{}/", text(&key, "uuid")),
        Value::Null,
        204,
    )
    .await;
    assert_eq!(
        bench.control(Method::GET, "objects", Value::Null).await,
        json!({})
    );
}

#[tokio::test]
async fn wrong_orders_name_every_field() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let errors = api
        .post(
            "/servers/",
            json!({"plan": "no-such", "ssh_keys": "x"}),
            400,
        )
        .await;
    assert_keys(
        &errors,
        &["hostname", "location", "plan", "os_version", "ssh_keys"],
    );
    // The last example of the contract.
    let mut body = order("a.b");
    body["plan"] = json!("00000000-0000-4000-8000-000000000000");
    assert_eq!(
        api.post("/servers/", body, 400).await,
        json!({"plan": ["Unknown plan."]})
    );
    let mut body = order("a.b");
    body["plan"] = json!(3);
    body["location"] = json!("us-west");
    assert_keys(&api.post("/servers/", body, 400).await, &["plan"]);
    let mut body = order("a.b");
    body["ssh_keys"] = json!(["66666666-7777-4888-8999-000000000000"]);
    assert_keys(&api.post("/servers/", body, 400).await, &["ssh_keys"]);
    api.post("/servers/", order("under_score"), 400).await;
    api.post("/servers/", order("same"), 201).await;
    api.post("/servers/", order("same"), 201).await;
    let failing = api.post("/servers/", order("fail-deploy-1"), 201).await;
    api.expect(
        Method::DELETE,
        &format!("/servers/{}/", text(&failing, "uuid")),
        Value::Null,
        204,
    )
    .await;
    let failing = api.post("/servers/", order("fail-deploy-2"), 201).await;
    bench.advance(130.0).await;
    let failed = api
        .get(&format!("/servers/{}/", text(&failing, "uuid")))
        .await;
    assert_eq!(
        (&failed["status"], &failed["deployed"]),
        (&json!("error"), &json!(false))
    );
}

#[tokio::test]
async fn snapshots_and_backups() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let server = api.deployed("api-3.demo.test").await;
    let (uuid, id) = (text(&server, "uuid"), &server["id"]);
    let made = api
        .post(
            "/snapshots/",
            json!({"server_id": id, "name": "before-upgrade"}),
            201,
        )
        .await;
    assert_eq!(
        (&made["status"], &made["size_mb"]),
        (&json!("pending"), &json!(0))
    );
    api.post(
        &format!("/snapshots/{}/restore/", made["id"]),
        Value::Null,
        409,
    )
    .await;
    bench.advance(31.0).await;
    // The third example, with the uuid of the profile.
    assert_eq!(
        api.get(&format!("/snapshots/?server_id={id}")).await,
        json!({"count": 1, "next": null, "previous": null, "results": [{"id": made["id"], "uuid": made["uuid"],
            "server": {"id": id, "name": "api-3"}, "name": "before-upgrade", "status": "completed", "size_mb": 2100,
            "created_at": made["created_at"], "description": ""}]})
    );
    api.post(
        "/snapshots/",
        json!({"server_id": uuid, "name": "no spaces"}),
        400,
    )
    .await;
    api.post("/snapshots/", json!({"name": "x"}), 400).await;
    let by_client = api
        .post(
            &format!("/servers/{uuid}/snapshot/"),
            json!({"label": "by-client"}),
            201,
        )
        .await;
    assert_eq!(by_client["name"], json!("by-client"));
    api.post(
        &format!("/snapshots/{}/restore/", made["id"]),
        Value::Null,
        202,
    )
    .await;
    assert_eq!(
        api.get(&format!("/servers/{id}/")).await["status"],
        json!("restoring")
    );
    api.post(&format!("/servers/{uuid}/snapshot/"), Value::Null, 409)
        .await;
    bench.advance(31.0).await;
    api.expect(
        Method::DELETE,
        &format!("/snapshots/{}/", made["uuid"].as_str().expect("a uuid")),
        Value::Null,
        204,
    )
    .await;
    api.expect(
        Method::DELETE,
        &format!("/snapshots/{}/", made["id"]),
        Value::Null,
        404,
    )
    .await;

    let backup = api
        .post(
            "/backups/",
            json!({"server_id": id, "description": "weekly"}),
            201,
        )
        .await;
    assert_keys(
        &backup,
        &[
            "id",
            "uuid",
            "server",
            "backup_type",
            "status",
            "size_mb",
            "created_at",
            "expires_at",
            "description",
        ],
    );
    assert_eq!(
        (&backup["backup_type"], &backup["expires_at"]),
        (&json!("manual"), &Value::Null)
    );
    api.post(&format!("/servers/{uuid}/backup/"), Value::Null, 201)
        .await;
    assert_eq!(
        api.get("/backups/?backup_type=automatic").await["count"],
        json!(0)
    );
    let path = format!("clouds/vpsorg/servers/{uuid}/backups");
    let own = bench.control(Method::POST, &path, json!({})).await;
    assert_eq!(own["backup_type"], json!("automatic"));
    assert!(own["expires_at"].is_string(), "{own}");
    let count =
        async |kind: &str| api.get(&format!("/backups/?backup_type={kind}")).await["count"].clone();
    assert_eq!(count("automatic").await, json!(1));
    assert_eq!(count("manual").await, json!(2));
    bench.advance(31.0).await;
    api.expect(
        Method::DELETE,
        &format!("/backups/{}/", backup["id"]),
        Value::Null,
        405,
    )
    .await;
    bench.advance(31.0 * 24.0 * 3600.0).await;
    assert_eq!(count("automatic").await, json!(0), "they go after a month");
    assert_eq!(count("manual").await, json!(2), "manual ones stay");
    api.post(
        &format!("/backups/{}/restore/", own["id"]),
        Value::Null,
        404,
    )
    .await;
    api.post(
        &format!("/backups/{}/restore/", backup["id"]),
        Value::Null,
        202,
    )
    .await;
    api.expect(
        Method::DELETE,
        &format!("/servers/{uuid}/"),
        Value::Null,
        204,
    )
    .await;
    assert_eq!(
        api.get("/backups/").await["count"],
        json!(0),
        "backups go with their server"
    );
    assert_eq!(
        bench.control(Method::GET, "objects", Value::Null).await,
        json!({})
    );
}
