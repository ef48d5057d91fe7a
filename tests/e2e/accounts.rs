//! Several configurations of one provider: which of them each object is managed by.

use crate::things::Things;

const ACCOUNTS: &str = r#"
variable "accounts" {
  type    = map(string)
  default = { one = "key-1", two = "key-2" }
}
provider "things" {
  alias    = "of"
  for_each = var.accounts
  token    = each.value
}
resource "things_thing" "a" {
  for_each = var.accounts
  provider = things.of[each.key]
  name     = each.key
}
module "m" {
  source    = "./m"
  for_each  = var.accounts
  name      = "m-${each.key}"
  providers = { things = things.of[each.key] }
}
output "names" { value = { for k, m in module.m : k => m.name } }
"#;

const MODULE: &str = r#"
variable "name" { type = string }
resource "things_thing" "x" { name = var.name }
data "things_thing" "x" { id = things_thing.x.id }
module "inner" {
  source = "./inner"
  name   = "${var.name}-inner"
}
output "name" { value = data.things_thing.x.name }
"#;

const INNER: &str = r#"
variable "name" { type = string }
resource "things_thing" "y" { name = var.name }
"#;

#[test]
fn each_instance_is_managed_by_the_provider_instance_that_it_names_or_is_passed() {
    let things = Things::start();
    let w = things.world(ACCOUNTS);
    w.write("m/main.tf", MODULE);
    w.write("m/inner/main.tf", INNER);
    w.run("init").ok();
    w.apply().says("6 added").says("\"two\" = \"m-two\"");
    let mut made: Vec<String> = things
        .changes()
        .iter()
        .map(|r| {
            let object = r.find("\"name\":").map_or("", |i| &r[i..]);
            let name = object.split('"').nth(3).unwrap_or_default();
            format!("{name} by {}", r.split(' ').nth(2).unwrap_or_default())
        })
        .collect();
    made.sort();
    assert_eq!(
        made,
        [
            "m-one by key-1",
            "m-one-inner by key-1",
            "m-two by key-2",
            "m-two-inner by key-2",
            "one by key-1",
            "two by key-2",
        ]
    );
    w.plan().says("No changes.");
    assert!(!things.requests().iter().any(|r| r.contains("environment")));
    w.run("state list -id=t1").ok();

    w.write(
        "main.tf",
        &ACCOUNTS.replace("things.of[each.key] }", "things.of[\"three\"] }"),
    );
    w.run("plan")
        .fails()
        .says("There is no configuration things.of[\"three\"] of provider \"things\".")
        .says("providers = { things = things.of[\"three\"] }");
    w.write(
        "main.tf",
        &ACCOUNTS.replace("things.of[each.key] }", "things.of }"),
    );
    w.run("validate")
        .fails()
        .says("choose one of its instances, such as things.of[each.key]");
    w.write("main.tf", ACCOUNTS);
    w.write(
        "m/main.tf",
        &MODULE
            .replace("x\" { name", "x\" {\n  provider = things[\"one\"]\n  name")
            .replace("var.name }\ndata", "var.name\n}\ndata"),
    );
    w.run("validate")
        .fails()
        .says("one that is passed in is a single instance, and a reference to it takes no index");
}

#[test]
fn nothing_is_destroyed_by_another_configuration_than_what_it_was_made_with() {
    let things = Things::start();
    let w = things.world(ACCOUNTS);
    w.write("m/main.tf", MODULE);
    w.write("m/inner/main.tf", INNER);
    w.run("init").ok();
    w.apply();
    things.requests();
    w.write("terraform.tfvars", "accounts = { one = \"key-1\" }\n");
    w.run("plan")
        .fails()
        .says("Provider configuration not present")
        .says("things_thing.a[\"two\"] was made with provider[\"example.com/tests/things\"].of[\"two\"], which is not configured any more");
    w.run("destroy -auto-approve").fails();
    // Nor where the whole block is gone, and the environment has a token of somebody else.
    w.write("main.tf", "output \"nothing\" { value = 1 }\n");
    for command in [
        "plan",
        "plan -refresh=false",
        "apply -auto-approve",
        "destroy -auto-approve",
    ] {
        w.run(command).fails().says("Put that configuration back");
    }
    assert!(!things.requests().iter().any(|r| r.contains("environment")));
    assert_eq!(things.objects().len(), 6);

    // What is forgotten needs no provider.
    w.write(
        "main.tf",
        "removed {\n  from = things_thing.a\n  lifecycle { destroy = false }\n}\nremoved {\n  from = module.m\n  lifecycle { destroy = false }\n}\n",
    );
    w.apply();
    assert_eq!(w.run("state list").ok().out, "");
    assert_eq!(things.objects().len(), 6);
}

#[test]
fn a_provider_cannot_be_made_from_what_is_not_known_yet() {
    let things = Things::start();
    let w = things.world(
        r#"
resource "terraform_data" "key" { input = "key-9" }
provider "things" { token = terraform_data.key.output }
resource "things_thing" "a" { name = "a" }
"#,
    );
    w.run("plan")
        .fails()
        .says("Invalid provider configuration")
        .says("depends on values that are known only after apply");
    assert_eq!(things.requests(), Vec::<String>::new());
    w.run("apply -auto-approve -target=terraform_data.key").ok();
    w.apply().says("1 added");
    assert!(things.changes()[0].starts_with("POST /things key-9"));
}

