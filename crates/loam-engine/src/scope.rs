//! Looking up what an expression refers to.

use std::path::Path;
use std::sync::Arc;

use loam_address::{InstanceKey, ModuleAddr, ModuleStep};
use loam_config::{Module, Repetition};
use loam_diag::{Diagnostic, Diagnostics, Span, nearest};
use loam_eval::{CallContext, ReferenceTarget, Scope};
use loam_value::{Kind, Refinements, Type, Value, ValueMap, convert};

use crate::values::{Expansion, Values};

/// Facts about the run that expressions can ask for.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// What functions may see.
    pub context: CallContext,
    /// `terraform.workspace`.
    pub workspace: Arc<str>,
    /// `path.cwd`.
    pub cwd: Arc<str>,
    /// `terraform.applying`.
    pub applying: bool,
}

/// The names of one module instance, and of one instance of a block in it.
pub struct ModuleScope<'a> {
    /// What has been evaluated.
    pub values: &'a Values,
    /// The module instance.
    pub addr: &'a ModuleAddr,
    /// Its configuration.
    pub module: &'a Module,
    /// The root module's configuration.
    pub root_dir: &'a Path,
    /// The run.
    pub surroundings: &'a Surroundings,
    /// The instance key behind `each` and `count`, and `each.value`.
    pub repetition: Option<(&'a InstanceKey, Option<Value>)>,
    /// `each` and `count` are unknown, whatever the instance.
    pub open_repetition: bool,
    /// `self`.
    pub self_value: Option<Value>,
}

fn error(summary: &str, detail: String, span: Span) -> Diagnostics {
    Diagnostic::error(summary, detail).at(span).into()
}

fn slashes(path: &Path) -> Value {
    let text = path.to_string_lossy().replace('\\', "/");
    Value::string(if text.is_empty() {
        ".".to_owned()
    } else {
        text
    })
}

impl ModuleScope<'_> {
    /// The one instance that `key` means, or what is wrong with it. Numbers and texts stand
    /// for each other, as in any index.
    fn key_of(
        &self,
        what: &str,
        expansion: &Expansion,
        key: &Value,
        span: Span,
    ) -> Result<InstanceKey, Diagnostics> {
        let wanted = match expansion {
            Expansion::Count(_) => convert::convert(key, &Type::Number).ok(),
            Expansion::Keys(_) => convert::convert(key, &Type::String).ok(),
            Expansion::Single | Expansion::Disabled => None,
        };
        let key = InstanceKey::from_value(wanted.as_ref().unwrap_or(key)).ok_or_else(|| {
            let detail = format!(
                "An instance of {what} is named by a whole number (count) or a string (for_each)."
            );
            error("Invalid index", detail, span)
        })?;
        self.check_key(what, expansion, &key, span)?;
        Ok(key)
    }

    fn check_key(
        &self,
        what: &str,
        expansion: &Expansion,
        key: &InstanceKey,
        span: Span,
    ) -> Result<(), Diagnostics> {
        if expansion.contains(key) {
            return Ok(());
        }
        let detail = match expansion {
            Expansion::Single | Expansion::Disabled => format!(
                "Because {what} does not have \"count\" or \"for_each\" set, references to it must not include an index key. Remove the bracketed index to refer to the single instance."
            ),
            Expansion::Count(0) => format!("{what} is empty: its count is 0."),
            Expansion::Count(n) => format!(
                "The given key does not identify an element in this collection value: {what} has count {n}, so the index has to be a whole number from 0 to {}.",
                n - 1
            ),
            Expansion::Keys(keys) => {
                let mut detail = format!(
                    "The given key does not identify an element in this collection value: {what} has no instance {key}."
                );
                if let InstanceKey::Str(k) = key
                    && let Some(near) = nearest(k, keys.keys().map(|k| &**k))
                {
                    detail.push_str(&format!(" Did you mean {near:?}?"));
                }
                detail
            }
        };
        Err(error("Invalid index", detail, span))
    }

    fn unknown_key(&self, key: Option<&Value>) -> Option<Value> {
        let key = key?;
        key.is_unknown()
            .then(|| Value::dynamic().with_marks(key.marks()))
    }

    fn resource(
        &self,
        addr: &loam_address::ResourceAddr,
        key: Option<&Value>,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        // A resource without values has failed; its error has been reported already.
        let Some(instances) = self.values.module(self.addr).resources.get(addr) else {
            return Ok(Value::dynamic());
        };
        if let Some(unknown) = self.unknown_key(key) {
            return Ok(unknown);
        }
        let Some(key) = key else {
            return Ok(instances.whole());
        };
        // A single instance is an object: `["name"]` is then an attribute of it.
        if instances.expansion == Expansion::Single
            && let Kind::String(name) = key.kind()
        {
            let whole = instances.whole();
            if whole.is_unknown() {
                return Ok(Value::dynamic());
            }
            return whole.get(name).ok_or_else(|| {
                error(
                    "Invalid index",
                    format!("{addr} has no attribute {name:?}."),
                    span,
                )
            });
        }
        let what = addr.to_string();
        let instance = self.key_of(&what, instances.there(), key, span)?;
        if instances.is_missing(&instance) {
            let detail = format!(
                "{what}{instance} does not exist yet, and it is not among what this run is limited to."
            );
            return Err(error("Invalid index", detail, span));
        }
        let value = instances
            .value(&instance)
            .cloned()
            .unwrap_or_else(Value::dynamic);
        Ok(value.with_marks(key.marks()))
    }

    /// Whether a call has `count` or `for_each`.
    fn repeats(&self, name: &Arc<str>) -> bool {
        self.module.calls.get(name).is_some_and(|call| {
            matches!(
                call.repetition,
                Repetition::Count(_) | Repetition::ForEach(_)
            )
        })
    }

    fn call(&self, name: &Arc<str>, key: Option<&Value>, span: Span) -> Result<Value, Diagnostics> {
        let Some(expansion) = self.values.module(self.addr).calls.get(name) else {
            return Ok(Value::dynamic());
        };
        if let Some(unknown) = self.unknown_key(key) {
            return Ok(unknown);
        }
        let object = |key: InstanceKey| {
            self.values
                .module_object(&self.addr.child(name.clone(), key))
        };
        if self.open_repetition && self.repeats(name) {
            // One instance stands for all, and nothing is known of their number.
            return Ok(match key {
                Some(_) => object(InstanceKey::None),
                None => Value::dynamic(),
            });
        }
        match (key, expansion) {
            (None, Expansion::Single) => Ok(object(InstanceKey::None)),
            (None, Expansion::Disabled) => Ok(Value::null(Type::Dynamic)),
            (None, Expansion::Count(n)) => Ok(Value::tuple(
                (0..*n).map(|i| object(InstanceKey::Int(i))).collect(),
            )),
            (None, Expansion::Keys(keys)) => {
                let entries: ValueMap = keys
                    .keys()
                    .map(|k| (k.clone(), object(InstanceKey::Str(k.clone()))))
                    .collect();
                Ok(Value::object(entries))
            }
            // A single instance is an object: `["name"]` is then an attribute of it.
            (Some(key), Expansion::Single) if let Kind::String(output) = key.kind() => {
                let whole = object(InstanceKey::None);
                let value = whole.get(output).ok_or_else(|| {
                    let detail = format!("module.{name} has no output {output:?}.");
                    error("Invalid index", detail, span)
                })?;
                Ok(value.with_marks(key.marks()))
            }
            (Some(key), _) => {
                let what = format!("module.{name}");
                let instance = self.key_of(&what, expansion, key, span)?;
                Ok(object(instance).with_marks(key.marks()))
            }
        }
    }
}

