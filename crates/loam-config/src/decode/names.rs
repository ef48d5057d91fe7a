//! What the names of a module refer to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use loam_address::{Mode, ResourceAddr};
use loam_diag::{Diagnostic, Span, nearest};
use loam_eval::{Names, ReferenceTarget, Resolved};
use loam_syntax::Ident;
use loam_syntax::ast::{ExprKind, Step};

use crate::block::Shape;

/// Everything that a module declares: what its expressions can refer to.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub variables: BTreeSet<Arc<str>>,
    pub locals: BTreeSet<Arc<str>>,
    pub resources: HashMap<ResourceAddr, DeclaredResource>,
    pub calls: BTreeMap<Arc<str>, DeclaredCall>,
    /// By type and name.
    pub actions: BTreeSet<(Arc<str>, Arc<str>)>,
}

/// A declared resource.
#[derive(Debug)]
pub(crate) struct DeclaredResource {
    pub repeated: Repeated,
    /// `None` if its type is unknown, which is reported elsewhere.
    pub shape: Option<Arc<Shape>>,
    /// The check block that it belongs to.
    pub in_check: Option<Arc<str>>,
}

/// A declared module call.
#[derive(Debug)]
pub(crate) struct DeclaredCall {
    pub repeated: Repeated,
    /// The module's outputs; `None` if the module could not be loaded.
    pub outputs: Option<BTreeSet<Arc<str>>>,
}

/// How a block is repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Repeated {
    /// Not at all, or by `lifecycle { enabled }`.
    #[default]
    No,
    Count,
    ForEach,
}

/// The names as one block may use them.
#[derive(Clone, Debug)]
pub(crate) struct BlockNames<'a> {
    pub declared: &'a Declared,
    /// Which of `count` and `each` mean something.
    pub repeated: Repeated,
    /// `self` means something.
    pub with_self: Option<&'a ResourceAddr>,
    /// The resource whose block this is: it may not refer to itself.
    pub owner: Option<&'a ResourceAddr>,
    /// The check block that this is in.
    pub check: Option<&'a Arc<str>>,
    /// The iterators of the `dynamic` blocks around, innermost last.
    pub iterators: Vec<Arc<str>>,
    /// Whole objects are named, as in `depends_on`: instance keys may be left out.
    pub whole: bool,
}

