//! What happens to a run from outside: signals, locks, closed outputs, restarts.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use loam_sandbox::{RateLimits, SandboxConfig};

use crate::world::World;

const FLEET: &str = r#"
resource "cyberpanel_vps" "web" {
  count         = 4
  hostname      = "web-${count.index}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
}
"#;

/// A cloud in which deployments take longer than a test wants to wait.
fn slow_cloud() -> World {
    let config = SandboxConfig {
        speed: 5.0,
        rate_limits: RateLimits::Off,
        ..SandboxConfig::default()
    };
    World::with(FLEET, config)
}

/// Starts an apply and returns when it has made the first machine.
fn begun(w: &World) -> Child {
    let child = w
        .command("apply -auto-approve -parallelism=1")
        .spawn()
        .expect("it runs");
    let start = Instant::now();
    while w.cloud().machines().is_empty() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "nothing was made"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.expect("there is a kill").success());
}

/// How it ended and what it printed.
fn ended(child: Child) -> (i32, String) {
    let output = child.wait_with_output().expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8(text).expect("UTF-8"),
    )
}

/// Lets every deployment end, and applies to the end: nothing is lost, nothing is double.
fn finish(w: &World) {
    w.cloud()
        .control("POST", "/_sandbox/clock", "{\"advance_seconds\": 3600}");
    w.apply();
    assert_eq!(
        w.cloud().machines(),
        [0, 1, 2, 3].map(|i| format!("web-{i}.example.com"))
    );
    w.plan().says("No changes.");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_in_order() {
    let w = slow_cloud();
    let child = begun(&w);
    std::thread::sleep(Duration::from_millis(300));
    interrupt(&child);
    let (code, text) = ended(child);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("Apply was stopped"), "{text}");
    assert!(text.contains("not begun"), "{text}");
    let made = w.cloud().machines().len();
    assert!(made < 4, "it went on: {made}");
    assert_eq!(w.run("state list").ok().out.lines().count(), made);
    finish(&w);
}

#[cfg(unix)]
#[test]
fn ctrl_c_calls_back_what_waits_for_the_rate_limit() {
    // Two requests a minute: the third would be sent after a minute.
    let mut w = slow_cloud();
    w.set("CYBERPANEL_REQUESTS_PER_MINUTE", "2");
    let child = w.command("apply -auto-approve").spawn().expect("it runs");
    let start = Instant::now();
    while w.cloud().machines().len() < 2 {
        assert!(start.elapsed() < Duration::from_secs(20), "nothing is made");
        std::thread::sleep(Duration::from_millis(20));
    }
    interrupt(&child);
    let start = Instant::now();
    let (code, text) = ended(child);
    assert!(start.elapsed() < Duration::from_secs(10), "{text}");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("The change was not begun"), "{text}");
    // What was made is waited for by the next run, and what was not is made.
    assert_eq!(w.run("state list").ok().out.lines().count(), 2, "{text}");
    w.set("CYBERPANEL_REQUESTS_PER_MINUTE", "6000");
    w.set("LOAM_API_SPEED", "10");
    finish(&w);
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_ends_at_once() {
    let w = slow_cloud();
    let fault = serde_json::json!({ "kind": "delay", "method": "POST", "path": "/vps/create", "delay_ms": 4000, "always": true, "effect": "after" });
    w.cloud()
        .control("POST", "/_sandbox/faults", &fault.to_string());
    let mut child = w
        .command("apply -auto-approve -parallelism=2")
        .spawn()
        .expect("it runs");
    // Ready when it says that it creates.
    let mut out = child.stdout.take().expect("piped");
    let mut seen = String::new();
    while !seen.contains("Creating...") {
        let mut byte = [0; 1];
        assert_eq!(out.read(&mut byte).expect("readable"), 1, "{seen}");
        seen.push(byte[0].into());
    }
    std::thread::sleep(Duration::from_millis(300));
    interrupt(&child);
    std::thread::sleep(Duration::from_millis(300));
    interrupt(&child);
    let start = Instant::now();
    drop(out);
    let (code, text) = ended(child);
    assert_eq!(code, 130, "{text}");
    assert!(start.elapsed() < Duration::from_secs(2), "not at once");
    w.cloud().control("DELETE", "/_sandbox/faults", "");
    std::thread::sleep(Duration::from_millis(4500));
    finish(&w);
}

