//! Functions of numbers.

use std::cmp::Ordering;

use loam_value::{Kind, Number, Type, Value};
use num_bigint::BigInt;

use super::argument::{double, elements, int, number, quoted, str, value};
use super::double as float;
use super::signature::{any, function, number as number_param, returns_number};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

/// The most numbers that `range` gives.
const MAX_RANGE: usize = 1024;

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "abs",
            "`abs` gives the distance of a number from zero: the number without its sign.",
            vec![number_param("num", "Any number.").dynamic()],
            returns_number,
            |_, a| Ok(Value::number(number(a, 0)?.abs())),
        ),
        function(
            "ceil",
            "`ceil` gives the least whole number that is not below the given number.",
            vec![number_param("num", "Any number.")],
            returns_number,
            |_, a| Ok(Value::number(number(a, 0)?.ceil())),
        ),
        function(
            "floor",
            "`floor` gives the greatest whole number that is not above the given number.",
            vec![number_param("num", "Any number.")],
            returns_number,
            |_, a| Ok(Value::number(number(a, 0)?.floor())),
        ),
        function(
            "log",
            "`log` gives the logarithm of a number to a base.",
            vec![
                number_param("num", "A number above zero."),
                number_param("base", "The base, above zero and not 1."),
            ],
            returns_number,
            |_, a| from_double(float::ln(double(a, 0)?) / float::ln(double(a, 1)?)),
        ),
        function(
            "max",
            "`max` gives the greatest of the given numbers.",
            vec![],
            returns_number,
            |_, a| extreme(a, |new, best| new.compare(best).is_gt()),
        )
        .more(number_param("numbers", "One or more numbers.").dynamic()),
        function(
            "min",
            "`min` gives the least of the given numbers.",
            vec![],
            returns_number,
            |_, a| extreme(a, |new, best| new.compare(best).is_lt()),
        )
        .more(number_param("numbers", "One or more numbers.").dynamic()),
        function(
            "parseint",
            "`parseint` reads a string as a whole number in a base from 2 to 62.",
            vec![
                any("number", "The digits, with a sign if need be.").marked(),
                number_param("base", "The base.").marked(),
            ],
            parseint_type,
            parseint,
        ),
        function(
            "pow",
            "`pow` raises a number to a power.",
            vec![
                number_param("num", "The number to raise."),
                number_param("power", "The power to raise it to."),
            ],
            returns_number,
            pow,
        ),
        function(
            "range",
            "`range` gives a list of numbers at equal distances: from a start, which is part of it, to an end, which is not.",
            vec![],
            |_| Ok(Type::list(Type::Number)),
            range,
        )
        .more(number_param(
            "params",
            "The end; or the start and the end; or the start, the end and the distance.",
        )),
        function(
            "signum",
            "`signum` gives the sign of a whole number as -1, 0 or 1.",
            vec![number_param("num", "A whole number.")],
            returns_number,
            |_, a| Ok(Value::int(int(a, 0)?.signum())),
        ),
        function(
            "sum",
            "`sum` adds up the numbers of a list, set or tuple.",
            vec![any("list", "The numbers; at least one.")],
            returns_number,
            sum,
        ),
    ]
}

fn from_double(f: f64) -> Result {
    Number::from_f64(f)
        .map(Value::number)
        .ok_or_else(|| FunctionError::call("the result is not a real number"))
}

fn pow(_: &CallContext, args: &[Value]) -> Result {
    let result = float::pow(double(args, 0)?, double(args, 1)?);
    if result.is_infinite() {
        return Err(FunctionError::call(
            "the result would be beyond the limit of about 1.8e308",
        ));
    }
    from_double(result)
}

fn extreme(args: &[Value], better: fn(&Number, &Number) -> bool) -> Result {
    let mut best: Option<&Number> = None;
    for index in 0..args.len() {
        let n = number(args, index)?;
        if best.is_none_or(|b| better(n, b)) {
            best = Some(n);
        }
    }
    best.map(|n| Value::number(n.clone()))
        .ok_or_else(|| FunctionError::call("must pass at least one number"))
}

fn parseint_type(args: &[Value]) -> Result<Type> {
    match value(args, 0)?.ty() {
        Type::String => Ok(Type::Number),
        other => Err(FunctionError::argument(
            0,
            format!(
                "first argument must be a string, not {}",
                other.friendly_name()
            ),
        )),
    }
}

