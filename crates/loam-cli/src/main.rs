//! The `loam` binary: reads the command line, calls the engine, prints, and chooses the
//! exit code. It has no logic of its own: what is decided is decided further down.

mod args;
mod backend;
mod command;
mod debug_log;
mod memory;
mod progress;
mod registry;
mod session;
mod stored_outputs;
mod view;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use args::Cli;

/// Evaluation walks expressions and values recursively, as deep as the language's limits
/// allow; with this much stack that fits whatever the system's default is.
const STACK: usize = 256 << 20;

fn main() -> ExitCode {
    memory::keep();
    let command = Cli::command();
    let variable = |name: &str| std::env::var(name).ok();
    let args = match args::normalise(std::env::args_os(), &command, &variable) {
        Ok(args) => args,
        Err(e) => {
            view::print_error(&format!("Error: {e}\n"));
            return ExitCode::from(1);
        }
    };
    let matches = match command.try_get_matches_from(args) {
        Ok(m) => m,
        Err(e) => {
            let text = args::one_dash(&e.render().to_string());
            if e.use_stderr() {
                view::print_error(&text);
                return ExitCode::from(1);
            }
            view::print(&text);
            return ExitCode::SUCCESS;
        }
    };
    let mut cli = match Cli::from_arg_matches(&matches) {
        Ok(c) => c,
        Err(e) => e.exit(),
    };
    let Some(mut command) = cli.command.take() else {
        return ExitCode::from(command::without(&cli));
    };
    command::order_variables(&mut command, &matches);
    if let Some(dir) = &cli.chdir
        && let Err(e) = std::env::set_current_dir(dir)
    {
        view::print_error(&format!("Error: -chdir={}: {e}\n", dir.display()));
        return ExitCode::from(1);
    }
    debug_log::begin(variable);
    let run = std::thread::Builder::new()
        .name("loam".into())
        .stack_size(STACK)
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build();
            match runtime {
                Ok(runtime) => {
                    let code = runtime.block_on(command::run(&cli, command));
                    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
                    code
                }
                Err(e) => {
                    view::print_error(&format!("Error: the program could not start: {e}\n"));
                    1
                }
            }
        });
    match run.map(std::thread::JoinHandle::join) {
        Ok(Ok(0)) if view::lost_output() => ExitCode::from(1),
        Ok(Ok(code)) => ExitCode::from(code),
        _ => ExitCode::from(101),
    }
}
