//! A store as an operation uses it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod edits;
mod faults;
mod locking;
mod model;
mod objects;
mod workspaces;

use std::collections::BTreeMap;
use std::time::Duration;

use loam_address::{InstanceKey, ModuleAddr};
use loam_provider::{IntentAction, Private, Recovery};
use loam_state::{
    ChangeKind, Finish, InstanceId, OpenOptions, Operation, OutputValue, RowChange, Run,
    RunOutcome, State, StateIdentity, Status, Store, StoreError,
};
use loam_value::testing::{Shape, text, value};
use loam_value::{Marks, Value};
use objects::{id, instance, intent, record};
use proptest::prelude::*;

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

    let noted = Private("noted".into());
    run.note(open, &noted).wait().unwrap();
    assert_eq!(store.open_intents().unwrap()[0].record.private, noted);

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

#[test]
fn the_run_of_an_action_is_journalled_though_it_leaves_no_object() {
    let (_dir, store) = store();
    let first = run(&store);
    let entry = first.intend_invocation("action.a_b.c").wait().unwrap();
    let open = store.open_invocations().unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].id, &*open[0].action), (entry, "action.a_b.c"));
    assert!(store.open_intents().unwrap().is_empty());
    let serial = store.identity().unwrap().serial;
    // A later run closes it, once.
    let later = run(&store);
    let error = Some("its end is not recorded".to_owned());
    later
        .finish_invocation(entry, error.clone())
        .wait()
        .unwrap();
    assert!(store.open_invocations().unwrap().is_empty());
    assert!(later.finish_invocation(entry, error).wait().is_err());
    let past = store.changes_of(first.id()).unwrap();
    assert_eq!((past[0].action, past[0].failed), (ChangeKind::Invoke, true));
    assert_eq!(
        store.identity().unwrap().serial,
        serial,
        "no object has changed"
    );
}

#[test]
fn every_write_counts_once() {
    let (_dir, store) = store();
    let run = run(&store);
    let put = RowChange::Put(id("a_b.c"), Box::new(instance("c")));
    run.write_rows(ChangeKind::Refresh, &[put.clone(), put])
        .wait()
        .unwrap();
    assert_eq!(store.identity().unwrap().serial, 1);

    let outputs = BTreeMap::from([(
        "url".into(),
        OutputValue {
            value: Value::string("x"),
            sensitive: true,
        },
    )]);
    run.set_outputs(outputs.clone()).wait().unwrap();
    run.set_outputs(outputs.clone()).wait().unwrap();
    run.set_checks(None).wait().unwrap();
    assert_eq!(store.identity().unwrap().serial, 2);
    assert_eq!(store.snapshot().unwrap().outputs, outputs);

    run.intend(&intent("a_b.d", IntentAction::Create))
        .wait()
        .unwrap();
    run.write_rows(ChangeKind::Forget, &[RowChange::Remove(id("a_b.nothing"))])
        .wait()
        .unwrap();
    assert_eq!(store.identity().unwrap().serial, 2);
}

#[test]
fn rows_are_written_all_or_none() {
    let (_dir, store) = store();
    let run = run(&store);
    run.record(&record("a_b.c", Finish::present(instance("c"))))
        .wait()
        .unwrap();
    let before = store.snapshot().unwrap();
    let result = run
        .write_rows(
            ChangeKind::Move,
            &[
                RowChange::Move {
                    from: id("a_b.c"),
                    to: id("a_b.d"),
                },
                RowChange::Move {
                    from: id("a_b.gone"),
                    to: id("a_b.e"),
                },
            ],
        )
        .wait();
    assert_eq!(
        result,
        Err(StoreError::NoSuchObject {
            what: "a_b.gone".into()
        })
    );
    assert_eq!(store.snapshot().unwrap(), before);
}

#[test]
fn an_object_is_put_aside_and_brought_back() {
    let (_dir, store) = store();
    let run = run(&store);
    let current = id("a_b.c");
    run.record(&record("a_b.c", Finish::present(instance("old"))))
        .wait()
        .unwrap();
    let key = run.depose(&current.addr).wait().unwrap();
    let aside = InstanceId {
        addr: current.addr.clone(),
        deposed: Some(key.clone()),
    };
    let state = store.snapshot().unwrap();
    assert_eq!(state.instances.keys().collect::<Vec<_>>(), vec![&aside]);

    let open = run
        .intend(&intent("a_b.c", IntentAction::Create))
        .wait()
        .unwrap();
    run.reveal(open, &instance("new")).wait().unwrap();
    assert!(matches!(
        run.restore(&current.addr, &key).wait(),
        Err(StoreError::ObjectExists { .. })
    ));
    let back = RowChange::Move {
        from: aside,
        to: current.clone(),
    };
    run.finish(open, &Finish::absent().failed("no room").also(back))
        .wait()
        .unwrap();
    let state = store.snapshot().unwrap();
    assert_eq!(
        state.instances,
        BTreeMap::from([(current, instance("old"))])
    );
}

