//! Token, permission, rate, in this order, around every endpoint.

use axum::http::StatusCode;
use axum::response::Response;

use crate::api::{Call, set_number_header};
use crate::credentials::{self, Credential};
use crate::limiter::{Quota, Verdict};
use crate::store::StoreError;

use super::CLOUD;
use super::answer::{Answer, Failure, detail, render};

/// An endpoint.
pub type Endpoint = fn(&Call<'_>) -> Answer;

/// Requests a minute of a token without a limit of its own.
const PER_MINUTE: u64 = 60;

/// What a token can be allowed, `*` apart.
const PERMISSIONS: [(&str, &[&str]); 10] = [
    (
        "servers",
        &[
            "list", "create", "update", "delete", "power", "backup", "snapshot", "resize", "read",
        ],
    ),
    ("domains", &["list", "search", "update", "renew"]),
    ("dns", &["list", "create", "update", "delete"]),
    ("snapshots", &["list", "delete"]),
    ("backups", &["list"]),
    ("ssh-keys", &["list", "create", "delete"]),
    ("plans", &["list"]),
    ("locations", &["list"]),
    ("deployments", &["list", "create", "delete"]),
    ("billing", &["list"]),
];

/// The vendor's client writes `ssh_keys` where the account page writes `ssh-keys`.
fn canonical(permission: &str) -> String {
    permission.replace("ssh_keys:", "ssh-keys:")
}

/// Whether there is such a permission.
pub fn is_permission(text: &str) -> bool {
    let permission = canonical(text);
    let Some((resource, action)) = permission.split_once(':') else {
        return false;
    };
    permission == "*:*"
        || PERMISSIONS.iter().any(|(name, actions)| {
            *name == resource && (action == "*" || actions.contains(&action))
        })
}

fn allows(grants: &[String], wanted: &str) -> bool {
    let resource = wanted.split(':').next().unwrap_or_default();
    grants.iter().map(|grant| canonical(grant)).any(|grant| {
        grant == "*:*"
            || grant == wanted
            || grant
                .strip_suffix(":*")
                .is_some_and(|granted| granted == resource)
    })
}

/// Checks token, permissions (one of them is enough; none are needed when the list is empty) and rate, then
/// calls the endpoint.
pub fn guarded(
    call: &Call<'_>,
    permissions: &'static [&'static str],
    endpoint: Endpoint,
) -> Result<Response, StoreError> {
    let Some(token) = token(call)? else {
        return Ok(render(Err(detail(
            StatusCode::UNAUTHORIZED,
            "Invalid or expired token.",
        ))));
    };
    if !permissions.is_empty()
        && !permissions
            .iter()
            .any(|wanted| allows(&token.grants, wanted))
    {
        let text = "You do not have permission to perform this action.";
        return Ok(render(Err(detail(StatusCode::FORBIDDEN, text))));
    }
    let quota = Quota::per_minute(token.per_minute.unwrap_or(PER_MINUTE));
    if let Verdict::Refused { retry_after, .. } = call
        .world
        .limiter
        .check(&format!("{CLOUD}/{}", token.id), &[quota])
    {
        let text = format!("Request was throttled. Expected available in {retry_after} seconds.");
        let mut response = render(Err(detail(StatusCode::TOO_MANY_REQUESTS, text)));
        set_number_header(&mut response, "retry-after", retry_after);
        return Ok(response);
    }
    match endpoint(call) {
        Err(Failure::Store(error)) => Err(error),
        answer => Ok(render(answer)),
    }
}

/// The token of the request, if it is valid.
pub fn token(call: &Call<'_>) -> Result<Option<Credential>, StoreError> {
    match call.request.bearer() {
        Some(secret) => credentials::find(call.db, CLOUD, call.now, secret),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_by_name_by_resource_and_by_alias() {
        let grants = |list: &[&str]| {
            list.iter()
                .map(|grant| (*grant).to_owned())
                .collect::<Vec<_>>()
        };
        assert!(allows(&grants(&["servers:list"]), "servers:list"));
        assert!(!allows(&grants(&["servers:list"]), "servers:create"));
        assert!(allows(&grants(&["servers:*"]), "servers:create"));
        assert!(allows(&grants(&["ssh_keys:*"]), "ssh-keys:delete"));
        assert!(allows(&grants(&["*:*"]), "billing:list"));
        assert!(is_permission("backups:*") && is_permission("ssh_keys:list"));
        assert!(
            !is_permission("backups:delete")
                && !is_permission("servers")
                && !is_permission("domains:create")
        );
    }
}
