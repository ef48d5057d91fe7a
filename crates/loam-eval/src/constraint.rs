//! Type constraints: the `type` argument of a variable.

use std::sync::Arc;

use loam_diag::{Diagnostic, Diagnostics, Span, nearest};
use loam_syntax::ast::{Call, Expr, ExprKind, ObjectKey};
use loam_value::convert::convert;
use loam_value::{Defaults, ObjectType, Type, Value, ValueMap};

use crate::static_expr::{
    eval_constant, static_call, static_keyword, static_list, static_map, unquoted,
};

const SUMMARY: &str = "Invalid type specification";
const CONSTRUCTORS: [&str; 9] = [
    "any", "bool", "list", "map", "number", "object", "set", "string", "tuple",
];

/// The type that a constraint means, and the defaults of its optional attributes.
///
/// `list` and `map` alone mean `list(any)` and `map(any)`. A constraint in quotes, as JSON
/// has it, means what is in the quotes.
pub fn type_constraint(expr: &Expr) -> Result<(Type, Defaults), Diagnostics> {
    let expr = expr.unquoted()?;
    let inner = unquoted(&expr);
    let expr = inner.as_ref().unwrap_or(&expr);
    let alone = match &expr.kind {
        ExprKind::Variable(ident) => &*ident.name,
        _ => "",
    };
    let mut reader = Reader {
        problems: Diagnostics::new(),
    };
    let result = match alone {
        "list" => (Type::list(Type::Dynamic), Defaults::default()),
        "map" => (Type::map(Type::Dynamic), Defaults::default()),
        _ => reader.constraint(expr),
    };
    if reader.problems.has_errors() {
        reader.problems.sort();
        return Err(reader.problems);
    }
    Ok(result)
}

struct Reader {
    problems: Diagnostics,
}

impl Reader {
    fn problem(&mut self, detail: impl Into<String>, at: Span, within: Span) {
        let problem = Diagnostic::error(SUMMARY, detail);
        self.problems.push(problem.at(at).within(within));
    }

    /// Reads a constraint; after an error the type is `any`.
    fn constraint(&mut self, expr: &Expr) -> (Type, Defaults) {
        let any = (Type::Dynamic, Defaults::default());
        if let Some(keyword) = static_keyword(expr) {
            let ty = match &*keyword.name {
                "bool" => Type::Bool,
                "string" => Type::String,
                "number" => Type::Number,
                "any" => Type::Dynamic,
                name => {
                    let detail = missing_argument(name).unwrap_or_else(|| {
                        format!("The keyword {name:?} is not a valid type specification.")
                    });
                    let mut problem = Diagnostic::error(SUMMARY, detail).at(expr.span);
                    if let Some(near) = nearest(name, CONSTRUCTORS).filter(|n| *n != name) {
                        problem = problem.hint(format!("did you mean {near:?}?"));
                    }
                    self.problems.push(problem);
                    Type::Dynamic
                }
            };
            return (ty, Defaults::default());
        }
        let Some(call) = static_call(expr) else {
            self.problem(
                "A type specification is either a primitive type keyword (bool, number, string) \
                 or a complex type constructor call, like list(string).",
                expr.span,
                expr.span,
            );
            return any;
        };
        let name = &*call.name.name;
        match name {
            "bool" | "string" | "number" => {
                let detail = format!("Primitive type keyword {name:?} does not expect arguments.");
                self.problem(detail, call.args_span, expr.span);
                return any;
            }
            "any" => {
                let detail = "Type constraint keyword \"any\" does not expect arguments.";
                self.problem(detail, call.args_span, expr.span);
                return any;
            }
            "optional" => {
                let detail =
                    "Keyword \"optional\" is valid only as a modifier for object type attributes.";
                self.problem(detail, call.name.span, expr.span);
                return any;
            }
            _ => {}
        }
        let Some(missing) = missing_argument(name) else {
            let detail = format!("Keyword {name:?} is not a valid type constructor.");
            let mut problem = Diagnostic::error(SUMMARY, detail)
                .at(call.name.span)
                .within(expr.span);
            if let Some(near) = nearest(name, CONSTRUCTORS) {
                problem = problem.hint(format!("did you mean {near:?}?"));
            }
            self.problems.push(problem);
            return any;
        };
        let [arg] = call.args.as_slice() else {
            let at = match (call.args.get(1), call.args.last()) {
                (Some(second), Some(last)) => second.span.to(last.span),
                _ => call.args_span,
            };
            self.problem(missing, at, expr.span);
            return any;
        };
        match name {
            "object" => self.object(arg, expr.span),
            "tuple" => self.tuple(arg, expr.span),
            _ => {
                let (element, inner) = self.constraint(arg);
                let ty = match name {
                    "list" => Type::list(element),
                    "set" => Type::set(element),
                    _ => Type::map(element),
                };
                let children = Some(("".into(), inner)).into_iter();
                (ty, defaults(ValueMap::new(), children))
            }
        }
    }

