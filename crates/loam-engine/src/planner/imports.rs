//! Objects that exist and are to be taken under management.

use std::sync::Arc;

use futures::FutureExt;
use loam_address::{ConfigResourceAddr, InstanceAddr, ModuleAddr, ModulePath};
use loam_config::Resource;
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_provider::{ReadDepth, ReadOutcome, ReadRequest, Schema};
use loam_state::{Instance, InstanceId, Status};
use loam_value::Value;
use rustc_hash::FxHashSet;

use super::{Completion, Planner, Visit};
use crate::event::{Event, ImportStage};
use crate::import_blocks;
use crate::propose::mark_by_schema;
use crate::provider_address;
use crate::text;

/// An object to import.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The id that the provider knows it by.
    pub id: String,
    /// Where that was said.
    pub span: Option<Span>,
}

/// What importing found.
pub struct ImportRead {
    results: Vec<OneImport>,
}

/// What importing one instance found.
struct OneImport {
    addr: InstanceAddr,
    provider: Arc<str>,
    schema: Arc<Schema>,
    result: Result<(Value, loam_provider::Private), Diagnostics>,
}

impl Planner<'_> {
    /// Begins to import instances of a resource that the state does not have yet. `None`
    /// if there are none.
    pub(super) fn start_imports(
        &mut self,
        addr: &ConfigResourceAddr,
        resource: &Arc<Resource>,
    ) -> Option<Visit> {
        if !self.find_imports(addr) {
            return Some(Visit::Failed);
        }
        let instances = self.instances(addr, resource);
        if !self.fit(addr, &instances) {
            return Some(Visit::Failed);
        }
        let mut reads = Vec::new();
        for instance in instances {
            let Some(wanted) = self.wanted(&instance).cloned() else {
                continue;
            };
            if let Some(found) = self.options.found.get(&instance) {
                self.prior.insert(InstanceId::from(instance), found.clone());
                continue;
            }
            let provider = self.provider_of(resource, &instance)?;
            let schema = provider
                .kind
                .schema()
                .resources
                .get(&instance.resource.kind)?
                .clone();
            let name =
                provider_address::format(&provider.key, &provider.instance, self.eval.registry);
            // The command that imports has told it already.
            if wanted.span.is_some() {
                self.observer.event(Event::Import {
                    id: InstanceId::from(instance.clone()),
                    id_value: wanted.id.clone(),
                    stage: ImportStage::Prepare,
                });
            }
            let kind = instance.resource.kind.clone();
            reads.push(async move {
                let result = import(provider.provider.as_ref(), &kind, &instance, &wanted).await;
                OneImport {
                    addr: instance,
                    provider: name,
                    schema,
                    result,
                }
            });
        }
        if reads.is_empty() {
            return None;
        }
        Some(Visit::Wait(
            async move {
                Completion::Imported(ImportRead {
                    results: futures::future::join_all(reads).await,
                })
            }
            .boxed(),
        ))
    }

    /// The import to an instance.
    pub(super) fn wanted(&self, addr: &InstanceAddr) -> Option<&Wanted> {
        if self.imports.is_empty() {
            return None;
        }
        self.imports.get(&addr.config_resource())?.get(addr)
    }

    /// Drops what the state has already. False if one of the others is not among the
    /// instances of its resource.
    fn fit(&mut self, addr: &ConfigResourceAddr, instances: &[InstanceAddr]) -> bool {
        let prior = &self.prior;
        let Some(imports) = self.imports.get_mut(addr) else {
            return true;
        };
        imports.retain(|to, _| !prior.contains_key(&InstanceId::from(to.clone())));
        let there: FxHashSet<&InstanceAddr> = instances.iter().collect();
        let mut ok = true;
        for (to, wanted) in imports {
            if there.contains(to) {
                continue;
            }
            let mut problem = Diagnostic::error(
                "Configuration for import target does not exist",
                format!(
                    "The configuration for the given import target {to} does not exist. All target instances must have an associated configuration to be imported."
                ),
            );
            problem = wanted.span.into_iter().fold(problem, Diagnostic::at);
            let names: Vec<String> = instances.iter().map(ToString::to_string).collect();
            problem = match names.as_slice() {
                [] => problem.hint(format!("{addr} has no instances now.")),
                names if names.len() <= 10 => {
                    problem.hint(format!("{addr} has {}.", names.join(", ")))
                }
                names => problem.hint(format!(
                    "{addr} has {} instances, from {} to {}.",
                    names.len(),
                    names.first().map_or("", String::as_str),
                    names.last().map_or("", String::as_str)
                )),
            };
            self.eval
                .diagnostics
                .push(problem.for_address(to.to_string()));
            ok = false;
        }
        ok
    }

    pub(super) fn take_imported(&mut self, read: ImportRead) {
        for OneImport {
            addr,
            provider,
            schema,
            result,
        } in read.results
        {
            match result {
                Ok((value, private)) => {
                    self.tell_read(&addr, &value);
                    let resource = addr.config_resource();
                    let instance = Instance {
                        provider,
                        schema_version: schema.version,
                        status: Status::Ready,
                        value: mark_by_schema(&schema.block, &value),
                        private,
                        dependencies: self.nearest.get(&resource).cloned().unwrap_or_default(),
                        create_before_destroy: self
                            .create_first
                            .get(&resource)
                            .copied()
                            .unwrap_or(false),
                    };
                    self.prior.insert(InstanceId::from(addr), instance);
                }
                Err(diagnostics) => {
                    if let Some(imports) = self.imports.get_mut(&addr.config_resource()) {
                        imports.remove(&addr);
                    }
                    let address = addr.to_string();
                    self.eval.diagnostics.extend(
                        diagnostics
                            .into_iter()
                            .map(|d| d.for_address(address.clone())),
                    );
                }
            }
        }
    }

    fn tell_read(&self, addr: &InstanceAddr, value: &Value) {
        let (id, id_value) = (InstanceId::from(addr.clone()), text::id_of(value));
        self.observer.event(Event::RefreshStart {
            id: id.clone(),
            id_value: id_value.clone(),
        });
        self.observer.event(Event::RefreshComplete { id, id_value });
    }

    /// Evaluates the `import` blocks that concern a resource. False if one is wrong.
    fn find_imports(&mut self, addr: &ConfigResourceAddr) -> bool {
        for (to, id) in &self.options.imports {
            if to.config_resource() == *addr {
                self.imports.entry(addr.clone()).or_default().insert(
                    to.clone(),
                    Wanted {
                        id: id.clone(),
                        span: None,
                    },
                );
            }
        }
        let Some(root) = self.eval.module(&ModulePath::root()).cloned() else {
            return true;
        };
        let mut ok = true;
        for block in root.imports.of(addr) {
            let here = ModuleAddr::root();
            let scope = self.eval.scope(&root, &here);
            let resource = self.eval.resource(addr).map(|r| &r.repetition);
            let found = import_blocks::elements(block, &scope).and_then(|elements| {
                let mut list = Vec::new();
                let mut problems = Diagnostics::new();
                for scope in elements.iter().map(|e| e.scope(&scope)) {
                    let to = import_blocks::target(&block.to, resource, &scope);
                    match (to, import_blocks::import_id(&block.id, &scope)) {
                        (Ok(to), Ok(id)) => list.push((to, id)),
                        (to, id) => {
                            problems.extend(to.err().into_iter().chain(id.err()).flatten());
                        }
                    }
                }
                if problems.has_errors() {
                    return Err(problems);
                }
                Ok(list)
            });
            match found {
                Ok(list) => {
                    for (to, id) in list {
                        self.imports.entry(addr.clone()).or_default().insert(
                            to,
                            Wanted {
                                id,
                                span: Some(block.span),
                            },
                        );
                    }
                }
                Err(d) => {
                    self.eval.diagnostics.append(d);
                    ok = false;
                }
            }
        }
        ok
    }
}

