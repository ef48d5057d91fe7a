//! How names get their meaning and their values.

use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_syntax::Ident;
use loam_syntax::ast::Step;
use loam_value::Value;

use crate::{CallContext, ReferenceTarget};

/// What a root name and the steps after it refer to.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The object.
    pub target: ReferenceTarget,
    /// How many of the steps belong to the target's name (`var.x` takes one step,
    /// `data.t.n` two); the rest step into its value.
    pub consumed: usize,
}

/// Gives meaning to names when an expression is resolved.
pub trait Names {
    /// What `root` followed by `steps` refers to. `for` variables are never asked for.
    /// The error says what is unknown and suggests the nearest name.
    fn resolve(&self, root: &Ident, steps: &[Step]) -> Result<Resolved, Diagnostic>;

    /// The same inside of `try` and `can`, which have an answer where a part of a value is
    /// missing: what evaluation will find out, too, is left to it.
    fn resolve_leniently(&self, root: &Ident, steps: &[Step]) -> Result<Resolved, Diagnostic> {
        self.resolve(root, steps)
    }

    /// The provider whose functions are called by a local name; `None` if the name means
    /// none. Where nothing gives providers other names, each has its own.
    fn provider(&self, local: &str) -> Option<Arc<str>> {
        Some(local.into())
    }
}

/// Gives values to references when an expression is evaluated.
pub trait Scope {
    /// The value of a target. `key` is the value of the index right after a resource or
    /// module target, if there is one: then the value of that one instance is asked for,
    /// and an instance that does not exist is an error. Without a key the whole is asked
    /// for: an object for a single instance, a tuple for `count`, an object by key for
    /// `for_each`.
    fn get(
        &self,
        target: &ReferenceTarget,
        key: Option<&Value>,
        span: Span,
    ) -> Result<Value, Diagnostics>;

    /// What functions may see of the world.
    fn call_context(&self) -> &CallContext;
}
