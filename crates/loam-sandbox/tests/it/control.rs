//! The control endpoints: log, objects, faults, clock; starting and restarting.

use std::time::Duration;

use axum::http::Method;
use loam_sandbox::{RateLimits, SandboxConfig, StartError};
use serde_json::{Value, json};

use crate::cyberpanel::{Api, order};
use crate::harness::{Bench, raw};

#[tokio::test]
async fn only_loopback_unless_told() {
    let listen = "0.0.0.0:0".parse().expect("an address");
    let refused = loam_sandbox::start(SandboxConfig {
        listen,
        ..SandboxConfig::default()
    })
    .await;
    let error = refused.expect_err("refused");
    assert!(matches!(error, StartError::NotLoopback(_)));
    assert!(error.to_string().contains("loopback"), "{error}");
    let config = SandboxConfig {
        listen,
        allow_non_loopback: true,
        ..SandboxConfig::default()
    };
    loam_sandbox::start(config)
        .await
        .expect("starts when it is allowed")
        .stop()
        .await;
}

#[tokio::test]
async fn a_taken_port_and_a_bad_speed_are_errors() {
    let first = Bench::start().await;
    let config = SandboxConfig {
        listen: first.sandbox.address(),
        ..SandboxConfig::default()
    };
    assert!(matches!(
        loam_sandbox::start(config).await,
        Err(StartError::Listen { .. })
    ));
    let config = SandboxConfig {
        speed: 0.0,
        ..SandboxConfig::default()
    };
    assert!(matches!(
        loam_sandbox::start(config).await,
        Err(StartError::Speed(_))
    ));
}

#[tokio::test]
async fn copies_have_ids_of_their_own() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let made = api.create("one.demo.test").await;
    let snapshot = json!({"name": "before"});
    let path = format!("clouds/cyberpanel/vps/{made}/snapshots");
    bench.control(Method::POST, &path, snapshot).await;
    let wish = json!({"cloud": "cyberpanel", "kind": "vps", "id": made.to_string(), "count": 2});
    let answer = bench.control(Method::POST, "copies", wish).await;
    let copies = answer["copies"].as_array().expect("copies");
    let ids: Vec<&str> = copies
        .iter()
        .filter_map(|c| c[made.to_string()].as_str())
        .collect();
    assert_eq!(ids.len(), 2, "{answer}");
    assert_ne!(ids[0], ids[1]);
    for id in ids {
        let copy = api.get(&format!("/vps/{id}")).await.json();
        let copy = copy.pointer("/data").expect("data").to_string();
        assert!(
            copy.contains(id) && copy.contains("one.demo.test"),
            "{copy}"
        );
    }
    let all = bench.control(Method::GET, "objects", Value::Null).await;
    let count = |kind: &str| all["cyberpanel"][kind].as_array().map_or(0, Vec::len);
    assert_eq!((count("vps"), count("vps_snapshot")), (3, 3), "{all}");
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = SandboxConfig {
        database: Some(directory.path().join("deep/sandbox.db")),
        rate_limits: RateLimits::Off,
        ..SandboxConfig::default()
    };
    let bench = Bench::with(config.clone()).await;
    let key = bench.variable("CYBERPANEL_API_KEY");
    assert!(
        !format!("{:?}", bench.sandbox).contains(&key),
        "keys do not show in debug output"
    );
    let made = Api::of(&bench).create("keep.demo.test").await;
    bench.advance(3600.0).await;
    let before = bench.control(Method::GET, "objects", Value::Null).await;
    bench.sandbox.stop().await;

    let bench = Bench::with(config).await;
    assert_eq!(
        bench.variable("CYBERPANEL_API_KEY"),
        key,
        "the default key belongs to the database"
    );
    assert_eq!(
        bench.control(Method::GET, "objects", Value::Null).await,
        before
    );
    let api = Api::of(&bench);
    assert_eq!(api.get(&format!("/vps/{made}")).await.status, 200);
    let next = api.create("next.demo.test").await;
    assert!(next > made, "ids go on");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = std::fs::metadata(directory.path().join("deep/sandbox.db")).expect("the file");
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn every_request_is_logged_and_the_log_resets() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    api.get("/vps?limit=5&offset=0").await;
    api.post("/vps/create", json!({})).await;
    bench
        .send(
            Method::GET,
            &format!("{}/nowhere", bench.sandbox.url()),
            &[],
            &Value::Null,
        )
        .await;
    let log = bench.control(Method::GET, "requests", Value::Null).await;
    let lines: Vec<String> = log["requests"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| {
            format!(
                "{} {} {} {}",
                entry["cloud"], entry["method"], entry["path"], entry["status"]
            )
            .replace('"', "")
        })
        .collect();
    assert_eq!(
        lines,
        [
            "cyberpanel GET /cyberpanel/api/v1/vps?limit=5&offset=0 200",
            "cyberpanel POST /cyberpanel/api/v1/vps/create 400",
            "null GET /nowhere 404",
        ]
    );
    let some = bench
        .control(
            Method::GET,
            "requests?cloud=cyberpanel&method=post",
            Value::Null,
        )
        .await;
    assert_eq!(some["total"], json!(1));
    bench.control(Method::DELETE, "requests", Value::Null).await;
    assert_eq!(
        bench.control(Method::GET, "requests", Value::Null).await["total"],
        json!(0)
    );
}

