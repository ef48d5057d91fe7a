//! Planning and applying without any cloud.

use crate::world::World;

const CHAIN: &str = r#"
resource "terraform_data" "net" {
  input = "10.0.0.0/8"
}
resource "terraform_data" "web" {
  count = 2
  input = "${terraform_data.net.output}-${count.index}"
}
output "webs" { value = terraform_data.web[*].output }
"#;

#[test]
fn applying_twice_changes_nothing() {
    let w = World::new(CHAIN);
    w.plan()
        .says("Plan: 3 to add, 0 to change, 0 to destroy.")
        .says("(known after apply)");
    w.apply()
        .says("Apply complete! Resources: 3 added, 0 changed, 0 destroyed.")
        .says("10.0.0.0/8-1");
    w.plan().says("No changes.");
    w.apply()
        .says("Apply complete! Resources: 0 added, 0 changed, 0 destroyed.");
}

#[test]
fn a_change_goes_through_what_is_made_from_it() {
    let w = World::new(CHAIN);
    w.apply();
    w.write("main.tf", &CHAIN.replace("10.0.0.0/8", "192.168.0.0/16"));
    w.plan()
        .says("~ input  = \"10.0.0.0/8\" -> \"192.168.0.0/16\"")
        .says("Plan: 0 to add, 3 to change, 0 to destroy.");
    w.apply().says("0 added, 3 changed");
    w.run("output -json webs").ok().says("192.168.0.0/16-0");
}

#[test]
fn count_grows_and_shrinks() {
    let w = World::new(CHAIN);
    w.apply();
    w.write("main.tf", &CHAIN.replace("count = 2", "count = 1"));
    w.plan()
        .says("terraform_data.web[1] will be destroyed")
        .says("index [1] is out of range for count")
        .says("Plan: 0 to add, 0 to change, 1 to destroy.");
    w.apply().says("1 destroyed");
    w.run("state list").ok().never_says("web[1]");
}

#[test]
fn triggers_replace_in_either_order() {
    let config = |trigger: &str, first: bool| {
        format!(
            "resource \"terraform_data\" \"a\" {{\n  triggers_replace = \"{trigger}\"\n  lifecycle {{\n    create_before_destroy = {first}\n  }}\n}}\n\
             resource \"terraform_data\" \"b\" {{\n  input = terraform_data.a.id\n}}\n"
        )
    };
    let w = World::new(&config("1", false));
    w.apply();
    w.write("main.tf", &config("2", false));
    w.plan()
        .says("-/+ destroy and then create replacement")
        .says("# forces replacement");
    let out = w.apply().out;
    let at = |text: &str| {
        out.find(text)
            .unwrap_or_else(|| panic!("{text:?} is missing in:\n{out}"))
    };
    assert!(at("terraform_data.a: Destroying") < at("terraform_data.a: Creating"));
    assert!(at("terraform_data.a: Creation complete") < at("terraform_data.b: Modifying"));
    w.write("main.tf", &config("3", true));
    w.plan().says("+/- create replacement and then destroy");
    let out = w.apply().out;
    let at = |text: &str| {
        out.find(text)
            .unwrap_or_else(|| panic!("{text:?} is missing in:\n{out}"))
    };
    assert!(at("terraform_data.a: Creating") < at("terraform_data.b: Modifying"));
    assert!(at("terraform_data.b: Modifications complete") < at(": Destroying"));
    w.plan().says("No changes.");
}

#[test]
fn destroy_goes_backwards_and_leaves_nothing() {
    let w = World::new(CHAIN);
    w.apply();
    let out = w
        .run("destroy -auto-approve")
        .ok()
        .says("Destroy complete! Resources: 3 destroyed.")
        .out;
    let last_web = out.rfind("web[").expect("mentioned");
    assert!(
        out.find("terraform_data.net: Destroying")
            .expect("mentioned")
            > out[..last_web].find("web[").expect("mentioned")
    );
    w.run("show -json")
        .ok()
        .says("{\"format_version\":\"1.0\"}");
}

#[test]
fn a_plan_file_is_all_that_apply_needs() {
    let w = World::new(CHAIN);
    w.run("plan -out=saved.plan")
        .ok()
        .says("loam apply \"saved.plan\"");
    std::fs::remove_file(w.path("main.tf")).expect("there");
    w.run("apply saved.plan").ok().says("3 added");
}

