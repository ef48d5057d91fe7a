//! Functions of date and time.

use loam_value::{Refinements, Type, Value};

use super::argument::str;
use super::signature::{function, returns_number, returns_string, string};
use super::timestamp::Timestamp;
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

const TIMESTAMP: &str = "A time in RFC 3339 format, such as `2017-11-22T00:00:00Z`.";

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "formatdate",
            "`formatdate` writes a timestamp in another format.",
            vec![
                string(
                    "format",
                    "The format: letters such as `YYYY`, `MMM`, `DD`, `hh`, `ZZZZ` stand for parts of the time, text between single quotes for itself.",
                ),
                string("time", TIMESTAMP),
            ],
            returns_string,
            formatdate,
        ),
        function(
            "plantimestamp",
            "`plantimestamp` gives the time at which the plan was made, the same during the whole run.",
            vec![],
            returns_string,
            |context, _| {
                Ok(match &context.plan_timestamp {
                    Some(time) => Value::string(time.as_str()),
                    None => unknown_string(),
                })
            },
        ),
        function(
            "timeadd",
            "`timeadd` gives the time a duration after a timestamp.",
            vec![
                string("timestamp", TIMESTAMP),
                string(
                    "duration",
                    "A duration of numbers with the units `ns`, `us`, `ms`, `s`, `m` and `h`, such as `1h30m`; may be negative.",
                ),
            ],
            returns_string,
            timeadd,
        ),
        function(
            "timecmp",
            "`timecmp` compares two timestamps: -1 if the first is earlier, 1 if it is later, 0 if they are the same time.",
            vec![
                string("timestamp_a", TIMESTAMP),
                string("timestamp_b", TIMESTAMP),
            ],
            returns_number,
            |_, a| {
                let lenient = |i| {
                    Timestamp::parse_lenient(str(a, i)?).map_err(|e| FunctionError::argument(i, e))
                };
                let (first, second) = (lenient(0)?, lenient(1)?);
                Ok(Value::int(first.instant().cmp(&second.instant()) as i64))
            },
        ),
        function(
            "timestamp",
            "`timestamp` gives the current time. While planning it is unknown.",
            vec![],
            returns_string,
            |context, _| {
                if !context.impure_known {
                    return Ok(unknown_string());
                }
                let now = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second())
                    .map_err(|e| FunctionError::call(e.to_string()))?;
                Ok(Value::string(now.to_string()))
            },
        ),
    ]
}

/// The result of an impure function while planning.
pub(super) fn unknown_string() -> Value {
    Value::refined(Type::String, Refinements::not_null())
}

fn timestamp(args: &[Value], index: usize) -> Result<Timestamp> {
    Timestamp::parse(str(args, index)?).map_err(|e| FunctionError::argument(index, e))
}

fn timeadd(_: &CallContext, args: &[Value]) -> Result {
    let time = timestamp(args, 0).map_err(FunctionError::of_call)?;
    let nanos =
        loam_value::duration::nanoseconds(str(args, 1)?).map_err(|e| FunctionError::blame(1, e))?;
    let later = time
        .later(nanos)
        .ok_or_else(|| FunctionError::call("the result is outside of the years 0 to 9999"))?;
    Ok(Value::string(later.to_string()))
}

fn formatdate(_: &CallContext, args: &[Value]) -> Result {
    let time = timestamp(args, 1)?;
    let mut rest = str(args, 0)?;
    let mut out = String::new();
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            rest = quoted(rest, &mut out)?;
        } else if c.is_ascii_alphabetic() {
            let length = rest.find(|other| other != c).unwrap_or(rest.len());
            let (verb, after) = rest.split_at(length);
            out.push_str(&part(&time, c, verb)?);
            rest = after;
        } else {
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    Ok(Value::string(out))
}

/// Text from a single quote to the next, in which two quotes are one; the pair right at
/// the beginning is one quote by itself.
fn quoted<'a>(text: &'a str, out: &mut String) -> Result<&'a str> {
    let mut rest = text.get(1..).unwrap_or_default();
    if let Some(after) = rest.strip_prefix('\'') {
        out.push('\'');
        return Ok(after);
    }
    loop {
        let Some((literal, after)) = rest.split_once('\'') else {
            return Err(FunctionError::argument(0, "unterminated literal '"));
        };
        out.push_str(literal);
        match after.strip_prefix('\'') {
            Some(more) => {
                out.push('\'');
                rest = more;
            }
            None => return Ok(after),
        }
    }
}

/// One part of a time: `letter` repeated to `verb`.
fn part(time: &Timestamp, letter: char, verb: &str) -> Result<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const DAYS: [&str; 7] = [
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
    ];
    let t = &time.local;
    let wrong =
        |rule: &str| FunctionError::argument(0, format!("invalid date format verb {verb:?}{rule}"));
    let number = |n: i8, rule: &str| match verb.len() {
        1 => Ok(n.to_string()),
        2 => Ok(format!("{n:02}")),
        _ => Err(wrong(rule)),
    };
    let name = |names: &[&str], index: i8| {
        let name = usize::try_from(index).ok().and_then(|i| names.get(i));
        name.copied().unwrap_or_default().to_owned()
    };
    let short = |name: String| name.chars().take(3).collect::<String>();
    match letter {
        'Y' => match verb.len() {
            2 => Ok(format!("{:02}", t.year() % 100)),
            4 => Ok(format!("{:04}", t.year())),
            _ => Err(wrong(": year must either be \"YY\" or \"YYYY\"")),
        },
        'M' => match verb.len() {
            3 => Ok(short(name(&MONTHS, t.month() - 1))),
            4 => Ok(name(&MONTHS, t.month() - 1)),
            _ => number(
                t.month(),
                ": month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"",
            ),
        },
        'D' => number(t.day(), ": day of month must either be \"D\" or \"DD\""),
        'E' => {
            let day = name(&DAYS, t.date().weekday().to_sunday_zero_offset());
            match verb.len() {
                3 => Ok(short(day)),
                4 => Ok(day),
                _ => Err(wrong(": day of week must either be \"EEE\" or \"EEEE\"")),
            }
        }
        'h' => number(t.hour(), ": 24-hour must either be \"h\" or \"hh\""),
        'H' => number(
            match t.hour() % 12 {
                0 => 12,
                h => h,
            },
            ": 12-hour must either be \"H\" or \"HH\"",
        ),
        'A' | 'a' if verb.len() != 2 => Err(wrong(&format!(": must be \"{letter}{letter}\""))),
        'A' => Ok(if t.hour() < 12 { "AM" } else { "PM" }.to_owned()),
        'a' => Ok(if t.hour() < 12 { "am" } else { "pm" }.to_owned()),
        'm' => number(t.minute(), ": minute must either be \"m\" or \"mm\""),
        's' => number(t.second(), ": second must either be \"s\" or \"ss\""),
        'Z' => match (verb.len(), time.offset) {
            (1, 0) => Ok("Z".to_owned()),
            (3, 0) => Ok("UTC".to_owned()),
            (1 | 5, _) => Ok(time.offset_text(":")),
            (3 | 4, _) => Ok(time.offset_text("")),
            _ => Err(wrong(": timezone must be Z, ZZZZ, or ZZZZZ")),
        },
        _ => Err(wrong("")),
    }
}
