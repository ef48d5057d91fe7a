//! Provider descriptions: one HCL file to a [`ProviderSpec`].
//!
//! In: the text. Out: what it describes, every expression resolved, or all problems of
//! the text with their places, for authors who write their own. Nothing here sends a
//! request. The language is documented in `docs/providers.md`.
//!
//! Start at [`parse`]; [`spec`] holds the result, `reader` reads the arguments of one
//! block, the other modules one kind of block each.

mod attribute;
mod operation;
mod provider;
mod reader;
mod resource;
pub(crate) mod spec;

use std::cell::RefCell;

use loam_diag::{Diagnostic, Diagnostics, SourceMap, Span, nearest};
use loam_syntax::ast::{Block, Body};

pub(crate) use attribute::absent;
pub(crate) use provider::environment_of;
pub(crate) use reader::parse_duration;
pub(crate) use spec::*;

/// Reads a description. `name` is what diagnostics call the text.
pub(crate) fn parse(
    sources: &SourceMap,
    name: &str,
    text: &str,
) -> Result<ProviderSpec, Diagnostics> {
    let file = sources.add(name, text);
    let (body, diagnostics) = loam_syntax::parse_native(file, text);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let start = Span::new(file, 0, 0);
    let author = Author::default();
    let spec = provider::read(&author, &body, start);
    let mut diagnostics = author.problems.into_inner();
    match spec {
        Some(spec) if !diagnostics.has_errors() => Ok(spec),
        _ => {
            diagnostics.sort();
            Err(diagnostics)
        }
    }
}

/// Gathers what is wrong with a description, to be told all at once.
#[derive(Default)]
pub(crate) struct Author {
    problems: RefCell<Diagnostics>,
}

impl Author {
    fn report(&self, problems: impl Into<Diagnostics>) {
        self.problems.borrow_mut().append(problems.into());
    }

    fn wrong(&self, span: Span, summary: &str, detail: impl Into<String>) {
        self.report(Diagnostic::error(summary, detail).at(span));
    }

    /// The value, or nothing and a report.
    fn take<T>(&self, result: Result<T, Diagnostics>) -> Option<T> {
        result.map_err(|d| self.report(d)).ok()
    }

    /// Reports a name that is not among those known.
    fn unknown<'a>(
        &self,
        span: Span,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let d = Diagnostic::error(
            format!("Unknown {what}"),
            format!("There is no {what} \"{name}\"."),
        )
        .at(span);
        self.report(match nearest(name, known) {
            Some(near) => d.hint(format!("did you mean \"{near}\"?")),
            None => d,
        });
    }
}

/// The blocks of a file or block, in source order.
fn blocks_of(body: &Body) -> &[Block] {
    match body {
        Body::Native(n) => &n.blocks,
        Body::Json(_) => &[],
    }
}
