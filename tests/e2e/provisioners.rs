//! Provisioners: commands that run with new objects and before old ones go.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use loam_sandbox::{RateLimits, SandboxConfig};

use crate::world::World;

/// What is printed from the first change on.
fn told(text: &str) -> String {
    let from = text.find("terraform_data.").unwrap_or(0);
    let from = text.find("Creating...").map_or(from, |at| {
        text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    });
    text[from..].to_owned()
}

/// Compares what is printed, whatever the ids and times.
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>");
    settings.add_filter(r"after \d+s", "after <time>");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

const SEVERAL: &str = r#"
variable "secret" {
  default   = "s3cr3t"
  sensitive = true
}
resource "terraform_data" "a" {
  input = "x"
  provisioner "local-exec" {
    command = "echo one; echo two >&2; echo; printf 'drawn\\rover  \\n'; printf 'no newline'"
  }
  provisioner "local-exec" {
    command     = "pwd; echo $FOO.$NONE."
    interpreter = ["/bin/bash", "-c"]
    working_dir = "/"
    environment = { FOO = self.input, NONE = null }
  }
  provisioner "local-exec" {
    command     = "echo $SECRET; echo \"$SECRET\" > seen"
    environment = { SECRET = var.secret }
  }
  provisioner "local-exec" {
    command = "echo quiet"
    quiet   = true
  }
  provisioner "local-exec" {
    command    = "echo failing; exit 3"
    on_failure = continue
  }
  provisioner "local-exec" {
    command = "echo bye ${self.input}"
    when    = destroy
  }
}
"#;

#[test]
fn several_run_in_order_and_are_told_line_by_line() {
    let w = World::new(SEVERAL);
    let applied = w.apply().never_says("s3cr3t");
    snapshot("provisioners_applied", &told(&applied.all()));
    assert_eq!(std::fs::read_to_string(w.path("seen")).unwrap(), "s3cr3t\n");
    w.plan().says("No changes.");
    let gone = w.run("destroy -auto-approve").ok();
    gone.says("Provisioning with 'local-exec'...")
        .says("terraform_data.a (local-exec): Executing: [\"/bin/sh\" \"-c\" \"echo bye x\"]")
        .says("terraform_data.a (local-exec): bye x");
}

#[test]
fn the_events_are_those_of_terraform() {
    let w = World::new(SEVERAL);
    let out = w.run("apply -auto-approve -json").ok().out;
    let events: Vec<serde_json::Value> = out
        .lines()
        .map(|l| serde_json::from_str(l).expect("JSON"))
        .filter(|e: &serde_json::Value| {
            e["type"]
                .as_str()
                .is_some_and(|t| t.starts_with("provision"))
        })
        .collect();
    let lines: Vec<String> = events
        .iter()
        .map(|e| {
            assert_eq!(e["hook"]["resource"]["addr"], "terraform_data.a");
            assert_eq!(e["hook"]["provisioner"], "local-exec");
            let output = e["hook"]["output"].as_str();
            format!(
                "{} {} {}",
                e["type"].as_str().unwrap(),
                e["@message"],
                output.unwrap_or("-")
            )
        })
        .collect();
    snapshot("provisioners_events", &lines.join("\n"));
}

#[test]
fn a_failed_one_taints_the_object() {
    let w = World::new(
        r#"
variable "code" { default = 4 }
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo before; exit ${var.code}"
  }
  provisioner "local-exec" {
    command = "touch second"
  }
  provisioner "local-exec" {
    command = "touch gone"
    when    = destroy
  }
}
resource "terraform_data" "b" {
  input = terraform_data.a.id
}
"#,
    );
    let failed = w.run("apply -auto-approve").fails();
    snapshot("provisioners_failed", &told(&failed.all()));
    assert!(!w.path("second").exists());
    w.run("state show terraform_data.a").ok().says("(tainted)");
    w.run("state list").ok().never_says("terraform_data.b");
    w.run("plan -var=code=0")
        .ok()
        .says("terraform_data.a is tainted, so must be replaced");
    w.run("apply -auto-approve -var=code=0")
        .ok()
        .says("2 added, 0 changed, 1 destroyed");
    assert!(w.path("second").exists());
    assert!(
        !w.path("gone").exists(),
        "a tainted object is not what its provisioners expect"
    );
    w.run("plan -var=code=0").ok().says("No changes.");
}

