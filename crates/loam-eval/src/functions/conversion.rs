//! Functions that convert a value to a type.

use loam_value::convert::{Safety, convert, is_convertible};
use loam_value::{Kind, Type, Value};

use super::argument::{quoted, value};
use super::signature::{any, function};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

pub(super) fn all() -> Vec<Function> {
    // One declaration for each type: functions have no place to keep a type in.
    macro_rules! to {
        ($name:literal, $description:literal, $ty:expr) => {
            function(
                $name,
                $description,
                vec![any("v", "The value to convert.").everything()],
                |args| conversion_type(args, $ty),
                |_: &CallContext, args| to_type(args, &$ty),
            )
            .nullable()
        };
    }
    vec![
        to!(
            "tobool",
            "`tobool` converts a value to a bool: `\"true\"` and `\"false\"` besides bools.",
            Type::Bool
        ),
        to!(
            "tolist",
            "`tolist` converts a value to a list, whose elements get a common type.",
            Type::list(Type::Dynamic)
        ),
        to!(
            "tomap",
            "`tomap` converts a value to a map, whose elements get a common type.",
            Type::map(Type::Dynamic)
        ),
        to!(
            "tonumber",
            "`tonumber` converts a value to a number: strings of decimal digits besides numbers.",
            Type::Number
        ),
        to!(
            "toset",
            "`toset` converts a value to a set, whose elements get a common type; equal ones become one.",
            Type::set(Type::Dynamic)
        ),
        to!(
            "tostring",
            "`tostring` converts a number or bool to a string.",
            Type::String
        ),
    ]
}

fn cannot(from: &Type, to: &Type) -> FunctionError {
    FunctionError::argument(
        0,
        format!("cannot convert {} to {}", from.friendly_name(), wanted(to)),
    )
}

fn wanted(ty: &Type) -> String {
    ty.friendly_name()
}

fn conversion_type(args: &[Value], ty: Type) -> Result<Type> {
    let from = value(args, 0)?.ty();
    match is_convertible(&from, &ty, Safety::Unsafe) {
        true => Ok(ty),
        false => Err(cannot(&from, &ty)),
    }
}

fn to_type(args: &[Value], ty: &Type) -> Result {
    let v = value(args, 0)?;
    if v.is_unknown() {
        return Ok(Value::unknown(ty.clone()).with_marks(v.marks()));
    }
    convert(v, ty).map_err(|_| {
        let from = v.ty();
        if v.deep_marks().is_sensitive() {
            return FunctionError::argument(
                0,
                format!(
                    "cannot convert this sensitive {} to {}",
                    from.friendly_name(),
                    wanted(ty)
                ),
            );
        }
        let text = match v.kind() {
            Kind::String(s) => quoted(s),
            _ => return cannot(&from, ty),
        };
        FunctionError::argument(
            0,
            match ty {
                Type::Bool => format!(
                    "cannot convert {text} to bool; only the strings \"true\" or \"false\" are allowed"
                ),
                Type::Number => format!(
                    "cannot convert {text} to number; given string must be a decimal representation of a number"
                ),
                _ => return cannot(&from, ty),
            },
        )
    })
}
