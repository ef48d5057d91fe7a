//! Commands and files over SSH, on a server on loopback.

// What a test expects it may demand: a panic is how it fails.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]
#![cfg(unix)]

mod server;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use loam_provider::{ProvisionObserver, ProvisionRequest, Provisioner};
use loam_provision::{RemoteExec, Upload};
use loam_value::{Marks, Type, Value};
use russh::keys::PrivateKey;
use russh::keys::key::safe_rng;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::certificate::{Builder, CertType};
use server::{PASSWORD, Server, USER, new_key};

#[derive(Default)]
struct Seen {
    lines: Mutex<Vec<String>>,
    stop: AtomicBool,
}

impl ProvisionObserver for Seen {
    fn output(&self, line: &str) {
        self.lines.lock().unwrap().push(line.to_owned());
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// What was put out, and the errors with their details.
struct Ran {
    lines: Vec<String>,
    problems: String,
}

impl Ran {
    #[track_caller]
    fn ok(self) -> Ran {
        assert_eq!(self.problems, "", "{:?}", self.lines);
        self
    }

    #[track_caller]
    fn fails(self, with: &str) -> Ran {
        assert!(self.problems.contains(with), "{:?}", self.problems);
        self
    }

    /// What came after the connection was there.
    fn output(&self) -> Vec<&str> {
        let lines = self.lines.iter().map(String::as_str);
        lines.skip_while(|l| *l != "Connected!").skip(1).collect()
    }
}

type Arguments = Vec<(&'static str, Value)>;

fn text(value: impl AsRef<str>) -> Value {
    Value::string(value.as_ref())
}

fn list(values: &[&str]) -> Value {
    Value::list(Type::String, values.iter().map(text).collect())
}

/// A connection with the password, and what is said besides.
fn connection(server: &Server, more: Arguments) -> Value {
    let mut all: Vec<(&str, Value)> = vec![
        ("host", text("127.0.0.1")),
        ("port", Value::int(i64::from(server.port))),
        ("user", text(USER)),
        ("password", text(PASSWORD)),
        ("agent", Value::bool(false)),
        ("timeout", text("10s")),
    ];
    all.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    all.extend(more);
    Value::object_of(all)
}

async fn run_with(
    provisioner: &dyn Provisioner,
    config: Arguments,
    connection: Option<&Value>,
    secret: bool,
    seen: &Seen,
) -> Ran {
    let config = Value::object_of(config);
    let request = ProvisionRequest {
        config: &config,
        connection,
        secret,
    };
    let problems = provisioner.run(request, seen).await;
    let problems: Vec<String> = problems
        .iter()
        .map(|d| format!("{}: {}", d.summary, d.detail))
        .collect();
    Ran {
        lines: seen.lines.lock().unwrap().clone(),
        problems: problems.join("\n"),
    }
}

async fn exec(config: Arguments, connection: &Value) -> Ran {
    let seen = Seen::default();
    run_with(&RemoteExec::new(), config, Some(connection), false, &seen).await
}

async fn upload(config: Arguments, connection: &Value) -> Ran {
    let seen = Seen::default();
    run_with(&Upload::new(), config, Some(connection), false, &seen).await
}

#[tokio::test]
async fn lines_of_a_script_run_on_the_machine() {
    let server = Server::start().await;
    let home = text(format!("{}/script-%RAND%.sh", server.home.path().display()));
    let to = connection(&server, vec![("script_path", home)]);
    let inline = list(&["echo one; echo two >&2", "printf three > made", "pwd"]);
    let ran = exec(vec![("inline", inline)], &to).await.ok();
    assert_eq!(
        ran.lines[0],
        "Connecting to remote host via SSH...\n  Host: 127.0.0.1\n  User: ada\n  Password: true\n  Private key: false\n  Certificate: false\n  SSH Agent: false\n  Checking Host Key: false\n  Target Platform: unix"
    );
    let mut output = ran.output();
    output.sort_unstable();
    let place = server.home.path().canonicalize().unwrap();
    assert_eq!(output, [place.to_str().unwrap(), "one", "two"]);
    let made = std::fs::read_to_string(server.home.path().join("made"));
    assert_eq!(made.unwrap(), "three");
    // Nothing of the script is left behind.
    let left: Vec<_> = std::fs::read_dir(server.home.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test]
async fn scripts_are_files_here() {
    let server = Server::start().await;
    let here = tempfile::tempdir().unwrap();
    let write = |name: &str, script: &str| {
        std::fs::write(here.path().join(name), script).unwrap();
        here.path().join(name).to_str().unwrap().to_owned()
    };
    let a = write("a.sh", "echo first > a\n");
    let b = write(
        "b.sh",
        "#!/bin/bash\necho \"second ${BASH_VERSION:+in bash}\"\n",
    );
    let to = connection(&server, vec![]);
    let ran = exec(vec![("scripts", list(&[&a, &b]))], &to).await.ok();
    assert_eq!(ran.output(), ["second in bash"]);
    exec(vec![("script", text(&a))], &to).await.ok();
    exec(vec![("script", text("nowhere.sh"))], &to)
        .await
        .fails("The script nowhere.sh cannot be read");
}

#[tokio::test]
async fn a_failing_command_is_told_with_its_output() {
    let server = Server::start().await;
    let to = connection(&server, vec![]);
    let failing = || vec![("inline", list(&["echo before", "exit 7"]))];
    exec(failing(), &to).await.fails(
        "remote-exec provisioner error: The script failed: exit status 7. Its output:\nbefore",
    );
    // With a secret in its arguments nothing of it is told.
    let seen = Seen::default();
    let ran = run_with(&RemoteExec::new(), failing(), Some(&to), true, &seen).await;
    assert!(!ran.problems.is_empty() && !ran.problems.contains("before"));
}

#[tokio::test]
async fn a_key_lets_in_and_a_wrong_one_does_not() {
    let server = Server::start().await;
    let key = new_key();
    server.allow(&key);
    let with = |key: &PrivateKey| {
        let pem = key.to_openssh(LineEnding::LF).unwrap();
        let null = Value::null(Type::String);
        connection(
            &server,
            vec![
                ("private_key", text(&*pem)),
                ("password", null),
                ("timeout", text("1s")),
            ],
        )
    };
    let config = || vec![("inline", list(&["true"]))];
    exec(config(), &with(&key)).await.ok();
    exec(config(), &with(&new_key()))
        .await
        .fails("the machine does not let the user in (tried: the private key)");
    let broken = connection(&server, vec![("private_key", text("s3cr3t"))]);
    let ran = exec(config(), &broken).await;
    let ran = ran.fails("\"private_key\" cannot be read");
    assert!(!ran.problems.contains("s3cr3t"));
}

#[tokio::test]
async fn a_certificate_lets_in_who_is_named_in_it() {
    let server = Server::start().await;
    let (authority, key) = (new_key(), new_key());
    server.allow(&authority);
    let signed = |principal: &str| {
        let public = key.public_key().clone();
        let mut builder =
            Builder::new_with_random_nonce(&mut safe_rng(), public, 0, u32::MAX.into()).unwrap();
        builder.cert_type(CertType::User).unwrap();
        builder.valid_principal(principal).unwrap();
        let certificate = builder.sign(&authority).unwrap();
        certificate.to_openssh().unwrap()
    };
    let with = |certificate: Option<String>| {
        let pem = key.to_openssh(LineEnding::LF).unwrap();
        let mut all = vec![
            ("private_key", text(&*pem)),
            ("password", Value::null(Type::String)),
            ("timeout", text("1s")),
        ];
        all.extend(certificate.map(|c| ("certificate", text(c))));
        connection(&server, all)
    };
    let config = || vec![("inline", list(&["true"]))];
    exec(config(), &with(Some(signed(USER)))).await.ok();
    for refused in [Some(signed("grace")), None] {
        exec(config(), &with(refused))
            .await
            .fails("the machine does not let the user in (tried: the private key)");
    }
    exec(config(), &with(Some("no certificate".into())))
        .await
        .fails("\"certificate\" cannot be read");
}

#[tokio::test]
async fn a_machine_that_asks_for_the_password_gets_it() {
    let server = Server::start().await;
    server.ask();
    let config = || vec![("inline", list(&["true"]))];
    exec(config(), &connection(&server, vec![])).await.ok();
    let wrong = vec![("password", text("wr0ng")), ("timeout", text("1s"))];
    exec(config(), &connection(&server, wrong))
        .await
        .fails("tried: the password");
}

#[tokio::test]
async fn a_wrong_password_is_tried_until_the_time_is_over() {
    let server = Server::start().await;
    let wrong = vec![("password", text("wr0ng")), ("timeout", text("1500ms"))];
    let begun = Instant::now();
    let to = connection(&server, wrong);
    let ran = exec(vec![("inline", list(&["touch never"]))], &to).await;
    let ran = ran.fails("could not be reached within the \"timeout\" of the connection (1.5 s");
    assert!(ran.problems.contains("tried: the password"));
    assert!(!ran.problems.contains("wr0ng"));
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert!(server.log().is_empty());
}

#[tokio::test]
async fn a_machine_that_is_not_there_yet_is_waited_for() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = port.local_addr().unwrap();
    drop(port);
    let starts = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(700)).await;
        Server::on(tokio::net::TcpListener::bind(address).await.unwrap())
    });
    let to = Value::object_of([
        ("host", text("127.0.0.1")),
        ("port", Value::int(i64::from(address.port()))),
        ("user", text(USER)),
        ("password", text(PASSWORD)),
        ("agent", Value::bool(false)),
        ("timeout", text("1m")),
    ]);
    exec(vec![("inline", list(&["true"]))], &to).await.ok();
    drop(starts.await);
}

