//! Telling the user's own server when a deployment ends.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use crate::clock::{iso, seconds_between};
use crate::ids::hex;
use crate::store::{Collection, Db, StoreError};
use crate::webhooks::Message;
use crate::world::World;

use super::CLOUD;
use super::deployment::Stage;
use super::instance::{self, Instance};

/// Whom to tell. Kept until it is sent, apart from the instance, because it holds a secret.
#[derive(Serialize, Deserialize)]
pub struct Webhook {
    pub url: String,
    pub secret: Option<String>,
}

fn waiting<'a>(db: &'a Db<'_>) -> Collection<'a> {
    db.collection(CLOUD, "webhook")
}

/// Remembers to tell when this instance's deployment ends.
pub fn register(db: &Db<'_>, instance: i64, webhook: &Webhook) -> Result<(), StoreError> {
    waiting(db).insert(&instance.to_string(), None, &(instance, webhook))
}

/// Forgets it.
pub fn forget(db: &Db<'_>, instance: i64) -> Result<(), StoreError> {
    waiting(db).purge(&instance.to_string())
}

/// Sends what is due; says whether something is still waiting.
pub fn deliver_due(world: &World) -> Result<bool, StoreError> {
    let (due, left) = world.run(|db, now| {
        let mut due = Vec::new();
        let all: Vec<(i64, Webhook)> = waiting(db).oldest_first(None)?;
        let total = all.len();
        for (id, webhook) in all {
            let instance: Option<Instance> = instance::collection(db).live(&id.to_string())?;
            let Some(instance) = instance else {
                forget(db, id)?;
                continue;
            };
            let event = match instance.deployment.stage(now) {
                Stage::Completed => "vps.deployment.completed",
                Stage::Failed { .. } => "vps.deployment.failed",
                Stage::Pending | Stage::Running { .. } => continue,
            };
            forget(db, id)?;
            due.push(message(&instance, event, &webhook));
        }
        let left = total - due.len();
        Ok((due, left))
    })?;
    for message in due {
        world.webhooks.send(message);
    }
    Ok(left > 0)
}

fn message(instance: &Instance, event: &str, webhook: &Webhook) -> Message {
    let ended = instance
        .deployment
        .ended_at()
        .unwrap_or(instance.created_at);
    let seconds = seconds_between(instance.deployment.started_at(), ended) as u64;
    let body = json!({
        "event": event,
        "timestamp": iso(ended),
        "data": {
            "vps_id": instance.id,
            "name": instance.name,
            "status": if event.ends_with("failed") { "failed" } else { "running" },
            "ip_address": instance.ip_address,
            "deployment_time_seconds": seconds,
        },
    })
    .to_string();
    let headers = match &webhook.secret {
        Some(secret) => vec![(
            "x-webhook-signature",
            format!("sha256={}", signature(secret, &body)),
        )],
        None => Vec::new(),
    };
    Message {
        cloud: CLOUD,
        url: webhook.url.clone(),
        body,
        headers,
    }
}

/// HMAC-SHA256 of the raw body, in lower-case hexadecimal digits.
fn signature(secret: &str, body: &str) -> String {
    // A key of any length is accepted by HMAC.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body.as_bytes());
    hex(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_hmac_sha256_in_hex() {
        // A widely published test vector.
        assert_eq!(
            signature("key", "The quick brown fox jumps over the lazy dog"),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
        );
    }
}
