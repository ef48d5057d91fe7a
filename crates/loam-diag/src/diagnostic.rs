//! What is wrong (or noteworthy), where, and what to do about it.

use crate::Span;

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The run cannot go on past the present stage.
    Error,
    /// Worth reading; changes nothing.
    Warning,
}

/// A second place that helps to understand a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there.
    pub text: String,
}

/// The value of something that took part in a failed evaluation: `var.size` `is 3`.
/// Never made for a sensitive value's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueNote {
    /// The reference as written, such as `var.size`.
    pub traversal: String,
    /// What it is, such as `is 3` or `is a list of string`.
    pub statement: String,
}

/// One problem, told to the person who has to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Fixed words per kind of problem, capitalised, without a full stop.
    pub summary: String,
    /// What, why, and what to do, in sentences. May be empty.
    pub detail: String,
    /// The smallest piece of source at fault.
    pub subject: Option<Span>,
    /// A wider piece of source that the reader needs to see, such as the whole expression.
    pub context: Option<Span>,
    /// The address of the resource instance that the problem belongs to.
    pub address: Option<String>,
    /// Further places.
    pub labels: Vec<Label>,
    /// Questions or commands that may help (`did you mean "size"?`).
    pub hints: Vec<String>,
    /// Values that took part.
    pub values: Vec<ValueNote>,
}

impl Diagnostic {
    /// An error without a place.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            subject: None,
            context: None,
            address: None,
            labels: Vec::new(),
            hints: Vec::new(),
            values: Vec::new(),
        }
    }

    /// A warning without a place.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(summary, detail)
        }
    }

    /// The same as a warning.
    #[must_use]
    pub fn as_warning(self) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            ..self
        }
    }

    /// Sets the place if there is none yet, so that the innermost place wins.
    #[must_use]
    pub fn at(mut self, span: Span) -> Diagnostic {
        self.subject.get_or_insert(span);
        self
    }

    /// Sets the wider place if there is none yet.
    #[must_use]
    pub fn within(mut self, span: Span) -> Diagnostic {
        self.context.get_or_insert(span);
        self
    }

    /// Says which resource instance the problem belongs to, unless that is known already.
    #[must_use]
    pub fn for_address(mut self, address: impl Into<String>) -> Diagnostic {
        if self.address.is_none() {
            self.address = Some(address.into());
        }
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Diagnostic {
        self.hints.push(text.into());
        self
    }

    /// True for an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Diagnostics of a stage, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// None yet.
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds one.
    pub fn push(&mut self, d: Diagnostic) {
        self.0.push(d);
    }

    /// Adds all of another stage.
    pub fn append(&mut self, other: Diagnostics) {
        self.0.extend(other.0);
    }

    /// True if any is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// True if there are none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Orders them by file and place and drops exact repetitions; those without a place
    /// come first, in the order in which they were found.
    pub fn sort(&mut self) {
        self.0.sort_by_key(|d| d.subject);
        self.0.dedup();
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(d: Diagnostic) -> Diagnostics {
        Diagnostics(vec![d])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, iter: I) {
        self.0.extend(iter);
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
