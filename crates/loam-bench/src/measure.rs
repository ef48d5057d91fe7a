//! What a command costs: time, processor time and peak memory.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// What a command took.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Cost {
    /// Seconds on the clock.
    pub wall: f64,
    /// Seconds of all processors together.
    pub cpu: f64,
    /// The largest resident size of a process, in MiB.
    pub memory: f64,
}

impl Cost {
    /// The smaller of each.
    pub fn min(self, other: Cost) -> Cost {
        Cost {
            wall: self.wall.min(other.wall),
            cpu: self.cpu.min(other.cpu),
            memory: self.memory.min(other.memory),
        }
    }
}

/// A command that could not be run or did not succeed.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A file that could not be used.
    pub fn new(path: &Path, error: &dyn fmt::Display) -> Failure {
        Failure(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The program of this name on the PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|p| p.is_file())
}

/// The exit code of a command that was ended because it took too long.
const TOO_LONG: u8 = 124;

/// Runs a program in a folder and tells what it cost. What it prints is read by nobody.
pub fn command(
    program: &Path,
    arguments: &[&str],
    dir: &Path,
    limit: Duration,
) -> Result<Cost, Failure> {
    let failed = |e: &dyn fmt::Display| Failure::new(program, e);
    let this = std::env::current_exe().map_err(|e| failed(&e))?;
    // Into files: a full pipe would stop the command.
    let (out, err) = (dir.join(".measured"), dir.join(".said"));
    let status = Command::new(this)
        .arg("measure")
        .arg(format!("--limit={}", limit.as_secs()))
        .arg(program)
        .args(arguments)
        .current_dir(dir)
        .env("CHECKPOINT_DISABLE", "1")
        .stdin(Stdio::null())
        .stdout(File::create(&out).map_err(|e| failed(&e))?)
        .stderr(File::create(&err).map_err(|e| failed(&e))?)
        .status()
        .map_err(|e| failed(&e))?;
    if status.code() == Some(i32::from(TOO_LONG)) {
        let seconds = limit.as_secs();
        return Err(failed(&format!(
            "{} took longer than {seconds} s",
            arguments.join(" ")
        )));
    }
    let said = std::fs::read_to_string(&err).unwrap_or_default();
    if !status.success() {
        let end: Vec<&str> = said.lines().rev().take(12).collect();
        let end: Vec<&str> = end.into_iter().rev().collect();
        return Err(failed(&format!(
            "{} failed:\n{}",
            arguments.join(" "),
            end.join("\n")
        )));
    }
    let text = std::fs::read_to_string(&out).map_err(|e| failed(&e))?;
    serde_json::from_str(&text).map_err(|e| failed(&e))
}

/// Runs a command as the only child of this process and prints its [`Cost`] as JSON. Ends it if
/// it takes longer than the limit.
pub fn print_cost(command: &[String], limit: Duration) -> ExitCode {
    let Some((program, arguments)) = command.split_first() else {
        return ExitCode::FAILURE;
    };
    let begun = Instant::now();
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        return ExitCode::FAILURE;
    };
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Ok(status),
            Err(e) => break Err(e),
            Ok(None) if begun.elapsed() > limit => {
                let _ = child.kill();
                let _ = child.wait();
                return ExitCode::from(TOO_LONG);
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let wall = begun.elapsed().as_secs_f64();
    let (cpu, memory) = used_by_children();
    match status {
        Ok(status) if status.success() => {
            let cost = Cost { wall, cpu, memory };
            let text = serde_json::to_string(&cost).unwrap_or_default();
            match std::io::stdout().write_all(text.as_bytes()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        _ => ExitCode::FAILURE,
    }
}

/// Processor seconds and peak memory in MiB of the children that have ended.
#[cfg(unix)]
fn used_by_children() -> (f64, f64) {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else {
        return (0.0, 0.0);
    };
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // Linux counts in KiB, macOS in bytes.
    let unit = if cfg!(target_os = "macos") {
        1024.0 * 1024.0
    } else {
        1024.0
    };
    (micros as f64 / 1e6, usage.max_rss() as f64 / unit)
}

/// Not known on this system.
#[cfg(not(unix))]
fn used_by_children() -> (f64, f64) {
    (0.0, 0.0)
}
