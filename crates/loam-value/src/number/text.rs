//! Printing numbers in decimal.
//!
//! The shortest form has as few digits as tell the number from its neighbours at its
//! precision, as `math/big` of Go has it: the digits of a value in a state or an output
//! must be the same everywhere.

use std::fmt;

use num_bigint::BigUint;
use num_traits::Zero;

use super::float::Float;
use super::{Number, Parts, Repr, fits};

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFormat {
    /// `123.45`; a precision counts the digits after the point.
    Fixed,
    /// `1.2345e+02`; a precision counts the digits after the point.
    Exponent,
    /// As `Exponent` if the exponent is below -4 or at least the precision, else as
    /// `Fixed`; a precision counts all the digits.
    General,
}

/// `0.d₁d₂d₃… * 10^exponent`, no trailing zeros.
struct Decimal {
    digits: Vec<u8>,
    exponent: i64,
}

impl fmt::Display for Number {
    /// The shortest decimal that reads back as this number at its precision, without
    /// exponent. Infinities are `+Inf` and `-Inf`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(n, p) if fits(*n, *p) && n.unsigned_abs() >> (*p).min(63) == 0 => {
                write!(f, "{n}")
            }
            _ => f.write_str(&self.text(NumberFormat::Fixed, None)),
        }
    }
}

impl Number {
    /// The number in decimal. With no precision: as few digits as tell it from its
    /// neighbours; else rounded to nearest, ties to even.
    pub fn text(&self, format: NumberFormat, precision: Option<usize>) -> String {
        let mut out = String::new();
        if self.is_negative() {
            out.push('-');
        }
        let (float, mut decimal) = match self.parts() {
            Parts::Infinity { negative } => {
                return if negative { "-Inf" } else { "+Inf" }.to_owned();
            }
            Parts::Zero { .. } => (
                None,
                Decimal {
                    digits: Vec::new(),
                    exponent: 0,
                },
            ),
            Parts::Finite(f) => {
                let f = f.round(false);
                let wanted = match (format, precision) {
                    // Enough to tell neighbours apart: 0.302 digits a bit, and some.
                    (_, None) => f.precision as usize * 302 / 1000 + 10,
                    (NumberFormat::Fixed, Some(_)) => usize::MAX,
                    (_, Some(n)) => n.saturating_add(10),
                };
                let d = Decimal::of(&f.mantissa, f.exponent, wanted);
                (Some(f), d)
            }
        };
        let precision = match (precision, &float) {
            (None, _) => {
                if let Some(f) = &float {
                    decimal.shorten(f);
                }
                None
            }
            (Some(n), _) => {
                let keep = match format {
                    NumberFormat::Fixed => decimal
                        .exponent
                        .saturating_add(i64::try_from(n).unwrap_or(i64::MAX)),
                    NumberFormat::Exponent => i64::try_from(n).unwrap_or(i64::MAX) + 1,
                    NumberFormat::General => i64::try_from(n.max(1)).unwrap_or(i64::MAX),
                };
                // A number far below the last digit that is asked for keeps its digits
                // here and is cut when it is written.
                if let Ok(keep) = usize::try_from(keep) {
                    decimal.round(keep);
                }
                Some(n)
            }
        };
        let after_point = |d: &Decimal| {
            usize::try_from((d.digits.len() as i64).saturating_sub(d.exponent)).unwrap_or(0)
        };
        match format {
            NumberFormat::Fixed => {
                let after = precision.unwrap_or_else(|| after_point(&decimal));
                decimal.write_fixed(&mut out, after);
            }
            NumberFormat::Exponent => {
                let after = precision.unwrap_or(decimal.digits.len().saturating_sub(1));
                decimal.write_exponent(&mut out, after);
            }
            NumberFormat::General => {
                let total = precision.map_or(decimal.digits.len(), |n| n.max(1));
                let limit = match precision {
                    None => 6,
                    Some(_)
                        if total > decimal.digits.len()
                            && decimal.digits.len() as i64 >= decimal.exponent =>
                    {
                        decimal.digits.len() as i64
                    }
                    Some(_) => total as i64,
                };
                let e = decimal.exponent - 1;
                if e < -4 || e >= limit {
                    let after = total.min(decimal.digits.len()).saturating_sub(1);
                    decimal.write_exponent(&mut out, after);
                } else {
                    let after = after_point(&decimal);
                    decimal.write_fixed(&mut out, after);
                }
            }
        }
        out
    }
}

