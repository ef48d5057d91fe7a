//! The file as a whole: the `provider` block and what belongs to all requests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use loam_diag::Span;
use loam_provider::{Attribute, Block as SchemaBlock, ProviderSchema};
use loam_syntax::ast::{Block, Body};
use loam_value::Type;
use reqwest::Method;

use super::reader::{Reader, is_null};
use super::spec::*;
use super::{Author, operation, resource};

const SETTINGS: &[&str] = &["provider"];
const SIGNED: &[&str] = &["provider", "auth"];
const BODY: &[&str] = &["body", "status", "headers"];
const PAGE: &[&str] = &["body", "status", "headers", "response"];

/// Reads a whole description.
pub(super) fn read(author: &Author, body: &Body, start: Span) -> Option<ProviderSpec> {
    let mut r = Reader::new(author, "a provider description".into(), body, start);
    let provider = r.block("provider", 1);
    let mut resources = IndexMap::new();
    for block in r.blocks("resource", 1) {
        if let Some(resource) = resource::resource(author, block) {
            let kind = resource.kind.clone();
            once(
                author,
                block,
                &kind,
                resources.insert(kind.clone(), resource),
            );
        }
    }
    let mut data_sources = IndexMap::new();
    for block in r.blocks("data", 1) {
        if let Some((kind, data)) = resource::data(author, block) {
            once(
                author,
                block,
                &kind,
                data_sources.insert(kind.clone(), data),
            );
        }
    }
    let mut actions = IndexMap::new();
    for block in r.blocks("action", 1) {
        if let Some((kind, action)) = resource::action(author, block) {
            once(author, block, &kind, actions.insert(kind.clone(), action));
        }
    }
    r.finish();
    let Some(block) = provider else {
        let detail = "A description has one block provider \"NAME\" { … }.";
        author.wrong(start, "Missing block", detail);
        return None;
    };
    let mut spec = settings(author, block)?;
    let schema = &mut spec.schema;
    for r in resources.values() {
        let list = r.list.iter().map(|l| &l.request);
        check_paging(author, &spec.paging, list);
        schema.resources.insert(r.kind.clone(), r.schema.clone());
    }
    for (kind, d) in &data_sources {
        check_paging(author, &spec.paging, requests(&d.read));
        schema.data_sources.insert(kind.clone(), d.schema.clone());
    }
    for (kind, a) in &actions {
        check_paging(author, &spec.paging, requests(&a.steps));
        schema.actions.insert(kind.clone(), a.schema.clone());
    }
    let kinds = resources
        .keys()
        .chain(data_sources.keys())
        .chain(actions.keys());
    for kind in kinds {
        let implied = kind.split('_').next();
        if implied != Some(&spec.name) {
            author.wrong(
                block.header,
                "Name of another provider",
                format!("\"{kind}\" has to begin with \"{}_\".", spec.name),
            );
        }
    }
    spec.resources = resources;
    spec.data_sources = data_sources;
    spec.actions = actions;
    Some(spec)
}

fn once<T>(author: &Author, block: &Block, kind: &str, earlier: Option<T>) {
    if earlier.is_some() {
        let detail = format!("\"{kind}\" is described already.");
        author.wrong(block.header, "Described twice", detail);
    }
}

/// The requests among steps.
fn requests(steps: &[Step]) -> impl Iterator<Item = &Request> {
    steps.iter().filter_map(|step| match step {
        Step::Request(request) => Some(&**request),
        Step::Wait(_) => None,
    })
}

fn check_paging<'a>(
    author: &Author,
    paging: &BTreeMap<String, Paging>,
    requests: impl Iterator<Item = &'a Request>,
) {
    for request in requests {
        if let Some(name) = &request.paging
            && !paging.contains_key(name)
        {
            let known = paging.keys().map(String::as_str);
            author.unknown(request.span, "paging", name, known);
        }
    }
}

