//! Evaluation of expressions and the function library.
//!
//! Comes in: syntax trees, names that a [`Names`] resolves, and values that a [`Scope`]
//! looks up. Goes out: values, or diagnostics at the smallest expression at fault.
//! Two steps: [`resolve`] (once per expression: references become typed [`Reference`]s,
//! function names become functions, `for` variables become slots) and [`Expr::eval`] (any
//! number of times). This crate does not know modules, plans, state or providers.

mod call;
mod constraint;
mod eval;
mod function;
mod function_table;
pub mod functions;
mod ir;
mod named;
mod reference;
mod resolve;
mod scope;
mod static_expr;
mod template;
mod wording;

pub use call::{CallError, call_function};
pub use constraint::type_constraint;
pub use function::{CallContext, Function, FunctionError, Param};
pub use function_table::FunctionTable;
pub use ir::Expr;
pub use named::{MapScope, NamedNames};
pub use reference::{Reference, ReferenceTarget};
pub use resolve::resolve;
pub use scope::{Names, Resolved, Scope};
pub use static_expr::{
    Traversal, eval_constant, not_static, static_call, static_key, static_keyword, static_list,
    static_map, static_traversal,
};
pub use template::eval_template_text;
