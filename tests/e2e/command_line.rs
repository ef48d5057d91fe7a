//! What scripts rely on: options from the environment, in every spelling, and options
//! that other commands than Loam's take.

use crate::transcripts::transcript;
use crate::world::World;

const CONFIG: &str = r#"
variable "name" { default = "ada" }
resource "terraform_data" "a" { input = var.name }
output "o" { value = { name = terraform_data.a.output, none = null } }
"#;

#[test]
fn options_come_from_the_environment() {
    let mut w = World::new(CONFIG);
    w.set("TF_CLI_ARGS", "-no-color");
    w.set("TF_CLI_ARGS_apply", "-auto-approve -var 'name=two words'");
    w.run("apply").ok().says("two words");
    w.set("TF_CLI_ARGS_plan", "-detailed-exitcode");
    assert_eq!(w.run("plan").code, 2);
    assert_eq!(w.run("plan -detailed-exitcode=false").code, 0);
    w.set("TF_CLI_ARGS_state_list", "-id=nothing");
    assert_eq!(w.run("state list").ok().out, "");
    w.set("LOAM_CLI_ARGS_state_list", "-id=\"");
    w.run("state list")
        .fails()
        .says("LOAM_CLI_ARGS_state_list has a quote that is not closed");
}

#[test]
fn booleans_take_values() {
    let w = World::new(CONFIG);
    w.run("apply -auto-approve=false -input=0")
        .fails()
        .says("-input=false");
    w.run("apply -auto-approve=true -input=F -no-color=1 -lock=t")
        .ok();
    w.run("plan -json=1").ok().says("\"@level\"");
    w.run("plan -json -json=false")
        .ok()
        .never_says("\"@level\"");
    w.run("workspace select -or-create=true other").ok();
    w.run("fmt -check=maybe").fails();
}

#[test]
fn formatted_files_can_be_printed_only() {
    let w = World::new("output \"o\" { value=1 }\n");
    let formatted = "output \"o\" { value = 1 }\n";
    assert_eq!(w.run("fmt -write=false -list=false").ok().out, formatted);
    assert_eq!(w.run("fmt -write=false").ok().out, "main.tf\n");
    assert_eq!(w.run("fmt -list=false -check").code, 3);
    assert_eq!(w.run_with_input("fmt -", "a=1\n").ok().out, "a = 1\n");
    w.run("fmt").ok();
    assert_eq!(w.run("fmt -write=0 -list=0").ok().out, formatted);
}

#[test]
fn refreshing_applies_nothing() {
    let w = World::new(CONFIG);
    w.apply();
    let ran = w.run("refresh -input=false").ok();
    ran.says("Outputs:").never_says("Apply complete");
}

#[test]
fn nobody_is_asked_or_told_what_to_do_in_automation() {
    let mut w = World::new(CONFIG);
    w.set("TF_IN_AUTOMATION", "1");
    w.run("init").ok().never_says("loam plan");
    w.run("plan").ok().never_says("-out");
    let ran = w.run("plan -out=p").ok().says("Saved the plan to: p");
    ran.never_says("loam apply");
    w.set("TF_INPUT", "0");
    let ran = w.run_with_input("apply", "yes\n");
    assert_eq!(ran.code, 1);
    ran.says("With TF_INPUT=0 nobody can be asked");
    assert_eq!(w.run("state list").ok().out, "");
}

#[test]
fn a_saved_plan_is_applied_as_it_is() {
    let w = World::new(CONFIG);
    w.run("plan -out=p -var name=one").ok();
    w.write("other.tfvars", "name = \"two\"\n");
    for option in ["-var name=two", "-var-file=other.tfvars"] {
        w.run(&format!("apply {option} p"))
            .fails()
            .says("Can't change variable when applying a saved plan")
            .says("var.name");
    }
    assert_eq!(w.run("state list").ok().out, "");
    w.run("apply -var name=one -destroy -target=terraform_data.b -refresh=false p")
        .ok()
        .says("-destroy says what to plan")
        .says("-target says what to plan")
        .says("1 added");
}

