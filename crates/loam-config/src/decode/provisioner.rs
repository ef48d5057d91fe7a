//! `provisioner` and `connection` blocks.

use std::sync::LazyLock;

use loam_address::ResourceAddr;
use loam_diag::{Diagnostic, Diagnostics, Span, nearest};
use loam_eval::{ReferenceTarget, static_keyword};
use loam_provider::connection_schema;
use loam_syntax::ast::{BodySchema, ExprKind};
use loam_syntax::{Attribute, Block};
use loam_value::Kind;

use super::Env;
use super::names::BlockNames;
use super::open::{Opened, only_one, open, schema};
use crate::block::{Place, Resolver, ShapeKey, compile};
use crate::{BlockExpr, OnFailure, Provisioner, ProvisionerWhen};

static META: LazyLock<BodySchema> = LazyLock::new(|| {
    schema(
        &["when", "on_failure"],
        &[
            ("connection", &[]),
            ("lifecycle", &[]),
            ("locals", &[]),
            ("_", &[]),
        ],
    )
});

/// Kinds that Terraform had once.
const GONE: [&str; 4] = ["chef", "habitat", "puppet", "salt-masterless"];

/// Decodes the `provisioner` blocks of a resource, or of a `removed` block about `of`, with
/// the `connection` blocks beside them. `names` are those of the block around.
pub(super) fn provisioners(
    blocks: &[Block],
    connections: &[Block],
    of: &ResourceAddr,
    names: &BlockNames<'_>,
    env: &Env<'_>,
    diags: &mut Diagnostics,
) -> Vec<Provisioner> {
    only_one("connection", connections, diags);
    // They look at the finished object, by `self` or by its name.
    let names = BlockNames {
        with_self: Some(of),
        owner: None,
        ..names.clone()
    };
    let resolver = Resolver {
        names: &names,
        functions: env.functions,
    };
    let mut out = Vec::new();
    let mut problems = Diagnostics::new();
    for block in blocks {
        out.extend(provisioner(
            block,
            connections.first(),
            resolver,
            env,
            &mut problems,
        ));
    }
    // What is wrong with the resource's connection is found with each provisioner.
    for problem in problems {
        if !diags.iter().any(|known| *known == problem) {
            diags.push(problem);
        }
    }
    out
}

fn provisioner(
    block: &Block,
    base: Option<&Block>,
    resolver: Resolver<'_>,
    env: &Env<'_>,
    diags: &mut Diagnostics,
) -> Option<Provisioner> {
    let label = block.labels.first()?;
    let Some(known) = env.registry.provisioner(&label.name) else {
        diags.push(unknown_kind(&label.name, env).at(label.span));
        return None;
    };
    let key = ShapeKey::Provisioner(label.name.clone());
    let shape = env.shapes.get(key, known.schema());
    let mut opened = open(&block.body, &shape.with_meta(&META), diags);
    let when = keyword(opened.take("when"), WHEN, diags);
    let on_failure = keyword(opened.take("on_failure"), ON_FAILURE, diags);
    opened.refuse_reserved(&["lifecycle", "locals"], "provisioner", diags);
    let own = opened.take_blocks("connection");
    only_one("connection", &own, diags);
    let escapes = opened.take_blocks("_");
    only_one("escaping", &escapes, diags);
    if let Some(escape) = escapes.first() {
        let inner = open(&escape.body, shape.body(), diags);
        opened.attributes.extend(inner.attributes);
        opened.blocks.extend(inner.blocks);
    }
    let place = Place {
        header: block.header,
        end: block.body.missing_item_span(),
    };
    let body = compile(&shape, opened, place, false, resolver, diags);
    let connection = connection(base, own.first(), resolver, env, diags);
    if when == ProvisionerWhen::Destroy {
        only_self(&body, diags);
        if let Some(connection) = &connection {
            only_self(connection, diags);
        }
    }
    Some(Provisioner {
        kind: label.name.clone(),
        when,
        on_failure,
        body,
        connection,
        span: block.header,
    })
}

fn unknown_kind(kind: &str, env: &Env<'_>) -> Diagnostic {
    if GONE.contains(&kind) {
        return Diagnostic::error(
            format!("The \"{kind}\" provisioner has been removed"),
            "Terraform had this provisioner once and has it no longer; it is not here either.",
        );
    }
    let names: Vec<&str> = env.registry.provisioner_names().collect();
    let listed: Vec<String> = names.iter().map(|n| format!("\"{n}\"")).collect();
    let problem = Diagnostic::error(
        "Unknown provisioner",
        format!(
            "There is no provisioner \"{kind}\". Those that there are: {}.",
            listed.join(", ")
        ),
    );
    match nearest(kind, names.iter().copied()) {
        Some(near) => problem.hint(format!("Did you mean \"{near}\"?")),
        None => problem,
    }
}

