//! Accounts, their prepaid balance, and the ledger of hourly debits.
//!
//! Each begun hour of a machine's life costs its plan's hourly rate. The first is debited with the order,
//! later ones when the account is next looked at after a virtual hour.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::{iso, seconds_between};
use crate::store::{Collection, Db, StoreError};
use crate::world::Seeding;

use super::CLOUD;
use super::catalog::find_plan;
use super::envelope::{Answer, data};
use super::instance::{self, Instance};
use super::keys::Key;

/// The account of the default key.
pub const DEFAULT_ACCOUNT: i64 = 1;

/// Ledger lines that `GET /billing` shows.
const RECENT: usize = 20;
/// Ledger lines that are kept.
const KEPT: usize = 2000;

/// An amount in ten-thousandths of a US dollar. Written with two decimals, or four when they matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(pub i64);

impl Money {
    /// An amount in cents.
    pub const fn cents(cents: i64) -> Money {
        Money(cents * 100)
    }

    /// With exactly two decimals, cut off towards zero.
    pub fn to_cents_string(self) -> String {
        Money(self.0 / 100 * 100).to_string()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (
            self.0.unsigned_abs() / 10_000,
            self.0.unsigned_abs() % 10_000,
        );
        if fraction % 100 == 0 {
            write!(f, "{sign}{whole}.{:02}", fraction / 100)
        } else {
            write!(f, "{sign}{whole}.{fraction:04}")
        }
    }
}

/// A customer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    pub id: i64,
    pub email: String,
    pub full_name: String,
    pub balance: Money,
    pub status: String,
    pub vps_ordering_enabled: bool,
    pub registration_date: Timestamp,
    settled_at: Timestamp,
}

/// One line of the ledger.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    id: i64,
    description: String,
    amount: Money,
    date: Timestamp,
}

fn accounts<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "account")
}

fn ledger<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "ledger")
}

/// Makes the default account of a new database.
pub fn seed(db: &Db<'_>, now: Timestamp, seeding: &Seeding) -> Result<(), StoreError> {
    if accounts(db)
        .live::<Account>(&DEFAULT_ACCOUNT.to_string())?
        .is_none()
    {
        open_account(
            db,
            now,
            DEFAULT_ACCOUNT,
            Money::cents(seeding.opening_balance_cents),
        )?;
    }
    Ok(())
}

/// The account with this id, opened without money when there is none.
pub fn account(db: &Db<'_>, now: Timestamp, id: i64) -> Result<Account, StoreError> {
    match accounts(db).live(&id.to_string())? {
        Some(account) => Ok(account),
        None => open_account(db, now, id, Money::default()),
    }
}

fn open_account(
    db: &Db<'_>,
    now: Timestamp,
    id: i64,
    balance: Money,
) -> Result<Account, StoreError> {
    let account = Account {
        id,
        email: format!("user-{id}@sandbox.test"),
        full_name: format!("Sandbox User {id}"),
        balance,
        status: "active".to_owned(),
        vps_ordering_enabled: true,
        registration_date: now,
        settled_at: now,
    };
    accounts(db).insert(&id.to_string(), None, &account)?;
    Ok(account)
}

/// Writes the account back.
pub fn save(db: &Db<'_>, account: &Account) -> Result<(), StoreError> {
    accounts(db).update(&account.id.to_string(), account)
}

/// The account with all hours debited that have begun, looked at once a virtual hour at most.
pub fn settled(db: &Db<'_>, now: Timestamp, id: i64) -> Result<Account, StoreError> {
    let mut account = account(db, now, id)?;
    if seconds_between(account.settled_at, now) < 3600.0 {
        return Ok(account);
    }
    for mut instance in instance::of_account::<Instance>(db, id)? {
        debit_hours(db, now, &mut account, &mut instance)?;
        instance::save(db, &instance)?;
    }
    account.settled_at = now;
    save(db, &account)?;
    Ok(account)
}

/// Debits the hours of one machine that have begun and are not debited yet.
pub fn debit_hours(
    db: &Db<'_>,
    now: Timestamp,
    account: &mut Account,
    instance: &mut Instance,
) -> Result<(), StoreError> {
    let begun = instance.hours_begun(now);
    let hours = begun.saturating_sub(instance.hours_billed);
    let Some(plan) = find_plan(instance.plan_id).filter(|_| hours > 0) else {
        return Ok(());
    };
    instance.hours_billed = begun;
    let amount = Money(plan.hourly.0.saturating_mul(hours));
    account.balance.0 = account.balance.0.saturating_sub(amount.0);
    let id = db.next_number(CLOUD, "ledger", 50_001)?;
    let unit = if hours == 1 { "hour" } else { "hours" };
    let line = Line {
        id,
        description: format!("VPS {} ({}), {hours} {unit}", instance.name, plan.name),
        amount: Money(-amount.0),
        date: now,
    };
    ledger(db).insert(&id.to_string(), Some(&account.id.to_string()), &line)?;
    if id % 500 == 0 {
        ledger(db).keep_newest(&account.id.to_string(), KEPT)?;
    }
    Ok(())
}

/// `GET /billing`
pub fn billing(call: &Call<'_>, key: &Key) -> Answer {
    let account = settled(call.db, call.now, key.account)?;
    let lines: Vec<Line> =
        ledger(call.db).newest_page(Some(&key.account.to_string()), 0, RECENT)?;
    let invoices: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!({
                "id": line.id,
                "description": line.description,
                "amount": line.amount.to_string(),
                "type": "debit",
                "date": iso(line.date),
            })
        })
        .collect();
    Ok(data(json!({
        "balance": account.balance.to_cents_string(),
        "auto_funding": {"enabled": false, "threshold": "10.00", "amount": "50.00"},
        "recent_invoices": invoices,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_with_two_or_four_decimals() {
        let written: Vec<String> = [0, 82, -82, 60_000, 1_500_000, -120_000, 10_001]
            .iter()
            .map(|amount| Money(*amount).to_string())
            .collect();
        assert_eq!(
            written,
            [
                "0.00", "0.0082", "-0.0082", "6.00", "150.00", "-12.00", "1.0001"
            ]
        );
        assert_eq!(Money(49_999_918).to_cents_string(), "4999.99");
    }
}
