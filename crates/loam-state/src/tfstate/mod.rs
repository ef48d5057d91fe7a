//! The state as Terraform writes it: JSON of format version 4.
//!
//! `state pull` writes it and `state push` reads it, also when Terraform has written it.
//! What the format cannot say is in fields of Loam's own (`loam_status`), which Terraform
//! ignores. Attributes are plain JSON that only a type explains, so that the caller has
//! to know the resource types; of those that it does not know the type is what the JSON
//! looks like, in which lists, sets and maps cannot be told from tuples and objects.

mod export;
mod import;

use loam_address::Mode;
use loam_value::Type;

pub use export::to_json;
pub use import::{from_json, outputs};

/// Knows the types of resources' attributes: of a managed or data resource of this type.
pub type ResourceTypes<'a> = &'a dyn Fn(Mode, &str) -> Option<Type>;

/// Stands in the field `terraform_version`: the version whose format this is. Tools look
/// at it to learn what to expect, so that Loam's own version would mislead them.
const TERRAFORM_VERSION: &str = "1.11.4";

/// Loam's own field, for what `status` cannot say.
const LOAM_STATUS: &str = "loam_status";

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Data => "data",
        Mode::Managed => "managed",
    }
}
