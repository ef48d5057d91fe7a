//! DNS zones and their records. Records are read only through their zone, and changed outside of it.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::dns::{Candidate, Names, check, conflict};
use crate::fields::{FieldError, Fields};
use crate::ids;
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::answer::{Answer, Failure, created, detail, no_content, not_found, ok, page};

/// The setting that lists zones in pages; they are a bare array otherwise, as the vendor's page shows.
pub const PAGED: &str = "dns_zones_paged";

#[derive(Debug, Serialize, Deserialize)]
struct Zone {
    uuid: String,
    domain: String,
    created_at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    uuid: String,
    zone: String,
    record_type: String,
    name: String,
    value: String,
    ttl: i64,
    priority: Option<i64>,
}

fn zones<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "dns_zone")
}

fn records<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "dns_record")
}

impl Zone {
    fn view(&self, db: &Db<'_>) -> Result<Value, StoreError> {
        Ok(json!({
            "uuid": self.uuid,
            "domain": self.domain,
            "created_at": iso(self.created_at),
            "record_count": records(db).count(Some(&self.uuid))?,
        }))
    }
}

impl Record {
    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            kind: &self.record_type,
            name: &self.name,
            value: &self.value,
            ttl: self.ttl,
            priority: self.priority,
        }
    }

    fn view(&self) -> Value {
        json!({
            "uuid": self.uuid,
            "record_type": self.record_type,
            "name": self.name,
            "value": self.value,
            "ttl": self.ttl,
            "priority": self.priority,
        })
    }

    /// Takes over what the body names, then checks the whole and its neighbours.
    fn apply(&mut self, db: &Db<'_>, body: &Fields) -> Result<(), Failure> {
        for (field, target) in [
            ("record_type", &mut self.record_type),
            ("name", &mut self.name),
            ("value", &mut self.value),
        ] {
            if body.has(field) || target.is_empty() {
                *target = body.required_text(field)?.to_owned();
            }
        }
        self.ttl = body.int("ttl")?.unwrap_or(self.ttl);
        if body.has("priority") {
            self.priority = body.int("priority")?;
        }
        check(
            self.candidate(),
            Names {
                kind: "record_type",
            },
        )?;
        let others: Vec<Record> = records(db).oldest_first(Some(&self.zone))?;
        let others = others.iter().filter(|other| other.uuid != self.uuid);
        conflict(self.candidate(), others.map(Record::candidate))?;
        Ok(())
    }
}

/// All zones.
pub fn all_zones(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    zones(db)
        .oldest_first::<Zone>(None)?
        .iter()
        .map(|zone| zone.view(db))
        .collect()
}

/// All records, with the uuid of their zone.
pub fn all_records(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    let with_zone = |record: &Record| {
        let mut view = record.view();
        view["zone"] = record.zone.clone().into();
        view
    };
    Ok(records(db)
        .oldest_first::<Record>(None)?
        .iter()
        .map(with_zone)
        .collect())
}

/// `GET /dns-zones/`
pub fn list(call: &Call<'_>) -> Answer {
    let mut list: Vec<Zone> = zones(call.db).oldest_first(None)?;
    list.retain(|zone| {
        call.request
            .query("domain")
            .is_none_or(|domain| zone.domain == domain)
    });
    let list = list
        .iter()
        .map(|zone| zone.view(call.db))
        .collect::<Result<Vec<_>, _>>()?;
    match call.db.setting::<bool>(CLOUD, PAGED)? {
        Some(true) => page(call.request, list),
        _ => Ok(ok(Value::Array(list))),
    }
}

fn find(call: &Call<'_>) -> Result<Zone, Failure> {
    zones(call.db)
        .live(call.request.param("id"))?
        .ok_or_else(not_found)
}

/// `GET /dns-zones/{uuid}/`
pub fn read(call: &Call<'_>) -> Answer {
    let zone = find(call)?;
    let list: Vec<Record> = records(call.db).oldest_first(Some(&zone.uuid))?;
    let mut view = zone.view(call.db)?;
    view["records"] = list.iter().map(Record::view).collect();
    Ok(ok(view))
}

/// `POST /dns-zones/`
pub fn create_zone(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let domain = body
        .required_text("domain")?
        .trim_end_matches('.')
        .to_ascii_lowercase();
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if !domain.contains('.') || !domain.split('.').all(label) {
        return Err(FieldError::new("domain", "must be a domain name").into());
    }
    let existing: Vec<Zone> = zones(call.db).oldest_first(None)?;
    if existing.iter().any(|zone| zone.domain == domain) {
        return Err(FieldError::new("domain", "there is a zone for this domain already").into());
    }
    let zone = Zone {
        uuid: ids::uuid(),
        domain,
        created_at: call.now,
    };
    zones(call.db).insert(&zone.uuid, None, &zone)?;
    Ok(created(zone.view(call.db)?))
}

/// `DELETE /dns-zones/{uuid}/`: with every record.
pub fn delete_zone(call: &Call<'_>) -> Answer {
    let zone = find(call)?;
    records(call.db).delete_children(&zone.uuid)?;
    zones(call.db).delete(&zone.uuid)?;
    Ok(no_content())
}

/// `POST /dns-zones/{uuid}/records/`
pub fn create_record(call: &Call<'_>) -> Answer {
    let zone = find(call)?;
    let body = Fields::of(call.request)?;
    let mut record = Record {
        uuid: ids::uuid(),
        zone: zone.uuid,
        record_type: String::new(),
        name: String::new(),
        value: String::new(),
        ttl: 3600,
        priority: None,
    };
    record.apply(call.db, &body)?;
    records(call.db).insert(&record.uuid, Some(&record.zone), &record)?;
    Ok(created(record.view()))
}

fn find_record(call: &Call<'_>) -> Result<Record, Failure> {
    records(call.db)
        .live(call.request.param("id"))?
        .ok_or_else(not_found)
}

/// `PATCH /dns-records/{uuid}/`
pub fn update_record(call: &Call<'_>) -> Answer {
    let mut record = find_record(call)?;
    let body = Fields::of(call.request)?;
    if body.names().next().is_none() {
        return Err(detail(StatusCode::BAD_REQUEST, "Nothing to change."));
    }
    record.apply(call.db, &body)?;
    records(call.db).update(&record.uuid, &record)?;
    Ok(ok(record.view()))
}

/// `DELETE /dns-records/{uuid}/`
pub fn delete_record(call: &Call<'_>) -> Answer {
    let record = find_record(call)?;
    records(call.db).delete(&record.uuid)?;
    Ok(no_content())
}