#[test]
fn copies_of_the_state_go_where_they_are_wanted() {
    let w = World::new(CONFIG);
    w.apply();
    let backups = || {
        let entries = std::fs::read_dir(w.path("state")).expect("there");
        let names = entries.map(|e| e.expect("read").file_name().to_string_lossy().into_owned());
        names.filter(|n| n.ends_with(".backup")).count()
    };
    let mv = "state mv -lock=false -ignore-remote-version";
    w.run(&format!(
        "{mv} -backup=before.tfstate terraform_data.a terraform_data.b"
    ))
    .ok()
    .says("The state before this is in before.tfstate.");
    w.run(&format!("{mv} -backup=- terraform_data.b terraform_data.a"))
        .ok()
        .never_says("before this");
    assert_eq!(backups(), 0);
    let kept = std::fs::read_to_string(w.path("before.tfstate")).expect("there");
    assert!(kept.contains("\"name\": \"a\""), "{kept}");
    w.run("taint -backup=tainted.tfstate terraform_data.a").ok();
    w.run("apply -auto-approve -backup=applied.tfstate")
        .ok()
        .says("1 added");
    let kept = std::fs::read_to_string(w.path("applied.tfstate")).expect("there");
    assert!(kept.contains("\"tainted\""), "{kept}");
    w.run("state rm -backup=applied.tfstate terraform_data.a")
        .ok();
    let kept = std::fs::read_to_string(w.path("applied.tfstate")).expect("there");
    assert!(!kept.contains("\"tainted\""), "{kept}");
    for command in [
        "apply -auto-approve -state-out=x",
        "taint -state-out=x terraform_data.a",
        "import -state-out=x terraform_data.a id",
    ] {
        w.run(command)
            .fails()
            .says("-state-out=x: the state is written where it is read");
    }
    assert!(!w.path("x").exists());
}

#[test]
fn objects_move_to_another_state() {
    let w = World::new(
        "resource \"terraform_data\" \"a\" { count = 2 }\nresource \"terraform_data\" \"b\" {}\n",
    );
    w.apply();
    let ids = w.run("show").ok().out;
    let there = "-state=other/state/default.db";
    let mv = "state mv -state-out=other/state/default.db";
    w.run(&format!("{mv} -dry-run terraform_data.a terraform_data.a"))
        .ok()
        .says("Would move \"terraform_data.a\"");
    assert!(!w.path("other").exists());
    w.run(&format!("{mv} terraform_data.a terraform_data.a"))
        .ok()
        .says("Successfully moved 2 object(s).");
    w.run(&format!("{mv} terraform_data.b module.m.terraform_data.c"))
        .ok()
        .says("The other state before this is in other/state/");
    assert_eq!(w.run("state list").ok().out, "");
    assert_eq!(
        w.run(&format!("state list {there}")).ok().out,
        "terraform_data.a[0]\nterraform_data.a[1]\nmodule.m.terraform_data.c\n"
    );
    // The same objects, not new ones.
    let moved = w.run("show other/state/default.db").ok().out;
    let id = |text: &str| {
        let mut ids: Vec<String> = text
            .lines()
            .filter(|l| l.trim_start().starts_with("id"))
            .map(|l| l.trim().to_owned())
            .collect();
        ids.sort();
        ids
    };
    assert_eq!(id(&ids), id(&moved));
    // What is taken is refused, and nothing is lost.
    w.run("apply -auto-approve").ok();
    w.run(&format!("{mv} terraform_data.a terraform_data.a"))
        .fails()
        .says("The other state has terraform_data.a[0] already");
    w.run("state mv -state-out=state/default.db terraform_data.b terraform_data.c")
        .fails()
        .says("Not another state");
    w.run(&format!("{mv} terraform_data.x terraform_data.y"))
        .fails();
    assert_eq!(w.run("state list").ok().out.lines().count(), 3);
    w.write("old.tfstate", "{}");
    w.run("state mv -state-out=old.tfstate terraform_data.b terraform_data.b")
        .fails()
        .says("no state database");
}

