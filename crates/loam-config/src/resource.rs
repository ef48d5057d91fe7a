//! Resources, data resources and what their `lifecycle` says.

use std::sync::Arc;

use loam_address::{ActionAddr, ResourceAddr};
use loam_diag::Span;
use loam_eval::{Expr, Reference};
use loam_value::Path;

use crate::{
    BlockExpr, Condition, Dependency, ProviderRef, Provisioner, ProvisionerWhen, Repetition,
};

/// `resource "kind" "name" { … }` or `data "kind" "name" { … }`.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its address in the module.
    pub addr: ResourceAddr,
    /// How many instances it has.
    pub repetition: Repetition,
    /// The provider configuration: as written, or implied by the type.
    pub provider: ProviderRef,
    /// What else it waits for.
    pub depends_on: Vec<Dependency>,
    /// How changes of it are made.
    pub lifecycle: Lifecycle,
    /// What runs with new objects and before old ones go, in order.
    pub provisioners: Vec<Provisioner>,
    /// The arguments, compiled against the provider's schema.
    pub body: BlockExpr,
    /// The `check` block that the data resource belongs to.
    pub in_check: Option<Arc<str>>,
    /// The header.
    pub span: Span,
}

impl Resource {
    /// Every reference that the resource waits for: arguments, repetition, `depends_on`,
    /// provider key, provisioners and `lifecycle`, conditions included. Those of postconditions to the
    /// resource itself are among them only as `self`.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.body
            .references()
            .chain(self.repetition.references())
            .chain(self.provider.references())
            .chain(self.depends_on.iter().flat_map(Dependency::references))
            .chain(self.lifecycle.references())
            .chain(self.provisioner_references())
    }

    /// The provisioners that run at a time, in order.
    pub fn provisioners(&self, when: ProvisionerWhen) -> impl Iterator<Item = &Provisioner> {
        self.provisioners.iter().filter(move |p| p.when == when)
    }

    /// The references of the provisioners that run with a new object. Those that run before
    /// it is destroyed refer to nothing but the object.
    pub fn provisioner_references(&self) -> impl Iterator<Item = &Reference> {
        self.provisioners(ProvisionerWhen::Create)
            .flat_map(Provisioner::references)
    }
}

/// `lifecycle { … }`.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    /// A replacement is created before the old object is destroyed.
    pub create_before_destroy: Option<bool>,
    /// Plans that destroy the object are refused.
    pub prevent_destroy: Option<Expr>,
    /// False: the object is forgotten instead of destroyed.
    pub destroy: bool,
    /// Changes that are left alone.
    pub ignore_changes: IgnoreChanges,
    /// What a change of replaces the object.
    pub replace_triggered_by: Vec<Dependency>,
    /// What has to hold before the object is planned.
    pub preconditions: Vec<Condition>,
    /// What has to hold of the object; may refer to `self`.
    pub postconditions: Vec<Condition>,
    /// Actions that run with changes of the object.
    pub triggers: Vec<ActionTrigger>,
}

impl Default for Lifecycle {
    fn default() -> Lifecycle {
        Lifecycle {
            create_before_destroy: None,
            prevent_destroy: None,
            destroy: true,
            ignore_changes: IgnoreChanges::None,
            replace_triggered_by: Vec::new(),
            preconditions: Vec::new(),
            postconditions: Vec::new(),
            triggers: Vec::new(),
        }
    }
}

impl Lifecycle {
    /// Whether anything has to hold of the object.
    pub fn has_conditions(&self) -> bool {
        !self.preconditions.is_empty() || !self.postconditions.is_empty()
    }

    /// The references of everything in it.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let conditions = self.preconditions.iter().chain(&self.postconditions);
        self.prevent_destroy
            .iter()
            .flat_map(|e| e.references())
            .chain(
                self.replace_triggered_by
                    .iter()
                    .flat_map(Dependency::references),
            )
            .chain(conditions.flat_map(Condition::references))
            .chain(self.triggers.iter().flat_map(ActionTrigger::references))
    }
}

/// Changes that are left alone.
#[derive(Clone, Debug, Default)]
pub enum IgnoreChanges {
    /// None.
    #[default]
    None,
    /// All.
    All,
    /// Those of these attributes.
    Paths(Vec<(Path, Span)>),
}

/// When an action runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum TriggerEvent {
    BeforeCreate,
    AfterCreate,
    BeforeUpdate,
    AfterUpdate,
}

impl TriggerEvent {
    /// All of them.
    pub const ALL: [TriggerEvent; 4] = [
        TriggerEvent::BeforeCreate,
        TriggerEvent::AfterCreate,
        TriggerEvent::BeforeUpdate,
        TriggerEvent::AfterUpdate,
    ];

    /// As it is written in a configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            TriggerEvent::BeforeCreate => "before_create",
            TriggerEvent::AfterCreate => "after_create",
            TriggerEvent::BeforeUpdate => "before_update",
            TriggerEvent::AfterUpdate => "after_update",
        }
    }

    /// True if the action runs before the change of the resource.
    pub fn is_before(self) -> bool {
        matches!(
            self,
            TriggerEvent::BeforeCreate | TriggerEvent::BeforeUpdate
        )
    }
}

/// `action_trigger { … }`: actions that run with changes of the resource.
#[derive(Clone, Debug)]
pub struct ActionTrigger {
    /// When they run; never empty, each once.
    pub events: Vec<TriggerEvent>,
    /// Whether they run; always if absent.
    pub condition: Option<Expr>,
    /// What runs, in order.
    pub actions: Vec<ActionRef>,
    /// The header of the block.
    pub span: Span,
}

/// `action.kind.name` or `action.kind.name[key]`.
#[derive(Clone, Debug)]
pub struct ActionRef {
    /// The action.
    pub action: ActionAddr,
    /// Which of its instances.
    pub key: Option<Expr>,
    /// The reference.
    pub span: Span,
}

impl ActionTrigger {
    /// The references of the condition and of the keys.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let keys = self.actions.iter().filter_map(|a| a.key.as_ref());
        let exprs = self.condition.iter().chain(keys);
        exprs.flat_map(|e| e.references())
    }
}

/// `action "kind" "name" { config { … } }`.
#[derive(Clone, Debug)]
pub struct Action {
    /// Its address in the module.
    pub addr: ActionAddr,
    /// How many instances it has.
    pub repetition: Repetition,
    /// The provider configuration: as written, or implied by the type.
    pub provider: ProviderRef,
    /// What else it waits for.
    pub depends_on: Vec<Dependency>,
    /// The arguments (what is in `config`).
    pub body: BlockExpr,
    /// The header.
    pub span: Span,
}

impl Action {
    /// The references of everything in it.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.body
            .references()
            .chain(self.repetition.references())
            .chain(self.provider.references())
            .chain(self.depends_on.iter().flat_map(Dependency::references))
    }
}
