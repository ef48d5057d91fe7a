//! Devices and what belongs to them, templates, images, storage, keys.

use std::net::IpAddr;

use super::*;

#[tokio::test]
async fn a_device_through_its_states() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let network = api.lan("lan-a").await;
    let wanted = json!([{"networkId": network, "connectOnPowerOn": true, "ip": "10.0.0.25"}]);
    let made = api
        .written(Method::POST, "devices", device("web-1", wanted))
        .await;
    assert_keys(&made, &["identifier", "displayName"]);
    let id = text(&made, "identifier").to_owned();
    assert!(id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let path = format!("devices/{id}");
    assert_eq!(
        api.expect(Method::GET, &path, Value::Null, 500).await,
        json!({"error": "Virtual machine is not found"})
    );
    let mut states = Vec::new();
    for _ in 0..5 {
        bench.advance(10.0).await;
        let read = api.get(&path).await;
        states.push((read["isPoweredOn"].clone(), read["state"].clone()));
    }
    let expected = [(false, 0), (true, 0), (true, 2), (true, 1), (true, 1)]
        .map(|(on, state)| (json!(on), json!(state)));
    assert_eq!(states, expected);
    let read = api.get(&path).await;
    assert_keys(
        &read,
        &[
            "identifier",
            "displayName",
            "hostName",
            "cpu",
            "ram",
            "cpuHotAddEnabled",
            "ramHotAddEnabled",
            "isPoweredOn",
            "state",
            "monitoring",
            "templateId",
            "tenantIdentifier",
            "template",
            "tenant",
            "storages",
        ],
    );
    assert_eq!(
        read["storages"][1],
        json!({"id": read["storages"][1]["id"], "name": "Hard disk 2", "size": 1, "type": "ssd", "unitNumber": 1})
    );
    assert_eq!(
        api.get(&format!("{path}/network")).await,
        json!([{"identifier": network, "isConnected": true, "ip": "10.0.0.25"}])
    );
    let list = api.page("devices?search=WEB").await;
    assert_eq!(
        (list.len(), list[0].get("storages")),
        (1, None),
        "items are poorer"
    );
    assert!(api.page("devices?search=nothing").await.is_empty());

    assert_eq!(
        api.written(Method::PUT, &path, json!({"displayName": "www"}))
            .await["displayName"],
        json!("www")
    );
    api.invalid(
        Method::PUT,
        &format!("{path}/hardware"),
        json!({"cpu": 4, "ram": 8}),
        "cpu",
    )
    .await;
    api.expect(Method::DELETE, &path, Value::Null, 422).await;
    api.ok(Method::POST, &format!("{path}/stop"), Value::Null)
        .await;
    assert_eq!(
        api.get(&path).await["isPoweredOn"],
        json!(true),
        "a shutdown takes a moment"
    );
    bench.advance(7.0).await;
    assert_eq!(api.get(&path).await["isPoweredOn"], json!(false));
    api.written(
        Method::PUT,
        &format!("{path}/hardware"),
        json!({"cpu": 4, "ram": 8}),
    )
    .await;
    assert_eq!(api.get(&path).await["state"], json!(3));
    api.expect(
        Method::PUT,
        &format!("{path}/hardware"),
        json!({"cpu": 2, "ram": 8}),
        422,
    )
    .await;
    bench.advance(7.0).await;
    api.written(
        Method::POST,
        &format!("{path}/edit-hotplug"),
        json!({"cpuHotAdd": true, "ramHotAdd": true}),
    )
    .await;
    api.ok(Method::POST, &format!("{path}/start"), Value::Null)
        .await;
    bench.advance(7.0).await;
    let grown = api
        .written(
            Method::PUT,
            &format!("{path}/hardware"),
            json!({"cpu": 6, "ram": 8}),
        )
        .await;
    assert_eq!(
        (&grown["cpu"], &grown["isPoweredOn"]),
        (&json!(6), &json!(true))
    );
    bench.advance(7.0).await;

    api.expect(
        Method::DELETE,
        &format!("networks/{network}"),
        Value::Null,
        422,
    )
    .await;
    api.ok(Method::POST, &format!("{path}/stop"), Value::Null)
        .await;
    bench.advance(7.0).await;
    api.delete(&path).await;
    api.expect(Method::GET, &path, Value::Null, 404).await;
    api.delete(&format!("networks/{network}")).await;
    assert_eq!(api.objects().await, json!({}));
}

