//! What a description says, ready for use.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use loam_diag::Span;
use loam_provider::{ActionSchema, Attribute, Block, NestedBlock, ProviderSchema, Schema};
use loam_value::{Defaults, Type, Value};
use reqwest::Method;

use crate::expression::{Expression, PathTemplate};
use crate::json::JsonPath;

/// A whole provider.
#[derive(Debug)]
pub(crate) struct ProviderSpec {
    pub name: String,
    pub source: String,
    pub version: String,
    pub since: Option<String>,
    pub settings: Vec<Setting>,
    pub base_url: Expression,
    pub headers: Option<Expression>,
    pub login: Option<Login>,
    pub envelope: Envelope,
    pub errors: Errors,
    pub paging: BTreeMap<String, Paging>,
    pub rate_limit: Rate,
    pub retry: Retry,
    pub timeout: Duration,
    pub resources: IndexMap<Arc<str>, Resource>,
    pub data_sources: IndexMap<Arc<str>, DataSource>,
    pub actions: IndexMap<Arc<str>, Action>,
    pub schema: ProviderSchema,
}

/// An argument of the provider block.
#[derive(Debug)]
pub(crate) struct Setting {
    pub name: Arc<str>,
    pub ty: Type,
    pub required: bool,
    pub sensitive: bool,
    pub env: Vec<String>,
    pub default: Option<Value>,
    pub description: String,
}

/// How to get a token that further requests carry.
#[derive(Debug)]
pub(crate) struct Login {
    pub when: Option<Expression>,
    pub request: Request,
    pub token: Expression,
    /// Seconds since 1970 at which the token expires.
    pub expires: Option<Expression>,
    pub lifetime: Duration,
    /// How long before it expires to get a new one.
    pub margin: Duration,
}

/// Where an answer has its content, and whether it tells success.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub data: Option<Expression>,
    pub success: Option<Expression>,
}

/// Where an error answer has its code and text, and what codes mean.
#[derive(Debug)]
pub(crate) struct Errors {
    pub code: Option<Expression>,
    pub message: Option<Expression>,
    pub rules: Vec<ErrorRule>,
}

/// What an error means.
#[derive(Clone, Debug)]
pub(crate) struct ErrorRule {
    /// A code of the API, an HTTP status, or a class of them (`5xx`).
    pub code: String,
    /// Further condition over the answer.
    pub when: Option<Expression>,
    pub summary: Option<String>,
    pub hint: Option<String>,
    /// The object does not exist.
    pub gone: bool,
    /// To a delete: it is done already.
    pub already_gone: bool,
    /// Repeating is safe and may help: nothing has happened.
    pub retry: bool,
    /// Repeating does not help, whatever the status says.
    pub fatal: bool,
}

/// A style of paging.
#[derive(Debug)]
pub(crate) struct Paging {
    pub style: PagingStyle,
    pub size: u64,
    pub size_param: Option<String>,
    /// How many there are in all (items).
    pub total: Option<Expression>,
    /// Whether more follow.
    pub more: Option<Expression>,
    /// How many pages to have in flight.
    pub parallel: usize,
}

#[derive(Debug)]
pub(crate) enum PagingStyle {
    Offset {
        param: String,
    },
    Page {
        param: String,
        last: Option<Expression>,
    },
    Cursor {
        param: Option<String>,
        next: Expression,
    },
}

/// What the API takes, and how it tells.
#[derive(Debug)]
pub(crate) struct Rate {
    pub per_minute: Option<Expression>,
    pub per_hour: Option<Expression>,
    pub limit_header: Option<String>,
    pub remaining_header: Option<String>,
    pub reset_header: Option<String>,
    pub retry_after_header: String,
    /// Names whose budget it is: requests with the same key share one.
    pub key: Option<Expression>,
}

/// How to repeat what may be repeated.
#[derive(Clone, Debug)]
pub(crate) struct Retry {
    pub attempts: u32,
    pub initial: Duration,
    pub max: Duration,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub name: Arc<str>,
    pub span: Span,
    pub method: Method,
    pub path: PathTemplate,
    pub query: Option<Expression>,
    pub body: Option<Expression>,
    /// The fields of a form, sent instead of JSON.
    pub form: Option<Expression>,
    pub keep_nulls: bool,
    pub when: Option<Expression>,
    pub for_each: Option<Expression>,
    pub paging: Option<String>,
    pub items: Option<Expression>,
    /// The content, if not where the envelope says.
    pub response: Option<Expression>,
    /// The answer is text, not JSON; its media type.
    pub accept_text: Option<String>,
    /// The object in the answer, from which attributes are read.
    pub object: Option<Expression>,
    pub result: Vec<(Arc<str>, Expression)>,
    pub remember: Vec<(Arc<str>, Expression)>,
    pub expect: Vec<Rule>,
    pub idempotent: bool,
    pub permission: Option<String>,
    /// Codes or statuses that are as good as success.
    pub accept: Vec<String>,
    /// What to tell with errors of it, by their codes or statuses.
    pub hints: Vec<(String, String)>,
    pub waits: Vec<Wait>,
}