#[tokio::test]
async fn another_machine_in_its_place_gets_nothing() {
    let server = Server::start().await;
    let right = connection(&server, vec![("host_key", text(&server.key))]);
    let config = || vec![("inline", list(&["true"]))];
    exec(config(), &right).await.ok();
    let other = new_key().public_key().to_openssh().unwrap();
    let wrong = vec![("host_key", text(other)), ("timeout", text("1m"))];
    let wrong = connection(&server, wrong);
    let (begun, before) = (Instant::now(), server.log().len());
    exec(config(), &wrong)
        .await
        .fails("the machine has another key than the one in \"host_key\"");
    // It does not get better by trying again, and nothing was sent.
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(server.log().len(), before);
}

#[tokio::test]
async fn a_bastion_passes_on() {
    let (bastion, server) = (Server::start().await, Server::start().await);
    let through = vec![
        ("bastion_host", text("127.0.0.1")),
        ("bastion_port", Value::int(i64::from(bastion.port))),
        ("bastion_host_key", text(&bastion.key)),
        ("host_key", text(&server.key)),
    ];
    let to = connection(&server, through);
    let ran = exec(vec![("inline", list(&["echo there"]))], &to)
        .await
        .ok();
    assert_eq!(ran.output(), ["there"]);
    assert!(ran.lines[0].contains("\n  Bastion Host: 127.0.0.1\n  Bastion User: ada\n"));
    assert_eq!(
        bastion.log(),
        [format!("through to 127.0.0.1:{}", server.port)]
    );
}

