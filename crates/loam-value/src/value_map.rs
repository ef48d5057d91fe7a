//! The elements of a map or the attributes of an object.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::slice;
use std::sync::Arc;
use std::vec;

use crate::Value;

/// Up to so many entries stand in one piece: nearly all objects have fewer attributes, and
/// a plan has very many objects.
const FEW: usize = 32;

/// Values by name, in the order of their names.
#[derive(Clone)]
pub struct ValueMap(Entries);

#[derive(Clone)]
enum Entries {
    /// Sorted, no name twice.
    Few(Vec<(Arc<str>, Value)>),
    Many(BTreeMap<Arc<str>, Value>),
}

impl ValueMap {
    /// Without entries.
    pub const fn new() -> ValueMap {
        ValueMap(Entries::Few(Vec::new()))
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        match &self.0 {
            Entries::Few(few) => few.len(),
            Entries::Many(many) => many.len(),
        }
    }

    /// True without entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match &self.0 {
            Entries::Few(few) => Some(&few[position(few, name).ok()?].1),
            Entries::Many(many) => many.get(name),
        }
    }

    /// The value of a name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        match &mut self.0 {
            Entries::Few(few) => position(few, name).ok().map(|at| &mut few[at].1),
            Entries::Many(many) => many.get_mut(name),
        }
    }

    /// True if the name has a value.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Gives a name a value. Returns the one that it had.
    pub fn insert(&mut self, name: Arc<str>, value: Value) -> Option<Value> {
        match &mut self.0 {
            Entries::Few(few) => match position(few, &name) {
                Ok(at) => Some(std::mem::replace(&mut few[at].1, value)),
                Err(at) if few.len() < FEW => {
                    few.insert(at, (name, value));
                    None
                }
                Err(_) => {
                    let mut many: BTreeMap<_, _> = std::mem::take(few).into_iter().collect();
                    many.insert(name, value);
                    self.0 = Entries::Many(many);
                    None
                }
            },
            Entries::Many(many) => many.insert(name, value),
        }
    }

    /// Takes a name out. Returns the value that it had.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        match &mut self.0 {
            Entries::Few(few) => position(few, name).ok().map(|at| few.remove(at).1),
            Entries::Many(many) => many.remove(name),
        }
    }

    /// Keeps only what the test holds of.
    pub fn retain(&mut self, mut test: impl FnMut(&Arc<str>, &mut Value) -> bool) {
        match &mut self.0 {
            Entries::Few(few) => few.retain_mut(|(name, value)| test(name, value)),
            Entries::Many(many) => many.retain(test),
        }
    }

    /// The entries, in the order of their names.
    pub fn iter(&self) -> Iter<'_> {
        match &self.0 {
            Entries::Few(few) => Iter::Few(few.iter()),
            Entries::Many(many) => Iter::Many(many.iter()),
        }
    }

    /// The entries, in the order of their names, the values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Arc<str>, &mut Value)> {
        let (few, many) = match &mut self.0 {
            Entries::Few(few) => (Some(few), None),
            Entries::Many(many) => (None, Some(many)),
        };
        let few = few.into_iter().flatten();
        let few = few.map(|(name, value)| (&*name, value));
        few.chain(many.into_iter().flatten())
    }

    /// The names, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Arc<str>> + ExactSizeIterator + Clone {
        self.iter().map(|(name, _)| name)
    }

    /// The names of a map that is given up, in order.
    pub fn into_keys(self) -> impl Iterator<Item = Arc<str>> {
        self.into_iter().map(|(name, _)| name)
    }

    /// The values of a map that is given up, in the order of their names.
    pub fn into_values(self) -> impl Iterator<Item = Value> {
        self.into_iter().map(|(_, value)| value)
    }

    /// The values, in the order of their names.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator + Clone {
        self.iter().map(|(_, value)| value)
    }
}

fn position(few: &[(Arc<str>, Value)], name: &str) -> Result<usize, usize> {
    few.binary_search_by(|(n, _)| (**n).cmp(name))
}

/// The entries of a [`ValueMap`], in the order of their names.
#[derive(Clone)]
pub enum Iter<'a> {
    #[doc(hidden)]
    Few(slice::Iter<'a, (Arc<str>, Value)>),
    #[doc(hidden)]
    Many(btree_map::Iter<'a, Arc<str>, Value>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Arc<str>, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Iter::Few(few) => few.next().map(|(name, value)| (name, value)),
            Iter::Many(many) => many.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Iter::Few(few) => few.size_hint(),
            Iter::Many(many) => many.size_hint(),
        }
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match self {
            Iter::Few(few) => few.next_back().map(|(name, value)| (name, value)),
            Iter::Many(many) => many.next_back(),
        }
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// The entries of a [`ValueMap`] that is given up, in the order of their names.
pub enum IntoIter {
    #[doc(hidden)]
    Few(vec::IntoIter<(Arc<str>, Value)>),
    #[doc(hidden)]
    Many(btree_map::IntoIter<Arc<str>, Value>),
}

impl Iterator for IntoIter {
    type Item = (Arc<str>, Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            IntoIter::Few(few) => few.next(),
            IntoIter::Many(many) => many.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            IntoIter::Few(few) => few.size_hint(),
            IntoIter::Many(many) => many.size_hint(),
        }
    }
}

impl ExactSizeIterator for IntoIter {}

impl<'a> IntoIterator for &'a ValueMap {
    type Item = (&'a Arc<str>, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for ValueMap {
    type Item = (Arc<str>, Value);
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        match self.0 {
            Entries::Few(few) => IntoIter::Few(few.into_iter()),
            Entries::Many(many) => IntoIter::Many(many.into_iter()),
        }
    }
}

impl FromIterator<(Arc<str>, Value)> for ValueMap {
    /// Of two entries with one name the later stays.
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(entries: I) -> ValueMap {
        let mut entries = entries.into_iter();
        let (least, _) = entries.size_hint();
        if least > FEW {
            return ValueMap(Entries::Many(entries.collect()));
        }
        let mut few: Vec<(Arc<str>, Value)> = Vec::with_capacity(least);
        for (name, value) in entries.by_ref() {
            // What is made from another map comes in order.
            match few.last().is_none_or(|(last, _)| **last < *name) {
                true => few.push((name, value)),
                false => match position(&few, &name) {
                    Ok(at) => few[at].1 = value,
                    Err(at) => few.insert(at, (name, value)),
                },
            }
            if few.len() > FEW {
                let mut many: BTreeMap<_, _> = few.into_iter().collect();
                many.extend(entries);
                return ValueMap(Entries::Many(many));
            }
        }
        few.shrink_to_fit();
        ValueMap(Entries::Few(few))
    }
}

impl<const N: usize> From<[(Arc<str>, Value); N]> for ValueMap {
    fn from(entries: [(Arc<str>, Value); N]) -> ValueMap {
        entries.into_iter().collect()
    }
}

impl Extend<(Arc<str>, Value)> for ValueMap {
    fn extend<I: IntoIterator<Item = (Arc<str>, Value)>>(&mut self, entries: I) {
        for (name, value) in entries {
            self.insert(name, value);
        }
    }
}

impl Default for ValueMap {
    fn default() -> ValueMap {
        ValueMap::new()
    }
}

impl PartialEq for ValueMap {
    fn eq(&self, other: &ValueMap) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for ValueMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
