//! What a reference in an expression refers to.

use std::fmt;
use std::sync::Arc;

use loam_address::{InstanceKey, ResourceAddr};
use loam_diag::Span;
use loam_value::{Path, PathStep};

/// The object that a reference names, before any step into its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReferenceTarget {
    /// `var.name`.
    Variable(Arc<str>),
    /// `local.name`.
    Local(Arc<str>),
    /// `type.name` or `data.type.name`: with an index right after it, one instance.
    Resource(ResourceAddr),
    /// `module.name`: with an index right after it, one instance.
    Module(Arc<str>),
    /// `count.index`.
    CountIndex,
    /// `each.key`.
    EachKey,
    /// `each.value`.
    EachValue,
    /// `self`.
    SelfObject,
    /// `path.module`.
    PathModule,
    /// `path.root`.
    PathRoot,
    /// `path.cwd`.
    PathCwd,
    /// `terraform.workspace` or `loam.workspace`.
    Workspace,
    /// `terraform.applying`.
    Applying,
    /// A name that means something only to the scope: template variables, `self`,
    /// `prior` and `response` in a provider description.
    Named(Arc<str>),
}

impl fmt::Display for ReferenceTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReferenceTarget::Variable(n) => write!(f, "var.{n}"),
            ReferenceTarget::Local(n) => write!(f, "local.{n}"),
            ReferenceTarget::Resource(r) => write!(f, "{r}"),
            ReferenceTarget::Module(n) => write!(f, "module.{n}"),
            ReferenceTarget::CountIndex => f.write_str("count.index"),
            ReferenceTarget::EachKey => f.write_str("each.key"),
            ReferenceTarget::EachValue => f.write_str("each.value"),
            ReferenceTarget::SelfObject => f.write_str("self"),
            ReferenceTarget::PathModule => f.write_str("path.module"),
            ReferenceTarget::PathRoot => f.write_str("path.root"),
            ReferenceTarget::PathCwd => f.write_str("path.cwd"),
            ReferenceTarget::Workspace => f.write_str("terraform.workspace"),
            ReferenceTarget::Applying => f.write_str("terraform.applying"),
            ReferenceTarget::Named(n) => f.write_str(n),
        }
    }
}

/// One reference in an expression, as found by resolving it: an edge of the dependency
/// graph, and what `relevant_attributes` and error messages are made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// What is referred to.
    pub target: ReferenceTarget,
    /// The steps after the target that are written as constants, up to the first that is
    /// not: `.id`, `[0]`, `["a"]`. The instance key, if any, is the first of them.
    pub path: Path,
    /// From the first name to the end of those steps.
    pub span: Span,
}

impl Reference {
    /// The instance that a resource or module reference names, if it is written as a
    /// constant. Without one the reference may depend on any instance.
    pub fn instance_key(&self) -> Option<InstanceKey> {
        match (&self.target, self.path.0.first()) {
            (
                ReferenceTarget::Resource(_) | ReferenceTarget::Module(_),
                Some(PathStep::Index(key)),
            ) => InstanceKey::from_value(key),
            _ => None,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.target, self.path)
    }
}
