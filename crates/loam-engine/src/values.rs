//! What has been evaluated so far: the values that references look up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use loam_address::{
    AbsResourceAddr, ActionAddr, InstanceAddr, InstanceKey, ModuleAddr, ResourceAddr,
};
use loam_state::{Instance, InstanceId};
use loam_value::{Type, Value, ValueMap};
use rustc_hash::FxHashMap;

/// The instances that a block with `count`, `for_each` or neither stands for.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Expansion {
    /// One instance without a key.
    #[default]
    Single,
    /// None, because `lifecycle { enabled = false }`.
    Disabled,
    /// As many as `count` says.
    Count(u64),
    /// One for each key, with its `each.value`.
    Keys(Arc<ValueMap>),
}

impl Expansion {
    /// The instance keys, in order.
    pub fn keys(&self) -> Vec<InstanceKey> {
        match self {
            Expansion::Single => vec![InstanceKey::None],
            Expansion::Disabled => Vec::new(),
            Expansion::Count(n) => (0..*n).map(InstanceKey::Int).collect(),
            Expansion::Keys(keys) => keys.keys().cloned().map(InstanceKey::Str).collect(),
        }
    }

    /// True if there is no instance.
    pub fn is_empty(&self) -> bool {
        match self {
            Expansion::Single => false,
            Expansion::Disabled => true,
            Expansion::Count(n) => *n == 0,
            Expansion::Keys(keys) => keys.is_empty(),
        }
    }

    /// True if there is an instance of this key.
    pub fn contains(&self, key: &InstanceKey) -> bool {
        match (self, key) {
            (Expansion::Single, InstanceKey::None) => true,
            (Expansion::Count(n), InstanceKey::Int(i)) => i < n,
            (Expansion::Keys(keys), InstanceKey::Str(k)) => keys.contains_key(k),
            _ => false,
        }
    }

    /// `each.value` of an instance.
    pub fn each_value(&self, key: &InstanceKey) -> Option<Value> {
        match (self, key) {
            (Expansion::Keys(keys), InstanceKey::Str(k)) => keys.get(k).cloned(),
            _ => None,
        }
    }
}

/// The evaluated instances of one block.
#[derive(Debug, Default)]
pub struct Instances {
    /// What the block expands to.
    pub expansion: Expansion,
    /// The value of the only instance of a block that is not repeated.
    single: Option<Value>,
    repeated: Option<Box<Repeated>>,
}

/// What is known of the instances of a block that has several, or one that is left out.
#[derive(Debug, Default)]
struct Repeated {
    /// The values of instances evaluated so far.
    values: FxHashMap<InstanceKey, Value>,
    /// Instances that are left out of this run and do not exist yet.
    absent: BTreeSet<InstanceKey>,
    /// What there is of a block that is not planned, where that is not what it expands to.
    there: Option<Expansion>,
    whole: OnceLock<Value>,
}

impl Instances {
    /// With no instance evaluated yet.
    pub fn new(expansion: Expansion) -> Instances {
        Instances {
            expansion,
            single: None,
            repeated: None,
        }
    }

    /// The value of an instance, if it has been evaluated.
    pub fn value(&self, key: &InstanceKey) -> Option<&Value> {
        match key {
            InstanceKey::None => self.single.as_ref(),
            key => self.repeated.as_ref()?.values.get(key),
        }
    }

    /// The instances that a reference can mean: those that the block expands to, or of one
    /// that is not planned those that there are.
    pub fn there(&self) -> &Expansion {
        let repeated = self.repeated.as_ref();
        let there = repeated.and_then(|r| r.there.as_ref());
        there.unwrap_or(&self.expansion)
    }

