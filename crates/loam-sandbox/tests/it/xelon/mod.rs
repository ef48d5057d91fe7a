//! Xelon HQ: the six shapes of answers, the states over time, the rules, and every example of its contract.

mod compute;
mod kubernetes;
mod network;
mod others;

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{Bench, Reply, assert_keys};

/// The first cloud, the token's tenant, and a stock template for Linux.
const CLOUD: &str = "e96db9d92ec7";
const TENANT: &str = "c4c59cf3a0fe";
const TEMPLATE: &str = "22a6711de3a8";
const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@host";

struct Api<'b> {
    bench: &'b Bench,
    base: String,
    token: String,
}

impl<'b> Api<'b> {
    fn of(bench: &'b Bench) -> Api<'b> {
        Api {
            bench,
            base: bench.variable("XELON_BASE_URL"),
            token: bench.variable("XELON_TOKEN"),
        }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Reply {
        let authorization = format!("Bearer {}", self.token);
        let headers = [
            ("authorization", authorization.as_str()),
            ("x-user-id", "sandbox-client"),
        ];
        self.bench
            .send(method, &format!("{}{path}", self.base), &headers, &body)
            .await
    }

    async fn expect(&self, method: Method, path: &str, body: Value, status: u16) -> Value {
        let reply = self.send(method, path, body).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text);
        reply.json()
    }

    async fn ok(&self, method: Method, path: &str, body: Value) -> Value {
        self.expect(method, path, body, 200).await
    }

    /// A bare object or list.
    async fn get(&self, path: &str) -> Value {
        self.ok(Method::GET, path, Value::Null).await
    }

    /// A page: its entries.
    async fn page(&self, path: &str) -> Vec<Value> {
        let body = self.get(path).await;
        assert_keys(&body, &["data", "meta"]);
        assert_keys(
            &body["meta"],
            &["total", "lastPage", "perPage", "currentPage", "from", "to"],
        );
        body["data"].as_array().expect("a list").clone()
    }

    /// `data` with a message: the object.
    async fn written(&self, method: Method, path: &str, body: Value) -> Value {
        let body = self.ok(method, path, body).await;
        assert_keys(&body, &["data", "message"]);
        body["data"].clone()
    }

    /// A message alone.
    async fn message(&self, method: Method, path: &str, body: Value) -> String {
        let body = self.ok(method, path, body).await;
        assert_keys(&body, &["message"]);
        text(&body, "message").to_owned()
    }

    /// 422 that names a field.
    async fn invalid(&self, method: Method, path: &str, body: Value, field: &str) {
        let body = self.expect(method, path, body, 422).await;
        assert_keys(&body, &["message", "errors"]);
        assert!(body["errors"][field][0].is_string(), "{path}: {body}");
    }

    async fn delete(&self, path: &str) {
        self.message(Method::DELETE, path, Value::Null).await;
    }

    /// A LAN; its id.
    async fn lan(&self, name: &str) -> String {
        let made = self.written(Method::POST, "networks/lan", lan(name)).await;
        assert_keys(&made, &["identifier", "name"]);
        text(&made, "identifier").to_owned()
    }

    /// A device that is ready; its id.
    async fn device(&self, body: Value) -> String {
        let made = self.written(Method::POST, "devices", body).await;
        self.bench.advance(45.0).await;
        text(&made, "identifier").to_owned()
    }

    async fn objects(&self) -> Value {
        self.bench
            .control(Method::GET, "objects", Value::Null)
            .await
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {value}"))
}

/// The contract's example of a LAN.
fn lan(name: &str) -> Value {
    json!({"cloudIdentifier": CLOUD, "name": name, "network": "10.0.0.0", "networkSize": 24, "gateway": "10.0.0.1",
        "dns1": "8.8.8.8", "dns2": "8.8.4.4", "networkSpeedValue": 1000})
}

/// The contract's example of a device.
fn device(name: &str, networks: Value) -> Value {
    json!({"templateId": TEMPLATE, "tenantIdentifier": TENANT, "displayName": name, "hostName": name, "cpu": 2, "ram": 4,
        "diskSize": 20, "swapDiskSize": 1, "password": "S3cret!x", "passwordConfirmation": "S3cret!x",
        "isMonitoring": false, "networks": networks})
}
