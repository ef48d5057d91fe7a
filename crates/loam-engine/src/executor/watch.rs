//! What a provider has to tell while it makes a change.

use std::sync::Mutex;

use async_trait::async_trait;
use loam_diag::Diagnostic;
use loam_provider::{ApplyObserver, Private};
use loam_state::{IntentId, StoreError};
use loam_value::Value;

use super::change::Job;
use super::store_error;
use crate::event::Event;
use crate::plan::Action;

/// Stores what the provider reveals and passes on what it tells.
pub(super) struct Watch<'j, 'a> {
    pub job: &'j Job<'a>,
    pub action: Action,
    pub intent: Option<IntentId>,
    pub failure: Mutex<Option<Diagnostic>>,
}

impl Watch<'_, '_> {
    /// Keeps the failure to write for the end of the change.
    fn not_stored(&self, error: &StoreError) -> Diagnostic {
        let d = store_error(error);
        *self.failure.lock().unwrap_or_else(|e| e.into_inner()) = Some(d.clone());
        d
    }
}

#[async_trait]
impl ApplyObserver for Watch<'_, '_> {
    async fn noted(&self, private: &Private) -> Result<(), Diagnostic> {
        let Some(intent) = self.intent else {
            return Ok(());
        };
        let written = self.job.run.note(intent, private).await;
        written.map_err(|e| self.not_stored(&e))
    }

    async fn revealed(&self, state: &Value, private: &Private) -> Result<(), Diagnostic> {
        let Some(intent) = self.intent else {
            return Ok(());
        };
        // Until the wait is over the next run goes on with it.
        let status = self.job.waited_for();
        let instance = self.job.instance(state, private, status);
        let written = self.job.run.reveal(intent, &instance).await;
        written.map_err(|e| self.not_stored(&e))
    }

    fn progress(&self, message: &str) {
        let id = self.job.change.id.clone();
        self.job.observer.event(Event::ApplyProgress {
            id,
            action: self.action,
            message: message.to_owned(),
        });
    }

    fn waiting(&self) {
        self.job.slots.pause();
    }

    async fn waited(&self) {
        self.job.slots.go_on(self.job.stop.is_wished()).await;
    }

    fn stopping(&self) -> bool {
        self.job.stop.is_wished()
    }
}
