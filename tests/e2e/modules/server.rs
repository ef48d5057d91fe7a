//! A web server of the tests' own: what it answers is written down before, what it was
//! asked can be read after.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What is answered at a path.
#[derive(Clone, Default)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
    /// The credentials that have to be sent.
    wanted: Option<String>,
    gate: Option<Arc<Gate>>,
}

/// Lets requests through only once enough of them have come.
pub struct Gate {
    enough: usize,
    here: Mutex<usize>,
    come: Condvar,
}

impl Gate {
    pub fn of(enough: usize) -> Arc<Gate> {
        Arc::new(Gate {
            enough,
            here: Mutex::new(0),
            come: Condvar::new(),
        })
    }

    /// Waits for the others; false if they do not come.
    fn pass(&self) -> bool {
        let mut here = self.here.lock().expect("no panic");
        *here += 1;
        self.come.notify_all();
        let few = |here: &mut usize| *here < self.enough;
        let waited = self
            .come
            .wait_timeout_while(here, Duration::from_secs(20), few);
        !waited.expect("no panic").1.timed_out()
    }
}

impl Reply {
    pub fn ok(body: impl Into<Vec<u8>>) -> Reply {
        Reply {
            status: 200,
            body: body.into(),
            ..Reply::default()
        }
    }

    pub fn status(status: u16) -> Reply {
        Reply {
            status,
            ..Reply::default()
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn after(mut self, delay: Duration) -> Reply {
        self.delay = delay;
        self
    }

    /// Only for those who send these credentials (`Bearer token`, `Basic …`).
    pub fn only_with(mut self, credentials: &str) -> Reply {
        self.wanted = Some(credentials.into());
        self
    }

    /// Only once as many requests have come as the gate wants.
    pub fn behind(mut self, gate: &Arc<Gate>) -> Reply {
        self.gate = Some(gate.clone());
        self
    }
}

#[derive(Default)]
struct Shared {
    replies: Mutex<BTreeMap<String, Reply>>,
    requests: Mutex<Vec<String>>,
    tokens: Mutex<Vec<String>>,
    stop: AtomicBool,
    /// The folder whose repositories are served below `/git/`.
    repositories: Mutex<Option<PathBuf>>,
}

/// The server; it ends when this is dropped.
pub struct Server {
    address: SocketAddr,
    encrypted: bool,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start() -> Server {
        Server::with(None)
    }

    /// One that is asked over https.
    pub fn encrypted(tls: Arc<ServerConfig>) -> Server {
        Server::with(Some(tls))
    }

    fn with(tls: Option<Arc<ServerConfig>>) -> Server {
        let encrypted = tls.is_some();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if theirs.stop.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let theirs = theirs.clone();
                let tls = tls.clone();
                std::thread::spawn(move || match tls {
                    None => serve(&mut &stream, &theirs),
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).expect("a connection");
                        let mut stream = StreamOwned::new(connection, stream);
                        serve(&mut stream, &theirs);
                        stream.conn.send_close_notify();
                        let _ = stream.flush();
                    }
                });
            }
        });
        Server {
            address,
            encrypted,
            shared,
            thread: Some(thread),
        }
    }

    /// `127.0.0.1:port`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        let scheme = if self.encrypted { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address)
    }

    /// Serves the git repositories in a folder, below `/git/`.
    pub fn repositories(&self, folder: &Path) {
        *self.shared.repositories.lock().expect("no panic") = Some(folder.to_owned());
    }

    /// Says what is answered at a path (without a query).
    pub fn on(&self, path: &str, reply: Reply) {
        let mut replies = self.shared.replies.lock().expect("no panic");
        replies.insert(path.into(), reply);
    }

    /// A module of a registry on this server: its versions, each an archive.
    pub fn publish(&self, module: &str, versions: &[(&str, Vec<u8>)], token: Option<&str>) {
        let guarded = |reply: Reply| match token {
            Some(token) => reply.only_with(&format!("Bearer {token}")),
            None => reply,
        };
        self.on(
            "/.well-known/terraform.json",
            Reply::ok("{\"modules.v1\": \"/registry/\"}"),
        );
        let list: Vec<String> = versions
            .iter()
            .map(|(v, _)| format!("{{\"version\": \"{v}\"}}"))
            .collect();
        let list = format!("{{\"modules\": [{{\"versions\": [{}]}}]}}", list.join(", "));
        self.on(
            &format!("/registry/{module}/versions"),
            guarded(Reply::ok(list)),
        );
        for (version, archive) in versions {
            let file = format!("/files/{}-{version}.tgz", module.replace('/', "-"));
            self.on(
                &format!("/registry/{module}/{version}/download"),
                guarded(Reply::status(204).header("X-Terraform-Get", &file)),
            );
            self.on(&file, Reply::ok(archive.clone()));
        }
    }

    /// What was asked since the last look, as `METHOD path`, in alphabetical order.
    pub fn requests(&self) -> Vec<String> {
        let mut requests = std::mem::take(&mut *self.shared.requests.lock().expect("no panic"));
        requests.sort();
        requests
    }

    /// The paths that a token was sent to, ever.
    pub fn told_secrets(&self) -> Vec<String> {
        let mut paths = self.shared.tokens.lock().expect("no panic").clone();
        paths.sort();
        paths.dedup();
        paths
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes it up.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: &mut (impl Read + Write), shared: &Shared) {
    let mut stream = BufReader::new(stream);
    let Some(request) = Request::read(&mut stream) else {
        return;
    };
    let stream = stream.get_mut();
    let line = format!("{} {}", request.method, request.target);
    shared.requests.lock().expect("no panic").push(line);
    let authorization = request.header("authorization");
    if authorization.is_some() {
        let path = request.path().to_owned();
        shared.tokens.lock().expect("no panic").push(path);
    }
    let repositories = shared.repositories.lock().expect("no panic").clone();
    if let (Some(folder), Some(path)) = (repositories, request.path().strip_prefix("/git")) {
        let answer = repository(&request, &folder, path);
        let _ = stream.write_all(&answer);
        let _ = stream.flush();
        return;
    }
    let path = request.path();
    let reply = shared.replies.lock().expect("no panic").get(path).cloned();
    let mut reply = reply.unwrap_or_else(|| Reply::status(404));
    std::thread::sleep(reply.delay);
    if let Some(wanted) = &reply.wanted
        && authorization != Some(wanted)
    {
        reply = Reply::status(401);
    }
    if reply.gate.as_ref().is_some_and(|gate| !gate.pass()) {
        reply = Reply::status(508);
    }
    let mut head = format!("HTTP/1.1 {} Answer\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if reply.status != 204 {
        head.push_str(&format!("Content-Length: {}\r\n", reply.body.len()));
    }
    head.push_str("\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&reply.body);
    let _ = stream.flush();
}

struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn read(stream: &mut impl BufRead) -> Option<Request> {
        let mut line = || {
            let mut text = String::new();
            stream.read_line(&mut text).ok().filter(|n| *n > 0)?;
            Some(text.trim_end().to_owned())
        };
        let first = line()?;
        let mut words = first.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = Vec::new();
        while let Some(text) = line().filter(|l| !l.is_empty()) {
            if let Some((name, value)) = text.split_once(':') {
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        let mut request = Request {
            method,
            target,
            headers,
            body: Vec::new(),
        };
        let length = request.header("content-length").map_or("0", |l| l);
        let length = length.parse().unwrap_or(0);
        stream.take(length).read_to_end(&mut request.body).ok()?;
        Some(request)
    }

    fn header(&self, name: &str) -> Option<&String> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// What git's own server answers.
fn repository(request: &Request, folder: &Path, path: &str) -> Vec<u8> {
    let header = |name: &str| request.header(name).cloned().unwrap_or_default();
    let query = request.target.split_once('?').map_or("", |(_, q)| q);
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", &request.method)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("git runs");
    let mut input = child.stdin.take().expect("piped");
    let _ = input.write_all(&request.body);
    drop(input);
    let output = child.wait_with_output().expect("git ends").stdout;
    // As a CGI program, it says the status in a header of its own.
    let status = match output.strip_prefix(b"Status: ") {
        Some(rest) => String::from_utf8_lossy(&rest[..3]).into_owned(),
        None => "200".into(),
    };
    let mut answer = format!("HTTP/1.1 {status} Answer\r\nConnection: close\r\n").into_bytes();
    answer.extend(output);
    answer
}
