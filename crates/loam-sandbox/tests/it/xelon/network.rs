//! Networks, firewalls, load balancers, DNS.

use super::*;

#[tokio::test]
async fn networks() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let id = api.lan("lan-a").await;
    let path = format!("networks/{id}");
    let read = api.get(&path).await;
    // The contract's example, but for the addresses that have an identifier.
    assert_eq!(
        read,
        json!({"identifier": id, "name": "lan-a", "type": "LAN", "network": "10.0.0.0", "networkSize": 24,
            "owner": {"identifier": TENANT, "name": "Acme"}, "networkSpeedValue": 1000, "gateway": "10.0.0.1",
            "dns1": "8.8.8.8", "dns2": "8.8.4.4",
            "clouds": [{"identifier": CLOUD, "name": "Main HCP Cloud", "type": "public", "hvType": "hcp"}],
            "assigned": [], "ips": read["ips"], "isFree": true, "isStretched": false})
    );
    assert_eq!(read["ips"][0]["ip"], json!("10.0.0.2"));
    let update = json!({"name": "lan-b", "networkSpeedValue": 10000, "network": "10.1.0.0", "gateway": "10.1.0.1",
        "dns1": "1.1.1.1"});
    let changed = api
        .ok(Method::PATCH, &format!("{path}/lan"), update.clone())
        .await;
    assert_eq!(
        (&changed["name"], &changed["clouds"][0]["identifier"]),
        (&json!("lan-b"), &json!(CLOUD)),
        "bare and complete"
    );
    api.expect(Method::PATCH, &format!("{path}/wan"), update, 422)
        .await;
    for (field, value) in [
        ("network", json!("10.0.0.7")),
        ("networkSize", json!(40)),
        ("networkSpeedValue", json!(5)),
        ("cloudIdentifier", json!("nope")),
        ("dns1", json!("x")),
    ] {
        let mut body = lan("bad");
        body[field] = value;
        api.invalid(Method::POST, "networks/lan", body, field).await;
    }
    let wan = json!({"cloudIdentifier": CLOUD, "name": "wan", "networkSize": 29, "networkSpeedValue": 1000});
    let wan = api.written(Method::POST, "networks/wan", wan).await;
    let wan = api
        .get(&format!("networks/{}", text(&wan, "identifier")))
        .await;
    assert_eq!(
        (&wan["type"], wan["gateway"].is_string()),
        (&json!("WAN"), true)
    );
    assert!(
        api.page("networks?search=wan").await[0]
            .get("clouds")
            .is_none(),
        "items are poorer"
    );
    let wanted = json!([{"networkId": wan["identifier"], "connectOnPowerOn": true, "ipId": wan["ips"][0]["identifier"]},
        {"networkId": id, "connectOnPowerOn": false}]);
    let device_id = api.device(device("web", wanted)).await;
    let connections = api.get(&format!("devices/{device_id}/network")).await;
    let first = &connections[0]["ip"];
    assert_eq!(
        first[0], wan["ips"][0]["ip"],
        "a WAN's addresses are a list"
    );
    assert!(
        first[1]
            .as_str()
            .is_some_and(|ip| ip.parse::<std::net::Ipv6Addr>().is_ok())
    );
    assert_eq!(
        connections[1],
        json!({"identifier": id, "isConnected": false, "ip": null})
    );
    bench
        .control(
            Method::POST,
            &format!("clouds/xelon/networks/{id}"),
            json!({"locked": true}),
        )
        .await;
    let update = json!({"name": "x", "networkSpeedValue": 1000, "network": "10.1.0.0", "gateway": "10.1.0.1", "dns1": "1.1.1.1"});
    api.invalid(Method::PATCH, &format!("{path}/lan"), update, "isLocked")
        .await;
    api.invalid(Method::DELETE, &path, Value::Null, "isLocked")
        .await;
    let taken = json!([{"networkId": wan["identifier"], "connectOnPowerOn": true, "ipId": wan["ips"][0]["identifier"]}]);
    api.invalid(Method::POST, "devices", device("two", taken), "ipId")
        .await;

    let customer = "d5d6adf4b10f";
    api.written(
        Method::POST,
        "networks/share",
        json!({"cloudIdentifier": CLOUD, "tenantIdentifier": customer, "networks": [id]}),
    )
    .await;
    let query = format!("networks/share?cloudIdentifier={CLOUD}&tenantIdentifier={customer}");
    assert_eq!(api.get(&query).await[0]["identifier"], json!(id));
    api.written(
        Method::DELETE,
        "networks/share",
        json!({"networkIdentifier": id, "tenantIdentifier": customer}),
    )
    .await;
    assert_eq!(api.get(&query).await, json!([]));
}

