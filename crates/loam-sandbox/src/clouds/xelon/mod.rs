//! Xelon HQ, mounted at `/xelon/api`: the v2 API under `/v2/`, with the aliases that the vendor's page names.
//!
//! Six shapes of answers, chosen per endpoint; reads of new objects answer 500 for a moment; most objects take
//! virtual time to become ready. Of the legacy API under `/service/` there are tenants and clouds only. Two clouds,
//! two tenants, stock templates and backup plans exist from the start (`scenery`).

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::{MethodFilter, MethodRouter};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tower_service::Service;

use crate::api::{fallback, route};
use crate::clouds::{ArrangeError, Cloud};
use crate::credentials::{self, NewCredential};
use crate::ids;
use crate::store::{Db, StoreError};
use crate::world::{Seeding, World};

mod access;
mod activity;
mod answer;
mod backups;
mod buckets;
mod device;
mod device_parts;
mod devices;
mod dns;
mod firewalls;
mod isos;
mod kinds;
mod kubernetes;
mod lb_clusters;
mod legacy;
mod load_balancers;
mod multipart;
mod networks;
mod node_pools;
mod paths;
mod s3_users;
mod scenery;
mod ssh_keys;
mod storages;
mod talos;
mod templates;
mod tenants;

use access::{Endpoint, guarded};

const CLOUD: &str = "xelon";

/// Xelon HQ.
#[derive(Debug)]
pub struct Xelon;

impl Cloud for Xelon {
    fn name(&self) -> &'static str {
        CLOUD
    }

    fn prefix(&self) -> &'static str {
        "/xelon/api"
    }

    fn seed(&self, db: &Db<'_>, now: Timestamp, _: &Seeding) -> Result<(), StoreError> {
        credentials::seed(db, CLOUD, now, new_secret, &[])?;
        access::seed(db)
    }

    fn environment(
        &self,
        db: &Db<'_>,
        endpoint: &str,
    ) -> Result<Vec<(String, String)>, StoreError> {
        Ok(vec![
            (
                "XELON_TOKEN".to_owned(),
                credentials::default_secret(db, CLOUD)?,
            ),
            ("XELON_CLIENT_ID".to_owned(), access::CLIENT_ID.to_owned()),
            ("XELON_BASE_URL".to_owned(), format!("{endpoint}/v2/")),
        ])
    }

    fn router(&self, world: &Arc<World>) -> Router {
        let canonical = routes(world);
        Router::new().fallback(move |mut request: Request| {
            let mut canonical = canonical.clone();
            async move {
                paths::canonicalize(request.uri_mut());
                canonical
                    .call(request)
                    .await
                    .unwrap_or_else(|never| match never {})
            }
        })
    }

    fn objects(&self, db: &Db<'_>, now: Timestamp) -> Result<Map<String, Value>, StoreError> {
        kinds::objects(db, now)
    }

    /// `keys` (`companion`: the client id that must come with it), `login` (tells e-mail and password),
    /// `devices/<id>/snapshots` (`name`), `networks/<id>` (`locked`).
    fn arrange(
        &self,
        db: &Db<'_>,
        now: Timestamp,
        what: &str,
        body: &Value,
    ) -> Result<Value, ArrangeError> {
        let refused = |reason: String| ArrangeError::Refused(reason);
        match what.split('/').collect::<Vec<_>>().as_slice() {
            ["keys"] => {
                let new: NewCredential = serde_json::from_value(body.clone())
                    .map_err(|error| refused(error.to_string()))?;
                let secret = new_secret();
                let made = credentials::make(db, CLOUD, now, &secret, new)?;
                Ok(json!({"id": made.id, "key": secret}))
            }
            ["login"] => {
                Ok(json!({"email": access::EMAIL, "password": access::login_password(db)?}))
            }
            ["devices", id, "snapshots"] => {
                let name = body
                    .get("name")
                    .and_then(Value::as_str)
                    .unwrap_or("snapshot");
                device_parts::add_snapshot(db, now, id, name)?
                    .ok_or_else(|| refused(format!("no device `{id}`")))
            }
            ["networks", id] => {
                let locked = body.get("locked").and_then(Value::as_bool).unwrap_or(true);
                networks::lock(db, id, locked)?.ok_or_else(|| refused(format!("no network `{id}`")))
            }
            _ => Err(refused(format!("cannot arrange `{what}` in this cloud"))),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        match status {
            401 => json!({"message": "UNAUTHORIZED_REQUEST"}),
            422 => {
                json!({"message": "The given data was invalid.", "errors": {"name": ["A fault was asked for."]}})
            }
            _ => json!({"message": "Server Error"}),
        }
    }
}

