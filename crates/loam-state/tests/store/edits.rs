//! Changes of the state as a whole.

use loam_state::{ChangeKind, Finish, RowChange, State, Status, StoreError, difference};

use crate::objects::{id, instance, record};
use crate::{run, store};

fn state(names: &[&str], lineage: &str, serial: u64) -> State {
    State {
        lineage: lineage.into(),
        serial,
        instances: names
            .iter()
            .map(|n| (id(&format!("a_b.{n}")), instance(n)))
            .collect(),
        ..State::default()
    }
}

#[test]
fn only_rows_that_differ_are_written() {
    let (_dir, store) = store();
    let run = run(&store);
    for name in ["x", "y", "z"] {
        let address = format!("a_b.{name}");
        run.record(&record(&address, Finish::present(instance(name))))
            .wait()
            .unwrap();
    }
    let written = run
        .edit(ChangeKind::Move, |old| {
            let mut new = old.clone();
            let moved = new.instances.remove(&id("a_b.y")).unwrap();
            new.instances.insert(id("module.m.a_b.y"), moved);
            Ok::<_, StoreError>(new)
        })
        .unwrap();
    assert_eq!(
        written,
        [
            RowChange::Remove(id("a_b.y")),
            RowChange::Put(id("module.m.a_b.y"), Box::new(instance("y")))
        ]
    );
    let after = store.snapshot().unwrap();
    assert_eq!(after.serial, 4);
    assert_eq!(after.instances.len(), 3);
    // Three creations, and two rows of the move.
    assert_eq!(store.changes_of(run.id()).unwrap().len(), 5);

    let nothing = run
        .edit(ChangeKind::Edit, |old| Ok::<_, StoreError>(old.clone()))
        .unwrap();
    assert_eq!(nothing, []);
    assert_eq!(store.snapshot().unwrap(), after);
}

#[test]
fn an_edit_of_a_state_that_moved_on_is_refused() {
    let (_dir, store) = store();
    let run = run(&store);
    let result = run.edit(ChangeKind::Edit, |old| {
        let between = record("a_b.between", Finish::present(instance("c")));
        run.record(&between).wait()?;
        let mut new = old.clone();
        new.instances.insert(id("a_b.new"), instance("new"));
        Ok::<_, StoreError>(new)
    });
    assert!(matches!(result, Err(StoreError::Stale { .. })));
    let names: Vec<_> = store.snapshot().unwrap().instances.into_keys().collect();
    assert_eq!(names, [id("a_b.between")]);
}

#[test]
fn an_object_is_tainted_and_untainted() {
    let (_dir, store) = store();
    let run = run(&store);
    run.record(&record("a_b.c", Finish::present(instance("c"))))
        .wait()
        .unwrap();
    let status = || store.snapshot().unwrap().instances[&id("a_b.c")].status;
    run.set_status(&id("a_b.c"), Status::Tainted).unwrap();
    assert_eq!(status(), Status::Tainted);
    run.set_status(&id("a_b.c"), Status::Ready).unwrap();
    assert_eq!(status(), Status::Ready);
    assert!(matches!(
        run.set_status(&id("a_b.gone"), Status::Tainted),
        Err(StoreError::NoSuchObject { .. })
    ));
}

#[test]
fn a_push_follows_lineage_and_serial() {
    let (_dir, store) = store();
    let run = run(&store);
    // Into a state without anything: whatever it is.
    run.push(&state(&["x"], "L", 7), false).unwrap();
    assert_eq!(store.snapshot().unwrap(), state(&["x"], "L", 7));
    // The same again is nothing.
    assert_eq!(run.push(&state(&["x"], "L", 7), false), Ok(vec![]));
    // A later one.
    run.push(&state(&["x", "y"], "L", 9), false).unwrap();
    assert_eq!(store.snapshot().unwrap(), state(&["x", "y"], "L", 9));

    let refused = |new: State| run.push(&new, false).unwrap_err();
    assert_eq!(
        refused(state(&["x"], "M", 10)),
        StoreError::OtherLineage {
            new: "M".into(),
            current: "L".into()
        }
    );
    assert_eq!(
        refused(state(&["x"], "L", 8)),
        StoreError::OlderSerial { new: 8, current: 9 }
    );
    assert_eq!(
        refused(state(&["x"], "L", 9)),
        StoreError::SameSerial { serial: 9 }
    );
    assert_eq!(store.snapshot().unwrap(), state(&["x", "y"], "L", 9));

    // Forced, an old one does not make old plans current again.
    run.push(&state(&["x"], "L", 8), true).unwrap();
    assert_eq!(store.snapshot().unwrap(), state(&["x"], "L", 10));
    run.push(&state(&["z"], "M", 3), true).unwrap();
    assert_eq!(store.snapshot().unwrap(), state(&["z"], "M", 3));
}

#[test]
fn the_difference_makes_one_of_the_other() {
    let (old, new) = (state(&["x", "y"], "L", 1), state(&["y", "z"], "L", 1));
    let changes = difference(&old, &new);
    assert_eq!(
        changes,
        [
            RowChange::Remove(id("a_b.x")),
            RowChange::Put(id("a_b.z"), Box::new(instance("z")))
        ]
    );
    assert_eq!(difference(&new, &new), []);
}
