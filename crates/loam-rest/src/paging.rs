//! Lists that come in pages.
//!
//! In: a described request. Out: all items, in order, without repetitions, and whether
//! the list is known to be whole. Pages that are known to follow are fetched several at a
//! time. Offset paging over a list that changes meanwhile can skip or repeat items: the
//! count tells.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt};
use loam_value::{Type, Value};

use crate::answer::Answer;
use crate::client::{Asker, Call, Client};
use crate::description::{Paging, PagingStyle, Request};
use crate::expression::{Expression, Names, text_of};
use crate::failure::Failure;
use crate::request;

/// All items of a list.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub items: Vec<Value>,
    /// As many items as the API said there are.
    pub whole: bool,
    /// Requests it took.
    pub pages: u64,
}

/// More pages than any list has: stops an API that always says there is one more.
const MOST_PAGES: u64 = 10_000;

/// After the first page: whether to go on, given the items so far and the number of
/// pages that are left, if known.
pub(crate) type GoOn<'a> = &'a (dyn Fn(&[Value], Option<u64>) -> bool + Sync);

/// Fetches a list. `go_on` is asked after the first page; if it says no, that is all. The
/// answer of the first page is returned, too.
pub(crate) async fn list(
    client: &Client,
    described: &Request,
    names: &Names,
    asker: impl Into<Asker<'_>>,
    go_on: GoOn<'_>,
) -> Result<(Listing, Answer), Failure> {
    let asker = asker.into();
    let not_sent = Failure::NotSent;
    let call = request::call(described, names, &[]).map_err(not_sent)?;
    let paging = described.paging.as_ref();
    let paging = paging.and_then(|p| client.spec.paging.get(p));
    let pages = Pages {
        described,
        names,
        call,
    };
    let Some(paging) = paging else {
        let answer = client.send(&pages.call, asker).await?;
        let items = pages.items(&answer)?;
        return Ok((finish(items, None, 1), answer));
    };
    let first = client
        .send(&pages.page(paging, Position::First), asker)
        .await?;
    let mut items = pages.items(&first)?;
    let seen = first.names(names.clone());
    let total = number(&paging.total, &seen)?;
    let last = match &paging.style {
        PagingStyle::Page { last, .. } => number(last, &seen)?,
        _ => None,
    };
    let known = last.or(total.map(|t| t.div_ceil(paging.size).max(1)));
    if !go_on(&items, known.map(|k| k.saturating_sub(1))) {
        let listing = Listing {
            items,
            whole: false,
            pages: 1,
        };
        return Ok((listing, first));
    }
    let mut fetched = 1;
    match (&paging.style, known) {
        (PagingStyle::Offset { .. } | PagingStyle::Page { .. }, Some(count)) => {
            let count = count.min(MOST_PAGES);
            let rest = futures::stream::iter(2..=count)
                .map(|n| {
                    let (pages, call) = (&pages, pages.page(paging, Position::Number(n)));
                    async move { pages.items(&client.send(&call, asker).await?) }
                })
                .buffered(paging.parallel);
            let rest: Vec<Vec<Value>> = rest.try_collect().await?;
            fetched += rest.len() as u64;
            items.extend(rest.into_iter().flatten());
        }
        _ => {
            let mut answer = first.clone();
            let mut got = items.len() as u64;
            while fetched < MOST_PAGES {
                let position = match pages.next(paging, &answer, fetched, got)? {
                    Some(position) => position,
                    None => break,
                };
                answer = client.send(&pages.page(paging, position), asker).await?;
                let page = pages.items(&answer)?;
                got = page.len() as u64;
                items.extend(page);
                fetched += 1;
            }
        }
    }
    Ok((finish(items, total, fetched), first))
}

struct Pages<'a> {
    described: &'a Request,
    names: &'a Names,
    call: Call,
}

enum Position {
    First,
    /// From 1.
    Number(u64),
    Cursor(String),
}