    /// Says which instances there are of a block that is not planned. Their values are set
    /// besides.
    pub fn set_there<'k>(&mut self, keys: impl Iterator<Item = &'k InstanceKey>) {
        let there = match &self.expansion {
            Expansion::Single | Expansion::Disabled => return,
            Expansion::Count(_) => {
                let numbers = keys.filter_map(|k| match k {
                    InstanceKey::Int(i) => Some(i.saturating_add(1)),
                    _ => None,
                });
                Expansion::Count(numbers.max().unwrap_or(0))
            }
            Expansion::Keys(_) => {
                let names = keys.filter_map(|k| match k {
                    InstanceKey::Str(s) => Some((s.clone(), Value::dynamic())),
                    _ => None,
                });
                Expansion::Keys(Arc::new(names.collect()))
            }
        };
        let repeated = self.repeated.get_or_insert_default();
        repeated.whole = OnceLock::new();
        repeated.there = (there != self.expansion).then_some(there);
    }

    /// Whether an instance is left out of this run and does not exist.
    pub fn is_absent(&self, key: &InstanceKey) -> bool {
        let repeated = self.repeated.as_ref();
        repeated.is_some_and(|r| r.absent.contains(key))
    }

    /// The block as a whole: the instance, a tuple, or an object by key. Instances that
    /// have no value (yet) are unknown; those that are absent are not in it, except where
    /// another follows in a tuple. Made once, however often it is asked for.
    pub fn whole(&self) -> Value {
        let value = |k: &InstanceKey| self.value(k).cloned().unwrap_or_else(Value::dynamic);
        let make = || match self.there() {
            Expansion::Single => value(&InstanceKey::None),
            Expansion::Disabled => Value::null(Type::Dynamic),
            Expansion::Count(n) => {
                let there = |i: &u64| !self.is_absent(&InstanceKey::Int(*i));
                let end = (0..*n).rev().find(there).map_or(0, |last| last + 1);
                Value::tuple((0..end).map(|i| value(&InstanceKey::Int(i))).collect())
            }
            Expansion::Keys(keys) => {
                let entries: ValueMap = keys
                    .keys()
                    .map(|k| (k, InstanceKey::Str(k.clone())))
                    .filter(|(_, key)| !self.is_absent(key))
                    .map(|(k, key)| (k.clone(), value(&key)))
                    .collect();
                Value::object(entries)
            }
        };
        match &self.repeated {
            Some(repeated) => repeated.whole.get_or_init(make).clone(),
            None => make(),
        }
    }

    /// Records an instance's value. What was made as a whole before is forgotten.
    pub fn set(&mut self, key: InstanceKey, value: Value) {
        if let Some(changed) = self.changed(&key) {
            changed.values.insert(key, value);
        } else {
            self.single = Some(value);
        }
    }

    /// Says that an instance is left out of this run and does not exist. What was made as
    /// a whole before is forgotten.
    pub fn set_absent(&mut self, key: InstanceKey) {
        let repeated = self.repeated.get_or_insert_default();
        repeated.whole = OnceLock::new();
        repeated.absent.insert(key);
    }

    /// Whether an instance is neither in the block as a whole nor about to be.
    pub fn is_missing(&self, key: &InstanceKey) -> bool {
        match (&self.expansion, key) {
            // Before another one there is a gap, which is not known yet.
            (Expansion::Count(n), InstanceKey::Int(i)) => {
                let there = |later| !self.is_absent(&InstanceKey::Int(later));
                self.is_absent(key) && !(i + 1..*n).any(there)
            }
            _ => self.is_absent(key),
        }
    }

    /// Takes an instance's value back: it is unknown again.
    pub fn unset(&mut self, key: &InstanceKey) {
        if let Some(changed) = self.changed(key) {
            changed.values.remove(key);
        } else {
            self.single = None;
        }
    }

    /// Where the value of an instance with a key stands, to be changed. What was made as a
    /// whole before is forgotten.
    fn changed(&mut self, key: &InstanceKey) -> Option<&mut Repeated> {
        if let Some(repeated) = &mut self.repeated {
            repeated.whole = OnceLock::new();
        }
        (*key != InstanceKey::None).then(|| &mut **self.repeated.get_or_insert_default())
    }
}

/// The evaluated objects of one module instance.
#[derive(Debug, Default)]
pub struct ModuleValues {
    /// Input variables.
    pub variables: FxHashMap<Arc<str>, Value>,
    /// Local values.
    pub locals: FxHashMap<Arc<str>, Value>,
    /// Output values.
    pub outputs: BTreeMap<Arc<str>, Value>,
    /// Resources, managed and data.
    pub resources: FxHashMap<ResourceAddr, Instances>,
    /// Called modules' instances.
    pub calls: FxHashMap<Arc<str>, Expansion>,
    /// Actions' instances.
    pub actions: FxHashMap<ActionAddr, Expansion>,
}

