//! Templates given as text at run time: files for `templatefile`, strings for
//! `templatestring`.

use loam_address::is_identifier;
use loam_diag::{Diagnostics, SourceMap};
use loam_syntax::parse_template;
use loam_value::{Value, ValueMap};

use crate::{CallContext, FunctionTable, MapScope, resolve};

/// Renders a template whose variables are `vars`.
///
/// `name` is what errors call the text: a file's path. The error has one line per problem,
/// each with its place in the template, because a caller (a function) can only fail with
/// a text. `functions` are the functions that the template may call. The result is a
/// string unless the template is a single interpolation, which gives its value as it is.
pub fn eval_template_text(
    text: &str,
    name: &str,
    vars: &ValueMap,
    context: &CallContext,
    functions: &FunctionTable,
) -> Result<Value, String> {
    if let Some(bad) = vars.keys().find(|k| !is_identifier(k)) {
        return Err(format!(
            "invalid template variable name {bad:?}: must start with a letter, followed by \
             zero or more letters, digits, and underscores"
        ));
    }
    let sources = SourceMap::default();
    let file = sources.add(name, text);
    let scope = MapScope::new(vars.clone(), context.clone());
    parse_template(file, text, 0)
        .and_then(|template| resolve(&template, &scope, functions))
        .and_then(|template| template.eval(&scope))
        .map_err(|problems| as_text(&sources, &problems))
}

fn as_text(sources: &SourceMap, problems: &Diagnostics) -> String {
    let line = |d: &loam_diag::Diagnostic| {
        let place = d
            .subject
            .map(|s| sources.place(s) + ": ")
            .unwrap_or_default();
        let detail = d.detail.trim_end_matches('.');
        let hints = d.hints.iter().map(|h| format!("; {h}")).collect::<String>();
        format!("{place}{}; {detail}{hints}", d.summary)
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}
