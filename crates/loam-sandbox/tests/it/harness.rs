//! A sandbox, a client for it, and a raw connection for what a client would hide.

use std::net::SocketAddr;

use axum::http::{HeaderMap, Method};
use loam_sandbox::{RateLimits, Sandbox, SandboxConfig};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One answer, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A header that holds a number.
    pub fn number(&self, header: &str) -> Option<u64> {
        self.headers.get(header)?.to_str().ok()?.parse().ok()
    }
}

/// A running sandbox and a client.
pub struct Bench {
    pub sandbox: Sandbox,
    client: reqwest::Client,
}

impl Bench {
    /// Without rate limits, so fast that a deployment takes a blink.
    pub async fn start() -> Bench {
        Bench::with(SandboxConfig {
            rate_limits: RateLimits::Off,
            ..SandboxConfig::default()
        })
        .await
    }

    /// As configured.
    pub async fn with(config: SandboxConfig) -> Bench {
        let sandbox = loam_sandbox::start(config)
            .await
            .expect("the sandbox starts");
        // reqwest wants a TLS provider even for plain HTTP when it is built without a default one.
        drop(rustls::crypto::ring::default_provider().install_default());
        Bench {
            sandbox,
            client: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
        }
    }

    /// A variable of the environment that the sandbox asks to set.
    pub fn variable(&self, name: &str) -> String {
        let all = self.sandbox.environment();
        all.into_iter()
            .find(|(key, _)| key == name)
            .unwrap_or_else(|| panic!("no {name}"))
            .1
    }

    /// Sends a request with headers and, unless it is null, a JSON body.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Reply {
        let text = if body.is_null() {
            None
        } else {
            Some(body.to_string())
        };
        self.send_text(method, url, headers, text)
            .await
            .expect("an answer")
    }

    /// Sends a request with any body; an error when there is no answer.
    pub async fn send_text(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Reply, reqwest::Error> {
        let mut request = self.client.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply {
            status,
            headers,
            text: response.text().await?,
        })
    }

    /// Calls a control endpoint, which must succeed.
    pub async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let reply = self
            .send(
                method,
                &format!("{}/_sandbox/{path}", self.sandbox.url()),
                &[],
                &body,
            )
            .await;
        assert!(
            reply.status < 300,
            "{path}: {} {}",
            reply.status,
            reply.text
        );
        reply.json()
    }

    /// Moves virtual time forward.
    pub async fn advance(&self, seconds: f64) {
        self.control(
            Method::POST,
            "clock",
            serde_json::json!({"advance_seconds": seconds}),
        )
        .await;
    }
}

/// Sends one request on a connection of its own and returns the raw bytes until the other side closes.
pub async fn raw(address: SocketAddr, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("writes");
    let mut answer = Vec::new();
    // A reset is as good an end as a close.
    drop(stream.read_to_end(&mut answer).await);
    answer
}

/// Asserts that an object has exactly these keys, in any order.
pub fn assert_keys(object: &Value, keys: &[&str]) {
    let map = object
        .as_object()
        .unwrap_or_else(|| panic!("not an object: {object}"));
    let mut seen: Vec<&str> = map.keys().map(String::as_str).collect();
    let mut wanted = keys.to_vec();
    seen.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(seen, wanted, "in {object}");
}
