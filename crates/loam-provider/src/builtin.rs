//! The built-in provider: `terraform_data`, a resource that needs no cloud, and
//! `terraform_remote_state`, which reads what another configuration gives.

use std::sync::Arc;

use async_trait::async_trait;
use loam_diag::{Diagnostic, Diagnostics};
use loam_value::{Path, Refinements, Type, Value, ValueMap};

use crate::remote_state::{self, REMOTE_STATE, StateReader};
use crate::{
    ApplyObserver, ApplyOutcome, ApplyRequest, Attribute, Block, Imported, Intent, IntentAction,
    PlanRequest, PlannedChange, Private, Provider, ProviderSchema, ProviderType, ReadDepth,
    ReadOutcome, ReadRequest, Recovery, Schema,
};

/// The built-in provider's type.
pub struct BuiltinType {
    schema: ProviderSchema,
    states: StateReader,
}

const DATA: &str = "terraform_data";

impl BuiltinType {
    /// The built-in provider's type, to which no stored states are known.
    pub fn new() -> BuiltinType {
        BuiltinType::reading(Arc::new(|_| Ok(None)))
    }

    /// The built-in provider's type; stored states are read by `states`.
    pub fn reading(states: StateReader) -> BuiltinType {
        let attributes = [
            (
                "id",
                Attribute::computed(Type::String).described("A random UUID."),
            ),
            (
                "input",
                Attribute::optional(Type::Dynamic).described("Any value; the output after apply."),
            ),
            (
                "output",
                Attribute::computed(Type::Dynamic).described("The input, known after apply."),
            ),
            (
                "triggers_replace",
                Attribute {
                    replaces: true,
                    ..Attribute::optional(Type::Dynamic)
                }
                .described("Any value; a change of it replaces the object."),
            ),
        ];
        let block = Block {
            attributes: attributes.into_iter().map(|(n, a)| (n.into(), a)).collect(),
            ..Block::default()
        };
        let mut schema = ProviderSchema::default();
        schema
            .resources
            .insert(DATA.into(), Arc::new(Schema { version: 0, block }));
        schema
            .data_sources
            .insert(REMOTE_STATE.into(), Arc::new(remote_state::schema()));
        BuiltinType { schema, states }
    }
}

impl Default for BuiltinType {
    fn default() -> Self {
        BuiltinType::new()
    }
}

impl ProviderType for BuiltinType {
    fn name(&self) -> &str {
        "terraform"
    }

    fn source(&self) -> &str {
        "terraform.io/builtin/terraform"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    fn validate(&self, kind: &str, config: &Value) -> Diagnostics {
        match kind {
            REMOTE_STATE => remote_state::validate(config),
            _ => Diagnostics::new(),
        }
    }

    fn configure(&self, _config: &Value) -> Result<Arc<dyn Provider>, Diagnostics> {
        Ok(Arc::new(Builtin(self.states.clone())))
    }
}

struct Builtin(StateReader);

fn field(object: &Value, name: &str) -> Value {
    object
        .get(name)
        .unwrap_or_else(|| Value::null(Type::Dynamic))
}

fn with(object: &Value, changes: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut entries: ValueMap = object.entries().cloned().unwrap_or_default();
    entries.extend(changes.into_iter().map(|(n, v)| (n.into(), v)));
    Value::object(entries).with_marks(object.marks())
}

fn planned(planned: Value, requires_replace: Vec<Path>) -> PlannedChange {
    PlannedChange {
        planned,
        requires_replace,
        write_only_changes: Vec::new(),
        private: Private::default(),
        requests: 0,
        shared_requests: 0,
        diagnostics: Diagnostics::new(),
    }
}

fn done(state: Value) -> ApplyOutcome {
    ApplyOutcome {
        state,
        private: Private::default(),
        tainted: false,
        pending: false,
        unknown: false,
        diagnostics: Diagnostics::new(),
    }
}

#[async_trait]
impl Provider for Builtin {
    async fn plan_change(&self, request: PlanRequest<'_>) -> PlannedChange {
        if request.proposed.is_null() {
            return planned(request.proposed.clone(), Vec::new());
        }
        let input = field(request.proposed, "input");
        let output = |input: &Value| {
            if input.is_null() {
                Value::null(Type::Dynamic)
            } else {
                Value::unknown(input.ty())
            }
        };
        if request.prior.is_null() {
            let id = Value::refined(Type::String, Refinements::not_null());
            return planned(
                with(request.proposed, [("id", id), ("output", output(&input))]),
                Vec::new(),
            );
        }
        let mut replace = Vec::new();
        let triggers = |v: &Value| field(v, "triggers_replace").unmarked_deep();
        let (before, now) = (triggers(request.prior), triggers(request.proposed));
        let mut changes = Vec::new();
        let same_input = field(request.prior, "input").unmarked_deep() == input.unmarked_deep();
        changes.push(match (before == now, same_input) {
            (true, true) => ("output", field(request.prior, "output")),
            // What becomes of a changed input is known only after applying, even of null.
            (true, false) => ("output", Value::unknown(input.ty())),
            (false, _) => ("output", output(&input)),
        });
        if before != now {
            // A null that has become a null of another type is nothing to replace for, but
            // Terraform gives the object a new id all the same, and so do we.
            changes.push(("id", Value::refined(Type::String, Refinements::not_null())));
            if !(before.is_null() && now.is_null()) {
                replace.push(Path::root().attribute("triggers_replace"));
            }
        }
        planned(with(request.proposed, changes), replace)
    }

    async fn read(
        &self,
        _kind: &str,
        requests: Vec<ReadRequest>,
        _depth: ReadDepth,
    ) -> Vec<ReadOutcome> {
        requests
            .into_iter()
            .map(|r| ReadOutcome::Present {
                state: r.state,
                private: r.private,
            })
            .collect()
    }

    async fn apply(
        &self,
        request: ApplyRequest<'_>,
        _observer: &dyn ApplyObserver,
    ) -> ApplyOutcome {
        if request.planned.is_null() {
            return done(request.planned.clone());
        }
        let mut changes = Vec::new();
        if field(request.planned, "id").is_unknown() {
            changes.push(("id", Value::string(uuid::Uuid::new_v4().to_string())));
        }
        if field(request.planned, "output").is_unknown() {
            changes.push(("output", field(request.planned, "input").unmarked_deep()));
        }
        done(with(request.planned, changes))
    }

    fn is_external(&self) -> bool {
        false
    }

    async fn recover(&self, intents: Vec<Intent>) -> Vec<Recovery> {
        // Nothing exists outside the state: a change that is not in it did not happen.
        intents
            .into_iter()
            .map(|i| match i.action {
                IntentAction::Create => Recovery::Absent,
                _ => Recovery::Exists {
                    state: i.prior,
                    private: i.private,
                    pending: false,
                },
            })
            .collect()
    }

    async fn import(&self, kind: &str, id: &str) -> Result<Imported, Diagnostics> {
        let null = || Value::null(Type::Dynamic);
        let state = Value::object_of([
            ("id", Value::string(id)),
            ("input", null()),
            ("output", null()),
            ("triggers_replace", null()),
        ]);
        Ok(Imported {
            kind: kind.to_owned(),
            state,
            private: Private::default(),
        })
    }

    async fn read_data(&self, kind: &str, config: &Value) -> Result<Value, Diagnostics> {
        if kind == REMOTE_STATE {
            return remote_state::read(config, &self.0);
        }
        Err(Diagnostic::error(
            "Unknown data source",
            format!("There is no data source {kind:?}."),
        )
        .into())
    }
}