#[test]
fn a_failed_one_keeps_what_was_to_be_destroyed() {
    let w = World::new(
        r#"
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "test -e may-go"
    when    = destroy
  }
}
"#,
    );
    w.apply();
    w.run("destroy -auto-approve")
        .fails()
        .says("local-exec provisioner error")
        .says("The command 'test -e may-go' failed: exit status 1.");
    w.run("state show terraform_data.a")
        .ok()
        .never_says("tainted");
    w.write("may-go", "");
    w.run("destroy -auto-approve").ok().says("1 destroyed");
}

#[test]
fn what_was_put_aside_is_destroyed_without_them() {
    let w = World::new(
        r#"
variable "n" { default = 1 }
resource "terraform_data" "a" {
  triggers_replace = var.n
  provisioner "local-exec" {
    command = "touch gone"
    when    = destroy
  }
  lifecycle {
    create_before_destroy = true
  }
}
"#,
    );
    w.apply();
    w.run("apply -auto-approve -var=n=2")
        .ok()
        .says("1 added, 0 changed, 1 destroyed");
    assert!(!w.path("gone").exists());
}

#[test]
fn each_is_evaluated_when_its_turn_comes() {
    let w = World::new(
        r#"
variable "name" { default = "made" }
resource "terraform_data" "a" {
  for_each = toset(["k"])
  provisioner "local-exec" {
    command = "printf 'from the first' > ${path.module}/${var.name}"
  }
  provisioner "local-exec" {
    command = "echo '${file(var.name)} ${each.key} ${each.value} ${self.id == terraform_data.a["k"].id}'"
  }
}
"#,
    );
    w.run("plan -out=p").ok();
    w.run("apply p")
        .ok()
        .says("(local-exec): from the first k k true");
}

#[test]
fn what_they_refer_to_is_made_first() {
    let w = World::new(
        r#"
resource "terraform_data" "late" { input = terraform_data.later.output }
resource "terraform_data" "later" { input = "value" }
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo got ${terraform_data.late.output}"
  }
}
"#,
    );
    w.apply().says("(local-exec): got value");
    w.run("graph")
        .ok()
        .says("\"terraform_data.a\" -> \"terraform_data.late\"");
    // The state knows it, too: what was needed goes last.
    let gone = w.run("destroy -auto-approve").ok().out;
    let at = |name: &str| {
        gone.find(&format!("terraform_data.{name}: Destroying..."))
            .unwrap()
    };
    assert!(at("a") < at("late"), "{gone}");
}

#[test]
fn a_secret_is_in_nothing_that_is_printed() {
    let w = World::new(
        r#"
variable "token" {
  default   = "t0k3n"
  sensitive = true
}
variable "once" {
  default   = "ephemer4l"
  ephemeral = true
}
resource "terraform_data" "a" {
  input = var.token
  provisioner "local-exec" {
    command = "echo ${self.input}; exit 3"
  }
}
resource "terraform_data" "b" {
  count = 1
  provisioner "local-exec" {
    command = "echo ${var.once}; nonsense"
  }
}
"#,
    );
    for args in ["apply -auto-approve", "apply -auto-approve -json"] {
        w.run(args)
            .fails()
            .says("(output suppressed due to sensitive value in config)")
            .says("(output suppressed due to ephemeral value in config)")
            .says("exit status 3")
            .says("terraform_data.b[0]: The command failed: exit status 127.")
            .never_says("t0k3n")
            .never_says("ephemer4l")
            .never_says("nonsense");
    }
}

#[test]
fn removed_blocks_and_json_have_them() {
    let w = World::new("resource \"terraform_data\" \"a\" {\n  count = 1\n  input = \"x\"\n}\n");
    w.apply();
    w.write(
        "main.tf",
        r#"
removed {
  from = terraform_data.a
  lifecycle { destroy = true }
  provisioner "local-exec" {
    command = "echo gone ${self.input} ${count.index}"
    when    = destroy
  }
}
"#,
    );
    w.apply().says("terraform_data.a[0] (local-exec): gone x 0");
    std::fs::remove_file(w.path("main.tf")).unwrap();
    w.write(
        "main.tf.json",
        r#"{"resource": {"terraform_data": {"b": {"provisioner": [
  {"local-exec": {"command": "echo made ${self.id == terraform_data.b.id}"}},
  {"local-exec": {"command": "echo bye", "when": "destroy"}}
]}}}}"#,
    );
    w.apply().says("(local-exec): made true");
    w.run("destroy -auto-approve")
        .ok()
        .says("(local-exec): bye");
}

