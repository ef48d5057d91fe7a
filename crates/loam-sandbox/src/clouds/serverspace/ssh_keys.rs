//! SSH keys: synchronous, without update; trimmed at both ends, otherwise as sent.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::fields::FieldError;
use crate::ssh;
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::answer::{Answer, Failure, created, empty, not_found, ok};
use super::input::body;

#[derive(Debug, Serialize, Deserialize)]
struct SshKey {
    id: i64,
    name: String,
    public_key: String,
}

fn keys<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "ssh_key")
}

/// All that exist.
pub fn all(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    keys(db).oldest_first(None)
}

/// Whether there is a key with this id.
pub fn exists(db: &Db<'_>, id: i64) -> Result<bool, StoreError> {
    Ok(keys(db).live::<SshKey>(&id.to_string())?.is_some())
}

/// `GET ssh-keys`
pub fn list(call: &Call<'_>) -> Answer {
    ok(json!({"ssh_keys": all(call.db)?}))
}

fn find(call: &Call<'_>) -> Result<SshKey, Failure> {
    keys(call.db)
        .live(call.request.param("id"))?
        .ok_or_else(|| not_found("SSH key"))
}

/// `GET ssh-keys/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    let key = find(call)?;
    ok(json!({"ssh_key": {"id": key.id, "name": key.name, "public_key": key.public_key}}))
}

/// `POST ssh-keys`: the answer has no wrapper.
pub fn create(call: &Call<'_>) -> Answer {
    let body = body(call.request)?;
    let name = body.required_text("name")?.to_owned();
    let public_key = body.required_text("public_key")?.trim().to_owned();
    if ssh::key_blob(&public_key).is_none() && !public_key.starts_with("---- BEGIN SSH2 PUBLIC KEY")
    {
        return Err(
            FieldError::new("public_key", "must be a public key in OpenSSH or SSH2 form").into(),
        );
    }
    let key = SshKey {
        id: call.db.next_number(CLOUD, "ssh_key", 77)?,
        name,
        public_key,
    };
    keys(call.db).insert(&key.id.to_string(), None, &key)?;
    created(json!({"id": key.id, "name": key.name, "public_key": key.public_key}))
}

/// `DELETE ssh-keys/{id}`
pub fn delete(call: &Call<'_>) -> Answer {
    let key = find(call)?;
    keys(call.db).delete(&key.id.to_string())?;
    empty()
}
