//! XessOne: every endpoint and example of the contract.

use axum::http::Method;
use loam_sandbox::SandboxConfig;
use serde_json::{Value, json};

use crate::harness::{Bench, Reply, assert_keys};

struct Api<'b> {
    bench: &'b Bench,
    endpoint: String,
    key: String,
}

impl<'b> Api<'b> {
    fn of(bench: &'b Bench) -> Api<'b> {
        Api {
            bench,
            endpoint: bench.variable("XESSONE_ENDPOINT"),
            key: bench.variable("XESSONE_API_KEY"),
        }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Reply {
        let authorization = format!("Bearer {}", self.key);
        self.bench
            .send(
                method,
                &format!("{}{path}", self.endpoint),
                &[("authorization", &authorization)],
                &body,
            )
            .await
    }

    /// The `data` of a successful answer.
    async fn ok(&self, method: Method, path: &str, body: Value) -> Value {
        let reply = self.send(method, path, body).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        let body = reply.json();
        assert_eq!(body["success"], json!(true));
        body["data"].clone()
    }

    async fn get(&self, path: &str) -> Value {
        self.ok(Method::GET, path, Value::Null).await
    }

    async fn refused(
        &self,
        method: Method,
        path: &str,
        body: Value,
        status: u16,
        code: &str,
    ) -> String {
        let reply = self.send(method, path, body).await;
        let body = reply.json();
        assert_keys(&body, &["success", "error"]);
        assert_keys(&body["error"], &["code", "message"]);
        assert_eq!(
            (reply.status, body["error"]["code"].as_str()),
            (status, Some(code)),
            "{path}: {body}"
        );
        body["error"]["message"]
            .as_str()
            .expect("a message")
            .to_owned()
    }
}

fn order(label: &str) -> Value {
    json!({"label": label, "region": "fra", "plan": "edge-2", "image": "debian-12"})
}

const VPS: [&str; 15] = [
    "id",
    "label",
    "region",
    "status",
    "plan",
    "image",
    "hostname",
    "ipv4",
    "ipv6",
    "vcpus",
    "memory_mb",
    "disk_gb",
    "ssh_key_fingerprints",
    "created_at",
    "updated_at",
];

#[tokio::test]
async fn a_vps_from_order_to_deletion() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let mut with_password = order("shop-front");
    with_password["root_password"] = json!("long enough");
    let made = api.ok(Method::POST, "/vps", with_password).await;
    // The first example of the contract.
    assert_eq!(
        made,
        json!({"id": made["id"], "label": "shop-front", "region": "fra", "status": "provisioning", "plan": "edge-2",
            "image": "debian-12", "hostname": "shop-front", "ipv4": null, "ipv6": null, "vcpus": 2, "memory_mb": 2048,
            "disk_gb": 50, "ssh_key_fingerprints": [], "created_at": made["created_at"], "updated_at": made["updated_at"]})
    );
    let id = made["id"].as_str().expect("an id");
    assert!(
        id.strip_prefix("vps-").is_some_and(|rest| rest.len() == 6),
        "{id}"
    );
    let path = format!("/vps/{id}");
    api.refused(
        Method::POST,
        &format!("{path}/restart"),
        Value::Null,
        400,
        "bad_request",
    )
    .await;
    bench.advance(100.0).await;
    let active = api.get(&path).await;
    assert_keys(&active, &VPS);
    assert_eq!(active["status"], json!("active"));
    assert!(
        active["ipv4"]
            .as_str()
            .is_some_and(|ip| ip.parse::<std::net::Ipv4Addr>().is_ok())
    );
    assert_eq!(api.get("/vps").await, json!([active]));

    let changed = api
        .ok(
            Method::PATCH,
            &path,
            json!({"label": "shop", "hostname": "shop.demo.test"}),
        )
        .await;
    assert_eq!(
        (&changed["label"], &changed["hostname"]),
        (&json!("shop"), &json!("shop.demo.test"))
    );
    let text = api
        .refused(
            Method::PATCH,
            &path,
            json!({"plan": "edge-4"}),
            400,
            "bad_request",
        )
        .await;
    assert!(text.contains("plan"), "{text}");
    assert_eq!(
        api.ok(Method::POST, &format!("{path}/restart"), Value::Null)
            .await["status"],
        json!("restarting")
    );
    bench.advance(30.0).await;
    assert_eq!(api.get(&path).await["status"], json!("active"));
    assert_eq!(
        api.ok(Method::DELETE, &path, Value::Null).await,
        json!({"id": id, "deleted": true})
    );
    api.refused(Method::GET, &path, Value::Null, 404, "not_found")
        .await;
    api.refused(Method::DELETE, &path, Value::Null, 404, "not_found")
        .await;
    assert_eq!(
        bench.control(Method::GET, "objects", Value::Null).await,
        json!({})
    );
}

#[tokio::test]
async fn orders_are_validated() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let text = api
        .refused(Method::POST, "/vps", json!({}), 400, "bad_request")
        .await;
    assert_eq!(
        text, "label is required",
        "the third example of the contract"
    );
    for (field, value) in [
        ("label", json!("a b")),
        ("label", json!("x".repeat(65))),
        ("region", json!("mars")),
        ("plan", Value::Null),
        ("image", json!("dos")),
        ("ssh_keys", json!(["nonsense"])),
        ("ssh_keys", json!("x")),
        ("root_password", json!("short")),
    ] {
        let mut body = order("web");
        body[field] = value;
        let text = api
            .refused(Method::POST, "/vps", body, 400, "bad_request")
            .await;
        assert!(text.starts_with(field), "{field}: {text}");
    }
    let open = api.ok(Method::POST, "/vps", order("twin")).await;
    assert!(
        open["root_password"]
            .as_str()
            .is_some_and(|password| password.len() >= 8),
        "shown once"
    );
    let twin = api.ok(Method::POST, "/vps", order("twin")).await;
    assert_ne!(open["id"], twin["id"], "labels may repeat");
    let id = open["id"].as_str().expect("an id");
    assert_keys(&api.get(&format!("/vps/{id}")).await, &VPS);
    let failing = api.ok(Method::POST, "/vps", order("fail-deploy-1")).await;
    bench.advance(100.0).await;
    assert_eq!(
        api.get(&format!("/vps/{}", failing["id"].as_str().expect("an id")))
            .await["status"],
        json!("error")
    );
}