#[cfg(unix)]
#[test]
fn a_lock_tells_who_holds_it_and_can_be_waited_for() {
    let w = slow_cloud();
    let mut child = begun(&w);
    w.run("apply -auto-approve")
        .fails()
        .says("State locked")
        .says("\"loam apply\" of ada@")
        .says("force-unlock");
    let start = Instant::now();
    w.run("apply -auto-approve -lock-timeout=1s")
        .fails()
        .says("Waiting for the lock")
        .says("State locked");
    assert!(start.elapsed() >= Duration::from_secs(1));
    // A plan takes no lock.
    w.plan();
    child.kill().expect("killed");
    child.wait().expect("gone");
    finish(&w);
}

#[test]
fn a_closed_output_does_not_end_an_apply() {
    let w =
        World::new("resource \"terraform_data\" \"a\" {\n  count = 30\n  input = count.index\n}\n");
    let mut child = w
        .command("apply -auto-approve")
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(0));
    w.plan().says("No changes.");
}

#[test]
fn the_embedded_sandbox_keeps_its_objects_between_commands() {
    let mut w = World::new(&FLEET.replace("count         = 4", "count         = 1"));
    w.set("LOAM_SANDBOX_SPEED", "1000");
    w.set("LOAM_SANDBOX_RATE_LIMITS", "off");
    w.run("apply -auto-approve --sandbox").ok().says("1 added");
    w.run("plan -sandbox").ok().says("No changes.");
    w.set("LOAM_SANDBOX", "1");
    w.run("destroy -auto-approve").ok().says("1 destroyed");
}

#[test]
fn other_directories_and_other_state_files() {
    let w = World::new("");
    w.write(
        "sub/main.tf",
        "resource \"terraform_data\" \"a\" { input = 1 }\n",
    );
    w.run("-chdir=sub apply -auto-approve").ok().says("1 added");
    assert!(w.path("sub/state/default.db").exists());
    assert!(!w.path("state").exists());
    w.run("plan -chdir=sub -state=other.db")
        .ok()
        .says("1 to add");
    w.run("apply -chdir=sub -state=other.db -auto-approve").ok();
    assert!(w.path("sub/other.db").exists());
    w.run("plan -chdir=nowhere").fails().says("-chdir=nowhere");
}

#[test]
fn ephemeral_values_are_not_in_a_plan_file() {
    let w = World::new(
        "variable \"key\" {\n  ephemeral = true\n  type      = string\n}\nresource \"terraform_data\" \"a\" { input = 1 }\n",
    );
    w.run("plan -var=key=opensesame -out=saved.plan").ok();
    let bytes = std::fs::read(w.path("saved.plan")).expect("there");
    assert!(!bytes.windows(10).any(|b| b == b"opensesame"));
    w.run("apply -input=false saved.plan")
        .fails()
        .says("var.key");
    w.run("apply -var=key=opensesame saved.plan")
        .ok()
        .says("1 added");
}

#[test]
fn without_refresh_nothing_is_asked() {
    let w = World::with_cloud(FLEET);
    w.apply();
    w.cloud().requests();
    w.run("plan -refresh=false").ok().says("No changes.");
    assert!(w.cloud().requests().is_empty());
}

#[test]
fn no_secret_is_printed_where_an_object_repeats_it() {
    let w = World::new(
        "variable \"p\" {\n  sensitive = true\n  default   = \"hunter2\"\n}\nresource \"terraform_data\" \"a\" { input = { p = var.p } }\n",
    );
    w.apply().never_says("hunter2");
    w.run("show").ok().never_says("hunter2");
    w.write("main.tf", "");
    w.plan().says("1 to destroy").never_says("hunter2");
}
