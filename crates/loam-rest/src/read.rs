//! Reading many objects with few requests.
//!
//! In: objects as last known. Out: what became of each. Objects that share a list are
//! read by it, a page at a time; an object is asked for alone only if the list cannot
//! tell what is needed, or if it is not in the list: offset paging over a list that
//! changes may skip an object, so absence is confirmed before it counts.

use std::collections::BTreeMap;

use futures::StreamExt;
use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::{ApplyObserver, ReadDepth, ReadOutcome, ReadRequest};
use loam_value::Value;

use crate::client::{Asker, Client};
use crate::description::{List, Resource};
use crate::expression::Names;
use crate::failure::Failure;
use crate::limiter::Priority;
use crate::memory::Memory;
use crate::object::{Absent, Object};
use crate::paging::{self, Listing};
use crate::request;
use crate::run::Run;
use crate::wait::Pollers;

/// Requests for single objects in flight at a time.
const PARALLEL: usize = 8;

pub(crate) struct Reader<'a> {
    pub client: &'a Client,
    pub pollers: &'a Pollers,
    pub resource: &'a Resource,
    /// Who may call back requests that are not sent yet.
    pub observer: Option<&'a dyn ApplyObserver>,
}

/// What the list says of one object.
enum Listed {
    /// Everything that is needed.
    Told(ReadOutcome),
    /// It has to be asked for alone; this is what is known of it so far.
    Ask(Value),
    /// It is not in the list.
    Missing,
}

