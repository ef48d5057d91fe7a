//! One HTTP request from arrival to answer: faults, routing to a cloud or a control endpoint, the log.
//!
//! A dropped connection is an error of this stage, not a response: the server closes the socket then.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, Uri, header};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;
use tower_service::Service;

use crate::api::BODY_LIMIT;
use crate::clouds::Cloud;
use crate::control;
use crate::faults::{Effect, Fault, Kind, Target};
use crate::request_log::Observation;
use crate::world::{MountedCloud, World};

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped on purpose")]
pub struct Dropped;

/// Everything that answers requests.
#[derive(Clone)]
pub struct Front {
    world: Arc<World>,
    clouds: Vec<MountedCloud>,
    control: Router,
}

impl Front {
    /// Mounts the clouds and the control endpoints.
    pub fn new(world: Arc<World>, clouds: &[Arc<dyn Cloud>]) -> Front {
        let mounted: Vec<MountedCloud> = clouds
            .iter()
            .map(|cloud| MountedCloud {
                cloud: Arc::clone(cloud),
                router: cloud.router(&world),
            })
            .collect();
        let control = control::router(&world, clouds);
        Front {
            world,
            clouds: mounted,
            control,
        }
    }

    /// Answers one request.
    pub async fn answer(&self, request: Request<Body>) -> Result<Response, Dropped> {
        let path = request.uri().path().to_owned();
        if path == "/" || path == "/_sandbox" || path.starts_with("/_sandbox/") {
            return Ok(call(&self.control, request).await);
        }
        let started_at = Timestamp::now();
        let clock = Instant::now();
        let method = request.method().as_str().to_owned();
        let path_and_query = request
            .uri()
            .path_and_query()
            .map_or_else(|| path.clone(), ToString::to_string);

        let mounted = self.clouds.iter().find_map(|mounted| {
            let below = path.strip_prefix(mounted.cloud.prefix())?;
            (below.is_empty() || below.starts_with('/')).then_some((mounted, below))
        });
        let (outcome, fault) = match mounted {
            None => (Ok(not_a_cloud(&path)), None),
            Some((mounted, below)) => {
                let struck = self.world.faults.on_request(Target {
                    cloud: mounted.cloud.name(),
                    method: &method,
                    path: &path,
                    path_below_prefix: below,
                    path_and_query: &path_and_query,
                });
                match struck {
                    None => (Ok(self.forward(mounted, below, request).await), None),
                    Some((id, fault)) => {
                        (self.strike(mounted, below, request, &fault).await, Some(id))
                    }
                }
            }
        };
        self.world.log.record(Observation {
            cloud: mounted.map(|(mounted, _)| mounted.cloud.name()),
            method,
            path: path_and_query,
            status: outcome
                .as_ref()
                .ok()
                .map(|response| response.status().as_u16()),
            started_at,
            duration: clock.elapsed(),
            fault,
        });
        outcome
    }

    async fn forward(
        &self,
        mounted: &MountedCloud,
        below: &str,
        request: Request<Body>,
    ) -> Response {
        let (mut parts, body) = request.into_parts();
        set_path(&mut parts, below);
        call(&mounted.router, Request::from_parts(parts, body)).await
    }

    async fn strike(
        &self,
        mounted: &MountedCloud,
        below: &str,
        request: Request<Body>,
        fault: &Fault,
    ) -> Result<Response, Dropped> {
        if fault.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
        }
        let works = matches!(fault.kind, Kind::Delay | Kind::DeploymentFailure)
            || fault.effect == Effect::After;
        let real = if works {
            Some(self.forward(mounted, below, request).await)
        } else {
            // Read to the end all the same, so that the client sees the fault and not a broken upload.
            drop(axum::body::to_bytes(request.into_body(), BODY_LIMIT).await);
            None
        };
        match fault.kind {
            Kind::Drop => Err(Dropped),
            Kind::Delay | Kind::DeploymentFailure => real.ok_or(Dropped),
            Kind::Respond => Ok(substitute(mounted.cloud.as_ref(), fault)),
            Kind::Malformed => Ok(malformed(real, fault).await),
        }
    }
}

async fn call(router: &Router, request: Request<Body>) -> Response {
    let answered = router.clone().call(request).await;
    answered.unwrap_or_else(|never| match never {})
}

/// Rewrites the request's path to the part below the cloud's prefix.
fn set_path(parts: &mut Parts, below: &str) {
    let below = if below.is_empty() { "/" } else { below };
    let path = match parts.uri.query() {
        Some(query) => format!("{below}?{query}"),
        None => below.to_owned(),
    };
    if let Ok(uri) = path.parse::<Uri>() {
        parts.uri = uri;
    }
}

fn substitute(cloud: &dyn Cloud, fault: &Fault) -> Response {
    let status = fault.status.unwrap_or(500);
    let body = match &fault.body {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => cloud.error_body(status).to_string(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    for (name, value) in &fault.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// The first half of the real body, or of an invented one when the request was not to have its effect.
async fn malformed(real: Option<Response>, fault: &Fault) -> Response {
    let real = real
        .unwrap_or_else(|| Response::new(Body::from(r#"{"success": true, "data": {"id": 1}}"#)));
    let (mut parts, body) = real.into_parts();
    let whole = axum::body::to_bytes(body, BODY_LIMIT)
        .await
        .unwrap_or_default();
    let half: Bytes = whole.slice(..whole.len().div_ceil(2));
    if let Some(status) = fault
        .status
        .and_then(|status| StatusCode::from_u16(status).ok())
    {
        parts.status = status;
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    Response::from_parts(parts, Body::from(half))
}

fn not_a_cloud(path: &str) -> Response {
    crate::api::json(
        StatusCode::NOT_FOUND,
        &serde_json::json!({"error": "No emulated cloud is mounted here", "path": path}),
    )
}