#[tokio::test]
async fn email_accounts() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let body = json!({"address": "Ann@demo.test", "password": "mail-secret-1"});
    let made = api.ok(Method::POST, "/email", body.clone()).await;
    assert_keys(
        &made,
        &[
            "id",
            "address",
            "quota_mb",
            "used_mb",
            "status",
            "created_at",
        ],
    );
    assert_eq!(
        (&made["quota_mb"], &made["status"]),
        (&json!(1024), &json!("active"))
    );
    api.refused(Method::POST, "/email", body, 400, "bad_request")
        .await;
    for bad in [
        json!({"address": "ann@nowhere.test", "password": "mail-secret-1"}),
        json!({"address": "ann", "password": "mail-secret-1"}),
        json!({"address": "bob@demo.test"}),
        json!({"address": "bob@demo.test", "password": "short"}),
    ] {
        api.refused(Method::POST, "/email", bad, 400, "bad_request")
            .await;
    }
    let id = made["id"].as_str().expect("an id");
    let changed = api
        .ok(
            Method::PATCH,
            &format!("/email/{id}/password"),
            json!({"password": "mail-secret-2"}),
        )
        .await;
    assert_eq!(changed, made);
    api.refused(
        Method::PATCH,
        &format!("/email/{id}/password"),
        json!({}),
        400,
        "bad_request",
    )
    .await;
    let activity = api.get("/email/activity?days=7").await;
    assert_keys(
        &activity,
        &[
            "period_start",
            "period_end",
            "total_sent",
            "total_received",
            "accounts",
        ],
    );
    assert_keys(
        &activity["accounts"][0],
        &[
            "id",
            "address",
            "sent",
            "received",
            "used_mb",
            "last_login_at",
        ],
    );
    api.refused(
        Method::GET,
        &format!("/email/{id}"),
        Value::Null,
        404,
        "not_found",
    )
    .await;
    assert_eq!(
        api.ok(Method::DELETE, &format!("/email/{id}"), Value::Null)
            .await["deleted"],
        json!(true)
    );
    assert_eq!(api.get("/email").await, json!([]));
}

