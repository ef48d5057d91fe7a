//! Who may call: service tokens, tokens bound to a client id, and the tokens of a login.
//!
//! The path of the refresh is not published: the likely ones answer. Limits are not published either; here a
//! token may read 300 times and write 60 times a minute.

use axum::http::{Method, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::{Call, set_number_header};
use crate::clock::later;
use crate::credentials::{self, Credential, NewCredential};
use crate::fields::Fields;
use crate::ids;
use crate::limiter::{Quota, Verdict};
use crate::store::{Db, StoreError};

use super::answer::{Answer, Failure, bare, render, unauthorized};
use super::{CLOUD, activity};

/// An endpoint.
pub type Endpoint = fn(&Call<'_>) -> Answer;

/// Seconds that the token of a login is valid, in real time.
const LOGIN_SECONDS: f64 = 3600.0;
const READS: u64 = 300;
const WRITES: u64 = 60;
const PASSWORD: &str = "login_password";
/// The user that can log in.
pub const EMAIL: &str = "user@sandbox.test";
/// The client id of the default token, which does not insist on it.
pub const CLIENT_ID: &str = "sandbox-client";

/// Makes the password of the login.
pub fn seed(db: &Db<'_>) -> Result<(), StoreError> {
    if db.setting::<String>(CLOUD, PASSWORD)?.is_none() {
        db.set_setting(CLOUD, PASSWORD, &ids::password())?;
    }
    Ok(())
}

/// The password of the login.
pub fn login_password(db: &Db<'_>) -> Result<String, StoreError> {
    Ok(db.setting(CLOUD, PASSWORD)?.unwrap_or_default())
}

/// Checks token and rate, calls the endpoint, and logs what it changed.
pub fn guarded(call: &Call<'_>, endpoint: Endpoint) -> Result<Response, StoreError> {
    let Some(token) = token(call)? else {
        return Ok(render(Err(unauthorized())));
    };
    let reads = matches!(call.request.method, Method::GET | Method::HEAD);
    let (kind, limit) = if reads {
        ("read", READS)
    } else {
        ("write", WRITES)
    };
    let quota = Quota::per_minute(token.per_minute.unwrap_or(limit));
    let verdict = call
        .world
        .limiter
        .check(&format!("{CLOUD}/{}/{kind}", token.id), &[quota]);
    if let Verdict::Refused { retry_after, .. } = verdict {
        let body = json!({"message": "Too Many Attempts."});
        let mut response = render(Err(Failure::Refused(StatusCode::TOO_MANY_REQUESTS, body)));
        set_number_header(&mut response, "retry-after", retry_after);
        return Ok(response);
    }
    match endpoint(call) {
        Err(Failure::Store(error)) => Err(error),
        answer => {
            if !reads && answer.is_ok() {
                activity::record(call)?;
            }
            Ok(render(answer))
        }
    }
}

fn token(call: &Call<'_>) -> Result<Option<Credential>, StoreError> {
    let Some(secret) = call.request.bearer() else {
        return Ok(None);
    };
    let token = credentials::find(call.db, CLOUD, call.now, secret)?;
    // A token bound to a client id is nothing without it.
    Ok(token.filter(|token| {
        token
            .companion
            .as_deref()
            .is_none_or(|id| call.request.header("x-user-id") == Some(id))
    }))
}

/// `POST /api/user/login`, without a token.
pub fn login(call: &Call<'_>) -> Result<Response, StoreError> {
    let credentials = Fields::of(call.request).ok().and_then(|body| {
        let email = body.text("email").ok()??.to_owned();
        Some((email, body.text("password").ok()??.to_owned()))
    });
    let Some((email, password)) = credentials else {
        return Ok(render(Err(super::answer::invalid(
            "email",
            "The email and password are required.",
        ))));
    };
    if email != EMAIL || password != login_password(call.db)? {
        return Ok(render(Err(unauthorized())));
    }
    let user =
        json!({"identifier": "5f0000000001", "email": EMAIL, "name": "Sandbox", "surname": "User"});
    Ok(render(bare(
        json!({"token": new_login(call)?, "user": user}),
    )))
}

/// The refresh of a login's token: the old one must still be valid, and stays so.
pub fn refresh(call: &Call<'_>) -> Answer {
    bare(json!({"token": new_login(call)?}))
}

fn new_login(call: &Call<'_>) -> Result<String, StoreError> {
    let expires = later(Timestamp::now(), LOGIN_SECONDS);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(&json!({"typ": "JWT", "alg": "HS256"}));
    let claims = part(&json!({
        "sub": "5f0000000001",
        "iat": Timestamp::now().as_second(),
        "exp": expires.as_second(),
        "jti": ids::mixed(12),
    }));
    let token = format!(
        "{header}.{claims}.{}",
        URL_SAFE_NO_PAD.encode(ids::mixed(32))
    );
    let mut new = NewCredential::with_grants(&[]);
    new.name = Some("Login".to_owned());
    // The claim is real time, the check is virtual time: the same moment in both.
    new.expires_at = Some(later(call.now, LOGIN_SECONDS * call.world.clock.speed()));
    credentials::make(call.db, CLOUD, call.now, &token, new)?;
    Ok(token)
}
