//! Module registries.

use std::time::Duration;

use super::packages::{output, tgz};
use super::server::{Reply, Server};
use super::{call, manifest, show, transcript, versioned};
use crate::world::World;

fn archive(text: &str) -> Vec<u8> {
    tgz(&[
        ("main.tf", &output(text)),
        ("modules/part/main.tf", &output(&format!("part of {text}"))),
    ])
}

fn versions(numbers: &[&'static str]) -> Vec<(&'static str, Vec<u8>)> {
    numbers.iter().map(|n| (*n, archive(n))).collect()
}

#[test]
fn the_newest_allowed_version_is_installed() {
    let server = Server::start();
    let all = ["1.0.0", "1.2.0", "2.0.0", "2.1.0-beta1"];
    server.publish("acme/net/test", &versions(&all), None);
    let source = format!("{}/acme/net/test", server.host());
    let part = format!("{source}//modules/part");
    let calls = [
        ("any", call("any", &source), "2.0.0"),
        ("old", versioned("old", &source, "~> 1.0"), "1.2.0"),
        (
            "pre",
            versioned("pre", &source, "2.1.0-beta1"),
            "2.1.0-beta1",
        ),
        ("part", versioned("part", &part, "< 1.2"), "part of 1.0.0"),
    ];
    let config: String = calls.iter().map(|(n, c, _)| c.clone() + &show(n)).collect();
    let w = World::new(&config);
    transcript(&w, "modules_init_registry", &["init"]);
    let requests = server.requests();
    let asked = |path: &str| requests.iter().filter(|r| r.ends_with(path)).count();
    assert_eq!(asked("/versions"), 1, "{requests:?}");
    assert_eq!(asked("/terraform.json"), 1, "{requests:?}");
    w.apply();
    for (name, _, value) in &calls {
        assert_eq!(w.run(&format!("output -raw {name}")).ok().out, *value);
    }
    let host = server.host();
    assert_eq!(
        manifest(&w)[2],
        format!("old {host}/acme/net/test 1.2.0 .loam/modules/old")
    );
    // Nothing is asked while all is there, whatever is new.
    server.publish(
        "acme/net/test",
        &versions(&["1.2.0", "1.9.0", "2.0.0", "2.1.0-beta1", "1.0.0"]),
        None,
    );
    w.run("init").ok().never_says("Downloading");
    assert_eq!(server.requests(), Vec::<String>::new());
    w.run("init -upgrade").ok().says("1.9.0 for old");
    w.apply();
    assert_eq!(w.run("output -raw old").ok().out, "1.9.0");
    // A constraint that the installed version does not meet.
    w.write(
        "main.tf",
        &(versioned("old", &source, "= 1.0.0") + &show("old")),
    );
    transcript(&w, "modules_version_changed", &["plan"]);
    w.run("init").ok();
    w.plan().says("1.0.0");
}

#[test]
fn a_location_may_be_in_the_answer() {
    let server = Server::start();
    server.publish("acme/net/test", &versions(&["1.0.0"]), None);
    server.on(
        "/files/n.tgz",
        Reply::ok(tgz(&[("n-1/main.tf", &output("inside"))])),
    );
    let download = "/registry/acme/net/test/1.0.0/download";
    let w = World::new(&(call("n", &format!("{}/acme/net/test", server.host())) + &show("n")));
    for location in [
        "../../../../../files/n.tgz//*",
        "/files/n.tgz//n-1",
        &format!("{}//*?archive=tgz", server.url("/files/n.tgz")),
    ] {
        server.on(
            download,
            Reply::ok(format!("{{\"location\": \"{location}\"}}")),
        );
        w.run("init -upgrade").ok();
        assert!(
            manifest(&w)[1].ends_with(".loam/modules/n/n-1"),
            "{location}"
        );
    }
    w.plan().says("inside");
    // The network has no say over the files of this machine.
    for location in ["file:///etc", "git::file:///etc", "/x y", ""] {
        server.on(
            download,
            Reply::ok(format!("{{\"location\": \"{location}\"}}")),
        );
        w.run("init -upgrade").fails();
        w.plan().says("inside");
    }
}

#[test]
fn a_private_registry_wants_a_token() {
    const TOKEN: &str = "s3cr3t-t0k3n";
    let server = Server::start();
    server.publish("acme/net/test", &versions(&["1.0.0"]), Some(TOKEN));
    let mut w = World::new(&(call("n", &format!("{}/acme/net/test", server.host())) + &show("n")));
    transcript(&w, "modules_token_missing", &["init"]);
    let variable = format!("TF_TOKEN_{}", server.host());
    w.set(&variable, "wrong-t0k3n");
    w.run("init")
        .fails()
        .says("does not accept the token")
        .never_says("wrong-t0k3n");
    w.set(&variable, TOKEN);
    w.run("init").ok().never_says(TOKEN);
    w.plan().says("1.0.0").never_says(TOKEN);
    let told = server.told_secrets();
    assert!(told.iter().all(|p| !p.starts_with("/files/")), "{told:?}");
    // The same from files.
    w.set(&variable, "");
    w.write(
        "own.tfrc",
        &format!(
            "credentials \"{}\" {{\n  token = \"{TOKEN}\"\n}}\n",
            server.host()
        ),
    );
    let rc = w.path("own.tfrc").display().to_string();
    w.set("TF_CLI_CONFIG_FILE", &rc);
    w.run("init -upgrade").ok().never_says(TOKEN);
    w.set("TF_CLI_CONFIG_FILE", "");
    w.write(
        "home/.terraform.d/credentials.tfrc.json",
        &format!(
            "{{\"credentials\": {{\"{}\": {{\"token\": \"{TOKEN}\"}}}}}}",
            server.host()
        ),
    );
    let home = w.path("home").display().to_string();
    w.set("HOME", &home);
    w.run("init -upgrade").ok().never_says(TOKEN);
    for file in [".loam/modules/modules.json", "main.tf"] {
        let text = std::fs::read_to_string(w.path(file)).expect("there");
        assert!(!text.contains(TOKEN), "{file}");
    }
}

#[test]
fn a_token_is_kept_and_forgotten() {
    const TOKEN: &str = "s3cr3t-t0k3n";
    let server = Server::start();
    let host = server.host();
    server.publish("acme/net/test", &versions(&["1.0.0"]), Some(TOKEN));
    let mut w = World::new(&(call("n", &format!("{host}/acme/net/test")) + &show("n")));
    let home = w.path("home").display().to_string();
    w.set("HOME", &home);
    w.run("init").fails();
    let (login, logout) = (format!("login {host}"), format!("logout {host}"));
    w.run_with_input(&login, "\n").fails().says("No token");
    w.run_with_input(&login, &format!("{TOKEN}\n"))
        .ok()
        .says(".loam.d/credentials.tfrc.json")
        .never_says(TOKEN);
    w.run("init").ok().never_says(TOKEN);
    w.run(&logout).ok().says("was removed");
    w.run(&logout).ok().says("No token for");
    w.run("init -upgrade").fails();
    w.set(&format!("TF_TOKEN_{host}"), TOKEN);
    w.run(&logout)
        .ok()
        .says("Another token counts")
        .never_says(TOKEN);
    w.run("login https://example.com")
        .fails()
        .says("Invalid host");
}

#[test]
fn what_registries_do_wrong_is_told() {
    let server = Server::start();
    server.publish("acme/net/test", &versions(&["1.0.0", "1.1.0"]), None);
    let host = server.host();
    server.on(
        "/registry/acme/empty/test/versions",
        Reply::ok("{\"modules\": [{\"versions\": []}]}"),
    );
    server.on("/registry/acme/odd/test/versions", Reply::ok("<html>"));
    server.on("/registry/acme/ill/test/versions", Reply::status(500));
    server.on(
        "/registry/acme/lost/test/versions",
        Reply::ok("{\"modules\": [{\"versions\": [{\"version\": \"1.0.0\"}]}]}"),
    );
    server.on(
        "/registry/acme/slow/test/versions",
        Reply::ok("").after(Duration::from_secs(4)),
    );
    let names = ["empty", "odd", "ill", "lost", "slow", "none"];
    let mut config: String = names
        .iter()
        .map(|n| call(n, &format!("{host}/acme/{n}/test")))
        .collect();
    config.push_str(&versioned(
        "newer",
        &format!("{host}/acme/net/test"),
        ">= 2.0",
    ));
    config.push_str(&versioned(
        "good",
        &format!("{host}/acme/net/test"),
        "~> 1.0",
    ));
    let mut w = World::new(&config);
    w.set("TF_REGISTRY_CLIENT_TIMEOUT", "1");
    w.set("TF_REGISTRY_DISCOVERY_RETRY", "0");
    transcript(&w, "modules_registry_problems", &["init"]);
    // What could be installed is.
    assert!(w.path(".loam/modules/good/main.tf").exists());
}
