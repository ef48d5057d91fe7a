//! The debug log that `LOAM_LOG` asks for: which requests were sent, and nothing secret.

use loam_sandbox::{RateLimits, SandboxConfig};
use serde_json::Value as Json;

use crate::world::World;

const VPS: &str = r#"
resource "cyberpanel_vps" "web" {
  hostname      = "web.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
}
"#;

fn world() -> World {
    World::with(
        VPS,
        SandboxConfig {
            speed: 1000.0,
            rate_limits: RateLimits::Off,
            ..SandboxConfig::default()
        },
    )
}

/// What stands in the log: the lines of requests.
fn requests(log: &str) -> Vec<&str> {
    log.lines().filter(|l| l.contains("[DEBUG]")).collect()
}

#[test]
fn every_request_is_told_and_no_secret_is() {
    let mut w = world();
    w.set("LOAM_LOG", "debug");
    let ran = w.run("apply -auto-approve -input=false").ok();
    let sent = w.cloud().log();
    let told = requests(&ran.err);
    assert_eq!(told.len(), sent.len(), "{}", ran.err);
    for (line, request) in told.iter().zip(&sent) {
        let (method, path) = (&request.method, request.path.split('?').next());
        let path = path.and_then(|p| p.strip_prefix("/cyberpanel/api/v1"));
        let status = request.status.expect("answered");
        let start = format!("[DEBUG] {method} 127.0.0.1 {}", path.expect("a path"));
        assert!(line.contains(&start), "{line} does not tell {start}");
        assert!(line.contains(&format!(": {status}, ")), "{line}: {status}");
    }
    let key = w.cloud().key();
    for secret in ["correct-horse-9", &key, "Authorization", "Bearer"] {
        assert!(!ran.all().contains(secret), "{secret} was told");
    }
    // What people read is where it always is.
    assert!(ran.out.contains("Apply complete! Resources: 1 added"));
    assert!(!ran.out.contains("[DEBUG]"));
}

#[test]
fn the_log_goes_to_a_file_and_grows_there() {
    let mut w = world();
    w.apply();
    w.set("TF_LOG", "DEBUG");
    w.set("TF_LOG_PATH", "requests.log");
    let first = w.run("plan -input=false").ok();
    assert!(first.err.is_empty(), "{}", first.err);
    let read = || std::fs::read_to_string(w.path("requests.log")).expect("there");
    let before = read();
    assert!(!requests(&before).is_empty(), "{before}");
    w.run("plan -input=false").ok();
    let after = read();
    assert!(after.starts_with(&before) && after.len() > before.len());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = std::fs::metadata(w.path("requests.log")).expect("there");
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn the_level_decides_and_what_cannot_be_had_is_told() {
    let mut w = world();
    w.apply();
    for quiet in ["", "off", "warn"] {
        w.set("LOAM_LOG", quiet);
        let ran = w.run("plan -input=false").ok();
        assert!(ran.err.is_empty(), "{quiet:?}: {}", ran.err);
    }
    w.set("LOAM_LOG", "json");
    let ran = w.run("plan -input=false").ok();
    let events = ran.err.lines().map(serde_json::from_str::<Json>);
    let events: Result<Vec<Json>, _> = events.collect();
    let events = events.expect("each line is JSON");
    assert!(events.iter().any(|e| {
        e["@level"] == "debug"
            && e["@message"]
                .as_str()
                .is_some_and(|m| m.starts_with("GET "))
    }));
    w.set("LOAM_LOG", "loud");
    w.set("LOAM_LOG_PATH", "no/such/folder/log");
    w.run("plan -input=false")
        .ok()
        .says("LOAM_LOG=\"loud\" is no level")
        .says("no/such/folder/log cannot be written")
        .says("[DEBUG] GET ");
}