#[test]
fn a_recovered_object_keeps_its_taint_unless_it_is_new() {
    let (_dir, store) = store();
    let run = run(&store);
    let mut tainted = instance("c");
    tainted.status = Status::Tainted;
    for (address, action, expected) in [
        ("a_b.new", IntentAction::Create, Status::Ready),
        ("a_b.old", IntentAction::Update, Status::Tainted),
    ] {
        run.record(&record(address, Finish::present(tainted.clone())))
            .wait()
            .unwrap();
        run.intend(&intent(address, action)).wait().unwrap();
        let open = store.open_intents().unwrap().remove(0);
        let found = Recovery::Exists {
            state: objects::value("found"),
            private: Private("p".into()),
            pending: false,
        };
        run.resolve(&open, &found, false).wait().unwrap();
        let state = store.snapshot().unwrap();
        let object = &state.instances[&id(address)];
        assert_eq!(
            (object.status, &object.value),
            (expected, &objects::value("found"))
        );
    }

    run.intend(&intent("a_b.lost", IntentAction::Create))
        .wait()
        .unwrap();
    let open = store.open_intents().unwrap().remove(0);
    run.resolve(&open, &Recovery::Unknown("two look alike".into()), false)
        .wait()
        .unwrap();
    let open = store.open_intents().unwrap().remove(0);
    assert_eq!(open.reason.as_deref(), Some("two look alike"));
    assert_eq!(open.question(&store.snapshot().unwrap()).known.len(), 2);
    run.resolve(&open, &Recovery::Absent, false).wait().unwrap();
    assert_eq!(store.open_intents().unwrap(), vec![]);
}