async fn import(
    provider: &dyn loam_provider::Provider,
    kind: &str,
    addr: &InstanceAddr,
    wanted: &Wanted,
) -> Result<(Value, loam_provider::Private), Diagnostics> {
    let place = |d: Diagnostics| -> Diagnostics {
        Diagnostics(
            d.into_iter()
                .map(|d| wanted.span.into_iter().fold(d, Diagnostic::at))
                .collect(),
        )
    };
    let imported = provider.import(kind, &wanted.id).await.map_err(place)?;
    let request = ReadRequest {
        address: addr.to_string(),
        state: imported.state,
        private: imported.private,
    };
    match provider
        .read(kind, vec![request], ReadDepth::Full)
        .await
        .pop()
    {
        Some(ReadOutcome::Present { state, private }) => Ok((state, private)),
        Some(ReadOutcome::Failed(d)) => Err(place(d)),
        Some(ReadOutcome::Gone) | None => {
            let detail = format!(
                "While attempting to import an existing object to {addr:?}, the provider detected that no object exists with the given id {:?}. Only pre-existing objects can be imported; check that the id is correct and that it is associated with the provider's configured region or endpoint, or use \"loam apply\" to create a new remote object for this resource.",
                wanted.id,
                addr = addr.to_string()
            );
            Err(place(
                Diagnostic::error("Cannot import non-existent remote object", detail).into(),
            ))
        }
    }
}
