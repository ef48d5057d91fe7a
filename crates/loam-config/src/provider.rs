//! Provider configurations and how other blocks name them.

use std::fmt;
use std::sync::Arc;

use loam_diag::Span;
use loam_eval::{Expr, Reference};

use crate::BlockExpr;

/// `name` or `name.alias`: a provider configuration as a module names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderConfigName {
    /// The provider's local name.
    pub name: Arc<str>,
    /// The alias; none for the default configuration.
    pub alias: Option<Arc<str>>,
}

impl fmt::Display for ProviderConfigName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.alias {
            Some(alias) => write!(f, ".{alias}"),
            None => Ok(()),
        }
    }
}

/// A reference to a provider configuration.
#[derive(Clone, Debug)]
pub struct ProviderRef {
    /// Which, by the names of the module that the reference is in.
    pub config: ProviderConfigName,
    /// Which instance of a configuration with `for_each`.
    pub key: Option<Expr>,
    /// The provider type's name in the registry.
    pub kind: Arc<str>,
    /// Where it is written; `None` if it is implied.
    pub span: Option<Span>,
}

impl ProviderRef {
    /// The references of the key.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.key.as_ref().map_or(&[][..], Expr::references).iter()
    }
}

/// `provider "name" { … }`.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// Its name.
    pub name: ProviderConfigName,
    /// The provider type's name in the registry.
    pub kind: Arc<str>,
    /// One instance for each key.
    pub for_each: Option<Expr>,
    /// The arguments.
    pub body: BlockExpr,
    /// A version constraint as written; such constraints belong into
    /// `required_providers`.
    pub version: Option<(String, Span)>,
    /// The header.
    pub span: Span,
}

impl ProviderConfig {
    /// True if nothing is set in it. In a called module such a block only says that the
    /// module uses the provider: a configuration that the caller passes takes its place.
    pub fn is_empty(&self) -> bool {
        self.body.attributes.is_empty()
            && self.body.blocks.is_empty()
            && self.for_each.is_none()
            && self.version.is_none()
    }

    /// The references of the arguments and of `for_each`.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let each = self.for_each.as_ref().map_or(&[][..], Expr::references);
        self.body.references().chain(each)
    }
}
