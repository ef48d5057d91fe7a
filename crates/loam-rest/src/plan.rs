//! What will become of an object: planning and validating, by the description alone.
//!
//! In: the object before, the configuration, what the engine proposes. Out: the object
//! after (unknown where only applying tells), what cannot change in place, and the cost
//! in requests. Pure: sends nothing.

use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::{PlanRequest, PlannedChange};
use loam_value::{Kind, Path, Refinements, Type, Value, ValueMap};

use crate::cost::Cost;
use crate::description::{
    Field, FieldKind, Fields, OnChange, Request, Resource, Rule, Step, absent,
};
use crate::expression::Names;
use crate::memory::Memory;
use crate::object::{Object, equal};

/// Plans a change. `names` has what all expressions may use.
///
/// `pace` is how many times as fast the API works as it would between two polls: see
/// [`Cost`].
pub(crate) fn plan(
    resource: &Resource,
    request: &PlanRequest<'_>,
    names: &Names,
    pace: f64,
) -> PlannedChange {
    if request.proposed.is_null() {
        return destroy(resource, request, names, pace);
    }
    let mut plan = Plan {
        pace,
        resource,
        request,
        memory: match request.prior.is_null() {
            true => Memory::default(),
            false => Memory::read(request.private),
        },
        values: ValueMap::new(),
        changed: Vec::new(),
        replace: Vec::new(),
        write_only: Vec::new(),
    };
    for field in resource.fields.values() {
        plan.settable(field);
    }
    for field in resource.fields.values() {
        plan.computed(field);
    }
    plan.finish(names)
}

struct Plan<'a> {
    pace: f64,
    resource: &'a Resource,
    request: &'a PlanRequest<'a>,
    memory: Memory,
    values: ValueMap,
    /// Attributes that change in place, by requests.
    changed: Vec<Arc<str>>,
    replace: Vec<Path>,
    write_only: Vec<Path>,
}

