//! Sets: order and distinctness of their elements.

use std::sync::Arc;

use crate::{Kind, Type, Value};

impl Value {
    /// A set of the distinct elements of `items`, in set order. Marks of the elements
    /// move to the set.
    pub fn set(element: Type, items: Vec<Value>) -> Value {
        Kind::Set(element, Arc::new(items)).into()
    }
}
