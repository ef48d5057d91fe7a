//! Affinity groups: made and deleted at once; servers join when they are ordered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::fields::FieldError;
use crate::store::{Collection, Db, StoreError};

use super::answer::{Answer, Failure, GROUP_IN_USE, INVALID, created, not_found, ok, refuse};
use super::catalog::{Location, location};
use super::input::body;
use super::tasks;
use super::{CLOUD, servers};

#[derive(Debug, Serialize, Deserialize)]
struct Group {
    id: String,
    location: String,
    name: String,
    affinity: bool,
}

fn groups<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "affinity_group")
}

impl Group {
    fn view(&self, db: &Db<'_>, now: Timestamp) -> Result<Value, StoreError> {
        Ok(json!({
            "id": self.id,
            "location_id": self.location,
            "name": self.name,
            "affinity": self.affinity,
            "server_ids": members(db, now, &self.id)?,
        }))
    }
}

fn members(db: &Db<'_>, now: Timestamp, group: &str) -> Result<Vec<String>, StoreError> {
    let mut list = servers::existing(db, now)?;
    list.retain(|server| server.affinity_group.as_deref() == Some(group));
    Ok(list.into_iter().map(|server| server.id).collect())
}

/// All that exist.
pub fn all(db: &Db<'_>, now: Timestamp) -> Result<Vec<Value>, StoreError> {
    groups(db)
        .oldest_first::<Group>(None)?
        .iter()
        .map(|group| group.view(db, now))
        .collect()
}

/// Refuses a group that is unknown or in another location.
pub fn check(call: &Call<'_>, id: &str, site: &Location) -> Result<(), Failure> {
    let group: Option<Group> = groups(call.db).live(id)?;
    match group {
        Some(group) if group.location == site.id => Ok(()),
        _ => Err(refuse(
            INVALID,
            format!("There is no affinity group {id} in this location"),
        )),
    }
}

fn find(call: &Call<'_>) -> Result<Group, Failure> {
    groups(call.db)
        .live(call.request.param("id"))?
        .ok_or_else(|| not_found("affinity group"))
}

/// `GET affinity-groups`
pub fn list(call: &Call<'_>) -> Answer {
    let wanted = call
        .request
        .query("location_id")
        .filter(|id| !id.is_empty());
    let mut list = all(call.db, call.now)?;
    list.retain(|group| wanted.is_none_or(|id| group["location_id"] == id));
    ok(json!({"affinity_groups": list}))
}

/// `GET affinity-groups/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    ok(json!({"affinity_group": find(call)?.view(call.db, call.now)?}))
}

/// `POST affinity-groups`
pub fn create(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let site = location(body.required_text("location_id")?)?;
    let name = body.required_text("name")?;
    if name.chars().count() > 25 {
        return Err(FieldError::new("name", "has at most 25 characters").into());
    }
    let group = Group {
        id: format!(
            "l{}g{}",
            site.number,
            call.db.next_number(CLOUD, "affinity_group", 4)?
        ),
        location: site.id.to_owned(),
        name: name.to_owned(),
        affinity: body.required_flag("affinity")?,
    };
    groups(call.db).insert(&group.id, None, &group)?;
    created(json!({"affinity_group": group.view(call.db, call.now)?}))
}

/// `DELETE affinity-groups/{id}`
pub fn delete(call: &Call<'_>) -> Answer {
    let group = find(call)?;
    if !members(call.db, call.now, &group.id)?.is_empty() {
        return Err(refuse(GROUP_IN_USE, "The affinity group still has servers"));
    }
    groups(call.db).delete(&group.id)?;
    tasks::answer_deleted_at_once(call)
}
