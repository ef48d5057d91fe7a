//! Nested blocks of every kind, as users write them and as the API gets them.

use serde_json::json;

use crate::things::Things;

/// Arguments and blocks whose names meta-arguments hide, too.
const EVERYTHING: &str = r#"
resource "things_thing" "a" {
  name   = "a"
  text   = <<-EOT
    one $${x} %%{y}
      "two" \
  EOT
  secret = "hush"
  disk {
    gb = 1
    part { mount = "/" }
    part { mount = "/home" }
  }
  disk { gb = 2 }
  tag { key = "z" }
  tag { key = "a" }
  label "web" { port = 80 }
  net {
    cidr = "10.0.0.0/8"
    rule { port = 22 }
  }
  group { color = "red" }
  _ {
    count = 6
    lifecycle { days = 3 }
  }
}
"#;

#[test]
fn every_kind_of_nesting_reaches_the_api_and_comes_back() {
    let things = Things::start();
    let w = things.world(EVERYTHING);
    w.apply();
    let sent = &things.objects()["t1"];
    assert_eq!(sent["count"], json!(6));
    assert_eq!(sent["lifecycle"], json!({"days": 3}));
    assert_eq!(sent["label"], json!({"web": {"port": 80}}));
    assert_eq!(sent["tag"], json!([{"key": "a"}, {"key": "z"}]));
    assert_eq!(sent["disk"][0]["part"][1], json!({"mount": "/home"}));
    assert_eq!(sent["group"], json!({"color": "red"}));
    w.plan().says("No changes.");

    let changed = EVERYTHING
        .replace("port = 80 }", "port = 81 }\n  label \"ü\" { port = 1 }")
        .replace("  group { color = \"red\" }\n", "")
        .replace("  tag { key = \"z\" }\n", "");
    w.write("main.tf", &changed);
    insta::assert_snapshot!(w.plan().out);
    w.apply().says("1 changed");
    w.plan().says("No changes.");
    let held = &things.objects()["t1"];
    assert_eq!(held["label"]["ü"], json!({"port": 1}));

    w.write("main.tf", &changed.replace("port = 81", "port = 0"));
    let refused = w.run("plan").fails();
    refused.says("label[\"web\"].port: A port is above 0.");
}

#[test]
fn dynamic_blocks_are_nested_named_labelled_and_may_be_unknown() {
    let things = Things::start();
    let w = things.world(
        r#"
variable "on" { default = true }
resource "terraform_data" "later" { input = ["p", "q"] }
resource "things_thing" "a" {
  name = "a"
  dynamic "disk" {
    for_each = [10, 20]
    iterator = d
    content {
      gb = d.value
      dynamic "part" {
        for_each = d.key == 0 ? ["x", "y"] : []
        content { mount = "/${d.key}${part.value}${part.key}" }
      }
    }
  }
  dynamic "tag" {
    for_each = terraform_data.later.output
    content { key = tag.value }
  }
  dynamic "label" {
    for_each = { a = 1, b = 2 }
    iterator = it
    labels   = ["l-${it.key}"]
    content { port = it.value }
  }
  dynamic "net" {
    for_each = var.on ? [1] : []
    content {
      dynamic "rule" {
        for_each = toset(["80", "443"])
        content { port = rule.key }
      }
    }
  }
}
"#,
    );
    insta::assert_snapshot!(w.plan().out);
    w.apply();
    let held = &things.objects()["t1"];
    assert_eq!(held["disk"][0]["part"][1], json!({"mount": "/0y1"}));
    assert_eq!(held["tag"], json!([{"key": "p"}, {"key": "q"}]));
    assert_eq!(
        held["label"],
        json!({"l-a": {"port": 1}, "l-b": {"port": 2}})
    );
    assert_eq!(held["net"]["rule"], json!([{"port": 443}, {"port": 80}]));
    w.plan().says("No changes.");
    w.run("plan -var on=false").ok().says("- net {");
}

#[test]
fn configuration_is_generated_for_nested_blocks_secrets_and_hidden_names() {
    let things = Things::start();
    things.world(EVERYTHING).apply();
    let w = things.world("import {\n  to = things_thing.mine\n  id = \"t1\"\n}\n");
    w.run("plan -generate-config-out=generated.tf")
        .ok()
        .says("things_thing.mine: secret")
        .never_says("hush");
    let generated = std::fs::read_to_string(w.path("generated.tf")).expect("written");
    insta::assert_snapshot!(generated);
    w.plan()
        .says("Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.");
    things.requests();
    w.apply();
    assert_eq!(things.changes(), Vec::<String>::new());
    w.plan().says("No changes.");
}
