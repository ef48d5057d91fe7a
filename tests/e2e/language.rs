//! The configuration language as the whole program speaks it.

use crate::world::World;

#[test]
fn local_modules_take_variables_and_give_outputs() {
    let w = World::new(
        r#"
module "site" {
  source   = "./site"
  for_each = toset(["de", "us"])
  name     = each.key
}
output "ids" { value = { for k, m in module.site : k => m.greeting } }
"#,
    );
    w.write(
        "site/main.tf",
        r#"
variable "name" { type = string }
resource "terraform_data" "it" { input = "hello ${var.name}" }
output "greeting" { value = terraform_data.it.output }
"#,
    );
    w.apply().says("2 added").says("\"hello de\"");
    w.run("state list")
        .ok()
        .says("module.site[\"us\"].terraform_data.it");
    w.plan().says("No changes.");
}

#[test]
fn moved_objects_are_not_touched() {
    let w = World::new("resource \"terraform_data\" \"old\" { input = 1 }\n");
    w.apply();
    w.write(
        "main.tf",
        "resource \"terraform_data\" \"new\" { input = 1 }\nmoved {\n  from = terraform_data.old\n  to   = terraform_data.new\n}\n",
    );
    w.plan()
        .says("terraform_data.old has moved to terraform_data.new")
        .says("Plan: 0 to add, 0 to change, 0 to destroy.");
    w.apply();
    w.run("state list")
        .ok()
        .says("terraform_data.new")
        .never_says("terraform_data.old");
}

#[test]
fn a_refresh_only_plan_lists_what_has_only_moved_and_is_nothing_to_apply() {
    let w = World::new("resource \"terraform_data\" \"old\" { input = 1 }\n");
    w.apply();
    w.write(
        "main.tf",
        "resource \"terraform_data\" \"new\" { input = 2 }\nmoved {\n  from = terraform_data.old\n  to   = terraform_data.new\n}\n",
    );
    w.run("plan -refresh-only -out=p")
        .ok()
        .says("terraform_data.old has moved to terraform_data.new");
    let plan = w.run("show -json p").ok().json();
    let drift = &plan["resource_drift"][0];
    assert_eq!(drift["previous_address"], "terraform_data.old");
    assert_eq!(drift["change"]["actions"][0], "no-op");
    assert_eq!(plan["applyable"], false);
    w.run("apply p").ok();
    w.run("state list")
        .ok()
        .says("terraform_data.new")
        .never_says("terraform_data.old");
}

#[test]
fn an_output_that_is_only_more_secret_is_no_change_to_look_at() {
    let w = World::new("output \"o\" { value = 1 }\n");
    w.apply();
    w.write(
        "main.tf",
        "output \"o\" {\n  value     = 1\n  sensitive = true\n}\n",
    );
    w.run("plan -out=p")
        .ok()
        .says("No changes.")
        .never_says("~ o");
    let plan = w.run("show -json p").ok().json();
    assert_eq!(plan["output_changes"]["o"]["actions"][0], "update");
    w.run("apply p").ok();
    w.run("output").ok().says("o = <sensitive>");
}

#[test]
fn an_infinite_number_is_not_stored() {
    let w = World::new(
        "variable \"z\" { default = 0 }\nresource \"terraform_data\" \"a\" { input = { n = 1 / var.z } }\noutput \"o\" { value = [1 / var.z] }\n",
    );
    w.run("plan")
        .fails()
        .says("Infinite number")
        .says("terraform_data.a.input.n is infinite");
    // Neither is one that shows only while applying.
    w.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" { input = 0 }\noutput \"o\" { value = 1 / terraform_data.a.output }\n",
    );
    w.run("apply -auto-approve").fails().says("Infinite number");
    w.run("state list").ok().says("terraform_data.a");
}

#[test]
fn an_update_that_turns_out_to_change_nothing_is_not_made() {
    let config = |trigger: u32| {
        format!(
            "resource \"terraform_data\" \"a\" {{\n  input            = \"same\"\n  triggers_replace = {trigger}\n}}\nresource \"terraform_data\" \"b\" {{ input = terraform_data.a.output }}\n"
        )
    };
    let w = World::new(&config(1));
    w.apply();
    w.write("main.tf", &config(2));
    w.plan().says("Plan: 1 to add, 1 to change, 1 to destroy.");
    w.apply().says("1 added, 0 changed, 1 destroyed");
    w.plan().says("No changes.");
}