fn settings(author: &Author, block: &Block) -> Option<ProviderSpec> {
    let name = block.labels.first()?.name.to_string();
    let mut r = Reader::of_block(author, block);
    let source = r.required_string("source");
    let version = r.required_string("version");
    let since = r.string("since");
    let description = r.string("description").unwrap_or_default();
    let settings: Vec<Setting> = r
        .blocks("setting", 1)
        .into_iter()
        .filter_map(|b| setting(author, b))
        .collect();
    let base_url = r.required_expression("base_url", SETTINGS);
    let headers = r.expression("headers", SIGNED);
    let timeout = r.duration("timeout").unwrap_or(Duration::from_secs(60));
    let login = r.block("login", 0).and_then(|b| login(author, b));
    let envelope = match r.block("envelope", 0) {
        None => Envelope {
            data: None,
            success: None,
        },
        Some(b) => {
            let mut e = Reader::of_block(author, b);
            let envelope = Envelope {
                data: e.expression("data", BODY),
                success: e.expression("success", BODY),
            };
            e.finish();
            envelope
        }
    };
    let errors = match r.block("errors", 0) {
        None => Errors {
            code: None,
            message: None,
            rules: Vec::new(),
        },
        Some(b) => errors(author, b),
    };
    let mut pagings = BTreeMap::new();
    for b in r.blocks("paging", 1) {
        if let (Some(label), Some(p)) = (b.labels.first(), paging(author, b)) {
            pagings.insert(label.name.to_string(), p);
        }
    }
    let rate_limit = rate(author, r.block("rate_limit", 0));
    let retry = retry(author, r.block("retry", 0));
    r.finish();
    let schema = ProviderSchema {
        provider: schema_of(&settings, &description),
        ..ProviderSchema::default()
    };
    Some(ProviderSpec {
        name,
        source: source?,
        version: version?,
        since,
        settings,
        base_url: base_url?,
        headers,
        login,
        envelope,
        errors,
        paging: pagings,
        rate_limit,
        retry,
        timeout,
        resources: IndexMap::new(),
        data_sources: IndexMap::new(),
        actions: IndexMap::new(),
        schema,
    })
}

fn setting(author: &Author, block: &Block) -> Option<Setting> {
    let name = block.labels.first()?.name.clone();
    let mut r = Reader::of_block(author, block);
    let ty = if r.has("type") {
        r.ty("type")
    } else {
        Some(Type::String)
    };
    let setting = Setting {
        name,
        ty: ty?,
        required: r.flag("required"),
        sensitive: r.flag("sensitive"),
        env: r.strings("env").unwrap_or_default(),
        default: r
            .constant("default")
            .map(|(v, _)| v)
            .filter(|v| !is_null(v)),
        description: r.string("description").unwrap_or_default(),
    };
    r.finish();
    Some(setting)
}

/// Settings are optional in the schema even if required: the environment may give them.
fn schema_of(settings: &[Setting], description: &str) -> SchemaBlock {
    let attribute = |s: &Setting| {
        let a = Attribute {
            sensitive: s.sensitive,
            description: s.description.as_str().into(),
            ..Attribute::optional(s.ty.clone())
        };
        (s.name.clone(), a)
    };
    SchemaBlock {
        attributes: settings.iter().map(attribute).collect(),
        description: description.into(),
        ..SchemaBlock::default()
    }
}

fn login(author: &Author, block: &Block) -> Option<Login> {
    let mut r = Reader::of_block(author, block);
    let when = r.expression("when", SETTINGS);
    let token = r.required_expression("token", operation::ANSWERED);
    let expires = r.expression("expires", operation::ANSWERED);
    let lifetime = r.duration("lifetime").unwrap_or(Duration::from_secs(3600));
    let margin = r.duration("margin").unwrap_or(Duration::from_secs(60));
    let request = operation::request_of(&mut r, author, block, Method::POST);
    r.finish();
    Some(Login {
        when,
        request: Request {
            name: "login".into(),
            ..request?
        },
        token: token?,
        expires,
        lifetime,
        margin,
    })
}

