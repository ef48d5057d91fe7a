//! DNS: zones are read-only; records are made and deleted, never changed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::dns::{Candidate, Names, check, conflict};
use crate::fields::Fields;
use crate::ids;
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::envelope::{Answer, Failure, data, page, refuse};

/// The zone that every account has.
const FIRST_ZONE: &str = "demo.test";

#[derive(Debug, Serialize, Deserialize)]
struct Zone {
    domain: String,
    created_at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    id: String,
    zone: String,
    kind: String,
    name: String,
    value: String,
    ttl: i64,
    priority: Option<i64>,
    created_at: Timestamp,
}

fn zones_of<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "dns_zone")
}

fn records<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "dns_record")
}

impl Record {
    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            kind: &self.kind,
            name: &self.name,
            value: &self.value,
            ttl: self.ttl,
            priority: self.priority,
        }
    }

    fn view(&self) -> Value {
        json!({
            "id": self.id,
            "type": self.kind,
            "name": self.name,
            "value": self.value,
            "ttl": self.ttl,
            "priority": self.priority,
            "created_at": iso(self.created_at),
        })
    }
}

/// Makes the first zone.
pub fn seed(db: &Db<'_>, now: Timestamp) -> Result<(), StoreError> {
    add_zone(db, now, FIRST_ZONE).map(drop)
}

/// Makes a zone unless it is there.
pub fn add_zone(db: &Db<'_>, now: Timestamp, domain: &str) -> Result<Value, StoreError> {
    let domain = domain.to_ascii_lowercase();
    if !has_zone(db, &domain)? {
        zones_of(db).insert(
            &domain,
            None,
            &Zone {
                domain: domain.clone(),
                created_at: now,
            },
        )?;
    }
    Ok(json!({"domain": domain}))
}

/// Whether there is a zone of this name.
pub fn has_zone(db: &Db<'_>, domain: &str) -> Result<bool, StoreError> {
    Ok(zones_of(db).live::<Zone>(domain)?.is_some())
}

/// All records of all zones, with the name of their zone.
pub fn all(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    let list: Vec<Record> = records(db).oldest_first(None)?;
    let with_zone = |record: &Record| {
        let mut view = record.view();
        view["zone"] = record.zone.clone().into();
        view
    };
    Ok(list.iter().map(with_zone).collect())
}

/// `GET /dns/zones`
pub fn zones(call: &Call<'_>) -> Answer {
    let mut list = Vec::new();
    for zone in zones_of(call.db).oldest_first::<Zone>(None)? {
        list.push(json!({
            "domain": zone.domain,
            "status": "active",
            "record_count": records(call.db).count(Some(&zone.domain))?,
            "nameservers": ["ns1.xessone.test", "ns2.xessone.test"],
            "created_at": iso(zone.created_at),
        }));
    }
    page(call.request, list)
}

fn zone(call: &Call<'_>) -> Result<String, Failure> {
    let domain = call.request.param("domain").to_ascii_lowercase();
    match has_zone(call.db, &domain)? {
        true => Ok(domain),
        false => Err(refuse(404, format!("There is no zone {domain}"))),
    }
}

/// `GET /dns/zones/:domain/records`
pub fn list(call: &Call<'_>) -> Answer {
    let zone = zone(call)?;
    let wanted = |field: &str, value: &str| {
        call.request
            .query(field)
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    let mut list: Vec<Record> = records(call.db).oldest_first(Some(&zone))?;
    list.retain(|record| wanted("type", &record.kind) && wanted("name", &record.name));
    page(call.request, list.iter().map(Record::view).collect())
}

/// `POST /dns/zones/:domain/records`
pub fn create(call: &Call<'_>) -> Answer {
    let zone = zone(call)?;
    let body = Fields::of(call.request)?;
    let record = Record {
        id: format!("rec-{}", ids::lower(6)),
        zone,
        kind: body.required_text("type")?.to_ascii_uppercase(),
        name: body.required_text("name")?.to_owned(),
        value: body.required_text("value")?.to_owned(),
        ttl: body.int("ttl")?.unwrap_or(3600),
        priority: body.int("priority")?,
        created_at: call.now,
    };
    check(record.candidate(), Names { kind: "type" })?;
    let others: Vec<Record> = records(call.db).oldest_first(Some(&record.zone))?;
    conflict(record.candidate(), others.iter().map(Record::candidate))?;
    records(call.db).insert(&record.id, Some(&record.zone), &record)?;
    Ok(data(record.view()))
}

/// `DELETE /dns/zones/:domain/records/:id`
pub fn delete(call: &Call<'_>) -> Answer {
    let zone = zone(call)?;
    let id = call.request.param("id");
    let found = records(call.db)
        .live::<Record>(id)?
        .filter(|record| record.zone == zone);
    let record = found.ok_or_else(|| refuse(404, format!("There is no record {id} in {zone}")))?;
    records(call.db).delete(&record.id)?;
    Ok(data(json!({"id": record.id, "deleted": true})))
}
