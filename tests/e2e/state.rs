//! Looking into the state and changing it by hand.

use crate::transcripts::transcript;
use crate::world::World;

const CONFIG: &str = r#"
resource "terraform_data" "net" { input = "10.0.0.0/8" }
resource "terraform_data" "web" {
  count = 2
  input = terraform_data.net.output
}
module "m" {
  for_each = toset(["p", "q"])
  source   = "./m"
  v        = terraform_data.net.id
}
output "net" {
  value     = terraform_data.net.output
  sensitive = true
}
"#;

fn world() -> World {
    let w = World::new(CONFIG);
    w.write(
        "m/main.tf",
        "variable \"v\" {}\nresource \"terraform_data\" \"in\" { input = var.v }\n",
    );
    w.apply();
    w
}

fn list(w: &World) -> String {
    w.run("state list").ok().out
}

/// The files with copies of the state.
fn backups(w: &World) -> Vec<std::path::PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(w.path("state"))
        .expect("a directory")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "backup"))
        .collect();
    all.sort();
    all
}

#[test]
fn the_list_can_be_narrowed() {
    let w = world();
    assert_eq!(
        list(&w),
        "terraform_data.net\nterraform_data.web[0]\nterraform_data.web[1]\nmodule.m[\"p\"].terraform_data.in\nmodule.m[\"q\"].terraform_data.in\n"
    );
    let narrowed = |args: &str| w.run(&format!("state list {args}")).ok().out;
    assert_eq!(
        narrowed("terraform_data.web[1] module.m[\"q\"]"),
        "terraform_data.web[1]\nmodule.m[\"q\"].terraform_data.in\n"
    );
    assert_eq!(narrowed("module.m").lines().count(), 2);
    let id =
        w.run("show -json").ok().json()["values"]["root_module"]["resources"][0]["values"]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
    assert_eq!(narrowed(&format!("-id={id}")), "terraform_data.net\n");
    assert_eq!(narrowed("-id=other"), "");
    w.run("state list terraform_data.nett")
        .fails()
        .says("Unknown resource")
        .says("Did you mean terraform_data.net?");
    w.run("state list module.x").fails().says("Unknown module");
    w.run("state list terraform_data.web[7]")
        .fails()
        .says("Unknown resource instance");
    w.run("state show terraform_data.web")
        .fails()
        .says("terraform_data.web[0], terraform_data.web[1]");
}

#[test]
fn objects_are_moved() {
    let w = world();
    let mv = |from: &str, to: &str| {
        let before = list(&w);
        w.run(&format!("state mv -dry-run {from} {to}"))
            .ok()
            .says(&format!("Would move {from:?} to {to:?}"));
        assert_eq!(list(&w), before);
        w.run(&format!("state mv {from} {to}"))
            .ok()
            .says(&format!("Move {from:?} to {to:?}"))
            .says("Successfully moved");
    };
    // An instance gets an index, another one, and a module.
    mv("terraform_data.net", "terraform_data.net[0]");
    mv("terraform_data.net[0]", "terraform_data.net[\"k\"]");
    mv("terraform_data.net[\"k\"]", "module.n.terraform_data.net");
    // A whole resource, a module instance, a whole call, a module into a module.
    mv("terraform_data.web", "terraform_data.server");
    mv("module.m[\"p\"]", "module.m[\"x\"]");
    mv("module.m", "module.k");
    mv("module.n", "module.k[\"x\"].module.n");
    assert_eq!(
        list(&w),
        "terraform_data.server[0]\nterraform_data.server[1]\nmodule.k[\"q\"].terraform_data.in\nmodule.k[\"x\"].terraform_data.in\nmodule.k[\"x\"].module.n.terraform_data.net\n"
    );
    // What was made from it still is: it is destroyed first.
    let pulled = w.run("state pull").ok().json();
    let text = pulled["resources"][0].to_string();
    assert!(
        text.contains("module.k.module.n.terraform_data.net"),
        "{text}"
    );
    // And all the way back.
    mv(
        "module.k[\"x\"].module.n.terraform_data.net",
        "terraform_data.net",
    );
    mv("module.k[\"x\"]", "module.m[\"p\"]");
    mv("module.k[\"q\"]", "module.m[\"q\"]");
    mv("terraform_data.server", "terraform_data.web");
    w.plan().says("No changes.");
    assert_eq!(backups(&w).len(), 11);
}

