//! YAML timestamps as RFC 3339 text.

use std::fmt::Write;

/// The timestamp in RFC 3339 form without fractions of a second, if the text is one:
/// `2001-12-14t21:59:43.10-05:00`, `2001-12-14 21:59:43` (of no zone: UTC), `2001-12-14`.
/// Month, day, hour, minute and second may have one digit or two.
pub(super) fn normalize(text: &str) -> Option<String> {
    let mut s = Scanner(text.as_bytes());
    let year = s.digits(4, 4)?;
    s.byte(b"-")?;
    let month = s.digits(1, 2)?;
    s.byte(b"-")?;
    let day = s.digits(1, 2)?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let mut out = format!("{year:04}-{month:02}-{day:02}T");
    if s.0.is_empty() {
        out.push_str("00:00:00Z");
        return Some(out);
    }
    let separator = s.byte(b"Tt ")?;
    let hour = s.digits(1, 2)?;
    s.byte(b":")?;
    let minute = s.digits(1, 2)?;
    s.byte(b":")?;
    let second = s.digits(1, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    s.fraction();
    let _ = write!(out, "{hour:02}:{minute:02}:{second:02}");
    if separator == b' ' || s.byte(b"Z").is_some() {
        out.push('Z');
    } else {
        let sign = s.byte(b"+-")?;
        let hours = s.digits(2, 2)?;
        s.byte(b":")?;
        let minutes = s.digits(2, 2)?;
        if hours > 24 || minutes > 59 {
            return None;
        }
        match (hours, minutes) {
            (0, 0) => out.push('Z'),
            _ => {
                let _ = write!(out, "{}{hours:02}:{minutes:02}", char::from(sign));
            }
        }
    }
    s.0.is_empty().then_some(out)
}

fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

struct Scanner<'a>(&'a [u8]);

impl Scanner<'_> {
    fn byte(&mut self, any_of: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        if !any_of.contains(first) {
            return None;
        }
        self.0 = rest;
        Some(*first)
    }

    /// At least `least` digits and at most `most`, as many as there are.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let mut n = 0;
        for i in 0..most {
            match self.byte(b"0123456789") {
                Some(d) => n = n * 10 + u32::from(d - b'0'),
                None if i >= least => break,
                None => return None,
            }
        }
        Some(n)
    }

    fn fraction(&mut self) {
        if let [b'.' | b',', b'0'..=b'9', ..] = self.0 {
            self.byte(b".,");
            while self.byte(b"0123456789").is_some() {}
        }
    }
}
