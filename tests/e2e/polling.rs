//! Waiting for many things with few requests, and what is told meanwhile.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::time::{Duration, Instant};

use loam_sandbox::{RateLimits, SandboxConfig};
use serde_json::Value as Json;

use crate::servers::{CLOUDS, servers};
use crate::world::{Logged, World};

/// A cloud whose time, and the pauses between polls with it, passes so many times as fast.
fn faster(config: &str, speed: u32) -> World {
    let sandbox = SandboxConfig {
        speed: f64::from(speed),
        rate_limits: RateLimits::Off,
        opening_balance_cents: 100_000_000,
        ..SandboxConfig::default()
    };
    let mut w = World::with(config, sandbox);
    w.set("LOAM_API_SPEED", &speed.to_string());
    for cloud in ["CYBERPANEL", "SERVERSPACE", "VPSORG", "XELON", "XESSONE"] {
        w.set(&format!("{cloud}_REQUESTS_PER_MINUTE"), "6000");
        w.set(&format!("{cloud}_REQUESTS_PER_HOUR"), "100000");
    }
    w
}

/// The requests of a server's life on a cloud, and the pause between two polls.
struct Paths {
    create: &'static str,
    list: &'static str,
    /// Requests for a server alone, after it is ready: the answer that says so and what
    /// the list does not tell.
    alone: usize,
    interval: f64,
}

fn paths(cloud: &str) -> Paths {
    let (create, list, alone, interval) = match cloud {
        "cyberpanel" => ("/vps/create", "/vps", 2, 10.0),
        "xessone" => ("/vps", "/vps", 1, 5.0),
        "vpsorg" => ("/servers/", "/servers/", 1, 10.0),
        "serverspace" => ("/servers", "/servers", 4, 5.0),
        "xelon" => ("/v2/devices", "/v2/devices", 5, 5.0),
        other => panic!("no cloud {other}"),
    };
    Paths {
        create,
        list,
        alone,
        interval,
    }
}

fn fifty_servers_are_waited_for_by_their_list(cloud: &str) {
    const SPEED: u32 = 60;
    let w = faster(&servers(cloud, "web", 50), SPEED);
    let added = if cloud == "xelon" { 51 } else { 50 };
    w.apply().says(&format!("{added} added"));
    let log = w.cloud().log();
    let paths = paths(cloud);
    let creates: Vec<&Logged> = log.iter().filter(|r| r.is("POST", paths.create)).collect();
    assert_eq!(creates.len(), 50, "{cloud}");
    let lists = log.iter().filter(|r| r.is("GET", paths.list)).count();
    let alone = format!("{}/", paths.list.trim_end_matches('/'));
    let of_one = |r: &&Logged| {
        r.method == "GET" && r.path.contains(&alone) && !r.is("GET", paths.list)
            || r.path.contains("/tasks/")
    };
    let details = log.iter().filter(of_one).count();
    let until = log.last().map_or(0.0, |r| r.at);
    let rounds = (until - creates[0].at) / paths.interval * f64::from(SPEED);
    let said = format!("{cloud}: {lists} lists, {details} details, {rounds:.1} rounds");
    // Where a creation waits twice, each of the two looks at its own list while both are
    // under way. Asking for each server alone would take fifty in a round.
    assert!(lists >= 1 && lists as f64 <= rounds * 1.5 + 4.0, "{said}");
    // The first few may be asked for alone: then that is as cheap.
    assert!(details <= 50 * paths.alone + 6, "{said}");
}

#[test]
fn cyberpanel_servers_are_waited_for_by_their_list() {
    fifty_servers_are_waited_for_by_their_list("cyberpanel");
}

#[test]
fn xessone_servers_are_waited_for_by_their_list() {
    fifty_servers_are_waited_for_by_their_list("xessone");
}

#[test]
fn vpsorg_servers_are_waited_for_by_their_list() {
    fifty_servers_are_waited_for_by_their_list("vpsorg");
}

#[test]
fn serverspace_servers_are_waited_for_by_their_list() {
    fifty_servers_are_waited_for_by_their_list("serverspace");
}

#[test]
fn xelon_devices_are_waited_for_by_their_list() {
    fifty_servers_are_waited_for_by_their_list("xelon");
}

