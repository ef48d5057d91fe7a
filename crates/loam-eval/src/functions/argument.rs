//! Reading arguments as Rust values, with errors that name the argument.

use loam_value::{Number, Value};

use crate::FunctionError;

/// The longest string that a function makes, in bytes. Longer ones are refused before
/// any memory is taken.
pub(super) const MAX_STRING: usize = 64 << 20;

/// The largest collection that a function makes by multiplying its arguments.
pub(super) const MAX_ELEMENTS: usize = 1 << 20;

/// Refuses a result of more than [`MAX_STRING`] bytes.
pub(super) fn check_length(bytes: Option<usize>) -> Result<(), FunctionError> {
    match bytes {
        Some(n) if n <= MAX_STRING => Ok(()),
        _ => Err(FunctionError::call(format!(
            "the result would be longer than the limit of {} MiB",
            MAX_STRING >> 20
        ))),
    }
}

/// The argument itself.
pub(super) fn value(args: &[Value], index: usize) -> Result<&Value, FunctionError> {
    args.get(index)
        .ok_or_else(|| FunctionError::argument(index, "a value is required"))
}

/// A known string argument.
pub(super) fn str(args: &[Value], index: usize) -> Result<&str, FunctionError> {
    args.get(index)
        .and_then(Value::as_str)
        .ok_or_else(|| FunctionError::argument(index, "a string is required"))
}

/// A known number argument.
pub(super) fn number(args: &[Value], index: usize) -> Result<&Number, FunctionError> {
    args.get(index)
        .and_then(Value::as_number)
        .ok_or_else(|| FunctionError::argument(index, "a number is required"))
}

/// A known number argument that is whole and fits 64 bits.
pub(super) fn int(args: &[Value], index: usize) -> Result<i64, FunctionError> {
    number(args, index)?.to_i64().ok_or_else(|| {
        FunctionError::blame(
            index,
            format!(
                "value must be a whole number, between {} and {} inclusive",
                i64::MIN,
                i64::MAX
            ),
        )
    })
}

/// A known number argument as the nearest double; refused if that is infinite.
pub(super) fn double(args: &[Value], index: usize) -> Result<f64, FunctionError> {
    let f = number(args, index)?.to_f64();
    if f.is_finite() {
        Ok(f)
    } else {
        Err(FunctionError::argument(
            index,
            format!("value must be between {:e} and {:e}", f64::MIN, f64::MAX),
        ))
    }
}

/// The elements of a known list, set or tuple argument.
pub(super) fn elements(args: &[Value], index: usize) -> Result<&[Value], FunctionError> {
    args.get(index)
        .and_then(Value::elements)
        .ok_or_else(|| FunctionError::argument(index, "a list, set or tuple is required"))
}

/// Text for an error message: the text itself in quotes, or a stand-in if the value
/// that it comes from is sensitive or ephemeral.
pub(super) fn shown(text: &str, of: &Value) -> String {
    if of.marks().is_sensitive() {
        "(sensitive value)".to_owned()
    } else if of.marks().is_ephemeral() {
        "(ephemeral value)".to_owned()
    } else {
        quoted(text)
    }
}

/// Text in double quotes for an error message, shortened if it is long.
pub(super) fn quoted(text: &str) -> String {
    const LIMIT: usize = 200;
    if text.chars().count() > LIMIT {
        let start: String = text.chars().take(LIMIT).collect();
        format!("{start:?}…")
    } else {
        format!("{text:?}")
    }
}
