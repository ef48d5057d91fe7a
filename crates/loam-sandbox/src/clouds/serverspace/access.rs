//! The key, around every endpoint. There are no scopes, and no rate limit is published.

use axum::http::StatusCode;
use axum::response::Response;

use crate::api::Call;
use crate::credentials;
use crate::store::StoreError;

use super::CLOUD;
use super::answer::{Answer, Failure, INVALID, refuse, render, with_status};

/// An endpoint.
pub type Endpoint = fn(&Call<'_>) -> Answer;

/// Checks the key, then calls the endpoint.
pub fn guarded(call: &Call<'_>, endpoint: Endpoint) -> Result<Response, StoreError> {
    let known = match call.request.header("x-api-key") {
        Some(key) => credentials::find(call.db, CLOUD, call.now, key)?,
        None => None,
    };
    if known.is_none() {
        let failure = refuse(INVALID, "The API key is missing or not valid");
        return Ok(render(Err(with_status(failure, StatusCode::UNAUTHORIZED))));
    }
    match endpoint(call) {
        Err(Failure::Store(error)) => Err(error),
        answer => Ok(render(answer)),
    }
}
