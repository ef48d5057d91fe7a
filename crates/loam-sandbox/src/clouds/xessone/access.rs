//! Key, rate, permission, in this order, around every endpoint.

use axum::http::Method;
use axum::response::Response;

use crate::api::{Call, set_number_header};
use crate::credentials;
use crate::limiter::{Quota, Standing, Verdict};
use crate::store::StoreError;

use super::envelope::{Answer, Failure, refuse, render};
use super::{ACCOUNT_PLANS, CLOUD, PLAN};

/// An endpoint.
pub type Endpoint = fn(&Call<'_>) -> Answer;

/// Checks the key, counts the request against the account's plan, then calls the endpoint.
pub fn guarded(call: &Call<'_>, endpoint: Endpoint) -> Result<Response, StoreError> {
    let known = match call.request.bearer() {
        Some(secret) => credentials::find(call.db, CLOUD, call.now, secret)?,
        None => None,
    };
    let Some(key) = known else {
        return Ok(render(Err(refuse(
            401,
            "The API key is missing or not valid",
        ))));
    };
    let plan: Option<String> = call.db.setting(CLOUD, PLAN)?;
    let limit = ACCOUNT_PLANS
        .iter()
        .find(|(name, _)| plan.as_deref() == Some(*name))
        .map_or(ACCOUNT_PLANS[0].1, |(_, limit)| *limit);
    match call.world.limiter.check(CLOUD, &[Quota::per_minute(limit)]) {
        Verdict::Refused {
            retry_after,
            standings,
            ..
        } => {
            let text = format!(
                "The plan allows {limit} requests a minute; retry after {retry_after} seconds"
            );
            let mut response = render(Err(refuse(429, text)));
            set_headers(&mut response, standings.first());
            set_number_header(&mut response, "retry-after", retry_after);
            Ok(response)
        }
        verdict => {
            let reads = call.request.method == Method::GET || call.request.method == Method::HEAD;
            let allowed = reads || key.grants.iter().any(|grant| grant == "full");
            let answer = if allowed {
                endpoint(call)
            } else {
                Err(refuse(403, "The API key may only read"))
            };
            if let Err(Failure::Store(error)) = answer {
                return Err(error);
            }
            let mut response = render(answer);
            if let Verdict::Allowed(standings) = verdict {
                set_headers(&mut response, standings.first());
            }
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
