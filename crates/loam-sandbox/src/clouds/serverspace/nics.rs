//! Network interfaces of a server: public ones have a bandwidth, isolated ones a network.

use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::later;
use crate::fields::FieldError;

use super::answer::{Answer, Failure, INVALID, gone_as_500, not_found, ok, refuse};
use super::input::{body, int, required_int};
use super::networks;
use super::order::check_bandwidth;
use super::servers::{self, Nic, Server, added, changed, find, here, removed, save};

/// Virtual seconds that a change takes.
const CHANGE: f64 = 8.0;

fn nic<'s>(call: &Call<'_>, server: &'s mut Server) -> Option<&'s mut Nic> {
    let id = call.request.param("nic");
    server
        .nics
        .iter_mut()
        .find(|nic| nic.id.to_string() == id && here(nic.gone_at, call.now))
}

/// Interfaces stay as they are while there are snapshots.
fn check_snapshots(call: &Call<'_>, server: &Server) -> Result<(), Failure> {
    match server.snapshots(call.now).next() {
        Some(_) => Err(refuse(
            INVALID,
            "The interfaces of a server with snapshots cannot be changed",
        )),
        None => Ok(()),
    }
}

fn missing() -> Failure {
    not_found("network interface")
}

/// `GET servers/{id}/nics`
pub fn list(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    ok(
        json!({"nics": server.nics(call.now).map(|nic| nic.view(&server.id)).collect::<Vec<Value>>()}),
    )
}

/// `GET servers/{id}/nics/{nid}`
pub fn read(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let id = server.id.clone();
    ok(json!({"nic": nic(call, &mut server).ok_or_else(missing)?.view(&id)}))
}

/// `POST servers/{id}/nics`
pub fn create(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    check_snapshots(call, &server)?;
    let site = server.site().ok_or_else(missing)?;
    let body = body(call.request)?;
    let network = body.text("network_id")?.filter(|id| !id.is_empty());
    let mbps = int(&body, "bandwidth_mbps")?.filter(|mbps| *mbps != 0);
    let nic = match (network, mbps) {
        (Some(network), None) => {
            networks::check_location(call, network, site)?;
            servers::isolated_nic(call, network, body.text("ip_address")?)?
        }
        (None, Some(mbps)) => servers::public_nic(call, site, check_bandwidth(site, mbps)?)?,
        _ => {
            return Err(
                FieldError::new("network_id", "or bandwidth_mbps is required, not both").into(),
            );
        }
    };
    server.life.change(call.now, CHANGE)?;
    let id = nic.id;
    server.nics.push(nic);
    save(call.db, &server)?;
    added(call, &server, "CreateNic", ("nic", id), CHANGE)
}

/// `PUT servers/{id}/nics/{nid}`: the bandwidth of a public interface.
pub fn update(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    check_snapshots(call, &server)?;
    let site = server.site().ok_or_else(missing)?;
    let mbps = required_int(&body(call.request)?, "bandwidth_mbps")?;
    let nic = nic(call, &mut server).ok_or_else(missing)?;
    if !nic.public {
        return Err(refuse(INVALID, "Only a public interface has a bandwidth"));
    }
    nic.bandwidth_mbps = Some(check_bandwidth(site, mbps)?);
    let id = nic.id;
    server.life.change(call.now, CHANGE)?;
    save(call.db, &server)?;
    changed(call, &server, "UpdateNic", Some(("nic", id)), CHANGE)
}

/// `DELETE servers/{id}/nics/{nid}`: 500 when it is gone already.
pub fn delete(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    check_snapshots(call, &server)?;
    let nic = nic(call, &mut server).ok_or_else(|| gone_as_500("network interface"))?;
    nic.gone_at = Some(later(call.now, CHANGE));
    let id = nic.id;
    server.life.change(call.now, CHANGE)?;
    save(call.db, &server)?;
    removed(call, &server, "DeleteNic", Some(("nic", id)), CHANGE)
}