#[test]
fn a_state_file_can_be_shown() {
    let w = World::new(CONFIG);
    w.apply();
    let text = w.run("state pull").ok().out;
    w.write("old.tfstate", &text);
    w.run("state rm terraform_data.a").ok();
    let shown = w.run("show old.tfstate").ok();
    assert!(shown.out.contains("# terraform_data.a:"), "{}", shown.out);
    assert!(
        shown
            .out
            .ends_with("Outputs:\n\no = {\n    name = \"ada\"\n}\n"),
        "{}",
        shown.out
    );
    let json = w.run("show -json old.tfstate").ok().json();
    assert_eq!(
        json["values"]["root_module"]["resources"][0]["address"],
        "terraform_data.a"
    );
    w.run("show -json state/default.db").ok();
    w.run("show none").fails().says("none cannot be read");
}

#[test]
fn data_can_be_elsewhere() {
    let mut w = World::new("module \"m\" {\n  source = \"./m\"\n}\n");
    w.write("m/main.tf", "");
    w.set("TF_DATA_DIR", "data");
    w.run("init").ok();
    assert!(w.path("data/loam/modules/modules.json").exists());
    w.run("workspace new other").ok();
    assert_eq!(w.run("workspace show").ok().out, "other\n");
    w.set("LOAM_DATA_DIR", "own");
    assert_eq!(w.run("workspace show").ok().out, "default\n");
    assert!(!w.path(".loam").exists());
}

#[test]
fn init_takes_the_options_of_terraform() {
    let w = World::new(CONFIG);
    w.run("init -input=false -lock=false -lock-timeout=5s -plugin-dir=x -lockfile=readonly -get=false -reconfigure -no-color -upgrade=false")
        .ok();
    w.run("init -migrate-state -force-copy").ok();
    for (options, problem) in [
        ("-lockfile=none", "the only mode is"),
        ("-reconfigure -migrate-state", "cannot be used with"),
        ("-json -migrate-state", "nobody can be asked"),
    ] {
        w.run(&format!("init {options}")).fails().says(problem);
    }
}

#[test]
fn the_backend_can_be_told_on_the_command_line() {
    let w = World::new(&format!(
        "terraform {{\n  backend \"local\" {{}}\n}}\n{CONFIG}"
    ));
    w.write("backend.tfbackend", "path = \"states/one.db\"\n");
    w.run("init -backend-config=backend.tfbackend")
        .ok()
        .says("the state in states/one.db.");
    w.apply();
    assert!(w.path("states/one.db").exists() && !w.path("state/default.db").exists());
    // Later runs need not say it again, and not without a word another one.
    w.run("init").ok();
    std::fs::remove_dir_all(w.path(".loam")).ok();
    w.plan().says("No changes.");
    w.run("init -backend-config=path=states/two.db")
        .fails()
        .says("The state is in states/one.db");
    w.plan().says("No changes.");
    w.run("init -backend-config path=states/two.db -migrate-state")
        .ok()
        .says("copied from states/one.db to states/two.db");
    w.plan().says("No changes.");
    w.run("state rm -backup=- terraform_data.a").ok();
    w.run("init -reconfigure -backend-config=path=states/one.db")
        .ok();
    w.plan().says("No changes.");
    w.run("init -reconfigure").ok();
    w.plan().says("1 to add");
    for (options, problem) in [
        ("-backend-config=none", "it does not exist"),
        ("-backend-config=bucket=b", "Unsupported argument"),
        ("-backend-config=path=", "not empty"),
    ] {
        w.run(&format!("init {options}")).fails().says(problem);
    }
    // A block that says something else since.
    w.run("init -backend-config=path=states/one.db").ok();
    w.write(
        "backend_override.tf",
        "terraform {\n  backend \"local\" { path = \"x.db\" }\n}\n",
    );
    w.run("plan").fails().says("-reconfigure");
    w.run("init").fails().says("-reconfigure");
    w.run("init -reconfigure").ok();
    w.plan().says("1 to add");
    // Nothing that it could be for.
    let w = World::new(CONFIG);
    w.run("init -backend-config=path=x.db")
        .ok()
        .says("Missing backend configuration");
    w.apply();
    assert!(!w.path("x.db").exists());
}

