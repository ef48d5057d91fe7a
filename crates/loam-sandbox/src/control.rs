//! The sandbox's own endpoints under `/_sandbox`, and its web page: watching and steering, no emulation.
//!
//! They are neither logged nor struck by faults nor limited.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::MethodFilter;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::api::{self, Call, fallback, route};
use crate::clouds::{ArrangeError, Cloud};
use crate::copies;
use crate::faults::{Effect, Fault};
use crate::store::StoreError;
use crate::world::World;

type Clouds = Arc<Vec<Arc<dyn Cloud>>>;
type Answer = Result<Response, StoreError>;

/// Routes of the control endpoints and the page.
pub fn router(world: &Arc<World>, clouds: &[Arc<dyn Cloud>]) -> Router {
    let clouds: Clouds = Arc::new(clouds.to_vec());
    let with = |answer: fn(&Call<'_>, &[Arc<dyn Cloud>]) -> Answer| {
        let clouds = Arc::clone(&clouds);
        move |call: &Call<'_>| answer(call, &clouds)
    };
    let get = MethodFilter::GET;
    let post = MethodFilter::POST;
    let delete = MethodFilter::DELETE;
    Router::new()
        .route("/", route(world, get, |_| Ok(page())))
        .route("/_sandbox/health", route(world, get, with(health)))
        .route(
            "/_sandbox/requests",
            route(world, get, with(requests)).merge(route(world, delete, with(forget_requests))),
        )
        .route("/_sandbox/objects", route(world, get, with(objects)))
        .route(
            "/_sandbox/faults",
            route(world, get, with(faults))
                .merge(route(world, post, with(arm_fault)))
                .merge(route(world, delete, with(clear_faults))),
        )
        .route(
            "/_sandbox/faults/{id}",
            route(world, delete, with(clear_faults)),
        )
        .route(
            "/_sandbox/clock",
            route(world, get, with(clock)).merge(route(world, post, with(advance_clock))),
        )
        .route("/_sandbox/webhooks", route(world, get, with(webhooks)))
        .route("/_sandbox/copies", route(world, post, with(copy)))
        .route("/_sandbox/keys", route(world, post, with(make_key)))
        .route(
            "/_sandbox/clouds/{cloud}/{*what}",
            route(world, post, with(arrange)),
        )
        .fallback_service(fallback(world, |_| Ok(unknown())))
}

fn ok(body: &Value) -> Response {
    api::json(StatusCode::OK, body)
}

fn refused(status: StatusCode, reason: &str) -> Response {
    api::json(status, &json!({"error": reason}))
}

fn bad_request(reason: &str) -> Response {
    refused(StatusCode::BAD_REQUEST, reason)
}

fn unknown() -> Response {
    refused(
        StatusCode::NOT_FOUND,
        "no such control endpoint; there are health, requests, objects, faults, clock, webhooks, copies, keys and clouds/<cloud>/<what>",
    )
}

fn page() -> Response {
    let mut response = Response::new(axum::body::Body::from(include_str!("page/index.html")));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    // What the page shows comes from clouds' users: nothing in it may load anything else.
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
             connect-src 'self'; img-src data:",
        ),
    );
    response
}

fn health(call: &Call<'_>, clouds: &[Arc<dyn Cloud>]) -> Answer {
    let mounted: Map<String, Value> = clouds
        .iter()
        .map(|cloud| (cloud.name().to_owned(), json!(cloud.prefix())))
        .collect();
    Ok(ok(&json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "virtual_time": call.now.to_string(),
        "speed": call.world.clock.speed(),
        "clouds": mounted,
    })))
}

/// `GET /_sandbox/requests?cloud=&method=&path=&status=&since=&limit=`: `path` is a part of the path, `since`
/// the number of the last entry already known, `limit` keeps the newest.
fn requests(call: &Call<'_>, _: &[Arc<dyn Cloud>]) -> Answer {
    let query = |name: &str| call.request.query(name);
    let since = query("since")
        .and_then(|text| text.parse::<u64>().ok())
        .unwrap_or(0);
    let (mut entries, dropped) = call.world.log.select(|entry| {
        entry.number > since
            && query("cloud").is_none_or(|cloud| entry.cloud == Some(cloud))
            && query("method").is_none_or(|method| entry.method.eq_ignore_ascii_case(method))
            && query("path").is_none_or(|part| entry.path.contains(part))
            && query("status")
                .is_none_or(|status| entry.status.is_some_and(|seen| seen.to_string() == status))
    });
    let total = entries.len();
    if let Some(limit) = query("limit").and_then(|text| text.parse::<usize>().ok()) {
        entries.drain(..total.saturating_sub(limit));
    }
    Ok(ok(
        &json!({"total": total, "dropped": dropped, "requests": serde_json::to_value(entries)?}),
    ))
}

fn forget_requests(call: &Call<'_>, _: &[Arc<dyn Cloud>]) -> Answer {
    call.world.log.clear();
    Ok(ok(&json!({"total": 0})))
}

fn objects(call: &Call<'_>, clouds: &[Arc<dyn Cloud>]) -> Answer {
    let mut all = Map::new();
    for cloud in clouds {
        if call
            .request
            .query("cloud")
            .is_some_and(|name| name != cloud.name())
        {
            continue;
        }
        let objects = cloud.objects(call.db, call.now)?;
        if !objects.is_empty() {
            all.insert(cloud.name().to_owned(), Value::Object(objects));
        }
    }
    Ok(ok(&Value::Object(all)))
}

