//! A web server of the tests' own: what it answers is written down before, what it was
//! asked can be read after.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What is answered at a path.
#[derive(Clone, Default)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
    /// The token that has to be sent.
    token: Option<String>,
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

    pub fn only_with(mut self, token: &str) -> Reply {
        self.token = Some(token.into());
        self
    }
}

#[derive(Default)]
struct Shared {
    replies: Mutex<BTreeMap<String, Reply>>,
    requests: Mutex<Vec<String>>,
    tokens: Mutex<Vec<String>>,
    stop: AtomicBool,
}

/// The server; it ends when this is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start() -> Server {
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
                std::thread::spawn(move || serve(stream, &theirs));
            }
        });
        Server {
            address,
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
        format!("http://{}{path}", self.address)
    }

    /// Says what is answered at a path (without a query).
    pub fn on(&self, path: &str, reply: Reply) {
        let mut replies = self.shared.replies.lock().expect("no panic");
        replies.insert(path.into(), reply);
    }

    /// A module of a registry on this server: its versions, each an archive.
    pub fn publish(&self, module: &str, versions: &[(&str, Vec<u8>)], token: Option<&str>) {
        let guarded = |reply: Reply| match token {
            Some(token) => reply.only_with(token),
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

fn serve(mut stream: TcpStream, shared: &Shared) {
    let Ok(copy) = stream.try_clone() else { return };
    let mut lines = BufReader::new(copy).lines();
    let Some(Ok(first)) = lines.next() else {
        return;
    };
    let mut authorization = None;
    for line in lines.by_ref() {
        let Ok(line) = line else { return };
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("authorization")
        {
            authorization = Some(value.trim().to_owned());
        }
    }
    let mut words = first.split(' ');
    let method = words.next().unwrap_or_default();
    let target = words.next().unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let request = format!("{method} {target}");
    shared.requests.lock().expect("no panic").push(request);
    if authorization.is_some() {
        shared.tokens.lock().expect("no panic").push(path.clone());
    }
    let reply = shared.replies.lock().expect("no panic").get(&path).cloned();
    let mut reply = reply.unwrap_or_else(|| Reply::status(404));
    std::thread::sleep(reply.delay);
    if let Some(token) = &reply.token
        && authorization != Some(format!("Bearer {token}"))
    {
        reply = Reply::status(401);
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
}
