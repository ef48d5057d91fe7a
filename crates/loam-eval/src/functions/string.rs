//! String functions.

use loam_value::{Type, Value};

use super::argument::{check_length, elements, int, number, str, value};
use super::signature::{
    function, number as number_param, param, returns_bool, returns_string, returns_string_list,
    string,
};
use super::{case, grapheme, regex};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "chomp",
            "`chomp` takes the line breaks off the end of a string.",
            vec![string("str", "The string that may end in line breaks.")],
            returns_string,
            |_, a| Ok(Value::string(str(a, 0)?.trim_end_matches(['\r', '\n']))),
        ),
        function(
            "endswith",
            "`endswith` tells whether a string ends with another.",
            vec![
                string("str", "The string to look at."),
                string("suffix", "The end to look for."),
            ],
            returns_bool,
            |_, a| Ok(Value::bool(str(a, 0)?.ends_with(str(a, 1)?))),
        ),
        function(
            "startswith",
            "`startswith` tells whether a string begins with another.",
            vec![
                string("str", "The string to look at.").unknown(),
                string("prefix", "The beginning to look for."),
            ],
            returns_bool,
            starts_with,
        ),
        function(
            "strcontains",
            "`strcontains` tells whether a string has another in it.",
            vec![
                string("str", "The string to look at."),
                string("substr", "The string to look for."),
            ],
            returns_bool,
            |_, a| Ok(Value::bool(str(a, 0)?.contains(str(a, 1)?))),
        ),
        function(
            "indent",
            "`indent` puts spaces in front of every line of a string but the first.",
            vec![
                number_param("spaces", "How many spaces."),
                string("str", "The string of one or more lines."),
            ],
            returns_string,
            indent,
        ),
        function(
            "join",
            "`join` makes one string of the strings in one or more lists, with a separator between them.",
            vec![string("separator", "What goes between two strings.")],
            returns_string,
            join,
        )
        .more(param(
            "lists",
            Type::list(Type::String),
            "Lists of strings, one after the other.",
        )),
        function(
            "lower",
            "`lower` turns the capital letters of a string into small ones.",
            vec![string("str", "The string to convert.")],
            returns_string,
            |_, a| Ok(Value::string(case::lower(str(a, 0)?))),
        ),
        function(
            "upper",
            "`upper` turns the small letters of a string into capitals.",
            vec![string("str", "The string to convert.")],
            returns_string,
            |_, a| Ok(Value::string(case::upper(str(a, 0)?))),
        ),
        function(
            "title",
            "`title` turns the first letter of each word into a capital.",
            vec![string("str", "The string to convert.")],
            returns_string,
            |_, a| Ok(Value::string(case::title(str(a, 0)?))),
        ),
        function(
            "replace",
            "`replace` puts another string in every place where a string or regular expression is found.",
            vec![
                string("str", "The string to search."),
                string(
                    "substr",
                    "What to look for; between slashes it is a regular expression.",
                ),
                string(
                    "replace",
                    "What to put there; after a regular expression, `$1` and `${name}` stand for its groups.",
                ),
            ],
            returns_string,
            replace,
        ),
        function(
            "split",
            "`split` cuts a string wherever a separator occurs and gives the list of the pieces.",
            vec![
                string("separator", "Where to cut; if empty, after every character."),
                string("str", "The string to cut."),
            ],
            returns_string_list,
            split,
        ),
        function(
            "strrev",
            "`strrev` puts the characters of a string in reverse order.",
            vec![string("str", "The string to turn round.")],
            returns_string,
            |_, a| {
                let mut clusters: Vec<&str> = grapheme::clusters(str(a, 0)?).collect();
                clusters.reverse();
                Ok(Value::string(clusters.concat()))
            },
        ),
        function(
            "substr",
            "`substr` takes some characters out of a string, by place and number.",
            vec![
                string("str", "The string to take from."),
                number_param(
                    "offset",
                    "How many characters to leave out in front; if negative, counted from the end.",
                ),
                number_param(
                    "length",
                    "How many characters to take; -1 takes all that follow.",
                ),
            ],
            returns_string,
            substr,
        ),
        function(
            "trim",
            "`trim` takes certain characters off both ends of a string.",
            vec![
                string("str", "The string to trim."),
                string("cutset", "The characters to take off, in any order."),
            ],
            returns_string,
            |_, a| {
                let cut = str(a, 1)?;
                Ok(Value::string(str(a, 0)?.trim_matches(|c| cut.contains(c))))
            },
        ),
        function(
            "trimprefix",
            "`trimprefix` takes a beginning off a string that has it.",
            vec![
                string("str", "The string to trim."),
                string("prefix", "The beginning to take off."),
            ],
            returns_string,
            |_, a| {
                let s = str(a, 0)?;
                Ok(Value::string(s.strip_prefix(str(a, 1)?).unwrap_or(s)))
            },
        ),
        function(
            "trimsuffix",
            "`trimsuffix` takes an end off a string that has it.",
            vec![
                string("str", "The string to trim."),
                string("suffix", "The end to take off."),
            ],
            returns_string,
            |_, a| {
                let s = str(a, 0)?;
                Ok(Value::string(s.strip_suffix(str(a, 1)?).unwrap_or(s)))
            },
        ),
        function(
            "trimspace",
            "`trimspace` takes white space off both ends of a string.",
            vec![string("str", "The string to trim.")],
            returns_string,
            |_, a| Ok(Value::string(str(a, 0)?.trim())),
        ),
    ]
}

