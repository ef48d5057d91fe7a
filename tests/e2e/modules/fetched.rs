//! Repositories and archives.

use super::packages::{Repository, output, sha256, tgz, zip};
use super::server::{Reply, Server};
use super::{call, manifest, show, transcript};
use crate::world::World;

#[test]
fn repositories_are_installed_with_the_modules_in_them() {
    let w = World::new("");
    let Some(repository) = Repository::new(&w.path("repo")) else {
        return;
    };
    let inner = call("inner", "./inner") + "output \"o\" { value = module.inner.o }\n";
    let first = repository.commit(&[
        ("main.tf", &inner),
        ("inner/main.tf", &output("first")),
        ("sub/main.tf", &output("sub")),
    ]);
    repository.git(&["tag", "v1"]);
    repository.commit(&[("inner/main.tf", &output("second"))]);
    let url = repository.url();
    let calls = [
        ("newest", url.clone()),
        ("tagged", format!("{url}?ref=v1")),
        ("commit", format!("{url}?ref={first}")),
        ("short", format!("{url}?ref={}", &first[..10])),
        ("folder", format!("{url}//sub?ref=main&depth=1")),
    ];
    let config: String = calls.iter().map(|(n, s)| call(n, s) + &show(n)).collect();
    w.write("main.tf", &config);
    w.run("plan")
        .fails()
        .says("Module not installed")
        .says("loam init");
    let ran = w.run("init").ok();
    let lines: Vec<String> = ran
        .out
        .lines()
        .filter(|l| l.starts_with("- ") && l.contains("newest") || l.contains("folder"))
        .map(|l| l.replace(&url, "REPO"))
        .collect();
    assert_eq!(
        lines,
        [
            "Downloading REPO?ref=main&depth=1 for folder...",
            "- folder in .loam/modules/folder/sub",
            "- newest in .loam/modules/newest",
            "- newest.inner in .loam/modules/newest/inner",
        ]
    );
    assert!(!w.path(".loam/modules/newest/.git").exists());
    w.apply();
    for (name, value) in [
        ("newest", "second"),
        ("tagged", "first"),
        ("commit", "first"),
        ("short", "first"),
        ("folder", "sub"),
    ] {
        assert_eq!(
            w.run(&format!("output -raw {name}")).ok().out,
            value,
            "{name}"
        );
    }
    // All is there: the repository is not needed any more.
    std::fs::rename(w.path("repo"), w.path("gone")).expect("moved");
    w.run("init").ok().never_says("Downloading");
    w.plan().says("No changes.");
    w.run("init -upgrade").fails().says("git says");
    w.plan().says("No changes.");
    // And back again, an upgrade takes what is new.
    std::fs::rename(w.path("gone"), w.path("repo")).expect("moved");
    repository.commit(&[("inner/main.tf", &output("third"))]);
    w.run("init").ok();
    w.plan().says("No changes.");
    w.run("get -update")
        .ok()
        .says("- newest in .loam/modules/newest");
    w.plan().says("third");
}

#[test]
fn a_package_is_fetched_once_for_all_calls() {
    let server = Server::start();
    let calls_the_same =
        call("deep", &server.url("/x.zip//sub")) + "output \"o\" { value = module.deep.o }\n";
    let archive = zip(&[
        ("main.tf", &calls_the_same),
        ("sub/main.tf", &output("from the zip")),
    ]);
    server.on("/x.zip", Reply::ok(archive));
    let names = ["a", "b", "c", "d"];
    let config: String = names
        .iter()
        .map(|n| call(n, &server.url("/x.zip")) + &show(n))
        .collect();
    let w = World::new(&config);
    transcript(&w, "modules_init_once", &["init", "get", "get -update"]);
    assert_eq!(server.requests(), ["GET /x.zip", "GET /x.zip"]);
    assert!(w.apply().out.matches("from the zip").count() >= 4);
    // A call that is gone leaves nothing; the others are not touched.
    w.write("main.tf", &(call("b", &server.url("/x.zip")) + &show("b")));
    w.run("init").ok();
    assert_eq!(server.requests(), Vec::<String>::new());
    assert!(!w.path(".loam/modules/a").exists());
    assert!(w.path(".loam/modules/b/main.tf").exists());
    w.plan();
}

