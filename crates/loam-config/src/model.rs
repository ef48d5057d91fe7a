//! A configuration: a tree of modules with typed, resolved blocks.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use loam_address::{ActionAddr, ModulePath, ResourceAddr};
use loam_diag::Span;
use loam_eval::{Expr, Reference};
use loam_syntax::Body;
use loam_value::{Defaults, Type, Value};

use crate::{
    Action, Check, Condition, Dependency, ImportBlocks, Manifest, Moved, ProviderConfig,
    ProviderConfigName, ProviderRef, RemovedBlocks, Repetition, Resource,
};

/// A configuration: every module that the root leads to. Modules that are called several
/// times appear once for each call path, sharing what was decoded.
#[derive(Clone, Debug)]
pub struct Config {
    /// The modules by call path; the root is always there.
    pub modules: BTreeMap<ModulePath, Arc<Module>>,
    /// Source texts, kept for a plan file: path as loaded → text.
    pub sources: BTreeMap<String, Arc<str>>,
    /// Where the installed modules among them are. With `sources` it is all that loading
    /// the same configuration again needs.
    pub installed: Manifest,
}

impl Config {
    /// The module at a call path.
    pub fn module(&self, path: &ModulePath) -> Option<&Arc<Module>> {
        self.modules.get(path)
    }

    /// The root module. `None` only for a configuration that was not made by [`crate::load`].
    pub fn root(&self) -> Option<&Arc<Module>> {
        self.modules.get(&ModulePath::root())
    }

    /// The modules that a module calls, by the name of the call.
    pub fn children<'a>(
        &'a self,
        path: &'a ModulePath,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Arc<Module>)> {
        self.modules.get(path).into_iter().flat_map(move |m| {
            m.calls.keys().filter_map(move |name| {
                let child = self.modules.get(&path.child(name.clone()))?;
                Some((name, child))
            })
        })
    }
}

/// One module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The calls that lead to it.
    pub path: ModulePath,
    /// Its folder, as `path.module` gives it (relative to the working directory; `.` for
    /// the root).
    pub dir: PathBuf,
    /// Its `terraform` and `loam` blocks, taken together.
    pub settings: Settings,
    /// Input variables.
    pub variables: BTreeMap<Arc<str>, Variable>,
    /// Local values.
    pub locals: BTreeMap<Arc<str>, Local>,
    /// Outputs.
    pub outputs: BTreeMap<Arc<str>, Output>,
    /// Managed and data resources, those inside `check` blocks included.
    pub resources: BTreeMap<ResourceAddr, Arc<Resource>>,
    /// Calls of other modules.
    pub calls: BTreeMap<Arc<str>, ModuleCall>,
    /// Provider configurations.
    pub providers: BTreeMap<ProviderConfigName, ProviderConfig>,
    /// Checks.
    pub checks: BTreeMap<Arc<str>, Check>,
    /// `moved` blocks in source order.
    pub moved: Vec<Moved>,
    /// `removed` blocks in source order.
    pub removed: RemovedBlocks,
    /// `import` blocks in source order; only the root module has any.
    pub imports: ImportBlocks,
    /// Actions.
    pub actions: BTreeMap<ActionAddr, Arc<Action>>,
}

/// `terraform { … }` and `loam { … }`, merged.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Version constraints, all of which this program satisfies.
    pub required_version: Vec<(String, Span)>,
    /// Required providers by local name.
    pub required_providers: BTreeMap<Arc<str>, RequiredProvider>,
    /// Where the state is kept.
    pub backend: Option<Backend>,
}

/// `backend "kind" { … }`.
#[derive(Clone, Debug)]
pub struct Backend {
    /// The kind of backend; `cloud` for a `cloud` block.
    pub kind: Arc<str>,
    /// Its arguments.
    pub body: Body,
    /// The header.
    pub span: Span,
}