#[tokio::test]
async fn files_and_folders_are_put_where_terraform_puts_them() {
    let server = Server::start().await;
    let here = tempfile::tempdir().unwrap();
    let folder = here.path().join("conf");
    std::fs::create_dir_all(folder.join("inner dir/deep")).unwrap();
    std::fs::write(folder.join("a'b.txt"), "quote").unwrap();
    std::fs::write(folder.join("inner dir/deep/big"), vec![b'x'; 300_000]).unwrap();
    let source = folder.to_str().unwrap().to_owned();
    let home = |path: &str| server.home.path().join(path);
    let to = connection(&server, vec![]);

    let content = vec![
        ("content", text("some\ntext")),
        ("destination", text("it's")),
    ];
    upload(content, &to).await.ok();
    assert_eq!(std::fs::read_to_string(home("it's")).unwrap(), "some\ntext");

    let file = text(folder.join("a'b.txt").to_str().unwrap());
    upload(vec![("source", file), ("destination", text("file"))], &to)
        .await
        .ok();
    assert_eq!(std::fs::read_to_string(home("file")).unwrap(), "quote");

    // Into a folder that is there, as a folder that is not, and what is in it.
    std::fs::create_dir(home("there")).unwrap();
    for (source, destination, whole) in [
        (source.clone(), "there", "there/conf"),
        (source.clone(), "new", "new"),
        (format!("{source}/"), "there", "there"),
    ] {
        let config = vec![("source", text(source)), ("destination", text(destination))];
        upload(config, &to).await.ok();
        let big = std::fs::read(home(whole).join("inner dir/deep/big")).unwrap();
        assert_eq!(big, vec![b'x'; 300_000], "{destination}");
        assert!(home(whole).join("a'b.txt").exists(), "{destination}");
    }
    upload(
        vec![("content", text("x")), ("destination", text("no/where"))],
        &to,
    )
    .await
    .fails("file provisioner error: no/where could not be written: exit status");
    upload(
        vec![("source", text("nowhere")), ("destination", text("x"))],
        &to,
    )
    .await
    .fails("The source nowhere cannot be read");
}

