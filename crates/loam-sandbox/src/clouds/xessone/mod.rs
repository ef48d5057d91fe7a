//! XessOne API v1, mounted at `/xessone/v1`.
//!
//! Only the list of endpoints, one answer and the status codes are published; the shapes of most objects are
//! assumptions of the contract, collected here so that they can be changed in one place. Successes answer 200,
//! conflicts 400. Keys are `full` or `read`. The limit belongs to the account's plan (60, 300 or 1000 requests
//! a minute) and is shared by its keys. Zones are made outside the API: `demo.test` exists from the start.

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodFilter, MethodRouter};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::api::{fallback, route};
use crate::clouds::{ArrangeError, Cloud};
use crate::credentials::{self, NewCredential};
use crate::ids;
use crate::store::{Db, StoreError};
use crate::world::{Seeding, World};

mod access;
mod dns;
mod email;
mod envelope;
mod storage;
mod vps;

use access::{Endpoint, guarded};

const CLOUD: &str = "xessone";
const PLAN: &str = "plan";

/// Account plans and their requests a minute.
const ACCOUNT_PLANS: [(&str, u64); 3] =
    [("solo-edge", 60), ("continental", 300), ("planetary", 1000)];

/// XessOne.
#[derive(Debug)]
pub struct XessOne;

impl Cloud for XessOne {
    fn name(&self) -> &'static str {
        CLOUD
    }

    fn prefix(&self) -> &'static str {
        "/xessone/v1"
    }

    fn seed(&self, db: &Db<'_>, now: Timestamp, _: &Seeding) -> Result<(), StoreError> {
        credentials::seed(db, CLOUD, now, new_secret, &["full"])?;
        dns::seed(db, now)
    }

    fn environment(
        &self,
        db: &Db<'_>,
        endpoint: &str,
    ) -> Result<Vec<(String, String)>, StoreError> {
        Ok(vec![
            (
                "XESSONE_API_KEY".to_owned(),
                credentials::default_secret(db, CLOUD)?,
            ),
            ("XESSONE_ENDPOINT".to_owned(), endpoint.to_owned()),
        ])
    }

    fn router(&self, world: &Arc<World>) -> Router {
        routes(world)
    }

    fn objects(&self, db: &Db<'_>, now: Timestamp) -> Result<Map<String, Value>, StoreError> {
        let kinds = [
            ("vps", vps::all(db, now)?),
            ("email_account", email::all(db)?),
            ("bucket", storage::all(db)?),
            ("dns_record", dns::all(db)?),
        ];
        Ok(kinds
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(kind, list)| (kind.to_owned(), Value::Array(list)))
            .collect())
    }

    /// `keys` (`scopes`: `full` or `read`), `plan` (`name`), `zones` (`domain`), `buckets/<name>`
    /// (`object_count`, `size_bytes`).
    fn arrange(
        &self,
        db: &Db<'_>,
        now: Timestamp,
        what: &str,
        body: &Value,
    ) -> Result<Value, ArrangeError> {
        let refused = |reason: &str| ArrangeError::Refused(reason.to_owned());
        match what.split_once('/').unwrap_or((what, "")) {
            ("keys", "") => {
                let mut new: NewCredential = serde_json::from_value(body.clone())
                    .map_err(|error| refused(&error.to_string()))?;
                let grants = new.scopes.get_or_insert_with(|| vec!["full".to_owned()]);
                if grants
                    .iter()
                    .any(|grant| grant != "full" && grant != "read")
                {
                    return Err(refused("a key is `full` or `read`"));
                }
                let secret = new_secret();
                let made = credentials::make(db, CLOUD, now, &secret, new)?;
                Ok(json!({"id": made.id, "key": secret, "scopes": made.grants}))
            }
            ("plan", "") => {
                let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
                if !ACCOUNT_PLANS.iter().any(|(plan, _)| *plan == name) {
                    return Err(refused(
                        "`name` must be solo-edge, continental or planetary",
                    ));
                }
                db.set_setting(CLOUD, PLAN, &name)?;
                Ok(json!({"name": name}))
            }
            ("zones", "") => {
                let domain = body.get("domain").and_then(Value::as_str);
                dns::add_zone(
                    db,
                    now,
                    domain.ok_or_else(|| refused("`domain` is required"))?,
                )
                .map_err(ArrangeError::Store)
            }
            ("buckets", name) => {
                storage::arrange(db, name, body)?.ok_or_else(|| refused("no such bucket"))
            }
            _ => Err(ArrangeError::Refused(format!(
                "cannot arrange `{what}` in this cloud"
            ))),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        envelope::error_body(status, "This answer is a fault that was asked for")
    }
}

fn new_secret() -> String {
    format!("xo_live_{}", ids::hex_digits(32))
}

fn routes(world: &Arc<World>) -> Router {
    let on = |method: MethodFilter, endpoint: Endpoint| -> MethodRouter {
        route(world, method, move |call| guarded(call, endpoint))
    };
    let get = |endpoint| on(MethodFilter::GET, endpoint);
    let post = |endpoint| on(MethodFilter::POST, endpoint);
    let patch = |endpoint| on(MethodFilter::PATCH, endpoint);
    let delete = |endpoint| on(MethodFilter::DELETE, endpoint);
    Router::new()
        .route("/vps", get(vps::list).merge(post(vps::create)))
        .route(
            "/vps/{id}",
            get(vps::read)
                .merge(patch(vps::update))
                .merge(delete(vps::delete)),
        )
        .route("/vps/{id}/restart", post(vps::restart))
        .route("/email", get(email::list).merge(post(email::create)))
        .route("/email/activity", get(email::activity))
        .route("/email/{id}", delete(email::delete))
        .route("/email/{id}/password", patch(email::set_password))
        .route("/storage", get(storage::usage))
        .route(
            "/storage/buckets",
            get(storage::list).merge(post(storage::create)),
        )
        .route("/storage/buckets/{name}", delete(storage::delete))
        .route("/dns/zones", get(dns::zones))
        .route(
            "/dns/zones/{domain}/records",
            get(dns::list).merge(post(dns::create)),
        )
        .route("/dns/zones/{domain}/records/{id}", delete(dns::delete))
        .fallback_service(fallback(world, |_| {
            Ok(envelope::render(Err(envelope::no_route())))
        }))
        .method_not_allowed_fallback(|| async { envelope::render(Err(envelope::no_route())) })
}
