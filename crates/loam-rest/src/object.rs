//! The attributes of one object: from answers, from the configuration, from each other.
//!
//! In: what answers say of an object. Out: its attributes, typed as the description
//! says. Values that only look different (see `normalize`) stay as they were.

use std::sync::Arc;

use loam_diag::Diagnostic;
use loam_value::{Type, Value, ValueMap};

use crate::description::{Field, FieldKind, Fields};
use crate::expression::{Expression, Names};
use crate::json;

/// Attributes by name; unknown where nothing has told them yet.
#[derive(Clone, Debug)]
pub(crate) struct Object<'a> {
    fields: &'a Fields,
    pub values: ValueMap,
}

/// What an answer that lacks an attribute says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// It has no value.
    Null,
    /// Nothing; nor does a null, which may only mean "not yet".
    Untold,
    /// Nothing; but a null means that there is no value.
    Partial,
}

impl<'a> Object<'a> {
    /// An object with these attributes; those that are missing are null.
    pub fn of(fields: &'a Fields, value: &Value) -> Object<'a> {
        let get = |f: &Field| match value.entries().and_then(|e| e.get(&f.name)) {
            Some(v) if !v.is_null() => v.unmarked_deep(),
            // No nested blocks are an empty list, not null.
            _ => crate::description::absent(f),
        };
        let values = fields.iter().map(|(n, f)| (n.clone(), get(f))).collect();
        Object { fields, values }
    }

    pub fn get(&self, name: &str) -> Value {
        let v = self.values.get(name).cloned();
        v.unwrap_or_else(|| Value::null(Type::Dynamic))
    }

    /// True if the attribute has a value that is known.
    pub fn has(&self, name: &str) -> bool {
        let v = self.values.get(name);
        v.is_some_and(|v| !v.is_unknown() && !v.is_null())
    }

    pub fn set(&mut self, name: &str, value: Value) {
        if let Some(v) = self.values.get_mut(name) {
            *v = value;
        }
    }

    /// The object as it may be stored: unknown is null, write-only is null.
    pub fn settled(&self) -> Value {
        let entry = |(n, f): (&Arc<str>, &Field)| {
            let v = self.get(n);
            let v = match f.write_only() {
                true => Value::null(f.ty.clone()),
                false => known(&v, &f.ty),
            };
            (n.clone(), v)
        };
        Value::object(self.fields.iter().map(entry).collect())
    }

    /// The object as expressions see it: unknown is null, write-only values as in the
    /// configuration.
    pub fn seen(&self, config: &Value) -> Value {
        let entry = |(n, f): (&Arc<str>, &Field)| {
            let v = match f.write_only() {
                true => config
                    .entries()
                    .and_then(|e| e.get(n))
                    .map(Value::unmarked_deep),
                false => self.values.get(n).map(|v| known(v, &f.ty)),
            };
            (n.clone(), v.unwrap_or_else(|| Value::null(f.ty.clone())))
        };
        Value::object(self.fields.iter().map(entry).collect())
    }

    /// True if something that answers tell has not been told yet.
    pub fn incomplete(&self) -> bool {
        let untold = |(n, f): (&Arc<str>, &Field)| {
            f.readable() && self.values.get(n).is_some_and(|v| !v.is_wholly_known())
        };
        self.fields.iter().any(untold)
    }

    /// Takes over what an answer's object says, of `only` these attributes if given.
    pub fn take(
        &mut self,
        object: &Value,
        only: Option<&[Arc<str>]>,
        absent: Absent,
    ) -> Result<(), Diagnostic> {
        for (name, field) in self.fields {
            if !field.readable() || only.is_some_and(|o| !o.contains(name)) {
                continue;
            }
            let told = read_field(field, object, &self.settled())?;
            let Some(value) = told else {
                if absent == Absent::Null && !field.keep {
                    self.put(field, crate::description::absent(field));
                }
                continue;
            };
            if value.is_null() && (field.keep || absent == Absent::Untold) {
                continue;
            }
            self.put(field, value);
        }
        self.derive();
        Ok(())
    }

    /// Takes over single attributes. What cannot be evaluated is not told: the answer of
    /// a create must never fail over a detail.
    pub fn take_results(&mut self, results: &[(Arc<str>, Expression)], names: &Names) {
        for (name, expr) in results {
            let Some(field) = self.fields.get(name) else {
                continue;
            };
            let value = expr.eval(names).ok();
            let value = value.and_then(|v| json::decode(&v, &field.ty).ok());
            if let Some(value) = value.filter(|v| !v.is_null() && v.is_wholly_known()) {
                self.put(field, value);
            }
        }
        self.derive();
    }

    fn put(&mut self, field: &Field, value: Value) {
        let old = self.get(&field.name);
        let own = || self.settled();
        let stays = old.is_wholly_known() && !old.is_null() && equal(field, &old, &value, &own);
        self.set(&field.name, if stays { old } else { value });
    }

    /// Makes the attributes that are made from others.
    pub fn derive(&mut self) {
        for (name, field) in self.fields {
            let Some(expr) = &field.value else { continue };
            let object = Value::object(self.values.clone());
            let value = expr.eval(&Names::default().with("self", object)).ok();
            let value = value.map(|v| match v.is_wholly_known() {
                true => json::decode(&v, &field.ty).ok(),
                false => Some(Value::unknown(field.ty.clone())),
            });
            if let Some(Some(value)) = value
                && !value.is_null()
            {
                self.set(name, value);
            }
        }
    }
}

/// What an answer's object says of a field; none if it does not mention it.
fn read_field(field: &Field, object: &Value, own: &Value) -> Result<Option<Value>, Diagnostic> {
    let Some(raw) = field.from.iter().find_map(|p| p.get(object)) else {
        return Ok(None);
    };
    let wrong = |message: String| not_as_described(field, &message);
    let raw = match &field.decode {
        None => raw.clone(),
        Some(decode) => {
            let names = Names::default()
                .with("value", raw.clone())
                .with("response", object.clone())
                .with("self", own.clone());
            decode.eval(&names).map_err(|d| {
                let why = d.iter().map(|d| d.detail.clone()).collect::<Vec<_>>();
                wrong(why.join(" "))
            })?
        }
    };
    let value = match (&field.kind, field.decode.is_some()) {
        (FieldKind::Block(_, inner), false) => read_block(field, inner, &raw)?,
        _ => json::decode(&raw, &field.ty).map_err(wrong)?,
    };
    Ok(Some(match value.is_null() {
        true => crate::description::absent(field),
        false => value,
    }))
}

fn not_as_described(field: &Field, message: &str) -> Diagnostic {
    let places: Vec<String> = field.from.iter().map(ToString::to_string).collect();
    Diagnostic::error(
        "An answer is not as described",
        format!("{} (from {}): {message}.", field.name, places.join(" or ")),
    )
    .at(field.span)
}

/// Nested blocks: each inner field from its own place.
fn read_block(field: &Field, inner: &[Field], raw: &Value) -> Result<Value, Diagnostic> {
    if raw.is_null() {
        return Ok(raw.clone());
    }
    let object = |raw: &Value| -> Result<Value, Diagnostic> {
        let mut entries = ValueMap::new();
        for f in inner {
            let told = read_field(f, raw, &Value::null(Type::Dynamic))?;
            let value = told.unwrap_or_else(|| crate::description::absent(f));
            entries.insert(f.name.clone(), value);
        }
        Ok(Value::object(entries))
    };
    if let Type::Map(e) = &field.ty {
        let entries = match (raw.entries(), raw.elements()) {
            (Some(entries), _) => entries,
            // An empty PHP array stands for an empty object.
            (None, Some([])) => &ValueMap::new(),
            // Neither: what type it has is told.
            _ => return json::decode(raw, &field.ty).map_err(|e| not_as_described(field, &e)),
        };
        let named = |(label, raw): (&Arc<str>, &Value)| Ok((label.clone(), object(raw)?));
        let objects = entries
            .iter()
            .map(named)
            .collect::<Result<_, Diagnostic>>()?;
        return Ok(Value::map((**e).clone(), objects));
    }
    let one = std::slice::from_ref(raw);
    let items = raw.elements().unwrap_or(one);
    let mut objects = items.iter().map(object);
    Ok(match &field.ty {
        Type::List(e) => Value::list((**e).clone(), objects.collect::<Result<_, _>>()?),
        Type::Set(e) => Value::set((**e).clone(), objects.collect::<Result<_, _>>()?),
        _ => match objects.next() {
            Some(object) => object?,
            None => Value::null(field.ty.clone()),
        },
    })
}

/// Whether two values of a field mean the same. `own` gives the object that they are of.
pub(crate) fn equal(field: &Field, a: &Value, b: &Value, own: &dyn Fn() -> Value) -> bool {
    if a == b {
        return true;
    }
    let Some(normalize) = &field.normalize else {
        return false;
    };
    if a.is_null() || b.is_null() || !a.is_wholly_known() || !b.is_wholly_known() {
        return false;
    }
    let names = Names::default().with("self", own());
    let norm = |v: &Value| {
        let names = names.clone().with("value", v.clone());
        normalize.eval(&names).ok()
    };
    matches!((norm(a), norm(b)), (Some(a), Some(b)) if a == b)
}

/// The value with every unknown part null.
fn known(value: &Value, ty: &Type) -> Value {
    if value.is_wholly_known() {
        return value.clone();
    }
    if value.is_unknown() {
        return Value::null(ty.clone());
    }
    value.map_children(|c| known(c, &c.ty()))
}
