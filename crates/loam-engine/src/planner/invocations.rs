//! The actions that will run: with changes of the resources that trigger them, or because
//! the user named them.

use std::sync::Arc;

use loam_address::{ActionInstanceAddr, ConfigActionAddr, ConfigResourceAddr, InstanceAddr};
use loam_config::{Action as ActionBlock, ActionRef, ActionTrigger, Resource, TriggerEvent};
use loam_diag::{Diagnostic, Diagnostics, nearest};
use loam_eval::ReferenceTarget;
use loam_provider::{IntentAction, Recovery};
use loam_value::{PathStep, Value};

use super::Planner;
use super::instance::at;
use crate::actions::veiled;
use crate::dependencies::Node;
use crate::plan::{Action, ActionReason, Invocation, Mode, Reads, ResourceChange, Trigger};
use crate::propose::{mark_by_schema, unknown_paths, without_write_only};
use crate::provider_address;

/// One place where a trigger names an action.
struct Named<'a> {
    resource: &'a Resource,
    block: usize,
    index: usize,
    action: &'a ActionRef,
    event: TriggerEvent,
}

/// The events of a change, in their order.
fn events(change: &ResourceChange) -> &'static [TriggerEvent] {
    match (change.action, change.reason) {
        // The creation that was cut off ends now.
        (
            Action::Update,
            Some(
                ActionReason::UpdateBecauseWaitPending | ActionReason::UpdateBecauseNotProvisioned,
            ),
        ) => &[TriggerEvent::AfterCreate],
        (Action::Update, _) => &[TriggerEvent::BeforeUpdate, TriggerEvent::AfterUpdate],
        (Action::Create, _) => &[TriggerEvent::BeforeCreate, TriggerEvent::AfterCreate],
        (a, _) if a.is_replace() => &[TriggerEvent::BeforeCreate, TriggerEvent::AfterCreate],
        _ => &[],
    }
}

