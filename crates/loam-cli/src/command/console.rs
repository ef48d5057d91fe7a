//! `loam console`.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal};
use std::path::Path;
use std::sync::Arc;

use loam_config::Config;
use loam_diag::{Diagnostics, SourceMap};
use loam_engine::{Console, ConsoleInputs};
use loam_render::human;
use loam_state::{OpenOptions, State};
use loam_value::Value;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Context, Editor, Helper, Highlighter, Hinter, Validator};

use super::{Outcome, settle};
use crate::args::{ConsoleArgs, PlanningArgs};
use crate::session::{Session, data_dir, timestamp};
use crate::view::View;

/// Runs the command.
pub async fn run(session: &Session, args: &ConsoleArgs, view: &View) -> Outcome {
    let planned = match args.plan {
        true => Some(planned(session, args, view).await?),
        false => None,
    };
    let (config, mut diagnostics) = session.load_or_empty(&args.variables);
    let Some(config) = config else {
        return Err(diagnostics);
    };
    let (variables, problems) = session.variables(&config, &args.variables);
    diagnostics.append(problems);
    settle(diagnostics, session, view)?;
    let state = match planned {
        Some(state) => state,
        None => session
            .store(&args.state, OpenOptions::read())?
            .snapshot()
            .map_err(|e| e.diagnostic())?,
    };
    let surroundings = session.surroundings(&timestamp(), true);
    let inputs = ConsoleInputs {
        config: &config,
        root_dir: Path::new("."),
        registry: &session.registry,
        functions: &session.functions,
        surroundings: &surroundings,
        state: &state,
        variables: &variables,
    };
    let (console, diagnostics) = Console::new(&inputs);
    view.diagnostics(&diagnostics, &session.sources);
    if std::io::stdin().is_terminal() {
        interactive(session, &console, &config, &variables, view)
    } else {
        piped(&session.sources, &console, view)
    }
}

/// The state as a plan made now would have it.
async fn planned(session: &Session, args: &ConsoleArgs, view: &View) -> Result<State, Diagnostics> {
    let planning = PlanningArgs {
        refresh: "true".into(),
        parallelism: 10,
        variables: args.variables.clone(),
        state: args.state.clone(),
        ..PlanningArgs::default()
    };
    let store = session.store(&args.state, OpenOptions::read())?;
    let made = super::plan::make(session, &planning, None, &store, None, &view.quiet()).await?;
    view.diagnostics(&made.warnings, &session.sources);
    Ok(made.plan.outcome())
}

/// Evaluates each complete expression of standard input; stops at the first error.
fn piped(sources: &SourceMap, console: &Console<'_>, view: &View) -> Outcome {
    let mut pending = String::new();
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        if !pending.is_empty() {
            pending.push('\n');
        }
        pending.push_str(&line);
        if open_brackets(&pending) {
            continue;
        }
        let text = std::mem::take(&mut pending);
        match evaluate(sources, console, text.trim()) {
            Ok(Some(shown)) => view.line(shown),
            Ok(None) => return Ok(0),
            Err(d) => return Err(d),
        }
    }
    if !pending.trim().is_empty() {
        match evaluate(sources, console, pending.trim()) {
            Ok(shown) => view.line(shown.unwrap_or_default()),
            Err(d) => return Err(d),
        }
    }
    Ok(0)
}

/// The result as shown; none for `exit`.
fn evaluate(
    sources: &SourceMap,
    console: &Console<'_>,
    text: &str,
) -> Result<Option<String>, Diagnostics> {
    match text {
        "exit" | "quit" => return Ok(None),
        "" => return Ok(Some(String::new())),
        _ => {}
    }
    let file = sources.add("<console-input>", text);
    match console.evaluate(file, text)? {
        loam_engine::Answer::Value(v) => Ok(Some(human::value(&v, 0))),
        loam_engine::Answer::Type(t) => Ok(Some(human::type_text(&t, 0))),
    }
}

/// True if brackets, braces or parentheses are left open, so that more lines belong to
/// the expression.
fn open_brackets(text: &str) -> bool {
    let mut depth = 0i64;
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if quoted => {
                chars.next();
            }
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    depth > 0
}

/// Completes names.
#[derive(Helper, Highlighter, Hinter, Validator)]
struct Names(Vec<String>);

impl Completer for Names {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let head = line.get(..at).unwrap_or_default();
        let start = head
            .rfind(|c: char| !(c.is_alphanumeric() || "_.:-".contains(c)))
            .map_or(0, |i| {
                i + head
                    .get(i..)
                    .and_then(|s| s.chars().next())
                    .map_or(1, char::len_utf8)
            });
        let word = head.get(start..).unwrap_or_default();
        let fits = self
            .0
            .iter()
            .filter(|n| n.starts_with(word) && !word.is_empty());
        Ok((
            start,
            fits.map(|n| Pair {
                display: n.clone(),
                replacement: n.clone(),
            })
            .collect(),
        ))
    }
}

fn names(session: &Session, config: &Config, variables: &BTreeMap<Arc<str>, Value>) -> Vec<String> {
    let mut out: Vec<String> = session.functions.names().map(|n| format!("{n}(")).collect();
    out.extend(variables.keys().map(|n| format!("var.{n}")));
    if let Some(root) = config.root() {
        out.extend(root.locals.keys().map(|n| format!("local.{n}")));
        out.extend(root.resources.keys().map(ToString::to_string));
        out.extend(root.calls.keys().map(|n| format!("module.{n}")));
    }
    out.extend(
        [
            "path.module",
            "path.root",
            "path.cwd",
            "terraform.workspace",
        ]
        .map(String::from),
    );
    out.sort();
    out
}

fn interactive(
    session: &Session,
    console: &Console<'_>,
    config: &Config,
    variables: &BTreeMap<Arc<str>, Value>,
    view: &View,
) -> Outcome {
    let failed = |e: ReadlineError| super::usage("Console not available", e.to_string());
    let mut editor: Editor<Names, FileHistory> = Editor::new().map_err(failed)?;
    editor.set_helper(Some(Names(names(session, config, variables))));
    let history = data_dir().join("console-history");
    let _ = editor.load_history(&history);
    let mut pending = String::new();
    loop {
        let prompt = if pending.is_empty() { "> " } else { ": " };
        match editor.readline(prompt) {
            Ok(line) => {
                if !pending.is_empty() {
                    pending.push('\n');
                }
                pending.push_str(&line);
                if open_brackets(&pending) {
                    continue;
                }
                let text = std::mem::take(&mut pending);
                let _ = editor.add_history_entry(text.as_str());
                match evaluate(&session.sources, console, text.trim()) {
                    Ok(Some(shown)) if shown.is_empty() => {}
                    Ok(Some(shown)) => view.line(shown),
                    Ok(None) => break,
                    Err(d) => view.diagnostics(&d, &session.sources),
                }
            }
            Err(ReadlineError::Interrupted) => pending.clear(),
            Err(_) => break,
        }
    }
    let _ = std::fs::create_dir_all(data_dir());
    let _ = editor.save_history(&history);
    Ok(0)
}
