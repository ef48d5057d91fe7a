//! A sandbox, a provider for it, and what the engine would do with them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use async_trait::async_trait;
use loam_diag::{Diagnostic, Diagnostics, SourceMap};
use loam_provider::{
    ApplyObserver, ApplyOutcome, ApplyRequest, Intent, IntentAction, InvokeRequest, Nesting,
    PlanRequest, PlannedChange, Private, Provider, ProviderType, ReadDepth, ReadOutcome,
    ReadRequest, Recovery,
};
use loam_rest::RestProviderType;
use loam_sandbox::{RateLimits, Sandbox, SandboxConfig};
use loam_value::{Type, Value, ValueMap};
use serde_json::{Value as Json, json};

/// A provider and the sandbox that it talks to.
pub struct World {
    pub sandbox: Sandbox,
    pub kind: RestProviderType,
    pub provider: Arc<dyn Provider>,
    http: reqwest::Client,
}

/// An object as the engine would keep it.
#[derive(Clone, Debug)]
pub struct Stored {
    pub state: Value,
    pub private: Private,
    pub pending: bool,
}

/// A description made quick: what takes seconds for people takes milliseconds for tests.
pub fn quick(cloud: &str) -> String {
    let mut all = loam_clouds::all().iter();
    let files = all.find(|d| d.name == cloud).unwrap().files;
    let text: String = files.iter().map(|(_, text)| *text).collect();
    let retry = "timeout  = \"90s\"\n  retry {\n    initial = \"10ms\"\n    max = \"40ms\"\n  }\n";
    let quick = |line: &str| match line.trim_start() {
        l if l.starts_with("interval ") => "interval = \"20ms\"\n".to_owned(),
        l if l.starts_with("timeout ") && l.ends_with("\"60s\"") => retry.to_owned(),
        l if l.starts_with("tolerate_for ") => "tolerate_for = \"1s\"\n".to_owned(),
        l if l.starts_with("delay ") => "delay = \"0ms\"\n".to_owned(),
        _ => format!("{line}\n"),
    };
    text.lines().map(quick).collect()
}

