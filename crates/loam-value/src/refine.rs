//! What is known of an unknown value.

use std::sync::Arc;

use crate::Number;

/// A bound of an unknown number.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The bound itself.
    pub value: Number,
    /// Whether the value may equal the bound.
    pub inclusive: bool,
}

/// Facts that hold of an unknown value, whatever it turns out to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refinements {
    /// The value will not be null.
    pub not_null: bool,
    /// A string starts with this.
    pub string_prefix: Option<Arc<str>>,
    /// A number is at least (or above) this.
    pub number_lower: Option<Bound>,
    /// A number is at most (or below) this.
    pub number_upper: Option<Bound>,
    /// A collection has at least this many elements.
    pub length_lower: Option<u64>,
    /// A collection has at most this many elements.
    pub length_upper: Option<u64>,
}

impl Refinements {
    /// Only that the value will not be null.
    pub fn not_null() -> Refinements {
        Refinements {
            not_null: true,
            ..Refinements::default()
        }
    }

    /// True if nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Refinements::default()
    }
}
