//! Files that are not what they should be, and disks that do not do what they should.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use loam_provider::IntentAction;
use loam_state::{Finish, OpenOptions, State, Store, StoreError};

use crate::objects::{id, instance, intent, record};
use crate::{operation, run};

/// A state of `objects` objects, closed.
fn written(dir: &Path, objects: usize) -> PathBuf {
    let path = dir.join("default.db");
    let store = Store::open(&path, OpenOptions::write()).unwrap();
    let run = run(&store);
    let pending: Vec<_> = (0..objects)
        .map(|i| {
            let address = format!("a_b.c[{i}]");
            run.record(&record(&address, Finish::present(instance("c"))))
        })
        .collect();
    for p in pending {
        p.wait().unwrap();
    }
    path
}

fn refused(path: &Path) -> StoreError {
    let before = std::fs::read(path).unwrap();
    let reading = Store::open(path, OpenOptions::read()).and_then(|s| s.snapshot());
    let writing = Store::open(path, OpenOptions::write()).and_then(|s| s.snapshot());
    let error = reading.unwrap_err();
    assert_eq!(writing.unwrap_err(), error);
    assert_eq!(std::fs::read(path).unwrap(), before, "the file was changed");
    error
}

/// What the user reads, with the directory's name taken out.
fn told(error: &StoreError, dir: &Path) -> String {
    let d = error.diagnostic();
    let text = format!("{}\n{}", d.summary, d.detail);
    text.replace(&dir.display().to_string(), "DIR")
}

#[test]
fn what_is_not_a_state_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("default.db");
    let mut all = Vec::new();
    for content in ["", "SQLite for", "hello, world", " {\"version\": 4}"] {
        std::fs::write(&path, content).unwrap();
        all.push(told(&refused(&path), dir.path()));
    }
    std::fs::remove_file(&path).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
        .unwrap();
    other.close().unwrap();
    all.push(told(&refused(&path), dir.path()));
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn a_state_of_a_newer_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = written(dir.path(), 1);
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    conn.close().unwrap();
    insta::assert_snapshot!(told(&refused(&path), dir.path()));
}

#[test]
fn a_truncated_state_is_refused_wherever_it_was_cut() {
    let dir = tempfile::tempdir().unwrap();
    let path = written(dir.path(), 200);
    let whole = std::fs::read(&path).unwrap();
    assert!(whole.len() > 60_000);
    for length in (0..whole.len())
        .step_by(5003)
        .chain([1, 15, 99, 100, whole.len() - 1])
    {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = refused(&path);
        assert!(
            matches!(error, StoreError::Damaged { .. }),
            "{length}: {error:?}"
        );
    }
    std::fs::write(&path, &whole[..8192]).unwrap();
    let text = told(&refused(&path), dir.path());
    insta::with_settings!({filters => vec![(r"\d+ bytes were", "N bytes were")]}, {
        insta::assert_snapshot!(text);
    });
}

#[test]
fn overwritten_pages_are_noticed_and_never_crash() {
    let dir = tempfile::tempdir().unwrap();
    let path = written(dir.path(), 200);
    let whole = std::fs::read(&path).unwrap();
    let sound = Store::open(&path, OpenOptions::read())
        .unwrap()
        .snapshot()
        .unwrap();
    let mut noticed = 0;
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..4096].fill(0xa5);
        std::fs::write(&path, &bytes).unwrap();
        match Store::open(&path, OpenOptions::read()).and_then(|s| s.snapshot()) {
            // A page that the state is not on, such as the history's.
            Ok(state) => assert_eq!(state, sound),
            Err(e) => {
                assert!(matches!(e, StoreError::Damaged { .. }), "{e:?}");
                noticed += 1;
            }
        }
    }
    assert!(noticed >= 8, "{noticed}");
}

