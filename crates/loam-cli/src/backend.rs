//! Where the configuration says that the state is kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loam_config::{DiskFiles, FoundBackend, Manifest, find_backend, read_values};
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_state::{OpenOptions, RunOutcome, State, Store, StoreError};
use loam_value::Value;

use crate::args::InitArgs;
use crate::command::usage;
use crate::session::{Session, workspaces};
use crate::view::View;

/// The state file that the configuration names for the default workspace, if it does.
///
/// # Errors
///
/// It keeps the state where Loam cannot, or the arguments are not right.
pub fn state_file(session: &Session) -> Result<Option<PathBuf>, Diagnostics> {
    let Some(backend) = found(session) else {
        return Ok(None);
    };
    let configured = path_of(&backend.kind, backend.span, backend.arguments)?;
    match Record::read()? {
        None => Ok(configured),
        Some(record) if record.configured == configured => Ok(Some(record.path)),
        Some(record) => Err(record.outdated()),
    }
}

fn found(session: &Session) -> Option<FoundBackend> {
    // What is wrong with the variables is told when they get their values.
    let (inputs, _) = session.inputs(&session.given);
    let none = Manifest::new();
    let loader = session.loader(&DiskFiles, &none);
    find_backend(&loader, Path::new("."), &inputs)
}

/// Does what `init` was told about the backend: remembers what `-backend-config` says, or
/// forgets it (`-reconfigure`), and takes the state along (`-migrate-state`). True if the
/// configuration has a backend.
///
/// # Errors
///
/// The arguments are not right, or a state would be lost from sight. Nothing is changed then.
pub fn configure(session: &Session, args: &InitArgs, view: &View) -> Result<bool, Diagnostics> {
    let given = given(session, &args.backend_config)?;
    let Some(backend) = found(session) else {
        if !args.backend_config.is_empty() {
            let detail = "-backend-config has no effect: the configuration has no \"backend\" block whose arguments it could give. Without one the state is in state/.";
            let warning = Diagnostic::warning("Missing backend configuration", detail);
            view.diagnostic(&warning, &session.sources);
        }
        return Ok(false);
    };
    let configured = path_of(&backend.kind, backend.span, backend.arguments)?;
    let wished = path_of(&backend.kind, backend.span, Ok(given))?;
    let record = Record::read()?;
    let Some(path) = wished else {
        match record {
            Some(_) if args.reconfigure => Record::forget()?,
            Some(record) if record.configured != configured => return Err(record.outdated()),
            _ => {}
        }
        return Ok(true);
    };
    let before = match (&record, &configured) {
        (Some(record), _) => record.path.clone(),
        (None, Some(path)) => path.clone(),
        (None, None) => workspaces().path("default").map_err(|e| e.diagnostic())?,
    };
    if before != path && !args.reconfigure {
        let state = stored(&before)?;
        if args.migrate_state || args.force_copy {
            take_along(session, &state, (&before, &path), view)?;
        } else if !state.is_empty() {
            let detail = format!(
                "The state is in {}, and -backend-config says {}. With -migrate-state it is taken along; with -reconfigure it is left alone and another one begun. Nothing was changed.",
                before.display(),
                path.display()
            );
            return Err(usage("Backend configuration changed", detail));
        }
    }
    Record { path, configured }.write()?;
    Ok(true)
}

/// The arguments that `-backend-config` gives, by the later one where several do.
fn given(session: &Session, options: &[String]) -> Result<Arguments, Diagnostics> {
    let mut arguments = Arguments::new();
    let mut problems = Diagnostics::new();
    for option in options {
        if let Some((name, value)) = option.split_once('=') {
            let file = session.sources.add("-backend-config", option.as_str());
            let place = Span::new(file, 0, option.len() as u32);
            let value = Value::string(value);
            arguments.insert(name.trim().into(), (value, place));
            continue;
        }
        let path = Path::new(option);
        let (values, more) = read_values(&DiskFiles, &session.sources, path, "backend arguments");
        problems.append(more);
        arguments.extend(values);
    }
    match problems.has_errors() {
        true => Err(problems),
        false => Ok(arguments),
    }
}

fn stored(path: &Path) -> Result<State, Diagnostics> {
    let store = Store::open(path, OpenOptions::read());
    let state = store.and_then(|s| s.snapshot());
    Ok(state.map_err(|e| e.diagnostic())?)
}

