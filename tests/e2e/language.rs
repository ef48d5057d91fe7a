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
