//! Tokens that are got by logging in: kept for all requests, renewed before they expire
//! and when the API no longer takes them. Requests that need one at the same time share
//! one login.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use loam_diag::Diagnostic;
use loam_value::{Type, Value};
use tokio::time::Instant;

use crate::client::Client;
use crate::failure::Failure;
use crate::limiter::Priority;
use crate::request;

/// A token and until when to use it.
pub(crate) struct Session {
    token: Value,
    until: Instant,
}

impl Client {
    /// What expressions see as `auth`: the token of the login, if there is one.
    pub(crate) async fn authenticate(&self, renew: bool) -> Result<Value, Failure> {
        let none = || Value::object_of([("token", Value::null(Type::String))]);
        let Some(login) = &self.spec.login else {
            return Ok(none());
        };
        let names = self.names();
        if let Some(when) = &login.when
            && !when.truth(&names).map_err(Failure::NotSent)?
        {
            return Ok(none());
        }
        let mut session = self.session.lock().await;
        if let Some(s) = &*session
            && s.until > Instant::now()
        {
            return Ok(s.token.clone());
        }
        let call = request::call(&login.request, &names, &[]).map_err(Failure::NotSent)?;
        let answer = match self.once(&call, Priority::Work.into(), &none()).await {
            Ok(answer) => answer,
            // Once more if there may be something to be said for it: the old token
            // has just been refused, so giving up would fail everything.
            Err(_) if renew => self
                .once(&call, Priority::Work.into(), &none())
                .await
                .map_err(|(f, _)| f)?,
            Err((f, _)) => return Err(f),
        };
        let names = answer.names(names);
        for rule in &login.request.expect {
            if !rule.condition.truth(&names).unwrap_or(false) {
                let problem = Diagnostic::error("The login failed", rule.message.clone());
                return Err(Failure::NotSent(problem.into()));
            }
        }
        let token = login.token.eval(&names).map_err(Failure::NotSent)?;
        let left = match &login.expires {
            None => login.lifetime,
            Some(e) => e
                .eval(&names)
                .ok()
                .and_then(|v| v.as_number().and_then(|n| n.to_i64()))
                .and_then(|n| u64::try_from(n).ok())
                .map_or(login.lifetime, time_left),
        };
        let token = Value::object_of([("token", token)]);
        *session = Some(Session {
            token: token.clone(),
            until: Instant::now() + left.saturating_sub(login.margin),
        });
        Ok(token)
    }

    /// Drops the token that was refused, unless another request has replaced it already.
    pub(crate) async fn forget_session(&self, refused: &Value) {
        let mut session = self.session.lock().await;
        if session.as_ref().is_some_and(|s| s.token == *refused) {
            *session = None;
        }
    }
}

fn time_left(expires: u64) -> Duration {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Duration::from_secs(expires).saturating_sub(now)
}
