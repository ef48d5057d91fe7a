//! Data resources: read while planning where that is possible, while applying otherwise.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use loam_address::{ConfigResourceAddr, InstanceAddr};
use loam_config::Resource;
use loam_diag::Diagnostics;
use loam_provider::{Private, Schema};
use loam_state::{Instance, InstanceId, Status};
use loam_value::{Type, Value};

use super::{Completion, Planner, Visit};
use crate::event::Event;
use crate::plan::{Action, ActionReason, Mode, ResourceChange};
use crate::propose::{copy_marks, mark_by_schema, unstorable};
use crate::scope::ModuleScope;
use crate::{provider_address, text};

/// What was read of a data resource.
pub struct DataRead {
    resource: Arc<Resource>,
    results: Vec<OneRead>,
}

/// What was read of one instance.
struct OneRead {
    addr: InstanceAddr,
    config: Value,
    provider: Arc<str>,
    schema: Arc<Schema>,
    result: Result<Value, Diagnostics>,
    took: Duration,
}

/// The object of a data resource with everything unknown that the configuration does not say.
pub(crate) fn unread(schema: &Schema, config: &Value) -> Value {
    let open = schema.block.map_attributes(config, &mut |a, v| {
        if a.computed && v.is_null() {
            Value::unknown(a.ty.clone())
        } else {
            v.clone()
        }
    });
    mark_by_schema(&schema.block, &open)
}