/// Lays the provisioner's own connection over the resource's, one argument at a time.
fn connection(
    base: Option<&Block>,
    own: Option<&Block>,
    resolver: Resolver<'_>,
    env: &Env<'_>,
    diags: &mut Diagnostics,
) -> Option<BlockExpr> {
    let place = own.or(base)?;
    let shape = env.shapes.get(ShapeKey::Connection, connection_schema());
    let mut opened = Opened::default();
    for block in base.into_iter().chain(own) {
        for attribute in open(&block.body, shape.body(), diags).attributes {
            opened.take(&attribute.name.name);
            opened.attributes.push(attribute);
        }
    }
    let place = Place {
        header: place.header,
        end: place.body.missing_item_span(),
    };
    Some(compile(&shape, opened, place, false, resolver, diags))
}

/// A setting that is one of a few names.
struct Keyword<T: 'static> {
    name: &'static str,
    values: [(&'static str, T); 2],
}

const WHEN: Keyword<ProvisionerWhen> = Keyword {
    name: "when",
    values: [
        ("create", ProvisionerWhen::Create),
        ("destroy", ProvisionerWhen::Destroy),
    ],
};

const ON_FAILURE: Keyword<OnFailure> = Keyword {
    name: "on_failure",
    values: [("fail", OnFailure::Fail), ("continue", OnFailure::Continue)],
};

fn keyword<T: Copy + Default>(
    attribute: Option<Attribute>,
    of: Keyword<T>,
    diags: &mut Diagnostics,
) -> T {
    let Some(attribute) = attribute else {
        return T::default();
    };
    let at = attribute.expr.span;
    let [(first, _), (second, _)] = of.values;
    let word = static_keyword(&attribute.expr).map(|i| i.name);
    let known = of
        .values
        .into_iter()
        .find(|(n, _)| word.as_deref() == Some(*n));
    let Some((word, value)) = known else {
        diags.push(
            Diagnostic::error(
                format!("Invalid \"{}\" keyword", of.name),
                format!("\"{}\" is either {first} or {second}.", of.name),
            )
            .at(at),
        );
        return T::default();
    };
    // In JSON there are no bare names.
    let quoted =
        matches!(&attribute.expr.kind, ExprKind::Literal(v) if matches!(v.kind(), Kind::String(_)));
    if quoted {
        diags.push(
            Diagnostic::warning(
                "Quoted keywords are deprecated",
                format!("Write {} = {word}, without quotes.", of.name),
            )
            .at(at),
        );
    }
    value
}

/// What an object is destroyed with has to be known from the object alone: whatever else
/// the configuration has may be gone or changed by then.
fn only_self(body: &BlockExpr, diags: &mut Diagnostics) {
    let mut seen: Vec<Span> = Vec::new();
    for reference in body.references() {
        let fine = match &reference.target {
            ReferenceTarget::SelfObject
            | ReferenceTarget::CountIndex
            | ReferenceTarget::EachKey
            | ReferenceTarget::PathModule
            | ReferenceTarget::PathRoot
            | ReferenceTarget::PathCwd
            | ReferenceTarget::Workspace
            | ReferenceTarget::Applying
            | ReferenceTarget::Named(_) => true,
            ReferenceTarget::Variable(_)
            | ReferenceTarget::Local(_)
            | ReferenceTarget::Resource(_)
            | ReferenceTarget::Module(_)
            | ReferenceTarget::EachValue => false,
        };
        if fine || seen.contains(&reference.span) {
            continue;
        }
        seen.push(reference.span);
        diags.push(
            Diagnostic::error(
                "Invalid reference from destroy provisioner",
                format!(
                    "{} may have changed or be gone by the time the object is destroyed. \
                     Provisioners that run then, and their connections, can refer only to the \
                     object (\"self\"), to \"count.index\" and to \"each.key\".",
                    reference.target
                ),
            )
            .at(reference.span)
            .hint(
                "Keep the value in the object, for example in \"triggers_replace\" or \"input\" \
                 of a terraform_data, and refer to it by \"self\".",
            ),
        );
    }
}

/// Reports provisioners that a `removed` block cannot have.
pub(super) fn only_destroy(provisioners: &[Provisioner], diags: &mut Diagnostics) {
    for provisioner in provisioners {
        if provisioner.when == ProvisionerWhen::Create {
            diags.push(
                Diagnostic::error(
                    "Invalid provisioner block",
                    "Nothing is created for a \"removed\" block: its provisioners need \
                     when = destroy.",
                )
                .at(provisioner.span),
            );
        }
    }
}

/// What is wrong with `connection` and `provisioner` blocks of something that has no
/// objects.
pub(super) fn not_here(blocks: &[Block], what: &str, diags: &mut Diagnostics) {
    for block in blocks {
        diags.push(
            Diagnostic::error(
                format!("Invalid {} block", block.kind.name),
                format!(
                    "A {} block is only for managed resources, and {what}.",
                    block.kind.name
                ),
            )
            .at(block.header),
        );
    }
}