/// Known for an unknown string, too, if its known beginning is enough to tell.
fn starts_with(_: &CallContext, args: &[Value]) -> Result<Value> {
    let (string, prefix) = (value(args, 0)?, str(args, 1)?);
    let known = string.range().string_prefix().to_owned();
    Ok(if known.starts_with(prefix) {
        Value::bool(true)
    } else if string.is_known() || !prefix.starts_with(&known) {
        Value::bool(false)
    } else {
        Value::unknown(Type::Bool)
    })
}

fn indent(_: &CallContext, args: &[Value]) -> Result {
    let spaces = int(args, 0)?;
    let text = str(args, 1)?;
    let spaces =
        usize::try_from(spaces).map_err(|_| FunctionError::argument(0, "must not be negative"))?;
    let lines = text.matches('\n').count();
    // The width of the padding itself is limited as well, lines or no lines.
    check_length(
        lines
            .max(1)
            .checked_mul(spaces)
            .and_then(|n| n.checked_add(text.len())),
    )?;
    let padding = format!("\n{}", " ".repeat(spaces));
    Ok(Value::string(text.replace('\n', &padding)))
}

fn join(_: &CallContext, args: &[Value]) -> Result {
    let separator = str(args, 0)?;
    if args.len() < 2 {
        return Err(FunctionError::call("at least one list is required"));
    }
    if !args.iter().all(Value::is_wholly_known) {
        return Ok(Value::unknown(Type::String));
    }
    let mut items = Vec::new();
    let mut length = 0usize;
    for list in 1..args.len() {
        for (i, item) in elements(args, list)?.iter().enumerate() {
            let Some(text) = item.as_str() else {
                let place = if args.len() > 2 {
                    format!("element {i} of list {list}")
                } else {
                    format!("element {i}")
                };
                return Err(FunctionError::argument(
                    list,
                    format!("{place} is null; cannot concatenate null values"),
                ));
            };
            length = length.saturating_add(text.len());
            items.push(text);
        }
    }
    check_length(
        separator
            .len()
            .checked_mul(items.len().saturating_sub(1))
            .and_then(|n| n.checked_add(length)),
    )?;
    Ok(Value::string(items.join(separator)))
}

fn replace(_: &CallContext, args: &[Value]) -> Result {
    let (text, find, put) = (str(args, 0)?, str(args, 1)?, str(args, 2)?);
    if let Some(pattern) = find.strip_prefix('/').and_then(|p| p.strip_suffix('/')) {
        return regex::replace_all(text, pattern, put).map(Value::string);
    }
    let places = if find.is_empty() {
        text.chars().count() + 1
    } else {
        text.matches(find).count()
    };
    check_length(
        places
            .checked_mul(put.len())
            .and_then(|n| n.checked_add(text.len())),
    )?;
    Ok(Value::string(text.replace(find, put)))
}

fn split(_: &CallContext, args: &[Value]) -> Result {
    let (separator, text) = (str(args, 0)?, str(args, 1)?);
    let pieces: Vec<Value> = if separator.is_empty() {
        let mut buffer = [0; 4];
        text.chars()
            .map(|c| Value::string(&*c.encode_utf8(&mut buffer)))
            .collect()
    } else {
        text.split(separator).map(Value::string).collect()
    };
    Ok(Value::list(Type::String, pieces))
}

fn substr(_: &CallContext, args: &[Value]) -> Result {
    let text = str(args, 0)?;
    number(args, 1)?;
    let (mut offset, length) = (int(args, 1)?, int(args, 2)?);
    if offset < 0 {
        offset += i64::try_from(grapheme::count(text)).unwrap_or(i64::MAX);
    } else if length == 0 {
        return Ok(Value::string(""));
    }
    let rest = grapheme::clusters(text).skip(usize::try_from(offset).unwrap_or(0));
    // A length of zero after a negative offset takes the rest, as in the original.
    Ok(Value::string(match usize::try_from(length) {
        Ok(n) if n > 0 => rest.take(n).collect::<String>(),
        _ => rest.collect(),
    }))
}
