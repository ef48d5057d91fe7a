//! Resolved expressions: what resolving makes and evaluation walks.

use std::sync::Arc;

use loam_diag::{Diagnostics, Span};
use loam_syntax::ast::{BinaryOp, UnaryOp};
use loam_value::{Defaults, Type, Value};

use crate::eval;
use crate::{CallContext, Function, Reference, ReferenceTarget, Scope};

/// A resolved expression: names have their meaning, functions are found, `for`
/// variables are numbered. Immutable and cheap to clone.
#[derive(Clone, Debug)]
pub struct Expr(Arc<Resolved>);

#[derive(Debug)]
struct Resolved {
    root: Node,
    references: Box<[Reference]>,
    calls: Box<[Arc<str>]>,
    written: Option<Box<Value>>,
}

impl Expr {
    pub(crate) fn new(root: Node, references: Vec<Reference>, calls: Vec<Arc<str>>) -> Expr {
        Expr(Arc::new(Resolved {
            root,
            references: references.into(),
            calls: calls.into(),
            written: None,
        }))
    }

    /// Keeps what is written, for an expression in JSON syntax with templates in it.
    pub(crate) fn with_written(mut self, written: Value) -> Expr {
        if let Some(resolved) = Arc::get_mut(&mut self.0) {
            resolved.written = Some(Box::new(written));
        }
        self
    }

    /// What is written, if that is JSON with templates in it: the strings as they are.
    pub fn written_json(&self) -> Option<&Value> {
        self.0.written.as_deref()
    }

    /// An expression that always gives `value`.
    pub fn literal(value: Value, span: Span) -> Expr {
        let root = Node {
            kind: NodeKind::Literal(value),
            span,
        };
        Expr::new(root, Vec::new(), Vec::new())
    }

    pub(crate) fn root(&self) -> &Node {
        &self.0.root
    }

    /// Where the expression is written.
    pub fn span(&self) -> Span {
        self.0.root.span
    }

    /// All references anywhere in the expression, in source order.
    pub fn references(&self) -> &[Reference] {
        &self.0.references
    }

    /// The names of all functions called anywhere in it, as written, in source order.
    pub fn calls(&self) -> &[Arc<str>] {
        &self.0.calls
    }

    /// True if the value depends on nothing but the text: no references, no calls.
    pub fn is_constant(&self) -> bool {
        self.0.references.is_empty() && self.0.calls.is_empty()
    }

    /// The value of an expression that is constant; `None` for any other.
    pub fn constant(&self) -> Option<Result<Value, Diagnostics>> {
        if let NodeKind::Literal(value) = &self.0.root.kind {
            return Some(Ok(value.clone()));
        }
        self.is_constant()
            .then(|| self.eval(&crate::MapScope::empty()))
    }

    /// The value that an expression has whatever it refers to and calls, if there is one: what
    /// a constant condition chooses. `None` if the value depends on something. As in
    /// Terraform what an operator is given depends on something if any part of it does.
    pub fn settled(&self) -> Option<Value> {
        if self.is_constant() {
            return self.constant()?.ok();
        }
        Some(eval::without_names(self)).filter(Value::is_wholly_known)
    }

    /// The value, or every error met on the way to it.
    pub fn eval(&self, scope: &dyn Scope) -> Result<Value, Diagnostics> {
        eval::evaluate(self, scope)
    }

    /// What the values are that this refers to, for an error that it is the cause of
    /// without one of its own: a condition that does not hold.
    pub fn notes(&self, scope: &dyn Scope) -> Vec<loam_diag::ValueNote> {
        eval::notes(self, scope)
    }

    /// If this is a call `type(expr)` of the console: the expression whose type is asked.
    pub fn type_query(&self) -> Option<Expr> {
        match &self.0.root.kind {
            NodeKind::TypeQuery(inner) => Some(inner.clone()),
            _ => None,
        }
    }
}

