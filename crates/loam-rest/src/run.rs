//! Carries out requests and waits in order, for one object.
//!
//! In: the steps of an operation and the object as known so far. Out: the object with
//! what the answers told, or a [`Halt`]: where it stopped and why. Keeps the answers for
//! later steps, and sees to it that an object's identity is stored before anything is
//! waited for.

use std::sync::Arc;
use std::time::Duration;

use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::ApplyObserver;
use loam_value::{Type, Value, ValueMap};
use reqwest::Method;

use crate::answer::Answer;
use crate::client::{Asker, Client};
use crate::description::{DONE, Fields, Request, Resource, Rule, Step};
use crate::expression::{Names, text_of};
use crate::failure::Failure;
use crate::limiter::Priority;
use crate::memory::Memory;
use crate::object::{Absent, Object};
use crate::wait::Pollers;
use crate::{paging, request};

/// One object's operation.
pub(crate) struct Run<'a> {
    pub client: &'a Client,
    pub pollers: &'a Pollers,
    /// The resource type; none for data sources and actions.
    pub resource: Option<&'a Resource>,
    pub object: Object<'a>,
    pub prior: Value,
    pub config: Value,
    pub memory: Memory,
    pub observer: Option<&'a dyn ApplyObserver>,
    pub priority: Priority,
    /// How long waits may take, if not as described.
    pub timeout: Option<Duration>,
    /// The object is being created: its identity is to be stored when it is known.
    pub creating: bool,
    pub revealed: bool,
    /// What was learned before the request that creates is stored.
    noted: bool,
    /// The request of the present step, which changes something, was answered well.
    answered: bool,
    /// A request that changes something was answered well: what is being created exists.
    pub created: bool,
    /// A request that changes something has been sent (or may have been).
    pub touched: bool,
    /// Requests of the operation read the object: their answers are it.
    pub reading: bool,
    pub steps: ValueMap,
    /// The element of `for_each` whose request is being carried out.
    each: Value,
    pub warnings: Diagnostics,
    secrets: Vec<String>,
    /// The last answer.
    pub last: Option<Answer>,
}

/// Where and why steps stopped.
#[derive(Debug)]
pub(crate) struct Halt {
    /// The name of the step to go on with.
    pub step: Arc<str>,
    pub kind: HaltKind,
}

#[derive(Debug)]
pub(crate) enum HaltKind {
    /// A request failed; whether it was to change something.
    Request { failure: Failure, changes: bool },
    /// What was waited for has failed for good.
    Broken(Diagnostics),
    /// The user wants to stop.
    Interrupted,
    /// It took too long, or could not be asked any more.
    CutOff(Diagnostics),
}

impl HaltKind {
    pub fn diagnostics(&self) -> Diagnostics {
        match self {
            HaltKind::Request { failure, .. } => failure.diagnostics(),
            HaltKind::Broken(d) | HaltKind::CutOff(d) => d.clone(),
            HaltKind::Interrupted => Diagnostics::new(),
        }
    }
}

