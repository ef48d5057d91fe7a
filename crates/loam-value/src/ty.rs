//! Types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ValueMap;

/// A type. Sixteen bytes, cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// Any type; of a value: a type that is not known yet.
    Dynamic,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A Unicode string in normalization form C.
    String,
    /// Ordered elements of one type.
    List(Arc<Type>),
    /// Distinct elements of one type, in the order of the set rules.
    Set(Arc<Type>),
    /// Elements of one type by string key.
    Map(Arc<Type>),
    /// Ordered elements, each of its own type.
    Tuple(Arc<Vec<Type>>),
    /// Attributes, each of its own type.
    Object(Arc<ObjectType>),
}

/// The attributes of an object type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectType {
    /// Every attribute with its type.
    pub attributes: BTreeMap<Arc<str>, Type>,
    /// Those that may be absent in a value that is converted to this type. Empty in the
    /// type of any actual value.
    pub optional: BTreeSet<Arc<str>>,
}

/// Default values for optional attributes of a type constraint, by place in the type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// Defaults of the optional attributes of an object type, by attribute.
    pub values: ValueMap,
    /// Defaults further in: of an object's attributes by name, of a tuple's elements by
    /// index in decimal, of a collection's elements under the empty string.
    pub children: BTreeMap<Arc<str>, Defaults>,
}

impl Defaults {
    /// True if there are none at any depth.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.children.values().all(Defaults::is_empty)
    }
}

impl Type {
    /// A list of `element`.
    pub fn list(element: Type) -> Type {
        Type::List(Arc::new(element))
    }

    /// A set of `element`.
    pub fn set(element: Type) -> Type {
        Type::Set(Arc::new(element))
    }

    /// A map of `element`.
    pub fn map(element: Type) -> Type {
        Type::Map(Arc::new(element))
    }

    /// A tuple.
    pub fn tuple(elements: impl IntoIterator<Item = Type>) -> Type {
        Type::Tuple(Arc::new(elements.into_iter().collect()))
    }

    /// An object whose attributes are all required.
    pub fn object<K: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (K, Type)>) -> Type {
        Type::Object(Arc::new(ObjectType {
            attributes: attributes.into_iter().map(|(k, t)| (k.into(), t)).collect(),
            optional: BTreeSet::new(),
        }))
    }

    /// Bool, number or string.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::Bool | Type::Number | Type::String)
    }

    /// List, set or map.
    pub fn is_collection(&self) -> bool {
        matches!(self, Type::List(_) | Type::Set(_) | Type::Map(_))
    }

    /// Tuple or object.
    pub fn is_structural(&self) -> bool {
        matches!(self, Type::Tuple(_) | Type::Object(_))
    }

    /// The element type of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(e) | Type::Set(e) | Type::Map(e) => Some(e),
            _ => None,
        }
    }

    /// True if [`Type::Dynamic`] is this type or any part of it.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Type::Dynamic => true,
            Type::Bool | Type::Number | Type::String => false,
            Type::List(e) | Type::Set(e) | Type::Map(e) => e.has_dynamic(),
            Type::Tuple(ts) => ts.iter().any(Type::has_dynamic),
            Type::Object(o) => o.attributes.values().any(Type::has_dynamic),
        }
    }

    /// This type with no attribute optional, as the types of values are.
    #[must_use]
    pub fn without_optional(&self) -> Type {
        match self {
            Type::Dynamic | Type::Bool | Type::Number | Type::String => self.clone(),
            Type::List(e) => Type::list(e.without_optional()),
            Type::Set(e) => Type::set(e.without_optional()),
            Type::Map(e) => Type::map(e.without_optional()),
            Type::Tuple(ts) => Type::tuple(ts.iter().map(Type::without_optional)),
            Type::Object(o) => Type::object(
                o.attributes
                    .iter()
                    .map(|(k, t)| (k.clone(), t.without_optional())),
            ),
        }
    }

    /// The type as an error message names it: `string`, `list of number`, `object`, `tuple`.
    pub fn friendly_name(&self) -> String {
        match self {
            Type::Dynamic => "dynamic".into(),
            Type::Bool => "bool".into(),
            Type::Number => "number".into(),
            Type::String => "string".into(),
            Type::List(e) => format!("list of {}", e.friendly_name()),
            Type::Set(e) => format!("set of {}", e.friendly_name()),
            Type::Map(e) => format!("map of {}", e.friendly_name()),
            Type::Tuple(_) => "tuple".into(),
            Type::Object(_) => "object".into(),
        }
    }

    /// The type as an error message names what is wanted: as [`Type::friendly_name`], but
    /// `any type`, and `list of any single type`.
    pub fn friendly_name_for_constraint(&self) -> String {
        let of = |e: &Type| match e {
            Type::Dynamic => "any single type".into(),
            other => other.friendly_name_for_constraint(),
        };
        match self {
            Type::Dynamic => "any type".into(),
            Type::List(e) => format!("list of {}", of(e)),
            Type::Set(e) => format!("set of {}", of(e)),
            Type::Map(e) => format!("map of {}", of(e)),
            other => other.friendly_name(),
        }
    }

    /// True if every value of this type is one of type `want`, where [`Type::Dynamic`]
    /// within `want` stands for any type.
    pub fn conforms_to(&self, want: &Type) -> bool {
        match (self, want) {
            (_, Type::Dynamic) => true,
            (Type::List(a), Type::List(b))
            | (Type::Set(a), Type::Set(b))
            | (Type::Map(a), Type::Map(b)) => a.conforms_to(b),
            (Type::Tuple(a), Type::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.conforms_to(b))
            }
            (Type::Object(a), Type::Object(b)) => {
                a.attributes.keys().eq(b.attributes.keys())
                    && (a.attributes.values().zip(b.attributes.values()))
                        .all(|(a, b)| a.conforms_to(b))
            }
            (a, b) => a == b,
        }
    }
}
