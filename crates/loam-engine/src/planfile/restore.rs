//! From a plan file's document back to the plan.

use super::*;

fn path_of(text: &str) -> Result<Path> {
    let steps = value(text)?;
    let steps =
        steps
            .elements()
            .unwrap_or_default()
            .iter()
            .map(|s| match (s.as_str(), s.elements()) {
                (Some(name), _) => Ok(PathStep::Attribute(name.into())),
                (_, Some([key])) => Ok(PathStep::Index(key.clone())),
                _ => Err(damaged("a path that is none")),
            });
    Ok(Path(steps.collect::<Result<_>>()?))
}

fn value(text: &str) -> Result<Value> {
    codec::decode(text).map_err(|e| damaged(e.message))
}

fn object_of(text: &str) -> Result<CheckObject> {
    let object = text.split_once(' ');
    object
        .and_then(|(kind, addr)| CheckObject::parse(kind, addr))
        .ok_or_else(|| damaged("a check of nothing"))
}

fn config_addr(text: &str) -> Result<ConfigResourceAddr> {
    match Target::parse(text)? {
        Target::Resource(r) => Ok(r.config()),
        _ => Err(damaged("an address that is not a resource's")),
    }
}

fn id_of(addr: &str, deposed: Option<String>) -> Result<InstanceId> {
    Ok(InstanceId {
        addr: InstanceAddr::parse(addr)?,
        deposed: deposed.map(|d| DeposedKey(d.into())),
    })
}

fn outputs_of(doc: OutputsDoc) -> Result<BTreeMap<Arc<str>, OutputValue>> {
    let outputs = doc.into_iter().map(|(name, (text, sensitive))| {
        let value = value(&text)?;
        Ok((name.into(), OutputValue { value, sensitive }))
    });
    outputs.collect()
}

/// The plan that a document holds; schemas are the registry's.
pub(super) fn restore(d: Document, registry: &Registry) -> Result<PlanFile> {
    let mut instances = BTreeMap::new();
    for (addr, deposed, i) in d.base.instances {
        instances.insert(id_of(&addr, deposed)?, instance_of(i)?);
    }
    let mut prior = instances.clone();
    for (addr, deposed, i) in d.refreshed {
        let id = id_of(&addr, deposed)?;
        match i {
            Some(i) => prior.insert(id, instance_of(i)?),
            None => prior.remove(&id),
        };
    }
    let base = State {
        lineage: d.base.lineage,
        serial: d.base.serial,
        instances,
        outputs: outputs_of(d.base.outputs)?,
        checks: d.base.checks,
    };
    let refreshed = State {
        instances: prior,
        outputs: match d.refreshed_outputs {
            Some(outputs) => outputs_of(outputs)?,
            None => base.outputs.clone(),
        },
        ..base.clone()
    };
    let values = |m: BTreeMap<String, String>| -> Result<BTreeMap<Arc<str>, Value>> {
        m.into_iter()
            .map(|(n, v)| Ok((n.into(), value(&v)?)))
            .collect()
    };
    let mut output_changes = BTreeMap::new();
    for (n, (action, before, after, sensitive)) in d.outputs {
        let change = OutputChange {
            action: decode_code(&ACTIONS, action)?,
            before: value(&before)?,
            after: value(&after)?,
            sensitive,
        };
        output_changes.insert(n.into(), change);
    }
    let mut checks = BTreeMap::new();
    for (object, status, of) in d.checks {
        let mut instances = BTreeMap::new();
        for (n, (s, messages)) in of {
            instances.insert(n, (decode_code(&CHECKS, s)?, messages));
        }
        checks.insert(
            object_of(&object)?,
            CheckResult {
                status: decode_code(&CHECKS, status)?,
                instances,
            },
        );
    }
    let changes = |list: Vec<ChangeDoc>| -> Result<Vec<ResourceChange>> {
        list.into_iter().map(|c| change_of(c, registry)).collect()
    };
    let plan = Plan {
        mode: decode_code(&MODES, d.mode)?,
        changes: changes(d.changes)?,
        invocations: d
            .invocations
            .into_iter()
            .map(|i| invocation_of(i, registry))
            .collect::<Result<_>>()?,
        open_invocations: d
            .open_invocations
            .into_iter()
            .map(|(id, action, ms)| OpenInvocation {
                id: IntentId(id),
                action,
                started: std::time::UNIX_EPOCH + std::time::Duration::from_millis(ms),
            })
            .collect(),
        drift: changes(d.drift)?,
        dropped: d
            .dropped
            .iter()
            .map(|a| Ok(InstanceAddr::parse(a)?.into()))
            .collect::<Result<_>>()?,
        outputs: output_changes,
        checks,
        base: Arc::new(base),
        prior: Arc::new(refreshed),
        variables: values(d.all_variables)?,
        relevant: d
            .relevant
            .iter()
            .map(|(r, p)| Ok((InstanceAddr::parse(r)?, path_of(p)?)))
            .collect::<Result<_>>()?,
        requests: d
            .requests
            .into_iter()
            .map(|(n, (refresh, apply, per_minute))| {
                (
                    n.into(),
                    RequestCount {
                        refresh,
                        refresh_time: std::time::Duration::ZERO,
                        apply,
                        per_minute,
                    },
                )
            })
            .collect(),
        recovered: d
            .recovered
            .into_iter()
            .map(|(i, r)| Ok((intent_of(i)?, recovery_of(r)?)))
            .collect::<Result<_>>()?,
        targets: d.targets,
        timestamp: d.timestamp,
        errored: false,
    };
    Ok(PlanFile {
        plan,
        sources: d.sources,
        manifest: d.manifest,
        workspace: d.workspace,
        variables: values(d.variables)?,
        withheld: d.withheld,
    })
}

