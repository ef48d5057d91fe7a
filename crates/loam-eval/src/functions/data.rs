//! Functions of data formats: CSV, JSON, YAML.

use std::sync::Arc;

use loam_value::codec::{DecodeError, json, yaml};
use loam_value::{Refinements, Type, Value, ValueMap};

use super::argument::{quoted, str, value};
use super::csv;
use super::signature::{any, function, returns_string, string};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "csvdecode",
            "`csvdecode` reads comma-separated values: a list with an object for each line after the first, which has the names.",
            vec![string("str", "The text in CSV format.")],
            csvdecode_type,
            csvdecode,
        ),
        function(
            "jsondecode",
            "`jsondecode` reads JSON and gives the value it stands for.",
            vec![string("str", "The text in JSON format.")],
            jsondecode_type,
            |_, a| decode_json(a),
        )
        .nullable(),
        function(
            "jsonencode",
            "`jsonencode` writes a value as JSON.",
            vec![any("val", "Any value.").null().unknown().dynamic()],
            returns_string,
            jsonencode,
        ),
        function(
            "yamldecode",
            "`yamldecode` reads YAML and gives the value it stands for.",
            vec![string("src", "The text in YAML format, a single document.")],
            yamldecode_type,
            |_, a| yaml::decode(str(a, 0)?).map_err(unreadable),
        )
        .nullable(),
        function(
            "yamlencode",
            "`yamlencode` writes a value as YAML in block style.",
            vec![any("value", "Any value.").null().unknown().dynamic()],
            returns_string,
            yamlencode,
        ),
    ]
}

/// The column names and the records below them.
type Table = (Vec<Arc<str>>, Vec<Vec<String>>);

fn csv_records(args: &[Value]) -> Result<Table> {
    let wrong = |e: String| FunctionError::blame(0, e);
    let mut records = csv::records(str(args, 0)?).map_err(wrong)?.into_iter();
    let header = records
        .next()
        .ok_or_else(|| wrong("missing header line".to_owned()))?;
    let mut names: Vec<Arc<str>> = Vec::with_capacity(header.len());
    for name in header {
        if names.iter().any(|n| **n == *name) {
            return Err(wrong(format!("duplicate column name {}", quoted(&name))));
        }
        names.push(name.into());
    }
    Ok((names, records.collect()))
}

fn row_type(names: &[Arc<str>]) -> Type {
    Type::object(names.iter().map(|n| (n.clone(), Type::String)))
}

fn csvdecode_type(args: &[Value]) -> Result<Type> {
    if value(args, 0)?.is_unknown() {
        return Ok(Type::Dynamic);
    }
    let (names, _) = csv_records(args)?;
    Ok(Type::list(row_type(&names)))
}

fn csvdecode(_: &CallContext, args: &[Value]) -> Result {
    let (names, records) = csv_records(args)?;
    let rows = records
        .into_iter()
        .map(|record| {
            let cells = names
                .iter()
                .cloned()
                .zip(record.into_iter().map(Value::string));
            Value::object(cells.collect::<ValueMap>())
        })
        .collect();
    Ok(Value::list(row_type(&names), rows))
}

fn unreadable(e: DecodeError) -> FunctionError {
    FunctionError::blame(0, e.to_string())
}

fn decode_json(args: &[Value]) -> Result {
    json::decode(str(args, 0)?).map_err(unreadable)
}

fn jsondecode_type(args: &[Value]) -> Result<Type> {
    let text = value(args, 0)?;
    if text.is_known() {
        return Ok(decode_json(args)?.ty());
    }
    // The first character says what kind of value it will be.
    let range = text.range();
    let beginning = range
        .string_prefix()
        .trim_start_matches([' ', '\t', '\r', '\n']);
    match beginning.chars().next() {
        Some('"') => Ok(Type::String),
        Some('t' | 'f') => Ok(Type::Bool),
        Some('-' | '0'..='9') => Ok(Type::Number),
        None | Some('{' | '[' | 'n') => Ok(Type::Dynamic),
        Some(c) => Err(FunctionError::blame(
            0,
            format!("a JSON document cannot begin with the character {c:?}"),
        )),
    }
}

fn jsonencode(_: &CallContext, args: &[Value]) -> Result {
    let v = value(args, 0)?;
    if v.is_wholly_known() {
        return json::encode(v)
            .map(Value::string)
            .map_err(|e| FunctionError::blame(0, e.to_string()));
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

fn yamldecode_type(args: &[Value]) -> Result<Type> {
    match value(args, 0)?.as_str() {
        Some(text) => yaml::decode_type(text).map_err(unreadable),
        None => Ok(Type::Dynamic),
    }
}

fn yamlencode(_: &CallContext, args: &[Value]) -> Result {
    let v = value(args, 0)?;
    if !v.is_wholly_known() {
        return Ok(Value::unknown(Type::String));
    }
    yaml::encode(v)
        .map(Value::string)
        .map_err(|e| FunctionError::blame(0, e.to_string()))
}
