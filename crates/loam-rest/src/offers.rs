//! Whether the API offers what arguments ask for, told while planning.
//!
//! In: a planned change. Out: the problems that the API would have with it, by what it says
//! itself of its offers. Each answer is asked for once. What cannot be looked up is no
//! problem: the API tells when the change is applied.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics};
use loam_provider::{PlanRequest, PlannedChange};
use loam_value::Value;
use tokio::sync::Mutex;

use crate::client::Client;
use crate::description::{Offer, OfferCheck, Resource};
use crate::expression::Names;
use crate::limiter::Priority;
use crate::object::Object;
use crate::request;

/// The answers so far, by the request. None: it was not answered well.
#[derive(Debug, Default)]
pub(crate) struct Offers {
    known: Mutex<BTreeMap<String, Option<Value>>>,
}

impl Offers {
    /// What the API would say against a planned change.
    pub async fn problems(
        &self,
        client: &Client,
        resource: &Resource,
        request: &PlanRequest<'_>,
        change: &PlannedChange,
    ) -> Diagnostics {
        let mut problems = Diagnostics::new();
        if resource.offers.is_empty() || change.planned.is_null() {
            return problems;
        }
        let planned = Object::of(&resource.fields, &change.planned);
        let before = Object::of(&resource.fields, request.prior);
        let made_new = request.prior.is_null() || !change.requires_replace.is_empty();
        // What stays as it is may be what the API no longer offers.
        let asked = |name: &Arc<str>| made_new || before.get(name) != planned.get(name);
        // What is unknown further in is null in conditions, which then say nothing.
        let known = |name: &Arc<str>| planned.has(name);
        let counts =
            |c: &&OfferCheck| c.attributes.iter().all(known) && c.attributes.iter().any(asked);
        let names = client.names().with("self", planned.seen(request.config));
        for offer in &resource.offers {
            let checks: Vec<&OfferCheck> = offer.checks.iter().filter(counts).collect();
            if checks.is_empty() {
                continue;
            }
            let Some(item) = self.item(client, offer, &names).await else {
                continue;
            };
            let names = names.clone().with("offer", item);
            for check in checks {
                // A condition that cannot be evaluated says nothing.
                if check.condition.truth(&names).is_ok_and(|holds| !holds) {
                    let why = check.message.text(&names).ok().flatten();
                    let place = check.attributes.last().map_or("", |name| name);
                    let detail = format!("{place}: {}", why.unwrap_or_default());
                    problems.push(Diagnostic::error("Not offered", detail));
                }
            }
        }
        problems
    }

    /// What counts of an offer.
    async fn item(&self, client: &Client, offer: &Offer, names: &Names) -> Option<Value> {
        let call = request::call(&offer.request, names, &[]).ok()?;
        let key = format!("{:?} {} {:?}", call.method, call.path, call.query);
        let mut known = self.known.lock().await;
        if !known.contains_key(&key) {
            let answer = client.send(&call, Priority::Work).await.ok();
            known.insert(key.clone(), answer.map(|a| a.content));
        }
        let content = known.get(&key).cloned().flatten()?;
        let names = names.clone().with("response", content);
        offer.item.eval(&names).ok().filter(|v| !v.is_null())
    }
}
