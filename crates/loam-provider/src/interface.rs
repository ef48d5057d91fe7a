//! What a provider does.

use std::sync::Arc;

use async_trait::async_trait;
use loam_diag::{Diagnostic, Diagnostics};
use loam_value::Value;

use crate::{
    ApplyObserver, ApplyOutcome, ApplyRequest, Imported, Intent, InvokeRequest, PlanRequest,
    PlannedChange, ProviderSchema, RateLimit, ReadDepth, ReadOutcome, ReadRequest, Recovery, Usage,
};

/// A provider before it is configured.
pub trait ProviderType: Send + Sync {
    /// The name that resource types begin with, such as `acme`.
    fn name(&self) -> &str;

    /// The full source address, such as `registry.terraform.io/acme/acme`.
    fn source(&self) -> &str;

    /// The version of the description.
    fn version(&self) -> &str;

    /// The oldest version whose configurations it understands: whoever asks for a version
    /// from there on up to its own is served.
    fn since(&self) -> &str {
        self.version()
    }

    /// What it manages.
    fn schema(&self) -> &ProviderSchema;

    /// Checks what the schema cannot say of a resource's (or data source's, or action's)
    /// configuration, of the schema's implied type; parts may be unknown.
    fn validate(&self, kind: &str, config: &Value) -> Diagnostics {
        let _ = (kind, config);
        Diagnostics::new()
    }

    /// A provider with these settings. Sends nothing yet: a wrong key is found by the
    /// first request. `config` is of the type that the schema implies, wholly known;
    /// settings that are not given may come from the environment.
    fn configure(&self, config: &Value) -> Result<Arc<dyn Provider>, Diagnostics>;
}

/// A configured provider. All operations may be called concurrently.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What will become of an object. Must not change anything. `requires_replace` is
    /// answered against `prior`; to plan the replacement itself the engine asks again
    /// with a null prior.
    async fn plan_change(&self, request: PlanRequest<'_>) -> PlannedChange;

    /// Reads objects of one resource type with as few requests as it can; one outcome
    /// for each request, in order.
    async fn read(
        &self,
        kind: &str,
        requests: Vec<ReadRequest>,
        depth: ReadDepth,
    ) -> Vec<ReadOutcome>;

    /// Makes a planned change.
    async fn apply(&self, request: ApplyRequest<'_>, observer: &dyn ApplyObserver) -> ApplyOutcome;

    /// Finds what became of changes of one resource type whose end is not recorded; one
    /// answer for each, in order. Changes nothing.
    async fn recover(&self, intents: Vec<Intent>) -> Vec<Recovery>;

    /// The object that an import id names, as far as the id tells; a read follows.
    async fn import(&self, kind: &str, id: &str) -> Result<Imported, Diagnostics>;

    /// Reads a data source; `config` is wholly known. The result is of the schema's
    /// implied type.
    async fn read_data(&self, kind: &str, config: &Value) -> Result<Value, Diagnostics>;

    /// Runs an action.
    async fn invoke(
        &self,
        request: InvokeRequest<'_>,
        observer: &dyn ApplyObserver,
    ) -> Diagnostics {
        let _ = observer;
        Diagnostic::error(
            "Unknown action",
            format!("This provider has no action {:?}.", request.kind),
        )
        .into()
    }

    /// Requests that running an action is expected to take, waiting included; parts of
    /// `config` may be unknown.
    fn invoke_cost(&self, kind: &str, config: &Value) -> u64 {
        let _ = (kind, config);
        1
    }

    /// Whether objects exist outside of the state, so that a change has to be recorded
    /// before it is made.
    fn is_external(&self) -> bool {
        true
    }

    /// The rate limit that the provider keeps to, if it knows one.
    fn rate_limit(&self) -> Option<RateLimit> {
        None
    }

    /// What it has used so far.
    fn usage(&self) -> Usage {
        Usage::default()
    }
}
