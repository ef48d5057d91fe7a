//! `variable`, `locals`, `output` and the conditions in them.

use std::sync::LazyLock;

use loam_diag::{Diagnostic, Diagnostics};
use loam_eval::{ReferenceTarget, eval_constant, static_keyword, type_constraint};
use loam_syntax::ast::{BodySchema, ExprKind};
use loam_syntax::{Attribute, Block, Body};
use loam_value::{Defaults, Type, Value};

use super::Env;
use super::depends::depends_on;
use super::names::{BlockNames, Declared};
use super::open::{Layered, open, open_layered, schema};
use crate::block::Resolver;
use crate::mismatch::convert_with_defaults;
use crate::{Condition, Local, Output, Variable};

static VARIABLE: LazyLock<BodySchema> = LazyLock::new(|| {
    schema(
        &[
            "description",
            "default",
            "type",
            "sensitive",
            "ephemeral",
            "nullable",
            "deprecated",
        ],
        &[("validation", &[])],
    )
});

static OUTPUT: LazyLock<BodySchema> = LazyLock::new(|| {
    schema(
        &[
            "description",
            "value!",
            "depends_on",
            "sensitive",
            "ephemeral",
            "deprecated",
        ],
        &[("precondition", &[])],
    )
});

static CONDITION: LazyLock<BodySchema> =
    LazyLock::new(|| schema(&["condition!", "error_message!"], &[]));

/// Names of `module` arguments that no variable can have.
const RESERVED: [&str; 8] = [
    "source",
    "version",
    "providers",
    "count",
    "for_each",
    "lifecycle",
    "depends_on",
    "locals",
];

/// Decodes a `variable` block.
pub(crate) fn variable(
    layered: &Layered,
    declared: &Declared,
    env: &Env<'_>,
    diags: &mut Diagnostics,
) -> Option<Variable> {
    let label = layered.block.labels.first()?;
    let name = label.name.clone();
    if RESERVED.contains(&&*name) {
        diags.push(
            Diagnostic::error(
                "Invalid variable name",
                format!("\"{name}\" cannot be a variable's name: in module blocks it has a meaning of its own."),
            )
            .at(label.span),
        );
    }
    let mut opened = open_layered(layered, &VARIABLE, diags);
    let typed = opened.get("type").is_some();
    let (ty, defaults) = match opened.take("type") {
        Some(attribute) => variable_type(&attribute, &layered.block.body, diags),
        None => (Type::Dynamic, Defaults::default()),
    };
    let nullable = opened.bool("nullable", diags).unwrap_or(true);
    let default = opened
        .take("default")
        .and_then(|a| default(&a, &ty, &defaults, nullable, diags));
    let names = BlockNames::new(declared);
    let resolver = Resolver {
        names: &names,
        functions: env.functions,
    };
    let mut validations = Vec::new();
    for block in opened.take_blocks("validation") {
        let Some(condition) = condition(&block, resolver, diags) else {
            continue;
        };
        let itself = ReferenceTarget::Variable(name.clone());
        let refers = condition
            .condition
            .references()
            .iter()
            .any(|r| r.target == itself);
        if !refers {
            diags.push(
                Diagnostic::error(
                    "Invalid variable validation condition",
                    format!(
                        "The condition for variable \"{name}\" has to refer to var.{name}, or it \
                         would not test its value."
                    ),
                )
                .at(condition.condition.span()),
            );
        }
        validations.push(condition);
    }
    Some(Variable {
        name,
        ty,
        typed,
        defaults,
        default,
        description: opened.string("description", diags),
        sensitive: opened.bool("sensitive", diags).unwrap_or(false),
        ephemeral: opened.bool("ephemeral", diags).unwrap_or(false),
        nullable,
        deprecated: opened.string("deprecated", diags),
        validations,
        span: layered.block.header,
    })
}

fn variable_type(attribute: &Attribute, body: &Body, diags: &mut Diagnostics) -> (Type, Defaults) {
    let any = (Type::Dynamic, Defaults::default());
    if matches!(body, Body::Native(_)) && is_string(&attribute.expr.kind) {
        diags.push(
            Diagnostic::error(
                "Invalid quoted type constraints",
                "A type constraint is written without quotes.",
            )
            .at(attribute.expr.span),
        );
        return any;
    }
    let expr = match attribute.expr.unquoted() {
        Ok(expr) => expr,
        Err(problems) => {
            diags.append(problems);
            return any;
        }
    };
    // As in Terraform, here (and only at the top) a bare `list` and `map` take any
    // elements.
    match static_keyword(&expr).as_ref().map(|k| &*k.name) {
        Some("list") => return (Type::list(Type::Dynamic), Defaults::default()),
        Some("map") => return (Type::map(Type::Dynamic), Defaults::default()),
        _ => {}
    }
    type_constraint(&expr).unwrap_or_else(|problems| {
        diags.append(problems);
        any
    })
}