fn faults(call: &Call<'_>, _: &[Arc<dyn Cloud>]) -> Answer {
    Ok(ok(&json!({"faults": call.world.faults.list()?})))
}

/// Accepts the fault's own words, and `drop_before` and `drop_after` as kinds.
fn arm_fault(call: &Call<'_>, _: &[Arc<dyn Cloud>]) -> Answer {
    let mut body = match call.request.json() {
        Ok(body) => body,
        Err(error) => return Ok(bad_request(&format!("the body is not JSON: {error}"))),
    };
    let mut effect = None;
    if let Some(kind) = body.get_mut("kind") {
        effect = match kind.as_str() {
            Some("drop_before") => Some(Effect::Before),
            Some("drop_after") => Some(Effect::After),
            _ => None,
        };
        if effect.is_some() {
            *kind = json!("drop");
        }
    }
    let mut fault: Fault = match serde_json::from_value(body) {
        Ok(fault) => fault,
        Err(error) => return Ok(bad_request(&format!("not a fault: {error}"))),
    };
    fault.effect = effect.unwrap_or(fault.effect);
    Ok(match call.world.faults.arm(fault) {
        Ok(id) => api::json(StatusCode::CREATED, &json!({"id": id})),
        Err(error) => bad_request(&error.to_string()),
    })
}

fn clear_faults(call: &Call<'_>, _: &[Arc<dyn Cloud>]) -> Answer {
    let id = match call.request.param("id") {
        "" => None,
        text => match text.parse() {
            Ok(id) => Some(id),
            Err(_) => return Ok(bad_request("the id of a fault is a number")),
        },
    };
    Ok(ok(&json!({"removed": call.world.faults.clear(id)})))
}

fn clock(call: &Call<'_>, _: &[Arc<dyn Cloud>]) -> Answer {
    Ok(ok(&clock_body(call.world)))
}

fn advance_clock(call: &Call<'_>, _: &[Arc<dyn Cloud>]) -> Answer {
    let seconds = call
        .request
        .json()
        .ok()
        .and_then(|body| body.get("advance_seconds").and_then(Value::as_f64));
    match seconds {
        Some(seconds) if seconds >= 0.0 => {
            call.world.clock.advance(seconds);
            Ok(ok(&clock_body(call.world)))
        }
        _ => Ok(bad_request(
            "`advance_seconds` must be a number that is not negative",
        )),
    }
}

fn clock_body(world: &World) -> Value {
    json!({
        "virtual_time": world.clock.now().to_string(),
        "real_time": Timestamp::now().to_string(),
        "speed": world.clock.speed(),
    })
}

fn webhooks(call: &Call<'_>, _: &[Arc<dyn Cloud>]) -> Answer {
    Ok(ok(
        &json!({"webhooks": serde_json::to_value(call.world.webhooks.list())?}),
    ))
}

/// `POST /_sandbox/copies`: makes many of what there is one of.
fn copy(call: &Call<'_>, _: &[Arc<dyn Cloud>]) -> Answer {
    let wish = match call.request.json().map(serde_json::from_value) {
        Ok(Ok(wish)) => wish,
        Ok(Err(error)) => return Ok(bad_request(&format!("not a wish for copies: {error}"))),
        Err(error) => return Ok(bad_request(&format!("the body is not JSON: {error}"))),
    };
    Ok(match copies::make(call.db, &wish)? {
        Some(made) => api::json(StatusCode::CREATED, &json!({"copies": made})),
        None => refused(
            StatusCode::NOT_FOUND,
            "there is no such object to be copied",
        ),
    })
}

/// `POST /_sandbox/keys` with `cloud` in the body: short for `POST /_sandbox/clouds/<cloud>/keys`.
fn make_key(call: &Call<'_>, clouds: &[Arc<dyn Cloud>]) -> Answer {
    let body = match call.request.json() {
        Ok(body) => body,
        Err(error) => return Ok(bad_request(&format!("the body is not JSON: {error}"))),
    };
    let Some(name) = body.get("cloud").and_then(Value::as_str).map(str::to_owned) else {
        return Ok(bad_request("`cloud` must name a cloud"));
    };
    arrange_in(call, clouds, &name, "keys", &body)
}

fn arrange(call: &Call<'_>, clouds: &[Arc<dyn Cloud>]) -> Answer {
    match call.request.json() {
        Ok(body) => arrange_in(
            call,
            clouds,
            call.request.param("cloud"),
            call.request.param("what"),
            &body,
        ),
        Err(error) => Ok(bad_request(&format!("the body is not JSON: {error}"))),
    }
}

fn arrange_in(
    call: &Call<'_>,
    clouds: &[Arc<dyn Cloud>],
    name: &str,
    what: &str,
    body: &Value,
) -> Answer {
    let Some(cloud) = clouds.iter().find(|cloud| cloud.name() == name) else {
        let known: Vec<&str> = clouds.iter().map(|cloud| cloud.name()).collect();
        return Ok(refused(
            StatusCode::NOT_FOUND,
            &format!("no cloud `{name}`; there are {}", known.join(", ")),
        ));
    };
    match cloud.arrange(call.db, call.now, what, body) {
        Ok(made) => Ok(ok(&made)),
        Err(ArrangeError::Refused(reason)) => Ok(bad_request(&reason)),
        Err(ArrangeError::Store(error)) => Err(error),
    }
}