#[test]
fn the_plan_tells_them_to_tools() {
    let w = World::new(SEVERAL);
    w.run("plan -out=p").ok();
    let plan = w.run("show -json p").ok().json();
    let resource = &plan["configuration"]["root_module"]["resources"][0];
    let provisioners = serde_json::to_string_pretty(&resource["provisioners"]).unwrap();
    snapshot("provisioners_configuration", &provisioners);
}

#[test]
fn what_is_wrong_is_said_at_once() {
    let w = World::new(
        r#"
variable "x" { default = "q" }
resource "terraform_data" "a" {
  count = 2
  provisioner "local-exec" {
    comand = "x"
    quiet  = "maybe"
  }
  provisioner "local-exce" {
    command = "x"
  }
  provisioner "chef" {
  }
  provisioner "local-exec" {
    command    = "${var.x} ${count.index} ${self.nonsense} ${path.module}"
    when       = destroy
    on_failure = sometimes
    connection {
      host = self.id
      hots = var.x
    }
  }
  provisioner "local-exec" {
    command = ""
    when    = "create"
    lifecycle {}
  }
}
removed {
  from = terraform_data.gone
  provisioner "local-exec" {
    command = "true"
  }
}
removed {
  from = module.gone
  provisioner "local-exec" {
    command = "true"
    when    = destroy
  }
}
"#,
    );
    let ran = w.run("validate");
    snapshot("provisioners_rejected", &ran.all());
    // What needs an evaluated value is found before anything is made, too.
    w.write(
        "main.tf",
        r#"
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command     = [1]
    environment = "x"
  }
  provisioner "local-exec" {
    command = ""
  }
}
"#,
    );
    w.run("validate")
        .fails()
        .says("Inappropriate value for attribute \"command\"")
        .says("Inappropriate value for attribute \"environment\"")
        .says("Invalid local-exec provisioner command");
    w.run("plan")
        .fails()
        .says("Inappropriate value for attribute \"command\"");
}

#[test]
fn how_a_machine_is_reached_is_checked_before_it_is_made() {
    let w = World::new(
        r#"
resource "terraform_data" "a" {
  provisioner "remote-exec" {
    inline = ["true"]
  }
}
resource "terraform_data" "b" {
  connection {
    host    = self.id
    timeout = "soon"
  }
  provisioner "remote-exec" {
    inline = ["true"]
    script = "a.sh"
    connection {
      type = "winrm"
    }
  }
  provisioner "file" {
    destination = "/etc/x"
    connection {
      timeout = "10s"
    }
  }
}
"#,
    );
    for command in ["validate", "plan"] {
        w.run(command)
            .fails()
            .says("There is no \"connection\" block that says how the object is reached")
            .says("type \"winrm\" are not supported")
            .says("\"timeout\" has to be a time such as")
            .says("Exactly one of \"inline\", \"script\" and \"scripts\" has to be set.")
            .says("One of \"source\" and \"content\" has to be set.");
    }
}

#[test]
fn a_machine_that_cannot_be_reached_is_tainted() {
    // Nobody listens there.
    let w = World::new(
        r#"
resource "terraform_data" "a" {
  input = "127.0.0.1"
  connection {
    host     = self.output
    port     = 9
    password = "s3cr3t"
    timeout  = "1s"
  }
  provisioner "file" {
    content     = "x"
    destination = "x"
  }
}
"#,
    );
    w.run("apply -auto-approve")
        .fails()
        .says("terraform_data.a (file): Connecting to remote host via SSH...")
        .says("terraform_data.a (file):   Host: 127.0.0.1")
        .says("file provisioner error")
        .says("root@127.0.0.1:9 could not be reached within the \"timeout\"")
        .never_says("s3cr3t");
    w.run("state show terraform_data.a").ok().says("(tainted)");
}

