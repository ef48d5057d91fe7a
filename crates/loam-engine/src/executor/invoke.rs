//! Running one action.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::BoxFuture;
use loam_address::ActionInstanceAddr;
use loam_config::{Action as ActionBlock, TriggerEvent};
use loam_diag::{Diagnostic, Diagnostics};
use loam_graph::NodeId;
use loam_provider::{ApplyObserver, InvokeRequest, Private, Provider};
use loam_state::Run;
use loam_value::{Path, Value};

use super::change::error_text;
use super::promise::contradiction;
use super::slots::Slots;
use super::{Executor, Ran, Stop, store_error};
use crate::actions::without_ephemeral;
use crate::event::{Event, Observer};
use crate::plan::{Invocation, Trigger};
use crate::propose::{unknown_paths, without_write_only};
use crate::provider_address;

/// Everything that running one action takes, without a hold on the executor.
struct Job<'a> {
    index: usize,
    invocation: &'a Invocation,
    action: Arc<ActionBlock>,
    provider: Arc<dyn Provider>,
    run: &'a Run,
    observer: &'a dyn Observer,
    stop: &'a Stop,
    slots: Arc<Slots>,
    /// The arguments, wholly known.
    config: Value,
}

impl<'a> Executor<'a> {
    /// Prepares to run an action; nothing is to be done if its condition does not hold.
    /// The error: it cannot be begun.
    pub(super) fn invoke(
        &mut self,
        index: usize,
    ) -> Result<Option<BoxFuture<'a, Ran>>, Diagnostics> {
        let Some(invocation) = self.inputs.plan.invocations.get(index) else {
            return Err(Diagnostics::new());
        };
        let addr = &invocation.addr;
        let block = addr.config_action();
        let Some(action) = self.eval.action_block(&block) else {
            return Err(Diagnostics::new());
        };
        if !self.eval.expand_action(&block) {
            return Err(Diagnostics::new());
        }
        if !self.condition_holds(invocation)? {
            self.inputs.observer.event(Event::ActionSkipped {
                addr: addr.clone(),
                trigger: invocation.trigger.clone(),
                condition: true,
            });
            return Ok(None);
        }
        let (config, _) = self.with_planned(invocation, |executor| {
            executor.eval.action_config(&action, addr, None)
        })?;
        if !config.is_wholly_known() {
            return Err(unknown_arguments(&action, addr, &config));
        }
        let stored = without_write_only(&invocation.schema.block, &config);
        let promised = without_ephemeral(&invocation.config).unmarked_deep();
        let now = without_ephemeral(&stored).unmarked_deep();
        if let Some(path) = contradiction(&promised, &now, Path::root()) {
            let detail = format!(
                "What is known now for {addr}{path} is not what the plan said. The action was not run. Make a new plan."
            );
            return Err(Diagnostic::error("Plan is no longer right", detail)
                .at(action.body.span_of(&path))
                .into());
        }
        let found = provider_address::parse(&invocation.provider, self.eval.registry).and_then(
            |(key, instance)| {
                let kind = self.eval.registry.get(&key.kind)?.clone();
                let key = crate::provider_choice::effective(key, self.eval.config);
                let provider = self.eval.providers.get(&(key, instance))?.clone();
                Some((kind, provider))
            },
        );
        let Some((kind, provider)) = found else {
            let detail = format!(
                "{addr} needs {}, which is not configured.",
                invocation.provider
            );
            return Err(Diagnostic::error("Provider configuration not present", detail).into());
        };
        let config = config.unmarked_deep();
        let problems = kind.validate(&addr.action.kind, &config);
        if problems.has_errors() {
            let problems = problems.into_iter().map(|d| d.at(action.span));
            return Err(Diagnostics(problems.collect()));
        }
        let job = Job {
            index,
            invocation,
            action,
            provider,
            run: self.inputs.run,
            observer: self.inputs.observer,
            stop: self.inputs.stop,
            slots: self.slots.clone(),
            config,
        };
        Ok(Some(job.run().boxed()))
    }

    /// Whether the trigger's condition holds, with what is known now.
    fn condition_holds(&mut self, invocation: &Invocation) -> Result<bool, Diagnostics> {
        let Trigger::Lifecycle {
            resource,
            block,
            event,
            ..
        } = &invocation.trigger
        else {
            return Ok(true);
        };
        let found = self.eval.resource(&resource.config_resource()).cloned();
        let Some(trigger) = found
            .as_ref()
            .and_then(|r| r.lifecycle.triggers.get(*block))
        else {
            return Err(Diagnostics::new());
        };
        let planned = self
            .index
            .get(resource)
            .and_then(|i| self.inputs.plan.changes.get(*i))
            .map(|c| c.after.clone());
        let made = || {
            let resources = &self.eval.values.module(&resource.module).resources;
            resources
                .get(&resource.resource)
                .and_then(|i| i.value(&resource.key))
                .cloned()
        };
        let value = if event.is_before() { planned } else { made() };
        let value = value.unwrap_or_else(Value::dynamic);
        let holds = self.eval.trigger_condition(trigger, resource, value)?;
        holds.ok_or_else(|| {
            let span = trigger
                .condition
                .as_ref()
                .map_or(trigger.span, |c| c.span());
            let detail = format!(
                "Whether {} is to run at {} depends on something that is known only later.",
                invocation.addr,
                event.as_str()
            );
            Diagnostic::error("Condition not known", detail)
                .at(span)
                .into()
        })
    }

    /// Evaluates something as it will be after the change that an action runs before: the
    /// instance is looked up as it is planned.
    fn with_planned<T>(&mut self, invocation: &Invocation, evaluate: impl FnOnce(&Self) -> T) -> T {
        let planned = match &invocation.trigger {
            Trigger::Lifecycle {
                resource, event, ..
            } if event.is_before() => self
                .index
                .get(resource)
                .and_then(|i| self.inputs.plan.changes.get(*i))
                .map(|c| (resource, c.after.clone())),
            _ => None,
        };
        let Some((resource, planned)) = planned else {
            return evaluate(self);
        };
        self.eval.set_value(resource, planned);
        let out = evaluate(self);
        let module = self.eval.values.module_mut(&resource.module);
        if let Some(instances) = module.resources.get_mut(&resource.resource) {
            instances.unset(&resource.key);
        }
        out
    }

    /// An action that could not even be begun.
    pub(super) fn refuse_action(&mut self, index: usize, diagnostics: Diagnostics) {
        let invocation = self.inputs.plan.invocations.get(index);
        let address = invocation.map(|i| i.addr.to_string()).unwrap_or_default();
        self.eval.diagnostics.extend(
            diagnostics
                .into_iter()
                .map(|d| d.for_address(address.clone())),
        );
        self.summary.failed += 1;
    }

    pub(super) fn take_action(&mut self, id: NodeId, ran: Ran) {
        let invocation = self.inputs.plan.invocations.get(ran.index);
        let address = invocation.map(|i| i.addr.to_string()).unwrap_or_default();
        self.eval.diagnostics.extend(
            ran.diagnostics
                .into_iter()
                .map(|d| d.for_address(address.clone())),
        );
        self.halted |= ran.store_failed;
        if ran.ok {
            self.summary.done.invoke += 1;
            self.order.walk.done(id);
        } else {
            self.summary.failed += 1;
            self.skip_after(id);
        }
    }
}

