//! Evaluation of expressions and the function library.
//!
//! Comes in: syntax trees, names that a [`Names`] resolves, and values that a [`Scope`]
//! looks up. Goes out: values, or diagnostics at the smallest expression at fault.
//! Two steps: resolving (once per expression: references become typed [`Reference`]s,
//! function names become functions, `for` variables become slots) and evaluating (any
//! number of times). This crate does not know modules, plans, state or providers.

mod function;
mod reference;
mod scope;

pub use function::{CallContext, Function, FunctionError, Param};
pub use reference::{Reference, ReferenceTarget};
pub use scope::{Names, Resolved, Scope};
