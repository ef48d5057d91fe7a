//! Health, scopes, the key's self-check, the account, its keys and their request logs.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;

use super::billing;
use super::envelope::{Answer, Page, data, refusal};
use super::keys::{self, Key, Usage};

/// `GET /health`
pub fn health(_: &Call<'_>) -> Answer {
    Ok(data(
        json!({"status": "healthy", "service": "CyberPanel Cloud API", "version": "1.0.0"}),
    ))
}

/// The scopes that `GET /scopes` lists: fewer than there are, as in the document.
const LISTED_SCOPES: [(&str, &str); 7] = [
    ("vps:read", "View instances, plans, locations and templates"),
    (
        "vps:write",
        "Create, start, stop, restart and change instances",
    ),
    ("vps:delete", "Delete instances"),
    ("billing:read", "View balance and invoices"),
    ("billing:write", "Manage billing"),
    ("account:read", "View the account and its keys"),
    ("all", "Everything"),
];

/// `GET /scopes`
pub fn scopes(_: &Call<'_>) -> Answer {
    let scopes: Vec<Value> = LISTED_SCOPES
        .iter()
        .map(|(scope, description)| json!({"scope": scope, "description": description}))
        .collect();
    Ok(data(json!({"scopes": scopes})))
}

/// `GET /test`
pub fn test(call: &Call<'_>, key: &Key) -> Answer {
    let account = billing::account(call.db, call.now, key.account)?;
    Ok(data(json!({
        "message": "The API key works",
        "key_name": key.name,
        "key_prefix": key.key_prefix,
        "user_email": account.email,
        "scopes": key.scopes,
        "ip_address": call.request.peer.to_string(),
        "request_count": key.request_count + 1,
    })))
}

/// `GET /account`
pub fn account(call: &Call<'_>, key: &Key) -> Answer {
    let account = billing::settled(call.db, call.now, key.account)?;
    Ok(data(json!({
        "id": account.id,
        "email": account.email,
        "full_name": account.full_name,
        "balance": account.balance.to_cents_string(),
        "status": account.status,
        "two_factor_enabled": false,
        "vps_ordering_enabled": account.vps_ordering_enabled,
        "registration_date": iso(account.registration_date),
    })))
}

fn time(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |time| iso(time).into())
}

/// `GET /account/api-keys`
pub fn api_keys(call: &Call<'_>, key: &Key) -> Answer {
    let all: Vec<Key> = keys::collection(call.db).oldest_first(Some(&key.account.to_string()))?;
    let keys: Vec<Value> = all
        .iter()
        .map(|key| {
            json!({
                "id": key.id,
                "name": key.name,
                "key_prefix": key.key_prefix,
                "scopes": key.scopes,
                "is_active": key.is_active,
                "ip_whitelist": key.ip_whitelist,
                "expires_at": time(key.expires_at),
                "last_used_at": time(key.last_used_at),
                "last_used_ip": key.last_used_ip,
                "request_count": key.request_count,
                "rate_limit_per_minute": key.rate_limit_per_minute,
                "rate_limit_per_hour": key.rate_limit_per_hour,
                "created_at": iso(key.created_at),
            })
        })
        .collect();
    Ok(data(json!({"total": keys.len(), "api_keys": keys})))
}

/// `GET /account/api-keys/{key_id}/usage`
pub fn usage(call: &Call<'_>, caller: &Key) -> Answer {
    let id = call.request.param("key_id");
    let page = Page::from_query(call.request)?;
    let key = keys::collection(call.db)
        .live::<Key>(id)?
        .filter(|key| key.account == caller.account)
        .ok_or_else(|| refusal("KEY_NOT_FOUND", format!("There is no API key {id}")))?;
    let lines: Vec<Usage> = keys::usage(call.db).newest_page(Some(id), page.offset, page.limit)?;
    let total = keys::usage(call.db).count(Some(id))?;
    let logs: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!({
                "endpoint": line.endpoint,
                "method": line.method,
                "ip_address": line.ip_address,
                "response_status": line.response_status,
                "response_time_ms": line.response_time_ms,
                "created_at": iso(line.created_at),
            })
        })
        .collect();
    Ok(data(json!({
        "key_id": key.id,
        "key_name": key.name,
        "usage_logs": logs,
        "pagination": page.describe(total),
    })))
}