#[test]
fn modules_are_listed() {
    let w = World::new("");
    w.run("modules")
        .ok()
        .says("No modules found in configuration.");
    w.write(
        "main.tf",
        "module \"b\" {\n  source = \"./b\"\n}\nmodule \"a\" {\n  source = \"./b\"\n  count  = 2\n}\n",
    );
    w.write("b/main.tf", "module \"in\" {\n  source = \"../c\"\n}\n");
    w.write("c/main.tf", "");
    transcript(&w, "modules_list", "modules");
    assert_eq!(
        w.run("modules -json").ok().out,
        "{\"format_version\":\"1.0\",\"modules\":[{\"key\":\"a\",\"source\":\"./b\",\"version\":\"\"},{\"key\":\"a.in\",\"source\":\"../c\",\"version\":\"\"},{\"key\":\"b\",\"source\":\"./b\",\"version\":\"\"},{\"key\":\"b.in\",\"source\":\"../c\",\"version\":\"\"}]}\n"
    );
}

#[test]
fn the_console_can_look_ahead() {
    let w = World::new(CONFIG);
    let ask = |args: &str| w.run_with_input(args, "terraform_data.a.input\n").ok().out;
    w.apply();
    assert_eq!(ask("console"), "\"ada\"\n");
    // Nothing but the answer.
    assert_eq!(ask("console -plan -var name=grace"), "\"grace\"\n");
    w.run("plan").ok().says("No changes.");
}

#[test]
fn what_terraform_has_and_loam_does_otherwise_is_told() {
    let w = World::new("");
    w.run("providers lock -platform=linux_amd64")
        .ok()
        .says("part of Loam");
    w.run("providers mirror -platform=linux_amd64 dir")
        .ok()
        .says("part of Loam");
    w.run("test -verbose").fails().says("no command \"test\"");
    w.run("-install-autocomplete")
        .ok()
        .says("source <(loam completion bash)");
    w.run("env list").ok().says("* default");
    w.run("validate -no-tests -test-directory=x").ok();
    let ran = w.run("");
    assert_eq!(ran.code, 127);
    ran.says("Usage: loam");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        w.run(&format!("completion {shell}")).ok().says("workspace");
    }
}

#[test]
fn warnings_can_be_short() {
    let w = World::new(
        "variable \"n\" { default = 2 }\nresource \"terraform_data\" \"a\" { input = var.n }\nresource \"terraform_data\" \"b\" { input = var.n }\ncheck \"one\" {\n  assert {\n    condition     = var.n == 1\n    error_message = \"It is not one.\"\n  }\n}\n",
    );
    transcript(
        &w,
        "warnings_short",
        "apply -auto-approve -compact-warnings -target=terraform_data.a",
    );
    w.run("apply -auto-approve -compact-warnings")
        .ok()
        .says("- Check block assertion failed\n  on main.tf line 6\n");
    // Beside an error they are whole.
    w.write(
        "bad.tf",
        "resource \"terraform_data\" \"c\" {\n  input = file(\"none\")\n}\n",
    );
    w.run("plan -compact-warnings")
        .fails()
        .never_says("Warnings:");
}

#[test]
fn a_targeted_plan_looks_at_its_targets_and_says_so() {
    let w = World::new(
        "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" { input = terraform_data.a.id }\nresource \"terraform_data\" \"c\" { count = 2 }\n",
    );
    w.apply();
    let read = |args: &str| {
        let ran = w.run(args).ok();
        let lines = ran
            .out
            .lines()
            .filter(|l| l.contains(": Refreshing state..."));
        let names: Vec<&str> = lines.filter_map(|l| l.split(": ").next()).collect();
        (names.join(" "), ran)
    };
    for (options, names) in [
        (
            "-target=terraform_data.b",
            "terraform_data.a terraform_data.b",
        ),
        ("-target=terraform_data.a", "terraform_data.a"),
        ("-target=terraform_data.c[1]", "terraform_data.c[1]"),
        (
            "-target=terraform_data.c -refresh-only",
            "terraform_data.c[0] terraform_data.c[1]",
        ),
        (
            "-target=terraform_data.a -destroy",
            "terraform_data.a terraform_data.b",
        ),
        (
            "-exclude=terraform_data.a",
            "terraform_data.c[0] terraform_data.c[1]",
        ),
    ] {
        let (seen, ran) = read(&format!("plan {options}"));
        assert_eq!(seen, names, "{options}");
        ran.says("Resource targeting is in effect");
    }
    let (seen, ran) = read("plan");
    assert_eq!(seen.split(' ').count(), 4);
    ran.never_says("targeting");
    w.run("apply -auto-approve -target=terraform_data.a -replace=terraform_data.a")
        .ok()
        .says("Applied changes may be incomplete");
}

