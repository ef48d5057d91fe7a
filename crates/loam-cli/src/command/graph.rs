//! `loam graph`.

use loam_engine::{Operation, outline_operation, outline_plan, outline_resources};
use loam_render::graph;
use loam_state::{OpenOptions, State};

use super::{Outcome, show};
use crate::args::{GraphArgs, GraphType};
use crate::session::Session;
use crate::view::View;

/// Prints the dependency graph.
pub fn run(session: &Session, args: &GraphArgs, view: &View) -> Outcome {
    let (outline, of_resources) = match (&args.plan, args.kind) {
        (Some(path), _) => {
            let file = show::plan_file(session, path)?;
            let config = show::config_of(session, &file)?;
            let outline = outline_plan(&config, &file.plan, &session.registry)?;
            (outline, false)
        }
        (None, None) => {
            let (config, diagnostics) = session.load_or_empty(&args.variables);
            let Some(config) = config else {
                return Err(diagnostics);
            };
            (outline_resources(&config)?, true)
        }
        (None, Some(kind)) => {
            let (config, diagnostics) = session.load_or_empty(&args.variables);
            let Some(config) = config else {
                return Err(diagnostics);
            };
            let operation = match kind {
                GraphType::Plan | GraphType::PlanRefreshOnly => Operation::Plan,
                GraphType::PlanDestroy => Operation::PlanDestroy,
                GraphType::Apply => Operation::Apply,
            };
            let state = match kind {
                GraphType::Apply => State::default(),
                _ => session
                    .store(&args.state, OpenOptions::read())?
                    .snapshot()
                    .map_err(|e| e.diagnostic())?,
            };
            let outline = outline_operation(&config, &state, &session.registry, operation)?;
            (outline, false)
        }
    };
    if args.json {
        view.line(graph::json(&outline).to_string());
    } else if of_resources {
        view.text(graph::resources(&outline));
    } else {
        view.text(graph::operation(&outline, args.draw_cycles));
    }
    Ok(0)
}
