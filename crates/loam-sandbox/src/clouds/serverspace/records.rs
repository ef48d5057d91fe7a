//! DNS records: fields by type, one TTL for a set, TXT in quotes, SRV names with their prefix.

use std::net::{Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::api::Call;
use crate::clock::later;
use crate::fields::{FieldError, Fields};
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::answer::{Answer, Failure, RECORD_EXISTS, not_found, ok, refuse};
use super::domains::{self, CHANGE, Domain, canonical, task};
use super::input::{body, int};
use super::tasks;

/// Virtual seconds that a deleted record stays listed beyond its task.
const LINGERING: f64 = 7.0;
const TYPES: [&str; 7] = ["A", "AAAA", "MX", "CNAME", "NS", "TXT", "SRV"];
const TTLS: [&str; 13] = [
    "1s", "5s", "30s", "1m", "5m", "10m", "15m", "30m", "1h", "2h", "6h", "12h", "1d",
];
const DEFAULT_TTL: &str = "1h";

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    id: i64,
    domain: String,
    name: String,
    kind: String,
    ttl: String,
    /// The fields that belong to the type.
    data: Map<String, Value>,
    by_hand: bool,
    gone_at: Option<Timestamp>,
}

/// Records by id, listed under their domain.
fn records<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "record")
}

impl Record {
    fn view(&self) -> Value {
        let mut view = Map::new();
        view.insert("id".to_owned(), json!(self.id));
        view.insert("name".to_owned(), json!(self.name));
        view.insert("type".to_owned(), json!(self.kind));
        view.extend(self.data.clone());
        view.insert("ttl".to_owned(), json!(self.ttl));
        Value::Object(view)
    }

    fn exists(&self, now: Timestamp) -> bool {
        self.gone_at.is_none_or(|gone| now < gone)
    }

    fn save(&self, db: &Db<'_>) -> Result<(), StoreError> {
        records(db).update(&self.id.to_string(), self)
    }
}

fn existing(db: &Db<'_>, now: Timestamp, domain: Option<&str>) -> Result<Vec<Record>, StoreError> {
    let mut list: Vec<Record> = records(db).oldest_first(domain)?;
    list.retain(|record| record.exists(now));
    Ok(list)
}

/// The records of a domain.
pub fn of_domain(db: &Db<'_>, now: Timestamp, domain: &str) -> Result<Vec<Value>, StoreError> {
    Ok(existing(db, now, Some(domain))?
        .iter()
        .map(Record::view)
        .collect())
}

/// All records but those that come with a domain, with the name of theirs.
pub fn all_made_by_hand(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let with_domain = |record: &Record| {
        let mut view = record.view();
        view["domain"] = record.domain.clone().into();
        view
    };
    Ok(existing(db, now, None)?
        .iter()
        .filter(|record| record.by_hand)
        .map(with_domain)
        .collect())
}

/// The records of the vendor's name servers.
pub fn add_name_servers(call: &Call<'_>, domain: &str) -> Result<(), StoreError> {
    for number in 1..=4 {
        let mut data = Map::new();
        data.insert(
            "name_server_host".to_owned(),
            json!(format!("ns0{number}.serverspace.com.")),
        );
        let record = Record {
            id: call.db.next_number(CLOUD, "record", 1)?,
            domain: domain.to_owned(),
            name: domain.to_owned(),
            kind: "NS".to_owned(),
            ttl: DEFAULT_TTL.to_owned(),
            data,
            by_hand: false,
            gone_at: None,
        };
        records(call.db).insert(&record.id.to_string(), Some(domain), &record)?;
    }
    Ok(())
}

/// Ends all records of a domain.
pub fn delete_all(call: &Call<'_>, domain: &str) -> Result<(), StoreError> {
    for mut record in existing(call.db, call.now, Some(domain))? {
        record.gone_at = Some(later(call.now, CHANGE));
        record.save(call.db)?;
    }
    Ok(())
}

/// `GET domains/{name}/records`
pub fn list(call: &Call<'_>) -> Answer {
    let domain = domains::find(call)?;
    ok(json!({"records": of_domain(call.db, call.now, &domain.name)?}))
}

fn find(call: &Call<'_>, domain: &Domain) -> Result<Record, Failure> {
    let found: Option<Record> = records(call.db).live(call.request.param("record"))?;
    found
        .filter(|record| record.domain == domain.name && record.exists(call.now))
        .ok_or_else(|| not_found("record"))
}

/// `GET domains/{name}/records/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    let domain = domains::find(call)?;
    ok(json!({"record": find(call, &domain)?.view()}))
}

/// What a body says a record is to be.
struct Wanted {
    name: String,
    kind: String,
    ttl: Option<String>,
    data: Map<String, Value>,
}

fn fqdn(fields: &Fields, field: &str) -> Result<String, FieldError> {
    let text = fields.required_text(field)?;
    if !text.ends_with('.') || text.len() < 2 {
        return Err(FieldError::new(
            field,
            "must be a full name with a dot at the end",
        ));
    }
    Ok(text.to_ascii_lowercase())
}

fn port(fields: &Fields, field: &str) -> Result<i64, FieldError> {
    match int(fields, field)?.unwrap_or(0) {
        number @ 0..=65_535 => Ok(number),
        _ => Err(FieldError::new(field, "must be from 0 to 65535")),
    }
}

