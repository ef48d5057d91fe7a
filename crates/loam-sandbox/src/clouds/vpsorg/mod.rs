//! VPS.org API v1, mounted at `/vpsorg/api/v1`; every path ends in a slash.
//!
//! The vendor's pages and its published client disagree about field names: answers hold both sets with equal
//! values, and a path takes the uuid or the number of whatever has both. There is no envelope; errors are
//! `{"detail": …}` or a map from field to texts. The domain `demo.test` exists from the start: domains cannot be
//! made through the API.

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
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
mod account;
mod answer;
mod catalog;
mod copies;
mod dns;
mod domains;
mod dual;
mod power;
mod servers;
mod ssh_keys;

use access::{Endpoint, guarded};

const CLOUD: &str = "vpsorg";
const PREFIX: &str = "/vpsorg/api/v1";

/// VPS.org.
#[derive(Debug)]
pub struct VpsOrg;

impl Cloud for VpsOrg {
    fn name(&self) -> &'static str {
        CLOUD
    }

    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn seed(&self, db: &Db<'_>, now: Timestamp, _: &Seeding) -> Result<(), StoreError> {
        credentials::seed(db, CLOUD, now, new_secret, &["*:*"])?;
        domains::seed(db, now)
    }

    fn environment(
        &self,
        db: &Db<'_>,
        endpoint: &str,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let token = credentials::default_secret(db, CLOUD)?;
        // The second pair are the names that the vendor's own client reads.
        Ok([
            ("VPSORG_API_TOKEN", token.as_str()),
            ("VPSORG_ENDPOINT", endpoint),
            ("VPS_API_TOKEN", token.as_str()),
            ("VPS_API_URL", endpoint),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec())
    }

    fn router(&self, world: &Arc<World>) -> Router {
        routes(world)
    }

    fn objects(&self, db: &Db<'_>, now: Timestamp) -> Result<Map<String, Value>, StoreError> {
        let kinds = [
            ("server", servers::all(db, now)?),
            ("snapshot", copies::all(db, now, copies::SNAPSHOTS)?),
            ("backup", copies::all(db, now, copies::BACKUPS)?),
            ("ssh_key", ssh_keys::all(db)?),
            ("dns_zone", dns::all_zones(db)?),
            ("dns_record", dns::all_records(db)?),
        ];
        Ok(kinds
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(kind, list)| (kind.to_owned(), Value::Array(list)))
            .collect())
    }

    /// `keys` (`permissions`), `domains` (`domain_name`), `servers/<id>` (`suspended`), `servers/<id>/backups`
    /// (an automatic one), `dns` (`paged`: zones are listed in pages instead of as a bare array).
    fn arrange(
        &self,
        db: &Db<'_>,
        now: Timestamp,
        what: &str,
        body: &Value,
    ) -> Result<Value, ArrangeError> {
        let refused = |reason: String| ArrangeError::Refused(reason);
        match what.split_once('/').unwrap_or((what, "")) {
            ("keys", "") => {
                let mut new: NewCredential = serde_json::from_value(body.clone())
                    .map_err(|error| refused(error.to_string()))?;
                let grants = new.scopes.get_or_insert_with(|| vec!["*:*".to_owned()]);
                if let Some(wrong) = grants.iter().find(|grant| !access::is_permission(grant)) {
                    return Err(refused(format!("there is no permission `{wrong}`")));
                }
                let secret = new_secret();
                let made = credentials::make(db, CLOUD, now, &secret, new)?;
                Ok(json!({"id": made.id, "key": secret, "permissions": made.grants}))
            }
            ("domains", "") => match body.get("domain_name").and_then(Value::as_str) {
                Some(name) => domains::add(db, now, name).map_err(ArrangeError::Store),
                None => Err(refused("`domain_name` is required".to_owned())),
            },
            ("dns", "") => {
                let paged = body.get("paged").and_then(Value::as_bool).unwrap_or(true);
                db.set_setting(CLOUD, dns::PAGED, &paged)?;
                Ok(json!({"paged": paged}))
            }
            ("servers", path) if path.ends_with("/backups") => {
                let id = path.trim_end_matches("/backups");
                copies::arrange_backup(db, now, id)?
                    .ok_or_else(|| refused(format!("no server `{id}`")))
            }
            ("servers", id) => {
                let suspended = body
                    .get("suspended")
                    .and_then(Value::as_bool)
                    .unwrap_or(true);
                servers::suspend(db, now, id, suspended)?
                    .ok_or_else(|| refused(format!("no server `{id}`")))
            }
            _ => Err(refused(format!("cannot arrange `{what}` in this cloud"))),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        match status {
            400 => json!({"hostname": ["This answer is a fault that was asked for."]}),
            _ => json!({"detail": "This answer is a fault that was asked for."}),
        }
    }
}

