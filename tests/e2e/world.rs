//! A working directory, the real binary, and (where a test wants it) an emulated cloud.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use loam_sandbox::{RateLimits, Sandbox, SandboxConfig};
use serde_json::Value as Json;

/// What a command printed and how it ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Everything printed, standard output first.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Fails the test unless the command succeeded.
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, 0, "the command failed:\n{}", self.all());
        self
    }

    /// Fails the test unless the command failed with code 1.
    #[track_caller]
    pub fn fails(self) -> Ran {
        assert_eq!(self.code, 1, "the command had to fail:\n{}", self.all());
        self
    }

    /// Fails the test unless the text was printed.
    #[track_caller]
    pub fn says(self, text: &str) -> Ran {
        assert!(
            self.all().contains(text),
            "{text:?} was not printed:\n{}",
            self.all()
        );
        self
    }

    /// Fails the test if the text was printed.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Ran {
        assert!(
            !self.all().contains(text),
            "{text:?} was printed:\n{}",
            self.all()
        );
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("no JSON ({e}):\n{}", self.all()))
    }
}

/// A request of the sandbox's log.
pub struct Logged {
    /// When it was begun, in seconds.
    pub at: f64,
    pub cloud: String,
    pub method: String,
    /// With the query.
    pub path: String,
    /// None if the connection was dropped.
    pub status: Option<u64>,
}

impl Logged {
    fn read(entry: &Json) -> Logged {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let time: jiff::Timestamp = text("started_at").parse().expect("a time");
        Logged {
            at: time.as_nanosecond() as f64 / 1e9,
            cloud: text("cloud"),
            method: text("method"),
            path: text("path"),
            status: entry["status"].as_u64(),
        }
    }

    /// Whether its path ends so, without the query.
    pub fn is(&self, method: &str, end: &str) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        self.method == method && path.ends_with(end)
    }
}

/// One request, past Loam: the status and the JSON of the answer.
pub fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (u16, Json) {
    let mut stream = TcpStream::connect(address).expect("the sandbox listens");
    let text = format!(
        "{method} {path} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|s| s.parse().ok())
        .unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, b)| b);
    // A chunked body has its length in front and a zero behind.
    let body = body.find(['{', '[']).map_or("", |i| &body[i..]);
    let end = body.rfind(['}', ']']).map_or(0, |i| i + 1);
    (
        status,
        serde_json::from_str(&body[..end]).unwrap_or(Json::Null),
    )
}

/// An emulated cloud with its runtime.
pub struct Cloud {
    runtime: tokio::runtime::Runtime,
    sandbox: Option<Sandbox>,
    address: SocketAddr,
    environment: Vec<(String, String)>,
}

impl Cloud {
    fn start(config: SandboxConfig) -> Cloud {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let sandbox = runtime
            .block_on(loam_sandbox::start(config))
            .expect("the sandbox starts");
        let (address, environment) = (sandbox.address(), sandbox.environment());
        Cloud {
            runtime,
            sandbox: Some(sandbox),
            address,
            environment,
        }
    }

    /// One request to the sandbox's own endpoints.
    pub fn control(&self, method: &str, path: &str, body: &str) -> Json {
        self.request(method, path, "", body).1
    }

    /// The key that the user has.
    pub fn key(&self) -> String {
        let mut all = self.environment.iter();
        let key = all.find(|(n, _)| n == "CYBERPANEL_API_KEY");
        key.expect("a key").1.clone()
    }

    /// One request to the emulated cloud, with the key that the user has.
    pub fn api(&self, method: &str, path: &str, body: &str) -> (u16, Json) {
        let key = self.key();
        self.request(
            method,
            &format!("/cyberpanel/api/v1{path}"),
            &format!("Authorization: Bearer {key}\r\n"),
            body,
        )
    }

    fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, Json) {
        request(self.address, method, path, headers, body)
    }

    /// The requests to the cloud since the last look, as `METHOD path`.
    pub fn requests(&self) -> Vec<String> {
        let all = self.control("GET", "/_sandbox/requests", "");
        let list = all
            .get("requests")
            .and_then(Json::as_array)
            .or_else(|| all.as_array())
            .cloned()
            .unwrap_or_default();
        self.control("DELETE", "/_sandbox/requests", "");
        list.iter()
            .map(|r| {
                let text = |k: &str| {
                    r.get(k)
                        .and_then(Json::as_str)
                        .unwrap_or_default()
                        .to_owned()
                };
                format!("{} {}", text("method"), text("path"))
            })
            .collect()
    }

    /// The whole log, oldest first; looking changes nothing.
    pub fn log(&self) -> Vec<Logged> {
        let all = self.control("GET", "/_sandbox/requests?limit=100000", "");
        assert_eq!(all["dropped"], 0, "the log is whole");
        let list = all["requests"].as_array().expect("a list");
        list.iter().map(Logged::read).collect()
    }

    /// Lets a cloud's time pass.
    pub fn pass(&self, seconds: u32) {
        let body = format!("{{\"advance_seconds\": {seconds}}}");
        self.control("POST", "/_sandbox/clock", &body);
    }

    /// How many objects of a kind a cloud holds; asking takes part in no limit.
    pub fn count(&self, cloud: &str, kind: &str) -> usize {
        let all = self.control("GET", &format!("/_sandbox/objects?cloud={cloud}"), "");
        let list = all.pointer(&format!("/{cloud}/{kind}"));
        list.and_then(Json::as_array).map_or(0, Vec::len)
    }

    /// Names of the machines that exist.
    pub fn machines(&self) -> Vec<String> {
        let (_, list) = self.api("GET", "/vps?limit=100", "");
        let mut names: Vec<String> = list["data"]["instances"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|i| i["name"].as_str().map(str::to_owned))
            .collect();
        names.sort();
        names
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.stop());
        }
    }
}

/// A working directory with a configuration.
pub struct World {
    pub dir: tempfile::TempDir,
    pub cloud: Option<Cloud>,
    env: Vec<(String, String)>,
}

impl World {
    /// Without a cloud.
    pub fn new(config: &str) -> World {
        let dir = tempfile::tempdir().expect("a directory");
        let world = World {
            dir,
            cloud: None,
            env: Vec::new(),
        };
        world.write("main.tf", config);
        world
    }

    /// With an emulated cloud in which time passes a thousand times as fast, without rate limits.
    pub fn with_cloud(config: &str) -> World {
        World::with(
            config,
            SandboxConfig {
                speed: 1000.0,
                rate_limits: RateLimits::Off,
                ..SandboxConfig::default()
            },
        )
    }

    /// With an emulated cloud as configured.
    pub fn with(config: &str, sandbox: SandboxConfig) -> World {
        let mut world = World::new(config);
        let cloud = Cloud::start(sandbox);
        world.env = cloud.environment.clone();
        world.cloud = Some(cloud);
        world
    }

    /// The cloud.
    pub fn cloud(&self) -> &Cloud {
        self.cloud.as_ref().expect("a world with a cloud")
    }

    /// Sets an environment variable for the commands.
    pub fn set(&mut self, name: &str, value: &str) {
        self.env.retain(|(n, _)| n != name);
        self.env.push((name.into(), value.into()));
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("a directory");
        }
        std::fs::write(path, text).expect("written");
    }

    /// A file's path.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The command, ready to be started.
    pub fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loam"));
        command
            .args(args.split(' ').filter(|a| !a.is_empty()))
            .current_dir(self.dir.path())
            .env_clear();
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("USER", "ada");
        command.envs(self.env.iter().map(|(n, v)| (n, v)));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command. Arguments are separated by single spaces.
    pub fn run(&self, args: &str) -> Ran {
        let output = self.command(args).output().expect("the binary runs");
        let text = |b: Vec<u8>| String::from_utf8(b).expect("UTF-8");
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Runs a command with text on standard input.
    pub fn run_with_input(&self, args: &str, input: &str) -> Ran {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).expect("read");
        }
        let output = child.wait_with_output().expect("it ends");
        let text = |b: Vec<u8>| String::from_utf8(b).expect("UTF-8");
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// `apply -auto-approve`, which has to succeed.
    #[track_caller]
    pub fn apply(&self) -> Ran {
        self.run("apply -auto-approve -input=false").ok()
    }

    /// `plan`, which has to succeed.
    #[track_caller]
    pub fn plan(&self) -> Ran {
        self.run("plan -input=false").ok()
    }
}