/// All that has been evaluated so far.
#[derive(Debug, Default)]
pub struct Values {
    modules: FxHashMap<ModuleAddr, ModuleValues>,
    empty: ModuleValues,
}

impl Values {
    /// Nothing but the root module's only instance.
    pub fn new() -> Values {
        let mut v = Values::default();
        v.modules
            .insert(ModuleAddr::root(), ModuleValues::default());
        v
    }

    /// Whether any module call or resource has no instance: what is written in it has not
    /// been evaluated.
    pub fn lack_instances(&self) -> bool {
        self.modules.values().any(|m| {
            let resources = m.resources.values().map(|r| &r.expansion);
            m.calls.values().chain(resources).any(Expansion::is_empty)
        })
    }

    /// The values of a module instance; empty if there is no such instance.
    pub fn module(&self, addr: &ModuleAddr) -> &ModuleValues {
        self.modules.get(addr).unwrap_or(&self.empty)
    }

    /// The values of a module instance, to add to.
    pub fn module_mut(&mut self, addr: &ModuleAddr) -> &mut ModuleValues {
        self.modules.entry(addr.clone()).or_default()
    }

    /// Takes a resource in a module instance as it is among these objects, whatever the
    /// configuration asks for.
    pub fn take_stored(&mut self, of: &AbsResourceAddr, objects: &BTreeMap<InstanceId, Instance>) {
        let stored: Vec<_> = stored(of, objects).collect();
        let module = self.module_mut(&of.module);
        if let Some(instances) = module.resources.get_mut(&of.resource) {
            instances.set_there(stored.iter().map(|(addr, _)| &addr.key));
            for (addr, value) in stored {
                instances.set(addr.key.clone(), value.clone());
            }
        }
    }

    /// Takes the instances of a resource that the configuration does not ask for, and that
    /// stay nevertheless, as there, too.
    pub fn keep_stored(
        &mut self,
        of: &AbsResourceAddr,
        objects: &BTreeMap<InstanceId, Instance>,
        stays: impl Fn(&InstanceAddr) -> bool,
    ) {
        let module = self.module_mut(&of.module);
        let Some(instances) = module.resources.get_mut(&of.resource) else {
            return;
        };
        let stored = stored(of, objects);
        let stored = stored.filter(|(addr, _)| !instances.expansion.contains(&addr.key));
        let kept: Vec<_> = stored.filter(|(addr, _)| stays(addr)).collect();
        if kept.is_empty() {
            return;
        }
        let mut keys = instances.expansion.keys();
        keys.retain(|key| !instances.is_absent(key));
        keys.extend(kept.iter().map(|(addr, _)| addr.key.clone()));
        instances.set_there(keys.iter());
        for (addr, value) in kept {
            instances.set(addr.key.clone(), value.clone());
        }
    }

    /// The value of a module call's instance: an object of its outputs.
    pub fn module_object(&self, addr: &ModuleAddr) -> Value {
        Value::object(
            self.module(addr)
                .outputs
                .iter()
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect(),
        )
    }
}

/// The current objects of a resource in a module instance, with their values.
fn stored<'o>(
    of: &'o AbsResourceAddr,
    objects: &'o BTreeMap<InstanceId, Instance>,
) -> impl Iterator<Item = (&'o InstanceAddr, &'o Value)> {
    let current = objects_of(of, objects).filter(|(id, _)| id.deposed.is_none());
    current.map(|(id, instance)| (&id.addr, &instance.value))
}

/// The objects of a resource in a module instance, those that are put aside among them.
pub(crate) fn objects_of<'o>(
    of: &'o AbsResourceAddr,
    objects: &'o BTreeMap<InstanceId, Instance>,
) -> impl Iterator<Item = (&'o InstanceId, &'o Instance)> {
    let first = InstanceId::from(of.instance(InstanceKey::None));
    let from_there = objects.range(first..);
    from_there
        .take_while(move |(id, _)| id.addr.resource == of.resource && id.addr.module == of.module)
}
