//! Tells what happens while planning and applying: lines, or a live list on a terminal.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use loam_address::ActionInstanceAddr;
use loam_diag::SourceMap;
use loam_engine::{Action, Event, ImportStage, Observer, Trigger};
use loam_render::{ui_json, words};
use loam_state::InstanceId;

use crate::view::{Format, View};

/// How often a change that takes long is mentioned.
const REMINDER: Duration = Duration::from_secs(10);

/// An observer that prints. Dropping it ends the reminders.
pub struct Progress {
    shared: Arc<Shared>,
    reminders: Option<tokio::task::JoinHandle<()>>,
}

struct Shared {
    view: View,
    sources: SourceMap,
    /// The live list, on a terminal.
    live: Option<MultiProgress>,
    /// What is under way, by how it is called.
    running: Mutex<BTreeMap<String, Running>>,
}

/// What is under way.
#[derive(Clone)]
enum Work {
    Change(InstanceId, Action),
    Action(ActionInstanceAddr, Trigger),
}

impl Work {
    fn doing(&self) -> &'static str {
        match self {
            Work::Change(_, action) => words::doing(*action),
            Work::Action(..) => "Running",
        }
    }
}

fn named(addr: &ActionInstanceAddr, trigger: &Trigger) -> String {
    format!("{addr} (triggered by {trigger})")
}