impl<'a> BlockNames<'a> {
    /// The names of a block that is not repeated.
    pub fn new(declared: &'a Declared) -> BlockNames<'a> {
        BlockNames {
            declared,
            repeated: Repeated::No,
            with_self: None,
            owner: None,
            check: None,
            iterators: Vec::new(),
            whole: false,
        }
    }

    /// The names of a block that is repeated.
    pub fn repeated(declared: &'a Declared, repeated: Repeated) -> BlockNames<'a> {
        BlockNames {
            repeated,
            ..BlockNames::new(declared)
        }
    }

    /// The same with one more iterator.
    pub fn with_iterator(&self, name: Arc<str>) -> BlockNames<'a> {
        let mut names = self.clone();
        names.iterators.push(name);
        names
    }
}

/// A step into a value, as far as finding objects needs it.
fn attribute(step: Option<&Step>) -> Option<&Ident> {
    match step {
        Some(Step::Attribute(ident)) => Some(ident),
        _ => None,
    }
}

fn invalid(detail: impl Into<String>, at: Span) -> Diagnostic {
    Diagnostic::error("Invalid reference", detail).at(at)
}

fn unsupported_attribute(name: &Ident, detail: String) -> Diagnostic {
    Diagnostic::error("Unsupported attribute", detail).at(name.span)
}

fn did_you_mean<'n>(
    problem: Diagnostic,
    name: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Diagnostic {
    match nearest(name, names) {
        Some(near) => problem.hint(format!("Did you mean \"{near}\"?")),
        None => problem,
    }
}

impl Names for BlockNames<'_> {
    fn resolve(&self, root: &Ident, steps: &[Step]) -> Result<Resolved, Diagnostic> {
        if self.iterators.contains(&root.name) {
            return Ok(Resolved {
                target: ReferenceTarget::Named(root.name.clone()),
                consumed: 0,
            });
        }
        match &*root.name {
            "var" => {
                let name = member(root, steps)?;
                match self.declared.variables.get(&name.name) {
                    Some(known) => found(ReferenceTarget::Variable(known.clone()), 1),
                    None => Err(did_you_mean(
                        undeclared(
                            "input variable",
                            format!(
                                "An input variable with the name \"{}\" has not been declared. \
                                 A block `variable \"{}\" {{}}` would declare it.",
                                name.name, name.name
                            ),
                            root.span.to(name.span),
                        ),
                        &name.name,
                        self.declared.variables.iter().map(|n| &**n),
                    )),
                }
            }
            "local" => {
                let name = member(root, steps)?;
                match self.declared.locals.get(&name.name) {
                    Some(known) => found(ReferenceTarget::Local(known.clone()), 1),
                    None => Err(did_you_mean(
                        undeclared(
                            "local value",
                            format!(
                                "A local value with the name \"{}\" has not been declared.",
                                name.name
                            ),
                            root.span.to(name.span),
                        ),
                        &name.name,
                        self.declared.locals.iter().map(|n| &**n),
                    )),
                }
            }
            "module" => self.module(root, steps),
            "data" => self.resource(Mode::Data, root, steps, true),
            "resource" => self.resource(Mode::Managed, root, steps, true),
            "each" => self.each(root, steps),
            "count" => self.count(root, steps),
            "self" => match self.with_self {
                Some(addr) => {
                    let resource = self.declared.resources.get(addr);
                    let shape = resource.and_then(|r| r.shape.as_ref());
                    if let (Some(shape), Some(part)) = (shape, attribute(steps.first())) {
                        check_part(shape, addr, part)?;
                    }
                    found(ReferenceTarget::SelfObject, 0)
                }
                None => Err(Diagnostic::error(
                    "Invalid \"self\" reference",
                    "The \"self\" object is not available here. It means the resource \
                     instance in its own postconditions.",
                )
                .at(root.span)),
            },
            "path" => {
                let name = member(root, steps)?;
                let target = match &*name.name {
                    "module" => ReferenceTarget::PathModule,
                    "root" => ReferenceTarget::PathRoot,
                    "cwd" => ReferenceTarget::PathCwd,
                    other => {
                        return Err(did_you_mean(
                            Diagnostic::error(
                                "Invalid \"path\" attribute",
                                format!("The \"path\" object has no attribute \"{other}\"."),
                            )
                            .at(name.span),
                            other,
                            ["module", "root", "cwd"],
                        ));
                    }
                };
                found(target, 1)
            }
            "terraform" | "loam" | "tofu" => {
                let name = member(root, steps)?;
                let target = match &*name.name {
                    "workspace" => ReferenceTarget::Workspace,
                    "applying" => ReferenceTarget::Applying,
                    other => {
                        return Err(did_you_mean(
                            Diagnostic::error(
                                format!("Invalid \"{}\" attribute", root.name),
                                format!(
                                    "The \"{}\" object has no attribute \"{other}\".",
                                    root.name
                                ),
                            )
                            .at(name.span),
                            other,
                            ["workspace", "applying"],
                        ));
                    }
                };
                found(target, 1)
            }
            "action" => Err(invalid(
                "An action has no value. It can be named only where actions are triggered.",
                root.span,
            )),
            "ephemeral" => Err(invalid(
                "Ephemeral resources are not supported: none of the providers at hand has any.",
                root.span,
            )),
            "template" | "lazy" | "arg" => Err(Diagnostic::error(
                "Reserved symbol name",
                format!(
                    "The symbol name \"{}\" is reserved. A resource type of this name can be \
                     referred to with \"resource.\" in front.",
                    root.name
                ),
            )
            .at(root.span)),
            _ => self.resource(Mode::Managed, root, steps, false),
        }
    }
}

