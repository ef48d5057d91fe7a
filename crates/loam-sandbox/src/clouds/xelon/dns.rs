//! DNS: zones with name servers and SOA; records, echoed as they were sent and created without telling an id.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::store::{Db, StoreError};

use super::CLOUD;
use super::answer::{Answer, Failure, bare, data, invalid, message, not_found, search, written};
use super::kinds::{Kind, new_id};
use super::scenery::CURRENT;

const ZONES: Kind = Kind {
    name: "dns_zone",
    title: "DNS zone",
};
const RECORDS: Kind = Kind {
    name: "dns_record",
    title: "DNS record",
};
const TYPES: [&str; 13] = [
    "A", "AAAA", "ALIAS", "CAA", "CNAME", "MX", "NS", "PTR", "RP", "SRV", "SSHFP", "TLSA", "TXT",
];

#[derive(Debug, Serialize, Deserialize)]
struct Zone {
    id: String,
    name: String,
    created_at: Timestamp,
    soa: Soa,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Soa {
    serial_number: i64,
    primary_ns: String,
    admin_mail: String,
    refresh: i64,
    retry: i64,
    expire: i64,
    ttl: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    id: i64,
    zone: String,
    kind: String,
    host: String,
    record: String,
    ttl: i64,
    by_hand: bool,
}

impl Zone {
    fn view(&self) -> Value {
        json!({
            "identifier": self.id,
            "name": self.name,
            "ownerName": CURRENT.name,
            "createdAt": iso(self.created_at),
        })
    }
}

impl Record {
    fn view(&self) -> Value {
        json!({
            "id": self.id,
            "type": self.kind,
            "host": self.host,
            "record": self.record,
            "ttl": self.ttl,
            "failover": 0,
            "status": 1,
        })
    }
}

/// All zones.
pub fn all(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    Ok(ZONES.all::<Zone>(db)?.iter().map(Zone::view).collect())
}

/// All records but those that come with a zone, with the identifier of theirs.
pub fn all_records(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    let with_zone = |record: &Record| {
        let mut view = record.view();
        view["zone"] = record.zone.clone().into();
        view
    };
    Ok(RECORDS
        .all::<Record>(db)?
        .iter()
        .filter(|record| record.by_hand)
        .map(with_zone)
        .collect())
}

/// `GET dns`
pub fn list(call: &Call<'_>) -> Answer {
    search(call.request, all(call.db)?, &["name"])
}

/// `GET dns/{zone}`
pub fn read(call: &Call<'_>) -> Answer {
    bare(ZONES.find::<Zone>(call, "id")?.view())
}

/// `POST dns`: with name servers and SOA.
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let name = body.required_text("domain")?;
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if !name.contains('.') || !name.split('.').all(label) {
        return Err(FieldError::new("domain", "must be a domain name").into());
    }
    if ZONES
        .all::<Zone>(call.db)?
        .iter()
        .any(|zone| zone.name.eq_ignore_ascii_case(name))
    {
        return Err(invalid("domain", "The domain has already been taken."));
    }
    let soa = Soa {
        serial_number: 2_026_080_101,
        primary_ns: "ns1.xdns.cloud".to_owned(),
        admin_mail: "support@cloudns.net".to_owned(),
        refresh: 7200,
        retry: 1800,
        expire: 1_209_600,
        ttl: 3600,
    };
    let zone = Zone {
        id: new_id(),
        name: name.to_owned(),
        created_at: call.now,
        soa,
    };
    ZONES.insert(call.db, &zone.id, None, &zone)?;
    for number in 1..=4 {
        let record = Record {
            id: new_record_id(call)?,
            zone: zone.id.clone(),
            kind: "NS".to_owned(),
            host: "@".to_owned(),
            record: format!("ns{number}.xdns.cloud"),
            ttl: 3600,
            by_hand: false,
        };
        RECORDS.insert(call.db, &record.id.to_string(), Some(&record.zone), &record)?;
    }
    written(zone.view(), "DNS zone created successfully.")
}

/// Nine digits.
fn new_record_id(call: &Call<'_>) -> Result<i64, StoreError> {
    Ok(call.db.next_number(CLOUD, "dns_record", 1)? + 244_042_431)
}

/// `DELETE dns/{zone}`: with all records.
pub fn delete(call: &Call<'_>) -> Answer {
    let zone: Zone = ZONES.find(call, "id")?;
    RECORDS.delete_under(call.db, &zone.id)?;
    ZONES.delete(call.db, &zone.id)?;
    message("DNS zone has been deleted")
}

