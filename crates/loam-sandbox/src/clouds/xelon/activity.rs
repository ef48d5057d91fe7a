//! The log of changes. Only its existence is published: its paths and fields here are an invention.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::store::StoreError;

use super::CLOUD;
use super::answer::{Answer, search};
use super::kinds::new_id;
use super::scenery::CURRENT;

/// Entries kept.
const KEPT: usize = 2000;

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    identifier: String,
    method: String,
    path: String,
    created_at: Timestamp,
}

/// Notes the change that this request made.
pub fn record(call: &Call<'_>) -> Result<(), StoreError> {
    let entry = Entry {
        identifier: new_id(),
        method: call.request.method.to_string(),
        path: call.request.path.clone(),
        created_at: call.now,
    };
    let entries = call.db.collection(CLOUD, "activity");
    entries.insert(&entry.identifier, Some("all"), &entry)?;
    if call.db.next_number(CLOUD, "activity", 1)? % 500 == 0 {
        entries.keep_newest("all", KEPT)?;
    }
    Ok(())
}

fn list(call: &Call<'_>, wanted: impl Fn(&Entry) -> bool) -> Answer {
    let entries: Vec<Entry> = call
        .db
        .collection(CLOUD, "activity")
        .newest_first(Some("all"))?;
    let view = |entry: &Entry| {
        let category = entry.path.split('/').nth(1).unwrap_or_default();
        json!({
            "identifier": entry.identifier,
            "category": category,
            "type": entry.method,
            "description": format!("{} {}", entry.method, entry.path),
            "userName": "Sandbox User",
            "tenantIdentifier": CURRENT.id,
            "createdAt": iso(entry.created_at),
        })
    };
    let query = |name: &str| call.request.query(name).filter(|text| !text.is_empty());
    let moment = |name: &str| query(name).and_then(|text| text.parse::<Timestamp>().ok());
    let (from, to) = (moment("from"), moment("to"));
    // What counts is the time that is told, which has no fraction of a second.
    let told = |entry: &Entry| iso(entry.created_at).parse().unwrap_or(entry.created_at);
    let same = |name: &str, view: &Value| {
        query(name).is_none_or(|wanted| {
            let text = view[name].as_str().unwrap_or_default();
            text.eq_ignore_ascii_case(wanted)
        })
    };
    let entries: Vec<Value> = entries
        .iter()
        .filter(|entry| wanted(entry))
        .filter(|entry| from.is_none_or(|from| told(entry) >= from))
        .filter(|entry| to.is_none_or(|to| told(entry) <= to))
        .map(view)
        .filter(|view| same("category", view) && same("type", view))
        .collect();
    search(call.request, entries, &["description", "category"])
}

/// `GET activity`, `GET tenants/{id}/activity`
pub fn all(call: &Call<'_>) -> Answer {
    list(call, |_| true)
}

/// `GET devices/{id}/activity`
pub fn of_device(call: &Call<'_>) -> Answer {
    let prefix = format!("/devices/{}", call.request.param("id"));
    list(call, |entry| entry.path.starts_with(&prefix))
}
