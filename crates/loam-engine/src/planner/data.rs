//! Data resources: read while planning where that is possible, while applying otherwise.

use std::sync::Arc;

use futures::FutureExt;
use loam_address::{ConfigResourceAddr, InstanceAddr};
use loam_config::Resource;
use loam_diag::{Diagnostic, Diagnostics, Severity};
use loam_eval::ReferenceTarget;
use loam_provider::{Private, Schema};
use loam_state::{Instance, InstanceId, Status};
use loam_value::{Type, Value};

use super::{Completion, Planner, Visit};
use crate::plan::{Action, ActionReason, Mode, ResourceChange};
use crate::propose::{copy_marks, mark_by_schema};
use crate::provider_address;
use crate::scope::ModuleScope;

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
        let deferred = self.waits_for_changes(addr, resource);
        let mut ok = true;
        let mut reads = Vec::new();
        for instance in self.instances(addr, resource) {
            self.claimed.insert(instance.clone());
            match self.data_config(resource, &instance) {
                Some((config, provider, schema, name)) => {
                    let reason = if !config.is_wholly_known() {
                        Some(ActionReason::ReadBecauseConfigUnknown)
                    } else if deferred {
                        Some(ActionReason::ReadBecauseDependencyPending)
                    } else {
                        None
                    };
                    match reason {
                        Some(reason) => self.read_later(&instance, config, schema, name, reason),
                        None => {
                            let kind = instance.resource.kind.clone();
                            reads.push(async move {
                                let result =
                                    provider.read_data(&kind, &config.unmarked_deep()).await;
                                OneRead {
                                    addr: instance,
                                    config,
                                    provider: name,
                                    schema,
                                    result,
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

    /// Whether something that `depends_on` names is about to change, so that reading now
    /// would see the world before that.
    fn waits_for_changes(&self, addr: &ConfigResourceAddr, resource: &Resource) -> bool {
        let own = resource
            .depends_on
            .iter()
            .any(|d| match &d.reference.target {
                ReferenceTarget::Resource(r) => self.pending.contains(&ConfigResourceAddr {
                    module: addr.module.clone(),
                    resource: r.clone(),
                }),
                ReferenceTarget::Module(name) => {
                    self.module_changes(&addr.module.child(name.clone()))
                }
                _ => false,
            });
        own || self.module_waits(&addr.module)
    }

    fn module_changes(&self, path: &loam_address::ModulePath) -> bool {
        self.pending
            .iter()
            .any(|r| r.module.names().starts_with(path.names()))
    }

    /// The same for `depends_on` of the calls that lead to a module.
    fn module_waits(&self, path: &loam_address::ModulePath) -> bool {
        let (Some(parent), Some(name)) = (path.parent(), path.names().last()) else {
            return false;
        };
        let call = self
            .eval
            .config
            .modules
            .get(&parent)
            .and_then(|m| m.calls.get(name));
        let own = call.is_some_and(|c| {
            c.depends_on.iter().any(|d| match &d.reference.target {
                ReferenceTarget::Resource(r) => self.pending.contains(&ConfigResourceAddr {
                    module: parent.clone(),
                    resource: r.clone(),
                }),
                ReferenceTarget::Module(n) => self.module_changes(&parent.child(n.clone())),
                _ => false,
            })
        });
        own || self.module_waits(&parent)
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
        let problems = provider
            .kind
            .validate(&addr.resource.kind, &config.unmarked_deep());
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
        if self.options.mode == Mode::RefreshOnly {
            return;
        }
        let id = InstanceId::from(addr.clone());
        let before = self.prior.get(&id).map(|i| i.value.clone());
        self.pending.insert(addr.config_resource());
        self.changes.push(ResourceChange {
            id,
            previous_address: None,
            provider_type: self
                .deps
                .providers
                .get(&addr.config_resource())
                .map_or_else(|| "".into(), |k| k.kind.clone()),
            provider,
            schema,
            action: Action::Read,
            reason: Some(reason),
            before: before.unwrap_or_else(|| Value::null(Type::Dynamic)),
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
            requests: 1,
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
        } in read.results
        {
            match result {
                Ok(value) => {
                    let value = mark_by_schema(&schema.block, &copy_marks(&config, &value));
                    let instance = Instance {
                        provider,
                        schema_version: schema.version,
                        status: Status::Ready,
                        value: value.clone(),
                        private: Private::default(),
                        dependencies: Arc::default(),
                        create_before_destroy: false,
                    };
                    self.prior.insert(InstanceId::from(addr.clone()), instance);
                    self.eval.set_value(&addr, value.clone());
                    let each = self.eval.each_value(&addr);
                    ok &= self
                        .eval
                        .resource_conditions(&addr, &resource, each, Some(value));
                }
                Err(diagnostics) => {
                    let scoped = resource.in_check.is_some();
                    ok &= scoped;
                    self.eval.set_value(&addr, Value::dynamic());
                    let address = addr.to_string();
                    self.eval
                        .diagnostics
                        .extend(diagnostics.into_iter().map(|d| {
                            // A check may fail; it does not stop anything.
                            let severity = if scoped {
                                Severity::Warning
                            } else {
                                d.severity
                            };
                            Diagnostic { severity, ..d }
                                .at(resource.span)
                                .for_address(address.clone())
                        }));
                }
            }
        }
        if ok { Visit::Done } else { Visit::Failed }
    }
}
