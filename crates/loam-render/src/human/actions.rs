//! Actions that will run, for people.

use std::fmt::Write as _;

use loam_address::{InstanceAddr, InstanceKey};
use loam_engine::{Invocation, Plan, Trigger};
use loam_value::{Path, Type, Value};

use super::diff::{Lines, Sign};
use super::echo;
use crate::Style;

/// The actions that run before (or after) the change of an instance.
pub fn of_change(plan: &Plan, addr: &InstanceAddr, before: bool, style: Style) -> String {
    let of_it = plan.invocations.iter().filter(|i| match &i.trigger {
        Trigger::Lifecycle {
            resource, event, ..
        } => resource == addr && event.is_before() == before,
        Trigger::Invoke => false,
    });
    let blocks: Vec<String> = of_it.map(|i| block(i, style)).collect();
    if blocks.is_empty() {
        return String::new();
    }
    let when = if before { "before" } else { "after" };
    format!(
        "\n    # Actions to be invoked {when} this change in order:\n{}",
        blocks.concat()
    )
}

/// The actions that the user named.
pub fn named(plan: &Plan, style: Style) -> String {
    let named: Vec<&Invocation> = plan
        .invocations
        .iter()
        .filter(|i| i.trigger == Trigger::Invoke)
        .collect();
    if named.is_empty() {
        return String::new();
    }
    let mut out = String::from("\nLoam will invoke the following action(s):\n");
    for i in named {
        let name = style.bold(&i.addr.to_string());
        let _ = write!(out, "\n  # {name} will be invoked\n{}", block(i, style));
    }
    out
}

fn block(i: &Invocation, style: Style) -> String {
    let mut out = String::new();
    if i.trigger != Trigger::Invoke && (i.addr.key != InstanceKey::None) {
        let _ = writeln!(out, "    # {}", i.addr);
    }
    if let Some(what) = &i.schema.confirm {
        let _ = writeln!(out, "    # {}: this {what}", style.yellow("Warning"));
    }
    if i.condition_unknown {
        let _ = writeln!(out, "    # (if its condition holds: known after apply)");
    }
    let _ = writeln!(
        out,
        "    action \"{}\" \"{}\" {{",
        i.addr.action.kind, i.addr.action.name
    );
    let mut lines = Lines {
        out: String::new(),
        style,
        forces: &[],
        write_only: &[],
    };
    let [config] = echo::hide([&i.config]);
    let null = Value::null(Type::Dynamic);
    let root = Path::root();
    lines.block(&i.schema.block, &null, &config, 10, Sign::Keep, &root);
    if !lines.out.is_empty() {
        let _ = write!(out, "        config {{\n{}        }}\n", lines.out);
    }
    out.push_str("    }\n");
    out
}

/// What the user has to agree to, one line each.
pub fn consents(plan: &Plan) -> String {
    plan.invocations
        .iter()
        .filter_map(|i| {
            let what = i.schema.confirm.as_ref()?;
            Some(format!("    {} {what}\n", i.addr))
        })
        .collect()
}
