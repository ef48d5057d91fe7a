//! What a function is.

use std::fmt;
use std::path::PathBuf;

use loam_value::{Type, Value};

/// What functions may see of the world: everything that makes a result depend on more
/// than the arguments. The embedding program fills it; functions do no other I/O.
#[derive(Clone, Debug)]
pub struct CallContext {
    /// The folder that relative paths of the file functions start from.
    pub base_dir: PathBuf,
    /// The time that `plantimestamp` gives (RFC 3339, UTC); unknown if there is none.
    pub plan_timestamp: Option<String>,
    /// Whether `timestamp`, `uuid` and `bcrypt` give a result now (apply, console) or
    /// an unknown value (plan).
    pub impure_known: bool,
}

/// One parameter of a function.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name, as documentation and errors show it.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// The type that an argument is converted to before the call; `Dynamic` takes all.
    pub ty: Type,
    /// Null is passed to the function rather than refused.
    pub allow_null: bool,
    /// An unknown argument is passed to the function rather than making the result
    /// unknown (of the result type, not null) without a call.
    pub allow_unknown: bool,
    /// An argument of unknown type is passed to the function rather than making the
    /// result unknown of unknown type.
    pub allow_dynamic: bool,
    /// Marks on the argument (at any depth) are left for the function to handle rather
    /// than taken off before the call and put on the result.
    pub allow_marked: bool,
}

/// Why a call failed. The caller adds the place: of the argument if there is an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument at fault, from 0.
    pub argument: Option<usize>,
    /// It is the call that has failed: the argument could be right elsewhere.
    pub whole: bool,
    /// What is wrong, as a sentence fragment: `must not be negative`.
    pub message: String,
}

impl FunctionError {
    /// A failure of the call as a whole.
    pub fn call(message: impl Into<String>) -> FunctionError {
        FunctionError {
            argument: None,
            whole: true,
            message: message.into(),
        }
    }

    /// A failure of the call as a whole, for which one argument (from 0) is to blame. What
    /// counts as one is as in Terraform.
    pub fn blame(index: usize, message: impl Into<String>) -> FunctionError {
        FunctionError {
            argument: Some(index),
            whole: true,
            message: message.into(),
        }
    }

    /// The same failure as one of the call as a whole.
    pub fn of_call(self) -> FunctionError {
        FunctionError {
            whole: true,
            ..self
        }
    }

    /// The same failure as one of the argument itself.
    pub fn of_argument(self) -> FunctionError {
        FunctionError {
            whole: false,
            ..self
        }
    }

    /// A failure because of one argument (from 0).
    pub fn argument(index: usize, message: impl Into<String>) -> FunctionError {
        FunctionError {
            argument: Some(index),
            whole: false,
            message: message.into(),
        }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A function of the library. Before `call` runs, the arguments have been counted,
/// checked for null, unknown and marks as the parameters say, and converted.
pub struct Function {
    /// The name without a namespace.
    pub name: &'static str,
    /// What it does, in a sentence or two.
    pub description: &'static str,
    /// The fixed parameters.
    pub params: Vec<Param>,
    /// The parameter that takes all further arguments, if there is one.
    pub variadic: Option<Param>,
    /// The result can be null, so an unknown result is not promised to be something else.
    pub nullable: bool,
    /// The type of the result for these (converted) arguments; an error if the types
    /// already rule the call out. Arguments may be unknown.
    pub return_type: fn(&[Value]) -> Result<Type, FunctionError>,
    /// The result.
    pub call: fn(&CallContext, &[Value]) -> Result<Value, FunctionError>,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function {}", self.name)
    }
}
