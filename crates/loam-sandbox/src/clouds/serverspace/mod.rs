//! Serverspace public API v1, mounted at `/serverspace/api/v1`; a client's host is the part before `/api/v1`.
//!
//! Most changes answer with a task and take effect while the object is `Busy`, a little longer than the task
//! runs; a second change meanwhile is refused. There is no paging and no published rate limit. Nulls are left
//! out of answers, and a body is `application/json` only when there is one. The VMware section is a product of
//! its own (`vmware`); of the Kubernetes section only what is published is emulated.

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
mod affinity;
mod answer;
mod applications;
mod backups;
mod catalog;
mod changes;
mod domains;
mod gateway_rules;
mod gateways;
mod input;
mod kubernetes;
mod life;
mod networks;
mod nics;
mod order;
mod records;
mod servers;
mod snapshots;
mod ssh_keys;
mod tasks;
mod vmware;
mod volumes;

use access::{Endpoint, guarded};

const CLOUD: &str = "serverspace";

/// Serverspace.
#[derive(Debug)]
pub struct Serverspace;

impl Cloud for Serverspace {
    fn name(&self) -> &'static str {
        CLOUD
    }

    fn prefix(&self) -> &'static str {
        "/serverspace/api/v1"
    }

    fn seed(&self, db: &Db<'_>, now: Timestamp, seeding: &Seeding) -> Result<(), StoreError> {
        credentials::seed(db, CLOUD, now, new_secret, &[])?;
        catalog::seed(db, now, seeding)
    }

    fn environment(
        &self,
        db: &Db<'_>,
        endpoint: &str,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let host = endpoint.strip_suffix("/api/v1").unwrap_or(endpoint);
        Ok(vec![
            (
                "SERVERSPACE_KEY".to_owned(),
                credentials::default_secret(db, CLOUD)?,
            ),
            ("SERVERSPACE_HOST".to_owned(), host.to_owned()),
        ])
    }

    fn router(&self, world: &Arc<World>) -> Router {
        routes(world)
    }

    fn objects(&self, db: &Db<'_>, now: Timestamp) -> Result<Map<String, Value>, StoreError> {
        let kinds = [
            ("server", servers::all(db, now)?),
            ("snapshot", snapshots::all(db, now)?),
            ("isolated_network", networks::all(db, now)?),
            ("gateway", gateways::all(db, now)?),
            ("affinity_group", affinity::all(db, now)?),
            ("ssh_key", ssh_keys::all(db)?),
            ("domain", domains::all(db, now)?),
            ("record", records::all_made_by_hand(db, now)?),
            ("vmware_server", vmware::servers::all(db, now)?),
            ("vmware_network", vmware::networks::all(db, now)?),
            ("kubernetes_cluster", kubernetes::all(db, now)?),
        ];
        Ok(kinds
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(kind, list)| (kind.to_owned(), Value::Array(list)))
            .collect())
    }

    /// `keys` only.
    fn arrange(
        &self,
        db: &Db<'_>,
        now: Timestamp,
        what: &str,
        body: &Value,
    ) -> Result<Value, ArrangeError> {
        if what != "keys" {
            return Err(ArrangeError::Refused(format!(
                "cannot arrange `{what}` in this cloud"
            )));
        }
        let new: NewCredential = serde_json::from_value(body.clone())
            .map_err(|error| ArrangeError::Refused(error.to_string()))?;
        let secret = new_secret();
        let made = credentials::make(db, CLOUD, now, &secret, new)?;
        Ok(json!({"id": made.id, "key": secret}))
    }

    fn error_body(&self, _: u16) -> Value {
        json!({"errors": [{"code": -1, "message": "This answer is a fault that was asked for"}]})
    }
}

/// 64 letters and digits; `08` is the vendor's prefix for its US edition.
fn new_secret() -> String {
    format!("08{}", ids::mixed(62))
}