/// `GET dns/{zone}/records`: all of them, without pages.
pub fn records(call: &Call<'_>) -> Answer {
    let zone: Zone = ZONES.find(call, "id")?;
    data(
        RECORDS
            .under::<Record>(call.db, &zone.id)?
            .iter()
            .map(Record::view)
            .collect::<Vec<_>>(),
    )
}

fn bump(call: &Call<'_>, mut zone: Zone) -> Result<(), StoreError> {
    zone.soa.serial_number += 1;
    ZONES.save(call.db, &zone.id, &zone)
}

/// Takes over a body; what only some types have is checked for its type and not kept.
fn apply(record: &mut Record, body: &Fields) -> Result<(), FieldError> {
    record.host = body.required_text("host")?.to_owned();
    record.kind = body.required_text("type")?.to_owned();
    if !TYPES.contains(&record.kind.as_str()) {
        return Err(FieldError::new(
            "type",
            format!("must be one of {}", TYPES.join(", ")),
        ));
    }
    record.record = body.text("record")?.unwrap_or_default().to_owned();
    let elsewhere = matches!(record.kind.as_str(), "CAA" | "RP" | "SSHFP" | "TLSA");
    if record.record.is_empty() && !elsewhere {
        return Err(FieldError::new("record", "field is required"));
    }
    record.ttl = body.required_int("ttl")?;
    if record.ttl < 1 {
        return Err(FieldError::new("ttl", "must be at least 1"));
    }
    for field in [
        "priority",
        "weight",
        "port",
        "caaFlag",
        "algorithm",
        "usage",
        "selector",
        "matchingType",
    ] {
        body.int(field)?;
    }
    Ok(())
}

/// `POST dns/{zone}/records`: the answer does not tell the id; equal records may stand side by side.
pub fn create_record(call: &Call<'_>) -> Answer {
    let zone: Zone = ZONES.find(call, "id")?;
    let mut record = Record {
        id: new_record_id(call)?,
        zone: zone.id.clone(),
        kind: String::new(),
        host: String::new(),
        record: String::new(),
        ttl: 0,
        by_hand: true,
    };
    apply(&mut record, &Fields::of(call.request)?)?;
    RECORDS.insert(call.db, &record.id.to_string(), Some(&record.zone), &record)?;
    bump(call, zone)?;
    message("DNS record added successfully")
}

fn find_record(call: &Call<'_>, zone: &Zone) -> Result<Record, Failure> {
    let found: Option<Record> = RECORDS.get(call.db, call.request.param("record"))?;
    found
        .filter(|record| record.zone == zone.id)
        .ok_or_else(|| not_found("DNS record"))
}

/// `PUT dns/{zone}/records/{record}`
pub fn update_record(call: &Call<'_>) -> Answer {
    let zone: Zone = ZONES.find(call, "id")?;
    let mut record = find_record(call, &zone)?;
    apply(&mut record, &Fields::of(call.request)?)?;
    RECORDS.save(call.db, &record.id.to_string(), &record)?;
    bump(call, zone)?;
    message("DNS record updated successfully")
}

/// `DELETE dns/{zone}/records/{record}`
pub fn delete_record(call: &Call<'_>) -> Answer {
    let zone: Zone = ZONES.find(call, "id")?;
    let record = find_record(call, &zone)?;
    RECORDS.delete(call.db, &record.id.to_string())?;
    bump(call, zone)?;
    message("DNS record deleted successfully")
}

/// `GET dns/{zone}/soa`
pub fn soa(call: &Call<'_>) -> Answer {
    bare(json!(ZONES.find::<Zone>(call, "id")?.soa))
}

/// `PUT dns/{zone}/soa`: all of it.
pub fn set_soa(call: &Call<'_>) -> Answer {
    let mut zone: Zone = ZONES.find(call, "id")?;
    let body = Fields::of(call.request)?;
    zone.soa = Soa {
        serial_number: zone.soa.serial_number,
        primary_ns: body.required_text("primaryNs")?.to_owned(),
        admin_mail: body.required_text("adminMail")?.to_owned(),
        refresh: body.required_int("refresh")?,
        retry: body.required_int("retry")?,
        expire: body.required_int("expire")?,
        ttl: body.required_int("ttl")?,
    };
    bump(call, zone)?;
    message("SOA record updated successfully")
}
