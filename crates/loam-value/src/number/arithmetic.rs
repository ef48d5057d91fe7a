//! The operations on numbers: each with a short way for small whole numbers, and the rules
//! for zeros and infinities.

use num_bigint::{BigUint, Sign};

use super::float::Float;
use super::{INTEGER, Number, PARSED, Parts, Repr, fits, significant_bits};

impl Number {
    /// The sum; nothing for infinities of opposite signs.
    pub fn add(&self, other: &Number) -> Option<Number> {
        let precision = self.precision().max(other.precision());
        if let (Repr::Small(a, _), Repr::Small(b, _)) = (&self.0, &other.0)
            && let Some(sum) = a.checked_add(*b)
            && fits(sum, precision)
        {
            return Some(Number(Repr::Small(sum, precision)));
        }
        Some(match (self.parts(), other.parts()) {
            (Parts::Finite(a), Parts::Finite(b)) => {
                Number::finish(Float::exact_sum(&a, &b, precision))
            }
            (Parts::Infinity { negative: a }, Parts::Infinity { negative: b }) if a != b => {
                return None;
            }
            (Parts::Zero { negative: a }, Parts::Zero { negative: b }) => {
                Number::zero(a && b, precision)
            }
            (Parts::Infinity { .. }, _) | (_, Parts::Zero { .. }) => {
                self.clone().with_precision(precision)
            }
            _ => other.clone().with_precision(precision),
        })
    }

    /// The difference; nothing for infinities of the same sign.
    pub fn sub(&self, other: &Number) -> Option<Number> {
        self.add(&other.neg())
    }

    /// The product, exact up to 512 bits; nothing for zero times infinity.
    pub fn mul(&self, other: &Number) -> Option<Number> {
        let precision = self.precision().max(other.precision());
        if let (Repr::Small(a, _), Repr::Small(b, _)) = (&self.0, &other.0)
            && *a != 0
            && *b != 0
            && let Some(product) = a.checked_mul(*b)
        {
            let precision = precision.max(significant_bits(product));
            return Some(Number(Repr::Small(product, precision)));
        }
        let negative = self.is_negative() != other.is_negative();
        Some(match (self.parts(), other.parts()) {
            (Parts::Finite(a), Parts::Finite(b)) => {
                // A product is worked out at 512 bits, and keeps as many of them as it
                // needs; only then is it cut to the operands' precision.
                let product = Number::finish(Float::exact_product(&a, &b, PARSED));
                let needed = product.significant_bits();
                product.with_precision(precision.max(needed))
            }
            (Parts::Zero { .. }, Parts::Infinity { .. })
            | (Parts::Infinity { .. }, Parts::Zero { .. }) => return None,
            (Parts::Infinity { .. }, _) | (_, Parts::Infinity { .. }) => {
                Number::infinity(negative, precision)
            }
            _ => Number::zero(negative, precision),
        })
    }

    /// The quotient; an infinity for a zero divisor; nothing for zero by zero and
    /// infinity by infinity.
    pub fn div(&self, other: &Number) -> Option<Number> {
        let precision = self.precision().max(other.precision());
        if let (Repr::Small(a, _), Repr::Small(b, _)) = (&self.0, &other.0)
            && *a != 0
            && *b != 0
            && let (Some(0), Some(quotient)) = (a.checked_rem(*b), a.checked_div(*b))
            && fits(quotient, precision)
        {
            return Some(Number(Repr::Small(quotient, precision)));
        }
        let negative = self.is_negative() != other.is_negative();
        Some(match (self.parts(), other.parts()) {
            (Parts::Finite(a), Parts::Finite(b)) => {
                let (quotient, sticky) = Float::quotient(&a, &b, precision);
                Number::finish_sticky(quotient, sticky)
            }
            (Parts::Zero { .. }, Parts::Zero { .. })
            | (Parts::Infinity { .. }, Parts::Infinity { .. }) => return None,
            (Parts::Zero { .. }, _) | (_, Parts::Infinity { .. }) => {
                Number::zero(negative, precision)
            }
            _ => Number::infinity(negative, precision),
        })
    }

    /// The remainder of a division cut towards zero, with the sign of `self`; `self` for
    /// a zero divisor; nothing where an infinity takes part.
    pub fn rem(&self, other: &Number) -> Option<Number> {
        if self.is_infinite() || other.is_infinite() {
            return None;
        }
        if other.is_zero() {
            return Some(self.clone());
        }
        if let (Repr::Small(a, p), Repr::Small(b, _)) = (&self.0, &other.0)
            && let Some(rest) = a.checked_rem(*b)
            && (rest != 0 || *a >= 0)
            && fits(rest, *p)
            && *p >= INTEGER
        {
            return Some(Number(Repr::Small(rest, *p)));
        }
        // Everything is worked out at the precision of the dividend.
        let precision = self.precision();
        let whole = self.div(other)?.truncated()?;
        let whole = Number::finish(Float::new(
            whole.sign() == Sign::Minus,
            whole.magnitude().clone(),
            0,
            precision,
        ));
        let taken = match (whole.parts(), other.parts()) {
            (Parts::Finite(a), Parts::Finite(b)) => {
                Number::finish(Float::exact_product(&a, &b, precision))
            }
            _ => Number::zero(whole.is_negative() != other.is_negative(), precision),
        };
        Some(match (self.parts(), taken.parts()) {
            (Parts::Finite(a), Parts::Finite(b)) => {
                let b = Float {
                    negative: !b.negative,
                    ..b
                };
                Number::finish(Float::exact_sum(&a, &b, precision))
            }
            (Parts::Zero { negative: a }, Parts::Zero { negative: b }) => {
                Number::zero(a && !b, precision)
            }
            (Parts::Finite(_), _) => self.clone(),
            _ => taken.neg(),
        })
    }

    /// The number with the other sign.
    #[must_use]
    pub fn neg(&self) -> Number {
        Number(match &self.0 {
            Repr::Small(0, p) => Repr::NegativeZero(*p),
            Repr::NegativeZero(p) => Repr::Small(0, *p),
            Repr::Small(n, p) if *n != i64::MIN => Repr::Small(-n, *p),
            Repr::Small(n, p) => {
                return Number::finish(Float::new(false, BigUint::from(n.unsigned_abs()), 0, *p));
            }
            Repr::Infinity {
                negative,
                precision,
            } => Repr::Infinity {
                negative: !negative,
                precision: *precision,
            },
            Repr::Big(f) => {
                return Number::finish(Float {
                    negative: !f.negative,
                    ..(**f).clone()
                });
            }
        })
    }

    /// The number without its sign.
    #[must_use]
    pub fn abs(&self) -> Number {
        match self.is_negative() {
            true => self.neg(),
            false => self.clone(),
        }
    }

    /// The greatest whole number that is not above `self`.
    #[must_use]
    pub fn floor(&self) -> Number {
        self.whole(-1)
    }

    /// The least whole number that is not below `self`.
    #[must_use]
    pub fn ceil(&self) -> Number {
        self.whole(1)
    }

    /// The whole number next to `self` in the direction of `step`.
    fn whole(&self, step: i64) -> Number {
        let Some(mut n) = self.truncated() else {
            return self.clone();
        };
        if !self.is_integer() && i64::from(self.sign()) == step {
            n += step;
        }
        Number::finish(Float::new(
            n.sign() == Sign::Minus,
            n.magnitude().clone(),
            0,
            self.precision(),
        ))
    }
}
