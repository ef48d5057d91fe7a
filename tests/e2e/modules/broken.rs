//! What cannot be fetched: all is told at once, and nothing that works is lost.

use super::packages::{Repository, output, sha256, tgz};
use super::server::{Reply, Server};
use super::{call, show, transcript};
use crate::world::World;

#[test]
fn all_failures_are_told_at_once() {
    let server = Server::start();
    let good = tgz(&[("main.tf", &output("good"))]);
    server.on("/good.tgz", Reply::ok(good.clone()));
    server.on("/broken.tgz", Reply::ok("this is no archive"));
    server.on("/error.tgz", Reply::status(500));
    server.on("/empty.tgz", Reply::ok(tgz(&[("README", "no module")])));
    server.on("/page", Reply::ok("<html></html>"));
    let outside = tgz(&[("main.tf", ""), ("../../escaped.tf", "")]);
    server.on("/outside.tgz", Reply::ok(outside));
    let path = |path: &str| server.url(path);
    let calls = [
        ("good", path("/good.tgz")),
        ("missing", path("/missing.tgz")),
        ("error", path("/error.tgz")),
        ("broken", path("/broken.tgz")),
        ("empty", path("/empty.tgz")),
        ("folder", path("/good.tgz//none")),
        ("outside", path("/outside.tgz")),
        ("page", path("/page")),
        (
            "sum",
            path(&format!("/good.tgz?checksum=sha256:{}", sha256(b"x"))),
        ),
        ("kind", path("/good.tgz?checksum=crc:1")),
        ("format", path("/good.tgz?archive=rar")),
        ("again", path("/missing.tgz")),
        ("nobody", "http://127.0.0.1:1/x.zip".into()),
        ("method", "s3::https://s3.example.com/bucket/x.zip".into()),
        ("option", "git::ssh://-oProxyCommand=x/r.git".into()),
        ("secret", "http://ada:s3cr3t@registry.invalid/x.zip".into()),
    ];
    let config: String = calls.iter().map(|(n, s)| call(n, s)).collect();
    let w = World::new(&config);
    transcript(&w, "modules_all_failures", &["init"]);
    let loam = w.path(".loam/modules");
    let mut there: Vec<String> = std::fs::read_dir(&loam)
        .expect("made")
        .map(|e| e.expect("read").file_name().to_string_lossy().into_owned())
        .collect();
    there.sort();
    assert_eq!(there, [".lock", "good", "modules.json"]);
    assert!(!w.path("escaped.tf").exists() && !w.path(".loam/escaped.tf").exists());
}

#[test]
fn a_failed_fetch_leaves_what_was_installed() {
    let server = Server::start();
    for name in ["a", "b"] {
        server.on(
            &format!("/{name}.tgz"),
            Reply::ok(tgz(&[("main.tf", &output("old"))])),
        );
    }
    let config: String = ["a", "b"]
        .iter()
        .map(|n| call(n, &server.url(&format!("/{n}.tgz"))) + &show(n))
        .collect();
    let w = World::new(&config);
    w.run("init").ok();
    w.apply();
    // One gets better, one gets worse.
    server.on("/a.tgz", Reply::ok(tgz(&[("main.tf", &output("new"))])));
    for worse in [
        Reply::status(503),
        Reply::ok("garbage"),
        Reply::ok(tgz(&[("other.txt", "x")])),
    ] {
        server.on("/b.tgz", worse);
        w.run("init -upgrade").fails().says("\"b\"");
        let text = |n: &str| {
            std::fs::read_to_string(w.path(&format!(".loam/modules/{n}/main.tf"))).expect("there")
        };
        assert_eq!(text("a"), output("new"));
        assert_eq!(text("b"), output("old"));
        w.plan().says("new");
    }
    assert!(!w.path(".loam/modules/.installing").exists());
}

#[test]
fn references_that_are_not_there_are_named() {
    let w = World::new("");
    let Some(repository) = Repository::new(&w.path("repo")) else {
        return;
    };
    repository.commit(&[("main.tf", &output("x"))]);
    let url = repository.url();
    let calls = [
        ("branch", format!("{url}?ref=none")),
        ("commit", format!("{url}?ref=0123456789")),
        ("folder", format!("{url}//none")),
        ("gone", format!("{url}x")),
        ("sneaky", format!("{url}?ref=--upload-pack=touch%20pwned")),
    ];
    let config: String = calls.iter().map(|(n, s)| call(n, s)).collect();
    w.write("main.tf", &config);
    transcript(&w, "modules_git_failures", &["init"]);
    assert!(!w.path("pwned").exists());
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_are_refused() {
    let w = World::new("");
    let Some(repository) = Repository::new(&w.path("repo")) else {
        return;
    };
    std::os::unix::fs::symlink("main.tf", w.path("repo/inside.txt")).expect("linked");
    repository.commit(&[("main.tf", &output("x"))]);
    w.write("main.tf", &call("m", &repository.url()));
    w.run("init").ok();
    let link = w.path(".loam/modules/m/inside.txt");
    assert_eq!(std::fs::read_to_string(link).expect("there"), output("x"));
    std::os::unix::fs::symlink("/etc/passwd", w.path("repo/secrets.txt")).expect("linked");
    repository.commit(&[("main.tf", &output("y"))]);
    w.run("init -upgrade")
        .fails()
        .says("a symbolic link that leads out of it");
    assert!(!w.path(".loam/modules/m/secrets.txt").exists());
    w.run("validate").ok();
}

#[test]
fn without_git_the_error_says_so() {
    let mut w = World::new(&call("m", "git::https://host.invalid/r.git"));
    w.set("PATH", "/nonexistent");
    w.run("init").fails().says("git").says("not on the PATH");
}

#[test]
fn modules_do_not_call_themselves_or_leave_their_package() {
    let server = Server::start();
    let own = server.url("/loop.tgz");
    server.on(
        "/loop.tgz",
        Reply::ok(tgz(&[("main.tf", &call("again", &own))])),
    );
    server.on(
        "/out.tgz",
        Reply::ok(tgz(&[("main.tf", &call("x", "../../../secrets"))])),
    );
    let w = World::new(&(call("loop", &own) + &call("out", &server.url("/out.tgz"))));
    w.write("secrets/main.tf", "");
    transcript(&w, "modules_loop_and_escape", &["init"]);
}
