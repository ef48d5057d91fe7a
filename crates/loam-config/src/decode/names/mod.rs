//! What the names of a module refer to.

mod objects;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use loam_address::{ActionAddr, Mode, ResourceAddr};
use loam_diag::{Diagnostic, Span, nearest};
use loam_eval::{Names, ReferenceTarget, Resolved};
use loam_syntax::Ident;
use loam_syntax::ast::Step;
use rustc_hash::FxHashMap;

use crate::block::Shape;
use objects::check_part;

/// Everything that a module declares: what its expressions can refer to.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub variables: BTreeSet<Arc<str>>,
    pub locals: BTreeSet<Arc<str>>,
    pub resources: FxHashMap<ResourceAddr, DeclaredResource>,
    pub calls: BTreeMap<Arc<str>, DeclaredCall>,
    pub actions: BTreeSet<ActionAddr>,
    /// The providers that the module requires, by local name.
    pub providers: BTreeMap<Arc<str>, Arc<str>>,
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
    /// In one of these ways, or not at all: what the block is about is not there any more.
    Untold,
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
    /// What is missing in a value is for evaluation to find out.
    pub lenient: bool,
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
            lenient: false,
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
    fn provider(&self, local: &str) -> Option<Arc<str>> {
        self.declared.providers.get(local).cloned()
    }

    fn resolve_leniently(&self, root: &Ident, steps: &[Step]) -> Result<Resolved, Diagnostic> {
        let lenient = BlockNames {
            lenient: true,
            ..self.clone()
        };
        lenient.resolve(root, steps)
    }

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
                     instance in its own postconditions, provisioners and connections.",
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
        if !matches!(self.repeated, Repeated::ForEach | Repeated::Untold) {
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
        if !matches!(self.repeated, Repeated::Count | Repeated::Untold) {
            return Err(Diagnostic::error(
                "Reference to \"count\" in non-counted context",
                "The \"count\" object can be used only in \"module\", \"resource\" and \"data\" \
                 blocks, and only if \"count\" is set in them.",
            )
            .at(root.span.to(name.span)));
        }
        found(ReferenceTarget::CountIndex, 1)
    }
}
