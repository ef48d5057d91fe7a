//! From the bytes of an answer to its content, or to the error that it tells.

use loam_diag::{Diagnostic, Span};
use loam_value::{Type, Value, ValueMap};
use serde_json::Value as Json;

use crate::client::{Call, Client};
use crate::description::{ErrorRule, environment_of};
use crate::expression::Names;
use crate::failure::{Failure, Refusal, matches_code};
use crate::json;

/// An answer that is no error.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Value,
    /// The whole body.
    pub body: Value,
    /// The content, without the envelope.
    pub content: Value,
}

impl Answer {
    /// The names by which expressions see the answer.
    pub fn names(&self, names: Names) -> Names {
        names
            .with("status", Value::int(i64::from(self.status)))
            .with("headers", self.headers.clone())
            .with("body", self.body.clone())
            .with("response", self.content.clone())
    }
}

/// Reads an answer.
pub(crate) fn read(
    client: &Client,
    call: &Call,
    status: u16,
    headers: ValueMap,
    bytes: &[u8],
) -> Result<Answer, Failure> {
    let good = (200..300).contains(&status);
    let text = String::from_utf8_lossy(bytes);
    let blank = text.trim().is_empty();
    let parsed = match call.accept_text.is_some() && good {
        true => Ok(Value::string(text.as_ref())),
        false if blank => Ok(Value::null(Type::Dynamic)),
        false => serde_json::from_str::<Json>(&text).map(|j| json::dynamic(&j)),
    };
    let body = match parsed {
        Ok(body) => body,
        Err(e) if good => {
            let detail = format!(
                "{call:?} was answered {status}, but with something else than JSON ({e}). \
                 It cannot be told what the API has done."
            );
            return Err(Failure::Lost(
                Diagnostic::error("An answer that cannot be read", detail).into(),
            ));
        }
        // An error page of a proxy: decide by the status, show the text.
        Err(_) => Value::string(text.trim().chars().take(200).collect::<String>()),
    };
    let names = client
        .names()
        .with("status", Value::int(i64::from(status)))
        .with("headers", Value::object(headers.clone()))
        .with("body", body.clone());
    let lost = Failure::Lost;
    let envelope = &client.spec.envelope;
    let success = match (&envelope.success, good) {
        (Some(success), true) => success.truth(&names).map_err(lost)?,
        (_, good) => good,
    };
    if success {
        let content = match &envelope.data {
            Some(data) => data.eval(&names).map_err(lost)?,
            None => body.clone(),
        };
        return Ok(Answer {
            status,
            headers: Value::object(headers),
            body,
            content,
        });
    }
    let refusal = refuse(client, call, status, &names, &body);
    if call.accept.iter().any(|code| refusal.is(code)) {
        return Ok(Answer {
            status,
            headers: Value::object(headers),
            content: Value::null(Type::Dynamic),
            body,
        });
    }
    Err(Failure::Refused(Box::new(refusal)))
}

fn refuse(client: &Client, call: &Call, status: u16, names: &Names, body: &Value) -> Refusal {
    let errors = &client.spec.errors;
    let text = |e: &Option<crate::expression::Expression>| {
        // An error answer that is not as described still has to be told.
        e.as_ref().and_then(|e| e.text(names).ok()).flatten()
    };
    let code = text(&errors.code);
    let message = text(&errors.message)
        .or_else(|| body.as_str().map(str::to_owned))
        .filter(|m| !m.trim().is_empty());
    let applies = |rule: &&ErrorRule| {
        matches_code(&rule.code, status, code.as_deref())
            && rule
                .when
                .as_ref()
                .is_none_or(|w| w.truth(names).unwrap_or(false))
    };
    let rules: Vec<&ErrorRule> = errors.rules.iter().filter(applies).collect();
    let any = |test: fn(&ErrorRule) -> bool| rules.iter().any(|r| test(r));
    let summary = rules.iter().find_map(|r| r.summary.clone());
    let mut detail = format!("{call:?} was answered {status}");
    if let Some(code) = &code {
        detail.push_str(&format!(" {code}"));
    }
    match &message {
        Some(m) => detail.push_str(&format!(": {}", m.trim().trim_end_matches('.'))),
        None => detail.push_str(" without a message"),
    }
    detail.push('.');
    let summary = summary.unwrap_or_else(|| usual_summary(status).to_owned());
    let detail = client.redacted(&detail, call);
    let mut diagnostic = Diagnostic::error(summary, detail);
    for rule in &rules {
        if let Some(hint) = &rule.hint {
            diagnostic = diagnostic.hint(hint.clone());
        }
    }
    for (wanted, hint) in &call.hints {
        if matches_code(wanted, status, code.as_deref()) {
            diagnostic = diagnostic.hint(hint.clone());
        }
    }
    if let Some(hint) = usual_hint(client, call, status) {
        diagnostic = diagnostic.hint(hint);
    }
    Refusal {
        status,
        code,
        gone: any(|r| r.gone),
        already_gone: any(|r| r.already_gone),
        retry: any(|r| r.retry),
        fatal: any(|r| r.fatal),
        diagnostic,
    }
}

fn usual_summary(status: u16) -> &'static str {
    match status {
        200..300 => "The API reports a failure",
        401 => "The API does not accept the credentials",
        402 => "The API asks for payment",
        403 => "The API does not permit this",
        404 => "The API does not know this",
        409 => "The API reports a conflict",
        429 => "Too many requests",
        500.. => "The API failed",
        _ => "The API refused a request",
    }
}

fn usual_hint(client: &Client, call: &Call, status: u16) -> Option<String> {
    match status {
        401 => {
            let secret = |name: &str| {
                let mut all = client.spec.settings.iter();
                all.any(|s| &*s.name == name && s.sensitive)
            };
            let settings = environment_of(&client.spec.settings);
            let ways: Vec<String> = settings
                .iter()
                .filter(|(name, _)| secret(name))
                .map(|(name, env)| {
                    format!("\"{name}\" in the provider block or {}", env.join(" or "))
                })
                .collect();
            (!ways.is_empty()).then(|| format!("Check {}.", ways.join(", or ")))
        }
        403 => call
            .permission
            .as_ref()
            .map(|p| format!("This request needs the permission {p}.")),
        _ => None,
    }
}

/// A diagnostic for an answer that lacks what a description says it has.
pub(crate) fn unexpected(call: &Call, span: Span, what: impl Into<String>) -> Diagnostic {
    Diagnostic::error(
        "An answer is not as described",
        format!("{call:?}: {}.", what.into()),
    )
    .at(span)
}
