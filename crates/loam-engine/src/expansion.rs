//! How many instances a block stands for: `count`, `for_each`, `enabled`.

use std::sync::Arc;

use loam_config::Repetition;
use loam_diag::{Diagnostic, Diagnostics};
use loam_eval::{Expr, Scope};
use loam_value::{Kind, Type, ValueMap, convert};

use crate::values::Expansion;

/// What a block's `count`, `for_each` or `enabled` says.
pub fn expansion(repetition: &Repetition, scope: &dyn Scope) -> Result<Expansion, Diagnostics> {
    match repetition {
        Repetition::Single => Ok(Expansion::Single),
        Repetition::Count(e) => count(e, scope).map(Expansion::Count),
        Repetition::ForEach(e) => for_each(e, scope).map(Expansion::Keys),
        Repetition::Enabled(e) => enabled(e, scope).map(|on| {
            if on {
                Expansion::Single
            } else {
                Expansion::Disabled
            }
        }),
    }
}

fn refuse<T>(summary: &str, detail: impl Into<String>, expr: &Expr) -> Result<T, Diagnostics> {
    Err(Diagnostic::error(summary, detail).at(expr.span()).into())
}

fn count(expr: &Expr, scope: &dyn Scope) -> Result<u64, Diagnostics> {
    let summary = "Invalid count argument";
    let value = expr.eval(scope)?;
    if value.deep_marks().is_ephemeral() {
        return refuse(
            summary,
            "The given \"count\" is derived from an ephemeral value, which cannot decide how many instances there are.",
            expr,
        );
    }
    // A sensitive count is shown by the number of instances all the same.
    let value = value.unmarked();
    if value.is_null() {
        return refuse(
            summary,
            "The given \"count\" argument value is null. An integer is required.",
            expr,
        );
    }
    if value.is_unknown() {
        return refuse(
            summary,
            "The \"count\" value depends on resource attributes that cannot be determined until apply, so Loam cannot predict how many instances will be created. To work around this, use the -target argument to first apply only the resources that the count depends on.",
            expr,
        );
    }
    let number = match convert::convert(&value, &Type::Number) {
        Ok(v) => v,
        Err(e) => {
            return refuse(
                summary,
                format!(
                    "The given \"count\" argument value is unsuitable: {}.",
                    e.message
                ),
                expr,
            );
        }
    };
    match number.as_number().and_then(|n| n.to_i64()) {
        Some(n) if n < 0 => refuse(
            summary,
            "The given \"count\" argument value is unsuitable: must be greater than or equal to zero.",
            expr,
        ),
        Some(n) if n > 10_000_000 => refuse(
            summary,
            "The given \"count\" argument value is unsuitable: more than ten million instances.",
            expr,
        ),
        Some(n) => Ok(n as u64),
        None => refuse(
            summary,
            "The given \"count\" argument value is unsuitable: a whole number is required.",
            expr,
        ),
    }
}

fn enabled(expr: &Expr, scope: &dyn Scope) -> Result<bool, Diagnostics> {
    let summary = "Invalid enabled argument";
    let value = expr.eval(scope)?;
    if value.is_unknown() {
        return refuse(
            summary,
            "The \"enabled\" value cannot be determined until apply.",
            expr,
        );
    }
    if !value.marks().is_empty() {
        return refuse(
            summary,
            "The \"enabled\" value must not be sensitive or ephemeral.",
            expr,
        );
    }
    match convert::convert(&value, &Type::Bool)
        .ok()
        .and_then(|v| v.as_bool())
    {
        Some(b) => Ok(b),
        None => refuse(summary, "Either true or false is required.", expr),
    }
}

/// Keys and values of a `for_each`: of a map, an object, or a set of strings.
pub fn for_each(expr: &Expr, scope: &dyn Scope) -> Result<Arc<ValueMap>, Diagnostics> {
    let summary = "Invalid for_each argument";
    let value = expr.eval(scope)?;
    if value.marks().is_sensitive() {
        return refuse(
            summary,
            "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the sensitive value could be exposed as a resource instance key.",
            expr,
        );
    }
    if value.marks().is_ephemeral() {
        return refuse(
            summary,
            "Ephemeral values, or values derived from ephemeral values, cannot be used as for_each arguments, because instance keys have to be the same in plan and apply.",
            expr,
        );
    }
    if value.is_null() {
        return refuse(
            summary,
            "The given \"for_each\" argument value is unsuitable: the given \"for_each\" argument value is null. A map, or set of strings is allowed.",
            expr,
        );
    }
    let unknown = "value includes keys or set elements derived from resource attributes that cannot be determined until apply, so Loam cannot determine the full set of keys that will identify the instances of this resource.\n\nWhen working with unknown values in for_each, it is better to define the map keys statically in your configuration and place apply-time results only in the map values. Or use the -target argument to first apply only the resources that the for_each value depends on.";
    match value.kind() {
        Kind::Unknown(u) => match &u.ty {
            Type::Dynamic | Type::Map(_) | Type::Object(_) | Type::Set(_) => {
                refuse(summary, format!("The \"for_each\" {unknown}"), expr)
            }
            other => refuse(summary, unsuitable(other), expr),
        },
        Kind::Map(_, entries) | Kind::Object(entries) => Ok(entries.clone()),
        Kind::Set(element, items) => {
            if !items.is_empty() && *element != Type::String {
                let detail = format!(
                    "The given \"for_each\" argument value is unsuitable: \"for_each\" supports maps and sets of strings, but you have provided a set containing type {}.",
                    element.friendly_name()
                );
                return refuse(summary, detail, expr);
            }
            let mut keys = ValueMap::new();
            for item in items.iter() {
                match item.kind() {
                    Kind::String(s) => {
                        keys.insert(s.clone(), item.clone());
                    }
                    Kind::Unknown(_) => {
                        return refuse(summary, format!("The \"for_each\" {unknown}"), expr);
                    }
                    _ => {
                        return refuse(
                            summary,
                            "The given \"for_each\" argument value is unsuitable: \"for_each\" sets must not contain null values.",
                            expr,
                        );
                    }
                }
            }
            Ok(Arc::new(keys))
        }
        _ => refuse(summary, unsuitable(&value.ty()), expr),
    }
}

fn unsuitable(ty: &Type) -> String {
    let hint = match ty {
        Type::Tuple(_) | Type::List(_) => " Use toset() to make a set of a list of strings.",
        _ => "",
    };
    format!(
        "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of strings, and you have provided a value of type {}.{hint}",
        ty.friendly_name()
    )
}
