//! What a scalar's text stands for.

use super::timestamp;
use crate::{Number, Type, Value};

/// The meaning of a scalar.
pub(super) enum Scalar {
    Value(Value),
    /// `<<`, which as a key merges a mapping into this one.
    Merge,
}

const STR: &str = "tag:yaml.org,2002:str";
const BOOL: &str = "tag:yaml.org,2002:bool";
const INT: &str = "tag:yaml.org,2002:int";
const FLOAT: &str = "tag:yaml.org,2002:float";
const NULL: &str = "tag:yaml.org,2002:null";
const TIMESTAMP: &str = "tag:yaml.org,2002:timestamp";
const BINARY: &str = "tag:yaml.org,2002:binary";

/// The meaning of a scalar with a tag (empty if it has none).
pub(super) fn resolve(tag: &str, text: &str, quoted: bool) -> Result<Scalar, String> {
    if !["", STR, BOOL, INT, FLOAT, NULL, TIMESTAMP, BINARY].contains(&tag) {
        return Err(format!("unsupported tag {tag:?}"));
    }
    let mut tag = tag;
    // The first character is enough to tell what can only be a string.
    let first = text.bytes().next().unwrap_or(b'~');
    let telling =
        matches!(first, b'+' | b'-' | b'.' | b'~' | b'0'..=b'9') || b"yYnNtTfFoO".contains(&first);
    if telling && tag != STR && tag != BINARY {
        if quoted {
            return Ok(Scalar::Value(Value::string(text)));
        }
        if let Some((value, _)) = word(text) {
            return Ok(Scalar::Value(value));
        }
        if tag.is_empty() && [".nan", ".NaN", ".NAN"].contains(&text) {
            return Err("floating point NaN is not supported".into());
        }
        match first {
            b'.' => {
                if let Ok(n) = Number::parse(text) {
                    return Ok(Scalar::Value(Value::number(n)));
                }
            }
            b'+' | b'-' | b'0'..=b'9' => {
                if (tag.is_empty() || tag == TIMESTAMP)
                    && let Some(time) = timestamp::normalize(text)
                {
                    return Ok(Scalar::Value(Value::string(time)));
                }
                if is_integer(text) {
                    tag = INT;
                } else if is_float(text) {
                    tag = FLOAT;
                }
            }
            _ => {}
        }
    }
    if tag.is_empty() && text == "<<" {
        return Ok(Scalar::Merge);
    }
    let fail = || format!("cannot parse {text:?} as {tag}");
    let value = match tag {
        BINARY if !is_base64(text) => return Err(format!("{}: not valid base64", fail())),
        "" | STR | BINARY => Value::string(text),
        BOOL => match word(text) {
            Some((value, BOOL)) => value,
            _ => return Err(fail()),
        },
        INT | FLOAT => number(text).ok_or_else(fail)?,
        TIMESTAMP => Value::string(timestamp::normalize(text).ok_or_else(fail)?),
        _ => Value::null(Type::Dynamic),
    };
    Ok(Scalar::Value(value))
}

/// Words with a meaning, and their tags.
fn word(text: &str) -> Option<(Value, &'static str)> {
    let infinity = |negative| {
        let n = Number::parse(if negative { "-Inf" } else { "Inf" }).ok()?;
        Some((Value::number(n), FLOAT))
    };
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some((Value::bool(true), BOOL))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some((Value::bool(false), BOOL))
        }
        "" | "~" | "null" | "Null" | "NULL" => Some((Value::null(Type::Dynamic), NULL)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => infinity(false),
        "-.inf" | "-.Inf" | "-.INF" => infinity(true),
        _ => None,
    }
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn all(text: &str, is: impl Fn(&u8) -> bool) -> bool {
    !text.is_empty() && text.as_bytes().iter().all(is)
}

fn is_integer(text: &str) -> bool {
    all(unsigned(text), u8::is_ascii_digit)
        || text
            .strip_prefix("0o")
            .is_some_and(|t| all(t, |b| (b'0'..=b'7').contains(b)))
        || text
            .strip_prefix("0x")
            .is_some_and(|t| all(t, u8::is_ascii_hexdigit))
}

/// `1.5`, `1.`, `.5`, `1e3`.
fn is_float(text: &str) -> bool {
    let text = unsigned(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, Some(e)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| all(unsigned(e), u8::is_ascii_digit))
}

/// A decimal number, or an integer of 64 bits with a prefix; `_` may stand anywhere.
fn number(text: &str) -> Option<Value> {
    let plain = text.replace('_', "");
    if let Ok(n) = Number::parse(&plain) {
        return Some(Value::number(n));
    }
    let negative = plain.starts_with('-');
    let digits = unsigned(&plain);
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, lower.get(2..)?),
        [b'0', b'o', ..] => (8, lower.get(2..)?),
        [b'0', b'b', ..] => (2, lower.get(2..)?),
        _ => return None,
    };
    if !all(digits, |b| char::from(*b).is_digit(radix)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    let n = match negative {
        false => Number::from_u64(magnitude),
        true => Number::from_i64(0i64.checked_sub_unsigned(magnitude)?),
    };
    Some(Value::number(n))
}

/// Base 64 of the standard alphabet, padded, lines broken anywhere.
fn is_base64(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().filter(|b| !b"\r\n".contains(b)).collect();
    let padding = bytes.iter().rev().take_while(|b| **b == b'=').count();
    let data = bytes.get(..bytes.len() - padding).unwrap_or_default();
    bytes.len().is_multiple_of(4)
        && padding <= 2
        && data
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || *b == b'+' || *b == b'/')
}
