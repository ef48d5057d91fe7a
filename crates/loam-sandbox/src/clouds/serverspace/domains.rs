//! DNS domains. Changes of one zone run one after the other: a second one meanwhile is refused.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::later;
use crate::fields::FieldError;
use crate::store::{Collection, Db, StoreError};

use super::answer::{Answer, CONCURRENT, Failure, INVALID, not_found, ok, refuse};
use super::input::body;
use super::tasks::{self, NewTask};
use super::{CLOUD, records};

/// Virtual seconds that a change of a zone takes.
pub const CHANGE: f64 = 8.0;

/// A zone; its name has a dot at the end.
#[derive(Debug, Serialize, Deserialize)]
pub struct Domain {
    pub name: String,
    busy_until: Timestamp,
    gone_at: Option<Timestamp>,
}

/// A zone's row is removed when its name is taken again.
fn domains<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "domain")
}

impl Domain {
    fn exists(&self, now: Timestamp) -> bool {
        self.gone_at.is_none_or(|gone| now < gone)
    }

    fn view(&self, db: &Db<'_>, now: Timestamp) -> Result<Value, StoreError> {
        Ok(
            json!({"name": self.name, "is_delegated": false, "records": records::of_domain(db, now, &self.name)?}),
        )
    }

    /// Refuses while a change runs.
    pub fn check_idle(&self, call: &Call<'_>) -> Result<(), Failure> {
        if call.now < self.busy_until || self.gone_at.is_some() {
            return Err(refuse(CONCURRENT, "The zone is being changed"));
        }
        Ok(())
    }

    /// Begins a change of the zone; refused while another one runs.
    pub fn change(&mut self, call: &Call<'_>) -> Result<(), Failure> {
        self.check_idle(call)?;
        self.busy_until = later(call.now, CHANGE);
        domains(call.db).update(&self.name, self)?;
        Ok(())
    }
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    let mut list: Vec<Domain> = domains(db).oldest_first(None)?;
    list.retain(|domain| domain.exists(now));
    Ok(list
        .iter()
        .map(|domain| json!({"name": domain.name, "is_delegated": false}))
        .collect())
}

/// Lower case, with the dot.
pub fn canonical(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.').to_ascii_lowercase())
}

/// The zone of the path, written with or without its dot.
pub fn find(call: &Call<'_>) -> Result<Domain, Failure> {
    let found: Option<Domain> = domains(call.db).live(&canonical(call.request.param("domain")))?;
    found
        .filter(|domain| domain.exists(call.now))
        .ok_or_else(|| not_found("domain"))
}

/// `GET domains`
pub fn list(call: &Call<'_>) -> Answer {
    let list: Vec<Domain> = domains(call.db).oldest_first(None)?;
    let existing = list.iter().filter(|domain| domain.exists(call.now));
    let views: Vec<Value> = existing
        .map(|domain| domain.view(call.db, call.now))
        .collect::<Result<_, _>>()?;
    ok(json!({"domains": views}))
}

/// `GET domains/{name}`
pub fn read(call: &Call<'_>) -> Answer {
    ok(json!({"domain": find(call)?.view(call.db, call.now)?}))
}

/// `POST domains`: name servers' records come with it.
pub fn create(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let name = canonical(body.required_text("name")?);
    body.flag("migrate_records")?;
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let labels = name.trim_end_matches('.');
    if !labels.contains('.') || !labels.split('.').all(label) {
        return Err(FieldError::new("name", "must be a domain name").into());
    }
    if domains(call.db)
        .live::<Domain>(&name)?
        .is_some_and(|domain| domain.exists(call.now))
    {
        return Err(refuse(INVALID, format!("The domain {name} exists already")));
    }
    domains(call.db).purge(&name)?;
    let domain = Domain {
        name: name.clone(),
        busy_until: later(call.now, CHANGE),
        gone_at: None,
    };
    domains(call.db).insert(&name, None, &domain)?;
    records::add_name_servers(call, &name)?;
    let resources = [("domain", name)];
    tasks::answer_created(call, task("CreateDomain", &resources))
}

/// A DNS task.
pub fn task<'t>(kind: &'t str, resources: &'t [(&'t str, String)]) -> NewTask<'t> {
    NewTask {
        kind,
        location: None,
        resources,
        seconds: CHANGE,
        fails: false,
    }
}

/// `DELETE domains/{name}`: with all records.
pub fn delete(call: &Call<'_>) -> Answer {
    let mut domain = find(call)?;
    domain.change(call)?;
    domain.gone_at = Some(later(call.now, CHANGE));
    domains(call.db).update(&domain.name, &domain)?;
    records::delete_all(call, &domain.name)?;
    let resources = [("domain", domain.name)];
    tasks::answer_deleted(call, task("DeleteDomain", &resources))
}
