//! Actions that will run, for people.

use std::fmt::Write as _;

use loam_address::{InstanceAddr, InstanceKey};
use loam_engine::{Invocation, Plan, Trigger};
use loam_value::{Type, Value};

use super::block::{self, Object};
use super::difference::Sign;
use crate::Style;

/// The actions that run before (or after) the change of an instance.
pub fn of_change(plan: &Plan, addr: &InstanceAddr, before: bool, style: Style) -> String {
    let of_it = plan.invocations.iter().filter(|i| match &i.trigger {
        Trigger::Lifecycle {
            resource, event, ..
        } => resource == addr && event.is_before() == before,
        Trigger::Invoke => false,
    });
    let blocks: Vec<String> = of_it.map(|i| shown(i, style)).collect();
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
        let _ = write!(out, "\n  # {name} will be invoked\n{}", shown(i, style));
    }
    out
}

fn shown(i: &Invocation, style: Style) -> String {
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
    let object = Object {
        schema: &i.schema.block,
        before: &Value::null(Type::Dynamic),
        after: &i.config,
        forces: &[],
        write_only: &[],
        all: true,
    };
    let lines = block::lines(&object, Sign::Keep, 2, style);
    if !lines.is_empty() {
        let _ = write!(out, "        config {{\n{lines}        }}\n");
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
