//! Commands that print what there is: graphs, providers, events in a file, workspaces.

use serde_json::Value as Json;

use crate::transcripts::transcript;
use crate::world::World;

const TREE: &str = r#"
resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" { input = terraform_data.a.id }
resource "terraform_data" "c" { input = [terraform_data.a.id, local.b] }
locals { b = terraform_data.b.id }
variable "n" { default = 1 }
module "m" {
  for_each = toset(["p", "q"])
  source   = "./m"
  v        = module.z.out
}
module "z" {
  source = "./m/n"
  v      = terraform_data.c.id
}
resource "terraform_data" "after" {
  depends_on = [module.m]
  input      = var.n
}
data "cyberpanel_plans" "all" {}
output "o" { value = module.m["p"].out }
"#;

fn tree() -> World {
    let w = World::new(TREE);
    w.write(
        "m/main.tf",
        "variable \"v\" {}\nmodule \"inner\" {\n  source = \"./n\"\n  v = var.v\n}\nresource \"terraform_data\" \"in\" { input = module.inner.out }\noutput \"out\" { value = terraform_data.in.id }\n",
    );
    w.write(
        "m/n/main.tf",
        "terraform {\n  required_providers {\n    cyberpanel = {\n      source  = \"loam-iac/cyberpanel\"\n      version = \"~> 1.0\"\n    }\n  }\n}\nvariable \"v\" {}\nresource \"terraform_data\" \"deep\" { input = var.v }\noutput \"out\" { value = terraform_data.deep.id }\n",
    );
    w
}

#[test]
fn a_graph_shows_what_is_made_from_what() {
    let w = tree();
    transcript(&w, "graph", "graph");
    transcript(&w, "graph_plan", "graph -type=plan");
    let json = w.run("graph -json").ok().json();
    assert_eq!(json["format_version"], "1.0");
    assert_eq!(
        json["nodes"][0],
        serde_json::json!({ "id": "data.cyberpanel_plans.all", "kind": "data", "address": "data.cyberpanel_plans.all" })
    );
    let edges = json["edges"].as_array().expect("a list");
    let edge = |from: &str, to: &str| edges.iter().any(|e| e["from"] == from && e["to"] == to);
    assert!(edge("terraform_data.c", "terraform_data.b"));
    // What follows from others is left out.
    assert!(!edge("terraform_data.c", "terraform_data.a"));
    assert_eq!(w.run("graph").out, w.run("graph").out);
    w.run("graph -type=other").fails().says("plan-destroy");
}

#[test]
fn a_graph_of_a_plan_and_of_the_end() {
    let w = World::new(
        "resource \"terraform_data\" \"a\" { triggers_replace = 1 }\nresource \"terraform_data\" \"b\" { input = terraform_data.a.id }\n",
    );
    w.apply();
    transcript(&w, "graph_destroy", "graph -type=plan-destroy");
    w.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" { triggers_replace = 2 }\nresource \"terraform_data\" \"b\" { input = terraform_data.a.id }\n",
    );
    w.run("plan -out=saved.plan").ok();
    transcript(&w, "graph_of_plan", "graph -plan=saved.plan");
    w.run("graph -plan=nowhere").fails().says("cannot be read");
    w.run("graph -plan=saved.plan -json")
        .ok()
        .says("terraform_data.a (destroy)");
}

#[test]
fn a_graph_shows_cycles() {
    let w = World::new(
        "resource \"terraform_data\" \"x\" { input = terraform_data.y.id }\nresource \"terraform_data\" \"y\" { input = terraform_data.x.id }\n",
    );
    w.run("graph").fails().says("Cycle");
    w.run("graph -type=plan -draw-cycles").ok().says(
        "\"[root] terraform_data.x (expand)\" -> \"[root] terraform_data.y (expand)\" [color = \"red\", penwidth = \"2.0\"]",
    );
    w.run("graph -type=plan -json")
        .ok()
        .says("\"cycles\":[[\"terraform_data.x (expand)\",\"terraform_data.y (expand)\"]]");
}

#[test]
fn providers_are_listed_by_module() {
    let w = tree();
    transcript(&w, "providers", "providers");
    let w = World::new("resource \"terraform_data\" \"a\" {}\n");
    w.apply();
    w.run("providers")
        .ok()
        .says("Providers required by state:\n\n    provider[terraform.io/builtin/terraform]\n");
}