fn routes(world: &Arc<World>) -> Router {
    let on = |method: MethodFilter, endpoint: Endpoint| -> MethodRouter {
        route(world, method, move |call| guarded(call, endpoint))
    };
    let get = |endpoint| on(MethodFilter::GET, endpoint);
    let post = |endpoint| on(MethodFilter::POST, endpoint);
    let put = |endpoint| on(MethodFilter::PUT, endpoint);
    let patch = |endpoint| on(MethodFilter::PATCH, endpoint);
    let delete = |endpoint| on(MethodFilter::DELETE, endpoint);
    let router = Router::new();
    // Collections are known with and without a slash at the end.
    let both = |router: Router, path: &str, methods: &dyn Fn() -> MethodRouter| {
        router
            .route(path, methods())
            .route(&format!("{path}/"), methods())
    };
    let router = both(router, "/project", &|| get(catalog::project));
    let router = both(router, "/locations", &|| get(catalog::locations));
    let router = both(router, "/images", &|| get(catalog::images));
    let router = both(router, "/applications", &|| get(catalog::applications));
    let router = both(router, "/ssh-keys", &|| {
        get(ssh_keys::list).merge(post(ssh_keys::create))
    });
    let router = both(router, "/servers", &|| {
        get(servers::list).merge(post(order::create))
    });
    let router = both(router, "/networks/isolated", &|| {
        get(networks::list).merge(post(networks::create))
    });
    let router = both(router, "/affinity-groups", &|| {
        get(affinity::list).merge(post(affinity::create))
    });
    let router = both(router, "/gateways", &|| {
        get(gateways::list).merge(post(gateways::create))
    });
    let router = both(router, "/domains", &|| {
        get(domains::list).merge(post(domains::create))
    });
    let router = both(router, "/domains/{domain}/records", &|| {
        get(records::list).merge(post(records::create))
    });
    let router = both(router, "/k8s_clusters", &|| {
        get(kubernetes::list).merge(post(kubernetes::create))
    });
    vmware::routes(router, &on)
        .route("/tasks/{id}", get(tasks::read))
        .route("/k8s_versions", get(kubernetes::versions))
        .route(
            "/k8s_clusters/{id}",
            get(kubernetes::read)
                .merge(put(kubernetes::update))
                .merge(delete(kubernetes::delete)),
        )
        .route(
            "/k8s_clusters/{id}/k8s_versions",
            get(kubernetes::newer_versions),
        )
        .route(
            "/k8s_clusters/{id}/node_groups",
            get(kubernetes::groups).merge(post(kubernetes::add_group)),
        )
        .route(
            "/k8s_clusters/{id}/node_groups/{group}",
            get(kubernetes::read_group)
                .merge(put(kubernetes::resize_group))
                .merge(delete(kubernetes::delete_group)),
        )
        .route(
            "/k8s_clusters/{id}/node_groups/{group}/ingress",
            post(kubernetes::add_ingress),
        )
        .route("/k8s_clusters/{id}/tags", post(kubernetes::add_tag))
        .route(
            "/k8s_clusters/{id}/tags/{*tag}",
            delete(kubernetes::remove_tag),
        )
        .route(
            "/ssh-keys/{id}",
            get(ssh_keys::read).merge(delete(ssh_keys::delete)),
        )
        .route("/servers/price", post(order::price))
        .route(
            "/servers/{id}",
            get(servers::read)
                .merge(put(changes::resize))
                .merge(patch(changes::resize_some))
                .merge(delete(changes::delete)),
        )
        .route("/servers/{id}/name", put(changes::rename))
        .route("/servers/{id}/power/{action}", post(changes::power))
        .route("/servers/{id}/tags", post(changes::add_tag))
        .route("/servers/{id}/tags/{*tag}", delete(changes::remove_tag))
        .route(
            "/servers/{id}/volumes",
            get(volumes::list).merge(post(volumes::create)),
        )
        .route(
            "/servers/{id}/volumes/{volume}",
            get(volumes::read)
                .merge(put(volumes::update))
                .merge(delete(volumes::delete)),
        )
        .route(
            "/servers/{id}/snapshots",
            get(snapshots::list).merge(post(snapshots::create)),
        )
        .route(
            "/servers/{id}/snapshots/{snapshot}",
            get(snapshots::read).merge(delete(snapshots::delete)),
        )
        .route(
            "/servers/{id}/snapshots/{snapshot}/rollback",
            post(snapshots::roll_back),
        )
        .route(
            "/servers/{id}/nics",
            get(nics::list).merge(post(nics::create)),
        )
        .route(
            "/servers/{id}/nics/{nic}",
            get(nics::read)
                .merge(put(nics::update))
                .merge(delete(nics::delete)),
        )
        .route("/backup/storages", get(backups::storages))
        .route(
            "/servers/{id}/backup/storages",
            get(backups::storages_of_server),
        )
        .route(
            "/servers/{id}/backup",
            get(backups::read)
                .merge(post(backups::set))
                .merge(put(backups::set))
                .merge(delete(backups::disable)),
        )
        .route(
            "/servers/{id}/backup/restore-points",
            get(backups::points).merge(post(backups::copy)),
        )
        .route(
            "/servers/{id}/backup/restore-points/{point}",
            delete(backups::delete),
        )
        .route(
            "/servers/{id}/backup/restore-points/{point}/restore",
            post(backups::restore),
        )
        .route(
            "/servers/{id}/backup/restore-points/{point}/restore-nearby",
            post(backups::restore_nearby),
        )
        .route(
            "/networks/isolated/{id}",
            get(networks::read)
                .merge(put(networks::update))
                .merge(delete(networks::delete)),
        )
        .route("/networks/isolated/{id}/tags", post(networks::add_tag))
        .route(
            "/networks/isolated/{id}/tags/{*tag}",
            delete(networks::remove_tag),
        )
        .route(
            "/affinity-groups/{id}",
            get(affinity::read).merge(delete(affinity::delete)),
        )
        .route(
            "/gateways/{id}",
            get(gateways::read)
                .merge(put(gateways::rename))
                .merge(delete(gateways::delete)),
        )
        .route("/gateways/{id}/bandwidth", put(gateways::set_bandwidth))
        .route(
            "/gateways/{id}/firewall",
            get(gateway_rules::firewall).merge(put(gateway_rules::set_firewall)),
        )
        .route(
            "/gateways/{id}/nat",
            get(gateway_rules::nat).merge(put(gateway_rules::set_nat)),
        )
        .route("/gateways/{id}/nics", post(gateways::connect))
        .route("/gateways/{id}/nics/{nic}", delete(gateways::disconnect))
        .route("/gateways/{id}/start", post(gateways::start))
        .route("/gateways/{id}/stop", post(gateways::stop))
        .route("/gateways/{id}/restart", post(gateways::restart))
        .route("/gateways/{id}/tags", post(gateways::add_tag))
        .route("/gateways/{id}/tags/{*tag}", delete(gateways::remove_tag))
        .route(
            "/domains/{domain}",
            get(domains::read).merge(delete(domains::delete)),
        )
        .route(
            "/domains/{domain}/records/{record}",
            get(records::read)
                .merge(put(records::update))
                .merge(delete(records::delete)),
        )
        .fallback_service(fallback(world, |_| {
            Ok(answer::render(Err(answer::not_found("route"))))
        }))
        .method_not_allowed_fallback(|| async { answer::render(Err(answer::not_found("route"))) })
}
