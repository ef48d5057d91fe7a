//! The store against a model in memory: any sequence of operations, with the file closed
//! and opened again in between.

use std::collections::BTreeMap;

use loam_provider::IntentAction;
use loam_state::{
    ChangeKind, DeposedKey, Finish, Instance, InstanceId, IntentId, OpenOptions, Outcome,
    OutputValue, RowChange, Run, State, Status, Store,
};
use loam_value::{Marks, Value};
use proptest::prelude::*;

use crate::objects::{id, instance, intent, record};
use crate::operation;

/// Addresses are few, so that operations meet.
const ADDRESSES: [&str; 4] = ["a_b.c", "a_b.c[1]", "module.m[\"k\"].a_b.c", "data.a_b.c"];

#[derive(Clone, Debug)]
enum Step {
    Put(usize, u8),
    Remove(usize),
    Move(usize, usize),
    Record(usize, Option<u8>, bool),
    Intend(usize),
    Reveal(usize, u8),
    Finish(usize, Option<u8>, bool),
    LeaveOpen(usize),
    Depose(usize),
    Restore(usize),
    Taint(usize, bool),
    Outputs(u8),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let a = 0..ADDRESSES.len();
    prop_oneof![
        3 => (a.clone(), any::<u8>()).prop_map(|(a, v)| Step::Put(a, v)),
        1 => a.clone().prop_map(Step::Remove),
        2 => (a.clone(), a.clone()).prop_map(|(a, b)| Step::Move(a, b)),
        2 => (a.clone(), any::<Option<u8>>(), any::<bool>())
            .prop_map(|(a, v, e)| Step::Record(a, v, e)),
        3 => a.clone().prop_map(Step::Intend),
        2 => (0..8usize, any::<u8>()).prop_map(|(i, v)| Step::Reveal(i, v)),
        3 => (0..8usize, any::<Option<u8>>(), any::<bool>())
            .prop_map(|(i, v, e)| Step::Finish(i, v, e)),
        1 => (0..8usize).prop_map(Step::LeaveOpen),
        2 => a.clone().prop_map(Step::Depose),
        2 => a.clone().prop_map(Step::Restore),
        1 => (a, any::<bool>()).prop_map(|(a, t)| Step::Taint(a, t)),
        1 => (0..3u8).prop_map(Step::Outputs),
        1 => Just(Step::Reopen),
    ]
}

fn object(n: u8) -> Instance {
    let mut i = instance(&format!("object {n}"));
    i.status = [
        Status::Ready,
        Status::Tainted,
        Status::Pending,
        Status::Unprovisioned,
    ][usize::from(n % 4)];
    i.create_before_destroy = n.is_multiple_of(2);
    i.schema_version = u64::from(n);
    i
}

fn finish(n: Option<u8>, failed: bool) -> Finish {
    let f = n.map_or_else(Finish::absent, |n| {
        if n == 0 {
            Outcome::Unchanged.into()
        } else {
            Finish::present(object(n))
        }
    });
    if failed { f.failed("it failed") } else { f }
}

fn outputs(n: u8) -> BTreeMap<std::sync::Arc<str>, OutputValue> {
    (0..n)
        .map(|i| {
            let value = Value::int(i64::from(i)).with_marks(Marks::SENSITIVE);
            let sensitive = i % 2 == 1;
            (format!("o{i}").into(), OutputValue { value, sensitive })
        })
        .collect()
}

/// What the store has to be.
#[derive(Default)]
struct Model {
    state: State,
    open: Vec<(IntentId, InstanceId, bool, Option<String>)>,
    /// Open, done, failed entries of the history.
    entries: usize,
}

impl Model {
    /// What `write` did counts if it changed something.
    fn change(&mut self, write: impl FnOnce(&mut State)) {
        let before = self.state.clone();
        write(&mut self.state);
        self.state.serial += u64::from(self.state != before);
    }

    fn finish(&mut self, id: &InstanceId, n: Option<u8>) {
        let objects = &mut self.state.instances;
        let changed = match n {
            Some(0) => false,
            Some(n) => {
                objects.insert(id.clone(), object(n));
                true
            }
            None => objects.remove(id).is_some(),
        };
        self.state.serial += u64::from(changed);
    }

    fn deposed(&self, address: usize) -> Option<InstanceId> {
        let addr = id(ADDRESSES[address]).addr;
        let mut all = self.state.instances.keys();
        all.find(|i| i.addr == addr && i.deposed.is_some()).cloned()
    }
}

