//! Which provider configuration a block means, and which instance of it an instance of the
//! block uses. Its key may be written in the block itself or in a `providers` argument on
//! the way to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use loam_address::{InstanceKey, ModuleAddr, ModulePath};
use loam_config::{Config, ProviderConfigName, ProviderRef};
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::Expr;
use loam_provider::Provider;
use loam_value::Value;

use crate::dependencies::ProviderKey;
use crate::evaluator::Evaluator;
use crate::scope::ModuleScope;

/// The provider configuration that a reference means.
#[derive(Debug)]
struct FoundProvider<'c> {
    /// Which configuration.
    pub key: ProviderKey,
    /// What chooses one of its instances, if it has several.
    pub choice: Option<ProviderChoice<'c>>,
}

/// The index of a reference to a provider configuration with `for_each`.
#[derive(Debug)]
struct ProviderChoice<'c> {
    /// The index.
    pub index: &'c Expr,
    /// The module whose call has the reference in its `providers`; none if the reference is
    /// that of the block itself.
    pub passed_to: Option<ModulePath>,
}

/// Finds the provider configuration that a reference in a module means: here, or passed
/// in by the calls that lead here, or the default one of the root.
pub(crate) fn provider_key(
    config: &Config,
    module: &ModulePath,
    reference: &ProviderRef,
) -> ProviderKey {
    find_provider(config, module, reference).key
}

/// The same with what chooses an instance of it.
fn find_provider<'c>(
    config: &'c Config,
    module: &ModulePath,
    reference: &'c ProviderRef,
) -> FoundProvider<'c> {
    let mut at = module.clone();
    let mut name = reference.config.clone();
    let mut choice = reference.key.as_ref().map(|index| ProviderChoice {
        index,
        passed_to: None,
    });
    let kind = reference.kind.clone();
    loop {
        if let Some(m) = config.modules.get(&at)
            && m.providers.contains_key(&name)
        {
            let module = at;
            let key = ProviderKey { module, kind, name };
            return FoundProvider { key, choice };
        }
        let (Some(parent), Some(call_name)) = (at.parent(), at.names().last()) else {
            name.name = local_name(config, &at, &kind);
            let module = at;
            let key = ProviderKey { module, kind, name };
            return FoundProvider { key, choice };
        };
        let call = config.modules.get(&parent);
        let call = call.and_then(|m| m.calls.get(call_name));
        match call.and_then(|c| c.providers.get(&name)) {
            Some(passed) => {
                name = passed.config.clone();
                choice = match &passed.key {
                    Some(index) => Some(ProviderChoice {
                        index,
                        passed_to: Some(at),
                    }),
                    None => choice,
                };
            }
            // A default configuration is that of the same provider, whatever its local name.
            None => name.name = local_name(config, &parent, &kind),
        }
        at = parent;
    }
}

/// The name that a module has for a provider: its own if it has chosen one.
pub(crate) fn local_name(config: &Config, module: &ModulePath, kind: &Arc<str>) -> Arc<str> {
    let required = config.modules.get(module).map(|m| &m.settings);
    let required = required.into_iter().flat_map(|s| &s.required_providers);
    let mut chosen = required.filter(|(_, r)| r.kind == *kind);
    let chosen = chosen.next().map(|(name, _)| name.clone());
    chosen.unwrap_or_else(|| kind.clone())
}

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
        let found = find_provider(self.config, &module.path(), reference);
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

/// The provider configuration to use for a name in the state: under the local name that
/// the configuration has for it, and the root's default where its module is gone.
pub(crate) fn effective(key: ProviderKey, config: &Config) -> ProviderKey {
    let found = config.modules.get(&key.module).and_then(|m| {
        m.providers
            .values()
            .find(|p| p.kind == key.kind && p.name.alias == key.name.alias)
            .map(|p| p.name.clone())
    });
    let name = found.unwrap_or_else(|| ProviderConfigName {
        name: local_name(config, &key.module, &key.kind),
        alias: key.name.alias.clone(),
    });
    ProviderKey { name, ..key }
}

/// Provider configurations in the order of their names.
pub(crate) fn sorted_providers<'e>(
    eval: &'e Evaluator<'_>,
) -> BTreeMap<(&'e ProviderKey, &'e InstanceKey), &'e Arc<dyn loam_provider::Provider>> {
    eval.providers
        .iter()
        .map(|((k, i), p)| ((k, i), p))
        .collect()
}
