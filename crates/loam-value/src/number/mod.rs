//! Numbers: binary floating point of a chosen precision, exact where the digits fit.
//!
//! A number remembers the precision (in bits) it was made with, because that decides how
//! many digits a quotient gets and how it is printed: a literal or a parsed text has 512
//! bits, an integer or a length 64, an `f64` 53. An operation works at the larger of its
//! operands' precisions and rounds to nearest, ties to even. Zero has a sign and there
//! are infinities (`1 / 0`), because the language has them; there is no "not a number".
//!
//! Whole numbers that fit an `i64` are held inline; the rest is shared.
//! The operations are in `arithmetic`, those of the shared form in `float`; reading text
//! is in `parse`, printing in `text`.

mod arithmetic;
mod float;
mod parse;
mod text;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Neg;
use std::sync::Arc;

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{ToPrimitive, Zero};

use float::{Float, Rounded};
pub use parse::ParseNumberError;
pub use text::NumberFormat;

/// Precision of literals and of numbers parsed from text, in bits.
const PARSED: u32 = 512;
/// Precision of integers, in bits.
const INTEGER: u32 = 64;
/// Precision of an `f64`, in bits.
const DOUBLE: u32 = 53;

/// A number. Sixteen bytes, cheap to clone.
///
/// Two numbers are equal if they are the same whole number, or have the same shortest
/// digits: `1/3` is not equal to a text with some of its digits, but `0.1` at one
/// precision is equal to `0.1` at another. The two zeros are equal. The order
/// ([`Number::compare`]) goes by exact value and is not an `Ord`, because two equal numbers of
/// different precision can lie a little apart.
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    /// A whole number and the precision.
    Small(i64, u32),
    /// Zero with a minus sign.
    NegativeZero(u32),
    /// Beyond every number, and beyond what is represented.
    Infinity { negative: bool, precision: u32 },
    /// Anything that is not one of the above.
    Big(Arc<Float>),
}

/// A number taken apart for the general algorithms.
enum Parts {
    Zero { negative: bool },
    Infinity { negative: bool },
    Finite(Float),
}

impl Number {
    /// A whole number, of 64 bits precision.
    pub fn from_i64(n: i64) -> Number {
        Number(Repr::Small(n, INTEGER))
    }

    /// A whole number, of 64 bits precision.
    pub fn from_u64(n: u64) -> Number {
        match i64::try_from(n) {
            Ok(n) => Number::from_i64(n),
            Err(_) => Number::finish(Float::new(false, BigUint::from(n), 0, INTEGER)),
        }
    }

    /// The value of an `f64`, of 53 bits precision; nothing for NaN.
    pub fn from_f64(f: f64) -> Option<Number> {
        if f.is_nan() {
            return None;
        }
        if f.is_infinite() {
            return Some(Number::infinity(f < 0.0, DOUBLE));
        }
        let bits = f.to_bits();
        let negative = f.is_sign_negative();
        let field = ((bits >> 52) & 0x7ff) as i64;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = match field {
            0 => (fraction, -1074),
            _ => (fraction | (1 << 52), field - 1075),
        };
        Some(Number::finish(Float::new(
            negative,
            BigUint::from(mantissa),
            exponent,
            DOUBLE,
        )))
    }

    /// A whole number of any size, exact (of at least 64 bits precision). Beyond the
    /// largest representable magnitude (about 315,000 digits) it is an infinity.
    pub fn from_bigint(n: &BigInt) -> Number {
        let precision = u32::try_from(n.bits()).unwrap_or(u32::MAX).max(INTEGER);
        Number::finish(Float::new(
            n.sign() == Sign::Minus,
            n.magnitude().clone(),
            0,
            precision,
        ))
    }

    fn infinity(negative: bool, precision: u32) -> Number {
        Number(Repr::Infinity {
            negative,
            precision,
        })
    }

    fn zero(negative: bool, precision: u32) -> Number {
        Number(match negative {
            true => Repr::NegativeZero(precision),
            false => Repr::Small(0, precision),
        })
    }

