//! VPS.org: the profile of its contract, both field sets, every endpoint and example.

use axum::http::Method;
use loam_sandbox::SandboxConfig;
use serde_json::{Value, json};

use crate::harness::{Bench, Reply, assert_keys};

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@host";
const SERVER: [&str; 13] = [
    "uuid",
    "id",
    "name",
    "hostname",
    "status",
    "deployed",
    "ip_address",
    "ipv4_addresses",
    "ipv6_addresses",
    "plan",
    "os",
    "created_at",
    "updated_at",
];

struct Api<'b> {
    bench: &'b Bench,
    endpoint: String,
    key: String,
}

impl<'b> Api<'b> {
    fn of(bench: &'b Bench) -> Api<'b> {
        Api {
            bench,
            endpoint: bench.variable("VPSORG_ENDPOINT"),
            key: bench.variable("VPSORG_API_TOKEN"),
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

    async fn expect(&self, method: Method, path: &str, body: Value, status: u16) -> Value {
        let reply = self.send(method, path, body).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text);
        if reply.text.is_empty() {
            Value::Null
        } else {
            reply.json()
        }
    }

    async fn get(&self, path: &str) -> Value {
        self.expect(Method::GET, path, Value::Null, 200).await
    }

    async fn post(&self, path: &str, body: Value, status: u16) -> Value {
        self.expect(Method::POST, path, body, status).await
    }

    /// A deployed server.
    async fn deployed(&self, hostname: &str) -> Value {
        let made = self.post("/servers/", order(hostname), 201).await;
        self.bench.advance(130.0).await;
        made
    }
}

fn order(hostname: &str) -> Value {
    // The first example of the contract, without its key.
    json!({"hostname": hostname, "location": 4, "plan": "5b0c7c1e-6a55-4f0e-9d0a-2f6f4f0a1b11",
        "os_version": "c2d9a1f0-31f7-4b3e-8c55-0a9be7d2e901"})
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {value}"))
}

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
    bench.advance(31.0).await;
    api.expect(
        Method::DELETE,
        &format!("/backups/{}/", backup["id"]),
        Value::Null,
        405,
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

#[tokio::test]
async fn keys_catalogue_and_account() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let key = api
        .post("/ssh-keys/", json!({"name": "me", "public_key": KEY}), 201)
        .await;
    assert_keys(
        &key,
        &["uuid", "name", "fingerprint", "created_at", "last_used_at"],
    );
    assert_keys(
        &api.post(
            "/ssh-keys/",
            json!({"name": "again", "public_key": KEY}),
            400,
        )
        .await,
        &["public_key"],
    );
    api.post(
        "/ssh-keys/",
        json!({"name": "bad", "public_key": "ssh-rsa nonsense"}),
        400,
    )
    .await;

    let plans = api.get("/plans/").await;
    let plan = &plans["results"][1];
    for (one, other) in [
        ("vcpus", "cpu"),
        ("storage", "disk_space"),
        ("bandwidth", "transfer"),
        ("price_monthly", "monthly_price"),
        ("price_hourly", "hourly_price"),
    ] {
        assert_eq!(plan[one], plan[other], "{one}");
    }
    assert_eq!(
        plan["memory"].as_i64(),
        plan["ram"].as_i64().map(|ram| ram * 1024)
    );
    assert!(plan["price_monthly"].is_number());
    assert_eq!(
        api.get("/plans/2/").await,
        api.get(&format!("/plans/{}/", text(plan, "uuid"))).await
    );
    assert_eq!(api.get("/plans/?location=us-west").await["count"], json!(2));
    let locations = api.get("/locations/").await;
    assert_keys(
        &locations["results"][0],
        &[
            "id",
            "slug",
            "name",
            "country_name",
            "country_code",
            "is_active",
        ],
    );
    let systems = api.get("/operating-systems/").await;
    assert_keys(&systems["results"][0], &["uuid", "name", "versions"]);
    assert_keys(&systems["results"][0]["versions"][0], &["uuid", "name"]);
    let me = api.get("/account/me/").await;
    assert_keys(&me, &["account", "token"]);
    assert_keys(
        &me["account"],
        &[
            "email",
            "first_name",
            "last_name",
            "company_name",
            "created_at",
        ],
    );
    assert_keys(
        &me["token"],
        &[
            "name",
            "permissions",
            "created_at",
            "last_used_at",
            "expires_at",
            "is_expired",
        ],
    );
    let billing = api.get("/billing/").await;
    assert_keys(
        &billing["results"][0],
        &[
            "id",
            "number",
            "amount",
            "currency",
            "status",
            "issued_at",
            "due_at",
        ],
    );
    api.expect(Method::GET, "/deployments/", Value::Null, 404)
        .await;
}

#[tokio::test]
async fn pages_slashes_tokens_and_limits() {
    let bench = Bench::with(SandboxConfig::default()).await;
    let mut api = Api::of(&bench);
    for number in 0..25 {
        api.post("/servers/", order(&format!("web-{number}")), 201)
            .await;
    }
    let first = api.get("/servers/?page_size=10&status=pending").await;
    assert_eq!(
        (&first["count"], &first["previous"]),
        (&json!(25), &Value::Null)
    );
    let next = text(&first, "next").to_owned();
    let second = api
        .get(next.strip_prefix(&api.endpoint).expect("the same endpoint"))
        .await;
    assert_eq!(second["results"].as_array().map(Vec::len), Some(10));
    assert!(
        text(&second, "previous").contains("page=1") && text(&second, "next").contains("page=3")
    );
    assert_eq!(
        api.get("/servers/").await["results"]
            .as_array()
            .map(Vec::len),
        Some(20)
    );
    api.expect(Method::GET, "/servers/?page=3", Value::Null, 404)
        .await;

    let url = format!("{}/servers", api.endpoint);
    let bare = crate::harness::raw(
        bench.sandbox.address(),
        "GET /vpsorg/api/v1/servers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    let bare = String::from_utf8(bare).expect("text");
    assert!(
        bare.starts_with("HTTP/1.1 301") && bare.contains("/vpsorg/api/v1/servers/"),
        "{bare}"
    );
    assert_eq!(
        bench
            .send(Method::GET, &format!("{url}/"), &[], &Value::Null)
            .await
            .status,
        401
    );
    api.expect(Method::PUT, "/servers/", Value::Null, 405).await;

    let made = bench.control(Method::POST, "keys", json!({"cloud": "vpsorg", "permissions": ["servers:list", "ssh_keys:*"], "per_minute": 3})).await;
    api.key = made["key"].as_str().expect("a token").to_owned();
    assert!(api.key.starts_with("vps_"));
    assert_eq!(
        api.post("/servers/", order("x"), 403).await,
        json!({"detail": "You do not have permission to perform this action."})
    );
    api.get("/account/me/").await;
    api.get("/ssh-keys/").await;
    api.get("/operating-systems/").await;
    let over = api.send(Method::GET, "/servers/", Value::Null).await;
    assert_keys(&over.json(), &["detail"]);
    assert!(
        over.status == 429
            && over.number("retry-after").is_some()
            && over.number("x-ratelimit-limit").is_none()
    );
    let old = json!({"cloud": "vpsorg", "expires_at": "2020-01-01T00:00:00Z"});
    api.key = bench.control(Method::POST, "keys", old).await["key"]
        .as_str()
        .expect("a token")
        .to_owned();
    api.expect(Method::GET, "/account/me/", Value::Null, 401)
        .await;
}
