//! Resolving: from a syntax tree to an [`Expr`] whose names all have a meaning.
//!
//! Every problem of the expression is reported, not only the first. What can only be
//! told from values (types, missing attributes) is left to evaluation.

use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics, Span, nearest};
use loam_syntax::ast::{self, ExprKind, Ident, ObjectKey, TemplatePart};
use loam_value::{Path, PathStep, Value};

use crate::constraint::type_constraint;
use crate::ir::{
    Call, Conditional, Convert, Expr, For, Key, Node, NodeKind, ObjectItem, Operand, Part,
    ReferenceNode, Step,
};
use crate::{Function, FunctionTable, Names, Reference, ReferenceTarget};

/// Resolves an expression: references through `names`, functions through `functions`.
pub fn resolve(
    expr: &ast::Expr,
    names: &dyn Names,
    functions: &FunctionTable,
) -> Result<Expr, Diagnostics> {
    let mut resolver = Resolver {
        names,
        functions,
        variables: Vec::new(),
        references: Vec::new(),
        calls: Vec::new(),
        diags: Diagnostics::new(),
        tolerant: 0,
    };
    let root = match resolver.type_query(expr) {
        Some(root) => root,
        None => resolver.expr(expr),
    };
    let resolved = resolver.finish(root)?;
    Ok(match expr.written_json() {
        Some(written) => resolved.with_written(written),
        None => resolved,
    })
}

struct Resolver<'a> {
    names: &'a dyn Names,
    functions: &'a FunctionTable,
    /// The `for` variables in scope, innermost last; the position is the slot.
    variables: Vec<Arc<str>>,
    references: Vec<Reference>,
    calls: Vec<Arc<str>>,
    diags: Diagnostics,
    /// How many `try` and `can` calls we are in.
    tolerant: usize,
}

