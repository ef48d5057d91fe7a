//! Conversion of a value to a type.
//!
//! Whether a conversion exists depends on the two types alone and is found first, as a
//! [`Conversion`]; applying it to a value can then still fail (`"x"` to a number). A
//! conversion is safe if it can never fail and loses nothing.
//!
//! [`convert`] is what nearly everything needs. Wording of misfits is in `mismatch`,
//! building of conversions in `plan`, default values of optional attributes in
//! `defaults`.

mod apply;
mod defaults;
mod mismatch;
mod plan;

use std::fmt;

use crate::{Defaults, Kind, Path, Type, Value};

pub(crate) use apply::settle_element_type;
pub use mismatch::mismatch_message;
pub use plan::Conversion;

/// Which conversions are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// Those that cannot fail and lose nothing: number to string, tuple to list, …
    Safe,
    /// All, such as string to number, list to set, map to object.
    Unsafe,
}

/// Why a value does not fit a type, and where in it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvertError {
    /// The part that does not fit.
    pub path: Path,
    /// What is wrong with it, such as `a number is required`.
    pub message: String,
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.0.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConvertError {}

/// Converts `value` to `ty`; optional attributes that are absent become null. Marks stay
/// on the parts that they are on, but those within a set, which move to the set.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    let fits_already = matches!(
        (value.kind(), ty),
        (_, Type::Dynamic)
            | (Kind::String(_), Type::String)
            | (Kind::Number(_), Type::Number)
            | (Kind::Bool(_), Type::Bool)
    );
    if fits_already {
        return Ok(value.clone());
    }
    let from = value.ty();
    if from == ty.without_optional() {
        return Ok(value.clone());
    }
    match Conversion::between(&from, ty, Safety::Unsafe) {
        Some(conversion) => conversion.apply(value),
        None => Err(ConvertError {
            path: Path::root(),
            message: mismatch_message(&from, ty),
        }),
    }
}

/// Converts `value` to `ty` after filling in defaults for optional attributes that are
/// absent or null.
pub fn convert_with_defaults(
    value: &Value,
    ty: &Type,
    defaults: &Defaults,
) -> Result<Value, ConvertError> {
    match defaults.is_empty() {
        true => convert(value, ty),
        false => convert(&defaults::fill(value, ty, defaults), ty),
    }
}

/// True if a value of one type is one of the other or there is a conversion.
pub fn is_convertible(from: &Type, to: &Type, safety: Safety) -> bool {
    *from == to.without_optional() || Conversion::between(from, to, safety).is_some()
}
