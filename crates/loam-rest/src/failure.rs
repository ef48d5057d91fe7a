//! Why a request did not give an answer that can be used, and what it means.
//!
//! The distinction that everything else rests on: was the request certainly not carried
//! out, or is it unknown? Only the first may be followed by another try of something
//! that must not happen twice.

use loam_diag::{Diagnostic, Diagnostics};

/// Why a request failed.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// It never reached the API: nothing has happened.
    NotSent(Diagnostics),
    /// The user wanted to stop while it waited for its turn: nothing has happened.
    Stopped,
    /// It was sent, and what became of it is not known.
    Lost(Diagnostics),
    /// The API answered with an error.
    Refused(Box<Refusal>),
}

/// An error that the API answered with.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub status: u16,
    pub code: Option<String>,
    /// The object does not exist.
    pub gone: bool,
    /// To a delete: it is done already.
    pub already_gone: bool,
    /// Repeating is safe and may help.
    pub retry: bool,
    /// Repeating does not help.
    pub fatal: bool,
    pub diagnostic: Diagnostic,
}

impl Refusal {
    /// Whether a code or status, as written in a description, is this one. `5xx` is a
    /// class of statuses.
    pub fn is(&self, code: &str) -> bool {
        matches_code(code, self.status, self.code.as_deref())
    }

    /// A server error leaves open whether anything happened before it.
    pub fn leaves_open(&self) -> bool {
        self.status >= 500 && !self.retry
    }
}

/// Whether what a description calls an error (a code, a status, `5xx`) is this one.
pub(crate) fn matches_code(wanted: &str, status: u16, code: Option<&str>) -> bool {
    if code == Some(wanted) {
        return true;
    }
    match wanted.strip_suffix("xx") {
        Some(class) => class.parse() == Ok(status / 100),
        None => wanted.parse() == Ok(status),
    }
}

impl Failure {
    /// What to tell the user.
    pub fn diagnostics(&self) -> Diagnostics {
        match self {
            Failure::NotSent(d) | Failure::Lost(d) => d.clone(),
            Failure::Stopped => Diagnostic::error("Stopped", "A request was not sent.").into(),
            Failure::Refused(r) => r.diagnostic.clone().into(),
        }
    }

    /// The object that was asked for does not exist.
    pub fn is_gone(&self) -> bool {
        matches!(self, Failure::Refused(r) if r.gone)
    }

    /// For something that must not happen twice: whether it may have happened.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Failure::NotSent(_) | Failure::Stopped => false,
            Failure::Lost(_) => true,
            Failure::Refused(r) => r.leaves_open(),
        }
    }
}

/// Replaces what must not be shown.
pub(crate) fn redact(text: &str, secrets: &[String]) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        // Replacing very short ones would only garble the text and give them away.
        if secret.len() >= 4 && text.contains(secret.as_str()) {
            text = text.replace(secret.as_str(), "(sensitive value)");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{matches_code, redact};

    #[test]
    fn codes_statuses_and_classes() {
        assert!(matches_code("GONE", 400, Some("GONE")));
        assert!(matches_code("404", 404, None));
        assert!(matches_code("5xx", 502, None));
        assert!(!matches_code("5xx", 404, None));
        assert!(!matches_code("GONE", 400, None));
    }

    #[test]
    fn secrets_are_taken_out() {
        let secrets = ["hunter22".to_owned(), "a".to_owned()];
        assert_eq!(
            redact("a password hunter22 is bad", &secrets),
            "a password (sensitive value) is bad"
        );
    }
}