#[test]
fn programs_read_what_is_wrong() {
    let w = World::new(
        "variable \"n\" {\n  type    = \"string\"\n  default = 1\n}\nresource \"terraform_data\" \"a\" {\n  inptu = var.x\n  count = 1\n}\nmodule \"m\" {\n  source = \"./m\"\n  extra  = 1\n}\n",
    );
    w.write("m/main.tf", "output \"o\" {\n  value = local.none\n}\n");
    transcript(&w, "validate_json_errors", "validate -json");
    w.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  depends_on = [\"terraform_data.b\"]\n}\nresource \"terraform_data\" \"b\" {}\n",
    );
    transcript(&w, "validate_json_warning", "validate -json");
}

#[test]
fn an_instance_can_be_left_out() {
    let w = World::new(
        "resource \"terraform_data\" \"c\" { count = 2 }\nresource \"terraform_data\" \"d\" { input = terraform_data.c[0].id }\nresource \"terraform_data\" \"e\" {}\noutput \"c\" { value = terraform_data.c[*].id }\n",
    );
    w.run("apply -auto-approve -exclude=terraform_data.c[0]")
        .ok();
    assert_eq!(
        w.run("state list").ok().out,
        "terraform_data.c[1]\nterraform_data.e\n"
    );
    w.run("plan -exclude=terraform_data.c")
        .ok()
        .says("No changes.");
    w.apply();
    w.run("apply -auto-approve -destroy -exclude=terraform_data.c[0]")
        .ok();
    assert_eq!(w.run("state list").ok().out, "terraform_data.c[0]\n");
}

#[test]
fn what_an_excluded_object_was_made_from_is_not_destroyed() {
    let w = World::new(
        r#"
resource "terraform_data" "net" {}
locals { net = terraform_data.net.id }
resource "terraform_data" "disk" { input = local.net }
resource "terraform_data" "server" { input = terraform_data.disk.id }
resource "terraform_data" "record" { input = terraform_data.server.id }
resource "terraform_data" "other" {}
"#,
    );
    w.apply();
    w.run("destroy -auto-approve -exclude=terraform_data.server")
        .ok();
    let left = "terraform_data.disk\nterraform_data.net\nterraform_data.server\n";
    assert_eq!(w.run("state list").ok().out, left);
    // Also where the configuration has nothing of it any more.
    w.write("main.tf", "");
    w.run("apply -auto-approve -exclude=terraform_data.server")
        .ok();
    assert_eq!(w.run("state list").ok().out, left);
    w.run("apply -auto-approve -exclude=terraform_data.disk")
        .ok();
    assert_eq!(
        w.run("state list").ok().out,
        "terraform_data.disk\nterraform_data.net\n"
    );
}

#[test]
fn plans_warn_of_what_only_applying_tells_and_of_what_is_forgotten() {
    let unknown = "Warning: Check block assertion known after apply";
    let forgotten = "Warning: Some objects will no longer be managed by Loam";
    let w = World::new(
        r#"
resource "terraform_data" "a" {}
check "id" {
  assert {
    condition     = length(terraform_data.a.id) > 0
    error_message = "no id"
  }
}
"#,
    );
    w.run("plan").ok().says(unknown).never_says(forgotten);
    w.apply();
    w.run("plan").ok().never_says(unknown);
    w.write(
        "main.tf",
        "removed {\n  from = terraform_data.a\n  lifecycle {\n    destroy = false\n  }\n}\n",
    );
    w.run("plan")
        .ok()
        .says(forgotten)
        .says("  - terraform_data.a\n");
    w.run("apply -auto-approve").ok().says(forgotten);
    assert_eq!(w.run("state list").ok().out, "");
}
