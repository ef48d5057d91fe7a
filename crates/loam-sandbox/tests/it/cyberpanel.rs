//! CyberPanel Cloud: every example and field of the contract, its error codes and the order of checks.

use axum::http::Method;
use loam_sandbox::{RateLimits, SandboxConfig};
use serde_json::{Value, json};

use crate::harness::{Bench, Reply, assert_keys};

/// A client with a key.
pub struct Api<'b> {
    bench: &'b Bench,
    pub endpoint: String,
    pub key: String,
}

/// A valid order.
pub fn order(hostname: &str) -> Value {
    json!({"hostname": hostname, "plan_id": 2, "location_code": "de", "template_id": "9022",
        "root_password": "correct7horse"})
}

fn with(mut order: Value, field: &str, value: Value) -> Value {
    order[field] = value;
    order
}

impl<'b> Api<'b> {
    /// With the default key.
    pub fn of(bench: &'b Bench) -> Api<'b> {
        Api {
            bench,
            endpoint: bench.variable("CYBERPANEL_ENDPOINT"),
            key: bench.variable("CYBERPANEL_API_KEY"),
        }
    }

    /// With a new key as described.
    async fn with_key(bench: &'b Bench, mut new: Value) -> Api<'b> {
        new["cloud"] = json!("cyberpanel");
        let made = bench.control(Method::POST, "keys", new).await;
        Api {
            key: made["key"].as_str().expect("a key").to_owned(),
            ..Api::of(bench)
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, body).await
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Reply {
        let authorization = format!("Bearer {}", self.key);
        let url = format!("{}{path}", self.endpoint);
        self.bench
            .send(method, &url, &[("authorization", &authorization)], &body)
            .await
    }

    /// The `data` of a successful answer.
    async fn data(&self, path: &str) -> Value {
        let reply = self.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        let body = reply.json();
        assert_eq!(body["success"], json!(true));
        body["data"].clone()
    }

    /// Orders an instance; its id.
    pub async fn create(&self, hostname: &str) -> i64 {
        let reply = self.post("/vps/create", order(hostname)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["data"]["vps_id"].as_i64().expect("an id")
    }

    /// Orders an instance and lets its deployment end.
    async fn deployed(&self, hostname: &str) -> i64 {
        let id = self.create(hostname).await;
        self.bench.advance(130.0).await;
        id
    }
}

/// Asserts the error envelope with this status and code.
fn assert_error(reply: &Reply, status: u16, code: &str) {
    let body = reply.json();
    assert_keys(&body, &["success", "error", "error_code", "message"]);
    assert_eq!(
        (reply.status, body["error_code"].as_str()),
        (status, Some(code)),
        "{body}"
    );
    assert_eq!(body["success"], json!(false));
}

const SHORT: [&str; 7] = [
    "id",
    "vmid",
    "name",
    "status",
    "ip_address",
    "is_suspended",
    "created_at",
];

#[tokio::test]
async fn reads_of_a_new_account() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    assert!(api.key.starts_with("cyp_live_") && api.key.len() == 9 + 64);
    assert_eq!(
        api.data("/health").await,
        json!({"status": "healthy", "service": "CyberPanel Cloud API", "version": "1.0.0"})
    );
    let test = api.data("/test").await;
    assert_keys(
        &test,
        &[
            "message",
            "key_name",
            "key_prefix",
            "user_email",
            "scopes",
            "ip_address",
            "request_count",
        ],
    );
    assert_eq!(test["key_prefix"].as_str(), api.key.get(..12));
    let scopes = api.data("/scopes").await;
    assert_eq!(scopes["scopes"].as_array().map(Vec::len), Some(7));
    assert_keys(&scopes["scopes"][0], &["scope", "description"]);

    let account = api.data("/account").await;
    assert_keys(
        &account,
        &[
            "id",
            "email",
            "full_name",
            "balance",
            "status",
            "two_factor_enabled",
            "vps_ordering_enabled",
            "registration_date",
        ],
    );
    assert_eq!(
        (&account["balance"], &account["status"]),
        (&json!("5000.00"), &json!("active"))
    );
    let billing = api.data("/billing").await;
    assert_keys(&billing, &["balance", "auto_funding", "recent_invoices"]);
    assert_keys(
        &billing["auto_funding"],
        &["enabled", "threshold", "amount"],
    );

    let keys = api.data("/account/api-keys").await;
    assert_keys(&keys, &["api_keys", "total"]);
    assert_keys(
        &keys["api_keys"][0],
        &[
            "id",
            "name",
            "key_prefix",
            "scopes",
            "is_active",
            "ip_whitelist",
            "expires_at",
            "last_used_at",
            "last_used_ip",
            "request_count",
            "rate_limit_per_minute",
            "rate_limit_per_hour",
            "created_at",
        ],
    );
    assert!(!keys.to_string().contains(&api.key));
    let id = &keys["api_keys"][0]["id"];
    let usage = api
        .data(&format!("/account/api-keys/{id}/usage?limit=2&offset=1"))
        .await;
    assert_keys(&usage, &["key_id", "key_name", "usage_logs", "pagination"]);
    assert_eq!(
        usage["pagination"],
        json!({"total": 4, "limit": 2, "offset": 1, "has_more": true})
    );
    assert_keys(
        &usage["usage_logs"][0],
        &[
            "endpoint",
            "method",
            "ip_address",
            "response_status",
            "response_time_ms",
            "created_at",
        ],
    );
    assert_eq!(usage["usage_logs"][0]["endpoint"], json!("/api/v1/billing"));
    assert_error(
        &api.get("/account/api-keys/999/usage").await,
        404,
        "KEY_NOT_FOUND",
    );

    let plans = api.data("/vps/plans").await;
    assert_eq!(
        plans["plans"][1],
        json!({"id": 2, "name": "Basic", "cpu_cores": 2, "ram_mb": 2048, "disk_gb": 50, "bandwidth_gb": 2000,
            "monthly_price": "12.00", "price_hourly": "0.0164"})
    );
    let locations = api.data("/vps/locations").await;
    assert_keys(
        &locations["locations"][0],
        &["code", "name", "country", "available_ips", "is_available"],
    );
    let templates = api.data("/vps/templates").await;
    assert_keys(
        &templates["templates"][0],
        &["id", "name", "os", "description"],
    );
    let ids: Vec<&str> = templates["templates"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| item["id"].as_str())
        .collect();
    assert_eq!(ids, ["101", "9000", "9022", "9010", "9001", "9008", "9125"]);
    assert_eq!(
        api.data("/vps").await,
        json!({"instances": [], "pagination": {"total": 0, "limit": 50, "offset": 0, "has_more": false}})
    );
    assert_eq!(
        api.data("/vps/summary").await,
        json!({"total_instances": 0, "running": 0, "stopped": 0, "suspended": 0, "total_monthly_cost": "0.00", "locations": {}})
    );
}

#[tokio::test]
async fn an_instance_from_order_to_deletion() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let reply = api.post("/vps/create", order("edge-7.demo.test")).await;
    assert_eq!(reply.status, 200);
    let body = reply.json();
    assert_keys(&body, &["success", "data", "message"]);
    let made = &body["data"];
    let (id, ip) = (
        made["vps_id"].as_i64().expect("an id"),
        made["ip_address"].clone(),
    );
    // The first example of the contract, with this sandbox's id and address.
    assert_eq!(
        *made,
        json!({"vps_id": id, "name": "edge-7.demo.test", "status": "deploying", "ip_address": ip,
            "plan": {"id": 2, "name": "Basic", "price": "12.00"}, "location": "de", "template": "9022",
            "deployment_url": format!("/api/v1/vps/{id}/deployment"), "estimated_time_seconds": 180,
            "webhook_configured": false})
    );
    assert!(
        ip.as_str()
            .is_some_and(|ip| ip.parse::<std::net::Ipv4Addr>().is_ok())
    );

    assert_eq!(
        api.data(&format!("/vps/{id}/deployment")).await["deployment_status"],
        json!("pending")
    );
    bench.advance(65.0).await;
    let running = api.data(&format!("/vps/{id}/deployment")).await;
    let always = [
        "vps_id",
        "deployment_status",
        "vps_status",
        "current_task",
        "progress_percent",
        "tasks_completed",
        "tasks_total",
        "started_at",
        "is_ready",
    ];
    assert_keys(&running, &[&always[..], &["tasks"]].concat());
    assert_eq!(
        (
            &running["deployment_status"],
            &running["vps_status"],
            &running["current_task"]
        ),
        (
            &json!("in_progress"),
            &json!("deploying"),
            &json!("configure_network")
        )
    );
    assert_eq!(
        (
            &running["progress_percent"],
            &running["tasks_completed"],
            &running["tasks_total"],
            &running["is_ready"]
        ),
        (&json!(70), &json!(6), &json!(10), &json!(false))
    );
    assert_eq!(
        running["tasks"][6],
        json!({"name": "configure_network", "status": "in_progress", "order": 7})
    );
    assert_eq!(running["tasks"][5]["status"], json!("completed"));
    assert_eq!(running["tasks"][7]["status"], json!("pending"));
    for action in ["start", "stop", "restart"] {
        let code = format!("{}_FAILED", action.to_uppercase());
        assert_error(
            &api.post(&format!("/vps/{id}/{action}"), Value::Null).await,
            500,
            &code,
        );
    }
    assert_eq!(
        api.data("/vps").await["instances"][0]["status"],
        json!("deploying")
    );

    bench.advance(60.0).await;
    let done = api.data(&format!("/vps/{id}/deployment")).await;
    assert_keys(
        &done,
        &[&always[..], &["completed_at", "access_info"]].concat(),
    );
    assert_eq!(
        (
            &done["deployment_status"],
            &done["vps_status"],
            &done["current_task"],
            &done["is_ready"]
        ),
        (
            &json!("completed"),
            &json!("running"),
            &Value::Null,
            &json!(true)
        )
    );
    assert_eq!(
        done["access_info"],
        json!({"ip_address": ip, "ssh_port": 22, "ssh_user": "root"})
    );

    // The second example.
    let details = api.data(&format!("/vps/{id}")).await;
    assert_keys(
        &details,
        &[
            &SHORT[..],
            &["updated_at", "plan", "location", "server", "billing"],
        ]
        .concat(),
    );
    assert_eq!(
        details["plan"],
        json!({"id": 2, "name": "Basic", "cpu_cores": 2, "ram_mb": 2048, "disk_gb": 50, "bandwidth_gb": 2000, "price": "12.00"})
    );
    assert_eq!(
        details["location"],
        json!({"code": "de", "name": "Falkenstein, Germany"})
    );
    assert_keys(&details["server"], &["hostname"]);
    assert_keys(
        &details["billing"],
        &["hourly_rate", "billing_start", "last_billed"],
    );
    assert_eq!(
        (&details["id"], &details["status"]),
        (&json!(id), &json!("running"))
    );
    assert_eq!(details["updated_at"], done["completed_at"]);
    let list = api.data("/vps?status=running&location=de").await;
    assert_keys(&list["instances"][0], &SHORT);
    assert_eq!(api.data("/vps?location=la").await["instances"], json!([]));

    let status = api.data(&format!("/vps/{id}/status")).await;
    assert_keys(
        &status,
        &[
            "vps_id",
            "vmid",
            "name",
            "status",
            "qmpstatus",
            "cpu",
            "memory",
            "disk",
            "network",
            "uptime_seconds",
            "pid",
        ],
    );
    assert_keys(&status["cpu"], &["usage_percent", "cores"]);
    assert_keys(
        &status["memory"],
        &["used_bytes", "total_bytes", "usage_percent"],
    );
    assert_keys(&status["disk"], &["read_bytes", "write_bytes"]);
    assert_keys(&status["network"], &["in_bytes", "out_bytes"]);
    let console = api.data(&format!("/vps/{id}/console")).await;
    assert_keys(
        &console,
        &["vps_id", "console_url", "type", "expires_in_seconds"],
    );
    assert_eq!(
        (&console["type"], &console["expires_in_seconds"]),
        (&json!("novnc"), &json!(300))
    );

    for (action, status) in [
        ("stop", "stopped"),
        ("stop", "stopped"),
        ("start", "running"),
        ("start", "running"),
        ("restart", "running"),
    ] {
        let reply = api.post(&format!("/vps/{id}/{action}"), Value::Null).await;
        assert_eq!(reply.status, 200, "{action}");
        assert_keys(
            &reply.json()["data"],
            &["id", "vmid", "name", "status", "ip_address"],
        );
        assert_eq!(reply.json()["data"]["status"], json!(status), "{action}");
    }
    let summary = api.data("/vps/summary").await;
    assert_eq!(
        (&summary["running"], &summary["locations"]),
        (&json!(1), &json!({"de": 1}))
    );
    assert_eq!(summary["total_monthly_cost"], json!("12.00"));

    let gone = api
        .post(&format!("/vps/{id}/delete"), Value::Null)
        .await
        .json();
    assert_eq!(
        gone["data"],
        json!({"deleted": true, "vps_id": id, "name": "edge-7.demo.test", "vmid": details["vmid"]})
    );
    assert_error(
        &api.post(&format!("/vps/{id}/delete"), Value::Null).await,
        400,
        "VPS_ALREADY_DELETED",
    );
    for path in ["", "/status", "/deployment", "/console", "/snapshots"] {
        assert_error(
            &api.get(&format!("/vps/{id}{path}")).await,
            400,
            "VPS_DELETED",
        );
    }
    assert_error(
        &api.post(&format!("/vps/{id}/start"), Value::Null).await,
        400,
        "VPS_DELETED",
    );
    assert_eq!(api.data("/vps").await["pagination"]["total"], json!(0));
    assert_eq!(
        bench.control(Method::GET, "objects", Value::Null).await,
        json!({})
    );
    assert!(
        api.create("edge-7.demo.test").await > id,
        "ids are never used again"
    );
}

#[tokio::test]
async fn orders_are_checked_in_order() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    // Everything is wrong; mending one thing at a time brings up the next error.
    let mut body = json!({"hostname": "web", "plan_id": 99, "location_code": "mars", "template_id": "1",
        "ssh_key": "nonsense"});
    bench
        .control(
            Method::POST,
            "clouds/cyberpanel/account",
            json!({"balance": 1.0}),
        )
        .await;
    let steps = [
        ("root_password", json!("short"), "MISSING_FIELDS"),
        ("hostname", json!("web.demo.test"), "INVALID_HOSTNAME"),
        ("root_password", json!("x".repeat(73)), "PASSWORD_TOO_SHORT"),
        ("root_password", json!("onlyletters"), "PASSWORD_TOO_LONG"),
        ("root_password", json!("letters4all"), "PASSWORD_WEAK"),
        ("plan_id", json!(1), "PLAN_NOT_FOUND"),
        ("location_code", json!("la"), "LOCATION_NOT_FOUND"),
        ("template_id", json!("9000"), "INVALID_TEMPLATE"),
        ("ssh_key", Value::Null, "VALIDATION_ERROR"),
    ];
    for (field, mended, code) in steps {
        assert_error(&api.post("/vps/create", body.clone()).await, 400, code);
        body[field] = mended;
    }
    assert_error(
        &api.post("/vps/create", body.clone()).await,
        400,
        "INSUFFICIENT_BALANCE",
    );
    bench
        .control(
            Method::POST,
            "clouds/cyberpanel/account",
            json!({"balance": 19.99}),
        )
        .await;
    assert_error(
        &api.post(
            "/vps/create",
            with(body.clone(), "template_id", json!("9125")),
        )
        .await,
        400,
        "INSUFFICIENT_BALANCE",
    );
    assert_eq!(api.post("/vps/create", body.clone()).await.status, 200);
    // What the document assumes for the undocumented cases.
    assert_error(
        &api.post(
            "/vps/create",
            with(body.clone(), "location_code", json!("eu")),
        )
        .await,
        400,
        "LOCATION_NOT_FOUND",
    );
    bench
        .control(
            Method::POST,
            "clouds/cyberpanel/locations/la",
            json!({"total_ips": 1}),
        )
        .await;
    assert_error(
        &api.post("/vps/create", body.clone()).await,
        400,
        "LOCATION_NOT_FOUND",
    );
    bench
        .control(
            Method::POST,
            "clouds/cyberpanel/account",
            json!({"vps_ordering_enabled": false}),
        )
        .await;
    assert_error(
        &api.post("/vps/create", body).await,
        403,
        "ORDERING_DISABLED",
    );
    let broken = bench
        .send_text(
            Method::POST,
            &format!("{}/vps/create", api.endpoint),
            &[("authorization", &format!("Bearer {}", api.key))],
            Some("{\"hostname\":".to_owned()),
        )
        .await
        .expect("an answer");
    assert_eq!(broken.status, 403, "ordering is checked before the body");
    bench
        .control(
            Method::POST,
            "clouds/cyberpanel/account",
            json!({"vps_ordering_enabled": true}),
        )
        .await;
    assert_error(
        &api.post("/vps/create", json!([1])).await,
        400,
        "VALIDATION_ERROR",
    );
}

#[tokio::test]
async fn bad_queries_ids_and_routes() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    for query in [
        "limit=0",
        "limit=x",
        "limit=-1",
        "offset=-1",
        "status=deploying",
    ] {
        assert_error(
            &api.get(&format!("/vps?{query}")).await,
            400,
            "VALIDATION_ERROR",
        );
    }
    assert_eq!(
        api.data("/vps?limit=500").await["pagination"]["limit"],
        json!(100)
    );
    for id in ["1", "x", "07001", "-1"] {
        assert_error(&api.get(&format!("/vps/{id}")).await, 404, "VPS_NOT_FOUND");
    }
    for (method, path) in [
        (Method::GET, "/vps/create"),
        (Method::GET, "/vps/"),
        (Method::DELETE, "/vps/1"),
        (Method::GET, "/moon"),
    ] {
        assert_error(&api.send(method, path, Value::Null).await, 404, "NOT_FOUND");
    }
    // Somebody else's instance does not exist.
    let id = api.create("mine.demo.test").await;
    let other = Api::with_key(&bench, json!({"account": 2})).await;
    assert_error(
        &other.get(&format!("/vps/{id}")).await,
        404,
        "VPS_NOT_FOUND",
    );
    assert_eq!(other.data("/vps").await["pagination"]["total"], json!(0));
    // Hostnames may repeat.
    assert!(api.create("mine.demo.test").await > id);
}