impl Planner<'_> {
    /// Finds an action's instances and plans to run those that the user named.
    pub(super) fn visit_action(&mut self, addr: &ConfigActionAddr) -> bool {
        if !self.eval.expand_action(addr) {
            return false;
        }
        if self.options.mode != Mode::Invoke {
            return true;
        }
        let Some(action) = self.eval.action_block(addr) else {
            return false;
        };
        let mut ok = true;
        for instance in self.eval.action_instances(addr) {
            if !self.options.invoke.iter().any(|t| t.contains(&instance)) {
                continue;
            }
            match self.invocation(&action, instance, Trigger::Invoke, false) {
                Ok(i) => self.invocations.push(i),
                Err(d) => {
                    self.eval.diagnostics.append(d);
                    ok = false;
                }
            }
        }
        ok
    }

    /// Plans the actions of one `action_trigger` block.
    pub(super) fn visit_trigger(&mut self, addr: &ConfigResourceAddr, block: usize) -> bool {
        if self.options.mode != Mode::Normal {
            return true;
        }
        let Some(resource) = self.eval.resource(addr).cloned() else {
            return false;
        };
        let Some(trigger) = resource.lifecycle.triggers.get(block) else {
            return true;
        };
        self.triggers_visited.insert((addr.clone(), block));
        let mut ok = true;
        for of in self.instances(addr, &resource) {
            self.warn_missed(trigger, &of);
            if let Err(d) = self.triggered_by(&resource, trigger, block, &of) {
                self.eval.diagnostics.append(d);
                ok = false;
            }
        }
        ok
    }

    fn triggered_by(
        &mut self,
        resource: &Resource,
        trigger: &ActionTrigger,
        block: usize,
        of: &InstanceAddr,
    ) -> Result<(), Diagnostics> {
        let Some(change) = self.index.get(of).and_then(|i| self.changes.get(*i)) else {
            return Ok(());
        };
        let after = change.after.clone();
        let due: Vec<TriggerEvent> = events(change)
            .iter()
            .copied()
            .filter(|e| trigger.events.contains(e))
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let condition = self.eval.trigger_condition(trigger, of, after)?;
        if condition == Some(false) {
            return Ok(());
        }
        let mut problems = Diagnostics::new();
        for (index, action) in trigger.actions.iter().enumerate() {
            for event in &due {
                let named = Named {
                    resource,
                    block,
                    index,
                    action,
                    event: *event,
                };
                match self.triggered_action(&named, of, condition.is_none()) {
                    Ok(i) => self.invocations.push(i),
                    Err(d) => {
                        problems.append(d);
                        break;
                    }
                }
            }
        }
        if problems.has_errors() {
            Err(problems)
        } else {
            Ok(())
        }
    }

    fn triggered_action(
        &mut self,
        named: &Named<'_>,
        of: &InstanceAddr,
        condition_unknown: bool,
    ) -> Result<Invocation, Diagnostics> {
        let addr = self.eval.named_action(named.action, of)?;
        let Some(action) = self.eval.action_block(&addr.config_action()) else {
            return Err(Diagnostics::new());
        };
        let trigger = Trigger::Lifecycle {
            resource: of.clone(),
            block: named.block,
            index: named.index,
            event: named.event,
        };
        let invocation = self.invocation(&action, addr, trigger, condition_unknown)?;
        if named.event.is_before() {
            self.check_before(named, &action, &invocation, of)?;
        }
        Ok(invocation)
    }

    /// Refuses an action that is to run before what it is made from is there.
    fn check_before(
        &self,
        named: &Named<'_>,
        action: &ActionBlock,
        invocation: &Invocation,
        of: &InstanceAddr,
    ) -> Result<(), Diagnostics> {
        let own = of.config_resource();
        let refuse = |detail: String| -> Result<(), Diagnostics> {
            Err(
                Diagnostic::error("Action needs the resource that it runs before", detail)
                    .at(named.action.span)
                    .label(action.span, "the action")
                    .for_address(of.to_string())
                    .into(),
            )
        };
        let (name, event) = (&invocation.addr, named.event.as_str());
        let instead = if event == "before_create" {
            "after_create"
        } else {
            "after_update"
        };
        let needs = self
            .deps
            .of_invocation(&name.config_action(), Some((&own, named.block)));
        let names_it = action
            .depends_on
            .iter()
            .any(|d| d.reference.target == ReferenceTarget::Resource(own.resource.clone()));
        if names_it || self.deps.made_from(&needs, &own) || invocation.reads == Reads::All {
            return refuse(format!(
                "{name} cannot run at {event}: it is made from {} as a whole. Let it refer to the one instance that it is for, or trigger it by {instead}.",
                named.resource.addr
            ));
        }
        if invocation.config.is_wholly_known() {
            return Ok(());
        }
        let planned = self.index.get(of).and_then(|i| self.changes.get(*i));
        let references = action.body.references().filter(
            |r| matches!(&r.target, ReferenceTarget::Resource(a) if *a == named.resource.addr),
        );
        for r in references {
            let steps = match r.path.0.as_slice() {
                [PathStep::Index(_), rest @ ..] => rest,
                all => all,
            };
            let open = planned
                .and_then(|c| at(&c.after, steps))
                .is_some_and(|v| !v.is_wholly_known());
            if open {
                return refuse(format!(
                    "{name} cannot run at {event}: {}{} is known only after that. Trigger it by {instead}.",
                    named.resource.addr,
                    loam_value::Path(steps.to_vec())
                ));
            }
        }
        Ok(())
    }

    /// Evaluates what will run.
    fn invocation(
        &mut self,
        action: &Arc<ActionBlock>,
        addr: ActionInstanceAddr,
        trigger: Trigger,
        condition_unknown: bool,
    ) -> Result<Invocation, Diagnostics> {
        let (key, instance, provider) = self.eval.action_provider(action, &addr)?;
        let kind = self.eval.registry.get(&key.kind).cloned();
        let Some((kind, schema)) = kind.and_then(|k| {
            let schema = k.schema().actions.get(&action.addr.kind).cloned()?;
            Some((k, schema))
        }) else {
            return Err(Diagnostics::new());
        };
        let watched = match &trigger {
            Trigger::Lifecycle { resource, .. } => Some(resource),
            Trigger::Invoke => None,
        };
        let (config, mut reads) = self.eval.action_config(action, &addr, watched)?;
        // `each.value` holds all that `for_each` was made from.
        let repeats = |of: &InstanceAddr| {
            let own = ReferenceTarget::Resource(of.resource.clone());
            action.repetition.references().any(|r| r.target == own)
        };
        if watched.is_some_and(repeats) {
            reads = Reads::All;
        }
        if trigger == Trigger::Invoke && !config.is_wholly_known() {
            return Err(not_known(action, &addr, &config));
        }
        let address = addr.to_string();
        let mut problems = Diagnostics(
            kind.validate(&action.addr.kind, &config.unmarked_deep())
                .into_iter()
                .map(|d| d.at(action.span).for_address(address.clone()))
                .collect(),
        );
        if problems.has_errors() {
            return Err(problems);
        }
        self.eval.diagnostics.append(std::mem::take(&mut problems));
        let requests = provider.invoke_cost(&action.addr.kind, &config.unmarked_deep());
        let config = veiled(&without_write_only(&schema.block, &config));
        let config = mark_by_schema(&schema.block, &config);
        Ok(Invocation {
            provider_type: key.kind.clone(),
            provider: provider_address::format(&key, &instance, self.eval.registry),
            addr,
            schema,
            config,
            trigger,
            condition_unknown,
            reads,
            requests,
        })
    }

    /// Says so where a resource was created by a run that ended before its actions ran.
    fn warn_missed(&mut self, trigger: &ActionTrigger, of: &InstanceAddr) {
        let adopted = self.recovered.iter().any(|(intent, recovery)| {
            intent.record.id.addr == *of
                && intent.record.action == IntentAction::Create
                && matches!(recovery, Recovery::Exists { pending: false, .. })
                && !self.provisions(of)
        });
        if !adopted || !trigger.events.contains(&TriggerEvent::AfterCreate) {
            return;
        }
        let names: Vec<String> = trigger
            .actions
            .iter()
            .filter_map(|a| self.eval.named_action(a, of).ok())
            .map(|a| a.to_string())
            .collect();
        let detail = format!(
            "{of} was created by a run that did not end, so what after_create triggers did not run: {}. Run it with \"loam invoke\" if it is needed.",
            names.join(", ")
        );
        self.eval.diagnostics.push(
            Diagnostic::warning("Actions did not run", detail)
                .at(trigger.span)
                .for_address(of.to_string()),
        );
    }

    /// Puts the actions in order and says what could not be found or was left out.
    pub(super) fn settle_invocations(&mut self) {
        self.invocations
            .sort_by(|a, b| (&a.trigger, &a.addr).cmp(&(&b.trigger, &b.addr)));
        self.warn_open();
        if self.options.mode == Mode::Invoke {
            self.refuse_unknown_actions();
        } else if !self.eval.diagnostics.has_errors() {
            self.warn_left_out();
        }
    }

    fn warn_open(&mut self) {
        for open in &self.open_invocations {
            let detail = format!(
                "Action {0} was started at {1} and its end is not recorded: the process ended before the answer came. It may or may not have had its effect; look at the cloud to find out. It is not run again on its own account: \"loam invoke {0}\" does that.",
                open.action,
                open.started_at()
            );
            self.eval.diagnostics.push(
                Diagnostic::warning("Outcome of an action unknown", detail)
                    .for_address(open.action.clone()),
            );
        }
    }

    fn refuse_unknown_actions(&mut self) {
        for wanted in &self.options.invoke {
            if self.invocations.iter().any(|i| wanted.contains(&i.addr)) {
                continue;
            }
            let configured = self
                .eval
                .module(&wanted.module.path())
                .is_some_and(|m| m.actions.contains_key(&wanted.action));
            if configured && self.eval.diagnostics.has_errors() {
                continue;
            }
            let known: Vec<String> = self.known_actions();
            let detail = match (configured, known.is_empty()) {
                (true, _) => format!("There is no instance {wanted}."),
                (false, true) => format!(
                    "There is no action {wanted}: the configuration has no \"action\" blocks."
                ),
                (false, false) => format!("There is no action {wanted} in the configuration."),
            };
            let d = Diagnostic::error("Action not found", detail);
            let text = wanted.to_string();
            self.eval
                .diagnostics
                .push(match nearest(&text, known.iter().map(String::as_str)) {
                    Some(near) => d.hint(format!("Did you mean {near}?")),
                    None => d,
                });
        }
    }

    fn known_actions(&self) -> Vec<String> {
        let modules = self.eval.config.modules.iter();
        modules
            .flat_map(|(path, m)| {
                m.actions.keys().map(|a| {
                    ConfigActionAddr {
                        module: path.clone(),
                        action: a.clone(),
                    }
                    .to_string()
                })
            })
            .collect()
    }

    /// Says so where `-target` or `-exclude` keeps an action from running that a planned
    /// change would trigger.
    fn warn_left_out(&mut self) {
        let mut left_out = Vec::new();
        for change in &self.changes {
            let own = change.id.addr.config_resource();
            let due = events(change);
            if change.id.deposed.is_some() || due.is_empty() {
                continue;
            }
            let Some(resource) = self.eval.resource(&own) else {
                continue;
            };
            for (i, t) in resource.lifecycle.triggers.iter().enumerate() {
                if due.iter().any(|e| t.events.contains(e))
                    && !self.triggers_visited.contains(&(own.clone(), i))
                {
                    left_out.push((change.id.addr.to_string(), t.span));
                }
            }
        }
        for (address, span) in left_out {
            let detail = format!(
                "The actions that the change of {address} would trigger need something that is left out of this plan, so they will not run."
            );
            self.eval.diagnostics.push(
                Diagnostic::warning("Actions are left out", detail)
                    .at(span)
                    .for_address(address),
            );
        }
    }
}

/// An action that the user named cannot run: its arguments are not known.
fn not_known(action: &ActionBlock, addr: &ActionInstanceAddr, config: &Value) -> Diagnostics {
    let all = unknown_paths(config)
        .into_iter()
        .map(|path| {
            let detail = format!(
                "The argument{path} of {addr} is not known: what it is made from does not exist yet. Run \"loam apply\" first.",
            );
            Diagnostic::error("Action's arguments not known", detail)
                .at(action.body.span_of(&path))
                .for_address(addr.to_string())
        });
    Diagnostics(all.collect())
}

/// The actions of triggers, with what they need, are part of what is planned.
pub(super) fn included_triggers(
    planner: &Planner<'_>,
    included: &[bool],
) -> Vec<loam_graph::NodeId> {
    let graph = &planner.deps.graph;
    let triggers = graph.ids().filter(|id| match graph.node(*id) {
        Node::Trigger(r, _) => graph
            .find(&Node::Resource(r.clone()))
            .is_some_and(|r| included.get(r.index()).copied().unwrap_or(false)),
        _ => false,
    });
    triggers.collect()
}