fn found(target: ReferenceTarget, consumed: usize) -> Result<Resolved, Diagnostic> {
    Ok(Resolved { target, consumed })
}

fn undeclared(what: &str, detail: String, at: Span) -> Diagnostic {
    Diagnostic::error(format!("Reference to undeclared {what}"), detail).at(at)
}

/// The name after an object that cannot be used as a whole.
fn member<'s>(root: &Ident, steps: &'s [Step]) -> Result<&'s Ident, Diagnostic> {
    attribute(steps.first()).ok_or_else(|| {
        invalid(
            format!(
                "The \"{}\" object cannot be used as a whole. Name one of its attributes.",
                root.name
            ),
            root.span,
        )
    })
}

impl BlockNames<'_> {
    fn each(&self, root: &Ident, steps: &[Step]) -> Result<Resolved, Diagnostic> {
        let name = member(root, steps)?;
        let target = match &*name.name {
            "key" => ReferenceTarget::EachKey,
            "value" => ReferenceTarget::EachValue,
            other => {
                return Err(did_you_mean(
                    Diagnostic::error(
                        "Invalid \"each\" attribute",
                        format!(
                            "The \"each\" object has no attribute \"{other}\", only \"key\" and \
                             \"value\"."
                        ),
                    )
                    .at(name.span),
                    other,
                    ["key", "value"],
                ));
            }
        };
        if self.repeated != Repeated::ForEach {
            return Err(Diagnostic::error(
                "Reference to \"each\" in context without for_each",
                "The \"each\" object can be used only in blocks in which \"for_each\" is set.",
            )
            .at(root.span.to(name.span)));
        }
        found(target, 1)
    }

    fn count(&self, root: &Ident, steps: &[Step]) -> Result<Resolved, Diagnostic> {
        let name = member(root, steps)?;
        if &*name.name != "index" {
            return Err(Diagnostic::error(
                "Invalid \"count\" attribute",
                format!(
                    "The \"count\" object has no attribute \"{}\". It has one only, \"index\".",
                    name.name
                ),
            )
            .at(name.span));
        }
        if self.repeated != Repeated::Count {
            return Err(Diagnostic::error(
                "Reference to \"count\" in non-counted context",
                "The \"count\" object can be used only in \"module\", \"resource\" and \"data\" \
                 blocks, and only if \"count\" is set in them.",
            )
            .at(root.span.to(name.span)));
        }
        found(ReferenceTarget::CountIndex, 1)
    }

    fn module(&self, root: &Ident, steps: &[Step]) -> Result<Resolved, Diagnostic> {
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
        if !self.whole {
            check_key(&what, "module", call.repeated, rest, at)?;
        }
        if let (Some(outputs), Some(output)) = (&call.outputs, part(rest))
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

    fn resource(
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
        let addr = ResourceAddr {
            mode,
            kind: kind.name.clone(),
            name: name.name.clone(),
        };
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
        }
        if let (Some(shape), Some(part)) = (&resource.shape, part(rest)) {
            check_part(shape, known, part)?;
        }
        found(ReferenceTarget::Resource(known.clone()), consumed)
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
        let data = ResourceAddr {
            mode: Mode::Data,
            ..addr.clone()
        };
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

/// The first attribute that is asked of an instance: after the key or splat, if any.
fn part(rest: &[Step]) -> Option<&Ident> {
    match rest.first()? {
        Step::Attribute(name) => Some(name),
        Step::Index { .. } => attribute(rest.get(1)),
        Step::Splat { each, .. } => attribute(each.first()),
    }
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

fn check_part(shape: &Shape, addr: &ResourceAddr, part: &Ident) -> Result<(), Diagnostic> {
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