#[tokio::test]
async fn keys_and_scopes() {
    let bench = Bench::start().await;
    let url = format!("{}/vps", Api::of(&bench).endpoint);
    assert_error(
        &bench.send(Method::GET, &url, &[], &Value::Null).await,
        401,
        "NO_API_KEY",
    );
    for wrong in [
        "Basic x",
        "Bearer nonsense",
        "Bearer cyp_live_0000",
        "Bearer",
    ] {
        let reply = bench
            .send(Method::GET, &url, &[("authorization", wrong)], &Value::Null)
            .await;
        assert_error(&reply, 401, "INVALID_API_KEY");
    }
    for (new, status, code) in [
        (json!({"is_active": false}), 401, "INACTIVE_API_KEY"),
        (
            json!({"expires_at": "2020-01-01T00:00:00Z"}),
            401,
            "EXPIRED_API_KEY",
        ),
        (
            json!({"ip_whitelist": ["203.0.113.9"]}),
            403,
            "IP_NOT_ALLOWED",
        ),
        (
            json!({"scopes": ["billing:read", "vps:delete"]}),
            403,
            "INSUFFICIENT_SCOPE",
        ),
    ] {
        assert_error(
            &Api::with_key(&bench, new).await.get("/vps").await,
            status,
            code,
        );
    }
    let here = Api::with_key(
        &bench,
        json!({"ip_whitelist": ["127.0.0.1"], "scopes": ["vps:read"]}),
    )
    .await;
    assert_eq!(here.get("/vps").await.status, 200);
    assert_eq!(
        here.get("/test").await.status,
        200,
        "any key may test itself"
    );
    assert_error(&here.get("/billing").await, 403, "INSUFFICIENT_SCOPE");
    assert_error(
        &here.post("/vps/create", json!({})).await,
        403,
        "INSUFFICIENT_SCOPE",
    );
    // Either reading of the contradictory scope of deletion.
    let owner = Api::of(&bench);
    for scope in ["vps:write", "vps:delete"] {
        let id = owner.create("gone.demo.test").await;
        let api = Api::with_key(&bench, json!({"scopes": [scope]})).await;
        assert_eq!(
            api.post(&format!("/vps/{id}/delete"), Value::Null)
                .await
                .status,
            200,
            "{scope}"
        );
    }
    assert_error(
        &here.post("/vps/1/delete", Value::Null).await,
        403,
        "INSUFFICIENT_SCOPE",
    );
}

