//! Durations as Terraform's language, its options and its providers write them: `1h30m`.
//!
//! The syntax is that of Go's `time.ParseDuration`.

use std::time::Duration;

/// Reads a duration that may not be negative; none if it is none.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(loam_value::duration::parse("1m30s"), Some(Duration::from_secs(90)));
/// assert_eq!(loam_value::duration::parse("90"), None);
/// ```
pub fn parse(text: &str) -> Option<Duration> {
    let nanoseconds = nanoseconds(text.trim()).ok()?;
    u64::try_from(nanoseconds).ok().map(Duration::from_nanos)
}

/// Reads a duration such as `1h30m`, `-1.5h` or `0` as nanoseconds.
///
/// # Errors
///
/// What is wrong with it, as Go and with it Terraform says it.
pub fn nanoseconds(text: &str) -> Result<i64, String> {
    let invalid = || format!("invalid duration {text:?}");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let whole = leading_digits(rest);
        let mut number = rest.get(whole.len()..).unwrap_or_default();
        let fraction = match number.strip_prefix('.') {
            Some(after) => {
                let digits = leading_digits(after);
                number = after.get(digits.len()..).unwrap_or_default();
                digits
            }
            None => "",
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_length = number
            .find(|c: char| c == '.' || c.is_ascii_digit())
            .unwrap_or(number.len());
        let (unit, after) = number.split_at(unit_length);
        let scale: u64 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => return Err(format!("missing unit in duration {text:?}")),
            _ => return Err(format!("unknown unit {unit:?} in duration {text:?}")),
        };
        let value = if whole.is_empty() {
            0
        } else {
            whole.parse::<u64>().map_err(|_| invalid())?
        };
        let part = value
            .checked_mul(scale)
            .filter(|n| *n <= 1 << 63)
            .ok_or_else(invalid)?;
        total = total
            .checked_add(part)
            .and_then(|t| t.checked_add(fraction_of(fraction, scale)))
            .filter(|n| *n <= 1 << 63)
            .ok_or_else(invalid)?;
        rest = after;
    }
    let signed = if negative {
        -i128::from(total)
    } else {
        i128::from(total)
    };
    i64::try_from(signed).map_err(|_| invalid())
}

fn leading_digits(s: &str) -> &str {
    let count = s.bytes().take_while(u8::is_ascii_digit).count();
    s.get(..count).unwrap_or_default()
}

/// The digits after a point, of a unit in nanoseconds; digits beyond what 63 bits hold
/// do not count.
fn fraction_of(digits: &str, scale: u64) -> u64 {
    let (mut number, mut power) = (0u64, 1f64);
    for d in digits.bytes() {
        let next = number
            .checked_mul(10)
            .and_then(|n| n.checked_add(u64::from(d - b'0')))
            .filter(|n| *n <= 1 << 63);
        match next {
            Some(n) => number = n,
            None => break,
        }
        power *= 10.0;
    }
    (number as f64 * (scale as f64 / power)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, nanos) in [
            ("1h30m", 5_400_000_000_000),
            ("-1.5h", -5_400_000_000_000),
            ("0", 0),
            ("+5s", 5_000_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("1µs1ns", 1_001),
            ("-9223372036854775808ns", i64::MIN),
        ] {
            assert_eq!(nanoseconds(text), Ok(nanos), "{text}");
        }
        for text in [
            "",
            "-",
            "1",
            "1d",
            "s",
            ".s",
            "1h ",
            "9223372036854775808ns",
            "3000000h",
        ] {
            assert!(nanoseconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_to_wait() {
        for (text, millis) in [
            ("5m", Some(300_000)),
            (" 1.5s ", Some(1500)),
            ("500ms", Some(500)),
            ("0", Some(0)),
            ("-1s", None),
            ("10", None),
            ("ten", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(|d| d.as_millis()), millis, "{text}");
        }
    }
}