#[test]
fn a_damaged_value_is_told_with_its_address() {
    let dir = tempfile::tempdir().unwrap();
    let path = written(dir.path(), 3);
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute(
        "UPDATE instances SET value = '{' WHERE address = 'a_b.c[1]'",
        [],
    )
    .unwrap();
    conn.close().unwrap();
    let error = Store::open(&path, OpenOptions::read())
        .unwrap()
        .snapshot()
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("is damaged: a_b.c[1]: a value cannot be read: unexpected end of JSON text"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("default.db");
    let files =
        ["", "-wal", "-shm", ".lock"].map(|s| PathBuf::from(format!("{}{s}", path.display())));
    let store = Store::open(&path, OpenOptions::write()).unwrap();
    let lock = store.lock(&operation(), std::time::Duration::ZERO).unwrap();
    let modes = || {
        files
            .clone()
            .map(|f| std::fs::metadata(&f).unwrap().permissions().mode() & 0o777)
    };
    assert_eq!(modes(), [0o600; 4]);

    for f in &files {
        std::fs::set_permissions(f, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    Store::open(&path, OpenOptions::read()).unwrap();
    assert_eq!(modes()[..3], [0o600; 3]);

    // Closed, nothing stays beside it.
    drop(lock);
    drop(store);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    // Neither do readers leave anything.
    Store::open(&path, OpenOptions::read())
        .unwrap()
        .snapshot()
        .unwrap();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// Runs the test `name` of this program in a process of its own.
fn child(name: &str, path: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f \"${LIMIT:-unlimited}\"; exec \"$@\"",
            "sh",
        ])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env("LOAM_TEST_STATE", path);
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn child_path() -> PathBuf {
    std::env::var_os("LOAM_TEST_STATE").unwrap().into()
}

/// The child's files cannot grow beyond a limit.
#[cfg(unix)]
#[test]
fn when_files_cannot_grow_what_was_answered_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = written(dir.path(), 10);
    // In blocks of 512 bytes.
    let output = child("faults::fill_the_disk", &path)
        .env("LIMIT", "400")
        .output()
        .unwrap();
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    let answered = said.lines().filter(|l| l.starts_with("@stored")).count();
    assert!(answered > 5, "{said}");

    let store = Store::open(&path, OpenOptions::write()).unwrap();
    let state = store.snapshot().unwrap();
    assert_eq!(state.instances.len(), 10 + answered, "{said}");
    // With room again, the intent whose end did not fit can be closed.
    let open = store.open_intents().unwrap();
    assert_eq!(open.len(), 1);
    let run = run(&store);
    run.finish(open[0].id, &Finish::present(instance("kept")))
        .wait()
        .unwrap();
    assert_eq!(
        store.snapshot().unwrap().get(&id("a_b.big").addr),
        Some(&instance("kept"))
    );
}

#[test]
#[ignore = "is a child of another test"]
fn fill_the_disk() {
    let store = Store::open(child_path(), OpenOptions::write()).unwrap();
    let run = run(&store);
    let open = run
        .intend(&intent("a_b.big", IntentAction::Create))
        .wait()
        .unwrap();
    let mut object = instance("c");
    object.private.0 = "x".repeat(5000);
    for i in 0..1000 {
        let address = format!("a_b.new[{i}]");
        match run
            .record(&record(&address, Finish::present(object.clone())))
            .wait()
        {
            Ok(()) => println!("\n@stored {i}"),
            Err(e) => {
                println!("{e:?}");
                assert!(matches!(e, StoreError::WriteFailed { .. }), "{e:?}");
                object.private.0 = "x".repeat(5_000_000);
                let e = run
                    .finish(open, &Finish::present(object))
                    .wait()
                    .unwrap_err();
                assert!(matches!(e, StoreError::WriteFailed { .. }), "{e:?}");
                return;
            }
        }
    }
    panic!("the disk was never full");
}

/// The child is another user if this one may write everywhere.
#[cfg(unix)]
#[test]
fn in_a_read_only_directory_it_is_read_and_not_written() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let outer = tempfile::tempdir().unwrap();
    mode(outer.path(), 0o755);
    let dir = outer.path().join("state");
    std::fs::create_dir(&dir).unwrap();
    let path = written(&dir, 3);
    mode(&path, 0o444);
    mode(&dir, 0o555);
    let probe = dir.join("probe");
    let may_write_everywhere = std::fs::write(&probe, "").is_ok();
    let mut command = child("faults::read_only_directory", &path);
    if may_write_everywhere {
        std::fs::remove_file(&probe).unwrap();
        // A copy, because the other user may not see where this program is.
        let program = outer.path().join("program");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        mode(&program, 0o755);
        command = Command::new(program);
        command
            .args([
                "--exact",
                "faults::read_only_directory",
                "--ignored",
                "--nocapture",
            ])
            .env("LOAM_TEST_STATE", &path)
            .current_dir("/")
            .uid(65534)
            .gid(65534);
    }
    let output = command.output().unwrap();
    let said = text(&output);
    mode(&dir, 0o755);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "is a child of another test"]
fn read_only_directory() {
    let path = child_path();
    let state = Store::open(&path, OpenOptions::read())
        .unwrap()
        .snapshot()
        .unwrap();
    assert_eq!(state.instances.len(), 3);
    for name in ["default.db", "new.db", "further/new.db"] {
        let path = path.with_file_name(name);
        let error = Store::open(&path, OpenOptions::write()).unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    }
    let absent = Store::open(path.with_file_name("new.db"), OpenOptions::read()).unwrap();
    assert_eq!(absent.snapshot().unwrap(), State::default());
}

/// Reading needs no room, although SQLite would like some.
#[cfg(unix)]
#[test]
fn where_no_file_can_grow_it_is_read_and_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = written(dir.path(), 3);
    let output = child("faults::no_room", &path)
        .env("LIMIT", "0")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("1 passed"));
}

#[test]
#[ignore = "is a child of another test"]
fn no_room() {
    let path = child_path();
    let state = Store::open(&path, OpenOptions::read())
        .unwrap()
        .snapshot()
        .unwrap();
    assert_eq!(state.instances.len(), 3);
    for name in ["default.db", "new.db"] {
        let store = Store::open(path.with_file_name(name), OpenOptions::write());
        let error = store
            .and_then(|s| s.lock(&operation(), std::time::Duration::ZERO).map(drop))
            .unwrap_err();
        assert!(
            matches!(error, StoreError::WriteFailed { .. }),
            "{name}: {error:?}"
        );
        assert!(!path.with_file_name("new.db").exists());
    }
}
