//! Types and values of the configuration language.
//!
//! A [`Value`] is known, null of a type, or unknown of a type (an unknown may carry
//! [`Refinements`]); [`Marks`] (sensitive, ephemeral) sit on each value, at any depth.
//! Values are immutable and cheap to clone. This crate does not know expressions,
//! source positions, configuration or providers: its errors are plain text to which a
//! caller adds the place.
//!
//! Start at [`Value`] and [`Type`]; conversion rules are in [`convert`], common types in
//! [`unify`], operators in [`ops`], numbers in [`Number`], encodings in [`codec`].

pub mod codec;
pub mod convert;
mod display;
pub mod duration;
mod equal;
mod marks;
mod number;
pub mod ops;
mod path;
mod refine;
mod set;
#[cfg(feature = "testing")]
pub mod testing;
mod ty;
pub mod unify;
mod value;
mod value_map;

pub use marks::{Marks, apply_marks, mark_paths, sensitive_paths};
pub use number::{Number, NumberFormat, ParseNumberError};
pub use path::{Path, PathStep};
pub use refine::{Bound, Range, Refinements, safe_prefix};
pub use set::SetIndex;
pub use ty::{Defaults, ObjectType, Type};
pub use value::{Kind, Unknown, Value};
pub use value_map::ValueMap;