impl<'a> Run<'a> {
    pub fn new(
        client: &'a Client,
        pollers: &'a Pollers,
        fields: &'a Fields,
        object: &Value,
    ) -> Run<'a> {
        Run {
            client,
            pollers,
            resource: None,
            object: Object::of(fields, object),
            prior: Value::null(Type::Dynamic),
            config: Value::null(Type::Dynamic),
            memory: Memory::default(),
            observer: None,
            priority: Priority::Work,
            timeout: None,
            creating: false,
            revealed: false,
            noted: false,
            answered: false,
            created: false,
            touched: false,
            reading: false,
            steps: ValueMap::new(),
            each: Value::null(Type::Dynamic),
            warnings: Diagnostics::new(),
            secrets: Vec::new(),
            last: None,
        }
    }

    /// With the configuration, whose secrets messages must not show.
    pub fn with_config(mut self, fields: &Fields, config: &Value) -> Run<'a> {
        self.config = config.unmarked_deep();
        for f in fields.values().filter(|f| f.sensitive()) {
            let value = self.config.entries().and_then(|e| e.get(&f.name));
            self.secrets.extend(value.and_then(text_of));
        }
        self
    }

    /// The names that requests may use.
    pub fn names(&self) -> Names {
        self.client
            .names()
            .with("self", self.object.seen(&self.config))
            .with("prior", self.prior.clone())
            .with("config", self.config.clone())
            .with("step", Value::object(self.steps.clone()))
            .with("each", self.each.clone())
            .with("remembered", Value::object(self.memory.remembered()))
    }

    /// Carries out steps, from the one at `from` on. What that one is made from may have been
    /// looked up just before it: those looks are taken again.
    pub async fn run(&mut self, steps: &[Step], from: usize) -> Result<(), Halt> {
        let mut start = from;
        while start > 0 && steps.get(start - 1).is_some_and(only_looks) {
            start -= 1;
        }
        for (i, step) in steps.iter().enumerate().skip(start) {
            let here: Arc<str> = step.name().into();
            // What to go on with if everything ends once the request is answered.
            let next = match step {
                // It is one that may be sent again, and is what waits belong to.
                Step::Request(r) if !r.waits.is_empty() => here.clone(),
                _ => steps.get(i + 1).map_or(DONE, Step::name).into(),
            };
            self.answered = false;
            let done = match step {
                Step::Request(r) => self.request(r, &next).await,
                Step::Wait(w) => self.wait(w, None).await,
            };
            done.map_err(|kind| Halt {
                // What was answered well is not sent again.
                step: if self.answered { next } else { here },
                kind,
            })?;
        }
        Ok(())
    }

    /// Evaluates a `when`; absent means yes.
    fn applies(
        &self,
        when: Option<&crate::expression::Expression>,
        names: &Names,
    ) -> Result<bool, HaltKind> {
        let Some(when) = when else { return Ok(true) };
        when.truth(names).map_err(not_sent)
    }

    async fn request(&mut self, described: &Request, next: &Arc<str>) -> Result<(), HaltKind> {
        if !self.applies(described.when.as_ref(), &self.names())? {
            return Ok(());
        }
        let Some(for_each) = &described.for_each else {
            return self.one_request(described, next).await;
        };
        let all = for_each.eval(&self.names()).map_err(not_sent)?;
        let each: Vec<(Value, Value)> = match (all.entries(), all.elements()) {
            (Some(entries), _) => entries
                .iter()
                .map(|(k, v)| (Value::string(k.clone()), v.clone()))
                .collect(),
            (None, Some(items)) => items.iter().map(|v| (v.clone(), v.clone())).collect(),
            (None, None) => Vec::new(),
        };
        for (key, value) in each {
            self.each = Value::object_of([("key", key), ("value", value)]);
            self.one_request(described, next).await?;
        }
        self.each = Value::null(Type::Dynamic);
        Ok(())
    }

    async fn one_request(&mut self, described: &Request, next: &Arc<str>) -> Result<(), HaltKind> {
        let names = self.names();
        let changes = described.method != Method::GET;
        let asker = Asker {
            priority: self.priority,
            observer: self.observer,
        };
        let failed = |failure| match failure {
            Failure::Stopped => HaltKind::Interrupted,
            failure => HaltKind::Request { failure, changes },
        };
        let (answer, items) = if described.paging.is_some() {
            let listing = paging::list(self.client, described, &names, asker, &paging::always);
            let (listing, answer) = listing.await.map_err(failed)?;
            (answer, Some(Value::tuple(listing.items)))
        } else {
            let call = request::call(described, &names, &self.secrets).map_err(not_sent)?;
            if changes {
                self.note().await?;
            }
            let answer = self.client.send(&call, asker).await;
            if changes && !matches!(&answer, Err(f) if !f.may_have_happened()) {
                self.touched = true;
            }
            let answer = answer.map_err(failed)?;
            self.created |= changes;
            self.answered = changes && described.for_each.is_none();
            (answer, None)
        };
        self.absorb(described, answer, items, &names, changes)
            .await?;
        if changes {
            self.reveal(next).await;
        }
        for wait in &described.waits {
            let sent = self.steps.get(&described.name).cloned();
            self.wait(wait, sent).await?;
        }
        Ok(())
    }

    /// Takes over what an answer says.
    pub async fn absorb(
        &mut self,
        described: &Request,
        mut answer: Answer,
        items: Option<Value>,
        names: &Names,
        changes: bool,
    ) -> Result<(), HaltKind> {
        // That it cannot be read does not undo it.
        let lost = |d: Diagnostics| HaltKind::Request {
            failure: Failure::Lost(d),
            changes,
        };
        let mut seen = answer.names(names.clone());
        if let Some(response) = &described.response {
            answer.content = response.eval(&seen).map_err(lost)?;
            seen.set("response", answer.content.clone());
        }
        let items = match (items, &described.items) {
            (Some(items), _) => Some(items),
            (None, Some(e)) => Some(e.eval(&seen).map_err(lost)?),
            (None, None) => None,
        };
        if let Some(items) = &items {
            seen.set("items", items.clone());
        }
        let told = items.unwrap_or_else(|| answer.content.clone());
        self.steps.insert(described.name.clone(), told);
        self.expect(&described.expect, &seen, described)?;
        let object = match &described.object {
            Some(object) => Some(object.eval(&seen).map_err(lost)?),
            None if self.reading && described.result.is_empty() => Some(answer.content.clone()),
            None => None,
        };
        if let Some(object) = object.filter(|o| !o.is_null()) {
            let absent = if self.reading {
                Absent::Null
            } else {
                Absent::Untold
            };
            let taken = self.object.take(&object, None, absent);
            taken.map_err(|d| lost(d.into()))?;
        }
        self.object.take_results(&described.result, &seen);
        for (name, expr) in &described.remember {
            if let Ok(value) = expr.eval(&seen) {
                self.memory.remember(name, &value);
            }
        }
        self.last = Some(answer);
        Ok(())
    }

    fn expect(&self, rules: &[Rule], names: &Names, described: &Request) -> Result<(), HaltKind> {
        let mut problems = Diagnostics::new();
        for rule in rules {
            if !rule.condition.truth(names).unwrap_or(false) {
                problems.push(Diagnostic::error("Not as expected", rule.message.clone()));
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        let changes = described.method != Method::GET;
        Err(HaltKind::Request {
            failure: match changes {
                // It was answered well, only not as expected.
                true => Failure::Lost(problems),
                false => Failure::NotSent(problems),
            },
            changes,
        })
    }

    /// True if the object's identity is known. Of itself this does not say that it exists:
    /// some objects are named by their arguments.
    pub fn identified(&self) -> bool {
        let identity = self.resource.map_or(&[][..], |r| &r.identity);
        identity.iter().all(|n| self.object.has(n))
    }

    /// Has what was remembered stored before the request that creates, whose answer may be
    /// lost.
    async fn note(&mut self) -> Result<(), HaltKind> {
        if !self.creating || self.noted || self.created || self.memory.remembered().is_empty() {
            return Ok(());
        }
        self.noted = true;
        let Some(observer) = self.observer else {
            return Ok(());
        };
        let stored = observer.noted(&self.memory.write()).await;
        stored.map_err(|d| not_sent(d.into()))
    }

    /// Has the identity of a new object stored, once, as soon as it is known. `next` is
    /// what to go on with if everything ends here.
    pub async fn reveal(&mut self, next: &Arc<str>) {
        if !self.creating || self.revealed || !self.created || !self.identified() {
            return;
        }
        self.revealed = true;
        let Some(observer) = self.observer else {
            return;
        };
        let mut memory = self.memory.clone();
        memory.resume = Some(next.to_string());
        let (state, private) = (self.object.settled(), memory.write());
        if let Err(d) = observer.revealed(&state, &private).await {
            self.warnings.push(d);
        }
    }
}

/// True for a request that changes nothing.
fn only_looks(step: &Step) -> bool {
    matches!(step, Step::Request(r) if r.method == Method::GET)
}

/// A request that could not even be built.
pub(crate) fn not_sent(d: Diagnostics) -> HaltKind {
    HaltKind::Request {
        failure: Failure::NotSent(d),
        changes: false,
    }
}
