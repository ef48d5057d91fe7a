//! Source files, spans and diagnostics.
//!
//! Comes in: source texts by name. Goes out: [`Span`]s that name their file and
//! [`Diagnostic`]s that say what is wrong, where, and what to do. This crate does not
//! know the configuration language, does not render (colour and layout are the edge's
//! business, see `loam-render`) and does no I/O.
//!
//! Start at [`Diagnostic`]; [`SourceMap`] turns a span into file, line and column.

mod diagnostic;
mod source;
mod suggest;

pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity, ValueNote};
pub use source::{FileId, Position, SourceFile, SourceMap, Span};
pub use suggest::nearest;
