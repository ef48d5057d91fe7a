//! Tells what happens while planning and applying: lines, or a live list on a terminal.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use loam_diag::SourceMap;
use loam_engine::{Action, Event, Observer};
use loam_render::{ui_json, words};
use loam_state::InstanceId;

use crate::view::{Format, View, print_event};

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
    running: Mutex<BTreeMap<InstanceId, Running>>,
}

struct Running {
    action: Action,
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
    fn lock(&self) -> MutexGuard<'_, BTreeMap<InstanceId, Running>> {
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
        if self.view.format == Format::Events {
            self.track(&event);
            print_event(ui_json::progress(&event, &self.sources));
            return;
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
            Event::Recovered { message, .. } => self.line(s.yellow(message)),
            Event::Diagnostic(d) => self.above(|| self.view.diagnostic(d, &self.sources)),
        }
        self.track(&event);
    }

    fn track(&self, event: &Event) {
        let mut running = self.lock();
        match event {
            Event::ApplyStart { id, action, .. } => {
                let bar = self.live.as_ref().map(|live| {
                    let bar = live.add(ProgressBar::new_spinner());
                    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} [{elapsed}]") {
                        bar.set_style(style);
                    }
                    bar.set_message(format!("{id}: {}", words::doing(*action)));
                    bar.enable_steady_tick(Duration::from_millis(120));
                    bar
                });
                let now = Instant::now();
                running.insert(
                    id.clone(),
                    Running {
                        action: *action,
                        begun: now,
                        reminded: now,
                        message: None,
                        bar,
                    },
                );
            }
            Event::ApplyProgress { id, message, .. } => {
                if let Some(r) = running.get_mut(id) {
                    if let Some(bar) = &r.bar {
                        bar.set_message(format!("{id}: {} ({message})", words::doing(r.action)));
                    }
                    r.message = Some(message.clone());
                }
            }
            Event::ApplyComplete { id, .. } | Event::ApplyErrored { id, .. } => {
                if let Some(bar) = running.remove(id).and_then(|r| r.bar) {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
    }

    /// Mentions what has been running for long.
    fn remind(&self) {
        let mut due = Vec::new();
        for (id, r) in self.lock().iter_mut() {
            if r.reminded.elapsed() >= REMINDER {
                r.reminded += REMINDER;
                due.push((id.clone(), r.action, r.begun.elapsed(), r.message.clone()));
            }
        }
        for (id, action, elapsed, message) in due {
            if self.view.format == Format::Events {
                print_event(ui_json::still(&id, action, elapsed));
            } else {
                let message = message.map(|m| format!(", {m}")).unwrap_or_default();
                let doing = words::doing(action).to_lowercase();
                let text = format!(
                    "{id}: Still {doing}... [{} elapsed{message}]",
                    span(elapsed)
                );
                self.line(self.view.style.bold(&text));
            }
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
