//! What people type who know Terraform, and scripts that were written for it.

use crate::world::World;

const COUNTED: &str =
    "resource \"terraform_data\" \"a\" {\n  count = 2\n  input = count.index\n}\n";

#[test]
fn looking_into_a_state_that_was_never_made_fails() {
    let w = World::new(COUNTED);
    for command in ["state list", "state show terraform_data.a[0]"] {
        w.run(command).fails().says("No state file was found");
    }
    let none = w.run("output").ok().says("Warning: No outputs found");
    assert!(none.err.is_empty());
    assert_eq!(w.run("output -json").ok().out, "{}\n");
    w.run("output a").fails().says("Output not found");
    w.apply();
    w.run("destroy -auto-approve").ok();
    assert_eq!(w.run("state list").ok().out, "");
}

#[test]
fn everything_can_be_destroyed_where_the_configuration_is_gone() {
    let w = World::new(COUNTED);
    w.apply();
    std::fs::remove_file(w.path("main.tf")).expect("it was there");
    w.run("plan").fails().says("No configuration files");
    w.run("apply -auto-approve").fails();
    w.run("refresh").ok().says("Refreshing state...");
    w.run("plan -refresh-only").fails();
    w.run("validate").ok();
    w.run("get").ok().says("no modules to install");
    w.run("graph").ok().says("digraph G");
    w.run("destroy -auto-approve").ok().says("2 destroyed");
    assert_eq!(w.run("state list").ok().out, "");
}

#[test]
fn no_parallelism_is_the_default() {
    let w = World::new(COUNTED);
    w.run("apply -auto-approve -parallelism=0").ok();
    w.run("plan -parallelism=some")
        .fails()
        .says("'-parallelism <N>'")
        .says("add -help to the command");
}

#[test]
fn a_file_of_values_that_is_not_there_is_the_only_problem() {
    let w = World::new("variable \"a\" {}\noutput \"a\" { value = var.a }\n");
    w.run("plan -input=false -var-file=none.tfvars")
        .fails()
        .says("Failed to read variables file")
        .never_says("No value for required variable");
    w.run("plan -input=false")
        .fails()
        .says("No value for required variable");
}

#[test]
fn an_object_can_be_imported_by_another_configuration() {
    let w = World::new("");
    w.write("conf/main.tf", "resource \"terraform_data\" \"a\" {}\n");
    w.run("import -config=conf terraform_data.a one").ok();
    assert_eq!(w.run("state list").ok().out, "terraform_data.a\n");
}

#[test]
fn an_instance_of_a_module_can_be_left_out() {
    let w = World::new(
        "module \"m\" {\n  source   = \"./m\"\n  for_each = toset([\"a\", \"b\"])\n}\nresource \"terraform_data\" \"user\" { input = module.m[\"a\"].id }\n",
    );
    w.write(
        "m/main.tf",
        "resource \"terraform_data\" \"x\" {}\noutput \"id\" { value = terraform_data.x.id }\n",
    );
    w.run("get").ok();
    w.run("apply -auto-approve -exclude=module.m[\"a\"]").ok();
    assert_eq!(
        w.run("state list").ok().out,
        "module.m[\"b\"].terraform_data.x\n"
    );
    w.apply();
    w.run("destroy -auto-approve -exclude=module.m[\"a\"]").ok();
    assert_eq!(
        w.run("state list").ok().out,
        "module.m[\"a\"].terraform_data.x\n"
    );
}

#[test]
fn a_wish_for_a_replacement_that_names_no_instance_is_told() {
    let w = World::new(COUNTED);
    w.apply();
    w.run("plan -replace=terraform_data.a")
        .ok()
        .says("Nothing to replace by that address")
        .says("-replace='terraform_data.a[1]'");
    w.run("plan -replace=terraform_data.a[1]")
        .ok()
        .says("will be replaced, as requested")
        .never_says("Nothing to replace");
}

#[test]
fn options_are_told_as_they_are_typed() {
    let w = World::new("");
    let commands = [
        "",
        "init",
        "plan",
        "apply",
        "state mv",
        "workspace new",
        "fmt",
        "import",
        "console",
    ];
    for command in commands {
        let help = w.run(&format!("{command} -help")).ok().out;
        assert!(help.contains(" -chdir <DIR>"), "{command}: {help}");
        assert!(!help.contains(" --"), "{command}: {help}");
    }
    w.run("plan -bogus")
        .fails()
        .says("unexpected argument '-bogus'")
        .says("Usage: loam plan");
    w.run("pln").fails().says("'plan'");
    w.run("state lst").fails().says("'list'");
}

#[test]
fn loams_own_variables_go_before_terraforms() {
    let mut w = World::new("output \"w\" { value = terraform.workspace }\n");
    w.set("TF_WORKSPACE", "theirs");
    assert_eq!(w.run("workspace show").ok().out, "theirs\n");
    w.set("LOAM_WORKSPACE", "own");
    assert_eq!(w.run("workspace show").ok().out, "own\n");
    w.run("workspace select default")
        .fails()
        .says("LOAM_WORKSPACE");
    w.set("LOAM_WORKSPACE", "");
    assert_eq!(w.run("workspace show").ok().out, "theirs\n");
    w.set("TF_IN_AUTOMATION", "1");
    w.run("plan -out=p").ok().never_says("loam apply");
    w.set("TF_CLI_ARGS_plan", "-detailed-exitcode");
    assert_eq!(w.run("plan").code, 2);
    w.set("LOAM_CLI_ARGS_plan", "-no-color");
    assert_eq!(w.run("plan").code, 0);
}

#[test]
fn data_resources_cannot_be_replaced() {
    let w = World::new(COUNTED);
    w.run("plan -replace=data.terraform_remote_state.a")
        .fails()
        .says("data.terraform_remote_state.a is a data resource");
}

#[test]
fn what_is_given_up_is_not_looked_at_any_more() {
    let w =
        World::new("resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {}\n");
    w.apply();
    w.write(
        "main.tf",
        "removed {\n  from = terraform_data.a\n  lifecycle {\n    destroy = false\n  }\n}\nresource \"terraform_data\" \"b\" {}\n",
    );
    w.plan()
        .never_says("terraform_data.a: Refreshing")
        .says("terraform_data.b: Refreshing")
        .says("1 to forget");
    w.run("plan -destroy")
        .ok()
        .says("terraform_data.a: Refreshing");
    w.apply();
    assert_eq!(w.run("state list").ok().out, "terraform_data.b\n");
}

#[test]
fn a_workspace_that_the_environment_asks_for_can_be_made() {
    let mut w = World::new(COUNTED);
    w.set("TF_WORKSPACE", "blue");
    w.run("workspace new green").fails().says("overridden");
    w.run("workspace new blue").ok().says("\"blue\"");
    w.run("workspace list")
        .ok()
        .says("* blue")
        .says("environment variable TF_WORKSPACE");
    w.run("workspace new blue").fails().says("already exists");
}
