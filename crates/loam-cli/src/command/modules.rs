//! Installing modules, as `loam init` and `loam get` do it, and telling of it.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use loam_config::{DiskFiles, FoundCall, Manifest, find_calls, has_configuration};
use loam_diag::Diagnostics;
use loam_modules::{
    Credentials, Event, FromModule, Install, Observer, copy_module, install, read_manifest,
};
use loam_render::ui_json;
use serde_json::{Value as Json, json};

use super::{Outcome, settle};
use crate::args::{GetArgs, ModulesArgs, VariableArgs};
use crate::progress::span;
use crate::session::{Session, modules_dir};
use crate::view::{Format, View};

/// How often a download that takes long is mentioned.
const REMINDER: Duration = Duration::from_secs(10);

/// `loam get`: installs modules and does nothing else.
pub async fn get(session: &Session, args: &GetArgs, view: &View) -> Outcome {
    if has_configuration(&DiskFiles, Path::new(".")).is_ok_and(|there| !there) {
        view.line("There is no configuration here, so there are no modules to install.");
        return Ok(0);
    }
    install_all(session, &args.variables, args.update, None, view).await?;
    Ok(0)
}

/// `loam modules`: lists the modules that the configuration calls.
pub fn list(session: &Session, args: &ModulesArgs, view: &View) -> Outcome {
    let (config, diagnostics) = session.load_given(&args.variables);
    if config.is_none() {
        return Err(diagnostics);
    }
    settle(diagnostics, session, view)?;
    let installed = read_manifest(&modules_dir())?;
    let (inputs, _) = session.inputs(&args.variables);
    let loader = session.loader(&DiskFiles, &installed);
    let calls = find_calls(&loader, Path::new("."), &inputs).calls;
    let version = |call: &FoundCall| {
        let module = installed.modules.get(&call.key());
        module.and_then(|m| m.version.clone()).unwrap_or_default()
    };
    if args.json {
        let modules: Vec<Json> = calls
            .iter()
            .map(|c| json!({"key": c.key(), "source": c.source.without_secrets(), "version": version(c)}))
            .collect();
        view.line(json!({"format_version": "1.0", "modules": modules}).to_string());
    } else if calls.is_empty() {
        view.line("No modules found in configuration.");
    } else {
        view.line("\nModules declared by configuration:\n.");
        branch(&calls, &[], "", &version, view);
        view.line("");
    }
    Ok(0)
}

/// The calls below a module, as a tree.
fn branch(
    calls: &[FoundCall],
    above: &[Arc<str>],
    indent: &str,
    version: &dyn Fn(&FoundCall) -> String,
    view: &View,
) {
    let inner: Vec<&FoundCall> = calls
        .iter()
        .filter(|c| {
            c.path
                .names()
                .split_last()
                .is_some_and(|(_, outer)| outer == above)
        })
        .collect();
    for (at, call) in inner.iter().enumerate() {
        let (mark, further) = match at + 1 == inner.len() {
            true => ("└── ", "    "),
            false => ("├── ", "│   "),
        };
        let names = call.path.names();
        let name = names.last().map(|n| &**n).unwrap_or_default();
        let version_text = match version(call) {
            v if v.is_empty() => v,
            v => format!(" {v}"),
        };
        let source = call.source.without_secrets();
        view.line(format!("{indent}{mark}{name:?}[{source}]{version_text}"));
        branch(calls, names, &format!("{indent}{further}"), version, view);
    }
}

/// Copies a module into the working directory.
pub async fn copy_from(session: &Session, source: &str, view: &View) -> Result<(), Diagnostics> {
    let (credentials, warnings) = Credentials::load(&session.environment, &session.sources);
    view.diagnostics(&warnings, &session.sources);
    let shown = loam_config::without_secrets(source);
    let heading = format!("Copying configuration from {shown:?}...");
    view.line(view.style.bold(&heading));
    view.event(ui_json::init_output(
        "copying_configuration_message",
        &heading,
    ));
    let telling = Telling::new(view, None);
    let request = FromModule {
        source,
        root: Path::new("."),
        dir: &modules_dir(),
        credentials: &credentials,
        environment: &session.environment,
        observer: &telling,
    };
    Ok(copy_module(&request).await?)
}