/// Copies a state to another place, where none may be.
fn take_along(
    session: &Session,
    state: &State,
    (from, to): (&Path, &Path),
    view: &View,
) -> Result<(), Diagnostics> {
    if state.is_empty() {
        return Ok(());
    }
    if !stored(to)?.is_empty() {
        let detail = format!(
            "{} and {} both have a state, and only one can be used. With -reconfigure the second is, and the first is left alone. Nothing was changed.",
            from.display(),
            to.display()
        );
        return Err(usage("Two states", detail));
    }
    let operation = session.operation("loam init -migrate-state");
    let copy = || -> Result<(), StoreError> {
        let store = Store::open(to, OpenOptions::write())?;
        let lock = store.lock(&operation, std::time::Duration::ZERO)?;
        let run = store.begin_run(&operation, Some(&lock))?;
        run.push(state, true)?;
        run.end(RunOutcome::Succeeded, None).wait()
    };
    copy().map_err(|e| e.diagnostic())?;
    view.line(format!(
        "The state was copied from {} to {}; the first is not used any more.",
        from.display(),
        to.display()
    ));
    Ok(())
}

/// What `-backend-config` said. It is kept beside the states, not among what can be made
/// again: without it, a state would be looked for in the wrong place.
struct Record {
    path: PathBuf,
    /// What the block itself said then.
    configured: Option<PathBuf>,
}

const RECORD: &str = "state/backend.json";

impl Record {
    fn read() -> Result<Option<Record>, Diagnostics> {
        let text = match std::fs::read_to_string(RECORD) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Record::failed("cannot be read", &e)),
        };
        let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let path = |name: &str| json.get(name).and_then(|v| v.as_str()).map(PathBuf::from);
        let Some(said) = path("path") else {
            let detail = format!(
                "{RECORD} is damaged: it should say where the state is. Remove it, and run \"loam init\" with -backend-config again."
            );
            return Err(usage("Backend configuration not readable", detail));
        };
        Ok(Some(Record {
            path: said,
            configured: path("configured"),
        }))
    }

    fn write(&self) -> Result<(), Diagnostics> {
        let json = serde_json::json!({ "path": self.path, "configured": self.configured });
        let new = format!("{RECORD}.new");
        std::fs::create_dir_all("state")
            .and_then(|()| std::fs::write(&new, format!("{json:#}\n")))
            .and_then(|()| std::fs::rename(&new, RECORD))
            .map_err(|e| Record::failed("cannot be written", &e))
    }

    fn forget() -> Result<(), Diagnostics> {
        std::fs::remove_file(RECORD).map_err(|e| Record::failed("cannot be removed", &e))
    }

    fn failed(what: &str, e: &std::io::Error) -> Diagnostics {
        usage("Backend configuration", format!("{RECORD} {what}: {e}."))
    }

    fn outdated(&self) -> Diagnostics {
        let detail = format!(
            "\"loam init -backend-config\" said that the state is in {}, and the path in the \"backend\" block was changed since. Run \"loam init -reconfigure\" to use the block's, or give -backend-config again.",
            self.path.display()
        );
        usage("Backend configuration changed", detail)
    }
}

type Arguments = BTreeMap<Arc<str>, (Value, Span)>;

fn path_of(
    kind: &str,
    block: Span,
    arguments: Result<Arguments, Diagnostics>,
) -> Result<Option<PathBuf>, Diagnostics> {
    if kind != "local" {
        let detail = format!(
            "The configuration keeps its state in {:?}, and Loam keeps states in files of this \
             machine only. Remove the block to have it in state/, or write \
             backend \"local\" {{ path = \"…\" }}. Nothing was read or changed.",
            kind
        );
        return Err(Diagnostic::error("Unsupported backend", detail)
            .at(block)
            .into());
    }
    let mut path = None;
    let mut problems = Diagnostics::new();
    for (name, (value, at)) in arguments? {
        let problem = match (&*name, value.as_str()) {
            _ if value.is_null() => continue,
            ("path", _) if !value.deep_marks().is_empty() => Diagnostic::error(
                "Invalid backend argument",
                "The path of the state cannot be made from sensitive or ephemeral values.",
            ),
            ("path", Some("")) | ("path", None) => Diagnostic::error(
                "Invalid backend argument",
                "The path of the state has to be a string that is not empty.",
            ),
            ("path", Some(text)) => {
                path = Some(PathBuf::from(text));
                continue;
            }
            _ => Diagnostic::error(
                "Unsupported argument",
                format!(
                    "The backend \"local\" takes \"path\" and not {name:?}. Other workspaces \
                     have their states in state/."
                ),
            ),
        };
        problems.push(problem.at(at));
    }
    match problems.has_errors() {
        true => Err(problems),
        false => Ok(path),
    }
}
