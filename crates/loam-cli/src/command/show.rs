//! `loam show` and `loam output`.

use std::path::Path;

use loam_config::{Config, Manifest, MemoryFiles};
use loam_diag::{Diagnostic, Diagnostics};
use loam_engine::{PlanFile, decode_plan};
use loam_render::{human, plan_json, state_json};
use loam_state::OpenOptions;
use loam_value::codec;
use serde_json::{Map, Value as Json, json};

use super::{Outcome, usage};
use crate::args::{OutputArgs, ShowArgs};
use crate::session::{Session, given_again};
use crate::view::View;

/// Shows the state or a plan file.
pub fn run(session: &Session, args: &ShowArgs, view: &View) -> Outcome {
    let state = match &args.file {
        None => {
            let store = session.store(&args.state, OpenOptions::read())?;
            Some(store.snapshot().map_err(|e| e.diagnostic())?)
        }
        Some(path) if is_state(path) => Some(super::state::read_any(session, path)?),
        Some(_) => None,
    };
    let Some(path) = args.file.as_deref().filter(|_| state.is_none()) else {
        let state = state.unwrap_or_default();
        if args.json {
            view.line(state_json::state(&state).to_string());
        } else if state.is_empty() {
            view.line("The state is empty: nothing is managed yet.");
        } else {
            view.text(human::state(&state, &session.registry, view.style));
        }
        return Ok(0);
    };
    let file = plan_file(session, path)?;
    if !args.json {
        view.text(human::plan(&file.plan, view.style));
        return Ok(0);
    }
    let config = config_of(session, &file)?;
    view.line(plan_json::plan(&file.plan, &config, &session.registry).to_string());
    Ok(0)
}

/// Whether a file holds a state, of ours or of Terraform's, rather than a plan.
fn is_state(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|f| std::io::Read::read_to_end(&mut std::io::Read::take(f, 64), &mut head));
    let json = read.is_ok() && head.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
    json || loam_state::is_database(path).is_ok_and(|is| is)
}

/// Reads a plan file.
pub fn plan_file(session: &Session, path: &Path) -> Result<PlanFile, Diagnostics> {
    let bytes = std::fs::read(path).map_err(|e| {
        usage(
            "Plan file not readable",
            format!("{} cannot be read: {e}.", path.display()),
        )
    })?;
    decode_plan(&bytes, &session.registry)
        .map_err(|e| usage("Plan file not usable", format!("{}: {e}", path.display())))
}

/// The configuration that a plan was made from.
pub fn config_of(session: &Session, file: &PlanFile) -> Result<Config, Diagnostics> {
    let manifest = Manifest::parse(&file.manifest).unwrap_or_default();
    let sources = MemoryFiles::new(file.sources.clone());
    let inputs = given_again(&file.variables);
    let (config, diagnostics) = session.load_from(&sources, &manifest, &inputs);
    config.ok_or(diagnostics)
}

/// Shows output values.
pub fn output(session: &Session, args: &OutputArgs, view: &View) -> Outcome {
    let state = session
        .store(&args.state, OpenOptions::read())?
        .snapshot()
        .map_err(|e| e.diagnostic())?;
    let Some(name) = &args.name else {
        if args.raw {
            return Err(usage(
                "Output name required",
                "With -raw the name of one output has to be given.",
            ));
        }
        if args.json {
            let all: Map<String, Json> = state
                .outputs
                .iter()
                .map(|(n, o)| {
                    let value = loam_render::json::value(&o.value);
                    let ty = loam_render::json::ty(&o.value.ty());
                    (
                        n.to_string(),
                        json!({ "sensitive": o.sensitive, "type": ty, "value": value }),
                    )
                })
                .collect();
            let text = serde_json::to_string_pretty(&Json::Object(all)).unwrap_or_default();
            view.line(text);
        } else if state.outputs.is_empty() {
            let detail =
                "The state has no outputs. \"loam apply\" sets those that the configuration has.";
            view.diagnostic(
                &Diagnostic::warning("No outputs found", detail),
                &session.sources,
            );
        } else {
            view.text(human::outputs(state.outputs.iter().map(|(n, o)| (&**n, o))));
        }
        return Ok(0);
    };
    let Some(output) = state.outputs.get(name.as_str()) else {
        let near = loam_diag::nearest(name, state.outputs.keys().map(|k| &**k));
        let hint = near
            .map(|n| format!(" Did you mean {n:?}?"))
            .unwrap_or_default();
        let detail =
            format!("The state has no output {name:?}.{hint} Outputs are set by \"loam apply\".");
        return Err(usage("Output not found", detail));
    };
    if args.json {
        view.line(
            codec::json::encode(&output.value)
                .map_err(|e| usage("Output not printable", e.to_string()))?,
        );
    } else if args.raw {
        match loam_value::convert::convert(&output.value, &loam_value::Type::String) {
            Ok(v) if v.as_str().is_some() => view.text(v.as_str().unwrap_or_default()),
            _ => {
                let detail = format!(
                    "-raw prints strings, numbers and bools; output {name:?} is {}. Use -json.",
                    output.value.ty().friendly_name()
                );
                return Err(usage("Unsupported value for raw output", detail));
            }
        }
    } else {
        view.line(human::value(&output.value, 0));
    }
    Ok(0)
}
