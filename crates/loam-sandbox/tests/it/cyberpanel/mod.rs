//! CyberPanel Cloud: every example and field of the contract, its error codes and the order of checks.

mod access;
mod lifecycle;
mod reads;
mod refusals;
mod snapshots;
mod webhooks;

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
