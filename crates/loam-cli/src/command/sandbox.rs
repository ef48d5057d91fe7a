//! `loam sandbox serve`: the emulated clouds as a server of their own.

use loam_sandbox::{RateLimits, SandboxConfig, start};

use super::Code;
use crate::args::SandboxCommand;
use crate::session::with_causes;
use crate::view::{View, print_error};

/// Runs the command until it is stopped.
pub async fn run(command: &SandboxCommand, view: &View) -> Code {
    let SandboxCommand::Serve {
        listen,
        db,
        speed,
        rate_limits,
        allow_non_loopback,
    } = command;
    let config = SandboxConfig {
        listen: *listen,
        database: db.clone(),
        speed: *speed,
        rate_limits: if rate_limits == "off" {
            RateLimits::Off
        } else {
            RateLimits::On
        },
        allow_non_loopback: *allow_non_loopback,
        ..SandboxConfig::default()
    };
    let sandbox = match start(config).await {
        Ok(s) => s,
        Err(e) => {
            print_error(&format!(
                "Error: the sandbox could not be started: {}\n",
                with_causes(&e)
            ));
            return 1;
        }
    };
    for (name, value) in sandbox.environment() {
        view.line(format!("export {name}={value}"));
    }
    print_error(&format!(
        "Serving the emulated clouds at {}. Press Ctrl-C to stop.\n",
        sandbox.url()
    ));
    let _ = tokio::signal::ctrl_c().await;
    sandbox.stop().await;
    0
}
