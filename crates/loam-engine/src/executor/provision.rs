//! Provisioners: run one after the other, after an object is made or before it is
//! destroyed.
//!
//! An object is in the state as tainted before the first of its provisioners runs, and
//! becomes sound when the last has run well. So whatever ends the process in between, the
//! next plan replaces it, and says so. Each block is evaluated when its turn comes: it may
//! look at what those before it have left behind.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use futures::stream::FuturesUnordered;
use loam_address::{InstanceAddr, InstanceKey};
use loam_config::{Module, OnFailure, Provisioner as Block, ProvisionerWhen};
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_graph::NodeId;
use loam_provider::{ProvisionObserver, ProvisionRequest, Provisioner};
use loam_state::{ChangeKind, Finish, Instance, InstanceId, Outcome, Record, RowChange, Status};
use loam_value::{Marks, Value};

use super::change::{error_text, not_known};
use super::{Came, Done, Executor, Stop, Work, store_error};
use crate::event::{Event, Observer};
use crate::plan::Action;
use crate::removed::removed_block;
use crate::scope::ModuleScope;
use crate::text;

/// An object whose provisioners run.
pub(super) struct Provisioning {
    /// What came of the change, or what will be said of it if it is not begun.
    done: Done,
    /// The object.
    id: InstanceId,
    value: Value,
    /// Where the blocks are, and what they see.
    module: Arc<Module>,
    at: InstanceAddr,
    blocks: Vec<Block>,
    /// How many of them have run.
    ran: usize,
    when: ProvisionerWhen,
    begun: Instant,
    started: SystemTime,
    diagnostics: Diagnostics,
}

/// What running a provisioner came to.
pub(super) struct Provisioned {
    of: Box<Provisioning>,
    problems: Diagnostics,
    stopped: bool,
}

impl<'a> Executor<'a> {
    /// Whether provisioners run once a change is made.
    pub(super) fn provisions(&self, index: usize) -> bool {
        let Some(change) = self.inputs.plan.changes.get(index) else {
            return false;
        };
        let first = match change.action {
            Action::Create => true,
            // It was created by a run that has not come to its provisioners.
            Action::Update => self.status_of(&change.id) == Status::Unprovisioned,
            action => action.is_replace(),
        };
        first && self.eval.provisions(&change.id.addr.config_resource())
    }

    /// In what condition the plan found an object.
    pub(super) fn status_of(&self, id: &InstanceId) -> Status {
        let prior = self.inputs.plan.prior.instances.get(id);
        prior.map(|i| i.status).unwrap_or_default()
    }

    /// The provisioners of an object that was made; gives the change back if there are none.
    pub(super) fn provisioning_after(&mut self, done: Done) -> Result<Box<Provisioning>, Done> {
        let change = match self.inputs.plan.changes.get(done.index) {
            Some(change) if done.unprovisioned.is_some() => change,
            _ => return Err(done),
        };
        let addr = change.id.addr.config_resource();
        let Some((module, resource)) = self
            .eval
            .module(&addr.module)
            .and_then(|m| Some((m.clone(), m.resources.get(&addr.resource)?)))
        else {
            return Err(done);
        };
        let blocks = resource.provisioners(ProvisionerWhen::Create).cloned();
        // They may refer to the resource by its name, too.
        self.eval.set_value(&change.id.addr, done.value.clone());
        Ok(Box::new(Provisioning {
            id: change.id.clone(),
            value: done.value.clone(),
            module,
            at: change.id.addr.clone(),
            blocks: blocks.collect(),
            ran: 0,
            when: ProvisionerWhen::Create,
            begun: done.begun,
            started: SystemTime::now(),
            diagnostics: Diagnostics::new(),
            done,
        }))
    }

    /// The provisioners that run before an object is destroyed, if there are any. A tainted
    /// object and one that was put aside are not what they expect.
    pub(super) fn provisioning_before(&mut self, index: usize) -> Option<Box<Provisioning>> {
        let change = self.inputs.plan.changes.get(index)?;
        let sound = matches!(self.status_of(&change.id), Status::Ready | Status::Pending);
        let stays = !matches!(change.action, Action::Delete | Action::DeleteThenCreate);
        if change.id.deposed.is_some() || !sound || stays {
            return None;
        }
        let addr = change.id.addr.config_resource();
        let resource = self
            .eval
            .module(&addr.module)
            .and_then(|m| Some((m.clone(), m.resources.get(&addr.resource)?)));
        let mut at = change.id.addr.clone();
        let (module, blocks): (_, Vec<Block>) = match resource {
            Some((module, resource)) => {
                let blocks = resource.provisioners(ProvisionerWhen::Destroy);
                (module, blocks.cloned().collect())
            }
            None => {
                let (path, removed) = removed_block(self.eval.config, &change.id.addr)?;
                let steps = at.module.steps().iter().take(path.names().len()).cloned();
                at.module = loam_address::ModuleAddr::from_steps(steps.collect());
                (
                    self.eval.module(path)?.clone(),
                    removed.provisioners.clone(),
                )
            }
        };
        if blocks.is_empty() {
            return None;
        }
        self.inputs.observer.event(Event::ApplyStart {
            id: change.id.clone(),
            action: Action::Delete,
            id_value: text::id_of(&change.before),
        });
        Some(Box::new(Provisioning {
            done: Done::begun_not(index, Action::Delete),
            id: change.id.clone(),
            value: change.before.clone(),
            module,
            at,
            blocks,
            ran: 0,
            when: ProvisionerWhen::Destroy,
            begun: Instant::now(),
            started: SystemTime::now(),
            diagnostics: Diagnostics::new(),
        }))
    }

