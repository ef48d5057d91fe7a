//! The lock, and readers beside a writer.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use loam_provider::IntentAction;
use loam_state::{Finish, OpenOptions, Operation, Store, StoreError};

use crate::objects::{instance, intent, record};
use crate::{operation, store};

/// Another process that holds the lock until its input ends.
struct Holder {
    child: Child,
    input: Option<ChildStdin>,
    // Kept, so that the child can go on to write.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Holder {
    fn start(path: &Path) -> Holder {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "locking::holder", "--ignored", "--nocapture"])
            .env("LOAM_TEST_STATE", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|l| l.unwrap() == "@locked"));
        Holder {
            child,
            input,
            _output: lines,
        }
    }

    fn release(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success());
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
#[ignore = "is a child of other tests"]
fn holder() {
    let path = std::env::var_os("LOAM_TEST_STATE").unwrap();
    let store = Store::open(path, OpenOptions::write()).unwrap();
    let operation = Operation::new("loam apply", "bob");
    let lock = store.lock(&operation, Duration::ZERO).unwrap();
    std::io::stdout().write_all(b"\n@locked\n").unwrap();
    std::io::stdin().lines().for_each(drop);
    drop(lock);
}

#[test]
fn the_second_is_told_who_the_first_is() {
    let (_dir, store) = store();
    let holder = Holder::start(store.path());
    let error = store.lock(&operation(), Duration::ZERO).unwrap_err();
    let StoreError::Locked { holder: who, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!((who.who.as_str(), who.pid), ("bob", holder.child.id()));
    let told = error.diagnostic();
    let detail = told
        .detail
        .replace(&who.host, "HOST")
        .replace(&who.pid.to_string(), "PID")
        .replace(&who.id, "ID");
    insta::with_settings!({filters => vec![(r"since [-0-9T:]+Z", "since TIME")]}, {
        insta::assert_snapshot!(format!("{}\n{detail}", told.summary));
    });
    // Reading needs no lock.
    store.snapshot().unwrap();
    holder.release();
    let lock = store.lock(&operation(), Duration::ZERO).unwrap();
    assert_eq!(lock.warning(), None);
}

#[test]
fn the_second_waits_as_long_as_it_was_told() {
    let (_dir, store) = store();
    let holder = Holder::start(store.path());
    let begun = Instant::now();
    assert!(
        store
            .lock(&operation(), Duration::from_millis(500))
            .is_err()
    );
    assert!(begun.elapsed() >= Duration::from_millis(500));

    let other = store.clone();
    let waiting = std::thread::spawn(move || {
        let mut told = Vec::new();
        let lock = other.lock_with(&operation(), Duration::from_secs(20), &mut |h| {
            told.push(h.who.clone());
        });
        (lock.map(|l| l.warning()), told)
    });
    std::thread::sleep(Duration::from_millis(500));
    holder.release();
    assert_eq!(waiting.join().unwrap(), (Ok(None), vec!["bob".to_owned()]));
    assert_eq!(store.lock_holder().unwrap(), None);
}

#[test]
fn the_lock_of_a_killed_process_is_taken_over_with_a_warning() {
    let (_dir, store) = store();
    Holder::start(store.path()).kill();
    assert_eq!(store.lock_holder().unwrap().unwrap().who, "bob");
    let lock = store.lock(&operation(), Duration::ZERO).unwrap();
    let warning = lock.warning().unwrap();
    assert!(!warning.is_error());
    assert!(warning.detail.contains("\"loam apply\" of bob@"));
}

#[test]
fn a_lock_of_another_machine_is_respected() {
    let (_dir, store) = store();
    let mut elsewhere = operation();
    elsewhere.host = "elsewhere".into();
    // As if that machine's lock on the file did not reach this one.
    std::mem::forget(store.lock(&elsewhere, Duration::ZERO).unwrap());
    let lock_file = format!("{}.lock", store.path().display());
    std::fs::remove_file(&lock_file).unwrap();
    assert!(matches!(
        store.lock(&operation(), Duration::ZERO),
        Err(StoreError::Locked { .. })
    ));
    assert_eq!(store.force_unlock(&elsewhere.id).unwrap().id, elsewhere.id);
    store.lock(&operation(), Duration::ZERO).unwrap();
}

#[test]
fn a_broken_lock_ends_what_its_holder_may_begin() {
    let (_dir, store) = store();
    let first = operation();
    let lock = store.lock(&first, Duration::ZERO).unwrap();
    let run = store.begin_run(&first, Some(&lock)).unwrap();
    let begun = run
        .intend(&intent("a_b.c", IntentAction::Create))
        .wait()
        .unwrap();

    assert!(matches!(
        store.force_unlock("another"),
        Err(StoreError::NoSuchLock {
            holder: Some(_),
            ..
        })
    ));
    store.force_unlock(&first.id).unwrap();
    let second = store.lock(&operation(), Duration::ZERO).unwrap();

    // What is under way is written; nothing new is begun.
    run.finish(begun, &Finish::present(instance("c")))
        .wait()
        .unwrap();
    assert!(matches!(
        run.intend(&intent("a_b.d", IntentAction::Create)).wait(),
        Err(StoreError::LockLost { .. })
    ));
    // The end of the first does not take the second's lock away.
    drop(lock);
    assert!(store.lock(&operation(), Duration::ZERO).is_err());
    drop(second);
    store.lock(&operation(), Duration::ZERO).unwrap();
}

#[test]
fn many_that_want_the_lock_get_it_one_at_a_time() {
    let (_dir, store) = store();
    let path = store.path();
    let held = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let store = Store::open(path, OpenOptions::write()).unwrap();
                let lock = store.lock(&operation(), Duration::from_secs(60)).unwrap();
                use std::sync::atomic::Ordering::SeqCst;
                assert_eq!(held.fetch_add(1, SeqCst), 0);
                assert_eq!(lock.warning(), None);
                std::thread::sleep(Duration::from_millis(5));
                held.fetch_sub(1, SeqCst);
            });
        }
    });
}

