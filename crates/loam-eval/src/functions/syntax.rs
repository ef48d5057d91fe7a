//! Functions of the built-in provider, which read and write the language itself:
//! `provider::terraform::encode_tfvars` and its fellows.

use std::fmt::Write;

use loam_address::is_identifier;
use loam_diag::{Diagnostics, FileId};
use loam_syntax::{format, parse_native};
use loam_value::{Kind, NumberFormat, Refinements, Type, Value, ValueMap};

use super::argument::{check_length, quoted, str, value};
use super::signature::{any, function, returns_string, string};
use crate::{CallContext, Function, FunctionError, eval_constant};

type Result<T = Value> = std::result::Result<T, FunctionError>;

/// How deep a value to be written may be nested.
const MAX_DEPTH: usize = 200;

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "decode_tfvars",
            "`decode_tfvars` reads the content of a `.tfvars` file and gives an object of the variables in it.",
            vec![string("src", "The text in the syntax of `.tfvars` files.")],
            |args| match value(args, 0)?.is_unknown() {
                true => Ok(Type::Dynamic),
                false => Ok(decode(str(args, 0)?)?.ty()),
            },
            |_, a| decode(str(a, 0)?),
        ),
        function(
            "encode_expr",
            "`encode_expr` writes a value as an expression of the language.",
            vec![any("value", "Any value but null.").unknown().dynamic()],
            returns_string,
            encode_expr,
        ),
        function(
            "encode_tfvars",
            "`encode_tfvars` writes an object as the content of a `.tfvars` file.",
            vec![
                any("value", "An object whose attributes are the variables.")
                    .unknown()
                    .dynamic(),
            ],
            returns_string,
            encode_tfvars,
        ),
    ]
}

fn first_problem(problems: &Diagnostics) -> String {
    match problems.iter().next() {
        Some(p) => format!("{}; {}", p.summary, p.detail.trim_end_matches('.')),
        None => String::new(),
    }
}

fn decode(text: &str) -> Result {
    let wrong = |what: String| FunctionError::argument(0, what);
    let (body, problems) = parse_native(FileId(0), text);
    if problems.has_errors() {
        return Err(wrong(format!(
            "invalid tfvars syntax: {}",
            first_problem(&problems)
        )));
    }
    let (attributes, problems) = body.just_attributes();
    if problems.has_errors() {
        return Err(wrong(format!(
            "invalid tfvars content: {}",
            first_problem(&problems)
        )));
    }
    let mut variables = ValueMap::new();
    for attribute in attributes {
        let name = attribute.name.name.clone();
        let value = eval_constant(&attribute.expr).map_err(|problems| {
            wrong(format!(
                "invalid expression for variable {}: {}",
                quoted(&name),
                first_problem(&problems)
            ))
        })?;
        variables.insert(name, value);
    }
    Ok(Value::object(variables))
}

fn encode_tfvars(_: &CallContext, args: &[Value]) -> Result {
    let v = value(args, 0)?;
    if !v.is_wholly_known() {
        return Ok(Value::unknown(Type::String));
    }
    let entries = v.entries().ok_or_else(|| {
        FunctionError::argument(
            0,
            "invalid value to encode: must be an object whose attribute names will become the \
             encoded variable names",
        )
    })?;
    let mut out = String::new();
    for (name, v) in entries {
        if !is_identifier(name) {
            return Err(FunctionError::argument(
                0,
                format!(
                    "invalid variable name {}: must be a valid identifier, as names of input \
                     variables are",
                    quoted(name)
                ),
            ));
        }
        // Each for itself: the equals signs are not brought in line.
        let _ = writeln!(out, "{name} = {}", expression(v)?);
    }
    Ok(Value::string(out))
}

fn encode_expr(_: &CallContext, args: &[Value]) -> Result {
    let v = value(args, 0)?;
    if v.is_wholly_known() {
        return expression(v).map(Value::string);
    }
    let mut facts = Refinements::not_null();
    if v.range().definitely_not_null() {
        facts.string_prefix = match v.ty() {
            Type::String => Some("\"".into()),
            Type::Object(_) | Type::Map(_) => Some("{".into()),
            Type::Tuple(_) | Type::List(_) | Type::Set(_) => Some("[".into()),
            _ => None,
        };
    }
    Ok(Value::unknown(Type::String).refine(&facts))
}

/// A known value as an expression in canonical layout.
fn expression(v: &Value) -> Result<String> {
    let mut text = String::from("x = ");
    write(&mut text, v, 0)?;
    text.push('\n');
    let laid_out = format(FileId(0), &text)
        .map_err(|problems| FunctionError::call(first_problem(&problems)))?;
    let value = laid_out.strip_prefix("x = ").unwrap_or(&laid_out);
    Ok(value.trim_end().to_owned())
}

fn write(out: &mut String, v: &Value, depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(FunctionError::argument(0, "the value is nested too deeply"));
    }
    check_length(Some(out.len()))?;
    match v.kind() {
        Kind::Unknown(_) | Kind::Null(_) => out.push_str("null"),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(n) => out.push_str(&n.text(NumberFormat::Fixed, None)),
        Kind::String(s) => out.push_str(&loam_syntax::quoted(s)),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                write(out, item, depth + 1)?;
            }
            out.push(']');
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            out.push_str(if entries.is_empty() { "{" } else { "{\n" });
            for (name, v) in entries.iter() {
                if is_identifier(name) {
                    out.push_str(name);
                } else {
                    out.push_str(&loam_syntax::quoted(name));
                }
                out.push_str(" = ");
                write(out, v, depth + 1)?;
                out.push('\n');
            }
            out.push('}');
        }
    }
    Ok(())
}
