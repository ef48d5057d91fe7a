//! Plans, states and diagnostics as text and JSON.
//!
//! Comes in: finished artifacts of the engine. Goes out: text. This crate decides
//! nothing, does no I/O, and does not know where its text goes; colours are asked for by
//! a [`Style`]. The JSON is the same JSON that Terraform prints.

mod ancestors;
mod configuration_json;
pub mod diagnostic;
pub mod generated;
pub mod graph;
pub mod human;
pub mod json;
pub mod metadata_json;
pub mod plan_json;
pub mod state_json;
mod style;
pub mod ui_json;
pub mod words;

pub use style::Style;
