//! Calling a function with values: counting, converting, and what happens to null,
//! unknown and marked arguments before the function itself sees them.

use std::fmt;

use loam_value::convert::convert;
use loam_value::{Kind, Marks, Type, Value};

use crate::wording::unsuitable;
use crate::{CallContext, Function, FunctionError, Param};

/// Why a call failed. The place is for the caller to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// An argument is missing.
    TooFew {
        /// How many are needed.
        expected: usize,
        /// More would be accepted.
        variadic: bool,
        /// The name of the first parameter without an argument.
        missing: &'static str,
    },
    /// There are more arguments than parameters.
    TooMany {
        /// How many are accepted.
        expected: usize,
    },
    /// One argument is not acceptable.
    Argument {
        /// Which, from 0. Past the end if a variadic parameter got no argument.
        index: usize,
        /// The parameter's name.
        parameter: &'static str,
        /// What is wrong with it, as a sentence fragment.
        message: String,
    },
    /// The call as a whole failed.
    Failed {
        /// The argument that is to blame, from 0, if one is.
        argument: Option<usize>,
        /// Why, as a sentence fragment.
        message: String,
    },
}

impl CallError {
    /// The fixed words for this kind of problem.
    pub fn summary(&self) -> &'static str {
        match self {
            CallError::TooFew { .. } => "Not enough function arguments",
            CallError::TooMany { .. } => "Too many function arguments",
            CallError::Argument { .. } => "Invalid function argument",
            CallError::Failed { .. } => "Error in function call",
        }
    }

    /// The same error without the function's own words, which may quote an argument.
    fn without_reason(mut self) -> CallError {
        if let CallError::Argument { message, .. } | CallError::Failed { message, .. } = &mut self {
            *message = "this is not accepted, and the reason is not shown because it could tell \
                        a sensitive value"
                .into();
        }
        self
    }

    /// What is wrong, as a sentence, for a call of the function by `name`.
    pub fn detail(&self, name: &str) -> String {
        match self {
            CallError::TooFew {
                expected,
                variadic,
                missing,
            } => format!(
                "Function \"{name}\" expects{} {expected} argument(s). Missing value for \
                 \"{missing}\".",
                if *variadic { " at least" } else { "" }
            ),
            CallError::TooMany { expected } => {
                format!("Function \"{name}\" expects only {expected} argument(s).")
            }
            CallError::Argument {
                parameter, message, ..
            } => format!("Invalid value for \"{parameter}\" parameter: {message}."),
            CallError::Failed { message, .. } => {
                format!("Call to function \"{name}\" failed: {message}.")
            }
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Argument { message, .. } | CallError::Failed { message, .. } => {
                f.write_str(message)
            }
            other => f.write_str(other.summary()),
        }
    }
}

impl Function {
    /// The parameter that the argument at `index` is for.
    pub fn param(&self, index: usize) -> Option<&Param> {
        self.params.get(index).or(self.variadic.as_ref())
    }

    /// Checks the number of arguments.
    pub fn check_count(&self, count: usize) -> Result<(), CallError> {
        if let Some(missing) = self.params.get(count) {
            return Err(CallError::TooFew {
                expected: self.params.len(),
                variadic: self.variadic.is_some(),
                missing: missing.name,
            });
        }
        if self.variadic.is_none() && count > self.params.len() {
            return Err(CallError::TooMany {
                expected: self.params.len(),
            });
        }
        Ok(())
    }

    fn error(&self, error: FunctionError) -> CallError {
        let FunctionError {
            argument,
            whole,
            message,
        } = error;
        match argument.and_then(|index| Some((index, self.param(index)?))) {
            Some((index, param)) if !whole => CallError::Argument {
                index,
                parameter: param.name,
                message,
            },
            _ => CallError::Failed { argument, message },
        }
    }
}

/// Calls a function: counts and converts the arguments, answers for null, unknown and
/// marked ones as the parameters say, and puts the marks on the result. All arguments
/// that do not fit are reported.
pub fn call_function(
    function: &Function,
    context: &CallContext,
    args: &[Value],
) -> Result<Value, Vec<CallError>> {
    function.check_count(args.len()).map_err(|e| vec![e])?;
    let mut errors = Vec::new();
    let mut marks = Marks::NONE;
    let mut given = Vec::with_capacity(args.len());
    for (index, arg) in args.iter().enumerate() {
        let Some(param) = function.param(index) else {
            continue;
        };
        match fit(arg, param) {
            Ok(arg) if param.allow_marked => given.push(arg),
            Ok(arg) => {
                let found = arg.deep_marks();
                marks |= found;
                given.push(if found.is_empty() {
                    arg
                } else {
                    arg.unmarked_deep()
                });
            }
            Err(message) => errors.push(CallError::Argument {
                index,
                parameter: param.name,
                message,
            }),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    match call_fitting(function, context, &given) {
        Ok(result) => Ok(result.with_marks(marks)),
        Err(error) if marks.is_sensitive() => Err(vec![error.without_reason()]),
        Err(error) => Err(vec![error]),
    }
}

/// Converts an argument to its parameter's type.
fn fit(arg: &Value, param: &Param) -> Result<Value, String> {
    let arg = match param.ty {
        Type::Dynamic => arg.clone(),
        ref ty => convert(arg, ty).map_err(|e| unsuitable(&e, arg))?,
    };
    if arg.is_null() && !param.allow_null {
        return Err("argument must not be null".into());
    }
    Ok(arg)
}

fn call_fitting(
    function: &Function,
    context: &CallContext,
    args: &[Value],
) -> Result<Value, CallError> {
    let of_unknown_type = |(index, arg): (usize, &Value)| {
        is_of_unknown_type(arg) && function.param(index).is_some_and(|p| !p.allow_dynamic)
    };
    // What is not known yet is no less sensitive than what it will be made of.
    let marks = args.iter().fold(Marks::NONE, |m, a| m | a.marks());
    if args.iter().enumerate().any(of_unknown_type) {
        return Ok(Value::dynamic().with_marks(marks));
    }
    let ty = (function.return_type)(args).map_err(|e| function.error(e))?;
    let unknown = |(index, arg): (usize, &Value)| {
        arg.is_unknown() && function.param(index).is_some_and(|p| !p.allow_unknown)
    };
    let result = if args.iter().enumerate().any(unknown) {
        Value::unknown(ty).with_marks(marks)
    } else {
        (function.call)(context, args).map_err(|e| function.error(e))?
    };
    Ok(if function.nullable {
        result
    } else {
        result.refine_not_null()
    })
}

fn is_of_unknown_type(value: &Value) -> bool {
    match value.kind() {
        Kind::Unknown(u) => u.ty == Type::Dynamic,
        Kind::Null(ty) => *ty == Type::Dynamic,
        _ => false,
    }
}
