//! `loam apply`, `loam destroy`, `loam refresh`, `loam invoke`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loam_config::{Config, Manifest, MemoryFiles, Variable};
use loam_diag::{Diagnostic, Diagnostics};
use loam_engine::{Action, ApplyInputs, Mode, Plan, Stop, Summary, apply, decode_plan};
use loam_render::{human, ui_json};
use loam_state::{LockGuard, OpenOptions, RunOutcome, Store};
use loam_value::Value;

use super::plan::{Made, make, show};
use super::{Outcome, refuse_state_out, state::back_up_if_asked, usage};
use crate::args::{ApplyArgs, PlanningArgs};
use crate::progress::Progress;
use crate::session::{Session, given_again, timestamp};
use crate::view::{self, Format, View};

/// Which of the commands it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Apply,
    Destroy,
    Refresh,
    Invoke,
}

impl Kind {
    fn command(self) -> &'static str {
        match self {
            Kind::Apply => "loam apply",
            Kind::Destroy => "loam destroy",
            Kind::Refresh => "loam refresh",
            Kind::Invoke => "loam invoke",
        }
    }
}

/// Runs the command.
pub async fn run(session: &Session, args: &ApplyArgs, kind: Kind, view: &View) -> Outcome {
    view.event(ui_json::version(env!("CARGO_PKG_VERSION")));
    refuse_state_out(&args.out)?;
    refuse_questions(args, kind, view)?;
    let store = session.store(&args.planning.state, OpenOptions::write())?;
    let lock = lock(session, args, kind, &store, view)?;
    let (made, asked) = match &args.plan {
        Some(path) if kind == Kind::Apply => {
            let made = from_file(session, args, path, &store)?;
            without_effect(&args.planning, made.plan.mode, session, view);
            for event in ui_json::accepted(&made.plan) {
                view.event(event);
            }
            (made, true)
        }
        Some(path) => {
            let detail = format!(
                "{} takes no plan file ({}).",
                kind.command(),
                path.display()
            );
            return Err(usage("Unexpected argument", detail));
        }
        None => {
            let mode = match kind {
                Kind::Apply | Kind::Invoke => None,
                Kind::Destroy => Some(Mode::Destroy),
                Kind::Refresh => Some(Mode::RefreshOnly),
            };
            let made = make(session, &args.planning, mode, &store, None, view).await?;
            match kind {
                // It makes no plan that anybody could apply.
                Kind::Refresh => show(&made, ui_json::drift, session, view),
                _ => show(&made, ui_json::plan, session, view),
            }
            if args.auto_approve {
                refuse_repetition(&made.plan, &store, lock.as_ref(), session, kind).await?;
            }
            let asked = match kind {
                Kind::Refresh => true,
                Kind::Invoke => args.auto_approve || !needs_consent(&made.plan),
                Kind::Apply | Kind::Destroy => args.auto_approve,
            };
            (made, asked)
        }
    };
    let plan = &made.plan;
    let nothing = !plan.has_changes();
    if !nothing && !asked && !confirmed(session, args, plan, view)? {
        return Ok(1);
    }
    back_up_if_asked(session, &store, &args.backup)?;
    let stop = Stop::default();
    let signals = tokio::spawn(watch_signals(stop.clone(), view.clone()));
    let result = carry_out(
        session,
        args,
        kind,
        &made,
        &store,
        lock.as_ref(),
        &stop,
        view,
    )
    .await;
    signals.abort();
    let (summary, mut diagnostics) = result?;
    if !made.plan.targets.is_empty() && !nothing {
        diagnostics.push(Diagnostic::warning(
            "Applied changes may be incomplete",
            "The plan was made with -target or -exclude, so some changes that the configuration asks for may not have been made. \"loam plan\" without them shows what is left.",
        ));
    }
    view.diagnostics(&diagnostics, &session.sources);
    conclude(&summary, &diagnostics, kind, &store, view)
}

/// A program cannot be asked: nothing is begun that would have to be agreed to. What
/// `invoke` runs has not always to be.
fn refuse_questions(args: &ApplyArgs, kind: Kind, view: &View) -> Result<(), Diagnostics> {
    let asks = matches!(kind, Kind::Apply | Kind::Destroy) && args.plan.is_none();
    if view.format == Format::Events && asks && !args.auto_approve {
        let way = "With -json nobody can be asked: add -auto-approve, or apply a plan file.";
        return Err(usage("Not approved", way));
    }
    Ok(())
}

