//! The values of the root module's variables: collected from the environment, files and
//! options by precedence, then parsed and converted.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics, SourceMap, Span};
use loam_eval::eval_constant;
use loam_syntax::{parse_expression, parse_json, parse_native};
use loam_value::{Marks, Type, Value};

use crate::mismatch::convert_with_defaults;
use crate::source::{FileSource, is_json, join};
use crate::{Module, Variable};

/// An option that gives values, in the order of the command line.
#[derive(Clone, PartialEq, Eq)]
pub enum VariableOption {
    /// `-var`: `name=value`.
    Assignment(String),
    /// `-var-file`: a path.
    File(PathBuf),
}

impl fmt::Debug for VariableOption {
    /// Without the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VariableOption::Assignment(text) => {
                let name = text.split_once('=').map_or("", |(n, _)| n);
                write!(f, "-var={name}=…")
            }
            VariableOption::File(path) => write!(f, "-var-file={}", path.display()),
        }
    }
}

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputOrigin {
    /// An environment variable.
    Environment(String),
    /// A file.
    File(Span),
    /// `-var`.
    Option,
    /// An answer to a question.
    Prompt,
}

/// A value as it was given.
#[derive(Clone, PartialEq)]
pub enum InputContent {
    /// A text, which means what the variable's type makes of it.
    Text(String),
    /// A value, not converted yet.
    Value(Value),
}

/// A value for a variable as it was given, and where.
#[derive(Clone, PartialEq)]
pub struct Input {
    /// What was given.
    pub content: InputContent,
    /// Where.
    pub origin: InputOrigin,
}

impl fmt::Debug for Input {
    /// Without the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "value given by {:?}", self.origin)
    }
}

/// The given values by variable; of several for one variable only the one that counts.
pub type Inputs = BTreeMap<Arc<str>, Input>;

/// Where values may come from.
#[derive(Clone, Copy)]
pub struct InputSources<'a> {
    /// The way to files.
    pub files: &'a dyn FileSource,
    /// Gets the texts of all files that are read.
    pub sources: &'a SourceMap,
    /// The root module's folder.
    pub dir: &'a Path,
    /// The environment variables.
    pub environment: &'a BTreeMap<String, String>,
    /// `-var` and `-var-file`, in order.
    pub options: &'a [VariableOption],
}

/// Collects the given values. From the lowest to the highest precedence: `TF_VAR_name`,
/// `LOAM_VAR_name`, `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` and
/// `*.auto.tfvars.json` by name, options in order.
pub fn collect_inputs(from: &InputSources<'_>) -> (Inputs, Diagnostics) {
    let mut inputs = Inputs::new();
    let mut diags = Diagnostics::new();
    // What is inserted later counts.
    for prefix in crate::environment::PREFIXES.iter().rev() {
        for (key, value) in from.environment {
            let rest = key.strip_prefix(prefix);
            let Some(name) = rest.and_then(|n| n.strip_prefix("VAR_")) else {
                continue;
            };
            let input = Input {
                content: InputContent::Text(value.clone()),
                origin: InputOrigin::Environment(key.clone()),
            };
            inputs.insert(name.into(), input);
        }
    }
    for name in variable_files(from.files.list(from.dir).unwrap_or_default()) {
        let path = join(from.dir, &name);
        read_file(from, &path, &mut inputs, &mut diags);
    }
    for option in from.options {
        match option {
            VariableOption::File(path) => {
                read_file(from, path, &mut inputs, &mut diags);
            }
            VariableOption::Assignment(text) => match text.split_once('=') {
                Some((name, value)) if !name.trim().is_empty() => {
                    let input = Input {
                        content: InputContent::Text(value.to_owned()),
                        origin: InputOrigin::Option,
                    };
                    inputs.insert(name.trim().into(), input);
                }
                _ => diags.push(Diagnostic::error(
                    "Invalid -var option",
                    "A -var option takes a variable's name and value with an equals sign between \
                     them, like -var=\"key=value\".",
                )),
            },
        }
    }
    (inputs, diags)
}

/// The files of a folder that give values without being asked for, in order.
fn variable_files(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    let of_name = ["terraform.tfvars", "terraform.tfvars.json"];
    let fixed = of_name
        .iter()
        .filter(|n| names.iter().any(|m| m == *n))
        .map(|n| (*n).to_owned());
    let auto = names
        .iter()
        .filter(|n| {
            !n.starts_with('.') && (n.ends_with(".auto.tfvars") || n.ends_with(".auto.tfvars.json"))
        })
        .cloned();
    fixed.chain(auto).collect()
}

