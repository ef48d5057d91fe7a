//! What people read: each snapshot is one command's whole output, with only ids, times
//! and addresses of machines replaced.

use crate::world::World;

const RESOURCES: &str = r#"
variable "password" {
  default   = "hunter2-hunter2"
  sensitive = true
}
resource "terraform_data" "site" {
  input = {
    name     = "web"
    ports    = [80, 443, 8080]
    tags     = { env = "test", owner = "ada" }
    password = var.password
    motd     = "welcome\nto this\nmachine\n"
  }
}
resource "terraform_data" "node" {
  for_each         = toset(["a", "b"])
  input            = "${terraform_data.site.id}-${each.key}"
  triggers_replace = [terraform_data.site.input.ports]
}
output "nodes" { value = { for k, v in terraform_data.node : k => v.output } }
output "password" {
  value     = var.password
  sensitive = true
}
"#;

const MACHINE: &str = r#"
resource "cyberpanel_vps" "web" {
  hostname      = "web.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
}
"#;

/// Values of every shape, as they are and as they become.
const SHAPES: [&str; 2] = [
    r#"
variable "labels" {
  type    = map(string)
  default = { a = "1", b = "2", "c d" = "3" }
}
variable "pin" {
  default   = "hunter2-hunter2"
  sensitive = true
}
resource "terraform_data" "lists" {
  input = {
    long    = ["a", "b", "c", "d", "e", "f", "g"]
    same    = [1, 2, 3]
    turned  = ["x", "y", "z"]
    objects = [{ name = "one", size = 1 }, { name = "two", size = 2 }]
  }
}
resource "terraform_data" "kinds" {
  input = { "quoted key" = 1, none = null, gone = true, empty = [], was = { list = [1] }, kept = 0.5 }
}
resource "terraform_data" "json" {
  input = jsonencode({ rules = [{ port = 80 }], none = null })
}
resource "terraform_data" "spaces" { input = "{\"a\":   1}" }
resource "terraform_data" "text" { input = "one\ntwo\nthree\n" }
resource "terraform_data" "secret" { input = { pin = var.pin, user = "ada" } }
resource "terraform_data" "odd" { input = "tab\t, escape \u001b[31m, turned \u202e, $${x}" }
resource "terraform_data" "labels" { triggers_replace = var.labels }
output "labels" { value = var.labels }
output "gone" { value = { text = "a\nb", n = 1 } }
"#,
    r#"
variable "labels" {
  type    = map(string)
  default = { a = "1", b = "22", "e f" = "4" }
}
variable "pin" { default = "hunter2-hunter2" }
resource "terraform_data" "lists" {
  input = {
    long    = ["a", "b", "c", "D", "e", "f", "g", "h"]
    same    = [1, 5, 3]
    turned  = ["z", "x", "y"]
    objects = [{ name = "one", size = 1 }, { name = "two", size = 3 }, { name = "new", size = 3 }]
  }
}
resource "terraform_data" "kinds" {
  input = { "quoted key" = "1", none = 2, empty = ["now"], was = "text", kept = 0.5, new = null }
}
resource "terraform_data" "json" {
  input = jsonencode({ rules = [{ port = 80 }, { port = 443 }], none = null })
}
resource "terraform_data" "spaces" { input = "{\"a\":1}" }
resource "terraform_data" "text" { input = "one\nTWO\nthree" }
resource "terraform_data" "secret" { input = { pin = var.pin, user = "ada" } }
resource "terraform_data" "labels" { triggers_replace = var.labels }
output "labels" { value = var.labels }
check "labels" {
  assert {
    condition     = var.labels["a"] == "2"
    error_message = "The label a has to be 2."
  }
}
"#,
];

#[test]
fn values_of_every_shape() {
    let w = World::new(SHAPES[0]);
    transcript(&w, "shapes_create", "plan");
    w.apply();
    transcript(&w, "shapes_show", "show");
    transcript(&w, "shapes_output", "output");
    w.write("main.tf", SHAPES[1]);
    transcript(&w, "shapes_change", "plan");
}

