//! Domains and records.

use super::*;

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
