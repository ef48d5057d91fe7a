//! Plans, states and values for people, in the form that users of Terraform read.

mod actions;
mod block;
mod difference;
mod echo;
mod plan;
mod print;
mod summary;
mod value;

pub(crate) use plan::minutes_at_least;
pub use plan::{partial, plan};
pub use summary::{
    instance, invoked, note_saved, note_without_out, question, refreshed, state, summary,
};
pub use value::{outputs, type_text, value};