/// Installs every module that the configuration calls. The heading, a line and the name
/// of its event, is printed if it calls any.
pub async fn install_all(
    session: &Session,
    variables: &VariableArgs,
    upgrade: bool,
    heading: Option<(&'static str, &'static str)>,
    view: &View,
) -> Result<(), Diagnostics> {
    let (inputs, problems) = session.inputs(variables);
    settle(problems, session, view)?;
    let (credentials, warnings) = Credentials::load(&session.environment, &session.sources);
    view.diagnostics(&warnings, &session.sources);
    let none = Manifest::new();
    let telling = Telling::new(view, heading);
    let request = Install {
        loader: session.loader(&DiskFiles, &none),
        root: Path::new("."),
        inputs: &inputs,
        dir: &modules_dir(),
        upgrade,
        credentials: &credentials,
        environment: &session.environment,
        observer: &telling,
    };
    let installed = install(&request).await?;
    if installed.any {
        telling.shared.heading();
    }
    Ok(())
}

/// An observer that prints: lines, and on a terminal what is being downloaded.
struct Telling {
    shared: Arc<Shared>,
    reminders: tokio::task::JoinHandle<()>,
}

struct Shared {
    view: View,
    /// Not printed yet.
    heading: Mutex<Option<(&'static str, &'static str)>>,
    live: Option<MultiProgress>,
    running: Mutex<BTreeMap<String, Running>>,
}

struct Running {
    begun: Instant,
    reminded: Instant,
    bar: Option<ProgressBar>,
}

impl Telling {
    fn new(view: &View, heading: Option<(&'static str, &'static str)>) -> Telling {
        let live = view.format == Format::Text && std::io::stdout().is_terminal();
        let shared = Arc::new(Shared {
            view: view.clone(),
            heading: Mutex::new(heading),
            live: live.then(MultiProgress::new),
            running: Mutex::default(),
        });
        let weak = Arc::downgrade(&shared);
        let reminders = tokio::spawn(async move {
            let mut tick = tokio::time::interval(Duration::from_millis(500));
            loop {
                tick.tick().await;
                match weak.upgrade() {
                    Some(shared) => shared.remind(),
                    None => return,
                }
            }
        });
        Telling { shared, reminders }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.reminders.abort();
    }
}

impl Observer for Telling {
    fn event(&self, event: Event) {
        self.shared.event(event);
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.running.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn heading(&self) {
        let heading = self
            .heading
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .take();
        if let Some((line, code)) = heading {
            self.view.line(self.view.style.bold(line));
            self.view.event(ui_json::init_output(code, line));
        }
    }

    fn line(&self, text: String) {
        self.heading();
        let print = || {
            self.view.line(&text);
            self.view.event(ui_json::log(&text));
        };
        match &self.live {
            Some(live) => live.suspend(print),
            None => print(),
        }
    }

    fn event(&self, event: Event) {
        match event {
            Event::Waiting => self.line(
                "Another command is installing modules here; waiting for it to end...".into(),
            ),
            Event::Downloading {
                key,
                source,
                version,
            } => {
                let version = version.map(|v| format!(" {v}")).unwrap_or_default();
                self.line(format!("Downloading {source}{version} for {key}..."));
                let bar = self.live.as_ref().map(|live| {
                    let bar = live.add(ProgressBar::new_spinner());
                    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} [{elapsed}]") {
                        bar.set_style(style);
                    }
                    bar.set_message(key.clone());
                    bar.enable_steady_tick(Duration::from_millis(120));
                    bar
                });
                let begun = Instant::now();
                let running = Running {
                    begun,
                    reminded: begun,
                    bar,
                };
                self.running().insert(key, running);
            }
            Event::Received { key, bytes, whole } => {
                if let Some(bar) = self.running().get(&key).and_then(|r| r.bar.as_ref()) {
                    let of = whole
                        .map(|w| format!(" of {}", size(w)))
                        .unwrap_or_default();
                    bar.set_message(format!("{key}: {}{of}", size(bytes)));
                }
            }
            Event::Ended { key } => {
                if let Some(bar) = self.running().remove(&key).and_then(|r| r.bar) {
                    bar.finish_and_clear();
                }
            }
            Event::Installed { key, dir } => {
                let dir = dir.to_string_lossy().replace('\\', "/");
                self.line(format!("- {key} in {dir}"));
            }
        }
    }

    /// Mentions what has been running for long.
    fn remind(&self) {
        let mut due = Vec::new();
        for (key, running) in self.running().iter_mut() {
            if running.reminded.elapsed() >= REMINDER {
                running.reminded += REMINDER;
                due.push((key.clone(), running.begun.elapsed()));
            }
        }
        for (key, elapsed) in due {
            self.line(format!(
                "Still downloading {key}... [{} elapsed]",
                span(elapsed)
            ));
        }
    }
}

/// `12.3 MB`.
fn size(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
