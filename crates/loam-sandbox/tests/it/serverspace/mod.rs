//! Serverspace: tasks, states, and every example of its contract.

mod backups;
mod dns;
mod kubernetes;
mod networks;
mod servers;
mod vmware;

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{Bench, Reply, assert_keys};

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl ci@host";

struct Api<'b> {
    bench: &'b Bench,
    endpoint: String,
    key: String,
}

impl<'b> Api<'b> {
    fn of(bench: &'b Bench) -> Api<'b> {
        let endpoint = format!("{}/api/v1", bench.variable("SERVERSPACE_HOST"));
        Api {
            bench,
            endpoint,
            key: bench.variable("SERVERSPACE_KEY"),
        }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Reply {
        let url = format!("{}/{path}", self.endpoint);
        self.bench
            .send(method, &url, &[("X-API-KEY", &self.key)], &body)
            .await
    }

    async fn expect(&self, method: Method, path: &str, body: Value, status: u16) -> Value {
        let reply = self.send(method, path, body).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text);
        reply.json()
    }

    async fn get(&self, path: &str) -> Value {
        self.expect(Method::GET, path, Value::Null, 200).await
    }

    /// A change that answers with a task, let to its end; the task as it is then.
    async fn done(&self, method: Method, path: &str, body: Value) -> Value {
        let status = if method == Method::POST
            && !path.contains("power")
            && !path.ends_with("rollback")
            && !path.ends_with("start")
        {
            201
        } else {
            200
        };
        let body = self.expect(method, path, body, status).await;
        assert_keys(&body, &["task_id"]);
        let task = body["task_id"].as_str().expect("a task").to_owned();
        self.bench.advance(120.0).await;
        let task = self.get(&format!("tasks/{task}")).await["task"].clone();
        assert_eq!(task["is_completed"], json!("Completed"), "{task}");
        task
    }

    /// A deletion, let to its end.
    async fn deleted(&self, path: &str) {
        let reply = self.send(Method::DELETE, path, Value::Null).await;
        assert_eq!(
            (
                reply.status,
                reply.text.as_str(),
                reply.headers.get("content-type")
            ),
            (200, "", None),
            "{path}"
        );
        self.bench.advance(60.0).await;
    }

    async fn refused(
        &self,
        method: Method,
        path: &str,
        body: Value,
        status: u16,
        code: i64,
    ) -> Value {
        let body = self.expect(method, path, body, status).await;
        assert_keys(&body, &["errors"]);
        let error = body["errors"][0].clone();
        assert_eq!(error["code"], json!(code), "{path}: {error}");
        assert!(error["message"].is_string());
        error
    }

    async fn objects(&self) -> Value {
        self.bench
            .control(Method::GET, "objects", Value::Null)
            .await
    }
}

fn order() -> Value {
    json!({"name": "web", "location_id": "am2", "image_id": "Ubuntu-22.04-X64", "cpu": 2, "ram_mb": 2048,
        "volumes": [{"name": "boot", "size_mb": 30720}], "networks": []})
}

fn id<'v>(task: &'v Value, key: &str) -> &'v str {
    task[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {task}"))
}
