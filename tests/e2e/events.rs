//! The stream of events that programs read, as Terraform writes it; and plans that are the
//! same to the byte.

use serde_json::Value as Json;

use crate::world::{Ran, World};

const OTHER: &str = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x",
"outputs": {"name": {"value": "ada", "type": "string"}}, "resources": []}"#;

const CONFIG: &str = r#"
data "terraform_remote_state" "other" {
  backend = "local"
  config  = { path = "other.tfstate" }
}
resource "terraform_data" "a" {
  input = data.terraform_remote_state.other.outputs.name
}
output "name" {
  value = terraform_data.a.output
}
"#;

fn world() -> World {
    let w = World::new(CONFIG);
    w.write("other.tfstate", OTHER);
    w
}

/// The events' types, with what they are about.
fn told(ran: &Ran) -> Vec<String> {
    let events = ran.out.lines().map(|l| {
        let e: Json = serde_json::from_str(l).expect("an event");
        let of = ["/hook/resource/addr", "/change/resource/addr"];
        let of = of.iter().find_map(|p| e.pointer(p)?.as_str());
        let of = of.or_else(|| e.pointer("/changes/operation")?.as_str());
        let of = of.or_else(|| e.pointer("/diagnostic/summary")?.as_str());
        let kind = e["type"].as_str().unwrap_or_default();
        format!("{kind} {}", of.unwrap_or_default())
            .trim()
            .to_owned()
    });
    events.collect()
}

#[test]
fn data_that_are_read_are_told() {
    let w = world();
    let events = w.run("plan -json").ok();
    assert_eq!(
        told(&events),
        [
            "version",
            "apply_start data.terraform_remote_state.other",
            "apply_complete data.terraform_remote_state.other",
            "planned_change terraform_data.a",
            "change_summary plan",
            "outputs",
        ]
    );
    events
        .says("data.terraform_remote_state.other: Refreshing...")
        .says("data.terraform_remote_state.other: Refresh complete after 0s");
    w.plan()
        .says("data.terraform_remote_state.other: Reading...\n")
        .says("data.terraform_remote_state.other: Read complete after 0s");
    std::fs::remove_file(w.path("other.tfstate")).expect("it was there");
    let events = told(&w.run("plan -json").fails());
    let end = "apply_errored data.terraform_remote_state.other";
    assert!(events.iter().any(|e| e == end), "{events:?}");
}

#[test]
fn what_failed_is_not_said_to_be_complete() {
    let w = world();
    w.write(
        "fails.tf",
        "resource \"terraform_data\" \"f\" {\n  provisioner \"local-exec\" {\n    command = \"exit 3\"\n  }\n}\n",
    );
    let ran = w.run("apply -json -auto-approve").fails();
    let events = told(&ran);
    assert!(!ran.out.contains("Apply complete!"), "{}", ran.out);
    assert!(!events.iter().any(|e| e == "change_summary apply"));
    let last = events.last().map(String::as_str);
    assert_eq!(last, Some("diagnostic local-exec provisioner error"));
    w.write("fails.tf", "");
    let events = told(&w.run("apply -json -auto-approve").ok());
    assert!(events.ends_with(&["change_summary apply".into(), "outputs".into()]));
}

#[test]
fn refreshing_tells_no_plan_and_destroying_no_outputs() {
    let w = world();
    w.apply();
    let refreshed = [
        "version",
        "refresh_start terraform_data.a",
        "apply_start data.terraform_remote_state.other",
        "apply_complete data.terraform_remote_state.other",
        "refresh_complete terraform_data.a",
        "outputs",
    ];
    let mut expected = refreshed.map(str::to_owned);
    let mut events = told(&w.run("refresh -json").ok());
    // What is read at the same time comes in any order.
    expected.sort();
    events.sort();
    assert_eq!(events, expected);
    let part = w.run("destroy -auto-approve -target=terraform_data.a").ok();
    part.never_says("Outputs:\n");
    w.apply().says("Outputs:\n");
    let events = told(&w.run("destroy -json -auto-approve").ok());
    let last = events.last().map(String::as_str);
    assert_eq!(last, Some("change_summary destroy"));
}

#[test]
fn who_cannot_be_asked_is_refused_before_anything_is_begun() {
    let w = world();
    for command in ["apply -json", "destroy -json"] {
        let ran = w.run(command).fails();
        assert_eq!(told(&ran), ["version", "diagnostic Not approved"]);
    }
}

#[test]
fn the_same_input_makes_the_same_plan_to_the_byte() {
    let w = World::new(
        r#"
variable "names" {
  type    = set(string)
  default = ["e", "b", "a", "d", "c"]
}
resource "terraform_data" "one" {
  for_each = var.names
  input    = each.key
}
module "m" {
  source   = "./m"
  for_each = terraform_data.one
  value    = each.value.output
}
resource "terraform_data" "all" {
  input = [for m in module.m : m.value]
}
output "all" { value = { for k, m in module.m : k => m.value } }
check "first" {
  assert {
    condition     = length(module.m) == 5
    error_message = "There are not five."
  }
}
"#,
    );
    w.write(
        "m/main.tf",
        "variable \"value\" {}\nresource \"terraform_data\" \"in\" {\n  count = 3\n  input = var.value\n}\noutput \"value\" { value = terraform_data.in[*].output }\n",
    );
    w.run("init").ok();
    let plan = |parallelism: u32| {
        let text = format!("plan -no-color -parallelism={parallelism}");
        let text = w.run(&text).ok().out;
        let command = format!("plan -parallelism={parallelism} -out=p");
        w.run(&command).ok();
        let mut json = w.run("show -json p").ok().json();
        json["timestamp"] = Json::Null;
        (text, json.to_string(), w.run("graph -plan=p").ok().out)
    };
    for round in ["nothing there", "nothing to do"] {
        let first = plan(10);
        for parallelism in [1, 2, 10, 50] {
            assert!(plan(parallelism) == first, "{round}, {parallelism}");
        }
        w.apply();
    }
}
