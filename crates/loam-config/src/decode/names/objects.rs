//! References to resources and modules: whether they are declared, whether an instance key
//! belongs there, whether they have the attribute that is asked for.

use loam_address::{Mode, ResourceAddr};
use loam_diag::{Diagnostic, Span, nearest};
use loam_eval::{Reference, ReferenceTarget, Resolved};
use loam_syntax::Ident;
use loam_syntax::ast::{Expr, ExprKind, Step};
use loam_value::PathStep;

use super::{BlockNames, Repeated, attribute, did_you_mean, found, invalid, undeclared};
use crate::block::Shape;

impl BlockNames<'_> {
    pub(super) fn module(&self, root: &Ident, steps: &[Step]) -> Result<Resolved, Diagnostic> {
        let Some(name) = attribute(steps.first()) else {
            return Err(invalid(
                "\"module\" has to be followed by the name of a module call.",
                root.span,
            ));
        };
        let at = root.span.to(name.span);
        let Some((known, call)) = self.declared.calls.get_key_value(&name.name) else {
            return Err(did_you_mean(
                undeclared(
                    "module",
                    format!(
                        "No module call named \"{}\" is declared in this module.",
                        name.name
                    ),
                    at,
                ),
                &name.name,
                self.declared.calls.keys().map(|n| &**n),
            ));
        };
        let rest = steps.get(1..).unwrap_or_default();
        let what = format!("module.{known}");
        // Modules are objects by key: as in any object a key may be written as an attribute,
        // and an attribute as a key.
        let as_object = match (call.repeated, rest.first()) {
            (Repeated::ForEach, Some(Step::Attribute(_))) => true,
            (Repeated::No, Some(Step::Index { key, .. })) => is_text(key),
            _ => false,
        };
        if !self.whole && !self.lenient && !as_object {
            check_key(&what, "module", call.repeated, rest, at)?;
        }
        if let Some((name, at)) = indexed_part(call.repeated, rest) {
            let detail = format!(
                "The outputs of a module are its attributes: write {what}[…].{name} instead of \
                 an index."
            );
            return Err(Diagnostic::error("Invalid reference", detail).at(at));
        }
        if let (Some(outputs), Some(output)) = (&call.outputs, part(call.repeated, rest))
            && !self.lenient
            && !as_object
            && !outputs.contains(&output.name)
        {
            return Err(did_you_mean(
                unsupported_attribute(
                    output,
                    format!("{what} has no output named \"{}\".", output.name),
                ),
                &output.name,
                outputs.iter().map(|n| &**n),
            ));
        }
        found(ReferenceTarget::Module(known.clone()), 1)
    }

    pub(super) fn resource(
        &self,
        mode: Mode,
        root: &Ident,
        steps: &[Step],
        prefixed: bool,
    ) -> Result<Resolved, Diagnostic> {
        let (kind, name, consumed) = if prefixed {
            (attribute(steps.first()), attribute(steps.get(1)), 2)
        } else {
            (Some(root), attribute(steps.first()), 1)
        };
        let (Some(kind), Some(name)) = (kind, name) else {
            return Err(self.incomplete(mode, root, prefixed));
        };
        let at = root.span.to(name.span);
        let addr = ResourceAddr::new(mode, kind.name.clone(), name.name.clone());
        let Some((known, resource)) = self.declared.resources.get_key_value(&addr) else {
            return Err(self.undeclared_resource(&addr, root, prefixed, at));
        };
        if self.owner == Some(known) {
            return Err(Diagnostic::error(
                "Self-referential block",
                format!("The configuration of {known} may not refer to itself."),
            )
            .at(at));
        }
        if let Some(check) = &resource.in_check
            && self.check != Some(check)
        {
            return Err(Diagnostic::error(
                "Reference to scoped resource",
                format!(
                    "{known} belongs to the check block \"{check}\" and can be used only there."
                ),
            )
            .at(at));
        }
        let rest = steps.get(consumed..).unwrap_or_default();
        if !self.whole {
            check_key(&known.to_string(), "resource", resource.repeated, rest, at)?;
            if let Some((name, at)) = indexed_part(resource.repeated, rest) {
                let detail = format!(
                    "What a resource instance has are attributes: write {known}[…].{name} \
                     instead of an index."
                );
                return Err(Diagnostic::error("Invalid index operation", detail).at(at));
            }
            if let (Some(shape), Some(part)) = (&resource.shape, part(resource.repeated, rest)) {
                check_part(shape, known, part)?;
            }
        }
        found(ReferenceTarget::Resource(known.clone()), consumed)
    }

    /// Whether the resource that a reference names has what the reference takes of it.
    pub(crate) fn check_part(&self, reference: &Reference, at: Span) -> Result<(), Diagnostic> {
        let ReferenceTarget::Resource(addr) = &reference.target else {
            return Ok(());
        };
        let shape = self.declared.resources.get(addr);
        let part = reference.path.0.iter().find_map(|step| match step {
            PathStep::Attribute(name) => Some(name),
            PathStep::Index(_) => None,
        });
        match (shape.and_then(|r| r.shape.as_ref()), part) {
            (Some(shape), Some(name)) => check_part(
                shape,
                addr,
                &Ident {
                    name: name.clone(),
                    span: at,
                },
            ),
            _ => Ok(()),
        }
    }

    fn incomplete(&self, mode: Mode, root: &Ident, prefixed: bool) -> Diagnostic {
        if prefixed {
            let what = match mode {
                Mode::Data => "data source",
                Mode::Managed => "resource type",
            };
            return invalid(
                format!(
                    "\"{}\" has to be followed by two names: the {what} and the resource's name.",
                    root.name
                ),
                root.span,
            );
        }
        let problem = invalid(
            "A reference to a resource type has to be followed by at least one attribute: the \
             resource's name.",
            root.span,
        );
        let known = self.declared.resources.keys().any(|r| r.kind == root.name);
        if known {
            return problem;
        }
        did_you_mean(problem, &root.name, self.iterators.iter().map(|n| &**n))
    }

    /// The declared resource that differs from a misspelt address a little, in its name or
    /// in its type.
    fn nearest_resource(&self, addr: &ResourceAddr) -> Option<&ResourceAddr> {
        let mut similar: Vec<&ResourceAddr> = self
            .declared
            .resources
            .keys()
            .filter(|r| r.mode == addr.mode && (r.kind == addr.kind || r.name == addr.name))
            .collect();
        similar.sort();
        let names = similar.iter().filter(|r| r.kind == addr.kind);
        let kinds = similar.iter().filter(|r| r.name == addr.name);
        if let Some(name) = nearest(&addr.name, names.map(|r| &*r.name)) {
            let found = |r: &&&ResourceAddr| r.kind == addr.kind && &*r.name == name;
            return similar.iter().find(found).copied();
        }
        let kind = nearest(&addr.kind, kinds.map(|r| &*r.kind))?;
        let found = |r: &&&ResourceAddr| r.name == addr.name && &*r.kind == kind;
        similar.iter().find(found).copied()
    }

    fn undeclared_resource(
        &self,
        addr: &ResourceAddr,
        root: &Ident,
        prefixed: bool,
        at: Span,
    ) -> Diagnostic {
        let adjective = match addr.mode {
            Mode::Data => "data",
            Mode::Managed => "managed",
        };
        let problem = undeclared(
            "resource",
            format!(
                "A {adjective} resource \"{}\" \"{}\" has not been declared in this module.",
                addr.kind, addr.name
            ),
            at,
        );
        let data = ResourceAddr::data(addr.kind.clone(), addr.name.clone());
        if addr.mode == Mode::Managed && self.declared.resources.contains_key(&data) {
            return problem.hint(format!("Did you mean the data resource {data}?"));
        }
        if let Some(near) = self.nearest_resource(addr) {
            return problem.hint(format!("Did you mean \"{near}\"?"));
        }
        if prefixed {
            return problem;
        }
        let roots = ["var", "local", "module", "data", "each", "count", "path"];
        match nearest(&root.name, roots) {
            Some(near) => problem.hint(format!("Did you mean \"{near}.{}\"?", addr.name)),
            None => problem,
        }
    }
}

