//! A `ValueMap` is what a sorted map is, however many entries it has.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_value::{Kind, Value, ValueMap};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Change {
    Insert(u8, i64),
    Remove(u8),
    Retain(u8),
    Extend(Vec<(u8, i64)>),
    Collect,
}

fn name(n: u8) -> Arc<str> {
    format!("n{n}").into()
}

fn change() -> impl Strategy<Value = Change> {
    let pairs = prop::collection::vec((0..60u8, any::<i64>()), 0..50);
    prop_oneof![
        8 => (0..60u8, any::<i64>()).prop_map(|(n, v)| Change::Insert(n, v)),
        4 => (0..60u8).prop_map(Change::Remove),
        1 => (2..9u8).prop_map(Change::Retain),
        1 => pairs.prop_map(Change::Extend),
        1 => Just(Change::Collect),
    ]
}

fn number(value: &Value) -> i64 {
    match value.kind() {
        Kind::Number(n) => n.to_i64().unwrap_or_default(),
        _ => 0,
    }
}

proptest! {
    #[test]
    fn it_holds_what_a_sorted_map_holds(changes in prop::collection::vec(change(), 0..80)) {
        let mut map = ValueMap::new();
        let mut model: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for change in changes {
            match change {
                Change::Insert(n, v) => prop_assert_eq!(
                    map.insert(name(n), Value::int(v)),
                    model.insert(name(n), Value::int(v))
                ),
                Change::Remove(n) => {
                    prop_assert_eq!(map.remove(&name(n)), model.remove(&name(n)))
                }
                Change::Retain(by) => {
                    let test = |v: &Value| number(v).rem_euclid(by.into()) != 0;
                    map.retain(|_, v| test(v));
                    model.retain(|_, v| test(v));
                }
                Change::Extend(pairs) => {
                    let pairs = pairs.into_iter().map(|(n, v)| (name(n), Value::int(v)));
                    map.extend(pairs.clone());
                    model.extend(pairs);
                }
                Change::Collect => map = map.into_iter().collect(),
            }
            prop_assert_eq!(map.len(), model.len());
            prop_assert_eq!(map.is_empty(), model.is_empty());
            prop_assert!(map.iter().eq(&model));
            prop_assert!(map.iter().rev().eq(model.iter().rev()));
            prop_assert!(map.keys().eq(model.keys()));
            prop_assert!(map.values().eq(model.values()));
            for n in 0..60 {
                prop_assert_eq!(map.get(&name(n)), model.get(&name(n)));
                prop_assert_eq!(map.contains_key(&name(n)), model.contains_key(&name(n)));
            }
        }
        // The same entries are the same map, whatever way they came to be in it.
        let again: ValueMap = model.clone().into_iter().collect();
        prop_assert_eq!(&again, &map);
        let mut changed = map.clone();
        for (_, value) in changed.iter_mut() {
            *value = Value::int(number(value).wrapping_add(1));
        }
        prop_assert!(changed.is_empty() || changed != map);
        prop_assert!(map.into_iter().eq(model));
    }

    #[test]
    fn of_two_entries_with_one_name_the_later_stays(
        pairs in prop::collection::vec((0..60u8, any::<i64>()), 0..90),
        hide_length: bool,
    ) {
        let pairs = pairs.into_iter().map(|(n, v)| (name(n), Value::int(v)));
        let model: BTreeMap<Arc<str>, Value> = pairs.clone().collect();
        // Without a known length it has to find out on its way that there are many.
        let map: ValueMap = match hide_length {
            true => pairs.filter(|_| true).collect(),
            false => pairs.collect(),
        };
        prop_assert!(map.iter().eq(&model));
    }
}
