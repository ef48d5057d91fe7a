//! Sends requests: limits, repetitions where they are safe, authentication, errors.
//!
//! In: a [`Call`] (what to send). Out: an [`Answer`], or a [`Failure`] that says whether
//! anything may have happened. Knows nothing of resources.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_provider::{ApplyObserver, Usage};
use loam_value::{Value, ValueMap};
use rand::RngExt;
use reqwest::{Method, Url};
use serde_json::Value as Json;
use tokio::sync::Mutex;

use crate::answer::{self, Answer};
use crate::budget::Seen;
use crate::description::{ProviderSpec, environment_of};
use crate::expression::Names;
use crate::failure::{Failure, redact};
use crate::form::Form;
use crate::limiter::{Limiter, Priority};
use crate::login::Session;
use crate::wait::{stopped, unless_stopped};

/// One request, ready to be sent.
#[derive(Clone)]
pub(crate) struct Call {
    pub method: Method,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub body: Option<Body>,
    pub accept_text: Option<String>,
    /// Sending it twice has the effect of sending it once.
    pub idempotent: bool,
    /// What a key needs for it, for messages.
    pub permission: Option<String>,
    /// Errors that are as good as success.
    pub accept: Vec<String>,
    /// What to tell with errors of it, by their codes or statuses.
    pub hints: Vec<(String, String)>,
    /// What must not be shown.
    pub secrets: Vec<String>,
    /// Where it is described.
    pub span: Span,
}

/// What a request carries.
#[derive(Clone)]
pub(crate) enum Body {
    Json(Json),
    Form(Form),
}

impl fmt::Debug for Call {
    /// Without body and query, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// On whose behalf a request is sent: how urgent it is, and who may call it back while it
/// still waits for the rate limit.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub priority: Priority,
    pub observer: Option<&'a dyn ApplyObserver>,
}

impl From<Priority> for Asker<'_> {
    fn from(priority: Priority) -> Self {
        Asker {
            priority,
            observer: None,
        }
    }
}

pub(crate) struct Client {
    pub spec: Arc<ProviderSpec>,
    /// The provider's settings, as an object.
    pub settings: Value,
    pub limiter: Arc<Limiter>,
    http: reqwest::Client,
    base: Url,
    secrets: Vec<String>,
    requests: AtomicU64,
    throttled_millis: AtomicU64,
    /// When the first request was asked for.
    began: OnceLock<Instant>,
    /// Milliseconds from then to the last answer.
    last_answer: AtomicU64,
    pub(crate) session: Mutex<Option<Session>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.base)
    }
}

impl Client {
    pub fn new(
        spec: Arc<ProviderSpec>,
        settings: Value,
        secrets: Vec<String>,
        base: Url,
        limiter: Arc<Limiter>,
    ) -> Result<Client, Diagnostic> {
        // The only provider of cryptography; that it is installed already is no error.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("loam/", env!("CARGO_PKG_VERSION")))
            .timeout(spec.timeout)
            .connect_timeout(Duration::from_secs(15).min(spec.timeout))
            // A redirect would carry the key to another place.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| Diagnostic::error("Cannot set up HTTPS", format!("{}.", causes(&e))))?;
        Ok(Client {
            spec,
            settings,
            limiter,
            http,
            base,
            secrets,
            requests: AtomicU64::new(0),
            throttled_millis: AtomicU64::new(0),
            began: OnceLock::new(),
            last_answer: AtomicU64::new(0),
            session: Mutex::new(None),
        })
    }

    pub fn usage(&self) -> Usage {
        Usage {
            requests: self.requests.load(Ordering::Relaxed),
            throttled: Duration::from_millis(self.throttled_millis.load(Ordering::Relaxed)),
            elapsed: Duration::from_millis(self.last_answer.load(Ordering::Relaxed)),
        }
    }

    /// A pause as described, in the API's time: that of an emulated one may pass faster.
    pub fn scaled(&self, pause: Duration) -> Duration {
        pause.mul_f64(self.limiter.minute().as_secs_f64() / 60.0)
    }

    /// Sends a request, again where that is safe, until there is an answer to go by. The
    /// wish to stop ends it before it is sent, or sent again; never in between.
    pub async fn send(&self, call: &Call, asker: impl Into<Asker<'_>>) -> Result<Answer, Failure> {
        let asker = asker.into();
        let mut attempt = 0;
        let mut renewed = false;
        loop {
            attempt += 1;
            let auth = self.authenticate(renewed).await?;
            let failure = match self.once(call, asker, &auth).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let logged_in = auth.get("token").is_some_and(|t| !t.is_null());
            if logged_in && !renewed && matches!(&failure.0, Failure::Refused(r) if r.status == 401)
            {
                renewed = true;
                self.forget_session(&auth).await;
                continue;
            }
            let Some(time) = self.pause(call, &failure, attempt) else {
                return Err(failure.0);
            };
            log::debug!(
                "{} is sent again in {} ms",
                self.told(call),
                time.as_millis()
            );
            let rest = tokio::time::sleep(time);
            if unless_stopped(asker.observer, rest).await.is_none() {
                return Err(failure.0);
            }
        }
    }