fn is_string(kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Literal(v) => v.as_str().is_some(),
        ExprKind::Template(_) | ExprKind::TemplateWrap(_) => true,
        _ => false,
    }
}

fn default(
    attribute: &Attribute,
    ty: &Type,
    defaults: &Defaults,
    nullable: bool,
    diags: &mut Diagnostics,
) -> Option<Value> {
    let value = match eval_constant(&attribute.expr) {
        Ok(value) => value,
        Err(problems) => {
            diags.append(problems);
            return Some(Value::dynamic());
        }
    };
    let problem = |detail: String| {
        Diagnostic::error("Invalid default value for variable", detail).at(attribute.expr.span)
    };
    if value.is_null() && !nullable {
        diags.push(problem(
            "A null default value is not valid when nullable=false.".into(),
        ));
    }
    match convert_with_defaults(&value, ty, defaults) {
        Ok(value) => Some(value),
        Err(why) => {
            diags.push(problem(format!(
                "This default value is not compatible with the variable's type constraint: {why}."
            )));
            // There is a default, although it is wrong: the variable is not required.
            Some(Value::unknown(ty.without_optional()))
        }
    }
}

/// Decodes an entry of `locals`.
pub(crate) fn local(
    entry: &Attribute,
    declared: &Declared,
    env: &Env<'_>,
    diags: &mut Diagnostics,
) -> Option<Local> {
    let names = BlockNames::new(declared);
    let resolver = Resolver {
        names: &names,
        functions: env.functions,
    };
    let expr = resolver.expr(&entry.expr, diags)?;
    let itself = ReferenceTarget::Local(entry.name.name.clone());
    if let Some(reference) = expr.references().iter().find(|r| r.target == itself) {
        diags.push(
            Diagnostic::error(
                "Self-referencing local value",
                format!("{itself} cannot be made from itself."),
            )
            .at(reference.span),
        );
    }
    Some(Local {
        name: entry.name.name.clone(),
        expr,
        span: entry.span,
    })
}

/// Decodes an `output` block.
pub(crate) fn output(
    layered: &Layered,
    declared: &Declared,
    env: &Env<'_>,
    diags: &mut Diagnostics,
) -> Option<Output> {
    let label = layered.block.labels.first()?;
    let mut opened = open_layered(layered, &OUTPUT, diags);
    let names = BlockNames::new(declared);
    let resolver = Resolver {
        names: &names,
        functions: env.functions,
    };
    let preconditions = opened
        .take_blocks("precondition")
        .iter()
        .filter_map(|b| condition(b, resolver, diags))
        .collect();
    let depends_on = depends_on(opened.take("depends_on"), resolver, diags);
    let description = opened.string("description", diags);
    let sensitive = opened.bool("sensitive", diags).unwrap_or(false);
    let ephemeral = opened.bool("ephemeral", diags).unwrap_or(false);
    let deprecated = opened.string("deprecated", diags);
    let value = opened.take("value")?;
    Some(Output {
        name: label.name.clone(),
        expr: resolver.expr(&value.expr, diags)?,
        description,
        sensitive,
        ephemeral,
        deprecated,
        depends_on,
        preconditions,
        span: layered.block.header,
    })
}

/// Decodes a block with a condition and an error message.
pub(crate) fn condition(
    block: &Block,
    resolver: Resolver<'_>,
    diags: &mut Diagnostics,
) -> Option<Condition> {
    let mut opened = open(&block.body, &CONDITION, diags);
    let test = opened.take("condition");
    let message = opened.take("error_message");
    let test = test.and_then(|a| resolver.expr(&a.expr, diags));
    let message = message.and_then(|a| resolver.expr(&a.expr, diags));
    let test = test?;
    let kind = &block.kind.name;
    if test.references().is_empty() {
        diags.push(
            Diagnostic::error(
                format!("Invalid {kind} expression"),
                "The condition has to refer to at least one object of the configuration, or it \
                 would not check anything.",
            )
            .at(test.span()),
        );
    }
    Some(Condition {
        condition: test,
        error_message: message?,
        span: block.header,
    })
}
