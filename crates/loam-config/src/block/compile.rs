//! From a body to a compiled block.

use std::sync::{Arc, LazyLock};

use loam_diag::{Diagnostic, Diagnostics, Span, nearest};
use loam_eval::{Expr, FunctionTable, resolve, static_keyword, static_list};
use loam_syntax::ast::{self, BodySchema};
use loam_syntax::{Attribute, Block};

use super::{BlockExpr, NestedBlockExpr, Shape, count_problems};
use crate::decode::names::BlockNames;
use crate::decode::open::{Opened, only_one, open, schema};

static DYNAMIC: LazyLock<BodySchema> =
    LazyLock::new(|| schema(&["for_each!", "iterator", "labels"], &[("content", &[])]));

/// What expressions are resolved with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolver<'a> {
    pub names: &'a BlockNames<'a>,
    pub functions: &'a FunctionTable,
}

impl Resolver<'_> {
    /// The resolved expression; `None` if something in it is wrong, which is reported.
    pub fn expr(&self, expr: &ast::Expr, diags: &mut Diagnostics) -> Option<Expr> {
        match resolve(expr, self.names, self.functions) {
            Ok(expr) => Some(expr),
            Err(problems) => {
                diags.append(problems);
                None
            }
        }
    }
}

/// The places of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub header: Span,
    /// Where what is missing is reported.
    pub end: Span,
}