/// An entry of `required_providers`.
#[derive(Clone, Debug)]
pub struct RequiredProvider {
    /// Its source address as written.
    pub source: Option<String>,
    /// Its version constraint as written.
    pub version: Option<(String, Span)>,
    /// The provider type's name in the registry.
    pub kind: Arc<str>,
    /// The configurations that a calling module has to pass.
    pub configuration_aliases: Vec<ProviderConfigName>,
    /// The entry.
    pub span: Span,
}

/// `variable "name" { … }`.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: Arc<str>,
    /// Its type; may hold optional attributes.
    pub ty: Type,
    /// Its type was written, even if it is `any`: see [`Variable::takes_text`].
    pub typed: bool,
    /// Defaults of the type's optional attributes.
    pub defaults: Defaults,
    /// Its default value, converted to `ty`.
    pub default: Option<Value>,
    /// What it is for.
    pub description: Option<String>,
    /// Its value must not be shown.
    pub sensitive: bool,
    /// Its value must not be stored.
    pub ephemeral: bool,
    /// Null is a value rather than a wish for the default.
    pub nullable: bool,
    /// Why it should no longer be set.
    pub deprecated: Option<String>,
    /// What has to hold of its value.
    pub validations: Vec<Condition>,
    /// The header.
    pub span: Span,
}

/// One entry of `locals { … }`.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: Arc<str>,
    /// Its value.
    pub expr: Expr,
    /// The definition.
    pub span: Span,
}

/// `output "name" { … }`.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: Arc<str>,
    /// Its value.
    pub expr: Expr,
    /// What it is for.
    pub description: Option<String>,
    /// Its value must not be shown.
    pub sensitive: bool,
    /// Its value must not be stored.
    pub ephemeral: bool,
    /// Why it should no longer be used.
    pub deprecated: Option<String>,
    /// What else it waits for.
    pub depends_on: Vec<Dependency>,
    /// What has to hold before it has a value.
    pub preconditions: Vec<Condition>,
    /// The header.
    pub span: Span,
}

/// `module "name" { … }`.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// The call's name.
    pub name: Arc<str>,
    /// Where the module comes from, as written.
    pub source: String,
    /// The version constraint of a module from a registry.
    pub version: Option<String>,
    /// How often it is called.
    pub repetition: Repetition,
    /// What everything in the module waits for.
    pub depends_on: Vec<Dependency>,
    /// The provider configurations that are passed: the child's name → ours. Default
    /// configurations that are not named here are inherited.
    pub providers: BTreeMap<ProviderConfigName, ProviderRef>,
    /// The values for the module's variables.
    pub arguments: BTreeMap<Arc<str>, (Expr, Span)>,
    /// The header.
    pub span: Span,
}

/// All references of an object are the edges of the dependency graph that start at it.
macro_rules! references {
    ($(#[$doc:meta])* $ty:ty, |$it:ident| $chain:expr) => {
        impl $ty {
            $(#[$doc])*
            pub fn references(&self) -> impl Iterator<Item = &Reference> {
                let $it = self;
                $chain
            }
        }
    };
}
pub(crate) use references;

references!(
    /// The references of its validations (to itself, too).
    Variable,
    |v| v.validations.iter().flat_map(Condition::references)
);

references!(
    /// The references of its value.
    Local,
    |l| l.expr.references().iter()
);

references!(
    /// The references of its value, preconditions and `depends_on`.
    Output,
    |o| o
        .expr
        .references()
        .iter()
        .chain(o.preconditions.iter().flat_map(Condition::references))
        .chain(o.depends_on.iter().flat_map(Dependency::references))
);

impl ModuleCall {
    /// The references that the whole call waits for: repetition, `depends_on` and
    /// provider keys. Those of an argument concern only that variable of the module.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.repetition
            .references()
            .chain(self.depends_on.iter().flat_map(Dependency::references))
            .chain(self.providers.values().flat_map(ProviderRef::references))
    }
}