impl Resolver<'_> {
    fn finish(mut self, root: Node) -> Result<Expr, Diagnostics> {
        if self.diags.has_errors() {
            self.diags.sort();
            return Err(self.diags);
        }
        Ok(Expr::new(root, self.references, self.calls))
    }

    /// `type(expr)` as the whole expression, where the table has that function.
    fn type_query(&mut self, expr: &ast::Expr) -> Option<Node> {
        let ExprKind::Call(call) = &expr.kind else {
            return None;
        };
        self.functions.get("type")?;
        let [arg] = call.args.as_slice() else {
            return None;
        };
        if &*call.name.name != "type" || call.expand {
            return None;
        }
        let inner = self.expr(arg);
        let inner = Expr::new(inner, self.references.clone(), self.calls.clone());
        self.calls.insert(0, call.name.name.clone());
        Some(Node {
            kind: NodeKind::TypeQuery(inner),
            span: expr.span,
        })
    }

    /// A failed part; never evaluated, because the diagnostics refuse the whole.
    fn failed(&mut self, problem: Diagnostic) -> NodeKind {
        self.diags.push(problem);
        NodeKind::Literal(Value::dynamic())
    }

    fn boxed(&mut self, expr: &ast::Expr) -> Box<Node> {
        Box::new(self.expr(expr))
    }

    fn expr(&mut self, expr: &ast::Expr) -> Node {
        let kind = match &expr.kind {
            ExprKind::Literal(value) => NodeKind::Literal(value.clone()),
            ExprKind::Template(parts) => NodeKind::Template(self.parts(parts)),
            ExprKind::TemplateWrap(inner) | ExprKind::Paren(inner) => {
                let inner = self.expr(inner);
                return Node {
                    kind: inner.kind,
                    span: expr.span,
                };
            }
            ExprKind::Tuple(items) => {
                NodeKind::Tuple(items.iter().map(|item| self.expr(item)).collect())
            }
            ExprKind::Object(items) => {
                NodeKind::Object(items.iter().map(|item| self.object_item(item)).collect())
            }
            ExprKind::Variable(ident) => self.reference(ident, &[], expr.span),
            ExprKind::Traverse { base, steps } => match &base.kind {
                ExprKind::Variable(ident) => self.reference(ident, steps, expr.span),
                _ => NodeKind::Traverse {
                    base: self.boxed(base),
                    steps: self.steps(steps),
                },
            },
            ExprKind::Call(call) => self.call(call, expr.span),
            ExprKind::Binary { .. } => self.chain(expr),
            ExprKind::Unary { op, operand, .. } => NodeKind::Unary {
                op: *op,
                operand: self.boxed(operand),
            },
            ExprKind::Conditional { condition, yes, no } => {
                NodeKind::Conditional(Box::new(Conditional {
                    condition: self.expr(condition),
                    yes: self.expr(yes),
                    no: self.expr(no),
                }))
            }
            ExprKind::For(f) => self.for_expr(f),
            ExprKind::JsonString(s) => match s.template() {
                Ok(template) => return self.expr(&template),
                Err(problems) => {
                    self.diags.append(problems);
                    NodeKind::Literal(Value::dynamic())
                }
            },
        };
        Node {
            kind,
            span: expr.span,
        }
    }

    /// Operators associate to the left, so a chain of them is a tree as deep as the chain
    /// is long: it is walked down in a loop, not by recursion.
    fn chain(&mut self, expr: &ast::Expr) -> NodeKind {
        let mut first = expr;
        let mut operands = Vec::new();
        while let ExprKind::Binary { op, lhs, rhs, .. } = &first.kind {
            operands.push((*op, &**rhs));
            first = lhs;
        }
        let first = self.boxed(first);
        let rest = operands
            .into_iter()
            .rev()
            .map(|(op, rhs)| Operand {
                op,
                node: self.expr(rhs),
            })
            .collect();
        NodeKind::Chain { first, rest }
    }

    fn object_item(&mut self, item: &ast::ObjectItem) -> ObjectItem {
        let key = match &item.key {
            ObjectKey::Name(ident) => Key::Name(ident.name.clone()),
            ObjectKey::Expr(e) => match &e.kind {
                ExprKind::Traverse { base, .. } if matches!(base.kind, ExprKind::Variable(_)) => {
                    let problem = Diagnostic::error(
                        "Ambiguous attribute key",
                        "A key with steps after a name can be meant as a reference or as a name \
                         with dots in it. Put parentheses around a reference, and quotes around \
                         a name.",
                    );
                    self.diags.push(problem.at(e.span));
                    Key::Name("".into())
                }
                _ => match self.expr(e) {
                    Node {
                        kind: NodeKind::Literal(v),
                        span,
                    } => match v.as_str() {
                        Some(s) => Key::Name(s.into()),
                        None => Key::Expr(Node {
                            kind: NodeKind::Literal(v),
                            span,
                        }),
                    },
                    node => Key::Expr(node),
                },
            },
        };
        ObjectItem {
            key,
            value: self.expr(&item.value),
        }
    }

    fn steps(&mut self, steps: &[ast::Step]) -> Box<[Step]> {
        steps
            .iter()
            .map(|step| match step {
                ast::Step::Attribute(name) => Step::Attribute(name.name.clone(), name.span),
                ast::Step::Index { key, span } => Step::Index(self.expr(key), *span),
                ast::Step::Splat { each, span, .. } => Step::Splat {
                    each: self.steps(each),
                    span: *span,
                },
            })
            .collect()
    }

    fn reference(&mut self, root: &Ident, steps: &[ast::Step], span: Span) -> NodeKind {
        if let Some(slot) = self.variables.iter().rposition(|v| *v == root.name) {
            return NodeKind::Slot {
                slot,
                name: root.name.clone(),
                steps: self.steps(steps),
            };
        }
        let resolved = match self.tolerant {
            0 => self.names.resolve(root, steps),
            _ => self.names.resolve_leniently(root, steps),
        };
        let resolved = match resolved {
            Ok(resolved) => resolved,
            Err(problem) => {
                // The steps may hold further references, whose errors are wanted, too.
                self.steps(steps);
                return self.failed(problem.at(span));
            }
        };
        let (name, rest) = steps.split_at(resolved.consumed.min(steps.len()));
        let (path, path_end) = constant_path(rest);
        let name_span = name
            .last()
            .map_or(root.span, |s| root.span.to(step_span(s)));
        self.references.push(Reference {
            target: resolved.target.clone(),
            path,
            span: path_end.map_or(name_span, |end| root.span.to(end)),
        });
        let by_key = matches!(
            resolved.target,
            ReferenceTarget::Resource(_) | ReferenceTarget::Module(_)
        );
        let (key, key_span, rest) = match rest.split_first() {
            Some((ast::Step::Index { key, span }, rest)) if by_key => {
                (Some(self.expr(key)), name_span.to(*span), rest)
            }
            _ => (None, name_span, rest),
        };
        NodeKind::Reference(Box::new(ReferenceNode {
            target: resolved.target,
            key,
            target_span: key_span,
            steps: self.steps(rest),
        }))
    }

    fn call(&mut self, call: &ast::Call, span: Span) -> NodeKind {
        let name = &call.name.name;
        let plain = name.strip_prefix("core::").unwrap_or(name);
        let function: Option<std::sync::Arc<crate::Function>> = match provider_function(name) {
            Some((local, function)) => self.names.provider(local).and_then(|provider| {
                let name = format!("provider::{provider}::{function}");
                self.functions.get(&name).cloned()
            }),
            None => self.functions.get(name).cloned(),
        };
        let Some(function) = function else {
            call.args.iter().for_each(|arg| {
                self.expr(arg);
            });
            let problem = self.unknown_function(&call.name).within(span);
            if self.tolerant > 0 {
                self.calls.push(name.clone());
                return NodeKind::Invalid(Box::new(problem));
            }
            return self.failed(problem);
        };
        self.calls.push(name.clone());
        if plain == "convert" {
            return self.convert(call, &function, span);
        }
        let lazy = matches!(plain, "try" | "can");
        self.tolerant += usize::from(lazy);
        let args = call.args.iter().map(|arg| self.expr(arg)).collect();
        self.tolerant -= usize::from(lazy);
        let resolved = Box::new(Call {
            name: name.clone(),
            name_span: call.name.span,
            function,
            args,
            expand: call.expand,
            args_span: call.args_span,
        });
        match plain {
            "can" if call.expand => self.failed(
                Diagnostic::error(
                    "Invalid expanding argument value",
                    "The function \"can\" tries one expression, which has to be written out.",
                )
                .at(call.args.last().map_or(call.args_span, |arg| arg.span))
                .within(span),
            ),
            "try" => NodeKind::Try(resolved),
            "can" => NodeKind::Can(resolved),
            "templatestring" => {
                if let Some(problem) = template_not_a_reference(call) {
                    return self.failed(problem.within(span));
                }
                NodeKind::Call(resolved)
            }
            "type" => self.failed(
                Diagnostic::error(
                    "Invalid use of type function",
                    "The console's function \"type\" cannot be part of a larger expression.",
                )
                .at(span),
            ),
            _ => NodeKind::Call(resolved),
        }
    }

    /// `convert(value, type)`: the second argument is a type constraint.
    fn convert(&mut self, call: &ast::Call, function: &Function, span: Span) -> NodeKind {
        let [value, constraint] = call.args.as_slice() else {
            let error = function.check_count(call.args.len());
            let detail = error.map_err(|e| (e.summary(), e.detail(&call.name.name)));
            let (summary, detail) = detail.err().unwrap_or_default();
            return self.failed(Diagnostic::error(summary, detail).at(call.args_span));
        };
        let value = self.expr(value);
        match type_constraint(constraint) {
            Ok((ty, defaults)) => NodeKind::Convert(Box::new(Convert {
                value,
                ty,
                defaults,
            })),
            Err(problems) => {
                self.diags
                    .extend(problems.into_iter().map(|d| d.within(span)));
                NodeKind::Literal(Value::dynamic())
            }
        }
    }

    fn unknown_function(&self, name: &Ident) -> Diagnostic {
        if self.functions.is_empty() {
            return Diagnostic::error(
                "Function calls not allowed",
                "Functions may not be called here.",
            )
            .at(name.span);
        }
        if let Some((local, _)) = provider_function(&name.name)
            && self.names.provider(local).is_none()
        {
            let detail = format!(
                "There is no provider \"{local}\" here: a module that calls the functions of a \
                 provider names it in its required_providers."
            );
            return Diagnostic::error("Unknown provider function", detail).at(name.span);
        }
        let problem = Diagnostic::error(
            "Call to unknown function",
            format!("There is no function named \"{}\".", name.name),
        )
        .at(name.span);
        let plain = name.name.strip_prefix("core::").unwrap_or(&name.name);
        match nearest(plain, self.functions.names()) {
            Some(near) => problem.hint(format!("did you mean \"{near}\"?")),
            None => problem,
        }
    }

    fn for_expr(&mut self, f: &ast::For) -> NodeKind {
        let collection = self.expr(&f.collection);
        let depth = self.variables.len();
        let key_slot = self.bind(f.key_var.as_ref());
        let value_slot = self.bind(Some(&f.value_var)).unwrap_or(depth);
        let key = f.key.as_ref().map(|k| self.expr(k));
        let value = self.expr(&f.value);
        let condition = f.condition.as_ref().map(|c| self.expr(c));
        self.variables.truncate(depth);
        NodeKind::For(Box::new(For {
            key_slot,
            value_slot,
            collection,
            key,
            value,
            group: f.group,
            condition,
        }))
    }

    /// Brings a `for` variable into scope and gives its slot.
    fn bind(&mut self, name: Option<&Ident>) -> Option<usize> {
        let name = name?;
        self.variables.push(name.name.clone());
        Some(self.variables.len() - 1)
    }

    fn parts(&mut self, parts: &[TemplatePart]) -> Box<[Part]> {
        parts.iter().map(|part| self.part(part)).collect()
    }

    fn part(&mut self, part: &TemplatePart) -> Part {
        match part {
            TemplatePart::Literal(text, _) => Part::Literal(text.clone()),
            TemplatePart::Interpolation(e) => Part::Interpolation(self.expr(e)),
            TemplatePart::If {
                condition, yes, no, ..
            } => Part::If {
                condition: self.expr(condition),
                yes: self.parts(yes),
                no: self.parts(no),
            },
            TemplatePart::For {
                key_var,
                value_var,
                collection,
                body,
                ..
            } => {
                let collection = self.expr(collection);
                let depth = self.variables.len();
                let key_slot = self.bind(key_var.as_ref());
                let value_slot = self.bind(Some(value_var)).unwrap_or(depth);
                let body = self.parts(body);
                self.variables.truncate(depth);
                Part::For {
                    key_slot,
                    value_slot,
                    collection,
                    body,
                }
            }
        }
    }
}