fn errors(author: &Author, block: &Block) -> Errors {
    let mut r = Reader::of_block(author, block);
    let code = r.expression("code", BODY);
    let message = r.expression("message", BODY);
    let rule = |b: &Block| {
        let mut e = Reader::of_block(author, b);
        let gone = e.flag("gone");
        let rule = ErrorRule {
            code: b.labels.first()?.name.to_string(),
            when: e.expression("when", BODY),
            summary: e.string("summary"),
            hint: e.string("hint"),
            gone,
            already_gone: e.flag("already_gone") || gone,
            retry: e.flag("retry"),
            fatal: e.flag("fatal"),
        };
        e.finish();
        Some(rule)
    };
    let rules = r.blocks("error", 1).into_iter().filter_map(rule).collect();
    r.finish();
    Errors {
        code,
        message,
        rules,
    }
}

fn paging(author: &Author, block: &Block) -> Option<Paging> {
    let mut r = Reader::of_block(author, block);
    let style = r.required_string("style");
    let size = r.count("size").filter(|n| *n > 0);
    if size.is_none() {
        r.missing("size");
    }
    let param = r.string("param");
    let next = r.expression("next", PAGE);
    let last = r.expression("last_page", PAGE);
    let style = match (style.as_deref(), &param) {
        (Some("offset"), Some(p)) => Some(PagingStyle::Offset { param: p.clone() }),
        (Some("page"), Some(p)) => Some(PagingStyle::Page {
            param: p.clone(),
            last,
        }),
        (Some("offset" | "page"), None) => {
            r.missing("param");
            None
        }
        (Some("cursor"), _) => {
            if next.is_none() {
                r.missing("next");
            }
            next.map(|next| PagingStyle::Cursor { param, next })
        }
        (Some(other), _) => {
            author.unknown(
                block.header,
                "paging style",
                other,
                ["offset", "page", "cursor"],
            );
            None
        }
        (None, _) => None,
    };
    let paging = Paging {
        style: style?,
        size: size?,
        size_param: r.string("size_param"),
        total: r.expression("total", PAGE),
        more: r.expression("more", PAGE),
        parallel: r.count("parallel").unwrap_or(4).clamp(1, 16) as usize,
    };
    r.finish();
    Some(paging)
}

fn rate(author: &Author, block: Option<&Block>) -> Rate {
    let mut rate = Rate {
        per_minute: None,
        per_hour: None,
        limit_header: None,
        remaining_header: None,
        reset_header: None,
        retry_after_header: "Retry-After".into(),
        key: None,
    };
    let Some(block) = block else { return rate };
    let mut r = Reader::of_block(author, block);
    rate.per_minute = r.expression("per_minute", SETTINGS);
    rate.per_hour = r.expression("per_hour", SETTINGS);
    rate.limit_header = r.string("limit_header");
    rate.remaining_header = r.string("remaining_header");
    rate.reset_header = r.string("reset_header");
    if let Some(h) = r.string("retry_after_header") {
        rate.retry_after_header = h;
    }
    rate.key = r.expression("key", SETTINGS);
    r.finish();
    rate
}

fn retry(author: &Author, block: Option<&Block>) -> Retry {
    let mut retry = Retry {
        attempts: 5,
        initial: Duration::from_secs(1),
        max: Duration::from_secs(30),
    };
    let Some(block) = block else { return retry };
    let mut r = Reader::of_block(author, block);
    if let Some(n) = r.count("attempts") {
        retry.attempts = n.clamp(1, 20) as u32;
    }
    if let Some(d) = r.duration("initial") {
        retry.initial = d;
    }
    if let Some(d) = r.duration("max") {
        retry.max = d;
    }
    r.finish();
    retry
}

/// The settings' names with environment variables, for hints.
pub(crate) fn environment_of(settings: &[Setting]) -> Vec<(Arc<str>, &[String])> {
    settings
        .iter()
        .filter(|s| !s.env.is_empty())
        .map(|s| (s.name.clone(), s.env.as_slice()))
        .collect()
}
