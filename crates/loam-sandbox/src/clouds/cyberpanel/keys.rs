//! API keys: kept as hashes, with scopes, expiry, an address allow-list and limits of their own.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::{hex, hex_digits};
use crate::store::{Collection, Db, StoreError};

use super::CLOUD;
use super::billing::DEFAULT_ACCOUNT;

/// All scopes that a key can hold.
pub const SCOPES: [&str; 12] = [
    "vps:read",
    "vps:write",
    "vps:delete",
    "account:read",
    "account:write",
    "billing:read",
    "billing:write",
    "support:read",
    "support:write",
    "email:read",
    "email:write",
    "all",
];

const PREFIX: &str = "cyp_live_";
const DEFAULT_KEY: &str = "default_key";
/// Entries of a key's request log that are kept.
const USAGE_KEPT: usize = 1000;

/// An API key, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Key {
    pub id: i64,
    pub account: i64,
    pub name: String,
    pub key_prefix: String,
    pub scopes: Vec<String>,
    pub is_active: bool,
    pub ip_whitelist: Vec<String>,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub last_used_ip: Option<String>,
    pub request_count: u64,
    pub rate_limit_per_minute: u64,
    pub rate_limit_per_hour: u64,
    pub created_at: Timestamp,
}

/// One line of a key's request log.
#[derive(Debug, Serialize, Deserialize)]
pub struct Usage {
    pub endpoint: String,
    pub method: String,
    pub ip_address: String,
    pub response_status: u16,
    pub response_time_ms: u64,
    pub created_at: Timestamp,
}

/// What a new key may do; everything, for ever, from anywhere, at the default limits, unless told otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// Present when the request came by `/_sandbox/keys`.
    #[serde(default, rename = "cloud")]
    _cloud: Option<String>,
    #[serde(default = "default_account")]
    pub account: i64,
    #[serde(default = "default_name")]
    name: String,
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    #[serde(default = "yes")]
    is_active: bool,
    #[serde(default)]
    ip_whitelist: Vec<String>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    #[serde(default = "per_minute")]
    rate_limit_per_minute: u64,
    #[serde(default = "per_hour")]
    rate_limit_per_hour: u64,
}

fn default_account() -> i64 {
    DEFAULT_ACCOUNT
}

fn default_name() -> String {
    "Sandbox key".to_owned()
}

fn default_scopes() -> Vec<String> {
    vec!["all".to_owned()]
}

fn yes() -> bool {
    true
}

fn per_minute() -> u64 {
    60
}

fn per_hour() -> u64 {
    1000
}

/// The keys, by id.
pub fn collection<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "key")
}

fn by_hash<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "key_hash")
}

/// The request logs, under the id of their key.
pub fn usage<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "key_usage")
}

/// Makes the default key of a new database.
pub fn seed(db: &Db<'_>, now: Timestamp) -> Result<(), StoreError> {
    if db.setting::<String>(CLOUD, DEFAULT_KEY)?.is_none() {
        let new = NewKey {
            _cloud: None,
            account: DEFAULT_ACCOUNT,
            name: "Default key".to_owned(),
            scopes: default_scopes(),
            is_active: true,
            ip_whitelist: Vec::new(),
            expires_at: None,
            rate_limit_per_minute: per_minute(),
            rate_limit_per_hour: per_hour(),
        };
        let (_, secret) = make(db, now, new)?;
        db.set_setting(CLOUD, DEFAULT_KEY, &secret)?;
    }
    Ok(())
}

/// The default key in plain text, for the environment of clients.
pub fn default_key(db: &Db<'_>) -> Result<String, StoreError> {
    Ok(db.setting(CLOUD, DEFAULT_KEY)?.unwrap_or_default())
}

/// Makes a key; returns it with its secret, which is not kept.
pub fn make(db: &Db<'_>, now: Timestamp, new: NewKey) -> Result<(Key, String), StoreError> {
    let secret = format!("{PREFIX}{}", hex_digits(64));
    let id = db.next_number(CLOUD, "key", 11)?;
    let key = Key {
        id,
        account: new.account,
        name: new.name,
        key_prefix: secret.chars().take(12).collect(),
        scopes: new.scopes,
        is_active: new.is_active,
        ip_whitelist: new.ip_whitelist,
        expires_at: new.expires_at,
        last_used_at: None,
        last_used_ip: None,
        request_count: 0,
        rate_limit_per_minute: new.rate_limit_per_minute,
        rate_limit_per_hour: new.rate_limit_per_hour,
        created_at: now,
    };
    collection(db).insert(&id.to_string(), Some(&key.account.to_string()), &key)?;
    by_hash(db).insert(&hash(&secret), None, &id)?;
    Ok((key, secret))
}

/// The key with this secret.
pub fn find(db: &Db<'_>, secret: &str) -> Result<Option<Key>, StoreError> {
    if !secret.starts_with(PREFIX) {
        return Ok(None);
    }
    match by_hash(db).live::<i64>(&hash(secret))? {
        Some(id) => collection(db).live(&id.to_string()),
        None => Ok(None),
    }
}

/// Counts a request of this key and adds it to the key's log.
pub fn record(db: &Db<'_>, key: &Key, line: &Usage) -> Result<(), StoreError> {
    let mut key = key.clone();
    let id = key.id.to_string();
    key.request_count += 1;
    key.last_used_at = Some(line.created_at);
    key.last_used_ip = Some(line.ip_address.clone());
    collection(db).update(&id, &key)?;
    let number = db.next_number(CLOUD, "key_usage", 1)?;
    usage(db).insert(&number.to_string(), Some(&id), line)?;
    if key.request_count.is_multiple_of(200) {
        usage(db).keep_newest(&id, USAGE_KEPT)?;
    }
    Ok(())
}

fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}
