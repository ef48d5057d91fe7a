//! Requests as the scarce resource: budgets that processes share, fleets under a limit,
//! what the plan says they take. Everything is asserted from the sandbox's own log.

use std::time::{Duration, Instant};

use loam_sandbox::{RateLimits, SandboxConfig};
use serde_json::Value as Json;

use crate::servers::servers;
use crate::world::World;

/// The documented limits in windows shortened by a factor; machines take no time.
fn limited(config: &str, faster: u32) -> World {
    let sandbox = SandboxConfig {
        speed: 1000.0,
        rate_limits: RateLimits::Faster(f64::from(faster)),
        opening_balance_cents: 100_000_000,
        ..SandboxConfig::default()
    };
    let mut w = World::with(config, sandbox);
    w.set("LOAM_API_SPEED", &faster.to_string());
    let folder = w.path("limits").display().to_string();
    w.set("LOAM_LIMITS_DIR", &folder);
    w
}

/// All requests: when it was begun, in seconds, and the status.
fn log(w: &World) -> Vec<(f64, u64)> {
    let all = w.cloud().log();
    all.iter().map(|r| (r.at, r.status.unwrap_or(0))).collect()
}

fn refused(log: &[(f64, u64)]) -> usize {
    log.iter().filter(|(_, status)| *status == 429).count()
}

fn fleet(name: &str, count: usize) -> String {
    format!(
        r#"
resource "cyberpanel_vps" "web" {{
  count         = {count}
  hostname      = "{name}-${{count.index}}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
}}
"#
    )
}

#[cfg(unix)]
#[test]
fn processes_share_the_budget_of_a_key() {
    // Four runs want more than two minutes' worth of requests; a minute lasts 3 s.
    let w = limited("", 20);
    let names = ["a", "b", "c", "d"];
    for name in names {
        w.write(&format!("{name}/main.tf"), &fleet(name, 11));
    }
    let begun = Instant::now();
    let runs = names.map(|name| {
        let command = format!("-chdir={name} apply -auto-approve");
        w.command(&command).spawn().expect("it runs")
    });
    for run in runs {
        let output = run.wait_with_output().expect("it ends");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{text}");
    }
    let requests = log(&w);
    assert!(requests.len() > 125, "{}", requests.len());
    assert_eq!(refused(&requests), 0, "Loam alone never causes a 429");
    assert!(begun.elapsed() > Duration::from_secs(6));
    assert_eq!(w.cloud().count("cyberpanel", "vps"), 44);
    // A run that comes after them knows what they have sent; nothing tells the key.
    let records = std::fs::read_dir(w.path("limits")).expect("there");
    for record in records.flatten() {
        let name = record.file_name().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(record.path()).unwrap_or_default();
        assert!(!name.contains("cyp_") && !text.contains("cyp_"), "{name}");
    }
}

#[test]
fn two_hundred_servers_use_up_the_limit_and_never_overrun_it() {
    // A minute lasts 2 s; 200 servers take at least three requests each.
    let minute = 2.0;
    let w = limited(&fleet("web", 200), 30);
    w.run("apply -auto-approve -input=false")
        .ok()
        .says("200 added");
    let requests = log(&w);
    assert_eq!(refused(&requests), 0);
    let first = requests.iter().map(|(t, _)| *t).fold(f64::MAX, f64::min);
    let last = requests.iter().map(|(t, _)| *t).fold(0.0, f64::max);
    let rate = requests.len() as f64 / ((last - first) / minute);
    assert!(
        rate >= 0.9 * 60.0,
        "{} requests in {:.1} s are {rate:.1} a minute",
        requests.len(),
        last - first
    );
    // Not more polling than needed: a request to create, one that it is ready, one for
    // the rest; and the lists.
    assert!(requests.len() < 700, "{}", requests.len());
}

/// What the plan of an apply said that it would take, and what it took.
fn estimated_and_taken(w: &World, arguments: &str) -> (u64, u64) {
    let ran = w.run(&format!("{arguments} -auto-approve -json")).ok();
    let events = ran
        .out
        .lines()
        .filter_map(|l| serde_json::from_str::<Json>(l).ok());
    let events: Vec<Json> = events.filter(|e| e["type"] == "api_requests").collect();
    let number = |name: &str| events.iter().find_map(|e| e["requests"][name].as_u64());
    let both = number("apply").zip(number("took"));
    both.unwrap_or_else(|| panic!("no requests are told:\n{}", ran.out))
}

/// Creates, changes, replaces and destroys machines, and compares what was said before
/// with what was used. The cloud and the pauses between polls are faster by one factor.
fn estimates_are_close(config: &str, from: &str, to: &str, replace: &str) {
    let sandbox = SandboxConfig {
        speed: 100.0,
        rate_limits: RateLimits::Off,
        ..SandboxConfig::default()
    };
    let mut w = World::with(config, sandbox);
    w.set("LOAM_API_SPEED", "100");
    let mut told = Vec::new();
    let mut step = |what: &str, arguments: &str| {
        let (estimated, taken) = estimated_and_taken(&w, arguments);
        told.push(format!("{what}: {estimated} estimated, {taken} taken"));
        // On a busy machine a poll takes longer, and fewer are needed.
        estimated.abs_diff(taken) <= 3.max(taken.max(estimated) * 4 / 10)
    };
    let create = step("create", "apply");
    w.write("main.tf", &config.replace(from, to));
    let update = step("update", "apply");
    let replace = step("replace", &format!("apply -replace={replace}"));
    let destroy = step("destroy", "destroy");
    assert!(create && update && replace && destroy, "{told:#?}");
}

