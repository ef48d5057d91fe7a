//! What went wrong with one package, before it is known which calls it concerns.

use loam_diag::Diagnostic;

/// A problem without a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub summary: &'static str,
    /// Why, as a sentence without its full stop.
    pub why: String,
    pub hint: Option<String>,
}

impl Problem {
    /// A package could not be fetched.
    pub fn fetching(why: impl Into<String>) -> Problem {
        Problem {
            summary: "Failed to download module",
            why: why.into(),
            hint: None,
        }
    }

    /// A registry could not be asked.
    pub fn registry(why: impl Into<String>) -> Problem {
        Problem {
            summary: "Error accessing remote module registry",
            ..Problem::fetching(why)
        }
    }

    /// With advice.
    pub fn hint(self, hint: impl Into<String>) -> Problem {
        Problem {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The problem, said of a module.
    pub fn diagnostic(&self, subject: &str) -> Diagnostic {
        let problem = Diagnostic::error(self.summary, format!("{subject}: {}.", self.why));
        match &self.hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    }
}

/// An error and what caused it, outermost first, each said once.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(e) = next {
        let part = e.to_string();
        if !text.contains(&part) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&part);
        }
        next = e.source();
    }
    text
}
