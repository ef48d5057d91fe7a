//! Functions of marks: what must not be shown, what must not be stored.

use loam_value::{Marks, Type, Value};

use super::argument::value;
use super::signature::{any, function, returns_bool, returns_first};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "ephemeralasnull",
            "`ephemeralasnull` puts null in the place of every ephemeral value.",
            vec![any("value", "Any value.").everything()],
            returns_first,
            |_, a| Ok(without_ephemeral(value(a, 0)?)),
        )
        .nullable(),
        function(
            "issensitive",
            "`issensitive` tells whether a value is marked as sensitive.",
            vec![any("value", "Any value.").everything()],
            returns_bool,
            issensitive,
        ),
        function(
            "nonsensitive",
            "`nonsensitive` takes the sensitive mark off a value, so that it is shown.",
            vec![any("value", "A value that is not secret.").everything()],
            returns_first,
            |_, a| {
                let v = value(a, 0)?;
                let marks = v.marks().without(Marks::SENSITIVE);
                Ok(v.clone().unmarked().with_marks(marks))
            },
        )
        .nullable(),
        function(
            "sensitive",
            "`sensitive` marks a value as sensitive, so that it is not shown.",
            vec![any("value", "Any value.").everything()],
            returns_first,
            |_, a| Ok(value(a, 0)?.clone().with_marks(Marks::SENSITIVE)),
        )
        .nullable(),
    ]
}

fn issensitive(_: &CallContext, args: &[Value]) -> Result {
    let v = value(args, 0)?;
    Ok(if v.is_sensitive() {
        Value::bool(true)
    } else if v.is_unknown() {
        // It can turn out to be sensitive.
        Value::unknown(Type::Bool)
    } else {
        Value::bool(false)
    })
}

fn without_ephemeral(v: &Value) -> Value {
    if !v.deep_marks().is_ephemeral() {
        return v.clone();
    }
    if v.marks().is_ephemeral() {
        let marks = v.marks().without(Marks::EPHEMERAL);
        let replaced = if v.is_unknown() {
            Value::unknown(v.ty())
        } else {
            Value::null(v.ty())
        };
        return replaced.with_marks(marks);
    }
    v.map_children(without_ephemeral)
}
