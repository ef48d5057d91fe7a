//! `loam plan`, and making plans for `loam apply`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loam_address::{ActionInstanceAddr, InstanceAddr, Target};
use loam_config::Config;
use loam_diag::{Diagnostic, Diagnostics};
use loam_engine::{Action, Inputs, Mode, Options, Plan, PlanFile, encode_plan, plan};
use loam_provider::ReadDepth;
use loam_render::{human, ui_json};
use loam_state::{OpenOptions, Store};
use loam_value::Value;
use serde_json::{Map, Value as Json};

use super::{Code, Outcome, generate, usage};
use crate::args::{PlanArgs, PlanningArgs};
use crate::progress::Progress;
use crate::session::{Session, in_automation, timestamp};
use crate::view::View;

/// A plan with what it was made from.
pub struct Made {
    pub plan: Plan,
    pub config: Config,
    pub variables: BTreeMap<Arc<str>, Value>,
    /// Where configuration for imported objects was written.
    pub generated: Option<PathBuf>,
    /// What there is to say about the plan, after it has been shown.
    pub warnings: Diagnostics,
}

/// Runs the command.
pub async fn run(session: &Session, args: &PlanArgs, view: &View) -> Outcome {
    view.event(ui_json::version(env!("CARGO_PKG_VERSION")));
    let generate = args.generate_config_out.as_deref();
    if let Some(path) = generate {
        if args.planning.destroy || args.planning.refresh_only {
            return Err(usage(
                "Invalid generate-config-out flag",
                "Config can only be generated during a normal plan operation, and not during a refresh-only or destroy plan.",
            ));
        }
        generate::check_target(path)?;
    }
    let store = session.store(&args.planning.state, OpenOptions::read())?;
    let made = make(session, &args.planning, None, &store, generate, view).await?;
    show(&made, ui_json::plan, session, view);
    if let Some(generated) = &made.generated {
        view.line(generate::note(generated));
    }
    let Some(path) = &args.out else {
        if made.plan.has_changes() && !in_automation() {
            view.line(format!("\n{}", human::note_without_out(view.style)));
        }
        return Ok(code(&made.plan, args.detailed_exitcode));
    };
    let file = PlanFile {
        sources: made
            .config
            .sources
            .iter()
            .map(|(n, t)| (n.clone(), t.to_string()))
            .collect(),
        manifest: made.config.installed.to_json(),
        workspace: session.workspace.clone(),
        variables: stored_variables(&made),
        withheld: withheld(&made, session, args),
        plan: made.plan,
    };
    loam_state::write_private(path, &encode_plan(&file)).map_err(|e| {
        let detail = format!("{} cannot be written: {e}.", path.display());
        Diagnostic::error("Plan file not written", detail)
    })?;
    view.line(format!(
        "\n{}",
        human::note_saved(
            path,
            file.plan.has_changes() && !in_automation(),
            view.style
        )
    ));
    Ok(code(&file.plan, args.detailed_exitcode))
}

fn code(plan: &Plan, detailed: bool) -> Code {
    if detailed && plan.has_changes() { 2 } else { 0 }
}

/// The names of variables that have to be given again when a plan file is applied: of those
/// that are not in it those that do not have their default.
fn withheld(made: &Made, session: &Session, args: &PlanArgs) -> Vec<String> {
    let given = session.written_variables(&made.config, &args.planning.variables);
    let variables = made.config.root().map(|r| &r.variables);
    let is_default = |name: &str| {
        let variable = variables.and_then(|v| v.get(name));
        !given.contains_key(name) && variable.is_some_and(|v| v.default.is_some())
    };
    let mut names = unstored(made);
    names.retain(|name| !is_default(name));
    names
}

