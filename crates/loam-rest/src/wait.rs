//! Waiting for something that the API does in its own time.
//!
//! Many waits share what they ask: with several of a kind, one request for the list
//! tells which of them still go on, and only the others are asked for alone. Polling
//! takes at most half of the rate limit and yields to useful work.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::ApplyObserver;
use loam_value::Value;
use tokio::time::{Instant, sleep};

use crate::client::Client;
use crate::description::{List, Wait};
use crate::expression::{Expression, Names, text_of};
use crate::failure::Failure;
use crate::limiter::Priority;
use crate::run::{HaltKind, Run, not_sent};
use crate::{paging, request};

/// All that wait, by what they wait for.
#[derive(Debug, Default)]
pub(crate) struct Pollers {
    all: Mutex<HashMap<String, Arc<Poller>>>,
}

#[derive(Debug, Default)]
struct Poller {
    active: AtomicUsize,
    /// Requests that the list took last.
    pages: AtomicU64,
    list: tokio::sync::Mutex<Option<Snapshot>>,
}

/// The list as it was.
#[derive(Debug)]
struct Snapshot {
    asked: Instant,
    items: HashMap<String, Value>,
}

/// One that waits; leaves when dropped.
struct Waiting(Arc<Poller>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Pollers {
    fn enter(&self, what: String) -> Waiting {
        let mut all = self.all.lock().unwrap_or_else(|e| e.into_inner());
        let poller = all.entry(what).or_default().clone();
        poller.active.fetch_add(1, Ordering::Relaxed);
        Waiting(poller)
    }
}

impl Poller {
    fn active(&self) -> u64 {
        self.active.load(Ordering::Relaxed) as u64
    }

    /// Whether asking for the list is cheaper than asking for each.
    fn list_is_cheaper(&self) -> bool {
        self.active() > self.pages.load(Ordering::Relaxed).max(2)
    }

    /// How long to wait between two rounds, so that polling keeps to its share.
    fn interval(&self, wait: &Wait, client: &Client, by_list: bool) -> Duration {
        let requests = match by_list {
            true => self.pages.load(Ordering::Relaxed).max(1),
            false => self.active(),
        };
        let Some(per_minute) = client.limiter.per_minute() else {
            return client.scaled(wait.interval);
        };
        let share = (per_minute / 2).max(1);
        client.scaled(wait.interval).max(
            client
                .limiter
                .minute()
                .mul_f64(requests as f64 / share as f64),
        )
    }

    /// The item of an object in a list that was asked for after `since` and is not older
    /// than `age`.
    async fn item(
        &self,
        client: &Client,
        list: &List,
        names: &Names,
        since: Instant,
        age: Duration,
    ) -> Result<Option<Value>, Failure> {
        let key = list.key.text(names).map_err(Failure::NotSent)?;
        let Some(key) = key else { return Ok(None) };
        let mut snapshot = self.list.lock().await;
        let fresh = |s: &Snapshot| s.asked >= since && s.asked.elapsed() < age;
        if !snapshot.as_ref().is_some_and(fresh) {
            let asked = Instant::now();
            let listing = paging::list(
                client,
                &list.request,
                names,
                Priority::Poll,
                &paging::always,
            );
            let listing = listing.await?.0;
            self.pages.store(listing.pages, Ordering::Relaxed);
            let mut items = HashMap::with_capacity(listing.items.len());
            for item in listing.items {
                let names = client.names().with("item", item.clone());
                if let Ok(Some(key)) = list.item_key.text(&names) {
                    items.insert(key, item);
                }
            }
            *snapshot = Some(Snapshot { asked, items });
        }
        Ok(snapshot.as_ref().and_then(|s| s.items.get(&key).cloned()))
    }
}

impl Run<'_> {
    /// Waits as described. `sent` is the answer to the request that it belongs to.
    pub(crate) async fn wait(&mut self, wait: &Wait, sent: Option<Value>) -> Result<(), HaltKind> {
        let sent = sent.unwrap_or_else(|| Value::null(loam_value::Type::Dynamic));
        if let Some(when) = &wait.when
            && !when
                .truth(&self.names().with("sent", sent.clone()))
                .map_err(not_sent)?
        {
            return Ok(());
        }
        // Others may begin in the meantime.
        if let Some(observer) = self.observer {
            observer.waiting();
        }
        let done = self.wait_until(wait, sent).await;
        if let Some(observer) = self.observer {
            observer.waited().await;
        }
        done
    }

    async fn wait_until(&mut self, wait: &Wait, sent: Value) -> Result<(), HaltKind> {
        let kind = self.resource.map_or("", |r| &r.kind);
        let waiting = self.pollers.enter(format!("{kind}/{}", wait.name));
        let poller = waiting.0.clone();
        let started = Instant::now();
        let timeout = self.timeout.unwrap_or(wait.timeout);
        let mut pause = self.client.scaled(wait.delay);
        let mut answered = false;
        loop {
            let left = timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(HaltKind::CutOff(self.too_long(wait, timeout)));
            }
            if !self.rest(pause.min(left)).await {
                return Err(HaltKind::Interrupted);
            }
            let by_list = wait.list_pending.is_some() && poller.list_is_cheaper();
            pause = poller.interval(wait, self.client, by_list);
            let mut priority = Priority::Poll;
            if by_list {
                match self.pending_by_list(wait, &poller, started, pause).await {
                    Some(true) => continue,
                    // It has come to an end: what depends on it need not wait any longer.
                    Some(false) => priority = Priority::Work,
                    None => {}
                }
            }
            let names = self.names().with("sent", sent.clone());
            let mut call = request::call(&wait.request, &names, &[]).map_err(not_sent)?;
            // At first some APIs fail over an object that is not there yet.
            let tolerant = !answered && started.elapsed() < wait.tolerate_for;
            if tolerant {
                call.accept.extend(wait.tolerate.iter().cloned());
            }
            let asked = self.client.send(&call, priority);
            let answer = match unless_stopped(self.observer, asked).await {
                None => return Err(HaltKind::Interrupted),
                Some(Ok(answer)) => answer,
                Some(Err(Failure::Stopped)) => return Err(HaltKind::Interrupted),
                Some(Err(f)) if f.is_gone() => {
                    return Err(HaltKind::Request {
                        failure: f,
                        changes: false,
                    });
                }
                // Only what the description calls final says something of the object: a
                // key that has expired meanwhile is no reason to give up a machine.
                Some(Err(Failure::Refused(r))) if r.fatal => {
                    return Err(HaltKind::Broken(r.diagnostic.into()));
                }
                Some(Err(f)) => return Err(HaltKind::CutOff(f.diagnostics())),
            };
            if answer.status >= 400 {
                continue;
            }
            answered = true;
            let seen = answer.names(names.clone());
            self.absorb(&wait.request, answer, None, &names, false)
                .await?;
            self.reveal(&wait.name).await;
            if self.settled(wait, &seen)? {
                return Ok(());
            }
        }
    }

    /// Whether an answer says that the wait is over; an error if it failed.
    fn settled(&self, wait: &Wait, seen: &Names) -> Result<bool, HaltKind> {
        let lost = |failure| HaltKind::CutOff(failure);
        let text = |e: &Option<Expression>| e.as_ref().and_then(|e| e.text(seen).ok()).flatten();
        if let (Some(message), Some(observer)) = (text(&wait.progress), self.observer) {
            observer.progress(&message);
        }
        if wait.done.truth(seen).map_err(lost)? {
            return Ok(true);
        }
        let failed = wait.failed.as_ref().map(|f| f.truth(seen));
        if failed.transpose().map_err(lost)?.unwrap_or(false) {
            let reason = text(&wait.reason).filter(|r| !r.trim().is_empty());
            let reason = reason.unwrap_or_else(|| "the API gives no reason".into());
            return Err(HaltKind::Broken(
                Diagnostic::error(
                    "The API reports a failure",
                    format!(
                        "While waiting for {}: {}.",
                        wait.name,
                        reason.trim_end_matches('.')
                    ),
                )
                .into(),
            ));
        }
        Ok(false)
    }

    /// Whether it still goes on, if the list tells.
    async fn pending_by_list(
        &self,
        wait: &Wait,
        poller: &Poller,
        since: Instant,
        age: Duration,
    ) -> Option<bool> {
        let pending = wait.list_pending.as_ref()?;
        let list = self.resource?.list.as_ref()?;
        let names = self.names();
        let asked = poller.item(self.client, list, &names, since, age);
        // Whatever is wrong with the list, the object itself can still be asked for.
        let item = unless_stopped(self.observer, asked).await?.ok()??;
        if let Some(observer) = self.observer
            && let Some(status) = ["status", "state"]
                .iter()
                .find_map(|n| item.get(n).as_ref().and_then(text_of))
        {
            observer.progress(&status);
        }
        pending.truth(&names.with("item", item)).ok()
    }

    /// Sleeps; false if the user wants to stop.
    async fn rest(&self, time: Duration) -> bool {
        unless_stopped(self.observer, sleep(time)).await.is_some()
    }

    fn too_long(&self, wait: &Wait, timeout: Duration) -> Diagnostics {
        let detail = format!(
            "{} has not finished within {} s. It goes on at the API; the next apply waits for it again. \
             A longer time can be set in a \"timeouts\" block.",
            wait.name,
            timeout.as_secs()
        );
        Diagnostic::error("Waited too long", detail).into()
    }
}

/// What a future gives, or nothing if the user wants to stop first.
pub(crate) async fn unless_stopped<T>(
    observer: Option<&dyn ApplyObserver>,
    future: impl Future<Output = T>,
) -> Option<T> {
    tokio::select! {
        biased;
        () = stopped(observer) => None,
        result = future => Some(result),
    }
}

/// Ends when the user wants to stop; never without an observer.
pub(crate) async fn stopped(observer: Option<&dyn ApplyObserver>) {
    let Some(observer) = observer else {
        return std::future::pending().await;
    };
    while !observer.stopping() {
        sleep(Duration::from_millis(100)).await;
    }
}
