//! From a compiled block to a value.

use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::{CallContext, Expr, ReferenceTarget, Scope};
use loam_provider::{Attribute, Block, NestedBlock, Nesting};
use loam_value::convert::convert;
use loam_value::{Kind, Marks, Type, Value, ValueMap};

use super::{BlockExpr, NestedBlockExpr};
use crate::mismatch::describe;

impl BlockExpr {
    /// The value of the block, of the type that the schema implies. Arguments that are
    /// not set are null; blocks that are not there make an empty collection or null. A
    /// `dynamic` block whose `for_each` is unknown makes the whole of its block type
    /// unknown. Marks are kept. The error holds every problem, each at its argument.
    pub fn eval(&self, scope: &dyn Scope) -> Result<Value, Diagnostics> {
        let mut diags = Diagnostics::new();
        let value = self.eval_into(scope, &mut diags);
        if diags.has_errors() {
            diags.sort();
            return Err(diags);
        }
        Ok(value)
    }

    fn eval_into(&self, scope: &dyn Scope, diags: &mut Diagnostics) -> Value {
        let mut out = ValueMap::new();
        for (name, expr) in &self.attributes {
            let Some(attribute) = self.schema.attributes.get(name) else {
                continue;
            };
            match self.attribute(name, attribute, expr, scope) {
                Ok(value) => {
                    out.insert(name.clone(), value);
                }
                Err(problems) => diags.append(problems),
            }
        }
        for (name, attribute) in &self.schema.attributes {
            if !out.contains_key(name) {
                let ty = attribute.ty.without_optional();
                out.insert(name.clone(), Value::null(ty));
            }
        }
        for (kind, nested) in &self.schema.blocks {
            let value = self.nested(kind, nested, scope, diags);
            out.insert(kind.clone(), value);
        }
        Value::object(out)
    }

    fn attribute(
        &self,
        name: &str,
        attribute: &Attribute,
        expr: &Expr,
        scope: &dyn Scope,
    ) -> Result<Value, Diagnostics> {
        let value = expr.eval(scope)?;
        if self.persistent && !attribute.write_only && value.deep_marks().is_ephemeral() {
            return Err(Diagnostic::error(
                "Invalid use of ephemeral value",
                format!(
                    "The argument \"{name}\" is stored in the state, so it cannot take an \
                     ephemeral value. Only write-only arguments can."
                ),
            )
            .at(expr.span())
            .into());
        }
        if attribute.required && value.is_null() {
            return Err(Diagnostic::error(
                "Missing required argument",
                format!("The argument \"{name}\" is required, but its value here is null."),
            )
            .at(expr.span())
            .into());
        }
        convert(&value, &attribute.ty).map_err(|e| {
            Diagnostic::error(
                "Incorrect attribute value type",
                format!(
                    "Inappropriate value for attribute \"{name}\": {}.",
                    describe(&e)
                ),
            )
            .at(expr.span())
            .into()
        })
    }

    fn nested(
        &self,
        kind: &Arc<str>,
        nested: &NestedBlock,
        scope: &dyn Scope,
        diags: &mut Diagnostics,
    ) -> Value {
        let mut made = Made::default();
        for block in self.blocks.iter().filter(|b| b.kind() == kind) {
            match block {
                NestedBlockExpr::Static { labels, body, .. } => made.items.push(Item {
                    label: labels.first().cloned(),
                    value: body.eval_into(scope, diags),
                    span: body.span,
                }),
                NestedBlockExpr::Dynamic {
                    for_each,
                    iterator,
                    labels,
                    content,
                    span,
                    ..
                } => {
                    made.dynamic = true;
                    let dynamic = Dynamic {
                        for_each,
                        iterator,
                        labels,
                        content,
                        span: *span,
                    };
                    if let Err(problems) = dynamic.expand(scope, &mut made, diags) {
                        diags.append(problems);
                        made.unknown = true;
                    }
                }
            }
        }
        if made.unknown {
            return Value::unknown(nested.implied_type().without_optional()).with_marks(made.marks);
        }
        if made.dynamic {
            // Without dynamic blocks the number was checked when the block was compiled.
            let spans: Vec<Span> = made.items.iter().map(|i| i.span).collect();
            diags.extend(super::count_problems(kind, nested, &spans, self.end));
        }
        let marks = made.marks;
        assemble(kind, nested, made.items, diags).with_marks(marks)
    }
}

struct Item {
    label: Option<Arc<str>>,
    value: Value,
    span: Span,
}

#[derive(Default)]
struct Made {
    items: Vec<Item>,
    /// A `dynamic` block was among them.
    dynamic: bool,
    /// How many there are is not known.
    unknown: bool,
    /// Marks of what decided the number of blocks.
    marks: Marks,
}