/// One node of a resolved expression.
#[derive(Debug)]
pub(crate) struct Node {
    pub kind: NodeKind,
    pub span: Span,
}

/// Kinds of node. Large ones are boxed so that nodes stay small in their parents.
#[derive(Debug)]
pub(crate) enum NodeKind {
    Literal(Value),
    Reference(Box<ReferenceNode>),
    /// A `for` variable, by number, and the steps into it.
    Slot {
        slot: usize,
        name: Arc<str>,
        steps: Box<[Step]>,
    },
    /// Steps into any other expression.
    Traverse {
        base: Box<Node>,
        steps: Box<[Step]>,
    },
    Tuple(Box<[Node]>),
    Object(Box<[ObjectItem]>),
    Template(Box<[Part]>),
    Call(Box<Call>),
    /// `a op b op c …` with operators that associate to the left, in one node so that a
    /// long chain is evaluated without deep recursion.
    Chain {
        first: Box<Node>,
        rest: Box<[Operand]>,
    },
    Unary {
        op: UnaryOp,
        operand: Box<Node>,
    },
    Conditional(Box<Conditional>),
    For(Box<For>),
    /// `try(…)`: the first argument without an error.
    Try(Box<Call>),
    /// `can(expr)`: whether there is no error.
    Can(Box<Call>),
    /// `convert(expr, type)`.
    Convert(Box<Convert>),
    /// `type(expr)` of the console.
    TypeQuery(Expr),
    /// Something that fails whenever it is evaluated: an unknown function within `try`
    /// or `can`, where a failure is not an error of the whole.
    Invalid(Box<loam_diag::Diagnostic>),
}

/// A reference and the steps into its value.
#[derive(Debug)]
pub(crate) struct ReferenceNode {
    pub target: ReferenceTarget,
    /// The index directly after a resource or module.
    pub key: Option<Node>,
    /// The root name and the steps that make up the target and the key.
    pub target_span: Span,
    pub steps: Box<[Step]>,
}

/// A step into a value.
#[derive(Debug)]
pub(crate) enum Step {
    Attribute(Arc<str>, Span),
    Index(Node, Span),
    Splat { each: Box<[Step]>, span: Span },
}

#[derive(Debug)]
pub(crate) struct ObjectItem {
    pub key: Key,
    pub value: Node,
}

#[derive(Debug)]
pub(crate) enum Key {
    Name(Arc<str>),
    Expr(Node),
}

#[derive(Debug)]
pub(crate) struct Operand {
    pub op: BinaryOp,
    pub node: Node,
}

#[derive(Debug)]
pub(crate) struct Conditional {
    pub condition: Node,
    pub yes: Node,
    pub no: Node,
}

#[derive(Debug)]
pub(crate) struct For {
    pub key_slot: Option<usize>,
    pub value_slot: usize,
    pub collection: Node,
    pub key: Option<Node>,
    pub value: Node,
    pub group: bool,
    pub condition: Option<Node>,
}

#[derive(Debug)]
pub(crate) enum Part {
    Literal(Arc<str>),
    Interpolation(Node),
    If {
        condition: Node,
        yes: Box<[Part]>,
        no: Box<[Part]>,
    },
    For {
        key_slot: Option<usize>,
        value_slot: usize,
        collection: Node,
        body: Box<[Part]>,
    },
}

#[derive(Debug)]
pub(crate) struct Call {
    /// As written, for error messages.
    pub name: Arc<str>,
    pub name_span: Span,
    pub function: Arc<Function>,
    pub args: Vec<Node>,
    pub expand: bool,
    pub args_span: Span,
}

#[derive(Debug)]
pub(crate) struct Convert {
    pub value: Node,
    pub ty: Type,
    pub defaults: Defaults,
}

/// A context for expressions that need none of it.
pub(crate) fn no_context() -> CallContext {
    CallContext {
        base_dir: std::path::PathBuf::from("."),
        plan_timestamp: None,
        impure_known: false,
    }
}
