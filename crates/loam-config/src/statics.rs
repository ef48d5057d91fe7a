//! Values that are known before planning: what a module's `source` and `version` and a
//! backend's arguments may be made from. Variables, local values, paths; no resources, no
//! modules.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::{
    CallContext, Expr, FunctionTable, Names, ReferenceTarget, Resolved, Scope, resolve,
};
use loam_syntax::ast::Step;
use loam_syntax::{Attribute, Ident};
use loam_value::Value;

/// What is known of a module before planning.
#[derive(Debug)]
pub(crate) struct StaticModule {
    /// Every variable; `None` if its value is not known.
    variables: BTreeMap<Arc<str>, Option<Value>>,
    /// Every local value; `None` if it is made from something that is not known.
    locals: BTreeMap<Arc<str>, Option<Expr>>,
    context: CallContext,
}

impl StaticModule {
    /// From a module's variables with their values, and its local values as written.
    pub fn new(
        variables: BTreeMap<Arc<str>, Option<Value>>,
        locals: &[Attribute],
        dir: &Path,
        functions: &FunctionTable,
    ) -> StaticModule {
        let mut module = StaticModule {
            variables,
            locals: locals.iter().map(|l| (l.name.name.clone(), None)).collect(),
            context: context(dir),
        };
        let resolved: Vec<(Arc<str>, Expr)> = locals
            .iter()
            .filter_map(|l| {
                let expr = resolve(&l.expr, &StaticNames(&module), functions).ok()?;
                Some((l.name.name.clone(), expr))
            })
            .collect();
        for (name, expr) in resolved {
            module.locals.insert(name, Some(expr));
        }
        module
    }

    /// The value of an expression, if it is known before planning.
    pub fn eval(
        &self,
        expr: &loam_syntax::Expr,
        functions: &FunctionTable,
    ) -> Result<Value, Diagnostics> {
        let resolved = resolve(expr, &StaticNames(self), functions)?;
        let scope = StaticScope {
            module: self,
            active: RefCell::new(Vec::new()),
        };
        let value = resolved.eval(&scope)?;
        if !value.is_wholly_known() {
            return Err(unknown("This value", expr.span).into());
        }
        Ok(value)
    }
}

fn context(dir: &Path) -> CallContext {
    CallContext {
        base_dir: dir.to_owned(),
        plan_timestamp: None,
        impure_known: false,
    }
}

fn unknown(what: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "Value not known before planning",
        format!(
            "{what} is needed before planning, but is not known by then. Only variables with a \
             value and local values made from such variables can be used here."
        ),
    )
    .at(at)
}

struct StaticNames<'a>(&'a StaticModule);

impl Names for StaticNames<'_> {
    fn resolve(&self, root: &Ident, steps: &[Step]) -> Result<Resolved, Diagnostic> {
        let name = match steps.first() {
            Some(Step::Attribute(name)) => &name.name,
            _ => return Err(not_static(root)),
        };
        let target = match (&*root.name, &**name) {
            ("var", _) if self.0.variables.contains_key(name) => {
                ReferenceTarget::Variable(name.clone())
            }
            ("local", _) if self.0.locals.contains_key(name) => {
                ReferenceTarget::Local(name.clone())
            }
            ("var" | "local", _) => {
                return Err(Diagnostic::error(
                    format!(
                        "Reference to undeclared {}",
                        match &*root.name {
                            "var" => "input variable",
                            _ => "local value",
                        }
                    ),
                    format!("{}.{name} is not declared in this module.", root.name),
                )
                .at(root.span));
            }
            ("path", "module") => ReferenceTarget::PathModule,
            _ => return Err(not_static(root)),
        };
        Ok(Resolved {
            target,
            consumed: 1,
        })
    }
}

fn not_static(root: &Ident) -> Diagnostic {
    Diagnostic::error(
        "Variables not allowed",
        format!(
            "\"{}\" may not be used here: this value is needed before planning. Only variables \
             and local values made from variables are known by then.",
            root.name
        ),
    )
    .at(root.span)
}

struct StaticScope<'a> {
    module: &'a StaticModule,
    /// The local values that are being worked out, to notice when one needs itself.
    active: RefCell<Vec<Arc<str>>>,
}

impl Scope for StaticScope<'_> {
    fn get(
        &self,
        target: &ReferenceTarget,
        _key: Option<&Value>,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        let known = match target {
            ReferenceTarget::Variable(name) => self.module.variables.get(name).cloned().flatten(),
            ReferenceTarget::Local(name) => match self.module.locals.get(name) {
                Some(Some(expr)) => {
                    if self.active.borrow().contains(name) {
                        let problem = Diagnostic::error(
                            "Cycle",
                            format!("local.{name} is made from itself."),
                        );
                        return Err(problem.at(span).into());
                    }
                    self.active.borrow_mut().push(name.clone());
                    let value = expr.eval(self);
                    self.active.borrow_mut().pop();
                    Some(value?)
                }
                _ => None,
            },
            ReferenceTarget::PathModule => {
                let dir = self.module.context.base_dir.to_string_lossy();
                Some(Value::string(dir.replace('\\', "/")))
            }
            _ => None,
        };
        known.ok_or_else(|| unknown(&target.to_string(), span).into())
    }

    fn call_context(&self) -> &CallContext {
        &self.module.context
    }
}
