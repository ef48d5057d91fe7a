//! The provider interface, by description.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use loam_diag::{Diagnostic, Diagnostics, SourceMap, nearest};
use loam_provider::{
    ApplyObserver, ApplyOutcome, ApplyRequest, Imported, Intent, InvokeRequest, PlanRequest,
    PlannedChange, Private, Provider, ProviderSchema, ProviderType, RateLimit, ReadDepth,
    ReadOutcome, ReadRequest, Recovery, Usage,
};
use loam_value::{Type, Value, ValueMap};
use reqwest::Url;
use sha2::{Digest, Sha256};

use crate::apply::Applier;
use crate::budget::Limits;
use crate::client::Client;
use crate::description::{self, ProviderSpec, Resource, Setting, environment_of};
use crate::expression::{Names, text_of};
use crate::offers::Offers;
use crate::read::Reader;
use crate::recover::Recoverer;
use crate::turns::Turns;
use crate::wait::Pollers;
use crate::{cost, data, import, json, ledger, limiter, plan, select};

/// A provider that a description tells of.
pub struct RestProviderType {
    spec: Arc<ProviderSpec>,
    environment: Environment,
}

/// Looks up an environment variable.
type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

impl fmt::Debug for RestProviderType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RestProviderType({})", self.spec.name)
    }
}

impl RestProviderType {
    /// Reads a description: its files, each with the name that diagnostics call it by and
    /// its text, which is added to `sources`. The errors are all that are in the texts.
    pub fn parse<'a>(
        sources: &SourceMap,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<RestProviderType, Diagnostics> {
        Ok(RestProviderType {
            spec: Arc::new(description::parse(sources, files)?),
            environment: Arc::new(|name| std::env::var(name).ok()),
        })
    }

    /// With other environment variables than those of the process.
    #[must_use]
    pub fn with_environment(
        mut self,
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> RestProviderType {
        self.environment = Arc::new(lookup);
        self
    }

    /// A setting's value: configured, from the environment, or the default.
    fn setting(&self, setting: &Setting, config: &Value) -> Result<Value, Diagnostic> {
        let given = config.get(&setting.name).map(|v| v.unmarked_deep());
        if let Some(value) = given.filter(|v| !v.is_null()) {
            return Ok(value);
        }
        let env = setting
            .env
            .iter()
            .find_map(|n| Some((n, (self.environment)(n).filter(|v| !v.is_empty())?)));
        if let Some((name, text)) = env {
            return json::decode(&Value::string(text.trim()), &setting.ty).map_err(|_| {
                Diagnostic::error(
                    "Wrong value in an environment variable",
                    format!("{name} has to be a {}.", setting.ty.friendly_name()),
                )
            });
        }
        if let Some(default) = &setting.default {
            return Ok(default.clone());
        }
        if setting.required {
            let env = match setting.env.as_slice() {
                [] => String::new(),
                names => format!(" or the environment variable {}", names.join(" or ")),
            };
            return Err(Diagnostic::error(
                "Missing provider setting",
                format!(
                    "Provider \"{}\" needs \"{}\": set it in the provider block{env}.",
                    self.spec.name, setting.name
                ),
            ));
        }
        Ok(Value::null(setting.ty.clone()))
    }

    /// How many times as fast as usual time passes for the API: of an emulated one only.
    fn speed(&self) -> f64 {
        let text = (self.environment)("LOAM_API_SPEED");
        let speed = text.and_then(|t| t.trim().parse::<f64>().ok());
        speed
            .filter(|s| s.is_finite() && (1.0..=10_000.0).contains(s))
            .unwrap_or(1.0)
    }

    /// How many times as fast as polls follow each other the API does its work: more than
    /// once only for an emulated one, which says so.
    fn pace(&self) -> f64 {
        let text = (self.environment)("LOAM_SANDBOX_SPEED");
        let work = text.and_then(|t| t.trim().parse::<f64>().ok());
        let work = work.filter(|w| w.is_finite() && *w >= 1.0).unwrap_or(1.0);
        (work / self.speed()).max(1.0)
    }

    fn base(&self, names: &Names) -> Result<Url, Diagnostics> {
        let text = self.spec.base_url.text(names)?.unwrap_or_default();
        let settings = environment_of(&self.spec.settings);
        let wrong = |why: &str| {
            let ways: Vec<String> = settings.iter().map(|(n, _)| format!("\"{n}\"")).collect();
            Diagnostics::from(Diagnostic::error(
                "Wrong address of the API",
                format!(
                    "The address {text:?} of provider \"{}\" {why}. It is made from the settings {}.",
                    self.spec.name,
                    ways.join(", ")
                ),
            ))
        };
        let url = Url::parse(&text).map_err(|_| wrong("is not a URL"))?;
        let host = url
            .host_str()
            .filter(|h| !h.is_empty())
            .ok_or_else(|| wrong("names no host"))?;
        let address = host.trim_start_matches('[').trim_end_matches(']').parse();
        let loopback = match address {
            Ok(ip) => std::net::IpAddr::is_loopback(&ip),
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        };
        match url.scheme() {
            "https" => Ok(url),
            "http" if loopback => Ok(url),
            "http" => Err(wrong(
                "would send the key unprotected; plain http is allowed to this machine only. Use https",
            )),
            _ => Err(wrong("is neither https nor http")),
        }
    }
}

impl ProviderType for RestProviderType {
    fn name(&self) -> &str {
        &self.spec.name
    }