#[tokio::test]
async fn devices_are_validated() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    for (field, value, named) in [
        ("templateId", json!("nope"), "templateId"),
        ("tenantIdentifier", json!("nope"), "tenantIdentifier"),
        ("cpu", json!(0), "cpu"),
        ("displayName", json!(""), "displayName"),
        ("passwordConfirmation", json!("other"), "password"),
        ("isMonitoring", Value::Null, "isMonitoring"),
        (
            "networks",
            json!([{"networkId": "nope", "connectOnPowerOn": true}]),
            "networks",
        ),
        ("sshKeyId", json!("nope"), "sshKeyId"),
    ] {
        let mut body = device("web", json!([]));
        body[field] = value;
        api.invalid(Method::POST, "devices", body, named).await;
    }
    let mut by_cloud_init = device("web", json!([]));
    by_cloud_init["password"] = json!("");
    by_cloud_init["passwordConfirmation"] = json!("");
    api.invalid(Method::POST, "devices", by_cloud_init.clone(), "password")
        .await;
    by_cloud_init["cloudInit"] = json!({"userData": "#cloud-config"});
    by_cloud_init["swapDiskSize"] = json!(0);
    let id = api.device(by_cloud_init).await;
    assert_eq!(
        api.get(&format!("devices/{id}")).await["storages"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let failing = api.device(device("fail-deploy-1", json!([]))).await;
    assert_eq!(
        api.get(&format!("devices/{failing}")).await["state"],
        json!(9)
    );
}

#[tokio::test]
async fn disks_snapshots_keys_and_backups() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let id = api.device(device("db", json!([]))).await;
    let path = format!("devices/{id}");
    let disk = api.get(&path).await["storages"][0]["id"].clone();
    let grow = |size: i64| json!({"diskId": disk, "size": size, "extendPartition": true, "createSnapshot": true});
    api.invalid(Method::PUT, &format!("{path}/disk"), grow(10), "size")
        .await;
    let grown = api
        .written(Method::PUT, &format!("{path}/disk"), grow(40))
        .await;
    assert_eq!(
        (&grown["storages"][0]["size"], &grown["state"]),
        (&json!(40), &json!(3))
    );
    bench.advance(11.0).await;
    api.invalid(Method::PUT, &format!("{path}/disk"), grow(60), "diskId")
        .await;
    let snapshots = api.page(&format!("{path}/snapshots")).await;
    assert_keys(
        &snapshots[0],
        &["identifier", "name", "description", "createdAt"],
    );
    let snapshot = format!("{path}/snapshots/{}", text(&snapshots[0], "identifier"));
    api.invalid(Method::DELETE, &snapshot, Value::Null, "removeChildren")
        .await;
    api.message(Method::DELETE, &snapshot, json!({"removeChildren": true}))
        .await;
    assert_eq!(
        api.page(&format!("{path}/snapshots")).await.len(),
        1,
        "it takes a moment"
    );
    bench.advance(5.0).await;
    assert!(api.page(&format!("{path}/snapshots")).await.is_empty());
    api.written(
        Method::PUT,
        &format!("{path}/disk"),
        json!({"diskId": disk, "size": 60, "extendPartition": true}),
    )
    .await;
    bench.advance(11.0).await;
    api.ok(Method::POST, &format!("{path}/disk"), json!({"size": 5}))
        .await;
    bench.advance(11.0).await;
    let third = api.get(&path).await["storages"][2]["id"].clone();
    api.ok(
        Method::DELETE,
        &format!("{path}/disk"),
        json!({"diskId": third}),
    )
    .await;
    bench.advance(11.0).await;

    let with_newline = format!("{KEY}\n");
    let key = api
        .written(
            Method::POST,
            "ssh-keys",
            json!({"name": "admin", "sshKey": with_newline}),
        )
        .await;
    assert_keys(&key, &["identifier", "name", "sshKey", "createdAt"]);
    let key_path = format!("ssh-keys/{}", text(&key, "identifier"));
    assert_eq!(
        api.get(&key_path).await["sshKey"],
        json!(with_newline),
        "byte for byte"
    );
    assert_eq!(api.page("ssh-keys").await, std::slice::from_ref(&key));
    api.invalid(
        Method::POST,
        "ssh-keys",
        json!({"name": "bad", "sshKey": "nonsense"}),
        "sshKey",
    )
    .await;
    assert_eq!(
        api.written(
            Method::PATCH,
            &key_path,
            json!({"name": "ops", "sshKey": KEY})
        )
        .await["name"],
        json!("ops")
    );
    let added = api
        .ok(
            Method::POST,
            &format!("{path}/ssh-key"),
            json!({"sshKeyId": key["identifier"]}),
        )
        .await;
    assert_eq!(added["message"], json!("Key successfully added."));
    assert_eq!(api.get(&format!("{path}/ssh-key")).await, json!([]));
    bench.advance(6.0).await;
    assert_eq!(
        api.get(&format!("{path}/ssh-key")).await[0]["createdBy"],
        json!("Sandbox User")
    );
    let text_ = api
        .message(
            Method::DELETE,
            &format!("{path}/ssh-key/{}", text(&key, "identifier")),
            Value::Null,
        )
        .await;
    assert_eq!(text_, "SSH key removal has been started.");
    bench.advance(6.0).await;
    assert_eq!(api.get(&format!("{path}/ssh-key")).await, json!([]));
    api.delete(&key_path).await;

    let plans = api
        .get(&format!("backups/tags?cloudIdentifier={CLOUD}"))
        .await;
    assert_keys(&plans, &["data"]);
    assert_keys(&plans["data"][0], &["id", "name", "tag"]);
    api.invalid(Method::GET, "backups/tags", Value::Null, "cloudIdentifier")
        .await;
    let tags = format!("{path}/backups/tags");
    assert_eq!(api.get(&tags).await, json!({"data": []}));
    assert_eq!(
        api.message(Method::PUT, &tags, json!({"backupId": 17}))
            .await,
        "Backup has been changed."
    );
    assert_eq!(api.get(&tags).await["data"][0]["id"], json!(17));
    api.invalid(Method::PUT, &tags, json!({"backupId": 99}), "backupId")
        .await;
    assert_eq!(
        api.message(Method::DELETE, &tags, Value::Null).await,
        "Backup has been deleted."
    );
    assert!(!api.page(&format!("{path}/activity")).await.is_empty());
}