#[tokio::test]
async fn what_is_asked_to_stop_stops() {
    let server = Server::start().await;
    let to = connection(&server, vec![]);
    let seen = Seen::default();
    let config = vec![("inline", list(&["echo begun", "sleep 60"]))];
    let begun = Instant::now();
    let provisioner = RemoteExec::new();
    let run = run_with(&provisioner, config, Some(&to), false, &seen);
    let stop = async {
        while !seen.lines.lock().unwrap().iter().any(|l| l == "begun") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        seen.stop.store(true, Ordering::SeqCst);
    };
    let (ran, ()) = tokio::join!(run, stop);
    ran.fails("It was ended after the run was asked to stop.");
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let server = Server::start().await;
    let config = || vec![("inline", list(&["true"]))];
    let seen = Seen::default();
    run_with(&RemoteExec::new(), config(), None, false, &seen)
        .await
        .fails("There is no \"connection\" block");
    let all = vec![
        ("type", text("winrm")),
        ("target_platform", text("windows")),
        ("proxy_host", text("proxy")),
        ("timeout", text("soon")),
        ("host", text("")),
    ];
    let ran = exec(config(), &connection(&server, all)).await;
    for part in [
        "type \"winrm\" are not supported",
        "\"target_platform\" = \"windows\" is not supported",
        "through a proxy are not supported",
        "\"timeout\" has to be a time",
        "\"host\" is empty",
    ] {
        assert!(ran.problems.contains(part), "{part}: {}", ran.problems);
    }
    for wrong in [
        vec![],
        vec![("inline", list(&["true"])), ("script", text("x"))],
    ] {
        exec(wrong, &connection(&server, vec![]))
            .await
            .fails("Exactly one of \"inline\", \"script\" and \"scripts\" has to be set.");
    }
    for wrong in [
        vec![("destination", text("x"))],
        vec![
            ("destination", text("x")),
            ("content", text("a")),
            ("source", text("b")),
        ],
    ] {
        upload(wrong, &connection(&server, vec![]))
            .await
            .fails("Invalid file provisioner configuration");
    }
}

#[tokio::test]
async fn sensitive_parts_of_a_connection_are_not_shown() {
    let server = Server::start().await;
    let hidden = vec![
        ("host", text("127.0.0.1").with_marks(Marks::SENSITIVE)),
        ("user", text("nobody-knows").with_marks(Marks::SENSITIVE)),
        ("timeout", text("1s")),
    ];
    let to = connection(&server, hidden);
    let ran = exec(vec![("inline", list(&["true"]))], &to).await;
    let ran = ran.fails("could not be reached");
    let all = format!("{:?} {}", ran.lines, ran.problems);
    assert!(all.contains("(sensitive value)"), "{all}");
    assert!(
        !all.contains("127.0.0.1") && !all.contains("nobody-knows"),
        "{all}"
    );
}
