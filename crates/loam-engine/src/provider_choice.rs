//! Which instance of a provider configuration an instance of a block uses. Its key may be
//! written in the block itself or in a `providers` argument on the way to it.

use std::sync::Arc;

use loam_address::{InstanceKey, ModuleAddr, ModulePath};
use loam_config::ProviderRef;
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::Expr;
use loam_provider::Provider;
use loam_value::Value;

use crate::dependencies::{self, ProviderKey};
use crate::evaluator::Evaluator;
use crate::scope::ModuleScope;

impl Evaluator<'_> {
    /// The configured provider that a reference in a block of a module means, for an instance
    /// of the block with this key and `each.value`. Errors: what is wrong with its key,
    /// or that there is no configuration of that key.
    pub fn provider_for(
        &self,
        reference: &ProviderRef,
        module: &ModuleAddr,
        (key, each): (&InstanceKey, Option<Value>),
        place: Span,
    ) -> Result<(ProviderKey, InstanceKey, Arc<dyn Provider>), Diagnostics> {
        let found = dependencies::find_provider(self.config, &module.path(), reference);
        let instance = match &found.choice {
            None => InstanceKey::None,
            Some(choice) => {
                let value = match &choice.passed_to {
                    None => self.in_block(choice.index, module, (key, each)),
                    Some(callee) => self.in_call(choice.index, module, callee),
                }?;
                InstanceKey::from_value(&value).ok_or_else(|| {
                    let detail =
                        "The key of a provider configuration has to be a known string or number.";
                    Diagnostic::error("Invalid provider instance", detail).at(choice.index.span())
                })?
            }
        };
        let at = (found.key, instance);
        match self.providers.get(&at).cloned() {
            Some(provider) => Ok((at.0, at.1, provider)),
            None => {
                let (key, instance) = at;
                let detail = format!(
                    "There is no configuration {}{instance} of provider {:?}.",
                    key.name, key.kind
                );
                let place = reference.span.unwrap_or(place);
                let place = found.choice.map_or(place, |c| c.index.span());
                Err(Diagnostic::error("Provider instance not present", detail)
                    .at(place)
                    .into())
            }
        }
    }

    fn in_block(
        &self,
        expr: &Expr,
        addr: &ModuleAddr,
        repetition: (&InstanceKey, Option<Value>),
    ) -> Result<Value, Diagnostics> {
        let Some(module) = self.module(&addr.path()) else {
            return Ok(Value::dynamic());
        };
        expr.eval(&ModuleScope {
            repetition: Some(repetition),
            ..self.scope(module, addr)
        })
    }

    /// The value of an expression in the call of the module `callee`, which `addr` is in.
    fn in_call(
        &self,
        expr: &Expr,
        addr: &ModuleAddr,
        callee: &ModulePath,
    ) -> Result<Value, Diagnostics> {
        let steps = &addr.steps()[..callee.names().len().min(addr.steps().len())];
        let Some((step, outer)) = steps.split_last() else {
            return Ok(Value::dynamic());
        };
        let caller = ModuleAddr::from_steps(outer.to_vec());
        let calls = &self.values.module(&caller).calls;
        let each = calls.get(&step.name).and_then(|e| e.each_value(&step.key));
        self.in_block(expr, &caller, (&step.key, each))
    }
}