#[tokio::test]
async fn rate_limits_per_minute_and_hour() {
    let bench = Bench::with(SandboxConfig::default()).await;
    let api = Api::of(&bench);
    for left in (0..60).rev() {
        let reply = api.get("/vps/plans").await;
        assert_eq!(
            (reply.status, reply.number("x-ratelimit-remaining")),
            (200, Some(left))
        );
        assert_eq!(reply.number("x-ratelimit-limit"), Some(60));
    }
    let reply = api.get("/vps/plans").await;
    assert_error(&reply, 429, "RATE_LIMIT_EXCEEDED");
    let wait = reply.number("retry-after").expect("a wait");
    assert!((1..=60).contains(&wait), "{wait}");
    let reset = reply.number("x-ratelimit-reset").expect("a reset");
    let unix = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    assert!(reset.abs_diff(unix + wait) <= 1);
    assert!(
        reply.json()["message"]
            .as_str()
            .is_some_and(|text| text.contains("minute"))
    );
    assert_eq!(
        api.get("/health").await.status,
        200,
        "what needs no key has no limit"
    );
    let few = Api::with_key(&bench, json!({"rate_limit_per_hour": 2})).await;
    few.get("/vps").await;
    few.get("/vps").await;
    let reply = few.get("/vps").await;
    assert_error(&reply, 429, "RATE_LIMIT_EXCEEDED");
    assert!(reply.number("retry-after").is_some_and(|wait| wait > 3500));
    let narrow = Api::with_key(
        &bench,
        json!({"rate_limit_per_minute": 1, "scopes": ["vps:read"]}),
    )
    .await;
    assert_error(&narrow.get("/billing").await, 403, "INSUFFICIENT_SCOPE");
    assert_eq!(
        narrow.get("/vps").await.status,
        200,
        "a request without the scope is not counted"
    );
    assert_error(&narrow.get("/billing").await, 403, "INSUFFICIENT_SCOPE");
}

