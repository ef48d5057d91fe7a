//! The edge of a routed network: bandwidth, firewall, address translation, tunnels.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::api::Call;
use crate::fields::{FieldError, Fields};

use super::super::CLOUD;
use super::super::answer::{Answer, Failure, INVALID, not_found, ok, refuse};
use super::super::input::{body, int, required_int};
use super::catalog::BANDWIDTH;
use super::changed;
use super::networks::{CHANGE, Network, find};
use super::servers::word;

const PROTOCOLS: [&str; 4] = ["Any", "Tcp", "Udp", "Icmp"];
/// How a tunnel's words are sent, and how they are answered.
const ENCRYPTION: [(&str, &str); 4] = [
    ("aes", "AES"),
    ("aes256", "AES_256"),
    ("aesgcm", "AES_GCM"),
    ("tripledes", "TRIPLE_DES"),
];
const GROUPS: [(&str, &str); 5] = [
    ("dh2", "DH2"),
    ("dh5", "DH5"),
    ("dh14", "DH14"),
    ("dh15", "DH15"),
    ("dh16", "DH16"),
];

/// The edge of a routed network.
#[derive(Debug, Serialize, Deserialize)]
pub struct Edge {
    pub address: String,
    firewall: Value,
    nat: Vec<Value>,
    tunnels: Vec<Value>,
}

impl Edge {
    /// An edge with an address and without rules.
    pub fn new(address: String) -> Edge {
        Edge {
            address,
            firewall: json!({"enabled": true, "default_action": "deny", "rules": []}),
            nat: Vec::new(),
            tunnels: Vec::new(),
        }
    }
}

fn edge(network: &mut Network) -> Result<&mut Edge, Failure> {
    let wrong = || refuse(INVALID, "Only a routed network has an edge");
    network.edge.as_mut().ok_or_else(wrong)
}

fn done(call: &Call<'_>, mut network: Network, kind: &str) -> Answer {
    network.change(call)?;
    changed(call, kind, &[("network", network.id)], CHANGE)
}

/// `PUT vmware/networks/{id}/edge/bandwidth`
pub fn set_bandwidth(call: &Call<'_>) -> Answer {
    let network = find(call)?;
    let mbps = required_int(&body(call.request)?, "bandwidth_mbps")?;
    if network.edge.is_none() || !BANDWIDTH.contains(&mbps) {
        return Err(refuse(-12_041, "bandwidth_mbps is out of limits"));
    }
    // As on older deployments, nothing comes of it: PUT of the network changes the bandwidth.
    done(call, network, "EdgeUpdate")
}

/// `GET vmware/networks/{id}/edge/firewall`
pub fn firewall(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    ok(json!({"firewall": edge(&mut network)?.firewall}))
}

/// `PUT vmware/networks/{id}/edge/firewall`: without `enabled` it is switched off.
pub fn set_firewall(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    let body = body(call.request)?;
    let default_action = word(&body, "default_action", &["allow", "deny"])?;
    let mut rules = Vec::new();
    for item in body.list("rules")?.unwrap_or_default() {
        let rule = Fields::inside("rules", item)?;
        let mut view = Map::new();
        view.insert("name".into(), json!(rule.required_text("name")?));
        view.insert(
            "action".into(),
            json!(word(&rule, "action", &["Allow", "Deny"])?),
        );
        view.insert(
            "protocol".into(),
            json!(word(&rule, "protocol", &PROTOCOLS)?),
        );
        for field in ["source", "source_port", "destination", "destination_port"] {
            let text = rule.text(field)?.filter(|text| !text.is_empty());
            view.insert(field.into(), json!(text.unwrap_or("any")));
        }
        rules.push(Value::Object(view));
    }
    edge(&mut network)?.firewall = json!({
        "enabled": body.flag("enabled")?.unwrap_or(false),
        "default_action": default_action,
        "rules": rules,
    });
    done(call, network, "EdgeFirewallUpdate")
}

/// `GET vmware/networks/{id}/edge/nat`
pub fn nat(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    ok(json!({"rules": edge(&mut network)?.nat}))
}

/// Replaces the entry with the id that a body names, or adds one with a new id.
fn upsert(
    call: &Call<'_>,
    list: &mut Vec<Value>,
    id: Option<i64>,
    what: &str,
    mut new: Value,
) -> Result<(), Failure> {
    match id {
        Some(id) => {
            let known = list.iter_mut().find(|known| known["id"] == id);
            new["id"] = json!(id);
            *known.ok_or_else(|| not_found(what))? = new;
        }
        None => {
            new["id"] = json!(call.db.next_number(CLOUD, "vmware_rule", 11)?);
            list.push(new);
        }
    }
    Ok(())
}