fn change_of(c: ChangeDoc, registry: &Registry) -> Result<ResourceChange> {
    let id = id_of(&c.addr, c.deposed)?;
    Ok(ResourceChange {
        schema: schema_of(&id, &c.provider, registry)?,
        id,
        previous_address: c.previous.as_deref().map(InstanceAddr::parse).transpose()?,
        provider_type: c.provider_type.into(),
        provider: c.provider.into(),
        action: decode_code(&ACTIONS, c.action)?,
        reason: c.reason.map(|r| decode_code(&REASONS, r)).transpose()?,
        before: value(&c.before)?,
        after: value(&c.after)?,
        requires_replace: c
            .replace
            .iter()
            .map(|p| path_of(p))
            .collect::<Result<_>>()?,
        write_only_changes: c
            .write_only
            .iter()
            .map(|p| path_of(p))
            .collect::<Result<_>>()?,
        importing: c.importing,
        generated_config: c.generated,
        private: Private(c.private),
        pending: c.pending,
        dependencies: dependencies_of(&c.dependencies)?,
        create_before_destroy: c.create_before_destroy,
        requests: c.requests,
        shared_requests: 0,
    })
}

fn invocation_of(i: InvocationDoc, registry: &Registry) -> Result<Invocation> {
    let addr = ActionInstanceAddr::parse(&i.addr)?;
    Ok(Invocation {
        schema: action_schema_of(&addr.action.kind, &i.provider, registry)?,
        addr,
        provider_type: i.provider_type.into(),
        provider: i.provider.into(),
        config: value(&i.config)?,
        trigger: match i.trigger {
            None => Trigger::Invoke,
            Some((resource, block, index, event)) => Trigger::Lifecycle {
                resource: InstanceAddr::parse(&resource)?,
                block,
                index,
                event: decode_code(&TriggerEvent::ALL, event)?,
            },
        },
        condition_unknown: i.condition_unknown,
        reads: match i.reads {
            None => Reads::All,
            Some(these) => Reads::These(
                these
                    .iter()
                    .map(|a| Ok(InstanceAddr::parse(a)?))
                    .collect::<Result<_>>()?,
            ),
        },
        requests: i.requests,
    })
}

fn action_schema_of(
    kind: &Arc<str>,
    provider: &str,
    registry: &Registry,
) -> Result<Arc<ActionSchema>> {
    let found = provider_address::parse(provider, registry)
        .and_then(|(key, _)| registry.get(&key.kind)?.schema().actions.get(kind).cloned());
    found.ok_or_else(|| PlanFileError::Missing(format!("the action type {kind:?} of {provider}")))
}

fn dependencies_of(names: &[String]) -> Result<Arc<Vec<ConfigResourceAddr>>> {
    Ok(Arc::new(
        names
            .iter()
            .map(|n| config_addr(n))
            .collect::<Result<_>>()?,
    ))
}

fn schema_of(id: &InstanceId, provider: &str, registry: &Registry) -> Result<Arc<Schema>> {
    let kind = &id.addr.resource.kind;
    let found = provider_address::parse(provider, registry).and_then(|(key, _)| {
        let schema = registry.get(&key.kind)?.schema();
        match id.addr.resource.mode {
            loam_address::Mode::Data => schema.data_sources.get(kind).cloned(),
            loam_address::Mode::Managed => schema.resources.get(kind).cloned(),
        }
    });
    found.ok_or_else(|| PlanFileError::Missing(format!("the resource type {kind:?} of {provider}")))
}

fn instance_of(i: InstanceDoc) -> Result<Instance> {
    Ok(Instance {
        provider: i.provider.into(),
        schema_version: i.schema_version,
        status: decode_code(&STATUSES, i.status)?,
        value: value(&i.value)?,
        private: Private(i.private),
        dependencies: dependencies_of(&i.dependencies)?,
        create_before_destroy: i.create_before_destroy,
    })
}

fn intent_of(i: IntentDoc) -> Result<OpenIntent> {
    Ok(OpenIntent {
        id: IntentId(i.id),
        run: RunId(i.run),
        started: std::time::UNIX_EPOCH + std::time::Duration::from_millis(i.started_ms),
        record: IntentRecord {
            id: id_of(&i.addr, i.deposed)?,
            action: decode_code(&INTENTS, i.action)?,
            provider: i.object.provider.into(),
            schema_version: i.object.schema_version,
            prior: value(&i.prior)?,
            planned: value(&i.planned)?,
            private: Private(i.object.private),
            dependencies: dependencies_of(&i.object.dependencies)?,
            create_before_destroy: i.object.create_before_destroy,
        },
        revealed: i.revealed,
        reason: i.reason,
    })
}

fn recovery_of(r: RecoveryDoc) -> Result<Recovery> {
    Ok(match r {
        RecoveryDoc::Exists {
            state,
            private,
            pending,
        } => Recovery::Exists {
            state: value(&state)?,
            private: Private(private),
            pending,
        },
        RecoveryDoc::Absent => Recovery::Absent,
        RecoveryDoc::Unknown(reason) => Recovery::Unknown(reason),
    })
}