fn new_secret() -> String {
    ids::mixed(48)
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
    let compute = Router::new()
        .route("/devices", get(devices::list).merge(post(devices::create)))
        .route(
            "/devices/{id}",
            get(devices::read)
                .merge(put(devices::rename))
                .merge(delete(devices::delete)),
        )
        .route("/devices/{id}/network", get(devices::networks))
        .route("/devices/{id}/hardware", put(devices::set_hardware))
        .route("/devices/{id}/edit-hotplug", post(devices::set_hotplug))
        .route("/devices/{id}/start", post(devices::start))
        .route("/devices/{id}/stop", post(devices::stop))
        .route(
            "/devices/{id}/disk",
            put(device_parts::grow_disk)
                .merge(post(device_parts::add_disk))
                .merge(delete(device_parts::remove_disk)),
        )
        .route(
            "/devices/{id}/ssh-key",
            get(device_parts::keys).merge(post(device_parts::add_key)),
        )
        .route(
            "/devices/{id}/ssh-key/{key}",
            delete(device_parts::remove_key),
        )
        .route("/devices/{id}/snapshots", get(device_parts::snapshots))
        .route(
            "/devices/{id}/snapshots/{snapshot}",
            delete(device_parts::delete_snapshot),
        )
        .route(
            "/devices/{id}/backups/tags",
            get(backups::of_device)
                .merge(put(backups::assign))
                .merge(delete(backups::disable)),
        )
        .route("/devices/{id}/activity", get(activity::of_device))
        .route("/backups/tags", get(backups::plans))
        .route("/clouds", get(scenery::clouds))
        .route(
            "/ssh-keys",
            get(ssh_keys::list).merge(post(ssh_keys::create)),
        )
        .route(
            "/ssh-keys/{id}",
            get(ssh_keys::read)
                .merge(patch(ssh_keys::update))
                .merge(delete(ssh_keys::delete)),
        )
        .route("/templates", get(templates::list))
        .route("/templates/create-from-device", post(templates::create))
        .route(
            "/templates/{id}",
            get(templates::read)
                .merge(patch(templates::update))
                .merge(delete(templates::delete)),
        )
        .route("/isos", get(isos::list).merge(post(isos::create)))
        .route("/isos/upload", post(isos::upload))
        .route(
            "/isos/{id}",
            get(isos::read)
                .merge(patch(isos::update))
                .merge(delete(isos::delete)),
        )
        .route(
            "/persistent-storages",
            get(storages::list).merge(post(storages::create)),
        )
        .route(
            "/persistent-storages/{id}",
            get(storages::read).merge(delete(storages::delete)),
        )
        .route(
            "/persistent-storages/{id}/attach-device",
            post(storages::attach),
        )
        .route(
            "/persistent-storages/{id}/detach-device",
            post(storages::detach),
        )
        .route("/persistent-storages/{id}/extend", post(storages::extend));
    let network = Router::new()
        .route("/networks", get(networks::list))
        .route("/networks/lan", post(networks::create_lan))
        .route("/networks/wan", post(networks::create_wan))
        .route(
            "/networks/share",
            get(networks::shared)
                .merge(post(networks::share))
                .merge(delete(networks::unshare)),
        )
        .route(
            "/networks/{id}",
            get(networks::read).merge(delete(networks::delete)),
        )
        .route("/networks/{id}/lan", patch(networks::update_lan))
        .route("/networks/{id}/wan", patch(networks::update_wan))
        .route(
            "/firewalls",
            get(firewalls::list).merge(post(firewalls::create)),
        )
        .route(
            "/firewalls/{id}",
            get(firewalls::read)
                .merge(put(firewalls::rename))
                .merge(delete(firewalls::delete)),
        )
        .route("/firewalls/{id}/rules", post(firewalls::create_rule))
        .route(
            "/firewalls/{id}/rules/{rule}",
            put(firewalls::update_rule).merge(delete(firewalls::delete_rule)),
        )
        .route(
            "/load-balancers",
            get(load_balancers::list).merge(post(load_balancers::create)),
        )
        .route(
            "/load-balancers/{id}",
            get(load_balancers::read)
                .merge(put(load_balancers::rename))
                .merge(delete(load_balancers::delete)),
        )
        .route(
            "/load-balancers/{id}/assignable-devices/{network}",
            get(load_balancers::assignable),
        )
        .route(
            "/load-balancers/{id}/assigned-devices",
            put(load_balancers::assign),
        )
        .route(
            "/load-balancers/{id}/rules",
            post(load_balancers::create_rule),
        )
        .route(
            "/load-balancers/{id}/rules/{rule}",
            put(load_balancers::update_rule).merge(delete(load_balancers::delete_rule)),
        )
        .route(
            "/load-balancer-clusters",
            get(lb_clusters::list).merge(post(lb_clusters::create)),
        )
        .route(
            "/load-balancer-clusters/{id}",
            get(lb_clusters::read).merge(delete(lb_clusters::delete)),
        )
        .route(
            "/load-balancer-clusters/{id}/virtual-ips",
            get(lb_clusters::virtual_ips),
        )
        .route(
            "/load-balancer-clusters/{id}/virtual-ips/{vip}",
            get(lb_clusters::virtual_ip),
        )
        .route(
            "/load-balancer-clusters/{id}/virtual-ips/{vip}/forwarding-rules",
            get(lb_clusters::rules).merge(post(lb_clusters::create_rules)),
        )
        .route(
            "/load-balancer-clusters/{id}/virtual-ips/{vip}/forwarding-rules/{rule}",
            patch(lb_clusters::update_rule).merge(delete(lb_clusters::delete_rule)),
        )
        .route("/dns", get(dns::list).merge(post(dns::create)))
        .route("/dns/{id}", get(dns::read).merge(delete(dns::delete)))
        .route(
            "/dns/{id}/records",
            get(dns::records).merge(post(dns::create_record)),
        )
        .route(
            "/dns/{id}/records/{record}",
            put(dns::update_record).merge(delete(dns::delete_record)),
        )
        .route("/dns/{id}/soa", get(dns::soa).merge(put(dns::set_soa)));
    let kubernetes = Router::new()
        .route(
            "/kubernetes",
            get(kubernetes::list).merge(post(kubernetes::create)),
        )
        .route("/kubernetes/versions/{cloud}", get(kubernetes::versions))
        .route(
            "/kubernetes/{id}",
            get(kubernetes::read).merge(delete(kubernetes::delete)),
        )
        .route("/kubernetes/{id}/upgrade", post(kubernetes::make_available))
        .route(
            "/kubernetes/{id}/k8s-version",
            post(kubernetes::set_k8s_version),
        )
        .route(
            "/kubernetes/{id}/talos-version",
            post(kubernetes::set_talos_version),
        )
        .route("/kubernetes/{id}/config/kube", get(kubernetes::kube_config))
        .route(
            "/kubernetes/{id}/config/talos",
            get(kubernetes::talos_config),
        )
        .route(
            "/kubernetes/{id}/control-planes",
            get(kubernetes::control_planes).merge(patch(kubernetes::set_control_planes)),
        )
        .route(
            "/kubernetes/{id}/load-balancers",
            get(kubernetes::load_balancers),
        )
        .route(
            "/kubernetes/{id}/pools",
            get(node_pools::list).merge(post(node_pools::create)),
        )
        .route(
            "/kubernetes/{id}/pools/{pool}",
            get(node_pools::read)
                .merge(patch(node_pools::update))
                .merge(delete(node_pools::delete)),
        )
        .route(
            "/kubernetes/{id}/pools/{pool}/nodes",
            post(node_pools::add_node),
        )
        .route(
            "/kubernetes/{id}/nodes/{node}",
            delete(node_pools::remove_node),
        )
        // The same clusters in the shapes of the legacy API.
        .route("/kubernetes-talos/clusters", get(talos::clusters))
        .route(
            "/kubernetes-talos/{id}/cluster-control-planes",
            get(talos::control_planes),
        )
        .route(
            "/kubernetes-talos/{id}/cluster-pools",
            get(node_pools::list),
        )
        .route(
            "/kubernetes-talos/{id}/add-node/{pool}",
            post(talos::add_node),
        )
        .route(
            "/kubernetes-talos/{id}/delete-node/{node}",
            delete(talos::delete_node),
        );
    let others = Router::new()
        .route("/object-storages/plans", get(scenery::s3_plans))
        .route("/object-storages/zone-groups", get(scenery::s3_regions))
        .route(
            "/object-storages/users",
            get(s3_users::list).merge(post(s3_users::create)),
        )
        .route(
            "/object-storages/users/{id}",
            get(s3_users::read)
                .merge(put(s3_users::update))
                .merge(delete(s3_users::delete)),
        )
        .route(
            "/object-storages/users/{id}/tokens",
            post(s3_users::create_token),
        )
        .route(
            "/object-storages/users/{id}/tokens/{token}",
            delete(s3_users::delete_token),
        )
        .route(
            "/object-storages/buckets",
            get(buckets::list).merge(post(buckets::create)),
        )
        .route("/object-storages/buckets/{bucket}", put(buckets::rename))
        .route(
            "/object-storages/buckets/{bucket}/{user}",
            get(buckets::read).merge(delete(buckets::delete)),
        )
        .route(
            "/object-storages/buckets/{bucket}/{user}/versioning",
            put(buckets::set_versioning),
        )
        .route(
            "/object-storages/buckets/{bucket}/{user}/ip-restrictions",
            get(buckets::restrictions).merge(put(buckets::set_restrictions)),
        )
        .route("/tenants", get(tenants::list))
        .route("/tenants/current", get(tenants::current))
        .route("/tenants/{tenant}", get(tenants::read))
        .route("/tenants/{tenant}/activity", get(activity::all))
        .route(
            "/tenants/{tenant}/users",
            get(tenants::users).merge(post(tenants::create_user)),
        )
        .route(
            "/tenants/{tenant}/users/restore",
            post(tenants::restore_user),
        )
        .route(
            "/tenants/{tenant}/users/permissions",
            get(tenants::permissions),
        )
        .route(
            "/tenants/{tenant}/users/{user}",
            get(tenants::user)
                .merge(put(tenants::update_user))
                .merge(delete(tenants::delete_user)),
        )
        .route(
            "/tenants/{tenant}/users/{user}/password",
            post(tenants::set_password),
        )
        .route(
            "/tenants/{tenant}/users/{user}/permissions",
            post(tenants::set_permissions),
        )
        .route("/activity", get(activity::all))
        .route("/legacy/tenant", get(legacy::tenant))
        .route("/legacy/tenants", get(legacy::tenants))
        .route("/legacy/hv/list/{tenant}", get(legacy::clouds))
        .route(
            paths::LOGIN,
            route(world, MethodFilter::POST, access::login),
        )
        .route(paths::REFRESH, post(access::refresh));
    compute
        .merge(network)
        .merge(kubernetes)
        .merge(others)
        .fallback_service(fallback(world, |_| {
            Ok(answer::render(Err(answer::not_found("Route"))))
        }))
        .method_not_allowed_fallback(|| async { answer::render(Err(answer::not_found("Route"))) })
}