#[test]
fn the_history_tells_who_did_what() {
    let (_dir, store) = store();
    let first = operation();
    let lock = store.lock(&first, Duration::ZERO).unwrap();
    let run = store.begin_run(&first, Some(&lock)).unwrap();
    run.record(&record("a_b.c", Finish::present(instance("c"))))
        .wait()
        .unwrap();
    run.record(&record("a_b.d", Finish::absent().failed("no room")))
        .wait()
        .unwrap();
    run.intend(&intent("a_b.e", IntentAction::Delete))
        .wait()
        .unwrap();
    run.end(RunOutcome::Failed, Some("1 of 3 failed".into()))
        .wait()
        .unwrap();
    // Ends without a word.
    store.begin_run(&operation(), Some(&lock)).unwrap();
    let third = store.begin_run(&operation(), Some(&lock)).unwrap();

    let runs = store.history(10).unwrap();
    let outcomes: Vec<_> = runs.iter().map(|r| r.outcome).collect();
    use RunOutcome::{Failed, Interrupted};
    assert_eq!(outcomes, [None, Some(Interrupted), Some(Failed)]);
    assert_eq!(runs[0].id, third.id());
    assert_eq!(runs[2].operation.id, first.id);
    let counts = runs[2].counts;
    assert_eq!((counts.created, counts.failed), (1, 2));

    let changes = store.changes_of(run.id()).unwrap();
    let told: Vec<_> = changes
        .iter()
        .map(|c| {
            (
                c.object.as_str(),
                c.action.as_str(),
                c.ended.is_some(),
                c.message.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("a_b.c", "create", true, None),
            ("a_b.d", "create", true, Some("no room")),
            ("a_b.e", "delete", false, None),
        ]
    );
}

#[test]
fn a_plan_for_a_state_that_moved_on_is_refused() {
    let (_dir, store) = store();
    store.check_current(&StateIdentity::default()).unwrap();
    let planned = store.identity().unwrap();
    let run = run(&store);
    run.record(&record("a_b.c", Finish::present(instance("c"))))
        .wait()
        .unwrap();
    assert!(matches!(
        store.check_current(&planned),
        Err(StoreError::Stale { .. })
    ));
    assert!(store.check_current(&StateIdentity::default()).is_err());
    store.check_current(&store.identity().unwrap()).unwrap();
}

#[test]
fn an_ephemeral_value_is_refused_and_a_secret_is_not_told() {
    let (_dir, store) = store();
    let run = run(&store);
    let mut object = instance("c");
    object.value = Value::object_of([(
        "token",
        Value::string("hunter2").with_marks(Marks::EPHEMERAL),
    )]);
    let put = RowChange::Put(id("a_b.c"), Box::new(object));
    let error = run
        .write_rows(ChangeKind::Refresh, &[put])
        .wait()
        .unwrap_err();
    let told = format!("{error:?} {error} {:?}", error.diagnostic());
    assert!(told.contains("a_b.c holds an ephemeral value"));
    assert!(!told.contains("hunter2"));
}

#[test]
fn all_that_is_asked_for_at_once_is_answered() {
    let (_dir, store) = store();
    let run = run(&store);
    let pending: Vec<_> = (0..1000)
        .map(|i| {
            run.record(&record(
                &format!("a_b.c[{i}]"),
                Finish::present(instance("c")),
            ))
        })
        .collect();
    // One that fails does not touch the others.
    let bad = run.restore(&id("a_b.c").addr, &loam_state::DeposedKey("x".into()));
    for p in pending {
        p.wait().unwrap();
    }
    assert!(bad.wait().is_err());
    let state = store.snapshot().unwrap();
    assert_eq!((state.instances.len(), state.serial), (1000, 1000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_value_is_read_as_it_was_written(
        values in prop::collection::vec(value(Shape::ANY), 1..20),
        prior in value(Shape::ANY),
    ) {
        let (_dir, store) = store();
        let run = run(&store);
        let stored = |v: &Value| v.without_marks_deep(Marks::EPHEMERAL);
        let changes: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(i, v)| {
                let mut object = instance("c");
                object.value = stored(v);
                RowChange::Put(id(&format!("a_b.c[{i}]")), Box::new(object))
            })
            .collect();
        run.write_rows(ChangeKind::Refresh, &changes).wait().unwrap();
        let read = store.snapshot().unwrap().instances.into_values().map(|i| i.value);
        prop_assert_eq!(read.collect::<Vec<_>>(), values.iter().map(stored).collect::<Vec<_>>());

        let mut record = intent("a_b.c", IntentAction::Update);
        record.prior = stored(&prior);
        run.intend(&record).wait().unwrap();
        prop_assert_eq!(&store.open_intents().unwrap()[0].record, &record);
    }
}

#[test]
fn a_value_that_could_not_be_read_again_is_refused() {
    let (_dir, store) = store();
    let run = run(&store);
    for (levels, fits) in [(90, true), (101, false), (5000, false)] {
        let mut object = instance("c");
        object.value = (0..levels).fold(Value::int(1), |v, _| {
            Value::list(v.ty(), vec![v]).with_marks(Marks::SENSITIVE)
        });
        let put = RowChange::Put(id("a_b.c"), Box::new(object));
        let result = run.write_rows(ChangeKind::Refresh, &[put]).wait();
        assert_eq!(result.is_ok(), fits, "{result:?}");
        store.snapshot().unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_key_names_the_same_object_again(keys in prop::collection::btree_set(text(), 1..8)) {
        let (_dir, store) = store();
        let run = run(&store);
        let named = |key: &String| {
            let mut id = id("module.m.a_b.c");
            id.addr.key = InstanceKey::from_value(&Value::string(key.clone())).unwrap();
            let steps = id.addr.module.steps().iter().cloned().map(|mut s| {
                s.key = id.addr.key.clone();
                s
            });
            id.addr.module = ModuleAddr::from_steps(steps.collect());
            id
        };
        let ids: std::collections::BTreeSet<InstanceId> = keys.iter().map(named).collect();
        let changes: Vec<_> = ids
            .iter()
            .map(|id| RowChange::Put(id.clone(), Box::new(instance("c"))))
            .collect();
        run.write_rows(ChangeKind::Refresh, &changes).wait().unwrap();
        let read = store.snapshot().unwrap().instances.into_keys().collect();
        prop_assert_eq!(&ids, &read);
        let remove: Vec<_> = ids.into_iter().map(RowChange::Remove).collect();
        run.write_rows(ChangeKind::Forget, &remove).wait().unwrap();
        prop_assert!(store.snapshot().unwrap().is_empty());
    }
}