#[tokio::test]
async fn buckets() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let made = api
        .ok(
            Method::POST,
            "/storage/buckets",
            json!({"name": "media.2026"}),
        )
        .await;
    assert_keys(
        &made,
        &[
            "name",
            "region",
            "endpoint",
            "size_bytes",
            "object_count",
            "created_at",
        ],
    );
    assert_eq!(made["region"], json!("sgp1"));
    for name in ["ab", "Upper", "-x-", "under_score", "media.2026"] {
        api.refused(
            Method::POST,
            "/storage/buckets",
            json!({"name": name}),
            400,
            "bad_request",
        )
        .await;
    }
    bench
        .control(
            Method::POST,
            "clouds/xessone/buckets/media.2026",
            json!({"object_count": 3, "size_bytes": 10}),
        )
        .await;
    assert_eq!(
        api.get("/storage").await,
        json!({"used_bytes": 10, "quota_bytes": 1_099_511_627_776_u64, "bucket_count": 1, "object_count": 3})
    );
    api.refused(
        Method::DELETE,
        "/storage/buckets/media.2026",
        Value::Null,
        400,
        "bucket_not_empty",
    )
    .await;
    bench
        .control(
            Method::POST,
            "clouds/xessone/buckets/media.2026",
            json!({"object_count": 0}),
        )
        .await;
    api.ok(Method::DELETE, "/storage/buckets/media%2E2026", Value::Null)
        .await;
    api.refused(
        Method::DELETE,
        "/storage/buckets/media.2026",
        Value::Null,
        404,
        "not_found",
    )
    .await;
    api.ok(
        Method::POST,
        "/storage/buckets",
        json!({"name": "media.2026", "region": "fra"}),
    )
    .await;
    assert_eq!(
        api.get("/storage/buckets").await.as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn zones_and_records() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let path = "/dns/zones/demo.test/records";
    let made = api
        .ok(
            Method::POST,
            path,
            json!({"type": "MX", "name": "@", "value": "mx.demo.test", "priority": 10}),
        )
        .await;
    let reply = api.send(Method::GET, path, Value::Null).await.json();
    // The second example of the contract; this sandbox pages by 100 unless asked.
    assert_eq!(
        reply,
        json!({"success": true, "data": [{"id": made["id"], "type": "MX", "name": "@", "value": "mx.demo.test", "ttl": 3600,
            "priority": 10, "created_at": made["created_at"]}],
            "meta": {"page": 1, "per_page": 100, "total": 1, "total_pages": 1}})
    );
    api.ok(
        Method::POST,
        path,
        json!({"type": "cname", "name": "www", "value": "demo.test.", "ttl": 60}),
    )
    .await;
    for bad in [
        json!({"type": "MX", "name": "@", "value": "mx.demo.test", "priority": 20}),
        json!({"type": "MX", "name": "@", "value": "mx2.demo.test"}),
        json!({"type": "A", "name": "@", "value": "not-an-address"}),
        json!({"type": "A", "name": "@", "value": "192.0.2.1", "ttl": 59}),
        json!({"type": "A", "name": "@", "value": "192.0.2.1", "priority": 1}),
        json!({"type": "A", "name": "www", "value": "192.0.2.1"}),
        json!({"type": "PTR", "name": "x", "value": "y"}),
        json!({"type": "A", "name": "@"}),
    ] {
        api.refused(Method::POST, path, bad, 400, "bad_request")
            .await;
    }
    api.refused(
        Method::GET,
        "/dns/zones/other.test/records",
        Value::Null,
        404,
        "not_found",
    )
    .await;
    bench
        .control(
            Method::POST,
            "clouds/xessone/zones",
            json!({"domain": "other.test"}),
        )
        .await;
    assert_eq!(api.get("/dns/zones/other.test/records").await, json!([]));
    let zones = api.get("/dns/zones").await;
    assert_keys(
        &zones[0],
        &[
            "domain",
            "status",
            "record_count",
            "nameservers",
            "created_at",
        ],
    );
    assert_eq!(
        (&zones[0]["record_count"], &zones[1]["domain"]),
        (&json!(2), &json!("other.test"))
    );
    assert_eq!(
        api.get(&format!("{path}?type=MX"))
            .await
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let id = made["id"].as_str().expect("an id");
    api.refused(
        Method::DELETE,
        &format!("/dns/zones/other.test/records/{id}"),
        Value::Null,
        404,
        "not_found",
    )
    .await;
    api.ok(Method::DELETE, &format!("{path}/{id}"), Value::Null)
        .await;
    let objects = bench.control(Method::GET, "objects", Value::Null).await;
    assert_eq!(
        objects["xessone"]["dns_record"][0]["zone"],
        json!("demo.test")
    );
}

#[tokio::test]
async fn lists_are_paged_when_asked() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    for number in 0..102 {
        api.ok(
            Method::POST,
            "/storage/buckets",
            json!({"name": format!("bucket-{number}")}),
        )
        .await;
    }
    let meta = |reply: Reply| reply.json()["meta"].clone();
    let whole = api.send(Method::GET, "/storage/buckets", Value::Null).await;
    assert_eq!(
        meta(whole),
        json!({"page": 1, "per_page": 100, "total": 102, "total_pages": 2})
    );
    let second = api
        .send(
            Method::GET,
            "/storage/buckets?page=2&per_page=500",
            Value::Null,
        )
        .await;
    assert_eq!(second.json()["data"].as_array().map(Vec::len), Some(2));
    let third = api
        .send(Method::GET, "/storage/buckets?page=3", Value::Null)
        .await;
    assert_eq!(
        meta(third),
        json!({"page": 3, "per_page": 50, "total": 102, "total_pages": 3})
    );
    api.refused(Method::GET, "/vps?page=0", Value::Null, 400, "bad_request")
        .await;
}