    /// How long to wait before the next try; none if there must not be one.
    fn pause(
        &self,
        call: &Call,
        (failure, after): &(Failure, Option<Duration>),
        attempt: u32,
    ) -> Option<Duration> {
        let retry = &self.spec.retry;
        let attempts = match failure {
            Failure::Stopped => 1,
            Failure::NotSent(_) => retry.attempts.min(3),
            Failure::Lost(_) if call.idempotent => retry.attempts,
            Failure::Lost(_) => 1,
            Failure::Refused(r) if r.fatal => 1,
            // Refused before anything happened: may be repeated, whatever it is.
            Failure::Refused(r) if r.status == 429 || r.retry => retry.attempts.max(8),
            Failure::Refused(r) if r.status >= 500 && call.idempotent => retry.attempts,
            Failure::Refused(_) => 1,
        };
        if attempt >= attempts {
            return None;
        }
        let doubled = retry.initial * 2_u32.saturating_pow(attempt - 1).min(1024);
        let most = doubled.min(retry.max).as_secs_f64();
        // "Equal jitter": at least half, so that the pause does grow.
        let backoff = Duration::from_secs_f64(most * rand::rng().random_range(0.5..=1.0));
        let backoff = self.scaled(backoff);
        Some(after.map_or(backoff, |a| a.max(Duration::from_millis(1))))
    }

    /// One try. With a failure comes how long the API wants us to wait.
    pub(crate) async fn once(
        &self,
        call: &Call,
        asker: Asker<'_>,
        auth: &Value,
    ) -> Result<Answer, (Failure, Option<Duration>)> {
        let request = self
            .build(call, auth)
            .map_err(|d| (Failure::NotSent(d), None))?;
        let began = *self.began.get_or_init(Instant::now);
        let mut permit = tokio::select! {
            biased;
            permit = self.limiter.acquire(asker.priority) => permit,
            () = stopped(asker.observer) => return Err((Failure::Stopped, None)),
        };
        let waited = u64::try_from(permit.waited.as_millis()).unwrap_or(u64::MAX);
        self.throttled_millis.fetch_add(waited, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        let sent = Instant::now();
        let lost = |e: &reqwest::Error| {
            self.note(call, format_args!("no answer"), sent, waited);
            (self.transport(call, e), None)
        };
        let response = match self.http.execute(request).await {
            Ok(response) => response,
            Err(e) => return Err(lost(&e)),
        };
        let status = response.status().as_u16();
        let headers = header_values(response.headers());
        let after = self.observe(status, &headers, &mut permit.seen);
        let bytes = response.bytes().await;
        drop(permit);
        let since = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_answer.fetch_max(since, Ordering::Relaxed);
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(e) => return Err(lost(&e)),
        };
        let outcome = format_args!("{status}, {} bytes", bytes.len());
        self.note(call, outcome, sent, waited);
        answer::read(self, call, status, headers, &bytes).map_err(|f| (f, after))
    }

    /// Tells the debug log of a try. What may be secret is not in it: neither bodies nor
    /// headers, and of the query only the names.
    fn note(&self, call: &Call, outcome: std::fmt::Arguments<'_>, sent: Instant, waited: u64) {
        log::debug!(
            "{}: {outcome} in {} ms, {waited} ms after it was wanted",
            self.told(call),
            sent.elapsed().as_millis(),
        );
    }

    /// A request as the debug log names it.
    fn told(&self, call: &Call) -> String {
        let host = self.base.host_str().unwrap_or_default();
        let mut text = format!("{} {host} {}", call.method, self.redacted(&call.path, call));
        let mut before = '?';
        for (name, _) in &call.query {
            text.push(before);
            text.push_str(name);
            before = '&';
        }
        text
    }

