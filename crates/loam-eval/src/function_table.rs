//! Functions by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Function;

/// The functions that expressions may call, by the name they are called by.
///
/// A built-in function answers to `name` and `core::name`, a provider's function to
/// `provider::PROVIDER::name`.
#[derive(Clone, Debug, Default)]
pub struct FunctionTable {
    functions: BTreeMap<Arc<str>, Arc<Function>>,
}

impl FunctionTable {
    /// A table without functions: calls are errors.
    pub fn new() -> FunctionTable {
        FunctionTable::default()
    }

    /// True if there are no functions, as where only constants are possible.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// Adds a built-in function.
    pub fn insert(&mut self, function: Function) {
        self.functions
            .insert(function.name.into(), Arc::new(function));
    }

    /// Adds a function of a provider, by the provider's local name.
    pub fn insert_for_provider(&mut self, provider: &str, function: Function) {
        let name = format!("provider::{provider}::{}", function.name);
        self.functions.insert(name.into(), Arc::new(function));
    }

    /// The function that `name` calls; `core::` in front is allowed.
    pub fn get(&self, name: &str) -> Option<&Arc<Function>> {
        self.functions
            .get(name.strip_prefix("core::").unwrap_or(name))
            .filter(|_| !name.starts_with("core::provider::"))
    }

    /// All names in alphabetical order; those of provider functions with namespace.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(|n| &**n)
    }

    /// All functions by name, in alphabetical order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Function)> {
        self.functions.iter().map(|(n, f)| (&**n, &**f))
    }

    /// The same table without some functions: templates may not call `templatefile`.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> FunctionTable {
        let mut functions = self.functions.clone();
        functions.retain(|name, _| !names.contains(&&**name));
        FunctionTable { functions }
    }
}
