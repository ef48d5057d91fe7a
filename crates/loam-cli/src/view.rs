//! What goes to the terminal: text or JSON, with or without colours.

use std::fs::File;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use loam_diag::{Diagnostic, Diagnostics, Severity, SourceMap};
use loam_render::{Style, diagnostic, ui_json};
use serde_json::{Map, Value as Json};
use terminal_size::{Height, Width, terminal_size_of};

/// How a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON event a line.
    Events,
}

/// Where a command prints.
#[derive(Clone, Debug)]
pub struct View {
    /// How.
    pub format: Format,
    /// Colours of standard output.
    pub style: Style,
    error_style: Style,
    /// A file that gets the events as well.
    into: Option<Arc<Mutex<File>>>,
    /// Only diagnostics are shown.
    quiet: bool,
    /// Warnings that are kept for the end (`-compact-warnings`).
    held: Option<Arc<Mutex<Vec<Held>>>>,
}

/// A warning in its two lengths.
#[derive(Debug)]
struct Held {
    whole: String,
    brief: String,
}

impl View {
    /// Colours unless they are unwanted or nobody sees them.
    pub fn new(format: Format, no_color: bool) -> View {
        let wanted = !no_color && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        let dumb = std::env::var("TERM").is_ok_and(|t| t == "dumb");
        let style = |terminal: bool, size: Option<(Width, Height)>| Style {
            colour: wanted && !dumb && terminal,
            width: size.map(|(Width(w), _)| w.into()).filter(|_| terminal),
        };
        let (out, err) = (std::io::stdout(), std::io::stderr());
        View {
            format,
            style: style(out.is_terminal(), terminal_size_of(&out)),
            error_style: style(err.is_terminal(), terminal_size_of(&err)),
            into: None,
            quiet: false,
            held: None,
        }
    }

    /// The same without what people read beside diagnostics: for work whose result is what
    /// is asked for.
    pub fn quiet(&self) -> View {
        View {
            quiet: true,
            ..self.clone()
        }
    }

    /// Keeps warnings back until [`View::release`].
    pub fn hold_warnings(mut self) -> View {
        self.held = Some(Arc::default());
        self
    }

    /// Shows the warnings that were kept back: whole beside errors, else by a list.
    pub fn release(&self, failed: bool) {
        let Some(held) = &self.held else {
            return;
        };
        let held = std::mem::take(&mut *held.lock().unwrap_or_else(|e| e.into_inner()));
        if held.is_empty() {
            return;
        }
        if failed {
            return held.iter().for_each(|w| print(&w.whole));
        }
        let list: Vec<&str> = held.iter().map(|w| &*w.brief).collect();
        print(&format!(
            "\n{}\n\n{}\nTo see all that they say, run Loam without -compact-warnings.\n",
            self.style.bold(&self.style.yellow("Warnings:")),
            list.concat()
        ));
    }

    /// Writes the events to a file, too (`-json-into`), which is made anew.
    pub fn into_file(mut self, path: &Path) -> Result<View, Diagnostic> {
        let file = File::create(path).map_err(|e| {
            let detail = format!("-json-into: {} cannot be written: {e}.", path.display());
            Diagnostic::error("File for events not writable", detail)
        })?;
        self.into = Some(Arc::new(Mutex::new(file)));
        Ok(self)
    }

    /// True if somebody wants events: the terminal or a file.
    pub fn wants_events(&self) -> bool {
        self.format == Format::Events || self.into.is_some()
    }

    /// True if a person reads standard output.
    pub fn wants_text(&self) -> bool {
        self.format == Format::Text && !self.quiet
    }

    /// A line for people; nothing among events.
    pub fn line(&self, text: impl AsRef<str>) {
        if self.wants_text() {
            print(&format!("{}\n", text.as_ref()));
        }
    }

    /// Text for people as it is.
    pub fn text(&self, text: impl AsRef<str>) {
        if self.wants_text() {
            print(text.as_ref());
        }
    }

