//! Values.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::{Marks, Number, ObjectType, Refinements, Type, ValueMap};

/// An unknown value: its type, and what is known of it nevertheless.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// The type that it will have; [`Type::Dynamic`] if even that is not known.
    pub ty: Type,
    facts: Facts,
}

/// A plan has very many unknown values, and little is known of nearly all of them.
#[derive(Clone, Debug, PartialEq)]
enum Facts {
    None,
    NotNull,
    More(Box<Refinements>),
}

impl Unknown {
    fn new(ty: Type, refinements: Refinements) -> Unknown {
        let facts = match refinements {
            r if r.is_empty() => Facts::None,
            r if r == Refinements::NOT_NULL => Facts::NotNull,
            r => Facts::More(Box::new(r)),
        };
        Unknown { ty, facts }
    }

    /// Facts that will hold of it.
    pub fn refinements(&self) -> &Refinements {
        match &self.facts {
            Facts::None => &Refinements::NONE,
            Facts::NotNull => &Refinements::NOT_NULL,
            Facts::More(refinements) => refinements,
        }
    }
}

/// What a value is.
#[derive(Clone, PartialEq)]
pub enum Kind {
    /// Not known yet.
    Unknown(Arc<Unknown>),
    /// Null, of a type.
    Null(Type),
    /// A bool.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string in normalization form C.
    String(Arc<str>),
    /// A list and its element type.
    List(Type, Arc<Vec<Value>>),
    /// A set and its element type; the elements distinct and in set order.
    Set(Type, Arc<Vec<Value>>),
    /// A map and its element type.
    Map(Type, Arc<ValueMap>),
    /// A tuple.
    Tuple(Arc<Vec<Value>>),
    /// An object.
    Object(Arc<ValueMap>),
}

/// A value with its marks. Forty bytes, immutable, cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Value {
    kind: Kind,
    marks: Marks,
}

// A plan holds very many values: growth should be a decision.
const _: () = assert!(size_of::<Value>() == 40);
const _: () = assert!(size_of::<Number>() == 16);

impl From<Kind> for Value {
    fn from(kind: Kind) -> Value {
        Value {
            kind,
            marks: Marks::NONE,
        }
    }
}

impl Value {
    /// A string; brought to normalization form C.
    pub fn string(s: impl AsRef<str> + Into<Arc<str>>) -> Value {
        let plain = s.as_ref().is_ascii() || is_nfc_quick(s.as_ref().chars()) == IsNormalized::Yes;
        Kind::String(if plain {
            s.into()
        } else {
            s.as_ref().nfc().collect::<String>().into()
        })
        .into()
    }

    /// A bool.
    pub fn bool(b: bool) -> Value {
        Kind::Bool(b).into()
    }

    /// A number.
    pub fn number(n: Number) -> Value {
        Kind::Number(n).into()
    }

    /// A whole number.
    pub fn int(n: i64) -> Value {
        Kind::Number(Number::from_i64(n)).into()
    }

    /// Null of a type.
    pub fn null(ty: Type) -> Value {
        Kind::Null(ty).into()
    }

    /// Unknown of a type, nothing else known of it.
    pub fn unknown(ty: Type) -> Value {
        Value::refined(ty, Refinements::default())
    }

    /// Unknown of a type, with what is known of it nevertheless.
    pub fn refined(ty: Type, refinements: Refinements) -> Value {
        Kind::Unknown(Arc::new(Unknown::new(ty, refinements))).into()
    }

    /// Unknown of an unknown type.
    pub fn dynamic() -> Value {
        Value::unknown(Type::Dynamic)
    }

    /// A list. Every element has to be of type `element`, or unknown or null of it.
    pub fn list(element: Type, items: Vec<Value>) -> Value {
        Kind::List(element, Arc::new(items)).into()
    }

    /// A map. Every element has to be of type `element`.
    pub fn map(element: Type, items: ValueMap) -> Value {
        Kind::Map(element, Arc::new(items)).into()
    }

    /// A tuple.
    pub fn tuple(items: Vec<Value>) -> Value {
        Kind::Tuple(Arc::new(items)).into()
    }

    /// An object.
    pub fn object(attributes: ValueMap) -> Value {
        Kind::Object(Arc::new(attributes)).into()
    }

    /// An object from pairs; of two with one name the later stays.
    pub fn object_of<K: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::object(attributes.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }

    /// What the value is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// What the value is, taken out of it; marks are lost.
    pub fn into_kind(self) -> Kind {
        self.kind
    }