struct Running {
    work: Work,
    begun: Instant,
    reminded: Instant,
    message: Option<String>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins to tell.
    pub fn new(view: &View, sources: &SourceMap) -> Progress {
        let live = (view.format == Format::Text && std::io::stdout().is_terminal())
            .then(MultiProgress::new);
        let shared = Arc::new(Shared {
            view: view.clone(),
            sources: sources.clone(),
            live,
            running: Mutex::new(BTreeMap::new()),
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
        Progress {
            shared,
            reminders: Some(reminders),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(r) = self.reminders.take() {
            r.abort();
        }
    }
}

impl Observer for Progress {
    fn event(&self, event: Event) {
        self.shared.event(event);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.running.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Prints above the live list.
    fn above(&self, print: impl FnOnce()) {
        match &self.live {
            Some(live) => live.suspend(print),
            None => print(),
        }
    }

    fn line(&self, text: String) {
        self.above(|| self.view.line(text));
    }

    fn event(&self, event: Event) {
        // Empty lines are for the eye only.
        let silent = match &event {
            Event::Diagnostic(_) => true,
            Event::ProvisionOutput { line, .. } => line.is_empty(),
            _ => false,
        };
        if self.view.wants_events()
            && !silent
            && let Some(told) = ui_json::progress(&event, &self.sources)
        {
            self.view.event(told);
        }
        let s = self.view.style;
        let id_text =
            |v: &Option<String>| v.as_ref().map(|v| format!(" [id={v}]")).unwrap_or_default();
        match &event {
            Event::RefreshStart { id, id_value } => {
                self.line(format!(
                    "{}{}",
                    s.bold(&format!("{id}: Refreshing state...")),
                    id_text(id_value)
                ));
            }
            Event::RefreshComplete { .. } => {}
            Event::Import {
                id,
                id_value,
                stage,
            } => {
                let doing = match stage {
                    ImportStage::Prepare => "Preparing import...",
                    ImportStage::Start => "Importing...",
                    ImportStage::Complete => "Import complete",
                };
                let text = format!("{id}: {doing} [id={id_value}]");
                self.line(s.bold(&text));
            }
            Event::ApplyStart {
                id,
                action,
                id_value,
            } => {
                self.line(format!(
                    "{}{}",
                    s.bold(&format!("{id}: {}...", words::doing(*action))),
                    id_text(id_value)
                ));
            }
            Event::ApplyProgress { .. } => {}
            Event::ApplyComplete {
                id,
                action,
                id_value,
                elapsed,
            } => {
                let text = format!(
                    "{id}: {} complete after {}",
                    words::done(*action),
                    span(*elapsed)
                );
                self.line(format!("{}{}", s.bold(&text), id_text(id_value)));
            }
            Event::ApplyErrored {
                id,
                action,
                elapsed,
            } => {
                let text = format!(
                    "{id}: {} errored after {}",
                    words::done(*action),
                    span(*elapsed)
                );
                self.line(s.red(&text));
            }
            Event::ApplySkipped { id, .. } => self.line(s.dim(&format!("{id}: not begun"))),
            Event::ProvisionStart { id, kind } => {
                self.line(s.bold(&format!("{id}: Provisioning with '{kind}'...")));
            }
            Event::ProvisionOutput { line, .. } if line.is_empty() => self.line(String::new()),
            Event::ProvisionOutput { id, kind, line } => {
                let head = s.bold(&format!("{id} ({kind}):"));
                self.line(format!("{head} {line}"));
            }
            Event::ProvisionComplete { .. } | Event::ProvisionErrored { .. } => {}
            Event::ActionStart { addr, trigger } => {
                let text = format!("Action started: {}", named(addr, trigger));
                self.line(s.bold(&text));
            }
            Event::ActionProgress { result: false, .. } => {}
            Event::ActionProgress {
                addr,
                trigger,
                message,
                result: true,
            } => {
                let head = s.bold(&format!("Action {}:", named(addr, trigger)));
                self.line(format!("{head}\n\n{message}\n"));
            }
            Event::ActionComplete { addr, trigger, .. } => {
                let text = format!("Action complete: {}", named(addr, trigger));
                self.line(s.bold(&text));
            }
            Event::ActionErrored { addr, trigger, .. } => {
                let text = format!("Action errored: {}", named(addr, trigger));
                self.line(s.red(&text));
            }
            Event::ActionSkipped {
                addr,
                trigger,
                condition,
            } => {
                let why = if *condition {
                    "its condition does not hold"
                } else {
                    "not begun"
                };
                self.line(s.dim(&format!("Action {}: {why}", named(addr, trigger))));
            }
            Event::Recovered { message, .. } => self.line(s.yellow(message)),
            Event::Diagnostic(d) => self.above(|| self.view.diagnostic(d, &self.sources)),
        }
        self.track(&event);
    }

    fn track(&self, event: &Event) {
        match event {
            Event::ApplyStart { id, action, .. } => {
                self.begun(id.to_string(), Work::Change(id.clone(), *action));
            }
            Event::ActionStart { addr, trigger } => {
                let work = Work::Action(addr.clone(), trigger.clone());
                self.begun(named(addr, trigger), work);
            }
            Event::ApplyProgress { id, message, .. } => self.goes_on(&id.to_string(), message),
            Event::ActionProgress {
                addr,
                trigger,
                message,
                result: false,
            } => self.goes_on(&named(addr, trigger), message),
            Event::ApplyComplete { id, .. } | Event::ApplyErrored { id, .. } => {
                self.ended(&id.to_string());
            }
            Event::ActionComplete { addr, trigger, .. }
            | Event::ActionErrored { addr, trigger, .. } => self.ended(&named(addr, trigger)),
            _ => {}
        }
    }

    fn begun(&self, name: String, work: Work) {
        let bar = self.live.as_ref().map(|live| {
            let bar = live.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} [{elapsed}]") {
                bar.set_style(style);
            }
            bar.set_message(format!("{name}: {}", work.doing()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        let now = Instant::now();
        let running = Running {
            work,
            begun: now,
            reminded: now,
            message: None,
            bar,
        };
        self.lock().insert(name, running);
    }

    fn goes_on(&self, name: &str, message: &str) {
        if let Some(r) = self.lock().get_mut(name) {
            if let Some(bar) = &r.bar {
                bar.set_message(format!("{name}: {} ({message})", r.work.doing()));
            }
            r.message = Some(message.to_owned());
        }
    }

    fn ended(&self, name: &str) {
        let ended = self.lock().remove(name);
        if let Some(bar) = ended.and_then(|r| r.bar) {
            bar.finish_and_clear();
        }
    }

    /// Mentions what has been running for long.
    fn remind(&self) {
        let mut due = Vec::new();
        for (name, r) in self.lock().iter_mut() {
            if r.reminded.elapsed() >= REMINDER {
                r.reminded += REMINDER;
                due.push((
                    name.clone(),
                    r.work.clone(),
                    r.begun.elapsed(),
                    r.message.clone(),
                ));
            }
        }
        for (name, work, elapsed, message) in due {
            self.view.event(match &work {
                Work::Change(id, action) => ui_json::still(id, *action, elapsed),
                Work::Action(addr, trigger) => ui_json::still_running(addr, trigger, elapsed),
            });
            let message = message.map(|m| format!(", {m}")).unwrap_or_default();
            let doing = work.doing().to_lowercase();
            let text = format!(
                "{name}: Still {doing}... [{} elapsed{message}]",
                span(elapsed)
            );
            self.line(self.view.style.bold(&text));
        }
    }
}

/// `5s`, `1m5s`, `2h0m5s`.
pub fn span(d: Duration) -> String {
    let s = d.as_secs();
    match (s / 3600, s / 60 % 60, s % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m{s}s"),
        (h, m, s) => format!("{h}h{m}m{s}s"),
    }
}
