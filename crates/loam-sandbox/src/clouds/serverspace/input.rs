//! Reading request bodies as this API does: numbers may be written as strings, unknown keys are ignored.

use serde_json::Value;

use crate::api::ApiRequest;
use crate::fields::{FieldError, Fields};

use super::answer::{Failure, NO_BODY, refuse};

/// The body, which must be there.
pub fn body(request: &ApiRequest) -> Result<Fields, Failure> {
    let fields = Fields::of(request)?;
    if request.body.is_empty() {
        return Err(refuse(NO_BODY, "The request body is missing"));
    }
    Ok(fields)
}

/// A whole number, or a string that holds one.
pub fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// An optional number.
pub fn int(fields: &Fields, name: &str) -> Result<Option<i64>, FieldError> {
    fields
        .get(name)
        .map(|value| number(value).ok_or_else(|| FieldError::new(name, "must be a whole number")))
        .transpose()
}

/// A number that must be there.
pub fn required_int(fields: &Fields, name: &str) -> Result<i64, FieldError> {
    int(fields, name)?.ok_or_else(|| FieldError::new(name, "is required"))
}
