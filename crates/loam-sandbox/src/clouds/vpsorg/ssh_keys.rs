//! SSH keys: made, listed, deleted. The key itself is never shown again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::ids;
use crate::ssh;
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::answer::{Answer, created, no_content, not_found, page};

#[derive(Debug, Serialize, Deserialize)]
struct SshKey {
    uuid: String,
    name: String,
    fingerprint: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

fn keys<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "ssh_key")
}

impl SshKey {
    fn view(&self) -> Value {
        json!({
            "uuid": self.uuid,
            "name": self.name,
            "fingerprint": self.fingerprint,
            "created_at": iso(self.created_at),
            "last_used_at": self.last_used_at.map(iso),
        })
    }
}

/// All that exist.
pub fn all(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    let list: Vec<SshKey> = keys(db).oldest_first(None)?;
    Ok(list.iter().map(SshKey::view).collect())
}

/// Notes that these keys are put on a server; false when one does not exist.
pub fn use_keys(db: &Db<'_>, now: Timestamp, uuids: &[String]) -> Result<bool, StoreError> {
    for uuid in uuids {
        let Some(mut key) = keys(db).live::<SshKey>(uuid)? else {
            return Ok(false);
        };
        key.last_used_at = Some(now);
        keys(db).update(uuid, &key)?;
    }
    Ok(true)
}

/// `GET /ssh-keys/`
pub fn list(call: &Call<'_>) -> Answer {
    page(call.request, all(call.db)?)
}

/// `POST /ssh-keys/`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let name = body.required_text("name")?.to_owned();
    let fingerprint = ssh::fingerprint(body.required_text("public_key")?)
        .ok_or_else(|| FieldError::new("public_key", "must be an OpenSSH public key"))?;
    let existing: Vec<SshKey> = keys(call.db).oldest_first(None)?;
    if existing.iter().any(|key| key.fingerprint == fingerprint) {
        return Err(FieldError::new("public_key", "this key is here already").into());
    }
    let key = SshKey {
        uuid: ids::uuid(),
        name,
        fingerprint,
        created_at: call.now,
        last_used_at: None,
    };
    keys(call.db).insert(&key.uuid, None, &key)?;
    Ok(created(key.view()))
}

/// `DELETE /ssh-keys/{uuid}/`
pub fn delete(call: &Call<'_>) -> Answer {
    let uuid = call.request.param("id");
    keys(call.db).live::<SshKey>(uuid)?.ok_or_else(not_found)?;
    keys(call.db).delete(uuid)?;
    Ok(no_content())
}
