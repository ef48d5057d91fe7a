//! Finding out what became of changes whose end is not recorded.
//!
//! In: intents. Out: for each, whether the object exists, does not, or why it cannot be
//! told. A created object is found by its natural key in the list, and only counts if
//! it is not known already, was not there before the attempt, and fits what was planned.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use loam_provider::{Intent, IntentAction, ReadDepth, ReadOutcome, ReadRequest, Recovery};
use loam_value::Value;

use crate::client::Client;
use crate::description::{List, Recover, Resource};
use crate::expression::{Expression, Names};
use crate::limiter::Priority;
use crate::memory::Memory;
use crate::object::{Absent, Object};
use crate::paging;
use crate::read::Reader;
use crate::request;

pub(crate) struct Recoverer<'a> {
    pub reader: Reader<'a>,
    pub client: &'a Client,
    pub resource: &'a Resource,
}

impl Recoverer<'_> {
    /// One answer for each intent, in order.
    pub async fn recover(&self, intents: Vec<Intent>) -> Vec<Recovery> {
        let mut lists: BTreeMap<String, Result<Vec<Value>, String>> = BTreeMap::new();
        let mut claimed: BTreeSet<String> = BTreeSet::new();
        let mut answers = Vec::with_capacity(intents.len());
        for intent in &intents {
            answers.push(match intent.action {
                IntentAction::Create => self.created(intent, &mut lists, &mut claimed).await,
                IntentAction::Update | IntentAction::Delete => self.existing(intent).await,
            });
        }
        answers
    }

    /// An object that was there before: what is it now?
    async fn existing(&self, intent: &Intent) -> Recovery {
        let request = ReadRequest {
            address: intent.address.clone(),
            state: Object::of(&self.resource.fields, &intent.prior).settled(),
            private: intent.private.clone(),
        };
        match self.reader.read(vec![request], ReadDepth::Full).await.pop() {
            Some(ReadOutcome::Present { state, private }) => {
                let mut memory = Memory::read(&private);
                memory.give_up();
                Recovery::Exists {
                    state,
                    pending: memory.resume.is_some(),
                    private: memory.write(),
                }
            }
            Some(ReadOutcome::Gone) => Recovery::Absent,
            Some(ReadOutcome::Failed(d)) => {
                let why: Vec<&str> = d.iter().map(|d| d.detail.as_str()).collect();
                Recovery::Unknown(format!("It could not be read: {}", why.join(" ")))
            }
            None => Recovery::Unknown("It could not be read.".into()),
        }
    }

    /// An object that was to be created: is it there?
    async fn created(
        &self,
        intent: &Intent,
        lists: &mut BTreeMap<String, Result<Vec<Value>, String>>,
        claimed: &mut BTreeSet<String>,
    ) -> Recovery {
        let object = Object::of(&self.resource.fields, &intent.planned);
        // Some objects are named by their arguments.
        let named = self.resource.identity.iter().all(|n| object.has(n));
        let planned = object.settled();
        let (list, recover) = match (&self.resource.list, &self.resource.recover) {
            (Some(list), Some(recover)) => (list, recover),
            (None, Some(recover)) if named => return self.named(recover, intent, &planned).await,
            // There is one at most, and sending the same again changes nothing.
            _ if named && self.resource.created_repeatably() => return Recovery::Absent,
            _ => {
                return Recovery::Unknown(
                    "This type has no way to look an object up. Check at the provider whether it \
                     was created; import it if it was."
                        .into(),
                );
            }
        };
        let names = self.names(&remembered_of(intent));
        let names = names.with("self", planned.clone());
        let items = match self.items(list, &names, lists).await {
            Ok(items) => items,
            Err(why) => return Recovery::Unknown(format!("The list could not be read: {why}")),
        };
        let candidates = self.candidates(list, recover, intent, &names, &items, claimed);
        let mut fitting = Vec::new();
        for (key, item) in candidates {
            match self.adopt(list, recover, intent, &planned, &item).await {
                Ok(Some(found)) => fitting.push((key, found)),
                Ok(None) => {}
                Err(why) => {
                    return Recovery::Unknown(format!("A candidate could not be read: {why}"));
                }
            }
        }
        if fitting.len() > 1 {
            let ids: Vec<String> = fitting.iter().map(|(key, _)| key.clone()).collect();
            return Recovery::Unknown(format!(
                "More than one new object fits: {}. Import the one that belongs here, with its id.",
                ids.join(", ")
            ));
        }
        match fitting.pop() {
            Some((key, found)) => {
                claimed.insert(key);
                found
            }
            None => Recovery::Absent,
        }
    }

    /// An object that its arguments name: it is read. One that is there counts if it fits
    /// and was not there before.
    async fn named(&self, recover: &Recover, intent: &Intent, planned: &Value) -> Recovery {
        let memory = remembered_of(intent);
        let read = self.reader.read_back(&intent.address, planned, &memory);
        let (state, private) = match read.await {
            ReadOutcome::Present { state, private } => (state, private),
            ReadOutcome::Gone => return Recovery::Absent,
            ReadOutcome::Failed(d) => {
                let why: Vec<&str> = d.iter().map(|d| d.detail.as_str()).collect();
                return Recovery::Unknown(format!("It could not be read: {}", why.join(" ")));
            }
        };
        let names = self.names(&memory).with("self", planned.clone());
        if is_older(recover, intent, &names.clone().with("item", state.clone())) {
            // It has the place of what was to be created, which therefore was not.
            return Recovery::Absent;
        }
        let names = names.with("response", state.clone());
        let fits = |confirm: &Expression| confirm.truth(&names).unwrap_or(false);
        if !recover.confirm.as_ref().is_some_and(fits) {
            return Recovery::Unknown(
                "There is one, but it is not as planned: somebody else may have made it. Import it \
                 if it belongs here, or delete it at the provider."
                    .into(),
            );
        }
        let mut memory = Memory::read(&private);
        memory.resume = self.after_creation();
        Recovery::Exists {
            pending: memory.resume.is_some(),
            state,
            private: memory.write(),
        }
    }

    /// The list that an object would be in, fetched once for all intents.
    async fn items(
        &self,
        list: &List,
        names: &Names,
        lists: &mut BTreeMap<String, Result<Vec<Value>, String>>,
    ) -> Result<Vec<Value>, String> {
        let call = request::call(&list.request, names, &[]);
        let key = match call {
            Ok(call) => format!("{call:?} {:?}", call.query),
            Err(d) => return Err(d.iter().map(|d| d.detail.clone()).collect()),
        };
        if let Some(known) = lists.get(&key) {
            return known.clone();
        }
        let listing = paging::list(
            self.client,
            &list.request,
            names,
            Priority::Work,
            &paging::always,
        );
        let items = match listing.await {
            Ok((listing, _)) if listing.whole => Ok(listing.items),
            Ok(_) => Err("it changed while it was read; try again".into()),
            // What it would be part of does not exist.
            Err(f) if f.is_gone() => Ok(Vec::new()),
            Err(f) => Err(f.diagnostics().iter().map(|d| d.detail.clone()).collect()),
        };
        lists.insert(key, items.clone());
        items
    }

    /// Items that may be the object, by key.
    fn candidates(
        &self,
        list: &List,
        recover: &Recover,
        intent: &Intent,
        names: &Names,
        items: &[Value],
        claimed: &BTreeSet<String>,
    ) -> Vec<(String, Value)> {
        let key_of = |state: &Value| {
            let names = self.client.names().with("self", state.unmarked_deep());
            list.key.text(&names).ok().flatten()
        };
        let known: BTreeSet<String> = intent.known.iter().filter_map(key_of).collect();
        let mut found = Vec::new();
        for item in items {
            let names = names.clone().with("item", item.clone());
            let Ok(Some(key)) = list.item_key.text(&names) else {
                continue;
            };
            if known.contains(&key) || claimed.contains(&key) {
                continue;
            }
            let fits = |matches: &Expression| matches.truth(&names).unwrap_or(false);
            if !recover.matches.as_ref().is_some_and(fits) || is_older(recover, intent, &names) {
                continue;
            }
            found.push((key, item.clone()));
        }
        found
    }

    /// The object that an item is, if it fits what was planned.
    async fn adopt(
        &self,
        list: &List,
        recover: &Recover,
        intent: &Intent,
        planned: &Value,
        item: &Value,
    ) -> Result<Option<Recovery>, String> {
        let names = self.client.names();
        let mut object = Object::of(&self.resource.fields, planned);
        let taken = object.take(item, Some(&list.attributes), Absent::Untold);
        taken.map_err(|d| d.detail)?;
        let item_names = names
            .clone()
            .with("self", planned.clone())
            .with("item", item.clone());
        object.take_results(&list.result, &item_names);
        object.derive();
        let mut memory = remembered_of(intent);
        let mut state = object.settled();
        if !self.resource.read.is_empty() {
            match self
                .reader
                .read_back(&intent.address, &state, &memory)
                .await
            {
                ReadOutcome::Present { state: s, private } => {
                    state = s;
                    memory = Memory::read(&private);
                }
                ReadOutcome::Gone => return Ok(None),
                ReadOutcome::Failed(d) => {
                    return Err(d.iter().map(|d| d.detail.clone()).collect());
                }
            }
        }
        if let Some(confirm) = &recover.confirm {
            let names = self.names(&memory);
            let names = names.with("self", planned.clone());
            let names = names.with("response", state.clone());
            if !confirm.truth(&names).unwrap_or(false) {
                return Ok(None);
            }
        }
        memory.resume = self.after_creation();
        Ok(Some(Recovery::Exists {
            pending: memory.resume.is_some(),
            state,
            private: memory.write(),
        }))
    }

    /// The names that the rules of `recover` may use.
    fn names(&self, memory: &Memory) -> Names {
        let remembered = Value::object(memory.remembered());
        self.client.names().with("remembered", remembered)
    }

    /// The step after the request that creates, if anything follows it.
    fn after_creation(&self) -> Option<String> {
        let next = self.resource.create.get(self.resource.after_creation()?);
        next.map(|step| step.name().to_owned())
    }
}