#[tokio::test]
async fn templates_and_isos() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let id = api.device(device("golden", json!([]))).await;
    let body = json!({"deviceId": id, "name": "base", "tenantId": TENANT, "sendEmail": false});
    let made = api
        .written(Method::POST, "templates/create-from-device", body)
        .await;
    assert_eq!(
        (&made["name"], &made["status"]),
        (&json!("base"), &json!(0))
    );
    let path = format!("templates/{}", text(&made, "identifier"));
    api.expect(Method::GET, &path, Value::Null, 500).await;
    bench.advance(21.0).await;
    let read = api.get(&path).await;
    assert_keys(
        &read,
        &[
            "identifier",
            "name",
            "description",
            "category",
            "cloudIdentifier",
            "cloudInitType",
            "type",
            "status",
            "createdAt",
            "updatedAt",
        ],
    );
    assert_eq!(read["status"], json!(1));
    assert_eq!(
        api.get(&format!("templates/{TEMPLATE}")).await["status"],
        json!(2),
        "stock"
    );
    assert_eq!(api.page("templates?type=windows").await.len(), 1);
    assert_eq!(api.page("templates?search=base").await, [read]);
    api.written(
        Method::PATCH,
        &path,
        json!({"name": "golden", "description": "v2"}),
    )
    .await;
    api.expect(
        Method::DELETE,
        &format!("templates/{TEMPLATE}"),
        Value::Null,
        422,
    )
    .await;
    api.delete(&path).await;
    api.expect(Method::GET, &path, Value::Null, 404).await;

    let tiny = json!({"name": "tiny", "url": "https://mirror.example/tiny.iso", "cloudIdentifier": CLOUD, "categoryId": 7});
    let made = api.written(Method::POST, "isos", tiny.clone()).await;
    let path = format!("isos/{}", text(&made, "identifier"));
    api.expect(Method::GET, &path, Value::Null, 500).await;
    bench.advance(5.0).await;
    assert_eq!(api.get(&path).await["status"], json!(false));
    bench.advance(15.0).await;
    // The contract's example.
    let read = api.get(&path).await;
    assert_eq!(
        read,
        json!({"identifier": made["identifier"], "name": "tiny", "category": "Linux", "description": null, "owner": "Acme",
            "active": true, "status": true, "createdAt": read["createdAt"],
            "cloud": {"identifier": CLOUD, "name": "Main HCP Cloud", "type": "public", "hvType": "hcp"}})
    );
    assert_eq!(api.page("isos").await, [read], "items are complete");
    let mut wrong = tiny;
    wrong["categoryId"] = json!(99);
    api.invalid(Method::POST, "isos", wrong, "categoryId").await;
    api.written(
        Method::PATCH,
        &path,
        json!({"name": "small", "description": "x", "categoryId": 1}),
    )
    .await;
    api.delete(&path).await;

    let form = format!(
        "--XX\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nup\r\n--XX\r\nContent-Disposition: form-data; \
         name=\"categoryId\"\r\n\r\n2\r\n--XX\r\nContent-Disposition: form-data; name=\"cloudIdentifier\"\r\n\r\n{CLOUD}\r\n\
         --XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"up.iso\"\r\n\r\nbytes\r\n--XX--\r\n"
    );
    let raw = format!(
        "POST /xelon/api/v2/isos/upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=XX\r\nContent-Length: {}\r\n\r\n{form}",
        api.token,
        form.len()
    );
    let answer =
        String::from_utf8(crate::harness::raw(bench.sandbox.address(), &raw).await).expect("text");
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("ISO uploaded successfully."),
        "{answer}"
    );
}

