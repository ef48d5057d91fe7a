//! `loam init`: installs modules and checks that everything the configuration needs is
//! there.

use std::collections::BTreeSet;
use std::path::Path;

use loam_config::{DiskFiles, has_configuration};
use loam_diag::Diagnostics;
use loam_render::ui_json;

use super::{Outcome, modules, settle, usage};
use crate::args::InitArgs;
use crate::backend;
use crate::session::{Session, data_dir, in_automation};
use crate::view::View;

/// Runs the command.
pub async fn run(session: &Session, args: &InitArgs, view: &View) -> Outcome {
    view.event(ui_json::version(env!("CARGO_PKG_VERSION")));
    check(args)?;
    if let Some(source) = &args.from_module {
        if has_configuration(&DiskFiles, Path::new(".")).is_ok_and(|there| there) {
            return Err(usage(
                "Directory not empty",
                "-from-module begins a configuration, and there are configuration files here already. Run the command in an empty directory, or without -from-module. Nothing was changed.",
            ));
        }
        modules::copy_from(session, source, view).await?;
    }
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
    let configured = args.backend && backend::configure(session, args, view)?;
    if configured || args.backend && backend::state_file(session)?.is_some() {
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
    let state = match args.backend {
        true => backend::state_file(session)?,
        false => None,
    };
    let state = state.map_or_else(|| "state/".to_owned(), |p| p.display().to_string());
    let text = format!(
        "Run \"loam plan\" to see what would change. Installed modules and caches are in {}/,\nthe state in {state}. If you change a module's source or version, run \"loam init\" again;\nother commands will say so if you forget.",
        data_dir().display()
    );
    if !in_automation() {
        view.line(format!("\n{text}"));
    }
    view.event(ui_json::init_output(
        "output_init_success_cli_message",
        &text,
    ));
    Ok(0)
}

/// Refuses options that have no meaning, alone or together.
fn check(args: &InitArgs) -> Result<(), Diagnostics> {
    if args.json && (args.migrate_state || args.force_copy) {
        return Err(usage(
            "Incompatible options",
            "With -json nobody can be asked, so -migrate-state cannot be used beside it.",
        ));
    }
    match args.lockfile.as_deref() {
        None | Some("readonly" | "") => Ok(()),
        Some(other) => Err(usage(
            "Invalid option",
            format!("-lockfile={other}: the only mode is \"readonly\"."),
        )),
    }
}