#[test]
fn people_read_the_terminal_and_programs_a_file() {
    let w =
        World::new("resource \"terraform_data\" \"a\" { input = 1 }\noutput \"o\" { value = 2 }\n");
    let events = |name: &str| -> Vec<Json> {
        let text = std::fs::read_to_string(w.path(name)).expect("written");
        text.lines()
            .map(|l| serde_json::from_str(l).expect("an event"))
            .collect()
    };
    let kinds = |name: &str| -> Vec<String> {
        let kind = |e: &Json| e["type"].as_str().expect("a type").to_owned();
        events(name).iter().map(kind).collect()
    };
    w.run("plan -json-into=plan.jsonl")
        .ok()
        .says("# terraform_data.a will be created")
        .never_says("@level");
    assert_eq!(
        kinds("plan.jsonl"),
        ["version", "planned_change", "change_summary", "outputs"]
    );
    w.run("apply -auto-approve -json-into apply.jsonl")
        .ok()
        .says("Apply complete!")
        .never_says("@level");
    let seen = kinds("apply.jsonl");
    assert!(seen.contains(&"apply_complete".to_owned()), "{seen:?}");
    assert_eq!(seen.last().map(String::as_str), Some("outputs"));
    // The same events as the terminal would get.
    let told: Vec<String> = w
        .run("plan -json")
        .ok()
        .out
        .lines()
        .map(|l| serde_json::from_str::<Json>(l).expect("an event")["type"].to_string())
        .collect();
    w.run("plan -json-into=plan.jsonl").ok();
    let filed: Vec<String> = events("plan.jsonl")
        .iter()
        .map(|e| e["type"].to_string())
        .collect();
    assert_eq!(told, filed);
    w.write("main.tf", "output \"o\" { value = var.nope }\n");
    w.run("plan -json-into=plan.jsonl").fails().says("Error: ");
    assert!(kinds("plan.jsonl").contains(&"diagnostic".to_owned()));
    w.run("plan -json -json-into=x").fails();
    w.run("plan -json-into=no/such/directory")
        .fails()
        .says("cannot be written");
}

#[test]
fn workspaces_are_made_chosen_and_deleted() {
    let mut w = World::new("resource \"terraform_data\" \"a\" { input = terraform.workspace }\n");
    assert_eq!(w.run("workspace show").ok().out, "default\n");
    transcript(&w, "workspace_new", "workspace new dev");
    assert_eq!(w.run("workspace list").ok().out, "  default\n* dev\n\n");
    w.run("workspace new dev").fails().says("dev");
    w.apply();
    w.run("workspace select default")
        .ok()
        .says("Switched to workspace \"default\".");
    w.run("workspace select nope").fails().says("-or-create");
    w.run("workspace select -or-create prod")
        .ok()
        .says("Created and switched to workspace \"prod\"!");
    w.run("workspace delete prod").fails().says("current");
    w.run("workspace delete default").fails();
    w.run("workspace delete nope").fails().says("nope");
    transcript(&w, "workspace_delete_refused", "workspace delete dev");
    // A copy of another state.
    w.run("workspace new -state=state/dev.db copy").ok();
    assert_eq!(w.run("state list").ok().out, "terraform_data.a\n");
    w.run("workspace select default").ok();
    transcript(&w, "workspace_delete", "workspace delete -force dev");
    w.run("workspace delete prod")
        .ok()
        .says("Deleted workspace \"prod\"!");
    w.run("workspace new a/b").fails();
    w.set("TF_WORKSPACE", "copy");
    assert_eq!(w.run("workspace show").ok().out, "copy\n");
    w.run("workspace select default")
        .fails()
        .says("TF_WORKSPACE");
}

#[test]
fn help_and_version_work_in_every_spelling() {
    let w = World::new("");
    for args in ["-help", "--help", "-h"] {
        w.run(args)
            .ok()
            .says("Usage: loam")
            .says("import")
            .says("graph");
    }
    for args in ["-version", "--version", "version"] {
        w.run(args).ok().says(env!("CARGO_PKG_VERSION"));
    }
    for command in [
        "import",
        "graph",
        "plan",
        "state mv",
        "state push",
        "workspace new",
        "providers schema",
    ] {
        w.run(&format!("{command} -help"))
            .ok()
            .says("Usage: loam")
            .says("-chdir");
    }
    let version = w.run("version -json").ok().json();
    assert_eq!(version["terraform_outdated"], false);
    assert_eq!(version["provider_selections"], serde_json::json!({}));
    w.run("plann").fails().says("plan");
}

#[test]
fn what_is_not_shown_is_not_spoken_of() {
    // Which servers are on a network is told by the network once they are.
    let w = World::with_cloud(
        r#"
resource "serverspace_isolated_network" "lan" {
  name           = "lan"
  location       = "am2"
  description    = ""
  network_prefix = "10.9.0.0"
  mask           = 24
}
resource "serverspace_server" "web" {
  name             = "web"
  image            = "Ubuntu-22.04-X64"
  location         = "am2"
  cpu              = 1
  ram              = 1024
  boot_volume_size = 30720
  nic {
    network      = serverspace_isolated_network.lan.id
    network_type = "Isolated"
    bandwidth    = 0
  }
}
"#,
    );
    w.apply();
    w.plan()
        .says("No changes. Your infrastructure matches the configuration.")
        .never_says("Objects have changed")
        .never_says("changes above");
    w.run("plan -refresh-only")
        .ok()
        .says("# serverspace_isolated_network.lan has changed")
        .says("This is a refresh-only plan");
}
