//! `local-exec`: a command on this machine.

use std::io::{PipeReader, Read};
use std::process::Stdio;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::{Attribute, Block, ProvisionObserver, ProvisionRequest, Provisioner};
use loam_value::{Type, Value};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::arguments::{attribute, flag, pairs, text, texts};
use crate::lines::{Lines, Tail};

/// How often it is looked whether the user wants to stop, and after how long an open line
/// is shown.
const TICK: Duration = Duration::from_millis(100);

/// How long a command has to end by itself once it is told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// On a terminal the command gets the user's Ctrl-C from there; it is told again if it
/// seems not to have.
const FROM_TERMINAL: Duration = Duration::from_secs(1);

/// `provisioner "local-exec"`.
pub struct LocalExec {
    schema: Block,
}

impl LocalExec {
    /// The provisioner.
    pub fn new() -> LocalExec {
        let attributes = [
            ("command", Attribute::required(Type::String)),
            ("interpreter", Attribute::optional(Type::list(Type::String))),
            ("working_dir", Attribute::optional(Type::String)),
            ("environment", Attribute::optional(Type::map(Type::String))),
            ("quiet", Attribute::optional(Type::Bool)),
        ];
        LocalExec {
            schema: Block {
                attributes: attributes.into_iter().map(|(n, a)| (n.into(), a)).collect(),
                ..Block::default()
            },
        }
    }
}

impl Default for LocalExec {
    fn default() -> Self {
        LocalExec::new()
    }
}

#[async_trait]
impl Provisioner for LocalExec {
    fn name(&self) -> &str {
        "local-exec"
    }

    fn schema(&self) -> &Block {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut problems = Diagnostics::new();
        if attribute(config, "command").and_then(Value::as_str) == Some("") {
            problems.push(Diagnostic::error(
                "Invalid local-exec provisioner command",
                "The command is empty: there is nothing to run.",
            ));
        }
        problems
    }

    async fn run(
        &self,
        request: ProvisionRequest<'_>,
        observer: &dyn ProvisionObserver,
    ) -> Diagnostics {
        let problems = self.validate(request.config);
        if problems.has_errors() {
            return problems;
        }
        let config = request.config;
        let command = text(config, "command").unwrap_or_default();
        let mut words = texts(config, "interpreter");
        if words.is_empty() {
            let shell: [&str; 2] = if cfg!(windows) {
                ["cmd", "/C"]
            } else {
                ["/bin/sh", "-c"]
            };
            words = shell.map(str::to_owned).to_vec();
        }
        words.push(command.to_owned());
        if flag(config, "quiet") {
            observer.output("local-exec: Executing: Suppressed by quiet=true");
        } else {
            let quoted: Vec<String> = words.iter().map(|w| quoted(w)).collect();
            observer.output(&format!("Executing: [{}]", quoted.join(" ")));
        }
        let mut tail = Tail::default();
        let failed = match spawn(&words, config) {
            Ok((child, output)) => watch(child, output, &mut tail, observer).await.err(),
            Err(e) => Some(format!(
                "it could not be started ({})",
                started_error(&e, config)
            )),
        };
        let Some(why) = failed else {
            return Diagnostics::new();
        };
        let detail = if request.secret {
            format!(
                "The command failed: {why}. The command and its output are not shown, because a value in its configuration must not be."
            )
        } else {
            format!("The command '{command}' failed: {why}. {}", tail.sentence())
        };
        Diagnostic::error("local-exec provisioner error", detail).into()
    }
}

fn started_error(e: &std::io::Error, config: &Value) -> String {
    let folder = text(config, "working_dir").filter(|d| !d.is_empty());
    match folder {
        // The system's error is the same for both.
        Some(_) if e.kind() == std::io::ErrorKind::NotFound => {
            format!("{e}: neither the program nor \"working_dir\" may be missing")
        }
        _ => e.to_string(),
    }
}

/// Starts the command; what it puts out on both ways comes in the order in which it was
/// written.
fn spawn(words: &[String], config: &Value) -> std::io::Result<(Child, PipeReader)> {
    let (program, arguments) = match words.split_first() {
        Some((program, arguments)) => (program.as_str(), arguments),
        None => ("", &[] as &[String]),
    };
    let (reader, writer) = std::io::pipe()?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .envs(pairs(config, "environment"))
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .kill_on_drop(true);
    if let Some(folder) = text(config, "working_dir").filter(|d| !d.is_empty()) {
        command.current_dir(folder);
    }
    // The command stays in the process group of this program: on a terminal it may ask
    // there, and what ends the group ends it, too.
    let child = command.spawn()?;
    // `command` goes out of scope here, and with it this process's ends of the pipe that
    // are written to.
    Ok((child, reader))
}

#[cfg(unix)]
fn on_terminal() -> bool {
    std::fs::File::open("/dev/tty").is_ok()
}