fn lock(
    session: &Session,
    args: &ApplyArgs,
    kind: Kind,
    store: &Store,
    view: &View,
) -> Result<Option<LockGuard>, Diagnostics> {
    if !args.planning.state.lock.taken {
        return Ok(None);
    }
    let operation = session.operation(kind.command());
    let guard = store
        .lock_with(
            &operation,
            args.planning.state.lock.timeout,
            &mut |holder| {
                view.line(format!("Waiting for the lock of {}...", holder.describe()));
            },
        )
        .map_err(|e| e.diagnostic())?;
    if let Some(warning) = guard.warning() {
        view.diagnostic(&warning, &session.sources);
    }
    Ok(Some(guard))
}

/// A plan from a file, with its configuration. Refused if the state has moved on.
fn from_file(
    session: &Session,
    args: &ApplyArgs,
    path: &PathBuf,
    store: &Store,
) -> Result<Made, Diagnostics> {
    let summary = "Plan file not usable";
    let bytes = std::fs::read(path).map_err(|e| {
        usage(
            "Plan file not readable",
            format!("{} cannot be read: {e}.", path.display()),
        )
    })?;
    let file = decode_plan(&bytes, &session.registry).map_err(|e| {
        usage(
            summary,
            format!("{}: {e} Nothing was changed.", path.display()),
        )
    })?;
    if file.workspace != session.workspace && args.planning.state.state.is_none() {
        let detail = format!(
            "The plan was made in the workspace {:?}, and {:?} is chosen. Nothing was changed.",
            file.workspace, session.workspace
        );
        return Err(usage(summary, detail));
    }
    store
        .check_current(&file.plan.base.identity())
        .map_err(|e| e.diagnostic())?;
    refuse_unsettled(&file.plan)?;
    let manifest = Manifest::parse(&file.manifest).unwrap_or_default();
    let files = MemoryFiles::new(file.sources);
    let inputs = given_again(&file.variables);
    let (config, diagnostics) = session.load_from(&files, &manifest, &inputs);
    let Some(config) = config else {
        return Err(diagnostics);
    };
    refuse_other_values(session, args, &config, &file.variables)?;
    let mut variables = file.variables;
    variables.extend(withheld(session, args, &config, &file.withheld)?);
    Ok(Made {
        plan: file.plan,
        config,
        variables,
        generated: None,
        warnings: Diagnostics::new(),
    })
}

/// A plan that refreshes, and finds nothing but outputs that are made from what is not there
/// yet or whose block is gone, has nothing to apply.
fn refuse_unsettled(plan: &Plan) -> Result<(), Diagnostics> {
    let open = plan.outputs.iter().filter(|(_, o)| !plan.settles(o));
    let open = open.filter(|(_, o)| o.action != Action::NoOp);
    let names: Vec<&str> = open.map(|(name, _)| &**name).collect();
    if plan.mode != Mode::RefreshOnly || plan.has_changes() || names.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "The objects are as the state has them, and only applying the configuration can change these outputs: {}. Nothing was changed. Make a plan without -refresh-only.",
        names.join(", ")
    );
    Err(usage("Cannot apply non-applyable plan", detail))
}

/// A plan is applied with the values that it was made with: giving the same again is
/// harmless, giving others would be ignored.
fn refuse_other_values(
    session: &Session,
    args: &ApplyArgs,
    config: &Config,
    planned: &BTreeMap<Arc<str>, Value>,
) -> Result<(), Diagnostics> {
    let given = &args.planning.variables;
    let Some(root) = config.root().filter(|_| !given.ordered.is_empty()) else {
        return Ok(());
    };
    let (inputs, mut problems) = session.command_line(given);
    let (values, more) = loam_config::variable_values(root, &inputs, &session.sources);
    problems.append(more);
    for name in inputs.keys() {
        let (Some(now), Some(then)) = (values.values.get(name), planned.get(name)) else {
            continue;
        };
        if now.unmarked_deep() != then.unmarked_deep() {
            problems.push(Diagnostic::error(
                "Can't change variable when applying a saved plan",
                format!("The plan was made with another value of var.{name} than the one given now, and holds everything that follows from it. Leave the option away, or make a new plan. Nothing was changed."),
            ));
        }
    }
    match problems.has_errors() {
        true => Err(problems),
        false => Ok(()),
    }
}

/// Says which options ask for another plan than the one that is applied.
fn without_effect(args: &PlanningArgs, mode: Mode, session: &Session, view: &View) {
    let options = [
        (args.destroy && mode != Mode::Destroy, "-destroy"),
        (
            args.refresh_only && mode != Mode::RefreshOnly,
            "-refresh-only",
        ),
        (!args.target.is_empty(), "-target"),
        (!args.exclude.is_empty(), "-exclude"),
        (!args.replace.is_empty(), "-replace"),
        (!args.invoke.is_empty(), "-invoke"),
    ];
    for (_, option) in options.into_iter().filter(|(given, _)| *given) {
        let detail = format!(
            "{option} says what to plan, and a saved plan is applied as it is. Give it to \"loam plan\"."
        );
        view.diagnostic(
            &Diagnostic::warning("Option without effect", detail),
            &session.sources,
        );
    }
}

