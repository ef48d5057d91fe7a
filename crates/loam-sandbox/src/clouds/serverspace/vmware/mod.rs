//! The VMware section below `vmware/`, a product of its own: whole numbers as ids, states in snake case,
//! tasks that name what they are about and nothing else. Parameters of a query are filled or not sent:
//! an empty one breaks the lists.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{MethodFilter, MethodRouter};
use serde_json::json;

use crate::api::Call;

use super::access::Endpoint;
use super::answer::{Answer, Failure, created, ok, refuse, with_status};
use super::tasks;

mod catalog;
mod edge;
pub mod networks;
mod nics;
mod order;
pub mod servers;
mod volumes;

/// The object is busy.
const OBJECT_BUSY: i32 = -19_605;

/// All routes of the section.
pub fn routes(router: Router, on: &dyn Fn(MethodFilter, Endpoint) -> MethodRouter) -> Router {
    let get = |endpoint| on(MethodFilter::GET, endpoint);
    let post = |endpoint| on(MethodFilter::POST, endpoint);
    let put = |endpoint| on(MethodFilter::PUT, endpoint);
    let delete = |endpoint| on(MethodFilter::DELETE, endpoint);
    router
        .route("/vmware/locations", get(catalog::locations))
        .route("/vmware/images", get(catalog::images))
        .route("/vmware/gpu-models", get(catalog::gpu_models))
        .route(
            "/vmware/servers",
            get(servers::list).merge(post(order::create)),
        )
        .route("/vmware/servers/verify", post(order::verify))
        .route(
            "/vmware/servers/{id}",
            get(servers::read)
                .merge(put(servers::resize))
                .merge(delete(servers::delete)),
        )
        .route("/vmware/servers/{id}/name", put(servers::rename))
        .route(
            "/vmware/servers/{id}/computer-name",
            put(servers::rename_computer),
        )
        .route("/vmware/servers/{id}/copy", post(order::copy))
        .route("/vmware/servers/{id}/rebuild", post(order::rebuild))
        .route(
            "/vmware/servers/{id}/firewall",
            get(servers::firewall).merge(put(servers::set_firewall)),
        )
        .route(
            "/vmware/servers/{id}/nics",
            get(nics::list).merge(post(nics::connect)),
        )
        .route(
            "/vmware/servers/{id}/nics/shared",
            post(nics::connect_shared),
        )
        .route(
            "/vmware/servers/{id}/nics/{nic}",
            put(nics::update).merge(delete(nics::disconnect)),
        )
        .route(
            "/vmware/servers/{id}/snapshot",
            get(servers::snapshot)
                .merge(post(servers::take_snapshot))
                .merge(delete(servers::delete_snapshot)),
        )
        .route(
            "/vmware/servers/{id}/snapshot/restore",
            post(servers::restore_snapshot),
        )
        .route(
            "/vmware/servers/{id}/volumes",
            get(volumes::list).merge(post(volumes::create)),
        )
        .route(
            "/vmware/servers/{id}/volumes/{volume}",
            get(volumes::read)
                .merge(put(volumes::update))
                .merge(delete(volumes::delete)),
        )
        .route("/vmware/servers/{id}/power/{action}", post(servers::power))
        .route(
            "/vmware/servers/{id}/nested-hypervisor/{switch}",
            post(servers::nested_hypervisor),
        )
        .route("/vmware/networks", get(networks::list))
        .route("/vmware/networks/isolated", post(networks::create_isolated))
        .route("/vmware/networks/routed", post(networks::create_routed))
        .route("/vmware/networks/public", post(networks::create_public))
        .route(
            "/vmware/networks/{id}",
            get(networks::read)
                .merge(put(networks::update))
                .merge(delete(networks::delete)),
        )
        .route("/vmware/networks/{id}/servers", post(nics::connect_servers))
        .route(
            "/vmware/networks/{id}/edge/bandwidth",
            put(edge::set_bandwidth),
        )
        .route(
            "/vmware/networks/{id}/edge/firewall",
            get(edge::firewall).merge(put(edge::set_firewall)),
        )
        .route(
            "/vmware/networks/{id}/edge/nat",
            get(edge::nat).merge(post(edge::set_nat)),
        )
        .route(
            "/vmware/networks/{id}/edge/nat/{rule}",
            delete(edge::delete_nat),
        )
        .route(
            "/vmware/networks/{id}/edge/vpn",
            get(edge::vpn).merge(post(edge::set_vpn)),
        )
        .route(
            "/vmware/networks/{id}/edge/vpn/{tunnel}",
            delete(edge::delete_vpn),
        )
}

/// A parameter of the query; one that is declared and empty breaks the service.
fn parameter<'c>(call: &'c Call<'_>, name: &str) -> Result<Option<&'c str>, Failure> {
    match call.request.query(name) {
        Some("") => Err(with_status(
            refuse(-1, format!("The value of {name} cannot be read")),
            StatusCode::INTERNAL_SERVER_ERROR,
        )),
        value => Ok(value),
    }
}

/// Starts a task about some objects; returns its id.
fn task(
    call: &Call<'_>,
    kind: &str,
    about: &[(&str, i64)],
    seconds: f64,
    fails: bool,
) -> Result<String, Failure> {
    let resources: Vec<(&str, String)> = about
        .iter()
        .map(|(kind, id)| (*kind, id.to_string()))
        .collect();
    let number = call.db.next_number(super::CLOUD, "vmware_task", 4401)?;
    let id = format!("vmw{number}");
    tasks::start_named(call.db, call.now, &id, kind, &resources, seconds, fails)?;
    Ok(id)
}

/// The answer to a change: its task.
fn changed(call: &Call<'_>, kind: &str, about: &[(&str, i64)], seconds: f64) -> Answer {
    ok(json!({"task_id": task(call, kind, about, seconds, false)?}))
}

/// The answer to an addition: its task, with 201.
fn added(call: &Call<'_>, kind: &str, about: &[(&str, i64)], seconds: f64) -> Answer {
    created(json!({"task_id": task(call, kind, about, seconds, false)?}))
}
