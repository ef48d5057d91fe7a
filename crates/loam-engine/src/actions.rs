//! Evaluating actions: their instances, arguments and providers, and the conditions and
//! names in `action_trigger` blocks. Planning and applying do it in the same way; only
//! what is known differs.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use loam_address::{ActionInstanceAddr, ConfigActionAddr, InstanceAddr, InstanceKey, ResourceAddr};
use loam_config::{Action, ActionRef, ActionTrigger};
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::{CallContext, Expr, ReferenceTarget, Scope};
use loam_provider::Provider;
use loam_value::{Type, Value, convert};

use crate::dependencies::ProviderKey;
use crate::evaluator::Evaluator;
use crate::expansion::expansion;
use crate::plan::Reads;
use crate::scope::{ModuleScope, module_instances};
use crate::values::Expansion;

/// A scope that notes which instances of one resource are looked at.
struct Watching<'a> {
    inner: ModuleScope<'a>,
    of: Option<&'a InstanceAddr>,
    seen: RefCell<BTreeSet<InstanceKey>>,
    whole: RefCell<bool>,
}

impl Scope for Watching<'_> {
    fn get(
        &self,
        target: &ReferenceTarget,
        key: Option<&Value>,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        if let (Some(of), ReferenceTarget::Resource(r)) = (self.of, target)
            && of.resource == *r
        {
            match key.map(InstanceKey::from_value) {
                Some(Some(key)) if self.repeated(r) => {
                    self.seen.borrow_mut().insert(key);
                }
                _ if !self.repeated(r) => {
                    self.seen.borrow_mut().insert(InstanceKey::None);
                }
                _ => *self.whole.borrow_mut() = true,
            }
        }
        self.inner.get(target, key, span)
    }

    fn call_context(&self) -> &CallContext {
        self.inner.call_context()
    }
}

impl Watching<'_> {
    fn repeated(&self, r: &ResourceAddr) -> bool {
        let module = self.inner.values.module(self.inner.addr);
        module
            .resources
            .get(r)
            .is_some_and(|i| i.expansion != Expansion::Single)
    }

    fn reads(&self) -> Reads {
        let Some(of) = self.of else {
            return Reads::default();
        };
        if *self.whole.borrow() {
            return Reads::All;
        }
        let seen = self.seen.borrow();
        Reads::These(
            seen.iter()
                .map(|key| InstanceAddr {
                    key: key.clone(),
                    ..of.clone()
                })
                .collect(),
        )
    }
}