impl Plan<'_> {
    fn creating(&self) -> bool {
        self.request.prior.is_null()
    }

    /// Plans what the configuration may set.
    fn settable(&mut self, field: &Field) {
        if !field.settable() {
            return;
        }
        let config = part(self.request.config, field);
        if field.write_only() {
            self.sent_only(field, &config);
            self.values
                .insert(field.name.clone(), Value::null(field.ty.clone()));
            return;
        }
        let prior = part(self.request.prior, field);
        // What an import did not tell stays open until the configuration says something.
        let told = field.readable() && !field.keep;
        let untold = self.memory.imported && !told && prior.is_null();
        let open = self.memory.left_open && !told && prior.is_null();
        let planned = match (&field.default, config.is_null()) {
            (Some(_), true) if untold || open => prior.clone(),
            (Some(default), true) => default.clone(),
            _ => completed(field, part(self.request.proposed, field)),
        };
        if self.creating() {
            self.values
                .insert(field.name.clone(), fill(field, &planned));
            return;
        }
        let (old, new) = (prior.unmarked_deep(), planned.unmarked_deep());
        let own = || self.request.proposed.unmarked_deep();
        if same(field, &old, &new, &own) {
            // The old value, in case it is only written differently; with the marks of
            // the new one.
            let value = match old == new {
                true => planned,
                false => prior.with_marks(planned.marks()),
            };
            self.values.insert(field.name.clone(), value);
            return;
        }
        self.values
            .insert(field.name.clone(), fill(field, &planned));
        if untold {
            return;
        }
        let names = Names::default().with("value", new).with("prior", old);
        match &field.replace_when {
            Some(when) if when.truth(&names).unwrap_or(true) => self.replace(field),
            _ => self.change(field),
        }
    }

    /// Plans a value that is sent and not stored.
    fn sent_only(&mut self, field: &Field, config: &Value) {
        let config = config.unmarked_deep();
        let differs = match config.is_wholly_known() {
            true => self.memory.intend(&field.name, &config),
            false => true,
        };
        if differs && !self.creating() {
            self.write_only
                .push(Path::root().attribute(field.name.clone()));
            self.change(field);
        }
    }

    fn replace(&mut self, field: &Field) {
        self.replace
            .push(Path::root().attribute(field.name.clone()));
    }

    fn change(&mut self, field: &Field) {
        match field.on_change {
            OnChange::Replace => self.replace(field),
            OnChange::Update => self.changed.push(field.name.clone()),
            OnChange::Remember => {}
        }
    }

    /// Plans what the provider sets where the configuration does not.
    fn computed(&mut self, field: &Field) {
        if !field.computed() {
            return;
        }
        let name = &field.name;
        let set = self.values.get(name).is_some_and(|v| !v.is_null());
        let unset_in_config = part(self.request.config, field).is_null();
        if self.creating() {
            if !set {
                let unknown = self.unknown(field);
                self.values.insert(name.clone(), unknown);
            }
            return;
        }
        if set && !unset_in_config {
            return;
        }
        let prior = part(self.request.prior, field);
        let moves = !self.changed.is_empty()
            && (field.volatile || field.changes_with.iter().any(|c| self.changed.contains(c)));
        let unsettled = self.request.pending && prior.is_null() && field.default.is_none();
        if (moves || unsettled) && field.default.is_none() {
            let unknown = self.unknown(field);
            self.values.insert(name.clone(), unknown);
        } else if !set {
            self.values.insert(name.clone(), prior);
        }
    }

    fn unknown(&self, field: &Field) -> Value {
        let refinements = match self.resource.identity.contains(&field.name) {
            true => Refinements::not_null(),
            false => Refinements::default(),
        };
        Value::refined(field.ty.clone(), refinements)
    }

    fn finish(mut self, names: &Names) -> PlannedChange {
        let mut object = Object::of(&self.resource.fields, &Value::null(Type::Dynamic));
        object.values = std::mem::take(&mut self.values);
        if self.creating() || !self.changed.is_empty() || !self.replace.is_empty() {
            object.derive();
        }
        let names = names
            .clone()
            .with("self", object.seen(self.request.config))
            .with("prior", self.request.prior.unmarked_deep())
            .with("config", self.request.config.unmarked_deep())
            // What answers will tell: a condition on it counts as a yes.
            .with("remembered", Value::dynamic())
            .with("sent", Value::dynamic());
        let mut diagnostics = Diagnostics::new();
        if !self.replace.is_empty() {
            diagnostics.append(broken(&self.resource.replace_rules, &names));
        } else if !self.changed.is_empty() {
            diagnostics.append(broken(&self.resource.change_rules, &names));
        }
        let mut cost = Cost::new(self.pace);
        if self.creating() {
            cost.add(&self.resource.create, &names);
            cost.own += self.reading_back(&object, &self.resource.create);
        } else {
            if self.request.pending {
                cost.add(&self.resource.create, &names);
                // It has been sent.
                cost.own = cost.own.saturating_sub(1).max(1);
            }
            for update in &self.resource.updates {
                if update.attributes.iter().any(|a| self.changed.contains(a)) {
                    cost.add(&update.steps, &names);
                }
            }
            if cost.own + cost.shared > 0 && object.incomplete() {
                cost.own += self.reading_back(&object, &[]);
            }
        }
        PlannedChange {
            planned: Value::object(object.values),
            requires_replace: self.replace,
            write_only_changes: self.write_only,
            private: self.memory.write(),
            requests: cost.own,
            shared_requests: cost.shared,
            diagnostics,
        }
    }

    /// Requests to read the object after `steps`, if they do not tell all of it.
    fn reading_back(&self, object: &Object<'_>, steps: &[Step]) -> u64 {
        let told_by = |r: &Request, f: &Field| {
            (r.object.is_some() && f.readable()) || r.result.iter().any(|(n, _)| *n == f.name)
        };
        let told = |f: &Field| {
            steps.iter().any(|step| match step {
                Step::Wait(w) => told_by(&w.request, f),
                Step::Request(r) => told_by(r, f) || r.waits.iter().any(|w| told_by(&w.request, f)),
            })
        };
        let known = |f: &Field| object.get(&f.name).is_wholly_known() || told(f);
        if self.resource.fields.values().all(known) {
            return 0;
        }
        match self.resource.detail_requests() {
            0 => u64::from(self.resource.list.is_some()),
            n => n as u64,
        }
    }
}

