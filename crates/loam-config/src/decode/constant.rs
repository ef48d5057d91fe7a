//! Arguments that have to be constants.

use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::eval_constant;
use loam_syntax::Attribute;
use loam_value::convert::convert;
use loam_value::{Type, Value};

use super::open::Opened;
use crate::mismatch::describe;

impl Opened {
    /// A string argument; `None` if it is absent, or wrong (and reported), as null is.
    pub fn string(&mut self, name: &str, diags: &mut Diagnostics) -> Option<String> {
        let attribute = self.take(name)?;
        let value = not_null(&attribute, &Type::String, diags)?;
        value.as_str().map(str::to_owned)
    }

    /// A string argument and the place of its value; `None` if it is absent or null, or wrong
    /// (and reported).
    pub fn string_at(&mut self, name: &str, diags: &mut Diagnostics) -> Option<(String, Span)> {
        let attribute = self.take(name)?;
        let value = constant(&attribute, &Type::String, diags)?;
        Some((value.as_str()?.to_owned(), attribute.expr.span))
    }

    /// A bool argument; `None` if it is absent, or wrong (and reported), as null is.
    pub fn bool(&mut self, name: &str, diags: &mut Diagnostics) -> Option<bool> {
        let attribute = self.take(name)?;
        not_null(&attribute, &Type::Bool, diags)?.as_bool()
    }
}

fn not_null(attribute: &Attribute, ty: &Type, diags: &mut Diagnostics) -> Option<Value> {
    let value = constant(attribute, ty, diags)?;
    if !value.is_null() {
        return Some(value);
    }
    diags.push(
        Diagnostic::error(
            "Unsuitable value type",
            format!(
                "Unsuitable value: \"{}\" cannot be null. Leave the argument out.",
                attribute.name.name
            ),
        )
        .at(attribute.expr.span),
    );
    None
}

/// The value of an argument in which no names and calls are allowed.
pub(crate) fn constant(attribute: &Attribute, ty: &Type, diags: &mut Diagnostics) -> Option<Value> {
    // A JSON string is taken literally where templates are not allowed.
    if let (Some(text), Type::String) = (attribute.expr.literal_text(), ty) {
        return Some(Value::string(text));
    }
    let value = match eval_constant(&attribute.expr) {
        Ok(value) => value,
        Err(problems) => {
            diags.append(problems);
            return None;
        }
    };
    match convert(&value, ty) {
        Ok(value) => Some(value),
        Err(e) => {
            diags.push(
                Diagnostic::error(
                    "Unsuitable value type",
                    format!("Unsuitable value: {}.", describe(&e)),
                )
                .at(attribute.expr.span),
            );
            None
        }
    }
}
