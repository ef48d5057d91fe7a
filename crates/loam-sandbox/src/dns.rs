//! What DNS records must look like, as far as several clouds agree.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::fields::FieldError;

/// Record types that every cloud with DNS takes.
pub const TYPES: [&str; 8] = ["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA"];

/// A record to be checked, in neutral words.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Type in capitals.
    pub kind: &'a str,
    /// Owner name.
    pub name: &'a str,
    /// Value.
    pub value: &'a str,
    /// Seconds.
    pub ttl: i64,
    /// For MX and SRV.
    pub priority: Option<i64>,
}

/// Names of the fields, for the errors.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// The field of the type.
    pub kind: &'static str,
}

/// The first thing that is wrong: unknown type, address, TTL outside 60 to 86400, priority missing for MX and
/// SRV or given for another type.
pub fn check(record: Candidate<'_>, names: Names) -> Result<(), FieldError> {
    if !TYPES.contains(&record.kind) {
        return Err(FieldError::new(
            names.kind,
            format!("must be one of {}", TYPES.join(", ")),
        ));
    }
    let address = match record.kind {
        "A" => record.value.parse::<Ipv4Addr>().is_ok(),
        "AAAA" => record.value.parse::<Ipv6Addr>().is_ok(),
        _ => true,
    };
    if !address {
        return Err(FieldError::new(
            "value",
            format!("must be an address for a record of type {}", record.kind),
        ));
    }
    if !(60..=86_400).contains(&record.ttl) {
        return Err(FieldError::new("ttl", "must be between 60 and 86400"));
    }
    match (record.kind, record.priority) {
        ("MX" | "SRV", None) => Err(FieldError::new("priority", "is required for MX and SRV")),
        ("MX" | "SRV", Some(0..=65_535)) | (_, None) => Ok(()),
        ("MX" | "SRV", Some(_)) => Err(FieldError::new("priority", "must be between 0 and 65535")),
        _ => Err(FieldError::new("priority", "is for MX and SRV only")),
    }
}

/// Why a record cannot stand beside others: the same one is there, or a CNAME would not be alone.
pub fn conflict<'a>(
    record: Candidate<'_>,
    others: impl Iterator<Item = Candidate<'a>>,
) -> Result<(), FieldError> {
    for other in others.filter(|other| other.name.eq_ignore_ascii_case(record.name)) {
        if other.kind == record.kind && other.value == record.value {
            return Err(FieldError::new(
                "value",
                "is the value of a record of this name and type already",
            ));
        }
        if record.kind == "CNAME" || other.kind == "CNAME" {
            return Err(FieldError::new(
                "name",
                "can have no other record beside a CNAME",
            ));
        }
    }
    Ok(())
}
