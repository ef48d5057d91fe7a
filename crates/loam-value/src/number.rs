//! Numbers: placeholder arithmetic, replaced in the next step by 512-bit numbers.

use std::fmt;

/// A number.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Number(f64);

/// A text that is not a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseNumberError;

impl Number {
    /// A whole number.
    pub fn from_i64(n: i64) -> Number {
        Number(n as f64)
    }

    /// Parses decimal digits with optional fraction and exponent.
    pub fn parse(s: &str) -> Result<Number, ParseNumberError> {
        s.parse().map(Number).map_err(|_| ParseNumberError)
    }

    /// The number as an `i64`, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        (self.0.fract() == 0.0).then_some(self.0 as i64)
    }

    /// The nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        self.0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
