//! Domains: found, searched, changed and renewed, but neither registered nor deleted.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::fields::{FieldError, Fields};
use crate::ids;
use crate::store::{Db, StoreError};

use super::answer::{Answer, Failure, not_found, ok, page};
use super::dual::Dual;

/// The domain that every account has.
const FIRST: &str = "demo.test";
/// Days of a year, for renewals.
const YEAR: i64 = 365;

const DOMAINS: Dual = Dual {
    kind: "domain",
    numbers: "domain_number",
    first: 2001,
};

#[derive(Debug, Serialize, Deserialize)]
struct Domain {
    id: i64,
    uuid: String,
    domain_name: String,
    registered_at: Timestamp,
    expires_at: Timestamp,
    auto_renew: bool,
    locked: bool,
    privacy: bool,
    nameservers: Vec<String>,
}

impl Domain {
    fn view(&self, now: Timestamp) -> Value {
        let left = self.expires_at.duration_since(now).as_hours() / 24;
        let mut body = json!({
            "id": self.id,
            "uuid": self.uuid,
            "domain_name": self.domain_name,
            "status": self.status(now),
            "registration_date": date(self.registered_at),
            "expiration_date": date(self.expires_at),
            "days_until_expiration": left,
            "auto_renew": self.auto_renew,
            "locked": self.locked,
            "transfer_lock": self.locked,
            "nameservers": self.nameservers,
            "privacy_protection": self.privacy,
            "whois_privacy": self.privacy,
            "dns_managed_by": if self.nameservers.iter().all(|name| name.ends_with(".vps.org")) { "vps.org" } else { "external" },
            "registrar": "VPS.org",
        });
        for number in 1..=4_usize {
            body[format!("nameserver{number}")] = json!(self.nameservers.get(number - 1));
        }
        body
    }

    fn status(&self, now: Timestamp) -> &'static str {
        if self.expires_at <= now {
            "expired"
        } else {
            "active"
        }
    }
}

fn date(time: Timestamp) -> String {
    crate::clock::iso(time)
        .split('T')
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count * 24)
}

/// Makes the first domain.
pub fn seed(db: &Db<'_>, now: Timestamp) -> Result<(), StoreError> {
    if DOMAINS.by_uuid(db).count(None)? == 0 {
        add(db, now, FIRST)?;
    }
    Ok(())
}

/// Registers a domain, as the vendor's web pages do.
pub fn add(db: &Db<'_>, now: Timestamp, name: &str) -> Result<Value, StoreError> {
    let uuid = ids::uuid();
    let domain = Domain {
        id: DOMAINS.number(db, &uuid)?,
        uuid,
        domain_name: name.to_ascii_lowercase(),
        registered_at: now,
        expires_at: now.saturating_add(days(YEAR)).unwrap_or(Timestamp::MAX),
        auto_renew: true,
        locked: true,
        privacy: true,
        nameservers: vec!["ns1.vps.org".to_owned(), "ns2.vps.org".to_owned()],
    };
    DOMAINS.insert(db, &domain.uuid, None, &domain)?;
    Ok(domain.view(now))
}

fn find(call: &Call<'_>) -> Result<Domain, Failure> {
    DOMAINS
        .find(call.db, call.request.param("id"))?
        .ok_or_else(not_found)
}

fn save(call: &Call<'_>, domain: &Domain) -> Answer {
    DOMAINS.by_uuid(call.db).update(&domain.uuid, domain)?;
    Ok(ok(domain.view(call.now)))
}

/// `GET /domains/`
pub fn list(call: &Call<'_>) -> Answer {
    let mut list: Vec<Domain> = DOMAINS.by_uuid(call.db).oldest_first(None)?;
    let query = |name: &str| call.request.query(name);
    list.retain(|domain| {
        query("status").is_none_or(|status| domain.status(call.now) == status)
            && query("search")
                .is_none_or(|part| domain.domain_name.contains(&part.to_ascii_lowercase()))
    });
    page(
        call.request,
        list.iter().map(|domain| domain.view(call.now)).collect(),
    )
}

/// `GET /domains/{id}/`
pub fn read(call: &Call<'_>) -> Answer {
    Ok(ok(find(call)?.view(call.now)))
}

/// `PATCH /domains/{id}/`
pub fn update(call: &Call<'_>) -> Answer {
    let mut domain = find(call)?;
    let body = Fields::of(call.request)?;
    domain.auto_renew = body.flag("auto_renew")?.unwrap_or(domain.auto_renew);
    domain.locked = body.flag("locked")?.unwrap_or(domain.locked);
    domain.privacy = body.flag("privacy_protection")?.unwrap_or(domain.privacy);
    save(call, &domain)
}

/// `POST /domains/{id}/update_nameservers/`: replaces the whole set.
pub fn set_nameservers(call: &Call<'_>) -> Answer {
    let mut domain = find(call)?;
    let names = Fields::of(call.request)?
        .texts("nameservers")?
        .unwrap_or_default();
    let hostname = |name: &String| {
        name.contains('.')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
    };
    if !(1..=4).contains(&names.len()) || !names.iter().all(hostname) {
        return Err(FieldError::new("nameservers", "must be a list of 1 to 4 host names").into());
    }
    domain.nameservers = names;
    save(call, &domain)
}

/// `POST /domains/{id}/renew/`
pub fn renew(call: &Call<'_>) -> Answer {
    let mut domain = find(call)?;
    let years = Fields::of(call.request)?.int("years")?.unwrap_or(1);
    if !(1..=10).contains(&years) {
        return Err(FieldError::new("years", "must be between 1 and 10").into());
    }
    domain.expires_at = domain
        .expires_at
        .saturating_add(days(YEAR * years))
        .unwrap_or(Timestamp::MAX);
    save(call, &domain)
}

/// `POST /domains/search/`
pub fn search(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let name = body.required_text("domain")?.to_ascii_lowercase();
    if !name.contains('.') {
        return Err(FieldError::new("domain", "must be a domain name").into());
    }
    let list: Vec<Domain> = DOMAINS.by_uuid(call.db).oldest_first(None)?;
    let available = !list.iter().any(|domain| domain.domain_name == name);
    Ok(ok(json!({
        "domain": name,
        "available": available,
        "price": 11.99,
        "currency": "USD",
        "renewal_price": 13.99,
    })))
}