#[test]
fn imports_go_through_lists_by_position_and_through_sets_of_anything() {
    let w = World::new(
        r#"
import {
  for_each = ["id-a", "id-b"]
  to       = terraform_data.x[each.key]
  id       = each.value
}
resource "terraform_data" "x" { count = 2 }
"#,
    );
    w.plan().says("2 to import");
    w.write(
        "main.tf",
        r#"
import {
  for_each = ["id-a"]
  to       = terraform_data.x[each.key]
  id       = each.value
}
resource "terraform_data" "x" { for_each = toset(["k"]) }
"#,
    );
    w.run("validate")
        .fails()
        .says("Invalid import 'to' expression")
        .says("main.tf line 4");
}

#[test]
fn json_syntax_means_the_same() {
    let w = World::new("");
    w.write("more.tf.json", r#"{"resource":{"terraform_data":{"a":{"input":"${1 + 1}"}}},"output":{"o":{"value":"${terraform_data.a.output}"}}}"#);
    w.apply().says("o = 2");
}

#[test]
fn the_console_reads_expressions_from_a_pipe() {
    let w = World::new(
        "variable \"x\" { default = [1, 2] }\nresource \"terraform_data\" \"a\" { input = \"seen\" }\n",
    );
    w.apply();
    let ran = w
        .run_with_input(
            "console",
            "upper(\"ab\")\nvar.x[1]\nterraform_data.a.output\n{\n  a = 1\n}\ntype(var.x)\n",
        )
        .ok();
    assert!(
        ran.out
            .starts_with("\"AB\"\n2\n\"seen\"\n{\n  \"a\" = 1\n}\n"),
        "{}",
        ran.out
    );
    w.run_with_input("console", "nosuch(1)\n")
        .fails()
        .says("nosuch");
}

#[test]
fn fmt_rewrites_checks_and_reads_standard_input() {
    let w = World::new("locals {\n a=1\n  long = 2\n}\n");
    assert_eq!(w.run("fmt -check").code, 3);
    w.run("fmt -diff -write=false")
        .ok()
        .says("- a=1")
        .says("+  a    = 1");
    w.run("fmt").ok().says("main.tf");
    assert_eq!(
        std::fs::read_to_string(w.path("main.tf")).expect("there"),
        "locals {\n  a    = 1\n  long = 2\n}\n"
    );
    w.run("fmt -check").ok();
    let ran = w.run_with_input("fmt -", "a=1\n").ok();
    assert_eq!(ran.out, "a = 1\n");
}

#[test]
fn validate_reports_everything_at_once_in_source_order() {
    let w = World::new(
        "output \"a\" { value = var.nope }\noutput \"b\" { value = upper(1, 2) }\nresource \"terraform_data\" \"c\" { inptu = 1 }\n",
    );
    let json = w.run("validate -json").fails().json();
    assert_eq!(json["valid"], false);
    let lines: Vec<_> = json["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| d["range"]["start"]["line"].as_u64())
        .collect();
    assert!(
        lines.contains(&Some(1)) && lines.contains(&Some(3)),
        "{json:#}"
    );
    w.run("validate").fails().says("Did you mean \"input\"?");
}

#[test]
fn a_cycle_names_its_members() {
    let w = World::new(
        "resource \"terraform_data\" \"a\" { input = terraform_data.b.id }\nresource \"terraform_data\" \"b\" { input = terraform_data.a.id }\n",
    );
    w.run("plan")
        .fails()
        .says("Cycle: terraform_data.a, terraform_data.b");
}

#[test]
fn validate_takes_instance_keys_as_unknown() {
    let w = World::with_cloud(
        r#"
resource "cyberpanel_vps" "web" {
  for_each      = toset(["a"])
  hostname      = "${each.key}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
}
resource "cyberpanel_vps" "n" {
  count         = 1
  hostname      = "n${count.index}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
}
module "m" {
  source   = "./m"
  for_each = { a = 1 }
  name     = "${each.key}-${each.value}"
}
"#,
    );
    w.write(
        "m/main.tf",
        "variable \"name\" {}\nresource \"terraform_data\" \"d\" { input = var.name }\n",
    );
    w.run("validate").ok().says("The configuration is valid.");
}

/// The same blocks, divided between files of other names and in another order.
#[test]
fn a_plan_does_not_depend_on_the_order_of_files_and_blocks() {
    let blocks = [
        "variable \"n\" { default = 2 }\n",
        "locals { names = { b = 1, a = 2 } }\n",
        "resource \"terraform_data\" \"z\" { input = terraform_data.a[*].id }\n",
        "resource \"terraform_data\" \"a\" {\n  count = var.n\n  input = count.index\n}\n",
        "resource \"terraform_data\" \"m\" {\n  for_each = local.names\n  input = each.value\n}\n",
        "output \"z\" { value = { for k, m in terraform_data.m : k => m.input } }\n",
        "output \"a\" { value = length(terraform_data.a) }\n",
        "check \"one\" {\n  assert {\n    condition = var.n > 1\n    error_message = \"few\"\n  }\n}\n",
    ];
    let plan = |w: &World| {
        let text = w.run("plan -input=false -out=p").ok().all();
        let mut json = w.run("show -json p").ok().json();
        json.as_object_mut().map(|o| o.remove("timestamp"));
        (text, json.to_string())
    };
    let forwards = World::new(&blocks.concat());
    let first = plan(&forwards);
    for _ in 0..3 {
        assert_eq!(plan(&forwards), first);
    }
    let backwards = World::new("");
    for (i, block) in blocks.iter().enumerate() {
        backwards.write(&format!("{}.tf", 9 - i), block);
    }
    assert_eq!(plan(&backwards), first);
}

#[test]
fn programs_that_write_json_may_put_references_into_templates() {
    let w = World::new("");
    let config = |input: u8| {
        format!(
            r#"{{"resource":{{"terraform_data":{{
                "a":{{"input":{input}}},
                "b":{{"input":"x","depends_on":["terraform_data.a"],
                      "lifecycle":{{"replace_triggered_by":["${{terraform_data.a}}"]}}}}}}}}}}"#
        )
    };
    w.write("main.tf.json", &config(1));
    w.apply().says("2 added");
    w.write("main.tf.json", &config(2));
    w.plan()
        .says("terraform_data.b will be replaced due to changes in replace_triggered_by");
}

