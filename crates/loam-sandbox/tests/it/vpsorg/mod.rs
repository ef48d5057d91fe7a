//! VPS.org: the profile of its contract, both field sets, every endpoint and example.

mod names;
mod others;
mod servers;

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