#[tokio::test]
async fn a_fault_answers_in_place_of_the_cloud() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let fault = json!({"kind": "respond", "method": "GET", "path": "/vps", "nth": 2, "status": 429,
        "headers": {"Retry-After": "3"}});
    bench.control(Method::POST, "faults", fault).await;
    assert_eq!(api.get("/vps").await.status, 200);
    let struck = api.get("/vps?limit=1").await;
    assert_eq!(
        (struck.status, struck.number("retry-after")),
        (429, Some(3))
    );
    assert_eq!(struck.json()["error_code"], json!("RATE_LIMIT_EXCEEDED"));
    assert_eq!(api.get("/vps").await.status, 200);
    let faults = bench.control(Method::GET, "faults", Value::Null).await;
    assert_eq!(
        (
            &faults["faults"][0]["matched"],
            &faults["faults"][0]["fired"]
        ),
        (&json!(3), &json!(1))
    );
    assert_eq!(
        bench.control(Method::DELETE, "faults", Value::Null).await,
        json!({"removed": 1})
    );
}

#[tokio::test]
async fn a_fault_may_strike_after_the_effect() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let fault =
        json!({"kind": "malformed", "method": "POST", "path": "/vps/create", "effect": "after"});
    bench.control(Method::POST, "faults", fault).await;
    let reply = api.post("/vps/create", order("half.demo.test")).await;
    assert_eq!(reply.status, 200);
    assert!(
        serde_json::from_str::<Value>(&reply.text).is_err(),
        "{}",
        reply.text
    );
    let text_fault = json!({"kind": "respond", "effect": "after", "status": 200, "body": "<html>"});
    bench.control(Method::POST, "faults", text_fault).await;
    assert_eq!(
        api.post("/vps/create", order("html.demo.test")).await.text,
        "<html>"
    );
    let delay = json!({"kind": "delay", "delay_ms": 120});
    bench.control(Method::POST, "faults", delay).await;
    let start = std::time::Instant::now();
    let list = api.get("/vps").await.json();
    assert!(start.elapsed() >= Duration::from_millis(120));
    assert_eq!(
        list["data"]["pagination"]["total"],
        json!(2),
        "both orders had their effect"
    );
}

#[tokio::test]
async fn a_dropped_connection_closes_without_a_byte() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let body = order("lost.demo.test").to_string();
    let request = format!(
        "POST /cyberpanel/api/v1/vps/create HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        api.key,
        body.len()
    );
    for (kind, expected) in [("drop_before", 0), ("drop_after", 1)] {
        bench
            .control(
                Method::POST,
                "faults",
                json!({"kind": kind, "path": "/vps/create"}),
            )
            .await;
        // Without `Connection: close`: it is the sandbox that ends the connection.
        let answer = tokio::time::timeout(
            Duration::from_secs(5),
            raw(bench.sandbox.address(), &request),
        )
        .await;
        assert_eq!(answer.expect("the connection ends"), b"", "{kind}");
        assert_eq!(
            api.get("/vps").await.json()["data"]["pagination"]["total"],
            json!(expected),
            "{kind}"
        );
    }
    let log = bench
        .control(Method::GET, "requests?method=POST", Value::Null)
        .await;
    assert_eq!(log["requests"][1]["status"], Value::Null);
    let failed = json!({"kind": "drop", "always": true});
    bench.control(Method::POST, "faults", failed).await;
    let url = format!("{}/vps", api.endpoint);
    assert!(
        bench.send_text(Method::GET, &url, &[], None).await.is_err(),
        "a client sees a broken connection"
    );
}

