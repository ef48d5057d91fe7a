//! The commands: each parses nothing, calls the engine and prints what came of it.

mod apply;
mod completion;
mod console;
mod fmt;
mod foreign;
mod generate;
mod graph;
mod import;
mod init;
mod inspect;
mod login;
mod modules;
mod plan;
mod providers;
mod sandbox;
mod show;
mod state;
mod validate;
mod workspace;

use loam_diag::{Diagnostic, Diagnostics};

use crate::args::{Cli, Command, PlanningArgs, ProvidersCommand, StateOutArgs, VariableArgs};
use crate::session::Session;
use crate::view::{self, Format, View};

/// A command's exit code: 0 done, 1 failed, 2 changes (`-detailed-exitcode`).
pub type Code = u8;

/// The program was called without a command, as Terraform says it.
const NO_COMMAND: Code = 127;

/// What a command came to: its code, or what stopped it.
pub type Outcome = Result<Code, Diagnostics>;

/// Notes the order of variable options, which clap keeps apart by kind.
pub fn order_variables(command: &mut Command, matches: &clap::ArgMatches) {
    let Some((_, matches)) = matches.subcommand() else {
        return;
    };
    if let Some(v) = variables(command) {
        v.order(matches);
    }
}

/// The options of a command that give variables their values.
fn variables(command: &mut Command) -> Option<&mut VariableArgs> {
    match command {
        Command::Init(a) => Some(&mut a.variables),
        Command::Get(a) => Some(&mut a.variables),
        Command::Validate(a) => Some(&mut a.variables),
        Command::Plan(a) => Some(&mut a.planning.variables),
        Command::Apply(a) | Command::Destroy(a) | Command::Refresh(a) => {
            Some(&mut a.planning.variables)
        }
        Command::Invoke(a) => Some(&mut a.variables),
        Command::Console(a) => Some(&mut a.variables),
        Command::Import(a) => Some(&mut a.variables),
        Command::Graph(a) => Some(&mut a.variables),
        Command::Modules(a) => Some(&mut a.variables),
        _ => None,
    }
}

/// Does what there is to do without a command: says how a shell completes, or what there is.
pub fn without(cli: &Cli) -> Code {
    if cli.install_autocomplete || cli.uninstall_autocomplete {
        view::print(completion::POINTER);
        return 0;
    }
    let help = <Cli as clap::CommandFactory>::command().render_help();
    view::print(&crate::args::one_dash(&help.to_string()));
    NO_COMMAND
}