#[tokio::test]
async fn firewalls() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let network = api.lan("lan-a").await;
    let body = json!({"cloudIdentifier": CLOUD, "internalNetworkIdentifier": network, "name": "fw-a", "tenantIdentifier": TENANT});
    let made = api.written(Method::POST, "firewalls", body.clone()).await;
    let path = format!("firewalls/{}", text(&made, "identifier"));
    api.expect(Method::GET, &path, Value::Null, 500).await;
    bench.advance(5.0).await;
    assert_eq!(api.get(&path).await["state"], json!(0));
    bench.advance(25.0).await;
    let rules = format!("{path}/rules");
    let inbound = json!({"type": "inbound", "protocol": "tcp", "externalPort": 443, "port": 8443,
        "sourceIp": ["0.0.0.0/0"], "destinationIp": "10.0.0.50"});
    let rule = api.written(Method::POST, &rules, inbound.clone()).await;
    assert_keys(
        &rule,
        &[
            "identifier",
            "type",
            "protocol",
            "externalPort",
            "port",
            "sourceIp",
            "destinationIp",
        ],
    );
    let outbound = json!({"type": "outbound", "protocol": "icmp", "sourceIp": "10.0.0.50", "destinationIp": ["1.1.1.1"]});
    let icmp = api.written(Method::POST, &rules, outbound).await;
    assert_keys(
        &icmp,
        &[
            "identifier",
            "type",
            "protocol",
            "sourceIp",
            "destinationIp",
        ],
    );
    for (field, value) in [
        ("type", json!("both")),
        ("protocol", json!("gre")),
        ("port", json!(0)),
        ("sourceIp", json!("0.0.0.0/0")),
        ("destinationIp", json!(["10.0.0.50"])),
    ] {
        let mut bad = inbound.clone();
        bad[field] = value;
        api.invalid(Method::POST, &rules, bad, field).await;
    }
    let read = api.get(&path).await;
    assert_keys(
        &read,
        &[
            "identifier",
            "name",
            "state",
            "health",
            "externalIp",
            "internalIp",
            "cloud",
            "tenant",
            "createdAt",
            "forwardingRules",
        ],
    );
    assert_eq!(
        (&read["state"], &read["internalIp"]),
        (&json!(1), &json!("10.0.0.2"))
    );
    assert_eq!(read["forwardingRules"], json!([rule, icmp]));
    let rule_path = format!("{rules}/{}", text(&rule, "identifier"));
    let mut changed = inbound;
    changed["port"] = json!(9443);
    assert_eq!(
        api.written(Method::PUT, &rule_path, changed).await["port"],
        json!(9443)
    );
    api.delete(&rule_path).await;
    api.expect(Method::DELETE, &rule_path, Value::Null, 404)
        .await;
    api.written(Method::PUT, &path, json!({"name": "fw-b"}))
        .await;
    assert!(
        api.page("firewalls").await[0]
            .get("forwardingRules")
            .is_none()
    );
    let mut both = body;
    both["externalNetworkIdentifier"] = json!(network);
    both["externalIpIdentifier"] = json!("x");
    api.invalid(Method::POST, "firewalls", both, "externalIpIdentifier")
        .await;
    api.delete(&path).await;
    api.delete(&format!("networks/{network}")).await;
    assert_eq!(api.objects().await, json!({}));
}

#[tokio::test]
async fn load_balancers() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let network = api.lan("lan-a").await;
    let id = api
        .device(device(
            "web",
            json!([{"networkId": network, "connectOnPowerOn": true}]),
        ))
        .await;
    let body = json!({"cloudIdentifier": CLOUD, "internalNetworkIdentifier": network, "loadBalancingType": "layer4",
        "name": "lb-a", "tenantIdentifier": TENANT, "assignedDevicesIdentifiers": [id]});
    let made = api.written(Method::POST, "load-balancers", body).await;
    let path = format!("load-balancers/{}", text(&made, "identifier"));
    bench.advance(30.0).await;
    let read = api.get(&path).await;
    assert_keys(
        &read,
        &[
            "identifier",
            "name",
            "type",
            "state",
            "health",
            "externalIp",
            "internalIp",
            "cloud",
            "tenant",
            "createdAt",
            "externalNetworkIdentifier",
            "internalNetworkIdentifier",
            "assignedDevices",
            "forwardingRules",
        ],
    );
    assert_eq!(
        (&read["type"], &read["assignedDevices"]),
        (
            &json!("layer4"),
            &json!([{"identifier": id, "name": "web"}])
        )
    );
    let rules = format!("{path}/rules");
    let rule = api
        .written(
            Method::POST,
            &rules,
            json!({"ip": ["10.0.0.50", "10.0.0.51"], "ports": [443, 8443]}),
        )
        .await;
    assert_eq!(
        rule,
        json!({"identifier": rule["identifier"], "ip": ["10.0.0.50", "10.0.0.51"], "ports": [443, 8443]})
    );
    api.invalid(
        Method::POST,
        &rules,
        json!({"ip": ["10.0.0.50"], "ports": [443]}),
        "ports",
    )
    .await;
    let rule_path = format!("{rules}/{}", text(&rule, "identifier"));
    api.written(
        Method::PUT,
        &rule_path,
        json!({"ip": ["10.0.0.50"], "ports": [80, 8080]}),
    )
    .await;
    api.delete(&rule_path).await;
    let assigned = format!("{path}/assigned-devices");
    api.invalid(
        Method::PUT,
        &assigned,
        json!({"deviceIdentifiers": null}),
        "deviceIdentifiers",
    )
    .await;
    assert_eq!(
        api.written(Method::PUT, &assigned, json!({"deviceIdentifiers": []}))
            .await["assignedDevices"],
        json!([])
    );
    let assignable = api
        .get(&format!("{path}/assignable-devices/{network}"))
        .await;
    assert_eq!(
        assignable,
        json!({"data": [{"identifier": id, "name": "web"}]})
    );
    api.written(Method::PUT, &path, json!({"name": "lb-b"}))
        .await;
    api.delete(&path).await;
    api.expect(Method::GET, &path, Value::Null, 404).await;
}

