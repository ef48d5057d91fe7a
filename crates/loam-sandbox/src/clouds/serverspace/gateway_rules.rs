//! Firewall and NAT rules of a gateway: whole lists, in order, in canonical spelling.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::api::Call;
use crate::fields::{FieldError, Fields};

use super::answer::{Answer, Failure, INVALID, ok, refuse};
use super::gateways::find;
use super::input::{body, int};

/// Virtual seconds until a set of rules is in force.
const CHANGE: f64 = 10.0;
/// Rules in a set, beyond which the vendor's service fails.
const MOST: usize = 200;

/// A firewall rule; the last one that matches wins.
#[derive(Debug, Serialize, Deserialize)]
pub struct FirewallRule {
    action: String,
    direction: String,
    protocol: String,
    source: String,
    source_port: i64,
    destination: String,
    destination_port: i64,
}

/// A NAT rule.
#[derive(Debug, Serialize, Deserialize)]
pub struct NatRule {
    #[serde(rename = "type")]
    kind: String,
    protocol: String,
    source: String,
    destination: String,
    destination_port: i64,
    translated: String,
    translated_port: i64,
}

/// One rule of a body, with its place for errors.
struct Input<'v> {
    fields: &'v Fields,
    index: usize,
}

impl Input<'_> {
    fn wrong(&self, field: &str, problem: &str) -> Failure {
        refuse(INVALID, format!("{field} of rule {} {problem}", self.index))
    }

    /// One of some words, in any case; answered in the canonical one.
    fn word(&self, field: &str, words: &[&str]) -> Result<String, Failure> {
        let value = self.fields.text(field)?.unwrap_or_default();
        let word = words.iter().find(|word| word.eq_ignore_ascii_case(value));
        word.map(|word| (*word).to_owned())
            .ok_or_else(|| self.wrong(field, &format!("must be one of {}", words.join(", "))))
    }

    /// A network: bare addresses become `/32`, host bits are cleared.
    fn cidr(&self, field: &str) -> Result<String, Failure> {
        let text = self
            .fields
            .text(field)?
            .filter(|text| !text.is_empty())
            .unwrap_or("0.0.0.0/0");
        let (address, bits) = text.split_once('/').unwrap_or((text, "32"));
        let (Ok(address), Ok(bits @ 0..=32)) = (address.parse::<Ipv4Addr>(), bits.parse::<u32>())
        else {
            return Err(self.wrong(field, "must be a network such as 10.0.0.0/24"));
        };
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        Ok(format!(
            "{}/{bits}",
            Ipv4Addr::from(u32::from(address) & mask)
        ))
    }

    /// A port; absent is 0, which is any, and the only one where ports mean nothing.
    fn port(&self, field: &str, meaningful: bool) -> Result<i64, Failure> {
        match int(self.fields, field)?.unwrap_or(0) {
            0 => Ok(0),
            port @ 1..=65_535 if meaningful => Ok(port),
            1..=65_535 => Err(self.wrong(field, "must be 0 for this kind of rule")),
            _ => Err(self.wrong(field, "must be from 0 to 65535")),
        }
    }
}

fn rules(call: &Call<'_>, field: &str) -> Result<Vec<Fields>, Failure> {
    let body = body(call.request)?;
    let list = body
        .list(field)?
        .ok_or_else(|| FieldError::new(field, "is required"))?;
    if list.len() > MOST {
        return Err(FieldError::new(field, "holds too many rules").into());
    }
    Ok(list
        .iter()
        .map(|rule| Fields::inside(field, rule))
        .collect::<Result<_, _>>()?)
}

fn has_ports(protocol: &str) -> bool {
    matches!(protocol, "TCP" | "UDP")
}

const PROTOCOLS: [&str; 4] = ["TCP", "UDP", "ICMP", "IP"];

/// `GET gateways/{id}/firewall`
pub fn firewall(call: &Call<'_>) -> Answer {
    ok(json!({"firewall_rules": find(call)?.firewall}))
}

/// `PUT gateways/{id}/firewall`
pub fn set_firewall(call: &Call<'_>) -> Answer {
    let mut gateway = find(call)?;
    let mut set = Vec::new();
    for (index, fields) in rules(call, "firewall_rules")?.iter().enumerate() {
        let input = Input { fields, index };
        let protocol = input.word("protocol", &PROTOCOLS)?;
        let ports = has_ports(&protocol);
        set.push(FirewallRule {
            action: input.word("action", &["Allow", "Deny"])?,
            direction: input.word("direction", &["In", "Out"])?,
            source: input.cidr("source")?,
            source_port: input.port("source_port", ports)?,
            destination: input.cidr("destination")?,
            destination_port: input.port("destination_port", ports)?,
            protocol,
        });
    }
    gateway.firewall = set;
    gateway.change(call, "UpdateGatewayFirewall", CHANGE)
}

/// `GET gateways/{id}/nat`
pub fn nat(call: &Call<'_>) -> Answer {
    ok(json!({"nat_rules": find(call)?.nat}))
}

/// `PUT gateways/{id}/nat`
pub fn set_nat(call: &Call<'_>) -> Answer {
    let mut gateway = find(call)?;
    let public = gateway.public_address().unwrap_or_default().to_owned();
    let mut set = Vec::new();
    for (index, fields) in rules(call, "nat_rules")?.iter().enumerate() {
        let input = Input { fields, index };
        let kind = input.word("type", &["SNAT", "DNAT", "BINAT"])?;
        let protocol = input.word("protocol", &PROTOCOLS)?;
        let ports = has_ports(&protocol) && kind != "BINAT";
        let rule = NatRule {
            source: input.cidr("source")?,
            destination: input.cidr("destination")?,
            destination_port: input.port("destination_port", ports)?,
            translated: fields.required_text("translated")?.to_owned(),
            translated_port: input.port("translated_port", ports)?,
            kind,
            protocol,
        };
        let outside = match rule.kind.as_str() {
            "DNAT" => rule.destination == format!("{public}/32"),
            _ => rule.translated == public,
        };
        if !outside {
            let field = if rule.kind == "DNAT" {
                "destination"
            } else {
                "translated"
            };
            return Err(input.wrong(field, "must be the gateway's public address"));
        }
        set.push(rule);
    }
    gateway.nat = set;
    gateway.change(call, "UpdateGatewayNat", CHANGE)
}
