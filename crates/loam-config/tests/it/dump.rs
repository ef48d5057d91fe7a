//! A module in lines, without places: what two ways of writing it have in common.

use std::fmt::Write;

use loam_address::Target;
use loam_config::{
    BlockExpr, Condition, Dependency, IgnoreChanges, Module, NestedBlockExpr, ProviderRef,
    Repetition,
};
use loam_eval::{Expr, Reference};

fn references<'a>(all: impl IntoIterator<Item = &'a Reference>) -> String {
    let all: Vec<String> = all.into_iter().map(Reference::to_string).collect();
    format!("[{}]", all.join(", "))
}

fn expr(e: &Expr) -> String {
    match e.constant() {
        Some(Ok(value)) => format!("{value:?}"),
        _ => references(e.references()),
    }
}

fn repetition(r: &Repetition) -> String {
    match r {
        Repetition::Single => String::new(),
        Repetition::Count(e) => format!(" count={}", expr(e)),
        Repetition::ForEach(e) => format!(" for_each={}", expr(e)),
        Repetition::Enabled(e) => format!(" enabled={}", expr(e)),
    }
}

fn provider(p: &ProviderRef) -> String {
    let key = p.key.as_ref().map(|k| format!("[{}]", expr(k)));
    format!("{}{} ({})", p.config, key.unwrap_or_default(), p.kind)
}

fn depends_on(all: &[Dependency]) -> String {
    match all {
        [] => String::new(),
        all => format!(
            " depends_on={}",
            references(all.iter().map(|d| &d.reference))
        ),
    }
}

fn block(b: &BlockExpr, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    for (name, e) in &b.attributes {
        let _ = writeln!(out, "{pad}{name} = {}", expr(e));
    }
    for nested in &b.blocks {
        match nested {
            NestedBlockExpr::Static { kind, labels, body } => {
                let _ = writeln!(out, "{pad}{kind} {labels:?}");
                block(body, indent + 2, out);
            }
            NestedBlockExpr::Dynamic {
                kind,
                for_each,
                iterator,
                labels,
                content,
                ..
            } => {
                let labels: Vec<String> = labels.iter().map(expr).collect();
                let _ = writeln!(
                    out,
                    "{pad}dynamic {kind} for_each={} iterator={iterator} {labels:?}",
                    expr(for_each)
                );
                block(content, indent + 2, out);
            }
        }
    }
}

fn conditions(kind: &str, all: &[Condition], out: &mut String) {
    for c in all {
        let _ = writeln!(
            out,
            "  {kind} {} {}",
            expr(&c.condition),
            expr(&c.error_message)
        );
    }
}

fn target(t: &Target) -> String {
    match t {
        Target::Module(m) => m.to_string(),
        Target::Resource(r) => r.to_string(),
        Target::Instance(i) => i.to_string(),
    }
}

