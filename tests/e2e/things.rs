//! A REST API of the tests' own that keeps whatever objects it is given, and a provider
//! for it (`things.hcl`): for parts of the language that no emulated cloud needs.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value as Json, json};

use crate::world::World;

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, Json>,
    made: usize,
    requests: Vec<String>,
    /// How many more requests of a method are refused.
    refused: BTreeMap<String, usize>,
}

/// The service; it ends when this is dropped.
pub struct Things {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Things {
    pub fn start() -> Things {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let kept = Arc::new(Mutex::new(Kept::default()));
        let stop = Arc::new(AtomicBool::new(false));
        let (theirs, ends) = (kept.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let kept = theirs.clone();
                if let Ok(stream) = stream {
                    std::thread::spawn(move || serve(&stream, &kept));
                }
            }
        });
        Things {
            address,
            kept,
            stop,
            thread: Some(thread),
        }
    }

    /// A working directory with a configuration and the provider `things`.
    pub fn world(&self, config: &str) -> World {
        let mut world = World::new(config);
        world.write(
            "loam.d/providers/things.hcl",
            include_str!("things/things.hcl"),
        );
        world.set("THINGS_ENDPOINT", &format!("http://{}", self.address));
        world.set("THINGS_TOKEN", "of-the-environment");
        world
    }

    /// What has been asked since the last look: `METHOD path TOKEN body`, the body only of
    /// what changes something.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.kept.lock().expect("no panic").requests)
    }

    /// What has been asked since the last look, but for what only reads.
    pub fn changes(&self) -> Vec<String> {
        let mut all = self.requests();
        all.retain(|r| !r.starts_with("GET"));
        all
    }

    /// The objects that there are, by their id.
    pub fn objects(&self) -> BTreeMap<String, Json> {
        self.kept.lock().expect("no panic").objects.clone()
    }

    /// Refuses the next requests of a method.
    pub fn refuse(&self, method: &str, count: usize) {
        let mut kept = self.kept.lock().expect("no panic");
        kept.refused.insert(method.to_owned(), count);
    }
}

impl Drop for Things {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes it up.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: &TcpStream, kept: &Mutex<Kept>) {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut text = String::new();
        reader.read_line(&mut text).ok().filter(|n| *n > 0)?;
        Some(text.trim_end().to_owned())
    };
    let Some(first) = line() else { return };
    let mut words = first.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return;
    };
    let (mut length, mut token) = (0, String::new());
    while let Some(header) = line().filter(|l| !l.is_empty()) {
        match header.to_ascii_lowercase().split_once(": ") {
            Some(("content-length", n)) => length = n.parse().unwrap_or(0),
            Some(("authorization", t)) => token = t.trim_start_matches("bearer ").to_owned(),
            _ => {}
        }
    }
    let mut body = String::new();
    let _ = reader.take(length).read_to_string(&mut body);
    let (status, answer) = kept
        .lock()
        .expect("no panic")
        .answer(method, path, &token, &body);
    let answer = answer.to_string();
    let mut stream = stream;
    let _ = write!(
        stream,
        "HTTP/1.1 {status} Answer\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
        answer.len()
    );
}

impl Kept {
    fn answer(&mut self, method: &str, path: &str, token: &str, body: &str) -> (u16, Json) {
        let request = format!("{method} {path} {token} {body}");
        self.requests.push(request.trim_end().to_owned());
        if let Some(n) = self.refused.get_mut(method).filter(|n| **n > 0) {
            *n -= 1;
            return (
                422,
                json!({"message": format!("{method} is refused today")}),
            );
        }
        let body: Json = serde_json::from_str(body).unwrap_or(Json::Null);
        let Some(id) = path.strip_prefix("/things/") else {
            if method == "GET" {
                let all: Vec<&Json> = self.objects.values().collect();
                return (200, json!({"things": all}));
            }
            self.made += 1;
            let id = format!("t{}", self.made);
            let mut object = body;
            object["id"] = json!(id);
            self.objects.insert(id, object.clone());
            return (201, object);
        };
        let Some(object) = self.objects.get_mut(id) else {
            return (404, json!({"message": "no such thing"}));
        };
        if method == "PUT" {
            *object = body;
            object["id"] = json!(id);
        }
        let object = object.clone();
        if method == "DELETE" {
            self.objects.remove(id);
        }
        (200, object)
    }
}
