//! A scope with a few of everything, and errors as text.
#![allow(dead_code)]

use std::fmt::Write;

use loam_address::{InstanceKey, ResourceAddr};
use loam_diag::{Diagnostic, Diagnostics, SourceMap, Span, nearest};
use loam_eval::{
    CallContext, MapScope, Names, ReferenceTarget, Resolved, Scope, functions, resolve,
};
use loam_syntax::ast::Step;
use loam_syntax::{Ident, parse_expression};
use loam_value::{Marks, Type, Value, ValueMap};

/// Variables, one resource with `count`, one with `for_each`, one module.
pub struct World {
    pub variables: ValueMap,
    pub context: CallContext,
}

impl World {
    pub fn new() -> World {
        let mut variables = ValueMap::new();
        let mut set = |name: &str, value| variables.insert(name.into(), value);
        set("size", Value::int(3));
        set(
            "half",
            Value::number(loam_value::Number::parse("1.5").unwrap()),
        );
        set("name", Value::string("web"));
        set("nothing", Value::null(Type::String));
        set("enabled", Value::bool(true));
        set("long", Value::string("lorem ipsum ".repeat(40)));
        set(
            "password",
            Value::string("hunter2").with_marks(Marks::SENSITIVE),
        );
        set(
            "secret_flag",
            Value::bool(true).with_marks(Marks::SENSITIVE),
        );
        set("later", Value::unknown(Type::String));
        set("later_any", Value::dynamic());
        set("later_bool", Value::unknown(Type::Bool));
        set("later_number", Value::unknown(Type::Number));
        set("later_list", Value::unknown(Type::list(Type::String)));
        set("later_set", Value::unknown(Type::set(Type::String)));
        set(
            "later_object",
            Value::unknown(Type::object([("id", Type::String)])),
        );
        set(
            "ports",
            Value::list(Type::Number, vec![Value::int(80), Value::int(443)]),
        );
        set(
            "names",
            Value::set(Type::String, vec![Value::string("a"), Value::string("b")]),
        );
        set("none", Value::list(Type::String, vec![]));
        let tag = |k: &str, v: &str| (k.into(), Value::string(v));
        set(
            "tags",
            Value::map(
                Type::String,
                [tag("env", "prod"), tag("team", "core")].into(),
            ),
        );
        let server = |name: &str| {
            Value::object_of([("hostname", Value::string(name)), ("cores", Value::int(2))])
        };
        set("server", server("web-1"));
        set(
            "servers",
            Value::list(server("").ty(), vec![server("web-1"), server("web-2")]),
        );
        set(
            "mixed",
            Value::tuple(vec![Value::int(1), Value::string("a"), Value::bool(true)]),
        );
        World {
            variables,
            context: MapScope::empty().context,
        }
    }
}

fn one_of(root: &Ident, name: Option<&Step>, known: &[&str]) -> Result<(), Diagnostic> {
    let kind = &root.name;
    let Some(Step::Attribute(name)) = name else {
        return Err(Diagnostic::error(
            "Invalid reference",
            format!("The \"{kind}\" object cannot be accessed directly: give a name."),
        ));
    };
    if known.contains(&&*name.name) {
        return Ok(());
    }
    let problem = Diagnostic::error(
        "Reference to undeclared object",
        format!("There is no {kind}.{}.", name.name),
    );
    Err(match nearest(&name.name, known.iter().copied()) {
        Some(near) => problem.hint(format!("did you mean \"{near}\"?")),
        None => problem,
    })
}