fn destroy(
    resource: &Resource,
    request: &PlanRequest<'_>,
    names: &Names,
    pace: f64,
) -> PlannedChange {
    let names = names.clone().with("self", request.prior.unmarked_deep());
    let mut diagnostics = Diagnostics::new();
    if let Some(text) = &resource.forget {
        diagnostics.push(Diagnostic::warning(
            "Destroying only forgets this",
            text.clone(),
        ));
    }
    if let Some(text) = &resource.loses {
        diagnostics.push(Diagnostic::warning(
            "Destroying this loses data",
            text.clone(),
        ));
    }
    let mut cost = Cost::new(pace);
    cost.add(&resource.delete, &names);
    PlannedChange {
        planned: request.proposed.clone(),
        requires_replace: Vec::new(),
        write_only_changes: Vec::new(),
        private: request.private.clone(),
        requests: cost.own,
        shared_requests: cost.shared,
        diagnostics,
    }
}

/// A field's part of an object; what is absent for null and unknown objects.
fn part(object: &Value, field: &Field) -> Value {
    object.get(&field.name).unwrap_or_else(|| absent(field))
}

/// A value with the defaults that its type gives further in.
fn completed(field: &Field, value: Value) -> Value {
    if field.inner_defaults.is_empty() {
        return value;
    }
    let full = loam_value::convert::convert_with_defaults(&value, &field.ty, &field.inner_defaults);
    full.unwrap_or(value)
}

/// Whether two values of a field mean the same, what the provider sets aside.
fn same(field: &Field, old: &Value, new: &Value, own: &dyn Fn() -> Value) -> bool {
    match &field.kind {
        FieldKind::Attribute(_) => equal(field, old, new, own),
        FieldKind::Block(_, inner) => old == new || agree(inner, old, new, own),
    }
}

/// Whether the objects of a block could have come from what is now asked for: what is
/// left to the provider may be anything.
fn agree(inner: &[Field], old: &Value, new: &Value, own: &dyn Fn() -> Value) -> bool {
    let all = |old: &[Value], new: &[Value]| {
        old.len() == new.len() && old.iter().zip(new).all(|(o, n)| agree(inner, o, n, own))
    };
    match (old.kind(), new.kind()) {
        (Kind::Object(_), Kind::Object(_)) => inner
            .iter()
            .filter(|f| f.settable())
            .all(|f| agrees(f, &part(old, f), &part(new, f), own)),
        (Kind::List(_, old), Kind::List(_, new)) => all(old, new),
        (Kind::Map(_, old), Kind::Map(_, new)) => {
            let same = |(label, n): (&Arc<str>, &Value)| {
                old.get(label).is_some_and(|o| agree(inner, o, n, own))
            };
            old.len() == new.len() && new.iter().all(same)
        }
        (Kind::Set(_, old), Kind::Set(_, new)) => {
            // Each of the new ones has an old one of its own.
            let mut left: Vec<&Value> = old.iter().collect();
            let twin = |n: &Value| {
                let found = left.iter().position(|o| agree(inner, o, n, own));
                found.map(|i| left.remove(i)).is_some()
            };
            old.len() == new.len() && new.iter().all(twin)
        }
        _ => false,
    }
}

fn agrees(field: &Field, old: &Value, new: &Value, own: &dyn Fn() -> Value) -> bool {
    match (&field.default, new.is_null()) {
        (Some(default), true) => same(field, old, default, own),
        (None, true) if field.computed() => true,
        // Answers never tell it, and it is not known.
        _ if old.is_null() && !field.readable() => true,
        _ => same(field, old, new, own),
    }
}