/// Checks what a command printed, standard error below standard output.
pub fn transcript(w: &World, name: &str, args: &str) {
    let ran = w.run(args);
    let errors = match ran.err.is_empty() {
        true => String::new(),
        false => format!("--- standard error\n{}", ran.err),
    };
    let text = format!(
        "$ loam {args}\n{}{errors}--- exit code {}\n",
        ran.out, ran.code
    );
    let mut settings = insta::Settings::clone_current();
    for (pattern, instead) in [
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (r"(complete|errored) after \d+s", "$1 after Ns"),
        (r"in \d+s\.", "in Ns."),
        (r#""elapsed_seconds":\d+"#, r#""elapsed_seconds":0"#),
        (r"\d+\.\d+\.\d+\.\d+", "ADDRESS"),
        (&env!("CARGO_PKG_VERSION").replace('.', "\\."), "VERSION"),
        (r#"(?m)^(.*[~+-]? *(vmid|deployment_id) +=).*$"#, "$1 …"),
    ] {
        settings.add_filter(pattern, instead);
    }
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn from_nothing_to_nothing() {
    let w = World::new(RESOURCES);
    transcript(&w, "plan_create", "plan");
    transcript(&w, "apply_create", "apply -auto-approve -parallelism=1");
    transcript(&w, "plan_no_changes", "plan");
    transcript(&w, "show_state", "show");
    let changed = RESOURCES
        .replace("443, 8080", "443, 8443")
        .replace("to this", "to that")
        .replace("owner = \"ada\"", "team = \"ops\"");
    w.write("main.tf", &changed);
    transcript(&w, "plan_update_and_replace", "plan");
    transcript(
        &w,
        "apply_update_and_replace",
        "apply -auto-approve -parallelism=1",
    );
    w.write("main.tf", "");
    transcript(&w, "plan_without_configuration", "plan");
    w.write("main.tf", RESOURCES);
    transcript(&w, "destroy", "destroy -auto-approve -parallelism=1");
}

#[test]
fn events_for_programs() {
    let w = World::new(RESOURCES);
    transcript(&w, "events_plan", "plan -json");
    transcript(
        &w,
        "events_apply",
        "apply -json -auto-approve -parallelism=1",
    );
    transcript(&w, "events_plan_again", "plan -json -parallelism=1");
    w.write("main.tf", "output \"o\" { value = var.nope }\n");
    transcript(&w, "events_error", "plan -json");
    transcript(&w, "events_destroy", "apply -destroy -json -auto-approve");
}

#[test]
fn what_changed_outside_is_told() {
    let w = World::with_cloud(MACHINE);
    transcript(&w, "cloud_plan", "plan");
    w.apply();
    let (_, list) = w.cloud().api("GET", "/vps", "");
    let id = list["data"]["instances"][0]["id"].to_string();
    w.cloud().api("POST", &format!("/vps/{id}/stop"), "");
    w.write(
        "main.tf",
        &MACHINE.replace(
            "root_password",
            "power_state   = \"running\"\n  root_password",
        ),
    );
    transcript(&w, "drift_changed", "plan");
    w.cloud().api("POST", &format!("/vps/{id}/delete"), "");
    transcript(&w, "drift_deleted", "plan");
}

#[test]
fn errors_are_for_people() {
    let w = World::new(
        "variable \"n\" {\n  type    = number\n  default = \"many\"\n}\noutput \"o\" {\n  value = var.m\n}\nresource \"terraform_data\" \"a\" {\n  inptu = 1\n}\n",
    );
    transcript(&w, "error_names_and_types", "plan");
    w.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = [1, 2\n}\n",
    );
    transcript(&w, "error_syntax", "validate");
    w.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = terraform_data.b.id\n}\nresource \"terraform_data\" \"b\" {\n  input = terraform_data.a.id\n}\n",
    );
    transcript(&w, "error_cycle", "plan");
    w.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = 1\n  lifecycle {\n    postcondition {\n      condition     = self.output == 2\n      error_message = \"It has to be two.\"\n    }\n  }\n}\nresource \"terraform_data\" \"b\" {\n  input = terraform_data.a.id\n}\n",
    );
    transcript(&w, "error_while_applying", "apply -auto-approve");
}

const ACTIONS: &str = r#"
resource "cyberpanel_vps" "web" {
  for_each      = toset(["a"])
  hostname      = "${each.key}.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.cyberpanel_vps_restart.web[each.key]]
    }
  }
}
action "cyberpanel_vps_restart" "web" {
  for_each = cyberpanel_vps.web
  config {
    vps_id = each.value.id
  }
}
data "vpsorg_domain" "d" {
  domain_name = "demo.test"
}
action "vpsorg_domain_renew" "d" {
  config {
    domain_id = data.vpsorg_domain.d.id
    years     = 2
  }
}
"#;

#[test]
fn actions_with_changes_and_by_name() {
    let w = World::with_cloud(ACTIONS);
    transcript(&w, "actions_plan", "plan");
    w.apply();
    transcript(
        &w,
        "actions_invoke",
        "invoke action.cyberpanel_vps_restart.web[\"a\"]",
    );
    transcript(
        &w,
        "actions_not_agreed",
        "invoke action.vpsorg_domain_renew.d",
    );
}