    fn build(&self, call: &Call, auth: &Value) -> Result<reqwest::Request, Diagnostics> {
        let mut url = self.url(&call.path)?;
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let accept = call.accept_text.as_deref().unwrap_or("application/json");
        let mut request = self
            .http
            .request(call.method.clone(), url)
            .header("Accept", accept);
        if let Some(headers) = &self.spec.headers {
            let names = self.names().with("auth", auth.clone());
            let value = headers.eval(&names)?;
            for (name, v) in value.entries().into_iter().flatten() {
                let Some(text) = crate::expression::text_of(v) else {
                    continue;
                };
                let mut value = reqwest::header::HeaderValue::from_str(&text).map_err(|_| {
                    Diagnostic::error(
                        "Wrong character in a credential",
                        format!("The value for the header {name} holds a character that HTTP does not allow, such as a line break. Check the setting that it is made from."),
                    )
                })?;
                value.set_sensitive(true);
                request = request.header(&**name, value);
            }
        }
        request = match &call.body {
            Some(Body::Json(body)) => request
                .header("Content-Type", "application/json")
                .body(body.to_string()),
            Some(Body::Form(form)) => request
                .header("Content-Type", form.content_type())
                .body(form.bytes()),
            None => request,
        };
        request.build().map_err(|e| {
            Diagnostic::error(
                "A request cannot be built",
                format!("{call:?}: {}.", causes(&e.without_url())),
            )
            .at(call.span)
            .into()
        })
    }

    /// The address of a path: below the base, or on the same host if it is absolute.
    fn url(&self, path: &str) -> Result<Url, Diagnostics> {
        let wrong = |why: &str| {
            Diagnostics::from(Diagnostic::error(
                "A request cannot be built",
                format!("The address {path:?} {why}."),
            ))
        };
        if path.contains("://") {
            let url = Url::parse(path).map_err(|_| wrong("is not a URL"))?;
            return match url.origin() == self.base.origin() {
                true => Ok(url),
                false => Err(wrong(
                    "is on another host than the API, which must not see the key",
                )),
            };
        }
        let base = self.base.as_str().trim_end_matches('/');
        let path = path.trim_start_matches('/');
        Url::parse(&format!("{base}/{path}")).map_err(|_| wrong("is not a URL"))
    }

    /// Names that every expression may use.
    pub fn names(&self) -> Names {
        Names::default().with("provider", self.settings.clone())
    }

    fn transport(&self, call: &Call, error: &reqwest::Error) -> Failure {
        let host = self.base.host_str().unwrap_or("the API");
        let why = redact(&causes(error), &self.secrets);
        if error.is_connect() || error.is_builder() {
            return Failure::NotSent(
                Diagnostic::error(
                    "The API cannot be reached",
                    format!("{call:?} could not be sent to {host}: {why}."),
                )
                .hint(self.endpoint_hint())
                .into(),
            );
        }
        let what = match error.is_timeout() {
            true => format!("there was none within {} s", self.spec.timeout.as_secs()),
            false => why,
        };
        Failure::Lost(
            Diagnostic::error(
                "No answer from the API",
                format!("The answer of {host} to {call:?} was lost: {what}."),
            )
            .into(),
        )
    }

    fn endpoint_hint(&self) -> String {
        let shown = format!("The base address in use is {}.", self.base);
        let settings = environment_of(&self.spec.settings);
        match settings
            .iter()
            .find(|(n, _)| n.contains("endpoint") || n.contains("url") || n.contains("host"))
        {
            Some((name, env)) => format!(
                "{shown} It comes from \"{name}\" in the provider block or from {}.",
                env.join(" or ")
            ),
            None => shown,
        }
    }

    /// Learns the budget from an answer; returns how long to be silent after it.
    fn observe(&self, status: u16, headers: &ValueMap, seen: &mut Seen) -> Option<Duration> {
        let rate = &self.spec.rate_limit;
        let number = |name: &Option<String>| {
            let name = name.as_ref()?.to_ascii_lowercase();
            headers
                .get(name.as_str())?
                .as_str()?
                .trim()
                .parse::<u64>()
                .ok()
        };
        let after = number(&Some(rate.retry_after_header.clone())).map(Duration::from_secs);
        let after = after.map(|a| a.min(Duration::from_secs(3700)));
        *seen = Seen {
            limit: number(&rate.limit_header),
            remaining: number(&rate.remaining_header),
            reset: number(&rate.reset_header).map(until),
            silence: (status == 429).then(|| after.unwrap_or(self.spec.retry.initial)),
        };
        after.filter(|_| status == 429 || status == 503)
    }

    /// `text` without what must not be shown.
    pub fn redacted(&self, text: &str, call: &Call) -> String {
        redact(&redact(text, &call.secrets), &self.secrets)
    }
}

/// A reset header holds seconds, or the time since 1970 at which it happens.
fn until(number: u64) -> Duration {
    const YEAR: u64 = 365 * 86_400;
    if number < YEAR {
        return Duration::from_secs(number);
    }
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Duration::from_secs(number).saturating_sub(now)
}

fn header_values(headers: &reqwest::header::HeaderMap) -> ValueMap {
    headers
        .iter()
        .filter_map(|(n, v)| Some((n.as_str().into(), Value::string(v.to_str().ok()?))))
        .collect()
}

/// An error with its causes, outermost first; the URL left out.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(e) = next {
        let part = e.to_string();
        if !text.contains(&part) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&part);
        }
        next = e.source();
    }
    text
}
