//! Functions of regular expressions: `regex`, `regexall`, and `replace` with a pattern.

use loam_value::{Type, Value, ValueMap};

use super::argument::{check_length, str};
use super::pattern::Pattern;
use super::signature::{function, string};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

const PATTERN: &str = "The regular expression, in RE2 syntax.";

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "regex",
            "`regex` gives the first match of a regular expression in a string: the matched text, or its groups as a list, or as an object if they have names.",
            vec![
                string("pattern", PATTERN),
                string("string", "The string to search."),
            ],
            match_type,
            first,
        ),
        function(
            "regexall",
            "`regexall` gives all matches of a regular expression in a string, each as `regex` would give it.",
            vec![
                string("pattern", PATTERN),
                string("string", "The string to search."),
            ],
            |args| Ok(Type::list(match_type(args)?)),
            every,
        ),
    ]
}

fn compile(args: &[Value]) -> Result<Pattern> {
    Pattern::compile(str(args, 0)?).map_err(|e| FunctionError::argument(0, e))
}

fn match_type(args: &[Value]) -> Result<Type> {
    if args.first().is_none_or(Value::is_unknown) {
        return Ok(Type::Dynamic);
    }
    let pattern = compile(args)?;
    check_groups(&pattern)?;
    let groups = pattern.groups();
    Ok(if groups.is_empty() {
        Type::String
    } else if groups.iter().all(Option::is_none) {
        Type::tuple(groups.iter().map(|_| Type::String))
    } else {
        Type::object(groups.iter().flatten().map(|n| (n.clone(), Type::String)))
    })
}

/// Groups are all named or all unnamed.
fn check_groups(pattern: &Pattern) -> Result<()> {
    let named = pattern.groups().iter().flatten().count();
    if named > 0 && named < pattern.groups().len() {
        return Err(FunctionError::argument(
            0,
            "invalid regexp pattern: cannot mix both named and unnamed capture groups",
        ));
    }
    Ok(())
}

fn first(_: &CallContext, args: &[Value]) -> Result {
    let pattern = compile(args)?;
    let text = str(args, 1)?;
    pattern
        .regex()
        .captures(text)
        .map(|m| value_of(&pattern, &m))
        .ok_or_else(|| FunctionError::call("pattern did not match any part of the given string"))
}

fn every(_: &CallContext, args: &[Value]) -> Result {
    let pattern = compile(args)?;
    let text = str(args, 1)?;
    let found = pattern
        .regex()
        .captures_iter(text)
        .map(|m| value_of(&pattern, &m))
        .collect();
    Ok(Value::list(match_type(args)?, found))
}

fn value_of(pattern: &Pattern, found: &::regex::Captures<'_>) -> Value {
    let group = |i: usize| match found.get(i) {
        Some(m) => Value::string(m.as_str()),
        None => Value::null(Type::String),
    };
    let groups = pattern.groups();
    if groups.is_empty() {
        group(0)
    } else if groups.iter().all(Option::is_none) {
        Value::tuple((1..=groups.len()).map(group).collect())
    } else {
        let named: ValueMap = groups
            .iter()
            .enumerate()
            .filter_map(|(i, name)| Some((name.clone()?, group(i + 1))))
            .collect();
        Value::object(named)
    }
}

/// `text` with every match of `pattern` replaced by `template`, in which `$1`, `$name`
/// and `${name}` stand for groups and `$$` for a dollar sign.
pub(super) fn replace_all(text: &str, pattern: &str, template: &str) -> Result<String> {
    let pattern = Pattern::compile(pattern).map_err(|e| FunctionError::argument(1, e))?;
    let mut out = String::new();
    let mut end = 0;
    for found in pattern.regex().captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        out.push_str(text.get(end..whole.start()).unwrap_or_default());
        expand(&mut out, template, &pattern, &found);
        check_length(Some(out.len()))?;
        end = whole.end();
    }
    out.push_str(text.get(end..).unwrap_or_default());
    check_length(Some(out.len()))?;
    Ok(out)
}

fn expand(out: &mut String, template: &str, pattern: &Pattern, found: &::regex::Captures<'_>) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let Some((name, after)) = reference(after) else {
            // Not a reference: the dollar sign stands for itself.
            out.push('$');
            rest = after;
            continue;
        };
        let index = if name.bytes().all(|b| b.is_ascii_digit()) {
            name.parse().ok()
        } else {
            pattern
                .groups()
                .iter()
                .position(|g| g.as_deref() == Some(name))
                .map(|i| i + 1)
        };
        if let Some(m) = index.and_then(|i: usize| found.get(i)) {
            out.push_str(m.as_str());
        }
        rest = after;
    }
    out.push_str(rest);
}

/// The name right after a dollar sign, in braces or as long as it goes, and what follows.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (braces, name_on) = match text.strip_prefix('{') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let length = name_on
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(name_on.len());
    let (name, rest) = name_on.split_at(length);
    if name.is_empty() {
        return None;
    }
    if braces {
        Some((name, rest.strip_prefix('}')?))
    } else {
        Some((name, rest))
    }
}