/// Values that a plan file does not hold: given anew, where they were given for the plan, and
/// the defaults of ephemeral variables.
fn withheld(
    session: &Session,
    args: &ApplyArgs,
    config: &Config,
    names: &[String],
) -> Result<BTreeMap<Arc<str>, Value>, Diagnostics> {
    let mut missing = Diagnostics::new();
    let mut out = BTreeMap::new();
    let Some(root) = config.root() else {
        return Ok(out);
    };
    let withheld = |name: &str| names.iter().any(|n| n == name);
    let concerned = |v: &&Variable| v.ephemeral || withheld(&v.name);
    let variables: Vec<&Variable> = root.variables.values().filter(concerned).collect();
    let given = session.written_variables(config, &args.planning.variables);
    // Nothing is asked for where the defaults will do.
    let wanted = |v: &&Variable| withheld(&v.name) || given.contains_key(&v.name);
    let values = match variables.iter().any(wanted) {
        true => session.variables(config, &args.planning.variables).0,
        false => BTreeMap::new(),
    };
    for variable in variables {
        let name = &variable.name;
        // What was given for the plan is not what is there by default.
        let again = given.contains_key(name) || variable.default.is_none() || !withheld(name);
        let value = values.get(name).or(variable.default.as_ref());
        match value.filter(|_| again) {
            Some(v) => {
                out.insert(name.clone(), v.clone());
            }
            None => {
                let detail = format!(
                    "The plan was made with a value of var.{name} that is not in the plan file, because it is a secret or ephemeral. Give it again with -var, -var-file or LOAM_VAR_{name}. Nothing was changed."
                );
                let problem = Diagnostic::error("No value for required variable", detail);
                missing.push(problem.at(variable.span));
            }
        }
    }
    if missing.has_errors() {
        Err(missing)
    } else {
        Ok(out)
    }
}

/// Whether `invoke` asks: only what costs money or destroys data has to be agreed to, and
/// what may have been done already.
fn needs_consent(plan: &Plan) -> bool {
    let said = |i: &loam_engine::Invocation| i.schema.confirm.is_some();
    plan.invocations.iter().any(said) || !plan.repeated().is_empty()
}

/// Nobody has agreed to repeat what an earlier run may have done: it is said once, and
/// done by the next run.
async fn refuse_repetition(
    plan: &Plan,
    store: &Store,
    lock: Option<&LockGuard>,
    session: &Session,
    kind: Kind,
) -> Result<(), Diagnostics> {
    let repeated = plan.repeated();
    if repeated.is_empty() {
        return Ok(());
    }
    let operation = session.operation(kind.command());
    let run = store
        .begin_run(&operation, lock)
        .map_err(|e| e.diagnostic())?;
    let mut problems = Diagnostics::new();
    for open in repeated {
        let error = "its end is not recorded".to_owned();
        run.finish_invocation(open.id, Some(error))
            .await
            .map_err(|e| e.diagnostic())?;
        let detail = format!(
            "Action {} was started at {} and its end is not recorded, so running it now may do it twice. Nothing was changed. Find out whether it had its effect; the next run of this command runs it.",
            open.action,
            open.started_at()
        );
        problems.push(
            Diagnostic::error("Action may have run already", detail)
                .for_address(open.action.clone()),
        );
    }
    let message = Some("an action may have run already".to_owned());
    run.end(RunOutcome::Stopped, message)
        .await
        .map_err(|e| e.diagnostic())?;
    Err(problems)
}

fn confirmed(
    session: &Session,
    args: &ApplyArgs,
    plan: &Plan,
    view: &View,
) -> Result<bool, Diagnostics> {
    let flag = match (view.format, session.may_ask(&args.planning.variables)) {
        (Format::Events, _) => Some("-json"),
        (_, false) if args.planning.variables.input => Some("TF_INPUT=0"),
        (_, false) => Some("-input=false"),
        _ => None,
    };
    if let Some(flag) = flag {
        let way = match plan.mode {
            Mode::Invoke => "add -auto-approve",
            _ => "add -auto-approve, or apply a plan file",
        };
        let mut detail = format!("With {flag} nobody can be asked: {way}.");
        for i in &plan.invocations {
            if let Some(what) = &i.schema.confirm {
                detail.push_str(&format!("\n{}: this {what}.", i.addr));
            }
        }
        return Err(usage("Not approved", detail));
    }
    let question = human::question(plan, view.style);
    let yes = view::ask(&question).is_some_and(|a| a.trim() == "yes");
    view.line("");
    if !yes {
        view.line(match plan.mode {
            Mode::Destroy => "Destroy cancelled.",
            Mode::Invoke => "Cancelled: no action was run.",
            _ => "Apply cancelled.",
        });
    }
    Ok(yes)
}

