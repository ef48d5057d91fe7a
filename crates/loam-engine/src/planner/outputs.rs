//! What becomes of the root module's outputs.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_address::{ModuleAddr, ModulePath};
use loam_value::{Type, Value};

use super::Planner;
use crate::dependencies::Node;
use crate::plan::{Action, Mode, OutputChange};

impl Planner<'_> {
    pub(super) fn output_changes(&self) -> BTreeMap<Arc<str>, OutputChange> {
        let mut out = BTreeMap::new();
        let null = || Value::null(Type::Dynamic);
        let outputs = &self.base.outputs;
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
        for (name, before) in outputs {
            if !root.is_some_and(|m| m.outputs.contains_key(name)) {
                out.insert(name.clone(), gone(before));
            }
        }
        out
    }

    fn visited(&self, name: &Arc<str>) -> bool {
        let id = self
            .deps
            .graph
            .find(&Node::Output(ModulePath::root(), name.clone()));
        match (id, &self.included) {
            (Some(id), Some(included)) => included.get(id.index()).copied().unwrap_or(false),
            _ => true,
        }
    }
}

fn gone(before: &loam_state::OutputValue) -> OutputChange {
    OutputChange {
        action: Action::Delete,
        before: before.value.clone(),
        after: Value::null(Type::Dynamic),
        sensitive: before.sensitive,
    }
}