/// Asks again and again until something is so.
#[derive(Clone, Debug)]
pub(crate) struct Wait {
    pub name: Arc<str>,
    pub when: Option<Expression>,
    pub request: Request,
    pub interval: Duration,
    /// How long to wait before asking for the first time.
    pub delay: Duration,
    pub timeout: Duration,
    pub done: Expression,
    pub failed: Option<Expression>,
    pub reason: Option<Expression>,
    pub progress: Option<Expression>,
    /// Codes or statuses that are passed over at first.
    pub tolerate: Vec<String>,
    pub tolerate_for: Duration,
    /// Over an item of the list: it goes on, no need to ask for it alone.
    pub list_pending: Option<Expression>,
    /// How long it usually takes, for estimates.
    pub usually: Duration,
}

/// Requests and waits in order.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Request(Box<Request>),
    Wait(Box<Wait>),
}

/// Stands for the step after the last.
pub(crate) const DONE: &str = "";

impl Step {
    pub fn name(&self) -> &str {
        match self {
            Step::Request(r) => &r.name,
            Step::Wait(w) => &w.name,
        }
    }

    /// Whether it has that name, or is a request that holds a wait with it.
    fn is_or_holds(&self, name: &str) -> bool {
        let holds = |r: &Request| r.waits.iter().any(|w| &*w.name == name);
        self.name() == name || matches!(self, Step::Request(r) if holds(r))
    }
}

/// A condition and what to say if it does not hold.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub condition: Expression,
    pub message: String,
}

/// What a change of an attribute means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnChange {
    /// A new object.
    Replace,
    /// Requests of an update group.
    Update,
    /// Nothing to do with the API: the state remembers it.
    Remember,
}

/// An attribute or nested block type.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub name: Arc<str>,
    pub ty: Type,
    /// Defaults further in, from the type: `object({ size = optional(number, 2) })`.
    pub inner_defaults: Defaults,
    pub kind: FieldKind,
    /// A nested block that is written as an attribute, `name = { … }`: how.
    pub written: Option<Attribute>,
    pub default: Option<Value>,
    pub on_change: OnChange,
    /// Over the old and the new value: a change in place is not possible after all.
    pub replace_when: Option<Expression>,
    /// Where an answer has it; the first place that is there counts. None: never read.
    pub from: Vec<JsonPath>,
    pub decode: Option<Expression>,
    /// Made from other attributes.
    pub value: Option<Expression>,
    pub normalize: Option<Expression>,
    /// An answer without it does not take it away.
    pub keep: bool,
    /// Moves on its own.
    pub volatile: bool,
    pub changes_with: Vec<Arc<str>>,
    pub rules: Vec<Rule>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum FieldKind {
    Attribute(Attribute),
    Block(NestedBlock, Vec<Field>),
}

impl Field {
    /// Whether the configuration may set it.
    pub fn settable(&self) -> bool {
        match &self.kind {
            FieldKind::Attribute(a) => a.settable(),
            FieldKind::Block(..) => self.written.as_ref().is_none_or(Attribute::settable),
        }
    }

    /// Whether the provider may give it a value.
    pub fn computed(&self) -> bool {
        match &self.kind {
            FieldKind::Attribute(a) => a.computed,
            FieldKind::Block(..) => self.written.as_ref().is_some_and(|a| a.computed),
        }
    }

    /// Whether its value is sent but not stored.
    pub fn write_only(&self) -> bool {
        matches!(&self.kind, FieldKind::Attribute(a) if a.write_only)
    }

    /// Whether its value must not be shown.
    pub fn sensitive(&self) -> bool {
        matches!(&self.kind, FieldKind::Attribute(a) if a.sensitive || a.write_only)
    }

    /// Whether answers tell it.
    pub fn readable(&self) -> bool {
        !self.from.is_empty()
    }
}

/// The fields of a block by name, in source order.
pub(crate) type Fields = IndexMap<Arc<str>, Field>;

/// A managed resource type.
#[derive(Debug)]
pub(crate) struct Resource {
    pub kind: Arc<str>,
    pub schema: Arc<Schema>,
    pub ty: Type,
    pub fields: Fields,
    /// Attributes that name the object: known as soon as an answer gives them.
    pub identity: Vec<Arc<str>>,
    pub rules: Vec<Rule>,
    pub replace_rules: Vec<Rule>,
    /// Hold for every change of an object that exists.
    pub change_rules: Vec<Rule>,
    /// Changes of objects for which this is the same are made one after the other.
    pub exclusive: Option<Expression>,
    pub create: Vec<Step>,
    pub read: Vec<Step>,
    pub list: Option<List>,
    pub updates: Vec<Update>,
    pub delete: Vec<Step>,
    /// Deleting only forgets; the text says what stays.
    pub forget: Option<String>,
    /// What is lost with the object, told when it is to be destroyed or replaced.
    pub loses: Option<String>,
    pub imports: Vec<ImportFormat>,
    pub recover: Option<Recover>,
    /// What arguments have to be from.
    pub offers: Vec<Offer>,
    /// The object counts as gone although an answer still shows it.
    pub gone_when: Option<Expression>,
    pub timeouts: Option<Timeouts>,
}