#[test]
fn polling_yields_to_work_while_the_budget_is_short() {
    // 60 requests a minute, which lasts six seconds; no server is ready before the clock
    // is moved, so that everything that is not a create asks whether one is. Without a
    // limit that would be 12 requests in each of the three minutes.
    let sandbox = SandboxConfig {
        speed: 0.1,
        rate_limits: RateLimits::Faster(10.0),
        opening_balance_cents: 100_000_000,
        ..SandboxConfig::default()
    };
    let mut w = World::with(&servers("cyberpanel", "web", 180), sandbox);
    w.set("LOAM_API_SPEED", "10");
    let mut child = w
        .command("apply -auto-approve")
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("it runs");
    let begun = Instant::now();
    while w.cloud().count("cyberpanel", "vps") < 180 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "they are not made"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let minutes = begun.elapsed().as_secs_f64() / 6.0;
    let log = w.cloud().log();
    let made = log.iter().rposition(|r| r.is("POST", "/vps/create"));
    let polls = made.expect("some") + 1 - 180;
    // One that has waited for two minutes counts as work, and while no create is at hand
    // it does not wait: a third of them, also where a busy machine takes longer.
    let allowed = 4.0 * minutes.max(3.0);
    assert!(polls as f64 <= allowed, "{polls} polls went before creates");
    assert!(!log.iter().any(|r| r.status == Some(429)));
    child.kill().expect("killed");
    child.wait().expect("gone");
}

/// The messages of a change's progress, of each resource.
fn progress(out: &str) -> Vec<(String, String)> {
    let events = out
        .lines()
        .filter_map(|l| serde_json::from_str::<Json>(l).ok());
    let told = events.filter(|e| e["type"] == "apply_progress");
    told.filter_map(|e| {
        let addr = e["hook"]["resource"]["addr"].as_str()?.to_owned();
        Some((addr, e["hook"]["message"].as_str()?.to_owned()))
    })
    .collect()
}

fn one_of_each() -> String {
    CLOUDS.map(|cloud| servers(cloud, "web", 1)).concat()
}

/// What each cloud tells of a server that is being made.
const TOLD: [(&str, &str); 5] = [
    ("cyberpanel_vps.web[0]", "configure_network 70%"),
    ("serverspace_server.web[0]", "CreateServer 1"),
    ("vpsorg_server.web[0]", "provisioning"),
    ("xelon_device.web[0]", "state 2"),
    ("xessone_vps.web[0]", "provisioning"),
];

#[test]
fn what_the_api_tells_of_a_change_is_among_the_events() {
    let w = faster(&one_of_each(), 60);
    let ran = w.run("apply -auto-approve -json").ok();
    let told = progress(&ran.out);
    for (addr, message) in TOLD {
        let of = |(a, m): &(String, String)| a == addr && m.starts_with(message);
        assert!(told.iter().any(of), "{addr} {message}: {told:#?}");
    }
}

/// Reads a command's output until all of these are in it.
fn read_until(child: &mut Child, wanted: &[String]) -> String {
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut seen = String::new();
    while !wanted.iter().all(|w| seen.contains(w.as_str())) {
        let read = out.read_line(&mut seen).expect("UTF-8");
        assert!(read > 0, "{wanted:#?} are not all there:\n{seen}");
    }
    child.stdout = Some(out.into_inner());
    seen
}

#[test]
fn a_change_that_takes_long_is_mentioned_with_what_the_api_tells() {
    // Reminders come every ten seconds of real time. Until then no server is ready: time
    // stands nearly still, after it was moved to the middle of everything.
    let mut w = faster(&one_of_each(), 1);
    w.set("LOAM_API_SPEED", "20");
    let mut child = w.command("apply -auto-approve").spawn().expect("it runs");
    let wanted = TOLD.map(|(addr, _)| format!("{addr}: Still creating... [20s elapsed, "));
    let seen = read_until(&mut child, &wanted);
    assert!(
        seen.contains(": Still creating... [10s elapsed, "),
        "{seen}"
    );
    w.cloud().pass(3600);
    let output = child.wait_with_output().expect("it ends");
    let rest = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{rest}");
    assert!(rest.contains("Creation complete after 2"), "{rest}");
}

/// The live list of a terminal, which `script` gives to a command. Not everywhere there.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_shows_live_what_the_api_tells() {
    let w = faster(&servers("cyberpanel", "web", 1), 60);
    let loam = env!("CARGO_BIN_EXE_loam");
    let mut command = w.command("");
    let environment: Vec<_> = command
        .get_envs()
        .filter_map(|(n, v)| Some((n.to_owned(), v?.to_owned())))
        .collect();
    command = std::process::Command::new("script");
    command
        .args([
            "-qec",
            &format!("'{loam}' apply -auto-approve"),
            "/dev/null",
        ])
        .current_dir(w.dir.path())
        .env_clear()
        .envs(environment)
        .env("TERM", "xterm");
    let output = match command.stdin(std::process::Stdio::null()).output() {
        Ok(output) => output,
        Err(e) => {
            eprintln!("not tried: there is no `script`: {e}");
            return;
        }
    };
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown}");
    assert!(
        shown.contains("Creating (configure_network 70%)"),
        "{shown}"
    );
    assert!(shown.contains("Creation complete after"), "{shown}");
}