#[test]
fn deprecated_variables_and_outputs_of_modules_are_told() {
    let w = World::new(
        "module \"m\" {\n  source = \"./m\"\n  legacy = 1\n}\noutput \"o\" { value = module.m.gone }\n",
    );
    w.write(
        "m/main.tf",
        "variable \"legacy\" {\n  default = 0\n  deprecated = \"It does nothing.\"\n}\noutput \"gone\" {\n  value = var.legacy\n  deprecated = \"Read other.\"\n}\n",
    );
    w.plan()
        .says("The variable \"legacy\" of module.m is deprecated: It does nothing.")
        .says("The output \"gone\" of module.m is deprecated: Read other.");
}

/// A variable without a type is text when it is given on the command line.
#[test]
fn prevent_destroy_takes_its_answer_from_a_variable() {
    let w = World::new(
        "variable \"keep\" { default = true }\nresource \"terraform_data\" \"a\" {\n  lifecycle { prevent_destroy = var.keep }\n}\n",
    );
    w.apply();
    w.run("plan -destroy")
        .fails()
        .says("Instance cannot be destroyed");
    w.run("plan -destroy -var keep=false")
        .ok()
        .says("1 to destroy");
}

#[test]
fn plan_json_lists_outer_modules_first_and_all_variables() {
    let w = World::new(
        r#"
variable "used" { default = "u" }
variable "unused" { default = { a = 1 } }
module "a" { source = "./a" }
module "b" { source = "./b" }
resource "terraform_data" "z" { input = var.used }
resource "terraform_data" "y" {}
"#,
    );
    w.write(
        "a/main.tf",
        "module \"deep\" { source = \"../b\" }\nresource \"terraform_data\" \"r\" {}\n",
    );
    w.write("b/main.tf", "resource \"terraform_data\" \"x\" {}\n");
    w.run("init").ok();
    let json = |w: &World, args: &str| {
        w.run(&format!("plan -input=false -out=p {args}")).ok();
        w.run("show -json p").ok().json()
    };
    let plan = json(&w, "");
    let changes = plan["resource_changes"].as_array().expect("changes");
    let order: Vec<&str> = changes
        .iter()
        .filter_map(|c| c["address"].as_str())
        .collect();
    // As recorded from Terraform 1.11.4.
    assert_eq!(
        order,
        [
            "terraform_data.y",
            "terraform_data.z",
            "module.a.terraform_data.r",
            "module.b.terraform_data.x",
            "module.a.module.deep.terraform_data.x",
        ]
    );
    let both = serde_json::json!({ "used": { "value": "u" }, "unused": { "value": { "a": 1 } } });
    assert_eq!(plan["variables"], both);
    w.run("apply -auto-approve").ok();
    assert_eq!(
        json(&w, "-target=terraform_data.y -replace=terraform_data.y")["variables"],
        both
    );
    assert_eq!(json(&w, "-destroy")["variables"], both);
}