fn read_file(from: &InputSources<'_>, path: &Path, inputs: &mut Inputs, diags: &mut Diagnostics) {
    let (values, problems) = read_values(from.files, from.sources, path, "variables");
    diags.append(problems);
    for (name, (value, span)) in values {
        let input = Input {
            content: InputContent::Value(value),
            origin: InputOrigin::File(span),
        };
        inputs.insert(name, input);
    }
}

/// Reads a file of constants (`name = value`, or one JSON object), each with its place.
/// `what` it holds is a word for messages.
pub fn read_values(
    files: &dyn FileSource,
    sources: &SourceMap,
    path: &Path,
    what: &str,
) -> (BTreeMap<Arc<str>, (Value, Span)>, Diagnostics) {
    let (mut values, mut diags) = (BTreeMap::new(), Diagnostics::new());
    let shown = path.to_string_lossy().replace('\\', "/");
    let text = match files.read(path) {
        Ok(text) => text,
        Err(e) => {
            let why = match e.kind() {
                io::ErrorKind::NotFound => "it does not exist".to_owned(),
                io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
                _ => e.to_string(),
            };
            diags.push(Diagnostic::error(
                format!("Failed to read {what} file"),
                format!("The {what} file {shown} cannot be read: {why}."),
            ));
            return (values, diags);
        }
    };
    let id = sources.add(shown.clone(), text.clone());
    let (body, problems) = if is_json(&shown) {
        parse_json(id, &text)
    } else {
        parse_native(id, &text)
    };
    diags.append(problems);
    let (attributes, problems) = body.just_attributes();
    diags.append(problems);
    for attribute in attributes {
        match eval_constant(&attribute.expr) {
            Ok(value) => {
                values.insert(attribute.name.name, (value, attribute.expr.span));
            }
            Err(problems) => diags.append(problems),
        }
    }
    (values, diags)
}

/// The values of all variables that have one.
#[derive(Clone, Debug, Default)]
pub struct VariableValues {
    /// Converted to each variable's type, its default where nothing was given. Marks for
    /// sensitive and ephemeral variables are not on them yet.
    pub values: BTreeMap<Arc<str>, Value>,
    /// Variables that need a value and have none, in the order of their names. What
    /// [`missing_variable`] says of them is not among the diagnostics: a user may be
    /// asked first.
    pub missing: Vec<Arc<str>>,
}

/// Makes the variables' values from what was given.
pub fn variable_values(
    module: &Module,
    inputs: &Inputs,
    sources: &SourceMap,
) -> (VariableValues, Diagnostics) {
    let mut out = VariableValues::default();
    let mut diags = undeclared(module, inputs);
    for (name, variable) in &module.variables {
        match inputs.get(name) {
            Some(input) => match given_value(variable, input, sources) {
                Ok(value) => {
                    out.values.insert(name.clone(), value);
                    deprecated(variable, input, &mut diags);
                }
                Err(problems) => diags.append(problems),
            },
            None => match &variable.default {
                Some(default) => {
                    out.values.insert(name.clone(), default.clone());
                }
                None => out.missing.push(name.clone()),
            },
        }
    }
    diags.sort();
    (out, diags)
}

/// The values that were given, as they were given: a text for a variable that takes one,
/// whatever its type; nothing for one that has its default. Marked as the variables are.
pub fn written_values(module: &Module, inputs: &Inputs) -> BTreeMap<Arc<str>, Value> {
    let sources = SourceMap::default();
    let written = module.variables.iter().filter_map(|(name, variable)| {
        let input = inputs.get(name)?;
        let value = match &input.content {
            InputContent::Value(value) => value.clone(),
            InputContent::Text(text) => parse(variable, text, &input.origin, &sources).ok()?,
        };
        Some((name.clone(), value.with_marks(variable.marks())))
    });
    written.collect()
}

/// The error for a variable that needs a value and has none.
pub fn missing_variable(variable: &Variable) -> Diagnostic {
    Diagnostic::error(
        "No value for required variable",
        format!(
            "The root module's variable \"{}\" is not set and has no default value. Give it a \
             value with -var or -var-file.",
            variable.name
        ),
    )
    .at(variable.span)
}

fn undeclared(module: &Module, inputs: &Inputs) -> Diagnostics {
    let mut diags = Diagnostics::new();
    for (name, input) in inputs {
        if module.variables.contains_key(name) {
            continue;
        }
        let detail = format!(
            "The root module does not declare a variable named \"{name}\", but a value for it was \
             given"
        );
        let problem = match input.origin {
            // What the environment holds is often meant for other configurations.
            InputOrigin::Environment(_) | InputOrigin::Prompt => continue,
            InputOrigin::File(at) => {
                Diagnostic::warning("Value for undeclared variable", format!("{detail} here."))
                    .at(at)
            }
            InputOrigin::Option => Diagnostic::error(
                "Value for undeclared variable",
                format!("{detail} on the command line."),
            ),
        };
        let near = loam_diag::nearest(name, module.variables.keys().map(|n| &**n));
        diags.push(match near {
            Some(near) => problem.hint(format!("Did you mean \"{near}\"?")),
            None => problem,
        });
    }
    diags
}