fn unknown_arguments(
    action: &ActionBlock,
    addr: &ActionInstanceAddr,
    config: &Value,
) -> Diagnostics {
    let all = unknown_paths(config)
        .into_iter()
        .map(|path| {
            let detail = format!(
                "The argument{path} of {addr} is still not known, although everything that it is made from has been applied."
            );
            Diagnostic::error("Action's arguments not known", detail)
                .at(action.body.span_of(&path))
        });
    Diagnostics(all.collect())
}

impl Job<'_> {
    async fn run(self) -> Ran {
        let begun = Instant::now();
        let addr = &self.invocation.addr;
        let mut ran = Ran {
            index: self.index,
            ok: false,
            store_failed: false,
            diagnostics: Diagnostics::new(),
        };
        let address = addr.to_string();
        let entry = if self.provider.is_external() {
            match self.run.intend_invocation(&address).await {
                Ok(entry) => Some(entry),
                Err(e) => {
                    ran.store_failed = true;
                    ran.diagnostics.push(store_error(&e));
                    return ran;
                }
            }
        } else {
            None
        };
        self.observer.event(Event::ActionStart {
            addr: addr.clone(),
            trigger: self.invocation.trigger.clone(),
        });
        let request = InvokeRequest {
            kind: &addr.action.kind,
            address: &address,
            config: &self.config,
        };
        let problems = self.provider.invoke(request, &self).await;
        ran.ok = !problems.has_errors();
        let error = error_text(&problems);
        let problems = problems.into_iter().map(|d| {
            let again = d.is_error() && self.runs_no_more();
            let d = d.at(self.action.span);
            if again {
                d.hint(format!(
                    "The next apply does not run it again; \"loam invoke {address}\" does."
                ))
            } else {
                d
            }
        });
        ran.diagnostics = Diagnostics(problems.collect());
        if let Some(entry) = entry
            && let Err(e) = self.run.finish_invocation(entry, error.clone()).await
        {
            ran.ok = false;
            ran.store_failed = true;
            ran.diagnostics.push(store_error(&e));
        }
        let (addr, trigger, elapsed) = (
            addr.clone(),
            self.invocation.trigger.clone(),
            begun.elapsed(),
        );
        self.observer.event(if ran.ok {
            Event::ActionComplete {
                addr,
                trigger,
                elapsed,
            }
        } else {
            Event::ActionErrored {
                addr,
                trigger,
                error: error.unwrap_or_default(),
                elapsed,
            }
        });
        ran
    }

    /// The change that triggers it is made: it will not be planned again.
    fn runs_no_more(&self) -> bool {
        matches!(
            &self.invocation.trigger,
            Trigger::Lifecycle {
                event: TriggerEvent::AfterCreate | TriggerEvent::AfterUpdate,
                ..
            }
        )
    }

    fn tell(&self, message: &str, result: bool) {
        self.observer.event(Event::ActionProgress {
            addr: self.invocation.addr.clone(),
            trigger: self.invocation.trigger.clone(),
            message: message.to_owned(),
            result,
        });
    }
}

#[async_trait]
impl ApplyObserver for Job<'_> {
    async fn revealed(&self, _state: &Value, _private: &Private) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn progress(&self, message: &str) {
        self.tell(message, false);
    }

    fn result(&self, message: &str) {
        self.tell(message, true);
    }

    fn waiting(&self) {
        self.slots.pause();
    }

    async fn waited(&self) {
        self.slots.go_on(self.stop.is_wished()).await;
    }

    fn stopping(&self) -> bool {
        self.stop.is_wished()
    }
}
