//! A store as an operation uses it.

#![allow(clippy::unwrap_used, clippy::panic)]

mod objects;

use std::collections::BTreeMap;
use std::time::Duration;

use loam_provider::{IntentAction, Private, Recovery};
use loam_state::{
    Action, Finish, InstanceId, OpenOptions, Operation, OutputValue, RowChange, Run, RunOutcome,
    State, StateIdentity, Status, Store, StoreError,
};
use loam_value::{Marks, Value};
use objects::{id, instance, intent, record};

fn operation() -> Operation {
    Operation::new("loam apply", "ada")
}

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("state/default.db"), OpenOptions::write()).unwrap();
    (dir, store)
}

fn run(store: &Store) -> Run {
    store.begin_run(&operation(), None).unwrap()
}

#[test]
fn a_file_that_is_not_there_is_an_empty_state_and_stays_away() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("default.db");
    let store = Store::open(&path, OpenOptions::read()).unwrap();
    assert_eq!(store.snapshot().unwrap(), State::default());
    assert_eq!(store.open_intents().unwrap(), vec![]);
    assert_eq!(store.history(10).unwrap(), vec![]);
    assert_eq!(store.lock_holder().unwrap(), None);
    assert!(!path.exists());
}

#[test]
fn a_change_is_journalled_then_finished() {
    let (_dir, store) = store();
    let run = run(&store);
    let record = intent("a_b.c[0]", IntentAction::Create);
    let open = run.intend(&record).wait().unwrap();

    let intents = store.open_intents().unwrap();
    assert_eq!(intents.len(), 1);
    assert_eq!(intents[0].record, record);
    assert_eq!((intents[0].run, intents[0].revealed), (run.id(), false));
    assert!(store.snapshot().unwrap().instances.is_empty());

    let mut partial = instance("seen");
    partial.status = Status::Pending;
    run.reveal(open, &partial).wait().unwrap();
    assert!(store.open_intents().unwrap()[0].revealed);
    assert_eq!(store.snapshot().unwrap().instances[&record.id], partial);

    run.finish(open, &Finish::present(instance("whole")))
        .wait()
        .unwrap();
    assert_eq!(store.open_intents().unwrap(), vec![]);
    let state = store.snapshot().unwrap();
    assert_eq!(state.instances[&record.id], instance("whole"));
    assert_eq!(state.serial, 2);
    assert_eq!(
        run.finish(open, &Finish::absent()).wait(),
        Err(StoreError::NoSuchIntent { intent: open })
    );
}
