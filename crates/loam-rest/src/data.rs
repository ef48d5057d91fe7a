//! Data sources and actions: steps without an object of their own.

use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::ApplyObserver;
use loam_value::Value;

use crate::client::Client;
use crate::description::{Action, DataSource};
use crate::object::Object;
use crate::run::{HaltKind, Run};
use crate::select;
use crate::wait::Pollers;

/// Reads a data source.
pub(crate) async fn read(
    client: &Client,
    pollers: &Pollers,
    source: &DataSource,
    config: &Value,
) -> Result<Value, Diagnostics> {
    let mut object = Object::of(&source.fields, config);
    for (name, field) in &source.fields {
        if let (Some(default), false) = (&field.default, object.has(name)) {
            object.set(name, default.clone());
        }
    }
    object.derive();
    let mut run = Run::new(client, pollers, &source.fields, &object.settled());
    run = run.with_config(&source.fields, config);
    run.reading = true;
    run.run(&source.read, 0)
        .await
        .map_err(|halt| halt.kind.diagnostics())?;
    if let Some(name) = &source.choose {
        let chosen = select::choose(&run.object.get(name), &config.unmarked_deep());
        run.object.set(name, chosen);
    }
    Ok(run.object.settled())
}

/// Runs an action. Its message is shown: what it tells was asked for.
pub(crate) async fn invoke(
    client: &Client,
    pollers: &Pollers,
    action: &Action,
    config: &Value,
    observer: &dyn ApplyObserver,
) -> Diagnostics {
    let mut object = Object::of(&action.fields, config);
    for (name, field) in &action.fields {
        if let (Some(default), false) = (&field.default, object.has(name)) {
            object.set(name, default.clone());
        }
    }
    let mut run = Run::new(client, pollers, &action.fields, &object.seen(config));
    run = run.with_config(&action.fields, config);
    run.observer = Some(observer);
    if let Err(halt) = run.run(&action.steps, 0).await {
        return match &halt.kind {
            HaltKind::Interrupted if !run.touched => {
                Diagnostic::error("Stopped", "The action was not begun.").into()
            }
            HaltKind::Interrupted => Diagnostic::warning(
                "Action not waited for",
                "The wait for it was cut off. What was asked for goes on at the provider.",
            )
            .into(),
            kind => kind.diagnostics(),
        };
    }
    let names = match &run.last {
        Some(answer) => answer.names(run.names()),
        None => run.names(),
    };
    if let Some(message) = &action.message
        && let Ok(Some(text)) = message.text(&names)
    {
        observer.result(&text);
    }
    run.warnings
}