fn apply(step: &Step, run: &Run, model: &mut Model) {
    let name = |a: &usize| id(ADDRESSES[*a]);
    match step {
        Step::Put(a, n) => {
            let put = RowChange::Put(name(a), Box::new(object(*n)));
            run.write_rows(ChangeKind::Refresh, &[put]).wait().unwrap();
            model.state.instances.insert(name(a), object(*n));
            model.state.serial += 1;
            model.entries += 1;
        }
        Step::Remove(a) => {
            let remove = RowChange::Remove(name(a));
            run.write_rows(ChangeKind::Forget, &[remove])
                .wait()
                .unwrap();
            model.change(|s| drop(s.instances.remove(&name(a))));
            model.entries += 1;
        }
        Step::Move(from, to) => {
            let (from, to) = (name(from), name(to));
            let change = RowChange::Move {
                from: from.clone(),
                to: to.clone(),
            };
            let result = run.write_rows(ChangeKind::Move, &[change]).wait();
            let objects = &model.state.instances;
            let possible =
                objects.contains_key(&from) && (from == to || !objects.contains_key(&to));
            assert_eq!(result.is_ok(), possible, "{result:?}");
            if possible {
                model.change(|s| {
                    let object = s.instances.remove(&from).unwrap();
                    s.instances.insert(to, object);
                });
                model.entries += 1;
            }
        }
        Step::Record(a, n, failed) => {
            run.record(&record(ADDRESSES[*a], finish(*n, *failed)))
                .wait()
                .unwrap();
            model.finish(&name(a), *n);
            model.entries += 1;
        }
        Step::Intend(a) => {
            let open = run
                .intend(&intent(ADDRESSES[*a], IntentAction::Update))
                .wait()
                .unwrap();
            model.open.push((open, name(a), false, None));
            model.entries += 1;
        }
        Step::Reveal(i, n) => {
            let Some((open, id, revealed, _)) = model.open.get_mut(*i) else {
                return;
            };
            run.reveal(*open, &object(*n)).wait().unwrap();
            *revealed = true;
            model.state.instances.insert(id.clone(), object(*n));
            model.state.serial += 1;
        }
        Step::Finish(i, n, failed) => {
            if *i >= model.open.len() {
                return;
            }
            let (open, id, ..) = model.open.remove(*i);
            run.finish(open, &finish(*n, *failed)).wait().unwrap();
            model.finish(&id, *n);
            assert!(run.finish(open, &finish(*n, *failed)).wait().is_err());
        }
        Step::LeaveOpen(i) => {
            let Some((open, _, _, reason)) = model.open.get_mut(*i) else {
                return;
            };
            run.leave_open(*open, "nobody knows").wait().unwrap();
            *reason = Some("nobody knows".into());
        }
        Step::Depose(a) => match run.depose(&name(a).addr).wait() {
            Ok(key) => {
                let object = model.state.instances.remove(&name(a)).unwrap();
                let aside = InstanceId {
                    addr: name(a).addr,
                    deposed: Some(key),
                };
                assert!(model.state.instances.insert(aside, object).is_none());
                model.state.serial += 1;
                model.entries += 1;
            }
            Err(_) => assert!(!model.state.instances.contains_key(&name(a))),
        },
        Step::Restore(a) => {
            let aside = model.deposed(*a);
            let none = DeposedKey("00000000".into());
            let key = aside
                .as_ref()
                .and_then(|i| i.deposed.clone())
                .unwrap_or(none);
            let result = run.restore(&name(a).addr, &key).wait();
            match aside {
                Some(aside) if !model.state.instances.contains_key(&name(a)) => {
                    result.unwrap();
                    let object = model.state.instances.remove(&aside).unwrap();
                    model.state.instances.insert(name(a), object);
                    model.state.serial += 1;
                    model.entries += 1;
                }
                _ => assert!(result.is_err()),
            }
        }
        Step::Taint(a, taint) => {
            let status = if *taint {
                Status::Tainted
            } else {
                Status::Ready
            };
            let result = run.set_status(&name(a), status);
            assert_eq!(result.is_ok(), model.state.instances.contains_key(&name(a)));
            if result.is_ok() {
                let serial = model.state.serial;
                model.change(|s| {
                    s.instances.entry(name(a)).and_modify(|i| i.status = status);
                });
                model.entries += usize::from(model.state.serial != serial);
            }
        }
        Step::Outputs(n) => {
            run.set_outputs(outputs(*n)).wait().unwrap();
            model.change(|s| s.outputs = outputs(*n));
        }
        Step::Reopen => {}
    }
}

fn check(store: &Store, model: &Model) {
    let state = store.snapshot().unwrap();
    assert_eq!(state, model.state);
    let open: Vec<_> = store
        .open_intents()
        .unwrap()
        .into_iter()
        .map(|o| {
            assert_eq!(
                o.record.planned,
                intent("a_b.c", IntentAction::Update).planned
            );
            (o.id, o.record.id, o.revealed, o.reason)
        })
        .collect();
    assert_eq!(open, model.open);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_store_is_what_was_written(steps in prop::collection::vec(step(), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("default.db");
        let mut store = Store::open(&path, OpenOptions::write()).unwrap();
        let mut run = store.begin_run(&operation(), None).unwrap();
        let mut model = Model::default();
        model.state.lineage = store.identity().unwrap().lineage;
        for step in &steps {
            apply(step, &run, &mut model);
            check(&store, &model);
            if matches!(step, Step::Reopen) {
                drop(run);
                drop(store);
                store = Store::open(&path, OpenOptions::write()).unwrap();
                run = store.begin_run(&operation(), None).unwrap();
            }
        }
        let entries: usize = store
            .history(usize::MAX)
            .unwrap()
            .iter()
            .map(|r| store.changes_of(r.id).unwrap().len())
            .sum();
        prop_assert_eq!(entries, model.entries);
    }
}
