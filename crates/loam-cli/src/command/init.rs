//! `loam init`: installs modules and checks that everything the configuration needs is
//! there.

use std::collections::BTreeSet;
use std::path::Path;

use loam_config::{DiskFiles, has_configuration};
use loam_render::ui_json;

use super::{Outcome, modules, settle};
use crate::args::InitArgs;
use crate::session::{CACHE_DIR, Session};
use crate::view::View;

/// Runs the command.
pub async fn run(session: &Session, args: &InitArgs, view: &View) -> Outcome {
    view.event(ui_json::version(env!("CARGO_PKG_VERSION")));
    if has_configuration(&DiskFiles, Path::new(".")).is_ok_and(|there| !there) {
        let text = "Loam was initialized in an empty directory!";
        view.line(view.style.green(text));
        view.event(ui_json::init_output("output_init_empty_message", text));
        view.line(
            "\nThere are no configuration files (*.hcl, *.tf, *.tf.json) yet. Write some and run \
             \"loam init\" again.",
        );
        return Ok(0);
    }
    if args.backend && crate::backend::state_file(session)?.is_some() {
        let heading = "Initializing the backend...";
        view.line(view.style.bold(heading));
        view.event(ui_json::init_output(
            "initializing_backend_message",
            heading,
        ));
    }
    if args.get {
        let heading = match args.upgrade {
            true => ("Upgrading modules...", "upgrading_modules_message"),
            false => ("Initializing modules...", "initializing_modules_message"),
        };
        modules::install_all(session, &args.variables, args.upgrade, Some(heading), view).await?;
    }
    let (config, diagnostics) = session.load_given(&args.variables);
    settle(diagnostics, session, view)?;
    let heading = "Initializing provider plugins...";
    view.line(view.style.bold(heading));
    let code = "initializing_provider_plugin_message";
    view.event(ui_json::init_output(code, heading));
    let used: BTreeSet<&str> = config
        .iter()
        .flat_map(|c| c.modules.values())
        .flat_map(|m| {
            m.resources
                .values()
                .map(|r| &*r.provider.kind)
                .chain(m.providers.values().map(|p| &*p.kind))
        })
        .collect();
    for provider in used
        .into_iter()
        .filter_map(|name| session.registry.get(name))
    {
        let (name, version, source) = (provider.name(), provider.version(), provider.source());
        let line = format!("- {name} {version} ({source}) is at hand");
        view.line(&line);
        view.event(ui_json::log(&line));
    }
    view.line("");
    let text = "Loam has been successfully initialized!";
    view.line(view.style.green(text));
    view.event(ui_json::init_output("output_init_success_message", text));
    let text = format!(
        "Run \"loam plan\" to see what would change. Installed modules and caches are in \
         {CACHE_DIR}/,\nthe state in state/. If you change a module's source or version, run \
         \"loam init\" again;\nother commands will say so if you forget."
    );
    view.line(format!("\n{text}"));
    view.event(ui_json::init_output(
        "output_init_success_cli_message",
        &text,
    ));
    Ok(0)
}
