//! What objects were made from, directly and through others: `depends_on` in a state's
//! JSON. A state keeps the nearest only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use loam_address::ConfigResourceAddr;
use loam_state::{Instance, InstanceId};

/// More than people can read. With all of them the JSON of a chain of ten thousand
/// resources would name fifty million; an object with more names its nearest.
const MOST: usize = 1000;

/// Resources by number, in the order of their names; the numbers of all that one was made
/// from, unless they are too many.
type Numbers = Arc<BTreeSet<usize>>;

/// The resources that the objects of a state were made from.
pub struct Ancestors {
    names: Vec<String>,
    numbers: BTreeMap<ConfigResourceAddr, usize>,
    above: Vec<Option<Numbers>>,
}

impl Ancestors {
    /// Of all objects.
    pub fn of(instances: &BTreeMap<InstanceId, Instance>) -> Ancestors {
        let mut named: BTreeMap<String, ConfigResourceAddr> = BTreeMap::new();
        let mut nearest: BTreeMap<ConfigResourceAddr, BTreeSet<ConfigResourceAddr>> =
            BTreeMap::new();
        for (id, instance) in instances {
            if instance.dependencies.is_empty() {
                continue;
            }
            let own = nearest.entry(id.addr.config_resource()).or_default();
            for of in instance.dependencies.iter() {
                if own.insert(of.clone()) {
                    named.insert(of.to_string(), of.clone());
                }
            }
        }
        let (names, addresses): (Vec<_>, Vec<_>) = named.into_iter().unzip();
        let numbers: BTreeMap<_, _> = addresses.iter().cloned().zip(0..).collect();
        let needs: Vec<Vec<usize>> = addresses
            .iter()
            .map(|addr| {
                let of = nearest.get(addr).into_iter().flatten();
                of.filter_map(|d| numbers.get(d).copied()).collect()
            })
            .collect();
        let above = closures(&needs);
        Ancestors {
            names,
            numbers,
            above,
        }
    }

    /// The names of what an object was made from, in order.
    pub fn names(&self, id: &InstanceId, instance: &Instance) -> Vec<&str> {
        let nearest = instance.dependencies.iter();
        let nearest: BTreeSet<usize> = nearest
            .filter_map(|d| self.numbers.get(d).copied())
            .collect();
        let mut all = with_above(&nearest, &self.above).unwrap_or(nearest);
        if let Some(own) = self.numbers.get(&id.addr.config_resource()) {
            all.remove(own);
        }
        let named = all.into_iter().filter_map(|n| self.names.get(n));
        named.map(String::as_str).collect()
    }
}

/// Some resources and what those were made from; `None` if that is too much.
fn with_above(some: &BTreeSet<usize>, above: &[Option<Numbers>]) -> Option<BTreeSet<usize>> {
    let mut all = some.clone();
    for n in some {
        all.extend(above.get(*n)?.as_ref()?.iter());
        if all.len() > MOST {
            return None;
        }
    }
    Some(all)
}

/// For each resource all that it was made from, with its own stack: a chain may be longer
/// than the program's is deep.
fn closures(needs: &[Vec<usize>]) -> Vec<Option<Numbers>> {
    let mut above: Vec<Option<Numbers>> = vec![None; needs.len()];
    let mut entered = vec![false; needs.len()];
    for start in 0..needs.len() {
        let mut stack = vec![(start, false)];
        while let Some((n, left)) = stack.pop() {
            let Some(direct) = needs.get(n) else { continue };
            if left {
                let direct = direct.iter().copied().filter(|d| *d != n).collect();
                let all = with_above(&direct, &above);
                if let Some(slot) = above.get_mut(n) {
                    *slot = all.map(Arc::new);
                }
            } else if let Some(seen) = entered.get_mut(n).filter(|seen| !**seen) {
                *seen = true;
                stack.push((n, true));
                stack.extend(direct.iter().map(|d| (*d, false)));
            }
        }
    }
    above
}