#[tokio::test]
async fn persistent_storage() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let body = json!({"name": "db", "storageSize": 50, "type": 2, "cloudIdentifier": CLOUD});
    let made = api.written(Method::POST, "persistent-storages", body).await;
    let path = format!("persistent-storages/{}", text(&made, "identifier"));
    api.expect(Method::GET, &path, Value::Null, 500).await;
    bench.advance(4.0).await;
    assert_eq!(api.get(&path).await["formatted"], json!(false));
    bench.advance(5.0).await;
    let read = api.get(&path).await;
    assert_eq!(
        (&read["formatted"], &read["uuid"]),
        (&json!(true), &json!(""))
    );
    bench.advance(6.0).await;
    let read = api.get(&path).await;
    assert_keys(
        &read,
        &[
            "identifier",
            "name",
            "capacity",
            "type",
            "uuid",
            "formatted",
            "cloud",
            "tenant",
            "attachedDevices",
        ],
    );
    assert!(text(&read, "uuid").starts_with("6000C29"));
    let id = api.device(device("db", json!([]))).await;
    let other = api.device(device("other", json!([]))).await;
    api.written(
        Method::POST,
        &format!("{path}/attach-device"),
        json!({"deviceIdentifier": id}),
    )
    .await;
    assert_eq!(
        api.get(&path).await["attachedDevices"],
        json!([{"identifier": id, "name": "db"}])
    );
    api.expect(
        Method::POST,
        &format!("{path}/attach-device"),
        json!({"deviceIdentifier": other}),
        422,
    )
    .await;
    api.expect(Method::DELETE, &path, Value::Null, 422).await;
    api.invalid(
        Method::POST,
        &format!("{path}/extend"),
        json!({"diskSize": 40}),
        "diskSize",
    )
    .await;
    api.written(
        Method::POST,
        &format!("{path}/extend"),
        json!({"diskSize": 60}),
    )
    .await;
    assert_eq!(api.get(&path).await["formatted"], json!(false));
    bench.advance(7.0).await;
    assert_eq!(api.get(&path).await["capacity"], json!(60));
    api.written(
        Method::POST,
        &format!("{path}/detach-device"),
        json!({"deviceIdentifier": id}),
    )
    .await;
    api.delete(&path).await;
    let list = api.page("persistent-storages").await;
    assert!(list.is_empty());
}