#[tokio::test]
async fn keys_permissions_and_limits() {
    let bench = Bench::with(SandboxConfig::default()).await;
    let mut api = Api::of(&bench);
    api.refused(Method::GET, "/nowhere", Value::Null, 404, "not_found")
        .await;
    for _ in 0..59 {
        assert_eq!(
            api.send(Method::GET, "/vps", Value::Null)
                .await
                .number("x-ratelimit-limit"),
            Some(60)
        );
    }
    let read = bench
        .control(
            Method::POST,
            "keys",
            json!({"cloud": "xessone", "scopes": ["read"]}),
        )
        .await;
    api.key = read["key"].as_str().expect("a key").to_owned();
    api.refused(Method::POST, "/vps", order("web"), 403, "forbidden")
        .await;
    let over = api.send(Method::GET, "/vps", Value::Null).await;
    assert_eq!(
        (over.status, over.number("x-ratelimit-remaining")),
        (429, Some(0)),
        "one limit for all keys"
    );
    assert!(
        over.number("retry-after")
            .is_some_and(|wait| (1..=60).contains(&wait))
    );
    bench
        .control(
            Method::POST,
            "clouds/xessone/plan",
            json!({"name": "continental"}),
        )
        .await;
    assert_eq!(
        api.send(Method::GET, "/vps", Value::Null)
            .await
            .number("x-ratelimit-limit"),
        Some(300)
    );
    api.key = "xo_live_wrong".to_owned();
    api.refused(Method::GET, "/vps", Value::Null, 401, "unauthorized")
        .await;
}