fn wanted(call: &Call<'_>, domain: &str) -> Result<Wanted, Failure> {
    let fields = body(call.request)?;
    let kind = fields.required_text("type")?.to_ascii_uppercase();
    if !TYPES.contains(&kind.as_str()) {
        return Err(FieldError::new("type", format!("must be one of {}", TYPES.join(", "))).into());
    }
    let mut name = canonical(&fqdn(&fields, "name")?);
    if name != domain && !name.ends_with(&format!(".{domain}")) {
        return Err(FieldError::new("name", format!("must be in {domain}")).into());
    }
    let ttl = fields
        .text("ttl")?
        .filter(|ttl| !ttl.is_empty())
        .map(str::to_owned);
    if ttl.as_deref().is_some_and(|ttl| !TTLS.contains(&ttl)) {
        return Err(FieldError::new("ttl", format!("must be one of {}", TTLS.join(", "))).into());
    }
    let mut data = Map::new();
    match kind.as_str() {
        "A" | "AAAA" => {
            let ip = fields.required_text("ip")?;
            let right = if kind == "A" {
                ip.parse::<Ipv4Addr>().is_ok()
            } else {
                ip.parse::<Ipv6Addr>().is_ok()
            };
            if !right {
                return Err(FieldError::new("ip", format!("must be an address for {kind}")).into());
            }
            data.insert("ip".to_owned(), json!(ip));
        }
        "MX" => {
            data.insert("mail_host".to_owned(), json!(fqdn(&fields, "mail_host")?));
            data.insert("priority".to_owned(), json!(port(&fields, "priority")?));
        }
        "CNAME" => {
            data.insert(
                "canonical_name".to_owned(),
                json!(fqdn(&fields, "canonical_name")?),
            );
        }
        "NS" => {
            data.insert(
                "name_server_host".to_owned(),
                json!(fqdn(&fields, "name_server_host")?),
            );
        }
        "TXT" => {
            data.insert(
                "text".to_owned(),
                json!(format!("\"{}\"", fields.required_text("text")?)),
            );
        }
        _ => {
            let protocol = fields.required_text("protocol")?.to_ascii_uppercase();
            if !matches!(protocol.as_str(), "TCP" | "UDP" | "TLS") {
                return Err(FieldError::new("protocol", "must be TCP, UDP or TLS").into());
            }
            let service = fields
                .required_text("service")?
                .trim_start_matches('_')
                .to_owned();
            // Always put before the name, also before one that has it already.
            name = format!("_{service}._{}.{name}", protocol.to_ascii_lowercase());
            data.insert("protocol".to_owned(), json!(protocol));
            data.insert("service".to_owned(), json!(service));
            for field in ["priority", "weight", "port"] {
                data.insert(field.to_owned(), json!(port(&fields, field)?));
            }
            data.insert("target".to_owned(), json!(fqdn(&fields, "target")?));
        }
    }
    Ok(Wanted {
        name,
        kind,
        ttl,
        data,
    })
}

/// Refuses a second CNAME of a name and an identical record; gives the set its TTL.
fn fit(
    call: &Call<'_>,
    domain: &str,
    wanted: &Wanted,
    itself: Option<i64>,
) -> Result<String, Failure> {
    let others: Vec<Record> = existing(call.db, call.now, Some(domain))?
        .into_iter()
        .filter(|other| other.gone_at.is_none() && Some(other.id) != itself)
        .filter(|other| other.name == wanted.name && other.kind == wanted.kind)
        .collect();
    if others
        .iter()
        .any(|other| other.data == wanted.data || wanted.kind == "CNAME")
    {
        return Err(refuse(RECORD_EXISTS, "The record exists already"));
    }
    let inherited = others.first().map(|other| other.ttl.clone());
    let ttl = wanted
        .ttl
        .clone()
        .or(inherited)
        .unwrap_or_else(|| DEFAULT_TTL.to_owned());
    for mut other in others.into_iter().filter(|other| other.ttl != ttl) {
        other.ttl.clone_from(&ttl);
        other.save(call.db)?;
    }
    Ok(ttl)
}

fn resources(record: &Record) -> [(&'static str, String); 2] {
    [
        ("domain", record.domain.clone()),
        ("record", record.id.to_string()),
    ]
}

/// `POST domains/{name}/records`
pub fn create(call: &Call<'_>) -> Answer {
    let mut domain = domains::find(call)?;
    let wanted = wanted(call, &domain.name)?;
    domain.check_idle(call)?;
    let ttl = fit(call, &domain.name, &wanted, None)?;
    domain.change(call)?;
    let record = Record {
        id: call.db.next_number(CLOUD, "record", 1)?,
        domain: domain.name,
        name: wanted.name,
        kind: wanted.kind,
        ttl,
        data: wanted.data,
        by_hand: true,
        gone_at: None,
    };
    records(call.db).insert(&record.id.to_string(), Some(&record.domain), &record)?;
    tasks::answer_created(call, task("CreateRecord", &resources(&record)))
}

/// `PUT domains/{name}/records/{id}`: the whole record.
pub fn update(call: &Call<'_>) -> Answer {
    let mut domain = domains::find(call)?;
    let mut record = find(call, &domain)?;
    let wanted = wanted(call, &domain.name)?;
    domain.check_idle(call)?;
    record.ttl = fit(call, &domain.name, &wanted, Some(record.id))?;
    domain.change(call)?;
    record.name = wanted.name;
    record.kind = wanted.kind;
    record.data = wanted.data;
    record.save(call.db)?;
    tasks::answer(call, task("UpdateRecord", &resources(&record)))
}

/// `DELETE domains/{name}/records/{id}`: listed for some seconds more.
pub fn delete(call: &Call<'_>) -> Answer {
    let mut domain = domains::find(call)?;
    let mut record = find(call, &domain)?;
    domain.change(call)?;
    record.gone_at = Some(later(call.now, CHANGE + LINGERING));
    record.save(call.db)?;
    tasks::answer_deleted(call, task("DeleteRecord", &resources(&record)))
}
