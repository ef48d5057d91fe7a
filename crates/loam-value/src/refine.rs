//! What is known of an unknown value, and what can be said of any value without
//! looking at all of it.
//!
//! [`Refinements`] are facts to add to an unknown value with [`Value::refine`]; a
//! [`Range`] answers questions about any value, known or not.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::{Kind, Number, Type, Value};

/// A bound of an unknown number.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The bound itself.
    pub value: Number,
    /// Whether the value may equal the bound.
    pub inclusive: bool,
}

impl Bound {
    /// A bound that the value may equal.
    pub fn inclusive(value: Number) -> Bound {
        Bound {
            value,
            inclusive: true,
        }
    }

    /// A bound that the value may not equal.
    pub fn exclusive(value: Number) -> Bound {
        Bound {
            value,
            inclusive: false,
        }
    }
}

/// Facts that hold of an unknown value, whatever it turns out to be. All but `not_null`
/// hold unless it turns out to be null.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refinements {
    /// The value will not be null.
    pub not_null: bool,
    /// A string starts with this.
    pub string_prefix: Option<Arc<str>>,
    /// A number is at least (or above) this.
    pub number_lower: Option<Bound>,
    /// A number is at most (or below) this.
    pub number_upper: Option<Bound>,
    /// A collection has at least this many elements.
    pub length_lower: Option<u64>,
    /// A collection has at most this many elements.
    pub length_upper: Option<u64>,
}

/// A list that is known to have this many elements or fewer becomes a known list of
/// unknown elements; a longer one stays unknown, so that a claim cannot exhaust memory.
const MAX_UNKNOWN_ELEMENTS: u64 = 10_000;

impl Refinements {
    /// Nothing is known.
    pub const NONE: Refinements = Refinements {
        not_null: false,
        string_prefix: None,
        number_lower: None,
        number_upper: None,
        length_lower: None,
        length_upper: None,
    };

    /// Only that the value will not be null.
    pub const NOT_NULL: Refinements = Refinements {
        not_null: true,
        ..Refinements::NONE
    };

    /// Only that the value will not be null.
    pub fn not_null() -> Refinements {
        Refinements::NOT_NULL
    }

    /// Not null, and with as many elements as this.
    pub fn length(length: u64) -> Refinements {
        Refinements {
            length_lower: Some(length),
            length_upper: Some(length),
            ..Refinements::default()
        }
    }

    /// True if nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Refinements::NONE
    }

    /// These facts, and that the string starts with `prefix`, or as much of it as cannot
    /// change when text is appended (see [`safe_prefix`]).
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Refinements {
        let safe = safe_prefix(prefix);
        self.string_prefix = (!safe.is_empty()).then(|| safe.into());
        self
    }

    /// The facts of both.
    #[must_use]
    pub fn and(&self, other: &Refinements) -> Refinements {
        let longer = |a: &Option<Arc<str>>, b: &Option<Arc<str>>| match (a, b) {
            (Some(a), Some(b)) if b.len() > a.len() => Some(b.clone()),
            (Some(a), _) => Some(a.clone()),
            (None, b) => b.clone(),
        };
        let tighter = |a: &Option<Bound>, b: &Option<Bound>, upper: bool| match (a, b) {
            (Some(a), Some(b)) => {
                let order = a.value.compare(&b.value);
                let order = if upper { order.reverse() } else { order };
                // Of two equal bounds the exclusive one says more.
                let keep = order.is_gt() || order.is_eq() && (!a.inclusive || b.inclusive);
                Some(if keep { a.clone() } else { b.clone() })
            }
            (a, b) => a.clone().or_else(|| b.clone()),
        };
        Refinements {
            not_null: self.not_null || other.not_null,
            string_prefix: longer(&self.string_prefix, &other.string_prefix),
            number_lower: tighter(&self.number_lower, &other.number_lower, false),
            number_upper: tighter(&self.number_upper, &other.number_upper, true),
            length_lower: self.length_lower.max(other.length_lower),
            length_upper: match (self.length_upper, other.length_upper) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }

    /// The facts that make sense of a type; the others are dropped.
    fn for_type(mut self, ty: &Type) -> Refinements {
        if *ty != Type::String || self.string_prefix.as_deref() == Some("") {
            self.string_prefix = None;
        }
        let finite = |b: &Bound| *ty == Type::Number && !b.value.is_infinite();
        self.number_lower = self.number_lower.filter(finite);
        self.number_upper = self.number_upper.filter(finite);
        let collection = |_: &u64| ty.is_collection();
        self.length_lower = self.length_lower.filter(collection).filter(|n| *n > 0);
        self.length_upper = self.length_upper.filter(collection);
        self
    }
}

/// As much of a known beginning of a string as stays the same bytes whatever is appended
/// to it: brought to normalization form C and without its last grapheme cluster, which a
/// combining character could change. A last character that is a usual delimiter, such
/// as `-` or `/`, stays.
pub fn safe_prefix(prefix: &str) -> String {
    const DELIMITERS: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    let mut prefix: String = prefix.nfc().collect();
    if let Some(last) = prefix.graphemes(true).next_back() {
        let delimiter = last.len() == 1 && DELIMITERS.contains(last);
        if !delimiter {
            prefix.truncate(prefix.len() - last.len());
        }
    }
    prefix
}