    /// Begins the next provisioner, or what comes after the last.
    pub(super) fn provision(
        &mut self,
        id: NodeId,
        of: Box<Provisioning>,
        working: &mut FuturesUnordered<Work<'a>>,
    ) {
        if self.inputs.stop.is_wished() {
            return self.end_provisioning(id, of, Ended::Stopped, working);
        }
        let Some(block) = of.blocks.get(of.ran) else {
            return self.end_provisioning(id, of, Ended::Well, working);
        };
        match self.prepare(&of, block) {
            Ok(step) => working.push(Box::pin(async move {
                (id, Came::Provisioned(step.run(of).await))
            })),
            Err(problems) => {
                let came = Provisioned {
                    of,
                    problems,
                    stopped: false,
                };
                self.take_provisioned(id, came, working);
            }
        }
    }

    pub(super) fn take_provisioned(
        &mut self,
        id: NodeId,
        came: Provisioned,
        working: &mut FuturesUnordered<Work<'a>>,
    ) {
        let Provisioned {
            mut of,
            problems,
            stopped,
        } = came;
        let failed = problems.has_errors();
        let passed_over = of
            .blocks
            .get(of.ran)
            .is_some_and(|b| b.on_failure == OnFailure::Continue && !stopped);
        of.ran += 1;
        of.diagnostics
            .extend(problems.into_iter().map(|d| match passed_over {
                true => d.as_warning(),
                false => d,
            }));
        if failed && !passed_over {
            self.end_provisioning(id, of, Ended::Failed, working);
        } else {
            self.provision(id, of, working);
        }
    }

    /// Evaluates a block.
    fn prepare(&self, of: &Provisioning, block: &Block) -> Result<Running<'a>, Diagnostics> {
        let found = self.eval.registry.provisioner(&block.kind).cloned();
        let provisioner = found.ok_or_else(|| {
            let detail = format!("There is no provisioner {:?} at hand.", block.kind);
            Diagnostics::from(Diagnostic::error("Unknown provisioner", detail).at(block.span))
        })?;
        let each = match of.when {
            ProvisionerWhen::Create => self.eval.each_value(&of.id.addr),
            ProvisionerWhen::Destroy => None,
        };
        let scope = ModuleScope {
            repetition: Some((&of.at.key, each)),
            self_value: Some(of.value.clone()),
            ..self.eval.scope(&of.module, &of.at.module)
        };
        let config = block.body.eval(&scope)?;
        let connection = match &block.connection {
            Some(body) => Some(body.eval(&scope)?),
            None => None,
        };
        let known =
            config.is_wholly_known() && connection.as_ref().is_none_or(Value::is_wholly_known);
        if !known {
            return Err(not_known(block.span).into());
        }
        let marks = config.deep_marks();
        Ok(Running {
            id: of.id.clone(),
            kind: block.kind.clone(),
            provisioner,
            config: config.unmarked_deep(),
            connection,
            hidden: hidden(marks),
            observer: self.inputs.observer,
            stop: self.inputs.stop,
            span: block.span,
        })
    }

    fn end_provisioning(
        &mut self,
        id: NodeId,
        mut of: Box<Provisioning>,
        ended: Ended,
        working: &mut FuturesUnordered<Work<'a>>,
    ) {
        if matches!(ended, Ended::Stopped) {
            of.diagnostics.push(of.stopped());
        }
        match (of.when, ended) {
            (ProvisionerWhen::Destroy, Ended::Well) => {
                let index = of.done.index;
                let told = (of.begun, std::mem::take(&mut of.diagnostics));
                match self.destroy(index, Some(told)) {
                    Ok(work) => {
                        working.push(Box::pin(async move { (id, Came::Change(work.await)) }));
                    }
                    Err(problems) => {
                        self.slots.give_back();
                        self.refuse(index, problems);
                        self.skip_after(id);
                    }
                }
            }
            (_, ended) => {
                let run = self.inputs.run;
                let observer = self.inputs.observer;
                let forgets = self.forgets(&of.done);
                working.push(Box::pin(async move {
                    (
                        id,
                        Came::Change(of.conclude(ended, run, observer, forgets).await),
                    )
                }));
            }
        }
    }

    /// The row of the old object that a replacement leaves alone.
    fn forgets(&self, done: &Done) -> Option<InstanceId> {
        let change = self.inputs.plan.changes.get(done.index)?;
        let forgotten = change.action == Action::CreateThenForget;
        let deposed = done.deposed.clone().filter(|_| forgotten)?;
        Some(InstanceId {
            addr: change.id.addr.clone(),
            deposed: Some(deposed),
        })
    }
}