#[test]
fn a_move_that_makes_no_sense_is_refused() {
    let w = world();
    let before = w.run("state pull").ok().out;
    for (from, to, says) in [
        (
            "terraform_data.nett",
            "terraform_data.x",
            "Did you mean terraform_data.net?",
        ),
        ("module.x", "module.y", "does not match anything"),
        (
            "terraform_data.net",
            "terraform_data.web[0]",
            "there is already a resource instance",
        ),
        (
            "terraform_data.web",
            "terraform_data.net",
            "there is already a resource",
        ),
        (
            "module.m[\"p\"]",
            "module.m[\"q\"]",
            "there is already a module",
        ),
        (
            "terraform_data.net",
            "cyberpanel_vps.net",
            "resource types don't match",
        ),
        (
            "terraform_data.net",
            "data.terraform_data.net",
            "only to another managed resource",
        ),
        (
            "terraform_data.web",
            "terraform_data.x[0]",
            "must also be a whole resource",
        ),
        (
            "terraform_data.net",
            "module.z",
            "must also be a resource instance",
        ),
        ("module.m", "terraform_data.z", "must also be a module"),
        ("module.m", "module.z[\"a\"]", "must have no index"),
        ("terraform_data..a", "terraform_data.z", "Invalid address"),
    ] {
        w.run(&format!("state mv {from} {to}")).fails().says(says);
        w.run(&format!("state mv -dry-run {from} {to}"))
            .fails()
            .says(says);
    }
    assert_eq!(w.run("state pull").ok().out, before);
    assert!(backups(&w).is_empty());
}

#[test]
fn objects_are_forgotten_and_come_back_from_the_copy() {
    let w = world();
    transcript(
        &w,
        "state_rm_dry_run",
        "state rm -dry-run terraform_data.web module.m[\"p\"]",
    );
    w.run("state rm -dry-run terraform_data.x")
        .ok()
        .says("Would have removed nothing.");
    w.run("state rm terraform_data.nett")
        .fails()
        .says("No matching objects found")
        .says("Did you mean terraform_data.net?");
    let before = list(&w);
    w.run("state rm terraform_data.web module.m")
        .ok()
        .says("Removed module.m[\"p\"].terraform_data.in")
        .says("Successfully removed 4 resource instance(s).")
        .says("The state before this is in state/default.");
    assert_eq!(list(&w), "terraform_data.net\n");
    let [copy] = backups(&w).try_into().expect("one copy");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = copy.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let copy = copy.display().to_string();
    w.run(&format!("state push {copy}"))
        .fails()
        .says("Older state");
    w.run(&format!("state push -force -dry-run {copy}"))
        .ok()
        .says("Would add terraform_data.web[0]");
    w.run(&format!("state push -force {copy}")).ok();
    assert_eq!(list(&w), before);
    w.plan().says("No changes.");
}