impl Names for World {
    fn resolve(&self, root: &Ident, steps: &[Step]) -> Result<Resolved, Diagnostic> {
        let name = || match steps.first() {
            Some(Step::Attribute(name)) => name.name.clone(),
            _ => "".into(),
        };
        let known: Vec<&str> = self.variables.keys().map(|k| &**k).collect();
        let (target, consumed) = match &*root.name {
            "var" => {
                one_of(root, steps.first(), &known)?;
                (ReferenceTarget::Variable(name()), 1)
            }
            "vps" => {
                one_of(root, steps.first(), &["web", "db"])?;
                (
                    ReferenceTarget::Resource(ResourceAddr::managed("vps", name())),
                    1,
                )
            }
            "module" => {
                one_of(root, steps.first(), &["net"])?;
                (ReferenceTarget::Module(name()), 1)
            }
            _ => {
                return Err(Diagnostic::error(
                    "Invalid reference",
                    format!("There is nothing named \"{}\" here.", root.name),
                ));
            }
        };
        Ok(Resolved { target, consumed })
    }
}

impl Scope for World {
    fn get(
        &self,
        target: &ReferenceTarget,
        key: Option<&Value>,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        let missing = || {
            Diagnostics::from(
                Diagnostic::error("Invalid index", format!("{target} has no such instance."))
                    .at(span),
            )
        };
        let instance = |i: &str| Value::object_of([("id", Value::string(i))]);
        match target {
            ReferenceTarget::Variable(name) => Ok(self.variables.get(name).cloned().unwrap()),
            ReferenceTarget::Resource(r) if &*r.name == "web" => match key {
                None => Ok(Value::tuple(vec![instance("web-0"), instance("web-1")])),
                Some(key) => match InstanceKey::from_value(key) {
                    Some(InstanceKey::Int(i @ 0..2)) => Ok(instance(&format!("web-{i}"))),
                    _ => Err(missing()),
                },
            },
            ReferenceTarget::Resource(_) | ReferenceTarget::Module(_) => match key {
                None => Ok(Value::object_of([
                    ("a", instance("a")),
                    ("b", instance("b")),
                ])),
                Some(key) => match key.as_str() {
                    Some(k @ ("a" | "b")) => Ok(instance(k)),
                    _ => Err(missing()),
                },
            },
            _ => Err(missing()),
        }
    }

    fn call_context(&self) -> &CallContext {
        &self.context
    }
}

/// Parses, resolves and evaluates; the errors as a person sees them.
pub fn try_eval(text: &str) -> Result<Value, String> {
    let sources = SourceMap::default();
    let file = sources.add("main.hcl", text);
    let world = World::new();
    parse_expression(file, text, 0)
        .and_then(|e| resolve(&e, &world, &functions::table()))
        .and_then(|e| e.eval(&world))
        .map_err(|d| render(&sources, &d))
}

/// Diagnostics with their source lines.
pub fn render(sources: &SourceMap, problems: &Diagnostics) -> String {
    let mut out = String::new();
    for d in problems.iter() {
        let _ = writeln!(out, "{:?}: {}", d.severity, d.summary);
        if let Some(span) = d.subject {
            snippet(&mut out, sources, span);
        }
        for line in d.detail.lines() {
            let _ = writeln!(out, "  {line}");
        }
        for note in &d.values {
            let _ = writeln!(out, "  {} {}", note.traversal, note.statement);
        }
        for label in &d.labels {
            snippet(&mut out, sources, label.span);
            let _ = writeln!(out, "      {}", label.text);
        }
        for hint in &d.hints {
            let _ = writeln!(out, "  help: {hint}");
        }
    }
    out
}

fn snippet(out: &mut String, sources: &SourceMap, span: Span) {
    let Some(file) = sources.file(span.file) else {
        return;
    };
    let (start, end) = (file.position(span.start), file.position(span.end));
    let line = file.line(start.line);
    let width = if end.line == start.line {
        end.column.saturating_sub(start.column).max(1) as usize
    } else {
        line.chars()
            .count()
            .saturating_sub(start.column as usize - 1)
            .max(1)
    };
    let indent = " ".repeat(start.column as usize - 1);
    let _ = writeln!(out, "  {:>3} | {line}", start.line);
    let _ = writeln!(out, "      | {indent}{}", "^".repeat(width));
}