/// The module's content, all of it that means something.
pub fn dump(m: &Module) -> String {
    let mut out = String::new();
    let o = &mut out;
    for (text, _) in &m.settings.required_version {
        let _ = writeln!(o, "required_version {text}");
    }
    for (name, r) in &m.settings.required_providers {
        let aliases: Vec<String> = r
            .configuration_aliases
            .iter()
            .map(ToString::to_string)
            .collect();
        let version = r.version.as_ref().map(|(v, _)| v);
        let _ = writeln!(
            o,
            "required_provider {name} {:?} {version:?} {} {aliases:?}",
            r.source, r.kind
        );
    }
    if let Some(b) = &m.settings.backend {
        let _ = writeln!(o, "backend {}", b.kind);
    }
    for v in m.variables.values() {
        let _ = writeln!(
            o,
            "variable {} type={} default={:?} sensitive={} ephemeral={} nullable={} {:?} {:?}",
            v.name,
            v.ty,
            v.default,
            v.sensitive,
            v.ephemeral,
            v.nullable,
            v.description,
            v.deprecated
        );
        conditions("validation", &v.validations, o);
    }
    for l in m.locals.values() {
        let _ = writeln!(o, "local {} = {}", l.name, expr(&l.expr));
    }
    for p in m.providers.values() {
        let each = p.for_each.as_ref().map(expr);
        let _ = writeln!(o, "provider {} ({}) for_each={each:?}", p.name, p.kind);
        block(&p.body, 2, o);
    }
    for r in m.resources.values() {
        let check = r.in_check.as_ref().map(|c| format!(" in check {c}"));
        let _ = writeln!(
            o,
            "{}{} provider={}{}{}",
            r.addr,
            repetition(&r.repetition),
            provider(&r.provider),
            depends_on(&r.depends_on),
            check.unwrap_or_default()
        );
        block(&r.body, 2, o);
        let l = &r.lifecycle;
        let ignored = match &l.ignore_changes {
            IgnoreChanges::None => "none".to_owned(),
            IgnoreChanges::All => "all".to_owned(),
            IgnoreChanges::Paths(ps) => {
                let ps: Vec<String> = ps.iter().map(|(p, _)| p.to_string()).collect();
                ps.join(" ")
            }
        };
        let _ = writeln!(
            o,
            "  lifecycle cbd={:?} prevent={:?} destroy={} ignore={ignored} triggered_by={}",
            l.create_before_destroy,
            l.prevent_destroy.as_ref().map(expr),
            l.destroy,
            references(l.replace_triggered_by.iter().flat_map(|d| d.references())),
        );
        conditions("precondition", &l.preconditions, o);
        conditions("postcondition", &l.postconditions, o);
        for t in &l.triggers {
            let actions: Vec<String> = t
                .actions
                .iter()
                .map(|a| {
                    format!(
                        "{}.{} {:?}",
                        a.action.kind,
                        a.action.name,
                        a.key.as_ref().map(expr)
                    )
                })
                .collect();
            let _ = writeln!(
                o,
                "  trigger {:?} {:?} {actions:?}",
                t.events,
                t.condition.as_ref().map(expr)
            );
        }
    }
    for a in m.actions.values() {
        let _ = writeln!(
            o,
            "action {}.{}{} provider={}{}",
            a.addr.kind,
            a.addr.name,
            repetition(&a.repetition),
            provider(&a.provider),
            depends_on(&a.depends_on)
        );
        block(&a.body, 2, o);
    }
    for c in m.calls.values() {
        let _ = writeln!(
            o,
            "module {} source={} version={:?}{}{}",
            c.name,
            c.source,
            c.version,
            repetition(&c.repetition),
            depends_on(&c.depends_on)
        );
        for (name, p) in &c.providers {
            let _ = writeln!(o, "  provider {name} = {}", provider(p));
        }
        for (name, (e, _)) in &c.arguments {
            let _ = writeln!(o, "  {name} = {}", expr(e));
        }
    }
    for c in m.checks.values() {
        let data = c.data.as_ref().map(ToString::to_string);
        let _ = writeln!(o, "check {} {data:?}", c.name);
        conditions("assert", &c.asserts, o);
    }
    for v in m.outputs.values() {
        let _ = writeln!(
            o,
            "output {} = {} sensitive={} ephemeral={} {:?} {:?}{}",
            v.name,
            expr(&v.expr),
            v.sensitive,
            v.ephemeral,
            v.description,
            v.deprecated,
            depends_on(&v.depends_on)
        );
        conditions("precondition", &v.preconditions, o);
    }
    for x in &m.moved {
        let _ = writeln!(o, "moved {} -> {}", target(&x.from), target(&x.to));
    }
    for x in m.removed.iter() {
        let _ = writeln!(o, "removed {} destroy={}", target(&x.from), x.destroy);
    }
    for x in m.imports.iter() {
        let mut to = x.to.pattern().to_string();
        for (place, key) in x.to.keys() {
            let _ = write!(to, " {place:?}={}", expr(key));
        }
        let _ = writeln!(
            o,
            "import {to} id={} for_each={:?} provider={:?}",
            expr(&x.id),
            x.for_each.as_ref().map(expr),
            x.provider.as_ref().map(provider)
        );
    }
    out
}
