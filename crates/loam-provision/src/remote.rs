//! `remote-exec` and `file`: commands and files on the object itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::{Attribute, Block, ProvisionObserver, ProvisionRequest, Provisioner};
use loam_value::{Type, Value};

use crate::arguments::{is_set, text, texts};
use crate::connection::Connection;
use crate::lines::{Lines, Tail};
use crate::ssh::Session;

/// What scripts begin with that do not say what runs them.
const SHEBANG: &str = "#!/bin/sh\n";

/// How deep folders may be in each other: a link that leads back would never end.
const DEPTH: usize = 64;

/// `provisioner "remote-exec"`.
pub struct RemoteExec {
    schema: Block,
}

/// `provisioner "file"`.
pub struct Upload {
    schema: Block,
}

fn schema(attributes: impl IntoIterator<Item = (&'static str, Attribute)>) -> Block {
    Block {
        attributes: attributes.into_iter().map(|(n, a)| (n.into(), a)).collect(),
        ..Block::default()
    }
}

impl RemoteExec {
    /// The provisioner.
    pub fn new() -> RemoteExec {
        let list = || Attribute::optional(Type::list(Type::String));
        let schema = schema([
            ("inline", list()),
            ("script", Attribute::optional(Type::String)),
            ("scripts", list()),
        ]);
        RemoteExec { schema }
    }
}

impl Default for RemoteExec {
    fn default() -> Self {
        RemoteExec::new()
    }
}

impl Upload {
    /// The provisioner.
    pub fn new() -> Upload {
        let schema = schema([
            ("source", Attribute::optional(Type::String)),
            ("content", Attribute::optional(Type::String)),
            ("destination", Attribute::required(Type::String)),
        ]);
        Upload { schema }
    }
}

impl Default for Upload {
    fn default() -> Self {
        Upload::new()
    }
}

#[async_trait]
impl Provisioner for RemoteExec {
    fn name(&self) -> &str {
        "remote-exec"
    }

    fn schema(&self) -> &Block {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let ways = ["inline", "script", "scripts"];
        if ways.iter().filter(|w| is_set(config, w)).count() == 1 {
            return Diagnostics::new();
        }
        Diagnostic::error(
            "Invalid remote-exec provisioner configuration",
            "Exactly one of \"inline\", \"script\" and \"scripts\" has to be set.",
        )
        .into()
    }

    fn validate_connection(&self, connection: Option<&Value>) -> Diagnostics {
        check_connection("remote-exec provisioner error", connection)
    }

    async fn run(
        &self,
        request: ProvisionRequest<'_>,
        observer: &dyn ProvisionObserver,
    ) -> Diagnostics {
        const ERROR: &str = "remote-exec provisioner error";
        let problems = self.validate(request.config);
        if problems.has_errors() {
            return problems;
        }
        let scripts = match scripts(request.config) {
            Ok(scripts) => scripts,
            Err(why) => return failed(ERROR, request, why),
        };
        let (session, connection) = match connect(ERROR, request, observer).await {
            Ok(connected) => connected,
            Err(problems) => return problems,
        };
        let work = async {
            for (what, script) in &scripts {
                run_script(&session, &connection, script, observer, request.secret)
                    .await
                    .map_err(|why| format!("{what} failed: {why}"))?;
            }
            Ok(())
        };
        let result = unless_stopped(work, observer).await;
        conclude(ERROR, request, &session, result).await
    }
}

#[async_trait]
impl Provisioner for Upload {
    fn name(&self) -> &str {
        "file"
    }

    fn schema(&self) -> &Block {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let detail = match (is_set(config, "source"), is_set(config, "content")) {
            (true, true) => "Only one of \"source\" and \"content\" can be set.",
            (false, false) => "One of \"source\" and \"content\" has to be set.",
            _ => return Diagnostics::new(),
        };
        Diagnostic::error("Invalid file provisioner configuration", detail).into()
    }

    fn validate_connection(&self, connection: Option<&Value>) -> Diagnostics {
        check_connection("file provisioner error", connection)
    }

    async fn run(
        &self,
        request: ProvisionRequest<'_>,
        observer: &dyn ProvisionObserver,
    ) -> Diagnostics {
        const ERROR: &str = "file provisioner error";
        let problems = self.validate(request.config);
        if problems.has_errors() {
            return problems;
        }
        let config = request.config;
        let destination = text(config, "destination").unwrap_or_default();
        let planned = match (text(config, "content"), text(config, "source")) {
            (Some(content), _) => Ok(Sent::Text(content.to_owned())),
            (None, source) => collect(source.unwrap_or_default()),
        };
        let planned = match planned {
            Ok(planned) => planned,
            Err(why) => return failed(ERROR, request, why),
        };
        let (session, _) = match connect(ERROR, request, observer).await {
            Ok(connected) => connected,
            Err(problems) => return problems,
        };
        let result = unless_stopped(send(&session, &planned, destination), observer).await;
        conclude(ERROR, request, &session, result).await
    }
}

/// What is wrong with a connection, as far as it is known.
fn check_connection(summary: &str, connection: Option<&Value>) -> Diagnostics {
    let mut problems = Diagnostics::new();
    match connection {
        Some(block) => {
            Connection::check(block, &mut problems);
        }
        None => {
            let detail = "There is no \"connection\" block that says how the object is reached: it belongs into the provisioner, or into the resource for all of its provisioners.";
            problems.push(Diagnostic::error(summary, detail));
        }
    }
    problems
}

fn failed(summary: &str, request: ProvisionRequest<'_>, why: String) -> Diagnostics {
    let detail = match request.secret {
        true => {
            "It failed. What failed is not shown, because a value in its configuration must not be."
                .to_owned()
        }
        false => why,
    };
    Diagnostic::error(summary, detail).into()
}

/// Connects; the error: why not, or that the user wants to stop.
async fn connect(
    summary: &str,
    request: ProvisionRequest<'_>,
    observer: &dyn ProvisionObserver,
) -> Result<(Session, Connection), Diagnostics> {
    let Some(block) = request.connection else {
        return Err(check_connection(summary, None));
    };
    let connection = Connection::read(block)?;
    observer.output(&announced(&connection));
    let session = tokio::select! {
        session = Session::connect(&connection) => session,
        () = stopped(observer) => {
            Err("The run was asked to stop before the connection was there.".to_owned())
        }
    };
    // What is said of the connection does not follow from the arguments.
    let session = session.map_err(|why| Diagnostics::from(Diagnostic::error(summary, why)))?;
    observer.output("Connected!");
    Ok((session, connection))
}

/// What work comes to, or that it was given up because the user wants to stop.
async fn unless_stopped(
    work: impl Future<Output = Result<(), String>>,
    observer: &dyn ProvisionObserver,
) -> Result<(), String> {
    tokio::select! {
        result = work => result,
        () = stopped(observer) => Err("It was ended after the run was asked to stop.".to_owned()),
    }
}

/// Takes leave.
async fn conclude(
    summary: &str,
    request: ProvisionRequest<'_>,
    session: &Session,
    result: Result<(), String>,
) -> Diagnostics {
    session.close().await;
    match result {
        Ok(()) => Diagnostics::new(),
        Err(why) => failed(summary, request, why),
    }
}

async fn stopped(observer: &dyn ProvisionObserver) {
    while !observer.stopping() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn announced(connection: &Connection) -> String {
    let mut out = String::from("Connecting to remote host via SSH...");
    let hops = [
        ("", Some(&connection.target)),
        ("Bastion ", connection.bastion.as_ref()),
    ];
    for (which, hop) in hops {
        let Some(hop) = hop else { continue };
        out.push_str(&format!(
            "\n  {which}Host: {}\n  {which}User: {}\n  {which}Password: {}\n  {which}Private key: {}\n  {which}Certificate: {}\n  {which}SSH Agent: {}\n  {which}Checking Host Key: {}",
            hop.shown,
            hop.shown_user,
            hop.password.is_some(),
            hop.key.is_some(),
            hop.certificate.is_some(),
            hop.agent,
            hop.host_key.is_some(),
        ));
    }
    out.push_str("\n  Target Platform: unix");
    out
}

/// The scripts that are to run, with what they are called.
fn scripts(config: &Value) -> Result<Vec<(String, Vec<u8>)>, String> {
    if is_set(config, "inline") {
        let mut script = texts(config, "inline").join("\n");
        script.push('\n');
        return Ok(vec![("The script".to_owned(), script.into_bytes())]);
    }
    let mut files = texts(config, "scripts");
    files.extend(text(config, "script").map(str::to_owned));
    files
        .into_iter()
        .map(|file| {
            let read = std::fs::read(&file);
            let script = read.map_err(|e| format!("The script {file} cannot be read: {e}."))?;
            Ok((format!("The script {file}"), script))
        })
        .collect()
}

async fn run_script(
    session: &Session,
    connection: &Connection,
    script: &[u8],
    observer: &dyn ProvisionObserver,
    secret: bool,
) -> Result<(), String> {
    let path = connection.script_path.replace("%RAND%", &random());
    let quoted = quoted(&path);
    let mut whole = Vec::new();
    if !script.starts_with(b"#!") {
        whole.extend_from_slice(SHEBANG.as_bytes());
    }
    whole.extend_from_slice(script);
    // It may hold secrets: nobody else on the machine has to read it.
    let command = format!("umask 077 && cat > {quoted} && chmod 0700 {quoted}");
    session
        .feed(&command, whole.as_slice())
        .await
        .map_err(|why| format!("it could not be put to {path} on the machine: {why}"))?;
    let mut lines = Lines::default();
    let mut tail = Tail::default();
    let mut emit = |line: &str| observer.output(line);
    let result = session
        .run(&quoted, true, &mut |piece| {
            tail.push(piece);
            lines.push(piece, &mut emit);
        })
        .await;
    lines.flush(&mut emit);
    // That it is left behind is a pity, and no reason to fail.
    let _ = session
        .run(&format!("rm -f {quoted}"), false, &mut |_| {})
        .await;
    result.map_err(|why| match secret {
        true => why,
        false => format!("{why}. {}", tail.sentence()),
    })
}

/// Something that no other script is called.
fn random() -> String {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    format!("{:016x}", hasher.finish())
}

/// What is sent to a machine.
enum Sent {
    Text(String),
    File(PathBuf),
    Folder {
        /// Its name on the machine, unless only what is in it is sent.
        name: Option<String>,
        /// Those in it, outer ones first, by their paths in it.
        folders: Vec<String>,
        files: Vec<(String, PathBuf)>,
    },
}

/// Looks what there is before anything is sent.
fn collect(source: &str) -> Result<Sent, String> {
    let root = Path::new(source);
    let known = std::fs::metadata(root);
    let known = known.map_err(|e| format!("The source {source} cannot be read: {e}."))?;
    if !known.is_dir() {
        return Ok(Sent::File(root.to_owned()));
    }
    let name = match source.ends_with('/') {
        true => None,
        false => root.file_name().map(|n| n.to_string_lossy().into_owned()),
    };
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    walk(root, "", &mut folders, &mut files, 0)?;
    Ok(Sent::Folder {
        name,
        folders,
        files,
    })
}

fn walk(
    folder: &Path,
    at: &str,
    folders: &mut Vec<String>,
    files: &mut Vec<(String, PathBuf)>,
    depth: usize,
) -> Result<(), String> {
    let unreadable = |e: std::io::Error| format!("{} cannot be read: {e}.", folder.display());
    if depth > DEPTH {
        return Err(format!(
            "{} is too deep: a link may lead back to a folder around it.",
            folder.display()
        ));
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .and_then(|all| all.map(|e| e.map(|e| e.path())).collect())
        .map_err(unreadable)?;
    entries.sort();
    for path in entries {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        let inner = format!("{at}/{}", name.unwrap_or_default());
        if std::fs::metadata(&path).map_err(unreadable)?.is_dir() {
            folders.push(inner.clone());
            walk(&path, &inner, folders, files, depth + 1)?;
        } else {
            files.push((inner, path));
        }
    }
    Ok(())
}

async fn send(session: &Session, sent: &Sent, destination: &str) -> Result<(), String> {
    let could_not = |to: &str, why: String| format!("{to} could not be written: {why}");
    match sent {
        Sent::Text(content) => {
            let command = format!("cat > {}", quoted(destination));
            let fed = session.feed(&command, content.as_bytes()).await;
            fed.map_err(|why| could_not(destination, why))
        }
        Sent::File(path) => file(session, path, &quoted(destination))
            .await
            .map_err(|why| could_not(destination, why)),
        Sent::Folder {
            name,
            folders,
            files,
        } => {
            let root = quoted(destination.trim_end_matches('/'));
            let root = if root == "''" { "/".to_owned() } else { root };
            // A folder is put into one that is there, and becomes one that is not.
            let choose = match name {
                Some(name) => format!(
                    "d={root}; if [ -d \"$d\" ]; then d=\"$d\"/{}; fi; ",
                    quoted(name)
                ),
                None => format!("d={root}; "),
            };
            // The first command decides, the others find what it has made.
            let mut place = Tail::default();
            let command = format!("{choose}mkdir -p \"$d\" && printf %s \"$d\"");
            session
                .run(&command, false, &mut |piece| place.push(piece))
                .await
                .map_err(|why| could_not(destination, why))?;
            let place = place.text();
            for folder in folders {
                let path = format!("{place}{folder}");
                let command = format!("mkdir -p {}", quoted(&path));
                let mut tail = Tail::default();
                session
                    .run(&command, false, &mut |piece| tail.push(piece))
                    .await
                    .map_err(|why| could_not(&path, format!("{why}. {}", tail.sentence())))?;
            }
            for (inner, local) in files {
                let path = format!("{place}{inner}");
                file(session, local, &quoted(&path))
                    .await
                    .map_err(|why| could_not(&path, why))?;
            }
            Ok(())
        }
    }
}

async fn file(session: &Session, local: &Path, quoted: &str) -> Result<(), String> {
    let opened = tokio::fs::File::open(local).await;
    let content = opened.map_err(|e| format!("{} cannot be read: {e}", local.display()))?;
    session.feed(&format!("cat > {quoted}"), content).await
}

/// A word that a shell takes as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