    fn object(&mut self, arg: &Expr, whole: Span) -> (Type, Defaults) {
        let Ok(items) = static_map(arg) else {
            self.problem(
                "Object type constructor requires a map whose keys are attribute names and \
                 whose values are the corresponding attribute types.",
                arg.span,
                whole,
            );
            return (Type::Dynamic, Defaults::default());
        };
        let mut ty = ObjectType::default();
        let mut values = ValueMap::new();
        let mut children = Vec::new();
        for (key, expr) in items {
            let name = match key {
                ObjectKey::Name(ident) => ident.name.clone(),
                ObjectKey::Expr(e) => {
                    let detail = "Object constructor map keys must be attribute names.";
                    self.problem(detail, e.span, whole);
                    continue;
                }
            };
            let modifier = static_call(expr).filter(|c| &*c.name.name == "optional");
            let (attribute, inner) = match modifier {
                None => self.constraint(expr),
                Some(call) => {
                    let Some(first) = self.optional(call, expr.span) else {
                        continue;
                    };
                    ty.optional.insert(name.clone());
                    let (attribute, inner) = self.constraint(first);
                    if let Some(default) = call.args.get(1)
                        && let Some(value) = self.default(default, &attribute)
                    {
                        values.insert(name.clone(), value);
                    }
                    (attribute, inner)
                }
            };
            ty.attributes.insert(name.clone(), attribute);
            children.push((name, inner));
        }
        let ty = Type::Object(Arc::new(ty));
        (ty, defaults(values, children.into_iter()))
    }

    /// The type within `optional(…)`.
    fn optional<'a>(&mut self, call: &'a Call, whole: Span) -> Option<&'a Expr> {
        if call.args.len() > 2 {
            self.problem(
                "Optional attribute modifier expects at most two arguments: the attribute type, \
                 and a default value.",
                call.args_span,
                whole,
            );
        }
        let first = call.args.first();
        if first.is_none() {
            self.problem(
                "Optional attribute modifier requires the attribute type as its argument.",
                call.args_span,
                whole,
            );
        }
        first
    }

    fn default(&mut self, expr: &Expr, ty: &Type) -> Option<Value> {
        match eval_constant(expr) {
            Err(problems) => {
                self.problems.append(problems);
                None
            }
            Ok(value) => match convert(&value, ty) {
                Ok(value) => Some(value),
                Err(e) => {
                    let problem = Diagnostic::error(
                        "Invalid default value for optional attribute",
                        format!(
                            "This default value is not compatible with the attribute's type \
                             constraint: {}.",
                            e
                        ),
                    );
                    self.problems.push(problem.at(expr.span));
                    None
                }
            },
        }
    }

    fn tuple(&mut self, arg: &Expr, whole: Span) -> (Type, Defaults) {
        let Ok(items) = static_list(arg) else {
            self.problem(
                "Tuple type constructor requires a list of element types.",
                arg.span,
                whole,
            );
            return (Type::Dynamic, Defaults::default());
        };
        let (types, inner): (Vec<_>, Vec<_>) =
            items.iter().map(|item| self.constraint(item)).unzip();
        let children = inner
            .into_iter()
            .enumerate()
            .map(|(i, d)| (i.to_string().into(), d));
        (Type::tuple(types), defaults(ValueMap::new(), children))
    }
}

/// What is wrong with a type constructor without its argument; none if the name is no
/// type constructor.
fn missing_argument(name: &str) -> Option<String> {
    Some(match name {
        "list" | "map" | "set" => format!(
            "The {name} type constructor requires one argument specifying the element type."
        ),
        "object" => "The object type constructor requires one argument specifying the attribute \
                     types and values as a map."
            .to_owned(),
        "tuple" => "The tuple type constructor requires one argument specifying the element \
                    types as a list."
            .to_owned(),
        _ => return None,
    })
}

fn defaults(values: ValueMap, children: impl Iterator<Item = (Arc<str>, Defaults)>) -> Defaults {
    Defaults {
        values,
        children: children.filter(|(_, d)| !d.is_empty()).collect(),
    }
}
