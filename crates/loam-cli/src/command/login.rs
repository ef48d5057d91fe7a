//! `loam login` and `loam logout`: tokens for private module registries.

use std::io::{BufRead, IsTerminal};

use loam_diag::{Diagnostic, Diagnostics};
use loam_modules::{Credentials, is_host, log_in, log_out};

use super::{Outcome, usage};
use crate::session::Session;
use crate::view::View;

/// Takes a token from the terminal, where it is not shown, or from standard input, and keeps
/// it. Nobody is asked whether it is a good one: the registry tells when a module is fetched.
pub fn login(session: &Session, host: &str, view: &View) -> Outcome {
    check(host)?;
    let token = if std::io::stdin().is_terminal() {
        view.line(format!(
            "Loam keeps a token for {host} in its file of credentials. The registry makes tokens, mostly in the settings of your account."
        ));
        rpassword::prompt_password(format!("Token for {host}: ")).ok()
    } else {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        read.ok().map(|_| line)
    };
    let token = token.unwrap_or_default();
    let token = token.trim();
    if token.is_empty() {
        let detail = format!(
            "No token was given, and nothing was changed. A script gives it by standard input: loam login {host} < FILE"
        );
        return Err(usage("No token", detail));
    }
    let path = log_in(&session.environment, host, token).map_err(|e| not_kept(host, &e))?;
    view.line(format!(
        "{} The token for {host} is in {}.",
        view.style.bold(&view.style.green("Success!")),
        path.display()
    ));
    Ok(0)
}

/// Forgets a token. One that is given elsewhere goes on to count, which is told.
pub fn logout(session: &Session, host: &str, view: &View) -> Outcome {
    check(host)?;
    let (path, there) = log_out(&session.environment, host).map_err(|e| not_kept(host, &e))?;
    view.line(match there {
        true => format!("The token for {host} was removed from {}.", path.display()),
        false => format!("No token for {host} is kept in {}.", path.display()),
    });
    let (rest, _) = Credentials::load(&session.environment, &session.sources);
    if rest.knows(host) {
        let detail = format!(
            "There is still a token for {host}: in a variable of the environment, in ~/.loamrc or ~/.terraformrc, or from \"terraform login\"."
        );
        let warning = Diagnostic::warning("Another token counts", detail);
        view.diagnostic(&warning, &session.sources);
    }
    Ok(0)
}

fn check(host: &str) -> Result<(), Diagnostics> {
    match is_host(host) {
        true => Ok(()),
        false => Err(usage(
            "Invalid host",
            format!(
                "{host:?} is not a host such as registry.example.com, without https:// and without a path."
            ),
        )),
    }
}

fn not_kept(host: &str, e: &std::io::Error) -> Diagnostics {
    usage(
        "Credentials not changed",
        format!("The token for {host} cannot be kept: {e}."),
    )
}
