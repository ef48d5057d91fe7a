//! Builders for the declarations of functions and their parameters.

use loam_value::{Type, Value};

use crate::{CallContext, Function, FunctionError, Param};

type ReturnType = fn(&[Value]) -> Result<Type, FunctionError>;
type Call = fn(&CallContext, &[Value]) -> Result<Value, FunctionError>;

/// A parameter that takes only known, unmarked, non-null values of a type.
pub(super) fn param(name: &'static str, ty: Type, description: &'static str) -> Param {
    Param {
        name,
        description,
        ty,
        allow_null: false,
        allow_unknown: false,
        allow_dynamic: false,
        allow_marked: false,
    }
}

/// A string parameter.
pub(super) fn string(name: &'static str, description: &'static str) -> Param {
    param(name, Type::String, description)
}

/// A number parameter.
pub(super) fn number(name: &'static str, description: &'static str) -> Param {
    param(name, Type::Number, description)
}

/// A parameter of any type.
pub(super) fn any(name: &'static str, description: &'static str) -> Param {
    param(name, Type::Dynamic, description)
}

impl Param {
    /// The same parameter, taking null.
    pub(super) fn null(mut self) -> Param {
        self.allow_null = true;
        self
    }

    /// The same parameter, taking unknown values.
    pub(super) fn unknown(mut self) -> Param {
        self.allow_unknown = true;
        self
    }

    /// The same parameter, taking values of unknown type.
    pub(super) fn dynamic(mut self) -> Param {
        self.allow_dynamic = true;
        self
    }

    /// The same parameter, taking marked values.
    pub(super) fn marked(mut self) -> Param {
        self.allow_marked = true;
        self
    }

    /// The same parameter, taking every value there is.
    pub(super) fn everything(self) -> Param {
        self.null().unknown().dynamic().marked()
    }
}

/// A function whose result is never null.
pub(super) fn function(
    name: &'static str,
    description: &'static str,
    params: Vec<Param>,
    return_type: ReturnType,
    call: Call,
) -> Function {
    Function {
        name,
        description,
        params,
        variadic: None,
        nullable: false,
        return_type,
        call,
    }
}

impl Function {
    /// The same function, taking any number of further arguments.
    pub(super) fn more(mut self, param: Param) -> Function {
        self.variadic = Some(param);
        self
    }

    /// The same function, whose result can be null.
    pub(super) fn nullable(mut self) -> Function {
        self.nullable = true;
        self
    }
}

/// The return type of functions that give a string.
pub(super) fn returns_string(_: &[Value]) -> Result<Type, FunctionError> {
    Ok(Type::String)
}

/// The return type of functions that give a number.
pub(super) fn returns_number(_: &[Value]) -> Result<Type, FunctionError> {
    Ok(Type::Number)
}

/// The return type of functions that give a bool.
pub(super) fn returns_bool(_: &[Value]) -> Result<Type, FunctionError> {
    Ok(Type::Bool)
}

/// The return type of functions that give a list of strings.
pub(super) fn returns_string_list(_: &[Value]) -> Result<Type, FunctionError> {
    Ok(Type::list(Type::String))
}

/// The return type of functions that give a value of their first argument's type.
pub(super) fn returns_first(args: &[Value]) -> Result<Type, FunctionError> {
    Ok(args.first().map_or(Type::Dynamic, Value::ty))
}
