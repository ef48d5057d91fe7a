//! One request to an emulated cloud, and answers to it: the plumbing between axum and a cloud's endpoints.
//!
//! An endpoint is a plain function from a `Call` to a response, run inside one database transaction at one
//! virtual moment. Envelopes, errors and authentication belong to each cloud.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Query, RawPathParams, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use jiff::Timestamp;
use serde_json::Value;

use crate::store::{Db, StoreError};
use crate::world::World;

/// Largest request body that is read, in bytes.
pub const BODY_LIMIT: usize = 24 * 1024 * 1024;

/// The address of the client, attached to each request by the server.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// A request as an endpoint sees it.
#[derive(Debug)]
pub struct ApiRequest {
    /// HTTP method.
    pub method: Method,
    /// Path below the cloud's prefix, without the query.
    pub path: String,
    /// Values of the route's placeholders, decoded.
    pub params: Vec<(String, String)>,
    /// Query parameters in order.
    pub query: Vec<(String, String)>,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, not interpreted.
    pub body: Bytes,
    /// The client's address.
    pub peer: IpAddr,
}

impl ApiRequest {
    /// The value of a placeholder of the route; empty when the route has none of this name.
    pub fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// The last value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The token of `Authorization: Bearer <token>`.
    pub fn bearer(&self) -> Option<&str> {
        let value = self.header("authorization")?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// The body as JSON; an empty body is null.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body)
    }
}

/// A request in the world that answers it.
#[derive(Debug)]
pub struct Call<'a> {
    /// What all clouds share.
    pub world: &'a World,
    /// The transaction of this request.
    pub db: &'a Db<'a>,
    /// The virtual moment of this request.
    pub now: Timestamp,
    /// The request.
    pub request: &'a ApiRequest,
}

/// Makes an endpoint into a route for one HTTP method.
pub fn route<F>(world: &Arc<World>, method: MethodFilter, answer: F) -> MethodRouter
where
    F: Fn(&Call<'_>) -> Result<Response, StoreError> + Clone + Send + Sync + 'static,
{
    let world = Arc::clone(world);
    on(method, move |params: RawPathParams, request: Request| {
        let params = params
            .iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        respond(world, answer, params, request)
    })
}

/// Answers requests that no route matches.
pub fn fallback<F>(world: &Arc<World>, answer: F) -> MethodRouter
where
    F: Fn(&Call<'_>) -> Result<Response, StoreError> + Clone + Send + Sync + 'static,
{
    let world = Arc::clone(world);
    axum::routing::any(move |request: Request| respond(world, answer, Vec::new(), request))
}

async fn respond<F>(
    world: Arc<World>,
    answer: F,
    params: Vec<(String, String)>,
    request: Request,
) -> Response
where
    F: Fn(&Call<'_>) -> Result<Response, StoreError>,
{
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return json(
            StatusCode::PAYLOAD_TOO_LARGE,
            &serde_json::json!({"error": "The request body is too large"}),
        );
    };
    let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
        .map(|query| query.0)
        .unwrap_or_default();
    let request = ApiRequest {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        params,
        query,
        headers: parts.headers,
        body,
        peer: parts
            .extensions
            .get::<Peer>()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0),
    };
    world
        .run(|db, now| {
            answer(&Call {
                world: &world,
                db,
                now,
                request: &request,
            })
        })
        .unwrap_or_else(|error| broken(&error))
}

/// A response with a JSON body.
pub fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// A response without a body and without a content type.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Sets a header that holds a number.
pub fn set_number_header(response: &mut Response, name: &'static str, number: u64) {
    response.headers_mut().insert(
        header::HeaderName::from_static(name),
        HeaderValue::from(number),
    );
}

/// The sandbox itself failed; not part of any contract.
pub fn broken(error: &StoreError) -> Response {
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    json(
        StatusCode::INTERNAL_SERVER_ERROR,
        &serde_json::json!({"error": "The sandbox failed", "message": reason}),
    )
}
