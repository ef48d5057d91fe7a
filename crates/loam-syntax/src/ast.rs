//! The syntax tree.
//!
//! Native and JSON files give the same tree. What differs is when the shape of a body is
//! known: a JSON property may turn out to be an attribute or blocks, which only a schema
//! can tell. So a [`Body`] is opened with a [`BodySchema`] (see `content`), and only then
//! shows its attributes and blocks.

use std::sync::Arc;

use loam_diag::Span;
use loam_value::Value;

/// A name as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The name.
    pub name: Arc<str>,
    /// Where it is written.
    pub span: Span,
}

/// `name = expr`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The name.
    pub name: Ident,
    /// The expression.
    pub expr: Expr,
    /// The whole definition.
    pub span: Span,
}

/// `kind "label" … { body }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The block type, such as `resource`.
    pub kind: Ident,
    /// The labels, quoted or bare.
    pub labels: Vec<Ident>,
    /// What is between the braces.
    pub body: Body,
    /// The header: block type and labels.
    pub header: Span,
}

/// The content of a file or block. Cheap to clone: clones share the content.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Of native syntax.
    Native(Arc<NativeBody>),
    /// Of JSON syntax.
    Json(Arc<JsonBody>),
}

/// A body in native syntax, in source order.
#[derive(Clone, Debug, PartialEq)]
pub struct NativeBody {
    /// The attributes. Names may repeat; opening the body reports that.
    pub attributes: Vec<Attribute>,
    /// The blocks.
    pub blocks: Vec<Block>,
    /// The whole body.
    pub span: Span,
    /// The closing brace, or the end of the file.
    pub end: Span,
}

/// A body in JSON syntax: one object, or several whose properties are taken together
/// (JSON allows an array of objects where a body is expected).
#[derive(Clone, Debug, PartialEq)]
pub struct JsonBody {
    /// The objects' properties in source order.
    pub properties: Vec<JsonProperty>,
    /// The whole.
    pub span: Span,
    /// The closing brace.
    pub end: Span,
}

/// `"name": value`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonProperty {
    /// The name.
    pub name: JsonString,
    /// The value.
    pub value: JsonNode,
}

/// A JSON string. What it means hangs on where it stands: a text, a template, or an
/// expression in native syntax; see its methods.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonString {
    /// The text, its JSON escapes resolved.
    pub text: Arc<str>,
    /// Where it is written, with its quotes.
    pub span: Span,
    /// Where each byte of the text is written, and the end; nothing if there are no
    /// escapes, so that the text simply follows the opening quote.
    pub(crate) places: Option<Arc<[u32]>>,
}

/// A JSON value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonNode {
    /// The value.
    pub kind: JsonKind,
    /// Where it is written.
    pub span: Span,
}

/// Kinds of JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonKind {
    /// Null, a bool or a number.
    Literal(Value),
    /// A string.
    String(JsonString),
    /// An array.
    Array(Vec<JsonNode>),
    /// An object; names may repeat.
    Object(Vec<JsonProperty>),
}

/// What a body may hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BodySchema {
    /// The attributes.
    pub attributes: Vec<AttributeSchema>,
    /// The blocks.
    pub blocks: Vec<BlockSchema>,
}

/// An attribute that a body may hold.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeSchema {
    /// Its name.
    pub name: Arc<str>,
    /// Whether it has to be there.
    pub required: bool,
}

/// A block that a body may hold, any number of times.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockSchema {
    /// The block type.
    pub kind: Arc<str>,
    /// What each label is called in error messages (`type`, `name`); their number is fixed.
    pub labels: Vec<Arc<str>>,
}

/// What an opened body holds, in source order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    /// The attributes; names are distinct.
    pub attributes: Vec<Attribute>,
    /// The blocks; their labels fit the schema.
    pub blocks: Vec<Block>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it is written.
    pub span: Span,
}

/// Kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A number, bool, null, or string without interpolation.
    Literal(Value),
    /// A quoted string or heredoc with interpolations or directives; gives a string.
    Template(Vec<TemplatePart>),
    /// A template that is a single interpolation: gives the inner value, whatever its type.
    TemplateWrap(Box<Expr>),
    /// `[a, b]`.
    Tuple(Vec<Expr>),
    /// `{ k = v }`.
    Object(Vec<ObjectItem>),
    /// A name at the root of a reference: `var`, `local`, a `for` variable.
    Variable(Ident),
    /// Steps into the value of an expression: `base.attr[index].*.attr`.
    Traverse {
        /// The expression that is stepped into.
        base: Box<Expr>,
        /// The steps; never empty.
        steps: Vec<Step>,
    },
    /// `name(args)`.
    Call(Box<Call>),
    /// `a op b`.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where the operator is written.
        op_span: Span,
        /// Left operand.
        lhs: Box<Expr>,
        /// Right operand.
        rhs: Box<Expr>,
    },
    /// `op a`.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Where the operator is written.
        op_span: Span,
        /// The operand.
        operand: Box<Expr>,
    },
    /// `cond ? a : b`.
    Conditional {
        /// The condition.
        condition: Box<Expr>,
        /// The result if it is true.
        yes: Box<Expr>,
        /// The result if it is false.
        no: Box<Expr>,
    },
    /// `[for …]` or `{for …}`.
    For(Box<For>),
    /// `(a)`.
    Paren(Box<Expr>),
    /// A string of a JSON file. To evaluate it, evaluate [`JsonString::template`]; where
    /// a name or type is expected rather than a value, use [`Expr::unquoted`].
    JsonString(Box<JsonString>),
}

/// `k = v` in an object constructor.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectItem {
    /// The key.
    pub key: ObjectKey,
    /// The value.
    pub value: Expr,
}

/// The key of an object item.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectKey {
    /// A bare name, which stands for itself.
    Name(Ident),
    /// Any other expression.
    Expr(Expr),
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `.name`.
    Attribute(Ident),
    /// `[expr]`; also `.0`, whose index is a literal number.
    Index {
        /// The index.
        key: Expr,
        /// The brackets and what is in them.
        span: Span,
    },
    /// `.*` with the attribute steps after it, or `[*]` with all steps after it: the
    /// steps are applied to each element. Always the last step, or (for `.*`) followed
    /// by the steps that apply to the resulting list.
    Splat {
        /// `[*]` rather than `.*`.
        full: bool,
        /// The steps applied to each element.
        each: Vec<Step>,
        /// The marker.
        span: Span,
    },
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name with its namespaces: `core::length`, `provider::x::f`.
    pub name: Ident,
    /// The arguments.
    pub args: Vec<Expr>,
    /// The last argument is followed by `...`.
    pub expand: bool,
    /// From the opening to the closing parenthesis.
    pub args_span: Span,
}

/// A `for` expression.
#[derive(Clone, Debug, PartialEq)]
pub struct For {
    /// Name for the key or index, if there are two names.
    pub key_var: Option<Ident>,
    /// Name for the element.
    pub value_var: Ident,
    /// What is iterated over.
    pub collection: Expr,
    /// The key of a result item: there for `{for …}`, not for `[for …]`.
    pub key: Option<Expr>,
    /// The value of a result item.
    pub value: Expr,
    /// `...` after the value: items with one key are grouped.
    pub group: bool,
    /// The condition after `if`.
    pub condition: Option<Expr>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    /// Text as it stands after escapes, strip markers and heredoc indentation.
    Literal(Arc<str>, Span),
    /// `${expr}`.
    Interpolation(Expr),
    /// `%{if}…%{else}…%{endif}`.
    If {
        /// The condition.
        condition: Expr,
        /// If it is true.
        yes: Vec<TemplatePart>,
        /// If it is false.
        no: Vec<TemplatePart>,
        /// From `%{if` to `endif}`.
        span: Span,
    },
    /// `%{for}…%{endfor}`.
    For {
        /// Name for the key or index.
        key_var: Option<Ident>,
        /// Name for the element.
        value_var: Ident,
        /// What is iterated over.
        collection: Expr,
        /// Repeated for each element.
        body: Vec<TemplatePart>,
        /// From `%{for` to `endfor}`.
        span: Span,
    },
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`.
    Negate,
    /// `!`.
    Not,
}