#[tokio::test]
async fn rate_limits_can_be_off_or_faster() {
    let bench = Bench::start().await;
    let api = Api::with_key(&bench, json!({"rate_limit_per_minute": 1})).await;
    for _ in 0..5 {
        let reply = api.get("/vps").await;
        assert_eq!(
            (reply.status, reply.number("x-ratelimit-limit")),
            (200, None)
        );
    }
    let config = SandboxConfig {
        rate_limits: RateLimits::Faster(30.0),
        ..SandboxConfig::default()
    };
    let bench = Bench::with(config).await;
    let api = Api::with_key(&bench, json!({"rate_limit_per_minute": 1})).await;
    assert_eq!(api.get("/vps").await.status, 200);
    assert_eq!(api.get("/vps").await.status, 429);
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    assert_eq!(api.get("/vps").await.status, 200, "a minute is two seconds");
}

#[tokio::test]
async fn failed_deployments() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let fault = json!({"kind": "deployment_failure", "cloud": "cyberpanel", "name": "doomed-*.demo.test",
        "task": "start_vm", "message": "No space left on the node"});
    bench.control(Method::POST, "faults", fault).await;
    let good = api.create("fine.demo.test").await;
    let doomed = api.create("doomed-1.demo.test").await;
    let named = api.create("fail-deploy-2.demo.test").await;
    bench.advance(130.0).await;
    assert_eq!(
        api.data(&format!("/vps/{good}/deployment")).await["is_ready"],
        json!(true)
    );
    let failed = api.data(&format!("/vps/{doomed}/deployment")).await;
    assert_eq!(
        (
            &failed["deployment_status"],
            &failed["vps_status"],
            &failed["current_task"],
            &failed["is_ready"]
        ),
        (
            &json!("failed"),
            &json!("failed"),
            &json!("start_vm"),
            &json!(false)
        )
    );
    assert_eq!(failed["error_message"], json!("No space left on the node"));
    let statuses: Vec<&str> = failed["tasks"]
        .as_array()
        .expect("tasks")
        .iter()
        .filter_map(|task| task["status"].as_str())
        .collect();
    assert_eq!(statuses[4..7], ["completed", "failed", "pending"]);
    assert_eq!(
        api.data(&format!("/vps/{named}/deployment")).await["current_task"],
        json!("configure_network")
    );
    assert_eq!(
        api.data(&format!("/vps/{doomed}")).await["status"],
        json!("failed")
    );
    assert_error(
        &api.post(&format!("/vps/{doomed}/start"), Value::Null).await,
        500,
        "START_FAILED",
    );
    assert_error(
        &api.get(&format!("/vps/{doomed}/status")).await,
        500,
        "STATUS_FAILED",
    );
    assert_eq!(
        api.post(&format!("/vps/{doomed}/delete"), Value::Null)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn suspended_instances() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let id = api.deployed("late-payer.demo.test").await;
    bench
        .control(
            Method::POST,
            &format!("clouds/cyberpanel/vps/{id}"),
            json!({"suspended": true}),
        )
        .await;
    let details = api.data(&format!("/vps/{id}")).await;
    assert_eq!(
        (&details["status"], &details["is_suspended"]),
        (&json!("suspended"), &json!(true))
    );
    assert_eq!(
        api.data("/vps?status=suspended").await["pagination"]["total"],
        json!(1)
    );
    for action in ["start", "stop", "restart", "delete"] {
        assert_error(
            &api.post(&format!("/vps/{id}/{action}"), Value::Null).await,
            403,
            "VPS_SUSPENDED",
        );
    }
}