#[test]
fn what_is_ignored_does_not_become_a_secret() {
    let config = |trigger: &str| {
        format!(
            "resource \"terraform_data\" \"a\" {{\n  input = 1\n  triggers_replace = {trigger}\n  lifecycle {{ ignore_changes = [triggers_replace] }}\n}}\n"
        )
    };
    let w = World::new(&config("\"x\""));
    w.run("apply -auto-approve").ok();
    w.write("main.tf", &config("sensitive(\"y\")"));
    w.plan().says("No changes.");
}

#[test]
fn outputs_of_another_configuration_are_read_from_its_state() {
    let w = World::new("output \"id\" { value = \"net-1\" }\n");
    w.apply();
    std::fs::rename(w.path("state"), w.path("net")).expect("the state moves");
    let reading = |path: &str| {
        let text = r#"
data "terraform_remote_state" "net" {
  backend  = "local"
  config   = { path = "PATH" }
  defaults = { zone = "z" }
}
output "seen" { value = data.terraform_remote_state.net.outputs }
"#;
        w.write("main.tf", &text.replace("PATH", path));
    };
    for path in ["net/default.db", "net"] {
        reading(path);
        w.plan().says("id   = \"net-1\"").says("zone = \"z\"");
    }
    // Where Terraform would have put it.
    std::fs::create_dir(w.path("other")).expect("a folder");
    std::fs::rename(w.path("net"), w.path("other/state")).expect("the state moves");
    reading("other/terraform.tfstate");
    w.plan().says("id   = \"net-1\"").says("zone = \"z\"");
    std::fs::rename(
        w.path("other/state/default.db"),
        w.path("other/state/blue.db"),
    )
    .expect("the state is another workspace's");
    reading("other/terraform.tfstate.d/blue/terraform.tfstate");
    w.plan().says("id   = \"net-1\"");
    reading("nowhere.tfstate");
    w.run("plan")
        .fails()
        .says("Unable to find remote state")
        .says("There is no file nowhere.tfstate.");
}

#[test]
fn what_a_check_cannot_read_is_a_warning() {
    let w = World::new(
        r#"
check "net" {
  data "terraform_remote_state" "net" {
    backend = "local"
    config  = { path = "nowhere.tfstate" }
  }
  assert {
    condition     = data.terraform_remote_state.net.outputs.id != ""
    error_message = "no id"
  }
}
resource "terraform_data" "a" { input = 1 }
"#,
    );
    w.apply()
        .says("Warning: Unable to find remote state")
        .says("1 added");
    let state = w.run("show -json").ok().json();
    assert_eq!(state["checks"][0]["status"], "fail");
}

#[test]
fn refresh_only_plans_tell_of_conditions_that_do_not_hold() {
    let config = |limit: &str| {
        format!(
            "resource \"terraform_data\" \"a\" {{\n  input = 5\n  lifecycle {{\n    postcondition {{\n      condition     = self.output > {limit}\n      error_message = \"too small\"\n    }}\n  }}\n}}\n"
        )
    };
    let w = World::new(&config("1"));
    w.apply();
    w.write("main.tf", &config("9"));
    w.run("plan -refresh-only")
        .ok()
        .says("Warning: Resource postcondition failed")
        .says("too small");
    w.run("plan")
        .fails()
        .says("Error: Resource postcondition failed");
}

#[test]
fn an_object_does_not_become_one_of_another_type() {
    let w = World::with_cloud("resource \"xessone_bucket\" \"a\" { name = \"media\" }\n");
    w.apply();
    let moved = "moved {\n  from = xessone_bucket.a\n  to   = terraform_data.b\n}\nresource \"terraform_data\" \"b\" {}\n";
    w.write("main.tf", moved);
    w.run("plan")
        .fails()
        .says("Unsupported `moved` across resource types")
        .says("on main.tf line 1")
        .says("xessone_bucket.a is of the type xessone_bucket");
    w.run("apply -auto-approve").fails();
    assert_eq!(w.run("state list").ok().out.trim(), "xessone_bucket.a");
    let objects = w
        .cloud()
        .control("GET", "/_sandbox/objects?cloud=xessone", "");
    assert!(objects.to_string().contains("media"), "{objects}");
}