    /// The value's own marks, not those further in.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// The marks of the value and of everything in it.
    pub fn deep_marks(&self) -> Marks {
        match &self.kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
                vs.iter().fold(self.marks, |m, v| m | v.deep_marks())
            }
            Kind::Map(_, vs) | Kind::Object(vs) => {
                vs.values().fold(self.marks, |m, v| m | v.deep_marks())
            }
            _ => self.marks,
        }
    }

    /// The value with these marks besides its own.
    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Value {
        self.marks |= marks;
        self
    }

    /// The value without any of its own marks.
    #[must_use]
    pub fn unmarked(mut self) -> Value {
        self.marks = Marks::NONE;
        self
    }

    /// The value with the given marks taken off it and everything in it.
    #[must_use]
    pub fn without_marks_deep(&self, marks: Marks) -> Value {
        if (self.deep_marks().without(marks)) == self.deep_marks() {
            return self.clone();
        }
        let mut v = self.map_children(|c| c.without_marks_deep(marks));
        v.marks = v.marks.without(marks);
        v
    }

    /// The value with all marks taken off it and everything in it.
    #[must_use]
    pub fn unmarked_deep(&self) -> Value {
        self.without_marks_deep(Marks::SENSITIVE | Marks::EPHEMERAL)
    }

    /// The same value with each direct child replaced; marks stay. `f` must keep the
    /// children's types (or make the elements of a collection all of one type).
    #[must_use]
    pub fn map_children(&self, mut f: impl FnMut(&Value) -> Value) -> Value {
        let kind = match &self.kind {
            Kind::List(t, vs) => Kind::List(t.clone(), Arc::new(vs.iter().map(f).collect())),
            Kind::Set(t, vs) => {
                return Value::set(t.clone(), vs.iter().map(f).collect()).with_marks(self.marks);
            }
            Kind::Tuple(vs) => Kind::Tuple(Arc::new(vs.iter().map(f).collect())),
            Kind::Map(t, vs) => Kind::Map(
                t.clone(),
                Arc::new(vs.iter().map(|(k, v)| (k.clone(), f(v))).collect()),
            ),
            Kind::Object(vs) => Kind::Object(Arc::new(
                vs.iter().map(|(k, v)| (k.clone(), f(v))).collect(),
            )),
            other => other.clone(),
        };
        Value {
            kind,
            marks: self.marks,
        }
    }

    /// The value with each number in it [as a plan stores it](Number::stored).
    #[must_use]
    pub fn stored(&self) -> Value {
        match &self.kind {
            Kind::Number(n) => Value::number(n.stored()).with_marks(self.marks),
            Kind::List(t, _) | Kind::Set(t, _) | Kind::Map(t, _)
                if matches!(t, Type::String | Type::Bool) =>
            {
                self.clone()
            }
            _ => self.map_children(Value::stored),
        }
    }

    /// The value's type.
    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Unknown(u) => u.ty.clone(),
            Kind::Null(t) => t.clone(),
            Kind::Bool(_) => Type::Bool,
            Kind::Number(_) => Type::Number,
            Kind::String(_) => Type::String,
            Kind::List(e, _) => Type::list(e.clone()),
            Kind::Set(e, _) => Type::set(e.clone()),
            Kind::Map(e, _) => Type::map(e.clone()),
            Kind::Tuple(vs) => Type::tuple(vs.iter().map(Value::ty)),
            Kind::Object(vs) => Type::Object(Arc::new(ObjectType {
                attributes: vs.iter().map(|(k, v)| (k.clone(), v.ty())).collect(),
                optional: Default::default(),
            })),
        }
    }

    /// True if the value itself is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Unknown(_))
    }

    /// True if the value is known at its top (its parts may be unknown).
    pub fn is_known(&self) -> bool {
        !self.is_unknown()
    }

    /// True if nothing in the value is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match &self.kind {
            Kind::Unknown(_) => false,
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
                vs.iter().all(Value::is_wholly_known)
            }
            Kind::Map(_, vs) | Kind::Object(vs) => vs.values().all(Value::is_wholly_known),
            _ => true,
        }
    }

    /// The value with a null of the same type in the place of everything unknown, its own
    /// marks and those inside kept.
    pub fn unknown_as_null(&self) -> Value {
        match &self.kind {
            Kind::Unknown(_) => Value::null(self.ty()).with_marks(self.marks),
            _ => self.map_children(Value::unknown_as_null),
        }
    }

    /// True if there is an infinite number in it, at any depth, which no encoding has a
    /// form for.
    pub fn holds_infinity(&self) -> bool {
        match &self.kind {
            Kind::Number(n) => n.is_infinite(),
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
                vs.iter().any(Value::holds_infinity)
            }
            Kind::Map(_, vs) | Kind::Object(vs) => vs.values().any(Value::holds_infinity),
            _ => false,
        }
    }

    /// True if the value is null.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    /// True if the value may not be shown (its own mark only).
    pub fn is_sensitive(&self) -> bool {
        self.marks.is_sensitive()
    }

    /// The string, if it is a known string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(s) => Some(s),
            _ => None,
        }
    }

    /// The bool, if it is a known bool.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The number, if it is a known number.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(n) => Some(n),
            _ => None,
        }
    }

    /// The elements of a known list, set or tuple.
    pub fn elements(&self) -> Option<&[Value]> {
        match &self.kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => Some(vs),
            _ => None,
        }
    }

    /// The entries of a known map or object.
    pub fn entries(&self) -> Option<&ValueMap> {
        match &self.kind {
            Kind::Map(_, vs) | Kind::Object(vs) => Some(vs),
            _ => None,
        }
    }

    /// An attribute of a known object or an element of a known map. The marks of the
    /// whole are on the part, too.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.entries()?
            .get(name)
            .map(|v| v.clone().with_marks(self.marks))
    }
}

impl fmt::Debug for Value {
    /// For developers and test failures. A sensitive value's content never appears.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.marks.is_sensitive() {
            return f.write_str("(sensitive value)");
        }
        fmt::Debug::fmt(&self.kind, f)?;
        if self.marks.is_ephemeral() {
            f.write_str(" (ephemeral)")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Unknown(u) => write!(f, "unknown({})", u.ty),
            Kind::Null(t) => write!(f, "null({t})"),
            Kind::Bool(b) => write!(f, "{b}"),
            Kind::Number(n) => write!(f, "{n}"),
            Kind::String(s) => write!(f, "{s:?}"),
            Kind::List(_, vs) => f.debug_list().entries(vs.iter()).finish(),
            Kind::Set(_, vs) => f.debug_set().entries(vs.iter()).finish(),
            Kind::Tuple(vs) => {
                f.write_str("tuple")?;
                f.debug_list().entries(vs.iter()).finish()
            }
            Kind::Map(_, vs) => {
                f.write_str("map")?;
                f.debug_map().entries(vs.iter()).finish()
            }
            Kind::Object(vs) => f.debug_map().entries(vs.iter()).finish(),
        }
    }
}