#[test]
fn a_snapshot_is_of_one_moment_while_another_writes() {
    let (_dir, store) = store();
    let run = crate::run(&store);
    let reader = Store::open(store.path(), OpenOptions::read()).unwrap();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for i in 0..300 {
                // Two rows that are only ever seen together.
                let two = ["x", "y"].map(|n| {
                    let id = crate::objects::id(&format!("a_b.{n}[{i}]"));
                    loam_state::RowChange::Put(id, Box::new(instance("c")))
                });
                run.write_rows(loam_state::ChangeKind::Refresh, &two)
                    .wait()
                    .unwrap();
            }
        });
        let mut last = 0;
        while !writing.is_finished() {
            let state = reader.snapshot().unwrap();
            assert_eq!(state.instances.len() as u64, state.serial * 2);
            assert!(state.serial >= last);
            last = state.serial;
        }
    });
    run.record(&record("a_b.z", Finish::absent()))
        .wait()
        .unwrap();
    assert_eq!(reader.snapshot().unwrap().serial, 300);
}

#[test]
fn readers_come_and_go_while_writers_do() {
    let (_dir, store) = store();
    let path = store.path().to_path_buf();
    drop(store);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            // Each closes the file, which copies the log into it.
            for i in 0..60 {
                let store = Store::open(&path, OpenOptions::write()).unwrap();
                let run = crate::run(&store);
                let mut object = instance("c");
                object.private.0 = "x".repeat(40_000);
                let put = record(&format!("a_b.c[{i}]"), Finish::present(object));
                run.record(&put).wait().unwrap();
            }
        });
        let mut last = 0;
        while !writing.is_finished() {
            let reader = Store::open(&path, OpenOptions::read()).unwrap();
            let serial = reader.snapshot().unwrap().serial;
            assert!(serial >= last);
            last = serial;
        }
    });
}