/// `templatestring` takes its template from a named object only: a template that is
/// built on the spot is nearly always a template expression in disguise.
fn template_not_a_reference(call: &ast::Call) -> Option<Diagnostic> {
    let arg = call.args.first()?;
    let is_reference = match &arg.kind {
        ExprKind::Variable(_) => true,
        ExprKind::Traverse { base, .. } => matches!(base.kind, ExprKind::Variable(_)),
        _ => false,
    };
    (!is_reference).then(|| {
        Diagnostic::error(
            "Invalid function argument",
            "Invalid value for \"template\" parameter: must be a direct reference to a single \
             string from elsewhere in the module, such as a local value or a resource's \
             attribute. To write a template here, use a template expression: \"...${...}...\".",
        )
        .at(arg.span)
    })
}

/// The steps that are written as constants, up to the first that is not, and where the
/// last of them is written.
fn constant_path(steps: &[ast::Step]) -> (Path, Option<Span>) {
    let mut path = Path(Vec::with_capacity(steps.len()));
    let mut end = None;
    for step in steps {
        let constant = match step {
            ast::Step::Attribute(name) => Some(PathStep::Attribute(name.name.clone())),
            ast::Step::Index { key, .. } => match &key.kind {
                ExprKind::Literal(v) => Some(PathStep::Index(v.clone())),
                _ => None,
            },
            ast::Step::Splat { .. } => None,
        };
        let Some(constant) = constant else { break };
        path.0.push(constant);
        end = Some(step_span(step));
    }
    (path, end)
}

fn step_span(step: &ast::Step) -> Span {
    match step {
        ast::Step::Attribute(name) => name.span,
        ast::Step::Index { span, .. } | ast::Step::Splat { span, .. } => *span,
    }
}

/// Of `provider::LOCAL::NAME` the local name and the function's.
fn provider_function(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("provider::")?.split_once("::")
}