/// Runs the command.
pub async fn run(cli: &Cli, mut command: Command) -> Code {
    let json = wants_events(&command);
    let view = View::new(
        if json { Format::Events } else { Format::Text },
        cli.no_color,
    );
    let view = match planning(&command) {
        Some(planning) if planning.compact_warnings => view.hold_warnings(),
        _ => view,
    };
    let view = match json_into(&command) {
        None => view,
        Some(path) => match view.clone().into_file(path) {
            Ok(view) => view,
            Err(d) => {
                view.diagnostic(&d, &Default::default());
                return 1;
            }
        },
    };
    // These need nothing of the working directory and must work in a broken one.
    match &command {
        Command::Version(a) => return inspect::version(a, &view),
        Command::Fmt(a) => return fmt::run(a, &view),
        Command::Completion { shell } => return completion::script(*shell),
        Command::Test(_) => return foreign::test(&view),
        Command::Providers {
            command: Some(ProvidersCommand::Lock(_) | ProvidersCommand::Mirror(_)),
        } => return foreign::providers(&view),
        Command::Sandbox { command } => return sandbox::run(command, &view).await,
        _ => {}
    }
    let given = variables(&mut command).cloned().unwrap_or_default();
    let session = match Session::new(cli.sandbox, given).await {
        Ok(s) => s,
        Err(d) => {
            view.diagnostics(&d, &Default::default());
            return 1;
        }
    };
    let outcome = match &command {
        Command::Init(a) => init::run(&session, a, &view).await,
        Command::Get(a) => modules::get(&session, a, &view).await,
        Command::Validate(a) => validate::run(&session, a, &view).await,
        Command::Plan(a) => plan::run(&session, a, &view).await,
        Command::Apply(a) => apply::run(&session, a, apply::Kind::Apply, &view).await,
        Command::Invoke(a) => apply::run(&session, &a.as_apply(), apply::Kind::Invoke, &view).await,
        Command::Destroy(a) => apply::run(&session, a, apply::Kind::Destroy, &view).await,
        Command::Refresh(a) => apply::run(&session, a, apply::Kind::Refresh, &view).await,
        Command::Show(a) => show::run(&session, a, &view),
        Command::Output(a) => show::output(&session, a, &view),
        Command::Import(a) => import::run(&session, a, &view).await,
        Command::Graph(a) => graph::run(&session, a, &view),
        Command::State { command } => state::run(&session, command, &view),
        Command::Console(a) => console::run(&session, a, &view).await,
        Command::Login(a) => login::login(&session, &a.host, &view),
        Command::Logout(a) => login::logout(&session, &a.host, &view),
        Command::Modules(a) => modules::list(&session, a, &view),
        Command::Taint(a) => state::taint(&session, a, true, &view),
        Command::Untaint(a) => state::taint(&session, a, false, &view),
        Command::Workspace { command } => workspace::run(&session, command, &view),
        Command::ForceUnlock(a) => workspace::force_unlock(&session, a, &view),
        Command::Metadata { .. } => inspect::functions(&session, &view),
        Command::Providers {
            command: Some(ProvidersCommand::Schema { .. }),
        } => inspect::schemas(&session, &view),
        Command::Providers { .. } => providers::run(&session, &view),
        Command::Version(_)
        | Command::Fmt(_)
        | Command::Sandbox { .. }
        | Command::Completion { .. }
        | Command::Test(_) => Ok(0),
    };
    let code = match outcome {
        Ok(code) => code,
        Err(d) => {
            view.diagnostics(&d, &session.sources);
            1
        }
    };
    view.release(code == 1);
    if let Some(sandbox) = session.sandbox {
        sandbox.stop().await;
    }
    code
}

/// The options of a command that plans.
fn planning(command: &Command) -> Option<&PlanningArgs> {
    match command {
        Command::Plan(a) => Some(&a.planning),
        Command::Apply(a) | Command::Destroy(a) | Command::Refresh(a) => Some(&a.planning),
        _ => None,
    }
}

fn wants_events(command: &Command) -> bool {
    match command {
        Command::Invoke(a) => a.json,
        Command::Init(a) => a.json,
        other => planning(other).is_some_and(|p| p.json),
    }
}

/// The file that gets the events beside what is printed for people.
fn json_into(command: &Command) -> Option<&std::path::Path> {
    planning(command)?.json_into.as_deref()
}

/// Ends with the errors, or shows the warnings and goes on.
pub fn settle(diagnostics: Diagnostics, session: &Session, view: &View) -> Result<(), Diagnostics> {
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    view.diagnostics(&diagnostics, &session.sources);
    Ok(())
}

/// Refuses to write the state elsewhere than where it is read.
pub fn refuse_state_out(args: &StateOutArgs) -> Result<(), Diagnostics> {
    match &args.state_out {
        None => Ok(()),
        Some(path) => Err(usage(
            "Unsupported option",
            format!(
                "-state-out={}: the state is written where it is read, row by row. To work on a copy, make a workspace (\"loam workspace new -state=FILE NAME\"); to work on another file, use -state. Nothing was changed.",
                path.display()
            ),
        )),
    }
}

/// An error about the command line.
pub fn usage(summary: &str, detail: impl Into<String>) -> Diagnostics {
    Diagnostic::error(summary, detail).into()
}
