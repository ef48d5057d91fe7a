//! What root outputs come to before objects are destroyed.
//!
//! Terraform plans the configuration before it destroys, and writes down the outputs that
//! such a plan knows. Here only what outputs are made from is planned, without asking any
//! service: what a service would have to be asked is as the state has it. Whatever is wrong
//! with it does not stand in the way of destroying.

use std::sync::Arc;

use loam_address::{InstanceAddr, ModuleAddr};
use loam_config::Resource;
use loam_diag::Diagnostics;
use loam_graph::Walk;
use loam_state::InstanceId;
use loam_value::Value;
use rustc_hash::FxHashMap;

use super::{Objects, Options, Planner, select};
use crate::evaluator::{Conditions, Evaluator};
use crate::event::Silent;
use crate::plan::Mode;
use crate::values::Values;

impl Planner<'_> {
    /// Finds the values that the root module's outputs have before this plan destroys
    /// something.
    pub(super) async fn rehearse(&mut self) {
        let has_outputs = self
            .eval
            .config
            .root()
            .is_some_and(|m| !m.outputs.is_empty());
        let wanted = self.options.mode == Mode::Destroy && self.options.refresh;
        if !wanted || !has_outputs || self.base.is_empty() {
            return;
        }
        let options = Options {
            refresh: false,
            targets: self.options.targets.clone(),
            excludes: self.options.excludes.clone(),
            parallelism: self.options.parallelism,
            ..Options::default()
        };
        let deps = std::mem::take(&mut self.deps);
        let Ok(walk) = Walk::new(&deps.graph) else {
            self.deps = deps;
            return;
        };
        let eval = Evaluator {
            values: Values::new(),
            providers: FxHashMap::default(),
            checks: Default::default(),
            conditions: Conditions::Skip,
            diagnostics: Diagnostics::new(),
            ..self.eval
        };
        let objects = Objects {
            base: self.base.clone(),
            prior: self.prior.clone(),
            moved: Default::default(),
        };
        let mut rehearsal = Planner::new(eval, &Silent, &options, deps, objects);
        rehearsal.rehearsal = true;
        rehearsal.prepare();
        rehearsal.included = Some(select::for_outputs(&rehearsal));
        rehearsal.run(walk).await;
        let root = rehearsal.eval.values.module(&ModuleAddr::root());
        let outputs = root.outputs.iter();
        self.rehearsed = outputs.map(|(n, v)| (n.clone(), v.clone())).collect();
        self.deps = rehearsal.deps;
    }

    /// In a rehearsal: whether a service would have to be asked what becomes of an instance.
    /// Then it has the value that the state has, or an unknown one.
    pub(super) fn takes_service(&mut self, resource: &Arc<Resource>, addr: &InstanceAddr) -> bool {
        if !self.rehearsal {
            return false;
        }
        let provider = self.provider_of(resource, addr);
        let external = provider.is_none_or(|p| p.provider.is_external());
        if external {
            let prior = self.prior.get(&InstanceId::from(addr.clone()));
            let value = prior.map_or_else(Value::dynamic, |i| i.value.clone());
            self.eval.set_value(addr, value);
        }
        external
    }
}
