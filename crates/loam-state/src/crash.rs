//! Tests that end a process at every step of the writer, and look at what it left.
//!
//! The child is this test program itself. It makes objects in a "cloud" (a directory) and
//! prints each answer of the store; whatever it printed must be in the file.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use loam_address::InstanceAddr;
use loam_provider::{IntentAction, Private, Recovery};
use loam_value::{Type, Value};

use crate::{
    Finish, Instance, InstanceId, IntentRecord, OpenOptions, Operation, Pending, RunOutcome,
    Status, Store,
};

/// Objects that the child makes, and how many of them at a time.
const OBJECTS: usize = 6;
const WIDTH: usize = 3;

fn id(name: usize) -> InstanceId {
    let addr = InstanceAddr::parse(&format!("a_b.c[{name}]"));
    addr.expect("an address").into()
}

fn object(name: usize, status: Status) -> Instance {
    Instance {
        provider: "provider[\"x\"]".into(),
        schema_version: 0,
        status,
        value: Value::object_of([("id", Value::string(format!("object {name}")))]),
        private: Private::default(),
        dependencies: Arc::default(),
        create_before_destroy: false,
    }
}

/// Tells the parent of an answer. A write of its own each, so that no buffer is lost.
fn say(word: &str, name: usize) {
    std::io::stdout()
        .write_all(format!("\n@{word} {name}\n").as_bytes())
        .expect("stdout");
}

fn all<T: Unpin>(pending: Vec<(usize, Pending<T>)>) -> Vec<(usize, T)> {
    pending
        .into_iter()
        .map(|(n, p)| (n, p.wait().expect("stored")))
        .collect()
}

/// What the child does, if it is one.
#[test]
#[ignore = "is the child of the other tests"]
fn child() {
    let dir = std::env::var("LOAM_CRASH_DIR").expect("LOAM_CRASH_DIR");
    let dir = Path::new(&dir);
    let store = Store::open(dir.join("default.db"), OpenOptions::write()).expect("opened");
    let operation = Operation::new("loam apply", "child");
    let lock = store.lock(&operation, Duration::ZERO).expect("locked");
    let run = store.begin_run(&operation, Some(&lock)).expect("begun");
    let names: Vec<usize> = (0..OBJECTS).collect();
    for names in names.chunks(WIDTH) {
        let begun = names.iter().map(|n| {
            let record = IntentRecord {
                id: id(*n),
                action: IntentAction::Create,
                provider: "provider[\"x\"]".into(),
                schema_version: 0,
                prior: Value::null(Type::Dynamic),
                planned: Value::object_of([("id", Value::unknown(Type::String))]),
                private: Private::default(),
                dependencies: Arc::default(),
                create_before_destroy: false,
            };
            (*n, run.intend(&record))
        });
        let begun = all(begun.collect());
        for (n, _) in &begun {
            say("intended", *n);
            std::fs::write(dir.join(format!("cloud/{n}")), "").expect("created");
        }
        let seen = begun
            .iter()
            .map(|(n, i)| (*n, run.reveal(*i, &object(*n, Status::Pending))));
        for (n, ()) in all(seen.collect()) {
            say("revealed", n);
        }
        let ended = begun.iter().map(|(n, i)| {
            (
                *n,
                run.finish(*i, &Finish::present(object(*n, Status::Ready))),
            )
        });
        for (n, ()) in all(ended.collect()) {
            say("finished", n);
        }
    }
    run.end(RunOutcome::Succeeded, None).wait().expect("ended");
    drop(lock);
    say("ended", 0);
}

fn command(dir: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "crash::child", "--ignored", "--nocapture"])
        .env("LOAM_CRASH_DIR", dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn answers(output: &Output, word: &str) -> BTreeSet<usize> {
    let prefix = format!("@{word} ");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|l| l.strip_prefix(&prefix)?.parse().ok())
        .collect()
}

fn directory() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(dir.path().join("cloud")).expect("a directory");
    dir
}

