//! Who may call: key, scope and rate, in this order, around every endpoint.

use std::time::Instant;

use axum::response::Response;

use crate::api::{Call, set_number_header};
use crate::limiter::{Quota, Standing, Verdict};
use crate::store::StoreError;

use super::CLOUD;
use super::envelope::{Answer, Failure, Refusal, refusal, render, respond};
use super::keys::{self, Key, Usage};

/// What a caller needs.
#[derive(Debug, Clone, Copy)]
pub enum Access {
    /// Any key that is valid.
    AnyKey,
    /// A key with one of these scopes, or with `all`.
    Scopes(&'static [&'static str]),
}

/// An endpoint that needs a key.
pub type Endpoint = fn(&Call<'_>, &Key) -> Answer;

/// Answers an endpoint that needs no key.
pub fn open(call: &Call<'_>, endpoint: fn(&Call<'_>) -> Answer) -> Result<Response, StoreError> {
    respond(endpoint(call))
}

/// Checks key, scope and rate, then calls the endpoint and writes the key's log.
pub fn with_key(
    call: &Call<'_>,
    access: Access,
    endpoint: Endpoint,
) -> Result<Response, StoreError> {
    let started = Instant::now();
    let key = match authenticate(call) {
        Ok(key) => key,
        Err(Failure::Refused(refused)) => return Ok(render(Err(refused))),
        Err(Failure::Store(error)) => return Err(error),
    };
    let response = match authorize(&key, access) {
        Err(refused) => render(Err(refused)),
        Ok(()) => limited(call, &key, endpoint)?,
    };
    let line = Usage {
        endpoint: format!("/api/v1{}", call.request.path),
        method: call.request.method.to_string(),
        ip_address: call.request.peer.to_string(),
        response_status: response.status().as_u16(),
        response_time_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        created_at: call.now,
    };
    keys::record(call.db, &key, &line)?;
    Ok(response)
}

fn authenticate(call: &Call<'_>) -> Result<Key, Failure> {
    if call.request.header("authorization").is_none() {
        return Err(refusal("NO_API_KEY", "Send the header Authorization: Bearer <key>").into());
    }
    let invalid = || refusal("INVALID_API_KEY", "The API key is not known");
    let secret = call.request.bearer().ok_or_else(invalid)?;
    let key = keys::find(call.db, secret)?.ok_or_else(invalid)?;
    if !key.is_active {
        return Err(refusal("INACTIVE_API_KEY", "The API key is switched off").into());
    }
    if key.expires_at.is_some_and(|end| end <= call.now) {
        return Err(refusal("EXPIRED_API_KEY", "The API key has expired").into());
    }
    let peer = call.request.peer.to_string();
    if !key.ip_whitelist.is_empty() && !key.ip_whitelist.contains(&peer) {
        return Err(refusal(
            "IP_NOT_ALLOWED",
            format!("The API key may not be used from {peer}"),
        )
        .into());
    }
    Ok(key)
}

fn authorize(key: &Key, access: Access) -> Result<(), Refusal> {
    let Access::Scopes(wanted) = access else {
        return Ok(());
    };
    let holds = |scope: &str| key.scopes.iter().any(|held| held == scope);
    if holds("all") || wanted.iter().any(|scope| holds(scope)) {
        return Ok(());
    }
    let wanted = wanted.first().copied().unwrap_or_default();
    Err(refusal(
        "INSUFFICIENT_SCOPE",
        format!("This endpoint needs the scope {wanted}"),
    ))
}

fn limited(call: &Call<'_>, key: &Key, endpoint: Endpoint) -> Result<Response, StoreError> {
    let quotas = [
        Quota::per_minute(key.rate_limit_per_minute),
        Quota::per_hour(key.rate_limit_per_hour),
    ];
    match call
        .world
        .limiter
        .check(&format!("{CLOUD}/{}", key.id), &quotas)
    {
        Verdict::Unlimited => respond(endpoint(call, key)),
        Verdict::Allowed(standings) => {
            let mut response = respond(endpoint(call, key))?;
            // The headers speak of the minute, as in the document's example.
            set_headers(&mut response, standings.first());
            Ok(response)
        }
        Verdict::Refused {
            quota,
            retry_after,
            standings,
        } => {
            let (limit, window) = match quota {
                0 => (key.rate_limit_per_minute, "minute"),
                _ => (key.rate_limit_per_hour, "hour"),
            };
            let message = format!(
                "Limit of {limit} requests per {window} exceeded; retry after {retry_after} seconds"
            );
            let mut response = render(Err(refusal("RATE_LIMIT_EXCEEDED", message)));
            set_headers(&mut response, standings.get(quota));
            set_number_header(&mut response, "retry-after", retry_after);
            Ok(response)
        }
    }
}

fn set_headers(response: &mut Response, standing: Option<&Standing>) {
    if let Some(standing) = standing {
        set_number_header(response, "x-ratelimit-limit", standing.limit);
        set_number_header(response, "x-ratelimit-remaining", standing.remaining);
        set_number_header(response, "x-ratelimit-reset", standing.reset);
    }
}
