//! Reading numbers from text.

use std::fmt;

use num_bigint::BigUint;
use num_traits::Zero;

use super::float::{Float, MAX_EXPONENT};
use super::{Number, PARSED, Repr};

/// Why a text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseNumberError {
    /// It is not written as one.
    Syntax,
    /// Its magnitude is too large to be represented, or too small and not zero.
    OutOfRange,
    /// It has more digits than a number may be written with.
    TooLong,
}

impl fmt::Display for ParseNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParseNumberError::Syntax => "a number is required",
            ParseNumberError::OutOfRange => {
                "the exponent of the number is too large; it must lie between about -315000 and 315000"
            }
            ParseNumberError::TooLong => "the number has more than 100000 digits",
        })
    }
}

impl std::error::Error for ParseNumberError {}

/// More bits than any number needs.
const MAX_PRECISION: u32 = 1 << 21;
/// Digits that are read at most: reading takes time by the square of them.
const MAX_DIGITS: usize = 100_000;
/// Digits that always fit an `i64`.
const SMALL_DIGITS: usize = 18;

impl Number {
    /// Parses a number as the language converts text to one: an optional sign, decimal
    /// digits with an optional point (`1.`, `.5`), an optional decimal exponent (`e`) or
    /// binary one (`p`, a power of two); or `Inf` or `inf`. No spaces, no underscores.
    pub fn parse(text: &str) -> Result<Number, ParseNumberError> {
        Number::parse_with_precision(text, PARSED)
    }

    /// As [`Number::parse`], to a number of this precision.
    pub(crate) fn parse_with_precision(
        text: &str,
        precision: u32,
    ) -> Result<Number, ParseNumberError> {
        if precision == 0 || precision > MAX_PRECISION {
            return Err(ParseNumberError::OutOfRange);
        }
        let bytes = text.as_bytes();
        let (negative, unsigned) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        if matches!(unsigned, b"Inf" | b"inf") {
            return Ok(Number::infinity(negative, precision));
        }
        if (1..=SMALL_DIGITS).contains(&unsigned.len()) && unsigned.iter().all(u8::is_ascii_digit) {
            let n = unsigned
                .iter()
                .fold(0i64, |n, d| n * 10 + i64::from(d - b'0'));
            return Ok(match (n, negative) {
                (0, _) => Number::zero(negative, precision),
                (n, true) => Number(Repr::Small(-n, PARSED)).with_precision(precision),
                (n, false) => Number(Repr::Small(n, PARSED)).with_precision(precision),
            });
        }
        parse_general(negative, unsigned, precision)
    }
}

fn parse_general(negative: bool, text: &[u8], precision: u32) -> Result<Number, ParseNumberError> {
    let digits_end = |s: &[u8]| s.iter().take_while(|b| b.is_ascii_digit()).count();
    let (whole, rest) = text.split_at(digits_end(text));
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => rest.split_at(digits_end(rest)),
        rest => (&[][..], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(ParseNumberError::Syntax);
    }
    let (decimal, exponent) = match rest {
        [] => (true, 0),
        [b'e' | b'E', rest @ ..] => (true, parse_exponent(rest)?),
        [b'p' | b'P', rest @ ..] => (false, parse_exponent(rest)?),
        _ => return Err(ParseNumberError::Syntax),
    };
    if whole.len() + fraction.len() > MAX_DIGITS {
        return Err(ParseNumberError::TooLong);
    }
    let digits: Vec<u8> = whole.iter().chain(fraction).copied().collect();
    let mantissa = BigUint::parse_bytes(&digits, 10).ok_or(ParseNumberError::Syntax)?;
    if mantissa.is_zero() {
        return Ok(Number::zero(negative, precision));
    }
    let scale = i64::try_from(fraction.len()).map_err(|_| ParseNumberError::TooLong)?;
    let tens = exponent * i64::from(decimal) - scale;
    let twos = tens + exponent * i64::from(!decimal);
    // The text is `mantissa * 5^tens * 2^twos`.
    if twos.abs() > 2 * MAX_EXPONENT || tens.abs() > 2 * MAX_EXPONENT {
        return Err(ParseNumberError::OutOfRange);
    }
    let scaled = Float::new(negative, mantissa, twos, precision);
    let number = match tens {
        0 => Number::finish(scaled),
        _ => {
            let fives = Float::power_of_five(tens.unsigned_abs(), precision + 64);
            match tens > 0 {
                true => Number::finish(Float::exact_product(&scaled, &fives, precision)),
                false => {
                    let (quotient, sticky) = Float::quotient(&scaled, &fives, precision);
                    Number::finish_sticky(quotient, sticky)
                }
            }
        }
    };
    match number.is_infinite() || number.is_zero() {
        true => Err(ParseNumberError::OutOfRange),
        false => Ok(number),
    }
}

/// The exponent, held within what is out of range anyway.
fn parse_exponent(text: &[u8]) -> Result<i64, ParseNumberError> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(ParseNumberError::Syntax);
    }
    let exponent = digits
        .iter()
        .fold(0i64, |n, d| (n * 10 + i64::from(d - b'0')).min(1 << 40));
    Ok(if negative { -exponent } else { exponent })
}
