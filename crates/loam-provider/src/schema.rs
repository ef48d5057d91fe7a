//! What arguments a provider, resource, data source or action takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_value::{Type, Value};

/// One argument or computed attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its type. For an attribute that holds nested attributes this is the whole type.
    pub ty: Type,
    /// Must be set in the configuration.
    pub required: bool,
    /// May be set in the configuration.
    pub optional: bool,
    /// The provider gives it a value where the configuration does not.
    pub computed: bool,
    /// Its value must not be shown.
    pub sensitive: bool,
    /// Its value is sent but never stored: it is null in every plan and state.
    pub write_only: bool,
    /// A change of it replaces the object. For documentation and display; what decides
    /// is the provider's answer to [`crate::Provider::plan_change`].
    pub replaces: bool,
    /// Why it should no longer be used.
    pub deprecated: Option<Arc<str>>,
    /// What it is, for documentation and `providers schema`.
    pub description: Arc<str>,
    /// A value that would be accepted: stands in where one is needed and nobody can tell it.
    pub example: Option<Value>,
}

impl Attribute {
    /// A required argument.
    pub fn required(ty: Type) -> Attribute {
        Attribute {
            required: true,
            ..Attribute::of(ty)
        }
    }

    /// An optional argument.
    pub fn optional(ty: Type) -> Attribute {
        Attribute {
            optional: true,
            ..Attribute::of(ty)
        }
    }

    /// An attribute that only the provider sets.
    pub fn computed(ty: Type) -> Attribute {
        Attribute {
            computed: true,
            ..Attribute::of(ty)
        }
    }

    /// The same with a description.
    #[must_use]
    pub fn described(self, description: &str) -> Attribute {
        Attribute {
            description: description.into(),
            ..self
        }
    }

    /// Neither required, optional nor computed: the start for the other constructors.
    pub fn of(ty: Type) -> Attribute {
        Attribute {
            ty,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            replaces: false,
            deprecated: None,
            description: "".into(),
            example: None,
        }
    }

    /// True if the configuration may set it.
    pub fn settable(&self) -> bool {
        self.required || self.optional
    }
}

/// How nested blocks of one type make up a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// At most one; an object, null if absent.
    Single,
    /// At most one; an object of nulls if absent.
    Group,
    /// Any number, in order; a list of objects.
    List,
    /// Any number, in no order; a set of objects.
    Set,
    /// Any number by label; a map of objects.
    Map,
}

/// A nested block type.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedBlock {
    /// How several make up a value.
    pub nesting: Nesting,
    /// What each holds.
    pub block: Block,
    /// The least number of blocks.
    pub min_items: usize,
    /// The greatest number of blocks; 0 for no limit.
    pub max_items: usize,
}

/// The arguments and nested blocks of a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// The attributes by name.
    pub attributes: BTreeMap<Arc<str>, Attribute>,
    /// The nested block types by name.
    pub blocks: BTreeMap<Arc<str>, NestedBlock>,
    /// What it is.
    pub description: Arc<str>,
    /// Why it should no longer be used.
    pub deprecated: Option<Arc<str>>,
}

impl NestedBlock {
    /// The type of the value that blocks of this type make up.
    pub fn implied_type(&self) -> Type {
        let object = self.block.implied_type();
        match self.nesting {
            Nesting::Single | Nesting::Group => object,
            // A list or map of objects that differ in type cannot be a collection.
            Nesting::List if object.has_dynamic() => Type::Dynamic,
            Nesting::Map if object.has_dynamic() => Type::Dynamic,
            Nesting::List => Type::list(object),
            Nesting::Set => Type::set(object),
            Nesting::Map => Type::map(object),
        }
    }
}

impl Block {
    /// The type of the object that the block makes up.
    pub fn implied_type(&self) -> Type {
        let attributes = self
            .attributes
            .iter()
            .map(|(n, a)| (n.clone(), a.ty.clone()));
        let blocks = self
            .blocks
            .iter()
            .map(|(n, b)| (n.clone(), b.implied_type()));
        Type::object(attributes.chain(blocks))
    }

    /// The value with `f` applied to each attribute at any depth of nested blocks.
    /// `value` has to be of the implied type; null and unknown are left as they are.
    pub fn map_attributes(
        &self,
        value: &Value,
        f: &mut dyn FnMut(&Attribute, &Value) -> Value,
    ) -> Value {
        let Some(entries) = value.entries() else {
            return value.clone();
        };
        let mapped = entries.iter().map(|(name, v)| {
            let v = if let Some(a) = self.attributes.get(name) {
                f(a, v)
            } else if let Some(b) = self.blocks.get(name) {
                match b.nesting {
                    Nesting::Single | Nesting::Group => b.block.map_attributes(v, f),
                    _ => v.map_children(|c| b.block.map_attributes(c, f)),
                }
            } else {
                v.clone()
            };
            (name.clone(), v)
        });
        Value::object(mapped.collect()).with_marks(value.marks())
    }

    /// True if any attribute, at any depth, has the property.
    pub fn any_attribute(&self, test: &dyn Fn(&Attribute) -> bool) -> bool {
        self.attributes.values().any(test)
            || self.blocks.values().any(|b| b.block.any_attribute(test))
    }
}

/// A resource type's or data source's block and its version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// Counts changes that old state has to be upgraded for.
    pub version: u64,
    /// The arguments.
    pub block: Block,
}

/// What an action takes and how careful to be with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActionSchema {
    /// The arguments.
    pub block: Block,
    /// What must be confirmed before it runs, such as `destroys all data on the disk`.
    pub confirm: Option<Arc<str>>,
}

/// All that can be known of a provider without configuring it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderSchema {
    /// The provider block's arguments.
    pub provider: Block,
    /// Managed resource types.
    pub resources: BTreeMap<Arc<str>, Arc<Schema>>,
    /// Data sources.
    pub data_sources: BTreeMap<Arc<str>, Arc<Schema>>,
    /// Actions.
    pub actions: BTreeMap<Arc<str>, Arc<ActionSchema>>,
}