impl Decimal {
    /// The digits of `mantissa * 2^exponent`: all of them, or, if there are more than
    /// `wanted`, at least that many and then one digit that is not zero for the rest.
    fn of(mantissa: &BigUint, exponent: i64, wanted: usize) -> Decimal {
        // As an integer times a power of ten.
        let (integer, tens) = match exponent {
            e @ 0.. => (mantissa << e, 0i64),
            e => (
                mantissa * BigUint::from(5u32).pow(u32::try_from(-e).unwrap_or(0)),
                e,
            ),
        };
        // Cutting first keeps the slow conversion to decimal short.
        let estimate = usize::try_from(integer.bits()).unwrap_or(usize::MAX) / 1000 * 301;
        let (integer, tens, cut) = match estimate.checked_sub(wanted) {
            Some(excess @ 1..) => {
                let divisor = Float::power_of_ten(excess as u64);
                let (head, rest) = num_integer::Integer::div_rem(&integer, &divisor);
                (head, tens + excess as i64, !rest.is_zero())
            }
            _ => (integer, tens, false),
        };
        let mut digits = integer.to_string().into_bytes();
        let exponent = digits.len() as i64 + tens;
        if cut {
            digits.push(b'1');
        }
        let mut d = Decimal { digits, exponent };
        d.trim();
        d
    }

    fn trim(&mut self) {
        let len = self
            .digits
            .iter()
            .rposition(|d| *d != b'0')
            .map_or(0, |i| i + 1);
        self.digits.truncate(len);
        if len == 0 {
            self.exponent = 0;
        }
    }

    fn at(&self, i: usize) -> u8 {
        self.digits.get(i).copied().unwrap_or(b'0')
    }

    /// Rounds to nearest, ties to even.
    fn round(&mut self, keep: usize) {
        let Some(next) = self.digits.get(keep) else {
            return;
        };
        let up = match *next == b'5' && keep + 1 == self.digits.len() {
            true => keep > 0 && self.at(keep - 1) & 1 != 0,
            false => *next >= b'5',
        };
        match up {
            true => self.round_up(keep),
            false => self.round_down(keep),
        }
    }

    fn round_down(&mut self, keep: usize) {
        self.digits.truncate(keep);
        self.trim();
    }

    fn round_up(&mut self, keep: usize) {
        self.digits.truncate(keep);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        match self.digits.last_mut() {
            Some(d) => *d += 1,
            None => {
                self.digits.push(b'1');
                self.exponent += 1;
            }
        }
    }

    /// Cuts the digits to the fewest that lie between the number's neighbours.
    fn shorten(&mut self, f: &Float) {
        // The mantissa with one bit more than the precision, so that one is half of the
        // last place.
        let shift = i64::from(f.precision) + 1 - i64::from(f.bits());
        let (mantissa, exponent) = match shift {
            s @ 0.. => (&f.mantissa << s, f.exponent - s),
            // Not reached: a number has at most as many bits as its precision.
            _ => return,
        };
        let wanted = f.precision as usize * 302 / 1000 + 10;
        let lower = Decimal::of(&(&mantissa - 1u32), exponent, wanted);
        let upper = Decimal::of(&(&mantissa + 1u32), exponent, wanted);
        // The bounds round to the number only if its mantissa is even.
        let inclusive = !mantissa.bit(1);
        for i in 0..self.digits.len() {
            let (m, l, u) = (self.at(i), lower.at(i), upper.at(i));
            let down = l != m || inclusive && i + 1 == lower.digits.len();
            let up = m != u && (inclusive || m + 1 < u || i + 1 < upper.digits.len());
            match (down, up) {
                (true, true) => return self.round(i + 1),
                (true, false) => return self.round_down(i + 1),
                (false, true) => return self.round_up(i + 1),
                (false, false) => {}
            }
        }
    }

    fn write_fixed(&self, out: &mut String, after: usize) {
        match usize::try_from(self.exponent) {
            Ok(whole @ 1..) => out.extend((0..whole).map(|i| char::from(self.at(i)))),
            _ => out.push('0'),
        }
        if after > 0 {
            out.push('.');
            for i in 0..after {
                let place = self.exponent.saturating_add(i as i64);
                out.push(usize::try_from(place).map_or('0', |i| char::from(self.at(i))));
            }
        }
    }

    fn write_exponent(&self, out: &mut String, after: usize) {
        out.push(char::from(self.at(0)));
        if after > 0 {
            out.push('.');
            out.extend((1..=after).map(|i| char::from(self.at(i))));
        }
        let exponent = match self.digits.is_empty() {
            true => 0,
            false => self.exponent - 1,
        };
        let sign = if exponent < 0 { '-' } else { '+' };
        out.push('e');
        out.push(sign);
        out.push_str(&format!("{:02}", exponent.unsigned_abs()));
    }
}
