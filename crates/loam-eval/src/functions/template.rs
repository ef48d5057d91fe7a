//! Functions of templates, and those whose arguments the evaluator looks at itself.

use loam_value::{Type, Value};

use super::argument::{str, value};
use super::filesystem;
use super::signature::{any, function, param, returns_bool};
use crate::{CallContext, Function, FunctionError, FunctionTable, eval_template_text};

type Result<T = Value> = std::result::Result<T, FunctionError>;

const VARS: &str = "An object or map of the values that the template may use, by name.";
const TEMPLATES: [&str; 2] = ["templatefile", "templatestring"];

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "can",
            "`can` tells whether an expression has a value rather than an error.",
            vec![any("expression", "The expression to try.").unknown().dynamic().marked()],
            returns_bool,
            |_, a| value(a, 0).map(|_| Value::bool(true)),
        ),
        function(
            "convert",
            "`convert` converts a value to a type given as a type constraint, such as `list(string)`.",
            vec![
                any("value", "The value to convert.").everything(),
                any("type", "The type constraint to convert it to.").everything(),
            ],
            |_| Ok(Type::Dynamic),
            |_, a| value(a, 0).cloned(),
        )
        .nullable(),
        function(
            "templatefile",
            "`templatefile` renders the template in a file.",
            vec![
                param("path", Type::String, "The path of the template's file.").marked(),
                any("vars", VARS),
            ],
            |_| Ok(Type::Dynamic),
            templatefile,
        )
        .nullable(),
        function(
            "templatestring",
            "`templatestring` renders a template that another object holds.",
            vec![
                param(
                    "template",
                    Type::String,
                    "A plain reference to the string that is the template.",
                )
                .marked(),
                any("vars", VARS).dynamic(),
            ],
            |_| Ok(Type::String),
            templatestring,
        ),
        function(
            "try",
            "`try` gives the value of the first of its arguments that has one rather than an error.",
            vec![],
            |_| Ok(Type::Dynamic),
            |_, a| value(a, 0).cloned(),
        )
        .more(
            any("expressions", "Expressions to try one after the other.")
                .unknown()
                .dynamic()
                .marked(),
        )
        .nullable(),
    ]
}

/// The functions that a template may call: templates in templates are refused, because
/// they could go on for ever.
fn functions_in_template(with_files: bool) -> FunctionTable {
    let mut table = FunctionTable::new();
    for mut function in super::all() {
        if TEMPLATES.contains(&function.name) {
            function.return_type = |_| {
                Err(FunctionError::call(
                    "a template cannot be rendered from inside another template",
                ))
            };
        } else if !with_files && reads_files(function.name) {
            function.return_type = |_| {
                Err(FunctionError::call(
                    "functions that read files cannot be used in templatestring templates; \
                     pass their result as a template variable instead",
                ))
            };
        }
        table.insert(function);
    }
    table
}

fn reads_files(name: &str) -> bool {
    name.starts_with("file") || name == "abspath"
}

fn render(context: &CallContext, text: &str, name: &str, args: &[Value], files: bool) -> Result {
    let vars = value(args, 1)?
        .entries()
        .ok_or_else(|| FunctionError::argument(1, "invalid vars value: must be a map"))?;
    let secret = value(args, 0)?.is_sensitive();
    let result = eval_template_text(text, name, vars, context, &functions_in_template(files))
        .map_err(|problems| match secret {
            // The problems quote the template and name its file.
            true => FunctionError::argument(0, "the template, which is sensitive, has errors"),
            false => FunctionError::call(problems),
        })?;
    match result.is_null() {
        true => Err(FunctionError::call("the result of the template is null")),
        false => Ok(result),
    }
}

fn templatefile(context: &CallContext, args: &[Value]) -> Result {
    let text = filesystem::read_text(context, args)?;
    let result = render(context, &text, str(args, 0)?, args, true)?;
    Ok(result.with_marks(value(args, 0)?.marks()))
}

fn templatestring(context: &CallContext, args: &[Value]) -> Result {
    let result = render(
        context,
        str(args, 0)?,
        "<templatestring argument>",
        args,
        false,
    )?;
    let result = loam_value::convert::convert(&result, &Type::String)
        .map_err(|e| FunctionError::call(e.to_string()))?;
    Ok(result.with_marks(value(args, 0)?.marks()))
}