fn deprecated(variable: &Variable, input: &Input, diags: &mut Diagnostics) {
    let Some(why) = &variable.deprecated else {
        return;
    };
    let problem = Diagnostic::warning(
        "Deprecated variable",
        format!("The variable \"{}\" is deprecated: {why}", variable.name),
    );
    diags.push(match input.origin {
        InputOrigin::File(at) => problem.at(at),
        _ => problem.at(variable.span),
    });
}

/// The value that was given for a variable.
pub(crate) fn given_value(
    variable: &Variable,
    input: &Input,
    sources: &SourceMap,
) -> Result<Value, Diagnostics> {
    let value = match &input.content {
        InputContent::Value(value) => value.clone(),
        InputContent::Text(text) => parse(variable, text, &input.origin, sources)?,
    };
    let name = &variable.name;
    let place = place(&input.origin, variable.is_secret(), sources);
    // Pointing at a secret would show it.
    let placed = |problem: Diagnostic| match input.origin {
        InputOrigin::File(at) if !variable.is_secret() => problem.at(at),
        _ => problem.at(variable.span),
    };
    if value.is_null() && !variable.nullable {
        return match &variable.default {
            Some(default) => Ok(default.clone()),
            None => Err(placed(Diagnostic::error(
                "Required variable not set",
                format!(
                    "The value for var.{name}{place} is null, but the variable must have a value."
                ),
            ))
            .into()),
        };
    }
    convert_with_defaults(&value, &variable.ty, &variable.defaults).map_err(|why| {
        placed(Diagnostic::error(
            "Invalid value for input variable",
            format!("The value for var.{name}{place} is not suitable: {why}."),
        ))
        .into()
    })
}

/// A value converted for a variable; `None` if it does not fit.
pub(crate) fn converted(variable: &Variable, value: &Value) -> Option<Value> {
    if value.is_null() && !variable.nullable {
        return variable.default.clone();
    }
    convert_with_defaults(value, &variable.ty, &variable.defaults).ok()
}

/// Where a value was given, as far as the diagnostic's place does not tell.
fn place(origin: &InputOrigin, secret: bool, sources: &SourceMap) -> String {
    match origin {
        InputOrigin::Environment(name) => {
            format!(" from the environment variable {name}")
        }
        InputOrigin::File(at) if secret => format!(" at {}", sources.place(*at)),
        InputOrigin::File(_) => String::new(),
        InputOrigin::Option => " given with -var".to_owned(),
        InputOrigin::Prompt => " that was typed in".to_owned(),
    }
}

/// What a text means for a variable: for a bool, number or string it is taken literally
/// and converted; for any other type it is an expression.
fn parse(
    variable: &Variable,
    text: &str,
    origin: &InputOrigin,
    sources: &SourceMap,
) -> Result<Value, Diagnostics> {
    if variable.takes_text() {
        return Ok(Value::string(text));
    }
    let reading = format!(
        "The value for var.{}{} is read as an expression, because of the variable's type: strings \
         in it need quotes.",
        variable.name,
        place(origin, false, sources)
    );
    if variable.is_secret() {
        // What is wrong in detail, and the text as the source of it, would show the secret.
        let unseen = SourceMap::default().add("", "");
        return parse_expression(unseen, text, 0)
            .and_then(|expr| eval_constant(&expr))
            .map_err(|_| {
                Diagnostic::error("Invalid value for input variable", reading)
                    .at(variable.span)
                    .into()
            });
    }
    let id = sources.add(format!("<value for var.{}>", variable.name), text);
    let result = parse_expression(id, text, 0).and_then(|expr| eval_constant(&expr));
    result.map_err(|mut problems| {
        for problem in &mut problems.0 {
            problem.detail.push(' ');
            problem.detail.push_str(&reading);
        }
        problems
    })
}

impl Variable {
    /// The marks that its declaration puts on its value.
    pub fn marks(&self) -> Marks {
        let sensitive = if self.sensitive {
            Marks::SENSITIVE
        } else {
            Marks::NONE
        };
        let ephemeral = if self.ephemeral {
            Marks::EPHEMERAL
        } else {
            Marks::NONE
        };
        sensitive | ephemeral
    }

    /// True if its value must not be shown or stored.
    fn is_secret(&self) -> bool {
        !self.marks().is_empty()
    }

    /// True if a text given for it (in the environment or as an option) is taken as it
    /// is rather than as an expression.
    pub fn takes_text(&self) -> bool {
        match self.ty {
            Type::Dynamic => !self.typed,
            _ => self.ty.is_primitive(),
        }
    }
}