fn new_secret() -> String {
    format!("vps_{}", ids::mixed(40))
}

fn routes(world: &Arc<World>) -> Router {
    let on = |method: MethodFilter,
              permissions: &'static [&'static str],
              endpoint: Endpoint|
     -> MethodRouter {
        route(world, method, move |call| {
            guarded(call, permissions, endpoint)
        })
    };
    let get = |permissions, endpoint| on(MethodFilter::GET, permissions, endpoint);
    let post = |permissions, endpoint| on(MethodFilter::POST, permissions, endpoint);
    let patch = |permissions, endpoint| on(MethodFilter::PATCH, permissions, endpoint);
    let delete = |permissions, endpoint| on(MethodFilter::DELETE, permissions, endpoint);
    Router::new()
        .route("/account/me/", get(&[], account::me))
        .route("/billing/", get(&["billing:list"], account::billing))
        .route(
            "/servers/",
            get(&["servers:list"], servers::list).merge(post(&["servers:create"], servers::create)),
        )
        .route(
            "/servers/{id}/",
            get(&["servers:list"], servers::read)
                .merge(patch(&["servers:update"], servers::update))
                .merge(delete(&["servers:delete"], servers::delete)),
        )
        .route(
            "/servers/{id}/power/",
            post(&["servers:power"], power::power),
        )
        .route(
            "/servers/{id}/resize/",
            post(&["servers:resize"], power::resize),
        )
        .route(
            "/servers/{id}/backup/",
            post(&["servers:backup"], copies::back_up_server),
        )
        .route(
            "/servers/{id}/snapshot/",
            post(&["servers:snapshot"], copies::snapshot_server),
        )
        .route(
            "/snapshots/",
            get(&["snapshots:list"], copies::list_snapshots).merge(post(
                &["servers:snapshot", "snapshots:*"],
                copies::create_snapshot,
            )),
        )
        .route(
            "/snapshots/{id}/",
            delete(&["snapshots:delete"], copies::delete_snapshot),
        )
        .route(
            "/snapshots/{id}/restore/",
            post(
                &["servers:snapshot", "snapshots:*"],
                copies::restore_snapshot,
            ),
        )
        .route(
            "/backups/",
            get(&["backups:list"], copies::list_backups).merge(post(
                &["servers:backup", "backups:*"],
                copies::create_backup,
            )),
        )
        // Deletion is named on the vendor's page but counted nowhere: the path is there, the method is not.
        .route(
            "/backups/{id}/",
            delete(&[], |call| Err(answer::not_allowed(&call.request.method))),
        )
        .route(
            "/backups/{id}/restore/",
            post(&["backups:*"], copies::restore_backup),
        )
        .route("/domains/", get(&["domains:list"], domains::list))
        .route(
            "/domains/search/",
            post(&["domains:search"], domains::search),
        )
        .route(
            "/domains/{id}/",
            get(&["domains:list"], domains::read)
                .merge(patch(&["domains:update"], domains::update)),
        )
        .route(
            "/domains/{id}/update_nameservers/",
            post(&["domains:update"], domains::set_nameservers),
        )
        .route(
            "/domains/{id}/renew/",
            post(&["domains:renew"], domains::renew),
        )
        .route(
            "/dns-zones/",
            get(&["dns:list"], dns::list).merge(post(&["dns:create"], dns::create_zone)),
        )
        .route(
            "/dns-zones/{id}/",
            get(&["dns:list"], dns::read).merge(delete(&["dns:delete"], dns::delete_zone)),
        )
        .route(
            "/dns-zones/{id}/records/",
            post(&["dns:create"], dns::create_record),
        )
        .route(
            "/dns-records/{id}/",
            patch(&["dns:update"], dns::update_record)
                .merge(delete(&["dns:delete"], dns::delete_record)),
        )
        .route(
            "/plans/",
            get(&["plans:list", "servers:read"], catalog::plans),
        )
        .route(
            "/plans/{id}/",
            get(&["plans:list", "servers:read"], catalog::plan),
        )
        .route(
            "/locations/",
            get(&["locations:list", "servers:read"], catalog::locations),
        )
        .route(
            "/operating-systems/",
            get(
                &[
                    "locations:list",
                    "plans:list",
                    "servers:list",
                    "servers:read",
                ],
                catalog::systems,
            ),
        )
        .route(
            "/ssh-keys/",
            get(&["ssh-keys:list"], ssh_keys::list)
                .merge(post(&["ssh-keys:create"], ssh_keys::create)),
        )
        .route(
            "/ssh-keys/{id}/",
            delete(&["ssh-keys:delete"], ssh_keys::delete),
        )
        .fallback_service(fallback(world, |call| {
            Ok(answer::no_route(&call.request.path))
        }))
        .method_not_allowed_fallback(|method: Method| async move {
            answer::render(Err(answer::not_allowed(&method)))
        })
}
