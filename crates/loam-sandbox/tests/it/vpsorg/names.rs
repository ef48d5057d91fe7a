//! DNS and domains.

use super::*;

#[tokio::test]
async fn dns_zones_and_records() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let zone = api
        .post("/dns-zones/", json!({"domain": "demo.test"}), 201)
        .await;
    assert_keys(&zone, &["uuid", "domain", "created_at", "record_count"]);
    assert_keys(
        &api.post("/dns-zones/", json!({"domain": "Demo.test"}), 400)
            .await,
        &["domain"],
    );
    let path = format!("/dns-zones/{}/", text(&zone, "uuid"));
    let mx = json!({"record_type": "MX", "name": "@", "value": "mx.demo.test", "ttl": 3600, "priority": 10});
    let record = api.post(&format!("{path}records/"), mx.clone(), 201).await;
    // The fourth example.
    assert_eq!(
        api.get(&path).await,
        json!({"uuid": zone["uuid"], "domain": "demo.test", "created_at": zone["created_at"], "record_count": 1,
            "records": [{"uuid": record["uuid"], "record_type": "MX", "name": "@", "value": "mx.demo.test", "ttl": 3600, "priority": 10}]})
    );
    api.post(&format!("{path}records/"), mx, 400).await;
    for bad in [
        json!({"record_type": "mx", "name": "@", "value": "x", "priority": 1}),
        json!({"record_type": "AAAA", "name": "@", "value": "192.0.2.1"}),
        json!({"record_type": "SRV", "name": "@", "value": "x"}),
        json!({"record_type": "CNAME", "name": "@", "value": "x."}),
        json!({"record_type": "A", "name": "@"}),
    ] {
        api.post(&format!("{path}records/"), bad, 400).await;
    }
    let record_path = format!("/dns-records/{}/", text(&record, "uuid"));
    let changed = api
        .expect(
            Method::PATCH,
            &record_path,
            json!({"ttl": 600, "priority": 20}),
            200,
        )
        .await;
    assert_eq!(
        (&changed["ttl"], &changed["value"]),
        (&json!(600), &json!("mx.demo.test"))
    );
    let retyped = json!({"record_type": "TXT", "value": "hello", "priority": null});
    assert_eq!(
        api.expect(Method::PATCH, &record_path, retyped, 200).await["priority"],
        Value::Null
    );
    api.expect(Method::PATCH, &record_path, json!({"ttl": 1}), 400)
        .await;
    assert_eq!(
        api.get("/dns-zones/?domain=demo.test")
            .await
            .as_array()
            .map(Vec::len),
        Some(1),
        "a bare array"
    );
    assert_eq!(api.get("/dns-zones/?domain=demo").await, json!([]));
    bench
        .control(Method::POST, "clouds/vpsorg/dns", json!({"paged": true}))
        .await;
    assert_eq!(
        api.get("/dns-zones/").await["count"],
        json!(1),
        "paged when switched"
    );
    api.expect(Method::GET, &record_path, Value::Null, 405)
        .await;
    api.expect(Method::DELETE, &path, Value::Null, 204).await;
    api.expect(Method::DELETE, &record_path, Value::Null, 404)
        .await;
    assert_eq!(
        bench.control(Method::GET, "objects", Value::Null).await,
        json!({})
    );
}

#[tokio::test]
async fn domains() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let list = api.get("/domains/?search=demo").await;
    let domain = &list["results"][0];
    assert_keys(
        domain,
        &[
            "id",
            "uuid",
            "domain_name",
            "status",
            "registration_date",
            "expiration_date",
            "days_until_expiration",
            "auto_renew",
            "locked",
            "transfer_lock",
            "nameservers",
            "nameserver1",
            "nameserver2",
            "nameserver3",
            "nameserver4",
            "privacy_protection",
            "whois_privacy",
            "dns_managed_by",
            "registrar",
        ],
    );
    assert_eq!(
        (&domain["nameserver2"], &domain["nameserver3"]),
        (&json!("ns2.vps.org"), &Value::Null)
    );
    let path = format!("/domains/{}/", domain["id"]);
    let changed = api
        .expect(
            Method::PATCH,
            &path,
            json!({"locked": false, "auto_renew": false}),
            200,
        )
        .await;
    assert_eq!(
        (
            &changed["transfer_lock"],
            &changed["auto_renew"],
            &changed["whois_privacy"]
        ),
        (&json!(false), &json!(false), &json!(true))
    );
    let moved = api
        .post(
            &format!("{path}update_nameservers/"),
            json!({"nameservers": ["a.demo.test"]}),
            200,
        )
        .await;
    assert_eq!(
        (&moved["nameservers"], &moved["dns_managed_by"]),
        (&json!(["a.demo.test"]), &json!("external"))
    );
    api.post(
        &format!("{path}update_nameservers/"),
        json!({"nameservers": []}),
        400,
    )
    .await;
    let renewed = api
        .post(&format!("{path}renew/"), json!({"years": 2}), 200)
        .await;
    assert!(
        renewed["days_until_expiration"].as_i64()
            > domain["days_until_expiration"]
                .as_i64()
                .map(|days| days + 700)
    );
    let free = api
        .post("/domains/search/", json!({"domain": "free.test"}), 200)
        .await;
    assert_keys(
        &free,
        &["domain", "available", "price", "currency", "renewal_price"],
    );
    assert_eq!(
        api.post("/domains/search/", json!({"domain": "demo.test"}), 200)
            .await["available"],
        json!(false)
    );
    bench
        .control(
            Method::POST,
            "clouds/vpsorg/domains",
            json!({"domain_name": "more.test"}),
        )
        .await;
    assert_eq!(api.get("/domains/").await["count"], json!(2));
    api.expect(Method::DELETE, &path, Value::Null, 405).await;
}