impl Evaluator<'_> {
    /// The action block at an address.
    pub fn action_block(&self, addr: &ConfigActionAddr) -> Option<Arc<Action>> {
        self.module(&addr.module)?
            .actions
            .get(&addr.action)
            .cloned()
    }

    /// Finds the instances of an action in all instances of its module, once. False if
    /// something is wrong.
    pub fn expand_action(&mut self, addr: &ConfigActionAddr) -> bool {
        let (Some(module), Some(action)) =
            (self.module(&addr.module).cloned(), self.action_block(addr))
        else {
            return false;
        };
        let mut ok = true;
        for here in module_instances(&self.values, &addr.module) {
            if self.values.module(&here).actions.contains_key(&addr.action) {
                continue;
            }
            match expansion(&action.repetition, &self.scope(&module, &here)) {
                Ok(e) => {
                    let values = self.values.module_mut(&here);
                    values.actions.insert(addr.action.clone(), e);
                }
                Err(d) => {
                    self.diagnostics.append(d);
                    ok = false;
                }
            }
        }
        ok
    }

    /// The instances of an action in all instances of its module.
    pub fn action_instances(&self, addr: &ConfigActionAddr) -> Vec<ActionInstanceAddr> {
        let mut out = Vec::new();
        for module in module_instances(&self.values, &addr.module) {
            let keys = match self.values.module(&module).actions.get(&addr.action) {
                Some(e) => e.keys(),
                None => continue,
            };
            out.extend(keys.into_iter().map(|key| ActionInstanceAddr {
                module: module.clone(),
                action: addr.action.clone(),
                key,
            }));
        }
        out
    }

    /// The arguments of an action's instance, marks included, and which instances of the
    /// resource of `watched` they are made from.
    pub fn action_config(
        &self,
        action: &Action,
        addr: &ActionInstanceAddr,
        watched: Option<&InstanceAddr>,
    ) -> Result<(Value, Reads), Diagnostics> {
        let Some(module) = self.module(&addr.module.path()) else {
            return Err(Diagnostics::new());
        };
        let scope = Watching {
            inner: ModuleScope {
                repetition: Some((&addr.key, self.action_each(addr))),
                ..self.scope(module, &addr.module)
            },
            of: watched,
            seen: RefCell::default(),
            whole: RefCell::default(),
        };
        let value = action.body.eval(&scope)?;
        Ok((value, scope.reads()))
    }

    fn action_each(&self, addr: &ActionInstanceAddr) -> Option<Value> {
        let actions = &self.values.module(&addr.module).actions;
        actions.get(&addr.action)?.each_value(&addr.key)
    }

    /// The configured provider of an action's instance.
    pub fn action_provider(
        &self,
        action: &Action,
        addr: &ActionInstanceAddr,
    ) -> Result<(ProviderKey, InstanceKey, Arc<dyn Provider>), Diagnostics> {
        let repetition = (&addr.key, self.action_each(addr));
        self.provider_for(&action.provider, &addr.module, repetition, action.span)
    }

    /// Whether the condition of a trigger holds; `None` if that is not known yet.
    pub fn trigger_condition(
        &self,
        trigger: &ActionTrigger,
        of: &InstanceAddr,
        self_value: Value,
    ) -> Result<Option<bool>, Diagnostics> {
        let Some(condition) = &trigger.condition else {
            return Ok(Some(true));
        };
        let value = self.in_trigger(condition, of, Some(self_value))?;
        if value.is_unknown() {
            return Ok(None);
        }
        let summary = "Invalid condition result";
        if value.is_null() {
            let detail = "The condition of an action_trigger has to be true or false, not null.";
            return Err(Diagnostic::error(summary, detail)
                .at(condition.span())
                .into());
        }
        match convert::convert(&value, &Type::Bool) {
            Ok(v) => Ok(v.as_bool()),
            Err(e) => {
                let detail = format!("Invalid condition result value: {}.", e.message);
                Err(Diagnostic::error(summary, detail)
                    .at(condition.span())
                    .into())
            }
        }
    }

    /// The instance of an action that a trigger of a resource instance names.
    pub fn named_action(
        &self,
        named: &ActionRef,
        of: &InstanceAddr,
    ) -> Result<ActionInstanceAddr, Diagnostics> {
        let refuse = |detail: String| -> Diagnostics {
            Diagnostic::error("Invalid action reference", detail)
                .at(named.span)
                .into()
        };
        let key = match &named.key {
            None => InstanceKey::None,
            Some(expr) => {
                let value = self.in_trigger(expr, of, None)?;
                InstanceKey::from_value(&value).ok_or_else(|| {
                    refuse(format!(
                        "The index of {} has to be a known whole number or string.",
                        named.action
                    ))
                })?
            }
        };
        let addr = ActionInstanceAddr {
            module: of.module.clone(),
            action: named.action.clone(),
            key,
        };
        let expansion = self.values.module(&of.module).actions.get(&named.action);
        match expansion {
            Some(e) if e.contains(&addr.key) => Ok(addr),
            Some(Expansion::Single | Expansion::Disabled) => Err(refuse(format!(
                "{} has neither \"count\" nor \"for_each\", so it is named without an index.",
                named.action
            ))),
            Some(e) if addr.key == InstanceKey::None => {
                let keys: Vec<String> = e.keys().iter().take(3).map(ToString::to_string).collect();
                Err(refuse(format!(
                    "{0} is repeated, so one of its instances has to be named, such as {0}{1}.",
                    named.action,
                    keys.first().map_or("[each.key]", String::as_str)
                )))
            }
            Some(_) => Err(refuse(format!("There is no instance {addr}."))),
            // Its expansion failed, which has been reported.
            None => Err(Diagnostics::new()),
        }
    }

    fn in_trigger(
        &self,
        expr: &Expr,
        of: &InstanceAddr,
        self_value: Option<Value>,
    ) -> Result<Value, Diagnostics> {
        let Some(module) = self.module(&of.module.path()) else {
            return Err(Diagnostics::new());
        };
        let each = self.each_value(of);
        expr.eval(&ModuleScope {
            repetition: Some((&of.key, each)),
            self_value,
            ..self.scope(module, &of.module)
        })
    }
}

/// A value without what must not be stored: ephemeral parts are null.
pub fn without_ephemeral(value: &Value) -> Value {
    if value.marks().is_ephemeral() {
        return Value::null(value.ty());
    }
    if !value.deep_marks().is_ephemeral() {
        return value.clone();
    }
    value.map_children(without_ephemeral)
}

/// A value as a plan holds it: ephemeral parts are unknown, and still marked.
pub fn veiled(value: &Value) -> Value {
    if value.marks().is_ephemeral() {
        return Value::unknown(value.ty()).with_marks(value.marks());
    }
    if !value.deep_marks().is_ephemeral() {
        return value.clone();
    }
    value.map_children(veiled)
}
