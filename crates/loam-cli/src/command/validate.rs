//! `loam validate`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use loam_engine::{ValidateInputs, validate};
use loam_render::diagnostic;
use loam_value::Value;
use serde_json::{Value as Json, json};

use super::Outcome;
use crate::args::ValidateArgs;
use crate::session::{Session, timestamp};
use crate::view::View;

/// Runs the command.
pub async fn run(session: &Session, args: &ValidateArgs, view: &View) -> Outcome {
    let (config, mut diagnostics) = session.load_or_empty(&args.variables);
    if let Some(config) = &config {
        let surroundings = session.surroundings(&timestamp(), false);
        let given: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let inputs = ValidateInputs {
            config,
            root_dir: Path::new("."),
            registry: &session.registry,
            surroundings: &surroundings,
            given: &given,
        };
        diagnostics.append(validate(&inputs));
        diagnostics.sort();
    }
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    if args.json {
        let all: Vec<Json> = diagnostics
            .iter()
            .map(|d| diagnostic::json(d, &session.sources))
            .collect();
        let document = json!({
            "format_version": "1.0",
            "valid": errors == 0,
            "error_count": errors,
            "warning_count": all.len() - errors,
            "diagnostics": all,
        });
        view.line(serde_json::to_string_pretty(&document).unwrap_or_default());
        return Ok(u8::from(errors > 0));
    }
    view.diagnostics(&diagnostics, &session.sources);
    if errors > 0 {
        return Ok(1);
    }
    let note = if diagnostics.is_empty() {
        ""
    } else {
        ", but there were some validation warnings as shown above"
    };
    view.line(format!(
        "{} The configuration is valid{note}.\n",
        view.style.green("Success!")
    ));
    Ok(0)
}