    fn source(&self) -> &str {
        &self.spec.source
    }

    fn version(&self) -> &str {
        &self.spec.version
    }

    fn since(&self) -> &str {
        self.spec.since.as_deref().unwrap_or(&self.spec.version)
    }

    fn schema(&self) -> &ProviderSchema {
        &self.spec.schema
    }

    fn validate(&self, kind: &str, config: &Value) -> Diagnostics {
        let names = Names::default();
        let spec = &self.spec;
        // A kind may be a resource type and a data source; what is checked is the same
        // argument by argument, so that the one whose type fits is taken.
        let fits = |ty: &Type| &config.ty() == ty;
        if let Some(r) = spec.resources.get(kind)
            && (fits(&r.ty) || !spec.data_sources.contains_key(kind))
        {
            return plan::validate(&r.fields, &r.rules, config, &names);
        }
        if let Some(d) = spec.data_sources.get(kind) {
            let mut problems = plan::validate(&d.fields, &d.rules, config, &names);
            if let Some(list) = d.choose.as_ref().and_then(|name| d.fields.get(name)) {
                problems.append(select::check(&list.ty, &config.unmarked_deep()));
            }
            return problems;
        }
        if let Some(a) = spec.actions.get(kind) {
            return plan::validate(&a.fields, &a.rules, config, &names);
        }
        Diagnostics::new()
    }

    fn configure(&self, config: &Value) -> Result<Arc<dyn Provider>, Diagnostics> {
        let mut problems = Diagnostics::new();
        let mut settings = ValueMap::new();
        for s in &self.spec.settings {
            match self.setting(s, config) {
                Ok(value) => {
                    settings.insert(s.name.clone(), value);
                }
                Err(d) => problems.push(d),
            }
        }
        if problems.has_errors() {
            return Err(problems);
        }
        let secrets = self.spec.settings.iter().filter(|s| s.sensitive);
        let secrets = secrets
            .filter_map(|s| settings.get(&s.name).and_then(text_of))
            .collect();
        let settings = Value::object(settings);
        let names = Names::default().with("provider", settings.clone());
        let base = self.base(&names)?;
        let rate = &self.spec.rate_limit;
        let number =
            |e: &Option<crate::expression::Expression>| -> Result<Option<u64>, Diagnostics> {
                let Some(e) = e else { return Ok(None) };
                let n = e.eval(&names)?.as_number().and_then(|n| n.to_i64());
                Ok(n.and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0))
            };
        let speed = self.speed();
        let limits = Limits {
            per_minute: number(&rate.per_minute)?,
            per_hour: number(&rate.per_hour)?,
            minute: Duration::from_secs(60).div_f64(speed),
            longest_request: self.spec.timeout + Duration::from_secs(30),
        };
        let key = match &rate.key {
            Some(k) => k.text(&names)?.unwrap_or_default(),
            None => String::new(),
        };
        // The key itself need not lie around in one more place.
        let key = format!(
            "{:x?}",
            Sha256::digest(format!("{} {key}", base.as_str().trim_end_matches('/')))
        );
        let folder = ledger::folder(&*self.environment);
        let limiter = limiter::shared(&key, limits, folder.as_deref());
        let client = Client::new(self.spec.clone(), settings, secrets, base, limiter)?;
        Ok(Arc::new(RestProvider {
            client,
            pollers: Pollers::default(),
            turns: Turns::default(),
            offers: Offers::default(),
            pace: self.pace(),
        }))
    }
}

/// A configured provider.
#[derive(Debug)]
struct RestProvider {
    client: Client,
    pollers: Pollers,
    turns: Turns,
    offers: Offers,
    pace: f64,
}

impl RestProvider {
    fn spec(&self) -> &ProviderSpec {
        &self.client.spec
    }

    fn resource(&self, kind: &str) -> Result<&Resource, Diagnostics> {
        let resources = &self.spec().resources;
        resources
            .get(kind)
            .ok_or_else(|| unknown("resource type", kind, resources.keys().map(|k| &**k)))
    }

    fn reader<'a>(&'a self, resource: &'a Resource) -> Reader<'a> {
        Reader {
            client: &self.client,
            pollers: &self.pollers,
            resource,
            observer: None,
        }
    }
}