/// What is said instead of output.
fn hidden(marks: Marks) -> Option<&'static str> {
    match (marks.is_sensitive(), marks.is_ephemeral()) {
        (true, true) => Some("(output suppressed due to sensitive, ephemeral value in config)"),
        (true, false) => Some("(output suppressed due to sensitive value in config)"),
        (false, true) => Some("(output suppressed due to ephemeral value in config)"),
        (false, false) => None,
    }
}

/// How the provisioners of an object ended.
#[derive(Clone, Copy)]
enum Ended {
    Well,
    Failed,
    /// The user wished to stop before one began.
    Stopped,
}

impl Provisioning {
    /// What it means that the next provisioner is not begun.
    fn stopped(&self) -> Diagnostic {
        let (what, then) = match (self.when, self.ran) {
            (ProvisionerWhen::Create, 0) => (
                "were not begun",
                "The object was created; the next apply runs them.",
            ),
            (ProvisionerWhen::Create, _) => (
                "have not all run",
                "The object is tainted: the next apply replaces it.",
            ),
            (ProvisionerWhen::Destroy, _) => (
                "have not all run",
                "The object was not destroyed; the next apply begins again.",
            ),
        };
        let detail = format!(
            "The run was stopped, so the provisioners of {} {what}. {then}",
            self.id
        );
        Diagnostic::error("Provisioners were stopped", detail)
    }

    /// Writes what has become of the object, and tells.
    async fn conclude(
        self,
        ended: Ended,
        run: &loam_state::Run,
        observer: &dyn Observer,
        forgets: Option<InstanceId>,
    ) -> Done {
        let mut done = self.done;
        let outcome = match (self.when, ended, done.unprovisioned.take()) {
            (ProvisionerWhen::Create, Ended::Well, Some(instance)) => {
                present(*instance, Status::Ready)
            }
            // It is as sound as before: none has begun.
            (ProvisionerWhen::Create, Ended::Stopped, Some(instance)) if self.ran == 0 => {
                present(*instance, Status::Unprovisioned)
            }
            _ => Outcome::Unchanged,
        };
        done.ok = matches!(ended, Ended::Well);
        let mut finish = Finish::from(outcome);
        if done.ok
            && let Some(old) = forgets
        {
            finish = finish.also(RowChange::Remove(old));
        }
        finish.error = error_text(&self.diagnostics);
        let record = Record {
            id: self.id.clone(),
            action: ChangeKind::Provision,
            started: self.started,
            finish,
        };
        done.diagnostics.append(self.diagnostics);
        if let Err(e) = run.record(&record).await {
            done.ok = false;
            done.store_failed = true;
            done.diagnostics.push(store_error(&e));
        }
        observer.event(done.end(self.id, done.action, self.begun));
        done
    }
}

fn present(instance: Instance, status: Status) -> Outcome {
    Outcome::Present(Box::new(Instance { status, ..instance }))
}

/// One provisioner about to run.
struct Running<'a> {
    id: InstanceId,
    kind: Arc<str>,
    provisioner: Arc<dyn Provisioner>,
    config: Value,
    connection: Option<Value>,
    /// What is said instead of its output.
    hidden: Option<&'static str>,
    observer: &'a dyn Observer,
    stop: &'a Stop,
    span: Span,
}

impl Running<'_> {
    async fn run(self, of: Box<Provisioning>) -> Provisioned {
        let (id, kind) = (self.id.clone(), self.kind.clone());
        self.observer.event(Event::ProvisionStart { id, kind });
        let request = ProvisionRequest {
            config: &self.config,
            connection: self.connection.as_ref(),
            secret: self.hidden.is_some(),
        };
        let problems = self.provisioner.run(request, &self).await;
        let (id, kind) = (self.id.clone(), self.kind.clone());
        self.observer.event(match problems.has_errors() {
            false => Event::ProvisionComplete { id, kind },
            true => Event::ProvisionErrored { id, kind },
        });
        let stopped = problems.has_errors() && self.stop.is_wished();
        // The block is that of all instances: which of them it was has to be said.
        let one_of_many = !self.id.addr.module.is_root() || self.id.addr.key != InstanceKey::None;
        let problems = problems.into_iter().map(|mut d| {
            if one_of_many {
                d.detail = format!("{}: {}", self.id, d.detail);
            }
            d.at(self.span)
        });
        Provisioned {
            of,
            problems: Diagnostics(problems.collect()),
            stopped,
        }
    }
}

impl ProvisionObserver for Running<'_> {
    fn output(&self, text: &str) {
        // Programs that draw over their line write it anew after each return.
        let pieces = self.hidden.unwrap_or(text).split(['\n', '\r']);
        let mut lines: Vec<&str> = pieces
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
            .collect();
        if lines.is_empty() {
            lines.push("");
        }
        for line in lines {
            self.observer.event(Event::ProvisionOutput {
                id: self.id.clone(),
                kind: self.kind.clone(),
                line: line.to_owned(),
            });
        }
    }

    fn stopping(&self) -> bool {
        self.stop.is_wished()
    }
}