pub fn provider_type(sandbox: &Sandbox, text: &str, more: &[(&str, &str)]) -> RestProviderType {
    let sources = SourceMap::default();
    let parsed = RestProviderType::parse(&sources, [("cloud.hcl", text)]);
    let kind = parsed.unwrap_or_else(|d| panic!("{}", shown(&sources, &d)));
    let mut environment = sandbox.environment();
    for cloud in ["CYBERPANEL", "SERVERSPACE", "VPSORG", "XELON", "XESSONE"] {
        environment.push((format!("{cloud}_REQUESTS_PER_MINUTE"), "60000".into()));
        environment.push((format!("{cloud}_REQUESTS_PER_HOUR"), "600000".into()));
    }
    environment.retain(|(n, _)| more.iter().all(|(m, _)| n != m));
    environment.extend(more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    kind.with_environment(move |name| {
        let found = environment.iter().find(|(n, _)| n == name);
        found.map(|(_, v)| v.clone())
    })
}

pub fn shown(sources: &SourceMap, diagnostics: &Diagnostics) -> String {
    let one = |d: &Diagnostic| {
        let place = d.subject.map_or(String::new(), |s| sources.place(s));
        format!("{place}: {}: {} {:?}", d.summary, d.detail, d.hints)
    };
    diagnostics.iter().map(one).collect::<Vec<_>>().join("\n")
}

impl World {
    /// No rate limits; time passes a thousand times as fast.
    pub async fn new() -> World {
        World::at_speed(1000.0).await
    }

    pub async fn at_speed(speed: f64) -> World {
        let config = SandboxConfig {
            speed,
            rate_limits: RateLimits::Off,
            ..SandboxConfig::default()
        };
        World::with(config, &quick("cyberpanel"), &[]).await
    }

    /// For any cloud, quick and without rate limits.
    pub async fn of(cloud: &str) -> World {
        let config = SandboxConfig {
            speed: 1000.0,
            rate_limits: RateLimits::Off,
            ..SandboxConfig::default()
        };
        World::with(config, &quick(cloud), &[]).await
    }

    pub async fn with(config: SandboxConfig, text: &str, more: &[(&str, &str)]) -> World {
        let sandbox = loam_sandbox::start(config).await.unwrap();
        let kind = provider_type(&sandbox, text, more);
        let settings = Value::null(kind.schema().provider.implied_type());
        let provider = kind.configure(&settings).unwrap();
        World {
            sandbox,
            kind,
            provider,
            http: reqwest::Client::new(),
        }
    }

    /// The same provider as another process would have it.
    pub fn again(&self) -> Arc<dyn Provider> {
        let settings = Value::null(self.kind.schema().provider.implied_type());
        self.kind.configure(&settings).unwrap()
    }

    pub async fn control(&self, method: &str, path: &str, body: Json) -> Json {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url());
        let request = self.http.request(method.parse().unwrap(), url);
        let request = request
            .header("Content-Type", "application/json")
            .body(body.to_string());
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap_or(Json::Null)
    }

    /// A request past Loam, with the token that the sandbox made.
    pub async fn past_loam(&self, method: &str, url: &str, body: Json) {
        let environment = self.sandbox.environment();
        let token = environment.iter().find(|(n, _)| n == "XELON_TOKEN");
        let request = self.http.request(method.parse().unwrap(), url);
        let request = request
            .bearer_auth(&token.unwrap().1)
            .header("Content-Type", "application/json")
            .body(body.to_string());
        let response = request.send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{url}: {}",
            response.status()
        );
    }

    pub async fn fault(&self, fault: Json) {
        self.control("POST", "faults", fault).await;
    }

    /// Forgets the requests so far.
    pub async fn forget(&self) {
        self.control("DELETE", "requests", json!({})).await;
    }

    /// The requests as `METHOD path status`, in order.
    pub async fn requests(&self) -> Vec<String> {
        let log = self.control("GET", "requests", json!({})).await;
        let list = log.get("requests").unwrap_or(&log);
        let line = |r: &Json| {
            let path = r["path"].as_str().unwrap_or_default();
            let path = path.replacen("/cyberpanel/api/v1", "", 1);
            format!(
                "{} {path} {}",
                r["method"].as_str().unwrap_or_default(),
                r["status"]
            )
        };
        list.as_array().unwrap().iter().map(line).collect()
    }

    pub async fn objects(&self) -> Json {
        self.control("GET", "objects", json!({})).await
    }

    /// Names of the machines that exist.
    pub async fn machines(&self) -> Vec<String> {
        let objects = self.objects().await.to_string();
        let all: Json = serde_json::from_str(&objects).unwrap();
        let list = all
            .pointer("/cyberpanel/vps")
            .or_else(|| all.pointer("/clouds/cyberpanel/vps"));
        let list = list.and_then(Json::as_array).cloned().unwrap_or_default();
        list.iter()
            .map(|o| o["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Reads a data source.
    pub async fn data(&self, kind: &str, arguments: Json) -> Result<Value, Diagnostics> {
        let schema = &self.kind.schema().data_sources[kind];
        let config = complete(&schema.block.implied_type(), &arguments);
        let result = self.provider.read_data(kind, &config).await?;
        assert_eq!(result.ty(), schema.block.implied_type(), "{kind}");
        Ok(result)
    }

    /// Runs an action; its messages.
    pub async fn act(&self, kind: &str, arguments: Json) -> Result<Vec<String>, Diagnostics> {
        let schema = &self.kind.schema().actions[kind];
        let config = complete(&schema.block.implied_type(), &arguments);
        let watch = Watch::default();
        let request = InvokeRequest {
            kind,
            address: "action.test",
            config: &config,
        };
        let problems = self.provider.invoke(request, &watch).await;
        match problems.has_errors() {
            true => Err(problems),
            false => Ok(watch.progress.into_inner().unwrap()),
        }
    }

    /// A whole configuration of a resource type from the arguments that are set.
    pub fn config(&self, kind: &str, arguments: Json) -> Value {
        let schema = &self.kind.schema().resources[kind];
        let mut arguments = arguments;
        for (name, block) in &schema.block.blocks {
            let many = !matches!(block.nesting, Nesting::Single | Nesting::Group);
            if many && arguments.get(&**name).is_none() {
                arguments[&**name] = json!([]);
            }
        }
        complete(&schema.block.implied_type().without_optional(), &arguments)
    }

    /// What the engine proposes.
    fn proposed(&self, kind: &str, prior: &Value, config: &Value) -> Value {
        let block = &self.kind.schema().resources[kind].block;
        let entry = |(name, v): (&Arc<str>, &Value)| {
            let a = block.attributes.get(name);
            let v = match a {
                Some(a) if a.write_only => Value::null(a.ty.clone()),
                Some(a) if a.computed && v.is_null() => prior.get(name).unwrap_or(v.clone()),
                _ => v.clone(),
            };
            (name.clone(), v)
        };
        Value::object(config.entries().unwrap().iter().map(entry).collect())
    }

    pub async fn plan(&self, kind: &str, prior: Option<&Stored>, config: &Value) -> PlannedChange {
        let null = Value::null(Type::Dynamic);
        let (state, private) = match prior {
            Some(s) => (&s.state, s.private.clone()),
            None => (&null, Private::default()),
        };
        let proposed = self.proposed(kind, state, config);
        let request = PlanRequest {
            kind,
            prior: state,
            config,
            proposed: &proposed,
            private: &private,
            pending: prior.is_some_and(|s| s.pending),
        };
        self.provider.plan_change(request).await
    }

    pub async fn apply_with(
        &self,
        kind: &str,
        prior: Option<&Stored>,
        config: &Value,
        observer: &Watch,
    ) -> ApplyOutcome {
        let plan = self.plan(kind, prior, config).await;
        assert!(plan.diagnostics.is_empty(), "{:?}", plan.diagnostics);
        assert!(
            plan.requires_replace.is_empty(),
            "{:?}",
            plan.requires_replace
        );
        let null = Value::null(Type::Dynamic);
        let request = ApplyRequest {
            kind,
            address: "cyberpanel_vps.test",
            prior: prior.map_or(&null, |s| &s.state),
            planned: &plan.planned,
            config,
            private: &plan.private,
            pending: prior.is_some_and(|s| s.pending),
        };
        self.provider.apply(request, observer).await
    }

    pub async fn apply(&self, kind: &str, prior: Option<&Stored>, config: &Value) -> ApplyOutcome {
        self.apply_with(kind, prior, config, &Watch::default())
            .await
    }

    /// Creates an object and expects it to go well.
    pub async fn create(&self, kind: &str, arguments: Json) -> Stored {
        let config = self.config(kind, arguments);
        stored(self.apply(kind, None, &config).await)
    }

    pub async fn delete(&self, kind: &str, object: &Stored) -> ApplyOutcome {
        let null = Value::null(Type::Dynamic);
        let request = ApplyRequest {
            kind,
            address: "cyberpanel_vps.test",
            prior: &object.state,
            planned: &null,
            config: &null,
            private: &object.private,
            pending: object.pending,
        };
        self.provider.apply(request, &Watch::default()).await
    }

    pub async fn read(&self, kind: &str, objects: &[Stored], depth: ReadDepth) -> Vec<ReadOutcome> {
        let requests = objects.iter().enumerate().map(|(i, o)| ReadRequest {
            address: format!("{kind}.test[{i}]"),
            state: o.state.clone(),
            private: o.private.clone(),
        });
        self.provider.read(kind, requests.collect(), depth).await
    }

    /// What becomes of a create whose outcome is not recorded.
    pub async fn recover(
        &self,
        kind: &str,
        config: &Value,
        started: SystemTime,
        known: &[Stored],
    ) -> Recovery {
        let plan = self.plan(kind, None, config).await;
        let intent = Intent {
            kind: kind.to_owned(),
            address: "cyberpanel_vps.test".into(),
            action: IntentAction::Create,
            prior: Value::null(Type::Dynamic),
            planned: plan.planned,
            private: plan.private,
            started,
            known: known.iter().map(|s| s.state.clone()).collect(),
        };
        self.again().recover(vec![intent]).await.remove(0)
    }
}

/// The arguments of a machine.
pub fn machine(name: &str) -> Json {
    json!({
        "hostname": name, "plan_id": 1, "location_code": "la", "template_id": "9000",
        "root_password": "secret-pass-1",
    })
}

/// An object of a type from JSON; what is missing is null.
fn complete(ty: &Type, json: &Json) -> Value {
    match (ty, json) {
        (_, Json::Null) => match ty {
            Type::Object(o) if json.is_object() => Value::object(
                o.attributes
                    .iter()
                    .map(|(n, t)| (n.clone(), Value::null(t.clone())))
                    .collect(),
            ),
            _ => Value::null(ty.clone()),
        },
        (Type::Object(o), Json::Object(m)) => {
            let entries = o.attributes.iter();
            let entry = |(n, t): (&Arc<str>, &Type)| {
                (n.clone(), complete(t, m.get(&**n).unwrap_or(&Json::Null)))
            };
            Value::object(entries.map(entry).collect::<ValueMap>())
        }
        (Type::List(e), Json::Array(a)) => {
            Value::list((**e).clone(), a.iter().map(|v| complete(e, v)).collect())
        }
        (Type::Set(e), Json::Array(a)) => {
            Value::set((**e).clone(), a.iter().map(|v| complete(e, v)).collect())
        }
        (Type::Map(e), Json::Object(m)) => Value::map(
            (**e).clone(),
            m.iter()
                .map(|(k, v)| (k.as_str().into(), complete(e, v)))
                .collect(),
        ),
        (_, Json::String(s)) => Value::string(s.as_str()),
        (_, Json::Bool(b)) => Value::bool(*b),
        (_, Json::Number(n)) => Value::int(n.as_i64().unwrap()),
        _ => panic!("{ty} from {json}"),
    }
}

/// The object after an apply that went well.
pub fn stored(outcome: ApplyOutcome) -> Stored {
    assert!(
        !outcome.diagnostics.has_errors(),
        "{:#?}",
        outcome.diagnostics
    );
    assert!(!outcome.tainted && !outcome.pending && !outcome.unknown);
    assert!(!outcome.state.is_null());
    Stored {
        state: outcome.state,
        private: outcome.private,
        pending: false,
    }
}

pub fn text(object: &Value, name: &str) -> String {
    let v = object.get(name).unwrap();
    match v.as_str() {
        Some(s) => s.to_owned(),
        None => format!("{v:?}"),
    }
}

/// Summaries, details and hints as one text.
pub fn said(diagnostics: &Diagnostics) -> String {
    shown(&SourceMap::default(), diagnostics)
}

/// Sees what the engine would see.
#[derive(Default)]
pub struct Watch {
    pub revealed: Mutex<Vec<(Value, Private)>>,
    pub progress: Mutex<Vec<String>>,
    pub stop: AtomicBool,
    /// Stop as soon as the identity is known.
    pub stop_when_revealed: bool,
}

#[async_trait]
impl ApplyObserver for Watch {
    async fn revealed(&self, state: &Value, private: &Private) -> Result<(), Diagnostic> {
        self.revealed
            .lock()
            .unwrap()
            .push((state.clone(), private.clone()));
        if self.stop_when_revealed {
            self.stop.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    fn progress(&self, message: &str) {
        self.progress.lock().unwrap().push(message.to_owned());
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