#[tokio::test]
async fn nonsense_is_refused_with_a_reason() {
    let bench = Bench::start().await;
    let url = |path: &str| format!("{}/_sandbox/{path}", bench.sandbox.url());
    for (path, body, part) in [
        ("faults", json!({"kind": "explode"}), "unknown variant"),
        (
            "faults",
            json!({"kind": "drop", "path_regex": "("}),
            "not a valid pattern",
        ),
        ("clock", json!({"advance_seconds": -1}), "not negative"),
        (
            "keys",
            json!({"cloud": "cyberpanel", "scopes": ["vps:fly"]}),
            "no scope `vps:fly`",
        ),
        ("keys", json!({"cloud": "nimbus"}), "no cloud `nimbus`"),
        ("clouds/cyberpanel/moon", json!({}), "cannot arrange"),
    ] {
        let reply = bench.send(Method::POST, &url(path), &[], &body).await;
        assert!(
            reply.status >= 400 && reply.text.contains(part),
            "{path}: {} {}",
            reply.status,
            reply.text
        );
    }
    let page = bench
        .send(
            Method::GET,
            &format!("{}/", bench.sandbox.url()),
            &[],
            &Value::Null,
        )
        .await;
    assert!(page.status == 200 && page.text.contains("Loam sandbox"));
    assert!(
        !page.text.contains("https://"),
        "the page loads nothing from elsewhere"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stands_a_fleet() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    let mut made = Vec::new();
    for number in 0..250 {
        made.push(api.create(&format!("fleet-{number}.demo.test")).await);
    }
    let mut seen = Vec::new();
    for page in 0..3 {
        let list = api
            .get(&format!("/vps?limit=100&offset={}", page * 100))
            .await
            .json();
        seen.extend(
            list["data"]["instances"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|item| item["id"].as_i64().expect("an id")),
        );
        assert_eq!(list["data"]["pagination"]["has_more"], json!(page < 2));
    }
    seen.reverse();
    assert_eq!(seen, made, "newest first, each once");
}

#[tokio::test]
async fn the_page_shows_objects_and_requests_and_needs_nothing_from_outside() {
    let bench = Bench::start().await;
    let page = bench
        .send(
            Method::GET,
            &format!("{}/", bench.sandbox.url()),
            &[],
            &Value::Null,
        )
        .await;
    assert_eq!(page.status, 200);
    let html = &page.text;
    assert!(html.starts_with("<!doctype html>") && html.contains("<title>Loam sandbox</title>"));
    for outside in ["http:", "https:", "\"//", "'//", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    let links: Vec<&str> = html.split("href=\"").skip(1).collect();
    assert!(
        links.iter().all(|link| link.starts_with("data:")),
        "{links:?}"
    );
    let policy = page.headers["content-security-policy"]
        .to_str()
        .expect("a text");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");

    // Everything that it asks for is there, with what it reads of it.
    let asked: Vec<&str> = html
        .split("get(")
        .skip(1)
        .filter_map(|rest| rest.get(1..)?.split(['"', '`', '?']).next())
        .filter(|path| path.starts_with('/'))
        .collect();
    assert_eq!(
        asked,
        [
            "/_sandbox/health",
            "/_sandbox/objects",
            "/_sandbox/requests"
        ]
    );
    let api = Api::of(&bench);
    api.post("/vps/create", order("web.demo.test")).await;
    let health = bench.control(Method::GET, "health", Value::Null).await;
    assert_eq!(health["clouds"].as_object().expect("clouds").len(), 5);
    assert!(health["virtual_time"].is_string() && health["speed"].is_number());
    let objects = bench.control(Method::GET, "objects", Value::Null).await;
    assert_eq!(objects["cyberpanel"]["vps"][0]["name"], "web.demo.test");
    let log = bench
        .control(
            Method::GET,
            "requests?limit=60&cloud=cyberpanel",
            Value::Null,
        )
        .await;
    assert_eq!(log["total"], 1);
    let entry = &log["requests"][0];
    for name in [
        "number",
        "cloud",
        "method",
        "path",
        "status",
        "duration_ms",
        "started_at",
    ] {
        assert!(!entry[name].is_null(), "{name}: {entry}");
    }
}
