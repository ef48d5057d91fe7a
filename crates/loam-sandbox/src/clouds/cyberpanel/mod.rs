//! CyberPanel Cloud Platform, VPS API v1, mounted at `/cyberpanel/api/v1`.
//!
//! Written from the vendor's published API document. Where that is silent, this emulation decides, in the
//! harder way for a client: hostnames may repeat, a deployment may begin as `pending`, a suspended machine
//! cannot be deleted. Successes answer 200. Deleting needs `vps:write` (or `vps:delete`, or `all`).
//!
//! Start at `routes`; `access` decides who may call, `create` shows the order of checks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::routing::{MethodFilter, MethodRouter};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::api::{fallback, route};
use crate::clouds::{ArrangeError, Cloud};
use crate::store::{Db, StoreError};
use crate::world::{Seeding, World};

mod access;
mod account;
mod arrange;
mod billing;
mod catalog;
mod create;
mod deployment;
mod envelope;
mod instance;
mod keys;
mod notify;
mod power;
mod reads;
mod snapshots;

use access::{Access, Endpoint, open, with_key};

/// The cloud's name in the database and in control endpoints.
const CLOUD: &str = "cyberpanel";

/// CyberPanel Cloud.
#[derive(Debug)]
pub struct CyberPanel {
    /// Whether a machine with a webhook may be waiting for its deployment to end.
    webhooks_pending: Arc<AtomicBool>,
}

impl CyberPanel {
    /// The cloud; its data is in the sandbox's database.
    pub fn new() -> CyberPanel {
        // After a restart there may be some in the database: the first look tells.
        CyberPanel {
            webhooks_pending: Arc::new(AtomicBool::new(true)),
        }
    }
}

impl Cloud for CyberPanel {
    fn name(&self) -> &'static str {
        CLOUD
    }

    fn prefix(&self) -> &'static str {
        "/cyberpanel/api/v1"
    }

    fn seed(&self, db: &Db<'_>, now: Timestamp, seeding: &Seeding) -> Result<(), StoreError> {
        billing::seed(db, now, seeding)?;
        keys::seed(db, now)
    }

    fn environment(
        &self,
        db: &Db<'_>,
        endpoint: &str,
    ) -> Result<Vec<(String, String)>, StoreError> {
        Ok(vec![
            ("CYBERPANEL_API_KEY".to_owned(), keys::default_key(db)?),
            ("CYBERPANEL_ENDPOINT".to_owned(), endpoint.to_owned()),
        ])
    }

    fn router(&self, world: &Arc<World>) -> Router {
        routes(world, &self.webhooks_pending)
    }

    fn objects(&self, db: &Db<'_>, now: Timestamp) -> Result<Map<String, Value>, StoreError> {
        arrange::objects(db, now)
    }

    fn arrange(
        &self,
        db: &Db<'_>,
        now: Timestamp,
        what: &str,
        body: &Value,
    ) -> Result<Value, ArrangeError> {
        arrange::arrange(db, now, what, body)
    }

    fn error_body(&self, status: u16) -> Value {
        envelope::typical_error(status)
    }

    fn tick(&self, world: &World) -> Result<(), StoreError> {
        if self.webhooks_pending.swap(false, Ordering::AcqRel) {
            let pending = notify::deliver_due(world)?;
            self.webhooks_pending.fetch_or(pending, Ordering::AcqRel);
        }
        Ok(())
    }
}

fn routes(world: &Arc<World>, webhooks_pending: &Arc<AtomicBool>) -> Router {
    let keyed = |method: MethodFilter, access: Access, endpoint: Endpoint| -> MethodRouter {
        route(world, method, move |call| with_key(call, access, endpoint))
    };
    let get = |scope, endpoint| keyed(MethodFilter::GET, Access::Scopes(scope), endpoint);
    let post = |scope, endpoint| keyed(MethodFilter::POST, Access::Scopes(scope), endpoint);
    let pending = Arc::clone(webhooks_pending);
    let create = route(world, MethodFilter::POST, move |call| {
        let answer = with_key(call, Access::Scopes(&["vps:write"]), create::create);
        pending.store(true, Ordering::Release);
        answer
    });
    let unknown = fallback(world, |_| Ok(envelope::render(Err(envelope::not_found()))));

    // Paths and scopes as in the document; words such as `summary` take precedence over `{id}`.
    Router::new()
        .route(
            "/health",
            route(world, MethodFilter::GET, |call| open(call, account::health)),
        )
        .route(
            "/scopes",
            route(world, MethodFilter::GET, |call| open(call, account::scopes)),
        )
        .route(
            "/test",
            keyed(MethodFilter::GET, Access::AnyKey, account::test),
        )
        .route("/account", get(&["account:read"], account::account))
        .route("/billing", get(&["billing:read"], billing::billing))
        .route(
            "/account/api-keys",
            get(&["account:read"], account::api_keys),
        )
        .route(
            "/account/api-keys/{key_id}/usage",
            get(&["account:read"], account::usage),
        )
        .route("/vps", get(&["vps:read"], reads::list))
        .route("/vps/summary", get(&["vps:read"], reads::summary))
        .route("/vps/plans", get(&["vps:read"], catalog::plans))
        .route("/vps/locations", get(&["vps:read"], catalog::locations))
        .route("/vps/templates", get(&["vps:read"], catalog::templates))
        .route("/vps/create", create)
        .route("/vps/{id}", get(&["vps:read"], reads::details))
        .route("/vps/{id}/status", get(&["vps:read"], reads::status))
        .route(
            "/vps/{id}/deployment",
            get(&["vps:read"], deployment::deployment),
        )
        .route("/vps/{id}/start", post(&["vps:write"], power::start))
        .route("/vps/{id}/stop", post(&["vps:write"], power::stop))
        .route("/vps/{id}/restart", post(&["vps:write"], power::restart))
        // The scope table and the endpoint's own section disagree: either scope will do.
        .route(
            "/vps/{id}/delete",
            post(&["vps:write", "vps:delete"], power::delete),
        )
        .route("/vps/{id}/console", get(&["vps:read"], power::console))
        .route("/vps/{id}/snapshots", get(&["vps:read"], snapshots::list))
        .route(
            "/vps/{id}/snapshots/create",
            post(&["vps:write"], snapshots::create),
        )
        .fallback_service(unknown)
        .method_not_allowed_fallback(|| async { envelope::render(Err(envelope::not_found())) })
}
