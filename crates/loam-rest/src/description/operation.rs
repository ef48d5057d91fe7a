//! `request` and `wait` blocks.

use std::time::Duration;

use loam_syntax::ast::Block;
use reqwest::Method;

use super::Author;
use super::attribute::rules;
use super::reader::Reader;
use super::spec::{Request, Step, Wait};

/// Names in what is sent.
pub(super) const SENT: &[&str] = &[
    "self",
    "prior",
    "config",
    "provider",
    "step",
    "each",
    "remembered",
    "auth",
];
/// Names in what is made of an answer.
pub(super) const ANSWERED: &[&str] = &[
    "self",
    "prior",
    "config",
    "provider",
    "step",
    "each",
    "remembered",
    "auth",
    "response",
    "body",
    "status",
    "headers",
    "items",
    "sent",
];
/// Names over one item of a list.
pub(super) const ITEM: &[&str] = &["item", "self", "provider"];

/// The requests and waits of a block, in source order.
pub(super) fn steps(reader: &mut Reader<'_>, author: &Author, method: Method) -> Vec<Step> {
    let blocks = reader.blocks_of(&[("request", 1), ("wait", 1)]);
    let step = |block: &&Block| match &*block.kind.name {
        "request" => request(author, block, method.clone()).map(|r| Step::Request(Box::new(r))),
        _ => wait(author, block).map(|w| Step::Wait(Box::new(w))),
    };
    blocks.iter().filter_map(step).collect()
}

/// One `request` block. `method` is what it uses unless it says otherwise.
pub(super) fn request(author: &Author, block: &Block, method: Method) -> Option<Request> {
    let name = block.labels.first().map(|l| l.name.clone());
    let mut r = Reader::of_block(author, block);
    let request = request_of(&mut r, author, block, method);
    r.finish();
    request.map(|q| Request {
        name: name.unwrap_or_else(|| "request".into()),
        ..q
    })
}

/// The arguments of a request, from a block that may hold others, too.
pub(super) fn request_of(
    r: &mut Reader<'_>,
    author: &Author,
    block: &Block,
    method: Method,
) -> Option<Request> {
    let method = match r.string("method") {
        None => method,
        Some(m) => match m.as_str() {
            "GET" => Method::GET,
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            other => {
                let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
                author.unknown(block.header, "method", other, known);
                Method::GET
            }
        },
    };
    let path = r.path("path", SENT);
    let repeatable = [Method::GET, Method::PUT, Method::DELETE].contains(&method);
    let request = Request {
        name: "request".into(),
        span: block.header,
        query: r.expression("query", SENT),
        body: r.expression("body", SENT),
        form: r.expression("form", SENT),
        keep_nulls: r.flag("keep_nulls"),
        when: r.expression("when", SENT),
        for_each: r.expression("for_each", SENT),
        paging: r.string("paging"),
        items: r.expression("items", ANSWERED),
        response: r.expression("response", ANSWERED),
        accept_text: r.string("accept_text"),
        object: r.expression("object", ANSWERED),
        result: r.named_expressions("result", ANSWERED),
        remember: r.named_expressions("remember", ANSWERED),
        expect: rules(r, author, "expect", ANSWERED),
        idempotent: r.bool("idempotent").unwrap_or(repeatable),
        permission: r.string("permission"),
        accept: r.strings("accept").unwrap_or_default(),
        hints: r.texts("hints").unwrap_or_default(),
        waits: r
            .blocks("wait", 1)
            .into_iter()
            .filter_map(|b| wait(author, b))
            .collect(),
        path: path?,
        method,
    };
    if request.form.is_some() && request.body.is_some() {
        let detail = "A request sends either \"body\" or \"form\".";
        author.wrong(block.header, "Contradiction", detail);
    }
    if request.paging.is_some() && request.items.is_none() {
        let detail = "A request with paging has to say where its items are (\"items\").";
        author.wrong(block.header, "Missing argument", detail);
    }
    Some(request)
}

/// One `wait` block.
pub(super) fn wait(author: &Author, block: &Block) -> Option<Wait> {
    let name = block.labels.first()?.name.clone();
    let mut r = Reader::of_block(author, block);
    let when = r.expression("when", ANSWERED);
    let interval = r.duration("interval").unwrap_or(Duration::from_secs(10));
    let delay = r.duration("delay").unwrap_or(interval);
    let timeout = r.duration("timeout").unwrap_or(Duration::from_secs(1200));
    let done = r.required_expression("done", ANSWERED);
    let failed = r.expression("failed", ANSWERED);
    let reason = r.expression("reason", ANSWERED);
    let progress = r.expression("progress", ANSWERED);
    let list_pending = r.expression("list_pending", ITEM);
    let tolerate = r.strings("tolerate").unwrap_or_default();
    let tolerate_for = r.duration("tolerate_for").unwrap_or(timeout);
    let usually = r.duration("usually").unwrap_or(interval);
    if !r.has("path") && r.has("done") {
        r.missing("path");
    }
    let request = request_of_wait(&mut r, author, block);
    r.finish();
    Some(Wait {
        name,
        when,
        request: request?,
        interval,
        delay,
        timeout,
        done: done?,
        failed,
        reason,
        progress,
        tolerate,
        tolerate_for,
        list_pending,
        usually,
    })
}

/// A wait asks with a request whose arguments stand in its own block.
fn request_of_wait(r: &mut Reader<'_>, author: &Author, block: &Block) -> Option<Request> {
    let path = r.path("path", ANSWERED);
    Some(Request {
        name: block.labels.first()?.name.clone(),
        span: block.header,
        method: Method::GET,
        query: r.expression("query", ANSWERED),
        body: None,
        form: None,
        keep_nulls: false,
        when: None,
        for_each: None,
        paging: None,
        items: None,
        response: r.expression("response", ANSWERED),
        accept_text: None,
        object: r.expression("object", ANSWERED),
        result: r.named_expressions("result", ANSWERED),
        remember: r.named_expressions("remember", ANSWERED),
        expect: rules(r, author, "expect", ANSWERED),
        idempotent: true,
        permission: r.string("permission"),
        accept: Vec::new(),
        hints: Vec::new(),
        waits: Vec::new(),
        path: path?,
    })
}
