//! Timestamps (RFC 3339) and durations (`1h30m`) as the date functions read and write
//! them.

use jiff::civil::DateTime;

const NANOS: i128 = 1_000_000_000;

/// A point in time with the offset from UTC that it was written with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Timestamp {
    /// The date and time as written, without the fraction of a second.
    pub(super) local: DateTime,
    /// Nanoseconds of the second.
    nanos: u32,
    /// Seconds east of UTC.
    pub(super) offset: i32,
}

impl Timestamp {
    /// Parses RFC 3339; the error says what part is wrong.
    pub(super) fn parse(text: &str) -> Result<Timestamp, String> {
        Timestamp::read(text, true)
    }

    /// Parses RFC 3339 where one digit is enough for the hour, a comma may stand for the
    /// point, and offsets go up to 24 hours and 60 minutes: as `timecmp` reads it.
    pub(super) fn parse_lenient(text: &str) -> Result<Timestamp, String> {
        Timestamp::read(text, false)
    }

    fn read(text: &str, strict: bool) -> Result<Timestamp, String> {
        let mut reader = Reader { rest: text, strict };
        let year = reader.digits(4, "year")?;
        reader.literal("-")?;
        let month = reader.digits(2, "month")?;
        reader.in_range(month, 1, 12, "month")?;
        reader.literal("-")?;
        let day = reader.digits(2, "day of month")?;
        if !reader.rest.starts_with('T') {
            return Err(invalid("missing required time introducer 'T'"));
        }
        reader.literal("T")?;
        let hour = reader.hour()?;
        reader.in_range(hour, 0, 23, "hour")?;
        reader.literal(":")?;
        let minute = reader.digits(2, "minute")?;
        reader.in_range(minute, 0, 59, "minute")?;
        reader.literal(":")?;
        let second = reader.digits(2, "second")?;
        reader.in_range(second, 0, 59, "second")?;
        let nanos = reader.fraction();
        let offset = reader.offset()?;
        if !reader.rest.is_empty() {
            return Err(invalid(&format!("extra text: {:?}", reader.rest)));
        }
        let local = DateTime::new(
            year as i16,
            month as i8,
            day as i8,
            hour as i8,
            minute as i8,
            second as i8,
            0,
        )
        .map_err(|_| invalid("day out of range"))?;
        Ok(Timestamp {
            local,
            nanos,
            offset,
        })
    }

    /// Nanoseconds since the year 0, UTC: what timestamps are compared by.
    pub(super) fn instant(&self) -> i128 {
        let days = self
            .local
            .date()
            .duration_since(jiff::civil::Date::constant(0, 1, 1))
            .as_hours()
            / 24;
        let seconds = i128::from(days) * 86_400
            + i128::from(self.local.hour()) * 3_600
            + i128::from(self.local.minute()) * 60
            + i128::from(self.local.second())
            - i128::from(self.offset);
        seconds * NANOS + i128::from(self.nanos)
    }

    /// The timestamp a number of nanoseconds later; none outside of the years that can
    /// be written.
    pub(super) fn later(&self, nanos: i64) -> Option<Timestamp> {
        let total = i128::from(self.nanos) + i128::from(nanos);
        let seconds = i64::try_from(total.div_euclid(NANOS)).ok()?;
        let local = self
            .local
            .checked_add(jiff::SignedDuration::from_secs(seconds))
            .ok()?;
        Some(Timestamp {
            local,
            nanos: u32::try_from(total.rem_euclid(NANOS)).ok()?,
            offset: self.offset,
        })
    }

    /// The offset as `+02:30` or, without a colon, `+0230`.
    pub(super) fn offset_text(&self, colon: &str) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.abs() / 60;
        format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
    }
}

impl std::fmt::Display for Timestamp {
    /// RFC 3339 without a fraction; `Z` if the offset is zero.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let t = &self.local;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )?;
        if self.offset == 0 {
            f.write_str("Z")
        } else {
            f.write_str(&self.offset_text(":"))
        }
    }
}

