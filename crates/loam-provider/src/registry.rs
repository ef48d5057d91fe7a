//! The provider types and provisioners that are at hand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use loam_diag::Diagnostics;

use crate::{ProviderType, Provisioner};

/// The provider types that are at hand, by name. One that has to be read from a
/// description is read when it is first asked for: most configurations use one or two,
/// and a command should not wait for the rest. Clones share what is read.
#[derive(Clone, Default)]
pub struct Registry {
    types: BTreeMap<String, Arc<Entry>>,
    provisioners: BTreeMap<String, Arc<dyn Provisioner>>,
    problems: Arc<Mutex<Diagnostics>>,
}

type Read = dyn Fn() -> Result<Arc<dyn ProviderType>, Diagnostics> + Send + Sync;

enum Entry {
    Ready(Arc<dyn ProviderType>),
    Described {
        read: Box<Read>,
        result: OnceLock<Option<Arc<dyn ProviderType>>>,
    },
}

impl Registry {
    /// With nothing but the built-in provider.
    pub fn new() -> Registry {
        let mut r = Registry::default();
        r.add(Arc::new(crate::builtin::BuiltinType::new()));
        r
    }

    /// Adds a provider type; one of the same name is replaced.
    pub fn add(&mut self, provider: Arc<dyn ProviderType>) {
        let name = provider.name().to_owned();
        self.types.insert(name, Arc::new(Entry::Ready(provider)));
    }

    /// Adds a provider type that `read` makes when it is first asked for; one of the same
    /// name is replaced. Where that fails the type counts as missing, and
    /// [`Registry::take_problems`] tells why.
    pub fn add_described(
        &mut self,
        name: &str,
        read: impl Fn() -> Result<Arc<dyn ProviderType>, Diagnostics> + Send + Sync + 'static,
    ) {
        let entry = Entry::Described {
            read: Box::new(read),
            result: OnceLock::new(),
        };
        self.types.insert(name.to_owned(), Arc::new(entry));
    }

    /// The provider type of a name, such as `acme`.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn ProviderType>> {
        match &**self.types.get(name)? {
            Entry::Ready(provider) => Some(provider),
            Entry::Described { read, result } => {
                let read = || match read() {
                    Ok(provider) => Some(provider),
                    Err(problems) => {
                        let mut all = self.problems.lock().unwrap_or_else(|e| e.into_inner());
                        all.append(problems);
                        None
                    }
                };
                result.get_or_init(read).as_ref()
            }
        }
    }

    /// The names of all, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(String::as_str)
    }

    /// All, by name; reads those that have not been read.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<dyn ProviderType>)> {
        self.names().filter_map(|n| Some((n, self.get(n)?)))
    }

    /// Adds a provisioner; one of the same name is replaced.
    pub fn add_provisioner(&mut self, provisioner: Arc<dyn Provisioner>) {
        let name = provisioner.name().to_owned();
        self.provisioners.insert(name, provisioner);
    }

    /// The provisioner of a name, such as `local-exec`.
    pub fn provisioner(&self, name: &str) -> Option<&Arc<dyn Provisioner>> {
        self.provisioners.get(name)
    }

    /// The names of all provisioners, in alphabetical order.
    pub fn provisioner_names(&self) -> impl Iterator<Item = &str> {
        self.provisioners.keys().map(String::as_str)
    }

    /// What was wrong with descriptions that have been read since the last call.
    pub fn take_problems(&self) -> Diagnostics {
        std::mem::take(&mut self.problems.lock().unwrap_or_else(|e| e.into_inner()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use loam_diag::Diagnostic;

    use super::*;
    use crate::builtin::BuiltinType;

    #[test]
    fn a_description_is_read_once_and_only_when_asked_for() {
        let reads = Arc::new(AtomicU32::new(0));
        let counted = reads.clone();
        let mut registry = Registry::new();
        registry.add_described("acme", move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(Arc::new(BuiltinType::new()))
        });
        let names: Vec<&str> = registry.names().collect();
        assert_eq!(names, ["acme", "terraform"]);
        assert!(registry.get("terraform").is_some());
        assert_eq!(reads.load(Ordering::Relaxed), 0);
        assert!(registry.get("acme").is_some());
        assert!(registry.clone().get("acme").is_some());
        assert_eq!(registry.iter().count(), 2);
        assert_eq!(reads.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_description_that_cannot_be_read_is_missing_and_told_once() {
        let mut registry = Registry::new();
        registry.add_described("acme", || {
            Err(Diagnostic::error("Invalid description", "It is empty.").into())
        });
        assert!(registry.take_problems().is_empty());
        assert!(registry.get("acme").is_none());
        assert!(registry.get("acme").is_none());
        let problems = registry.take_problems();
        let summaries: Vec<&str> = problems.iter().map(|d| &*d.summary).collect();
        assert_eq!(summaries, ["Invalid description"]);
        assert!(registry.take_problems().is_empty());
    }
}