/// `POST vmware/networks/{id}/edge/nat`: a new rule, or a change of the one that is named.
pub fn set_nat(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    let body = body(call.request)?;
    let kind = word(&body, "type", &["SNAT", "DNAT"])?;
    let edge = edge(&mut network)?;
    let original = match kind.as_str() {
        // Whatever was sent: traffic arrives at the edge.
        "DNAT" => edge.address.clone(),
        _ => body.required_text("original_ip")?.to_owned(),
    };
    let rule = json!({
        "type": kind,
        "description": body.text("description")?.unwrap_or_default(),
        "protocol": word(&body, "protocol", &PROTOCOLS)?,
        "original_ip": original,
        "original_port": body.text("original_port")?.unwrap_or("any"),
        "translated_ip": body.required_text("translated_ip")?,
        "translated_port": body.text("translated_port")?.unwrap_or("any"),
        "enabled": body.flag("enabled")?.unwrap_or(true),
    });
    upsert(call, &mut edge.nat, int(&body, "rule_id")?, "rule", rule)?;
    done(call, network, "EdgeNatUpdate")
}

/// `DELETE vmware/networks/{id}/edge/nat/{rid}`
pub fn delete_nat(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    let id = call.request.param("rule");
    remove(&mut edge(&mut network)?.nat, id, "rule")?;
    done(call, network, "EdgeNatUpdate")
}

fn remove(list: &mut Vec<Value>, id: &str, what: &str) -> Result<(), Failure> {
    let (before, id) = (list.len(), id.parse::<i64>().ok());
    list.retain(|known| known["id"].as_i64() != id);
    if list.len() == before {
        return Err(not_found(what));
    }
    Ok(())
}

/// `GET vmware/networks/{id}/edge/vpn`
pub fn vpn(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    let tunnels = &edge(&mut network)?.tunnels;
    ok(json!({"enabled": !tunnels.is_empty(), "tunnels": tunnels}))
}

/// `POST vmware/networks/{id}/edge/vpn`: a new tunnel, or a change of the one that is named. The key is
/// never answered.
pub fn set_vpn(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    let body = body(call.request)?;
    let mtu = required_int(&body, "mtu")?;
    if !(68..=9000).contains(&mtu) {
        return Err(refuse(-12_011, "mtu must be from 68 to 9000"));
    }
    let key = body.required_text("shared_key")?;
    let has = |test: fn(&u8) -> bool| key.bytes().any(|byte| test(&byte));
    let good = (32..=128).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit);
    if !good {
        return Err(FieldError::new(
            "shared_key",
            "has 32 to 128 letters and digits, of both cases",
        )
        .into());
    }
    let spelled = |field: &str, words: &[(&str, &'static str)]| -> Result<&'static str, Failure> {
        let text = body.required_text(field)?;
        let found = words
            .iter()
            .find(|(sent, _)| sent.eq_ignore_ascii_case(text));
        let found = found.map(|(_, answered)| *answered);
        found.ok_or_else(|| refuse(-12_090, format!("{field} is not one of the known words")))
    };
    let subnet = network.subnet();
    let tunnel = json!({
        "name": body.required_text("name")?,
        "enabled": body.flag("enabled")?.unwrap_or(true),
        "mtu": mtu,
        "encryption_type": spelled("encryption_type", &ENCRYPTION)?,
        "diffie_hellman_group": spelled("diffie_hellman_group", &GROUPS)?,
        "digest_algorithm": "SHA1",
        "perfect_forward_secrecy": body.flag("perfect_forward_secrecy")?.unwrap_or(true),
        "peer_subnets": [body.required_text("peer_network")?],
        "peer_endpoint": body.required_text("peer_endpoint")?,
        "peer_identificator": body.required_text("peer_identificator")?,
        "local_endpoint": edge(&mut network)?.address,
        "local_subnets": [subnet],
    });
    let id = int(&body, "tunnel_id")?;
    upsert(call, &mut edge(&mut network)?.tunnels, id, "tunnel", tunnel)?;
    done(call, network, "EdgeVpnUpdate")
}

/// `DELETE vmware/networks/{id}/edge/vpn/{tid}`
pub fn delete_vpn(call: &Call<'_>) -> Answer {
    let mut network = find(call)?;
    let id = call.request.param("tunnel");
    remove(&mut edge(&mut network)?.tunnels, id, "tunnel")?;
    done(call, network, "EdgeVpnUpdate")
}
