//! Power and resizing: accepted at once, done a moment later.

use axum::http::StatusCode;

use crate::api::Call;
use crate::fields::{FieldError, Fields};

use super::answer::{Answer, Failure, accepted, busy, detail, ok};
use super::catalog::find_plan;
use super::servers::{Server, find, plan_of, save};

/// Virtual seconds that a change of power, a restart, a resize and a restore take.
const POWER: f64 = 5.0;
const RESTART: f64 = 15.0;
const RESIZE: f64 = 30.0;

/// The server of the path, which must be free for an action.
pub fn find_idle(call: &Call<'_>, id: &str) -> Result<Server, Failure> {
    let server = find(call, id)?;
    if let Some(status) = server.busy(call.now) {
        return Err(busy(&status));
    }
    match server.status(call.now) {
        status @ ("suspended" | "error") => Err(detail(
            StatusCode::BAD_REQUEST,
            format!("The server's status is {status}."),
        )),
        _ => Ok(server),
    }
}

/// `POST /servers/{id}/power/`
pub fn power(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let action = body.required_text("action")?;
    let mut server = find_idle(call, call.request.param("id"))?;
    match action {
        "start" => server.begin(call.now, None, POWER, true),
        "stop" | "hard_stop" => server.begin(call.now, None, POWER, false),
        "restart" => server.begin(call.now, Some("restarting"), RESTART, true),
        _ => {
            return Err(
                FieldError::new("action", "must be start, stop, restart or hard_stop").into(),
            );
        }
    }
    save(call.db, &server)?;
    Ok(accepted(&format!(
        "The server will {}.",
        action.replace('_', " ")
    )))
}

/// `POST /servers/{id}/resize/`: to another plan whose disk is not smaller.
pub fn resize(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let plan = plan_of(&body)?;
    let mut server = find_idle(call, call.request.param("id"))?;
    if find_plan(&server.plan).is_some_and(|old| plan.disk_gb < old.disk_gb) {
        return Err(FieldError::new("plan", "has a smaller disk than the server").into());
    }
    let runs = server.status(call.now) == "active";
    server.begin(call.now, Some("resizing"), RESIZE, runs);
    server.plan = plan.uuid.to_owned();
    save(call.db, &server)?;
    Ok(ok(server.detail(call.now)))
}
