//! `loam init`: checks that everything the configuration needs is there.

use super::{Outcome, settle};
use crate::args::InitArgs;
use crate::session::{CACHE_DIR, Session};
use crate::view::View;

/// Runs the command.
pub fn run(session: &Session, args: &InitArgs, view: &View) -> Outcome {
    let _ = args;
    let (config, diagnostics) = session.load();
    settle(diagnostics, session, view)?;
    let used: std::collections::BTreeSet<&str> = config
        .iter()
        .flat_map(|c| c.modules.values())
        .flat_map(|m| {
            m.resources
                .values()
                .map(|r| &*r.provider.kind)
                .chain(m.providers.values().map(|p| &*p.kind))
        })
        .collect();
    for name in used {
        if let Some(p) = session.registry.get(name) {
            view.line(format!("- {name} {} ({})", p.version(), p.source()));
        }
    }
    let green = view.style.green("Loam is ready.");
    view.line(format!("\n{green} Providers are part of the program; nothing was downloaded. Caches go to {CACHE_DIR}/, the state to state/.\nRun \"loam plan\" to see what would change."));
    Ok(0)
}
