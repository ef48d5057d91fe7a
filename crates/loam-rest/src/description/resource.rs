//! `resource`, `data` and `action` blocks.

use std::sync::Arc;
use std::time::Duration;

use loam_diag::Span;
use loam_provider::{ActionSchema, Schema};
use loam_syntax::ast::Block;
use loam_value::Type;
use reqwest::Method;

use super::Author;
use super::attribute::{Use, as_attribute, fields, rules, timeouts_field, type_of};
use super::operation::{ANSWERED, ITEM, SENT, request_of, steps};
use super::reader::Reader;
use super::spec::*;

const CONFIG: &[&str] = &["config", "provider"];

/// A `resource` block.
pub(super) fn resource(author: &Author, block: &Block) -> Option<Resource> {
    let kind = block.labels.first()?.name.clone();
    let mut r = Reader::of_block(author, block);
    let description = r.string("description").unwrap_or_default();
    let deprecated = r.string("deprecated");
    let version = r.count("version").unwrap_or(0);
    let mut fields = fields(&mut r, author, Use::Resource);
    let identity = r.strings("identity").unwrap_or_else(|| vec!["id".into()]);
    let identity: Vec<Arc<str>> = identity.into_iter().map(Arc::from).collect();
    for name in &identity {
        known_field(author, &fields, name, block.header);
    }
    let create = operation(&mut r, author, "create", Method::POST);
    let read = operation(&mut r, author, "read", Method::GET);
    let list = r.block("list", 0).and_then(|b| list(author, b, &fields));
    let (delete, forget, loses) = match r.block("delete", 0) {
        Some(b) => delete(author, b),
        None => {
            let detail =
                "Say how it is deleted, or that it is only forgotten: delete { forget = \"…\" }.";
            author.wrong(block.header, "Missing block", detail);
            (Vec::new(), None, None)
        }
    };
    let updates: Vec<Update> = r
        .blocks("update", 1)
        .into_iter()
        .filter_map(|b| update(author, b, &fields))
        .collect();
    let imports = r.blocks("import", 1);
    let imports = imports
        .into_iter()
        .filter_map(|b| import(author, b, &fields))
        .collect();
    let recover = r
        .block("recover", 0)
        .and_then(|b| recover(author, b, list.is_some()));
    let offers = r.blocks("offer", 1);
    let offers = offers
        .into_iter()
        .filter_map(|b| offer(author, b, &fields))
        .collect();
    let timeouts = r.block("timeouts", 0).map(|b| (b, timeouts(author, b)));
    let rules_of = rules(&mut r, author, "validate", CONFIG);
    let replace_rules = rules(&mut r, author, "replace", &["self", "prior"]);
    let change_rules = rules(&mut r, author, "change", &["self", "prior"]);
    let gone_when = r.expression("gone_when", ANSWERED);
    let exclusive = r.expression("exclusive", &["self", "provider"]);
    r.finish();

    resumable(author, &create);
    planned_stays(author, &updates);
    if create.is_empty() {
        let detail = "A resource needs a \"create\" block with at least one request.";
        author.wrong(block.header, "Missing block", detail);
    }
    if read.is_empty() && list.is_none() {
        let detail = "A resource needs a \"read\" or a \"list\" block.";
        author.wrong(block.header, "Missing block", detail);
    }
    for (name, f) in &fields {
        for other in &f.changes_with {
            known_field(author, &fields, other, f.span);
        }
        let sent = updates.iter().any(|u| u.attributes.contains(name));
        if f.settable() && f.on_change == OnChange::Update && !sent {
            author.wrong(
                f.span,
                "No request for a change",
                format!(
                    "\"{name}\" changes in place, but no \"update\" block has it in its \
                     attributes. Add one, or say on_change = \"replace\" or \"remember\"."
                ),
            );
        }
    }
    if let Some((b, (t, as_attribute))) = &timeouts {
        let operations: [(&'static str, bool); 4] = [
            ("create", t.create.is_some()),
            ("delete", t.delete.is_some()),
            ("read", t.read.is_some()),
            ("update", t.update.is_some()),
        ];
        let named: Vec<&'static str> = operations.iter().filter(|o| o.1).map(|o| o.0).collect();
        fields.insert("timeouts".into(), timeouts_field(&named, b, *as_attribute));
    }
    let schema = Schema {
        version,
        block: block_of(fields.values(), &description, deprecated.as_deref()),
    };
    Some(Resource {
        kind,
        ty: type_of(&fields),
        schema: Arc::new(schema),
        fields,
        identity,
        rules: rules_of,
        replace_rules,
        change_rules,
        exclusive,
        create,
        read,
        list,
        updates,
        delete,
        forget,
        loses,
        imports,
        recover,
        offers,
        gone_when,
        timeouts: timeouts.map(|(_, (t, _))| t),
    })
}

/// A creation that is cut off goes on with the step at which it was. A wait inside a request
/// is no step of its own: the request would be sent again.
fn resumable(author: &Author, create: &[Step]) {
    for step in create {
        if let Step::Request(r) = step
            && !r.idempotent
            && let Some(wait) = r.waits.first()
        {
            author.wrong(
                wait.request.span,
                "A wait that cannot be gone on with",
                format!(
                    "The request \"{}\" would be sent a second time by the run that goes on with \
                     an interrupted creation. Put the wait behind the request and not into it, \
                     with \"remember\" for what it needs; or say idempotent = true, if sending \
                     the request twice does no harm.",
                    r.name
                ),
            );
        }
    }
}

/// The object in an answer is the object as it is, not as it is to become: it would take
/// the place of what later requests of an update still have to send.
fn planned_stays(author: &Author, updates: &[Update]) {
    let last_update = updates.len().saturating_sub(1);
    for (i, update) in updates.iter().enumerate() {
        let last_step = update.steps.len().saturating_sub(1);
        for (j, step) in update.steps.iter().enumerate() {
            let last = i == last_update && j == last_step;
            let told: Vec<(Span, bool)> = match step {
                Step::Wait(w) => vec![(w.request.span, w.request.object.is_some() && !last)],
                Step::Request(r) => {
                    let last = last && r.for_each.is_none();
                    let own = (r.span, r.object.is_some() && !(last && r.waits.is_empty()));
                    let waits = r.waits.iter().enumerate().map(|(k, w)| {
                        let last = last && k + 1 == r.waits.len();
                        (w.request.span, w.request.object.is_some() && !last)
                    });
                    std::iter::once(own).chain(waits).collect()
                }
            };
            for (span, _) in told.into_iter().filter(|(_, wrong)| *wrong) {
                let detail = "In an update, \"object\" can stand with the last request only: \
                              what an answer tells takes the place of what is planned, and later \
                              requests would send it. Name single attributes with \"result\" \
                              instead, or leave it out: what was not told is read at the end.";
                author.wrong(span, "Planned values would be lost", detail);
            }
        }
    }
}

fn known_field(author: &Author, fields: &Fields, name: &str, span: Span) {
    if !fields.contains_key(name) {
        author.unknown(span, "attribute", name, fields.keys().map(|k| &**k));
    }
}

fn operation(r: &mut Reader<'_>, author: &Author, kind: &'static str, m: Method) -> Vec<Step> {
    let Some(block) = r.block(kind, 0) else {
        return Vec::new();
    };
    let mut inner = Reader::of_block(author, block);
    let steps = steps(&mut inner, author, m);
    inner.finish();
    steps
}

fn list(author: &Author, block: &Block, fields: &Fields) -> Option<List> {
    let mut r = Reader::of_block(author, block);
    let item_key = r.required_expression("item_key", ITEM);
    let key = r.required_expression("key", &["self", "provider"]);
    let attributes = r.strings("attributes").unwrap_or_default();
    let attributes: Vec<Arc<str>> = attributes.into_iter().map(Arc::from).collect();
    for name in &attributes {
        known_field(author, fields, name, block.header);
    }
    let detail_when = r.expression("detail_when", ITEM);
    let partial = r.flag("partial");
    let result = r.named_expressions("item_result", ITEM);
    for (name, _) in &result {
        known_field(author, fields, name, block.header);
    }
    if !r.has("items") {
        r.missing("items");
    }
    let request = request_of(&mut r, author, block, Method::GET);
    r.finish();
    Some(List {
        request: Request {
            name: "list".into(),
            ..request?
        },
        item_key: item_key?,
        key: key?,
        attributes,
        result,
        detail_when,
        partial,
    })
}

/// How it is deleted: the steps, the text if it is only forgotten, and what is lost with it.
fn delete(author: &Author, block: &Block) -> (Vec<Step>, Option<String>, Option<String>) {
    let mut r = Reader::of_block(author, block);
    let forget = r.string("forget");
    let loses = r.string("loses");
    let steps = steps(&mut r, author, Method::DELETE);
    r.finish();
    if steps.is_empty() == forget.is_none() {
        let detail = "\"delete\" takes either requests or \"forget\" with a warning.";
        author.wrong(block.header, "Contradiction", detail);
    }
    (steps, forget, loses)
}

/// The attributes that a block is about.
fn concerned(r: &mut Reader<'_>, author: &Author, block: &Block, fields: &Fields) -> Vec<Arc<str>> {
    if !r.has("attributes") {
        r.missing("attributes");
    }
    let attributes = r.strings("attributes").unwrap_or_default();
    for name in &attributes {
        known_field(author, fields, name, block.header);
    }
    attributes.into_iter().map(Arc::from).collect()
}

fn update(author: &Author, block: &Block, fields: &Fields) -> Option<Update> {
    let mut r = Reader::of_block(author, block);
    let attributes = concerned(&mut r, author, block, fields);
    let when = r.expression("when", SENT);
    let steps = steps(&mut r, author, Method::PATCH);
    r.finish();
    Some(Update {
        attributes,
        when,
        steps,
    })
}

fn import(author: &Author, block: &Block, fields: &Fields) -> Option<ImportFormat> {
    let label = block.labels.first()?;
    let mut r = Reader::of_block(author, block);
    let when = r.expression("when", &["id"]);
    r.finish();
    let mut parts = Vec::new();
    let mut rest = &*label.name;
    while let Some(start) = rest.find('<') {
        let Some(length) = rest.get(start..).and_then(|r| r.find('>')) else {
            author.wrong(label.span, "Wrong import format", "A \"<\" without \">\".");
            return None;
        };
        let text = rest.get(..start).unwrap_or_default();
        if !text.is_empty() {
            parts.push(ImportPart::Text(text.to_owned()));
        }
        let name = rest.get(start + 1..start + length).unwrap_or_default();
        known_field(author, fields, name, label.span);
        parts.push(ImportPart::Attribute(name.into()));
        rest = rest.get(start + length + 1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        parts.push(ImportPart::Text(rest.to_owned()));
    }
    Some(ImportFormat {
        text: label.name.to_string(),
        parts,
        when,
    })
}

/// How a lost creation is looked for: in the list, or, where there is none, by reading the
/// object that its arguments name.
fn recover(author: &Author, block: &Block, listed: bool) -> Option<Recover> {
    const FOUND: &[&str] = &["item", "self", "provider", "remembered"];
    const CONFIRM: &[&str] = &["response", "self", "provider", "remembered"];
    let mut r = Reader::of_block(author, block);
    let (matches, confirm) = match listed {
        true => {
            let matches = Some(r.required_expression("match", FOUND)?);
            (matches, r.expression("confirm", CONFIRM))
        }
        false => (None, Some(r.required_expression("confirm", CONFIRM)?)),
    };
    let created = r.expression("created", FOUND);
    let tolerance = r.duration("tolerance").unwrap_or(Duration::from_secs(120));
    r.finish();
    Some(Recover {
        matches,
        confirm,
        created,
        tolerance,
    })
}

/// What arguments have to be from.
fn offer(author: &Author, block: &Block, fields: &Fields) -> Option<Offer> {
    const CHECKED: &[&str] = &["offer", "self", "provider"];
    let mut r = Reader::of_block(author, block);
    let item = r.required_expression("item", ANSWERED);
    let check = |block: &Block| {
        let mut r = Reader::of_block(author, block);
        let attributes = concerned(&mut r, author, block, fields);
        let condition = r.required_expression("condition", CHECKED);
        let message = r.required_expression("message", CHECKED);
        r.finish();
        Some(OfferCheck {
            attributes,
            condition: condition?,
            message: message?,
        })
    };
    let checks = r.blocks("check", 0).into_iter().filter_map(check).collect();
    let request = request_of(&mut r, author, block, Method::GET);
    r.finish();
    Some(Offer {
        request: request?,
        item: item?,
        checks,
    })
}

/// How long operations may wait, and whether users write that as an attribute.
fn timeouts(author: &Author, block: &Block) -> (Timeouts, bool) {
    let mut r = Reader::of_block(author, block);
    let as_attribute = as_attribute(&mut r, author, block);
    let timeouts = Timeouts {
        create: r.duration("create"),
        read: r.duration("read"),
        update: r.duration("update"),
        delete: r.duration("delete"),
    };
    r.finish();
    (timeouts, as_attribute)
}

/// A `data` block.
pub(super) fn data(author: &Author, block: &Block) -> Option<(Arc<str>, DataSource)> {
    let kind = block.labels.first()?.name.clone();
    let mut r = Reader::of_block(author, block);
    let description = r.string("description").unwrap_or_default();
    let deprecated = r.string("deprecated");
    let mut fields = fields(&mut r, author, Use::Data);
    let choose = choose(&mut r, author, block, &mut fields);
    let rules = rules(&mut r, author, "validate", CONFIG);
    let read = steps(&mut r, author, Method::GET);
    r.finish();
    if read.is_empty() {
        let detail = "A data source needs at least one \"request\" block.";
        author.wrong(block.header, "Missing block", detail);
    }
    let schema = Schema {
        version: 0,
        block: block_of(fields.values(), &description, deprecated.as_deref()),
    };
    let source = DataSource {
        schema: Arc::new(schema),
        choose,
        fields,
        rules,
        read,
    };
    Some((kind, source))
}

/// The list that users may choose from; adds the blocks with which they do.
fn choose(
    r: &mut Reader<'_>,
    author: &Author,
    block: &Block,
    fields: &mut Fields,
) -> Option<Arc<str>> {
    let name = r.string("choose")?;
    known_field(author, fields, &name, block.header);
    let of_objects = |f: &Field| {
        let item = match &f.ty {
            Type::List(item) => item,
            _ => return false,
        };
        matches!(**item, Type::Object(_))
    };
    if fields.get(name.as_str()).is_some_and(|f| !of_objects(f)) {
        let detail = "Items can be chosen from an attribute that is a list of objects.";
        author.wrong(block.header, "Wrong kind of attribute", detail);
    }
    for field in crate::select::fields(block.header) {
        fields.insert(field.name.clone(), field);
    }
    Some(name.into())
}

/// An `action` block.
pub(super) fn action(author: &Author, block: &Block) -> Option<(Arc<str>, Action)> {
    let kind = block.labels.first()?.name.clone();
    let mut r = Reader::of_block(author, block);
    let description = r.string("description").unwrap_or_default();
    let deprecated = r.string("deprecated");
    let confirm = r.string("confirm").map(Arc::from);
    let exclusive = r.expression("exclusive", &["self", "provider"]);
    let message = r.expression("message", ANSWERED);
    let fields = fields(&mut r, author, Use::Action);
    let rules = rules(&mut r, author, "validate", CONFIG);
    let steps = steps(&mut r, author, Method::POST);
    r.finish();
    if steps.is_empty() {
        let detail = "An action needs at least one \"request\" block.";
        author.wrong(block.header, "Missing block", detail);
    }
    let schema = ActionSchema {
        block: block_of(fields.values(), &description, deprecated.as_deref()),
        confirm,
    };
    let action = Action {
        schema: Arc::new(schema),
        exclusive,
        fields,
        rules,
        steps,
        message,
    };
    Some((kind, action))
}