fn parseint(_: &CallContext, args: &[Value]) -> Result {
    let text = str(args, 0)?;
    let base = int(args, 1).map_err(FunctionError::of_argument)?;
    let marks = value(args, 0)?.marks() | value(args, 1)?.marks();
    let Some(base) = u32::try_from(base).ok().filter(|b| (2..=62).contains(b)) else {
        return Err(FunctionError::argument(
            1,
            "base must be a whole number between 2 and 62 inclusive",
        ));
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let parsed = digits
        .bytes()
        .map(|b| digit(b, base))
        .collect::<Option<Vec<u8>>>()
        .filter(|d| !d.is_empty())
        .and_then(|d| BigInt::from_radix_be(sign_of(negative), &d, base));
    let Some(n) = parsed else {
        let hidden = marks.is_sensitive() || marks.is_ephemeral();
        return Err(FunctionError::argument(
            0,
            match hidden {
                true => "cannot parse this hidden value as an integer of this base".to_owned(),
                false => format!("cannot parse {} as a base {base} integer", quoted(text)),
            },
        ));
    };
    Ok(Value::number(Number::from_bigint(&n)).with_marks(marks))
}

fn sign_of(negative: bool) -> num_bigint::Sign {
    match negative {
        true => num_bigint::Sign::Minus,
        false => num_bigint::Sign::Plus,
    }
}

/// The value of a digit. Up to base 36 case does not matter; above it capitals come
/// after the small letters.
fn digit(b: u8, base: u32) -> Option<u8> {
    let value = match b {
        b'0'..=b'9' => b - b'0',
        b'a'..=b'z' => b - b'a' + 10,
        b'A'..=b'Z' if base <= 36 => b - b'A' + 10,
        b'A'..=b'Z' => b - b'A' + 36,
        _ => return None,
    };
    (u32::from(value) < base).then_some(value)
}

fn range(_: &CallContext, args: &[Value]) -> Result {
    let zero = Number::from_i64(0);
    let step_towards = |down: bool| Number::from_i64(if down { -1 } else { 1 });
    let (start, end, step) = match args.len() {
        1 => {
            let end = number(args, 0)?;
            (zero, end.clone(), step_towards(end.sign() < 0))
        }
        2 => {
            let (start, end) = (number(args, 0)?, number(args, 1)?);
            (
                start.clone(),
                end.clone(),
                step_towards(end.compare(start).is_lt()),
            )
        }
        3 => (
            number(args, 0)?.clone(),
            number(args, 1)?.clone(),
            number(args, 2)?.clone(),
        ),
        _ => {
            return Err(FunctionError::call(
                "must have one, two, or three arguments",
            ));
        }
    };
    let down = step.sign() < 0;
    if down && end.compare(&start).is_gt() {
        return Err(FunctionError::argument(
            1,
            "end must be less than start when step is negative",
        ));
    }
    if !down && end.compare(&start).is_lt() {
        return Err(FunctionError::argument(
            1,
            "end must be greater than start when step is positive",
        ));
    }
    let mut numbers = Vec::new();
    let mut next = start;
    let before_end = match down {
        true => Ordering::Greater,
        false => Ordering::Less,
    };
    while next.compare(&end) == before_end {
        if numbers.len() >= MAX_RANGE {
            return Err(FunctionError::call(format!(
                "more than {MAX_RANGE} values were generated; either decrease the difference \
                 between start and end or use a smaller step"
            )));
        }
        numbers.push(Value::number(next.clone()));
        next = next
            .add(&step)
            .ok_or_else(|| FunctionError::call("cannot add infinities of opposite signs"))?;
    }
    Ok(Value::list(Type::Number, numbers))
}

fn sum(_: &CallContext, args: &[Value]) -> Result {
    let list = value(args, 0)?;
    if let Kind::Map(..) | Kind::Object(_) = list.kind() {
        if list.entries().is_some_and(|e| e.is_empty()) {
            return Err(FunctionError::argument(0, "cannot sum an empty list"));
        }
        return Err(FunctionError::argument(
            0,
            format!(
                "argument must be list, set, or tuple. Received {}",
                list.ty().friendly_name()
            ),
        ));
    }
    if list.elements().is_none() {
        return Err(FunctionError::argument(0, "cannot sum noniterable"));
    }
    let items = elements(args, 0)?;
    if items.is_empty() {
        return Err(FunctionError::argument(0, "cannot sum an empty list"));
    }
    if !list.is_wholly_known() {
        return Ok(Value::unknown(Type::Number));
    }
    let not_numbers =
        || FunctionError::argument(0, "argument must be list, set, or tuple of number values");
    let mut total: Option<Number> = None;
    for item in items {
        let item = loam_value::convert::convert(item, &Type::Number).map_err(|_| not_numbers())?;
        let n = item.as_number().ok_or_else(not_numbers)?;
        total = Some(match total {
            None => n.clone(),
            Some(t) => t
                .add(n)
                .ok_or_else(|| FunctionError::call("can't compute sum of opposing infinities"))?,
        });
    }
    total.map(Value::number).ok_or_else(not_numbers)
}
