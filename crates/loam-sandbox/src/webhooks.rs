//! Delivery of messages to the users' own servers: one POST, 10 s timeout, up to three tries.
//!
//! Only plain HTTP to a loopback address is delivered: an emulation must not call out to the network. What
//! was sent, and what was not and why, is listed by `GET /_sandbox/webhooks`.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, Request, Uri, header};
use hyper_util::rt::TokioIo;
use serde::Serialize;

const TIMEOUT: Duration = Duration::from_secs(10);
const TRIES: usize = 3;
/// Deliveries remembered.
const CAPACITY: usize = 10_000;

/// A message to deliver.
#[derive(Debug, Clone)]
pub struct Message {
    /// The cloud that sends it.
    pub cloud: &'static str,
    /// The user's URL.
    pub url: String,
    /// JSON text.
    pub body: String,
    /// Further headers, such as a signature.
    pub headers: Vec<(&'static str, String)>,
}

/// What became of a message.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// The cloud that sent it.
    pub cloud: &'static str,
    /// The user's URL.
    pub url: String,
    /// JSON text.
    pub body: String,
    /// Tries made.
    pub tries: usize,
    /// Status of the last answer.
    pub status: Option<u16>,
    /// Why it was not delivered.
    pub error: Option<String>,
}

/// All deliveries so far.
#[derive(Debug, Default, Clone)]
pub struct Webhooks {
    deliveries: Arc<Mutex<Vec<Delivery>>>,
}

impl Webhooks {
    /// Delivers a message in the background.
    pub fn send(&self, message: Message) {
        let webhooks = self.clone();
        tokio::spawn(async move {
            let delivery = deliver(message).await;
            let mut deliveries = webhooks
                .deliveries
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if deliveries.len() < CAPACITY {
                deliveries.push(delivery);
            }
        });
    }

    /// Finished deliveries, oldest first.
    pub fn list(&self) -> Vec<Delivery> {
        self.deliveries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn deliver(message: Message) -> Delivery {
    let mut delivery = Delivery {
        cloud: message.cloud,
        url: message.url.clone(),
        body: message.body.clone(),
        tries: 0,
        status: None,
        error: None,
    };
    for _ in 0..TRIES {
        delivery.tries += 1;
        match tokio::time::timeout(TIMEOUT, post(&message)).await {
            Ok(Ok(status)) => {
                delivery.status = Some(status);
                delivery.error = None;
                if (200..300).contains(&status) {
                    break;
                }
                delivery.error = Some(format!("answered {status}"));
            }
            Ok(Err(Undelivered::Never(reason))) => {
                delivery.error = Some(reason.to_owned());
                break;
            }
            Ok(Err(Undelivered::Failed(reason))) => delivery.error = Some(reason),
            Err(_) => delivery.error = Some("no answer within 10 s".to_owned()),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    delivery
}

enum Undelivered {
    Never(&'static str),
    Failed(String),
}

impl<E: std::error::Error> From<E> for Undelivered {
    fn from(error: E) -> Undelivered {
        Undelivered::Failed(error.to_string())
    }
}

async fn post(message: &Message) -> Result<u16, Undelivered> {
    let uri: Uri = message.url.parse()?;
    if uri.scheme_str() != Some("http") {
        return Err(Undelivered::Never(
            "only plain HTTP is delivered by the sandbox",
        ));
    }
    let host = uri
        .host()
        .unwrap_or_default()
        .trim_start_matches('[')
        .trim_end_matches(']');
    let address = match host.parse::<IpAddr>() {
        Ok(address) if address.is_loopback() => address,
        Err(_) if host == "localhost" => IpAddr::from([127, 0, 0, 1]),
        _ => {
            return Err(Undelivered::Never(
                "only loopback addresses are called by the sandbox",
            ));
        }
    };
    let stream =
        tokio::net::TcpStream::connect(SocketAddr::new(address, uri.port_u16().unwrap_or(80)))
            .await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::post(path).body(Body::from(Bytes::from(message.body.clone())))?;
    let headers = request.headers_mut();
    if let Some(authority) = uri.authority() {
        headers.insert(header::HOST, HeaderValue::from_str(authority.as_str())?);
    }
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    for (name, value) in &message.headers {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value)?);
    }
    let status = sender.send_request(request).await?.status().as_u16();
    driver.abort();
    Ok(status)
}