/// A block's value with unknown where the provider will set something.
fn fill(field: &Field, value: &Value) -> Value {
    let FieldKind::Block(_, inner) = &field.kind else {
        return value.clone();
    };
    map_objects(value, &mut |object| {
        let mut entries = object.entries().cloned().unwrap_or_default();
        for f in inner {
            let v = part(object, f);
            let v = match (&f.default, v.is_null()) {
                (Some(default), true) => default.clone(),
                (None, true) if f.computed() => Value::unknown(f.ty.clone()),
                _ => fill(f, &v),
            };
            entries.insert(f.name.clone(), v);
        }
        Value::object(entries).with_marks(object.marks())
    })
}

/// Applies `f` to the object or objects of a block's value.
fn map_objects(value: &Value, f: &mut dyn FnMut(&Value) -> Value) -> Value {
    match value.kind() {
        Kind::Object(_) => f(value),
        Kind::List(..) | Kind::Set(..) => {
            let items: Vec<Value> = value.elements().unwrap_or_default().iter().map(f).collect();
            let ty = items.first().map_or(Type::Dynamic, Value::ty);
            let mapped = match value.kind() {
                Kind::Set(t, _) if items.is_empty() => Value::set(t.clone(), items),
                Kind::List(t, _) if items.is_empty() => Value::list(t.clone(), items),
                Kind::Set(..) => Value::set(ty, items),
                _ => Value::list(ty, items),
            };
            mapped.with_marks(value.marks())
        }
        Kind::Map(t, items) => {
            let items: ValueMap = items.iter().map(|(k, v)| (k.clone(), f(v))).collect();
            let ty = items.values().next().map_or_else(|| t.clone(), Value::ty);
            Value::map(ty, items).with_marks(value.marks())
        }
        _ => value.clone(),
    }
}

/// Checks a configuration against the rules of its fields and of the whole.
pub(crate) fn validate(
    fields: &Fields,
    rules: &[Rule],
    config: &Value,
    names: &Names,
) -> Diagnostics {
    let config = config.unmarked_deep();
    let mut problems = Diagnostics::new();
    check_fields(fields.values(), &config, &config, "", &mut problems);
    problems.append(broken(rules, &names.clone().with("config", config)));
    problems
}

fn check_fields<'a>(
    fields: impl Iterator<Item = &'a Field>,
    object: &Value,
    config: &Value,
    place: &str,
    problems: &mut Diagnostics,
) {
    for field in fields {
        let value = part(object, field);
        if value.is_null() || value.is_unknown() {
            continue;
        }
        let place = format!("{place}{}", field.name);
        let names = Names::default()
            .with("value", value.clone())
            .with("config", config.clone());
        for rule in &field.rules {
            let broken = rule.condition.eval(&names).ok();
            if broken.is_some_and(|v| v.as_bool() == Some(false)) {
                problems.push(Diagnostic::error(
                    "Invalid value for an argument",
                    format!("{place}: {}", rule.message),
                ));
            }
        }
        if let FieldKind::Block(_, inner) = &field.kind {
            let objects: Vec<(String, &Value)> = match (value.kind(), value.elements()) {
                (Kind::Map(_, o), _) => o.iter().map(|(k, v)| (format!("[{k:?}]"), v)).collect(),
                (_, Some(items)) => {
                    let numbered = items.iter().enumerate();
                    numbered.map(|(i, v)| (format!("[{i}]"), v)).collect()
                }
                _ => vec![(String::new(), &value)],
            };
            for (index, object) in objects {
                let place = format!("{place}{index}.");
                check_fields(inner.iter(), object, config, &place, problems);
            }
        }
    }
}

/// The messages of rules that certainly do not hold; what is unknown may yet hold.
fn broken(rules: &[Rule], names: &Names) -> Diagnostics {
    let mut problems = Diagnostics::new();
    for rule in rules {
        let value = rule.condition.eval(names).ok();
        if value.is_some_and(|v| v.as_bool() == Some(false)) {
            problems.push(Diagnostic::error(
                "Invalid configuration",
                rule.message.clone(),
            ));
        }
    }
    problems
}
