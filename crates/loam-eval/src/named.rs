//! Scopes of plain named values: template variables, the names that a provider
//! description knows, tests.

use loam_diag::{Diagnostic, Diagnostics, Span, nearest};
use loam_syntax::Ident;
use loam_syntax::ast::Step;
use loam_value::{Value, ValueMap};

use crate::ir::no_context;
use crate::{CallContext, Names, ReferenceTarget, Resolved, Scope};

/// The names that expressions may use, each standing for a value as a whole.
#[derive(Clone, Debug)]
pub struct NamedNames<'a>(Vec<&'a str>);

impl<'a> NamedNames<'a> {
    /// Exactly these names.
    pub fn new(names: impl IntoIterator<Item = &'a str>) -> NamedNames<'a> {
        NamedNames(names.into_iter().collect())
    }
}

impl Names for NamedNames<'_> {
    fn resolve(&self, root: &Ident, _steps: &[Step]) -> Result<Resolved, Diagnostic> {
        if self.0.iter().any(|n| *n == &*root.name) {
            return Ok(Resolved {
                target: ReferenceTarget::Named(root.name.clone()),
                consumed: 0,
            });
        }
        Err(unknown_name(root, self.0.iter().copied()))
    }
}

/// The error for a name that means nothing here, with the nearest that does.
pub(crate) fn unknown_name<'a>(
    root: &Ident,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let problem = Diagnostic::error(
        "Unknown variable",
        format!("There is no variable named \"{}\".", root.name),
    )
    .at(root.span);
    match nearest(&root.name, known) {
        Some(near) => problem.hint(format!("did you mean \"{near}\"?")),
        None => problem,
    }
}

/// Named values and what functions may see of the world. As [`Names`] it knows exactly
/// the names that have a value.
#[derive(Clone, Debug)]
pub struct MapScope {
    /// The values by name.
    pub values: ValueMap,
    /// What functions may see of the world.
    pub context: CallContext,
}

impl MapScope {
    /// These values.
    pub fn new(values: ValueMap, context: CallContext) -> MapScope {
        MapScope { values, context }
    }

    /// No values: a scope for constant expressions.
    pub fn empty() -> MapScope {
        MapScope::new(ValueMap::new(), no_context())
    }
}

impl Names for MapScope {
    fn resolve(&self, root: &Ident, _steps: &[Step]) -> Result<Resolved, Diagnostic> {
        if self.values.contains_key(&root.name) {
            return Ok(Resolved {
                target: ReferenceTarget::Named(root.name.clone()),
                consumed: 0,
            });
        }
        Err(unknown_name(root, self.values.keys().map(|k| &**k)))
    }
}

impl Scope for MapScope {
    fn get(
        &self,
        target: &ReferenceTarget,
        _key: Option<&Value>,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        let value = match target {
            ReferenceTarget::Named(name) => self.values.get(name),
            _ => None,
        };
        value.cloned().ok_or_else(|| {
            let detail = format!("There is no value for {target} here.");
            Diagnostic::error("Unknown variable", detail)
                .at(span)
                .into()
        })
    }

    fn call_context(&self) -> &CallContext {
        &self.context
    }
}