fn assemble(kind: &str, nested: &NestedBlock, items: Vec<Item>, diags: &mut Diagnostics) -> Value {
    let object = || nested.block.implied_type().without_optional();
    match nested.nesting {
        Nesting::Single => match items.into_iter().next() {
            Some(item) => item.value,
            None => Value::null(object()),
        },
        Nesting::Group => match items.into_iter().next() {
            Some(item) => item.value,
            None => empty(&nested.block),
        },
        Nesting::List | Nesting::Set => {
            let values: Vec<Value> = items.into_iter().map(|i| i.value).collect();
            let ty = object();
            match nested.nesting {
                Nesting::Set => Value::set(ty, values),
                _ if ty.has_dynamic() => Value::tuple(values),
                _ => Value::list(ty, values),
            }
        }
        Nesting::Map => {
            let mut map = ValueMap::new();
            for item in items {
                let Some(label) = item.label else { continue };
                if map.contains_key(&label) {
                    diags.push(
                        Diagnostic::error(
                            format!("Duplicate {kind} block"),
                            format!(
                                "There is a {kind} block with the label \"{label}\" already. \
                                 Labels have to be distinct."
                            ),
                        )
                        .at(item.span),
                    );
                }
                map.insert(label, item.value);
            }
            let ty = object();
            if ty.has_dynamic() {
                Value::object(map)
            } else {
                Value::map(ty, map)
            }
        }
    }
}

/// The value of a block in which nothing is set.
fn empty(block: &Block) -> Value {
    let attributes = block
        .attributes
        .iter()
        .map(|(n, a)| (n.clone(), Value::null(a.ty.without_optional())));
    let blocks = block.blocks.iter().map(|(n, b)| {
        let value = assemble(n, b, Vec::new(), &mut Diagnostics::new());
        (n.clone(), value)
    });
    Value::object(attributes.chain(blocks).collect())
}

struct Dynamic<'a> {
    for_each: &'a Expr,
    iterator: &'a Arc<str>,
    labels: &'a [Expr],
    content: &'a BlockExpr,
    span: Span,
}

impl Dynamic<'_> {
    fn expand(
        &self,
        scope: &dyn Scope,
        made: &mut Made,
        diags: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        let collection = self.for_each.eval(scope)?;
        let marks = collection.marks();
        made.marks |= marks;
        for (key, value) in match elements(&collection) {
            Ok(Some(elements)) => elements,
            Ok(None) => {
                made.unknown = true;
                return Ok(());
            }
            Err(detail) => {
                return Err(Diagnostic::error("Invalid dynamic for_each value", detail)
                    .at(self.for_each.span())
                    .into());
            }
        } {
            let element = Value::object_of([
                ("key", key.with_marks(marks)),
                ("value", value.with_marks(marks)),
            ]);
            let inner = IteratorScope {
                outer: scope,
                name: self.iterator,
                element,
            };
            let label = match self.labels.first() {
                None => None,
                Some(expr) => match label(expr, &inner)? {
                    Some(label) => Some(label),
                    None => {
                        made.unknown = true;
                        continue;
                    }
                },
            };
            made.items.push(Item {
                label,
                value: self.content.eval_into(&inner, diags),
                span: self.span,
            });
        }
        Ok(())
    }
}

/// The pairs of key and value that a collection is iterated over as; `None` if they are
/// not known.
fn elements(collection: &Value) -> Result<Option<Vec<(Value, Value)>>, String> {
    Ok(Some(match collection.kind() {
        Kind::Unknown(u) => match &u.ty {
            Type::Dynamic => return Ok(None),
            t if t.is_collection() || t.is_structural() => return Ok(None),
            t => return Err(not_iterable(t)),
        },
        Kind::Null(_) => return Err("A null value cannot be used in for_each.".into()),
        Kind::List(_, vs) | Kind::Tuple(vs) => {
            let keys = (0..).map(Value::int);
            keys.zip(vs.iter().cloned()).collect()
        }
        Kind::Set(_, vs) => vs.iter().map(|v| (v.clone(), v.clone())).collect(),
        Kind::Map(_, vs) | Kind::Object(vs) => vs
            .iter()
            .map(|(k, v)| (Value::string(k.clone()), v.clone()))
            .collect(),
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
            return Err(not_iterable(&collection.ty()));
        }
    }))
}

fn not_iterable(ty: &Type) -> String {
    format!(
        "A value of type {} cannot be used in for_each: a list, set, map, tuple or object is \
         needed.",
        ty.friendly_name()
    )
}

/// The label that an expression gives; `None` if it is not known.
fn label(expr: &Expr, scope: &dyn Scope) -> Result<Option<Arc<str>>, Diagnostics> {
    let problem = |detail: &str| -> Diagnostics {
        Diagnostic::error("Invalid dynamic block label", detail)
            .at(expr.span())
            .into()
    };
    let value = expr.eval(scope)?;
    if value.is_null() {
        return Err(problem("A null value cannot be used as a block label."));
    }
    if !value.deep_marks().is_empty() {
        return Err(problem(
            "A sensitive or ephemeral value cannot be used as a block label, because labels \
             are always shown.",
        ));
    }
    let value = convert(&value, &Type::String)
        .map_err(|e| problem(&format!("Unsuitable: {}.", describe(&e))))?;
    Ok(match value.kind() {
        Kind::String(s) => Some(s.clone()),
        _ => None,
    })
}

/// A scope in which the iterator of a `dynamic` block has a value, too.
struct IteratorScope<'a> {
    outer: &'a dyn Scope,
    name: &'a Arc<str>,
    element: Value,
}

impl Scope for IteratorScope<'_> {
    fn get(
        &self,
        target: &ReferenceTarget,
        key: Option<&Value>,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        match target {
            ReferenceTarget::Named(name) if name == self.name => Ok(self.element.clone()),
            _ => self.outer.get(target, key, span),
        }
    }

    fn call_context(&self) -> &CallContext {
        self.outer.call_context()
    }
}
