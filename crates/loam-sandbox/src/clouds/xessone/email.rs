//! E-mail accounts: made, listed, deleted; only the password can change.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;
use crate::fields::{FieldError, Fields};
use crate::ids;
use crate::store::{Collection, Db, StoreError};

use super::envelope::{Answer, Failure, data, page, refuse};
use super::{CLOUD, dns};

#[derive(Debug, Serialize, Deserialize)]
struct Account {
    id: String,
    address: String,
    quota_mb: i64,
    created_at: Timestamp,
}

fn accounts<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "email_account")
}

impl Account {
    fn view(&self) -> Value {
        json!({
            "id": self.id,
            "address": self.address,
            "quota_mb": self.quota_mb,
            "used_mb": 0,
            "status": "active",
            "created_at": iso(self.created_at),
        })
    }
}

/// All that exist.
pub fn all(db: &Db<'_>) -> Result<Vec<Value>, StoreError> {
    let list: Vec<Account> = accounts(db).oldest_first(None)?;
    Ok(list.iter().map(Account::view).collect())
}

/// `GET /email`
pub fn list(call: &Call<'_>) -> Answer {
    page(call.request, all(call.db)?)
}

fn find(call: &Call<'_>) -> Result<Account, Failure> {
    let id = call.request.param("id");
    accounts(call.db)
        .live(id)?
        .ok_or_else(|| refuse(404, format!("There is no email account {id}")))
}

/// `POST /email`
pub fn create(call: &Call<'_>) -> Answer {
    let body = Fields::of(call.request)?;
    let address = body.required_text("address")?.to_ascii_lowercase();
    let domain = match address.split_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.contains('@') => domain,
        _ => return Err(FieldError::new("address", "must be a full email address").into()),
    };
    if !dns::has_zone(call.db, domain)? {
        return Err(FieldError::new(
            "address",
            format!("must be in one of the zones; there is no zone {domain}"),
        )
        .into());
    }
    check_password(&body)?;
    let quota_mb = body.int("quota_mb")?.unwrap_or(1024);
    if quota_mb < 1 {
        return Err(FieldError::new("quota_mb", "must be at least 1").into());
    }
    let existing: Vec<Account> = accounts(call.db).oldest_first(None)?;
    if existing.iter().any(|account| account.address == address) {
        return Err(FieldError::new("address", "is taken").into());
    }
    let account = Account {
        id: format!("eml-{}", ids::lower(6)),
        address,
        quota_mb,
        created_at: call.now,
    };
    accounts(call.db).insert(&account.id, None, &account)?;
    Ok(data(account.view()))
}

fn check_password(body: &Fields) -> Result<(), FieldError> {
    let password = body.required_text("password")?;
    if !(8..=128).contains(&password.chars().count()) {
        return Err(FieldError::new("password", "must have 8 to 128 characters"));
    }
    Ok(())
}

/// `PATCH /email/:id/password`
pub fn set_password(call: &Call<'_>) -> Answer {
    let account = find(call)?;
    check_password(&Fields::of(call.request)?)?;
    Ok(data(account.view()))
}

/// `DELETE /email/:id`
pub fn delete(call: &Call<'_>) -> Answer {
    let account = find(call)?;
    accounts(call.db).delete(&account.id)?;
    Ok(data(json!({"id": account.id, "deleted": true})))
}

/// `GET /email/activity`: nobody writes to an emulated mailbox.
pub fn activity(call: &Call<'_>) -> Answer {
    let days = match call.request.query("days").map(str::parse::<u32>) {
        None => 30,
        Some(Ok(days)) if (1..=3650).contains(&days) => days,
        Some(_) => return Err(refuse(400, "days must be a whole number from 1")),
    };
    let start = call
        .now
        .saturating_sub(jiff::SignedDuration::from_hours(i64::from(days) * 24));
    let list: Vec<Account> = accounts(call.db).oldest_first(None)?;
    let accounts: Vec<Value> = list
        .iter()
        .map(|account| {
            json!({
                "id": account.id,
                "address": account.address,
                "sent": 0,
                "received": 0,
                "used_mb": 0,
                "last_login_at": null,
            })
        })
        .collect();
    Ok(data(json!({
        "period_start": iso(start.unwrap_or(Timestamp::MIN)),
        "period_end": iso(call.now),
        "total_sent": 0,
        "total_received": 0,
        "accounts": accounts,
    })))
}