impl Scope for ModuleScope<'_> {
    fn get(
        &self,
        target: &ReferenceTarget,
        key: Option<&Value>,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        let values = self.values.module(self.addr);
        let found = match target {
            ReferenceTarget::Variable(n) => values.variables.get(n).cloned(),
            ReferenceTarget::Local(n) => values.locals.get(n).cloned(),
            ReferenceTarget::Resource(addr) => return self.resource(addr, key, span),
            ReferenceTarget::Module(n) => return self.call(n, key, span),
            ReferenceTarget::CountIndex if self.open_repetition => {
                Some(Value::refined(Type::Number, Refinements::not_null()))
            }
            ReferenceTarget::EachKey if self.open_repetition => {
                Some(Value::refined(Type::String, Refinements::not_null()))
            }
            ReferenceTarget::EachValue if self.open_repetition => Some(Value::dynamic()),
            ReferenceTarget::CountIndex => match &self.repetition {
                Some((InstanceKey::Int(i), _)) => Some(Value::int(*i as i64)),
                _ => {
                    let detail = "The \"count\" object can only be used in a block with the \"count\" argument set.";
                    return Err(error(
                        "Reference to \"count\" in non-counted context",
                        detail.into(),
                        span,
                    ));
                }
            },
            ReferenceTarget::EachKey | ReferenceTarget::EachValue => match &self.repetition {
                Some((InstanceKey::Str(k), value)) => match target {
                    ReferenceTarget::EachKey => Some(Value::string(k.clone())),
                    _ => value.clone(),
                },
                _ => {
                    let detail = "The \"each\" object can only be used in a block with the \"for_each\" argument set.";
                    return Err(error(
                        "Reference to \"each\" in context without for_each",
                        detail.into(),
                        span,
                    ));
                }
            },
            ReferenceTarget::SelfObject => match &self.self_value {
                Some(v) => Some(v.clone()),
                None => {
                    let detail = "The \"self\" object is not available here: it stands for the resource instance in postconditions.";
                    return Err(error("Invalid \"self\" reference", detail.into(), span));
                }
            },
            ReferenceTarget::PathModule => Some(slashes(&self.module.dir)),
            ReferenceTarget::PathRoot => Some(slashes(self.root_dir)),
            ReferenceTarget::PathCwd => Some(Value::string(self.surroundings.cwd.clone())),
            ReferenceTarget::Workspace => Some(Value::string(self.surroundings.workspace.clone())),
            ReferenceTarget::Applying => Some(
                Value::bool(self.surroundings.applying).with_marks(loam_value::Marks::EPHEMERAL),
            ),
            ReferenceTarget::Named(_) => None,
        };
        // What has no value has failed before, and that was reported where it happened.
        Ok(found.unwrap_or_else(Value::dynamic))
    }

    fn call_context(&self) -> &CallContext {
        &self.surroundings.context
    }
}

/// The addresses of all instances of a module of the configuration, in order.
pub fn module_instances(values: &Values, path: &loam_address::ModulePath) -> Vec<ModuleAddr> {
    let mut found = vec![ModuleAddr::root()];
    for name in path.names() {
        found = found
            .into_iter()
            .flat_map(|parent| {
                let keys = values
                    .module(&parent)
                    .calls
                    .get(name)
                    .map(Expansion::keys)
                    .unwrap_or_default();
                keys.into_iter().map(move |key| {
                    let mut steps = parent.steps().to_vec();
                    steps.push(ModuleStep {
                        name: name.clone(),
                        key,
                    });
                    ModuleAddr::from_steps(steps)
                })
            })
            .collect();
    }
    found
}
