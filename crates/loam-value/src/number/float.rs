//! The arithmetic of numbers that do not fit an `i64`.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{One, ToPrimitive, Zero};

/// Numbers at or above two to this power are infinities, those below the inverse of it
/// zero. It bounds the memory that one number can take (about 315,000 digits printed).
pub(super) const MAX_EXPONENT: i64 = 1 << 20;

/// `mantissa * 2^exponent`. After [`Float::rounded`] the mantissa is odd and has at most
/// `precision` bits; before, it may be anything.
#[derive(Clone)]
pub(super) struct Float {
    pub negative: bool,
    pub mantissa: BigUint,
    pub exponent: i64,
    pub precision: u32,
}

pub(super) enum Rounded {
    Zero,
    Overflow,
    Finite(Float),
}

impl Float {
    pub fn new(negative: bool, mantissa: BigUint, exponent: i64, precision: u32) -> Float {
        Float {
            negative,
            mantissa,
            exponent,
            precision,
        }
    }

    /// Bits of the mantissa.
    pub fn bits(&self) -> u32 {
        u32::try_from(self.mantissa.bits()).unwrap_or(u32::MAX)
    }

    /// The exponent of the first power of two above the number.
    fn top(&self) -> i64 {
        self.exponent
            .saturating_add(i64::try_from(self.mantissa.bits()).unwrap_or(i64::MAX))
    }

    /// Rounds to the precision (to nearest, ties to even) and makes the mantissa odd.
    /// `sticky`: non-zero bits were cut off below the mantissa, which then has to have
    /// more bits than the precision.
    pub fn round(mut self, sticky: bool) -> Float {
        let bits = self.mantissa.bits();
        if let Some(cut @ 1..) = bits.checked_sub(u64::from(self.precision)) {
            let half = self.mantissa.bit(cut - 1);
            let below = sticky || self.mantissa.trailing_zeros().is_some_and(|z| z < cut - 1);
            self.mantissa >>= cut;
            self.exponent = self.exponent.saturating_add_unsigned(cut);
            if half && (below || self.mantissa.bit(0)) {
                self.mantissa += 1u32;
            }
        }
        if let Some(zeros @ 1..) = self.mantissa.trailing_zeros() {
            self.mantissa >>= zeros;
            self.exponent = self.exponent.saturating_add_unsigned(zeros);
        }
        self
    }

    /// Rounds, and says if the result is out of range.
    pub fn rounded(self, sticky: bool) -> Rounded {
        let f = self.round(sticky);
        match f.top() {
            _ if f.mantissa.is_zero() => Rounded::Zero,
            top if top > MAX_EXPONENT => Rounded::Overflow,
            top if top < -MAX_EXPONENT => Rounded::Zero,
            _ => Rounded::Finite(f),
        }
    }

    pub fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    pub fn to_i64(&self) -> Option<i64> {
        if !(0..64).contains(&self.exponent) || self.top() > 64 {
            return None;
        }
        let magnitude = (&self.mantissa << self.exponent).to_i128()?;
        let signed = if self.negative { -magnitude } else { magnitude };
        i64::try_from(signed).ok()
    }

    /// The whole part, cut towards zero.
    pub fn truncated(&self) -> BigInt {
        let magnitude = match self.exponent {
            e @ 0.. => &self.mantissa << e,
            e => &self.mantissa >> e.unsigned_abs(),
        };
        let sign = if self.negative {
            Sign::Minus
        } else {
            Sign::Plus
        };
        BigInt::from_biguint(sign, magnitude)
    }

    pub fn to_f64(&self) -> f64 {
        // The lowest bit of a subnormal number is 2^-1074, so that there are fewer bits
        // than 53 to round to.
        let room = (self.top() + 1074).min(53);
        let magnitude = if self.top() > 1024 {
            f64::INFINITY
        } else if room < 0 {
            0.0
        } else {
            let precision = u32::try_from(room).unwrap_or(53);
            let f = Float {
                precision,
                ..self.clone()
            }
            .round(false);
            // At most 53 bits, so that both steps are exact: the first scales to an
            // exponent that can be represented, the second never rounds again.
            let mantissa = f.mantissa.to_u64().unwrap_or(0) as f64;
            let first = f.exponent.clamp(-1000, 900);
            let scale = |e: i64| 2f64.powi(i32::try_from(e).unwrap_or(0));
            mantissa * scale(first) * scale((f.exponent - first).clamp(-1000, 1000))
        };
        if self.negative { -magnitude } else { magnitude }
    }

    /// Compares without regard to sign.
    pub fn cmp_size(&self, other: &Float) -> Ordering {
        self.top().cmp(&other.top()).then_with(|| {
            let low = self.exponent.min(other.exponent);
            let a = &self.mantissa << (self.exponent - low);
            let b = &other.mantissa << (other.exponent - low);
            a.cmp(&b)
        })
    }

    pub fn exact_sum(a: &Float, b: &Float, precision: u32) -> Float {
        let low = a.exponent.min(b.exponent);
        let signed = |f: &Float| {
            let m = &f.mantissa << (f.exponent - low);
            let sign = if f.negative { Sign::Minus } else { Sign::Plus };
            BigInt::from_biguint(sign, m)
        };
        let sum = signed(a) + signed(b);
        Float::new(
            sum.sign() == Sign::Minus,
            sum.into_parts().1,
            low,
            precision,
        )
    }

    pub fn exact_product(a: &Float, b: &Float, precision: u32) -> Float {
        Float::new(
            a.negative != b.negative,
            &a.mantissa * &b.mantissa,
            a.exponent.saturating_add(b.exponent),
            precision,
        )
    }

    /// The quotient to at least one bit more than the precision, and whether anything was
    /// cut off below. `b` must not be zero.
    pub fn quotient(a: &Float, b: &Float, precision: u32) -> (Float, bool) {
        let wanted = u64::from(precision) + 2 + b.mantissa.bits();
        let shift = wanted.saturating_sub(a.mantissa.bits());
        let dividend = &a.mantissa << shift;
        let (quotient, rest) = num_integer::Integer::div_rem(&dividend, &b.mantissa);
        let exponent = a
            .exponent
            .saturating_sub(b.exponent)
            .saturating_sub_unsigned(shift);
        (
            Float::new(a.negative != b.negative, quotient, exponent, precision),
            !rest.is_zero(),
        )
    }

    /// Five to a power. Up to the 27th power exact, above to `precision` bits, each step
    /// rounded, with 64 more bits in the factor: the digits of a very large or small
    /// decimal exponent depend on these steps.
    pub fn power_of_five(n: u64, precision: u32) -> Float {
        const EXACT: u64 = 27;
        let five = |e: u64| BigUint::from(5u32).pow(u32::try_from(e).unwrap_or(0));
        if n <= EXACT {
            return Float::new(false, five(n), 0, precision).round(false);
        }
        let mut power = Float::new(false, five(EXACT), 0, precision).round(false);
        let mut factor = Float::new(false, five(1), 0, precision + 64);
        let mut left = n - EXACT;
        while left > 0 {
            if left & 1 != 0 {
                power = Float::exact_product(&power, &factor, precision).round(false);
            }
            factor = Float::exact_product(&factor, &factor, factor.precision).round(false);
            left >>= 1;
        }
        power
    }

    /// Ten to a power, exact.
    pub fn power_of_ten(n: u64) -> BigUint {
        match u32::try_from(n) {
            Ok(n) => BigUint::from(10u32).pow(n),
            Err(_) => BigUint::one(),
        }
    }
}