/// The names of variables whose values do not go into a plan file: ephemeral ones, and
/// those that a provider configuration takes for a credential.
fn unstored(made: &Made) -> Vec<String> {
    let Some(root) = made.config.root() else {
        return Vec::new();
    };
    let mut names: Vec<String> = root
        .variables
        .values()
        .filter(|v| v.ephemeral)
        .map(|v| v.name.to_string())
        .collect();
    for provider in root.providers.values() {
        for (name, expr) in &provider.body.attributes {
            if !provider
                .body
                .schema
                .attributes
                .get(name)
                .is_some_and(|a| a.sensitive)
            {
                continue;
            }
            for r in expr.references() {
                if let loam_eval::ReferenceTarget::Variable(v) = &r.target
                    && root.variables.get(v).is_some_and(|v| v.default.is_none())
                {
                    names.push(v.to_string());
                }
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

fn stored_variables(made: &Made) -> BTreeMap<Arc<str>, Value> {
    let unstored = unstored(made);
    made.variables
        .iter()
        .filter(|(n, _)| !unstored.iter().any(|w| **w == ***n))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect()
}

/// Prints a plan, with the events that are made of it if somebody wants them, and what
/// there is to say about it.
pub fn show<'m, E: IntoIterator<Item = Map<String, Json>>>(
    made: &'m Made,
    events: impl FnOnce(&'m Plan) -> E,
    session: &Session,
    view: &View,
) {
    if view.wants_events() {
        events(&made.plan).into_iter().for_each(|e| view.event(e));
    }
    if view.wants_text() {
        view.text(human::plan(&made.plan, view.style));
    }
    view.diagnostics(&made.warnings, &session.sources);
}

/// Loads, refreshes and plans. Configuration that imported objects lack is written to
/// `generate`, if that is given.
pub async fn make(
    session: &Session,
    args: &PlanningArgs,
    mode: Option<Mode>,
    store: &Store,
    generate: Option<&Path>,
    view: &View,
) -> Result<Made, Diagnostics> {
    let mut options = options(args, mode)?;
    // Everything can be destroyed also where the configuration is gone, and read anew by
    // `refresh`.
    let (config, mut diagnostics) = match (options.mode, mode) {
        (Mode::Destroy, _) | (_, Some(Mode::RefreshOnly)) => session.load_or_empty(&args.variables),
        _ => session.load_given(&args.variables),
    };
    let Some(config) = config else {
        return Err(diagnostics);
    };
    let (variables, problems) = session.variables(&config, &args.variables);
    diagnostics.append(problems);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let mut warnings = diagnostics;
    let generation = match generate {
        None => None,
        Some(path) => {
            let of = (&config, &variables);
            generate::generate(session, of, store, (path, options.parallelism), view).await?
        }
    };
    let (config, blocks, generated) = match generation {
        None => (config, BTreeMap::new(), None),
        Some(g) => {
            options.found = g.found;
            (g.config, g.blocks, Some(g.path))
        }
    };
    let state = store.snapshot().map_err(|e| e.diagnostic())?;
    let open_intents = store.open_intents().map_err(|e| e.diagnostic())?;
    let open_invocations = store.open_invocations().map_err(|e| e.diagnostic())?;
    let surroundings = session.surroundings(&timestamp(), false);
    let progress = Progress::new(view, &session.sources);
    let inputs = Inputs {
        config: &config,
        root_dir: Path::new("."),
        registry: &session.registry,
        state: Arc::new(state),
        open_intents,
        open_invocations,
        variables: &variables,
        surroundings: &surroundings,
        observer: &progress,
    };
    let (plan, found) = plan(inputs, &options).await;
    drop(progress);
    warnings.append(found);
    let mut diagnostics = warnings;
    diagnostics.extend(generate::warning(&blocks));
    diagnostics.extend(partial(&options));
    if let Some(plan) = &plan {
        diagnostics.extend(without_key(plan, &options));
        diagnostics.extend(forgotten(plan));
    }
    match plan {
        Some(mut plan) if !diagnostics.has_errors() => {
            for change in &mut plan.changes {
                if let Some(block) = blocks.get(&change.id.addr) {
                    change.generated_config = Some(block.text.clone());
                }
            }
            let written = session.written_variables(&config, &args.variables);
            plan.variables.extend(written);
            Ok(Made {
                plan,
                config,
                variables,
                generated,
                warnings: diagnostics,
            })
        }
        Some(plan) => {
            view.text(human::partial(&plan, view.style));
            Err(diagnostics)
        }
        None => Err(diagnostics),
    }
}

/// Says that a plan is not the whole of what the configuration asks for.
fn partial(options: &Options) -> Option<Diagnostic> {
    let (option, what) = match (options.targets.is_empty(), options.excludes.is_empty()) {
        (false, _) => (
            "-target",
            "shows only changes of what is targeted and of what that needs",
        ),
        (true, false) => (
            "-exclude",
            "leaves out what is excluded and what needs it, and destroys nothing that it was made from but to replace it",
        ),
        (true, true) => return None,
    };
    let detail = format!(
        "With {option} this plan {what}: it may not represent all that the configuration asks for. It is meant for exceptions, such as recovering from mistakes."
    );
    Some(Diagnostic::warning(
        "Resource targeting is in effect",
        detail,
    ))
}

/// Says which objects the state is to lose although they go on to exist.
fn forgotten(plan: &Plan) -> Option<Diagnostic> {
    let forgets = |c: &&loam_engine::ResourceChange| {
        matches!(c.action, Action::Forget | Action::CreateThenForget)
    };
    let all: Vec<String> = plan
        .changes
        .iter()
        .filter(forgets)
        .map(|c| c.id.to_string())
        .collect();
    let detail = format!(
        "Applying this plan takes the following objects out of the state without destroying them:\n  - {}\n\nLoam will not know of them any more. To manage one again, import it.",
        all.join("\n  - ")
    );
    (!all.is_empty())
        .then(|| Diagnostic::warning("Some objects will no longer be managed by Loam", detail))
}

/// Says which wishes for a replacement name no instance, for want of a key.
fn without_key<'a>(plan: &'a Plan, options: &'a Options) -> impl Iterator<Item = Diagnostic> + 'a {
    options.replace.iter().filter_map(|wish| {
        let of_resource = |c: &&loam_engine::ResourceChange| {
            c.id.deposed.is_none() && c.id.addr.abs_resource() == wish.abs_resource()
        };
        let there: Vec<&InstanceAddr> = plan
            .changes
            .iter()
            .filter(of_resource)
            .map(|c| &c.id.addr)
            .collect();
        if there.is_empty() || there.contains(&wish) {
            return None;
        }
        let options: Vec<String> = there.iter().map(|a| format!("-replace='{a}'")).collect();
        let detail = format!(
            "{wish} is no instance of that resource, so nothing is replaced. Its instances are:\n  {}",
            options.join("\n  ")
        );
        Some(Diagnostic::warning("Nothing to replace by that address", detail))
    })
}

/// What kind of plan the flags ask for.
fn options(args: &PlanningArgs, mode: Option<Mode>) -> Result<Options, Diagnostics> {
    let mut problems = Diagnostics::new();
    let mode = match (mode, args.destroy, args.refresh_only) {
        (_, true, true) => {
            return Err(usage(
                "Incompatible options",
                "-destroy and -refresh-only exclude each other.",
            ));
        }
        (Some(m), ..) => m,
        (None, destroy, refresh_only) if !args.invoke.is_empty() => {
            let others = [
                (destroy, "-destroy"),
                (refresh_only, "-refresh-only"),
                (!args.target.is_empty(), "-target"),
                (!args.exclude.is_empty(), "-exclude"),
                (!args.replace.is_empty(), "-replace"),
            ];
            if let Some((_, other)) = others.into_iter().find(|(given, _)| *given) {
                let detail = format!(
                    "-invoke runs actions and changes nothing else, so {other} has no meaning beside it."
                );
                return Err(usage("Incompatible options", detail));
            }
            Mode::Invoke
        }
        (None, true, false) => Mode::Destroy,
        (None, false, true) => Mode::RefreshOnly,
        (None, false, false) => Mode::Normal,
    };
    let (refresh, depth) = match args.refresh.as_str() {
        "true" => (true, ReadDepth::Sparing),
        "false" => (false, ReadDepth::Sparing),
        "full" => (true, ReadDepth::Full),
        other => {
            return Err(usage(
                "Invalid option",
                format!("-refresh={other}: the value has to be true, false or full."),
            ));
        }
    };
    if mode != Mode::Normal && !args.replace.is_empty() {
        return Err(usage(
            "Incompatible options",
            "-replace forces replacements in a plan that makes objects as the configuration says: it cannot be used together with -destroy or -refresh-only.",
        ));
    }
    if mode == Mode::RefreshOnly && !refresh {
        return Err(usage(
            "Incompatible options",
            "-refresh-only and -refresh=false exclude each other.",
        ));
    }
    let mut targets = |texts: &[String], option: &str| -> Vec<Target> {
        texts
            .iter()
            .filter_map(|t| match Target::parse(t) {
                Ok(t) => Some(t),
                Err(e) => {
                    problems.push(Diagnostic::error(
                        "Invalid address",
                        format!("-{option}: {e}."),
                    ));
                    None
                }
            })
            .collect()
    };
    let (target, exclude) = (
        targets(&args.target, "target"),
        targets(&args.exclude, "exclude"),
    );
    let mut replace = Vec::new();
    for text in &args.replace {
        match InstanceAddr::parse(text) {
            Ok(a) if a.resource.mode == loam_address::Mode::Data => {
                problems.push(Diagnostic::error(
                    "Invalid address",
                    format!("-replace: {a} is a data resource: it is read anew by every plan and never replaced."),
                ));
            }
            Ok(a) => replace.push(a),
            Err(e) => problems.push(Diagnostic::error(
                "Invalid address",
                format!("-replace: {e}."),
            )),
        }
    }
    let mut invoke = Vec::new();
    for text in &args.invoke {
        match ActionInstanceAddr::parse(text) {
            Ok(a) => invoke.push(a),
            Err(e) => problems.push(Diagnostic::error("Invalid action address", format!("{e}."))),
        }
    }
    if problems.has_errors() {
        return Err(problems);
    }
    Ok(Options {
        mode,
        invoke,
        refresh,
        depth,
        targets: target,
        excludes: exclude,
        replace,
        parallelism: usize::from(args.parallelism),
        ..Options::default()
    })
}