#[test]
fn a_stale_damaged_or_foreign_plan_file_is_refused() {
    let w = World::new(CHAIN);
    w.run("plan -out=saved.plan").ok();
    w.apply();
    w.run("apply saved.plan")
        .fails()
        .says("Stale plan")
        .says("Nothing was done");
    w.run("plan -out=saved.plan").ok();
    let mut bytes = std::fs::read(w.path("saved.plan")).expect("there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(w.path("saved.plan"), &bytes).expect("written");
    w.run("apply saved.plan").fails().says("damaged");
    bytes.truncate(90);
    std::fs::write(w.path("saved.plan"), &bytes).expect("written");
    w.run("apply saved.plan").fails().says("damaged");
    w.write("saved.plan", "PK\u{3}\u{4} something else");
    w.run("apply saved.plan").fails().says("not a plan file");
    w.run("apply nowhere.plan").fails().says("cannot be read");
}

#[cfg(unix)]
#[test]
fn state_and_plan_files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let w = World::new(CHAIN);
    w.run("plan -out=saved.plan").ok();
    w.apply();
    for name in ["saved.plan", "state/default.db"] {
        let mode = std::fs::metadata(w.path(name))
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn one_failure_stops_only_what_depends_on_it() {
    let w = World::new(
        r#"
resource "terraform_data" "good" { input = 1 }
resource "terraform_data" "bad" {
  input = 1
  lifecycle {
    postcondition {
      condition     = self.output == 2
      error_message = "One is not two."
    }
  }
}
resource "terraform_data" "after_bad" { input = terraform_data.bad.output }
"#,
    );
    w.run("apply -auto-approve")
        .fails()
        .says("One is not two.")
        .says("Resource postcondition failed");
    let list = w.run("state list").ok().out;
    assert_eq!(list, "terraform_data.bad\nterraform_data.good\n");
}

#[test]
fn exit_codes_tell_whether_there_are_changes() {
    let w = World::new(CHAIN);
    assert_eq!(w.run("plan -detailed-exitcode").code, 2);
    w.apply();
    assert_eq!(w.run("plan -detailed-exitcode").code, 0);
    w.write("main.tf", "resource \"terraform_data\" {}");
    assert_eq!(w.run("plan -detailed-exitcode").code, 1);
}

#[test]
fn apply_asks_and_takes_nothing_but_yes() {
    let w = World::new(CHAIN);
    let ran = w.run_with_input("apply", "y\n");
    assert_eq!(ran.code, 1, "{}", ran.all());
    ran.says("Do you want to perform these actions?")
        .says("Apply cancelled.");
    w.run_with_input("apply", "yes\n").ok().says("3 added");
}

#[test]
fn variables_have_their_precedence() {
    let mut w = World::new("variable \"x\" {}\noutput \"x\" { value = var.x }\n");
    let value = |w: &World, args: &str| w.run(&format!("plan -input=false {args}")).ok().out;
    w.set("TF_VAR_x", "terraform");
    assert!(value(&w, "").contains("\"terraform\""));
    w.set("LOAM_VAR_x", "loam");
    assert!(value(&w, "").contains("\"loam\""));
    w.write("terraform.tfvars", "x = \"tfvars\"\n");
    assert!(value(&w, "").contains("\"tfvars\""));
    w.write("a.auto.tfvars", "x = \"auto\"\n");
    assert!(value(&w, "").contains("\"auto\""));
    w.write("more.tfvars", "x = \"file\"\n");
    assert!(value(&w, "-var x=option -var-file more.tfvars").contains("\"file\""));
    assert!(value(&w, "-var-file more.tfvars -var x=option").contains("\"option\""));
}

#[test]
fn a_missing_variable_is_an_error_without_input() {
    let w = World::new("variable \"size\" {}\noutput \"x\" { value = var.size }\n");
    w.run("plan -input=false")
        .fails()
        .says("No value for required variable")
        .says("main.tf line 1");
}

#[test]
fn sensitive_values_are_never_printed() {
    let w = World::new(
        r#"
variable "password" {
  sensitive = true
  default   = "hunter2"
}
resource "terraform_data" "a" { input = { user = "ada", password = var.password } }
output "p" {
  value     = var.password
  sensitive = true
}
"#,
    );
    for command in [
        "plan",
        "apply -auto-approve",
        "plan -json",
        "show",
        "output",
        "state show terraform_data.a",
    ] {
        w.run(command).ok().never_says("hunter2");
    }
    w.run("plan").ok().never_says("hunter2");
}

#[test]
fn only_what_is_targeted_is_planned() {
    let w = World::new(CHAIN);
    w.run("plan -target=terraform_data.net")
        .ok()
        .says("Plan: 1 to add");
    w.run("apply -auto-approve -target=terraform_data.web[0]")
        .ok()
        .says("2 added");
    w.run("plan -exclude=terraform_data.web")
        .ok()
        .says("No changes.");
    w.run("plan -target=terraform_data..net")
        .fails()
        .says("Invalid address");
}

#[test]
fn replacing_can_be_asked_for() {
    let w = World::new(CHAIN);
    w.apply();
    w.run("plan -replace=terraform_data.web[0]")
        .ok()
        .says("will be replaced, as requested")
        .says("Plan: 1 to add, 0 to change, 1 to destroy.");
    w.run("taint terraform_data.net").ok();
    w.plan()
        .says("terraform_data.net is tainted, so must be replaced");
    w.run("untaint terraform_data.net").ok();
    w.plan().says("No changes.");
}

#[test]
fn a_second_apply_waits_for_the_first() {
    let w = World::new(CHAIN);
    w.apply();
    // The lock's holder is this process's flock on the same file, as another run would have it.
    let lock = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(w.path("state/default.db.lock"))
        .expect("a lock file");
    lock.try_lock().expect("free");
    w.write("main.tf", &CHAIN.replace("count = 2", "count = 3"));
    w.run("apply -auto-approve")
        .fails()
        .says("State file in use");
    w.plan().says("Plan: 1 to add");
    drop(lock);
    w.apply().says("1 added");
}