fn unknown<'a>(what: &str, kind: &str, known: impl Iterator<Item = &'a str>) -> Diagnostics {
    let d = Diagnostic::error(
        format!("Unknown {what}"),
        format!("This provider has no {what} {kind:?}."),
    );
    match nearest(kind, known) {
        Some(near) => d.hint(format!("did you mean {near:?}?")).into(),
        None => d.into(),
    }
}

#[async_trait]
impl Provider for RestProvider {
    async fn plan_change(&self, request: PlanRequest<'_>) -> PlannedChange {
        match self.resource(request.kind) {
            Ok(resource) => {
                let mut change = plan::plan(resource, &request, &self.client.names(), self.pace);
                let offers = self
                    .offers
                    .problems(&self.client, resource, &request, &change);
                change.diagnostics.append(offers.await);
                change
            }
            Err(diagnostics) => PlannedChange {
                planned: request.proposed.clone(),
                requires_replace: Vec::new(),
                write_only_changes: Vec::new(),
                private: request.private.clone(),
                requests: 0,
                shared_requests: 0,
                diagnostics,
            },
        }
    }

    async fn read(
        &self,
        kind: &str,
        requests: Vec<ReadRequest>,
        depth: ReadDepth,
    ) -> Vec<ReadOutcome> {
        match self.resource(kind) {
            Ok(resource) => self.reader(resource).read(requests, depth).await,
            Err(d) => requests
                .iter()
                .map(|_| ReadOutcome::Failed(d.clone()))
                .collect(),
        }
    }

    async fn apply(&self, request: ApplyRequest<'_>, observer: &dyn ApplyObserver) -> ApplyOutcome {
        let resource = match self.resource(request.kind) {
            Ok(resource) => resource,
            Err(diagnostics) => {
                return ApplyOutcome {
                    state: request.prior.clone(),
                    private: Private::default(),
                    tainted: false,
                    pending: request.pending,
                    unknown: false,
                    diagnostics,
                };
            }
        };
        let applier = Applier {
            client: &self.client,
            pollers: &self.pollers,
            turns: &self.turns,
            resource,
            request: &request,
            observer,
        };
        applier.apply().await
    }

    async fn recover(&self, intents: Vec<Intent>) -> Vec<Recovery> {
        let Some(kind) = intents.first().map(|i| i.kind.clone()) else {
            return Vec::new();
        };
        match self.resource(&kind) {
            Ok(resource) => {
                let recoverer = Recoverer {
                    reader: self.reader(resource),
                    client: &self.client,
                    resource,
                };
                recoverer.recover(intents).await
            }
            Err(_) => {
                let why = format!("This provider no longer has the resource type {kind:?}.");
                intents
                    .iter()
                    .map(|_| Recovery::Unknown(why.clone()))
                    .collect()
            }
        }
    }

    async fn import(&self, kind: &str, id: &str) -> Result<Imported, Diagnostics> {
        import::import(self.resource(kind)?, id)
    }

    async fn read_data(&self, kind: &str, config: &Value) -> Result<Value, Diagnostics> {
        let sources = &self.spec().data_sources;
        let source = sources
            .get(kind)
            .ok_or_else(|| unknown("data source", kind, sources.keys().map(|k| &**k)))?;
        data::read(&self.client, &self.pollers, source, config).await
    }

    async fn invoke(
        &self,
        request: InvokeRequest<'_>,
        observer: &dyn ApplyObserver,
    ) -> Diagnostics {
        let actions = &self.spec().actions;
        let Some(action) = actions.get(request.kind) else {
            return unknown("action", request.kind, actions.keys().map(|k| &**k));
        };
        let turn = match &action.exclusive {
            None => None,
            Some(exclusive) => {
                let names = self.client.names();
                let names = names.with("self", request.config.clone());
                match exclusive.text(&names) {
                    Ok(what) => what,
                    Err(d) => return d,
                }
            }
        };
        let _turn = match turn {
            None => None,
            Some(what) => {
                let turn = self.turns.take(what, observer).await;
                if turn.is_none() {
                    return Diagnostic::error("Stopped", "The action was not begun.")
                        .for_address(request.address)
                        .into();
                }
                turn
            }
        };
        let problems = data::invoke(
            &self.client,
            &self.pollers,
            action,
            request.config,
            observer,
        )
        .await;
        let addressed = problems.into_iter().map(|d| d.for_address(request.address));
        Diagnostics(addressed.collect())
    }

    fn invoke_cost(&self, kind: &str, config: &Value) -> u64 {
        let names = self.client.names().with("self", config.clone());
        let action = self.spec().actions.get(kind);
        action.map_or(0, |a| cost::cost(&a.steps, &names, self.pace))
    }

    fn rate_limit(&self) -> Option<RateLimit> {
        let per_minute = self.client.limiter.per_minute()?;
        Some(RateLimit { per_minute })
    }

    fn usage(&self) -> Usage {
        self.client.usage()
    }
}