impl Pages<'_> {
    fn page(&self, paging: &Paging, position: Position) -> Call {
        let mut call = self.call.clone();
        if let Some(param) = &paging.size_param {
            call.query.push((param.clone(), paging.size.to_string()));
        }
        let number = match &position {
            Position::First => 1,
            Position::Number(n) => *n,
            Position::Cursor(_) => 0,
        };
        match (&paging.style, position) {
            (PagingStyle::Offset { param }, _) => {
                let offset = paging.size * number.saturating_sub(1);
                call.query.push((param.clone(), offset.to_string()));
            }
            (PagingStyle::Page { param, .. }, _) => {
                call.query.push((param.clone(), number.to_string()));
            }
            (PagingStyle::Cursor { param: Some(p), .. }, Position::Cursor(c)) => {
                call.query.push((p.clone(), c));
            }
            // The cursor is the address of the next page, parameters included.
            (PagingStyle::Cursor { param: None, .. }, Position::Cursor(url)) => {
                call.query.clear();
                call.path = url;
            }
            (PagingStyle::Cursor { .. }, _) => {}
        }
        call
    }

    fn items(&self, answer: &Answer) -> Result<Vec<Value>, Failure> {
        // A list that cannot be read is lost, not empty: absence would mean "gone".
        let lost = Failure::Lost;
        let names = answer.names(self.names.clone());
        let value = match &self.described.items {
            Some(items) => items.eval(&names).map_err(lost)?,
            None => answer.content.clone(),
        };
        match value.elements() {
            Some(items) => Ok(items.to_vec()),
            None if value.is_null() => Ok(Vec::new()),
            None => Err(Failure::Lost(
                crate::answer::unexpected(
                    &self.call,
                    self.described.span,
                    "no list of items is where one was expected",
                )
                .into(),
            )),
        }
    }

    /// Where the next page is, if there is one and its place is not known beforehand.
    fn next(
        &self,
        paging: &Paging,
        answer: &Answer,
        fetched: u64,
        got: u64,
    ) -> Result<Option<Position>, Failure> {
        let names = answer.names(self.names.clone());
        if let PagingStyle::Cursor { next, .. } = &paging.style {
            let cursor = next.text(&names).map_err(Failure::Lost)?;
            return Ok(cursor.filter(|c| !c.is_empty()).map(Position::Cursor));
        }
        let more = match &paging.more {
            Some(more) => more.truth(&names).map_err(Failure::Lost)?,
            // Nothing tells: a full page may be followed by another.
            None => got >= paging.size,
        };
        Ok((more && got > 0).then_some(Position::Number(fetched + 1)))
    }
}

fn number(expr: &Option<Expression>, names: &Names) -> Result<Option<u64>, Failure> {
    let Some(expr) = expr else { return Ok(None) };
    let value = expr.eval(names).map_err(Failure::Lost)?;
    let n = crate::json::decode(&value, &Type::Number).ok();
    let n = n.and_then(|v| v.as_number().and_then(|n| n.to_i64()));
    Ok(n.and_then(|n| u64::try_from(n).ok()))
}

fn finish(items: Vec<Value>, total: Option<u64>, pages: u64) -> Listing {
    // Only paging can bring an item twice; twins on one page are two.
    if pages == 1 {
        let whole = total.is_none_or(|t| items.len() as u64 >= t);
        return Listing {
            items,
            whole,
            pages,
        };
    }
    let mut seen = BTreeSet::new();
    let mut distinct = Vec::with_capacity(items.len());
    for item in items {
        // Items without an id are told apart by everything they hold.
        let key = ["id", "uuid", "identifier"]
            .iter()
            .find_map(|n| item.get(n).as_ref().and_then(text_of))
            .unwrap_or_else(|| format!("{item:?}"));
        if seen.insert(key) {
            distinct.push(item);
        }
    }
    let whole = total.is_none_or(|t| distinct.len() as u64 >= t);
    Listing {
        items: distinct,
        whole,
        pages,
    }
}

/// Goes on always.
pub(crate) fn always(_: &[Value], _: Option<u64>) -> bool {
    true
}
