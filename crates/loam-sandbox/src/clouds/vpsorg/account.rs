//! The account, its token, and its invoices.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::iso;

use super::access::token;
use super::answer::{Answer, not_found, ok, page};

/// `GET /account/me/`
pub fn me(call: &Call<'_>) -> Answer {
    let token = token(call)?.ok_or_else(not_found)?;
    let time = |time: Option<Timestamp>| time.map_or(Value::Null, |time| iso(time).into());
    Ok(ok(json!({
        "account": {
            "email": "user@sandbox.test",
            "first_name": null,
            "last_name": null,
            "company_name": null,
            "created_at": "2026-01-15",
        },
        "token": {
            "name": token.name,
            "permissions": token.grants,
            "created_at": iso(token.created_at),
            "last_used_at": time(token.last_used_at),
            "expires_at": time(token.expires_at),
            "is_expired": false,
        },
    })))
}

/// `GET /billing/`: one old invoice; the sandbox writes no new ones.
pub fn billing(call: &Call<'_>) -> Answer {
    let invoice = json!({
        "id": 301,
        "number": "INV-000301",
        "amount": 10.0,
        "currency": "USD",
        "status": "paid",
        "issued_at": "2026-02-01T00:00:00Z",
        "due_at": "2026-02-15T00:00:00Z",
    });
    page(call.request, vec![invoice])
}
