//! SSH keys, returned byte for byte as they were sent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::ssh;
use crate::store::{Db, StoreError};

use super::answer::{Answer, bare, message, search, written};
use super::kinds::{Kind, new_id};

const KEYS: Kind = Kind {
    name: "ssh_key",
    title: "SSH key",
};

#[derive(Debug, Serialize, Deserialize)]
struct SshKey {
    id: String,
    name: String,
    key: String,
    created_at: Timestamp,
}

impl SshKey {
    fn view(&self) -> Value {
        json!({"identifier": self.id, "name": self.name, "sshKey": self.key, "createdAt": iso(self.created_at)})
    }

    /// Takes over a body, which must be complete.
    fn apply(&mut self, body: &Fields) -> Result<(), FieldError> {
        self.name = body.required_text("name")?.to_owned();
        self.key = body.required_text("sshKey")?.to_owned();
        match self.key.trim_end().lines().count() {
            1 if ssh::key_blob(&self.key).is_some() => Ok(()),
            _ => Err(FieldError::new("sshKey", "must be an OpenSSH public key")),
        }
    }
}

/// All that exist.
pub fn all(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    Ok(KEYS.all::<SshKey>(db)?.iter().map(SshKey::view).collect())
}

/// Whether there is a key with this identifier.
pub fn exists(db: &Db<'_>, id: &str) -> Result<bool, StoreError> {
    Ok(KEYS.get::<SshKey>(db, id)?.is_some())
}

/// The key with this identifier, as it is read.
pub fn view(db: &Db<'_>, id: &str) -> Result<Option<Value>, StoreError> {
    Ok(KEYS.get::<SshKey>(db, id)?.map(|key| key.view()))
}

/// `GET ssh-keys`
pub fn list(call: &Call<'_>) -> Answer {
    search(call.request, all(call.db)?, &["name"])
}

/// `GET ssh-keys/{id}`
pub fn read(call: &Call<'_>) -> Answer {
    bare(KEYS.find::<SshKey>(call, "id")?.view())
}

/// `POST ssh-keys`
pub fn create(call: &Call<'_>) -> Answer {
    let mut key = SshKey {
        id: new_id(),
        name: String::new(),
        key: String::new(),
        created_at: call.now,
    };
    key.apply(&Fields::of(call.request)?)?;
    KEYS.insert(call.db, &key.id, None, &key)?;
    written(key.view(), "SSH key has been added.")
}

/// `PATCH ssh-keys/{id}`
pub fn update(call: &Call<'_>) -> Answer {
    let mut key: SshKey = KEYS.find(call, "id")?;
    key.apply(&Fields::of(call.request)?)?;
    KEYS.save(call.db, &key.id, &key)?;
    written(key.view(), "SSH key has been updated.")
}

/// `DELETE ssh-keys/{id}`
pub fn delete(call: &Call<'_>) -> Answer {
    let key: SshKey = KEYS.find(call, "id")?;
    KEYS.delete(call.db, &key.id)?;
    message("SSH key has been deleted.")
}