#[tokio::test]
async fn snapshots() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let id = api.create("snap.demo.test").await;
    let path = format!("/vps/{id}/snapshots/create");
    assert_error(
        &api.post(&path, json!({"name": "early"})).await,
        400,
        "VALIDATION_ERROR",
    );
    bench.advance(130.0).await;
    let reply = api
        .post(
            &path,
            json!({"name": "before_upgrade", "description": "v1", "include_ram": true}),
        )
        .await;
    assert_eq!(reply.status, 200);
    let made = reply.json()["data"].clone();
    assert_keys(&made, &["vps_id", "snapshot"]);
    assert_keys(&made["snapshot"], &["name", "description", "created_at"]);
    assert_error(
        &api.post(&path, json!({"name": "before_upgrade"})).await,
        400,
        "VALIDATION_ERROR",
    );
    assert_error(
        &api.post(&path, json!({"name": "with-hyphen"})).await,
        400,
        "VALIDATION_ERROR",
    );
    assert_error(
        &api.post(&path, json!({"name": "ok", "include_ram": "yes"}))
            .await,
        400,
        "VALIDATION_ERROR",
    );
    assert_error(&api.post(&path, json!({})).await, 400, "MISSING_FIELDS");
    bench
        .control(
            Method::POST,
            &format!("clouds/cyberpanel/vps/{id}/snapshots"),
            json!({"name": "from-the-web"}),
        )
        .await;
    let list = api.data(&format!("/vps/{id}/snapshots")).await;
    assert_keys(&list, &["vps_id", "snapshots"]);
    assert_eq!(list["snapshots"][0]["name"], json!("from-the-web"));
    assert_eq!(
        list["snapshots"][1],
        json!({"name": "before_upgrade", "description": "v1", "created_at": made["snapshot"]["created_at"], "vmstate": true})
    );
    let objects = bench.control(Method::GET, "objects", Value::Null).await;
    assert_eq!(
        objects["cyberpanel"]["vps_snapshot"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    api.post(&format!("/vps/{id}/delete"), Value::Null).await;
    assert_eq!(
        bench.control(Method::GET, "objects", Value::Null).await,
        json!({}),
        "snapshots go with their machine"
    );
}

#[tokio::test]
async fn balance_and_ledger() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let id = api.create("paid.demo.test").await;
    bench.advance(2.5 * 3600.0).await;
    let billing = api.data("/billing").await;
    let lines = billing["recent_invoices"].as_array().expect("lines");
    assert_keys(&lines[0], &["id", "description", "amount", "type", "date"]);
    let amounts: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["amount"].as_str())
        .collect();
    assert_eq!(
        amounts,
        ["-0.0328", "-0.0164"],
        "two hours after the one that was paid with the order"
    );
    assert_eq!(billing["balance"], json!("4999.95"));
    let details = api.data(&format!("/vps/{id}")).await;
    assert_ne!(
        details["billing"]["last_billed"],
        details["billing"]["billing_start"]
    );
    api.post(&format!("/vps/{id}/delete"), Value::Null).await;
    bench.advance(24.0 * 3600.0).await;
    assert_eq!(
        api.data("/account").await["balance"],
        json!("4999.95"),
        "what is deleted costs nothing"
    );
}