/// What is remembered of an object whose creation was sent.
fn remembered_of(intent: &Intent) -> Memory {
    let mut memory = Memory::read(&intent.private);
    memory.sent();
    memory.imported = false;
    memory
}

/// Whether what `item` is was made before the attempt. A time that cannot be read does not
/// speak against it.
fn is_older(recover: &Recover, intent: &Intent, names: &Names) -> bool {
    let earliest = Timestamp::try_from(intent.started).ok().and_then(|t| {
        t.checked_sub(jiff::SignedDuration::try_from(recover.tolerance).ok()?)
            .ok()
    });
    let created = recover.created.as_ref();
    let created = created.and_then(|c| c.text(names).ok().flatten());
    match (created.and_then(|c| timestamp(&c)), earliest) {
        (Some(created), Some(earliest)) => created < earliest,
        _ => false,
    }
}

/// A time as APIs write it; without an offset it is UTC.
fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse()
        .or_else(|_| format!("{}Z", text.replacen(' ', "T", 1)).parse())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn times_as_apis_write_them() {
        let t = timestamp("2026-02-01T08:00:00Z");
        assert!(t.is_some());
        assert_eq!(t, timestamp("2026-02-01 08:00:00"));
        assert_eq!(t, timestamp("2026-02-01T09:00:00.0000000+01:00"));
        assert_eq!(timestamp("yesterday"), None);
    }
}