#[test]
fn what_a_failed_replacement_leaves_is_kept_and_destroyed_by_the_next_run() {
    let things = Things::start();
    let config = |name: &str| {
        format!(
            "resource \"things_thing\" \"a\" {{\n  name = \"{name}\"\n  lifecycle {{ create_before_destroy = true }}\n}}\n"
        )
    };
    let w = things.world(&config("one"));
    w.apply();
    w.write("main.tf", &config("two"));
    things.refuse("DELETE", 1);
    w.run("apply -auto-approve")
        .fails()
        .says("(deposed object")
        .says("DELETE is refused today");
    assert_eq!(things.objects().len(), 2);
    w.run("state list")
        .ok()
        .says("things_thing.a (deposed object ");
    let state = w.run("show -json").ok().json();
    let objects = state["values"]["root_module"]["resources"]
        .as_array()
        .cloned();
    let objects = objects.unwrap_or_default();
    let keys: Vec<bool> = objects
        .iter()
        .map(|o| o["deposed_key"].is_string())
        .collect();
    assert_eq!(keys, [false, true]);

    w.run("plan -out=p")
        .ok()
        .says("(deposed object")
        .says("1 to destroy");
    let plan = w.run("show -json p").ok().json();
    let change = &plan["resource_changes"][1];
    assert_eq!(change["deposed"], objects[1]["deposed_key"]);
    assert_eq!(change["change"]["actions"], serde_json::json!(["delete"]));
    assert_eq!(change["change"]["before"]["id"], "t1");
    // Fails again, and is not forgotten.
    things.refuse("DELETE", 1);
    w.run("apply p").fails();
    w.apply().says("0 added, 0 changed, 1 destroyed");
    assert_eq!(things.objects().into_keys().collect::<Vec<_>>(), ["t2"]);
    w.plan().says("No changes.");
}

#[test]
fn override_files_change_providers_and_nested_blocks() {
    let things = Things::start();
    let w = things.world(
        r#"
terraform {
  required_providers {
    things = { source = "example.com/not/here" }
  }
}
provider "things" { token = "base" }
provider "things" {
  alias = "second"
  token = "base-second"
}
resource "things_thing" "a" {
  name = "a"
  disk { gb = 1 }
  tag { key = "stays" }
  dynamic "label" {
    for_each = { x = 1 }
    labels   = [label.key]
    content { port = label.value }
  }
}
resource "things_thing" "b" {
  name     = "b"
  provider = things.second
}
"#,
    );
    w.write(
        "change_override.tf.json",
        r#"{
  "terraform": {"required_providers": {"things": {"source": "example.com/tests/things"}}},
  "provider": {"things": [{"token": "over"}, {"alias": "second", "token": "over-second"}]},
  "resource": {"things_thing": {"a": {
    "disk": [{"gb": 5}, {"gb": 6}],
    "label": {"over": {"port": 9}}
  }}}
}"#,
    );
    w.run("init").ok();
    w.apply();
    let mut changes = things.changes();
    changes.sort();
    assert!(changes[0].starts_with("POST /things over {"), "{changes:?}");
    assert!(
        changes[1].starts_with("POST /things over-second {"),
        "{changes:?}"
    );
    let objects = things.objects();
    let a = objects.values().find(|o| o["name"] == "a").expect("made");
    let sizes = [&a["disk"][0]["gb"], &a["disk"][1]["gb"], &a["disk"][2]];
    assert_eq!(
        sizes,
        [
            &serde_json::json!(5),
            &serde_json::json!(6),
            &serde_json::Value::Null
        ]
    );
    assert_eq!(a["label"], serde_json::json!({"over": {"port": 9}}));
    assert_eq!(a["tag"], serde_json::json!([{"key": "stays"}]));
}

#[test]
fn configuration_is_generated_with_the_provider_that_the_import_names() {
    let things = Things::start();
    let providers = r#"
provider "things" {
  alias = "west"
  token = "west"
}
provider "things" {
  alias    = "of"
  for_each = { one = "key-1" }
  token    = each.value
}
"#;
    let made = "resource \"things_thing\" \"a\" { name = \"a\" }\nresource \"things_thing\" \"b\" {\n  name       = \"b\"\n  depends_on = [things_thing.a]\n}\n";
    things.world(made).apply();
    things.requests();
    let imports = r#"
import {
  to       = things_thing.a
  id       = "t1"
  provider = things.west
}
import {
  to       = things_thing.b
  id       = "t2"
  provider = things.of["one"]
}
"#;
    let w = things.world(&format!("{providers}{imports}"));
    w.run("plan -generate-config-out=generated.tf")
        .ok()
        .says("Plan: 2 to import, 0 to add, 0 to change, 0 to destroy.");
    let generated = std::fs::read_to_string(w.path("generated.tf")).expect("written");
    assert!(
        generated.contains("provider = things.west\n"),
        "{generated}"
    );
    assert!(
        generated.contains("provider = things.of[\"one\"]\n"),
        "{generated}"
    );
    w.plan()
        .says("Plan: 2 to import, 0 to add, 0 to change, 0 to destroy.");
    w.apply();
    w.plan().says("No changes.");
    let reads = things.requests();
    assert!(
        reads
            .iter()
            .all(|r| r.contains(" west") || r.contains(" key-1")),
        "{reads:?}"
    );
}
