//! Native syntax (`*.hcl`, `*.tf`) and JSON syntax (`*.tf.json`) to one tree with spans.
//!
//! Comes in: a source text. Goes out: a [`Body`] of attributes, blocks and expressions,
//! every node with its [`loam_diag::Span`], and diagnostics for all syntax errors of the
//! file. This crate does not know what a block or a name means: no later stage's types
//! appear here.
//!
//! Start at [`ast`], then [`parse_native`] and [`parse_json`]; a [`Body`] is opened with
//! [`Body::content`].

pub mod ast;
mod format;
mod json;
pub mod limits;
mod native;
mod quote;
mod schema;
mod stack;

pub use ast::{Attribute, Block, Body, Expr, ExprKind, Ident};
pub use format::format;
pub use json::parse_json;
pub use native::{parse_expression, parse_native, parse_template};
pub use quote::{escaped, is_visible, quoted};
