//! `loam state replace-provider`.

use loam_diag::{Diagnostic, Diagnostics};
use loam_state::{ChangeKind, replace_provider};

use super::{Outcome, edit, snapshot};
use crate::args::ReplaceProviderArgs;
use crate::session::Session;
use crate::view::{self, View};

/// Puts objects under another provider.
pub fn replace(session: &Session, args: &ReplaceProviderArgs, view: &View) -> Outcome {
    let (from, to) = sources(&args.from, &args.to)?;
    let (_, concerned) = replace_provider(&snapshot(session, &args.state)?, &from, &to);
    if concerned.is_empty() {
        view.line("No matching resources found.");
        return Ok(0);
    }
    let (minus, plus) = (view.style.red("-"), view.style.green("+"));
    view.line(format!(
        "Loam will perform the following actions:\n\n  {} Updating provider:\n    {minus} {from}\n    {plus} {to}\n\nChanging {} resources:\n",
        view.style.yellow("~"),
        concerned.len()
    ));
    for resource in &concerned {
        view.line(format!("  {resource}"));
    }
    view.line("");
    if args.dry_run {
        view.line(format!(
            "Would replace provider for {} resources.",
            concerned.len()
        ));
        return Ok(0);
    }
    if !args.auto_approve {
        let question = "Do you want to make these changes?\nOnly 'yes' will be accepted to continue.\n\nEnter a value: ";
        match view::ask(question) {
            Some(answer) if answer.trim() == "yes" => {}
            Some(_) => {
                view.line("Cancelled replacing providers.");
                return Ok(0);
            }
            None => {
                let detail = "Nobody can be asked: add -auto-approve. Nothing was changed.";
                return Err(Diagnostic::error("Not approved", detail).into());
            }
        }
        view.line("");
    }
    edit(
        session,
        (&args.state, &args.backup),
        ("loam state replace-provider", ChangeKind::Edit),
        |state| {
            let (new, concerned) = replace_provider(state, &from, &to);
            Ok((new, concerned.len()))
        },
        view,
        |n| view.line(format!("Successfully replaced provider for {n} resources.")),
    )
}

fn sources(from: &str, to: &str) -> Result<(String, String), Diagnostics> {
    let mut problems = Diagnostics::new();
    let mut source = |text: &str, which: &str| {
        loam_config::provider_source(text).unwrap_or_else(|why| {
            problems.push(Diagnostic::error(
                format!("Invalid {which:?} provider {text:?}"),
                why,
            ));
            String::new()
        })
    };
    let (from, to) = (source(from, "from"), source(to, "to"));
    if problems.has_errors() {
        Err(problems)
    } else {
        Ok((from, to))
    }
}