#[test]
fn overrides_replace_them_all() {
    let w = World::new(
        r#"
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo first; exit 1"
  }
  provisioner "local-exec" {
    command = "echo second; exit 1"
  }
}
"#,
    );
    w.write(
        "override.tf",
        "resource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    command = \"echo instead\"\n  }\n}\n",
    );
    w.apply()
        .says("(local-exec): instead")
        .never_says("(local-exec): first");
}

/// A provisioner that says that it has begun, and then takes long.
const LONG: &str = r#"
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "touch begun; sleep 60; echo over"
  }
  provisioner "local-exec" {
    command    = "touch second"
  }
}
"#;

fn signal(child: &Child, which: &str) {
    let sent = Command::new("kill")
        .args([which, &child.id().to_string()])
        .status();
    assert!(sent.expect("there is a kill").success());
}

/// Starts an apply and returns when its command runs.
fn begun(w: &World) -> Child {
    let child = w.command("apply -auto-approve").spawn().expect("it runs");
    let start = Instant::now();
    while !w.path("begun").exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "nothing began");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

#[cfg(unix)]
#[test]
fn a_kill_in_the_middle_leaves_it_tainted() {
    let w = World::new(LONG);
    let mut child = begun(&w);
    child.kill().expect("killed");
    child.wait().expect("gone");
    w.plan()
        .says("terraform_data.a is tainted, so must be replaced");
    w.write("main.tf", &LONG.replace("sleep 60", "true"));
    w.apply().says("1 added, 0 changed, 1 destroyed");
    w.plan().says("No changes.");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_command() {
    // Whatever is passed over otherwise: a stopped one is none that has failed.
    let w = World::new(&LONG.replace("echo over\"", "echo over\"\n    on_failure = continue"));
    let start = Instant::now();
    let child = begun(&w);
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(start.elapsed() < Duration::from_secs(40), "{text}");
    assert!(!w.path("second").exists());
    assert!(text.contains("after the run was asked to stop"), "{text}");
    assert!(!text.contains("(local-exec): over"), "{text}");
    w.plan()
        .says("terraform_data.a is tainted, so must be replaced");
}

const MACHINE: &str = r#"
resource "cyberpanel_vps" "web" {
  hostname      = "web.example.com"
  plan_id       = 1
  location_code = "de"
  template_id   = "9022"
  root_password = "correct-horse-9"
  provisioner "local-exec" {
    command = "echo ran on ${self.hostname} >> ran"
  }
}
"#;

/// Ends an apply in the middle of a deployment; it begins no provisioner then, and the next
/// run does.
fn ended_before_they_begin(end: &str) {
    // A deployment takes 18 s here.
    let config = SandboxConfig {
        speed: 10.0,
        rate_limits: RateLimits::Off,
        ..SandboxConfig::default()
    };
    let w = World::with(MACHINE, config);
    let child = w.command("apply -auto-approve").spawn().expect("it runs");
    let start = Instant::now();
    while w.cloud().machines().is_empty() && start.elapsed().as_secs() < 20 {
        std::thread::sleep(Duration::from_millis(20));
    }
    signal(&child, end);
    let ended = child.wait_with_output().expect("gone");
    assert_ne!(ended.status.code(), Some(0));
    assert!(!w.path("ran").exists());
    w.cloud().pass(3600);
    w.plan()
        .says("cyberpanel_vps.web was created, but its provisioners have not run: they will")
        .says("0 to destroy");
    w.apply().says("(local-exec): Executing:");
    assert_eq!(w.cloud().machines(), ["web.example.com"]);
    assert_eq!(
        std::fs::read_to_string(w.path("ran")).unwrap(),
        "ran on web.example.com\n"
    );
    w.plan().says("No changes.");
}

#[cfg(unix)]
#[test]
fn a_machine_that_was_created_before_a_kill_gets_them_from_the_next_run() {
    ended_before_they_begin("-KILL");
}

#[cfg(unix)]
#[test]
fn a_machine_that_was_created_before_ctrl_c_gets_them_from_the_next_run() {
    ended_before_they_begin("-INT");
}
