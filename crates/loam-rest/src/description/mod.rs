//! Provider descriptions: HCL files to a [`ProviderSpec`].
//!
//! In: the text, in one file or several. Out: what it describes, every expression resolved, or all problems of
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
mod template;

use std::cell::RefCell;
use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics, SourceMap, Span, nearest};
use loam_syntax::ast::{Block, Body, NativeBody};

pub(crate) use attribute::absent;
pub(crate) use provider::environment_of;
pub(crate) use spec::*;

/// Reads a description from its files, whose blocks are taken together. A file's name is
/// what diagnostics call it.
pub(crate) fn parse<'a>(
    sources: &SourceMap,
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<ProviderSpec, Diagnostics> {
    let author = Author::default();
    let mut whole: Option<NativeBody> = None;
    for (name, text) in files {
        let file = sources.add(name, text);
        let (body, diagnostics) = loam_syntax::parse_native(file, text);
        author.report(diagnostics);
        let Body::Native(native) = body else { continue };
        match &mut whole {
            None => {
                let start = Span::new(file, 0, 0);
                whole = Some(NativeBody {
                    span: start,
                    ..NativeBody::clone(&native)
                });
            }
            Some(whole) => {
                whole.attributes.extend(native.attributes.iter().cloned());
                whole.blocks.extend(native.blocks.iter().cloned());
            }
        }
    }
    if author.failed() {
        return Err(author.problems());
    }
    let Some(whole) = whole else {
        let detail = "A description needs at least one file.";
        return Err(Diagnostic::error("Empty description", detail).into());
    };
    let start = whole.span;
    let body = Body::Native(Arc::new(template::expand(&author, whole)));
    let spec = provider::read(&author, &body, start);
    match spec {
        Some(spec) if !author.failed() => Ok(spec),
        _ => Err(author.problems()),
    }
}

/// Gathers what is wrong with a description, to be told all at once.
#[derive(Default)]
pub(crate) struct Author {
    problems: RefCell<Diagnostics>,
}

impl Author {
    fn failed(&self) -> bool {
        self.problems.borrow().has_errors()
    }

    /// All problems, in the order of the text. What a template says wrongly is told once,
    /// however often it is used.
    fn problems(self) -> Diagnostics {
        let mut all = self.problems.into_inner();
        all.sort();
        all.0.dedup();
        all
    }

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
