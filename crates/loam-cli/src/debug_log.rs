//! The debug log that `LOAM_LOG` (or `TF_LOG`) asks for: the requests that Loam sends, on
//! standard error or at the end of the file that `LOAM_LOG_PATH` names.
//!
//! Only Loam's own crates are listened to: what a library says of a connection may hold
//! what is secret.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use jiff::Timestamp;
use loam_config::environment::setting;
use log::{Level, LevelFilter, Log, Metadata, Record};
use serde_json::json;

use crate::view;

struct DebugLog {
    level: LevelFilter,
    /// One JSON object a line, as `TF_LOG=JSON` asks for.
    json: bool,
    /// Standard error if there is none.
    file: Option<Mutex<File>>,
}

impl Log for DebugLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= self.level && metadata.target().starts_with("loam")
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ");
        let line = match self.json {
            true => {
                let event = json!({
                    "@level": record.level().as_str().to_lowercase(),
                    "@message": record.args().to_string(),
                    "@module": record.target(),
                    "@timestamp": time.to_string(),
                });
                format!("{event}\n")
            }
            false => format!("{time} [{}] {}\n", record.level(), record.args()),
        };
        match &self.file {
            None => view::print_error(&line),
            // That a line of it is lost must not end the run.
            Some(file) => {
                let mut file = file.lock().unwrap_or_else(|e| e.into_inner());
                let _ = file.write_all(line.as_bytes());
            }
        }
    }

    fn flush(&self) {}
}

/// Begins the log if the environment asks for one. What it asks for and cannot be had is
/// told on standard error; the run goes on.
pub fn begin(variable: impl Fn(&str) -> Option<String>) {
    let Some(wish) = setting(&variable, "LOG") else {
        return;
    };
    let json = wish.value.eq_ignore_ascii_case("json");
    let level = match wish.value.trim().parse::<LevelFilter>() {
        Ok(level) => level,
        Err(_) => {
            if !json {
                view::print_error(&format!(
                    "Warning: {}={:?} is no level: TRACE, DEBUG, INFO, WARN, ERROR, OFF and JSON are. Everything is told.\n",
                    wish.name, wish.value
                ));
            }
            LevelFilter::Trace
        }
    };
    if level == LevelFilter::Off {
        return;
    }
    let file = setting(&variable, "LOG_PATH").and_then(|path| {
        let opened = open(Path::new(&path.value));
        let wrong = |e| {
            view::print_error(&format!(
                "Warning: {}: {} cannot be written ({e}); the log goes to standard error.\n",
                path.name, path.value
            ));
        };
        opened.map_err(wrong).ok().map(Mutex::new)
    });
    let log = DebugLog { level, json, file };
    if log::set_boxed_logger(Box::new(log)).is_ok() {
        log::set_max_level(level);
        log::log!(Level::Info, "Loam {}", env!("CARGO_PKG_VERSION"));
    }
}

/// Opens a file to write at its end; a new one is for nobody else to read.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.append(true).create(true).open(path)
}
