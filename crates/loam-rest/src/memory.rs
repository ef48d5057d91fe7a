//! What a provider remembers of an object besides its attributes: the content of
//! [`Private`].

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use loam_provider::Private;
use loam_value::{Value, ValueMap};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::Sha256;

use crate::json;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    /// Salt of the hashes.
    #[serde(skip_serializing_if = "String::is_empty")]
    salt: String,
    /// Hashes of write-only values by attribute.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    hashes: BTreeMap<String, String>,
    /// Hashes of the write-only values that a planned change will send; empty for none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    intended: BTreeMap<String, String>,
    /// A detailed read has told all that answers tell.
    pub detailed: bool,
    /// The object was imported: what answers do not tell is not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
    /// It was imported once: defaults of what answers do not tell are not held against it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub left_open: bool,
    /// The step of the creation at which to go on; empty for the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume: Option<String>,
    /// What the description asked to remember.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    remembered: serde_json::Map<String, Json>,
}

impl Memory {
    /// Reads it. Something that is not ours is treated as an import: nothing is known
    /// of what answers do not tell.
    pub fn read(private: &Private) -> Memory {
        serde_json::from_str(&private.0).unwrap_or_else(|_| Memory::of_import())
    }

    /// Of an object that was imported.
    pub fn of_import() -> Memory {
        Memory {
            imported: true,
            left_open: true,
            ..Memory::default()
        }
    }

    /// Writes it.
    pub fn write(&self) -> Private {
        Private(serde_json::to_string(self).unwrap_or_default())
    }

    /// Notes a write-only value that a change will send; whether it differs from the one
    /// that was sent. After an import that is not known, and not a reason to change
    /// anything.
    pub fn intend(&mut self, name: &str, value: &Value) -> bool {
        if self.salt.is_empty() {
            self.salt = BASE64.encode(rand::random::<[u8; 16]>());
        }
        let hash = match value.is_null() {
            true => String::new(),
            false => hash(&self.salt, name, value),
        };
        let differs = self.changed(name, &hash);
        self.intended.insert(name.to_owned(), hash);
        differs
    }

    fn changed(&self, name: &str, hash: &str) -> bool {
        match self.hashes.get(name) {
            Some(known) => known != hash,
            None => !hash.is_empty() && !self.imported,
        }
    }

    /// The write-only attributes whose intended value is not the one that was sent.
    pub fn changes(&self) -> Vec<String> {
        let differs = |(name, hash): &(&String, &String)| self.changed(name, hash);
        self.intended
            .iter()
            .filter(differs)
            .map(|(n, _)| n.clone())
            .collect()
    }

    /// The intended values have been sent.
    pub fn sent(&mut self) {
        for (name, hash) in std::mem::take(&mut self.intended) {
            match hash.is_empty() {
                true => self.hashes.remove(&name),
                false => self.hashes.insert(name, hash),
            };
        }
    }

    /// The intended values have not been sent.
    pub fn give_up(&mut self) {
        self.intended.clear();
    }

    /// What the description remembered, by name.
    pub fn remembered(&self) -> ValueMap {
        let entries = self.remembered.iter();
        entries
            .map(|(k, v)| (k.as_str().into(), json::dynamic(v)))
            .collect()
    }

    /// Remembers a value.
    pub fn remember(&mut self, name: &str, value: &Value) {
        self.remembered
            .insert(name.to_owned(), json::encode(value, true));
    }
}

/// Rounds of hashing: enough to make guessing dear, little enough for a plan of
/// thousands (about a millisecond each).
const ROUNDS: u32 = 2_000;

/// PBKDF2 with HMAC-SHA-256, one block.
fn hash(salt: &str, name: &str, value: &Value) -> String {
    let text = json::encode(&value.unmarked_deep(), true).to_string();
    // HMAC takes a key of any length.
    let Ok(keyed) = Hmac::<Sha256>::new_from_slice(text.as_bytes()) else {
        return String::new();
    };
    let authenticate = |data: &[&[u8]]| -> [u8; 32] {
        let mut mac = keyed.clone();
        for d in data {
            mac.update(d);
        }
        mac.finalize().into_bytes().into()
    };
    let mut block = authenticate(&[salt.as_bytes(), name.as_bytes(), &1_u32.to_be_bytes()]);
    let mut result = block;
    for _ in 1..ROUNDS {
        block = authenticate(&[&block]);
        for (r, b) in result.iter_mut().zip(block) {
            *r ^= b;
        }
    }
    BASE64.encode(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_only_value_is_recognised_and_not_stored() {
        let mut memory = Memory::default();
        let name = "password";
        let (old, new) = (Value::string("hunter22"), Value::string("hunter23"));
        assert!(memory.intend(name, &old));
        memory.sent();
        let private = memory.write();
        assert!(!private.0.contains("hunter22"));
        let mut memory = Memory::read(&private);
        assert!(!memory.intend(name, &old));
        assert!(memory.changes().is_empty());
        assert!(memory.intend(name, &new));
        assert_eq!(memory.changes(), [name]);
    }

    #[test]
    fn after_an_import_a_write_only_value_is_no_change() {
        let mut memory = Memory::read(&Private::default());
        assert!(!memory.intend("password", &Value::string("hunter22")));
        assert!(memory.changes().is_empty());
        memory.sent();
        assert!(memory.intend("password", &Value::string("hunter23")));
    }

    #[test]
    fn two_objects_with_one_password_do_not_look_alike() {
        let sent = || {
            let mut m = Memory::default();
            m.intend("password", &Value::string("hunter22"));
            m.sent();
            m.hashes
        };
        assert_ne!(sent(), sent());
    }
}
