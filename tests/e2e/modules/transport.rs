//! Ways that packages come: several at a time, encrypted, over ssh, with passwords.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;

use super::packages::{Repository, output, sha256, tgz};
use super::server::{Gate, Reply, Server};
use super::{call, show};
use crate::world::World;

#[test]
fn packages_are_fetched_at_the_same_time() {
    const AT_ONCE: usize = 6;
    let server = Server::start();
    let gate = Gate::of(AT_ONCE);
    let mut config = String::new();
    for n in 0..AT_ONCE {
        let archive = tgz(&[("main.tf", &output(&format!("module {n}")))]);
        let path = format!("/m{n}.tgz");
        // None is answered before all are asked for.
        server.on(&path, Reply::ok(archive).behind(&gate));
        config += &call(&format!("m{n}"), &server.url(&path));
    }
    let w = World::new(&config);
    // Fails with 508, after a while, if they are asked for one after the other.
    w.run("init").ok().says("- m5 in .loam/modules/m5");
}

/// A certificate authority of the test's own, in a file; and what a server needs that it
/// vouches for.
fn authority(w: &World) -> (String, Arc<ServerConfig>) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(DnType::CommonName, "an authority for tests");
    let key = KeyPair::generate().expect("a key");
    let root = params.self_signed(&key).expect("a certificate");
    w.write("ca.pem", &root.pem());
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &issuer).expect("a certificate");
    let private = PrivatePkcs8KeyDer::from(key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private.into())
        .expect("a certificate with its key");
    (w.path("ca.pem").display().to_string(), Arc::new(config))
}

#[test]
fn archives_and_registries_are_encrypted() {
    let mut w = World::new("");
    let (ca, tls) = authority(&w);
    let server = Server::encrypted(tls);
    let archive = tgz(&[("main.tf", &output("packed"))]);
    server.on("/x.tgz", Reply::ok(archive.clone()));
    server.publish("acme/net/test", &[("1.0.0", archive)], Some("s3cr3t"));
    let host = server.host();
    let config = call("archive", &server.url("/x.tgz"))
        + &show("archive")
        + &call("registry", &format!("{host}/acme/net/test"))
        + &show("registry");
    w.write("main.tf", &config);
    w.set(&format!("TF_TOKEN_{host}"), "s3cr3t");
    // Nobody vouches for the server yet.
    w.run("init")
        .fails()
        .says("certificate")
        .never_says("s3cr3t");
    w.set("SSL_CERT_FILE", &ca);
    w.run("init").ok().never_says("s3cr3t");
    w.plan().says("packed");
    // Encryption, once there, is not given up.
    let plain = Server::start();
    plain.on("/x.tgz", Reply::ok("x"));
    let elsewhere = plain.url("/x.tgz").replace("127.0.0.1", "plain.invalid");
    server.on("/x.tgz", Reply::status(302).header("Location", &elsewhere));
    w.run("init -upgrade").fails().says("not encrypted");
}

#[test]
fn repositories_are_fetched_over_https() {
    let mut w = World::new("");
    let Some(repository) = Repository::new(&w.path("repos/infra.git")) else {
        return;
    };
    if !Repository::can_be_served() {
        return;
    }
    repository.commit(&[
        ("main.tf", &output("old")),
        ("net/main.tf", &output("old net")),
    ]);
    repository.git(&["tag", "v1"]);
    let id = repository.commit(&[("main.tf", &output("new"))]);
    let (ca, tls) = authority(&w);
    let server = Server::encrypted(tls);
    server.repositories(&w.path("repos"));
    let url = format!("git::{}", server.url("/git/infra.git"));
    let calls = [
        ("newest", url.clone(), "new"),
        ("tagged", format!("{url}?ref=v1"), "old"),
        ("commit", format!("{url}?ref={id}"), "new"),
        ("folder", format!("{url}//net?ref=v1"), "old net"),
    ];
    let config: String = calls
        .iter()
        .map(|(n, s, _)| call(n, s) + &show(n))
        .collect();
    w.write("main.tf", &config);
    w.run("init").fails().says("git says");
    w.set("GIT_SSL_CAINFO", &ca);
    w.run("init").ok();
    w.apply();
    for (name, _, value) in &calls {
        assert_eq!(
            w.run(&format!("output -raw {name}")).ok().out,
            *value,
            "{name}"
        );
    }
    w.write("main.tf", &call("gone", &format!("{url}x")));
    w.run("init").fails().says("git says");
}

