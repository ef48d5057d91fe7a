//! Hints: facts about values that are not known yet. They hold a promise to the planner,
//! so that more of a plan is known, and fail the run if the promise is broken.

use loam_value::convert::convert;
use loam_value::{Kind, Refinements, Type, Value};

use super::argument::{int, str, value};
use super::signature::{any, function, number, param, string};
use crate::{CallContext, Function, FunctionError, Param};

type Result<T = Value> = std::result::Result<T, FunctionError>;

const VALUE: &str = "The value that the assumption is about.";
const MIN: &str = "The fewest elements it will have.";
const MAX: &str = "The most elements it will have.";

pub(super) fn all() -> Vec<Function> {
    let min = || number("min_length", MIN);
    let max = || number("max_length", MAX);
    let subject = |ty: Type| param("value", ty, VALUE).null().unknown().dynamic();
    let list = || subject(Type::list(Type::Dynamic));
    let set = || subject(Type::set(Type::Dynamic));
    let map = || subject(Type::map(Type::Dynamic));
    let sized = |name, description, params: Vec<Param>, call| {
        function(name, description, params, subject_type, call).nullable()
    };
    vec![
        function(
            "assumeequal",
            "`assumeequal` assumes that a value will be equal to another, and gives that.",
            vec![
                any("actual_value", VALUE).everything(),
                any("expected_value", "What it is assumed to be.").everything(),
            ],
            |args| Ok(value(args, 1)?.ty()),
            equal,
        )
        .nullable(),
        function(
            "assumenotnull",
            "`assumenotnull` assumes that a value will not be null.",
            vec![any("value", VALUE).null().unknown().dynamic()],
            |args| Ok(value(args, 0)?.ty()),
            not_null,
        )
        .nullable(),
        function(
            "assumestringprefix",
            "`assumestringprefix` assumes that a string will begin with another.",
            vec![
                subject(Type::String),
                string("prefix", "The beginning it will have."),
            ],
            |_| Ok(Type::String),
            |_, a| {
                let facts = Refinements::default().with_prefix(str(a, 1)?);
                let v = value(a, 0)?;
                match v.kind() {
                    Kind::String(s) if !s.starts_with(str(a, 1)?) => Err(broken()),
                    Kind::Unknown(_) if !compatible(v.range().string_prefix(), str(a, 1)?) => {
                        Err(broken())
                    }
                    _ => Ok(v.clone().refine(&facts)),
                }
            },
        )
        .nullable(),
        sized(
            "assumelistlength",
            "`assumelistlength` assumes that a list will have a number of elements in a range.",
            vec![list(), min(), max()],
            |_, a| length(a, Some(1), Some(2)),
        ),
        sized(
            "assumelistlengthmin",
            "`assumelistlengthmin` assumes that a list will have at least a number of elements.",
            vec![list(), min()],
            |_, a| length(a, Some(1), None),
        ),
        sized(
            "assumelistlengthmax",
            "`assumelistlengthmax` assumes that a list will have at most a number of elements.",
            vec![list(), max()],
            |_, a| length(a, None, Some(1)),
        ),
        sized(
            "assumesetlength",
            "`assumesetlength` assumes that a set will have a number of elements in a range.",
            vec![set(), min(), max()],
            |_, a| length(a, Some(1), Some(2)),
        ),
        sized(
            "assumesetlengthmin",
            "`assumesetlengthmin` assumes that a set will have at least a number of elements.",
            vec![set(), min()],
            |_, a| length(a, Some(1), None),
        ),
        sized(
            "assumesetlengthmax",
            "`assumesetlengthmax` assumes that a set will have at most a number of elements.",
            vec![set(), max()],
            |_, a| length(a, None, Some(1)),
        ),
        sized(
            "assumemaplength",
            "`assumemaplength` assumes that a map will have a number of elements in a range.",
            vec![map(), min(), max()],
            |_, a| length(a, Some(1), Some(2)),
        ),
        sized(
            "assumemaplengthmin",
            "`assumemaplengthmin` assumes that a map will have at least a number of elements.",
            vec![map(), min()],
            |_, a| length(a, Some(1), None),
        ),
        sized(
            "assumemaplengthmax",
            "`assumemaplengthmax` assumes that a map will have at most a number of elements.",
            vec![map(), max()],
            |_, a| length(a, None, Some(1)),
        ),
    ]
}

fn broken() -> FunctionError {
    FunctionError::argument(0, "assumption was not upheld")
}

fn subject_type(args: &[Value]) -> Result<Type> {
    Ok(value(args, 0)?.ty())
}

fn equal(_: &CallContext, args: &[Value]) -> Result {
    let (actual, expected) = (value(args, 0)?, value(args, 1)?);
    let converted = convert(actual, &expected.ty()).map_err(|_| {
        FunctionError::argument(
            0,
            format!(
                "actual value type {} does not match assumed value type {}",
                actual.ty().friendly_name(),
                expected.ty().friendly_name()
            ),
        )
    })?;
    // The content of neither is in the message: it could be secret.
    match converted.equals(expected).as_bool() {
        Some(false) => Err(FunctionError::argument(
            0,
            "the actual value does not match the assumed value",
        )),
        _ => Ok(expected.clone()),
    }
}

fn not_null(_: &CallContext, args: &[Value]) -> Result {
    let v = value(args, 0)?;
    if v.ty() == Type::Dynamic {
        return Err(FunctionError::argument(
            0,
            "given value must have a known type; consider using the \"convert\" function to \
             specify a type to assume",
        ));
    }
    if v.is_null() {
        return Err(broken());
    }
    Ok(v.clone().refine_not_null())
}

/// One of two beginnings of a string has to begin with the other.
fn compatible(a: &str, b: &str) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

fn length(args: &[Value], lower: Option<usize>, upper: Option<usize>) -> Result {
    let bound = |index: Option<usize>| -> Result<Option<u64>> {
        let Some(index) = index else { return Ok(None) };
        let n = int(args, index).ok().and_then(|n| u64::try_from(n).ok());
        n.map(Some).ok_or_else(|| {
            FunctionError::argument(
                index,
                format!("must be a whole number between 0 and {}", i64::MAX),
            )
        })
    };
    let (lower, upper) = (bound(lower)?, bound(upper)?);
    let v = value(args, 0)?;
    if v.is_null() || v.ty() == Type::Dynamic {
        return match v.is_null() {
            // The promise is about what is there; null has no length.
            true => Err(broken()),
            false => Ok(v.clone()),
        };
    }
    let range = v.range();
    let least = range.length_lower().max(lower.unwrap_or(0));
    let most = match (range.length_upper(), upper) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    if most.is_some_and(|most| least > most) {
        return Err(broken());
    }
    Ok(v.clone().refine(&Refinements {
        length_lower: lower,
        length_upper: upper,
        ..Refinements::default()
    }))
}
