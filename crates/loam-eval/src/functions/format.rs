//! `format` and `formatlist`: strings made by a specification with verbs.

use loam_value::codec::json;
use loam_value::convert::convert;
use loam_value::{Kind, Number, NumberFormat, Refinements, Type, Value};

use super::argument::{MAX_ELEMENTS, check_length, str};
use super::grapheme;
use super::signature::{any, function, returns_string, string};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

/// The largest width and precision.
const MAX_WIDTH: usize = 1_000_000;
const FORMAT: &str =
    "The specification: text with verbs such as `%s`, `%d`, `%5.2f`, `%q` and `%v`.";

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "format",
            "`format` makes a string of values as a specification says.",
            vec![string("format", FORMAT)],
            returns_string,
            format,
        )
        .more(any("args", "The values for the verbs.").null().unknown()),
        function(
            "formatlist",
            "`formatlist` makes a list of strings as a specification says, one for each element of the given lists.",
            vec![string("format", FORMAT)],
            |_| Ok(Type::list(Type::String)),
            formatlist,
        )
        .more(any("args", "The values for the verbs: lists of one length, and single values, which are used again for each.").null().unknown()),
    ]
}

fn format(_: &CallContext, args: &[Value]) -> Result {
    let specification = str(args, 0)?;
    let rest = args.get(1..).unwrap_or_default();
    if !rest.iter().all(Value::is_wholly_known) {
        // The text up to the first verb is certain.
        let certain = specification.split('%').next().unwrap_or_default();
        let facts = Refinements::not_null().with_prefix(certain);
        return Ok(Value::unknown(Type::String).refine(&facts));
    }
    render(specification, rest).map(Value::string)
}

fn formatlist(_: &CallContext, args: &[Value]) -> Result {
    let specification = str(args, 0)?;
    let rest = args.get(1..).unwrap_or_default();
    let mut length: Option<(usize, usize)> = None;
    let mut unknown = false;
    for (i, arg) in rest.iter().enumerate() {
        let ty = arg.ty();
        if arg.is_null() || !matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
            continue;
        }
        let this = match (&ty, arg.elements()) {
            (Type::Tuple(types), _) => types.len(),
            (Type::Set(_), Some(items)) if !arg.is_wholly_known() && items.len() > 1 => {
                unknown = true;
                continue;
            }
            (_, Some(items)) => items.len(),
            (_, None) => {
                unknown = true;
                continue;
            }
        };
        match length {
            None => length = Some((this, i)),
            Some((other, chooser)) if other != this => {
                return Err(FunctionError::argument(
                    i + 1,
                    format!(
                        "argument {} has length {this}, which is inconsistent with argument {} of length {other}",
                        i + 1,
                        chooser + 1
                    ),
                ));
            }
            Some(_) => {}
        }
        unknown |= arg.is_unknown();
    }
    if unknown {
        return Ok(Value::unknown(Type::list(Type::String)));
    }
    let count = length.map_or(1, |(n, _)| n);
    if count > MAX_ELEMENTS {
        return Err(FunctionError::call(format!(
            "lists of more than {MAX_ELEMENTS} elements are refused"
        )));
    }
    let mut out = Vec::with_capacity(count);
    for i in 0..count {
        let row: Vec<Value> = rest
            .iter()
            .map(|arg| match arg.elements() {
                Some(items) => items.get(i).cloned().unwrap_or_else(Value::dynamic),
                None => arg.clone(),
            })
            .collect();
        out.push(if row.iter().all(Value::is_wholly_known) {
            let text = render(specification, &row)
                .map_err(|e| FunctionError::call(format!("error on format iteration {i}: {e}")))?;
            Value::string(text)
        } else {
            Value::unknown(Type::String)
        });
    }
    Ok(Value::list(Type::String, out))
}

/// One verb of a specification.
#[derive(Default)]
struct Verb<'a> {
    /// As written, for errors.
    text: &'a str,
    offset: usize,
    /// Which value it takes, from 1.
    argument: usize,
    mode: char,
    zero: bool,
    sharp: bool,
    plus: bool,
    minus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// The text that a specification makes of values.