#[tokio::test]
async fn webhooks() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    // The sandbox's own control endpoint serves as a user's server that answers 404; three tries.
    let url = format!("{}/_sandbox/hook", bench.sandbox.url());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a listener");
    let good = format!(
        "http://{}/done?x=1",
        listener.local_addr().expect("an address")
    );
    let mut body = with(order("fail-deploy.demo.test"), "webhook_url", json!(good));
    body["webhook_secret"] = json!("s3cret");
    let made = api.post("/vps/create", body).await.json();
    assert_eq!(made["data"]["webhook_configured"], json!(true));
    api.post(
        "/vps/create",
        with(order("ok.demo.test"), "webhook_url", json!(url)),
    )
    .await;
    api.post(
        "/vps/create",
        with(
            order("far.demo.test"),
            "webhook_url",
            json!("https://example.com/"),
        ),
    )
    .await;
    assert_error(
        &api.post(
            "/vps/create",
            with(order("a.b"), "webhook_url", json!("ftp://x")),
        )
        .await,
        400,
        "VALIDATION_ERROR",
    );
    bench.advance(130.0).await;

    let (mut stream, _) = listener.accept().await.expect("the webhook comes");
    let mut request = String::new();
    while !request.contains("}}") {
        let mut part = [0; 2048];
        let read = tokio::io::AsyncReadExt::read(&mut stream, &mut part)
            .await
            .expect("reads");
        request.push_str(std::str::from_utf8(&part[..read]).expect("text"));
    }
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 204 No Content\r\n\r\n")
        .await
        .expect("answers");
    assert!(
        request.starts_with("POST /done?x=1 HTTP/1.1\r\n"),
        "{request}"
    );
    let sent: Value =
        serde_json::from_str(&request[request.find("\r\n\r\n").expect("a body") + 4..])
            .expect("JSON");
    assert_keys(&sent, &["event", "timestamp", "data"]);
    assert_keys(
        &sent["data"],
        &[
            "vps_id",
            "name",
            "status",
            "ip_address",
            "deployment_time_seconds",
        ],
    );
    assert_eq!(
        (&sent["event"], &sent["data"]["status"]),
        (&json!("vps.deployment.failed"), &json!("failed"))
    );
    let signature = request
        .lines()
        .find_map(|line| line.strip_prefix("x-webhook-signature: sha256="))
        .expect("signed");
    assert!(
        signature.len() == 64
            && signature
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    );

    let mut list = Value::Null;
    for _ in 0..100 {
        list = bench.control(Method::GET, "webhooks", Value::Null).await["webhooks"].clone();
        if list.as_array().is_some_and(|list| list.len() == 3) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let of = |name: &str| {
        list.as_array()
            .expect("a list")
            .iter()
            .find(|item| {
                item["body"]
                    .as_str()
                    .is_some_and(|body| body.contains(name))
            })
            .expect("delivered")
            .clone()
    };
    assert_eq!(
        (&of("fail-deploy")["status"], &of("fail-deploy")["tries"]),
        (&json!(204), &json!(1))
    );
    assert_eq!(
        (&of("ok.demo")["status"], &of("ok.demo")["tries"]),
        (&json!(404), &json!(3))
    );
    assert!(
        of("far.demo")["error"]
            .as_str()
            .is_some_and(|error| error.contains("plain HTTP"))
    );
    assert!(!list.to_string().contains("s3cret"));
}

#[tokio::test]
async fn speed_makes_deployments_quick_but_not_limits() {
    let config = SandboxConfig {
        speed: 1000.0,
        ..SandboxConfig::default()
    };
    let bench = Bench::with(config).await;
    let api = Api::of(&bench);
    let id = api.create("quick.demo.test").await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let reply = api.get(&format!("/vps/{id}/deployment")).await;
    assert_eq!(reply.json()["data"]["is_ready"], json!(true));
    assert_eq!(reply.number("x-ratelimit-remaining"), Some(58));
}
