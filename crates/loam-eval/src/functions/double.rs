//! Logarithm and power of doubles, to the last bit the same everywhere.
//!
//! The language gives the digits of these functions to the user, and state files keep
//! them, so they must not depend on the platform's mathematical library. The algorithms
//! are the classic ones: the FreeBSD logarithm, the exponential function by a short
//! Taylor series with fused multiplications (Shibata 2010), and powers by repeated
//! squaring of the mantissa.

const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;

/// The natural logarithm.
pub(super) fn ln(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if x < 0.0 {
        return f64::NAN;
    }
    if !x.is_finite() {
        return x;
    }
    const L: [f64; 7] = [
        0.6666666666666735,
        0.3999999999940942,
        0.2857142874366239,
        0.22222198432149784,
        0.1818357216161805,
        0.15313837699209373,
        0.14798198605116586,
    ];
    let [l1, l2, l3, l4, l5, l6, l7] = L;
    let (mut fraction, exponent) = split(x);
    let mut k = f64::from(exponent);
    if fraction <= std::f64::consts::FRAC_1_SQRT_2 {
        k -= 1.0;
        fraction *= 2.0;
    }
    let f = fraction - 1.0;
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let t1 = s2 * (l1 + s4 * (l3 + s4 * (l5 + s4 * l7)));
    let t2 = s4 * (l2 + s4 * (l4 + s4 * l6));
    let r = t1 + t2;
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (s * (half_square + r) + k * LN2_LOW)) - f)
}

/// The exponential function.
fn exp(x: f64) -> f64 {
    const LN2_UPPER: f64 = 0.693147180559663;
    const LN2_LOWER: f64 = 2.8235290563031577e-13;
    const OVERFLOW: f64 = 709.782712893384;
    const TAYLOR: [f64; 7] = [
        0.0001984126984126984,
        0.001388888888888889,
        0.008333333333333333,
        0.041666666666666664,
        0.16666666666666666,
        0.5,
        1.0,
    ];
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x == f64::NEG_INFINITY {
        return 0.0;
    }
    if x > OVERFLOW {
        return f64::INFINITY;
    }
    let exponent = (x * std::f64::consts::LOG2_E).round_ties_even();
    let mut r = (-exponent).mul_add(LN2_UPPER, x);
    r = (-exponent).mul_add(LN2_LOWER, r);
    r *= 0.0625;
    let mut sum: f64 = 2.48015873015873e-05;
    for coefficient in TAYLOR {
        sum = sum.mul_add(r, coefficient);
    }
    r *= sum;
    for _ in 0..3 {
        r *= r + 2.0;
    }
    r = (r + 2.0).mul_add(r, 1.0);
    let biased = exponent as i64 + 1023;
    if biased <= 0 {
        0.0
    } else if biased >= 2047 {
        f64::INFINITY
    } else {
        r * f64::from_bits((biased as u64) << 52)
    }
}

/// `x` to the power of `y`; not a number for a negative `x` and a fractional `y`.
pub(super) fn pow(x: f64, y: f64) -> f64 {
    let odd = |y: f64| y.fract() == 0.0 && y.abs() < 9.1e18 && (y as i64) & 1 == 1;
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if y == 1.0 {
        return x;
    }
    if x == 0.0 {
        return match (y < 0.0, odd(y)) {
            (true, true) => f64::INFINITY.copysign(x),
            (true, false) => f64::INFINITY,
            (false, true) => x,
            (false, false) => 0.0,
        };
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let (mut whole, mut fraction) = (y.abs().trunc(), y.abs().fract());
    if fraction != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    if whole >= 9.223372036854776e+18 {
        return if x == -1.0 {
            1.0
        } else if (x.abs() < 1.0) == (y > 0.0) {
            0.0
        } else {
            f64::INFINITY
        };
    }
    let (mut result, mut result_exponent) = (1.0, 0i64);
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = exp(fraction * ln(x));
    }
    let (mut square, exponent) = frexp(x);
    let mut exponent = i64::from(exponent);
    let mut bits = whole as i64;
    while bits != 0 {
        if !(-4096..=4096).contains(&exponent) {
            // Beyond what a double can hold, whatever else comes.
            result_exponent += exponent;
            break;
        }
        if bits & 1 == 1 {
            result *= square;
            result_exponent += exponent;
        }
        square *= square;
        exponent <<= 1;
        if square < 0.5 {
            square += square;
            exponent -= 1;
        }
        bits >>= 1;
    }
    if y < 0.0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    ldexp(result, result_exponent)
}

/// The mantissa, in [0.5, 1), and exponent by the bits, also of a subnormal number.
fn split(x: f64) -> (f64, i32) {
    let bits = x.to_bits();
    let mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3fe0_0000_0000_0000);
    (mantissa, ((bits >> 52) & 0x7ff) as i32 - 0x3fe)
}

/// `x` as a mantissa in [0.5, 1) with its sign, and a power of two.
fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let (normal, shift) = if x.abs() < f64::MIN_POSITIVE {
        (x * 4_503_599_627_370_496.0, -52)
    } else {
        (x, 0)
    };
    let (mantissa, exponent) = split(normal);
    (mantissa.copysign(x), exponent + shift)
}

/// `x` times two to the power of `exponent`, rounded once.
fn ldexp(x: f64, exponent: i64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (mantissa, own) = frexp(x);
    // The mantissa is in [0.5, 1): the exponent field is that of twice the mantissa.
    let mut field = exponent.saturating_add(i64::from(own) - 1);
    if field < -1075 {
        return 0f64.copysign(x);
    }
    if field > 1023 {
        return f64::INFINITY.copysign(x);
    }
    let mut scale = 1.0;
    if field < -1022 {
        field += 53;
        scale = 1.0 / 9_007_199_254_740_992.0;
    }
    scale * (mantissa * 2.0) * f64::from_bits(((field + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers() {
        assert_eq!(pow(1.1, 13.7), 3.6904539173510904);
        assert_eq!(pow(2.5, 7.3), 803.455935262596);
        assert_eq!(pow(1.1, 50.0), 117.39085287969571);
        assert_eq!(pow(7.0, -3.0), 0.0029154518950437317);
        assert_eq!(pow(2.0, -1074.0), 5e-324);
        assert!(pow(-2.0, 0.5).is_nan());
    }

    #[test]
    fn logarithms() {
        assert_eq!(ln(10.0) / ln(2.0), 3.3219280948873626);
        assert_eq!(ln(123.456) / ln(7.5), 2.3901323131607493);
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
    }
}