impl Value {
    /// The value, of which these facts are known, too. A known value stays as it is, as
    /// does an unknown one of unknown type. Where the facts leave one value only, the
    /// result is known.
    #[must_use]
    pub fn refine(self, facts: &Refinements) -> Value {
        let Kind::Unknown(unknown) = self.kind() else {
            return self;
        };
        if unknown.ty == Type::Dynamic {
            return self;
        }
        let facts = unknown.refinements().and(facts).for_type(&unknown.ty);
        let marks = self.marks();
        let refined = match facts.only_value(&unknown.ty) {
            Some(known) => known,
            None => Value::refined(unknown.ty.clone(), facts),
        };
        refined.with_marks(marks)
    }

    /// The value, which is known not to be null.
    #[must_use]
    pub fn refine_not_null(self) -> Value {
        match self.kind() {
            Kind::Unknown(u) if !u.refinements().not_null => self.refine(&Refinements::not_null()),
            _ => self,
        }
    }

    /// What can be said of the value without its content.
    pub fn range(&self) -> Range<'_> {
        Range(self)
    }
}

impl Refinements {
    /// The one value of the type of which the facts hold, if there is one only.
    fn only_value(&self, ty: &Type) -> Option<Value> {
        if !self.not_null {
            return None;
        }
        if let (Some(low), Some(high)) = (&self.number_lower, &self.number_upper)
            && low.inclusive
            && high.inclusive
            && low.value == high.value
        {
            return Some(Value::number(low.value.clone()));
        }
        let length = self.length_upper?;
        if length != self.length_lower.unwrap_or(0) || length > MAX_UNKNOWN_ELEMENTS {
            return None;
        }
        let count = usize::try_from(length).ok()?;
        let elements = |e: &Type| vec![Value::unknown(e.clone()); count];
        match ty {
            Type::List(e) => Some(Value::list((**e).clone(), elements(e))),
            Type::Set(e) if count <= 1 => Some(Value::set((**e).clone(), elements(e))),
            Type::Map(e) if count == 0 => Some(Value::map((**e).clone(), Default::default())),
            _ => None,
        }
    }
}

/// What can be said of a value, known or not. Marks are disregarded.
#[derive(Clone, Copy)]
pub struct Range<'a>(&'a Value);

impl Range<'_> {
    fn refinements(&self) -> Option<&Refinements> {
        match self.0.kind() {
            Kind::Unknown(u) => Some(u.refinements()),
            _ => None,
        }
    }

    /// True unless the value is sure not to be null.
    pub fn could_be_null(&self) -> bool {
        match self.0.kind() {
            Kind::Unknown(u) => !u.refinements().not_null,
            Kind::Null(_) => true,
            _ => false,
        }
    }

    /// True if the value is sure not to be null.
    pub fn definitely_not_null(&self) -> bool {
        !self.could_be_null()
    }

    /// What a string is sure to start with; all of a known one.
    pub fn string_prefix(&self) -> &str {
        match self.0.kind() {
            Kind::String(s) => s,
            Kind::Unknown(u) => u.refinements().string_prefix.as_deref().unwrap_or(""),
            _ => "",
        }
    }

    /// The least that a number can be.
    pub fn number_lower(&self) -> Option<Bound> {
        match self.0.kind() {
            Kind::Number(n) => Some(Bound::inclusive(n.clone())),
            _ => self.refinements()?.number_lower.clone(),
        }
    }

    /// The most that a number can be.
    pub fn number_upper(&self) -> Option<Bound> {
        match self.0.kind() {
            Kind::Number(n) => Some(Bound::inclusive(n.clone())),
            _ => self.refinements()?.number_upper.clone(),
        }
    }

    /// The fewest elements that a collection can have.
    pub fn length_lower(&self) -> u64 {
        match self.0.kind() {
            Kind::Set(_, vs) if vs.len() > 1 && !self.0.is_wholly_known() => 0,
            Kind::List(_, vs) | Kind::Set(_, vs) => vs.len() as u64,
            Kind::Map(_, vs) => vs.len() as u64,
            _ => self.refinements().and_then(|r| r.length_lower).unwrap_or(0),
        }
    }

    /// The most elements that a collection can have, if there is a limit.
    pub fn length_upper(&self) -> Option<u64> {
        match self.0.kind() {
            Kind::Set(_, vs) if vs.len() > 1 && !self.0.is_wholly_known() => None,
            Kind::List(_, vs) | Kind::Set(_, vs) => Some(vs.len() as u64),
            Kind::Map(_, vs) => Some(vs.len() as u64),
            _ => self.refinements()?.length_upper,
        }
    }

    /// False if the value cannot turn out to be `known`. It may answer true though the
    /// value cannot.
    pub fn may_be(&self, known: &Value) -> bool {
        if known.is_null() {
            return self.could_be_null();
        }
        if self.0.is_null() {
            return false;
        }
        if !known.ty().conforms_to(&self.0.ty()) {
            return false;
        }
        match known.kind() {
            Kind::String(s) => s.starts_with(self.string_prefix()),
            Kind::Number(n) => {
                let above = self.number_lower().is_none_or(|b| {
                    let order = n.compare(&b.value);
                    order.is_gt() || b.inclusive && *n == b.value
                });
                let below = self.number_upper().is_none_or(|b| {
                    let order = n.compare(&b.value);
                    order.is_lt() || b.inclusive && *n == b.value
                });
                above && below
            }
            Kind::List(..) | Kind::Set(..) | Kind::Map(..) => {
                // A set with unknown elements may shrink down to one.
                let most = known
                    .elements()
                    .map_or_else(|| known.entries().map_or(0, |m| m.len()), <[Value]>::len)
                    as u64;
                let fewest = match known.kind() {
                    Kind::Set(..) if !known.is_wholly_known() => most.min(1),
                    _ => most,
                };
                most >= self.length_lower() && self.length_upper().is_none_or(|u| fewest <= u)
            }
            _ => true,
        }
    }
}