/// Passes on what the command puts out until it ends. The error: how it failed.
async fn watch(
    mut child: Child,
    output: PipeReader,
    tail: &mut Tail,
    observer: &dyn ProvisionObserver,
) -> Result<(), String> {
    let (sender, mut pieces) = mpsc::channel(16);
    // Reading a pipe blocks, and what the command has left behind can keep it open for
    // longer than anybody wants to wait.
    std::thread::spawn(move || pass_on(output, &sender));
    let pid = child.id();
    let mut lines = Lines::default();
    let mut emit = |l: &str| observer.output(l);
    let mut ended = None;
    let mut open = true;
    let mut stop: Option<Stopping> = None;
    let mut quiet = false;
    while ended.is_none() || open {
        tokio::select! {
            piece = pieces.recv(), if open => match piece {
                Some(piece) => {
                    quiet = false;
                    tail.push(&piece);
                    lines.push(&piece, &mut emit);
                }
                None => open = false,
            },
            status = child.wait(), if ended.is_none() => ended = Some(status),
            () = tokio::time::sleep(TICK) => {
                if std::mem::replace(&mut quiet, true) {
                    lines.flush(&mut emit);
                }
            }
        }
        if stop.is_none() && observer.stopping() {
            stop = Some(Stopping::begin(pid));
        }
        match (&mut stop, &ended) {
            (Some(stop), None) => {
                stop.go_on(pid);
                if stop.since.elapsed() >= GRACE {
                    let _ = child.start_kill();
                }
            }
            // What is left behind is not waited for any more.
            (Some(_), Some(_)) => open = false,
            (None, _) => {}
        }
    }
    lines.flush(&mut emit);
    let stopped = stop.is_some();
    match ended {
        Some(Ok(status)) if status.success() => Ok(()),
        Some(Ok(status)) => Err(how(status, stopped)),
        Some(Err(e)) => Err(e.to_string()),
        None => Err("its end is not known".to_owned()),
    }
}

fn pass_on(mut output: PipeReader, sender: &mpsc::Sender<Vec<u8>>) {
    let mut buffer = vec![0; 4096];
    loop {
        match output.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(n) => {
                let piece = buffer.get(..n).unwrap_or_default().to_vec();
                if sender.blocking_send(piece).is_err() {
                    return;
                }
            }
        }
    }
}

fn how(status: std::process::ExitStatus, stopped: bool) -> String {
    let by_user = if stopped {
        " after the run was asked to stop"
    } else {
        ""
    };
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("it was ended by signal {signal}{by_user}");
    }
    match status.code() {
        Some(code) => format!("exit status {code}{by_user}"),
        None => format!("{status}{by_user}"),
    }
}

/// A command that is told to stop: asked first, then ended.
struct Stopping {
    since: Instant,
    #[cfg_attr(not(unix), allow(dead_code))]
    asked: bool,
}

impl Stopping {
    fn begin(pid: Option<u32>) -> Stopping {
        let mut this = Stopping {
            since: Instant::now(),
            asked: false,
        };
        this.go_on(pid);
        this
    }

    #[cfg(unix)]
    fn go_on(&mut self, pid: Option<u32>) {
        use rustix::process::{Pid, Signal, kill_process};
        let Some(pid) = pid.and_then(|p| i32::try_from(p).ok()) else {
            return;
        };
        let send = |signal| {
            for pid in family(pid).into_iter().filter_map(Pid::from_raw) {
                // That it has ended meanwhile is what is wanted.
                let _ = kill_process(pid, signal);
            }
        };
        let waited = self.since.elapsed();
        if !self.asked && (waited >= FROM_TERMINAL || !on_terminal()) {
            self.asked = true;
            send(Signal::INT);
        }
        if waited >= GRACE {
            send(Signal::KILL);
        }
    }

    #[cfg(not(unix))]
    fn go_on(&mut self, _pid: Option<u32>) {}
}

/// The command and what it has started, as far as the system tells.
#[cfg(unix)]
fn family(pid: i32) -> Vec<i32> {
    let mut all = vec![pid];
    let mut next = 0;
    while let Some(of) = all.get(next).copied() {
        next += 1;
        let children = std::fs::read_to_string(format!("/proc/{of}/task/{of}/children"));
        let children = children.unwrap_or_default();
        all.extend(
            children
                .split_whitespace()
                .filter_map(|p| p.parse::<i32>().ok()),
        );
    }
    all
}

/// A word in double quotes, with what cannot be seen written as escapes.
fn quoted(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 2);
    out.push('"');
    for c in word.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if u32::from(c) < 0x80 && c.is_control() => {
                out.push_str(&format!("\\x{:02x}", u32::from(c)));
            }
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_terraform_shows_them() {
        assert_eq!(quoted("echo \"a\\b\"\n\tx"), r#""echo \"a\\b\"\n\tx""#);
        assert_eq!(quoted("\u{1b}[1mé\u{85}"), r#""\x1b[1mé\u0085""#);
    }
}