impl Resource {
    /// Requests that reading an object in detail takes, those aside that are sent only
    /// where something calls for it.
    pub fn detail_requests(&self) -> usize {
        let always = |s: &&Step| match s {
            Step::Request(r) => r.when.is_none(),
            Step::Wait(w) => w.when.is_none(),
        };
        self.read.iter().filter(always).count()
    }

    /// The place after the first request of its creation that changes something.
    pub fn after_creation(&self) -> Option<usize> {
        let creates = |s: &Step| matches!(s, Step::Request(r) if r.method != Method::GET);
        self.create.iter().position(creates).map(|at| at + 1)
    }

    /// The place at which a creation goes on that was cut off at the step of that name. One
    /// that the description no longer has never leads back to what creates; one that was
    /// not cut off has nothing left.
    pub fn resume_at(&self, step: Option<&str>) -> usize {
        let end = self.create.len();
        match step {
            None | Some(DONE) => end,
            Some(name) => {
                let named = self.create.iter().position(|s| s.is_or_holds(name));
                named.or_else(|| self.after_creation()).unwrap_or(end)
            }
        }
    }

    /// True if creating it twice has the effect of creating it once.
    pub fn created_repeatably(&self) -> bool {
        let harmless = |s: &Step| match s {
            Step::Request(r) => r.method == Method::GET || r.idempotent,
            Step::Wait(_) => true,
        };
        self.create.iter().all(harmless)
    }
}

/// Reading many with one request.
#[derive(Debug)]
pub(crate) struct List {
    pub request: Request,
    /// Over an item: what `key` of the object it belongs to is.
    pub item_key: Expression,
    pub key: Expression,
    pub attributes: Vec<Arc<str>>,
    pub result: Vec<(Arc<str>, Expression)>,
    pub detail_when: Option<Expression>,
    /// Items may lack attributes that their objects have.
    pub partial: bool,
}

/// Requests for a change of some attributes in place.
#[derive(Debug)]
pub(crate) struct Update {
    pub attributes: Vec<Arc<str>>,
    pub when: Option<Expression>,
    pub steps: Vec<Step>,
}

/// `<zone>/<id>`: attributes and the text between them.
#[derive(Debug)]
pub(crate) struct ImportFormat {
    pub text: String,
    pub parts: Vec<ImportPart>,
    pub when: Option<Expression>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum ImportPart {
    Text(String),
    Attribute(Arc<str>),
}

/// Something that the API offers and that arguments have to be from, looked up while planning.
#[derive(Debug)]
pub(crate) struct Offer {
    pub request: Request,
    /// What of the answer counts for the object; null: nothing is known.
    pub item: Expression,
    pub checks: Vec<OfferCheck>,
}

/// What an offer demands of some attributes.
#[derive(Debug)]
pub(crate) struct OfferCheck {
    pub attributes: Vec<Arc<str>>,
    pub condition: Expression,
    pub message: Expression,
}

/// How to find an object whose create was not answered.
#[derive(Debug)]
pub(crate) struct Recover {
    /// Over an item of the list and the planned object; none if there is no list.
    pub matches: Option<Expression>,
    /// Over the object in full.
    pub confirm: Option<Expression>,
    /// When the item was created (RFC 3339).
    pub created: Option<Expression>,
    pub tolerance: Duration,
}

/// How long operations may wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeouts {
    pub create: Option<Duration>,
    pub read: Option<Duration>,
    pub update: Option<Duration>,
    pub delete: Option<Duration>,
}

/// A data source.
#[derive(Debug)]
pub(crate) struct DataSource {
    pub schema: Arc<Schema>,
    /// The list whose items users may choose from and order.
    pub choose: Option<Arc<str>>,
    pub fields: Fields,
    pub rules: Vec<Rule>,
    pub read: Vec<Step>,
}

/// An action.
#[derive(Debug)]
pub(crate) struct Action {
    pub schema: Arc<ActionSchema>,
    /// What nothing else may change meanwhile.
    pub exclusive: Option<Expression>,
    pub fields: Fields,
    pub rules: Vec<Rule>,
    pub steps: Vec<Step>,
    pub message: Option<Expression>,
}

/// The schema block of some fields.
pub(crate) fn block_of<'a>(
    fields: impl Iterator<Item = &'a Field>,
    description: &str,
    deprecated: Option<&str>,
) -> Block {
    let mut block = Block {
        description: description.into(),
        deprecated: deprecated.map(Arc::from),
        ..Block::default()
    };
    for f in fields {
        match (&f.kind, &f.written) {
            (FieldKind::Attribute(a), _) | (FieldKind::Block(..), Some(a)) => {
                block.attributes.insert(f.name.clone(), a.clone());
            }
            (FieldKind::Block(b, _), None) => {
                block.blocks.insert(f.name.clone(), b.clone());
            }
        }
    }
    block
}