impl Planner<'_> {
    pub(super) fn visit_data(
        &mut self,
        addr: &ConfigResourceAddr,
        resource: &Arc<Resource>,
    ) -> Visit {
        let waiting = self.waiting(addr, resource);
        let mut ok = true;
        let mut reads = Vec::new();
        for instance in self.instances(addr, resource) {
            self.claimed.insert(instance.clone());
            if !self.selected(&instance) {
                let id = InstanceId::from(instance.clone());
                match self.prior.get(&id).map(|i| i.value.clone()) {
                    Some(value) => self.eval.set_value(&instance, value),
                    None => self.eval.set_absent(&instance),
                }
                continue;
            }
            match self.data_config(resource, &instance) {
                Some((config, provider, schema, name)) => {
                    let reason = if !config.is_wholly_known() {
                        Some(ActionReason::ReadBecauseConfigUnknown)
                    } else if self.waits(&instance, &waiting) {
                        Some(ActionReason::ReadBecauseDependencyPending)
                    } else {
                        None
                    };
                    match reason {
                        Some(reason) => self.read_later(&instance, config, schema, name, reason),
                        None => {
                            let kind = instance.resource.kind.clone();
                            self.observer.event(Event::ApplyStart {
                                id: InstanceId::from(instance.clone()),
                                action: Action::Read,
                                id_value: None,
                            });
                            reads.push(async move {
                                let begun = Instant::now();
                                let result =
                                    provider.read_data(&kind, &config.unmarked_deep()).await;
                                OneRead {
                                    addr: instance,
                                    config,
                                    provider: name,
                                    schema,
                                    result,
                                    took: begun.elapsed(),
                                }
                            });
                        }
                    }
                }
                None => ok = false,
            }
        }
        if !ok {
            return Visit::Failed;
        }
        if reads.is_empty() {
            return Visit::Done;
        }
        let resource = resource.clone();
        Visit::Wait(
            async move {
                let results = futures::future::join_all(reads).await;
                Completion::Data(DataRead { resource, results })
            }
            .boxed(),
        )
    }

    #[allow(clippy::type_complexity)]
    fn data_config(
        &mut self,
        resource: &Resource,
        addr: &InstanceAddr,
    ) -> Option<(
        Value,
        Arc<dyn loam_provider::Provider>,
        Arc<Schema>,
        Arc<str>,
    )> {
        let provider = self.provider_of(resource, addr)?;
        let schema = provider
            .kind
            .schema()
            .data_sources
            .get(&addr.resource.kind)?
            .clone();
        let each = self.eval.each_value(addr);
        if !self
            .eval
            .resource_conditions(addr, resource, each.clone(), None)
        {
            return None;
        }
        let module = self.eval.module(&addr.module.path())?;
        let result = {
            let scope = ModuleScope {
                repetition: Some((&addr.key, each)),
                ..self.eval.scope(module, &addr.module)
            };
            resource.body.eval(&scope)
        };
        let config = match result {
            Ok(v) => v,
            Err(d) => {
                self.eval.diagnostics.append(d);
                return None;
            }
        };
        let mut problems = unstorable(addr, &resource.body, &config);
        problems.append(
            provider
                .kind
                .validate(&addr.resource.kind, &config.unmarked_deep()),
        );
        let failed = problems.has_errors();
        let address = addr.to_string();
        self.eval.diagnostics.extend(
            problems
                .into_iter()
                .map(|d| d.at(resource.span).for_address(address.clone())),
        );
        if failed {
            return None;
        }
        let name = provider_address::format(&provider.key, &provider.instance, self.eval.registry);
        Some((config, provider.provider, schema, name))
    }

    fn read_later(
        &mut self,
        addr: &InstanceAddr,
        config: Value,
        schema: Arc<Schema>,
        provider: Arc<str>,
        reason: ActionReason,
    ) {
        let after = unread(&schema, &config);
        self.eval.set_value(addr, after.clone());
        // What was read before is not true any more.
        self.prior.remove(&InstanceId::from(addr.clone()));
        if self.options.mode == Mode::RefreshOnly {
            return;
        }
        self.plan_read(addr, after, schema, provider, reason);
    }

    /// Plans that a data resource is read while applying.
    fn plan_read(
        &mut self,
        addr: &InstanceAddr,
        after: Value,
        schema: Arc<Schema>,
        provider: Arc<str>,
        reason: ActionReason,
    ) {
        let of = provider_address::parse(&provider, self.eval.registry);
        let of = of.map(|(key, i)| (crate::provider_choice::effective(key, self.eval.config), i));
        let provider_type = of
            .as_ref()
            .map_or_else(|| "".into(), |(key, _)| key.kind.clone());
        let of = of.and_then(|of| self.eval.providers.get(&of));
        let requests = u64::from(of.is_none_or(|p| p.is_external()));
        self.changes.push(ResourceChange {
            id: InstanceId::from(addr.clone()),
            previous_address: None,
            provider_type,
            provider,
            schema,
            action: Action::Read,
            reason: Some(reason),
            before: Value::null(Type::Dynamic),
            after,
            requires_replace: Vec::new(),
            write_only_changes: Vec::new(),
            importing: None,
            generated_config: None,
            private: Private::default(),
            pending: false,
            dependencies: self
                .nearest
                .get(&addr.config_resource())
                .cloned()
                .unwrap_or_default(),
            create_before_destroy: false,
            requests,
            shared_requests: 0,
        });
    }

    pub(super) fn take_data(&mut self, read: DataRead) -> Visit {
        let mut ok = true;
        let resource = read.resource;
        for OneRead {
            addr,
            config,
            provider,
            schema,
            result,
            took: elapsed,
        } in read.results
        {
            let (id, action) = (InstanceId::from(addr.clone()), Action::Read);
            match result {
                Ok(value) => {
                    let value = mark_by_schema(&schema.block, &copy_marks(&config, &value));
                    self.observer.event(Event::ApplyComplete {
                        id,
                        action,
                        id_value: text::id_of(&value),
                        elapsed,
                    });
                    self.keep_read(&addr, &value, &provider, &schema);
                    self.eval.set_value(&addr, value.clone());
                    if resource.in_check.is_some() {
                        self.read_again(&addr, value.clone(), schema, provider);
                    }
                    let each = self.eval.each_value(&addr);
                    ok &= self
                        .eval
                        .resource_conditions(&addr, &resource, each, Some(value));
                }
                Err(diagnostics) => {
                    self.observer.event(Event::ApplyErrored {
                        id,
                        action,
                        elapsed,
                    });
                    let address = addr.to_string();
                    let told = diagnostics.into_iter();
                    let told = told.map(|d| d.at(resource.span).for_address(address.clone()));
                    let told: Diagnostics = Diagnostics(told.collect());
                    let Some(check) = &resource.in_check else {
                        ok = false;
                        self.eval.set_value(&addr, Value::dynamic());
                        self.eval.diagnostics.append(told);
                        continue;
                    };
                    // A check may fail; it does not stop anything.
                    self.eval.fail_check(&addr, check, told);
                    let nothing = mark_by_schema(&schema.block, &config);
                    self.keep_read(&addr, &nothing, &provider, &schema);
                    let after = unread(&schema, &config);
                    self.eval.set_value(&addr, after.clone());
                    self.read_again(&addr, after, schema, provider);
                }
            }
        }
        if ok { Visit::Done } else { Visit::Failed }
    }

    /// Notes what was read in the state as refreshed.
    fn keep_read(
        &mut self,
        addr: &InstanceAddr,
        value: &Value,
        provider: &Arc<str>,
        schema: &Schema,
    ) {
        let instance = Instance {
            provider: provider.clone(),
            schema_version: schema.version,
            status: Status::Ready,
            value: value.clone(),
            private: Private::default(),
            dependencies: Arc::default(),
            create_before_destroy: false,
        };
        self.prior.insert(InstanceId::from(addr.clone()), instance);
    }

    /// What a check block reads is read once more when everything has been applied.
    fn read_again(
        &mut self,
        addr: &InstanceAddr,
        after: Value,
        schema: Arc<Schema>,
        provider: Arc<str>,
    ) {
        if self.options.mode == Mode::Normal {
            let reason = ActionReason::ReadBecauseCheckNested;
            self.plan_read(addr, after, schema, provider, reason);
        }
    }
}