#[test]
fn archives_of_every_kind_and_address() {
    let server = Server::start();
    let files = |text: &str| [("main.tf", output(text))];
    let packed = |text: &str| {
        let files = files(text);
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (*n, &**t)).collect();
        (tgz(&files), zip(&files))
    };
    let (gz, zipped) = packed("packed");
    server.on("/a.tar.gz", Reply::ok(gz.clone()));
    server.on("/b.zip", Reply::ok(zipped.clone()));
    server.on("/named", Reply::ok(gz.clone()));
    server.on("/page", Reply::ok("").header("X-Terraform-Get", "./b.zip"));
    server.on(
        "/meta",
        Reply::ok(format!(
            "<html><head><meta name=\"terraform-get\" content=\"{}\"></head></html>",
            server.url("/top.tgz//*")
        )),
    );
    let text = output("packed");
    server.on("/top.tgz", Reply::ok(tgz(&[("top-1a2b/main.tf", &text)])));
    server.on(
        "/moved.zip",
        Reply::status(302).header("Location", &server.url("/b.zip")),
    );
    let calls = [
        ("gz", "/a.tar.gz".to_owned()),
        ("zip", format!("/b.zip?checksum=sha256:{}", sha256(&zipped))),
        ("named", "/named?archive=tgz&keep=me".into()),
        ("bare", format!("/a.tar.gz?checksum={}", sha256(&gz))),
        ("page", "/page".into()),
        ("meta", "/meta".into()),
        ("moved", "/moved.zip".into()),
    ];
    let config: String = calls
        .iter()
        .map(|(n, path)| call(n, &server.url(path)) + &show(n))
        .collect();
    let w = World::new(&config);
    w.run("init").ok();
    let requests = server.requests();
    assert!(
        requests.contains(&"GET /named?keep=me".to_owned()),
        "{requests:?}"
    );
    assert!(
        requests.contains(&"GET /page?terraform-get=1".to_owned()),
        "{requests:?}"
    );
    assert!(w.apply().out.matches("packed").count() >= calls.len());
    let meta = manifest(&w)
        .into_iter()
        .find(|l| l.starts_with("meta "))
        .expect("there");
    assert!(meta.ends_with(".loam/modules/meta/top-1a2b"), "{meta}");
}

#[test]
fn folders_and_archives_of_this_machine() {
    let w = World::new("");
    w.write("elsewhere/mod/main.tf", &output("in place"));
    std::fs::write(
        w.path("elsewhere/mod.zip"),
        zip(&[("main.tf", &output("packed"))]),
    )
    .expect("written");
    let dir = w.path("elsewhere").display().to_string();
    w.write(
        "main.tf",
        &(call("folder", &format!("{dir}/mod"))
            + &show("folder")
            + &call("archive", &format!("{dir}/mod.zip"))
            + &show("archive")),
    );
    w.run("init").ok();
    w.apply().says("in place").says("packed");
    w.write("elsewhere/mod/main.tf", &output("changed"));
    w.plan().says("changed");
}

#[test]
fn problems_in_installed_modules_show_their_file() {
    let server = Server::start();
    let broken = "output \"o\" {\n  value = var.none\n}\n";
    server.on("/x.tgz", Reply::ok(tgz(&[("outputs.tf", broken)])));
    let w = World::new(&(call("x", &server.url("/x.tgz")) + &show("x")));
    w.run("init").fails();
    transcript(&w, "modules_problem_inside", &["plan"]);
}

#[test]
fn a_changed_source_needs_another_init() {
    let server = Server::start();
    for name in ["one", "two"] {
        server.on(
            &format!("/{name}.tgz"),
            Reply::ok(tgz(&[("main.tf", &output(name))])),
        );
    }
    let w = World::new(&(call("x", &server.url("/one.tgz")) + &show("x")));
    w.run("init").ok();
    w.apply();
    w.write(
        "main.tf",
        &(call("x", &server.url("/two.tgz")) + &show("x")),
    );
    transcript(&w, "modules_source_changed", &["plan"]);
    w.run("init").ok();
    w.plan().says("two");
    // What can be made again may be deleted at any time.
    w.run("plan -out=p").ok();
    std::fs::remove_dir_all(w.path(".loam")).expect("deleted");
    w.run("plan").fails().says("Module not installed");
    w.run("apply p").ok();
    w.write(".loam/modules/modules.json", "{");
    w.run("plan").fails().says("Damaged module manifest");
    w.run("init").ok();
    w.plan().says("No changes.");
}

#[test]
fn events_for_programs() {
    let server = Server::start();
    server.on("/x.tgz", Reply::ok(tgz(&[("main.tf", &output("x"))])));
    let w = World::new(&(call("x", &server.url("/x.tgz")) + &call("y", "./y")));
    w.write("y/main.tf", "resource \"terraform_data\" \"a\" {}\n");
    transcript(
        &w,
        "modules_init_events",
        &[
            "init -json",
            "init -json -upgrade -input=false -backend=false",
        ],
    );
    w.write("main.tf", &call("x", &server.url("/none.tgz")));
    transcript(&w, "modules_init_events_error", &["init -json"]);
    w.run("init -get=false")
        .fails()
        .says("Module source has changed");
}
