//! What goes wrong: each gives a clear error, exit code 1, and loses nothing.

use crate::world::World;

const ONE: &str = "resource \"terraform_data\" \"a\" { input = 1 }\n";

#[test]
fn broken_syntax_points_at_the_place() {
    let w = World::new(
        "resource \"terraform_data\" \"a\" {\n  input = [1, 2\n}\n\noutput \"o\" {\n  value = \n}\n",
    );
    let ran = w.run("plan").fails().says("main.tf line");
    assert!(
        ran.err.matches("Error").count() >= 2,
        "both blocks are reported:\n{}",
        ran.err
    );
}

#[test]
fn wrong_types_and_unknown_names_are_explained() {
    let w = World::new(
        "variable \"n\" {\n  type    = number\n  default = \"many\"\n}\noutput \"o\" {\n  value = var.m\n}\n",
    );
    w.run("plan")
        .fails()
        .says("Invalid default value for variable")
        .says("number")
        .says("Did you mean \"n\"?");
}

#[test]
fn an_unknown_command_or_flag_suggests_the_nearest() {
    let w = World::new(ONE);
    w.run("aply").fails().says("apply");
    w.run("plan -detailed-exit-code")
        .fails()
        .says("-detailed-exitcode");
}

#[test]
fn an_empty_directory_is_an_error() {
    let w = World::new(ONE);
    std::fs::remove_file(w.path("main.tf")).expect("there");
    w.run("plan").fails().says("No configuration files");
}

#[test]
fn a_truncated_state_is_refused_and_left_alone() {
    let w = World::new(ONE);
    w.apply();
    let path = w.path("state/default.db");
    let bytes = std::fs::read(&path).expect("there");
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
    w.run("plan").fails().says("default.db");
    w.run("apply -auto-approve").fails().says("default.db");
    assert_eq!(std::fs::read(&path).expect("there").len(), bytes.len() / 2);
}

#[test]
fn a_foreign_state_file_is_refused() {
    let w = World::new(ONE);
    w.write(
        "state/default.db",
        "this is not a database, but text of some length that somebody put here",
    );
    w.run("plan").fails().says("default.db");
}

#[cfg(unix)]
#[test]
fn a_read_only_directory_is_refused_before_anything_is_done() {
    use std::os::unix::fs::PermissionsExt;
    let w = World::new(ONE);
    std::fs::create_dir(w.path("state")).expect("made");
    std::fs::set_permissions(w.path("state"), std::fs::Permissions::from_mode(0o555)).expect("set");
    // Root may write everywhere; then there is nothing to see here.
    if std::fs::write(w.path("state/probe"), "").is_ok() {
        std::fs::remove_file(w.path("state/probe")).expect("there");
        eprintln!("skipped: this user may write to read-only directories");
        return;
    }
    w.run("apply -auto-approve").fails().says("state");
    std::fs::set_permissions(w.path("state"), std::fs::Permissions::from_mode(0o755)).expect("set");
    w.apply();
}

#[test]
fn a_full_disk_is_reported_and_what_was_done_is_kept() {
    let w = World::new(
        "resource \"terraform_data\" \"a\" {\n  count = 400\n  input = format(\"%01000d\", count.index)\n}\n",
    );
    // A limit on file size is what a full disk looks like to one process.
    let shell = format!(
        "ulimit -f 200; trap '' XFSZ; exec {} apply -auto-approve",
        env!("CARGO_BIN_EXE_loam")
    );
    let output = std::process::Command::new("bash")
        .args(["-c", &shell])
        .current_dir(w.dir.path())
        .env("USER", "ada")
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: no bash");
        return;
    };
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("Error"), "{text}");
    // Nothing is broken: the same command goes on where there is space again.
    w.apply();
    w.plan().says("No changes.");
}