/// The first Ctrl-C asks to stop, the second ends the process at once; the journal
/// covers what was in flight.
async fn watch_signals(stop: Stop, view: View) {
    while tokio::signal::ctrl_c().await.is_ok() {
        if stop.is_wished() {
            view::print_error(
                "\nStopped at once. What was in flight is in the journal; the next run finds out about it.\n",
            );
            std::process::exit(130);
        }
        stop.stop();
        if view.format == Format::Text {
            view::print_error(
                "\nStopping: what has begun is finished, nothing more is begun. Press Ctrl-C again to stop at once.\n",
            );
        }
    }
}

#[allow(clippy::too_many_arguments)]
async fn carry_out(
    session: &Session,
    args: &ApplyArgs,
    kind: Kind,
    made: &Made,
    store: &Store,
    lock: Option<&LockGuard>,
    stop: &Stop,
    view: &View,
) -> Result<(Summary, Diagnostics), Diagnostics> {
    let plan = &made.plan;
    let quiet = !plan.has_changes()
        && plan.base.instances == plan.prior.instances
        && plan.recovered.is_empty()
        && (plan.mode == Mode::Invoke
            || loam_engine::check_results_text(&loam_engine::outlasting_checks(plan))
                == plan.base.checks)
        && plan.open_invocations.is_empty();
    if quiet {
        return Ok(Default::default());
    }
    let operation = session.operation(kind.command());
    let run = store
        .begin_run(&operation, lock)
        .map_err(|e| e.diagnostic())?;
    let surroundings = session.surroundings(&timestamp_of(plan), true);
    let progress = Progress::new(view, &session.sources);
    let inputs = ApplyInputs {
        plan,
        config: &made.config,
        root_dir: Path::new("."),
        registry: &session.registry,
        variables: &made.variables,
        surroundings: &surroundings,
        run: &run,
        observer: &progress,
        stop,
        parallelism: usize::from(args.planning.parallelism),
    };
    let (summary, mut diagnostics) = apply(&inputs).await;
    drop(progress);
    let outcome = match (summary.interrupted, diagnostics.has_errors()) {
        (true, _) => RunOutcome::Stopped,
        (_, true) => RunOutcome::Failed,
        _ => RunOutcome::Succeeded,
    };
    let message = diagnostics
        .iter()
        .find(|d| d.is_error())
        .map(|d| d.summary.clone());
    if let Err(e) = run.end(outcome, message).await {
        diagnostics.push(e.diagnostic());
    }
    Ok((summary, diagnostics))
}

fn timestamp_of(plan: &Plan) -> String {
    if plan.timestamp.is_empty() {
        timestamp()
    } else {
        plan.timestamp.clone()
    }
}

fn conclude(
    summary: &Summary,
    diagnostics: &Diagnostics,
    kind: Kind,
    store: &Store,
    view: &View,
) -> Outcome {
    let failed = diagnostics.has_errors();
    // `apply -destroy` is an apply, also in what it says at the end.
    let destroy = kind == Kind::Destroy;
    // What is said to be complete is so, and `refresh` applies nothing.
    if !failed && kind != Kind::Refresh {
        let operation = if destroy { "destroy" } else { "apply" };
        view.event(ui_json::summary(&summary.done, operation));
    }
    for event in ui_json::requests(summary) {
        view.event(event);
    }
    if kind == Kind::Invoke {
        view.text(human::invoked(summary, failed, view.style));
        return Ok(u8::from(failed));
    }
    // `refresh` applies nothing.
    view.text(match kind == Kind::Refresh && !failed {
        true => human::refreshed(summary),
        false => human::summary(summary, failed, destroy, view.style),
    });
    // Who destroys does not ask for them.
    if failed || destroy {
        return Ok(u8::from(failed));
    }
    let state = store.snapshot().map_err(|e| e.diagnostic())?;
    let outputs = || state.outputs.iter().map(|(n, o)| (&**n, o));
    view.event(ui_json::outputs(outputs()));
    if !state.outputs.is_empty() {
        view.text(format!(
            "\n{}\n\n",
            view.style.bold(&view.style.green("Outputs:"))
        ));
        view.text(human::outputs(outputs()));
    }
    Ok(0)
}
