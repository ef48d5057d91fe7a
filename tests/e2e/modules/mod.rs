//! Modules from repositories, archives and registries: `init` and `get`, and what the
//! other commands make of what they installed.

mod broken;
mod fetched;
mod packages;
mod registry;
mod server;
mod transport;

use crate::world::World;

/// A call of a module.
fn call(name: &str, source: &str) -> String {
    format!("module \"{name}\" {{\n  source = \"{source}\"\n}}\n")
}

/// A call of a version of a module.
fn versioned(name: &str, source: &str, version: &str) -> String {
    format!("module \"{name}\" {{\n  source  = \"{source}\"\n  version = \"{version}\"\n}}\n")
}

/// An output of the root module that shows a module's output `o`.
fn show(name: &str) -> String {
    format!("output \"{name}\" {{ value = module.{name}.o }}\n")
}

/// Checks what commands print, with what differs from run to run replaced.
fn transcript(w: &World, name: &str, commands: &[&str]) {
    let mut text = String::new();
    for args in commands {
        let ran = w.run(args);
        text.push_str(&format!("$ loam {args}\n{}", ran.out));
        if !ran.err.is_empty() {
            text.push_str(&format!("--- standard error\n{}", ran.err));
        }
        text.push_str(&format!("--- exit code {}\n", ran.code));
    }
    let text = text.replace(&w.dir.path().display().to_string(), "DIR");
    let mut settings = insta::Settings::clone_current();
    for (pattern, instead) in [
        (r"127\.0\.0\.1:\d+", "HOST"),
        (r"127_0_0_1:\d+", "HOST"),
        (r"\^{2,}", "^^^"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (&env!("CARGO_PKG_VERSION").replace('.', "\\."), "VERSION"),
    ] {
        settings.add_filter(pattern, instead);
    }
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../snapshots");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The manifest's entries, as `key source version dir`.
fn manifest(w: &World) -> Vec<String> {
    let text = std::fs::read_to_string(w.path(".loam/modules/modules.json")).expect("a manifest");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let entries = json["Modules"].as_array().expect("a list").clone();
    entries
        .iter()
        .map(|e| {
            let text = |name: &str| e[name].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {} {}",
                text("Key"),
                text("Source"),
                text("Version"),
                text("Dir")
            )
        })
        .collect()
}

#[test]
fn local_modules_are_used_where_they_are() {
    let w = World::new(&(call("web", "./modules/web") + &show("web")));
    w.write(
        "modules/web/main.tf",
        &(call("inner", "../inner") + "output \"o\" { value = module.inner.o }\n"),
    );
    w.write("modules/inner/main.tf", &packages::output("deep"));
    // They need not be installed at all.
    w.plan().says("deep");
    transcript(&w, "modules_init_local", &["init", "init", "init -upgrade"]);
    assert_eq!(
        manifest(&w),
        [
            "  - .",
            "web ./modules/web - modules/web",
            "web.inner ../inner - modules/inner",
        ]
    );
}

#[test]
fn sources_may_be_made_from_variables() {
    let w = World::new(
        "variable \"kind\" { type = string }\nlocals { dir = \"./modules/${var.kind}\" }\nmodule \"m\" {\n  source = local.dir\n}\noutput \"m\" { value = module.m.o }\n",
    );
    w.write("modules/a/main.tf", &packages::output("from a"));
    w.write("modules/b/main.tf", &packages::output("from b"));
    w.run("init -var kind=a").ok().says("- m in modules/a");
    w.run("plan -var kind=a").ok().says("from a");
    w.run("validate -var kind=b").ok();
    w.run("plan -input=false").fails().says("not known by then");
    w.write("terraform.tfvars", "kind = \"b\"\n");
    w.run("plan -out=b.plan").ok().says("from b");
    // A plan file knows what it was made from.
    w.write("terraform.tfvars", "kind = \"a\"\n");
    w.run("show -json b.plan").ok().says("from b");
    w.run("apply b.plan").ok();
    w.run("output -raw m").ok().says("from b");
}

#[test]
fn an_empty_directory_can_be_initialized() {
    let w = World::new("");
    std::fs::remove_file(w.path("main.tf")).expect("there");
    w.run("init").ok().says("empty directory");
    w.run("init -json").ok().says("output_init_empty_message");
    assert!(!w.path(".loam").exists());
}

#[test]
fn broken_configurations_install_nothing() {
    let server = server::Server::start();
    let archive = packages::tgz(&[("main.tf", &packages::output("x"))]);
    server.on("/x.tgz", server::Reply::ok(archive));
    let w = World::new(&(call("x", &server.url("/x.tgz")) + "resource \"a\" {\n"));
    w.run("init").fails().says("main.tf line");
    w.write(
        "main.tf",
        &(call("x", &server.url("/x.tgz")) + &call("y", "./none") + &call("z", "modules/z")),
    );
    transcript(&w, "modules_init_broken_calls", &["init"]);
    assert_eq!(server.requests(), Vec::<String>::new());
    assert!(!w.path(".loam/modules").exists());
}

#[test]
fn a_version_is_for_registries_only() {
    let w = World::new(&versioned("m", "./m", "1.0.0"));
    w.write("m/main.tf", "");
    transcript(&w, "modules_version_of_local", &["init", "plan"]);
}

#[test]
fn a_backend_says_where_the_state_is() {
    let backend = |kind: &str, arguments: &str| {
        format!(
            "variable \"env\" {{ default = \"test\" }}\nlocals {{ file = \"${{var.env}}.db\" }}\nterraform {{\n  backend \"{kind}\" {{\n    {arguments}\n  }}\n}}\nresource \"terraform_data\" \"a\" {{}}\n"
        )
    };
    let w = World::new(&backend("local", "path = \"states/${local.file}\""));
    w.run("init").ok().says("Initializing the backend...");
    w.apply();
    assert!(w.path("states/test.db").exists() && !w.path("state/default.db").exists());
    w.run("apply -auto-approve -var env=prod")
        .ok()
        .says("1 added");
    assert!(w.path("states/prod.db").exists());
    w.run("state list").ok().says("terraform_data.a");
    w.plan().says("No changes.");
    w.run("workspace new other").ok();
    w.plan().says("1 to add");
    w.run("workspace select default").ok();
    for (kind, arguments, problem) in [
        ("s3", "bucket = \"b\"", "Unsupported backend"),
        (
            "local",
            "path = terraform_data.a.id",
            "Variables not allowed",
        ),
        ("local", "workspace_dir = \"x\"", "Unsupported argument"),
        ("local", "path = 1 > 2", "Invalid backend argument"),
    ] {
        w.write("main.tf", &backend(kind, arguments));
        w.run("plan").fails().says(problem).says("main.tf line");
        w.run("init").fails().says(problem);
    }
    w.run("init -backend=false").ok();
    w.run("validate").ok();
    w.run("plan -state=states/test.db").ok().says("No changes.");
}