#[test]
fn estimates_are_close_on_cyberpanel() {
    let config = fleet("web", 3).replace("  root_p", "  power_state   = \"running\"\n  root_p");
    estimates_are_close(
        &config,
        "\"running\"",
        "\"stopped\"",
        "cyberpanel_vps.web[0]",
    );
}

#[test]
fn estimates_are_close_on_xessone() {
    let config = servers("xessone", "web", 3);
    estimates_are_close(
        &config,
        "web.example.com",
        "new.example.com",
        "xessone_vps.web[0]",
    );
}

#[test]
fn estimates_are_close_on_vpsorg() {
    let config = servers("vpsorg", "old", 3);
    estimates_are_close(&config, "old-", "new-", "vpsorg_server.web[0]");
}

#[test]
fn estimates_are_close_on_serverspace() {
    let config = servers("serverspace", "old", 2);
    estimates_are_close(&config, "old-", "new-", "serverspace_server.web[0]");
}

#[test]
fn estimates_are_close_on_xelon() {
    let config = servers("xelon", "old", 2);
    estimates_are_close(&config, "old-", "new-", "xelon_device.web[0]");
}

/// The requests of a cloud in the sandbox's log.
fn sent_to(w: &World, cloud: &str) -> u64 {
    w.cloud().log().iter().filter(|r| r.cloud == cloud).count() as u64
}

#[test]
fn what_it_takes_is_told_of_each_provider() {
    let two = ["cyberpanel", "xessone"];
    let three = ["cyberpanel", "serverspace", "xessone"];
    let mut w = World::with_cloud(&two.map(|c| servers(c, "web", 3)).concat());
    w.set("LOAM_API_SPEED", "100");
    for clouds in [&two[..], &three] {
        w.write(
            "main.tf",
            &clouds
                .iter()
                .map(|c| servers(c, "web", 3))
                .collect::<String>(),
        );
        w.cloud().control("DELETE", "/_sandbox/requests", "");
        let plan = w.plan();
        let planned: Vec<u64> = clouds.iter().map(|c| sent_to(&w, c)).collect();
        for (cloud, n) in clouds.iter().zip(&planned) {
            let told = format!("API requests ({cloud}): refresh took {n}");
            assert!(plan.out.contains(&told), "{told}:\n{}", plan.out);
        }
        let ran = w.run("apply -auto-approve -json").ok();
        let events = ran
            .out
            .lines()
            .filter_map(|l| serde_json::from_str::<Json>(l).ok());
        let told: Vec<Json> = events.filter(|e| e["type"] == "api_requests").collect();
        for (cloud, n) in clouds.iter().zip(&planned) {
            let of = told.iter().filter(|e| e["requests"]["provider"] == **cloud);
            let sum = |name: &str| -> u64 {
                of.clone()
                    .filter_map(|e| e["requests"][name].as_u64())
                    .sum()
            };
            assert_eq!(sum("refresh"), *n, "{cloud}: {told:#?}");
            assert!(
                sum("took") >= 3 || *cloud != "serverspace",
                "{cloud}: {told:#?}"
            );
            // Everything that was sent was either told of the plan or of the apply.
            assert_eq!(
                n + sum("refresh") + sum("took"),
                sent_to(&w, cloud),
                "{cloud}: {told:#?}"
            );
        }
    }
    // What is told is true of the time, too: that of the provider, not of the whole run.
    w.cloud().control("DELETE", "/_sandbox/requests", "");
    w.write("main.tf", &servers("xessone", "web", 3));
    w.set("LOAM_API_SPEED", "2");
    let text = w.apply().out;
    let log = w.cloud().log();
    let span = |cloud: &str, all: bool| {
        let of = log
            .iter()
            .filter(|r| r.cloud == cloud && (all || r.method != "GET"));
        let times: Vec<f64> = of.map(|r| r.at).collect();
        times.iter().copied().fold(0.0, f64::max) - times.first().copied().unwrap_or_default()
    };
    for cloud in ["cyberpanel", "serverspace"] {
        let told = format!("API requests ({cloud}): ");
        let line = text
            .lines()
            .find(|l| l.starts_with(&told) && l.contains(", in "));
        let line = line.unwrap_or_else(|| panic!("{told}\n{text}"));
        let seconds = line
            .rsplit(", in ")
            .next()
            .and_then(|s| s.strip_suffix("s."));
        let seconds: f64 = seconds.and_then(|s| s.parse().ok()).expect("seconds");
        let (least, most) = (span(cloud, false), span(cloud, true));
        let fits = seconds + 1.0 >= least && seconds <= most + 1.0;
        assert!(fits, "{line}: {least} to {most}");
    }
    w.set("LOAM_API_SPEED", "100");
    // A run without changes has nothing to tell but the refresh: one list of each.
    w.cloud().control("DELETE", "/_sandbox/requests", "");
    let ran = w.apply();
    assert_eq!(sent_to(&w, "xessone"), 1);
    ran.never_says(", in ");
}