/// Holds the file against what the child said, recovers, and looks again.
fn check(dir: &Path, output: &Output) {
    let path = dir.join("default.db");
    if !path.exists() {
        // It died before there was a state: nothing was said.
        assert!(answers(output, "intended").is_empty());
        return;
    }
    let store = Store::open(&path, OpenOptions::write()).expect("opened after the crash");
    let conn = store.connection().expect("connected").expect("there");
    let sound: String = conn
        .query_row("PRAGMA integrity_check", [], |r| r.get(0))
        .expect("checked");
    assert_eq!(sound, "ok");

    let ended = answers(output, "ended").len() == 1;
    let operation = Operation::new("loam apply", "parent");
    let lock = store.lock(&operation, Duration::ZERO).expect("taken over");
    let run = store.begin_run(&operation, Some(&lock)).expect("begun");
    let state = store.snapshot().expect("read");
    let open = store.open_intents().expect("read");
    let journalled: BTreeSet<&InstanceId> = open.iter().map(|i| &i.record.id).collect();
    let present = |n: usize| state.instances.get(&id(n));
    for n in answers(output, "intended") {
        assert!(
            journalled.contains(&id(n)) || present(n).is_some_and(|i| i.status == Status::Ready),
            "the intent {n} was answered and is lost"
        );
    }
    for n in answers(output, "revealed") {
        assert!(present(n).is_some(), "the object {n} is lost");
    }
    for n in answers(output, "finished") {
        assert_eq!(present(n), Some(&object(n, Status::Ready)));
        assert!(!journalled.contains(&id(n)));
    }
    let cloud: BTreeSet<InstanceId> = std::fs::read_dir(dir.join("cloud"))
        .expect("listed")
        .map(|f| {
            id(f.expect("listed")
                .file_name()
                .to_string_lossy()
                .parse()
                .expect("a number"))
        })
        .collect();
    for there in &cloud {
        assert!(
            journalled.contains(there) || state.instances.contains_key(there),
            "{there} exists and nobody knows"
        );
    }
    // The end may be stored without having been answered, but not the other way round.
    let runs = store.history(9).expect("read");
    let succeeded = |r: &crate::PastRun| r.outcome == Some(RunOutcome::Succeeded);
    let end_stored = runs.get(1).is_some_and(succeeded);
    assert!(end_stored || !ended);

    for intent in &open {
        let recovery = if cloud.contains(&intent.record.id) {
            let key = &intent.record.id.addr.key;
            let InstanceId { addr, .. } = &intent.record.id;
            let n = (0..OBJECTS).find(|n| id(*n).addr == *addr);
            Recovery::Exists {
                state: object(n.unwrap_or_else(|| panic!("{key}")), Status::Ready).value,
                private: Private::default(),
                pending: false,
            }
        } else {
            Recovery::Absent
        };
        run.resolve(intent, &recovery, false)
            .wait()
            .expect("resolved");
    }
    let state = store.snapshot().expect("read");
    let known: BTreeSet<InstanceId> = state.instances.keys().cloned().collect();
    assert_eq!(known, cloud, "after recovery the state is what exists");
    assert!(store.open_intents().expect("read").is_empty());
    if !answers(output, "intended").is_empty() && !end_stored {
        assert!(lock.warning().is_some(), "the lock was left behind");
    }
    assert!(lock.warning().is_none() || !ended);
}

#[test]
fn a_crash_at_any_step_loses_nothing_that_was_answered() {
    for point in ["begun", "worked", "committing", "committed"] {
        let mut crashes = 0;
        loop {
            let dir = directory();
            let at = format!("{point}:{}", crashes + 1);
            let output = command(dir.path())
                .env("LOAM_CRASH_AT", &at)
                .output()
                .expect("ran");
            check(dir.path(), &output);
            if output.status.success() {
                assert_eq!(answers(&output, "finished").len(), OBJECTS);
                break;
            }
            crashes += 1;
        }
        // Lock, begin, and a transaction or more for each of the six steps, end, unlock.
        assert!(crashes >= 10, "{point} was passed {crashes} times only");
    }
}

#[test]
fn a_kill_at_any_time_loses_nothing_that_was_answered() {
    for delay in 0..12 {
        let dir = directory();
        let mut child = command(dir.path()).spawn().expect("started");
        std::thread::sleep(Duration::from_millis(4 + delay * 3));
        // It may have ended by itself.
        let _ = child.kill();
        let output = child.wait_with_output().expect("waited");
        check(dir.path(), &output);
    }
}