#[cfg(unix)]
#[test]
fn repositories_are_fetched_over_ssh() {
    use std::os::unix::fs::PermissionsExt;
    let mut w = World::new("");
    let repo = w.path("repo");
    let Some(repository) = Repository::new(&repo) else {
        return;
    };
    repository.commit(&[("main.tf", &output("top")), ("sub/main.tf", &output("sub"))]);
    repository.git(&["tag", "v1"]);
    // What ssh would do on the other machine, done here.
    w.write(
        "ssh.sh",
        "#!/bin/sh\n[ \"$1\" = -G ] && exit 0\necho \"$*\" >> ssh.log\nfor last; do :; done\neval \"$last\"\n",
    );
    let script = w.path("ssh.sh");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&script, mode).expect("made executable");
    w.set("GIT_SSH_COMMAND", &script.display().to_string());
    let path = repo.display();
    let calls = [
        ("scp", format!("git@git.example.com:{path}"), "top"),
        (
            "scpref",
            format!("git@git.example.com:{path}//sub?ref=v1"),
            "sub",
        ),
        (
            "forced",
            format!("git::ssh://ada@git.example.com:2222{path}?ref=main"),
            "top",
        ),
        (
            "folder",
            format!("git::ssh://git@git.example.com{path}//sub?ref=v1"),
            "sub",
        ),
        (
            "short",
            format!("git::git@git.example.com:{path}//sub"),
            "sub",
        ),
    ];
    for (name, source, value) in &calls {
        w.write("main.tf", &(call(name, source) + &show(name)));
        w.run("init").ok();
        w.run(&format!("apply -auto-approve -state={name}.db")).ok();
        let shown = w
            .run(&format!("output -raw -state={name}.db {name}"))
            .ok()
            .out;
        assert_eq!(shown, *value, "{source}");
    }
    let asked = std::fs::read_to_string(w.path("ssh.log")).expect("written");
    assert!(
        asked.contains("git@git.example.com git-upload-pack"),
        "{asked}"
    );
    assert!(asked.contains("-p 2222 ada@git.example.com"), "{asked}");
    // Without git:: it is said how it has to be written.
    w.write(
        "main.tf",
        &call("bare", &format!("ssh://git@git.example.com{path}")),
    );
    w.run("init").fails().says("put git:: in front");
}

#[test]
fn passwords_come_from_the_netrc_file() {
    let server = Server::start();
    let archive = tgz(&[("main.tf", &output("guarded"))]);
    // ada:s3cr3t
    let wanted = "Basic YWRhOnMzY3IzdA==";
    server.on("/x.tgz", Reply::ok(archive).only_with(wanted));
    let mut w = World::new(&(call("m", &server.url("/x.tgz")) + &show("m")));
    w.run("init").fails().says("401");
    w.write(
        "home/.netrc",
        "machine 127.0.0.1\n  login ada\n  password s3cr3t\n",
    );
    let home = w.path("home").display().to_string();
    w.set("HOME", &home);
    w.run("init").ok().never_says("s3cr3t");
    w.plan().says("guarded");
    w.write("other", "machine 127.0.0.1 login ada password wr0ng\n");
    let other = w.path("other").display().to_string();
    w.set("NETRC", &other);
    w.run("init -upgrade")
        .fails()
        .says("401")
        .never_says("wr0ng");
}

#[test]
fn checksums_may_be_in_a_file() {
    let server = Server::start();
    let archive = tgz(&[("main.tf", &output("checked"))]);
    let sum = sha256(&archive);
    server.on("/v1/x.tgz", Reply::ok(archive));
    let list = format!("{}  y.tgz\n{sum}  x.tgz\n", "0".repeat(64));
    server.on("/v1/SHA256SUMS", Reply::ok(list));
    let other = format!("{}  y.tgz\n", "0".repeat(64));
    server.on("/none", Reply::ok(other));
    let source = |list: &str| server.url(&format!("/v1/x.tgz?checksum=file:{list}"));
    let w = World::new(&(call("m", &source(&server.url("/v1/SHA256SUMS"))) + &show("m")));
    w.run("init").ok();
    w.plan().says("checked");
    w.write("sums", &format!("{}  x.tgz\n", "1".repeat(64)));
    for (list, problem) in [
        (
            format!("file://{}", w.path("sums").display()),
            "and not 1111",
        ),
        (server.url("/none"), "has none for"),
        (server.url("/missing"), "404"),
        ("ftp://x.invalid/sums".to_owned(), "not a URL with http"),
    ] {
        w.write("main.tf", &(call("m", &source(&list)) + &show("m")));
        w.run("init").fails().says(problem);
    }
}

#[test]
fn a_configuration_begins_as_a_copy_of_a_module() {
    let server = Server::start();
    let archive = tgz(&[
        ("main.tf", &output("copied")),
        ("sub/main.tf", &output("inner")),
        ("sub/README.md", "read me\n"),
    ]);
    server.on("/x.tgz", Reply::ok(archive.clone()));
    let versions = [("1.0.0", tgz(&[("main.tf", "")])), ("1.1.0", archive)];
    server.publish("acme/net/test", &versions, None);
    let empty = || {
        let w = World::new("");
        std::fs::remove_file(w.path("main.tf")).expect("there");
        w
    };
    let sources = [
        (server.url("/x.tgz//sub"), "inner"),
        (format!("{}/acme/net/test", server.host()), "copied"),
    ];
    for (source, value) in sources {
        let w = empty();
        w.run(&format!("init -from-module={source}"))
            .ok()
            .says("Copying configuration from")
            .says("successfully initialized");
        w.plan().says(value);
        // Once is enough.
        w.run(&format!("init -from-module={source}"))
            .fails()
            .says("already");
    }
    let w = empty();
    w.write("template/main.tf", &output("local"));
    w.run("init -from-module=./template").ok();
    assert!(w.path("main.tf").exists());
    // What is there stays.
    let w = empty();
    w.write("README.md", "mine\n");
    w.run(&format!("init -from-module={}", server.url("/x.tgz//sub")))
        .fails()
        .says("README.md");
    w.run(&format!("init -from-module={}", server.url("/none.tgz")))
        .fails()
        .says("404");
    assert!(!w.path("main.tf").exists());
    let mine = std::fs::read_to_string(w.path("README.md")).expect("there");
    assert_eq!(mine, "mine\n");
}