    /// Brings a result to its precision, its range and its one representation.
    fn finish(exact: Float) -> Number {
        Number::finish_sticky(exact, false)
    }

    /// As `finish`, where `sticky` says that non-zero bits were cut off below `exact`.
    fn finish_sticky(exact: Float, sticky: bool) -> Number {
        let (negative, precision) = (exact.negative, exact.precision);
        match exact.rounded(sticky) {
            Rounded::Zero => Number::zero(negative, precision),
            Rounded::Overflow => Number::infinity(negative, precision),
            Rounded::Finite(f) => match f.to_i64() {
                Some(n) => Number(Repr::Small(n, precision)),
                None => Number(Repr::Big(Arc::new(f))),
            },
        }
    }

    fn parts(&self) -> Parts {
        match &self.0 {
            Repr::Small(0, _) => Parts::Zero { negative: false },
            Repr::NegativeZero(_) => Parts::Zero { negative: true },
            Repr::Small(n, p) => {
                Parts::Finite(Float::new(*n < 0, BigUint::from(n.unsigned_abs()), 0, *p))
            }
            Repr::Infinity { negative, .. } => Parts::Infinity {
                negative: *negative,
            },
            Repr::Big(f) => Parts::Finite((**f).clone()),
        }
    }

    fn precision(&self) -> u32 {
        match &self.0 {
            Repr::Small(_, p) | Repr::NegativeZero(p) => *p,
            Repr::Infinity { precision, .. } => *precision,
            Repr::Big(f) => f.precision,
        }
    }

    /// The precision, if it is another than that of a number parsed from text.
    pub(crate) fn precision_if_unusual(&self) -> Option<u32> {
        Some(self.precision()).filter(|p| *p != PARSED)
    }

    fn with_precision(mut self, precision: u32) -> Number {
        match &mut self.0 {
            Repr::Small(_, p) | Repr::NegativeZero(p) => *p = precision,
            Repr::Infinity { precision: p, .. } => *p = precision,
            Repr::Big(f) => {
                return Number::finish(Float {
                    precision,
                    ..(**f).clone()
                });
            }
        }
        match self.0 {
            Repr::Small(n, p) if !fits(n, p) => Number::finish(Float::new(
                n < 0,
                BigUint::from(n.unsigned_abs()),
                0,
                precision,
            )),
            _ => self,
        }
    }

    /// True for numbers below zero and for zero with a minus sign.
    pub fn sign_bit(&self) -> bool {
        self.is_negative()
    }

    fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(n, _) => *n < 0,
            Repr::NegativeZero(_) => true,
            Repr::Infinity { negative, .. } => *negative,
            Repr::Big(f) => f.negative,
        }
    }

    /// True for whole numbers.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small(..) | Repr::NegativeZero(_) => true,
            Repr::Infinity { .. } => false,
            Repr::Big(f) => f.is_integer(),
        }
    }

    /// True for zero of either sign.
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Small(0, _) | Repr::NegativeZero(_))
    }

    /// True for the infinities.
    pub fn is_infinite(&self) -> bool {
        matches!(self.0, Repr::Infinity { .. })
    }

    /// -1, 0 or 1.
    pub fn sign(&self) -> i32 {
        match self.is_zero() {
            true => 0,
            false if self.is_negative() => -1,
            false => 1,
        }
    }

    /// The number as an `i64`, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small(n, _) => Some(*n),
            Repr::NegativeZero(_) => Some(0),
            Repr::Infinity { .. } | Repr::Big(_) => None,
        }
    }

    /// The number as a `u64`, if it is whole and fits.
    pub fn to_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Big(_) => self.to_bigint()?.to_u64(),
            _ => u64::try_from(self.to_i64()?).ok(),
        }
    }

    /// The nearest `f64`, infinite if it is out of range.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            // An `as` cast rounds to nearest, ties to even.
            Repr::Small(n, _) => *n as f64,
            Repr::NegativeZero(_) => -0.0,
            Repr::Infinity { negative: true, .. } => f64::NEG_INFINITY,
            Repr::Infinity { .. } => f64::INFINITY,
            Repr::Big(f) => f.to_f64(),
        }
    }

    /// The number as a big integer, if it is whole.
    pub fn to_bigint(&self) -> Option<BigInt> {
        self.is_integer().then(|| self.truncated()).flatten()
    }

    /// The whole part, cut towards zero; nothing for an infinity.
    fn truncated(&self) -> Option<BigInt> {
        match &self.0 {
            Repr::Small(n, _) => Some(BigInt::from(*n)),
            Repr::NegativeZero(_) => Some(BigInt::zero()),
            Repr::Infinity { .. } => None,
            Repr::Big(f) => Some(f.truncated()),
        }
    }

    /// The order by exact value. It is total, and the two zeros are equal in it.
    pub fn compare(&self, other: &Number) -> Ordering {
        if let (Repr::Small(a, _), Repr::Small(b, _)) = (&self.0, &other.0) {
            return a.cmp(b);
        }
        let by_sign = self.sign().cmp(&other.sign());
        if by_sign != Ordering::Equal {
            return by_sign;
        }
        let by_size = match (self.parts(), other.parts()) {
            (Parts::Finite(a), Parts::Finite(b)) => a.cmp_size(&b),
            (Parts::Infinity { .. }, Parts::Finite(_)) => Ordering::Greater,
            (Parts::Finite(_), Parts::Infinity { .. }) => Ordering::Less,
            // Two infinities or, since zero has a sign of its own, two zeros.
            _ => Ordering::Equal,
        };
        match self.is_negative() {
            true => by_size.reverse(),
            false => by_size,
        }
    }

    /// The number as it is after a plan has stored it: a whole number that fits an `i64`
    /// has 64 bits, and zero no sign; a fraction that is exactly an `f64` has its 53 bits
    /// (and is then printed with fewer digits); any other number is read from its digits.
    #[must_use]
    pub fn stored(&self) -> Number {
        if let Some(n) = self.to_i64() {
            return Number::from_i64(n);
        }
        if self.is_infinite() {
            return self.clone();
        }
        if !self.is_integer()
            && let Some(double) = Number::from_f64(self.to_f64())
            && double.compare(self).is_eq()
        {
            return double;
        }
        Number::parse(&self.to_string()).unwrap_or_else(|_| self.clone())
    }

    /// The bits that the number needs at least.
    fn significant_bits(&self) -> u32 {
        match &self.0 {
            Repr::Small(n, _) => significant_bits(*n),
            Repr::NegativeZero(_) | Repr::Infinity { .. } => 0,
            Repr::Big(f) => f.bits(),
        }
    }
}

fn significant_bits(n: i64) -> u32 {
    match n.unsigned_abs() {
        0 => 0,
        n => u64::BITS - n.leading_zeros() - n.trailing_zeros(),
    }
}

fn fits(n: i64, precision: u32) -> bool {
    precision >= INTEGER || significant_bits(n) <= precision
}

impl Neg for &Number {
    type Output = Number;
    fn neg(self) -> Number {
        Number::neg(self)
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Number {
        Number::from_i64(n)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        if self.precision() == other.precision() || self.is_integer() || other.is_integer() {
            return self.compare(other) == Ordering::Equal;
        }
        // The shortest digits tell a number from its neighbours at its own precision, so
        // that a quotient and the same number read back from a state are equal by them.
        self.sign() == other.sign() && self.to_string() == other.to_string()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Each whole number has one representation, but for the two zeros.
        match &self.0 {
            Repr::Small(n, _) => n.hash(state),
            Repr::NegativeZero(_) => 0i64.hash(state),
            Repr::Infinity { negative, .. } => negative.hash(state),
            Repr::Big(f) if f.is_integer() => (f.negative, &f.mantissa, f.exponent).hash(state),
            Repr::Big(_) => self.to_string().hash(state),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
