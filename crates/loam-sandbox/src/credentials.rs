//! Keys and tokens of the emulated clouds, kept as hashes.
//!
//! Each cloud decides what a credential is called, how its secret looks and what its grants mean.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::hex;
use crate::store::{Collection, Db, StoreError};

/// The name of the setting that holds a cloud's default secret.
const DEFAULT: &str = "default_secret";

/// A key or token without its secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Credential {
    /// Number, unique in its cloud.
    pub id: i64,
    /// Free text.
    pub name: String,
    /// What it may do, in the cloud's own words.
    pub grants: Vec<String>,
    /// Not valid any more from this moment on.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// Requests a minute, where the cloud limits each credential.
    pub per_minute: Option<u64>,
    /// A second secret that must come with it, where the cloud knows one.
    pub companion: Option<String>,
}

/// What a new credential is to be, in the words of `POST /_sandbox/keys`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCredential {
    #[serde(default, rename = "cloud")]
    _cloud: Option<String>,
    /// Free text.
    #[serde(default)]
    pub name: Option<String>,
    /// What it may do; the cloud's everything when absent.
    #[serde(default, alias = "permissions")]
    pub scopes: Option<Vec<String>>,
    /// Not valid any more from this moment on.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Requests a minute.
    #[serde(default, alias = "rate_limit_per_minute")]
    pub per_minute: Option<u64>,
    /// A second secret that must come with it.
    #[serde(default)]
    pub companion: Option<String>,
}

fn by_hash<'a>(db: &'a Db<'_>, cloud: &'static str) -> Collection<'a> {
    db.collection(cloud, "credential")
}

/// Makes the cloud's default credential unless it has one.
pub fn seed(
    db: &Db<'_>,
    cloud: &'static str,
    now: Timestamp,
    secret: impl FnOnce() -> String,
    grants: &[&str],
) -> Result<(), StoreError> {
    if db.setting::<String>(cloud, DEFAULT)?.is_none() {
        let secret = secret();
        make(db, cloud, now, &secret, NewCredential::with_grants(grants))?;
        db.set_setting(cloud, DEFAULT, &secret)?;
    }
    Ok(())
}

/// The default credential's secret.
pub fn default_secret(db: &Db<'_>, cloud: &str) -> Result<String, StoreError> {
    Ok(db.setting(cloud, DEFAULT)?.unwrap_or_default())
}

/// Makes a credential with this secret, which is not kept.
pub fn make(
    db: &Db<'_>,
    cloud: &'static str,
    now: Timestamp,
    secret: &str,
    new: NewCredential,
) -> Result<Credential, StoreError> {
    let credential = Credential {
        id: db.next_number(cloud, "credential", 1)?,
        name: new.name.unwrap_or_else(|| "Sandbox key".to_owned()),
        grants: new.scopes.unwrap_or_default(),
        expires_at: new.expires_at,
        created_at: now,
        last_used_at: None,
        per_minute: new.per_minute,
        companion: new.companion,
    };
    by_hash(db, cloud).insert(&hash(secret), None, &credential)?;
    Ok(credential)
}

/// The credential with this secret, unless it has expired; its use is noted.
pub fn find(
    db: &Db<'_>,
    cloud: &'static str,
    now: Timestamp,
    secret: &str,
) -> Result<Option<Credential>, StoreError> {
    let id = hash(secret);
    let found: Option<Credential> = by_hash(db, cloud).live(&id)?;
    let Some(mut credential) = found.filter(|found| found.expires_at.is_none_or(|end| end > now))
    else {
        return Ok(None);
    };
    let before = credential.clone();
    credential.last_used_at = Some(now);
    by_hash(db, cloud).update(&id, &credential)?;
    Ok(Some(before))
}

impl NewCredential {
    /// A credential with these grants and defaults for the rest.
    pub fn with_grants(grants: &[&str]) -> NewCredential {
        NewCredential {
            _cloud: None,
            name: None,
            scopes: Some(grants.iter().map(|grant| (*grant).to_owned()).collect()),
            expires_at: None,
            per_minute: None,
            companion: None,
        }
    }
}

fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}