/// Compiles an opened body against a shape. What is wrong is reported and left out.
pub(crate) fn compile(
    shape: &Shape,
    opened: Opened,
    place: Place,
    persistent: bool,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> BlockExpr {
    let schema = shape.block();
    if let Some(why) = &schema.deprecated {
        diags.push(Diagnostic::warning("Deprecated", why.to_string()).at(place.header));
    }
    for (name, attribute) in &schema.attributes {
        if attribute.required && opened.get(name).is_none() {
            diags.push(
                Diagnostic::error(
                    "Missing required argument",
                    format!("The argument \"{name}\" is required, but no definition was found."),
                )
                .at(place.end)
                .within(place.header),
            );
        }
    }
    let mut attributes = Vec::with_capacity(opened.attributes.len());
    for argument in &opened.attributes {
        let name = &argument.name.name;
        let Some((name, attribute)) = schema.attributes.get_key_value(name) else {
            continue;
        };
        if !attribute.settable() {
            diags.push(
                Diagnostic::error(
                    "Value for unconfigurable attribute",
                    format!(
                        "\"{name}\" cannot be set: its value follows from applying the \
                         configuration."
                    ),
                )
                .at(argument.name.span),
            );
            continue;
        }
        if let Some(why) = &attribute.deprecated {
            diags.push(
                Diagnostic::warning("Argument is deprecated", why.to_string())
                    .at(argument.name.span),
            );
        }
        if let Some(expr) = resolver.expr(&argument.expr, diags) {
            attributes.push((name.clone(), expr));
        }
    }
    let mut blocks = Vec::with_capacity(opened.blocks.len());
    for block in &opened.blocks {
        let nested = if &*block.kind.name == "dynamic" {
            dynamic(shape, block, persistent, resolver, diags)
        } else {
            fixed(shape, block, persistent, resolver, diags)
        };
        blocks.extend(nested);
    }
    let out = BlockExpr {
        schema: schema.clone(),
        attributes,
        blocks,
        persistent,
        span: place.header,
        end: place.end,
    };
    for (kind, nested) in &schema.blocks {
        if !out.has_dynamic(kind) {
            let spans: Vec<Span> = opened
                .blocks
                .iter()
                .filter(|b| b.kind.name == *kind)
                .map(|b| b.header)
                .collect();
            diags.extend(count_problems(kind, nested, &spans, place.end));
        }
    }
    out
}

fn fixed(
    shape: &Shape,
    block: &Block,
    persistent: bool,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> Option<NestedBlockExpr> {
    let inner = shape.nested(&block.kind.name)?;
    let body = inside(inner, block, block.header, persistent, resolver, diags);
    Some(NestedBlockExpr::Static {
        kind: block.kind.name.clone(),
        labels: block.labels.iter().map(|l| l.name.clone()).collect(),
        body,
    })
}

fn inside(
    shape: &Arc<Shape>,
    block: &Block,
    header: Span,
    persistent: bool,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> BlockExpr {
    let opened = open(&block.body, shape.body(), diags);
    let place = Place {
        header,
        end: block.body.missing_item_span(),
    };
    compile(shape, opened, place, persistent, resolver, diags)
}

fn dynamic(
    shape: &Shape,
    block: &Block,
    persistent: bool,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> Option<NestedBlockExpr> {
    let label = block.labels.first()?;
    let kinds = || shape.block().blocks.keys().map(|k| &**k);
    let Some(inner) = shape.nested(&label.name) else {
        let problem = Diagnostic::error(
            "Unsupported block type",
            format!("Blocks of type \"{}\" are not expected here.", label.name),
        )
        .at(label.span);
        diags.push(match nearest(&label.name, kinds()) {
            Some(near) => problem.hint(format!("Did you mean \"{near}\"?")),
            None => problem,
        });
        return None;
    };
    let mut opened = open(&block.body, &DYNAMIC, diags);
    let iterator = match opened.take("iterator") {
        None => label.name.clone(),
        Some(attribute) => iterator(&attribute, diags)?,
    };
    let contents = opened.take_blocks("content");
    only_one("content", &contents, diags);
    let Some(content) = contents.first() else {
        diags.push(
            Diagnostic::error(
                "Missing dynamic content block",
                "A dynamic block needs a nested block of type \"content\", which says what each \
                 of the blocks holds.",
            )
            .at(block.body.missing_item_span())
            .within(block.header),
        );
        return None;
    };
    let for_each = opened.take("for_each")?;
    // `for_each` is outside of what it repeats: the iterator means nothing in it.
    let for_each = resolver.expr(&for_each.expr, diags);
    let names = resolver.names.with_iterator(iterator.clone());
    let within = Resolver {
        names: &names,
        functions: resolver.functions,
    };
    let labels = labels(
        opened.take("labels"),
        &label.name,
        shape,
        block,
        within,
        diags,
    );
    let body = inside(inner, content, block.header, persistent, within, diags);
    Some(NestedBlockExpr::Dynamic {
        kind: label.name.clone(),
        for_each: for_each?,
        iterator,
        labels: labels?,
        content: Box::new(body),
        span: block.header,
    })
}

fn iterator(attribute: &Attribute, diags: &mut Diagnostics) -> Option<Arc<str>> {
    let name = attribute
        .expr
        .unquoted()
        .ok()
        .and_then(|expr| static_keyword(&expr));
    if name.is_none() {
        diags.push(
            Diagnostic::error(
                "Invalid dynamic iterator name",
                "The iterator has to be a single name.",
            )
            .at(attribute.expr.span),
        );
    }
    name.map(|n| n.name)
}

fn labels(
    attribute: Option<Attribute>,
    kind: &str,
    shape: &Shape,
    block: &Block,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> Option<Vec<Expr>> {
    let is_map = shape
        .block()
        .blocks
        .get(kind)
        .is_some_and(|n| n.nesting == loam_provider::Nesting::Map);
    let wanted = usize::from(is_map);
    let exprs: &[ast::Expr] = match &attribute {
        None => &[],
        Some(attribute) => match static_list(&attribute.expr) {
            Ok(list) => list,
            Err(problem) => {
                diags.push(problem);
                return None;
            }
        },
    };
    if exprs.len() != wanted {
        let more = exprs.len() > wanted;
        diags.push(
            Diagnostic::error(
                if more {
                    "Extraneous dynamic block label"
                } else {
                    "Insufficient dynamic block labels"
                },
                format!(
                    "Blocks of type \"{kind}\" have {wanted} labels, but {} are given.",
                    exprs.len()
                ),
            )
            .at(attribute.as_ref().map_or(block.header, |a| a.expr.span)),
        );
        return None;
    }
    exprs.iter().map(|e| resolver.expr(e, diags)).collect()
}
