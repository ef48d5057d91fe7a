//! Planning and applying.
//!
//! Comes in: a configuration, a state, provider types. Goes out: a [`Plan`], and, from
//! applying it, events and changed rows of the state store. The only crate that knows
//! both configuration and state. It does not read files, render, or speak to an API:
//! what it needs from outside it asks for through the provider interface and the store.

mod actions;
mod check_results;
mod conditions;
mod console;
mod dependencies;
mod evaluator;
mod event;
mod executor;
mod expansion;
mod import_blocks;
mod outline;
mod plan;
mod planfile;
mod planner;
mod propose;
mod provider_address;
mod provider_choice;
mod removed;
mod scope;
mod text;
mod validate;
mod values;

pub use check_results::{
    of_text as check_results, outlasting as outlasting_checks, to_text as check_results_text,
};
pub use console::{Answer, Console, ConsoleInputs};
pub use event::{Event, ImportStage, Observer, Silent, Summary, Taken};
pub use executor::{ApplyInputs, Stop, apply};
pub use outline::{
    Operation, Outline, OutlineKind, OutlineNode, outline_operation, outline_plan,
    outline_resources,
};
pub use plan::{
    Action, ActionReason, CheckObject, CheckResult, CheckStatus, Counts, Invocation, Mode,
    OutputChange, Plan, Reads, RequestCount, ResourceChange, Trigger,
};
pub use planfile::{PlanFile, PlanFileError, decode as decode_plan, encode as encode_plan};
pub use planner::{Inputs, Options, Wish, look_up, missing_blocks, plan};
pub use provider_address::schema_of;
pub use scope::Surroundings;
pub use validate::{ValidateInputs, validate};