    /// An event: for programs and for the file of events.
    pub fn event(&self, mut event: Map<String, Json>) {
        if !self.wants_events() {
            return;
        }
        let now = jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
            .to_string();
        event.insert("@timestamp".into(), now.into());
        let line = format!("{}\n", Json::Object(event));
        if let Some(file) = &self.into {
            let mut file = file.lock().unwrap_or_else(|e| e.into_inner());
            if let Err(e) = file.write_all(line.as_bytes())
                && !FILE_LOST.swap(true, Ordering::Relaxed)
            {
                not_written("the file of -json-into", &e);
            }
        }
        if self.format == Format::Events {
            print(&line);
        }
    }

    /// Diagnostics: errors to standard error, warnings to standard output.
    pub fn diagnostics(&self, diagnostics: &Diagnostics, sources: &SourceMap) {
        for d in diagnostics.iter() {
            self.diagnostic(d, sources);
        }
    }

    /// One diagnostic.
    pub fn diagnostic(&self, d: &Diagnostic, sources: &SourceMap) {
        if self.wants_events() {
            self.event(ui_json::diagnostic(d, sources));
        }
        match (self.format, d.severity) {
            (Format::Events, _) => {}
            (Format::Text, Severity::Error) => {
                print_error(&diagnostic::text(d, sources, self.error_style))
            }
            (Format::Text, Severity::Warning) => {
                let whole = diagnostic::text(d, sources, self.style);
                match &self.held {
                    None => print(&whole),
                    Some(held) => held.lock().unwrap_or_else(|e| e.into_inner()).push(Held {
                        whole,
                        brief: diagnostic::brief(d, sources),
                    }),
                }
            }
        }
    }
}

/// How writing to standard output went wrong, if it did.
static OUTPUT: AtomicU8 = AtomicU8::new(WRITES);
const WRITES: u8 = 0;
const READER_GONE: u8 = 1;
const NOT_WRITTEN: u8 = 2;

/// To standard output. What cannot be written does not end the program, which may be in
/// the middle of an apply: it goes on in silence. A reader that has gone away (`| head`)
/// is no failure; a full disk is, and [`lost_output`] tells at the end.
pub fn print(text: &str) {
    if OUTPUT.load(Ordering::Relaxed) != WRITES {
        return;
    }
    let mut out = std::io::stdout().lock();
    let Err(e) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) else {
        return;
    };
    if e.kind() == std::io::ErrorKind::BrokenPipe {
        OUTPUT.store(READER_GONE, Ordering::Relaxed);
    } else if OUTPUT.swap(NOT_WRITTEN, Ordering::Relaxed) == WRITES {
        not_written("standard output", &e);
    }
}

fn not_written(what: &str, e: &std::io::Error) {
    print_error(&format!(
        "Error: {what} cannot be written: {e}. The command goes on without it.\n"
    ));
}

/// Whether an event was lost that the file of `-json-into` should have.
static FILE_LOST: AtomicBool = AtomicBool::new(false);

/// True if output was lost that somebody wanted to have.
pub fn lost_output() -> bool {
    OUTPUT.load(Ordering::Relaxed) == NOT_WRITTEN || FILE_LOST.load(Ordering::Relaxed)
}

/// To standard error; nobody to read it is no problem.
pub fn print_error(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Whether a person can be asked.
pub fn is_interactive() -> bool {
    std::io::stdin().is_terminal()
}

/// Asks a question; the answer without its line end, none at the end of input.
pub fn ask(question: &str) -> Option<String> {
    print(question);
    let mut answer = String::new();
    match std::io::stdin().lock().read_line(&mut answer) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(answer.trim_end_matches(['\n', '\r']).to_owned()),
    }
}

/// Asks for a variable's value; a secret is not echoed.
pub fn prompt_variable(name: &str, description: Option<&str>, secret: bool) -> Option<String> {
    print(&format!("var.{name}\n"));
    if let Some(d) = description {
        print(&format!("  {d}\n"));
    }
    print("\n");
    if secret {
        let answer = rpassword::prompt_password("  Enter a value: ").ok();
        print("\n");
        return answer;
    }
    let answer = ask("  Enter a value: ");
    print("\n");
    answer
}