fn invalid(what: &str) -> String {
    format!("not a valid RFC3339 timestamp: {what}")
}

struct Reader<'a> {
    rest: &'a str,
    strict: bool,
}

impl Reader<'_> {
    /// A number of exactly so many digits.
    fn digits(&mut self, wanted: usize, what: &str) -> Result<i32, String> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit);
        let count = digits.take(wanted).count();
        if count < wanted {
            return Err(if self.rest.is_empty() {
                invalid(&format!("end of string before {what}"))
            } else {
                invalid(&format!("cannot use {:?} as {what}", self.rest))
            });
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        digits
            .parse()
            .map_err(|_| invalid(&format!("cannot use {digits:?} as {what}")))
    }

    fn hour(&mut self) -> Result<i32, String> {
        let one = self.rest.as_bytes().get(1).is_some_and(|b| *b == b':');
        self.digits(if one && !self.strict { 1 } else { 2 }, "hour")
    }

    fn in_range(&self, n: i32, low: i32, high: i32, what: &str) -> Result<(), String> {
        if (low..=high).contains(&n) {
            Ok(())
        } else {
            Err(invalid(&format!("{what} out of range")))
        }
    }

    fn literal(&mut self, expected: &str) -> Result<(), String> {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None if self.rest.is_empty() => Err(invalid(&format!(
                "end of string where {expected:?} is expected"
            ))),
            None => Err(invalid(&format!(
                "found {:?} where {expected:?} is expected",
                self.rest
            ))),
        }
    }

    fn fraction(&mut self) -> u32 {
        let point = |c: char| c == '.' || (c == ',' && !self.strict);
        let Some(rest) = self.rest.strip_prefix(point) else {
            return 0;
        };
        let count = rest.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return 0;
        }
        let (digits, rest) = rest.split_at(count);
        self.rest = rest;
        digits
            .bytes()
            .chain(std::iter::repeat(b'0'))
            .take(9)
            .fold(0, |n, d| n * 10 + u32::from(d - b'0'))
    }

    fn offset(&mut self) -> Result<i32, String> {
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Ok(0);
        }
        let what = "UTC offset";
        let sign = match self.rest.chars().next() {
            Some('+') => 1,
            Some('-') => -1,
            None => return Err(invalid(&format!("end of string before {what}"))),
            _ => return Err(invalid(&format!("cannot use {:?} as {what}", self.rest))),
        };
        self.rest = self.rest.get(1..).unwrap_or_default();
        let hours = self.digits(2, what)?;
        self.literal(":")?;
        let minutes = self.digits(2, what)?;
        let beyond = i32::from(!self.strict);
        self.in_range(hours, 0, 23 + beyond, "time zone offset hour")?;
        self.in_range(minutes, 0, 59 + beyond, "time zone offset minute")?;
        Ok(sign * (hours * 3600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps() {
        for (text, shown) in [
            ("2018-01-02T03:04:05+02:30", "2018-01-02T03:04:05+02:30"),
            ("2018-01-02T03:04:05.5-00:00", "2018-01-02T03:04:05Z"),
            ("0000-02-29T23:59:59.1Z", "0000-02-29T23:59:59Z"),
        ] {
            assert_eq!(
                Timestamp::parse(text).map(|t| t.to_string()),
                Ok(shown.into())
            );
        }
        for text in [
            "",
            "2018",
            "2018-13-01T00:00:00Z",
            "2018-02-29T00:00:00Z",
            "2018-01-01 00:00:00Z",
            "2018-01-01T24:00:00Z",
            "2018-01-01T00:00:60Z",
            "2018-01-01T00:00:00",
            "2018-01-01t00:00:00Z",
            "2018-01-01T00:00:00+0100",
            "2018-01-01T00:00:00Z ",
            "2018-01-01T0:00:00Z",
            "2018-01-01T00:00:00,5Z",
            "2018-01-01T00:00:00+24:00",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }
}