#[tokio::test]
async fn a_device_tells_addresses_in_three_forms() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let (lan, off) = (api.lan("lan-a").await, api.lan("lan-b").await);
    let wan = json!({"cloudIdentifier": CLOUD, "name": "wan", "networkSize": 29, "networkSpeedValue": 1000});
    let wan = api.written(Method::POST, "networks/wan", wan).await;
    let wan = text(&wan, "identifier");
    let networks = json!([
        {"networkId": wan, "connectOnPowerOn": true},
        {"networkId": off, "connectOnPowerOn": false},
        {"networkId": lan, "connectOnPowerOn": true, "ip": "10.0.0.25"},
    ]);
    let id = api.device(device("web-1", networks)).await;
    let told = api.get(&format!("devices/{id}/network")).await;
    for (entry, network) in told
        .as_array()
        .expect("a list")
        .iter()
        .zip([wan, &off, &lan])
    {
        assert_keys(entry, &["identifier", "isConnected", "ip"]);
        assert_eq!(entry["identifier"], *network);
    }
    // Several addresses of both families, none while it is not connected, a single one.
    let both = told[0]["ip"].as_array().expect("several addresses");
    let families: Vec<bool> = both
        .iter()
        .map(|ip| ip.as_str().expect("a text").parse::<IpAddr>())
        .map(|ip| ip.expect("an address").is_ipv6())
        .collect();
    assert_eq!(families, [false, true]);
    assert_eq!(
        told[1],
        json!({"identifier": off, "isConnected": false, "ip": null})
    );
    assert_eq!(
        told[2],
        json!({"identifier": lan, "isConnected": true, "ip": "10.0.0.25"})
    );
}

#[tokio::test]
async fn the_log_of_changes_can_be_filtered() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let network = api.lan("lan-a").await;
    let begun = text(&api.page("activity").await[0], "createdAt").to_owned();
    bench.advance(3600.0).await;
    let id = api.device(device("web-1", json!([]))).await;
    let path = format!("devices/{id}");
    api.written(Method::PUT, &path, json!({"displayName": "www"}))
        .await;
    let all = api.page("activity").await;
    assert_keys(
        &all[0],
        &[
            "identifier",
            "category",
            "type",
            "description",
            "userName",
            "tenantIdentifier",
            "createdAt",
        ],
    );
    let told = |entries: &[Value]| -> Vec<String> {
        let one = |e: &Value| format!("{} {}", text(e, "category"), text(e, "type"));
        entries.iter().map(one).collect()
    };
    // The newest comes first.
    assert_eq!(told(&all), ["devices PUT", "devices POST", "networks POST"]);
    assert_eq!(api.page(&format!("tenants/{TENANT}/activity")).await, all);
    for (filter, expected) in [
        ("category=Networks", &["networks POST"][..]),
        ("category=devices&type=put", &["devices PUT"]),
        ("type=POST", &["devices POST", "networks POST"]),
        ("type=DELETE", &[]),
        ("search=NETWORKS", &["networks POST"]),
        ("search=nothing", &[]),
        ("perPage=1&page=2", &["devices POST"]),
    ] {
        let entries = api.page(&format!("activity?{filter}")).await;
        assert_eq!(told(&entries), expected, "{filter}");
    }
    let until = api.page(&format!("activity?to={begun}")).await;
    assert_eq!(told(&until), ["networks POST"]);
    let now = text(&all[1], "createdAt");
    let since = api.page(&format!("activity?from={now}")).await;
    assert_eq!(told(&since), ["devices PUT", "devices POST"]);
    // Of one device; its creation is a change of the collection.
    let own = api.page(&format!("{path}/activity")).await;
    assert_eq!(told(&own), ["devices PUT"]);
    assert!(!network.is_empty());
}