fn render(specification: &str, args: &[Value]) -> Result<String> {
    let mut out = String::new();
    let mut rest = specification;
    let (mut next, mut highest) = (1, 0);
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let offset = specification.len() - after.len() - 1;
        let (verb, after) = parse_verb(specification, offset, next)?;
        rest = after;
        highest = highest.max(verb.argument);
        next = verb.argument + 1;
        append(&mut out, &verb, args)?;
        check_length(Some(out.len()))?;
    }
    out.push_str(rest);
    if highest < args.len() {
        return Err(FunctionError::argument(
            highest + 1,
            match highest {
                0 => "too many arguments; no verbs in format string".to_owned(),
                n => format!("too many arguments; only {n} used by format string"),
            },
        ));
    }
    Ok(out)
}

fn parse_verb(specification: &str, offset: usize, next: usize) -> Result<(Verb<'_>, &str)> {
    let mut verb = Verb {
        offset,
        argument: next,
        ..Verb::default()
    };
    let mut rest = specification.get(offset + 1..).unwrap_or_default();
    loop {
        match rest.as_bytes().first() {
            Some(b'0') => verb.zero = true,
            Some(b'#') => verb.sharp = true,
            Some(b'-') => verb.minus = true,
            Some(b'+') => verb.plus = true,
            Some(b' ') => verb.space = true,
            _ => break,
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    let unexpected = |rest: &str| {
        let at = specification.len() - rest.len();
        FunctionError::call(match rest.chars().next() {
            Some(c) => format!("unrecognized format character {c:?} at offset {at}"),
            None => format!("invalid format string starting at offset {at}"),
        })
    };
    let limited = |n: Option<usize>, what: &str| match n {
        Some(n) if n <= MAX_WIDTH => Ok(n),
        _ => Err(FunctionError::call(format!(
            "{what} in a format string must not be above {MAX_WIDTH}"
        ))),
    };
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        let (width, after) = leading_number(rest);
        verb.width = Some(limited(width, "the width")?);
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = leading_number(after);
        verb.precision = Some(limited(precision, "the precision")?);
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('[') {
        if !after.starts_with(|c: char| ('1'..='9').contains(&c)) {
            return Err(unexpected(after));
        }
        let (index, after) = leading_number(after);
        verb.argument = index
            .filter(|n| *n < usize::MAX / 2)
            .unwrap_or(usize::MAX / 2);
        rest = after.strip_prefix(']').ok_or_else(|| unexpected(after))?;
    }
    match rest.chars().next() {
        Some(c) if c.is_ascii_alphabetic() => verb.mode = c,
        _ => return Err(unexpected(rest)),
    }
    let after = rest.get(1..).unwrap_or_default();
    let end = specification.len() - after.len();
    verb.text = specification.get(offset..end).unwrap_or_default();
    Ok((verb, after))
}

/// The number at the beginning; none if it is too large; 0 if there are no digits.
fn leading_number(text: &str) -> (Option<usize>, &str) {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(count);
    match digits {
        "" => (Some(0), rest),
        _ => (digits.parse().ok(), rest),
    }
}

fn append(out: &mut String, verb: &Verb<'_>, args: &[Value]) -> Result<()> {
    let fail =
        |what: String| FunctionError::call(format!("{what} {:?} at {}", verb.text, verb.offset));
    let Some(arg) = args.get(verb.argument - 1) else {
        return Err(FunctionError::call(format!(
            "not enough arguments for {:?} at {}: need index {} but have {} total",
            verb.text,
            verb.offset,
            verb.argument,
            args.len()
        )));
    };
    let unsupported = |why: &str| {
        FunctionError::call(format!(
            "unsupported value for {:?} at {}: {why}",
            verb.text, verb.offset
        ))
    };
    if arg.is_null() && verb.mode != 'v' {
        return Err(unsupported("null value cannot be formatted"));
    }
    let converted = |ty: Type| convert(arg, &ty).map_err(|e| unsupported(&e.message));
    match verb.mode {
        'v' => {
            let plain = match arg.kind() {
                Kind::String(s) if !verb.sharp => s.to_string(),
                Kind::Number(n) if !verb.sharp => n.text(NumberFormat::General, None),
                _ => json::encode(arg).map_err(|e| unsupported(&e.to_string()))?,
            };
            out.push_str(&pad(verb, plain));
        }
        't' => {
            let b = converted(Type::Bool)?.as_bool();
            out.push_str(if b == Some(true) { "true" } else { "false" });
        }
        'b' | 'd' | 'o' | 'x' | 'X' => {
            let value = converted(Type::Number)?;
            let n = value.as_number().and_then(Number::to_bigint);
            let n = n.ok_or_else(|| unsupported("an integer is required"))?;
            out.push_str(&integer(verb, &n));
        }
        'e' | 'E' | 'f' | 'g' | 'G' => {
            let value = converted(Type::Number)?;
            let n = value
                .as_number()
                .ok_or_else(|| unsupported("a number is required"))?;
            out.push_str(&float(verb, n));
        }
        's' | 'q' => {
            let value = converted(Type::String)?;
            let text = value
                .as_str()
                .ok_or_else(|| unsupported("a string is required"))?;
            let text = match verb.precision {
                Some(n) if n > 0 => grapheme::clusters(text).take(n).collect(),
                _ => text.to_owned(),
            };
            let text = match verb.mode {
                'q' => json::quote(&text),
                _ => text,
            };
            out.push_str(&pad(verb, text));
        }
        other => return Err(fail(format!("unsupported format verb {other:?} in"))),
    }
    Ok(())
}

/// Filled up to the width, counted in characters as people see them.
fn pad(verb: &Verb<'_>, text: String) -> String {
    let missing = verb
        .width
        .unwrap_or(0)
        .saturating_sub(grapheme::count(&text));
    let fill = if verb.zero { "0" } else { " " }.repeat(missing);
    if verb.minus {
        text + &fill
    } else {
        fill + &text
    }
}

fn integer(verb: &Verb<'_>, n: &num_bigint::BigInt) -> String {
    let magnitude = n.magnitude();
    let (radix, prefix) = match verb.mode {
        'b' => (2, "0b"),
        'o' => (8, "0"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = magnitude.to_str_radix(radix);
    if verb.mode == 'X' {
        digits.make_ascii_uppercase();
    }
    let sign = sign(verb, n.sign() == num_bigint::Sign::Minus);
    let prefix = if verb.sharp { prefix } else { "" };
    if let Some(precision) = verb.precision {
        if precision == 0 && digits == "0" {
            return String::new();
        }
        digits = "0".repeat(precision.saturating_sub(digits.len())) + &digits;
    }
    let length = sign.len() + prefix.len() + digits.len();
    let missing = verb.width.unwrap_or(0).saturating_sub(length);
    if verb.minus {
        format!("{sign}{prefix}{digits}{}", " ".repeat(missing))
    } else if verb.zero && verb.precision.is_none() {
        format!("{sign}{prefix}{}{digits}", "0".repeat(missing))
    } else {
        format!("{}{sign}{prefix}{digits}", " ".repeat(missing))
    }
}

fn float(verb: &Verb<'_>, n: &Number) -> String {
    let (form, precision) = match verb.mode {
        'e' | 'E' => (NumberFormat::Exponent, Some(verb.precision.unwrap_or(6))),
        'f' => (NumberFormat::Fixed, Some(verb.precision.unwrap_or(6))),
        _ => (NumberFormat::General, verb.precision),
    };
    let mut text = n.text(form, precision);
    if verb.mode.is_ascii_uppercase() && !n.is_infinite() {
        text.make_ascii_uppercase();
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let sign = match (n.is_infinite(), sign(verb, negative)) {
        (true, "") => "+",
        (_, sign) => sign,
    };
    let missing = verb
        .width
        .unwrap_or(0)
        .saturating_sub(sign.len() + digits.len());
    if verb.minus {
        format!("{sign}{digits}{}", " ".repeat(missing))
    } else if verb.zero && !n.is_infinite() {
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        format!("{}{sign}{digits}", " ".repeat(missing))
    }
}

fn sign(verb: &Verb<'_>, negative: bool) -> &'static str {
    match (negative, verb.plus, verb.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (.., true) => " ",
        _ => "",
    }
}