fn is_text(key: &Expr) -> bool {
    matches!(&key.kind, ExprKind::Literal(value) if value.as_str().is_some())
}

/// The first attribute that is asked of an instance: after the key or splat, if any. A splat
/// over an object makes a list of that object, whose attributes are the keys.
fn part(repeated: Repeated, rest: &[Step]) -> Option<&Ident> {
    match rest.first()? {
        Step::Attribute(name) => Some(name),
        Step::Index { .. } => attribute(rest.get(1)),
        Step::Splat { .. } if repeated == Repeated::ForEach => None,
        Step::Splat { each, .. } => attribute(each.first()),
    }
}

/// What is asked of an instance where it is written as a second constant index, and where.
fn indexed_part(repeated: Repeated, rest: &[Step]) -> Option<(String, Span)> {
    let (Step::Index { .. }, Step::Index { key, span }) = (rest.first()?, rest.get(1)?) else {
        return None;
    };
    let ExprKind::Literal(value) = &key.kind else {
        return None;
    };
    let name = value.as_str().unwrap_or("attribute").to_owned();
    (repeated != Repeated::No).then_some((name, *span))
}

/// Instances are told apart by keys if the block is repeated, and only then.
fn check_key(
    what: &str,
    noun: &str,
    repeated: Repeated,
    rest: &[Step],
    at: Span,
) -> Result<(), Diagnostic> {
    match (repeated, rest.first()) {
        (Repeated::Count | Repeated::ForEach, Some(Step::Attribute(_))) => {
            let (argument, key) = match repeated {
                Repeated::Count => ("count", "count.index"),
                _ => ("for_each", "each.key"),
            };
            Err(Diagnostic::error(
                format!("Missing {noun} instance key"),
                format!(
                    "Because {what} has \"{argument}\" set, its attributes have to be taken \
                     from one of its instances, such as {what}[{key}]."
                ),
            )
            .at(at))
        }
        (Repeated::No, Some(Step::Index { key, span }))
            if matches!(key.kind, ExprKind::Literal(_)) =>
        {
            Err(Diagnostic::error(
                format!("Unexpected {noun} instance key"),
                format!(
                    "Because {what} does not have \"count\" or \"for_each\" set, it has one \
                     instance only, and a reference to it takes no index. Remove the index."
                ),
            )
            .at(at.to(*span)))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_part(
    shape: &Shape,
    addr: &ResourceAddr,
    part: &Ident,
) -> Result<(), Diagnostic> {
    let schema = shape.block();
    let name = &part.name;
    if schema.attributes.contains_key(name) || schema.blocks.contains_key(name) {
        return Ok(());
    }
    if &**name == "count" {
        return Err(Diagnostic::error(
            "Invalid resource count attribute",
            format!("Resources have no attribute \"count\". Use length({addr}) instead."),
        )
        .at(part.span));
    }
    let known = schema.attributes.keys().chain(schema.blocks.keys());
    Err(did_you_mean(
        unsupported_attribute(
            part,
            format!("{addr} has no argument, nested block or exported attribute named \"{name}\"."),
        ),
        name,
        known.map(|n| &**n),
    ))
}

fn unsupported_attribute(name: &Ident, detail: String) -> Diagnostic {
    Diagnostic::error("Unsupported attribute", detail).at(name.span)
}