#[test]
fn the_state_travels_as_terraform_writes_it() {
    let w = world();
    let pulled = w.run("state pull").ok();
    let json = pulled.json();
    assert_eq!(json["version"], 4);
    assert_eq!(json["outputs"]["net"]["sensitive"], true);
    w.write("pulled.json", &pulled.out);
    // Its own state again: nothing to do, and no copy is made.
    w.run("state push pulled.json").ok();
    assert!(backups(&w).is_empty());
    let serial = json["serial"].as_u64().expect("a number");
    let lineage = json["lineage"].as_str().expect("a text").to_owned();
    let with = |serial: u64, lineage: &str, address: &str| {
        let mut new = json.clone();
        new["serial"] = serial.into();
        new["lineage"] = lineage.into();
        let text = serde_json::to_string_pretty(&new).expect("JSON");
        w.write("new.json", &text.replace("10.0.0.0/8", address));
    };
    with(serial - 1, &lineage, "10.0.0.0/8");
    w.run("state push new.json").fails().says("Older state");
    with(serial, &lineage, "10.1.0.0/16");
    w.run("state push new.json").fails().says("serial");
    with(serial + 5, "another-lineage", "10.1.0.0/16");
    w.run("state push new.json").fails().says("another-lineage");
    assert_eq!(w.run("state pull").ok().out, pulled.out);
    assert!(backups(&w).is_empty());
    with(serial + 5, &lineage, "10.1.0.0/16");
    w.run("state push -dry-run new.json")
        .ok()
        .says("Would change terraform_data.net");
    w.run("state push new.json").ok();
    assert_eq!(w.run("state pull").ok().json()["serial"], serial + 5);
    w.plan().says("10.1.0.0/16");
    // From standard input, over an unrelated state.
    w.run_with_input("state push -force -", &pulled.out).ok();
    w.plan().says("No changes.");
    for (text, says) in [
        ("{", "not"),
        ("{}", "no \"version\""),
        ("{\"version\": 3}", "too old"),
    ] {
        w.write("bad.json", text);
        w.run("state push -force bad.json").fails().says(says);
    }
    w.run("state push -force state/default.db")
        .fails()
        .says("state pull");
    w.run("state push nowhere.json")
        .fails()
        .says("cannot be read");
    w.plan().says("No changes.");
    // A state that another directory takes over.
    let other = World::new(CONFIG);
    other.write(
        "m/main.tf",
        "variable \"v\" {}\nresource \"terraform_data\" \"in\" { input = var.v }\n",
    );
    assert_eq!(other.run("state pull").ok().out, "");
    other.run_with_input("state push -", &pulled.out).ok();
    assert_eq!(other.run("state pull").ok().out, pulled.out);
    other.plan().says("No changes.");
}

#[test]
fn objects_change_their_provider() {
    let w = world();
    let from = "terraform.io/builtin/terraform";
    transcript(
        &w,
        "state_replace_provider_dry_run",
        &format!("state replace-provider -dry-run {from} acme/foo"),
    );
    w.run(&format!("state replace-provider {from} acme/foo"))
        .fails()
        .says("add -auto-approve");
    let cancelled = w.run_with_input(&format!("state replace-provider {from} acme/foo"), "no\n");
    cancelled.ok().says("Cancelled replacing providers.");
    assert_eq!(
        w.run("state replace-provider acme/x acme/y").ok().out,
        "No matching resources found.\n"
    );
    w.run_with_input(&format!("state replace-provider {from} acme/foo"), "yes\n")
        .ok()
        .says("Successfully replaced provider for 4 resources.");
    w.run("plan").fails().says("registry.terraform.io/acme/foo");
    w.run(&format!(
        "state replace-provider -auto-approve acme/foo {from}"
    ))
    .ok();
    w.plan().says("No changes.");
    w.run("state replace-provider a/b/c/d e!")
        .fails()
        .says("Invalid \"from\" provider")
        .says("Invalid \"to\" provider");
}

#[test]
fn instances_are_tainted_and_untainted() {
    let w = world();
    w.run("taint terraform_data.web[0]")
        .ok()
        .says("Resource instance terraform_data.web[0] has been marked as tainted.");
    w.run("taint terraform_data.web[0]").ok();
    w.plan().says("terraform_data.web[0] is tainted");
    w.run("untaint terraform_data.web[0]")
        .ok()
        .says("has been successfully untainted.");
    w.run("untaint terraform_data.web[0]")
        .fails()
        .says("is not currently tainted");
    for command in ["taint", "untaint"] {
        w.run(&format!("{command} terraform_data.web"))
            .fails()
            .says("No such resource instance")
            .says("terraform_data.web[0], terraform_data.web[1]");
        w.run(&format!("{command} -allow-missing terraform_data.x"))
            .ok()
            .says("Warning: No such resource instance");
    }
    w.run("taint module.m").fails().says("Invalid address");
    w.run("taint data.a.b").fails().says("cannot be tainted");
    w.plan().says("No changes.");
}
