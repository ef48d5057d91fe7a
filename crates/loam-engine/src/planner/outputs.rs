//! What becomes of the root module's outputs.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_address::{ModuleAddr, ModulePath};
use loam_state::OutputValue;
use loam_value::{Type, Value};

use super::Planner;
use crate::dependencies::Node;
use crate::plan::{Action, CheckObject, Mode, OutputChange};

impl Planner<'_> {
    /// The root module's outputs before the changes: before objects are destroyed, they have
    /// the values that the configuration gives them until then.
    pub(super) fn prior_outputs(&self) -> BTreeMap<Arc<str>, OutputValue> {
        let mut outputs = self.base.outputs.clone();
        if self.options.mode != Mode::Destroy {
            return outputs;
        }
        let root = self.eval.config.root();
        for (name, output) in root.into_iter().flat_map(|m| &m.outputs) {
            let value = self.rehearsed.get(name);
            let value = value.map(|v| v.unmarked_deep().stored());
            let Some(value) = value.filter(Value::is_wholly_known) else {
                continue;
            };
            if value.is_null() || output.ephemeral {
                outputs.remove(name);
                continue;
            }
            let sensitive = output.sensitive;
            outputs.insert(name.clone(), OutputValue { value, sensitive });
        }
        outputs
    }

    /// What becomes of the outputs that there were.
    pub(super) fn output_changes(
        &self,
        outputs: &BTreeMap<Arc<str>, OutputValue>,
    ) -> BTreeMap<Arc<str>, OutputChange> {
        let mut out = BTreeMap::new();
        let null = || Value::null(Type::Dynamic);
        let root = self.eval.config.modules.get(&ModulePath::root());
        if self.options.mode == Mode::Destroy {
            if self.options.targets.is_empty() && self.options.excludes.is_empty() {
                for (name, before) in outputs {
                    out.insert(name.clone(), gone(before));
                }
            }
            return out;
        }
        let values = self.eval.values.module(&ModuleAddr::root());
        for (name, output) in root.into_iter().flat_map(|m| &m.outputs) {
            if output.ephemeral || !self.visited(name) {
                continue;
            }
            let Some(value) = values.outputs.get(name) else {
                continue;
            };
            let after = value.unmarked_deep().stored();
            let sensitive = output.sensitive;
            let before = outputs.get(name);
            let action = match before {
                None if after.is_null() => Action::NoOp,
                None => Action::Create,
                Some(b) if b.value == after && b.sensitive == sensitive => Action::NoOp,
                Some(_) => Action::Update,
            };
            let change = OutputChange {
                action,
                before: before.map_or_else(null, |b| b.value.clone()),
                after,
                sensitive: sensitive || before.is_some_and(|b| b.sensitive),
            };
            out.insert(name.clone(), change);
        }
        // Outputs cannot be selected: those without a block stay until all is looked at.
        let whole = self.options.targets.is_empty() && self.options.excludes.is_empty();
        for (name, before) in outputs.iter().filter(|_| whole) {
            if !root.is_some_and(|m| m.outputs.contains_key(name)) {
                out.insert(name.clone(), gone(before));
            }
        }
        out
    }

    /// Lists what has checks and was not looked at. Of what will be gone nothing is known; of
    /// the root module's outputs it is at least known that they go.
    pub(super) fn settle_checks(&mut self) {
        match self.options.mode {
            Mode::Invoke => return,
            Mode::Normal | Mode::RefreshOnly => {}
            Mode::Destroy => {
                let results = &mut self.eval.checks;
                results.0.clear();
                let root = self.eval.config.root();
                let whole = self.options.targets.is_empty() && self.options.excludes.is_empty();
                for (name, output) in root.into_iter().flat_map(|m| &m.outputs) {
                    if whole && !output.preconditions.is_empty() {
                        let object = CheckObject::Output(ModulePath::root(), name.clone());
                        results.expanded(object, std::iter::once(format!("output.{name}")));
                    }
                }
            }
        }
        self.eval.checks.complete(self.eval.config);
    }

    fn visited(&self, name: &Arc<str>) -> bool {
        let id = self
            .deps
            .graph
            .find(&Node::Output(ModulePath::root(), name.clone()));
        id.is_none_or(|id| self.visits(id))
    }
}

fn gone(before: &OutputValue) -> OutputChange {
    OutputChange {
        action: Action::Delete,
        before: before.value.clone(),
        after: Value::null(Type::Dynamic),
        sensitive: before.sensitive,
    }
}