impl Reader<'_> {
    /// Reads all; one outcome for each, in order.
    pub async fn read(&self, requests: Vec<ReadRequest>, depth: ReadDepth) -> Vec<ReadOutcome> {
        let mut outcomes: Vec<Option<ReadOutcome>> = requests.iter().map(|_| None).collect();
        let mut ask: Vec<(usize, Value)> = Vec::new();
        for (indices, names) in self.groups(&requests) {
            let group: Vec<(usize, &ReadRequest)> = indices
                .iter()
                .filter_map(|i| Some((*i, requests.get(*i)?)))
                .collect();
            let answers = self.group(&group, &names, depth).await;
            for ((i, request), answer) in group.iter().zip(answers) {
                match answer {
                    Ok(Listed::Told(outcome)) => {
                        if let Some(slot) = outcomes.get_mut(*i) {
                            *slot = Some(outcome);
                        }
                    }
                    Ok(Listed::Ask(state)) => ask.push((*i, state)),
                    Ok(Listed::Missing) => ask.push((*i, request.state.clone())),
                    Err(d) => {
                        if let Some(slot) = outcomes.get_mut(*i) {
                            *slot = Some(failed(request, d));
                        }
                    }
                }
            }
        }
        let details = futures::stream::iter(ask).map(|(i, state)| {
            let request = requests.get(i);
            async move {
                match request {
                    Some(r) => Some((i, self.detail(r, &state).await)),
                    None => None,
                }
            }
        });
        let details: Vec<_> = details.buffer_unordered(PARALLEL).collect().await;
        for (i, outcome) in details.into_iter().flatten() {
            if let Some(slot) = outcomes.get_mut(i) {
                *slot = Some(outcome);
            }
        }
        let lost = || ReadOutcome::Failed(Diagnostic::error("Not read", "").into());
        outcomes
            .into_iter()
            .map(|o| o.unwrap_or_else(lost))
            .collect()
    }

    /// Objects by the list that they are in, with the names for its request.
    fn groups(&self, requests: &[ReadRequest]) -> Vec<(Vec<usize>, Names)> {
        let mut groups: BTreeMap<String, (Vec<usize>, Names)> = BTreeMap::new();
        for (i, r) in requests.iter().enumerate() {
            let names = self.names(&r.state, &r.private);
            let key = self
                .resource
                .list
                .as_ref()
                .map(|l| request::call(&l.request, &names, &[]));
            let key = match key {
                Some(Ok(call)) => format!("{call:?} {:?}", call.query),
                // No list, or one that cannot be asked for: each on its own.
                Some(Err(_)) | None => String::new(),
            };
            groups
                .entry(key)
                .or_insert_with(|| (Vec::new(), names))
                .0
                .push(i);
        }
        groups.into_values().collect()
    }

    fn names(&self, state: &Value, private: &loam_provider::Private) -> Names {
        let memory = Memory::read(private);
        self.client
            .names()
            .with("self", state.unmarked_deep())
            .with("remembered", Value::object(memory.remembered()))
    }

    /// What a list says of the objects that are in it.
    async fn group(
        &self,
        group: &[(usize, &ReadRequest)],
        names: &Names,
        depth: ReadDepth,
    ) -> Vec<Result<Listed, Diagnostics>> {
        let one_by_one = || {
            group
                .iter()
                .map(|(_, r)| Ok(Listed::Ask(r.state.clone())))
                .collect()
        };
        let detailed = |r: &ReadRequest| Memory::read(&r.private).detailed;
        let has_detail = !self.resource.read.is_empty();
        let Some(list) = &self.resource.list else {
            return one_by_one();
        };
        let every = |test: &dyn Fn(&ReadRequest) -> bool| group.iter().all(|(_, r)| test(r));
        let each_needed = depth == ReadDepth::Full || every(&|r| !detailed(r));
        let identified = every(&|r| self.key(list, &r.state).is_some());
        // One that takes several requests of its own is better looked up in the list.
        let alone = group.len() == 1 && self.resource.detail_requests() == 1;
        if has_detail && identified && (alone || each_needed) {
            return one_by_one();
        }
        let keys: Vec<Option<String>> = group
            .iter()
            .map(|(_, r)| self.key(list, &r.state))
            .collect();
        // When more pages are left than objects have not been seen, ask for those alone.
        let go_on = |items: &[Value], left: Option<u64>| {
            let by_key = self.by_key(list, items);
            let unseen = keys
                .iter()
                .flatten()
                .filter(|k| !by_key.contains_key(*k))
                .count();
            !has_detail || left.is_none_or(|left| left <= unseen as u64)
        };
        let listing = match self.list(list, names, &go_on).await {
            Ok(listing) => listing,
            // What they are part of is gone.
            Err(f) if f.is_gone() => {
                return group
                    .iter()
                    .map(|_| Ok(Listed::Told(ReadOutcome::Gone)))
                    .collect();
            }
            Err(f) => return group.iter().map(|_| Err(f.diagnostics())).collect(),
        };
        let mut listing = listing;
        let mut answers = self.match_items(list, group, &listing, depth);
        let missing = answers.iter().any(|a| matches!(a, Ok(Listed::Missing)));
        if missing && !has_detail {
            // The list is all there is: if it may have changed while its pages were
            // read, look once more before anything counts as gone.
            if listing.pages > 1 || !listing.whole {
                listing = match self.list(list, names, &paging::always).await {
                    Ok(listing) => listing,
                    Err(f) => return group.iter().map(|_| Err(f.diagnostics())).collect(),
                };
                answers = self.match_items(list, group, &listing, depth);
            }
            for answer in &mut answers {
                if matches!(answer, Ok(Listed::Missing)) {
                    *answer = match listing.whole {
                        true => Ok(Listed::Told(ReadOutcome::Gone)),
                        false => Err(changing().into()),
                    };
                }
            }
        }
        answers
    }

    async fn list(
        &self,
        list: &List,
        names: &Names,
        go_on: paging::GoOn<'_>,
    ) -> Result<Listing, Failure> {
        let asker = Asker {
            priority: Priority::Work,
            observer: self.observer,
        };
        let listing = paging::list(self.client, &list.request, names, asker, go_on);
        listing.await.map(|(listing, _)| listing)
    }

    fn key(&self, list: &List, state: &Value) -> Option<String> {
        let names = self.client.names().with("self", state.unmarked_deep());
        list.key
            .text(&names)
            .ok()
            .flatten()
            .filter(|k| !k.is_empty())
    }

    fn by_key<'i>(&self, list: &List, items: &'i [Value]) -> BTreeMap<String, &'i Value> {
        let names = |item: &Value| self.client.names().with("item", item.clone());
        let keyed = items.iter().filter_map(|item| {
            let key = list.item_key.text(&names(item)).ok().flatten()?;
            Some((key, item))
        });
        keyed.collect()
    }

    fn match_items(
        &self,
        list: &List,
        group: &[(usize, &ReadRequest)],
        listing: &Listing,
        depth: ReadDepth,
    ) -> Vec<Result<Listed, Diagnostics>> {
        let by_key = self.by_key(list, &listing.items);
        let listed = |(_, request): &(usize, &ReadRequest)| {
            let item = match self.key(list, &request.state) {
                Some(key) => by_key.get(&key).copied(),
                None => self.by_nature(&listing.items, &request.state)?,
            };
            match item {
                Some(item) => self.listed(list, request, item, depth),
                None => Ok(Listed::Missing),
            }
        };
        group.iter().map(listed).collect()
    }

    /// The item that an object without an id names by its other attributes.
    fn by_nature<'i>(
        &self,
        items: &'i [Value],
        state: &Value,
    ) -> Result<Option<&'i Value>, Diagnostics> {
        let Some(recover) = &self.resource.recover else {
            return Ok(None);
        };
        let names = self.client.names().with("self", state.unmarked_deep());
        let matches = |item: &&Value| {
            let names = names.clone().with("item", (*item).clone());
            recover
                .matches
                .as_ref()
                .is_some_and(|m| m.truth(&names).unwrap_or(false))
        };
        let mut found = items.iter().filter(matches);
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            (_, Some(_)) => Err(Diagnostic::error(
                "Several objects fit",
                "More than one object of the API fits what is known of this one. Import it by its id.",
            )
            .into()),
        }
    }

    /// What one item says of its object.
    fn listed(
        &self,
        list: &List,
        request: &ReadRequest,
        item: &Value,
        depth: ReadDepth,
    ) -> Result<Listed, Diagnostics> {
        let names = self
            .names(&request.state, &request.private)
            .with("item", item.clone());
        let mut object = Object::of(&self.resource.fields, &request.state);
        let absent = if list.partial {
            Absent::Partial
        } else {
            Absent::Null
        };
        object.take(item, Some(&list.attributes), absent)?;
        object.take_results(&list.result, &names);
        if let Some(gone) = &self.resource.gone_when
            && gone
                .truth(&names.clone().with("response", item.clone()))
                .unwrap_or(false)
        {
            return Ok(Listed::Told(ReadOutcome::Gone));
        }
        let mut memory = Memory::read(&request.private);
        if self.resource.read.is_empty() {
            memory.detailed = true;
        }
        let wanted = match &list.detail_when {
            Some(when) => when.truth(&names)?,
            None => false,
        };
        let needed = wanted || !memory.detailed || depth == ReadDepth::Full;
        if needed && !self.resource.read.is_empty() {
            return Ok(Listed::Ask(object.settled()));
        }
        Ok(Listed::Told(ReadOutcome::Present {
            state: object.settled(),
            private: memory.write(),
        }))
    }

    /// Asks for one object alone.
    async fn detail(&self, request: &ReadRequest, state: &Value) -> ReadOutcome {
        if self.resource.read.is_empty() {
            return failed(request, changing().into());
        }
        let mut run = Run::new(self.client, self.pollers, &self.resource.fields, state);
        run.resource = Some(self.resource);
        run.observer = self.observer;
        run.memory = Memory::read(&request.private);
        run.reading = true;
        if let Err(halt) = run.run(&self.resource.read, 0).await {
            return match halt.kind {
                crate::run::HaltKind::Request { failure, .. } if failure.is_gone() => {
                    ReadOutcome::Gone
                }
                kind => failed(request, kind.diagnostics()),
            };
        }
        if is_gone(self.resource, &run) {
            return ReadOutcome::Gone;
        }
        if let Some(name) = self.unlike(state, &run.object) {
            let detail = format!(
                "What was asked for is one object, and the answer is not about it: its {name} is not there or another. Nothing was taken from it."
            );
            let wrong = Diagnostic::error("An answer is not as described", detail);
            return failed(request, wrong.into());
        }
        run.memory.detailed = true;
        ReadOutcome::Present {
            state: run.object.settled(),
            private: run.memory.write(),
        }
    }

    /// The part of its identity by which what was read is not the object that was asked
    /// for: a proxy's page, an error with a good status.
    fn unlike(&self, before: &Value, read: &Object<'_>) -> Option<&str> {
        let mut identity = self.resource.identity.iter();
        let differs = |name: &&std::sync::Arc<str>| {
            let now = read.get(name);
            let then = before
                .get(name)
                .filter(|v| !v.is_null() && v.is_wholly_known());
            now.is_null() || then.is_some_and(|then| then.unmarked_deep() != now.unmarked_deep())
        };
        identity.find(differs).map(|n| &**n)
    }

    /// Reads one object after it was changed.
    pub async fn read_back(&self, address: &str, state: &Value, memory: &Memory) -> ReadOutcome {
        let request = ReadRequest {
            address: address.to_owned(),
            state: state.clone(),
            private: memory.write(),
        };
        let mut outcomes = self.read(vec![request], ReadDepth::Full).await;
        outcomes
            .pop()
            .unwrap_or_else(|| ReadOutcome::Failed(Diagnostics::new()))
    }
}

/// Whether the last answer shows an object that counts as gone.
pub(crate) fn is_gone(resource: &Resource, run: &Run<'_>) -> bool {
    let (Some(gone), Some(last)) = (&resource.gone_when, &run.last) else {
        return false;
    };
    gone.truth(&last.names(run.names())).unwrap_or(false)
}

fn failed(request: &ReadRequest, diagnostics: Diagnostics) -> ReadOutcome {
    let addressed = diagnostics
        .into_iter()
        .map(|d| d.for_address(request.address.clone()));
    ReadOutcome::Failed(Diagnostics(addressed.collect()))
}

fn changing() -> Diagnostic {
    Diagnostic::error(
        "The list changed while it was read",
        "An object was not in the list, but the list was not whole either, so that it cannot be told whether the object still exists. Try again.",
    )
}