#[tokio::test]
async fn dns() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let made = api
        .ok(Method::POST, "dns", json!({"domain": "example.com"}))
        .await;
    // The contract's examples.
    let zone = made["data"].clone();
    assert_eq!(
        made,
        json!({"data": {"identifier": zone["identifier"], "name": "example.com", "ownerName": "Acme",
            "createdAt": zone["createdAt"]}, "message": "DNS zone created successfully."})
    );
    let path = format!("dns/{}", text(&zone, "identifier"));
    assert_eq!(api.get(&path).await, zone);
    api.invalid(
        Method::POST,
        "dns",
        json!({"domain": "Example.com"}),
        "domain",
    )
    .await;
    let soa = api.get(&format!("{path}/soa")).await;
    assert_eq!(
        soa,
        json!({"serialNumber": 2026080101, "primaryNs": "ns1.xdns.cloud", "adminMail": "support@cloudns.net", "refresh": 7200,
            "retry": 1800, "expire": 1209600, "ttl": 3600})
    );
    let records = format!("{path}/records");
    let www = json!({"host": "www", "type": "A", "record": "203.0.113.10", "ttl": 3600});
    assert_eq!(
        api.message(Method::POST, &records, www.clone()).await,
        "DNS record added successfully"
    );
    api.message(Method::POST, &records, www).await;
    let list = api.get(&records).await;
    assert_keys(&list, &["data"]);
    let list = list["data"].as_array().expect("a list");
    assert_eq!(
        list.len(),
        6,
        "four name servers, and the same record twice"
    );
    let id = list[4]["id"].as_i64().expect("a number");
    assert_eq!(id.to_string().len(), 9);
    assert_eq!(
        list[4],
        json!({"id": id, "type": "A", "host": "www", "record": "203.0.113.10", "ttl": 3600, "failover": 0, "status": 1})
    );
    let quoted = json!({"host": "@", "type": "TXT", "record": "\"V=Spf1 -All.\"", "ttl": 60});
    assert_eq!(
        api.message(Method::PUT, &format!("{records}/{id}"), quoted)
            .await,
        "DNS record updated successfully"
    );
    assert_eq!(
        api.get(&records).await["data"][4]["record"],
        json!("\"V=Spf1 -All.\""),
        "as it was sent"
    );
    api.invalid(
        Method::POST,
        &records,
        json!({"host": "x", "type": "WR", "record": "y", "ttl": 60}),
        "type",
    )
    .await;
    assert_eq!(
        api.message(Method::DELETE, &format!("{records}/{id}"), Value::Null)
            .await,
        "DNS record deleted successfully"
    );
    api.invalid(
        Method::PUT,
        &format!("{path}/soa"),
        json!({"primaryNs": "a"}),
        "adminMail",
    )
    .await;
    let new = json!({"primaryNs": "ns2.xdns.cloud", "adminMail": "a@b.c", "refresh": 1, "retry": 2, "expire": 3, "ttl": 4});
    assert_eq!(
        api.message(Method::PUT, &format!("{path}/soa"), new).await,
        "SOA record updated successfully"
    );
    let changed = api.get(&format!("{path}/soa")).await;
    assert!(changed["serialNumber"].as_i64() > soa["serialNumber"].as_i64());
    assert_eq!(
        api.message(Method::DELETE, &path, Value::Null).await,
        "DNS zone has been deleted"
    );
    api.expect(Method::GET, &records, Value::Null, 404).await;
    assert_eq!(api.objects().await, json!({}));
}
